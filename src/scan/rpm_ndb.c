#include "scan/bytes_int.h"
#include "scan/rpm_int.h"

/* rpm's own database, all numbers little-endian: a head of 32 bytes, pages of slots of 16 bytes (the first
 * two slots are the head), then blobs in blocks of 16 bytes, each with a head, its bytes and a tail. */
enum {
  SLOT_SIZE = 16,
  PAGE_SIZE = 4096,
  HEAD_SLOTS = 2,
  PAGES_MAX = 65536,
  BLOB_HEAD = 16,
  BLOB_TAIL = 12,
};

static uint32_t number(struct str bytes, size_t at)
{
  return bytes_u32(bytes, at, false);
}

static bool is_ndb(struct str bytes)
{
  return str_starts(bytes, STR("RpmP"));
}

static int read_slot(struct rpm_reading *reading, size_t at)
{
  struct str bytes = reading->bytes;
  uint32_t package = number(bytes, at + 4);
  size_t start = (size_t)number(bytes, at + 8) * SLOT_SIZE;
  size_t size = (size_t)number(bytes, at + 12) * SLOT_SIZE;
  if (!str_eq(str_sub(bytes, at, 4), STR("Slot")))
    return rpm_fault(reading, SW_EINVAL, "the slot at byte %zu is not one", at);
  if (package == 0)
    return 0;
  if (start > bytes.len || size > bytes.len - start || size < BLOB_HEAD + BLOB_TAIL)
    return rpm_fault(reading, SW_EINVAL, "package %u lies outside the file", package);
  struct str block = str_sub(bytes, start, size);
  uint32_t len = number(block, 12);
  if (!str_starts(block, STR("BlbS")) || number(block, 4) != package ||
      !str_ends(block, STR("BlbE")) || len > size - BLOB_HEAD - BLOB_TAIL ||
      number(block, size - 8) != len)
    return rpm_fault(reading, SW_EINVAL, "what stands at byte %zu is not package %u", start,
                     package);
  return rpm_blob(reading, str_sub(block, BLOB_HEAD, len));
}

static void read_ndb(struct rpm_reading *reading)
{
  uint32_t version = number(reading->bytes, 4), pages = number(reading->bytes, 12);
  if (version != 0 || pages == 0 || pages > PAGES_MAX ||
      (size_t)pages * PAGE_SIZE > reading->bytes.len) {
    rpm_fault(reading, SW_EINVAL, "version %u with %u pages of slots is not known, or cut short",
              version, pages);
    return;
  }
  for (size_t i = HEAD_SLOTS; i < (size_t)pages * (PAGE_SIZE / SLOT_SIZE); i++)
    if (read_slot(reading, i * SLOT_SIZE) < 0)
      return;
}

const struct rpm_database rpm_ndb = {"ndb", is_ndb, read_ndb};
