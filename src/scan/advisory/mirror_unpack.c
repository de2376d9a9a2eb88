/* The changelog out of a package: from its Debian part, from an old diff, or from a binary package. */
#include "scan/advisory/mirror_int.h"

#include "oci/layer.h"

#include <lzma.h>

enum { XZ_MEMORY = 128 << 20, ROOM = 64 << 10, AR_HEADER = 60, FOUND = SW_ETEST };
#define TAR_MAX (UINT64_C(4) << 30) /* bytes that are unpacked on the way to the changelog */

/* ---- bytes as an input, unpacked if xz packed them (all else oci/unpack knows) */

struct packed {
  struct str left;
  bool xz, ended;
  lzma_stream stream;
};

static int read_plain(struct packed *p, void *to, size_t room, size_t *ret_got)
{
  *ret_got = p->left.len < room ? p->left.len : room;
  if (*ret_got)
    memcpy(to, p->left.data, *ret_got);
  p->left = str_sub(p->left, *ret_got, SIZE_MAX);
  return 0;
}

static int read_packed(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct packed *p = ctx;
  if (!p->xz)
    return read_plain(p, to, room, ret_got);
  *ret_got = 0;
  while (*ret_got == 0 && !p->ended) {
    p->stream.next_out = to;
    p->stream.avail_out = room;
    lzma_ret answer = lzma_code(&p->stream, LZMA_FINISH);
    *ret_got = room - p->stream.avail_out;
    p->ended = answer == LZMA_STREAM_END;
    if (answer == LZMA_MEMLIMIT_ERROR)
      return error_set(err, SW_ELIMIT, "unpacking xz takes more than %d MiB", XZ_MEMORY >> 20);
    if (answer != LZMA_OK && answer != LZMA_STREAM_END)
      return error_set(err, SW_EINVAL, "xz: damaged or cut off at byte %llu",
                       (unsigned long long)p->stream.total_in);
  }
  return 0;
}

static int open_packed(struct packed *p, struct str bytes, struct error *err)
{
  *p = (struct packed){.left = bytes, .stream = LZMA_STREAM_INIT};
  p->xz = str_starts(bytes, str_make("\3757zXZ\0", 6));
  if (!p->xz)
    return 0;
  if (lzma_stream_decoder(&p->stream, XZ_MEMORY, LZMA_CONCATENATED) != LZMA_OK)
    return error_set(err, SW_EIO, "unpacking xz cannot begin");
  p->stream.next_in = (const uint8_t *)bytes.data;
  p->stream.avail_in = bytes.len;
  return 0;
}

static void close_packed(struct packed *p)
{
  if (p->xz)
    lzma_end(&p->stream);
}

int mirror_unpack(struct str bytes, size_t max, struct buf *ret, struct error *err)
{
  const struct oci_unpack_options options = {.bytes_max = max};
  struct oci_unpack *u = NULL;
  struct packed p;
  struct str piece;
  size_t before = ret->len;
  int rc = open_packed(&p, bytes, err);
  if (rc < 0)
    return rc;
  rc = oci_unpack_new((struct oci_input){read_packed, &p}, &options, &u, err);
  while (rc == 0 && (rc = oci_unpack_next(u, &piece, err)) > 0) {
    buf_add(ret, piece);
    rc = buf_failed(ret) || ret->len - before > max
             ? error_set(err, SW_ELIMIT, "it has more than %zu bytes", max)
             : 0;
  }
  if (rc == 0)
    rc = oci_unpack_end(u, err);
  oci_unpack_free(u);
  close_packed(&p);
  if (rc < 0)
    ret->len = before;
  return rc;
}

/* ---- tar */

struct search {
  bool binary;
  struct buf *text;
  struct buf packed;
  bool upstream; /* what has been found is named as upstream's changelog may be, too */
  bool found;
};

/* "debian/changelog", or below one folder: that of a package without an upstream. */
static bool is_source_changelog(struct str path)
{
  struct str rest, below = path;
  if (str_eq(path, STR("debian/changelog")))
    return true;
  str_cut(path, '/', &rest);
  below = rest.data ? rest : STR_EMPTY;
  return str_eq(below, STR("debian/changelog"));
}

/* "usr/share/doc/curl/changelog.Debian.gz"; of packages without an upstream "changelog.gz". */
static bool is_binary_changelog(struct str path, bool *ret_upstream)
{
  struct str rest, folder = STR("usr/share/doc/");
  if (!str_starts(path, folder))
    return false;
  str_cut(str_sub(path, folder.len, SIZE_MAX), '/', &rest);
  *ret_upstream = rest.data && str_eq(rest, STR("changelog.gz"));
  return *ret_upstream || (rest.data && str_eq(rest, STR("changelog.Debian.gz")));
}

static int take_entry(void *ctx, const struct oci_entry *entry, const struct oci_input *content,
                      struct error *err)
{
  struct search *s = ctx;
  bool upstream = false;
  bool wanted = s->binary ? is_binary_changelog(entry->path, &upstream)
                          : is_source_changelog(entry->path);
  if (!wanted || entry->type != OCI_FILE || !content || (upstream && s->found))
    return 0;
  buf_clear(&s->packed);
  int rc = oci_content_read(content, MIRROR_CHANGELOG_MAX, &s->packed, err);
  if (rc < 0)
    return rc;
  s->text->len = 0;
  rc = mirror_unpack(buf_str(&s->packed), MIRROR_CHANGELOG_MAX, s->text, err);
  if (rc < 0)
    return rc;
  s->found = true;
  s->upstream = upstream;
  return upstream ? 0 : error_set(err, FOUND, "found");
}

static int search_tar(struct str bytes, bool binary, struct buf *ret_text, struct error *err)
{
  const struct oci_layer_options options = {.name = "the package", .bytes_max = TAR_MAX};
  struct search s = {.binary = binary, .text = ret_text};
  const struct oci_visitor visitor = {.entry = take_entry, .ctx = &s};
  struct packed p;
  struct error fault;
  int rc = open_packed(&p, bytes, err);
  if (rc < 0)
    return rc;
  rc = oci_layer_read((struct oci_input){read_packed, &p}, &options, &visitor, NULL, &fault);
  close_packed(&p);
  buf_free(&s.packed);
  if (s.found && (rc == 0 || rc == FOUND))
    return 0;
  ret_text->len = 0;
  if (rc == 0)
    return error_set(err, SW_ENOENT, "the package has no changelog in it");
  if (err)
    *err = fault;
  return rc;
}

/* ---- ar: "name size" in headers of 60 bytes */

static int find_data(struct str bytes, struct str *ret, struct error *err)
{
  size_t at = 8;
  while (bytes.len - at >= AR_HEADER) {
    struct str header = str_sub(bytes, at, AR_HEADER);
    unsigned long long size;
    if (!str_eq(str_sub(header, 58, 2), STR("`\n")) ||
        !str_to_u64(str_trim(str_sub(header, 48, 10)), bytes.len - at - AR_HEADER, &size))
      break;
    if (str_starts(header, STR("data.tar"))) {
      *ret = str_sub(bytes, at + AR_HEADER, (size_t)size);
      return 0;
    }
    at += AR_HEADER + (size_t)size + (size & 1);
    if (at > bytes.len)
      break;
  }
  return error_set(err, SW_EINVAL, "it is no binary package: it has no data.tar");
}

/* ---- diff */

static int search_diff(struct str bytes, struct buf *ret_text, struct error *err)
{
  _cleanup_(buf_free) struct buf diff = {0};
  bool inside = false, found = false;
  int rc = mirror_unpack(bytes, (size_t)MIRROR_PACKAGE_MAX * 16, &diff, err);
  for (struct str rest = buf_str(&diff); rc == 0 && rest.data;) {
    struct str line = str_cut(rest, '\n', &rest);
    if (str_starts(line, STR("+++ "))) {
      inside = str_ends(str_trim(line), STR("/debian/changelog"));
      found |= inside;
    } else if (str_starts(line, STR("--- "))) {
      inside = false;
    } else if (inside && str_starts(line, STR("+"))) {
      buf_add(ret_text, str_sub(line, 1, SIZE_MAX));
      buf_add_byte(ret_text, '\n');
    }
  }
  if (rc == 0 && ret_text->len > MIRROR_CHANGELOG_MAX)
    rc = error_set(err, SW_ELIMIT, "a changelog is longer than %d MiB", MIRROR_CHANGELOG_MAX >> 20);
  if (rc == 0 && !found)
    rc = error_set(err, SW_ENOENT, "the package has no changelog in it");
  return rc;
}

int mirror_changelog_find(struct str name, struct str bytes, struct buf *ret_text,
                          struct error *err)
{
  struct buf text = {0};
  struct str data = bytes;
  bool binary = str_starts(bytes, STR("!<arch>\n"));
  int rc = binary ? find_data(bytes, &data, err) : 0;
  if (rc == 0)
    rc = !binary && str_ends(name, STR(".diff.gz")) ? search_diff(bytes, &text, err)
                                                    : search_tar(data, binary, &text, err);
  if (rc == 0)
    buf_add(ret_text, buf_str(&text));
  buf_free(&text);
  return rc;
}
