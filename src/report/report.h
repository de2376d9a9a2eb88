/*
 * report.h - findings told to people and programs, one format a row.
 *
 * A report is a stream: begin, then each file in the order of the walk, then end
 * with the summary. Findings are not kept between files, so memory does not grow
 * with their number; formats that want totals put them last. What could not be
 * read and what was left out is kept in a compact form (report/held.h), because
 * most formats tell it behind the findings.
 *
 *     const struct report_format *format = report_format_find(STR("json"));
 *     struct report *r = report_new(format, &options, sink);
 *     report_file(r, &file);  ... once for each file
 *     if (report_end(r, &summary, &err) < 0 || sink_finish(sink, &err) < 0) ...
 *     report_free(r);
 *
 * Texts of findings, names and messages may hold any bytes: every format escapes
 * what would break it, mislead a terminal or give a command to whoever reads it.
 * docs/report.md describes the formats.
 *
 * Errors in writing are remembered by the sink (base/sink.h) and told once, by
 * report_end.
 * Thread safety: a report belongs to one thread.
 */
#ifndef SEAWALL_REPORT_REPORT_H
#define SEAWALL_REPORT_REPORT_H

#include "base/mem.h"
#include "base/sink.h"
#include "finding/finding.h"
#include "finding/framework.h"

/* Something that could not be read or judged. It makes the exit status 2. */
struct report_error {
  struct str file;
  uint32_t line, column; /* 0: unknown */
  struct str message;
};

/* Something that was left out on purpose, with the reason. */
struct report_skip {
  struct str file;
  uint32_t line; /* of the document that was left out; 0: the whole file */
  struct str reason;
};

/* One file (or another unit of work) with all that is to be said of it. */
struct report_file {
  struct str path; /* as shown */
  struct str text; /* its text, for quoting; empty: not at hand */
  const struct finding_list *findings;
  const struct report_error *errors;
  size_t error_count;
  const struct report_skip *skips;
  size_t skip_count;
  const struct str *notes; /* lines about the whole, for people */
  size_t note_count;
  uint64_t documents; /* documents that were read */
  uint64_t objects;   /* Kubernetes objects in them, lists taken apart */
};

struct report_summary {
  struct finding_counts counts;
  uint64_t files; /* read */
  uint64_t documents;
  uint64_t objects;
  uint64_t judged; /* objects that a check looked at */
  uint64_t errors;
  uint64_t skipped;
  uint64_t exceptions_unused;
  uint64_t failing; /* open findings at or above fail_on, and those that fail for another reason */
  uint64_t failing_besides; /* of these the latter */
  const struct framework_summary
      *frameworks; /* how the scan stands against them; NULL: not asked */
  size_t framework_count;
};

struct report_options {
  struct str target;       /* what was scanned, as the user wrote it */
  struct str tool_version; /* "0.1.0" */
  struct str policy;       /* what was held against it: "Pod Security restricted, latest" */
  struct str started;      /* RFC 3339, UTC */
  enum severity fail_on;
  bool fail_never;      /* findings do not decide the exit status; fail_on says nothing */
  bool fail_on_ignored; /* no severity fails, only what the next two say; fail_on says nothing */
  struct str fail_text; /* as the user wrote all of it; empty: the severity's name */
  bool
      fail_exploited; /* vulnerabilities that are known to be exploited fail, whatever their severity */
  uint32_t fail_epss;      /* and those from this probability up, in millionths; 0: none */
  enum severity show_from; /* findings below are counted but not shown */
  bool packages;           /* objects are packages, and files images, in what people read */
  struct str nothing; /* what to say if nothing was judged; empty: that no object holds a pod */
  bool color;         /* the table may use colours */
  bool unicode;       /* the table may use characters beyond ASCII */
  bool quiet;         /* the table shows findings and errors only */
  unsigned width;     /* columns of the terminal; 0: no limit. Fewer than 40 count as 40 */
};

struct report;

struct report_format {
  const char *name;        /* "table", "json", "sarif", "junit", "markdown", "github" */
  const char *description; /* for --help, one line */
  size_t size;             /* bytes of the format's state, which begins all zero */
  void (*begin)(void *state, struct sink *out, const struct report_options *options);
  void (*file)(void *state, struct sink *out, const struct report_options *options,
               const struct report_file *file);
  void (*end)(void *state, struct sink *out, const struct report_options *options,
              const struct report_summary *summary);
  void (*release)(void *state); /* gives back what the state holds; NULL: nothing */
};

/* All formats, ended by NULL; the first is what people get who say nothing. */
extern const struct report_format *const report_formats[];

/* The format of a name; NULL if there is none. */
const struct report_format *report_format_find(struct str name);

/* A report into a sink, which must outlive it; writes the beginning. The options are copied, their
 * texts are not. */
struct report *report_new(const struct report_format *format, const struct report_options *options,
                          struct sink *out);

void report_file(struct report *r, const struct report_file *file);

/* Writes the end and flushes the sink, which the caller then finishes (sink_finish: a file appears).
 * Errors: what the sink met (SW_EIO, ...). */
int report_end(struct report *r, const struct report_summary *summary, struct error *err);

void report_free(struct report *r);
MEM_DEFINE_CLEANUP(struct report, report_free)

#endif
