/*
 * graphql.h - GraphQL (October 2021): queries and schemas read, checked against each other, and turned
 * into values.
 *
 *     struct graphql_query *query;
 *     struct graphql_document *document;
 *     _cleanup_(graphql_schema_freep) struct graphql_schema *schema = NULL;
 *     if (graphql_read_query(&arena, text, &query, &err) < 0 ||
 *         graphql_read_schema(&arena, schema_text, &document, &err) < 0 ||
 *         graphql_make_schema(&arena, document, &schema, &err) < 0)
 *         return error_wrap(&err, "reading %s", name);
 *     rc = graphql_check(&arena, schema, query, &budget, &problems, &err);
 *
 * A document is what a text says; a schema is a document with GraphQL's own types and directives and
 * with the extensions merged in, found to be consistent (section 3 of the specification). Checking a
 * query (section 5) applies the rules and words of the reference implementation, in the order of
 * their names.
 *
 * Values of queries and documents have the shape of vektah/gqlparser's tree as Go's JSON encoder
 * writes it, without positions and without members that are null or empty: what OPA's graphql.parse
 * gives. The way back (graphql_query_of, graphql_document_of) takes such values; what is unknown in them
 * is not looked at, and there are no positions then.
 *
 * Ownership: everything lies in the arena and views the texts; a schema has tables of its own beside
 * that, which graphql_schema_free gives back. Checking writes into the query.
 *
 * Limits (SW_ELIMIT): GRAPHQL_TEXT_MAX bytes, GRAPHQL_DEPTH_MAX levels of nesting, GRAPHQL_STEPS_MAX
 * steps of checking unless the budget ends earlier, and the arena's.
 * Errors: SW_EINVAL with line and column (characters; 0: not known).
 *
 * Thread safety: any number of threads, each with its own arena; a document is not changed by making a
 * schema of it.
 */
#ifndef SEAWALL_LANG_GRAPHQL_H
#define SEAWALL_LANG_GRAPHQL_H

#include "base/arena.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "data/value.h"

enum {
  GRAPHQL_TEXT_MAX = 16 << 20,
  GRAPHQL_DEPTH_MAX = 200,
  GRAPHQL_STEPS_MAX = 20000000,
  GRAPHQL_PROBLEMS_MAX = 100, /* that are told of one query */
};

struct graphql_query;
struct graphql_document;
struct graphql_schema;

int graphql_read_query(struct arena *a, struct str text, struct graphql_query **ret,
                       struct error *err);
int graphql_read_schema(struct arena *a, struct str text, struct graphql_document **ret,
                        struct error *err);

struct value graphql_query_value(struct arena *a, const struct graphql_query *query);
struct value graphql_document_value(struct arena *a, const struct graphql_document *document);

int graphql_query_of(struct arena *a, struct value v, struct graphql_query **ret,
                     struct error *err);
int graphql_document_of(struct arena *a, struct value v, struct graphql_document **ret,
                        struct error *err);

int graphql_make_schema(struct arena *a, const struct graphql_document *document,
                        struct graphql_schema **ret, struct error *err);
void graphql_schema_free(struct graphql_schema *schema);
MEM_DEFINE_CLEANUP(struct graphql_schema, graphql_schema_free)

struct graphql_problem {
  struct str message;
  int32_t line, column; /* 0, 0: not known */
};

struct graphql_problems {
  const struct graphql_problem *items;
  size_t count;
};

/* Steps off somebody's budget; negative: it is used up. */
struct graphql_budget {
  int (*spend)(void *user, uint64_t steps);
  void *user;
};

/* 0: the query is right. SW_EINVAL: *ret_problems (which is written on this error) has what is wrong,
 * err the first of it. budget may be NULL. */
int graphql_check(struct arena *a, const struct graphql_schema *schema, struct graphql_query *query,
                  const struct graphql_budget *budget, struct graphql_problems *ret_problems,
                  struct error *err);

#endif
