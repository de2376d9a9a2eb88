/*
 * JSON Web Keys. Whatever they are, reading ends; every key that is read can be written as a JWK, and
 * read again.
 */
#include "lang/jwk.h"
#include "data/json.h"

#include <stdlib.h>

static void must(bool ok)
{
  if (!ok)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena;
  struct value document;
  struct error err;
  struct json_options options = {.depth_max = 40};
  _cleanup_(jwk_set_free) struct jwk_set set = {0};
  if (size > 16384)
    return 0;
  arena_init(&arena, 64 << 20);
  struct str text = str_make((const char *)data, size);
  if (json_parse(&arena, text, &options, &document, NULL) == 0) {
    int rc = jwk_read(&arena, document, &set, &err);
    must(rc == 0 ? set.count <= JWK_SET_MAX : err.message[0] != '\0');
    for (size_t i = 0; i < set.count; i++) {
      _cleanup_(jwk_set_free) struct jwk_set again = {0};
      if (!set.items[i].key)
        continue;
      struct value v = jwk_write(&arena, set.items[i].key);
      must(jwk_read(&arena, v, &again, &err) == 0 && again.count == 1 && again.items[0].key);
    }
  }
  jwk_set_free(&set);
  arena_free(&arena);
  return 0;
}
