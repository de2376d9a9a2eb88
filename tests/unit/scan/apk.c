#include "../test.h"

#include "base/mem.h"
#include "scan/apk.h"

static const struct str path = STR_INIT("lib/apk/db/installed");

static void reads_the_database(void **state)
{
  (void)state;
  struct arena arena;
  struct package_list list;
  arena_init(&arena, 0);
  package_list_init(&list, &arena, PACKAGE_LIST_FILES);
  assert_int_equal(
      apk_read(path, 1,
               STR("C:Q1abc=\nP:musl\nV:1.2.4-r2\nA:x86_64\nS:1\nT:the libc\nL:MIT\no:musl-src\n"
                   "m:Me <a@b>\nF:lib\nR:ld-musl.so.1\na:0:0:755\nF:usr/lib\nR:b\nF:\nR:top\n\n\n"
                   "P:busybox\nV:1.36.1-r15\n"),
               &list, NULL),
      0);
  assert_int_equal(list.count, 2);
  const struct package *p = &list.items[0];
  assert_str(p->name, "musl");
  assert_str(p->version.text, "1.2.4-r2");
  assert_str(p->version.release, "r2");
  assert_str(p->architecture, "x86_64");
  assert_str(p->license, "MIT");
  assert_str(p->source, "musl-src");
  assert_str(p->source_version.text, "1.2.4-r2");
  assert_str(p->maintainer, "Me <a@b>");
  assert_int_equal(p->layer, 1);
  assert_int_equal(p->file_count, 3);
  assert_str(p->files[0], "lib/ld-musl.so.1");
  assert_str(p->files[1], "usr/lib/b");
  assert_str(p->files[2], "top");
  assert_int_equal(list.items[1].file_count, 0);
  package_list_free(&list);
  arena_free(&arena);
}

static void tells_what_is_wrong(void **state)
{
  (void)state;
  struct arena arena;
  struct package_list list;
  struct error err;
  static char deep[8192];
  arena_init(&arena, 0);
  package_list_init(&list, &arena, PACKAGE_LIST_FILES);
  assert_int_equal(apk_read(path, 0, STR("P:a\n\nV:1\n\nP:b\nV:1\n"), &list, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "2 records are wrong, the first: the version");
  assert_int_equal(err.line, 1);
  assert_int_equal(list.count, 1);
  snprintf(deep, sizeof deep, "P:c\nV:1\nF:%*s\nR:x\n", 5000, "d");
  assert_int_equal(apk_read(path, 0, str_from(deep), &list, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "the path of a file has 5002 bytes");
  list.flags = 0;
  assert_int_equal(apk_read(path, 0, str_from(deep), &list, &err), 0);
  assert_int_equal(apk_read(path, 0, STR(""), &list, &err), 0);
  assert_int_equal(list.count, 2);
  package_list_free(&list);
  arena_free(&arena);
}

static void says_what_it_wants(void **state)
{
  (void)state;
  assert_true(apk_wants(path));
  assert_true(apk_wants(STR("usr/lib/apk/db/installed")));
  assert_false(apk_wants(STR("lib/apk/db/triggers")));
  assert_false(apk_wants(STR("x/lib/apk/db/installed")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_the_database),
      cmocka_unit_test(tells_what_is_wrong),
      cmocka_unit_test(says_what_it_wants),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
