#include "../test.h"

#include "data/yaml_problem.h"

static const struct problem_case {
  const char *text;
  uint32_t line, column;
  const char *words;
  const char *libyaml;
} cases[] = {
    {"a: b: c\n", 1, 5, "a \":\" that begins a value is not allowed here",
     "mapping values are not allowed in this context"},
    {"a: 1\n  b: 2\n", 2, 4, "indented wrongly", "mapping values"},
    {"a: 1\nb\nc: 2\n", 2, 1, "a \":\" and a space are missing", "could not find expected ':'"},
    {"a:\n    b: 1\n  c: 2\n", 3, 3, "the mapping that begins on line 1",
     "did not find expected key"},
    {"a: 'b' c\nd: 1\n", 1, 8, "the mapping that begins on line 1", "did not find expected key"},
    {"- a\nb: 1\n", 2, 1, "the list that begins on line 1", "did not find expected '-' indicator"},
    {"a: [b\nc: d\n", 2, 2, "\"[\" begins on line 1", "did not find expected ',' or ']'"},
    {"a: {b: c\nd: e\n", 2, 2, "\"{\" begins on line 1", "did not find expected ',' or '}'"},
    {"'a'\n}\n", 2, 1, "the document has ended, but text follows",
     "did not find expected <document start>"},
    {"a: [b, , }\n", 1, 8, "a value is expected here", "did not find expected node content"},
    {"a: 1\nb: \"x\ny: 2\n", 2, 4, "the quote that opens here is never closed",
     "found unexpected end of stream"},
    {"a: 1\nb: 'x\n---\ny: 2\n", 2, 4, "is not closed before the end of the document",
     "found unexpected document indicator"},
    {"a:\n\tb: 1\n", 2, 1, "a tab is used for indentation",
     "found character that cannot start any token"},
    {"a:\n  b: 1\n\tc: 2\n", 3, 1, "a tab is used for indentation; YAML allows only spaces",
     "violates indentation"},
    {"a: |\n  x\n\ty\n", 3, 1, "a tab is used for indentation; YAML allows only spaces",
     "where an indentation space is expected"},
    {"a: @b\n", 1, 4, "a value cannot begin with \"@\"", "cannot start any token"},
    {"a: `b`\n", 1, 4, "a value cannot begin with \"`\"", "cannot start any token"},
    {"a: - b\n", 1, 4, "it belongs on a line of its own", "block sequence entries"},
    {"a: ? b\n", 1, 4, "a key (\"? \") is not allowed here", "mapping keys"},
    {"a: !x!y b\n", 1, 4, "no %TAG line defines", "found undefined tag handle"},
    {"a: \"\\d\"\n", 1, 5, "unknown escape", "found unknown escape character"},
    {"a: \"\\xg0\"\n", 1, 7, "lacks its hexadecimal digits", "hexdecimal"},
    {"a: \"\\ud83d\\ude00\"\n", 1, 7, "surrogate", "invalid Unicode character escape code"},
    {"a: *\n", 1, 5, "the name of an anchor or alias", "alphabetic or numeric"},
    {"a: &b$ c\n", 1, 6, "the name of an anchor or alias", "alphabetic or numeric"},
    {"a: |x\n  y\n", 1, 5, "only a comment may stand behind", "expected comment or line break"},
    {"a: |0\n  y\n", 1, 5, "is 1 to 9", "indentation indicator equal to 0"},
    {"%YAML 1.1\n%YAML 1.1\n--- a\n", 2, 1, "a second %YAML line", "duplicate %YAML directive"},
    {"%YAML 2.0\n--- a\n", 1, 1, "another version", "incompatible YAML document"},
    {"%TAG ! a\n%TAG ! b\n--- a\n", 2, 1, "defined twice", "duplicate %TAG directive"},
    {"%FOO bar\na: 1\n", 1, 5, "is a directive", "found unknown directive name"},
    {"\xC3\xA9\xC3\xA9: b: c\n", 1, 6, "is not allowed here", "mapping values"},
    {"a: !<x b\n", 1, 7, "while scanning a tag", "did not find the expected '>'"},
};

static int first_problem(const char *text, uint32_t lines_before, struct error *err)
{
  yaml_parser_t parser;
  assert_true(yaml_parser_initialize(&parser));
  yaml_parser_set_input_string(&parser, (const unsigned char *)text, strlen(text));
  int rc = 0;
  for (bool more = true; more;) {
    yaml_event_t event;
    if (!yaml_parser_parse(&parser, &event)) {
      rc = yaml_problem(&parser, lines_before, err);
      break;
    }
    more = event.type != YAML_STREAM_END_EVENT;
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
  return rc;
}

static void puts_problems_into_words_where_they_are(void **state)
{
  (void)state;
  int failed = 0;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct error err = {0};
    int rc = first_problem(cases[i].text, 0, &err);
    if (rc != SW_EINVAL || err.line != cases[i].line || err.column != cases[i].column ||
        !strstr(err.message, cases[i].words) || !strstr(err.message, cases[i].libyaml)) {
      print_error("%s\ngives %u:%u: %s\n", cases[i].text, err.line, err.column, err.message);
      failed++;
    }
  }
  assert_int_equal(failed, 0);
}

static void adds_the_lines_before(void **state)
{
  (void)state;
  struct error err;
  first_problem("a: [b\nc: d\n", 100, &err);
  assert_int_equal(err.line, 102);
  assert_error(err, SW_EINVAL, "begins on line 101");
}

static void suggests_what_the_lines_look_like(void **state)
{
  (void)state;
  assert_non_null(strstr(yaml_problem_hint(STR("a: 1\nimage: {{ .Values.image }}\n")), "Helm"));
  assert_non_null(
      strstr(yaml_problem_hint(STR("replicas:3\nimage: x\n")), "colon lacks the space"));
  assert_non_null(
      strstr(yaml_problem_hint(STR("x\n  - app.kubernetes.io/name:web")), "colon lacks"));
  assert_string_equal(yaml_problem_hint(STR("image: nginx:1.25\nurl: http://x: y\n")), "");
  assert_string_equal(yaml_problem_hint(STR("http://x\na:\n\"a\":b\n")), "");
  assert_string_equal(yaml_problem_hint(STR_EMPTY), "");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(puts_problems_into_words_where_they_are),
      cmocka_unit_test(adds_the_lines_before),
      cmocka_unit_test(suggests_what_the_lines_look_like),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
