/*
 * What the strict decoder takes is just what the encoder gives; what Go's takes is the same or more;
 * any bytes come back.
 */
#include "data/base64.h"

#include <assert.h>

static void check_decode(struct arena *a, struct str text, unsigned flags)
{
  struct str strict = {NULL, 77}, loose;
  struct error err;
  int rc = base64_decode(a, text, flags, &strict, &err);
  int as_go = base64_decode(a, text, flags | BASE64_AS_GO, &loose, NULL);
  if (rc < 0) {
    assert(err.code == SW_EINVAL && err.column >= 1 && err.column <= text.len + 1);
    assert(strict.len == 77);
    return;
  }
  assert(as_go == 0 && str_eq(strict, loose));
  assert(str_eq(base64_encode(a, strict, flags), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str bytes = {(const char *)data, size}, back;
  struct arena a;
  arena_init(&a, 0);
  for (unsigned flags = 0; flags < 4; flags++) {
    check_decode(&a, bytes, flags);
    assert(base64_decode(&a, base64_encode(&a, bytes, flags), flags, &back, NULL) == 0);
    assert(str_eq(back, bytes));
  }
  arena_free(&a);
  return 0;
}
