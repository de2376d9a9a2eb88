#include "../test.h"

#include "finding/finding.h"

static const struct rule rule_high = {
    .id = STR_INIT("pss-host-namespaces"),
    .title = STR_INIT("Containers share the host's namespaces"),
    .remedy = STR_INIT("remove it"),
    .severity = SEVERITY_HIGH,
};

static const struct rule rule_low = {.id = STR_INIT("other"), .severity = SEVERITY_LOW};

static struct arena arena;

static int setup(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

static void severities_have_names(void **state)
{
  (void)state;
  static const char *const names[] = {"unknown", "info", "low", "medium", "high", "critical"};
  for (int i = 0; i < SEVERITY_COUNT; i++) {
    enum severity found = SEVERITY_COUNT;
    assert_str(severity_name((enum severity)i), names[i]);
    assert_true(severity_from_name(str_from(names[i]), &found));
    assert_int_equal(found, i);
  }
  enum severity found = SEVERITY_LOW;
  assert_true(severity_from_name(STR("CritiCAL"), &found));
  assert_int_equal(found, SEVERITY_CRITICAL);
  assert_false(severity_from_name(STR("hig"), &found));
  assert_false(severity_from_name(STR(""), &found));
  assert_false(severity_from_name(STR("high "), &found));
  assert_int_equal(found, SEVERITY_CRITICAL);
  assert_str(severity_name((enum severity)77), "unknown");
}

static void findings_begin_as_their_rule_says(void **state)
{
  (void)state;
  struct finding_list list;
  finding_list_init(&list, &arena);
  for (int i = 0; i < 100; i++) {
    struct finding *f = finding_add(&list, i % 2 ? &rule_low : &rule_high);
    f->location.line = (uint32_t)i;
  }
  assert_int_equal(list.count, 100);
  for (uint32_t i = 0; i < 100; i++) {
    assert_int_equal(list.items[i].location.line, i);
    assert_int_equal(list.items[i].severity, i % 2 ? SEVERITY_LOW : SEVERITY_HIGH);
    assert_int_equal(list.items[i].state, FINDING_OPEN);
  }
  struct finding *f = &list.items[0];
  assert_str(finding_remedy(f), "remove it");
  f->remedy = STR("do this here");
  assert_str(finding_remedy(f), "do this here");
}

static struct finding sample(void)
{
  return (struct finding){
      .rule = &rule_high,
      .subject = {.api_version = STR("apps/v1"),
                  .kind = STR("Deployment"),
                  .namespace = STR("shop"),
                  .name = STR("web"),
                  .container = STR("app")},
      .location = {.file = STR("web.yaml"),
                   .line = 14,
                   .column = 7,
                   .pointer = STR("/spec/template/spec/containers/0/securityContext")},
  };
}

static void assert_same(struct finding a, const char *key_a, struct finding b, const char *key_b,
                        bool same)
{
  finding_seal(&a, str_from(key_a));
  finding_seal(&b, str_from(key_b));
  assert_int_equal(strlen(a.fingerprint), FINGERPRINT_LEN);
  assert_int_equal(strspn(a.fingerprint, "0123456789abcdef"), FINGERPRINT_LEN);
  assert_int_equal(strcmp(a.fingerprint, b.fingerprint) == 0, same);
}

static void fingerprints_survive_moves(void **state)
{
  (void)state;
  struct finding moved = sample();
  moved.location.line = 99;
  moved.location.column = 1;
  moved.location.document = 3;
  moved.location.pointer = STR("/spec/template/spec/containers/12/securityContext");
  moved.message = STR("told in other words");
  moved.evidence = STR("true");
  moved.subject.api_version = STR("apps/v1beta1");
  moved.severity = SEVERITY_LOW;
  assert_same(sample(), "", moved, "", true);
  /* The same on every machine and in every release. */
  struct finding f = sample();
  finding_seal(&f, STR("NET_ADMIN"));
  assert_str(str_from(f.fingerprint), "154165370e8387b4542f6d88edb7e4e7");
}

static void fingerprints_tell_faults_apart(void **state)
{
  (void)state;
  struct finding other[9];
  for (size_t i = 0; i < 9; i++)
    other[i] = sample();
  other[0].rule = &rule_low;
  other[1].subject.container = STR("sidecar");
  other[2].subject.name = STR("api");
  other[3].subject.namespace = STR("");
  other[4].subject.kind = STR("StatefulSet");
  other[5].subject.api_version = STR("other.example/v1");
  other[6].location.file = STR("api.yaml");
  other[7].location.pointer = STR("/spec/template/spec/initContainers/0/securityContext");
  other[8].location.pointer = STR("/spec/template/spec/containers/securityContext");
  for (size_t i = 0; i < 9; i++)
    assert_same(sample(), "", other[i], "", false);
  assert_same(sample(), "a", sample(), "b", false);
  /* Parts do not run into each other. */
  struct finding left = sample(), right = sample();
  left.subject.namespace = STR("sho");
  left.subject.name = STR("pweb");
  assert_same(left, "", right, "", false);
  left = right = sample();
  left.subject.container = STR("3:app");
  assert_same(left, "", right, "", false);
}

static void repetitions_are_numbered(void **state)
{
  (void)state;
  struct finding_list list;
  finding_list_init(&list, &arena);
  for (int i = 0; i < 50; i++) {
    *finding_add(&list, &rule_high) = sample();
    finding_seal(&list.items[i], i == 25 ? STR("x") : STR_EMPTY);
  }
  finding_add(&list, &rule_high); /* not sealed */
  char first[FINGERPRINT_LEN + 1], apart[FINGERPRINT_LEN + 1];
  memcpy(first, list.items[0].fingerprint, sizeof first);
  memcpy(apart, list.items[25].fingerprint, sizeof apart);
  finding_list_distinguish(&list);
  assert_string_equal(list.items[0].fingerprint, first);
  assert_string_equal(list.items[25].fingerprint, apart);
  assert_string_equal(list.items[50].fingerprint, "");
  for (size_t i = 0; i < 50; i++)
    for (size_t j = 0; j < i; j++)
      assert_string_not_equal(list.items[i].fingerprint, list.items[j].fingerprint);
  /* The second of two is the second whatever else there is. */
  struct finding_list two;
  finding_list_init(&two, &arena);
  for (int i = 0; i < 2; i++) {
    *finding_add(&two, &rule_high) = sample();
    finding_seal(&two.items[i], STR_EMPTY);
  }
  finding_list_distinguish(&two);
  assert_string_equal(two.items[1].fingerprint, list.items[1].fingerprint);
}

static void counts_by_severity_and_state(void **state)
{
  (void)state;
  struct finding_list list;
  finding_list_init(&list, &arena);
  static const enum severity severities[] = {SEVERITY_UNKNOWN, SEVERITY_INFO, SEVERITY_HIGH,
                                             SEVERITY_HIGH, SEVERITY_CRITICAL};
  for (size_t i = 0; i < 5; i++)
    finding_add(&list, &rule_high)->severity = severities[i];
  list.items[3].state = FINDING_EXCEPTED;
  finding_add(&list, &rule_high)->state = FINDING_MENDED; /* counts nowhere */
  struct finding_counts counts = {0};
  finding_count(&counts, &list);
  finding_count(&counts, &list);
  assert_int_equal(counts.open[SEVERITY_HIGH], 2);
  assert_int_equal(counts.excepted[SEVERITY_HIGH], 2);
  assert_int_equal(counts.open[SEVERITY_MEDIUM], 0);
  assert_int_equal(finding_open_from(&counts, SEVERITY_UNKNOWN), 8);
  assert_int_equal(finding_open_from(&counts, SEVERITY_INFO), 6);
  assert_int_equal(finding_open_from(&counts, SEVERITY_HIGH), 4);
  assert_int_equal(finding_open_from(&counts, SEVERITY_CRITICAL), 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(severities_have_names),
      cmocka_unit_test_setup_teardown(findings_begin_as_their_rule_says, setup, teardown),
      cmocka_unit_test(fingerprints_survive_moves),
      cmocka_unit_test(fingerprints_tell_faults_apart),
      cmocka_unit_test_setup_teardown(repetitions_are_numbered, setup, teardown),
      cmocka_unit_test_setup_teardown(counts_by_severity_and_state, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
