#include "../test.h"

#include "base/buf.h"
#include "data/compare.h"
#include "data/copy.h"
#include "data/json.h"

static struct value parse(struct arena *a, struct str json, const struct symbols *symbols)
{
  struct json_options options = {
      .positions = true, .symbols = symbols, .depth_max = JSON_DEPTH_MAX};
  struct value v;
  struct error err;
  if (json_parse(a, json, &options, &v, &err) < 0)
    fail_msg("%.*s: %s", STR_FMT(json), err.message);
  return v;
}

static void refers_to_nothing_of_the_original(void **state)
{
  (void)state;
  struct arena from, to, kept;
  struct value copy;
  char text[] = "{\"a\": [1, 2.50, \"text\", null, true], \"b\": {\"c\": {}}, \"d\": \"\"}";
  arena_init(&from, 0);
  arena_init(&to, 0);
  arena_init(&kept, 0);
  struct value original = parse(&from, str_from(text), NULL);
  assert_int_equal(value_copy(&to, original, NULL, &copy, NULL), 0);
  arena_free(&from);
  memset(text, 'x', sizeof text - 1);
  struct value expected =
      parse(&kept, STR("{\"a\":[1,2.50,\"text\",null,true],\"b\":{\"c\":{}},\"d\":\"\"}"), NULL);
  assert_true(value_equal(copy, expected));
  arena_free(&to);
  arena_free(&kept);
}

static void gives_keys_the_numbers_of_a_table(void **state)
{
  (void)state;
  struct arena a;
  struct value copy;
  const struct str first[] = {STR("other"), STR("kind")};
  struct symbols *old = symbols_new(first, 2), *new = symbols_new(first + 1, 1);
  arena_init(&a, 0);
  struct value original = parse(&a, STR("{\"kind\":{\"other\":1}}"), old);
  assert_int_equal(value_copy(&a, original, new, &copy, NULL), 0);
  assert_int_equal(copy.members[0].key.symbol, symbols_find(new, STR("kind")));
  assert_int_equal(copy.members[0].value.members[0].key.symbol, 0);
  assert_int_equal(value_copy(&a, original, NULL, &copy, NULL), 0);
  /* without a table they stay in that of the original */
  assert_int_equal(copy.members[0].key.symbol, symbols_find(old, STR("kind")));
  symbols_free(old);
  symbols_free(new);
  arena_free(&a);
}

static void keeps_large_objects_and_sets_searchable(void **state)
{
  (void)state;
  struct arena a;
  struct value copy, set_copy;
  _cleanup_(buf_free) struct buf text = {0};
  arena_init(&a, 0);
  for (int i = 0; i < 100; i++)
    buf_printf(&text, "%s\"key%d\":%d", i ? "," : "{", i, i);
  buf_add_text(&text, "}");
  assert_int_equal(value_copy(&a, parse(&a, buf_str(&text), NULL), NULL, &copy, NULL), 0);
  assert_int_equal(value_get_str(copy, STR("key77")).integer, 77);
  assert_true(value_is(value_get_str(copy, STR("key100")), VALUE_ABSENT));
  struct value items[] = {value_from("b"), value_from("a"), value_int(3)};
  assert_int_equal(value_copy(&a, value_set_make(&a, items, 3), NULL, &set_copy, NULL), 0);
  assert_true(value_set_has(set_copy, value_from("a")));
  assert_false(value_set_has(set_copy, value_from("c")));
  /* keys that are no strings */
  struct value_member odd = {value_set_make(&a, items, 3), value_int(1)};
  struct value object;
  value_object_make_any(&a, &odd, NULL, 1, VALUE_REFUSE, NULL, &object);
  assert_int_equal(value_copy(&a, object, NULL, &copy, NULL), 0);
  assert_true(value_equal(copy, object));
  arena_free(&a);
}

static void refuses_what_is_too_deep_or_too_large(void **state)
{
  (void)state;
  struct arena a, small;
  struct value copy = value_int(5);
  struct error err;
  _cleanup_(buf_free) struct buf text = {0};
  arena_init(&a, 0);
  arena_init(&small, 64);
  buf_add_repeat(&text, '[', VALUE_COPY_DEPTH_MAX);
  buf_add_repeat(&text, ']', VALUE_COPY_DEPTH_MAX);
  struct value v = parse(&a, buf_str(&text), NULL);
  assert_int_equal(value_copy(&a, v, NULL, &copy, &err), 0);
  copy = value_int(5);
  struct value deeper = value_array_make(&a, &v, NULL, 1);
  deeper = value_array_make(&a, &deeper, NULL, 1);
  value_copy(&a, deeper, NULL, &copy, &err);
  assert_error(err, SW_ELIMIT, "too deep");
  struct value list =
      parse(&a, STR("[\"0123456789012345678901234567890123456789\",[[[[1]]]]]"), NULL);
  value_copy(&small, list, NULL, &copy, &err);
  assert_error(err, SW_ELIMIT, "too large");
  assert_int_equal(copy.integer, 5);
  arena_free(&a);
  arena_free(&small);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(refers_to_nothing_of_the_original),
      cmocka_unit_test(gives_keys_the_numbers_of_a_table),
      cmocka_unit_test(keeps_large_objects_and_sets_searchable),
      cmocka_unit_test(refuses_what_is_too_deep_or_too_large),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
