/*
 * economy.h - what of an image is its base and what the application, and what would make it better at the least cost.
 *
 *     struct economy_base base;
 *     economy_base_find(&base_facts, &base);              which of the layers are the base, and how that is known
 *     economy_share(&base, &content, &shares);            packages, bytes, vulnerabilities: base and own
 *     economy_upgrades(vulnerabilities, count, &arena, &upgrades);   which upgrade removes most, the best first
 *     economy_reduce(&content, &reduction);               what a distroless base would not have
 *     economy_judge(&economy, &target, &findings);
 *
 * Pure functions over arrays: nothing is read, and nothing but what is given is looked at.
 *
 * A package's layer is taken as the first that has it. Databases of packages are files that each layer replaces as a whole,
 * so a caller that knows of the last layer only gives that, and the base's share comes out too small; `first_layer` is asked
 * where it is given.
 *
 * Ownership: results are views of what was given and live in the arena. Thread safety: any number of threads.
 */
#ifndef SEAWALL_SCAN_CHECK_ECONOMY_H
#define SEAWALL_SCAN_CHECK_ECONOMY_H

#include "finding/finding.h"
#include "oci/manifest.h"
#include "scan/check/target.h"
#include "scan/os_release.h"
#include "scan/package.h"

/* ---- the base */

/* A base that the user or a configuration names. */
struct economy_known_base {
  struct str name;            /* "registry.example/base:3" */
  const struct str *diff_ids; /* of its layers, from the bottom */
  size_t diff_id_count;
};

enum economy_evidence {
  ECONOMY_UNKNOWN,
  ECONOMY_LAYERS,       /* its layers are the image's lowest */
  ECONOMY_LABELS,       /* org.opencontainers.image.base.name and .digest */
  ECONOMY_HISTORY,      /* where the history has the end of an earlier image */
  ECONOMY_DISTRIBUTION, /* the layers up to the one that brought the distribution: there may be more */
};

struct economy_base {
  enum economy_evidence evidence; /* of name and layers the better */
  struct str name;                /* empty: unknown */
  struct str digest;              /* of its manifest, by the label; empty: unknown */
  size_t layers;                  /* how many of the image's layers are its; 0: unknown */
};

struct economy_base_facts {
  const struct oci_config *config; /* diff_ids, labels, history */
  const struct economy_known_base *known;
  size_t known_count;
  const struct os_release *os; /* NULL: unknown */
  uint32_t os_layer;           /* the first layer that has its os-release */
};

/* What is known of the base. Of several known bases that of most layers; else the number of layers from the history, if
 * it agrees with the number of diff_ids; else by the distribution. An image of one layer has no base by the last two. */
void economy_base_find(const struct economy_base_facts *facts, struct economy_base *ret);

/* ---- shares */

struct economy_vulnerability {
  const struct package *package;
  struct str id;
  struct str fixed; /* the least version without it; empty: there is none */
  enum severity severity;
};

struct economy_content {
  const struct package *packages;
  size_t package_count;
  const uint32_t *first_layer; /* of each package; NULL: package.layer */
  const struct economy_vulnerability *vulnerabilities;
  size_t vulnerability_count;
  const uint64_t *layer_bytes; /* unpacked bytes of each layer; NULL: unknown */
  size_t layer_count;
};

struct economy_part {
  uint64_t base, own;
};

struct economy_shares {
  struct economy_part packages, bytes, vulnerabilities, fixable;
};

/* Without a number of base layers everything is the image's own. */
void economy_share(const struct economy_base *base, const struct economy_content *content,
                   struct economy_shares *ret);

/* ---- upgrades */

enum { ECONOMY_UPGRADES_MAX = 1000 };

/* A package of a version that is brought to another: for systems the source package with all that is built of it. */
struct economy_upgrade {
  enum package_type type;
  struct str name, version; /* what is there */
  struct str target;        /* the highest of the versions that fix something */
  uint64_t removed;         /* vulnerabilities, each counted once for all packages of the source */
  uint64_t by_severity[SEVERITY_COUNT];
};

struct economy_upgrades {
  struct economy_upgrade
      *items;            /* those that remove most first; of equals those that remove worse */
  size_t count;          /* at most ECONOMY_UPGRADES_MAX */
  uint64_t fixable, all; /* vulnerabilities: that a known upgrade removes, and altogether */
};

void economy_upgrades(const struct economy_vulnerability *vulnerabilities, size_t count,
                      struct arena *arena, struct economy_upgrades *ret);

/* ---- what is not needed */

enum economy_purpose {
  ECONOMY_SHELL,
  ECONOMY_PACKAGE_MANAGER,
  ECONOMY_ACCOUNTS,    /* login, passwd, sudo */
  ECONOMY_SYSTEM,      /* init, mount, file systems, kernel modules */
  ECONOMY_TOOLS,       /* coreutils, grep, tar: what shell scripts call */
  ECONOMY_DOWNLOADS,   /* curl, wget, network tools */
  ECONOMY_DEVELOPMENT, /* compilers, headers, version control */
  ECONOMY_DOCUMENTS,
  ECONOMY_PURPOSES,
};

/* "shells", "package managers", ... */
struct str economy_purpose_name(enum economy_purpose purpose);

/* What a package of a system is for that a service does without; false: it may be needed (libraries, interpreters,
 * certificates, time zones), or is unknown. Packages of languages are never meant. */
bool economy_purpose_of(enum package_type type, struct str name, enum economy_purpose *ret);

struct economy_reduction {
  struct economy_group {
    uint64_t packages, vulnerabilities;
    struct str example; /* the name of the first */
  } groups[ECONOMY_PURPOSES];
  uint64_t packages, vulnerabilities;
  uint64_t by_severity[SEVERITY_COUNT];
};

/* What is gone on a base that has libraries and nothing to work with (distroless, scratch). */
void economy_reduce(const struct economy_content *content, struct economy_reduction *ret);

/* ---- findings */

struct economy {
  const struct os_release *os; /* NULL: unknown */
  int64_t now;                 /* seconds since 1970; 0: the end of life is not judged */
  const struct economy_upgrades *upgrades;   /* NULL: not told */
  const struct economy_reduction *reduction; /* likewise */
};

/* The end of life of the distribution, the upgrade that helps most, and what a smaller base would leave out. */
void economy_judge(const struct economy *economy, const struct check_target *target,
                   struct finding_list *findings);

/* Whether there is enough to hold a rule of economy_rules against it: of a release whose dates are not known nothing has
 * been passed. */
bool economy_asks(const struct economy *economy, const struct rule *rule);

extern const struct rule economy_rules[];
extern const size_t economy_rule_count;

#endif
