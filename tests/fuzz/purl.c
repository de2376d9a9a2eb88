/*
 * What is read can be written, and what is written reads the same: the canonical form of a canonical form is
 * itself.
 */
#include "scan/purl.h"
#include "base/mem.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena;
  struct purl purl, again;
  struct error err;
  _cleanup_(buf_free) struct buf out = {0};
  _cleanup_(buf_free) struct buf second = {0};
  arena_init(&arena, 0);
  int rc = purl_parse(&arena, str_make((const char *)data, size), &purl, &err);
  assert(rc == 0 || (err.code == rc && err.message[0]));
  if (rc == 0 && (rc = purl_write(&out, &purl, &err)) < 0)
    assert(rc == SW_ELIMIT && out.len == 0); /* encoding made it too long */
  if (rc == 0) {
    assert(purl_parse(&arena, buf_str(&out), &again, &err) == 0);
    assert(purl_write(&second, &again, &err) == 0);
    assert(str_eq(buf_str(&out), buf_str(&second)));
    assert(str_eq(purl.type, again.type) && str_eq(purl.name, again.name));
    assert(str_eq(purl.name_space, again.name_space) && str_eq(purl.version, again.version));
    assert(str_eq(purl.subpath, again.subpath) && purl.qualifier_count == again.qualifier_count);
  }
  arena_free(&arena);
  return 0;
}
