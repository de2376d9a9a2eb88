#include "language_test.h"

#include "scan/language/conda.h"

static void says_what_it_wants(void **state)
{
  (void)state;
  assert_true(conda_wants(STR("opt/conda/conda-meta/a-1.0-h0_0.json"), 0));
  assert_true(conda_wants(STR("conda-meta/a-1.0-h0_0.json"), 0));
  assert_false(conda_wants(STR("conda-meta/history"), 0));
  assert_false(conda_wants(STR("my-conda-meta/a.json"), 0));
  assert_false(conda_wants(STR("environment.yml"), 0));
  assert_true(conda_wants(STR("environment.yml"), LOCKED));
  assert_true(conda_wants(STR("a/environment.yaml"), LOCKED));
  language_refuse(conda_read, "environment.yml", STR(""), INSTALLED, SW_EUSAGE,
                  "not one of conda's", 0);
}

static void reads_what_is_installed(void **state)
{
  (void)state;
  static const char path[] = "opt/conda/conda-meta/a.json";
  language_check(conda_read, path,
                 STR("{\"name\":\"a\",\"version\":\"1.0\",\"license\":\"MIT\",\"build\":\"h0_0\"}"),
                 INSTALLED, "a@1.0 (MIT)\n");
  language_check_purl(conda_read, path, STR("{\"name\":\"a\",\"version\":\"1.0\"}"), INSTALLED,
                      "pkg:conda/a@1.0");
  language_refuse(conda_read, path, STR("{\"name\":\"a\"}"), INSTALLED, SW_EINVAL, "no version", 0);
  language_refuse(conda_read, path, STR("{}"), INSTALLED, SW_EINVAL, "no name", 0);
}

static void reads_environments(void **state)
{
  (void)state;
  language_check(
      conda_read, "environment.yml",
      STR("name: x\nchannels:\n  - defaults\ndependencies:\n  - a=1.0=h0_0\n  - b==2.0\n"
          "  - conda-forge::c=3.0\n  - d\n  - e>=4.0\n  - f=5.*\n  - g 6.0\n  - h=7,<8\n"
          "  - pip:\n      - P_q[x]==1.0 ; python_version < '3'\n      - r>=2\n      - s\n"
          "  - i=9.0\n"),
      LOCKED, "P_q@1.0\na@1.0\nb@2.0\nc@3.0\ng@6.0\ni@9.0\n");
  language_check(conda_read, "environment.yml", STR("dependencies: {}\n"), LOCKED, "");
  language_check(conda_read, "environment.yml", STR(""), LOCKED, "");
  language_refuse(conda_read, "environment.yml", STR("a: [\n"), LOCKED, SW_EINVAL,
                  "a value is expected here", 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(says_what_it_wants),
      cmocka_unit_test(reads_what_is_installed),
      cmocka_unit_test(reads_environments),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
