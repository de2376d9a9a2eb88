/*
 * x509.h - X.509 certificates and certificate requests (RFC 5280, RFC 2986): what they say, and
 * whether a chain of them holds.
 *
 * Parsing gives plain structs in the caller's arena that hold everything by themselves (nothing to
 * free, nothing of OpenSSL's inside), views of copies in the arena:
 *
 *     struct x509_list list;
 *     if (x509_parse(&arena, text, &list, &err) < 0) ...
 *     struct x509_certificate *leaf = &list.items[0];
 *     digest_of(DIGEST_SHA256, leaf->raw, &fingerprint, &err);
 *     key_parse_block(STR("PUBLIC KEY"), leaf->public_key, &key, &err);
 *
 * Nothing is believed by parsing: x509_verify says whether a certificate leads to one of the
 * caller's roots, at the caller's time, for the caller's purposes.
 *
 *     struct x509_trust trust = {.roots = roots, .intermediates = others, .time = now,
 *                                .usages = &server_auth, .usage_count = 1, .host = STR("a.example")};
 *     enum x509_fault fault;
 *     if (x509_verify(&arena, leaf, &trust, &chain, &fault, &err) < 0) ...
 *
 * Texts in certificates may hold any characters (control characters too); who prints them quotes
 * them. Object identifiers are dotted text, "2.5.29.17".
 *
 * Limits (SW_ELIMIT): X509_TEXT_MAX bytes of text, X509_LIST_MAX certificates. The structs take a small
 * multiple of the text.
 * Errors: SW_EINVAL: not a certificate; in PEM with the line of its block.
 *
 * Thread safety: all functions may be called from any thread, with an arena of its own; what they
 * return is immutable.
 */
#ifndef SEAWALL_CRYPTO_X509_H
#define SEAWALL_CRYPTO_X509_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "crypto/key.h"

#include <stdint.h>

enum { X509_TEXT_MAX = 1 << 20, X509_LIST_MAX = 100, X509_DEPTH_MAX = 20 };

struct x509_texts {
  struct str *items;
  size_t count;
};

/* One attribute of a name. */
struct x509_attribute {
  struct str oid;   /* "2.5.4.3" */
  struct str value; /* UTF-8 */
  uint32_t
      rdn; /* which relative distinguished name it is of, from 0: equal in a multi-valued one */
};

struct x509_name {
  struct x509_attribute *items; /* in the order of the DER */
  size_t count;
  struct str raw;  /* DER */
  struct str text; /* RFC 4514, "CN=a,O=b": last first; not ASCII: as is */
};

struct x509_extension {
  struct str oid;
  struct str value; /* the content of the octet string, DER */
  bool critical;
};

/* The names that general names hold. Addresses: 4 or 16 bytes; of constraints, address and mask
 * behind it: 8 or 32. */
struct x509_names {
  struct x509_texts dns, emails, uris, addresses;
};

/* Signature algorithms by the figures that Go's x509 package gives them. */
enum x509_signature {
  X509_SIGNATURE_OTHER = 0,
  X509_SIGNATURE_RSA_MD5 = 2,
  X509_SIGNATURE_RSA_SHA1 = 3,
  X509_SIGNATURE_RSA_SHA256 = 4,
  X509_SIGNATURE_RSA_SHA384 = 5,
  X509_SIGNATURE_RSA_SHA512 = 6,
  X509_SIGNATURE_DSA_SHA1 = 7,
  X509_SIGNATURE_DSA_SHA256 = 8,
  X509_SIGNATURE_ECDSA_SHA1 = 9,
  X509_SIGNATURE_ECDSA_SHA256 = 10,
  X509_SIGNATURE_ECDSA_SHA384 = 11,
  X509_SIGNATURE_ECDSA_SHA512 = 12,
  X509_SIGNATURE_PSS_SHA256 = 13,
  X509_SIGNATURE_PSS_SHA384 = 14,
  X509_SIGNATURE_PSS_SHA512 = 15,
  X509_SIGNATURE_ED25519 = 16,
};

/* Key algorithms, likewise. */
enum x509_key {
  X509_KEY_OTHER = 0,
  X509_KEY_RSA = 1,
  X509_KEY_DSA = 2,
  X509_KEY_EC = 3,
  X509_KEY_ED25519 = 4,
};

/* Bit n of RFC 5280, section 4.2.1.3. */
enum x509_key_usage {
  X509_DIGITAL_SIGNATURE = 1 << 0,
  X509_CONTENT_COMMITMENT = 1 << 1,
  X509_KEY_ENCIPHERMENT = 1 << 2,
  X509_DATA_ENCIPHERMENT = 1 << 3,
  X509_KEY_AGREEMENT = 1 << 4,
  X509_CERT_SIGN = 1 << 5,
  X509_CRL_SIGN = 1 << 6,
  X509_ENCIPHER_ONLY = 1 << 7,
  X509_DECIPHER_ONLY = 1 << 8,
};

/* What certificates and requests have in common. */
struct x509_subject {
  struct str raw;            /* the whole, DER */
  struct str raw_tbs;        /* the part that is signed */
  struct x509_name name;     /* of the subject */
  struct str public_key;     /* SubjectPublicKeyInfo, DER: for key_parse_block("PUBLIC KEY") */
  struct str public_key_oid; /* its algorithm's */
  enum x509_key key;
  struct str signature; /* without the bit string's first byte */
  struct str signature_oid;
  enum x509_signature signature_algorithm;
  uint32_t version; /* as shown: 1 to 3 (requests: 0, as in the DER) */
  struct x509_extension *extensions;
  size_t extension_count;
  struct x509_names names; /* subject alternative names */
};

struct x509_certificate {
  struct x509_subject subject;
  struct x509_name issuer;
  struct str serial; /* magnitude, big-endian, at least one byte */
  bool serial_negative;
  int64_t not_before, not_after; /* seconds since the epoch; both included */
  uint32_t key_usage;            /* enum x509_key_usage; 0: not said */
  struct x509_texts usages;      /* extended key usages: OIDs */
  bool has_basic_constraints, is_ca;
  int32_t path_length;       /* of the basic constraints; -1: none */
  struct str subject_key_id; /* empty: none */
  struct str authority_key_id;
  struct x509_texts ocsp, issuer_urls, crl_urls;
  struct x509_texts policies; /* OIDs */
  bool has_name_constraints, name_constraints_critical;
  struct x509_names permitted, excluded;
};

struct x509_list {
  struct x509_certificate *items;
  size_t count;
};

/* All certificates of a text, one at least: PEM blocks "CERTIFICATE" (any other block is an error), or
 * DER, one behind the other. */
int x509_parse(struct arena *a, struct str text, struct x509_list *ret, struct error *err);

/* A certificate request: its one PEM block ("CERTIFICATE REQUEST" or "NEW CERTIFICATE REQUEST"), or
 * DER. Its own signature is not looked at: x509_request_verify. */
int x509_parse_request(struct arena *a, struct str text, struct x509_subject *ret,
                       struct error *err);

/* The request is signed with the key that it holds. SW_EINVAL: it is not; SW_EUSAGE: request->raw is
 * not a request. */
int x509_request_verify(const struct x509_subject *request, struct error *err);

/* OIDs of extended key usages (RFC 5280, section 4.2.1.12). */
#define X509_USAGE_ANY STR("2.5.29.37.0")
#define X509_USAGE_SERVER_AUTH STR("1.3.6.1.5.5.7.3.1")
#define X509_USAGE_CLIENT_AUTH STR("1.3.6.1.5.5.7.3.2")
#define X509_USAGE_CODE_SIGNING STR("1.3.6.1.5.5.7.3.3")
#define X509_USAGE_EMAIL_PROTECTION STR("1.3.6.1.5.5.7.3.4")
#define X509_USAGE_TIME_STAMPING STR("1.3.6.1.5.5.7.3.8")
#define X509_USAGE_OCSP_SIGNING STR("1.3.6.1.5.5.7.3.9")

/* Why a chain does not hold. */
enum x509_fault {
  X509_FAULT_NONE,
  X509_FAULT_UNTRUSTED,     /* no way to a root */
  X509_FAULT_EXPIRED,       /* a certificate's time is over */
  X509_FAULT_NOT_YET_VALID, /* or has not begun */
  X509_FAULT_SIGNATURE,     /* a signature in the chain is wrong */
  X509_FAULT_NOT_CA,        /* an issuer may not issue */
  X509_FAULT_PATH_LENGTH,   /* more certificates than an issuer or the caller allows */
  X509_FAULT_NAME,          /* outside an issuer's name constraints */
  X509_FAULT_USAGE,         /* none of the purposes asked for */
  X509_FAULT_HOST,          /* not for this host */
  X509_FAULT_EXTENSION,     /* a critical extension that is not understood, or an incorrect one */
  X509_FAULT_WEAK,          /* MD5, SHA-1, or a key below 80 bits of strength */
  X509_FAULT_OTHER,
};

struct x509_trust {
  /* What is trusted, for any reason of the caller's: need not be self-signed; a certificate that is
   * among the roots is trusted itself. */
  struct x509_list roots;
  struct x509_list intermediates; /* may serve on the way; not trusted */
  int64_t time;                   /* seconds since the epoch; the chain must be valid then */
  const struct str *usages; /* OIDs: every certificate of the chain that says what it is for must
                                   * allow the same one of these */
  size_t usage_count;       /* 0: any */
  struct str host;          /* DNS name or IP address among the subject alternative names (the
                                   * common name does not count); empty: not asked */
  uint32_t depth;           /* certificates between leaf and root at most; 0: X509_DEPTH_MAX */
};

/* From leaf to root; the leaf alone if it is trusted itself. */
struct x509_chain {
  const struct x509_certificate **items;
  size_t count;
};

/*
 * Whether the leaf is trusted (RFC 5280, section 6.1, without policies and revocation). The chain's
 * items are the caller's structs. One way to a root is looked for, roots first: where several
 * certificates of an issuer are given (cross-signing), the one that is valid at the time is taken.
 *
 * 0: it is. SW_EINVAL: it is not; err says why, and *fault (may be NULL), which is written on this
 * error too, as a code. SW_ELIMIT: more than X509_LIST_MAX roots or intermediates. SW_EUSAGE: a raw that
 * is not a certificate, a host that is neither name nor address.
 */
int x509_verify(struct arena *a, const struct x509_certificate *leaf,
                const struct x509_trust *trust, struct x509_chain *ret, enum x509_fault *fault,
                struct error *err);

#endif
