/*
 * go.mod and go.sum: what is added from a go.sum is indirect, belongs to the go.mod, and is not there twice.
 */
#include "base/map.h"
#include "base/mem.h"
#include "scan/language/golang.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str mod, sum, bytes = str_make((const char *)data, size);
  struct arena arena;
  struct package_list list;
  struct map names;
  struct error err = {.code = 0};
  mod = str_cut(bytes, '\0', &sum);
  arena_init(&arena, 0);
  map_init(&names, NULL);
  package_list_init(&list, &arena, PACKAGE_LIST_LOCK_FILES);
  int rc = golang_read(STR("a/go.mod"), 0, mod, &list, &err);
  assert(rc == 0 || (rc == err.code && err.message[0]));
  rc = golang_read(STR("a/go.sum"), 0, sum, &list, &err);
  assert(rc == 0 || rc == err.code);
  size_t before = list.count;
  for (size_t i = 0; i < before; i++)
    map_put(&names, list.items[i].name, NULL);
  golang_settle(&list);
  for (size_t i = before; i < list.count; i++) {
    bool added;
    assert(list.items[i].indirect && str_eq(list.items[i].path, STR("a/go.mod")));
    map_put(&names, list.items[i].name, &added);
    assert(added);
  }
  map_free(&names);
  package_list_free(&list);
  arena_free(&arena);
  return 0;
}
