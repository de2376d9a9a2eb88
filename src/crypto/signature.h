/*
 * signature.h - making and verifying signatures: RSA PKCS#1 v1.5 and PSS (RFC 8017), ECDSA (FIPS
 * 186-4), Ed25519 (RFC 8032).
 *
 * A scheme says how; signature_scheme_named gives those of JSON Web Signatures (RFC 7518, section
 * 3; RFC 8037), other formats fill in their own:
 *
 *     struct signature_scheme scheme;
 *     if (!signature_scheme_named(STR("ES256"), &scheme)) ...
 *     rc = signature_verify(&scheme, key, text, signature, &err);
 *
 *     struct signature_scheme image = {.kind = SIGNATURE_ECDSA_DER, .digest = DIGEST_SHA256};
 *
 * The scheme is what the caller trusts: take it from the key or from the configuration, never alone
 * from the message.
 *
 * Errors, which tell apart what went wrong:
 *   SW_EINVAL        the signature is not one of this text by this key (verify only)
 *   SW_EUSAGE        the key cannot be used with the scheme: other type, other curve, no private
 *                    part, a digest that the scheme does not take
 *   SW_EUNSUPPORTED  the key is too small
 *
 * Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_CRYPTO_SIGNATURE_H
#define SEAWALL_CRYPTO_SIGNATURE_H

#include "crypto/digest.h"
#include "crypto/key.h"

#include <stdint.h>

enum signature_kind {
  SIGNATURE_RSA_PKCS1, /* RSASSA-PKCS1-v1_5 */
  SIGNATURE_RSA_PSS,   /* RSASSA-PSS with MGF1; salt as long as the digest, any length on verify */
  SIGNATURE_ECDSA_RAW, /* r and s, each of the size of the curve's order (JWS) */
  SIGNATURE_ECDSA_DER, /* SEQUENCE of r and s (X.509, cosign) */
  SIGNATURE_ED25519,   /* of the text itself; digest is not looked at */
  SIGNATURE_KIND_COUNT
};

enum { SIGNATURE_RSA_BITS_MIN = 1024 };

struct signature_scheme {
  enum signature_kind kind;
  enum digest_algorithm digest; /* SHA-256, SHA-384 or SHA-512 */
  enum key_curve curve;         /* the only one for ECDSA; KEY_NO_CURVE: any */
  uint32_t rsa_bits_min;        /* least size of RSA keys; 0: SIGNATURE_RSA_BITS_MIN. Signing never
                                 * takes less than that, verifying does if this says so */
};

/* RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA; false for other names. */
bool signature_scheme_named(struct str name, struct signature_scheme *ret);

/* 0 only if the signature is right. */
int signature_verify(const struct signature_scheme *scheme, const struct key *key, struct str text,
                     struct str signature, struct error *err);

/* The same of a text whose digest (of the scheme's algorithm) is known. Not for Ed25519, which signs
 * texts (SW_EUSAGE). */
int signature_verify_digest(const struct signature_scheme *scheme, const struct key *key,
                            const struct digest *digest, struct str signature, struct error *err);

/* The signature, in the arena. ECDSA and PSS take OpenSSL's random numbers. */
int signature_sign(const struct signature_scheme *scheme, const struct key *key, struct str text,
                   struct arena *a, struct str *ret, struct error *err);

#endif
