/*
 * image_policy.h - which images may run: registries and repositories, digests, tags.
 *
 *     struct image_policy_config config = {.allowed = patterns, .allowed_count = 2,
 *                                          .refuse_latest = true};
 *     struct image_policy *policy;
 *     if (image_policy_new(&config, &policy, &err) < 0) ...
 *     image_policy_check(policy, STR("nginx:latest"), &arena, &faults);
 *
 * References are read as container runtimes read them (oci/reference.h). A text that is no reference is
 * refused whatever the policy says.
 *
 * Patterns are globs over REGISTRY/REPOSITORY as completed, without tag and digest: "*" is within one
 * part, "**" goes across. A pattern without '/' is a whole registry ("registry.example.com",
 * "*.example.com", "localhost:5000"); one that ends in '/' is everything below ("quay.io/team/").
 * If there are allowed patterns, one must match; no denied one may.
 *
 * Ownership: a policy owns copies of its configuration. Thread safety: immutable once made; the resolver
 * is called from whichever thread asks.
 */
#ifndef SEAWALL_POLICY_IMAGE_POLICY_H
#define SEAWALL_POLICY_IMAGE_POLICY_H

#include "base/arena.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "oci/reference.h"

#include <stdbool.h>
#include <stdint.h>

/* Who knows the digest of a tag: a registry client, plugged in. */
struct image_resolver {
  /* The digest ("sha256:...") of a tag, in the arena. deadline_ns is of the monotonic clock, 0: none.
   * Any error is one of the policy. */
  int (*resolve)(void *ctx, const struct image_reference *reference, int64_t deadline_ns,
                 struct arena *arena, struct str *ret_digest, struct error *err);
  void *ctx;
};

struct image_policy_config {
  const struct str *allowed, *denied; /* patterns */
  size_t allowed_count, denied_count;
  bool require_digest;
  bool refuse_latest;             /* the tag latest, written or not, unless there is a digest */
  bool resolve;                   /* tags are resolved, and the digest is written into the object */
  struct image_resolver resolver; /* needed for resolve */
};

struct image_policy;

/* SW_EINVAL: a pattern that is none, which the message quotes; SW_EUSAGE: resolve without a resolver. */
int image_policy_new(const struct image_policy_config *config, struct image_policy **ret_policy,
                     struct error *err);
void image_policy_free(struct image_policy *policy);
MEM_DEFINE_CLEANUP(struct image_policy, image_policy_free)

/* Whether image_policy_resolve does anything. */
bool image_policy_resolves(const struct image_policy *policy);

enum image_fault {
  IMAGE_FINE,
  IMAGE_NO_REFERENCE,
  IMAGE_NOT_ALLOWED,
  IMAGE_DENIED,
  IMAGE_LATEST,
  IMAGE_NO_DIGEST,
};

/* "invalid-reference", "registry", "registry", "latest", "digest": the rule that is broken. */
struct str image_fault_name(enum image_fault fault);

/* The first fault of an image, with a message in the arena (used only if there is one). */
enum image_fault image_policy_check(const struct image_policy *policy, struct str image,
                                    struct arena *arena, struct str *ret_message);

/*
 * The text with the digest of its tag behind it ("nginx:1.25@sha256:..."), in the arena; the text itself
 * if it has a digest already. The resolver's errors; SW_EINVAL: no reference, or what the resolver gave
 * is no digest.
 */
int image_policy_resolve(const struct image_policy *policy, struct str image, int64_t deadline_ns,
                         struct arena *arena, struct str *ret_image, struct error *err);

#endif
