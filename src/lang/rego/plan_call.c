/* Calls: of built-in functions, those that are instructions of their own, and of modules' functions. */
#include "lang/rego/plan_int.h"

/* Functions that are one instruction when nothing asks for their result. */
struct test_row {
  const char *name;
  uint8_t op;
  bool swapped;
};

static const struct test_row tests[] = {
    {"equal", VM_EQUAL, false},
    {"neq", VM_NOT_EQUAL, false},
    {"lt", VM_LESS, false},
    {"lte", VM_LESS_EQUAL, false},
    {"gt", VM_LESS, true},
    {"gte", VM_LESS_EQUAL, true},
    {"internal.member_2", VM_MEMBER, false},
};

static const struct test_row sums[] = {
    {"plus", VM_PLUS, false},
    {"minus", VM_MINUS, false},
    {"mul", VM_TIMES, false},
};

static const struct test_row *find_row(const struct test_row *rows, size_t count, const char *name)
{
  for (size_t i = 0; i < count; i++)
    if (str_eq(str_from(rows[i].name), str_from(name)))
      return &rows[i];
  return NULL;
}

static operand call_function(struct planner *p, const struct check_literal *l, const operand *list,
                             uint32_t count)
{
  operand to = plan_register(p);
  uint32_t at = plan_list(p, list, count);
  if (l->function) {
    uint32_t builtin = plan_builtin(p, str_from(l->function->name));
    plan_emit(p, VM_BUILTIN, to, builtin, count)->d = at;
  } else if (count == 0) {
    uint32_t function = plan_function_of(p, PLAN_RULES, l->path);
    plan_emit(p, VM_RULE, to, 0, 0)->d = function;
  } else {
    uint32_t function = plan_function_of(p, PLAN_RULES, l->path);
    plan_emit(p, VM_CALL, to, function, count)->d = at;
  }
  return to;
}

/* A function that some `with` replaces: asks whether it is replaced now. */
static operand call_replaceable(struct planner *p, const struct check_literal *l,
                                const operand *list, uint32_t count, int32_t slot)
{
  uint32_t real = plan_label(p), go = plan_label(p);
  operand to = plan_register(p);
  uint32_t at = plan_list(p, list, count);
  p->needs |= VM_NEEDS_ALL; /* what stands for it may look at anything */
  plan_emit_to(p, VM_UNLESS_MOCKED, 0, (uint32_t)slot, 0, 0, real);
  plan_emit(p, VM_MOCK, to, (uint32_t)slot, count)->d = at;
  plan_jump(p, go);
  plan_bind(p, real);
  operand value = call_function(p, l, list, count);
  plan_emit(p, VM_MOVE, to, value, 0);
  plan_bind(p, go);
  return to;
}

static void call_walk(struct planner *p, const struct check_literal *l, const operand *list)
{
  const struct check_term *pattern = &l->terms[l->count - 1];
  operand walk = plan_register(p), path = plan_register(p), value = plan_register(p);
  plan_emit(p, VM_WALK, walk, list[0], 0);
  uint32_t next = plan_label(p);
  plan_bind(p, next);
  const struct check_term *first =
      l->has_output && pattern->kind == CHECK_ARRAY && pattern->count == 2 ? pattern->items : NULL;
  bool path_unwanted = first && first->kind == CHECK_LOCAL && !plan_is_bound(p, first->local) &&
                       p->uses[first->local] == 1;
  plan_emit(p, VM_WALK_NEXT, walk, path_unwanted ? VM_NONE : path, value);
  p->fail = next;
  p->loops++;
  if (!l->has_output)
    return;
  if (first) {
    if (path_unwanted)
      plan_bind_local(p, first->local, 0);
    else
      plan_match(p, &first[0], path);
    plan_match(p, &first[1], value);
    return;
  }
  operand both = plan_register(p);
  uint32_t at = plan_list(p, (operand[]){path, value}, 2);
  plan_emit(p, VM_ARRAY, both, 0, 2)->d = at;
  plan_match(p, pattern, both);
}

static bool call_fused(struct planner *p, const struct check_literal *l, const operand *list,
                       uint32_t count)
{
  if (p->options->no_optimiser)
    return false;
  if (!l->has_output) {
    const struct test_row *row = find_row(tests, sizeof tests / sizeof *tests, l->function->name);
    if (row && count == 2)
      plan_emit(p, (enum vm_operation)row->op, 0, list[row->swapped], list[!row->swapped]);
    return row && count == 2;
  }
  const struct test_row *row = find_row(sums, sizeof sums / sizeof *sums, l->function->name);
  if (!row || count != 2)
    return false;
  uint32_t builtin = plan_builtin(p, str_from(l->function->name));
  operand to = plan_register(p);
  plan_emit(p, (enum vm_operation)row->op, to, list[0], list[1])->d = builtin;
  plan_match(p, &l->terms[l->count - 1], to);
  return true;
}

bool plan_is_comparison(const struct planner *p, const struct check_literal *l)
{
  return l->function && !l->has_output && l->count == 2 && plan_mock_slot(p, l->function) < 0 &&
         find_row(tests, sizeof tests / sizeof *tests, l->function->name);
}

static bool call_special(struct planner *p, const struct check_literal *l, const operand *list,
                         uint32_t count)
{
  if (!l->function)
    return false;
  struct str name = str_from(l->function->name);
  if (str_eq(name, STR("internal.print"))) {
    plan_emit(p, VM_PRINT, 0, list[0], 0);
    return true;
  }
  if (l->function->flags & BUILTIN_VOID)
    return true;
  if (plan_mock_slot(p, l->function) >= 0)
    return false;
  if (str_eq(name, STR("walk"))) {
    call_walk(p, l, list);
    return true;
  }
  return call_fused(p, l, list, count);
}

void plan_call(struct planner *p, const struct check_literal *l)
{
  uint32_t count = l->count - l->has_output;
  operand *list = arena_array(p->arena, operand, count + 1);
  for (uint32_t i = 0; i < count; i++)
    list[i] = plan_term(p, &l->terms[i]);
  if (count > 250) {
    plan_fail(p, SW_ELIMIT, "a call with more than 250 arguments");
    return;
  }
  p->place = l->place;
  if (p->failed || call_special(p, l, list, count))
    return;
  int32_t slot = plan_mock_slot(p, l->function ? (const void *)l->function : l->path);
  operand value = slot < 0 ? call_function(p, l, list, count)
                           : call_replaceable(p, l, list, count, slot);
  if (l->has_output)
    plan_match(p, &l->terms[l->count - 1], value);
  else
    plan_emit(p, VM_TEST, 0, value, 0);
}
