/* Lines of the log in their formats. */
#include "base/log_int.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>

enum {
  END_ROOM = 32, /* kept for what tells cuts, and the newline */
  LIMIT = LOG_LINE_MAX - END_ROOM,
  VALUE_ROOM = 40,   /* that a value has at least, or its field is left out */
  PIECE_MAX = 16,    /* bytes of one character as it is written */
  ELLIPSIS_ROOM = 4, /* "...", and a quote */
};

static void add(struct log_line *line, struct str s)
{
  if (s.len && s.len <= sizeof line->data - line->len) {
    memcpy(line->data + line->len, s.data, s.len);
    line->len += s.len;
  }
}

/* At most 63 bytes. */
static void add_format(struct log_line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add_format(struct log_line *line, const char *format, ...)
{
  char text[64];
  va_list args;
  va_start(args, format);
  int len = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (len > 0 && (size_t)len < sizeof text)
    add(line, str_make(text, (size_t)len));
}

/* ---- texts */

/* One character as it is written: returns its bytes in ret. byte: where point is UTF8_REPLACEMENT because the
 * text is not valid, what stands there; else -1. */
typedef unsigned piece_function(uint32_t point, int byte, char ret[static PIECE_MAX]);

static unsigned piece_format(char ret[static PIECE_MAX], const char *format, unsigned number)
{
  /* All formats are literals of this file. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  int len = snprintf(ret, PIECE_MAX, format, number);
#pragma GCC diagnostic pop
  return (unsigned)len;
}

static unsigned short_escape(uint32_t point, char ret[static PIECE_MAX])
{
  char letter = point == '\n' ? 'n' : point == '\r' ? 'r' : point == '\t' ? 't' : '\0';
  if (!letter)
    return 0;
  ret[0] = '\\';
  ret[1] = letter;
  return 2;
}

static unsigned plain_piece(uint32_t point, int byte, char ret[static PIECE_MAX])
{
  unsigned len = short_escape(point, ret);
  if (len)
    return len;
  if (byte >= 0)
    return piece_format(ret, "\\x%02x", (unsigned)byte);
  if (utf8_point_visible(point))
    return utf8_encode(point, ret);
  return piece_format(ret,
                      point < 0x80      ? "\\x%02x"
                      : point <= 0xffff ? "\\u%04x"
                                        : "\\U%08x",
                      point);
}

static unsigned quoted_piece(uint32_t point, int byte, char ret[static PIECE_MAX])
{
  if (byte >= 0 || (point != '"' && point != '\\'))
    return plain_piece(point, byte, ret);
  ret[0] = '\\';
  ret[1] = (char)point;
  return 2;
}

static unsigned json_piece(uint32_t point, int byte, char ret[static PIECE_MAX])
{
  if (byte >= 0)
    return utf8_encode(UTF8_REPLACEMENT, ret);
  if (utf8_point_visible(point))
    return quoted_piece(point, byte, ret);
  unsigned len = short_escape(point, ret);
  if (len)
    return len;
  if (point <= 0xffff)
    return piece_format(ret, "\\u%04x", point);
  len = piece_format(ret, "\\u%04x", 0xd800 + ((point - 0x10000) >> 10));
  return len + piece_format(ret + len, "\\u%04x", 0xdc00 + (point & 0x3ff));
}

static void add_text(struct log_line *line, struct str s, piece_function *piece)
{
  for (size_t at = 0; at < s.len;) {
    uint32_t point;
    unsigned taken = utf8_decode(s, at, &point);
    char bytes[PIECE_MAX];
    unsigned len = piece(point, taken ? -1 : (unsigned char)s.data[at], bytes);
    at += taken ? taken : 1;
    bool last = at == s.len;
    if (at > LOG_TEXT_MAX || line->len + len + (last ? 1 : ELLIPSIS_ROOM) > LIMIT) {
      add(line, STR("..."));
      return;
    }
    add(line, str_make(bytes, len));
  }
}

static bool has_room(struct log_line *line, struct str key)
{
  if (line->len + key.len + VALUE_ROOM <= LIMIT)
    return true;
  line->cut++;
  return false;
}

/* ---- times */

static void add_time(struct log_line *line, int64_t time_ms, bool brief)
{
  int64_t seconds = time_ms / 1000 - (time_ms % 1000 < 0);
  char text[CLOCK_TEXT];
  struct str time = clock_format(seconds, text);
  if (brief) /* hh:mm:ss */
    time = str_sub(time, 11, 9);
  add(line, str_sub(time, 0, time.len - 1));
  add_format(line, ".%03u", (unsigned)(time_ms - seconds * 1000));
  if (!brief)
    add(line, STR("Z"));
}

static void add_duration(struct log_line *line, uint64_t ns)
{
  static const struct {
    uint64_t ns;
    const char *name;
  } units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    if (ns < units[i].ns)
      continue;
    unsigned long long whole = ns / units[i].ns;
    unsigned rest = (unsigned)(ns % units[i].ns / (units[i].ns / 100));
    if (whole < 10)
      add_format(line, "%llu.%02u%s", whole, rest, units[i].name);
    else if (whole < 100)
      add_format(line, "%llu.%u%s", whole, rest / 10, units[i].name);
    else
      add_format(line, "%llu%s", whole, units[i].name);
    return;
  }
  add_format(line, "%lluns", (unsigned long long)ns);
}

static void add_seconds(struct log_line *line, uint64_t ns)
{
  add_format(line, "%llu", (unsigned long long)(ns / 1000000000));
  unsigned rest = (unsigned)(ns % 1000000000);
  if (!rest)
    return;
  add_format(line, ".%09u", rest);
  while (line->data[line->len - 1] == '0')
    line->len--;
}

/* Numbers and truth values are the same in both formats. */
static void add_scalar(struct log_line *line, const struct log_field *field)
{
  if (field->kind == LOG_KIND_INT)
    add_format(line, "%lld", (long long)field->integer);
  else if (field->kind == LOG_KIND_COUNT)
    add_format(line, "%llu", (unsigned long long)field->count);
  else
    add(line, field->yes ? STR("true") : STR("false"));
}

/* ---- text */

static void text_head(struct log_line *line, const struct log_head *head)
{
  static const struct {
    const char *name, *color;
  } levels[] = {
      {"DEBUG", "\033[2m"}, {"INFO ", "\033[32m"}, {"WARN ", "\033[33m"}, {"ERROR", "\033[1;31m"}};
  add_time(line, head->time_ms, head->brief_time);
  add(line, STR(" "));
  if (head->color)
    add(line, str_from(levels[head->level].color));
  add(line, str_from(levels[head->level].name));
  if (head->color)
    add(line, STR("\033[0m"));
  add(line, STR(" "));
  add_text(line, head->message, plain_piece);
}

/* What cannot be taken for anything but a value: visible, and without what separates fields. */
static bool stands_alone(struct str s)
{
  for (size_t at = 0; at < s.len;) {
    uint32_t point;
    unsigned taken = utf8_decode(s, at, &point);
    if (!taken || point == ' ' || point == '"' || point == '\\' || point == '=' ||
        !utf8_point_visible(point))
      return false;
    at += taken;
  }
  return s.len > 0;
}

static void text_field(struct log_line *line, const struct log_field *field)
{
  if (!has_room(line, field->key))
    return;
  add(line, STR(" "));
  add(line, field->key);
  add(line, STR("="));
  if (field->kind == LOG_KIND_DURATION) {
    add_duration(line, field->count);
  } else if (field->kind != LOG_KIND_TEXT) {
    add_scalar(line, field);
  } else if (stands_alone(field->text)) {
    add_text(line, field->text, plain_piece);
  } else {
    add(line, STR("\""));
    add_text(line, field->text, quoted_piece);
    add(line, STR("\""));
  }
}

static void text_end(struct log_line *line)
{
  if (line->cut)
    add_format(line, " cut=%u", line->cut);
  add(line, STR("\n"));
}

/* ---- JSON */

static void json_head(struct log_line *line, const struct log_head *head)
{
  add(line, STR("{\"time\":\""));
  add_time(line, head->time_ms, false);
  add(line, STR("\",\"level\":\""));
  add(line, log_level_name(head->level));
  add(line, STR("\",\"msg\":\""));
  add_text(line, head->message, json_piece);
  add(line, STR("\""));
}

static void json_field(struct log_line *line, const struct log_field *field)
{
  if (!has_room(line, field->key))
    return;
  add(line, STR(",\""));
  add(line, field->key);
  add(line, STR("\":"));
  if (field->kind == LOG_KIND_DURATION) {
    add_seconds(line, field->count);
  } else if (field->kind != LOG_KIND_TEXT) {
    add_scalar(line, field);
  } else {
    add(line, STR("\""));
    add_text(line, field->text, json_piece);
    add(line, STR("\""));
  }
}

static void json_end(struct log_line *line)
{
  if (line->cut)
    add_format(line, ",\"cut\":%u", line->cut);
  add(line, STR("}\n"));
}

const struct log_format_ops *log_format_ops(enum log_format format)
{
  static const struct log_format_ops formats[] = {
      [LOG_FORMAT_TEXT] = {text_head, text_field, text_end},
      [LOG_FORMAT_JSON] = {json_head, json_field, json_end},
  };
  return &formats[format == LOG_FORMAT_JSON ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT];
}
