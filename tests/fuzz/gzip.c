/*
 * Any bytes as gzip: what comes out never exceeds the limit, is the same each time, and whatever was packed
 * comes out again, whole or not at all.
 */
#include "net/gzip.h"

#include "base/mem.h"

#include <assert.h>
#include <zlib.h>

enum { INPUT_MAX = 65536, UNPACKED_MAX = 1 << 20 };

static void unpack(struct str packed)
{
  _cleanup_(buf_free) struct buf first = {0}, second = {0};
  struct error err;
  buf_init(&first, UNPACKED_MAX);
  buf_init(&second, UNPACKED_MAX);
  int rc = gzip_unpack(packed, &first, &err);
  assert(rc == 0 || rc == SW_EINVAL || rc == SW_ELIMIT);
  assert(rc == 0 || err.code == rc);
  assert(first.len <= UNPACKED_MAX);
  assert(gzip_unpack(packed, &second, NULL) == rc);
  assert(str_eq(buf_str(&first), buf_str(&second)));
}

static void pack_and_unpack(struct str text)
{
  _cleanup_(buf_free) struct buf packed = {0}, got = {0};
  z_stream z = {0};
  int rc = deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  assert(rc == Z_OK);
  bool room = buf_reserve(&packed, deflateBound(&z, text.len));
  assert(room);
  z.next_in = (Bytef *)(uintptr_t)text.data;
  z.avail_in = (uInt)text.len;
  z.next_out = (Bytef *)packed.data;
  z.avail_out = (uInt)packed.room;
  rc = deflate(&z, Z_FINISH);
  assert(rc == Z_STREAM_END);
  packed.len = z.total_out;
  deflateEnd(&z);
  assert(gzip_unpack(buf_str(&packed), &got, NULL) == 0);
  assert(str_eq(buf_str(&got), text));
  buf_clear(&got);
  assert(gzip_unpack(str_sub(buf_str(&packed), 0, packed.len - 1), &got, NULL) == SW_EINVAL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size > INPUT_MAX)
    return 0;
  unpack(str_make((const char *)data, size));
  pack_and_unpack(str_make((const char *)data, size));
  return 0;
}
