/*
 * finding.h - the one record for everything seawall reports.
 *
 * A rule says what is looked for, why it matters and how to mend it; it is
 * written once (compiled in, or loaded with a policy) and outlives all findings
 * that point to it. A finding says where a rule was found broken. Scans,
 * admission decisions, benchmarks of the cluster and runtime alerts all make
 * findings, and every report format shows them.
 *
 *     struct finding *f = finding_add(&list, &rule_host_network);
 *     f->subject = (struct subject){.kind = kind, .name = name};
 *     f->location = (struct location){.file = path, .line = 14, .column = 7};
 *     f->message = STR("host namespaces (hostNetwork=true)");
 *     finding_seal(f, STR_EMPTY);
 *
 * Ownership: a finding_list owns nothing but its array; texts are views into the
 * arena the list was made with (or into what outlives it).
 * Thread safety: a list belongs to one thread; rules are immutable and shared.
 */
#ifndef SEAWALL_FINDING_FINDING_H
#define SEAWALL_FINDING_FINDING_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "data/value.h"

#include <stdbool.h>
#include <stdint.h>

/* In ascending order. UNKNOWN is for what nobody has rated; it never reaches a threshold. */
enum severity {
  SEVERITY_UNKNOWN,
  SEVERITY_INFO,
  SEVERITY_LOW,
  SEVERITY_MEDIUM,
  SEVERITY_HIGH,
  SEVERITY_CRITICAL,
  SEVERITY_COUNT,
};

/* "unknown", "info", "low", "medium", "high", "critical". */
struct str severity_name(enum severity severity);

/* The severity of a name, without regard to case; false if it is none of the six. */
bool severity_from_name(struct str name, enum severity *ret);

/* A control of a compliance framework that a rule serves. */
struct control {
  struct str
      framework; /* short name: "pss-baseline", "pss-restricted", "nsa", "cis-kubernetes", "mitre" */
  struct str id; /* the framework's own number or name: "5.2.1" */
};

struct rule {
  struct str id;     /* stable, lower case with hyphens: "pss-host-namespaces" */
  struct str title;  /* one line, no full stop: "Containers share the host's namespaces" */
  struct str why;    /* why it matters, a sentence or a few, plain text */
  struct str remedy; /* what to do, plain text; may show the YAML to write */
  enum severity severity;
  const struct str *references; /* URLs */
  size_t reference_count;
  const struct control *controls;
  size_t control_count;
};

/* What a finding is about. Empty parts do not apply. */
struct subject {
  struct str api_version; /* "apps/v1" */
  struct str kind;        /* "Deployment" */
  struct str namespace;   /* as written; empty if the manifest names none */
  struct str name;        /* metadata.name, or generateName with "*" behind it */
  struct str container;   /* name of the container, if the finding is about one */
  struct value labels;    /* metadata.labels, for exceptions; not reported */
};

/* Where it is. */
struct location {
  struct str file;    /* as shown to people, "-" for standard input; empty: no file */
  uint32_t line;      /* from 1; 0: unknown */
  uint32_t column;    /* from 1, in Unicode characters; 0: unknown */
  uint32_t document;  /* number of the document in the file, from 0 */
  struct str pointer; /* JSON Pointer within the document; empty: its root */
};

/* The package that a vulnerability or a licence is found in, and what is known about the vulnerability. Empty
 * parts do not apply; numbers without a `has` are 0 where they are not known. */
struct finding_package {
  struct str type; /* "deb", "npm": the type of its package URL */
  struct str name, version;
  struct str source; /* the source package, where its name is another */
  struct str purl;
  struct str path;      /* the file it was found in, in the image or directory */
  struct str layer;     /* digest of the layer it came with; empty: none */
  bool base;            /* that layer is of the base image */
  struct str ecosystem; /* for people: "Debian 12", "npm" */
  struct str fixed;     /* the least version to move to; empty: there is none */
  struct str
      status; /* "affected", "fixed", "will not fix", "end of life", "fix deferred", "under investigation" */
  struct str license;
  const struct str *aliases; /* other ids of the vulnerability */
  size_t alias_count;
  struct str advisory_source; /* who says so: "Debian security tracker" */
  struct str severity_source;
  struct str cvss;      /* vector */
  uint32_t cvss_tenths; /* base score, 0 to 100 */
  bool exploited;       /* listed by CISA as known to be exploited */
  struct str exploited_since;
  bool has_epss;
  uint32_t epss, epss_percentile; /* millionths */
  struct str published, modified;
};

enum finding_state {
  FINDING_OPEN,
  FINDING_EXCEPTED, /* kept and counted, but not held against the user */
  FINDING_MENDED,   /* its fix has been written; told, not counted */
};

enum { FINGERPRINT_LEN = 32 };

struct finding {
  const struct rule *rule;
  enum severity severity; /* the rule's, unless the place makes it another */
  enum finding_state state;
  struct subject subject;
  struct location location;
  struct str message;  /* what is wrong here, one line */
  struct str evidence; /* the offending value as written, short; empty: none */
  struct str remedy;   /* what to do here; empty: the rule's */
  struct value fix;    /* a JSON Patch (RFC 6902) against the document; absent: none */
  const struct finding_package *package; /* NULL: it is about no package */
  struct str exception_reason;           /* why it is excepted */
  struct str exception_until;            /* "2026-12-31", or empty: for good */
  char fingerprint[FINGERPRINT_LEN + 1]; /* 32 hexadecimal digits */
};

struct finding_list {
  struct arena *arena;
  struct finding *items;
  size_t count, room;
};

/* Empty, taking its memory from the arena. */
void finding_list_init(struct finding_list *list, struct arena *arena);

/* A new finding at the end: open, of the rule's severity, all else empty. Valid until the next. */
struct finding *finding_add(struct finding_list *list, const struct rule *rule);

/* The remedy to show: the finding's own or the rule's. */
struct str finding_remedy(const struct finding *f);

/*
 * Computes the fingerprint: the same for the same fault in the same object on every run and every
 * machine, also when lines move, documents are reordered or other containers are added before this
 * one. It covers the rule's id, the file's name as shown, the subject, the pointer with the numbers
 * of array elements left out, and `evidence_key`, a text that tells faults at one such place apart
 * (the name of a volume, a capability); empty if there is nothing to tell apart.
 */
void finding_seal(struct finding *f, struct str evidence_key);

/*
 * Tells findings of one list whose fingerprints are equal apart by numbering them in order, so that
 * each fingerprint occurs once. Call it once, when the list of a file is complete.
 */
void finding_list_distinguish(struct finding_list *list);

/* Counts, for the end of a report and for the exit status. */
struct finding_counts {
  uint64_t open[SEVERITY_COUNT];
  uint64_t excepted[SEVERITY_COUNT];
};

void finding_count(struct finding_counts *counts, const struct finding_list *list);

/* Open findings at or above a severity. SEVERITY_UNKNOWN counts all. */
uint64_t finding_open_from(const struct finding_counts *counts, enum severity threshold);

#endif
