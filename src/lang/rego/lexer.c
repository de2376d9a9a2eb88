#include "lang/rego/lexer.h"

#include "base/utf8.h"

enum problem {
  PROBLEM_NONE,
  PROBLEM_TOKEN,
  PROBLEM_BANG,
  PROBLEM_DOLLAR,
  PROBLEM_NULL,
  PROBLEM_UTF8,
  PROBLEM_MARK,
  PROBLEM_STRING,
  PROBLEM_ESCAPE,
  PROBLEM_FRACTION,
  PROBLEM_EXPONENT,
  PROBLEM_NUMBER,
  PROBLEM_NESTED,
};

enum { BYTE_ORDER_MARK = 0xFEFF };

const char *rego_lexer_message(uint32_t detail)
{
  static const char *const messages[] = {
      [PROBLEM_NONE] = "illegal token",
      [PROBLEM_TOKEN] = "illegal token",
      [PROBLEM_BANG] = "illegal ! character",
      [PROBLEM_DOLLAR] = "illegal $ character",
      [PROBLEM_NULL] = "illegal null character",
      [PROBLEM_UTF8] = "illegal utf-8 character",
      [PROBLEM_MARK] = "illegal byte-order mark",
      [PROBLEM_STRING] = "non-terminated string",
      [PROBLEM_ESCAPE] = "illegal escape sequence",
      [PROBLEM_FRACTION] = "expected fraction",
      [PROBLEM_EXPONENT] = "expected exponent",
      [PROBLEM_NUMBER] = "illegal number format",
      [PROBLEM_NESTED] = "template strings are nested too deeply",
  };
  return messages[detail < sizeof messages / sizeof *messages ? detail : PROBLEM_TOKEN];
}

const char *rego_token_name(enum rego_token_kind kind)
{
  static const char *const names[REGO_TOKEN_KINDS] = {
      [REGO_TOKEN_ILLEGAL] = "illegal",
      [REGO_TOKEN_EOF] = "eof",
      [REGO_TOKEN_COMMENT] = "comment",
      [REGO_TOKEN_IDENT] = "identifier",
      [REGO_TOKEN_PACKAGE] = "package",
      [REGO_TOKEN_IMPORT] = "import",
      [REGO_TOKEN_AS] = "as",
      [REGO_TOKEN_DEFAULT] = "default",
      [REGO_TOKEN_ELSE] = "else",
      [REGO_TOKEN_NOT] = "not",
      [REGO_TOKEN_SOME] = "some",
      [REGO_TOKEN_WITH] = "with",
      [REGO_TOKEN_NULL] = "null",
      [REGO_TOKEN_TRUE] = "true",
      [REGO_TOKEN_FALSE] = "false",
      [REGO_TOKEN_IN] = "in",
      [REGO_TOKEN_EVERY] = "every",
      [REGO_TOKEN_CONTAINS] = "contains",
      [REGO_TOKEN_IF] = "if",
      [REGO_TOKEN_LOGICAL_AND] = "and",
      [REGO_TOKEN_LOGICAL_OR] = "or",
      [REGO_TOKEN_NUMBER] = "number",
      [REGO_TOKEN_STRING] = "string",
      [REGO_TOKEN_RAW_STRING] = "string",
      [REGO_TOKEN_TEMPLATE_PART] = "template-string-part",
      [REGO_TOKEN_TEMPLATE_END] = "template-string-end",
      [REGO_TOKEN_LBRACK] = "[",
      [REGO_TOKEN_RBRACK] = "]",
      [REGO_TOKEN_LBRACE] = "{",
      [REGO_TOKEN_RBRACE] = "}",
      [REGO_TOKEN_LPAREN] = "(",
      [REGO_TOKEN_RPAREN] = ")",
      [REGO_TOKEN_COMMA] = ",",
      [REGO_TOKEN_COLON] = ":",
      [REGO_TOKEN_SEMICOLON] = ";",
      [REGO_TOKEN_DOT] = ".",
      [REGO_TOKEN_ASSIGN] = "assign",
      [REGO_TOKEN_UNIFY] = "eq",
      [REGO_TOKEN_EQUAL] = "equal",
      [REGO_TOKEN_NOT_EQUAL] = "neq",
      [REGO_TOKEN_LESS] = "lt",
      [REGO_TOKEN_LESS_EQUAL] = "lte",
      [REGO_TOKEN_GREATER] = "gt",
      [REGO_TOKEN_GREATER_EQUAL] = "gte",
      [REGO_TOKEN_PLUS] = "plus",
      [REGO_TOKEN_MINUS] = "minus",
      [REGO_TOKEN_TIMES] = "mul",
      [REGO_TOKEN_DIVIDE] = "div",
      [REGO_TOKEN_REMAINDER] = "rem",
      [REGO_TOKEN_AND] = "and",
      [REGO_TOKEN_OR] = "or",
  };
  return names[kind];
}

enum rego_token_kind rego_word_kind(struct str word)
{
  static const struct str words[] = {
      [REGO_TOKEN_PACKAGE] = STR_INIT("package"), [REGO_TOKEN_IMPORT] = STR_INIT("import"),
      [REGO_TOKEN_AS] = STR_INIT("as"),           [REGO_TOKEN_DEFAULT] = STR_INIT("default"),
      [REGO_TOKEN_ELSE] = STR_INIT("else"),       [REGO_TOKEN_NOT] = STR_INIT("not"),
      [REGO_TOKEN_SOME] = STR_INIT("some"),       [REGO_TOKEN_WITH] = STR_INIT("with"),
      [REGO_TOKEN_NULL] = STR_INIT("null"),       [REGO_TOKEN_TRUE] = STR_INIT("true"),
      [REGO_TOKEN_FALSE] = STR_INIT("false"),     [REGO_TOKEN_IN] = STR_INIT("in"),
      [REGO_TOKEN_EVERY] = STR_INIT("every"),     [REGO_TOKEN_CONTAINS] = STR_INIT("contains"),
      [REGO_TOKEN_IF] = STR_INIT("if"),           [REGO_TOKEN_LOGICAL_AND] = STR_INIT("and"),
      [REGO_TOKEN_LOGICAL_OR] = STR_INIT("or"),
  };
  for (int kind = REGO_TOKEN_PACKAGE; kind <= REGO_TOKEN_LOGICAL_OR; kind++)
    if (str_eq(word, words[kind]))
      return (enum rego_token_kind)kind;
  return REGO_TOKEN_IDENT;
}

static bool is_letter(int c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(int c)
{
  return c >= '0' && c <= '9';
}

bool rego_is_identifier(struct str text)
{
  if (text.len == 0 || !is_letter(text.data[0]))
    return false;
  for (size_t i = 1; i < text.len; i++)
    if (!is_letter(text.data[i]) && !is_digit(text.data[i]))
      return false;
  return true;
}

void rego_lexer_start(struct rego_lexer *lexer, struct str text)
{
  *lexer = (struct rego_lexer){.text = text, .line = 1, .column = 1};
  if (str_starts(text, STR("\xEF\xBB\xBF")))
    lexer->at = 3;
}

/* The byte that comes next; -1 at the end. */
static int peek(const struct rego_lexer *lexer)
{
  return lexer->at < lexer->text.len ? (unsigned char)lexer->text.data[lexer->at] : -1;
}

static void note(struct rego_lexer *lexer, enum problem problem)
{
  if (!lexer->problem)
    lexer->problem = (uint8_t)problem;
}

/* Passes over one character, whatever it is, and notes if it may stand nowhere. */
static void step(struct rego_lexer *lexer)
{
  int c = peek(lexer);
  if (c < 0)
    return;
  unsigned len = 1;
  if (c >= 0x80) {
    uint32_t point;
    len = utf8_decode(lexer->text, lexer->at, &point);
    if (len == 0) {
      note(lexer, PROBLEM_UTF8);
      len = 1;
    } else if (point == BYTE_ORDER_MARK) {
      note(lexer, PROBLEM_MARK);
    }
  } else if (c == 0) {
    note(lexer, PROBLEM_NULL);
  }
  lexer->at += len;
  lexer->column++;
  if (c == '\n') {
    lexer->line++;
    lexer->column = 1;
  }
}

static bool take(struct rego_lexer *lexer, int c)
{
  if (peek(lexer) != c)
    return false;
  step(lexer);
  return true;
}

static bool take_digits(struct rego_lexer *lexer)
{
  uint32_t start = lexer->at;
  while (is_digit(peek(lexer)))
    step(lexer);
  return lexer->at != start;
}

static enum rego_token_kind read_number(struct rego_lexer *lexer)
{
  take_digits(lexer);
  if (take(lexer, '.') && !take_digits(lexer))
    note(lexer, PROBLEM_FRACTION);
  if (peek(lexer) == 'e' || peek(lexer) == 'E') {
    step(lexer);
    if (!take(lexer, '+'))
      take(lexer, '-');
    if (!take_digits(lexer))
      note(lexer, PROBLEM_EXPONENT);
  }
  if (is_letter(peek(lexer)))
    note(lexer, PROBLEM_NUMBER);
  while (is_letter(peek(lexer)) || is_digit(peek(lexer)))
    step(lexer);
  return REGO_TOKEN_NUMBER;
}

/* Behind a backslash. What follows \u is looked at when the string is decoded. */
static void read_escape(struct rego_lexer *lexer, bool in_template)
{
  int c = peek(lexer);
  if ((c > 0 && strchr("\\\"/bfnrtu", c)) || (c == '{' && in_template))
    step(lexer);
  else
    note(lexer, PROBLEM_ESCAPE);
}

static enum rego_token_kind read_string(struct rego_lexer *lexer)
{
  for (;;) {
    int c = peek(lexer);
    if (c < 0 || c == '\n') {
      note(lexer, PROBLEM_STRING);
      return REGO_TOKEN_STRING;
    }
    step(lexer);
    if (c == '"')
      return REGO_TOKEN_STRING;
    if (c == '\\')
      read_escape(lexer, false);
  }
}

static enum rego_token_kind read_raw_string(struct rego_lexer *lexer)
{
  while (peek(lexer) >= 0 && peek(lexer) != '`')
    step(lexer);
  if (!take(lexer, '`'))
    note(lexer, PROBLEM_STRING);
  return REGO_TOKEN_RAW_STRING;
}

/* The text of a template up to its end or the next expression. */
static enum rego_token_kind read_template(struct rego_lexer *lexer, bool raw)
{
  for (;;) {
    int c = peek(lexer);
    if (c < 0 || (c == '\n' && !raw)) {
      note(lexer, PROBLEM_STRING);
      return REGO_TOKEN_TEMPLATE_END;
    }
    step(lexer);
    if (c == (raw ? '`' : '"'))
      return REGO_TOKEN_TEMPLATE_END;
    if (c == '{')
      return REGO_TOKEN_TEMPLATE_PART;
    if (c == '\\' && raw)
      take(lexer, '{');
    else if (c == '\\')
      read_escape(lexer, true);
  }
}

static void start_template(struct rego_lexer *lexer, bool raw, struct rego_token *token)
{
  token->kind = (uint8_t)read_template(lexer, raw);
  token->flags |= raw ? REGO_TOKEN_RAW : 0;
  if (token->kind != REGO_TOKEN_TEMPLATE_PART)
    return;
  if (lexer->open == REGO_TEMPLATES_NESTED_MAX) {
    note(lexer, PROBLEM_NESTED);
    return;
  }
  lexer->templates[lexer->open].raw = raw;
  lexer->templates[lexer->open].braces = 0;
  lexer->open++;
}

static void continue_template(struct rego_lexer *lexer, struct rego_token *token)
{
  bool raw = lexer->templates[lexer->open - 1].raw;
  lexer->in_template = false;
  token->flags = REGO_TOKEN_CONTINUES | (raw ? REGO_TOKEN_RAW : 0);
  token->kind = (uint8_t)read_template(lexer, raw);
  if (token->kind == REGO_TOKEN_TEMPLATE_END)
    lexer->open--;
}

static enum rego_token_kind read_dollar(struct rego_lexer *lexer, struct rego_token *token)
{
  int c = peek(lexer);
  if (c != '"' && c != '`') {
    note(lexer, PROBLEM_DOLLAR);
    return REGO_TOKEN_ILLEGAL;
  }
  step(lexer);
  start_template(lexer, c == '`', token);
  return token->kind;
}

static enum rego_token_kind read_word(struct rego_lexer *lexer, struct rego_token *token)
{
  while (is_letter(peek(lexer)) || is_digit(peek(lexer)))
    step(lexer);
  struct str word = str_sub(lexer->text, token->start, lexer->at - token->start);
  if (str_eq(word, STR("_")))
    token->detail = lexer->wildcards++;
  return rego_word_kind(word);
}

static enum rego_token_kind open_brace(struct rego_lexer *lexer)
{
  if (lexer->open)
    lexer->templates[lexer->open - 1].braces++;
  return REGO_TOKEN_LBRACE;
}

static enum rego_token_kind close_brace(struct rego_lexer *lexer)
{
  if (lexer->open) {
    if (lexer->templates[lexer->open - 1].braces == 0)
      lexer->in_template = true;
    else
      lexer->templates[lexer->open - 1].braces--;
  }
  return REGO_TOKEN_RBRACE;
}

static enum rego_token_kind either(struct rego_lexer *lexer, int second, enum rego_token_kind with,
                                   enum rego_token_kind without)
{
  return take(lexer, second) ? with : without;
}

/* The token whose first character, c, has been passed over. */
static enum rego_token_kind read_sign(struct rego_lexer *lexer, int c, struct rego_token *token)
{
  switch (c) {
  case '"':
    return read_string(lexer);
  case '`':
    return read_raw_string(lexer);
  case '$':
    return read_dollar(lexer, token);
  case '[':
    return REGO_TOKEN_LBRACK;
  case ']':
    return REGO_TOKEN_RBRACK;
  case '{':
    return open_brace(lexer);
  case '}':
    return close_brace(lexer);
  case '(':
    return REGO_TOKEN_LPAREN;
  case ')':
    return REGO_TOKEN_RPAREN;
  case ',':
    return REGO_TOKEN_COMMA;
  case ';':
    return REGO_TOKEN_SEMICOLON;
  case '.':
    return REGO_TOKEN_DOT;
  case ':':
    return either(lexer, '=', REGO_TOKEN_ASSIGN, REGO_TOKEN_COLON);
  case '=':
    return either(lexer, '=', REGO_TOKEN_EQUAL, REGO_TOKEN_UNIFY);
  case '<':
    return either(lexer, '=', REGO_TOKEN_LESS_EQUAL, REGO_TOKEN_LESS);
  case '>':
    return either(lexer, '=', REGO_TOKEN_GREATER_EQUAL, REGO_TOKEN_GREATER);
  case '!':
    if (!take(lexer, '='))
      note(lexer, PROBLEM_BANG);
    return REGO_TOKEN_NOT_EQUAL;
  case '+':
    return REGO_TOKEN_PLUS;
  case '-':
    return REGO_TOKEN_MINUS;
  case '*':
    return REGO_TOKEN_TIMES;
  case '/':
    return REGO_TOKEN_DIVIDE;
  case '%':
    return REGO_TOKEN_REMAINDER;
  case '&':
    return REGO_TOKEN_AND;
  case '|':
    return REGO_TOKEN_OR;
  default:
    note(lexer, PROBLEM_TOKEN);
    return REGO_TOKEN_ILLEGAL;
  }
}

static enum rego_token_kind read_comment(struct rego_lexer *lexer)
{
  while (peek(lexer) >= 0 && peek(lexer) != '\n')
    step(lexer);
  return REGO_TOKEN_COMMENT;
}

static uint8_t skip_space(struct rego_lexer *lexer)
{
  uint8_t flags = lexer->at == 0 ? REGO_TOKEN_SPACED : 0;
  for (;;) {
    int c = peek(lexer);
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
      return flags;
    flags |= REGO_TOKEN_SPACED;
    if (c == '\n')
      flags |= REGO_TOKEN_NEW_LINE;
    step(lexer);
  }
}

static void place_token(const struct rego_lexer *lexer, struct rego_token *token)
{
  token->start = lexer->at;
  token->line = lexer->line;
  token->column = lexer->column;
}

void rego_lexer_next(struct rego_lexer *lexer, struct rego_token *ret)
{
  struct rego_token token = {0};
  lexer->problem = PROBLEM_NONE;
  if (lexer->in_template) {
    place_token(lexer, &token);
    continue_template(lexer, &token);
  } else {
    token.flags = skip_space(lexer);
    place_token(lexer, &token);
    int c = peek(lexer);
    if (c < 0)
      token.kind = REGO_TOKEN_EOF;
    else if (is_letter(c))
      token.kind = (uint8_t)read_word(lexer, &token);
    else if (is_digit(c))
      token.kind = (uint8_t)read_number(lexer);
    else if (c == '#')
      token.kind = (uint8_t)read_comment(lexer);
    else {
      step(lexer);
      token.kind = (uint8_t)read_sign(lexer, c, &token);
    }
  }
  token.end = lexer->at;
  if (lexer->problem) {
    token.kind = REGO_TOKEN_ILLEGAL;
    token.detail = lexer->problem;
    /* Or one quote too few would turn the rest of the text inside out. */
    lexer->open = 0;
    lexer->in_template = false;
  }
  *ret = token;
}
