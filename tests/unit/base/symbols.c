#include "../test.h"

#include "base/symbols.h"

#include <stdio.h>

static const struct str first[] = {STR_INIT("kind"), STR_INIT("metadata"), STR_INIT("spec")};

static void the_fixed_list_has_constant_numbers(void **state)
{
  (void)state;
  _cleanup_(symbols_freep) struct symbols *table = symbols_new(first, 3);
  assert_int_equal(symbols_count(table), 3);
  assert_int_equal(symbols_find(table, STR("kind")), 1);
  assert_int_equal(symbols_find(table, STR("metadata")), 2);
  assert_int_equal(symbols_find(table, STR("spec")), 3);
  assert_int_equal(symbols_add(table, STR("spec")), 3);
  assert_int_equal(symbols_find(table, STR("Spec")), 0);
  assert_str(symbols_text(table, 2), "metadata");
  assert_str(symbols_text(table, 0), "");
  assert_str(symbols_text(table, 4), "");
}

static void added_texts_are_copied(void **state)
{
  (void)state;
  _cleanup_(symbols_freep) struct symbols *table = symbols_new(NULL, 0);
  char text[] = "containers";
  assert_int_equal(symbols_add(table, str_from(text)), 1);
  memset(text, 'x', sizeof text - 1);
  assert_int_equal(symbols_find(table, STR("containers")), 1);
  assert_int_equal(symbols_find(table, str_from(text)), 0);
  assert_int_equal(symbols_add(table, STR_EMPTY), 2);
  assert_int_equal(symbols_find(table, str_make(NULL, 0)), 2);
  assert_int_equal(symbols_add(table, STR("a\0b")), 3);
  assert_int_equal(symbols_find(table, STR("a\0c")), 0);
}

/* Every length takes its own way through the hash. */
static void tells_texts_of_all_lengths_apart(void **state)
{
  (void)state;
  _cleanup_(symbols_freep) struct symbols *table = symbols_new(NULL, 0);
  char text[40];
  memset(text, 'a', sizeof text);
  uint16_t expected = 0;
  for (size_t len = 1; len <= sizeof text; len++)
    for (size_t i = 0; i < len; i++) {
      text[i] = 'b';
      assert_int_equal(symbols_find(table, str_make(text, len)), 0);
      assert_int_equal(symbols_add(table, str_make(text, len)), ++expected);
      text[i] = 'a';
    }
  expected = 0;
  for (size_t len = 1; len <= sizeof text; len++)
    for (size_t i = 0; i < len; i++) {
      text[i] = 'b';
      assert_int_equal(symbols_find(table, str_make(text, len)), ++expected);
      text[i] = 'a';
    }
}

static struct str numbered(char text[32], unsigned i)
{
  /* Long, and alike at both ends. */
  return str_make(text, (size_t)snprintf(text, 32, "aaaaaaaa%06uzzzzzzzz", i));
}

static void a_full_table_goes_on_working(void **state)
{
  (void)state;
  _cleanup_(symbols_freep) struct symbols *table = symbols_new(first, 3);
  char text[32];
  for (unsigned i = 4; i <= SYMBOLS_MAX; i++)
    assert_int_equal(symbols_add(table, numbered(text, i)), i);
  assert_int_equal(symbols_count(table), 65535);
  assert_int_equal(symbols_add(table, STR("one more")), 0);
  assert_int_equal(symbols_find(table, STR("one more")), 0);
  assert_int_equal(symbols_count(table), 65535);
  assert_int_equal(symbols_add(table, STR("kind")), 1);
  for (unsigned i = 4; i <= SYMBOLS_MAX; i++) {
    assert_int_equal(symbols_find(table, numbered(text, i)), i);
    assert_true(str_eq(symbols_text(table, (uint16_t)i), numbered(text, i)));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_fixed_list_has_constant_numbers),
      cmocka_unit_test(added_texts_are_copied),
      cmocka_unit_test(tells_texts_of_all_lengths_apart),
      cmocka_unit_test(a_full_table_goes_on_working),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
