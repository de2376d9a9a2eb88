#include "../test.h"

#include "base/mem.h"
#include "scan/version.h"

#include <locale.h>

enum { CHAIN_MAX = 96 };

/* Versions in rising order, with "<" or "=" between: each is held against every other of its line. */
static const struct {
  const char *order, *chain;
} chains[] = {
    /* deb-version(7), and dpkg's own tests */
    {"dpkg", "0~~ < 0~~a < 0~ < 0 < 0a < 0+a"},
    {"dpkg",
     "1.0~rc1-1 < 1.0 = 1.0-0 = 0:1.0 = 1.00-00 < 1.0-0+b1 < 1.0-1 < 1.0-1.1 < 1.0-2 < 1.0-10"},
    {"dpkg", "1.2.2-2 < 1.3 < 1.11 < 7.6-0 < 7.6p2-4 < 1:0 < 1:1.0 < 2:0.1 = +02:0.1"},
    {"dpkg", "1.0 < 1.0a < 1.0+dfsg < 1.0.3-3"},
    {"dpkg", "2.36-9+deb12u3 < 2.36-9+deb12u10 < 2.36-9.1 < 2.37~1"},
    {"dpkg", "1-2 < 1-1-1 < 1-1-2"},
    {"dpkg", "0.0000000000000000000000000000001 = 0.1 < 0.99999999999999999999999998 < "
             "0.99999999999999999999999999"},
    /* rpm's tests of rpmvercmp */
    {"rpm", "1.0~rc1~git123 < 1.0~rc1 < 1.0~rc1^git1 < 1.0~rc2 < 1.0 < 1.0^git1~pre < 1.0^git1 < "
            "1.0^git2 < 1.0a < 1.0aa < 1.0.1"},
    {"rpm",
     "2_0 = 2.0 = 2.0. < 2.0.1 < 2.0.1a < 4.999.9 < 5.0 < 5.5p1 < 5.5p2 < 5.5p10 < 5.6p1 < 6.0 "
     "< 6.0.rc1 < 6.5p1"},
    {"rpm",
     "xyz.4 < xyz10 < xyz10.1 < 2 < 8 < 10a1 < 10a2 < 10b2 < 10xyz < 10.1 = 10.0001 < 10.1xyz < "
     "10.0039"},
    {"rpm", "1.0^20160101 < 1.0^20160101^git1 < 1.0^20160102 < 1.01 = 1.1"},
    {"rpm", "1.0 < 1.0-1 = 0:1.0-1 < 1.0-1.el9 < 1.0-2.el8 < 1:0.1-1"},
    {"rpm", "128.12.0-1.el10_0 < 128.12.0-1.el10_1 < 128.12.0-2.el9"},
    /* apk-tools' version.data */
    {"apk",
     "0.1.0_alpha_pre2 < 0.1.0_alpha < 0.1.0_alpha2 < 0.1.3_alpha < 0.2.3-r2 < 0.12 < 0.12.1"},
    {"apk",
     "1.3_alpha < 1.3_alpha3 < 1.3_beta1 < 1.3_pre1-r1 < 1.3_rc8 < 1.3 < 1.3-r0 < 1.3-r10 < "
     "1.3_cvs1 < 1.3_svn < 1.3_git20200101 < 1.3_hg < 1.3_p1 < 1.3_p9-r0 < 1.3_p10-r0 < 1.3a < "
     "1.3b-r2 < 1.3.0 < 1.3.1-r0"},
    {"apk",
     "1.00 < 1.02 < 1.02.07 < 1.02.10-r1 < 1.03-r1 < 1.06-r6 < 1.1 < 1.12 < 006 = 6 < 021109-r3"},
    {"apk", "1.0.0_pre20191002222144-r0 < 1.0.0_pre20210530193627-r0 < 1.0.0 < 1.0.0-r1 < "
            "1.0.0~abc-r0 < 1.0.0~abd < 1.0.0_p1"},
    {"apk", "1.0 < 1.0bc < 1.0c"}, /* not valid, ordered all the same */
    /* Semantic Versioning, section 11 */
    {"npm", "1.0.0-alpha < 1.0.0-alpha.1 < 1.0.0-alpha.beta < 1.0.0-beta < 1.0.0-beta.2 < "
            "1.0.0-beta.11 < 1.0.0-rc.1 < 1.0.0 = 1.0.0+b1 = v1.0.0 < 1.0.1 < 1.2.0 < 1.10.0"},
    {"npm", "0.0.0-0 < 0.0.0 < 0.0.1 = 0.0.01 < 0.1 = 0.1.0 < 1 = 1.0.0"},
    {"cargo", "0.0.0-0 < 0.9.0 < 1.0.0--- < 1.0.0-A < 1.0.0-a < 1.0.0 < 18446744073709551615.0.0"},
    {"go",
     "v0.0.0-20190101000000-aaaaaaaaaaaa < 0.0.0-20200101000000-000000000000 < v0.0.1 < "
     "v1.2.3-0.20200101000000-abcdefabcdef < v1.2.3-pre.0.20200101000000-abcdefabcdef < v1.2.3 < "
     "v2.0.0+incompatible = 2.0.0 < v2.0.1-0.20200101000000-abcdefabcdef+incompatible < "
     "v10.0.0 = v10 = v10.0"},
    {"go",
     "1.20.0 < 1.21.0-0 < go1.21beta1 < go1.21rc2 = 1.21.0-rc.2 < go1.21rc10 < go1.21 = go1.21.0 = 1.21 "
     "< go1.21.3 = 1.21.3 < 99999999999999999999999.0.0"},
    {"pub", "1.0.0-dev < 1.0.0 < 1.0.0+1 < 1.0.0+2 < 1.0.0+10 < 1.0.0+a < 1.0.1"},
    /* packaging's list of versions, and PEP 440's spellings */
    {"pypi",
     "1.0.dev456 < 1.0a1 < 1.0a2.dev456 < 1.0a12.dev456 < 1.0a12 < 1.0b1.dev456 < 1.0b2 < "
     "1.0b2.post345.dev456 < 1.0b2.post345 < 1.0b2-346 < 1.0c1.dev456 < 1.0c1 < 1.0rc2 = 1.0c2 < "
     "1.0c3 < 1.0 = 1 = 1.0.0 < 1.0.post456.dev34 < 1.0.post456 < 1.1.dev1 < 1.2+123abc < "
     "1.2+123abc456 < 1.2+abc < 1.2+abc123 < 1.2+abc123def < 1.2+1234.abc < 1.2+123456 < "
     "1.2.r32+123456 < 1.2.rev33+123456 < 1!0.1 < 1!1.0a1"},
    {"pypi",
     "1.0.dev0 = 1.0DEV = 1.0-dev < 1.0a0 = 1.0-ALPHA = v1.0.alpha = 1.0_a0 < 1.0b5 = 1.0.beta-5 < "
     "1.0rc0 = 1.0pre = 1.0-preview < 1.0 = v1.0 = 01.00 < 1.0+ubuntu.1 = 1.0+UBUNTU-1 = "
     "1.0+ubuntu_1 < 1.0.post0 = 1.0-r = 1.0post < 1.0-1 = 1.0.post1"},
    /* RubyGems' test_gem_version */
    {"gem",
     "0.beta.1 = 0.0.beta.1 < 0.0.beta.2 < 0 = 0.0 < 0.1 < 1.8.2.a9 < 1.8.2.a10 < 1.8.2.b < "
     "1.8.2 = 1.8.2.0 < 1.9.3 < 2.0.A < 2.0.a < 2.0-rc1 = 2.0.pre.rc1 < 2.0.rc1 < 2.0 < 2.0.1"},
    {"gem", "5.a < 5.0.0.rc2 < 5.x < 5.0.x.1 < 5 < 5.0.0.1"},
    /* ComparableVersionTest */
    {"maven",
     "1-alpha2snapshot < 1-alpha2 < 1-alpha-123 < 1-beta-2 < 1-beta123 < 1-m2 < 1-m11 < 1-rc < "
     "1-cr2 < 1-rc123 < 1-SNAPSHOT < 1 = 1.0 = 1.0.0 = 1-0 = 1.ga = 1-final = 1-RELEASE < 1-sp < "
     "1-sp2 < 1-sp123 < 1-abc < 1-def < 1-pom-1 < 1-1-snapshot < 1-1 < 1-2 < 1-123"},
    {"maven",
     "2.0.a < 2-1 < 2.0.2 < 2.0.123 < 2.1-a < 2.1b < 2.1-c < 2.1-1 < 2.1.0.1 < 2.2 < 2.123 < "
     "11.a2 < 11.a11 < 11.b2 < 11.b11 < 11.m2 < 11.m11 < 11"},
    {"maven",
     "20190126.230843 < 1234567890.12345 < 123456789012345.1H.5-beta < 12345678901234567890.1H.5-beta"},
    {"maven", "2.0.0.RC1 = 2.0.RC1 = 2-rc-1 < 2.0.0.RELEASE < 2.0.1.RELEASE"},
    /* NuGet.Versioning's tests */
    {"nuget",
     "1.0.0-1 < 1.0.0-99999999999 < 1.0.0-A < 1.0.0-a.1 = 1.0-A.1 < 1.0.0-a.a < 1.0.0-BETA = 1.0.0-beta < "
     "1.0.0-beta.2 < 1.0.0-beta.11 < 1 = 1.0 = 1.0.0 = 1.0.0.0 = 1.00+meta < 1.0.0.1 < 1.0.1 < 2"},
    {"nuget", "1.0.0--2 < 1.0.0--1 < 1.0.0-0 = 1.0.0--0 < 1.0.0-2 < 1.0.0-2x"},
    /* composer/semver's tests */
    {"composer",
     "1.0-dev = 1.0.0.0-dev < 1.0-alpha < 1.0a1 = v1.0.0-alpha1 = 1.0.0_ALPHA.1 < 1.0b2 < 1.0-RC1 = "
     "1.0.0rc1 < 1.0.0-RC1.5 < 1 = 1.0.0+build = 1.0.0.0@stable = 1-stable < 1.0-p1 = 1.0-patch1 = 1.0pl1 "
     "< 1.0.0.1 < 1.x-dev < 2010.01 < 20100102 < 20100102-203040"},
    {"composer", "2010-01-01 < 2010.01.01 = 2010.1.1 < 2010.01.02 < 2010-01-02.5 < 2010.1.555"},
};

static const struct version_ops *ops_of(const char *name)
{
  const struct version_ops *ops = version_ops_named(str_from(name));
  if (!ops)
    fail_msg("there is no order %s", name);
  return ops;
}

static int compare(const struct version_ops *ops, struct str a, struct str b)
{
  struct error err;
  int order = 2;
  if (version_compare(ops, a, b, &order, &err) < 0)
    fail_msg("%s", err.message);
  return order;
}

static void check_pair(const struct version_ops *ops, struct str a, struct str b, int expected)
{
  int order = compare(ops, a, b), turned = compare(ops, b, a);
  if (order != expected || turned != -expected)
    fail_msg("%.*s: \"%.*s\" and \"%.*s\" compare as %d and %d, not as %d",
             STR_FMT(version_ops_name(ops)), STR_FMT(a), STR_FMT(b), order, turned, expected);
}

static void orders_as_the_tools_do(void **state)
{
  (void)state;
  for (size_t c = 0; c < sizeof chains / sizeof chains[0]; c++) {
    struct str versions[CHAIN_MAX];
    unsigned ranks[CHAIN_MAX], count = 0, rank = 0;
    for (struct str rest = str_from(chains[c].chain); rest.data;) {
      struct str word = str_cut(rest, ' ', &rest);
      if (str_eq(word, STR("<")) || str_eq(word, STR("="))) {
        rank += word.data[0] == '<';
        continue;
      }
      assert_true(count < CHAIN_MAX);
      versions[count] = word;
      ranks[count++] = rank;
    }
    assert_true(rank > 0);
    for (unsigned i = 0; i < count; i++)
      for (unsigned k = i; k < count; k++)
        check_pair(ops_of(chains[c].order), versions[i], versions[k], ranks[i] < ranks[k] ? -1 : 0);
  }
}

/* Which has no sort key: each is below the next, and the last below the first. */
static void follows_maven_in_a_circle(void **state)
{
  (void)state;
  const struct version_ops *maven = ops_of("maven");
  check_pair(maven, STR("1.0.alpha.2"), STR("1"), -1);
  check_pair(maven, STR("1"), STR("1-5"), -1);
  check_pair(maven, STR("1-5"), STR("1.0.alpha.2"), -1);
}

static const struct {
  const char *order, *text;
  bool valid;
} validities[] = {
    {"dpkg", "1:1.0-1+b1", true},
    {"dpkg", "1.0-1:2", false},
    {"dpkg", "a1", false},
    {"dpkg", "1.0_1", false},
    {"dpkg", "2147483647:1", true},
    {"dpkg", "2147483648:1", false},
    {"dpkg", "1.0-", false},
    {"rpm", "1:1.0~rc1-2.el9_1", true},
    {"rpm", "1.0-1-1", false},
    {"rpm", "1.0/2", false},
    {"apk", "1.2.3b_rc1_p2~0af-r10", true},
    {"apk", "1.0bc", false},
    {"apk", "1.0_foo", false},
    {"apk", "1..0", false},
    {"apk", "1.0-r1-r2", false},
    {"npm", "v1.2.3-a.1+b", true},
    {"npm", "1.2", false},
    {"npm", "01.2.3", false},
    {"npm", "9007199254740992.0.0", false},
    {"cargo", "1.2.3", true},
    {"cargo", "v1.2.3", false},
    {"go", "v1.2", true},
    {"go", "1.2.3", true},
    {"go", "v1.2-pre", false},
    {"go", "v01.2.3", false},
    {"go", "go1.22.1", true},
    {"pub", "1.2.3+4", true},
    {"pypi", "1.0.post1.dev2+local.1", true},
    {"pypi", "1.0+a..b", false},
    {"pypi", "french toast", false},
    {"pypi", "1.0-a-b", false},
    {"pypi", " 1.0\t", true},
    {"maven", "anything at all", true},
    {"gem", "1.2.rc1-x86-64", true},
    {"gem", "1a", false},
    {"gem", "1.", false},
    {"gem", "1..2", false},
    {"nuget", "1.2.3.4-beta.1+meta", true},
    {"nuget", "1.2.3.4.5", false},
    {"nuget", "1.2.3-beta.01", false},
    {"nuget", "2147483648.0", false},
    {"nuget", "1.2.3-", false},
    {"nuget", "1.2.3+m_", false},
    {"composer", "v1.2.3-beta.4", true},
    {"composer", "1.x-dev", true},
    {"composer", "dev-main", false},
    {"composer", "1234567.1", false},
    {"composer", "123456.1", true},
    {"composer", "1.2.3.4.5", false},
    {"composer", "1.0-5", false},
};

static void says_what_the_tools_accept(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof validities / sizeof validities[0]; i++)
    if (version_valid(ops_of(validities[i].order), str_from(validities[i].text)) !=
        validities[i].valid)
      fail_msg("%s: \"%s\" is %svalid", validities[i].order, validities[i].text,
               validities[i].valid ? "in" : "");
}

static void says_what_is_wrong(void **state)
{
  (void)state;
  static const struct {
    const char *order, *text, *message;
    int code;
  } cases[] = {
      {"dpkg", "", "the version is empty", SW_EINVAL},
      {"dpkg", " \t", "the version is empty", SW_EINVAL},
      {"dpkg", "a:1", "\"a:1\" is not a version for dpkg: the epoch", SW_EINVAL},
      {"dpkg", ":1", "the epoch in front of ':' must be a number", SW_EINVAL},
      {"dpkg", "-1:1", "the epoch in front of ':' must be a number", SW_EINVAL},
      {"dpkg", "1:-1", "nothing stands between epoch and revision", SW_EINVAL},
      {"dpkg", "1 2", "it holds spaces", SW_EINVAL},
      {"dpkg", "1.0\x01", "not printable ASCII", SW_EINVAL},
      {"maven", "1.0-\xc3\xa9", "not printable ASCII", SW_EINVAL},
      {"rpm", "1:-1", "the version between epoch and release is missing", SW_EINVAL},
      {"apk", "foo", "it must begin with a number", SW_EINVAL},
      {"npm", "latest", "is not a semantic version", SW_EINVAL},
      {"npm", "18446744073709551616.0.0", "beyond 64 bits", SW_ELIMIT},
      {"go", "v1..2", "is not a version for go: a number is missing", SW_EINVAL},
      {"go", "go1.x", "it is no release of Go", SW_EINVAL},
      {"go", "(devel)", "is not a version for go", SW_EINVAL},
      {"pypi", "dev", "it must begin with a number", SW_EINVAL},
      {"pypi", "1.0rock", "behind its numbers", SW_EINVAL},
      {"pypi", "1.0+", "behind \"+\" belong", SW_EINVAL},
      {"gem", "a.1", "a number first", SW_EINVAL},
      {"nuget", "1.2.x", "it must begin with numbers", SW_EINVAL},
      {"nuget", "1.0-a..b", "labels are letters", SW_EINVAL},
      {"nuget", "1.2.3.4.5", "more than four numbers", SW_EINVAL},
      {"composer", "dev-main", "is not a version for composer", SW_EINVAL},
      {"composer", "main", "is not a version for composer", SW_EINVAL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct error err = {0};
    int order = 7;
    const struct version_ops *ops = ops_of(cases[i].order);
    assert_int_equal(version_compare(ops, str_from(cases[i].text), STR("1.0.0"), &order, &err),
                     cases[i].code);
    assert_error(err, cases[i].code, cases[i].message);
    assert_int_equal(version_compare(ops, STR("1.0.0"), str_from(cases[i].text), &order, NULL),
                     cases[i].code);
    assert_int_equal(order, 7);
    assert_false(version_valid(ops, str_from(cases[i].text)));
  }
}

static void keeps_its_limits(void **state)
{
  (void)state;
  struct arena arena;
  char text[VERSION_LENGTH_MAX + 1];
  arena_init(&arena, 0);
  for (size_t i = 0; version_ops_at(i); i++) {
    struct version parsed;
    struct error err;
    const struct version_ops *ops = version_ops_at(i);
    memset(text, '1', sizeof text);
    assert_int_equal(version_parse(ops, str_make(text, sizeof text), &arena, &parsed, &err),
                     SW_ELIMIT);
    assert_error(err, SW_ELIMIT, "longer than 512");
    /* What takes most room in a key: as many parts as fit. */
    for (size_t k = 1; k < sizeof text; k += 2)
      text[k] = k == 1 || k == 3 ? '.' : k == 5 ? '-' : '.';
    int result = version_parse(ops, str_make(text, VERSION_LENGTH_MAX - 1), &arena, &parsed, &err);
    assert_true(result == 0 || result == SW_EINVAL);
    for (size_t k = 7; k < sizeof text; k += 2)
      text[k] = 'a';
    result = version_parse(ops, str_make(text, VERSION_LENGTH_MAX - 1), &arena, &parsed, &err);
    assert_true(result == 0 || result == SW_EINVAL);
    if (result == 0)
      assert_true(parsed.key.len <= VERSION_KEY_MAX);
  }
  arena_free(&arena);
}

static void finds_the_order_of_an_ecosystem(void **state)
{
  (void)state;
  static const struct {
    const char *ecosystem, *order;
  } cases[] = {
      {"Debian", "dpkg"},
      {"Debian:12", "dpkg"},
      {"Ubuntu:22.04:LTS", "dpkg"},
      {"Red Hat:enterprise_linux:9::baseos", "rpm"},
      {"AlmaLinux:10", "rpm"},
      {"SUSE:Linux Enterprise Server 15 SP5", "rpm"},
      {"Alpine:v3.20", "apk"},
      {"Wolfi", "apk"},
      {"Chainguard", "apk"},
      {"npm", "npm"},
      {"crates.io", "cargo"},
      {"Go", "go"},
      {"Hex", "cargo"},
      {"Pub", "pub"},
      {"PyPI", "pypi"},
      {"Maven", "maven"},
      {"Maven:https://repo.example.org/releases", "maven"},
      {"ConanCenter", "maven"},
      {"RubyGems", "gem"},
      {"NuGet", "nuget"},
      {"Packagist", "composer"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const struct version_ops *ops = version_ops_find(str_from(cases[i].ecosystem));
    assert_non_null(ops);
    assert_str(version_ops_name(ops), cases[i].order);
    assert_ptr_equal(ops, ops_of(cases[i].order));
  }
  assert_null(version_ops_find(STR("debian")));
  assert_null(version_ops_find(STR("")));
  assert_null(version_ops_find(STR("Linux")));
  assert_null(version_ops_named(STR("deb")));
}

/* Keys are stored: should one of these change, so must VERSION_KEY_FORMAT. */
static void writes_keys_that_stay(void **state)
{
  (void)state;
  static const struct {
    const char *order, *text;
    struct str key;
  } cases[] = {
      {"dpkg", "1:2.0~a-3",
       STR_INIT("\x01"
                "1"
                "\x02\x01"
                "2"
                "\xae\x02\x00"
                "\x01"
                "a\x02\x00\x02"
                "\x02\x01"
                "3\x02")},
      {"npm", "1.0.12-a.1",
       STR_INIT("\x01"
                "1"
                "\x00"
                "\x02"
                "12"
                "\x02"
                "a\x00"
                "\x01\x01"
                "1"
                "\x00")},
      {"pypi", "1.0",
       STR_INIT("\x00\x01\x01"
                "1"
                "\x00\xff\x00\x00\xff\x00\x00\x00")},
  };
  struct arena arena;
  arena_init(&arena, 0);
  assert_int_equal(VERSION_KEY_FORMAT, 2);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct version parsed;
    assert_int_equal(
        version_parse(ops_of(cases[i].order), str_from(cases[i].text), &arena, &parsed, NULL), 0);
    assert_int_equal(parsed.key.len, cases[i].key.len);
    assert_memory_equal(parsed.key.data, cases[i].key.data, parsed.key.len);
  }
  arena_free(&arena);
}

int main(void)
{
  setlocale(LC_ALL, "");
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(orders_as_the_tools_do),
      cmocka_unit_test(follows_maven_in_a_circle),
      cmocka_unit_test(says_what_the_tools_accept),
      cmocka_unit_test(says_what_is_wrong),
      cmocka_unit_test(keeps_its_limits),
      cmocka_unit_test(finds_the_order_of_an_ecosystem),
      cmocka_unit_test(writes_keys_that_stay),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
