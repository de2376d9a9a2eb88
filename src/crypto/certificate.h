/*
 * certificate.h - makes keys and issues certificates (RFC 5280): a certification authority of one's
 * own, and the certificates of the servers and clients that trust it.
 *
 *     _cleanup_(key_freep) struct key *ca_key = NULL, *key = NULL;
 *     struct certificate_wanted ca = {.common_name = STR("seawall"), .is_ca = true,
 *                                     .not_before = now - 3600, .not_after = now + years};
 *     if (certificate_make_key(&ca_key, &err) < 0 ||
 *         certificate_issue(&ca, ca_key, NULL, &ca_pem, &err) < 0) ...
 *     struct certificate_issuer issuer = {buf_str(&ca_pem), ca_key};
 *     struct certificate_wanted server = {.common_name = STR("seawall.seawall.svc"), .dns = names,
 *                                         .dns_count = 2, .server_auth = true, ...};
 *     if (certificate_make_key(&key, &err) < 0 ||
 *         certificate_issue(&server, key, &issuer, &pem, &err) < 0 ||
 *         certificate_write_key(key, &key_pem, &err) < 0) ...
 *
 * What is issued: version 3, a random serial number of 127 bits, signed with ECDSA-SHA-256 (or what
 * the issuer's key asks for: RSA with SHA-256, Ed25519), subject and authority key identifiers.
 * A CA has critical basic constraints (with the path length, if one is given) and the key usages
 * certificate and CRL signing; any other has CA false, digital signature (key encipherment too with an
 * RSA key) and the extended usages that were asked for.
 *
 * Errors: SW_EUSAGE: what is wanted cannot be written (no name at all, not a host name, not an IP
 * address, an end before the start, a year beyond 9999, a public key where a private one is needed,
 * an issuer that is no CA, whose key is another, or that ends before what it issues).
 *
 * Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_CRYPTO_CERTIFICATE_H
#define SEAWALL_CRYPTO_CERTIFICATE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "crypto/key.h"

#include <stdint.h>

enum { CERTIFICATE_NAMES_MAX = 100, CERTIFICATE_NAME_MAX = 253, CERTIFICATE_COMMON_NAME_MAX = 64 };

struct certificate_wanted {
  struct str common_name;      /* at most 64 characters; empty: none */
  struct str organization;     /* Kubernetes takes it for the group of a client; empty: none */
  const struct str *dns;       /* subject alternative names; "*.example.org" is one too */
  size_t dns_count;            /* at most CERTIFICATE_NAMES_MAX, as is the next */
  const struct str *addresses; /* "10.0.0.1", "::1" */
  size_t address_count;
  int64_t not_before, not_after; /* seconds since the epoch, both included */
  bool is_ca;
  bool limits_path;     /* a CA may have at most path_length CAs below it */
  uint32_t path_length; /* 0: issues to ends only */
  bool server_auth, client_auth;
};

struct certificate_issuer {
  struct str certificate; /* PEM or DER; of several the first */
  const struct key *key;  /* private */
};

/* A new private key on P-256. */
int certificate_make_key(struct key **ret, struct error *err);

/* Appends the private key as PKCS#8 in PEM ("PRIVATE KEY"). The buf is the caller's to cleanse
 * (key_cleanse(buf_str(out))) before it is freed. */
int certificate_write_key(const struct key *key, struct buf *out, struct error *err);

/*
 * Appends a certificate in PEM for the public part of key; issuer NULL: signed by key itself. On
 * failure out is as before.
 */
int certificate_issue(const struct certificate_wanted *wanted, const struct key *key,
                      const struct certificate_issuer *issuer, struct buf *out, struct error *err);

#endif
