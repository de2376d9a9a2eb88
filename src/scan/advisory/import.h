/*
 * import.h - the formats that advisories come in, a row each.
 *
 *     const struct advisory_format *format = advisory_format_named(STR("debian-tracker"));   or
 *     format = advisory_format_detect(path, head);
 *     rc = advisory_import(fd, path, format, &sink, &faults, &err);
 *
 * Rows: osv (one JSON document, JSON lines, a zip or tar of documents as osv.dev publishes an ecosystem; Debian,
 * Ubuntu, AlmaLinux, Alpine, GHSA, Go, RustSec, PyPA ... are sources of it), debian-tracker (data/json of the security
 * tracker), alpine-secdb, csaf (Red Hat's CSAF advisories and VEX), kev (CISA), epss (CSV), and ... . Anything may be
 * compressed with gzip or zstd. A file is read piece by piece where the format allows it; memory does not
 * grow with the number of records.
 *
 * A record that cannot be read is told to `unreadable` and passed over; the rest is imported. Errors of the file as
 * a whole (not this format, cut off, beyond a limit) end it.
 *
 * Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_SCAN_ADVISORY_IMPORT_H
#define SEAWALL_SCAN_ADVISORY_IMPORT_H

#include "oci/unpack.h"
#include "scan/advisory/advisory.h"

struct advisory_import {
  struct str name; /* of the file or URL, for messages */
  const struct advisory_sink *sink;
  void (*unreadable)(void *ctx, struct str id, const struct error *why);
  void *ctx;
  struct arena *arena;   /* lives as long as the import */
  struct str ret_date;   /* when the source says it was made, if it says so: a text of the arena */
  uint64_t ret_left_out; /* records about no vulnerability: updates that mend other faults */
  uint64_t ret_record;   /* where the record begins that was read last, for those without an id */
};

struct advisory_format {
  const char *name;        /* "osv" */
  const char *description; /* one line, for help */
  /* Whether a file with this name and these first bytes (unpacked) is of it. */
  bool (*detect)(struct str name, struct str head);
  int (*import)(struct advisory_import *import, const struct oci_input *unpacked,
                struct error *err);
};

extern const struct advisory_format *const advisory_formats[]; /* ended by NULL */
const struct advisory_format *advisory_format_named(struct str name);
const struct advisory_format *advisory_format_detect(struct str name, struct str head);

/* Unpacks and imports. format NULL: found out by name and first bytes. SW_EINVAL: of no known format. */
int advisory_import_read(struct advisory_import *import, const struct advisory_format *format,
                         struct oci_input input, struct error *err);

#endif
