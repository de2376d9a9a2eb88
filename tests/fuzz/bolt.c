/*
 * Whatever the file: entries lie in what was read, and reading ends. Buckets are followed three deep, for so many
 * entries.
 */
#include "oci/bolt.h"

#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

enum { DEEP = 3, ENTRIES = 2000 };

struct visit {
  struct bolt *db;
  unsigned deep, *left;
};

static int on_entry(void *ctx, const struct bolt_entry *e, struct error *err)
{
  const struct visit *v = ctx;
  unsigned sum = 0;
  for (size_t i = 0; i < e->key.len; i++)
    sum += (unsigned char)e->key.data[i];
  for (size_t i = 0; i < e->value.len; i++)
    sum += (unsigned char)e->value.data[i];
  if (--*v->left == 0)
    return error_set(err, SW_EPIPE, "enough %u", sum);
  if (!e->is_bucket || v->deep == DEEP)
    return 0;
  struct visit inner = {v->db, v->deep + 1, v->left};
  return bolt_each(v->db, &e->bucket, on_entry, &inner, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct bolt *db = NULL;
  struct error err;
  unsigned left = ENTRIES;
  if (size > 64 << 10)
    return 0;
  int fd = memfd_create("bolt", MFD_CLOEXEC);
  assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
  int rc = bolt_open(fd, &db, &err);
  assert((rc == 0) == (db != NULL) && (rc == 0 || err.message[0]));
  if (db) {
    struct visit v = {db, 0, &left};
    struct bolt_bucket root = bolt_root(db);
    rc = bolt_each(db, &root, on_entry, &v, &err);
    assert(rc == 0 || rc == err.code);
    assert(bolt_is_newest(db));
  }
  bolt_free(db);
  return 0;
}
