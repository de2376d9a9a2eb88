#include "../test.h"

#include "lang/rego/lexer.h"

/* The kinds of a text's tokens, as OPA names them, with their texts where these say more. */
static void lex(const char *text, char *out, size_t size)
{
  struct rego_lexer lexer;
  struct rego_token token;
  size_t len = 0;
  rego_lexer_start(&lexer, str_from(text));
  out[0] = 0;
  do {
    rego_lexer_next(&lexer, &token);
    enum rego_token_kind kind = token.kind;
    const char *name = kind == REGO_TOKEN_ILLEGAL ? rego_lexer_message(token.detail)
                                                  : rego_token_name(kind);
    len += (size_t)snprintf(out + len, size - len, "%s%s", len ? " " : "", name);
    if (kind == REGO_TOKEN_IDENT || kind == REGO_TOKEN_NUMBER || kind == REGO_TOKEN_STRING ||
        kind == REGO_TOKEN_RAW_STRING || kind == REGO_TOKEN_TEMPLATE_PART ||
        kind == REGO_TOKEN_TEMPLATE_END || kind == REGO_TOKEN_COMMENT)
      len += (size_t)snprintf(out + len, size - len, "<%.*s>", (int)(token.end - token.start),
                              text + token.start);
  } while (token.kind != REGO_TOKEN_EOF);
}

struct row {
  const char *text, *tokens;
};

static void check(const struct row *rows, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    char out[2000];
    lex(rows[i].text, out, sizeof out);
    if (strcmp(out, rows[i].tokens) != 0)
      print_error("%s\n", rows[i].text);
    assert_string_equal(out, rows[i].tokens);
  }
}

#define CHECK(rows) check(rows, sizeof rows / sizeof *rows)

static void knows_signs_and_words(void **state)
{
  static const struct row rows[] = {
      {"", "eof"},
      {" \t\r\n ", "eof"},
      {"[]{}(),:;.", "[ ] { } ( ) , : ; . eof"},
      {":= = == != < <= > >=", "assign eq equal neq lt lte gt gte eof"},
      {"+-*/%&|", "plus minus mul div rem and or eof"},
      {"a_1 _ _x A", "identifier<a_1> identifier<_> identifier<_x> identifier<A> eof"},
      {"package import as default else not some with",
       "package import as default else not some with eof"},
      {"null true false in every contains if and or",
       "null true false in every contains if and or eof"},
      {"notx iff", "identifier<notx> identifier<iff> eof"},
      {"a # b c\n# d", "identifier<a> comment<# b c> comment<# d> eof"},
      {"'", "illegal token eof"},
      {"a ? b", "identifier<a> illegal token identifier<b> eof"},
      {"!a", "illegal ! character identifier<a> eof"},
      {"$a", "illegal $ character identifier<a> eof"},
      {"\xc3\xa4", "illegal token eof"},
  };
  (void)state;
  CHECK(rows);
}

static void reads_numbers(void **state)
{
  static const struct row rows[] = {
      {"0 12 1.5 1e6 1.5E-3 0e+1",
       "number<0> number<12> number<1.5> number<1e6> number<1.5E-3> number<0e+1> eof"},
      {".5", ". number<5> eof"},
      {"-1", "minus number<1> eof"},
      {"1.", "expected fraction eof"},
      {"1.a", "expected fraction eof"},
      {"1e", "expected exponent eof"},
      {"1e+", "expected exponent eof"},
      {"6abc 0x1F", "illegal number format illegal number format eof"},
      {"1.5.2", "number<1.5> . number<2> eof"},
  };
  (void)state;
  CHECK(rows);
}

static void reads_strings(void **state)
{
  static const struct row rows[] = {
      {"\"\" \"a b\"", "string<\"\"> string<\"a b\"> eof"},
      {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\"",
       "string<\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\"> eof"},
      {"\"\xc3\xa4\"", "string<\"\xc3\xa4\"> eof"},
      {"\"a", "non-terminated string eof"},
      {"\"a\nb", "non-terminated string identifier<b> eof"},
      {"\"\\x\" a", "illegal escape sequence identifier<a> eof"},
      {"\"\\", "illegal escape sequence eof"},
      {"`a\n\\b\"`", "string<`a\n\\b\"`> eof"},
      {"`a", "non-terminated string eof"},
      {"\"\xff\"", "illegal utf-8 character eof"},
      {"# \xff\na", "illegal utf-8 character identifier<a> eof"},
      {"a\xef\xbb\xbf", "identifier<a> illegal byte-order mark eof"},
  };
  (void)state;
  CHECK(rows);
}

static void reads_templates(void **state)
{
  static const struct row rows[] = {
      {"$\"\"", "template-string-end<$\"\"> eof"},
      {"$\"a b\"", "template-string-end<$\"a b\"> eof"},
      {"$\"a{x}b\"", "template-string-part<$\"a{> identifier<x> } template-string-end<b\"> eof"},
      {"$\"{x}{y}\" z", "template-string-part<$\"{> identifier<x> } template-string-part<{> "
                        "identifier<y> } template-string-end<\"> identifier<z> eof"},
      {"$\"{{1}}\"", "template-string-part<$\"{> { number<1> } } template-string-end<\"> eof"},
      {"$\"{$\"{x}\"}\"", "template-string-part<$\"{> template-string-part<$\"{> identifier<x> } "
                          "template-string-end<\"> } template-string-end<\"> eof"},
      {"$\"\\{x}\\\\{y}\"",
       "template-string-part<$\"\\{x}\\\\{> identifier<y> } template-string-end<\"> eof"},
      {"$`a\n{x}\\{`",
       "template-string-part<$`a\n{> identifier<x> } template-string-end<\\{`> eof"},
      {"$\"a\n", "non-terminated string eof"},
      {"$\"{\"}\"}\"", "template-string-part<$\"{> string<\"}\"> } template-string-end<\"> eof"},
      {"$\"\\y\"", "illegal escape sequence eof"},
      /* A quote too few does not swallow what follows. */
      {"$\"{x\"\n}\nb", "template-string-part<$\"{> identifier<x> non-terminated string } "
                        "identifier<b> eof"},
  };
  (void)state;
  CHECK(rows);
}

static void refuses_templates_too_deep(void **state)
{
  char text[4 * REGO_TEMPLATES_NESTED_MAX + 8];
  struct rego_lexer lexer;
  struct rego_token token;
  size_t len = 0;
  (void)state;
  for (int i = 0; i <= REGO_TEMPLATES_NESTED_MAX; i++, len += 3)
    memcpy(text + len, "$\"{", 3);
  rego_lexer_start(&lexer, str_make(text, len));
  for (int i = 0; i < REGO_TEMPLATES_NESTED_MAX; i++) {
    rego_lexer_next(&lexer, &token);
    assert_int_equal(token.kind, REGO_TOKEN_TEMPLATE_PART);
  }
  rego_lexer_next(&lexer, &token);
  assert_int_equal(token.kind, REGO_TOKEN_ILLEGAL);
  assert_string_equal(rego_lexer_message(token.detail), "template strings are nested too deeply");
}

static void tells_places_and_what_was_in_front(void **state)
{
  static const struct {
    uint32_t start, end, line, column;
    unsigned flags;
  } rows[] = {
      {3, 4, 1, 1, 0},                                         /* a, behind a byte order mark */
      {4, 5, 1, 2, 0},                                         /* . */
      {6, 10, 1, 4, REGO_TOKEN_SPACED},                        /* "aau" */
      {11, 12, 1, 8, REGO_TOKEN_SPACED},                       /* b */
      {14, 15, 2, 2, REGO_TOKEN_SPACED | REGO_TOKEN_NEW_LINE}, /* c */
      {15, 15, 2, 3, 0},                                       /* end */
  };
  struct rego_lexer lexer;
  struct rego_token token;
  (void)state;
  rego_lexer_start(&lexer, STR("\xef\xbb\xbf"
                               "a. \"\xc3\xa4\" b\n\tc"));
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    rego_lexer_next(&lexer, &token);
    assert_int_equal(token.start, rows[i].start);
    assert_int_equal(token.end, rows[i].end);
    assert_int_equal(token.line, rows[i].line);
    assert_int_equal(token.column, rows[i].column);
    assert_int_equal(token.flags, rows[i].flags);
  }
  rego_lexer_next(&lexer, &token);
  assert_int_equal(token.kind, REGO_TOKEN_EOF);
}

static void numbers_wildcards(void **state)
{
  struct rego_lexer lexer;
  struct rego_token token;
  (void)state;
  rego_lexer_start(&lexer, STR("_ _a _"));
  rego_lexer_next(&lexer, &token);
  assert_int_equal(token.detail, 0);
  rego_lexer_next(&lexer, &token);
  rego_lexer_next(&lexer, &token);
  assert_int_equal(token.detail, 1);
}

static void flags_parts_of_templates(void **state)
{
  struct rego_lexer lexer;
  struct rego_token token;
  (void)state;
  rego_lexer_start(&lexer, STR("$`{x} `"));
  rego_lexer_next(&lexer, &token);
  assert_int_equal(token.flags, REGO_TOKEN_RAW | REGO_TOKEN_SPACED);
  rego_lexer_next(&lexer, &token);
  rego_lexer_next(&lexer, &token);
  rego_lexer_next(&lexer, &token);
  assert_int_equal(token.kind, REGO_TOKEN_TEMPLATE_END);
  assert_int_equal(token.flags, REGO_TOKEN_RAW | REGO_TOKEN_CONTINUES);
}

static void zero_bytes_are_illegal(void **state)
{
  struct rego_lexer lexer;
  struct rego_token token;
  (void)state;
  rego_lexer_start(&lexer, STR("\"a\0b\" c"));
  rego_lexer_next(&lexer, &token);
  assert_int_equal(token.kind, REGO_TOKEN_ILLEGAL);
  assert_string_equal(rego_lexer_message(token.detail), "illegal null character");
  rego_lexer_next(&lexer, &token);
  assert_int_equal(token.kind, REGO_TOKEN_IDENT);
}

static void knows_identifiers(void **state)
{
  (void)state;
  assert_true(rego_is_identifier(STR("a_1")));
  assert_true(rego_is_identifier(STR("_")));
  assert_true(rego_is_identifier(STR("if")));
  assert_false(rego_is_identifier(STR("")));
  assert_false(rego_is_identifier(STR("1a")));
  assert_false(rego_is_identifier(STR("a-b")));
  assert_false(rego_is_identifier(STR("\xc3\xa4")));
  assert_int_equal(rego_word_kind(STR("every")), REGO_TOKEN_EVERY);
  assert_int_equal(rego_word_kind(STR("everything")), REGO_TOKEN_IDENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(knows_signs_and_words),
      cmocka_unit_test(reads_numbers),
      cmocka_unit_test(reads_strings),
      cmocka_unit_test(reads_templates),
      cmocka_unit_test(refuses_templates_too_deep),
      cmocka_unit_test(tells_places_and_what_was_in_front),
      cmocka_unit_test(numbers_wildcards),
      cmocka_unit_test(flags_parts_of_templates),
      cmocka_unit_test(zero_bytes_are_illegal),
      cmocka_unit_test(knows_identifiers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
