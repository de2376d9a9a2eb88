/*
 * image.h - small archives and digests, made on the spot for the tests of the room.
 */
#ifndef SEAWALL_TESTS_UNIT_OCI_IMAGE_H
#define SEAWALL_TESTS_UNIT_OCI_IMAGE_H

#include "../test.h"

#include "base/arena.h"
#include "base/buf.h"
#include "crypto/digest.h"
#include "oci/unpack.h"

#include <zlib.h>
#include <zstd.h>

enum { TAR_BLOCK = 512 };

/* One ustar entry; type is tar's letter. size is what the header says, text what follows. */
static inline void tar_add_sized(struct buf *tar, char type, const char *name, const char *link,
                                 unsigned mode, uint64_t size, struct str text)
{
  char header[TAR_BLOCK] = {0};
  memcpy(header, name, strnlen(name, 100));
  snprintf(header + 100, 8, "%07o", mode);
  snprintf(header + 108, 8, "%07o", 1000u);
  snprintf(header + 116, 8, "%07o", 1001u);
  snprintf(header + 124, 12, "%011llo", (unsigned long long)size);
  snprintf(header + 136, 12, "%011o", 1700000000u);
  header[156] = type;
  memcpy(header + 157, link, strnlen(link, 100));
  memcpy(header + 257, "ustar\00000", 8);
  memset(header + 148, ' ', 8);
  unsigned sum = 0;
  for (size_t i = 0; i < TAR_BLOCK; i++)
    sum += (uint8_t)header[i];
  snprintf(header + 148, 8, "%06o", sum);
  buf_add(tar, str_make(header, TAR_BLOCK));
  buf_add(tar, text);
  buf_add_repeat(tar, '\0', (TAR_BLOCK - text.len % TAR_BLOCK) % TAR_BLOCK);
}

static inline void tar_add(struct buf *tar, char type, const char *name, const char *link,
                           struct str text)
{
  tar_add_sized(tar, type, name, link, type == '5' ? 0755 : 0644, text.len, text);
}

static inline void tar_file(struct buf *tar, const char *name, const char *text)
{
  tar_add(tar, '0', name, "", str_from(text));
}

static inline void tar_end(struct buf *tar)
{
  buf_add_repeat(tar, '\0', 2 * TAR_BLOCK);
}

static inline void pack_gzip(struct buf *out, struct str text)
{
  z_stream z = {0};
  assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  assert_true(buf_reserve(out, deflateBound(&z, text.len) + 64));
  z.next_in = (Bytef *)(uintptr_t)text.data;
  z.avail_in = (uInt)text.len;
  z.next_out = (Bytef *)out->data + out->len;
  z.avail_out = (uInt)(out->room - out->len);
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  out->len += z.total_out;
  deflateEnd(&z);
}

static inline void pack_zstd(struct buf *out, struct str text)
{
  assert_true(buf_reserve(out, ZSTD_compressBound(text.len)));
  size_t len = ZSTD_compress(out->data + out->len, out->room - out->len, text.data, text.len, 3);
  assert_false(ZSTD_isError(len));
  out->len += len;
}

static inline struct str digest_text(struct arena *a, struct str bytes)
{
  struct digest sum;
  struct error err;
  assert_int_equal(digest_of(DIGEST_SHA256, bytes, &sum, &err), 0);
  struct str hex = digest_hex(a, &sum);
  return arena_printf(a, "sha256:%.*s", STR_FMT(hex));
}

/* Bytes out of memory, `piece` at a time (0: all at once). */
struct memory_input {
  struct str rest;
  size_t piece;
  int fail; /* what reading answers at the end, if not 0 */
};

static inline int memory_read(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct memory_input *m = ctx;
  if (!m->rest.len && m->fail)
    return error_set(err, m->fail, "the disk is gone");
  struct str piece = str_sub(m->rest, 0, m->piece && m->piece < room ? m->piece : room);
  if (piece.len)
    memcpy(to, piece.data, piece.len);
  m->rest = str_sub(m->rest, piece.len, SIZE_MAX);
  *ret_got = piece.len;
  return 0;
}

static inline struct oci_input input_of(struct memory_input *m)
{
  return (struct oci_input){memory_read, m};
}

#endif
