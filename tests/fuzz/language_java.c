/*
 * Java archives, in memory and as a stream, and lock files: names have a group and an artifact, and paths begin with
 * the file's.
 */
#include "base/mem.h"
#include "scan/language/java.h"

#include <assert.h>

struct pieces {
  struct str bytes;
  size_t at;
};

static int read_pieces(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct pieces *p = ctx;
  (void)err;
  struct str piece = str_sub(p->bytes, p->at, room);
  if (piece.len)
    memcpy(to, piece.data, piece.len);
  p->at += piece.len;
  *ret_got = piece.len;
  return 0;
}

static void check(const struct package_list *list, const char *path)
{
  for (size_t i = 0; i < list->count; i++) {
    const struct package *p = &list->items[i];
    assert(p->type == PACKAGE_MAVEN && str_find_byte(p->name, 0, ':') > 0);
    assert(str_starts(p->path, str_from(path)));
  }
}

static void scan(struct str bytes, uint64_t size)
{
  struct pieces pieces = {.bytes = bytes};
  const struct oci_input input = {read_pieces, &pieces};
  const struct analyser_file file = {.path = STR("a-1.0.jar"), .size = size};
  struct arena arena;
  struct package_list list;
  struct error err = {.code = 0};
  arena_init(&arena, 0);
  package_list_init(&list, &arena, 0);
  int rc = java_stream(&file, &input, &list, &err);
  assert(rc == 0 || (rc == err.code && err.message[0]));
  check(&list, "a-1.0.jar");
  package_list_free(&list);
  arena_free(&arena);
}

static void lock(struct str bytes, const char *path)
{
  struct arena arena;
  struct package_list list;
  struct error err = {.code = 0};
  arena_init(&arena, 0);
  package_list_init(&list, &arena, PACKAGE_LIST_LOCK_FILES | PACKAGE_LIST_DEVELOPMENT);
  int rc = java_lock_read(str_from(path), 0, bytes, &list, &err);
  assert(rc == 0 || (rc == err.code && err.message[0]));
  struct faults faults = {0};
  java_settle(&list, &faults);
  assert(!faults.count || faults.first.message[0]);
  check(&list, path);
  package_list_free(&list);
  arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str bytes = str_make((const char *)data, size);
  scan(bytes, size);
  scan(bytes, JAVA_SIZE_MAX);
  lock(bytes, "pom.xml");
  lock(bytes, "gradle.lockfile");
  lock(bytes, "build.sbt.lock");
  return 0;
}
