/*
 * The five files of .NET: no package twice in one file, all of them NuGet's.
 */
#include "base/map.h"
#include "base/mem.h"
#include "scan/language/dotnet.h"

#include <assert.h>

static void read_as(const char *path, struct str bytes)
{
  struct arena arena;
  struct package_list list;
  struct map seen;
  struct error err = {.code = 0};
  arena_init(&arena, 0);
  map_init(&seen, NULL);
  package_list_init(&list, &arena, PACKAGE_LIST_LOCK_FILES | PACKAGE_LIST_DEVELOPMENT);
  int rc = dotnet_read(str_from(path), 0, bytes, &list, &err);
  assert(rc == 0 || (rc == err.code && err.message[0]));
  for (size_t i = 0; i < list.count; i++) {
    bool added;
    const struct package *p = &list.items[i];
    map_put(&seen, arena_printf(&arena, "%.*s/%.*s", STR_FMT(p->name), STR_FMT(p->version.text)),
            &added);
    assert(added && p->type == PACKAGE_NUGET);
  }
  map_free(&seen);
  package_list_free(&list);
  arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str bytes = str_make((const char *)data, size);
  read_as("a.deps.json", bytes);
  read_as("packages.lock.json", bytes);
  read_as("project.assets.json", bytes);
  read_as("packages.config", bytes);
  read_as("Directory.Packages.props", bytes);
  return 0;
}
