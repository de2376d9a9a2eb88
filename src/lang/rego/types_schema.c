/* Types from JSON Schema: what a schema says of types, and nothing else of it. */
#include "lang/rego/types.h"

#include "base/map.h"
#include "base/mem.h"
#include "data/pointer.h"

struct reader {
  struct rego_types *types;
  struct value root;
  struct map refs; /* pointers: types, NULL while one is being made */
  struct error *err;
  bool failed;
};

static const struct rego_type *read_schema(struct reader *r, struct value schema, uint32_t depth);

static const struct rego_type *known(const struct rego_type *type)
{
  return type ? type : &rego_type_any;
}

static const struct rego_type *fail(struct reader *r, const char *before, struct str what,
                                    const char *behind)
{
  if (!r->failed)
    error_set(r->err, SW_EINVAL, "%s%.*s%s", before, STR_FMT(str_sub(what, 0, 100)), behind);
  r->failed = true;
  return &rego_type_any;
}

static struct value member(struct value object, const char *name)
{
  return value_get(object, value_from(name));
}

/* ---- references inside of the document */

/* What a schema says of itself again is any: types have no loops. */
static const struct rego_type *read_ref(struct reader *r, struct str ref, uint32_t depth)
{
  bool added;
  if (!str_starts(ref, STR("#")) || (ref.len > 1 && ref.data[1] != '/'))
    return &rego_type_any; /* elsewhere, or by a name: nothing is fetched */
  union map_value *value = map_put(&r->refs, ref, &added);
  if (!added)
    return known(value->view);
  struct value target = pointer_get(r->root, str_sub(ref, 1, ref.len));
  if (target.type == VALUE_ABSENT)
    return fail(r, "unable to compile the schema: reference ", ref, " leads nowhere");
  const struct rego_type *type = read_schema(r, target, depth + 1);
  map_get(&r->refs, ref)->view = type;
  return type;
}

/* ---- several schemas */

/* An object that says something of its properties, or of nothing. */
static bool says_nothing(const struct rego_type *type)
{
  return type->kind == REGO_TYPE_ANY
             ? type->count == 0
             : type->rest && type->count == 0 && type->rest == &rego_type_any;
}

static const struct rego_type *both(struct reader *r, const struct rego_type *a,
                                    const struct rego_type *b, uint32_t depth);

static const struct rego_type *both_objects(struct reader *r, const struct rego_type *a,
                                            const struct rego_type *b, uint32_t depth)
{
  uint32_t count = a->count;
  struct value *keys = mem_zalloc((size_t)a->count + b->count, sizeof *keys);
  const struct rego_type **values = mem_zalloc((size_t)a->count + b->count, sizeof *values);
  for (uint32_t i = 0; i < a->count; i++) {
    keys[i] = a->keys[i];
    values[i] = a->items[i];
  }
  for (uint32_t i = 0; i < b->count; i++) {
    const struct rego_type *other = rego_type_select(r->types, a, b->keys[i]);
    keys[count] = b->keys[i];
    values[count++] = other ? both(r, other, b->items[i], depth + 1) : b->items[i];
  }
  const struct rego_type *type = rego_type_object(r->types, keys, values, count, NULL, NULL);
  mem_free(keys);
  mem_free(values);
  return type;
}

static const struct rego_type *both(struct reader *r, const struct rego_type *a,
                                    const struct rego_type *b, uint32_t depth)
{
  if (depth == REGO_TYPE_DEPTH_MAX || !rego_types_spend(r->types, a->count + b->count + 1))
    return &rego_type_any;
  if (a->kind == REGO_TYPE_ANY || b->kind == REGO_TYPE_ANY)
    return says_nothing(a) ? b : says_nothing(b) ? a : &rego_type_any;
  if (a->kind != b->kind)
    return fail(r, "unable to merge these schemas", STR_EMPTY, "");
  if (says_nothing(a) || a->kind < REGO_TYPE_ARRAY)
    return b;
  if (says_nothing(b))
    return a;
  if (a->kind == REGO_TYPE_OBJECT)
    return both_objects(r, a, b, depth);
  if (a->kind == REGO_TYPE_ARRAY && a->rest && b->rest && !a->count && !b->count)
    return rego_type_array(r->types, NULL, 0, both(r, a->rest, b->rest, depth + 1));
  return rego_type_or(r->types, a, b);
}

static const struct rego_type *read_own(struct reader *r, struct value schema, uint32_t depth);

static const struct rego_type *read_all_of(struct reader *r, struct value schema,
                                           struct value schemas, uint32_t depth)
{
  const struct rego_type *type = read_own(r, schema, depth);
  for (uint32_t i = 0; i < schemas.len && !r->failed; i++)
    type = both(r, type, read_schema(r, schemas.items[i], depth + 1), depth);
  return type;
}

static const struct rego_type *read_any_of(struct reader *r, struct value schema,
                                           struct value schemas, uint32_t depth)
{
  const struct rego_type *type = NULL, *own = read_own(r, schema, depth);
  if (own->kind == REGO_TYPE_OBJECT && own->count)
    type = own;
  for (uint32_t i = 0; i < schemas.len && !r->failed; i++)
    type = rego_type_or(r->types, read_schema(r, schemas.items[i], depth + 1), type);
  return known(type);
}

/* ---- one schema */

static const struct rego_type *read_object(struct reader *r, struct value schema, uint32_t depth)
{
  struct value properties = member(schema, "properties");
  if (properties.type != VALUE_OBJECT || properties.len == 0)
    return rego_type_object(r->types, NULL, NULL, 0, &rego_type_any, &rego_type_any);
  struct value *keys = mem_zalloc(properties.len, sizeof *keys);
  const struct rego_type **values = mem_zalloc(properties.len, sizeof *values);
  for (uint32_t i = 0; i < properties.len; i++) {
    keys[i] = properties.members[i].key;
    values[i] = read_schema(r, properties.members[i].value, depth + 1);
  }
  const struct rego_type *type =
      rego_type_object(r->types, keys, values, properties.len, NULL, NULL);
  mem_free(keys);
  mem_free(values);
  return type;
}

static const struct rego_type *read_array(struct reader *r, struct value schema, uint32_t depth)
{
  struct value items = member(schema, "items");
  if (items.type == VALUE_OBJECT)
    return rego_type_array(r->types, NULL, 0, read_schema(r, items, depth + 1));
  if (items.type != VALUE_ARRAY || items.len == 0)
    return rego_type_array(r->types, NULL, 0, &rego_type_any);
  const struct rego_type **parts = mem_zalloc(items.len, sizeof *parts);
  for (uint32_t i = 0; i < items.len; i++)
    parts[i] = read_schema(r, items.items[i], depth + 1);
  const struct rego_type *type = rego_type_array(r->types, parts, items.len, NULL);
  mem_free(parts);
  return type;
}

static const struct rego_type *read_name(struct reader *r, struct value schema, struct value name,
                                         uint32_t depth)
{
  struct str text = value_str_or_empty(name);
  if (str_eq(text, STR("boolean")))
    return &rego_type_boolean;
  if (str_eq(text, STR("string")))
    return &rego_type_string;
  if (str_eq(text, STR("integer")) || str_eq(text, STR("number")))
    return &rego_type_number;
  if (str_eq(text, STR("object")))
    return read_object(r, schema, depth);
  if (str_eq(text, STR("array")))
    return read_array(r, schema, depth);
  if (str_eq(text, STR("null")))
    return &rego_type_null;
  return fail(r, "unable to compile the schema: has a primitive type that is NOT VALID -- given: /",
              text,
              "/ Expected valid values are:[array boolean integer number null object string]");
}

/* What a schema says without those that it is made of. */
static const struct rego_type *read_own(struct reader *r, struct value schema, uint32_t depth)
{
  struct value names = member(schema, "type");
  const struct rego_type *type = NULL;
  for (uint32_t i = 0; names.type == VALUE_ARRAY && i < names.len && !r->failed; i++)
    type = rego_type_or(r->types, type, read_name(r, schema, names.items[i], depth));
  if (names.type == VALUE_STRING)
    type = read_name(r, schema, names, depth);
  if (type)
    return type == &rego_type_null ? &rego_type_any : type;
  if (member(schema, "properties").type == VALUE_OBJECT && member(schema, "properties").len)
    return read_object(r, schema, depth);
  struct value items = member(schema, "items");
  if (items.type == VALUE_OBJECT || (items.type == VALUE_ARRAY && items.len))
    return read_array(r, schema, depth);
  return &rego_type_any;
}

static const struct rego_type *read_schema(struct reader *r, struct value schema, uint32_t depth)
{
  if (depth >= REGO_TYPE_DEPTH_MAX || r->failed || schema.type != VALUE_OBJECT ||
      !rego_types_spend(r->types, schema.len + 1))
    return &rego_type_any;
  struct value ref = member(schema, "$ref");
  struct value any = member(schema, "anyOf"), all = member(schema, "allOf");
  if (ref.type == VALUE_STRING)
    return read_ref(r, value_str(ref), depth);
  if (any.type == VALUE_ARRAY)
    return read_any_of(r, schema, any, depth);
  if (all.type == VALUE_ARRAY)
    return read_all_of(r, schema, all, depth);
  return read_own(r, schema, depth);
}

int rego_type_from_schema(struct rego_types *types, struct value schema,
                          const struct rego_type **ret_type, struct error *err)
{
  struct reader r = {.types = types, .root = schema, .err = err};
  map_init(&r.refs, NULL);
  const struct rego_type *type = read_schema(&r, schema, 0);
  map_free(&r.refs);
  if (r.failed)
    return SW_EINVAL;
  *ret_type = type;
  return 0;
}
