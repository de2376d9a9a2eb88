#include "report/excerpt.h"

#include "report/text.h"

enum { TAB_COLUMNS = 4, BYTES_A_COLUMN = 4 };

static struct text_cell cell_at(struct str s, size_t at, bool unicode)
{
  if (s.data[at] == '\t')
    return (struct text_cell){"    ", TAB_COLUMNS, TAB_COLUMNS, 1};
  return text_cell_at(s, at, unicode);
}

static unsigned columns_of(struct str s, bool unicode)
{
  unsigned columns = 0;
  for (size_t at = 0; at < s.len;) {
    struct text_cell cell = cell_at(s, at, unicode);
    columns += cell.width;
    at += cell.taken;
  }
  return columns;
}

static struct str without_indentation(struct str s)
{
  size_t blanks = 0;
  while (blanks < s.len && (s.data[blanks] == ' ' || s.data[blanks] == '\t'))
    blanks++;
  return str_sub(s, blanks, s.len);
}

/* The line around the token, as far as it can matter. */
struct line {
  struct str before, behind; /* behind: from the token on */
  bool from_start, to_end;   /* the line has nothing further there */
};

static struct line line_around(const struct source *source, size_t at, unsigned columns)
{
  size_t most = (size_t)columns * BYTES_A_COLUMN;
  size_t back = source_before(source, at, most + 1), ahead = source_behind(source, at, most + 1);
  struct line l = {.from_start = back <= most, .to_end = ahead <= most};
  back = back > most ? most : back;
  /* A window that begins within a character begins behind it. */
  while (!l.from_start && back > 0 && (source->text.data[at - back] & 0xc0) == 0x80)
    back--;
  l.before = str_sub(source->text, at - back, back);
  l.behind = str_sub(source->text, at, ahead);
  while (l.to_end && l.behind.len &&
         (l.behind.data[l.behind.len - 1] == ' ' || l.behind.data[l.behind.len - 1] == '\t'))
    l.behind.len--;
  /* The beginning of a file may have a mark that is no part of its first line. */
  if (l.from_start && str_starts(l.before, STR("\xef\xbb\xbf")))
    l.before = str_sub(l.before, 3, l.before.len);
  return l;
}

/* The last part of s that takes at most `columns`. */
static struct str last_columns(struct str s, unsigned columns, bool unicode)
{
  unsigned all = columns_of(s, unicode);
  size_t at = 0;
  while (at < s.len && all > columns) {
    struct text_cell cell = cell_at(s, at, unicode);
    all -= cell.width;
    at += cell.taken;
  }
  return str_sub(s, at, s.len);
}

struct pen {
  struct buf *out;
  unsigned column, limit;
  bool unicode;
};

/* Adds characters while they fit before the limit; the bytes that were added. */
static size_t draw(struct pen *p, struct str s)
{
  size_t at = 0;
  while (at < s.len) {
    struct text_cell cell = cell_at(s, at, p->unicode);
    if (p->column + cell.width > p->limit)
      break;
    buf_add(p->out, str_make(cell.shown, cell.len));
    p->column += cell.width;
    at += cell.taken;
  }
  return at;
}

struct excerpt excerpt_add(struct buf *out, const struct source *source, size_t at, size_t len,
                           unsigned columns, bool unicode)
{
  if (columns < EXCERPT_COLUMNS_MIN)
    columns = EXCERPT_COLUMNS_MIN;
  if (columns > EXCERPT_COLUMNS_MAX)
    columns = EXCERPT_COLUMNS_MAX;
  struct str ellipsis = unicode ? STR("\xe2\x80\xa6") : STR("...");
  unsigned dots = unicode ? 1 : 3;
  struct line l = line_around(source, at, columns);
  unsigned before = columns_of(l.before, unicode), behind = columns_of(l.behind, unicode);
  struct pen p = {.out = out, .limit = columns, .unicode = unicode};
  if (l.from_start && !(l.to_end && before + behind <= columns)) {
    l.before = without_indentation(l.before);
    before = columns_of(l.before, unicode);
  }
  if (!l.from_start || (before > columns / 3 && before + behind > columns)) {
    l.before = last_columns(l.before, columns / 3 - dots, unicode);
    before = columns_of(l.before, unicode);
    buf_add(out, ellipsis);
    p.column = dots;
  }
  bool whole = l.to_end && p.column + before + behind <= columns;
  if (!whole)
    p.limit -= dots;
  draw(&p, l.before);
  struct excerpt e = {.from = p.column};
  size_t drawn = draw(&p, str_sub(l.behind, 0, len));
  e.to = p.column > e.from ? p.column : e.from + 1;
  if (drawn >= len || drawn >= l.behind.len)
    drawn += draw(&p, str_sub(l.behind, drawn, l.behind.len));
  if (drawn < l.behind.len || !l.to_end)
    buf_add(out, ellipsis);
  return e;
}
