/* What needs to be evaluated at most once in a call of a function. */
#include "lang/rego/plan_int.h"
#include "lang/vm/collect.h"

#include <string.h>

struct closed {
  const struct planner *p;
  bool open;
  int64_t except;    /* a local that may change; -1: none */
  uint32_t excepted; /* how often it was mentioned */
};

/* A local that is bound outside must be an argument or a constant: the same as long as the call lasts. */
static bool is_fixed(const struct planner *p, uint32_t local)
{
  if (!plan_is_bound(p, local))
    return true;
  operand o = p->bound[local];
  const struct check_path *path = p->queue.items[p->function].path;
  uint32_t arity = path && path->is_function ? path->arity : 0;
  return o & VM_CONSTANT || o < arity;
}

static void look(struct closed *c, const struct check_term *t);

static void look_local(struct closed *c, uint32_t local)
{
  if (local == c->except)
    c->excepted++;
  else
    c->open |= !is_fixed(c->p, local);
}

static void look_body(struct closed *c, const struct check_body *body)
{
  for (uint32_t i = 0; i < body->count && !c->open; i++) {
    const struct check_literal *l = &body->items[i];
    for (uint32_t j = 0; j < l->count; j++)
      look(c, &l->terms[j]);
    for (uint32_t j = 0; j < l->body_count; j++)
      look_body(c, &l->bodies[j]);
    /* Overrides, and what need not give the same twice. */
    if (l->with_count || (l->function && l->function->flags & BUILTIN_NONDETERMINISTIC))
      c->open = true;
  }
}

static void look(struct closed *c, const struct check_term *t)
{
  uint32_t count = 0;
  switch (t->kind) {
  case CHECK_CONSTANT:
    return;
  case CHECK_LOCAL:
    look_local(c, t->local);
    return;
  case CHECK_REF:
    if (t->root == CHECK_ROOT_LOCAL)
      look_local(c, t->local);
    count = t->count;
    break;
  case CHECK_ARRAY:
  case CHECK_SET:
    count = t->count;
    break;
  case CHECK_OBJECT:
    count = t->count * 2;
    break;
  default:
    if (t->kind == CHECK_OBJECT_COMPREHENSION)
      look(c, &t->comprehension->key);
    look(c, &t->comprehension->value);
    look_body(c, &t->comprehension->body);
    return;
  }
  for (uint32_t i = 0; i < count && !c->open; i++)
    look(c, &t->items[i]);
}

bool plan_is_closed(const struct planner *p, const struct check_term *t)
{
  struct closed c = {.p = p, .except = -1};
  look(&c, t);
  return !c.open;
}

operand plan_once_register(struct planner *p)
{
  operand o = plan_register(p);
  vec_push(&p->once, o);
  return o;
}

/* Puts the clearing of such registers in front of the function, whose jumps are still labels. */
void plan_once_clear(struct planner *p)
{
  size_t count = p->once.count, rest = p->code.count - p->start;
  if (count == 0)
    return;
  for (size_t i = 0; i < count; i++)
    plan_emit(p, VM_CLEAR, p->once.items[i], 0, 0);
  struct vm_instruction *code = p->code.items + p->start;
  struct vm_place *places = p->places.items + p->start;
  for (size_t i = 0; i < count; i++) {
    struct vm_instruction clear = code[rest + i];
    struct vm_place place = places[rest + i];
    memmove(code + i + 1, code + i, rest * sizeof *code);
    memmove(places + i + 1, places + i, rest * sizeof *places);
    code[i] = clear;
    places[i] = place;
  }
  for (size_t i = 0; i < p->labels.count; i++)
    if (p->labels.items[i] != PLAN_NO_LABEL)
      p->labels.items[i] += (uint32_t)count;
}

/* ---- joins */

/* A variable that changes in the loops around, or a constant path below one. */
static bool is_changing(const struct planner *p, const struct check_term *t)
{
  if (t->kind == CHECK_REF && t->root == CHECK_ROOT_LOCAL)
    for (uint32_t i = 0; i < t->count; i++)
      if (t->items[i].kind != CHECK_CONSTANT)
        return false;
  return (t->kind == CHECK_LOCAL || (t->kind == CHECK_REF && t->root == CHECK_ROOT_LOCAL)) &&
         !is_fixed(p, t->local);
}

static bool is_join(const struct planner *p, const struct check_literal *l, struct plan_join *ret)
{
  if (l->kind != CHECK_UNIFY || l->negated || l->with_count)
    return false;
  for (unsigned i = 0; i < 2; i++) {
    const struct check_term *side = &l->terms[i], *other = &l->terms[!i];
    if (is_changing(p, side) && other->kind == CHECK_REF && !is_changing(p, other)) {
      ret->local = side->local;
      ret->key = side;
      ret->reference = other;
      return true;
    }
  }
  return false;
}

bool plan_join_find(struct planner *p, const struct check_term *t, struct plan_join *ret)
{
  const struct check_body *body = &t->comprehension->body;
  if (t->kind == CHECK_OBJECT_COMPREHENSION)
    return false;
  for (uint32_t i = 0; i < body->count; i++) {
    if (!is_join(p, &body->items[i], ret))
      continue;
    struct closed c = {.p = p, .except = ret->local};
    ret->literal = i;
    look(&c, t);
    if (c.open || c.excepted != 1)
      return false;
    /* What stood behind the comparison is evaluated for all: it must not be able to fail. */
    for (uint32_t j = i + 1; j < body->count; j++)
      if (!plan_is_harmless(p, &body->items[j]))
        return false;
    return plan_is_plain(ret->reference) && plan_is_plain(&t->comprehension->value);
  }
  return false;
}

static operand gather(struct planner *p, const struct check_term *t, const struct plan_join *join)
{
  const struct check_comprehension *comprehension = t->comprehension;
  bool is_array = t->kind == CHECK_ARRAY_COMPREHENSION, ordered = p->ordered;
  operand filled = plan_register(p);
  plan_emit(p, VM_COLLECT, filled, 0, VM_COLLECT_OBJECT);
  uint32_t outer = p->fail, done = plan_label(p), loops = p->loops;
  size_t mark = p->trail.count;
  p->ordered = is_array;
  p->fail = done;
  plan_literals_range(p, &comprehension->body, 0, join->literal);
  operand list[2] = {plan_term(p, join->reference), 0};
  plan_literals_range(p, &comprehension->body, join->literal + 1, comprehension->body.count);
  list[1] = plan_term(p, &comprehension->value);
  uint32_t at = plan_list(p, list, 2);
  plan_emit(p, VM_PUT_DEEP, filled, is_array ? VM_LEAF_ARRAY_ELEMENT : VM_LEAF_SET_ELEMENT, 2)->d =
      at;
  if (p->loops != loops)
    plan_jump(p, p->fail);
  plan_bind(p, done);
  plan_forget(p, mark);
  p->fail = outer;
  p->loops = loops;
  p->ordered = ordered;
  operand to = plan_register(p);
  plan_emit(p, VM_FINISH, to, filled, 0);
  return to;
}

operand plan_join(struct planner *p, const struct check_term *t, const struct plan_join *join)
{
  operand kept = plan_once_register(p), to = plan_register(p);
  uint32_t there = plan_label(p), none = plan_label(p), go = plan_label(p);
  struct value empty = {.type = t->kind == CHECK_ARRAY_COMPREHENSION ? VALUE_ARRAY : VALUE_SET};
  plan_emit_to(p, VM_IF_PRESENT, 0, kept, 0, 0, there);
  operand made = gather(p, t, join);
  plan_emit(p, VM_MOVE, kept, made, 0);
  plan_bind(p, there);
  uint32_t outer = p->fail;
  p->fail = none;
  operand key = plan_term(p, join->key);
  plan_emit(p, VM_GET, to, kept, key);
  p->fail = outer;
  plan_jump(p, go);
  plan_bind(p, none);
  plan_emit(p, VM_MOVE, to, plan_constant(p, empty), 0);
  plan_bind(p, go);
  return to;
}
