#include "data/yaml_input.h"

#include "base/mem.h"
#include "base/utf8.h"

enum { BLOCK = 16, PADDING = YAML_INPUT_PADDING };

/* Checking */

typedef unsigned char bytes_of_block __attribute__((vector_size(BLOCK)));

/* Copies a block and says whether it is all ASCII that YAML allows. */
static inline bool copy_block(char *to, const char *from)
{
  bytes_of_block b;
  memcpy(&b, from, BLOCK);
  memcpy(to, &b, BLOCK);
  __auto_type bad = ((b < ' ') & (b != '\t') & (b != '\n') & (b != '\r')) | (b > '~');
  uint64_t halves[2];
  memcpy(halves, &bad, BLOCK);
  return (halves[0] | halves[1]) == 0;
}

static bool is_allowed(uint32_t point)
{
  if (point < 0x80)
    return (point >= ' ' && point <= '~') || point == '\t' || point == '\n' || point == '\r';
  return point == 0x85 || (point >= 0xA0 && point != 0xFFFE && point != 0xFFFF);
}

/* Checks and copies characters until a block could follow; false at one that is not allowed. */
static bool copy_characters(struct yaml_input *input, size_t *io_at)
{
  size_t until = *io_at + BLOCK;
  while (*io_at < until && *io_at < input->text.len) {
    uint32_t point;
    unsigned width = utf8_decode(input->text, *io_at, &point);
    if (width == 0 || !is_allowed(point))
      return false;
    memcpy(input->copy + *io_at, input->text.data + *io_at, width);
    *io_at += width;
  }
  return true;
}

static void make_room(struct yaml_input *input)
{
  size_t needed = input->text.len + PADDING;
  if (input->copy && needed <= input->room)
    return;
  mem_free(input->copy);
  input->copy = mem_alloc(needed);
  input->room = needed;
}

size_t yaml_input_check(struct yaml_input *input, size_t from)
{
  if (input->copy && from >= input->checked && from <= input->bad)
    return input->bad;
  make_room(input);
  struct str text = input->text;
  size_t at = from;
  for (;;) {
    while (text.len - at >= BLOCK && copy_block(input->copy + at, text.data + at))
      at += BLOCK;
    if (at >= text.len || !copy_characters(input, &at))
      break;
  }
  input->checked = from;
  input->bad = at;
  return at;
}

int yaml_input_refuse(struct str text, size_t at, uint32_t line, struct error *err)
{
  uint32_t point;
  unsigned width = utf8_decode(text, at, &point);
  size_t start = yaml_line_start(text, at);
  uint32_t column = (uint32_t)utf8_count(str_sub(text, start, at - start)) + 1;
  if (width == 0)
    return error_set_at(err, SW_EINVAL, line, column,
                        "the byte 0x%02X is not UTF-8 here: the text has another encoding, or is "
                        "binary data",
                        (unsigned char)text.data[at]);
  if (point == 0)
    return error_set_at(err, SW_EINVAL, line, column, "a zero byte: this is binary data, not text");
  return error_set_at(err, SW_EINVAL, line, column,
                      "the control character U+%04X: YAML allows none but tab and line breaks; in "
                      "double quotes it can be written \"\\u%04X\"",
                      (unsigned)point, (unsigned)point);
}

void yaml_input_set(struct yaml_input *input, struct str text)
{
  if (input->room > YAML_INPUT_KEEP)
    yaml_input_free(input);
  input->text = text;
  input->checked = 1;
  input->bad = 0;
}

void yaml_input_free(struct yaml_input *input)
{
  mem_free(input->copy);
  *input = (struct yaml_input){0};
}

/* Handing over */

static bool knows_buffer(void)
{
  int major, minor, patch;
  yaml_get_version(&major, &minor, &patch);
  return major == 0 && minor == 2 && patch <= 5;
}

/*
 * At its end of file, and with nothing undecoded, libyaml's reader leaves the buffer alone and
 * takes it to be complete up to a zero byte. `unread` counts characters; it may be too large, as
 * the zero byte comes first.
 */
static void lend_buffer(yaml_parser_t *parser, char *from, size_t len)
{
  mem_free(parser->buffer.start);
  parser->buffer.start = parser->buffer.pointer = (yaml_char_t *)from;
  parser->buffer.last = parser->buffer.end = (yaml_char_t *)from + len + 1;
  parser->unread = len + 1;
  parser->eof = 1;
}

void yaml_input_start(struct yaml_input *input, yaml_parser_t *parser, size_t from, size_t to)
{
  if (!yaml_parser_initialize(parser))
    mem_exhausted(sizeof *parser);
  input->to = to;
  memcpy(input->overwritten, input->copy + to, PADDING);
  memset(input->copy + to, 0, PADDING);
  yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(parser, (const unsigned char *)input->copy + from, to - from);
  if (knows_buffer())
    lend_buffer(parser, input->copy + from, to - from);
}

void yaml_input_stop(struct yaml_input *input, yaml_parser_t *parser)
{
  if (parser->buffer.start >= (yaml_char_t *)input->copy &&
      parser->buffer.start <= (yaml_char_t *)input->copy + input->to)
    parser->buffer.start = parser->buffer.pointer = parser->buffer.last = parser->buffer.end = NULL;
  yaml_parser_delete(parser);
  memcpy(input->copy + input->to, input->overwritten, PADDING);
}

size_t yaml_input_position(const struct yaml_input *input, const yaml_parser_t *parser, size_t from,
                           yaml_mark_t mark)
{
  size_t at;
  if (parser->buffer.start == (const yaml_char_t *)input->copy + from)
    at = from + (size_t)(parser->buffer.pointer - parser->buffer.start);
  else {
    /* what the reader took, less what it has decoded ahead; a zero byte at the end is not taken */
    const yaml_char_t *last = parser->buffer.last;
    while (last > parser->buffer.pointer && last[-1] == '\0')
      last--;
    at = from + parser->offset - (size_t)(last - parser->buffer.pointer);
  }
  if (at > input->to)
    at = input->to;
  for (size_t index = parser->mark.index; index > mark.index && at > from; index--) {
    at--;
    while (at > from && ((unsigned char)input->text.data[at] & 0xC0) == 0x80)
      at--;
  }
  return at;
}

/* Lines */

/* Bytes of the line break at position `at`; 0 if there is none. */
static size_t break_length(struct str text, size_t at)
{
  const unsigned char *s = (const unsigned char *)text.data + at;
  size_t left = text.len - at;
  if (left == 0)
    return 0;
  if (s[0] == '\n')
    return 1;
  if (s[0] == '\r')
    return left > 1 && s[1] == '\n' ? 2 : 1;
  if (s[0] == 0xC2)
    return left > 1 && s[1] == 0x85 ? 2 : 0;
  if (s[0] == 0xE2)
    return left > 2 && s[1] == 0x80 && (s[2] & 0xFE) == 0xA8 ? 3 : 0;
  return 0;
}

bool yaml_line_begins(struct str text, size_t at)
{
  /* between CR and LF no line begins */
  if (at && at < text.len && text.data[at] == '\n' && text.data[at - 1] == '\r')
    return false;
  for (size_t length = 1; length <= 3 && length <= at; length++)
    if (break_length(text, at - length) == length)
      return true;
  return at == 0;
}

size_t yaml_line_start(struct str text, size_t at)
{
  if (at > text.len)
    at = text.len;
  while (!yaml_line_begins(text, at))
    at--;
  return at;
}

size_t yaml_line_next(struct str text, size_t at)
{
  for (; at < text.len; at++) {
    size_t length = break_length(text, at);
    if (length)
      return at + length;
  }
  return text.len;
}

uint32_t yaml_line_count(struct str text)
{
  uint32_t count = 0;
  for (size_t at = 0; at < text.len;) {
    size_t length = break_length(text, at);
    count += length > 0;
    at += length ? length : 1;
  }
  return count;
}
