/*
 * parser_int.h - what the parts of the parser share.
 *
 * parser.c holds the tokens, the errors, and the statements of a text; parser_rule.c
 * heads, rules and what v1 demands of them; parser_expr.c bodies and expressions;
 * parser_logic.c `and`, `or` and `not { }`; parser_term.c terms; parser_scalar.c
 * numbers, strings and templates; parser_annotation.c METADATA blocks.
 *
 * Functions that parse return false after they have noted why (parser_fail); the
 * position is then at the token that did not fit. Whoever wants to try something
 * else takes a parser_mark first and goes back to it with parser_rewind.
 *
 * Children are collected on stacks, since their number is not known before: a
 * function remembers the height of the stack, pushes, and takes its own off with
 * parser_take_terms, which copies them into the arena. After a failure the stacks
 * are cut by parser_rewind or at the end of the statement.
 */
#ifndef SEAWALL_LANG_REGO_PARSER_INT_H
#define SEAWALL_LANG_REGO_PARSER_INT_H

#include "base/vec.h"
#include "lang/rego/lexer.h"
#include "lang/rego/parser.h"

enum { PARSER_TOKENS_MAX = 4 * REGO_NODES_MAX, PARSER_COMMENTS_MAX = 500000 };

/* A token, and the term that was parsed from it the last time (index in memos + 1). */
struct parser_token {
  struct rego_token t;
  uint32_t memo;
};

/* The first thing that went wrong since the last rewind. */
struct parser_failure {
  bool noted;
  bool bare; /* "unexpected x token", without what was expected */
  uint32_t token;
  struct rego_place place;
  struct str message;
};

/* What parsing a term at a token gave. Braces and brackets are tried as one thing and then as
 * another, on every level: without this the work would double with each. */
struct parser_memo {
  uint32_t token, end;
  bool ok;
  union {
    struct rego_term term;
    struct parser_failure failure;
  };
};

/* What an annotation may stand before. */
struct parser_statement {
  uint32_t line;
  int32_t rule; /* index, or one of the following */
};

struct parser {
  struct arena *arena;
  const struct rego_options *options;
  struct rego_names *names;
  struct str text;

  VEC(struct parser_token) tokens; /* ends with REGO_TOKEN_EOF */
  VEC(struct rego_token) comments;
  uint32_t at;
  uint32_t word_at; /* the token here is a plain word, though it is a keyword */

  enum rego_version version;
  uint32_t keywords; /* enum rego_keyword, in force */

  uint32_t depth, nodes;
  uint32_t trying; /* attempts that may be rewound */
  bool over;       /* a limit was exceeded: nothing more is tried */
  struct parser_failure failure;
  struct rego_errors *errors;
  struct rego_errors late; /* of whole modules: told only if there are no others */

  VEC(struct rego_term) terms;
  VEC(struct rego_expr) exprs;
  VEC(struct rego_with) withs;
  VEC(struct rego_operand) operands;
  VEC(struct parser_memo) memos;

  VEC(struct rego_import) imports;
  VEC(struct rego_rule) rules;
  VEC(struct rego_annotation) annotations;
  VEC(struct parser_statement) statements;
};

enum { PARSER_PACKAGE = -1, PARSER_IMPORT = -2 };

struct parser_mark {
  uint32_t at;
  size_t terms, exprs, withs, operands;
};

/* ---- tokens (parser.c) */

static inline const struct rego_token *parser_token(const struct parser *p)
{
  return &p->tokens.items[p->at].t;
}

/* The kind of token i: keywords that are not in force are identifiers. */
enum rego_token_kind parser_kind_of(const struct parser *p, uint32_t i);

static inline enum rego_token_kind parser_kind(const struct parser *p)
{
  return parser_kind_of(p, p->at);
}

static inline bool parser_is(const struct parser *p, enum rego_token_kind kind)
{
  return parser_kind(p) == kind;
}

static inline bool parser_spaced(const struct parser *p)
{
  return parser_token(p)->flags & REGO_TOKEN_SPACED;
}

static inline void parser_advance(struct parser *p)
{
  if (p->at + 1 < p->tokens.count)
    p->at++;
}

/* Passes over a token of that kind, if it is one. */
static inline bool parser_take(struct parser *p, enum rego_token_kind kind)
{
  if (!parser_is(p, kind))
    return false;
  parser_advance(p);
  return true;
}

struct str parser_token_text(const struct parser *p, uint32_t i);

/* A keyword with `.` or `[` right behind it is the head of a reference: makes the token a word. */
bool parser_keyword_as_word(struct parser *p);

/* A keyword behind something complete, such as `if`, that is in force here: not the head of a
 * reference with which the next statement or expression begins. */
bool parser_at_keyword(struct parser *p, enum rego_token_kind kind);

/* From the first character of token `first` to the last of the token before the present one. */
struct rego_place parser_place_from(const struct parser *p, uint32_t first);

struct rego_place parser_place_of(const struct parser *p, uint32_t token);

/* From the start of one place to the end of another. */
static inline struct rego_place parser_place_join(struct rego_place from, struct rego_place to)
{
  from.end = to.end;
  return from;
}

/* ---- failing and trying (parser.c); all return false */

bool parser_fail(struct parser *p, struct rego_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* At the present token, in these words; if the token is illegal, in the lexer's. */
bool parser_fail_here(struct parser *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "unexpected } token", and ": note" if there is one. */
bool parser_unexpected(struct parser *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool parser_unexpected_token(struct parser *p);

/* Ends the parse. */
bool parser_exceed(struct parser *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

struct parser_mark parser_mark(const struct parser *p);

/* Back to the mark; the failure is forgotten (unless a limit was exceeded). */
void parser_rewind(struct parser *p, const struct parser_mark *mark);

/* One level deeper: false (and failed) if that is too deep. */
bool parser_enter(struct parser *p);

static inline void parser_leave(struct parser *p)
{
  p->depth--;
}

/* ---- building (parser.c) */

/* Counts a node, and sets its height; false if there are too many or it is too high. */
bool parser_count(struct parser *p, uint32_t height);

bool parser_push_term(struct parser *p, const struct rego_term *term);

/* The terms from `from` on, taken off the stack. ret_height: the greatest of them. */
const struct rego_term *parser_take_terms(struct parser *p, size_t from, uint32_t *ret_count,
                                          uint32_t *ret_height);

/* The same of expressions. */
void parser_take_exprs(struct parser *p, size_t from, struct rego_body *ret);

uint32_t parser_body_height(struct rego_body body);

struct rego_term parser_string_term(struct parser *p, struct str text, struct rego_place place);
struct rego_term parser_true(void);

/* ---- terms (parser_term.c) */

bool parser_term(struct parser *p, struct rego_term *ret);

/* Operators and all. With pair, `k, v in xs` is one too; it is not inside lists. */
bool parser_infix(struct parser *p, bool pair, struct rego_term *ret);

/* A reference or call that begins with *io_head, if what follows says so. In the heads of rules
 * there may be space behind the name. */
bool parser_suffix(struct parser *p, bool in_rule_head, struct rego_term *io_head);

/* The variable of a word, at the present token, which is passed over. */
bool parser_var(struct parser *p, struct rego_term *ret);

/* ---- scalars (parser_scalar.c) */

bool parser_number(struct parser *p, struct rego_term *ret);
bool parser_string(struct parser *p, struct rego_term *ret);
bool parser_raw_string(struct parser *p, struct rego_term *ret);
bool parser_template(struct parser *p, struct rego_term *ret);

/* ---- expressions (parser_expr.c) */

/* Up to (not over) the closing token. */
bool parser_body(struct parser *p, enum rego_token_kind close, struct rego_body *ret);

/* { body } */
bool parser_braced_body(struct parser *p, struct rego_body *ret);

/* Expressions of a query; with one_line, up to the first that no semicolon follows. */
bool parser_query(struct parser *p, bool one_line, enum rego_token_kind close,
                  struct rego_body *ret);

bool parser_literal(struct parser *p, struct rego_expr *ret);

/* A term, or two with = or := between them. */
bool parser_simple_expr(struct parser *p, struct rego_expr *ret);

/* `with` modifiers behind an expression, if there are any. */
bool parser_with(struct parser *p, struct rego_expr *expr);

/* A body of one expression. */
struct rego_body parser_body_of(struct parser *p, const struct rego_expr *expr);

/* ---- and, or, not (parser_logic.c) */

static inline bool parser_at_logical(struct parser *p)
{
  return parser_at_keyword(p, REGO_TOKEN_LOGICAL_AND) ||
         parser_at_keyword(p, REGO_TOKEN_LOGICAL_OR);
}

bool parser_is_negation(const struct parser *p);

/* What a statement that may be `{ ... } and ...` or `( ... ) or ...` turns out to be. */
enum parser_answer { PARSER_NO, PARSER_YES, PARSER_FAILED };

/* NO: ret_failure says why an attempt failed, if one did. */
enum parser_answer parser_logic_start(struct parser *p, struct rego_expr *ret,
                                      struct parser_failure *ret_failure);

/* Behind `not`, with not bodies in force: `{ ... }` or `( ... )`. */
enum parser_answer parser_not_operand(struct parser *p, uint32_t first, struct rego_expr *ret);

/* Makes *io the negation of itself, as REGO_EXPR_NOT, to which its `with` modifiers move. first: the
 * token `not`; bare: the place of the expression without them. */
bool parser_negate(struct parser *p, uint32_t first, struct rego_place bare, struct rego_expr *io);

/* Goes on behind an expression that `and` or `or` follows. */
bool parser_logic_tail(struct parser *p, uint32_t first, struct rego_expr *io);

/* ---- rules (parser_rule.c) */

/* YES: one or more rules were added; NO: this is no rule, but may be a statement. */
enum parser_answer parser_rule(struct parser *p);

/* A rule without a body, as an expression. Notes late errors. */
void parser_rule_from_query(struct parser *p, struct rego_body body);

/* What v1 demands. Notes late errors. */
void parser_check_rules(struct parser *p);

/* ---- annotations (parser_annotation.c) */

bool parser_annotations(struct parser *p);
bool parser_attach_annotations(struct parser *p, struct rego_module *module);

/* ---- errors */

void parser_note(struct parser *p, struct rego_errors *errors, struct rego_place place,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
