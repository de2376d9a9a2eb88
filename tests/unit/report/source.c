#include "../test.h"

#include "base/buf.h"
#include "report/source.h"

/* The position in bytes of a place; -1 if there is none. */
static long find(struct str text, uint32_t line, uint32_t column)
{
  struct source s;
  source_init(&s, text);
  size_t at;
  bool found = source_find(&s, line, column, &at);
  source_free(&s);
  return found ? (long)at : -1;
}

static void finds_lines_and_columns(void **state)
{
  (void)state;
  struct str text = STR("ab\ncd\r\n\re\xc3\xa9\xff"
                        "f");
  static const struct {
    uint32_t line, column;
    long at;
  } rows[] = {
      {1, 1, 0},  {1, 2, 1},  {1, 3, 2},  {1, 4, -1}, {2, 1, 3},  {2, 0, 3},
      {2, 3, 5},  {2, 4, -1}, {3, 1, 7},  {4, 1, 8},  {4, 2, 9},  {4, 3, 11},
      {4, 4, 12}, {4, 5, 13}, {4, 6, -1}, {5, 1, -1}, {0, 1, -1},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (find(text, rows[i].line, rows[i].column) != rows[i].at)
      fail_msg("%u:%u is at %ld", rows[i].line, rows[i].column,
               find(text, rows[i].line, rows[i].column));
  assert_int_equal(find(STR_EMPTY, 1, 1), -1);
}

static void marks_of_encodings_count_nothing(void **state)
{
  (void)state;
  assert_int_equal(find(STR("\xef\xbb\xbf"
                            "ab"),
                        1, 1),
                   3);
  assert_int_equal(find(STR("\xef\xbb\xbf"
                            "ab"),
                        1, 2),
                   4);
  assert_int_equal(find(STR("\xff\xfe"
                            "a\0b\0"),
                        1, 1),
                   -1);
  assert_int_equal(find(STR("\0a\0b"), 1, 1), -1);
}

/* Against a walk without marks, in any order of asking. */
static void marks_change_nothing(void **state)
{
  (void)state;
  struct buf text = {0};
  for (uint32_t i = 0; i < 40000; i++) {
    if (i != 20000)
      buf_printf(&text, "line %u \xc3\xa9\xe4\xb8\xad%s", i, i % 3 ? "\n" : "\r\n");
    else
      for (int j = 0; j < 300000; j++) /* one long line */
        buf_add_text(&text, "\xc3\xa9-");
  }
  struct source s;
  source_init(&s, buf_str(&text));
  static const uint32_t lines[] = {39000, 1, 20001, 20000, 5, 30000, 20001};
  static const uint32_t columns[] = {3, 1, 599999, 2, 7, 11, 70001};
  for (int i = 0; i < 7; i++) {
    size_t at = 0;
    uint32_t line = 1, column = 1;
    while (line != lines[i] || column != columns[i]) {
      unsigned char c = (unsigned char)text.data[at++];
      if (c == '\n') {
        line++;
        column = 1;
      } else if (c != '\r' && (at >= text.len || (text.data[at] & 0xc0) != 0x80)) {
        column++;
      }
    }
    size_t found = 0;
    assert_true(source_find(&s, lines[i], columns[i], &found));
    assert_int_equal(found, at);
  }
  assert_true(s.marks.count > 10);
  source_free(&s);
  buf_free(&text);
}

static void tells_how_far_a_value_reaches(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    uint32_t column;
    const char *evidence, *token;
  } rows[] = {
      {"hostNetwork: true # now", 14, "", "true"},
      {"hostNetwork: true", 1, "", "hostNetwork"},
      {"hostNetwork:", 1, "", "hostNetwork"},
      {"image: a:1 b, c  ", 8, "", "a:1 b, c"},
      {"image: a#b", 8, "", "a#b"},
      {"a: \"x\\\" # y\" # z", 4, "", "\"x\\\" # y\""},
      {"a: 'it''s' b", 4, "", "'it''s'"},
      {"a: \"open", 4, "", "\"open"},
      {"a: {b: true, c: [1, 2]}", 8, "", "true"},
      {"a: {b: true, c: [1, 2]}", 17, "", "[1, 2]"},
      {"a: {b: true, c: [1, 2]}", 4, "", "{b: true, c: [1, 2]}"},
      {"a: {b: \"}\", c: 1} x", 4, "", "{b: \"}\", c: 1}"},
      {"a: {b: 1,", 4, "", "{"},
      {"{\"a\":{\"b\":true}}", 11, "", "true"},
      {"{\"a\":{\"b\":true}}", 7, "", "\"b\""},
      {"- name: app", 1, "", "-"},
      {"- name: app", 3, "", "name"},
      {"- -5", 3, "", "-5"},
      {"a: |", 4, "", "|"},
      {"a: NET_ADMIN and more", 4, "NET_ADMIN", "NET_ADMIN"},
      {"a: other", 4, "NET_ADMIN", "other"},
      {"a: \t", 3, "", " "},
      {"a", 2, "", ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct source s;
    struct str text = str_from(rows[i].text);
    source_init(&s, text);
    size_t at = 0;
    assert_true(source_find(&s, 1, rows[i].column, &at));
    assert_str(str_sub(text, at, source_token(&s, at, str_from(rows[i].evidence))), rows[i].token);
    source_free(&s);
  }
}

static void tells_the_line_around(void **state)
{
  (void)state;
  struct source s;
  source_init(&s, STR("one\ntwo three\r\nfour"));
  assert_int_equal(source_before(&s, 8, 100), 4);
  assert_int_equal(source_before(&s, 8, 2), 2);
  assert_int_equal(source_behind(&s, 8, 100), 5);
  assert_int_equal(source_behind(&s, 8, 3), 3);
  assert_int_equal(source_before(&s, 0, 9), 0);
  assert_int_equal(source_behind(&s, 19, 9), 0);
  source_free(&s);
  source_init(&s, STR("\xc3\xa9\xff"
                      "a"));
  assert_int_equal(source_columns(&s, 0, 4), 3);
  source_free(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_lines_and_columns), cmocka_unit_test(marks_of_encodings_count_nothing),
      cmocka_unit_test(marks_change_nothing),    cmocka_unit_test(tells_how_far_a_value_reaches),
      cmocka_unit_test(tells_the_line_around),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
