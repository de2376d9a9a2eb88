/*
 * policy_test_report.h - results of policy tests, told to people (pretty) and programs (json, junit).
 *
 *     struct test_report report;
 *     test_report_init(&report, TEST_PRETTY, &options, sink);
 *     test_report_result(&report, &result);   ... for each
 *     test_report_end(&report);
 *     test_report_free(&report);
 *
 * Thread safety: a report belongs to one thread.
 */
#ifndef SEAWALL_CMD_POLICY_TEST_REPORT_H
#define SEAWALL_CMD_POLICY_TEST_REPORT_H

#include "base/sink.h"
#include "data/json_write.h"
#include "policy/rego_test.h"

struct test_report_options {
  bool verbose; /* pretty: tests that passed too */
  bool color;
  bool unicode;
};

struct test_report;

struct test_report_format {
  const char *name;
  void (*begin)(struct test_report *r);
  void (*result)(struct test_report *r, const struct rego_test_result *result);
  void (*end)(struct test_report *r);
};

/* "pretty", "json", "junit"; ended by NULL. */
extern const struct test_report_format *const test_report_formats[];

struct test_report {
  const struct test_report_format *format;
  struct test_report_options options;
  struct sink *out;
  /* Tests that passed, ...; each case counts as one. */
  uint64_t passed, failed, skipped, errors;
  bool told;       /* pretty: something stands above the totals */
  struct buf file; /* pretty, junit: of the last result */
  struct json_writer json;
  struct buf suite; /* junit: test cases of the file at hand */
  uint64_t suite_tests, suite_failures, suite_errors, suite_skipped, suite_ns;
};

/* format NULL: pretty. out must outlive the report. */
void test_report_init(struct test_report *r, const char *format,
                      const struct test_report_options *options, struct sink *out);
void test_report_result(struct test_report *r, const struct rego_test_result *result);
void test_report_end(struct test_report *r);
void test_report_free(struct test_report *r);

#endif
