/*
 * self_signed.h - a certification authority of one's own, and a server certificate from it, for
 * `seawall serve` where none is configured.
 *
 *     struct self_signed_options options = {.listen_address = "127.0.0.1"};
 *     struct self_signed files;
 *     if (self_signed_open(&options, &files, &err) < 0) ...
 *     if (files.made_ca)
 *       say("clients trust %s", files.ca);
 *     tls.certificate = files.certificate, tls.key = files.key;
 *     self_signed_free(&files);
 *
 * In a directory that belongs to the user who runs the program lie ca.crt, ca.key, tls.crt and tls.key.
 * What is there and right is used as it is, and nothing is written: the directory may be read-only then.
 * Otherwise:
 *   - The authority is made if there is none, if ca.crt is wrong, if it ends within a year, or if something
 *     is to be issued and ca.key is not there or wrong. It is valid for SELF_SIGNED_CA_DAYS. Files of one
 *     that is given up are kept, as ca.crt.old and ca.key.old.
 *   - The server's certificate and key are made if they are missing, wrong or not of this authority, if the
 *     certificate ends within a third of its life, or if it lacks a wanted name. It is valid for
 *     SELF_SIGNED_DAYS. Names it had stay in it, so that two servers with one directory do not take turns.
 * A server that runs longer than that calls self_signed_open again each day; tls_files sees what changed.
 *
 * Names: localhost, 127.0.0.1, ::1, the machine's host name, the address that is listened on unless that
 * is "any", and those of the options. A host name that may not stand in a certificate is passed over.
 *
 * Files are written beside and renamed, keys with mode 0600; the directory is made with 0700, those above
 * it too. One process at a time makes files; others wait for it, SELF_SIGNED_WAIT_MS at most.
 *
 * Refused (SW_EACCES, with what to do): a directory that belongs to somebody else or that others may
 * write to, or that is a symbolic link of a stranger; files in it that are symbolic links, not regular,
 * somebody else's, and keys that others may read. Root's links to the directory are followed: systemd
 * makes such for services with DynamicUser=.
 *
 * Errors besides: SW_EINVAL (the authority is not valid yet: the clock is wrong), SW_ENOENT (no directory
 * is named), SW_EACCES and SW_EIO (the system refused), SW_ELIMIT (too many names), SW_EUSAGE (a name of
 * the options that is neither host name nor address). err is needed. Thread safety: from any thread.
 */
#ifndef SEAWALL_DAEMON_SELF_SIGNED_H
#define SEAWALL_DAEMON_SELF_SIGNED_H

#include "base/clock.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum {
  SELF_SIGNED_CA_DAYS = 3650,
  SELF_SIGNED_DAYS = 365,
  SELF_SIGNED_FILE_MAX = 64 << 10,
  SELF_SIGNED_WAIT_MS = 10000,
};

struct self_signed_options {
  const char *directory; /* NULL: self_signed_directory's, from the environment of the process */
  const char *listen_address; /* an IP address; NULL: none */
  const struct str *names;    /* further host names and IP addresses */
  size_t name_count;
  const char *host_name;     /* NULL: the machine's; "": none */
  unsigned wait_ms;          /* for another process that makes files; 0: SELF_SIGNED_WAIT_MS */
  const struct clock *clock; /* for what is valid; NULL: the system's */
};

/* Paths are owned; times in seconds since the epoch. */
struct self_signed {
  char *directory, *ca, *certificate, *key;
  bool made_ca;          /* now: clients must be given ca.crt (anew) */
  bool made_certificate; /* now */
  const char
      *reason; /* why the certificate was made: "there was none", for a log; NULL: it was not */
  int64_t not_after; /* of the certificate */
  int64_t ca_not_after;
};

/*
 * The directory where state belongs, by environment (NULL: the process's): the first of
 * $STATE_DIRECTORY, which systemd sets, else $XDG_STATE_HOME/seawall, else $HOME/.local/state/seawall.
 * What is not an absolute path does not count. SW_ENOENT: none of them.
 */
int self_signed_directory(char *const *environment, char **ret, struct error *err);

int self_signed_open(const struct self_signed_options *options, struct self_signed *ret,
                     struct error *err);

/* Frees the texts; all zero is nothing to free. */
void self_signed_free(struct self_signed *files);

#endif
