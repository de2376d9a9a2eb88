/*
 * The first line names an order, the second is a version, the others are events ("introduced 1.0"): what a
 * range says of a version is what its events say, and a fix is behind the version and not affected. Maven's order
 * is not transitive, so there what comes out depends on how one sorts.
 */
#include "scan/version_range.h"
#include "base/mem.h"

#include <assert.h>

enum { EVENTS_MAX = 64 };

/* The lowest event behind `after` (NULL: of all). */
static const struct version_event *next_event(const struct version_event *events, size_t count,
                                              const struct version_event *after)
{
  const struct version_event *next = NULL;
  for (size_t i = 0; i < count; i++) {
    const struct version_event *e = &events[i];
    bool behind = !after || (!e->unbounded &&
                             (after->unbounded || version_order(e->version, after->version) > 0));
    bool lower = !next || (!next->unbounded &&
                           (e->unbounded || version_order(e->version, next->version) < 0));
    if (e->kind != VERSION_LIMIT && behind && lower)
      next = e;
  }
  return next;
}

static bool same(const struct version_event *a, const struct version_event *b)
{
  return a->unbounded || b->unbounded ? a->unbounded == b->unbounded
                                      : version_order(a->version, b->version) == 0;
}

/* The same as the range says, from the events alone and without sorting them. */
static bool affects(const struct version_event *events, size_t count, struct version v)
{
  const struct version_event *at = NULL;
  long open = 0;
  while ((at = next_event(events, count, at)) &&
         (at->unbounded || version_order(v, at->version) >= 0)) {
    bool beyond = at->unbounded || version_order(v, at->version) > 0;
    for (size_t i = 0; i < count; i++)
      if (events[i].kind != VERSION_LIMIT && same(&events[i], at))
        open += events[i].kind == VERSION_INTRODUCED        ? 1
                : events[i].kind == VERSION_FIXED || beyond ? -1
                                                            : 0;
    open = open > 0;
  }
  return open > 0;
}

static void check(const struct version_range *range, const struct version_event *events,
                  size_t count, struct version v)
{
  const struct version_step *fix = version_range_fix(range, v);
  bool within = !range->limited || version_order(v, range->limit) < 0;
  if (!str_eq(version_ops_name(range->ops), STR("maven")))
    assert(version_range_affects(range, v) == (within && affects(events, count, v)));
  if (!fix)
    return;
  assert(version_range_affects(range, v) && fix->fixed.len);
  assert(version_order(v, fix->version) < 0);
  if (!str_eq(version_ops_name(range->ops), STR("maven")))
    assert(!version_range_affects(range, fix->version));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str rest, name = str_cut(str_make((const char *)data, size), '\n', &rest);
  const struct version_ops *ops = version_ops_named(name);
  struct version_event events[EVENTS_MAX];
  struct version_range range;
  struct version version;
  struct arena arena;
  size_t count = 0;
  if (!ops)
    return 0;
  arena_init(&arena, 1 << 20);
  bool read = version_parse(ops, str_cut(rest, '\n', &rest), &arena, &version, NULL) == 0;
  while (read && rest.data && count < EVENTS_MAX) {
    enum version_event_kind kind;
    struct error err;
    struct str text, word = str_cut(str_cut(rest, '\n', &rest), ' ', &text);
    if (!version_event_kind_named(word, &kind))
      continue;
    int result = version_event_parse(ops, kind, text, &arena, &events[count], &err);
    assert(result == 0 || (err.code == result && err.message[0]));
    count += result == 0;
  }
  if (read && version_range_make(ops, events, count, &arena, &range, NULL) == 0)
    check(&range, events, count, version);
  arena_free(&arena);
  return 0;
}
