/*
 * rego_bundle_int.h - what the parts of rego_bundle share.
 */
#ifndef SEAWALL_POLICY_REGO_BUNDLE_INT_H
#define SEAWALL_POLICY_REGO_BUNDLE_INT_H

#include "base/map.h"
#include "base/vec.h"
#include "policy/rego_bundle.h"

/* A file as it was found, whatever it is. Path and text lie in the bundle's arena. */
struct bundle_raw {
  struct str path; /* without "/" or "./" in front */
  struct str text;
};

struct bundle_reader {
  struct rego_bundle *bundle;
  const struct rego_bundle_options *options;
  VEC(struct bundle_raw) files;
  struct map seen; /* paths */
  uint64_t bytes;
};

/* Takes a file in: checks its name and the limits, copies both. */
int bundle_reader_add(struct bundle_reader *reader, struct str path, struct str text,
                      struct error *err);

/* Whether another file, of `size` bytes, keeps within the limits. */
int bundle_reader_fits(const struct bundle_reader *reader, struct str path, uint64_t size,
                       struct error *err);

/* The file of a path; NULL if there is none. */
const struct bundle_raw *bundle_reader_find(const struct bundle_reader *reader, struct str path);

/* All files of a .tar.gz. */
int bundle_read_tar(struct bundle_reader *reader, struct str archive, struct error *err);

/*
 * Verifies the signatures, if there are any, and every file against them; *ret_verified says that they
 * were there and are right. directory is the path that names may have in front; empty for archives.
 */
int bundle_verify(struct bundle_reader *reader, struct str directory, bool *ret_verified,
                  struct error *err);

/* A pattern of Go's path.Match: of OPA's --ignore and of files that need not be signed. */
int bundle_match(struct arena *a, struct str pattern, struct str text, bool *ret_matches,
                 struct error *err);

#endif
