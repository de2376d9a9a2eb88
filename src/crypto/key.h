/*
 * key.h - public and private keys: RSA, EC on the NIST curves, Ed25519.
 *
 * Keys come from PEM or DER (SubjectPublicKeyInfo, PKCS#8, and the older PKCS#1 and SEC 1 forms) or
 * from the numbers that a JSON Web Key holds (RFC 7518, section 6; RFC 8037), and give these numbers
 * back. Symmetric keys are plain bytes and need nothing from here.
 *
 *     _cleanup_(key_freep) struct key *key = NULL;
 *     if (key_parse(text, &key, &err) < 0)
 *         return error_wrap(&err, "reading %s", path);
 *
 * What a parser returns has been checked: the point lies on its curve, a private part belongs to the
 * public one, numbers have sane sizes (RSA: 512 to 16384 bits, odd; e odd, from 3 to 64 bits). It has
 * not been checked that RSA's numbers are prime; who signs trusts his own key. How large a key must
 * be is said where it is used, in signature.h.
 *
 * Ownership: a key is owned by its holder and freed with key_free, which overwrites private parts.
 * Numbers of private keys that go to an arena (key_rsa, key_ec, key_ed25519) stay there until the
 * arena is reused: key_cleanse them when they have been used.
 *
 * Limits: KEY_TEXT_MAX bytes of text, KEY_LIST_MAX keys in it (SW_ELIMIT).
 * Errors: SW_EINVAL: the text is not a key, or not a correct one, or a private key of another type;
 * SW_EUNSUPPORTED: a curve, form or public key of a type that is not supported here, and encrypted
 * keys. In PEM the error has the line of its block.
 *
 * Thread safety: a key is immutable; several threads may use one at the same time.
 */
#ifndef SEAWALL_CRYPTO_KEY_H
#define SEAWALL_CRYPTO_KEY_H

#include "base/arena.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

enum { KEY_TEXT_MAX = 64 << 10, KEY_LIST_MAX = 64 };

enum key_type { KEY_RSA, KEY_EC, KEY_ED25519 };

enum key_curve { KEY_NO_CURVE, KEY_P256, KEY_P384, KEY_P521 };

struct key;

void key_free(struct key *key);
MEM_DEFINE_CLEANUP(struct key, key_free)

/*
 * One key. PEM: the first block must be the only key of the text ("EC PARAMETERS" blocks are passed
 * over); PUBLIC KEY, RSA PUBLIC KEY, PRIVATE KEY, RSA PRIVATE KEY, EC PRIVATE KEY. DER: any of these
 * forms, and nothing behind it. A certificate is an error that says so (x509.h gives its key).
 */
int key_parse(struct str text, struct key **ret, struct error *err);

struct key_list {
  struct key **items;
  size_t count;
};

/* The keys of all PEM blocks, in their order, one at least; other than keys is an error. DER: one. */
int key_parse_list(struct str text, struct key_list *ret, struct error *err);

/* Frees the keys and the list, which is empty then. */
void key_list_free(struct key_list *list);

/* One key from the DER of a PEM block with this label. */
int key_parse_block(struct str label, struct str der, struct key **ret, struct error *err);

/*
 * Numbers are unsigned and big-endian. Those read from a key have no zero bytes in front, but for
 * coordinates and private numbers of EC keys, which have the full size of the curve's field (order),
 * as JSON Web Keys write them. Given to a key_from function they may have zeros in front or lack
 * them. Empty: not there.
 */
struct key_rsa {
  struct str n, e;         /* public */
  struct str d;            /* private exponent; empty: a public key */
  struct str p, q;         /* the primes: both or neither */
  struct str dp, dq, qinv; /* read from keys only: key_from_rsa computes its own */
};

struct key_ec {
  enum key_curve curve;
  struct str x, y;
  struct str d; /* empty: a public key */
};

struct key_ed25519 {
  struct str x; /* 32 bytes */
  struct str d; /* 32 bytes: RFC 8032's private key (Go calls it the seed); empty: a public key */
};

int key_from_rsa(const struct key_rsa *numbers, struct key **ret, struct error *err);
int key_from_ec(const struct key_ec *numbers, struct key **ret, struct error *err);
int key_from_ed25519(const struct key_ed25519 *numbers, struct key **ret, struct error *err);

/* The numbers of a key, in the arena; SW_EUSAGE for a key of another type. */
int key_rsa(struct arena *a, const struct key *key, struct key_rsa *ret, struct error *err);
int key_ec(struct arena *a, const struct key *key, struct key_ec *ret, struct error *err);
int key_ed25519(struct arena *a, const struct key *key, struct key_ed25519 *ret, struct error *err);

/* Overwrites bytes in a way that compilers do not leave out. */
void key_cleanse(struct str bytes);

enum key_type key_type(const struct key *key);

/* KEY_NO_CURVE but for EC keys. */
enum key_curve key_curve(const struct key *key);

bool key_is_private(const struct key *key);

/* Bits of RSA's modulus, of the curve's field otherwise (Ed25519: 256). */
unsigned key_bits(const struct key *key);

/* "RSA", "EC", "Ed25519". */
struct str key_type_name(enum key_type type);

/* "P-256", "P-384", "P-521", as JSON Web Keys have them; "" for KEY_NO_CURVE. */
struct str key_curve_name(enum key_curve curve);

/* The curve of such a name; false if it is none of them. */
bool key_curve_named(struct str name, enum key_curve *ret);

/* Bytes of a coordinate: 32, 48, 66. */
size_t key_curve_size(enum key_curve curve);

/* The public part as SubjectPublicKeyInfo (DER), in the arena. */
int key_public_der(struct arena *a, const struct key *key, struct str *ret, struct error *err);

/* Both have the same public part: a private key belongs to a certificate, for instance. */
bool key_same(const struct key *a, const struct key *b);

#endif
