/*
 * semver.h - version numbers: Semantic Versioning 2.0.0, and major.minor alone.
 *
 *     struct semver version;
 *     if (semver_parse(STR("1.4.0-rc.1+build5"), &version, &err) < 0)
 *
 * A version's texts are views of what was parsed. Precedence (section 11): numbers
 * first, a pre-release before its release, pre-release identifiers one by one
 * (numbers by value and before words, words by their bytes, fewer before more);
 * build metadata does not count.
 *
 * Limits: SEMVER_LENGTH_MAX bytes; major, minor and patch up to 2^64-1 (numbers in
 * a pre-release have no limit of their own).
 *
 * Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_DATA_SEMVER_H
#define SEAWALL_DATA_SEMVER_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

#include <stdint.h>

enum { SEMVER_LENGTH_MAX = 1024 };

struct semver {
  uint64_t major, minor, patch;
  struct str prerelease; /* without the '-'; empty: none */
  struct str build;      /* without the '+'; empty: none */
};

/* Exactly the specification's grammar: three numbers, no leading zeros, no "v". */
int semver_parse(struct str text, struct semver *ret_version, struct error *err);

/* As people write them: a leading "v" or "V" is dropped, minor and patch may be missing ("1", "v1.2"
 * and also "1-rc1"), numbers may begin with zeros. Missing numbers are 0. */
int semver_parse_tolerant(struct str text, struct semver *ret_version, struct error *err);

/* Precedence: -1, 0 or 1. */
int semver_compare(struct semver a, struct semver b);

/* major.minor.patch[-prerelease][+build] */
void semver_write(struct buf *out, struct semver version);

/*
 * Releases that are told apart by major and minor number, as Kubernetes' are. Reads "1.29",
 * "v1.29", "1.29.3", "v1.29.3+k3s1", "v1.29.3-gke.100" and "1.29+" (some providers' minor): what
 * follows the minor number must begin with '.', '-' or '+' and is not looked at further. "1" alone
 * and words like "latest" are errors.
 */
struct version_minor {
  uint32_t major, minor;
};

enum { VERSION_MINOR_MAX = 99999 }; /* largest major or minor number */

int version_minor_parse(struct str text, struct version_minor *ret_version, struct error *err);

/* -1, 0 or 1. */
static inline int version_minor_compare(struct version_minor a, struct version_minor b)
{
  if (a.major != b.major)
    return a.major < b.major ? -1 : 1;
  return (a.minor > b.minor) - (a.minor < b.minor);
}

#endif
