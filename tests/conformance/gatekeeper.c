/*
 * The suites of Gatekeeper's policy library: each case with and without the optimiser.
 *
 * Prints "gatekeeper cases N of M", and what failed. Exits with 77 if the suites are not there.
 */
#include "base/buf.h"
#include "base/mem.h"
#include "policy/gatekeeper_suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void show(void *ctx, const struct gatekeeper_suite_result *suite)
{
  (void)ctx;
  if (suite->message.len)
    printf("%.*s: %.*s\n", STR_FMT(suite->path), STR_FMT(suite->message));
  for (uint32_t t = 0; t < suite->test_count; t++) {
    const struct gatekeeper_test_result *test = &suite->tests[t];
    if (test->message.len)
      printf("%.*s: %.*s: %.*s\n", STR_FMT(suite->path), STR_FMT(test->name),
             STR_FMT(test->message));
    for (uint32_t c = 0; c < test->case_count; c++)
      if (test->cases[c].outcome == GATEKEEPER_FAILED)
        printf("%.*s: %.*s: %.*s: %.*s\n", STR_FMT(suite->path), STR_FMT(test->name),
               STR_FMT(test->cases[c].name), STR_FMT(test->cases[c].message));
  }
}

static bool run(const char *path, bool no_optimiser, const char *title)
{
  struct gatekeeper_verify verify = {
      .paths = &path, .path_count = 1, .suite = show, .no_optimiser = no_optimiser};
  struct gatekeeper_verify_summary summary;
  struct error err;
  if (gatekeeper_verify_run(&verify, &summary, &err) < 0) {
    printf("%s\n", err.message);
    return false;
  }
  uint64_t all = summary.passed + summary.failed + summary.skipped;
  printf("gatekeeper cases%s %llu of %llu\n", title, (unsigned long long)summary.passed,
         (unsigned long long)all);
  return summary.passed == all && summary.broken_suites == 0;
}

int main(void)
{
  const char *shared = getenv("SEAWALL_SHARED");
  _cleanup_(buf_free) struct buf path = {0};
  struct stat st;
  buf_printf(&path, "%s/conformance/gatekeeper", shared ? shared : "../shared");
  if (stat(buf_text(&path), &st) < 0) {
    printf("skipped: %s is not there\n", buf_text(&path));
    return 77;
  }
  bool ok = run(buf_text(&path), false, "");
  return run(buf_text(&path), true, " without optimiser") && ok ? 0 : 1;
}
