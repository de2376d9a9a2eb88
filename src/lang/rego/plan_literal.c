/* Literals: tests, negation, quantifiers, `with`. */
#include "lang/rego/plan_int.h"

#include "data/compare.h"

static void plan_bare(struct planner *p, const struct check_literal *l);

/* ---- tuples */

void plan_tuples_begin(struct planner *p, struct plan_tuples *t)
{
  t->collection = plan_register(p);
  plan_emit(p, VM_COLLECT, t->collection, 0, VM_COLLECT_ARRAY);
}

void plan_tuples_add(struct planner *p, struct plan_tuples *t, operand value)
{
  uint32_t count = (uint32_t)t->locals.count;
  operand *parts = arena_array(p->arena, operand, count + 1);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t local = t->locals.items[i];
    parts[i] = p->uses[local] == 1 || p->bound[local] == VM_NONE ? plan_constant(p, value_null())
                                                                 : p->bound[local];
  }
  parts[count] = value;
  operand tuple = plan_register(p);
  uint32_t list = plan_list(p, parts, count + 1);
  plan_emit(p, VM_ARRAY, tuple, 0, count + 1)->d = list;
  plan_emit(p, VM_ADD, t->collection, tuple, 0);
}

operand plan_tuples_end(struct planner *p, struct plan_tuples *t)
{
  uint32_t count = (uint32_t)t->locals.count;
  operand all = plan_register(p), walk = plan_registers(p, 2), tuple = plan_register(p);
  plan_emit(p, VM_FINISH, all, t->collection, 0);
  plan_emit(p, VM_ITERATE, walk, all, 0);
  uint32_t next = plan_label(p);
  plan_bind(p, next);
  plan_emit(p, VM_NEXT, walk, VM_NONE, tuple);
  p->fail = next;
  p->loops++;
  for (uint32_t i = 0; i < count; i++) {
    operand part = plan_register(p);
    plan_emit(p, VM_ELEMENT, part, tuple, 0)->d = i;
    plan_bind_local(p, t->locals.items[i], part);
  }
  operand value = plan_register(p);
  plan_emit(p, VM_ELEMENT, value, tuple, 0)->d = count;
  vec_free(&t->locals);
  return value;
}

/* ---- closures */

/* What negation and quantifiers have in common: planned on their own, they bind nothing outside. */
struct closure {
  uint32_t fail, loops;
  size_t mark;
  bool ordered;
};

static struct closure closure_begin(struct planner *p, uint32_t fail)
{
  struct closure c = {p->fail, p->loops, p->trail.count, p->ordered};
  p->fail = fail;
  p->ordered = p->options->instrument;
  return c;
}

static void closure_end(struct planner *p, struct closure c)
{
  plan_forget(p, c.mark);
  p->fail = c.fail;
  p->loops = c.loops;
  p->ordered = c.ordered;
}

/* ---- with */

int32_t plan_mock_slot(const struct planner *p, const void *function)
{
  for (size_t i = 0; i < p->mocks.count; i++)
    if (p->mocks.items[i] == function)
      return (int32_t)i;
  return -1;
}

static struct vm_override target_of(struct planner *p, const struct check_with *with)
{
  struct vm_override o = {.number = UINT32_MAX};
  const struct check_term *t = &with->target;
  if (with->target_function || (t->path && t->known == t->count && plan_is_function(t->path))) {
    const void *function = with->target_function ? (const void *)with->target_function : t->path;
    o.number = (uint32_t)plan_mock_slot(p, function);
    o.kind = with->value_function ? VM_OVERRIDE_BUILTIN
             : with->value_path   ? VM_OVERRIDE_FUNCTION
                                  : VM_OVERRIDE_VALUE;
    if (with->value_function)
      o.other = plan_builtin(p, str_from(with->value_function->name));
    if (with->value_path)
      o.other = plan_function_of(p, PLAN_RULES, with->value_path);
    return o;
  }
  struct value *keys = arena_array(p->arena, struct value, t->count + 1);
  for (uint32_t i = 0; i < t->count; i++)
    keys[i] = t->items[i].value;
  o.kind = t->root == CHECK_ROOT_INPUT ? VM_OVERRIDE_INPUT : VM_OVERRIDE_DATA;
  o.keys = plan_keys(p, keys, t->count);
  o.key_count = t->count;
  if (o.kind == VM_OVERRIDE_DATA && t->path && t->known == t->count)
    for (uint32_t i = 0; i < p->targets.count; i++)
      if (p->targets.items[i].path == t->path)
        o.number = i;
  return o;
}

static operand enter_with(struct planner *p, const struct check_literal *l)
{
  operand saved = plan_register(p);
  struct vm_override *made = arena_array(p->arena, struct vm_override, l->with_count);
  for (uint32_t i = 0; i < l->with_count; i++) {
    const struct check_with *with = &l->with[i];
    p->place = with->place;
    operand value = 0;
    if (!with->value_function && !with->value_path)
      value = plan_term(p, &with->value);
    made[i] = target_of(p, with);
    made[i].value = value;
  }
  struct vm_with with = {(uint32_t)p->overrides.count, l->with_count};
  for (uint32_t i = 0; i < l->with_count; i++)
    vec_push(&p->overrides, made[i]);
  vec_push(&p->withs, with);
  plan_emit(p, VM_WITH, saved, 0, 0)->d = (uint32_t)p->withs.count - 1;
  return saved;
}

/* Behind the literal: back to the outer context, on success and on failure. */
static void leave_with(struct planner *p, operand saved, uint32_t pad, uint32_t outer)
{
  uint32_t go = plan_label(p);
  plan_emit(p, VM_RESTORE, saved, 0, 0);
  plan_jump(p, go);
  plan_bind(p, pad);
  plan_emit(p, VM_RESTORE, saved, 0, 0);
  plan_jump(p, outer);
  plan_bind(p, go);
  p->fail = outer;
}

static void with_test(struct planner *p, const struct check_literal *l)
{
  operand saved = enter_with(p, l);
  uint32_t outer = p->fail, loops = p->loops, pad = plan_label(p);
  p->fail = pad;
  p->with_depth++;
  plan_bare(p, l);
  p->with_depth--;
  leave_with(p, saved, pad, outer);
  p->loops = loops;
}

static bool binds_something(const struct planner *p, const struct check_literal *l)
{
  for (uint32_t i = 0; i < l->bind_count; i++)
    if (!plan_is_bound(p, l->binds[i]))
      return true;
  return false;
}

static void with_answers(struct planner *p, const struct check_literal *l)
{
  struct plan_tuples tuples = {0};
  for (uint32_t i = 0; i < l->bind_count; i++)
    if (!plan_is_bound(p, l->binds[i]))
      vec_push(&tuples.locals, l->binds[i]);
  plan_tuples_begin(p, &tuples);
  operand saved = enter_with(p, l);
  uint32_t outer = p->fail, loops = p->loops, pad = plan_label(p);
  size_t mark = p->trail.count;
  p->fail = pad;
  p->with_depth++;
  plan_bare(p, l);
  p->with_depth--;
  plan_tuples_add(p, &tuples, plan_constant(p, value_null()));
  plan_jump(p, p->fail);
  plan_bind(p, pad);
  plan_emit(p, VM_RESTORE, saved, 0, 0);
  plan_forget(p, mark);
  p->fail = outer;
  p->loops = loops;
  plan_tuples_end(p, &tuples);
}

/* ---- negation, every, and, or */

static void plan_positive(struct planner *p, const struct check_literal *l)
{
  if (l->with_count == 0)
    plan_bare(p, l);
  else if (binds_something(p, l))
    with_answers(p, l);
  else
    with_test(p, l);
}

/*
 * A negated literal holds if it is undefined, but what its arguments refer to must be there: as calls
 * in its arguments have been taken out of it, so are references. At the top of a unification or of a
 * test they stay.
 */
static struct check_term before_negation(struct planner *p, const struct check_term *t, bool stays)
{
  struct check_term made = *t;
  uint32_t count = t->kind == CHECK_OBJECT ? t->count * 2 : t->count;
  if (t->kind == CHECK_REF && !stays)
    return (struct check_term){.kind = PLAN_EVALUATED, .place = t->place, .local = plan_term(p, t)};
  if (t->constant || t->kind < CHECK_REF || t->kind > CHECK_SET)
    return made;
  made.items = arena_array(p->arena, struct check_term, count + 1);
  for (uint32_t i = 0; i < count; i++)
    made.items[i] = before_negation(p, &t->items[i], false);
  return made;
}

static struct check_literal without_references(struct planner *p, const struct check_literal *l)
{
  struct check_literal made = *l;
  bool stays = l->kind != CHECK_CALL;
  made.terms = arena_array(p->arena, struct check_term, l->count + 1);
  for (uint32_t i = 0; i < l->count; i++)
    made.terms[i] = l->has_output && i + 1 == l->count ? l->terms[i]
                                                       : before_negation(p, &l->terms[i], stays);
  return made;
}

static bool has_references(const struct check_term *t, bool stays)
{
  if (t->kind == CHECK_REF && !stays)
    return true;
  if (t->constant || t->kind < CHECK_REF || t->kind > CHECK_SET)
    return false;
  uint32_t count = t->kind == CHECK_OBJECT ? t->count * 2 : t->count;
  for (uint32_t i = 0; i < count; i++)
    if (has_references(&t->items[i], false))
      return true;
  return false;
}

static bool asks_before(const struct check_literal *l)
{
  for (uint32_t i = 0; i < l->count; i++)
    if (has_references(&l->terms[i], l->kind != CHECK_CALL))
      return true;
  return false;
}

/* The references of a negated literal, evaluated as the literal itself will be. */
static struct check_literal evaluate_before(struct planner *p, const struct check_literal *l)
{
  if (l->with_count == 0)
    return without_references(p, l);
  operand saved = enter_with(p, l);
  uint32_t outer = p->fail, pad = plan_label(p);
  p->fail = pad;
  p->with_depth++;
  struct check_literal made = without_references(p, l);
  p->with_depth--;
  leave_with(p, saved, pad, outer);
  return made;
}

static void plan_negated(struct planner *p, const struct check_literal *l)
{
  struct check_literal made;
  if (asks_before(l)) {
    made = evaluate_before(p, l);
    l = &made;
  }
  uint32_t holds = plan_label(p);
  struct closure c = closure_begin(p, holds);
  plan_positive(p, l);
  plan_jump(p, c.fail);
  plan_bind(p, holds);
  closure_end(p, c);
}

static void plan_not(struct planner *p, const struct check_literal *l)
{
  uint32_t holds = plan_label(p);
  struct closure c = closure_begin(p, holds);
  plan_literals(p, &l->bodies[0]);
  plan_jump(p, c.fail);
  plan_bind(p, holds);
  closure_end(p, c);
}

static void plan_every(struct planner *p, const struct check_literal *l)
{
  operand domain = plan_term(p, &l->terms[0]);
  operand walk = plan_registers(p, 2), key = VM_NONE, value = VM_NONE;
  uint32_t done = plan_label(p), next = plan_label(p);
  plan_emit(p, VM_IS_CONTAINER, 0, domain, 0);
  plan_emit_to(p, VM_ITERATE, walk, domain, p->ordered, 0, done);
  plan_bind(p, next);
  if (l->key != CHECK_NO_LOCAL)
    key = plan_register(p);
  if (l->value != CHECK_NO_LOCAL)
    value = plan_register(p);
  plan_emit_to(p, VM_NEXT, walk, key, value, 0, done);
  struct closure c = closure_begin(p, p->fail);
  if (key != VM_NONE)
    plan_bind_local(p, (uint32_t)l->key, key);
  if (value != VM_NONE)
    plan_bind_local(p, (uint32_t)l->value, value);
  plan_literals(p, &l->bodies[0]);
  plan_jump(p, next);
  plan_bind(p, done);
  closure_end(p, c);
}

static void plan_and(struct planner *p, const struct check_literal *l)
{
  for (uint32_t i = 0; i < l->body_count; i++) {
    struct closure c = closure_begin(p, p->fail);
    plan_literals(p, &l->bodies[i]);
    closure_end(p, c);
  }
}

static void plan_or(struct planner *p, const struct check_literal *l)
{
  uint32_t go = plan_label(p);
  for (uint32_t i = 0; i < l->body_count; i++) {
    uint32_t next = plan_label(p);
    struct closure c = closure_begin(p, next);
    plan_literals(p, &l->bodies[i]);
    plan_jump(p, go);
    plan_bind(p, next);
    closure_end(p, c);
  }
  plan_jump(p, p->fail);
  plan_bind(p, go);
}

/* ---- tests */

static void plan_test(struct planner *p, const struct check_term *t)
{
  size_t before = p->code.count;
  operand value = plan_term(p, t);
  struct vm_instruction *last = p->code.count > before ? &p->code.items[p->code.count - 1] : NULL;
  if (!p->options->no_optimiser && last && last->a == value &&
      (last->op == VM_INPUT || last->op == VM_PATH)) {
    last->op = last->op == VM_INPUT ? VM_INPUT_TEST : VM_PATH_TEST;
    return;
  }
  plan_emit(p, VM_TEST, 0, value, 0);
}

static void plan_bare(struct planner *p, const struct check_literal *l)
{
  switch (l->kind) {
  case CHECK_TEST:
    plan_test(p, &l->terms[0]);
    break;
  case CHECK_UNIFY:
    plan_unify(p, &l->terms[0], &l->terms[1]);
    break;
  case CHECK_CALL:
    plan_call(p, l);
    break;
  case CHECK_EVERY:
    plan_every(p, l);
    break;
  case CHECK_NOT:
    plan_not(p, l);
    break;
  case CHECK_AND:
    plan_and(p, l);
    break;
  default:
    plan_or(p, l);
  }
}

/* With points: the literal is announced, and so are its failure and its next answers. */
static void plan_observed(struct planner *p, const struct check_literal *l)
{
  uint32_t point = plan_point_add(p, REGO_POINT_EXPR, l->place);
  uint32_t outer = p->fail, failed = plan_label(p), go = plan_label(p);
  size_t mark = p->trail.count;
  plan_observe(p, REGO_EVAL, point);
  uint32_t variables_before = (uint32_t)p->observations.count - 1;
  p->fail = failed;
  uint32_t loops = p->loops;
  if (l->negated)
    plan_negated(p, l);
  else
    plan_positive(p, l);
  plan_jump(p, go);
  plan_bind(p, failed);
  struct vm_observation fail = p->observations.items[variables_before];
  fail.event = REGO_FAIL;
  vec_push(&p->observations, fail);
  plan_emit(p, VM_POINT, 0, 0, 0)->d = (uint32_t)p->observations.count - 1;
  plan_jump(p, outer);
  if (p->loops != loops) {
    uint32_t redo = plan_label(p), next = p->fail;
    plan_bind(p, redo);
    fail.event = REGO_REDO;
    vec_push(&p->observations, fail);
    plan_emit(p, VM_POINT, 0, 0, 0)->d = (uint32_t)p->observations.count - 1;
    plan_jump(p, next);
    p->fail = redo;
  } else {
    p->fail = outer;
  }
  plan_bind(p, go);
  (void)mark;
}

void plan_literals(struct planner *p, const struct check_body *body)
{
  plan_literals_range(p, body, 0, body->count);
}

void plan_literals_range(struct planner *p, const struct check_body *body, uint32_t from,
                         uint32_t to)
{
  for (uint32_t i = from; i < to && !p->failed; i++) {
    const struct check_literal *l = &body->items[i];
    p->place = l->place;
    if (p->options->instrument && !p->quiet && l->place.line)
      plan_observed(p, l);
    else if (l->negated)
      plan_negated(p, l);
    else
      plan_positive(p, l);
  }
}
