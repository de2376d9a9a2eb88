#include "base/clock.h"

#include <time.h>

static uint64_t system_monotonic_ns(const struct clock *clock)
{
  (void)clock;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static int64_t system_wall_ms(const struct clock *clock)
{
  (void)clock;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const struct clock *clock_system(void)
{
  static const struct clock_ops ops = {system_monotonic_ns, system_wall_ms};
  static const struct clock system = {&ops};
  return &system;
}

static const struct clock_test *test_of(const struct clock *clock)
{
  return (const struct clock_test *)clock; /* its first member */
}

static uint64_t test_monotonic_ns(const struct clock *clock)
{
  return test_of(clock)->now_ns;
}

static int64_t test_wall_ms(const struct clock *clock)
{
  return test_of(clock)->now_ms;
}

void clock_test_init(struct clock_test *test, int64_t wall_ms)
{
  static const struct clock_ops ops = {test_monotonic_ns, test_wall_ms};
  *test = (struct clock_test){.clock = {&ops}, .now_ms = wall_ms};
}

void clock_test_advance(struct clock_test *test, uint64_t ms)
{
  test->now_ns += ms * 1000000U;
  test->now_ms += (int64_t)ms;
}

/* Quotient rounded down, for positive divisors. */
static int64_t floor_div(int64_t a, int64_t b)
{
  return a / b - (a % b < 0);
}

int64_t clock_wall_seconds(const struct clock *clock)
{
  return floor_div(clock_wall_ms(clock), 1000);
}

static bool is_leap(int32_t year)
{
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days of a common year before each month; the 13th is the year's length. */
static const uint16_t days_before[13] = {0,   31,  59,  90,  120, 151, 181,
                                         212, 243, 273, 304, 334, 365};

unsigned clock_month_length(int32_t year, unsigned month)
{
  return (unsigned)(days_before[month] - days_before[month - 1]) +
         (month == 2 && is_leap(year) ? 1U : 0U);
}

enum { YEAR_MAX = 9999, EPOCH_DAY = 719528 /* days from 0000-01-01 to 1970-01-01 */ };

/* Days from 0000-01-01 to the first day of a year; year 0 is a leap year. */
static int64_t days_before_year(int32_t year)
{
  if (year == 0)
    return 0;
  int32_t past = year - 1;
  return (int64_t)year * 365 + past / 4 - past / 100 + past / 400 + 1;
}

int64_t clock_days_of(struct clock_date date)
{
  int64_t day = days_before_year(date.year) + days_before[date.month - 1] + date.day - 1;
  if (date.month > 2 && is_leap(date.year))
    day++;
  return day - EPOCH_DAY;
}

struct clock_date clock_date_of(int64_t days)
{
  int64_t day = days + EPOCH_DAY;
  /* 146,097 days make 400 years; the guess is right or one too high. */
  int32_t year = (int32_t)(day * 400 / 146097);
  if (year < YEAR_MAX && days_before_year(year + 1) <= day)
    year++;
  else if (days_before_year(year) > day)
    year--;
  unsigned rest = (unsigned)(day - days_before_year(year));
  unsigned month = 1;
  while (rest >= clock_month_length(year, month))
    rest -= clock_month_length(year, month++);
  return (struct clock_date){year, (uint8_t)month, (uint8_t)(rest + 1)};
}

static void put_digits(char *to, unsigned number, int count)
{
  for (; count > 0; number /= 10)
    to[--count] = (char)('0' + number % 10);
}

struct str clock_format(int64_t seconds, char ret_text[static CLOCK_TEXT])
{
  const int64_t first = -(int64_t)EPOCH_DAY * 86400;
  const int64_t last = clock_days_of((struct clock_date){YEAR_MAX, 12, 31}) * 86400 + 86399;
  if (seconds < first)
    seconds = first;
  if (seconds > last)
    seconds = last;
  int64_t days = floor_div(seconds, 86400);
  unsigned second = (unsigned)(seconds - days * 86400);
  struct clock_date date = clock_date_of(days);
  memcpy(ret_text, "0000-00-00T00:00:00Z", CLOCK_TEXT);
  put_digits(ret_text, (unsigned)date.year, 4);
  put_digits(ret_text + 5, date.month, 2);
  put_digits(ret_text + 8, date.day, 2);
  put_digits(ret_text + 11, second / 3600, 2);
  put_digits(ret_text + 14, second / 60 % 60, 2);
  put_digits(ret_text + 17, second % 60, 2);
  return str_make(ret_text, CLOCK_TEXT - 1);
}

/* count digits at a position; -1 if they are not there. */
static int read_digits(struct str text, size_t at, size_t count)
{
  if (at + count > text.len)
    return -1;
  int number = 0;
  for (size_t i = at; i < at + count; i++) {
    if (text.data[i] < '0' || text.data[i] > '9')
      return -1;
    number = number * 10 + (text.data[i] - '0');
  }
  return number;
}

static bool has_byte(struct str text, size_t at, char byte)
{
  return at < text.len && text.data[at] == byte;
}

/* What is quoted in messages: the beginning, should somebody write a novel for a date. */
static struct str quoted(struct str text)
{
  return str_sub(text, 0, 40);
}

/* The date at the start of a text, as days. */
static int read_date(struct str text, const char *form, int64_t *ret_days, struct error *err)
{
  int year = read_digits(text, 0, 4), month = read_digits(text, 5, 2);
  int day = read_digits(text, 8, 2);
  if (year < 0 || month < 0 || day < 0 || text.data[4] != '-' || text.data[7] != '-')
    return error_set(err, SW_EINVAL, "\"%.*s\" is not a %s", STR_FMT(quoted(text)), form);
  if (month < 1 || month > 12)
    return error_set(err, SW_EINVAL, "\"%.*s\": there is no month %02d", STR_FMT(quoted(text)),
                     month);
  unsigned length = clock_month_length(year, (unsigned)month);
  if (day < 1 || (unsigned)day > length)
    return error_set(err, SW_EINVAL, "\"%.*s\": there is no day %02d in a month of %u days",
                     STR_FMT(quoted(text)), day, length);
  *ret_days = clock_days_of((struct clock_date){year, (uint8_t)month, (uint8_t)day});
  return 0;
}

int clock_parse_date(struct str text, int64_t *ret_seconds, struct error *err)
{
  static const char form[] = "date of the form YYYY-MM-DD";
  int64_t days = 0;
  if (text.len != 10)
    return error_set(err, SW_EINVAL, "\"%.*s\" is not a %s", STR_FMT(quoted(text)), form);
  int rc = read_date(text, form, &days, err);
  if (rc < 0)
    return rc;
  *ret_seconds = days * 86400;
  return 0;
}

/* ".123" at a position: moves it behind, gives nanoseconds. False if there is a point without
 * digits. */
static bool read_fraction(struct str text, size_t *at, uint32_t *ret_nanoseconds)
{
  *ret_nanoseconds = 0;
  if (!has_byte(text, *at, '.'))
    return true;
  size_t start = ++*at;
  uint32_t unit = 100000000;
  for (int digit; (digit = read_digits(text, *at, 1)) >= 0; ++*at) {
    *ret_nanoseconds += (uint32_t)digit * unit;
    unit /= 10;
  }
  return *at > start;
}

/* "Z" or "+hh:mm" as the rest of the text: seconds ahead of UTC. */
static bool read_offset(struct str text, size_t at, int *ret_seconds)
{
  *ret_seconds = 0;
  if (has_byte(text, at, 'Z'))
    return text.len == at + 1;
  if (text.len != at + 6 || (text.data[at] != '+' && text.data[at] != '-') ||
      text.data[at + 3] != ':')
    return false;
  int hours = read_digits(text, at + 1, 2), minutes = read_digits(text, at + 4, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
    return false;
  *ret_seconds = (hours * 60 + minutes) * (text.data[at] == '-' ? -60 : 60);
  return true;
}

int clock_parse(struct str text, int64_t *ret_seconds, uint32_t *ret_nanoseconds, struct error *err)
{
  static const char form[] = "time of the form YYYY-MM-DDTHH:MM:SSZ";
  int64_t days = 0;
  int rc = read_date(text, form, &days, err);
  if (rc < 0)
    return rc;
  int hour = read_digits(text, 11, 2), minute = read_digits(text, 14, 2);
  int second = read_digits(text, 17, 2), offset;
  size_t at = 19;
  uint32_t nanoseconds;
  bool formed = has_byte(text, 10, 'T') && hour >= 0 && has_byte(text, 13, ':') && minute >= 0 &&
                has_byte(text, 16, ':') && second >= 0 && read_fraction(text, &at, &nanoseconds) &&
                read_offset(text, at, &offset);
  if (!formed)
    return error_set(err, SW_EINVAL, "\"%.*s\" is not a %s", STR_FMT(quoted(text)), form);
  int64_t time = days * 86400 + (int64_t)hour * 3600 + (int64_t)minute * 60 + second - offset;
  /* A leap second is the last of a day of UTC: by this count, the first of the next. */
  bool leap = second == 60 && time - floor_div(time, 86400) * 86400 == 0;
  if (hour > 23 || minute > 59 || (second > 59 && !leap))
    return error_set(err, SW_EINVAL, "\"%.*s\": there is no such time of day",
                     STR_FMT(quoted(text)));
  *ret_seconds = time;
  if (ret_nanoseconds)
    *ret_nanoseconds = nanoseconds;
  return 0;
}
