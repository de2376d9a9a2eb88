#include "../test.h"

#include "base/arena.h"
#include "finding/rule_choice.h"

static const struct control cis[] = {{STR_INIT("cis-docker"), STR_INIT("4.4")}};
static const struct rule family = {
    .id = STR_INIT("vulnerability"), .controls = cis, .control_count = 1};
static const struct rule member = {.id = STR_INIT("CVE-2024-1"), .severity = SEVERITY_HIGH};
static const struct rule alone = {.id = STR_INIT("image-setuid"), .severity = SEVERITY_MEDIUM};

static const struct rule *family_of(const struct finding *f)
{
  return f->rule == &member ? &family : NULL;
}

static void everything_is_asked_unless_something_is_said(void **state)
{
  (void)state;
  const struct rule_choice nothing = {.only = NULL};
  assert_true(rule_choice_asks(&nothing, &alone, NULL));
  assert_true(rule_choice_asks(&nothing, &member, &family));
  assert_int_equal(rule_choice_severity(&nothing, &alone, NULL), SEVERITY_UNKNOWN);
}

static void names_choose_a_rule_or_its_family(void **state)
{
  (void)state;
  static const struct str names[] = {STR_INIT("vulnerability")}, one[] = {STR_INIT("CVE-2024-1")};
  struct rule_choice choice = {.only = names, .only_count = 1};
  assert_true(rule_choice_asks(&choice, &member, &family));
  assert_false(rule_choice_asks(&choice, &alone, NULL));
  choice = (struct rule_choice){.skip = names, .skip_count = 1};
  assert_false(rule_choice_asks(&choice, &member, &family));
  assert_true(rule_choice_asks(&choice, &alone, NULL));
  choice = (struct rule_choice){.skip = one, .skip_count = 1};
  assert_false(rule_choice_asks(&choice, &member, &family));
  assert_true(rule_choice_asks(&choice, &family, NULL));
}

static void to_skip_goes_before_to_ask(void **state)
{
  (void)state;
  static const struct str names[] = {STR_INIT("image-setuid")};
  const struct rule_choice choice = {
      .only = names, .only_count = 1, .skip = names, .skip_count = 1};
  assert_false(rule_choice_asks(&choice, &alone, NULL));
}

static void a_framework_takes_what_serves_it(void **state)
{
  (void)state;
  static const struct str names[] = {STR_INIT("nsa"), STR_INIT("cis-docker")};
  struct rule_choice choice = {.frameworks = names, .framework_count = 2};
  assert_true(rule_choice_asks(&choice, &member, &family));
  assert_false(rule_choice_asks(&choice, &member, NULL));
  assert_false(rule_choice_asks(&choice, &alone, NULL));
  choice.framework_count = 1;
  assert_false(rule_choice_asks(&choice, &member, &family));
}

static void who_asks_by_name_gets_what_is_disabled(void **state)
{
  (void)state;
  static const struct rule_setting settings[] = {
      {.id = STR_INIT("image-setuid"), .disabled = true}};
  static const struct str names[] = {STR_INIT("image-setuid")};
  struct rule_choice choice = {.settings = settings, .setting_count = 1};
  assert_false(rule_choice_asks(&choice, &alone, NULL));
  choice.only = names;
  choice.only_count = 1;
  assert_true(rule_choice_asks(&choice, &alone, NULL));
}

static void a_rules_own_setting_goes_before_its_familys(void **state)
{
  (void)state;
  static const struct rule_setting settings[] = {
      {.id = STR_INIT("vulnerability"), .disabled = true, .severity = SEVERITY_LOW},
      {.id = STR_INIT("CVE-2024-1"), .severity = SEVERITY_CRITICAL},
  };
  static const struct rule other = {.id = STR_INIT("CVE-2024-2")};
  struct rule_choice choice = {.settings = settings, .setting_count = 2};
  assert_true(rule_choice_asks(&choice, &member, &family));
  assert_false(rule_choice_asks(&choice, &other, &family));
  assert_int_equal(rule_choice_severity(&choice, &member, &family), SEVERITY_CRITICAL);
  assert_int_equal(rule_choice_severity(&choice, &other, &family), SEVERITY_LOW);
  assert_int_equal(rule_choice_severity(&choice, &alone, NULL), SEVERITY_UNKNOWN);
}

static void findings_are_taken_out_and_rated(void **state)
{
  (void)state;
  static const struct rule_setting settings[] = {
      {.id = STR_INIT("vulnerability"), .severity = SEVERITY_LOW}};
  static const struct str names[] = {STR_INIT("image-setuid")};
  const struct rule_choice choice = {
      .skip = names, .skip_count = 1, .settings = settings, .setting_count = 1};
  struct arena arena;
  struct finding_list list;
  arena_init(&arena, 0);
  finding_list_init(&list, &arena);
  finding_add(&list, &alone);
  finding_add(&list, &member);
  finding_add(&list, &alone);
  rule_choice_apply(&choice, family_of, &list);
  assert_int_equal(list.count, 1);
  assert_ptr_equal(list.items[0].rule, &member);
  assert_int_equal(list.items[0].severity, SEVERITY_LOW);
  rule_choice_apply(&choice, NULL, &list);
  assert_int_equal(list.count, 1);
  arena_free(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(everything_is_asked_unless_something_is_said),
      cmocka_unit_test(names_choose_a_rule_or_its_family),
      cmocka_unit_test(to_skip_goes_before_to_ask),
      cmocka_unit_test(a_framework_takes_what_serves_it),
      cmocka_unit_test(who_asks_by_name_gets_what_is_disabled),
      cmocka_unit_test(a_rules_own_setting_goes_before_its_familys),
      cmocka_unit_test(findings_are_taken_out_and_rated),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
