/*
 * A database of apk: with files and without, it gives the same packages.
 */
#include "scan/apk.h"
#include "base/mem.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str bytes = str_make((const char *)data, size);
  struct arena arena;
  struct package_list with, without;
  struct error err;
  arena_init(&arena, 0);
  package_list_init(&with, &arena, PACKAGE_LIST_FILES);
  package_list_init(&without, &arena, 0);
  int rc = apk_read(STR("lib/apk/db/installed"), 0, bytes, &with, &err);
  assert(rc == 0 || (err.code == rc && err.message[0] && err.line));
  int other = apk_read(STR("lib/apk/db/installed"), 0, bytes, &without, NULL);
  assert(with.count <= without.count && (rc < 0 || with.count == without.count));
  assert(rc < 0 || other == 0);
  assert(with.files <= size);
  for (size_t i = 0; i < without.count; i++)
    assert(without.items[i].name.len && without.items[i].version.text.len &&
           !without.items[i].file_count);
  package_list_free(&with);
  package_list_free(&without);
  arena_free(&arena);
  return 0;
}
