/*
 * lexer.h - the words of a Rego text.
 *
 *     struct rego_lexer lexer;
 *     rego_lexer_start(&lexer, text);
 *     do
 *       rego_lexer_next(&lexer, &token);
 *     while (token.kind != REGO_TOKEN_EOF);
 *
 * The lexer knows the words that may be keywords, but not whether they are in
 * force: that depends on the module's imports and is the parser's business. White
 * space is no token; what stood in front of a token is in its flags, because in
 * Rego `a.b` and `a .b` differ. Comments are tokens.
 *
 * What is no Rego is a token too, REGO_TOKEN_ILLEGAL, with a message; the lexer
 * goes on behind it. Template strings ($"a{expression}b") come as a part, the
 * tokens of the expression, its `}`, a further part, and so on to an end.
 *
 * The text is at most 4 GiB - 1 bytes (the parser takes far less) and must outlive
 * the lexer. No memory is allocated. Identifiers are ASCII.
 *
 * Thread safety: a lexer belongs to one thread.
 */
#ifndef SEAWALL_LANG_REGO_LEXER_H
#define SEAWALL_LANG_REGO_LEXER_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum { REGO_TEMPLATES_NESTED_MAX = 64 };

enum rego_token_kind {
  REGO_TOKEN_ILLEGAL,
  REGO_TOKEN_EOF,
  REGO_TOKEN_COMMENT,
  REGO_TOKEN_IDENT,

  /* words that are always keywords */
  REGO_TOKEN_PACKAGE,
  REGO_TOKEN_IMPORT,
  REGO_TOKEN_AS,
  REGO_TOKEN_DEFAULT,
  REGO_TOKEN_ELSE,
  REGO_TOKEN_NOT,
  REGO_TOKEN_SOME,
  REGO_TOKEN_WITH,
  REGO_TOKEN_NULL,
  REGO_TOKEN_TRUE,
  REGO_TOKEN_FALSE,
  /* words that may be */
  REGO_TOKEN_IN,
  REGO_TOKEN_EVERY,
  REGO_TOKEN_CONTAINS,
  REGO_TOKEN_IF,
  REGO_TOKEN_LOGICAL_AND,
  REGO_TOKEN_LOGICAL_OR,

  REGO_TOKEN_NUMBER,
  REGO_TOKEN_STRING,        /* with its quotes and escapes */
  REGO_TOKEN_RAW_STRING,    /* with its back quotes */
  REGO_TOKEN_TEMPLATE_PART, /* ends with the { of an expression */
  REGO_TOKEN_TEMPLATE_END,  /* ends with the closing quote */
  REGO_TOKEN_LBRACK,
  REGO_TOKEN_RBRACK,
  REGO_TOKEN_LBRACE,
  REGO_TOKEN_RBRACE,
  REGO_TOKEN_LPAREN,
  REGO_TOKEN_RPAREN,
  REGO_TOKEN_COMMA,
  REGO_TOKEN_COLON,
  REGO_TOKEN_SEMICOLON,
  REGO_TOKEN_DOT,
  REGO_TOKEN_ASSIGN,
  REGO_TOKEN_UNIFY,
  REGO_TOKEN_EQUAL,
  REGO_TOKEN_NOT_EQUAL,
  REGO_TOKEN_LESS,
  REGO_TOKEN_LESS_EQUAL,
  REGO_TOKEN_GREATER,
  REGO_TOKEN_GREATER_EQUAL,
  REGO_TOKEN_PLUS,
  REGO_TOKEN_MINUS,
  REGO_TOKEN_TIMES,
  REGO_TOKEN_DIVIDE,
  REGO_TOKEN_REMAINDER,
  REGO_TOKEN_AND,
  REGO_TOKEN_OR,
  REGO_TOKEN_KINDS,
};

enum {
  REGO_TOKEN_SPACED = 1,    /* white space or a comment in front, or the text begins here */
  REGO_TOKEN_NEW_LINE = 2,  /* a line break in front */
  REGO_TOKEN_RAW = 4,       /* template parts: of a $`...` */
  REGO_TOKEN_CONTINUES = 8, /* template parts: behind an expression */
};

struct rego_token {
  uint32_t start, end; /* bytes */
  uint32_t line;       /* from 1 */
  uint32_t column;     /* from 1, in characters */
  uint32_t detail;     /* REGO_TOKEN_ILLEGAL: see rego_lexer_message; the word `_`: how many stood
                          before it in the text */
  uint8_t kind;        /* enum rego_token_kind */
  uint8_t flags;
};

struct rego_lexer {
  struct str text;
  uint32_t at, line, column;
  uint32_t wildcards;
  uint8_t problem;  /* of the token that is being read */
  bool in_template; /* the next token continues the innermost template */
  uint32_t open;    /* templates whose expression is being read */
  struct {
    uint32_t braces; /* open in the expression */
    bool raw;
  } templates[REGO_TEMPLATES_NESTED_MAX];
};

/* At the beginning of a text; a byte order mark there is passed over. */
void rego_lexer_start(struct rego_lexer *lexer, struct str text);

/* The next token; at the end, REGO_TOKEN_EOF again and again. */
void rego_lexer_next(struct rego_lexer *lexer, struct rego_token *ret);

/* Why a token is illegal: "non-terminated string", "illegal token", ... */
const char *rego_lexer_message(uint32_t detail);

/* OPA's name of a kind in messages: "eof", "identifier", "assign", "{", "in", ... */
const char *rego_token_name(enum rego_token_kind kind);

static inline bool rego_token_is_word(enum rego_token_kind kind)
{
  return kind >= REGO_TOKEN_IDENT && kind <= REGO_TOKEN_LOGICAL_OR;
}

/* A letter or _, then letters, digits or _: what may stand behind a dot in a reference. */
bool rego_is_identifier(struct str text);

/* The kind of a word: a keyword's, whether in force or not, or REGO_TOKEN_IDENT. */
enum rego_token_kind rego_word_kind(struct str word);

#endif
