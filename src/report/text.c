#include "report/text.h"

#include "base/utf8.h"

#include <stdio.h>

static struct text_cell escaped(char kind, unsigned digits, uint32_t number, unsigned taken)
{
  struct text_cell cell = {.taken = taken};
  int len = snprintf(cell.shown, sizeof cell.shown, "\\%c%0*x", kind, (int)digits, number);
  cell.len = cell.width = (unsigned)len;
  return cell;
}

struct text_cell text_cell_at(struct str s, size_t at, bool unicode)
{
  unsigned char byte = (unsigned char)s.data[at];
  if (byte >= 0x20 && byte < 0x7f)
    return (struct text_cell){.shown = {(char)byte}, .len = 1, .width = 1, .taken = 1};
  uint32_t point;
  unsigned taken = utf8_decode(s, at, &point);
  if (taken == 0)
    return escaped('x', 2, byte, 1);
  if (point < 0x80)
    return escaped('x', 2, point, taken);
  if (point > 0xffff && (!unicode || !utf8_point_visible(point)))
    return escaped('U', 8, point, taken);
  if (!unicode || !utf8_point_visible(point))
    return escaped('u', 4, point, taken);
  struct text_cell cell = {.len = taken, .taken = taken, .width = utf8_point_width(point)};
  memcpy(cell.shown, s.data + at, taken);
  return cell;
}

static bool is_space(char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void text_add_visible(struct buf *out, struct str s, bool unicode)
{
  for (size_t at = 0; at < s.len;) {
    if (is_space(s.data[at])) {
      buf_add_byte(out, ' ');
      at++;
      continue;
    }
    struct text_cell cell = text_cell_at(s, at, unicode);
    buf_add(out, str_make(cell.shown, cell.len));
    at += cell.taken;
  }
}

size_t text_width(struct str s, bool unicode)
{
  size_t width = 0;
  for (size_t at = 0; at < s.len;) {
    struct text_cell cell = text_cell_at(s, at, unicode);
    width += is_space(s.data[at]) ? 1 : cell.width;
    at += cell.taken;
  }
  return width;
}

struct paragraph {
  struct buf *out;
  unsigned indent, width;
  size_t column; /* where the next character goes */
  bool unicode;
};

static void new_line(struct paragraph *p)
{
  buf_add_byte(p->out, '\n');
  buf_add_repeat(p->out, ' ', p->indent);
  p->column = p->indent;
}

static void add_words(struct paragraph *p, struct str line)
{
  size_t at = 0;
  while (at < line.len) {
    while (at < line.len && is_space(line.data[at]))
      at++;
    size_t start = at;
    while (at < line.len && !is_space(line.data[at]))
      at++;
    struct str word = str_sub(line, start, at - start);
    if (word.len == 0)
      break;
    size_t width = text_width(word, p->unicode);
    bool first = p->column == p->indent;
    if (!first && p->width && p->column + 1 + width > p->width) {
      new_line(p);
      first = true;
    }
    if (!first)
      buf_add_byte(p->out, ' ');
    text_add_visible(p->out, word, p->unicode);
    p->column += width + !first;
  }
}

void text_add_wrapped(struct buf *out, struct str s, unsigned indent, unsigned width, bool unicode)
{
  struct paragraph p = {out, indent, width, indent, unicode};
  struct str rest = str_trim(s);
  for (bool first = true; rest.data && rest.len; first = false) {
    struct str line = str_cut(rest, '\n', &rest);
    if (!first)
      new_line(&p);
    if (line.len && (line.data[0] == ' ' || line.data[0] == '\t')) {
      while (line.len && is_space(line.data[line.len - 1]))
        line.len--;
      text_add_visible(out, line, unicode);
      p.column = indent + 1;
    } else {
      add_words(&p, line);
    }
  }
}
