/*
 * From the tree of a rule to its checked form: names become locals, paths and functions; calls come
 * out of terms. Scopes: a name that is declared (argument, :=, some, every) belongs to the innermost
 * body that declares it; one that is not is a local of the whole rule.
 */
#include "lang/rego/check_int.h"

/* Where literals go that come out of terms, and the `with` they carry. */
struct target {
  struct check_literals *out;
  struct check_with *with;
  uint32_t with_count;
};

static struct check_term lower_term(struct checker *c, const struct target *to,
                                    const struct rego_term *term);
static void lower_body(struct checker *c, struct check_literals *out, struct rego_body body);

/* ---- terms */

static struct check_term local_term(uint32_t local, struct rego_place place)
{
  return (struct check_term){.kind = CHECK_LOCAL, .local = local, .place = place};
}

static struct check_term constant_term(struct value value, struct rego_place place)
{
  return (struct check_term){
      .kind = CHECK_CONSTANT, .constant = true, .value = value, .place = place};
}

static struct check_literal *add_literal(struct checker *c, const struct target *to,
                                         enum check_literal_kind kind, struct rego_place place,
                                         uint32_t term_count)
{
  struct check_literal literal = {
      .kind = (uint8_t)kind,
      .place = place,
      .count = term_count,
      .terms = arena_zalloc(c->arena, term_count, sizeof(struct check_term)),
      .with = to->with,
      .with_count = to->with_count,
      .key = CHECK_NO_LOCAL,
      .value = CHECK_NO_LOCAL,
  };
  vec_push(to->out, literal);
  return &to->out->items[to->out->count - 1];
}

/* A new local that is unified with the term. */
static struct check_term capture(struct checker *c, const struct target *to, struct check_term term)
{
  uint32_t local = check_new_local(c, REGO_NO_NAME, term.place);
  struct check_literal *literal = add_literal(c, to, CHECK_UNIFY, term.place, 2);
  literal->generated = true;
  literal->terms[0] = local_term(local, term.place);
  literal->terms[1] = term;
  return literal->terms[0];
}

static bool requires_evaluation(const struct check_term *term)
{
  if (term->kind == CHECK_REF || term->kind >= CHECK_ARRAY_COMPREHENSION)
    return true;
  if (term->kind < CHECK_ARRAY)
    return false;
  for (uint32_t i = 0; i < term->count * (term->kind == CHECK_OBJECT ? 2 : 1); i++)
    if (requires_evaluation(&term->items[i]))
      return true;
  return false;
}

static struct check_term evaluated(struct checker *c, const struct target *to,
                                   struct check_term term)
{
  return requires_evaluation(&term) ? capture(c, to, term) : term;
}

static struct check_body finish_body(struct checker *c, struct check_literals *literals)
{
  struct check_body body = {.count = (uint32_t)literals->count};
  body.items = arena_array(c->arena, struct check_literal, literals->count);
  if (literals->count)
    memcpy(body.items, literals->items, literals->count * sizeof *literals->items);
  vec_free(literals);
  return body;
}

static void find_path(struct checker *c, struct check_term *ref)
{
  const struct check_path *path = c->program->data, *child;
  uint32_t i = 0;
  for (; i < ref->count && ref->items[i].kind == CHECK_CONSTANT; i++) {
    child = check_path_child(path, ref->items[i].value);
    if (!child)
      break;
    path = child;
  }
  ref->path = path;
  ref->known = i;
}

/* A reference: room for `before` operands in front, then those of the tree. */
static struct check_term make_ref(struct checker *c, enum check_root root, struct rego_place place,
                                  uint32_t count)
{
  return (struct check_term){
      .kind = CHECK_REF,
      .root = (uint8_t)root,
      .place = place,
      .count = count,
      .items = arena_zalloc(c->arena, count, sizeof(struct check_term)),
  };
}

static void add_operands(struct checker *c, const struct target *to, struct check_term *ref,
                         uint32_t at, const struct rego_term *operands, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++)
    ref->items[at + i] = lower_term(c, to, &operands[i]);
  if (ref->root == CHECK_ROOT_DATA)
    find_path(c, ref);
}

/* What an import or a rule's name stands for, with operands behind it. */
static struct check_term lower_global(struct checker *c, const struct target *to, uint32_t name,
                                      struct rego_place place, const struct rego_term *operands,
                                      uint32_t count)
{
  struct check_global *global = &c->globals[name];
  struct check_term ref;
  uint32_t before = 0;
  global->used = true;
  if (global->import) {
    const struct rego_import *import = global->import;
    bool input = str_eq(value_str_or_empty(import->path[0].value), STR("input"));
    before = import->path_count - 1;
    ref = make_ref(c, input ? CHECK_ROOT_INPUT : CHECK_ROOT_DATA, place, before + count);
    for (uint32_t i = 0; i < before; i++)
      ref.items[i] = constant_term(import->path[i + 1].value, place);
  } else {
    for (const struct check_path *p = c->package; p->parent; p = p->parent)
      before++;
    ref = make_ref(c, CHECK_ROOT_DATA, place, before + 1 + count);
    uint32_t i = before;
    for (const struct check_path *p = c->package; p->parent; p = p->parent)
      ref.items[--i] = constant_term(p->key, place);
    ref.items[before++] = constant_term(value_string(check_name(c, name)), place);
  }
  check_spend(c, before);
  add_operands(c, to, &ref, before, operands, count);
  return ref;
}

static struct check_term lower_var(struct checker *c, const struct target *to,
                                   const struct rego_term *var)
{
  if (!(var->var & REGO_WILDCARD) && check_is_global(c, var->var))
    return lower_global(c, to, var->var, var->place, NULL, 0);
  return local_term(check_local_of(c, var), var->place);
}

static bool is_declared(const struct checker *c, uint32_t name)
{
  return c->top[name] >= 0 && c->bindings.items[c->top[name]].occurrence != OCCURRENCE_SEEN;
}

static struct check_term lower_ref(struct checker *c, const struct target *to,
                                   const struct rego_term *term)
{
  const struct rego_term *head = &term->items[0], *operands = term->items + 1;
  uint32_t count = term->count - 1;
  struct check_term ref;
  if (head->kind != REGO_VAR) {
    struct check_term base = lower_term(c, to, head);
    if (base.kind != CHECK_LOCAL)
      base = capture(c, to, base);
    if (!count)
      return base;
    ref = make_ref(c, CHECK_ROOT_LOCAL, term->place, count);
    ref.local = base.local;
  } else {
    uint32_t name = head->var;
    if (!(name & REGO_WILDCARD) && check_is_global(c, name))
      return lower_global(c, to, name, term->place, operands, count);
    bool root = (name == c->name_input || name == c->name_data) && !is_declared(c, name);
    if (root) {
      ref = make_ref(c, name == c->name_input ? CHECK_ROOT_INPUT : CHECK_ROOT_DATA, term->place,
                     count);
    } else {
      uint32_t local = check_local_of(c, head);
      if (!count)
        return local_term(local, term->place);
      ref = make_ref(c, CHECK_ROOT_LOCAL, term->place, count);
      ref.local = local;
    }
  }
  add_operands(c, to, &ref, 0, operands, count);
  return ref;
}

static struct check_term lower_items(struct checker *c, const struct target *to,
                                     const struct rego_term *term, enum check_term_kind kind)
{
  uint32_t children = term->count * (kind == CHECK_OBJECT ? 2 : 1);
  struct check_term made = {.kind = (uint8_t)kind, .count = term->count, .place = term->place};
  made.items = arena_zalloc(c->arena, children, sizeof(struct check_term));
  made.constant = true;
  for (uint32_t i = 0; i < children; i++) {
    made.items[i] = lower_term(c, to, &term->items[i]);
    made.constant = made.constant && made.items[i].constant;
  }
  return made;
}

static struct check_term lower_comprehension(struct checker *c, const struct rego_term *term,
                                             enum check_term_kind kind)
{
  struct check_literals literals = {0};
  struct target inside = {.out = &literals};
  struct check_comprehension *made = arena_new(c->arena, struct check_comprehension);
  struct check_mark mark = check_push_scope(c, term->comprehension->body);
  lower_body(c, &literals, term->comprehension->body);
  if (kind == CHECK_OBJECT_COMPREHENSION)
    made->key = evaluated(c, &inside, lower_term(c, &inside, &term->comprehension->key));
  made->value = evaluated(c, &inside, lower_term(c, &inside, &term->comprehension->value));
  check_pop_scope(c, mark);
  made->body = finish_body(c, &literals);
  return (struct check_term){.kind = (uint8_t)kind, .place = term->place, .comprehension = made};
}

static void lower_withs(struct checker *c, struct target *to, const struct rego_expr *expr);

/* {x | x = term}: one value, or none. */
static struct check_term captured_set(struct checker *c, const struct rego_term *term,
                                      const struct rego_expr *expr)
{
  struct check_literals literals = {0};
  struct target inside = {.out = &literals};
  struct check_comprehension *made = arena_new(c->arena, struct check_comprehension);
  if (expr)
    lower_withs(c, &inside, expr);
  made->value = capture(c, &inside, lower_term(c, &inside, term));
  made->body = finish_body(c, &literals);
  made->captures = true;
  return (struct check_term){
      .kind = CHECK_SET_COMPREHENSION, .place = term->place, .comprehension = made};
}

static struct check_term call_output(struct checker *c, const struct target *to,
                                     struct check_callee callee, struct check_term *terms,
                                     uint32_t count, struct rego_place place)
{
  struct check_literal *literal = add_literal(c, to, CHECK_CALL, place, count + 1);
  if (count)
    memcpy(literal->terms, terms, count * sizeof *terms);
  uint32_t local = check_new_local(c, REGO_NO_NAME, place);
  literal->terms[count] = local_term(local, place);
  literal->has_output = literal->generated = true;
  literal->function = callee.function;
  literal->path = callee.path;
  return local_term(local, place);
}

/* A part of a template has one value at most. */
static void check_part(struct checker *c, const struct rego_term *part)
{
  struct check_callee callee;
  if (check_is_named_call(part) && check_find_callee(c, &part->items[0], &callee) &&
      callee.function && (callee.function->flags & BUILTIN_RELATION))
    check_fail(c, STAGE_TEMPLATES, REGO_COMPILE_ERROR, part->place,
               "illegal call to relation built-in '%s' that may cause multiple outputs",
               callee.function->name);
}

static struct check_term lower_template(struct checker *c, const struct target *to,
                                        const struct rego_term *term)
{
  struct check_term array = {.kind = CHECK_ARRAY, .count = term->count, .place = term->place};
  array.items = arena_zalloc(c->arena, term->count, sizeof(struct check_term));
  for (uint32_t i = 0; i < term->count; i++) {
    const struct rego_expr *part = &term->parts[i];
    if (part->kind == REGO_EXPR_TEXT) {
      array.items[i] = constant_term(part->terms[0].value, part->place);
    } else {
      check_part(c, &part->terms[0]);
      array.items[i] = captured_set(c, &part->terms[0], part);
    }
  }
  struct check_callee callee = {.function = builtin_find(STR("internal.template_string"))};
  return call_output(c, to, callee, &array, 1, term->place);
}

static struct check_term lower_call(struct checker *c, const struct target *to,
                                    const struct rego_term *call)
{
  struct check_callee callee = {0};
  uint32_t count = rego_call_arg_count(call);
  struct check_term *args = arena_zalloc(c->arena, count, sizeof *args);
  bool output;
  bool found = check_callee(c, call, true, &callee, &output);
  for (uint32_t i = 0; i < count; i++)
    args[i] = lower_term(c, to, &rego_call_args(call)[i]);
  if (!found)
    return local_term(check_new_local(c, REGO_NO_NAME, call->place), call->place);
  if (check_is_metadata(&callee))
    return check_metadata(c, &callee, call->place);
  return call_output(c, to, callee, args, count, call->place);
}

static struct check_term lower_term(struct checker *c, const struct target *to,
                                    const struct rego_term *term)
{
  check_spend(c, 1);
  switch ((enum rego_term_kind)term->kind) {
  case REGO_SCALAR:
    return constant_term(term->value, term->place);
  case REGO_VAR:
    return lower_var(c, to, term);
  case REGO_REF:
    return lower_ref(c, to, term);
  case REGO_ARRAY:
    return lower_items(c, to, term, CHECK_ARRAY);
  case REGO_OBJECT:
    return lower_items(c, to, term, CHECK_OBJECT);
  case REGO_SET:
    return lower_items(c, to, term, CHECK_SET);
  case REGO_ARRAY_COMPREHENSION:
    return lower_comprehension(c, term, CHECK_ARRAY_COMPREHENSION);
  case REGO_OBJECT_COMPREHENSION:
    return lower_comprehension(c, term, CHECK_OBJECT_COMPREHENSION);
  case REGO_SET_COMPREHENSION:
    return lower_comprehension(c, term, CHECK_SET_COMPREHENSION);
  case REGO_CALL:
    return lower_call(c, to, term);
  case REGO_TEMPLATE:
    break;
  }
  return lower_template(c, to, term);
}

/* ---- with */

static void fail_with(struct checker *c, enum rego_code code, const struct rego_term *target,
                      const char *message)
{
  check_fail(c, STAGE_WITH, code, target->place, "%s", message);
}

static void check_replaced(struct checker *c, const struct builtin *f,
                           const struct rego_term *target)
{
  struct str name = str_from(f->name);
  if (check_is_unsafe(c, f))
    check_fail(c, STAGE_WITH, REGO_COMPILE_ERROR, target->place,
               "with keyword replacing built-in function: target must not be unsafe: \"%s\"",
               f->name);
  else if (str_eq(name, STR("eq")) || str_starts(name, STR("rego.metadata.")))
    check_fail(c, STAGE_WITH, REGO_COMPILE_ERROR, target->place,
               "with keyword replacing built-in function: replacement of \"%s\" invalid", f->name);
  else if (str_starts(name, STR("internal.")))
    check_fail(c, STAGE_WITH, REGO_COMPILE_ERROR, target->place,
               "with keyword replacing built-in function: replacement of internal function \"%s\" "
               "invalid",
               f->name);
  else if (f->flags & BUILTIN_RELATION)
    fail_with(c, REGO_COMPILE_ERROR, target,
              "with keyword replacing built-in function: target must not be a relation");
  else if (f->flags & BUILTIN_VOID)
    fail_with(c, REGO_COMPILE_ERROR, target,
              "with keyword replacing built-in function: target must not be a void function");
}

static void check_partial(struct checker *c, const struct check_term *ref,
                          const struct rego_term *target)
{
  const struct check_path *path = c->program->data;
  for (uint32_t i = 0; i + 1 < ref->count && ref->items[i].kind == CHECK_CONSTANT; i++) {
    path = check_path_child(path, ref->items[i].value);
    if (!path)
      return;
    if (path->rule_count || path->rules_expected) {
      fail_with(c, REGO_COMPILE_ERROR, target,
                "with keyword cannot partially replace virtual document(s)");
      return;
    }
  }
}

static bool whole_function(const struct check_term *ref)
{
  return ref->kind == CHECK_REF && ref->root == CHECK_ROOT_DATA && ref->known == ref->count &&
         ref->path->is_function;
}

static bool lower_with_target(struct checker *c, const struct target *to,
                              const struct rego_term *target, struct check_with *ret)
{
  struct check_callee callee;
  const struct rego_term *head = target->kind == REGO_REF ? &target->items[0] : target;
  bool named = head->kind == REGO_VAR && !(head->var & REGO_WILDCARD);
  if (named && head->var == c->name_input) {
    ret->target = make_ref(c, CHECK_ROOT_INPUT, target->place,
                           target->kind == REGO_REF ? target->count - 1 : 0);
    if (ret->target.count)
      add_operands(c, to, &ret->target, 0, target->items + 1, ret->target.count);
    return true;
  }
  bool root = named && (head->var == c->name_data || check_is_global(c, head->var));
  if (named && !root && check_find_callee(c, target, &callee) && callee.function) {
    ret->target_function = callee.function;
    check_replaced(c, callee.function, target);
    return true;
  }
  if (root)
    ret->target = lower_term(c, to, target);
  if (root && ret->target.kind == CHECK_REF && ret->target.root != CHECK_ROOT_LOCAL) {
    if (ret->target.root == CHECK_ROOT_DATA)
      check_partial(c, &ret->target, target);
    return true;
  }
  fail_with(c, REGO_TYPE_ERROR, target,
            "with keyword target must reference existing input, data, or a function");
  return false;
}

static void check_value(struct checker *c, const struct builtin *function,
                        const struct rego_term *value)
{
  if (check_is_unsafe(c, function))
    check_fail(c, STAGE_WITH, REGO_COMPILE_ERROR, value->place,
               "with keyword replacing built-in function: target must not be unsafe: \"%s\"",
               function->name);
}

/* A value may be a function where a function is replaced. */
static void lower_with_value(struct checker *c, const struct target *to,
                             const struct rego_term *value, struct check_with *with)
{
  struct check_callee callee = {0};
  bool replaces = with->target_function || whole_function(&with->target);
  bool named = value->kind == REGO_VAR ||
               (value->kind == REGO_REF && value->count > 1 && value->items[0].kind == REGO_VAR);
  if (named && check_find_callee(c, value, &callee)) {
    if (callee.path && callee.path->is_function) {
      if (value->kind == REGO_VAR && check_is_global(c, value->var))
        c->globals[value->var].used = true;
      with->value_path = callee.path;
      return;
    }
    if (callee.function && replaces) {
      check_value(c, callee.function, value);
      with->value_function = callee.function;
      return;
    }
  }
  with->value = evaluated(c, to, lower_term(c, to, value));
}

static void lower_withs(struct checker *c, struct target *to, const struct rego_expr *expr)
{
  if (!expr->with_count)
    return;
  struct check_with *withs = arena_zalloc(c->arena, expr->with_count, sizeof *withs);
  for (uint32_t i = 0; i < expr->with_count; i++) {
    withs[i].place = expr->with[i].place;
    if (lower_with_target(c, to, &expr->with[i].target, &withs[i]))
      lower_with_value(c, to, &expr->with[i].value, &withs[i]);
  }
  to->with = withs;
  to->with_count = expr->with_count;
}

/* ---- expressions */

bool check_is_print(const struct checker *c, const struct rego_term *call)
{
  if (call->kind != REGO_CALL || call->op != REGO_OP_NAMED || call->items[0].kind != REGO_VAR)
    return false;
  uint32_t name = call->items[0].var;
  return !(name & REGO_WILDCARD) && !check_is_global(c, name) && c->top[name] < 0 &&
         str_eq(check_name(c, name), STR("print"));
}

static void lower_print(struct checker *c, const struct target *to, const struct rego_term *call)
{
  if (!c->options->print)
    return;
  uint32_t count = rego_call_arg_count(call);
  struct check_term array = {.kind = CHECK_ARRAY, .count = count, .place = call->place};
  array.items = arena_zalloc(c->arena, count, sizeof(struct check_term));
  for (uint32_t i = 0; i < count; i++)
    array.items[i] = captured_set(c, &rego_call_args(call)[i], NULL);
  struct check_literal *literal = add_literal(c, to, CHECK_CALL, call->place, 1);
  literal->function = builtin_find(STR("internal.print"));
  literal->terms[0] = array;
}

/* a == b need not be computed, only tested. */
static bool is_equal(const struct checker *c, const struct check_callee *callee)
{
  return c->module && callee->function && str_eq(str_from(callee->function->name), STR("equal"));
}

/* A constant, which holds or is unified with what is behind the call's arguments. */
static void lower_metadata(struct checker *c, const struct target *to, const struct rego_expr *e,
                           const struct check_callee *callee, const struct check_term *output)
{
  struct check_literal *literal =
      add_literal(c, to, output ? CHECK_UNIFY : CHECK_TEST, e->place, output ? 2 : 1);
  literal->terms[0] = check_metadata(c, callee, e->place);
  if (output)
    literal->terms[1] = *output;
  literal->negated = e->negated;
}

static void lower_statement(struct checker *c, const struct target *to, const struct rego_expr *e)
{
  const struct rego_term *call = &e->terms[0];
  struct check_callee callee = {0};
  uint32_t count = rego_call_arg_count(call);
  struct check_term *args = arena_zalloc(c->arena, count, sizeof *args);
  bool output = false;
  bool found = check_callee(c, call, false, &callee, &output);
  for (uint32_t i = 0; i < count; i++)
    args[i] = lower_term(c, to, &rego_call_args(call)[i]);
  if (!found)
    return;
  if (check_is_metadata(&callee)) {
    lower_metadata(c, to, e, &callee, output ? args : NULL);
    return;
  }
  bool test = !output && is_equal(c, &callee);
  struct check_literal *literal =
      add_literal(c, to, test ? CHECK_UNIFY : CHECK_CALL, e->place, count);
  if (count)
    memcpy(literal->terms, args, count * sizeof *args);
  literal->negated = e->negated;
  literal->test = test;
  literal->has_output = output;
  literal->function = callee.function;
  literal->path = callee.path;
}

static struct check_term assign_pattern(struct checker *c, const struct target *to,
                                        const struct rego_term *term, struct rego_place place)
{
  check_spend(c, 1);
  bool root = term->kind == REGO_REF && term->count == 1 && term->items[0].kind == REGO_VAR &&
              (term->items[0].var == c->name_input || term->items[0].var == c->name_data);
  if (term->kind == REGO_VAR || root)
    return local_term(check_declare(c, term, OCCURRENCE_ASSIGNED, place), term->place);
  if (term->kind != REGO_ARRAY && term->kind != REGO_OBJECT) {
    check_fail(c, STAGE_LOCALS, REGO_COMPILE_ERROR, term->place, "cannot assign to %s",
               rego_term_name(term));
    return constant_term(value_null(), term->place);
  }
  bool object = term->kind == REGO_OBJECT;
  struct check_term made = {
      .kind = object ? CHECK_OBJECT : CHECK_ARRAY, .count = term->count, .place = term->place};
  uint32_t children = term->count * (object ? 2 : 1);
  made.items = arena_zalloc(c->arena, children, sizeof(struct check_term));
  for (uint32_t i = 0; i < children; i++)
    made.items[i] = object && i % 2 == 0 ? lower_term(c, to, &term->items[i])
                                         : assign_pattern(c, to, &term->items[i], place);
  return made;
}

static void lower_assign(struct checker *c, const struct target *to, const struct rego_expr *e,
                         const struct rego_term *sides)
{
  if (e->negated) {
    check_fail(c, STAGE_LOCALS, REGO_COMPILE_ERROR, e->place,
               "cannot assign vars inside negated expression");
    return;
  }
  const struct rego_term *left = &sides[0];
  if (left->kind == REGO_REF && left->count == 1 && left->items[0].kind == REGO_VAR &&
      (left->items[0].var == c->name_input || left->items[0].var == c->name_data) && check_is_v1(c))
    check_fail(c, STAGE_OVERRIDES, REGO_COMPILE_ERROR, e->place,
               "variables must not shadow %.*s (use a different variable name)",
               STR_FMT(check_name(c, left->items[0].var)));
  struct check_term right = lower_term(c, to, &sides[1]);
  struct check_term pattern = assign_pattern(c, to, left, e->place);
  struct check_literal *literal = add_literal(c, to, CHECK_UNIFY, e->place, 2);
  literal->terms[0] = pattern;
  literal->terms[1] = right;
}

static void lower_unify(struct checker *c, const struct target *to, const struct rego_expr *e,
                        const struct rego_term *sides)
{
  struct check_term left = lower_term(c, to, &sides[0]);
  struct check_term right = lower_term(c, to, &sides[1]);
  struct check_literal *literal = add_literal(c, to, CHECK_UNIFY, e->place, 2);
  literal->negated = e->negated;
  literal->terms[0] = left;
  literal->terms[1] = right;
}

static bool mentions(struct checker *c, const struct rego_term *term, uint32_t name)
{
  if (!check_spend(c, 1))
    return false;
  if (term->kind == REGO_VAR)
    return term->var == name;
  if (term->kind != REGO_ARRAY && term->kind != REGO_OBJECT && term->kind != REGO_SET &&
      term->kind != REGO_REF && term->kind != REGO_CALL)
    return false;
  for (uint32_t i = check_is_named_call(term);
       i < term->count * (term->kind == REGO_OBJECT ? 2 : 1); i++)
    if (mentions(c, &term->items[i], name))
      return true;
  return false;
}

/* The variables of a pattern of `some ... in`, declared unless the collection mentions them. */
static void declare_pattern(struct checker *c, const struct rego_term *term,
                            const struct rego_term *collection, struct rego_place place)
{
  if (term->kind == REGO_VAR) {
    if (!(term->var & REGO_WILDCARD) && !mentions(c, collection, term->var) &&
        !(c->top[term->var] >= (int64_t)c->scope && c->bindings.items[c->top[term->var]].fresh)) {
      check_declare(c, term, OCCURRENCE_DECLARED, place);
      c->bindings.items[c->top[term->var]].fresh = true;
    }
    return;
  }
  if (term->kind != REGO_ARRAY && term->kind != REGO_OBJECT)
    return;
  bool object = term->kind == REGO_OBJECT;
  for (uint32_t i = 0; i < term->count * (object ? 2 : 1); i++)
    if (!object || i % 2)
      declare_pattern(c, &term->items[i], collection, place);
}

static void lower_some_in(struct checker *c, const struct target *to, const struct rego_expr *e)
{
  const struct rego_term *collection = &e->terms[e->count - 1];
  const struct rego_term *value = &e->terms[e->count - 2];
  const struct rego_term *key = e->count == 3 ? &e->terms[0] : NULL;
  struct check_term base = lower_term(c, to, collection);
  size_t from = c->bindings.count;
  if (key)
    declare_pattern(c, key, collection, e->place);
  declare_pattern(c, value, collection, e->place);
  for (size_t i = from; i < c->bindings.count; i++)
    c->bindings.items[i].fresh = false;
  struct check_term pattern = lower_term(c, to, value);
  struct check_term operand =
      key ? lower_term(c, to, key)
          : local_term(check_new_local(c, REGO_NO_NAME, e->place), e->place);
  if (base.kind != CHECK_REF && base.kind != CHECK_LOCAL)
    base = capture(c, to, base);
  struct check_term ref = base;
  ref.kind = CHECK_REF;
  ref.root = base.kind == CHECK_LOCAL ? CHECK_ROOT_LOCAL : base.root;
  ref.count = base.kind == CHECK_LOCAL ? 1 : base.count + 1;
  ref.items = arena_zalloc(c->arena, ref.count, sizeof(struct check_term));
  if (base.kind == CHECK_REF && base.count)
    memcpy(ref.items, base.items, base.count * sizeof *base.items);
  ref.items[ref.count - 1] = operand;
  if (ref.root == CHECK_ROOT_DATA)
    find_path(c, &ref);
  struct check_literal *literal = add_literal(c, to, CHECK_UNIFY, e->place, 2);
  literal->negated = e->negated;
  literal->terms[0] = pattern;
  literal->terms[1] = ref;
}

static void lower_every(struct checker *c, const struct target *to, const struct rego_expr *e)
{
  const struct rego_every *every = e->every;
  struct check_literals literals = {0};
  struct check_term domain = capture(c, to, lower_term(c, to, &every->domain));
  struct check_mark mark = check_push_scope(c, every->body);
  if (every->has_key)
    check_ignore(c, every->key.var);
  check_ignore(c, every->value.var);
  int64_t key = CHECK_NO_LOCAL;
  if (every->has_key)
    key = check_declare(c, &every->key, OCCURRENCE_DECLARED, e->place);
  int64_t value = check_declare(c, &every->value, OCCURRENCE_DECLARED, e->place);
  lower_body(c, &literals, every->body);
  check_pop_scope(c, mark);
  struct check_literal *literal = add_literal(c, to, CHECK_EVERY, e->place, 1);
  literal->negated = e->negated;
  literal->terms[0] = domain;
  literal->key = key;
  literal->value = value;
  literal->bodies = arena_new(c->arena, struct check_body);
  literal->body_count = 1;
  literal->bodies[0] = finish_body(c, &literals);
}

static void lower_logic(struct checker *c, const struct target *to, const struct rego_expr *e)
{
  enum check_literal_kind kind = e->kind == REGO_EXPR_NOT   ? CHECK_NOT
                                 : e->kind == REGO_EXPR_AND ? CHECK_AND
                                                            : CHECK_OR;
  struct check_body *bodies = arena_zalloc(c->arena, e->count, sizeof *bodies);
  for (uint32_t i = 0; i < e->count; i++) {
    struct check_literals literals = {0};
    struct check_mark mark = check_push_scope(c, e->operands[i].body);
    lower_body(c, &literals, e->operands[i].body);
    check_pop_scope(c, mark);
    bodies[i] = finish_body(c, &literals);
    bodies[i].captures = !e->operands[i].braces;
  }
  struct check_literal *literal = add_literal(c, to, kind, e->place, 0);
  literal->negated = e->negated;
  literal->bodies = bodies;
  literal->body_count = e->count;
}

static void lower_term_expr(struct checker *c, const struct target *to, const struct rego_expr *e)
{
  const struct rego_term *term = &e->terms[0];
  if (check_is_print(c, term)) {
    lower_print(c, to, term);
    return;
  }
  if (term->kind != REGO_CALL) {
    struct check_term lowered = lower_term(c, to, term);
    struct check_literal *literal = add_literal(c, to, CHECK_TEST, e->place, 1);
    literal->terms[0] = lowered;
    literal->negated = e->negated;
    return;
  }
  bool plain = term->op == REGO_OP_NAMED && term->items[0].kind == REGO_VAR && term->count == 3;
  struct str name = plain ? check_name(c, term->items[0].var) : STR_EMPTY;
  if (str_eq(name, STR("eq")))
    lower_unify(c, to, e, rego_call_args(term));
  else if (str_eq(name, STR("assign")))
    lower_assign(c, to, e, rego_call_args(term));
  else
    lower_statement(c, to, e);
}

static void lower_expr(struct checker *c, struct check_literals *out, const struct rego_expr *e)
{
  struct target to = {.out = out};
  check_spend(c, 1);
  lower_withs(c, &to, e);
  switch ((enum rego_expr_kind)e->kind) {
  case REGO_EXPR_TERM:
  case REGO_EXPR_TEXT:
    lower_term_expr(c, &to, e);
    break;
  case REGO_EXPR_ASSIGN:
    lower_assign(c, &to, e, e->terms);
    break;
  case REGO_EXPR_UNIFY:
    lower_unify(c, &to, e, e->terms);
    break;
  case REGO_EXPR_SOME:
    for (uint32_t i = 0; i < e->count; i++)
      check_declare(c, &e->terms[i], OCCURRENCE_DECLARED, e->place);
    break;
  case REGO_EXPR_SOME_IN:
    lower_some_in(c, &to, e);
    break;
  case REGO_EXPR_EVERY:
    lower_every(c, &to, e);
    break;
  case REGO_EXPR_NOT:
  case REGO_EXPR_AND:
  case REGO_EXPR_OR:
    lower_logic(c, &to, e);
    break;
  }
}

static void lower_body(struct checker *c, struct check_literals *out, struct rego_body body)
{
  for (uint32_t i = 0; i < body.count && !c->over; i++)
    lower_expr(c, out, &body.items[i]);
}

/* ---- rules */

static void reset_rule(struct checker *c)
{
  vec_clear(&c->locals);
  while (c->wide_names.count)
    c->wide[vec_pop(&c->wide_names)] = -1;
}

static const struct check_local *finish_locals(struct checker *c)
{
  struct check_local *locals = arena_array(c->arena, struct check_local, c->locals.count);
  if (c->locals.count)
    memcpy(locals, c->locals.items, c->locals.count * sizeof *locals);
  return locals;
}

static struct check_term lower_arg(struct checker *c, const struct target *to,
                                   const struct rego_term *arg)
{
  if (arg->kind == REGO_VAR && !(arg->var & REGO_WILDCARD) && c->top[arg->var] < 0)
    return local_term(check_declare(c, arg, OCCURRENCE_ARG, arg->place), arg->place);
  if (arg->kind == REGO_VAR)
    return local_term(check_local_of(c, arg), arg->place);
  if (arg->kind == REGO_CALL) {
    check_fail(c, STAGE_LOCALS, REGO_COMPILE_ERROR, arg->place,
               "rule arguments cannot contain calls");
    return constant_term(value_null(), arg->place);
  }
  if (arg->kind == REGO_REF && arg->count == 1 && arg->items[0].kind == REGO_VAR)
    check_fail(c, STAGE_RESOLVE, REGO_COMPILE_ERROR, arg->place,
               "args must not shadow %.*s (use a different variable name)",
               STR_FMT(check_name(c, arg->items[0].var)));
  if (arg->kind != REGO_ARRAY && arg->kind != REGO_OBJECT)
    return evaluated(c, to, lower_term(c, to, arg));
  bool object = arg->kind == REGO_OBJECT;
  uint32_t children = arg->count * (object ? 2 : 1);
  struct check_term made = {.kind = object ? CHECK_OBJECT : CHECK_ARRAY,
                            .constant = true,
                            .count = arg->count,
                            .place = arg->place};
  made.items = arena_zalloc(c->arena, children, sizeof(struct check_term));
  for (uint32_t i = 0; i < children; i++) {
    made.items[i] = object && i % 2 == 0 ? evaluated(c, to, lower_term(c, to, &arg->items[i]))
                                         : lower_arg(c, to, &arg->items[i]);
    made.constant = made.constant && made.items[i].constant;
  }
  return made;
}

static void lower_head(struct checker *c, const struct target *to, const struct rego_head *head,
                       uint32_t known, struct check_rule *rule)
{
  rule->key_count = head->ref_count - known;
  rule->keys = arena_zalloc(c->arena, rule->key_count, sizeof(struct check_term));
  for (uint32_t i = 0; i < rule->key_count; i++) {
    struct check_term key = lower_term(c, to, &head->ref[known + i]);
    rule->keys[i] = key.kind > CHECK_LOCAL ? capture(c, to, key) : key;
  }
  if (head->kind == REGO_RULE_SET)
    rule->key = evaluated(c, to, lower_term(c, to, &head->key));
  else
    rule->value = evaluated(c, to, lower_term(c, to, &head->value));
}

static struct check_rule *lower_branch(struct checker *c, const struct rego_rule *source)
{
  struct check_rule *rule = arena_new(c->arena, struct check_rule);
  struct check_literals literals = {0}, last = {0};
  struct target to = {.out = &literals}, behind = {.out = &last};
  const struct rego_head *head = &source->head;
  uint32_t known;
  reset_rule(c);
  c->rule = source;
  rule->source = source;
  rule->module = c->module;
  rule->kind = (uint8_t)head->kind;
  rule->is_default = source->is_default;
  rule->path = check_path_of_rule(c, head, &known);
  c->scope = c->bindings.count;
  rule->arg_count = head->arg_count;
  rule->args = arena_zalloc(c->arena, head->arg_count, sizeof(struct check_term));
  for (uint32_t i = 0; i < head->arg_count; i++)
    rule->args[i] = lower_arg(c, &behind, &head->args[i]);
  check_ignore_declared(c, source->body);
  lower_body(c, &literals, source->body);
  for (size_t i = 0; i < last.count; i++)
    vec_push(&literals, last.items[i]);
  vec_free(&last);
  lower_head(c, &to, head, known, rule);
  rule->body = finish_body(c, &literals);
  rule->locals = finish_locals(c);
  rule->local_count = (uint32_t)c->locals.count;
  return rule;
}

/* Arguments that no branch mentions. */
static void note_unused_args(struct checker *c, const struct rego_rule *first,
                             const struct rego_rule *at)
{
  for (size_t i = c->scope; i < c->bindings.count; i++) {
    const struct check_binding *b = &c->bindings.items[i];
    if (b->occurrence != OCCURRENCE_ARG)
      continue;
    if (b->count)
      c->unused[b->name] = false;
    else if (first == at)
      c->unused[b->name] = true;
  }
}

static void fail_unused_args(struct checker *c, const struct rego_rule *rule)
{
  for (size_t i = c->scope; i < c->bindings.count; i++) {
    const struct check_binding *b = &c->bindings.items[i];
    if (b->occurrence == OCCURRENCE_ARG && c->unused[b->name])
      check_fail(c, STAGE_LOCALS, REGO_COMPILE_ERROR, rule->head.place,
                 "unused argument %.*s. (hint: use _ (wildcard variable) instead)",
                 STR_FMT(check_name(c, b->name)));
  }
}

struct check_rule *check_lower_rule(struct checker *c, const struct rego_rule *source)
{
  struct check_rule *first = NULL, **next = &first;
  for (const struct rego_rule *at = source; at && !(first && c->over); at = at->otherwise) {
    *next = lower_branch(c, at);
    next = &(*next)->otherwise;
    note_unused_args(c, source, at);
    if (c->options->strict && !at->otherwise && !check_failed(c, STAGE_LOCALS))
      fail_unused_args(c, source);
    check_pop_scope(c, (struct check_mark){0, 0});
  }
  return first;
}

void check_lower_query(struct checker *c, struct rego_body body, struct check_query *ret)
{
  struct check_literals literals = {0};
  reset_rule(c);
  c->rule = NULL;
  c->scope = 0;
  check_ignore_declared(c, body);
  lower_body(c, &literals, body);
  uint32_t *answers = arena_array(c->arena, uint32_t, c->bindings.count);
  for (size_t i = 0; i < c->bindings.count; i++)
    answers[ret->answer_count++] = c->bindings.items[i].local;
  ret->answers = answers;
  check_pop_scope(c, (struct check_mark){0, 0});
  ret->body = finish_body(c, &literals);
  ret->locals = finish_locals(c);
  ret->local_count = (uint32_t)c->locals.count;
}
