#include "rego_check.h"

/* Each text stands in a module `package a`; the errors are told with their details. */
static void run_detailed(const struct row *rows, size_t count, bool annotations)
{
  for (size_t i = 0; i < count; i++) {
    struct checked t;
    _cleanup_(buf_free) struct buf text = {0};
    start(&t);
    t.detailed = true;
    t.annotations = annotations;
    buf_printf(&text, "package a\n%s", rows[i].text);
    add(&t, REGO_V1, buf_text(&text));
    check(&t);
    if (!str_eq(buf_str(&t.out), str_from(rows[i].errors)))
      fail_msg("%s\n  is\n%.*s\n  expected\n%s", rows[i].text, STR_FMT(buf_str(&t.out)),
               rows[i].errors);
    end(&t);
  }
}

#define RUN_DETAILED(rows) run_detailed(rows, sizeof(rows) / sizeof *(rows), false)
#define RUN_ANNOTATED(rows) run_detailed(rows, sizeof(rows) / sizeof *(rows), true)

static void test_match(void **state)
{
  static const struct row rows[] = {
      {"p if { x := 1; x == \"a\" }",
       "rego_type_error: match error\nleft  : number\nright : string"},
      {"p if { [1, \"a\"] = [x, x] }",
       "rego_type_error: match error\nleft  : array<number, string>\nright : array<?\?\?, ?\?\?>"},
      {"p if { x := {1, \"a\"}; some y in x; y == null }",
       "rego_type_error: match error\nleft  : any<number, string>\nright : null"},
      {"p if { [1, 2] = [1] }",
       "rego_type_error: match error\nleft  : array<number, number>\nright : array<number>"},
      {"p if { {\"a\": 1, \"b\": x} = {\"a\": \"c\", \"b\": 2}; x }",
       "rego_type_error: match error\nleft  : object<a: number, b: ?\?\?>\n"
       "right : object<a: string, b: number>"},
      {"p if { not count(input.x) == \"a\" }",
       "rego_type_error: match error\nleft  : number\nright : string"},
      {"p if { [x | x := 1] == {1} }",
       "rego_type_error: match error\nleft  : array[number]\nright : set[number]"},
      {"p if { {k: v | some k, v in [null]} == {} }", ""},
      {"p if { {k: v | some k, v in [null]} == {\"a\": true} }",
       "rego_type_error: match error\nleft  : object[number: null]\nright : object<a: boolean>"},
      {"p if { input.x == 1; input.x == \"a\" }", ""},
      {"p if { x := input.x; x == 1; x == \"a\" }", ""},
      {"p if { [1] = []; {1} = set(); {\"a\": 1} = {} }", ""},
      {"p if { {{1, 2}, 3} == {{\"a\"}} }",
       "rego_type_error: match error\nleft  : set[any<number, set[number]>]\n"
       "right : set[set[string]]"},
      {"p if { split(input.x, \"/\") = [\"a\", x]; x == 1 }",
       "rego_type_error: match error\nleft  : string\nright : number"},
      {"p if { sum([1]) != \"a\"; 1 > \"a\" }", ""},
  };
  RUN_DETAILED(rows);
}

static void test_arguments(void **state)
{
  static const struct row rows[] = {
      {"p if { startswith(input.x, 1) }",
       "rego_type_error: startswith: invalid argument(s)\nhave: (any, number)\n"
       "want: (search: string, base: string, result: boolean)"},
      {"p := concat(\",\", [1])",
       "rego_type_error: concat: invalid argument(s)\nhave: (string, array<number>, ?\?\?)\n"
       "want: (delimiter: string, collection: any<array[string], set[string]>, output: string)"},
      {"p := concat(\",\", [1, input.x])",
       "rego_type_error: concat: invalid argument(s)\nhave: (string, array<number, any>, ?\?\?)\n"
       "want: (delimiter: string, collection: any<array[string], set[string]>, output: string)"},
      {"p := concat(\",\", [\"a\", input.x])", ""},
      {"p := concat(\",\", [x | x := 1])",
       "rego_type_error: concat: invalid argument(s)\nhave: (string, array[number], ?\?\?)\n"
       "want: (delimiter: string, collection: any<array[string], set[string]>, output: string)"},
      {"p := x if { y := 1; x := upper(y) }",
       "rego_type_error: upper: invalid argument(s)\nhave: (number, ?\?\?)\nwant: (x: string, y: string)"},
      {"p if { x := split(input.x, \"/\"); count(x) + 1 == 2; x[0] - 1 == 2 }",
       "rego_type_error: minus: invalid argument(s)\nhave: (string, number, ?\?\?)\n"
       "want: (x: any<number, set[any]>, y: any<number, set[any]>, z: any<number, set[any]>)"},
      {"p if { count(input.x, \"a\") }",
       "rego_type_error: count: invalid argument(s)\nhave: (any, string)\n"
       "want: (collection: any<string, array[any], object[any: any], set[any]>, n: number)"},
      {"p if { walk(input, [path, x]); path[_] == 1; x == 2; count(path) > 1 }", ""},
      {"p if { walk(input, [path, _]); path + 1 == 2 }",
       "rego_type_error: plus: invalid argument(s)\nhave: (array[any], number, ?\?\?)\n"
       "want: (x: number, y: number, z: number)"},
      {"p := sprintf(\"%d\", 1)",
       "rego_type_error: sprintf: invalid argument(s)\nhave: (string, number, ?\?\?)\n"
       "want: (format: string, values: array[any], output: string)"},
      {"p := json.unmarshal(\"1\") + 1", ""},
  };
  RUN_DETAILED(rows);
}

static void test_arity(void **state)
{
  static const struct row rows[] = {
      {"p := count([1, input.x], {1, \"a\"})",
       "rego_type_error: count: arity mismatch\nhave: (array<number, any>, set[any<number, string>], "
       "?\?\?)\nwant: (collection: any<string, array[any], object[any: any], set[any]>)"},
      {"q := 1\np if startswith(q, x, y, {})",
       "rego_type_error: startswith: arity mismatch\nhave: (any, ?\?\?, ?\?\?, object[any: any])\n"
       "want: (search: string, base: string)"},
      {"p if count()", "rego_type_error: count: arity mismatch\nhave: ()\n"
                       "want: (collection: any<string, array[any], object[any: any], set[any]>)"},
  };
  RUN_DETAILED(rows);
}

static void test_references(void **state)
{
  static const struct row rows[] = {
      {"p if { x := {\"a\": 1, \"c\": 2}; x.b }",
       "rego_type_error: undefined ref: x.b\nx.b\n  ^\n  have: \"b\"\n"
       "  want (one of): [\"a\" \"c\"]"},
      {"q := {\"a\": [1]}\np := q.a[0].c.d",
       "rego_type_error: undefined ref: data.a.q.a[0].c.d\ndata.a.q.a[0].c.d\n^^^^^^^^^^^^^\n"
       "have: number"},
      {"q contains \"x\"\np if q[1]",
       "rego_type_error: undefined ref: data.a.q[1]\ndata.a.q[1]\n         ^\n         have: 1\n"
       "         want (type): string"},
      {"q contains \"x\"\np if { some x in [1]; q[x] }",
       "rego_type_error: undefined ref: data.a.q[x]\ndata.a.q[x]\n         ^\n"
       "         have (type): number\n         want (type): string"},
      {"p if { x := [[1]]; x[0][{\"a\": 1}] }",
       "rego_type_error: undefined ref: x[0][{\"a\": 1}]\nx[0][{\"a\": 1}]\n     ^\n"
       "     have (type): object<a: number>\n     want (type): number"},
      {"p if { x := {[1, \"a\"]}; x[[y, z]]; upper(z, _); abs(y) == 1 }", ""},
      {"p if { x := {[1, \"a\"]}; x[[y, _]]; upper(y, _) }",
       "rego_type_error: upper: invalid argument(s)\nhave: (number, ?\?\?)\nwant: (x: string, y: string)"},
      {"f(x) := x\np := f", "rego_type_error: undefined ref: data.a.f\ndata.a.f\n^^^^^^^^\n"
                            "have: (any) => any"},
      {"q := 1\np := data.a[7]", "rego_type_error: undefined ref: data.a[7]\ndata.a[7]\n       ^\n"
                                 "       have (type): number\n       want (one of): [\"q\"]"},
      {"p := data.b[0].c[1]\nq := data[input.x].y\nr := input[0].z", ""},
      {"p if { x := {\"a\": {\"b\": 1}, \"c\": {\"d\": \"e\"}}; y := x[_][_]; y + 1 == 2 }", ""},
      {"p if { x := {\"a\": {\"b\": 1}, \"c\": {\"d\": 2}}; y := x[k][_]; upper(y, _); k }",
       "rego_type_error: upper: invalid argument(s)\nhave: (number, ?\?\?)\nwant: (x: string, y: string)"},
      {"p := [1, 2][2]", "rego_type_error: undefined ref: __local0__[2]\n__local0__[2]\n"
                         "           ^\n           have: 2\n           want (type): number"},
  };
  RUN_DETAILED(rows);
}

static void test_rules(void **state)
{
  static const struct row rows[] = {
      {"q := 1\nq := \"a\" if input.x\np := upper(q)\nr := q + 1", ""},
      {"q := 1 if input.x\ndefault q := null\np := upper(q)",
       "rego_type_error: upper: invalid argument(s)\nhave: (any<null, number>, ?\?\?)\n"
       "want: (x: string, y: string)"},
      {"q := 1 if { input.x } else := \"a\" if { input.y } else := null\np := q.a",
       "rego_type_error: undefined ref: data.a.q.a\ndata.a.q.a\n^^^^^^^^\n"
       "have: any<null, number, string>"},
      {"q[x] := 1 if some x in [\"a\"]\np := upper(q[_])",
       "rego_type_error: upper: invalid argument(s)\nhave: (number, ?\?\?)\nwant: (x: string, y: string)"},
      {"q[x].y[z] := 1 if { some x, z in input.u }\np := upper(q.a.y.b)",
       "rego_type_error: upper: invalid argument(s)\nhave: (number, ?\?\?)\nwant: (x: string, y: string)"},
      {"q[x] := 1 if some x in [\"a\"]\nq.b := \"c\"\np := upper(q[_])\nr := q.b + 1",
       "rego_type_error: plus: invalid argument(s)\nhave: (string, number, ?\?\?)\n"
       "want: (x: number, y: number, z: number)"},
      {"q[x] := 1 if some x in [\"a\", \"b\"]\nq[x].c := \"d\" if some x in [\"e\"]\np := q.f.c",
       ""},
      {"q[x] contains y if { some x, y in input.z }\np := q.a.b.c + 1\nr := q[1][2]", ""},
      {"q.r.s := 1\nq.r.t := \"a\"\np := upper(q.r.s)\nu := q.r.v.w",
       "rego_type_error: upper: invalid argument(s)\nhave: (number, ?\?\?)\nwant: (x: string, y: string)"},
      {"q if { 1 == \"a\" }\np if { q == 1; q == \"a\" }",
       "rego_type_error: match error\nleft  : number\nright : string"},
      {"q contains x if { some x in [1] }\nq contains \"a\"\np if { some x in q; upper(x, _); x + 1 == 2 }",
       ""},
  };
  RUN_DETAILED(rows);
}

static void test_functions(void **state)
{
  static const struct row rows[] = {
      {"f(x) := upper(x)\np := f(1)",
       "rego_type_error: data.a.f: invalid argument(s)\nhave: (number, ?\?\?)\n"
       "want: (string, string)"},
      {"f(x) := 1 if x == 1\nf(x) := \"a\" if x == \"b\"\np := f(\"c\") + 1\nq := f(null)",
       "rego_type_error: data.a.f: invalid argument(s)\nhave: (null, ?\?\?)\n"
       "want: (any<number, string>, any<number, string>)"},
      {"f([x, y]) := split(x, y)\np := f([\"a\", 1])",
       "rego_type_error: data.a.f: invalid argument(s)\nhave: (array<string, number>, ?\?\?)\n"
       "want: (array<string, string>, array[string])"},
      {"f({\"a\": x}) := x + 1\np := f({\"a\": 1, \"b\": 2})",
       "rego_type_error: data.a.f: invalid argument(s)\n"
       "have: (object<a: number, b: number>, ?\?\?)\nwant: (object<a: number>, number)"},
      {"f(x) := x\nf(x, y) := x", "rego_type_error: conflicting rules data.a.f found"},
      {"f(x) := x.y.z\np := f(1).a\nq := f({})", ""},
      {"f(_) := {\"a\": 1}\np := f(1).b",
       "rego_type_error: undefined ref: __local0__.b\n__local0__.b\n           ^\n"
       "           have: \"b\"\n           want (one of): [\"a\"]"},
      {"f(x) := [y | y := x]\np := f(1)[0].b", ""},
      {"f(x) if { g(x) }\ng(1)\np if f(\"a\")",
       "rego_type_error: data.a.f: invalid argument(s)\nhave: (string)\nwant: (number, boolean)"},
      {"p if { count([1]) == 2 with count as f }\nf(x, y) := 1",
       "rego_type_error: count: arity mismatch\nhave: (any, any)\n"
       "want: (collection: any<string, array[any], object[any: any], set[any]>)"},
      {"p if { is_number(g(1)) with g as f }\nf(x) := x + 1\ng(x) := upper(input.y) if x > 0", ""},
      {"p if { g(\"a\") == \"b\" with g as f }\nf(x) := x + 1\ng(x) := upper(x)",
       "rego_type_error: data.a.g: arity mismatch\nhave: (number)\nwant: (string)"},
      {"p if { g(1) with g as 7 }\ng(_) := 1", ""},
  };
  RUN_DETAILED(rows);
}

static void test_closures(void **state)
{
  static const struct row rows[] = {
      {"p := [upper(x) | x := 1]",
       "rego_type_error: upper: invalid argument(s)\nhave: (number, ?\?\?)\nwant: (x: string, y: string)"},
      {"p if { a := [1]; b := [x | x = a[_]]; c := {x | x = \"y\"}; upper(c[_], _); upper(b[0], _) }",
       "rego_type_error: upper: invalid argument(s)\nhave: (number, ?\?\?)\nwant: (x: string, y: string)"},
      /* an unused variable of two comprehensions may be different things in them */
      {"p if { [x | x = 1] == [1]; {x | x = \"a\"} == {\"a\"} }", ""},
      {"p if { every x in [1] { upper(x) == 2; x.y } }", ""},
      {"f(x) if { every y in input.ys { x.z == y }; upper(x, _) }\np if f({\"z\": 1})", ""},
      {"p if { every x in [1] { count([upper(y) | y := 1]) == x } }",
       "rego_type_error: upper: invalid argument(s)\nhave: (number, ?\?\?)\nwant: (x: string, y: string)"},
      {"q := 1\np if { every x in [1] { q.a == x } }",
       "rego_type_error: undefined ref: data.a.q.a\ndata.a.q.a\n^^^^^^^^\nhave: number"},
      {"p := $\"{upper(1)}\"",
       "rego_type_error: upper: invalid argument(s)\nhave: (number, ?\?\?)\nwant: (x: string, y: string)"},
      {"p := $\"{input.x}\" + 1",
       "rego_type_error: plus: invalid argument(s)\nhave: (string, number, ?\?\?)\n"
       "want: (x: number, y: number, z: number)"},
  };
  RUN_DETAILED(rows);
}

/* Errors come by place, whatever order the rules are looked at, and a limited number of them. */
static void test_order_of_errors(void **state)
{
  static const struct row rows[] = {
      {"p if { q; 1 == \"a\" }\nq if { r; null == \"a\" }\nr if { true == \"a\" }",
       "rego_type_error: match error\nleft  : number\nright : string\n"
       "rego_type_error: match error\nleft  : null\nright : string\n"
       "rego_type_error: match error\nleft  : boolean\nright : string"},
  };
  struct checked t;
  _cleanup_(buf_free) struct buf text = {0};
  RUN_DETAILED(rows);
  start(&t);
  buf_add_text(&text, "package a\n");
  for (int i = 0; i < 30; i++)
    buf_printf(&text, "p%d if 1 == \"a\"\n", i);
  add(&t, REGO_V1, buf_text(&text));
  check(&t);
  assert_int_equal(t.errors.count, REGO_ERRORS_MAX);
  assert_int_equal(t.errors.dropped, 20);
  assert_int_equal(t.errors.items[9].place.line, 11);
  end(&t);
}

static void test_queries(void **state)
{
  static const struct row rows[] = {
      {"upper(data.a.p)",
       "rego_type_error: upper: invalid argument(s)\nhave: (number)\nwant: (x: string, y: string)"},
      {"data.a.p == \"a\"", ""}, /* its value is asked for */
      {"data.a.p = \"a\"", "rego_type_error: match error\nleft  : number\nright : string"},
      {"data.a.q.z", "rego_type_error: undefined ref: data.a.q.z\ndata.a.q.z\n         ^\n"
                     "         have: \"z\"\n         want (one of): [\"x\"]"},
      {"data.a.f(1)", "rego_type_error: data.a.f: invalid argument(s)\nhave: (number)\n"
                      "want: (string, string)"},
      {"data.a.f(\"x\", y); y == \"X\"; data.b.c.d; data.a[z]", ""},
  };
  struct checked t;
  struct rego_body body;
  start(&t);
  t.detailed = true;
  add(&t, REGO_V1, "package a\np := 1\nq := {\"x\": 1}\nf(x) := upper(x)");
  check(&t);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct rego_options options = {.names = t.names};
    assert_int_equal(
        rego_parse_query(&t.arena, str_from(rows[i].text), &options, &body, NULL, &t.err), 0);
    t.result = rego_check_query(&t.arena, t.program, body, &t.options, &t.query, &t.errors, &t.err);
    list_errors(&t);
    assert_str(buf_str(&t.out), rows[i].errors);
  }
  end(&t);
}

static void test_locals_have_types(void **state)
{
  struct checked t;
  _cleanup_(buf_free) struct buf out = {0};
  start(&t);
  add(&t, REGO_V1, "package a\np if { x := split(input.y, \".\"); x != [] }");
  check(&t);
  const struct check_rule *rule = t.program->rules[0];
  for (uint32_t i = 0; i < rule->local_count; i++)
    if (rule->locals[i].name != REGO_NO_NAME)
      rego_type_write(&out, rule->locals[i].type);
  assert_str(buf_str(&out), "array[string]");
  end(&t);
}

#define META(scope, schema) "# METADATA\n# scope: " scope "\n# schemas:\n# - " schema "\n"

static void test_schemas(void **state)
{
  static const struct row rows[] = {
      {META("rule", "input.x: {type: boolean}") "p if input.x == 42",
       "rego_type_error: match error\nleft  : boolean\nright : number"},
      {META("rule", "input.x: {type: boolean}") "p if input.x\nq if input.x == 42", ""},
      {META("rule", "input.x.y: {type: string}") "p if { input.x.y == \"a\"; input.x.z; input.u }",
       ""},
      {META("rule", "input: {properties: {a: {}}}") "p if input.b",
       "rego_type_error: undefined ref: input.b\ninput.b\n      ^\n      have: \"b\"\n"
       "      want (one of): [\"a\"]"},
      {META("document", "input: {type: string}") "p if upper(input) == \"X\"\np if input + 1 == 2",
       "rego_type_error: plus: invalid argument(s)\nhave: (string, number, ?\?\?)\n"
       "want: (x: number, y: number, z: number)"},
      {META("document", "input.a: {type: string}") "p if input.a == \"x\"\n" META(
           "rule", "input.a: {type: number}") "p if input.a == 1",
       ""},
      {META("document", "input: {}") "p if input.a\n" META("document", "input: {}") "p if input.b",
       "rego_type_error: document annotation redeclared: a.rego:2"},
      {META("rule",
            "data.b.c: {type: number}") "p if { upper(data.b.c) == \"X\"; data.b.d; data.e }",
       "rego_type_error: upper: invalid argument(s)\nhave: (number, ?\?\?)\nwant: (x: string, y: string)"},
      {META("rule", "input: {type: strng}") "p := 1",
       "rego_type_error: unable to compile the schema: has a primitive type that is NOT VALID -- "
       "given: /strng/ Expected valid values are:[array boolean integer number null object string]"},
      {META("rule", "input: schema.pod") "p if input.x.y", ""},
      {META("rule", "input: {type: number}") "p := x if { x = input }\nq := upper(p)",
       "rego_type_error: upper: invalid argument(s)\nhave: (number, ?\?\?)\nwant: (x: string, y: string)"},
  };
  RUN_ANNOTATED(rows);
}

static void test_schemas_of_packages(void **state)
{
  struct checked t;
  start(&t);
  t.annotations = true;
  add(&t, REGO_V1, META("subpackages", "input: {type: string}") "package a");
  add(&t, REGO_V1, "package a.b\np if input == 1");
  add(&t, REGO_V1, META("package", "input: {type: number}") "package a.c\nq if input == 1");
  add(&t, REGO_V1, "package a.c\nr if input == \"x\"");
  check(&t);
  assert_str(buf_str(&t.out), "rego_type_error: match error\nrego_type_error: match error");
  assert_str(t.errors.items[0].file, "b.rego");
  assert_str(t.errors.items[1].file, "d.rego");
  end(&t);

  start(&t);
  t.annotations = true;
  add(&t, REGO_V1, META("package", "input: {}") "package a");
  add(&t, REGO_V1, META("package", "input: {}") "package a");
  check(&t);
  assert_str(buf_str(&t.out), "rego_type_error: package annotation redeclared: a.rego:1");
  assert_str(t.errors.items[0].file, "b.rego");
  end(&t);
}

/* Schemas by name, and one for the input of all. */
static void test_named_schemas(void **state)
{
  struct value_member type = {value_from("type"), value_from("number")};
  struct check_schema schemas[] = {{.name = STR("dir/pod")}, {.name = STR("")}};
  struct rego_body body;
  struct checked t;
  start(&t);
  value_object_make(&t.arena, &type, NULL, 1, VALUE_REFUSE, NULL, &schemas[0].schema);
  schemas[1].schema = schemas[0].schema;
  t.annotations = true;
  t.options.schemas = schemas;
  t.options.schema_count = 1;
  add(&t, REGO_V1,
      "package a\n" META("rule", "input.x: schema.dir[\"pod\"]") "p if input.x == null");
  check(&t);
  assert_str(buf_str(&t.out), "rego_type_error: match error");
  t.count = 0;
  add(&t, REGO_V1, "package a\n" META("rule", "input.x: schema.nope") "p if input.x == null");
  check(&t);
  assert_str(buf_str(&t.out), "rego_type_error: undefined schema: schema.nope");
  t.count = 0;
  t.options.schema_count = 2;
  add(&t, REGO_V1, "package a\np if input.y\nq := 1");
  check(&t);
  assert_str(buf_str(&t.out), "rego_type_error: undefined ref: input.y");
  t.count = 0;
  add(&t, REGO_V1, "package a\nq := 1");
  check(&t);
  struct rego_options options = {.names = t.names};
  assert_int_equal(rego_parse_query(&t.arena, STR("input == \"a\""), &options, &body, NULL, &t.err),
                   0);
  assert_int_equal(rego_check_query(&t.arena, t.program, body, &t.options, &t.query, NULL, &t.err),
                   0);
  assert_int_equal(rego_parse_query(&t.arena, STR("input = \"a\""), &options, &body, NULL, &t.err),
                   0);
  assert_int_equal(rego_check_query(&t.arena, t.program, body, &t.options, &t.query, NULL, &t.err),
                   SW_EINVAL);
  end(&t);
}

/* More work than there may be makes no errors, and does no harm. */
static void test_too_much_work(void **state)
{
  struct checked t;
  _cleanup_(buf_free) struct buf text = {0};
  start(&t);
  buf_add_text(&text, "package a\np if {\n  x0 := [1, 2]\n  y0 := [1, 2]\n");
  for (int i = 1; i < 40; i++)
    buf_printf(&text, "  x%d := [x%d, x%d]\n  y%d := [y%d, y%d]\n", i, i - 1, i - 1, i, i - 1,
               i - 1);
  buf_add_text(&text, "  x39 == y39\n  1 == \"a\"\n}\n");
  add(&t, REGO_V1, buf_text(&text));
  check(&t);
  assert_int_equal(t.result, 0);
  end(&t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_match),         cmocka_unit_test(test_arguments),
      cmocka_unit_test(test_arity),         cmocka_unit_test(test_references),
      cmocka_unit_test(test_rules),         cmocka_unit_test(test_functions),
      cmocka_unit_test(test_closures),      cmocka_unit_test(test_order_of_errors),
      cmocka_unit_test(test_queries),       cmocka_unit_test(test_locals_have_types),
      cmocka_unit_test(test_schemas),       cmocka_unit_test(test_schemas_of_packages),
      cmocka_unit_test(test_named_schemas), cmocka_unit_test(test_too_much_work),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
