/*
 * tls_files.h - certificate, private key and client CA in files, read and checked together, and
 * read again when they change.
 *
 *     struct tls_files_options options = {.certificate = "/tls/tls.crt", .key = "/tls/tls.key"};
 *     _cleanup_(tls_files_freep) struct tls_files *files = NULL;
 *     if (tls_files_open(&options, &files, &err) < 0) ...
 *     ... every second:
 *     bool changed;
 *     if (tls_files_poll(files, &changed, &err) < 0)
 *         say(err.message);             the pair from before stays
 *     else if (changed)
 *         use(tls_files_current(files));
 *
 * Checked are: the PEM texts are certificates and one private key; the key belongs to the first
 * certificate; each following certificate issued the one before it (by name and signature); all are
 * valid at the time, and the first is not a CA's for nothing but signing. The client CAs are
 * certificates.
 *
 * A file has changed if its device, inode, size, time of change or time of modification is another;
 * paths are followed anew each time, so that the swap of a directory's symbolic link (Kubernetes'
 * secret volumes) is seen. What was read counts only if no file changed in between; after a few
 * attempts that is told as an error, and tried again at the next poll. Files that are wrong are read
 * at every poll until they are right.
 *
 * Ownership: the material belongs to the files object; it is valid until the next tls_files_poll that
 * says that it changed. Private keys are overwritten before their memory is given back.
 *
 * Limits: TLS_FILE_MAX bytes a file, TLS_CHAIN_MAX certificates in a chain (SW_ELIMIT).
 * Errors: those of file_read, SW_EINVAL with what is wrong; messages begin with the file's name.
 *
 * Thread safety: an object belongs to one thread at a time.
 */
#ifndef SEAWALL_NET_TLS_FILES_H
#define SEAWALL_NET_TLS_FILES_H

#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum { TLS_FILE_MAX = 512 << 10, TLS_CHAIN_MAX = 10 };

struct tls_files_options {
  const char *certificate;   /* PEM: the server's certificate, then its issuers */
  const char *key;           /* PEM, without a passphrase */
  const char *client_ca;     /* PEM: who issues client certificates; NULL: none */
  const struct clock *clock; /* NULL: the system's */
};

struct tls_material {
  struct str chain, key, client_ca; /* PEM, zero-terminated; client_ca empty: none */
  int64_t not_before, not_after;    /* of the whole chain, seconds since the epoch */
  struct str subject;               /* RFC 4514, as x509.h writes it */
  size_t chain_count;
  uint64_t generation; /* 1 for what was read at first */
};

struct tls_files;

/* Reads and checks. The paths are copied. */
int tls_files_open(const struct tls_files_options *options, struct tls_files **ret,
                   struct error *err);

void tls_files_free(struct tls_files *files);
MEM_DEFINE_CLEANUP(struct tls_files, tls_files_free)

const struct tls_material *tls_files_current(const struct tls_files *files);

/* Looks at the files, and reads them if they changed. On failure the current material stays. */
int tls_files_poll(struct tls_files *files, bool *ret_changed, struct error *err);

#endif
