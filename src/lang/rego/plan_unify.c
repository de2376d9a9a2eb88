/* Unification: which side is bound is known, so it is an assignment, a test, or a look inside. */
#include "lang/rego/plan_int.h"

#include "data/compare.h"

static bool is_container(const struct check_term *t)
{
  return t->kind == CHECK_ARRAY || t->kind == CHECK_OBJECT;
}

static void match_array(struct planner *p, const struct check_term *pattern, operand value)
{
  plan_emit(p, VM_IS_ARRAY, 0, value, 0)->d = pattern->count;
  for (uint32_t i = 0; i < pattern->count; i++) {
    const struct check_term *item = &pattern->items[i];
    if (item->kind == CHECK_LOCAL && !plan_is_bound(p, item->local) && p->uses[item->local] == 1) {
      plan_bind_local(p, item->local, 0);
      continue;
    }
    operand to = plan_register(p);
    plan_emit(p, VM_ELEMENT, to, value, 0)->d = i;
    plan_match(p, item, to);
  }
}

static void match_object(struct planner *p, const struct check_term *pattern, operand value)
{
  plan_emit(p, VM_IS_OBJECT, 0, value, 0)->d = pattern->count;
  for (uint32_t i = 0; i < pattern->count; i++) {
    operand key = plan_term(p, &pattern->items[2 * i]);
    operand to = plan_register(p);
    plan_emit(p, VM_GET, to, value, key);
    plan_match(p, &pattern->items[2 * i + 1], to);
  }
}

void plan_match(struct planner *p, const struct check_term *pattern, operand value)
{
  if (p->failed)
    return;
  if (pattern->kind == CHECK_LOCAL && !plan_is_bound(p, pattern->local)) {
    plan_bind_local(p, pattern->local, value);
  } else if (is_container(pattern) && plan_has_unbound(p, pattern)) {
    if (pattern->kind == CHECK_ARRAY)
      match_array(p, pattern, value);
    else
      match_object(p, pattern, value);
  } else {
    operand other = plan_term(p, pattern);
    plan_emit(p, VM_EQUAL, 0, other, value);
  }
}

/* ---- pairs */

struct pair {
  const struct check_term *a, *b;
};

struct pairs VEC_BODY(struct pair);

/* Pairs of members of two objects whose keys are constants; false if the keys are others. */
static bool pair_members(struct pairs *pairs, const struct check_term *a,
                         const struct check_term *b)
{
  if (a->count != b->count)
    return false;
  for (uint32_t i = 0; i < a->count; i++) {
    bool found = false;
    for (uint32_t j = 0; j < b->count && !found; j++)
      if (value_equal(a->items[2 * i].value, b->items[2 * j].value)) {
        vec_push(pairs, (struct pair){&a->items[2 * i + 1], &b->items[2 * j + 1]});
        found = true;
      }
    if (!found)
      return false;
  }
  return true;
}

static bool constant_keys(const struct check_term *object)
{
  for (uint32_t i = 0; i < object->count; i++)
    if (object->items[2 * i].kind != CHECK_CONSTANT)
      return false;
  return true;
}

/* Two containers of one kind become pairs of their parts; whether that was done. */
static bool take_apart(struct planner *p, struct pairs *pairs, struct pair pair)
{
  const struct check_term *a = pair.a, *b = pair.b;
  if (a->kind != b->kind || !is_container(a))
    return false;
  if (a->kind == CHECK_ARRAY) {
    if (a->count != b->count) {
      plan_give_up(p, a);
      plan_give_up(p, b);
      return true;
    }
    for (uint32_t i = 0; i < a->count; i++)
      vec_push(pairs, (struct pair){&a->items[i], &b->items[i]});
    return true;
  }
  if (!constant_keys(a) || !constant_keys(b))
    return false;
  if (!pair_members(pairs, a, b)) {
    plan_give_up(p, a);
    plan_give_up(p, b);
  }
  return true;
}

static bool ready(const struct planner *p, struct pair pair)
{
  return !plan_has_unbound(p, pair.a) || !plan_has_unbound(p, pair.b);
}

static void unify_ready(struct planner *p, struct pair pair)
{
  bool a_open = plan_has_unbound(p, pair.a), b_open = plan_has_unbound(p, pair.b);
  if (a_open || !b_open) {
    operand value = plan_term(p, pair.b);
    plan_match(p, pair.a, value);
  } else {
    operand value = plan_term(p, pair.a);
    plan_match(p, pair.b, value);
  }
}

static bool one_pass(struct planner *p, struct pairs *pairs)
{
  struct pairs rest = {0};
  bool moved = false;
  for (size_t i = 0; i < pairs->count && !p->failed; i++) {
    struct pair pair = pairs->items[i];
    if (!plan_has_unbound(p, pair.a) && !plan_has_unbound(p, pair.b)) {
      unify_ready(p, pair);
      moved = true;
    } else if (take_apart(p, &rest, pair)) {
      moved = true;
    } else if (ready(p, pair)) {
      unify_ready(p, pair);
      moved = true;
    } else {
      vec_push(&rest, pair);
    }
  }
  vec_free(pairs);
  *pairs = rest;
  return moved;
}

void plan_unify(struct planner *p, const struct check_term *a, const struct check_term *b)
{
  struct pairs pairs = {0};
  vec_push(&pairs, (struct pair){a, b});
  while (pairs.count && !p->failed)
    if (!one_pass(p, &pairs))
      plan_fail(p, SW_EUNSUPPORTED, "neither side of a unification has a value");
  vec_free(&pairs);
}
