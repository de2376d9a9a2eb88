/*
 * gatekeeper_suite.h - Gatekeeper's suite files: tests of templates and constraints, as `gator verify`
 * runs them.
 *
 *     struct gatekeeper_verify verify = {.paths = paths, .path_count = n, .suite = show, .ctx = out};
 *     struct gatekeeper_verify_summary summary;
 *     if (gatekeeper_verify_run(&verify, &summary, &err) < 0)
 *         return fail(&err);
 *     return summary.failed ? 1 : 0;
 *
 * A suite (kind Suite, test.gatekeeper.sh) has tests; a test has a template, a constraint, and cases,
 * each of which holds an object against that constraint, with an inventory, and asserts something of
 * the violations: `violations` (yes, no or a number; yes if it is not said) of those whose message
 * matches `message`. The object may be an AdmissionReview (admission.k8s.io). A test with `invalid:
 * true` passes if its constraint does not fit the schema. Names of files are relative to the suite.
 * `skip` passes over a suite, test or case. A test with an `expansion` fails, saying that this is not
 * supported yet. Fields that a suite does not know are passed over; known
 * ones of a wrong type are errors.
 *
 * Paths are suites, or directories, below which every .yaml and .yml file that is a suite is run, in the
 * order of the walk.
 *
 * Thread safety: a run belongs to one thread. Results are valid during the callback.
 */
#ifndef SEAWALL_POLICY_GATEKEEPER_SUITE_H
#define SEAWALL_POLICY_GATEKEEPER_SUITE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  GATEKEEPER_SUITE_FILE_MAX = 64 << 20, /* bytes of any file that is read */
  GATEKEEPER_PRINT_MAX = 1 << 20,       /* bytes of what a case prints that are kept */
};

enum gatekeeper_outcome {
  GATEKEEPER_PASSED,
  GATEKEEPER_FAILED,
  GATEKEEPER_SKIPPED, /* by `skip` or by the filter */
};

struct gatekeeper_case_result {
  struct str name;
  enum gatekeeper_outcome outcome;
  struct str message;  /* why it failed: lines */
  struct str printed;  /* what print() wrote: lines */
  uint32_t violations; /* how many there were */
};

struct gatekeeper_test_result {
  struct str name;
  enum gatekeeper_outcome outcome;
  struct str message; /* why it could not be run, or what its `invalid` missed; else empty */
  const struct gatekeeper_case_result *cases;
  uint32_t case_count;
};

struct gatekeeper_suite_result {
  struct str path;
  enum gatekeeper_outcome outcome;
  struct str message; /* what is wrong with the suite itself; else empty */
  const struct gatekeeper_test_result *tests;
  uint32_t test_count;
};

struct gatekeeper_verify {
  const char *const *paths;
  size_t path_count;
  /*
   * Which are run: a regular expression for names of tests or cases (a test of a name that matches is
   * run whole), or two with "//" between, for the test and for the case. NULL or empty: all.
   */
  const char *run;
  bool print;        /* keep what print() writes */
  bool no_optimiser; /* for differential tests */
  void (*suite)(void *ctx, const struct gatekeeper_suite_result *result);
  void *ctx;
};

struct gatekeeper_verify_summary {
  uint64_t suites, tests; /* that were looked at */
  uint64_t passed, failed,
      skipped; /* cases; a test that could not be run counts as one case, and so
                                       does one with `invalid` */
  uint64_t broken_suites;
};

/*
 * Runs all. Errors: SW_EUSAGE (the filter), SW_ENOENT and others of paths (what could be read has been
 * run), SW_ENOTFOUND (there is no suite at all).
 */
int gatekeeper_verify_run(const struct gatekeeper_verify *verify,
                          struct gatekeeper_verify_summary *ret_summary, struct error *err);

#endif
