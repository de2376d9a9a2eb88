#include "../test.h"

#include "base/mem.h"
#include "scan/package.h"

static struct package make(const char *name, const char *version, const char *path, uint32_t layer)
{
  return (struct package){.type = PACKAGE_DEB,
                          .name = str_from(name),
                          .version = package_version_split(PACKAGE_DEB, str_from(version)),
                          .architecture = STR("amd64"),
                          .path = str_from(path),
                          .layer = layer};
}

static void add(struct package_list *list, struct package p)
{
  struct error err;
  if (package_list_add(list, &p, &err) < 0)
    fail_msg("%s", err.message);
}

static void takes_versions_apart(void **state)
{
  (void)state;
  static const struct {
    enum package_type type;
    const char *text, *epoch, *upstream, *release;
  } cases[] = {
      {PACKAGE_DEB, "1:2.36-9+deb12u4", "1", "2.36", "9+deb12u4"},
      {PACKAGE_DEB, "5.2.15", "", "5.2.15", ""},
      {PACKAGE_DEB, "2:1.0-rc1-3", "2", "1.0-rc1", "3"},
      {PACKAGE_DEB, "a:1-2", "", "a:1", "2"},
      {PACKAGE_DEB, ":1-2", "", ":1", "2"},
      {PACKAGE_APK, "1.36.1-r15", "", "1.36.1", "r15"},
      {PACKAGE_APK, "1.36.1-rx", "", "1.36.1-rx", ""},
      {PACKAGE_APK, "1.36.1-r", "", "1.36.1-r", ""},
      {PACKAGE_RPM, "4:1.2~rc1-3.el9", "4", "1.2~rc1", "3.el9"},
      {PACKAGE_NPM, "1.0.0-rc.1", "", "1.0.0-rc.1", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct package_version v = package_version_split(cases[i].type, str_from(cases[i].text));
    assert_str(v.text, cases[i].text);
    assert_str(v.epoch, cases[i].epoch);
    assert_str(v.upstream, cases[i].upstream);
    assert_str(v.release, cases[i].release);
  }
}

static void names_types(void **state)
{
  (void)state;
  assert_str(package_type_text(PACKAGE_DEB), "deb");
  assert_str(package_type_text(PACKAGE_GOLANG), "golang");
  assert_true(package_type_is_system(PACKAGE_RPM));
  assert_false(package_type_is_system(PACKAGE_NPM));
  for (int type = 0; type <= PACKAGE_GENERIC; type++)
    assert_true(package_type_text((enum package_type)type).len > 0);
}

static void copies_what_it_is_given(void **state)
{
  (void)state;
  struct arena arena;
  struct package_list list;
  char name[] = "curl", version[] = "1:7.88-1";
  arena_init(&arena, 0);
  package_list_init(&list, &arena, 0);
  add(&list, make(name, version, "var/lib/dpkg/status", 0));
  memset(name, 'x', sizeof name - 1);
  memset(version, 'x', sizeof version - 1);
  assert_int_equal(list.count, 1);
  assert_str(list.items[0].name, "curl");
  assert_str(list.items[0].version.epoch, "1");
  assert_str(list.items[0].version.upstream, "7.88");
  assert_str(list.items[0].version.release, "1");
  assert_str(list.items[0].source, "curl");
  assert_str(list.items[0].source_version.text, "1:7.88-1");
  package_list_free(&list);
  arena_free(&arena);
}

static void refuses_what_no_package_has(void **state)
{
  (void)state;
  static char huge[PACKAGE_NAME_MAX + 2];
  static const struct {
    const char *name, *version;
    int code;
    const char *message;
  } cases[] = {
      {"", "1", SW_EINVAL, "the name of the package is missing"},
      {"a", "", SW_EINVAL, "the version of the package is missing"},
      {"a\x1b[2J", "1", SW_EINVAL, "holds the byte 0x1b"},
      {"a", "1 2", SW_EINVAL, "holds the byte 0x20"},
      {huge, "1", SW_ELIMIT, "1025 bytes"},
  };
  struct arena arena;
  struct package_list list;
  struct error err;
  memset(huge, 'a', PACKAGE_NAME_MAX + 1);
  arena_init(&arena, 0);
  package_list_init(&list, &arena, 0);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct package p = make(cases[i].name, cases[i].version, "x", 0);
    assert_int_equal(package_list_add(&list, &p, &err), cases[i].code);
    assert_error(err, cases[i].code, cases[i].message);
  }
  assert_int_equal(list.count, 0);
  struct package jar = make("my library", "1 beta", "x", 0);
  assert_int_equal(package_list_add(&list, &jar, &err), SW_EINVAL);
  jar.type = PACKAGE_MAVEN;
  assert_int_equal(package_list_add(&list, &jar, &err), 0);
  package_list_free(&list);
  arena_free(&arena);
}

static void stops_at_the_arenas_limit(void **state)
{
  (void)state;
  struct arena arena;
  struct package_list list;
  struct error err = {0};
  struct package p = make("a", "1", "x", 0);
  char *text;
  int added = 0;
  arena_init(&arena, 4096);
  package_list_init(&list, &arena, PACKAGE_LIST_FILES);
  assert_null(package_list_room_for_files(&list, 1000, 10, &text, &err));
  assert_error(err, SW_ELIMIT, "more memory than allowed");
  while (added < 10000 && package_list_add(&list, &p, &err) == 0)
    added++;
  assert_error(err, SW_ELIMIT, "more memory than allowed");
  assert_true(added > 0 && added < 1000);
  package_list_free(&list);
  arena_free(&arena);
}

static void counts_files(void **state)
{
  (void)state;
  struct arena arena;
  struct package_list list;
  struct error err;
  char *text;
  arena_init(&arena, 0);
  package_list_init(&list, &arena, PACKAGE_LIST_FILES);
  assert_non_null(package_list_room_for_files(&list, 2, 10, &text, &err));
  assert_int_equal(list.files, 2);
  assert_null(package_list_room_for_files(&list, PACKAGE_FILES_MAX - 1, 0, &text, &err));
  assert_error(err, SW_ELIMIT, "more than 4000000 files");
  assert_null(package_list_room_for_files(&list, 1, PACKAGE_FILES_BYTES_MAX, &text, &err));
  assert_int_equal(list.files, 2);
  package_list_free(&list);
  arena_free(&arena);
}

struct seen {
  unsigned asked;
  uint32_t top;
};

static bool only_top(void *ctx, struct str path, uint32_t layer)
{
  struct seen *seen = ctx;
  (void)path;
  seen->asked++;
  return layer == seen->top;
}

static void keeps_what_is_visible(void **state)
{
  (void)state;
  struct arena arena;
  struct package_list list;
  struct seen seen = {.top = 1};
  struct package_note note = {
      .type = PACKAGE_DEB, .name = STR("old"), .path = STR("n"), .layer = 0};
  arena_init(&arena, 0);
  package_list_init(&list, &arena, 0);
  add(&list, make("old", "1", "var/lib/dpkg/status", 0));
  add(&list, make("gone", "1", "var/lib/dpkg/status", 0));
  add(&list, make("old", "2", "var/lib/dpkg/status", 1));
  assert_int_equal(package_list_note(&list, &note, NULL), 0);
  package_list_keep(&list, only_top, &seen);
  assert_int_equal(list.count, 1);
  assert_str(list.items[0].version.text, "2");
  assert_int_equal(list.notes.count, 0);
  assert_int_equal(seen.asked, 3);
  package_list_free(&list);
  arena_free(&arena);
}

static void joins_notes(void **state)
{
  (void)state;
  struct arena arena;
  struct package_list list;
  static const struct str files[] = {STR_INIT("bin/a")};
  struct package_note notes[] = {
      {.kind = PACKAGE_NOTE_LICENSE,
       .type = PACKAGE_DEB,
       .name = STR("a"),
       .license = STR("MIT"),
       .layer = 1},
      {.kind = PACKAGE_NOTE_LICENSE,
       .type = PACKAGE_DEB,
       .name = STR("a"),
       .license = STR("ISC"),
       .layer = 0},
      {.kind = PACKAGE_NOTE_FILES,
       .type = PACKAGE_DEB,
       .name = STR("a"),
       .architecture = STR("i386"),
       .files = files,
       .file_count = 1},
      {.kind = PACKAGE_NOTE_FILES,
       .type = PACKAGE_DEB,
       .name = STR("b"),
       .files = files,
       .file_count = 1},
      {.kind = PACKAGE_NOTE_LICENSE, .type = PACKAGE_APK, .name = STR("b"), .license = STR("no")},
  };
  arena_init(&arena, 0);
  package_list_init(&list, &arena, 0);
  add(&list, make("a", "1", "s", 0));
  add(&list, make("b", "1", "s", 0));
  for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++)
    assert_int_equal(package_list_note(&list, &notes[i], NULL), 0);
  package_list_join(&list);
  assert_str(list.items[0].license, "MIT");
  assert_int_equal(list.items[0].file_count, 0);
  assert_str(list.items[1].license, "");
  assert_int_equal(list.items[1].file_count, 1);
  assert_str(list.items[1].files[0], "bin/a");
  assert_int_equal(list.notes.count, 0);
  package_list_free(&list);
  arena_free(&arena);
}

static void finds_owners(void **state)
{
  (void)state;
  static const struct str files[] = {STR_INIT("usr/lib/x/METADATA"), STR_INIT("usr/bin/x"),
                                     STR_INIT("opt/x.jar")};
  static const struct {
    const char *path, *owner;
    uint32_t layer;
  } cases[] = {
      {"usr/lib/x/METADATA", "x", 1},
      {"opt/x.jar!lib/inner.jar", "x", 0},
      /* A later layer put another file in its place. */
      {"usr/bin/x", "", 2},
      {"srv/x/METADATA", "", 0},
  };
  struct arena arena;
  struct package_list list;
  arena_init(&arena, 0);
  package_list_init(&list, &arena, PACKAGE_LIST_FILES);
  struct package system = make("x", "1", "status", 1);
  system.files = files;
  system.file_count = 3;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct package p = make("l", "1", cases[i].path, cases[i].layer);
    p.type = PACKAGE_PYPI;
    add(&list, p);
  }
  add(&list, system);
  package_list_join(&list);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_str(list.items[i].owner, cases[i].owner);
  assert_str(list.items[4].owner, "");
  package_list_free(&list);
  arena_free(&arena);
}

static void sorts(void **state)
{
  (void)state;
  struct arena arena;
  struct package_list list;
  struct package apk = make("a", "1", "x", 0);
  apk.type = PACKAGE_APK;
  arena_init(&arena, 0);
  package_list_init(&list, &arena, 0);
  package_list_sort(&list);
  add(&list, apk);
  add(&list, make("b", "1", "x", 0));
  add(&list, make("a", "2", "x", 1));
  add(&list, make("a", "2", "x", 0));
  add(&list, make("a", "1", "x", 0));
  package_list_sort(&list);
  assert_str(list.items[0].version.text, "1");
  assert_int_equal(list.items[1].layer, 0);
  assert_int_equal(list.items[2].layer, 1);
  assert_str(list.items[3].name, "b");
  assert_int_equal(list.items[4].type, PACKAGE_APK);
  package_list_free(&list);
  arena_free(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(takes_versions_apart),
      cmocka_unit_test(names_types),
      cmocka_unit_test(copies_what_it_is_given),
      cmocka_unit_test(refuses_what_no_package_has),
      cmocka_unit_test(stops_at_the_arenas_limit),
      cmocka_unit_test(counts_files),
      cmocka_unit_test(keeps_what_is_visible),
      cmocka_unit_test(joins_notes),
      cmocka_unit_test(finds_owners),
      cmocka_unit_test(sorts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
