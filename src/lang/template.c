/* Templates from texts. */
#include "lang/template_int.h"

#include <errno.h>
#include <stdlib.h>

enum token_kind {
  TOKEN_END,   /* of the text */
  TOKEN_CLOSE, /* }} */
  TOKEN_SPACE,
  TOKEN_FIELD, /* .name */
  TOKEN_DOT,
  TOKEN_VARIABLE, /* $name */
  TOKEN_NAME,     /* keywords, functions, true, false, nil */
  TOKEN_CHARACTER,
  TOKEN_NUMBER,
  TOKEN_STRING,
  TOKEN_RAW,
  TOKEN_PIPE,
  TOKEN_DECLARE, /* := */
  TOKEN_ASSIGN,  /* = */
  TOKEN_PAREN_L,
  TOKEN_PAREN_R,
  TOKEN_COMMA,
};

struct token {
  enum token_kind kind;
  struct str text;
  size_t start;
};

struct parser {
  struct arena *arena;
  struct str text, name;
  struct template_tree *tree;
  struct error *err;
  int failed;
  size_t at;
  struct token token; /* the next one, inside of an action */
  bool trim;          /* the action before ended in -}} */
  unsigned depth, loops;
  struct str *variables; /* in sight */
  uint32_t count, room;
};

void template_place(struct str text, size_t at, unsigned *ret_line, unsigned *ret_column)
{
  size_t begin = 0;
  *ret_line = 1;
  for (size_t i = 0; i < at && i < text.len; i++)
    if (text.data[i] == '\n') {
      ++*ret_line;
      begin = i + 1;
    }
  *ret_column = (unsigned)(at - begin);
}

static void fail(struct parser *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void fail(struct parser *p, const char *format, ...)
{
  char text[ERROR_MESSAGE_MAX];
  unsigned line, column;
  va_list arguments;
  if (p->failed)
    return;
  template_place(p->text, p->token.start, &line, &column);
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  p->failed = error_set_at(p->err, SW_EINVAL, line, 0, "template: %.*s:%u: %s", STR_FMT(p->name),
                           line, text);
}

static bool enter(struct parser *p)
{
  if (++p->depth > TEMPLATE_DEPTH_MAX && !p->failed)
    p->failed = error_set(p->err, SW_ELIMIT, "the template is nested too deep");
  return !p->failed;
}

/* ---- words of actions */

static bool is_space(char ch)
{
  return ch == ' ' || ch == '\t' || ch == '\r' || ch == '\n';
}

static bool is_word(char ch)
{
  return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
         ch == '_' || (unsigned char)ch >= 0x80;
}

static char peek(const struct parser *p, size_t ahead)
{
  return p->at + ahead < p->text.len ? p->text.data[p->at + ahead] : '\0';
}

static bool ahead_is(const struct parser *p, const char *what)
{
  return str_starts(str_sub(p->text, p->at, p->text.len), str_from(what));
}

static void take(struct parser *p, enum token_kind kind, size_t start)
{
  p->token = (struct token){kind, str_sub(p->text, start, p->at - start), start};
}

/* A quoted text; false: it does not end on its line. */
static bool skip_quoted(struct parser *p, char quote)
{
  for (p->at++; p->at < p->text.len && peek(p, 0) != '\n'; p->at++) {
    if (peek(p, 0) == '\\')
      p->at++;
    else if (peek(p, 0) == quote) {
      p->at++;
      return true;
    }
  }
  return false;
}

static void lex_number(struct parser *p, size_t start)
{
  if (peek(p, 0) == '+' || peek(p, 0) == '-')
    p->at++;
  while (is_word(peek(p, 0)) || peek(p, 0) == '.' ||
         ((peek(p, 0) == '+' || peek(p, 0) == '-') && p->at > start &&
          strchr("eEpP", p->text.data[p->at - 1])))
    p->at++;
  take(p, TOKEN_NUMBER, start);
}

static void lex_quoted(struct parser *p, size_t start)
{
  char ch = peek(p, 0);
  p->token.start = start;
  if (ch == '`') {
    ptrdiff_t end = str_find_byte(p->text, start + 1, '`');
    if (end < 0) {
      fail(p, "unterminated raw quoted string");
      return;
    }
    p->at = (size_t)end + 1;
    take(p, TOKEN_RAW, start);
  } else if (!skip_quoted(p, ch)) {
    fail(p, ch == '"' ? "unterminated quoted string" : "unterminated character constant");
  } else {
    take(p, ch == '"' ? TOKEN_STRING : TOKEN_CHARACTER, start);
  }
}

static bool is_close(const struct parser *p)
{
  return ahead_is(p, "}}") ||
         (is_space(peek(p, 0)) && peek(p, 1) == '-' && peek(p, 2) == '}' && peek(p, 3) == '}');
}

static void lex_mark(struct parser *p, size_t start)
{
  static const struct {
    char ch;
    enum token_kind kind;
  } marks[] = {{'|', TOKEN_PIPE},
               {'=', TOKEN_ASSIGN},
               {'(', TOKEN_PAREN_L},
               {')', TOKEN_PAREN_R},
               {',', TOKEN_COMMA}};
  for (unsigned i = 0; i < sizeof marks / sizeof *marks; i++)
    if (peek(p, 0) == marks[i].ch) {
      p->at++;
      take(p, marks[i].kind, start);
      return;
    }
  p->token.start = start;
  fail(p, "unexpected bad character U+%04X in command", (unsigned char)p->text.data[start]);
}

static void next(struct parser *p)
{
  size_t start = p->at;
  char ch = peek(p, 0);
  if (p->failed)
    return;
  if (p->at >= p->text.len) {
    p->token.start = start;
    fail(p, "unclosed action");
  } else if (is_close(p)) {
    p->trim = ch != '}';
    p->at += p->trim ? 4 : 2;
    take(p, TOKEN_CLOSE, start);
  } else if (is_space(ch)) {
    while (is_space(peek(p, 0)) && !is_close(p))
      p->at++;
    take(p, TOKEN_SPACE, start);
  } else if (ch == ':') {
    p->token.start = start;
    if (peek(p, 1) != '=') {
      fail(p, "expected :=");
      return;
    }
    p->at += 2;
    take(p, TOKEN_DECLARE, start);
  } else if (ch == '"' || ch == '`' || ch == '\'') {
    lex_quoted(p, start);
  } else if (ch == '$' ||
             (ch == '.' && is_word(peek(p, 1)) && !(peek(p, 1) >= '0' && peek(p, 1) <= '9'))) {
    p->at++;
    while (is_word(peek(p, 0)))
      p->at++;
    take(p, ch == '$' ? TOKEN_VARIABLE : TOKEN_FIELD, start);
  } else if (ch == '.' && !(peek(p, 1) >= '0' && peek(p, 1) <= '9')) {
    p->at++;
    take(p, TOKEN_DOT, start);
  } else if (ch == '+' || ch == '-' || ch == '.' || (ch >= '0' && ch <= '9')) {
    lex_number(p, start);
  } else if (is_word(ch)) {
    while (is_word(peek(p, 0)))
      p->at++;
    take(p, TOKEN_NAME, start);
  } else {
    lex_mark(p, start);
  }
}

static bool is(const struct parser *p, enum token_kind kind)
{
  return !p->failed && p->token.kind == kind;
}

static bool is_name(const struct parser *p, const char *name)
{
  return is(p, TOKEN_NAME) && str_eq(p->token.text, str_from(name));
}

static void skip_space(struct parser *p)
{
  if (is(p, TOKEN_SPACE))
    next(p);
}

static void unexpected(struct parser *p, const char *where)
{
  struct str shown = str_sub(p->token.text, 0, 40);
  if (is(p, TOKEN_CLOSE))
    fail(p, "unexpected \"}}\" in %s", where);
  else
    fail(p, "unexpected %s%.*s%s in %s", is(p, TOKEN_NAME) ? "<" : "\"", STR_FMT(shown),
         is(p, TOKEN_NAME) ? ">" : "\"", where);
}

static void close_action(struct parser *p, const char *where)
{
  skip_space(p);
  if (!is(p, TOKEN_CLOSE))
    unexpected(p, where);
}

/* ---- literals */

static size_t add_point(char *text, uint32_t point)
{
  if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
    point = 0xFFFD;
  if (point < 0x80) {
    text[0] = (char)point;
    return 1;
  }
  size_t len = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  static const unsigned char heads[] = {0, 0, 0xC0, 0xE0, 0xF0};
  for (size_t i = len; i-- > 1; point >>= 6)
    text[i] = (char)(0x80 | (point & 0x3F));
  text[0] = (char)(heads[len] | point);
  return len;
}

/* What stands behind a backslash, in Go; 0: nothing that Go knows. */
static size_t unescape(struct str s, size_t at, uint32_t *ret_point)
{
  static const char from[] = "abfnrtv\\'\"", to[] = "\a\b\f\n\r\t\v\\'\"";
  char ch = at < s.len ? s.data[at] : '\0';
  const char *found = ch ? strchr(from, ch) : NULL;
  unsigned digits = ch == 'x' ? 2 : ch == 'u' ? 4 : ch == 'U' ? 8 : ch >= '0' && ch <= '7' ? 3 : 0;
  size_t skip = digits == 3 ? 0 : 1;
  if (found) {
    *ret_point = (unsigned char)to[found - from];
    return 1;
  }
  *ret_point = 0;
  for (unsigned i = 0; i < digits; i++) {
    char d = at + skip + i < s.len ? s.data[at + skip + i] : '\0';
    int n = d >= '0' && d <= '9'   ? d - '0'
            : d >= 'a' && d <= 'f' ? d - 'a' + 10
            : d >= 'A' && d <= 'F' ? d - 'A' + 10
                                   : -1;
    if (n < 0 || (digits == 3 && n > 7))
      return 0;
    *ret_point = *ret_point * (digits == 3 ? 8 : 16) + (uint32_t)n;
  }
  return digits ? digits + skip : 0;
}

static bool unquote(struct parser *p, struct str s, struct str *ret)
{
  char *text = arena_alloc(p->arena, s.len * 4 + 1);
  size_t len = 0;
  for (size_t i = 0; i < s.len; i++) {
    uint32_t point;
    size_t used = s.data[i] == '\\' ? unescape(s, i + 1, &point) : 0;
    if (s.data[i] == '\\' && !used)
      return false;
    if (used)
      len += add_point(text + len, point);
    else
      text[len++] = s.data[i];
    i += used;
  }
  *ret = str_make(text, len);
  return true;
}

static void character(struct parser *p, struct template_operand *o)
{
  struct str inside = str_sub(p->token.text, 1, p->token.text.len - 2), text;
  o->kind = OPERAND_INT;
  if (!unquote(p, inside, &text) || !text.len) {
    fail(p, "malformed character constant: %.*s", STR_FMT(str_sub(p->token.text, 0, 40)));
    return;
  }
  unsigned char first = (unsigned char)text.data[0];
  size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  o->integer = first < 0x80 ? first : first & (0x7F >> size);
  for (size_t i = 1; i < size && i < text.len; i++)
    o->integer = o->integer << 6 | (text.data[i] & 0x3F);
  if (text.len != size)
    fail(p, "malformed character constant: %.*s", STR_FMT(str_sub(p->token.text, 0, 40)));
}

/* Go's literals: 0x, 0o, 0b, underscores, and what strtod reads. */
static void number(struct parser *p, struct template_operand *o)
{
  char text[80], *rest;
  size_t len = 0;
  struct str s = p->token.text;
  for (size_t i = 0; i < s.len && len + 1 < sizeof text; i++)
    if (s.data[i] != '_')
      text[len++] = s.data[i];
  text[len] = 0;
  const char *digits = text + (text[0] == '+' || text[0] == '-');
  bool hex = digits[0] == '0' && (digits[1] | 32) == 'x';
  int base = hex                                           ? 16
             : digits[0] == '0' && (digits[1] | 32) == 'b' ? 2
             : digits[0] == '0' && (digits[1] | 32) == 'o' ? 8
             : digits[0] == '0' && digits[1]               ? 8
                                                           : 10;
  bool is_float = strpbrk(text, hex ? ".pP" : ".eE") != NULL;
  errno = 0;
  if (is_float) {
    o->kind = OPERAND_FLOAT;
    o->real = strtod(text, &rest);
  } else {
    bool prefixed = base == 2 || (base == 8 && (digits[1] | 32) == 'o');
    o->kind = OPERAND_INT;
    o->integer = strtoll(digits + (prefixed ? 2 : 0), &rest, base);
    if (text[0] == '-')
      o->integer = -o->integer;
    if (rest == digits + (prefixed ? 2 : 0))
      rest = text;
  }
  if (rest != text + len || s.len >= sizeof text)
    fail(p, "bad number syntax: \"%.*s\"", STR_FMT(str_sub(s, 0, 40)));
  else if (errno == ERANGE && !is_float)
    fail(p, "integer overflow: \"%.*s\"", STR_FMT(str_sub(s, 0, 40)));
}

/* ---- operands, commands, pipelines */

static struct template_pipe *pipeline(struct parser *p, const char *where, bool in_parens);

static bool is_variable(const struct parser *p, struct str name)
{
  for (uint32_t i = 0; i < p->count; i++)
    if (str_eq(p->variables[i], name))
      return true;
  return str_eq(name, STR("$"));
}

static void add_variable(struct parser *p, struct str name)
{
  if (p->count == p->room) {
    struct str *more = arena_array(p->arena, struct str, p->room * 2 + 8);
    if (p->count)
      memcpy(more, p->variables, p->count * sizeof *more);
    p->variables = more;
    p->room = p->room * 2 + 8;
  }
  p->variables[p->count++] = name;
}

/* The term that the token begins; false: it begins none. */
static bool term(struct parser *p, struct template_operand *o)
{
  struct str text = p->token.text;
  *o = (struct template_operand){.start = p->token.start, .name = text};
  switch (p->token.kind) {
  case TOKEN_NAME:
    o->kind = OPERAND_FUNCTION;
    if (is_name(p, "true") || is_name(p, "false")) {
      o->kind = OPERAND_BOOL;
      o->boolean = is_name(p, "true");
    } else if (is_name(p, "nil")) {
      o->kind = OPERAND_NIL;
    } else if (!template_function_find(text)) {
      fail(p, "function \"%.*s\" not defined", STR_FMT(str_sub(text, 0, 100)));
    }
    break;
  case TOKEN_DOT:
    o->kind = OPERAND_DOT;
    break;
  case TOKEN_VARIABLE:
    o->kind = OPERAND_VARIABLE;
    if (!is_variable(p, text))
      fail(p, "undefined variable \"%.*s\"", STR_FMT(str_sub(text, 0, 100)));
    break;
  case TOKEN_FIELD:
    o->kind = OPERAND_FIELD;
    return !p->failed; /* taken with the fields */
  case TOKEN_CHARACTER:
    character(p, o);
    break;
  case TOKEN_NUMBER:
    number(p, o);
    break;
  case TOKEN_STRING:
    o->kind = OPERAND_STRING;
    if (!unquote(p, str_sub(text, 1, text.len - 2), &o->name))
      fail(p, "invalid syntax");
    break;
  case TOKEN_RAW:
    o->kind = OPERAND_STRING;
    o->name = str_sub(text, 1, text.len - 2);
    break;
  case TOKEN_PAREN_L:
    o->kind = OPERAND_PIPE;
    next(p);
    o->pipe = pipeline(p, "parenthesized pipeline", true);
    break;
  default:
    return false;
  }
  next(p);
  return !p->failed;
}

static bool operand(struct parser *p, struct template_operand *o)
{
  struct str *fields = NULL;
  uint32_t room = 0;
  if (p->failed || !term(p, o))
    return false;
  bool may = o->kind == OPERAND_FIELD || o->kind == OPERAND_VARIABLE || o->kind == OPERAND_PIPE ||
             o->kind == OPERAND_FUNCTION;
  if (is(p, TOKEN_FIELD) && !may)
    fail(p, "unexpected . after term \"%.*s\"",
         STR_FMT(str_sub(p->text, o->start, p->token.start - o->start)));
  while (is(p, TOKEN_FIELD)) {
    if (o->field_count == room) {
      struct str *more = arena_array(p->arena, struct str, room * 2 + 4);
      if (room)
        memcpy(more, fields, room * sizeof *more);
      fields = more;
      room = room * 2 + 4;
    }
    fields[o->field_count++] = str_sub(p->token.text, 1, p->token.text.len);
    next(p);
  }
  o->fields = fields;
  o->end = p->token.start;
  return !p->failed;
}

static void push_operand(struct parser *p, struct template_command *c, struct template_operand o)
{
  if (c->count == c->room) {
    struct template_operand *more = arena_array(p->arena, struct template_operand, c->room * 2 + 4);
    if (c->count)
      memcpy(more, c->operands, c->count * sizeof *more);
    c->operands = more;
    c->room = c->room * 2 + 4;
  }
  c->operands[c->count++] = o;
}

static struct template_command command(struct parser *p)
{
  struct template_command c = {.count = 0};
  struct template_operand o;
  for (;;) {
    skip_space(p);
    if (!operand(p, &o))
      break;
    push_operand(p, &c, o);
    if (!is(p, TOKEN_SPACE))
      break;
  }
  if (!c.count && !is(p, TOKEN_CLOSE) && !is(p, TOKEN_PAREN_R) && !is(p, TOKEN_PIPE))
    unexpected(p, "operand");
  if (c.count && !is(p, TOKEN_SPACE) && !is(p, TOKEN_CLOSE) && !is(p, TOKEN_PAREN_R) &&
      !is(p, TOKEN_PIPE))
    unexpected(p, "operand");
  if (!c.count)
    fail(p, "empty command");
  return c;
}

/* `$x :=`, `$x =`, and for range `$i, $x :=`; nothing is taken if there is none. */
static void declaration(struct parser *p, struct template_pipe *pipe, bool is_range)
{
  struct parser before = *p;
  struct str names[2];
  uint32_t count = 0;
  skip_space(p);
  while (is(p, TOKEN_VARIABLE) && count < 2) {
    names[count++] = p->token.text;
    next(p);
    skip_space(p);
    if (!is(p, TOKEN_COMMA) || !is_range)
      break;
    next(p);
    skip_space(p);
  }
  bool declares = is(p, TOKEN_DECLARE), assigns = is(p, TOKEN_ASSIGN);
  if (!count || (!declares && !assigns)) {
    bool failed = p->failed != 0;
    if (!failed)
      *p = before;
    return;
  }
  next(p);
  pipe->assigns = assigns;
  pipe->variable_count = count;
  memcpy(pipe->variables, names, count * sizeof *names);
  for (uint32_t i = 0; i < count; i++) {
    if (assigns && !is_variable(p, names[i]))
      fail(p, "undefined variable \"%.*s\"", STR_FMT(str_sub(names[i], 0, 100)));
  }
}

static void check_stages(struct parser *p, const struct template_pipe *pipe)
{
  for (uint32_t i = 1; i < pipe->count; i++) {
    enum template_operand_kind kind = pipe->commands[i].operands[0].kind;
    if (kind == OPERAND_BOOL || kind == OPERAND_DOT || kind == OPERAND_NIL || kind == OPERAND_INT ||
        kind == OPERAND_FLOAT || kind == OPERAND_STRING)
      fail(p, "non executable command in pipeline stage %u", (unsigned)i + 1);
  }
}

static void push_command(struct parser *p, struct template_pipe *pipe, struct template_command c)
{
  if (pipe->count == pipe->room) {
    struct template_command *more =
        arena_array(p->arena, struct template_command, pipe->room * 2 + 2);
    if (pipe->count)
      memcpy(more, pipe->commands, pipe->count * sizeof *more);
    pipe->commands = more;
    pipe->room = pipe->room * 2 + 2;
  }
  pipe->commands[pipe->count++] = c;
}

/* Ends before its }} or at its parenthesis. */
static struct template_pipe *pipeline(struct parser *p, const char *where, bool in_parens)
{
  struct template_pipe *pipe = arena_new(p->arena, struct template_pipe);
  if (!enter(p))
    return pipe;
  skip_space(p);
  pipe->start = p->token.start;
  if (!in_parens)
    declaration(p, pipe, str_eq(str_from(where), STR("range")));
  skip_space(p);
  if (is(p, TOKEN_CLOSE) || is(p, TOKEN_PAREN_R))
    fail(p, "missing value for %s", where);
  while (!p->failed) {
    push_command(p, pipe, command(p));
    skip_space(p);
    if (!is(p, TOKEN_PIPE))
      break;
    next(p);
  }
  if (in_parens ? !is(p, TOKEN_PAREN_R) : !is(p, TOKEN_CLOSE))
    in_parens &&is(p, TOKEN_CLOSE) ? fail(p, "unclosed left paren") : unexpected(p, where);
  if (!p->failed)
    check_stages(p, pipe);
  for (uint32_t i = 0; !pipe->assigns && i < pipe->variable_count; i++)
    add_variable(p, pipe->variables[i]);
  pipe->end = p->token.start;
  p->depth--;
  return pipe;
}

/* ---- nodes */

enum stop { STOP_END_OF_TEXT, STOP_END, STOP_ELSE };

static struct template_node *nodes(struct parser *p, enum stop *ret_stop);

static struct template_node *new_node(struct parser *p, enum template_kind kind)
{
  struct template_node *n = arena_new(p->arena, struct template_node);
  n->kind = kind;
  n->start = p->token.start;
  return n;
}

static void want_end(struct parser *p, enum stop stop, bool may_else)
{
  if (stop == STOP_END_OF_TEXT)
    fail(p, "unexpected EOF");
  else if (stop == STOP_ELSE && !may_else)
    fail(p, "unexpected {{else}}");
}

static struct template_node *control(struct parser *p, enum template_kind kind, const char *word);

/* Behind {{else: "if" and "with" go on in an else of their own, whose end is the outer one's. */
static void otherwise(struct parser *p, struct template_node *n)
{
  enum stop stop;
  skip_space(p);
  bool goes_on = (n->kind == TEMPLATE_IF && is_name(p, "if")) ||
                 (n->kind == TEMPLATE_WITH && is_name(p, "with"));
  if (goes_on) {
    next(p);
    n->otherwise = control(p, n->kind, n->kind == TEMPLATE_IF ? "if" : "with");
    return;
  }
  close_action(p, "else");
  n->otherwise = nodes(p, &stop);
  want_end(p, stop, false);
}

static struct template_node *control(struct parser *p, enum template_kind kind, const char *word)
{
  struct template_node *n = new_node(p, kind);
  uint32_t count = p->count;
  enum stop stop = STOP_END;
  if (!enter(p))
    return n;
  n->pipe = pipeline(p, word, false);
  p->loops += kind == TEMPLATE_RANGE;
  if (!p->failed)
    n->body = nodes(p, &stop);
  p->loops -= kind == TEMPLATE_RANGE;
  want_end(p, stop, true);
  if (stop == STOP_ELSE && !p->failed)
    otherwise(p, n);
  p->count = count;
  p->depth--;
  return n;
}

static struct str quoted_name(struct parser *p, const char *where)
{
  struct template_operand o = {.name = STR_EMPTY};
  skip_space(p);
  if (!is(p, TOKEN_STRING) && !is(p, TOKEN_RAW))
    unexpected(p, where);
  else
    term(p, &o);
  return o.name;
}

static void define(struct parser *p, struct str name, struct template_node *body)
{
  struct template_definition *d = arena_new(p->arena, struct template_definition);
  *d = (struct template_definition){name, body, p->tree->definitions};
  p->tree->definitions = d;
}

/* A body with variables of its own: only $ is in sight. */
static struct template_node *separate(struct parser *p)
{
  uint32_t count = p->count;
  unsigned loops = p->loops;
  enum stop stop;
  p->count = p->loops = 0;
  struct template_node *body = enter(p) ? nodes(p, &stop) : NULL;
  if (!p->failed)
    want_end(p, stop, false);
  p->depth--;
  p->count = count;
  p->loops = loops;
  return body;
}

static struct template_node *call(struct parser *p, bool is_block)
{
  struct template_node *n = new_node(p, TEMPLATE_CALL);
  n->text = quoted_name(p, is_block ? "block clause" : "template clause");
  skip_space(p);
  if (is_block || !is(p, TOKEN_CLOSE))
    n->pipe = pipeline(p, is_block ? "block clause" : "template", false);
  if (is_block && !p->failed)
    define(p, n->text, separate(p));
  return n;
}

static struct template_node *jump(struct parser *p, enum template_kind kind, const char *word)
{
  struct template_node *n = new_node(p, kind);
  close_action(p, word);
  if (!p->loops)
    fail(p, "{{%s}} outside {{range}}", word);
  return n;
}

/* The action whose first word is the token; NULL: it gives no node. */
static struct template_node *action(struct parser *p, enum stop *ret_stop, bool *ret_stopped)
{
  static const struct {
    const char *word;
    enum template_kind kind;
  } controls[] = {{"if", TEMPLATE_IF}, {"range", TEMPLATE_RANGE}, {"with", TEMPLATE_WITH}};
  for (unsigned i = 0; i < 3; i++)
    if (is_name(p, controls[i].word)) {
      next(p);
      return control(p, controls[i].kind, controls[i].word);
    }
  if (is_name(p, "end") || is_name(p, "else")) {
    *ret_stopped = true;
    *ret_stop = is_name(p, "end") ? STOP_END : STOP_ELSE;
    next(p);
    if (*ret_stop == STOP_END)
      close_action(p, "end");
    return NULL;
  }
  bool is_block = is_name(p, "block");
  if (is_block || is_name(p, "template")) {
    next(p);
    return call(p, is_block);
  }
  if (is_name(p, "break") || is_name(p, "continue")) {
    bool is_break = is_name(p, "break");
    next(p);
    return jump(p, is_break ? TEMPLATE_BREAK : TEMPLATE_CONTINUE, is_break ? "break" : "continue");
  }
  if (is_name(p, "define")) {
    if (p->depth)
      fail(p, "unexpected {{define}}");
    next(p);
    struct str name = quoted_name(p, "define clause");
    close_action(p, "define clause");
    if (!p->failed)
      define(p, name, separate(p));
    return NULL;
  }
  struct template_node *n = new_node(p, TEMPLATE_ACTION);
  n->pipe = pipeline(p, "command", false);
  return n;
}

/* A comment takes up a whole action. */
static bool skip_comment(struct parser *p)
{
  if (!ahead_is(p, "/*"))
    return false;
  ptrdiff_t end = str_find(p->text, p->at + 2, STR("*/"));
  p->token.start = p->at;
  if (end < 0) {
    fail(p, "unclosed comment");
    return true;
  }
  p->at = (size_t)end + 2;
  if (!is_close(p))
    fail(p, "comment ends before closing delimiter");
  next(p);
  return true;
}

static struct str without_spaces_behind(struct str s)
{
  while (s.len && is_space(s.data[s.len - 1]))
    s.len--;
  return s;
}

/* The text up to the next action; false: there is none. */
static bool plain_text(struct parser *p, struct template_node ***tail)
{
  ptrdiff_t open = str_find(p->text, p->at, STR("{{"));
  size_t end = open < 0 ? p->text.len : (size_t)open;
  struct str text = str_sub(p->text, p->at, end - p->at);
  bool trims = open >= 0 && end + 3 < p->text.len && p->text.data[end + 2] == '-' &&
               is_space(p->text.data[end + 3]);
  while (p->trim && text.len && is_space(text.data[0]))
    text = str_sub(text, 1, text.len);
  if (trims)
    text = without_spaces_behind(text);
  p->trim = false;
  p->token.start = end;
  if (text.len) {
    struct template_node *n = new_node(p, TEMPLATE_TEXT);
    n->text = text;
    **tail = n;
    *tail = &n->next;
  }
  p->at = open < 0 ? end : end + 2 + (trims ? 2 : 0);
  return open >= 0;
}

static struct template_node *nodes(struct parser *p, enum stop *ret_stop)
{
  struct template_node *first = NULL, **tail = &first;
  bool stopped = false;
  *ret_stop = STOP_END_OF_TEXT;
  while (!p->failed && !stopped && plain_text(p, &tail)) {
    size_t start = p->at;
    if (arena_over(p->arena))
      p->failed = error_set(p->err, SW_ELIMIT, "the template takes too much memory");
    if (skip_comment(p))
      continue;
    next(p);
    skip_space(p);
    struct template_node *n = action(p, ret_stop, &stopped);
    if (!n || p->failed)
      continue;
    n->start = start;
    n->end = p->token.start;
    *tail = n;
    tail = &n->next;
  }
  return first;
}

int template_parse(struct arena *a, struct str text, struct str name, struct template_tree *ret,
                   struct error *err)
{
  struct parser p = {.arena = a, .text = text, .name = name, .tree = ret, .err = err};
  enum stop stop;
  *ret = (struct template_tree){.text = text};
  if (text.len > TEMPLATE_TEXT_MAX)
    return error_set(err, SW_ELIMIT, "a template of more than %d bytes", TEMPLATE_TEXT_MAX);
  ret->body = nodes(&p, &stop);
  if (!p.failed && stop != STOP_END_OF_TEXT)
    fail(&p, stop == STOP_END ? "unexpected {{end}}" : "unexpected {{else}}");
  return p.failed;
}
