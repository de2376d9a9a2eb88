/* json.match_schema and json.verify_schema. */
#include "data/json.h"
#include "lang/builtin_int.h"
#include "lang/json_schema.h"

/* Is there nothing in it that JSON does not have? */
static bool is_plain(struct value v, unsigned depth)
{
  if (v.type == VALUE_SET || depth > BUILTIN_DEPTH_MAX)
    return false;
  for (uint32_t i = 0; v.type == VALUE_ARRAY && i < v.len; i++)
    if (!is_plain(v.items[i], depth + 1))
      return false;
  for (uint32_t i = 0; v.type == VALUE_OBJECT && i < v.len; i++)
    if (v.members[i].key.type != VALUE_STRING || !is_plain(v.members[i].value, depth + 1))
      return false;
  return true;
}

/* A text of JSON, or an object or array, as JSON; NULL or what is wrong. */
static const char *read_document(struct builtin_context *c, struct value v, struct value *ret)
{
  struct json_options options = {.depth_max = BUILTIN_DEPTH_MAX};
  struct value text = v;
  if (v.type != VALUE_STRING && v.type != VALUE_OBJECT && v.type != VALUE_ARRAY)
    return "wrong type, expected string or object";
  if (v.type != VALUE_STRING && is_plain(v, 0)) {
    *ret = v;
    return NULL;
  }
  if (v.type != VALUE_STRING &&
      (!builtin_add_json(c, builtin_text(c), v) || builtin_give_text(c, &text) != BUILTIN_VALUE))
    return c->error.message;
  if (!builtin_spend(c, text.len / 16))
    return c->error.message;
  return json_parse(c->arena, value_str(text), &options, ret, NULL) < 0 ? "invalid JSON string"
                                                                        : NULL;
}

static enum builtin_result give_pair(struct builtin_context *c, bool valid, struct value second,
                                     struct value *ret)
{
  struct value items[2] = {value_bool(valid), second};
  return give(ret, value_array_make(c->arena, items, NULL, 2));
}

static struct value prefixed(struct builtin_context *c, const char *message)
{
  return value_string(arena_printf(c->arena, "jsonschema: %s", message));
}

/* Compiling costs as much as there is to look at. */
static int compile(struct builtin_context *c, struct value document, struct json_schema **ret,
                   struct error *err)
{
  struct buf *text = builtin_text(c);
  if (!builtin_add_json(c, text, document) || !builtin_spend(c, BUILTIN_FREE_STEPS + 1 + text->len))
    return error_set(err, SW_ELIMIT, "%s", c->error.message);
  return json_schema_compile(document, ret, err);
}

CALL(verify_schema)
{
  _cleanup_(json_schema_freep) struct json_schema *schema = NULL;
  struct value document;
  struct error err;
  c->error_kind = BUILTIN_FAILED;
  const char *wrong = read_document(c, args[0], &document);
  if (wrong && c->error_kind == BUILTIN_HALT)
    return BUILTIN_ERROR;
  if (wrong)
    return give_pair(c, false, prefixed(c, wrong), ret);
  int rc = compile(c, document, &schema, &err);
  if (rc == SW_ELIMIT)
    return builtin_halt(c, "%s", err.message);
  if (rc < 0)
    return give_pair(c, false, prefixed(c, err.message), ret);
  return give_pair(c, true, value_null(), ret);
}

static struct value problem_object(struct builtin_context *c, const struct json_schema_problem *p)
{
  struct builtin_object o = {.arena = c->arena};
  builtin_put(&o, "error",
              value_string(arena_printf(c->arena, "%.*s: %.*s", STR_FMT(p->field),
                                        STR_FMT(p->description))));
  builtin_put(&o, "type", value_from(p->type));
  builtin_put(&o, "field", value_string(p->field));
  builtin_put(&o, "desc", value_string(p->description));
  return builtin_object_end(&o);
}

/* The schema as a text of JSON, which lasts until the next one is written. */
static bool schema_text(struct builtin_context *c, struct value v, struct str *ret)
{
  struct buf *out = builtin_text(c);
  bool is_text = v.type == VALUE_STRING;
  if (!is_text && v.type != VALUE_OBJECT && v.type != VALUE_ARRAY) {
    builtin_fail(c, "wrong type, expected string or object");
    return false;
  }
  if (!is_text && !builtin_add_json(c, out, v))
    return false;
  *ret = is_text ? value_str(v) : buf_str(out);
  return true;
}

static struct json_schema *make_schema(struct builtin_context *c, struct arena *a, struct str text)
{
  struct json_options options = {.depth_max = BUILTIN_DEPTH_MAX};
  struct json_schema *schema = NULL;
  struct value document;
  struct error err;
  if (json_parse(a, text, &options, &document, NULL) < 0) {
    builtin_fail(c, "invalid JSON string");
    return NULL;
  }
  int rc = json_schema_compile(document, &schema, &err);
  if (rc == SW_ELIMIT)
    builtin_halt(c, "%s", err.message);
  else if (rc < 0)
    builtin_fail(c, "%s", err.message);
  return rc < 0 ? NULL : schema;
}

/* From the cache if it has it, at the same price; if it is not kept, *ret_own has it as well. NULL with
 * the error set. */
static const struct json_schema *find_schema(struct builtin_context *c, struct value v,
                                             struct json_schema **ret_own)
{
  struct str text;
  if (!schema_text(c, v, &text) || !builtin_spend(c, BUILTIN_FREE_STEPS + 1 + text.len))
    return NULL;
  struct builtin_schema_slot *slot = builtin_schema_slot(c, text);
  if (!slot)
    return *ret_own = make_schema(c, c->arena, arena_copy(c->arena, text));
  if (!slot->schema)
    slot->schema = make_schema(c, &slot->arena, slot->text);
  return slot->schema;
}

CALL(match_schema)
{
  _cleanup_(json_schema_freep) struct json_schema *own = NULL;
  struct value document;
  struct error err;
  struct json_schema_problems problems = {.count = 0};
  struct json_schema_budget budget = {.spend = c->spend, .user = c->user};
  struct builtin_array array = {.arena = c->arena};
  c->error_kind = BUILTIN_FAILED;
  const char *wrong = read_document(c, args[0], &document);
  if (wrong)
    return c->error_kind == BUILTIN_HALT ? BUILTIN_ERROR : builtin_fail(c, "%s", wrong);
  const struct json_schema *schema = find_schema(c, args[1], &own);
  if (!schema)
    return BUILTIN_ERROR;
  int rc = json_schema_check(schema, document, c->arena, &budget, &problems, &err);
  if (rc == SW_ELIMIT)
    return builtin_halt(c, "%s", err.message);
  if (rc < 0 && !problems.count)
    return builtin_fail(c, "%s", err.message);
  for (uint32_t i = 0; i < problems.count; i++)
    builtin_push(&array, problem_object(c, &problems.items[i]));
  return give_pair(c, rc == 0, builtin_array_end(&array), ret);
}

#define EITHER "string|object<any:any>"

const struct builtin builtins_schema[] = {
    ROW(match_schema, "json.match_schema", 2, EITHER ", " EITHER, "array<any>"),
    ROW(verify_schema, "json.verify_schema", 1, EITHER, "array<any>"),
    {.name = NULL},
};
