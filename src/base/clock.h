/*
 * clock.h - what time it is, behind a seam; dates and timestamps.
 *
 * Whoever needs the time takes a `const struct clock *`: clock_system() in the
 * program, a struct clock_test in tests. Wall time is UTC since the epoch (1970-01-01T00:00:00Z),
 * without leap seconds; monotonic time only serves to measure how long something took.
 *
 * Calendar: proleptic Gregorian, years 0000 to 9999 (what RFC 3339 can write).
 *
 * Thread safety: clock_system() and all functions may be used from any thread; a
 * struct clock_test is set by one thread while no other reads it.
 */
#ifndef SEAWALL_BASE_CLOCK_H
#define SEAWALL_BASE_CLOCK_H

#include "base/error.h"
#include "base/str.h"

#include <stdint.h>

struct clock;

struct clock_ops {
  uint64_t (*monotonic_ns)(const struct clock *clock);
  int64_t (*wall_ms)(const struct clock *clock);
};

struct clock {
  const struct clock_ops *ops;
};

/* The clock of the machine. */
const struct clock *clock_system(void);

/* Nanoseconds since some moment in the past; never goes back. */
static inline uint64_t clock_monotonic_ns(const struct clock *clock)
{
  return clock->ops->monotonic_ns(clock);
}

/* Milliseconds since the epoch. */
static inline int64_t clock_wall_ms(const struct clock *clock)
{
  return clock->ops->wall_ms(clock);
}

/* Seconds since the epoch, rounded down. */
int64_t clock_wall_seconds(const struct clock *clock);

/* A clock that stands still until it is moved. Pass &test.clock. */
struct clock_test {
  struct clock clock;
  uint64_t now_ns; /* monotonic; starts at 0 */
  int64_t now_ms;  /* wall */
};

void clock_test_init(struct clock_test *test, int64_t wall_ms);

/* Moves both times on, by milliseconds. */
void clock_test_advance(struct clock_test *test, uint64_t ms);

enum { CLOCK_TEXT = 21 };

/* "2026-11-21T01:23:45Z" (RFC 3339), into ret_text with a zero byte behind, as a view of it. Times
 * outside the years 0000 to 9999 are written as the nearest end of them. */
struct str clock_format(int64_t seconds, char ret_text[static CLOCK_TEXT]);

/* "YYYY-MM-DD", the whole text: seconds since the epoch at the start of that day, UTC.
 * SW_EINVAL with a message that quotes the text. */
int clock_parse_date(struct str text, int64_t *ret_seconds, struct error *err);

/*
 * RFC 3339, section 5.6, the whole text: date, "T", time, a fraction of any
 * length if there is one (of which nanoseconds are kept), "Z" or an offset.
 * Upper case T and Z only; second 60 only where UTC has leap seconds (at
 * 23:59), counted as the second behind it. ret_nanoseconds may be NULL.
 * SW_EINVAL with a message that quotes the text.
 */
int clock_parse(struct str text, int64_t *ret_seconds, uint32_t *ret_nanoseconds,
                struct error *err);

struct clock_date {
  int32_t year;       /* 0 to 9999 */
  uint8_t month, day; /* from 1 */
};

/* Days from 1970-01-01 to a date that exists, and back (days within the years 0000 to 9999). */
int64_t clock_days_of(struct clock_date date);
struct clock_date clock_date_of(int64_t days);

/* Days of a month (1 to 12) of a year. */
unsigned clock_month_length(int32_t year, unsigned month);

#endif
