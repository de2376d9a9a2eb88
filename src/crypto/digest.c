#include "crypto/digest.h"

#include "crypto/digest_int.h"
#include "crypto/openssl_int.h"

#include <openssl/hmac.h>

static const struct algorithm {
  struct str name;
  size_t size;
  const EVP_MD *(*evp)(void);
} algorithms[DIGEST_COUNT] = {
    [DIGEST_MD5] = {STR_INIT("md5"), 16, EVP_md5},
    [DIGEST_SHA1] = {STR_INIT("sha1"), 20, EVP_sha1},
    [DIGEST_SHA224] = {STR_INIT("sha224"), 28, EVP_sha224},
    [DIGEST_SHA256] = {STR_INIT("sha256"), 32, EVP_sha256},
    [DIGEST_SHA384] = {STR_INIT("sha384"), 48, EVP_sha384},
    [DIGEST_SHA512] = {STR_INIT("sha512"), 64, EVP_sha512},
};

struct digester {
  enum digest_algorithm algorithm;
  EVP_MD_CTX *context;
};

struct str digest_name(enum digest_algorithm algorithm)
{
  return algorithms[algorithm].name;
}

bool digest_named(struct str name, enum digest_algorithm *ret)
{
  for (unsigned i = 0; i < DIGEST_COUNT; i++)
    if (str_eq(name, algorithms[i].name)) {
      *ret = (enum digest_algorithm)i;
      return true;
    }
  return false;
}

size_t digest_size(enum digest_algorithm algorithm)
{
  return algorithms[algorithm].size;
}

const EVP_MD *digest_evp(enum digest_algorithm algorithm)
{
  return algorithms[algorithm].evp();
}

static int refused(enum digest_algorithm algorithm, struct error *err)
{
  return openssl_fail(err, SW_EUNSUPPORTED, "the system's OpenSSL refuses %s",
                      algorithms[algorithm].name.data);
}

int digest_of(enum digest_algorithm algorithm, struct str text, struct digest *ret,
              struct error *err)
{
  struct digest sum;
  unsigned len = 0;
  if (EVP_Digest(text.len ? text.data : "", text.len, sum.bytes, &len, digest_evp(algorithm),
                 NULL) != 1)
    return refused(algorithm, err);
  sum.len = len;
  *ret = sum;
  return 0;
}

int digest_hmac(enum digest_algorithm algorithm, struct str key, struct str text,
                struct digest *ret, struct error *err)
{
  struct digest sum, folded;
  /* A key longer than the hash's block stands for its digest (RFC 2104, section 2); this also keeps
   * its length within an int. */
  size_t block = (size_t)EVP_MD_get_block_size(digest_evp(algorithm));
  if (key.len > block) {
    int rc = digest_of(algorithm, key, &folded, err);
    if (rc < 0)
      return rc;
    key = digest_str(&folded);
  }
  unsigned len = 0;
  const unsigned char *made = HMAC(digest_evp(algorithm), key.len ? key.data : "", (int)key.len,
                                   (const unsigned char *)(text.len ? text.data : ""), text.len,
                                   sum.bytes, &len);
  OPENSSL_cleanse(&folded, sizeof folded);
  if (!made)
    return refused(algorithm, err);
  sum.len = len;
  *ret = sum;
  return 0;
}

int digester_new(enum digest_algorithm algorithm, struct digester **ret, struct error *err)
{
  _cleanup_(EVP_MD_CTX_freep) EVP_MD_CTX *context = openssl_made(EVP_MD_CTX_new());
  if (EVP_DigestInit_ex(context, digest_evp(algorithm), NULL) != 1)
    return refused(algorithm, err);
  struct digester *d = mem_zalloc(1, sizeof *d);
  d->algorithm = algorithm;
  d->context = context;
  context = NULL;
  *ret = d;
  return 0;
}

int digester_add(struct digester *d, struct str piece, struct error *err)
{
  if (piece.len && EVP_DigestUpdate(d->context, piece.data, piece.len) != 1)
    return refused(d->algorithm, err);
  return 0;
}

int digester_end(struct digester *d, struct digest *ret, struct error *err)
{
  struct digest sum;
  unsigned len = 0;
  if (EVP_DigestFinal_ex(d->context, sum.bytes, &len) != 1 ||
      EVP_DigestInit_ex(d->context, digest_evp(d->algorithm), NULL) != 1)
    return refused(d->algorithm, err);
  sum.len = len;
  *ret = sum;
  return 0;
}

void digester_free(struct digester *d)
{
  if (!d)
    return;
  EVP_MD_CTX_free(d->context);
  mem_free(d);
}

struct str digest_hex_of(struct arena *a, struct str bytes)
{
  static const char digits[] = "0123456789abcdef";
  char *text = arena_alloc_array(a, bytes.len + 1, 2);
  for (size_t i = 0; i < bytes.len; i++) {
    unsigned char c = (unsigned char)bytes.data[i];
    text[2 * i] = digits[c >> 4];
    text[2 * i + 1] = digits[c & 15];
  }
  text[2 * bytes.len] = 0;
  return str_make(text, 2 * bytes.len);
}

bool digest_equal(struct str a, struct str b)
{
  return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.data, b.data, a.len) == 0);
}
