#include "../test.h"

#include "base/mem.h"
#include "report/text.h"

static void assert_visible(struct str text, bool unicode, const char *expected, size_t width)
{
  _cleanup_(buf_free) struct buf out = {0};
  text_add_visible(&out, text, unicode);
  assert_str(buf_str(&out), expected);
  assert_int_equal(text_width(text, unicode), width);
}

static void shows_what_would_command_or_mislead(void **state)
{
  (void)state;
  assert_visible(STR("plain ~ text"), true, "plain ~ text", 12);
  assert_visible(STR("\033[31mred"), true, "\\x1b[31mred", 11);
  assert_visible(STR("a\nb\tc\rd"), true, "a b c d", 7);
  assert_visible(STR("\0\x7f"), true, "\\x00\\x7f", 8);
  assert_visible(STR("\xc2\x9b"
                     "31m"),
                 true, "\\u009b31m", 9); /* CSI in one character */
  assert_visible(STR("\xe2\x80\xae"
                     "cba"),
                 true, "\\u202ecba", 9);
  assert_visible(STR("a\xe2\x80\x8b"
                     "b"),
                 true, "a\\u200bb", 8);
  assert_visible(STR("\xf3\xa0\x80\xa1"), true, "\\U000e0021", 10);
  assert_visible(STR("\xff\xc3(\xed\xa0\x80"), true, "\\xff\\xc3(\\xed\\xa0\\x80", 21);
}

static void letters_beyond_ascii_are_shown_where_they_can_be(void **state)
{
  (void)state;
  struct str text = STR("caf\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x9a\xa2 e\xcc\x81");
  assert_visible(text, true, "caf\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x9a\xa2 e\xcc\x81", 12);
  assert_visible(text, false, "caf\\u00e9 \\u4e2d \\U0001f6a2 e\\u0301", 35);
}

static void assert_wrapped(const char *text, unsigned indent, unsigned width, const char *expected)
{
  _cleanup_(buf_free) struct buf out = {0};
  text_add_wrapped(&out, str_from(text), indent, width, true);
  assert_str(buf_str(&out), expected);
}

static void wraps_words(void **state)
{
  (void)state;
  assert_wrapped("one two  three", 2, 9, "one two\n  three");
  assert_wrapped("one two three", 2, 0, "one two three");
  assert_wrapped("one two three", 0, 7, "one two\nthree");
  assert_wrapped("one two", 0, 6, "one\ntwo");
  assert_wrapped("unbreakable a", 2, 5, "unbreakable\n  a");
  assert_wrapped("\xe4\xb8\xad\xe4\xb8\xad \xe4\xb8\xad", 0, 6,
                 "\xe4\xb8\xad\xe4\xb8\xad\n\xe4\xb8\xad");
  assert_wrapped("  trimmed \n", 2, 80, "trimmed");
  assert_wrapped("", 2, 80, "");
}

static void lines_stay_lines_and_yaml_stays_yaml(void **state)
{
  (void)state;
  assert_wrapped("Write:\n  a:\n    b: a long value that is not wrapped\nand go on then", 2, 14,
                 "Write:\n    a:\n      b: a long value that is not wrapped\n  and go on\n  then");
  assert_wrapped("a\n\nb", 1, 10, "a\n \n b");
  assert_wrapped("a\r\n  \033x\r\nb", 0, 10, "a\n  \\x1bx\nb");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shows_what_would_command_or_mislead),
      cmocka_unit_test(letters_beyond_ascii_are_shown_where_they_can_be),
      cmocka_unit_test(wraps_words),
      cmocka_unit_test(lines_stay_lines_and_yaml_stays_yaml),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
