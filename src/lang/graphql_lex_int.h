/* Words of GraphQL texts, comments and white space passed over. */
#ifndef SEAWALL_LANG_GRAPHQL_LEX_INT_H
#define SEAWALL_LANG_GRAPHQL_LEX_INT_H

#include "lang/graphql_int.h"

enum gql_token_kind {
  GQL_TOKEN_INVALID,
  GQL_TOKEN_END,
  GQL_TOKEN_BANG,
  GQL_TOKEN_DOLLAR,
  GQL_TOKEN_AMP,
  GQL_TOKEN_PAREN_L,
  GQL_TOKEN_PAREN_R,
  GQL_TOKEN_COLON,
  GQL_TOKEN_EQUALS,
  GQL_TOKEN_AT,
  GQL_TOKEN_BRACKET_L,
  GQL_TOKEN_BRACKET_R,
  GQL_TOKEN_BRACE_L,
  GQL_TOKEN_BRACE_R,
  GQL_TOKEN_PIPE,
  GQL_TOKEN_SPREAD,
  GQL_TOKEN_NAME,
  GQL_TOKEN_INT,
  GQL_TOKEN_FLOAT,
  GQL_TOKEN_STRING,
  GQL_TOKEN_BLOCK,
};

struct gql_token {
  enum gql_token_kind kind;
  struct str text; /* of names, numbers; what strings stand for */
  struct gql_place place;
};

struct gql_lexer {
  struct arena *arena;
  struct str text;
  size_t end;     /* bytes read */
  int32_t line;   /* from 1 */
  int32_t column; /* characters of the line that have been read */
};

struct gql_lexer gql_lexer_start(struct arena *a, struct str text);

/* The end is given again and again. An invalid token may be given again, too. */
struct gql_token gql_next_token(struct gql_lexer *l);

/* "{", "Name", "<EOF>" */
struct str gql_token_name(enum gql_token_kind kind);

#endif
