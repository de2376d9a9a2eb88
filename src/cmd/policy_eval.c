#include "base/file.h"
#include "base/sink.h"
#include "cmd/console.h"
#include "cmd/policy_output.h"
#include "cmd/policy_query.h"
#include "cmd/policy_stats.h"
#include "cmd/policy_table.h"
#include "cmd/policy_trace.h"

#include <unistd.h>

static const char *const format_values[] = {"json",     "pretty", "raw",     "values",
                                            "bindings", "source", "discard", NULL};
static const char *const explain_values[] = {"off", "notes", "fails", "full", "debug", NULL};

enum { COUNT_MAX = 1000000, PROFILE_LIMIT = 10, PRETTY_LIMIT = 80 };

static const struct option options[] = {
    {.name = "format",
     .letter = 'f',
     .argument = "FORMAT",
     .help = "how the result is written (default json)",
     .values = format_values},
    {.name = "fail", .help = "exit with 1 if the result is undefined"},
    {.name = "fail-defined", .help = "exit with 1 if the result is defined"},
    {.name = "explain",
     .argument = "MODE",
     .help = "show how the result came about (default off)",
     .values = explain_values},
    {.name = "profile", .help = "show where time was spent, by lines of policies"},
    {.name = "profile-limit", .argument = "N", .help = "lines that are shown (default 10; 0: all)"},
    {.name = "profile-sort",
     .argument = "CRITERION",
     .help = "total_time_ns, num_eval, num_redo, num_gen_expr, file or line; may be repeated",
     .repeatable = true},
    {.name = "metrics", .help = "show how long each step took"},
    {.name = "coverage", .help = "show which lines of the policies were evaluated"},
    {.name = "count", .argument = "N", .help = "evaluate N times, for --metrics and --profile"},
    {.name = "pretty-limit",
     .argument = "N",
     .help = "bytes of a value in a table of format pretty (default 80; 0: all)"},
    POLICY_QUERY_OPTIONS,
    {0},
};

struct eval {
  const struct arguments *args;
  struct policy_query query;
  struct policy_trace trace;
  bool traced; /* the trace has been made */
  const char *format;
  enum policy_explain explain;
  bool profile, metrics, coverage;
  unsigned long long count, profile_limit, pretty_limit;
  struct policy_words profile_sort;
  struct policy_stats stats[POLICY_TIME_COUNT]; /* of --count evaluations */
  struct policy_answers answers;
  struct buf out;
};

/* ---- options */

static int read_number(const struct arguments *args, const char *name, unsigned long long otherwise,
                       unsigned long long most, unsigned long long *ret, struct error *err)
{
  const char *value = arguments_value(args, name);
  *ret = otherwise;
  if (value && !str_to_u64(str_from(value), most, ret))
    return error_set(err, SW_EUSAGE, "--%s \"%s\" must be a number up to %llu", name, value, most);
  return 0;
}

static enum policy_explain explain_of(const char *value)
{
  for (size_t i = 0; value && explain_values[i]; i++)
    if (strcmp(explain_values[i], value) == 0)
      return (enum policy_explain)i;
  return POLICY_EXPLAIN_OFF;
}

static int read_options(struct eval *e, struct error *err)
{
  const struct arguments *args = e->args;
  e->format = arguments_value(args, "format");
  e->format = e->format ? e->format : "json";
  if (strcmp(e->format, "source") == 0)
    return error_set(
        err, SW_EUNSUPPORTED,
        "--format source writes what partial evaluation left over, which there is not");
  if (arguments_has(args, "fail") && arguments_has(args, "fail-defined"))
    return error_set(err, SW_EUSAGE, "--fail and --fail-defined cannot go together");
  e->explain = explain_of(arguments_value(args, "explain"));
  for (size_t i = 0; i < args->list.count; i++)
    if (strcmp(args->list.items[i].option->name, "profile-sort") == 0)
      vec_push(&e->profile_sort, args->list.items[i].value);
  e->profile = arguments_has(args, "profile") || arguments_has(args, "profile-limit") ||
               e->profile_sort.count;
  e->metrics = arguments_has(args, "metrics") || e->profile;
  e->coverage = arguments_has(args, "coverage");
  int rc = read_number(args, "count", 1, COUNT_MAX, &e->count, err);
  if (rc == 0)
    rc = read_number(args, "profile-limit", PROFILE_LIMIT, UINT32_MAX, &e->profile_limit, err);
  if (rc == 0)
    rc = read_number(args, "pretty-limit", PRETTY_LIMIT, UINT32_MAX, &e->pretty_limit, err);
  if (rc == 0 && e->count == 0)
    rc = error_set(err, SW_EUSAGE, "--count must be 1 or more");
  return rc;
}

/* ---- evaluating */

/* What print() says goes to standard error as it is said. */
static void on_print(void *user, struct str text, struct str file, struct rego_place place)
{
  (void)user, (void)file, (void)place;
  _cleanup_(buf_free) struct buf line = {0};
  buf_add(&line, text);
  buf_add_byte(&line, '\n');
  fd_write_all(STDERR_FILENO, line.data, line.len, NULL);
}

static int evaluate(struct eval *e, struct error *err)
{
  struct rego_run hooks = {.print = on_print, .user = &e->trace};
  if (e->traced) {
    hooks.observer = &e->trace.observer;
    hooks.note = policy_trace_note;
  }
  int rc = 0;
  for (unsigned long long i = 0; i < e->count && rc == 0; i++) {
    if (e->traced)
      policy_trace_reset(&e->trace);
    rc = policy_query_run(&e->query, &hooks, err);
    if (e->traced)
      policy_trace_end(&e->trace);
    policy_stats_add(&e->stats[POLICY_TIME_EVAL], e->query.timers[POLICY_TIME_EVAL]);
  }
  return rc;
}

static int prepare(struct eval *e, struct error *err)
{
  struct policy_trace_options trace = {
      .events = e->explain != POLICY_EXPLAIN_OFF,
      .variables = e->explain == POLICY_EXPLAIN_DEBUG,
      .profile = e->profile,
      .cover = e->coverage,
  };
  bool traced = trace.events || trace.profile || e->coverage;
  const struct rego_compile_options compile = {.print = true, .instrument = traced};
  int rc = policy_query_open(&e->query, e->args, &compile, err);
  trace.query = buf_str(&e->query.text);
  if (rc == 0 && traced) {
    policy_trace_init(&e->trace, e->query.program, &trace);
    e->traced = true;
  }
  return rc;
}

/* ---- writing JSON */

static void json_profile(struct eval *e, struct json_writer *w)
{
  struct policy_profile profile;
  if (policy_trace_profile(&e->trace, e->profile_sort.items, e->profile_sort.count, &profile,
                           NULL) < 0)
    return;
  json_key(w, STR("profile"));
  json_begin_array(w);
  for (size_t i = 0; i < profile.count && (!e->profile_limit || i < e->profile_limit); i++) {
    const struct policy_profile_line *line = &profile.lines[i];
    json_begin_object(w);
    json_member_int(w, STR("total_time_ns"), (int64_t)line->ns);
    json_member_int(w, STR("num_eval"), (int64_t)line->evaluated);
    json_member_int(w, STR("num_redo"), (int64_t)line->redone);
    json_member_int(w, STR("num_gen_expr"), line->expressions);
    json_key(w, STR("location"));
    json_begin_object(w);
    json_member_string(w, STR("file"), line->file);
    json_member_int(w, STR("row"), line->row);
    json_member_int(w, STR("col"), line->column);
    json_end_object(w);
    json_end_object(w);
  }
  json_end_array(w);
}

/* Names are OPA's where OPA has the same. */
static const char *const timer_names[POLICY_TIME_COUNT] = {
    [POLICY_TIME_LOAD] = "timer_rego_load_files_ns",
    [POLICY_TIME_INPUT] = "timer_rego_input_parse_ns",
    [POLICY_TIME_QUERY] = "timer_rego_query_parse_ns",
    [POLICY_TIME_COMPILE] = "timer_rego_module_compile_ns",
    [POLICY_TIME_EVAL] = "timer_rego_query_eval_ns",
};

static void json_metrics(struct eval *e, struct json_writer *w)
{
  json_key(w, STR("metrics"));
  json_begin_object(w);
  json_member_int(w, STR("counter_eval_steps"), (int64_t)rego_steps(e->query.worker));
  json_member_int(w, STR("gauge_eval_arena_bytes"), (int64_t)arena_used(&e->query.arena));
  for (size_t i = 0; i < POLICY_TIME_COUNT; i++)
    json_member_int(w, str_from(timer_names[i]), (int64_t)e->query.timers[i]);
  json_end_object(w);
  if (e->count == 1)
    return;
  json_key(w, STR("aggregated_metrics"));
  json_begin_object(w);
  json_key(w, STR("timer_rego_query_eval_ns"));
  policy_stats_json(&e->stats[POLICY_TIME_EVAL], w);
  json_end_object(w);
}

static void write_json(struct eval *e, const struct error *failed)
{
  struct json_writer w = json_writer_start(&e->out, 2);
  json_begin_object(&w);
  if (e->coverage && e->traced)
    json_member_value(&w, STR("coverage"), rego_cover_report(e->trace.cover, &e->trace.arena));
  if (failed) {
    json_key(&w, STR("errors"));
    policy_query_write_errors_json(&e->query, failed, &w);
  } else if (policy_answers_defined(&e->answers)) {
    json_key(&w, STR("result"));
    if (strcmp(e->format, "discard") == 0)
      json_string(&w, STR("discarded"));
    else
      policy_answers_json(&e->answers, &w);
  }
  if (e->explain && e->traced) {
    json_key(&w, STR("explanation"));
    policy_trace_explain_json(&e->trace, e->explain, &w);
  }
  if (e->metrics && e->query.worker)
    json_metrics(e, &w);
  if (e->profile && e->traced)
    json_profile(e, &w);
  json_end_object(&w);
  buf_add_byte(&e->out, '\n');
}

/* ---- writing for people */

static struct policy_look look_of(const struct eval *e)
{
  return (struct policy_look){
      .width = console_width(STDOUT_FILENO),
      .color = console_color(STDOUT_FILENO),
      .unicode = console_unicode(),
      .limit = (uint32_t)e->pretty_limit,
  };
}

static void pretty_profile(struct eval *e, const struct policy_look *look)
{
  static const char *const heads[] = {"time", "num eval", "num redo", "num gen expr", "location"};
  struct policy_profile profile;
  if (policy_trace_profile(&e->trace, e->profile_sort.items, e->profile_sort.count, &profile,
                           NULL) < 0 ||
      profile.count == 0)
    return;
  struct policy_table table;
  policy_table_init(&table, 5);
  for (uint32_t i = 0; i < 5; i++)
    policy_table_head(&table, i, heads[i], i < 4);
  for (size_t i = 0; i < profile.count && (!e->profile_limit || i < e->profile_limit); i++) {
    const struct policy_profile_line *line = &profile.lines[i];
    char time[POLICY_TIME_TEXT];
    policy_table_cell(&table, str_from(policy_time_text(line->ns, look->unicode, time)));
    policy_table_cellf(&table, "%llu", (unsigned long long)line->evaluated);
    policy_table_cellf(&table, "%llu", (unsigned long long)line->redone);
    policy_table_cellf(&table, "%u", line->expressions);
    policy_table_cellf(&table, "%.*s:%u", STR_FMT(line->file.len ? line->file : STR("query")),
                       line->row);
  }
  buf_add_byte(&e->out, '\n');
  policy_table_write(&table, &e->out, look->width, look->color, look->unicode);
  policy_table_free(&table);
}

static void pretty_metrics(struct eval *e, const struct policy_look *look)
{
  struct policy_table table;
  policy_table_init(&table, 2);
  policy_table_head(&table, 0, "metric", false);
  policy_table_head(&table, 1, "value", true);
  policy_table_cell(&table, STR("counter_eval_steps"));
  policy_table_cellf(&table, "%llu", (unsigned long long)rego_steps(e->query.worker));
  policy_table_cell(&table, STR("gauge_eval_arena_bytes"));
  policy_table_cellf(&table, "%zu", arena_used(&e->query.arena));
  for (size_t i = 0; i < POLICY_TIME_COUNT; i++) {
    policy_table_cell(&table, str_from(timer_names[i]));
    policy_table_cellf(&table, "%llu", (unsigned long long)e->query.timers[i]);
  }
  buf_add_byte(&e->out, '\n');
  policy_table_write(&table, &e->out, look->width, look->color, look->unicode);
  policy_table_free(&table);
  if (e->count == 1)
    return;
  buf_add_byte(&e->out, '\n');
  policy_stats_table(&e->stats[POLICY_TIME_EVAL], "timer_rego_query_eval_ns", look, &e->out);
}

static void write_ranges(struct buf *out, const char *what, struct value ranges)
{
  for (uint32_t i = 0; i < ranges.len; i++) {
    int64_t start = 0, end = 0;
    value_to_int(value_get_str(value_get_str(ranges.items[i], STR("start")), STR("row")), &start);
    value_to_int(value_get_str(value_get_str(ranges.items[i], STR("end")), STR("row")), &end);
    buf_printf(out, "%s%lld", i ? ", " : what, (long long)start);
    if (end != start)
      buf_printf(out, "-%lld", (long long)end);
  }
}

/* A line for each file: what of it was not evaluated. */
static void pretty_coverage(struct eval *e, const struct policy_look *look)
{
  struct value files =
      value_get_str(rego_cover_report(e->trace.cover, &e->trace.arena), STR("files"));
  struct policy_table table;
  policy_table_init(&table, 3);
  policy_table_head(&table, 0, "file", false);
  policy_table_head(&table, 1, "coverage", true);
  policy_table_head(&table, 2, "not evaluated", false);
  for (uint32_t i = 0; i < files.len; i++) {
    _cleanup_(buf_free) struct buf lines = {0};
    struct value file = files.members[i].value;
    int64_t covered = 0, missed = 0;
    value_to_int(value_get_str(file, STR("covered_lines")), &covered);
    value_to_int(value_get_str(file, STR("not_covered_lines")), &missed);
    const struct rego_cover_lines counts = {(uint64_t)covered, (uint64_t)missed};
    write_ranges(&lines, "lines ", value_get_str(file, STR("not_covered")));
    policy_table_cell(&table, value_str(files.members[i].key));
    policy_table_cellf(&table, "%.2f %%", rego_cover_percent(counts));
    policy_table_cell(&table, buf_str(&lines));
  }
  policy_table_cell(&table, STR("all"));
  policy_table_cellf(&table, "%.2f %%", rego_cover_percent(rego_cover_lines(e->trace.cover)));
  policy_table_cell(&table, STR_EMPTY);
  buf_add_byte(&e->out, '\n');
  policy_table_write(&table, &e->out, look->width, look->color, look->unicode);
  policy_table_free(&table);
}

static void write_pretty(struct eval *e, bool failed)
{
  struct policy_look look = look_of(e);
  if (e->explain && e->traced)
    policy_trace_explain(&e->trace, e->explain, &e->out);
  if (!failed)
    policy_answers_pretty(&e->answers, &look, &e->out);
  if (e->metrics && e->query.worker)
    pretty_metrics(e, &look);
  if (e->profile && e->traced)
    pretty_profile(e, &look);
  if (e->coverage && e->traced)
    pretty_coverage(e, &look);
}

/* ---- all of it */

static bool is_json(const struct eval *e)
{
  return strcmp(e->format, "json") == 0 || strcmp(e->format, "discard") == 0;
}

static void write_result(struct eval *e, const struct error *failed)
{
  if (is_json(e))
    write_json(e, failed);
  else if (strcmp(e->format, "pretty") == 0)
    write_pretty(e, failed != NULL);
  else if (failed)
    return;
  else if (strcmp(e->format, "raw") == 0)
    policy_answers_raw(&e->answers, &e->out);
  else if (strcmp(e->format, "values") == 0)
    policy_answers_values(&e->answers, &e->out);
  else
    policy_answers_bindings(&e->answers, &e->out);
}

static int put_out(struct eval *e)
{
  struct error err;
  if (buf_failed(&e->out)) {
    console_note("the result is larger than can be written");
    return STATUS_FAILED;
  }
  if (fd_write_all(STDOUT_FILENO, e->out.data, e->out.len, &err) == 0)
    return STATUS_OK;
  error_wrap(&err, "writing to standard output");
  console_error(&err);
  return STATUS_FAILED;
}

static int status_of(const struct eval *e)
{
  bool defined = policy_answers_defined(&e->answers);
  if (arguments_has(e->args, "fail") && !defined)
    return STATUS_FINDINGS;
  if (arguments_has(e->args, "fail-defined") && defined)
    return STATUS_FINDINGS;
  return STATUS_OK;
}

/* Mistakes on the command line are told as such, not as a result. */
static int eval(struct eval *e)
{
  struct error err;
  int rc = read_options(e, &err);
  if (rc == 0)
    rc = policy_trace_check_criteria(e->profile_sort.items, e->profile_sort.count, &err);
  if (rc < 0) {
    console_error(&err);
    return STATUS_FAILED;
  }
  rc = prepare(e, &err);
  if (rc == 0)
    rc = evaluate(e, &err);
  bool usage = rc == SW_EUSAGE || (rc == SW_EUNSUPPORTED && !e->query.source.set);
  if (rc < 0 && (usage || !is_json(e)))
    policy_query_tell(&e->query, &err);
  if (usage)
    return STATUS_FAILED;
  if (rc == 0)
    policy_answers_make(&e->query.source.arena, e->query.result, e->query.body,
                        buf_str(&e->query.text), &e->answers);
  write_result(e, rc < 0 ? &err : NULL);
  int written = put_out(e);
  return rc < 0 || written != STATUS_OK ? STATUS_FAILED : status_of(e);
}

static int run(const struct arguments *args)
{
  struct eval e = {.args = args};
  int status = eval(&e);
  if (e.traced)
    policy_trace_free(&e.trace);
  policy_query_close(&e.query);
  for (size_t i = 0; i < POLICY_TIME_COUNT; i++)
    policy_stats_free(&e.stats[i]);
  vec_free(&e.profile_sort);
  buf_free(&e.out);
  return status;
}

const struct verb verb_policy_eval = {
    .name = "policy eval",
    .operand = "QUERY",
    .summary = "evaluate a Rego query over policies, data and an input",
    .details =
        "Loads policies and data (--data, --bundle), evaluates the query once, and writes the\n"
        "result as OPA does: options, formats and errors are those of `opa eval`.\n"
        "A directory of --data is read with all below it; its documents are mounted under the\n"
        "names of the directories they lie in. \"a.b:PATH\" mounts them below a.b.\n\n"
        "Exit status: 0 evaluated, 1 evaluated and --fail or --fail-defined says so, 2 there were\n"
        "errors, or the request makes no sense.\n",
    .example =
        "  seawall policy eval -d policy.rego -i input.json data.authz.allow\n"
        "  seawall policy eval -b bundle.tar.gz -i review.yaml -f pretty 'data.k8s.deny[m]'\n"
        "  seawall policy eval -d policies/ --explain fails -f pretty data.authz.allow\n"
        "  seawall policy eval 'x := [1, 2, 3][_]; x > 1'\n",
    .options = options,
    .run = run,
};
