/*
 * zip_make.h - zip archives by hand, as good or as bad as a test wants them.
 *
 *     struct zip_made zip = {0};
 *     zip_add(&zip, "META-INF/MANIFEST.MF", STR("..."), ZIP_DEFLATED);
 *     zip_end(&zip);
 *     use(buf_str(&zip.bytes));
 *     zip_made_free(&zip);
 */
#ifndef SEAWALL_TESTS_UNIT_SCAN_ZIP_MAKE_H
#define SEAWALL_TESTS_UNIT_SCAN_ZIP_MAKE_H

#include "base/buf.h"
#include "base/mem.h"

#include <zlib.h>

enum zip_make {
  ZIP_STORED = 0,
  ZIP_DEFLATED = 1,
  ZIP_DESCRIBED = 2, /* size and checksum behind the content */
  ZIP_64 = 4,        /* sizes in the field for large ones */
  ZIP_ENCRYPTED = 8, /* says so */
  ZIP_UNMARKED = 16, /* what stands behind has no mark */
  ZIP_WRONG_SUM = 32,
};

struct zip_made {
  struct buf bytes, directory;
  unsigned count;
};

static inline void zip_put(struct buf *b, uint64_t number, size_t bytes)
{
  for (size_t i = 0; i < bytes; i++)
    buf_add_byte(b, (char)(number >> 8 * i));
}

static inline void zip_deflate(struct str content, struct buf *to)
{
  z_stream z = {.next_in = (Bytef *)(uintptr_t)content.data, .avail_in = (uInt)content.len};
  deflateInit2(&z, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  buf_reserve(to, deflateBound(&z, content.len));
  z.next_out = (Bytef *)to->data;
  z.avail_out = (uInt)deflateBound(&z, content.len);
  deflate(&z, Z_FINISH);
  to->len = z.total_out;
  deflateEnd(&z);
}

static inline void zip_add(struct zip_made *zip, const char *name, struct str content, unsigned how)
{
  _cleanup_(buf_free) struct buf packed = {0};
  struct buf *b = &zip->bytes, *d = &zip->directory;
  uint32_t sum = (uint32_t)crc32(0, (const Bytef *)content.data, (uInt)content.len);
  uint64_t at = b->len;
  unsigned flags = (how & ZIP_DESCRIBED ? 8 : 0) | (how & ZIP_ENCRYPTED ? 1 : 0);
  bool large = how & ZIP_64, later = how & ZIP_DESCRIBED;
  sum ^= how & ZIP_WRONG_SUM ? 1 : 0;
  if (how & ZIP_DEFLATED)
    zip_deflate(content, &packed);
  else
    buf_add(&packed, content);
  buf_add(b, STR("PK\3\4"));
  zip_put(b, large ? 45 : 20, 2);
  zip_put(b, flags, 2);
  zip_put(b, how & ZIP_DEFLATED ? 8 : 0, 2);
  zip_put(b, 0, 4);
  zip_put(b, later ? 0 : sum, 4);
  zip_put(b, later ? 0 : large ? UINT32_MAX : packed.len, 4);
  zip_put(b, later ? 0 : large ? UINT32_MAX : content.len, 4);
  zip_put(b, strlen(name), 2);
  zip_put(b, large && !later ? 20 : 0, 2);
  buf_add_text(b, name);
  if (large && !later) {
    zip_put(b, 1, 2);
    zip_put(b, 16, 2);
    zip_put(b, content.len, 8);
    zip_put(b, packed.len, 8);
  }
  buf_add(b, buf_str(&packed));
  if (later) {
    if (!(how & ZIP_UNMARKED))
      buf_add(b, STR("PK\7\10"));
    zip_put(b, sum, 4);
    zip_put(b, packed.len, large ? 8 : 4);
    zip_put(b, content.len, large ? 8 : 4);
  }
  buf_add(d, STR("PK\1\2"));
  zip_put(d, 20, 2);
  zip_put(d, 20, 2);
  zip_put(d, flags, 2);
  zip_put(d, how & ZIP_DEFLATED ? 8 : 0, 2);
  zip_put(d, 0, 4);
  zip_put(d, sum, 4);
  zip_put(d, large ? UINT32_MAX : packed.len, 4);
  zip_put(d, large ? UINT32_MAX : content.len, 4);
  zip_put(d, strlen(name), 2);
  zip_put(d, large ? 28 : 0, 2);
  zip_put(d, 0, 2);
  zip_put(d, 0, 8);
  zip_put(d, large ? UINT32_MAX : at, 4);
  buf_add_text(d, name);
  if (large) {
    zip_put(d, 1, 2);
    zip_put(d, 24, 2);
    zip_put(d, content.len, 8);
    zip_put(d, packed.len, 8);
    zip_put(d, at, 8);
  }
  zip->count++;
}

/* Directory and end; large: with Zip64's own end before it. */
static inline void zip_end_as(struct zip_made *zip, bool large)
{
  struct buf *b = &zip->bytes;
  uint64_t at = b->len, size = zip->directory.len;
  buf_add(b, buf_str(&zip->directory));
  if (large) {
    uint64_t end = b->len;
    buf_add(b, STR("PK\6\6"));
    zip_put(b, 44, 8);
    zip_put(b, 45, 2);
    zip_put(b, 45, 2);
    zip_put(b, 0, 8);
    zip_put(b, zip->count, 8);
    zip_put(b, zip->count, 8);
    zip_put(b, size, 8);
    zip_put(b, at, 8);
    buf_add(b, STR("PK\6\7"));
    zip_put(b, 0, 4);
    zip_put(b, end, 8);
    zip_put(b, 1, 4);
  }
  buf_add(b, STR("PK\5\6"));
  zip_put(b, 0, 4);
  zip_put(b, zip->count, 2);
  zip_put(b, zip->count, 2);
  zip_put(b, large ? UINT32_MAX : size, 4);
  zip_put(b, large ? UINT32_MAX : at, 4);
  zip_put(b, 0, 2);
}

static inline void zip_end(struct zip_made *zip)
{
  zip_end_as(zip, false);
}

static inline void zip_made_free(struct zip_made *zip)
{
  buf_free(&zip->bytes);
  buf_free(&zip->directory);
  *zip = (struct zip_made){.count = 0};
}

#endif
