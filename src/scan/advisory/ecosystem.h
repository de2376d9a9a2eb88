/*
 * ecosystem.h - under which names advisories speak of a package: the ecosystems of a distribution's release, the
 * ecosystem of a language, and how a package is spelled there.
 *
 *     struct advisory_ecosystem names[ADVISORY_ECOSYSTEMS_MAX];
 *     size_t count = advisory_ecosystems_of_os(&os, &arena, names);
 *     for (size_t i = 0; i < count; i++)
 *       look_up(names[i].pattern, ...);
 *
 * Names are those of OSV ("Debian:12", "Ubuntu:22.04:LTS", "npm"); where OSV has none, those that seawall's importers
 * use in the same manner ("Amazon Linux:2", "Oracle Linux:8", "Photon OS:5.0"). A "*" in the pattern of a
 * distribution stands for any text: Red Hat and SUSE publish by product, of which a system has several.
 *
 * Ownership: texts live in the arena or in the program. Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_SCAN_ADVISORY_ECOSYSTEM_H
#define SEAWALL_SCAN_ADVISORY_ECOSYSTEM_H

#include "scan/os_release.h"
#include "scan/package.h"

#include <stdbool.h>

enum { ADVISORY_ECOSYSTEMS_MAX = 8 };

enum advisory_ecosystem_rank {
  ADVISORY_ECOSYSTEM_OWN, /* the release's */
  ADVISORY_ECOSYSTEM_EXTENDED, /* fixes for money (Ubuntu Pro): asked for what the release's own does not judge */
  ADVISORY_ECOSYSTEM_FALLBACK, /* of the distribution it is made of; only if the database lacks its own */
};

struct advisory_ecosystem {
  struct str pattern;
  enum advisory_ecosystem_rank rank;
};

/* The ecosystems of a release; 0: the distribution is unknown, or has none that anybody publishes for. */
size_t advisory_ecosystems_of_os(const struct os_release *os, struct arena *arena,
                                 struct advisory_ecosystem ret[static ADVISORY_ECOSYSTEMS_MAX]);

/* Whether an ecosystem's name is of a pattern. */
bool advisory_ecosystem_matches(struct str pattern, struct str name);

/* The ecosystem of a type that is no operating system's: "npm"; empty: nobody publishes for it. */
struct str advisory_ecosystem_of_type(enum package_type type);

/* A package's name as the ecosystem compares it: PEP 503 for PyPI; lower case for NuGet, Packagist, Pub, Hex
 * and SwiftURL; all others as they are. A view of name if nothing changes, else in the arena. */
struct str advisory_package_name(struct str ecosystem, struct str name, struct arena *arena);

/* Who speaks for a package of a distribution, short, as reports name where a severity is from: "debian", "redhat". Empty:
 * the ecosystem is no distribution's. */
struct str advisory_ecosystem_vendor(struct str ecosystem);

/*
 * The package was not built by the distribution it is installed on, so that what the distribution says about a
 * package of the same name is not about this one. By what the database of packages tells:
 *   rpm   a vendor that is none of the distribution's; a release marked by a repository that rebuilds packages (".remi")
 *   deb   a version marked by a repository that is known to use the distribution's source names for builds of its own
 *         ("nodesource", "deb.sury.org", ".pgdg")
 * An empty vendor, and all that is not known, counts as the distribution's own.
 */
bool advisory_package_is_foreign(const struct os_release *os, const struct package *p);

#endif
