#include "../test.h"

#include "crypto/random.h"

static void fills_all_of_it_and_differently(void **state)
{
  (void)state;
  uint8_t a[1000] = {0}, b[1000] = {0};
  assert_int_equal(random_bytes(random_system(), a, sizeof a, NULL), 0);
  assert_int_equal(random_bytes(random_system(), b, sizeof b, NULL), 0);
  assert_memory_not_equal(a, b, sizeof a);
  assert_memory_not_equal(a + 500, b + 500, 500);
  assert_int_equal(random_bytes(random_system(), NULL, 0, NULL), 0);
}

static void tests_know_what_comes_and_when_it_ends(void **state)
{
  (void)state;
  struct random_test test;
  struct error err;
  random_test_init(&test, 254, 6);
  uint8_t bytes[4] = {9, 9, 9, 9};
  assert_int_equal(random_bytes(&test.source, bytes, 4, &err), 0);
  assert_memory_equal(bytes, ((uint8_t[]){254, 255, 0, 1}), 4);
  assert_int_equal(random_bytes(&test.source, bytes, 4, &err), SW_EIO);
  assert_error(err, SW_EIO, "used up");
  assert_memory_equal(bytes, ((uint8_t[]){0, 0, 0, 0}), 4);
  assert_int_equal(random_bytes(&test.source, bytes, 2, &err), 0);
  assert_memory_equal(bytes, ((uint8_t[]){2, 3, 0, 0}), 4);
}

static void numbers_stay_below_their_bound(void **state)
{
  (void)state;
  unsigned seen = 0;
  uint64_t n;
  for (int i = 0; i < 200; i++) {
    assert_int_equal(random_below(random_system(), 3, &n, NULL), 0);
    assert_true(n < 3);
    seen |= 1u << n;
  }
  assert_int_equal(seen, 7);
  assert_int_equal(random_below(random_system(), 1, &n, NULL), 0);
  assert_int_equal(n, 0);
  struct random_test test;
  random_test_init(&test, 0, 7);
  n = 5;
  assert_int_equal(random_below(&test.source, 3, &n, NULL), SW_EIO);
  assert_int_equal(n, 5);
}

/* 2^63 + 1 leaves 2^63 - 1 numbers to be drawn again: those below it. Eight bytes of 0 are. */
static void draws_again_where_a_bound_does_not_divide(void **state)
{
  (void)state;
  struct random_test test;
  random_test_init(&test, 0, 1 << 20);
  uint64_t bound = (UINT64_C(1) << 63) + 1, n, drawn;
  assert_int_equal(random_below(&test.source, bound, &n, NULL), 0);
  size_t used = (1 << 20) - *test.left;
  assert_int_equal(used % 8, 0);
  assert_true(used >= 16);
  random_test_init(&test, (uint8_t)(used - 8), 8);
  assert_int_equal(random_bytes(&test.source, &drawn, 8, NULL), 0);
  assert_true(n == drawn % bound);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fills_all_of_it_and_differently),
      cmocka_unit_test(tests_know_what_comes_and_when_it_ends),
      cmocka_unit_test(numbers_stay_below_their_bound),
      cmocka_unit_test(draws_again_where_a_bound_does_not_divide),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
