#include "../test.h"

#include "scan/advisory/cvss.h"

static uint32_t score(const char *vector)
{
  struct cvss score;
  struct error err;
  if (cvss_read(str_from(vector), &score, &err) < 0)
    fail_msg("%s", err.message);
  return score.tenths;
}

struct example {
  const char *vector;
  uint32_t tenths;
};

static void check(const struct example *examples, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (score(examples[i].vector) != examples[i].tenths)
      fail_msg("%s is %u, not %u", examples[i].vector, score(examples[i].vector),
               examples[i].tenths);
}

/* FIRST's "Complete Guide to version 2.0", section 3.3, and bands' ends. */
static void version_2(void **state)
{
  (void)state;
  static const struct example examples[] = {
      {"AV:N/AC:L/Au:N/C:N/I:N/A:C", 78},
      {"AV:N/AC:L/Au:N/C:C/I:C/A:C", 100},
      {"AV:L/AC:H/Au:N/C:C/I:C/A:C", 62},
      {"AV:N/AC:L/Au:N/C:P/I:P/A:P", 75},
      {"AV:N/AC:M/Au:N/C:N/I:P/A:N", 43},
      {"AV:L/AC:H/Au:M/C:N/I:N/A:N", 0},
      {"(AV:N/AC:L/Au:N/C:P/I:P/A:P)", 75},
      {"CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:P/A:P", 75},
      {"AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H", 78},
  };
  check(examples, sizeof examples / sizeof examples[0]);
}

/* FIRST's "Examples" to version 3.1; the base metrics of 3.0 weigh the same. */
static void version_3(void **state)
{
  (void)state;
  static const struct example examples[] = {
      {"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 61},
      {"CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 64},
      {"CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 31},
      {"CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 99},
      {"CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 88},
      {"CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", 78},
      {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 75},
      {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 98},
      {"CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:C/C:N/I:H/A:N", 68},
      {"CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 68},
      {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:N/A:N", 58},
      {"CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:H", 93},
      {"CVSS:3.1/AV:N/AC:L/PR:L/UI:R/S:C/C:L/I:L/A:N", 54},
      {"CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N", 46},
      {"CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:N", 74},
      {"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:H", 96},
      {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 100},
      {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0},
      {"CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 61},
      {"CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:N", 74},
      /* In any order, with metrics of other groups, and a slash too many. */
      {"CVSS:3.1/A:H/I:H/C:H/S:U/UI:N/PR:N/AC:L/AV:N/E:P/RL:O/MAV:L/", 98},
  };
  check(examples, sizeof examples / sizeof examples[0]);
}

/* As FIRST's calculator scores them; every class of MacroVectors that a base vector can be in. */
static void version_4(void **state)
{
  (void)state;
  static const struct example examples[] = {
      {"CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 73},
      {"CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 77},
      {"CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N", 83},
      {"CVSS:4.0/AV:L/AC:L/AT:N/PR:N/UI:P/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N", 48},
      {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N", 51},
      {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N", 69},
      {"CVSS:4.0/AV:L/AC:L/AT:N/PR:H/UI:N/VC:N/VI:N/VA:N/SC:H/SI:N/SA:N", 59},
      {"CVSS:4.0/AV:L/AC:L/AT:N/PR:L/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 93},
      {"CVSS:4.0/AV:P/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 70},
      {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 93},
      {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N", 87},
      {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 100},
      {"CVSS:4.0/AV:N/AC:H/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0},
      {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U/CR:L/MSI:S/U:Red", 93},
  };
  check(examples, sizeof examples / sizeof examples[0]);
}

static void severities(void **state)
{
  (void)state;
  static const struct {
    enum cvss_version version;
    uint32_t tenths;
    enum severity severity;
  } cases[] = {
      {CVSS_2, 0, SEVERITY_LOW},       {CVSS_2, 39, SEVERITY_LOW},
      {CVSS_2, 40, SEVERITY_MEDIUM},   {CVSS_2, 69, SEVERITY_MEDIUM},
      {CVSS_2, 70, SEVERITY_HIGH},     {CVSS_2, 100, SEVERITY_HIGH},
      {CVSS_3_0, 0, SEVERITY_INFO},    {CVSS_3_1, 1, SEVERITY_LOW},
      {CVSS_3_1, 39, SEVERITY_LOW},    {CVSS_3_1, 40, SEVERITY_MEDIUM},
      {CVSS_4_0, 69, SEVERITY_MEDIUM}, {CVSS_4_0, 70, SEVERITY_HIGH},
      {CVSS_4_0, 89, SEVERITY_HIGH},   {CVSS_4_0, 90, SEVERITY_CRITICAL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_int_equal(cvss_severity(cases[i].version, cases[i].tenths), cases[i].severity);
}

static void refuses_what_is_none(void **state)
{
  (void)state;
  static const struct {
    const char *vector, *why;
  } cases[] = {
      {"", "no metric"},
      {"CVSS:5.0/AV:N", "no metric CVSS"},
      {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H", "lacks A"},
      {"CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "twice is AV"},
      {"CVSS:3.1/AV:Z/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "no such value: AV:Z"},
      {"CVSS:3.1/AV/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "no such value: AV"},
      {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/XX:Y", "no metric XX"},
      {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:R/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "no such value: UI:R"},
      {"AV:N/AC:L/Au:N/C:P/I:P", "lacks A"},
      {"7.5", "no metric 7.5"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct cvss ret;
    struct error err;
    assert_int_equal(cvss_read(str_from(cases[i].vector), &ret, &err), SW_EINVAL);
    assert_error(err, SW_EINVAL, cases[i].why);
  }
  char long_one[CVSS_VECTOR_MAX + 2];
  struct cvss ret;
  struct error err;
  memset(long_one, '/', sizeof long_one);
  assert_int_equal(cvss_read(str_make(long_one, sizeof long_one), &ret, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "longer than");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(version_2),
      cmocka_unit_test(version_3),
      cmocka_unit_test(version_4),
      cmocka_unit_test(severities),
      cmocka_unit_test(refuses_what_is_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
