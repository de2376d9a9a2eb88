#include "rego.h"

struct row {
  const char *text, *expected; /* what is printed, or the errors */
};

static const struct rego_options v1 = {.version = REGO_V1};
static const struct rego_options v0 = {.version = REGO_V0};
static const struct rego_options logic = {.keywords = REGO_KEYWORD_AND | REGO_KEYWORD_OR |
                                                      REGO_KEYWORD_NOT};

static void check_rows(const struct row *rows, size_t count, struct rego_options options,
                       bool query)
{
  for (size_t i = 0; i < count; i++) {
    struct rego_parsed p;
    _cleanup_(buf_free) struct buf text = {0};
    rego_parsed_start(&p, options);
    buf_printf(&text, "%s%s", query ? "" : "package a\n\n", rows[i].text);
    struct str out = query ? rego_parsed_query(&p, buf_str(&text))
                           : rego_parsed_module(&p, buf_str(&text));
    if (!query && p.result == 0) /* without the package and the line break at the end */
      out = str_sub(out, 11, out.len - 12);
    if (!str_eq(out, str_from(rows[i].expected)))
      print_error("%s\n", rows[i].text);
    assert_str(out, rows[i].expected);
    rego_parsed_free(&p);
  }
}

#define QUERIES(rows, options) check_rows(rows, sizeof rows / sizeof *rows, options, true)
#define MODULES(rows, options) check_rows(rows, sizeof rows / sizeof *rows, options, false)

/* ---- terms */

static void reads_scalars(void **state)
{
  static const struct row rows[] = {
      {"null; true; false", "null; true; false"},
      {"0; -1; 12.50; 1E6; -0.1e-3", "0; -1; 12.50; 1E6; -0.1e-3"},
      {".5; -.25; - 1", "0.5; -0.25; -1"},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
      {"1e30000; 0e99999999", "1e30000; 0e99999999"},
      {"\"a\\u00e4\\n\\/\"; `a\\n\"`", "\"a\xc3\xa4\\n/\"; \"a\\\\n\\\"\""},
      {"\"\\ud834\\udd1e \\ud834 \\udd1e\"", "\"\xf0\x9d\x84\x9e \xef\xbf\xbd \xef\xbf\xbd\""},
      {"\"a\tb\"", "\"a\\tb\""},
      {"01", "1:1: unexpected number token: expected number without leading zero"},
      {"-01.5", "1:2: unexpected number token: expected number without leading zero"},
      {".5.5", "1:2: unexpected number token: invalid float"},
      {"1e31000", "1:1: number too big"},
      {"-1e-31000", "1:2: number too big"},
      {"1e3000000000", "1:1: unexpected number token: invalid float"},
      {"\"\\u12g4\"", "1:1: illegal string literal: \"\\u12g4\""},
      {"\"\t\\n\"", "1:1: illegal string literal: \"\t\\n\""},
      {"- x.y; -f(1)", "0 - x.y; 0 - f(1)"},
      {"-(1)", "1:2: unexpected ( token: expected number"},
  };
  (void)state;
  QUERIES(rows, v1);
}

static void keeps_numbers_exact(void **state)
{
  struct rego_parsed p;
  (void)state;
  rego_parsed_start(&p, v1);
  rego_parsed_query(&p, STR("9223372036854775807; 9223372036854775808; 1.0"));
  assert_int_equal(p.body.items[0].terms[0].value.flags, VALUE_INT);
  assert_true(p.body.items[0].terms[0].value.integer == INT64_MAX);
  assert_str(value_str(p.body.items[1].terms[0].value), "9223372036854775808");
  assert_str(value_str(p.body.items[2].terms[0].value), "1.0");
  rego_parsed_free(&p);
}

static void reads_collections(void **state)
{
  static const struct row rows[] = {
      {"[]; {}; set()", "[]; {}; set()"},
      {"[1, \"a\", [x]]; {1, x}; {\"a\": 1, x: {}}", "[1, \"a\", [x]]; {1, x}; {\"a\": 1, x: {}}"},
      {"[1,]; {1,}; {1: 2,}; f(1,)", "[1]; {1}; {1: 2}; f(1)"},
      {"[, 1]; {, 1}", "[1]; {1}"},
      {"[\n1,\n2\n]", "[1, 2]"},
      {"[x | x := 1]; {x | x}; {x: y | x; y}", "[x | x := 1]; {x | x}; {x: y | x; y}"},
      {"[x |\n a\n b]", "[x | a; b]"},
      {"[a | b, c]; {a | b, c}", "[(a | b), c]; {(a | b), c}"},
      {"[(a | b)]; [1 | 2 == 3]", "[(a | b)]; [1 | 2 == 3]"},
      {"[, a | b]", "[(a | b)]"},
      {"{k: a | b, c: d}", "{k: (a | b), c: d}"},
      {"{a + 1: b | c}; {[x][0]: 1}", "{a + 1: b | c}; {[x][0]: 1}"},
      {"[a | [b | c, d], e]", "[(a | [(b | c), d]), e]"},
      {"[1, 2", "1:6: unexpected eof token: expected \",\" or \"]\""},
      {"{1: 2", "1:6: unexpected eof token: non-terminated object"},
      {"{1 2}", "1:4: unexpected number token: non-terminated set"},
      {"{1: 2, 3}", "1:9: unexpected } token: expected \":\""},
      {"{1: 2, 3: 4 5}", "1:13: unexpected number token: expected \",\" or \"}\""},
      {"[x | ]", "1:6: found empty body"},
      {"[x | y z]", "1:8: unexpected identifier token: expected \\n or ; or ]"},
      {"{k: v | x := }", "1:14: unexpected } token"},
      {"[x + 1 | x := 2]", "1:12: unexpected assign token: expected \",\" or \"]\""},
      {"(1", "1:3: non-terminated expression"},
  };
  (void)state;
  QUERIES(rows, v1);
}

static void reads_references_and_calls(void **state)
{
  static const struct row rows[] = {
      {"a.b[0].c[i][\"d e\"]", "a.b[0].c[i][\"d e\"]"},
      {"a[\"b\"]; a[_]; a[b[c].d]", "a.b; a[_]; a[b[c].d]"},
      {"data; input; data.x", "data; input; data.x"},
      {"a.if.with.not; input.in", "a.if.with.not; input.in"},
      {"f(); f(1, x); a.b.c(1)(2)", "f(); f(1, x); a.b.c(1); 2"},
      {"f(x).y[1](z)", "f(x).y[1](z)"},
      {"[1, 2][0]; {\"a\": 1}.a; {1}[x]; [x | x][0]",
       "[1, 2][0]; {\"a\": 1}.a; {1}[x]; [x | x][0]"},
      {"(a | b)[x]", "(a | b)[x]"},
      {"a[k, v in xs]", "a[(k, v in xs)]"},
      {"contains(a, b)", "contains(a, b)"},
      {"if.x == 1", "if.x == 1"},
      {"[a | a .b]", "1:8: unexpected . token: expected \\n or ; or ]"},
      {"a. b", "1:3: unexpected whitespace token: expected identifier"},
      {"a.1", "1:3: unexpected number token: expected identifier"},
      {"a.", "1:3: unexpected eof token: expected identifier"},
      {"a[]", "1:3: unexpected ] token"},
      {"a[1", "1:4: unexpected eof token: expected ]"},
      {"f(a b)", "1:5: unexpected identifier token: expected \",\" or \")\""},
      {"1[0]", "1:1: illegal ref (head cannot be number)"},
      {"\"a\".b", "1:1: illegal ref (head cannot be string)"},
      {"(a.b).c", "1:1: illegal ref (head cannot be ref)"},
  };
  (void)state;
  QUERIES(rows, v1);
}

static void operators_bind_as_they_do(void **state)
{
  static const struct row rows[] = {
      {"a + b * c - d / e % f", "a + b * c - d / e % f"},
      {"(a + b) * c; a - (b - c); (a - b) - c", "(a + b) * c; a - (b - c); a - b - c"},
      {"a | b & c; (a | b) & c; a & (b | c)", "a | b & c; (a | b) & c; a & (b | c)"},
      {"a == b + 1; (a == b) == c; a == (b == c)", "a == b + 1; a == b == c; a == (b == c)"},
      {"a != b; a < b; a <= b; a > b; a >= b", "a != b; a < b; a <= b; a > b; a >= b"},
      {"x in xs; k, v in xs; x in (y in ys); x in y in ys",
       "x in xs; k, v in xs; x in (y in ys); x in y in ys"},
      {"x == 1 in xs; x in xs == 1", "x == 1 in xs; x in xs == 1"},
      {"f((k, v in xs)); [(k, v in xs)]", "f((k, v in xs)); [(k, v in xs)]"},
      {"f(k, v in xs)", "f(k, v in xs)"},
      {"x := k, v in xs; x = a | b", "x := (k, v in xs); x = a | b"},
      {"a\n+ b\n* c", "a + b * c"},
      {"plus(1, 2)", "plus(1, 2)"},
      {"-x * 2", "(0 - x) * 2"},
      {"[x | a b]", "1:8: unexpected identifier token: expected \\n or ; or ]"},
      {"[x | a := b := c]", "1:13: unexpected assign token: expected \\n or ; or ]"},
      {"a +", "1:4: unexpected eof token"},
  };
  (void)state;
  QUERIES(rows, v1);
}

static void operators_make_the_tree_that_is_meant(void **state)
{
  struct rego_parsed p;
  (void)state;
  rego_parsed_start(&p, v1);
  rego_parsed_query(&p, STR("a - b - c * d; k, v in xs; -x"));
  const struct rego_term *outer = &p.body.items[0].terms[0];
  assert_int_equal(outer->kind, REGO_CALL);
  assert_int_equal(outer->op, REGO_OP_MINUS);
  assert_int_equal(rego_call_arg_count(outer), 2);
  assert_int_equal(rego_call_args(outer)[0].op, REGO_OP_MINUS);
  assert_int_equal(rego_call_args(outer)[1].op, REGO_OP_TIMES);
  assert_int_equal(outer->height, 3);
  const struct rego_term *pair = &p.body.items[1].terms[0];
  assert_int_equal(pair->op, REGO_OP_IN_PAIR);
  assert_int_equal(pair->count, 3);
  assert_str(rego_op_name(pair->op), "internal.member_3");
  const struct rego_term *negative = &p.body.items[2].terms[0];
  assert_int_equal(negative->op, REGO_OP_MINUS);
  assert_int_equal(negative->items[0].value.integer, 0);
  assert_int_equal(negative->items[0].place.line, 0);
  rego_parsed_free(&p);
}

static void reads_templates(void **state)
{
  static const struct row rows[] = {
      {"$\"\"; $\"a b\"", "$\"\"; $\"a b\""},
      {"$\"a{x}b{y.z + 1}\"", "$\"a{x}b{y.z + 1}\""},
      {"$\"{{1}} {{\"a\": 1}} {[x | x]}\"", "$\"{{1}} {{\"a\": 1}} {[x | x]}\""},
      {"$\"\\{a\\n\\u00e4\\\\\"", "$\"\\{a\\n\xc3\xa4\\\\\""},
      {"$`a\n{x}\\{\\n`", "$\"a\\n{x}\\{\\\\n\""},
      {"$\"{$\"{x}\"}\"", "$\"{$\"{x}\"}\""},
      {"$\"{x with input as 1}\"", "$\"{x with input as 1}\""},
      {"$\"{\n x # why\n}\"", "$\"{x}\""},
      {"$\"a{\"b\"}c\"", "$\"a{\"b\"}c\""},
      {"$\"{not x}\"", "1:4: unexpected negation ('not') in template-string expression"},
      {"$\"{x = 1}\"", "1:4: unexpected unification ('=') in template-string expression"},
      {"$\"{x := 1}\"", "1:4: unexpected assignment (':=') in template-string expression"},
      {"$\"{some x in y}\"", "1:4: unexpected 'some' in template-string expression"},
      {"$\"{every x in y { x }}\"", "1:4: unexpected 'every' in template-string expression"},
      {"$\"{x y}\"", "1:6: expected } to end template string expression"},
      {"$\"{}\"", "1:4: unexpected } token"},
      {"$\"\\u12\"", "1:1: illegal template-string part: $\"\\u12\""},
      {"$\"{x", "1:5: expected } to end template string expression"},
      {"$\"a", "1:1: non-terminated string"},
      {"$\"a\"[0]", "1:1: illegal ref (head cannot be templatestring)"},
  };
  (void)state;
  QUERIES(rows, v1);
}

static void templates_keep_text_and_expressions_apart(void **state)
{
  struct rego_parsed p;
  (void)state;
  rego_parsed_start(&p, v1);
  rego_parsed_query(&p, STR("$\"a{\"b\"}\""));
  const struct rego_term *template = &p.body.items[0].terms[0];
  assert_int_equal(template->kind, REGO_TEMPLATE);
  assert_int_equal(template->count, 2);
  assert_int_equal(template->parts[0].kind, REGO_EXPR_TEXT);
  assert_str(value_str(template->parts[0].terms[0].value), "a");
  assert_int_equal(template->parts[1].kind, REGO_EXPR_TERM);
  assert_str(value_str(template->parts[1].terms[0].value), "b");
  rego_parsed_free(&p);
}

/* ---- expressions */

static void reads_expressions(void **state)
{
  static const struct row rows[] = {
      {"x := 1; y = 2; z == 3", "x := 1; y = 2; z == 3"},
      {"not x; not y.not; not.y", "not x; not y.not; not.y"},
      {"some x; some x, y", "some x; some x, y"},
      {"some x in xs; some i, x in xs; some {\"a\": x} in xs with input as {}",
       "some x in xs; some i, x in xs; some {\"a\": x} in xs with input as {}"},
      {"every x in xs { x; y }; every k, v in f(x) { v } with data.x as 1",
       "every x in xs { x; y }; every k, v in f(x) { v } with data.x as 1"},
      {"x with input as 1 with data.a.b as {}", "x with input as 1 with data.a.b as {}"},
      {"x\nwith input as y\nz", "x with input as y; z"},
      {"x with f as g", "x with f as g"},
      {"some 1", "1:6: unexpected number token: expected var"},
      {"some x == 1", "1:12: unexpected eof token: expected `x in xs` or `x, y in xs` expression"},
      {"every x in xs", "1:14: unexpected eof token: missing body"},
      {"every x { x }", "1:9: unexpected { token: expected `x[, y] in xs { ... }` expression"},
      {"every 1 in xs { x }", "1:15: unexpected { token: expected value to be a variable"},
      {"every 1, x in xs { x }", "1:18: unexpected { token: expected key to be a variable"},
      {"every x in xs {}", "1:16: found empty body"},
      {"not some x in xs", "1:5: unexpected some keyword: illegal negation of 'some'"},
      {"not every x in xs { x }", "1:5: unexpected every keyword: illegal negation of 'every'"},
      {"x with 1 as 2", "1:8: unexpected number token: expected ident"},
      {"x with input", "1:13: unexpected eof token: expected as keyword"},
      {"x with f(1) as 2", "1:13: unexpected as keyword: expected with target path"},
      {"", "1:1: empty query"},
      {"# nothing", "1:10: empty query"},
      {"x ;", "1:4: unexpected eof token"},
      {"x y", "x; y"}, /* a query may, a body may not */
      {"x and y", "x; and; y"},
  };
  (void)state;
  QUERIES(rows, v1);
}

static void joins_with_and_or_not(void **state)
{
  static const struct row rows[] = {
      {"x and y or z and w", "x and y or z and w"},
      {"x and (y or z); (x or y) and z", "x and (y or z); (x or y) and z"},
      {"(x or y) or z; x or (y or z)", "x or y or z; x or (y or z)"},
      {"((((a or ((b)))) and c))", "(a or b) and c"},
      {"{x; y} and {z}; {x or y} and z", "{ x; y } and { z }; { x or y } and z"},
      {"not x and not y or z", "not x and not y or z"},
      {"not {x; y}; not (x or y); not (not x); not (a)",
       "not { x; y }; not (x or y); not (not x); not a"},
      {"not {x} and y with input as z", "not { x } and y with input as z"},
      {"x and y with input as 1; (x with input as 1) and y",
       "x and y with input as 1; (x with input as 1) and y"},
      {"(x or y with input as 1) and z", "(x or y with input as 1) and z"},
      {"not (x with input as 1); not x with input as 1",
       "not (x with input as 1); not x with input as 1"},
      {"x == 1 and y := 2", "x == 1 and y := 2"},
      {"({a}) and c; ({1} == x) or y; not ({1, 2})", "({a}) and c; ({1} == x) or y; not ({1, 2})"},
      {"{(a | b)} and c; {or(a, b)} and c", "{ (a | b) } and c; { or(a, b) } and c"},
      {"and(x, y); or(x, y); x.and; and.x; x[\"or\"]", "and(x, y); or(x, y); x.and; and.x; x.or"},
      {"[x | x > 0 and x < 9]", "[x | x > 0 and x < 9]"},
      {"{a}; ({a}); ({}); {\"a\": 1}", "{a}; {a}; {}; {\"a\": 1}"},
      {"x and", "1:6: unexpected eof token"},
      {"and y", "1:1: unexpected and keyword"},
      {"x or and y", "1:6: unexpected and keyword"},
      {"f(x and y)", "1:5: unexpected and keyword: expected \",\" or \")\""},
      {"x := y and", "1:11: unexpected eof token"},
      {"a or ()", "1:6: empty parenthesized group"},
      {"not ()", "1:5: empty parenthesized group"},
      {"a and (b or c", "1:14: expected ) to close parenthesized group"},
      {"a and (x; y)", "1:9: non-terminated expression"},
      {"{} and x", "1:1: found empty body"},
      {"a and {}", "1:8: found empty body"},
      {"{ a | b } and c",
       "1:1: ambiguous `{ ... | ... }` operand: read as a body holding a set-union "
       "expression, not as a comprehension (hint: write `({ a | b })` for the "
       "comprehension, or `{ (a | b) }` for the set union)"},
      {"{1, 2} == x and y",
       "1:1: operand of `and` cannot begin with `{` unless the braces hold a body (hint: wrap the "
       "operand to keep the value: `({1, 2} == x) and ...`)"},
      {"x or {1, 2}",
       "1:6: operand of `or` cannot begin with `{` unless the braces hold a body (hint: wrap the "
       "operand to keep the value: `({1, 2}) or ...`)"},
      {"not {1, 2}",
       "1:5: `{...}` in an operand position must contain expression(s), got: set (hint: write `not "
       "({1, 2})` to negate the value, or `not {{1, 2}}` for a body holding it)"},
      {"not ({a; b})", "1:5: `(...)` in an operand position cannot contain a body (hint: drop the "
                       "parens to keep the body: `not {a; b}`)"},
      {"a with input as v and b",
       "1:3: `with` modifier is not allowed on operand of `and` (hint: Wrap the operand in `(...)` "
       "or `{...}` to scope, or move `with` after the `and` expression to apply it to the whole "
       "expression)"},
      {"(a with input as v or b)",
       "1:4: `with` modifier is not allowed on operand of `or` (hint: Wrap the operand in `(...)` or "
       "`{...}` to scope, or move `with` after the `or` expression to apply it to the whole "
       "expression)"},
      {"print(x) and y",
       "1:1: operand of `and` cannot consist only of calls to `print` (hint: `print` produces no "
       "value and always succeeds, so the operand can never fail; move it out of the operand, or "
       "add an expression that can fail)"},
  };
  (void)state;
  QUERIES(rows, logic);
}

static void chains_are_flat(void **state)
{
  struct rego_parsed p;
  (void)state;
  rego_parsed_start(&p, logic);
  rego_parsed_query(&p, STR("a and b and {c; d} or e"));
  const struct rego_expr *outer = &p.body.items[0];
  assert_int_equal(outer->kind, REGO_EXPR_OR);
  assert_int_equal(outer->count, 2);
  const struct rego_expr *inner = &outer->operands[0].body.items[0];
  assert_int_equal(inner->kind, REGO_EXPR_AND);
  assert_int_equal(inner->count, 3);
  assert_false(inner->operands[1].braces);
  assert_true(inner->operands[2].braces);
  assert_int_equal(inner->operands[2].body.count, 2);
  rego_parsed_free(&p);
}

/* What `not` is depends on an import. */
static void negation_has_two_forms(void **state)
{
  struct rego_parsed p;
  (void)state;
  rego_parsed_start(&p, v1);
  rego_parsed_query(&p, STR("not x with input as 1"));
  assert_int_equal(p.body.items[0].kind, REGO_EXPR_TERM);
  assert_true(p.body.items[0].negated);
  rego_parsed_free(&p);

  struct rego_options options = {.keywords = REGO_KEYWORD_NOT};
  rego_parsed_start(&p, options);
  rego_parsed_query(&p, STR("not x with input as 1"));
  const struct rego_expr *e = &p.body.items[0];
  assert_int_equal(e->kind, REGO_EXPR_NOT);
  assert_false(e->negated);
  assert_int_equal(e->with_count, 1);
  assert_int_equal(e->operands[0].body.items[0].with_count, 0);
  assert_int_equal(e->operands[0].body.items[0].place.end, 5);
  rego_parsed_free(&p);
}

/* ---- rules */

static void reads_rules(void **state)
{
  static const struct row rows[] = {
      {"p := 1", "p := 1"},
      {"p = 1", "p = 1"},
      {"p := 1 q := 2", "p := 1\n\nq := 2"},
      {"p if x", "p if {\n\tx\n}"},
      {"p if { x }", "p if {\n\tx\n}"},
      {"p if { x; y }", "p if {\n\tx\n\ty\n}"},
      {"p if {\n\tx\n\n\ty\n}", "p if {\n\tx\n\ty\n}"},
      {"p if {\"a\": 1}", "p if {\n\t{\"a\": 1}\n}"},
      {"p if {x | x := 1}", "p if {\n\t{x | x := 1}\n}"},
      {"p if {1} == x", "p if {\n\t{1} == x\n}"},
      {"p if { (x | y); z }", "p if {\n\t(x | y)\n\tz\n}"},
      {"p := x if y", "p := x if {\n\ty\n}"},
      {"p contains 1", "p contains 1"},
      {"p contains x if x := 1", "p contains x if {\n\tx := 1\n}"},
      {"p.q contains (k, v in xs) if y", "p.q contains (k, v in xs) if {\n\ty\n}"},
      {"p[x] := y if z", "p[x] := y if {\n\tz\n}"},
      {"p[x] if y", "p[x] if {\n\ty\n}"},
      {"p.q.r[x].s := 1 if y", "p.q.r[x].s := 1 if {\n\ty\n}"},
      {"p [x] := 1 if y", "p[x] := 1 if {\n\ty\n}"},
      {"p[\"a b\"] := 1", "p[\"a b\"] := 1"},
      {"f(x) := x + 1", "f(x) := x + 1"},
      {"f(x, [y, _]) if z", "f(x, [y, _]) if {\n\tz\n}"},
      {"f(x)", "f(x)"},
      {"a.b.f(x) := y if z", "a.b.f(x) := y if {\n\tz\n}"},
      {"f() if x", "f if {\n\tx\n}"},
      {"default p := 1", "default p := 1"},
      {"default p := [x | x := 1]", "default p := [x | x := 1]"},
      {"default f(_, x) := {}", "default f(_, x) := {}"},
      {"default p", "default p"},
      {"p := 1 if x else := 2 if { y } else := 3",
       "p := 1 if {\n\tx\n} else := 2 if {\n\ty\n} else := 3"},
      {"p if x else if y", "p if {\n\tx\n} else if {\n\ty\n}"},
      {"p if { x } { y }", "p if {\n\tx\n}\n\np if {\n\ty\n}"},
      {"p if x\nelse.y := 1", "p if {\n\tx\n}\n\nelse.y := 1"},
      {"if.x := 1\n\nif.x := 2", "if.x := 1\n\nif.x := 2"},
      {"with.x := 1\nin.x := 2\ndefault default.x := 3",
       "with.x := 1\n\nin.x := 2\n\ndefault default.x := 3"},
      {"p if { x; -1 }", "p if {\n\tx;\n\t-1\n}"},
      {"import data.b\nimport input.c.d as e\nimport rego.v1\nimport future.keywords.in\n"
       "import data.if as f\nimport data[\"a b\"].c",
       "import data.b\nimport input.c.d as e\nimport rego.v1\nimport future.keywords.in\n"
       "import data.if as f\nimport data[\"a b\"].c"},
  };
  (void)state;
  MODULES(rows, v1);
}

static void reads_v0_rules(void **state)
{
  static const struct row rows[] = {
      {"p { x }", "p {\n\tx\n}"},
      {"p = 1 { x } else = 2 { y } else { z }",
       "p = 1 {\n\tx\n} else = 2 {\n\ty\n} else {\n\tz\n}"},
      {"p[x] { y }", "p[x] {\n\ty\n}"},
      {"p.q { y }", "p[\"q\"] {\n\ty\n}"},
      {"p.q.r { y }", "p.q.r {\n\ty\n}"},
      {"p[x] = y { z }", "p[x] = y {\n\tz\n}"},
      {"p[x]", "p[x]"},
      {"p.q.r", "p.q.r"},
      {"p[1] = 2", "p[1] = 2"},
      {"f(x) = y { z }", "f(x) = y {\n\tz\n}"},
      {"p { x } { y }", "p {\n\tx\n}\n\np {\n\ty\n}"},
      {"p { if; in; contains; every }", "p {\n\tif\n\tin\n\tcontains\n\tevery\n}"},
      {"p { x | y }", "p {\n\tx | y\n}"},
      {"_ { x }", "_ {\n\tx\n}"},
      {"f(x).y = 1 { z }\nq = 1",
       "3:1: invalid rule head: f(x).y\n3:12: set cannot be used for rule name"},
      {"import future.keywords\np contains x if { some x in y }",
       "import future.keywords\n\np contains x if {\n\tsome x in y\n}"},
      {"import future.keywords.every\np { every x in y { x } }",
       "import future.keywords.every\n\np {\n\tevery x in y { x }\n}"},
      {"import rego.v1\np contains x if { every x in y { x } }",
       "import rego.v1\n\np contains x if {\n\tevery x in y { x }\n}"},
  };
  (void)state;
  MODULES(rows, v0);
}

static void tells_kinds_of_rules(void **state)
{
  struct rego_parsed p;
  (void)state;
  rego_parsed_start(&p, v0);
  rego_parsed_module(&p, STR("package a\n"
                             "p[x] { y }\n"
                             "p[x] = 1 { y }\n"
                             "f(x) { y } { z }\n"
                             "p.q.r { y }\n"
                             "default q := 1\n"
                             "s = 1 { x } else { y }\n"));
  assert_int_equal(p.result, 0);
  assert_int_equal(p.module->rule_count, 7);
  const struct rego_rule *r = p.module->rules;
  assert_int_equal(r[0].head.kind, REGO_RULE_SET);
  assert_int_equal(r[0].head.ref_count, 1);
  assert_int_equal(r[0].head.key.kind, REGO_VAR);
  assert_int_equal(r[1].head.kind, REGO_RULE_VALUE);
  assert_int_equal(r[1].head.ref_count, 2);
  assert_int_equal(r[2].head.kind, REGO_RULE_FUNCTION);
  assert_int_equal(r[2].head.arg_count, 1);
  assert_false(r[2].head.value_written);
  assert_true(value_is_true(r[2].head.value.value));
  assert_false(r[2].chained);
  assert_true(r[3].chained);
  assert_true(r[3].head.args == r[2].head.args);
  assert_int_equal(r[4].head.kind, REGO_RULE_VALUE);
  assert_int_equal(r[4].head.ref_count, 3);
  assert_true(r[5].is_default && r[5].head.assigned);
  assert_non_null(r[6].otherwise);
  assert_true(r[6].head.value_written);
  assert_false(r[6].otherwise->head.value_written);
  rego_parsed_free(&p);
}

static void v1_is_strict(void **state)
{
  static const struct row rows[] = {
      {"p { x }", "3:1: `if` keyword is required before rule body"},
      {"f(x) { x }", "3:1: `if` keyword is required before function body"},
      {"p[x] { x }", "3:1: `if` keyword is required before rule body\n"
                     "3:1: `contains` keyword is required for partial set rules"},
      {"p[x]", "3:1: `contains` keyword is required for partial set rules"},
      {"p.q", "3:1: `contains` keyword is required for partial set rules"},
      {"p.q.r", "3:1: rule must have value assignment and/or body declaration"},
      {"p := 1 if x\nelse := 2 { y }", "4:1: `if` keyword is required before rule body"},
      {"p if x\np { y }\nq { z }", "4:1: `if` keyword is required before rule body\n"
                                   "5:1: `if` keyword is required before rule body"},
  };
  static const struct row with_import[] = {
      {"import rego.v1\np { x }", "4:1: `if` keyword is required before rule body"},
  };
  (void)state;
  MODULES(rows, v1);
  MODULES(with_import, v0);
}

static void refuses_what_is_no_rule(void **state)
{
  static const struct row rows[] = {
      {"allow", "3:1: var cannot be used for rule name"},
      {"allow { x } else if { y }",
       "3:18: unexpected identifier token: expected else value term or "
       "rule body"},
      {"allow if { x }", "3:1: var cannot be used for rule name"},
      {"x == 1", "3:1: rule name conflicts with built-in function"},
      {"count(x)", "3:1: rule name conflicts with built-in function"},
      {"json.marshal(x)", "3:1: rule name conflicts with built-in function"},
      {"1 = 2", "3:1: number cannot be used for rule name"},
      {"\"a\"", "3:1: string cannot be used for rule name"},
      {"[x] := 1", "3:1: array cannot be used for rule name"},
      {"data", "3:1: refs cannot be used for rule head"},
      {"f(x).y = 1", "3:1: invalid rule head: f(x).y"},
      {"f()", "3:1: rule argument list must take at least one argument"},
      {"p = 1; q = 2", "3:1: multiple expressions cannot be used for rule head"},
      {"p = 1 with input as 2", "3:1: expressions using with keyword cannot be used for rule head"},
      {"not p", "3:1: negated expressions cannot be used for rule head"},
      {"some p", "3:1: 'some' declarations cannot be used for rule head"},
      {"p+1", "3:2: unexpected plus token"},
      {"p { }", "3:5: found empty body"},
      {"p { x y }", "3:7: unexpected identifier token: expected \\n or ; or }"},
      {"p {\n\tx\n", "5:1: unexpected eof token"},
      {"p[x] { y } else = 1 { z }", "3:12: else keyword cannot be used on multi-value rules"},
      {"p[x] = 1 { y } else = 1 { z }",
       "3:16: else keyword cannot be used on rules with variables in head"},
      {"p { x } else = 2 { y } { z }", "3:24: expected else keyword"},
      {"p = ", "3:5: unexpected eof token: expected rule value term (e.g., p := <VALUE> { ... })"},
      {"f(x) = ",
       "3:8: unexpected eof token: expected function value term (e.g., f(...) := <VALUE> { ... })"},
      {"default p = ",
       "3:13: unexpected eof token: expected default rule value term (e.g., default p := <VALUE>)"},
      {"default p[x]", "3:1: illegal default rule (must have a value)"},
      {"default p = [x]", "3:1: illegal default rule (value cannot contain var)"},
      {"default p = {1: data.x}", "3:1: illegal default rule (value cannot contain ref)"},
      {"default p = f(1)", "3:1: illegal default rule (value cannot contain call)"},
      {"default p = $\"{x}\"", "3:1: illegal default rule (value cannot contain var)"},
      {"default f(x, x) = 1", "3:1: illegal default rule (arguments cannot be repeated x)"},
      {"default f(1) = 1", "3:1: illegal default rule (arguments cannot contain number)"},
      {"default 0[0", "3:1: unexpected default keyword"},
      {"p { some x in xs }",
       "3:12: unexpected identifier token: expected \\n or ; or } (hint: `import future.keywords.in` "
       "for `some x in xs` expressions)"},
      {"p { every x in xs { x } }",
       "3:11: unexpected identifier token: expected \\n or ; or } (hint: `import "
       "future.keywords.every` for `every x in xs { ... }` expressions)"},
  };
  static const struct row no_hint[] = {
      {"p { every x }", "3:11: unexpected identifier token: expected \\n or ; or }"},
      {"p { some x y }", "3:12: unexpected identifier token: expected \\n or ; or }"},
  };
  static const struct row strict[] = {
      {"f(x) contains y if z",
       "3:6: unexpected contains keyword: the contains keyword can only be used with multi-value rule "
       "definitions (e.g., f contains <VALUE> { ... })"},
      {"p contains",
       "3:11: unexpected eof token: expected rule key term (e.g., p contains <VALUE> { ... })"},
      {"p if", "3:5: unexpected eof token"},
      {"p if x else if", "3:15: unexpected eof token: rule body expected"},
      {"p if {", "3:7: unexpected eof token"},
      {"p if { x := }", "3:13: unexpected } token"},
  };
  (void)state;
  MODULES(rows, v0);
  MODULES(no_hint, v0);
  MODULES(strict, v1);
}

static void checks_packages_and_imports(void **state)
{
  static const struct row rows[] = {
      {"import foo.bar",
       "3:8: unexpected import path, must begin with one of: {data, future, input, "
       "rego}, got: foo (hint: if this is unexpected, try updating OPA)"},
      {"import data.foo.if", "3:17: unexpected import path, must not end with a keyword, got: if "
                             "(hint: import a different path or use an alias)"},
      {"import data.a[x]", "3:15: unexpected var token: expecting string"},
      {"import data.a as", "3:17: unexpected eof token: expected var"},
      {"import 1", "3:8: unexpected number token"},
      {"import future.x", "3:8: invalid import, must be `future.keywords`"},
      {"import future.keywords.x",
       "3:8: unexpected keyword, must be one of [contains every if in not]"},
      {"import future.keywords.and",
       "3:8: unexpected keyword, must be one of [contains every if in not]"},
      {"import future.keywords.in as x", "3:8: `future` imports cannot be aliased"},
      {"import future.keywords.in.x",
       "3:8: invalid import, must be `future.keywords.x`, e.g. `import future.keywords.in`"},
      {"import rego.v2", "3:8: invalid import `rego.v2`, must be `rego.v1`"},
      {"import rego", "3:8: invalid import `rego`, must be `rego.v1`"},
      {"package b", "3:1: unexpected package"},
  };
  (void)state;
  MODULES(rows, v1);
}

static void whole_texts(void **state)
{
  static const struct {
    const char *text, *expected;
  } rows[] = {
      {"", "0:0: empty module"},
      {"\n# nothing\n", "0:0: empty module"},
      {"p := 1", "1:1: package expected"},
      {"import data.x", "1:1: package expected"},
      {"\xef\xbb\xbfpackage a.b[\"c d\"]\n", "package a.b[\"c d\"]\n"},
      {"package if.not", "package if.not\n"},
      {"package", "1:8: unexpected eof token"},
      {"package a[x]", "1:11: unexpected var token: expecting string"},
      {"package a\r\np := 1\r\n", "package a\n\np := 1\n"},
      {"package a\n'", "2:1: illegal token"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct rego_parsed p;
    rego_parsed_start(&p, v1);
    assert_str(rego_parsed_module(&p, str_from(rows[i].text)), rows[i].expected);
    rego_parsed_free(&p);
  }
}

static void experimental_keywords_need_the_option(void **state)
{
  struct rego_options options = {.experimental = true};
  static const struct row rows[] = {
      {"import future.keywords.and\np if x and y",
       "import future.keywords.and\n\np if {\n\tx and y\n}"},
      {"import future.keywords\np if not { x or y }",
       "import future.keywords\n\np if {\n\tnot { x or y }\n}"},
      {"p if { and := 1; and == or }", "p if {\n\tand := 1\n\tand == or\n}"},
      {"import future.keywords.and\np if a | b and c",
       "import future.keywords.and\n\np if {\n\t(a | b) and c\n}"},
  };
  (void)state;
  MODULES(rows, options);
}

static void finds_the_errors_of_several_statements(void **state)
{
  static const struct row rows[] = {
      {"p if { a b }\nq := 1\nr if {\n\tx := }\nt := 'x'",
       "3:10: unexpected identifier token: expected \\n or ; or }\n"
       "6:7: unexpected } token\n"
       "7:6: illegal token"},
      /* What only whole modules show is not told beside errors of syntax. */
      {"allow\np := ]",
       "4:6: unexpected ] token: expected rule value term (e.g., p := <VALUE> { ... })"},
  };
  (void)state;
  MODULES(rows, v1);

  _cleanup_(buf_free) struct buf text = {0};
  struct rego_parsed p;
  buf_add(&text, STR("package a\n"));
  for (int i = 0; i < 20; i++)
    buf_add(&text, STR("p := ]\n"));
  rego_parsed_start(&p, v1);
  rego_parsed_module(&p, buf_str(&text));
  assert_int_equal(p.errors.count, REGO_ERRORS_MAX);
  assert_int_equal(p.result, SW_EINVAL);
  assert_error(p.err, SW_EINVAL, "rego_parse_error: unexpected ] token: expected rule value term");
  assert_int_equal(p.err.line, 2);
  assert_int_equal(p.err.column, 6);
  rego_parsed_free(&p);
}

/* ---- places */

static void check_place(struct rego_place place, uint32_t line, uint32_t column, struct str text,
                        const char *expected)
{
  assert_int_equal(place.file, 7);
  assert_int_equal(place.line, line);
  assert_int_equal(place.column, column);
  assert_str(str_sub(text, place.start, place.end - place.start), expected);
}

static void nodes_know_their_places(void **state)
{
  struct rego_options options = {.file = 7, .name = STR("a.rego")};
  struct rego_parsed p;
  (void)state;
  struct str text = STR("package a.b\n"
                        "import data.x as y\n"
                        "# \xc3\xa4\n"
                        "p[\"\xc3\xa4\"] := z if {\n"
                        "  some i; not \"\xc3\xa4\" == (a +\n"
                        " b) with input as 1 # why\n"
                        "} else := 2\n"
                        "f(x) := -x.y\n");
  rego_parsed_start(&p, options);
  rego_parsed_module(&p, text);
  assert_int_equal(p.result, 0);
  const struct rego_module *m = p.module;
  check_place(m->package.place, 1, 1, text, "package a.b");
  check_place(m->package.path[1].place, 1, 11, text, "b");
  check_place(m->imports[0].place, 2, 1, text, "import data.x as y");
  const struct rego_rule *r = &m->rules[0];
  assert_int_equal(r->place.line, 4);
  assert_int_equal(r->place.end, str_find(text, 0, STR("f(x)")) - 1);
  check_place(r->head.place, 4, 1, text, "p[\"\xc3\xa4\"] := z");
  check_place(r->head.ref[1].place, 4, 3, text, "\"\xc3\xa4\"");
  check_place(r->head.value.place, 4, 11, text, "z");
  check_place(r->body.items[0].place, 5, 3, text, "some i");
  check_place(r->body.items[1].place, 5, 11, text, "not \"\xc3\xa4\" == (a +\n b) with input as 1");
  const struct rego_term *equal = &r->body.items[1].terms[0];
  check_place(equal->place, 5, 15, text, "\"\xc3\xa4\" == (a +\n b)");
  check_place(equal->items[1].place, 5, 22, text, "(a +\n b)");
  check_place(equal->items[1].items[1].place, 6, 2, text, "b");
  check_place(r->body.items[1].with[0].place, 6, 5, text, "with input as 1");
  check_place(r->otherwise->place, 7, 3, text, "else := 2");
  check_place(m->rules[1].head.args[0].place, 8, 3, text, "x");
  check_place(m->rules[1].head.value.place, 8, 9, text, "-x.y");
  assert_str(m->name, "a.rego");
  rego_parsed_free(&p);
}

static void wildcards_are_variables_of_their_own(void **state)
{
  struct rego_parsed p;
  (void)state;
  rego_parsed_start(&p, v1);
  /* Tried as a comprehension first: nothing is counted twice. */
  rego_parsed_query(&p, STR("[_ | _, _]; _ == x; x"));
  const struct rego_term *array = &p.body.items[0].terms[0];
  assert_int_equal(array->items[0].items[0].var, REGO_WILDCARD | 0);
  assert_int_equal(array->items[0].items[1].var, REGO_WILDCARD | 1);
  assert_int_equal(array->items[1].var, REGO_WILDCARD | 2);
  assert_true(rego_is_wildcard(&array->items[1]));
  const struct rego_term *equal = &p.body.items[1].terms[0];
  assert_int_equal(equal->items[0].var, REGO_WILDCARD | 3);
  assert_int_equal(equal->items[1].var, p.body.items[2].terms[0].var);
  assert_str(rego_names_text(p.names, equal->items[1].var), "x");
  rego_parsed_free(&p);
}

/* ---- limits */

static void check_limit(struct str text, const char *message)
{
  struct rego_parsed p;
  rego_parsed_start(&p, v1);
  rego_parsed_module(&p, text);
  assert_int_equal(p.result, SW_ELIMIT);
  assert_error(p.err, SW_ELIMIT, message);
  rego_parsed_free(&p);
}

static bool parses(struct str text)
{
  struct rego_parsed p;
  rego_parsed_start(&p, v1);
  rego_parsed_module(&p, text);
  bool ok = p.result == 0;
  rego_parsed_free(&p);
  return ok;
}

static void nested(struct buf *out, const char *open, const char *close, int depth)
{
  buf_clear(out);
  buf_add(out, STR("package a\np := "));
  for (int i = 0; i < depth; i++)
    buf_add_text(out, open);
  buf_add(out, STR("x"));
  for (int i = 0; i < depth; i++)
    buf_add_text(out, close);
}

static void depth_is_limited(void **state)
{
  static const struct {
    const char *open, *close;
    int most;
  } rows[] = {
      {"[", "]", REGO_DEPTH_MAX - 1},         {"(", ")", REGO_DEPTH_MAX - 1},
      {"f(", ")", REGO_DEPTH_MAX - 1},        {"a[", "]", REGO_DEPTH_MAX - 1},
      {"[y | ", "]", REGO_DEPTH_MAX / 2 - 1},
  };
  _cleanup_(buf_free) struct buf text = {0};
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    nested(&text, rows[i].open, rows[i].close, rows[i].most);
    assert_true(parses(buf_str(&text)));
    nested(&text, rows[i].open, rows[i].close, REGO_DEPTH_MAX);
    check_limit(buf_str(&text), "max parsing recursion depth exceeded");
    nested(&text, rows[i].open, rows[i].close, 100000);
    check_limit(buf_str(&text), "max parsing recursion depth exceeded");
  }
}

static void height_is_limited(void **state)
{
  _cleanup_(buf_free) struct buf text = {0};
  (void)state;
  buf_add(&text, STR("package a\np := x"));
  for (int i = 1; i < REGO_HEIGHT_MAX; i++)
    buf_add(&text, STR(" + x"));
  assert_true(parses(buf_str(&text)));
  buf_add(&text, STR(" + x"));
  check_limit(buf_str(&text), "max parsing recursion depth exceeded");
}

static void size_is_limited(void **state)
{
  _cleanup_(buf_free) struct buf text = {0};
  (void)state;
  buf_add(&text, STR("package a\n"));
  buf_add_repeat(&text, ' ', REGO_SIZE_MAX - text.len);
  assert_true(parses(buf_str(&text)));
  buf_add_byte(&text, ' ');
  check_limit(buf_str(&text), "more than 10485760 bytes");
  buf_clear(&text);
  buf_add(&text, STR("package a\np := ["));
  for (int i = 0; i <= REGO_NODES_MAX; i++)
    buf_add(&text, STR("1,"));
  check_limit(buf_str(&text), "more than 1000000 terms and expressions");
}

static void an_arena_may_be_limited(void **state)
{
  struct rego_parsed p;
  _cleanup_(buf_free) struct buf text = {0};
  (void)state;
  buf_add(&text, STR("package a\n"));
  for (int i = 0; i < 1000; i++)
    buf_printf(&text, "p%d := [1, 2, 3]\n", i);
  rego_parsed_start(&p, v1);
  p.arena.limit = 10000;
  rego_parsed_module(&p, buf_str(&text));
  assert_error(p.err, SW_ELIMIT, "takes more memory than it may");
  rego_parsed_free(&p);
}

/* Each level is tried as a comprehension and then as a list. */
static void attempts_do_not_multiply(void **state)
{
  static const struct {
    const char *open, *close;
  } rows[] = {
      {"[a | ", ", c]"}, {"{a: b | ", ", c: d}"}, {"[a | (c, d", "]"}, {"[(x | [y | ", ", z])]"}};
  _cleanup_(buf_free) struct buf text = {0};
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    nested(&text, rows[i].open, rows[i].close, 60);
    parses(buf_str(&text)); /* 2^60 attempts would not end */
  }
  nested(&text, "[a | ", ", c]", 100);
  assert_true(parses(buf_str(&text)));
}

static void else_chains_may_be_long(void **state)
{
  _cleanup_(buf_free) struct buf text = {0};
  (void)state;
  buf_add(&text, STR("package a\np := 1 if x"));
  for (int i = 0; i < 20000; i++)
    buf_add(&text, STR(" else := 2 if y"));
  assert_true(parses(buf_str(&text)));
}

static void reads_single_terms(void **state)
{
  static const struct {
    const char *text, *expected;
  } rows[] = {
      {"data.a[x]", "data.a[x]"},
      {" {\"a\": [1]} ", "{\"a\": [1]}"},
      {"1 + 2", "1 + 2"},
      {"a b", "1:3: unexpected identifier token: expected exactly one term"},
      {"", "1:1: unexpected eof token"},
      {"x := 1", "1:3: unexpected assign token: expected exactly one term"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct rego_parsed p;
    rego_parsed_start(&p, v1);
    struct str text = str_from(rows[i].text);
    if (rego_parse_term(&p.arena, text, &p.options, &p.term, &p.errors, &p.err) == 0)
      rego_print_term(&p.out, p.names, &p.term);
    else
      rego_parsed_errors(&p);
    assert_str(buf_str(&p.out), rows[i].expected);
    rego_parsed_free(&p);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_scalars),
      cmocka_unit_test(keeps_numbers_exact),
      cmocka_unit_test(reads_collections),
      cmocka_unit_test(reads_references_and_calls),
      cmocka_unit_test(operators_bind_as_they_do),
      cmocka_unit_test(operators_make_the_tree_that_is_meant),
      cmocka_unit_test(reads_templates),
      cmocka_unit_test(templates_keep_text_and_expressions_apart),
      cmocka_unit_test(reads_expressions),
      cmocka_unit_test(joins_with_and_or_not),
      cmocka_unit_test(chains_are_flat),
      cmocka_unit_test(negation_has_two_forms),
      cmocka_unit_test(reads_rules),
      cmocka_unit_test(reads_v0_rules),
      cmocka_unit_test(tells_kinds_of_rules),
      cmocka_unit_test(v1_is_strict),
      cmocka_unit_test(refuses_what_is_no_rule),
      cmocka_unit_test(checks_packages_and_imports),
      cmocka_unit_test(whole_texts),
      cmocka_unit_test(experimental_keywords_need_the_option),
      cmocka_unit_test(finds_the_errors_of_several_statements),
      cmocka_unit_test(nodes_know_their_places),
      cmocka_unit_test(wildcards_are_variables_of_their_own),
      cmocka_unit_test(depth_is_limited),
      cmocka_unit_test(height_is_limited),
      cmocka_unit_test(size_is_limited),
      cmocka_unit_test(an_arena_may_be_limited),
      cmocka_unit_test(attempts_do_not_multiply),
      cmocka_unit_test(else_chains_may_be_long),
      cmocka_unit_test(reads_single_terms),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
