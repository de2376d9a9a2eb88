/* Queries and documents as values, and back. */
#include "lang/graphql_int.h"

enum { MEMBERS_MAX = 12 };

/* ---- to values: members that are null or empty are left out */

struct members {
  struct arena *arena;
  struct value_member items[MEMBERS_MAX];
  uint32_t count;
};

static void put(struct members *m, const char *key, struct value v)
{
  bool empty = v.type <= VALUE_NULL ||
               ((v.type == VALUE_ARRAY || v.type == VALUE_OBJECT) && !v.len);
  if (!empty)
    m->items[m->count++] = (struct value_member){value_from(key), v};
}

static void put_text(struct members *m, const char *key, struct str text)
{
  put(m, key, value_string(text.data ? text : STR_EMPTY));
}

static struct value end(const struct members *m)
{
  struct value v;
  value_object_make(m->arena, m->items, NULL, m->count, VALUE_LAST_WINS, NULL, &v);
  return v;
}

/* The values of a list's items, by one function for each kind of item. */
#define TO_ARRAY(function, list_type, one)                                                         \
  static struct value function(struct arena *a, const list_type *list)                             \
  {                                                                                                \
    struct value *items = arena_array(a, struct value, list->count);                               \
    for (uint32_t i = 0; i < list->count; i++)                                                     \
      items[i] = one(a, &list->items[i]);                                                          \
    return (struct value){.type = VALUE_ARRAY, .len = list->count, .items = items};                \
  }

static struct value text_value(struct arena *a, const struct str *text)
{
  (void)a;
  return value_string(*text);
}
TO_ARRAY(texts, struct gql_names, text_value)

static struct value type_value(struct arena *a, const struct gql_type *type)
{
  struct members m = {.arena = a};
  if (!type)
    return value_null();
  put_text(&m, "NamedType", type->name);
  put(&m, "Elem", type_value(a, type->elem));
  put(&m, "NonNull", value_bool(type->non_null));
  return end(&m);
}

static struct value value_value(struct arena *a, const struct gql_value *v);

static struct value child_value(struct arena *a, const struct gql_child *child)
{
  struct members m = {.arena = a};
  put_text(&m, "Name", child->name);
  put(&m, "Value", value_value(a, child->value));
  return end(&m);
}
TO_ARRAY(children, struct gql_children, child_value)

static struct value value_value(struct arena *a, const struct gql_value *v)
{
  struct members m = {.arena = a};
  if (!v)
    return value_null();
  put_text(&m, "Raw", v->raw);
  put(&m, "Children", children(a, &v->children));
  put(&m, "Kind", value_int(v->kind));
  put(&m, "ExpectedTypeHasDefault", value_bool(false));
  return end(&m);
}

static struct value argument_value(struct arena *a, const struct gql_argument *arg)
{
  struct members m = {.arena = a};
  put_text(&m, "Name", arg->name);
  put(&m, "Value", value_value(a, arg->value));
  return end(&m);
}
TO_ARRAY(arguments, struct gql_arguments, argument_value)

static struct value directive_value(struct arena *a, const struct gql_directive *d)
{
  struct members m = {.arena = a};
  put_text(&m, "Name", d->name);
  put(&m, "Arguments", arguments(a, &d->arguments));
  put_text(&m, "Location", STR_EMPTY);
  return end(&m);
}
TO_ARRAY(directives, struct gql_directives, directive_value)

static struct value selection_value(struct arena *a, const struct gql_selection *s);
TO_ARRAY(selections, struct gql_selections, selection_value)

static struct value selection_value(struct arena *a, const struct gql_selection *s)
{
  struct members m = {.arena = a};
  if (s->kind == GQL_FIELD)
    put_text(&m, "Alias", s->alias);
  if (s->kind == GQL_INLINE)
    put_text(&m, "TypeCondition", s->condition);
  else
    put_text(&m, "Name", s->name);
  put(&m, "Arguments", arguments(a, &s->arguments));
  put(&m, "Directives", directives(a, &s->directives));
  put(&m, "SelectionSet", selections(a, &s->selections));
  return end(&m);
}

static struct value variable_value(struct arena *a, const struct gql_variable *v)
{
  struct members m = {.arena = a};
  put_text(&m, "Variable", v->name);
  put(&m, "Type", type_value(a, v->type));
  put(&m, "DefaultValue", value_value(a, v->default_value));
  put(&m, "Directives", directives(a, &v->directives));
  put(&m, "Used", value_bool(false));
  return end(&m);
}
TO_ARRAY(variables, struct gql_variables, variable_value)

static struct value operation_value(struct arena *a, const struct gql_operation *op)
{
  struct members m = {.arena = a};
  put_text(&m, "Operation", op->operation);
  put_text(&m, "Name", op->name);
  put(&m, "VariableDefinitions", variables(a, &op->variables));
  put(&m, "Directives", directives(a, &op->directives));
  put(&m, "SelectionSet", selections(a, &op->selections));
  return end(&m);
}
TO_ARRAY(operations, struct gql_operations, operation_value)

static struct value fragment_value(struct arena *a, const struct gql_fragment *f)
{
  struct members m = {.arena = a};
  put_text(&m, "Name", f->name);
  put(&m, "VariableDefinition", variables(a, &f->variables));
  put_text(&m, "TypeCondition", f->condition);
  put(&m, "Directives", directives(a, &f->directives));
  put(&m, "SelectionSet", selections(a, &f->selections));
  return end(&m);
}
TO_ARRAY(fragments, struct gql_fragments, fragment_value)

struct value graphql_query_value(struct arena *a, const struct graphql_query *query)
{
  struct members m = {.arena = a};
  put(&m, "Operations", operations(a, &query->operations));
  put(&m, "Fragments", fragments(a, &query->fragments));
  return end(&m);
}

static struct value input_value(struct arena *a, const struct gql_input *in)
{
  struct members m = {.arena = a};
  put_text(&m, "Description", in->description);
  put_text(&m, "Name", in->name);
  put(&m, "DefaultValue", value_value(a, in->default_value));
  put(&m, "Type", type_value(a, in->type));
  put(&m, "Directives", directives(a, &in->directives));
  return end(&m);
}
TO_ARRAY(inputs, struct gql_inputs, input_value)

static struct value field_value(struct arena *a, const struct gql_field *f)
{
  struct members m = {.arena = a};
  put_text(&m, "Description", f->description);
  put_text(&m, "Name", f->name);
  put(&m, "Arguments", inputs(a, &f->arguments));
  put(&m, "DefaultValue", value_value(a, f->default_value));
  put(&m, "Type", type_value(a, f->type));
  put(&m, "Directives", directives(a, &f->directives));
  return end(&m);
}
TO_ARRAY(fields, struct gql_fields, field_value)

static struct value enum_value(struct arena *a, const struct gql_enum_value *v)
{
  struct members m = {.arena = a};
  put_text(&m, "Description", v->description);
  put_text(&m, "Name", v->name);
  put(&m, "Directives", directives(a, &v->directives));
  return end(&m);
}
TO_ARRAY(enum_values, struct gql_enum_values, enum_value)

static struct value definition_value(struct arena *a, const struct gql_definition *d)
{
  struct members m = {.arena = a};
  put_text(&m, "Kind", gql_kind_name(d->kind));
  put_text(&m, "Description", d->description);
  put_text(&m, "Name", d->name);
  put(&m, "Directives", directives(a, &d->directives));
  put(&m, "Interfaces", texts(a, &d->interfaces));
  put(&m, "Fields", fields(a, &d->fields));
  put(&m, "Types", texts(a, &d->types));
  put(&m, "EnumValues", enum_values(a, &d->values));
  put(&m, "BuiltIn", value_bool(d->built_in));
  return end(&m);
}
TO_ARRAY(definitions, struct gql_definitions, definition_value)

static struct value directive_definition_value(struct arena *a,
                                               const struct gql_directive_definition *d)
{
  struct members m = {.arena = a};
  put_text(&m, "Description", d->description);
  put_text(&m, "Name", d->name);
  put(&m, "Arguments", inputs(a, &d->arguments));
  put(&m, "Locations", texts(a, &d->locations));
  put(&m, "IsRepeatable", value_bool(d->repeatable));
  return end(&m);
}
TO_ARRAY(directive_definitions, struct gql_directive_definitions, directive_definition_value)

static struct value root_value(struct arena *a, const struct gql_root *root)
{
  struct members m = {.arena = a};
  put_text(&m, "Operation", root->operation);
  put_text(&m, "Type", root->type);
  return end(&m);
}
TO_ARRAY(roots, struct gql_roots, root_value)

static struct value schema_definition_value(struct arena *a, const struct gql_schema_definition *s)
{
  struct members m = {.arena = a};
  put_text(&m, "Description", s->description);
  put(&m, "Directives", directives(a, &s->directives));
  put(&m, "OperationTypes", roots(a, &s->roots));
  return end(&m);
}
TO_ARRAY(schema_definitions, struct gql_schema_definitions, schema_definition_value)

struct value graphql_document_value(struct arena *a, const struct graphql_document *document)
{
  struct members m = {.arena = a};
  put(&m, "Schema", schema_definitions(a, &document->schemas));
  put(&m, "SchemaExtension", schema_definitions(a, &document->schema_extensions));
  put(&m, "Directives", directive_definitions(a, &document->directives));
  put(&m, "Definitions", definitions(a, &document->definitions));
  put(&m, "Extensions", definitions(a, &document->extensions));
  return end(&m);
}

/* ---- from values */

struct reader {
  struct arena *arena;
  struct error *err;
  int failed;
  unsigned depth;
};

static void wrong(struct reader *r, const char *key, struct value got, const char *expected)
{
  if (!r->failed)
    r->failed = error_set(r->err, SW_EINVAL, "\"%s\" is %s, must be %s", key, value_type_name(got),
                          expected);
}

static bool enter(struct reader *r)
{
  if (++r->depth > GRAPHQL_DEPTH_MAX && !r->failed)
    r->failed = error_set(r->err, SW_ELIMIT, "the value is nested too deep");
  return !r->failed;
}

static struct str text(struct reader *r, struct value object, const char *key)
{
  struct value v = value_get_str(object, str_from(key));
  if (v.type > VALUE_NULL && v.type != VALUE_STRING)
    wrong(r, key, v, "a string");
  return value_str_or_empty(v);
}

static bool flag(struct reader *r, struct value object, const char *key)
{
  struct value v = value_get_str(object, str_from(key));
  if (v.type > VALUE_NULL && v.type != VALUE_BOOL)
    wrong(r, key, v, "a boolean");
  return value_is_true(v);
}

/* A member that is a list, and, of its elements, whether they are objects. */
static struct value list(struct reader *r, struct value object, const char *key, bool of_objects)
{
  struct value v = value_get_str(object, str_from(key));
  if (v.type <= VALUE_NULL)
    return VALUE_NONE;
  if (v.type != VALUE_ARRAY && v.type != VALUE_SET) {
    wrong(r, key, v, "an array");
    return VALUE_NONE;
  }
  for (uint32_t i = 0; i < v.len; i++)
    if (v.items[i].type != (of_objects ? VALUE_OBJECT : VALUE_STRING))
      wrong(r, key, v.items[i], of_objects ? "an array of objects" : "an array of strings");
  return r->failed ? VALUE_NONE : v;
}

/* The list under a key, by one function for each kind of item. */
#define FROM_ARRAY(function, list_type, one)                                                       \
  static list_type function(struct reader *r, struct value object, const char *key)                \
  {                                                                                                \
    list_type out = {.count = 0};                                                                  \
    struct value items = list(r, object, key, true);                                               \
    if (enter(r))                                                                                  \
      for (uint32_t i = 0; i < items.len && !r->failed; i++) {                                     \
        __typeof__(*out.items) item = one(r, items.items[i]);                                      \
        gql_push(r->arena, &out, item);                                                            \
      }                                                                                            \
    r->depth--;                                                                                    \
    return out;                                                                                    \
  }

static struct gql_names read_texts(struct reader *r, struct value object, const char *key)
{
  struct gql_names out = {.count = 0};
  struct value items = list(r, object, key, false);
  for (uint32_t i = 0; i < items.len; i++)
    gql_push(r->arena, &out, value_str(items.items[i]));
  return out;
}

static struct value child_object(struct reader *r, struct value object, const char *key)
{
  struct value v = value_get_str(object, str_from(key));
  if (v.type > VALUE_NULL && v.type != VALUE_OBJECT)
    wrong(r, key, v, "an object");
  return v.type == VALUE_OBJECT ? v : VALUE_NONE;
}

static struct gql_type *read_type(struct reader *r, struct value object, const char *key)
{
  struct value v = child_object(r, object, key);
  struct gql_type *t = NULL;
  if (enter(r) && v.type == VALUE_OBJECT) {
    t = arena_new(r->arena, struct gql_type);
    t->name = text(r, v, "NamedType");
    t->elem = t->name.len ? NULL : read_type(r, v, "Elem");
    t->non_null = flag(r, v, "NonNull");
  }
  r->depth--;
  return t;
}

/* A type that has to be there: checking looks at it. */
static struct gql_type *need_type(struct reader *r, struct value object, const char *key)
{
  struct gql_type *t = read_type(r, object, key);
  const struct gql_type *inner = t;
  while (inner && !inner->name.len)
    inner = inner->elem;
  if (!inner && !r->failed)
    r->failed = error_set(r->err, SW_EINVAL, "\"%s\" names no type", key);
  return t;
}

static struct gql_value *read_value(struct reader *r, struct value object, const char *key);

static struct gql_value *need_value(struct reader *r, struct value object, const char *key)
{
  struct gql_value *v = read_value(r, object, key);
  if (!v && !r->failed)
    r->failed = error_set(r->err, SW_EINVAL, "\"%s\" is missing", key);
  return v;
}

static struct gql_child read_child(struct reader *r, struct value v)
{
  return (struct gql_child){.name = text(r, v, "Name"), .value = need_value(r, v, "Value")};
}
FROM_ARRAY(read_children, struct gql_children, read_child)

static struct gql_value *read_value(struct reader *r, struct value object, const char *key)
{
  struct value v = child_object(r, object, key), kind = value_get_str(v, STR("Kind"));
  int64_t number = 0;
  if (v.type != VALUE_OBJECT)
    return NULL;
  if (kind.type > VALUE_NULL &&
      (!value_to_int(kind, &number) || number < GQL_VARIABLE || number > GQL_OBJECT))
    wrong(r, "Kind", kind, "a number from 0 to 9");
  struct gql_value *out = arena_new(r->arena, struct gql_value);
  out->kind = r->failed ? GQL_NULL : (enum gql_kind)number;
  out->raw = text(r, v, "Raw");
  out->children = read_children(r, v, "Children");
  return out;
}

static struct gql_argument read_argument(struct reader *r, struct value v)
{
  return (struct gql_argument){.name = text(r, v, "Name"), .value = need_value(r, v, "Value")};
}
FROM_ARRAY(read_arguments, struct gql_arguments, read_argument)

static struct gql_directive read_directive(struct reader *r, struct value v)
{
  return (struct gql_directive){.name = text(r, v, "Name"),
                                .arguments = read_arguments(r, v, "Arguments"),
                                .location = STR_EMPTY};
}
FROM_ARRAY(read_directives, struct gql_directives, read_directive)

static struct gql_selection read_selection(struct reader *r, struct value v);
FROM_ARRAY(read_selections, struct gql_selections, read_selection)

/* Fields alone have an alias, and inline fragments no name. */
static struct gql_selection read_selection(struct reader *r, struct value v)
{
  bool has_alias = value_get_str(v, STR("Alias")).type > VALUE_NULL;
  bool has_name = value_get_str(v, STR("Name")).type > VALUE_NULL;
  bool has_parts = value_get_str(v, STR("Arguments")).type > VALUE_NULL ||
                   value_get_str(v, STR("SelectionSet")).type > VALUE_NULL;
  struct gql_selection s = {.kind = !has_name && !has_alias  ? GQL_INLINE
                                    : has_alias || has_parts ? GQL_FIELD
                                                             : GQL_SPREAD};
  s.name = text(r, v, "Name");
  s.alias = has_alias ? text(r, v, "Alias") : s.name;
  s.condition = text(r, v, "TypeCondition");
  s.arguments = read_arguments(r, v, "Arguments");
  s.directives = read_directives(r, v, "Directives");
  s.selections = read_selections(r, v, "SelectionSet");
  return s;
}

static struct gql_variable read_variable(struct reader *r, struct value v)
{
  return (struct gql_variable){.name = text(r, v, "Variable"),
                               .type = need_type(r, v, "Type"),
                               .default_value = read_value(r, v, "DefaultValue"),
                               .directives = read_directives(r, v, "Directives")};
}
FROM_ARRAY(read_variables, struct gql_variables, read_variable)

static struct gql_operation read_operation(struct reader *r, struct value v)
{
  struct gql_operation op = {.operation = text(r, v, "Operation"),
                             .name = text(r, v, "Name"),
                             .variables = read_variables(r, v, "VariableDefinitions"),
                             .directives = read_directives(r, v, "Directives"),
                             .selections = read_selections(r, v, "SelectionSet")};
  if (!op.operation.len)
    op.operation = STR("query");
  if (!str_eq(op.operation, STR("query")) && !str_eq(op.operation, STR("mutation")) &&
      !str_eq(op.operation, STR("subscription")) && !r->failed)
    r->failed = error_set(r->err, SW_EINVAL, "\"%.*s\" is no operation", STR_FMT(op.operation));
  return op;
}
FROM_ARRAY(read_operations, struct gql_operations, read_operation)

static struct gql_fragment read_fragment(struct reader *r, struct value v)
{
  return (struct gql_fragment){.name = text(r, v, "Name"),
                               .condition = text(r, v, "TypeCondition"),
                               .variables = read_variables(r, v, "VariableDefinition"),
                               .directives = read_directives(r, v, "Directives"),
                               .selections = read_selections(r, v, "SelectionSet")};
}
FROM_ARRAY(read_fragments, struct gql_fragments, read_fragment)

int graphql_query_of(struct arena *a, struct value v, struct graphql_query **ret, struct error *err)
{
  struct reader r = {.arena = a, .err = err};
  struct graphql_query *query = arena_new(a, struct graphql_query);
  query->operations = read_operations(&r, v, "Operations");
  query->fragments = read_fragments(&r, v, "Fragments");
  *ret = query;
  return r.failed;
}

static struct gql_input read_input(struct reader *r, struct value v)
{
  return (struct gql_input){.description = text(r, v, "Description"),
                            .name = text(r, v, "Name"),
                            .default_value = read_value(r, v, "DefaultValue"),
                            .type = need_type(r, v, "Type"),
                            .directives = read_directives(r, v, "Directives")};
}
FROM_ARRAY(read_inputs, struct gql_inputs, read_input)

static struct gql_field read_field(struct reader *r, struct value v)
{
  return (struct gql_field){.description = text(r, v, "Description"),
                            .name = text(r, v, "Name"),
                            .arguments = read_inputs(r, v, "Arguments"),
                            .default_value = read_value(r, v, "DefaultValue"),
                            .type = need_type(r, v, "Type"),
                            .directives = read_directives(r, v, "Directives")};
}
FROM_ARRAY(read_fields, struct gql_fields, read_field)

static struct gql_enum_value read_enum_value(struct reader *r, struct value v)
{
  return (struct gql_enum_value){.description = text(r, v, "Description"),
                                 .name = text(r, v, "Name"),
                                 .directives = read_directives(r, v, "Directives")};
}
FROM_ARRAY(read_enum_values, struct gql_enum_values, read_enum_value)

static struct gql_definition read_definition(struct reader *r, struct value v)
{
  struct gql_definition d = {.description = text(r, v, "Description"),
                             .name = text(r, v, "Name"),
                             .directives = read_directives(r, v, "Directives"),
                             .interfaces = read_texts(r, v, "Interfaces"),
                             .types = read_texts(r, v, "Types"),
                             .fields = read_fields(r, v, "Fields"),
                             .values = read_enum_values(r, v, "EnumValues"),
                             .built_in = flag(r, v, "BuiltIn")};
  struct str kind = text(r, v, "Kind");
  if (!gql_kind_named(kind, &d.kind) && !r->failed)
    r->failed =
        error_set(r->err, SW_EINVAL, "\"%.*s\" is no kind of type", STR_FMT(str_sub(kind, 0, 100)));
  return d;
}
FROM_ARRAY(read_definitions, struct gql_definitions, read_definition)

static struct gql_directive_definition read_directive_definition(struct reader *r, struct value v)
{
  return (struct gql_directive_definition){.description = text(r, v, "Description"),
                                           .name = text(r, v, "Name"),
                                           .arguments = read_inputs(r, v, "Arguments"),
                                           .locations = read_texts(r, v, "Locations"),
                                           .repeatable = flag(r, v, "IsRepeatable")};
}
FROM_ARRAY(read_directive_definitions, struct gql_directive_definitions, read_directive_definition)

static struct gql_root read_root(struct reader *r, struct value v)
{
  return (struct gql_root){.operation = text(r, v, "Operation"), .type = text(r, v, "Type")};
}
FROM_ARRAY(read_roots, struct gql_roots, read_root)

static struct gql_schema_definition read_schema_definition(struct reader *r, struct value v)
{
  return (struct gql_schema_definition){.description = text(r, v, "Description"),
                                        .directives = read_directives(r, v, "Directives"),
                                        .roots = read_roots(r, v, "OperationTypes")};
}
FROM_ARRAY(read_schema_definitions, struct gql_schema_definitions, read_schema_definition)

int graphql_document_of(struct arena *a, struct value v, struct graphql_document **ret,
                        struct error *err)
{
  struct reader r = {.arena = a, .err = err};
  struct graphql_document *document = arena_new(a, struct graphql_document);
  document->schemas = read_schema_definitions(&r, v, "Schema");
  document->schema_extensions = read_schema_definitions(&r, v, "SchemaExtension");
  document->directives = read_directive_definitions(&r, v, "Directives");
  document->definitions = read_definitions(&r, v, "Definitions");
  document->extensions = read_definitions(&r, v, "Extensions");
  *ret = document;
  return r.failed;
}
