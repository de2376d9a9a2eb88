/*
 * A schema and a query, separated by a zero byte. Whatever they are, reading ends; what was read becomes
 * a value, from which the same value is made again; and a query is refused with a message that can be
 * told, or is right the second time too.
 */
#include "lang/graphql.h"
#include "data/compare.h"

#include <stdlib.h>
#include <string.h>

static void must(bool ok)
{
  if (!ok)
    abort();
}

static uint64_t budget;

static int spend(void *user, uint64_t steps)
{
  (void)user;
  if (steps > budget)
    return -1;
  budget -= steps;
  return 0;
}

static int check(struct arena *a, const struct graphql_schema *schema, struct graphql_query *query)
{
  const struct graphql_budget limit = {spend, NULL};
  struct graphql_problems problems = {0};
  struct error err;
  budget = 200000;
  int rc = graphql_check(a, schema, query, &limit, &problems, &err);
  if (rc == SW_EINVAL) {
    must(problems.count > 0 && problems.count <= GRAPHQL_PROBLEMS_MAX && err.message[0]);
    for (size_t i = 0; i < problems.count; i++)
      must(problems.items[i].message.len > 0);
  }
  return rc;
}

static void try_query(struct arena *a, const struct graphql_schema *schema, struct str text)
{
  struct graphql_query *query, *again;
  struct error err;
  if (graphql_read_query(a, text, &query, &err) < 0) {
    must(err.message[0]);
    return;
  }
  struct value v = graphql_query_value(a, query);
  if (graphql_query_of(a, v, &again, &err) == 0 && schema)
    (void)check(a, schema, again);
  if (!schema)
    return;
  int first = check(a, schema, query), second = check(a, schema, query);
  must(first == second);
  must(value_equal(v, v));
}

static struct graphql_schema *try_schema(struct arena *a, struct str text)
{
  struct graphql_document *document, *again;
  struct graphql_schema *schema = NULL, *other = NULL;
  struct error err;
  if (graphql_read_schema(a, text, &document, &err) < 0) {
    must(err.message[0]);
    return NULL;
  }
  struct value v = graphql_document_value(a, document);
  must(graphql_document_of(a, v, &again, &err) == 0);
  must(value_equal(graphql_document_value(a, again), v));
  int rc = graphql_make_schema(a, document, &schema, &err);
  must(rc == 0 || err.message[0]);
  must((graphql_make_schema(a, again, &other, &err) == 0) == (rc == 0));
  graphql_schema_free(other);
  return rc == 0 ? schema : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena;
  struct str text = str_make((const char *)data, size);
  const char *end = size ? memchr(text.data, '\0', size) : NULL;
  if (size > 65536)
    return 0;
  arena_init(&arena, 256 << 20);
  size_t half = end ? (size_t)(end - text.data) : size;
  struct graphql_schema *schema = try_schema(&arena, str_make(text.data, half));
  if (end)
    try_query(&arena, schema, str_make(end + 1, size - half - 1));
  graphql_schema_free(schema);
  arena_free(&arena);
  return 0;
}
