#include "../test.h"

#include "data/arithmetic.h"
#include "data/number.h"

static struct arena arena;

static struct str text_of(int rc, struct value v, const struct error *err)
{
  static struct buf out;
  buf_clear(&out);
  if (rc < 0)
    buf_printf(&out, "%d %s", rc, err->message);
  else
    number_write(&out, v);
  return arena_copy(&arena, buf_str(&out));
}

static void check(const char *x, enum arithmetic_operation operation, const char *y,
                  const char *wanted)
{
  struct value result = VALUE_NONE;
  struct error err;
  int rc = arithmetic_binary(&arena, operation, number_from_literal(str_from(x)),
                             number_from_literal(str_from(y)), &result, &err);
  assert_str(text_of(rc, result, &err), wanted);
}

static void check_unary(enum arithmetic_unary operation, const char *x, const char *wanted)
{
  struct value result = VALUE_NONE;
  struct error err;
  int rc = arithmetic_unary(&arena, operation, number_from_literal(str_from(x)), &result, &err);
  assert_str(text_of(rc, result, &err), wanted);
}

static void integers_are_exact(void **state)
{
  (void)state;
  check("9223372036854775807", ARITHMETIC_PLUS, "1", "9223372036854775808");
  check("9223372036854775808", ARITHMETIC_MINUS, "1", "9223372036854775807");
  check("-9223372036854775808", ARITHMETIC_MINUS, "1", "-9223372036854775809");
  check("9223372036854775807", ARITHMETIC_TIMES, "9223372036854775807",
        "85070591730234615847396907784232501249");
  check("1e3", ARITHMETIC_PLUS, "1.0", "1001");
  check("1e30", ARITHMETIC_PLUS, "1", "1000000000000000000000000000001");
  check("-9223372036854775808", ARITHMETIC_DIVIDE, "-1", "9223372036854775808");
  check("-9223372036854775808", ARITHMETIC_REM, "-1", "0");
  check("10", ARITHMETIC_DIVIDE, "5", "2");
  check("-7", ARITHMETIC_REM, "4", "-3");
}

static void other_numbers_have_64_bits(void **state)
{
  (void)state;
  check("0.1", ARITHMETIC_PLUS, "0.2", "0.3");
  check("1", ARITHMETIC_DIVIDE, "3", "0.33333333333333333334");
  check("2", ARITHMETIC_DIVIDE, "3", "0.6666666666666666667");
  check("7", ARITHMETIC_DIVIDE, "2", "3.5");
  check("1e109", ARITHMETIC_DIVIDE, "1e100", "1000000000");
  check("0.5", ARITHMETIC_TIMES, "-4", "-2");
  check("1.5", ARITHMETIC_MINUS, "1.5", "0");
  check("0", ARITHMETIC_DIVIDE, "-5", "0");
  check("1234567", ARITHMETIC_PLUS, "0.5", "1.2345675e+06");
  check("0.00001", ARITHMETIC_DIVIDE, "2", "5e-06");
  check("1e-300", ARITHMETIC_TIMES, "1e-300", "9.9999999999999999994e-601");
  check("100.25", ARITHMETIC_PLUS, "1e-30", "100.25");
}

static void what_cannot_be_done_is_said(void **state)
{
  (void)state;
  check("1", ARITHMETIC_DIVIDE, "0", "-1 divide by zero");
  check("1", ARITHMETIC_DIVIDE, "0.00", "-1 divide by zero");
  check("1", ARITHMETIC_REM, "0", "-1 modulo by zero");
  check("1.5", ARITHMETIC_REM, "1", "-1 modulo on floating-point number");
  check("1.5", ARITHMETIC_AND, "1", "-1 not an integer");
  check("1e20000", ARITHMETIC_PLUS, "1", "-2 number has more than 10000 digits");
  check("1e1000000000", ARITHMETIC_PLUS, "1", "-2 number has more than 10000 digits");
  check("1e99999999999999999999", ARITHMETIC_PLUS, "1", "-2 number has more than 10000 digits");
  check("1e9000", ARITHMETIC_TIMES, "1e9000", "-2 number has more than 10000 digits");
  check("1", ARITHMETIC_LSH, "40000", "-2 number has more than 10000 digits");
  check("0", ARITHMETIC_LSH, "1e30", "0");
  check("1", ARITHMETIC_LSH, "-1", "-1 negative shift");
  struct value result;
  struct error err;
  assert_int_equal(
      arithmetic_binary(&arena, ARITHMETIC_PLUS, value_null(), value_int(1), &result, &err),
      SW_EINVAL);
}

static void bits(void **state)
{
  (void)state;
  check("7", ARITHMETIC_AND, "9", "1");
  check("-1", ARITHMETIC_AND, "18446744073709551616", "18446744073709551616");
  check("8", ARITHMETIC_OR, "1", "9");
  check("42", ARITHMETIC_XOR, "3", "41");
  check("9223372036854775807", ARITHMETIC_LSH, "1", "18446744073709551614");
  check("18446744073709551616", ARITHMETIC_RSH, "64", "1");
  check("-5", ARITHMETIC_RSH, "1", "-3");
  check("-5", ARITHMETIC_RSH, "1e9", "-1");
  check_unary(ARITHMETIC_NEGATE, "42", "-43");
  check_unary(ARITHMETIC_NEGATE, "18446744073709551615", "-18446744073709551616");
  check_unary(ARITHMETIC_NEGATE, "1.5", "-1 not an integer");
}

static void rounding(void **state)
{
  (void)state;
  check_unary(ARITHMETIC_CEIL, "1.01", "2");
  check_unary(ARITHMETIC_CEIL, "-1.99", "-1");
  check_unary(ARITHMETIC_FLOOR, "-1.001", "-2");
  check_unary(ARITHMETIC_FLOOR, "1e-300", "0");
  check_unary(ARITHMETIC_ROUND, "2.5", "3");
  check_unary(ARITHMETIC_ROUND, "-2.5", "-3");
  check_unary(ARITHMETIC_ROUND, "0.49999999999999999999", "0");
  check_unary(ARITHMETIC_TRUNC, "-2.9", "-2");
  check_unary(ARITHMETIC_ABS, "-1.50", "1.50");
  check_unary(ARITHMETIC_ABS, "-9223372036854775808", "9223372036854775808");
}

static void scaled(const char *literal, uint64_t numerator, uint64_t denominator,
                   const char *wanted)
{
  struct value result = VALUE_NONE;
  struct error err;
  int rc = arithmetic_scale(&arena, str_from(literal), numerator, denominator, 10, &result, &err);
  assert_str(text_of(rc, result, &err), wanted);
}

static void scaling_and_bases(void **state)
{
  (void)state;
  scaled("500", 1, 1000, "0.5000000000");
  scaled("1.1", 1024, 1, "1126.4000000000");
  scaled("-0.05", 1, 1, "-0.0500000000");
  scaled("1e3", 1000, 1, "1000000");
  struct str text;
  assert_int_equal(arithmetic_format(&arena, number_from_literal(STR("-255.9")), 16, &text, NULL),
                   0);
  assert_str(text, "-ff");
}

static int stop(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

int main(void)
{
  arena_init(&arena, 0);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(integers_are_exact),
      cmocka_unit_test(other_numbers_have_64_bits),
      cmocka_unit_test(what_cannot_be_done_is_said),
      cmocka_unit_test(bits),
      cmocka_unit_test(rounding),
      cmocka_unit_test(scaling_and_bases),
  };
  return cmocka_run_group_tests(tests, NULL, stop);
}
