/* Schemas: types by name, extensions merged in, all found to be consistent (section 3). */
#include "lang/graphql_int.h"

/* The types and directives that every schema has (sections 3.5, 3.13 and 4.2). */
static const char built_in[] =
    "scalar Int scalar Float scalar String scalar Boolean scalar ID "
    "directive @defer(if: Boolean = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT "
    "directive @include(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT "
    "directive @skip(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT "
    "directive @deprecated(reason: String = \"No longer supported\") "
    "on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE "
    "directive @specifiedBy(url: String!) on SCALAR "
    "directive @oneOf on INPUT_OBJECT "
    "type __Schema { description: String types: [__Type!]! queryType: __Type! "
    "mutationType: __Type subscriptionType: __Type directives: [__Directive!]! } "
    "type __Type { kind: __TypeKind! name: String description: String specifiedByURL: String "
    "fields(includeDeprecated: Boolean = false): [__Field!] interfaces: [__Type!] "
    "possibleTypes: [__Type!] enumValues(includeDeprecated: Boolean = false): [__EnumValue!] "
    "inputFields(includeDeprecated: Boolean = false): [__InputValue!] ofType: __Type "
    "isOneOf: Boolean } "
    "enum __TypeKind { SCALAR OBJECT INTERFACE UNION ENUM INPUT_OBJECT LIST NON_NULL } "
    "type __Field { name: String! description: String "
    "args(includeDeprecated: Boolean = false): [__InputValue!]! type: __Type! "
    "isDeprecated: Boolean! deprecationReason: String } "
    "type __InputValue { name: String! description: String type: __Type! defaultValue: String "
    "isDeprecated: Boolean! deprecationReason: String } "
    "type __EnumValue { name: String! description: String isDeprecated: Boolean! "
    "deprecationReason: String } "
    "type __Directive { name: String! description: String isRepeatable: Boolean! "
    "locations: [__DirectiveLocation!]! "
    "args(includeDeprecated: Boolean = false): [__InputValue!]! } "
    "enum __DirectiveLocation { QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION "
    "FRAGMENT_SPREAD INLINE_FRAGMENT VARIABLE_DEFINITION SCHEMA SCALAR OBJECT FIELD_DEFINITION "
    "ARGUMENT_DEFINITION INTERFACE UNION ENUM ENUM_VALUE INPUT_OBJECT INPUT_FIELD_DEFINITION }";

struct maker {
  struct arena *arena;
  struct graphql_schema *schema;
  struct error *err;
  int failed;
  uint64_t steps;
  GQL_LIST(gql_all_types, struct gql_definition *) types;
  GQL_LIST(gql_all_directives, const struct gql_directive_definition *) directives;
  struct map directive_names;
};

static bool fail(struct maker *m, struct gql_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool fail(struct maker *m, struct gql_place place, const char *format, ...)
{
  char text[ERROR_MESSAGE_MAX];
  va_list arguments;
  if (m->failed)
    return false;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  m->failed = error_set_at(m->err, SW_EINVAL, (uint32_t)place.line,
                           place.column > 0 ? (uint32_t)place.column : 0, "%s", text);
  return false;
}

/* Counts work that grows faster than the text. */
static bool spend(struct maker *m, uint64_t steps)
{
  m->steps += steps;
  if (m->steps > GRAPHQL_STEPS_MAX && !m->failed)
    m->failed = error_set(m->err, SW_ELIMIT, "the schema is too large or too intricate");
  return !m->failed;
}

struct gql_definition *gql_find_type(const struct graphql_schema *schema, struct str name)
{
  union map_value *v = map_get(&schema->by_name, name);
  return v ? v->pointer : NULL;
}

const struct gql_directive_definition *gql_find_directive(const struct graphql_schema *schema,
                                                          struct str name)
{
  for (uint32_t i = 0; i < schema->directive_count; i++)
    if (str_eq(schema->directives[i]->name, name))
      return schema->directives[i];
  return NULL;
}

const struct gql_types *gql_possible_types(const struct graphql_schema *schema, struct str name)
{
  static const struct gql_types none = {.count = 0};
  union map_value *v = map_get(&schema->possible, name);
  return v ? v->view : &none;
}

/* ---- collecting */

static void add_type(struct maker *m, const struct gql_definition *d)
{
  bool added;
  union map_value *v = map_put(&m->schema->by_name, d->name, &added);
  if (!added) {
    fail(m, d->place, "Cannot redeclare type %.*s.", STR_FMT(d->name));
    return;
  }
  struct gql_definition *own = arena_alloc(m->arena, sizeof *own);
  *own = *d; /* the lists are the document's until something is appended, which moves them */
  own->directives.room = own->directives.count;
  own->interfaces.room = own->interfaces.count;
  own->types.room = own->types.count;
  own->type_places.room = own->type_places.count;
  own->fields.room = own->fields.count;
  own->values.room = own->values.count;
  v->pointer = own;
  gql_push(m->arena, &m->types, own);
}

#define APPEND(m, to, from)                                                                        \
  for (uint32_t append = 0; append < (from)->count; append++)                                      \
  gql_push((m)->arena, (to), (from)->items[append])

static void extend(struct maker *m, const struct gql_definition *ext)
{
  struct gql_definition *d = gql_find_type(m->schema, ext->name);
  if (!d) {
    add_type(m,
             &(struct gql_definition){.kind = ext->kind, .name = ext->name, .place = ext->place});
    d = gql_find_type(m->schema, ext->name);
  }
  if (d->kind != ext->kind) {
    fail(m, ext->place, "Cannot extend type %.*s because the base type is a %.*s, not %.*s.",
         STR_FMT(ext->name), STR_FMT(gql_kind_name(d->kind)), STR_FMT(gql_kind_name(ext->kind)));
    return;
  }
  APPEND(m, &d->directives, &ext->directives);
  APPEND(m, &d->interfaces, &ext->interfaces);
  APPEND(m, &d->fields, &ext->fields);
  APPEND(m, &d->types, &ext->types);
  APPEND(m, &d->type_places, &ext->type_places);
  APPEND(m, &d->values, &ext->values);
}

/* What is built in may be declared once more; the first counts. */
static void add_directive(struct maker *m, const struct gql_directive_definition *d)
{
  static const char *const again[] = {"include",     "skip",  "deprecated",
                                      "specifiedBy", "defer", "oneOf"};
  bool added, allowed = false;
  union map_value *v = map_put(&m->directive_names, d->name, &added);
  for (unsigned i = 0; i < sizeof again / sizeof *again; i++)
    allowed |= str_eq(d->name, str_from(again[i]));
  if (!added && !allowed) {
    fail(m, d->place, "Cannot redeclare directive %.*s.", STR_FMT(d->name));
    return;
  }
  if (!added) {
    m->directives.items[v->number] = d;
    return;
  }
  v->number = m->directives.count;
  gql_push(m->arena, &m->directives, d);
}

static void add_document(struct maker *m, const struct graphql_document *document)
{
  for (uint32_t i = 0; i < document->definitions.count; i++)
    add_type(m, &document->definitions.items[i]);
}

static void add_possible(struct maker *m, struct str name, const struct gql_definition *d)
{
  bool added;
  union map_value *v = map_put(&m->schema->possible, name, &added);
  if (added)
    v->pointer = arena_new(m->arena, struct gql_types);
  if (d)
    gql_push(m->arena, (struct gql_types *)v->pointer, d);
}

static void add_possible_types(struct maker *m)
{
  for (uint32_t i = 0; i < m->types.count; i++) {
    const struct gql_definition *d = m->types.items[i];
    for (uint32_t k = 0; d->kind == GQL_KIND_UNION && k < d->types.count; k++)
      add_possible(m, d->name, gql_find_type(m->schema, d->types.items[k]));
    bool implements = d->kind == GQL_KIND_OBJECT || d->kind == GQL_KIND_INPUT ||
                      d->kind == GQL_KIND_INTERFACE;
    for (uint32_t k = 0; implements && k < d->interfaces.count; k++)
      add_possible(m, d->interfaces.items[k], d);
    if (d->kind == GQL_KIND_OBJECT || d->kind == GQL_KIND_INPUT)
      add_possible(m, d->name, d);
  }
}

static int by_type_name(const void *a, const void *b)
{
  return str_compare((*(struct gql_definition *const *)a)->name,
                     (*(struct gql_definition *const *)b)->name);
}

/* ---- consistency */

static bool check_name(struct maker *m, struct gql_place place, struct str name)
{
  if (!str_starts(name, STR("__")))
    return true;
  return fail(m, place,
              "Name \"%.*s\" must not begin with \"__\", which is reserved by GraphQL "
              "introspection.",
              STR_FMT(name));
}

static bool check_directive_arguments(struct maker *m, const struct gql_directive *d,
                                      const struct gql_directive_definition *definition)
{
  if (!spend(m, (uint64_t)d->arguments.count * definition->arguments.count))
    return false;
  for (uint32_t i = 0; i < d->arguments.count; i++) {
    const struct gql_argument *arg = &d->arguments.items[i];
    if (!gql_input_named(&definition->arguments, arg->name))
      return fail(m, arg->place, "Undefined argument %.*s for directive %.*s.", STR_FMT(arg->name),
                  STR_FMT(d->name));
  }
  for (uint32_t i = 0; i < definition->arguments.count; i++) {
    const struct gql_input *in = &definition->arguments.items[i];
    const struct gql_argument *arg = gql_argument_named(&d->arguments, in->name);
    if (in->type->non_null && !in->default_value && (!arg || arg->value->kind == GQL_NULL))
      return fail(m, d->place, "Argument %.*s for directive %.*s cannot be null.",
                  STR_FMT(in->name), STR_FMT(d->name));
  }
  return true;
}

/* once: the list comes from one place, where a directive may not be repeated. */
static bool check_directives(struct maker *m, const struct gql_directives *list,
                             struct str location, const struct gql_directive_definition *within,
                             bool once)
{
  for (uint32_t i = 0; i < list->count; i++) {
    const struct gql_directive *d = &list->items[i];
    if (!check_name(m, d->place, d->name) || !spend(m, m->schema->directive_count + i))
      return false;
    if (within && str_eq(d->name, within->name))
      return fail(m, d->place, "Directive %.*s cannot refer to itself.", STR_FMT(within->name));
    const struct gql_directive_definition *definition = gql_find_directive(m->schema, d->name);
    if (!definition)
      return fail(m, d->place, "Undefined directive %.*s.", STR_FMT(d->name));
    for (uint32_t k = 0; once && !definition->repeatable && k < i; k++)
      if (str_eq(list->items[k].name, d->name))
        return fail(m, d->place, "The directive %.*s can only be used once at this location.",
                    STR_FMT(d->name));
    if (!gql_has_name(&definition->locations, location))
      return fail(m, d->place, "Directive %.*s is not applicable on %.*s.", STR_FMT(d->name),
                  STR_FMT(location));
    if (!check_directive_arguments(m, d, definition))
      return false;
  }
  return true;
}

static bool check_type(struct maker *m, const struct gql_type *type)
{
  struct str name = gql_type_name(type);
  return gql_find_type(m->schema, name) ||
         fail(m, type->place, "Undefined type %.*s.", STR_FMT(name));
}

static bool is_input_kind(enum gql_definition_kind kind)
{
  return kind == GQL_KIND_SCALAR || kind == GQL_KIND_ENUM || kind == GQL_KIND_INPUT;
}

static bool check_inputs(struct maker *m, const struct gql_inputs *inputs,
                         const struct gql_directive_definition *within)
{
  for (uint32_t i = 0; i < inputs->count; i++) {
    const struct gql_input *in = &inputs->items[i];
    if (!check_name(m, in->place, in->name) || !check_type(m, in->type))
      return false;
    const struct gql_definition *d = gql_find_type(m->schema, gql_type_name(in->type));
    if (!is_input_kind(d->kind))
      return fail(m, in->place,
                  "cannot use %.*s as argument %.*s because %.*s is not a valid input type",
                  STR_FMT(gql_type_text(m->arena, in->type)), STR_FMT(in->name),
                  STR_FMT(gql_kind_name(d->kind)));
    if (!check_directives(m, &in->directives, STR("ARGUMENT_DEFINITION"), within, true))
      return false;
  }
  return true;
}

/* May a value of type `actual` stand where one of type `required` is promised? */
static bool is_covariant(const struct maker *m, const struct gql_type *required,
                         const struct gql_type *actual)
{
  if (required->non_null && !actual->non_null)
    return false;
  if (required->name.len) {
    const struct gql_types *possible = gql_possible_types(m->schema, required->name);
    if (str_eq(required->name, actual->name))
      return true;
    for (uint32_t i = 0; i < possible->count; i++)
      if (str_eq(possible->items[i]->name, actual->name))
        return true;
    return false;
  }
  return required->elem && actual->elem && is_covariant(m, required->elem, actual->elem);
}

static bool check_interface_arguments(struct maker *m, const struct gql_definition *d,
                                      const struct gql_definition *interface,
                                      const struct gql_field *required,
                                      const struct gql_field *found)
{
  if (!spend(m, (uint64_t)required->arguments.count * found->arguments.count))
    return false;
  for (uint32_t i = 0; i < required->arguments.count; i++) {
    const struct gql_input *in = &required->arguments.items[i],
                           *own = gql_input_named(&found->arguments, in->name);
    if (!own)
      return fail(
          m, found->place,
          "For %.*s to implement %.*s the field %.*s must have the same arguments but it is "
          "missing %.*s.",
          STR_FMT(d->name), STR_FMT(interface->name), STR_FMT(required->name), STR_FMT(in->name));
    if (!gql_type_fits(in->type, own->type))
      return fail(m, own->place,
                  "For %.*s to implement %.*s the field %.*s must have the same arguments but %.*s "
                  "has the wrong type.",
                  STR_FMT(d->name), STR_FMT(interface->name), STR_FMT(required->name),
                  STR_FMT(in->name));
  }
  for (uint32_t i = 0; i < found->arguments.count; i++) {
    const struct gql_input *own = &found->arguments.items[i];
    if (!gql_input_named(&required->arguments, own->name) && own->type->non_null &&
        !own->default_value)
      return fail(m, own->place,
                  "For %.*s to implement %.*s any additional arguments on %.*s must be optional or "
                  "have a default value but %.*s is required.",
                  STR_FMT(d->name), STR_FMT(interface->name), STR_FMT(found->name),
                  STR_FMT(own->name));
  }
  return true;
}

static bool check_ancestors(struct maker *m, const struct gql_definition *d,
                            const struct gql_definition *interface)
{
  if (!spend(m, (uint64_t)interface->interfaces.count * d->interfaces.count))
    return false;
  for (uint32_t i = 0; i < interface->interfaces.count; i++) {
    struct str above = interface->interfaces.items[i];
    if (gql_has_name(&d->interfaces, above))
      continue;
    if (str_eq(above, d->name))
      return fail(m, d->place,
                  "Type %.*s cannot implement %.*s because it would create a circular reference.",
                  STR_FMT(d->name), STR_FMT(interface->name));
    return fail(m, d->place, "Type %.*s must implement %.*s because it is implemented by %.*s.",
                STR_FMT(d->name), STR_FMT(above), STR_FMT(interface->name));
  }
  return true;
}

static bool check_implements(struct maker *m, const struct gql_definition *d, struct str name)
{
  const struct gql_definition *interface = gql_find_type(m->schema, name);
  if (!interface)
    return fail(m, d->place, "Undefined type \"%.*s\".", STR_FMT(name));
  if (interface->kind != GQL_KIND_INTERFACE)
    return fail(m, d->place, "\"%.*s\" is a non interface type %.*s.", STR_FMT(name),
                STR_FMT(gql_kind_name(interface->kind)));
  if (!spend(m, (uint64_t)interface->fields.count * d->fields.count))
    return false;
  for (uint32_t i = 0; i < interface->fields.count; i++) {
    const struct gql_field *required = &interface->fields.items[i],
                           *found = gql_field_named(d, required->name);
    if (!found)
      return fail(m, d->place, "For %.*s to implement %.*s it must have a field called %.*s.",
                  STR_FMT(d->name), STR_FMT(interface->name), STR_FMT(required->name));
    if (!is_covariant(m, required->type, found->type))
      return fail(m, found->place, "For %.*s to implement %.*s the field %.*s must have type %.*s.",
                  STR_FMT(d->name), STR_FMT(interface->name), STR_FMT(required->name),
                  STR_FMT(gql_type_text(m->arena, required->type)));
    if (!check_interface_arguments(m, d, interface, required, found))
      return false;
  }
  return check_ancestors(m, d, interface);
}

static bool check_fields(struct maker *m, const struct gql_definition *d)
{
  struct str location = d->kind == GQL_KIND_INPUT ? STR("INPUT_FIELD_DEFINITION")
                                                  : STR("FIELD_DEFINITION");
  for (uint32_t i = 0; i < d->fields.count; i++) {
    const struct gql_field *f = &d->fields.items[i];
    if (!check_name(m, f->place, f->name) || !check_type(m, f->type) ||
        !check_inputs(m, &f->arguments, NULL) ||
        !check_directives(m, &f->directives, location, NULL, true))
      return false;
  }
  return true;
}

static bool check_members(struct maker *m, const struct gql_definition *d)
{
  for (uint32_t i = 0; i < d->types.count; i++) {
    struct str name = d->types.items[i];
    const struct gql_definition *member = gql_find_type(m->schema, name);
    if (!member)
      return fail(m, d->place, "Undefined type \"%.*s\".", STR_FMT(name));
    if (member->kind != GQL_KIND_OBJECT)
      return fail(m, d->place, "%.*s type \"%.*s\" must be OBJECT.",
                  STR_FMT(gql_kind_name(d->kind)), STR_FMT(name));
  }
  for (uint32_t i = 0; i < d->interfaces.count; i++)
    if (!check_implements(m, d, d->interfaces.items[i]))
      return false;
  return true;
}

static bool check_field_kinds(struct maker *m, const struct gql_definition *d)
{
  bool is_input = d->kind == GQL_KIND_INPUT;
  if (!d->fields.count)
    return fail(m, d->place, "%.*s %.*s: must define one or more %sfields.",
                STR_FMT(gql_kind_name(d->kind)), STR_FMT(d->name), is_input ? "input " : "");
  for (uint32_t i = 0; i < d->fields.count; i++) {
    const struct gql_field *f = &d->fields.items[i];
    const struct gql_definition *type = gql_find_type(m->schema, gql_type_name(f->type));
    if (!is_input && type->kind == GQL_KIND_INPUT)
      return fail(m, f->place,
                  "%.*s %.*s: field must be one of SCALAR, OBJECT, INTERFACE, UNION, ENUM.",
                  STR_FMT(gql_kind_name(d->kind)), STR_FMT(d->name));
    if (is_input && !is_input_kind(type->kind))
      return fail(m, f->place, "%.*s %.*s: field must be one of SCALAR, ENUM, INPUT_OBJECT.",
                  STR_FMT(gql_kind_name(type->kind)), STR_FMT(f->name));
  }
  return true;
}

static bool check_enum(struct maker *m, const struct gql_definition *d)
{
  static const char *const reserved[] = {"true", "false", "null"};
  if (!d->values.count)
    return fail(m, d->place, "ENUM %.*s: must define one or more unique enum values.",
                STR_FMT(d->name));
  for (uint32_t i = 0; i < d->values.count; i++) {
    const struct gql_enum_value *v = &d->values.items[i];
    for (unsigned k = 0; k < 3; k++)
      if (str_eq(v->name, str_from(reserved[k])))
        return fail(m, d->place, "ENUM %.*s: non-enum value %s.", STR_FMT(d->name), reserved[k]);
    if (!check_directives(m, &v->directives, STR("ENUM_VALUE"), NULL, true))
      return false;
  }
  return true;
}

/* Names that occur twice; a map, since there may be many. */
static bool check_unique(struct maker *m, const struct gql_definition *d)
{
  struct map seen = {.arena = NULL};
  bool added = true;
  for (uint32_t i = 0; i < d->fields.count && added; i++) {
    map_put(&seen, d->fields.items[i].name, &added);
    if (!added)
      fail(m, d->fields.items[i].place, "Field %.*s.%.*s can only be defined once.",
           STR_FMT(d->name), STR_FMT(d->fields.items[i].name));
  }
  map_clear(&seen);
  for (uint32_t i = 0; i < d->values.count && added; i++) {
    map_put(&seen, d->values.items[i].name, &added);
    if (!added)
      fail(m, d->values.items[i].place, "Enum value %.*s.%.*s can only be defined once.",
           STR_FMT(d->name), STR_FMT(d->values.items[i].name));
  }
  map_clear(&seen);
  for (uint32_t i = 0; i < d->types.count && added; i++) {
    map_put(&seen, d->types.items[i], &added);
    if (!added)
      fail(m, d->type_places.count == d->types.count ? d->type_places.items[i] : d->place,
           "Union type %.*s can only include type %.*s once.", STR_FMT(d->name),
           STR_FMT(d->types.items[i]));
  }
  map_free(&seen);
  return added;
}

static bool check_definition(struct maker *m, const struct gql_definition *d)
{
  bool has_fields = d->kind == GQL_KIND_OBJECT || d->kind == GQL_KIND_INTERFACE ||
                    d->kind == GQL_KIND_INPUT;
  return check_fields(m, d) && check_members(m, d) && (!has_fields || check_field_kinds(m, d)) &&
         (d->kind != GQL_KIND_ENUM || check_enum(m, d)) && check_unique(m, d) &&
         (d->built_in || check_name(m, d->place, d->name)) &&
         check_directives(m, &d->directives, gql_kind_name(d->kind), NULL, false);
}

/* ---- input objects within themselves, through fields that must be there */

enum { NEW, OPEN, DONE };

struct link {
  const struct gql_definition *type;
  uint32_t field; /* that is being looked at */
};

static void tell_cycle(struct maker *m, const struct link *path, uint32_t from, uint32_t count)
{
  _cleanup_(buf_free) struct buf names = {.cap = 300};
  for (uint32_t i = from; i < count; i++)
    buf_printf(&names, "%s%.*s", i > from ? "." : "",
               STR_FMT(path[i].type->fields.items[path[i].field].name));
  fail(m, path[from].type->fields.items[path[from].field].place,
       "Cannot reference Input Object \"%.*s\" within itself through a series of non-null fields: "
       "\"%s\".",
       STR_FMT(path[from].type->name), buf_text(&names));
}

static const struct gql_definition *required_input(const struct maker *m, const struct gql_field *f)
{
  const struct gql_definition *d =
      f->type->non_null && f->type->name.len ? gql_find_type(m->schema, f->type->name) : NULL;
  return d && d->kind == GQL_KIND_INPUT ? d : NULL;
}

/* Depth first, with a path of its own: chains may be as long as there are types. */
static bool check_cycles_from(struct maker *m, const struct gql_definition *start,
                              struct map *states, struct link *path)
{
  uint32_t count = 0;
  union map_value *state = map_put(states, start->name, NULL);
  if (state->number != NEW)
    return true;
  state->number = OPEN;
  path[count++] = (struct link){start, 0};
  while (count) {
    struct link *top = &path[count - 1];
    if (top->field == top->type->fields.count) {
      map_put(states, top->type->name, NULL)->number = DONE;
      if (--count)
        path[count - 1].field++;
      continue;
    }
    const struct gql_definition *to = required_input(m, &top->type->fields.items[top->field]);
    union map_value *found = to ? map_put(states, to->name, NULL) : NULL;
    if (found && found->number == OPEN) {
      uint32_t from = 0;
      while (path[from].type != to)
        from++;
      tell_cycle(m, path, from, count);
      return false;
    }
    if (found && found->number == NEW) {
      found->number = OPEN;
      path[count++] = (struct link){to, 0};
    } else {
      top->field++;
    }
  }
  return true;
}

static bool check_cycles(struct maker *m)
{
  struct map states = {.arena = NULL};
  struct link *path = arena_array(m->arena, struct link, m->schema->type_count + 1);
  bool ok = true;
  for (uint32_t i = 0; i < m->schema->type_count && ok; i++)
    if (m->schema->types[i]->kind == GQL_KIND_INPUT)
      ok = check_cycles_from(m, m->schema->types[i], &states, path);
  map_free(&states);
  return ok;
}

static int by_directive_name(const void *a, const void *b)
{
  return str_compare((*(const struct gql_directive_definition *const *)a)->name,
                     (*(const struct gql_directive_definition *const *)b)->name);
}

static bool check_directive_definitions(struct maker *m)
{
  qsort(m->schema->directives, m->schema->directive_count, sizeof *m->schema->directives,
        by_directive_name);
  for (uint32_t i = 0; i < m->schema->directive_count; i++) {
    const struct gql_directive_definition *d = m->schema->directives[i];
    if (!check_name(m, d->place, d->name) || !check_inputs(m, &d->arguments, d))
      return false;
  }
  return true;
}

/* ---- roots */

static bool set_roots(struct maker *m, const struct gql_schema_definition *s)
{
  for (uint32_t i = 0; i < s->roots.count; i++) {
    const struct gql_root *root = &s->roots.items[i];
    struct gql_definition *d = gql_find_type(m->schema, root->type);
    if (!d)
      return fail(m, root->place, "Schema root %.*s refers to a type %.*s that does not exist.",
                  STR_FMT(root->operation), STR_FMT(root->type));
    if (str_eq(root->operation, STR("query")))
      m->schema->query = d;
    else if (str_eq(root->operation, STR("mutation")))
      m->schema->mutation = d;
    else if (str_eq(root->operation, STR("subscription")))
      m->schema->subscription = d;
  }
  return check_directives(m, &s->directives, STR("SCHEMA"), NULL, true);
}

static bool set_all_roots(struct maker *m, const struct graphql_document *document)
{
  if (document->schemas.count > 1)
    return fail(m, document->schemas.items[1].place,
                "Cannot have multiple schema entry points, consider schema extensions instead.");
  if (document->schemas.count && !set_roots(m, &document->schemas.items[0]))
    return false;
  for (uint32_t i = 0; i < document->schema_extensions.count; i++)
    if (!set_roots(m, &document->schema_extensions.items[i]))
      return false;
  return true;
}

static void set_default_roots(struct maker *m)
{
  struct graphql_schema *s = m->schema;
  s->query = s->query ? s->query : gql_find_type(s, STR("Query"));
  s->mutation = s->mutation ? s->mutation : gql_find_type(s, STR("Mutation"));
  s->subscription = s->subscription ? s->subscription : gql_find_type(s, STR("Subscription"));
}

static struct gql_type *named(struct maker *m, const char *name, bool non_null)
{
  struct gql_type *type = arena_new(m->arena, struct gql_type);
  type->name = str_from(name);
  type->non_null = non_null;
  return type;
}

static void add_introspection(struct maker *m)
{
  struct gql_definition *query = m->schema->query;
  if (!query)
    return;
  struct gql_field schema = {.name = STR("__schema"), .type = named(m, "__Schema", true)},
                   type = {.name = STR("__type"), .type = named(m, "__Type", false)};
  struct gql_input name = {.name = STR("name"), .type = named(m, "String", true)};
  gql_push(m->arena, &type.arguments, name);
  gql_push(m->arena, &query->fields, schema);
  gql_push(m->arena, &query->fields, type);
}

static void collect(struct maker *m, const struct graphql_document *own,
                    const struct graphql_document *document)
{
  add_document(m, own);
  add_document(m, document);
  for (uint32_t i = 0; i < document->extensions.count && !m->failed; i++)
    extend(m, &document->extensions.items[i]);
  add_possible_types(m);
  for (uint32_t i = 0; i < own->directives.count; i++)
    add_directive(m, &own->directives.items[i]);
  for (uint32_t i = 0; i < document->directives.count; i++)
    add_directive(m, &document->directives.items[i]);
  m->schema->types = m->types.items;
  m->schema->type_count = m->types.count;
  m->schema->directives = m->directives.items;
  m->schema->directive_count = m->directives.count;
}

static void make(struct maker *m, const struct graphql_document *own,
                 const struct graphql_document *document)
{
  collect(m, own, document);
  if (m->failed || !set_all_roots(m, document))
    return;
  qsort(m->schema->types, m->schema->type_count, sizeof *m->schema->types, by_type_name);
  for (uint32_t i = 0; i < m->schema->type_count; i++)
    if (!check_definition(m, m->schema->types[i]))
      return;
  if (!check_cycles(m) || !check_directive_definitions(m))
    return;
  if (!document->schemas.count)
    set_default_roots(m);
  add_introspection(m);
}

int graphql_make_schema(struct arena *a, const struct graphql_document *document,
                        struct graphql_schema **ret, struct error *err)
{
  struct graphql_schema *schema = arena_new(a, struct graphql_schema);
  struct maker m = {.arena = a, .schema = schema, .err = err};
  struct graphql_document *own;
  int rc = graphql_read_schema(a, str_from(built_in), &own, err);
  if (rc < 0)
    return rc;
  for (uint32_t i = 0; i < own->definitions.count; i++)
    own->definitions.items[i].built_in = true;
  make(&m, own, document);
  map_free(&m.directive_names);
  if (m.failed) {
    graphql_schema_free(schema);
    return m.failed;
  }
  *ret = schema;
  return 0;
}

void graphql_schema_free(struct graphql_schema *schema)
{
  if (!schema)
    return;
  map_free(&schema->by_name);
  map_free(&schema->possible);
}
