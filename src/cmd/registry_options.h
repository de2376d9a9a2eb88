/*
 * registry_options.h - how registries are spoken to: options that all verbs share which read images.
 *
 *     static const struct option options[] = {..., REGISTRY_ROWS, ...};
 *
 *     struct registry_options registry;
 *     if (registry_options_read(&registry, args, &err) < 0) ...
 *     if (registry_options_client(&registry, &client, &err) < 0) ...
 *     registry_options_free(&registry);
 *
 * Logins are those of docker login and podman login (oci/credentials.h), read when the first registry is asked;
 * a file that --registry-auth or --registry-ca names is looked at at once.
 */
#ifndef SEAWALL_CMD_REGISTRY_OPTIONS_H
#define SEAWALL_CMD_REGISTRY_OPTIONS_H

#include "base/vec.h"
#include "cmd/verb.h"
#include "oci/registry.h"

#define REGISTRY_ROWS                                                                              \
  {.name = "insecure-registry",                                                                    \
   .argument = "HOST[:PORT]",                                                                      \
   .help = "a registry that may have any certificate or speak no TLS; may be repeated",            \
   .repeatable = true},                                                                            \
      {.name = "registry-ca",                                                                      \
       .argument = "FILE",                                                                         \
       .help = "certificates of the authorities to trust for registries, in PEM",                  \
       .complete = COMPLETE_FILES},                                                                \
      {.name = "registry-mirror",                                                                  \
       .argument = "REGISTRY=HOST[:PORT][/PATH]",                                                  \
       .help = "where to ask first for images of a registry; may be repeated",                     \
       .repeatable = true},                                                                        \
  {                                                                                                \
    .name = "registry-auth", .argument = "FILE",                                                   \
    .help = "logins, in Docker's config.json form (default: those of docker and podman login)",    \
    .complete = COMPLETE_FILES                                                                     \
  }

struct registry_options {
  struct oci_registry_options options;
  struct oci_credentials *credentials; /* NULL: no registry was asked yet */
  struct oci_registry *client;         /* likewise */
  const char *auth_file;               /* NULL: the usual ones */
  VEC(struct str) insecure;
  VEC(struct oci_mirror) mirrors;
};

/* SW_EUSAGE, and errors of files that options name. What was read of the options is given back by registry_options_free
 * then, too. */
int registry_options_read(struct registry_options *registry, const struct arguments *args,
                          struct error *err);

/* The one client of all images, with its connections and logins; it stays the options'. Errors of the file of logins. */
int registry_options_client(struct registry_options *registry, struct oci_registry **ret,
                            struct error *err);

void registry_options_free(struct registry_options *registry);

#endif
