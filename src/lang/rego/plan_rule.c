/* Rules and entries: bodies with their heads. */
#include "lang/rego/plan_int.h"

#include "data/compare.h"

#include <string.h>

/* ---- what a rule mentions */

struct visitor {
  struct planner *p;
  uint32_t *uses; /* NULL: only `with` is looked for */
};

static void visit_body(struct visitor *v, const struct check_body *body);

static void visit_term(struct visitor *v, const struct check_term *t)
{
  uint32_t count = 0;
  switch (t->kind) {
  case CHECK_CONSTANT:
    return;
  case CHECK_LOCAL:
    if (v->uses)
      v->uses[t->local]++;
    return;
  case CHECK_REF:
    if (t->root == CHECK_ROOT_LOCAL && v->uses)
      v->uses[t->local]++;
    count = t->count;
    break;
  case CHECK_ARRAY:
  case CHECK_SET:
    count = t->count;
    break;
  case CHECK_OBJECT:
    count = t->count * 2;
    break;
  default:
    if (t->kind == CHECK_OBJECT_COMPREHENSION)
      visit_term(v, &t->comprehension->key);
    visit_term(v, &t->comprehension->value);
    visit_body(v, &t->comprehension->body);
    return;
  }
  for (uint32_t i = 0; i < count; i++)
    visit_term(v, &t->items[i]);
}

static void note_mock(struct planner *p, const void *function)
{
  if (plan_mock_slot(p, function) < 0)
    vec_push(&p->mocks, function);
}

static void note_target(struct planner *p, const struct check_term *t)
{
  const struct check_path *path = t->path && t->known == t->count ? t->path : NULL;
  if (!path)
    return;
  for (size_t i = 0; i < p->targets.count; i++)
    if (p->targets.items[i].path == path)
      return;
  vec_push(&p->targets, (struct plan_target){path, t});
}

static void note_with(struct visitor *v, const struct check_with *with)
{
  const struct check_term *t = &with->target;
  if (with->target_function)
    note_mock(v->p, with->target_function);
  else if (t->root == CHECK_ROOT_DATA && t->path && t->known == t->count &&
           plan_is_function(t->path))
    note_mock(v->p, t->path);
  else if (t->root == CHECK_ROOT_DATA)
    note_target(v->p, t);
}

static void visit_with(struct visitor *v, const struct check_literal *l)
{
  for (uint32_t i = 0; i < l->with_count; i++) {
    const struct check_with *with = &l->with[i];
    if (!v->uses)
      note_with(v, with);
    if (!with->value_function && !with->value_path)
      visit_term(v, &with->value);
  }
}

static void visit_body(struct visitor *v, const struct check_body *body)
{
  for (uint32_t i = 0; i < body->count; i++) {
    const struct check_literal *l = &body->items[i];
    for (uint32_t j = 0; j < l->count; j++)
      visit_term(v, &l->terms[j]);
    for (uint32_t j = 0; j < l->body_count; j++)
      visit_body(v, &l->bodies[j]);
    if (l->kind == CHECK_EVERY && v->uses) {
      if (l->key != CHECK_NO_LOCAL)
        v->uses[l->key]++;
      if (l->value != CHECK_NO_LOCAL)
        v->uses[l->value]++;
    }
    visit_with(v, l);
  }
}

static void visit_rule(struct visitor *v, const struct check_rule *r)
{
  for (uint32_t i = 0; i < r->arg_count; i++)
    visit_term(v, &r->args[i]);
  for (uint32_t i = 0; i < r->key_count; i++)
    visit_term(v, &r->keys[i]);
  visit_term(v, r->kind == REGO_RULE_SET ? &r->key : &r->value);
  visit_body(v, &r->body);
}

void plan_scan(struct planner *p)
{
  struct visitor v = {.p = p};
  for (uint32_t i = 0; i < p->checked->rule_count; i++)
    for (const struct check_rule *r = p->checked->rules[i]; r; r = r->otherwise)
      visit_rule(&v, r);
}

static void begin_locals(struct planner *p, const struct check_local *locals, uint32_t count)
{
  p->locals = locals;
  p->local_count = count;
  p->bound = arena_array(p->arena, operand, count + 1);
  p->uses = arena_zalloc(p->arena, count + 1, sizeof *p->uses);
  for (uint32_t i = 0; i < count; i++)
    p->bound[i] = VM_NONE;
  p->trail.count = 0;
  /* Observers see every variable. */
  for (uint32_t i = 0; i < count && p->options->instrument; i++)
    p->uses[i] = 2;
}

static uint32_t file_number(struct planner *p, struct str name)
{
  for (uint32_t i = 0; i < p->files.count; i++)
    if (str_eq(p->files.items[i], name))
      return i;
  vec_push(&p->files, arena_copy(&p->program->arena, name));
  return (uint32_t)p->files.count - 1;
}

static void begin_definition(struct planner *p, const struct check_rule *r)
{
  begin_locals(p, r->locals, r->local_count);
  struct visitor v = {.p = p, .uses = p->uses};
  visit_rule(&v, r);
  p->file = file_number(p, r->module->name);
  p->source = r->module->text;
  p->place = r->source->place;
  p->rule_point = UINT32_MAX;
  if (p->options->instrument) {
    p->rule_point = plan_point_add(p, REGO_POINT_RULE, r->source->place);
    p->points.items[p->rule_point].rule = p->rule_point;
  }
}

static void match_arguments(struct planner *p, const struct check_rule *r)
{
  for (uint32_t i = 0; i < r->arg_count; i++)
    plan_match(p, &r->args[i], (operand)i);
}

static void body_of(struct planner *p, const struct check_rule *r)
{
  match_arguments(p, r);
  if (p->options->instrument)
    plan_observe(p, REGO_ENTER, p->rule_point);
  plan_literals(p, &r->body);
  p->place = r->source->place;
}

/* ---- complete rules and functions */

/* Whether all definitions give one and the same constant, so that the first answer is the result. */
static bool agree(const struct planner *p, const struct check_path *path)
{
  const struct check_term *first = NULL;
  if (p->options->no_optimiser || p->options->instrument)
    return false;
  for (uint32_t i = 0; i < path->rule_count; i++) {
    if (path->rules[i]->is_default)
      continue;
    for (const struct check_rule *r = path->rules[i]; r; r = r->otherwise) {
      if (r->value.kind != CHECK_CONSTANT)
        return false;
      if (first && !value_equal(first->value, r->value.value))
        return false;
      first = &r->value;
    }
  }
  return true;
}

static void answer(struct planner *p, const struct check_rule *r, operand to, uint32_t conflict)
{
  operand value = plan_term(p, &r->value);
  p->place = r->source->place;
  plan_emit(p, VM_RESULT, to, value, 0)->d = conflict;
  if (p->options->instrument)
    plan_observe(p, REGO_EXIT, p->rule_point);
}

/* A rule with its else-branches: the first that has an answer. */
static void chain(struct planner *p, const struct check_rule *rule, operand result,
                  uint32_t conflict, bool first_answer)
{
  uint32_t end = plan_label(p);
  for (const struct check_rule *r = rule; r && !p->failed; r = r->otherwise) {
    uint32_t next = plan_label(p), found = plan_label(p), otherwise = plan_label(p);
    begin_definition(p, r);
    operand own = r->otherwise ? plan_register(p) : result;
    if (r->otherwise)
      plan_emit(p, VM_CLEAR, own, 0, 0);
    p->fail = next;
    uint32_t loops = p->loops;
    body_of(p, r);
    if (first_answer) {
      plan_emit(p, VM_RETURN, 0, plan_term(p, &r->value), 0);
    } else {
      answer(p, r, own, conflict);
      bool once = r->value.kind == CHECK_CONSTANT && !p->options->no_optimiser &&
                  !p->options->instrument;
      plan_jump(p, p->loops == loops || once ? found : p->fail);
    }
    plan_bind(p, next);
    if (r->otherwise)
      plan_emit_to(p, VM_IF_ABSENT, 0, own, 0, 0, otherwise);
    plan_bind(p, found);
    if (r->otherwise)
      plan_emit(p, VM_RESULT, result, own, 0)->d = conflict;
    if (r->otherwise)
      plan_jump(p, end);
    plan_bind(p, otherwise);
    p->loops = loops;
  }
  plan_bind(p, end);
}

static void default_value(struct planner *p, const struct check_path *path, operand result)
{
  for (uint32_t i = 0; i < path->rule_count; i++) {
    const struct check_rule *r = path->rules[i];
    if (!r->is_default)
      continue;
    uint32_t there = plan_label(p);
    begin_definition(p, r);
    p->fail = there;
    plan_emit_to(p, VM_IF_PRESENT, 0, result, 0, 0, there);
    match_arguments(p, r);
    if (p->options->instrument)
      plan_observe(p, REGO_ENTER, p->rule_point);
    plan_literals(p, &r->body);
    operand value = plan_term(p, &r->value);
    plan_emit(p, VM_MOVE, result, value, 0);
    if (p->options->instrument)
      plan_observe(p, REGO_EXIT, p->rule_point);
    plan_bind(p, there);
    return;
  }
}

/* What is planned for each definition of a path. */
struct definitions {
  operand result;
  uint32_t conflict;
  bool first_answer, partial;
  bool to_set; /* partial: a set, not an object */
};

static void partial_chain(struct planner *p, const struct check_rule *rule, operand members,
                          bool to_set);

static void plan_definition(struct planner *p, const struct definitions *d,
                            const struct check_rule *rule)
{
  if (d->partial)
    partial_chain(p, rule, d->result, d->to_set);
  else
    chain(p, rule, d->result, d->conflict, d->first_answer);
}

/* All definitions of a path but its default; those of other groups than the subject's are not entered. */
static void plan_definitions(struct planner *p, const struct check_path *path,
                             const struct definitions *d)
{
  struct plan_index index = plan_index_make(p, path);
  for (uint32_t i = 0; i < index.always && !p->failed; i++)
    plan_definition(p, d, index.rules[i]);
  if (index.always == index.count)
    return;
  uint32_t *labels = arena_array(p->arena, uint32_t, index.count - index.always);
  uint32_t end = plan_label(p);
  for (uint32_t i = index.always; i < index.count; i++)
    labels[i - index.always] = plan_label(p);
  plan_index_switch(p, &index, labels, end);
  for (uint32_t i = index.always; i < index.count && !p->failed; i++) {
    plan_bind(p, labels[i - index.always]);
    plan_definition(p, d, index.rules[i]);
    if (i + 1 < index.count && !value_equal(*plan_index_key(p, &index, index.rules[i]),
                                            *plan_index_key(p, &index, index.rules[i + 1])))
      plan_jump(p, end);
  }
  plan_bind(p, end);
}

static void plan_complete(struct planner *p, const struct check_path *path)
{
  bool first_answer = agree(p, path);
  uint32_t conflict = path->is_function ? VM_CONFLICT_FUNCTION : VM_CONFLICT_RULE;
  operand result = plan_register(p);
  plan_emit(p, VM_CLEAR, result, 0, 0);
  plan_definitions(
      p, path,
      &(struct definitions){.result = result, .conflict = conflict, .first_answer = first_answer});
  default_value(p, path, result);
  plan_emit(p, VM_RETURN, 0, result, 0);
}

/* ---- partial rules */

/* A rule for a place as a whole, where other rules make an object of it: it must have no answer. */
static void refuse(struct planner *p)
{
  operand taken = plan_register(p);
  plan_emit(p, VM_MOVE, taken, plan_constant(p, value_bool(true)), 0);
  plan_emit(p, VM_RESULT, taken, plan_constant(p, value_bool(false)), 0)->d = VM_CONFLICT_OBJECT;
}

static void contribute(struct planner *p, const struct check_rule *r, operand members, bool to_set)
{
  operand *list = arena_array(p->arena, operand, r->key_count + 1);
  for (uint32_t i = 0; i < r->key_count; i++)
    list[i] = plan_term(p, &r->keys[i]);
  bool is_set = r->kind == REGO_RULE_SET;
  operand value = plan_term(p, is_set ? &r->key : &r->value);
  p->place = r->source->place;
  if (r->key_count == 0 && !to_set) {
    refuse(p);
  } else if (r->key_count == 0) {
    plan_emit(p, VM_ADD, members, value, 0);
  } else if (r->key_count == 1 && !is_set) {
    plan_emit(p, VM_PUT, members, list[0], value);
  } else {
    list[r->key_count] = value;
    if (r->key_count > 250)
      plan_fail(p, SW_ELIMIT, "a rule's reference with more than 250 parts");
    uint32_t at = plan_list(p, list, r->key_count + 1);
    plan_emit(p, VM_PUT_DEEP, members, is_set, r->key_count + 1)->d = at;
  }
  if (p->options->instrument)
    plan_observe(p, REGO_EXIT, p->rule_point);
}

static void partial_chain(struct planner *p, const struct check_rule *rule, operand members,
                          bool to_set)
{
  uint32_t end = plan_label(p);
  for (const struct check_rule *r = rule; r && !p->failed; r = r->otherwise) {
    uint32_t next = plan_label(p), loops = p->loops;
    begin_definition(p, r);
    operand answered = r->otherwise ? plan_register(p) : 0;
    if (r->otherwise)
      plan_emit(p, VM_CLEAR, answered, 0, 0);
    p->fail = next;
    body_of(p, r);
    contribute(p, r, members, to_set);
    if (r->otherwise) {
      operand yes = plan_constant(p, value_bool(true));
      plan_emit(p, VM_MOVE, answered, yes, 0);
    }
    if (p->loops != loops)
      plan_jump(p, p->fail);
    plan_bind(p, next);
    if (r->otherwise)
      plan_emit_to(p, VM_IF_PRESENT, 0, answered, 0, 0, end);
    p->loops = loops;
  }
  plan_bind(p, end);
}

static bool makes_set(const struct check_path *path)
{
  for (uint32_t i = 0; i < path->rule_count; i++)
    if (path->rules[i]->kind != REGO_RULE_SET || path->rules[i]->key_count)
      return false;
  return true;
}

static bool is_partial(const struct check_path *path)
{
  for (uint32_t i = 0; i < path->rule_count; i++)
    if (path->rules[i]->kind == REGO_RULE_SET || path->rules[i]->key_count)
      return true;
  return false;
}

static void plan_partial(struct planner *p, const struct check_path *path)
{
  operand members = plan_register(p), made = plan_register(p);
  plan_emit(p, VM_COLLECT, members, 0, makes_set(path) ? VM_COLLECT_SET : VM_COLLECT_OBJECT);
  plan_definitions(
      p, path,
      &(struct definitions){.result = members, .partial = true, .to_set = makes_set(path)});
  plan_emit(p, VM_FINISH, made, members, 0);
  plan_emit(p, VM_RETURN, 0, made, 0);
}

void plan_rules(struct planner *p, const struct check_path *path)
{
  uint32_t arity = path->is_function ? path->arity : 0;
  plan_registers(p, arity);
  begin_locals(p, NULL, 0);
  p->fail = plan_label(p);
  plan_bind(p, p->fail);
  if (!path->is_function)
    plan_hidden(p, path);
  if (!path->is_function && is_partial(path))
    plan_partial(p, path);
  else
    plan_complete(p, path);
}

/* ---- entries */

static operand bindings(struct planner *p, const struct plan_entry *entry)
{
  const struct check_query *query = entry->query;
  operand *list = arena_array(p->arena, operand, 2 * query->answer_count + 2);
  uint32_t count = 0;
  for (uint32_t i = 0; i < query->answer_count; i++) {
    uint32_t local = query->answers[i], name = query->locals[local].name;
    bool is_expression = false;
    for (uint32_t j = 0; j < entry->expressions; j++)
      is_expression |= entry->expression_names[j] == name;
    if (is_expression || !plan_is_bound(p, local))
      continue;
    list[count++] = plan_constant(p, value_string(rego_names_text(p->checked->names, name)));
    list[count++] = p->bound[local];
  }
  operand to = plan_register(p);
  uint32_t at = plan_list(p, list, count);
  plan_emit(p, VM_OBJECT, to, 0, count)->d = at;
  return to;
}

static operand expression_value(struct planner *p, const struct plan_entry *entry, uint32_t i)
{
  const struct check_query *query = entry->query;
  for (uint32_t j = 0; j < query->answer_count; j++)
    if (entry->expression_names[i] != REGO_NO_NAME &&
        query->locals[query->answers[j]].name == entry->expression_names[i] &&
        plan_is_bound(p, query->answers[j]))
      return p->bound[query->answers[j]];
  return plan_constant(p, value_bool(true));
}

static operand with_expressions(struct planner *p, const struct plan_entry *entry, operand answer)
{
  operand *list = arena_array(p->arena, operand, entry->expressions + 4);
  for (uint32_t i = 0; i < entry->expressions; i++)
    list[i] = expression_value(p, entry, i);
  operand values = plan_register(p), to = plan_register(p);
  uint32_t at = plan_list(p, list, entry->expressions);
  plan_emit(p, VM_ARRAY, values, 0, entry->expressions)->d = at;
  operand pairs[] = {plan_constant(p, value_from("bindings")), answer,
                     plan_constant(p, value_from("expressions")), values};
  at = plan_list(p, pairs, 4);
  plan_emit(p, VM_OBJECT, to, 0, 4)->d = at;
  return to;
}

static void plan_value(struct planner *p, const struct plan_entry *entry, uint32_t done)
{
  operand nothing = plan_register(p);
  plan_literals(p, &entry->query->body);
  for (uint32_t i = 0; i < entry->query->answer_count; i++)
    if (plan_is_bound(p, entry->query->answers[i])) {
      plan_emit(p, VM_RETURN, 0, p->bound[entry->query->answers[i]], 0);
      break;
    }
  plan_bind(p, done);
  plan_emit(p, VM_CLEAR, nothing, 0, 0);
  plan_emit(p, VM_RETURN, 0, nothing, 0);
}

void plan_entry(struct planner *p, const struct plan_entry *entry)
{
  const struct check_query *query = entry->query;
  begin_locals(p, query->locals, query->local_count);
  struct visitor v = {.p = p, .uses = p->uses};
  visit_body(&v, &query->body);
  for (uint32_t i = 0; i < query->answer_count; i++)
    p->uses[query->answers[i]]++;
  p->file = file_number(p, STR_EMPTY);
  p->source = STR_EMPTY;
  uint32_t done = plan_label(p);
  p->fail = done;
  p->ordered = true;
  if (entry->value) {
    p->quiet = true;
    plan_value(p, entry, done);
    p->quiet = false;
    return;
  }
  operand answers = plan_register(p), made = plan_register(p);
  plan_emit(p, VM_COLLECT, answers, 0, VM_COLLECT_ARRAY);
  plan_literals(p, &query->body);
  operand one = bindings(p, entry);
  if (entry->expressions)
    one = with_expressions(p, entry, one);
  plan_emit(p, VM_ADD, answers, one, 0);
  plan_jump(p, p->fail);
  plan_bind(p, done);
  plan_emit(p, VM_FINISH, made, answers, 0);
  plan_emit(p, VM_RETURN, 0, made, 0);
}

void plan_scan_query(struct planner *p, const struct check_query *query)
{
  struct visitor v = {.p = p};
  visit_body(&v, &query->body);
}
