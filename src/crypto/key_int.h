/* key_int.h - the inside of a key, for signature.c and the two files of key. */
#ifndef SEAWALL_CRYPTO_KEY_INT_H
#define SEAWALL_CRYPTO_KEY_INT_H

#include "crypto/key.h"

#include "crypto/openssl_int.h"

#include <stdint.h>

struct key {
  EVP_PKEY *evp;
  enum key_type type;
  enum key_curve curve;
  uint32_t bits;
  bool is_private;
};

/* Takes over evp, whatever comes of it, and checks all that key.h promises. */
int key_wrap(EVP_PKEY *evp, bool is_private, struct key **ret, struct error *err);

/* OpenSSL's name of a curve. */
const char *key_curve_group(enum key_curve curve);

#endif
