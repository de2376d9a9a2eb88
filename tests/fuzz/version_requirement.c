/*
 * The first line names an order, the second is a version, the third a requirement: reading ends with a
 * requirement or an error; for npm, what is met without pre-releases counting is a release or named, and an
 * alternative more never makes it unmet.
 */
#include "scan/version_requirement.h"
#include "base/mem.h"

#include <assert.h>

static bool read(const struct version_ops *ops, struct str text, unsigned flags, struct arena *a,
                 struct version_requirement *ret)
{
  struct error err;
  int result = version_requirement_parse(ops, text, flags, a, ret, &err);
  assert(result == 0 || (err.code == result && err.message[0]));
  assert(result < 0 || (ret->count > 0 && ret->count <= VERSION_BOUNDS_MAX));
  return result == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str rest, name = str_cut(str_make((const char *)data, size), '\n', &rest);
  const struct version_ops *ops = version_ops_named(name);
  struct version_requirement plain, more, all;
  struct version version;
  struct arena arena;
  if (!ops || !rest.data)
    return 0;
  arena_init(&arena, 1 << 20);
  bool known = version_parse(ops, str_cut(rest, '\n', &rest), &arena, &version, NULL) == 0;
  if (known && rest.data && read(ops, rest, 0, &arena, &plain)) {
    bool met = version_requirement_matches(&plain, version);
    bool npm = str_eq(name, STR("npm"));
    struct str longer = arena_printf(&arena, "%.*s || 4.5.6-rc.1", STR_FMT(rest));
    if (npm && read(ops, longer, 0, &arena, &more))
      assert(!met || version_requirement_matches(&more, version));
    if (npm)
      read(ops, rest, VERSION_PRERELEASES, &arena, &all);
  }
  arena_free(&arena);
  return 0;
}
