/*
 * A database of rpm, whichever its first bytes say it is; a byte before it chooses whether it is read as the
 * list of images without rpm, and whether files are wanted. What comes out is whole.
 */
#include "scan/rpm.h"
#include "base/mem.h"

#include <assert.h>

static void check_package(const struct package *p)
{
  assert(p->type == PACKAGE_RPM && p->name.len && p->name.len <= PACKAGE_NAME_MAX && p->source.len);
  assert(p->version.text.len >= p->version.upstream.len + p->version.release.len);
  for (size_t i = 0; i < p->name.len; i++)
    assert((unsigned char)p->name.data[i] > ' ');
  for (uint32_t i = 0; i < p->file_count; i++)
    assert(p->files[i].len == 0 || memchr(p->files[i].data, 0, p->files[i].len) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena;
  struct package_list list;
  struct error err;
  if (size == 0)
    return 0;
  struct str bytes = str_make((const char *)data + 1, size - 1);
  arena_init(&arena, 64 << 20);
  package_list_init(&list, &arena, data[0] & 1 ? PACKAGE_LIST_FILES : 0);
  int rc = rpm_read(data[0] & 2 ? STR("var/lib/rpmmanifest/container-manifest-2")
                                : STR("var/lib/rpm/Packages"),
                    0, bytes, &list, &err);
  assert(rc == 0 || (err.code == rc && err.message[0]));
  for (size_t i = 0; i < list.count; i++)
    check_package(&list.items[i]);
  package_list_free(&list);
  arena_free(&arena);
  return 0;
}
