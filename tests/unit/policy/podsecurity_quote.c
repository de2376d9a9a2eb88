#include "../test.h"

#include "policy/podsecurity_quote.h"

static void assert_quoted(struct str text, const char *expected)
{
  struct buf out = {0};
  podsecurity_quote(&out, text);
  assert_str(buf_str(&out), expected);
  buf_free(&out);
}

/* Expected texts are those of Go's %q. */
static void quotes_as_go_does(void **state)
{
  (void)state;
  assert_quoted(STR(""), "\"\"");
  assert_quoted(STR("plain text"), "\"plain text\"");
  assert_quoted(STR("a\"b\\c'd"), "\"a\\\"b\\\\c'd\"");
  assert_quoted(STR("\a\b\f\n\r\t\v"), "\"\\a\\b\\f\\n\\r\\t\\v\"");
  assert_quoted(STR("\0\x1b\x7f"), "\"\\x00\\x1b\\x7f\"");
}

static void keeps_what_is_printable(void **state)
{
  (void)state;
  assert_quoted(STR("\u00e9\u4e16\u00a1"), "\"\u00e9\u4e16\u00a1\"");
  assert_quoted(STR("\U0001F600"), "\"\U0001F600\"");
  assert_quoted(STR("\U00011F02"), "\"\U00011F02\""); /* new in Unicode 15 */
  assert_quoted(STR("\u00a0"), "\"\\u00a0\"");        /* no-break space */
  assert_quoted(STR("\u00ad"), "\"\\u00ad\"");        /* soft hyphen */
  assert_quoted(STR("\u200b"), "\"\\u200b\"");        /* zero width space */
  assert_quoted(STR("\u2028"), "\"\\u2028\"");
  assert_quoted(STR("\ue000"), "\"\\ue000\"");         /* private use */
  assert_quoted(STR("\U000e0001"), "\"\\U000e0001\""); /* language tag */
  assert_quoted(STR("\U0010ffff"), "\"\\U0010ffff\""); /* no character */
  assert_quoted(STR("\xc2\x80"), "\"\\u0080\"");       /* C1 control */
  assert_quoted(STR("\ufffd"), "\"\ufffd\"");
}

static void shows_bytes_that_are_no_text(void **state)
{
  (void)state;
  assert_quoted(STR("a\xff\xc3"), "\"a\\xff\\xc3\"");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(quotes_as_go_does),
      cmocka_unit_test(keeps_what_is_printable),
      cmocka_unit_test(shows_bytes_that_are_no_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
