#include "../test.h"

#include "policy/podsecurity_rules.h"

static bool is_id(struct str s)
{
  for (size_t i = 0; i < s.len; i++)
    if (!(s.data[i] >= 'a' && s.data[i] <= 'z') && s.data[i] != '-')
      return false;
  return str_starts(s, STR("pss-"));
}

static void every_rule_is_complete(void **state)
{
  (void)state;
  const struct rule *rules = podsecurity_rules();
  for (int i = 0; i < PODSECURITY_RULE_COUNT; i++) {
    const struct rule *r = &rules[i];
    assert_ptr_equal(r, podsecurity_rule((enum podsecurity_check_id)i));
    assert_true(is_id(r->id));
    assert_true(r->title.len > 10 && r->title.len < 100);
    assert_int_not_equal(r->title.data[r->title.len - 1], '.');
    assert_true(r->why.len > 40 && r->remedy.len > 20);
    assert_true(r->severity >= SEVERITY_MEDIUM);
    assert_true(r->reference_count > 0);
    for (size_t k = 0; k < r->reference_count; k++)
      assert_true(str_starts(r->references[k], STR("https://")));
  }
}

static void ids_differ(void **state)
{
  (void)state;
  const struct rule *rules = podsecurity_rules();
  for (int i = 0; i < PODSECURITY_RULE_COUNT; i++)
    for (int k = 0; k < i; k++)
      assert_false(str_eq(rules[i].id, rules[k].id));
  assert_str(podsecurity_rule(PODSECURITY_HOST_PORTS)->id, "pss-host-ports");
  assert_str(podsecurity_rule(PODSECURITY_WRONG_TYPE)->id, "pss-wrong-type");
}

static bool has_framework(const struct rule *r, const char *framework)
{
  for (size_t i = 0; i < r->control_count; i++)
    if (str_eq(r->controls[i].framework, str_from(framework)))
      return true;
  return false;
}

/* A rule serves the level at which its check runs, and restricted includes baseline. */
static void controls_follow_the_level(void **state)
{
  (void)state;
  const struct podsecurity_target baseline = {PODSECURITY_BASELINE, PODSECURITY_LATEST};
  for (int i = 0; i < PODSECURITY_CHECK_COUNT; i++) {
    const struct rule *r = podsecurity_rule((enum podsecurity_check_id)i);
    assert_int_equal(has_framework(r, "pss-baseline"), (podsecurity_checks(baseline) >> i) & 1);
    assert_true(has_framework(r, "pss-restricted"));
  }
}

static void what_owns_the_node_is_critical(void **state)
{
  (void)state;
  assert_int_equal(podsecurity_rule(PODSECURITY_PRIVILEGED_CONTAINERS)->severity,
                   SEVERITY_CRITICAL);
  assert_int_equal(podsecurity_rule(PODSECURITY_WINDOWS_HOST_PROCESS)->severity, SEVERITY_CRITICAL);
  assert_int_equal(podsecurity_rule(PODSECURITY_RUN_AS_NON_ROOT)->severity, SEVERITY_MEDIUM);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_rule_is_complete),
      cmocka_unit_test(ids_differ),
      cmocka_unit_test(controls_follow_the_level),
      cmocka_unit_test(what_owns_the_node_is_critical),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
