#include "../test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "scan/version_requirement.h"

enum { PRE = VERSION_PRERELEASES };

static int parse(struct arena *a, const char *order, struct str text, unsigned flags,
                 struct version_requirement *ret, struct error *err)
{
  const struct version_ops *ops = version_ops_named(str_from(order));
  assert_non_null(ops);
  return version_requirement_parse(ops, text, flags, a, ret, err);
}

static const struct {
  const char *order, *requirement;
  unsigned flags;
  const char *met, *unmet;
} cases[] = {
    /* node-semver's tables of ranges */
    {"npm", "1.0.0 - 2.0.0", 0, "1.2.3 1.0.0 2.0.0", "2.2.3 0.9.9 2.0.0-rc"},
    {"npm", "1.2.3+asdf - 2.4.3+asdf", 0, "1.2.3 2.4.3", "1.2.3-pre.2 2.4.3-alpha"},
    {"npm", "1.2.3-pre+asdf - 2.4.3-pre+asdf", 0, "1.2.3 1.2.3-pre.2 2.4.3-alpha",
     "2.4.3-pre.1 2.4.3"},
    {"npm", "1.2 - 2.3.4", PRE, "1.2.0-0 2.3.4-alpha 2.3.4", "1.1.9 2.3.5-0"},
    {"npm", "1 - 2", 0, "1.0.0 2.9.9", "0.9.9 3.0.0 3.0.0-0"},
    {"npm", "^1.2.3+build", 0, "1.2.3 1.3.0", "2.0.0 1.2.2 1.2.3-beta"},
    {"npm", "^1.2.3-beta.2", 0, "1.2.3-beta.2 1.2.3-beta.10 1.4.9",
     "1.2.3-beta.1 1.3.0-beta 2.0.0-0"},
    {"npm", "^0.1.2", 0, "0.1.2 0.1.9", "0.2.0 0.1.1"},
    {"npm", "^0.0.1", 0, "0.0.1", "0.0.2 0.0.2-alpha"},
    {"npm", "^0.x", 0, "0.0.0 0.9.9", "1.0.0"},
    {"npm", "^1", PRE, "1.0.0-0 1.9.9-rc", "2.0.0-0 0.9.9"},
    {"npm", "~1.2.1 >=1.2.3", 0, "1.2.3 1.2.9", "1.3.0 1.2.2"},
    {"npm", "~> 1", 0, "1.2.3 1.0.0", "2.0.0 0.9.9"},
    {"npm", "~v0.5.4-pre", 0, "0.5.5 0.5.4 0.5.4-pre", "0.5.4-a 0.6.0 0.5.5-a"},
    {"npm", "", 0, "1.0.0 0.0.0", "1.0.0-pre"},
    {"npm", "*", PRE, "1.0.0 1.0.0-pre", ""},
    {"npm", ">=*", 0, "0.2.4", "0.2.4-a"},
    {"npm", "<*", PRE, "", "0.0.0 0.0.0-0 1.0.0"},
    {"npm", "x", 0, "1.2.3", ""},
    {"npm", "2.*.*", 0, "2.1.3", "1.1.3 3.1.3"},
    {"npm", "1.2.x || 2.x", 0, "2.1.3 1.2.3", "3.1.3 1.1.3"},
    {"npm", "||", 0, "1.3.4", "1.3.4-a"},
    {"npm", ">1", 0, "2.0.0", "1.9.9 1.0.0"},
    {"npm", ">1.2", 0, "1.3.0", "1.2.8 1.3.0-a"},
    {"npm", "<=0.7.x", 0, "0.7.2 0.6.2", "0.8.0 0.8.0-0"},
    {"npm", "<1.2", 0, "1.1.1", "1.2.0-beta 1.2.0"},
    {"npm", "> 1.0.0   <  2.0.0", 0, "1.5.0", "1.0.0 2.0.0"},
    {"npm", "=1.2.3", 0, "1.2.3 v1.2.3+b", "1.2.4"},
    {"npm", "<=99.999.99999", PRE, "1.0.0 1.0.0-rc.1", "100.0.0"},
    {"npm", ">=1.0.0-rc.1 || *", 0, "1.0.0 0.1.0", "1.0.0-rc.2"},
    {"npm", "9007199254740991.0.0", 0, "9007199254740991.0.0", "1.0.0"},
    /* RubyGems' test_gem_requirement */
    {"gem", "~> 1.2", 0, "1.2 1.2.3 1.9", "2 2.0.pre 1.1.9 2.a"},
    {"gem", "~> 1.2.3", 0, "1.2.3 1.2.9.9 1.2.3.1", "1.3 1.3.a 1.2.3.a 1.2"},
    {"gem", "~> 1", 0, "1 1.9", "2 0.9 2.a"},
    {"gem", "~> 1.0.a", 0, "1.0.a 1.0.b 1.0 1.9", "2.0 2.a 0.9"},
    {"gem", "~> 0.0.9", 0, "0.0.9 0.0.10", "0.1 0.1.a"},
    {"gem", "~> 3.2.13, >= 3.2.13.5", 0, "3.2.13.5 3.2.22", "3.2.13.4 3.3.0"},
    {"gem", "1.2", 0, "1.2 1.2.0", "1.2.1"},
    {"gem", "!= 1.2", 0, "1.3 1.2.1", "1.2.0"},
    {"gem", "< 2.0", 0, "1.9 2.0.a", "2.0"},
    /* what GitHub writes */
    {"pypi", ">= 1.0, < 1.5.2", 0, "1.0 1.5.1 1.5.2rc1", "1.0rc1 1.5.2"},
    {"maven", "= 2.0", 0, "2.0 2 2.0.0-ga", "2.0.1"},
    {"composer", "<=1.2||>=2,<2.1.5", 0, "1.2.0 0.1 2.0 2.1.4", "1.2.1 2.1.5 3.0"},
    {"nuget", "*", 0, "1.0 0.0.1-a", ""},
    {"dpkg", "!=1:1.0-1", 0, "1.0-1", "1:1.0-1"},
};

static void judges_as_the_tools_do(void **state)
{
  (void)state;
  struct arena arena;
  arena_init(&arena, 0);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct version_requirement requirement;
    struct error err;
    if (parse(&arena, cases[i].order, str_from(cases[i].requirement), cases[i].flags, &requirement,
              &err) < 0)
      fail_msg("%s", err.message);
    for (unsigned side = 0; side < 2; side++)
      for (struct str rest = str_from(side ? cases[i].met : cases[i].unmet); rest.len;) {
        struct version v;
        struct str text = str_cut(rest, ' ', &rest);
        assert_int_equal(version_parse(requirement.ops, text, &arena, &v, NULL), 0);
        if (version_requirement_matches(&requirement, v) != side)
          fail_msg("%s \"%s\" (%u) is %s %.*s", cases[i].order, cases[i].requirement,
                   cases[i].flags, side ? "not met by" : "met by", STR_FMT(text));
      }
  }
  arena_free(&arena);
}

static void refuses_what_is_no_requirement(void **state)
{
  (void)state;
  static const struct {
    const char *order, *text, *message;
  } bad[] = {
      {"npm", "blerg", "\"blerg\" is not a requirement for npm: a version in it cannot be read"},
      {"npm", "1.2.3 foo", "cannot be read"},
      {"npm", ">01.02.03", "cannot be read"},
      {"npm", ">=", "cannot be read"},
      {"npm", "1.2-beta", "cannot be read"},
      {"npm", "1.2.3 -2", "cannot be read"},
      {"npm", "==1.2.3", "only a \"v\" may stand before three numbers"},
      {"npm", "1.2.3-01", "a version in it is not one"},
      {"npm", "1.2.3-a..b", "a version in it is not one"},
      {"npm", "^9007199254740991.0.0", "a number is beyond 2^53-1"},
      {"npm", "9007199254740992.0.0", "cannot be read"},
      {"gem", "== 1", "\"==\" is no sign"},
      {"gem", "~>", "a version is missing"},
      {"gem", "", "a version is missing"},
      {"gem", ">= 1,", "a version is missing"},
      {"gem", "=> 1", "is not a version for gem"},
      {"gem", "~> 1.9999999999999999999.1", "a number behind \"~>\" is too long"},
      {"pypi", "", "a version is missing"},
      {"pypi", ">= 1.0 ||", "a version is missing"},
      {"pypi", "~= 1.0", "is not a version for pypi"},
  };
  struct arena arena;
  arena_init(&arena, 0);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct version_requirement requirement = {.count = 77};
    struct error err = {0};
    int result = parse(&arena, bad[i].order, str_from(bad[i].text), 0, &requirement, &err);
    if (result == 0)
      fail_msg("%s takes \"%s\"", bad[i].order, bad[i].text);
    assert_error(err, result, bad[i].message);
    assert_int_equal(requirement.count, 77);
  }
  arena_free(&arena);
}

static void keeps_its_limits(void **state)
{
  (void)state;
  static const char *const orders[] = {"npm", "gem", "pypi"};
  for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
    _cleanup_(buf_free) struct buf text = {0};
    struct arena arena;
    struct version_requirement requirement;
    struct error err;
    arena_init(&arena, 0);
    for (unsigned k = 0; k < VERSION_BOUNDS_MAX; k++)
      buf_printf(&text, "%s>1.0.%u", k == 0 ? "" : i ? "," : " ", k % 10);
    assert_int_equal(parse(&arena, orders[i], buf_str(&text), 0, &requirement, &err), 0);
    assert_int_equal(requirement.count, VERSION_BOUNDS_MAX);
    buf_add_text(&text, i ? ",1" : " <1.0.0");
    assert_int_equal(parse(&arena, orders[i], buf_str(&text), 0, &requirement, &err), SW_ELIMIT);
    assert_error(err, SW_ELIMIT, "more than 1024 comparisons");
    while (text.len <= VERSION_REQUIREMENT_LENGTH_MAX)
      buf_add_byte(&text, ' ');
    assert_int_equal(parse(&arena, orders[i], buf_str(&text), 0, &requirement, &err), SW_ELIMIT);
    assert_error(err, SW_ELIMIT, "is longer than 16384");
    arena_free(&arena);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(judges_as_the_tools_do),
      cmocka_unit_test(refuses_what_is_no_requirement),
      cmocka_unit_test(keeps_its_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
