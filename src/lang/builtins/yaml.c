/* yaml.marshal: block style, keys in order, as Go's library lays it out. */
#include "data/yaml_scalar.h"

#include "base/utf8.h"
#include "data/number.h"
#include "lang/builtin_int.h"

/* A text that reads back as itself without quotes. */
static bool is_plain(struct arena *a, struct str s)
{
  if (s.len == 0 || s.data[0] == ' ' || s.data[s.len - 1] == ' ' || s.data[s.len - 1] == ':')
    return false;
  if (strchr("-?:,[]{}#&*!|>'\"%@`=<~.", s.data[0]))
    return false;
  for (size_t i = 0; i < s.len; i++) {
    unsigned char ch = (unsigned char)s.data[i];
    if (ch < 0x20 || ch >= 0x7F)
      return false;
    if ((ch == ':' && s.data[i + 1 < s.len ? i + 1 : i] == ' ') ||
        (ch == ' ' && s.data[i + 1] == '#'))
      return false;
  }
  return yaml_scalar_plain(a, s).type == VALUE_STRING;
}

static void add_quoted(struct buf *out, struct str s)
{
  buf_add_byte(out, '"');
  for (size_t at = 0; at < s.len;) {
    uint32_t point;
    unsigned size = utf8_decode(s, at, &point);
    size += size == 0;
    if (point == '"' || point == '\\')
      buf_printf(out, "\\%c", (char)point);
    else if (point == '\n')
      buf_add(out, STR("\\n"));
    else if (point == '\t')
      buf_add(out, STR("\\t"));
    else if (point >= 0x20 && point < 0x7F)
      buf_add_byte(out, (char)point);
    else if (point >= 0xA1 && point < 0x2000 && point != 0xAD)
      buf_add(out, str_sub(s, at, size));
    else
      buf_printf(out, point > 0xFFFF ? "\\U%08X" : point > 0xFF ? "\\u%04X" : "\\x%02X", point);
    at += size;
  }
  buf_add_byte(out, '"');
}

static void add_text(struct builtin_context *c, struct buf *out, struct str s)
{
  if (is_plain(c->arena, s))
    buf_add(out, s);
  else
    add_quoted(out, s);
}

static void add_scalar(struct builtin_context *c, struct buf *out, struct value v)
{
  if (v.type == VALUE_STRING)
    add_text(c, out, value_str(v));
  else if (v.type == VALUE_NUMBER)
    number_write(out, v);
  else
    buf_add_text(out, v.type != VALUE_BOOL ? "null" : v.boolean ? "true" : "false");
}

static bool add_value(struct builtin_context *c, struct buf *out, struct value v, unsigned depth,
                      bool on_line);

/* What stands behind "key:" or "-": a scalar on the same line, or a container on lines of its own. */
static bool add_child(struct builtin_context *c, struct buf *out, struct value v, unsigned depth,
                      bool in_list)
{
  bool nested = v.type >= VALUE_ARRAY && v.len;
  if (!nested || in_list) {
    buf_add_byte(out, ' ');
    return add_value(c, out, v, depth + 1, true);
  }
  buf_add_byte(out, '\n');
  /* a list below a key is not indented */
  return add_value(c, out, v, depth + (v.type == VALUE_OBJECT), false);
}

static void begin_line(struct buf *out, unsigned depth, bool *on_line)
{
  if (!*on_line)
    buf_add_repeat(out, ' ', 2 * (size_t)depth);
  *on_line = false;
}

static bool add_members(struct builtin_context *c, struct buf *out, struct value v, unsigned depth,
                        bool on_line)
{
  uint32_t *order = arena_array(c->arena, uint32_t, v.len);
  value_sort_keys(v, order);
  for (uint32_t i = 0; i < v.len; i++) {
    struct value key = v.members[order[i]].key;
    struct str text = value_str_or_empty(key);
    if (key.type != VALUE_STRING) {
      size_t before = out->len;
      if (!builtin_add_term(c, out, key))
        return false;
      text = arena_copy(c->arena, str_sub(buf_str(out), before, out->len));
      out->len = before;
    }
    begin_line(out, depth, &on_line);
    add_text(c, out, text);
    buf_add_byte(out, ':');
    if (!add_child(c, out, v.members[order[i]].value, depth, false))
      return false;
  }
  return true;
}

static bool add_value(struct builtin_context *c, struct buf *out, struct value v, unsigned depth,
                      bool on_line)
{
  if (depth > BUILTIN_DEPTH_MAX || buf_failed(out)) {
    builtin_halt(c, "a value is nested deeper than %d, or too long", BUILTIN_DEPTH_MAX);
    return false;
  }
  if (v.type >= VALUE_ARRAY && v.len == 0) {
    buf_add_text(out, v.type == VALUE_OBJECT ? "{}\n" : "[]\n");
    return true;
  }
  if (v.type == VALUE_OBJECT)
    return add_members(c, out, v, depth, on_line);
  if (!is_list(v)) {
    add_scalar(c, out, v);
    buf_add_byte(out, '\n');
    return true;
  }
  for (uint32_t i = 0; i < v.len; i++) {
    begin_line(out, depth, &on_line);
    buf_add_byte(out, '-');
    if (!add_child(c, out, v.items[i], depth, true))
      return false;
  }
  return true;
}

CALL(marshal)
{
  struct buf *out = builtin_text(c);
  if (!add_value(c, out, args[0], 0, false) || !builtin_spend(c, out->len / 16))
    return BUILTIN_ERROR;
  return builtin_give_text(c, ret);
}

const struct builtin builtins_yaml[] = {
    ROW(marshal, "yaml.marshal", 1, "any", "string"),
    {.name = NULL},
};
