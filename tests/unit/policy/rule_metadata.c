#include "../test.h"

#include "lang/rego/parser.h"
#include "policy/podsecurity.h"
#include "policy/rule_metadata.h"

#define HEAD                                                                                       \
  "# METADATA\n# title: A fault\n# description: Why.\n"                                            \
  "# related_resources:\n#   - https://example.com\n# custom:\n"
#define CUSTOM "#   id: some-rule\n#   severity: high\n#   remedy: Mend it.\n"
#define KINDS "#   kinds: [workload, apps/Deployment, Service]\n"
#define TAIL "package seawall.rules.some_rule\n\nfinding contains {\"message\": \"x\"} if input.x\n"

static const struct framework_control controls[] = {{STR_INIT("1.0"), STR_INIT("One")}};
static const struct framework frameworks[] = {
    {.id = STR_INIT("nsa"), .title = STR_INIT("NSA"), .controls = controls, .control_count = 1}};

struct fixture {
  struct arena arena;
  struct rego_names *names;
};

static int setup(void **state)
{
  struct fixture *f = mem_zalloc(1, sizeof *f);
  arena_init(&f->arena, 0);
  f->names = rego_names_new();
  *state = f;
  return 0;
}

static int teardown(void **state)
{
  struct fixture *f = *state;
  rego_names_free(f->names);
  arena_free(&f->arena);
  mem_free(f);
  return 0;
}

static const struct rego_module *parse(struct fixture *f, const char *text)
{
  struct rego_options options = {.name = STR("x.rego"), .annotations = true, .names = f->names};
  const struct rego_module *module;
  struct error err;
  if (rego_parse_module(&f->arena, str_from(text), &options, &module, NULL, &err) < 0) {
    print_error("%s\n", err.message);
    fail();
  }
  return module;
}

static void refuse(struct fixture *f, const char *text, const char *message)
{
  struct library_rule rule;
  struct error err;
  assert_int_equal(rule_metadata_read(&f->arena, parse(f, text), frameworks, 1, &rule, &err),
                   SW_EINVAL);
  assert_error(err, SW_EINVAL, message);
  assert_int_not_equal(err.line, 0);
}

static void a_rule_is_read(void **state)
{
  struct fixture *f = *state;
  struct library_rule rule;
  struct error err;
  const struct rego_module *module =
      parse(f, HEAD CUSTOM KINDS "#   controls: {nsa: [\"1.0\"]}\n"
                                 "#   pod_security: [privileged]\n"
                                 "#   parameters: [allowedRegistries]\n"
                                 "#   example: |\n#     a: b\n"
                                 "#   aliases: {polaris: [x], kube-score: [w, z]}\n" TAIL);
  assert_true(rule_metadata_is_rule(module));
  assert_int_equal(rule_metadata_read(&f->arena, module, frameworks, 1, &rule, &err), 0);
  assert_str(rule.rule.id, "some-rule");
  assert_str(rule.rule.title, "A fault");
  assert_str(rule.rule.why, "Why.");
  assert_str(rule.rule.remedy, "Mend it.");
  assert_int_equal(rule.rule.severity, SEVERITY_HIGH);
  assert_str(rule.rule.references[0], "https://example.com");
  assert_str(rule.rule.controls[0].id, "1.0");
  assert_str(rule.entry, "data.seawall.rules.some_rule.finding");
  assert_true(rule.workload);
  assert_false(rule.every_kind || rule.is_set);
  assert_int_equal(rule.kind_count, 2);
  assert_str(rule.kinds[0].group, "apps");
  assert_str(rule.kinds[1].group, "");
  assert_str(rule.kinds[1].kind, "Service");
  assert_int_equal(rule.covered_by, 1u << PODSECURITY_PRIVILEGED_CONTAINERS);
  assert_str(rule.parameters[0], "allowedRegistries");
  assert_str(rule.example, "a: b");
  assert_int_equal(rule.alias_count, 3);
  assert_str(rule.aliases[2].id, "z");
}

static void what_is_missing_is_told(void **state)
{
  struct fixture *f = *state;
  refuse(f, "package other\n\np := 1\n", "must be seawall.rules.");
  refuse(f, TAIL, "no METADATA block");
  refuse(f, HEAD CUSTOM TAIL, "custom.kinds is missing");
  refuse(f, HEAD "#   id: some-rule\n#   severity: high\n" KINDS TAIL, "custom.remedy is missing");
  refuse(f, "# METADATA\n# title: A fault\n# custom:\n" CUSTOM KINDS TAIL,
         "description is missing");
  refuse(f, "# METADATA\n# title: A fault\n# description: Why.\n# custom:\n" CUSTOM KINDS TAIL,
         "related_resources is missing");
  refuse(f, "# METADATA\n# title: A fault.\n# description: Why.\n# custom:\n" CUSTOM KINDS TAIL,
         "without a full stop");
}

static void what_is_wrong_is_told(void **state)
{
  struct fixture *f = *state;
  refuse(f, HEAD CUSTOM KINDS "#   colour: red\n" TAIL, "unknown field \"colour\"");
  refuse(f, HEAD "#   id: Some_Rule\n#   severity: high\n#   remedy: x\n" KINDS TAIL, "lower case");
  refuse(f, HEAD "#   id: pss-x\n#   severity: high\n#   remedy: x\n" KINDS TAIL, "pss-");
  refuse(f, HEAD "#   id: other\n#   severity: high\n#   remedy: x\n" KINDS TAIL,
         "the package must be");
  refuse(f, HEAD "#   id: some-rule\n#   severity: bad\n#   remedy: x\n" KINDS TAIL,
         "custom.severity must be");
  refuse(f, HEAD CUSTOM KINDS "#   controls: {iso: [\"1\"]}\n" TAIL, "no framework \"iso\"");
  refuse(f, HEAD CUSTOM KINDS "#   controls: {nsa: [\"7\"]}\n" TAIL, "has no control \"7\"");
  refuse(f, HEAD CUSTOM KINDS "#   controls: {nsa: [1.0]}\n" TAIL, "in quotes");
  refuse(f, HEAD CUSTOM KINDS "#   pod_security: [nothing]\n" TAIL, "no check \"nothing\"");
  refuse(f, HEAD CUSTOM KINDS "#   aliases: {nobody: [x]}\n" TAIL, "unknown tool");
  refuse(f, HEAD CUSTOM "#   kinds: [deployment]\n" TAIL, "is no kind");
  refuse(f, HEAD CUSTOM KINDS "package seawall.rules.some_rule\n\nother := 1\n",
         "no rule \"finding contains");
}

static void set_rules_say_what_they_need(void **state)
{
  struct fixture *f = *state;
  struct library_rule rule;
  struct error err;
  refuse(f, HEAD CUSTOM "#   kinds: [Service]\n#   scope: set\n" TAIL, "what it looks at");
  refuse(f, HEAD CUSTOM "#   kinds: [Service]\n#   scope: set\n#   needs: [Pod]\n" TAIL,
         "must name all of custom.kinds");
  refuse(f, HEAD CUSTOM "#   kinds: [Service]\n#   needs: [Service]\n" TAIL, "is for set rules");
  const struct rego_module *module = parse(
      f, HEAD CUSTOM "#   kinds: [Service]\n#   scope: set\n#   needs: [workload, Service]\n" TAIL);
  assert_int_equal(rule_metadata_read(&f->arena, module, frameworks, 1, &rule, &err), 0);
  assert_true(rule.is_set && rule.needs_workloads);
  assert_int_equal(rule.need_count, 1);
}

static void modules_of_other_conventions_are_told_apart(void **state)
{
  struct fixture *f = *state;
  assert_false(rule_metadata_is_rule(parse(f, "package main\n\ndeny contains \"x\" if input.x\n")));
  assert_false(rule_metadata_is_rule(parse(f, TAIL)));
}

static void parameters_are_read(void **state)
{
  struct fixture *f = *state;
  struct rule_parameter list[2];
  size_t count;
  struct error err;
  const char *good = "package seawall.lib.config\n\n"
                     "# METADATA\n# title: Registries\n# description: Hosts.\n"
                     "# custom:\n#   parameter: allowedRegistries\n#   type: strings\n"
                     "default allowed_registries := []\n\n"
                     "allowed_registries := input.config.allowedRegistries\n";
  assert_int_equal(rule_metadata_parameters(&f->arena, parse(f, good), list, 2, &count, &err), 0);
  assert_int_equal(count, 1);
  assert_str(list[0].name, "allowedRegistries");
  assert_int_equal(list[0].type, PARAMETER_STRINGS);
  assert_str(list[0].otherwise, "[]");
  assert_int_equal(rule_metadata_parameters(&f->arena, parse(f, good), list, 0, &count, &err),
                   SW_EINVAL);
  const char *bad = "package seawall.lib.config\n\n"
                    "# METADATA\n# title: Registries\n# description: Hosts.\n"
                    "# custom:\n#   parameter: a\n#   type: colour\n"
                    "default a := []\n";
  assert_int_equal(rule_metadata_parameters(&f->arena, parse(f, bad), list, 2, &count, &err),
                   SW_EINVAL);
  assert_error(err, SW_EINVAL, "custom.type");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_rule_is_read, setup, teardown),
      cmocka_unit_test_setup_teardown(what_is_missing_is_told, setup, teardown),
      cmocka_unit_test_setup_teardown(what_is_wrong_is_told, setup, teardown),
      cmocka_unit_test_setup_teardown(set_rules_say_what_they_need, setup, teardown),
      cmocka_unit_test_setup_teardown(modules_of_other_conventions_are_told_apart, setup, teardown),
      cmocka_unit_test_setup_teardown(parameters_are_read, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
