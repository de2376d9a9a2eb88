#include "cmd/policy_test_report.h"

#include "base/mem.h"
#include "data/base64.h"
#include "report/text.h"

enum { DIFFERENCES_MAX = 30, VALUE_SHOWN_MAX = 400, SHORT_MAX = 60 };

/* ---- pieces of the pretty form */

static void paint(const struct test_report *r, const char *code)
{
  if (r->options.color)
    sink_printf(r->out, "\x1b[%sm", code);
}

/* On one line, everything visible, cut after `most` bytes (0: not cut). */
static void add_visible(struct test_report *r, struct str text, size_t most)
{
  _cleanup_(buf_free) struct buf shown = {0};
  bool cut = most && text.len > most;
  if (cut) {
    text.len = most;
    while (text.len && ((unsigned char)text.data[text.len] & 0xC0) == 0x80)
      text.len--;
  }
  text_add_visible(&shown, text, r->options.unicode);
  sink_add(r->out, buf_str(&shown));
  if (cut)
    sink_add(r->out, STR(" ..."));
}

static void add_duration(struct test_report *r, uint64_t ns)
{
  double d = (double)ns;
  if (ns < 1000)
    sink_printf(r->out, " (%lluns)", (unsigned long long)ns);
  else if (ns < 1000000)
    sink_printf(r->out, " (%.4g%s)", d / 1e3, r->options.unicode ? "\xc2\xb5s" : "us");
  else if (ns < 1000000000)
    sink_printf(r->out, " (%.4gms)", d / 1e6);
  else
    sink_printf(r->out, " (%.4gs)", d / 1e9);
}

static void add_rule(struct test_report *r)
{
  for (int i = 0; i < 8; i++)
    sink_add(r->out, STR("----------"));
  sink_add(r->out, STR("\n"));
}

static void add_place(struct test_report *r, struct str file, struct rego_place place)
{
  add_visible(r, file, 0);
  sink_printf(r->out, ":%u:", place.line);
}

static void indent(struct test_report *r, unsigned columns)
{
  sink_printf(r->out, "%*s", (int)columns, "");
}

static void add_named(struct test_report *r, unsigned columns, const char *name, struct str text)
{
  indent(r, columns);
  sink_add(r->out, str_from(name));
  add_visible(r, text, VALUE_SHOWN_MAX);
  sink_add(r->out, STR("\n"));
}

/* Both sides, and, where they are long, where they differ. */
static void add_comparison(struct test_report *r, const struct rego_test_failure *f,
                           unsigned columns)
{
  struct arena arena;
  arena_init(&arena, 0);
  struct str left = STR("(undefined)"), right = left;
  if (f->left.type != VALUE_ABSENT)
    left = rego_test_value_text(&arena, f->left);
  if (f->right.type != VALUE_ABSENT)
    right = rego_test_value_text(&arena, f->right);
  add_named(r, columns, "left:  ", left);
  if (f->left.type != VALUE_ABSENT || f->right.type != VALUE_ABSENT)
    add_named(r, columns, "right: ", right); /* it is not looked at if the left is undefined */
  bool scalars = f->left.type < VALUE_ARRAY && f->right.type < VALUE_ARRAY;
  if (f->left.type != VALUE_ABSENT && f->right.type != VALUE_ABSENT && !scalars) {
    _cleanup_(buf_free) struct buf lines = {0};
    size_t count = rego_test_differences(&lines, f->left, f->right, columns + 2, DIFFERENCES_MAX);
    if (count) {
      indent(r, columns);
      sink_add(r->out, STR("differences (left | right):\n"));
      struct str rest = buf_str(&lines);
      while (rest.len) {
        add_visible(r, str_cut(rest, '\n', &rest), 0);
        sink_add(r->out, STR("\n"));
      }
    }
  }
  arena_free(&arena);
}

static void add_failure(struct test_report *r, const struct rego_test_failure *f, unsigned columns)
{
  if (!f->known)
    return;
  indent(r, columns);
  add_place(r, f->file, f->place);
  sink_add(r->out, STR(" "));
  paint(r, "1");
  add_visible(r, f->text, VALUE_SHOWN_MAX);
  paint(r, "0");
  sink_add(r->out, STR("\n"));
  if (f->compares)
    add_comparison(r, f, columns + 2);
  if (f->variable_count) {
    indent(r, columns + 2);
    sink_add(r->out, STR("with\n"));
  }
  for (size_t i = 0; i < f->variable_count; i++) {
    indent(r, columns + 4);
    add_visible(r, f->variables[i].name, 0);
    sink_add(r->out, STR(" = "));
    add_visible(r, f->variables[i].text, VALUE_SHOWN_MAX);
    sink_add(r->out, STR("\n"));
  }
}

static const char *const outcome_names[] = {"PASS", "FAIL", "SKIPPED", "ERROR"};
static const char *const outcome_colors[] = {"32", "31", "33", "31"};

static void add_outcome(struct test_report *r, enum rego_test_outcome outcome)
{
  sink_add(r->out, STR(": "));
  paint(r, outcome_colors[outcome]);
  sink_add(r->out, str_from(outcome_names[outcome]));
  paint(r, "0");
}

static void add_output(struct test_report *r, struct str output)
{
  if (!output.len)
    return;
  struct str rest = str_trim(output);
  sink_add(r->out, STR("\n"));
  while (rest.data) {
    struct str line = str_cut(rest, '\n', &rest);
    indent(r, 2);
    add_visible(r, line, 0);
    sink_add(r->out, STR("\n"));
  }
  sink_add(r->out, STR("\n"));
}

static void add_error(struct test_report *r, const struct rego_test_result *result)
{
  if (result->outcome != REGO_TEST_ERROR)
    return;
  indent(r, 2);
  if (result->error_place.line) {
    add_place(r, result->error_file, result->error_place);
    sink_add(r->out, STR(" "));
  }
  add_visible(r, result->error_code, 0);
  sink_add(r->out, result->error_code.len ? STR(": ") : STR_EMPTY);
  add_visible(r, result->error_message, 0);
  sink_add(r->out, STR("\n"));
}

static void add_cases(struct test_report *r, const struct rego_test_result *result)
{
  for (size_t i = 0; i < result->case_count; i++) {
    const struct rego_test_case *c = &result->cases[i];
    if (!c->failed && !r->options.verbose)
      continue;
    indent(r, 2 + 2 * c->depth);
    add_visible(r, c->name, 0);
    add_outcome(r, c->failed ? REGO_TEST_FAIL : REGO_TEST_PASS);
    sink_add(r->out, STR("\n"));
    add_failure(r, &c->failure, 4 + 2 * c->depth);
  }
}

/* ---- pretty */

static void pretty_result(struct test_report *r, const struct rego_test_result *result)
{
  const struct rego_test *test = result->test;
  if (result->outcome == REGO_TEST_PASS && !r->options.verbose)
    return;
  if (r->told && !str_eq(buf_str(&r->file), test->file))
    sink_add(r->out, STR("\n"));
  buf_clear(&r->file);
  buf_add(&r->file, test->file);
  r->told = true;
  add_place(r, test->file, test->place);
  sink_add(r->out, STR("\n"));
  add_visible(r, test->package, 0);
  sink_add(r->out, STR("."));
  add_visible(r, test->name, 0);
  add_outcome(r, result->outcome);
  if (result->outcome != REGO_TEST_SKIP)
    add_duration(r, result->duration_ns);
  sink_add(r->out, STR("\n"));
  add_error(r, result);
  if (result->value.len)
    add_named(r, 2, "the rule is not true: ", result->value);
  add_cases(r, result);
  if (!result->case_count)
    add_failure(r, &result->failure, 2);
  add_output(r, result->output);
}

static void add_total(struct test_report *r, const char *name, uint64_t count, uint64_t all)
{
  if (count)
    sink_printf(r->out, "%s: %llu/%llu\n", name, (unsigned long long)count,
                (unsigned long long)all);
}

static void pretty_end(struct test_report *r)
{
  uint64_t all = r->passed + r->failed + r->skipped + r->errors;
  if (r->told)
    add_rule(r);
  add_total(r, "PASS", r->passed, all);
  add_total(r, "FAIL", r->failed, all);
  add_total(r, "SKIPPED", r->skipped, all);
  add_total(r, "ERROR", r->errors, all);
}

/* ---- json: the fields of `opa test --format json`, and failed_at */

static void json_place(struct test_report *r, struct str file, struct rego_place place)
{
  json_key(&r->json, STR("location"));
  json_begin_object(&r->json);
  json_member_string(&r->json, STR("file"), file);
  json_member_int(&r->json, STR("row"), place.line);
  json_member_int(&r->json, STR("col"), place.column);
  json_end_object(&r->json);
}

static void json_failure(struct test_report *r, const struct rego_test_failure *f)
{
  if (!f->known)
    return;
  struct json_writer *w = &r->json;
  json_key(w, STR("failed_at"));
  json_begin_object(w);
  json_place(r, f->file, f->place);
  json_member_string(w, STR("text"), f->text);
  if (f->variable_count) {
    json_key(w, STR("variables"));
    json_begin_object(w);
    for (size_t i = 0; i < f->variable_count; i++)
      json_member_string(w, f->variables[i].name, f->variables[i].text);
    json_end_object(w);
  }
  if (f->compares && f->left.type != VALUE_ABSENT)
    json_member_value(w, STR("left"), f->left);
  if (f->compares && f->right.type != VALUE_ABSENT)
    json_member_value(w, STR("right"), f->right);
  json_end_object(w);
}

/* The cases from *io_at on that are deeper than `depth - 1`, as an object by name. */
static void json_cases(struct test_report *r, const struct rego_test_result *result, size_t *io_at,
                       uint32_t depth)
{
  struct json_writer *w = &r->json;
  json_key(w, STR("sub_results"));
  json_begin_object(w);
  while (*io_at < result->case_count && result->cases[*io_at].depth >= depth) {
    const struct rego_test_case *c = &result->cases[(*io_at)++];
    json_key(w, c->name);
    json_begin_object(w);
    json_member_string(w, STR("name"), c->name);
    if (c->failed)
      json_member_bool(w, STR("fail"), true);
    json_failure(r, &c->failure);
    if (!c->leaf)
      json_cases(r, result, io_at, depth + 1); /* as deep as cases are: at most 20 */
    json_end_object(w);
  }
  json_end_object(w);
}

static void json_error(struct test_report *r, const struct rego_test_result *result)
{
  struct json_writer *w = &r->json;
  json_key(w, STR("error"));
  json_begin_object(w);
  json_member_string(w, STR("code"), result->error_code);
  json_member_string(w, STR("message"), result->error_message);
  if (result->error_place.line)
    json_place(r, result->error_file, result->error_place);
  json_end_object(w);
}

static void json_begin(struct test_report *r)
{
  r->json = json_writer_start(&r->out->buf, 2);
  json_begin_array(&r->json);
}

static void json_result(struct test_report *r, const struct rego_test_result *result)
{
  struct json_writer *w = &r->json;
  json_begin_object(w);
  json_place(r, result->test->file, result->test->place);
  json_member_string(w, STR("package"), result->test->package);
  json_member_string(w, STR("name"), result->test->name);
  if (result->outcome == REGO_TEST_ERROR)
    json_error(r, result);
  if (result->outcome == REGO_TEST_FAIL)
    json_member_bool(w, STR("fail"), true);
  if (result->outcome == REGO_TEST_SKIP)
    json_member_bool(w, STR("skip"), true);
  json_member_int(w, STR("duration"), (int64_t)result->duration_ns);
  if (result->output.len) {
    struct arena arena;
    arena_init(&arena, 0);
    json_member_string(w, STR("output"), base64_encode(&arena, result->output, 0));
    arena_free(&arena);
  }
  json_failure(r, &result->failure);
  size_t at = 0;
  if (result->case_count)
    json_cases(r, result, &at, 0);
  json_end_object(w);
  sink_settle(r->out);
}

static void json_end(struct test_report *r)
{
  json_end_array(&r->json);
  sink_add(r->out, STR("\n"));
}

/* ---- junit: a test suite for each file */

static void add_xml(struct buf *out, struct str text)
{
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.data[i];
    if (c == '&')
      buf_add_text(out, "&amp;");
    else if (c == '<')
      buf_add_text(out, "&lt;");
    else if (c == '>')
      buf_add_text(out, "&gt;");
    else if (c == '"')
      buf_add_text(out, "&quot;");
    else if (c == '\n' || c == '\t' || (c >= 0x20 && c != 0x7f))
      buf_add_byte(out, (char)c);
    else
      buf_printf(out, "\\x%02x", c);
  }
}

static void add_attribute(struct buf *out, const char *name, struct str text)
{
  buf_printf(out, " %s=\"", name);
  add_xml(out, text);
  buf_add_byte(out, '"');
}

static void end_suite(struct test_report *r)
{
  if (!r->suite_tests)
    return;
  struct buf *out = &r->out->buf;
  buf_add_text(out, "  <testsuite");
  add_attribute(out, "name", buf_str(&r->file));
  buf_printf(out,
             " tests=\"%llu\" failures=\"%llu\" errors=\"%llu\" skipped=\"%llu\" time=\"%.6f\">\n",
             (unsigned long long)r->suite_tests, (unsigned long long)r->suite_failures,
             (unsigned long long)r->suite_errors, (unsigned long long)r->suite_skipped,
             (double)r->suite_ns / 1e9);
  buf_add(out, buf_str(&r->suite));
  buf_add_text(out, "  </testsuite>\n");
  sink_settle(r->out);
  buf_clear(&r->suite);
  r->suite_tests = r->suite_failures = r->suite_errors = r->suite_skipped = r->suite_ns = 0;
}

/* What the pretty form says below a test, as a text. */
static void details(struct test_report *r, const struct rego_test_result *result, struct buf *out)
{
  struct sink sink;
  sink_to_memory(&sink, 0);
  struct test_report plain = {.out = &sink, .options = {.unicode = true}};
  (void)r;
  if (result->value.len)
    add_named(&plain, 0, "the rule is not true: ", result->value);
  add_cases(&plain, result);
  if (!result->case_count)
    add_failure(&plain, &result->failure, 0);
  buf_add(out, buf_str(&sink.buf));
  sink_free(&sink);
}

static void junit_failure(struct test_report *r, const struct rego_test_result *result)
{
  struct buf *b = &r->suite;
  _cleanup_(buf_free) struct buf text = {0};
  details(r, result, &text);
  r->suite_failures++;
  buf_add_text(b, "      <failure");
  add_attribute(b, "message", result->failure.known ? result->failure.text : STR("not true"));
  buf_add_byte(b, '>');
  add_xml(b, buf_str(&text));
  buf_add_text(b, "</failure>\n");
}

static void junit_begin(struct test_report *r)
{
  sink_add(r->out, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"seawall "
                       "policy test\">\n"));
}

static void junit_result(struct test_report *r, const struct rego_test_result *result)
{
  const struct rego_test *test = result->test;
  if (!str_eq(buf_str(&r->file), test->file))
    end_suite(r);
  buf_clear(&r->file);
  buf_add(&r->file, test->file);
  struct buf *b = &r->suite;
  r->suite_tests++;
  r->suite_ns += result->duration_ns;
  buf_add_text(b, "    <testcase");
  add_attribute(b, "classname", test->package);
  add_attribute(b, "name", test->name);
  add_attribute(b, "file", test->file);
  buf_printf(b, " line=\"%u\" time=\"%.6f\">\n", test->place.line,
             (double)result->duration_ns / 1e9);
  if (result->outcome == REGO_TEST_FAIL)
    junit_failure(r, result);
  if (result->outcome == REGO_TEST_ERROR) {
    r->suite_errors++;
    buf_add_text(b, "      <error");
    add_attribute(b, "type", result->error_code);
    add_attribute(b, "message", result->error_message);
    buf_add_text(b, "/>\n");
  }
  if (result->outcome == REGO_TEST_SKIP) {
    r->suite_skipped++;
    buf_add_text(b, "      <skipped/>\n");
  }
  if (result->output.len) {
    buf_add_text(b, "      <system-out>");
    add_xml(b, result->output);
    buf_add_text(b, "</system-out>\n");
  }
  buf_add_text(b, "    </testcase>\n");
}

static void junit_end(struct test_report *r)
{
  end_suite(r);
  sink_add(r->out, STR("</testsuites>\n"));
}

/* ---- all */

static const struct test_report_format pretty = {
    .name = "pretty", .result = pretty_result, .end = pretty_end};
static const struct test_report_format json = {
    .name = "json", .begin = json_begin, .result = json_result, .end = json_end};
static const struct test_report_format junit = {
    .name = "junit", .begin = junit_begin, .result = junit_result, .end = junit_end};

const struct test_report_format *const test_report_formats[] = {&pretty, &json, &junit, NULL};

void test_report_init(struct test_report *r, const char *format,
                      const struct test_report_options *options, struct sink *out)
{
  *r = (struct test_report){.format = test_report_formats[0], .options = *options, .out = out};
  for (size_t i = 0; format && test_report_formats[i]; i++)
    if (strcmp(test_report_formats[i]->name, format) == 0)
      r->format = test_report_formats[i];
  if (r->format->begin)
    r->format->begin(r);
}

/* Each case that has none inside it counts; a test without cases is one. */
static void count(struct test_report *r, const struct rego_test_result *result)
{
  r->skipped += result->outcome == REGO_TEST_SKIP;
  r->errors += result->outcome == REGO_TEST_ERROR;
  if (!result->case_count) {
    r->passed += result->outcome == REGO_TEST_PASS;
    r->failed += result->outcome == REGO_TEST_FAIL;
  }
  for (size_t i = 0; i < result->case_count; i++) {
    r->passed += result->cases[i].leaf && !result->cases[i].failed;
    r->failed += result->cases[i].leaf && result->cases[i].failed;
  }
}

void test_report_result(struct test_report *r, const struct rego_test_result *result)
{
  count(r, result);
  r->format->result(r, result);
}

void test_report_end(struct test_report *r)
{
  r->format->end(r);
}

void test_report_free(struct test_report *r)
{
  buf_free(&r->file);
  buf_free(&r->suite);
}
