/* The walk over a query: each node is told what the schema says of it, then the rules look at it. */
#include "lang/graphql_int.h"

bool gql_spend(struct gql_checker *c, uint64_t steps)
{
  const struct graphql_budget *budget = c->budget;
  uint64_t before = c->steps;
  if (c->over)
    return false;
  c->steps += steps;
  /* asked for in larger pieces */
  if (budget && budget->spend && c->steps / 4096 != before / 4096 &&
      budget->spend(budget->user, (c->steps / 4096 - before / 4096) * 4096) < 0)
    c->over = true;
  if (c->steps > GRAPHQL_STEPS_MAX || arena_over(c->arena))
    c->over = true;
  return !c->over;
}

void gql_problem(struct gql_checker *c, struct gql_place place, const char *format, ...)
{
  char text[ERROR_MESSAGE_MAX];
  va_list arguments;
  if (c->problems.count >= GRAPHQL_PROBLEMS_MAX)
    return;
  va_start(arguments, format);
  int len = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  size_t kept = len < 0 ? 0 : (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
  gql_push(c->arena, &c->problems,
           (struct graphql_problem){arena_copy(c->arena, str_make(text, kept)), place.line,
                                    place.column});
}

/* ---- values and directives */

static void walk_value(struct gql_checker *c, struct gql_value *v)
{
  if (!gql_spend(c, 1 + v->children.count))
    return;
  if (v->kind == GQL_VARIABLE && c->operation) {
    v->variable = NULL;
    for (uint32_t i = 0; i < c->operation->variables.count && !v->variable; i++)
      if (str_eq(c->operation->variables.items[i].name, v->raw)) {
        v->variable = &c->operation->variables.items[i];
        c->operation->variables.items[i].used = true;
      }
    gql_spend(c, c->operation->variables.count);
  }
  for (uint32_t i = 0; i < v->children.count; i++) {
    struct gql_child *child = &v->children.items[i];
    const struct gql_field *f =
        v->kind == GQL_OBJECT && v->definition ? gql_field_named(v->definition, child->name) : NULL;
    if (f) {
      child->value->expected = f->type;
      child->value->expected_has_default = f->default_value && f->default_value->kind != GQL_NULL;
      child->value->definition = gql_find_type(c->schema, gql_type_name(f->type));
      gql_spend(c, v->definition->fields.count);
    } else if (v->kind == GQL_LIST_VALUE && v->expected && v->expected->elem) {
      child->value->expected = v->expected->elem;
      child->value->definition = v->definition;
    }
    walk_value(c, child->value);
  }
  gql_rules_value(c, v);
}

static void walk_arguments(struct gql_checker *c, const struct gql_inputs *inputs,
                           const struct gql_arguments *arguments)
{
  for (uint32_t i = 0; i < arguments->count; i++) {
    struct gql_value *v = arguments->items[i].value;
    const struct gql_input *in = inputs ? gql_input_named(inputs, arguments->items[i].name) : NULL;
    if (in) {
      v->expected = in->type;
      v->expected_has_default = in->default_value && in->default_value->kind != GQL_NULL;
      v->definition = gql_find_type(c->schema, gql_type_name(in->type));
      gql_spend(c, inputs->count);
    }
    walk_value(c, v);
  }
}

static void walk_directives(struct gql_checker *c, struct gql_directives *list, struct str location)
{
  for (uint32_t i = 0; i < list->count && gql_spend(c, 1); i++) {
    struct gql_directive *d = &list->items[i];
    d->definition = gql_find_directive(c->schema, d->name);
    d->location = location;
    walk_arguments(c, d->definition ? &d->definition->arguments : NULL, &d->arguments);
    gql_rules_directive(c, d);
  }
  gql_rules_directives(c, list);
}

/* ---- selections */

static void walk_selections(struct gql_checker *c, const struct gql_definition *parent,
                            struct gql_selections *list);

static void walk_field(struct gql_checker *c, const struct gql_definition *parent,
                       struct gql_selection *s)
{
  static const struct gql_type string = {.name = STR_INIT("String")};
  static const struct gql_field type_name = {.name = STR_INIT("__typename"),
                                             .type = (struct gql_type *)&string};
  const struct gql_definition *next = NULL;
  s->object = parent;
  s->definition = str_eq(s->name, STR("__typename")) ? &type_name
                  : parent                           ? gql_field_named(parent, s->name)
                                                     : NULL;
  if (s->definition)
    next = gql_find_type(c->schema, gql_type_name(s->definition->type));
  gql_spend(c, parent ? parent->fields.count : 0);
  walk_arguments(c, s->definition ? &s->definition->arguments : NULL, &s->arguments);
  walk_directives(c, &s->directives, STR("FIELD"));
  walk_selections(c, next, &s->selections);
  gql_rules_field(c, s);
}

static void walk_inline(struct gql_checker *c, const struct gql_definition *parent,
                        struct gql_selection *s)
{
  s->object = parent;
  walk_directives(c, &s->directives, STR("INLINE_FRAGMENT"));
  walk_selections(c, s->condition.len ? gql_find_type(c->schema, s->condition) : parent,
                  &s->selections);
  gql_rules_inline(c, s);
}

/* The fragment's content is seen where it is first spread in an operation. */
static void walk_spread(struct gql_checker *c, const struct gql_definition *parent,
                        struct gql_selection *s)
{
  union map_value *found = map_get(&c->fragments, s->name);
  s->fragment = found ? found->pointer : NULL;
  s->object = parent;
  walk_directives(c, &s->directives, STR("FRAGMENT_SPREAD"));
  bool is_new = false;
  if (s->fragment)
    map_put(&c->walked, s->name, &is_new);
  if (is_new) {
    walk_directives(c, &s->fragment->directives, STR("FRAGMENT_DEFINITION"));
    walk_selections(c, gql_find_type(c->schema, s->fragment->condition), &s->fragment->selections);
  }
  gql_rules_spread(c, s);
}

static void walk_selections(struct gql_checker *c, const struct gql_definition *parent,
                            struct gql_selections *list)
{
  static void (*const walks[])(struct gql_checker * c, const struct gql_definition *parent,
                               struct gql_selection *s) = {
      [GQL_FIELD] = walk_field, [GQL_SPREAD] = walk_spread, [GQL_INLINE] = walk_inline};
  if (++c->depth > 4 * GRAPHQL_DEPTH_MAX)
    c->over = true;
  for (uint32_t i = 0; i < list->count && gql_spend(c, 1); i++)
    walks[list->items[i].kind](c, parent, &list->items[i]);
  c->depth--;
}

/* ---- operations and fragments */

static void walk_operation(struct gql_checker *c, struct gql_operation *op)
{
  const struct graphql_schema *s = c->schema;
  bool is_mutation = str_eq(op->operation, STR("mutation")),
       is_subscription = str_eq(op->operation, STR("subscription"));
  const struct gql_definition *root = is_mutation       ? s->mutation
                                      : is_subscription ? s->subscription
                                                        : s->query;
  c->operation = op;
  map_clear(&c->walked);
  for (uint32_t i = 0; i < op->variables.count; i++) {
    struct gql_variable *v = &op->variables.items[i];
    v->definition = gql_find_type(s, gql_type_name(v->type));
    v->used = false;
    gql_rules_variable(c, v);
    if (v->default_value) {
      v->default_value->expected = v->type;
      v->default_value->definition = v->definition;
    }
  }
  for (uint32_t i = 0; i < op->variables.count; i++) {
    if (op->variables.items[i].default_value)
      walk_value(c, op->variables.items[i].default_value);
    walk_directives(c, &op->variables.items[i].directives, STR("VARIABLE_DEFINITION"));
  }
  walk_directives(c, &op->directives,
                  is_mutation       ? STR("MUTATION")
                  : is_subscription ? STR("SUBSCRIPTION")
                                    : STR("QUERY"));
  walk_selections(c, root, &op->selections);
  gql_rules_operation(c, op);
  c->operation = NULL;
}

static void walk_fragment(struct gql_checker *c, struct gql_fragment *f)
{
  map_clear(&c->walked);
  f->definition = gql_find_type(c->schema, f->condition);
  walk_directives(c, &f->directives, STR("FRAGMENT_DEFINITION"));
  walk_selections(c, f->definition, &f->selections);
  gql_rules_fragment(c, f);
}

static void walk(struct gql_checker *c)
{
  struct graphql_query *query = c->query;
  for (uint32_t i = 0; i < query->fragments.count; i++) {
    bool added;
    union map_value *v = map_put(&c->fragments, query->fragments.items[i].name, &added);
    if (added)
      v->pointer = &query->fragments.items[i];
  }
  for (uint32_t i = 0; i < query->operations.count && !c->over; i++)
    walk_operation(c, &query->operations.items[i]);
  for (uint32_t i = 0; i < query->fragments.count && !c->over; i++)
    walk_fragment(c, &query->fragments.items[i]);
}

int graphql_check(struct arena *a, const struct graphql_schema *schema, struct graphql_query *query,
                  const struct graphql_budget *budget, struct graphql_problems *ret_problems,
                  struct error *err)
{
  struct gql_checker c = {.arena = a, .schema = schema, .query = query, .budget = budget};
  map_init(&c.misplaced, a);
  map_init(&c.fragment_pairs, a);
  walk(&c);
  struct map *const maps[] = {&c.fragments,      &c.walked,          &c.used_fragments,
                              &c.seen_fragments, &c.seen_operations, &c.cycle_free,
                              &c.misplaced,      &c.fragment_pairs};
  for (unsigned i = 0; i < sizeof maps / sizeof *maps; i++)
    map_free(maps[i]);
  if (c.over)
    return error_set(err, SW_ELIMIT, "the query is too large or too intricate");
  if (!c.problems.count)
    return 0;
  const struct graphql_problem *first = &c.problems.items[0];
  *ret_problems = (struct graphql_problems){c.problems.items, c.problems.count};
  return error_set_at(err, SW_EINVAL, (uint32_t)first->line,
                      first->column > 0 ? (uint32_t)first->column : 0, "%.*s",
                      STR_FMT(first->message));
}
