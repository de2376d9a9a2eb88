/*
 * db_bundle.h - a database that somebody else made, in a file that is carried to where there is no network.
 *
 *     if (db_bundle_install("bundle.tar.zst", "publisher.pem", path, &err) < 0) ...
 *
 * A bundle is a tar archive, plain, gzip or zstd, with advisories.db and advisories.db.sig: the signature of the
 * database's bytes, over SHA-256 (ECDSA in DER, RSA PKCS#1) or by Ed25519, as "openssl dgst -sha256 -sign" and "openssl
 * pkeyutl -sign -rawin" make them. The database takes the place of the old one only if the signature is the key's and it
 * can be opened.
 *
 * Errors: SW_EINVAL (no bundle, or the signature is another's), SW_ENOENT (one of the two is not in it).
 */
#ifndef SEAWALL_CMD_DB_BUNDLE_H
#define SEAWALL_CMD_DB_BUNDLE_H

#include "base/error.h"

int db_bundle_install(const char *bundle, const char *key, const char *path, struct error *err);

#endif
