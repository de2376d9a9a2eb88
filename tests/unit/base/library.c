#include "../test.h"

#include "base/library.h"
#include "base/mem.h"

#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define MATHS(f) f(sqrt) f(hypot) f(lgamma)
union maths LIBRARY_TABLE(MATHS);
static const char *const names[] = {MATHS(LIBRARY_NAME) NULL};

LIBRARY_NOTE("libm.so.6", "test", "roots");

static struct library library_with(union maths *table, const char *file, const char *const *wanted)
{
  return (struct library){.file = file,
                          .package = "libc6",
                          .names = wanted,
                          .table = table,
                          .table_size = sizeof *table};
}

static void gives_the_functions_of_a_library(void **state)
{
  (void)state;
  static _Alignas(LIBRARY_PAGE) union maths maths;
  struct library library = library_with(&maths, "libm.so.6", names);
  struct error err;
  assert_int_equal(library_load(&library, &err), 0);
  assert_true(maths.sqrt(9) == 3);
  assert_true(maths.hypot(3, 4) == 5);
  void *handle = maths.handle;
  assert_non_null(handle);
  assert_int_equal(library_load(&library, &err), 0);
  assert_ptr_equal(maths.handle, handle);
}

/* The rights to the page of an address, as the kernel tells them. */
static void rights_of(const void *address, char ret[5])
{
  FILE *maps = fopen("/proc/self/maps", "re");
  assert_non_null(maps);
  char line[512];
  bool found = false;
  while (!found && fgets(line, sizeof line, maps)) {
    char *rest;
    uintptr_t from = strtoull(line, &rest, 16), to = strtoull(rest + 1, &rest, 16);
    found = (uintptr_t)address >= from && (uintptr_t)address < to;
    if (found)
      snprintf(ret, 5, "%.4s", rest + 1);
  }
  fclose(maps);
  assert_true(found);
}

static void the_table_cannot_be_written_to(void **state)
{
  (void)state;
  static _Alignas(LIBRARY_PAGE) union maths maths;
  if (sysconf(_SC_PAGESIZE) != LIBRARY_PAGE)
    skip();
  char rights[5];
  rights_of(&maths, rights);
  assert_string_equal(rights, "rw-p");
  struct library library = library_with(&maths, "libm.so.6", names);
  assert_int_equal(library_load(&library, NULL), 0);
  rights_of(&maths, rights);
  assert_string_equal(rights, "r--p");
}

static void tells_what_is_missing(void **state)
{
  (void)state;
  static _Alignas(LIBRARY_PAGE) union maths maths;
  struct error err;
  struct library absent = library_with(&maths, "libseawall-absent.so.7", names);
  assert_int_equal(library_load(&absent, &err), SW_EUNSUPPORTED);
  assert_error(err, SW_EUNSUPPORTED, "libseawall-absent.so.7");
  assert_error(err, SW_EUNSUPPORTED, "package libc6");
  assert_null(maths.handle);

  static const char *const too_many[] = {"sqrt", "hypot", "seawall_no_such_root", NULL};
  struct library old = library_with(&maths, "libm.so.6", too_many);
  assert_int_equal(library_load(&old, &err), SW_EUNSUPPORTED);
  assert_error(err, SW_EUNSUPPORTED, "libm.so.6 has no function seawall_no_such_root");
  assert_null(maths.handle);

  struct library right = library_with(&maths, "libm.so.6", names);
  assert_int_equal(library_load(&right, &err), 0);
  assert_true(maths.sqrt(4) == 2);
}

int main(void)
{
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_the_functions_of_a_library),
      cmocka_unit_test(the_table_cannot_be_written_to),
      cmocka_unit_test(tells_what_is_missing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
