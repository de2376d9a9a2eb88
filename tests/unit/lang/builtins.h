/*
 * Tables of calls: a function, its arguments as a JSON array, and what comes out, as Rego writes it.
 * An object with the one key "$set" is a set of the items of its array, "$object" an object of pairs.
 * "undefined", or "error: ..." (an eval_builtin_error), "type: ..." (an eval_type_error), "halt: ...".
 */
#ifndef SEAWALL_TESTS_UNIT_LANG_BUILTINS_H
#define SEAWALL_TESTS_UNIT_LANG_BUILTINS_H

#include "../test.h"

#include "base/arena.h"
#include "data/compare.h"
#include "data/json.h"
#include "lang/builtin.h"

struct call {
  const char *name, *arguments, *result;
};

static struct arena test_arena;
static struct builtin_cache *test_cache;

static inline struct builtin_context test_context(void)
{
  return (struct builtin_context){
      .arena = &test_arena, .cache = test_cache, .now_ns = 1670006453141828752, .seed = 7};
}

static inline struct value test_sets_of(struct value v)
{
  struct value inner = value_get_str(v, STR("$set")), pairs = value_get_str(v, STR("$object"));
  struct value list = inner.type ? inner : pairs.type ? pairs : v;
  if (list.type == VALUE_OBJECT) {
    struct value_member *members = arena_array(&test_arena, struct value_member, v.len);
    for (uint32_t i = 0; i < v.len; i++)
      members[i] = (struct value_member){v.members[i].key, test_sets_of(v.members[i].value)};
    value_object_make(&test_arena, members, NULL, v.len, VALUE_LAST_WINS, NULL, &v);
    return v;
  }
  if (list.type != VALUE_ARRAY)
    return v;
  struct value *items = arena_array(&test_arena, struct value, list.len);
  struct value_member *members = arena_array(&test_arena, struct value_member, list.len);
  for (uint32_t i = 0; i < list.len; i++) {
    items[i] = test_sets_of(list.items[i]);
    if (pairs.type)
      members[i] = (struct value_member){items[i].items[0], items[i].items[1]};
  }
  if (pairs.type) {
    assert_true(
        value_object_make_any(&test_arena, members, NULL, list.len, VALUE_LAST_WINS, NULL, &v));
    return v;
  }
  return inner.type ? value_set_make(&test_arena, items, list.len)
                    : value_array_make(&test_arena, items, NULL, list.len);
}

static inline struct value test_value(const char *text)
{
  struct value v;
  struct error err;
  struct json_options options = {.depth_max = JSON_DEPTH_MAX};
  if (json_parse(&test_arena, str_from(text), &options, &v, &err) < 0) {
    print_error("%s: %s\n", text, err.message);
    fail();
  }
  return test_sets_of(v);
}

static inline struct str test_call_with(struct builtin_context *c, const char *name,
                                        struct value arguments)
{
  static const char *const kinds[] = {"type", "error", "halt"};
  const struct builtin *b = builtin_find(str_from(name));
  if (!b) {
    print_error("there is no %s\n", name);
    fail();
    return STR_EMPTY;
  }
  assert_int_equal(arguments.len, b->arity);
  struct value result = VALUE_NONE;
  struct str text;
  switch (builtin_call(c, b, arguments.items, &result)) {
  case BUILTIN_UNDEFINED:
    return STR("undefined");
  case BUILTIN_ERROR:
    return arena_printf(&test_arena, "%s: %s", kinds[c->error_kind], c->error.message);
  default:
    assert_int_not_equal(result.type, VALUE_ABSENT);
    assert_int_equal(builtin_term_text(c, result, &text), BUILTIN_VALUE);
    return text;
  }
}

static inline void test_calls(const struct call *calls, size_t count)
{
  arena_init(&test_arena, 0);
  test_cache = builtin_cache_new();
  bool failed = false;
  for (size_t i = 0; i < count; i++) {
    struct builtin_context c = test_context();
    struct str is = test_call_with(&c, calls[i].name, test_value(calls[i].arguments));
    if (str_eq(is, str_from(calls[i].result)))
      continue;
    print_error("%s%s\n  is       %.*s\n  expected %s\n", calls[i].name, calls[i].arguments,
                STR_FMT(is), calls[i].result);
    failed = true;
  }
  builtin_cache_free(test_cache);
  arena_free(&test_arena);
  assert_false(failed);
}

#define TEST_TABLE(calls)                                                                          \
  static void calls_give_what_they_should(void **state)                                            \
  {                                                                                                \
    (void)state;                                                                                   \
    test_calls(calls, sizeof calls / sizeof *calls);                                               \
  }                                                                                                \
  int main(void)                                                                                   \
  {                                                                                                \
    const struct CMUnitTest tests[] = {cmocka_unit_test(calls_give_what_they_should)};             \
    return cmocka_run_group_tests(tests, NULL, NULL);                                              \
  }

#endif
