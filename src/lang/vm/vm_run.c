/* The interpreter: one function with a jump table, everything rare outside of it. */
#include "lang/vm/vm_int.h"

#include "data/arithmetic.h"
#include "data/compare.h"
#include "data/number.h"

#include <stdio.h>
#include <string.h>

static void account(struct vm_worker *w)
{
  w->taken += (uint64_t)((int64_t)w->granted - w->left);
  w->granted = 0;
  w->left = 0;
}

/* Grants the next chunk of steps; false, with the failure told, if there are none. */
static bool refill(struct vm_worker *w)
{
  account(w);
  if (w->taken >= w->run.steps)
    return vm_fail(w, VM_FAILURE_LIMIT, "the evaluation took more than %llu steps",
                   (unsigned long long)w->run.steps);
  if (arena_over(w->run.arena))
    return vm_fail(w, VM_FAILURE_LIMIT, "the evaluation needs more than %zu MiB of memory",
                   w->run.arena->limit >> 20);
  if (w->run.deadline_ns && vm_now_ns() >= w->run.deadline_ns)
    return vm_fail(w, VM_FAILURE_LIMIT, "the evaluation took too long");
  uint64_t rest = w->run.steps - w->taken;
  w->granted = rest < VM_CHUNK ? (uint32_t)rest : VM_CHUNK;
  w->left = w->granted;
  return true;
}

int vm_spend(void *user, uint64_t steps)
{
  struct vm_worker *w = user;
  if (steps < (uint64_t)(w->left > 0 ? w->left : 0)) {
    w->left -= (int64_t)steps;
    return 0;
  }
  account(w);
  w->taken = w->taken > UINT64_MAX - steps ? UINT64_MAX : w->taken + steps;
  return refill(w) ? 0 : -1;
}

/* ---- pieces of instructions */

static inline struct value follow(struct value v, const struct value *keys, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++) {
    struct value key = keys[i];
    if (v.type == VALUE_OBJECT)
      v = key.type == VALUE_STRING ? value_get(v, key) : value_get_any(v, key);
    else
      v = vm_get(v, key);
  }
  return v;
}

/* In base documents a number finds the member whose name is written so, as in a URL. */
static struct value follow_base(struct value v, const struct value *keys, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++) {
    char digits[24];
    int64_t number;
    if (v.type == VALUE_OBJECT && value_to_int(keys[i], &number)) {
      int len = snprintf(digits, sizeof digits, "%lld", (long long)number);
      v = value_get_str(v, (struct str){digits, (size_t)len});
    } else {
      v = follow(v, keys + i, 1);
    }
  }
  return v;
}

struct value vm_get(struct value v, struct value key)
{
  int64_t i;
  switch (v.type) {
  case VALUE_OBJECT:
    return value_get_any(v, key);
  case VALUE_ARRAY:
    if (key.type != VALUE_NUMBER)
      return VALUE_NONE;
    if (!value_to_int(key, &i) && !number_to_int64(key, &i))
      return VALUE_NONE;
    return i >= 0 && i < (int64_t)v.len ? v.items[i] : VALUE_NONE;
  case VALUE_SET:
    return value_set_has(v, key) ? key : VALUE_NONE;
  default:
    return VALUE_NONE;
  }
}

static bool is_member(struct value item, struct value in)
{
  switch (in.type) {
  case VALUE_SET:
    return value_set_has(in, item);
  case VALUE_ARRAY:
    for (uint32_t i = 0; i < in.len; i++)
      if (value_equal(in.items[i], item))
        return true;
    return false;
  case VALUE_OBJECT:
    for (uint32_t i = 0; i < in.len; i++)
      if (value_equal(in.members[i].value, item))
        return true;
    return false;
  default:
    return false;
  }
}

static inline bool equal(struct value x, struct value y)
{
  if (x.type != y.type)
    return false;
  if (x.type == VALUE_STRING) {
    if (x.symbol && x.symbol == y.symbol)
      return true;
    return x.len == y.len && memcmp(x.text, y.text, x.len) == 0;
  }
  return value_equal(x, y);
}

static inline int order(struct value x, struct value y)
{
  int64_t p, q;
  if (value_to_int(x, &p) && value_to_int(y, &q))
    return (p > q) - (p < q);
  return value_compare(x, y);
}

static bool in_order(struct value object)
{
  for (uint32_t i = 1; i < object.len; i++)
    if (value_compare(object.members[i - 1].key, object.members[i].key) > 0)
      return false;
  return true;
}

/* A view of an object with its members in order of keys, for iterating only. */
static struct value sorted(struct vm_worker *w, struct value object)
{
  if (in_order(object))
    return object;
  struct value_member *members = arena_array(w->run.arena, struct value_member, object.len);
  uint32_t *numbers = arena_array(w->run.arena, uint32_t, object.len);
  value_sort_keys(object, numbers);
  for (uint32_t i = 0; i < object.len; i++)
    members[i] = object.members[numbers[i]];
  return (struct value){.type = VALUE_OBJECT, .len = object.len, .members = members};
}

static struct value make_object(struct vm_worker *w, const struct value *pairs, uint32_t count)
{
  struct vm_collection *c = vm_collect_new(w->run.arena, VM_COLLECT_OBJECT);
  for (uint32_t i = 0; i + 1 < count; i += 2)
    vm_collect_put(w->run.arena, c, pairs[i], pairs[i + 1]);
  return vm_collect_finish(w->run.arena, c);
}

static uint32_t switch_target(const struct vm_program *p, const struct vm_switch *s, struct value v)
{
  if (v.type == VALUE_ABSENT)
    return s->undefined;
  for (uint32_t at = vm_switch_hash(v) & s->mask;; at = (at + 1) & s->mask) {
    const struct vm_cell *cell = &p->cells[s->first + at];
    if (cell->constant == UINT32_MAX)
      return s->otherwise;
    if (value_equal(p->constants[cell->constant], v))
      return cell->target;
  }
}

/* 1: a value; 0: undefined; -1: the evaluation has failed. */
static int call_builtin(struct vm_worker *w, const struct builtin *b, const struct value *arguments,
                        struct value *ret)
{
  enum builtin_result result = builtin_call(&w->builtins, b, arguments, ret);
  if (result == BUILTIN_VALUE)
    return 1;
  if (result == BUILTIN_UNDEFINED)
    return 0;
  if (w->failure.kind != VM_FAILURE_NONE) /* the budget was used up inside of it */
    return -1;
  if (w->builtins.error_kind == BUILTIN_HALT) {
    vm_fail(w, VM_FAILURE_LIMIT, "%s", w->builtins.error.message);
    return -1;
  }
  if (!w->run.strict_errors)
    return 0;
  vm_fail(w, w->builtins.error_kind == BUILTIN_TYPE_ERROR ? VM_FAILURE_TYPE : VM_FAILURE_BUILTIN,
          "%s", w->builtins.error.message);
  return -1;
}

/* The context in which what a function needs was last changed. */
static inline struct vm_context *context_for(struct vm_context *context, uint32_t needs)
{
  while (context->parent && !(context->changed & needs))
    context = context->parent;
  return context;
}

/* ---- the loop */

#define OPERAND(x) (((x)&VM_CONSTANT) ? constants[(x) & ~VM_CONSTANT] : regs[(x)])
#define GOTO(where)                                                                                \
  do {                                                                                             \
    pc = code + (where);                                                                           \
    goto *labels[pc->op];                                                                          \
  } while (0)
#define NEXT_INSTRUCTION                                                                           \
  do {                                                                                             \
    pc++;                                                                                          \
    goto *labels[pc->op];                                                                          \
  } while (0)
/* What takes longer than a step: many parts made at once, and containers compared, however deep. */
enum { COST_FREE = 64, COST_COMPARED = 16 };
#define LARGE(count)                                                                               \
  do {                                                                                             \
    if ((count) > COST_FREE && vm_spend(w, (count)) < 0)                                           \
      goto failed;                                                                                 \
  } while (0)
#define COMPARED(v)                                                                                \
  do {                                                                                             \
    if ((v).type >= VALUE_ARRAY)                                                                   \
      w->left -= COST_COMPARED;                                                                    \
  } while (0)
#define FAIL GOTO(pc->target)
#define STEP                                                                                       \
  do {                                                                                             \
    if (__builtin_expect(--w->left < 0, 0) && !refill(w))                                          \
      goto failed;                                                                                 \
  } while (0)

bool vm_execute(struct vm_worker *w, uint32_t function, struct vm_context *context,
                struct value *ret_value)
{
#define LABEL(name) [VM_##name] = &&do_##name,
  static const void *const labels[] = {VM_OPERATIONS(LABEL)};
#undef LABEL
  const struct vm_program *const p = w->program;
  const struct vm_instruction *const code = p->code;
  const struct value *const constants = p->constants;
  struct arena *const arena = w->run.arena;
  struct value list[VM_LIST_MAX];
  struct vm_frame *frame = w->frames;
  struct value *regs = w->stack;
  const struct vm_instruction *pc;
  struct value result;

  *frame = (struct vm_frame){.function = function, .slot = NULL};
  pc = code + p->functions[function].entry;
  goto *labels[pc->op];

do_MOVE:
  regs[pc->a] = OPERAND(pc->b);
  NEXT_INSTRUCTION;
do_LOAD:
  regs[pc->a] = constants[pc->d];
  NEXT_INSTRUCTION;
do_CLEAR:
  regs[pc->a] = VALUE_NONE;
  NEXT_INSTRUCTION;
do_INPUT:
  result = follow(context->input, p->keys + pc->d, pc->c);
  if (result.type == VALUE_ABSENT)
    FAIL;
  regs[pc->a] = result;
  NEXT_INSTRUCTION;
do_DATA:
  result = follow_base(context->data, p->keys + pc->d, pc->c);
  if (result.type == VALUE_ABSENT)
    FAIL;
  regs[pc->a] = result;
  NEXT_INSTRUCTION;
do_PATH:
  result = follow(OPERAND(pc->b), p->keys + pc->d, pc->c);
  if (result.type == VALUE_ABSENT)
    FAIL;
  regs[pc->a] = result;
  NEXT_INSTRUCTION;
do_INPUT_TEST:
  result = follow(context->input, p->keys + pc->d, pc->c);
  if (result.type == VALUE_ABSENT || value_is_false(result))
    FAIL;
  NEXT_INSTRUCTION;
do_PATH_TEST:
  result = follow(OPERAND(pc->b), p->keys + pc->d, pc->c);
  if (result.type == VALUE_ABSENT || value_is_false(result))
    FAIL;
  NEXT_INSTRUCTION;
do_GET:
  COMPARED(OPERAND(pc->c));
  result = vm_get(OPERAND(pc->b), OPERAND(pc->c));
  if (result.type == VALUE_ABSENT)
    FAIL;
  regs[pc->a] = result;
  NEXT_INSTRUCTION;
do_TEST:
  if (value_is_false(OPERAND(pc->b)))
    FAIL;
  NEXT_INSTRUCTION;
do_EQUAL:
  COMPARED(OPERAND(pc->b));
  if (!equal(OPERAND(pc->b), OPERAND(pc->c)))
    FAIL;
  NEXT_INSTRUCTION;
do_NOT_EQUAL:
  COMPARED(OPERAND(pc->b));
  if (equal(OPERAND(pc->b), OPERAND(pc->c)))
    FAIL;
  NEXT_INSTRUCTION;
do_LESS:
  COMPARED(OPERAND(pc->b));
  if (order(OPERAND(pc->b), OPERAND(pc->c)) >= 0)
    FAIL;
  NEXT_INSTRUCTION;
do_LESS_EQUAL:
  COMPARED(OPERAND(pc->b));
  if (order(OPERAND(pc->b), OPERAND(pc->c)) > 0)
    FAIL;
  NEXT_INSTRUCTION;
do_IS_ARRAY:
  result = OPERAND(pc->b);
  if (result.type != VALUE_ARRAY || result.len != pc->d)
    FAIL;
  NEXT_INSTRUCTION;
do_IS_OBJECT:
  result = OPERAND(pc->b);
  if (result.type != VALUE_OBJECT || result.len != pc->d)
    FAIL;
  NEXT_INSTRUCTION;
do_IS_CONTAINER:
  if (OPERAND(pc->b).type < VALUE_ARRAY)
    FAIL;
  NEXT_INSTRUCTION;
do_ELEMENT:
  result = OPERAND(pc->b);
  regs[pc->a] = result.items[pc->d];
  NEXT_INSTRUCTION;
do_MEMBER:
  result = OPERAND(pc->c);
  if (result.type >= VALUE_ARRAY && result.len > w->left && vm_spend(w, result.len) < 0)
    goto failed;
  if (!is_member(OPERAND(pc->b), result))
    FAIL;
  NEXT_INSTRUCTION;
do_IF_ABSENT:
  if (regs[pc->b].type == VALUE_ABSENT)
    FAIL;
  NEXT_INSTRUCTION;
do_IF_PRESENT:
  if (regs[pc->b].type != VALUE_ABSENT)
    FAIL;
  NEXT_INSTRUCTION;
do_JUMP:
  FAIL;
do_ITERATE:
  result = OPERAND(pc->b);
  if (result.type < VALUE_ARRAY || result.len == 0)
    FAIL;
  if (pc->c && result.type == VALUE_OBJECT && result.len > 1)
    result = sorted(w, result);
  regs[pc->a] = result;
  regs[pc->a + 1] = value_int(0);
  NEXT_INSTRUCTION;
do_NEXT : {
  STEP;
  const struct value *walk = &regs[pc->a];
  uint32_t i = (uint32_t)regs[pc->a + 1].integer;
  if (i >= walk->len)
    FAIL;
  regs[pc->a + 1].integer = i + 1;
  if (walk->type == VALUE_OBJECT) {
    const struct value_member *member = &walk->members[i];
    if (pc->c != VM_NONE)
      regs[pc->c] = member->value;
    if (pc->b != VM_NONE)
      regs[pc->b] = member->key;
  } else {
    result = walk->items[i];
    if (pc->b != VM_NONE)
      regs[pc->b] = walk->type == VALUE_SET ? result : value_int(i);
    if (pc->c != VM_NONE)
      regs[pc->c] = result;
  }
  NEXT_INSTRUCTION;
}
do_WALK : {
  struct builtin_walk *walk = arena_new(arena, struct builtin_walk);
  builtin_walk_start(walk, OPERAND(pc->b));
  regs[pc->a] = (struct value){.type = VALUE_NULL, .text = (const char *)walk};
  NEXT_INSTRUCTION;
}
do_WALK_NEXT : {
  STEP;
  struct builtin_walk *walk = (struct builtin_walk *)(uintptr_t)regs[pc->a].text;
  struct value path, value;
  enum builtin_result more =
      builtin_walk_next(&w->builtins, walk, pc->b == VM_NONE ? NULL : &path, &value);
  if (more == BUILTIN_ERROR) {
    if (w->failure.kind == VM_FAILURE_NONE)
      vm_fail(w, VM_FAILURE_LIMIT, "%s", w->builtins.error.message);
    goto failed;
  }
  if (more != BUILTIN_VALUE)
    FAIL;
  if (pc->b != VM_NONE)
    regs[pc->b] = path;
  if (pc->c != VM_NONE)
    regs[pc->c] = value;
  NEXT_INSTRUCTION;
}
do_ARRAY : {
  LARGE(pc->c);
  struct value *items = arena_array(arena, struct value, pc->c);
  const uint16_t *operands = p->operands + pc->d;
  for (unsigned i = 0; i < pc->c; i++)
    items[i] = OPERAND(operands[i]);
  regs[pc->a] = (struct value){.type = VALUE_ARRAY, .len = pc->c, .items = items};
  NEXT_INSTRUCTION;
}
do_OBJECT:
do_SET : {
  LARGE(pc->c);
  struct value *items = arena_array(arena, struct value, pc->c);
  const uint16_t *operands = p->operands + pc->d;
  for (unsigned i = 0; i < pc->c; i++)
    items[i] = OPERAND(operands[i]);
  regs[pc->a] = pc->op == VM_SET ? value_set_make(arena, items, pc->c)
                                 : make_object(w, items, pc->c);
  NEXT_INSTRUCTION;
}
do_COLLECT:
  regs[pc->a] =
      (struct value){.type = VALUE_NULL, .text = (const char *)vm_collect_new(arena, pc->c)};
  NEXT_INSTRUCTION;
do_ADD:
  vm_collect_add(arena, (struct vm_collection *)(uintptr_t)regs[pc->a].text, OPERAND(pc->b));
  NEXT_INSTRUCTION;
do_PUT:
  if (!vm_collect_put(arena, (struct vm_collection *)(uintptr_t)regs[pc->a].text, OPERAND(pc->b),
                      OPERAND(pc->c)))
    goto conflict_object;
  NEXT_INSTRUCTION;
do_PUT_DEEP : {
  const uint16_t *operands = p->operands + pc->d;
  for (unsigned i = 0; i < pc->c; i++)
    list[i] = OPERAND(operands[i]);
  if (!vm_collect_put_deep(arena, (struct vm_collection *)(uintptr_t)regs[pc->a].text, list,
                           pc->c - 1u, list[pc->c - 1], (enum vm_leaf)pc->b))
    goto conflict_object;
  NEXT_INSTRUCTION;
}
do_FINISH:
  LARGE(vm_collect_count((struct vm_collection *)(uintptr_t)regs[pc->b].text));
  regs[pc->a] = vm_collect_finish(arena, (struct vm_collection *)(uintptr_t)regs[pc->b].text);
  NEXT_INSTRUCTION;
do_MERGE:
  if (pc->d == 0)
    regs[pc->a] = vm_merge(arena, OPERAND(pc->b), OPERAND(pc->c), VM_MERGE_DEPTH);
  else if (!vm_unite(arena, OPERAND(pc->b), OPERAND(pc->c), pc->d, &regs[pc->a]))
    goto conflict_object;
  NEXT_INSTRUCTION;
do_PLUS:
do_MINUS:
do_TIMES : {
  int64_t x, y, r;
  list[0] = OPERAND(pc->b);
  list[1] = OPERAND(pc->c);
  if (value_to_int(list[0], &x) && value_to_int(list[1], &y) &&
      !(pc->op == VM_PLUS    ? __builtin_add_overflow(x, y, &r)
        : pc->op == VM_MINUS ? __builtin_sub_overflow(x, y, &r)
                             : __builtin_mul_overflow(x, y, &r))) {
    regs[pc->a] = value_int(r);
    NEXT_INSTRUCTION;
  }
  w->pc = pc;
  int done = call_builtin(w, p->builtins[pc->d], list, &result);
  if (done < 0)
    goto failed;
  if (done == 0)
    FAIL;
  regs[pc->a] = result;
  NEXT_INSTRUCTION;
}
do_BUILTIN : {
  const uint16_t *operands = p->operands + pc->d;
  for (unsigned i = 0; i < pc->c; i++)
    list[i] = OPERAND(operands[i]);
  STEP;
  w->pc = pc;
  int done = call_builtin(w, p->builtins[pc->b], list, &result);
  if (done < 0)
    goto failed;
  if (done == 0)
    FAIL;
  regs[pc->a] = result;
  NEXT_INSTRUCTION;
}
do_CALL : {
  const struct vm_function *f = &p->functions[pc->b];
  const uint16_t *operands = p->operands + pc->d;
  struct value *base = regs + p->functions[frame->function].registers;
  STEP;
  if (frame == w->frames + VM_FRAMES_MAX - 1 || base + f->registers > w->stack + VM_STACK)
    goto too_deep;
  for (unsigned i = 0; i < pc->c; i++)
    base[i] = OPERAND(operands[i]);
  frame->pc = pc;
  frame++;
  *frame = (struct vm_frame){.function = pc->b, .context = context, .slot = NULL};
  regs = base;
  GOTO(f->entry);
}
do_RULE : {
  const struct vm_function *f = &p->functions[pc->d];
  struct vm_context *where = context_for(context, f->needs);
  struct vm_slot *slot = &where->slots[pc->d];
  if (slot->stamp == where->stamp) {
    if (slot->value.type == VALUE_ABSENT)
      FAIL;
    regs[pc->a] = slot->value;
    NEXT_INSTRUCTION;
  }
  struct value *base = regs + p->functions[frame->function].registers;
  STEP;
  if (frame == w->frames + VM_FRAMES_MAX - 1 || base + f->registers > w->stack + VM_STACK)
    goto too_deep;
  frame->pc = pc;
  frame++;
  *frame = (struct vm_frame){.function = pc->d, .context = context, .slot = slot};
  context = where;
  regs = base;
  GOTO(f->entry);
}
do_RESULT:
  result = OPERAND(pc->b);
  if (regs[pc->a].type == VALUE_ABSENT)
    regs[pc->a] = result;
  else if (!equal(regs[pc->a], result))
    goto conflict;
  NEXT_INSTRUCTION;
do_RETURN:
  result = OPERAND(pc->b);
  if (frame->slot) {
    frame->slot->value = result;
    frame->slot->stamp = context->stamp;
  }
  if (frame == w->frames) {
    *ret_value = result;
    return true;
  }
  context = frame->context;
  frame--;
  regs -= p->functions[frame->function].registers;
  pc = frame->pc;
  if (result.type == VALUE_ABSENT)
    FAIL;
  regs[pc->a] = result;
  NEXT_INSTRUCTION;
do_WITH : {
  LARGE(COST_FREE + p->function_count / 8);
  const struct vm_with *with = &p->withs[pc->d];
  for (uint32_t i = 0; i < with->count; i++) {
    uint16_t operand = (uint16_t)p->overrides[with->first + i].value;
    list[i] = p->overrides[with->first + i].kind > VM_OVERRIDE_VALUE ? VALUE_NONE
                                                                     : OPERAND(operand);
  }
  regs[pc->a] = (struct value){.type = VALUE_NULL, .text = (const char *)context};
  context = vm_context_derive(w, context, with, list);
  NEXT_INSTRUCTION;
}
do_RESTORE:
  context = (struct vm_context *)(uintptr_t)regs[pc->a].text;
  NEXT_INSTRUCTION;
do_IF_HIDDEN:
  if (context->hidden && context->hidden[pc->d])
    FAIL;
  NEXT_INSTRUCTION;
do_UNLESS_MOCKED:
  if (!context->mocks || context->mocks[pc->b].kind == 0)
    FAIL;
  NEXT_INSTRUCTION;
do_MOCK : {
  const struct vm_mock *mock = &context->mocks[pc->b];
  const uint16_t *operands = p->operands + pc->d;
  STEP;
  for (unsigned i = 0; i < pc->c; i++)
    list[i] = OPERAND(operands[i]);
  if (mock->kind == VM_OVERRIDE_VALUE) {
    regs[pc->a] = mock->value;
    NEXT_INSTRUCTION;
  }
  if (mock->kind == VM_OVERRIDE_BUILTIN) {
    w->pc = pc;
    int done = call_builtin(w, p->builtins[mock->other], list, &result);
    if (done < 0)
      goto failed;
    if (done == 0)
      FAIL;
    regs[pc->a] = result;
    NEXT_INSTRUCTION;
  }
  const struct vm_function *f = &p->functions[mock->other];
  struct value *base = regs + p->functions[frame->function].registers;
  if (frame == w->frames + VM_FRAMES_MAX - 1 || base + f->registers > w->stack + VM_STACK)
    goto too_deep;
  memcpy(base, list, pc->c * sizeof *list);
  frame->pc = pc;
  frame++;
  *frame = (struct vm_frame){.function = mock->other, .context = context, .slot = NULL};
  context = vm_context_plain(w, context);
  regs = base;
  GOTO(f->entry);
}
do_PRINT:
  w->pc = pc;
  if (!vm_print(w, OPERAND(pc->b)))
    goto failed;
  NEXT_INSTRUCTION;
do_POINT:
  if (w->run.observe)
    w->run.observe(w->run.user, &p->observations[pc->d], (uint32_t)(frame - w->frames), regs);
  NEXT_INSTRUCTION;
do_SWITCH:
  GOTO(switch_target(p, &p->switches[pc->d], OPERAND(pc->b)));

conflict:
  if (pc->d == VM_CONFLICT_OBJECT)
    goto conflict_object;
  vm_fail(w, VM_FAILURE_CONFLICT, "%s",
          pc->d == VM_CONFLICT_FUNCTION
              ? "functions must not produce multiple outputs for same inputs"
              : "complete rules must not produce multiple outputs");
  goto failed;
conflict_object:
  vm_fail(w, VM_FAILURE_CONFLICT, "object keys must be unique");
  goto failed;
too_deep:
  vm_fail(w, VM_FAILURE_LIMIT, "calls are nested too deep (more than %d)", VM_FRAMES_MAX);
failed:
  w->failure.place = p->places[pc - code];
  return false;
}
