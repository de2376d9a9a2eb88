/*
 * scan_common.h - what every verb that scans has in common: thresholds, reports, configuration, exceptions.
 *
 *     static const struct option options[] = {..., SCAN_COMMON_ROWS, ..., SCAN_QUIET_ROW, {0}};
 *
 *     struct scan_common common;
 *     scan_common_init(&common, args, &err);
 *     common.options.policy = ...;
 *     if (scan_common_operands(&common, "nothing to scan: name a file", &err) < 0 ||
 *         scan_common_configure(&common, &err) < 0 || scan_common_thresholds(&common, &err) < 0 ||
 *         outputs_choose(&common.outputs, args, &err) < 0 ||
 *         outputs_begin(&common.outputs, &common.options, &err) < 0) ...
 *     for each file or image: exceptions_apply(common.config.exceptions, &findings), finding_count(...),
 *                             outputs_file(&common.outputs, &file)
 *     status = scan_common_end(&common, &summary);
 *     scan_common_free(&common);
 *
 * Flags win over the configuration, and that over defaults; errors name which of them is wrong.
 * Verbs of one thread; ownership: scan_common_free gives back all that a struct scan_common holds.
 */
#ifndef SEAWALL_CMD_SCAN_COMMON_H
#define SEAWALL_CMD_SCAN_COMMON_H

#include "base/clock.h"
#include "base/progress.h"
#include "cmd/config.h"
#include "cmd/outputs.h"
#include "cmd/verb.h"
#include "data/glob.h"
#include "report/report.h"

extern const char *const scan_severity_values[];
extern const char *const scan_fail_values[];
extern const char *const scan_format_values[];

/* Rows for the option table. */
#define SCAN_REPORT_ROWS                                                                           \
  {.name = "severity",                                                                             \
   .argument = "SEVERITY",                                                                         \
   .help = "show findings from this severity up (default low)",                                    \
   .values = scan_severity_values},                                                                \
      {.name = "format",                                                                           \
       .letter = 'f',                                                                              \
       .argument = "FORMAT",                                                                       \
       .help = "report on standard output (default table)",                                        \
       .values = scan_format_values,                                                               \
       .repeatable = true},                                                                        \
      {.name = "output",                                                                           \
       .letter = 'o',                                                                              \
       .argument = "FORMAT=FILE",                                                                  \
       .help = "write a report into a file besides; may be repeated",                              \
       .complete = COMPLETE_FILES,                                                                 \
       .repeatable = true},                                                                        \
      {.name = "config",                                                                           \
       .letter = 'c',                                                                              \
       .argument = "FILE",                                                                         \
       .help = "configuration and exceptions (default " CONFIG_FILE " here, if there is one)",     \
       .complete = COMPLETE_FILES},                                                                \
  {                                                                                                \
    .name = "no-config", .help = "read no configuration, so that nothing is excepted"              \
  }

#define SCAN_COMMON_ROWS                                                                           \
  SCAN_REPORT_ROWS,                                                                                \
  {                                                                                                \
    .name = "fail-on", .argument = "SEVERITY",                                                     \
    .help = "exit with 1 for findings from this severity up (default high)",                       \
    .values = scan_fail_values                                                                     \
  }

#define SCAN_QUIET_ROW                                                                             \
  {                                                                                                \
    .name = "quiet", .letter = 'q', .help = "findings and errors only; no progress, no hints"      \
  }

struct scan_common {
  const struct arguments *args;
  struct buf target; /* the operands */
  VEC(const struct glob_exclude *) exclude;
  struct config config;
  const char *config_path; /* the file that was read; NULL: none */
  struct outputs outputs;
  struct report_options options; /* target and policy are the verb's */
  int64_t now;                   /* seconds since 1970, for all that depends on the day */
  char started[CLOCK_TEXT];
};

/* Everything unsaid; sets the time, and what the terminal can show. SW_EUSAGE: $SOURCE_DATE_EPOCH is no time; what is set
 * can be used and freed all the same. */
int scan_common_init(struct scan_common *common, const struct arguments *args, struct error *err);
void scan_common_free(struct scan_common *common);

/* Reads --config, or the file that lies here. SW_EUSAGE; else errors of config_read. */
int scan_common_configure(struct scan_common *common, struct error *err);

/* What is to be scanned, as the report's target: `nothing` is the error if there is no operand. "-" may be given once. SW_EUSAGE. */
int scan_common_operands(struct scan_common *common, const char *nothing, struct error *err);

/* Reads --exclude, and scan.exclude of the configuration, into common->exclude. SW_EINVAL, SW_ELIMIT: no pattern. */
int scan_common_exclude(struct scan_common *common, struct error *err);

/* Reads --severity and --fail-on: a severity, "never", and, with commas between them, "kev" and "epss=0.1". SW_EUSAGE. */
int scan_common_thresholds(struct scan_common *common, struct error *err);

/* A flag's value, else the configuration's (whose errors then name it), else the default. */
struct scan_setting {
  const char *value;
  const char *where; /* for errors: "--level" or ".seawall.yaml: scan.level" */
};

/* key is the configuration's name of it below "scan"; where is the text's memory. */
struct scan_setting scan_common_setting(const struct scan_common *common, const char *flag,
                                        const char *key, const char *configured,
                                        const char *otherwise, char where[static 96]);

/* Starts the progress of a task on standard error, if anybody is to see it. */
void scan_common_progress(const struct scan_common *common, struct progress *progress,
                          const char *label, enum progress_unit unit, uint64_t total);

/* The registries that images and bases may come from (allowedRegistries), in the configuration's arena. 0: from any. */
size_t scan_common_registries(struct scan_common *common, const struct str **ret_list);

/* Tells the exceptions that have ended as findings of the configuration, and counts them. */
void scan_common_expired(struct scan_common *common, struct report_summary *summary);

/* Adds a list to the counts of the summary, and what of it fails by other things than its severity. */
void scan_common_count(const struct scan_common *common, const struct finding_list *findings,
                       struct report_summary *summary);

/* Counts what fails, and writes the ends of all reports: an exit status. Findings, errors and the rest are
 * in the summary. */
int scan_common_end(struct scan_common *common, struct report_summary *summary);

#endif
