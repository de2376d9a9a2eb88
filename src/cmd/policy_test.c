#include "base/file.h"
#include "base/pool.h"
#include "cmd/console.h"
#include "cmd/policy_source.h"
#include "cmd/policy_test_report.h"
#include "data/duration.h"
#include "data/number.h"

#include <unistd.h>

static const char *const format_values[] = {"pretty", "json", "junit", NULL};

enum { COUNT_MAX = 1000000 };

static const struct option options[] = {
    {.name = "run",
     .letter = 'r',
     .argument = "REGEX",
     .help = "run the tests whose full name (data.shop_test.test_x) matches"},
    {.name = "verbose", .letter = 'v', .help = "list tests that pass, too"},
    {.name = "format",
     .letter = 'f',
     .argument = "FORMAT",
     .help = "how results are told (default pretty)",
     .values = format_values},
    {.name = "coverage", .letter = 'c', .help = "tell which lines the tests went through"},
    {.name = "threshold",
     .argument = "PERCENT",
     .help = "fail if fewer lines are covered; goes with --coverage"},
    {.name = "timeout",
     .letter = 't',
     .argument = "DURATION",
     .help = "longest that a test may take (default 5s)"},
    {.name = "count", .argument = "N", .help = "run all tests N times, until one fails"},
    {.name = "parallel",
     .letter = 'p',
     .argument = "N",
     .help = "tests to run at once (default: one for each processor)"},
    {.name = "exit-zero-on-skipped", .letter = 'z', .help = "todo_test_ rules do not fail the run"},
    {.name = "fail-on-empty", .help = "fail if there are no tests"},
    {.name = "var-values", .help = "show variables of what failed (always done)"},
    {.name = "bundle", .letter = 'b', .help = "paths are bundles: directories or .tar.gz"},
    POLICY_SOURCE_COMMON_OPTIONS,
    {0},
};

struct run {
  const struct arguments *args;
  struct policy_source source;
  struct regex *filter;
  struct rego_tests *tests;
  struct rego_cover *cover;
  struct test_report report;
  struct sink out;
  bool told_failures; /* of json with coverage: on standard error */
  uint64_t timeout_ns;
  unsigned long long count, jobs;
  bool coverage;
  double threshold;
};

/* ---- options */

static int read_count(const struct run *run, const char *name, unsigned long long otherwise,
                      unsigned long long most, unsigned long long *ret, struct error *err)
{
  const char *value = arguments_value(run->args, name);
  *ret = otherwise;
  if (value && (!str_to_u64(str_from(value), most, ret) || *ret == 0))
    return error_set(err, SW_EUSAGE, "--%s \"%s\" must be a number from 1 to %llu", name, value,
                     most);
  return 0;
}

static int read_threshold(struct run *run, struct error *err)
{
  const char *value = arguments_value(run->args, "threshold");
  char *end;
  if (!value)
    return 0;
  run->threshold = strtod(value, &end);
  run->coverage = true;
  if (end == value || *end || !(run->threshold >= 0 && run->threshold <= 100))
    return error_set(err, SW_EUSAGE, "--threshold \"%s\" must be a number from 0 to 100", value);
  return 0;
}

static int read_timeout(struct run *run, struct error *err)
{
  const char *value = arguments_value(run->args, "timeout");
  int64_t ns = 0;
  if (!value)
    return 0;
  int rc = duration_parse(str_from(value), &ns, err);
  if (rc == 0 && ns <= 0)
    rc = error_set(err, SW_EUSAGE, "it must be more than 0");
  if (rc < 0)
    return error_wrap(err, "--timeout \"%s\"", value);
  run->timeout_ns = (uint64_t)ns;
  return 0;
}

static int read_filter(struct run *run, struct error *err)
{
  const char *value = arguments_value(run->args, "run");
  if (value && regex_compile(str_from(value), 0, &run->filter, err) < 0)
    return error_wrap(err, "--run \"%s\"", value);
  return 0;
}

static int read_options(struct run *run, struct error *err)
{
  run->coverage = arguments_has(run->args, "coverage");
  int rc = read_threshold(run, err);
  if (rc == 0)
    rc = read_timeout(run, err);
  if (rc == 0)
    rc = read_filter(run, err);
  if (rc == 0)
    rc = read_count(run, "count", 1, COUNT_MAX, &run->count, err);
  if (rc == 0)
    rc = read_count(run, "parallel", pool_cpus(), POOL_JOBS_MAX, &run->jobs, err);
  if (rc == 0 && run->args->operands.count == 0)
    rc = error_set(err, SW_EUSAGE, "nothing to test: name files or directories of policies");
  return rc;
}

/* ---- loading */

static int load(struct run *run, struct error *err)
{
  struct policy_source *source = &run->source;
  bool bundle = arguments_has(run->args, "bundle");
  int rc = policy_source_add_paths(source, run->args->operands.items, run->args->operands.count,
                                   bundle ? REGO_SET_BUNDLE : REGO_SET_FILES, err);
  if (rc == 0)
    rc = policy_source_load(source, err);
  if (rc < 0)
    return rc;
  uint32_t count;
  const struct rego_module *const *modules = rego_set_modules(source->set, &count);
  run->tests = rego_tests_new(modules, count, rego_set_names(source->set), run->filter);
  const struct rego_compile_options compile = {.symbols = source->symbols,
                                               .strict = arguments_has(run->args, "strict"),
                                               .data = rego_set_data(source->set)};
  rego_errors_clear(&source->errors);
  return rego_tests_compile(run->tests, &source->arena, &compile, &source->errors, err);
}

/* ---- running */

static void on_result(void *ctx, const struct rego_test_result *result)
{
  struct run *run = ctx;
  test_report_result(&run->report, result);
}

static int run_tests(struct run *run, struct error *err)
{
  struct rego_test_run tests = {.data = rego_set_data(run->source.set),
                                .timeout_ns = run->timeout_ns,
                                .jobs = (unsigned)run->jobs,
                                .cover = run->cover,
                                .result = on_result,
                                .ctx = run};
  int rc = 0;
  for (unsigned long long i = 0; i < run->count && rc == 0; i++) {
    rc = rego_tests_run(run->tests, &tests, err);
    if (run->report.failed || run->report.errors)
      break;
  }
  return rc;
}

/* With --coverage, JSON is the coverage, as OPA has it; what failed goes to standard error. */
static bool is_coverage_json(const struct run *run)
{
  const char *format = arguments_value(run->args, "format");
  return run->coverage && format && strcmp(format, "json") == 0;
}

static void open_report(struct run *run)
{
  bool apart = is_coverage_json(run);
  int fd = apart ? STDERR_FILENO : STDOUT_FILENO;
  const char *format = apart ? "pretty" : arguments_value(run->args, "format");
  struct test_report_options shown = {.verbose = arguments_has(run->args, "verbose"),
                                      .color = console_color(fd),
                                      .unicode = console_unicode()};
  sink_to_fd(&run->out, fd);
  test_report_init(&run->report, format, &shown, &run->out);
}

static int write_coverage(struct run *run, struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  const char *format = arguments_value(run->args, "format");
  if (is_coverage_json(run)) {
    json_write(&text, rego_cover_report(run->cover, &run->source.arena), 2);
    buf_add_byte(&text, '\n');
  } else if (!format || strcmp(format, "pretty") == 0) {
    buf_add_byte(&text, '\n');
    rego_cover_text(run->cover, &text);
  }
  return text.len ? fd_write_all(STDOUT_FILENO, text.data, text.len, err) : 0;
}

static int status_of(const struct run *run)
{
  const struct test_report *r = &run->report;
  int status = STATUS_OK;
  if (r->failed || r->errors)
    status = STATUS_FINDINGS;
  if (r->skipped && !arguments_has(run->args, "exit-zero-on-skipped"))
    status = STATUS_FINDINGS;
  if (run->cover && rego_cover_percent(rego_cover_lines(run->cover)) < run->threshold) {
    console_note("coverage is %.2f %%, less than --threshold %g",
                 rego_cover_percent(rego_cover_lines(run->cover)), run->threshold);
    status = STATUS_FINDINGS;
  }
  return status;
}

static int test(struct run *run, struct error *err)
{
  int rc = policy_source_open(&run->source, run->args, err);
  if (rc == 0)
    rc = read_options(run, err);
  if (rc == 0)
    rc = load(run, err);
  if (rc < 0)
    return rc;
  if (rego_tests_count(run->tests) == 0) {
    console_note(run->filter ? "no test matches --run" : "no tests: no rule begins with test_");
    if (arguments_has(run->args, "fail-on-empty"))
      return STATUS_FAILED;
  }
  if (run->coverage) {
    uint32_t count;
    const struct rego_module *const *modules = rego_set_modules(run->source.set, &count);
    run->cover = rego_cover_new(rego_tests_program(run->tests));
    rego_cover_modules(run->cover, modules, count);
  }
  open_report(run);
  rc = run_tests(run, err);
  if (rc < 0)
    return rc;
  test_report_end(&run->report);
  rc = sink_finish(&run->out, err);
  if (rc == 0 && run->cover)
    rc = write_coverage(run, err);
  if (rc < 0)
    return rc == SW_EPIPE ? STATUS_FAILED : error_wrap(err, "writing to standard output");
  return status_of(run);
}

static int run_verb(const struct arguments *args)
{
  struct run run = {.args = args};
  struct error err = {0};
  int status = test(&run, &err);
  if (status < 0) {
    policy_source_tell(&run.source, &err);
    status = STATUS_FAILED;
  }
  test_report_free(&run.report);
  sink_free(&run.out);
  rego_cover_free(run.cover);
  rego_tests_free(run.tests);
  regex_free(run.filter);
  policy_source_close(&run.source);
  return status;
}

const struct verb verb_policy_test = {
    .name = "policy test",
    .operand = "PATH...",
    .summary = "run the tests of Rego policies",
    .details =
        "Reads modules and data (files, directories, or bundles with --bundle), and evaluates\n"
        "every rule whose name begins with test_. It passes if it is true. A rule like\n"
        "test_x[name] tests many cases, each told by its name. todo_test_ rules are skipped.\n"
        "For what fails, the expression that did not hold is shown with its variables, and the\n"
        "two sides of a comparison with what differs between them.\n\n"
        "--format json writes what \"opa test\" does; together with --coverage, the coverage, and\n"
        "what failed goes to standard error.\n\n"
        "Exit status: 0 all passed, 1 a test failed or was skipped (but see -z), or too few lines\n"
        "are covered, 2 a policy has errors, something could not be read, or the request makes no\n"
        "sense.\n",
    .example = "  seawall policy test policies/\n"
               "  seawall policy test -v --run 'data.shop_test.test_deny' policies/\n"
               "  seawall policy test --coverage --threshold 80 policies/\n",
    .options = options,
    .complete = COMPLETE_FILES,
    .run = run_verb,
};
