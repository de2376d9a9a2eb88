/* Programs as bytes, and back; whether a program is sound in form. */
#include "lang/vm/vm_int.h"

#include "base/hash.h"
#include "data/compare.h"

#include <string.h>

enum { IMAGE_MAGIC = 0x4d565753, CONSTANT_DEPTH_MAX = 600 };

/* Numbers of instructions mean nothing to another build. */
static uint32_t build_mark(void)
{
  static const char operations[] =
#define VM_TEXT(name) #name " "
      VM_OPERATIONS(VM_TEXT);
#undef VM_TEXT
  uint32_t mark = 2166136261u;
  for (size_t i = 0; i < sizeof operations; i++)
    mark = (mark ^ (uint8_t)operations[i]) * 16777619u;
  return mark ^ (uint32_t)sizeof(struct vm_override);
}

/* ---- what each instruction refers to */

/*
 * a, A: register a, and the one behind it; B, C: operands; b, c: registers or VM_NONE; K: c keys from d;
 * L: c operands from d; t: target; k: constant d; f: function d without arguments; F: function b with c
 * arguments; u, U: builtin b, d; w: with d; h: hidden document d; m: mock b; o: observation d;
 * s: switch d.
 */
static const char *const forms[VM_OPERATION_COUNT] = {
    [VM_MOVE] = "aB",       [VM_LOAD] = "ak",          [VM_CLEAR] = "a",
    [VM_INPUT] = "aKt",     [VM_DATA] = "aKt",         [VM_PATH] = "aBKt",
    [VM_INPUT_TEST] = "Kt", [VM_PATH_TEST] = "BKt",    [VM_GET] = "aBCt",
    [VM_TEST] = "Bt",       [VM_EQUAL] = "BCt",        [VM_NOT_EQUAL] = "BCt",
    [VM_LESS] = "BCt",      [VM_LESS_EQUAL] = "BCt",   [VM_IS_ARRAY] = "Bt",
    [VM_IS_OBJECT] = "Bt",  [VM_IS_CONTAINER] = "Bt",  [VM_ELEMENT] = "aB",
    [VM_MEMBER] = "BCt",    [VM_IF_ABSENT] = "bt",     [VM_IF_PRESENT] = "bt",
    [VM_JUMP] = "t",        [VM_ITERATE] = "ABt",      [VM_NEXT] = "Abct",
    [VM_WALK] = "aB",       [VM_WALK_NEXT] = "abct",   [VM_ARRAY] = "aL",
    [VM_OBJECT] = "aL",     [VM_SET] = "aL",           [VM_COLLECT] = "a",
    [VM_ADD] = "aB",        [VM_PUT] = "aBC",          [VM_PUT_DEEP] = "aL",
    [VM_FINISH] = "ab",     [VM_MERGE] = "aBC",        [VM_BUILTIN] = "auLt",
    [VM_PLUS] = "aBCUt",    [VM_MINUS] = "aBCUt",      [VM_TIMES] = "aBCUt",
    [VM_CALL] = "aFLt",     [VM_RULE] = "aft",         [VM_RESULT] = "aB",
    [VM_RETURN] = "B",      [VM_WITH] = "aw",          [VM_RESTORE] = "a",
    [VM_IF_HIDDEN] = "ht",  [VM_UNLESS_MOCKED] = "mt", [VM_MOCK] = "amLt",
    [VM_PRINT] = "B",       [VM_POINT] = "o",          [VM_SWITCH] = "Bs",
};

struct extent {
  uint32_t registers, first, end;
};

static bool operand_fits(const struct vm_program *p, const struct extent *e, uint32_t o)
{
  return o & VM_CONSTANT ? (o & ~(uint32_t)VM_CONSTANT) < p->constant_count : o < e->registers;
}

static bool register_fits(const struct extent *e, uint32_t r)
{
  return r == VM_NONE || r < e->registers;
}

static bool run_fits(uint32_t first, uint32_t count, uint32_t all)
{
  return first <= all && count <= all - first;
}

static bool list_fits(const struct vm_program *p, const struct extent *e, uint32_t first,
                      uint32_t count)
{
  if (!run_fits(first, count, p->operand_count))
    return false;
  for (uint32_t i = 0; i < count; i++)
    if (!operand_fits(p, e, p->operands[first + i]))
      return false;
  return true;
}

static bool with_fits(const struct vm_program *p, const struct extent *e, uint32_t number)
{
  if (number >= p->with_count)
    return false;
  const struct vm_with *with = &p->withs[number];
  if (with->count > VM_LIST_MAX || !run_fits(with->first, with->count, p->override_count))
    return false;
  for (uint32_t i = 0; i < with->count; i++) {
    const struct vm_override *o = &p->overrides[with->first + i];
    if (!run_fits(o->keys, o->key_count, p->key_count))
      return false;
    if (o->kind <= VM_OVERRIDE_VALUE && !operand_fits(p, e, o->value))
      return false;
    if (o->kind == VM_OVERRIDE_DATA && o->number != UINT32_MAX && o->number >= p->hidden_count)
      return false;
    if (o->kind >= VM_OVERRIDE_VALUE && o->number >= p->mock_count)
      return false;
    if (o->kind == VM_OVERRIDE_BUILTIN && o->other >= p->builtin_count)
      return false;
    if (o->kind == VM_OVERRIDE_FUNCTION && o->other >= p->function_count)
      return false;
    if (o->kind > VM_OVERRIDE_FUNCTION)
      return false;
  }
  return true;
}

static bool switch_fits(const struct vm_program *p, const struct extent *e, uint32_t number)
{
  if (number >= p->switch_count)
    return false;
  const struct vm_switch *s = &p->switches[number];
  if (s->mask == UINT32_MAX || (s->mask & (s->mask + 1)) ||
      !run_fits(s->first, s->mask + 1, p->cell_count))
    return false;
  bool has_empty = false;
  for (uint32_t i = 0; i <= s->mask; i++) {
    const struct vm_cell *cell = &p->cells[s->first + i];
    has_empty |= cell->constant == UINT32_MAX;
    if (cell->constant != UINT32_MAX &&
        (cell->constant >= p->constant_count || cell->target < e->first || cell->target >= e->end))
      return false;
  }
  return has_empty && s->otherwise >= e->first && s->otherwise < e->end &&
         s->undefined >= e->first && s->undefined < e->end;
}

static bool gathers(unsigned op)
{
  return op != VM_ARRAY && op != VM_OBJECT && op != VM_SET;
}

static bool part_fits(const struct vm_program *p, const struct extent *e,
                      const struct vm_instruction *in, char part)
{
  switch (part) {
  case 'a':
    return in->a < e->registers;
  case 'A':
    return in->a + 1u < e->registers;
  case 'B':
    return operand_fits(p, e, in->b);
  case 'C':
    return operand_fits(p, e, in->c);
  case 'b':
    return register_fits(e, in->b);
  case 'c':
    return register_fits(e, in->c);
  case 'K':
    return run_fits(in->d, in->c, p->key_count);
  case 'L':
    return (!gathers(in->op) || in->c <= VM_LIST_MAX) && list_fits(p, e, in->d, in->c);
  case 't':
    return in->target >= e->first && in->target < e->end;
  case 'k':
    return in->d < p->constant_count;
  case 'f':
    return in->d < p->function_count && p->functions[in->d].arity == 0;
  case 'F':
    return in->b < p->function_count && p->functions[in->b].arity == in->c;
  case 'u':
    return in->b < p->builtin_count && in->c >= p->builtins[in->b]->arity;
  case 'U':
    return in->d < p->builtin_count && p->builtins[in->d]->arity <= 2;
  case 'w':
    return with_fits(p, e, in->d);
  case 'h':
    return in->d < p->hidden_count;
  case 'm':
    return in->b < p->mock_count;
  case 'o':
    return in->d < p->observation_count;
  default:
    return switch_fits(p, e, in->d);
  }
}

static bool ends(unsigned op)
{
  return op == VM_RETURN || op == VM_JUMP || op == VM_SWITCH;
}

static int verify_function(const struct vm_program *p, uint32_t number, struct error *err)
{
  const struct vm_function *f = &p->functions[number];
  struct extent e = {.registers = f->registers, .first = f->entry};
  e.end = number + 1 < p->function_count ? p->functions[number + 1].entry : p->code_count;
  if (f->entry >= e.end || e.end > p->code_count || f->arity > f->registers ||
      !ends(p->code[e.end - 1].op))
    return error_set(err, SW_EINVAL, "function %u of the program is out of place", number);
  for (uint32_t i = e.first; i < e.end; i++) {
    const struct vm_instruction *in = &p->code[i];
    if (in->op >= VM_OPERATION_COUNT)
      return error_set(err, SW_EINVAL, "instruction %u is unknown", i);
    for (const char *part = forms[in->op]; *part; part++)
      if (!part_fits(p, &e, in, *part))
        return error_set(err, SW_EINVAL, "instruction %u refers to what is not there", i);
  }
  return 0;
}

int vm_program_verify(const struct vm_program *p, struct error *err)
{
  for (uint32_t i = 0; i < p->function_count; i++) {
    int result = verify_function(p, i, err);
    if (result < 0)
      return result;
  }
  for (uint32_t i = 0; i < p->entry_count; i++)
    if (p->entries[i] >= p->function_count || p->functions[p->entries[i]].arity)
      return error_set(err, SW_EINVAL, "entry %u of the program is no function", i);
  return 0;
}

/* ---- writing */

static void put_u32(struct buf *out, uint32_t n)
{
  buf_add(out, (struct str){(const char *)&n, sizeof n});
}

static void put_text(struct buf *out, struct str s)
{
  put_u32(out, (uint32_t)s.len);
  buf_add(out, s);
}

static void put_array(struct buf *out, const void *items, uint32_t count, size_t size)
{
  put_u32(out, count);
  buf_add(out, (struct str){items, count * size});
}

static void put_value(struct buf *out, struct value v)
{
  buf_add_byte(out, (char)v.type);
  buf_add_byte(out, (char)(v.type == VALUE_NUMBER ? v.flags : v.type == VALUE_BOOL && v.boolean));
  switch (v.type) {
  case VALUE_STRING:
    put_text(out, value_str(v));
    break;
  case VALUE_NUMBER:
    if (v.flags & VALUE_TEXT)
      put_text(out, value_str(v));
    else
      buf_add(out, (struct str){(const char *)&v.integer, sizeof v.integer});
    break;
  case VALUE_ARRAY:
  case VALUE_SET:
    put_u32(out, v.len);
    for (uint32_t i = 0; i < v.len; i++)
      put_value(out, v.items[i]);
    break;
  case VALUE_OBJECT:
    put_u32(out, v.len);
    for (uint32_t i = 0; i < v.len; i++) {
      put_value(out, v.members[i].key);
      put_value(out, v.members[i].value);
    }
    break;
  default:
    break;
  }
}

static void put_names(const struct vm_program *p, struct buf *out)
{
  put_u32(out, p->function_count);
  for (uint32_t i = 0; i < p->function_count; i++) {
    const struct vm_function *f = &p->functions[i];
    put_u32(out, f->entry);
    put_u32(out, (uint32_t)f->registers << 16 | f->arity);
    put_u32(out, f->needs);
    put_text(out, f->name);
  }
  put_u32(out, p->builtin_count);
  for (uint32_t i = 0; i < p->builtin_count; i++)
    put_text(out, str_from(p->builtins[i]->name));
  put_u32(out, p->variable_count);
  for (uint32_t i = 0; i < p->variable_count; i++) {
    put_u32(out, p->variables[i].operand);
    put_text(out, p->variables[i].name);
  }
  put_u32(out, p->file_count);
  for (uint32_t i = 0; i < p->file_count; i++)
    put_text(out, p->files[i]);
}

void vm_program_save(const struct vm_program *p, struct buf *out)
{
  put_u32(out, IMAGE_MAGIC);
  put_u32(out, build_mark());
  put_array(out, p->code, p->code_count, sizeof *p->code);
  put_array(out, p->places, p->code_count, sizeof *p->places);
  put_u32(out, p->constant_count);
  for (uint32_t i = 0; i < p->constant_count; i++)
    put_value(out, p->constants[i]);
  put_array(out, p->key_constants, p->key_count, sizeof *p->key_constants);
  put_array(out, p->operands, p->operand_count, sizeof *p->operands);
  put_array(out, p->withs, p->with_count, sizeof *p->withs);
  put_array(out, p->overrides, p->override_count, sizeof *p->overrides);
  put_array(out, p->observations, p->observation_count, sizeof *p->observations);
  put_array(out, p->switches, p->switch_count, sizeof *p->switches);
  put_array(out, p->cells, p->cell_count, sizeof *p->cells);
  put_array(out, p->entries, p->entry_count, sizeof *p->entries);
  put_u32(out, p->hidden_count);
  put_u32(out, p->mock_count);
  put_names(p, out);
}

/* ---- reading */

struct reader {
  const char *at, *end;
  struct arena *arena;
  struct symbols *symbols;
  bool broken;
};

static uint32_t get_u32(struct reader *r)
{
  uint32_t n = 0;
  if (r->end - r->at < (ptrdiff_t)sizeof n) {
    r->broken = true;
    return 0;
  }
  memcpy(&n, r->at, sizeof n);
  r->at += sizeof n;
  return n;
}

/* A count of things that take at least `size` bytes each. */
static uint32_t get_count(struct reader *r, size_t size)
{
  uint32_t count = get_u32(r);
  if (count > (size_t)(r->end - r->at) / size)
    r->broken = true;
  return r->broken ? 0 : count;
}

static struct str get_text(struct reader *r)
{
  uint32_t len = get_count(r, 1);
  struct str text = {r->at, len};
  r->at += len;
  return text;
}

static void *get_array(struct reader *r, uint32_t *ret_count, size_t size)
{
  uint32_t count = get_count(r, size);
  void *items = arena_alloc_array(r->arena, count + 1u, size);
  if (count)
    memcpy(items, r->at, count * size);
  r->at += count * size;
  *ret_count = count;
  return items;
}

static struct value get_value(struct reader *r, unsigned depth);

static struct value get_members(struct reader *r, unsigned depth)
{
  uint32_t count = get_count(r, 4);
  struct value_member *members = arena_array(r->arena, struct value_member, count + 1u);
  for (uint32_t i = 0; i < count && !r->broken; i++) {
    members[i].key = get_value(r, depth + 1);
    members[i].value = get_value(r, depth + 1);
  }
  struct value object = {0};
  if (!r->broken)
    value_object_make_any(r->arena, members, NULL, count, VALUE_LAST_WINS, NULL, &object);
  return object;
}

static struct value get_items(struct reader *r, unsigned type, unsigned depth)
{
  uint32_t count = get_count(r, 2);
  struct value *items = arena_array(r->arena, struct value, count + 1u);
  for (uint32_t i = 0; i < count && !r->broken; i++)
    items[i] = get_value(r, depth + 1);
  if (r->broken)
    return VALUE_NONE;
  return type == VALUE_SET ? value_set_make(r->arena, items, count)
                           : value_array_make(r->arena, items, NULL, count);
}

static struct value get_number(struct reader *r, unsigned flags)
{
  struct value v = {.type = VALUE_NUMBER, .flags = (uint8_t)flags};
  if (flags == VALUE_TEXT) {
    struct str text = get_text(r);
    v.text = text.data;
    v.len = (uint32_t)text.len;
  } else if ((flags != VALUE_INT && flags != VALUE_DOUBLE) || r->end - r->at < 8) {
    r->broken = true;
  } else {
    memcpy(&v.integer, r->at, 8);
    r->at += 8;
  }
  return v;
}

static struct value get_value(struct reader *r, unsigned depth)
{
  if (r->end - r->at < 2 || depth > CONSTANT_DEPTH_MAX) {
    r->broken = true;
    return VALUE_NONE;
  }
  unsigned type = (uint8_t)r->at[0], flags = (uint8_t)r->at[1];
  struct value v = {.type = (uint8_t)type};
  r->at += 2;
  switch (type) {
  case VALUE_NULL:
    return v;
  case VALUE_BOOL:
    return value_bool(flags != 0);
  case VALUE_NUMBER:
    return get_number(r, flags);
  case VALUE_STRING: {
    struct str text = get_text(r);
    v = value_string(text);
    if (r->symbols && !r->broken)
      v.symbol = symbols_add(r->symbols, text);
    return v;
  }
  case VALUE_ARRAY:
  case VALUE_SET:
    return get_items(r, type, depth);
  case VALUE_OBJECT:
    return get_members(r, depth);
  default:
    r->broken = true;
    return VALUE_NONE;
  }
}

static void get_functions(struct reader *r, struct vm_program *p)
{
  p->function_count = get_count(r, 16);
  p->functions = arena_array(r->arena, struct vm_function, p->function_count + 1u);
  for (uint32_t i = 0; i < p->function_count; i++) {
    struct vm_function *f = &p->functions[i];
    f->entry = get_u32(r);
    uint32_t sizes = get_u32(r);
    f->registers = (uint16_t)(sizes >> 16);
    f->arity = (uint16_t)sizes;
    f->needs = get_u32(r);
    f->name = get_text(r);
  }
}

static void get_names(struct reader *r, struct vm_program *p)
{
  get_functions(r, p);
  p->builtin_count = get_count(r, 4);
  p->builtins = arena_array(r->arena, const struct builtin *, p->builtin_count + 1u);
  for (uint32_t i = 0; i < p->builtin_count; i++) {
    p->builtins[i] = builtin_find(get_text(r));
    r->broken |= p->builtins[i] == NULL;
  }
  p->variable_count = get_count(r, 8);
  p->variables = arena_array(r->arena, struct vm_variable, p->variable_count + 1u);
  for (uint32_t i = 0; i < p->variable_count; i++) {
    p->variables[i].operand = (uint16_t)get_u32(r);
    p->variables[i].name = get_text(r);
  }
  p->file_count = get_count(r, 4);
  p->files = arena_array(r->arena, struct str, p->file_count + 1u);
  for (uint32_t i = 0; i < p->file_count; i++)
    p->files[i] = get_text(r);
}

static void get_constants(struct reader *r, struct vm_program *p)
{
  p->constant_count = get_count(r, 2);
  p->constants = arena_array(r->arena, struct value, p->constant_count + 1u);
  for (uint32_t i = 0; i < p->constant_count && !r->broken; i++)
    p->constants[i] = get_value(r, 0);
}

static void get_keys(struct reader *r, struct vm_program *p)
{
  p->key_constants = get_array(r, &p->key_count, sizeof *p->key_constants);
  p->keys = arena_array(r->arena, struct value, p->key_count + 1u);
  for (uint32_t i = 0; i < p->key_count; i++) {
    r->broken |= p->key_constants[i] >= p->constant_count;
    if (!r->broken)
      p->keys[i] = p->constants[p->key_constants[i]];
  }
}

static void get_program(struct reader *r, struct vm_program *p)
{
  uint32_t places;
  p->code = get_array(r, &p->code_count, sizeof *p->code);
  p->places = get_array(r, &places, sizeof *p->places);
  r->broken |= places != p->code_count;
  get_constants(r, p);
  get_keys(r, p);
  p->operands = get_array(r, &p->operand_count, sizeof *p->operands);
  p->withs = get_array(r, &p->with_count, sizeof *p->withs);
  p->overrides = get_array(r, &p->override_count, sizeof *p->overrides);
  p->observations = get_array(r, &p->observation_count, sizeof *p->observations);
  p->switches = get_array(r, &p->switch_count, sizeof *p->switches);
  p->cells = get_array(r, &p->cell_count, sizeof *p->cells);
  p->entries = get_array(r, &p->entry_count, sizeof *p->entries);
  p->hidden_count = get_u32(r);
  p->mock_count = get_u32(r);
  get_names(r, p);
}

int vm_program_load(struct str image, struct symbols *symbols, struct vm_program **ret_program,
                    struct error *err)
{
  struct vm_program *p = mem_zalloc(1, sizeof *p);
  arena_init(&p->arena, 0);
  struct reader r = {
      .at = image.data, .end = image.data + image.len, .arena = &p->arena, .symbols = symbols};
  int result = 0;
  if (get_u32(&r) != IMAGE_MAGIC || get_u32(&r) != build_mark() || r.broken)
    result = error_set(err, SW_EINVAL, "this is no program, or one of another build");
  else
    get_program(&r, p);
  if (result == 0 && (r.broken || r.at != r.end))
    result = error_set(err, SW_EINVAL, "the program is cut off or damaged");
  if (result == 0)
    result = vm_program_verify(p, err);
  if (result < 0) {
    vm_program_free(p);
    return result;
  }
  *ret_program = p;
  return 0;
}
