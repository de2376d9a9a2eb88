#include "../test.h"

static void compares_bytes_not_terminators(void **state)
{
  (void)state;
  assert_true(str_eq(STR("a\0b"), str_make("a\0b", 3)));
  assert_false(str_eq(STR("a\0b"), STR("a\0c")));
  assert_int_equal(str_compare(STR("web"), STR("web-1")), -1);
  assert_int_equal(str_compare(STR("b"), STR("abc")), 1);
  assert_int_equal(str_compare(STR_EMPTY, str_from(NULL)), 0);
}

static void finds_and_cuts(void **state)
{
  (void)state;
  assert_int_equal(str_find(STR("a.b.c"), 2, STR(".")), 3);
  assert_int_equal(str_find(STR("abc"), 0, STR("d")), -1);
  assert_int_equal(str_find(STR("abc"), 3, STR_EMPTY), 3);
  assert_int_equal(str_find(STR("abc"), 4, STR_EMPTY), -1);
  assert_int_equal(str_find_last_byte(STR("a/b/c"), '/'), 3);
  struct str rest;
  assert_str(str_cut(STR("key=value=x"), '=', &rest), "key");
  assert_str(rest, "value=x");
  assert_str(str_cut(STR("key"), '=', &rest), "key");
  assert_null(rest.data);
  assert_str(str_trim(STR(" \t x y \r\n")), "x y");
  assert_str(str_sub(STR("abc"), 2, 10), "c");
  assert_str(str_sub(STR("abc"), 9, 1), "");
}

static void measures_typing_mistakes(void **state)
{
  (void)state;
  assert_int_equal(str_distance(STR("manifests"), STR("manifests")), 0);
  assert_int_equal(str_distance(STR("manifset"), STR("manifest")), 1);
  assert_int_equal(str_distance(STR("scan"), STR("san")), 1);
  assert_int_equal(str_distance(STR(""), STR("abc")), 3);
  char longer[65];
  memset(longer, 'a', sizeof longer);
  assert_int_equal(str_distance(str_make(longer, 65), STR("a")), 100);
}

static void reads_whole_decimal_numbers_only(void **state)
{
  (void)state;
  unsigned long long n = 7;
  assert_true(str_to_u64(STR("18446744073709551615"), ~0ULL, &n));
  assert_true(n == ~0ULL);
  assert_false(str_to_u64(STR("18446744073709551616"), ~0ULL, &n));
  assert_false(str_to_u64(STR(""), ~0ULL, &n));
  assert_false(str_to_u64(STR("-1"), ~0ULL, &n));
  assert_false(str_to_u64(STR("1 "), ~0ULL, &n));
  assert_false(str_to_u64(STR("65536"), 65535, &n));
}

static void data_may_be_null_where_nothing_is(void **state)
{
  (void)state;
  struct str none = str_make(NULL, 0);
  assert_int_equal(str_find(none, 0, STR("a")), -1);
  assert_int_equal(str_find(none, 0, STR_EMPTY), 0);
  assert_int_equal(str_find_byte(none, 0, 'a'), -1);
  assert_int_equal(str_find_last_byte(none, 'a'), -1);
  assert_int_equal(str_sub(none, 0, 5).len, 0);
  assert_int_equal(str_sub(none, 3, 5).len, 0);
  assert_int_equal(str_trim(none).len, 0);
  assert_true(str_starts(none, none));
  assert_true(str_ends(none, STR_EMPTY));
  assert_false(str_ends(none, STR("a")));
  assert_true(str_eq_nocase(none, STR_EMPTY));
  assert_int_equal(str_distance(none, STR("ab")), 2);
}

static void compares_without_case(void **state)
{
  (void)state;
  assert_true(str_eq_nocase(STR("Content-TYPE"), STR("content-type")));
  assert_false(str_eq_nocase(STR("a["), STR("a{")));
  assert_false(str_eq_nocase(STR("ab"), STR("abc")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(compares_bytes_not_terminators),
      cmocka_unit_test(finds_and_cuts),
      cmocka_unit_test(measures_typing_mistakes),
      cmocka_unit_test(reads_whole_decimal_numbers_only),
      cmocka_unit_test(data_may_be_null_where_nothing_is),
      cmocka_unit_test(compares_without_case),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
