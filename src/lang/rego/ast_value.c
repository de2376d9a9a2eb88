#include "lang/rego/ast_value.h"

#include "data/base64.h"
#include "lang/builtin_int.h"
#include "lang/rego/lexer.h"

struct writer {
  struct arena *arena;
  const struct rego_names *names;
};

static struct value term(struct writer *w, const struct rego_term *t);
static struct value body(struct writer *w, struct rego_body b);

static struct value typed(struct writer *w, const char *type, struct value v)
{
  struct builtin_object o = {.arena = w->arena};
  builtin_put(&o, "type", value_from(type));
  builtin_put(&o, "value", v);
  return builtin_object_end(&o);
}

static struct value terms(struct writer *w, const struct rego_term *items, uint32_t count)
{
  struct builtin_array array = {.arena = w->arena};
  for (uint32_t i = 0; i < count; i++)
    builtin_push(&array, term(w, &items[i]));
  return builtin_array_end(&array);
}

static struct value empty_object(struct writer *w)
{
  struct builtin_object none = {.arena = w->arena};
  return builtin_object_end(&none);
}

/* ---- terms */

static struct value scalar(struct writer *w, const struct rego_term *t)
{
  if (t->value.type == VALUE_NULL)
    return typed(w, "null", empty_object(w));
  return typed(w, value_type_name(t->value), t->value);
}

static struct value variable(struct writer *w, uint32_t var)
{
  if (var & REGO_WILDCARD)
    return typed(w, "var",
                 value_string(arena_printf(w->arena, "$%u", (unsigned)(var & ~REGO_WILDCARD))));
  return typed(w, "var", value_string(arena_copy(w->arena, rego_names_text(w->names, var))));
}

/* A built-in function's name as a reference. */
static struct value name_ref(struct writer *w, struct str name)
{
  struct builtin_array parts = {.arena = w->arena};
  while (name.data) {
    struct str part = str_cut(name, '.', &name);
    builtin_push(&parts, typed(w, parts.count ? "string" : "var", value_string(part)));
  }
  return typed(w, "ref", builtin_array_end(&parts));
}

/* The operator, then the arguments. */
static struct value call(struct writer *w, const struct rego_term *t)
{
  struct builtin_array parts = {.arena = w->arena};
  if (t->op != REGO_OP_NAMED) {
    builtin_push(&parts, name_ref(w, rego_op_name((enum rego_op)t->op)));
  } else if (t->items[0].kind == REGO_REF) {
    builtin_push(&parts, term(w, &t->items[0]));
  } else {
    struct value head = term(w, &t->items[0]);
    builtin_push(&parts, typed(w, "ref", value_array_make(w->arena, &head, NULL, 1)));
  }
  for (uint32_t i = 0; i < rego_call_arg_count(t); i++)
    builtin_push(&parts, term(w, &rego_call_args(t)[i]));
  return builtin_array_end(&parts);
}

/* An order for constants: that of their values. False: something is no scalar. */
static bool sort_scalars(struct writer *w, const struct rego_term *items, uint32_t count,
                         uint32_t step, uint32_t *order, uint32_t *ret_count)
{
  struct builtin_object o = {.arena = w->arena};
  for (uint32_t i = 0; i < count; i++) {
    if (items[i * step].kind != REGO_SCALAR)
      return false;
    builtin_put_key(&o, items[i * step].value, value_int(i));
  }
  struct value sorted = builtin_object_end(&o);
  uint32_t *members = arena_array(w->arena, uint32_t, sorted.len);
  value_sort_keys(sorted, members);
  for (uint32_t i = 0; i < sorted.len; i++)
    order[i] = (uint32_t)sorted.members[members[i]].value.integer;
  *ret_count = sorted.len;
  return true;
}

static struct value collection(struct writer *w, const struct rego_term *t)
{
  bool is_object = t->kind == REGO_OBJECT;
  uint32_t step = is_object ? 2 : 1, count = t->count;
  uint32_t *order = arena_array(w->arena, uint32_t, t->count);
  struct builtin_array out = {.arena = w->arena};
  if (t->kind == REGO_ARRAY || !sort_scalars(w, t->items, t->count, step, order, &count)) {
    count = t->count;
    for (uint32_t i = 0; i < count; i++)
      order[i] = i;
  }
  for (uint32_t i = 0; i < count; i++) {
    const struct rego_term *at = &t->items[order[i] * step];
    builtin_push(&out, is_object ? terms(w, at, 2) : term(w, at));
  }
  return typed(w, rego_term_name(t), builtin_array_end(&out));
}

static struct value comprehension(struct writer *w, const struct rego_term *t)
{
  const struct rego_comprehension *c = t->comprehension;
  struct builtin_object o = {.arena = w->arena};
  if (t->kind == REGO_OBJECT_COMPREHENSION) {
    builtin_put(&o, "key", term(w, &c->key));
    builtin_put(&o, "value", term(w, &c->value));
  } else {
    builtin_put(&o, "term", term(w, &c->value));
  }
  builtin_put(&o, "body", body(w, c->body));
  return typed(w, rego_term_name(t), builtin_object_end(&o));
}

static struct value expression(struct writer *w, const struct rego_expr *e, uint32_t index);

static struct value template(struct writer *w, const struct rego_term *t)
{
  struct builtin_array parts = {.arena = w->arena};
  struct builtin_object o = {.arena = w->arena};
  for (uint32_t i = 0; i < t->count; i++)
    builtin_push(&parts, t->parts[i].kind == REGO_EXPR_TEXT ? term(w, &t->parts[i].terms[0])
                                                            : expression(w, &t->parts[i], 0));
  builtin_put(&o, "parts", builtin_array_end(&parts));
  builtin_put(&o, "multi_line", value_bool(false));
  return typed(w, rego_term_name(t), builtin_object_end(&o));
}

static struct value term(struct writer *w, const struct rego_term *t)
{
  switch ((enum rego_term_kind)t->kind) {
  case REGO_SCALAR:
    return scalar(w, t);
  case REGO_VAR:
    return variable(w, t->var);
  case REGO_REF:
    return typed(w, "ref", terms(w, t->items, t->count));
  case REGO_ARRAY:
  case REGO_OBJECT:
  case REGO_SET:
    return collection(w, t);
  case REGO_ARRAY_COMPREHENSION:
  case REGO_OBJECT_COMPREHENSION:
  case REGO_SET_COMPREHENSION:
    return comprehension(w, t);
  case REGO_CALL:
    return typed(w, "call", call(w, t));
  case REGO_TEMPLATE:
    return template(w, t);
  }
  return value_null();
}

/* ---- expressions */

static struct value sides(struct writer *w, const struct rego_expr *e, const char *name)
{
  struct builtin_array parts = {.arena = w->arena};
  builtin_push(&parts, name_ref(w, str_from(name)));
  builtin_push(&parts, term(w, &e->terms[0]));
  builtin_push(&parts, term(w, &e->terms[1]));
  return builtin_array_end(&parts);
}

static struct value some(struct writer *w, const struct rego_expr *e)
{
  struct builtin_object o = {.arena = w->arena};
  struct value symbols;
  if (e->kind == REGO_EXPR_SOME) {
    symbols = terms(w, e->terms, e->count);
  } else {
    struct builtin_array parts = {.arena = w->arena};
    builtin_push(&parts, name_ref(w, rego_op_name(e->count == 3 ? REGO_OP_IN_PAIR : REGO_OP_IN)));
    for (uint32_t i = 0; i < e->count; i++)
      builtin_push(&parts, term(w, &e->terms[i]));
    struct value one = typed(w, "call", builtin_array_end(&parts));
    symbols = value_array_make(w->arena, &one, NULL, 1);
  }
  builtin_put(&o, "symbols", symbols);
  return builtin_object_end(&o);
}

static struct value every(struct writer *w, const struct rego_every *e)
{
  struct builtin_object o = {.arena = w->arena};
  builtin_put(&o, "key", e->has_key ? term(w, &e->key) : value_null());
  builtin_put(&o, "value", term(w, &e->value));
  builtin_put(&o, "domain", term(w, &e->domain));
  builtin_put(&o, "body", body(w, e->body));
  return builtin_object_end(&o);
}

static struct value operands(struct writer *w, const struct rego_expr *e)
{
  static const char *const names[] = {
      [REGO_EXPR_NOT] = "not", [REGO_EXPR_AND] = "and", [REGO_EXPR_OR] = "or"};
  struct builtin_object o = {.arena = w->arena};
  struct builtin_array parts = {.arena = w->arena};
  for (uint32_t i = 0; i < e->count; i++)
    builtin_push(&parts, body(w, e->operands[i].body));
  builtin_put(&o, names[e->kind], builtin_array_end(&parts));
  return builtin_object_end(&o);
}

static struct value content(struct writer *w, const struct rego_expr *e)
{
  switch ((enum rego_expr_kind)e->kind) {
  case REGO_EXPR_ASSIGN:
    return sides(w, e, "assign");
  case REGO_EXPR_UNIFY:
    return sides(w, e, "eq");
  case REGO_EXPR_SOME:
  case REGO_EXPR_SOME_IN:
    return some(w, e);
  case REGO_EXPR_EVERY:
    return every(w, e->every);
  case REGO_EXPR_NOT:
  case REGO_EXPR_AND:
  case REGO_EXPR_OR:
    return operands(w, e);
  default:
    return e->terms[0].kind == REGO_CALL ? call(w, &e->terms[0]) : term(w, &e->terms[0]);
  }
}

static struct value expression(struct writer *w, const struct rego_expr *e, uint32_t index)
{
  struct builtin_object o = {.arena = w->arena};
  struct builtin_array with = {.arena = w->arena};
  builtin_put(&o, "index", value_int(index));
  builtin_put(&o, "terms", content(w, e));
  if (e->negated)
    builtin_put(&o, "negated", value_bool(true));
  for (uint32_t i = 0; i < e->with_count; i++) {
    struct builtin_object one = {.arena = w->arena};
    builtin_put(&one, "target", term(w, &e->with[i].target));
    builtin_put(&one, "value", term(w, &e->with[i].value));
    builtin_push(&with, builtin_object_end(&one));
  }
  if (with.count)
    builtin_put(&o, "with", builtin_array_end(&with));
  return builtin_object_end(&o);
}

/* A rule without a body has one that is true. */
static struct value body(struct writer *w, struct rego_body b)
{
  struct builtin_array out = {.arena = w->arena};
  for (uint32_t i = 0; i < b.count; i++)
    builtin_push(&out, expression(w, &b.items[i], i));
  if (!b.count) {
    struct builtin_object o = {.arena = w->arena};
    builtin_put(&o, "index", value_int(0));
    builtin_put(&o, "terms", typed(w, "boolean", value_bool(true)));
    builtin_push(&out, builtin_object_end(&o));
  }
  return builtin_array_end(&out);
}

/* ---- modules */

static struct value head(struct writer *w, const struct rego_head *h, enum rego_version version)
{
  struct builtin_object o = {.arena = w->arena};
  bool old_partial = version == REGO_V0 && h->kind == REGO_RULE_VALUE && h->ref_count == 2;
  if (h->ref_count == 1 || old_partial)
    builtin_put(&o, "name",
                value_string(arena_copy(w->arena, rego_names_text(w->names, h->ref[0].var))));
  if (h->arg_count)
    builtin_put(&o, "args", terms(w, h->args, h->arg_count));
  if (h->kind == REGO_RULE_SET)
    builtin_put(&o, "key", term(w, &h->key));
  else
    builtin_put(&o, "value", term(w, &h->value));
  if (old_partial)
    builtin_put(&o, "key", term(w, &h->ref[1]));
  if (h->assigned)
    builtin_put(&o, "assign", value_bool(true));
  builtin_put(&o, "ref", terms(w, h->ref, h->ref_count));
  return builtin_object_end(&o);
}

/* The branches of a rule lie in each other; the last one is made first. */
static struct value rule(struct writer *w, const struct rego_rule *r, enum rego_version version)
{
  struct value inner = VALUE_NONE;
  uint32_t count = 0;
  for (const struct rego_rule *at = r; at; at = at->otherwise)
    count++;
  for (; count--;) {
    const struct rego_rule *at = r;
    for (uint32_t i = 0; i < count; i++)
      at = at->otherwise;
    struct builtin_object o = {.arena = w->arena};
    builtin_put(&o, "head", head(w, &at->head, version));
    builtin_put(&o, "body", body(w, at->body));
    if (at->is_default)
      builtin_put(&o, "default", value_bool(true));
    if (inner.type != VALUE_ABSENT)
      builtin_put(&o, "else", inner);
    inner = builtin_object_end(&o);
  }
  return inner;
}

static struct value package(struct writer *w, const struct rego_package *p)
{
  struct builtin_object o = {.arena = w->arena};
  struct builtin_array path = {.arena = w->arena};
  builtin_push(&path, typed(w, "var", value_from("data")));
  for (uint32_t i = 0; i < p->path_count; i++)
    builtin_push(&path, term(w, &p->path[i]));
  builtin_put(&o, "path", builtin_array_end(&path));
  return builtin_object_end(&o);
}

static struct value import(struct writer *w, const struct rego_import *in)
{
  struct builtin_object o = {.arena = w->arena};
  struct builtin_array path = {.arena = w->arena};
  for (uint32_t i = 0; i < in->path_count; i++)
    builtin_push(&path, i ? term(w, &in->path[i])
                          : typed(w, "var", value_string(value_str_or_empty(in->path[0].value))));
  builtin_put(&o, "path", typed(w, "ref", builtin_array_end(&path)));
  if (in->alias.len)
    builtin_put(&o, "alias", value_string(in->alias));
  return builtin_object_end(&o);
}

static struct value comment(struct writer *w, const struct rego_module *module,
                            const struct rego_token *t)
{
  struct builtin_object o = {.arena = w->arena}, place = {.arena = w->arena};
  struct str text = str_sub(module->text, t->start + 1, t->end - t->start - 1);
  if (str_ends(text, STR("\r")))
    text.len--;
  builtin_put(&place, "file", value_string(module->name));
  builtin_put(&place, "row", value_int(t->line));
  builtin_put(&place, "col", value_int(t->column));
  builtin_put(&o, "Text", value_string(base64_encode(w->arena, text, BASE64_STANDARD)));
  builtin_put(&o, "Location", builtin_object_end(&place));
  return builtin_object_end(&o);
}

static void put_comments(struct writer *w, struct builtin_object *o,
                         const struct rego_module *module)
{
  struct builtin_array list = {.arena = w->arena};
  struct rego_lexer lexer;
  struct rego_token t;
  rego_lexer_start(&lexer, module->text);
  for (rego_lexer_next(&lexer, &t); t.kind != REGO_TOKEN_EOF; rego_lexer_next(&lexer, &t))
    if (t.kind == REGO_TOKEN_COMMENT)
      builtin_push(&list, comment(w, module, &t));
  if (list.count)
    builtin_put(o, "comments", builtin_array_end(&list));
}

int rego_module_value(struct arena *a, const struct rego_module *module, struct value *ret,
                      struct error *err)
{
  struct writer w = {.arena = a, .names = module->names};
  struct builtin_object o = {.arena = a};
  struct builtin_array imports = {.arena = a}, rules = {.arena = a};
  builtin_put(&o, "package", package(&w, &module->package));
  for (uint32_t i = 0; i < module->import_count; i++)
    builtin_push(&imports, import(&w, &module->imports[i]));
  if (imports.count)
    builtin_put(&o, "imports", builtin_array_end(&imports));
  for (uint32_t i = 0; i < module->rule_count; i++) {
    if (arena_over(a))
      return error_set(err, SW_ELIMIT, "the module's tree takes too much memory");
    builtin_push(&rules, rule(&w, &module->rules[i], module->version));
  }
  if (rules.count)
    builtin_put(&o, "rules", builtin_array_end(&rules));
  put_comments(&w, &o, module);
  *ret = builtin_object_end(&o);
  return 0;
}
