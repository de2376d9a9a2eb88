#include "oci/bolt.h"

#include "base/file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  PAGE_HEADER = 16,
  ELEMENT = 16,
  BUCKET_HEADER = 16,
  META = 64, /* bytes behind the header of a page of this kind, with its checksum */
  META_SUMMED = 56,
  VERSION = 2,
  FLAG_BRANCH = 1,
  FLAG_LEAF = 2,
  FLAG_META = 4,
  FLAG_BUCKET = 1, /* of an element */
  PAGE_SIZE_MIN = 512,
  PAGE_SIZE_MAX = 1 << 20,
};
#define MAGIC UINT32_C(0xED0CDAED)

struct bolt {
  int fd;
  uint64_t size;
  uint32_t page_size;
  uint64_t root, pages, transaction;
};

/* A page with what continues it. */
struct page {
  char *owned; /* NULL: a view */
  struct str bytes;
  unsigned flags;
  size_t count;
};

/* The file is little-endian, as are the machines that this runs on; copied, since nothing is aligned. */
static uint32_t u32_at(struct str s, size_t at)
{
  uint32_t n;
  memcpy(&n, s.data + at, sizeof n);
  return le32toh(n);
}

static uint64_t u64_at(struct str s, size_t at)
{
  uint64_t n;
  memcpy(&n, s.data + at, sizeof n);
  return le64toh(n);
}

static unsigned u16_at(struct str s, size_t at)
{
  return (unsigned char)s.data[at] | (unsigned)(unsigned char)s.data[at + 1] << 8;
}

static int read_at(const struct bolt *db, uint64_t at, char *to, size_t len, struct error *err)
{
  while (len > 0) {
    ssize_t got = pread(db->fd, to, len, (off_t)at);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return error_set_errno(err, errno, "reading");
    if (got == 0)
      return error_set(err, SW_EINVAL, "it ends in the middle");
    to += got;
    at += (uint64_t)got;
    len -= (size_t)got;
  }
  return 0;
}

/* ---- where the newest tree begins */

static uint64_t fnv1a(struct str bytes)
{
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < bytes.len; i++)
    hash = (hash ^ (unsigned char)bytes.data[i]) * UINT64_C(1099511628211);
  return hash;
}

static bool is_power_of_two(uint64_t n)
{
  return n && (n & (n - 1)) == 0;
}

/* Takes a meta page over, if it is one, and newer. */
static void take_meta(struct bolt *db, uint64_t at)
{
  char bytes[PAGE_HEADER + META] = {0};
  struct str page = str_make(bytes, sizeof bytes);
  if (at + sizeof bytes > db->size || read_at(db, at, bytes, sizeof bytes, NULL) < 0)
    return;
  struct str meta = str_sub(page, PAGE_HEADER, META);
  uint32_t page_size = u32_at(meta, 8);
  if (!(u16_at(page, 8) & FLAG_META) || u32_at(meta, 0) != MAGIC || u32_at(meta, 4) != VERSION ||
      u64_at(meta, META_SUMMED) != fnv1a(str_sub(meta, 0, META_SUMMED)) ||
      page_size < PAGE_SIZE_MIN || page_size > PAGE_SIZE_MAX || !is_power_of_two(page_size))
    return;
  uint64_t transaction = u64_at(meta, 48);
  if (db->page_size && transaction <= db->transaction)
    return;
  db->page_size = page_size;
  db->root = u64_at(meta, 16);
  db->pages = u64_at(meta, 40);
  db->transaction = transaction;
}

static int read_metas(struct bolt *db, struct error *err)
{
  struct stat st;
  if (fstat(db->fd, &st) < 0)
    return error_set_errno(err, errno, "opening");
  db->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
  take_meta(db, 0);
  /* The second one is a page further, whatever that is if the first one is damaged. */
  for (uint64_t size = PAGE_SIZE_MIN; size <= PAGE_SIZE_MAX; size *= 2)
    if (!db->page_size || db->page_size == size)
      take_meta(db, size);
  return db->page_size ? 0 : error_set(err, SW_EINVAL, "it is no database of bbolt");
}

int bolt_open(int fd, struct bolt **ret, struct error *err)
{
  _cleanup_(bolt_freep) struct bolt *db = mem_zalloc(1, sizeof *db);
  db->fd = fd;
  int rc = read_metas(db, err);
  if (rc < 0)
    return rc;
  *ret = db;
  db = NULL;
  return 0;
}

void bolt_free(struct bolt *db)
{
  if (!db)
    return;
  file_closep(&db->fd);
  mem_free(db);
}

struct bolt_bucket bolt_root(const struct bolt *db)
{
  return (struct bolt_bucket){db->root, STR_EMPTY};
}

bool bolt_is_newest(const struct bolt *db)
{
  struct bolt now = {.fd = db->fd};
  return read_metas(&now, NULL) == 0 && now.transaction == db->transaction;
}

/* ---- pages */

static int damaged(const char *what, uint64_t page, struct error *err)
{
  return error_set(err, SW_EINVAL, "page %llu: %s", (unsigned long long)page, what);
}

static int check_page(struct page *p, uint64_t id, struct error *err)
{
  p->flags = u16_at(p->bytes, 8);
  p->count = u16_at(p->bytes, 10);
  bool branch = p->flags == FLAG_BRANCH, leaf = p->flags == FLAG_LEAF;
  if ((!branch && !leaf) || p->count * ELEMENT + PAGE_HEADER > p->bytes.len ||
      (branch && p->count == 0))
    return damaged("it is no part of a tree", id, err);
  return 0;
}

static int load_page(struct bolt *db, uint64_t id, struct page *ret, struct error *err)
{
  char header[PAGE_HEADER] = {0};
  struct str head = str_make(header, sizeof header);
  *ret = (struct page){.owned = NULL};
  if (id < 2 || id >= db->pages || id > db->size / db->page_size)
    return damaged("it lies outside", id, err);
  int rc = read_at(db, id * db->page_size, header, sizeof header, err);
  if (rc < 0)
    return rc;
  uint64_t len = (UINT64_C(1) + u32_at(head, 12)) * db->page_size;
  if (u64_at(head, 0) != id)
    return damaged("it is another one", id, err);
  if (len > BOLT_PAGE_MAX || len > db->size)
    return error_set(err, len > db->size ? SW_EINVAL : SW_ELIMIT, "page %llu: it is too long",
                     (unsigned long long)id);
  ret->owned = mem_alloc((size_t)len);
  ret->bytes = str_make(ret->owned, (size_t)len);
  rc = read_at(db, id * db->page_size, ret->owned, (size_t)len, err);
  if (rc == 0)
    rc = check_page(ret, id, err);
  if (rc < 0) {
    mem_free(ret->owned);
    ret->owned = NULL;
  }
  return rc;
}

static int open_bucket(struct bolt *db, const struct bolt_bucket *bucket, struct page *ret,
                       struct error *err)
{
  if (bucket->root)
    return load_page(db, bucket->root, ret, err);
  *ret = (struct page){.bytes = bucket->in_line};
  if (bucket->in_line.len < PAGE_HEADER)
    return damaged("a bucket in a value is cut off", 0, err);
  return check_page(ret, 0, err);
}

/* ---- entries */

/* Key and value of an element lie at `at` from it on. */
static bool take_text(const struct page *p, size_t element, uint64_t at, uint64_t len,
                      struct str *ret)
{
  uint64_t from = element + at;
  if (from > p->bytes.len || len > p->bytes.len - from)
    return false;
  *ret = str_sub(p->bytes, (size_t)from, (size_t)len);
  return true;
}

static int read_entry(const struct page *p, size_t i, struct bolt_entry *ret, struct error *err)
{
  size_t at = PAGE_HEADER + i * ELEMENT;
  uint64_t key_at = u32_at(p->bytes, at + 4), key_len = u32_at(p->bytes, at + 8);
  uint64_t value_len = u32_at(p->bytes, at + 12);
  *ret = (struct bolt_entry){.is_bucket = u32_at(p->bytes, at) & FLAG_BUCKET};
  if (!take_text(p, at, key_at, key_len, &ret->key) ||
      !take_text(p, at, key_at + key_len, value_len, &ret->value))
    return damaged("an entry lies outside", 0, err);
  if (!ret->is_bucket)
    return 0;
  if (ret->value.len < BUCKET_HEADER)
    return damaged("a bucket is cut off", 0, err);
  ret->bucket.root = u64_at(ret->value, 0);
  ret->bucket.in_line = str_sub(ret->value, BUCKET_HEADER, ret->value.len);
  return 0;
}

struct step {
  struct page page;
  size_t next; /* element */
};

static int visit_leaf(const struct page *p, bolt_visitor *visit, void *ctx, struct error *err)
{
  for (size_t i = 0; i < p->count; i++) {
    struct bolt_entry entry;
    int rc = read_entry(p, i, &entry, err);
    if (rc == 0)
      rc = visit(ctx, &entry, err);
    if (rc != 0)
      return rc;
  }
  return 0;
}

static int walk(struct bolt *db, struct step *steps, bolt_visitor *visit, void *ctx,
                struct error *err)
{
  size_t pages = 0, depth = 1;
  while (depth > 0) {
    struct step *s = &steps[depth - 1];
    int rc = 0;
    if (s->page.flags == FLAG_LEAF)
      rc = visit_leaf(&s->page, visit, ctx, err);
    if (rc != 0)
      return rc;
    if (s->page.flags == FLAG_LEAF || s->next == s->page.count) {
      mem_free(s->page.owned);
      s->page.owned = NULL;
      depth--;
      continue;
    }
    uint64_t id = u64_at(s->page.bytes, PAGE_HEADER + s->next++ * ELEMENT + 8);
    if (depth == BOLT_DEPTH_MAX || ++pages > BOLT_PAGES_MAX)
      return error_set(err, SW_ELIMIT, "the tree is too deep, or has too many pages");
    rc = load_page(db, id, &steps[depth].page, err);
    if (rc < 0)
      return rc;
    steps[depth++].next = 0;
  }
  return 0;
}

int bolt_each(struct bolt *db, const struct bolt_bucket *bucket, bolt_visitor *visit, void *ctx,
              struct error *err)
{
  struct step steps[BOLT_DEPTH_MAX] = {0};
  int rc = open_bucket(db, bucket, &steps[0].page, err);
  if (rc == 0)
    rc = walk(db, steps, visit, ctx, err);
  for (size_t i = 0; i < BOLT_DEPTH_MAX; i++)
    mem_free(steps[i].page.owned);
  return rc;
}

struct wanted {
  struct str key;
  struct arena *arena;
  struct bolt_entry found;
  bool is_found;
};

static int take_wanted(void *ctx, const struct bolt_entry *entry, struct error *err)
{
  struct wanted *w = ctx;
  (void)err;
  if (!str_eq(entry->key, w->key))
    return 0;
  w->found = *entry;
  w->found.key = arena_copy(w->arena, entry->key);
  w->found.value = arena_copy(w->arena, entry->value);
  if (entry->is_bucket)
    w->found.bucket.in_line = str_sub(w->found.value, BUCKET_HEADER, w->found.value.len);
  w->is_found = true;
  return 1; /* enough */
}

int bolt_find(struct bolt *db, const struct bolt_bucket *bucket, struct str key,
              struct arena *arena, struct bolt_entry *ret, struct error *err)
{
  struct wanted w = {.key = key, .arena = arena};
  int rc = bolt_each(db, bucket, take_wanted, &w, err);
  if (rc < 0)
    return rc;
  if (!w.is_found)
    return error_set(err, SW_ENOENT, "there is no \"%.*s\" in it", STR_FMT(str_sub(key, 0, 200)));
  *ret = w.found;
  return 0;
}
