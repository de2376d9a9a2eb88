#include "scan/version_range.h"

static const struct str kind_names[] = {
    [VERSION_INTRODUCED] = STR_INIT("introduced"),
    [VERSION_FIXED] = STR_INIT("fixed"),
    [VERSION_LAST_AFFECTED] = STR_INIT("last_affected"),
    [VERSION_LIMIT] = STR_INIT("limit"),
};

enum { KINDS = sizeof kind_names / sizeof kind_names[0] };

bool version_event_kind_named(struct str name, enum version_event_kind *ret_kind)
{
  for (unsigned i = 0; i < KINDS; i++)
    if (str_eq(kind_names[i], name)) {
      *ret_kind = (enum version_event_kind)i;
      return true;
    }
  return false;
}

int version_event_parse(const struct version_ops *ops, enum version_event_kind kind,
                        struct str text, struct arena *a, struct version_event *ret_event,
                        struct error *err)
{
  struct version_event event = {
      .kind = kind,
      .unbounded = (kind == VERSION_INTRODUCED && str_eq(text, STR("0"))) ||
                   (kind == VERSION_LIMIT && str_eq(text, STR("*"))),
      .version = {ops, STR_EMPTY},
      .text = text,
  };
  if (!event.unbounded && version_parse(ops, text, a, &event.version, err) < 0)
    return error_wrap(err, "the event \"%.*s\"", STR_FMT(kind_names[kind]));
  *ret_event = event;
  return 0;
}

static int order_events(const struct version_event *a, const struct version_event *b)
{
  if (a->unbounded || b->unbounded)
    return b->unbounded - a->unbounded;
  return version_order(a->version, b->version);
}

/* Bottom up, keeping the order of equals; the result is in one of the two arrays. */
static struct version_event *merge_sort(struct version_event *from, struct version_event *to,
                                        size_t count)
{
  for (size_t width = 1; width < count; width *= 2) {
    for (size_t begin = 0; begin < count; begin += 2 * width) {
      size_t left = begin, middle = begin + width < count ? begin + width : count;
      size_t right = middle, end = middle + width < count ? middle + width : count;
      for (size_t out = begin; out < end; out++) {
        bool take_left = left < middle &&
                         (right == end || order_events(&from[left], &from[right]) <= 0);
        to[out] = from[take_left ? left++ : right++];
      }
    }
    struct version_event *swap = from;
    from = to;
    to = swap;
  }
  return from;
}

/* The highest limit; one that is behind every version makes the range unlimited. */
static void add_limit(struct version_range *range, const struct version_event *event,
                      bool *unlimited)
{
  *unlimited = *unlimited || event->unbounded;
  if (event->unbounded)
    return;
  if (!range->limited || version_order(event->version, range->limit) > 0)
    range->limit = event->version;
  range->limited = true;
}

/* The events of one version, of which there is at least one: what begins there goes on, unless as many
 * branches end. Returns how many events they are. */
static size_t make_step(const struct version_event *events, size_t count, bool affected,
                        struct version_step *ret)
{
  size_t n = 0, introduced = affected, fixed = 0, last = 0;
  *ret =
      (struct version_step){events[0].unbounded, .version = events[0].version, .fixed = STR_EMPTY};
  for (; n < count && order_events(&events[0], &events[n]) == 0; n++) {
    introduced += events[n].kind == VERSION_INTRODUCED;
    fixed += events[n].kind == VERSION_FIXED;
    last += events[n].kind == VERSION_LAST_AFFECTED;
    if (events[n].kind == VERSION_FIXED)
      ret->fixed = events[n].text;
  }
  ret->affected = introduced > fixed;
  ret->affected_beyond = introduced > fixed + last;
  return n;
}

static void make_steps(struct version_range *range, const struct version_event *events,
                       size_t count, struct arena *a)
{
  struct version_step *steps = arena_array(a, struct version_step, count);
  bool affected = false;
  for (size_t i = 0; i < count;) {
    struct version_step *step = &steps[range->count++];
    i += make_step(events + i, count - i, affected, step);
    affected = step->affected_beyond;
  }
  range->steps = steps;
}

int version_range_make(const struct version_ops *ops, const struct version_event *events,
                       size_t count, struct arena *a, struct version_range *ret_range,
                       struct error *err)
{
  struct version_range range = {.ops = ops, .limit = {ops, STR_EMPTY}};
  bool unlimited = false, introduced = false;
  if (count > VERSION_EVENTS_MAX)
    return error_set(err, SW_ELIMIT, "a range of %zu events has more than %d", count,
                     VERSION_EVENTS_MAX);
  struct version_event *sorted = arena_array(a, struct version_event, count);
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    introduced = introduced || events[i].kind == VERSION_INTRODUCED;
    if (events[i].kind == VERSION_LIMIT)
      add_limit(&range, &events[i], &unlimited);
    else
      sorted[kept++] = events[i];
  }
  if (!introduced)
    return error_set(err, SW_EINVAL, "a range without \"introduced\" affects nothing");
  range.limited = range.limited && !unlimited;
  make_steps(&range, merge_sort(sorted, arena_array(a, struct version_event, kept), kept), kept, a);
  *ret_range = range;
  return 0;
}

/* -1, 0 or 1: the version comes before the step, is its own, or is behind it. */
static int order_step(struct version version, const struct version_step *step)
{
  return step->unbounded ? 1 : version_order(version, step->version);
}

/* The last step that the version has reached is steps[i - 1]; *ret_affected is what it says. */
static uint32_t find_step(const struct version_range *range, struct version version,
                          bool *ret_affected)
{
  uint32_t i = 0;
  *ret_affected = false;
  for (int order; i < range->count && (order = order_step(version, &range->steps[i])) >= 0; i++)
    *ret_affected = order ? range->steps[i].affected_beyond : range->steps[i].affected;
  if (range->limited && version_order(version, range->limit) >= 0)
    *ret_affected = false;
  return i;
}

bool version_range_affects(const struct version_range *range, struct version version)
{
  bool affected;
  find_step(range, version, &affected);
  return affected;
}

const struct version_step *version_range_fix(const struct version_range *range,
                                             struct version version)
{
  bool affected;
  uint32_t i = find_step(range, version, &affected);
  if (!affected || (i > 0 && !range->steps[i - 1].affected_beyond))
    return NULL;
  for (; i < range->count; i++) {
    if (!range->steps[i].affected)
      return &range->steps[i];
    if (!range->steps[i].affected_beyond)
      return NULL;
  }
  return NULL;
}
