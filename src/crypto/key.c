#include "crypto/key.h"

#include "base/vec.h"
#include "crypto/key_int.h"
#include "crypto/pem.h"

#include <openssl/core_names.h>
#include <openssl/x509.h>

MEM_DEFINE_CLEANUP(PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free)

enum {
  RSA_BITS_MIN = 512,
  RSA_BITS_MAX = 16384,
  RSA_E_BITS_MAX = 64,
  /* Without primes the check of a private key is a long computation: 0.3 s at this size. */
  RSA_PLAIN_BITS_MAX = 8192
};

static const struct curve {
  struct str name;
  const char *group;
  size_t size;
  uint32_t bits;
} curves[] = {
    [KEY_NO_CURVE] = {STR_INIT(""), "", 0, 0},
    [KEY_P256] = {STR_INIT("P-256"), "prime256v1", 32, 256},
    [KEY_P384] = {STR_INIT("P-384"), "secp384r1", 48, 384},
    [KEY_P521] = {STR_INIT("P-521"), "secp521r1", 66, 521},
};

struct str key_type_name(enum key_type type)
{
  static const struct str names[] = {
      [KEY_RSA] = STR_INIT("RSA"), [KEY_EC] = STR_INIT("EC"), [KEY_ED25519] = STR_INIT("Ed25519")};
  return names[type];
}

struct str key_curve_name(enum key_curve curve)
{
  return curves[curve].name;
}

const char *key_curve_group(enum key_curve curve)
{
  return curves[curve].group;
}

size_t key_curve_size(enum key_curve curve)
{
  return curves[curve].size;
}

bool key_curve_named(struct str name, enum key_curve *ret)
{
  for (unsigned i = KEY_P256; i <= KEY_P521; i++)
    if (str_eq(name, curves[i].name)) {
      *ret = (enum key_curve)i;
      return true;
    }
  return false;
}

enum key_type key_type(const struct key *key)
{
  return key->type;
}

enum key_curve key_curve(const struct key *key)
{
  return key->curve;
}

bool key_is_private(const struct key *key)
{
  return key->is_private;
}

unsigned key_bits(const struct key *key)
{
  return key->bits;
}

void key_free(struct key *key)
{
  if (!key)
    return;
  EVP_PKEY_free(key->evp);
  mem_free(key);
}

void key_cleanse(struct str bytes)
{
  if (bytes.len)
    OPENSSL_cleanse((char *)bytes.data, bytes.len);
}

/* d undoes e: 2^(e d) = 2 modulo n. Tells a private exponent of another key, at the price of one
 * signature. */
static bool rsa_undoes(const BIGNUM *n, const BIGNUM *e, const BIGNUM *d)
{
  _cleanup_(BN_CTX_freep) BN_CTX *context = openssl_made(BN_CTX_new());
  _cleanup_(BN_clear_freep) BIGNUM *number = openssl_made(BN_new());
  if (BN_set_word(number, 2) != 1)
    mem_exhausted(0);
  return BN_mod_exp_mont(number, number, e, n, context, NULL) == 1 &&
         BN_mod_exp_mont_consttime(number, number, d, n, context, NULL) == 1 &&
         BN_is_word(number, 2);
}

/* e d = 1 modulo prime - 1: the same for one prime, at the price of a division. */
static bool rsa_inverse(const BIGNUM *product, const BIGNUM *prime, BN_CTX *context)
{
  _cleanup_(BN_clear_freep) BIGNUM *less = openssl_made(BN_dup(prime));
  _cleanup_(BN_clear_freep) BIGNUM *rest = openssl_made(BN_new());
  BN_set_flags(less, BN_FLG_CONSTTIME);
  return BN_sub_word(less, 1) == 1 && BN_mod(rest, product, less, context) == 1 && BN_is_one(rest);
}

static bool rsa_primes_belong(const BIGNUM *n, const BIGNUM *e, const BIGNUM *d, const BIGNUM *p,
                              const BIGNUM *q)
{
  if (BN_is_negative(p) || BN_is_negative(q) || BN_is_one(p) || BN_is_one(q))
    return false;
  _cleanup_(BN_CTX_freep) BN_CTX *context = openssl_made(BN_CTX_new());
  _cleanup_(BN_clear_freep) BIGNUM *product = openssl_made(BN_new());
  if (BN_mul(product, p, q, context) != 1)
    mem_exhausted(0);
  return BN_cmp(product, n) == 0 && BN_mul(product, e, d, context) == 1 &&
         rsa_inverse(product, p, context) && rsa_inverse(product, q, context);
}

static int check_rsa_private(const struct key *key, const BIGNUM *n, const BIGNUM *e,
                             struct error *err)
{
  _cleanup_(BN_clear_freep) BIGNUM *d = NULL;
  _cleanup_(BN_clear_freep) BIGNUM *p = NULL;
  _cleanup_(BN_clear_freep) BIGNUM *q = NULL;
  _cleanup_(BN_clear_freep) BIGNUM *third = NULL;
  if (EVP_PKEY_get_bn_param(key->evp, OSSL_PKEY_PARAM_RSA_FACTOR3, &third) == 1)
    return error_set(err, SW_EUNSUPPORTED, "an RSA key of more than two primes");
  if (EVP_PKEY_get_bn_param(key->evp, OSSL_PKEY_PARAM_RSA_D, &d) != 1 || BN_is_negative(d) ||
      BN_is_zero(d) || BN_cmp(d, n) >= 0)
    return openssl_fail(err, SW_EINVAL,
                        "not a private RSA key: its private exponent is missing "
                        "or not below the modulus");
  bool has_primes = EVP_PKEY_get_bn_param(key->evp, OSSL_PKEY_PARAM_RSA_FACTOR1, &p) == 1 &&
                    EVP_PKEY_get_bn_param(key->evp, OSSL_PKEY_PARAM_RSA_FACTOR2, &q) == 1;
  if (!has_primes && key->bits > RSA_PLAIN_BITS_MAX)
    return openssl_fail(err, SW_ELIMIT,
                        "a private RSA key of %u bits without its primes; %d at most",
                        (unsigned)key->bits, RSA_PLAIN_BITS_MAX);
  if (has_primes ? !rsa_primes_belong(n, e, d, p, q) : !rsa_undoes(n, e, d))
    return openssl_fail(err, SW_EINVAL,
                        "the private part of the RSA key does not belong to its public part");
  return 0;
}

static int check_rsa(struct key *key, struct error *err)
{
  _cleanup_(BN_clear_freep) BIGNUM *n = NULL;
  _cleanup_(BN_clear_freep) BIGNUM *e = NULL;
  if (EVP_PKEY_get_bn_param(key->evp, OSSL_PKEY_PARAM_RSA_N, &n) != 1 ||
      EVP_PKEY_get_bn_param(key->evp, OSSL_PKEY_PARAM_RSA_E, &e) != 1)
    return openssl_fail(err, SW_EINVAL, "not an RSA key: it lacks modulus or exponent");
  key->bits = (uint32_t)BN_num_bits(n);
  if (key->bits < RSA_BITS_MIN || key->bits > RSA_BITS_MAX)
    return error_set(err, key->bits > RSA_BITS_MAX ? SW_ELIMIT : SW_EINVAL,
                     "an RSA key of %u bits; from %d to %d are accepted", key->bits, RSA_BITS_MIN,
                     RSA_BITS_MAX);
  if (!BN_is_odd(n) || BN_is_negative(n))
    return error_set(err, SW_EINVAL, "not an RSA key: its modulus is not an odd number");
  if (!BN_is_odd(e) || BN_is_negative(e) || BN_is_one(e) || BN_num_bits(e) > RSA_E_BITS_MAX)
    return error_set(err, SW_EINVAL,
                     "not an RSA key: its public exponent is not an odd number from 3 to %d bits",
                     RSA_E_BITS_MAX);
  return key->is_private ? check_rsa_private(key, n, e, err) : 0;
}

static int check_curve(struct key *key, struct error *err)
{
  char group[64];
  size_t len = 0;
  int explicit_parameters = 0;
  if (EVP_PKEY_get_utf8_string_param(key->evp, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group,
                                     &len) != 1)
    return openssl_fail(
        err, SW_EUNSUPPORTED,
        "an EC key on a curve without a name; P-256, P-384 and P-521 are supported");
  if (EVP_PKEY_get_int_param(key->evp, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                             &explicit_parameters) == 1 &&
      explicit_parameters)
    return error_set(err, SW_EUNSUPPORTED,
                     "an EC key that spells its curve out instead of naming it");
  openssl_clear();
  for (unsigned i = KEY_P256; i <= KEY_P521; i++)
    if (strcmp(group, curves[i].group) == 0) {
      key->curve = (enum key_curve)i;
      key->bits = curves[i].bits;
      return 0;
    }
  return error_set(err, SW_EUNSUPPORTED,
                   "an EC key on the curve %s; P-256, P-384 and P-521 are supported", group);
}

static int check_ec(struct key *key, struct error *err)
{
  int rc = check_curve(key, err);
  if (rc < 0)
    return rc;
  /* The point is known to be on the curve, whose cofactor is 1: the quick check is the whole. */
  _cleanup_(EVP_PKEY_CTX_freep)
      EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->evp, NULL);
  if (!context || EVP_PKEY_public_check_quick(context) != 1)
    return openssl_fail(err, SW_EINVAL, "not an EC key: its point does not lie on the curve %s",
                        curves[key->curve].name.data);
  if (key->is_private &&
      (EVP_PKEY_private_check(context) != 1 || EVP_PKEY_pairwise_check(context) != 1))
    return openssl_fail(err, SW_EINVAL,
                        "the private part of the EC key does not belong to its public part");
  return 0;
}

static int check_ed25519(struct key *key, struct error *err)
{
  (void)err; /* OpenSSL derives the public part of a private key and takes no other */
  key->bits = 256;
  return 0;
}

static const struct type {
  int id;
  int (*check)(struct key *key, struct error *err);
} types[] = {
    [KEY_RSA] = {EVP_PKEY_RSA, check_rsa},
    [KEY_EC] = {EVP_PKEY_EC, check_ec},
    [KEY_ED25519] = {EVP_PKEY_ED25519, check_ed25519},
};

int key_wrap(EVP_PKEY *evp, bool is_private, struct key **ret, struct error *err)
{
  _cleanup_(key_freep) struct key *key = mem_zalloc(1, sizeof *key);
  key->evp = evp;
  key->is_private = is_private;
  int id = EVP_PKEY_get_base_id(evp);
  for (unsigned i = 0; i < sizeof types / sizeof types[0]; i++) {
    if (types[i].id != id)
      continue;
    key->type = (enum key_type)i;
    int rc = types[i].check(key, err);
    openssl_clear();
    if (rc < 0)
      return rc;
    *ret = key;
    key = NULL;
    return 0;
  }
  const char *name = EVP_PKEY_get0_type_name(evp);
  return openssl_fail(err, SW_EUNSUPPORTED, "a key of type %s; RSA, EC and Ed25519 are supported",
                      name ? name : "unknown");
}

/* Each form: DER to EVP_PKEY, *at moved behind what was read; NULL if it is not that. */
static EVP_PKEY *read_public(const unsigned char **at, long len)
{
  return d2i_PUBKEY(NULL, at, len);
}

static EVP_PKEY *read_rsa_public(const unsigned char **at, long len)
{
  return d2i_PublicKey(EVP_PKEY_RSA, NULL, at, len);
}

static PKCS8_PRIV_KEY_INFO *pkcs8_of(const unsigned char **at, long len)
{
  return d2i_PKCS8_PRIV_KEY_INFO(NULL, at, len);
}

/* Other types are told before OpenSSL reads them: of a DSA key it computes the public part, which
 * takes minutes with numbers of the size that the text may have. */
static EVP_PKEY *read_pkcs8(const unsigned char **at, long len)
{
  _cleanup_(PKCS8_PRIV_KEY_INFO_freep) PKCS8_PRIV_KEY_INFO *info = pkcs8_of(at, len);
  const ASN1_OBJECT *algorithm = NULL;
  if (!info || PKCS8_pkey_get0(&algorithm, NULL, NULL, NULL, info) != 1)
    return NULL;
  for (unsigned i = 0; i < sizeof types / sizeof types[0]; i++)
    if (types[i].id == OBJ_obj2nid(algorithm))
      return EVP_PKCS82PKEY(info);
  return NULL;
}

/* OpenSSL would read PKCS#8 of any type here, too. */
static EVP_PKEY *read_old(int type, const unsigned char **at, long len)
{
  const unsigned char *start = *at;
  _cleanup_(PKCS8_PRIV_KEY_INFO_freep) PKCS8_PRIV_KEY_INFO *info = pkcs8_of(&start, len);
  return info ? NULL : d2i_PrivateKey(type, NULL, at, len);
}

static EVP_PKEY *read_rsa_private(const unsigned char **at, long len)
{
  return read_old(EVP_PKEY_RSA, at, len);
}

static EVP_PKEY *read_ec_private(const unsigned char **at, long len)
{
  return read_old(EVP_PKEY_EC, at, len);
}

static const struct form {
  struct str label;
  bool is_private;
  EVP_PKEY *(*read)(const unsigned char **at, long len);
} forms[] = {
    {STR_INIT("PUBLIC KEY"), false, read_public},
    {STR_INIT("PRIVATE KEY"), true, read_pkcs8},
    {STR_INIT("RSA PRIVATE KEY"), true, read_rsa_private},
    {STR_INIT("EC PRIVATE KEY"), true, read_ec_private},
    {STR_INIT("RSA PUBLIC KEY"), false, read_rsa_public},
};

static int fail_form(struct error *err, struct str label)
{
  return openssl_fail(err, SW_EINVAL, "not a key: the DER is not that of a %.*s", STR_FMT(label));
}

static int read_form(const struct form *form, struct str der, struct key **ret, struct error *err)
{
  const unsigned char *start = (const unsigned char *)der.data, *at = start;
  EVP_PKEY *evp = form->read(&at, (long)der.len);
  if (!evp)
    return fail_form(err, form->label);
  openssl_clear();
  if (at != start + der.len) {
    EVP_PKEY_free(evp);
    return error_set(err, SW_EINVAL, "not a key: %zu bytes lie behind its DER",
                     (size_t)(start + der.len - at));
  }
  return key_wrap(evp, form->is_private, ret, err);
}

int key_parse_block(struct str label, struct str der, struct key **ret, struct error *err)
{
  if (der.len > KEY_TEXT_MAX)
    return error_set(err, SW_ELIMIT, "a key of more than %d bytes", KEY_TEXT_MAX);
  for (unsigned i = 0; i < sizeof forms / sizeof forms[0]; i++)
    if (str_eq(label, forms[i].label))
      return read_form(&forms[i], der, ret, err);
  struct str shown = str_sub(label, 0, 64);
  if (str_eq(label, STR("ENCRYPTED PRIVATE KEY")))
    return error_set(err, SW_EUNSUPPORTED,
                     "the private key is encrypted; give it without a passphrase");
  if (str_ends(label, STR("CERTIFICATE")))
    return error_set(err, SW_EINVAL, "a certificate stands where a key is expected");
  return error_set(err, str_ends(label, STR("PRIVATE KEY")) ? SW_EUNSUPPORTED : SW_EINVAL,
                   "a PEM block \"%.*s\" stands where a key is expected", STR_FMT(shown));
}

/* DER says only by its content which form it has. */
static int parse_der(struct str der, struct key **ret, struct error *err)
{
  for (unsigned i = 0; i < sizeof forms / sizeof forms[0]; i++) {
    const unsigned char *start = (const unsigned char *)der.data, *at = start;
    EVP_PKEY *evp = der.len ? forms[i].read(&at, (long)der.len) : NULL;
    openssl_clear();
    if (!evp)
      continue;
    if (at == start + der.len)
      return key_wrap(evp, forms[i].is_private, ret, err);
    EVP_PKEY_free(evp);
  }
  return error_set(err, SW_EINVAL, "not a key: neither PEM nor the DER of any form of key");
}

static int parse_pem_block(const struct pem_block *block, struct key **ret, struct error *err)
{
  int rc;
  if (str_find(block->headers, 0, STR("ENCRYPTED")) >= 0)
    rc = error_set(err, SW_EUNSUPPORTED,
                   "the private key is encrypted; give it without a passphrase");
  else
    rc = key_parse_block(block->label, block->der, ret, err);
  if (rc < 0 && err) {
    err->line = block->line;
    err->column = 1;
    return error_wrap(err, "PEM block of line %u", block->line);
  }
  return rc;
}

struct keys VEC_BODY(struct key *);

static void free_keys(struct keys *keys)
{
  for (size_t i = 0; i < keys->count; i++)
    key_free(keys->items[i]);
  vec_free(keys);
}

static int parse_pem(struct str text, struct keys *keys, struct error *err)
{
  struct pem_reader reader = pem_reader(text);
  _cleanup_(pem_block_free) struct pem_block block = {0};
  int rc;
  while ((rc = pem_next(&reader, &block, err)) == 0) {
    if (str_eq(block.label, STR("EC PARAMETERS")))
      continue;
    if (vec_full(keys, KEY_LIST_MAX))
      return error_set_at(err, SW_ELIMIT, block.line, 1, "more than %d keys", KEY_LIST_MAX);
    struct key *key = NULL;
    rc = parse_pem_block(&block, &key, err);
    if (rc < 0)
      return rc;
    vec_push(keys, key);
  }
  return rc == SW_ENOTFOUND ? 0 : rc;
}

int key_parse_list(struct str text, struct key_list *ret, struct error *err)
{
  _cleanup_(free_keys) struct keys keys = {0};
  if (text.len > KEY_TEXT_MAX)
    return error_set(err, SW_ELIMIT, "keys of more than %d bytes", KEY_TEXT_MAX);
  int rc;
  if (pem_is(text)) {
    rc = parse_pem(text, &keys, err);
  } else {
    struct key *key = NULL;
    rc = parse_der(text, &key, err);
    if (rc == 0)
      vec_push(&keys, key);
  }
  if (rc < 0)
    return rc;
  if (keys.count == 0)
    return error_set(err, SW_EINVAL, "the PEM text holds no key");
  *ret = (struct key_list){keys.items, keys.count};
  keys = (struct keys){0};
  return 0;
}

void key_list_free(struct key_list *list)
{
  for (size_t i = 0; i < list->count; i++)
    key_free(list->items[i]);
  mem_free(list->items);
  *list = (struct key_list){0};
}

int key_parse(struct str text, struct key **ret, struct error *err)
{
  _cleanup_(key_list_free) struct key_list list = {0};
  int rc = key_parse_list(text, &list, err);
  if (rc < 0)
    return rc;
  if (list.count != 1)
    return error_set(err, SW_EINVAL, "%zu keys where one is expected", list.count);
  *ret = list.items[0];
  list.count = 0;
  return 0;
}

int key_public_der(struct arena *a, const struct key *key, struct str *ret, struct error *err)
{
  unsigned char *der = NULL;
  int len = i2d_PUBKEY(key->evp, &der);
  if (len <= 0)
    return openssl_fail(err, SW_EUNSUPPORTED, "OpenSSL does not write the public key");
  *ret = arena_copy(a, str_make((const char *)der, (size_t)len));
  OPENSSL_free(der);
  return 0;
}

bool key_same(const struct key *a, const struct key *b)
{
  bool same = EVP_PKEY_eq(a->evp, b->evp) == 1;
  openssl_clear();
  return same;
}
