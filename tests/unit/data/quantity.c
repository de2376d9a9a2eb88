#include "../test.h"

#include "base/mem.h"
#include "data/number.h"
#include "data/quantity.h"

#include <math.h>

static struct quantity parse(const char *text)
{
  struct quantity q = {.scale = 99};
  struct error err;
  if (quantity_parse(str_from(text), &q, &err) < 0)
    fail_msg("%s: %s", text, err.message);
  return q;
}

static void reads_and_writes_canonically(void **state)
{
  (void)state;
  static const struct {
    const char *text, *canonical;
  } cases[] = {
      {"0", "0"},
      {"0n", "0"},
      {"0Mi", "0"},
      {"-0", "0"},
      {"00", "0"},
      {"0.000k", "0"},
      {"1", "1"},
      {"+1", "1"},
      {"-1", "-1"},
      {"007", "7"},
      {"100", "100"},
      {"1000", "1k"},
      {"1n", "1n"},
      {"1000n", "1u"},
      {"1000u", "1m"},
      {"1000m", "1"},
      {"1k", "1k"},
      {"12k", "12k"},
      {"1000k", "1M"},
      {"1M", "1M"},
      {"1G", "1G"},
      {"1T", "1T"},
      {"1P", "1P"},
      {"1E", "1E"},
      {"1000P", "1E"},
      {"1000E", "1e21"},
      {"1500E", "1500E"},
      {"1.5", "1500m"},
      {"1.", "1"},
      {".5", "500m"},
      {"0.5", "500m"},
      {"1.50k", "1500"},
      {"100m", "100m"},
      {"0.1", "100m"},
      {"1.2345", "1234500u"},
      {"-1.5", "-1500m"},
      {"1Ki", "1Ki"},
      {"1024", "1024"},
      {"1024Ki", "1Mi"},
      {"1.5Gi", "1536Mi"},
      {"1Ei", "1Ei"},
      {"512Mi", "512Mi"},
      {"0.5Ki", "512"},
      {"1023Ki", "1023Ki"},
      {"0.5Mi", "512Ki"},
      {"-1Mi", "-1Mi"},
      {"1.1Ki", "1126400m"},
      {"0.001Ki", "1024m"},
      {"0.0001Ki", "102400u"},
      {"1e3", "1e3"},
      {"1E3", "1e3"},
      {"1e0", "1"},
      {"12e2", "1200"},
      {"1e-3", "1e-3"},
      {"1E+6", "1e6"},
      {"1.5e3", "1500"},
      {"123456e-7", "12345600e-9"},
      {"1e1", "10"},
      {"100e1", "1e3"},
      {"1e00003", "1e3"},
      /* rounded away from zero to the next billionth */
      {"0.1n", "1n"},
      {"0.9n", "1n"},
      {"1.1n", "2n"},
      {"-0.1n", "-1n"},
      {"0.00000000001", "1n"},
      {"1e-400", "1e-9"},
      {"1e-99999999999", "1e-9"},
      {"0e99999999999", "0"},
      {"1.0000000001", "1000000001n"},
      {"0.1u", "100n"},
      {"0.0000000000000000001Ki", "1n"},
      /* binary ones end at 2^63-1, decimal ones do not */
      {"8Ei", "9223372036854775807"},
      {"-8Ei", "-9223372036854775807"},
      {"9223372036854775807Ki", "9223372036854775807"},
      {"7.9Ei", "9108079886394091110400m"},
      {"99999999999999999999999999999999999999999Ki", "9223372036854775807"},
      {"18446744073709551616", "18446744073709551616"},
      {"100E", "100E"},
      {"99999999999999999999999999999999999999", "99999999999999999999999999999999999999"},
      /* digits that are missing are 0, as they are in Kubernetes */
      {"Mi", "0"},
      {".", "0"},
      {"-", "0"},
      {"e3", "0"},
      {".Ki", "0"},
      {"m", "0"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct quantity q = parse(cases[i].text), again;
    _cleanup_(buf_free) struct buf out = {0};
    quantity_write(&out, q);
    assert_str(buf_str(&out), cases[i].canonical);
    again = parse(buf_text(&out));
    assert_int_equal(quantity_compare(q, again), 0);
  }
}

static void remembers_the_format(void **state)
{
  (void)state;
  assert_int_equal(parse("1Ki").format, QUANTITY_BINARY);
  assert_int_equal(parse("1k").format, QUANTITY_DECIMAL);
  assert_int_equal(parse("1").format, QUANTITY_DECIMAL);
  assert_int_equal(parse("1e3").format, QUANTITY_EXPONENT);
  assert_int_equal(parse("1E3").format, QUANTITY_EXPONENT);
  assert_int_equal(parse("1E").format, QUANTITY_DECIMAL);
  assert_int_equal(parse("0.0001Ki").format, QUANTITY_DECIMAL);
}

static void says_what_is_wrong(void **state)
{
  (void)state;
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"", "the quantity is empty"},
      {"512mb", "\"512mb\": unknown suffix \"mb\", did you mean \"512M\" or \"512Mi\"?"},
      {"512MB", "unknown suffix \"MB\", did you mean \"512M\" or \"512Mi\"?"},
      {"1.5gib", "did you mean \"1.5G\" or \"1.5Gi\"?"},
      {"5K", "did you mean \"5k\" or \"5Ki\"?"},
      {"5KB", "did you mean \"5k\" or \"5Ki\"?"},
      {"5g", "did you mean \"5G\" or \"5Gi\"?"},
      {"5mi", "did you mean \"5M\" or \"5Mi\"?"},
      {"100bytes", "bytes need none"},
      {"100B", "bytes need none"},
      {"1.1.M", "a second decimal point"},
      {"1+1.0M", "unknown suffix \"+1.0M\""},
      {"0.1am", "unknown suffix \"am\""},
      {"aoeu", "must begin with a number"},
      {".5i", "unknown suffix \"i\""},
      {"-3.01i", "unknown suffix \"i\""},
      {"-3.01e-", "unknown suffix \"e-\""},
      {"1e", "unknown suffix \"e\", did you mean \"1E\" or \"1Ei\"?"},
      {"1e3Ki", "unknown suffix \"e3Ki\""},
      {"1e1.5", "unknown suffix \"e1.5\""},
      {"1Ki3", "unknown suffix \"Ki3\""},
      {"1KiKi", "unknown suffix \"KiKi\""},
      {"1 Mi", "a quantity has no spaces"},
      {" 1", "a quantity has no spaces"},
      {"1 ", "a quantity has no spaces"},
      {"1,5", "must be \".\" or nothing"},
      {"--1", "unknown suffix \"-1\""},
      {"+-1", "unknown suffix \"-1\""},
      {"1_000", "unknown suffix \"_000\""},
      {"0x10", "unknown suffix \"x10\""},
      {"\xc3\xa9", "must begin with a number"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct error err;
    struct quantity q = {.scale = 99};
    assert_int_equal(quantity_parse(str_from(cases[i].text), &q, &err), SW_EINVAL);
    assert_error(err, SW_EINVAL, cases[i].message);
    assert_int_equal(q.scale, 99);
  }
}

static void has_limits(void **state)
{
  (void)state;
  struct quantity q;
  struct error err;
  char text[QUANTITY_LENGTH_MAX + 1];
  memset(text, '0', sizeof text);
  assert_int_equal(quantity_parse(str_make(text, QUANTITY_LENGTH_MAX), &q, &err), 0);
  assert_int_equal(quantity_parse(str_make(text, sizeof text), &q, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "1025 characters");
  assert_int_equal(quantity_parse(STR("1e1000"), &q, &err), 0);
  assert_int_equal(quantity_parse(STR("1e1001"), &q, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "beyond 1000");
  assert_int_equal(quantity_parse(STR("1e99999999999999999999"), &q, &err), SW_ELIMIT);
  assert_int_equal(quantity_parse(STR("111111111111111111111111111111111111111"), &q, &err),
                   SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "38 significant digits");
}

static void gives_integers_rounded_away_from_zero(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    int64_t units, thousandths;
    bool exact;
  } cases[] = {
      {"0", 0, 0, true},
      {"1", 1, 1000, true},
      {"1500m", 2, 1500, false},
      {"-1500m", -2, -1500, false},
      {"1n", 1, 1, false},
      {"-1n", -1, -1, false},
      {"1Gi", 1073741824, 1073741824000, true},
      {"0.9", 1, 900, false},
      {"1.0", 1, 1000, true},
      {"1000m", 1, 1000, true},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct quantity q = parse(cases[i].text);
    int64_t n = 4711;
    assert_true(quantity_ceil(q, &n));
    assert_true(n == cases[i].units);
    assert_true(quantity_scaled(q, -3, &n));
    assert_true(n == cases[i].thousandths);
    assert_int_equal(quantity_to_int(q, &n), cases[i].exact);
  }
  int64_t n = 4711;
  assert_true(quantity_ceil(parse("9223372036854775807"), &n) && n == INT64_MAX);
  assert_true(quantity_ceil(parse("-9223372036854775808"), &n) && n == INT64_MIN);
  assert_false(quantity_ceil(parse("9223372036854775808"), &n));
  assert_false(quantity_ceil(parse("9223372036854775807.1"), &n));
  assert_false(quantity_ceil(parse("1e1000"), &n));
  assert_true(quantity_scaled(parse("1e1000"), 18, &n) == false);
  assert_true(quantity_scaled(parse("9.3E"), 18, &n) && n == 10);
}

static void gives_numbers(void **state)
{
  (void)state;
  static const struct {
    const char *text, *number;
  } cases[] = {{"1.5", "1.5"},
               {"-0.5", "-0.5"},
               {"1n", "0.000000001"},
               {"12.345678901", "12.345678901"},
               {"1Mi", "1048576"},
               {"100E", "100000000000000000000"},
               {"-1e20", "-100000000000000000000"},
               {"250m", "0.25"},
               {"0", "0"}};
  struct arena a;
  arena_init(&a, 0);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    _cleanup_(buf_free) struct buf out = {0};
    struct value v = quantity_to_number(&a, parse(cases[i].text));
    number_write(&out, v);
    assert_str(buf_str(&out), cases[i].number);
    assert_true(number_is_literal(buf_str(&out)));
  }
  assert_true(quantity_to_double(parse("1.5Gi")) == 1610612736.0);
  assert_true(quantity_to_double(parse("-100m")) == -0.1);
  assert_true(isinf(quantity_to_double(parse("1e400"))));
  arena_free(&a);
}

static void takes_values(void **state)
{
  (void)state;
  struct quantity q;
  struct error err;
  int64_t n;
  assert_int_equal(quantity_from_value(value_from("1Ki"), &q, NULL), 0);
  assert_true(quantity_to_int(q, &n) && n == 1024);
  assert_int_equal(quantity_from_value(value_int(INT64_MIN), &q, NULL), 0);
  assert_true(quantity_to_int(q, &n) && n == INT64_MIN);
  assert_int_equal(quantity_from_value(number_from_literal(STR("0.5")), &q, NULL), 0);
  assert_int_equal(quantity_compare(q, parse("500m")), 0);
  assert_int_equal(quantity_from_value(number_from_double(0.25), &q, NULL), 0);
  assert_int_equal(quantity_compare(q, parse("250m")), 0);
  assert_int_equal(quantity_from_value(value_bool(true), &q, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "this is a boolean");
  assert_int_equal(quantity_from_value(value_null(), &q, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "this is null");
}

static void adds_and_subtracts(void **state)
{
  (void)state;
  static const struct {
    const char *a, *b, *sum;
  } cases[] = {{"1", "1", "2"},      {"1Gi", "512Mi", "1536Mi"}, {"100m", "0.9", "1"},
               {"0", "1Mi", "1Mi"},  {"1k", "-1k", "0"},         {"1n", "1", "1000000001n"},
               {"1e3", "1", "1001"}, {"-1Ki", "1", "-1023"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct quantity sum, back;
    _cleanup_(buf_free) struct buf out = {0};
    assert_true(quantity_add(parse(cases[i].a), parse(cases[i].b), &sum));
    quantity_write(&out, sum);
    assert_str(buf_str(&out), cases[i].sum);
    assert_true(quantity_subtract(sum, parse(cases[i].b), &back));
    assert_int_equal(quantity_compare(back, parse(cases[i].a)), 0);
  }
  struct quantity sum;
  assert_false(quantity_add(parse("1e50"), parse("1"), &sum));
  assert_false(quantity_add(parse("99999999999999999999999999999999999999"), parse("0.1"), &sum));
}

/*
 * The slow way: every quantity as 220 decimal digits around a fixed point, made from the text with
 * long multiplication only.
 */
enum { SLOW_DIGITS = 220, SLOW_POINT = 60 };

struct slow {
  uint8_t digits[SLOW_DIGITS]; /* least first; digits[SLOW_POINT] counts ones */
  bool negative;
};

static void slow_times_two(struct slow *s)
{
  unsigned carry = 0;
  for (int i = 0; i < SLOW_DIGITS; i++) {
    unsigned d = s->digits[i] * 2U + carry;
    s->digits[i] = (uint8_t)(d % 10);
    carry = d / 10;
  }
}

static bool slow_is_zero(const struct slow *s, int from, int to)
{
  for (int i = from; i < to; i++)
    if (s->digits[i])
      return false;
  return true;
}

/* digits, places behind the point, power of ten, power of two */
static struct slow slow_make(bool negative, const char *digits, int places, int tens, int twos)
{
  struct slow s = {.negative = negative};
  int len = (int)strlen(digits);
  for (int i = 0; i < len; i++)
    s.digits[SLOW_POINT + tens - places + i] = (uint8_t)(digits[len - 1 - i] - '0');
  for (int i = 0; i < twos; i++)
    slow_times_two(&s);
  bool rounded = !slow_is_zero(&s, 0, SLOW_POINT - 9);
  memset(s.digits, 0, SLOW_POINT - 9);
  for (int i = SLOW_POINT - 9; rounded && i < SLOW_DIGITS; i++) {
    rounded = ++s.digits[i] == 10;
    if (rounded)
      s.digits[i] = 0;
  }
  if (slow_is_zero(&s, 0, SLOW_DIGITS))
    s.negative = false;
  return s;
}

static int slow_compare_digits(const struct slow *a, const struct slow *b)
{
  for (int i = SLOW_DIGITS - 1; i >= 0; i--)
    if (a->digits[i] != b->digits[i])
      return a->digits[i] < b->digits[i] ? -1 : 1;
  return 0;
}

static int slow_compare(const struct slow *a, const struct slow *b)
{
  if (a->negative != b->negative)
    return a->negative ? -1 : 1;
  int order = slow_compare_digits(a, b);
  return a->negative ? -order : order;
}

static uint32_t draw(uint32_t *seed, uint32_t below)
{
  *seed = *seed * 1664525 + 1013904223;
  return (*seed >> 8) % below;
}

/* A random quantity's text, and its value the slow way. */
static struct slow draw_quantity(uint32_t *seed, char *text, size_t size)
{
  static const struct {
    const char *suffix;
    int tens, twos;
  } suffixes[] = {{"n", -9, 0},  {"u", -6, 0},  {"m", -3, 0},   {"", 0, 0},     {"k", 3, 0},
                  {"M", 6, 0},   {"G", 9, 0},   {"T", 12, 0},   {"P", 15, 0},   {"E", 18, 0},
                  {"Ki", 0, 10}, {"Mi", 0, 20}, {"Gi", 0, 30},  {"Ti", 0, 40},  {"Pi", 0, 50},
                  {"Ei", 0, 60}, {"e3", 3, 0},  {"E-7", -7, 0}, {"e+11", 11, 0}};
  char digits[32] = "";
  int whole = (int)draw(seed, 8), places = (int)draw(seed, 13);
  bool few = draw(seed, 2);
  for (int i = 0; i < whole + places; i++)
    digits[i] = (char)('0' + draw(seed, few ? 2 : 10));
  uint32_t which = draw(seed, sizeof suffixes / sizeof suffixes[0]);
  bool negative = draw(seed, 4) == 0;
  snprintf(text, size, "%s%.*s%s%s%s", negative ? "-" : "", whole, digits, places ? "." : "",
           digits + whole, suffixes[which].suffix);
  struct slow s = slow_make(negative, digits, places, suffixes[which].tens, suffixes[which].twos);
  struct slow cap = slow_make(false, "9223372036854775807", 0, 0, 0);
  if (suffixes[which].twos && slow_compare_digits(&s, &cap) > 0)
    memcpy(s.digits, cap.digits, sizeof s.digits);
  return s;
}

static void compares_like_long_arithmetic(void **state)
{
  (void)state;
  uint32_t seed = 7;
  for (int round = 0; round < 20000; round++) {
    char left[80], right[80];
    struct slow a = draw_quantity(&seed, left, sizeof left);
    struct slow b = draw_quantity(&seed, right, sizeof right);
    if (left[0] == '\0' || right[0] == '\0')
      continue;
    int expected = slow_compare(&a, &b);
    if (quantity_compare(parse(left), parse(right)) != expected)
      fail_msg("%s and %s should compare as %d", left, right, expected);
    assert_int_equal(quantity_compare(parse(right), parse(left)), -expected);
  }
  assert_int_equal(quantity_compare(parse("1e1000"), parse("1e999")), 1);
  assert_int_equal(quantity_compare(parse("-1e1000"), parse("1n")), -1);
  assert_int_equal(quantity_compare(parse("10e999"), parse("1e1000")), 0);
  assert_int_equal(quantity_compare(parse("1Gi"), parse("1073741824")), 0);
  assert_int_equal(quantity_compare(parse("1000m"), parse("1")), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_and_writes_canonically),
      cmocka_unit_test(remembers_the_format),
      cmocka_unit_test(says_what_is_wrong),
      cmocka_unit_test(has_limits),
      cmocka_unit_test(gives_integers_rounded_away_from_zero),
      cmocka_unit_test(gives_numbers),
      cmocka_unit_test(takes_values),
      cmocka_unit_test(adds_and_subtracts),
      cmocka_unit_test(compares_like_long_arithmetic),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
