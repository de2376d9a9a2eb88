#include "rego_unit.h"

static void add_annotated(struct unit *u, const char *text)
{
  struct rego_options options = {.name = STR("a.rego"), .annotations = true, .names = u->names};
  if (rego_parse_module(&u->arena, str_from(text), &options, &u->modules[0], NULL, &u->err) < 0)
    fail_msg("%s\n%s", u->err.message, text);
  u->count = 1;
}

static void check_answer(const char *module, const char *expected)
{
  struct unit u;
  start(&u);
  add_annotated(&u, module);
  ask_for(&u, "data.a.p");
  compile_only(&u);
  struct str got = evaluate(&u, NULL, NULL);
  if (!str_eq(got, str_from(expected)))
    fail_msg("%s\n  is       %.*s\n  expected %s", module, STR_FMT(got), expected);
  end(&u);
}

static void a_rule_sees_its_own_annotations(void **state)
{
  (void)state;
  check_answer("package a\n# METADATA\n# title: T\n# custom:\n#  x: [1]\np := rego.metadata.rule()",
               "{\"custom\": {\"x\": [1]}, \"scope\": \"rule\", \"title\": \"T\"}");
  check_answer("package a\np := rego.metadata.rule()", "{}");
  check_answer("package a\n# METADATA\n# title: T\np := rego.metadata.rule().title if {\n  true\n}",
               "\"T\"");
  check_answer("package a\n# METADATA\n# title: T\np if { rego.metadata.rule().title == \"T\" }",
               "true");
}

static void a_chain_leads_to_the_package(void **state)
{
  (void)state;
  check_answer(
      "# METADATA\n# title: P\npackage a\n# METADATA\n# scope: document\n# title: D\n\n"
      "# METADATA\n# title: T\np := rego.metadata.chain()",
      "[{\"annotations\": {\"scope\": \"rule\", \"title\": \"T\"}, \"path\": [\"a\", \"p\"]"
      "}, "
      "{\"annotations\": {\"scope\": \"document\", \"title\": \"D\"}, \"path\": [\"a\", \"p"
      "\"]}, "
      "{\"annotations\": {\"scope\": \"package\", \"title\": \"P\"}, \"path\": [\"a\"]}]");
  check_answer("package a\np := rego.metadata.chain()", "[{\"path\": [\"a\", \"p\"]}]");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_rule_sees_its_own_annotations),
      cmocka_unit_test(a_chain_leads_to_the_package),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
