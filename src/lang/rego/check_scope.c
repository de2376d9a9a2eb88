/*
 * Scopes: what is declared where, and which local a name is. A body owns the names that it declares in
 * all of it; a name that nothing declares belongs to the whole rule.
 */
#include "lang/rego/check_int.h"

uint32_t check_new_local(struct checker *c, uint32_t name, struct rego_place place)
{
  check_spend(c, 1);
  vec_push(&c->locals, (struct check_local){name, place});
  return (uint32_t)(c->locals.count - 1);
}

static void bind_name(struct checker *c, uint32_t name, uint32_t local,
                      enum check_occurrence occurrence, struct rego_place place)
{
  vec_push(&c->bindings, (struct check_binding){.name = name,
                                                .local = local,
                                                .occurrence = (uint8_t)occurrence,
                                                .shadowed = c->top[name],
                                                .place = place});
  c->top[name] = (int64_t)c->bindings.count - 1;
}

uint32_t check_declare(struct checker *c, const struct rego_term *var,
                       enum check_occurrence occurrence, struct rego_place place)
{
  static const char *const messages[] = {
      [OCCURRENCE_ARG] = "arg %.*s redeclared",
      [OCCURRENCE_SEEN] = "var %.*s referenced above",
      [OCCURRENCE_ASSIGNED] = "var %.*s assigned above",
      [OCCURRENCE_DECLARED] = "var %.*s declared above",
  };
  uint32_t name = var->kind == REGO_REF ? var->items[0].var : var->var;
  if (name & REGO_WILDCARD)
    return check_new_local(c, name, var->place);
  if (c->top[name] >= (int64_t)c->scope) {
    struct str text = check_name(c, name);
    _cleanup_(buf_free) struct buf message = {0};
    const char *format = messages[c->bindings.items[c->top[name]].occurrence];
    struct str before = str_sub(str_from(format), 0, 4);
    struct str after = str_sub(str_from(format), 8, 100);
    buf_printf(&message, "%.*s%.*s%.*s", STR_FMT(before), STR_FMT(text), STR_FMT(after));
    check_fail(c, STAGE_LOCALS, REGO_COMPILE_ERROR, place, "%s", buf_text(&message));
    return c->bindings.items[c->top[name]].local;
  }
  uint32_t local = check_new_local(c, name, var->place);
  bind_name(c, name, local, occurrence, place);
  return local;
}

void check_ignore(struct checker *c, uint32_t name)
{
  if (name & REGO_WILDCARD)
    return;
  c->ignored[name]++;
  vec_push(&c->ignored_names, name);
}

static void ignore_vars(struct checker *c, const struct rego_term *term)
{
  check_spend(c, 1);
  if (term->kind == REGO_VAR)
    check_ignore(c, term->var);
  else if (term->kind == REGO_ARRAY || term->kind == REGO_OBJECT || term->kind == REGO_SET ||
           term->kind == REGO_CALL || (term->kind == REGO_REF && term->count > 1))
    for (uint32_t i = check_is_named_call(term);
         i < term->count * (term->kind == REGO_OBJECT ? 2 : 1); i++)
      ignore_vars(c, &term->items[i]);
}

/* Names that a body declares anywhere mean nothing else in all of it. */
void check_ignore_declared(struct checker *c, struct rego_body body)
{
  for (uint32_t i = 0; i < body.count && check_spend(c, 1); i++) {
    const struct rego_expr *e = &body.items[i];
    if (e->kind == REGO_EXPR_ASSIGN)
      ignore_vars(c, &e->terms[0]);
    else if (e->kind == REGO_EXPR_SOME || e->kind == REGO_EXPR_SOME_IN)
      for (uint32_t j = 0; j < e->count - (e->kind == REGO_EXPR_SOME_IN); j++)
        ignore_vars(c, &e->terms[j]);
  }
}

struct check_mark check_push_scope(struct checker *c, struct rego_body body)
{
  struct check_mark mark = {c->scope, c->ignored_names.count};
  c->scope = c->bindings.count;
  check_ignore_declared(c, body);
  return mark;
}

static void check_unused(struct checker *c, const struct check_binding *b)
{
  if (b->count || c->stages[STAGE_LOCALS].count)
    return;
  if (b->occurrence == OCCURRENCE_DECLARED)
    check_fail(c, STAGE_LOCALS, REGO_COMPILE_ERROR, b->place, "declared var %.*s unused",
               STR_FMT(check_name(c, b->name)));
  else if (b->occurrence == OCCURRENCE_ASSIGNED && c->options->strict)
    check_fail(c, STAGE_LOCALS, REGO_COMPILE_ERROR, b->place, "assigned var %.*s unused",
               STR_FMT(check_name(c, b->name)));
}

void check_pop_scope(struct checker *c, struct check_mark mark)
{
  size_t end = c->bindings.count;
  for (size_t i = c->scope; i < end; i++)
    check_unused(c, &c->bindings.items[i]);
  while (c->bindings.count > c->scope) {
    struct check_binding b = vec_pop(&c->bindings);
    c->top[b.name] = b.shadowed;
  }
  while (c->ignored_names.count > mark.ignored)
    c->ignored[vec_pop(&c->ignored_names)]--;
  c->scope = mark.scope;
}

/* The local of a name that is no global. */
uint32_t check_local_of(struct checker *c, const struct rego_term *var)
{
  uint32_t name = var->var;
  if (name & REGO_WILDCARD)
    return check_new_local(c, name, var->place);
  if (c->top[name] >= 0) {
    struct check_binding *b = &c->bindings.items[c->top[name]];
    b->count++;
    return b->local;
  }
  if (c->wide[name] < 0) {
    c->wide[name] = check_new_local(c, name, var->place);
    vec_push(&c->wide_names, name);
  }
  bind_name(c, name, (uint32_t)c->wide[name], OCCURRENCE_SEEN, var->place);
  return (uint32_t)c->wide[name];
}
