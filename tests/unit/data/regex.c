#include "../test.h"

#include "base/buf.h"
#include "data/regex.h"

#include <pthread.h>

static struct regex *compile(const char *pattern, unsigned flags)
{
  struct regex *r = NULL;
  struct error err;
  if (regex_compile(str_from(pattern), flags, &r, &err) < 0)
    fail_msg("%s", err.message);
  return r;
}

static void matches(void **state)
{
  (void)state;
  static const struct {
    const char *pattern;
    unsigned flags;
    const char *text;
    bool somewhere, full;
  } cases[] = {
      {"", 0, "abc", true, false},
      {"", 0, "", true, true},
      {"b", 0, "abc", true, false},
      {"abc", 0, "abc", true, true},
      {"^a", 0, "abc", true, false},
      {"^b", 0, "abc", false, false},
      {"c$", 0, "abc", true, false},
      {"c$", 0, "abc\n", false, false},
      {"^abc$", 0, "abc", true, true},
      {"(?m)^b$", 0, "a\nb\nc", true, false},
      {"a.c", 0, "a\nc", false, false},
      {"a.c", REGEX_DOT_ALL, "a\nc", true, true},
      {"ABC", REGEX_NOCASE, "xabc", true, false},
      {"(?i)abc", 0, "ABC", true, true},
      {"a.c", REGEX_LITERAL, "abc", false, false},
      {"a.c", REGEX_LITERAL, "xa.c", true, false},
      {"a|ab", 0, "ab", true, true},
      {"^.$", 0, "\xc3\xa4", true, true},
      {"^.$", 0, "\xff", false, false},
      {"a", 0,
       "\xff"
       "a",
       true, false},
      {"\\d+", 0, "x12", true, false},
      {"^\\pL+$", 0,
       "\xc3\xa4"
       "b",
       true, true},
      {"a.*b", 0, "xaxxbx", true, false},
      {"(a+)+$", 0, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false, false},
      {"a\\.b", 0, "xa.b", true, false},
      {"a\\.b", 0, "axb", false, false},
      {"\\Aab\\z", 0, "ab", true, true},
      {".*b", 0, "ab", true, true},
      {"^a.*", 0, "a\nb", true, false},
      {"^a.*$", 0, "a\nb", false, false},
      {".*?b", 0, "a", false, false},
      {"ab*", 0, "a", true, true},
      {"ab?", 0, "xa", true, false},
      {"ab{2}", 0, "ab", false, false},
      {"^*b", 0, "b", true, true},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    _cleanup_(regex_freep) struct regex *r = compile(cases[i].pattern, cases[i].flags);
    if (regex_match(r, str_from(cases[i].text)) != cases[i].somewhere ||
        regex_match_full(r, str_from(cases[i].text)) != cases[i].full)
      fail_msg("\"%s\" and \"%s\"", cases[i].pattern, cases[i].text);
    assert_int_equal(regex_find(r, str_from(cases[i].text), 0, NULL, 0), cases[i].somewhere);
    assert_str(regex_pattern(r), cases[i].pattern);
  }
}

static void finds_groups(void **state)
{
  (void)state;
  _cleanup_(regex_freep) struct regex *r =
      compile("(?P<major>[0-9]+)\\.(?<minor>[0-9]+)(-([a-z]+))?", 0);
  struct regex_span g[REGEX_GROUPS_MAX + 3];
  struct str text = STR("go 1.22, v1.2-rc");
  assert_int_equal(regex_groups(r), 4);
  assert_str(regex_group_name(r, 1), "major");
  assert_str(regex_group_name(r, 2), "minor");
  assert_str(regex_group_name(r, 3), "");
  assert_str(regex_group_name(r, 99), "");
  assert_int_equal(regex_group_number(r, STR("minor")), 2);
  assert_int_equal(regex_group_number(r, STR("none")), 0);
  assert_true(regex_find(r, text, 0, g, 6));
  assert_int_equal(g[0].start, 3);
  assert_int_equal(g[0].end, 7);
  assert_str(regex_text(text, g[1]), "1");
  assert_str(regex_text(text, g[2]), "22");
  assert_true(g[3].start == REGEX_NOWHERE);
  assert_str(regex_text(text, g[4]), "");
  assert_true(g[5].start == REGEX_NOWHERE);
  assert_true(regex_find(r, text, 7, g, 5));
  assert_str(regex_text(text, g[0]), "1.2-rc");
  assert_str(regex_text(text, g[4]), "rc");
  assert_false(regex_find(r, text, text.len, g, 5));
  assert_false(regex_find(r, text, text.len + 1, g, 5));
  assert_true(regex_find(r, text, 0, g, REGEX_GROUPS_MAX + 3));
  _cleanup_(regex_freep) struct regex *anchored = compile("^b", 0);
  assert_false(regex_find(anchored, STR("ab"), 1, g, 1));
  _cleanup_(regex_freep) struct regex *empty = compile("x*", 0);
  assert_true(regex_find(empty, STR_EMPTY, 0, g, 1));
  assert_true(g[0].start == 0 && g[0].end == 0);
  assert_true(regex_find(empty, (struct str){NULL, 0}, 0, g, 1));
  assert_true(g[0].start == 0 && g[0].end == 0);
}

static void walks_as_find_all(void **state)
{
  (void)state;
  static const struct {
    const char *pattern, *text, *found;
  } cases[] = {
      {"a", "banana", "a@1 a@3 a@5 "},
      {"a*", "baaac", "@0 aaa@1 @5 "},
      {"", "ab", "@0 @1 @2 "},
      {"",
       "\xc3\xa4"
       "b",
       "@0 @2 @3 "},
      {"a*", "", "@0 "},
      {"b*", "abb", "@0 bb@1 "},
      {"x", "abc", ""},
      {"a|", "aba", "a@0 a@2 "},
      {"\\b", "ab cd", "@0 @2 @3 @5 "},
      {"^a", "aaa", "a@0 "},
      {"..", "abcde", "ab@0 cd@2 "},
      {"$", "ab", "@2 "},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    _cleanup_(regex_freep) struct regex *r = compile(cases[i].pattern, 0);
    _cleanup_(buf_free) struct buf out = {0};
    struct regex_walk walk = {0};
    struct regex_span span;
    struct str text = str_from(cases[i].text);
    while (regex_next(r, text, &walk, &span, 1))
      buf_printf(&out, "%.*s@%zu ", STR_FMT(regex_text(text, span)), span.start);
    assert_str(buf_str(&out), cases[i].found);
    assert_false(regex_next(r, text, &walk, &span, 1));
  }
}

static void replaces(void **state)
{
  (void)state;
  static const struct {
    const char *pattern, *text, *replacement, *expected, *literal;
  } cases[] = {
      {"a(x*)b", "-ab-axxb-", "T", "-T-T-", "-T-T-"},
      {"a(x*)b", "-ab-axxb-", "$1", "--xx-", "-$1-$1-"},
      {"a(x*)b", "-ab-axxb-", "$1W", "---", "-$1W-$1W-"},
      {"a(x*)b", "-ab-axxb-", "${1}W", "-W-xxW-", "-${1}W-${1}W-"},
      {"a(?P<n>x*)b", "axb", "<$n>$$$0", "<x>$axb", "<$n>$$$0"},
      {"a", "banana", "$9${none}$", "b$n$n$", "b$9${none}$n$9${none}$n$9${none}$"},
      {"a", "xax", "${}${1$ $-", "x${}${1$ $-x", "x${}${1$ $-x"},
      {"(a)", "a", "$01|$1|$10", "|a|", "$01|$1|$10"},
      {"", "ab", "-", "-a-b-", "-a-b-"},
      {"b*", "abb", "-", "-a-", "-a-"},
      {"x", "", "y", "", ""},
      {"", "\xc3\xa4", "-", "-\xc3\xa4-", "-\xc3\xa4-"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    _cleanup_(regex_freep) struct regex *r = compile(cases[i].pattern, 0);
    _cleanup_(buf_free) struct buf out = {0}, literal = {0};
    regex_replace(r, str_from(cases[i].text), str_from(cases[i].replacement), &out);
    assert_str(buf_str(&out), cases[i].expected);
    regex_replace_literal(r, str_from(cases[i].text), str_from(cases[i].replacement), &literal);
    assert_str(buf_str(&literal), cases[i].literal);
  }
  _cleanup_(regex_freep) struct regex *r = compile("a", 0);
  _cleanup_(buf_free) struct buf small;
  buf_init(&small, 8);
  regex_replace(r, STR("aaaa"), STR("0123456789"), &small);
  assert_true(buf_failed(&small));
}

static void says_what_is_wrong(void **state)
{
  (void)state;
  static const struct {
    const char *pattern, *message;
    int code;
    uint32_t column;
  } cases[] = {
      {"(abc", "parentheses that do not match", SW_EINVAL, 0},
      {"abc)", "parentheses that do not match", SW_EINVAL, 0},
      {"[abc", "\"[\" without its \"]\"", SW_EINVAL, 0},
      {"x[abc", "\"[\" without its \"]\" \"[abc\"", SW_EINVAL, 2},
      {"[z-a]", "runs backwards or has no end \"z-a\"", SW_EINVAL, 2},
      {"x\xc3\xa4*+", "repetition of a repetition", SW_EINVAL, 3},
      {"*a", "nothing to repeat before \"*\"", SW_EINVAL, 1},
      {"a{1001}", "repetition over 1000 times", SW_EINVAL, 2},
      {"(?P<n>a)(?P<n>b)", "the group name \"n\" occurs twice", SW_EINVAL, 12},
      {"(?P<n-m>a)", "wrong group name", SW_EINVAL, 1},
      {"a\\Z", "unknown escape \"\\Z\"", SW_EINVAL, 2},
      {"a\\", "\"\\\" at the end", SW_EINVAL, 0},
      {"(?z)a", "unknown kind of group \"(?z\"", SW_EINVAL, 1},
      {"a\xff", "bytes that are not UTF-8", SW_EINVAL, 0},
      {"ab(?=c)", "look-ahead ((?=, (?!) is not part of RE2's syntax", SW_EUNSUPPORTED, 3},
      {"\xc3\xa4(?!c)", "look-ahead", SW_EUNSUPPORTED, 2},
      {"(?<=a)b", "look-behind", SW_EUNSUPPORTED, 1},
      {"(?<!a)b", "look-behind", SW_EUNSUPPORTED, 1},
      {"(a)\\1", "back-references (\\1) are not part", SW_EUNSUPPORTED, 4},
      {"(?P<n>a)\\k<n>", "back-references", SW_EUNSUPPORTED, 9},
      {"(?>a)", "atomic groups", SW_EUNSUPPORTED, 1},
      {"(?(1)a)", "conditional groups", SW_EUNSUPPORTED, 1},
      {"(?#c)a", "comments", SW_EUNSUPPORTED, 1},
      {"a\\C", "single bytes", SW_EUNSUPPORTED, 2},
      {"((a{100}){100}){100}", "", 0, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct regex *r = NULL;
    struct error err = {0};
    int code = regex_compile(str_from(cases[i].pattern), 0, &r, &err);
    if (cases[i].code == 0) { /* whatever the library says of it, it is an answer */
      assert_true(code < 0);
      continue;
    }
    if (code != cases[i].code)
      fail_msg("%s: %d", cases[i].pattern, code);
    assert_error(err, cases[i].code, cases[i].message);
    assert_int_equal(err.column, cases[i].column);
    assert_null(r);
  }
}

static void takes_what_only_looks_unsupported(void **state)
{
  (void)state;
  static const struct {
    const char *pattern, *text;
  } cases[] = {{"[(?=]", "="},          {"\\(?=", "="},          {"\\Q(?=\\1\\E", "(?=\\1"},
               {"\\Q(?=", "(?="},       {"[\\]\\[(?<=]+", "]["}, {"[]\\](?!]", "!"},
               {"[[:alpha:](?!]", "z"}, {"\\\\1", "\\1"},        {"(?<n>a)", "a"},
               {"[^](?<n>]", "x"},      {"(?:a)", "a"},          {"(?is:A.)", "a\n"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    _cleanup_(regex_freep) struct regex *r = compile(cases[i].pattern, 0);
    if (!regex_match_full(r, str_from(cases[i].text)))
      fail_msg("%s", cases[i].pattern);
  }
}

static void has_limits(void **state)
{
  (void)state;
  struct regex *r = NULL;
  struct error err;
  size_t size = REGEX_LENGTH_MAX + 1;
  char *text = mem_alloc(size);
  memset(text, 'a', size);
  assert_int_equal(regex_compile(str_make(text, size), 0, &r, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "65537 bytes is longer than 65536");
  assert_int_equal(regex_compile(str_make(text, size - 1), 0, &r, &err), 0);
  regex_free(r);
  memset(text, '(', size);
  assert_int_equal(regex_compile(str_make(text, 5000), 0, &r, &err), SW_EINVAL);
  mem_free(text);
  assert_int_equal(regex_compile_within(STR("\\pL{500}"), 0, 4096, &r, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "more memory than 4096 bytes");
  regex_free(NULL);
}

static void knows_plain_patterns(void **state)
{
  (void)state;
  static const struct {
    const char *pattern;
    unsigned flags;
    enum regex_shape shape;
    const char *literal;
  } cases[] = {
      {"abc", 0, REGEX_CONTAINS, "abc"},
      {"", 0, REGEX_CONTAINS, ""},
      {"^abc", 0, REGEX_PREFIX, "abc"},
      {"\\Aabc", 0, REGEX_PREFIX, "abc"},
      {"abc$", 0, REGEX_SUFFIX, "abc"},
      {"^abc$", 0, REGEX_EQUALS, "abc"},
      {"^a\\.b/c\\$$", 0, REGEX_EQUALS, "a.b/c$"},
      {"^registry\\.k8s\\.io/.*", 0, REGEX_PREFIX, "registry.k8s.io/"},
      {".*abc", 0, REGEX_CONTAINS, "abc"},
      {"a.c", REGEX_LITERAL, REGEX_CONTAINS, "a.c"},
      {"^$", 0, REGEX_EQUALS, ""},
      {".*", 0, REGEX_CONTAINS, ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    _cleanup_(regex_freep) struct regex *r = compile(cases[i].pattern, cases[i].flags);
    struct str literal;
    assert_int_equal(regex_shape(r, &literal), cases[i].shape);
    assert_str(literal, cases[i].literal);
  }
  static const char *const others[] = {
      "a.c",   "abc*", "abc?",  "ab|c", "(abc)", "^.*abc", "^abc.*$", "a{2}",  "a\\d",  "a$b",
      "(?i)a", ".*?a", "^abc+", "[a]",  "^^a",   "a\\n",   ".+",      "\\x41", "ab\\*+"};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    _cleanup_(regex_freep) struct regex *r = compile(others[i], 0);
    struct str literal;
    if (regex_shape(r, &literal) != REGEX_OTHER)
      fail_msg("%s", others[i]);
  }
  _cleanup_(regex_freep) struct regex *r = compile("abc", REGEX_NOCASE);
  struct str literal;
  assert_int_equal(regex_shape(r, &literal), REGEX_OTHER);
}

static void quotes(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf out = {0};
  struct str text = STR("a.b*c+(d)[e]{f}|^$\\?-\0x\xc3\xa4");
  regex_quote(&out, text);
  struct regex *r = NULL;
  struct error err;
  assert_int_equal(regex_compile(buf_str(&out), 0, &r, &err), 0);
  assert_true(regex_match_full(r, text));
  regex_free(r);
}

static void *match_often(void *regex)
{
  char text[64];
  intptr_t wrong = 0;
  for (int i = 0; i < 2000; i++) {
    int len = snprintf(text, sizeof text, "x%d-%d", i, i % 7);
    struct regex_span g[3];
    wrong += !regex_find(regex, str_make(text, (size_t)len), 0, g, 3) || g[1].start != 1;
  }
  return (void *)wrong;
}

static void is_shared_between_threads(void **state)
{
  (void)state;
  _cleanup_(regex_freep) struct regex *r = compile("([0-9]+)-([0-6])", 0);
  pthread_t threads[4];
  for (int i = 0; i < 4; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, match_often, r), 0);
  for (int i = 0; i < 4; i++) {
    void *wrong;
    pthread_join(threads[i], &wrong);
    assert_null(wrong);
  }
}

static void refuses_in_gos_words(void **state)
{
  (void)state;
  static const struct {
    const char *pattern, *words;
  } rows[] = {
      {"[", "missing closing ]: `[`"},
      {"(a", "missing closing ): `(a`"},
      {"a)", "unexpected ): `a)`"},
      {"*", "missing argument to repetition operator: `*`"},
      {"a**", "invalid nested repetition operator: `**`"},
      {"a{1001}", "invalid repeat count: `{1001}`"},
      {"\\8", "invalid escape sequence: `\\8`"},
      {"\\", "trailing backslash at end of expression"},
      {"[b-a]", "invalid character class range: `b-a`"},
      {"\\pX", "invalid character class range: `\\pX`"},
      {"(?=a)", "invalid or unsupported Perl syntax: `(?=`"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    _cleanup_(buf_free) struct buf out = {0};
    assert_true(regex_refusal(str_from(rows[i].pattern), &out));
    assert_str(buf_str(&out), rows[i].words);
  }
  _cleanup_(buf_free) struct buf out = {0};
  assert_false(regex_refusal(STR("a+"), &out));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(matches),
      cmocka_unit_test(finds_groups),
      cmocka_unit_test(walks_as_find_all),
      cmocka_unit_test(replaces),
      cmocka_unit_test(says_what_is_wrong),
      cmocka_unit_test(takes_what_only_looks_unsupported),
      cmocka_unit_test(has_limits),
      cmocka_unit_test(knows_plain_patterns),
      cmocka_unit_test(quotes),
      cmocka_unit_test(is_shared_between_threads),
      cmocka_unit_test(refuses_in_gos_words),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
