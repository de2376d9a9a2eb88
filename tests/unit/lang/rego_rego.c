#include "rego_unit.h"

#include <pthread.h>

static void test_documents(void **state)
{
  struct unit u;
  start(&u);
  add(&u, REGO_V1, "package a.b\nq := 1\nf(x) := x\nr if input.never\ns contains 2");
  add(&u, REGO_V0, "package a.c\nt[x] { x := 3 }\nu = 4 { true }");
  ask_for(&u, "data.a");
  ask_for(&u, "data");
  ask_for(&u, "data.a[\"b\"].q");
  ask_for(&u, "data.other.x");
  ask_for(&u, "data.a.d.e");
  compile_only(&u);
  assert_str(evaluate(&u, NULL, "{\"a\": {\"d\": {\"e\": 5}, \"b\": {\"z\": 6}}, \"other\": {}}"),
             "{\"b\": {\"q\": 1, \"s\": {2}, \"z\": 6}, \"c\": {\"t\": {3}, \"u\": 4}, "
             "\"d\": {\"e\": 5}}");
  assert_str(answer(&u, 1),
             "{\"a\": {\"b\": {\"q\": 1, \"s\": {2}, \"z\": 6}, \"c\": {\"t\": {3}, \"u\": 4}, "
             "\"d\": {\"e\": 5}}, \"other\": {}}");
  assert_str(answer(&u, 2), "1");
  assert_str(answer(&u, 3), "undefined");
  assert_str(answer(&u, 4), "5");
  assert_str(evaluate(&u, NULL, NULL),
             "{\"b\": {\"q\": 1, \"s\": {2}}, \"c\": {\"t\": {3}, \"u\": 4}}");
  end(&u);
}

/* ---- queries */

static void check_query(const char *text, bool expressions, const char *input, const char *expected)
{
  struct unit u;
  start(&u);
  add(&u, REGO_V1, "package a\nq contains x if some x in [1, 2]");
  ask_query(&u, text, expressions);
  compile_only(&u);
  struct str got = evaluate(&u, input, NULL);
  if (!str_eq(got, str_from(expected)))
    fail_msg("%s\n  is       %.*s\n  expected %s", text, STR_FMT(got), expected);
  end(&u);
}

static void test_queries(void **state)
{
  check_query("x := 1", false, NULL, "[{\"x\": 1}]");
  check_query("data.a.q[x]", false, NULL, "[{\"x\": 1}, {\"x\": 2}]");
  check_query("x := data.a.q; y = count(x)", false, NULL, "[{\"x\": {1, 2}, \"y\": 2}]");
  check_query("input.x == 1", false, "{\"x\": 1}", "[{}]");
  check_query("input.x == 1", false, "{\"x\": 2}", "[]");
  check_query("input[_] = x", false, "[5, 6]", "[{\"x\": 5}, {\"x\": 6}]");
}

static void test_expressions(void **state)
{
  check_query("1 + 1", true, NULL, "[{\"bindings\": {}, \"expressions\": [2]}]");
  check_query("x := 3; x > 5", true, NULL,
              "[{\"bindings\": {\"x\": 3}, \"expressions\": [true, false]}]");
  check_query("data.a.q", true, NULL, "[{\"bindings\": {}, \"expressions\": [{1, 2}]}]");
  check_query("data.a.q[x]; x == 2", true, NULL,
              "[{\"bindings\": {\"x\": 1}, \"expressions\": [1, false]}, "
              "{\"bindings\": {\"x\": 2}, \"expressions\": [2, true]}]");
  check_query("input.nothing", true, NULL, "[]");
}

/* ---- what does not compile */

static void check_broken(const char *module, const char *path, bool strict, enum rego_code code,
                         const char *message)
{
  struct unit u;
  start(&u);
  u.options.strict = strict;
  add(&u, REGO_V1, module);
  ask_for(&u, path);
  int r = compile(&u);
  assert_int_equal(r, SW_EINVAL);
  assert_null(u.program);
  assert_true(u.errors.count > 0);
  assert_int_equal(u.errors.items[0].code, code);
  assert_error(u.err, SW_EINVAL, message);
  end(&u);
}

static void test_compile_errors(void **state)
{
  check_broken("package a\np if x == 1", "data.a.p", false, REGO_UNSAFE_VAR_ERROR,
               "var x is unsafe");
  check_broken("package a\np if q\nq if p", "data.a.p", false, REGO_RECURSION_ERROR,
               "rule data.a.p is recursive: data.a.p -> data.a.q -> data.a.p");
  check_broken("package a\np := nothing(1)", "data.a.p", false, REGO_TYPE_ERROR,
               "undefined function nothing");
  check_broken("package a\np if { x := 1 }", "data.a.p", true, REGO_COMPILE_ERROR,
               "assigned var x unused");
}

static void test_bad_entries(void **state)
{
  static const char *const paths[] = {"", "input.x", "data.a[", "data.a[_]", "x", "data.a.f(1)"};
  for (size_t i = 0; i < sizeof(paths) / sizeof *paths; i++) {
    struct unit u;
    start(&u);
    add(&u, REGO_V1, "package a\np := 1\nf(x) := x");
    ask_for(&u, paths[i]);
    assert_int_equal(compile(&u), SW_EINVAL);
    assert_null(u.program);
    assert_true(u.err.message[0] != '\0');
    end(&u);
  }
}

static void test_data_conflict(void **state)
{
  struct unit u;
  start(&u);
  add(&u, REGO_V1, "package a.b\np := 1");
  ask_for(&u, "data.a.b.p");
  u.options.data = json(&u, "{\"a\": {\"b\": {\"p\": 2}}}");
  assert_int_equal(compile(&u), SW_EINVAL);
  assert_int_equal(u.errors.items[0].code, REGO_TYPE_ERROR);
  u.options.data = json(&u, "{\"a\": {\"b\": {\"q\": 2}}}");
  assert_int_equal(compile(&u), 0);
  end(&u);
}

/* ---- errors of evaluation */

/* A failure is not carried into the next evaluation. */
static void test_failure_is_over(void **state)
{
  struct unit u;
  start(&u);
  add(&u, REGO_V1, "package a\np := x if some x in input\nq := 5");
  ask_for(&u, "data.a.p");
  ask_for(&u, "data.a.q");
  compile_only(&u);
  assert_str(evaluate(&u, "[1, 2]", NULL),
             "a.rego:2: eval_conflict_error: complete rules must not produce multiple outputs");
  assert_int_equal(u.err.code, SW_EINVAL);
  assert_str(answer(&u, 0),
             "a.rego:2: eval_conflict_error: complete rules must not produce multiple outputs");
  assert_str(evaluate(&u, "[1]", NULL), "1");
  assert_str(answer(&u, 1), "5");
  end(&u);
}

/* ---- budgets */

static const char hungry[] = "package a\n"
                             "p := count([1 | some x in input; some y in input; x == y])\n"
                             "s := concat(\"\", [c | some x in input; some y in input; "
                             "c := sprintf(\"%d-%d-%d\", [x, y, x])])";
static const char numbers[] =
    "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,"
    "27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49]";

static void check_limit(struct unit *u, uint32_t entry)
{
  struct value v;
  u->run.input = json(u, numbers);
  rego_begin(u->worker, u->program, &u->run);
  assert_int_equal(rego_ask(u->worker, entry, &v, &u->err), SW_ELIMIT);
  assert_int_equal(u->err.code, SW_ELIMIT);
  assert_non_null(rego_failure(u->worker));
  assert_non_null(rego_failure(u->worker)->code);
  assert_true(rego_failure(u->worker)->message.len > 0);
  /* used up is used up: another entry of the same evaluation fails as well */
  assert_int_equal(rego_ask(u->worker, entry, &v, &u->err), SW_ELIMIT);
}

static void start_hungry(struct unit *u)
{
  start(u);
  add(u, REGO_V1, hungry);
  ask_for(u, "data.a.p");
  ask_for(u, "data.a.s");
  compile_only(u);
}

static void test_steps(void **state)
{
  struct unit u;
  start_hungry(&u);
  assert_str(evaluate(&u, numbers, NULL), "49");
  uint64_t steps = rego_steps(u.worker);
  assert_true(steps >= 49 * 49);
  u.run.steps = steps / 2;
  check_limit(&u, 0);
  assert_true(rego_steps(u.worker) <= steps);
  u.run.steps = 2 * steps;
  assert_str(evaluate(&u, numbers, NULL), "49");
  /* one budget for all that is asked of one evaluation, and a rule is evaluated once */
  assert_str(answer(&u, 0), "49");
  assert_true(rego_steps(u.worker) < steps + 100);
  end(&u);
}

static void test_deadline(void **state)
{
  struct unit u;
  start(&u);
  add(&u, REGO_V1,
      "package a\np := count([1 | some x in numbers.range(1, 3000); "
      "some y in numbers.range(1, 3000); x == y])");
  ask_for(&u, "data.a.p");
  compile_only(&u);
  u.run.deadline_ns = 1; /* long past */
  check_limit(&u, 0);
  end(&u);
}

static void test_memory(void **state)
{
  struct unit u;
  start_hungry(&u);
  arena_free(&u.request);
  arena_init(&u.request, 24 << 10);
  check_limit(&u, 1);
  arena_reset(&u.request);
  assert_str(evaluate(&u, "[1]", NULL), "1");
  end(&u);
}

/* ---- what is told on the way */

static void hear_print(void *user, struct str text, struct str file, struct rego_place place)
{
  struct unit *u = user;
  buf_printf(&u->said, "%.*s:%u: %.*s\n", STR_FMT(file), place.line, STR_FMT(text));
}

static void hear_note(void *user, struct str text)
{
  struct unit *u = user;
  buf_printf(&u->said, "%.*s\n", STR_FMT(text));
}

static void test_print(void **state)
{
  for (int on = 0; on < 2; on++) {
    struct unit u;
    start(&u);
    add(&u, REGO_V1,
        "package a\np if {\n  print(\"x is\", input.x, input.y, [1, {\"a\"}])\n  "
        "input.x\n}");
    ask_for(&u, "data.a.p");
    u.options.print = on;
    compile_only(&u);
    u.run.print = hear_print;
    u.run.user = &u;
    assert_str(evaluate(&u, "{\"x\": \"s\"}", NULL), "true");
    assert_str(buf_str(&u.said), on ? "a.rego:3: x is s <undefined> [1, {\"a\"}]\n" : "");
    end(&u);
  }
}

/* Nobody listens: nothing happens. */
static void test_print_unheard(void **state)
{
  struct unit u;
  start(&u);
  add(&u, REGO_V1, "package a\np if { print(1); trace(\"x\") }");
  ask_for(&u, "data.a.p");
  u.options.print = true;
  compile_only(&u);
  assert_str(evaluate(&u, NULL, NULL), "true");
  end(&u);
}

static void test_note(void **state)
{
  struct unit u;
  start(&u);
  add(&u, REGO_V1, "package a\np := [q, q]\nq := 3 if trace(\"once\")");
  ask_for(&u, "data.a.p");
  compile_only(&u);
  u.run.note = hear_note;
  u.run.user = &u;
  assert_str(evaluate(&u, NULL, NULL), "[3, 3]");
  assert_str(answer(&u, 0), "[3, 3]");
  assert_str(buf_str(&u.said), "once\n");
  rego_begin(u.worker, u.program, &u.run);
  assert_str(answer(&u, 0), "[3, 3]");
  assert_str(buf_str(&u.said), "once\nonce\n");
  end(&u);
}

struct watched {
  struct unit *u;
  unsigned events[REGO_EXIT + 1];
  uint32_t deepest;
};

static void watch(void *user, enum rego_event event, uint32_t point, uint32_t depth,
                  const struct rego_variable *variables, uint32_t count)
{
  static const char *const names[] = {"enter", "eval", "redo", "fail", "exit"};
  struct watched *w = user;
  const struct rego_point *p = rego_point(w->u->program, point);
  w->events[event]++;
  w->deepest = depth > w->deepest ? depth : w->deepest;
  buf_printf(&w->u->said, "%s %u: %.*s", names[event], p->place.line, STR_FMT(p->text));
  for (uint32_t i = 0; i < count; i++) {
    assert_true(variables[i].name.len > 0);
    assert_true(variables[i].value.type != VALUE_ABSENT);
    buf_printf(&w->u->said, " %.*s", STR_FMT(variables[i].name));
  }
  buf_add_byte(&w->u->said, '\n');
}

static void test_points(void **state)
{
  struct unit u;
  start(&u);
  add(&u, REGO_V1, "package a\np if {\n  x := input.x\n  x > 1\n}\nq := 1 if not input.never");
  ask_for(&u, "data.a");
  u.options.instrument = true;
  compile_only(&u);
  uint32_t rules = 0, expressions = 0;
  for (uint32_t i = 0; i < rego_point_count(u.program); i++) {
    const struct rego_point *p = rego_point(u.program, i);
    assert_str(p->file, "a.rego");
    assert_true(p->place.line >= 2 && p->text.len > 0);
    if (p->kind == REGO_POINT_RULE)
      assert_int_equal(p->rule, i);
    else
      assert_int_equal(rego_point(u.program, p->rule)->kind, REGO_POINT_RULE);
    rules += p->kind == REGO_POINT_RULE;
    expressions += p->kind == REGO_POINT_EXPR;
  }
  assert_int_equal(rules, 2);
  assert_int_equal(expressions, 3);
  end(&u);
}

static void test_observer(void **state)
{
  struct unit u;
  struct watched w = {.u = &u};
  struct rego_observer observer = {watch, &w};
  start(&u);
  add(&u, REGO_V1, "package a\np if {\n  x := input.x\n  x > 1\n  q\n}\nq if true");
  ask_for(&u, "data.a.p");
  u.options.instrument = true;
  compile_only(&u);
  u.run.observer = &observer;
  assert_str(evaluate(&u, "{\"x\": 0}", NULL), "undefined");
  assert_int_equal(w.events[REGO_ENTER], 1);
  assert_int_equal(w.events[REGO_EVAL], 2);
  assert_int_equal(w.events[REGO_EXIT], 0);
  assert_true(str_find(buf_str(&u.said), 0, STR("eval 4: x > 1 x\n")) >= 0);
  assert_true(str_find(buf_str(&u.said), 0, STR("fail 4: x > 1 x\n")) >= 0);
  buf_clear(&u.said);
  w = (struct watched){.u = &u};
  assert_str(evaluate(&u, "{\"x\": 2}", NULL), "true");
  assert_int_equal(w.events[REGO_ENTER], 2);
  assert_int_equal(w.events[REGO_EXIT], 2);
  assert_int_equal(w.events[REGO_EVAL], 4);
  assert_true(w.deepest > 0);
  end(&u);
}

static void test_observer_redo(void **state)
{
  struct unit u;
  struct watched w = {.u = &u};
  struct rego_observer observer = {watch, &w};
  start(&u);
  add(&u, REGO_V1, "package a\np contains x if {\n  some x in input\n  x > 1\n}");
  ask_for(&u, "data.a.p");
  u.options.instrument = true;
  compile_only(&u);
  u.run.observer = &observer;
  assert_str(evaluate(&u, "[1, 2, 3]", NULL), "{2, 3}");
  assert_int_equal(w.events[REGO_ENTER], 1);
  assert_int_equal(w.events[REGO_EXIT], 2);
  assert_true(w.events[REGO_REDO] >= 2);
  assert_true(w.events[REGO_FAIL] >= 1);
  end(&u);
}

/* ---- images */

static void test_image(void **state)
{
  struct unit u;
  start(&u);
  add(&u, REGO_V1,
      "package a\np := {\"n\": 1.50, \"s\": [\"x\", null], \"m\": q[input.k]}\n"
      "q := {\"a\": \"first\", \"b\": \"second\"}\nr := 1 / 0");
  ask_for(&u, "data.a.p");
  ask_query(&u, "x := data.a.r", false);
  compile_only(&u);
  _cleanup_(buf_free) struct buf image = {0}, again = {0};
  rego_program_save(u.program, &image);
  assert_true(image.len > 0);
  struct rego_program_size size = rego_program_size(u.program);
  assert_true(size.bytes > 0 && size.instructions > 0 && size.functions > 0);
  rego_program_free(u.program);
  u.program = NULL;
  assert_int_equal(rego_program_load(buf_str(&image), NULL, &u.program, &u.err), 0);
  assert_int_equal(rego_program_size(u.program).instructions, size.instructions);
  assert_str(evaluate(&u, "{\"k\": \"b\"}", NULL),
             "{\"m\": \"second\", \"n\": 1.50, \"s\": [\"x\", null]}");
  u.run.strict_errors = true;
  rego_begin(u.worker, u.program, &u.run);
  assert_str(answer(&u, 1), "a.rego:4: eval_builtin_error: div: divide by zero");
  rego_program_save(u.program, &again);
  assert_true(str_eq(buf_str(&image), buf_str(&again)));
  end(&u);
}

static void test_broken_images(void **state)
{
  struct unit u;
  start(&u);
  add(&u, REGO_V1, "package a\np contains x if some x in input");
  ask_for(&u, "data.a.p");
  compile_only(&u);
  _cleanup_(buf_free) struct buf image = {0};
  rego_program_save(u.program, &image);
  for (size_t len = 0; len < image.len; len += len < 64 ? 1 : 37) {
    struct rego_program *program = NULL;
    /* a copy of just that length, so that reading beyond it is seen */
    char *copy = mem_copy_text(image.data, len);
    assert_int_equal(rego_program_load(str_make(copy, len), NULL, &program, &u.err), SW_EINVAL);
    assert_null(program);
    mem_free(copy);
  }
  struct rego_program *program = NULL;
  image.data[0] ^= 1;
  assert_int_equal(rego_program_load(buf_str(&image), NULL, &program, &u.err), SW_EINVAL);
  assert_null(program);
  end(&u);
}

static void test_dump(void **state)
{
  struct unit u;
  start(&u);
  add(&u, REGO_V1, "package a\np if startswith(input.x, \"y\")");
  ask_for(&u, "data.a.p");
  compile_only(&u);
  rego_program_dump(u.program, &u.said);
  assert_true(str_find(buf_str(&u.said), 0, STR("data.a.p")) >= 0);
  assert_true(str_ends(buf_str(&u.said), STR("\n")));
  end(&u);
}

/* ---- workers, programs and threads */

/* A worker goes from program to program and keeps nothing of what it was asked before. */
static void test_worker(void **state)
{
  struct unit a, b;
  start(&a);
  start(&b);
  add(&a, REGO_V1, "package a\np := [input.x, q]\nq := input.x + 1\nr contains input.x");
  ask_for(&a, "data.a.p");
  add(&b, REGO_V1, "package b\np contains x if some x in input\nq := count(p)");
  ask_for(&b, "data.b.q");
  compile_only(&a);
  compile_only(&b);
  rego_worker_free(b.worker);
  b.worker = a.worker;
  for (int i = 0; i < 50; i++) {
    char input[32];
    snprintf(input, sizeof input, "{\"x\": %d}", i);
    _cleanup_(buf_free) struct buf expected = {0};
    buf_printf(&expected, "[%d, %d]", i, i + 1);
    assert_str(evaluate(&a, input, NULL), buf_text(&expected));
    assert_str(evaluate(&b, i % 2 ? "[1, 2]" : "[1]", NULL), i % 2 ? "2" : "1");
    arena_reset(&a.request);
    arena_reset(&b.request);
  }
  b.worker = NULL;
  end(&b);
  end(&a);
}

static void test_eval(void **state)
{
  struct unit u;
  struct value v;
  start(&u);
  add(&u, REGO_V1, "package a\np := input\nq := 2");
  ask_for(&u, "data.a.p");
  ask_for(&u, "data.a.q");
  compile_only(&u);
  assert_int_equal(rego_eval(u.worker, u.program, 0, &u.run, &v, &u.err), 0);
  assert_int_equal(v.type, VALUE_ABSENT);
  u.run.input = value_int(4);
  assert_int_equal(rego_eval(u.worker, u.program, 0, &u.run, &v, &u.err), 0);
  assert_int_equal(v.integer, 4);
  assert_int_equal(rego_eval(u.worker, u.program, 1, &u.run, &v, &u.err), 0);
  assert_int_equal(v.integer, 2);
  end(&u);
}

/* Time stands still and chance is the same for all that one evaluation is asked. */
static void test_one_evaluation(void **state)
{
  struct unit u;
  start(&u);
  add(&u, REGO_V1,
      "package a\np := [time.now_ns(), rand.intn(\"x\", 1000000), "
      "uuid.rfc4122(\"k\")]\nq := [time.now_ns(), rand.intn(\"x\", 1000000), "
      "uuid.rfc4122(\"k\")]\nr := opa.runtime().env.HOME");
  ask_for(&u, "data.a.p");
  ask_for(&u, "data.a.q");
  ask_for(&u, "data.a.r");
  compile_only(&u);
  u.run.environment = json(&u, "{\"env\": {\"HOME\": \"/home\"}}");
  u.run.now_ns = 1234567890123456789;
  struct str first = evaluate(&u, NULL, NULL);
  assert_true(str_starts(first, STR("[1234567890123456789, ")));
  struct str kept = arena_copy(&u.request, first);
  assert_true(str_eq(answer(&u, 1), kept));
  assert_str(answer(&u, 2), "\"/home\"");
  u.run.seed = 2;
  assert_false(str_eq(evaluate(&u, NULL, NULL), kept));
  u.run.seed = 1;
  assert_true(str_eq(evaluate(&u, NULL, NULL), kept));
  end(&u);
}

static enum builtin_result look_up(void *user, struct builtin_context *context, struct str host,
                                   struct value *ret_addresses)
{
  struct unit *u = user;
  struct value address = value_from("192.0.2.1");
  buf_printf(&u->said, "%.*s\n", STR_FMT(host));
  *ret_addresses = value_set_make(context->arena, &address, 1);
  return BUILTIN_VALUE;
}

/* Without services the network is off. */
static void test_services(void **state)
{
  struct unit u;
  start(&u);
  struct builtin_services services = {.lookup_ip_addr = look_up, .user = &u};
  add(&u, REGO_V1,
      "package a\np := net.lookup_ip_addr(\"example.com\")\n"
      "q := [p, net.lookup_ip_addr(\"example.com\")]");
  ask_for(&u, "data.a.p");
  ask_for(&u, "data.a.q");
  compile_only(&u);
  assert_str(evaluate(&u, NULL, NULL), "undefined");
  u.run.services = &services;
  assert_str(evaluate(&u, NULL, NULL), "{\"192.0.2.1\"}");
  assert_str(answer(&u, 1), "[{\"192.0.2.1\"}, {\"192.0.2.1\"}]");
  assert_true(str_starts(buf_str(&u.said), STR("example.com\n")));
  u.run.services = NULL;
  u.run.strict_errors = true;
  struct str failed = evaluate(&u, NULL, NULL);
  assert_true(str_find(failed, 0, STR("net.lookup_ip_addr: ")) > 0);
  end(&u);
}

static void test_symbols(void **state)
{
  struct unit u;
  start(&u);
  u.options.symbols = symbols_new(NULL, 0);
  add(&u, REGO_V1,
      "package a\np := [input.metadata.name, data.params[input.kind], "
      "object.keys(input)]");
  ask_for(&u, "data.a.p");
  compile_only(&u);
  assert_true(symbols_find(u.options.symbols, STR("metadata")) != 0);
  assert_str(evaluate(&u, "{\"metadata\": {\"name\": \"n\"}, \"kind\": \"Pod\"}",
                      "{\"params\": {\"Pod\": 1}}"),
             "[\"n\", 1, {\"kind\", \"metadata\"}]");
  /* trees that were read without the table give the same */
  struct symbols *symbols = u.options.symbols;
  u.options.symbols = NULL;
  assert_str(evaluate(&u, "{\"metadata\": {\"name\": \"n\"}, \"kind\": \"Pod\"}",
                      "{\"params\": {\"Pod\": 1}}"),
             "[\"n\", 1, {\"kind\", \"metadata\"}]");
  symbols_free(symbols);
  end(&u);
}

struct task {
  const struct rego_program *program;
  int64_t first;
  unsigned wrong;
};

static void *count_up(void *argument)
{
  struct task *task = argument;
  struct rego_worker *worker = rego_worker_new();
  struct arena arena;
  arena_init(&arena, 0);
  for (int64_t i = 0; i < 500; i++) {
    struct value items[] = {value_int(task->first + i), value_int(1)}, v = VALUE_NONE;
    struct rego_run run = {.arena = &arena, .input = value_array_make(&arena, items, NULL, 2)};
    task->wrong += rego_eval(worker, task->program, 0, &run, &v, NULL) < 0 ||
                   v.type != VALUE_NUMBER || v.integer != task->first + i + 1;
    arena_reset(&arena);
  }
  arena_free(&arena);
  rego_worker_free(worker);
  return NULL;
}

static void test_threads(void **state)
{
  struct unit u;
  start(&u);
  add(&u, REGO_V1,
      "package a\np := sum(q)\nq := [x | some x in input; regex.match(`^[0-9]+$`, "
      "format_int(x, 10))]");
  ask_for(&u, "data.a.p");
  compile_only(&u);
  struct task tasks[2] = {{u.program, 0, 0}, {u.program, 100000, 0}};
  pthread_t threads[2];
  for (int i = 0; i < 2; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, count_up, &tasks[i]), 0);
  for (int i = 0; i < 2; i++) {
    pthread_join(threads[i], NULL);
    assert_int_equal(tasks[i].wrong, 0);
  }
  end(&u);
}

/* Functions that call each other deeply (which is no recursion) and bodies of many loops. */
static void test_depth(void **state)
{
  struct unit u;
  _cleanup_(buf_free) struct buf text = {0};
  start(&u);
  buf_add_text(&text, "package a\np := f0(1)\nf300(x) := x\n");
  for (int i = 0; i < 300; i++)
    buf_printf(&text, "f%d(x) := f%d(x + 1)\n", i, i + 1);
  buf_add_text(&text, "q if {\n  input[_] == 1\n");
  for (int i = 0; i < 200; i++)
    buf_printf(&text, "  x%d := input[_]\n", i);
  buf_add_text(&text, "}\n");
  add(&u, REGO_V1, buf_text(&text));
  ask_for(&u, "data.a.p");
  ask_for(&u, "data.a.q");
  compile_only(&u);
  assert_str(evaluate(&u, "[1]", NULL), "301");
  assert_str(answer(&u, 1), "true");
  end(&u);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_documents),
      cmocka_unit_test(test_queries),
      cmocka_unit_test(test_expressions),
      cmocka_unit_test(test_compile_errors),
      cmocka_unit_test(test_bad_entries),
      cmocka_unit_test(test_data_conflict),
      cmocka_unit_test(test_failure_is_over),
      cmocka_unit_test(test_steps),
      cmocka_unit_test(test_deadline),
      cmocka_unit_test(test_memory),
      cmocka_unit_test(test_print),
      cmocka_unit_test(test_print_unheard),
      cmocka_unit_test(test_note),
      cmocka_unit_test(test_points),
      cmocka_unit_test(test_observer),
      cmocka_unit_test(test_observer_redo),
      cmocka_unit_test(test_image),
      cmocka_unit_test(test_broken_images),
      cmocka_unit_test(test_dump),
      cmocka_unit_test(test_worker),
      cmocka_unit_test(test_eval),
      cmocka_unit_test(test_one_evaluation),
      cmocka_unit_test(test_services),
      cmocka_unit_test(test_symbols),
      cmocka_unit_test(test_threads),
      cmocka_unit_test(test_depth),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
