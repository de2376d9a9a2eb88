#include "lang/vm/vm_int.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct vm_worker *vm_worker_new(void)
{
  struct vm_worker *w = mem_zalloc(1, sizeof *w);
  w->cache = builtin_cache_new();
  /* Untouched pages of these cost nothing. */
  w->stack = mem_alloc(VM_STACK * sizeof *w->stack);
  w->frames = mem_alloc(VM_FRAMES_MAX * sizeof *w->frames);
  return w;
}

void vm_worker_free(struct vm_worker *w)
{
  if (!w)
    return;
  builtin_cache_free(w->cache);
  mem_free(w->stack);
  mem_free(w->frames);
  mem_free(w->slots);
  mem_free(w);
}

bool vm_fail(struct vm_worker *w, enum vm_failure_kind kind, const char *format, ...)
{
  if (w->failure.kind != VM_FAILURE_NONE)
    return false;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(w->failure.message, sizeof w->failure.message, format, arguments);
  va_end(arguments);
  w->failure.kind = kind;
  return false;
}

int64_t vm_now_ns(void)
{
  return (int64_t)clock_monotonic_ns(clock_system());
}

uint32_t vm_switch_hash(struct value v)
{
  enum { HASHED_MAX = 64 };
  uint32_t hash = 2166136261u ^ v.type;
  if (v.type == VALUE_STRING) {
    hash ^= v.len << 8;
    for (uint32_t i = 0; i < v.len && i < HASHED_MAX; i++)
      hash = (hash ^ (uint8_t)v.text[i]) * 16777619u;
  }
  return hash ^ (hash >> 15);
}

static void note(void *user, struct str text)
{
  struct vm_worker *w = user;
  if (w->run.note)
    w->run.note(w->run.user, text);
}

void vm_begin(struct vm_worker *w, const struct vm_program *program, const struct vm_run *run)
{
  w->program = program;
  w->run = *run;
  w->builtins = run->builtins;
  w->builtins.arena = run->arena;
  w->builtins.cache = w->cache;
  w->builtins.strict = run->strict_errors;
  w->builtins.spend = vm_spend;
  w->builtins.note = note;
  w->builtins.user = w;
  if (w->slot_room < program->function_count) {
    mem_free(w->slots);
    w->slot_room = program->function_count;
    w->slots = mem_zalloc(w->slot_room, sizeof *w->slots);
  }
  w->left = 0;
  w->granted = 0;
  w->taken = 0;
  w->failure.kind = VM_FAILURE_NONE;
  w->root = (struct vm_context){.input = run->input,
                                .data = run->data,
                                .stamp = ++w->stamp,
                                .changed = VM_NEEDS_ALL,
                                .slots = w->slots};
  if (w->root.data.type == VALUE_ABSENT)
    w->root.data = (struct value){.type = VALUE_OBJECT};
}

static int failure_code(const struct vm_failure *failure)
{
  return failure->kind == VM_FAILURE_LIMIT ? SW_ELIMIT : SW_EINVAL;
}

int vm_ask(struct vm_worker *w, uint32_t function, struct value *ret_value, struct error *err)
{
  struct vm_slot *slot = &w->slots[function];
  struct value value = slot->value;
  w->failure.kind = VM_FAILURE_NONE;
  if (slot->stamp != w->root.stamp) {
    if (!vm_execute(w, function, &w->root, &value))
      return error_set_at(err, failure_code(&w->failure), w->failure.place.line,
                          w->failure.place.column, "%s", w->failure.message);
    slot->value = value;
    slot->stamp = w->root.stamp;
  }
  *ret_value = value;
  return 0;
}

const struct vm_failure *vm_failure(const struct vm_worker *w)
{
  return &w->failure;
}

uint64_t vm_steps(const struct vm_worker *w)
{
  return w->taken + (uint64_t)((int64_t)w->granted - w->left);
}

/* ---- contexts */

static void hide(struct vm_worker *w, struct vm_context *c, uint32_t number)
{
  if (number == UINT32_MAX)
    return;
  bool *hidden = arena_zalloc(w->run.arena, w->program->hidden_count, sizeof *hidden);
  if (c->hidden)
    memcpy(hidden, c->hidden, w->program->hidden_count * sizeof *hidden);
  hidden[number] = true;
  c->hidden = hidden;
}

static void mock(struct vm_worker *w, struct vm_context *c, const struct vm_override *o,
                 struct value value)
{
  struct vm_mock *mocks = arena_zalloc(w->run.arena, w->program->mock_count, sizeof *mocks);
  if (c->mocks)
    memcpy(mocks, c->mocks, w->program->mock_count * sizeof *mocks);
  mocks[o->number] = (struct vm_mock){.kind = o->kind, .other = o->other, .value = value};
  c->mocks = mocks;
}

struct vm_context *vm_context_derive(struct vm_worker *w, struct vm_context *parent,
                                     const struct vm_with *with, const struct value *values)
{
  struct vm_context *c = arena_new(w->run.arena, struct vm_context);
  *c = *parent;
  c->parent = parent;
  c->stamp = ++w->stamp;
  c->changed = 0;
  c->plain = NULL;
  c->slots = arena_zalloc(w->run.arena, w->program->function_count, sizeof *c->slots);
  for (uint32_t i = 0; i < with->count; i++) {
    const struct vm_override *o = &w->program->overrides[with->first + i];
    const struct value *keys = w->program->keys + o->keys;
    switch (o->kind) {
    case VM_OVERRIDE_INPUT:
      c->input = vm_set_path(w->run.arena, c->input, keys, o->key_count, values[i]);
      c->changed |= VM_NEEDS_INPUT;
      break;
    case VM_OVERRIDE_DATA:
      c->data = vm_set_path(w->run.arena, c->data, keys, o->key_count, values[i]);
      c->changed |= VM_NEEDS_DATA;
      hide(w, c, o->number);
      break;
    default:
      mock(w, c, o, values[i]);
      c->changed |= VM_NEEDS_MOCKS;
    }
  }
  return c;
}

struct vm_context *vm_context_plain(struct vm_worker *w, struct vm_context *context)
{
  if (context->plain)
    return context->plain;
  struct vm_context *c = arena_new(w->run.arena, struct vm_context);
  *c = *context;
  c->parent = context;
  c->stamp = ++w->stamp;
  c->changed = VM_NEEDS_MOCKS;
  c->slots = arena_zalloc(w->run.arena, w->program->function_count, sizeof *c->slots);
  c->mocks = NULL;
  context->plain = c;
  return c;
}

/* ---- print */

static bool print_one(struct vm_worker *w, struct buf *out, const struct value *chosen)
{
  struct str text;
  if (chosen->type == VALUE_ABSENT) {
    buf_add(out, STR("<undefined>"));
    return true;
  }
  if (builtin_print_text(&w->builtins, *chosen, &text) != BUILTIN_VALUE)
    return vm_fail(w, VM_FAILURE_LIMIT, "print: %s", w->builtins.error.message);
  buf_add(out, text);
  return true;
}

bool vm_print(struct vm_worker *w, struct value parts)
{
  if (!w->run.print || parts.type != VALUE_ARRAY)
    return true;
  _cleanup_(buf_free) struct buf out = {0};
  for (uint32_t i = 0; i < parts.len; i++) {
    struct value part = parts.items[i];
    struct value chosen = part.type != VALUE_SET ? part : part.len ? part.items[0] : VALUE_NONE;
    if (i)
      buf_add_byte(&out, ' ');
    if (!print_one(w, &out, &chosen))
      return false;
  }
  w->run.print(w->run.user, arena_copy(w->run.arena, buf_str(&out)),
               &w->program->places[w->pc - w->program->code]);
  return true;
}
