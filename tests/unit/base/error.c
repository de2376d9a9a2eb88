#include "../test.h"

#include <errno.h>

static void fills_code_place_and_message(void **state)
{
  (void)state;
  struct error err;
  assert_int_equal(error_set(&err, SW_EINVAL, "\"%s\" is not a number", "x"), SW_EINVAL);
  assert_string_equal(err.message, "\"x\" is not a number");
  assert_int_equal(err.line, 0);
  assert_int_equal(error_set_at(&err, SW_ELIMIT, 14, 7, "too deep"), SW_ELIMIT);
  assert_int_equal(err.code, SW_ELIMIT);
  assert_int_equal(err.line, 14);
  assert_int_equal(err.column, 7);
}

static void works_without_a_struct(void **state)
{
  (void)state;
  assert_int_equal(error_set(NULL, SW_EIO, "x"), SW_EIO);
  assert_int_equal(error_set_at(NULL, SW_EINVAL, 1, 1, "x"), SW_EINVAL);
  assert_int_equal(error_set_errno(NULL, ENOENT, "x"), SW_ENOENT);
  assert_true(error_wrap(NULL, "x") < 0);
}

static void the_code_follows_errno(void **state)
{
  (void)state;
  static const int rows[][2] = {
      {ENOENT, SW_ENOENT}, {ENOTDIR, SW_ENOENT}, {EACCES, SW_EACCES},
      {EPERM, SW_EACCES},  {ENOMEM, SW_ELIMIT},  {EFBIG, SW_ELIMIT},
      {EPIPE, SW_EPIPE},   {ENOSPC, SW_EIO},     {EIO, SW_EIO},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct error err;
    assert_int_equal(error_set_errno(&err, rows[i][0], "opening %s", "a.yaml"), rows[i][1]);
    assert_error(err, rows[i][1], "opening a.yaml: ");
    assert_error(err, rows[i][1], strerror(rows[i][0]));
  }
}

static void puts_context_in_front(void **state)
{
  (void)state;
  struct error err;
  error_set_at(&err, SW_EINVAL, 3, 4, "no value");
  assert_int_equal(error_wrap(&err, "reading %s", "a.yaml"), SW_EINVAL);
  assert_string_equal(err.message, "reading a.yaml: no value");
  assert_int_equal(err.line, 3);
  assert_int_equal(err.column, 4);
}

static void marks_a_message_that_was_cut(void **state)
{
  (void)state;
  char text[2000];
  memset(text, 'x', sizeof text);
  text[sizeof text - 1] = '\0';
  struct error err;
  error_set(&err, SW_EINVAL, "%s", text);
  assert_int_equal(strlen(err.message), ERROR_MESSAGE_MAX - 1);
  assert_string_equal(err.message + ERROR_MESSAGE_MAX - 4, "...");

  text[ERROR_MESSAGE_MAX - 1] = '\0'; /* fits exactly */
  error_set(&err, SW_EINVAL, "%s", text);
  assert_string_equal(err.message, text);
}

static void does_not_cut_a_character_in_two(void **state)
{
  (void)state;
  for (size_t shift = 0; shift < 4; shift++) {
    char text[1001] = "abcd";
    for (size_t i = shift; i + 4 <= 1000; i += 4)
      memcpy(text + i, "\360\237\230\200", 4);
    struct error err;
    error_set(&err, SW_EINVAL, "%s", text);
    size_t len = strlen(err.message);
    assert_string_equal(err.message + len - 3, "...");
    assert_int_equal((len - 3 - shift) % 4, 0);
  }
}

static void a_long_name_does_not_push_the_cause_out(void **state)
{
  (void)state;
  char path[4000];
  memset(path, 'p', sizeof path);
  path[sizeof path - 1] = '\0';
  struct error err;
  error_set_errno(&err, EACCES, "opening %s", path);
  assert_error(err, SW_EACCES, "ppp...: Permission denied");

  error_set(&err, SW_EINVAL, "the cause");
  error_wrap(&err, "reading %s", path);
  assert_error(err, SW_EINVAL, "ppp...: the cause");
  assert_int_equal(strlen(err.message), ERROR_MESSAGE_MAX - 1);

  error_set(&err, SW_EINVAL, "%s", path);
  error_wrap(&err, "reading %s", "a.yaml");
  assert_error(err, SW_EINVAL, "reading a.yaml: ppp");
  assert_string_equal(err.message + ERROR_MESSAGE_MAX - 4, "...");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fills_code_place_and_message),
      cmocka_unit_test(works_without_a_struct),
      cmocka_unit_test(the_code_follows_errno),
      cmocka_unit_test(puts_context_in_front),
      cmocka_unit_test(marks_a_message_that_was_cut),
      cmocka_unit_test(does_not_cut_a_character_in_two),
      cmocka_unit_test(a_long_name_does_not_push_the_cause_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
