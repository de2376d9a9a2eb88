/*
 * jwk.h - JSON Web Keys and sets of them (RFC 7517, RFC 7518 section 6, RFC 8037).
 *
 *     _cleanup_(jwk_set_free) struct jwk_set set = {0};
 *     if (jwk_read(&arena, document, &set, &err) < 0)
 *         return error_wrap(&err, "reading the keys");
 *     for (size_t i = 0; i < set.count; i++)
 *         use(&set.items[i]);
 *
 * Read are keys of the types RSA, EC (P-256, P-384, P-521), OKP (Ed25519) and oct. A private member
 * makes a private key. Numbers are base64url without padding. Members that are not known (use,
 * key_ops, x5c and so on) are not looked at.
 *
 * Ownership: a set owns its keys; texts and secrets are in the arena or views of the document.
 *
 * Limits: JWK_SET_MAX keys (SW_ELIMIT). Errors: SW_EINVAL: no key, or not a correct one;
 * SW_EUNSUPPORTED: a type or curve that is not supported.
 *
 * Thread safety: any number of threads, each with its own arena and set.
 */
#ifndef SEAWALL_LANG_JWK_H
#define SEAWALL_LANG_JWK_H

#include "base/arena.h"
#include "base/error.h"
#include "crypto/key.h"
#include "data/value.h"

enum { JWK_SET_MAX = 256 };

struct jwk {
  struct key *key;   /* NULL: symmetric */
  struct str secret; /* of a symmetric key */
  struct str alg;    /* empty: not said */
  struct str kid;    /* likewise */
};

struct jwk_set {
  struct jwk *items; /* in the arena */
  size_t count;
};

/* A key, or an object with the member "keys". */
int jwk_read(struct arena *a, struct value document, struct jwk_set *ret, struct error *err);

/* Frees the keys; the set is empty then. */
void jwk_set_free(struct jwk_set *set);

/* The key as a JWK with all its parts, members in no particular order. */
struct value jwk_write(struct arena *a, const struct key *key);

#endif
