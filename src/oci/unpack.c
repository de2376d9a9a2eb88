#include "oci/unpack.h"

#include <isa-l/igzip_lib.h>
#include <zstd.h>

enum {
  IN_ROOM = 128 << 10,
  MAGIC_MAX = 6,
  ZSTD_WINDOW_LOG_MAX = 27, /* 128 MiB */
};

struct unpacker;

struct oci_unpack {
  struct oci_input input;
  const struct unpacker *how; /* NULL: not known yet */
  struct oci_check *packed, *unpacked;
  uint64_t bytes_max, free_bytes;
  uint32_t ratio_max;
  uint8_t *in, *out;
  const uint8_t *piece; /* of `in` or `out` */
  size_t at, end;       /* what of `in` is not used yet */
  bool input_over;
  bool between; /* at the end of a gzip member or zstd frame */
  bool over;    /* everything has been given out */
  int failed;
  struct error error;
  struct inflate_state *gzip;
  ZSTD_DCtx *zstd;
};

/* How one format is unpacked: some of in[at, end) into `out`; *ret_len may be 0 if it wants more input. */
struct unpacker {
  const char *name;
  uint8_t magic[MAGIC_MAX];
  size_t magic_len;
  int (*start)(struct oci_unpack *u, struct error *err);
  int (*step)(struct oci_unpack *u, size_t *ret_len, struct error *err);
};

static int damaged(const struct oci_unpack *u, const char *why, struct error *err)
{
  return error_set(err, SW_EINVAL, "%s, at byte %llu of the %s stream", why,
                   (unsigned long long)oci_unpack_in(u), u->how ? u->how->name : "packed");
}

/* ---- gzip */

static int gzip_start(struct oci_unpack *u, struct error *err)
{
  (void)err;
  u->gzip = mem_alloc(sizeof *u->gzip);
  isal_inflate_init(u->gzip);
  u->gzip->crc_flag = ISAL_GZIP;
  return 0;
}

static const char *gzip_error(int rc)
{
  switch (rc) {
  case ISAL_INVALID_WRAPPER:
    return "there is no gzip header where one must be";
  case ISAL_INCORRECT_CHECKSUM:
    return "the checksum of gzip is wrong";
  case ISAL_UNSUPPORTED_METHOD:
    return "gzip holds something other than deflate";
  default:
    return "the gzip data is damaged";
  }
}

static int gzip_step(struct oci_unpack *u, size_t *ret_len, struct error *err)
{
  struct inflate_state *s = u->gzip;
  if (u->between) {
    isal_inflate_reset(s);
    s->crc_flag = ISAL_GZIP;
    u->between = false;
  }
  s->next_in = u->in + u->at;
  s->avail_in = (uint32_t)(u->end - u->at);
  s->next_out = u->out;
  s->avail_out = OCI_UNPACK_PIECE_MAX;
  int rc = isal_inflate(s);
  u->at = u->end - s->avail_in;
  *ret_len = OCI_UNPACK_PIECE_MAX - s->avail_out;
  if (rc < 0 || rc == ISAL_NEED_DICT)
    return damaged(u, gzip_error(rc), err);
  u->between = s->block_state == ISAL_BLOCK_FINISH;
  return 0;
}

/* ---- zstd */

static int zstd_start(struct oci_unpack *u, struct error *err)
{
  u->zstd = ZSTD_createDCtx();
  if (!u->zstd)
    mem_exhausted(sizeof(void *));
  if (ZSTD_isError(ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX)))
    return error_set(err, SW_EUNSUPPORTED, "this zstd has no limit of windows");
  return 0;
}

static int zstd_step(struct oci_unpack *u, size_t *ret_len, struct error *err)
{
  ZSTD_inBuffer in = {u->in + u->at, u->end - u->at, 0};
  ZSTD_outBuffer out = {u->out, OCI_UNPACK_PIECE_MAX, 0};
  size_t rc = ZSTD_decompressStream(u->zstd, &out, &in);
  u->at += in.pos;
  *ret_len = out.pos;
  if (ZSTD_isError(rc))
    return damaged(u, ZSTD_getErrorName(rc), err);
  u->between = rc == 0;
  return 0;
}

/* ---- nothing */

static int plain_start(struct oci_unpack *u, struct error *err)
{
  (void)err;
  u->between = true;
  return 0;
}

static int plain_step(struct oci_unpack *u, size_t *ret_len, struct error *err)
{
  (void)err;
  *ret_len = u->end - u->at;
  u->piece = u->in + u->at;
  u->at = u->end;
  return 0;
}

static int other_start(struct oci_unpack *u, struct error *err)
{
  return error_set(err, SW_EUNSUPPORTED,
                   "it is packed with %s; layers are packed with gzip or zstd", u->how->name);
}

static const struct unpacker unpackers[] = {
    {"gzip", {0x1f, 0x8b, 0x08}, 3, gzip_start, gzip_step},
    {"zstd", {0x28, 0xb5, 0x2f, 0xfd}, 4, zstd_start, zstd_step},
    {"bzip2", {'B', 'Z', 'h'}, 3, other_start, NULL},
    {"xz", {0xfd, '7', 'z', 'X', 'Z', 0}, 6, other_start, NULL},
    {"none", {0}, 0, plain_start, plain_step},
};

/* A frame that is skipped may come first: 0x184D2A50 to 0x184D2A5F, RFC 8878, section 3.1.2. */
static bool skippable_zstd(const uint8_t *bytes, size_t len)
{
  return len >= 4 && (bytes[0] & 0xf0) == 0x50 && bytes[1] == 0x2a && bytes[2] == 0x4d &&
         bytes[3] == 0x18;
}

/* ---- the stream */

static int start_check(const struct oci_descriptor *d, struct oci_check **ret, struct error *err)
{
  static const struct oci_descriptor unknown = {.size = OCI_SIZE_UNKNOWN};
  return oci_check_new(d ? d : &unknown, ret, err);
}

int oci_unpack_new(struct oci_input input, const struct oci_unpack_options *options,
                   struct oci_unpack **ret, struct error *err)
{
  _cleanup_(oci_unpack_freep) struct oci_unpack *u = mem_zalloc(1, sizeof *u);
  const struct oci_descriptor unpacked = {.size = OCI_SIZE_UNKNOWN, .digest = options->diff_id};
  u->input = input;
  u->bytes_max = options->bytes_max ? options->bytes_max : OCI_UNPACK_MAX;
  u->ratio_max = options->ratio_max ? options->ratio_max : OCI_UNPACK_RATIO;
  u->free_bytes = options->free_bytes ? options->free_bytes : OCI_UNPACK_FREE;
  int rc = start_check(options->packed, &u->packed, err);
  if (rc == 0)
    rc = start_check(&unpacked, &u->unpacked, err);
  if (rc < 0)
    return rc;
  u->in = mem_alloc(IN_ROOM);
  u->out = mem_alloc(OCI_UNPACK_PIECE_MAX);
  u->piece = u->out;
  *ret = u;
  u = NULL;
  return 0;
}

/* More of the input behind what is left of it. */
static int fill(struct oci_unpack *u, struct error *err)
{
  size_t got = 0;
  memmove(u->in, u->in + u->at, u->end - u->at);
  u->end -= u->at;
  u->at = 0;
  int rc = u->input.read(u->input.ctx, u->in + u->end, IN_ROOM - u->end, &got, err);
  if (rc < 0)
    return error_wrap(err, "at byte %llu", (unsigned long long)oci_check_count(u->packed));
  if (got == 0) {
    u->input_over = true;
    return 0;
  }
  rc = oci_check_add(u->packed, str_make((char *)u->in + u->end, got), err);
  u->end += got;
  return rc;
}

static int recognise(struct oci_unpack *u, struct error *err)
{
  while (u->end < MAGIC_MAX && !u->input_over) {
    int rc = fill(u, err);
    if (rc < 0)
      return rc;
  }
  for (size_t i = 0; !u->how; i++) {
    const struct unpacker *how = &unpackers[i];
    bool fits = u->end >= how->magic_len && memcmp(u->in, how->magic, how->magic_len) == 0;
    if (fits || (how->start == zstd_start && skippable_zstd(u->in, u->end)))
      u->how = how;
  }
  return u->how->start(u, err);
}

static int keep_limits(struct oci_unpack *u, size_t len, struct error *err)
{
  uint64_t in = oci_unpack_in(u), out = oci_unpack_out(u) + len;
  if (out > u->bytes_max)
    return error_set(err, SW_ELIMIT, "it unpacks to more than the %llu bytes that it may",
                     (unsigned long long)u->bytes_max);
  if (out > u->free_bytes && out / u->ratio_max > in)
    return error_set(
        err, SW_ELIMIT,
        "it unpacks to more than %u times its size (%llu bytes out of %llu): it looks like a "
        "decompression bomb",
        u->ratio_max, (unsigned long long)out, (unsigned long long)in);
  return 0;
}

static int unpack(struct oci_unpack *u, size_t *ret_len, struct error *err)
{
  int rc = 0;
  if (!u->how)
    rc = recognise(u, err);
  while (rc == 0) {
    size_t before = u->at;
    /* What has been unpacked may still lie inside the decoder, so it is asked without input too. */
    rc = u->at == u->end && u->between ? (*ret_len = 0, 0) : u->how->step(u, ret_len, err);
    if (rc < 0 || *ret_len)
      return rc;
    if (u->at != before && u->at != u->end)
      continue;
    if (u->input_over) {
      if (u->at != u->end || !u->between)
        return damaged(u, "it ends too early", err);
      u->over = true;
      return 0;
    }
    rc = fill(u, err);
  }
  return rc;
}

static int next(struct oci_unpack *u, struct str *ret_piece, struct error *err)
{
  size_t len = 0;
  int rc = unpack(u, &len, err);
  if (rc == 0)
    rc = keep_limits(u, len, err);
  if (rc < 0 || u->over)
    return rc;
  *ret_piece = str_make((const char *)u->piece, len);
  rc = oci_check_add(u->unpacked, *ret_piece, err);
  return rc < 0 ? rc : 1;
}

int oci_unpack_next(struct oci_unpack *u, struct str *ret_piece, struct error *err)
{
  if (!u->failed && !u->over) {
    int rc = next(u, ret_piece, &u->error);
    if (rc >= 0)
      return rc;
    u->failed = rc;
  }
  if (u->failed && err)
    *err = u->error;
  return u->failed;
}

int oci_unpack_end(struct oci_unpack *u, struct error *err)
{
  struct str piece;
  int rc;
  while ((rc = oci_unpack_next(u, &piece, err)) > 0)
    ;
  if (rc == 0) {
    rc = oci_check_end(u->packed, err);
    if (rc < 0)
      return error_wrap(err, "as stored");
    rc = oci_check_end(u->unpacked, err);
    if (rc < 0)
      return error_wrap(err, "unpacked (diff_id)");
  }
  return rc;
}

uint64_t oci_unpack_in(const struct oci_unpack *u)
{
  return oci_check_count(u->packed) - (u->end - u->at);
}

uint64_t oci_unpack_out(const struct oci_unpack *u)
{
  return oci_check_count(u->unpacked);
}

const char *oci_unpack_name(const struct oci_unpack *u)
{
  return u->how ? u->how->name : "";
}

void oci_unpack_free(struct oci_unpack *u)
{
  if (!u)
    return;
  oci_check_free(u->packed);
  oci_check_free(u->unpacked);
  mem_free(u->in);
  mem_free(u->out);
  mem_free(u->gzip);
  ZSTD_freeDCtx(u->zstd);
  mem_free(u);
}
