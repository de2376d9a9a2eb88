/*
 * version.h - order of package versions, as each ecosystem's own tool has it.
 *
 *     const struct version_ops *ops = version_ops_find(STR("Debian:12"));
 *     struct version installed, fixed;
 *     if (!ops || version_parse(ops, STR("1:2.4-3"), &arena, &installed, &err) < 0 ||
 *         version_parse(ops, STR("1:2.4-3+deb12u1"), &arena, &fixed, &err) < 0)
 *       ...
 *     if (version_order(installed, fixed) < 0)
 *       vulnerable
 *
 * A version is parsed once into a key; comparing two is comparing bytes (for Maven, walking along
 * two short lists of items, because its order is not transitive and so has no sort key). Keys of
 * different ops are not comparable. The bytes of a key are the same on every machine and may be
 * stored; VERSION_KEY_FORMAT changes when they do.
 *
 * Kinds of order, and whose they are:
 *   dpkg      Debian, Ubuntu: deb-version(7), dpkg's verrevcmp
 *   rpm       Red Hat, AlmaLinux, Rocky, SUSE, ...: [epoch:]version[-release], rpmvercmp with '~' and '^'; no
 *             epoch is epoch 0, no release comes before any release
 *   apk       Alpine, Wolfi, Chainguard: apk-tools 3; versions outside its grammar have its order too
 *   npm       Semantic Versioning 2.0.0, as node-semver reads it
 *   cargo     the same (crates.io, and Hex, Bitnami, SwiftURL, GitHub Actions, Julia)
 *   go        the same as golang.org/x/mod/semver reads it: with or without "v", pseudo-versions and "+incompatible"
 *             by their rules; and names of Go releases (go1.21rc2 is 1.21.0-rc.2)
 *   pub       the same, but build metadata counts
 *   pypi      PEP 440, packaging's Version
 *   maven     ComparableVersion of Maven 3.8; ConanCenter's, too, which are whatever the library's author calls a release
 *             ("1.1.1t" is behind "1.1.1", "3.0.0-beta1" before "3.0.0")
 *   gem       Gem::Version
 *   nuget     NuGetVersion: four numbers, labels without regard to case
 *   composer  composer/semver's normalisation, then PHP's version_compare
 *
 * Semantic versions are read by data/semver, and so as people write them ("v1", "1.2"); what their
 * tools insist on is asked by version_valid.
 *
 * Limits: VERSION_LENGTH_MAX bytes, printable ASCII (spaces at both ends are dropped); numbers of any length,
 * but up to 2^64-1 in the first three of a semantic version (not go) and up to 2^31-1 in NuGet's; apk's and
 * Composer's count as in those tools, which keep 64 bits (apk wraps around, PHP stays at 2^63-1). Where
 * node-semver rounds (numbers beyond 2^53 in a pre-release, which it may take for equal), numbers are exact here.
 *
 * No function depends on the locale. Thread safety: all functions may be called from any thread; parsed
 * versions are immutable.
 */
#ifndef SEAWALL_SCAN_VERSION_H
#define SEAWALL_SCAN_VERSION_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

enum { VERSION_LENGTH_MAX = 512, VERSION_KEY_MAX = 4 * VERSION_LENGTH_MAX + 64 };

enum { VERSION_KEY_FORMAT = 2 };

/* One kind of order; immutable, lives for ever. */
struct version_ops;

/* A parsed version: key is a view of the arena that it was parsed into (or of a store). */
struct version {
  const struct version_ops *ops;
  struct str key;
};

/* The order of an ecosystem, by its OSV name, with or without a release ("Debian", "Debian:12",
 * "Red Hat:enterprise_linux:9::baseos"); NULL if there is none. Names are matched as OSV spells them. */
const struct version_ops *version_ops_find(struct str ecosystem);

/* The order by its own name, as in the table above ("dpkg"); NULL if there is none. */
const struct version_ops *version_ops_named(struct str name);

struct str version_ops_name(const struct version_ops *ops);

/* All orders, for tests and listings: NULL behind the last. */
const struct version_ops *version_ops_at(size_t index);

/* Reads a version. SW_EINVAL: it has no place in this order (a branch "dev-main" in composer's, a word
 * where a number must be); SW_ELIMIT: longer than VERSION_LENGTH_MAX, or a number is too large. */
int version_parse(const struct version_ops *ops, struct str text, struct arena *a,
                  struct version *ret_version, struct error *err);

/* The ecosystem's own tool accepts the text as a version. Narrower than version_parse for apk, dpkg and semantic
 * versions, which are ordered even where they are not quite valid. */
bool version_valid(const struct version_ops *ops, struct str text);

/* -1, 0 or 1; both were parsed by the same ops. */
int version_order(struct version a, struct version b);

/* Parses and compares: *ret_order is -1, 0 or 1. The message says which of the two could not be read. */
int version_compare(const struct version_ops *ops, struct str a, struct str b, int *ret_order,
                    struct error *err);

#endif
