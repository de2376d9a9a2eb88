/*
 * A byte chooses which of dpkg's files it is. Files that packages own are no directories of others, and
 * licences are text without control characters.
 */
#include "scan/dpkg.h"
#include "base/mem.h"

#include <assert.h>

static const struct str paths[] = {
    STR_INIT("var/lib/dpkg/status"),
    STR_INIT("var/lib/dpkg/status.d/a"),
    STR_INIT("var/lib/dpkg/status.d/a.md5sums"),
    STR_INIT("var/lib/dpkg/info/a:amd64.list"),
    STR_INIT("usr/share/doc/a/copyright"),
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena;
  struct package_list list;
  struct error err;
  if (size == 0)
    return 0;
  struct str bytes = str_make((const char *)data + 1, size - 1);
  struct str path = paths[data[0] % (sizeof paths / sizeof paths[0])];
  arena_init(&arena, 0);
  package_list_init(&list, &arena, PACKAGE_LIST_FILES);
  assert(dpkg_wants(path, PACKAGE_LIST_FILES));
  int rc = dpkg_read(path, 0, bytes, &list, &err);
  assert(rc == 0 || (err.code == rc && err.message[0]));
  assert(list.files <= size && list.file_bytes <= size);
  for (size_t i = 0; i < list.notes.count; i++)
    for (size_t j = 0; j < list.notes.items[i].license.len; j++)
      assert((unsigned char)list.notes.items[i].license.data[j] >= ' ');
  package_list_join(&list);
  for (size_t i = 0; i < list.count; i++)
    assert(list.items[i].name.len && list.items[i].version.text.len && list.items[i].source.len);
  package_list_free(&list);
  arena_free(&arena);
  return 0;
}
