#include "../test.h"

#include "net/http.h"

static void test_methods(void **state)
{
  (void)state;
  static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
    enum http_method method = HTTP_GET;
    assert_true(http_method_named(str_from(names[i]), &method));
    assert_int_equal(method, i);
    assert_str(http_method_name(method), names[i]);
  }
  enum http_method method = HTTP_PUT;
  static const char *const none[] = {"", "get", "GETS", "TRACE", "CONNECT"};
  for (unsigned i = 0; i < sizeof none / sizeof none[0]; i++)
    assert_false(http_method_named(str_from(none[i]), &method));
  assert_int_equal(method, HTTP_PUT);
}

static void test_fields(void **state)
{
  (void)state;
  const struct http_field fields[] = {
      {STR("A"), STR("1")}, {STR("b"), STR("2")}, {STR("a"), STR("3")}};
  struct str value = STR("x");
  assert_true(http_field_find(fields, 3, STR("a"), true, &value));
  assert_str(value, "1");
  assert_true(http_field_find(fields, 3, STR("a"), false, &value));
  assert_str(value, "3");
  assert_false(http_field_find(fields, 2, STR("a"), false, &value));
  assert_str(value, "");
  assert_true(http_field_find(fields, 3, STR("B"), true, NULL));
  assert_false(http_field_find(NULL, 0, STR("B"), true, NULL));
}

static void test_texts(void **state)
{
  (void)state;
  assert_true(http_is_token(STR("X-Some_Name.1")));
  assert_false(http_is_token(STR("")));
  assert_false(http_is_token(STR("a b")));
  assert_false(http_is_token(STR("a:")));
  assert_false(http_is_token(STR("a\n")));
  assert_false(http_is_token(STR("a\0b")));
  assert_false(http_is_token(STR("\xc3\xa4")));
  assert_true(http_is_value(STR("")));
  assert_true(http_is_value(STR("a b\tc \xc3\xa4")));
  assert_false(http_is_value(STR("a\rb")));
  assert_false(http_is_value(STR("a\nb")));
  assert_false(http_is_value(STR("a\0b")));
  assert_false(http_is_value(STR("\x7f")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_methods),
      cmocka_unit_test(test_fields),
      cmocka_unit_test(test_texts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
