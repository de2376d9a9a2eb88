#include "test.h"

#include "data/json.h"
#include "lang/rego/parser.h"
#include "policy/rego_test.h"

/* What came of the tests, one line each. */
struct fixture {
  struct arena arena;
  struct rego_names *names;
  const struct rego_module *modules[2];
  uint32_t count;
  struct rego_tests *tests;
  struct rego_errors errors;
  struct error err;
  struct buf told;
  struct value data;
};

static int start(void **state)
{
  struct fixture *f = mem_zalloc(1, sizeof *f);
  arena_init(&f->arena, 0);
  f->names = rego_names_new();
  *state = f;
  return 0;
}

static int stop(void **state)
{
  struct fixture *f = *state;
  rego_tests_free(f->tests);
  rego_names_free(f->names);
  buf_free(&f->told);
  arena_free(&f->arena);
  mem_free(f);
  return 0;
}

static void add_module(struct fixture *f, const char *name, const char *text)
{
  struct rego_options options = {.names = f->names, .name = str_from(name), .file = f->count};
  const struct rego_module *module;
  assert_int_equal(
      rego_parse_module(&f->arena, str_from(text), &options, &module, &f->errors, &f->err), 0);
  f->modules[f->count++] = module;
}

static void tell_failure(struct fixture *f, const struct rego_test_failure *failure)
{
  if (!failure->known)
    return;
  buf_printf(&f->told, " at %.*s:%u %.*s", STR_FMT(failure->file), failure->place.line,
             STR_FMT(failure->text));
  if (failure->compares) {
    struct str left = STR("-"), right = STR("-");
    if (failure->left.type != VALUE_ABSENT)
      left = rego_test_value_text(&f->arena, failure->left);
    if (failure->right.type != VALUE_ABSENT)
      right = rego_test_value_text(&f->arena, failure->right);
    buf_printf(&f->told, " (%.*s, %.*s)", STR_FMT(left), STR_FMT(right));
  }
  for (size_t i = 0; i < failure->variable_count; i++)
    buf_printf(&f->told, " %.*s=%.*s", STR_FMT(failure->variables[i].name),
               STR_FMT(failure->variables[i].text));
}

static void on_result(void *ctx, const struct rego_test_result *result)
{
  static const char *const names[] = {"pass", "fail", "skip", "error"};
  struct fixture *f = ctx;
  buf_printf(&f->told, "%.*s.%.*s:%u %s", STR_FMT(result->test->package),
             STR_FMT(result->test->name), result->test->place.line, names[result->outcome]);
  buf_printf(&f->told, "%s%.*s", result->error_code.len ? " " : "", STR_FMT(result->error_code));
  if (result->value.len)
    buf_printf(&f->told, " is %.*s", STR_FMT(result->value));
  tell_failure(f, &result->failure);
  if (result->output.len)
    buf_printf(&f->told, " said %.*s", STR_FMT(str_trim(result->output)));
  buf_add_byte(&f->told, '\n');
  for (size_t i = 0; i < result->case_count; i++) {
    const struct rego_test_case *c = &result->cases[i];
    buf_printf(&f->told, "%*s%.*s %s", (int)(2 + 2 * c->depth), "", STR_FMT(c->name),
               c->failed ? "fail" : "pass");
    tell_failure(f, &c->failure);
    buf_add_byte(&f->told, '\n');
  }
}

static void compile(struct fixture *f, const struct regex *filter, bool strict)
{
  f->tests = rego_tests_new(f->modules, f->count, f->names, filter);
  struct rego_compile_options options = {.strict = strict};
  int rc = rego_tests_compile(f->tests, &f->arena, &options, &f->errors, &f->err);
  if (rc < 0)
    print_error("%s\n", f->err.message);
  assert_int_equal(rc, 0);
}

static void run(struct fixture *f, const char *text, const char *expected)
{
  add_module(f, "t.rego", text);
  compile(f, NULL, false);
  for (unsigned jobs = 1; jobs <= 3; jobs += 2) {
    struct rego_test_run how = {.data = f->data, .jobs = jobs, .result = on_result, .ctx = f};
    buf_clear(&f->told);
    assert_int_equal(rego_tests_run(f->tests, &how, &f->err), 0);
    assert_str(buf_str(&f->told), expected);
  }
}

static void test_rules_are_tests_by_their_name(void **state)
{
  run(*state,
      "package a[\"b-c\"]\n"
      "test_true if true\n"
      "todo_test_later if false\n"
      "tes_t if false\n"
      "test_value := 3\n"
      "suite.test_deep if 1 > 0\n"
      "test_function(x) if x\n"
      "test_set contains 1\n"
      "other := data.a[\"b-c\"].test_true\n",
      "data.a[\"b-c\"].test_true:2 pass\n"
      "data.a[\"b-c\"].todo_test_later:3 skip\n"
      "data.a[\"b-c\"].test_value:5 fail is 3\n"
      "data.a[\"b-c\"].suite.test_deep:6 pass\n"
      "data.a[\"b-c\"].test_set:8 fail is {1}\n");
}

static void test_repeated_names_are_several_tests(void **state)
{
  struct fixture *f = *state;
  add_module(f, "u.rego", "package t\ntest_x if 1 == 1\n");
  run(f, "package t\ntest_x if true\ntest_x if input.no\n",
      "data.t.test_x:2 pass\n"
      "data.t.test_x#01:2 pass\n"
      "data.t.test_x#02:3 fail at t.rego:3 input.no\n");
}

static void test_the_failed_expression_is_told(void **state)
{
  run(*state,
      "package t\n"
      "list := [1, 2, 3]\n"
      "object := json.unmarshal(`{\"a\": [1, 2, 3]}`)\n"
      "test_last if {\n\tx := 1\n\ty := x + 1\n\ty == 3\n\ty == 4\n}\n"
      "test_loop if {\n\tsome i, v in list\n\tv > 10\n}\n"
      "test_rule if {\n\tcount(list) == 2\n}\n"
      "test_ref if {\n\tobject.a[1] != 2\n}\n"
      "test_gone if {\n\tobject.b == 2\n}\n"
      "test_every if {\n\tevery v in list {\n\t\tv < 3\n\t}\n}\n"
      "test_not if {\n\tnot object.a\n}\n"
      "test_closure if {\n\txs := [v | some v in list; v > 2]\n\txs == [2]\n}\n"
      "test_unify if {\n\t[a, 5] = [1, 2 + 2]\n}\n"
      "test_with if {\n\tinput.a == 2 with input as {\"a\": 1}\n}\n",
      "data.t.test_last:4 fail at t.rego:7 y == 3 (2, 3) x=1 y=2\n"
      "data.t.test_loop:10 fail at t.rego:12 v > 10 (3, 10) i=2 v=3\n"
      "data.t.test_rule:14 fail at t.rego:15 count(list) == 2 (3, 2)\n"
      "data.t.test_ref:17 fail at t.rego:18 object.a[1] != 2 (2, 2)\n"
      "data.t.test_gone:20 fail at t.rego:21 object.b == 2 (-, -)\n"
      "data.t.test_every:23 fail at t.rego:25 v < 3 (3, 3) v=3\n"
      "data.t.test_not:28 fail at t.rego:29 not object.a\n"
      "data.t.test_closure:31 fail at t.rego:33 xs == [2] ([3], [2]) xs=[3]\n"
      "data.t.test_unify:35 fail at t.rego:36 [a, 5] = [1, 2 + 2] (-, -)\n"
      "data.t.test_with:38 fail at t.rego:39 input.a == 2 with input as {\"a\": 1} (1, 2)\n");
}

static void test_cases_are_told_by_name(void **state)
{
  run(*state,
      "package t\n"
      "test_cases[name] if {\n"
      "\tsome name, c in {\"one\": [1, 1], \"two\": [2, 3], \"three\": [3, 3]}\n"
      "\tc[0] == c[1]\n"
      "}\n"
      "test_notes[c.note] if {\n\tsome c in [{\"note\": \"x\", \"v\": 1}, {\"note\": \"y\", \"v\": 2}]\n"
      "\tc.v < 2\n}\n"
      "test_deep[group][n] if {\n\tsome group, list in {\"g\": [1, 2], \"h\": [3]}\n\tsome n in list\n"
      "\tn < 2\n}\n"
      "test_call[sprintf(\"n%d\", [i])] if {\n\tsome i in [1, 2]\n\ti == 1\n}\n"
      "test_manual[name] if {\n\tsome i in [1, 2]\n\tname := sprintf(\"m%d\", [i])\n"
      "\tinternal.test_case([name])\n\ti == 2\n}\n"
      "test_good[x] if {\n\tsome x in [1, 2]\n}\n",
      "data.t.test_cases:2 fail\n"
      "  one pass\n"
      "  three pass\n"
      "  two fail at t.rego:4 c[0] == c[1] (2, 3) name=\"two\" c=[2, 3]\n"
      "data.t.test_notes:6 fail\n"
      "  x pass\n"
      "  y fail at t.rego:8 c.v < 2 (2, 2) c={\"note\": \"y\", \"v\": 2}\n"
      "data.t.test_deep:10 fail\n"
      "  g fail\n"
      "    1 pass\n"
      "    2 fail at t.rego:13 n < 2 (2, 2) group=\"g\" list=[1, 2] n=2\n"
      "  h fail\n"
      "    3 fail at t.rego:13 n < 2 (3, 2) group=\"h\" list=[3] n=3\n"
      "data.t.test_call:15 fail\n"
      "  n1 pass\n"
      "  n2 fail at t.rego:17 i == 1 (2, 1) i=2\n"
      "data.t.test_manual:19 fail\n"
      "  m1 fail at t.rego:23 i == 2 (1, 2) i=1 name=\"m1\"\n"
      "  m2 pass\n"
      "data.t.test_good:25 pass\n"
      "  1 pass\n"
      "  2 pass\n");
}

static void test_print_and_errors_are_told(void **state)
{
  run(*state,
      "package t\n"
      "test_print if {\n\tprint(\"x is\", 3)\n}\n"
      "test_conflict if f(1) == 1\n"
      "f(x) := 1 if x > 0\n"
      "f(x) := 2 if x == 1\n",
      "data.t.test_print:2 pass said x is 3\n"
      "data.t.test_conflict:5 error eval_conflict_error\n");
}

static void test_time_is_limited(void **state)
{
  struct fixture *f = *state;
  add_module(f, "t.rego",
             "package t\ntest_long if {\n\tcount([1 | some a in numbers.range(1, 4000); some b in "
             "numbers.range(1, 4000); a == b + 5000]) == 0\n}\n");
  compile(f, NULL, false);
  struct rego_test_run how = {.jobs = 1, .timeout_ns = 1, .result = on_result, .ctx = f};
  assert_int_equal(rego_tests_run(f->tests, &how, &f->err), 0);
  assert_str(buf_str(&f->told), "data.t.test_long:2 error eval_cancel_error\n");
}

static void test_base_documents_are_seen(void **state)
{
  struct fixture *f = *state;
  assert_int_equal(json_parse(&f->arena, STR("{\"base\": {\"n\": 4}}"), NULL, &f->data, NULL), 0);
  run(f, "package t\ntest_data if data.base.n == 5\n",
      "data.t.test_data:2 fail at t.rego:2 data.base.n == 5 (4, 5)\n");
}

static void test_a_filter_chooses(void **state)
{
  struct fixture *f = *state;
  _cleanup_(regex_freep) struct regex *filter = NULL;
  assert_int_equal(regex_compile(STR("^data\\.t\\.test_[bc]$"), 0, &filter, NULL), 0);
  add_module(f, "t.rego",
             "package t\ntest_a if true\ntest_b if true\ntodo_test_b if true\n"
             "test_c if true\n");
  compile(f, filter, true);
  assert_int_equal(rego_tests_count(f->tests), 2);
  assert_str(rego_tests_get(f->tests, 1)->name, "test_c");
  assert_non_null(rego_tests_program(f->tests));
}

static void test_strict_mode_finds_nothing_that_was_put_in(void **state)
{
  struct fixture *f = *state;
  add_module(f, "t.rego", "package t\ntest_a[n] if {\n\tsome n in [1, 2]\n\tn + 1 == 2\n}\n");
  compile(f, NULL, true);
  struct rego_test_run how = {.jobs = 1, .result = on_result, .ctx = f};
  assert_int_equal(rego_tests_run(f->tests, &how, &f->err), 0);
  assert_str(buf_str(&f->told),
             "data.t.test_a:2 fail\n  1 pass\n  2 fail at t.rego:4 n + 1 == 2 (3, "
             "2) n=2\n");
}

static void test_errors_of_policies_are_kept(void **state)
{
  struct fixture *f = *state;
  add_module(f, "t.rego", "package t\ntest_a if x == 1\n");
  f->tests = rego_tests_new(f->modules, f->count, f->names, NULL);
  struct rego_compile_options options = {0};
  assert_int_equal(rego_tests_compile(f->tests, &f->arena, &options, &f->errors, &f->err),
                   SW_EINVAL);
  assert_int_equal(f->errors.count, 1);
  assert_int_equal(f->errors.items[0].place.line, 2);
  struct rego_test_run how = {.jobs = 1, .result = on_result, .ctx = f};
  assert_int_equal(rego_tests_run(f->tests, &how, &f->err), SW_EUSAGE);
}

static void check_difference(struct fixture *f, const char *left, const char *right,
                             const char *expected)
{
  struct value a, b;
  buf_clear(&f->told);
  assert_int_equal(json_parse(&f->arena, str_from(left), NULL, &a, NULL), 0);
  assert_int_equal(json_parse(&f->arena, str_from(right), NULL, &b, NULL), 0);
  rego_test_differences(&f->told, a, b, 2, 4);
  assert_str(buf_str(&f->told), expected);
}

static void test_differences_have_places(void **state)
{
  struct fixture *f = *state;
  check_difference(f, "[1, {\"a\": 2}]", "[1.0, {\"a\": 2}]", "");
  check_difference(
      f, "{\"a\": {\"b-c\": [1, 2]}, \"d\": 1}", "{\"a\": {\"b-c\": [1, 3, 4]}, \"e\": null}",
      "  .a[\"b-c\"][1]: 2 | 3\n  .a[\"b-c\"][2]: - | 4\n  .d: 1 | -\n  .e: - | null\n");
  check_difference(f, "[1, 2, 3, 4, 5]", "[2, 3, 9, 4, 5, 6]",
                   "  [0]: 1 | -\n  [2]: - | 9\n  [5]: - | 6\n");
  check_difference(f, "[1, {\"a\": [2]}, 3]", "[1, {\"a\": [4]}, 3]", "  [1].a[0]: 2 | 4\n");
  check_difference(f, "1", "\"1\"", "  1 | \"1\"\n");
  check_difference(f, "[1, 2, 3, 4, 5, 6]", "[]",
                   "  [0]: 1 | -\n  [1]: 2 | -\n  [2]: 3 | -\n  [3]: 4 | -\n  and 2 more\n");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_rules_are_tests_by_their_name, start, stop),
      cmocka_unit_test_setup_teardown(test_repeated_names_are_several_tests, start, stop),
      cmocka_unit_test_setup_teardown(test_the_failed_expression_is_told, start, stop),
      cmocka_unit_test_setup_teardown(test_cases_are_told_by_name, start, stop),
      cmocka_unit_test_setup_teardown(test_print_and_errors_are_told, start, stop),
      cmocka_unit_test_setup_teardown(test_time_is_limited, start, stop),
      cmocka_unit_test_setup_teardown(test_base_documents_are_seen, start, stop),
      cmocka_unit_test_setup_teardown(test_a_filter_chooses, start, stop),
      cmocka_unit_test_setup_teardown(test_strict_mode_finds_nothing_that_was_put_in, start, stop),
      cmocka_unit_test_setup_teardown(test_errors_of_policies_are_kept, start, stop),
      cmocka_unit_test_setup_teardown(test_differences_have_places, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
