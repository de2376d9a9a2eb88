/*
 * credentials.h - who one is to a registry: what `docker login`, `podman login` and their helpers have kept.
 *
 *     _cleanup_(oci_credentials_freep) struct oci_credentials *credentials = NULL;
 *     const struct oci_credentials_options options = {0};
 *     if (oci_credentials_new(&options, &credentials, &err) < 0) ...
 *     struct oci_login login;
 *     if (oci_credentials_find(credentials, STR("quay.io"), STR("team/app"), &arena, &login)) ...
 *     else if (login.problem.len) ...                          there might be one, if that were mended
 *
 * Files, all of them in Docker's format (config.json):
 *   REGISTRY_AUTH_FILE, and if it is set, nothing else; otherwise, in this order:
 *   $DOCKER_CONFIG/config.json, if it is set
 *   $XDG_RUNTIME_DIR/containers/auth.json
 *   $XDG_CONFIG_HOME/containers/auth.json, or ~/.config/containers/auth.json
 *   ~/.docker/config.json, if DOCKER_CONFIG is not set
 *
 * The first file that has something for a registry is the one that counts. Within it (containers-auth.json(5)):
 * the helper that credHelpers names for the registry; else the entry of auths with the longest key that the
 * repository lies under ("quay.io/team/app", "quay.io/team", "quay.io"); else the helper credsStore. Keys may be
 * URLs, as Docker wrote them; docker.io, index.docker.io and registry-1.docker.io are one. An entry that is empty
 * says that a helper has it.
 *
 * Helpers are run as docker-credential-NAME from the PATH, without a shell, with the environment of this
 * process, and killed when their time is over. What they say is kept for ten minutes. A helper that is missing or
 * fails is no error (many images need no login) but a problem, which is told if the registry asks for a login.
 *
 * Ownership: credentials are owned by their holder, a login lives in the arena. Thread safety: credentials
 * belong to one thread.
 *
 * Limits: enum below. Errors: those of file_read, SW_EINVAL, SW_ELIMIT, beginning with the path.
 */
#ifndef SEAWALL_OCI_CREDENTIALS_H
#define SEAWALL_OCI_CREDENTIALS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdbool.h>

enum {
  OCI_CREDENTIALS_FILE_MAX = 4 << 20,    /* bytes of a file */
  OCI_CREDENTIALS_HELPER_MAX = 64 << 10, /* bytes of what a helper says */
  OCI_CREDENTIALS_NAME_MAX = 64, /* bytes of the name of a helper, behind docker-credential- */
};

struct oci_credentials_options {
  const char *
      file; /* this one and nothing else, and not being able to read it is an error; NULL: as above */
  const char *(*environment)(const char *name); /* NULL: that of the process */
  unsigned helper_ms;                           /* for one run of a helper; 0: 30,000 */
};

/* Empty texts: there is none. */
struct oci_login {
  struct str user, password;
  struct str identity_token; /* an OAuth 2 refresh token, in place of a password */
  struct str registry_token; /* a bearer token for the registry itself */
  struct str origin;         /* where it is from: a path, or the name of a helper */
  struct str problem;        /* what could not be read, for a message */
};

struct oci_credentials;

/* Reads the files. A file that nobody named and that is malformed is a problem of the logins, no error. */
int oci_credentials_new(const struct oci_credentials_options *options, struct oci_credentials **ret,
                        struct error *err);
void oci_credentials_free(struct oci_credentials *credentials);
MEM_DEFINE_CLEANUP(struct oci_credentials, oci_credentials_free)

/* Another file, behind those that there are, of this text; name is what messages call it. */
int oci_credentials_add(struct oci_credentials *credentials, const char *name, struct str text,
                        struct error *err);

/* registry: as in references ("docker.io"). Whether there is a login; problem may be set either way. */
bool oci_credentials_find(struct oci_credentials *credentials, struct str registry,
                          struct str repository, struct arena *arena, struct oci_login *ret);

/* What a helper answers: {"ServerURL", "Username", "Secret"}. SW_EINVAL: something else. */
int oci_credentials_read_answer(struct str text, struct arena *arena, struct oci_login *ret,
                                struct error *err);

#endif
