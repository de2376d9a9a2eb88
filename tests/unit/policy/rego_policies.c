#include "../test.h"

#include "../base/scratch.h"

#include "data/json_write.h"
#include "policy/rego_policies.h"

static struct scratch scratch;

static int set_up(void **state)
{
  (void)state;
  scratch_open(&scratch);
  scratch_dir("p");
  scratch_dir("p/shop");
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  scratch_close(&scratch);
  return 0;
}

static void assert_data(const struct rego_set *set, const char *wanted)
{
  _cleanup_(buf_free) struct buf text = {0};
  json_write(&text, rego_set_data(set), 0);
  assert_str(buf_str(&text), wanted);
}

static void test_kubernetes_documents_are_passed_over(void **state)
{
  (void)state;
  scratch_file("p/a.rego", "package a\np := 1\n");
  scratch_file("p/a_test.rego", "package a\ntest_p if p == 1\n");
  scratch_file("p/data.json", "{\"x\": 1}");
  scratch_file("p/shop/data.yaml", "why: [2]\n");
  scratch_file("p/template.yaml", "kind: ConstraintTemplate\n---\nkind: Other\n");
  scratch_file("p/shop/[a]*.json", "not JSON at all");
  scratch_file("p/notes.txt", "nothing");
  static const char *const paths[] = {"p"};
  _cleanup_(rego_policies_freep) struct rego_policies *policies =
      rego_policies_read(paths, 1, REGO_V1);
  struct rego_set *set = rego_policies_set(policies);
  uint32_t count;
  struct error err;
  assert_int_equal(rego_set_finish(set, &err), 0);
  assert_string_equal(rego_set_modules(set, &count)[0]->name.data, "p/a.rego");
  assert_int_equal(count, 1);
  assert_data(set, "{\"x\":1,\"shop\":{\"why\":[2]}}");
}

static void test_files_named_themselves(void **state)
{
  (void)state;
  scratch_file("p/a.rego", "package a\np { true }\n");
  scratch_file("p/constraint.yaml", "kind: K8sSomething\n---\nkind: Other\n");
  scratch_file("p/data.json", "{\"x\": 1}");
  static const char *const paths[] = {"p/a.rego", "p/constraint.yaml", "p/data.json"};
  _cleanup_(rego_policies_freep) struct rego_policies *policies =
      rego_policies_read(paths, 3, REGO_V0);
  struct rego_set *set = rego_policies_set(policies);
  uint32_t count;
  struct error err;
  assert_int_equal(rego_set_finish(set, &err), 0);
  rego_set_modules(set, &count);
  assert_int_equal(count, 1);
  assert_data(set, "{\"x\":1}");
}

static void test_problems(void **state)
{
  (void)state;
  scratch_file("p/a.rego", "package a\np :=\n");
  scratch_file("p/data.json", "[]");
  static const char *const paths[] = {"p", "absent"};
  _cleanup_(rego_policies_freep) struct rego_policies *policies =
      rego_policies_read(paths, 2, REGO_V1);
  struct rego_set *set = rego_policies_set(policies);
  _cleanup_(buf_free) struct buf text = {0};
  struct error err;
  assert_true(rego_set_finish(set, &err) < 0);
  assert_int_equal(rego_set_problem_count(set), 3);
  for (size_t i = 0; i < 3; i++)
    rego_policies_tell(&text, rego_set_problem(set, i));
  assert_non_null(strstr(buf_text(&text), "p/a.rego:"));
  assert_non_null(strstr(buf_text(&text), "p/data.json"));
  assert_non_null(strstr(buf_text(&text), "absent"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_kubernetes_documents_are_passed_over, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_files_named_themselves, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_problems, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
