/* Definitions that begin by asking for one value of one thing are reached through a table. */
#include "lang/rego/plan_int.h"

#include "data/compare.h"

enum {
  INDEX_FROM = 3,   /* definitions in groups that make a table worth it */
  GUARDS_MAX = 4,   /* literals at the beginning of a body that are looked at */
  SUBJECTS_MAX = 16 /* different things asked for that are counted */
};

/* `input.a.b`, all of it constant. */
static bool is_subject(const struct check_term *t)
{
  if (t->kind != CHECK_REF || t->root != CHECK_ROOT_INPUT || t->count == 0)
    return false;
  for (uint32_t i = 0; i < t->count; i++)
    if (t->items[i].kind != CHECK_CONSTANT)
      return false;
  return true;
}

static bool same_subject(const struct check_term *a, const struct check_term *b)
{
  if (a->count != b->count)
    return false;
  for (uint32_t i = 0; i < a->count; i++)
    if (!value_equal(a->items[i].value, b->items[i].value))
      return false;
  return true;
}

static bool is_key(const struct check_term *t)
{
  return t->kind == CHECK_CONSTANT && (t->value.type == VALUE_STRING ||
                                       t->value.type == VALUE_BOOL || t->value.type == VALUE_NULL);
}

/* subject == constant, at a place where nothing before it can give answers or errors that differ. */
static const struct check_term *guard_of(const struct check_literal *l,
                                         const struct check_term **ret_key)
{
  if (l->negated || l->with_count || l->kind != CHECK_UNIFY)
    return NULL;
  for (unsigned i = 0; i < 2; i++)
    if (is_subject(&l->terms[i]) && is_key(&l->terms[!i])) {
      *ret_key = &l->terms[!i];
      return &l->terms[i];
    }
  return NULL;
}

/* No rule is asked for it: it cannot fail the evaluation. */
bool plan_is_plain(const struct check_term *t)
{
  if (t->kind == CHECK_CONSTANT || t->kind == CHECK_LOCAL)
    return true;
  if (t->kind == CHECK_REF ? t->root == CHECK_ROOT_DATA : t->kind > CHECK_SET)
    return false;
  uint32_t count = t->kind == CHECK_OBJECT ? t->count * 2 : t->count;
  for (uint32_t i = 0; i < count; i++)
    if (!plan_is_plain(&t->items[i]))
      return false;
  return true;
}

bool plan_is_harmless(const struct planner *p, const struct check_literal *l)
{
  if (l->negated || l->with_count)
    return false;
  if (l->kind == CHECK_CALL && plan_is_comparison(p, l))
    return plan_is_plain(&l->terms[0]) && plan_is_plain(&l->terms[1]);
  return (l->kind == CHECK_TEST && plan_is_plain(&l->terms[0])) ||
         (l->kind == CHECK_UNIFY && plan_is_plain(&l->terms[0]) && plan_is_plain(&l->terms[1]));
}

static const struct value *key_for(const struct planner *p, const struct check_rule *rule,
                                   const struct check_term *subject, uint32_t argument)
{
  if (!subject)
    return argument < rule->arg_count && is_key(&rule->args[argument]) ? &rule->args[argument].value
                                                                       : NULL;
  for (uint32_t i = 0; i < rule->body.count && i < GUARDS_MAX; i++) {
    const struct check_term *key, *found = guard_of(&rule->body.items[i], &key);
    if (found && same_subject(found, subject))
      return &key->value;
    if (!plan_is_harmless(p, &rule->body.items[i]))
      return NULL;
  }
  return NULL;
}

const struct value *plan_index_key(const struct planner *p, const struct plan_index *index,
                                   const struct check_rule *rule)
{
  return key_for(p, rule, index->subject, index->argument);
}

static uint32_t served(const struct planner *p, const struct plan_index *index,
                       const struct check_term *subject, uint32_t argument)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < index->count; i++)
    count += key_for(p, index->rules[i], subject, argument) != NULL;
  return count;
}

/* The subject that most definitions ask for; how many do. */
static uint32_t choose(const struct planner *p, struct plan_index *index)
{
  uint32_t best = 0, tried = 0;
  for (uint32_t i = 0; i < index->rules[0]->arg_count; i++) {
    uint32_t count = served(p, index, NULL, i);
    if (count > best) {
      best = count;
      index->subject = NULL;
      index->argument = i;
    }
  }
  for (uint32_t i = 0; i < index->count && tried < SUBJECTS_MAX; i++) {
    const struct check_body *body = &index->rules[i]->body;
    for (uint32_t j = 0; j < body->count && j < GUARDS_MAX; j++) {
      const struct check_term *key, *subject = guard_of(&body->items[j], &key);
      if (!subject)
        continue;
      uint32_t count = served(p, index, subject, 0);
      tried++;
      if (count > best) {
        best = count;
        index->subject = subject;
      }
    }
  }
  return best;
}

/* Rules without a key first, then those with one, equal keys together, otherwise as written. */
static void arrange(struct planner *p, struct plan_index *index)
{
  const struct check_rule **sorted = arena_array(p->arena, const struct check_rule *, index->count);
  bool *taken = arena_zalloc(p->arena, index->count, sizeof *taken);
  uint32_t at = 0;
  for (uint32_t i = 0; i < index->count; i++)
    if (!plan_index_key(p, index, index->rules[i])) {
      sorted[at++] = index->rules[i];
      taken[i] = true;
    }
  index->always = at;
  for (uint32_t i = 0; i < index->count; i++) {
    const struct value *key = plan_index_key(p, index, index->rules[i]);
    for (uint32_t j = i; j < index->count && !taken[i]; j++) {
      const struct value *other = plan_index_key(p, index, index->rules[j]);
      if (j != i && !taken[j] && other && value_equal(*key, *other)) {
        sorted[at++] = index->rules[j];
        taken[j] = true;
      }
    }
    if (!taken[i]) {
      sorted[at++] = index->rules[i];
      taken[i] = true;
    }
  }
  index->rules = sorted;
}

struct plan_index plan_index_make(struct planner *p, const struct check_path *path)
{
  struct plan_index index = {
      .rules = arena_array(p->arena, const struct check_rule *, path->rule_count + 1)};
  for (uint32_t i = 0; i < path->rule_count; i++)
    if (!path->rules[i]->is_default)
      index.rules[index.count++] = path->rules[i];
  index.always = index.count;
  for (uint32_t i = 0; i < index.count; i++)
    if (index.rules[i]->otherwise)
      return index;
  if (index.count < INDEX_FROM || p->options->no_optimiser || p->options->instrument ||
      choose(p, &index) < INDEX_FROM)
    return index;
  arrange(p, &index);
  return index;
}

static uint32_t table_size(uint32_t keys)
{
  uint32_t size = 4;
  while (size < keys * 2)
    size *= 2;
  return size;
}

static void enter(struct planner *p, const struct vm_switch *s, uint32_t constant, uint32_t label)
{
  uint32_t at = vm_switch_hash(p->constants.items[constant]) & s->mask;
  while (p->cells.items[s->first + at].constant != UINT32_MAX)
    at = (at + 1) & s->mask;
  p->cells.items[s->first + at] = (struct vm_cell){constant, label};
}

static operand subject_value(struct planner *p, const struct plan_index *index, uint32_t end)
{
  if (!index->subject)
    return (operand)index->argument;
  uint32_t outer = p->fail;
  p->fail = end;
  operand value = plan_ref(p, index->subject);
  p->fail = outer;
  return value;
}

void plan_index_switch(struct planner *p, const struct plan_index *index, const uint32_t *labels,
                       uint32_t end)
{
  operand value = subject_value(p, index, end);
  struct vm_switch s = {.first = (uint32_t)p->cells.count,
                        .mask = table_size(index->count - index->always) - 1,
                        .otherwise = end,
                        .undefined = end};
  for (uint32_t i = 0; i <= s.mask; i++)
    vec_push(&p->cells, (struct vm_cell){UINT32_MAX, 0});
  const struct value *last = NULL;
  for (uint32_t i = index->always; i < index->count; i++) {
    const struct value *key = plan_index_key(p, index, index->rules[i]);
    if (!last || !value_equal(*last, *key))
      enter(p, &s, plan_constant_number(p, *key), labels[i - index->always]);
    last = key;
  }
  vec_push(&p->switches, s);
  plan_emit(p, VM_SWITCH, 0, value, 0)->d = (uint32_t)p->switches.count - 1;
}
