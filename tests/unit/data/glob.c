#include "../test.h"

#include "base/mem.h"
#include "data/glob.h"

static struct glob *compile(struct arena *a, const char *pattern, const char *delimiters,
                            unsigned flags)
{
  struct glob *g = NULL;
  struct error err;
  if (glob_compile(a, str_from(pattern), str_from(delimiters), flags, &g, &err) < 0)
    fail_msg("%s", err.message);
  return g;
}

struct match_case {
  const char *pattern, *text;
  bool expected;
};

static void check(const struct match_case *cases, size_t count, const char *delimiters,
                  unsigned flags)
{
  for (size_t i = 0; i < count; i++) {
    struct arena a;
    arena_init(&a, 0);
    struct glob *g = compile(&a, cases[i].pattern, delimiters, flags);
    if (glob_match(g, str_from(cases[i].text)) != cases[i].expected)
      fail_msg("\"%s\" and \"%s\": expected %d", cases[i].pattern, cases[i].text,
               cases[i].expected);
    arena_free(&a);
  }
}

#define CHECK(cases, delimiters, flags)                                                            \
  check((cases), sizeof(cases) / sizeof(cases)[0], (delimiters), (flags))

static void matches_names(void **state)
{
  (void)state;
  static const struct match_case cases[] = {
      {"", "", true},
      {"", "a", false},
      {"*", "", true},
      {"*", "a/b.c", true},
      {"?", "", false},
      {"?", "a", true},
      {"?", "\xc3\xa4", true},
      {"?", "ab", false},
      {"web", "web", true},
      {"web", "web1", false},
      {"web-*", "web-1", true},
      {"web-*", "web", false},
      {"*-db", "my-db", true},
      {"*-db", "my-dbx", false},
      {"*a*", "bab", true},
      {"*a*", "bbb", false},
      {"a*b*c", "aXbYc", true},
      {"a*b*c", "aXcYb", false},
      {"a?c", "abc", true},
      {"a?c", "ac", false},
      {"**", "x", true},
      {"a**b", "a/b", true},
      {"[a]", "a", false},
      {"[a]", "[a]", true},
      {"{a,b}", "a", false},
      {"a\\*", "a\\x", true},
      {"*.example.com", "example.com", false},
      {"*.example.com", "a.b.example.com", true},
      {"*?*", "", false},
      {"*?*", "x", true},
      {"??*", "x", false},
      {"??*", "xy", true},
  };
  CHECK(cases, "", GLOB_WILDCARD);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_int_equal(glob_match_name(str_from(cases[i].pattern), str_from(cases[i].text)),
                     cases[i].expected);
}

static void keeps_to_delimiters(void **state)
{
  (void)state;
  static const struct match_case cases[] = {
      {"*.github.com", "api.github.com", true},
      {"*.github.com", "a.b.github.com", false},
      {"**.github.com", "a.b.github.com", true},
      {"*:github:com", "a.b:github:com", false},
      {"a?c", "a.c", false},
      {"a[.]c", "a.c", false},
      {"a[!x]c", "a.c", false},
      {"a[!x]c", "abc", true},
      {"*", "ab", true},
      {"*", "a.b", false},
      {"**", "a.b", true},
      {"a.*", "a.b", true},
      {"a.*", "a.b.c", false},
      {"a.**", "a.b.c", true},
      {"*.b", "a.b", true},
      {"*b", "a.b", false},
      {"*a*", "xay", true},
      {"*a*", "x.ay", false},
      {"*a*", "xa.y", false},
      {"**a*", "x.ay", true},
      {"**a**", "x.a.y", true},
  };
  CHECK(cases, ".", GLOB_SYNTAX);
  static const struct match_case several[] = {
      {"*", "a.b", false},
      {"*", "a:b", false},
      {"*",
       "a\xc2\xb7"
       "b",
       false},
      {"*", "a/b", true},
      {"*?c", "a:c", false},
      {"**c",
       "a:b\xc2\xb7"
       "c",
       true},
  };
  CHECK(several, ".:\xc2\xb7", GLOB_SYNTAX);
  static const struct match_case in_classes[] = {{"a[.]c", "a.c", true}, {"a[!x]c", "a.c", true}};
  CHECK(in_classes, ".", GLOB_SYNTAX | GLOB_CLASS_DELIMITERS);
}

static void matches_classes_and_braces(void **state)
{
  (void)state;
  static const struct match_case cases[] = {
      {"[abc]", "b", true},
      {"[abc]", "d", false},
      {"[a-c]x", "bx", true},
      {"[!a-c]", "b", false},
      {"[^a-c]", "d", true},
      {"[]]", "]", true},
      {"[!]]", "]", false},
      {"[!]]", "a", true},
      {"[]-a]", "^", true},
      {"[a-]", "-", true},
      {"[-a]", "-", true},
      {"[a-]", "b", false},
      {"[\\]]", "]", true},
      {"[\\a-c]", "b", true},
      {"[a-\\c]", "c", true},
      {"[!!]", "!", false},
      {"[\xc3\xa0-\xc3\xbf]", "\xc3\xa9", true},
      {"[\xc3\xa0-\xc3\xbf]", "e", false},
      {"[a]*[b]", "axxb", true},
      {"[!a]", "", false},
      {"{a,b}", "a", true},
      {"{a,b}", "b", true},
      {"{a,b}", "c", false},
      {"{a,b}", "a,b", false},
      {"x{a,bc}y", "xbcy", true},
      {"x{a,bc}y", "xby", false},
      {"{a}", "a", true},
      {"{}", "", true},
      {"{,a}", "", true},
      {"{a,}b", "b", true},
      {"{a*,b?}c", "axyc", true},
      {"{a*,b?}c", "bc", false},
      {"{a,{b,c{d,e}}}f", "cef", true},
      {"{a,{b,c{d,e}}}f", "cf", false},
      {"{a,b}{c,d}", "bd", true},
      {"{a,b}{c,d}", "b", false},
      {"a,b", "a,b", true},
      {"a}", "a}", true},
      {"\\{a,b}", "{a,b}", true},
      {"{\\,,\\}}", ",", true},
      {"{\\,,\\}}", "}", true},
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"\\\\", "\\", true},
      {"\\a", "a", true},
      {"*.{yaml,yml,json}", "a.yml", true},
      {"*.{yaml,yml,json}", "a.yl", false},
      {"{[a,b],c}", ",", true},
      {"{*,x}y", "qqy", true},
  };
  CHECK(cases, "", GLOB_SYNTAX);
  static const struct match_case nocase[] = {
      {"WEB-*", "web-x", true}, {"web", "WEB", true}, {"[a-c]", "B", true},
      {"[A-C]", "b", true},     {"[!a]", "A", false}, {"\xc3\xa4", "\xc3\x84", false},
      {"x*", "Xa", true},
  };
  CHECK(nocase, "", GLOB_SYNTAX | GLOB_NOCASE);
}

static void matches_paths(void **state)
{
  (void)state;
  static const struct match_case cases[] = {
      {"a/*/b", "a/x/b", true},      {"a/*/b", "a/x/y/b", false},   {"a/**/b", "a/b", true},
      {"a/**/b", "a/x/b", true},     {"a/**/b", "a/x/y/b", true},   {"a/**/b", "a/xb", false},
      {"a/**/b", "ab", false},       {"**/b", "b", true},           {"**/b", "a/b", true},
      {"**/b", "ab", false},         {"**/b", "a/cb", false},       {"a/**", "a/b", true},
      {"a/**", "a/b/c", true},       {"a/**", "a", false},          {"a/**", "ab", false},
      {"**", "a/b", true},           {"**/**/b", "b", true},        {"**/**", "a/b", true},
      {"a**b", "axb", true},         {"a**b", "a/b", false},        {"a/x**/b", "a/xy/b", true},
      {"a/x**/b", "a/x/y/b", false}, {"a/**x/b", "a/yx/b", true},   {"a/**x/b", "a/y/x/b", false},
      {"***/b", "a/b", true},        {"***/b", "a/c/b", false},     {"*.yaml", "a.yaml", true},
      {"*.yaml", "b/a.yaml", false}, {"{a,b/**}/c", "b/x/c", true}, {"{a,**/b}", "x/y/b", true},
      {"{a,**/b}", "b", true},       {"x/{**}", "x/a/b", true},
  };
  CHECK(cases, "/", GLOB_PATH);
}

static void takes_bytes_that_are_no_utf8(void **state)
{
  (void)state;
  static const struct match_case cases[] = {
      {"?", "\xff", true},
      {"?", "\xc3", true},
      {"??", "\xc3\x28", true},
      {"\xff", "\xff", true},
      {"\xff", "\xfe", false},
      {"[\xff]x", "\xffx", true},
      {"?", "\xed\xa0\x80", false},
      {"???", "\xed\xa0\x80", true},
      {"?", "\xf0\x9f\x98\x80", true},
      {"??", "\xc0\x80", true},
      {"?", "\xf4\x8f\xbf\xbf", true},
      {"????", "\xf4\x90\x80\x80", true},
      {"[!a]", "\xff", true},
      {"\xc3\xa4*", "\xc3\xa4x", true},
      {"*\xa4", "\xc3\xa4", false},
      {"\xc3*", "\xc3\xa4", false},
      {"\xc3*", "\xc3x", true},
  };
  CHECK(cases, "", GLOB_SYNTAX);
}

static void refuses_with_the_column(void **state)
{
  (void)state;
  static const struct {
    const char *pattern, *message;
    uint32_t column;
  } cases[] = {
      {"[a", "a \"[\" without its \"]\"", 1},           {"ab[", "a \"[\" without its \"]\"", 3},
      {"\xc3\xa4[!", "a \"[\" without its \"]\"", 2},   {"[]", "a \"[\" without its \"]\"", 1},
      {"[a\\]", "a \"[\" without its \"]\"", 1},        {"[z-a]", "runs backwards", 2},
      {"[[:alpha:]]", "names of character classes", 2}, {"{a,b", "a \"{\" without its \"}\"", 1},
      {"{a,{b}", "a \"{\" without its \"}\"", 1},       {"a\\", "escapes nothing", 2},
  };
  struct arena a;
  arena_init(&a, 0);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct glob *g = NULL;
    struct error err;
    assert_int_equal(glob_compile(&a, str_from(cases[i].pattern), STR_EMPTY, GLOB_SYNTAX, &g, &err),
                     SW_EINVAL);
    assert_error(err, SW_EINVAL, cases[i].message);
    assert_int_equal(err.column, cases[i].column);
    assert_null(g);
  }
  arena_free(&a);
}

static void has_limits(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct glob *g;
  struct error err;
  char text[GLOB_LENGTH_MAX + 1];
  memset(text, 'a', sizeof text);
  assert_int_equal(glob_compile(&a, str_make(text, sizeof text), STR_EMPTY, 0, &g, &err),
                   SW_ELIMIT);
  assert_int_equal(glob_compile(&a, str_make(text, sizeof text - 1), STR_EMPTY, 0, &g, &err), 0);
  assert_true(glob_match(g, str_make(text, sizeof text - 1)));
  memset(text, ',', sizeof text);
  text[0] = '{';
  text[GLOB_LENGTH_MAX - 1] = '}';
  assert_int_equal(
      glob_compile(&a, str_make(text, GLOB_LENGTH_MAX), STR_EMPTY, GLOB_SYNTAX, &g, &err), 0);
  assert_true(glob_match(g, STR("")));
  assert_false(glob_match(g, STR(",")));
  memset(text, '{', GLOB_DEPTH_MAX + 1);
  assert_int_equal(
      glob_compile(&a, str_make(text, GLOB_DEPTH_MAX + 1), STR_EMPTY, GLOB_SYNTAX, &g, &err),
      SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "deeper than 16");
  assert_int_equal(glob_compile(&a, STR("a"), STR("abcdefghijklmnopq"), 0, &g, &err), SW_ELIMIT);
  /* what makes backtracking matchers take forever; here a state for each byte */
  memset(text, 'a', sizeof text);
  for (size_t i = 1; i < GLOB_LENGTH_MAX; i += 2)
    text[i] = '*';
  text[GLOB_LENGTH_MAX - 1] = 'b';
  g = NULL;
  assert_int_equal(
      glob_compile(&a, str_make(text, GLOB_LENGTH_MAX), STR("/"), GLOB_SYNTAX, &g, &err), 0);
  char name[3000];
  memset(name, 'a', sizeof name);
  assert_false(glob_match(g, str_make(name, sizeof name)));
  assert_false(glob_match_name(str_make(text, GLOB_LENGTH_MAX), str_make(name, sizeof name)));
  name[sizeof name - 1] = 'b';
  assert_true(glob_match(g, str_make(name, sizeof name)));
  assert_true(glob_match_name(str_make(text, GLOB_LENGTH_MAX), str_make(name, sizeof name)));
  arena_free(&a);
}

static void knows_patterns(void **state)
{
  (void)state;
  assert_true(glob_is_pattern(STR("a*"), 0));
  assert_true(glob_is_pattern(STR("a?"), 0));
  assert_false(glob_is_pattern(STR("a[b]{c}\\"), 0));
  assert_true(glob_is_pattern(STR("a[b]"), GLOB_CLASSES));
  assert_true(glob_is_pattern(STR("{a}"), GLOB_BRACES));
  assert_true(glob_is_pattern(STR("\\a"), GLOB_ESCAPES));
  assert_false(glob_is_pattern(STR("web-1"), GLOB_SYNTAX));
}

static void excludes_as_gitignore_does(void **state)
{
  (void)state;
  static const struct {
    const char *pattern, *path;
    bool is_directory, expected;
  } cases[] = {
      {"*.bak", "a.bak", false, true},
      {"*.bak", "x/y/a.bak", false, true},
      {"*.bak", "x.bak/y", false, true},
      {"*.bak", "a.bak.yaml", false, false},
      {"build", "build", false, true},
      {"build", "x/build/y.yaml", false, true},
      {"build", "rebuild", false, false},
      {"build/", "build", false, false},
      {"build/", "build", true, true},
      {"build/", "x/build", true, true},
      {"build/", "x/build/y.yaml", false, true},
      {"build/", "x/build", false, false},
      {"/build", "build", false, true},
      {"/build", "x/build", false, false},
      {"/build", "build/a.yaml", false, true},
      {"/build/", "build", false, false},
      {"/build/", "build/a.yaml", false, true},
      {"a/b", "a/b", false, true},
      {"a/b", "x/a/b", false, false},
      {"a/b", "a/b/c/d.yaml", false, true},
      {"a/b", "a/bc", false, false},
      {"a/*.yaml", "a/x.yaml", false, true},
      {"a/*.yaml", "a/b/x.yaml", false, false},
      {"**/tmp", "tmp", false, true},
      {"**/tmp", "a/b/tmp", false, true},
      {"**/tmp", "a/b/tmp/c", false, true},
      {"**/tmp", "a/tmpx", false, false},
      {"a/**", "a/b/c", false, true},
      {"a/**", "a", true, false},
      {"a/**/", "a/f", false, false},
      {"a/**/", "a/d", true, true},
      {"a/**/", "a/d/f", false, true},
      {"a/**/b", "a/x/b/c", false, true},
      {"./a/b", "a/b", false, true},
      {"a/b", "./a/b", false, true},
      {"\\!a", "!a", false, true},
      {"{a,b}", "x/b/c", false, true},
      {"[ab]", "b", false, true},
      {"*", "anything", false, true},
      {"/*", "a/b", false, true},
      {"/*/x", "a/x", false, true},
      {"/*/x", "a/b/x", false, false},
      {"*", ".", true, false},
      {"*", "", true, false},
      {"**", "./", true, false},
      {"charts/*/templates", "charts/web/templates/x.yaml", false, true},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct arena a;
    arena_init(&a, 0);
    struct glob_exclude *e;
    struct error err;
    if (glob_exclude_compile(&a, str_from(cases[i].pattern), &e, &err) < 0)
      fail_msg("%s", err.message);
    if (glob_excluded(e, str_from(cases[i].path), cases[i].is_directory) != cases[i].expected)
      fail_msg("\"%s\" and \"%s\": expected %d", cases[i].pattern, cases[i].path,
               cases[i].expected);
    arena_free(&a);
  }
}

static void refuses_excludes(void **state)
{
  (void)state;
  static const struct {
    const char *pattern, *message;
    int code;
  } cases[] = {
      {"!a", "\"!\" (include again) is not supported", SW_EUNSUPPORTED},
      {"", "names nothing", SW_EINVAL},
      {"/", "names nothing", SW_EINVAL},
      {"./", "names nothing", SW_EINVAL},
      {".", "names nothing", SW_EINVAL},
      {"a[", "a \"[\" without its \"]\"", SW_EINVAL},
  };
  struct arena a;
  arena_init(&a, 0);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct glob_exclude *e;
    struct error err;
    assert_int_equal(glob_exclude_compile(&a, str_from(cases[i].pattern), &e, &err), cases[i].code);
    assert_error(err, cases[i].code, cases[i].message);
  }
  arena_free(&a);
}

/* The obvious matcher, with backtracking: stars, "?", braces, and '.' as delimiter. */
static bool naive(const char *p, const char *t);

static bool naive_brace(const char *p, const char *t)
{
  int depth = 0;
  const char *end = p;
  do {
    depth += (*end == '{') - (*end == '}');
    end++;
  } while (depth);
  const char *begin = p + 1;
  depth = 0;
  for (const char *at = p; at < end; at++) {
    bool cut = (depth == 1 && *at == ',') || at == end - 1;
    depth += (*at == '{') - (*at == '}');
    if (!cut)
      continue;
    char rest[64];
    snprintf(rest, sizeof rest, "%.*s%s", (int)(at - begin), begin, end);
    if (naive(rest, t))
      return true;
    begin = at + 1;
  }
  return false;
}

static bool naive(const char *p, const char *t)
{
  if (*p == '\0')
    return *t == '\0';
  if (*p == '{')
    return naive_brace(p, t);
  if (*p == '*') {
    bool super = p[1] == '*';
    const char *rest = p;
    while (*rest == '*')
      rest++;
    for (;; t++) {
      if (naive(rest, t))
        return true;
      if (*t == '\0' || (*t == '.' && !super))
        return false;
    }
  }
  if (*t == '\0' || (*p == '?' ? *t == '.' : *p != *t))
    return false;
  return naive(p + 1, t + 1);
}

static uint32_t draw(uint32_t *seed, uint32_t below)
{
  *seed = *seed * 1664525 + 1013904223;
  return (*seed >> 8) % below;
}

static void agrees_with_the_naive_matcher(void **state)
{
  (void)state;
  uint32_t seed = 3;
  unsigned matches = 0;
  struct arena a;
  arena_init(&a, 0);
  for (int round = 0; round < 30000; round++) {
    char pattern[40] = "", text[16] = "";
    size_t length = 0;
    unsigned depth = 0;
    for (uint32_t i = draw(&seed, 9); i > 0; i--) {
      char c = "ab.*?{,}a*"[draw(&seed, 10)];
      if (c == '{')
        depth++;
      if (c == '}' || c == ',') {
        if (!depth)
          continue;
        depth -= c == '}';
      }
      pattern[length++] = c;
    }
    while (depth--)
      pattern[length++] = '}';
    /* "*" beside a brace may come to stand beside another star when the naive one splices */
    bool spliced = strstr(pattern, "*{") || strstr(pattern, "}*") || strstr(pattern, "*,") ||
                   strstr(pattern, "*}") || strstr(pattern, ",*") || strstr(pattern, "{*");
    for (uint32_t i = draw(&seed, 7); i > 0; i--)
      text[i - 1] = "ab."[draw(&seed, 3)];
    if (spliced)
      continue;
    bool expected = naive(pattern, text);
    matches += expected;
    if (glob_match(compile(&a, pattern, ".", GLOB_SYNTAX), str_from(text)) != expected)
      fail_msg("\"%s\" and \"%s\": expected %d", pattern, text, expected);
    arena_reset(&a);
  }
  assert_true(matches > 1000);
  arena_free(&a);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(matches_names),
      cmocka_unit_test(keeps_to_delimiters),
      cmocka_unit_test(matches_classes_and_braces),
      cmocka_unit_test(matches_paths),
      cmocka_unit_test(takes_bytes_that_are_no_utf8),
      cmocka_unit_test(refuses_with_the_column),
      cmocka_unit_test(has_limits),
      cmocka_unit_test(knows_patterns),
      cmocka_unit_test(excludes_as_gitignore_does),
      cmocka_unit_test(refuses_excludes),
      cmocka_unit_test(agrees_with_the_naive_matcher),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
