/* digest_int.h - the algorithms as OpenSSL knows them. */
#ifndef SEAWALL_CRYPTO_DIGEST_INT_H
#define SEAWALL_CRYPTO_DIGEST_INT_H

#include "crypto/digest.h"

#include <openssl/evp.h>

const EVP_MD *digest_evp(enum digest_algorithm algorithm);

#endif
