#include "data/number.h"

#include "base/hash.h"

#include <math.h>
#include <stdlib.h>

/*
 * A number as 0.DIGITS * 10^(exponent + offset). The digits begin and end with one that is not 0 and
 * lie in two runs, before and behind the point of the literal; there are none in zero. The exponent
 * stays text, so it may be of any length.
 */
struct decimal {
  bool negative;
  struct str whole, fraction;
  struct str exponent; /* digits without leading zeros */
  bool exponent_negative;
  int64_t offset;
  char own[NUMBER_TEXT_MAX]; /* the text of a number that is none */
};

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static size_t count_digits(struct str s, size_t from)
{
  size_t at = from;
  while (at < s.len && is_digit(s.data[at]))
    at++;
  return at - from;
}

bool number_is_literal(struct str s)
{
  size_t at = s.len && s.data[0] == '-';
  size_t whole = count_digits(s, at);
  if (whole == 0 || (whole > 1 && s.data[at] == '0'))
    return false;
  at += whole;
  if (at < s.len && s.data[at] == '.') {
    size_t fraction = count_digits(s, at + 1);
    if (fraction == 0)
      return false;
    at += 1 + fraction;
  }
  if (at < s.len && (s.data[at] == 'e' || s.data[at] == 'E')) {
    at++;
    at += at < s.len && (s.data[at] == '+' || s.data[at] == '-');
    size_t exponent = count_digits(s, at);
    if (exponent == 0)
      return false;
    at += exponent;
  }
  return at == s.len;
}

/* Digits of a sign and an integer that fits; not -0, whose sign an integer would lose. */
static bool literal_to_int64(struct str s, int64_t *ret)
{
  bool negative = s.data[0] == '-';
  if (s.len > 20 || (negative && s.data[1] == '0'))
    return false;
  int64_t number = 0;
  for (size_t i = negative; i < s.len; i++) {
    if (!is_digit(s.data[i]) || __builtin_mul_overflow(number, 10, &number))
      return false;
    int digit = s.data[i] - '0';
    if (__builtin_add_overflow(number, negative ? -digit : digit, &number))
      return false;
  }
  *ret = number;
  return true;
}

struct value number_from_literal(struct str s)
{
  if (s.len > UINT32_MAX || !number_is_literal(s))
    return VALUE_NONE;
  int64_t number;
  if (literal_to_int64(s, &number))
    return value_int(number);
  return (struct value){
      .type = VALUE_NUMBER, .flags = VALUE_TEXT, .len = (uint32_t)s.len, .text = s.data};
}

/* 2^63, the first double that does not fit int64_t; -2^63 does. */
static const double INT64_END = 9223372036854775808.0;

static bool double_to_int64(double number, int64_t *ret)
{
  if (!(number >= -INT64_END && number < INT64_END) || number != (double)(int64_t)number)
    return false;
  *ret = (int64_t)number;
  return true;
}

struct value number_from_double(double number)
{
  int64_t integer;
  if (double_to_int64(number, &integer))
    return value_int(integer);
  if (!isfinite(number))
    return VALUE_NONE;
  return (struct value){.type = VALUE_NUMBER, .flags = VALUE_DOUBLE, .real = number};
}

/* A number as int64_t where it is stored as an integer or as a double that is one. */
static bool stored_int64(struct value v, int64_t *ret)
{
  if (v.flags & VALUE_INT) {
    *ret = v.integer;
    return true;
  }
  return v.flags & VALUE_DOUBLE && double_to_int64(v.real, ret);
}

static size_t format_int64(int64_t number, char out[NUMBER_TEXT_MAX])
{
  uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
  char digits[20];
  size_t at = sizeof digits, len = 0;
  do {
    digits[--at] = (char)('0' + left % 10);
    left /= 10;
  } while (left);
  if (number < 0)
    out[len++] = '-';
  memcpy(out + len, digits + at, sizeof digits - at);
  return len + sizeof digits - at;
}

/* ---- decimals */

static struct str without_leading_zeros(struct str s)
{
  while (s.len && s.data[0] == '0') {
    s.data++;
    s.len--;
  }
  return s;
}

static struct str without_trailing_zeros(struct str s)
{
  while (s.len && s.data[s.len - 1] == '0')
    s.len--;
  return s;
}

static void decimal_read(struct decimal *d, struct str s)
{
  d->negative = s.len && s.data[0] == '-';
  size_t at = d->negative;
  d->whole = str_sub(s, at, count_digits(s, at));
  at += d->whole.len;
  d->fraction = d->exponent = STR_EMPTY;
  d->exponent_negative = false;
  if (at < s.len && s.data[at] == '.') {
    d->fraction = str_sub(s, at + 1, count_digits(s, at + 1));
    at += 1 + d->fraction.len;
  }
  if (at < s.len) {
    at++;
    d->exponent_negative = at < s.len && s.data[at] == '-';
    at += at < s.len && !is_digit(s.data[at]);
    d->exponent = without_leading_zeros(str_sub(s, at, s.len));
  }
  d->whole = without_leading_zeros(d->whole);
  d->offset = (int64_t)d->whole.len;
  if (d->whole.len == 0) {
    struct str significant = without_leading_zeros(d->fraction);
    d->offset = -(int64_t)(d->fraction.len - significant.len);
    d->fraction = significant;
  }
  d->fraction = without_trailing_zeros(d->fraction);
  if (d->fraction.len == 0)
    d->whole = without_trailing_zeros(d->whole);
}

/* The decimal keeps views of the value's text or of its own buffer: it must not be copied. */
static void decimal_of(struct decimal *d, struct value v)
{
  int64_t integer = 0;
  if (v.type == VALUE_NUMBER && v.flags & VALUE_TEXT)
    decimal_read(d, value_str(v));
  else if (v.type != VALUE_NUMBER || stored_int64(v, &integer))
    decimal_read(d, str_make(d->own, format_int64(integer, d->own)));
  else
    decimal_read(d, str_make(d->own, number_format_double(v.real, d->own)));
}

static size_t digit_count(const struct decimal *d)
{
  return d->whole.len + d->fraction.len;
}

/* Digit i as a number; 0 behind the last. */
static int digit_at(const struct decimal *d, size_t i)
{
  if (i < d->whole.len)
    return d->whole.data[i] - '0';
  i -= d->whole.len;
  return i < d->fraction.len ? d->fraction.data[i] - '0' : 0;
}

/* Digit i of the exponent's text, filled up with zeros in front to count digits, with its sign. */
static int exponent_digit(const struct decimal *d, size_t i, size_t count)
{
  size_t missing = count - d->exponent.len;
  int digit = i < missing ? 0 : d->exponent.data[i - missing] - '0';
  return d->exponent_negative ? -digit : digit;
}

/* Far beyond every offset (a text has less than 2^32 digits), far below int64_t's end. */
static const int64_t EXPONENT_FAR = 100000000000000000;

/* Sign of the difference of the exponents, offsets included. Once the difference of the leading
 * digits is far from zero, neither further digits nor offsets can bring it back. */
static int compare_exponents(const struct decimal *a, const struct decimal *b)
{
  size_t count = a->exponent.len > b->exponent.len ? a->exponent.len : b->exponent.len;
  int64_t difference = 0;
  for (size_t i = 0; i < count; i++) {
    difference = difference * 10 + exponent_digit(a, i, count) - exponent_digit(b, i, count);
    if (difference > EXPONENT_FAR || difference < -EXPONENT_FAR)
      return difference > 0 ? 1 : -1;
  }
  difference += a->offset - b->offset;
  return (difference > 0) - (difference < 0);
}

/* The exponent, offset included, where it matters; beyond +-EXPONENT_FAR only its sign is right. */
static int64_t exponent_of(const struct decimal *d)
{
  int64_t exponent = 0;
  for (size_t i = 0; i < d->exponent.len; i++) {
    exponent = exponent * 10 + exponent_digit(d, i, d->exponent.len);
    if (exponent > EXPONENT_FAR || exponent < -EXPONENT_FAR)
      break;
  }
  return exponent + d->offset;
}

static int compare_magnitudes(const struct decimal *a, const struct decimal *b)
{
  size_t a_count = digit_count(a), b_count = digit_count(b);
  if (a_count == 0 || b_count == 0)
    return (a_count > 0) - (b_count > 0);
  int order = compare_exponents(a, b);
  size_t count = a_count > b_count ? a_count : b_count;
  for (size_t i = 0; order == 0 && i < count; i++)
    order = digit_at(a, i) - digit_at(b, i);
  return (order > 0) - (order < 0);
}

static int decimal_sign(const struct decimal *d)
{
  if (digit_count(d) == 0)
    return 0;
  return d->negative ? -1 : 1;
}

/* ---- order, equality, hash */

static int compare_int_with_double(int64_t a, double b)
{
  if (b >= INT64_END)
    return -1;
  if (b < -INT64_END)
    return 1;
  int64_t whole = (int64_t)b;
  if (a != whole)
    return a < whole ? -1 : 1;
  return (b < (double)whole) - (b > (double)whole);
}

int number_compare(struct value a, struct value b)
{
  if (a.type != VALUE_NUMBER)
    a = value_int(0);
  if (b.type != VALUE_NUMBER)
    b = value_int(0);
  if ((a.flags | b.flags) == VALUE_INT)
    return (a.integer > b.integer) - (a.integer < b.integer);
  if ((a.flags | b.flags) == VALUE_DOUBLE)
    return (a.real > b.real) - (a.real < b.real);
  if (a.flags & VALUE_INT && b.flags & VALUE_DOUBLE)
    return compare_int_with_double(a.integer, b.real);
  if (a.flags & VALUE_DOUBLE && b.flags & VALUE_INT)
    return -compare_int_with_double(b.integer, a.real);
  struct decimal x, y;
  decimal_of(&x, a);
  decimal_of(&y, b);
  int x_sign = decimal_sign(&x), y_sign = decimal_sign(&y);
  if (x_sign != y_sign)
    return x_sign < y_sign ? -1 : 1;
  return x_sign < 0 ? -compare_magnitudes(&x, &y) : compare_magnitudes(&x, &y);
}

int number_sign(struct value number)
{
  struct decimal d;
  decimal_of(&d, number);
  return decimal_sign(&d);
}

static uint64_t hash_digits(const struct decimal *d)
{
  size_t count = digit_count(d);
  uint64_t hash = count;
  char block[64];
  for (size_t from = 0; from < count; from += sizeof block) {
    size_t len = count - from < sizeof block ? count - from : sizeof block;
    for (size_t i = 0; i < len; i++)
      block[i] = (char)digit_at(d, from + i);
    hash = hash_mix(hash, hash_bytes(str_make(block, len)));
  }
  return hash;
}

/* Integers that fit are hashed as such in whatever form they come: that is what most are. The
 * exponent of the others is taken modulo 2^64. */
uint64_t number_hash(struct value number)
{
  int64_t integer;
  if (number_to_int64(number, &integer))
    return hash_mix(0x6e756d62, (uint64_t)integer);
  struct decimal d;
  decimal_of(&d, number);
  uint64_t exponent = 0;
  for (size_t i = 0; i < d.exponent.len; i++)
    exponent = exponent * 10 + (uint64_t)(int64_t)exponent_digit(&d, i, d.exponent.len);
  exponent += (uint64_t)d.offset;
  return hash_mix(hash_mix(hash_digits(&d), exponent), d.negative);
}

/* ---- conversions */

static bool decimal_is_integer(const struct decimal *d)
{
  size_t count = digit_count(d);
  return count == 0 || exponent_of(d) >= (int64_t)count;
}

bool number_is_integer(struct value number)
{
  if (number.type != VALUE_NUMBER)
    return false;
  if (number.flags & VALUE_INT)
    return true;
  struct decimal d;
  decimal_of(&d, number);
  return decimal_is_integer(&d);
}

static bool decimal_to_int64(const struct decimal *d, int64_t *ret)
{
  enum { DIGITS_MAX = 19 };
  int64_t number = 0;
  if (digit_count(d) > 0) {
    int64_t digits = exponent_of(d);
    if (digits > DIGITS_MAX || !decimal_is_integer(d))
      return false;
    for (int64_t i = 0; i < digits; i++) {
      int digit = digit_at(d, (size_t)i);
      if (__builtin_mul_overflow(number, 10, &number) ||
          __builtin_add_overflow(number, d->negative ? -digit : digit, &number))
        return false;
    }
  }
  *ret = number;
  return true;
}

bool number_to_int64(struct value number, int64_t *ret)
{
  if (number.type != VALUE_NUMBER)
    return false;
  if (stored_int64(number, ret))
    return true;
  if (!(number.flags & VALUE_TEXT))
    return false;
  struct decimal d;
  decimal_of(&d, number);
  return decimal_to_int64(&d, ret);
}

/* Powers of ten that are doubles exactly. */
enum { POWERS_EXACT = 22 };
static const double powers_of_ten[POWERS_EXACT + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* Digits and a power of ten that are both doubles exactly: one operation rounds once. */
static bool decimal_to_double_exact(const struct decimal *d, int64_t exponent, double *ret)
{
  size_t count = digit_count(d);
  int64_t power = exponent - (int64_t)count;
  if (count > 15 || power > POWERS_EXACT || power < -POWERS_EXACT)
    return false;
  int64_t digits = 0;
  for (size_t i = 0; i < count; i++)
    digits = digits * 10 + digit_at(d, i);
  *ret = power < 0 ? (double)digits / powers_of_ten[-power] : (double)digits * powers_of_ten[power];
  return true;
}

/* The C library rounds correctly; it gets the digits without a point, which a locale might write
 * otherwise. No double needs more than 767 digits to be told from its neighbours' middle: of what
 * follows it matters only that it is not zero, and the last digit of a decimal never is. */
static double decimal_to_double_slow(const struct decimal *d, int64_t exponent)
{
  enum { DIGITS_MAX = 780 };
  char text[DIGITS_MAX + 32];
  size_t count = digit_count(d), len = 0;
  bool is_cut = count > DIGITS_MAX;
  if (is_cut)
    count = DIGITS_MAX;
  for (; len < count; len++)
    text[len] = (char)('0' + digit_at(d, len));
  if (is_cut)
    text[len++] = '1';
  snprintf(text + len, sizeof text - len, "e%lld", (long long)(exponent - (int64_t)len));
  return strtod(text, NULL);
}

static bool decimal_to_double(const struct decimal *d, double *ret)
{
  double number = 0;
  if (digit_count(d) > 0) {
    int64_t exponent = exponent_of(d);
    if (exponent > 310)
      return false;
    if (exponent >= -400 && !decimal_to_double_exact(d, exponent, &number))
      number = decimal_to_double_slow(d, exponent);
  }
  if (isinf(number))
    return false;
  *ret = d->negative ? -number : number;
  return true;
}

bool number_to_double(struct value number, double *ret)
{
  if (number.type != VALUE_NUMBER)
    return false;
  if (number.flags & VALUE_TEXT) {
    struct decimal d;
    decimal_of(&d, number);
    return decimal_to_double(&d, ret);
  }
  *ret = number.flags & VALUE_INT ? (double)number.integer : number.real;
  return true;
}

/* ---- text */

/* 0.DIGITS * 10^exponent */
struct shortest {
  char digits[20];
  int count;
  int exponent;
};

/* The number rounded to so many digits. */
static struct shortest round_digits(double number, int count)
{
  char text[48];
  snprintf(text, sizeof text, "%.*e", count - 1, number);
  struct shortest s = {.count = 0};
  const char *at = text;
  for (; *at != 'e'; at++) /* skips the point, whatever the locale takes for one */
    if (is_digit(*at))
      s.digits[s.count++] = *at;
  s.exponent = (int)strtol(at + 1, NULL, 10) + 1;
  return s;
}

static bool reads_back(const struct shortest *s, double number)
{
  char text[48];
  snprintf(text, sizeof text, "%.*se%d", s->count, s->digits, s->exponent - s->count);
  return strtod(text, NULL) == number;
}

/* One more in the last place. */
static void increment(struct shortest *s)
{
  int i = s->count - 1;
  while (i >= 0 && s->digits[i] == '9')
    s->digits[i--] = '0';
  if (i >= 0) {
    s->digits[i]++;
    return;
  }
  s->digits[0] = '1';
  s->exponent++;
}

/*
 * Any 15 digits survive the way into a normal double and back, so a number that has a text of at most
 * 15 digits is found by rounding to 15. Subnormal numbers have less precision: there every length is
 * tried. The doubles below a power of two lie twice as close as those above it, so that there the
 * nearest text may fail where the next one up succeeds.
 */
static struct shortest find_shortest(double number)
{
  uint64_t bits;
  memcpy(&bits, &number, sizeof bits);
  bool is_power = (bits & ((1ULL << 52) - 1)) == 0;
  int count = number < 0x1p-1022 ? 1 : 15;
  for (;; count++) {
    struct shortest s = round_digits(number, count);
    if (count >= 17 || reads_back(&s, number))
      return s;
    if (!is_power)
      continue;
    increment(&s);
    if (reads_back(&s, number))
      return s;
  }
}

struct text_out {
  char *at;
};

static void put(struct text_out *out, char c, int count)
{
  for (; count > 0; count--)
    *out->at++ = c;
}

static void put_digits(struct text_out *out, const char *digits, int count)
{
  memcpy(out->at, digits, (size_t)count);
  out->at += count;
}

/* ECMA-262, Number::toString, with n = exponent and k = count. */
static void put_shortest(struct text_out *out, const struct shortest *s)
{
  int count = s->count, exponent = s->exponent;
  if (exponent > 21 || exponent <= -6) {
    put_digits(out, s->digits, 1);
    if (count > 1)
      put(out, '.', 1);
    put_digits(out, s->digits + 1, count - 1);
    out->at += snprintf(out->at, 8, "e%+d", exponent - 1);
  } else if (exponent <= 0) {
    put(out, '0', 1);
    put(out, '.', 1);
    put(out, '0', -exponent);
    put_digits(out, s->digits, count);
  } else if (count <= exponent) {
    put_digits(out, s->digits, count);
    put(out, '0', exponent - count);
  } else {
    put_digits(out, s->digits, exponent);
    put(out, '.', 1);
    put_digits(out, s->digits + exponent, count - exponent);
  }
}

size_t number_format_double(double number, char out[NUMBER_TEXT_MAX])
{
  struct text_out text = {out};
  if (number == 0) {
    put(&text, '0', 1);
  } else {
    struct shortest s = find_shortest(fabs(number));
    while (s.count > 1 && s.digits[s.count - 1] == '0')
      s.count--;
    if (number < 0)
      put(&text, '-', 1);
    put_shortest(&text, &s);
  }
  *text.at = '\0';
  return (size_t)(text.at - out);
}

void number_write(struct buf *out, struct value number)
{
  char text[NUMBER_TEXT_MAX];
  int64_t integer = 0;
  if (number.type == VALUE_NUMBER && number.flags & VALUE_TEXT)
    buf_add(out, value_str(number));
  else if (number.type != VALUE_NUMBER || stored_int64(number, &integer))
    buf_add(out, str_make(text, format_int64(integer, text)));
  else
    buf_add(out, str_make(text, number_format_double(number.real, text)));
}

/* Digits from .. to of a decimal, zeros behind the last. */
static void add_digits(struct buf *out, const struct decimal *d, size_t from, size_t to)
{
  for (size_t i = from; i < to; i++)
    buf_add_byte(out, (char)('0' + digit_at(d, i)));
}

static void add_decimal(struct buf *out, const struct decimal *d, int64_t exponent)
{
  size_t count = digit_count(d);
  if (exponent > 21 || exponent <= -6) {
    add_digits(out, d, 0, 1);
    if (count > 1)
      buf_add_byte(out, '.');
    add_digits(out, d, 1, count);
    buf_printf(out, "e%+lld", (long long)(exponent - 1));
  } else if (exponent <= 0) {
    buf_add(out, STR("0."));
    buf_add_repeat(out, '0', (size_t)-exponent);
    add_digits(out, d, 0, count);
  } else {
    add_digits(out, d, 0, (size_t)exponent);
    if (count > (size_t)exponent)
      buf_add_byte(out, '.');
    add_digits(out, d, (size_t)exponent, count);
  }
}

bool number_write_normal(struct buf *out, struct value number)
{
  struct decimal d;
  decimal_of(&d, number);
  if (digit_count(&d) == 0) {
    buf_add_byte(out, '0');
    return true;
  }
  if (d.exponent.len > 18 || number.type != VALUE_NUMBER)
    return false;
  int64_t exponent = 0;
  for (size_t i = 0; i < d.exponent.len; i++)
    exponent = exponent * 10 + exponent_digit(&d, i, d.exponent.len);
  if (d.negative)
    buf_add_byte(out, '-');
  add_decimal(out, &d, exponent + d.offset);
  return true;
}
