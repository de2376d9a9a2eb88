/*
 * regex.globs_match: is there a text that two patterns both match? The patterns are small regular
 * expressions: characters, '.', sets "[a-z]", each perhaps with '+' or '*' behind it, and '\' in front
 * of a character that means itself.
 */
#include "base/utf8.h"
#include "lang/builtin_int.h"

enum { UNITS_MAX = 4096, SET_RANGES_MAX = 64 };

struct range {
  uint32_t first, last;
};

/* One unit of a pattern: its characters, and how often they come. */
struct unit {
  struct range *ranges;
  uint32_t count;
  bool skips; /* may be left out */
  bool loops; /* may come again */
};

struct pattern {
  struct str text;
  size_t at;
  uint32_t position; /* of the character at `at`, from 0 */
  struct unit *units;
  uint32_t count;
};

static bool fail_at(struct builtin_context *c, const struct pattern *p, const char *what)
{
  builtin_fail(c, "input:%.*s, pos:%u, %s: the input provided is invalid", STR_FMT(p->text),
               p->position, what);
  return false;
}

/* The next character, perhaps escaped. */
static uint32_t take_point(struct pattern *p)
{
  uint32_t point;
  unsigned size = utf8_decode(p->text, p->at, &point);
  p->at += size ? size : 1;
  p->position++;
  return point;
}

static bool take_escaped(struct builtin_context *c, struct pattern *p, uint32_t *ret)
{
  *ret = take_point(p);
  if (*ret != '\\')
    return true;
  if (p->at >= p->text.len)
    return fail_at(c, p, "input ends with a \\ (escape) character");
  *ret = take_point(p);
  return true;
}

static bool take_set(struct builtin_context *c, struct pattern *p, struct unit *unit)
{
  unit->ranges = arena_array(c->arena, struct range, SET_RANGES_MAX);
  while (p->at < p->text.len && p->text.data[p->at] != ']') {
    struct range r;
    if (unit->count == SET_RANGES_MAX)
      return fail_at(c, p, "a set has too many characters");
    if (!take_escaped(c, p, &r.first))
      return false;
    r.last = r.first;
    bool dash = p->at + 1 < p->text.len && p->text.data[p->at] == '-' &&
                p->text.data[p->at + 1] != ']';
    if (dash) {
      take_point(p);
      if (!take_escaped(c, p, &r.last))
        return false;
      if (r.last < r.first)
        return fail_at(c, p, "a range's end comes before its start");
    }
    unit->ranges[unit->count++] = r;
  }
  if (p->at >= p->text.len)
    return fail_at(c, p, "found [ without matching ]");
  take_point(p);
  return true;
}

static bool take_unit(struct builtin_context *c, struct pattern *p)
{
  struct unit *unit = &p->units[p->count++];
  *unit = (struct unit){.count = 0};
  char first = p->text.data[p->at];
  uint32_t point;
  if (!take_escaped(c, p, &point))
    return false;
  if (first == ']')
    return fail_at(c, p, "set-close ']' with no preceding '['");
  if (first == '+' || first == '*')
    return fail_at(c, p, "flag must be preceded by a non-flag");
  if (first == '[') {
    if (!take_set(c, p, unit))
      return false;
  } else {
    unit->ranges = arena_array(c->arena, struct range, 1);
    unit->ranges[0] = first == '.' ? (struct range){0, UTF8_POINT_MAX}
                                   : (struct range){point, point};
    unit->count = 1;
  }
  char flag = p->at < p->text.len ? p->text.data[p->at] : '\0';
  unit->skips = flag == '*';
  unit->loops = flag == '*' || flag == '+';
  if (unit->loops)
    take_point(p);
  return true;
}

static bool read_pattern(struct builtin_context *c, struct str text, struct pattern *p)
{
  *p = (struct pattern){.text = text};
  if (text.len > UNITS_MAX) {
    builtin_fail(c, "a pattern is longer than %d bytes", UNITS_MAX);
    return false;
  }
  p->units = arena_array(c->arena, struct unit, text.len);
  while (p->at < text.len)
    if (!take_unit(c, p))
      return false;
  return true;
}

static bool share_character(const struct unit *x, const struct unit *y)
{
  for (uint32_t i = 0; i < x->count; i++)
    for (uint32_t k = 0; k < y->count; k++)
      if (x->ranges[i].first <= y->ranges[k].last && y->ranges[k].first <= x->ranges[i].last)
        return true;
  return false;
}

enum { REACHED = 1, FIRST_LOOPS = 2, SECOND_LOOPS = 4 };

/*
 * Both patterns as machines that read the same text: state (i, k) has i units of one and k of the other
 * behind it. No step leads back, so that one pass in order visits all. A unit that may come again stays
 * open once it has been read: FIRST_LOOPS (SECOND_LOOPS) says that the unit before i (k) is. Leaving a
 * unit out closes the one before it on that side and leaves the other side as it is. Where both are open,
 * either may read on with what the other reads next.
 */
static bool have_common_text(struct builtin_context *c, const struct pattern *x,
                             const struct pattern *y)
{
  size_t width = (size_t)y->count + 1, height = (size_t)x->count + 1;
  uint8_t *seen = arena_zalloc(c->arena, width * height, 1);
  seen[0] = REACHED;
  for (size_t i = 0; i < height; i++)
    for (size_t k = 0; k < width; k++) {
      uint8_t *here = &seen[i * width + k];
      if (!*here)
        continue;
      const struct unit *u = i < x->count ? &x->units[i] : NULL;
      const struct unit *v = k < y->count ? &y->units[k] : NULL;
      uint8_t u_open = u && u->loops ? FIRST_LOOPS : 0, v_open = v && v->loops ? SECOND_LOOPS : 0;
      if (u && u->skips)
        here[width] |= REACHED | (*here & SECOND_LOOPS);
      if (v && v->skips)
        here[1] |= REACHED | (*here & FIRST_LOOPS);
      if (u && v && share_character(u, v))
        here[width + 1] |= REACHED | u_open | v_open;
      if (*here & FIRST_LOOPS && v && share_character(&x->units[i - 1], v))
        here[1] |= REACHED | FIRST_LOOPS | v_open;
      if (*here & SECOND_LOOPS && u && share_character(u, &y->units[k - 1]))
        here[width] |= REACHED | SECOND_LOOPS | u_open;
    }
  return seen[width * height - 1];
}

CALL(globs_match)
{
  struct str first, second;
  struct pattern x, y;
  if (!builtin_want_string(c, args, 1, &first) || !builtin_want_string(c, args, 2, &second) ||
      !builtin_spend(c, (uint64_t)first.len * second.len) || !read_pattern(c, first, &x) ||
      !read_pattern(c, second, &y))
    return BUILTIN_ERROR;
  return give(ret, value_bool(have_common_text(c, &x, &y)));
}

const struct builtin builtins_globs[] = {
    ROW(globs_match, "regex.globs_match", 2, "string, string", "boolean"),
    {.name = NULL},
};
