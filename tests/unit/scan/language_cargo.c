#include "language_test.h"

#include "scan/language/cargo.h"

static void says_what_it_wants(void **state)
{
  (void)state;
  assert_false(cargo_wants(STR("Cargo.lock"), 0));
  assert_true(cargo_wants(STR("a/Cargo.lock"), LOCKED));
  assert_true(cargo_wants(STR("Cargo.toml"), LOCKED));
  assert_false(cargo_wants(STR("Cargo.lock.orig"), LOCKED));
  language_refuse(cargo_read, "Cargo.lock", STR(""), INSTALLED, SW_EUSAGE, "not one of Cargo's", 0);
}

static void reads_lock_files(void **state)
{
  (void)state;
  static const char text[] =
      "version = 4\n"
      "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\n"
      "dependencies = [\"b 2.0.0\", \"c\"]\n"
      "[[package]]\nname = \"b\"\nversion = \"1.0.0\"\n"
      "[[package]]\nname = \"b\"\nversion = \"2.0.0\"\nsource = \"registry+x\"\n"
      "[[package]]\nname = \"c\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\n"
      "dependencies = [\"a 1.0.0 (registry+x)\", \"gone\"]\n";
  struct arena arena;
  struct package_list list;
  language_check(cargo_read, "Cargo.lock", str_from(text), LOCKED,
                 "a@1.0.0\nb@1.0.0\nb@2.0.0\nc@1.0.0\n");
  arena_init(&arena, 0);
  package_list_init(&list, &arena, LOCKED);
  assert_int_equal(language_read_text(cargo_read, "Cargo.lock", str_from(text), &list, NULL), 0);
  assert_int_equal(list.notes.count, 4);
  assert_str(list.notes.items[0].name, "a@1.0.0");
  assert_int_equal(list.notes.items[0].file_count, 2);
  assert_str(list.notes.items[0].files[0], ">c@1.0.0");
  assert_str(list.notes.items[0].files[1], ">b@2.0.0");
  assert_str(list.notes.items[1].files[0], "!b");
  assert_int_equal(list.notes.items[3].file_count, 1);
  assert_str(list.notes.items[3].files[0], ">a@1.0.0");
  package_list_free(&list);
  arena_free(&arena);
  language_check(cargo_read, "Cargo.lock", STR("package = 1"), LOCKED, "");
  language_refuse(cargo_read, "Cargo.lock", STR("[[package]"), LOCKED, SW_EINVAL, "instead of ']]'",
                  0);
}

static void keeps_what_a_project_asks_for(void **state)
{
  (void)state;
  struct arena arena;
  struct package_list list;
  static const char *const expected[] = {"+a", "+real", "-t", "-cc", "+w"};
  arena_init(&arena, 0);
  package_list_init(&list, &arena, LOCKED);
  assert_int_equal(
      language_read_text(cargo_read, "Cargo.toml",
                         STR("[package]\nname = \"me\"\n[dependencies]\na = \"1\"\n"
                             "b = { package = \"real\", version = \"2\" }\n"
                             "[dev-dependencies]\nt = \"1\"\n[build-dependencies]\ncc = \"1\"\n"
                             "[target.'cfg(windows)'.dependencies]\nw = \"1\"\n"),
                         &list, NULL),
      0);
  assert_int_equal(language_read_text(cargo_read, "w/Cargo.toml",
                                      STR("[workspace]\nmembers = [\"me\"]\n"), &list, NULL),
                   0);
  assert_int_equal(list.notes.count, 1);
  assert_str(list.notes.items[0].name, "me");
  assert_int_equal(list.notes.items[0].file_count, 5);
  for (size_t i = 0; i < 5; i++)
    assert_str(list.notes.items[0].files[i], expected[i]);
  package_list_free(&list);
  arena_free(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(says_what_it_wants),
      cmocka_unit_test(reads_lock_files),
      cmocka_unit_test(keeps_what_a_project_asks_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
