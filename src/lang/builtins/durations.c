/* time.parse_duration_ns: Go's durations, and days, weeks and years. */
#include "data/duration.h"
#include "lang/builtin_int.h"

static bool is_digit(char ch)
{
  return ch >= '0' && ch <= '9';
}

/* A number and its unit at the front, which may be days, weeks or years of 365 days. */
static bool take_duration(struct str *rest, int64_t *ret)
{
  static const struct {
    char unit;
    int64_t hours;
  } units[] = {{'d', 24}, {'w', 7 * 24}, {'y', 365 * 24}};
  char text[64];
  size_t number = 0, end;
  int64_t scale = 1;
  while (number < rest->len && (is_digit(rest->data[number]) || rest->data[number] == '.'))
    number++;
  for (end = number; end < rest->len && !is_digit(rest->data[end]) && rest->data[end] != '.';)
    end++;
  if (number == 0 || end == number || end >= sizeof text)
    return false;
  memcpy(text, rest->data, end);
  for (size_t i = 0; i < 3 && end == number + 1; i++)
    if (text[number] == units[i].unit) {
      text[number] = 'h';
      scale = units[i].hours;
      break;
    }
  *rest = str_sub(*rest, end, rest->len);
  return duration_parse(str_make(text, end), ret, NULL) == 0 &&
         !__builtin_mul_overflow(*ret, scale, ret);
}

static bool parse_long_duration(struct str text, int64_t *ret)
{
  bool negative = str_starts(text, STR("-"));
  int64_t sum = 0, part;
  if (negative || str_starts(text, STR("+")))
    text = str_sub(text, 1, text.len);
  do
    if (!take_duration(&text, &part) || __builtin_add_overflow(sum, part, &sum))
      return false;
  while (text.len);
  *ret = negative ? -sum : sum;
  return true;
}

CALL(parse_duration)
{
  struct str text;
  int64_t nanoseconds;
  if (!builtin_want_string(c, args, 1, &text))
    return BUILTIN_ERROR;
  if (duration_parse(text, &nanoseconds, NULL) < 0 && !parse_long_duration(text, &nanoseconds))
    return builtin_fail(c, "time: invalid duration \"%.*s\"", STR_FMT(text));
  return give(ret, value_int(nanoseconds));
}

const struct builtin builtins_durations[] = {
    ROW(parse_duration, "time.parse_duration_ns", 1, "string", "number"),
    {.name = NULL},
};
