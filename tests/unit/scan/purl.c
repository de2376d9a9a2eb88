#include "../test.h"

#include "base/mem.h"
#include "scan/purl.h"

static void reads_and_writes(void **state)
{
  (void)state;
  static const struct {
    const char *text, *canonical;
  } cases[] = {
      {"pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie",
       "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie"},
      {"PKG:DEB/Debian/Curl@1:7%2B1?distro=x&Arch=i386",
       "pkg:deb/debian/curl@1:7%2B1?arch=i386&distro=x"},
      {"pkg://npm/%40angular/animation@12.3.1", "pkg:npm/%40angular/animation@12.3.1"},
      {"pkg:npm/@babel/core#/a/./b/../c/", "pkg:npm/%40babel/core#a/b/c"},
      {"pkg:pypi/Django_package@1.11.DEV1", "pkg:pypi/django-package@1.11.dev1"},
      {"pkg:pub/Flutter-downloader@1.0", "pkg:pub/flutter_downloader@1.0"},
      {"pkg:golang/google.golang.org/genproto@abcdedf#/googleapis/api/annotations/",
       "pkg:golang/google.golang.org/genproto@abcdedf#googleapis/api/annotations"},
      {"pkg:golang/stdlib@1.22.0", "pkg:golang/stdlib@1.22.0"},
      {"pkg:maven/org.apache.commons/io@1.3.4", "pkg:maven/org.apache.commons/io@1.3.4"},
      {"pkg:mlflow/CreditFraud@3?repository_url=https://a.azuredatabricks.net",
       "pkg:mlflow/creditfraud@3?repository_url=https:%2F%2Fa.azuredatabricks.net"},
      {"pkg:generic/na%20me@1?empty=&k=a%26b", "pkg:generic/na%20me@1?k=a%26b"},
      {"pkg:rpm/Fedora/Curl@7.50.3-1.fc25?epoch=1", "pkg:rpm/fedora/Curl@7.50.3-1.fc25?epoch=1"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct arena arena;
    struct purl purl, again;
    struct error err;
    _cleanup_(buf_free) struct buf out = {0};
    arena_init(&arena, 0);
    if (purl_parse(&arena, str_from(cases[i].text), &purl, &err) < 0 ||
        purl_write(&out, &purl, &err) < 0)
      fail_msg("%s: %s", cases[i].text, err.message);
    assert_str(buf_str(&out), cases[i].canonical);
    assert_int_equal(purl_parse(&arena, buf_str(&out), &again, &err), 0);
    assert_str(again.name, arena_copy(&arena, purl.name).data);
    arena_free(&arena);
  }
}

static void gives_parts(void **state)
{
  (void)state;
  struct arena arena;
  struct purl p;
  arena_init(&arena, 0);
  assert_int_equal(purl_parse(&arena, STR("pkg:npm/%40a%20b/c@1%2F2?x=%C3%A9#d/e"), &p, NULL), 0);
  assert_str(p.type, "npm");
  assert_str(p.name_space, "@a b");
  assert_str(p.name, "c");
  assert_str(p.version, "1/2");
  assert_str(p.subpath, "d/e");
  assert_str(purl_qualifier(&p, STR("X")), "\xc3\xa9");
  assert_str(purl_qualifier(&p, STR("y")), "");
  arena_free(&arena);
}

static void refuses(void **state)
{
  (void)state;
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"", "begins with \"pkg:\""},
      {"npm/a@1", "begins with \"pkg:\""},
      {"pkg:", "has no type"},
      {"pkg:npm", "has no name"},
      {"pkg:npm/", "has no name"},
      {"pkg:cran/@0.9.1", "has no name"},
      {"pkg:3npm/a", "begins with a letter"},
      {"pkg:n&m/a", "is made of letters"},
      {"pkg:npm/a%2", "two hexadecimal digits"},
      {"pkg:npm/a%zz", "two hexadecimal digits"},
      {"pkg:npm/a%", "two hexadecimal digits"},
      {"pkg:npm/a%ff", "not UTF-8"},
      {"pkg:npm/a%2Fb/c", "encoded \"/\""},
      {"pkg:npm/a?in%20b=1", "is no key"},
      {"pkg:npm/a?b", "has no value"},
      {"pkg:npm/a?b=1&B=2", "is given twice"},
      {"pkg:swift/a@1", "needs a namespace"},
      {"pkg:cargo/a/b@1", "has no namespace"},
      {"pkg:julia/a@1", "needs the qualifier \"uuid\""},
      {"pkg:cpan/A::B", "not a module"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct arena arena;
    struct purl purl;
    struct error err = {0};
    arena_init(&arena, 0);
    if (purl_parse(&arena, str_from(cases[i].text), &purl, &err) == 0)
      fail_msg("%s was read", cases[i].text);
    assert_error(err, SW_EINVAL, cases[i].message);
    arena_free(&arena);
  }
}

static void has_limits(void **state)
{
  (void)state;
  static char text[PURL_LENGTH_MAX + 2], name[PURL_LENGTH_MAX];
  struct arena arena;
  struct purl purl = {.type = STR("npm"), .name = STR("a")};
  struct error err;
  _cleanup_(buf_free) struct buf out = {0};
  arena_init(&arena, 0);
  memset(text, 'a', sizeof text - 1);
  memcpy(text, "pkg:npm/", 8);
  assert_int_equal(purl_parse(&arena, str_from(text), &purl, &err), SW_ELIMIT);
  memset(name, 'a', sizeof name);
  purl.name = str_make(name, sizeof name);
  buf_add(&out, STR("before"));
  assert_int_equal(purl_write(&out, &purl, &err), SW_ELIMIT);
  assert_str(buf_str(&out), "before");
  purl.name = STR("a");
  for (int i = 0; i < PURL_QUALIFIERS_MAX; i++) {
    struct str key = arena_printf(&arena, "k%d", i);
    assert_int_equal(purl_qualify(&purl, key, STR("v"), &err), 0);
  }
  assert_int_equal(purl_qualify(&purl, STR("l"), STR(""), &err), 0);
  assert_int_equal(purl_qualify(&purl, STR("l"), STR("v"), &err), SW_ELIMIT);
  arena_free(&arena);
}

static bool means(const char *pattern, const char *purl)
{
  struct arena arena;
  arena_init(&arena, 0);
  struct purl_pattern a, b;
  struct error err;
  if (purl_pattern_make(&arena, str_from(pattern), &a, &err) < 0 ||
      purl_pattern_make(&arena, str_from(purl), &b, &err) < 0)
    fail_msg("%s", err.message);
  bool answer = purl_pattern_means(&a, &b);
  arena_free(&arena);
  return answer;
}

static void compares_patterns(void **state)
{
  (void)state;
  const char *purl = "pkg:deb/debian/curl@8.0?arch=amd64&distro=debian-12#a";
  assert_true(means(purl, purl));
  assert_true(means("pkg:deb/debian/curl", purl));
  assert_true(means("pkg:deb/debian/curl@8.0?arch=amd64", purl));
  assert_false(means("pkg:deb/debian/curl@8.1", purl));
  assert_false(means("pkg:deb/debian/curl?arch=arm64", purl));
  assert_false(means("pkg:deb/debian/curl?os=x", purl));
  assert_false(means("pkg:deb/debian/curl#b", purl));
  assert_false(means("pkg:deb/ubuntu/curl", purl));
  assert_false(means("pkg:apk/debian/curl", purl));
  assert_false(means("pkg:deb/debian/wget", purl));
  assert_false(means(purl, "pkg:deb/debian/curl"));
  struct purl_pattern none;
  assert_int_equal(purl_pattern_make(NULL, STR("curl"), &none, NULL), SW_EINVAL);
}

static void names_images(void **state)
{
  (void)state;
  struct arena arena;
  struct str digest =
      STR("sha256:4444444444444444444444444444444444444444444444444444444444444444");
  arena_init(&arena, 0);
  assert_str(purl_of_image(&arena, STR("registry.example/shop/web:1.4"), digest, STR("amd64")),
             "pkg:oci/web@sha256:444444444444444444444444444444444444444444444444444444444444"
             "4444?arch=amd64&repository_url=registry.example%2Fshop%2Fweb");
  assert_str(purl_of_image(&arena, STR("nginx"), STR_EMPTY, STR_EMPTY),
             "pkg:oci/nginx?repository_url=docker.io%2Flibrary%2Fnginx");
  assert_str(purl_of_image(&arena, STR("/no reference"), digest, STR_EMPTY), "");
  arena_free(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(compares_patterns), cmocka_unit_test(names_images),
      cmocka_unit_test(reads_and_writes),  cmocka_unit_test(gives_parts),
      cmocka_unit_test(refuses),           cmocka_unit_test(has_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
