#include "data/duration.h"

struct unit {
  struct str text;
  uint64_t nanoseconds;
};

static const struct unit units[] = {
    {STR_INIT("ns"), 1},
    {STR_INIT("us"), 1000},
    {STR_INIT("\xc2\xb5s"), 1000}, /* micro sign */
    {STR_INIT("\xce\xbcs"), 1000}, /* Greek mu */
    {STR_INIT("ms"), 1000000},
    {STR_INIT("s"), DURATION_SECOND},
    {STR_INIT("m"), DURATION_MINUTE},
    {STR_INIT("h"), DURATION_HOUR},
};
enum { UNITS = sizeof units / sizeof units[0] };

static const uint64_t magnitude_max = (uint64_t)1 << 63;

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static struct str take_while(struct str *rest, bool (*wanted)(char))
{
  size_t len = 0;
  while (len < rest->len && wanted(rest->data[len]))
    len++;
  struct str taken = str_sub(*rest, 0, len);
  *rest = str_sub(*rest, len, rest->len);
  return taken;
}

static bool is_unit(char c)
{
  return c != '.' && !is_digit(c);
}

static int report_range(struct str text, struct error *err)
{
  return error_set(err, SW_ELIMIT, "the duration \"%.*s\" is beyond 292 years", STR_FMT(text));
}

static int report_unit(struct str text, struct str unit, struct error *err)
{
  if (unit.len == 0)
    return error_set(err, SW_EINVAL,
                     "the duration \"%.*s\" has a number without a unit (ns, us, ms, s, m, h)",
                     STR_FMT(text));
  return error_set(err, SW_EINVAL,
                   "the duration \"%.*s\" has the unknown unit \"%.*s\", must be ns, us, ms, s, m "
                   "or h%s",
                   STR_FMT(text), STR_FMT(unit), str_eq(unit, STR("d")) ? " (a day is 24h)" : "");
}

/* The fraction's digits as a number over a power of ten; digits that no longer fit are left out. */
static uint64_t part_of_unit(struct str digits, uint64_t unit)
{
  uint64_t number = 0;
  double power = 1;
  for (size_t i = 0; i < digits.len; i++) {
    uint64_t next;
    if (__builtin_mul_overflow(number, (uint64_t)10, &next) ||
        __builtin_add_overflow(next, (uint64_t)(digits.data[i] - '0'), &next) ||
        next > magnitude_max)
      break;
    number = next;
    power *= 10;
  }
  return (uint64_t)((double)number * ((double)unit / power));
}

/* One number with its unit, taken off *rest, in nanoseconds. */
static int read_term(struct str text, struct str *rest, uint64_t *ret, struct error *err)
{
  unsigned long long whole = 0;
  struct str digits = take_while(rest, is_digit), fraction = STR_EMPTY;
  if (rest->len && rest->data[0] == '.') {
    *rest = str_sub(*rest, 1, rest->len);
    fraction = take_while(rest, is_digit);
  }
  if (digits.len + fraction.len == 0)
    return error_set(err, SW_EINVAL, "the duration \"%.*s\" lacks a number, as in \"1h30m\"",
                     STR_FMT(text));
  while (digits.len > 1 && digits.data[0] == '0')
    digits = str_sub(digits, 1, digits.len);
  if (digits.len && !str_to_u64(digits, magnitude_max, &whole))
    return report_range(text, err);
  struct str name = take_while(rest, is_unit);
  for (unsigned i = 0; i < UNITS; i++) {
    if (!str_eq(units[i].text, name))
      continue;
    uint64_t total;
    if (__builtin_mul_overflow((uint64_t)whole, units[i].nanoseconds, &total))
      return report_range(text, err);
    *ret = total + part_of_unit(fraction, units[i].nanoseconds);
    return *ret < total || *ret > magnitude_max ? report_range(text, err) : 0;
  }
  return report_unit(text, name, err);
}

int duration_parse(struct str text, int64_t *ret_nanoseconds, struct error *err)
{
  if (text.len == 0)
    return error_set(err, SW_EINVAL, "the duration is empty");
  if (text.len > DURATION_LENGTH_MAX)
    return error_set(err, SW_ELIMIT, "a duration of %zu bytes is longer than %d", text.len,
                     DURATION_LENGTH_MAX);
  bool negative = text.data[0] == '-';
  struct str rest = negative || text.data[0] == '+' ? str_sub(text, 1, text.len) : text;
  if (str_eq(rest, STR("0"))) {
    *ret_nanoseconds = 0;
    return 0;
  }
  uint64_t total = 0;
  do {
    uint64_t term = 0;
    int r = read_term(text, &rest, &term, err);
    if (r < 0)
      return r;
    total += term; /* both at most 2^63: no overflow */
    if (total > magnitude_max)
      return report_range(text, err);
  } while (rest.len);
  if (!negative && total == magnitude_max)
    return report_range(text, err);
  *ret_nanoseconds = (int64_t)(negative ? 0 - total : total);
  return 0;
}

/* number / 10^digits with the zeros at the end of the fraction left out. */
static void write_decimal(struct buf *out, uint64_t number, unsigned digits)
{
  uint64_t power = 1;
  for (unsigned i = 0; i < digits; i++)
    power *= 10;
  buf_add_u64(out, number / power);
  uint64_t fraction = number % power;
  if (fraction == 0)
    return;
  char text[9] = {0};
  for (unsigned i = digits; i > 0; i--, fraction /= 10)
    text[i - 1] = (char)('0' + fraction % 10);
  while (text[digits - 1] == '0')
    digits--;
  buf_add_byte(out, '.');
  buf_add(out, str_make(text, digits));
}

static void write_below_second(struct buf *out, uint64_t number)
{
  if (number < 1000) {
    buf_printf(out, "%uns", (unsigned)number);
  } else if (number < 1000000) {
    write_decimal(out, number, 3);
    buf_add(out, STR("\xc2\xb5s"));
  } else {
    write_decimal(out, number, 6);
    buf_add(out, STR("ms"));
  }
}

void duration_write(struct buf *out, int64_t nanoseconds)
{
  uint64_t number = nanoseconds < 0 ? 0 - (uint64_t)nanoseconds : (uint64_t)nanoseconds;
  if (nanoseconds < 0)
    buf_add_byte(out, '-');
  if (number == 0) {
    buf_add(out, STR("0s"));
    return;
  }
  if (number < (uint64_t)DURATION_SECOND) {
    write_below_second(out, number);
    return;
  }
  uint64_t minutes = number / (uint64_t)DURATION_MINUTE;
  if (minutes >= 60)
    buf_printf(out, "%lluh", (unsigned long long)(minutes / 60));
  if (minutes)
    buf_printf(out, "%llum", (unsigned long long)(minutes % 60));
  write_decimal(out, number % (uint64_t)DURATION_MINUTE, 9);
  buf_add_byte(out, 's');
}
