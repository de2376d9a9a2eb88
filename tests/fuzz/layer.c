/*
 * Whatever the bytes: reading ends within its limits; paths are clean; contents are as long as they say; in pieces
 * of any size the same comes out; and where it went well, it goes well with the digests of what was read.
 *
 * The first byte is the size of the pieces (0: all at once); its top bit makes the visitor leave contents unread.
 */
#include "oci/layer.h"

#include "base/arena.h"
#include "base/hash.h"
#include "crypto/digest.h"

#include <assert.h>

struct bytes {
  struct str rest;
  size_t piece;
};

static int read_bytes(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct bytes *b = ctx;
  (void)err;
  struct str piece = str_sub(b->rest, 0, b->piece && b->piece < room ? b->piece : room);
  if (piece.len)
    memcpy(to, piece.data, piece.len);
  b->rest = str_sub(b->rest, piece.len, SIZE_MAX);
  *ret_got = piece.len;
  return 0;
}

struct seen {
  uint64_t hash, count;
  bool skip;
};

static void check_path(struct str path)
{
  assert(path.len <= OCI_PATH_MAX);
  struct str rest = path;
  while (path.len && rest.data) {
    struct str part = str_cut(rest, '/', &rest);
    assert(part.len && !str_eq(part, STR(".")) && !str_eq(part, STR("..")));
  }
}

static int on_entry(void *ctx, const struct oci_entry *e, const struct oci_input *content,
                    struct error *err)
{
  struct seen *s = ctx;
  check_path(e->path);
  if (e->type == OCI_HARDLINK)
    check_path(e->link);
  assert(e->number == s->count++ && (content != NULL) == (e->type == OCI_FILE));
  s->hash = hash_mix(s->hash, hash_bytes(e->path) ^ hash_bytes(e->link) ^ e->size ^ e->mode);
  if (!content || s->skip || e->size > 1 << 20)
    return 0;
  _cleanup_(buf_free) struct buf text = {0};
  int rc = oci_content_read(content, 1 << 20, &text, err);
  if (rc < 0)
    return rc;
  s->hash = hash_mix(s->hash, hash_bytes(buf_str(&text)));
  return 0;
}

static int read_once(struct str text, size_t piece, bool skip, const struct oci_descriptor *packed,
                     struct seen *seen)
{
  struct bytes b = {text, piece};
  *seen = (struct seen){.skip = skip};
  const struct oci_visitor visitor = {on_entry, seen};
  const struct oci_layer_options options = {
      .packed = packed, .entries_max = 5000, .bytes_max = 16 << 20};
  struct oci_layer_totals totals;
  struct error err;
  int rc = oci_layer_read((struct oci_input){read_bytes, &b}, &options, &visitor, &totals, &err);
  if (rc < 0)
    assert(err.code == rc && str_starts(str_from(err.message), STR("layer: ")));
  else
    assert(totals.entries == seen->count && totals.packed_bytes == text.len &&
           totals.tar_bytes <= 16 << 20);
  return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size == 0 || size > 1 << 20)
    return 0;
  struct str text = str_make((const char *)data + 1, size - 1);
  struct seen one, two;
  bool skip = data[0] & 0x80;
  int rc = read_once(text, 0, skip, NULL, &one);
  int again = read_once(text, data[0] & 0x7f, skip, NULL, &two);
  assert(again == rc && (rc < 0 || one.hash == two.hash));
  struct digest sum;
  struct arena arena;
  struct error err;
  arena_init(&arena, 0);
  assert(digest_of(DIGEST_SHA256, text, &sum, &err) == 0);
  struct str hex = digest_hex(&arena, &sum);
  struct oci_descriptor d = {.size = text.len,
                             .digest = arena_printf(&arena, "sha256:%.*s", STR_FMT(hex))};
  if (rc == 0) {
    assert(read_once(text, 0, skip, &d, &two) == 0);
    d.size++;
    assert(read_once(text, 0, skip, &d, &two) == SW_EINVAL);
  }
  arena_free(&arena);
  return 0;
}
