#include "../test.h"

#include "base/mem.h"
#include "data/value.h"

static struct arena arena;

static int start(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  return 0;
}

static int stop(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

static struct value key(const char *text, uint16_t symbol)
{
  struct value v = value_from(text);
  v.symbol = symbol;
  return v;
}

/* {"key-0": 0, "key-1": 1, ...}, with places 10:0, 10:1 of the keys and 20:0, 20:1 of the values;
 * the first `with_symbols` keys have symbols from 1. */
static struct value object(uint32_t count, uint32_t with_symbols, bool positions)
{
  struct value_member *members = arena_array(&arena, struct value_member, count);
  struct value_position *places = arena_array(&arena, struct value_position, 2 * count);
  for (uint32_t i = 0; i < count; i++) {
    members[i].key = value_string(arena_printf(&arena, "key-%u", i));
    members[i].key.symbol = (uint16_t)(i < with_symbols ? i + 1 : 0);
    members[i].value = value_int(i);
    places[2 * i] = (struct value_position){10, i};
    places[2 * i + 1] = (struct value_position){20, i};
  }
  struct value made = VALUE_NONE;
  uint32_t duplicate = 7;
  assert_true(value_object_make(&arena, members, positions ? places : NULL, count, VALUE_REFUSE,
                                &duplicate, &made));
  assert_true(duplicate == UINT32_MAX);
  assert_int_equal(made.len, count);
  return made;
}

static struct value array(uint32_t count, bool positions)
{
  struct value *items = arena_array(&arena, struct value, count);
  struct value_position *places = arena_array(&arena, struct value_position, count);
  for (uint32_t i = 0; i < count; i++) {
    items[i] = value_int(i);
    places[i] = (struct value_position){30, i};
  }
  return value_array_make(&arena, items, positions ? places : NULL, count);
}

static void check_place(struct value_position place, uint32_t line, uint32_t column)
{
  assert_int_equal(place.line, line);
  assert_int_equal(place.column, column);
}

static void scalars_say_what_they_are(void **state)
{
  (void)state;
  int64_t n = 5;
  assert_true(value_is_true(value_bool(true)) && !value_is_false(value_bool(true)));
  assert_true(value_is_false(value_bool(false)) && !value_is_true(value_bool(false)));
  assert_false(value_is_true(value_int(1)) || value_is_false(value_int(0)));
  assert_false(value_is_false(VALUE_NONE) || value_is_false(value_null()));
  assert_true(value_is_nil(VALUE_NONE) && value_is_nil(value_null()));
  assert_false(value_is_nil(value_bool(false)) || value_is_nil(value_from("")));
  assert_true(value_to_int(value_int(-3), &n) && n == -3);
  assert_false(value_to_int(value_from("3"), &n) || value_to_int(VALUE_NONE, &n));
  assert_true(value_eq_str(value_from("a"), STR("a")));
  assert_false(value_eq_str(value_from("a"), STR("b")) || value_eq_str(value_null(), STR("")));
  assert_str(value_str_or_empty(value_from("x")), "x");
  assert_str(value_str_or_empty(value_int(1)), "");
  static const char *const names[] = {"nothing", "null",  "boolean", "number",
                                      "string",  "array", "object",  "set"};
  for (uint8_t type = 0; type <= VALUE_SET; type++)
    assert_string_equal(value_type_name((struct value){.type = type}), names[type]);
  assert_string_equal(value_type_name((struct value){.type = 99}), "nothing");
}

static void members_are_found_with_and_without_symbols(void **state)
{
  (void)state;
  static const uint32_t counts[] = {0, 1, 2, 7, 15, 16, 17, 18, 31, 32, 33, 34, 64, 100, 1000};
  for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
    for (uint32_t symbols = 0; symbols <= counts[c]; symbols += counts[c] / 2 + 1) {
      struct value o = object(counts[c], symbols, false);
      for (uint32_t i = 0; i < o.len; i++) {
        struct str text = arena_printf(&arena, "key-%u", i);
        assert_int_equal(value_get_str(o, text).integer, i);
        assert_int_equal(value_find(o, value_string(text)), i);
        /* a key of the same table */
        struct value known = value_string(text);
        known.symbol = o.members[i].key.symbol;
        assert_int_equal(value_get(o, known).integer, i);
        /* a tree without numbers, asked with one */
        known.symbol = o.members[i].key.symbol ? o.members[i].key.symbol : 9999;
        assert_int_equal(value_get(o, known).integer, i);
      }
      assert_int_equal(value_get_str(o, STR("key-")).type, VALUE_ABSENT);
      assert_int_equal(value_get(o, key("key-x", 5000)).type, VALUE_ABSENT);
      assert_true(value_find(o, value_from("nokey")) == -1);
      assert_true(value_find(o, value_int(0)) == -1);
    }
}

static void looking_into_what_is_no_container_finds_nothing(void **state)
{
  (void)state;
  const struct value others[] = {VALUE_NONE, value_null(), value_int(1), value_from("abc")};
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(value_get_str(others[i], STR("a")).type, VALUE_ABSENT);
    assert_int_equal(value_get(others[i], key("a", 1)).type, VALUE_ABSENT);
    assert_int_equal(value_at(others[i], 0).type, VALUE_ABSENT);
    assert_true(value_find(others[i], value_from("a")) == -1);
    check_place(value_position(others[i], 0), 0, 0);
    check_place(value_key_position(others[i], 0), 0, 0);
  }
  struct value a = array(3, false);
  assert_int_equal(value_at(a, 2).integer, 2);
  assert_int_equal(value_at(a, 3).type, VALUE_ABSENT);
  assert_int_equal(value_get_str(a, STR("0")).type, VALUE_ABSENT);
  assert_int_equal(value_at(object(3, 0, false), 0).type, VALUE_ABSENT);
}

/* Empty keys, keys of one byte, keys that are alike but for one byte. */
static void keys_that_are_nearly_alike_are_different(void **state)
{
  (void)state;
  static const struct str texts[] = {
      STR_INIT(""),     STR_INIT("a"),    STR_INIT("b"),    STR_INIT("\0"),  STR_INIT("\0\0"),
      STR_INIT("ab"),   STR_INIT("aab"),  STR_INIT("abb"),  STR_INIT("axb"), STR_INIT("ayb"),
      STR_INIT("aaab"), STR_INIT("aabb"), STR_INIT("abab"), STR_INIT("acab")};
  enum { COUNT = sizeof texts / sizeof *texts };
  struct value_member members[COUNT];
  for (size_t i = 0; i < COUNT; i++)
    members[i] = (struct value_member){value_string(texts[i]), value_int((int64_t)i)};
  struct value o;
  uint32_t duplicate;
  assert_true(value_object_make(&arena, members, NULL, COUNT, VALUE_REFUSE, &duplicate, &o));
  for (size_t i = 0; i < COUNT; i++)
    assert_int_equal(value_get_str(o, texts[i]).integer, i);
}

/* A repeated key at every pair of places, in objects with and without an index. */
static void repetitions_are_reported_and_resolved(void **state)
{
  (void)state;
  static const uint32_t counts[] = {2, 3, 8, 16, 17, 33, 40};
  for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
    for (uint32_t first = 0; first < counts[c]; first++)
      for (uint32_t second = first + 1; second < counts[c]; second++) {
        struct value_member members[40];
        struct value o = object(counts[c], first % 3 ? counts[c] : 0, false);
        memcpy(members, o.members, counts[c] * sizeof *members);
        members[second].key = members[first].key;
        members[second].key.symbol = (uint16_t)(second % 2 ? members[first].key.symbol : 0);
        uint32_t duplicate = 0;
        struct value made = value_int(5);
        assert_false(
            value_object_make(&arena, members, NULL, counts[c], VALUE_REFUSE, &duplicate, &made));
        assert_int_equal(duplicate, second);
        assert_int_equal(made.integer, 5);
        assert_true(value_object_make(&arena, members, NULL, counts[c], VALUE_LAST_WINS, &duplicate,
                                      &made));
        assert_int_equal(duplicate, second);
        assert_int_equal(made.len, counts[c] - 1);
        for (uint32_t i = 0, from = 0; i < made.len; i++, from++) {
          from += from == second;
          assert_true(str_eq(value_str(made.members[i].key), value_str(members[from].key)));
          assert_int_equal(made.members[i].value.integer, from == first ? second : from);
          assert_int_equal(value_get(made, members[from].key).integer,
                           from == first ? second : from);
        }
      }
}

static void a_key_may_come_many_times(void **state)
{
  (void)state;
  static const uint32_t counts[] = {3, 16, 17, 100};
  for (size_t c = 0; c < 4; c++) {
    struct value_member members[100];
    struct value_position places[200];
    for (uint32_t i = 0; i < counts[c]; i++) {
      members[i] = (struct value_member){value_from(i % 2 ? "b" : "a"), value_int(i)};
      places[2 * i] = (struct value_position){1, i};
      places[2 * i + 1] = (struct value_position){2, i};
    }
    struct value made;
    assert_true(
        value_object_make(&arena, members, places, counts[c], VALUE_LAST_WINS, NULL, &made));
    assert_int_equal(made.len, 2);
    uint32_t last_a = (counts[c] - 1) / 2 * 2, last_b = counts[c] / 2 * 2 - 1;
    assert_int_equal(value_get_str(made, STR("a")).integer, last_a);
    assert_int_equal(value_get_str(made, STR("b")).integer, last_b);
    check_place(value_key_position(made, 0), 1, last_a);
    check_place(value_position(made, 1), 2, last_b);
  }
}

static void positions_are_kept_beside_the_children(void **state)
{
  (void)state;
  static const uint32_t counts[] = {1, 5, 16, 17, 40};
  for (size_t c = 0; c < 5; c++) {
    struct value o = object(counts[c], 0, true), a = array(counts[c], true);
    for (uint32_t i = 0; i < counts[c]; i++) {
      check_place(value_key_position(o, i), 10, i);
      check_place(value_position(o, i), 20, i);
      check_place(value_position(a, i), 30, i);
      check_place(value_key_position(a, i), 0, 0);
      assert_int_equal(value_at(a, i).integer, i);
    }
    check_place(value_position(o, counts[c]), 0, 0);
    check_place(value_key_position(o, counts[c]), 0, 0);
    check_place(value_position(a, counts[c]), 0, 0);
    check_place(value_position(object(counts[c], 0, false), 0), 0, 0);
  }
}

static void a_changed_object_leaves_the_first_as_it_was(void **state)
{
  (void)state;
  static const uint32_t counts[] = {0, 1, 15, 16, 17, 32, 33};
  for (size_t c = 0; c < 7; c++) {
    uint32_t count = counts[c];
    struct value o = object(count, 0, true);
    struct value more = value_object_with(&arena, o, value_from("new"), value_from("x"));
    assert_int_equal(more.len, count + 1);
    assert_str(value_str(value_get_str(more, STR("new"))), "x");
    assert_str(value_str(more.members[count].key), "new");
    check_place(value_position(more, count), 0, 0);
    if (count) {
      check_place(value_position(more, count - 1), 20, count - 1);
      struct value other = value_object_with(&arena, o, value_from("key-0"), value_int(77));
      assert_int_equal(other.len, count);
      assert_int_equal(other.members[0].value.integer, 77);
      check_place(value_key_position(other, 0), 10, 0);
      struct value less = value_object_with(&arena, o, value_from("key-0"), VALUE_NONE);
      assert_int_equal(less.len, count - 1);
      assert_int_equal(value_get_str(less, STR("key-0")).type, VALUE_ABSENT);
      if (count > 1)
        check_place(value_position(less, 0), 20, 1);
      assert_int_equal(value_get_str(o, STR("key-0")).integer, 0);
    }
    assert_int_equal(value_object_with(&arena, o, value_from("none"), VALUE_NONE).len, count);
    assert_int_equal(o.len, count);
  }
  struct value made = value_object_with(&arena, VALUE_NONE, value_from("a"), value_int(1));
  assert_int_equal(made.type, VALUE_OBJECT);
  assert_int_equal(value_get_str(made, STR("a")).integer, 1);
}

static void a_changed_array_leaves_the_first_as_it_was(void **state)
{
  (void)state;
  struct value a = array(3, true);
  for (uint32_t i = 0; i <= 3; i++) {
    struct value more = value_array_insert(&arena, a, i, value_from("x"));
    assert_int_equal(more.len, 4);
    for (uint32_t j = 0; j < 4; j++) {
      if (j == i) {
        assert_str(value_str(more.items[j]), "x");
        check_place(value_position(more, j), 0, 0);
        continue;
      }
      assert_int_equal(more.items[j].integer, j < i ? j : j - 1);
      check_place(value_position(more, j), 30, j < i ? j : j - 1);
    }
  }
  for (uint32_t i = 0; i < 3; i++) {
    struct value other = value_array_with(&arena, a, i, value_from("x"));
    assert_int_equal(other.len, 3);
    assert_str(value_str(other.items[i]), "x");
    check_place(value_position(other, i), 30, i);
    struct value less = value_array_with(&arena, a, i, VALUE_NONE);
    assert_int_equal(less.len, 2);
    for (uint32_t j = 0; j < 2; j++) {
      assert_int_equal(less.items[j].integer, j < i ? j : j + 1);
      check_place(value_position(less, j), 30, j < i ? j : j + 1);
    }
  }
  for (uint32_t i = 0; i < 3; i++)
    assert_int_equal(a.items[i].integer, i);
  assert_int_equal(value_array_insert(&arena, array(0, false), 0, value_null()).len, 1);
}

/* With an index and without. */
static void keys_may_be_of_any_type(void **state)
{
  (void)state;
  for (uint32_t count = 6; count < 60; count += 30) {
    struct value_member members[64];
    struct value pair[2] = {value_int(1), value_from("x")}, object;
    for (uint32_t i = 0; i < count; i++)
      members[i] = (struct value_member){value_int(i), value_int(i + 100)};
    members[0].key = value_array_make(&arena, pair, NULL, 2);
    members[1].key = value_from("name");
    members[2].key = value_null();
    uint32_t duplicate = 0;
    assert_true(
        value_object_make_any(&arena, members, NULL, count, VALUE_REFUSE, &duplicate, &object));
    assert_int_equal(duplicate, UINT32_MAX);
    assert_int_equal(object.len, count);
    for (uint32_t i = 0; i < count; i++)
      assert_int_equal(value_get_any(object, members[i].key).integer, i + 100);
    assert_int_equal(value_get_str(object, STR("name")).integer, 101);
    assert_int_equal(value_get_any(object, value_array_make(&arena, pair, NULL, 2)).integer, 100);
    assert_int_equal(value_get_any(object, value_from("3")).type, VALUE_ABSENT);
    assert_int_equal(value_find_any(value_int(1), value_int(1)), -1);
    struct value changed = value_object_with(&arena, object, value_null(), value_int(7));
    assert_int_equal(value_get_any(changed, value_null()).integer, 7);
    assert_int_equal(value_object_with(&arena, object, value_null(), VALUE_NONE).len, count - 1);
    members[5].key = value_int(4);
    assert_false(
        value_object_make_any(&arena, members, NULL, count, VALUE_REFUSE, &duplicate, &object));
    assert_int_equal(duplicate, 5);
    assert_true(
        value_object_make_any(&arena, members, NULL, count, VALUE_LAST_WINS, NULL, &object));
    assert_int_equal(object.len, count - 1);
    assert_int_equal(value_get_any(object, value_int(4)).integer, 105);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(scalars_say_what_they_are, start, stop),
      cmocka_unit_test_setup_teardown(members_are_found_with_and_without_symbols, start, stop),
      cmocka_unit_test_setup_teardown(looking_into_what_is_no_container_finds_nothing, start, stop),
      cmocka_unit_test_setup_teardown(keys_that_are_nearly_alike_are_different, start, stop),
      cmocka_unit_test_setup_teardown(repetitions_are_reported_and_resolved, start, stop),
      cmocka_unit_test_setup_teardown(a_key_may_come_many_times, start, stop),
      cmocka_unit_test_setup_teardown(positions_are_kept_beside_the_children, start, stop),
      cmocka_unit_test_setup_teardown(keys_may_be_of_any_type, start, stop),
      cmocka_unit_test_setup_teardown(a_changed_object_leaves_the_first_as_it_was, start, stop),
      cmocka_unit_test_setup_teardown(a_changed_array_leaves_the_first_as_it_was, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
