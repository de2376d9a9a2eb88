#include "base/tree_stamp.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/walk.h"

#include <sys/stat.h>

/* What a file is now, in bytes that are compared and never read back. */
struct mark {
  uint64_t device, inode, size;
  int64_t changed_s, changed_ns, modified_s, modified_ns;
};

static void add_bytes(struct buf *out, const void *data, size_t size)
{
  buf_add(out, str_make(data, size));
}

static void add_number(struct buf *out, uint64_t number)
{
  add_bytes(out, &number, sizeof number);
}

/* Entries are kept apart by their lengths. */
static void add_entry(struct buf *out, const struct walk_entry *entry)
{
  struct stat st;
  add_number(out, (uint64_t)entry->kind);
  add_number(out, entry->path.len);
  buf_add(out, entry->path);
  if (lstat(entry->path.data, &st) < 0) {
    add_number(out, UINT64_MAX);
    return;
  }
  if (S_ISLNK(st.st_mode) && stat(entry->path.data, &st) < 0)
    lstat(entry->path.data, &st);
  struct mark mark = {
      .device = st.st_dev,
      .inode = st.st_ino,
      .size = (uint64_t)st.st_size,
      .changed_s = st.st_ctim.tv_sec,
      .changed_ns = st.st_ctim.tv_nsec,
      .modified_s = st.st_mtim.tv_sec,
      .modified_ns = st.st_mtim.tv_nsec,
  };
  add_bytes(out, &mark, sizeof mark);
}

struct hash128 tree_stamp(const char *const *paths, size_t count, size_t *ret_files)
{
  static const struct walk_options options = {.skip_dirs = walk_usual_dirs};
  _cleanup_(buf_free) struct buf seen = {0};
  struct walk *w = walk_new(paths, count, &options);
  struct walk_entry entry;
  size_t files = 0;
  while (walk_next(w, &entry)) {
    add_entry(&seen, &entry);
    files += entry.kind == WALK_FILE;
  }
  walk_free(w);
  if (ret_files)
    *ret_files = files;
  return hash_stable(buf_str(&seen));
}

bool tree_stamp_eq(struct hash128 a, struct hash128 b)
{
  return a.low == b.low && a.high == b.high;
}
