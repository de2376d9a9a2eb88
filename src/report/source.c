#include "report/source.h"

#include "base/utf8.h"

enum { MARK_EVERY = 4 << 10 };

static const char byte_order_mark[] = "\xef\xbb\xbf";

static bool is_utf16(struct str text)
{
  return str_starts(text, STR("\xff\xfe")) || str_starts(text, STR("\xfe\xff")) ||
         (text.len >= 2 && (text.data[0] == '\0' || text.data[1] == '\0'));
}

void source_init(struct source *s, struct str text)
{
  *s = (struct source){.text = is_utf16(text) ? STR_EMPTY : text};
  size_t begin = str_starts(text, str_from(byte_order_mark)) ? 3 : 0;
  vec_push(&s->marks, (struct source_mark){begin, 1, 1});
}

void source_free(struct source *s)
{
  vec_free(&s->marks);
}

static bool is_before(struct source_mark m, uint32_t line, uint32_t column)
{
  return m.line < line || (m.line == line && m.column < column);
}

/* Moves a place over one character. */
static void step(struct str text, struct source_mark *place)
{
  char c = text.data[place->at];
  if (c == '\n' || c == '\r') {
    place->at += c == '\r' && place->at + 1 < text.len && text.data[place->at + 1] == '\n' ? 2 : 1;
    place->line++;
    place->column = 1;
    return;
  }
  uint32_t point;
  unsigned len = (unsigned char)c < 0x80 ? 1 : utf8_decode(text, place->at, &point);
  place->at += len ? len : 1;
  place->column++;
}

/* Sets marks until the last one lies behind the place, or the text ends. */
static void mark_up_to(struct source *s, uint32_t line, uint32_t column)
{
  for (;;) {
    struct source_mark place = s->marks.items[s->marks.count - 1];
    if (!is_before(place, line, column) || s->text.len - place.at <= MARK_EVERY)
      return;
    size_t next = place.at + MARK_EVERY;
    while (place.at < next && place.at < s->text.len)
      step(s->text, &place);
    vec_push(&s->marks, place);
  }
}

/* The last mark that is not behind the place. */
static struct source_mark mark_for(const struct source *s, uint32_t line, uint32_t column)
{
  size_t low = 0, high = s->marks.count;
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    struct source_mark m = s->marks.items[middle];
    if (is_before(m, line, column) || (m.line == line && m.column == column))
      low = middle;
    else
      high = middle;
  }
  return s->marks.items[low];
}

bool source_find(struct source *s, uint32_t line, uint32_t column, size_t *ret_at)
{
  column = column ? column : 1;
  if (line == 0 || s->text.len == 0)
    return false;
  mark_up_to(s, line, column);
  struct source_mark place = mark_for(s, line, column);
  while (is_before(place, line, column)) {
    if (place.at >= s->text.len)
      return false;
    step(s->text, &place);
  }
  if (place.line != line || place.column != column || place.at > s->text.len)
    return false;
  *ret_at = place.at;
  return true;
}

static bool is_end(char c)
{
  return c == '\n' || c == '\r';
}

size_t source_before(const struct source *s, size_t at, size_t most)
{
  size_t n = 0;
  while (n < most && n < at && !is_end(s->text.data[at - n - 1]))
    n++;
  return n;
}

size_t source_behind(const struct source *s, size_t at, size_t most)
{
  size_t n = 0;
  while (n < most && at + n < s->text.len && !is_end(s->text.data[at + n]))
    n++;
  return n;
}

/* A text in quotes: "..." with backslashes, '...' with doubled quotes. The whole line if the other
 * quote is not on it. */
static size_t quoted_length(struct str line)
{
  char quote = line.data[0];
  for (size_t i = 1; i < line.len; i++) {
    if (quote == '"' && line.data[i] == '\\')
      i++;
    else if (quote == '\'' && line.data[i] == '\'' && i + 1 < line.len && line.data[i + 1] == '\'')
      i++;
    else if (line.data[i] == quote)
      return i + 1;
  }
  return line.len;
}

/* A collection with what it holds; 1 if it does not end on the line. */
static size_t bracket_length(struct str line)
{
  size_t depth = 0;
  for (size_t i = 0; i < line.len; i++) {
    char c = line.data[i];
    if (c == '"' || c == '\'') {
      i += quoted_length(str_sub(line, i, line.len)) - 1;
    } else if (c == '[' || c == '{') {
      depth++;
    } else if (c == ']' || c == '}') {
      if (--depth == 0)
        return i + 1;
    }
  }
  return 1;
}

/* Does the text before a place leave a flow collection open? Brackets within quotes are taken for
 * brackets: a run that is a little short is all that comes of it. */
static bool in_flow(struct str before)
{
  long open = 0;
  for (size_t i = 0; i < before.len; i++) {
    char c = before.data[i];
    open += c == '[' || c == '{';
    open -= (c == ']' || c == '}') && open > 0;
  }
  return open > 0;
}

static bool is_blank(char c)
{
  return c == ' ' || c == '\t';
}

static size_t plain_length(struct str line, bool flow)
{
  size_t i = 0;
  for (; i < line.len; i++) {
    char c = line.data[i];
    bool last = i + 1 == line.len;
    if (c == ':' && (last || is_blank(line.data[i + 1]) || (flow && line.data[i + 1] == ',')))
      break;
    if (c == '#' && i > 0 && is_blank(line.data[i - 1]))
      break;
    if (flow && (c == ',' || c == ']' || c == '}'))
      break;
  }
  while (i > 0 && is_blank(line.data[i - 1]))
    i--;
  return i;
}

size_t source_token(const struct source *s, size_t at, struct str evidence)
{
  struct str line = str_sub(s->text, at, source_behind(s, at, SOURCE_TOKEN_MAX));
  if (line.len == 0)
    return 0;
  if (evidence.len && str_starts(line, evidence))
    return evidence.len;
  char c = line.data[0];
  if (c == '"' || c == '\'')
    return quoted_length(line);
  if (c == '[' || c == '{')
    return bracket_length(line);
  if (is_blank(c) || (c == '-' && line.len > 1 && is_blank(line.data[1])))
    return 1;
  size_t back = source_before(s, at, SOURCE_TOKEN_MAX);
  size_t len = plain_length(line, in_flow(str_sub(s->text, at - back, back)));
  return len ? len : 1;
}

size_t source_columns(const struct source *s, size_t at, size_t len)
{
  return utf8_count(str_sub(s->text, at, len));
}
