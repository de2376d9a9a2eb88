/*
 * Sets of versions. Some sources list what is mended ("~> 1.2.3", ">= 1.3.1") and mean everything else; as a range of
 * OSV that is the rest of all versions, with its fixes.
 */
#include "scan/advisory/import_int.h"

#include <stdlib.h>

enum { INTERVALS_MAX = 1024, PARTS_MAX = 16, NUMBER_DIGITS = 18 };

/* ---- order of bounds */

/* Where an interval begins: before the version, or behind it. */
static int order_low(const struct import_bound *a, const struct import_bound *b)
{
  if (a->unbounded || b->unbounded)
    return (int)b->unbounded - (int)a->unbounded;
  int order = version_order(a->version, b->version);
  return order ? order : (int)b->inclusive - (int)a->inclusive;
}

static int order_high(const struct import_bound *a, const struct import_bound *b)
{
  if (a->unbounded || b->unbounded)
    return (int)a->unbounded - (int)b->unbounded;
  int order = version_order(a->version, b->version);
  return order ? order : (int)a->inclusive - (int)b->inclusive;
}

/* Whether nothing lies between where one ends and the other begins; *ret_gap: something does. */
static bool reaches(const struct import_bound *high, const struct import_bound *low)
{
  if (high->unbounded || low->unbounded)
    return true;
  int order = version_order(high->version, low->version);
  return order > 0 || (order == 0 && (high->inclusive || low->inclusive));
}

static bool is_empty(const struct import_interval *i)
{
  if (i->low.unbounded || i->high.unbounded)
    return false;
  int order = version_order(i->low.version, i->high.version);
  return order > 0 || (order == 0 && !(i->low.inclusive && i->high.inclusive));
}

static int by_low(const void *a, const void *b)
{
  return order_low(&((const struct import_interval *)a)->low,
                   &((const struct import_interval *)b)->low);
}

/* ---- requirements */

struct parts {
  unsigned long long numbers[PARTS_MAX];
  size_t count;
  bool wild;       /* ends in "x" or "*" */
  bool prerelease; /* letters follow */
};

/* The numbers that a version begins with. */
static struct parts read_parts(struct str version)
{
  struct parts p = {0};
  struct str rest = version;
  while (rest.data && p.count < PARTS_MAX) {
    struct str part = str_cut(rest, '.', &rest);
    if (str_eq(part, STR("x")) || str_eq(part, STR("X")) || str_eq(part, STR("*"))) {
      p.wild = true;
      return p;
    }
    if (part.len > NUMBER_DIGITS || !str_to_u64(part, UINT64_MAX >> 1, &p.numbers[p.count])) {
      p.prerelease = true;
      return p;
    }
    p.count++;
  }
  return p;
}

/* The least version that is behind all with the first `keep` numbers: pre-releases of it are in front of it, and are
 * not meant by what stays below. */
static struct str behind(const struct import_intervals *set, const struct parts *p, size_t keep)
{
  struct buf out = {0};
  for (size_t i = 0; i < keep; i++)
    buf_printf(&out, "%s%llu", i ? "." : "", p->numbers[i] + (i + 1 == keep));
  for (size_t i = keep; set->syntax == IMPORT_SYNTAX_NPM && i < 3; i++)
    buf_add(&out, STR(".0"));
  buf_add(&out, set->syntax == IMPORT_SYNTAX_NPM ? STR("-0") : STR(".a"));
  struct str text = arena_copy(set->arena, buf_str(&out));
  buf_free(&out);
  return text;
}

static int set_bound(const struct import_intervals *set, struct import_bound *bound,
                     struct str text, bool inclusive, struct error *err)
{
  *bound = (struct import_bound){.inclusive = inclusive, .text = text};
  return version_parse(set->ops, text, set->arena, &bound->version, err);
}

/* Narrows the interval to what a comparison allows as well. */
static int narrow(const struct import_intervals *set, struct import_interval *i,
                  const struct str *low, bool low_inclusive, const struct str *high,
                  bool high_inclusive, struct error *err)
{
  struct import_bound bound;
  int rc = 0;
  if (low && (rc = set_bound(set, &bound, *low, low_inclusive, err)) == 0 &&
      order_low(&bound, &i->low) > 0)
    i->low = bound;
  if (rc == 0 && high && (rc = set_bound(set, &bound, *high, high_inclusive, err)) == 0 &&
      order_high(&bound, &i->high) < 0)
    i->high = bound;
  return rc;
}

/* "1.2", "1.x" and "1" are all versions that begin so in npm. */
static int narrow_equal(const struct import_intervals *set, struct import_interval *i,
                        struct str version, struct error *err)
{
  struct parts p = read_parts(version);
  bool partial = set->syntax == IMPORT_SYNTAX_NPM && !p.prerelease && (p.wild || p.count < 3);
  if (!partial)
    return narrow(set, i, &version, true, &version, true, err);
  if (p.count == 0)
    return 0;
  struct str high = behind(set, &p, p.count);
  struct str low = str_sub(version, 0, 0);
  for (size_t k = 0; k < 3; k++)
    low = arena_printf(set->arena, "%.*s%s%llu", STR_FMT(low), k ? "." : "",
                       k < p.count ? p.numbers[k] : 0);
  return narrow(set, i, &low, true, &high, false, err);
}

/* "~> 1.2.3" of gems, "~1.2.3" and "^1.2.3" of npm. */
static int narrow_series(const struct import_intervals *set, struct import_interval *i, char sign,
                         struct str version, struct error *err)
{
  struct parts p = read_parts(version);
  size_t keep = p.count > 1 ? p.count - 1 : 1;
  if (p.count == 0)
    return error_set(err, SW_EINVAL, "\"%.*s\" begins with no number", STR_FMT(version));
  if (sign == '^')
    for (keep = 1; keep < p.count && p.numbers[keep - 1] == 0;)
      keep++;
  else if (sign == '~')
    keep = p.count > 2 ? 2 : p.count;
  struct str high = behind(set, &p, keep);
  return narrow(set, i, &version, true, &high, false, err);
}

static const struct {
  struct str sign;
  char kind;
} signs[] = {
    {STR_INIT("~>"), '>'}, {STR_INIT("<="), 'l'}, {STR_INIT(">="), 'g'}, {STR_INIT("=="), '='},
    {STR_INIT("!="), '!'}, {STR_INIT("<"), '<'},  {STR_INIT(">"), 'G'},  {STR_INIT("="), '='},
    {STR_INIT("^"), '^'},  {STR_INIT("~"), '~'},
};

/* "<= 10" of npm is all of 10. */
static int narrow_at_most(const struct import_intervals *set, struct import_interval *i,
                          struct str version, struct error *err)
{
  struct parts p = read_parts(version);
  if (set->syntax != IMPORT_SYNTAX_NPM || p.prerelease || p.count == 0 || p.count >= 3)
    return narrow(set, i, NULL, false, &version, true, err);
  struct str high = behind(set, &p, p.count);
  return narrow(set, i, NULL, false, &high, false, err);
}

/* ">= 1.x" is ">= 1.0.0". */
static struct str without_wildcard(const struct import_intervals *set, struct str version)
{
  struct parts p = read_parts(version);
  if (!p.wild || p.count == 0)
    return version;
  return arena_printf(set->arena, "%llu.%llu.%llu", p.numbers[0], p.count > 1 ? p.numbers[1] : 0,
                      p.count > 2 ? p.numbers[2] : 0);
}

/* "> 2.x" is 3 and what follows. */
static int narrow_behind(const struct import_intervals *set, struct import_interval *i,
                         struct str version, struct error *err)
{
  struct parts p = read_parts(version);
  if (p.count == 0)
    return error_set(err, SW_EINVAL, "\"> %.*s\" is behind every version", STR_FMT(version));
  struct str low = behind(set, &p, p.count);
  return narrow(set, i, &low, true, NULL, false, err);
}

static int narrow_by(const struct import_intervals *set, struct import_interval *i, char kind,
                     struct str version, struct error *err)
{
  if (kind == 'G' && read_parts(version).wild)
    return narrow_behind(set, i, version, err);
  if (kind == '<' || kind == 'g')
    version = without_wildcard(set, version);
  switch (kind) {
  case '<':
    return narrow(set, i, NULL, false, &version, false, err);
  case 'l':
    return narrow_at_most(set, i, version, err);
  case 'G':
    return narrow(set, i, &version, false, NULL, false, err);
  case 'g':
    return narrow(set, i, &version, true, NULL, false, err);
  case '=':
    return narrow_equal(set, i, version, err);
  case '!':
    return error_set(err, SW_EINVAL, "\"!= %.*s\" leaves out a single version", STR_FMT(version));
  default:
    return narrow_series(set, i, kind, version, err);
  }
}

/* Takes the first comparison of the text: sign, spaces, version. */
static int read_comparison(const struct import_intervals *set, struct import_interval *i,
                           struct str *io_rest, struct error *err)
{
  char kind = '=';
  struct str rest = str_trim(*io_rest);
  for (size_t k = 0; k < sizeof signs / sizeof *signs; k++)
    if (str_starts(rest, signs[k].sign)) {
      kind = signs[k].kind;
      rest = str_trim(str_sub(rest, signs[k].sign.len, SIZE_MAX));
      break;
    }
  size_t end = 0;
  while (end < rest.len && rest.data[end] != ' ' && rest.data[end] != ',')
    end++;
  struct str version = str_sub(rest, 0, end);
  rest = str_trim(str_sub(rest, end, SIZE_MAX));
  if (str_starts(rest, STR(",")))
    rest = str_trim(str_sub(rest, 1, SIZE_MAX));
  *io_rest = rest;
  if (version.len == 0 || str_eq(version, STR("-")))
    return error_set(err, SW_EINVAL, "a version is missing in the requirement");
  if (set->syntax == IMPORT_SYNTAX_NPM && str_starts(version, STR("v")))
    version = str_sub(version, 1, SIZE_MAX);
  return narrow_by(set, i, kind, arena_copy(set->arena, version), err);
}

static int add_alternative(struct import_intervals *set, struct str text, struct error *err)
{
  struct import_interval i = {.low.unbounded = true, .high.unbounded = true};
  struct str rest = str_trim(text);
  if (vec_full(&set->list, INTERVALS_MAX))
    return error_set(err, SW_ELIMIT, "more than %d alternatives", INTERVALS_MAX);
  if (str_eq_nocase(rest, STR("all")))
    rest = STR_EMPTY;
  while (rest.len) {
    int rc = read_comparison(set, &i, &rest, err);
    if (rc < 0)
      return rc;
  }
  if (!is_empty(&i))
    vec_push(&set->list, i);
  return 0;
}

int import_intervals_add(struct import_intervals *set, struct str requirement, struct error *err)
{
  struct str rest = requirement;
  if (requirement.len > VERSION_LENGTH_MAX * 8)
    return error_set(err, SW_ELIMIT, "a requirement is longer than %d bytes",
                     VERSION_LENGTH_MAX * 8);
  while (rest.data) {
    ptrdiff_t bars = str_find(rest, 0, STR("||"));
    struct str alternative = str_sub(rest, 0, bars < 0 ? rest.len : (size_t)bars);
    int rc = add_alternative(set, alternative, err);
    if (rc < 0)
      return rc;
    rest = bars < 0 ? (struct str){0} : str_sub(rest, (size_t)bars + 2, SIZE_MAX);
  }
  return 0;
}

void import_intervals_join(struct import_intervals *set)
{
  size_t kept = 0;
  if (set->list.count == 0)
    return;
  qsort(set->list.items, set->list.count, sizeof *set->list.items, by_low);
  for (size_t i = 1; i < set->list.count; i++) {
    struct import_interval *last = &set->list.items[kept], *next = &set->list.items[i];
    if (!reaches(&last->high, &next->low))
      set->list.items[++kept] = *next;
    else if (order_high(&next->high, &last->high) > 0)
      last->high = next->high;
  }
  set->list.count = kept + 1;
}

/* ---- the difference, as events */

struct writer {
  struct arena *arena;
  enum import_syntax syntax;
  VEC(struct advisory_event) events;
};

/* What begins behind a version begins, as an event, with one that nobody publishes between it and the next. */
static struct str just_behind(const struct writer *w, struct str version)
{
  struct parts p = read_parts(version);
  if (w->syntax == IMPORT_SYNTAX_GEM)
    return arena_printf(w->arena, "%.*s.0.0.0.1", STR_FMT(version));
  if (p.prerelease || p.count != 3)
    return arena_printf(w->arena, "%.*s.0", STR_FMT(version));
  return arena_printf(w->arena, "%llu.%llu.%llu-0", p.numbers[0], p.numbers[1], p.numbers[2] + 1);
}

static void add_event(struct writer *w, enum version_event_kind kind, struct str version)
{
  vec_push(&w->events, (struct advisory_event){.kind = kind, .version = version});
}

static void begin_branch(struct writer *w, const struct import_bound *low)
{
  if (low->unbounded)
    add_event(w, VERSION_INTRODUCED, STR("0"));
  else
    add_event(w, VERSION_INTRODUCED, low->inclusive ? low->text : just_behind(w, low->text));
}

static void end_branch(struct writer *w, const struct import_bound *high,
                       const struct import_bound *fix)
{
  if (fix)
    add_event(w, VERSION_FIXED, fix->text);
  else if (!high->unbounded)
    add_event(w, high->inclusive ? VERSION_LAST_AFFECTED : VERSION_FIXED, high->text);
}

static struct import_bound opposite(const struct import_bound *bound)
{
  struct import_bound other = *bound;
  other.inclusive = !bound->inclusive;
  return other;
}

/* 1.5.2, 1.6.0 and 2.0.0 may come next to 1.5.1: one number counted on, and zeros behind it. */
static bool may_follow(struct str before, struct str after)
{
  struct parts a = read_parts(before), b = read_parts(after);
  size_t i = 0;
  if (a.prerelease || b.prerelease || a.count != b.count)
    return false;
  while (i < a.count && a.numbers[i] == b.numbers[i])
    i++;
  if (i == a.count || b.numbers[i] != a.numbers[i] + 1)
    return false;
  while (++i < b.count)
    if (b.numbers[i])
      return false;
  return true;
}

/* What mends an interval: something mended that begins where it ends, or with the next version. */
static const struct import_bound *fix_of(const struct import_interval *piece,
                                         const struct import_intervals *mended)
{
  const struct import_bound *high = &piece->high;
  for (size_t i = 0; i < mended->list.count && !high->unbounded; i++) {
    const struct import_bound *low = &mended->list.items[i].low;
    if (low->unbounded || !low->inclusive)
      continue;
    int order = version_order(low->version, high->version);
    if ((order == 0 && !high->inclusive) ||
        (order > 0 && high->inclusive && may_follow(high->text, low->text)))
      return low;
  }
  return NULL;
}

/* The pieces of one interval between what is mended. */
static void cut_pieces(const struct import_interval *whole, const struct import_intervals *mended,
                       struct import_intervals *pieces)
{
  struct import_interval left = *whole;
  for (size_t i = 0; i < mended->list.count; i++) {
    const struct import_interval *m = &mended->list.items[i];
    if (!m->low.unbounded) {
      struct import_interval piece = {.low = left.low, .high = opposite(&m->low)};
      if (order_high(&left.high, &piece.high) < 0)
        piece.high = left.high;
      if (!is_empty(&piece))
        vec_push(&pieces->list, piece);
    }
    if (m->high.unbounded)
      return;
    struct import_bound low = opposite(&m->high);
    if (order_low(&low, &left.low) > 0)
      left.low = low;
  }
  if (!is_empty(&left))
    vec_push(&pieces->list, left);
}

void import_intervals_range(const struct import_intervals *affected,
                            const struct import_intervals *mended,
                            const struct advisory_range **ret)
{
  static const struct import_interval all = {.low.unbounded = true, .high.unbounded = true};
  struct writer w = {.arena = mended->arena, .syntax = mended->syntax};
  struct import_intervals pieces = *mended;
  memset(&pieces.list, 0, sizeof pieces.list);
  for (size_t i = 0; i < (affected ? affected->list.count : 1); i++)
    cut_pieces(affected ? &affected->list.items[i] : &all, mended, &pieces);
  for (size_t i = 0; i < pieces.list.count; i++) {
    const struct import_interval *piece = &pieces.list.items[i];
    begin_branch(&w, &piece->low);
    end_branch(&w, &piece->high, fix_of(piece, mended));
  }
  *ret = NULL;
  if (w.events.count) {
    struct advisory_range *range = arena_new(w.arena, struct advisory_range);
    struct advisory_event *events = arena_array(w.arena, struct advisory_event, w.events.count);
    memcpy(events, w.events.items, w.events.count * sizeof *events);
    *range = (struct advisory_range){.events = events, .count = w.events.count};
    *ret = range;
  }
  vec_free(&w.events);
  import_intervals_free(&pieces);
}

void import_intervals_free(struct import_intervals *set)
{
  vec_free(&set->list);
}
