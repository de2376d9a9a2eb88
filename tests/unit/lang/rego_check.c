#include "rego_check.h"

static void test_conflicts(void **state)
{
  static const struct row rows[] = {
      {"p := 1\np contains 1", "rego_type_error: conflicting rules data.a.p found"},
      {"f(x) := x\nf(x, y) := x + y", "rego_type_error: conflicting rules data.a.f found"},
      {"p := 1\np[x] := 2 if x := 1", "rego_type_error: conflicting rules data.a.p[x] found"},
      {"default p := 1\ndefault p := 2",
       "rego_type_error: multiple default rules data.a.p found at a.rego:2, a.rego:3"},
      {"p.q := 1\np.q.r := 2", "rego_type_error: rule data.a.p.q conflicts with [data.a.p.q.r]"},
      {"p[x] := 1 if x := 1\np.q.r := 2", ""},
      {"p := 1 if input.x\np := 2 if input.y", ""},
  };
  RUN(rows, REGO_V1, false);
}

static void test_packages(void **state)
{
  struct checked t;
  start(&t);
  add(&t, REGO_V1, "package a\nb := 1");
  add(&t, REGO_V1, "package a.b\nc := 1");
  check(&t);
  assert_str(buf_str(&t.out),
             "rego_type_error: rule data.a.b conflicts with [data.a.b.c]\n"
             "rego_type_error: package a.b conflicts with rule b defined at a.rego:2");
  end(&t);

  start(&t);
  add(&t, REGO_V1, "package a\nb := 1");
  add(&t, REGO_V1, "package a.b");
  check(&t);
  assert_str(buf_str(&t.out),
             "rego_type_error: package a.b conflicts with rule b defined at a.rego:2");
  end(&t);
}

static void test_documents(void **state)
{
  struct checked t;
  start(&t);
  struct value_member inner = {value_from("p"), value_int(1)}, outer = {value_from("a")};
  value_object_make(&t.arena, &inner, NULL, 1, VALUE_REFUSE, NULL, &outer.value);
  value_object_make(&t.arena, &outer, NULL, 1, VALUE_REFUSE, NULL, &t.options.data);
  add(&t, REGO_V1, "package a\np := 1");
  check(&t);
  assert_str(buf_str(&t.out), "rego_type_error: conflicting rule for data path a/p found");
  end(&t);
}

static void test_names(void **state)
{
  static const struct row rows[] = {
      {"import data.x\nimport data.y.x",
       "rego_compile_error: import must not shadow import data.x"},
      {"input := 1", "rego_compile_error: rules must not shadow input (use a different rule name)"},
      {"p if { input := 1 }",
       "rego_compile_error: variables must not shadow input (use a different variable name)"},
      {"f(input) := 1",
       "rego_compile_error: args must not shadow input (use a different variable name)"},
      {"p if { x := 1; x := 2 }", "rego_compile_error: var x assigned above"},
      {"p if { some x; x := 2 }", "rego_compile_error: var x declared above"},
      {"p if { x == 1; x := 2 }", "rego_compile_error: var x referenced above"},
      {"f(x) if { x := 2 }", "rego_compile_error: arg x redeclared"},
      {"p if { some x; true }", "rego_compile_error: declared var x unused"},
      {"p if { every x in [1] { true } }", "rego_compile_error: declared var x unused"},
      {"p if { x := 1; [y | x := 2; y := x] }", ""},
      {"p if { not x := 1 }", "rego_compile_error: cannot assign vars inside negated expression"},
      {"p if { count := 1; count([]) == 0; count == 1 }",
       "rego_compile_error: called function count shadowed"},
      {"p if { some i, x in [1]; i < x }", ""},
      {"p := q\nq := 1", ""},
  };
  RUN(rows, REGO_V1, false);
}

static void test_v0(void **state)
{
  static const struct row rows[] = {
      {"p { input := 1; input == 1 }", ""},
      {"p[x] { x := 1 }", ""},
      {"import data.x\nimport data.y.x\np { x }", ""},
      {"p { any([true]) }", ""},
  };
  RUN(rows, REGO_V0, false);
}

static void test_strict(void **state)
{
  static const struct row rows[] = {
      {"import data.x\np := 1", "rego_compile_error: import data.x unused"},
      {"import data.x as y\np := y", ""},
      {"p if { x := 1 }", "rego_compile_error: assigned var x unused"},
      {"f(x) := 1",
       "rego_compile_error: unused argument x. (hint: use _ (wildcard variable) instead)"},
      {"f(x) := 1 if { false } else := x", ""},
      {"f(_) := 1", ""},
  };
  RUN(rows, REGO_V1, true);
}

static void test_functions(void **state)
{
  static const struct row rows[] = {
      {"p := nope(1)", "rego_type_error: undefined function nope"},
      {"import data.lib\np := lib.f(1)", "rego_type_error: undefined function data.lib.f"},
      {"f(x) := x\np := f(1, 2)",
       "rego_type_error: function data.a.f has arity 1, got 2 arguments"},
      {"f(x, y) := x + y\np := f(1)",
       "rego_type_error: function data.a.f has arity 2, got 1 argument"},
      {"p := count(1, 2)", "rego_type_error: count: arity mismatch"},
      {"p if { count([1], x); x == 1 }", ""},
      {"p := x if { x := print(1) }", "rego_type_error: print(1) used as value"},
      {"p := startswith(1, \"a\")", "rego_type_error: startswith: invalid argument(s)"},
      {"p := 1 + \"a\"", "rego_type_error: plus: invalid argument(s)"},
      {"p if { any([true]) }",
       "rego_type_error: deprecated built-in function calls in expression: any"},
      {"count(x) := 7\np := count(\"x\", 1)",
       "rego_type_error: function data.a.count has arity 1, got 2 arguments"},
  };
  RUN(rows, REGO_V1, false);
}

static void test_with(void **state)
{
  static const struct row rows[] = {
      {"p if { true with foo as 1 }",
       "rego_type_error: with keyword target must reference existing input, data, or a function"},
      {"p if { q with data.a.q.r as 1 }\nq := 1",
       "rego_compile_error: with keyword cannot partially replace virtual document(s)"},
      {"p if { true with walk as f }\nf(_) := 1",
       "rego_compile_error: with keyword replacing built-in function: target must not be a relation"},
      {"p if { count([]) == 1 with count as f }\nf(_) := 1", ""},
      {"p if { input.x with input.x as 1 with data.y as 2 }", ""},
  };
  RUN(rows, REGO_V1, false);
}

static void test_safety(void **state)
{
  static const struct row rows[] = {
      {"p := x", "rego_unsafe_var_error: var x is unsafe"},
      {"p if { x > 1 }", "rego_unsafe_var_error: var x is unsafe"},
      {"p if { not input.a[x] }", "rego_unsafe_var_error: var x is unsafe"},
      {"p if { not input.a[_] }", "rego_unsafe_var_error: var _ is unsafe"},
      {"p if { x == 1 }", "rego_unsafe_var_error: var x is unsafe"},
      {"p if { x = y }", "rego_unsafe_var_error: var x is unsafe\n"
                         "rego_unsafe_var_error: var y is unsafe"},
      {"p if { {x} = {1} }", "rego_unsafe_var_error: var x is unsafe"},
      {"p if { [x, y] = [y, 1]; x == 1 }", ""},
      {"p if { x > 1; x = 2 }", ""},
      {"p if { input.a[x].b[y]; y > x }", ""},
      {"p if { x in [1] }", "rego_unsafe_var_error: var x is unsafe"},
      {"p := [x | y := 1]", "rego_unsafe_var_error: var x is unsafe"},
      {"p := [x | input.a[x]]", ""},
      {"p if { x = [x | x = 1] }", "rego_unsafe_var_error: var x is unsafe"},
      {"p if { every x in [1] { x > y } }", "rego_unsafe_var_error: var y is unsafe"},
      {"p if { true with input as x }", "rego_unsafe_var_error: var x is unsafe"},
      {"p if { count(x, y); x = [1]; y > 0 }", ""},
      {"p[x] := 1 if { true }", "rego_unsafe_var_error: var x is unsafe"},
      {"p contains x if { input.a[x] }", ""},
      {"f({\"a\": x}) := x", ""},
      {"p if { walk(input, [path, value]); value == path }", ""},
  };
  RUN(rows, REGO_V1, false);
}

static void test_recursion(void **state)
{
  static const struct row rows[] = {
      {"p := p", "rego_recursion_error: rule data.a.p is recursive: data.a.p -> data.a.p"},
      {"p := q\nq := p",
       "rego_recursion_error: rule data.a.p is recursive: data.a.p -> data.a.q -> data.a.p\n"
       "rego_recursion_error: rule data.a.q is recursive: data.a.q -> data.a.p -> data.a.q"},
      {"f(x) := f(x)", "rego_recursion_error: rule data.a.f is recursive: data.a.f -> data.a.f"},
      {"p := 1 if { false } else := p",
       "rego_recursion_error: rule data.a.p is recursive: data.a.p -> data.a.p"},
      {"p := data[x] if { x := 1 }",
       "rego_recursion_error: rule data.a.p is recursive: data.a.p -> data.a.p"},
      {"p := q\nq := r\nr := 1", ""},
  };
  RUN(rows, REGO_V1, false);
}

static void test_order(void **state)
{
  struct checked t;
  start(&t);
  add(&t, REGO_V1, "package a\np if { x > 1; input.y[i] = x; i != z; z = 3 }");
  check(&t);
  assert_int_equal(t.result, 0);
  const struct check_body *body = &t.program->rules[0]->body;
  assert_int_equal(body->count, 4);
  assert_int_equal(body->items[0].kind, CHECK_UNIFY); /* input.y[i] = x */
  assert_int_equal(body->items[0].bind_count, 2);
  assert_int_equal(body->items[0].terms[0].root, CHECK_ROOT_INPUT);
  assert_int_equal(body->items[1].kind, CHECK_UNIFY); /* z = 3 */
  assert_int_equal(body->items[1].bind_count, 1);
  assert_int_equal(body->items[2].kind, CHECK_CALL); /* x > 1 */
  assert_string_equal(body->items[2].function->name, "gt");
  assert_int_equal(body->items[2].bind_count, 0);
  assert_string_equal(body->items[3].function->name, "neq");
  end(&t);
}

static void test_calls_come_out(void **state)
{
  struct checked t;
  start(&t);
  add(&t, REGO_V1,
      "package a\np if { not count(split(input.x, q)) == 1 with input.x as 2 }\nq := \"/\"");
  check(&t);
  assert_str(buf_str(&t.out), "");
  const struct check_body *body = &t.program->rules[0]->body;
  assert_int_equal(body->count, 3);
  assert_string_equal(body->items[0].function->name, "split");
  assert_true(body->items[0].generated && body->items[0].has_output && !body->items[0].negated);
  assert_int_equal(body->items[0].with_count, 1);
  assert_int_equal(body->items[0].terms[1].path->rules[0]->number, 1);
  assert_string_equal(body->items[1].function->name, "count");
  assert_true(body->items[2].negated && body->items[2].test);
  assert_int_equal(t.program->rules[0]->need_count, 1);
  assert_int_equal(t.program->rules[0]->level, 1);
  assert_int_equal(t.program->order[0], 1);
  end(&t);
}

static void test_query(void **state)
{
  struct checked t;
  struct rego_body body;
  start(&t);
  add(&t, REGO_V1, "package a\np := 1");
  check(&t);
  struct rego_options options = {.names = t.names};
  assert_int_equal(rego_parse_query(&t.arena, STR("x = data.a.p; y := x; 1 == 1"), &options, &body,
                                    NULL, &t.err),
                   0);
  assert_int_equal(rego_check_query(&t.arena, t.program, body, &t.options, &t.query, NULL, &t.err),
                   0);
  assert_int_equal(t.query.answer_count, 2);
  assert_str(rego_names_text(t.names, t.query.locals[t.query.answers[0]].name), "x");
  assert_int_equal(t.query.body.items[0].terms[1].path->rule_count, 1);
  assert_int_equal(t.query.body.items[2].kind, CHECK_CALL); /* its value is an answer */

  assert_int_equal(rego_parse_query(&t.arena, STR("x > 1"), &options, &body, NULL, &t.err), 0);
  t.result = rego_check_query(&t.arena, t.program, body, &t.options, &t.query, &t.errors, &t.err);
  list_errors(&t);
  assert_str(buf_str(&t.out), "rego_unsafe_var_error: var x is unsafe");
  assert_error(t.err, SW_EINVAL, "var x is unsafe");
  end(&t);
}

/* The package and imports of a query. */
static void test_query_context(void **state)
{
  static const struct {
    const char *context, *query, *errors;
  } rows[] = {
      {"package a", "p", ""},
      {"package a", "f(p)", ""},
      {"package a", "p == input.x; x := p", ""},
      {"package a\nimport data.b.q as r\nimport input.u", "r + u.v == p", ""},
      {"package b", "p", "rego_unsafe_var_error: var p is unsafe"},
      {"package c.d\nimport data.b", "b.q", ""},
      {"package c.d\nimport data.b", "p", "rego_unsafe_var_error: var p is unsafe"},
      {"package c.d\nimport data.b", "b.f(1)", "rego_type_error: undefined function data.b.f"},
      {"package a", "p := 1", ""},
      {"package a", "some f; f = 2", ""},
      {"package a", "resutl",
       "rego_unsafe_var_error: var resutl is unsafe (did you mean `result`?)"},
      {NULL, "p", "rego_unsafe_var_error: var p is unsafe"},
  };
  struct checked t;
  struct rego_body body;
  start(&t);
  add(&t, REGO_V1, "package a\np := 1\nf(x) := x\nresult := p");
  add(&t, REGO_V1, "package b\nq := 2");
  check(&t);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct rego_options options = {.names = t.names};
    t.options.context = NULL;
    if (rows[i].context)
      assert_int_equal(rego_parse_module(&t.arena, str_from(rows[i].context), &options,
                                         &t.options.context, NULL, &t.err),
                       0);
    assert_int_equal(
        rego_parse_query(&t.arena, str_from(rows[i].query), &options, &body, NULL, &t.err), 0);
    t.result = rego_check_query(&t.arena, t.program, body, &t.options, &t.query, &t.errors, &t.err);
    list_errors(&t);
    assert_str(buf_str(&t.out), rows[i].errors);
  }
  end(&t);
}

static void test_hints(void **state)
{
  static const struct row rows[] = {
      {"p if alow\nallow := 1",
       "rego_unsafe_var_error: var alow is unsafe (did you mean `allow`?)"},
      {"p := rezult\nresult := 1",
       "rego_unsafe_var_error: var rezult is unsafe (did you mean `result`?)"},
      {"import data.library\np := $\"{libary.x}\"",
       "rego_compile_error: var libary is undeclared (did you mean `library`?)"},
      {"p := startwith(\"a\", \"b\")",
       "rego_type_error: undefined function startwith (did you mean `startswith`?)"},
      {"p := regex.mathc(\"a\", \"b\")",
       "rego_type_error: undefined function regex.mathc (did you mean `regex.match`?)"},
      {"p := data.a.helpr(1)\nhelper(_) := 1",
       "rego_type_error: undefined function data.a.helpr (did you mean `helper`?)"},
      {"p := helpr(1)\nhelper(_) := 1",
       "rego_type_error: undefined function helpr (did you mean `helper`?)"},
      {"p if ab\nabc := 1", "rego_unsafe_var_error: var ab is unsafe"},
      {"p if something\nelsewhere := 1", "rego_unsafe_var_error: var something is unsafe"},
  };
  RUN(rows, REGO_V1, false);
}

static void test_templates(void **state)
{
  static const struct row rows[] = {
      {"p := $\"{walk(input)}\"",
       "rego_compile_error: illegal call to relation built-in 'walk' that may cause multiple outputs"},
      {"p := $\"{count([x | walk(input, [x, _])])}\"", ""},
      {"p := $\"a {x} b\"", "rego_compile_error: var x is undeclared"},
      {"p := $\"a {x} b\" if { x := 1 }", ""},
  };
  RUN(rows, REGO_V1, false);
}

static void test_unsafe_functions(void **state)
{
  static const struct row rows[] = {
      {"p := http.send({}).body",
       "rego_type_error: unsafe built-in function calls in expression: http.send"},
      {"p if count([1]) == 1", ""},
      {"p if { f(1) with http.send as f }\nf(_) := 1",
       "rego_compile_error: with keyword replacing built-in function: target must not be unsafe: "
       "\"http.send\""},
      {"p if { count([1]) with count as http.send }",
       "rego_compile_error: with keyword replacing built-in function: target must not be unsafe: "
       "\"http.send\""},
      {"p := time.now_ns() - 1",
       "rego_type_error: unsafe built-in function calls in expression: time.now_ns"},
  };
  static const struct str unsafe[] = {{"http.send", 9}, {"time.now_ns", 11}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct checked t;
    _cleanup_(buf_free) struct buf text = {0};
    start(&t);
    t.options.unsafe = unsafe;
    t.options.unsafe_count = 2;
    buf_printf(&text, "package a\n%s", rows[i].text);
    add(&t, REGO_V1, buf_text(&text));
    check(&t);
    assert_str(buf_str(&t.out), rows[i].errors);
    end(&t);
  }
}

static void test_any_order(void **state)
{
  struct checked t;
  start(&t);
  add(&t, REGO_V1, "package a\np := data.b.q");
  add(&t, REGO_V1, "package b\nq := 1");
  check(&t);
  const struct check_program *first = t.program;
  const struct rego_module *swap = t.modules[0];
  t.modules[0] = t.modules[1];
  t.modules[1] = swap;
  check(&t);
  assert_int_equal(first->rule_count, 2);
  for (uint32_t i = 0; i < 2; i++) {
    assert_ptr_equal(first->rules[i]->source, t.program->rules[i]->source);
    assert_int_equal(first->order[i], t.program->order[i]);
  }
  end(&t);
}

static void test_limit(void **state)
{
  struct checked t;
  _cleanup_(buf_free) struct buf text = {0};
  start(&t);
  buf_add_text(&text, "package a\np if {\n");
  for (int i = 20000; i > 0; i--)
    buf_printf(&text, "v%d = v%d\n", i, i - 1);
  buf_add_text(&text, "v0 = 1 }\n");
  add(&t, REGO_V1, buf_text(&text));
  check(&t);
  assert_int_equal(t.result, SW_ELIMIT);
  assert_error(t.err, SW_ELIMIT, "too large or too intricate");
  end(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conflicts),
      cmocka_unit_test(test_packages),
      cmocka_unit_test(test_documents),
      cmocka_unit_test(test_names),
      cmocka_unit_test(test_v0),
      cmocka_unit_test(test_strict),
      cmocka_unit_test(test_functions),
      cmocka_unit_test(test_with),
      cmocka_unit_test(test_safety),
      cmocka_unit_test(test_recursion),
      cmocka_unit_test(test_order),
      cmocka_unit_test(test_calls_come_out),
      cmocka_unit_test(test_query),
      cmocka_unit_test(test_query_context),
      cmocka_unit_test(test_hints),
      cmocka_unit_test(test_templates),
      cmocka_unit_test(test_unsafe_functions),
      cmocka_unit_test(test_any_order),
      cmocka_unit_test(test_limit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
