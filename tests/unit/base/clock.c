#include "../test.h"

#include "base/clock.h"

static void the_system_clock_is_sane(void **state)
{
  (void)state;
  const struct clock *clock = clock_system();
  uint64_t before = clock_monotonic_ns(clock);
  assert_true(clock_monotonic_ns(clock) >= before);
  assert_true(clock_wall_seconds(clock) > 1600000000);
  assert_true(clock_wall_ms(clock) / 1000 >= clock_wall_seconds(clock));
}

static void a_test_clock_moves_when_told(void **state)
{
  (void)state;
  struct clock_test test;
  clock_test_init(&test, 1500);
  assert_int_equal(clock_wall_ms(&test.clock), 1500);
  assert_int_equal(clock_wall_seconds(&test.clock), 1);
  assert_int_equal(clock_monotonic_ns(&test.clock), 0);
  clock_test_advance(&test, 600);
  assert_int_equal(clock_wall_seconds(&test.clock), 2);
  assert_int_equal(clock_monotonic_ns(&test.clock), 600000000);
  clock_test_init(&test, -1);
  assert_true(clock_wall_seconds(&test.clock) == -1);
}

static void writes_rfc3339(void **state)
{
  (void)state;
  static const struct {
    int64_t seconds;
    const char *text;
  } rows[] = {
      {0, "1970-01-01T00:00:00Z"},
      {-1, "1969-12-31T23:59:59Z"},
      {951782400, "2000-02-29T00:00:00Z"},
      {1795224225, "2026-11-21T01:23:45Z"},
      {4107542400, "2100-03-01T00:00:00Z"},
      {-62167219200, "0000-01-01T00:00:00Z"},
      {-62167219201, "0000-01-01T00:00:00Z"},
      {253402300799, "9999-12-31T23:59:59Z"},
      {253402300800, "9999-12-31T23:59:59Z"},
      {INT64_MAX, "9999-12-31T23:59:59Z"},
      {INT64_MIN, "0000-01-01T00:00:00Z"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char text[CLOCK_TEXT];
    assert_str(clock_format(rows[i].seconds, text), rows[i].text);
    assert_int_equal(text[CLOCK_TEXT - 1], 0);
  }
}

/* Counted day by day, without any arithmetic that the functions use. */
static void every_day_of_ten_thousand_years_is_right(void **state)
{
  (void)state;
  int64_t days = -719528;
  for (int year = 0; year <= 9999; year++) {
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    const int lengths[] = {31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (int month = 1; month <= 12; month++) {
      if ((int)clock_month_length(year, (unsigned)month) != lengths[month - 1])
        fail_msg("length of %04d-%02d", year, month);
      for (int day = 1; day <= lengths[month - 1]; day++, days++) {
        struct clock_date date = {year, (uint8_t)month, (uint8_t)day};
        struct clock_date back = clock_date_of(days);
        if (clock_days_of(date) != days || back.year != year || back.month != month ||
            back.day != day)
          fail_msg("%04d-%02d-%02d", year, month, day);
      }
    }
  }
  assert_true(days == 2932897);
}

static void reads_dates(void **state)
{
  (void)state;
  struct error err;
  int64_t seconds = 5;
  assert_int_equal(clock_parse_date(STR("2026-11-21"), &seconds, &err), 0);
  assert_true(seconds == 1795219200);
  assert_int_equal(clock_parse_date(STR("2024-02-29"), &seconds, &err), 0);
  seconds = 5;
  static const char *const wrong[] = {
      "",           "2026-11-2",   "2026-11-211", "2026/11/21", "2026-1-21",   "26-11-2121",
      "2026-13-01", "2026-00-01",  "2026-02-29",  "2026-02-30", "2026-04-31",  "2026-01-00",
      "2026-01-32", " 2026-01-01", "2026-01-0x",  "-026-01-01", "2026-01-01T",
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_int_equal(clock_parse_date(str_from(wrong[i]), &seconds, &err), SW_EINVAL);
    assert_error(err, SW_EINVAL, wrong[i]);
    assert_true(seconds == 5);
  }
  assert_int_equal(clock_parse_date(STR("2026-02-29"), &seconds, &err), SW_EINVAL);
  assert_string_equal(err.message, "\"2026-02-29\": there is no day 29 in a month of 28 days");
  assert_int_equal(clock_parse_date(STR("tomorrow"), &seconds, &err), SW_EINVAL);
  assert_string_equal(err.message, "\"tomorrow\" is not a date of the form YYYY-MM-DD");
}

static void reads_timestamps(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    int64_t seconds;
    uint32_t nanoseconds;
  } rows[] = {
      {"1970-01-01T00:00:00Z", 0, 0},
      {"2026-11-21T01:23:45Z", 1795224225, 0},
      {"2026-11-21T01:23:45.5Z", 1795224225, 500000000},
      {"2026-11-21T01:23:45.123456789999Z", 1795224225, 123456789},
      {"2026-11-21T03:23:45+02:00", 1795224225, 0},
      {"2026-11-20T20:23:45.25-05:00", 1795224225, 250000000},
      {"2026-11-21T01:23:45-00:00", 1795224225, 0},
      {"2016-12-31T23:59:60Z", 1483228800, 0},
      {"2017-01-01T00:59:60+01:00", 1483228800, 0},
      {"1969-12-31T23:59:59.5Z", -1, 500000000},
      {"0000-01-01T00:00:00+23:59", -62167219200 - 86340, 0},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct error err;
    int64_t seconds;
    uint32_t nanoseconds;
    assert_int_equal(clock_parse(str_from(rows[i].text), &seconds, &nanoseconds, &err), 0);
    assert_true(seconds == rows[i].seconds);
    assert_int_equal(nanoseconds, rows[i].nanoseconds);
    assert_int_equal(clock_parse(str_from(rows[i].text), &seconds, NULL, &err), 0);
  }
}

static void refuses_what_is_no_timestamp(void **state)
{
  (void)state;
  static const char *const wrong[] = {
      "",
      "2026-11-21",
      "2026-11-21T",
      "2026-11-21T01:23Z",
      "2026-11-21T01:23:45",
      "2026-11-21 01:23:45Z",
      "2026-11-21t01:23:45Z",
      "2026-11-21T01:23:45z",
      "2026-11-21T01:23:45.Z",
      "2026-11-21T01:23:45,5Z",
      "2026-11-21T01:23:45Z ",
      "2026-11-21T01:23:45ZZ",
      "2026-11-21T01:23:45+0200",
      "2026-11-21T01:23:45+02",
      "2026-11-21T01:23:45+24:00",
      "2026-11-21T01:23:45+02:60",
      "2026-11-21T01:23:45+02:0",
      "2026-11-21T24:00:00Z",
      "2026-11-21T01:60:00Z",
      "2026-11-21T01:23:60Z",
      "2026-11-21T23:59:61Z",
      "2026-11-21T23:59:60+01:00",
      "2026-11-31T01:23:45Z",
      "2026-11-21T1:23:45Z",
      "2026-11-21T01:23:4Z",
      "2026-11-21T-1:23:45Z",
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    struct error err;
    int64_t seconds;
    if (clock_parse(str_from(wrong[i]), &seconds, NULL, &err) == 0)
      fail_msg("\"%s\" was accepted", wrong[i]);
    assert_error(err, SW_EINVAL, wrong[i]);
  }
}

static void what_is_written_is_read_back(void **state)
{
  (void)state;
  for (int64_t seconds = -62167219200; seconds <= 253402300799; seconds += 86399 * 1013) {
    char text[CLOCK_TEXT];
    int64_t back;
    assert_int_equal(clock_parse(clock_format(seconds, text), &back, NULL, NULL), 0);
    assert_true(back == seconds);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_system_clock_is_sane),
      cmocka_unit_test(a_test_clock_moves_when_told),
      cmocka_unit_test(writes_rfc3339),
      cmocka_unit_test(every_day_of_ten_thousand_years_is_right),
      cmocka_unit_test(reads_dates),
      cmocka_unit_test(reads_timestamps),
      cmocka_unit_test(refuses_what_is_no_timestamp),
      cmocka_unit_test(what_is_written_is_read_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
