#include "data/arithmetic.h"

#include "base/mem.h"
#include "data/number.h"

#include <gmp.h>
#include <math.h>

/* An exact decimal: digits * 10^exponent. */
struct decimal {
  mpz_t digits;
  int64_t exponent;
};

/* mantissa * 2^exponent; the mantissa has its highest bit set, or is 0 for zero. */
struct binary {
  bool negative;
  uint64_t mantissa;
  int64_t exponent;
};

enum { MANTISSA_BITS = 64 };

/* ---- memory */

static void *resize(void *p, size_t before, size_t size)
{
  (void)before;
  return mem_resize(p, 1, size);
}

static void release(void *p, size_t size)
{
  (void)size;
  mem_free(p);
}

/* Where memory is out GMP aborts; here it ends as anywhere else. Before main, since nobody may have numbers of GMP by
 * then; those that a library made already are from malloc(3), too. */
__attribute__((constructor)) static void end_properly(void)
{
  mp_set_memory_functions(mem_alloc, resize, release);
}

/* ---- */

static void clear_decimal(struct decimal *d)
{
  mpz_clear(d->digits);
}

static void clear_integer(mpz_t *z)
{
  mpz_clear(*z);
}

#define INTEGER(name)                                                                              \
  _cleanup_(clear_integer) mpz_t name;                                                             \
  mpz_init(name)

static void set_u64(mpz_t z, uint64_t n)
{
  mpz_import(z, 1, 1, sizeof n, 0, 0, &n);
}

static void set_i64(mpz_t z, int64_t n)
{
  set_u64(z, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
  if (n < 0)
    mpz_neg(z, z);
}

static bool get_i64(const mpz_t z, int64_t *ret)
{
  if (mpz_sizeinbase(z, 2) > 63)
    return false;
  uint64_t n = 0;
  mpz_export(&n, NULL, 1, sizeof n, 0, 0, z);
  *ret = mpz_sgn(z) < 0 ? -(int64_t)n : (int64_t)n;
  return true;
}

static int too_large(struct error *err)
{
  return error_set(err, SW_ELIMIT, "number has more than %d digits", ARITHMETIC_DIGITS_MAX);
}

/* ---- decimals */

/* Digits without the point, zero-terminated; the exponent as written less the digits behind the
 * point. */
static int read_literal(struct str s, char *digits, int64_t *ret_exponent)
{
  size_t at = 0, used = 0;
  int64_t exponent = 0, behind = 0;
  bool point = false;
  for (; at < s.len && s.data[at] != 'e' && s.data[at] != 'E'; at++) {
    if (s.data[at] == '.') {
      point = true;
      continue;
    }
    if (s.data[at] == '+')
      continue;
    behind += point;
    digits[used++] = s.data[at];
  }
  digits[used] = '\0';
  if (at < s.len) {
    bool negative = ++at < s.len && s.data[at] == '-';
    at += at < s.len && (s.data[at] == '-' || s.data[at] == '+');
    for (; at < s.len && exponent < 1000000000; at++)
      exponent = exponent * 10 + (s.data[at] - '0');
    if (negative)
      exponent = -exponent;
  }
  *ret_exponent = exponent - behind;
  return 0;
}

/* Initialises d also where it fails. */
static int decimal_from_literal(struct decimal *d, struct str s, struct error *err)
{
  mpz_init(d->digits);
  d->exponent = 0;
  if (s.len > ARITHMETIC_DIGITS_MAX + 32)
    return too_large(err);
  char digits[ARITHMETIC_DIGITS_MAX + 34];
  read_literal(s, digits, &d->exponent);
  if (mpz_set_str(d->digits, digits, 10) < 0)
    return error_set(err, SW_EINVAL, "not a number");
  if (mpz_sgn(d->digits) == 0)
    d->exponent = 0;
  if (d->exponent > ARITHMETIC_DIGITS_MAX || d->exponent < -2 * ARITHMETIC_DIGITS_MAX)
    return too_large(err);
  return 0;
}

static int decimal_from(struct decimal *d, struct value v, struct error *err)
{
  if (v.type != VALUE_NUMBER) {
    mpz_init(d->digits);
    d->exponent = 0;
    return error_set(err, SW_EINVAL, "not a number");
  }
  if (v.flags & VALUE_TEXT)
    return decimal_from_literal(d, value_str(v), err);
  if (v.flags & VALUE_DOUBLE) {
    char text[NUMBER_TEXT_MAX];
    return decimal_from_literal(d, str_make(text, number_format_double(v.real, text)), err);
  }
  mpz_init(d->digits);
  d->exponent = 0;
  set_i64(d->digits, v.integer);
  return 0;
}

/* Turns the decimal into an integer with exponent 0, if it is one. */
static bool decimal_to_integer(struct decimal *d)
{
  if (d->exponent == 0)
    return true;
  INTEGER(power);
  mpz_ui_pow_ui(power, 10, (unsigned long)(d->exponent > 0 ? d->exponent : -d->exponent));
  if (d->exponent > 0) {
    mpz_mul(d->digits, d->digits, power);
  } else {
    if (!mpz_divisible_p(d->digits, power))
      return false;
    mpz_divexact(d->digits, d->digits, power);
  }
  d->exponent = 0;
  return true;
}

static int give_integer(struct arena *a, const mpz_t z, struct value *ret, struct error *err)
{
  int64_t small;
  if (get_i64(z, &small)) {
    *ret = value_int(small);
    return 0;
  }
  if (mpz_sizeinbase(z, 2) > ARITHMETIC_BITS_MAX)
    return too_large(err);
  char *text = arena_alloc(a, mpz_sizeinbase(z, 10) + 2);
  mpz_get_str(text, 10, z);
  *ret = number_from_literal(str_from(text));
  return 0;
}

/* ---- 64 bits of mantissa */

/* z * 2^exponent, rounded; sticky: a little more than that. z is not negative. */
static struct binary round_binary(const mpz_t z, bool sticky, int64_t exponent, bool negative)
{
  struct binary b = {.negative = negative};
  if (mpz_sgn(z) == 0)
    return b;
  size_t bits = mpz_sizeinbase(z, 2);
  INTEGER(top);
  if (bits <= MANTISSA_BITS) {
    mpz_mul_2exp(top, z, MANTISSA_BITS - bits);
    mpz_export(&b.mantissa, NULL, 1, sizeof b.mantissa, 0, 0, top);
    b.exponent = exponent - (int64_t)(MANTISSA_BITS - bits);
    return b;
  }
  size_t dropped = bits - MANTISSA_BITS;
  mpz_tdiv_q_2exp(top, z, dropped);
  mpz_export(&b.mantissa, NULL, 1, sizeof b.mantissa, 0, 0, top);
  b.exponent = exponent + (int64_t)dropped;
  bool half = mpz_tstbit(z, dropped - 1);
  bool more = sticky || mpz_scan1(z, 0) < dropped - 1;
  if (half && (more || (b.mantissa & 1)) && ++b.mantissa == 0) {
    b.mantissa = 1ULL << 63;
    b.exponent++;
  }
  return b;
}

/* numerator / denominator * 2^exponent; both positive, or the numerator 0. */
static struct binary divide_binary(const mpz_t numerator, const mpz_t denominator, int64_t exponent,
                                   bool negative)
{
  int64_t shift = MANTISSA_BITS + 2 + (int64_t)mpz_sizeinbase(denominator, 2) -
                  (int64_t)mpz_sizeinbase(numerator, 2);
  if (shift < 0)
    shift = 0;
  INTEGER(quotient);
  INTEGER(rest);
  mpz_mul_2exp(quotient, numerator, (mp_bitcnt_t)shift);
  mpz_tdiv_qr(quotient, rest, quotient, denominator);
  return round_binary(quotient, mpz_sgn(rest) != 0, exponent - shift, negative);
}

static struct binary binary_from_decimal(const struct decimal *d)
{
  bool negative = mpz_sgn(d->digits) < 0;
  INTEGER(digits);
  INTEGER(power);
  mpz_abs(digits, d->digits);
  mpz_ui_pow_ui(power, 10, (unsigned long)(d->exponent < 0 ? -d->exponent : d->exponent));
  if (d->exponent < 0)
    return divide_binary(digits, power, 0, negative);
  mpz_mul(digits, digits, power);
  return round_binary(digits, false, 0, negative);
}

static struct binary add_binary(struct binary x, struct binary y)
{
  if (x.mantissa == 0)
    return y;
  if (y.mantissa == 0)
    return x;
  int64_t low = x.exponent < y.exponent ? x.exponent : y.exponent;
  INTEGER(p);
  INTEGER(q);
  set_u64(p, x.mantissa);
  set_u64(q, y.mantissa);
  mpz_mul_2exp(p, p, (mp_bitcnt_t)(x.exponent - low));
  mpz_mul_2exp(q, q, (mp_bitcnt_t)(y.exponent - low));
  if (x.negative)
    mpz_neg(p, p);
  if (y.negative)
    mpz_neg(q, q);
  mpz_add(p, p, q);
  bool negative = mpz_sgn(p) < 0;
  mpz_abs(p, p);
  return round_binary(p, false, low, negative);
}

static struct binary multiply_binary(struct binary x, struct binary y)
{
  INTEGER(p);
  INTEGER(q);
  set_u64(p, x.mantissa);
  set_u64(q, y.mantissa);
  mpz_mul(p, p, q);
  return round_binary(p, false, x.exponent + y.exponent, x.negative != y.negative);
}

static struct binary quotient_binary(struct binary x, struct binary y)
{
  INTEGER(p);
  INTEGER(q);
  set_u64(p, x.mantissa);
  set_u64(q, y.mantissa);
  return divide_binary(p, q, x.exponent - y.exponent, x.negative != y.negative);
}

/* The number rounded to `count` significant digits: digits * 10^exponent. */
static void round_digits(struct binary b, int count, struct decimal *d)
{
  int64_t place = (int64_t)floor(log10((double)b.mantissa) + (double)b.exponent * log10(2)) + 1;
  INTEGER(numerator);
  INTEGER(denominator);
  INTEGER(rest);
  for (;; place++) {
    int64_t scale = place - count;
    set_u64(numerator, b.mantissa);
    mpz_ui_pow_ui(denominator, 10, (unsigned long)(scale < 0 ? -scale : scale));
    if (scale < 0) {
      mpz_mul(numerator, numerator, denominator);
      mpz_set_ui(denominator, 1);
    }
    if (b.exponent >= 0)
      mpz_mul_2exp(numerator, numerator, (mp_bitcnt_t)b.exponent);
    else
      mpz_mul_2exp(denominator, denominator, (mp_bitcnt_t)-b.exponent);
    mpz_tdiv_qr(d->digits, rest, numerator, denominator);
    mpz_mul_2exp(rest, rest, 1);
    int order = mpz_cmp(rest, denominator);
    if (order > 0 || (order == 0 && mpz_odd_p(d->digits)))
      mpz_add_ui(d->digits, d->digits, 1);
    d->exponent = scale;
    mpz_ui_pow_ui(rest, 10, (unsigned long)count);
    if (mpz_cmp(d->digits, rest) < 0)
      return;
    if (mpz_cmp(d->digits, rest) == 0) { /* 9.99 became 10.0 */
      mpz_divexact_ui(d->digits, d->digits, 10);
      d->exponent++;
      return;
    }
  }
}

static bool reads_back(const struct decimal *d, struct binary b)
{
  struct binary again = binary_from_decimal(d);
  return again.mantissa == b.mantissa && again.exponent == b.exponent;
}

/* More digits never read back worse, so that the least number of them can be halved in on. */
static void shortest_digits(struct binary b, struct decimal *d)
{
  int low = 1, high = 22;
  while (low < high) {
    int middle = (low + high) / 2;
    round_digits(b, middle, d);
    if (reads_back(d, b))
      high = middle;
    else
      low = middle + 1;
  }
  round_digits(b, low, d);
}

static bool is_whole(struct binary b)
{
  if (b.mantissa == 0 || b.exponent >= 0)
    return true;
  return b.exponent > -MANTISSA_BITS && __builtin_ctzll(b.mantissa) >= -b.exponent;
}

/* digits * 10^exponent, as Go's %g writes it. */
static struct str write_decimal(struct arena *a, bool negative, const char *digits,
                                int64_t exponent)
{
  int count = (int)strlen(digits);
  while (count > 1 && digits[count - 1] == '0') {
    count--;
    exponent++;
  }
  int64_t point = count + exponent; /* 0.DIGITS * 10^point */
  const char *sign = negative ? "-" : "";
  if (point - 1 < -4 || point - 1 >= 6)
    return arena_printf(a, "%s%c%s%.*se%c%02lld", sign, digits[0], count > 1 ? "." : "", count - 1,
                        digits + 1, point < 1 ? '-' : '+',
                        (long long)(point < 1 ? 1 - point : point - 1));
  if (point <= 0)
    return arena_printf(a, "%s0.%.*s%.*s", sign, (int)-point, "00000000", count, digits);
  return arena_printf(a, "%s%.*s.%.*s", sign, (int)point, digits, count - (int)point,
                      digits + point);
}

static int give_binary(struct arena *a, struct binary b, struct value *ret, struct error *err)
{
  if (b.mantissa == 0) {
    *ret = value_int(0);
    return 0;
  }
  if (b.exponent > ARITHMETIC_BITS_MAX || b.exponent < -2 * ARITHMETIC_BITS_MAX)
    return too_large(err);
  _cleanup_(clear_decimal) struct decimal d = {.exponent = 0};
  mpz_init(d.digits);
  shortest_digits(b, &d);
  if (is_whole(b)) {
    if (b.negative)
      mpz_neg(d.digits, d.digits);
    decimal_to_integer(&d);
    return give_integer(a, d.digits, ret, err);
  }
  char digits[64];
  mpz_get_str(digits, 10, d.digits);
  *ret = number_from_literal(write_decimal(a, b.negative, digits, d.exponent));
  return 0;
}

/* ---- operations */

static int shift_integer(mpz_t result, enum arithmetic_operation operation, const mpz_t x,
                         const mpz_t y, struct error *err)
{
  int64_t count;
  if (mpz_sgn(y) < 0)
    return error_set(err, SW_EINVAL, "negative shift");
  bool is_far = !get_i64(y, &count) || count > ARITHMETIC_BITS_MAX;
  if (operation == ARITHMETIC_RSH)
    mpz_fdiv_q_2exp(result, x, is_far ? ARITHMETIC_BITS_MAX * 2 : (mp_bitcnt_t)count);
  else if (is_far && mpz_sgn(x))
    return too_large(err);
  else
    mpz_mul_2exp(result, x, is_far ? 0 : (mp_bitcnt_t)count);
  return 0;
}

static int integer_operation(struct arena *a, enum arithmetic_operation operation, const mpz_t x,
                             const mpz_t y, struct value *ret, struct error *err)
{
  INTEGER(result);
  switch (operation) {
  case ARITHMETIC_PLUS:
    mpz_add(result, x, y);
    break;
  case ARITHMETIC_MINUS:
    mpz_sub(result, x, y);
    break;
  case ARITHMETIC_TIMES:
    mpz_mul(result, x, y);
    break;
  case ARITHMETIC_REM:
    if (mpz_sgn(y) == 0)
      return error_set(err, SW_EINVAL, "modulo by zero");
    mpz_tdiv_r(result, x, y);
    break;
  case ARITHMETIC_AND:
    mpz_and(result, x, y);
    break;
  case ARITHMETIC_OR:
    mpz_ior(result, x, y);
    break;
  case ARITHMETIC_XOR:
    mpz_xor(result, x, y);
    break;
  default: {
    int rc = shift_integer(result, operation, x, y, err);
    if (rc < 0)
      return rc;
  }
  }
  return give_integer(a, result, ret, err);
}

static int binary_operation(struct arena *a, enum arithmetic_operation operation,
                            const struct decimal *x, const struct decimal *y, struct value *ret,
                            struct error *err)
{
  struct binary p = binary_from_decimal(x), q = binary_from_decimal(y), result;
  switch (operation) {
  case ARITHMETIC_MINUS:
    q.negative = !q.negative;
    result = add_binary(p, q);
    break;
  case ARITHMETIC_TIMES:
    result = multiply_binary(p, q);
    break;
  case ARITHMETIC_DIVIDE:
    result = quotient_binary(p, q);
    break;
  default:
    result = add_binary(p, q);
  }
  return give_binary(a, result, ret, err);
}

static int on_decimals(struct arena *a, enum arithmetic_operation operation, struct decimal *x,
                       struct decimal *y, struct value *ret, struct error *err)
{
  if (operation == ARITHMETIC_DIVIDE) {
    if (mpz_sgn(y->digits) == 0)
      return error_set(err, SW_EINVAL, "divide by zero");
    return binary_operation(a, operation, x, y, ret, err);
  }
  bool x_whole = decimal_to_integer(x), y_whole = decimal_to_integer(y);
  if (x_whole && y_whole)
    return integer_operation(a, operation, x->digits, y->digits, ret, err);
  if (operation == ARITHMETIC_REM)
    return error_set(err, SW_EINVAL, "modulo on floating-point number");
  if (operation > ARITHMETIC_REM)
    return error_set(err, SW_EINVAL, "not an integer");
  return binary_operation(a, operation, x, y, ret, err);
}

/* What int64_t can do beyond the three operations that are inline. */
static bool on_small(enum arithmetic_operation operation, int64_t x, int64_t y, int64_t *ret)
{
  switch (operation) {
  case ARITHMETIC_DIVIDE:
    if (y == 0 || y == -1 || x % y != 0)
      return false;
    *ret = x / y;
    return true;
  case ARITHMETIC_REM:
    if (y == 0 || y == -1)
      return false;
    *ret = x % y;
    return true;
  case ARITHMETIC_AND:
    *ret = x & y;
    return true;
  case ARITHMETIC_OR:
    *ret = x | y;
    return true;
  case ARITHMETIC_XOR:
    *ret = x ^ y;
    return true;
  default:
    return false;
  }
}

int arithmetic_slow(struct arena *a, enum arithmetic_operation operation, struct value x,
                    struct value y, struct value *ret_result, struct error *err)
{
  int64_t p, q, r;
  if (value_to_int(x, &p) && value_to_int(y, &q) && on_small(operation, p, q, &r)) {
    *ret_result = value_int(r);
    return 0;
  }
  _cleanup_(clear_decimal) struct decimal d, e;
  int first = decimal_from(&d, x, err);
  int second = decimal_from(&e, y, first < 0 ? NULL : err);
  if (first < 0 || second < 0)
    return first < 0 ? first : second;
  return on_decimals(a, operation, &d, &e, ret_result, err);
}

/* Digits * 10^exponent with a negative exponent, to an integer. */
static void round_decimal(struct decimal *d, enum arithmetic_unary operation)
{
  INTEGER(power);
  mpz_ui_pow_ui(power, 10, (unsigned long)-d->exponent);
  d->exponent = 0;
  switch (operation) {
  case ARITHMETIC_CEIL:
    mpz_cdiv_q(d->digits, d->digits, power);
    break;
  case ARITHMETIC_FLOOR:
    mpz_fdiv_q(d->digits, d->digits, power);
    break;
  case ARITHMETIC_TRUNC:
    mpz_tdiv_q(d->digits, d->digits, power);
    break;
  default: {
    INTEGER(half);
    mpz_tdiv_q_2exp(half, power, 1);
    if (mpz_sgn(d->digits) < 0)
      mpz_sub(d->digits, d->digits, half);
    else
      mpz_add(d->digits, d->digits, half);
    mpz_tdiv_q(d->digits, d->digits, power);
  }
  }
}

/* The text of a number that is no integer, without its sign. */
static struct value without_sign(struct arena *a, struct value x)
{
  char text[NUMBER_TEXT_MAX];
  struct str s = value_str(x);
  if (x.flags & VALUE_DOUBLE)
    s = str_make(text, number_format_double(x.real, text));
  if (s.len && s.data[0] == '-')
    s = str_sub(s, 1, s.len);
  return number_from_literal(arena_copy(a, s));
}

int arithmetic_unary(struct arena *a, enum arithmetic_unary operation, struct value x,
                     struct value *ret_result, struct error *err)
{
  int64_t small;
  if (value_to_int(x, &small) && small != INT64_MIN) {
    if (operation == ARITHMETIC_NEGATE)
      small = -small - 1;
    else if (operation == ARITHMETIC_ABS && small < 0)
      small = -small;
    *ret_result = value_int(small);
    return 0;
  }
  _cleanup_(clear_decimal) struct decimal d;
  int rc = decimal_from(&d, x, err);
  if (rc < 0)
    return rc;
  if (!decimal_to_integer(&d)) {
    if (operation == ARITHMETIC_NEGATE)
      return error_set(err, SW_EINVAL, "not an integer");
    if (operation == ARITHMETIC_ABS) {
      *ret_result = without_sign(a, x);
      return 0;
    }
    round_decimal(&d, operation);
  }
  if (operation == ARITHMETIC_ABS)
    mpz_abs(d.digits, d.digits);
  else if (operation == ARITHMETIC_NEGATE)
    mpz_com(d.digits, d.digits);
  return give_integer(a, d.digits, ret_result, err);
}

int arithmetic_scale(struct arena *a, struct str literal, uint64_t numerator, uint64_t denominator,
                     unsigned places, struct value *ret_result, struct error *err)
{
  _cleanup_(clear_decimal) struct decimal d;
  int rc = decimal_from_literal(&d, literal, err);
  if (rc < 0)
    return rc;
  INTEGER(factor);
  INTEGER(divisor);
  set_u64(factor, numerator);
  mpz_mul(d.digits, d.digits, factor);
  set_u64(divisor, denominator);
  mpz_ui_pow_ui(factor, 10, (unsigned long)(d.exponent < 0 ? -d.exponent : d.exponent));
  if (d.exponent < 0)
    mpz_mul(divisor, divisor, factor);
  else
    mpz_mul(d.digits, d.digits, factor);
  if (mpz_divisible_p(d.digits, divisor)) {
    mpz_divexact(d.digits, d.digits, divisor);
    return give_integer(a, d.digits, ret_result, err);
  }
  bool negative = mpz_sgn(d.digits) < 0;
  mpz_abs(d.digits, d.digits);
  mpz_ui_pow_ui(factor, 10, places);
  mpz_mul(d.digits, d.digits, factor);
  mpz_mul_2exp(d.digits, d.digits, 1);
  mpz_add(d.digits, d.digits, divisor);
  mpz_mul_2exp(divisor, divisor, 1);
  mpz_tdiv_q(d.digits, d.digits, divisor);
  if (mpz_sizeinbase(d.digits, 2) > ARITHMETIC_BITS_MAX)
    return too_large(err);
  mpz_tdiv_qr(divisor, d.digits, d.digits, factor);
  char *text = arena_alloc(a, mpz_sizeinbase(divisor, 10) + places + 4);
  size_t len = 0;
  if (negative)
    text[len++] = '-';
  mpz_get_str(text + len, 10, divisor);
  len += strlen(text + len);
  text[len++] = '.';
  mpz_add(d.digits, d.digits, factor); /* a one in front keeps the zeros */
  mpz_get_str(text + len, 10, d.digits);
  memmove(text + len, text + len + 1, places);
  *ret_result = number_from_literal(str_make(text, len + places));
  return 0;
}

int arithmetic_format(struct arena *a, struct value x, int base, struct str *ret_text,
                      struct error *err)
{
  _cleanup_(clear_decimal) struct decimal d;
  int rc = decimal_from(&d, x, err);
  if (rc < 0)
    return rc;
  if (!decimal_to_integer(&d))
    round_decimal(&d, ARITHMETIC_TRUNC);
  if (mpz_sizeinbase(d.digits, 2) > ARITHMETIC_BITS_MAX)
    return too_large(err);
  char *text = arena_alloc(a, mpz_sizeinbase(d.digits, base) + 2);
  mpz_get_str(text, base, d.digits);
  *ret_text = str_from(text);
  return 0;
}
