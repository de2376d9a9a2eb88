/* The parts of executables: ELF's program headers, PE's sections, Mach-O's segments. All stand at the front. */
#include "scan/bytes_int.h"
#include "scan/language/binary_int.h"

static uint64_t bytes_u64(struct str bytes, size_t at, bool big_endian)
{
  uint64_t first = bytes_u32(bytes, at, big_endian), second = bytes_u32(bytes, at + 4, big_endian);
  return big_endian ? first << 32 | second : second << 32 | first;
}

static void add_range(struct binary_layout *layout, struct binary_range range)
{
  if (range.size && layout->count < BINARY_RANGES_MAX && range.offset + range.size > range.offset &&
      range.address + range.size > range.address)
    layout->ranges[layout->count++] = range;
}

static void read_elf(struct str head, struct binary_layout *layout)
{
  enum { PT_LOAD_TYPE = 1, PF_WRITE = 2 };
  bool wide = bytes_u8(head, 4) == 2, big = bytes_u8(head, 5) == 2;
  uint64_t at = wide ? bytes_u64(head, 32, big) : bytes_u32(head, 28, big);
  size_t each = bytes_u16(head, wide ? 54 : 42, big), count = bytes_u16(head, wide ? 56 : 44, big);
  layout->big_endian = big;
  for (size_t i = 0; i < count && at < head.len; i++, at += each) {
    struct str p = str_sub(head, (size_t)at, each);
    if (bytes_u32(p, 0, big) != PT_LOAD_TYPE)
      continue;
    if (wide)
      add_range(layout,
                (struct binary_range){bytes_u64(p, 8, big), bytes_u64(p, 32, big),
                                      bytes_u64(p, 16, big), bytes_u32(p, 4, big) & PF_WRITE});
    else
      add_range(layout,
                (struct binary_range){bytes_u32(p, 4, big), bytes_u32(p, 16, big),
                                      bytes_u32(p, 8, big), bytes_u32(p, 24, big) & PF_WRITE});
  }
}

static void read_pe(struct str head, struct binary_layout *layout)
{
  enum { SECTION = 40, MEM_WRITE = 0x80 };
  size_t pe = bytes_u32(head, 0x3c, false);
  if (!str_eq(str_sub(head, pe, 4), STR("PE\0\0")))
    return;
  size_t count = bytes_u16(head, pe + 6, false), optional = bytes_u16(head, pe + 20, false);
  bool wide = bytes_u16(head, pe + 24, false) == 0x20b;
  uint64_t base = wide ? bytes_u64(head, pe + 48, false) : bytes_u32(head, pe + 52, false);
  for (size_t i = 0, at = pe + 24 + optional; i < count && at < head.len; i++, at += SECTION) {
    struct str s = str_sub(head, at, SECTION);
    add_range(layout,
              (struct binary_range){bytes_u32(s, 20, false), bytes_u32(s, 16, false),
                                    base + bytes_u32(s, 12, false), bytes_u8(s, 39) & MEM_WRITE});
  }
}

static void read_mach(struct str head, struct binary_layout *layout)
{
  enum { LC_SEGMENT = 1, LC_SEGMENT_64 = 0x19, VM_WRITE = 2, COMMANDS_MAX = 4096 };
  bool big = bytes_u8(head, 0) == 0xfe;
  bool wide = bytes_u8(head, big ? 3 : 0) == 0xcf;
  uint32_t count = bytes_u32(head, 16, big);
  size_t at = wide ? 32 : 28;
  layout->big_endian = big;
  for (uint32_t i = 0; i < count && i < COMMANDS_MAX && at + 8 <= head.len; i++) {
    uint32_t kind = bytes_u32(head, at, big), size = bytes_u32(head, at + 4, big);
    struct str c = str_sub(head, at, size);
    if (kind == LC_SEGMENT_64)
      add_range(layout,
                (struct binary_range){bytes_u64(c, 40, big), bytes_u64(c, 48, big),
                                      bytes_u64(c, 24, big), bytes_u32(c, 60, big) & VM_WRITE});
    else if (kind == LC_SEGMENT)
      add_range(layout,
                (struct binary_range){bytes_u32(c, 32, big), bytes_u32(c, 36, big),
                                      bytes_u32(c, 24, big), bytes_u32(c, 44, big) & VM_WRITE});
    if (size < 8)
      break;
    at += size;
  }
}

/* The note with the build ID, and what stands in place of it in formats without notes. */
static bool is_from_go(struct str head)
{
  return str_find(head, 0, STR("\4\0\0\0Go\0\0")) >= 0 ||
         str_find(head, 0, STR("\0\0\0\4Go\0\0")) >= 0 ||
         str_find(head, 0, STR("\xff Go build ID: \"")) >= 0;
}

void binary_layout_read(struct str head, struct binary_layout *ret)
{
  *ret = (struct binary_layout){.count = 0};
  head = str_sub(head, 0, BINARY_HEAD_MAX);
  if (str_starts(head, STR("\177ELF")))
    read_elf(head, ret);
  else if (str_starts(head, STR("MZ")))
    read_pe(head, ret);
  else if (!str_starts(head, STR("\xca\xfe\xba\xbe")))
    read_mach(head, ret);
  /* Elf's type of that note follows the name's and the description's length: 4 in either order of bytes. */
  ret->go_sign = is_from_go(head);
}

bool binary_offset_of(const struct binary_layout *layout, uint64_t address, uint64_t *ret_offset)
{
  for (size_t i = 0; i < layout->count; i++) {
    const struct binary_range *r = &layout->ranges[i];
    if (address < r->address || address - r->address >= r->size)
      continue;
    *ret_offset = r->offset + (address - r->address);
    return true;
  }
  return false;
}

bool binary_is_data(const struct binary_layout *layout, uint64_t offset)
{
  for (size_t i = 0; i < layout->count; i++) {
    const struct binary_range *r = &layout->ranges[i];
    if (r->writable && offset >= r->offset && offset - r->offset < r->size)
      return true;
  }
  return layout->count == 0;
}
