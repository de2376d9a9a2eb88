#include "../test.h"

#include "base/mem.h"
#include "data/semver.h"

static struct semver parse(const char *text)
{
  struct semver v = {0};
  struct error err;
  if (semver_parse(str_from(text), &v, &err) < 0)
    fail_msg("%s", err.message);
  return v;
}

static void reads_what_the_specification_allows(void **state)
{
  (void)state;
  static const char *const valid[] = {
      "0.0.4",
      "1.2.3",
      "10.20.30",
      "1.1.2-prerelease+meta",
      "1.1.2+meta",
      "1.0.0-alpha",
      "1.0.0-alpha.beta.1",
      "1.0.0-alpha0.valid",
      "1.0.0-0A.is.legal",
      "1.0.0-rc.1+build.1",
      "1.2.3----RC-SNAPSHOT.12.9.1--.12+788",
      "2.0.0+build.1848",
      "1.0.0--",
      "1.0.0-0",
      "1.0.0+0.build.1-rc.10000aaa-kk-0.1",
      "18446744073709551615.0.0",
      "1.0.0-99999999999999999999999999",
  };
  for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++) {
    _cleanup_(buf_free) struct buf out = {0};
    semver_write(&out, parse(valid[i]));
    assert_str(buf_str(&out), valid[i]);
  }
  struct semver v = parse("1.2.3-rc.1+b.5");
  assert_int_equal(v.major, 1);
  assert_int_equal(v.minor, 2);
  assert_int_equal(v.patch, 3);
  assert_str(v.prerelease, "rc.1");
  assert_str(v.build, "b.5");
}

static void refuses_what_it_does_not(void **state)
{
  (void)state;
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"", "the version is empty"},
      {"1", "needs three numbers"},
      {"1.2", "needs three numbers"},
      {"1.2.3.4", "behind the numbers must come"},
      {"1.2.3-0123", "a number in the pre-release begins with 0"},
      {"1.2.3-0123.0123", "begins with 0"},
      {"1.1.2+.123", "an identifier between dots is empty"},
      {"1.2.3-", "an identifier between dots is empty"},
      {"1.2.3+", "an identifier between dots is empty"},
      {"1.2.3-a..b", "an identifier between dots is empty"},
      {"1.2.3-a.", "an identifier between dots is empty"},
      {"+invalid", "the major number is missing"},
      {"alpha", "the major number is missing"},
      {"1..3", "the minor number is missing"},
      {"1.2.", "the patch number is missing"},
      {"01.1.1", "the major number begins with 0"},
      {"1.01.1", "the minor number begins with 0"},
      {"1.1.01", "the patch number begins with 0"},
      {"v1.2.3", "the major number is missing"},
      {"1.2.3-a_b", "letters, digits,"},
      {"1.2.3+a+b", "letters, digits,"},
      {"1.2.3 ", "behind the numbers"},
      {"-1.0.3", "the major number is missing"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct semver v = {.major = 99};
    struct error err;
    assert_int_equal(semver_parse(str_from(cases[i].text), &v, &err), SW_EINVAL);
    assert_error(err, SW_EINVAL, cases[i].message);
    assert_int_equal(v.major, 99);
  }
  struct semver v;
  struct error err;
  assert_int_equal(semver_parse(STR("18446744073709551616.0.0"), &v, &err), SW_ELIMIT);
  char text[SEMVER_LENGTH_MAX + 1];
  memset(text, '1', sizeof text);
  assert_int_equal(semver_parse(str_make(text, sizeof text), &v, &err), SW_ELIMIT);
}

static void orders_by_precedence(void **state)
{
  (void)state;
  static const char *const ascending[] = {"0.9.9",
                                          "1.0.0-0",
                                          "1.0.0-2",
                                          "1.0.0-10",
                                          "1.0.0-99999999999999999999",
                                          "1.0.0-100000000000000000000",
                                          "1.0.0--",
                                          "1.0.0-A",
                                          "1.0.0-alpha",
                                          "1.0.0-alpha.1",
                                          "1.0.0-alpha.beta",
                                          "1.0.0-beta",
                                          "1.0.0-beta.2",
                                          "1.0.0-beta.11",
                                          "1.0.0-rc.1",
                                          "1.0.0",
                                          "1.0.1",
                                          "1.2.0",
                                          "1.10.0",
                                          "2.0.0",
                                          "2.1.0",
                                          "2.1.1",
                                          "10.0.0"};
  enum { COUNT = sizeof ascending / sizeof ascending[0] };
  for (int i = 0; i < COUNT; i++)
    for (int k = 0; k < COUNT; k++)
      assert_int_equal(semver_compare(parse(ascending[i]), parse(ascending[k])), (i > k) - (i < k));
  assert_int_equal(semver_compare(parse("1.0.0+a"), parse("1.0.0+b")), 0);
  assert_int_equal(semver_compare(parse("1.0.0-a+a"), parse("1.0.0-a")), 0);
}

static void tolerates_what_people_write(void **state)
{
  (void)state;
  static const struct {
    const char *text, *expected;
  } cases[] = {{"v1.2", "1.2.0"},
               {"1", "1.0.0"},
               {"V2", "2.0.0"},
               {"v1-rc1", "1.0.0-rc1"},
               {"01.02.03", "1.2.3"},
               {"1.2+k3s1", "1.2.0+k3s1"},
               {"1.2.3-007", "1.2.3-007"},
               {"v1.29.3-gke.100", "1.29.3-gke.100"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct semver v;
    struct error err;
    if (semver_parse_tolerant(str_from(cases[i].text), &v, &err) < 0)
      fail_msg("%s", err.message);
    _cleanup_(buf_free) struct buf out = {0};
    semver_write(&out, v);
    assert_str(buf_str(&out), cases[i].expected);
  }
  static const char *const wrong[] = {"v", "", "vv1", "1.", "1.2.3.4", "latest", "1.2.3-", "v 1"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    struct semver v;
    assert_int_equal(semver_parse_tolerant(str_from(wrong[i]), &v, NULL), SW_EINVAL);
  }
}

static void reads_minor_versions(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    uint32_t major, minor;
  } cases[] = {{"1.29", 1, 29},
               {"v1.29", 1, 29},
               {"1.29.3", 1, 29},
               {"v1.29.3+k3s1", 1, 29},
               {"v1.29.3-gke.100", 1, 29},
               {"1.27+", 1, 27},
               {"v2.0-rc1", 2, 0},
               {"0.1", 0, 1}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct version_minor v;
    assert_int_equal(version_minor_parse(str_from(cases[i].text), &v, NULL), 0);
    assert_int_equal(v.major, cases[i].major);
    assert_int_equal(v.minor, cases[i].minor);
  }
  static const char *const wrong[] = {"latest", "1",     "",         "v",     "1.",    "v1.x",
                                      ".29",    "1.29x", "1.100000", "a1.29", " 1.29", "1.-1"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    struct version_minor v = {77, 77};
    struct error err;
    assert_int_equal(version_minor_parse(str_from(wrong[i]), &v, &err), SW_EINVAL);
    assert_error(err, SW_EINVAL, "must be major.minor, as in 1.29");
    assert_int_equal(v.minor, 77);
  }
  struct version_minor a = {1, 9}, b = {1, 10}, c = {2, 0};
  assert_int_equal(version_minor_compare(a, b), -1);
  assert_int_equal(version_minor_compare(c, b), 1);
  assert_int_equal(version_minor_compare(a, a), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_what_the_specification_allows),
      cmocka_unit_test(refuses_what_it_does_not),
      cmocka_unit_test(orders_by_precedence),
      cmocka_unit_test(tolerates_what_people_write),
      cmocka_unit_test(reads_minor_versions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
