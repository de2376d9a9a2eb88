#include "test.h"

#include "base/mem.h"
#include "report/diff.h"

static void check(const char *before, const char *after, const char *expected)
{
  _cleanup_(buf_free) struct buf out = {0};
  struct diff_style style = {.before = STR("a/x"), .after = STR("b/x")};
  diff_write(&out, str_from(before), str_from(after), &style);
  assert_str(buf_str(&out), expected);
}

static void test_changes_have_context(void **state)
{
  (void)state;
  check("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
        "--- a/x\n+++ b/x\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
  check("1\n2\n", "0\n1\n2\n3\n", "--- a/x\n+++ b/x\n@@ -1,2 +1,4 @@\n+0\n 1\n 2\n+3\n");
  check("1\n", "", "--- a/x\n+++ b/x\n@@ -1 +0,0 @@\n-1\n");
  check("", "1\n2\n", "--- a/x\n+++ b/x\n@@ -0,0 +1,2 @@\n+1\n+2\n");
}

static void test_far_changes_are_hunks_of_their_own(void **state)
{
  (void)state;
  check(
      "a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
      "--- a/x\n+++ b/x\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
  check("a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
        "--- a/x\n+++ b/x\n@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");
}

static void test_equal_texts_have_none(void **state)
{
  (void)state;
  check("", "", "");
  check("a\nb", "a\nb", "");
}

static void test_missing_line_ends_are_told(void **state)
{
  (void)state;
  check("a\nb", "a\nb\n",
        "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
  check("a", "b",
        "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end "
        "of file\n");
}

static void test_bytes_stay_unless_asked(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf out = {0};
  check("a\r\n\x1b[2J\n", "a\r\n", "--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n a\r\n-\x1b[2J\n");
  struct diff_style style = {.color = true, .visible = true};
  struct diff_counts counts = diff_write(&out, STR("a\r\n\x1b[2J\n"), STR("a\r\n"), &style);
  assert_str(buf_str(&out), "\x1b[36m@@ -1,2 +1 @@\x1b[0m\n a\n\x1b[31m-\\x1b[2J\x1b[0m\n");
  assert_int_equal(counts.removed, 1);
  assert_int_equal(counts.added, 0);
}

/* Applies a diff of one text to it, line by line. */
static void apply(struct str before, struct str diff, struct buf *out)
{
  size_t at = 0, line = 0;
  struct str rest = diff;
  while (rest.data && rest.len) {
    struct str d = str_cut(rest, '\n', &rest);
    if (d.data[0] == '@') {
      unsigned from = 0, count = 1;
      assert_true(sscanf(d.data, "@@ -%u,%u", &from, &count) >= 1);
      size_t until = count ? from - 1 : from;
      while (line < until) {
        size_t next = (size_t)str_find_byte(before, at, '\n') + 1;
        buf_add(out, str_sub(before, at, next - at));
        at = next;
        line++;
      }
      continue;
    }
    if (d.data[0] != '+') {
      size_t next = (size_t)str_find_byte(before, at, '\n') + 1;
      assert_true(str_eq(str_sub(before, at, next - at - 1), str_sub(d, 1, d.len)));
      at = next;
      line++;
    }
    if (d.data[0] != '-') {
      buf_add(out, str_sub(d, 1, d.len));
      buf_add_byte(out, '\n');
    }
  }
  buf_add(out, str_sub(before, at, before.len));
}

/* Texts of few different lines, so that much repeats. */
static void make_text(struct buf *out, uint32_t *seed, unsigned lines)
{
  for (unsigned i = 0; i < lines; i++) {
    *seed = *seed * 1664525 + 1013904223;
    buf_printf(out, "%u\n", (*seed >> 24) % 5);
  }
}

static void test_any_diff_can_be_applied(void **state)
{
  (void)state;
  struct diff_style style = {0};
  for (uint32_t i = 0; i < 400; i++) {
    uint32_t seed = i;
    _cleanup_(buf_free) struct buf a = {0}, b = {0}, diff = {0}, result = {0};
    make_text(&a, &seed, i % 60);
    make_text(&b, &seed, (i * 7) % 53);
    if (i % 3 == 0)
      buf_add(&b, buf_str(&a));
    diff_write(&diff, buf_str(&a), buf_str(&b), &style);
    apply(buf_str(&a), buf_str(&diff), &result);
    assert_true(str_eq(buf_str(&result), buf_str(&b)));
  }
}

static void test_texts_with_nothing_in_common_are_replaced(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf a = {0}, b = {0}, diff = {0}, result = {0};
  struct diff_style style = {0};
  for (unsigned i = 0; i < 3000; i++) {
    buf_printf(&a, "a%u\n", i);
    buf_printf(&b, "b%u\n", i);
  }
  struct diff_counts counts = diff_write(&diff, buf_str(&a), buf_str(&b), &style);
  assert_int_equal(counts.added, 3000);
  assert_int_equal(counts.removed, 3000);
  apply(buf_str(&a), buf_str(&diff), &result);
  assert_true(str_eq(buf_str(&result), buf_str(&b)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_changes_have_context),
      cmocka_unit_test(test_far_changes_are_hunks_of_their_own),
      cmocka_unit_test(test_equal_texts_have_none),
      cmocka_unit_test(test_missing_line_ends_are_told),
      cmocka_unit_test(test_bytes_stay_unless_asked),
      cmocka_unit_test(test_any_diff_can_be_applied),
      cmocka_unit_test(test_texts_with_nothing_in_common_are_replaced),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
