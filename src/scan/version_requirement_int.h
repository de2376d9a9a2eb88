/*
 * version_requirement_int.h - how readers of requirements tell what they read: comparisons, in
 * alternatives one of which must hold as a whole.
 */
#ifndef SEAWALL_SCAN_VERSION_REQUIREMENT_INT_H
#define SEAWALL_SCAN_VERSION_REQUIREMENT_INT_H

#include "base/vec.h"
#include "scan/version_int.h"
#include "scan/version_requirement.h"

enum version_bound_kind { BOUND_ANY, BOUND_LT, BOUND_LE, BOUND_GT, BOUND_GE, BOUND_EQ, BOUND_NE };

struct version_bound {
  enum version_bound_kind kind;
  uint32_t alternative;   /* from 0, rising */
  bool prerelease;        /* npm: the version that is compared with is one */
  struct version version; /* BOUND_ANY: none */
};

struct version_bounds VEC_BODY(struct version_bound);

struct version_reading {
  const struct version_ops *ops;
  struct str text; /* the whole, for messages */
  struct arena *arena;
  unsigned flags;
  uint32_t alternative;
  struct version_bounds bounds;
  struct error *err;
};

/* Adds a comparison with a version to the alternative that is being read. */
int version_bound_add(struct version_reading *r, enum version_bound_kind kind, struct str version);

/* "R" is not a requirement for NAME: WHY */
int version_requirement_fail(struct version_reading *r, const char *why);

/* Takes one of the signs < <= > >= = == != from *rest; none: BOUND_EQ. */
enum version_bound_kind version_take_sign(struct str *rest);

int version_requirement_read_npm(struct version_reading *r);
int version_requirement_read_gem(struct version_reading *r);

/* How much of an npm key are its three numbers; prerelease: something follows them. */
size_t version_npm_release(struct str key, bool *ret_prerelease);

#endif
