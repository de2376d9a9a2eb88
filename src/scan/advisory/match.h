/*
 * match.h - packages held against the database of advisories.
 *
 *     if (advisory_match(db, &analysis->os, packages, count, &arena, &found, &err) < 0) ...
 *     for (size_t i = 0; i < found.count; i++)
 *         report(&found.items[i]);
 *
 * Packages of an operating system are looked up by their source package (or their own name, where advisories go by
 * that) and the release of the distribution; those of languages by ecosystem and name. Every advisory that means the installed
 * version gives a vulnerability; those that are the same one by their ids and aliases are merged into one for
 * each package, named by its CVE if it has one. What the distribution says about a package of its own comes first: its
 * severity, its "not affected", its fix.
 *
 * What counts, and what does not:
 *   releases   a distribution's ecosystems are those of scan/advisory/ecosystem.h. Fixes for money (Ubuntu Pro) are told
 *              where the release's own data does not call the version free of the vulnerability
 *   versions   of the source package where advisories go by its name, of the package itself where they go by that. The
 *              epoch of a source rpm of another name is nowhere, and taken to be the one that the fix has
 *   modules    an rpm is held against advisories of its own module stream; without a label its version says which that
 *              may be, and a fix that was built as part of a module is none for a package that was not
 *   kernels    Debian's and Ubuntu's signed ones are judged as the kernel they are signed from
 *   Go         the standard library is the module "stdlib". A module of a later major version is looked up under its
 *              own path, and under that of its first for branches that begin with that major version. What a builder put
 *              behind the number of a release of Go makes it no earlier one
 *   others'    packages that the database of packages says somebody else built count as uncovered
 *   builds     of one version (a gem's for a platform, a wheel's with a local label) are that version
 *   files      a package of a language whose file belongs to a package of the distribution (package.owner) is that
 *              package's: the distribution mends it without changing its version
 *   fixes      the end of the branch that the version is on, if no other range of the advisory affects that version; else
 *              the next one that is free, be it of a later branch
 *   severity   the distribution's about its package, then about the vulnerability; GitHub's word; the band of the newest
 *              CVSS vector; anybody's word. A distribution that gives none borrows from advisories about the same CVE
 *              that are no other distribution's
 *
 * What cannot be decided is not passed over: a version that has no place in its order is told in `unreadable`, if there
 * is any advisory about a package of that name.
 *
 * Ownership: what is found lives in the arena and refers to the packages. Thread safety: any number of threads
 * with one database.
 */
#ifndef SEAWALL_SCAN_ADVISORY_MATCH_H
#define SEAWALL_SCAN_ADVISORY_MATCH_H

#include "scan/advisory/advisory.h"
#include "scan/os_release.h"
#include "scan/package.h"

struct advisory_database;

struct vulnerability {
  const struct package *package;
  struct str id; /* "CVE-2024-6387", else the id of the best advisory */
  const struct str
      *aliases; /* the other ids it has, and a distribution's bulletins about it; sorted */
  size_t alias_count;
  struct str source; /* the name of the source that decided: "Debian security tracker" */
  struct str title, description;
  enum severity severity;
  struct str severity_source; /* who says so: "debian", "nvd", "ghsa" ... */
  struct str cvss;            /* the vector that was used; empty: none */
  uint32_t cvss_tenths;       /* its base score, 0 to 100 */
  enum advisory_status status;
  struct str fixed;     /* the least version to move to; empty: there is none */
  struct str fixed_all; /* of all branches, "1.2.9, 1.3.4"; empty: none */
  bool exploited;       /* listed by CISA as known to be exploited */
  bool ransomware;
  struct str exploited_since; /* date of the listing */
  bool has_epss;
  uint32_t epss, epss_percentile; /* millionths */
  const struct str *cwes;
  size_t cwe_count;
  const struct str *references;
  size_t reference_count;
  struct str published, modified;
};

/* A package of which it cannot be said. */
struct unreadable_version {
  const struct package *package;
  struct str message;
};

struct vulnerability_list {
  struct vulnerability *items; /* by package, then by severity (highest first), then by id */
  size_t count;
  struct unreadable_version *unreadable;
  size_t unreadable_count;
  size_t covered; /* packages whose ecosystem and release the database knows */
  size_t
      uncovered; /* the others: nothing is known about them, which is not the same as nothing wrong */
};

/* os may have no family. Errors: those of the database (SW_EINVAL damaged, SW_EIO), SW_ELIMIT. */
int advisory_match(struct advisory_database *db, const struct os_release *os,
                   const struct package *packages, size_t count, struct arena *arena,
                   struct vulnerability_list *ret, struct error *err);

#endif
