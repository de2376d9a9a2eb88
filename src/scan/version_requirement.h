/*
 * version_requirement.h - whether a version meets a requirement, as the ecosystem's own tool judges.
 *
 *     struct version_requirement range;
 *     if (version_requirement_parse(ops, STR("^1.2.3 || 2.x"), 0, &arena, &range, err) < 0)
 *       return err->code;
 *     if (version_requirement_matches(&range, version))
 *
 * Grammar by order (version.h):
 *   npm     ranges of node-semver: comparators, hyphens, x, tilde, caret, "||". Pre-releases match only where a
 *           comparator names one of the same three numbers, unless VERSION_PRERELEASES is given (as npm's
 *           audit does, and whoever asks which installed versions an advisory means should do)
 *   gem     Gem::Requirement: "=", "!=", "<", "<=", ">", ">=", "~>", joined by commas, which must all hold
 *   others  the same signs without "~>" ("==" too), joined by commas, "||" between alternatives: what GitHub's
 *           advisories write for every ecosystem
 *
 * Limits: VERSION_REQUIREMENT_LENGTH_MAX bytes, VERSION_BOUNDS_MAX comparisons.
 *
 * Ownership: a requirement lives in the arena. Thread safety: all functions may be called from any
 * thread; a requirement is immutable.
 */
#ifndef SEAWALL_SCAN_VERSION_REQUIREMENT_H
#define SEAWALL_SCAN_VERSION_REQUIREMENT_H

#include "scan/version.h"

#include <stdint.h>

enum { VERSION_REQUIREMENT_LENGTH_MAX = 16384, VERSION_BOUNDS_MAX = 1024 };

enum version_requirement_flags {
  VERSION_PRERELEASES = 1, /* npm: pre-releases are versions like others */
};

struct version_bound;

struct version_requirement {
  const struct version_ops *ops;
  const struct version_bound *bounds;
  uint32_t count;
  unsigned flags;
};

/* Reads a requirement. SW_EINVAL: it is not of the grammar; SW_ELIMIT: too long, too many comparisons. */
int version_requirement_parse(const struct version_ops *ops, struct str text, unsigned flags,
                              struct arena *a, struct version_requirement *ret_requirement,
                              struct error *err);

/* The version was parsed by the same ops. */
bool version_requirement_matches(const struct version_requirement *requirement,
                                 struct version version);

#endif
