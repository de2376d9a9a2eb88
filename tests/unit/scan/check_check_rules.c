#include "../test.h"

#include "scan/check/check_rules.h"

static void finds_rules(void **state)
{
  (void)state;
  static const char *const ids[] = {"dockerfile-user-root", "image-user-root", "image-setuid",
                                    "image-empty-password", "image-end-of-life"};
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
    const struct rule *rule = check_rule_find(str_from(ids[i]));
    if (!rule)
      fail_msg("%s is not found", ids[i]);
    assert_str(rule->id, ids[i]);
  }
  assert_null(check_rule_find(STR("image-")));
  assert_null(check_rule_find(STR("")));
}

static void no_id_is_there_twice(void **state)
{
  (void)state;
  const struct rule *a, *b;
  size_t count = 0;
  for (size_t i = 0; (a = check_rule_at(i)); i++, count++)
    for (size_t k = 0; k < i && (b = check_rule_at(k)); k++)
      assert_false(str_eq(a->id, b->id));
  assert_true(count > 90);
  assert_null(check_rule_at(count));
}

/* Controls are named as their frameworks spell them. */
static void controls_are_of_known_frameworks(void **state)
{
  (void)state;
  static const char *const prefixes[][2] = {{"cis-docker", "4."},
                                            {"dockle", ""},
                                            {"trivy", "DS-00"},
                                            {"hadolint", "DL"},
                                            {"mitre", "T1"}};
  const struct rule *rule;
  for (size_t i = 0; (rule = check_rule_at(i)); i++)
    for (size_t c = 0; c < rule->control_count; c++) {
      bool known = false;
      for (size_t p = 0; p < sizeof prefixes / sizeof *prefixes; p++)
        known |= str_eq(rule->controls[c].framework, str_from(prefixes[p][0])) &&
                 str_starts(rule->controls[c].id, str_from(prefixes[p][1]));
      if (!known)
        fail_msg("%s: %s", rule->id.data, rule->controls[c].id.data);
    }
}

static bool is_served(const char *framework, const char *id)
{
  const struct rule *rule;
  for (size_t i = 0; (rule = check_rule_at(i)); i++)
    for (size_t c = 0; c < rule->control_count; c++)
      if (str_eq(rule->controls[c].framework, str_from(framework)) &&
          str_eq(rule->controls[c].id, str_from(id)))
        return true;
  return false;
}

static void covers_what_others_look_for(void **state)
{
  (void)state;
  char id[32];
  for (int i = 1; i <= 12; i++) {
    snprintf(id, sizeof id, "4.%d", i);
    if (!is_served("cis-docker", id))
      fail_msg("CIS %s is not served", id);
  }
  for (int i = 1; i <= 11; i++) {
    snprintf(id, sizeof id, "CIS-DI-%04d", i);
    if (!is_served("dockle", id))
      fail_msg("%s is not served", id);
  }
  for (int i = 1; i <= 6; i++) {
    snprintf(id, sizeof id, "DKL-DI-%04d", i);
    if (!is_served("dockle", id))
      fail_msg("%s is not served", id);
  }
  for (int i = 1; i <= 3; i++) {
    snprintf(id, sizeof id, "DKL-LI-%04d", i);
    if (!is_served("dockle", id))
      fail_msg("%s is not served", id);
  }
  for (int i = 1; i <= 31; i++) {
    snprintf(id, sizeof id, "DS-%04d", i);
    bool never = i == 3 || i == 18 || i == 28; /* numbers that were never given out */
    if (is_served("trivy", id) == never)
      fail_msg("%s", id);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_rules),
      cmocka_unit_test(no_id_is_there_twice),
      cmocka_unit_test(controls_are_of_known_frameworks),
      cmocka_unit_test(covers_what_others_look_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
