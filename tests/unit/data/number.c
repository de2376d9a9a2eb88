#include "../test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "data/number.h"

#include <math.h>
#include <stdlib.h>

static struct value literal(const char *text)
{
  struct value v = number_from_literal(str_from(text));
  if (v.type != VALUE_NUMBER) {
    print_error("\"%s\" is taken for no literal\n", text);
    fail();
  }
  return v;
}

static struct value real(double number)
{
  return (struct value){.type = VALUE_NUMBER, .flags = VALUE_DOUBLE, .real = number};
}

static void tells_literals_from_other_texts(void **state)
{
  (void)state;
  static const char *const literals[] = {
      "0",    "-0",   "7",      "10",   "0.0",
      "-0.5", "1.25", "1e5",    "1E5",  "1e+5",
      "1e-5", "0e0",  "1.5e10", "1e00", "12345678901234567890123"};
  static const char *const others[] = {"",     "-",    "+1",  "01",  "-01",  "1.", ".5",  "1e",
                                       "1e+",  "1.e5", "e5",  "0x1", "1 ",   " 1", "1a",  "--1",
                                       "1e5.", "NaN",  "inf", "1_0", "1e5-", "00", "1,5", "-.5"};
  for (size_t i = 0; i < sizeof literals / sizeof *literals; i++)
    assert_true(number_is_literal(str_from(literals[i])));
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    assert_false(number_is_literal(str_from(others[i])));
    assert_int_equal(number_from_literal(str_from(others[i])).type, VALUE_ABSENT);
  }
  assert_false(number_is_literal(str_make("1\0", 2)));
}

static void literals_that_fit_are_integers(void **state)
{
  (void)state;
  assert_true(literal("9223372036854775807").integer == INT64_MAX);
  assert_true(literal("-9223372036854775808").integer == INT64_MIN);
  assert_int_equal(literal("-9223372036854775808").flags, VALUE_INT);
  assert_int_equal(literal("9223372036854775808").flags, VALUE_TEXT);
  assert_int_equal(literal("-9223372036854775809").flags, VALUE_TEXT);
  assert_int_equal(literal("-0").flags, VALUE_TEXT);
  assert_int_equal(literal("1.0").flags, VALUE_TEXT);
  assert_str(value_str(literal("1.50")), "1.50");
}

static void doubles_become_integers_where_they_are_some(void **state)
{
  (void)state;
  assert_int_equal(number_from_double(3.0).flags, VALUE_INT);
  assert_int_equal(number_from_double(-0.0).integer, 0);
  assert_true(number_from_double(-0x1p63).integer == INT64_MIN);
  assert_int_equal(number_from_double(0x1p63).flags, VALUE_DOUBLE);
  assert_int_equal(number_from_double(0.5).flags, VALUE_DOUBLE);
  assert_int_equal(number_from_double((double)NAN).type, VALUE_ABSENT);
  assert_int_equal(number_from_double((double)INFINITY).type, VALUE_ABSENT);
  assert_int_equal(number_from_double(-(double)INFINITY).type, VALUE_ABSENT);
}

/* In ascending order; the numbers of one row are equal. */
static const char *const ladder[][8] = {
    {"-1e1000000000000000000001"},
    {"-1e1000000000000000000000", "-10e999999999999999999999", "-0.1e1000000000000000000001"},
    {"-1e1000000000", "-10e999999999", "-0.001e1000000003"},
    {"-18446744073709551616"},
    {"-9223372036854775809", "-9223372036854775809.0", "-9.223372036854775809e18"},
    {"-9223372036854775808", "-9223372036854775808.0"},
    {"-10", "-1e1", "-10.0", "-0.1e2"},
    {"-1.5", "-15e-1", "-1.50"},
    {"-1", "-1.0", "-1e0", "-10e-1"},
    {"-0.1", "-1e-1"},
    {"-1e-1000000000"},
    {"-1e-1000000000000000000000"},
    {"0", "-0", "0.0", "-0.0", "0e0", "0e99999999999999999999", "-0e-5", "0.000e+10"},
    {"1e-1000000000000000000001"},
    {"1e-1000000000000000000000", "0.1e-999999999999999999999", "10e-1000000000000000000001"},
    {"1e-1000000000"},
    {"5e-324"},
    {"0.00001"},
    {"0.1", "1e-1", "0.10", "0.01e1", "1.0e-1", "100e-3"},
    {"0.1000000000000000055511151231257827", "1000000000000000055511151231257827e-34"},
    {"0.2"},
    {"1", "1.0", "1e0", "1E+0", "0.1e1", "10e-1", "1.000", "0.00001e5"},
    {"1.0000000000000000000000000000000001"},
    {"9", "9.0"},
    {"10", "1e1", "10.0", "0.1e2", "100e-1"},
    {"12", "12.0", "1.2e1", "120e-1", "0.12e2"},
    {"123456789012", "1.23456789012e11"},
    {"9007199254740992", "9007199254740992.0"},
    {"9007199254740993", "9007199254740993.0", "9.007199254740993e15"},
    {"9223372036854775807", "9223372036854775807.000", "9223372036854775.807e3"},
    {"9223372036854775808", "9223372036854775808.0"},
    {"18446744073709551616"},
    {"1e20", "100000000000000000000"},
    {"1e308"},
    {"1e400", "10e399"},
    {"1e1000000000", "0.1e1000000001", "1000e999999997"},
    {"1e1000000000000000000000", "1e+1000000000000000000000", "1e0001000000000000000000000",
     "100e999999999999999999998"},
    {"1.1e1000000000000000000000"},
    {"1e1000000000000000000001"},
};

enum { STEPS = sizeof ladder / sizeof *ladder };

static int sign_of(int n)
{
  return (n > 0) - (n < 0);
}

static void numbers_have_one_exact_order(void **state)
{
  (void)state;
  for (size_t i = 0; i < STEPS; i++)
    for (size_t j = 0; j < STEPS; j++)
      for (size_t m = 0; m < 8 && ladder[i][m]; m++)
        for (size_t n = 0; n < 8 && ladder[j][n]; n++) {
          int order = number_compare(literal(ladder[i][m]), literal(ladder[j][n]));
          if (order != sign_of((int)i - (int)j)) {
            print_error("%s, %s: %d\n", ladder[i][m], ladder[j][n], order);
            fail();
          }
        }
}

static void equal_numbers_hash_alike(void **state)
{
  (void)state;
  for (size_t i = 0; i < STEPS; i++)
    for (size_t m = 1; m < 8 && ladder[i][m]; m++)
      assert_true(number_hash(literal(ladder[i][0])) == number_hash(literal(ladder[i][m])));
  for (size_t i = 1; i < STEPS; i++)
    assert_false(number_hash(literal(ladder[i - 1][0])) == number_hash(literal(ladder[i][0])));
  assert_true(number_hash(literal("0.5")) == number_hash(real(0.5)));
  assert_true(number_hash(literal("1e300")) == number_hash(real(1e300)));
  assert_true(number_hash(literal("1e3")) == number_hash(value_int(1000)));
  assert_true(number_hash(real(1000.0)) == number_hash(value_int(1000)));
}

/* More digits than one block of the hash, split by the point at every place. */
static void long_numbers_hash_alike_wherever_the_point_is(void **state)
{
  (void)state;
  enum { DIGITS = 150 };
  char text[DIGITS + 16];
  uint64_t first = 0;
  for (int point = 1; point < DIGITS; point++) {
    for (int i = 0; i < DIGITS; i++)
      text[i + (i >= point)] = (char)('1' + i % 9);
    text[point] = '.';
    snprintf(text + DIGITS + 1, 15, "e%d", 200 - point);
    uint64_t hash = number_hash(literal(text));
    if (point == 1)
      first = hash;
    assert_true(hash == first);
  }
}

static void doubles_are_what_their_text_says(void **state)
{
  (void)state;
  assert_int_equal(number_compare(real(0.1), literal("0.1")), 0);
  assert_int_equal(number_compare(real(0.1), literal("0.1000000000000000055511151231257827")), -1);
  assert_int_equal(number_compare(real(0.1), literal("0.09999999999999999")), 1);
  assert_int_equal(number_compare(real(1e300), literal("1e300")), 0);
  assert_int_equal(number_compare(real(-1e300), literal("-1e300")), 0);
  assert_int_equal(number_compare(real(0x1p62), value_int(1LL << 62)), 0);
  assert_int_equal(number_compare(real(0x1p62), value_int((1LL << 62) + 1)), -1);
  assert_int_equal(number_compare(real(0x1p63), value_int(INT64_MAX)), 1);
  assert_int_equal(number_compare(value_int(INT64_MAX), real(0x1p63)), -1);
  assert_int_equal(number_compare(real(-0x1p63), value_int(INT64_MIN)), 0);
  assert_int_equal(number_compare(real(-0x1.8p63), value_int(INT64_MIN)), -1);
  assert_int_equal(number_compare(real(0.5), value_int(0)), 1);
  assert_int_equal(number_compare(real(0.5), value_int(1)), -1);
  assert_int_equal(number_compare(real(-0.5), value_int(0)), -1);
  assert_int_equal(number_compare(value_int(-1), real(-1.5)), 1);
  assert_int_equal(number_compare(value_int(-2), real(-1.5)), -1);
  assert_int_equal(number_compare(real(1.5), real(1.25)), 1);
  assert_int_equal(number_compare(real(-0.0), value_int(0)), 0);
  assert_int_equal(number_compare(real(-0.0), literal("0.0")), 0);
}

static void tells_integers_and_signs(void **state)
{
  (void)state;
  static const char *const integers[] = {"0",
                                         "-0.0",
                                         "0e-5",
                                         "1.0",
                                         "1e3",
                                         "10.50e1",
                                         "100e-2",
                                         "1e400",
                                         "12345678901234567890",
                                         "1.5e1000000000000000000000"};
  static const char *const fractions[] = {
      "0.5", "10.50", "1e-1", "15e-1", "1e-1000000000000000000000", "123456789012345678901.5"};
  for (size_t i = 0; i < sizeof integers / sizeof *integers; i++)
    assert_true(number_is_integer(literal(integers[i])));
  for (size_t i = 0; i < sizeof fractions / sizeof *fractions; i++)
    assert_false(number_is_integer(literal(fractions[i])));
  assert_true(number_is_integer(real(1e300)));
  assert_false(number_is_integer(real(1e-300)));
  assert_false(number_is_integer(value_from("1")));
  assert_int_equal(number_sign(literal("-0.0")), 0);
  assert_int_equal(number_sign(literal("-1e-99999999999999999999999")), -1);
  assert_int_equal(number_sign(literal("0.001")), 1);
  assert_int_equal(number_sign(value_int(-3)), -1);
  assert_int_equal(number_sign(value_null()), 0);
}

static void converts_to_int64_only_without_loss(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    bool fits;
    int64_t integer;
  } cases[] = {
      {"1.0", true, 1},
      {"1e3", true, 1000},
      {"10.5e1", true, 105},
      {"10.50", false, 0},
      {"-0", true, 0},
      {"0e99999999999999999999", true, 0},
      {"9223372036854775807.0", true, INT64_MAX},
      {"9223372036854775808.0", false, 0},
      {"-9223372036854775808.0", true, INT64_MIN},
      {"-9223372036854775809", false, 0},
      {"922337203685477580.7e1", true, INT64_MAX},
      {"1e18", true, 1000000000000000000},
      {"1e19", false, 0},
      {"9e18", true, 9000000000000000000},
      {"1e1000000000", false, 0},
      {"1e-1000000000", false, 0},
      {"1e99999999999999999999", false, 0},
      {"0.1e1", true, 1},
      {"1000000e-6", true, 1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t got = 77;
    bool fits = number_to_int64(literal(cases[i].text), &got);
    if (fits != cases[i].fits || got != (fits ? cases[i].integer : 77)) {
      print_error("%s: %d %lld\n", cases[i].text, fits, (long long)got);
      fail();
    }
  }
  int64_t got;
  assert_true(number_to_int64(real(-0x1p63), &got));
  assert_true(got == INT64_MIN);
  assert_false(number_to_int64(real(0x1p63), &got));
  assert_false(number_to_int64(real(0.5), &got));
  assert_false(number_to_int64(value_from("1"), &got));
}

static void converts_to_the_nearest_double(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    double number;
  } cases[] = {
      {"0.1", 0.1},
      {"1e22", 1e22},
      {"1e23", 1e23},
      {"123456789012345678", 123456789012345678.0},
      {"9007199254740993", 9007199254740992.0},
      {"9007199254740993.0", 9007199254740992.0},
      {"9007199254740995.0", 9007199254740996.0},
      {"9007199254740993.00000000000000000000000000001", 9007199254740994.0},
      {"1.7976931348623157e308", 0x1.fffffffffffffp1023},
      {"1.7976931348623158e308", 0x1.fffffffffffffp1023},
      {"5e-324", 0x1p-1074},
      {"2.4703282292062327208e-324", 0x0p0},
      {"2.4703282292062328e-324", 0x1p-1074},
      {"2.2250738585072011e-308", 0x0.fffffffffffffp-1022},
      {"2.2250738585072014e-308", 0x1p-1022},
      {"1e-400", 0.0},
      {"1e-99999999999999999999", 0.0},
      {"0e99999999999999999999", 0.0},
      {"-1.5e3", -1500.0},
      {"0.000000000000000000000000000000000000000000000000000001", 1e-54},
      {"1000000000000000000000000000000000000000000000000000000e-54", 1.0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double got = 77;
    if (!number_to_double(literal(cases[i].text), &got) || got != cases[i].number) {
      print_error("%s: %a, not %a\n", cases[i].text, got, cases[i].number);
      fail();
    }
  }
  double got = 77;
  assert_true(number_to_double(literal("-0"), &got) && got == 0 && signbit(got));
  assert_true(number_to_double(value_int(INT64_MAX), &got) && got == 0x1p63);
  assert_true(number_to_double(real(0.25), &got) && got == 0.25);
  got = 77;
  assert_false(number_to_double(literal("1.7976931348623159e308"), &got));
  assert_false(number_to_double(literal("1e309"), &got));
  assert_false(number_to_double(literal("-1e400"), &got));
  assert_false(number_to_double(literal("1e99999999999999999999"), &got));
  assert_false(number_to_double(value_null(), &got));
  assert_true(got == 77);
}

/* Halfway between two doubles, and one digit far behind that decides. */
static void a_thousand_digits_are_rounded_once(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0};
  buf_add_text(&text, "9007199254740993.");
  buf_add_repeat(&text, '0', 2000);
  double got;
  assert_true(number_to_double(number_from_literal(buf_str(&text)), &got));
  assert_true(got == 9007199254740992.0);
  buf_add_byte(&text, '1');
  assert_true(number_to_double(number_from_literal(buf_str(&text)), &got));
  assert_true(got == 9007199254740994.0);
}

/* ECMA-262's and RFC 8785's samples, and the places where the form changes. */
static void writes_the_shortest_text(void **state)
{
  (void)state;
  static const struct {
    double number;
    const char *text;
  } cases[] = {
      {0.0, "0"},
      {-0.0, "0"},
      {1.0, "1"},
      {-1.5, "-1.5"},
      {0.1, "0.1"},
      {0.2 + 0.1, "0.30000000000000004"},
      {1e21, "1e+21"},
      {1e20, "100000000000000000000"},
      {123456789012345680000.0, "123456789012345680000"},
      {1e-6, "0.000001"},
      {1e-7, "1e-7"},
      {1.5e-7, "1.5e-7"},
      {1e300, "1e+300"},
      {5e-324, "5e-324"},
      {-5e-324, "-5e-324"},
      {0x1.fffffffffffffp1023, "1.7976931348623157e+308"},
      {9007199254740992.0, "9007199254740992"},
      {9007199254740994.0, "9007199254740994"},
      {0x1p63, "9223372036854776000"},
      {295147905179352830000.0, "295147905179352830000"},
      {9.5e-7, "9.5e-7"},
      {999999999999999900000.0, "999999999999999900000"},
      {333333333.33333329, "333333333.3333333"},
      {0x1.3de4355555553p28, "333333333.3333332"},
      {0x1.3de4355555554p28, "333333333.33333325"},
      {0x1.3de4355555555p28, "333333333.3333333"},
      {0x1.3de4355555556p28, "333333333.3333334"},
      {0x1.3de4355555557p28, "333333333.33333343"},
      {-0.0000033333333333333333, "-0.0000033333333333333333"},
      {1424953923781206.2, "1424953923781206.2"},
      {0x1p-1022, "2.2250738585072014e-308"},
      {0x0.fffffffffffffp-1022, "2.225073858507201e-308"},
      {4.5, "4.5"},
      {2e-3, "0.002"},
      {0x1p-44, "5.684341886080802e-14"}, /* the nearest 16 digits do not read back */
      {0x1p-1074 * 3, "1.5e-323"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[NUMBER_TEXT_MAX];
    size_t len = number_format_double(cases[i].number, text);
    assert_int_equal(len, strlen(text));
    if (strcmp(text, cases[i].text) != 0) {
      print_error("%a is \"%s\", not \"%s\"\n", cases[i].number, text, cases[i].text);
      fail();
    }
  }
}

/* Digits without the zeros at both ends. */
static int significant_digits(const char *text)
{
  int count = 0, zeros = 0;
  for (; *text && *text != 'e'; text++) {
    if (*text < '0' || *text > '9' || (count == 0 && *text == '0'))
      continue;
    zeros = *text == '0' ? zeros + 1 : 0;
    count++;
  }
  return count - zeros;
}

static void every_double_reads_back(void **state)
{
  (void)state;
  uint64_t bits = 0x9e3779b97f4a7c15ULL;
  for (int i = 0; i < 30000; i++) {
    bits = bits * 6364136223846793005ULL + 1442695040888963407ULL;
    uint64_t mixed = bits ^ bits >> 29;
    if (i % 4 == 0)
      mixed &= 0xFFF0000000000000ULL; /* powers of two */
    double number;
    memcpy(&number, &mixed, 8);
    if (!isfinite(number))
      continue;
    char text[NUMBER_TEXT_MAX];
    size_t len = number_format_double(number, text);
    assert_true(len < NUMBER_TEXT_MAX);
    double back;
    assert_true(number_to_double(literal(text), &back));
    assert_true(back == number);
    _cleanup_(buf_free) struct buf written = {0};
    number_write(&written, real(number));
    assert_int_equal(number_compare(real(number), number_from_literal(buf_str(&written))), 0);
    char shorter[40];
    int digits = significant_digits(text);
    if (digits < 2)
      continue;
    snprintf(shorter, sizeof shorter, "%.*e", digits - 2, number);
    assert_true(strtod(shorter, NULL) != number);
  }
}

static void writes_numbers_as_they_are(void **state)
{
  (void)state;
  static const struct {
    const char *text, *normal;
  } cases[] = {
      {"0", "0"},
      {"-0.0e5", "0"},
      {"1.50", "1.5"},
      {"-1e3", "-1000"},
      {"1e20", "100000000000000000000"},
      {"1e21", "1e+21"},
      {"12.5e20", "1.25e+21"},
      {"0.000001", "0.000001"},
      {"1e-7", "1e-7"},
      {"0.00000012", "1.2e-7"},
      {"123456789012345678901", "123456789012345678901"},
      {"9007199254740993.10", "9007199254740993.1"},
      {"1e1000000000", "1e+1000000000"},
      {"0.1e999999999999999999", "1e+999999999999999998"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    _cleanup_(buf_free) struct buf out = {0}, normal = {0};
    number_write(&out, literal(cases[i].text));
    assert_str(buf_str(&out), cases[i].text);
    assert_true(number_write_normal(&normal, literal(cases[i].text)));
    assert_str(buf_str(&normal), cases[i].normal);
    assert_true(number_equal(literal(cases[i].normal), literal(cases[i].text)));
  }
  _cleanup_(buf_free) struct buf out = {0};
  number_write(&out, value_int(INT64_MIN));
  buf_add_byte(&out, ' ');
  number_write(&out, real(0.5));
  buf_add_byte(&out, ' ');
  number_write(&out, real(0x1p62));
  assert_str(buf_str(&out), "-9223372036854775808 0.5 4611686018427387904");
  buf_clear(&out);
  assert_false(number_write_normal(&out, literal("1e1000000000000000000")));
  assert_int_equal(out.len, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tells_literals_from_other_texts),
      cmocka_unit_test(literals_that_fit_are_integers),
      cmocka_unit_test(doubles_become_integers_where_they_are_some),
      cmocka_unit_test(numbers_have_one_exact_order),
      cmocka_unit_test(equal_numbers_hash_alike),
      cmocka_unit_test(long_numbers_hash_alike_wherever_the_point_is),
      cmocka_unit_test(doubles_are_what_their_text_says),
      cmocka_unit_test(tells_integers_and_signs),
      cmocka_unit_test(converts_to_int64_only_without_loss),
      cmocka_unit_test(converts_to_the_nearest_double),
      cmocka_unit_test(a_thousand_digits_are_rounded_once),
      cmocka_unit_test(writes_the_shortest_text),
      cmocka_unit_test(every_double_reads_back),
      cmocka_unit_test(writes_numbers_as_they_are),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
