#include "builtins.h"

static const struct call calls[] = {
    {"json.match_schema",
     "[{\"id\":5},{\"properties\":{\"id\":{\"type\":\"integer\"}},\"required\":[\"id\"]}]",
     "[true, []]"},
    {"json.match_schema",
     "[\"{\\\"id\\\": \\\"x\\\"}\",{\"properties\":{\"id\":{\"type\":\"integer\"}}}]",
     "[false, [{\"desc\": \"Invalid type. Expected: integer, given: string\", \"error\": "
     "\"id: Invalid type. Expected: integer, given: string\", \"field\": \"id\", \"type\":"
     " \"invalid_type\"}]]"},
    {"json.match_schema",
     "[{\"s\":{\"$set\":[1,1,2]}},{\"properties\":{\"s\":{\"type\":\"array\",\"uniqueItems"
     "\":true}}}]",
     "[true, []]"},
    {"json.match_schema", "[{\"$object\":[[1,2]]},{\"properties\":{\"1\":{\"type\":\"string\"}}}]",
     "[false, [{\"desc\": \"Invalid type. Expected: string, given: integer\", \"error\": "
     "\"1: Invalid type. Expected: string, given: integer\", \"field\": \"1\", \"type\": "
     "\"invalid_type\"}]]"},
    {"json.match_schema", "[1,{}]",
     "error: json.match_schema: wrong type, expected string or object"},
    {"json.match_schema", "[\"{\",{}]", "error: json.match_schema: invalid JSON string"},
    {"json.match_schema", "[{},\"[\"]", "error: json.match_schema: invalid JSON string"},
    {"json.match_schema", "[{},{\"type\":\"nope\"}]",
     "error: json.match_schema: has a primitive type that is NOT VALID -- given: /nope/ Ex"
     "pected valid values are:[array boolean integer number null object string]"},
    {"json.match_schema", "[{},{\"$ref\":\"#\"}]",
     "halt: json.match_schema: checking against the schema takes too much"},
    {"json.verify_schema", "[{\"type\":\"boolean\"}]", "[true, null]"},
    {"json.verify_schema", "[\"{\\\"type\\\": \\\"x\\\"}\"]",
     "[false, \"jsonschema: has a primitive type that is NOT VALID -- given: /x/ Expected "
     "valid values are:[array boolean integer number null object string]\"]"},
    {"json.verify_schema", "[5]", "[false, \"jsonschema: wrong type, expected string or object\"]"},
    {"json.verify_schema", "[[1]]", "[false, \"jsonschema: schema is invalid\"]"},
    {"json.verify_schema", "[\"x\"]", "[false, \"jsonschema: invalid JSON string\"]"},
    {"json.verify_schema", "[{\"properties\":{\"a\":{\"$ref\":\"#/definitions/b\"}}}]",
     "[false, \"jsonschema: Object has no key 'definitions'\"]"},
};

static void calls_give_what_they_should(void **state)
{
  (void)state;
  test_calls(calls, sizeof calls / sizeof *calls);
}

static int count_steps(void *user, uint64_t steps)
{
  *(uint64_t *)user += steps;
  return 0;
}

/* More schemas than the cache has slots, in turn, as objects and as texts; what is kept costs as much
 * as what is not. */
static void schemas_are_kept_and_replaced(void **state)
{
  (void)state;
  uint64_t steps[2] = {0};
  arena_init(&test_arena, 0);
  test_cache = builtin_cache_new();
  for (int round = 0; round < 8; round++)
    for (int i = 0; i < 40; i++) {
      struct builtin_context c = test_context();
      struct str schema = arena_printf(&test_arena, "{\"pattern\":\"^a{%d}$\"}", i);
      struct value pair[2] = {value_from("\"aaa\""), value_string(schema)};
      if (round % 2)
        pair[1] = test_value(arena_printf(&test_arena, "%.*s", STR_FMT(schema)).data);
      struct str got;
      c.spend = count_steps;
      c.user = &steps[round / 4];
      got = test_call_with(&c, "json.match_schema", value_array_make(&test_arena, pair, NULL, 2));
      assert_int_equal(str_starts(got, STR("[true")), i == 3);
    }
  assert_int_equal(steps[0], steps[1]);
  builtin_cache_free(test_cache);
  arena_free(&test_arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(calls_give_what_they_should),
      cmocka_unit_test(schemas_are_kept_and_replaced),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
