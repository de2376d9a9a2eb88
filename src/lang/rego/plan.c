#include "lang/rego/plan_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int plan_fail(struct planner *p, int code, const char *format, ...)
{
  if (p->failed)
    return p->failed;
  char text[ERROR_MESSAGE_MAX];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  p->failed = error_set_at(p->err, code, p->place.line, p->place.column, "%s", text);
  return p->failed;
}

/* ---- emitting */

static bool jumps(unsigned op)
{
  switch (op) {
  case VM_MOVE:
  case VM_LOAD:
  case VM_CLEAR:
  case VM_ELEMENT:
  case VM_ARRAY:
  case VM_OBJECT:
  case VM_SET:
  case VM_COLLECT:
  case VM_ADD:
  case VM_PUT:
  case VM_PUT_DEEP:
  case VM_FINISH:
  case VM_MERGE:
  case VM_WALK:
  case VM_RESULT:
  case VM_RETURN:
  case VM_WITH:
  case VM_RESTORE:
  case VM_PRINT:
  case VM_POINT:
  case VM_SWITCH:
    return false;
  default:
    return true;
  }
}

void plan_emit_to(struct planner *p, enum vm_operation op, unsigned a, unsigned b, unsigned c,
                  uint32_t d, uint32_t target)
{
  vec_push(&p->code, (struct vm_instruction){.op = (uint16_t)op,
                                             .a = (uint16_t)a,
                                             .b = (uint16_t)b,
                                             .c = (uint16_t)c,
                                             .d = d,
                                             .target = target});
  vec_push(&p->places, (struct vm_place){p->file, p->place.line, p->place.column, p->place.start,
                                         p->place.end});
}

struct vm_instruction *plan_emit(struct planner *p, enum vm_operation op, unsigned a, unsigned b,
                                 unsigned c)
{
  plan_emit_to(p, op, a, b, c, 0, jumps(op) ? p->fail : PLAN_NO_LABEL);
  return &p->code.items[p->code.count - 1];
}

uint32_t plan_label(struct planner *p)
{
  vec_push(&p->labels, PLAN_NO_LABEL);
  return (uint32_t)p->labels.count - 1;
}

void plan_bind(struct planner *p, uint32_t label)
{
  p->labels.items[label] = (uint32_t)p->code.count;
}

void plan_jump(struct planner *p, uint32_t label)
{
  plan_emit_to(p, VM_JUMP, 0, 0, 0, 0, label);
}

operand plan_registers(struct planner *p, uint32_t count)
{
  uint32_t first = p->registers;
  if (first + count > VM_REGISTERS_MAX) {
    plan_fail(p, SW_ELIMIT, "the rule is too large: it needs more than %d registers",
              VM_REGISTERS_MAX);
    return 0;
  }
  p->registers += count;
  return (operand)first;
}

operand plan_register(struct planner *p)
{
  return plan_registers(p, 1);
}

/* ---- constants */

static struct value keep_string(struct planner *p, struct value v)
{
  struct value kept = value_string(arena_copy(&p->program->arena, value_str(v)));
  if (p->options->symbols)
    kept.symbol = symbols_add(p->options->symbols, value_str(v));
  return kept;
}

static struct value keep_scalar(struct planner *p, struct value v)
{
  if (v.type == VALUE_STRING)
    return keep_string(p, v);
  if (v.type == VALUE_NUMBER && (v.flags & VALUE_TEXT))
    v.text = arena_copy(&p->program->arena, value_str(v)).data;
  return v;
}

static struct str scalar_text(struct planner *p, struct value v)
{
  switch (v.type) {
  case VALUE_STRING:
    return arena_printf(p->arena, "s%.*s", STR_FMT(value_str(v)));
  case VALUE_NUMBER:
    if (v.flags & VALUE_INT)
      return arena_printf(p->arena, "i%lld", (long long)v.integer);
    if (v.flags & VALUE_TEXT)
      return arena_printf(p->arena, "n%.*s", STR_FMT(value_str(v)));
    return STR_EMPTY;
  case VALUE_BOOL:
    return v.boolean ? STR("t") : STR("f");
  case VALUE_NULL:
    return STR("0");
  default:
    return STR_EMPTY;
  }
}

uint32_t plan_constant_number(struct planner *p, struct value v)
{
  struct str text = v.type == VALUE_STRING && memchr(v.text ? v.text : "", 0, v.len)
                        ? STR_EMPTY
                        : scalar_text(p, v);
  union map_value *known = NULL;
  if (text.len) {
    bool added;
    known = map_put(&p->constant_numbers, text, &added);
    if (!added)
      return (uint32_t)known->number;
    known->number = p->constants.count;
  }
  vec_push(&p->constants, keep_scalar(p, v));
  return (uint32_t)p->constants.count - 1;
}

operand plan_constant(struct planner *p, struct value v)
{
  uint32_t number = plan_constant_number(p, v);
  if (number < VM_CONSTANTS_NEAR)
    return (operand)(VM_CONSTANT | number);
  operand to = plan_register(p);
  plan_emit(p, VM_LOAD, to, 0, 0)->d = number;
  return to;
}

uint32_t plan_keys(struct planner *p, const struct value *keys, uint32_t count)
{
  uint32_t first = (uint32_t)p->keys.count;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t number = plan_constant_number(p, keys[i]);
    vec_push(&p->keys, number);
  }
  return first;
}

uint32_t plan_list(struct planner *p, const operand *operands, uint32_t count)
{
  uint32_t first = (uint32_t)p->operands.count;
  for (uint32_t i = 0; i < count; i++)
    vec_push(&p->operands, operands[i]);
  return first;
}

uint32_t plan_builtin(struct planner *p, struct str name)
{
  for (uint32_t i = 0; i < p->builtins.count; i++)
    if (str_eq(str_from(p->builtins.items[i]->name), name))
      return i;
  const struct builtin *b = builtin_find(name);
  if (!b || !b->call) {
    plan_fail(p, SW_EUNSUPPORTED, "the function %.*s is not available", STR_FMT(name));
    return 0;
  }
  vec_push(&p->builtins, b);
  return (uint32_t)p->builtins.count - 1;
}

/* ---- functions */

static uint32_t function_add(struct planner *p, enum plan_function_kind kind,
                             const struct check_path *path, const struct plan_entry *entry)
{
  if (vec_full(&p->functions, VM_FUNCTIONS_MAX)) {
    plan_fail(p, SW_ELIMIT, "more than %d rules", VM_FUNCTIONS_MAX);
    return 0;
  }
  vec_push(&p->functions, (struct vm_function){.entry = PLAN_NO_LABEL});
  vec_push(&p->queue, (struct plan_function){.kind = (uint8_t)kind, .path = path, .entry = entry});
  return (uint32_t)p->functions.count - 1;
}

uint32_t plan_function_of(struct planner *p, enum plan_function_kind kind,
                          const struct check_path *path)
{
  uint32_t *numbers = kind == PLAN_RULES ? p->rules_function : p->document_function;
  if (numbers[path->number] == 0)
    numbers[path->number] = function_add(p, kind, path, NULL) + 1;
  uint32_t number = numbers[path->number] - 1;
  vec_push(&p->calls, (uint64_t)p->function << 32 | number);
  return number;
}

/* ---- locals */

void plan_bind_local(struct planner *p, uint32_t local, operand o)
{
  p->bound[local] = o;
  vec_push(&p->trail, local);
}

void plan_forget(struct planner *p, size_t mark)
{
  while (p->trail.count > mark)
    p->bound[p->trail.items[--p->trail.count]] = VM_NONE;
}

static uint32_t item_count(const struct check_term *t)
{
  switch (t->kind) {
  case CHECK_ARRAY:
  case CHECK_SET:
  case CHECK_REF:
    return t->count;
  case CHECK_OBJECT:
    return t->count * 2;
  default:
    return 0;
  }
}

bool plan_has_unbound(const struct planner *p, const struct check_term *t)
{
  if (t->kind == CHECK_LOCAL)
    return !plan_is_bound(p, t->local);
  if (t->kind == CHECK_REF)
    return false;
  for (uint32_t i = 0; i < item_count(t); i++)
    if (plan_has_unbound(p, &t->items[i]))
      return true;
  return false;
}

void plan_gather_unbound(struct planner *p, const struct check_term *t, struct plan_trail *out)
{
  if (t->kind == CHECK_LOCAL && !plan_is_bound(p, t->local)) {
    for (size_t i = 0; i < out->count; i++)
      if (out->items[i] == t->local)
        return;
    vec_push(out, t->local);
  }
  for (uint32_t i = 0; i < item_count(t); i++)
    plan_gather_unbound(p, &t->items[i], out);
}

void plan_give_up(struct planner *p, const struct check_term *t)
{
  struct plan_trail unbound = {0};
  plan_jump(p, p->fail);
  plan_gather_unbound(p, t, &unbound);
  for (size_t i = 0; i < unbound.count; i++)
    plan_bind_local(p, unbound.items[i], plan_constant(p, value_null()));
  vec_free(&unbound);
}

/* ---- one function after another */

static void resolve_jumps(struct planner *p)
{
  for (size_t i = p->start; i < p->code.count; i++) {
    struct vm_instruction *instruction = &p->code.items[i];
    if (jumps(instruction->op))
      instruction->target = p->labels.items[instruction->target];
  }
  for (size_t i = p->first_switch; i < p->switches.count; i++) {
    struct vm_switch *s = &p->switches.items[i];
    s->otherwise = p->labels.items[s->otherwise];
    s->undefined = p->labels.items[s->undefined];
    for (uint32_t j = 0; j <= s->mask; j++)
      if (p->cells.items[s->first + j].constant != UINT32_MAX)
        p->cells.items[s->first + j].target = p->labels.items[p->cells.items[s->first + j].target];
  }
}

static void begin_function(struct planner *p, uint32_t number)
{
  p->function = number;
  p->start = (uint32_t)p->code.count;
  p->registers = 0;
  p->needs = 0;
  p->labels.count = 0;
  p->once.count = 0;
  p->first_switch = (uint32_t)p->switches.count;
  p->trail.count = 0;
  p->loops = 0;
  p->with_depth = 0;
  p->ordered = p->options->instrument;
  p->rule_point = UINT32_MAX;
}

static struct str function_name(struct planner *p, const struct plan_function *f)
{
  _cleanup_(buf_free) struct buf text = {0};
  const struct check_path *up[64];
  unsigned depth = 0;
  for (const struct check_path *path = f->path; path && path->parent && depth < 64;
       path = path->parent)
    up[depth++] = path;
  if (!f->path)
    return STR("query");
  buf_add(&text, STR("data"));
  while (depth-- > 0) {
    buf_add_byte(&text, '.');
    buf_add(&text, value_str_or_empty(up[depth]->key));
  }
  return arena_copy(&p->program->arena, buf_str(&text));
}

static void plan_one(struct planner *p, uint32_t number)
{
  struct plan_function f = p->queue.items[number];
  begin_function(p, number);
  if (f.kind == PLAN_ENTRY)
    plan_entry(p, f.entry);
  else if (f.kind == PLAN_RULES)
    plan_rules(p, f.path);
  else
    plan_document(p, f.path);
  if (p->failed)
    return;
  plan_once_clear(p);
  resolve_jumps(p);
  struct vm_function *made = &p->functions.items[number];
  made->entry = p->start;
  made->registers = (uint16_t)(p->registers ? p->registers : 1);
  made->arity = f.kind == PLAN_RULES && f.path->is_function ? (uint16_t)f.path->arity : 0;
  made->needs = p->needs;
  made->name = function_name(p, &f);
}

/* A function needs what those that it calls need. */
static void spread_needs(struct planner *p)
{
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = p->calls.count; i-- > 0;) {
      uint32_t *caller = &p->functions.items[p->calls.items[i] >> 32].needs;
      uint32_t callee = p->functions.items[(uint32_t)p->calls.items[i]].needs;
      if ((*caller | callee) != *caller) {
        *caller |= callee;
        changed = true;
      }
    }
  }
}

#define KEEP(member, counter)                                                                      \
  do {                                                                                             \
    p->program->member = arena_alloc_array(                                                        \
        &p->program->arena, p->member.count ? p->member.count : 1, sizeof *p->program->member);    \
    if (p->member.count)                                                                           \
      memcpy(p->program->member, p->member.items, p->member.count * sizeof *p->member.items);      \
    p->program->counter = (uint32_t)p->member.count;                                               \
  } while (0)

static void keep(struct planner *p)
{
  struct vm_program *made = p->program;
  KEEP(code, code_count);
  KEEP(places, code_count);
  KEEP(constants, constant_count);
  KEEP(operands, operand_count);
  KEEP(functions, function_count);
  KEEP(builtins, builtin_count);
  KEEP(withs, with_count);
  KEEP(overrides, override_count);
  KEEP(observations, observation_count);
  KEEP(variables, variable_count);
  KEEP(switches, switch_count);
  KEEP(cells, cell_count);
  KEEP(files, file_count);
  made->key_count = (uint32_t)p->keys.count;
  made->keys = arena_array(&made->arena, struct value, p->keys.count + 1);
  made->key_constants = arena_array(&made->arena, uint32_t, p->keys.count + 1);
  for (size_t i = 0; i < p->keys.count; i++) {
    made->key_constants[i] = p->keys.items[i];
    made->keys[i] = made->constants[p->keys.items[i]];
  }
  made->hidden_count = (uint32_t)p->targets.count;
  made->mock_count = (uint32_t)p->mocks.count;
}

static void keep_points(struct planner *p, struct plan_points *ret)
{
  ret->count = (uint32_t)p->points.count;
  ret->items = arena_array(&p->program->arena, struct plan_point, p->points.count + 1);
  for (size_t i = 0; i < p->points.count; i++)
    ret->items[i] = p->points.items[i];
}

static void release(struct planner *p)
{
  vec_free(&p->code);
  vec_free(&p->places);
  vec_free(&p->constants);
  vec_free(&p->keys);
  vec_free(&p->operands);
  vec_free(&p->functions);
  vec_free(&p->builtins);
  vec_free(&p->withs);
  vec_free(&p->overrides);
  vec_free(&p->observations);
  vec_free(&p->variables);
  vec_free(&p->switches);
  vec_free(&p->cells);
  vec_free(&p->files);
  vec_free(&p->points);
  vec_free(&p->queue);
  vec_free(&p->calls);
  vec_free(&p->targets);
  vec_free(&p->mocks);
  vec_free(&p->once);
  vec_free(&p->trail);
  vec_free(&p->labels);
  map_free(&p->constant_numbers);
}

static void plan_all(struct planner *p, const struct plan_entry *entries, uint32_t entry_count)
{
  struct vm_program *made = p->program;
  plan_scan(p);
  for (uint32_t i = 0; i < entry_count; i++)
    plan_scan_query(p, entries[i].query);
  made->entries = arena_array(&made->arena, uint32_t, entry_count + 1);
  made->entry_count = entry_count;
  for (uint32_t i = 0; i < entry_count; i++)
    made->entries[i] = function_add(p, PLAN_ENTRY, NULL, &entries[i]);
  for (uint32_t i = 0; i < p->queue.count && !p->failed; i++)
    plan_one(p, i);
  if (!p->failed)
    spread_needs(p);
}

int rego_plan(struct arena *a, const struct check_program *checked,
              const struct plan_entry *entries, uint32_t entry_count,
              const struct plan_options *options, struct vm_program **ret_program,
              struct plan_points *ret_points, struct error *err)
{
  struct planner *p = arena_new(a, struct planner);
  p->arena = a;
  p->checked = checked;
  p->options = options;
  p->err = err;
  p->program = mem_zalloc(1, sizeof *p->program);
  arena_init(&p->program->arena, 0);
  map_init(&p->constant_numbers, NULL);
  p->rules_function = arena_zalloc(a, checked->path_count + 1, sizeof *p->rules_function);
  p->document_function = arena_zalloc(a, checked->path_count + 1, sizeof *p->document_function);
  plan_all(p, entries, entry_count);
  if (!p->failed) {
    keep(p);
    if (ret_points)
      keep_points(p, ret_points);
    *ret_program = p->program;
  } else {
    vm_program_free(p->program);
  }
  int failed = p->failed;
  release(p);
  return failed;
}
