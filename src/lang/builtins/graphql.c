/* graphql.*: reading and checking queries and schemas. */
#include "lang/graphql.h"
#include "lang/builtin_int.h"

enum { STEPS_OF_A_SCHEMA = 4096 }; /* of what each schema has built in */

struct both {
  struct graphql_query *query;
  struct graphql_document *document;
  struct value query_value, document_value;
};

/* A limit ends the evaluation; what is wrong with a text is an error of the function. */
static bool fail_read(struct builtin_context *c, int rc, const struct error *err)
{
  if (rc == SW_ELIMIT)
    builtin_halt(c, "%s", err->message);
  else if (err->line)
    builtin_fail(c, "%s in GraphQL string at location %u:%u", err->message, (unsigned)err->line,
                 (unsigned)err->column);
  else
    builtin_fail(c, "%s", err->message);
  return false;
}

static bool take(struct builtin_context *c, uint64_t bytes)
{
  return builtin_spend(c, BUILTIN_FREE_STEPS + 1 + bytes / 4);
}

static bool read_query(struct builtin_context *c, struct value v, struct graphql_query **ret)
{
  struct error err;
  int rc;
  if (v.type == VALUE_STRING)
    rc = take(c, v.len) ? graphql_read_query(c->arena, value_str(v), ret, &err) : SW_ETEST;
  else
    rc = take(c, v.len) ? graphql_query_of(c->arena, v, ret, &err) : SW_ETEST;
  return rc == 0 || (rc != SW_ETEST && fail_read(c, rc, &err));
}

static bool read_document(struct builtin_context *c, struct value v, struct graphql_document **ret)
{
  struct error err;
  int rc;
  if (v.type == VALUE_STRING)
    rc = take(c, v.len) ? graphql_read_schema(c->arena, value_str(v), ret, &err) : SW_ETEST;
  else
    rc = take(c, v.len) ? graphql_document_of(c->arena, v, ret, &err) : SW_ETEST;
  return rc == 0 || (rc != SW_ETEST && fail_read(c, rc, &err));
}

static bool want_text_or_object(struct builtin_context *c, const struct value *args, int position)
{
  struct value v = args[position - 1];
  if (v.type == VALUE_STRING || v.type == VALUE_OBJECT)
    return true;
  builtin_wrong_type(c, position - 1, v, "string, object");
  return false;
}

static bool make_schema(struct builtin_context *c, const struct graphql_document *document,
                        struct graphql_schema **ret)
{
  struct error err;
  if (!builtin_spend(c, STEPS_OF_A_SCHEMA))
    return false;
  int rc = graphql_make_schema(c->arena, document, ret, &err);
  if (rc == 0)
    return true;
  if (rc == SW_ELIMIT)
    builtin_halt(c, "%s", err.message);
  else if (err.line)
    builtin_fail(c, "Error in gqlparser SchemaDocument to Schema conversion: input:%u:%u: %s",
                 (unsigned)err.line, (unsigned)err.column, err.message);
  else
    builtin_fail(c, "Error in gqlparser SchemaDocument to Schema conversion: input: %s",
                 err.message);
  return false;
}

/* All problems are told, each with its place; the first one's stands at the end. */
static void fail_check(struct builtin_context *c, const struct graphql_problems *problems)
{
  const struct graphql_problem *first = &problems->items[0];
  _cleanup_(buf_free) struct buf text = {.cap = ERROR_MESSAGE_MAX / 2};
  for (size_t i = 0; i < problems->count && !buf_failed(&text); i++) {
    const struct graphql_problem *p = &problems->items[i];
    if (i && p->line)
      buf_printf(&text, "\ninput:%d:%d: ", (int)p->line, (int)p->column);
    else if (i)
      buf_add_text(&text, "\ninput: ");
    buf_add(&text, p->message);
  }
  struct str message = buf_str(&text);
  if (str_ends(message, STR(".")))
    message.len--;
  if (first->line)
    builtin_fail(c, "%.*s in GraphQL string at location %d:%d", STR_FMT(message), (int)first->line,
                 (int)first->column);
  else
    builtin_fail(c, "GraphQL parse error: input: %.*s", STR_FMT(message));
}

static bool check(struct builtin_context *c, const struct graphql_schema *schema,
                  struct graphql_query *query)
{
  struct graphql_budget budget = {.spend = c->spend, .user = c->user};
  struct graphql_problems problems;
  struct error err;
  int rc = graphql_check(c->arena, schema, query, &budget, &problems, &err);
  if (rc == SW_ELIMIT)
    builtin_halt(c, "%s", err.message);
  else if (rc < 0)
    fail_check(c, &problems);
  return rc == 0;
}

static bool read_both(struct builtin_context *c, const struct value *args, struct both *ret)
{
  _cleanup_(graphql_schema_freep) struct graphql_schema *schema = NULL;
  if (!want_text_or_object(c, args, 1) || !read_query(c, args[0], &ret->query) ||
      !want_text_or_object(c, args, 2) || !read_document(c, args[1], &ret->document))
    return false;
  ret->query_value = graphql_query_value(c->arena, ret->query);
  ret->document_value = graphql_document_value(c->arena, ret->document);
  return make_schema(c, ret->document, &schema) && check(c, schema, ret->query);
}

CALL(parse)
{
  struct both both;
  if (!read_both(c, args, &both))
    return BUILTIN_ERROR;
  struct value items[2] = {both.query_value, both.document_value};
  return give(ret, value_array_make(c->arena, items, NULL, 2));
}

/* Is it only that the arguments are wrong? */
static bool is_answer(const struct builtin_context *c)
{
  return c->error_kind != BUILTIN_HALT;
}

CALL(parse_and_verify)
{
  struct both both;
  struct value empty;
  bool valid = read_both(c, args, &both);
  if (!valid && !is_answer(c))
    return BUILTIN_ERROR;
  value_object_make(c->arena, NULL, NULL, 0, VALUE_LAST_WINS, NULL, &empty);
  struct value items[3] = {value_bool(valid), valid ? both.query_value : empty,
                           valid ? both.document_value : empty};
  return give(ret, value_array_make(c->arena, items, NULL, 3));
}

CALL(is_valid)
{
  struct both both;
  bool valid = read_both(c, args, &both);
  return valid || is_answer(c) ? give(ret, value_bool(valid)) : BUILTIN_ERROR;
}

CALL(schema_is_valid)
{
  _cleanup_(graphql_schema_freep) struct graphql_schema *schema = NULL;
  struct graphql_document *document;
  bool valid = want_text_or_object(c, args, 1) && read_document(c, args[0], &document) &&
               make_schema(c, document, &schema);
  return valid || is_answer(c) ? give(ret, value_bool(valid)) : BUILTIN_ERROR;
}

CALL(parse_query)
{
  struct graphql_query *query;
  if (!builtin_want(c, args, 1, VALUE_STRING) || !read_query(c, args[0], &query))
    return BUILTIN_ERROR;
  return give(ret, graphql_query_value(c->arena, query));
}

CALL(parse_schema)
{
  struct graphql_document *document;
  if (!builtin_want(c, args, 1, VALUE_STRING) || !read_document(c, args[0], &document))
    return BUILTIN_ERROR;
  return give(ret, graphql_document_value(c->arena, document));
}

#define EITHER "string|object<any:any>"

const struct builtin builtins_graphql[] = {
    ROW(is_valid, "graphql.is_valid", 2, EITHER ", " EITHER, "boolean"),
    ROW(parse, "graphql.parse", 2, EITHER ", " EITHER, "array<any>"),
    ROW(parse_and_verify, "graphql.parse_and_verify", 2, EITHER ", " EITHER, "array<any>"),
    ROW(parse_query, "graphql.parse_query", 1, "string", "object<any:any>"),
    ROW(parse_schema, "graphql.parse_schema", 1, "string", "object<any:any>"),
    ROW(schema_is_valid, "graphql.schema_is_valid", 1, EITHER, "boolean"),
    {.name = NULL},
};
