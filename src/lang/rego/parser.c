#include "lang/rego/parser_int.h"

#include <stdarg.h>

/* ---- tokens */

/* The keyword that a word is if it has been imported; 0 for words that always are. */
static uint32_t keyword_of(enum rego_token_kind kind)
{
  switch (kind) {
  case REGO_TOKEN_IN:
    return REGO_KEYWORD_IN;
  case REGO_TOKEN_EVERY:
    return REGO_KEYWORD_EVERY;
  case REGO_TOKEN_CONTAINS:
    return REGO_KEYWORD_CONTAINS;
  case REGO_TOKEN_IF:
    return REGO_KEYWORD_IF;
  case REGO_TOKEN_LOGICAL_AND:
    return REGO_KEYWORD_AND;
  case REGO_TOKEN_LOGICAL_OR:
    return REGO_KEYWORD_OR;
  default:
    return 0;
  }
}

enum rego_token_kind parser_kind_of(const struct parser *p, uint32_t i)
{
  if (i >= p->tokens.count)
    return REGO_TOKEN_EOF;
  enum rego_token_kind kind = p->tokens.items[i].t.kind;
  if (kind < REGO_TOKEN_PACKAGE || kind > REGO_TOKEN_LOGICAL_OR)
    return kind;
  uint32_t keyword = keyword_of(kind);
  if (i == p->word_at || (keyword && !(p->keywords & keyword)))
    return REGO_TOKEN_IDENT;
  return kind;
}

struct str parser_token_text(const struct parser *p, uint32_t i)
{
  const struct rego_token *token = &p->tokens.items[i].t;
  return str_sub(p->text, token->start, token->end - token->start);
}

bool parser_keyword_as_word(struct parser *p)
{
  enum rego_token_kind kind = parser_kind(p);
  if (kind <= REGO_TOKEN_IDENT || kind > REGO_TOKEN_LOGICAL_OR)
    return false;
  const struct rego_token *next = &p->tokens.items[p->at + 1].t;
  if ((next->flags & REGO_TOKEN_SPACED) ||
      (next->kind != REGO_TOKEN_DOT && next->kind != REGO_TOKEN_LBRACK))
    return false;
  p->word_at = p->at;
  return true;
}

bool parser_at_keyword(struct parser *p, enum rego_token_kind kind)
{
  if (!parser_is(p, kind))
    return false;
  const struct rego_token *next = &p->tokens.items[p->at + 1].t;
  bool next_line = parser_token(p)->flags & REGO_TOKEN_NEW_LINE;
  if (next->kind == REGO_TOKEN_DOT || kind == REGO_TOKEN_WITH || next_line)
    return !parser_keyword_as_word(p);
  return true; /* `if[1, 2]` */
}

struct rego_place parser_place_of(const struct parser *p, uint32_t token)
{
  const struct rego_token *t = &p->tokens.items[token].t;
  return (struct rego_place){.file = p->options->file,
                             .line = t->line,
                             .column = t->column,
                             .start = t->start,
                             .end = t->end};
}

struct rego_place parser_place_from(const struct parser *p, uint32_t first)
{
  struct rego_place place = parser_place_of(p, first);
  if (p->at > first)
    place.end = p->tokens.items[p->at - 1].t.end;
  return place;
}

/* ---- failing and trying */

void parser_note(struct parser *p, struct rego_errors *errors, struct rego_place place,
                 const char *format, ...)
{
  char message[2048];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  rego_errors_add(errors, p->arena, REGO_PARSE_ERROR,
                  (struct rego_source){p->options->name, p->text}, place, "%s", message);
}

__attribute__((format(printf, 3, 0))) static void fail_with(struct parser *p,
                                                            struct rego_place place,
                                                            const char *format, va_list args)
{
  if (p->failure.noted)
    return;
  char message[2048];
  int len = vsnprintf(message, sizeof message, format, args);
  size_t kept = len < 0 ? 0 : (size_t)len < sizeof message ? (size_t)len : sizeof message - 1;
  p->failure = (struct parser_failure){
      .noted = true,
      .token = p->at,
      .place = place,
      .message = arena_copy(p->arena, str_make(message, kept)),
  };
}

bool parser_fail(struct parser *p, struct rego_place place, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  fail_with(p, place, format, args);
  va_end(args);
  return false;
}

static bool fail_illegal(struct parser *p)
{
  const struct rego_token *token = parser_token(p);
  if (token->kind != REGO_TOKEN_ILLEGAL)
    return false;
  parser_fail(p, parser_place_of(p, p->at), "%s", rego_lexer_message(token->detail));
  return true;
}

bool parser_fail_here(struct parser *p, const char *format, ...)
{
  if (fail_illegal(p))
    return false;
  va_list args;
  va_start(args, format);
  fail_with(p, parser_place_of(p, p->at), format, args);
  va_end(args);
  return false;
}

static const char *kind_word(enum rego_token_kind kind)
{
  return kind > REGO_TOKEN_IDENT && kind <= REGO_TOKEN_LOGICAL_OR ? "keyword" : "token";
}

bool parser_unexpected(struct parser *p, const char *format, ...)
{
  enum rego_token_kind kind = parser_kind(p);
  char note[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(note, sizeof note, format, args);
  va_end(args);
  return parser_fail_here(p, "unexpected %s %s: %s", rego_token_name(kind), kind_word(kind), note);
}

bool parser_unexpected_token(struct parser *p)
{
  enum rego_token_kind kind = parser_kind(p);
  if (p->failure.noted)
    return false;
  parser_fail_here(p, "unexpected %s %s", rego_token_name(kind), kind_word(kind));
  p->failure.bare = kind != REGO_TOKEN_ILLEGAL;
  return false;
}

bool parser_exceed(struct parser *p, const char *format, ...)
{
  va_list args;
  if (p->over)
    return false;
  p->over = true;
  p->failure.noted = false;
  va_start(args, format);
  fail_with(p, parser_place_of(p, p->at), format, args);
  va_end(args);
  return false;
}

struct parser_mark parser_mark(const struct parser *p)
{
  return (struct parser_mark){p->at, p->terms.count, p->exprs.count, p->withs.count,
                              p->operands.count};
}

void parser_rewind(struct parser *p, const struct parser_mark *mark)
{
  p->at = mark->at;
  p->terms.count = mark->terms;
  p->exprs.count = mark->exprs;
  p->withs.count = mark->withs;
  p->operands.count = mark->operands;
  if (!p->over)
    p->failure.noted = false;
}

bool parser_enter(struct parser *p)
{
  if (p->over)
    return false;
  if (p->depth >= REGO_DEPTH_MAX)
    return parser_exceed(p, "max parsing recursion depth exceeded");
  p->depth++;
  return true;
}

/* ---- building */

bool parser_count(struct parser *p, uint32_t height)
{
  if (p->over)
    return false;
  if (height > REGO_HEIGHT_MAX)
    return parser_exceed(p, "max parsing recursion depth exceeded");
  if (++p->nodes > REGO_NODES_MAX)
    return parser_exceed(p, "more than %d terms and expressions", REGO_NODES_MAX);
  if ((p->nodes & 255) == 0 && arena_over(p->arena))
    return parser_exceed(p, "the policy takes more memory than it may");
  return true;
}

bool parser_push_term(struct parser *p, const struct rego_term *term)
{
  vec_push(&p->terms, *term);
  return true;
}

const struct rego_term *parser_take_terms(struct parser *p, size_t from, uint32_t *ret_count,
                                          uint32_t *ret_height)
{
  uint32_t count = (uint32_t)(p->terms.count - from), height = 0;
  struct rego_term *items = arena_array(p->arena, struct rego_term, count);
  if (count)
    memcpy(items, p->terms.items + from, count * sizeof *items);
  for (uint32_t i = 0; i < count; i++)
    height = items[i].height > height ? items[i].height : height;
  p->terms.count = from;
  *ret_count = count;
  *ret_height = height;
  return items;
}

void parser_take_exprs(struct parser *p, size_t from, struct rego_body *ret)
{
  uint32_t count = (uint32_t)(p->exprs.count - from);
  struct rego_expr *items = arena_array(p->arena, struct rego_expr, count);
  if (count)
    memcpy(items, p->exprs.items + from, count * sizeof *items);
  p->exprs.count = from;
  *ret = (struct rego_body){items, count};
}

uint32_t parser_body_height(struct rego_body body)
{
  uint32_t height = 0;
  for (uint32_t i = 0; i < body.count; i++)
    height = body.items[i].height > height ? body.items[i].height : height;
  return height;
}

struct rego_term parser_string_term(struct parser *p, struct str text, struct rego_place place)
{
  (void)p;
  return (struct rego_term){
      .kind = REGO_SCALAR, .height = 1, .place = place, .value = value_string(text)};
}

struct rego_term parser_true(void)
{
  return (struct rego_term){.kind = REGO_SCALAR, .height = 1, .value = value_bool(true)};
}

/* ---- package and imports */

/* A path of strings, as `package` and `import` take them: its first word becomes a string too. */
static bool read_path(struct parser *p, const struct rego_term **ret_path, uint32_t *ret_count)
{
  struct rego_term term;
  if (rego_token_is_word(parser_token(p)->kind))
    p->word_at = p->at;
  if (!parser_is(p, REGO_TOKEN_IDENT))
    return parser_unexpected_token(p);
  struct str first = parser_token_text(p, p->at);
  struct rego_place place = parser_place_of(p, p->at);
  if (!parser_term(p, &term))
    return false;
  if (term.kind != REGO_VAR && term.kind != REGO_REF)
    return parser_fail_here(p, "expected path");
  uint32_t count = term.kind == REGO_VAR ? 1 : term.count;
  struct rego_term *path = arena_array(p->arena, struct rego_term, count);
  path[0] = parser_string_term(p, first, place);
  for (uint32_t i = 1; i < count; i++) {
    path[i] = term.items[i];
    if (!rego_is_string(&path[i]))
      return parser_fail(p, path[i].place, "unexpected %s token: expecting string",
                         rego_term_name(&path[i]));
  }
  if (term.kind == REGO_REF && term.items[0].kind != REGO_VAR)
    return parser_fail(p, term.place, "unexpected %s token: expecting var",
                       rego_term_name(&term.items[0]));
  *ret_path = path;
  *ret_count = count;
  return true;
}

static bool read_package(struct parser *p, struct rego_package *ret)
{
  uint32_t first = p->at;
  parser_advance(p);
  if (!read_path(p, &ret->path, &ret->path_count))
    return false;
  ret->place = parser_place_from(p, first);
  return true;
}

static bool path_is(const struct rego_import *import, uint32_t i, struct str text)
{
  return i < import->path_count && value_eq_str(import->path[i].value, text);
}

static bool is_keyword(const struct parser *p, struct str word)
{
  enum rego_token_kind kind = rego_word_kind(word);
  if (kind == REGO_TOKEN_IDENT || kind >= REGO_TOKEN_LOGICAL_AND)
    return false;
  return kind < REGO_TOKEN_IN || p->version == REGO_V1;
}

static bool check_import(struct parser *p, const struct rego_import *import)
{
  const struct rego_term *last = &import->path[import->path_count - 1];
  struct str name = value_str(last->value);
  if (import->alias.len || !is_keyword(p, name) ||
      (import->path_count > 1 && path_is(import, 0, STR("future"))))
    return true;
  return parser_fail(
      p, last->place,
      "unexpected import path, must not end with a keyword, got: %.*s (hint: import a "
      "different path or use an alias)",
      STR_FMT(name));
}

static const struct {
  struct str word;
  uint32_t keyword;
  bool experimental;
} future_keywords[] = {
    /* sorted, for the message that lists them */
    {STR_INIT("and"), REGO_KEYWORD_AND, true},
    {STR_INIT("contains"), REGO_KEYWORD_CONTAINS, false},
    {STR_INIT("every"), REGO_KEYWORD_EVERY | REGO_KEYWORD_IN, false},
    {STR_INIT("if"), REGO_KEYWORD_IF, false},
    {STR_INIT("in"), REGO_KEYWORD_IN, false},
    {STR_INIT("not"), REGO_KEYWORD_NOT, false},
    {STR_INIT("or"), REGO_KEYWORD_OR, true},
};

enum { FUTURE_KEYWORDS = sizeof future_keywords / sizeof *future_keywords };

static bool importable(const struct parser *p, int i)
{
  return !future_keywords[i].experimental || p->options->experimental;
}

static bool import_one_keyword(struct parser *p, const struct rego_import *import)
{
  char words[128] = "";
  size_t len = 0;
  for (int i = 0; i < FUTURE_KEYWORDS; i++) {
    if (!importable(p, i))
      continue;
    if (path_is(import, 2, future_keywords[i].word)) {
      p->keywords |= future_keywords[i].keyword;
      return true;
    }
    len += (size_t)snprintf(words + len, sizeof words - len, "%s%s", len ? " " : "",
                            future_keywords[i].word.data);
  }
  return parser_fail(p, import->path[0].place, "unexpected keyword, must be one of [%s]", words);
}

/* import future.keywords, import future.keywords.in */
static bool import_future(struct parser *p, const struct rego_import *import)
{
  struct rego_place place = import->path[0].place;
  if (!path_is(import, 1, STR("keywords")))
    return parser_fail(p, place, "invalid import, must be `future.keywords`");
  if (import->alias.len)
    return parser_fail(p, place, "`future` imports cannot be aliased");
  if (import->path_count == 3)
    return import_one_keyword(p, import);
  if (import->path_count > 3)
    return parser_fail(p, place,
                       "invalid import, must be `future.keywords.x`, e.g. `import "
                       "future.keywords.in`");
  for (int i = 0; i < FUTURE_KEYWORDS; i++)
    if (importable(p, i))
      p->keywords |= future_keywords[i].keyword;
  return true;
}

static bool import_rego(struct parser *p, const struct rego_import *import)
{
  struct rego_place place = import->path[0].place;
  struct rego_place end = import->path[import->path_count - 1].place;
  if (import->path_count != 2 || !path_is(import, 1, STR("v1")))
    return parser_fail(p, place, "invalid import `%.*s`, must be `rego.v1`",
                       (int)(end.end - place.start), p->text.data + place.start);
  if (p->version == REGO_V1)
    return true;
  if (import->alias.len)
    return parser_fail(p, place, "`rego` imports cannot be aliased");
  p->version = REGO_V0_V1;
  p->keywords |= REGO_KEYWORDS_V1;
  return true;
}

static bool read_alias(struct parser *p, struct str *ret)
{
  if (!parser_take(p, REGO_TOKEN_AS))
    return true;
  if (!parser_is(p, REGO_TOKEN_IDENT))
    return parser_unexpected(p, "expected var");
  *ret = parser_token_text(p, p->at);
  parser_advance(p);
  return true;
}

static bool read_import(struct parser *p)
{
  uint32_t first = p->at;
  struct rego_import import = {0};
  parser_advance(p);
  if (!read_path(p, &import.path, &import.path_count))
    return false;
  bool future = path_is(&import, 0, STR("future")), rego = path_is(&import, 0, STR("rego"));
  if (!future && !rego && !path_is(&import, 0, STR("data")) && !path_is(&import, 0, STR("input")))
    return parser_fail(
        p, import.path[0].place,
        "unexpected import path, must begin with one of: {data, future, input, rego}, "
        "got: %.*s (hint: if this is unexpected, try updating OPA)",
        STR_FMT(value_str(import.path[0].value)));
  if (!read_alias(p, &import.alias))
    return false;
  import.place = parser_place_from(p, first);
  if (!check_import(p, &import) || (future && !import_future(p, &import)) ||
      (rego && !import_rego(p, &import)))
    return false;
  vec_push(&p->imports, import);
  return true;
}

/* ---- statements */

/* `package` and `import` are words where a reference begins with them. */
static bool at_statement(struct parser *p, enum rego_token_kind kind)
{
  return parser_is(p, kind) && !parser_keyword_as_word(p);
}

static void add_statement(struct parser *p, uint32_t line, int32_t rule)
{
  vec_push(&p->statements, ((struct parser_statement){line, rule}));
}

static bool package_statement(struct parser *p, struct rego_package *package)
{
  struct rego_package one = {0};
  if (!read_package(p, &one))
    return false;
  if (p->statements.count == 0)
    *package = one;
  else
    parser_note(p, &p->late, one.place, "unexpected package");
  add_statement(p, one.place.line, PARSER_PACKAGE);
  return true;
}

static bool rule_statement(struct parser *p)
{
  size_t before = p->rules.count;
  struct rego_body body;
  switch (parser_rule(p)) {
  case PARSER_FAILED:
    return false;
  case PARSER_YES:
    break;
  case PARSER_NO:
    if (!parser_query(p, true, REGO_TOKEN_EOF, &body))
      return false;
    parser_rule_from_query(p, body);
    if (p->rules.count == before && p->statements.count == 0)
      add_statement(p, body.items[0].place.line, PARSER_IMPORT); /* it is there, though no rule */
    break;
  }
  for (size_t i = before; i < p->rules.count; i++)
    add_statement(p, p->rules.items[i].place.line, (int32_t)i);
  return true;
}

static bool statement(struct parser *p, struct rego_package *package)
{
  uint32_t line = parser_token(p)->line;
  if (at_statement(p, REGO_TOKEN_PACKAGE))
    return package_statement(p, package);
  if (p->statements.count == 0)
    parser_note(p, &p->late, parser_place_of(p, p->at), "package expected");
  if (!at_statement(p, REGO_TOKEN_IMPORT))
    return rule_statement(p);
  if (!read_import(p))
    return false;
  add_statement(p, line, PARSER_IMPORT);
  return true;
}

/* Statements begin with a word at the start of a line, as a rule: the next of these. */
static void recover(struct parser *p, uint32_t start)
{
  uint32_t i = p->failure.token > start ? p->failure.token : start + 1;
  for (; i < p->tokens.count; i++) {
    const struct rego_token *t = &p->tokens.items[i].t;
    if (t->kind == REGO_TOKEN_EOF || (t->column == 1 && rego_token_is_word(t->kind)))
      break;
  }
  p->at = i < p->tokens.count ? i : (uint32_t)p->tokens.count - 1;
}

static void end_statement(struct parser *p)
{
  p->terms.count = p->exprs.count = p->withs.count = p->operands.count = 0;
  p->memos.count = 0;
  p->word_at = UINT32_MAX;
  p->depth = p->trying = 0;
}

static void tell_failure(struct parser *p)
{
  parser_note(p, p->errors, p->failure.place, "%.*s", STR_FMT(p->failure.message));
  p->failure.noted = false;
}

static void read_statements(struct parser *p, struct rego_package *package)
{
  while (!parser_is(p, REGO_TOKEN_EOF) && !p->over && p->errors->count < REGO_ERRORS_MAX) {
    uint32_t start = p->at;
    if (!statement(p, package)) {
      tell_failure(p);
      recover(p, start);
      /* What begins with broken lines may have lost its package there. */
      if (p->statements.count == 0)
        add_statement(p, 0, PARSER_IMPORT);
    }
    end_statement(p);
  }
  if (p->statements.count == 0 && p->errors->count == 0)
    parser_note(p, p->errors, (struct rego_place){.file = p->options->file}, "empty module");
}

/* ---- texts */

static bool read_tokens(struct parser *p)
{
  struct rego_lexer lexer;
  struct rego_token token;
  rego_lexer_start(&lexer, p->text);
  uint8_t flags = 0; /* of comments: they separate as spaces do */
  do {
    rego_lexer_next(&lexer, &token);
    if (token.kind == REGO_TOKEN_COMMENT) {
      if (p->comments.count < PARSER_COMMENTS_MAX)
        vec_push(&p->comments, token);
      flags |= REGO_TOKEN_SPACED | (token.flags & REGO_TOKEN_NEW_LINE);
      continue;
    }
    token.flags |= flags;
    flags = 0;
    vec_push(&p->tokens, ((struct parser_token){.t = token}));
    if (p->tokens.count > PARSER_TOKENS_MAX)
      return parser_exceed(p, "the policy has more than %d words", PARSER_TOKENS_MAX);
  } while (token.kind != REGO_TOKEN_EOF);
  return true;
}

static bool start(struct parser *p, struct arena *a, struct str text,
                  const struct rego_options *options, struct rego_errors *errors)
{
  *p = (struct parser){
      .arena = a,
      .options = options,
      .names = options->names,
      .text = text,
      .word_at = UINT32_MAX,
      .version = options->version,
      .keywords = options->keywords | (options->version == REGO_V1 ? REGO_KEYWORDS_V1 : 0),
      .errors = errors,
  };
  if (options->version == REGO_V0_V1)
    p->keywords |= REGO_KEYWORDS_V1;
  if (text.len <= REGO_SIZE_MAX && read_tokens(p))
    return true;
  p->over = true;
  if (text.len > REGO_SIZE_MAX)
    parser_note(p, errors, (struct rego_place){.file = options->file},
                "the policy has more than %d bytes", REGO_SIZE_MAX);
  else
    tell_failure(p);
  return false;
}

static void finish(struct parser *p)
{
  vec_free(&p->tokens);
  vec_free(&p->comments);
  vec_free(&p->terms);
  vec_free(&p->exprs);
  vec_free(&p->withs);
  vec_free(&p->operands);
  vec_free(&p->memos);
  vec_free(&p->imports);
  vec_free(&p->rules);
  vec_free(&p->annotations);
  vec_free(&p->statements);
}

static void add_late_errors(struct parser *p)
{
  if (p->errors->count)
    return;
  *p->errors = p->late;
}

/* A copy in the arena of what a vector holds. */
static void *copy_items(struct parser *p, const void *items, size_t count, size_t size)
{
  void *copy = arena_alloc_array(p->arena, count, size);
  if (count)
    memcpy(copy, items, count * size);
  return copy;
}

static struct rego_module *make_module(struct parser *p, const struct rego_package *package)
{
  struct rego_module *module = arena_new(p->arena, struct rego_module);
  *module = (struct rego_module){
      .name = p->options->name,
      .text = p->text,
      .file = p->options->file,
      .version = p->version,
      .keywords = p->keywords,
      .names = p->names,
      .package = *package,
      .import_count = (uint32_t)p->imports.count,
      .rule_count = (uint32_t)p->rules.count,
      .imports = copy_items(p, p->imports.items, p->imports.count, sizeof *p->imports.items),
      .rules = copy_items(p, p->rules.items, p->rules.count, sizeof *p->rules.items),
  };
  return module;
}

static void read_module(struct parser *p, const struct rego_module **ret_module)
{
  struct rego_package package = {0};
  read_statements(p, &package);
  if (p->options->annotations && !p->over && !parser_annotations(p) && p->failure.noted)
    tell_failure(p);
  if (p->errors->count)
    return;
  if (p->version != REGO_V0)
    parser_check_rules(p);
  add_late_errors(p);
  if (p->errors->count)
    return;
  struct rego_module *module = make_module(p, &package);
  if (parser_attach_annotations(p, module))
    *ret_module = module;
  else
    tell_failure(p);
}

static int answer(const struct parser *p, struct error *err)
{
  if (p->errors->count == 0)
    return SW_OK;
  return rego_errors_to_error(p->errors, p->over ? SW_ELIMIT : SW_EINVAL, err);
}

int rego_parse_module(struct arena *a, struct str text, const struct rego_options *options,
                      const struct rego_module **ret_module, struct rego_errors *ret_errors,
                      struct error *err)
{
  struct parser p;
  struct rego_errors own = {.count = 0};
  struct rego_errors *errors = ret_errors ? ret_errors : &own;
  rego_errors_clear(errors);
  if (start(&p, a, text, options, errors))
    read_module(&p, ret_module);
  int result = answer(&p, err);
  finish(&p);
  return result;
}

static bool read_query(struct parser *p, struct rego_body *ret)
{
  VEC(struct rego_expr) all = {0};
  bool ok = true;
  while (ok && !parser_is(p, REGO_TOKEN_EOF)) {
    struct rego_body body;
    ok = parser_query(p, true, REGO_TOKEN_EOF, &body);
    for (uint32_t i = 0; ok && i < body.count; i++)
      vec_push(&all, body.items[i]);
    if (ok)
      end_statement(p);
  }
  if (ok && all.count == 0)
    ok = parser_fail_here(p, "empty query");
  if (ok)
    *ret = (struct rego_body){copy_items(p, all.items, all.count, sizeof *all.items),
                              (uint32_t)all.count};
  vec_free(&all);
  return ok;
}

int rego_parse_query(struct arena *a, struct str text, const struct rego_options *options,
                     struct rego_body *ret_body, struct rego_errors *ret_errors, struct error *err)
{
  struct parser p;
  struct rego_errors own = {.count = 0};
  struct rego_errors *errors = ret_errors ? ret_errors : &own;
  rego_errors_clear(errors);
  if (start(&p, a, text, options, errors) && !read_query(&p, ret_body))
    tell_failure(&p);
  int result = answer(&p, err);
  finish(&p);
  return result;
}

static bool read_term(struct parser *p, struct rego_term *ret)
{
  struct rego_term term;
  if (!parser_infix(p, true, &term))
    return false;
  if (!parser_is(p, REGO_TOKEN_EOF))
    return parser_unexpected(p, "expected exactly one term");
  *ret = term;
  return true;
}

int rego_parse_term(struct arena *a, struct str text, const struct rego_options *options,
                    struct rego_term *ret_term, struct rego_errors *ret_errors, struct error *err)
{
  struct parser p;
  struct rego_errors own = {.count = 0};
  struct rego_errors *errors = ret_errors ? ret_errors : &own;
  rego_errors_clear(errors);
  if (start(&p, a, text, options, errors) && !read_term(&p, ret_term))
    tell_failure(&p);
  int result = answer(&p, err);
  finish(&p);
  return result;
}
