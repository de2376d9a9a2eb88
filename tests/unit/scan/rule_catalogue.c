#include "../test.h"

#include "policy/rule_image.h"
#include "scan/rule_catalogue.h"
#include "scan/secret/rule_image.h"

static void every_rule_has_a_subject_and_an_id_of_its_own(void **state)
{
  (void)state;
  size_t counts[SCAN_SUBJECTS] = {0}, count = scan_rule_count();
  for (size_t i = 0; i < count; i++) {
    struct scan_rule r = scan_rule_at(i), found;
    assert_true(r.rule->id.len && r.rule->title.len && r.rule->why.len && r.rule->remedy.len);
    assert_true(r.subject < SCAN_SUBJECTS);
    counts[r.subject]++;
    /* An id that is there twice would be found as the other. */
    assert_true(scan_rule_find(r.rule->id, &found));
    if (found.rule != r.rule)
      fail_msg("%s is there twice", r.rule->id.data);
  }
  assert_true(counts[SCAN_SUBJECT_DOCKERFILE] >= 40);
  assert_true(counts[SCAN_SUBJECT_IMAGE] >= 50);
  assert_int_equal(counts[SCAN_SUBJECT_PACKAGE], 5);
  assert_int_equal(counts[SCAN_SUBJECT_SECRET], secret_rule_image.count + 1);
}

static void assert_subject(const char *id, enum scan_subject subject, const struct rule *family)
{
  struct scan_rule r;
  if (!scan_rule_find(str_from(id), &r))
    fail_msg("%s is not found", id);
  assert_str(r.rule->id, id);
  assert_int_equal(r.subject, subject);
  assert_ptr_equal(r.family, family);
}

static void rules_are_found_with_what_they_judge(void **state)
{
  (void)state;
  struct scan_rule r;
  assert_subject("dockerfile-sudo", SCAN_SUBJECT_DOCKERFILE, NULL);
  assert_subject("image-setuid", SCAN_SUBJECT_IMAGE, NULL);
  assert_subject("image-end-of-life", SCAN_SUBJECT_IMAGE, NULL);
  assert_subject("vulnerability", SCAN_SUBJECT_PACKAGE, NULL);
  assert_subject("license-restricted", SCAN_SUBJECT_PACKAGE, NULL);
  assert_subject("secret", SCAN_SUBJECT_SECRET, NULL);
  assert_subject(secret_rule_image.rules[0].rule.id.data, SCAN_SUBJECT_SECRET, &scan_rule_secret);
  assert_false(scan_rule_find(STR("image-"), &r));
  assert_false(scan_rule_find(STR("CVE-2024-3094"), &r));
}

static void subjects_have_names(void **state)
{
  (void)state;
  assert_string_equal(scan_subject_name(SCAN_SUBJECT_DOCKERFILE), "dockerfile");
  assert_string_equal(scan_subject_name(SCAN_SUBJECT_IMAGE), "image");
  assert_string_equal(scan_subject_name(SCAN_SUBJECT_PACKAGE), "package");
  assert_string_equal(scan_subject_name(SCAN_SUBJECT_SECRET), "secret");
}

/* Whoever disables a mistyped rule must not pass for one who disables an advisory. */
static void ids_of_advisories_look_like_no_rules(void **state)
{
  (void)state;
  static const char *const advisories[] = {"CVE-2024-3094", "GHSA-jfh8-c2jp-5v3q", "DSA-5649-1",
                                           "RUSTSEC-2021-0003", "openSUSE-SU-2023:1"};
  for (size_t i = 0; i < sizeof advisories / sizeof *advisories; i++)
    assert_true(scan_rule_is_advisory(str_from(advisories[i])));
  assert_false(scan_rule_is_advisory(STR("")));
  assert_false(scan_rule_is_advisory(STR("image-setuid")));
  assert_false(scan_rule_is_advisory(STR("Image-Setuid")));
  assert_false(scan_rule_is_advisory(STR("CVE20243094")));
  size_t count = scan_rule_count();
  for (size_t i = 0; i < count; i++)
    assert_false(scan_rule_is_advisory(scan_rule_at(i).rule->id));
}

static const struct rule *family_of(const char *id, bool package)
{
  static const struct finding_package some = {.name = STR_INIT("zlib")};
  struct rule rule = {.id = str_from(id)};
  struct finding f = {.rule = &rule, .package = package ? &some : NULL};
  return scan_rule_family(&f);
}

static void findings_belong_to_families(void **state)
{
  (void)state;
  assert_ptr_equal(family_of("CVE-2024-3094", true), &scan_rule_vulnerability);
  assert_null(family_of("license-restricted", true));
  assert_null(family_of("image-setuid", false));
  assert_null(family_of("dockerfile-sudo", false));
  assert_ptr_equal(family_of(secret_rule_image.rules[0].rule.id.data, false), &scan_rule_secret);
  assert_ptr_equal(family_of("a-rule-of-a-file-of-the-user", false), &scan_rule_secret);
}

/* A control that its catalogue lacks would be chosen by --framework, and be in no summary. */
static void controls_are_those_of_their_frameworks(void **state)
{
  (void)state;
  size_t count = scan_rule_count(), named = 0;
  for (size_t i = 0; i < count; i++) {
    const struct rule *rule = scan_rule_at(i).rule;
    for (size_t c = 0; c < rule->control_count; c++) {
      const struct framework *f = framework_find(rule_image_builtin.frameworks,
                                                 rule_image_builtin.framework_count,
                                                 rule->controls[c].framework);
      if (f && !framework_control(f, rule->controls[c].id))
        fail_msg("%s: %s has no %s", rule->id.data, rule->controls[c].framework.data,
                 rule->controls[c].id.data);
      named += f != NULL;
    }
  }
  assert_true(named >= 60);
}

static void every_control_of_cis_docker_is_served(void **state)
{
  (void)state;
  const struct framework *f = framework_find(rule_image_builtin.frameworks,
                                             rule_image_builtin.framework_count, STR("cis-docker"));
  struct arena arena;
  struct framework_summary summary;
  assert_non_null(f);
  assert_int_equal(f->control_count, 12);
  arena_init(&arena, 0);
  framework_summary_init(&summary, f, &arena);
  size_t count = scan_rule_count();
  for (size_t i = 0; i < count; i++)
    framework_summary_add(&summary, scan_rule_at(i).rule, true, 0, 0);
  for (size_t i = 0; i < f->control_count; i++)
    assert_int_equal(summary.results[i].state, CONTROL_PASS);
  arena_free(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_rule_has_a_subject_and_an_id_of_its_own),
      cmocka_unit_test(rules_are_found_with_what_they_judge),
      cmocka_unit_test(subjects_have_names),
      cmocka_unit_test(ids_of_advisories_look_like_no_rules),
      cmocka_unit_test(findings_belong_to_families),
      cmocka_unit_test(controls_are_those_of_their_frameworks),
      cmocka_unit_test(every_control_of_cis_docker_is_served),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
