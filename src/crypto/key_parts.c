/* Keys from their numbers and back, as JSON Web Keys hold them. */
#include "crypto/key_int.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

MEM_DEFINE_CLEANUP(OSSL_PARAM_BLD, OSSL_PARAM_BLD_free)
MEM_DEFINE_CLEANUP(OSSL_PARAM, OSSL_PARAM_free)

enum { NUMBER_MAX = 4096 }; /* bytes; far beyond any key that is accepted */

static struct str without_zeros(struct str number)
{
  while (number.len && number.data[0] == 0)
    number = str_sub(number, 1, number.len);
  return number;
}

static int read_number(struct str bytes, const char *name, BIGNUM **ret, struct error *err)
{
  bytes = without_zeros(bytes);
  if (bytes.len == 0)
    return error_set(err, SW_EINVAL, "the key's number \"%s\" is missing or zero", name);
  if (bytes.len > NUMBER_MAX)
    return error_set(err, SW_ELIMIT, "the key's number \"%s\" has more than %d bytes", name,
                     NUMBER_MAX);
  *ret = openssl_made(BN_bin2bn((const unsigned char *)bytes.data, (int)bytes.len, NULL));
  return 0;
}

static void push(OSSL_PARAM_BLD *builder, const char *name, const BIGNUM *number)
{
  if (OSSL_PARAM_BLD_push_BN(builder, name, number) != 1)
    mem_exhausted(0);
}

/* The key of a type with these parameters. */
static int make(const char *type, OSSL_PARAM_BLD *builder, bool is_private, struct key **ret,
                struct error *err)
{
  _cleanup_(OSSL_PARAM_freep) OSSL_PARAM *params = openssl_made(OSSL_PARAM_BLD_to_param(builder));
  _cleanup_(EVP_PKEY_CTX_freep)
      EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
  EVP_PKEY *evp = NULL;
  if (!context || EVP_PKEY_fromdata_init(context) != 1 ||
      EVP_PKEY_fromdata(context, &evp, is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                        params) != 1) {
    EVP_PKEY_free(evp);
    return openssl_fail(err, SW_EINVAL, "the numbers do not make a key of type %s", type);
  }
  openssl_clear();
  return key_wrap(evp, is_private, ret, err);
}

/* The numbers of an RSA key while it is made. */
struct rsa {
  BIGNUM *n, *e, *d, *p, *q, *dp, *dq, *qinv;
};

static void rsa_free(struct rsa *r)
{
  BIGNUM *all[] = {r->n, r->e, r->d, r->p, r->q, r->dp, r->dq, r->qinv};
  for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++)
    BN_clear_free(all[i]);
}

/* d modulo prime - 1. */
static void reduce(const BIGNUM *d, const BIGNUM *prime, BN_CTX *context, BIGNUM **ret)
{
  _cleanup_(BN_clear_freep) BIGNUM *less = openssl_made(BN_dup(prime));
  *ret = openssl_made(BN_new());
  BN_set_flags(less, BN_FLG_CONSTTIME);
  BN_set_flags(*ret, BN_FLG_CONSTTIME);
  if (BN_sub_word(less, 1) != 1 || BN_mod(*ret, d, less, context) != 1)
    mem_exhausted(0);
}

/* What speeds up signing, from the primes. */
static int rsa_shortcuts(struct rsa *r, struct error *err)
{
  if (!BN_is_odd(r->p) || !BN_is_odd(r->q) || BN_is_one(r->p) || BN_is_one(r->q))
    return error_set(err, SW_EINVAL, "the RSA key's \"p\" and \"q\" are not odd primes");
  _cleanup_(BN_CTX_freep) BN_CTX *context = openssl_made(BN_CTX_secure_new());
  reduce(r->d, r->p, context, &r->dp);
  reduce(r->d, r->q, context, &r->dq);
  BN_set_flags(r->q, BN_FLG_CONSTTIME);
  BN_set_flags(r->p, BN_FLG_CONSTTIME);
  r->qinv = BN_mod_inverse(NULL, r->q, r->p, context);
  if (!r->qinv)
    return openssl_fail(err, SW_EINVAL, "the RSA key's \"p\" and \"q\" are not different primes");
  return 0;
}

static int read_rsa(const struct key_rsa *numbers, struct rsa *r, struct error *err)
{
  int rc = read_number(numbers->n, "n", &r->n, err);
  if (rc == 0)
    rc = read_number(numbers->e, "e", &r->e, err);
  if (rc == 0 && numbers->d.len)
    rc = read_number(numbers->d, "d", &r->d, err);
  if (rc < 0 || (numbers->p.len == 0 && numbers->q.len == 0))
    return rc;
  if (!r->d)
    return error_set(err, SW_EINVAL, "the RSA key has \"p\" or \"q\" but no \"d\"");
  rc = read_number(numbers->p, "p", &r->p, err);
  if (rc == 0)
    rc = read_number(numbers->q, "q", &r->q, err);
  return rc < 0 ? rc : rsa_shortcuts(r, err);
}

int key_from_rsa(const struct key_rsa *numbers, struct key **ret, struct error *err)
{
  _cleanup_(rsa_free) struct rsa r = {0};
  int rc = read_rsa(numbers, &r, err);
  if (rc < 0)
    return rc;
  _cleanup_(OSSL_PARAM_BLD_freep) OSSL_PARAM_BLD *builder = openssl_made(OSSL_PARAM_BLD_new());
  push(builder, OSSL_PKEY_PARAM_RSA_N, r.n);
  push(builder, OSSL_PKEY_PARAM_RSA_E, r.e);
  if (r.d)
    push(builder, OSSL_PKEY_PARAM_RSA_D, r.d);
  if (r.p) {
    push(builder, OSSL_PKEY_PARAM_RSA_FACTOR1, r.p);
    push(builder, OSSL_PKEY_PARAM_RSA_FACTOR2, r.q);
    push(builder, OSSL_PKEY_PARAM_RSA_EXPONENT1, r.dp);
    push(builder, OSSL_PKEY_PARAM_RSA_EXPONENT2, r.dq);
    push(builder, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, r.qinv);
  }
  return make("RSA", builder, r.d != NULL, ret, err);
}

/* Right-aligned into size bytes. */
static int place(struct str number, const char *name, size_t size, unsigned char *ret_bytes,
                 struct error *err)
{
  number = without_zeros(number);
  if (number.len > size)
    return error_set(err, SW_EINVAL, "the key's number \"%s\" has %zu bytes; %zu are its size",
                     name, number.len, size);
  memset(ret_bytes, 0, size - number.len);
  if (number.len)
    memcpy(ret_bytes + size - number.len, number.data, number.len);
  return 0;
}

int key_from_ec(const struct key_ec *numbers, struct key **ret, struct error *err)
{
  size_t size = key_curve_size(numbers->curve);
  unsigned char point[1 + 2 * 66] = {POINT_CONVERSION_UNCOMPRESSED};
  if (numbers->curve == KEY_NO_CURVE || numbers->x.len == 0 || numbers->y.len == 0)
    return error_set(err, SW_EINVAL, "the EC key's curve, \"x\" or \"y\" is missing");
  _cleanup_(BN_clear_freep) BIGNUM *d = NULL;
  int rc = place(numbers->x, "x", size, point + 1, err);
  if (rc == 0)
    rc = place(numbers->y, "y", size, point + 1 + size, err);
  if (rc == 0 && numbers->d.len)
    rc = read_number(numbers->d, "d", &d, err);
  if (rc < 0)
    return rc;
  _cleanup_(OSSL_PARAM_BLD_freep) OSSL_PARAM_BLD *builder = openssl_made(OSSL_PARAM_BLD_new());
  if (OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME,
                                      key_curve_group(numbers->curve), 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * size) != 1)
    mem_exhausted(0);
  if (d)
    push(builder, OSSL_PKEY_PARAM_PRIV_KEY, d);
  return make("EC", builder, d != NULL, ret, err);
}

int key_from_ed25519(const struct key_ed25519 *numbers, struct key **ret, struct error *err)
{
  if (numbers->x.len != 32 || (numbers->d.len && numbers->d.len != 32))
    return error_set(err, SW_EINVAL, "the Ed25519 key's \"x\" and \"d\" must have 32 bytes each");
  EVP_PKEY *evp = numbers->d.len
                      ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
                                                     (const unsigned char *)numbers->d.data, 32)
                      : EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
                                                    (const unsigned char *)numbers->x.data, 32);
  if (!evp)
    return openssl_fail(err, SW_EINVAL, "not an Ed25519 key");
  unsigned char derived[32];
  size_t len = sizeof derived;
  if (EVP_PKEY_get_raw_public_key(evp, derived, &len) != 1 || len != 32 ||
      memcmp(derived, numbers->x.data, 32) != 0) {
    EVP_PKEY_free(evp);
    return openssl_fail(err, SW_EINVAL,
                        "the private part of the Ed25519 key does not belong to its public part");
  }
  return key_wrap(evp, numbers->d.len != 0, ret, err);
}

/* A number of the key, at least width bytes; empty if it has none. */
static struct str number_of(struct arena *a, const struct key *key, const char *name, size_t width)
{
  _cleanup_(BN_clear_freep) BIGNUM *number = NULL;
  if (EVP_PKEY_get_bn_param(key->evp, name, &number) != 1) {
    openssl_clear();
    return STR_EMPTY;
  }
  return openssl_number(a, number, width);
}

static int other_type(const struct key *key, const char *wanted, struct error *err)
{
  return error_set(err, SW_EUSAGE, "the numbers of an %s key asked of an %s key", wanted,
                   key_type_name(key->type).data);
}

int key_rsa(struct arena *a, const struct key *key, struct key_rsa *ret, struct error *err)
{
  if (key->type != KEY_RSA)
    return other_type(key, "RSA", err);
  *ret = (struct key_rsa){.n = number_of(a, key, OSSL_PKEY_PARAM_RSA_N, 0),
                          .e = number_of(a, key, OSSL_PKEY_PARAM_RSA_E, 0)};
  if (!key->is_private)
    return 0;
  ret->d = number_of(a, key, OSSL_PKEY_PARAM_RSA_D, 0);
  ret->p = number_of(a, key, OSSL_PKEY_PARAM_RSA_FACTOR1, 0);
  ret->q = number_of(a, key, OSSL_PKEY_PARAM_RSA_FACTOR2, 0);
  ret->dp = number_of(a, key, OSSL_PKEY_PARAM_RSA_EXPONENT1, 0);
  ret->dq = number_of(a, key, OSSL_PKEY_PARAM_RSA_EXPONENT2, 0);
  ret->qinv = number_of(a, key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, 0);
  return 0;
}

int key_ec(struct arena *a, const struct key *key, struct key_ec *ret, struct error *err)
{
  if (key->type != KEY_EC)
    return other_type(key, "EC", err);
  size_t size = key_curve_size(key->curve);
  *ret = (struct key_ec){.curve = key->curve,
                         .x = number_of(a, key, OSSL_PKEY_PARAM_EC_PUB_X, size),
                         .y = number_of(a, key, OSSL_PKEY_PARAM_EC_PUB_Y, size)};
  if (key->is_private)
    ret->d = number_of(a, key, OSSL_PKEY_PARAM_PRIV_KEY, size);
  return 0;
}

int key_ed25519(struct arena *a, const struct key *key, struct key_ed25519 *ret, struct error *err)
{
  if (key->type != KEY_ED25519)
    return other_type(key, "Ed25519", err);
  unsigned char x[32], d[32];
  size_t x_len = sizeof x, d_len = sizeof d;
  if (EVP_PKEY_get_raw_public_key(key->evp, x, &x_len) != 1 ||
      (key->is_private && EVP_PKEY_get_raw_private_key(key->evp, d, &d_len) != 1))
    return openssl_fail(err, SW_EINVAL, "the Ed25519 key does not give its bytes");
  *ret = (struct key_ed25519){.x = arena_copy(a, str_make((char *)x, x_len)), .d = STR_EMPTY};
  if (key->is_private)
    ret->d = arena_copy(a, str_make((char *)d, d_len));
  OPENSSL_cleanse(d, sizeof d);
  return 0;
}
