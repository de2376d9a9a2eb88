/* Words of GraphQL (section 2.1 of the specification). What is no word is an invalid token. */
#include "lang/graphql_lex_int.h"

#include "base/utf8.h"

struct gql_lexer gql_lexer_start(struct arena *a, struct str text)
{
  return (struct gql_lexer){.arena = a, .text = text, .line = 1};
}

static bool at_end(const struct gql_lexer *l)
{
  return l->end >= l->text.len;
}

static char here(const struct gql_lexer *l)
{
  return l->end < l->text.len ? l->text.data[l->end] : '\0';
}

static void step(struct gql_lexer *l)
{
  l->end++;
  l->column++;
}

/* One character, of one byte or more. */
static void step_character(struct gql_lexer *l)
{
  uint32_t point;
  unsigned size = utf8_decode(l->text, l->end, &point);
  l->end += size ? size : 1;
  l->column++;
}

static void new_line(struct gql_lexer *l)
{
  bool cr = here(l) == '\r';
  l->end++;
  if (cr && here(l) == '\n')
    l->end++;
  l->line++;
  l->column = 0;
}

static void skip_comment(struct gql_lexer *l)
{
  while (!at_end(l) && (here(l) == '\t' || (unsigned char)here(l) >= 0x20))
    step_character(l);
}

static void skip_ignored(struct gql_lexer *l)
{
  for (;;) {
    char ch = here(l);
    if (at_end(l))
      return;
    if (ch == '\t' || ch == ' ' || ch == ',')
      step(l);
    else if (ch == '\n' || ch == '\r')
      new_line(l);
    else if (ch == '#')
      skip_comment(l);
    else if (str_starts(str_sub(l->text, l->end, 3), STR("\xEF\xBB\xBF")))
      step_character(l);
    else
      return;
  }
}

static struct gql_token token(const struct gql_lexer *l, enum gql_token_kind kind, size_t start,
                              int32_t column)
{
  return (struct gql_token){kind, str_sub(l->text, start, l->end - start), {l->line, column + 1}};
}

static struct gql_token invalid(const struct gql_lexer *l)
{
  return (struct gql_token){GQL_TOKEN_INVALID, STR_EMPTY, {l->line, l->column + 1}};
}

static bool is_digit(char ch)
{
  return ch >= '0' && ch <= '9';
}

static bool is_name(char ch)
{
  return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_';
}

static bool take_digits(struct gql_lexer *l)
{
  bool any = false;
  for (; is_digit(here(l)); any = true)
    step(l);
  return any;
}

static struct gql_token read_number(struct gql_lexer *l)
{
  size_t start = l->end;
  int32_t column = l->column;
  enum gql_token_kind kind = GQL_TOKEN_INT;
  if (here(l) == '-')
    step(l);
  bool zero = here(l) == '0';
  if (zero)
    step(l);
  if (zero ? is_digit(here(l)) : !take_digits(l))
    return invalid(l);
  if (here(l) == '.') {
    kind = GQL_TOKEN_FLOAT;
    step(l);
    if (!take_digits(l))
      return invalid(l);
  }
  if (here(l) == 'e' || here(l) == 'E') {
    kind = GQL_TOKEN_FLOAT;
    step(l);
    if (here(l) == '-' || here(l) == '+')
      step(l);
    if (!take_digits(l))
      return invalid(l);
  }
  return token(l, kind, start, column);
}

static int hex_digit(char ch)
{
  if (is_digit(ch))
    return ch - '0';
  if (ch >= 'a' && ch <= 'f')
    return ch - 'a' + 10;
  return ch >= 'A' && ch <= 'F' ? ch - 'A' + 10 : -1;
}

/* Half of a surrogate pair stands for itself in no text: it becomes U+FFFD. */
static size_t add_point(char *text, uint32_t point)
{
  if (point >= 0xD800 && point <= 0xDFFF)
    point = 0xFFFD;
  if (point < 0x80) {
    text[0] = (char)point;
    return 1;
  }
  if (point < 0x800) {
    text[0] = (char)(0xC0 | point >> 6);
    text[1] = (char)(0x80 | (point & 0x3F));
    return 2;
  }
  text[0] = (char)(0xE0 | point >> 12);
  text[1] = (char)(0x80 | (point >> 6 & 0x3F));
  text[2] = (char)(0x80 | (point & 0x3F));
  return 3;
}

/* Behind a backslash; false: no such escape. */
static bool take_escape(struct gql_lexer *l, char *text, size_t *len)
{
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  char ch = l->end + 1 < l->text.len ? l->text.data[l->end + 1] : '\0';
  if (ch == 'u') {
    uint32_t point = 0;
    for (size_t i = 2; i < 6; i++) {
      int digit = l->end + i < l->text.len ? hex_digit(l->text.data[l->end + i]) : -1;
      if (digit < 0)
        return false;
      point = point << 4 | (uint32_t)digit;
    }
    *len += add_point(text + *len, point);
    l->end += 6;
    l->column += 6;
    return true;
  }
  const char *found = ch ? strchr(from, ch) : NULL;
  if (!found)
    return false;
  text[(*len)++] = to[found - from];
  l->end += 2;
  l->column += 2;
  return true;
}

/* The place of a string is that of its first character, as the reference has it. */
static struct gql_token read_string(struct gql_lexer *l)
{
  size_t first = l->end + 1;
  int32_t column = l->column + 1;
  char *text = NULL;
  size_t len = 0;
  step(l);
  while (!at_end(l) && here(l) != '\n' && here(l) != '\r') {
    unsigned char ch = (unsigned char)here(l);
    size_t before = l->end;
    if (ch < 0x20 && ch != '\t')
      return invalid(l);
    if (ch == '"') {
      struct gql_token t = token(l, GQL_TOKEN_STRING, first, column);
      if (text)
        t.text = str_make(text, len);
      step(l);
      return t;
    }
    if (ch == '\\') {
      if (!text) {
        ptrdiff_t end = str_find_byte(l->text, l->end, '\n');
        text = arena_alloc(l->arena, (end < 0 ? l->text.len : (size_t)end) - first);
        memcpy(text, l->text.data + first, l->end - first);
        len = l->end - first;
      }
      if (!take_escape(l, text, &len)) {
        step(l);
        return invalid(l);
      }
      continue;
    }
    step_character(l);
    if (text) {
      memcpy(text + len, l->text.data + before, l->end - before);
      len += l->end - before;
    }
  }
  return invalid(l);
}

/* ---- block strings: indentation and empty lines around are taken away */

static size_t indent_of(struct str line)
{
  size_t i = 0;
  while (i < line.len && (line.data[i] == ' ' || line.data[i] == '\t'))
    i++;
  return i;
}

static struct str block_value(struct arena *a, struct str raw)
{
  size_t common = SIZE_MAX, len = 0, kept = 0, lines = 0;
  struct str rest = raw, line;
  char *text = arena_alloc(a, raw.len + 1);
  for (line = str_cut(rest, '\n', &rest);; line = str_cut(rest, '\n', &rest)) {
    size_t indent = indent_of(line);
    if (indent < line.len && indent < common)
      common = indent;
    if (!rest.data)
      break;
  }
  rest = raw;
  for (line = str_cut(rest, '\n', &rest);; line = str_cut(rest, '\n', &rest), lines++) {
    bool blank = indent_of(line) == line.len;
    if (lines && common != SIZE_MAX)
      line = str_sub(line, common, line.len);
    if (kept || !blank) { /* the first line with something in it has been reached */
      if (kept)
        text[len++] = '\n';
      memcpy(text + len, line.data, line.len);
      len += line.len;
      if (!blank)
        kept = len;
    }
    if (!rest.data)
      break;
  }
  return str_make(text, kept);
}

static size_t quotes_at(const struct gql_lexer *l)
{
  size_t n = 0;
  while (l->end + n < l->text.len && l->text.data[l->end + n] == '"')
    n++;
  return n;
}

static struct gql_token read_block(struct gql_lexer *l)
{
  int32_t column = l->column + 3;
  char *text = arena_alloc(l->arena, l->text.len - l->end);
  size_t len = 0;
  l->end += 3;
  l->column += 3;
  while (!at_end(l)) {
    unsigned char ch = (unsigned char)here(l);
    size_t quotes = quotes_at(l), before = l->end;
    if (quotes >= 3) {
      memset(text + len, '"', quotes - 3);
      struct str raw = str_make(text, len + quotes - 3);
      struct gql_token t = {GQL_TOKEN_BLOCK, block_value(l->arena, raw), {l->line, column + 1}};
      l->end += quotes;
      l->column += (int32_t)quotes;
      return t;
    }
    if (ch < 0x20 && ch != '\t' && ch != '\n' && ch != '\r')
      return invalid(l);
    if (str_starts(str_sub(l->text, l->end, 4), STR("\\\"\"\""))) {
      memcpy(text + len, "\"\"\"", 3);
      len += 3;
      l->end += 4;
      l->column += 4;
    } else if (ch == '\n' || ch == '\r') {
      text[len++] = '\n';
      new_line(l);
    } else {
      step_character(l);
      memcpy(text + len, l->text.data + before, l->end - before);
      len += l->end - before;
    }
  }
  return invalid(l);
}

static struct gql_token read_name(struct gql_lexer *l)
{
  size_t start = l->end;
  int32_t column = l->column;
  while (is_name(here(l)) || is_digit(here(l)))
    step(l);
  return token(l, GQL_TOKEN_NAME, start, column);
}

struct gql_token gql_next_token(struct gql_lexer *l)
{
  static const char marks[] = "!$&():=@[]{}|";
  skip_ignored(l);
  if (at_end(l))
    return (struct gql_token){GQL_TOKEN_END, STR_EMPTY, {l->line, l->column + 1}};
  char ch = here(l);
  const char *mark = ch ? strchr(marks, ch) : NULL;
  if (mark) {
    struct gql_token t = {(enum gql_token_kind)(GQL_TOKEN_BANG + (mark - marks)),
                          STR_EMPTY,
                          {l->line, l->column + 1}};
    step(l);
    return t;
  }
  if (str_starts(str_sub(l->text, l->end, 3), STR("..."))) {
    struct gql_token t = {GQL_TOKEN_SPREAD, STR_EMPTY, {l->line, l->column + 1}};
    l->end += 3;
    l->column += 3;
    return t;
  }
  if (is_name(ch))
    return read_name(l);
  if (ch == '-' || is_digit(ch))
    return read_number(l);
  if (ch == '"')
    return quotes_at(l) >= 3 ? read_block(l) : read_string(l);
  return invalid(l);
}

struct str gql_token_name(enum gql_token_kind kind)
{
  static const struct str names[] = {
      [GQL_TOKEN_INVALID] = STR_INIT("<Invalid>"),
      [GQL_TOKEN_END] = STR_INIT("<EOF>"),
      [GQL_TOKEN_BANG] = STR_INIT("!"),
      [GQL_TOKEN_DOLLAR] = STR_INIT("$"),
      [GQL_TOKEN_AMP] = STR_INIT("&"),
      [GQL_TOKEN_PAREN_L] = STR_INIT("("),
      [GQL_TOKEN_PAREN_R] = STR_INIT(")"),
      [GQL_TOKEN_COLON] = STR_INIT(":"),
      [GQL_TOKEN_EQUALS] = STR_INIT("="),
      [GQL_TOKEN_AT] = STR_INIT("@"),
      [GQL_TOKEN_BRACKET_L] = STR_INIT("["),
      [GQL_TOKEN_BRACKET_R] = STR_INIT("]"),
      [GQL_TOKEN_BRACE_L] = STR_INIT("{"),
      [GQL_TOKEN_BRACE_R] = STR_INIT("}"),
      [GQL_TOKEN_PIPE] = STR_INIT("|"),
      [GQL_TOKEN_SPREAD] = STR_INIT("..."),
      [GQL_TOKEN_NAME] = STR_INIT("Name"),
      [GQL_TOKEN_INT] = STR_INIT("Int"),
      [GQL_TOKEN_FLOAT] = STR_INIT("Float"),
      [GQL_TOKEN_STRING] = STR_INIT("String"),
      [GQL_TOKEN_BLOCK] = STR_INIT("BlockString"),
  };
  return names[kind];
}
