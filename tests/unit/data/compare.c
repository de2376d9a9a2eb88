#include "../test.h"

#include "base/buf.h"
#include "data/compare.h"
#include "data/json.h"
#include "data/json_write.h"
#include "data/number.h"

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

/* JSON text to a value, in the test's arena. */
static struct value json(const char *text)
{
  struct value v = VALUE_NONE;
  struct error err;
  struct json_options options = {.depth_max = JSON_DEPTH_MAX};
  if (json_parse(&arena, str_from(text), &options, &v, &err) < 0) {
    print_error("%s: %s\n", text, err.message);
    fail();
  }
  return v;
}

/* The array of the text as a set. */
static struct value set(const char *text)
{
  struct value array = json(text);
  return value_set_make(&arena, array.items, array.len);
}

static struct value object_of(struct value key, struct value value)
{
  struct value_member *member = arena_new(&arena, struct value_member);
  *member = (struct value_member){key, value};
  return (struct value){.type = VALUE_OBJECT, .len = 1, .members = member};
}

static void check(struct value a, struct value b, int order)
{
  assert_int_equal(value_compare(a, b), order);
  assert_int_equal(value_compare(b, a), -order);
  assert_int_equal(value_equal(a, b), order == 0);
  assert_int_equal(value_equal(b, a), order == 0);
  if (order == 0)
    assert_true(value_hash(a) == value_hash(b));
  else
    assert_false(value_hash(a) == value_hash(b));
}

static void everything_has_its_place_in_one_order(void **state)
{
  (void)state;
  const struct value ladder[] = {
      VALUE_NONE,
      json("null"),
      json("false"),
      json("true"),
      json("-1e400"),
      json("-1"),
      json("0"),
      json("0.5"),
      json("1"),
      json("9007199254740993"),
      json("\"\""),
      json("\"\\u0000\""),
      json("\"1\""),
      json("\"a\""),
      json("\"a\\u0000\""),
      json("\"aa\""),
      json("\"b\""),
      json("\"\xC3\xA4\""),
      json("\"\xEF\xBF\xBF\""),
      json("\"\xF0\x90\x80\x80\""),
      json("[]"),
      json("[null]"),
      json("[1]"),
      json("[1,1]"),
      json("[1,2]"),
      json("[1,[]]"),
      json("[2]"),
      json("[[]]"),
      json("[[],[]]"),
      json("[[1]]"),
      json("[{}]"),
      json("{}"),
      json("{\"a\":1}"),
      json("{\"b\":0,\"a\":1}"),
      json("{\"a\":1,\"b\":1}"),
      json("{\"a\":1,\"c\":0}"),
      json("{\"a\":2}"),
      json("{\"a\":[]}"),
      json("{\"a\":{}}"),
      json("{\"b\":0}"),
      object_of(json("[]"), json("1")),
      object_of(json("[1]"), json("1")),
      object_of(json("{\"a\":1}"), json("1")),
      set("[]"),
      set("[1]"),
      set("[1,2]"),
      set("[1,3]"),
      set("[2]"),
  };
  int count = sizeof ladder / sizeof *ladder;
  for (int i = 0; i < count; i++)
    for (int j = 0; j < count; j++) {
      int order = (i > j) - (i < j);
      if (value_compare(ladder[i], ladder[j]) != order)
        print_error("%d and %d: %d\n", i, j, value_compare(ladder[i], ladder[j]));
      check(ladder[i], ladder[j], order);
    }
}

static void what_is_written_otherwise_is_equal(void **state)
{
  (void)state;
  check(json("1"), json("1.0"), 0);
  check(json("[10e-1, 2]"), json("[1, 2.00]"), 0);
  check(json("{\"a\":1,\"b\":[2,{\"c\":3,\"d\":4}]}"),
        json("{\"b\":[2,{\"d\":4.0,\"c\":3}],\"a\":1}"), 0);
  check(json("\"\\u0061\""), json("\"a\""), 0);
  check(number_from_double(0.1), json("0.1"), 0);
  check(set("[3,1,2]"), set("[2,3.0,1,1]"), 0);
  check(json("{\"a\":1}"), json("{\"a\":\"1\"}"), -1);
  check(json("[1]"), json("[true]"), 1);
  check(json("{\"a\":null}"), json("{\"b\":null}"), -1);
  check(json("{\"a\":null}"), json("{}"), 1);
  check(json("[1]"), set("[1]"), -1);
}

/* Enough members for an index in one and none in the other. */
static void large_objects_are_equal_in_any_order(void **state)
{
  (void)state;
  for (int count = 1; count < 60; count += 7) {
    _cleanup_(buf_free) struct buf up = {0}, down = {0};
    for (int i = 0; i < count; i++) {
      buf_printf(&up, "%s\"key-%d\":[%d,{\"x\":%d}]", i ? "," : "{", i, i, i);
      buf_printf(&down, "%s\"key-%d\":[%d.0,{\"x\":%de0}]", i ? "," : "{", count - 1 - i,
                 count - 1 - i, count - 1 - i);
    }
    buf_add_byte(&up, '}');
    buf_add_byte(&down, '}');
    struct value a = json(buf_text(&up)), b = json(buf_text(&down));
    check(a, b, 0);
    struct value changed = value_object_with(&arena, b, value_from("key-0"), json("[0,{\"x\":1}]"));
    check(a, changed, -1);
  }
}

static void symbols_of_keys_do_not_matter(void **state)
{
  (void)state;
  static const struct str names[] = {STR_INIT("a"), STR_INIT("b")};
  _cleanup_(symbols_freep) struct symbols *table = symbols_new(names, 2);
  struct json_options options = {.symbols = table, .positions = true};
  struct value a, b = json("{\"c\":1,\"b\":2,\"a\":3}");
  assert_int_equal(json_parse(&arena, STR("{\"a\":3,\"b\":2,\"c\":1}"), &options, &a, NULL), 0);
  check(a, b, 0);
}

static void composite_keys_are_compared_too(void **state)
{
  (void)state;
  struct value inner = object_of(json("[1,{\"a\":2}]"), json("true"));
  struct value same = object_of(json("[1.0,{\"a\":2e0}]"), json("true"));
  struct value other = object_of(json("[1,{\"a\":3}]"), json("true"));
  check(inner, same, 0);
  check(inner, other, -1);
  check(object_of(inner, json("1")), object_of(same, json("1")), 0);
  check(object_of(inner, json("1")), object_of(other, json("1")), -1);
  check(object_of(json("1"), json("1")), object_of(json("\"1\""), json("1")), -1);
}

/* Deep trees must not need a deep stack. */
static struct value deep(int levels, const char *open, const char *middle, char close)
{
  _cleanup_(buf_free) struct buf text = {0};
  for (int i = 0; i < levels; i++)
    buf_add_text(&text, open);
  buf_add_text(&text, middle);
  buf_add_repeat(&text, close, (size_t)levels);
  return json(arena_copy(&arena, buf_str(&text)).data);
}

static void depth_costs_no_stack(void **state)
{
  (void)state;
  check(deep(10000, "[", "1", ']'), deep(10000, "[", "1.0", ']'), 0);
  check(deep(10000, "[", "1", ']'), deep(10000, "[", "2", ']'), -1);
  check(deep(10000, "{\"a\":", "1", '}'), deep(10000, "{\"a\":", "1.0", '}'), 0);
  check(deep(10000, "{\"a\":", "1", '}'), deep(10000, "{\"a\":", "2", '}'), -1);
  check(deep(9999, "[", "1", ']'), deep(10000, "[", "1", ']'), -1);
  check(deep(5000, "{\"b\":1,\"a\":", "1", '}'), deep(5000, "{\"b\":1,\"a\":", "1", '}'), 0);
}

static void sets_are_sorted_and_each_item_is_in_once(void **state)
{
  (void)state;
  struct value v = set("[\"b\", 2, null, 1.0, \"a\", [1], 1, {}, true, \"b\", [1.0], 2, false]");
  _cleanup_(buf_free) struct buf out = {0};
  json_write(&out, v, 0);
  assert_str(buf_str(&out), "[null,false,true,1.0,2,\"a\",\"b\",[1],{}]");
  assert_true(value_set_has(v, json("1")));
  assert_true(value_set_has(v, json("[1]")));
  assert_true(value_set_has(v, json("null")));
  assert_true(value_set_has(v, json("{}")));
  assert_false(value_set_has(v, json("3")));
  assert_false(value_set_has(v, json("[]")));
  assert_false(value_set_has(set("[]"), json("1")));
  assert_false(value_set_has(json("[1]"), json("1")));
}

static void sorting_is_stable_at_every_size(void **state)
{
  (void)state;
  static const char *const ones[] = {"1", "1.0", "1.00", "1.000"};
  for (uint32_t count = 0; count < 200; count += 1 + count / 9) {
    struct value items[200];
    uint32_t state_of_random = count + 1;
    for (uint32_t i = 0; i < count; i++) {
      state_of_random = state_of_random * 1103515245 + 12345;
      uint32_t pick = state_of_random >> 16;
      items[i] = pick % 5 == 0 ? json(ones[i / 50]) : value_int(pick % 64);
    }
    value_sort(items, count);
    for (uint32_t i = 1; i < count; i++) {
      assert_true(value_compare(items[i - 1], items[i]) <= 0);
      if (items[i - 1].flags & items[i].flags & VALUE_TEXT)
        assert_true(items[i - 1].len <= items[i].len);
    }
    value_sort(items, count);
    struct value s = value_set_make(&arena, items, count);
    for (uint32_t i = 1; i < s.len; i++)
      assert_int_equal(value_compare(s.items[i - 1], s.items[i]), -1);
    for (uint32_t i = 0; i < count; i++)
      assert_true(value_set_has(s, items[i]));
  }
}

static void keys_are_ordered_without_moving_members(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0};
  for (int i = 0; i < 100; i++)
    buf_printf(&text, "%s\"%03d\":%d", i ? "," : "{", (i * 37) % 100, i);
  buf_add_byte(&text, '}');
  struct value object = json(buf_text(&text));
  uint32_t order[100];
  value_sort_keys(object, order);
  for (uint32_t i = 0; i < 100; i++) {
    char wanted[8];
    snprintf(wanted, sizeof wanted, "%03u", i);
    assert_str(value_str(object.members[order[i]].key), wanted);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(everything_has_its_place_in_one_order, start, stop),
      cmocka_unit_test_setup_teardown(what_is_written_otherwise_is_equal, start, stop),
      cmocka_unit_test_setup_teardown(large_objects_are_equal_in_any_order, start, stop),
      cmocka_unit_test_setup_teardown(symbols_of_keys_do_not_matter, start, stop),
      cmocka_unit_test_setup_teardown(composite_keys_are_compared_too, start, stop),
      cmocka_unit_test_setup_teardown(depth_costs_no_stack, start, stop),
      cmocka_unit_test_setup_teardown(sets_are_sorted_and_each_item_is_in_once, start, stop),
      cmocka_unit_test_setup_teardown(sorting_is_stable_at_every_size, start, stop),
      cmocka_unit_test_setup_teardown(keys_are_ordered_without_moving_members, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
