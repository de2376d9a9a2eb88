#include "../test.h"

#include "base/mem.h"
#include "data/duration.h"

static void reads(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    int64_t expected;
  } cases[] = {
      {"0", 0},
      {"-0", 0},
      {"+0", 0},
      {"0s", 0},
      {"5s", 5 * DURATION_SECOND},
      {"30s", 30 * DURATION_SECOND},
      {"-5s", -5 * DURATION_SECOND},
      {"+5s", 5 * DURATION_SECOND},
      {"5.0s", 5 * DURATION_SECOND},
      {"5.s", 5 * DURATION_SECOND},
      {".5s", DURATION_SECOND / 2},
      {"1.004s", 1004000000},
      {"1.00400s", 1004000000},
      {"100.00100s", 100001000000},
      {"10ns", 10},
      {"11us", 11000},
      {"12\xc2\xb5s", 12000},
      {"12\xce\xbcs", 12000},
      {"13ms", 13000000},
      {"15m", 15 * DURATION_MINUTE},
      {"16h", 16 * DURATION_HOUR},
      {"3h30m", 3 * DURATION_HOUR + 30 * DURATION_MINUTE},
      {"1.5h", 90 * DURATION_MINUTE},
      {"-2m3.4s", -123400000000},
      {"1h2m3s4ms5us6ns", 3723004005006},
      {"39h9m14.425s", 140954425000000},
      {"52763797000ns", 52763797000},
      {"0.3333333333333333333h", 20 * DURATION_MINUTE},
      {"9007199254740993ns", 9007199254740993},
      {"9223372036854775807ns", INT64_MAX},
      {"9223372036854775.807us", INT64_MAX},
      {"-9223372036854775808ns", INT64_MIN},
      {"-2562047h47m16.854775808s", INT64_MIN},
      {"0.100000000000000000000h", 6 * DURATION_MINUTE},
      {"0.9ns", 0},
      {"1s1s", 2 * DURATION_SECOND},
      {"00000000000000000000000001s", DURATION_SECOND},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    int64_t n = 4711;
    struct error err;
    if (duration_parse(str_from(cases[i].text), &n, &err) < 0)
      fail_msg("%s: %s", cases[i].text, err.message);
    if (n != cases[i].expected)
      fail_msg("%s is %lld", cases[i].text, (long long)n);
  }
}

static void refuses(void **state)
{
  (void)state;
  static const struct {
    const char *text, *message;
    int code;
  } cases[] = {
      {"", "is empty", SW_EINVAL},
      {"3", "a number without a unit", SW_EINVAL},
      {"-", "lacks a number", SW_EINVAL},
      {"s", "lacks a number", SW_EINVAL},
      {".", "lacks a number", SW_EINVAL},
      {"-.", "lacks a number", SW_EINVAL},
      {".s", "lacks a number", SW_EINVAL},
      {"--1s", "lacks a number", SW_EINVAL},
      {"1d", "unknown unit \"d\", must be ns, us, ms, s, m or h (a day is 24h)", SW_EINVAL},
      {"1 s", "unknown unit \" s\"", SW_EINVAL},
      {"1S", "unknown unit \"S\"", SW_EINVAL},
      {"1h 2m", "unknown unit \"h \"", SW_EINVAL},
      {"1s2", "a number without a unit", SW_EINVAL},
      {"9223372036854775808ns", "beyond 292 years", SW_ELIMIT},
      {"-9223372036854775809ns", "beyond 292 years", SW_ELIMIT},
      {"3000000h", "beyond 292 years", SW_ELIMIT},
      {"99999999999999999999s", "beyond 292 years", SW_ELIMIT},
      {"9223372036854775.808us", "beyond 292 years", SW_ELIMIT},
      {"2562047h47m16.854775808s", "beyond 292 years", SW_ELIMIT},
      {"2562047h2562047h", "beyond 292 years", SW_ELIMIT},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    int64_t n = 4711;
    struct error err;
    assert_int_equal(duration_parse(str_from(cases[i].text), &n, &err), cases[i].code);
    assert_error(err, cases[i].code, cases[i].message);
    assert_int_equal(n, 4711);
  }
  char text[DURATION_LENGTH_MAX + 1];
  memset(text, '0', sizeof text);
  struct error err;
  int64_t n;
  assert_int_equal(duration_parse(str_make(text, sizeof text), &n, &err), SW_ELIMIT);
}

static void writes(void **state)
{
  (void)state;
  static const struct {
    int64_t nanoseconds;
    const char *text;
  } cases[] = {
      {0, "0s"},
      {1, "1ns"},
      {-1, "-1ns"},
      {1100, "1.1\xc2\xb5s"},
      {2200000, "2.2ms"},
      {3300000000, "3.3s"},
      {245 * DURATION_SECOND, "4m5s"},
      {245001000000, "4m5.001s"},
      {18367001000000, "5h6m7.001s"},
      {480000000001, "8m0.000000001s"},
      {DURATION_HOUR, "1h0m0s"},
      {DURATION_MINUTE, "1m0s"},
      {999999999, "999.999999ms"},
      {1000, "1\xc2\xb5s"},
      {INT64_MAX, "2562047h47m16.854775807s"},
      {INT64_MIN, "-2562047h47m16.854775808s"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    _cleanup_(buf_free) struct buf out = {0};
    int64_t again;
    duration_write(&out, cases[i].nanoseconds);
    assert_str(buf_str(&out), cases[i].text);
    assert_int_equal(duration_parse(buf_str(&out), &again, NULL), 0);
    assert_true(again == cases[i].nanoseconds);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads),
      cmocka_unit_test(refuses),
      cmocka_unit_test(writes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
