#include "../test.h"

#include "finding/framework.h"

static const char nsa[] = "id: nsa\n"
                          "title: A guide\n"
                          "url: https://example.com\n"
                          "controls:\n"
                          "  - {id: \"1.0\", title: No root}\n"
                          "  - {id: \"1.1\", title: Read-only}\n"
                          "  - {id: \"2.0\", title: Policies}\n"
                          "  - {id: \"3.0\", title: Audit logs}\n";

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

static struct framework read_nsa(void)
{
  struct framework f;
  struct error err;
  assert_int_equal(framework_read(&arena, str_from(nsa), &f, &err), 0);
  return f;
}

static void a_file_is_read(void **state)
{
  (void)state;
  struct framework f = read_nsa();
  assert_str(f.id, "nsa");
  assert_str(f.title, "A guide");
  assert_str(f.url, "https://example.com");
  assert_int_equal(f.control_count, 4);
  assert_str(framework_control(&f, STR("1.1"))->title, "Read-only");
  assert_null(framework_control(&f, STR("9.9")));
  assert_ptr_equal(framework_find(&f, 1, STR("nsa")), &f);
  assert_null(framework_find(&f, 1, STR("cis")));
}

static void refuse(const char *text, const char *message, uint32_t line)
{
  struct framework f;
  struct error err;
  assert_int_equal(framework_read(&arena, str_from(text), &f, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, message);
  assert_int_equal(err.line, line);
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
  (void)state;
  refuse("", "empty", 1);
  refuse("[]", "mapping", 1);
  refuse("id: a\ntitle: b\nurl: c\n", "needs id, title, url and controls", 1);
  refuse("id: a\nwhat: b\n", "unknown key \"what\"", 2);
  refuse("id: 5\n", "a text", 1);
  refuse("id: a\ntitle: b\nurl: c\ncontrols:\n  - {id: \"1\"}\n", "both id and title", 5);
  refuse(
      "id: a\ntitle: b\nurl: c\ncontrols:\n  - {id: \"1\", title: a}\n  - {id: \"1\", title: b}\n",
      "a control twice", 6);
  refuse("id: a\ncontrols: []\n", "a list of 1 to", 2);
}

static struct rule serving(const struct control *controls, size_t count)
{
  return (struct rule){.id = STR("r"), .controls = controls, .control_count = count};
}

static void a_rule_serves_its_frameworks(void **state)
{
  (void)state;
  struct framework f = read_nsa();
  const struct control one = {STR_INIT("nsa"), STR_INIT("1.0")};
  const struct control other = {STR_INIT("mitre"), STR_INIT("1.0")};
  struct rule a = serving(&one, 1), b = serving(&other, 1);
  assert_true(framework_serves(&f, &a));
  assert_false(framework_serves(&f, &b));
}

static void controls_fail_pass_do_not_apply_or_are_not_covered(void **state)
{
  (void)state;
  struct framework f = read_nsa();
  struct framework_summary s;
  const struct control both[] = {{STR_INIT("nsa"), STR_INIT("1.0")},
                                 {STR_INIT("nsa"), STR_INIT("1.1")}};
  const struct control second = {STR_INIT("nsa"), STR_INIT("1.1")};
  const struct control third = {STR_INIT("nsa"), STR_INIT("2.0")};
  struct rule a = serving(both, 2), b = serving(&second, 1), c = serving(&third, 1);
  framework_summary_init(&s, &f, &arena);
  framework_summary_add(&s, &a, true, 0, 1);
  framework_summary_add(&s, &b, true, 3, 0);
  framework_summary_add(&s, &c, false, 0, 0);
  assert_int_equal(s.results[0].state, CONTROL_PASS);
  assert_int_equal(s.results[0].excepted, 1);
  assert_int_equal(s.results[1].state, CONTROL_FAIL);
  assert_int_equal(s.results[1].open, 3);
  assert_int_equal(s.results[1].rules, 2);
  assert_int_equal(s.results[2].state, CONTROL_NOT_APPLICABLE);
  assert_int_equal(s.results[3].state, CONTROL_NOT_COVERED);
  assert_str(control_state_name(CONTROL_NOT_COVERED), "not covered");
}

static void findings_are_told_one_by_one(void **state)
{
  (void)state;
  struct framework f = read_nsa();
  struct framework_summary s;
  const struct control one = {STR_INIT("nsa"), STR_INIT("1.0")};
  const struct control other = {STR_INIT("nsa"), STR_INIT("1.1")};
  struct rule a = serving(&one, 1), b = serving(&other, 1);
  const struct finding open = {.rule = &a}, excepted = {.rule = &b, .state = FINDING_EXCEPTED};
  framework_summary_init(&s, &f, &arena);
  framework_summary_find(&s, &a, &open);
  framework_summary_find(&s, &a, &open);
  framework_summary_find(&s, &b, &excepted);
  framework_summary_add(&s, &a, true, 0, 0);
  assert_int_equal(s.results[0].state, CONTROL_FAIL);
  assert_int_equal(s.results[0].open, 2);
  assert_int_equal(s.results[0].rules, 1);
  assert_int_equal(s.results[1].state, CONTROL_PASS);
  assert_int_equal(s.results[1].open, 0);
  assert_int_equal(s.results[1].excepted, 1);
  assert_int_equal(s.results[1].rules, 0);
  assert_int_equal(s.results[2].state, CONTROL_NOT_COVERED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_file_is_read, setup, teardown),
      cmocka_unit_test_setup_teardown(what_is_wrong_is_named_with_its_line, setup, teardown),
      cmocka_unit_test_setup_teardown(a_rule_serves_its_frameworks, setup, teardown),
      cmocka_unit_test_setup_teardown(controls_fail_pass_do_not_apply_or_are_not_covered, setup,
                                      teardown),
      cmocka_unit_test_setup_teardown(findings_are_told_one_by_one, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
