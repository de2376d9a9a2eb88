#include "../test.h"

#include "base/buf.h"
#include "data/yaml_input.h"

static struct str str_of(const struct buf *b)
{
  return buf_str(b);
}

static void finds_what_yaml_does_not_allow(void **state)
{
  (void)state;
  static const struct {
    struct str text;
    size_t at;
  } cases[] = {
      {STR_INIT(""), 0},
      {STR_INIT("a: b\tc\r\n"), 8},
      {STR_INIT("a\0b"), 1},
      {STR_INIT("0123456789abcdef\x01"), 16},
      {STR_INIT("0123456789abcde\x7F"), 15},
      {STR_INIT("0123456789abcdef0123456789\x1B[0m"), 26},
      {STR_INIT("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), 9},
      {STR_INIT("0123456789abcd\xE2\x82\xAC"), 17},
      {STR_INIT("\xC2\x85\xC2\xA0\xE2\x80\xA8\xEF\xBB\xBF"), 10},
      {STR_INIT("a\xC2\x80"), 1},
      {STR_INIT("a\xEF\xBF\xBE"), 1},
      {STR_INIT("a\xED\xA0\x80"), 1},
      {STR_INIT("a\xC0\x80"), 1},
      {STR_INIT("ab\xE2\x82"), 2},
      {STR_INIT("ab\x80"), 2},
      {STR_INIT("\xF4\x90\x80\x80"), 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct yaml_input input = {0};
    yaml_input_set(&input, cases[i].text);
    assert_int_equal(yaml_input_check(&input, 0), cases[i].at);
    yaml_input_free(&input);
  }
}

static void checks_on_behind_a_bad_byte(void **state)
{
  (void)state;
  struct yaml_input input = {0};
  yaml_input_set(&input, STR("a: \x01\n---\nb: \x02\n---\nc: 3\n"));
  assert_int_equal(yaml_input_check(&input, 0), 3);
  assert_int_equal(yaml_input_check(&input, 2), 3);
  assert_int_equal(yaml_input_check(&input, 5), 12);
  assert_int_equal(yaml_input_check(&input, 14), 23);
  assert_int_equal(yaml_input_check(&input, 0), 3);
  yaml_input_free(&input);
}

static void says_what_is_wrong_and_where(void **state)
{
  (void)state;
  struct error err;
  assert_int_equal(yaml_input_refuse(STR("a\n\xC3\xA9\x01"), 4, 2, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "control character U+0001");
  assert_int_equal(err.line, 2);
  assert_int_equal(err.column, 2);
  yaml_input_refuse(STR("ab\0"), 2, 1, &err);
  assert_error(err, SW_EINVAL, "binary data");
  assert_int_equal(err.column, 3);
  yaml_input_refuse(STR("\xFF"), 0, 7, &err);
  assert_error(err, SW_EINVAL, "0xFF is not UTF-8");
  assert_int_equal(err.line, 7);
}

/* One line per event: type, marks, texts. */
static void describe_event(struct buf *out, const yaml_event_t *e)
{
  buf_printf(out, "%d %zu:%zu-%zu:%zu", (int)e->type, e->start_mark.line, e->start_mark.column,
             e->end_mark.line, e->end_mark.column);
  if (e->type == YAML_SCALAR_EVENT) {
    buf_printf(out, " %d ", e->data.scalar.plain_implicit);
    buf_add(out, str_make((const char *)e->data.scalar.value, e->data.scalar.length));
  }
  buf_add_byte(out, '\n');
}

static void describe(struct buf *out, yaml_parser_t *parser)
{
  for (bool more = true; more;) {
    yaml_event_t event;
    if (!yaml_parser_parse(parser, &event)) {
      buf_printf(out, "%d %s %s %zu:%zu\n", (int)parser->error, parser->problem,
                 parser->context ? parser->context : "", parser->problem_mark.line,
                 parser->problem_mark.column);
      return;
    }
    more = event.type != YAML_STREAM_END_EVENT;
    describe_event(out, &event);
    yaml_event_delete(&event);
  }
}

static const char *const streams[] = {
    "",
    "\n",
    "#",
    "a",
    "a:",
    "a: b",
    "a: 'b",
    "a: \"\\u12",
    "a: \"\\x4",
    "a: \"x\\",
    "- ",
    "-",
    "--",
    "---",
    "--- ",
    "...",
    "..",
    "%",
    "%YAML",
    "%YAML 1.1",
    "%TAG ! tag:x,2000:\n---\n!a b",
    "&",
    "*",
    "!",
    "!<a",
    "!!",
    "|",
    ">",
    "|+",
    ">2-",
    "a: |\n  x\n\n",
    "a: |\n  x\n   y\n z",
    "a: >-\n  x\n  y\n\n  z\n",
    "[",
    "[a",
    "[a,",
    "{a: b, c",
    "{a: b}\r",
    "a: b\r\nc: d\r\n",
    "? a\n: b\n",
    "a: b # c\n# d\n--- e\n---\n- f\n...\n",
    "\xC3\xA9: \xE2\x82\xAC\n\xF0\x9F\x98\x80 : x",
    "a: \xC2\x85 b: \xE2\x80\xA8 c",
    "a\t: b\n\tc: d",
    "'it''s': \"a\\nb\\u00e9\\\n   c\"\n",
    "a: - b\n",
    "a: b: c\n",
    "\xEF\xBB\xBFx: b",
};

static void gives_the_same_events_as_libyaml_alone(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
    struct str text = str_from(streams[i]);
    struct buf expected = {0}, actual = {0};
    yaml_parser_t parser;
    assert_true(yaml_parser_initialize(&parser));
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.data, text.len);
    describe(&expected, &parser);
    yaml_parser_delete(&parser);

    struct yaml_input input = {0};
    yaml_input_set(&input, text);
    assert_int_equal(yaml_input_check(&input, 0), text.len);
    yaml_input_start(&input, &parser, 0, text.len);
    describe(&actual, &parser);
    yaml_input_stop(&input, &parser);
    yaml_input_free(&input);
    assert_str(str_of(&actual), buf_text(&expected));
    buf_free(&expected);
    buf_free(&actual);
  }
}

static void reads_a_part_and_then_the_rest(void **state)
{
  (void)state;
  struct str text = STR("a: 1\n---\nb: 2\n---\nc: 3\n");
  struct yaml_input input = {0};
  yaml_input_set(&input, text);
  yaml_input_check(&input, 0);
  static const struct {
    size_t from, to;
    const char *scalar;
  } parts[] = {{0, 5, "a"}, {5, 14, "b"}, {14, 23, "c"}, {5, 14, "b"}};
  for (size_t i = 0; i < 4; i++) {
    yaml_parser_t parser;
    struct buf events = {0};
    yaml_input_start(&input, &parser, parts[i].from, parts[i].to);
    describe(&events, &parser);
    yaml_input_stop(&input, &parser);
    assert_true(str_find(str_of(&events), 0, str_from(parts[i].scalar)) > 0);
    for (const char *other = "abc"; *other; other++)
      if (*other != *parts[i].scalar)
        assert_true(str_find_byte(str_of(&events), 0, *other) < 0);
    buf_free(&events);
  }
  yaml_input_free(&input);
}

static void finds_marks_again_in_bytes(void **state)
{
  (void)state;
  struct str text = STR("\xC3\xA9: \xE2\x82\xAC\r\nb: [\xF0\x9F\x98\x80, d]\n");
  static const size_t expected[] = {0, 4, 9, 13, 19};
  struct yaml_input input = {0};
  yaml_input_set(&input, text);
  yaml_input_check(&input, 0);
  yaml_parser_t parser;
  yaml_input_start(&input, &parser, 0, text.len);
  size_t scalars = 0;
  for (bool more = true; more;) {
    yaml_event_t event;
    assert_true(yaml_parser_parse(&parser, &event));
    more = event.type != YAML_STREAM_END_EVENT;
    if (event.type == YAML_SCALAR_EVENT)
      assert_int_equal(yaml_input_position(&input, &parser, 0, event.start_mark),
                       expected[scalars++]);
    yaml_event_delete(&event);
  }
  assert_int_equal(scalars, 5);
  yaml_input_stop(&input, &parser);
  yaml_input_free(&input);
}

static void counts_and_finds_lines(void **state)
{
  (void)state;
  struct str text = STR("a\nb\r\nc\rd\xC2\x85g\xE2\x80\xA8h");
  assert_int_equal(yaml_line_count(text), 5);
  static const size_t starts[] = {0, 2, 5, 7, 10, 14};
  for (size_t i = 0; i + 1 < 6; i++) {
    assert_true(yaml_line_begins(text, starts[i]));
    assert_int_equal(yaml_line_next(text, starts[i]), starts[i + 1]);
    assert_int_equal(yaml_line_start(text, starts[i]), starts[i]);
  }
  assert_int_equal(yaml_line_start(text, 4), 2);
  assert_false(yaml_line_begins(text, 4));
  assert_int_equal(yaml_line_next(text, 14), text.len);
  assert_int_equal(yaml_line_start(STR_EMPTY, 0), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_what_yaml_does_not_allow),
      cmocka_unit_test(checks_on_behind_a_bad_byte),
      cmocka_unit_test(says_what_is_wrong_and_where),
      cmocka_unit_test(gives_the_same_events_as_libyaml_alone),
      cmocka_unit_test(reads_a_part_and_then_the_rest),
      cmocka_unit_test(finds_marks_again_in_bytes),
      cmocka_unit_test(counts_and_finds_lines),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
