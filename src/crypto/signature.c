#include "crypto/signature.h"

#include "crypto/digest_int.h"
#include "crypto/key_int.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>

MEM_DEFINE_CLEANUP(ECDSA_SIG, ECDSA_SIG_free)

bool signature_scheme_named(struct str name, struct signature_scheme *ret)
{
  static const struct {
    struct str name;
    struct signature_scheme scheme;
  } named[] = {
      {STR_INIT("RS256"), {SIGNATURE_RSA_PKCS1, DIGEST_SHA256, KEY_NO_CURVE, 0}},
      {STR_INIT("RS384"), {SIGNATURE_RSA_PKCS1, DIGEST_SHA384, KEY_NO_CURVE, 0}},
      {STR_INIT("RS512"), {SIGNATURE_RSA_PKCS1, DIGEST_SHA512, KEY_NO_CURVE, 0}},
      {STR_INIT("PS256"), {SIGNATURE_RSA_PSS, DIGEST_SHA256, KEY_NO_CURVE, 0}},
      {STR_INIT("PS384"), {SIGNATURE_RSA_PSS, DIGEST_SHA384, KEY_NO_CURVE, 0}},
      {STR_INIT("PS512"), {SIGNATURE_RSA_PSS, DIGEST_SHA512, KEY_NO_CURVE, 0}},
      {STR_INIT("ES256"), {SIGNATURE_ECDSA_RAW, DIGEST_SHA256, KEY_P256, 0}},
      {STR_INIT("ES384"), {SIGNATURE_ECDSA_RAW, DIGEST_SHA384, KEY_P384, 0}},
      {STR_INIT("ES512"), {SIGNATURE_ECDSA_RAW, DIGEST_SHA512, KEY_P521, 0}},
      {STR_INIT("EdDSA"), {SIGNATURE_ED25519, DIGEST_SHA512, KEY_NO_CURVE, 0}},
  };
  for (unsigned i = 0; i < sizeof named / sizeof named[0]; i++)
    if (str_eq(name, named[i].name)) {
      *ret = named[i].scheme;
      return true;
    }
  return false;
}

static int wrong(struct error *err)
{
  openssl_clear();
  return error_set(err, SW_EINVAL, "the signature is not that of this text by this key");
}

static int malformed(struct error *err, const char *what)
{
  openssl_clear();
  return error_set(err, SW_EINVAL, "the signature is malformed: %s", what);
}

/* ECDSA as JWS writes it, from and to DER. */
static int raw_to_der(const struct key *key, struct str raw, unsigned char **ret, size_t *ret_len,
                      struct error *err)
{
  size_t size = key_curve_size(key->curve);
  if (raw.len != 2 * size)
    return error_set(err, SW_EINVAL, "the signature is malformed: %zu bytes, not %zu", raw.len,
                     2 * size);
  const unsigned char *bytes = (const unsigned char *)raw.data;
  _cleanup_(ECDSA_SIG_freep) ECDSA_SIG *pair = openssl_made(ECDSA_SIG_new());
  BIGNUM *r = openssl_made(BN_bin2bn(bytes, (int)size, NULL));
  BIGNUM *s = openssl_made(BN_bin2bn(bytes + size, (int)size, NULL));
  if (ECDSA_SIG_set0(pair, r, s) != 1)
    mem_exhausted(0);
  unsigned char *der = NULL;
  int len = i2d_ECDSA_SIG(pair, &der);
  if (len <= 0)
    mem_exhausted(0);
  *ret = der;
  *ret_len = (size_t)len;
  return 0;
}

static int der_to_raw(const struct key *key, struct str der, struct arena *a, struct str *ret,
                      struct error *err)
{
  size_t size = key_curve_size(key->curve);
  const unsigned char *at = (const unsigned char *)der.data;
  _cleanup_(ECDSA_SIG_freep) ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)der.len);
  unsigned char *raw = arena_alloc(a, 2 * size);
  if (!pair || BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw, (int)size) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(pair), raw + size, (int)size) < 0)
    return openssl_fail(err, SW_EUNSUPPORTED, "OpenSSL made an ECDSA signature of another curve");
  *ret = str_make((const char *)raw, 2 * size);
  return 0;
}

static int set_padding(EVP_PKEY_CTX *context, const struct signature_scheme *scheme, bool is_sign)
{
  if (scheme->kind == SIGNATURE_RSA_PKCS1)
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING);
  if (scheme->kind == SIGNATURE_RSA_PSS &&
      EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1)
    return EVP_PKEY_CTX_set_rsa_pss_saltlen(context, is_sign ? RSA_PSS_SALTLEN_DIGEST
                                                             : RSA_PSS_SALTLEN_AUTO);
  return scheme->kind == SIGNATURE_RSA_PSS ? 0 : 1;
}

/* A context that is ready to sign or verify a digest. */
static int prepare(const struct signature_scheme *scheme, const struct key *key, bool is_sign,
                   EVP_PKEY_CTX **ret, struct error *err)
{
  _cleanup_(EVP_PKEY_CTX_freep)
      EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->evp, NULL);
  if (!context || (is_sign ? EVP_PKEY_sign_init(context) : EVP_PKEY_verify_init(context)) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context, digest_evp(scheme->digest)) != 1 ||
      set_padding(context, scheme, is_sign) != 1)
    return openssl_fail(err, SW_EUSAGE, "the key cannot be used with this kind of signature");
  *ret = context;
  context = NULL;
  return 0;
}

static int verify_evp(const struct signature_scheme *scheme, const struct key *key,
                      const struct digest *digest, struct str signature, struct error *err)
{
  _cleanup_(EVP_PKEY_CTX_freep) EVP_PKEY_CTX *context = NULL;
  int rc = prepare(scheme, key, false, &context, err);
  if (rc < 0)
    return rc;
  if (EVP_PKEY_verify(context, (const unsigned char *)signature.data, signature.len, digest->bytes,
                      digest->len) != 1)
    return wrong(err);
  openssl_clear();
  return 0;
}

static int sign_evp(const struct signature_scheme *scheme, const struct key *key,
                    const struct digest *digest, struct arena *a, struct str *ret,
                    struct error *err)
{
  _cleanup_(EVP_PKEY_CTX_freep) EVP_PKEY_CTX *context = NULL;
  int rc = prepare(scheme, key, true, &context, err);
  if (rc < 0)
    return rc;
  size_t len = 0;
  if (EVP_PKEY_sign(context, NULL, &len, digest->bytes, digest->len) != 1)
    return openssl_fail(err, SW_EUNSUPPORTED, "signing with a key of %u bits failed",
                        (unsigned)key->bits);
  unsigned char *signature = arena_alloc(a, len);
  if (EVP_PKEY_sign(context, signature, &len, digest->bytes, digest->len) != 1)
    return openssl_fail(err, SW_EUNSUPPORTED, "signing with a key of %u bits failed",
                        (unsigned)key->bits);
  openssl_clear();
  *ret = str_make((const char *)signature, len);
  return 0;
}

static int verify_rsa(const struct signature_scheme *scheme, const struct key *key,
                      const struct digest *digest, struct str signature, struct error *err)
{
  if (signature.len != (key->bits + 7) / 8)
    return malformed(err, "it is not as long as the key's modulus");
  return verify_evp(scheme, key, digest, signature, err);
}

static int verify_raw(const struct signature_scheme *scheme, const struct key *key,
                      const struct digest *digest, struct str signature, struct error *err)
{
  unsigned char *der = NULL;
  size_t len = 0;
  int rc = raw_to_der(key, signature, &der, &len, err);
  if (rc < 0)
    return rc;
  rc = verify_evp(scheme, key, digest, str_make((const char *)der, len), err);
  OPENSSL_free(der);
  return rc;
}

static int verify_der(const struct signature_scheme *scheme, const struct key *key,
                      const struct digest *digest, struct str signature, struct error *err)
{
  const unsigned char *at = (const unsigned char *)signature.data;
  _cleanup_(ECDSA_SIG_freep) ECDSA_SIG *pair =
      signature.len && signature.len < 1024 ? d2i_ECDSA_SIG(NULL, &at, (long)signature.len) : NULL;
  if (!pair || at != (const unsigned char *)signature.data + signature.len)
    return malformed(err, "not the DER of an ECDSA signature");
  return verify_evp(scheme, key, digest, signature, err);
}

static int sign_raw(const struct signature_scheme *scheme, const struct key *key,
                    const struct digest *digest, struct arena *a, struct str *ret,
                    struct error *err)
{
  struct str der;
  int rc = sign_evp(scheme, key, digest, a, &der, err);
  return rc < 0 ? rc : der_to_raw(key, der, a, ret, err);
}

/* What is signed is the digest; Ed25519, which has no such functions, is done with the text. */
static const struct kind {
  enum key_type type;
  const char *name;
  int (*verify)(const struct signature_scheme *scheme, const struct key *key,
                const struct digest *digest, struct str signature, struct error *err);
  int (*sign)(const struct signature_scheme *scheme, const struct key *key,
              const struct digest *digest, struct arena *a, struct str *ret, struct error *err);
} kinds[SIGNATURE_KIND_COUNT] = {
    [SIGNATURE_RSA_PKCS1] = {KEY_RSA, "RSA PKCS#1 v1.5", verify_rsa, sign_evp},
    [SIGNATURE_RSA_PSS] = {KEY_RSA, "RSA-PSS", verify_rsa, sign_evp},
    [SIGNATURE_ECDSA_RAW] = {KEY_EC, "ECDSA", verify_raw, sign_raw},
    [SIGNATURE_ECDSA_DER] = {KEY_EC, "ECDSA", verify_der, sign_evp},
    [SIGNATURE_ED25519] = {KEY_ED25519, "Ed25519", NULL, NULL},
};

static int check_rsa_size(const struct signature_scheme *scheme, const struct key *key,
                          bool is_sign, struct error *err)
{
  uint32_t least = scheme->rsa_bits_min ? scheme->rsa_bits_min : SIGNATURE_RSA_BITS_MIN;
  if (is_sign && least < SIGNATURE_RSA_BITS_MIN)
    least = SIGNATURE_RSA_BITS_MIN;
  if (key->type == KEY_RSA && key->bits < least)
    return error_set(err, SW_EUNSUPPORTED, "an RSA key of %u bits is too small; %u are the least",
                     (unsigned)key->bits, (unsigned)least);
  return 0;
}

static int check_key(const struct signature_scheme *scheme, const struct key *key, bool is_sign,
                     struct error *err)
{
  const struct kind *kind = &kinds[scheme->kind];
  if (key->type != kind->type)
    return error_set(err, SW_EUSAGE, "a key of type %s cannot be used for %s",
                     key_type_name(key->type).data, kind->name);
  if (kind->verify && scheme->digest != DIGEST_SHA256 && scheme->digest != DIGEST_SHA384 &&
      scheme->digest != DIGEST_SHA512)
    return error_set(err, SW_EUSAGE, "%s is not accepted in signatures",
                     digest_name(scheme->digest).data);
  if (kind->type == KEY_EC && scheme->curve != KEY_NO_CURVE && scheme->curve != key->curve)
    return error_set(err, SW_EUSAGE, "a key on the curve %s where one on %s is asked for",
                     key_curve_name(key->curve).data, key_curve_name(scheme->curve).data);
  if (is_sign && !key->is_private)
    return error_set(err, SW_EUSAGE, "signing needs a private key; this one is public");
  return check_rsa_size(scheme, key, is_sign, err);
}

static int verify_text(const struct key *key, struct str text, struct str signature,
                       struct error *err)
{
  if (signature.len != 64)
    return malformed(err, "an Ed25519 signature has 64 bytes");
  _cleanup_(EVP_MD_CTX_freep) EVP_MD_CTX *context = openssl_made(EVP_MD_CTX_new());
  if (EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->evp) != 1)
    return openssl_fail(err, SW_EUSAGE, "the key cannot be used for Ed25519");
  if (EVP_DigestVerify(context, (const unsigned char *)signature.data, signature.len,
                       (const unsigned char *)(text.len ? text.data : ""), text.len) != 1)
    return wrong(err);
  openssl_clear();
  return 0;
}

static int sign_text(const struct key *key, struct str text, struct arena *a, struct str *ret,
                     struct error *err)
{
  _cleanup_(EVP_MD_CTX_freep) EVP_MD_CTX *context = openssl_made(EVP_MD_CTX_new());
  unsigned char *signature = arena_alloc(a, 64);
  size_t len = 64;
  if (EVP_DigestSignInit(context, NULL, NULL, NULL, key->evp) != 1 ||
      EVP_DigestSign(context, signature, &len, (const unsigned char *)(text.len ? text.data : ""),
                     text.len) != 1)
    return openssl_fail(err, SW_EUNSUPPORTED, "signing with the Ed25519 key failed");
  openssl_clear();
  *ret = str_make((const char *)signature, len);
  return 0;
}

int signature_verify_digest(const struct signature_scheme *scheme, const struct key *key,
                            const struct digest *digest, struct str signature, struct error *err)
{
  int rc = check_key(scheme, key, false, err);
  if (rc < 0)
    return rc;
  if (!kinds[scheme->kind].verify)
    return error_set(err, SW_EUSAGE, "Ed25519 signs texts, not digests");
  if (digest->len != digest_size(scheme->digest))
    return error_set(err, SW_EUSAGE, "a digest of %zu bytes where %s has %zu", digest->len,
                     digest_name(scheme->digest).data, digest_size(scheme->digest));
  return kinds[scheme->kind].verify(scheme, key, digest, signature, err);
}

int signature_verify(const struct signature_scheme *scheme, const struct key *key, struct str text,
                     struct str signature, struct error *err)
{
  struct digest digest;
  int rc = check_key(scheme, key, false, err);
  if (rc < 0)
    return rc;
  if (!kinds[scheme->kind].verify)
    return verify_text(key, text, signature, err);
  rc = digest_of(scheme->digest, text, &digest, err);
  return rc < 0 ? rc : kinds[scheme->kind].verify(scheme, key, &digest, signature, err);
}

int signature_sign(const struct signature_scheme *scheme, const struct key *key, struct str text,
                   struct arena *a, struct str *ret, struct error *err)
{
  struct digest digest;
  int rc = check_key(scheme, key, true, err);
  if (rc < 0)
    return rc;
  if (!kinds[scheme->kind].sign)
    return sign_text(key, text, a, ret, err);
  rc = digest_of(scheme->digest, text, &digest, err);
  return rc < 0 ? rc : kinds[scheme->kind].sign(scheme, key, &digest, a, ret, err);
}
