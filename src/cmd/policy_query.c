#include "cmd/policy_query.h"

#include "base/clock.h"
#include "base/file.h"
#include "cmd/console.h"
#include "data/duration.h"
#include "data/json_write.h"
#include "policy/rego_document.h"

#include <unistd.h>

enum { QUERY_MAX = 10 << 20 }; /* bytes */
#define EVALUATION_MEMORY (UINT64_C(4) << 30)

static uint64_t now(void)
{
  return clock_monotonic_ns(clock_system());
}

/* Takes the time since `since`, and gives the time now. */
static uint64_t lap(struct policy_query *q, enum policy_timer timer, uint64_t since)
{
  uint64_t at = now();
  q->timers[timer] = at - since;
  return at;
}

/* ---- options */

static int check_options(struct policy_query *q, struct error *err)
{
  const struct arguments *args = q->args;
  bool input = arguments_has(args, "input"), stdin_input = arguments_has(args, "stdin-input");
  bool stdin_query = arguments_has(args, "stdin");
  if (arguments_has(args, "unknowns"))
    return error_set(err, SW_EUNSUPPORTED,
                     "--unknowns asks for partial evaluation, which there is not; give the whole "
                     "input with --input");
  if (stdin_query && args->operands.count)
    return error_set(err, SW_EUSAGE, "a query and --stdin cannot go together");
  if (!stdin_query && args->operands.count == 0)
    return error_set(err, SW_EUSAGE,
                     "no query: give one, like \"data.shop.deny\" or 'x := 1; x < 2'");
  if (args->operands.count > 1)
    return error_set(err, SW_EUSAGE, "more than one query; put it in quotes");
  if (stdin_query && stdin_input)
    return error_set(err, SW_EUSAGE, "--stdin and --stdin-input cannot go together");
  if (input && stdin_input)
    return error_set(err, SW_EUSAGE, "--input and --stdin-input cannot go together");
  q->strict_errors = arguments_has(args, "strict-builtin-errors");
  const char *timeout = arguments_value(args, "timeout");
  int64_t ns = 0;
  if (timeout && duration_parse(str_from(timeout), &ns, err) < 0)
    return error_set(err, SW_EUSAGE, "--timeout \"%s\" is not a duration like 500ms or 10s",
                     timeout);
  if (timeout && ns <= 0)
    return error_set(err, SW_EUSAGE, "--timeout \"%s\" must be longer than nothing", timeout);
  q->timeout_ns = (uint64_t)ns;
  return 0;
}

static int read_query(struct policy_query *q, struct error *err)
{
  if (q->args->operands.count) {
    buf_add_text(&q->text, q->args->operands.items[0]);
    return 0;
  }
  return file_read_fd(STDIN_FILENO, "standard input", QUERY_MAX, &q->text, err);
}

/* ---- loading and compiling */

static int load(struct policy_query *q, struct error *err)
{
  uint64_t start = now();
  int rc = policy_source_add_options(&q->source, err);
  if (rc == 0)
    rc = policy_source_load(&q->source, err);
  lap(q, POLICY_TIME_LOAD, start);
  return rc;
}

/* A package as the path of an entry: data["a"]["b"]. */
static struct str package_path(struct arena *a, const struct rego_module *module)
{
  _cleanup_(buf_free) struct buf path = {0};
  buf_add_text(&path, "data");
  for (uint32_t i = 0; i < module->package.path_count; i++) {
    buf_add_byte(&path, '[');
    json_write_string(&path, value_str_or_empty(module->package.path[i].value));
    buf_add_byte(&path, ']');
  }
  return arena_copy(a, buf_str(&path));
}

/* The query, and, for coverage, every package: else rules that the query does not need would not be in
 * the program, and so would not count. */
static const struct rego_entry *make_entries(struct policy_query *q,
                                             const struct rego_module *context, uint32_t *ret_count)
{
  uint32_t count = 0;
  const struct rego_module *const *modules = rego_set_modules(q->source.set, &count);
  if (!arguments_has(q->args, "coverage") || count >= REGO_ENTRIES_MAX)
    count = 0;
  struct arena *a = &q->source.arena;
  struct rego_entry *entries = arena_zalloc(a, count + 1, sizeof *entries);
  entries[0] = (struct rego_entry){.query = &q->body, .context = context, .expressions = true};
  for (uint32_t i = 0; i < count; i++)
    entries[i + 1].path = package_path(a, modules[i]);
  *ret_count = count + 1;
  return entries;
}

static int compile(struct policy_query *q, const struct rego_compile_options *options,
                   struct error *err)
{
  uint64_t start = now();
  const struct rego_module *context = NULL;
  int rc = policy_source_context(&q->source, &context, err);
  if (rc == 0)
    rc = policy_source_query(&q->source, buf_str(&q->text), &q->body, err);
  start = lap(q, POLICY_TIME_QUERY, start);
  if (rc < 0)
    return rc;
  uint32_t count;
  const struct rego_entry *entries = make_entries(q, context, &count);
  rc = policy_source_compile(&q->source, entries, count, options, &q->program, err);
  lap(q, POLICY_TIME_COMPILE, start);
  return rc;
}

static int read_input(struct policy_query *q, struct error *err)
{
  const char *path = arguments_value(q->args, "input");
  if (arguments_has(q->args, "stdin-input"))
    path = "-";
  if (!path)
    return 0;
  uint64_t start = now();
  int rc = policy_source_input(&q->source, path, &q->input_arena, &q->input_text, &q->input, err);
  lap(q, POLICY_TIME_INPUT, start);
  return rc;
}

int policy_query_open(struct policy_query *q, const struct arguments *args,
                      const struct rego_compile_options *options, struct error *err)
{
  *q = (struct policy_query){.args = args};
  arena_init(&q->arena, EVALUATION_MEMORY);
  arena_init(&q->input_arena, EVALUATION_MEMORY);
  int rc = policy_source_open(&q->source, args, err);
  if (rc == 0)
    rc = check_options(q, err);
  if (rc == 0)
    rc = read_query(q, err);
  if (rc == 0)
    rc = load(q, err);
  if (rc == 0)
    rc = compile(q, options, err);
  if (rc == 0)
    rc = read_input(q, err);
  if (rc == 0)
    q->worker = rego_worker_new();
  return rc;
}

void policy_query_close(struct policy_query *q)
{
  rego_worker_free(q->worker);
  rego_program_free(q->program);
  policy_source_close(&q->source);
  arena_free(&q->arena);
  arena_free(&q->input_arena);
  buf_free(&q->input_text);
  buf_free(&q->text);
}

/* ---- evaluating */

int policy_query_run(struct policy_query *q, const struct rego_run *hooks, struct error *err)
{
  struct rego_run run = hooks ? *hooks : (struct rego_run){0};
  run.arena = &q->arena;
  run.input = q->input;
  run.data = rego_set_data(q->source.set);
  run.strict_errors = q->strict_errors;
  arena_reset(&q->arena);
  uint64_t start = now();
  if (q->timeout_ns)
    run.deadline_ns = (int64_t)(start + q->timeout_ns);
  q->result = VALUE_NONE;
  rego_begin(q->worker, q->program, &run);
  int rc = rego_ask(q->worker, 0, &q->result, err);
  lap(q, POLICY_TIME_EVAL, start);
  q->failed = rc < 0;
  return rc;
}

int policy_query_parse_input(const struct policy_query *q, struct arena *a, struct error *err)
{
  const struct rego_document_options options = {.yaml = true, .symbols = q->source.symbols};
  struct value v;
  return rego_document_parse(a, buf_str(&q->input_text), &options, &v, err);
}

/* ---- errors */

static const struct rego_failure *failure_of(const struct policy_query *q)
{
  const struct rego_failure *failure = q->failed ? rego_failure(q->worker) : NULL;
  return failure && failure->code ? failure : NULL;
}

void policy_query_tell(const struct policy_query *q, const struct error *err)
{
  const struct rego_failure *failure = failure_of(q);
  if (!failure) {
    policy_source_tell(&q->source, err);
    return;
  }
  _cleanup_(buf_free) struct buf text = {0};
  buf_add_text(&text, "1 error occurred: ");
  if (failure->place.line && failure->file.len)
    buf_printf(&text, "%.*s:%u: ", STR_FMT(failure->file), failure->place.line);
  else if (failure->place.line)
    buf_printf(&text, "%u:%u: ", failure->place.line, failure->place.column);
  buf_printf(&text, "%s: %.*s", failure->code, STR_FMT(failure->message));
  console_text(buf_str(&text));
}

void policy_query_write_errors_json(const struct policy_query *q, const struct error *err,
                                    struct json_writer *w)
{
  const struct rego_failure *failure = failure_of(q);
  if (!failure) {
    policy_source_write_errors_json(&q->source, err, w);
    return;
  }
  json_begin_array(w);
  json_begin_object(w);
  json_member_string(w, STR("message"), failure->message);
  json_member_string(w, STR("code"), str_from(failure->code));
  if (failure->place.line) {
    json_key(w, STR("location"));
    json_begin_object(w);
    json_member_string(w, STR("file"), failure->file);
    json_member_int(w, STR("row"), failure->place.line);
    json_member_int(w, STR("col"), failure->place.column);
    json_end_object(w);
  }
  json_end_object(w);
  json_end_array(w);
}
