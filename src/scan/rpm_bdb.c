#include "base/buf.h"
#include "base/mem.h"
#include "scan/bytes_int.h"
#include "scan/rpm_int.h"

/* Berkeley DB, access method hash. Pages of one size; numbers in the byte order of the machine that wrote
 * it. Page 0 describes the file; hash pages hold keys and values in turn; a value that is too large for its
 * page lies on a chain of overflow pages. */
enum {
  HASH_MAGIC = 0x061561,
  PAGE_HEAD = 26,
  PAGE_MIN = 512,
  PAGE_MAX = 65536,
  TYPE_HASH_UNSORTED = 2,
  TYPE_OVERFLOW = 7,
  TYPE_HASH_META = 8,
  TYPE_HASH = 13,
  ITEM_DATA = 1,
  ITEM_OFF_PAGE = 3,
  ITEM_OFF_PAGE_SIZE = 12,
  HEADER_MIN = 24, /* the counter that rpm keeps under key 0 is smaller */
};

struct bdb {
  struct rpm_reading *reading;
  struct str bytes;
  size_t page_size, pages;
  bool big_endian;
  uint8_t *seen; /* a bit for each page: part of a chain already */
  struct buf value;
};

static bool is_bdb(struct str bytes)
{
  return bytes_u32(bytes, 12, false) == HASH_MAGIC || bytes_u32(bytes, 12, true) == HASH_MAGIC;
}

static struct str page_of(const struct bdb *db, size_t number)
{
  return str_sub(db->bytes, number * db->page_size, db->page_size);
}

static int open_bdb(struct bdb *db)
{
  db->big_endian = bytes_u32(db->bytes, 12, true) == HASH_MAGIC;
  db->page_size = bytes_u32(db->bytes, 20, db->big_endian);
  if (bytes_u8(db->bytes, 24))
    return rpm_fault(db->reading, SW_EUNSUPPORTED, "the database is encrypted"), -1;
  if (bytes_u8(db->bytes, 25) != TYPE_HASH_META || db->page_size < PAGE_MIN ||
      db->page_size > PAGE_MAX || (db->page_size & (db->page_size - 1)))
    return rpm_fault(db->reading, SW_EINVAL, "its first page describes no hash"), -1;
  db->pages = db->bytes.len / db->page_size;
  if (bytes_u32(db->bytes, 32, db->big_endian) >= db->pages)
    return rpm_fault(db->reading, SW_EINVAL, "it has %zu pages, and should have %zu", db->pages,
                     (size_t)bytes_u32(db->bytes, 32, db->big_endian) + 1),
           -1;
  db->seen = mem_zalloc(db->pages / 8 + 1, 1);
  buf_init(&db->value, db->bytes.len);
  return 0;
}

/* Joins a chain of overflow pages in db->value. A page belongs to one value only. */
static bool join_chain(struct bdb *db, uint32_t number, uint32_t size)
{
  buf_clear(&db->value);
  while (number) {
    struct str page = number < db->pages ? page_of(db, number) : STR_EMPTY;
    if (bytes_u8(page, 25) != TYPE_OVERFLOW || (db->seen[number / 8] & (1 << number % 8)))
      return false;
    db->seen[number / 8] |= (uint8_t)(1 << number % 8);
    buf_add(&db->value, str_sub(page, PAGE_HEAD, bytes_u16(page, 22, db->big_endian)));
    number = bytes_u32(page, 16, db->big_endian);
  }
  return db->value.len == size && !buf_failed(&db->value);
}

/* The value at a place of a page; limit is where the one before it begins. */
static int read_value(struct bdb *db, size_t number, struct str page, size_t at, size_t limit)
{
  if (at < PAGE_HEAD || at >= limit || limit > page.len)
    return rpm_fault(db->reading, SW_EINVAL, "page %zu has an item that lies outside of it",
                     number);
  struct str item = str_sub(page, at, limit - at);
  switch (bytes_u8(item, 0)) {
  case ITEM_DATA:
    return item.len > HEADER_MIN ? rpm_blob(db->reading, str_sub(item, 1, SIZE_MAX)) : 0;
  case ITEM_OFF_PAGE:
    if (item.len < ITEM_OFF_PAGE_SIZE ||
        !join_chain(db, bytes_u32(item, 4, db->big_endian), bytes_u32(item, 8, db->big_endian)))
      return rpm_fault(db->reading, SW_EINVAL, "a value on page %zu has no whole chain of pages",
                       number);
    return rpm_blob(db->reading, buf_str(&db->value));
  default:
    return rpm_fault(db->reading, SW_EINVAL, "page %zu has an item of the unknown kind %u", number,
                     bytes_u8(item, 0));
  }
}

/* Items are laid down from the end of the page; their places stand behind its head. */
static int read_page(struct bdb *db, size_t number)
{
  struct str page = page_of(db, number);
  size_t count = bytes_u16(page, 20, db->big_endian);
  uint8_t type = bytes_u8(page, 25);
  if (type != TYPE_HASH && type != TYPE_HASH_UNSORTED)
    return 0;
  if (count % 2 || PAGE_HEAD + count * 2 > page.len)
    return rpm_fault(db->reading, SW_EINVAL, "page %zu has %zu items", number, count);
  for (size_t i = 1; i < count; i += 2) {
    size_t key = bytes_u16(page, PAGE_HEAD + (i - 1) * 2, db->big_endian);
    size_t value = bytes_u16(page, PAGE_HEAD + i * 2, db->big_endian);
    if (read_value(db, number, page, value, key) < 0)
      return -1;
  }
  return 0;
}

static void read_bdb(struct rpm_reading *reading)
{
  struct bdb db = {.reading = reading, .bytes = reading->bytes};
  if (open_bdb(&db) == 0)
    for (size_t number = 1; number < db.pages; number++)
      if (read_page(&db, number) < 0)
        break;
  mem_free(db.seen);
  buf_free(&db.value);
}

const struct rpm_database rpm_bdb = {"Berkeley DB", is_bdb, read_bdb};
