#include "lang/json_schema_int.h"

#include "data/compare.h"
#include "data/number.h"
#include "lang/builtin_int.h"

/* ---- texts */

static const struct str type_names[] = {
    [SCHEMA_ARRAY] = STR_INIT("array"),     [SCHEMA_BOOLEAN] = STR_INIT("boolean"),
    [SCHEMA_INTEGER] = STR_INIT("integer"), [SCHEMA_NUMBER] = STR_INIT("number"),
    [SCHEMA_NULL] = STR_INIT("null"),       [SCHEMA_OBJECT] = STR_INIT("object"),
    [SCHEMA_STRING] = STR_INIT("string"),
};

struct str schema_type_name(enum schema_type type)
{
  return type_names[type];
}

static void write_number(struct buf *out, struct value v)
{
  char text[NUMBER_TEXT_MAX];
  double d;
  if (!number_to_double(v, &d))
    number_write(out, v);
  else
    buf_add(out, str_make(text, number_format_double(d, text)));
}

static void write_value(struct buf *out, struct value v, unsigned depth);

static void write_object(struct buf *out, struct value v, unsigned depth)
{
  uint32_t *order = mem_zalloc(v.len, sizeof *order);
  value_sort_keys(v, order);
  buf_add_byte(out, '{');
  for (uint32_t i = 0; i < v.len && !buf_failed(out); i++) {
    if (i)
      buf_add_byte(out, ',');
    builtin_add_json_string(out, value_str_or_empty(v.members[order[i]].key));
    buf_add_byte(out, ':');
    write_value(out, v.members[order[i]].value, depth + 1);
  }
  buf_add_byte(out, '}');
  mem_free(order);
}

static void write_value(struct buf *out, struct value v, unsigned depth)
{
  if (depth > JSON_SCHEMA_DEPTH_MAX)
    out->failed = true;
  if (buf_failed(out))
    return;
  switch (v.type) {
  case VALUE_OBJECT:
    write_object(out, v, depth);
    break;
  case VALUE_ARRAY:
  case VALUE_SET:
    buf_add_byte(out, '[');
    for (uint32_t i = 0; i < v.len && !buf_failed(out); i++) {
      if (i)
        buf_add_byte(out, ',');
      write_value(out, v.items[i], depth + 1);
    }
    buf_add_byte(out, ']');
    break;
  case VALUE_STRING:
    builtin_add_json_string(out, value_str(v));
    break;
  case VALUE_NUMBER:
    write_number(out, v);
    break;
  default:
    buf_add_text(out, v.type != VALUE_BOOL ? "null" : v.boolean ? "true" : "false");
  }
}

void schema_write(struct buf *out, struct value v)
{
  write_value(out, v, 0);
}

/* ---- compiling */

struct compiler {
  struct json_schema *schema;
  struct arena *arena;
  struct error *err;
  int failed;
  unsigned depth;
  enum schema_draft document_draft;
  struct schema_refs refs;
  struct map references; /* by absolute reference: struct schema_node * */
};

static void fail(struct compiler *k, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void fail(struct compiler *k, int code, const char *format, ...)
{
  char text[ERROR_MESSAGE_MAX];
  va_list arguments;
  if (k->failed)
    return;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  k->failed = error_set(k->err, code, "%s", text);
}

static void invalid_type(struct compiler *k, const char *expected, const char *given)
{
  fail(k, SW_EINVAL, "Invalid type. Expected: %s, given: %s", expected, given);
}

static struct schema_node *compile(struct compiler *k, struct value v, enum schema_draft draft);

static bool is_schema(struct value v)
{
  return v.type == VALUE_OBJECT || v.type == VALUE_BOOL;
}

static const struct regex *compile_regex(struct compiler *k, struct str pattern)
{
  struct regex *regex = NULL;
  if (regex_compile_within(pattern, 0, 2 << 20, &regex, NULL) < 0)
    return NULL;
  vec_push(&k->schema->regexes, regex);
  return regex;
}

/* The text of a value, to compare with. */
static struct str text_of(struct compiler *k, struct value v)
{
  _cleanup_(buf_free) struct buf out = {.cap = 16 << 20};
  schema_write(&out, v);
  if (buf_failed(&out))
    fail(k, SW_ELIMIT, "a value of the schema is too large or nested too deep");
  return arena_copy(k->arena, buf_str(&out));
}

static struct schema_list compile_list(struct compiler *k, struct value v, enum schema_draft draft)
{
  struct schema_list list = {.items = arena_array(k->arena, struct schema_node *, v.len)};
  for (; list.count < v.len && !k->failed; list.count++)
    list.items[list.count] = compile(k, v.items[list.count], draft);
  return list;
}

/* One keyword's part of a node. The table below says which keyword, and from which draft on. */
struct keyword {
  const char *name;
  enum schema_draft since;
  void (*compile)(struct compiler *k, struct schema_node *n, struct value v);
};

static void only_string(struct compiler *k, struct value v, const char *name)
{
  if (v.type != VALUE_STRING)
    invalid_type(k, "string", name);
}

static void on_definitions(struct compiler *k, struct schema_node *n, struct value v)
{
  if (v.type != VALUE_OBJECT) {
    invalid_type(k, "array of schemas", "definitions");
    return;
  }
  uint32_t *order = arena_array(k->arena, uint32_t, v.len);
  value_sort_keys(v, order);
  for (uint32_t i = 0; i < v.len && !k->failed; i++) {
    struct value definition = v.members[order[i]].value;
    if (!is_schema(definition))
      invalid_type(k, "array of schemas", "definitions");
    else
      compile(k, definition, n->draft);
  }
}

static void on_title(struct compiler *k, struct schema_node *n, struct value v)
{
  (void)n;
  only_string(k, v, "title");
}

static void on_description(struct compiler *k, struct schema_node *n, struct value v)
{
  (void)n;
  only_string(k, v, "description");
}

static void add_type(struct compiler *k, struct schema_node *n, struct str name)
{
  for (unsigned i = 0; i < SCHEMA_TYPE_COUNT; i++) {
    if (!str_eq(name, type_names[i]))
      continue;
    for (unsigned t = 0; t < n->type_count; t++)
      if (n->types[t] == i) {
        fail(k, SW_EINVAL, "%.*s type is duplicated", STR_FMT(name));
        return;
      }
    n->types[n->type_count++] = (uint8_t)i;
    return;
  }
  fail(k, SW_EINVAL,
       "has a primitive type that is NOT VALID -- given: /%.*s/ Expected valid values are:[array "
       "boolean integer number null object string]",
       STR_FMT(str_sub(name, 0, 200)));
}

static void on_type(struct compiler *k, struct schema_node *n, struct value v)
{
  if (v.type == VALUE_STRING)
    add_type(k, n, value_str(v));
  else if (v.type != VALUE_ARRAY)
    invalid_type(k, "type", "string/array of strings");
  for (uint32_t i = 0; v.type == VALUE_ARRAY && i < v.len && !k->failed; i++)
    if (v.items[i].type == VALUE_STRING)
      add_type(k, n, value_str(v.items[i]));
    else
      invalid_type(k, "type", "string/array of strings");
}

/* The members of an object as schemas, in order of their names. */
static struct schema_named_list compile_members(struct compiler *k, struct value v,
                                                enum schema_draft draft)
{
  struct schema_named_list list = {.items = arena_zalloc(k->arena, v.len + 1, sizeof *list.items)};
  uint32_t *order = arena_array(k->arena, uint32_t, v.len);
  value_sort_keys(v, order);
  for (; list.count < v.len && !k->failed; list.count++) {
    const struct value_member *m = &v.members[order[list.count]];
    list.items[list.count] = (struct schema_named){.name = value_str_or_empty(m->key),
                                                   .node = compile(k, m->value, draft)};
  }
  return list;
}

static void on_properties(struct compiler *k, struct schema_node *n, struct value v)
{
  if (v.type == VALUE_OBJECT)
    n->properties = compile_members(k, v, n->draft);
  else
    fail(k, SW_EINVAL, "properties must be of type object");
}

static enum schema_rest compile_rest(struct compiler *k, struct schema_node *n, struct value v,
                                     const char *name, struct schema_node **ret)
{
  if (v.type == VALUE_BOOL)
    return v.boolean ? SCHEMA_REST_ALLOWED : SCHEMA_REST_FORBIDDEN;
  if (v.type != VALUE_OBJECT) {
    invalid_type(k, "boolean/schema", name);
    return SCHEMA_REST_UNSAID;
  }
  *ret = compile(k, v, n->draft);
  return SCHEMA_REST_NODE;
}

static void on_additional_properties(struct compiler *k, struct schema_node *n, struct value v)
{
  n->rest_properties = compile_rest(k, n, v, "additionalProperties", &n->rest_properties_node);
}

static void on_additional_items(struct compiler *k, struct schema_node *n, struct value v)
{
  n->rest_items = compile_rest(k, n, v, "additionalItems", &n->rest_items_node);
}

static void on_pattern_properties(struct compiler *k, struct schema_node *n, struct value v)
{
  if (v.type != VALUE_OBJECT) {
    invalid_type(k, "schema", "patternProperties");
    return;
  }
  for (uint32_t i = 0; i < v.len && !k->failed; i++) {
    struct str pattern = value_str_or_empty(v.members[i].key);
    struct regex *regex = NULL;
    if (regex_compile_within(pattern, 0, 2 << 20, &regex, NULL) < 0)
      fail(k, SW_EINVAL, "Invalid regex pattern '%.*s'", STR_FMT(str_sub(pattern, 0, 300)));
    regex_free(regex);
  }
  if (k->failed)
    return;
  n->pattern_properties = compile_members(k, v, n->draft);
  for (uint32_t i = 0; i < n->pattern_properties.count; i++)
    n->pattern_properties.items[i].regex = compile_regex(k, n->pattern_properties.items[i].name);
}

static void on_property_names(struct compiler *k, struct schema_node *n, struct value v)
{
  if (is_schema(v))
    n->property_names = compile(k, v, n->draft);
  else
    invalid_type(k, "schema", "patternProperties");
}

static void add_dependency(struct compiler *k, struct schema_node *n, const struct value_member *m)
{
  struct schema_named d = {.name = value_str_or_empty(m->key)};
  if (m->value.type == VALUE_ARRAY) {
    struct str *names = arena_array(k->arena, struct str, m->value.len);
    for (uint32_t i = 0; i < m->value.len; i++) {
      if (m->value.items[i].type != VALUE_STRING)
        fail(k, SW_EINVAL, "dependency must be of type schema or array of strings");
      names[d.name_count++] = value_str_or_empty(m->value.items[i]);
    }
    d.names = names;
  } else if (is_schema(m->value)) {
    d.node = compile(k, m->value, n->draft);
  } else {
    fail(k, SW_EINVAL, "dependency must be of type schema or array of strings");
  }
  n->dependencies.items[n->dependencies.count++] = d;
}

static void on_dependencies(struct compiler *k, struct schema_node *n, struct value v)
{
  if (v.type != VALUE_OBJECT) {
    fail(k, SW_EINVAL, "dependencies must be of type object");
    return;
  }
  uint32_t *order = arena_array(k->arena, uint32_t, v.len);
  value_sort_keys(v, order);
  n->dependencies.items = arena_zalloc(k->arena, v.len + 1, sizeof *n->dependencies.items);
  for (uint32_t i = 0; i < v.len && !k->failed; i++)
    add_dependency(k, n, &v.members[order[i]]);
}

static void on_items(struct compiler *k, struct schema_node *n, struct value v)
{
  bool ok = is_schema(v) || v.type == VALUE_ARRAY;
  for (uint32_t i = 0; v.type == VALUE_ARRAY && i < v.len; i++)
    ok &= is_schema(v.items[i]);
  if (!ok) {
    invalid_type(k, "schema/array of schemas", "items");
    return;
  }
  n->single_item = is_schema(v);
  struct value list = n->single_item ? value_array_make(k->arena, &v, NULL, 1) : v;
  n->items = compile_list(k, list, n->draft);
}

static void on_multiple_of(struct compiler *k, struct schema_node *n, struct value v)
{
  if (v.type != VALUE_NUMBER)
    invalid_type(k, "number", "multipleOf");
  else if (number_sign(v) <= 0)
    fail(k, SW_EINVAL, "multipleOf must be strictly greater than 0");
  n->multiple_of = v;
}

static void on_minimum(struct compiler *k, struct schema_node *n, struct value v)
{
  if (v.type != VALUE_NUMBER)
    fail(k, SW_EINVAL, "minimum must be of a number");
  n->minimum = v;
}

static void on_maximum(struct compiler *k, struct schema_node *n, struct value v)
{
  if (v.type != VALUE_NUMBER)
    fail(k, SW_EINVAL, "maximum must be of a number");
  n->maximum = v;
}

/* In draft 4 a boolean, which turns the bound into an exclusive one; from draft 6 on a bound. */
static void compile_exclusive(struct compiler *k, const struct schema_node *n, struct value v,
                              const char *name, const char *bound_name, struct value *bound,
                              struct value *exclusive)
{
  bool may_be_boolean = n->draft == SCHEMA_DRAFT4 || n->draft == SCHEMA_HYBRID;
  if (v.type == VALUE_BOOL && may_be_boolean) {
    if (bound->type == VALUE_ABSENT) {
      fail(k, SW_EINVAL, "%s cannot be used without %s", name, bound_name);
    } else if (v.boolean) {
      *exclusive = *bound;
      *bound = VALUE_NONE;
    }
  } else if (v.type == VALUE_NUMBER && n->draft != SCHEMA_DRAFT4) {
    *exclusive = v;
  } else {
    invalid_type(k,
                 n->draft == SCHEMA_DRAFT4   ? "boolean"
                 : n->draft == SCHEMA_HYBRID ? "boolean/number"
                                             : "number",
                 name);
  }
}

static void on_exclusive_minimum(struct compiler *k, struct schema_node *n, struct value v)
{
  compile_exclusive(k, n, v, "exclusiveMinimum", "minimum", &n->minimum, &n->exclusive_minimum);
}

static void on_exclusive_maximum(struct compiler *k, struct schema_node *n, struct value v)
{
  compile_exclusive(k, n, v, "exclusiveMaximum", "maximum", &n->maximum, &n->exclusive_maximum);
}

static int64_t compile_count(struct compiler *k, struct value v, const char *name)
{
  int64_t n;
  if (!value_to_int(v, &n)) {
    fail(k, SW_EINVAL, "%s must be of an integer", name);
    return -1;
  }
  if (n < 0)
    fail(k, SW_EINVAL, "%s must be greater than or equal to 0", name);
  return n;
}

static void check_order(struct compiler *k, int64_t least, int64_t most, const char *low,
                        const char *high)
{
  if (least >= 0 && most >= 0 && least > most)
    fail(k, SW_EINVAL, "%s cannot be greater than %s", low, high);
}

static void on_min_length(struct compiler *k, struct schema_node *n, struct value v)
{
  n->min_length = compile_count(k, v, "minLength");
}

static void on_max_length(struct compiler *k, struct schema_node *n, struct value v)
{
  n->max_length = compile_count(k, v, "maxLength");
  check_order(k, n->min_length, n->max_length, "minLength", "maxLength");
}

static void on_pattern(struct compiler *k, struct schema_node *n, struct value v)
{
  only_string(k, v, "pattern");
  if (k->failed)
    return;
  n->pattern = compile_regex(k, value_str(v));
  if (!n->pattern)
    fail(k, SW_EINVAL, "pattern must be a valid regex");
}

static void on_format(struct compiler *k, struct schema_node *n, struct value v)
{
  only_string(k, v, "format");
  n->format = value_str_or_empty(v);
}

static void on_min_properties(struct compiler *k, struct schema_node *n, struct value v)
{
  n->min_properties = compile_count(k, v, "minProperties");
}

static void on_max_properties(struct compiler *k, struct schema_node *n, struct value v)
{
  n->max_properties = compile_count(k, v, "maxProperties");
  check_order(k, n->min_properties, n->max_properties, "minProperties", "maxProperties");
}

static bool want_array(struct compiler *k, struct value v, const char *name)
{
  if (v.type != VALUE_ARRAY)
    fail(k, SW_EINVAL, "%s must be of an array", name);
  return v.type == VALUE_ARRAY;
}

/* Texts, each once. */
static void add_text(struct compiler *k, struct map *seen, struct schema_texts *list,
                     struct str text, const char *name)
{
  bool added;
  map_put(seen, text, &added);
  if (added)
    list->items[list->count++] = text;
  else
    fail(k, SW_EINVAL, "%s items must be unique", name);
}

static void on_required(struct compiler *k, struct schema_node *n, struct value v)
{
  struct map seen = {.arena = NULL};
  if (!want_array(k, v, "required"))
    return;
  n->required.items = arena_array(k->arena, struct str, v.len);
  for (uint32_t i = 0; i < v.len && !k->failed; i++)
    if (v.items[i].type != VALUE_STRING)
      invalid_type(k, "string", "required");
    else
      add_text(k, &seen, &n->required, value_str(v.items[i]), "required");
  map_free(&seen);
}

static void on_min_items(struct compiler *k, struct schema_node *n, struct value v)
{
  n->min_items = compile_count(k, v, "minItems");
}

static void on_max_items(struct compiler *k, struct schema_node *n, struct value v)
{
  n->max_items = compile_count(k, v, "maxItems");
}

static void on_unique_items(struct compiler *k, struct schema_node *n, struct value v)
{
  if (v.type != VALUE_BOOL)
    fail(k, SW_EINVAL, "uniqueItems must be of a boolean");
  n->unique = value_is_true(v);
}

static void on_contains(struct compiler *k, struct schema_node *n, struct value v)
{
  n->contains = compile(k, v, n->draft);
}

static void on_const(struct compiler *k, struct schema_node *n, struct value v)
{
  n->has_const = true;
  n->constant = text_of(k, v);
}

static void on_enum(struct compiler *k, struct schema_node *n, struct value v)
{
  struct map seen = {.arena = NULL};
  if (!want_array(k, v, "enum"))
    return;
  n->has_enum = true;
  n->values.items = arena_array(k->arena, struct str, v.len);
  for (uint32_t i = 0; i < v.len && !k->failed; i++)
    add_text(k, &seen, &n->values, text_of(k, v.items[i]), "enum");
  map_free(&seen);
}

static void on_one_of(struct compiler *k, struct schema_node *n, struct value v)
{
  if (want_array(k, v, "oneOf"))
    n->one_of = compile_list(k, v, n->draft);
}

static void on_any_of(struct compiler *k, struct schema_node *n, struct value v)
{
  if (want_array(k, v, "anyOf"))
    n->any_of = compile_list(k, v, n->draft);
}

static void on_all_of(struct compiler *k, struct schema_node *n, struct value v)
{
  if (want_array(k, v, "allOf"))
    n->all_of = compile_list(k, v, n->draft);
}

static struct schema_node *compile_one(struct compiler *k, struct schema_node *n, struct value v,
                                       const char *name)
{
  if (is_schema(v))
    return compile(k, v, n->draft);
  fail(k, SW_EINVAL, "%s must be of an object", name);
  return NULL;
}

static void on_not(struct compiler *k, struct schema_node *n, struct value v)
{
  n->not = compile_one(k, n, v, "not");
}

static void on_if(struct compiler *k, struct schema_node *n, struct value v)
{
  n->when = compile_one(k, n, v, "if");
}

static void on_then(struct compiler *k, struct schema_node *n, struct value v)
{
  n->then = compile_one(k, n, v, "then");
}

static void on_else(struct compiler *k, struct schema_node *n, struct value v)
{
  n->otherwise = compile_one(k, n, v, "else");
}

/* In the order in which errors are found. */
static const struct keyword keywords[] = {
    {"type", SCHEMA_DRAFT4, on_type},
    {"properties", SCHEMA_DRAFT4, on_properties},
    {"additionalProperties", SCHEMA_DRAFT4, on_additional_properties},
    {"patternProperties", SCHEMA_DRAFT4, on_pattern_properties},
    {"propertyNames", SCHEMA_DRAFT6, on_property_names},
    {"dependencies", SCHEMA_DRAFT4, on_dependencies},
    {"items", SCHEMA_DRAFT4, on_items},
    {"additionalItems", SCHEMA_DRAFT4, on_additional_items},
    {"multipleOf", SCHEMA_DRAFT4, on_multiple_of},
    {"minimum", SCHEMA_DRAFT4, on_minimum},
    {"exclusiveMinimum", SCHEMA_DRAFT4, on_exclusive_minimum},
    {"maximum", SCHEMA_DRAFT4, on_maximum},
    {"exclusiveMaximum", SCHEMA_DRAFT4, on_exclusive_maximum},
    {"minLength", SCHEMA_DRAFT4, on_min_length},
    {"maxLength", SCHEMA_DRAFT4, on_max_length},
    {"pattern", SCHEMA_DRAFT4, on_pattern},
    {"format", SCHEMA_DRAFT4, on_format},
    {"minProperties", SCHEMA_DRAFT4, on_min_properties},
    {"maxProperties", SCHEMA_DRAFT4, on_max_properties},
    {"required", SCHEMA_DRAFT4, on_required},
    {"minItems", SCHEMA_DRAFT4, on_min_items},
    {"maxItems", SCHEMA_DRAFT4, on_max_items},
    {"uniqueItems", SCHEMA_DRAFT4, on_unique_items},
    {"contains", SCHEMA_DRAFT6, on_contains},
    {"const", SCHEMA_DRAFT6, on_const},
    {"enum", SCHEMA_DRAFT4, on_enum},
    {"oneOf", SCHEMA_DRAFT4, on_one_of},
    {"anyOf", SCHEMA_DRAFT4, on_any_of},
    {"allOf", SCHEMA_DRAFT4, on_all_of},
    {"not", SCHEMA_DRAFT4, on_not},
    {"if", SCHEMA_DRAFT7, on_if},
    {"then", SCHEMA_DRAFT7, on_then},
    {"else", SCHEMA_DRAFT7, on_else},
};

static const struct keyword before_reference[] = {
    {"definitions", SCHEMA_DRAFT4, on_definitions},
    {"title", SCHEMA_DRAFT4, on_title},
    {"description", SCHEMA_DRAFT4, on_description},
};

static void apply(struct compiler *k, struct schema_node *n, struct value object,
                  const struct keyword *list, size_t count)
{
  for (size_t i = 0; i < count && !k->failed; i++) {
    struct value v = value_get_str(object, str_from(list[i].name));
    if (v.type != VALUE_ABSENT && n->draft >= list[i].since)
      list[i].compile(k, n, v);
  }
}

/* A reference is compiled once; a node that is being compiled may be referred to. */
static void compile_reference(struct compiler *k, struct schema_node *n, struct value object)
{
  struct str target = schema_refs_target(&k->refs, object);
  union map_value *known = map_get(&k->references, target);
  struct value document;
  if (known) {
    n->ref = known->pointer;
    return;
  }
  struct schema_node *to = arena_new(k->arena, struct schema_node);
  map_put(&k->references, target, NULL)->pointer = to;
  n->ref = to;
  enum schema_draft draft = k->document_draft;
  if (schema_refs_find(&k->refs, target, &document, &draft, k->err) < 0) {
    k->failed = k->err ? k->err->code : SW_EINVAL;
    return;
  }
  if (!is_schema(document))
    fail(k, SW_EINVAL, "schema must be of type object");
  struct schema_node *made = k->failed ? NULL : compile(k, document, draft);
  if (made)
    *to = *made;
}

static void check_id(struct compiler *k, const struct schema_node *n, struct value object)
{
  bool has_old = value_get_str(object, STR("id")).type != VALUE_ABSENT;
  bool is_old = n->draft == SCHEMA_DRAFT4 || (n->draft == SCHEMA_HYBRID && has_old);
  struct value id = value_get_str(object, is_old ? STR("id") : STR("$id"));
  if (id.type != VALUE_ABSENT)
    only_string(k, id, is_old ? "id" : "$id");
}

static void compile_object(struct compiler *k, struct schema_node *n, struct value v)
{
  check_id(k, n, v);
  apply(k, n, v, before_reference, sizeof before_reference / sizeof *before_reference);
  struct value ref = value_get_str(v, STR("$ref"));
  if (ref.type != VALUE_ABSENT)
    only_string(k, ref, "$ref");
  if (k->failed)
    return;
  if (ref.type == VALUE_STRING)
    compile_reference(k, n, v);
  else
    apply(k, n, v, keywords, sizeof keywords / sizeof *keywords);
}

static struct schema_node *compile(struct compiler *k, struct value v, enum schema_draft draft)
{
  struct schema_node *n = arena_new(k->arena, struct schema_node);
  n->draft = draft;
  n->min_length = n->max_length = n->min_properties = n->max_properties = -1;
  n->min_items = n->max_items = -1;
  if (++k->depth > JSON_SCHEMA_DEPTH_MAX || ++k->schema->nodes > JSON_SCHEMA_NODES_MAX)
    fail(k, SW_ELIMIT, "the schema is too large or nested too deep");
  if (v.type == VALUE_BOOL && draft >= SCHEMA_DRAFT6) {
    n->is_boolean = true;
    n->passes = v.boolean;
  } else if (v.type != VALUE_OBJECT) {
    fail(k, SW_EINVAL, "Expected: schema, given: Invalid JSON");
  } else if (!k->failed) {
    compile_object(k, n, v);
  }
  k->depth--;
  return n;
}

/* The draft that "$schema" names; others are taken for none. */
static enum schema_draft find_draft(struct compiler *k, struct value document)
{
  enum schema_draft draft;
  struct str text;
  struct value v = value_get_str(document, STR("$schema"));
  if (v.type == VALUE_ABSENT)
    return SCHEMA_HYBRID;
  if (v.type != VALUE_STRING) {
    fail(k, SW_EINVAL, "$schema must be of type string");
    return SCHEMA_HYBRID;
  }
  struct str url = schema_refs_normal(k->arena, value_str(v));
  return schema_draft_of(url, &draft, &text) ? draft : SCHEMA_HYBRID;
}

int json_schema_compile(struct value document, struct json_schema **ret, struct error *err)
{
  struct json_schema *schema = mem_zalloc(1, sizeof *schema);
  struct error own;
  struct compiler k = {.schema = schema, .arena = &schema->arena, .err = err ? err : &own};
  arena_init(&schema->arena, 0);
  k.refs.arena = &schema->arena;
  if (!is_schema(document))
    fail(&k, SW_EINVAL, "schema is invalid");
  k.document_draft = find_draft(&k, document);
  if (!k.failed) {
    schema_refs_collect(&k.refs, document);
    schema->root = compile(&k, document, k.document_draft);
  }
  schema_refs_free(&k.refs);
  map_free(&k.references);
  if (k.failed) {
    json_schema_free(schema);
    return k.failed;
  }
  *ret = schema;
  return 0;
}

void json_schema_free(struct json_schema *schema)
{
  if (!schema)
    return;
  for (size_t i = 0; i < schema->regexes.count; i++)
    regex_free(schema->regexes.items[i]);
  vec_free(&schema->regexes);
  arena_free(&schema->arena);
  mem_free(schema);
}
