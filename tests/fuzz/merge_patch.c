/*
 * Two JSON values, a target and a merge patch: merging the patch a second time changes nothing more,
 * and the target never changes.
 */
#include "data/merge_patch.h"
#include "base/mem.h"
#include "data/compare.h"
#include "data/json.h"
#include "data/json_write.h"

#include <assert.h>

static void check_members(struct value patch, struct value result)
{
  for (uint32_t i = 0; i < patch.len; i++) {
    struct value_member m = patch.members[i];
    struct value now = value_get(result, m.key);
    if (m.value.type == VALUE_NULL)
      assert(now.type == VALUE_ABSENT);
    else if (m.value.type != VALUE_OBJECT)
      assert(value_equal(now, m.value));
    else
      assert(now.type == VALUE_OBJECT);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena a;
  arena_init(&a, 256 << 20);
  struct json_options options = {.positions = size % 2};
  struct json_cursor cursor = json_cursor_start(str_make((const char *)data, size));
  struct value target, patch, once, twice;
  if (json_parse_next(&a, &cursor, &options, &target, NULL, NULL) > 0 &&
      json_parse_next(&a, &cursor, &options, &patch, NULL, NULL) > 0) {
    _cleanup_(buf_free) struct buf before = {0}, after = {0};
    json_write(&before, target, 0);
    assert(merge_patch_apply(&a, target, patch, &once, NULL) == 0);
    assert(merge_patch_apply(&a, once, patch, &twice, NULL) == 0);
    assert(value_equal(once, twice));
    if (patch.type == VALUE_OBJECT)
      check_members(patch, once);
    else
      assert(value_equal(once, patch));
    json_write(&after, target, 0);
    assert(str_eq(buf_str(&before), buf_str(&after)));
  }
  arena_free(&a);
  return 0;
}
