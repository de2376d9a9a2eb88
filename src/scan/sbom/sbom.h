/*
 * sbom.h - a software bill of materials: what something consists of, written and read in the formats that
 * other tools exchange.
 *
 *     struct sbom sbom = {.subject = {.kind = SBOM_IMAGE, .name = reference, .digest = digest},
 *                         .os = analysis.os, .packages = items, .package_count = count,
 *                         .tool_version = STR(VERSION), .created = clock_wall_seconds(clock)};
 *     if (sbom_write(&sbom, sbom_format_named(STR("cyclonedx")), &out, &err) < 0) ...
 *
 *     if (sbom_read(text, NULL, &arena, &sbom, &err) < 0) ...
 *     advisory_match(db, &sbom.os, sbom.packages, sbom.package_count, ...)
 *     for (size_t i = 0; i < sbom.unmatched_count; i++)
 *         say(&sbom.unmatched[i]);              what nothing can be said about
 *
 * A format is a row (struct sbom_format): CycloneDX 1.6 (ECMA-424) and SPDX 2.3 (of which ISO/IEC 5962:2021 is
 * version 2.2.1) are written as JSON; CycloneDX 1.2 to 1.7 and SPDX 2.1 to 2.3 are read as JSON, SPDX also as
 * tag-value text. An in-toto statement around a document, and a DSSE or Sigstore envelope around that, are
 * taken off; their signatures are not verified, which `wrapped` says.
 *
 * What is written is valid against the formats' own schemas, and the same for the same sbom: the serial
 * number comes from the contents. Whoever wants reproducible documents passes SOURCE_DATE_EPOCH as `created`.
 * What seawall knows and the formats have no field for is written as properties "seawall:..." (CycloneDX) or
 * annotations (SPDX), and read back. No CPE is made up.
 *
 * What is read comes back as the packages that scanning the image itself would have given, as far as the
 * document says: from package URLs, from the properties and annotations with which Trivy and Syft tell source
 * packages, layers and paths, and from what SPDX has for it. The distribution is that of the component for
 * the operating system, else the one that the package URLs of its packages name most often. A component
 * without a package URL, or of a type that nothing is known about, cannot be held against advisories: it is
 * listed as unmatched, with the reason, unless it is no package in the first place (a file, a container, an
 * application that only groups others).
 *
 * Not carried over are the lists of files that packages own.
 *
 * Ownership: what sbom_read gives lives in the arena; the text may go away. sbom_write only looks.
 *
 * Limits: SBOM_SIZE_MAX bytes of text, SBOM_DEPTH_MAX components inside each other, PACKAGES_MAX components,
 * and the arena's own: SW_ELIMIT. SBOM_UNMATCHED_MAX unmatched components are kept, all are counted.
 *
 * Thread safety: all functions may be called from any thread, with an arena of its own.
 */
#ifndef SEAWALL_SCAN_SBOM_SBOM_H
#define SEAWALL_SCAN_SBOM_SBOM_H

#include "base/arena.h"
#include "base/error.h"
#include "base/sink.h"
#include "base/str.h"
#include "scan/advisory/match.h"
#include "scan/os_release.h"
#include "scan/package.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  SBOM_SIZE_MAX = 256 << 20,
  SBOM_DEPTH_MAX = 64,
  SBOM_LAYERS_MAX = 4096,
  SBOM_DEPENDENCIES_MAX = 4000000,
  SBOM_UNMATCHED_MAX = 1000,
};

/* What was looked at. */
enum sbom_kind {
  SBOM_UNKNOWN, /* only in what is read */
  SBOM_IMAGE,
  SBOM_DIRECTORY, /* a root file system or a project */
  SBOM_MACHINE,
};

struct sbom_layer {
  struct str digest;  /* as it is stored, "sha256:..."; empty: not known */
  struct str diff_id; /* of its unpacked tar, "sha256:..." */
};

struct sbom_subject {
  enum sbom_kind kind;
  struct str name;         /* reference of the image, path of the directory, name of the machine */
  bool name_is_path;       /* of an image: no reference is known, so it has no package URL */
  struct str digest;       /* of the image's manifest, "sha256:..."; empty: not known */
  struct str image_id;     /* of its configuration, "sha256:..."; empty: not known */
  struct str architecture; /* "amd64", "arm64/v8"; empty: not known */
  const struct str *tags;  /* "registry.example/shop/web:1.4" */
  size_t tag_count;
  const struct str *digests; /* "registry.example/shop/web@sha256:..." */
  size_t digest_count;
  const struct sbom_layer *layers; /* from the base up; struct package's layer counts in them */
  size_t layer_count;
};

/* A package needs another; numbers in packages. */
struct sbom_dependency {
  uint32_t package, needs;
};

/* A vulnerability, and what was decided about it. */
struct sbom_vulnerability {
  const struct vulnerability *vulnerability; /* its package is one of packages */
  /* In CycloneDX's words: "not_affected", "resolved", "in_triage", "exploitable", "false_positive"; empty:
   * nothing was decided. */
  struct str state;
  struct str justification; /* CycloneDX's: "code_not_reachable"; empty: none */
  struct str detail;        /* why, for people; empty: none */
};

/* Why nothing can be said about a component. */
struct sbom_unmatched {
  struct str name, version, purl; /* as far as it has them */
  struct str why;                 /* "it has no package URL" */
};

struct sbom {
  struct sbom_subject subject;
  struct os_release os; /* all empty: none known */
  const struct package *packages;
  size_t package_count;
  const struct sbom_dependency *dependencies; /* those between packages, as far as known */
  size_t dependency_count;
  const struct sbom_vulnerability *vulnerabilities; /* written to CycloneDX only; not read */
  size_t vulnerability_count;
  struct str tool_version; /* written: seawall's */
  int64_t created;         /* seconds since the epoch; what is read: 0 if it does not say */

  /* Only in what is read. */
  const struct sbom_format *format; /* which it was */
  struct str format_version;        /* "1.5", "SPDX-2.3" */
  struct str tool;                  /* what made it: "trivy 0.58.0"; empty: not said */
  struct str serial;                /* its serial number or namespace; empty: none */
  bool wrapped;                     /* it was inside a statement, whose signature nobody verified */
  const struct sbom_unmatched *unmatched;
  size_t unmatched_count; /* of those kept */
  size_t unmatched_total;
};

struct value;

struct sbom_format {
  const char *name;        /* "cyclonedx" */
  const char *description; /* one line, for help */
  /* NULL: it is only read. */
  int (*write)(const struct sbom *sbom, struct sink *out, struct error *err);
  /* Whether a JSON document, or a text that is none (then json is absent), is of it. */
  bool (*detect)(struct value json, struct str text);
  int (*read)(struct value json, struct str text, struct arena *arena, struct sbom *io_sbom,
              struct error *err);
};

extern const struct sbom_format *const sbom_formats[]; /* ended by NULL */

/* By name: "cyclonedx" (or "cyclonedx-json"), "spdx-json" (or "spdx"), "spdx-tag-value" (only read); NULL if
 * there is none. */
const struct sbom_format *sbom_format_named(struct str name);

/* Whether a text begins as one of the formats' documents do, or as an envelope around one; for
 * finding out what a file is. head: its first bytes, a few KiB are enough. */
bool sbom_detect(struct str head);

/*
 * Appends the document, ended by a newline. SW_EUSAGE: the format is only read, or a number in sbom
 * points nowhere. Errors of the sink come with sink_finish.
 */
int sbom_write(const struct sbom *sbom, const struct sbom_format *format, struct sink *out,
               struct error *err);

/*
 * Reads a document. format NULL: found out. A byte order mark in front is passed over. SW_EINVAL: it
 * is of no known format, of a version that is not read, or broken as a whole; with line and column
 * where it is no JSON. A component that cannot be read is listed as unmatched.
 */
int sbom_read(struct str text, const struct sbom_format *format, struct arena *arena,
              struct sbom *ret_sbom, struct error *err);

#endif
