/*
 * json_schema.h - JSON Schema, drafts 4, 6 and 7: what Rego's json.match_schema and json.verify_schema
 * ask.
 *
 *     _cleanup_(json_schema_freep) struct json_schema *schema = NULL;
 *     if (json_schema_compile(document, &schema, &err) < 0)
 *         return error_wrap(&err, "the schema of %s", name);
 *     switch (json_schema_check(schema, value, &arena, NULL, &problems, &err)) {
 *     case 0: accept(); break;
 *     case SW_EINVAL: for (i...) tell(problems.items[i].field, problems.items[i].description);
 *     }
 *
 * The rules, their order and their words are those of the library that OPA uses (gojsonschema). The draft
 * is that of "$schema"; without one, all keywords of all three count. "$ref" leads anywhere within the
 * document, by JSON Pointer or by the ids in it, and to the drafts' own schemas; nothing is ever fetched.
 * Members are looked at in order of their names. Patterns are RE2's (data/regex.h). Formats that are not
 * known accept everything.
 *
 * What is checked is JSON: objects with string keys, no sets.
 *
 * Ownership: a schema is owned (json_schema_free) and views the document it was made of, which must
 * outlive it. It is immutable. Problems lie in the arena given.
 *
 * Limits (SW_ELIMIT): JSON_SCHEMA_DEPTH_MAX schemas or values within each other (references that lead
 * back without an end run into it), JSON_SCHEMA_NODES_MAX schemas, JSON_SCHEMA_STEPS_MAX steps of
 * checking unless the budget ends earlier, JSON_SCHEMA_PROBLEMS_MAX problems, and the arena's.
 * Errors: SW_EINVAL, in the words of the library.
 *
 * Thread safety: a schema may be used by many threads, each with an arena of its own.
 */
#ifndef SEAWALL_LANG_JSON_SCHEMA_H
#define SEAWALL_LANG_JSON_SCHEMA_H

#include "base/arena.h"
#include "base/error.h"
#include "base/mem.h"
#include "data/value.h"

enum {
  JSON_SCHEMA_DEPTH_MAX = 400,
  JSON_SCHEMA_NODES_MAX = 200000,
  JSON_SCHEMA_STEPS_MAX = 50000000,
  JSON_SCHEMA_PROBLEMS_MAX = 100000,
};

struct json_schema;

int json_schema_compile(struct value document, struct json_schema **ret, struct error *err);
void json_schema_free(struct json_schema *schema);
MEM_DEFINE_CLEANUP(struct json_schema, json_schema_free)

struct json_schema_problem {
  const char *type;       /* "required", "invalid_type", ... */
  struct str field;       /* "(root)", "spec.containers.0" */
  struct str description; /* "image is required" */
};

struct json_schema_problems {
  struct json_schema_problem *items;
  uint32_t count, room;
};

/* Steps off somebody's budget; negative: it is used up. */
struct json_schema_budget {
  int (*spend)(void *user, uint64_t steps);
  void *user;
};

/* 0: the value is as the schema says. SW_EINVAL: it is not, and *ret_problems (written with this error)
 * tells why; err has the first of them. budget may be NULL. */
int json_schema_check(const struct json_schema *schema, struct value v, struct arena *a,
                      const struct json_schema_budget *budget,
                      struct json_schema_problems *ret_problems, struct error *err);

#endif
