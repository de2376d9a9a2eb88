/*
 * Whatever was stated: leaves and steps hold together, what is written as SPDX is valid and reads the same, and an
 * empty policy allows it.
 */
#include "scan/license.h"
#include "base/mem.h"

#include <assert.h>

static void check(const struct license *license)
{
  size_t depth = 0;
  assert((license->leaf_count == 0) == (license->expression.len == 0));
  for (size_t i = 0; i < license->step_count; i++) {
    if (license->steps[i].operator== LICENSE_LEAF) {
      assert(license->steps[i].leaf < license->leaf_count);
      depth++;
    } else {
      assert(depth >= 2);
      depth--;
    }
  }
  assert(depth == (license->step_count > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena;
  struct license license, again;
  arena_init(&arena, 0);
  license_read(&arena, str_make((const char *)data, size), &license);
  check(&license);
  assert(license_allowed(&license, &(struct license_policy){0}, NULL));
  struct str spdx = license_spdx(&arena, &license);
  license_read(&arena, spdx, &again);
  check(&again);
  assert(again.spdx || spdx.len == 0);
  assert(str_eq(again.expression, spdx));
  assert(again.leaf_count == license.leaf_count);
  arena_free(&arena);
  return 0;
}
