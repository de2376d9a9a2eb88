/*
 * Zip archives (APPNOTE 6.3.10) as a stream, by their local headers: what ecosystems are published as is read while
 * it comes, so the directory at the end is not there to be asked.
 */
#include "scan/advisory/import_int.h"

#include <zlib.h>

enum {
  ROOM = 64 << 10,
  LOCAL_HEADER = 30,
  DESCRIPTOR_MAX = 24,
  NAME_MAX_BYTES = 4096,
  STORED = 0,
  DEFLATED = 8,
  ENCRYPTED = 1, /* flags */
  DESCRIBED = 8, /* sizes and checksum come behind the content */
};
#define ENTRY_MAX (UINT64_C(1) << 30) /* bytes of one file, unpacked */

struct zip {
  const struct oci_input *input;
  unsigned char room[ROOM];
  size_t at, len;
  bool ended;
  uint64_t before;
  z_stream stream;
  /* the file that is being read */
  uint16_t flags, method;
  uint32_t crc, crc_so_far;
  uint64_t packed, size, packed_so_far, size_so_far;
  bool finished; /* its content came to its end */
};

static uint32_t little(const unsigned char *p, unsigned bytes)
{
  uint32_t n = 0;
  for (unsigned i = bytes; i-- > 0;)
    n = n << 8 | p[i];
  return n;
}

static uint64_t little64(const unsigned char *p)
{
  return (uint64_t)little(p + 4, 4) << 32 | little(p, 4);
}

/* Has at least `wanted` bytes in the room if the input has them. */
static int fill(struct zip *z, size_t wanted, struct error *err)
{
  while (z->len - z->at < wanted && !z->ended) {
    size_t got = 0;
    if (z->at) {
      memmove(z->room, z->room + z->at, z->len - z->at);
      z->before += z->at;
      z->len -= z->at;
      z->at = 0;
    }
    int rc = z->input->read(z->input->ctx, z->room + z->len, sizeof z->room - z->len, &got, err);
    if (rc < 0)
      return rc;
    z->len += got;
    z->ended = got == 0;
  }
  return 0;
}

static int cut_off(const struct zip *z, struct error *err)
{
  return error_set(err, SW_EINVAL, "the zip archive is cut off at byte %llu",
                   (unsigned long long)(z->before + z->len));
}

static int need(struct zip *z, size_t bytes, struct error *err)
{
  int rc = fill(z, bytes, err);
  return rc < 0 ? rc : z->len - z->at < bytes ? cut_off(z, err) : 0;
}

/* Sizes beyond 4 GiB, or of programs that always write them so, stand in a field of their own. */
static void read_zip64(struct zip *z, const unsigned char *extra, size_t len)
{
  while (len >= 4) {
    size_t size = little(extra + 2, 2);
    if (size > len - 4)
      return;
    if (little(extra, 2) == 1 && size >= 16) {
      z->size = little64(extra + 4);
      z->packed = little64(extra + 12);
    }
    extra += 4 + size;
    len -= 4 + size;
  }
}

static int check_header(const struct zip *z, struct str name, struct error *err)
{
  if (z->flags & ENCRYPTED)
    return error_set(err, SW_EUNSUPPORTED, "%.*s is encrypted", STR_FMT(name));
  if (z->method != STORED && z->method != DEFLATED)
    return error_set(err, SW_EUNSUPPORTED,
                     "%.*s is packed by method %u of zip, only deflate is read", STR_FMT(name),
                     z->method);
  if (z->method == STORED && (z->flags & DESCRIBED))
    return error_set(err, SW_EUNSUPPORTED, "%.*s does not say its size in front", STR_FMT(name));
  return 0;
}

static int read_header(struct zip *z, struct buf *name, struct error *err)
{
  int rc = need(z, LOCAL_HEADER, err);
  if (rc < 0)
    return rc;
  const unsigned char *h = z->room + z->at;
  size_t name_len = little(h + 26, 2), extra_len = little(h + 28, 2);
  z->flags = (uint16_t)little(h + 6, 2);
  z->method = (uint16_t)little(h + 8, 2);
  z->crc = little(h + 14, 4);
  z->packed = little(h + 18, 4);
  z->size = little(h + 22, 4);
  z->crc_so_far = 0;
  z->packed_so_far = z->size_so_far = 0;
  z->finished = false;
  z->at += LOCAL_HEADER;
  if (name_len > NAME_MAX_BYTES)
    return error_set(err, SW_ELIMIT, "a name in the zip archive is longer than %d bytes",
                     NAME_MAX_BYTES);
  rc = need(z, name_len, err);
  if (rc < 0)
    return rc;
  buf_clear(name);
  buf_add(name, str_make((const char *)z->room + z->at, name_len));
  z->at += name_len;
  rc = need(z, extra_len, err); /* at most 65,535: less than the room */
  if (rc < 0)
    return rc;
  read_zip64(z, z->room + z->at, extra_len);
  z->at += extra_len;
  return check_header(z, buf_str(name), err);
}

/* ---- content */

static int count_out(struct zip *z, const void *bytes, size_t len, struct error *err)
{
  z->size_so_far += len;
  z->crc_so_far = (uint32_t)crc32(z->crc_so_far, bytes, (uInt)len);
  return z->size_so_far > ENTRY_MAX
             ? error_set(err, SW_ELIMIT, "a file in the zip archive is larger than 1 GiB")
             : 0;
}

static int read_stored(struct zip *z, void *to, size_t room, size_t *ret_got, struct error *err)
{
  uint64_t left = z->packed - z->packed_so_far;
  *ret_got = 0;
  if (left == 0) {
    z->finished = true;
    return 0;
  }
  int rc = need(z, 1, err);
  if (rc < 0)
    return rc;
  size_t len = z->len - z->at < room ? z->len - z->at : room;
  len = left < len ? (size_t)left : len;
  memcpy(to, z->room + z->at, len);
  z->at += len;
  z->packed_so_far += len;
  *ret_got = len;
  return count_out(z, to, len, err);
}

static int read_deflated(struct zip *z, void *to, size_t room, size_t *ret_got, struct error *err)
{
  *ret_got = 0;
  room = room > (1 << 20) ? 1 << 20 : room;
  while (*ret_got == 0 && !z->finished) {
    int rc = need(z, 1, err);
    if (rc < 0)
      return rc;
    z->stream.next_in = z->room + z->at;
    z->stream.avail_in = (uInt)(z->len - z->at);
    z->stream.next_out = to;
    z->stream.avail_out = (uInt)room;
    int answer = inflate(&z->stream, Z_NO_FLUSH);
    size_t used = z->len - z->at - z->stream.avail_in;
    z->at += used;
    z->packed_so_far += used;
    *ret_got = room - z->stream.avail_out;
    z->finished = answer == Z_STREAM_END;
    if (answer != Z_OK && answer != Z_STREAM_END)
      return error_set(err, SW_EINVAL, "the zip archive is damaged before byte %llu",
                       (unsigned long long)(z->before + z->at));
  }
  return count_out(z, to, *ret_got, err);
}

static int read_content(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct zip *z = ctx;
  *ret_got = 0;
  if (z->finished || room == 0)
    return 0;
  return z->method == STORED ? read_stored(z, to, room, ret_got, err)
                             : read_deflated(z, to, room, ret_got, err);
}

/* Behind the content: checksum, both sizes with four or eight bytes each, with or without a mark in front. */
static int read_descriptor(struct zip *z, struct error *err)
{
  int rc = fill(z, DESCRIPTOR_MAX, err);
  if (rc < 0)
    return rc;
  size_t marked = z->len - z->at >= 4 && memcmp(z->room + z->at, "PK\7\10", 4) == 0 ? 4 : 0;
  const unsigned char *d = z->room + z->at + marked;
  size_t there = z->len - z->at - marked;
  bool small = there >= 12 && little(d + 4, 4) == (uint32_t)z->packed_so_far &&
               little(d + 8, 4) == (uint32_t)z->size_so_far;
  if (there < (small ? 12U : 20U))
    return cut_off(z, err);
  z->crc = little(d, 4);
  z->packed = small ? z->packed_so_far : little64(d + 4);
  z->size = small ? z->size_so_far : little64(d + 12);
  z->at += marked + (small ? 12 : 20);
  return 0;
}

static int end_file(struct zip *z, struct str name, struct error *err)
{
  unsigned char rest[4096];
  size_t got = 0;
  int rc = 0;
  while (!z->finished && rc == 0)
    rc = read_content(z, rest, sizeof rest, &got, err);
  if (rc == 0 && (z->flags & DESCRIBED))
    rc = read_descriptor(z, err);
  if (rc < 0)
    return rc;
  if (z->crc != z->crc_so_far || z->size != z->size_so_far || z->packed != z->packed_so_far)
    return error_set(err, SW_EINVAL, "%.*s in the zip archive is damaged: its checksum is another",
                     STR_FMT(name));
  return 0;
}

/* ---- */

static int read_files(struct zip *z, struct buf *name,
                      int (*file)(void *ctx, struct str name, const struct oci_input *content,
                                  struct error *err),
                      void *ctx, struct error *err)
{
  const struct oci_input content = {.read = read_content, .ctx = z};
  for (unsigned count = 0;; count++) {
    int rc = need(z, 4, err);
    if (rc < 0)
      return rc;
    if (memcmp(z->room + z->at, "PK\3\4", 4) != 0)
      break;
    if (count == IMPORT_FILES_MAX)
      return error_set(err, SW_ELIMIT, "the zip archive has more than %d files", IMPORT_FILES_MAX);
    rc = read_header(z, name, err);
    if (rc == 0 && z->method == DEFLATED && inflateReset(&z->stream) != Z_OK)
      rc = error_set(err, SW_EIO, "unpacking cannot begin");
    if (rc == 0)
      rc = file(ctx, buf_str(name), &content, err);
    if (rc == 0)
      rc = end_file(z, buf_str(name), err);
    if (rc < 0)
      return rc;
  }
  static const char *const ends[] = {"PK\1\2", "PK\5\6", "PK\6\6", "PK\6\7"};
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    if (memcmp(z->room + z->at, ends[i], 4) == 0)
      return 0;
  return error_set(err, SW_EINVAL, "the zip archive is damaged at byte %llu",
                   (unsigned long long)(z->before + z->at));
}

int import_zip(const struct oci_input *input,
               int (*file)(void *ctx, struct str name, const struct oci_input *content,
                           struct error *err),
               void *ctx, struct error *err)
{
  struct zip *z = mem_zalloc(1, sizeof *z);
  struct buf name = {0};
  int rc;
  z->input = input;
  if (inflateInit2(&z->stream, -MAX_WBITS) != Z_OK)
    rc = error_set(err, SW_EIO, "unpacking cannot begin");
  else
    rc = read_files(z, &name, file, ctx, err);
  inflateEnd(&z->stream);
  buf_free(&name);
  mem_free(z);
  return rc;
}
