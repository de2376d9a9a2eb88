/* Values where they stand: of the right type, variables in the right place; and suggestions. */
#include "lang/graphql_int.h"

#include <errno.h>
#include <stdlib.h>

/* ---- suggestions */

enum { SUGGESTIONS_MAX = 5, NAME_MAX_COMPARED = 100 };

static char lower(char ch)
{
  return (char)(ch >= 'A' && ch <= 'Z' ? ch + 32 : ch);
}

/* Insertions, deletions and substitutions; one if only the case differs. */
static unsigned distance(struct str a, struct str b)
{
  unsigned row[NAME_MAX_COMPARED + 1];
  if (str_eq(a, b))
    return 0;
  if (str_eq_nocase(a, b))
    return 1;
  if (a.len > NAME_MAX_COMPARED || b.len > NAME_MAX_COMPARED)
    return UINT32_MAX;
  for (unsigned i = 0; i <= b.len; i++)
    row[i] = i;
  for (unsigned i = 0; i < a.len; i++) {
    unsigned diagonal = row[0];
    row[0] = i + 1;
    for (unsigned k = 0; k < b.len; k++) {
      unsigned substitute = diagonal + (lower(a.data[i]) != lower(b.data[k]));
      unsigned other = (row[k] < row[k + 1] ? row[k] : row[k + 1]) + 1;
      diagonal = row[k + 1];
      row[k + 1] = substitute < other ? substitute : other;
    }
  }
  return row[b.len];
}

struct near_name {
  struct str name;
  unsigned distance;
  uint32_t number;
};

static int by_distance(const void *a, const void *b)
{
  const struct near_name *x = a, *y = b;
  if (x->distance != y->distance)
    return x->distance < y->distance ? -1 : 1;
  return x->number < y->number ? -1 : 1;
}

static void add_names(struct buf *out, const struct near_name *names, uint32_t count, bool quoted)
{
  const char *mark = quoted ? "\"" : "";
  for (uint32_t i = 0; i < count; i++) {
    const char *between = i == 0 ? "" : count == 2 ? " or " : i == count - 1 ? ", or " : ", ";
    buf_printf(out, "%s%s%.*s%s", between, mark, STR_FMT(names[i].name), mark);
  }
}

struct str gql_suggest(struct gql_checker *c, const char *before, struct str typed,
                       const struct gql_names *options, bool quoted)
{
  unsigned threshold = (unsigned)(typed.len * 2 / 5) + 1;
  struct near_name *found = arena_array(c->arena, struct near_name, options->count);
  uint32_t count = 0;
  _cleanup_(buf_free) struct buf out = {.cap = 1000};
  if (!gql_spend(c, (uint64_t)options->count * 16))
    return STR_EMPTY;
  for (uint32_t i = 0; i < options->count; i++) {
    unsigned d = distance(typed, options->items[i]);
    if (d <= threshold)
      found[count++] = (struct near_name){options->items[i], d, i};
  }
  if (!count)
    return STR_EMPTY;
  qsort(found, count, sizeof *found, by_distance);
  buf_printf(&out, " %s ", before);
  add_names(&out, found, count > SUGGESTIONS_MAX ? SUGGESTIONS_MAX : count, quoted);
  buf_add_byte(&out, '?');
  return arena_copy(c->arena, buf_str(&out));
}

/* ---- types of values */

static struct str expected_text(struct gql_checker *c, const struct gql_value *v)
{
  return gql_type_text(c->arena, v->expected);
}

static bool is_one_of(const struct gql_definition *d, const char *a, const char *b,
                      const char *last)
{
  return str_eq(d->name, str_from(a)) || (b && str_eq(d->name, str_from(b))) ||
         (last && str_eq(d->name, str_from(last)));
}

static bool is_beyond_32_bits(struct str raw)
{
  char text[32];
  if (!raw.len || raw.len >= sizeof text)
    return raw.len > 0;
  memcpy(text, raw.data, raw.len);
  text[raw.len] = 0;
  char *rest;
  errno = 0;
  long long n = strtoll(text, &rest, 10);
  return !*rest && (errno == ERANGE || n > INT32_MAX || n < INT32_MIN);
}

/* What is told where a value is of a type that does not belong there. */
static struct str wrong_type(struct gql_checker *c, const struct gql_value *v)
{
  struct str type = expected_text(c, v), text = gql_value_text(c->arena, v), bare = type;
  static const struct {
    struct str type;
    const char *message;
  } known[] = {
      {STR_INIT("String"), "String cannot represent a non string value"},
      {STR_INIT("[String]"), "String cannot represent a non string value"},
      {STR_INIT("Boolean"), "Boolean cannot represent a non boolean value"},
      {STR_INIT("Float"), "Float cannot represent non numeric value"},
      {STR_INIT("ID"), "ID cannot represent a non-string and non-integer value"},
  };
  if (str_ends(bare, STR("!")) && !str_starts(bare, STR("[")))
    bare.len--;
  if (str_eq(bare, STR("Int")))
    return arena_printf(c->arena, "%s: %.*s",
                        is_beyond_32_bits(v->raw)
                            ? "Int cannot represent non 32-bit signed integer value"
                            : "Int cannot represent non-integer value",
                        STR_FMT(text));
  for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
    if (str_eq(bare, known[i].type))
      return arena_printf(c->arena, "%s: %.*s", known[i].message, STR_FMT(text));
  if (v->definition->kind == GQL_KIND_ENUM)
    return arena_printf(c->arena, "Enum \"%.*s\" cannot represent non-enum value: %.*s.",
                        STR_FMT(type), STR_FMT(text));
  return arena_printf(c->arena, "Expected value of type \"%.*s\", found %.*s.", STR_FMT(type),
                      STR_FMT(text));
}

static void tell_type(struct gql_checker *c, const struct gql_value *v)
{
  gql_problem(c, v->place, "%.*s", STR_FMT(wrong_type(c, v)));
}

static struct gql_names enum_names(struct gql_checker *c, const struct gql_definition *d)
{
  struct gql_names names = {.count = 0};
  for (uint32_t i = 0; d->kind == GQL_KIND_ENUM && i < d->values.count; i++)
    gql_push(c->arena, &names, d->values.items[i].name);
  return names;
}

static void check_string(struct gql_checker *c, const struct gql_value *v)
{
  const struct gql_definition *d = v->definition;
  if (d->kind == GQL_KIND_ENUM) {
    struct gql_names names = enum_names(c, d);
    struct str hint = gql_suggest(c, "Did you mean the enum value", v->raw, &names, true);
    gql_problem(c, v->place, "Enum \"%.*s\" cannot represent non-enum value: %.*s.%.*s",
                STR_FMT(expected_text(c, v)), STR_FMT(gql_value_text(c->arena, v)), STR_FMT(hint));
  } else if (!is_one_of(d, "String", "ID", NULL)) {
    tell_type(c, v);
  }
}

static void check_enum(struct gql_checker *c, const struct gql_value *v)
{
  const struct gql_definition *d = v->definition;
  struct gql_names names = enum_names(c, d);
  if (d->kind != GQL_KIND_ENUM) {
    struct str hint = gql_suggest(c, "Did you mean the enum value", v->raw, &names, false);
    gql_problem(c, v->place, "%.*s%.*s", STR_FMT(wrong_type(c, v)), STR_FMT(hint));
  } else if (gql_spend(c, names.count) && !gql_has_name(&names, v->raw)) {
    struct str hint = gql_suggest(c, "Did you mean the enum value", v->raw, &names, true);
    gql_problem(c, v->place, "Value \"%.*s\" does not exist in \"%.*s\" enum.%.*s",
                STR_FMT(gql_value_text(c->arena, v)), STR_FMT(expected_text(c, v)), STR_FMT(hint));
  }
}

static const struct gql_child *child_named(const struct gql_value *v, struct str name)
{
  for (uint32_t i = 0; i < v->children.count; i++)
    if (str_eq(v->children.items[i].name, name))
      return &v->children.items[i];
  return NULL;
}

static bool is_one_of_input(const struct gql_definition *d)
{
  for (uint32_t i = 0; i < d->directives.count; i++)
    if (str_eq(d->directives.items[i].name, STR("oneOf")))
      return true;
  return false;
}

static void check_one_of(struct gql_checker *c, const struct gql_value *v)
{
  const struct gql_definition *d = v->definition;
  if (v->children.count != 1)
    gql_problem(c, v->place, "OneOf Input Object \"%.*s\" must specify exactly one key.",
                STR_FMT(d->name));
  else if (v->children.items[0].value->kind == GQL_NULL && d->fields.count)
    gql_problem(c, v->children.items[0].value->place, "Field \"%.*s.%.*s\" must be non-null.",
                STR_FMT(d->name), STR_FMT(d->fields.items[0].name));
}

static void check_object(struct gql_checker *c, const struct gql_value *v)
{
  const struct gql_definition *d = v->definition;
  struct gql_names names = {.count = 0};
  if (!gql_spend(c, (uint64_t)d->fields.count * (v->children.count + 1)))
    return;
  for (uint32_t i = 0; i < d->fields.count; i++) {
    const struct gql_field *f = &d->fields.items[i];
    gql_push(c->arena, &names, f->name);
    if (f->type->non_null && !f->default_value && !child_named(v, f->name))
      gql_problem(c, v->place, "Field \"%.*s.%.*s\" of required type \"%.*s\" was not provided.",
                  STR_FMT(d->name), STR_FMT(f->name), STR_FMT(gql_type_text(c->arena, f->type)));
  }
  if (is_one_of_input(d))
    check_one_of(c, v);
  for (uint32_t i = 0; i < v->children.count; i++) {
    const struct gql_child *child = &v->children.items[i];
    if (gql_field_named(d, child->name))
      continue;
    struct str hint = gql_suggest(c, "Did you mean", child->name, &names, true);
    gql_problem(c, child->place, "Field \"%.*s\" is not defined by type \"%.*s\".%.*s",
                STR_FMT(child->name), STR_FMT(d->name), STR_FMT(hint));
  }
}

/* Whether a literal is beyond what 64 bits hold, anywhere in a value. */
static bool has_number_beyond(const struct gql_value *v)
{
  char text[64];
  char *rest;
  if (v->kind == GQL_INT || v->kind == GQL_FLOAT) {
    if (v->raw.len >= sizeof text)
      return v->kind == GQL_INT;
    memcpy(text, v->raw.data, v->raw.len);
    text[v->raw.len] = 0;
    errno = 0;
    if (v->kind == GQL_INT)
      strtoll(text, &rest, 10);
    else
      return strtod(text, &rest) > 1.7976931348623157e308 ||
             strtod(text, &rest) < -1.7976931348623157e308;
    return errno == ERANGE;
  }
  for (uint32_t i = 0; i < v->children.count; i++)
    if (has_number_beyond(v->children.items[i].value))
      return true;
  return false;
}

static void check_type(struct gql_checker *c, const struct gql_value *v)
{
  const struct gql_definition *d = v->definition;
  if (!d || !v->expected)
    return;
  if (v->kind == GQL_NULL && v->expected->non_null)
    gql_problem(c, v->place, "Expected value of type \"%.*s\", found %.*s.",
                STR_FMT(expected_text(c, v)), STR_FMT(gql_value_text(c->arena, v)));
  if (d->kind == GQL_KIND_SCALAR && !is_one_of(d, "Int", "Float", "String") &&
      !is_one_of(d, "Boolean", "ID", NULL))
    return; /* somebody's own scalar takes anything */
  if (has_number_beyond(v))
    tell_type(c, v);
  switch (v->kind) {
  case GQL_LIST_VALUE:
    if (!v->expected->elem)
      tell_type(c, v);
    break;
  case GQL_INT:
    if (!is_one_of(d, "Int", "Float", "ID"))
      tell_type(c, v);
    break;
  case GQL_FLOAT:
    if (!is_one_of(d, "Float", NULL, NULL))
      tell_type(c, v);
    break;
  case GQL_STRING:
  case GQL_BLOCK:
    check_string(c, v);
    break;
  case GQL_ENUM:
    check_enum(c, v);
    break;
  case GQL_BOOLEAN:
    if (!is_one_of(d, "Boolean", NULL, NULL))
      tell_type(c, v);
    break;
  case GQL_OBJECT:
    check_object(c, v);
    break;
  default:
    break;
  }
}

/* ---- variables */

static void check_defined(struct gql_checker *c, const struct gql_value *v)
{
  if (!c->operation || v->kind != GQL_VARIABLE || v->variable)
    return;
  if (c->operation->name.len)
    gql_problem(c, v->place, "Variable \"$%.*s\" is not defined by operation \"%.*s\".",
                STR_FMT(v->raw), STR_FMT(c->operation->name));
  else
    gql_problem(c, v->place, "Variable \"$%.*s\" is not defined.", STR_FMT(v->raw));
}

static void check_unique_fields(struct gql_checker *c, const struct gql_value *v)
{
  struct map seen = {.arena = NULL};
  for (uint32_t i = 0; v->kind == GQL_OBJECT && i < v->children.count; i++) {
    bool added;
    map_put(&seen, v->children.items[i].name, &added);
    if (!added)
      gql_problem(c, v->children.items[i].place,
                  "There can be only one input field named \"%.*s\".",
                  STR_FMT(v->children.items[i].name));
  }
  map_free(&seen);
}

/* A default on either side makes up for a null. */
static void check_position(struct gql_checker *c, const struct gql_value *v)
{
  if (v->kind != GQL_VARIABLE || !v->expected || !v->variable || !c->operation)
    return;
  struct gql_type wanted = *v->expected;
  const struct gql_value *fallback = v->variable->default_value;
  if (v->expected_has_default || (fallback && fallback->kind != GQL_NULL))
    wanted.non_null = false;
  if (!gql_type_fits(v->variable->type, &wanted))
    gql_problem(c, v->place,
                "Variable \"$%.*s\" of type \"%.*s\" used in position expecting type "
                "\"%.*s\".",
                STR_FMT(v->raw), STR_FMT(gql_type_text(c->arena, v->variable->type)),
                STR_FMT(expected_text(c, v)));
}

static void check_one_of_variables(struct gql_checker *c, const struct gql_value *v)
{
  if (v->kind != GQL_OBJECT || !v->definition || !is_one_of_input(v->definition))
    return;
  for (uint32_t i = 0; i < v->children.count; i++) {
    const struct gql_value *child = v->children.items[i].value;
    if (child->kind == GQL_VARIABLE && child->variable && !child->variable->type->non_null)
      gql_problem(c, child->variable->place,
                  "Variable \"$%.*s\" is of type \"%.*s\" but must be non-nullable to be used for "
                  "OneOf Input Object \"%.*s\".",
                  STR_FMT(child->raw), STR_FMT(gql_type_text(c->arena, child->variable->type)),
                  STR_FMT(v->definition->name));
  }
}

void gql_rules_value(struct gql_checker *c, struct gql_value *v)
{
  check_defined(c, v);
  check_unique_fields(c, v);
  check_type(c, v);
  check_position(c, v);
  check_one_of_variables(c, v);
}
