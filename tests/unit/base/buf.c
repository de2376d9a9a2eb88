#include "../test.h"

#include "base/buf.h"
#include "base/mem.h"

static void writes_all_kinds(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf b = {0};
  assert_str(buf_str(&b), "");
  assert_string_equal(buf_text(&b), "");
  buf_add(&b, STR("a\0b"));
  buf_add(&b, str_make(NULL, 0));
  buf_add_byte(&b, '|');
  buf_add_repeat(&b, '-', 3);
  buf_add_u64(&b, 0);
  buf_add_byte(&b, ' ');
  buf_add_u64(&b, UINT64_MAX);
  buf_add_byte(&b, ' ');
  buf_add_i64(&b, INT64_MIN);
  buf_add_byte(&b, ' ');
  buf_add_i64(&b, -7);
  buf_printf(&b, " %05.1f%s", 2.25, "");
  const char wanted[] = "a\0b|---0 18446744073709551615 -9223372036854775808 -7 002.2";
  assert_int_equal(b.len, sizeof wanted - 1);
  assert_memory_equal(buf_text(&b), wanted, sizeof wanted);
  assert_false(buf_failed(&b));
}

static void formats_texts_longer_than_its_room(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf b = {0};
  char many[5001];
  memset(many, 'x', 5000);
  many[5000] = '\0';
  buf_printf(&b, "%s", "");
  buf_printf(&b, "%s.", many);
  buf_printf(&b, "%s", many);
  assert_int_equal(b.len, 10001);
  assert_int_equal(b.data[5000], '.');
  assert_int_equal(strlen(buf_text(&b)), 10001);
}

static void takes_exactly_its_cap(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf b;
  buf_init(&b, 10);
  buf_add(&b, STR("12345"));
  buf_printf(&b, "%s", "67890");
  assert_false(buf_failed(&b));
  assert_string_equal(buf_text(&b), "1234567890");
  assert_false(buf_failed(&b));
  buf_add(&b, STR_EMPTY);
  assert_false(buf_failed(&b));
  buf_add_byte(&b, '1');
  assert_true(buf_failed(&b));
  assert_string_equal(buf_text(&b), "1234567890");
}

static void writes_nothing_more_once_something_did_not_fit(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf b;
  buf_init(&b, 8);
  buf_add(&b, STR("abc"));
  buf_add(&b, STR("too long"));
  assert_true(buf_failed(&b));
  buf_add(&b, STR("d"));
  buf_add_byte(&b, 'e');
  buf_add_repeat(&b, 'f', 2);
  buf_add_u64(&b, 1);
  buf_printf(&b, "%d", 2);
  assert_str(buf_str(&b), "abc");
  buf_clear(&b);
  assert_false(buf_failed(&b));
  buf_add(&b, STR("12345678"));
  assert_str(buf_str(&b), "12345678");
  assert_false(buf_failed(&b));
}

static void refuses_sizes_that_would_overflow(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf b;
  buf_init(&b, 100);
  buf_add(&b, STR("abc"));
  assert_false(buf_reserve(&b, SIZE_MAX));
  buf_clear(&b);
  assert_false(buf_reserve(&b, SIZE_MAX - 1));
  buf_clear(&b);
  assert_true(buf_reserve(&b, 100));
}

static void a_vast_cap_costs_nothing(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf b;
  buf_init(&b, SIZE_MAX);
  buf_add_repeat(&b, 'x', 100000);
  assert_int_equal(b.len, 100000);
  assert_in_range(b.room, 100000, 300000);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(writes_all_kinds),
      cmocka_unit_test(formats_texts_longer_than_its_room),
      cmocka_unit_test(takes_exactly_its_cap),
      cmocka_unit_test(writes_nothing_more_once_something_did_not_fit),
      cmocka_unit_test(refuses_sizes_that_would_overflow),
      cmocka_unit_test(a_vast_cap_costs_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
