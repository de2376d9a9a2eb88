/*
 * scan_fix.h - --fix and --write of "scan manifests": safe fixes shown as a diff, or made.
 *
 *   --fix             a unified diff of the fixes on standard output, in place of the report
 *   --fix --write     a first pass over the files makes the fixes; the scan that follows reports what
 *                     there is then, and beside it the findings that have been mended
 *   --fix --write -   the mended text on standard output, in place of the report
 *
 * A file is replaced as a whole, or not at all, keeps its mode, and is left alone if it has changed
 * since it was read. What is done is told on standard error.
 */
#ifndef SEAWALL_CMD_SCAN_FIX_H
#define SEAWALL_CMD_SCAN_FIX_H

#include "base/arena.h"
#include "base/map.h"
#include "cmd/outputs.h"
#include "cmd/verb.h"
#include "policy/manifest_scan.h"

/* Rows for the option table. */
#define SCAN_FIX_ROWS                                                                              \
  {.name = "fix", .help = "show safe fixes of the findings as a diff"},                            \
  {                                                                                                \
    .name = "write", .help = "with --fix: make the changes (\"-\": to standard output)"            \
  }

enum scan_fix_mode {
  SCAN_FIX_OFF,
  SCAN_FIX_SHOW,
  SCAN_FIX_WRITE,
  SCAN_FIX_FILTER,
};

struct scan_fix {
  enum scan_fix_mode mode;
  bool quiet, color, unicode, terminal;
  struct arena arena;           /* what is kept of mended findings */
  struct map files;             /* path -> struct finding_list of those */
  struct map rules;             /* id -> copy of a rule */
  uint64_t found, mended_files; /* fixes, and files that have one */
  uint64_t mended[SEVERITY_COUNT];
  uint64_t skipped;
  bool failed; /* something could not be written */
  struct error *err;
};

/* Reads the options, and takes standard output from the reports where it is needed. SW_EUSAGE. */
int scan_fix_open(struct scan_fix *fix, const struct arguments *args, struct outputs *outputs,
                  struct error *err);
void scan_fix_close(struct scan_fix *fix);

/* SCAN_FIX_WRITE: the first pass over the files of a scan. Its counts and tallies are not touched. */
int scan_fix_write(struct scan_fix *fix, const struct manifest_scan *scan, struct error *err);

/* A file on its way to the reports; `tell` gets it, with what has been mended among its findings. */
void scan_fix_file(struct scan_fix *fix, const struct report_file *file,
                   void (*tell)(void *ctx, const struct report_file *file), void *ctx);

/* The last words, and what has been mended taken out of the counts. */
void scan_fix_end(struct scan_fix *fix, struct report_summary *summary);

#endif
