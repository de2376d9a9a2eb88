/*
 * made.h - keys that a test makes with OpenSSL itself, in every form they are written in.
 */
#ifndef SEAWALL_TESTS_UNIT_CRYPTO_MADE_H
#define SEAWALL_TESTS_UNIT_CRYPTO_MADE_H

#include "../test.h"

#include "base/arena.h"
#include "data/base64.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

/* Each function of the room leaves the queue empty. */
#define assert_queue_empty() assert_int_equal(ERR_peek_error(), 0)

/* What a BIO holds, in the arena; frees it. */
static inline struct str made_text(struct arena *a, BIO *bio)
{
  char *text = NULL;
  long len = BIO_get_mem_data(bio, &text);
  struct str copy = arena_copy(a, str_make(text, (size_t)len));
  BIO_free_all(bio);
  return copy;
}

static inline struct str made_private_pem(struct arena *a, EVP_PKEY *key)
{
  BIO *bio = BIO_new(BIO_s_mem());
  assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
  return made_text(a, bio);
}

/* PKCS#1 or SEC 1. */
static inline struct str made_old_pem(struct arena *a, EVP_PKEY *key)
{
  BIO *bio = BIO_new(BIO_s_mem());
  assert_int_equal(PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL, NULL), 1);
  return made_text(a, bio);
}

static inline struct str made_public_pem(struct arena *a, EVP_PKEY *key)
{
  BIO *bio = BIO_new(BIO_s_mem());
  assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
  return made_text(a, bio);
}

static inline struct str made_encrypted_pem(struct arena *a, EVP_PKEY *key, bool old)
{
  BIO *bio = BIO_new(BIO_s_mem());
  unsigned char pass[] = "secret";
  if (old)
    assert_int_equal(
        PEM_write_bio_PrivateKey_traditional(bio, key, EVP_aes_128_cbc(), pass, 6, NULL, NULL), 1);
  else
    assert_int_equal(
        PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_128_cbc(), (char *)pass, 6, NULL, NULL), 1);
  return made_text(a, bio);
}

/* The DER of a PEM text of one block. */
static inline struct str made_der(struct arena *a, struct str pem)
{
  char *name = NULL, *header = NULL;
  unsigned char *data = NULL;
  long len = 0;
  BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
  assert_int_equal(PEM_read_bio(bio, &name, &header, &data, &len), 1);
  struct str der = arena_copy(a, str_make((char *)data, (size_t)len));
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(data);
  BIO_free_all(bio);
  return der;
}

static inline struct str made_base64url(struct arena *a, const char *text)
{
  struct str bytes;
  assert_int_equal(base64_decode(a, str_from(text), BASE64_URL | BASE64_RAW, &bytes, NULL), 0);
  return bytes;
}

#endif
