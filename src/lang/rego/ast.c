#include "lang/rego/ast.h"

#include "base/map.h"
#include "base/vec.h"

struct rego_names {
  struct arena arena;
  struct map numbers;
  VEC(struct str) texts;
};

struct rego_names *rego_names_new(void)
{
  struct rego_names *names = mem_zalloc(1, sizeof *names);
  arena_init(&names->arena, 0);
  map_init(&names->numbers, NULL);
  return names;
}

void rego_names_free(struct rego_names *names)
{
  if (!names)
    return;
  map_free(&names->numbers);
  vec_free(&names->texts);
  arena_free(&names->arena);
  mem_free(names);
}

uint32_t rego_names_add(struct rego_names *names, struct str text)
{
  const union map_value *known = map_get(&names->numbers, text);
  if (known)
    return (uint32_t)known->number;
  struct str copy = arena_copy(&names->arena, text);
  uint32_t number = (uint32_t)names->texts.count;
  map_put(&names->numbers, copy, NULL)->number = number;
  vec_push(&names->texts, copy);
  return number;
}

uint32_t rego_names_find(const struct rego_names *names, struct str text)
{
  const union map_value *known = map_get(&names->numbers, text);
  return known ? (uint32_t)known->number : REGO_NO_NAME;
}

struct str rego_names_text(const struct rego_names *names, uint32_t number)
{
  if (number & REGO_WILDCARD)
    return STR("_");
  return number < names->texts.count ? names->texts.items[number] : STR_EMPTY;
}

uint32_t rego_names_count(const struct rego_names *names)
{
  return (uint32_t)names->texts.count;
}

static const struct {
  struct str name, sign;
  int binding;
} ops[] = {
    [REGO_OP_NAMED] = {STR_INIT(""), STR_INIT(""), 0},
    [REGO_OP_IN] = {STR_INIT("internal.member_2"), STR_INIT("in"), 1},
    [REGO_OP_IN_PAIR] = {STR_INIT("internal.member_3"), STR_INIT("in"), 1},
    [REGO_OP_EQUAL] = {STR_INIT("equal"), STR_INIT("=="), 2},
    [REGO_OP_NOT_EQUAL] = {STR_INIT("neq"), STR_INIT("!="), 2},
    [REGO_OP_LESS] = {STR_INIT("lt"), STR_INIT("<"), 2},
    [REGO_OP_LESS_EQUAL] = {STR_INIT("lte"), STR_INIT("<="), 2},
    [REGO_OP_GREATER] = {STR_INIT("gt"), STR_INIT(">"), 2},
    [REGO_OP_GREATER_EQUAL] = {STR_INIT("gte"), STR_INIT(">="), 2},
    [REGO_OP_OR] = {STR_INIT("or"), STR_INIT("|"), 3},
    [REGO_OP_AND] = {STR_INIT("and"), STR_INIT("&"), 4},
    [REGO_OP_PLUS] = {STR_INIT("plus"), STR_INIT("+"), 5},
    [REGO_OP_MINUS] = {STR_INIT("minus"), STR_INIT("-"), 5},
    [REGO_OP_TIMES] = {STR_INIT("mul"), STR_INIT("*"), 6},
    [REGO_OP_DIVIDE] = {STR_INIT("div"), STR_INIT("/"), 6},
    [REGO_OP_REMAINDER] = {STR_INIT("rem"), STR_INIT("%"), 6},
};

struct str rego_op_name(enum rego_op op)
{
  return ops[op].name;
}

struct str rego_op_sign(enum rego_op op)
{
  return ops[op].sign;
}

int rego_op_binding(enum rego_op op)
{
  return ops[op].binding;
}

bool rego_is_constant(const struct rego_term *term)
{
  if (term->kind == REGO_SCALAR)
    return true;
  if (term->kind != REGO_ARRAY && term->kind != REGO_OBJECT && term->kind != REGO_SET)
    return false;
  uint32_t children = term->kind == REGO_OBJECT ? 2 * term->count : term->count;
  for (uint32_t i = 0; i < children; i++)
    if (!rego_is_constant(&term->items[i]))
      return false;
  return true;
}

const char *rego_term_name(const struct rego_term *term)
{
  static const char *const names[] = {
      [REGO_VAR] = "var",
      [REGO_REF] = "ref",
      [REGO_ARRAY] = "array",
      [REGO_OBJECT] = "object",
      [REGO_SET] = "set",
      [REGO_ARRAY_COMPREHENSION] = "arraycomprehension",
      [REGO_OBJECT_COMPREHENSION] = "objectcomprehension",
      [REGO_SET_COMPREHENSION] = "setcomprehension",
      [REGO_CALL] = "call",
      [REGO_TEMPLATE] = "templatestring",
  };
  return term->kind == REGO_SCALAR ? value_type_name(term->value) : names[term->kind];
}

/* ---- comparing */

static bool terms_equal(const struct rego_term *a, const struct rego_term *b, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++)
    if (!rego_term_equal(&a[i], &b[i]))
      return false;
  return true;
}

static bool exprs_equal(const struct rego_expr *a, const struct rego_expr *b, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++)
    if (!rego_expr_equal(&a[i], &b[i]))
      return false;
  return true;
}

static bool scalars_equal(struct value a, struct value b)
{
  if (a.type != b.type || a.flags != b.flags)
    return false;
  switch (a.type) {
  case VALUE_NULL:
    return true;
  case VALUE_BOOL:
    return a.boolean == b.boolean;
  case VALUE_NUMBER:
    if (a.flags & VALUE_INT)
      return a.integer == b.integer;
    return str_eq(value_str(a), value_str(b));
  default:
    return str_eq(value_str(a), value_str(b));
  }
}

static bool comprehensions_equal(const struct rego_term *a, const struct rego_term *b)
{
  const struct rego_comprehension *c = a->comprehension, *d = b->comprehension;
  return (a->kind != REGO_OBJECT_COMPREHENSION || rego_term_equal(&c->key, &d->key)) &&
         rego_term_equal(&c->value, &d->value) && rego_body_equal(c->body, d->body);
}

bool rego_term_equal(const struct rego_term *a, const struct rego_term *b)
{
  if (a->kind != b->kind || a->op != b->op || a->count != b->count)
    return false;
  switch ((enum rego_term_kind)a->kind) {
  case REGO_SCALAR:
    return scalars_equal(a->value, b->value);
  case REGO_VAR:
    return a->var == b->var || (a->var & b->var & REGO_WILDCARD);
  case REGO_ARRAY_COMPREHENSION:
  case REGO_OBJECT_COMPREHENSION:
  case REGO_SET_COMPREHENSION:
    return comprehensions_equal(a, b);
  case REGO_TEMPLATE:
    return exprs_equal(a->parts, b->parts, a->count);
  case REGO_OBJECT:
    return terms_equal(a->items, b->items, 2 * a->count);
  default:
    return terms_equal(a->items, b->items, a->count);
  }
}

bool rego_body_equal(struct rego_body a, struct rego_body b)
{
  return a.count == b.count && exprs_equal(a.items, b.items, a.count);
}

static bool everys_equal(const struct rego_every *a, const struct rego_every *b)
{
  return a->has_key == b->has_key && (!a->has_key || rego_term_equal(&a->key, &b->key)) &&
         rego_term_equal(&a->value, &b->value) && rego_term_equal(&a->domain, &b->domain) &&
         rego_body_equal(a->body, b->body);
}

static bool operands_equal(const struct rego_operand *a, const struct rego_operand *b,
                           uint32_t count)
{
  for (uint32_t i = 0; i < count; i++)
    if (a[i].braces != b[i].braces || !rego_body_equal(a[i].body, b[i].body))
      return false;
  return true;
}

bool rego_expr_equal(const struct rego_expr *a, const struct rego_expr *b)
{
  if (a->kind != b->kind || a->negated != b->negated || a->count != b->count ||
      a->with_count != b->with_count)
    return false;
  for (uint32_t i = 0; i < a->with_count; i++)
    if (!rego_term_equal(&a->with[i].target, &b->with[i].target) ||
        !rego_term_equal(&a->with[i].value, &b->with[i].value))
      return false;
  switch ((enum rego_expr_kind)a->kind) {
  case REGO_EXPR_EVERY:
    return everys_equal(a->every, b->every);
  case REGO_EXPR_NOT:
  case REGO_EXPR_AND:
  case REGO_EXPR_OR:
    return operands_equal(a->operands, b->operands, a->count);
  default:
    return terms_equal(a->terms, b->terms, a->count);
  }
}

static bool heads_equal(const struct rego_head *a, const struct rego_head *b)
{
  if (a->kind != b->kind || a->assigned != b->assigned || a->value_written != b->value_written ||
      a->ref_count != b->ref_count || a->arg_count != b->arg_count)
    return false;
  return terms_equal(a->ref, b->ref, a->ref_count) && terms_equal(a->args, b->args, a->arg_count) &&
         (a->kind == REGO_RULE_SET ? rego_term_equal(&a->key, &b->key)
                                   : rego_term_equal(&a->value, &b->value));
}

bool rego_rule_equal(const struct rego_rule *a, const struct rego_rule *b)
{
  for (; a && b; a = a->otherwise, b = b->otherwise)
    if (a->is_default != b->is_default || !heads_equal(&a->head, &b->head) ||
        !rego_body_equal(a->body, b->body))
      return false;
  return !a && !b;
}

static bool imports_equal(const struct rego_import *a, const struct rego_import *b, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++)
    if (a[i].path_count != b[i].path_count || !str_eq(a[i].alias, b[i].alias) ||
        !terms_equal(a[i].path, b[i].path, a[i].path_count))
      return false;
  return true;
}

bool rego_module_equal(const struct rego_module *a, const struct rego_module *b)
{
  if (a->version != b->version || a->package.path_count != b->package.path_count ||
      a->import_count != b->import_count || a->rule_count != b->rule_count ||
      !terms_equal(a->package.path, b->package.path, a->package.path_count) ||
      !imports_equal(a->imports, b->imports, a->import_count))
    return false;
  for (uint32_t i = 0; i < a->rule_count; i++)
    if (!rego_rule_equal(&a->rules[i], &b->rules[i]))
      return false;
  return true;
}
