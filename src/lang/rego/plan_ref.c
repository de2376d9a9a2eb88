/* References, and documents made of rules and base data. */
#include "lang/rego/plan_int.h"
#include "lang/vm/collect.h"

bool plan_is_function(const struct check_path *path)
{
  return path->rule_count && path->is_function;
}

bool plan_has_rules(const struct check_path *path)
{
  return path->rule_count && !path->is_function;
}

bool plan_has_document(const struct check_path *path)
{
  return !plan_is_function(path);
}

/* ---- the steps of a reference behind its root */

static bool is_key(const struct check_term *t)
{
  return t->kind == CHECK_CONSTANT;
}

static uint32_t constant_run(const struct check_term *items, uint32_t from, uint32_t count)
{
  uint32_t at = from;
  while (at < count && is_key(&items[at]))
    at++;
  return at - from;
}

static uint32_t keys_of(struct planner *p, const struct check_term *items, uint32_t count)
{
  struct value *keys = arena_array(p->arena, struct value, count + 1);
  for (uint32_t i = 0; i < count; i++)
    keys[i] = items[i].value;
  return plan_keys(p, keys, count);
}

static bool unwanted(const struct planner *p, const struct check_term *t)
{
  return t->kind == CHECK_LOCAL && !plan_is_bound(p, t->local) && p->uses[t->local] == 1;
}

/* Opens a loop over the members of a container. */
static operand loop(struct planner *p, operand container, const struct check_term *pattern,
                    bool value_wanted)
{
  operand walk = plan_registers(p, 2);
  plan_emit(p, VM_ITERATE, walk, container, p->ordered);
  uint32_t next = plan_label(p);
  plan_bind(p, next);
  operand key = unwanted(p, pattern) ? VM_NONE : plan_register(p);
  operand value = value_wanted ? plan_register(p) : VM_NONE;
  plan_emit(p, VM_NEXT, walk, key, value);
  p->fail = next;
  p->loops++;
  if (key == VM_NONE)
    plan_bind_local(p, pattern->local, 0);
  else
    plan_match(p, pattern, key);
  return value;
}

static operand steps(struct planner *p, operand base, const struct check_term *items, uint32_t from,
                     uint32_t count)
{
  while (from < count && !p->failed) {
    uint32_t run = constant_run(items, from, count);
    if (run > UINT16_MAX) {
      plan_fail(p, SW_ELIMIT, "a reference with more than %d parts", UINT16_MAX);
      return 0;
    }
    if (run) {
      operand to = plan_register(p);
      uint32_t keys = keys_of(p, items + from, run);
      plan_emit(p, VM_PATH, to, base, run)->d = keys;
      base = to;
      from += run;
    } else if (plan_has_unbound(p, &items[from])) {
      base = loop(p, base, &items[from], true);
      from++;
    } else {
      operand key = plan_term(p, &items[from]);
      operand to = plan_register(p);
      plan_emit(p, VM_GET, to, base, key);
      base = to;
      from++;
    }
  }
  return base;
}

static operand input_ref(struct planner *p, const struct check_term *t)
{
  uint32_t run = constant_run(t->items, 0, t->count);
  operand to = plan_register(p);
  uint32_t keys = keys_of(p, t->items, run);
  p->needs |= VM_NEEDS_INPUT;
  plan_emit(p, VM_INPUT, to, 0, run)->d = keys;
  return steps(p, to, t->items, run, t->count);
}

/* ---- base documents */

/* The keys of a path, and `more` behind it. */
static uint32_t path_keys(struct planner *p, const struct check_path *path,
                          const struct check_term *more, uint32_t more_count, uint32_t *ret_count)
{
  uint32_t depth = 0;
  for (const struct check_path *up = path; up->parent; up = up->parent)
    depth++;
  struct value *keys = arena_array(p->arena, struct value, depth + more_count + 1);
  uint32_t at = depth;
  for (const struct check_path *up = path; up->parent; up = up->parent)
    keys[--at] = up->key;
  for (uint32_t i = 0; i < more_count; i++)
    keys[depth + i] = more[i].value;
  *ret_count = depth + more_count;
  return plan_keys(p, keys, depth + more_count);
}

/* Fails where there is none. */
static operand base_there(struct planner *p, const struct check_path *path,
                          const struct check_term *more, uint32_t more_count)
{
  uint32_t count, keys = path_keys(p, path, more, more_count, &count);
  operand to = plan_register(p);
  p->needs |= VM_NEEDS_DATA;
  plan_emit(p, VM_DATA, to, 0, count)->d = keys;
  return to;
}

operand plan_base(struct planner *p, const struct check_path *path)
{
  uint32_t count, keys = path_keys(p, path, NULL, 0, &count);
  uint32_t absent = plan_label(p), go = plan_label(p);
  operand to = plan_register(p);
  p->needs |= VM_NEEDS_DATA;
  plan_emit_to(p, VM_DATA, to, 0, count, keys, absent);
  plan_jump(p, go);
  plan_bind(p, absent);
  plan_emit(p, VM_CLEAR, to, 0, 0);
  plan_bind(p, go);
  return to;
}

static operand remembered(struct planner *p, enum plan_function_kind kind,
                          const struct check_path *path)
{
  operand to = plan_register(p);
  uint32_t function = plan_function_of(p, kind, path);
  plan_emit(p, VM_RULE, to, 0, 0)->d = function;
  return to;
}

/* ---- documents */

static bool is_below(const struct check_path *path, const struct check_path *top)
{
  for (; path; path = path->parent)
    if (path == top)
      return true;
  return false;
}

void plan_hidden(struct planner *p, const struct check_path *path)
{
  uint32_t base = PLAN_NO_LABEL;
  for (uint32_t i = 0; i < p->targets.count; i++) {
    if (!p->targets.items[i].path || !is_below(path, p->targets.items[i].path))
      continue;
    if (base == PLAN_NO_LABEL)
      base = plan_label(p);
    p->needs |= VM_NEEDS_DATA;
    plan_emit_to(p, VM_IF_HIDDEN, 0, 0, 0, i, base);
  }
  if (base == PLAN_NO_LABEL)
    return;
  uint32_t go = plan_label(p);
  plan_jump(p, go);
  plan_bind(p, base);
  operand value = plan_base(p, path);
  plan_emit(p, VM_RETURN, 0, value, 0);
  plan_bind(p, go);
}

/* OPA keeps data.system out of what it shows of data. */
static bool is_left_out(const struct check_path *path, const struct check_path *child)
{
  return !path->parent && value_eq_str(child->key, STR("system"));
}

static enum plan_function_kind kind_of(const struct check_path *path)
{
  return path->child_count == 0 && plan_has_rules(path) ? PLAN_RULES : PLAN_DOCUMENT;
}

static void add_child(struct planner *p, operand members, const struct check_path *child)
{
  uint32_t outer = p->fail, next = plan_label(p);
  p->fail = next;
  operand value = remembered(p, kind_of(child), child);
  operand key = plan_constant(p, child->key);
  plan_emit(p, VM_PUT, members, key, value);
  plan_bind(p, next);
  p->fail = outer;
}

/* How deep the objects are that the rules of a path make: what lies below is a value and nothing may be
 * put into it. Unlimited if rules differ. */
static uint32_t depth_of_rules(const struct check_path *path)
{
  for (uint32_t i = 1; i < path->rule_count; i++)
    if (path->rules[i]->key_count != path->rules[0]->key_count)
      return VM_MERGE_DEPTH;
  return path->rules[0]->key_count ? path->rules[0]->key_count : 1;
}

void plan_document(struct planner *p, const struct check_path *path)
{
  p->fail = plan_label(p);
  plan_bind(p, p->fail); /* nothing here fails to that */
  plan_hidden(p, path);
  operand members = plan_register(p), made = plan_register(p), merged = plan_register(p);
  plan_emit(p, VM_COLLECT, members, 0, VM_COLLECT_OBJECT);
  for (uint32_t i = 0; i < path->child_count; i++)
    if (plan_has_document(path->children[i]) && !is_left_out(path, path->children[i]))
      add_child(p, members, path->children[i]);
  plan_emit(p, VM_FINISH, made, members, 0);
  if (plan_has_rules(path)) {
    uint32_t outer = p->fail, none = plan_label(p);
    operand own = plan_register(p);
    plan_emit(p, VM_CLEAR, own, 0, 0);
    p->fail = none;
    uint32_t function = plan_function_of(p, PLAN_RULES, path);
    plan_emit(p, VM_RULE, own, 0, 0)->d = function;
    plan_bind(p, none);
    p->fail = outer;
    plan_emit(p, VM_MERGE, merged, own, made)->d = depth_of_rules(path);
  } else {
    operand base = plan_base(p, path);
    plan_emit(p, VM_MERGE, merged, made, base);
  }
  plan_emit(p, VM_RETURN, 0, merged, 0);
}

/* ---- references below data */

static operand data_at(struct planner *p, const struct check_path *path, const struct check_term *t,
                       uint32_t from);

static operand below_base(struct planner *p, const struct check_path *path,
                          const struct check_term *t, uint32_t from)
{
  uint32_t run = constant_run(t->items, from, t->count);
  operand base = base_there(p, path, t->items + from, run);
  return steps(p, base, t->items, from + run, t->count);
}

/* The member of a path under a key that is known only when it runs: one alternative for each member
 * that rules give, and one for base data. */
static void child_alternative(struct planner *p, struct plan_tuples *tuples,
                              const struct check_path *child, const struct check_term *t,
                              uint32_t from, operand key)
{
  uint32_t outer = p->fail, skip = plan_label(p), loops = p->loops;
  size_t mark = p->trail.count;
  p->fail = skip;
  operand constant = plan_constant(p, child->key);
  if (key == VM_NONE)
    plan_match(p, &t->items[from], constant);
  else
    plan_emit(p, VM_EQUAL, 0, key, constant);
  operand value = data_at(p, child, t, from + 1);
  plan_tuples_add(p, tuples, value);
  plan_jump(p, p->fail);
  plan_bind(p, skip);
  plan_forget(p, mark);
  p->fail = outer;
  p->loops = loops;
}

static void base_alternative(struct planner *p, struct plan_tuples *tuples,
                             const struct check_path *path, const struct check_term *t,
                             uint32_t from, operand key)
{
  uint32_t outer = p->fail, skip = plan_label(p), loops = p->loops;
  size_t mark = p->trail.count;
  p->fail = skip;
  operand value = base_there(p, path, NULL, 0);
  if (key == VM_NONE) {
    operand walk = plan_registers(p, 2);
    plan_emit(p, VM_ITERATE, walk, value, p->ordered);
    uint32_t next = plan_label(p);
    plan_bind(p, next);
    key = plan_register(p);
    value = plan_register(p);
    plan_emit(p, VM_NEXT, walk, key, value);
    p->fail = next;
    p->loops++;
    for (uint32_t i = 0; i < path->child_count; i++)
      plan_emit(p, VM_NOT_EQUAL, 0, key, plan_constant(p, path->children[i]->key));
    plan_match(p, &t->items[from], key);
  } else {
    for (uint32_t i = 0; i < path->child_count; i++)
      plan_emit(p, VM_NOT_EQUAL, 0, key, plan_constant(p, path->children[i]->key));
    operand to = plan_register(p);
    plan_emit(p, VM_GET, to, value, key);
    value = to;
  }
  value = steps(p, value, t->items, from + 1, t->count);
  plan_tuples_add(p, tuples, value);
  plan_jump(p, p->fail);
  plan_bind(p, skip);
  plan_forget(p, mark);
  p->fail = outer;
  p->loops = loops;
}

static operand any_child(struct planner *p, const struct check_path *path,
                         const struct check_term *t, uint32_t from)
{
  operand key = VM_NONE;
  if (!plan_has_unbound(p, &t->items[from]))
    key = plan_term(p, &t->items[from]);
  struct plan_tuples tuples = {0};
  for (uint32_t i = from; i < t->count; i++)
    plan_gather_unbound(p, &t->items[i], &tuples.locals);
  plan_tuples_begin(p, &tuples);
  for (uint32_t i = 0; i < path->child_count && !p->failed; i++)
    if (plan_has_document(path->children[i]))
      child_alternative(p, &tuples, path->children[i], t, from, key);
  base_alternative(p, &tuples, path, t, from, key);
  return plan_tuples_end(p, &tuples);
}

static operand data_at(struct planner *p, const struct check_path *path, const struct check_term *t,
                       uint32_t from)
{
  if (plan_is_function(path)) {
    plan_give_up(p, t);
    return plan_constant(p, value_null());
  }
  if (plan_has_rules(path))
    return steps(p, remembered(p, path->child_count ? PLAN_DOCUMENT : PLAN_RULES, path), t->items,
                 from, t->count);
  if (from == t->count)
    return remembered(p, PLAN_DOCUMENT, path);
  if (path->child_count == 0)
    return below_base(p, path, t, from);
  if (is_key(&t->items[from])) {
    const struct check_path *child = check_path_child(path, t->items[from].value);
    return child ? data_at(p, child, t, from + 1) : below_base(p, path, t, from);
  }
  return any_child(p, path, t, from);
}

operand plan_ref(struct planner *p, const struct check_term *t)
{
  switch (t->root) {
  case CHECK_ROOT_INPUT:
    return input_ref(p, t);
  case CHECK_ROOT_DATA:
    return data_at(p, p->checked->data, t, 0);
  default:
    if (!plan_is_bound(p, t->local)) {
      plan_fail(p, SW_EUNSUPPORTED, "a variable has no value here");
      return 0;
    }
    return steps(p, p->bound[t->local], t->items, 0, t->count);
  }
}
