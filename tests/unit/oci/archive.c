#include "../test.h"

#include "oci/archive.h"

static void takes_archives_apart_once_it_is_loaded(void **state)
{
  (void)state;
  struct error err;
  assert_int_equal(archive_load(&err), 0);
  assert_int_equal(archive_load(&err), 0);
  struct archive *archive = archive_read_new();
  assert_non_null(archive);
  assert_int_equal(archive_read_support_format_tar(archive), ARCHIVE_OK);
  static const char end[1024];
  assert_int_equal(archive_read_open_memory(archive, end, sizeof end), ARCHIVE_OK);
  struct archive_entry *entry;
  assert_int_equal(archive_read_next_header(archive, &entry), ARCHIVE_EOF);
  assert_int_equal(archive_read_free(archive), ARCHIVE_OK);
}

int main(void)
{
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(takes_archives_apart_once_it_is_loaded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
