#include "../test.h"

#include "scan/secret/rule_source.h"
#include "scan/secret/scanner.h"

static const char *root(void)
{
  const char *path = getenv("SEAWALL_SOURCE_ROOT");
  return path ? path : "../..";
}

static void fills_in_examples(void **state)
{
  (void)state;
  struct arena arena;
  struct str once, again, other;
  struct error err;
  arena_init(&arena, 0);
  assert_int_equal(
      secret_example_fill(&arena, STR("a<>b <hex:8>-<digits:2> <x> <"), 7, &once, &err), 0);
  assert_int_equal(
      secret_example_fill(&arena, STR("a<>b <hex:8>-<digits:2> <x> <"), 7, &again, &err), 0);
  assert_int_equal(
      secret_example_fill(&arena, STR("a<>b <hex:8>-<digits:2> <x> <"), 8, &other, &err), 0);
  assert_true(str_eq(once, again));
  assert_false(str_eq(once, other));
  assert_int_equal(once.len, strlen("ab 12345678-12 <x> <"));
  assert_true(str_starts(once, STR("ab ")) && str_ends(once, STR(" <x> <")));
  for (size_t i = 3; i < 11; i++)
    assert_non_null(strchr("0123456789abcdef", once.data[i]));
  assert_int_equal(secret_example_fill(&arena, STR("<octal:8>"), 7, &once, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "<octal:8>");
  arena_free(&arena);
}

#define RULE_HEAD "rules:\n  - id: a\n    title: t\n    severity: low\n    why: w\n    remedy: r\n"
#define RULE_TAIL "    examples: [x]\n    counterexamples: [z]\n"

static void reads_a_rule(void **state)
{
  (void)state;
  struct secret_sources sources;
  struct error err;
  secret_sources_init(&sources);
  assert_int_equal(
      secret_sources_add_text(&sources,
                              STR(RULE_HEAD "    pattern: 'x{{assign}}(y+)'\n    group: 1\n"
                                            "    entropy: 3.5\n    keywords: [k]\n"
                                            "    also: [g]\n    trivy: [u, v]\n"
                                            "    weak: true\n    places: [file, history]\n"
                                            "    allow: [{secret: ['^a', b]}, {words: [w]}]\n"
                                            "    examples: [x, {path: p, text: '<hex:3>'}]\n"
                                            "    counterexamples: [z]\n"),
                              "f.yaml", &err),
      0);
  assert_int_equal(sources.count, 1);
  const struct secret_rule *r = &sources.items[0].rule;
  assert_str(r->rule.id, "a");
  assert_str(r->rule.remedy, "r");
  assert_int_equal(r->also_count, 1);
  assert_str(r->also[0], "g");
  assert_int_equal(r->trivy_count, 2);
  assert_str(r->trivy[1], "v");
  assert_int_equal(r->rule.severity, SEVERITY_LOW);
  assert_true(str_starts(r->pattern, STR("x[")) && str_ends(r->pattern, STR("(y+)")));
  assert_true(str_find(r->pattern, 0, STR("{{")) < 0);
  assert_true(r->entropy > 3.4 && r->entropy < 3.6);
  assert_true(r->weak && r->builtin && !r->text && !r->skip_tests);
  assert_int_equal(r->places, 1u << SECRET_FILE | 1u << SECRET_HISTORY);
  assert_int_equal(r->keyword_count, 1);
  assert_int_equal(r->allow_count, 2);
  assert_int_equal(sources.items[0].example_count, 2);
  assert_str(sources.items[0].examples[1].path, "p");
  assert_int_equal(sources.items[0].examples[1].text.len, 3);
  assert_int_equal(sources.items[0].line, 2);
  secret_sources_free(&sources);
}

static void refuses_what_is_no_rule(void **state)
{
  (void)state;
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"x: 1\n", "\"rules\" must be a list"},
      {"rules: [1]\n", "must be a list of mappings"},
      {"rules:\n  - id: a\n", "\"title\" is missing"},
      {RULE_HEAD RULE_TAIL, "\"pattern\" is missing"},
      {RULE_HEAD "    pattern: '('\n" RULE_TAIL, "\"pattern\": "},
      {RULE_HEAD "    pattern: x\n    group: 1\n" RULE_TAIL, "\"group\" has no such group"},
      {RULE_HEAD "    pattern: x\n    group: 0\n" RULE_TAIL, "\"group\" must be"},
      {RULE_HEAD "    pattern: x\n    entropy: 9\n" RULE_TAIL, "\"entropy\" must be"},
      {RULE_HEAD "    pattern: x\n    weak: 1\n" RULE_TAIL, "\"weak\" must be true or false"},
      {RULE_HEAD "    pattern: x\n    places: [moon]\n" RULE_TAIL, "a place that is none"},
      {RULE_HEAD "    pattern: x\n    allow: [{moon: [x]}]\n" RULE_TAIL, "\"moon\" is nothing"},
      {RULE_HEAD "    pattern: x\n    allow: [{line: ['(']}]\n" RULE_TAIL, "\"allow\": "},
      {RULE_HEAD "    pattern: x\n    allowed: []\n" RULE_TAIL, "\"allowed\" is nothing"},
      {RULE_HEAD "    pattern: x\n    examples: []\n    counterexamples: [z]\n", "\"examples\""},
      {RULE_HEAD "    pattern: x\n    examples: ['<moon:3>']\n    counterexamples: [z]\n",
       "<moon:3>"},
      {"rules:\n  - id: a\n    severity: grave\n    title: t\n", "\"severity\" is no severity"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct secret_sources sources;
    struct error err = {0};
    secret_sources_init(&sources);
    assert_int_equal(secret_sources_add_text(&sources, str_from(cases[i].text), "f.yaml", &err),
                     SW_EINVAL);
    assert_error(err, SW_EINVAL, cases[i].message);
    assert_error(err, SW_EINVAL, "f.yaml:");
    secret_sources_free(&sources);
  }
}

static void refuses_an_id_that_is_there_twice(void **state)
{
  (void)state;
  struct secret_sources sources;
  struct error err;
  struct str text = STR(RULE_HEAD "    pattern: x\n" RULE_TAIL);
  secret_sources_init(&sources);
  assert_int_equal(secret_sources_add_text(&sources, text, "f.yaml", &err), 0);
  assert_int_equal(secret_sources_add_text(&sources, text, "g.yaml", &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "g.yaml:2: \"a\" is there twice");
  secret_sources_free(&sources);
}

/* ---- the own rules keep what their examples promise */

static bool expect(struct secret_scanner *scanner, const struct secret_source *source,
                   const struct secret_example *example, bool positive)
{
  struct arena arena;
  struct secret_list found;
  bool as_said = false;
  arena_init(&arena, 0);
  secret_list_init(&found, &arena);
  if (source->rule.places & 1u << SECRET_FILE) {
    if (secret_scanner_begin(scanner, example->path, example->text.len))
      secret_scanner_feed(scanner, example->text);
    secret_scanner_end(scanner, &found);
  } else {
    secret_scan_text(scanner, SECRET_ENVIRONMENT, STR("Env"), example->text, &found);
  }
  size_t by_rule = 0;
  for (size_t i = 0; i < found.count; i++)
    by_rule += str_eq(found.items[i].rule->rule.id, source->rule.rule.id);
  as_said = positive ? found.count == 1 && by_rule == 1 : by_rule == 0;
  if (!as_said) {
    print_error("%.*s:%u: rule %.*s: %s: %.*s\n", STR_FMT(source->file), source->line,
                STR_FMT(source->rule.rule.id), positive ? "example" : "counterexample",
                STR_FMT(example->text));
    for (size_t i = 0; i < found.count; i++)
      print_error("  found by %.*s: %.*s\n", STR_FMT(found.items[i].rule->rule.id),
                  STR_FMT(found.items[i].redacted));
  }
  arena_free(&arena);
  return as_said;
}

static void every_example_is_as_it_says(void **state)
{
  (void)state;
  struct secret_sources sources;
  struct secret_rules *rules;
  struct secret_scanner *scanner;
  struct error err;
  char path[4096];
  unsigned wrong = 0;
  secret_sources_init(&sources);
  snprintf(path, sizeof path, "%s/rules/secrets", root());
  if (secret_sources_add(&sources, path, &err) < 0)
    fail_msg("%s", err.message);
  assert_int_equal(secret_rules_builtin(&rules, &err), 0);
  assert_int_equal(secret_scanner_new(rules, NULL, &scanner, &err), 0);
  assert_int_equal(sources.count, secret_rules_count(rules));
  assert_true(sources.count >= 150);
  for (size_t i = 0; i < sources.count; i++) {
    const struct secret_source *s = &sources.items[i];
    for (size_t k = 0; k < s->example_count; k++)
      wrong += !expect(scanner, s, &s->examples[k], true);
    for (size_t k = 0; k < s->counterexample_count; k++)
      wrong += !expect(scanner, s, &s->counterexamples[k], false);
  }
  assert_int_equal(wrong, 0);
  secret_scanner_free(scanner);
  secret_rules_free(rules);
  secret_sources_free(&sources);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fills_in_examples),
      cmocka_unit_test(reads_a_rule),
      cmocka_unit_test(refuses_what_is_no_rule),
      cmocka_unit_test(refuses_an_id_that_is_there_twice),
      cmocka_unit_test(every_example_is_as_it_says),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
