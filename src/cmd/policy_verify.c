#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "cmd/console.h"
#include "cmd/verb.h"
#include "policy/gatekeeper_suite.h"
#include "report/text.h"

#include <unistd.h>

static const struct option options[] = {
    {.name = "run",
     .letter = 'r',
     .argument = "FILTER",
     .help = "run tests and cases whose names match; TEST//CASE for both (default: all)"},
    {.name = "verbose",
     .letter = 'v',
     .help = "name every test and case, and show what print() writes"},
    {0},
};

/* What is written; the first failure to write ends it. */
struct output {
  struct buf text;
  bool verbose, unicode;
  int rc;
  struct error err;
};

static void flush(struct output *out)
{
  if (out->rc == 0)
    out->rc = fd_write_all(STDOUT_FILENO, out->text.data, out->text.len, &out->err);
  buf_clear(&out->text);
}

/* Lines of a text, each behind the indent, with control characters made visible. */
static void add_lines(struct output *out, const char *indent, struct str text)
{
  struct str rest = text;
  do {
    struct str line = str_cut(rest, '\n', &rest);
    if (line.len == 0 && !rest.data)
      break;
    buf_add_text(&out->text, indent);
    text_add_visible(&out->text, line, out->unicode);
    buf_add_byte(&out->text, '\n');
  } while (rest.data);
}

static void add_line(struct output *out, const char *indent, const char *word, struct str name)
{
  buf_add_text(&out->text, indent);
  buf_add_text(&out->text, word);
  text_add_visible(&out->text, name, out->unicode);
  buf_add_byte(&out->text, '\n');
}

static const char *word_for(enum gatekeeper_outcome outcome)
{
  static const char *const words[] = {
      [GATEKEEPER_PASSED] = "ok    ",
      [GATEKEEPER_FAILED] = "FAIL  ",
      [GATEKEEPER_SKIPPED] = "skip  ",
  };
  return words[outcome];
}

static void show_case(struct output *out, const struct gatekeeper_case_result *one)
{
  if (one->outcome != GATEKEEPER_FAILED && !out->verbose)
    return;
  add_line(out, "    ", word_for(one->outcome), one->name);
  add_lines(out, "          ", one->message);
  if (out->verbose && one->printed.len) {
    buf_add_text(&out->text, "          printed:\n");
    add_lines(out, "            ", one->printed);
  }
}

static void show_test(struct output *out, const struct gatekeeper_test_result *test)
{
  if (test->outcome != GATEKEEPER_FAILED && !out->verbose)
    return;
  add_line(out, "  ", word_for(test->outcome), test->name);
  add_lines(out, "        ", test->message);
  for (uint32_t i = 0; i < test->case_count; i++)
    show_case(out, &test->cases[i]);
}

static void show_suite(void *ctx, const struct gatekeeper_suite_result *suite)
{
  struct output *out = ctx;
  add_line(out, "", word_for(suite->outcome), suite->path);
  add_lines(out, "      ", suite->message);
  for (uint32_t i = 0; i < suite->test_count; i++)
    show_test(out, &suite->tests[i]);
  flush(out);
}

static void add_count(struct buf *out, uint64_t count, const char *one, const char *many)
{
  buf_add_u64(out, count);
  buf_add_byte(out, ' ');
  buf_add_text(out, count == 1 ? one : many);
}

static void show_summary(struct output *out, const struct gatekeeper_verify_summary *s)
{
  add_count(&out->text, s->suites, "suite", "suites");
  buf_add_text(&out->text, ", ");
  add_count(&out->text, s->tests, "test", "tests");
  buf_add_text(&out->text, ": ");
  add_count(&out->text, s->passed, "case passed", "cases passed");
  buf_printf(&out->text, ", %llu failed, %llu skipped\n", (unsigned long long)s->failed,
             (unsigned long long)s->skipped);
  flush(out);
}

/* A directory may be written as `gator` wants it: "policies/...". */
static char *plain_path(const char *path)
{
  struct str s = str_from(path);
  if (str_ends(s, STR("/...")))
    s.len -= 3;
  return mem_copy_text(s.data, s.len);
}

static int status_of(const struct output *out, const struct gatekeeper_verify_summary *s, int rc,
                     const struct error *err)
{
  if (rc < 0)
    console_error(err);
  if (out->rc < 0 && out->rc != SW_EPIPE)
    console_error(&out->err);
  if (rc < 0 || out->rc < 0)
    return STATUS_FAILED;
  return s->failed || s->broken_suites ? STATUS_FINDINGS : STATUS_OK;
}

static int verify(const struct arguments *args, char **paths)
{
  struct output out = {.verbose = arguments_has(args, "verbose"), .unicode = console_unicode()};
  struct gatekeeper_verify_summary summary;
  struct error err;
  struct gatekeeper_verify asked = {
      .paths = (const char *const *)paths,
      .path_count = args->operands.count,
      .run = arguments_value(args, "run"),
      .print = out.verbose,
      .suite = show_suite,
      .ctx = &out,
  };
  if (!asked.run)
    asked.run = "";
  int rc = gatekeeper_verify_run(&asked, &summary, &err);
  if (summary.suites)
    show_summary(&out, &summary);
  if (rc == 0 && summary.passed + summary.failed == 0)
    rc = error_set(&err, SW_ENOTFOUND, "nothing was run%s",
                   *asked.run ? ": no test or case matches --run" : "");
  int status = status_of(&out, &summary, rc, &err);
  buf_free(&out.text);
  return status;
}

static int run(const struct arguments *args)
{
  struct error err;
  size_t count = args->operands.count;
  if (count == 0) {
    error_set(&err, SW_EUSAGE, "nothing to verify: name suites, or directories with suites");
    console_error(&err);
    return STATUS_FAILED;
  }
  char **paths = mem_zalloc(count, sizeof *paths);
  for (size_t i = 0; i < count; i++)
    paths[i] = plain_path(args->operands.items[i]);
  int status = verify(args, paths);
  for (size_t i = 0; i < count; i++)
    mem_free(paths[i]);
  mem_free(paths);
  return status;
}

const struct verb verb_policy_verify = {
    .name = "policy verify",
    .operand = "SUITE|DIR...",
    .summary = "run Gatekeeper's suites: tests of templates and constraints",
    .details =
        "Runs the suites (kind Suite, apiVersion test.gatekeeper.sh/v1alpha1) that are named or\n"
        "lie below a directory, as \"gator verify\" does: each test compiles a ConstraintTemplate,\n"
        "checks a constraint against it, and holds the objects of its cases against that. Failures\n"
        "are shown with what was expected and the messages there were.\n\n"
        "--run takes a regular expression for names of tests and cases; with TEST//CASE, one for\n"
        "each. Expansion templates and templates that are written in CEL alone are not supported\n"
        "yet; tests that use them fail.\n\n"
        "Exit status: 0 every case passed, 1 a case failed or a suite is broken, 2 something could\n"
        "not be read, or nothing was run.\n",
    .example = "  seawall policy verify policies/\n"
               "  seawall policy verify --verbose --run 'privileged//' policies/pods/suite.yaml\n",
    .options = options,
    .complete = COMPLETE_FILES,
    .run = run,
};
