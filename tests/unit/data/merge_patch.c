#include "../test.h"

#include "base/mem.h"
#include "data/json.h"
#include "data/json_write.h"
#include "data/merge_patch.h"

static struct value parse(struct arena *a, const char *json)
{
  struct json_options options = {.positions = true};
  struct value v;
  struct error err;
  if (json_parse(a, str_from(json), &options, &v, &err) < 0)
    fail_msg("%s: %s", json, err.message);
  return v;
}

static void assert_json(struct value v, const char *expected)
{
  _cleanup_(buf_free) struct buf text = {0};
  json_write(&text, v, 0);
  assert_str(buf_str(&text), expected);
}

static void merges(void **state)
{
  (void)state;
  static const struct {
    const char *target, *patch, *expected;
  } cases[] = {
      /* the cases of RFC 7396, appendix A */
      {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
      {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
      {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
      {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
      {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
      {"{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"},
      {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
      {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
      {"[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]"},
      {"{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]"},
      {"{\"a\":\"foo\"}", "null", "null"},
      {"{\"a\":\"foo\"}", "\"bar\"", "\"bar\""},
      {"{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}"},
      {"[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}"},
      {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
      /* nulls inside arrays stay */
      {"{}", "{\"a\":[null,{\"b\":null}]}", "{\"a\":[null,{\"b\":null}]}"},
      {"{\"a\":1,\"b\":{\"c\":2}}", "{}", "{\"a\":1,\"b\":{\"c\":2}}"},
      {"3", "{}", "{}"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct arena a;
    arena_init(&a, 0);
    struct value target = parse(&a, cases[i].target), result;
    assert_int_equal(merge_patch_apply(&a, target, parse(&a, cases[i].patch), &result, NULL), 0);
    assert_json(result, cases[i].expected);
    assert_json(target, cases[i].target);
    arena_free(&a);
  }
}

static void keeps_positions_and_shares(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct value target = parse(&a, "{\n\"a\":{\"x\":1},\n\"b\":2}"), result;
  struct value patch = parse(&a, "{\"b\":3,\"c\":4}");
  assert_int_equal(merge_patch_apply(&a, target, patch, &result, NULL), 0);
  assert_ptr_equal(value_get_str(result, STR("a")).members,
                   value_get_str(target, STR("a")).members);
  assert_int_equal(value_key_position(result, 1).line, 3);
  assert_int_equal(value_key_position(result, 2).line, 0);
  assert_int_equal(merge_patch_apply(&a, target, VALUE_NONE, &result, NULL), 0);
  assert_ptr_equal(result.members, target.members);
  assert_int_equal(merge_patch_apply(&a, VALUE_NONE, patch, &result, NULL), 0);
  assert_json(result, "{\"b\":3,\"c\":4}");
  arena_free(&a);
}

static void caps_depth(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct value patch = value_int(1), result = VALUE_NONE;
  struct error err;
  for (int i = 0; i < MERGE_PATCH_DEPTH_MAX; i++) {
    struct value_member member = {value_from("k"), patch};
    value_object_make(&a, &member, NULL, 1, VALUE_REFUSE, NULL, &patch);
  }
  assert_int_equal(merge_patch_apply(&a, VALUE_NONE, patch, &result, &err), 0);
  struct value_member member = {value_from("k"), patch};
  value_object_make(&a, &member, NULL, 1, VALUE_REFUSE, NULL, &patch);
  assert_int_equal(merge_patch_apply(&a, VALUE_NONE, patch, &result, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "deeper than 1000");
  arena_free(&a);
}

static void refuses_keys_that_are_no_strings(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct value_member member = {value_int(1), value_int(2)};
  struct value odd = {.type = VALUE_OBJECT, .len = 1, .members = &member}, result;
  assert_int_equal(merge_patch_apply(&a, odd, parse(&a, "{\"a\":1}"), &result, NULL),
                   SW_EUNSUPPORTED);
  arena_free(&a);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(merges),
      cmocka_unit_test(keeps_positions_and_shares),
      cmocka_unit_test(caps_depth),
      cmocka_unit_test(refuses_keys_that_are_no_strings),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
