/*
 * report_int.h - what the formats share.
 */
#ifndef SEAWALL_REPORT_REPORT_INT_H
#define SEAWALL_REPORT_REPORT_INT_H

#include "report/held.h"
#include "report/report.h"

extern const struct report_format report_format_table;
extern const struct report_format report_format_json;
extern const struct report_format report_format_sarif;
extern const struct report_format report_format_junit;
extern const struct report_format report_format_markdown;
extern const struct report_format report_format_github;

/* Is the finding shown, under --severity? */
bool report_shows(const struct report_options *options, const struct finding *f);

/* "Deployment shop/web, container app"; nothing for an empty subject. Raw text: escape it. */
void report_subject(struct buf *out, const struct subject *s);

/* "3 findings at or above high (--fail-on high)" and its like: what decides the exit status. ASCII,
 * no input in it. */
void report_verdict(struct buf *out, const struct report_options *options,
                    const struct report_summary *summary);

/* "2 critical, 5 high": what is not zero, worst first; nothing if all is. */
void report_counts(struct buf *out, const uint64_t counts[SEVERITY_COUNT]);

uint64_t report_sum(const uint64_t counts[SEVERITY_COUNT]);

/* "1 file", "3 files". */
void report_plural(struct buf *out, uint64_t number, const char *singular, const char *plural);

/* The message without the name of the file in front, which messages of the system have and which
 * every format gives beside it. */
struct str report_error_message(const struct report_error *e);

/* Keeps a file's errors and skips for the end. Either may be NULL. */
void report_hold(struct held *errors, struct held *skips, const struct report_file *file);

/* A path as others see it: without "./" in front. */
struct str report_path(struct str path);

#endif
