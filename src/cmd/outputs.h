/*
 * outputs.h - the reports a scan writes: one to standard output, others to files.
 *
 * --format F names what goes to standard output (table, if nothing else is said),
 * --output F=FILE writes a report into a file besides. A --format that also has an
 * --output goes only there.
 *
 * Ownership: outputs_free releases everything; files that were not finished do not
 * appear.
 */
#ifndef SEAWALL_CMD_OUTPUTS_H
#define SEAWALL_CMD_OUTPUTS_H

#include "base/sink.h"
#include "base/vec.h"
#include "cmd/verb.h"
#include "report/report.h"

struct output {
  const struct report_format *format;
  const char *path; /* NULL: standard output */
  struct sink sink;
  struct report *report;
};

struct outputs {
  VEC(struct output *) list;
};

/* Reads --format and --output. Errors: SW_EUSAGE. */
int outputs_choose(struct outputs *outputs, const struct arguments *args, struct error *err);

/* Opens the files and writes the beginning of each report. */
int outputs_begin(struct outputs *outputs, const struct report_options *options, struct error *err);

void outputs_file(struct outputs *outputs, const struct report_file *file);

/* Hands what standard output has been given so far to the system. Errors are told at the end. */
void outputs_flush(struct outputs *outputs);

/* Writes the ends. Every output is finished, also when another fails; each failure is told, but for a
 * reader of standard output that went away. */
int outputs_end(struct outputs *outputs, const struct report_summary *summary);

void outputs_free(struct outputs *outputs);

#endif
