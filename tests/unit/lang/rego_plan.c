/* Plans: what code is made of a program, and that it does what the program says. */
#include "rego.h"

#include "lang/rego/check.h"
#include "lang/rego/plan.h"

struct unit {
  struct arena arena;
  struct rego_names *names;
  struct vm_program *program;
  struct vm_worker *worker;
  struct error err;
  struct buf out;
};

static void start(struct unit *u)
{
  *u = (struct unit){.names = rego_names_new(), .worker = vm_worker_new()};
  arena_init(&u->arena, 0);
}

static void end(struct unit *u)
{
  buf_free(&u->out);
  vm_program_free(u->program);
  vm_worker_free(u->worker);
  rego_names_free(u->names);
  arena_free(&u->arena);
}

/* Plans the query over the module; 0, or the error of the planner. */
static int plan(struct unit *u, struct str module_text, const char *query_text,
                struct plan_options options)
{
  struct rego_options parsing = {.name = STR("m.rego"), .names = u->names};
  struct check_options checks = {.names = u->names};
  const struct rego_module *module;
  const struct check_program *checked;
  struct rego_body body;
  struct check_query *query = arena_new(&u->arena, struct check_query);
  if (rego_parse_module(&u->arena, module_text, &parsing, &module, NULL, &u->err) < 0 ||
      rego_check_modules(&u->arena, &module, 1, &checks, &checked, NULL, &u->err) < 0 ||
      rego_parse_query(&u->arena, str_from(query_text), &parsing, &body, NULL, &u->err) < 0 ||
      rego_check_query(&u->arena, checked, body, &checks, query, NULL, &u->err) < 0)
    fail_msg("%s", u->err.message);
  struct plan_entry entry = {.query = query, .value = true};
  vm_program_free(u->program);
  u->program = NULL;
  return rego_plan(&u->arena, checked, &entry, 1, &options, &u->program, NULL, &u->err);
}

static struct str run(struct unit *u)
{
  struct vm_run run = {.arena = &u->arena, .steps = 1000000};
  struct builtin_context context = {.arena = &u->arena};
  _cleanup_(builtin_cache_freep) struct builtin_cache *cache = builtin_cache_new();
  struct value value;
  struct str text;
  context.cache = cache;
  vm_begin(u->worker, u->program, &run);
  if (vm_ask(u->worker, u->program->entries[0], &value, &u->err) < 0)
    fail_msg("%s", u->err.message);
  if (value.type == VALUE_ABSENT)
    return STR("undefined");
  assert_int_equal(builtin_term_text(&context, value, &text), BUILTIN_VALUE);
  return text;
}

static unsigned count_of(const struct vm_program *program, enum vm_operation op)
{
  unsigned count = 0;
  for (uint32_t i = 0; i < program->code_count; i++)
    count += program->code[i].op == op;
  return count;
}

/* With and without the optimiser: sound, and the same answer. */
static void check_both(const char *module, const char *query, const char *expected)
{
  for (int no_optimiser = 0; no_optimiser < 2; no_optimiser++) {
    struct unit u;
    start(&u);
    if (plan(&u, str_from(module), query, (struct plan_options){.no_optimiser = no_optimiser}) < 0)
      fail_msg("%s", u.err.message);
    if (vm_program_verify(u.program, &u.err) < 0)
      fail_msg("%s: %s", module, u.err.message);
    assert_str(run(&u), expected);
    end(&u);
  }
}

static void test_meaning(void **state)
{
  check_both("package m\np := [x | some x in [3, 1, 2]]", "x = data.m.p", "[3, 1, 2]");
  check_both("package m\np contains x if some x in [3, 1, 2, 1]", "x = data.m.p", "{1, 2, 3}");
  check_both("package m\np[k] := v if some k, v in [7, 8]", "x = data.m.p", "{0: 7, 1: 8}");
  check_both("package m\np[a].b contains c if some a, c in [7, 8]", "x = data.m.p",
             "{0: {\"b\": {7}}, 1: {\"b\": {8}}}");
  check_both("package m\nf(1) := \"one\"\nf(x) := \"many\" if x > 1\np := [f(1), f(2)]",
             "x = data.m.p", "[\"one\", \"many\"]");
  check_both("package m\np := 1 if false\nelse := 2 if true\nelse := 3", "x = data.m.p", "2");
  check_both("package m\ndefault p := 4\np := 5 if false", "x = data.m.p", "4");
  check_both("package m\np := [x, y] if [x, [y, 2]] = [1, [3, 2]]", "x = data.m.p", "[1, 3]");
  check_both("package m\np := y if {\n  {\"a\": y, \"b\": z} = {\"b\": 2, \"a\": z}\n}",
             "x = data.m.p", "2");
  check_both("package m\np if every x in [1, 2] { x < 3 }", "x = data.m.p", "true");
  check_both("package m\np if every x in [1, 4] { x < 3 }", "x = data.m.p", "undefined");
  check_both("package m\nq := input.a\np := [x | x := q with input.a as 3]", "x = data.m.p", "[3]");
}

/* What stands for a function may look at input, though the function does not. */
static void test_replacement_sees_input(void **state)
{
  check_both("package m\nf(x) := 1\ng(x) := input.a\nr := f(1)\np := y if { y := q with f as g }\n"
             "q := [a, b] if {\n  a := r with input.a as 1\n  b := r with input.a as 2\n}",
             "x = data.m.p", "[1, 2]");
}

/* What a negated literal's arguments refer to must be there. */
static void test_undefined_before_negation(void **state)
{
  check_both("package m\nok(x) if x == 1\np if {\n  v := {\"hostPath\": {}}\n"
             "  hp := v.hostPath.path\n  not ok(hp)\n}",
             "x = data.m.p", "undefined");
  check_both("package m\nok(x) if x == 1\np if {\n  v := {\"hostPath\": {}}\n"
             "  not ok(v.hostPath.path)\n}",
             "x = data.m.p", "undefined");
  check_both("package m\nok(x) if x == 1\np if {\n  v := {\"hostPath\": {\"path\": 2}}\n"
             "  not ok(v.hostPath.path)\n}",
             "x = data.m.p", "true");
  check_both("package m\np if not input.a == 1", "x = data.m.p", "true");
  check_both("package m\np if not input.a != 1", "x = data.m.p", "undefined");
  check_both("package m\nq[1] := 2\np if not q[input.a]", "x = data.m.p", "undefined");
}

static void test_constant_paths_are_one_instruction(void **state)
{
  struct unit u;
  start(&u);
  assert_int_equal(plan(&u, STR("package m\np if input.request.object.spec.hostNetwork"),
                        "x = data.m.p", (struct plan_options){0}),
                   0);
  assert_int_equal(count_of(u.program, VM_INPUT_TEST), 1);
  assert_int_equal(count_of(u.program, VM_PATH) + count_of(u.program, VM_GET), 0);
  end(&u);
}

static void test_index(void **state)
{
  static const char module[] = "package m\n"
                               "p contains 0 if input.x\n"
                               "p contains 1 if input.kind == \"A\"\n"
                               "p contains 2 if input.kind == \"B\"\n"
                               "p contains 3 if input.kind == \"A\"\n"
                               "p contains 4 if input.kind == \"C\"\n";
  static const char *const queries[] = {"A", "B", "C", "D"};
  static const char *const expected[] = {"{1, 3}", "{2}", "{4}", "set()"};
  struct unit u;
  start(&u);
  assert_int_equal(plan(&u, str_from(module), "x = data.m.p", (struct plan_options){0}), 0);
  assert_int_equal(count_of(u.program, VM_SWITCH), 1);
  assert_str(run(&u), "set()"); /* the subject is undefined */
  end(&u);
  for (unsigned i = 0; i < 4; i++) {
    char query[80];
    snprintf(query, sizeof query, "x = data.m.p with input.kind as \"%s\"", queries[i]);
    check_both(module, query, expected[i]);
  }
  start(&u);
  assert_int_equal(
      plan(&u, str_from(module), "x = data.m.p", (struct plan_options){.no_optimiser = true}), 0);
  assert_int_equal(count_of(u.program, VM_SWITCH), 0);
  end(&u);
}

static void test_index_on_arguments(void **state)
{
  check_both("package m\nf(\"a\") := 1\nf(\"b\") := 2\nf(\"c\") := 3\nf(x) := 4 if x == \"d\"\n"
             "p := [f(x) | some x in [\"d\", \"c\", \"b\", \"a\", \"e\", 1, null]]",
             "x = data.m.p", "[4, 3, 2, 1]");
}

/* A comprehension that depends on nothing around it is made once, not once a turn. */
static void test_once(void **state)
{
  static const char module[] =
      "package m\np := count([1 | some i in numbers.range(1, 100); i in {j | some j in "
      "numbers.range(1, 100)}])";
  uint64_t steps[2];
  for (int no_optimiser = 0; no_optimiser < 2; no_optimiser++) {
    struct unit u;
    start(&u);
    assert_int_equal(plan(&u, str_from(module), "x = data.m.p",
                          (struct plan_options){.no_optimiser = no_optimiser}),
                     0);
    assert_str(run(&u), "100");
    steps[no_optimiser] = vm_steps(u.worker);
    end(&u);
  }
  assert_true(steps[0] < 2000);
  assert_true(steps[1] > 10000);
}

/* A comprehension that depends on the loop by one comparison is a look-up: the work is a sum, not a
 * product. */
static void test_join(void **state)
{
  static const char module[] =
      "package m\n"
      "items := [{\"k\": i % 5, \"v\": i} | some i in numbers.range(1, 200)]\n"
      "sums := [[x.v, y] | some x in items; x.v < 51; ys := [z.v | some z in items; z.k == x.k]; y "
      ":= count(ys)]\n"
      "same := {x.k: {z.v | some z in items; z.k == x.k; z.v < 8} | some x in items}\n"
      "none := [s | some x in [77]; s := {z.v | some z in items; z.k == x}]\n"
      "p := [count(sums), sums[0], same, none]";
  uint64_t steps[2];
  for (int no_optimiser = 0; no_optimiser < 2; no_optimiser++) {
    struct unit u;
    start(&u);
    assert_int_equal(plan(&u, str_from(module), "x = data.m.p",
                          (struct plan_options){.no_optimiser = no_optimiser}),
                     0);
    assert_str(run(&u), "[50, [1, 40], {0: {5}, 1: {1, 6}, 2: {2, 7}, 3: {3}, 4: {4}}, [set()]]");
    steps[no_optimiser] = vm_steps(u.worker);
    end(&u);
  }
  assert_true(steps[0] * 10 < steps[1]);
}

static void test_first_answer_ends_agreeing_rules(void **state)
{
  struct unit u;
  start(&u);
  assert_int_equal(plan(&u, STR("package m\np if some x in numbers.range(1, 200)\np if false"),
                        "x = data.m.p", (struct plan_options){0}),
                   0);
  assert_str(run(&u), "true");
  assert_true(vm_steps(u.worker) < 20);
  end(&u);
}

/* A set where other rules make an object of the place. */
static void test_set_and_object_at_one_place(void **state)
{
  static const char *const inputs[] = {"input.never", "\"x\""};
  for (unsigned i = 0; i < 2; i++) {
    char text[120];
    struct unit u;
    struct value value;
    start(&u);
    snprintf(text, sizeof text, "package m\nr.a[x] contains 1 if x := %s\nr.a contains 2",
             inputs[i]);
    assert_int_equal(plan(&u, str_from(text), "x = data.m", (struct plan_options){0}), 0);
    struct vm_run run = {.arena = &u.arena, .steps = 1000};
    vm_begin(u.worker, u.program, &run);
    assert_int_equal(vm_ask(u.worker, u.program->entries[0], &value, &u.err), SW_EINVAL);
    assert_error(u.err, SW_EINVAL, "object keys must be unique");
    end(&u);
  }
}

static void test_too_large(void **state)
{
  struct unit u;
  _cleanup_(buf_free) struct buf text = {0};
  start(&u);
  buf_add_text(&text, "package m\np if {\n");
  for (int i = 0; i < 34000; i++)
    buf_printf(&text, "  x%d := input.a\n", i);
  buf_add_text(&text, "}\n");
  assert_int_equal(plan(&u, buf_str(&text), "x = data.m.p", (struct plan_options){0}), SW_ELIMIT);
  assert_error(u.err, SW_ELIMIT, "more than 32752 registers");
  end(&u);
}

static void test_only_what_is_needed(void **state)
{
  struct unit u;
  start(&u);
  assert_int_equal(
      plan(&u, STR("package m\np := 1\nq := 2\nr := p"), "x = data.m.r", (struct plan_options){0}),
      0);
  assert_int_equal(u.program->function_count, 3); /* the entry, r, p */
  end(&u);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_meaning),
      cmocka_unit_test(test_replacement_sees_input),
      cmocka_unit_test(test_undefined_before_negation),
      cmocka_unit_test(test_constant_paths_are_one_instruction),
      cmocka_unit_test(test_index),
      cmocka_unit_test(test_index_on_arguments),
      cmocka_unit_test(test_once),
      cmocka_unit_test(test_join),
      cmocka_unit_test(test_first_answer_ends_agreeing_rules),
      cmocka_unit_test(test_set_and_object_at_one_place),
      cmocka_unit_test(test_too_large),
      cmocka_unit_test(test_only_what_is_needed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
