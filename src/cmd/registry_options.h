/*
 * registry_options.h - how registries are spoken to: options that all verbs share which read images.
 *
 *     static const struct option options[] = {..., REGISTRY_ROWS, ...};
 *
 *     struct registry_options registry;
 *     if (registry_options_read(&registry, args, &err) < 0) ...
 *     oci_registry_new(&registry.options, ...)
 *     registry_options_free(&registry);
 *
 * Logins are those of docker login and podman login (oci/credentials.h), read when the first registry is asked.
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
  struct oci_credentials *credentials;
  VEC(struct str) insecure;
  VEC(struct oci_mirror) mirrors;
};

/* SW_EUSAGE, and errors of the file of logins. */
int registry_options_read(struct registry_options *registry, const struct arguments *args,
                          struct error *err);
void registry_options_free(struct registry_options *registry);

#endif
