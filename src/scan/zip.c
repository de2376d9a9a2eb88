#include "scan/zip.h"

#include "base/buf.h"
#include "scan/bytes_int.h"

#include <zlib.h>

enum {
  ROOM = 64 << 10,
  LOCAL = 30,     /* bytes of a header in front of a file */
  DIRECTORY = 46, /* of one in the directory */
  END = 22,       /* of what stands behind the directory */
  END64 = 56,
  LOCATOR64 = 20,
  COMMENT_MAX = 65535,
  STORED = 0,
  DEFLATED = 8,
  ENCRYPTED = 1, /* flags */
  DESCRIBED = 8, /* sizes and checksum stand behind the content */
};

struct file {
  uint16_t flags, method;
  uint32_t crc;
  uint64_t packed, size, offset;
};

struct zip {
  struct zip_meter *meter;
  /* in memory */
  struct str bytes, directory;
  uint64_t shift; /* what stands before the archive */
  size_t at;      /* in the directory */
  struct str packed;
  /* a stream */
  struct oci_input input;
  char *room;
  size_t from, to;
  bool ended, started, over;
  uint64_t before; /* bytes of the stream that left the room */
  struct buf name;
  /* the file that is read */
  struct file file;
  z_stream unpacker;
  bool has_unpacker, unpacking;
  bool open, finished;
  uint32_t crc;
  uint64_t packed_read, size_read;
  struct error refused; /* why its content cannot be read; code 0: it can */
};

static uint64_t u64(struct str bytes, size_t at)
{
  return bytes_u32(bytes, at, false) | (uint64_t)bytes_u32(bytes, at + 4, false) << 32;
}

/* Sizes that do not fit 32 bits stand in a field of their own, in this order. */
static void read_zip64(struct str extra, uint64_t *const fields[], size_t count)
{
  for (size_t size; extra.len >= 4; extra = str_sub(extra, 4 + size, SIZE_MAX)) {
    size = bytes_u16(extra, 2, false);
    struct str field = str_sub(extra, 4, size);
    if (bytes_u16(extra, 0, false) != 1)
      continue;
    for (size_t i = 0, at = 0; i < count; i++)
      if (*fields[i] == UINT32_MAX && at + 8 <= field.len) {
        *fields[i] = u64(field, at);
        at += 8;
      }
    return;
  }
}

static void check_method(struct zip *z)
{
  const struct file *f = &z->file;
  z->refused.code = 0;
  if (f->flags & ENCRYPTED)
    error_set(&z->refused, SW_EUNSUPPORTED, "it is encrypted");
  else if (f->method != STORED && f->method != DEFLATED)
    error_set(&z->refused, SW_EUNSUPPORTED,
              "it is packed by method %u of zip, only deflate is read", f->method);
}

static int spend_entry(struct zip *z, struct error *err)
{
  if (z->meter->entries == 0)
    return error_set(err, SW_ELIMIT, "there are too many files in archives");
  z->meter->entries--;
  return 0;
}

static void begin_content(struct zip *z)
{
  z->open = true;
  z->finished = z->unpacking = false;
  z->crc = 0;
  z->packed_read = z->size_read = 0;
}

/* ---- the directory of an archive in memory */

struct end {
  uint64_t size, offset, at; /* of the directory; at: where it ends */
};

static bool find_end(struct str bytes, struct end *ret)
{
  if (bytes.len < END)
    return false;
  size_t last = bytes.len - END, first = last > COMMENT_MAX ? last - COMMENT_MAX : 0;
  for (size_t at = last + 1; at-- > first;) {
    struct str end = str_sub(bytes, at, SIZE_MAX);
    if (!str_starts(end, STR("PK\5\6")) || (size_t)bytes_u16(end, 20, false) + END > end.len)
      continue;
    *ret = (struct end){bytes_u32(end, 12, false), bytes_u32(end, 16, false), at};
    return true;
  }
  return false;
}

static void find_end64(struct str bytes, struct end *io_end)
{
  if (io_end->at < LOCATOR64 + END64)
    return;
  size_t locator = (size_t)io_end->at - LOCATOR64, at = locator - END64;
  if (!str_starts(str_sub(bytes, locator, 4), STR("PK\6\7")))
    return;
  uint64_t said = u64(bytes, locator + 8);
  if (said < locator && str_starts(str_sub(bytes, (size_t)said, 4), STR("PK\6\6")))
    at = (size_t)said;
  if (str_starts(str_sub(bytes, at, 4), STR("PK\6\6")))
    *io_end = (struct end){u64(bytes, at + 40), u64(bytes, at + 48), at};
}

int zip_open_bytes(struct str bytes, struct zip_meter *meter, struct zip **ret, struct error *err)
{
  struct end end;
  if (!find_end(bytes, &end))
    return error_set(err, SW_EINVAL, "it is no zip archive, or cut off");
  find_end64(bytes, &end);
  if (end.size > end.at || end.offset > end.at - end.size)
    return error_set(err, SW_EINVAL, "the directory of the zip archive does not lie inside it");
  struct zip *z = mem_zalloc(1, sizeof *z);
  z->meter = meter;
  z->bytes = bytes;
  z->directory = str_sub(bytes, (size_t)(end.at - end.size), (size_t)end.size);
  z->shift = end.at - end.size - end.offset;
  *ret = z;
  return 0;
}

/* Where the content of a file is; its own header says how long its name is there. */
static int find_content(struct zip *z, struct error *err)
{
  uint64_t at = z->file.offset + z->shift;
  struct str header = at < z->file.offset ? STR_EMPTY : str_sub(z->bytes, (size_t)at, LOCAL);
  if (!str_starts(header, STR("PK\3\4")) || header.len < LOCAL)
    return error_set(err, SW_EINVAL, "the directory of the zip archive leads nowhere");
  size_t from = (size_t)at + LOCAL + bytes_u16(header, 26, false) + bytes_u16(header, 28, false);
  z->packed = str_sub(z->bytes, from, (size_t)z->file.packed);
  if (z->packed.len < z->file.packed)
    return error_set(err, SW_EINVAL, "it is cut off");
  return 0;
}

static int next_of_directory(struct zip *z, struct zip_entry *ret, struct error *err)
{
  struct str rest = str_sub(z->directory, z->at, SIZE_MAX);
  if (!rest.len)
    return 0;
  size_t name = bytes_u16(rest, 28, false), extra = bytes_u16(rest, 30, false),
         comment = bytes_u16(rest, 32, false);
  if (!str_starts(rest, STR("PK\1\2")) || DIRECTORY + name + extra + comment > rest.len)
    return error_set(err, SW_EINVAL, "the directory of the zip archive is damaged at its byte %zu",
                     z->at);
  z->at += DIRECTORY + name + extra + comment;
  z->file = (struct file){.flags = bytes_u16(rest, 8, false),
                          .method = bytes_u16(rest, 10, false),
                          .crc = bytes_u32(rest, 16, false),
                          .packed = bytes_u32(rest, 20, false),
                          .size = bytes_u32(rest, 24, false),
                          .offset = bytes_u32(rest, 42, false)};
  uint64_t *const fields[] = {&z->file.size, &z->file.packed, &z->file.offset};
  read_zip64(str_sub(rest, DIRECTORY + name, extra), fields, 3);
  check_method(z);
  begin_content(z);
  if (z->refused.code == 0)
    find_content(z, &z->refused);
  *ret = (struct zip_entry){str_sub(rest, DIRECTORY, name), z->file.size, true};
  return 1;
}

/* ---- a stream */

int zip_open_stream(struct oci_input input, struct zip_meter *meter, struct zip **ret,
                    struct error *err)
{
  (void)err;
  struct zip *z = mem_zalloc(1, sizeof *z);
  z->meter = meter;
  z->input = input;
  z->room = mem_alloc(ROOM);
  *ret = z;
  return 0;
}

static struct str in_room(const struct zip *z)
{
  return str_make(z->room + z->from, z->to - z->from);
}

/* Has at least `wanted` bytes in the room if the stream has them. */
static int fill(struct zip *z, size_t wanted, struct error *err)
{
  while (z->to - z->from < wanted && !z->ended) {
    size_t got = 0;
    memmove(z->room, z->room + z->from, z->to - z->from);
    z->before += z->from;
    z->to -= z->from;
    z->from = 0;
    int rc = z->input.read(z->input.ctx, z->room + z->to, ROOM - z->to, &got, err);
    if (rc < 0)
      return rc;
    z->to += got;
    z->ended = got == 0;
  }
  return 0;
}

static int need(struct zip *z, size_t wanted, struct error *err)
{
  int rc = fill(z, wanted, err);
  if (rc == 0 && z->to - z->from < wanted)
    return error_set(err, SW_EINVAL, "the zip archive is cut off at byte %llu",
                     (unsigned long long)(z->before + z->to));
  return rc;
}

static int pass_over(struct zip *z, uint64_t count, struct error *err)
{
  while (count) {
    int rc = need(z, 1, err);
    if (rc < 0)
      return rc;
    size_t step = z->to - z->from < count ? z->to - z->from : (size_t)count;
    z->from += step;
    count -= step;
  }
  return 0;
}

/* What stands before the archive, up to the first header. */
static int find_start(struct zip *z, struct error *err)
{
  z->started = true;
  int rc = fill(z, LOCAL, err);
  if (rc < 0 || str_starts(in_room(z), STR("PK\5\6"))) /* an empty archive */
    return rc;
  while (z->before + z->from < ZIP_PREFIX_MAX) {
    rc = fill(z, LOCAL, err);
    if (rc < 0)
      return rc;
    ptrdiff_t at = str_find(in_room(z), 0, STR("PK\3\4"));
    if (at >= 0) {
      z->from += (size_t)at;
      return 0;
    }
    if (z->ended)
      break;
    z->from = z->to - 3;
  }
  return error_set(err, SW_EINVAL, "it is no zip archive");
}

static int read_name(struct zip *z, size_t len, struct error *err)
{
  buf_clear(&z->name);
  if (len > ZIP_NAME_MAX) {
    error_set(&z->refused, SW_ELIMIT, "its name is longer than %d bytes", ZIP_NAME_MAX);
    return pass_over(z, len, err);
  }
  int rc = need(z, len, err);
  if (rc < 0)
    return rc;
  buf_add(&z->name, str_sub(in_room(z), 0, len));
  z->from += len;
  return 0;
}

static int read_local(struct zip *z, struct error *err)
{
  int rc = need(z, LOCAL, err);
  if (rc < 0)
    return rc;
  struct str h = in_room(z);
  size_t name = bytes_u16(h, 26, false), extra = bytes_u16(h, 28, false);
  z->file = (struct file){.flags = bytes_u16(h, 6, false),
                          .method = bytes_u16(h, 8, false),
                          .crc = bytes_u32(h, 14, false),
                          .packed = bytes_u32(h, 18, false),
                          .size = bytes_u32(h, 22, false)};
  z->from += LOCAL;
  check_method(z);
  rc = read_name(z, name, err);
  if (rc == 0)
    rc = need(z, extra, err); /* at most 65,535: the room has one more */
  if (rc < 0)
    return rc;
  uint64_t *const fields[] = {&z->file.size, &z->file.packed};
  read_zip64(str_sub(in_room(z), 0, extra), fields, 2);
  z->from += extra;
  begin_content(z);
  return 0;
}

/* Sizes and checksum behind the content, with a mark or without, in 32 or 64 bits. */
static int read_description(struct zip *z, struct error *err)
{
  int rc = fill(z, 28, err);
  if (rc < 0)
    return rc;
  struct str d = in_room(z);
  size_t mark = str_starts(d, STR("PK\7\10")) ? 4 : 0;
  z->file.crc = bytes_u32(d, mark, false);
  bool narrow = bytes_u32(d, mark + 4, false) == (uint32_t)z->packed_read &&
                bytes_u32(d, mark + 8, false) == (uint32_t)z->size_read;
  /* The description of an empty file fits both; what follows begins with a mark of its own. */
  if (z->size_read == 0 && str_eq(str_sub(d, mark + 20, 2), STR("PK")) &&
      !str_eq(str_sub(d, mark + 12, 2), STR("PK")))
    narrow = false;
  z->file.size = narrow ? z->size_read : u64(d, mark + 12);
  return pass_over(z, mark + (narrow ? 12 : 20), err);
}

static int skip_content(struct zip *z, struct error *err)
{
  char unread[4096];
  size_t got;
  if (!z->open || z->finished)
    return 0;
  bool described = z->file.flags & DESCRIBED;
  if (!described || (z->file.method == STORED && z->file.packed)) {
    int rc = pass_over(z, z->file.packed - z->packed_read, err);
    z->packed_read = z->size_read = z->file.packed;
    return rc == 0 && described ? read_description(z, err) : rc;
  }
  if (z->refused.code < 0 || z->file.method == STORED)
    return error_set(err, SW_EUNSUPPORTED,
                     "a file in the zip archive before byte %llu does not say where it ends",
                     (unsigned long long)(z->before + z->from));
  do {
    int rc = zip_read(z, unread, sizeof unread, &got, err);
    if (rc < 0)
      return rc;
  } while (got);
  return 0;
}

static int next_of_stream(struct zip *z, struct zip_entry *ret, struct error *err)
{
  if (z->over)
    return 0;
  int rc = z->started ? skip_content(z, err) : find_start(z, err);
  z->open = false;
  if (rc == 0)
    rc = need(z, 4, err);
  if (rc < 0)
    return rc;
  if (!str_starts(in_room(z), STR("PK\3\4"))) {
    z->over = true;
    if (str_starts(in_room(z), STR("PK\1\2")) || str_starts(in_room(z), STR("PK\5\6")) ||
        str_starts(in_room(z), STR("PK\6\6")) || str_starts(in_room(z), STR("PK\6\10")))
      return 0;
    return error_set(err, SW_EINVAL, "the zip archive is damaged at byte %llu",
                     (unsigned long long)(z->before + z->from));
  }
  rc = read_local(z, err);
  if (rc < 0)
    return rc;
  bool described = z->file.flags & DESCRIBED;
  *ret = (struct zip_entry){buf_str(&z->name), z->file.size, !described};
  return 1;
}

/* ---- content */

/* What of the packed bytes is at hand. */
static int packed_bytes(struct zip *z, struct str *ret, struct error *err)
{
  bool endless = !z->bytes.data && (z->file.flags & DESCRIBED) && z->file.method == DEFLATED;
  uint64_t left = endless ? UINT64_MAX : z->file.packed - z->packed_read;
  if (z->bytes.data) {
    *ret = str_sub(z->packed, (size_t)z->packed_read, 1 << 30);
    return 0;
  }
  *ret = STR_EMPTY;
  if (!left)
    return 0;
  int rc = need(z, 1, err);
  if (rc == 0)
    *ret = str_sub(in_room(z), 0, left < SIZE_MAX ? (size_t)left : SIZE_MAX);
  return rc;
}

static void use_packed(struct zip *z, size_t count)
{
  z->packed_read += count;
  if (!z->bytes.data)
    z->from += count;
}

static int start_unpacker(struct zip *z, struct error *err)
{
  z->unpacking = true;
  int rc = z->has_unpacker ? inflateReset(&z->unpacker) : inflateInit2(&z->unpacker, -MAX_WBITS);
  if (rc != Z_OK)
    return error_set(err, SW_EIO, "zlib cannot be used");
  z->has_unpacker = true;
  return 0;
}

static int read_deflated(struct zip *z, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct str packed;
  int rc = z->unpacking ? 0 : start_unpacker(z, err);
  while (rc == 0 && *ret_got == 0 && !z->finished) {
    rc = packed_bytes(z, &packed, err);
    if (rc < 0)
      return rc;
    z_stream *s = &z->unpacker;
    s->next_in = (Bytef *)(uintptr_t)packed.data; /* zlib's own prototype lacks the const */
    s->avail_in = (uInt)packed.len;
    s->next_out = to;
    s->avail_out = (uInt)room;
    int answer = inflate(s, Z_NO_FLUSH);
    use_packed(z, packed.len - s->avail_in);
    *ret_got = room - s->avail_out;
    z->finished = answer == Z_STREAM_END;
    if (answer != Z_OK && answer != Z_STREAM_END)
      return error_set(err, SW_EINVAL, "its content is damaged");
  }
  return rc;
}

static int read_stored(struct zip *z, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct str packed;
  int rc = packed_bytes(z, &packed, err);
  if (rc < 0)
    return rc;
  *ret_got = packed.len < room ? packed.len : room;
  if (*ret_got)
    memcpy(to, packed.data, *ret_got);
  use_packed(z, *ret_got);
  z->finished = z->packed_read == z->file.packed;
  return 0;
}

static int end_content(struct zip *z, struct error *err)
{
  bool described = !z->bytes.data && (z->file.flags & DESCRIBED);
  int rc = described ? read_description(z, err)
                     : pass_over(z, z->bytes.data ? 0 : z->file.packed - z->packed_read, err);
  if (rc == 0 && (z->size_read != z->file.size || z->crc != z->file.crc))
    return error_set(err, SW_EINVAL, "its content does not have the size and checksum it should");
  return rc;
}

int zip_read(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct zip *z = ctx;
  *ret_got = 0;
  if (!z->open || z->finished || !room)
    return 0;
  if (z->refused.code == 0 && !z->bytes.data && z->file.method == STORED &&
      (z->file.flags & DESCRIBED) && !z->file.packed)
    error_set(&z->refused, SW_EUNSUPPORTED, "it does not say where it ends");
  if (z->refused.code < 0) {
    if (err)
      *err = z->refused;
    return z->refused.code;
  }
  room = room < 1 << 20 ? room : 1 << 20;
  int rc = z->file.method == STORED ? read_stored(z, to, room, ret_got, err)
                                    : read_deflated(z, to, room, ret_got, err);
  if (rc < 0)
    return rc;
  if (*ret_got > z->meter->bytes)
    return error_set(err, SW_ELIMIT, "what is packed in archives is too much");
  z->meter->bytes -= *ret_got;
  z->size_read += *ret_got;
  z->crc = (uint32_t)crc32(z->crc, to, (uInt)*ret_got);
  return z->finished ? end_content(z, err) : 0;
}

int zip_next(struct zip *z, struct zip_entry *ret, struct error *err)
{
  int rc = z->bytes.data ? next_of_directory(z, ret, err) : next_of_stream(z, ret, err);
  if (rc <= 0)
    return rc;
  rc = spend_entry(z, err);
  return rc < 0 ? rc : 1;
}

void zip_free(struct zip *z)
{
  if (!z)
    return;
  if (z->has_unpacker)
    inflateEnd(&z->unpacker);
  buf_free(&z->name);
  mem_free(z->room);
  mem_free(z);
}
