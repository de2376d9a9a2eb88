/*
 * Dates and timestamps: what is accepted has the form that RFC 3339 gives, and what is written from
 * it means the same second again.
 */
#include "base/clock.h"

#include <assert.h>

static void check_date(struct str text)
{
  int64_t seconds;
  if (clock_parse_date(text, &seconds, NULL) < 0)
    return;
  char written[CLOCK_TEXT];
  assert(text.len == 10);
  assert(str_eq(str_sub(clock_format(seconds, written), 0, 10), text));
  assert(seconds % 86400 == 0);
}

static void check_time(struct str text)
{
  struct error err;
  int64_t seconds;
  uint32_t nanoseconds;
  int rc = clock_parse(text, &seconds, &nanoseconds, &err);
  if (rc < 0) {
    assert(rc == SW_EINVAL && err.code == rc && err.message[0] == '"');
    return;
  }
  assert(nanoseconds < 1000000000);
  assert(text.len >= CLOCK_TEXT - 1 && text.data[10] == 'T');
  char written[CLOCK_TEXT];
  struct str again = clock_format(seconds, written);
  int64_t back;
  assert(clock_parse(again, &back, NULL, NULL) == 0);
  /* An offset can lead out of the years that can be written. */
  assert(back == seconds || str_starts(again, STR("0000-")) || str_starts(again, STR("9999-")));
  bool plain = text.len == CLOCK_TEXT - 1 && !str_ends(text, STR(":60Z"));
  assert(!plain || str_eq(again, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str text = str_make((const char *)data, size);
  check_date(text);
  check_time(text);
  return 0;
}
