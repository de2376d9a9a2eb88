#include "cmd/policy_table.h"

#include "base/utf8.h"

#include <stdarg.h>

enum { GAP = 2 };

void policy_table_init(struct policy_table *table, uint32_t columns)
{
  *table = (struct policy_table){
      .columns = columns < POLICY_TABLE_COLUMNS_MAX ? columns : POLICY_TABLE_COLUMNS_MAX};
  arena_init(&table->arena, 0);
}

void policy_table_free(struct policy_table *table)
{
  vec_free(&table->cells);
  arena_free(&table->arena);
}

/* Texts come from policies and inputs: what would steer the terminal is made visible. */
static struct str visible(struct arena *a, struct str text)
{
  _cleanup_(buf_free) struct buf out = {0};
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.data[i];
    if (c < 0x20 || c == 0x7f)
      buf_printf(&out, "\\x%02x", c);
    else
      buf_add_byte(&out, (char)c);
  }
  return arena_copy(a, buf_str(&out));
}

void policy_table_head(struct policy_table *table, uint32_t column, const char *name, bool right)
{
  if (column >= table->columns)
    return;
  table->heads[column] = visible(&table->arena, str_from(name));
  table->right[column] = right;
}

void policy_table_cell(struct policy_table *table, struct str text)
{
  vec_push(&table->cells, visible(&table->arena, text));
}

void policy_table_cellf(struct policy_table *table, const char *format, ...)
{
  char text[256];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  policy_table_cell(table, str_from(text));
}

struct layout {
  const struct policy_table *table;
  struct buf *out;
  unsigned width;
  bool color, unicode;
  size_t widths[POLICY_TABLE_COLUMNS_MAX];
  size_t rows;
};

static struct str cell_at(const struct layout *l, size_t row, uint32_t column)
{
  return l->table->cells.items[row * l->table->columns + column];
}

static void pad(struct layout *l, struct str text, size_t width, bool right)
{
  size_t used = utf8_width(text);
  size_t missing = used < width ? width - used : 0;
  if (right)
    buf_add_repeat(l->out, ' ', missing);
  buf_add(l->out, text);
  if (!right)
    buf_add_repeat(l->out, ' ', missing);
}

static void trim_line(struct buf *out, size_t start)
{
  while (out->len > start && out->data[out->len - 1] == ' ')
    out->len--;
  buf_add_byte(out, '\n');
}

static void write_heads(struct layout *l)
{
  buf_add_text(l->out, l->color ? "\033[1m" : "");
  size_t start = l->out->len;
  for (uint32_t c = 0; c < l->table->columns; c++) {
    buf_add_repeat(l->out, ' ', c ? GAP : 0);
    pad(l, l->table->heads[c], l->widths[c], l->table->right[c]);
  }
  trim_line(l->out, start);
  if (l->color) {
    l->out->len--; /* the line ends as it began */
    buf_add_text(l->out, "\033[0m\n");
  }
  start = l->out->len;
  for (uint32_t c = 0; c < l->table->columns; c++) {
    buf_add_repeat(l->out, ' ', c ? GAP : 0);
    for (size_t i = 0; i < l->widths[c]; i++)
      buf_add_text(l->out, l->unicode ? "\u2500" : "-");
  }
  trim_line(l->out, start);
}

static void write_rows(struct layout *l)
{
  write_heads(l);
  for (size_t row = 0; row < l->rows; row++) {
    size_t start = l->out->len;
    for (uint32_t c = 0; c < l->table->columns; c++) {
      buf_add_repeat(l->out, ' ', c ? GAP : 0);
      pad(l, cell_at(l, row, c), l->widths[c], l->table->right[c]);
    }
    trim_line(l->out, start);
  }
}

/* A text of one cell over as many lines as it takes, behind `indent` columns. */
static void write_wrapped(struct layout *l, struct str text, size_t indent)
{
  size_t room = l->width > indent + 8 ? l->width - indent : 8;
  while (utf8_width(text) > room) {
    struct str line = utf8_cut_columns(text, room);
    if (line.len == 0)
      break;
    buf_add(l->out, line);
    buf_add_byte(l->out, '\n');
    buf_add_repeat(l->out, ' ', indent);
    text = str_sub(text, line.len, SIZE_MAX);
  }
  buf_add(l->out, text);
  buf_add_byte(l->out, '\n');
}

static void write_blocks(struct layout *l)
{
  size_t widest = 0;
  for (uint32_t c = 0; c < l->table->columns; c++) {
    size_t width = utf8_width(l->table->heads[c]);
    widest = width > widest ? width : widest;
  }
  if (widest > l->width / 3)
    widest = l->width / 3;
  for (size_t row = 0; row < l->rows; row++) {
    buf_add_text(l->out, row ? "\n" : "");
    for (uint32_t c = 0; c < l->table->columns; c++) {
      struct str head = l->table->heads[c];
      buf_add_text(l->out, l->color ? "\033[1m" : "");
      pad(l, head, widest, false);
      buf_add_text(l->out, l->color ? "\033[0m" : "");
      buf_add_text(l->out, "  ");
      if (utf8_width(head) > widest) {
        buf_add_byte(l->out, '\n');
        buf_add_repeat(l->out, ' ', widest + 2);
      }
      write_wrapped(l, cell_at(l, row, c), widest + 2);
    }
  }
}

void policy_table_write(const struct policy_table *table, struct buf *out, unsigned width,
                        bool color, bool unicode)
{
  struct layout l = {.table = table,
                     .out = out,
                     .width = width,
                     .color = color,
                     .unicode = unicode,
                     .rows = table->columns ? table->cells.count / table->columns : 0};
  size_t total = 0;
  for (uint32_t c = 0; c < table->columns; c++) {
    l.widths[c] = utf8_width(table->heads[c]);
    for (size_t row = 0; row < l.rows; row++) {
      size_t cell = utf8_width(cell_at(&l, row, c));
      l.widths[c] = cell > l.widths[c] ? cell : l.widths[c];
    }
    total += l.widths[c] + (c ? GAP : 0);
  }
  if (width && total > width)
    write_blocks(&l);
  else
    write_rows(&l);
}

const char *policy_time_text(uint64_t ns, bool unicode, char ret_text[static POLICY_TIME_TEXT])
{
  static const struct {
    uint64_t from;
    const char *unit, *ascii;
  } units[] = {
      {UINT64_C(1000000000), "s", "s"},
      {1000000, "ms", "ms"},
      {1000, "\u00b5s", "us"},
  };
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    if (ns < units[i].from)
      continue;
    double value = (double)ns / (double)units[i].from;
    snprintf(ret_text, POLICY_TIME_TEXT, "%.*f %s",
             value < 10    ? 2
             : value < 100 ? 1
                           : 0,
             value, unicode ? units[i].unit : units[i].ascii);
    return ret_text;
  }
  snprintf(ret_text, POLICY_TIME_TEXT, "%llu ns", (unsigned long long)ns);
  return ret_text;
}
