#include "../test.h"

#include "scan/advisory/database_place.h"

#include <stdlib.h>
#include <unistd.h>

static void place_is(const char *expected)
{
  struct buf path = {0};
  struct error err;
  if (advisory_database_place(&path, &err) < 0)
    fail_msg("%s", err.message);
  assert_str(buf_str(&path), expected);
  buf_free(&path);
}

static void what_is_named_comes_first(void **state)
{
  (void)state;
  setenv("SEAWALL_DB", "/x/y.db", 1);
  setenv("XDG_CACHE_HOME", "/cache", 1);
  place_is("/x/y.db");
  setenv("SEAWALL_DB", "", 1); /* as if it were not set */
  if (geteuid() == 0 || access(ADVISORY_DATABASE_SYSTEM, R_OK) == 0)
    place_is(ADVISORY_DATABASE_SYSTEM);
  else
    place_is("/cache/seawall/advisories.db");
}

/* Only a user other than root has a place of his own. */
static void a_user_has_a_place_of_his_own(void **state)
{
  (void)state;
  struct buf path = {0};
  struct error err;
  unsetenv("SEAWALL_DB");
  if ((geteuid() == 0 && seteuid(65534) < 0) || access(ADVISORY_DATABASE_SYSTEM, R_OK) == 0) {
    print_message("there is a database of the system, or no other user to be\n");
    skip();
  }
  setenv("XDG_CACHE_HOME", "/cache", 1);
  place_is("/cache/seawall/advisories.db");
  unsetenv("XDG_CACHE_HOME");
  setenv("HOME", "/home/a", 1);
  place_is("/home/a/.cache/seawall/advisories.db");
  unsetenv("HOME");
  assert_int_equal(advisory_database_place(&path, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "neither SEAWALL_DB nor HOME is set");
  buf_free(&path);
  if (getuid() == 0)
    assert_int_equal(seteuid(0), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_named_comes_first),
      cmocka_unit_test(a_user_has_a_place_of_his_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
