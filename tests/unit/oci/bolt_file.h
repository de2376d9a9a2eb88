/*
 * bolt_file.h - small databases of bbolt, made on the spot.
 */
#ifndef SEAWALL_TESTS_UNIT_OCI_BOLT_FILE_H
#define SEAWALL_TESTS_UNIT_OCI_BOLT_FILE_H

#include "../test.h"

#include "base/arena.h"
#include "base/buf.h"

enum { BOLT_PAGE = 4096, BOLT_BRANCH = 1, BOLT_LEAF = 2, BOLT_META = 4 };

struct made_entry {
  struct str key, value;
  bool bucket;
};

static inline void put_u16(struct buf *to, unsigned n)
{
  buf_add_byte(to, (char)n);
  buf_add_byte(to, (char)(n >> 8));
}

static inline void put_u32(struct buf *to, uint64_t n)
{
  put_u16(to, (unsigned)(n & 0xffff));
  put_u16(to, (unsigned)(n >> 16 & 0xffff));
}

static inline void put_u64(struct buf *to, uint64_t n)
{
  put_u32(to, n);
  put_u32(to, n >> 32);
}

static inline void put_header(struct buf *to, uint64_t id, unsigned flags, size_t count,
                              uint64_t overflow)
{
  put_u64(to, id);
  put_u16(to, flags);
  put_u16(to, (unsigned)count);
  put_u32(to, overflow);
}

static inline struct str taken(struct arena *a, struct buf *b)
{
  struct str copy = arena_copy(a, buf_str(b));
  buf_free(b);
  return copy;
}

/* A page of entries, without what fills it up. */
static inline struct str leaf_page(struct arena *a, uint64_t id, const struct made_entry *entries,
                                   size_t count)
{
  struct buf page = {0}, texts = {0};
  put_header(&page, id, BOLT_LEAF, count, 0);
  for (size_t i = 0; i < count; i++) {
    put_u32(&page, entries[i].bucket);
    put_u32(&page, (count - i) * 16 + texts.len);
    put_u32(&page, entries[i].key.len);
    put_u32(&page, entries[i].value.len);
    buf_add(&texts, entries[i].key);
    buf_add(&texts, entries[i].value);
  }
  buf_add(&page, buf_str(&texts));
  buf_free(&texts);
  return taken(a, &page);
}

static inline struct str branch_page(struct arena *a, uint64_t id, const uint64_t *children,
                                     size_t count)
{
  struct buf page = {0};
  put_header(&page, id, BOLT_BRANCH, count, 0);
  for (size_t i = 0; i < count; i++) {
    put_u32(&page, (count - i) * 16);
    put_u32(&page, 0);
    put_u64(&page, children[i]);
  }
  return taken(a, &page);
}

/* A bucket that lies in its value. */
static inline struct made_entry inline_bucket(struct arena *a, const char *key,
                                              const struct made_entry *entries, size_t count)
{
  struct buf value = {0};
  put_u64(&value, 0);
  put_u64(&value, 0);
  buf_add(&value, leaf_page(a, 0, entries, count));
  return (struct made_entry){str_from(key), taken(a, &value), true};
}

static inline struct made_entry page_bucket(struct arena *a, const char *key, uint64_t root)
{
  struct buf value = {0};
  put_u64(&value, root);
  put_u64(&value, 7);
  return (struct made_entry){str_from(key), taken(a, &value), true};
}

static inline struct made_entry text_entry(const char *key, const char *value)
{
  return (struct made_entry){str_from(key), str_from(value), false};
}

static inline void fill_page(struct buf *file)
{
  buf_add_repeat(file, '\0', (BOLT_PAGE - file->len % BOLT_PAGE) % BOLT_PAGE);
}

static inline void add_meta(struct buf *file, uint64_t id, uint64_t root, uint64_t pages,
                            uint64_t transaction, bool right)
{
  put_header(file, id, BOLT_META, 0, 0);
  size_t at = file->len;
  put_u32(file, 0xED0CDAED);
  put_u32(file, 2);
  put_u32(file, BOLT_PAGE);
  put_u32(file, 0);
  put_u64(file, root);
  put_u64(file, 0);
  put_u64(file, 2);
  put_u64(file, pages);
  put_u64(file, transaction);
  uint64_t hash = UINT64_C(14695981039346656037);
  for (; at < file->len; at++)
    hash = (hash ^ (unsigned char)file->data[at]) * UINT64_C(1099511628211);
  put_u64(file, right ? hash : hash + 1);
  fill_page(file);
}

/* Pages from number 3 on; the newest tree begins at `root`. */
static inline struct str bolt_file(struct arena *a, uint64_t root, const struct str *pages,
                                   size_t count)
{
  struct buf file = {0};
  add_meta(&file, 0, 2, 3 + count, 1, true);
  add_meta(&file, 1, root, 3 + count, 2, true);
  put_header(&file, 2, 16, 0, 0);
  fill_page(&file);
  for (size_t i = 0; i < count; i++) {
    buf_add(&file, pages[i]);
    fill_page(&file);
  }
  return taken(a, &file);
}

#endif
