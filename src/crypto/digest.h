/*
 * digest.h - message digests and HMAC (FIPS 180-4, RFC 1321, RFC 2104).
 *
 * A struct digest is a plain value: the algorithm's bytes and how many they are.
 *
 *     struct digest sum;
 *     if (digest_of(DIGEST_SHA256, text, &sum, &err) < 0)
 *         return err.code;
 *     struct str hex = digest_hex(&arena, &sum);
 *
 * Text in pieces goes through a struct digester, owned by its holder:
 *
 *     _cleanup_(digester_freep) struct digester *d = NULL;
 *     if (digester_new(DIGEST_SHA256, &d, &err) < 0 || digester_add(d, piece, &err) < 0 || ...
 *         digester_end(d, &sum, &err) < 0)
 *
 * MD5 and SHA-1 are here because policies and old formats name them; nothing that decides about
 * trust may use them.
 *
 * Errors: SW_EUNSUPPORTED where the system's OpenSSL is set up to refuse an algorithm (MD5 in FIPS
 * mode). Nothing else fails. Texts have no cap.
 *
 * Thread safety: all functions may be called from any thread; a digester belongs to one.
 */
#ifndef SEAWALL_CRYPTO_DIGEST_H
#define SEAWALL_CRYPTO_DIGEST_H

#include "base/arena.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdint.h>

enum digest_algorithm {
  DIGEST_MD5,
  DIGEST_SHA1,
  DIGEST_SHA224,
  DIGEST_SHA256,
  DIGEST_SHA384,
  DIGEST_SHA512,
  DIGEST_COUNT
};

enum { DIGEST_MAX = 64 }; /* bytes of the longest */

struct digest {
  uint8_t bytes[DIGEST_MAX];
  size_t len;
};

/* "md5", "sha1", "sha224" ... as in image digests. */
struct str digest_name(enum digest_algorithm algorithm);

/* The algorithm of such a name (lower case); false if there is none. */
bool digest_named(struct str name, enum digest_algorithm *ret);

/* Its length in bytes. */
size_t digest_size(enum digest_algorithm algorithm);

int digest_of(enum digest_algorithm algorithm, struct str text, struct digest *ret,
              struct error *err);

/* HMAC of a text; the key may have any length, 0 too. */
int digest_hmac(enum digest_algorithm algorithm, struct str key, struct str text,
                struct digest *ret, struct error *err);

struct digester;

int digester_new(enum digest_algorithm algorithm, struct digester **ret, struct error *err);
int digester_add(struct digester *d, struct str piece, struct error *err);

/* The digest of all pieces since digester_new or the last digester_end; the digester starts anew. */
int digester_end(struct digester *d, struct digest *ret, struct error *err);
void digester_free(struct digester *d);
MEM_DEFINE_CLEANUP(struct digester, digester_free)

/* A view of the digest's bytes. */
static inline struct str digest_str(const struct digest *d)
{
  return str_make((const char *)d->bytes, d->len);
}

/* Bytes as lower-case hexadecimal digits. */
struct str digest_hex_of(struct arena *a, struct str bytes);

static inline struct str digest_hex(struct arena *a, const struct digest *d)
{
  return digest_hex_of(a, digest_str(d));
}

/* Equal, in a time that depends on the lengths only. */
bool digest_equal(struct str a, struct str b);

#endif
