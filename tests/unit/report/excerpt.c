#include "../test.h"

#include "report/excerpt.h"
#include "report/text.h"

/* The excerpt and, below it, the run under its token. */
static void assert_excerpt(struct str text, size_t at, size_t len, unsigned columns, bool unicode,
                           const char *expected)
{
  struct source source;
  source_init(&source, text);
  struct buf out = {0};
  struct excerpt e = excerpt_add(&out, &source, at, len, columns, unicode);
  size_t width = text_width(buf_str(&out), true);
  assert_true(width <= (columns < EXCERPT_COLUMNS_MIN ? EXCERPT_COLUMNS_MIN : columns));
  buf_add_byte(&out, '\n');
  buf_add_repeat(&out, ' ', e.from);
  buf_add_repeat(&out, '^', e.to - e.from);
  assert_str(buf_str(&out), expected);
  buf_free(&out);
  source_free(&source);
}

static void shows_the_whole_line_if_it_fits(void **state)
{
  (void)state;
  struct str text = STR("a:\n  b: true \nc");
  assert_excerpt(text, 8, 4, 40, true, "  b: true\n     ^^^^");
  assert_excerpt(text, 15, 0, 40, true, "c\n ^");
  assert_excerpt(STR("\xef\xbb\xbf"
                     "a: b"),
                 6, 1, 40, true, "a: b\n   ^");
}

static void runs_stand_under_wide_and_escaped_characters(void **state)
{
  (void)state;
  assert_excerpt(STR("\ta: \xe4\xb8\xad\xe4\xb8\xad z"), 4, 6, 40, true,
                 "    a: \xe4\xb8\xad\xe4\xb8\xad z\n       ^^^^");
  assert_excerpt(STR("\xe4\xb8\xad: \xe4\xb8\xad"), 5, 3, 40, false,
                 "\\u4e2d: \\u4e2d\n        ^^^^^^");
  assert_excerpt(STR("\033]0;x\007: b"), 8, 1, 40, true, "\\x1b]0;x\\x07: b\n              ^");
  assert_excerpt(STR("e\xcc\x81: b"), 5, 1, 40, true, "e\xcc\x81: b\n   ^");
}

static void leaves_out_indentation_first(void **state)
{
  (void)state;
  struct str text = STR("                privileged: true");
  assert_excerpt(text, 28, 4, 32, true,
                 "                privileged: true\n"
                 "                            ^^^^");
  assert_excerpt(text, 28, 4, 20, true, "privileged: true\n            ^^^^");
}

static void cuts_what_is_far_from_the_token(void **state)
{
  (void)state;
  struct str text = STR("abcdefghijklmnopqrstuvwxyz: true, 0123456789");
  assert_excerpt(text, 28, 4, 24, true, "\xe2\x80\xa6vwxyz: true, 0123456789\n        ^^^^");
  assert_excerpt(text, 28, 4, 22, true,
                 "\xe2\x80\xa6wxyz: true, 01234567\xe2\x80\xa6\n       ^^^^");
  assert_excerpt(text, 28, 4, 22, false, "...yz: true, 012345...\n       ^^^^");
  assert_excerpt(text, 0, 26, 20, true, "abcdefghijklmnopqrs\xe2\x80\xa6\n^^^^^^^^^^^^^^^^^^^");
  /* Fewer columns than make sense. */
  assert_excerpt(text, 28, 4, 1, true, "\xe2\x80\xa6yz: true, 0123\xe2\x80\xa6\n     ^^^^");
}

static void looks_only_near_the_token(void **state)
{
  (void)state;
  struct buf text = {0};
  buf_add_repeat(&text, 'x', 50 << 20);
  buf_add_text(&text, ": true,");
  buf_add_repeat(&text, '\xe9', 50 << 20); /* no UTF-8 */
  assert_excerpt(buf_str(&text), (50 << 20) + 2, 4, 30, true,
                 "\xe2\x80\xa6xxxxxxx: true,\\xe9\\xe9\\xe9\xe2\x80\xa6\n          ^^^^");
  buf_free(&text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shows_the_whole_line_if_it_fits),
      cmocka_unit_test(runs_stand_under_wide_and_escaped_characters),
      cmocka_unit_test(leaves_out_indentation_first),
      cmocka_unit_test(cuts_what_is_far_from_the_token),
      cmocka_unit_test(looks_only_near_the_token),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
