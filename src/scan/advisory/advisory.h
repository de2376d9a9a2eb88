/*
 * advisory.h - what somebody published about a vulnerability: the record that every importer makes of its
 * source, and the database keeps.
 *
 * One advisory names one vulnerability as one source sees it, and the packages it affects. Several sources write about the same
 * one; what they have in common are ids and aliases, by which findings are merged (scan/advisory/match.h).
 *
 * The shape follows the Open Source Vulnerability schema 1.7, which says most: other formats are turned into it
 * by their importers. Ecosystems are OSV's names ("Debian:12", "Alpine:v3.19", "Ubuntu:22.04:LTS", "npm",
 * "Red Hat:enterprise_linux:9::baseos").
 *
 * Ownership: plain data; texts are views of whatever the importer holds, valid during the call that hands the
 * record over. Thread safety: none needed.
 */
#ifndef SEAWALL_SCAN_ADVISORY_ADVISORY_H
#define SEAWALL_SCAN_ADVISORY_ADVISORY_H

#include "base/error.h"
#include "base/str.h"
#include "finding/finding.h"
#include "scan/version_range.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  ADVISORY_ID_MAX = 255,         /* bytes of an id or an alias */
  ADVISORY_ALIASES_MAX = 256,    /* of an advisory */
  ADVISORY_AFFECTED_MAX = 50000, /* packages of an advisory */
  ADVISORY_VERSIONS_MAX = 50000, /* listed one by one, of one package */
  ADVISORY_TEXT_MAX = 16384,     /* bytes of a description; longer ones are cut */
};

/* What whoever maintains the package says of it. */
enum advisory_status {
  ADVISORY_AFFECTED,     /* the ranges and versions decide */
  ADVISORY_NOT_AFFECTED, /* no version is, whatever others say of the same package and release */
  ADVISORY_WILL_NOT_FIX, /* affected, and left so: ignored, not worth it */
  ADVISORY_FIX_DEFERRED, /* affected; no fix yet, postponed or planned */
  ADVISORY_UNDER_INVESTIGATION,
  ADVISORY_END_OF_LIFE, /* affected, and left so, since the package or the release has no support any more */
};

struct advisory_event {
  enum version_event_kind kind;
  struct str version; /* as written; "0" of an "introduced": from the beginning */
};

struct advisory_range {
  const struct advisory_event *events;
  size_t count;
};

/* Ranges, versions and requirement together say which versions are meant. One that has none of them means every
 * version if its status says more than ADVISORY_AFFECTED, and otherwise none at all: the writer leaves it out. */
struct advisory_affected {
  struct str ecosystem;
  struct str name; /* for distributions the source package, unless `binary` */
  bool binary;     /* name is that of the binary package (Red Hat, AlmaLinux, SUSE, Amazon) */
  struct str architecture; /* only this one; empty: all */
  struct str module;       /* "nodejs:12": only packages of this module stream; empty: any */
  enum advisory_status status;
  enum severity
      severity; /* of this package in this release, by its distribution; SEVERITY_UNKNOWN: none said */
  struct str severity_text; /* in the distribution's own words; empty: none */
  struct str requirement;   /* a range in the words of scan/version_requirement.h; empty: none */
  const struct advisory_range *ranges; /* any of them affects */
  size_t range_count;
  const struct str *versions; /* and these versions */
  size_t version_count;
  struct str note;             /* why it is not affected or not fixed; empty: none */
  const struct str *functions; /* symbols that have to be called, where the source says so */
  size_t function_count;
};

struct advisory {
  struct str id; /* "CVE-2024-6387", "DSA-5724-1", "GHSA-..." */
  const struct str *aliases;
  size_t alias_count;
  const struct str
      *related; /* not the same vulnerability: not merged ("upstream" of OSV 1.7 counts as an alias
                                for distributions' records that are of one CVE) */
  size_t related_count;
  struct str title;
  struct str description;
  enum severity severity;   /* by the source; SEVERITY_UNKNOWN: none said */
  struct str severity_text; /* in its own words */
  const struct str *cvss;   /* vectors: "CVSS:3.1/AV:N/...", of version 2 without a prefix */
  size_t cvss_count;
  const struct str *cwes; /* "CWE-79" */
  size_t cwe_count;
  const struct str *references; /* URLs */
  size_t reference_count;
  struct str published, modified; /* RFC 3339, or a date; empty: not said */
  struct str withdrawn;           /* not empty: it is no vulnerability any more, and is not kept */
  const struct advisory_affected *affected;
  size_t affected_count;
};

/* What an importer hands its records to; an error ends the import. */
struct advisory_sink {
  int (*add)(void *ctx, const struct advisory *advisory, struct error *err);
  /* A vulnerability that is known to be exploited: date of the listing "2024-07-01". */
  int (*exploited)(void *ctx, struct str cve, struct str date, bool ransomware, struct error *err);
  /* Exploit Prediction Scoring System: both in millionths, 0 to 1,000,000. */
  int (*epss)(void *ctx, struct str cve, uint32_t score, uint32_t percentile, struct error *err);
  void *ctx;
};

#endif
