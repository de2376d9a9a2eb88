/*
 * Executables with build information: however the bytes come in pieces, the packages are the same, and the file may
 * be wanted or not.
 */
#include "base/mem.h"
#include "scan/language/binary.h"

#include <assert.h>

struct pieces {
  struct str bytes;
  size_t at, piece;
};

static int read_pieces(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  struct pieces *p = ctx;
  (void)err;
  struct str piece = str_sub(p->bytes, p->at, p->piece < room ? p->piece : room);
  if (piece.len)
    memcpy(to, piece.data, piece.len);
  p->at += piece.len;
  *ret_got = piece.len;
  return 0;
}

static int scan(struct str bytes, size_t piece, struct package_list *list)
{
  struct pieces pieces = {.bytes = bytes, .piece = piece};
  const struct oci_input input = {read_pieces, &pieces};
  const struct analyser_file file = {.path = STR("a"), .mode = 0755, .size = bytes.len};
  struct error err = {.code = 0};
  binary_wants_head(&file, str_sub(bytes, 0, ANALYSER_HEAD), 0);
  int rc = binary_stream(&file, &input, list, &err);
  assert(rc == 0 || (rc == err.code && err.message[0]));
  return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str bytes = str_make((const char *)data, size);
  struct arena arena;
  struct package_list whole, parts;
  arena_init(&arena, 0);
  package_list_init(&whole, &arena, PACKAGE_LIST_DEVELOPMENT);
  package_list_init(&parts, &arena, PACKAGE_LIST_DEVELOPMENT);
  int rc = scan(bytes, SIZE_MAX, &whole), other = scan(bytes, 7, &parts);
  assert(rc == other && whole.count == parts.count);
  for (size_t i = 0; i < whole.count; i++)
    assert(str_eq(whole.items[i].name, parts.items[i].name) &&
           str_eq(whole.items[i].version.text, parts.items[i].version.text) &&
           (whole.items[i].type == PACKAGE_GOLANG || whole.items[i].type == PACKAGE_CARGO));
  package_list_free(&whole);
  package_list_free(&parts);
  arena_free(&arena);
  return 0;
}
