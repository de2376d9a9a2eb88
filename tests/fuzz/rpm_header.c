/*
 * One header of rpm: it is refused with a reason, or gives exactly one package.
 */
#include "scan/rpm_header.h"
#include "base/mem.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena;
  struct package_list list;
  struct error err;
  struct str name, version, blob = str_make((const char *)data, size);
  arena_init(&arena, 64 << 20);
  package_list_init(&list, &arena, PACKAGE_LIST_FILES);
  int rc = rpm_header_read(STR("x"), 0, blob, &list, &err);
  assert(rc == 0 || (err.code == rc && err.message[0]));
  assert(list.count == (rc == 0));
  if (rc == 0) {
    const struct package *p = &list.items[0];
    assert(p->name.len && p->version.upstream.len && p->version.release.len);
    assert(p->file_count <= size);
  }
  if (rpm_source_name(blob, &name, &version))
    assert(name.len && name.len + version.len < size);
  package_list_free(&list);
  arena_free(&arena);
  return 0;
}
