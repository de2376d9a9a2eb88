#include "language_test.h"

#include "scan/language/composer.h"

static void says_what_it_wants(void **state)
{
  (void)state;
  assert_true(composer_wants(STR("app/vendor/composer/installed.json"), 0));
  assert_false(composer_wants(STR("composer.lock"), 0));
  assert_true(composer_wants(STR("composer.lock"), LOCKED));
  assert_true(composer_wants(STR("app/composer.json"), LOCKED));
  assert_false(composer_wants(STR("vendor/a/b/composer.json"), LOCKED));
  assert_false(composer_wants(STR("app/vendor/a/b/composer.lock"), LOCKED));
  language_refuse(composer_read, "composer.lock", STR(""), INSTALLED, SW_EUSAGE,
                  "not one of Composer's", 0);
}

static void reads_what_is_installed(void **state)
{
  (void)state;
  static const char path[] = "vendor/composer/installed.json";
  static const char two[] =
      "{\"packages\":[{\"name\":\"a/b\",\"version\":\"v1.0\",\"license\":[\"MIT\",\"ISC\"]},"
      "{\"name\":\"c/d\",\"version\":\"2.0\",\"license\":\"MIT\"},{\"name\":\"e/f\"}],"
      "\"dev\":true,\"dev-package-names\":[\"c/d\"]}";
  language_check(composer_read, path, str_from(two), INSTALLED,
                 "a/b@v1.0 (MIT OR ISC)\nc/d@2.0 (MIT)\n");
  language_check(composer_read, path, STR("[{\"name\":\"A/b\",\"version\":\"1.0\"}]"), INSTALLED,
                 "A/b@1.0\n");
  language_check_purl(composer_read, path, STR("[{\"name\":\"A/b\",\"version\":\"1.0\"}]"),
                      INSTALLED, "pkg:composer/a/b@1.0");
  language_refuse(composer_read, path, STR("[{]"), INSTALLED, SW_EINVAL, "instead of", 0);
}

static void reads_lock_files(void **state)
{
  (void)state;
  static const char text[] = "{\"packages\":[{\"name\":\"a/b\",\"version\":\"1.0\"}],"
                             "\"packages-dev\":[{\"name\":\"c/d\",\"version\":\"2.0\"},"
                             "{\"name\":\"a/b\",\"version\":\"1.0\"}]}";
  language_check(composer_read, "composer.lock", str_from(text), LOCKED, "a/b@1.0\n");
  language_check(composer_read, "composer.lock", str_from(text), ALL,
                 "a/b@1.0\nc/d@2.0 development\n");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(says_what_it_wants),
      cmocka_unit_test(reads_what_is_installed),
      cmocka_unit_test(reads_lock_files),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
