#include "data/openapi_schema_int.h"

#include "base/buf.h"
#include "data/copy.h"

/* A schema being read. The path is a stack: each level appends to it and cuts it again. */
struct reader {
  struct openapi_schema *schema;
  bool legacy;
  uint32_t nodes;
  struct buf path;
  struct error *err;
};

/* Where a node stands: values of allOf, anyOf, oneOf and not only narrow what is described elsewhere. */
enum place { PLACE_STRUCTURE, PLACE_JUNCTOR };

static const char *const type_names[OPENAPI_TYPE_COUNT] = {NULL,      "object", "array",  "string",
                                                           "integer", "number", "boolean"};

static int read_node(struct reader *r, struct value v, enum place place, unsigned depth,
                     const struct openapi_node **ret);

static int fail(struct reader *r, const char *word, const char *what)
{
  const char *dot = r->path.len && *word ? "." : "";
  return error_set(r->err, SW_EINVAL, "%s%s%s: %s", buf_text(&r->path), dot, word, what);
}

/* Enters a level; returns what r->path.len is to be set to afterwards. */
static size_t path_enter(struct reader *r, const char *word, struct str name)
{
  size_t before = r->path.len;
  buf_printf(&r->path, "%s%s", before ? "." : "", word);
  if (name.len)
    buf_printf(&r->path, ".%.*s", STR_FMT(name));
  return before;
}

static void path_leave(struct reader *r, size_t before)
{
  r->path.len = before < r->path.len ? before : r->path.len;
}

static struct value member(struct value v, const char *name)
{
  struct value found = value_get_str(v, str_from(name));
  return value_is(found, VALUE_NULL) ? VALUE_NONE : found;
}

static int read_flag(struct reader *r, struct value v, const char *name, bool *ret)
{
  struct value flag = member(v, name);
  if (!value_is(flag, VALUE_ABSENT) && !value_is(flag, VALUE_BOOL))
    return fail(r, name, "must be true or false");
  *ret = value_is_true(flag);
  return 0;
}

static int read_number(struct reader *r, struct value v, const char *name, struct value *ret)
{
  struct value number = member(v, name);
  if (!value_is(number, VALUE_ABSENT) && !value_is(number, VALUE_NUMBER))
    return fail(r, name, "must be a number");
  *ret = number;
  return 0;
}

static int read_size(struct reader *r, struct value v, const char *name, int64_t *io)
{
  struct value number = member(v, name);
  if (value_is(number, VALUE_ABSENT))
    return 0;
  if (!value_to_int(number, io) || *io < 0)
    return fail(r, name, "must be a whole number from 0");
  return 0;
}

static int read_range(struct reader *r, struct value v, const char *min, const char *max,
                      struct openapi_range *ret)
{
  *ret = (struct openapi_range){0, INT64_MAX};
  int rc = read_size(r, v, min, &ret->min);
  return rc < 0 ? rc : read_size(r, v, max, &ret->max);
}

static int read_type(struct reader *r, struct value v, struct openapi_node *node)
{
  struct value type = member(v, "type");
  if (value_is(type, VALUE_ABSENT) || value_eq_str(type, STR("")))
    return 0;
  for (unsigned i = 1; i < OPENAPI_TYPE_COUNT; i++)
    if (value_eq_str(type, str_from(type_names[i]))) {
      node->type = (uint8_t)i;
      return 0;
    }
  return fail(r, "type", "must be one of object, array, string, integer, number, boolean");
}

static int read_required(struct reader *r, struct value v, struct openapi_node *node)
{
  node->required = member(v, "required");
  if (value_is(node->required, VALUE_ABSENT))
    return 0;
  if (!value_is(node->required, VALUE_ARRAY))
    return fail(r, "required", "must be a list of names");
  for (uint32_t i = 0; i < node->required.len; i++)
    if (!value_is(node->required.items[i], VALUE_STRING))
      return fail(r, "required", "must be a list of names");
  return 0;
}

static int read_choices(struct reader *r, struct value v, struct openapi_node *node)
{
  node->choices = member(v, "enum");
  if (!value_is(node->choices, VALUE_ABSENT) && !value_is(node->choices, VALUE_ARRAY))
    return fail(r, "enum", "must be a list");
  return 0;
}

static int read_pattern(struct reader *r, struct value v, struct openapi_node *node)
{
  struct value pattern = member(v, "pattern");
  if (value_is(pattern, VALUE_ABSENT) || value_eq_str(pattern, STR("")))
    return 0;
  if (!value_is(pattern, VALUE_STRING))
    return fail(r, "pattern", "must be a string");
  struct regex *regex;
  struct error err;
  if (regex_compile(value_str(pattern), 0, &regex, &err) < 0)
    return fail(r, "pattern", err.message);
  struct openapi_pattern *held = arena_new(&r->schema->arena, struct openapi_pattern);
  *held = (struct openapi_pattern){r->schema->patterns, regex};
  r->schema->patterns = held;
  node->pattern = regex;
  return 0;
}

static int read_format(struct reader *r, struct value v, struct openapi_node *node)
{
  struct value format = member(v, "format");
  if (!value_is(format, VALUE_ABSENT) && !value_is(format, VALUE_STRING))
    return fail(r, "format", "must be a string");
  if (value_eq_str(format, STR("int32")))
    node->integer_bits = 32;
  else if (value_eq_str(format, STR("int64")))
    node->integer_bits = 64;
  return 0;
}

static int read_properties(struct reader *r, struct value v, enum place place, unsigned depth,
                           struct openapi_node *node)
{
  struct value all = member(v, "properties");
  if (value_is(all, VALUE_ABSENT))
    return 0;
  if (!value_is(all, VALUE_OBJECT))
    return fail(r, "properties", "must be an object");
  struct openapi_property *list = arena_array(&r->schema->arena, struct openapi_property, all.len);
  for (uint32_t i = 0; i < all.len; i++) {
    size_t before = path_enter(r, "properties", value_str_or_empty(all.members[i].key));
    list[i].key = all.members[i].key;
    int rc = read_node(r, all.members[i].value, place, depth + 1, &list[i].node);
    if (rc < 0)
      return rc;
    path_leave(r, before);
  }
  node->properties = list;
  node->property_count = all.len;
  return 0;
}

static int read_additional(struct reader *r, struct value v, enum place place, unsigned depth,
                           struct openapi_node *node)
{
  struct value additional = member(v, "additionalProperties");
  if (value_is(additional, VALUE_ABSENT))
    return 0;
  if (value_is_false(additional))
    return fail(r, "additionalProperties", "cannot be false");
  if (place == PLACE_STRUCTURE && node->property_count)
    return fail(r, "additionalProperties", "cannot stand beside properties");
  if (value_is_true(additional)) {
    node->additional_any = true;
    return 0;
  }
  size_t before = path_enter(r, "additionalProperties", STR_EMPTY);
  int rc = read_node(r, additional, place, depth + 1, &node->additional);
  path_leave(r, before);
  return rc;
}

static const struct openapi_node *anything(struct reader *r)
{
  struct openapi_node *node = arena_new(&r->schema->arena, struct openapi_node);
  node->preserve = true;
  node->length = node->item_count = node->member_count = (struct openapi_range){0, INT64_MAX};
  return node;
}

static int read_items(struct reader *r, struct value v, enum place place, unsigned depth,
                      struct openapi_node *node)
{
  struct value items = member(v, "items");
  if (value_is(items, VALUE_ABSENT)) {
    if (node->type == OPENAPI_ARRAY && place == PLACE_STRUCTURE && !r->legacy)
      return fail(r, "items", "must be given for an array");
    if (node->type == OPENAPI_ARRAY)
      node->items = anything(r);
    return 0;
  }
  if (!value_is(items, VALUE_OBJECT))
    return fail(r, "items", "must be one schema");
  size_t before = path_enter(r, "items", STR_EMPTY);
  int rc = read_node(r, items, place, depth + 1, &node->items);
  path_leave(r, before);
  return rc;
}

static int read_list(struct reader *r, struct value v, const char *name, unsigned depth,
                     struct openapi_nodes *ret)
{
  struct value all = member(v, name);
  if (value_is(all, VALUE_ABSENT))
    return 0;
  if (!value_is(all, VALUE_ARRAY))
    return fail(r, name, "must be a list of schemas");
  ret->items = arena_array(&r->schema->arena, const struct openapi_node *, all.len);
  size_t before = path_enter(r, name, STR_EMPTY);
  for (uint32_t i = 0; i < all.len; i++) {
    int rc = read_node(r, all.items[i], PLACE_JUNCTOR, depth + 1, &ret->items[i]);
    if (rc < 0)
      return rc;
  }
  path_leave(r, before);
  ret->count = all.len;
  return 0;
}

static int read_junctors(struct reader *r, struct value v, unsigned depth,
                         struct openapi_node *node)
{
  int rc = read_list(r, v, "allOf", depth, &node->all_of);
  if (rc == 0)
    rc = read_list(r, v, "anyOf", depth, &node->any_of);
  if (rc == 0)
    rc = read_list(r, v, "oneOf", depth, &node->one_of);
  struct value none = member(v, "not");
  if (rc < 0 || value_is(none, VALUE_ABSENT))
    return rc;
  size_t before = path_enter(r, "not", STR_EMPTY);
  rc = read_node(r, none, PLACE_JUNCTOR, depth + 1, &node->none_of);
  path_leave(r, before);
  return rc;
}

static int read_scalars(struct reader *r, struct value v, struct openapi_node *node)
{
  const struct {
    const char *name;
    bool *ret;
  } flags[] = {
      {"nullable", &node->nullable},
      {"x-kubernetes-preserve-unknown-fields", &node->preserve},
      {"x-kubernetes-int-or-string", &node->int_or_string},
      {"x-kubernetes-embedded-resource", &node->embedded},
      {"exclusiveMinimum", &node->exclusive_minimum},
      {"exclusiveMaximum", &node->exclusive_maximum},
  };
  int rc = read_type(r, v, node);
  for (size_t i = 0; rc == 0 && i < sizeof flags / sizeof *flags; i++)
    rc = read_flag(r, v, flags[i].name, flags[i].ret);
  if (rc == 0)
    rc = read_number(r, v, "minimum", &node->minimum);
  if (rc == 0)
    rc = read_number(r, v, "maximum", &node->maximum);
  if (rc == 0)
    rc = read_number(r, v, "multipleOf", &node->multiple_of);
  if (rc == 0)
    rc = read_range(r, v, "minLength", "maxLength", &node->length);
  if (rc == 0)
    rc = read_range(r, v, "minItems", "maxItems", &node->item_count);
  if (rc == 0)
    rc = read_range(r, v, "minProperties", "maxProperties", &node->member_count);
  if (rc == 0)
    rc = read_required(r, v, node);
  if (rc == 0)
    rc = read_choices(r, v, node);
  if (rc == 0)
    rc = read_pattern(r, v, node);
  return rc < 0 ? rc : read_format(r, v, node);
}

static int refuse_forbidden(struct reader *r, struct value v)
{
  static const char *const words[] = {"$ref",         "$schema",        "definitions",
                                      "id",           "dependencies",   "patternProperties",
                                      "externalDocs", "additionalItems"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (!value_is(member(v, words[i]), VALUE_ABSENT))
      return fail(r, words[i], "is not allowed in the schema of a custom resource");
  if (value_is_true(member(v, "uniqueItems")))
    return fail(r, "uniqueItems", "cannot be true");
  return 0;
}

/* What Gatekeeper's legacySchema adds. */
static void loosen(struct openapi_node *node)
{
  if (node->type == OPENAPI_ANY || node->type == OPENAPI_OBJECT)
    node->preserve = true;
}

static int check_structure(struct reader *r, const struct openapi_node *node, enum place place)
{
  if (place == PLACE_JUNCTOR || node->type != OPENAPI_ANY || node->preserve || node->int_or_string)
    return 0;
  return fail(r, "type",
              "is missing: a schema must say the type of everything, or set "
              "x-kubernetes-preserve-unknown-fields");
}

/* A default must fit the schema it stands in. */
static int read_default(struct reader *r, struct value v, struct openapi_node *node)
{
  node->fallback = member(v, "default");
  if (value_is(node->fallback, VALUE_ABSENT))
    return 0;
  struct arena scratch;
  arena_init(&scratch, 0);
  struct openapi_schema alone = {.root = node};
  struct openapi_faults faults;
  struct value filled = openapi_schema_default(&alone, &scratch, node->fallback);
  int rc = 0;
  if (openapi_schema_check(&alone, &scratch, filled, STR("default"), &faults) > 0)
    rc = error_set(r->err, SW_EINVAL, "%s%s%.*s: %.*s", buf_text(&r->path), r->path.len ? "." : "",
                   STR_FMT(faults.items[0].path), STR_FMT(faults.items[0].message));
  arena_free(&scratch);
  return rc;
}

static int read_node(struct reader *r, struct value v, enum place place, unsigned depth,
                     const struct openapi_node **ret)
{
  if (depth > OPENAPI_DEPTH_MAX)
    return error_set(r->err, SW_ELIMIT, "schema nested more than %d deep", OPENAPI_DEPTH_MAX);
  if (++r->nodes > OPENAPI_NODES_MAX)
    return error_set(r->err, SW_ELIMIT, "schema of more than %d parts", OPENAPI_NODES_MAX);
  if (!value_is(v, VALUE_OBJECT))
    return fail(r, "", "a schema must be an object");
  struct openapi_node *node = arena_new(&r->schema->arena, struct openapi_node);
  node->narrows = place == PLACE_JUNCTOR;
  int rc = refuse_forbidden(r, v);
  if (rc == 0)
    rc = read_scalars(r, v, node);
  if (rc == 0 && r->legacy && place == PLACE_STRUCTURE)
    loosen(node);
  if (rc == 0)
    rc = check_structure(r, node, place);
  if (rc == 0)
    rc = read_properties(r, v, place, depth, node);
  if (rc == 0)
    rc = read_additional(r, v, place, depth, node);
  if (rc == 0)
    rc = read_items(r, v, place, depth, node);
  if (rc == 0)
    rc = read_junctors(r, v, depth, node);
  if (rc == 0)
    rc = read_default(r, v, node);
  *ret = node;
  return rc;
}

int openapi_schema_new(struct value document, bool legacy, struct openapi_schema **ret_schema,
                       struct error *err)
{
  _cleanup_(openapi_schema_freep) struct openapi_schema *schema =
      mem_zalloc(1, sizeof(struct openapi_schema));
  arena_init(&schema->arena, 0);
  struct reader r = {.schema = schema, .legacy = legacy, .err = err};
  buf_init(&r.path, 4096);
  struct value own;
  int rc = value_copy(&schema->arena, document, NULL, &own, err);
  if (rc == 0)
    rc = read_node(&r, own, PLACE_STRUCTURE, 0, &schema->root);
  buf_free(&r.path);
  if (rc < 0)
    return rc;
  *ret_schema = schema;
  schema = NULL;
  return 0;
}

void openapi_schema_free(struct openapi_schema *schema)
{
  if (!schema)
    return;
  for (struct openapi_pattern *p = schema->patterns; p; p = p->next)
    regex_free(p->regex);
  arena_free(&schema->arena);
  mem_free(schema);
}

const struct openapi_node *openapi_property_find(const struct openapi_node *node, struct value key)
{
  for (uint32_t i = 0; i < node->property_count; i++)
    if (value_eq_str(key, value_str(node->properties[i].key)))
      return node->properties[i].node;
  return NULL;
}

const char *openapi_type_text(const struct openapi_node *node)
{
  static const char *const texts[OPENAPI_TYPE_COUNT] = {
      "anything", "an object", "an array", "a string", "an integer", "a number", "true or false"};
  return node->int_or_string ? "an integer or a string" : texts[node->type];
}
