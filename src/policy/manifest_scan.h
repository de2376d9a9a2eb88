/*
 * manifest_scan.h - policies held against manifests in files.
 *
 * Paths are walked (base/walk.h), each file is read and judged by one of a few
 * workers, and the results are handed over in the order of the walk, so that the
 * same tree gives the same report however many workers there are. A result is
 * gone when the call that hands it over returns: memory depends on the largest
 * files and the number of workers, not on how many files there are.
 *
 * With a rule library, its set rules are asked when all files have been handed over; what they find is
 * handed over behind, once for each file that it is about, without the file's text.
 *
 * What is not a manifest is named with a reason (skips); what cannot be read or
 * parsed is an error of its file, or of its document, and hides nothing else.
 *
 * Thread safety: one call at a time for one struct manifest_scan; the callback
 * runs on the calling thread.
 */
#ifndef SEAWALL_POLICY_MANIFEST_SCAN_H
#define SEAWALL_POLICY_MANIFEST_SCAN_H

#include "base/error.h"
#include "data/glob.h"
#include "finding/exception.h"
#include "policy/podsecurity.h"
#include "policy/rule_library.h"
#include "report/report.h"

enum {
  MANIFEST_SIZE_MAX = 256 << 20, /* bytes of a file */
  MANIFEST_MEMORY_MAX = 1 << 30, /* bytes of the values of one file */
  MANIFEST_ERRORS_MAX = 1000,    /* errors told of one file; the last says that there are more */
};

/* What one rule has to say of a scan. */
struct rule_tally {
  bool judged; /* it was held against something */
  uint64_t open, excepted;
};

struct manifest_scan {
  const char *const *paths; /* "-": standard input */
  size_t path_count;
  const struct glob_exclude *const *exclude; /* below a directory that was named, matched against
                                                the path as shown and relative to that directory */
  size_t exclude_count;
  struct exception_set *exceptions; /* NULL: none */
  const char *config_file;          /* a file to pass over as seawall's own; NULL: none */
  struct podsecurity_target target;
  struct rule_library *rules; /* NULL: Pod Security alone */
  unsigned jobs;              /* 0: as many as there are processors */

  struct rule_tally *tallies; /* one for each rule of the library, zeroed; NULL: nobody counts */

  /* Takes a result; it is valid during the call. */
  void (*file)(void *ctx, const struct report_file *file);
  void *ctx;
};

/*
 * Scans. *ret_summary counts what was handed over (`failing` and `exceptions_unused` are the
 * caller's). Errors here are those that end the whole scan; those of single files are in the
 * results.
 */
int manifest_scan_run(const struct manifest_scan *scan, struct report_summary *ret_summary,
                      struct error *err);

#endif
