/*
 * match_int.h - what the parts of matching share: match.c finds the advisories that mean a package, match_merge.c makes
 * one vulnerability of those that are the same, match_detail.c says how bad it is.
 */
#ifndef SEAWALL_SCAN_ADVISORY_MATCH_INT_H
#define SEAWALL_SCAN_ADVISORY_MATCH_INT_H

#include "base/map.h"
#include "base/vec.h"
#include "scan/advisory/database_int.h"
#include "scan/advisory/ecosystem.h"
#include "scan/advisory/match.h"

enum {
  MATCH_FIXES_MAX = 32,  /* that are told of one vulnerability */
  MATCH_GROUP_MAX = 64,  /* ids of one vulnerability */
  MATCH_BORROW_MAX = 16, /* advisories that are asked about a CVE whose own says too little */
};

struct match_ecosystem {
  uint64_t number;
  struct str name;
  struct str vendor; /* empty: a language's */
  const struct version_ops *ops;
  enum advisory_ecosystem_rank rank;
  bool by_source, by_binary; /* names that its packages go by */
};

struct match_ecosystems VEC_BODY(struct match_ecosystem);

/* An advisory that means a package: what it says of it, and where to move. */
struct match_hit {
  const struct match_ecosystem *ecosystem;
  uint64_t advisory;
  uint64_t cve; /* the one that it is about; 0: none or several */
  const struct advisory_record_head *head;
  struct advisory_record_affected affected;
  struct str fixed;
  struct str fixes[MATCH_FIXES_MAX]; /* of all branches, by version */
  size_t fix_count;
  size_t group; /* index of the first hit that is the same vulnerability */
};

/* Told by the package's distribution: none of these. */
struct match_denial {
  uint64_t advisory, cve;
};

struct matching {
  struct advisory_reader *reader;
  const struct os_release *os;
  struct arena *arena;  /* of what is found */
  struct arena scratch; /* for rows */
  struct arena kept;    /* for the call: heads */
  struct match_ecosystems system;
  struct match_ecosystem languages[PACKAGE_GENERIC + 1];
  struct map foreign; /* names of the system's packages that others built */
  bool looked_up[PACKAGE_GENERIC + 1], known[PACKAGE_GENERIC + 1];

  /* of the package at hand */
  const struct package *package;
  struct match_hits VEC_BODY(struct match_hit) hits;
  VEC(struct match_denial) denials;
  VEC(uint64_t) judged; /* CVEs that the release's own ecosystem says this version is free of */
  VEC(struct vulnerability) found;
  VEC(struct unreadable_version) unreadable;
};

/* Makes vulnerabilities of the hits of the package at hand. */
int match_merge(struct matching *m, struct error *err);

/* Fills in what a group of hits (first to last by preference) knows about the vulnerability v, whose id is set. */
int match_describe(struct matching *m, const struct match_hit *const *group, size_t count,
                   uint64_t cve, struct vulnerability *v, struct error *err);

#endif
