#include "net/gzip.h"

#include "base/mem.h"

#include <limits.h>
#include <zlib.h>

enum {
  BLOCK = 32 << 10,           /* bytes unpacked at a time */
  GZIP_ONLY = 16 + MAX_WBITS, /* zlib's way to say it */
};

static void *allocate(void *unused, unsigned count, unsigned size)
{
  (void)unused;
  return mem_zalloc(count, size);
}

static void give_back(void *unused, void *p)
{
  (void)unused;
  mem_free(p);
}

static int refuse(const z_stream *z, struct error *err)
{
  return error_set(err, SW_EINVAL, "gzip: %s", z->msg ? z->msg : "the text is cut off");
}

/* One block. Z_STREAM_END: a member ends here. */
static int unpack_block(z_stream *z, struct buf *out, struct error *err)
{
  char block[BLOCK];
  z->next_out = (Bytef *)block;
  z->avail_out = sizeof block;
  int rc = inflate(z, Z_NO_FLUSH);
  if (rc != Z_OK && rc != Z_STREAM_END)
    return refuse(z, err);
  buf_add(out, str_make(block, sizeof block - z->avail_out));
  if (buf_failed(out))
    return error_set(err, SW_ELIMIT, "gzip: it unpacks to more than %zu bytes", out->cap);
  return rc;
}

static int unpack(z_stream *z, struct buf *out, struct error *err)
{
  for (;;) {
    int rc = unpack_block(z, out, err);
    if (rc < 0)
      return rc;
    if (rc == Z_OK)
      continue;
    if (z->avail_in == 0)
      return 0;
    if (inflateReset(z) != Z_OK)
      return refuse(z, err);
  }
}

int gzip_unpack(struct str packed, struct buf *out, struct error *err)
{
  z_stream z = {.zalloc = allocate, .zfree = give_back};
  if (packed.len > UINT_MAX)
    return error_set(err, SW_ELIMIT, "gzip: more than 4 GiB");
  z.next_in = (Bytef *)(uintptr_t)packed.data; /* zlib's own prototype lacks the const */
  z.avail_in = (uInt)packed.len;
  if (inflateInit2(&z, GZIP_ONLY) != Z_OK)
    return error_set(err, SW_EIO, "gzip: %s", z.msg ? z.msg : "zlib cannot be used");
  int rc = unpack(&z, out, err);
  inflateEnd(&z);
  return rc;
}
