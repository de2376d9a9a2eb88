#include "lang/graphql_int.h"

void *gql_grow(struct arena *a, void *items, uint32_t count, uint32_t *room, size_t size)
{
  uint32_t more = *room ? 2 * *room : 4;
  void *moved = arena_alloc_array(a, more, size);
  if (count)
    memcpy(moved, items, count * size);
  *room = more;
  return moved;
}

static const struct str kind_names[] = {
    [GQL_KIND_SCALAR] = STR_INIT("SCALAR"),       [GQL_KIND_OBJECT] = STR_INIT("OBJECT"),
    [GQL_KIND_INTERFACE] = STR_INIT("INTERFACE"), [GQL_KIND_UNION] = STR_INIT("UNION"),
    [GQL_KIND_ENUM] = STR_INIT("ENUM"),           [GQL_KIND_INPUT] = STR_INIT("INPUT_OBJECT"),
};

struct str gql_kind_name(enum gql_definition_kind kind)
{
  return kind_names[kind];
}

bool gql_kind_named(struct str name, enum gql_definition_kind *ret)
{
  for (unsigned i = 0; i < sizeof kind_names / sizeof *kind_names; i++)
    if (str_eq(name, kind_names[i])) {
      *ret = (enum gql_definition_kind)i;
      return true;
    }
  return false;
}

const struct gql_field *gql_field_named(const struct gql_definition *d, struct str name)
{
  for (uint32_t i = 0; i < d->fields.count; i++)
    if (str_eq(d->fields.items[i].name, name))
      return &d->fields.items[i];
  return NULL;
}

const struct gql_input *gql_input_named(const struct gql_inputs *inputs, struct str name)
{
  for (uint32_t i = 0; i < inputs->count; i++)
    if (str_eq(inputs->items[i].name, name))
      return &inputs->items[i];
  return NULL;
}

const struct gql_argument *gql_argument_named(const struct gql_arguments *args, struct str name)
{
  for (uint32_t i = 0; i < args->count; i++)
    if (str_eq(args->items[i].name, name))
      return &args->items[i];
  return NULL;
}

bool gql_has_name(const struct gql_names *names, struct str name)
{
  for (uint32_t i = 0; i < names->count; i++)
    if (str_eq(names->items[i], name))
      return true;
  return false;
}

struct str gql_type_name(const struct gql_type *type)
{
  while (!type->name.len && type->elem)
    type = type->elem;
  return type->name;
}

struct str gql_type_text(struct arena *a, const struct gql_type *type)
{
  const char *mark = type->non_null ? "!" : "";
  if (type->name.len || !type->elem)
    return arena_printf(a, "%.*s%s", STR_FMT(type->name), mark);
  return arena_printf(a, "[%.*s]%s", STR_FMT(gql_type_text(a, type->elem)), mark);
}

bool gql_type_fits(const struct gql_type *t, const struct gql_type *other)
{
  if (!str_eq(t->name, other->name) || (t->elem && !other->elem))
    return false;
  if (t->elem && !gql_type_fits(t->elem, other->elem))
    return false;
  return !other->non_null || t->non_null;
}

/* As Go's strconv.Quote for what can occur in names and short texts. */
static void add_quoted(struct buf *out, struct str s)
{
  buf_add_byte(out, '"');
  for (size_t i = 0; i < s.len; i++) {
    unsigned char ch = (unsigned char)s.data[i];
    static const char letters[] = "abtnvfr";
    if (ch == '"' || ch == '\\')
      buf_printf(out, "\\%c", ch);
    else if (ch >= 7 && ch <= 13)
      buf_printf(out, "\\%c", letters[ch - 7]);
    else if (ch < 0x20 || ch == 0x7F)
      buf_printf(out, "\\x%02x", ch);
    else
      buf_add_byte(out, (char)ch);
  }
  buf_add_byte(out, '"');
}

static void add_value(struct buf *out, const struct gql_value *v)
{
  bool is_list = v->kind == GQL_LIST_VALUE;
  switch (v->kind) {
  case GQL_VARIABLE:
    buf_add_byte(out, '$');
    buf_add(out, v->raw);
    break;
  case GQL_STRING:
  case GQL_BLOCK:
    add_quoted(out, v->raw);
    break;
  case GQL_LIST_VALUE:
  case GQL_OBJECT:
    buf_add_byte(out, is_list ? '[' : '{');
    for (uint32_t i = 0; i < v->children.count && !buf_failed(out); i++) {
      if (i)
        buf_add_byte(out, ',');
      if (!is_list)
        buf_printf(out, "%.*s:", STR_FMT(v->children.items[i].name));
      add_value(out, v->children.items[i].value);
    }
    buf_add_byte(out, is_list ? ']' : '}');
    break;
  default:
    buf_add(out, v->raw);
  }
}

struct str gql_value_text(struct arena *a, const struct gql_value *v)
{
  _cleanup_(buf_free) struct buf out = {.cap = 1000};
  add_value(&out, v);
  return arena_copy(a, buf_str(&out));
}
