/*
 * tag_resolver.h - digests of tags, for the image policy of a server: asked of registries, and kept for a while.
 *
 *     const struct tag_resolver_options options = {.auth_file = "/etc/seawall/registry/config.json"};
 *     _cleanup_(tag_resolver_freep) struct tag_resolver *resolver = NULL;
 *     if (tag_resolver_new(&options, &resolver, &err) < 0) ...
 *     policy_config.resolver = tag_resolver_service(resolver);
 *
 * Who asks waits, at most timeout_ms and never beyond the deadline. What was found is kept for keep_ms, since a
 * deployment brings the same tag many times; what failed for TAG_FAILURE_MS, so that a registry that hangs does not
 * hold up each request anew. Tags that move are therefore seen keep_ms late.
 *
 * The file of logins is read again every TAG_CLIENT_MS, and after a login was refused.
 *
 * Ownership: texts of the options are borrowed. Thread safety: any number of threads, each with a client of its own
 * while it asks.
 */
#ifndef SEAWALL_DAEMON_TAG_RESOLVER_H
#define SEAWALL_DAEMON_TAG_RESOLVER_H

#include "base/error.h"
#include "base/mem.h"
#include "oci/registry.h"
#include "policy/image_policy.h"

enum {
  TAG_FAILURE_MS = 5000,
  TAG_CLIENT_MS = 5 * 60 * 1000,
  TAGS_KEPT_MAX = 10000,
  TAG_CLIENTS_IDLE_MAX = 16,
};

struct tag_resolver_options {
  const char *auth_file; /* in Docker's format; NULL: where it is looked for (oci/credentials.h) */
  const char *ca_file;   /* PEM; NULL: the system's */
  const struct str *insecure;
  size_t insecure_count;
  const struct oci_mirror *mirrors;
  size_t mirror_count;
  unsigned timeout_ms; /* 0: 3,000 */
  unsigned keep_ms;    /* 0: not at all */
};

struct tag_resolver;

/* SW_EUSAGE: a mirror or an insecure registry that is none; errors of oci_credentials_new. */
int tag_resolver_new(const struct tag_resolver_options *options, struct tag_resolver **ret,
                     struct error *err);

/* Nobody may be asking any more. */
void tag_resolver_free(struct tag_resolver *resolver);
MEM_DEFINE_CLEANUP(struct tag_resolver, tag_resolver_free)

/* For struct image_policy_config. Lives as long as the resolver. */
struct image_resolver tag_resolver_service(struct tag_resolver *resolver);

#endif
