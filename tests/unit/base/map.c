#include "../test.h"

#include "base/map.h"

#include <stdio.h>

static struct str key_of(char text[16], unsigned i)
{
  return str_make(text, (size_t)snprintf(text, 16, "key-%u", i));
}

static void puts_gets_and_removes(void **state)
{
  (void)state;
  struct map map;
  map_init(&map, NULL);
  assert_null(map_get(&map, STR("a")));
  assert_false(map_remove(&map, STR("a")));
  bool added;
  union map_value *value = map_put(&map, STR("a"), &added);
  assert_true(added);
  assert_int_equal(value->number, 0);
  value->number = 7;
  assert_int_equal(map_put(&map, STR("a"), &added)->number, 7);
  assert_false(added);
  map_put(&map, STR_EMPTY, NULL)->pointer = &map;
  assert_ptr_equal(map_get(&map, str_make(NULL, 0))->pointer, &map);
  map_put(&map, STR("a\0"), NULL)->number = 8;
  assert_int_equal(map_get(&map, STR("a"))->number, 7);
  assert_int_equal(map.count, 3);
  assert_true(map_remove(&map, STR("a")));
  assert_false(map_remove(&map, STR("a")));
  assert_null(map_get(&map, STR("a")));
  assert_int_equal(map_get(&map, STR("a\0"))->number, 8);
  assert_int_equal(map_put(&map, STR("a"), &added)->number, 0);
  assert_true(added);
  map_free(&map);
  assert_int_equal(map.count, 0);
}

static void holds_many_and_keeps_their_order(void **state)
{
  (void)state;
  struct arena arena;
  arena_init(&arena, 0);
  struct map map;
  map_init(&map, &arena); /* the keys' memory is used again at once */
  char text[16];
  for (unsigned i = 0; i < 20000; i++)
    map_put(&map, key_of(text, i), NULL)->number = i;
  for (unsigned i = 0; i < 20000; i += 2)
    assert_true(map_remove(&map, key_of(text, i)));
  for (unsigned i = 20000; i < 30000; i++)
    map_put(&map, key_of(text, i), NULL)->number = i;
  assert_int_equal(map.count, 20000);
  for (unsigned i = 0; i < 30000; i++) {
    union map_value *value = map_get(&map, key_of(text, i));
    if (i < 20000 && i % 2 == 0)
      assert_null(value);
    else
      assert_int_equal(value->number, i);
  }
  size_t at = 0, seen = 0;
  uint64_t last = 0;
  for (struct map_entry *entry; (entry = map_next(&map, &at)); seen++) {
    assert_true(entry->value.number > last);
    last = entry->value.number;
    assert_true(str_eq(entry->key, key_of(text, (unsigned)last)));
  }
  assert_int_equal(seen, 20000);
  map_free(&map);
  arena_free(&arena);
}

static void coming_and_going_does_not_grow_it(void **state)
{
  (void)state;
  struct arena arena;
  arena_init(&arena, 0);
  struct map map;
  map_init(&map, &arena);
  char text[16];
  for (unsigned i = 0; i < 50000; i++) {
    map_put(&map, key_of(text, i), NULL)->number = i;
    if (i >= 10)
      assert_true(map_remove(&map, key_of(text, i - 10)));
  }
  assert_int_equal(map.count, 10);
  assert_in_range(map.room, 10, 64);
  map_free(&map);
  arena_free(&arena);
}

static void may_lose_keys_while_it_is_gone_through(void **state)
{
  (void)state;
  struct map map = {0};
  static const struct str keys[] = {STR_INIT("a"), STR_INIT("b"), STR_INIT("c"), STR_INIT("d")};
  for (unsigned i = 0; i < 4; i++)
    map_put(&map, keys[i], NULL)->number = i;
  size_t at = 0;
  unsigned seen = 0;
  for (struct map_entry *entry; (entry = map_next(&map, &at)); seen++)
    assert_true(map_remove(&map, entry->key));
  assert_int_equal(seen, 4);
  assert_int_equal(map.count, 0);
  map_free(&map);
}

static void a_clear_keeps_the_memory(void **state)
{
  (void)state;
  struct map map = {0};
  map_clear(&map);
  static char texts[100][16];
  for (unsigned i = 0; i < 100; i++)
    map_put(&map, key_of(texts[i], i), NULL);
  struct map_entry *entries = map.entries;
  map_clear(&map);
  assert_int_equal(map.count, 0);
  assert_null(map_get(&map, STR("key-1")));
  size_t at = 0;
  assert_null(map_next(&map, &at));
  bool added;
  for (unsigned i = 0; i < 100; i++) {
    map_put(&map, key_of(texts[i], i), &added);
    assert_true(added);
  }
  assert_ptr_equal(map.entries, entries);
  map_free(&map);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(puts_gets_and_removes),
      cmocka_unit_test(holds_many_and_keeps_their_order),
      cmocka_unit_test(coming_and_going_does_not_grow_it),
      cmocka_unit_test(may_lose_keys_while_it_is_gone_through),
      cmocka_unit_test(a_clear_keeps_the_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
