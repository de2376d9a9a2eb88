/* Terms and comprehensions. */
#include "lang/rego/plan_int.h"

#include "data/compare.h"

/* ---- constants */

static struct value constant_list(struct planner *p, const struct check_term *t)
{
  struct value *items = arena_array(p->arena, struct value, t->count + 1);
  for (uint32_t i = 0; i < t->count; i++)
    items[i] = plan_constant_value(p, &t->items[i]);
  return t->kind == CHECK_SET ? value_set_make(&p->program->arena, items, t->count)
                              : value_array_make(&p->program->arena, items, NULL, t->count);
}

static struct value constant_object(struct planner *p, const struct check_term *t)
{
  struct value_member *members = arena_array(p->arena, struct value_member, t->count + 1);
  for (uint32_t i = 0; i < t->count; i++)
    members[i] = (struct value_member){plan_constant_value(p, &t->items[2 * i]),
                                       plan_constant_value(p, &t->items[2 * i + 1])};
  struct value object;
  value_object_make_any(&p->program->arena, members, NULL, t->count, VALUE_LAST_WINS, NULL,
                        &object);
  return object;
}

struct value plan_constant_value(struct planner *p, const struct check_term *t)
{
  switch (t->kind) {
  case CHECK_ARRAY:
  case CHECK_SET:
    return constant_list(p, t);
  case CHECK_OBJECT:
    return constant_object(p, t);
  default: {
    uint32_t number = plan_constant_number(p, t->value);
    return p->constants.items[number];
  }
  }
}

/* ---- containers */

static operand container(struct planner *p, const struct check_term *t)
{
  uint32_t count = t->kind == CHECK_OBJECT ? t->count * 2 : t->count;
  operand *parts = arena_array(p->arena, operand, count + 1);
  for (uint32_t i = 0; i < count; i++)
    parts[i] = plan_term(p, &t->items[i]);
  if (count > UINT16_MAX) {
    plan_fail(p, SW_ELIMIT, "a literal with more than %d parts", UINT16_MAX);
    return 0;
  }
  operand to = plan_register(p);
  enum vm_operation op = t->kind == CHECK_ARRAY    ? VM_ARRAY
                         : t->kind == CHECK_OBJECT ? VM_OBJECT
                                                   : VM_SET;
  uint32_t list = plan_list(p, parts, count);
  plan_emit(p, op, to, 0, count)->d = list;
  return to;
}

/* ---- comprehensions */

static operand fill(struct planner *p, const struct check_term *t)
{
  const struct check_comprehension *comprehension = t->comprehension;
  unsigned kind = t->kind == CHECK_ARRAY_COMPREHENSION ? VM_COLLECT_ARRAY
                  : t->kind == CHECK_SET_COMPREHENSION ? VM_COLLECT_SET
                                                       : VM_COLLECT_OBJECT;
  operand filled = plan_register(p);
  plan_emit(p, VM_COLLECT, filled, 0, kind);
  uint32_t outer = p->fail, done = plan_label(p), loops = p->loops;
  bool ordered = p->ordered;
  size_t mark = p->trail.count;
  p->ordered = kind == VM_COLLECT_ARRAY || p->options->instrument;
  p->fail = done;
  plan_literals(p, &comprehension->body);
  if (kind == VM_COLLECT_OBJECT) {
    operand key = plan_term(p, &comprehension->key);
    operand value = plan_term(p, &comprehension->value);
    plan_emit(p, VM_PUT, filled, key, value);
  } else {
    operand value = plan_term(p, &comprehension->value);
    plan_emit(p, VM_ADD, filled, value, 0);
  }
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

/* A comprehension that depends on nothing that changes in the loops around it is made once. */
operand plan_comprehension(struct planner *p, const struct check_term *t)
{
  if (p->loops == 0 || p->with_depth || p->options->no_optimiser || p->options->instrument)
    return fill(p, t);
  if (!plan_is_closed(p, t)) {
    struct plan_join join;
    return plan_join_find(p, t, &join) ? plan_join(p, t, &join) : fill(p, t);
  }
  operand kept = plan_once_register(p);
  uint32_t there = plan_label(p);
  plan_emit_to(p, VM_IF_PRESENT, 0, kept, 0, 0, there);
  operand made = fill(p, t);
  plan_emit(p, VM_MOVE, kept, made, 0);
  plan_bind(p, there);
  return kept;
}

operand plan_term(struct planner *p, const struct check_term *t)
{
  if (p->failed)
    return 0;
  if (t->place.line)
    p->place = t->place;
  switch (t->kind) {
  case CHECK_CONSTANT:
    return plan_constant(p, t->value);
  case CHECK_LOCAL:
    if (plan_is_bound(p, t->local))
      return p->bound[t->local];
    plan_fail(p, SW_EUNSUPPORTED, "a variable has no value here");
    return 0;
  case PLAN_EVALUATED:
    return (operand)t->local;
  case CHECK_REF:
    return plan_ref(p, t);
  case CHECK_ARRAY:
  case CHECK_OBJECT:
  case CHECK_SET:
    return t->constant ? plan_constant(p, plan_constant_value(p, t)) : container(p, t);
  default:
    return plan_comprehension(p, t);
  }
}
