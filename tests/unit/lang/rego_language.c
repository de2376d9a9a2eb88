/* The language: small modules, an input, and the value of data.a.p, with the optimiser and without. */
#include "rego_unit.h"

static void test_rules(void **state)
{
  static const struct row rows[] = {
      {"p := 1", NULL, NULL, "1"},
      {"p := input.x", NULL, NULL, "undefined"},
      {"p := input.x", "{\"x\": null}", NULL, "null"},
      {"p := input.x", "{\"x\": false}", NULL, "false"},
      {"p if input.x", "{\"x\": false}", NULL, "undefined"},
      {"p if input.x", "{\"x\": 0}", NULL, "true"},
      {"default p := 7\np := 1 if input.x", "{}", NULL, "7"},
      {"p := 1 if input.x == 1\nelse := 2 if input.x == 2\nelse := 3", "{\"x\": 2}", NULL, "2"},
      {"p := 1 if input.x == 1\nelse := 2 if input.x == 2", "{\"x\": 3}", NULL, "undefined"},
      {"p contains x if some x in input", "[3, 1, 2, 1]", NULL, "{1, 2, 3}"},
      {"p contains x if some x in input", "{}", NULL, "set()"},
      {"p[k] := v if some k, v in input", "[\"x\", \"y\"]", NULL, "{0: \"x\", 1: \"y\"}"},
      {"p.q.r := 1\np.q[x] := 2 if x := \"s\"", NULL, NULL, "{\"q\": {\"r\": 1, \"s\": 2}}"},
      {"p.q contains 1\np.q contains 2\np.r := 3", NULL, NULL, "{\"q\": {1, 2}, \"r\": 3}"},
      {"p := [f(1), f(2)]\nf(x) := x + 1", NULL, NULL, "[2, 3]"},
      {"p := f(3)\nf(1) := \"one\"\nf(x) := \"many\" if x > 1", NULL, NULL, "\"many\""},
      {"p := f([1, 2])\nf([x, y]) := x - y", NULL, NULL, "-1"},
      {"p := f(1)\nf(x) := y if y := input[x]", NULL, NULL, "undefined"},
      {"default f(_) := 9\nf(1) := 2\np := [f(1), f(5)]", NULL, NULL, "[2, 9]"},
  };
  CHECK(rows, false);
}

static void test_bodies(void **state)
{
  static const struct row rows[] = {
      {"p := [x, y] if { [x, {\"k\": y}] = input }", "[1, {\"k\": 2}]", NULL, "[1, 2]"},
      {"p := x if { {\"a\": x} = {\"a\": input} }", "3", NULL, "3"},
      {"p := [x | some x in [1, 2, 3]; x != 2]", NULL, NULL, "[1, 3]"},
      {"p := {x: y | some x, y in [\"a\", \"b\"]}", NULL, NULL, "{0: \"a\", 1: \"b\"}"},
      {"p := {y | some x in [1, 2, 3]; y := x % 2}", NULL, NULL, "{0, 1}"},
      {"p if every x in input { x > 0 }", "[1, 2]", NULL, "true"},
      {"p if every x in input { x > 0 }", "[1, 0]", NULL, "undefined"},
      {"p if every x in input { x > 0 }", "[]", NULL, "true"},
      {"p if not input.x", "{}", NULL, "true"},
      {"p if not input.x", "{\"x\": false}", NULL, "true"},
      {"p if not input.x", "{\"x\": 1}", NULL, "undefined"},
      {"p if { x := input.x; not x == 2 }", "{\"x\": 1}", NULL, "true"},
      {"p := i if { some i; input[i] == \"b\" }", "[\"a\", \"b\"]", NULL, "1"},
      {"p := {[i, j] | input[i].x[j] == 1}", "[{\"x\": [0, 1]}, {}, {\"x\": [1]}]", NULL,
       "{[0, 1], [2, 0]}"},
      {"p := data.b[_].c", NULL, "{\"b\": [{}, {\"c\": 5}]}", "5"},
      {"p := {1, 2} & {2, 3}", NULL, NULL, "{2}"},
      {"p := {1, 2}[input]", "2", NULL, "2"},
      {"p := {1, 2}[input]", "3", NULL, "undefined"},
      {"p := [1, 2][1.0]", NULL, NULL, "2"},
      {"p := {1: \"one\"}[1.0]", NULL, NULL, "\"one\""},
      {"p := \"x\" in input", "[\"x\"]", NULL, "true"},
      {"p := \"x\" in input", "[]", NULL, "false"},
      {"p := $\"{input.a} and {input.b}\"", "{\"a\": 1}", NULL, "\"1 and <undefined>\""},
      {"p := 9007199254740993 + 1", NULL, NULL, "9007199254740994"},
      {"p := 9223372036854775807 + 1", NULL, NULL, "9223372036854775808"},
  };
  CHECK(rows, false);
}

/* What OPA's manual and its users rely on, where an engine easily goes wrong. */
static void test_subtleties(void **state)
{
  static const struct row rows[] = {
      /* order of iteration is that of sorted keys and elements */
      {"p := [v | some v in {\"b\": 2, \"a\": 1, \"c\": 3}]", NULL, NULL, "[1, 2, 3]"},
      {"p := [x | some x in {3, 1, 2}]", NULL, NULL, "[1, 2, 3]"},
      {"p := [k | input[k]]", "{\"b\": 1, \"a\": 1, \"c\": false}", NULL, "[\"a\", \"b\"]"},
      {"p := [x | some x in {\"a\", 1, null, [1], {\"k\": 1}, {1}, true}]", NULL, NULL,
       "[null, true, 1, \"a\", [1], {\"k\": 1}, {1}]"},
      /* numbers */
      {"p := [1 / 3, 10 / 2, 3 / 2, 7 % 3, -7 % 3, 1e3, 2 * 0.5]", NULL, NULL,
       "[0.33333333333333333334, 5, 1.5, 1, -1, 1e3, 1]"},
      {"p := {1, 1.0, 10e-1}", NULL, NULL, "{1}"},
      {"p := 99999999999999999999 + 1", NULL, NULL, "100000000000000000000"},
      {"p := [1 < 1.5, \"a\" < 1, [1] < {\"a\": 1}, null < false]", NULL, NULL,
       "[true, false, true, true]"},
      /* patterns */
      {"p := [x, y] if [x, 1] = [2, y]", NULL, NULL, "[2, 1]"},
      {"p := x if {\"a\": x} = input", "{\"a\": 1, \"b\": 2}", NULL, "undefined"},
      {"p := x if {\"a\": x, \"b\": _} = input", "{\"a\": 1, \"b\": 2}", NULL, "1"},
      {"p := x if { [x, x] = input }", "[1, 1.0]", NULL, "1"},
      {"p := x if { [x, x] = input }", "[1, 2]", NULL, "undefined"},
      {"p if { some i; [i] = [1]; {i} == {1} }", NULL, NULL, "true"},
      {"p := {[1, 2]: \"x\"}[[1, 2]]", NULL, NULL, "\"x\""},
      {"p := [[k, v] | q[k] = v]\nq[x] := y if some [x, y] in [[1, 2], [3, 4]]", NULL, NULL,
       "[[1, 2], [3, 4]]"},
      {"p := q[[1, _]]\nq contains [1, 2]", NULL, NULL, "[1, 2]"},
      {"p := [x | q[[x, 2]]]\nq := {[1, 2], [3, 2], [3, 4]}", NULL, NULL, "[1, 3]"},
      /* closures */
      {"p := [y | some x in [1, 2]; y := [z | z := x + 1]]", NULL, NULL, "[[2], [3]]"},
      {"p if { x := 3; every y in [1, 2] { y < x } }", NULL, NULL, "true"},
      {"p := {k: vs | some k, _ in input; vs := [v | some v in input[k]; v > 1]}",
       "{\"a\": [1, 2], \"b\": [0]}", NULL, "{\"a\": [2], \"b\": []}"},
      {"p if not q[2]\nq contains 1", NULL, NULL, "true"},
      {"p := q\nq[x] contains y if {\n  some x, ys in input\n  some y in ys\n}",
       "{\"a\": [1, 2, 1], \"b\": []}", NULL, "{\"a\": {1, 2}}"},
      /* results of functions */
      {"p := f(1).a\nf(x) := {\"a\": x}", NULL, NULL, "1"},
      {"p := f(1)[_]\nf(x) := [x]", NULL, NULL, "1"},
      {"p if f(1) == 2\nf(x) := x", NULL, NULL, "undefined"},
      {"p if not f(1)\nf(x) := false", NULL, NULL, "true"},
      {"p := f(2)\nf(x) := \"low\" if x < 2\nelse := \"two\" if x == 2\nelse := \"high\"", NULL,
       NULL, "\"two\""},
      {"p := [f(\"a\", 1), f(\"b\", 1)]\nf(\"a\", x) := x\nf(\"b\", x) := x + 1", NULL, NULL,
       "[1, 2]"},
      /* documents */
      {"p := data.a.q[\"x\"]\nq.x := 1\nq.y := 2", NULL, NULL, "1"},
      {"p := [q.b.c, q.d]\nq.b[x] := 1 if x := \"c\"\nq.d contains 2", NULL, NULL, "[1, {2}]"},
      {"p := walked if walked := [v | walk(input, [path, v]); path[0] == \"a\"]",
       "{\"a\": {\"b\": 1}, \"c\": 2}", NULL, "[{\"b\": 1}, 1]"},
      {"p := x if walk(input, [[\"a\", \"b\"], x])", "{\"a\": {\"b\": 1}}", NULL, "1"},
      /* `with` reaches what is asked from there, and nothing else */
      {"p := y if y := q with data.a.q as {5}\nq contains 1", NULL, NULL, "{5}"},
      {"p := y if y := r with data.b as {\"c\": 5}\nr := data.b.c", NULL, "{\"b\": {\"c\": 1}}",
       "5"},
      {"p := y if y := [f(1), f(2)] with data.a.g as h\nf(x) := g(x)\ng(x) := x\nh(x) := x * 10",
       NULL, NULL, "[10, 20]"},
      {"p := [x, y] if { x := q with input as 1; y := q with input as 2 }\nq := [input, r]\n"
       "r := input",
       NULL, NULL, "[[1, 1], [2, 2]]"},
      {"p if not q with input.x as 2\nq if input.x == 1", "{\"x\": 1}", NULL, "true"},
      {"p := x if x := input.b with input.a as 1", "{\"b\": 2}", NULL, "2"},
      {"p := [x | some x in q with input as [1, 2]]\nq := input", NULL, NULL, "[1, 2]"},
      /* default and else */
      {"default p := 1\np := 2 if input.x\np := 3 if input.y", "{\"y\": false}", NULL, "1"},
      {"default p := false\np if q\nq if input.x", "{}", NULL, "false"},
      {"p contains 1 if false", NULL, NULL, "set()"},
      {"p[\"x\"] := 1 if false", NULL, NULL, "{}"},
      {"p[x] := 1 if x := input.never", "{}", NULL, "{}"},
  };
  CHECK(rows, false);
}

/* What is undefined makes the whole body undefined, also if a negation behind it would hold. */
static void test_undefined(void **state)
{
  static const struct row rows[] = {
      {"p contains hp if {\n  some v in input\n  hp := v.hostPath.path\n  not ok(hp)\n}\n"
       "ok(x) if x == \"/a\"",
       "[{\"hostPath\": {\"path\": \"/a\"}}, {\"emptyDir\": {}}, {\"hostPath\": {\"path\": \"/\"}}]",
       NULL, "{\"/\"}"},
      {"p if {\n  hp := input.hostPath.path\n  not ok(hp)\n}\nok(x) if x == \"/a\"", "{}", NULL,
       "undefined"},
      {"p if {\n  hp = input.path\n  not hp == 1\n}", "{}", NULL, "undefined"},
      {"p if not ok(input.x)\nok(x) if x == 1", "{}", NULL, "undefined"},
      {"p if not input.x == 1", "{}", NULL, "true"},
      {"p := [1, input.x]", "{}", NULL, "undefined"},
      {"p := [x | x := [1, input[_].x]]", "[{}, {\"x\": 2}]", NULL, "[[1, 2]]"},
      {"p := count(q)\nq contains 1 if input.x", "{}", NULL, "0"},
      {"p := count(q)\nq := [1] if input.x", "{}", NULL, "undefined"},
      {"p if not q\nq := false", NULL, NULL, "true"},
      {"p := q\nq := false", NULL, NULL, "false"},
  };
  CHECK(rows, false);
}

static void test_with(void **state)
{
  static const struct row rows[] = {
      {"p := [input.x, y, input.x] if y := q with input.x as 2\nq := input.x", "{\"x\": 1}", NULL,
       "[1, 2, 1]"},
      {"p := y if y := q with data.b as 2\nq := data.b", NULL, "{\"b\": 1}", "2"},
      {"p := [q, y, q] if y := q with data.a.r as 5\nq := r + 1\nr := 1", NULL, NULL, "[2, 6, 2]"},
      {"p := y if y := q with time.now_ns as 42\nq := time.now_ns()", NULL, NULL, "42"},
      {"p := y if y := q with data.a.f as g\nq := f(1)\nf(x) := x\ng(x) := x + 10", NULL, NULL,
       "11"},
      {"p := y if y := q with count as 3\nq := count(input)", "[]", NULL, "3"},
      {"p := y if y := q with count as f\nq := count(input)\nf(x) := [x]", "\"s\"", NULL,
       "[\"s\"]"},
      {"p if q with input as {}\nq if not input.x", "{\"x\": 1}", NULL, "true"},
      {"p if not q with input.x as 1\nq if input.x == 1", "{}", NULL, "undefined"},
      {"p := y if y := input.a with input.a.b as 1 with input.a.c as 2", "{\"a\": {\"d\": 3}}",
       NULL, "{\"b\": 1, \"c\": 2, \"d\": 3}"},
  };
  CHECK(rows, false);
}

/* ---- errors of evaluation */

static void test_conflicts(void **state)
{
  static const struct row rows[] = {
      {"p := 1 if input.x\np := 2 if input.y", "{\"x\": 1, \"y\": 1}", NULL,
       "a.rego:3: eval_conflict_error: complete rules must not produce multiple outputs"},
      {"p := 1 if input.x\np := 1 if input.y", "{\"x\": 1, \"y\": 1}", NULL, "1"},
      {"p := x if some x in input", "[1, 1.0]", NULL, "1"},
      {"p := x if some x in input", "[1, 2]", NULL,
       "a.rego:2: eval_conflict_error: complete rules must not produce multiple outputs"},
      {"p := f(1)\nf(x) := x if true\nf(x) := y if y := x + 1", NULL, NULL,
       "a.rego:4: eval_conflict_error: functions must not produce multiple outputs for same "
       "inputs"},
      {"p[k] := x if {\n  k := \"k\"\n  some x in input\n}", "[1, 2]", NULL,
       "a.rego:2: eval_conflict_error: object keys must be unique"},
      {"p := q.k\nq[\"k\"] := x if some x in input", "[3, 3]", NULL, "3"},
      {"p := {k: v |\n  k := \"a\"\n  some v in input\n}", "[1, 2]", NULL,
       "a.rego:2: eval_conflict_error: object keys must be unique"},
  };
  CHECK(rows, false);
}

static void test_strict_errors(void **state)
{
  static const struct row strict[] = {
      {"p := 1 / input", "0", NULL, "a.rego:2: eval_builtin_error: div: divide by zero"},
      {"p if {\n  true\n  startswith(input, \"x\")\n}", "1", NULL,
       "a.rego:4: eval_type_error: startswith: operand 1 must be string but got number"},
      {"p if not 1 / input == 2", "0", NULL, "a.rego:2: eval_builtin_error: div: divide by zero"},
      {"p := input.x", "{}", NULL, "undefined"},
  };
  static const struct row lax[] = {
      {"p := 1 / input", "0", NULL, "undefined"},
      {"default p := 2\np := 1 / input", "0", NULL, "2"},
      {"p := [x | some y in input; x := 1 / y]", "[0, 1, 0.5]", NULL, "[1, 2]"},
      {"p if not startswith(input, \"x\")", "1", NULL, "true"},
  };
  CHECK(strict, true);
  CHECK(lax, false);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rules),         cmocka_unit_test(test_bodies),
      cmocka_unit_test(test_subtleties),    cmocka_unit_test(test_undefined),
      cmocka_unit_test(test_with),          cmocka_unit_test(test_conflicts),
      cmocka_unit_test(test_strict_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
