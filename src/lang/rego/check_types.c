/*
 * Types of rules and locals, inferred in the order in which rules need each other; what can never be
 * defined is an error, as in OPA (v1/ast/check.go).
 *
 * Where OPA would know less than nothing (an element of which nothing is known), or knows something by
 * accident (the last of several keys that are variables), this is more lenient, never stricter: an
 * error that OPA does not make would keep a good policy from running.
 */
#include "lang/rego/check_types_int.h"

void infer_set(struct infer *f, uint32_t local, const struct rego_type *type)
{
  vec_push(&f->trail, (struct infer_undo){local, f->locals[local]});
  f->locals[local] = type;
}

static void undo(struct infer *f, size_t mark)
{
  while (f->trail.count > mark) {
    struct infer_undo last = vec_pop(&f->trail);
    f->locals[last.local] = last.before;
  }
}

/* ---- literals */

static void infer_body(struct infer *f, const struct check_body *body);

static void infer_comprehension(struct infer *f, const struct check_term *term)
{
  struct check_comprehension *of = term->comprehension;
  const struct rego_type *key = NULL, *value;
  size_t mark = f->trail.count;
  uint64_t failed = f->failed;
  infer_body(f, &of->body);
  if (term->kind == CHECK_OBJECT_COMPREHENSION)
    key = infer_term(f, &of->key);
  value = infer_term(f, &of->value);
  if (!value)
    value = &rego_type_any;
  undo(f, mark);
  if (f->failed != failed)
    of->type = NULL;
  else if (term->kind == CHECK_ARRAY_COMPREHENSION)
    of->type = rego_type_array(&f->types, NULL, 0, value);
  else if (term->kind == CHECK_SET_COMPREHENSION)
    of->type = rego_type_set(&f->types, value);
  else
    of->type = rego_type_object(&f->types, NULL, NULL, 0, key ? key : &rego_type_any, value);
}

static void infer_closures(struct infer *f, const struct check_term *term)
{
  if (term->kind == CHECK_CONSTANT || term->kind == CHECK_LOCAL || !rego_types_spend(&f->types, 1))
    return;
  if (term->kind >= CHECK_ARRAY_COMPREHENSION) {
    infer_comprehension(f, term);
    return;
  }
  for (uint32_t i = 0; i < term->count * (term->kind == CHECK_OBJECT ? 2 : 1); i++)
    infer_closures(f, &term->items[i]);
}

static const struct rego_type *callee_type(struct infer *f, const struct builtin *function,
                                           const struct check_path *path)
{
  const struct rego_type *type = function ? infer_builtin(f, function)
                                 : path   ? f->known->values[path->number]
                                          : NULL;
  return type && type->kind == REGO_TYPE_FUNCTION ? type : NULL;
}

static struct str callee_name(struct infer *f, const struct builtin *function,
                              const struct check_path *path)
{
  return function ? str_from(function->name) : check_path_text(f->c->arena, path);
}

/* A function may be replaced by one that takes the same. */
static void infer_with(struct infer *f, const struct check_with *with)
{
  const struct check_path *path =
      with->target_function || with->target.known != with->target.count ? NULL : with->target.path;
  const struct rego_type *target = callee_type(f, with->target_function, path);
  const struct rego_type *value = callee_type(f, with->value_function, with->value_path);
  if (target && value && !rego_type_unifies(&f->types, target, value))
    infer_fail_arguments(f, with->place, callee_name(f, with->target_function, path),
                         "arity mismatch", value->items, value->count, target, false);
}

static void fail_call(struct infer *f, const struct check_literal *literal,
                      const struct rego_type *function, bool excused)
{
  const struct rego_type **have = mem_zalloc(literal->count, sizeof *have);
  bool unknown = false;
  for (uint32_t i = 0; i < literal->count; i++) {
    have[i] = infer_term(f, &literal->terms[i]);
    unknown = unknown || !have[i] || have[i]->unknown;
  }
  if (!(excused && unknown))
    infer_fail_arguments(f, literal->place, callee_name(f, literal->function, literal->path),
                         "invalid argument(s)", have, literal->count, function, true);
  mem_free(have);
}

static void infer_call(struct infer *f, const struct check_literal *literal, bool excused)
{
  const struct rego_type *function = callee_type(f, literal->function, literal->path);
  if (!function || (literal->function && (literal->function->flags & BUILTIN_ANY_COUNT)))
    return;
  for (uint32_t i = 0; i < literal->count; i++) {
    const struct rego_type *want = i < function->count ? function->items[i] : function->rest;
    if (!infer_fit(f, &literal->terms[i], want, false)) {
      fail_call(f, literal, function, excused);
      return;
    }
  }
}

static void infer_equal(struct infer *f, const struct check_literal *literal, bool excused)
{
  const struct check_term *left = &literal->terms[0], *right = &literal->terms[1];
  const struct rego_type *a = infer_term(f, left), *b = infer_term(f, right);
  bool unknown = !a || a->unknown || !b || b->unknown;
  if (!infer_unify(f, left, a, right, b) && !(excused && unknown))
    infer_fail_match(f, literal->place, a, b);
}

static void infer_bodies(struct infer *f, const struct check_literal *literal);

static void infer_loosely(struct infer *f, const struct check_body *body)
{
  for (uint32_t i = 0; i < body->count && rego_types_spend(&f->types, 1); i++) {
    const struct check_literal *literal = &body->items[i];
    for (uint32_t j = 0; j < literal->bind_count; j++)
      infer_set(f, literal->binds[j], &rego_type_any);
    for (uint32_t j = 0; j < literal->count; j++)
      infer_closures(f, &literal->terms[j]);
    for (uint32_t j = 0; j < literal->count; j++)
      infer_refs(f, &literal->terms[j]);
    infer_bodies(f, literal);
  }
}

/* In bodies of `every`, `not`, `and` and `or` only references and comprehensions are looked at. What they
 * say of locals from around holds outside as well: an argument is any from there on. */
static void infer_bodies(struct infer *f, const struct check_literal *literal)
{
  if (literal->key >= 0)
    infer_set(f, (uint32_t)literal->key, &rego_type_any);
  if (literal->value >= 0)
    infer_set(f, (uint32_t)literal->value, &rego_type_any);
  for (uint32_t i = 0; i < literal->body_count; i++)
    infer_loosely(f, &literal->bodies[i]);
}

static void infer_literal(struct infer *f, const struct check_literal *literal)
{
  uint64_t failed = f->failed;
  for (uint32_t i = 0; i < literal->count; i++)
    infer_closures(f, &literal->terms[i]);
  for (uint32_t i = 0; i < literal->count; i++)
    infer_refs(f, &literal->terms[i]);
  bool excused = f->failed != failed;
  for (uint32_t i = 0; i < literal->with_count; i++)
    infer_with(f, &literal->with[i]);
  if (literal->kind == CHECK_UNIFY)
    infer_equal(f, literal, excused);
  else if (literal->kind == CHECK_CALL)
    infer_call(f, literal, excused);
  infer_bodies(f, literal);
}

static void infer_body(struct infer *f, const struct check_body *body)
{
  for (uint32_t i = 0; i < body->count && rego_types_spend(&f->types, 1); i++)
    infer_literal(f, &body->items[i]);
}

/* ---- rules */

static void start_locals(struct infer *f, const struct check_local *names, uint32_t count)
{
  if (count > f->room) {
    f->locals = mem_resize(f->locals, count, sizeof *f->locals);
    f->room = count;
  }
  if (count)
    memset(f->locals, 0, count * sizeof *f->locals);
  vec_clear(&f->trail);
  f->names = names;
  rego_types_spend(&f->types, count);
}

static void keep_locals(const struct infer *f, const struct check_local *locals, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++)
    ((struct check_local *)locals)[i].type = f->locals[i];
}

static void default_to_any(struct infer *f, const struct check_term *term)
{
  if (term->kind == CHECK_LOCAL && !f->locals[term->local])
    infer_set(f, term->local, &rego_type_any);
  if (term->kind != CHECK_ARRAY && term->kind != CHECK_OBJECT && term->kind != CHECK_SET)
    return;
  for (uint32_t i = 0; i < term->count * (term->kind == CHECK_OBJECT ? 2 : 1); i++)
    default_to_any(f, &term->items[i]);
}

static const struct rego_type *function_type(struct infer *f, const struct check_rule *rule)
{
  const struct rego_type **args = mem_zalloc(rule->arg_count, sizeof *args);
  for (uint32_t i = 0; i < rule->arg_count; i++)
    default_to_any(f, &rule->args[i]);
  for (uint32_t i = 0; i < rule->arg_count; i++)
    args[i] = infer_term(f, &rule->args[i]);
  const struct rego_type *value = infer_term(f, &rule->value);
  const struct rego_type *type =
      rego_type_function(&f->types, args, rule->arg_count, value ? value : &rego_type_any);
  mem_free(args);
  return type;
}

/* The value under the keys of the head that are no part of the path; NULL if one is unknown. */
static const struct rego_type *value_type(struct infer *f, const struct check_rule *rule)
{
  const struct rego_type *type = infer_term(f, &rule->value);
  for (uint32_t i = rule->key_count; type && i-- > 0;) {
    const struct rego_type *key = infer_term(f, &rule->keys[i]);
    type = key ? rego_type_object(&f->types, NULL, NULL, 0, key, type) : NULL;
  }
  return type;
}

static const struct rego_type *head_type(struct infer *f, const struct check_rule *rule)
{
  if (rule->kind == REGO_RULE_FUNCTION)
    return function_type(f, rule);
  if (rule->kind != REGO_RULE_SET)
    return value_type(f, rule);
  if (rule->key_count)
    return &rego_type_any; /* sets below keys that are variables: OPA does not see them either */
  const struct rego_type *element = infer_term(f, &rule->key);
  return element ? rego_type_set(&f->types, element) : NULL;
}

static void infer_rule(struct infer *f, const struct check_rule *rule)
{
  uint64_t failed;
  f->c->module = rule->module;
  infer_apply_schemas(f, rule);
  failed = f->failed;
  start_locals(f, rule->locals, rule->local_count);
  infer_body(f, &rule->body);
  const struct rego_type *type = f->failed == failed ? head_type(f, rule) : NULL;
  if (f->failed != failed)
    infer_forget_rule(f, rule->path);
  else if (type)
    infer_add_rule(f, rule->path, type);
  keep_locals(f, rule->locals, rule->local_count);
}

static void start(struct infer *f, struct checker *c)
{
  *f = (struct infer){.c = c};
  rego_types_start(&f->types, c->arena);
  map_init(&f->functions, NULL);
  map_init(&f->schemas, c->arena);
}

static void finish(struct infer *f)
{
  infer_tell(f);
  mem_free(f->locals);
  vec_free(&f->trail);
  vec_free(&f->errors);
  map_free(&f->functions);
  map_free(&f->schemas);
}

void check_types(struct checker *c)
{
  struct infer f;
  start(&f, c);
  f.known = arena_new(c->arena, struct check_types);
  f.known->values = arena_zalloc(c->arena, c->paths.count, sizeof *f.known->values);
  f.known->extents = arena_zalloc(c->arena, c->paths.count, sizeof *f.known->extents);
  f.known->present = arena_zalloc(c->arena, c->paths.count, sizeof *f.known->present);
  infer_start_schemas(&f);
  for (size_t i = 0; i < c->rules.count && !c->over; i++)
    for (const struct check_rule *r = c->rules.items[c->program->order[i]]; r; r = r->otherwise)
      infer_rule(&f, r);
  c->program->types = f.known;
  finish(&f);
}

void check_query_types(struct checker *c, struct check_query *query)
{
  struct infer f;
  start(&f, c);
  f.known = (struct check_types *)c->program->types;
  f.frozen = true;
  infer_start_schemas(&f);
  f.input = f.global_input;
  start_locals(&f, query->locals, query->local_count);
  infer_body(&f, &query->body);
  keep_locals(&f, query->locals, query->local_count);
  finish(&f);
}
