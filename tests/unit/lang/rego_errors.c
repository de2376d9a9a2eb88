#include "../test.h"

#include "lang/rego/errors.h"

static const struct rego_source source = {STR_INIT("a.rego"),
                                          STR_INIT("package a\n\tp := \x01 x\r\nq\n\n")};

static struct rego_place at(uint32_t line, uint32_t column, uint32_t start)
{
  return (struct rego_place){.line = line, .column = column, .start = start, .end = start + 1};
}

static void check_written(const struct rego_errors *errors, const char *expected)
{
  _cleanup_(buf_free) struct buf out = {0};
  rego_errors_write(&out, errors);
  assert_str(buf_str(&out), expected);
}

static void writes_as_opa_does(void **state)
{
  struct rego_errors errors;
  struct arena arena;
  (void)state;
  arena_init(&arena, 0);
  rego_errors_clear(&errors);
  rego_errors_add(&errors, &arena, REGO_PARSE_ERROR, source, at(1, 9, 8), "found %s", "it");
  check_written(&errors, "1 error occurred: a.rego:1: rego_parse_error: found it\n"
                         "\tpackage a\n"
                         "\t        ^");
  /* Tabs in front go; control characters are not passed on. */
  rego_errors_add(&errors, &arena, REGO_UNSAFE_VAR_ERROR, source, at(2, 9, 18), "var x is unsafe");
  check_written(&errors, "2 errors occurred:\n"
                         "a.rego:1: rego_parse_error: found it\n"
                         "\tpackage a\n"
                         "\t        ^\n"
                         "a.rego:2: rego_unsafe_var_error: var x is unsafe\n"
                         "\tp :=   x\n"
                         "\t       ^");
  arena_free(&arena);
}

static void shows_the_last_line_for_the_end(void **state)
{
  struct rego_errors errors;
  struct arena arena;
  (void)state;
  arena_init(&arena, 0);
  rego_errors_clear(&errors);
  rego_errors_add(&errors, &arena, REGO_TYPE_ERROR, source, at(5, 1, (uint32_t)source.text.len),
                  "end");
  check_written(&errors, "1 error occurred: a.rego:5: rego_type_error: end\n\tq\n\t^");
  arena_free(&arena);
}

static void does_without_name_and_place(void **state)
{
  struct rego_errors errors;
  struct arena arena;
  struct rego_source nameless = {STR_EMPTY, source.text};
  (void)state;
  arena_init(&arena, 0);
  rego_errors_clear(&errors);
  rego_errors_add(&errors, &arena, REGO_RECURSION_ERROR, nameless, at(3, 1, 21), "a");
  rego_errors_add(&errors, &arena, REGO_COMPILE_ERROR, nameless, (struct rego_place){0}, "b");
  check_written(&errors, "2 errors occurred:\n"
                         "3:1: rego_recursion_error: a\n"
                         "\tq\n"
                         "\t^\n"
                         "rego_compile_error: b");
  arena_free(&arena);
}

static void keeps_ten(void **state)
{
  struct rego_errors errors;
  struct arena arena;
  _cleanup_(buf_free) struct buf out = {0};
  (void)state;
  arena_init(&arena, 0);
  rego_errors_clear(&errors);
  for (int i = 0; i < 13; i++)
    rego_errors_add(&errors, &arena, REGO_PARSE_ERROR, source, at(1, 1, 0), "%d", i);
  assert_int_equal(errors.count, REGO_ERRORS_MAX);
  assert_int_equal(errors.dropped, 3);
  assert_str(errors.items[9].message, "9");
  rego_errors_write(&out, &errors);
  assert_true(str_starts(buf_str(&out), STR("13 errors occurred:\n")));
  arena_free(&arena);
}

static void becomes_an_error(void **state)
{
  struct rego_errors errors;
  struct arena arena;
  struct error err;
  (void)state;
  arena_init(&arena, 0);
  rego_errors_clear(&errors);
  rego_errors_add(&errors, &arena, REGO_PARSE_ERROR, source, at(2, 3, 12), "first");
  rego_errors_add(&errors, &arena, REGO_PARSE_ERROR, source, at(3, 1, 20), "second");
  assert_int_equal(rego_errors_to_error(&errors, SW_EINVAL, &err), SW_EINVAL);
  assert_string_equal(err.message, "rego_parse_error: first");
  assert_int_equal(err.line, 2);
  assert_int_equal(err.column, 3);
  arena_free(&arena);
}

static void cuts_long_lines_and_messages(void **state)
{
  char text[5000];
  struct rego_errors errors;
  struct arena arena;
  _cleanup_(buf_free) struct buf out = {0};
  (void)state;
  memset(text, 'a', sizeof text);
  text[sizeof text - 1] = 0;
  arena_init(&arena, 0);
  rego_errors_clear(&errors);
  struct rego_source long_source = {STR_EMPTY, str_from(text)};
  rego_errors_add(&errors, &arena, REGO_PARSE_ERROR, long_source, at(1, 4000, 3999), "%s", text);
  rego_errors_write(&out, &errors);
  assert_in_range(out.len, 2000, 2600);
  arena_free(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(writes_as_opa_does),
      cmocka_unit_test(shows_the_last_line_for_the_end),
      cmocka_unit_test(does_without_name_and_place),
      cmocka_unit_test(keeps_ten),
      cmocka_unit_test(becomes_an_error),
      cmocka_unit_test(cuts_long_lines_and_messages),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
