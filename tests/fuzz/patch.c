/*
 * Two JSON values, a document and a patch: a patch that fails changes nothing, one that works works
 * again when it has been written and read, and the difference of any two values leads from one to
 * the other.
 */
#include "data/patch.h"
#include "base/mem.h"
#include "data/compare.h"
#include "data/json.h"
#include "data/json_write.h"

#include <assert.h>

static void check_diff(struct arena *a, struct value from, struct value to)
{
  struct patch patch;
  struct value result = VALUE_NONE;
  patch_diff(a, from, to, &patch);
  assert((patch.count == 0) == value_equal(from, to));
  assert(patch_apply(a, from, &patch, NULL, &result, NULL) == 0);
  assert(value_equal(result, to));
  assert(patch_read(a, patch_document(a, &patch), NULL, &patch, NULL) == 0);
}

static void check_apply(struct arena *a, struct value document, struct value patch_text)
{
  struct patch_limits limits = {.copied_nodes = 10000, .copied_bytes = 1 << 20};
  struct patch patch;
  struct error err;
  struct value result = value_int(4711), again;
  int rc = patch_read(a, patch_text, &limits, &patch, &err);
  if (rc == 0)
    rc = patch_apply(a, document, &patch, &limits, &result, &err);
  if (rc < 0) {
    assert(err.code == rc && err.message[0]);
    assert(result.type == VALUE_NUMBER && result.integer == 4711);
    return;
  }
  assert(patch_read(a, patch_document(a, &patch), &limits, &patch, NULL) == 0);
  assert(patch_apply(a, document, &patch, &limits, &again, NULL) == 0);
  assert(value_equal(result, again));
  check_diff(a, document, result);
  check_diff(a, result, document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size > 4096)
    return 0;
  struct arena a;
  arena_init(&a, 0);
  struct json_options options = {.positions = size % 2};
  struct json_cursor cursor = json_cursor_start(str_make((const char *)data, size));
  struct value document, patch;
  if (json_parse_next(&a, &cursor, &options, &document, NULL, NULL) > 0 &&
      json_parse_next(&a, &cursor, &options, &patch, NULL, NULL) > 0) {
    _cleanup_(buf_free) struct buf before = {0}, after = {0};
    json_write(&before, document, 0);
    check_apply(&a, document, patch);
    check_diff(&a, document, patch);
    json_write(&after, document, 0);
    assert(str_eq(buf_str(&before), buf_str(&after)));
  }
  arena_free(&a);
  return 0;
}
