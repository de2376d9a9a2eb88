/* Certificates and keys as values, in the form that Go's JSON encoder gives its own structs. */
#ifndef SEAWALL_LANG_BUILTIN_X509_INT_H
#define SEAWALL_LANG_BUILTIN_X509_INT_H

#include "crypto/x509.h"
#include "lang/builtin_int.h"

/* x509.Certificate, with URIStrings if asked for. */
struct value crypto_certificate(struct builtin_context *c, const struct x509_certificate *cert,
                                bool with_uri_strings);
struct value crypto_certificates(struct builtin_context *c, const struct x509_list *list);

/* x509.CertificateRequest. */
struct value crypto_request(struct builtin_context *c, const struct x509_subject *request);

/* rsa.PrivateKey, ecdsa.PrivateKey or ed25519.PrivateKey. */
struct value crypto_private_key(struct builtin_context *c, const struct key *key);

/* The figure of an extended key usage; -1: it has none. */
int crypto_usage_number(struct str oid);

/* The OID of an extended key usage by the name that options have; empty: there is none. */
struct str crypto_usage_named(struct str name);

#endif
