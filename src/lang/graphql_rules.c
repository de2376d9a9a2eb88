/* The rules of section 5, by the kind of node they look at, in the order of their names. */
#include "lang/graphql_int.h"

enum { INTROSPECTION_LISTS_MAX = 3 };

static bool is_leaf(const struct gql_definition *d)
{
  return d->kind == GQL_KIND_ENUM || d->kind == GQL_KIND_SCALAR;
}

static bool is_composite(const struct gql_definition *d)
{
  return d->kind == GQL_KIND_OBJECT || d->kind == GQL_KIND_INTERFACE || d->kind == GQL_KIND_UNION;
}

/* ---- fields */

struct counted {
  struct str name;
  unsigned uses;
};

static int by_uses(const void *a, const void *b)
{
  const struct counted *x = a, *y = b;
  if (x->uses != y->uses)
    return x->uses > y->uses ? -1 : 1;
  return str_compare(x->name, y->name);
}

GQL_LIST(counted_names, struct counted);

static void count_name(struct gql_checker *c, struct counted_names *list, struct str name)
{
  for (uint32_t i = 0; i < list->count; i++)
    if (str_eq(list->items[i].name, name)) {
      list->items[i].uses++;
      return;
    }
  gql_push(c->arena, list, (struct counted){name, 1});
}

/* Types that an abstract type may be at run time, and their interfaces, that have such a field. */
static struct str suggest_types(struct gql_checker *c, const struct gql_definition *parent,
                                struct str name)
{
  struct counted_names found = {.count = 0};
  const struct gql_types *possible = gql_possible_types(c->schema, parent->name);
  for (uint32_t i = 0; i < possible->count; i++) {
    const struct gql_definition *d = possible->items[i];
    if (!gql_spend(c, d->fields.count) || !gql_field_named(d, name))
      continue;
    for (uint32_t k = 0; k < d->interfaces.count; k++) {
      const struct gql_definition *in = gql_find_type(c->schema, d->interfaces.items[k]);
      if (in && gql_field_named(in, name))
        count_name(c, &found, in->name);
      gql_spend(c, found.count);
    }
  }
  for (uint32_t i = 0; i < possible->count; i++)
    if (gql_field_named(possible->items[i], name))
      gql_push(c->arena, &found, (struct counted){possible->items[i]->name, 0});
  if (!found.count)
    return STR_EMPTY;
  qsort(found.items, found.count, sizeof *found.items, by_uses);
  _cleanup_(buf_free) struct buf out = {.cap = 1000};
  uint32_t count = found.count < 5 ? found.count : 5;
  for (uint32_t i = 0; i < count; i++)
    buf_printf(&out, "%s\"%.*s\"",
               i == 0           ? ""
               : count == 2     ? " or "
               : i == count - 1 ? ", or "
                                : ", ",
               STR_FMT(found.items[i].name));
  return arena_printf(c->arena, " Did you mean to use an inline fragment on %s?", buf_text(&out));
}

static void fields_on_correct_type(struct gql_checker *c, const struct gql_selection *s)
{
  struct str hint = STR_EMPTY;
  struct gql_names names = {.count = 0};
  if (!s->object || s->definition)
    return;
  if (s->object->kind == GQL_KIND_INTERFACE || s->object->kind == GQL_KIND_UNION)
    hint = suggest_types(c, s->object, s->name);
  bool has_fields = s->object->kind == GQL_KIND_OBJECT || s->object->kind == GQL_KIND_INTERFACE;
  for (uint32_t i = 0; has_fields && i < s->object->fields.count; i++)
    gql_push(c->arena, &names, s->object->fields.items[i].name);
  if (!hint.len)
    hint = gql_suggest(c, "Did you mean", s->name, &names, true);
  gql_problem(c, s->place, "Cannot query field \"%.*s\" on type \"%.*s\".%.*s", STR_FMT(s->name),
              STR_FMT(s->object->name), STR_FMT(hint));
}

static void known_arguments(struct gql_checker *c, const struct gql_arguments *arguments,
                            const struct gql_inputs *inputs, struct gql_place place,
                            struct str where)
{
  struct gql_names names = {.count = 0};
  for (uint32_t i = 0; i < inputs->count; i++)
    gql_push(c->arena, &names, inputs->items[i].name);
  for (uint32_t i = 0; i < arguments->count && gql_spend(c, inputs->count); i++) {
    struct str name = arguments->items[i].name;
    if (gql_input_named(inputs, name))
      continue;
    struct str hint = gql_suggest(c, "Did you mean", name, &names, true);
    gql_problem(c, place, "Unknown argument \"%.*s\" on %.*s.%.*s", STR_FMT(name), STR_FMT(where),
                STR_FMT(hint));
  }
}

/* Lists of types within each other, through fragments; what was seen on the way is not entered. */
static bool is_too_deep(struct gql_checker *c, const struct gql_selections *list, struct map *open,
                        unsigned lists)
{
  static const char *const counted[] = {"fields", "interfaces", "possibleTypes", "inputFields"};
  bool deep = false;
  if (++c->depth > 4 * GRAPHQL_DEPTH_MAX)
    c->over = true;
  for (uint32_t i = 0; i < list->count && !deep && gql_spend(c, 1); i++) {
    const struct gql_selection *s = &list->items[i];
    unsigned more = lists;
    bool added = false;
    for (unsigned k = 0; s->kind == GQL_FIELD && k < 4; k++)
      more += str_eq(s->name, str_from(counted[k]));
    if (more >= INTROSPECTION_LISTS_MAX) {
      deep = true;
    } else if (s->kind != GQL_SPREAD) {
      deep = is_too_deep(c, &s->selections, open, more);
    } else if (s->fragment) {
      map_put(open, s->name, &added);
      if (added) {
        deep = is_too_deep(c, &s->fragment->selections, open, lists);
        map_remove(open, s->name);
      }
    }
  }
  c->depth--;
  return deep;
}

static void introspection_depth(struct gql_checker *c, const struct gql_selection *s)
{
  struct map open = {.arena = NULL};
  if (!str_eq(s->name, STR("__schema")) && !str_eq(s->name, STR("__type")))
    return;
  if (is_too_deep(c, &s->selections, &open, 0))
    gql_problem(c, s->place, "Maximum introspection depth exceeded");
  map_free(&open);
}

static void required_arguments(struct gql_checker *c, const struct gql_arguments *arguments,
                               const struct gql_inputs *inputs, struct gql_place place,
                               struct str where)
{
  for (uint32_t i = 0; i < inputs->count && gql_spend(c, arguments->count); i++) {
    const struct gql_input *in = &inputs->items[i];
    if (in->type->non_null && !in->default_value && !gql_argument_named(arguments, in->name))
      gql_problem(c, place,
                  "%.*s argument \"%.*s\" of type \"%.*s\" is required, but it was not provided.",
                  STR_FMT(where), STR_FMT(in->name), STR_FMT(gql_type_text(c->arena, in->type)));
  }
}

static void scalar_leafs(struct gql_checker *c, const struct gql_selection *s)
{
  const struct gql_definition *type =
      s->definition ? gql_find_type(c->schema, gql_type_name(s->definition->type)) : NULL;
  if (!type)
    return;
  if (is_leaf(type) && s->selections.count)
    gql_problem(c, s->place,
                "Field \"%.*s\" must not have a selection since type \"%.*s\" has no subfields.",
                STR_FMT(s->name), STR_FMT(type->name));
  if (!is_leaf(type) && !s->selections.count)
    gql_problem(c, s->place,
                "Field \"%.*s\" of type \"%.*s\" must have a selection of subfields. Did you mean "
                "\"%.*s { ... }\"?",
                STR_FMT(s->name), STR_FMT(gql_type_text(c->arena, s->definition->type)),
                STR_FMT(s->name));
}

/* Each name that is repeated is told once. */
static void unique_arguments(struct gql_checker *c, const struct gql_arguments *arguments)
{
  struct map seen = {.arena = NULL};
  for (uint32_t i = 0; i < arguments->count; i++) {
    union map_value *v = map_put(&seen, arguments->items[i].name, NULL);
    if (v->number++ == 1)
      gql_problem(c, arguments->items[i].place, "There can be only one argument named \"%.*s\".",
                  STR_FMT(arguments->items[i].name));
  }
  map_free(&seen);
}

void gql_rules_field(struct gql_checker *c, struct gql_selection *s)
{
  fields_on_correct_type(c, s);
  if (s->definition && s->object)
    known_arguments(
        c, &s->arguments, &s->definition->arguments, s->place,
        arena_printf(c->arena, "field \"%.*s.%.*s\"", STR_FMT(s->object->name), STR_FMT(s->name)));
  introspection_depth(c, s);
  if (c->operation)
    gql_overlaps(c, &s->selections);
  if (s->definition)
    required_arguments(c, &s->arguments, &s->definition->arguments, s->place,
                       arena_printf(c->arena, "Field \"%.*s\"", STR_FMT(s->name)));
  scalar_leafs(c, s);
  unique_arguments(c, &s->arguments);
}

/* ---- fragments */

static void possible_spread(struct gql_checker *c, const struct gql_definition *parent,
                            struct str condition, struct gql_place place, struct str what)
{
  const struct gql_definition *d = gql_find_type(c->schema, condition);
  if (!parent || !is_composite(parent) || !d || !is_composite(d))
    return;
  struct gql_types own = {.items = &parent, .count = 1};
  const struct gql_types *parents =
      parent->kind == GQL_KIND_OBJECT ? &own : gql_possible_types(c->schema, parent->name);
  const struct gql_types *possible = gql_possible_types(c->schema, condition);
  for (uint32_t i = 0; i < possible->count && gql_spend(c, parents->count); i++)
    for (uint32_t k = 0; k < parents->count; k++)
      if (str_eq(possible->items[i]->name, parents->items[k]->name))
        return;
  gql_problem(c, place,
              "%.*s cannot be spread here as objects of type \"%.*s\" can never be of type "
              "\"%.*s\".",
              STR_FMT(what), STR_FMT(parent->name), STR_FMT(condition));
}

void gql_rules_inline(struct gql_checker *c, struct gql_selection *s)
{
  const struct gql_definition *d = gql_find_type(c->schema, s->condition);
  if (d && !is_composite(d))
    gql_problem(c, s->place, "Fragment cannot condition on non composite type \"%.*s\".",
                STR_FMT(s->condition));
  if (s->condition.len && !d)
    gql_problem(c, s->place, "Unknown type \"%.*s\".", STR_FMT(s->condition));
  gql_overlaps(c, &s->selections);
  possible_spread(c, s->object, s->condition, s->place, STR("Fragment"));
}

void gql_rules_spread(struct gql_checker *c, struct gql_selection *s)
{
  if (!s->fragment)
    gql_problem(c, s->place, "Unknown fragment \"%.*s\".", STR_FMT(s->name));
  if (!c->in_fragments)
    map_put(&c->used_fragments, s->name, NULL);
  if (s->fragment)
    possible_spread(c, s->object, s->fragment->condition, s->place,
                    arena_printf(c->arena, "Fragment \"%.*s\"", STR_FMT(s->name)));
}

GQL_LIST(spreads, const struct gql_selection *);
GQL_LIST(selection_sets, const struct gql_selections *);

static struct spreads spreads_of(struct gql_checker *c, const struct gql_selections *list)
{
  struct spreads found = {.count = 0};
  struct selection_sets open = {.count = 0};
  gql_push(c->arena, &open, list);
  while (open.count) {
    list = open.items[--open.count];
    for (uint32_t i = 0; i < list->count && gql_spend(c, 1); i++) {
      const struct gql_selection *s = &list->items[i];
      if (s->kind == GQL_SPREAD)
        gql_push(c->arena, &found, s);
      else
        gql_push(c->arena, &open, &s->selections);
    }
  }
  return found;
}

static void tell_cycle(struct gql_checker *c, const struct spreads *path, uint64_t from,
                       const struct gql_selection *last)
{
  _cleanup_(buf_free) struct buf via = {.cap = 400};
  for (uint64_t i = from; i < path->count; i++)
    buf_printf(&via, "%s\"%.*s\"", via.len ? ", " : " via ", STR_FMT(path->items[i]->name));
  gql_problem(c, last->place, "Cannot spread fragment \"%.*s\" within itself%s.",
              STR_FMT(last->name), buf_text(&via));
}

/* open: names of the fragments on the path, with where in the path they begin, + 1. */
static void find_cycles(struct gql_checker *c, const struct gql_fragment *f, struct spreads *path,
                        struct map *open)
{
  bool added;
  map_put(&c->cycle_free, f->name, &added);
  if (!added)
    return;
  if (++c->depth > 4 * GRAPHQL_DEPTH_MAX)
    c->over = true;
  struct spreads spreads = spreads_of(c, &f->selections);
  map_put(open, f->name, NULL)->number = path->count;
  for (uint32_t i = 0; i < spreads.count && gql_spend(c, 1); i++) {
    const struct gql_selection *s = spreads.items[i];
    union map_value *start = map_get(open, s->name), *next = map_get(&c->fragments, s->name);
    if (start) {
      tell_cycle(c, path, start->number, s);
      continue;
    }
    gql_push(c->arena, path, s);
    if (next)
      find_cycles(c, next->pointer, path, open);
    path->count--;
  }
  map_remove(open, f->name);
  c->depth--;
}

static void fragment_cycles(struct gql_checker *c, const struct gql_fragment *f)
{
  struct map open = {.arena = NULL};
  struct spreads path = {.count = 0};
  find_cycles(c, f, &path, &open);
  map_free(&open);
}

static struct str suggest_type(struct gql_checker *c, struct str name)
{
  struct gql_names names = {.count = 0};
  for (uint32_t i = 0; i < c->schema->type_count && gql_spend(c, 1); i++)
    gql_push(c->arena, &names, c->schema->types[i]->name);
  return gql_suggest(c, "Did you mean", name, &names, true);
}

void gql_rules_fragment(struct gql_checker *c, struct gql_fragment *f)
{
  bool added;
  if (f->definition && f->condition.len && !is_composite(f->definition))
    gql_problem(c, f->place, "Fragment \"%.*s\" cannot condition on non composite type \"%.*s\".",
                STR_FMT(f->name), STR_FMT(f->condition));
  if (!f->definition)
    gql_problem(c, f->place, "Unknown type \"%.*s\".%.*s", STR_FMT(f->condition),
                STR_FMT(suggest_type(c, f->condition)));
  fragment_cycles(c, f);
  c->in_fragments = true;
  if (!map_get(&c->used_fragments, f->name))
    gql_problem(c, f->place, "Fragment \"%.*s\" is never used.", STR_FMT(f->name));
  gql_overlaps(c, &f->selections);
  map_put(&c->seen_fragments, f->name, &added);
  if (!added)
    gql_problem(c, f->place, "There can be only one fragment named \"%.*s\".", STR_FMT(f->name));
}

/* ---- directives */

void gql_rules_directive(struct gql_checker *c, struct gql_directive *d)
{
  if (d->definition)
    known_arguments(c, &d->arguments, &d->definition->arguments, d->place,
                    arena_printf(c->arena, "directive \"@%.*s\"", STR_FMT(d->name)));
  bool added = true;
  if (!d->definition) {
    gql_problem(c, d->place, "Unknown directive \"@%.*s\".", STR_FMT(d->name));
  } else if (!gql_has_name(&d->definition->locations, d->location)) {
    /* content of fragments is walked more than once */
    map_put(&c->misplaced,
            arena_printf(c->arena, "%.*s %d %d", STR_FMT(d->name), (int)d->place.line,
                         (int)d->place.column),
            &added);
    if (added || !d->place.line)
      gql_problem(c, d->place, "Directive \"@%.*s\" may not be used on %.*s.", STR_FMT(d->name),
                  STR_FMT(d->location));
  }
  if (d->definition)
    required_arguments(c, &d->arguments, &d->definition->arguments, d->place,
                       arena_printf(c->arena, "Directive \"@%.*s\"", STR_FMT(d->name)));
  unique_arguments(c, &d->arguments);
}

void gql_rules_directives(struct gql_checker *c, const struct gql_directives *list)
{
  struct map seen = {.arena = NULL};
  for (uint32_t i = 0; i < list->count; i++) {
    const struct gql_directive *d = &list->items[i];
    bool added;
    map_put(&seen, d->name, &added);
    if (!added && (!d->definition || !d->definition->repeatable))
      gql_problem(c, d->place, "The directive \"@%.*s\" can only be used once at this location.",
                  STR_FMT(d->name));
  }
  map_free(&seen);
}

/* ---- operations */

void gql_rules_variable(struct gql_checker *c, const struct gql_variable *v)
{
  struct str type = gql_type_name(v->type);
  if (!gql_find_type(c->schema, type))
    gql_problem(c, v->place, "Unknown type \"%.*s\".", STR_FMT(type));
}

static void unused_variables(struct gql_checker *c, const struct gql_operation *op)
{
  for (uint32_t i = 0; i < op->variables.count; i++) {
    const struct gql_variable *v = &op->variables.items[i];
    if (v->used)
      continue;
    if (op->name.len)
      gql_problem(c, v->place, "Variable \"$%.*s\" is never used in operation \"%.*s\".",
                  STR_FMT(v->name), STR_FMT(op->name));
    else
      gql_problem(c, v->place, "Variable \"$%.*s\" is never used.", STR_FMT(v->name));
  }
}

/* The fields at the top, through fragments; the first of each name. */
static void top_fields(struct gql_checker *c, const struct gql_selections *list, struct map *names,
                       struct map *fragments, struct spreads *ret)
{
  if (++c->depth > 4 * GRAPHQL_DEPTH_MAX)
    c->over = true;
  for (uint32_t i = 0; i < list->count && gql_spend(c, 1); i++) {
    const struct gql_selection *s = &list->items[i];
    bool added;
    if (s->kind == GQL_FIELD) {
      map_put(names, s->name, &added);
      if (added)
        gql_push(c->arena, ret, s);
    } else if (s->kind == GQL_INLINE) {
      top_fields(c, &s->selections, names, fragments, ret);
    } else if (!s->fragment) {
      break;
    } else {
      map_put(fragments, s->name, &added);
      if (added)
        top_fields(c, &s->fragment->selections, names, fragments, ret);
    }
  }
  c->depth--;
}

static void single_subscription(struct gql_checker *c, const struct gql_operation *op)
{
  struct map names = {.arena = NULL}, fragments = {.arena = NULL};
  struct spreads top = {.count = 0};
  if (!c->schema->subscription || !str_eq(op->operation, STR("subscription")))
    return;
  top_fields(c, &op->selections, &names, &fragments, &top);
  map_free(&names);
  map_free(&fragments);
  struct str what = op->name.len
                        ? arena_printf(c->arena, "Subscription \"%.*s\"", STR_FMT(op->name))
                        : STR("Anonymous Subscription");
  if (top.count > 1)
    gql_problem(c, top.items[1]->place, "%.*s must select only one top level field.",
                STR_FMT(what));
  for (uint32_t i = 0; i < top.count; i++)
    if (str_starts(top.items[i]->name, STR("__")))
      gql_problem(c, top.items[i]->place, "%.*s must not select an introspection top level field.",
                  STR_FMT(what));
}

static void unique_variables(struct gql_checker *c, const struct gql_operation *op)
{
  struct map seen = {.arena = NULL};
  for (uint32_t i = 0; i < op->variables.count; i++) {
    const struct gql_variable *v = &op->variables.items[i];
    if (map_put(&seen, v->name, NULL)->number++ == 1)
      gql_problem(c, v->place, "There can be only one variable named \"$%.*s\".", STR_FMT(v->name));
  }
  map_free(&seen);
}

static void input_variables(struct gql_checker *c, const struct gql_operation *op)
{
  for (uint32_t i = 0; i < op->variables.count; i++) {
    const struct gql_variable *v = &op->variables.items[i];
    if (v->definition && is_composite(v->definition))
      gql_problem(c, v->place, "Variable \"$%.*s\" cannot be non-input type \"%.*s\".",
                  STR_FMT(v->name), STR_FMT(gql_type_text(c->arena, v->type)));
  }
}

void gql_rules_operation(struct gql_checker *c, struct gql_operation *op)
{
  const struct graphql_schema *s = c->schema;
  const struct gql_definition *root = str_eq(op->operation, STR("mutation"))       ? s->mutation
                                      : str_eq(op->operation, STR("subscription")) ? s->subscription
                                                                                   : s->query;
  bool added;
  if (!root)
    gql_problem(c, op->place, "Schema does not support operation type \"%.*s\"",
                STR_FMT(op->operation));
  if (!op->name.len && c->query->operations.count > 1)
    gql_problem(c, op->place, "This anonymous operation must be the only defined operation.");
  unused_variables(c, op);
  gql_overlaps(c, &op->selections);
  single_subscription(c, op);
  map_put(&c->seen_operations, op->name, &added);
  if (!added)
    gql_problem(c, op->place, "There can be only one operation named \"%.*s\".", STR_FMT(op->name));
  unique_variables(c, op);
  input_variables(c, op);
}
