/*
 * Up to four modules, with lines `---` between them, and a query behind a line `===`, which stands in the
 * package of the first module if there is one; the first byte chooses version, strictness and options.
 *
 * Whatever parses is checked without harm. What is accepted has the promised form: every local is bound
 * before it is used, paths are those of the tree, rules stand behind what they need, types are within
 * their limits. In the opposite order the modules give the same program or the same errors.
 */
#include "lang/rego/check.h"
#include "lang/rego/parser.h"

#include <stdlib.h>

enum { MODULES_MAX = 4 };

static void must(bool ok)
{
  if (!ok)
    abort();
}

struct form {
  const struct check_rule *rule;
  uint8_t *bound; /* by local */
};

static void form_body(struct form *f, const struct check_body *body);

static void form_term(struct form *f, const struct check_term *term)
{
  if (term->kind == CHECK_LOCAL || (term->kind == CHECK_REF && term->root == CHECK_ROOT_LOCAL)) {
    must(term->local < f->rule->local_count);
    must(f->bound[term->local]);
  }
  if (term->kind == CHECK_CONSTANT || term->kind == CHECK_LOCAL)
    return;
  if (term->kind >= CHECK_ARRAY_COMPREHENSION) {
    uint8_t *saved = mem_alloc(f->rule->local_count + 1);
    memcpy(saved, f->bound, f->rule->local_count);
    form_body(f, &term->comprehension->body);
    if (term->kind == CHECK_OBJECT_COMPREHENSION)
      form_term(f, &term->comprehension->key);
    form_term(f, &term->comprehension->value);
    memcpy(f->bound, saved, f->rule->local_count);
    mem_free(saved);
    return;
  }
  must(term->kind != CHECK_REF || term->root != CHECK_ROOT_DATA ||
       (term->path && term->known <= term->count));
  for (uint32_t i = 0; i < term->count * (term->kind == CHECK_OBJECT ? 2 : 1); i++)
    form_term(f, &term->items[i]);
}

static void form_inner(struct form *f, const struct check_literal *literal)
{
  uint8_t *saved = mem_alloc(f->rule->local_count + 1);
  memcpy(saved, f->bound, f->rule->local_count);
  for (uint32_t i = 0; i < literal->body_count; i++) {
    if (literal->key >= 0)
      f->bound[literal->key] = 1;
    if (literal->value >= 0)
      f->bound[literal->value] = 1;
    form_body(f, &literal->bodies[i]);
    memcpy(f->bound, saved, f->rule->local_count);
  }
  mem_free(saved);
}

static void form_body(struct form *f, const struct check_body *body)
{
  for (uint32_t i = 0; i < body->count; i++) {
    const struct check_literal *literal = &body->items[i];
    form_inner(f, literal);
    must(!(literal->negated || literal->body_count) || literal->bind_count == 0);
    for (uint32_t j = 0; j < literal->bind_count; j++) {
      must(!f->bound[literal->binds[j]]);
      f->bound[literal->binds[j]] = 1;
    }
    for (uint32_t j = 0; j < literal->count; j++)
      form_term(f, &literal->terms[j]);
    must(literal->kind != CHECK_CALL || literal->function || literal->path);
  }
}

static void bind_pattern(struct form *f, const struct check_term *term)
{
  if (term->kind == CHECK_LOCAL)
    f->bound[term->local] = 1;
  for (uint32_t i = 0;
       (term->kind == CHECK_ARRAY || term->kind == CHECK_OBJECT || term->kind == CHECK_SET) &&
       i < term->count * (term->kind == CHECK_OBJECT ? 2 : 1);
       i++)
    bind_pattern(f, &term->items[i]);
}

/* Types are trees of limited depth; members of a union stand in order. */
static void form_type(const struct rego_type *type, uint32_t left)
{
  if (!type)
    return;
  must(type->depth <= REGO_TYPE_DEPTH_MAX);
  must(type->count <= (type->kind == REGO_TYPE_ANY ? (uint32_t)REGO_TYPE_UNION_MAX
                                                   : (uint32_t)REGO_TYPE_ITEMS_MAX));
  must(type->kind != REGO_TYPE_ANY || type->count != 1);
  if (!left) /* shared parts would be visited too often */
    return;
  for (uint32_t i = 0; i < type->count; i++) {
    must(!type->items[i] || type->items[i]->depth < type->depth);
    must(type->kind != REGO_TYPE_ANY || !i || type->items[i - 1]->kind <= type->items[i]->kind);
    must(type->items[i] || type->unknown);
    form_type(type->items[i], left - 1);
  }
  form_type(type->rest, left - 1);
  form_type(type->key, left - 1);
}

static void form_locals(const struct check_local *locals, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++)
    form_type(locals[i].type, 4);
}

static void form_rule(const struct check_rule *rule)
{
  for (; rule; rule = rule->otherwise) {
    struct form f = {rule, mem_zalloc(rule->local_count + 1, 1)};
    for (uint32_t i = 0; i < rule->arg_count; i++)
      bind_pattern(&f, &rule->args[i]);
    form_body(&f, &rule->body);
    for (uint32_t i = 0; i < rule->key_count; i++)
      form_term(&f, &rule->keys[i]);
    form_term(&f, rule->kind == REGO_RULE_SET ? &rule->key : &rule->value);
    form_locals(rule->locals, rule->local_count);
    mem_free(f.bound);
  }
}

static void form_program(const struct check_program *program)
{
  uint8_t *done = mem_zalloc(program->rule_count + 1, 1);
  for (uint32_t i = 0; i < program->rule_count; i++) {
    const struct check_rule *rule = program->rules[program->order[i]];
    for (uint32_t j = 0; j < rule->need_count; j++)
      must(done[rule->needs[j]] && program->rules[rule->needs[j]]->level < rule->level);
    done[rule->number] = 1;
    form_rule(rule);
  }
  mem_free(done);
}

static void query_program(struct arena *a, const struct check_program *program, struct str text,
                          struct rego_options options, const struct check_options *checks)
{
  struct rego_errors errors;
  struct check_query query;
  struct rego_body body;
  struct error err;
  options.name = STR_EMPTY;
  if (rego_parse_query(a, text, &options, &body, NULL, &err) < 0)
    return;
  int result = rego_check_query(a, program, body, checks, &query, &errors, &err);
  if (result < 0) {
    must(errors.count > 0 && err.code == result && err.message[0]);
    return;
  }
  struct check_rule shell = {.locals = query.locals, .local_count = query.local_count};
  struct form f = {&shell, mem_zalloc(query.local_count + 1, 1)};
  form_body(&f, &query.body);
  for (uint32_t i = 0; i < query.answer_count; i++)
    must(query.answers[i] < query.local_count && f.bound[query.answers[i]]);
  mem_free(f.bound);
}

static int check(struct arena *a, const struct rego_module *const *modules, uint32_t count,
                 const struct check_options *options, struct buf *out,
                 const struct check_program **ret_program)
{
  const struct check_program *program = NULL;
  struct rego_errors errors;
  struct error err;
  int result = rego_check_modules(a, modules, count, options, &program, &errors, &err);
  *ret_program = program;
  if (result == 0) {
    form_program(program);
    buf_printf(out, "%u %u", program->rule_count, program->path_count);
    for (uint32_t i = 0; i < program->rule_count; i++)
      buf_printf(out, " %u:%u", program->order[i], program->rules[i]->source->place.start);
  } else {
    must(errors.count > 0 && err.code == result && err.message[0]);
    rego_errors_write(out, &errors);
  }
  return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const char *const names[MODULES_MAX] = {"a", "b", "c", "d"};
  if (size < 1)
    return 0;
  _cleanup_(rego_names_freep) struct rego_names *rego_names = rego_names_new();
  _cleanup_(buf_free) struct buf there = {0}, back = {0};
  struct rego_options options = {.version = data[0] & 1 ? REGO_V0 : REGO_V1,
                                 .experimental = data[0] & 2,
                                 .annotations = data[0] & 32,
                                 .names = rego_names};
  struct check_options checks = {.names = rego_names, .strict = data[0] & 4, .print = data[0] & 8};
  struct str rest = str_make((const char *)data + 1, size - 1), query = STR_EMPTY;
  ptrdiff_t end = str_find(rest, 0, STR("\n===\n"));
  if (end >= 0) {
    query = str_sub(rest, (size_t)end + 5, rest.len);
    rest = str_sub(rest, 0, (size_t)end + 1);
  }
  const struct check_program *program, *other_program;
  const struct rego_module *modules[MODULES_MAX], *turned[MODULES_MAX];
  uint32_t count = 0;
  struct arena arena;
  struct error err;
  arena_init(&arena, 512 << 20);
  while (rest.len && count < MODULES_MAX) {
    ptrdiff_t cut = str_find(rest, 0, STR("\n---\n"));
    struct str text = cut < 0 ? rest : str_sub(rest, 0, (size_t)cut + 1);
    rest = cut < 0 ? STR_EMPTY : str_sub(rest, (size_t)cut + 5, rest.len);
    options.name = str_from(names[count]);
    options.file = count;
    if (rego_parse_module(&arena, text, &options, &modules[count], NULL, &err) == 0)
      count++;
  }
  for (uint32_t i = 0; i < count; i++)
    turned[i] = modules[count - 1 - i];
  int result = check(&arena, modules, count, &checks, &there, &program);
  int other = check(&arena, turned, count, &checks, &back, &other_program);
  if (result == 0 && query.len) {
    checks.context = count && (data[0] & 16) ? modules[0] : NULL;
    query_program(&arena, program, query, options, &checks);
  }
  must(result == SW_ELIMIT || other == SW_ELIMIT ||
       (result == other && str_eq(buf_str(&there), buf_str(&back))));
  arena_free(&arena);
  return 0;
}
