#include "builtins.h"

static const struct call calls[] = {
    {"yaml.marshal", "[{\"foo\":[1,{\"b\":\"x y\",\"a\":[]}],\"bar\":{\"baz\":null}}]",
     "\"bar:\\n  baz: null\\nfoo:\\n- 1\\n- a: []\\n  b: x y\\n\""},
    {"yaml.marshal", "[[{\"foo\":{\"$set\":[3,1]}}]]", "\"- foo:\\n  - 1\\n  - 3\\n\""},
    {"yaml.marshal", "[[[1,[2]],{}]]", "\"- - 1\\n  - - 2\\n- {}\\n\""},
    {"yaml.marshal", "[\"true\"]", "\"\\\"true\\\"\\n\""},
    {"yaml.marshal", "[\"a: b\\n#\"]", "\"\\\"a: b\\\\n#\\\"\\n\""},
    {"yaml.marshal", "[1.5]", "\"1.5\\n\""},
    {"yaml.marshal", "[\"\"]", "\"\\\"\\\"\\n\""},
};

/* What has been written reads back as what it was. */
static void it_reads_back(void **state)
{
  (void)state;
  static const char *const values[] = {
      "[[{\"a\":[[1],{\"b\":{}}],\"c\":\"# no\",\"d\":\"x: y\"},\" s \",\"y\",\"0x1\",\"~\",\"1e3\"]]",
      "[{\"\":\"\\u00e4\\u2028\\ud83d\\ude00\\u0007\\\\\\\"\",\"- a\":[[],[[]]],\"x:\":\"a #b\"}]",
  };
  arena_init(&test_arena, 0);
  test_cache = builtin_cache_new();
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    struct builtin_context c = test_context();
    struct value arguments = test_value(values[i]), text, back;
    const struct builtin *marshal = builtin_find(STR("yaml.marshal")),
                         *unmarshal = builtin_find(STR("yaml.unmarshal"));
    assert_int_equal(builtin_call(&c, marshal, arguments.items, &text), BUILTIN_VALUE);
    if (builtin_call(&c, unmarshal, &text, &back) != BUILTIN_VALUE ||
        !value_equal(back, arguments.items[0])) {
      print_error("%.*s\n", STR_FMT(value_str(text)));
      fail();
    }
  }
  builtin_cache_free(test_cache);
  arena_free(&test_arena);
}

static void calls_give_what_they_should(void **state)
{
  (void)state;
  test_calls(calls, sizeof calls / sizeof *calls);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(calls_give_what_they_should),
                                     cmocka_unit_test(it_reads_back)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
