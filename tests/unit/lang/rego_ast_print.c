#include "rego.h"

/* What is printed parses to an equal tree, and is printed the same again. The texts of single forms
 * are in rego_parser.c; here are those where printing has to think. */
static void check_module_trip(const char *text, struct rego_options options)
{
  struct rego_parsed p;
  const struct rego_module *again;
  _cleanup_(buf_free) struct buf second = {0};
  rego_parsed_start(&p, options);
  rego_parsed_module(&p, str_from(text));
  if (p.result < 0)
    print_error("%s\n%s\n", text, buf_text(&p.out));
  assert_int_equal(p.result, 0);
  if (rego_parse_module(&p.arena, buf_str(&p.out), &p.options, &again, NULL, &p.err) < 0)
    fail_msg("%s\n%s", buf_text(&p.out), p.err.message);
  if (!rego_module_equal(p.module, again))
    fail_msg("another tree:\n%s\n%s", text, buf_text(&p.out));
  rego_print_module(&second, again);
  assert_str(buf_str(&second), buf_text(&p.out));
  rego_parsed_free(&p);
}

static void printed_modules_parse_to_the_same(void **state)
{
  static const char *const texts[] = {
      "package a\np if { (x | y) }",
      "package a\np if { (x | y) == z; w }",
      "package a\np if { (x | y) := z }",
      "package a\np if { {x}; {y: z} }",
      "package a\np if { {x} }",
      "package a\np if { x; -1; -2 == y; -z }",
      "package a\np if { if.x; with.y; z with input as 1; with.y }",
      "package a\np if { in.x | y }",
      "package a\np contains (k, v in xs)",
      "package a\np := (k, v in xs) if { (k, v in xs) := (a, b in cs) }",
      "package a\np := {(a | b), c} if { some (a | b), c in d }",
      "package a\np := {(a | b): (c | d), e: f}",
      "package a\np := [(a + b) | c] if { {(a | b): (c + d) | e} }",
      "package a\np := [(a | b) == c, (a + b) | c] if { x }",
      "package a\np := $\"{{1}}{(x | y)}\\{ {\"a\"}`\\\"\"",
      "package a\np := ((a | b) & c)[x].y(z)[(q | r)]",
      "package a\np := (((a - b) - (c - d)) * (e * f)) / -g",
      "package a\np := a in (b in c) if { (a in b) in c }",
      "package a\nf(x, {\"a\": [y | _]}) := x if { y } else := 2 if { z } else := 3",
      "package a\np[x][\"y z\"].if := 1 if { some x in [1] }",
      "package a\nimport data[\"x-y\"].z as w\nimport future.keywords.not\np if { not {(x | y); z} }",
      "package a\nimport future.keywords.not\np if { not ({1} | x); not (not y); not ({z: 1}.z) }",
  };
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    check_module_trip(texts[i], (struct rego_options){0});
}

static void printed_logic_parses_to_the_same(void **state)
{
  static const char *const texts[] = {
      "package a\np if a | b and c",
      "package a\np if (a | b) == c or d and e",
      "package a\np if { {(a | b); c} and d }",
      "package a\np if { ({1} | x) == y and z; ({a: b}) := c or d }",
      "package a\np if { (a or b) and (c or (d and e)) or (f or g) }",
      "package a\np if { (a or b with input as 1) or c }",
      "package a\np if { not (a or b) and not {c} or not ({d}) with input as 1 }",
      "package a\np if { {x} or {y}\n {z} and w }",
      "package a\np if { {x | y}\n {({z} | w)} and v }",
      "package a\np := [x | (x or y) and {z; w}]",
      "package a\np if and(x, y) and or(x, y).z",
      "package a\np if { x\nor.y; or[\"z\"] }",
  };
  struct rego_options options = {.keywords = REGO_KEYWORD_AND | REGO_KEYWORD_OR | REGO_KEYWORD_NOT};
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    check_module_trip(texts[i], options);
}

static void printed_v0_parses_to_the_same(void **state)
{
  static const char *const texts[] = {
      "package a\np[x] { x | y } { z }",
      "package a\np[\"a\"] { x }\np.b { y }\np.c",
      "package a\nf() = 1 { x } else = 2 { y } else { z }",
      "package a\nimport rego.v1\np contains x if { x in y }",
      "package a\np[{\"a\": x | y}] { some in, if; in = if }",
  };
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    check_module_trip(texts[i], (struct rego_options){.version = REGO_V0});
}

static void prints_parts(void **state)
{
  struct rego_parsed p;
  _cleanup_(buf_free) struct buf out = {0};
  (void)state;
  rego_parsed_start(&p, (struct rego_options){0});
  rego_parsed_module(&p, STR("package a\np.q[1](y, _) := z if { y := 1; not x.y } else := 2"));
  const struct rego_rule *rule = &p.module->rules[0];
  rego_print_head(&out, p.names, &rule->head);
  buf_add(&out, STR("|"));
  rego_print_body(&out, p.names, rule->body);
  buf_add(&out, STR("|"));
  rego_print_expr(&out, p.names, &rule->body.items[1]);
  buf_add(&out, STR("|"));
  rego_print_term(&out, p.names, &rule->body.items[1].terms[0]);
  assert_str(buf_str(&out), "p.q[1](y, _)|y := 1; not x.y|not x.y|x.y");
  buf_clear(&out);
  rego_print_rule(&out, p.names, rule);
  assert_str(buf_str(&out), "p.q[1](y, _) := z if {\n\ty := 1\n\tnot x.y\n} else := 2");
  rego_parsed_free(&p);
}

static void stops_at_the_cap(void **state)
{
  struct rego_parsed p;
  struct buf out = {.cap = 10};
  (void)state;
  rego_parsed_start(&p, (struct rego_options){0});
  rego_parsed_query(&p, STR("abcdefghijklmnopqrstuvwxyz.abc"));
  rego_print_body(&out, p.names, p.body);
  assert_true(buf_failed(&out));
  assert_true(out.len <= 10);
  buf_free(&out);
  rego_parsed_free(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(printed_modules_parse_to_the_same),
      cmocka_unit_test(printed_logic_parses_to_the_same),
      cmocka_unit_test(printed_v0_parses_to_the_same),
      cmocka_unit_test(prints_parts),
      cmocka_unit_test(stops_at_the_cap),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
