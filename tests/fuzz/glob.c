/*
 * The first byte chooses the flags, the first line is a pattern, the rest a text. Both ways of
 * matching names agree, and so do the direct comparison of plain patterns and the program of states
 * (which empty braces force).
 */
#include "data/glob.h"
#include "base/mem.h"

#include <assert.h>

static void check_name(struct arena *a, struct str pattern, struct str text)
{
  struct glob *glob;
  if (glob_compile(a, pattern, STR_EMPTY, GLOB_WILDCARD, &glob, NULL) < 0)
    return;
  assert(glob_match(glob, text) == glob_match_name(pattern, text));
}

static void check_syntax(struct arena *a, struct str pattern, struct str text, unsigned flags)
{
  struct glob *glob, *forced;
  struct error err;
  int rc = glob_compile(a, pattern, STR("/."), flags, &glob, &err);
  if (rc < 0) {
    assert(err.code == rc && err.message[0]);
    assert(rc == SW_ELIMIT || (err.line == 1 && err.column <= pattern.len));
    return;
  }
  bool matches = glob_match(glob, text);
  struct str braced = arena_printf(a, "%.*s{}", STR_FMT(pattern));
  /* a "**" at the end is a component of its own; with braces behind it, it is not */
  bool comparable = (flags & GLOB_BRACES) && !(flags & GLOB_COMPONENTS) &&
                    str_find_byte(pattern, 0, '\0') < 0 && braced.len <= GLOB_LENGTH_MAX;
  if (comparable && glob_compile(a, braced, STR("/."), flags, &forced, NULL) == 0)
    assert(glob_match(forced, text) == matches);
  if (!glob_is_pattern(pattern, flags) && !(flags & (GLOB_NOCASE | GLOB_BRACES)))
    assert(matches == str_eq(pattern, text));
}

static void check_exclude(struct arena *a, struct str pattern, struct str path)
{
  struct glob_exclude *exclude;
  if (glob_exclude_compile(a, pattern, &exclude, NULL) < 0)
    return;
  bool file = glob_excluded(exclude, path, false);
  assert(!file || glob_excluded(exclude, path, true));
  ptrdiff_t slash = str_find_last_byte(path, '/');
  if (slash > 0 && glob_excluded(exclude, str_sub(path, 0, (size_t)slash), true))
    assert(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 1 || size > 3000)
    return 0;
  struct str text, pattern = str_cut(str_make((const char *)data + 1, size - 1), '\n', &text);
  struct arena a;
  arena_init(&a, 0);
  check_name(&a, pattern, text);
  check_syntax(&a, pattern, text, data[0]);
  check_exclude(&a, pattern, text);
  arena_free(&a);
  return 0;
}
