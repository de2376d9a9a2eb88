/*
 * A JSON array of a schema and a value. Whatever they are, compiling and checking end, a refusal has
 * problems that can be told, and a second check says the same.
 */
#include "lang/json_schema.h"
#include "data/json.h"

#include <stdlib.h>

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

static int check(struct arena *a, const struct json_schema *schema, struct value v,
                 struct json_schema_problems *problems)
{
  const struct json_schema_budget limit = {spend, NULL};
  struct error err;
  *problems = (struct json_schema_problems){0};
  budget = 200000;
  int rc = json_schema_check(schema, v, a, &limit, problems, &err);
  must(rc == 0 || err.message[0]);
  if (rc == SW_EINVAL)
    must(problems->count > 0 && problems->count <= JSON_SCHEMA_PROBLEMS_MAX);
  for (uint32_t i = 0; rc == SW_EINVAL && i < problems->count; i++)
    must(problems->items[i].type[0] && problems->items[i].description.len > 0);
  return rc;
}

static void try_both(struct arena *a, struct value document, struct value v)
{
  _cleanup_(json_schema_freep) struct json_schema *schema = NULL;
  struct json_schema_problems first, second;
  struct error err;
  if (json_schema_compile(document, &schema, &err) < 0) {
    must(err.message[0]);
    return;
  }
  must(check(a, schema, v, &first) == check(a, schema, v, &second));
  must(first.count == second.count);
  for (uint32_t i = 0; i < first.count; i++)
    must(str_eq(first.items[i].description, second.items[i].description));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena;
  struct value both;
  struct json_options options = {.depth_max = 400};
  if (size > 65536)
    return 0;
  arena_init(&arena, 256 << 20);
  struct str text = str_make((const char *)data, size);
  if (json_parse(&arena, text, &options, &both, NULL) == 0 && both.type == VALUE_ARRAY && both.len)
    try_both(&arena, both.items[0], both.len > 1 ? both.items[1] : value_null());
  arena_free(&arena);
  return 0;
}
