/*
 * openssl_int.h - what the files of this room share to speak with OpenSSL.
 *
 * Each public function of the room leaves OpenSSL's error queue empty: success, or openssl_fail,
 * or openssl_clear. A failed allocation inside OpenSSL ends the program as one of our own does, and
 * so never passes for "this signature is wrong".
 */
#ifndef SEAWALL_CRYPTO_OPENSSL_INT_H
#define SEAWALL_CRYPTO_OPENSSL_INT_H

#include "base/arena.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <stdarg.h>

MEM_DEFINE_CLEANUP(BIGNUM, BN_clear_free)
MEM_DEFINE_CLEANUP(BN_CTX, BN_CTX_free)
MEM_DEFINE_CLEANUP(EVP_MD_CTX, EVP_MD_CTX_free)
MEM_DEFINE_CLEANUP(EVP_PKEY, EVP_PKEY_free)
MEM_DEFINE_CLEANUP(EVP_PKEY_CTX, EVP_PKEY_CTX_free)

/* What OpenSSL made; it makes nothing only where memory has run out. */
static inline void *openssl_made(void *p)
{
  if (!p)
    mem_exhausted(0);
  return p;
}

/* Empties the error queue; ends the program if memory ran out. Returns the innermost reason, or NULL. */
static inline const char *openssl_clear(void)
{
  const char *first = NULL;
  unsigned long code;
  while ((code = ERR_get_error()) != 0) {
    if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
      mem_exhausted(0);
    /* The texts are OpenSSL's constants. "nested asn1 error" only says that there is another. */
    if (!first && ERR_GET_REASON(code) != ERR_R_NESTED_ASN1_ERROR)
      first = ERR_reason_error_string(code);
  }
  return first;
}

/* Fills err with the formatted message and OpenSSL's reason behind it; returns code. */
__attribute__((format(printf, 3, 4))) static inline int openssl_fail(struct error *err, int code,
                                                                     const char *format, ...)
{
  const char *reason = openssl_clear();
  char text[ERROR_MESSAGE_MAX];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return reason ? error_set(err, code, "%s (%s)", text, reason) : error_set(err, code, "%s", text);
}

/* A number as big-endian bytes, at least `width` of them, in the arena. */
static inline struct str openssl_number(struct arena *a, const BIGNUM *number, size_t width)
{
  size_t len = (size_t)BN_num_bytes(number);
  if (len < width)
    len = width;
  char *bytes = arena_alloc(a, len + 1);
  if (BN_bn2binpad(number, (unsigned char *)bytes, (int)len) < 0)
    mem_exhausted(len);
  bytes[len] = 0;
  return str_make(bytes, len);
}

#endif
