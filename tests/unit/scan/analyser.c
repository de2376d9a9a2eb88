#include "../test.h"

#include "base/mem.h"
#include "scan/analyser.h"

static void read_file(struct analysis *a, const char *path, uint32_t layer, const char *text)
{
  struct error err;
  const struct analyser *analyser = analyser_find(str_from(path), a->packages.flags);
  assert_non_null(analyser);
  if (analysis_read(a, analyser, str_from(path), layer, str_from(text), &err) < 0)
    fail_msg("%s", err.message);
}

static void finds_who_wants_a_path(void **state)
{
  (void)state;
  static const struct {
    const char *path, *name;
  } cases[] = {
      {"etc/os-release", "os-release"},
      {"usr/lib/os-release", "os-release"},
      {"var/lib/dpkg/status", "dpkg"},
      {"usr/share/doc/a/copyright", "dpkg"},
      {"lib/apk/db/installed", "apk"},
      {"var/lib/rpm/rpmdb.sqlite", "rpm"},
      {"opt/a.jar", "java"},
      {"app/a.deps.json", "dotnet"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const struct analyser *found = analyser_find(str_from(cases[i].path), 0);
    assert_non_null(found);
    assert_string_equal(found->name, cases[i].name);
    assert_true(found->size_max > 0);
  }
  assert_null(analyser_find(STR("usr/bin/ls"), PACKAGE_LIST_FILES));
  assert_null(analyser_find(STR("/etc/os-release"), 0));
  assert_null(analyser_find(STR("var/lib/dpkg/info/a.list"), 0));
  assert_non_null(analyser_find(STR("var/lib/dpkg/info/a.list"), PACKAGE_LIST_FILES));
}

static void finds_who_wants_a_beginning(void **state)
{
  (void)state;
  char head[ANALYSER_HEAD] = "\177ELF\2\1";
  struct analyser_file file = {.path = STR("usr/bin/a"), .mode = 0755, .size = sizeof head};
  head[16] = 2;
  const struct analyser *found = analyser_find_by_head(&file, str_make(head, sizeof head), 0);
  assert_non_null(found);
  assert_string_equal(found->name, "binary");
  assert_non_null(found->stream);
  file.mode = 0644;
  assert_null(analyser_find_by_head(&file, str_make(head, sizeof head), 0));
}

static void tells_what_stays_open(void **state)
{
  (void)state;
  struct arena arena;
  struct analysis a;
  arena_init(&arena, 0);
  analysis_init(&a, &arena, PACKAGE_LIST_LOCK_FILES);
  read_file(
      &a, "app/pom.xml", 0,
      "<project><parent><groupId>g</groupId><artifactId>far</artifactId><version>1</version></parent>"
      "<artifactId>a</artifactId><dependencies><dependency><groupId>b</groupId>"
      "<artifactId>c</artifactId></dependency></dependencies></project>");
  analysis_finish(&a);
  assert_int_equal(a.packages.count, 1);
  assert_error(a.unsettled, SW_EUNSUPPORTED, "app/pom.xml: 1 dependencies have versions");
  a.packages.count = 0;
  analysis_finish(&a);
  assert_int_equal(a.unsettled.code, 0);
  analysis_free(&a);
  arena_free(&arena);
}

static void puts_an_image_together(void **state)
{
  (void)state;
  struct arena arena;
  struct analysis a;
  arena_init(&arena, 0);
  analysis_init(&a, &arena, PACKAGE_LIST_FILES);
  read_file(&a, "etc/debian_version", 0, "12.5\n");
  read_file(&a, "usr/lib/os-release", 0, "ID=debian\nVERSION_ID=\"12\"\n");
  read_file(&a, "usr/share/doc/libc6/copyright", 0, "Format: x\nLicense: Expat\n");
  read_file(&a, "var/lib/dpkg/info/libc6:amd64.list", 0, "/.\n/lib\n/lib/libc.so.6\n");
  read_file(&a, "var/lib/dpkg/status", 0,
            "Package: libc6\nVersion: 2.36-9\nArchitecture: amd64\nSource: glibc\n\n"
            "Package: base-files\nVersion: 12.4+deb12u5\nArchitecture: amd64\n");
  analysis_finish(&a);
  assert_string_equal(a.os.family->id, "debian");
  assert_str(a.os.version, "12");
  assert_int_equal(a.packages.count, 2);
  assert_str(a.packages.items[0].name, "base-files");
  assert_str(a.packages.items[0].purl,
             "pkg:deb/debian/base-files@12.4%2Bdeb12u5?arch=amd64&distro=debian-12");
  assert_str(a.packages.items[1].purl,
             "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12&upstream=glibc");
  assert_str(a.packages.items[1].license, "MIT");
  assert_int_equal(a.packages.items[1].file_count, 1);
  assert_str(a.packages.items[1].files[0], "lib/libc.so.6");
  analysis_free(&a);
  arena_free(&arena);
}

static bool in_top_layer(void *ctx, struct str path, uint32_t layer)
{
  (void)ctx, (void)path;
  return layer == 1;
}

static void keeps_what_is_visible(void **state)
{
  (void)state;
  struct arena arena;
  struct analysis a;
  arena_init(&arena, 0);
  analysis_init(&a, &arena, 0);
  read_file(&a, "etc/os-release", 0, "ID=alpine\nVERSION_ID=3.18.1\n");
  read_file(&a, "etc/os-release", 1, "ID=alpine\nVERSION_ID=3.19.1\n");
  read_file(&a, "lib/apk/db/installed", 0, "P:a\nV:1-r0\n\nP:b\nV:1-r0\n");
  read_file(&a, "lib/apk/db/installed", 1, "P:a\nV:2-r0\nA:x86_64\n");
  analysis_keep(&a, in_top_layer, NULL);
  analysis_finish(&a);
  assert_str(a.os.version, "3.19.1");
  assert_int_equal(a.packages.count, 1);
  assert_str(a.packages.items[0].purl, "pkg:apk/alpine/a@2-r0?arch=x86_64&distro=alpine-3.19.1");
  analysis_free(&a);
  arena_free(&arena);
}

static void names_the_file_in_errors(void **state)
{
  (void)state;
  struct arena arena;
  struct analysis a;
  struct error err;
  struct str path = STR("lib/apk/db/installed");
  arena_init(&arena, 0);
  analysis_init(&a, &arena, 0);
  assert_int_equal(analysis_read(&a, analyser_find(path, 0), path, 0, STR("P:a\n"), &err),
                   SW_EINVAL);
  assert_error(err, SW_EINVAL, "lib/apk/db/installed: the version of the package is missing");
  assert_int_equal(analysis_read(&a, analyser_find(path, 0), path, 0, STR("P:a\n"), NULL),
                   SW_EINVAL);
  analysis_finish(&a);
  assert_null(a.os.family);
  analysis_free(&a);
  arena_free(&arena);
}

static void writes_package_urls(void **state)
{
  (void)state;
  struct arena arena;
  struct os_release os;
  arena_init(&arena, 0);
  assert_int_equal(
      os_release_read(&arena, STR("etc/os-release"), STR("ID=rhel\nVERSION_ID=9.3\n"), &os, NULL),
      0);
  struct package p = {.type = PACKAGE_RPM,
                      .name = STR("bind-libs"),
                      .version = package_version_split(PACKAGE_RPM, STR("32:9.16-1.el9")),
                      .architecture = STR("x86_64"),
                      .source = STR("bind"),
                      .source_version = package_version_split(PACKAGE_RPM, STR("32:9.17-1.el9"))};
  assert_str(analysis_purl(&arena, &p, &os),
             "pkg:rpm/redhat/bind-libs@9.16-1.el9?arch=x86_64&distro=rhel-9.3&epoch=32"
             "&upstream=bind%4032:9.17-1.el9");
  p.source = p.name;
  p.source_version = p.version;
  assert_str(analysis_purl(&arena, &p, NULL), "pkg:rpm/bind-libs@9.16-1.el9?arch=x86_64&epoch=32");
  p.type = PACKAGE_NPM;
  assert_str(analysis_purl(&arena, &p, &os), "");
  arena_free(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_who_wants_a_path), cmocka_unit_test(finds_who_wants_a_beginning),
      cmocka_unit_test(tells_what_stays_open),  cmocka_unit_test(puts_an_image_together),
      cmocka_unit_test(keeps_what_is_visible),  cmocka_unit_test(names_the_file_in_errors),
      cmocka_unit_test(writes_package_urls),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
