#include "builtins.h"

static int start(void **state)
{
  (void)state;
  arena_init(&test_arena, 0);
  test_cache = builtin_cache_new();
  return 0;
}

static int stop(void **state)
{
  (void)state;
  builtin_cache_free(test_cache);
  arena_free(&test_arena);
  return 0;
}

/* Commas at the top level of the types. */
static unsigned count_arguments(const char *types)
{
  unsigned count = types[0] != '\0';
  for (const char *at = types; (at = strstr(at, ", ")); at += 2)
    count++;
  return count;
}

static void the_table_is_consistent(void **state)
{
  (void)state;
  const struct builtin *b;
  size_t count = 0;
  for (; (b = builtin_at(count)); count++) {
    assert_ptr_equal(builtin_find(str_from(b->name)), b);
    if (!(b->flags & BUILTIN_ANY_COUNT))
      assert_int_equal(b->arity, count_arguments(b->arguments));
    assert_true(b->arity <= BUILTIN_ARITY_MAX && b->call);
    assert_int_equal(b->result[0] == '\0', (b->flags & BUILTIN_VOID) != 0);
    if (b->infix)
      assert_ptr_equal(builtin_find_infix(str_from(b->infix)), b);
  }
  assert_true(count >= 200);
  assert_null(builtin_find(STR("no.such")));
  assert_null(builtin_find(STR("")));
  assert_null(builtin_find(STR("plus\0\0\0\0")));
  assert_null(builtin_find_infix(STR("=:")));
}

static void an_absent_argument_makes_it_undefined(void **state)
{
  (void)state;
  struct builtin_context c = test_context();
  struct value args[2] = {value_int(1), VALUE_NONE}, result;
  assert_int_equal(builtin_call(&c, builtin_find(STR("plus")), args, &result), BUILTIN_UNDEFINED);
}

static int refuse(void *user, uint64_t steps)
{
  *(uint64_t *)user += steps;
  return -1;
}

static void loops_ask_for_steps(void **state)
{
  (void)state;
  uint64_t asked = 0;
  struct builtin_context c = test_context();
  c.spend = refuse;
  c.user = &asked;
  assert_str(test_call_with(&c, "numbers.range", test_value("[1,100]")).len ? STR("some") : STR(""),
             "some");
  assert_int_equal(asked, 0);
  assert_str(test_call_with(&c, "numbers.range", test_value("[1,100000]")),
             "halt: numbers.range: the budget of the evaluation is used up");
  assert_int_equal(asked, 100000);
}

static void the_arenas_limit_ends_it(void **state)
{
  (void)state;
  struct builtin_context c = test_context();
  struct value args = test_value("[0,1000]");
  test_arena.limit = 1;
  assert_str(test_call_with(&c, "numbers.range", args),
             "halt: numbers.range: the memory limit of the evaluation has been passed");
}

static void take_note(void *user, struct str text)
{
  *(struct str *)user = text;
}

static void trace_tells_who_listens(void **state)
{
  (void)state;
  struct str heard = STR_EMPTY;
  struct builtin_context c = test_context();
  c.note = take_note;
  c.user = &heard;
  assert_str(test_call_with(&c, "trace", test_value("[\"here\"]")), "true");
  assert_str(heard, "here");
}

static void random_answers_depend_on_seed_and_key_alone(void **state)
{
  (void)state;
  struct builtin_context c = test_context(), other = test_context();
  other.seed = 8;
  struct value args = test_value("[\"key\",1000000]"), key = test_value("[\"key\"]");
  struct str number = test_call_with(&c, "rand.intn", args);
  assert_str(test_call_with(&c, "rand.intn", args), arena_copy(&test_arena, number).data);
  assert_false(str_eq(test_call_with(&other, "rand.intn", args), number));
  struct str uuid = test_call_with(&c, "uuid.rfc4122", key);
  assert_int_equal(uuid.len, 38);
  assert_int_equal(uuid.data[15], '4');
  assert_true(str_eq(test_call_with(&c, "uuid.rfc4122", key), uuid));
  assert_false(str_eq(test_call_with(&other, "uuid.rfc4122", key), uuid));
}

static void the_environment_is_the_callers(void **state)
{
  (void)state;
  struct builtin_context c = test_context();
  c.environment = test_value("{\"env\":{\"A\":\"1\"}}");
  assert_str(test_call_with(&c, "opa.runtime", test_value("[]")), "{\"env\": {\"A\": \"1\"}}");
}

static void texts_of_terms(void **state)
{
  (void)state;
  struct builtin_context c = test_context();
  struct str text;
  assert_int_equal(builtin_print_text(&c, value_from("a\"b"), &text), BUILTIN_VALUE);
  assert_str(text, "a\"b");
  assert_int_equal(builtin_term_text(&c, value_from("a\"\\\n\x01\xC2\xA0\xC3\xA4"), &text), 0);
  assert_str(text, "\"a\\\"\\\\\\n\\x01\\u00a0\xC3\xA4\"");
  struct value deep = value_int(1);
  for (int i = 0; i <= BUILTIN_DEPTH_MAX; i++)
    deep = value_array_make(&test_arena, &deep, NULL, 1);
  assert_int_equal(builtin_term_text(&c, deep, &text), BUILTIN_ERROR);
  assert_int_equal(c.error_kind, BUILTIN_HALT);
}

static void walking_step_by_step(void **state)
{
  (void)state;
  struct builtin_context c = test_context();
  struct builtin_walk walk;
  struct value path, v;
  builtin_walk_start(&walk, test_value("{\"a\":[5]}"));
  assert_int_equal(builtin_walk_next(&c, &walk, NULL, &v), BUILTIN_VALUE);
  assert_int_equal(v.type, VALUE_OBJECT);
  assert_int_equal(builtin_walk_next(&c, &walk, &path, &v), BUILTIN_VALUE);
  assert_int_equal(path.len, 1);
  assert_int_equal(builtin_walk_next(&c, &walk, &path, &v), BUILTIN_VALUE);
  assert_int_equal(path.len, 2);
  assert_int_equal(v.integer, 5);
  assert_int_equal(builtin_walk_next(&c, &walk, &path, &v), BUILTIN_UNDEFINED);
}

static void many_patterns_push_out_old_ones(void **state)
{
  (void)state;
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < 300; i++) {
      struct builtin_context c = test_context();
      struct str call =
          arena_printf(&test_arena, "[\"^a{%d}$\",\"%.*s\"]", i % 150 + 1, i % 150 + 1,
                       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                       "aaaaaaaaaa");
      assert_str(test_call_with(&c, "regex.match", test_value(call.data)), "true");
      call = arena_printf(&test_arena, "[\"%d*\",[],\"%dx\"]", i, i);
      assert_str(test_call_with(&c, "glob.match", test_value(call.data)), "true");
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(the_table_is_consistent),
      TEST(an_absent_argument_makes_it_undefined),
      TEST(loops_ask_for_steps),
      TEST(the_arenas_limit_ends_it),
      TEST(trace_tells_who_listens),
      TEST(random_answers_depend_on_seed_and_key_alone),
      TEST(the_environment_is_the_callers),
      TEST(texts_of_terms),
      TEST(walking_step_by_step),
      TEST(many_patterns_push_out_old_ones),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
