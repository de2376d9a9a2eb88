#include "rego.h"

static void names_have_numbers(void **state)
{
  _cleanup_(rego_names_freep) struct rego_names *names = rego_names_new();
  char text[] = "abc";
  (void)state;
  assert_int_equal(rego_names_find(names, STR("abc")), REGO_NO_NAME);
  assert_int_equal(rego_names_add(names, str_from(text)), 0);
  text[0] = 'x'; /* it was copied */
  assert_int_equal(rego_names_add(names, STR("b")), 1);
  assert_int_equal(rego_names_add(names, STR("abc")), 0);
  assert_int_equal(rego_names_find(names, STR("b")), 1);
  assert_int_equal(rego_names_count(names), 2);
  assert_str(rego_names_text(names, 0), "abc");
  assert_str(rego_names_text(names, 5), "");
  assert_str(rego_names_text(names, REGO_WILDCARD | 3), "_");
  rego_names_free(NULL);
}

static void operators_have_names(void **state)
{
  (void)state;
  assert_str(rego_op_name(REGO_OP_IN), "internal.member_2");
  assert_str(rego_op_name(REGO_OP_EQUAL), "equal");
  assert_str(rego_op_name(REGO_OP_REMAINDER), "rem");
  assert_str(rego_op_sign(REGO_OP_IN_PAIR), "in");
  assert_str(rego_op_sign(REGO_OP_OR), "|");
  assert_int_equal(rego_op_binding(REGO_OP_NAMED), 0);
  assert_true(rego_op_binding(REGO_OP_AND) > rego_op_binding(REGO_OP_OR));
  assert_true(rego_op_binding(REGO_OP_TIMES) > rego_op_binding(REGO_OP_PLUS));
}

static void terms_have_names(void **state)
{
  static const char *const names[] = {"null",
                                      "boolean",
                                      "number",
                                      "string",
                                      "var",
                                      "ref",
                                      "array",
                                      "object",
                                      "set",
                                      "arraycomprehension",
                                      "setcomprehension",
                                      "objectcomprehension",
                                      "call",
                                      "templatestring"};
  struct rego_parsed p;
  (void)state;
  rego_parsed_start(&p, (struct rego_options){0});
  rego_parsed_query(&p, STR("null; true; 1; \"a\"; x; x.y; [1]; {1: 2}; {1}; [x | x]; {x | x}; "
                            "{x: y | x}; f(1); $\"{x}\""));
  assert_int_equal(p.body.count, sizeof names / sizeof *names);
  for (uint32_t i = 0; i < p.body.count; i++)
    assert_string_equal(rego_term_name(&p.body.items[i].terms[0]), names[i]);
  rego_parsed_free(&p);
}

static void tells_constants(void **state)
{
  static const bool constant[] = {true, true, true, true, false, false, false, false, false, false};
  struct rego_parsed p;
  (void)state;
  rego_parsed_start(&p, (struct rego_options){0});
  rego_parsed_query(&p, STR("1; [\"a\", {1}]; {\"a\": [null]}; set(); x; [x]; {1: data.x}; f(1); "
                            "[1 | true]; 1 + 2"));
  for (uint32_t i = 0; i < p.body.count; i++)
    assert_int_equal(rego_is_constant(&p.body.items[i].terms[0]), constant[i]);
  rego_parsed_free(&p);
}

static bool modules_equal(const char *a, const char *b)
{
  struct rego_parsed p;
  const struct rego_module *first, *second;
  rego_parsed_start(&p, (struct rego_options){.version = REGO_V0});
  assert_int_equal(rego_parse_module(&p.arena, str_from(a), &p.options, &first, NULL, &p.err), 0);
  assert_int_equal(rego_parse_module(&p.arena, str_from(b), &p.options, &second, NULL, &p.err), 0);
  bool equal = rego_module_equal(first, second);
  assert_int_equal(rego_module_equal(second, first), equal);
  rego_parsed_free(&p);
  return equal;
}

static void equal_means_the_same_tree(void **state)
{
  static const char *const same[][2] = {
      {"package a\np { x }", "package a # c\n\np{x\n}"},
      {"package a\np { x } { y }", "package a\np { x }\np { y }"},
      {"package a\np = [_, 1]", "package a\np = [ _ ,1, ]"},
      {"package a\np { a[\"b\"] == \"\\u0063\" }", "package a\np { a.b == `c` }"},
      {"package a\np { (a + b) - c }", "package a\np { a + b - c }"},
  };
  static const char *const different[][2] = {
      {"package a\np { x }", "package b\np { x }"},
      {"package a\np { x }", "package a\np { y }"},
      {"package a\np { x }", "package a\np { not x }"},
      {"package a\np { x }", "package a\np { x; x }"},
      {"package a\np { x }", "package a\np { x } else { x }"},
      {"package a\np { x }", "package a\np = true { x }"},
      {"package a\np = 1", "package a\np := 1"},
      {"package a\np = 1", "package a\np = 1.0"},
      {"package a\np = 1", "package a\np = \"1\""},
      {"package a\np = null", "package a\np = false"},
      {"package a\np = true", "package a\np = false"},
      {"package a\np = 1", "package a\ndefault p = 1"},
      {"package a\np = x { x = 1 }", "package a\np = x { x := 1 }"},
      {"package a\np[x] { x }", "package a\np[x] = true { x }"},
      {"package a\np[x] { x }", "package a\np[y] { x }"},
      {"package a\nf(x) { x }", "package a\nf(y) { x }"},
      {"package a\np { a - (b - c) }", "package a\np { a - b - c }"},
      {"package a\np { a + b }", "package a\np { a - b }"},
      {"package a\np { a + b }", "package a\np { plus(a, b) }"},
      {"package a\np { x }", "package a\np { x with input as 1 }"},
      {"package a\np { x with input as 1 }", "package a\np { x with input as 2 }"},
      {"package a\np = {1}", "package a\np = [1]"},
      {"package a\np = {1: 2}", "package a\np = {1: 3}"},
      {"package a\np = [x | x]", "package a\np = {x | x}"},
      {"package a\np = {x: y | x}", "package a\np = {y: y | x}"},
      {"package a\np = $\"a{1}\"", "package a\np = $\"a{2}\""},
      {"package a\np = $\"a{\"b\"}\"", "package a\np = $\"ab\""},
      {"package a\nimport data.x", "package a\nimport data.y"},
      {"package a\nimport data.x", "package a\nimport data.x as y"},
      {"package a\nimport future.keywords\np { every x in y { x } }",
       "package a\nimport future.keywords\np { every _, x in y { x } }"},
      {"package a\nimport future.keywords\np { not { x } }",
       "package a\nimport future.keywords\np { not x }"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
    if (!modules_equal(same[i][0], same[i][1]))
      fail_msg("not equal:\n%s\n%s", same[i][0], same[i][1]);
  }
  for (size_t i = 0; i < sizeof different / sizeof *different; i++) {
    assert_true(modules_equal(different[i][0], different[i][0]));
    if (modules_equal(different[i][0], different[i][1]))
      fail_msg("equal:\n%s\n%s", different[i][0], different[i][1]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_have_numbers),        cmocka_unit_test(operators_have_names),
      cmocka_unit_test(terms_have_names),          cmocka_unit_test(tells_constants),
      cmocka_unit_test(equal_means_the_same_tree),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
