#include "data/quantity.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
  NANO = -9,       /* the finest power of ten that is kept */
  DIGITS_MAX = 38, /* decimal digits that always fit an __int128 */
  SHOWN_MAX = 60,  /* bytes of a text that messages quote */
  EXPONENT_DIGITS = 6,
};

typedef unsigned __int128 u128;

struct suffix {
  struct str text;
  enum quantity_format format;
  int exponent; /* of 2 or 10 */
};

static const struct suffix suffixes[] = {
    {STR_INIT("n"), QUANTITY_DECIMAL, -9}, {STR_INIT("u"), QUANTITY_DECIMAL, -6},
    {STR_INIT("m"), QUANTITY_DECIMAL, -3}, {STR_INIT(""), QUANTITY_DECIMAL, 0},
    {STR_INIT("k"), QUANTITY_DECIMAL, 3},  {STR_INIT("M"), QUANTITY_DECIMAL, 6},
    {STR_INIT("G"), QUANTITY_DECIMAL, 9},  {STR_INIT("T"), QUANTITY_DECIMAL, 12},
    {STR_INIT("P"), QUANTITY_DECIMAL, 15}, {STR_INIT("E"), QUANTITY_DECIMAL, 18},
    {STR_INIT("Ki"), QUANTITY_BINARY, 10}, {STR_INIT("Mi"), QUANTITY_BINARY, 20},
    {STR_INIT("Gi"), QUANTITY_BINARY, 30}, {STR_INIT("Ti"), QUANTITY_BINARY, 40},
    {STR_INIT("Pi"), QUANTITY_BINARY, 50}, {STR_INIT("Ei"), QUANTITY_BINARY, 60},
};
enum { SUFFIXES = sizeof suffixes / sizeof suffixes[0] };

/* A quantity's text taken apart: sign, digits before and behind the point, suffix. */
struct parts {
  bool negative;
  struct str whole;    /* without leading zeros */
  struct str fraction; /* without trailing zeros */
  struct suffix suffix;
};

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static struct str take_digits(struct str *text)
{
  size_t len = 0;
  while (len < text->len && is_digit(text->data[len]))
    len++;
  struct str digits = str_sub(*text, 0, len);
  *text = str_sub(*text, len, text->len);
  return digits;
}

static struct str shown(struct str text)
{
  size_t len = text.len < SHOWN_MAX ? text.len : SHOWN_MAX;
  while (len < text.len && len && ((unsigned char)text.data[len] & 0xc0) == 0x80)
    len--;
  return str_sub(text, 0, len);
}

/* Reading the suffix. */

static bool find_suffix(struct str text, struct suffix *ret)
{
  for (unsigned i = 0; i < SUFFIXES; i++) {
    if (!str_eq(suffixes[i].text, text))
      continue;
    *ret = suffixes[i];
    return true;
  }
  return false;
}

/* "e3", "E-3". Exponents of any length are read; those too large count as the largest. */
static bool read_exponent(struct str text, struct suffix *ret)
{
  if (text.len < 2 || (text.data[0] != 'e' && text.data[0] != 'E'))
    return false;
  struct str rest = str_sub(text, 1, text.len);
  bool negative = rest.data[0] == '-';
  if (negative || rest.data[0] == '+')
    rest = str_sub(rest, 1, rest.len);
  struct str digits = take_digits(&rest);
  if (digits.len == 0 || rest.len != 0)
    return false;
  while (digits.len && digits.data[0] == '0')
    digits = str_sub(digits, 1, digits.len);
  unsigned long long exponent = 999999;
  if (digits.len <= EXPONENT_DIGITS)
    str_to_u64(digits.len ? digits : STR("0"), 999999, &exponent);
  *ret = (struct suffix){text, QUANTITY_EXPONENT, negative ? -(int)exponent : (int)exponent};
  return true;
}

/* What people write for a power of 1000 or 1024, by its first letter. */
static bool suggest_unit(struct str suffix, const char **ret_decimal, const char **ret_binary)
{
  static const struct {
    char letter;
    const char *decimal, *binary;
  } units[] = {{'k', "k", "Ki"}, {'m', "M", "Mi"}, {'g', "G", "Gi"},
               {'t', "T", "Ti"}, {'p', "P", "Pi"}, {'e', "E", "Ei"}};
  if (suffix.len == 0 || suffix.len > 9)
    return false;
  static const char *const words[] = {"",    "b",  "i",   "ib",  "bytes", "byte",
                                      "ilo", "eg", "ega", "ig",  "iga",   "era",
                                      "eta", "xa", "bit", "ibi", "ebi",   "exbi"};
  struct str tail = str_sub(suffix, 1, suffix.len);
  bool known = false;
  for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
    known |= str_eq_nocase(tail, str_from(words[i]));
  for (unsigned i = 0; known && i < sizeof units / sizeof units[0]; i++) {
    if ((suffix.data[0] | 0x20) != units[i].letter)
      continue;
    *ret_decimal = units[i].decimal;
    *ret_binary = units[i].binary;
    return true;
  }
  return false;
}

static int report_suffix(struct str text, struct str suffix, struct error *err)
{
  struct str number = str_sub(text, 0, text.len - suffix.len), shown_text = shown(text);
  const char *decimal, *binary;
  if (suffix.data[0] == ' ' || suffix.data[suffix.len - 1] == ' ')
    return error_set(err, SW_EINVAL, "\"%.*s\": a quantity has no spaces", STR_FMT(shown_text));
  if (suffix.data[0] == '.')
    return error_set(err, SW_EINVAL, "\"%.*s\": a second decimal point", STR_FMT(shown_text));
  if (suffix.data[0] == ',')
    return error_set(err, SW_EINVAL, "\"%.*s\": a \",\" in the number, must be \".\" or nothing",
                     STR_FMT(shown_text));
  if (number.len < SHOWN_MAX && suggest_unit(suffix, &decimal, &binary))
    return error_set(
        err, SW_EINVAL, "\"%.*s\": unknown suffix \"%.*s\", did you mean \"%.*s%s\" or \"%.*s%s\"?",
        STR_FMT(shown_text), STR_FMT(suffix), STR_FMT(number), decimal, STR_FMT(number), binary);
  if (str_eq_nocase(suffix, STR("b")) || str_eq_nocase(suffix, STR("bytes")))
    return error_set(err, SW_EINVAL, "\"%.*s\": unknown suffix \"%.*s\", bytes need none",
                     STR_FMT(shown_text), STR_FMT(suffix));
  return error_set(
      err, SW_EINVAL,
      "\"%.*s\": unknown suffix \"%.*s\", must be one of Ki Mi Gi Ti Pi Ei, n u m k M G "
      "T P E, an exponent like e3, or nothing",
      STR_FMT(shown_text), STR_FMT(shown(suffix)));
}

static int take_apart(struct str text, struct parts *p, struct error *err)
{
  struct str rest = text;
  *p = (struct parts){.negative = text.data[0] == '-'};
  if (p->negative || text.data[0] == '+')
    rest = str_sub(rest, 1, rest.len);
  p->whole = take_digits(&rest);
  if (rest.len && rest.data[0] == '.') {
    rest = str_sub(rest, 1, rest.len);
    p->fraction = take_digits(&rest);
  }
  while (p->whole.len && p->whole.data[0] == '0')
    p->whole = str_sub(p->whole, 1, p->whole.len);
  while (p->fraction.len && p->fraction.data[p->fraction.len - 1] == '0')
    p->fraction.len--;
  if (find_suffix(rest, &p->suffix) || read_exponent(rest, &p->suffix))
    return 0;
  if (rest.len == text.len && text.data[0] != ' ')
    return error_set(err, SW_EINVAL,
                     "\"%.*s\" is not a quantity: it must begin with a number, as in \"500m\" or "
                     "\"1.5Gi\"",
                     STR_FMT(shown(text)));
  return report_suffix(text, rest, err);
}

/* From digits to a number. */

static struct quantity normal(__int128 mantissa, int64_t scale, enum quantity_format format)
{
  if (mantissa == 0)
    return (struct quantity){.format = format};
  for (; (mantissa > INT64_MAX || mantissa < INT64_MIN) && mantissa % 10 == 0; mantissa /= 10)
    scale++;
  if (mantissa <= INT64_MAX && mantissa >= INT64_MIN) { /* 64-bit division is ten times faster */
    int64_t small = (int64_t)mantissa;
    for (; small % 10 == 0; small /= 10)
      scale++;
    mantissa = small;
  }
  return (struct quantity){mantissa, (int32_t)scale, format};
}

/* The number that the digits of whole and fraction make when written together. */
struct digits {
  struct str whole, fraction;
  size_t count;
};

static char digit_at(const struct digits *d, size_t i)
{
  return i < d->whole.len ? d->whole.data[i] : d->fraction.data[i - d->whole.len];
}

static int report_digits(struct str text, struct error *err)
{
  return error_set(err, SW_ELIMIT, "\"%.*s\" has more than %d significant digits",
                   STR_FMT(shown(text)), DIGITS_MAX);
}

/* Digits times a power of ten; the part below 10^-9 rounded away from zero. */
static int read_decimal(struct str text, const struct parts *p, struct quantity *ret,
                        struct error *err)
{
  struct digits d = {p->whole, p->fraction, p->whole.len + p->fraction.len};
  int64_t scale = (int64_t)p->suffix.exponent - (int64_t)p->fraction.len;
  size_t first = 0;
  while (first < d.count && digit_at(&d, first) == '0')
    first++;
  bool rounded = false;
  for (; d.count > first && scale < NANO; d.count--, scale++)
    rounded |= digit_at(&d, d.count - 1) != '0';
  for (; !rounded && d.count > first && digit_at(&d, d.count - 1) == '0'; d.count--)
    scale++;
  if (d.count == first)
    scale = NANO; /* everything was finer, or it is zero */
  if (d.count - first > DIGITS_MAX)
    return report_digits(text, err);
  __int128 mantissa = 0;
  for (size_t i = first; i < d.count; i++)
    mantissa = mantissa * 10 + (digit_at(&d, i) - '0');
  mantissa += rounded;
  if (mantissa && scale > QUANTITY_EXPONENT_MAX)
    return error_set(err, SW_ELIMIT, "\"%.*s\": the exponent is beyond %d", STR_FMT(shown(text)),
                     QUANTITY_EXPONENT_MAX);
  *ret = normal(p->negative ? -mantissa : mantissa, scale, p->suffix.format);
  return 0;
}

static const u128 nano = 1000000000;

/* Billionths of a fraction (digits behind the point) times 2^exponent, rounded up. */
static u128 scale_fraction(struct str fraction, int exponent)
{
  u128 factor = nano << exponent, carry = 0;
  bool rounded = false;
  for (size_t i = fraction.len; i > 0; i--) {
    carry += (u128)(fraction.data[i - 1] - '0') * factor;
    rounded |= carry % 10 != 0;
    carry /= 10;
  }
  return carry + rounded;
}

/* Digits times a power of two, in billionths; capped at 2^63-1. */
static int read_binary(const struct parts *p, struct quantity *ret)
{
  enum { WHOLE_DIGITS = 19 }; /* of 2^63-1 */
  const u128 cap = (u128)INT64_MAX * nano;
  u128 billionths = cap;
  if (p->whole.len <= WHOLE_DIGITS) {
    u128 whole = 0;
    for (size_t i = 0; i < p->whole.len; i++)
      whole = whole * 10 + (u128)(p->whole.data[i] - '0');
    if (whole <= (u128)INT64_MAX >> p->suffix.exponent)
      billionths = (whole << p->suffix.exponent) * nano +
                   scale_fraction(p->fraction, p->suffix.exponent);
  }
  if (billionths > cap)
    billionths = cap;
  __int128 mantissa = (__int128)billionths;
  if (p->fraction.len == 0) {
    mantissa = (__int128)(billionths / nano);
    *ret = normal(p->negative ? -mantissa : mantissa, 0, QUANTITY_BINARY);
    return 0;
  }
  bool fraction_only = billionths > 0 && billionths < nano;
  *ret = normal(p->negative ? -mantissa : mantissa, NANO,
                fraction_only ? QUANTITY_DECIMAL : QUANTITY_BINARY);
  return 0;
}

int quantity_parse(struct str text, struct quantity *ret_quantity, struct error *err)
{
  struct parts p;
  if (text.len == 0)
    return error_set(err, SW_EINVAL, "the quantity is empty");
  if (text.len > QUANTITY_LENGTH_MAX)
    return error_set(err, SW_ELIMIT, "a quantity of %zu characters is longer than %d", text.len,
                     QUANTITY_LENGTH_MAX);
  int r = take_apart(text, &p, err);
  if (r < 0)
    return r;
  return p.suffix.format == QUANTITY_BINARY ? read_binary(&p, ret_quantity)
                                            : read_decimal(text, &p, ret_quantity, err);
}

int quantity_from_value(struct value value, struct quantity *ret_quantity, struct error *err)
{
  if (value.type == VALUE_STRING || (value.type == VALUE_NUMBER && (value.flags & VALUE_TEXT)))
    return quantity_parse(value_str(value), ret_quantity, err);
  if (value.type != VALUE_NUMBER)
    return error_set(err, SW_EINVAL, "a quantity must be a string or a number, this is %s%s",
                     value.type == VALUE_ARRAY || value.type == VALUE_OBJECT ? "an "
                     : value_is_nil(value)                                   ? ""
                                                                             : "a ",
                     value_type_name(value));
  if (value.flags & VALUE_INT) {
    *ret_quantity = quantity_from_int(value.integer);
    return 0;
  }
  char text[40];
  int len = snprintf(text, sizeof text, "%.17g", value.real);
  return quantity_parse(str_make(text, (size_t)len), ret_quantity, err);
}

struct quantity quantity_from_int(int64_t number)
{
  return normal(number, 0, QUANTITY_DECIMAL);
}

/* Arithmetic. */

static unsigned count_digits(u128 number)
{
  unsigned count = 0;
  for (; number; number /= 10)
    count++;
  return count;
}

static u128 magnitude(struct quantity q)
{
  return q.mantissa < 0 ? -(u128)q.mantissa : (u128)q.mantissa;
}

int quantity_sign(struct quantity q)
{
  return (q.mantissa > 0) - (q.mantissa < 0);
}

/* number * 10^by; false if that has more than 38 digits. */
static bool shift_up(__int128 *number, int64_t by)
{
  if (*number == 0)
    return true;
  if (by > DIGITS_MAX)
    return false;
  for (; by > 0; by--)
    if (__builtin_mul_overflow(*number, (__int128)10, number))
      return false;
  return true;
}

static int compare_magnitudes(struct quantity a, struct quantity b)
{
  u128 left = magnitude(a), right = magnitude(b);
  int64_t left_top = (int64_t)count_digits(left) + a.scale;
  int64_t right_top = (int64_t)count_digits(right) + b.scale;
  if (left_top != right_top)
    return left_top < right_top ? -1 : 1;
  /* Both begin at the same power of ten, so the one with fewer digits can be filled up with zeros. */
  for (; a.scale > b.scale; a.scale--)
    left *= 10;
  for (; b.scale > a.scale; b.scale--)
    right *= 10;
  return (left > right) - (left < right);
}

int quantity_compare(struct quantity a, struct quantity b)
{
  int sign = quantity_sign(a);
  if (sign != quantity_sign(b))
    return sign < quantity_sign(b) ? -1 : 1;
  return sign == 0 ? 0 : sign * compare_magnitudes(a, b);
}

bool quantity_add(struct quantity a, struct quantity b, struct quantity *ret_sum)
{
  enum quantity_format format = a.mantissa ? a.format : b.format;
  int32_t scale = a.scale < b.scale ? a.scale : b.scale;
  __int128 left = a.mantissa, right = b.mantissa, sum;
  if (left == 0 || right == 0) {
    *ret_sum = left == 0 ? b : a;
    ret_sum->format = format;
    return true;
  }
  if (!shift_up(&left, (int64_t)a.scale - scale) || !shift_up(&right, (int64_t)b.scale - scale) ||
      __builtin_add_overflow(left, right, &sum))
    return false;
  struct quantity q = normal(sum, scale, format);
  if (count_digits(magnitude(q)) > DIGITS_MAX)
    return false;
  *ret_sum = q;
  return true;
}

bool quantity_subtract(struct quantity a, struct quantity b, struct quantity *ret_difference)
{
  b.mantissa = -b.mantissa;
  return quantity_add(a, b, ret_difference);
}

bool quantity_scaled(struct quantity q, int scale, int64_t *ret_units)
{
  __int128 number = q.mantissa;
  int64_t by = (int64_t)q.scale - scale;
  bool rounded = false;
  if (by > 0 && !shift_up(&number, by))
    return false;
  for (; by < 0 && number; by++) {
    rounded |= number % 10 != 0;
    number /= 10;
  }
  if (rounded)
    number += quantity_sign(q);
  if (number > INT64_MAX || number < INT64_MIN)
    return false;
  *ret_units = (int64_t)number;
  return true;
}

bool quantity_ceil(struct quantity q, int64_t *ret_units)
{
  return quantity_scaled(q, 0, ret_units);
}

bool quantity_to_int(struct quantity q, int64_t *ret_units)
{
  return q.scale >= 0 && quantity_scaled(q, 0, ret_units);
}

/* Writing. */

static void write_u128(struct buf *out, u128 number)
{
  char digits[40];
  size_t at = sizeof digits;
  do {
    digits[--at] = (char)('0' + (int)(number % 10));
    number /= 10;
  } while (number);
  buf_add(out, str_make(digits + at, sizeof digits - at));
}

static void write_decimal(struct buf *out, struct quantity q, bool with_suffix)
{
  unsigned zeros = (unsigned)((q.scale % 3 + 3) % 3);
  int exponent = q.scale - (int)zeros;
  write_u128(out, magnitude(q));
  buf_add_repeat(out, '0', zeros);
  for (unsigned i = 0; with_suffix && i < SUFFIXES; i++) {
    if (suffixes[i].format != QUANTITY_DECIMAL || suffixes[i].exponent != exponent)
      continue;
    buf_add(out, suffixes[i].text);
    return;
  }
  if (exponent)
    buf_printf(out, "e%d", exponent);
}

static void write_binary(struct buf *out, uint64_t number)
{
  static const char *const names[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  unsigned power = 0;
  for (; power < 6 && number % 1024 == 0; power++)
    number /= 1024;
  buf_add_u64(out, number);
  buf_add_text(out, names[power]);
}

void quantity_write(struct buf *out, struct quantity q)
{
  int64_t units;
  if (q.mantissa == 0) {
    buf_add_byte(out, '0');
    return;
  }
  if (q.mantissa < 0)
    buf_add_byte(out, '-');
  bool binary = q.format == QUANTITY_BINARY && quantity_to_int(q, &units) &&
                (units >= 1024 || units <= -1024);
  if (binary)
    write_binary(out, units < 0 ? 0 - (uint64_t)units : (uint64_t)units);
  else
    write_decimal(out, q, q.format != QUANTITY_EXPONENT);
}

double quantity_to_double(struct quantity q)
{
  _cleanup_(buf_free) struct buf text = {0};
  if (q.mantissa < 0)
    buf_add_byte(&text, '-');
  write_u128(&text, magnitude(q));
  buf_printf(&text, "e%d", q.scale);
  return strtod(buf_text(&text), NULL);
}

/* Digits with a point in them; zeros in front as needed. */
static void write_fraction(struct buf *out, struct quantity q)
{
  _cleanup_(buf_free) struct buf digits = {0};
  write_u128(&digits, magnitude(q));
  size_t behind = (size_t)-q.scale;
  if (digits.len > behind) {
    buf_add(out, str_sub(buf_str(&digits), 0, digits.len - behind));
  } else {
    buf_add_byte(out, '0');
  }
  buf_add_byte(out, '.');
  if (digits.len < behind)
    buf_add_repeat(out, '0', behind - digits.len);
  buf_add(out, digits.len > behind ? str_sub(buf_str(&digits), digits.len - behind, behind)
                                   : buf_str(&digits));
}

struct value quantity_to_number(struct arena *a, struct quantity q)
{
  int64_t units;
  if (quantity_to_int(q, &units))
    return value_int(units);
  _cleanup_(buf_free) struct buf text = {0};
  if (q.mantissa < 0)
    buf_add_byte(&text, '-');
  if (q.scale < 0) {
    write_fraction(&text, q);
  } else {
    write_u128(&text, magnitude(q));
    buf_add_repeat(&text, '0', (size_t)q.scale);
  }
  struct str copy = arena_copy(a, buf_str(&text));
  return (struct value){
      .type = VALUE_NUMBER, .flags = VALUE_TEXT, .len = (uint32_t)copy.len, .text = copy.data};
}
