#include "report/diff.h"

#include "base/mem.h"
#include "base/vec.h"
#include "report/text.h"

/* Lines in a row that must be equal for the texts to count as agreeing again. */
enum { AGREEMENT = 5 };

struct lines VEC_BODY(struct str);

static void split(struct str text, struct lines *lines)
{
  for (size_t at = 0; at < text.len;) {
    ptrdiff_t end = str_find_byte(text, at, '\n');
    size_t next = end < 0 ? text.len : (size_t)end + 1;
    vec_push(lines, str_sub(text, at, next - at));
    at = next;
  }
}

/* Lines from `from` on that make way for others. */
struct change {
  size_t from, removed;
  size_t to, added;
};

struct comparison {
  struct lines a, b;
  VEC(struct change) changes;
  VEC(int64_t) trace; /* furthest places of each step, one after the other */
};

static bool same(const struct comparison *c, int64_t x, int64_t y)
{
  return str_eq(c->a.items[x], c->b.items[y]);
}

static void add_change(struct comparison *c, size_t from, size_t removed, size_t to, size_t added)
{
  if (c->changes.count) {
    struct change *last = &c->changes.items[c->changes.count - 1];
    if (last->from + last->removed == from && last->to + last->added == to) {
      last->removed += removed;
      last->added += added;
      return;
    }
  }
  vec_push(&c->changes, (struct change){from, removed, to, added});
}

/* The step that led to diagonal k after d steps: down (a line that came) or right (one that went). */
static bool came_down(const int64_t *v, int64_t k, int64_t d)
{
  return k == -d || (k != d && v[k - 1] < v[k + 1]);
}

/* Follows the steps back from a place and notes them in order. */
static void note_path(struct comparison *c, int64_t x0, int64_t y0, int64_t d, int64_t k)
{
  VEC(bool) down = {0};
  VEC(int64_t) places = {0};
  for (; d > 0; d--) {
    /* the trace of step d - 1 begins behind those before it, each 2i + 1 long; v[k] is its middle */
    const int64_t *v = c->trace.items + (d - 1) * (d - 1) + (d - 1);
    bool is_down = came_down(v, k, d);
    k = is_down ? k + 1 : k - 1;
    vec_push(&down, is_down);
    vec_push(&places, v[k]);
    vec_push(&places, v[k] - k);
  }
  for (size_t i = down.count; i-- > 0;) {
    size_t x = (size_t)(x0 + places.items[2 * i]), y = (size_t)(y0 + places.items[2 * i + 1]);
    add_change(c, x, !down.items[i], y, down.items[i]);
  }
  vec_free(&down);
  vec_free(&places);
}

/*
 * From a place where the texts differ to one where they agree again: moves *x and *y there. Places are
 * relative to where it begins. False: no such place was found.
 */
static bool next_agreement(struct comparison *c, size_t *x, size_t *y)
{
  int64_t x0 = (int64_t)*x, y0 = (int64_t)*y;
  int64_t rows = (int64_t)c->a.count - x0, columns = (int64_t)c->b.count - y0;
  int64_t most = rows + columns < DIFF_EFFORT ? rows + columns : DIFF_EFFORT;
  _cleanup_(mem_freep) int64_t *space = mem_zalloc(2 * (size_t)most + 3, sizeof *space);
  int64_t *v = space + most + 1;
  vec_clear(&c->trace);
  for (int64_t d = 0; d <= most; d++) {
    for (int64_t k = -d; k <= d; k += 2) {
      int64_t at = d == 0 ? 0 : came_down(v, k, d) ? v[k + 1] : v[k - 1] + 1;
      int64_t start = at;
      if (at > rows || at - k > columns) {
        v[k] = at;
        continue;
      }
      while (at < rows && at - k < columns && same(c, x0 + at, y0 + at - k))
        at++;
      v[k] = at;
      bool ends = at == rows && at - k == columns;
      if (!ends && (d == 0 || at - start < AGREEMENT))
        continue;
      note_path(c, x0, y0, d, k);
      *x = (size_t)(x0 + at);
      *y = (size_t)(y0 + at - k);
      return true;
    }
    for (int64_t k = -d; k <= d; k++)
      vec_push(&c->trace, v[k]);
  }
  return false;
}

static void compare(struct comparison *c)
{
  size_t x = 0, y = 0;
  for (;;) {
    while (x < c->a.count && y < c->b.count && same(c, (int64_t)x, (int64_t)y))
      x++, y++;
    if (x == c->a.count && y == c->b.count)
      return;
    if (!next_agreement(c, &x, &y)) {
      add_change(c, x, c->a.count - x, y, c->b.count - y);
      return;
    }
  }
}

/* ---- writing */

static void add_text(struct buf *out, struct str line, const struct diff_style *style)
{
  if (style->visible)
    text_add_visible(out, line, style->unicode);
  else
    buf_add(out, line);
}

static void add_line(struct buf *out, char mark, const char *color, struct str line,
                     const struct diff_style *style)
{
  bool ended = line.len && line.data[line.len - 1] == '\n';
  if (ended)
    line.len--;
  color = style->color ? color : "";
  buf_add_text(out, color);
  buf_add_byte(out, mark);
  if (style->visible && line.len && line.data[line.len - 1] == '\r')
    line.len--;
  add_text(out, line, style);
  buf_add_text(out, *color ? "\x1b[0m\n" : "\n");
  if (!ended)
    buf_add_text(out, "\\ No newline at end of file\n");
}

static void add_range(struct buf *out, char mark, size_t from, size_t count)
{
  buf_add_byte(out, mark);
  buf_add_u64(out, count ? from + 1 : from);
  if (count != 1) {
    buf_add_byte(out, ',');
    buf_add_u64(out, count);
  }
}

static void add_header(struct buf *out, const struct diff_style *style)
{
  const char *bold = style->color ? "\x1b[1m" : "", *plain = style->color ? "\x1b[0m" : "";
  if (!style->before.len)
    return;
  buf_printf(out, "%s--- ", bold);
  text_add_visible(out, style->before, true);
  buf_printf(out, "%s\n%s+++ ", plain, bold);
  text_add_visible(out, style->after, true);
  buf_printf(out, "%s\n", plain);
}

/* Changes [first .. last), which are so near that their context touches. */
static void add_hunk(struct buf *out, const struct comparison *c, size_t first, size_t last,
                     const struct diff_style *style)
{
  const struct change *begin = &c->changes.items[first], *end = &c->changes.items[last - 1];
  size_t before = begin->from < DIFF_CONTEXT ? begin->from : DIFF_CONTEXT;
  size_t behind = c->a.count - end->from - end->removed;
  behind = behind < DIFF_CONTEXT ? behind : DIFF_CONTEXT;
  size_t at = begin->from - before, to = end->from + end->removed + behind;
  buf_add_text(out, style->color ? "\x1b[36m@@ " : "@@ ");
  add_range(out, '-', at, to - at);
  buf_add_byte(out, ' ');
  add_range(out, '+', begin->to - before, end->to + end->added + behind - (begin->to - before));
  buf_add_text(out, style->color ? " @@\x1b[0m\n" : " @@\n");
  for (size_t i = first; i < last; i++) {
    const struct change *change = &c->changes.items[i];
    for (; at < change->from; at++)
      add_line(out, ' ', "", c->a.items[at], style);
    for (size_t n = 0; n < change->removed; n++, at++)
      add_line(out, '-', "\x1b[31m", c->a.items[at], style);
    for (size_t n = 0; n < change->added; n++)
      add_line(out, '+', "\x1b[32m", c->b.items[change->to + n], style);
  }
  for (; at < to; at++)
    add_line(out, ' ', "", c->a.items[at], style);
}

struct diff_counts diff_write(struct buf *out, struct str before, struct str after,
                              const struct diff_style *style)
{
  struct comparison c = {0};
  struct diff_counts counts = {0};
  split(before, &c.a);
  split(after, &c.b);
  compare(&c);
  if (c.changes.count)
    add_header(out, style);
  for (size_t first = 0, last; first < c.changes.count; first = last) {
    for (last = first + 1; last < c.changes.count; last++) {
      const struct change *a = &c.changes.items[last - 1], *b = &c.changes.items[last];
      if (b->from - a->from - a->removed > 2 * (size_t)DIFF_CONTEXT)
        break;
    }
    add_hunk(out, &c, first, last, style);
  }
  for (size_t i = 0; i < c.changes.count; i++) {
    counts.added += c.changes.items[i].added;
    counts.removed += c.changes.items[i].removed;
  }
  vec_free(&c.a);
  vec_free(&c.b);
  vec_free(&c.changes);
  vec_free(&c.trace);
  return counts;
}
