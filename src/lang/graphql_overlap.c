/*
 * Fields that are given under one name must be mergeable: the same field, the same arguments, types that
 * go together (section 5.3.2). Fields of a selection are compared with each other, with those of the
 * fragments spread in it, and those with each other; fragments in pairs, each pair once.
 */
#include "lang/graphql_int.h"

GQL_LIST(gql_fields_found, const struct gql_selection *);
GQL_LIST(gql_spreads_found, const struct gql_selection *);

/* Fields of one name. */
struct group {
  struct str name;
  struct gql_fields_found fields;
};
GQL_LIST(gql_groups, struct group);

struct collected {
  struct gql_groups groups; /* in the order of their first fields */
  struct gql_spreads_found spreads;
  struct map numbers; /* name: number of its group; the keys outlive it */
};

struct conflict {
  struct str name, message;
  struct gql_place place;
};
GQL_LIST(gql_conflicts, struct conflict);

struct finder {
  struct gql_checker *c;
  struct map *compared; /* fragments that the fields at hand were compared with */
};

static struct str response_name(const struct gql_selection *s)
{
  return s->alias.len ? s->alias : s->name;
}

static void collect(struct gql_checker *c, const struct gql_selections *list, struct collected *ret)
{
  for (uint32_t i = 0; i < list->count && gql_spend(c, 1); i++) {
    const struct gql_selection *s = &list->items[i];
    if (s->kind == GQL_INLINE) {
      collect(c, &s->selections, ret);
    } else if (s->kind == GQL_SPREAD) {
      gql_push(c->arena, &ret->spreads, s);
    } else {
      bool added;
      union map_value *number = map_put(&ret->numbers, response_name(s), &added);
      if (added) {
        number->number = ret->groups.count;
        gql_push(c->arena, &ret->groups, (struct group){.name = response_name(s)});
      }
      gql_push(c->arena, &ret->groups.items[number->number].fields, s);
    }
  }
}

static void drop(struct collected *found)
{
  map_free(&found->numbers);
}

static bool is_same(const struct collected *a, const struct collected *b)
{
  if (a->groups.count != b->groups.count)
    return false;
  for (uint32_t i = 0; i < a->groups.count; i++) {
    const struct gql_fields_found *x = &a->groups.items[i].fields, *y = &b->groups.items[i].fields;
    if (x->count != y->count || memcmp(x->items, y->items, x->count * sizeof *x->items) != 0)
      return false;
  }
  return true;
}

/* ---- two fields */

static bool has_same_arguments(const struct gql_arguments *a, const struct gql_arguments *b)
{
  if (a->count != b->count)
    return false;
  for (uint32_t i = 0; i < a->count; i++) {
    const struct gql_argument *x = &a->items[i];
    bool matched = false;
    for (uint32_t k = 0; k < b->count && !matched; k++)
      matched = str_eq(b->items[k].name, x->name) && b->items[k].value->kind == x->value->kind &&
                str_eq(b->items[k].value->raw, x->value->raw);
    if (!matched)
      return false;
  }
  return true;
}

static bool is_leaf(const struct gql_definition *d)
{
  return d && (d->kind == GQL_KIND_SCALAR || d->kind == GQL_KIND_ENUM);
}

static bool types_conflict(const struct gql_checker *c, const struct gql_type *a,
                           const struct gql_type *b)
{
  if (a->elem && b->elem)
    return types_conflict(c, a->elem, b->elem);
  if (a->elem || b->elem || a->non_null != b->non_null)
    return true;
  return is_leaf(gql_find_type(c->schema, a->name)) && is_leaf(gql_find_type(c->schema, b->name)) &&
         !str_eq(a->name, b->name);
}

static void between(struct finder *f, bool exclusive, const struct collected *a,
                    const struct collected *b, struct gql_conflicts *ret);
static void with_fragment(struct finder *f, bool exclusive, const struct collected *fields,
                          const struct gql_selection *spread, struct gql_conflicts *ret);
static void between_fragments(struct finder *f, bool exclusive, const struct gql_selection *a,
                              const struct gql_selection *b, struct gql_conflicts *ret);

static void with_fresh_fragments(struct finder *f, bool exclusive, const struct collected *fields,
                                 const struct gql_spreads_found *spreads, struct gql_conflicts *ret)
{
  struct map *before = f->compared;
  for (uint32_t i = 0; i < spreads->count; i++) {
    struct map compared = {.arena = NULL};
    f->compared = &compared;
    with_fragment(f, exclusive, fields, spreads->items[i], ret);
    map_free(&compared);
  }
  f->compared = before;
}

static void below(struct finder *f, bool exclusive, const struct gql_selection *a,
                  const struct gql_selection *b, struct gql_conflicts *ret)
{
  struct collected x = {.numbers = {.arena = NULL}}, y = {.numbers = {.arena = NULL}};
  collect(f->c, &a->selections, &x);
  collect(f->c, &b->selections, &y);
  between(f, exclusive, &x, &y, ret);
  with_fresh_fragments(f, exclusive, &x, &y.spreads, ret);
  with_fresh_fragments(f, exclusive, &y, &x.spreads, ret);
  for (uint32_t i = 0; i < x.spreads.count; i++)
    for (uint32_t k = 0; k < y.spreads.count && gql_spend(f->c, 1); k++)
      between_fragments(f, exclusive, x.spreads.items[i], y.spreads.items[k], ret);
  drop(&x);
  drop(&y);
}

static struct str join(struct gql_checker *c, const struct gql_conflicts *parts)
{
  _cleanup_(buf_free) struct buf out = {.cap = ERROR_MESSAGE_MAX};
  for (uint32_t i = 0; i < parts->count && !buf_failed(&out); i++)
    buf_printf(&out, "%ssubfields \"%.*s\" conflict because %.*s", i ? " and " : "",
               STR_FMT(parts->items[i].name), STR_FMT(parts->items[i].message));
  return arena_copy(c->arena, buf_str(&out));
}

/* Fields of different objects never meet in one answer. */
static bool never_meet(const struct gql_selection *a, const struct gql_selection *b)
{
  return !str_eq(a->object->name, b->object->name) && a->object->kind == GQL_KIND_OBJECT &&
         b->object->kind == GQL_KIND_OBJECT && a->definition && b->definition;
}

static void compare(struct finder *f, bool exclusive, const struct gql_selection *a,
                    const struct gql_selection *b, struct gql_conflicts *ret)
{
  struct gql_checker *c = f->c;
  struct conflict found = {.name = response_name(a), .message = STR_EMPTY, .place = b->place};
  struct gql_conflicts inner = {.count = 0};
  if (!a->object || !b->object || !gql_spend(c, 1 + a->arguments.count) ||
      ret->count > GRAPHQL_PROBLEMS_MAX)
    return;
  exclusive = exclusive || never_meet(a, b);
  if (!exclusive && !str_eq(a->name, b->name)) {
    found.message = arena_printf(c->arena, "\"%.*s\" and \"%.*s\" are different fields",
                                 STR_FMT(a->name), STR_FMT(b->name));
  } else if (!exclusive && !has_same_arguments(&a->arguments, &b->arguments)) {
    found.message = STR("they have differing arguments");
  } else if (a->definition && b->definition &&
             types_conflict(c, a->definition->type, b->definition->type)) {
    found.message = arena_printf(c->arena, "they return conflicting types \"%.*s\" and \"%.*s\"",
                                 STR_FMT(gql_type_text(c->arena, a->definition->type)),
                                 STR_FMT(gql_type_text(c->arena, b->definition->type)));
  } else {
    if (++c->depth > 4 * GRAPHQL_DEPTH_MAX)
      c->over = true;
    else
      below(f, exclusive, a, b, &inner);
    c->depth--;
    found.message = join(c, &inner);
  }
  if (found.message.len)
    gql_push(c->arena, ret, found);
}

/* ---- collections of them */

static void within(struct finder *f, const struct collected *fields, struct gql_conflicts *ret)
{
  for (uint32_t g = 0; g < fields->groups.count; g++) {
    const struct gql_fields_found *list = &fields->groups.items[g].fields;
    for (uint32_t i = 0; i < list->count; i++)
      for (uint32_t k = i + 1; k < list->count && gql_spend(f->c, 1); k++)
        compare(f, false, list->items[i], list->items[k], ret);
  }
}

static void between(struct finder *f, bool exclusive, const struct collected *a,
                    const struct collected *b, struct gql_conflicts *ret)
{
  for (uint32_t g = 0; g < a->groups.count && gql_spend(f->c, 1); g++) {
    const struct group *x = &a->groups.items[g];
    union map_value *number = map_get(&b->numbers, x->name);
    const struct gql_fields_found *y = number ? &b->groups.items[number->number].fields : NULL;
    for (uint32_t i = 0; y && i < x->fields.count; i++)
      for (uint32_t k = 0; k < y->count && gql_spend(f->c, 1); k++)
        compare(f, exclusive, x->fields.items[i], y->items[k], ret);
  }
}

static void with_fragment(struct finder *f, bool exclusive, const struct collected *fields,
                          const struct gql_selection *spread, struct gql_conflicts *ret)
{
  bool added;
  map_put(f->compared, spread->name, &added);
  if (!added || !spread->fragment || !gql_spend(f->c, 1))
    return;
  struct collected own = {.numbers = {.arena = NULL}};
  collect(f->c, &spread->fragment->selections, &own);
  if (++f->c->depth > 4 * GRAPHQL_DEPTH_MAX)
    f->c->over = true;
  else if (!is_same(fields, &own)) {
    between(f, exclusive, fields, &own, ret);
    for (uint32_t i = 0; i < own.spreads.count; i++)
      if (!str_eq(own.spreads.items[i]->name, spread->name))
        with_fragment(f, exclusive, fields, own.spreads.items[i], ret);
  }
  f->c->depth--;
  drop(&own);
}

/* Whether the pair has been compared; compared as not exclusive counts for both. */
static bool is_compared(struct finder *f, struct str a, struct str b, bool exclusive)
{
  bool swapped = str_compare(a, b) > 0, added;
  struct str key =
      arena_printf(f->c->arena, "%.*s %.*s", STR_FMT(swapped ? b : a), STR_FMT(swapped ? a : b));
  union map_value *v = map_put(&f->c->fragment_pairs, key, &added);
  if (!added && (exclusive || v->number == 2))
    return true;
  v->number = exclusive ? 1 : 2;
  return false;
}

static void between_fragments(struct finder *f, bool exclusive, const struct gql_selection *a,
                              const struct gql_selection *b, struct gql_conflicts *ret)
{
  struct collected x = {.numbers = {.arena = NULL}}, y = {.numbers = {.arena = NULL}};
  if (str_eq(a->name, b->name) || is_compared(f, a->name, b->name, exclusive) || !a->fragment ||
      !b->fragment || !gql_spend(f->c, 1))
    return;
  if (++f->c->depth > 4 * GRAPHQL_DEPTH_MAX)
    f->c->over = true;
  collect(f->c, &a->fragment->selections, &x);
  collect(f->c, &b->fragment->selections, &y);
  between(f, exclusive, &x, &y, ret);
  for (uint32_t i = 0; i < y.spreads.count; i++)
    between_fragments(f, exclusive, a, y.spreads.items[i], ret);
  for (uint32_t i = 0; i < x.spreads.count; i++)
    between_fragments(f, exclusive, x.spreads.items[i], b, ret);
  drop(&x);
  drop(&y);
  f->c->depth--;
}

void gql_overlaps(struct gql_checker *c, const struct gql_selections *selections)
{
  struct map compared = {.arena = NULL};
  struct finder f = {.c = c, .compared = &compared};
  struct collected fields = {.numbers = {.arena = NULL}};
  struct gql_conflicts found = {.count = 0};
  if (!selections->count)
    return;
  collect(c, selections, &fields);
  within(&f, &fields, &found);
  for (uint32_t i = 0; i < fields.spreads.count && gql_spend(c, 1); i++) {
    with_fragment(&f, false, &fields, fields.spreads.items[i], &found);
    for (uint32_t k = i + 1; k < fields.spreads.count && gql_spend(c, 1); k++)
      between_fragments(&f, false, fields.spreads.items[i], fields.spreads.items[k], &found);
  }
  for (uint32_t i = 0; i < found.count; i++)
    gql_problem(c, found.items[i].place,
                "Fields \"%.*s\" conflict because %.*s. Use different aliases on the fields to "
                "fetch both if this was intentional.",
                STR_FMT(found.items[i].name), STR_FMT(found.items[i].message));
  drop(&fields);
  map_free(&compared);
}
