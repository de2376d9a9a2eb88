#include "base/utf8.h"
#include "data/json_write.h"
#include "data/number.h"
#include "data/yaml_edit_int.h"
#include "data/yaml_scalar.h"

enum { KEY_MAX = 1000, DEPTH_MAX = YAML_DEPTH_DEFAULT };

static void fail(struct edit_writer *w, const char *why)
{
  if (!w->failed)
    w->failed = why;
}

/* ---- scalars */

/* Characters that a text may hold without being escaped, in any style but plain. */
static bool is_printable(uint32_t point)
{
  return (point >= ' ' && point <= '~') ||
         (point >= 0xA0 && point <= 0xD7FF && point != 0x2028 && point != 0x2029) ||
         (point >= 0xE000 && point <= 0xFFFD && point != 0xFEFF) || point >= 0x10000;
}

static bool all_printable(struct str s, const char *also)
{
  for (size_t at = 0; at < s.len;) {
    uint32_t point;
    unsigned width = utf8_decode(s, at, &point);
    if (width == 0 ||
        (!is_printable(point) && !(point && point < 0x80 && strchr(also, (int)point))))
      return false;
    at += width;
  }
  return true;
}

/* Digits with what YAML 1.1 puts between them: dates, times, sexagesimals, versions of two parts. */
static bool looks_like_number(struct str s)
{
  char c = s.data[0];
  if (c == '+' || c == '-' || c == '.')
    return s.len > 1 && (strchr("0123456789.", s.data[1]) != NULL);
  if (c < '0' || c > '9')
    return false;
  for (size_t i = 0; i < s.len; i++)
    if (!strchr("0123456789abcdefABCDEFoOxX_:.+-TtZz ", s.data[i]) || !s.data[i])
      return false;
  /* hexadecimal letters alone do not make a number: image tags and digests often begin with digits */
  unsigned long long number;
  return str_find_byte(s, 0, ':') >= 0 || str_find_byte(s, 0, '-') > 0 || (c == '0' && s.len > 1) ||
         str_to_u64(s, UINT64_MAX, &number) || str_find_byte(s, 0, '_') >= 0;
}

/* Words that some reader takes for a boolean, null, or a merge. */
static bool is_reserved(struct str s)
{
  static const char *const words[] = {"y",    "n",     "yes",  "no", "on", "off",
                                      "true", "false", "null", "~",  "<<", "="};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (str_eq_nocase(s, str_from(words[i])))
      return true;
  return false;
}

static bool may_begin_plain(struct str s)
{
  char c = s.data[0];
  if (c == '-')
    return s.len > 1 && !strchr(" \t,[]{}", s.data[1]);
  return strchr(",[]{}#&*!|>'\"%@`?: \t", c) == NULL;
}

static bool may_be_plain(struct str s, bool in_flow)
{
  if (s.len == 0 || !may_begin_plain(s) || !all_printable(s, ""))
    return false;
  char last = s.data[s.len - 1];
  if (last == ' ' || last == ':' || str_find(s, 0, STR(": ")) >= 0 ||
      str_find(s, 0, STR(" #")) >= 0)
    return false;
  if (str_starts(s, STR("---")) || str_starts(s, STR("...")))
    return false;
  for (size_t i = 0; in_flow && i < s.len; i++)
    if (strchr(",[]{}?:", s.data[i]))
      return false;
  return !is_reserved(s) && !looks_like_number(s);
}

/* Plain, and read as this string. */
static bool reads_as_itself(struct str s)
{
  char scratch[512];
  struct arena a;
  if (s.len >= sizeof scratch) /* longer than any word; a number may still be that long */
    return !yaml_scalar_first[(unsigned char)s.data[0]];
  arena_init(&a, 0);
  struct value v = yaml_scalar_plain(&a, s);
  bool same = v.type == VALUE_STRING && str_eq(value_str(v), s);
  arena_free(&a);
  return same;
}

static void write_single(struct buf *out, struct str s)
{
  buf_add_byte(out, '\'');
  for (size_t i = 0; i < s.len; i++) {
    if (s.data[i] == '\'')
      buf_add_byte(out, '\'');
    buf_add_byte(out, s.data[i]);
  }
  buf_add_byte(out, '\'');
}

/* As JSON, and beyond that everything that YAML does not let stand as itself. */
static void write_double(struct buf *out, struct str s, bool json)
{
  if (json || all_printable(s, "\b\f\n\r\t\x1b")) {
    json_write_string(out, s);
    return;
  }
  buf_add_byte(out, '"');
  for (size_t at = 0; at < s.len;) {
    uint32_t point;
    unsigned width = utf8_decode(s, at, &point);
    width = width ? width : 1;
    if (point == '"' || point == '\\')
      buf_printf(out, "\\%c", (char)point);
    else if (is_printable(point))
      buf_add(out, str_sub(s, at, width));
    else
      buf_printf(out, "\\u%04x", point);
    at += width;
  }
  buf_add_byte(out, '"');
}

static void write_text(struct edit_writer *w, struct str s, char quote, bool in_flow)
{
  if (w->form->json) {
    write_double(w->out, s, true);
    return;
  }
  if (!quote && may_be_plain(s, in_flow) && reads_as_itself(s)) {
    buf_add(w->out, s);
    return;
  }
  if (!quote)
    quote = w->form->quote;
  if (quote == '\'' && all_printable(s, ""))
    write_single(w->out, s);
  else
    write_double(w->out, s, false);
}

void edit_write_scalar(struct edit_writer *w, struct value v, char quote, bool in_flow)
{
  double rounded;
  switch (v.type) {
  case VALUE_NUMBER:
    if (!w->form->json && !number_to_double(v, &rounded))
      fail(w, "it holds a number beyond the range of a double, which readers take for a string");
    json_write(w->out, v, 0);
    break;
  case VALUE_NULL:
  case VALUE_BOOL:
    json_write(w->out, v, 0);
    break;
  case VALUE_STRING:
    write_text(w, value_str(v), quote, in_flow);
    break;
  case VALUE_ARRAY:
    buf_add_text(w->out, "[]");
    break;
  case VALUE_OBJECT:
    buf_add_text(w->out, "{}");
    break;
  case VALUE_ABSENT:
    fail(w, "there is nothing to write");
    break;
  default:
    fail(w, "it holds a set, which has no form in YAML");
  }
}

void edit_write_key(struct edit_writer *w, struct value key, char quote, bool in_flow)
{
  size_t before = w->out->len;
  if (key.type != VALUE_STRING)
    fail(w, "it has a key that is no string");
  else
    write_text(w, value_str(key), quote, in_flow);
  if (w->out->len - before > KEY_MAX) /* with its escapes: readers look so far for the colon */
    fail(w, "it has a key of more than 1,000 bytes");
}

/* ---- flow form */

static bool go_deeper(struct edit_writer *w)
{
  if (w->depth >= DEPTH_MAX)
    fail(w, "it has too many lists and mappings inside each other");
  w->depth++;
  return !w->failed;
}

static void write_flow_children(struct edit_writer *w, struct value v, const struct edit_flow *flow)
{
  for (uint32_t i = 0; i < v.len && !w->failed; i++) {
    if (i)
      buf_add(w->out, flow->comma);
    if (flow->lines) {
      buf_add(w->out, w->form->newline);
      buf_add(w->out, flow->prefix);
    }
    struct value child = v.type == VALUE_OBJECT ? v.members[i].value : v.items[i];
    if (v.type == VALUE_OBJECT) {
      edit_write_key(w, v.members[i].key, flow->key_quote, true);
      buf_add(w->out, flow->colon);
    }
    edit_write_flow(w, child, flow);
  }
}

void edit_write_flow(struct edit_writer *w, struct value v, const struct edit_flow *flow)
{
  if (!edit_is_nonempty(v)) {
    edit_write_scalar(w, v, flow->key_quote, true);
    return;
  }
  if (!go_deeper(w))
    return;
  _cleanup_(buf_free) struct buf prefix = {0};
  struct edit_flow inner = *flow;
  if (flow->lines) {
    buf_add(&prefix, flow->prefix);
    buf_add(&prefix, flow->unit);
    inner.prefix = buf_str(&prefix);
  }
  buf_add_byte(w->out, v.type == VALUE_OBJECT ? '{' : '[');
  write_flow_children(w, v, &inner);
  if (flow->lines) {
    buf_add(w->out, w->form->newline);
    buf_add(w->out, flow->prefix);
  }
  buf_add_byte(w->out, v.type == VALUE_OBJECT ? '}' : ']');
  w->depth--;
}

/* ---- block form */

static bool may_be_literal(struct str s)
{
  if (s.len < 2 || str_find_byte(s, 0, '\n') < 0 || !all_printable(s, "\n\t"))
    return false;
  return !strchr(" \t\n", s.data[0]);
}

bool edit_write_literal(struct edit_writer *w, struct value v, unsigned column)
{
  struct str s = value_str_or_empty(v);
  if (!w->form->literals || w->form->json || column == 0 || !may_be_literal(s))
    return false;
  bool ends = s.data[s.len - 1] == '\n';
  bool more = ends && s.data[s.len - 2] == '\n';
  buf_add_text(w->out, more ? "|+" : ends ? "|" : "|-");
  buf_add(w->out, w->form->newline);
  struct str rest = ends ? str_sub(s, 0, s.len - 1) : s;
  while (rest.data) {
    struct str line = str_cut(rest, '\n', &rest);
    if (line.len)
      buf_add_repeat(w->out, ' ', column);
    buf_add(w->out, line);
    buf_add(w->out, w->form->newline);
  }
  return true;
}

/* What stands behind a colon or a dash and fits on the line. */
static void write_inline(struct edit_writer *w, struct value v, unsigned column, char quote)
{
  buf_add_byte(w->out, ' ');
  if (edit_write_literal(w, v, column))
    return;
  edit_write_scalar(w, v, quote, false);
  buf_add(w->out, w->form->newline);
}

void edit_write_member(struct edit_writer *w, struct value key, struct value v, unsigned column,
                       char quote)
{
  edit_write_key(w, key, quote, false);
  buf_add_byte(w->out, ':');
  if (!edit_is_nonempty(v)) {
    write_inline(w, v, column + w->form->map_step, quote);
    return;
  }
  buf_add(w->out, w->form->newline);
  unsigned step = v.type == VALUE_OBJECT ? w->form->map_step : w->form->list_step;
  edit_write_block(w, v, column + step, false, quote);
}

void edit_write_item(struct edit_writer *w, struct value v, unsigned column, char quote)
{
  buf_add_byte(w->out, '-');
  if (!edit_is_nonempty(v)) {
    write_inline(w, v, column + w->form->dash_step, quote);
    return;
  }
  buf_add_repeat(w->out, ' ', w->form->dash_step - 1);
  edit_write_block(w, v, column + w->form->dash_step, true, quote);
}

void edit_write_block(struct edit_writer *w, struct value v, unsigned column, bool inlined,
                      char quote)
{
  if (!go_deeper(w))
    return;
  for (uint32_t i = 0; i < v.len && !w->failed; i++) {
    if (i || !inlined)
      buf_add_repeat(w->out, ' ', column);
    if (v.type == VALUE_OBJECT)
      edit_write_member(w, v.members[i].key, v.members[i].value, column, quote);
    else
      edit_write_item(w, v.items[i], column, quote);
  }
  w->depth--;
}
