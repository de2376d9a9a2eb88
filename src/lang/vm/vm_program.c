/* Programs as wholes: freeing, showing. */
#include "lang/vm/vm_int.h"

#include "data/json_write.h"

void vm_program_free(struct vm_program *program)
{
  if (!program)
    return;
  arena_free(&program->arena);
  mem_free(program);
}

static const char *const names[] = {
#define VM_NAME(name) #name,
    VM_OPERATIONS(VM_NAME)
#undef VM_NAME
};

static void add_operand(const struct vm_program *p, struct buf *out, uint16_t o)
{
  if (o == VM_NONE)
    buf_add_text(out, " -");
  else if (o & VM_CONSTANT && (o & ~VM_CONSTANT) < p->constant_count) {
    buf_add_byte(out, ' ');
    struct builtin_context context = {0};
    struct arena arena;
    arena_init(&arena, 0);
    context.arena = &arena;
    context.cache = builtin_cache_new();
    struct str text;
    if (builtin_term_text(&context, p->constants[o & ~VM_CONSTANT], &text) == BUILTIN_VALUE)
      buf_add(out, text);
    builtin_cache_free(context.cache);
    arena_free(&arena);
  } else
    buf_printf(out, " r%u", o);
}

void vm_program_dump(const struct vm_program *p, struct buf *out)
{
  for (uint32_t i = 0; i < p->code_count; i++) {
    const struct vm_instruction *in = &p->code[i];
    for (uint32_t f = 0; f < p->function_count; f++)
      if (p->functions[f].entry == i)
        buf_printf(out, "%u %.*s: %u registers\n", f, STR_FMT(p->functions[f].name),
                   p->functions[f].registers);
    buf_printf(out, "%6u  %-14s r%u", i, names[in->op], in->a);
    if (in->op == VM_BUILTIN)
      buf_printf(out, " %s", p->builtins[in->b]->name);
    add_operand(p, out, in->b);
    add_operand(p, out, in->c);
    buf_printf(out, " %u", in->d);
    if (in->target != UINT32_MAX)
      buf_printf(out, " -> %u", in->target);
    buf_printf(out, "  ; line %u\n", p->places[i].line);
  }
}
