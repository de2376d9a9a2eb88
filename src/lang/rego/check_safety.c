/*
 * Is every variable bound, and in which order must the literals of a body stand so that it is?
 *
 * A pass over the body places, in the order of the source, each literal whose variables are bound or
 * bound by itself; passes are made until nothing is left or nothing can be placed. Then the bodies
 * inside of the literals are done in the same way, with what is bound before the literal.
 */
#include "lang/rego/check_int.h"

enum {
  BOUND = 1,   /* by now */
  OUTPUT = 2,  /* by the literal that is looked at */
  NEEDED = 4,  /* in the list of what the literal needs */
  IN_BODY = 8, /* mentioned in the body, outside of closures */
  TOLD = 16,   /* an error has been told */
  HERE = 32,   /* bound by the body, not around it */
};

struct locals VEC_BODY(uint32_t);

/* ---- which locals a node mentions */

struct walk {
  struct checker *c;
  struct locals *found;
  bool closures; /* go into comprehensions and bodies */
  bool patterns; /* only what a pattern binds: no heads of references, keys of objects, sets */
};

static void walk_body(const struct walk *w, const struct check_body *body);

static void walk_term(const struct walk *w, const struct check_term *term)
{
  if (!check_spend(w->c, 1))
    return;
  switch ((enum check_term_kind)term->kind) {
  case CHECK_CONSTANT:
    return;
  case CHECK_LOCAL:
    vec_push(w->found, term->local);
    return;
  case CHECK_REF:
    if (term->root == CHECK_ROOT_LOCAL && !w->patterns)
      vec_push(w->found, term->local);
    break;
  case CHECK_SET:
    if (w->patterns)
      return;
    break;
  case CHECK_ARRAY:
  case CHECK_OBJECT:
    break;
  case CHECK_ARRAY_COMPREHENSION:
  case CHECK_OBJECT_COMPREHENSION:
  case CHECK_SET_COMPREHENSION:
    if (!w->closures)
      return;
    if (term->kind == CHECK_OBJECT_COMPREHENSION)
      walk_term(w, &term->comprehension->key);
    walk_term(w, &term->comprehension->value);
    walk_body(w, &term->comprehension->body);
    return;
  }
  bool object = term->kind == CHECK_OBJECT;
  for (uint32_t i = 0; i < term->count * (object ? 2 : 1); i++)
    if (!object || !w->patterns || i % 2)
      walk_term(w, &term->items[i]);
}

static void walk_literal(const struct walk *w, const struct check_literal *literal)
{
  for (uint32_t i = 0; i < literal->count; i++)
    walk_term(w, &literal->terms[i]);
  for (uint32_t i = 0; i < literal->with_count; i++) {
    walk_term(w, &literal->with[i].target);
    walk_term(w, &literal->with[i].value);
  }
  for (uint32_t i = 0; w->closures && i < literal->body_count; i++)
    walk_body(w, &literal->bodies[i]);
}

static void walk_body(const struct walk *w, const struct check_body *body)
{
  for (uint32_t i = 0; i < body->count && check_spend(w->c, 1); i++)
    walk_literal(w, &body->items[i]);
}

/* What is mentioned inside of closures only. */
static void walk_closures(const struct walk *w, const struct check_term *term)
{
  if (term->kind == CHECK_CONSTANT || term->kind == CHECK_LOCAL || !check_spend(w->c, 1))
    return;
  if (term->kind >= CHECK_ARRAY_COMPREHENSION) {
    walk_term(w, term);
    return;
  }
  for (uint32_t i = 0; i < term->count * (term->kind == CHECK_OBJECT ? 2 : 1); i++)
    walk_closures(w, &term->items[i]);
}

static void walk_literal_closures(const struct walk *w, const struct check_literal *literal)
{
  for (uint32_t i = 0; i < literal->count; i++)
    walk_closures(w, &literal->terms[i]);
  for (uint32_t i = 0; i < literal->with_count; i++)
    walk_closures(w, &literal->with[i].value);
  for (uint32_t i = 0; i < literal->body_count; i++)
    walk_body(w, &literal->bodies[i]);
}

/* ---- what a literal binds */

struct outputs {
  struct checker *c;
  struct locals *list; /* marked OUTPUT */
  bool changed;
};

static bool is_known(const struct outputs *o, uint32_t local)
{
  return o->c->marks[local] & (BOUND | OUTPUT);
}

static void add_output(struct outputs *o, uint32_t local)
{
  if (is_known(o, local))
    return;
  o->c->marks[local] |= OUTPUT;
  o->changed = true;
  vec_push(o->list, local);
}

static void add_pattern(struct outputs *o, const struct check_term *term)
{
  struct locals found = {0};
  struct walk w = {.c = o->c, .found = &found, .patterns = true};
  walk_term(&w, term);
  for (size_t i = 0; i < found.count; i++)
    add_output(o, found.items[i]);
  vec_free(&found);
}

/* Operands of references whose heads are bound. */
static void ref_outputs(struct outputs *o, const struct check_term *term)
{
  if (term->kind == CHECK_CONSTANT || term->kind == CHECK_LOCAL ||
      term->kind >= CHECK_ARRAY_COMPREHENSION || !check_spend(o->c, 1))
    return;
  if (term->kind == CHECK_REF) {
    if (term->root == CHECK_ROOT_LOCAL && !(o->c->marks[term->local] & BOUND))
      return;
    for (uint32_t i = 0; i < term->count; i++)
      if (term->items[i].kind == CHECK_LOCAL)
        add_output(o, term->items[i].local);
      else if (term->items[i].kind == CHECK_ARRAY || term->items[i].kind == CHECK_OBJECT)
        add_pattern(o, &term->items[i]);
  }
  for (uint32_t i = 0; i < term->count * (term->kind == CHECK_OBJECT ? 2 : 1); i++)
    ref_outputs(o, &term->items[i]);
}

static bool all_known(struct outputs *o, const struct check_term *term)
{
  struct locals found = {0};
  struct walk w = {.c = o->c, .found = &found, .patterns = true};
  bool known = true;
  walk_term(&w, term);
  for (size_t i = 0; i < found.count && known; i++)
    known = is_known(o, found.items[i]);
  vec_free(&found);
  return known;
}

static bool is_bound_ref(const struct outputs *o, const struct check_term *term)
{
  return term->kind == CHECK_REF && (term->root != CHECK_ROOT_LOCAL || is_known(o, term->local));
}

static bool is_composite(const struct check_term *term)
{
  return term->kind == CHECK_ARRAY || term->kind == CHECK_OBJECT;
}

static const struct check_term *object_value(const struct check_term *object,
                                             const struct check_term *key)
{
  for (uint32_t i = 0; i < object->count; i++) {
    const struct check_term *k = &object->items[2 * i];
    if (k->kind == CHECK_LOCAL && key->kind == CHECK_LOCAL && k->local == key->local)
      return &object->items[2 * i + 1];
    if (key->kind != CHECK_CONSTANT)
      continue;
    if (k->kind == CHECK_CONSTANT && k->value.type == VALUE_STRING &&
        value_eq_str(key->value, value_str(k->value)))
      return &object->items[2 * i + 1];
    if (k->kind == CHECK_CONSTANT && k->value.type == key->value.type &&
        key->value.type == VALUE_NUMBER && k->value.flags == key->value.flags &&
        k->value.integer == key->value.integer)
      return &object->items[2 * i + 1];
  }
  return NULL;
}

static void unify(struct outputs *o, const struct check_term *a, const struct check_term *b);

static void unify_objects(struct outputs *o, const struct check_term *a, const struct check_term *b)
{
  if (a->count != b->count)
    return;
  for (uint32_t i = 0; i < a->count && check_spend(o->c, a->count); i++) {
    const struct check_term *other = object_value(b, &a->items[2 * i]);
    if (other)
      unify(o, &a->items[2 * i + 1], other);
  }
}

/* One side that is a local: bound as soon as the other side is known, and the other way round. */
static void unify_local(struct outputs *o, const struct check_term *local,
                        const struct check_term *other)
{
  if (other->kind == CHECK_LOCAL) {
    if (is_known(o, other->local))
      add_output(o, local->local);
    else if (is_known(o, local->local))
      add_output(o, other->local);
  } else if (is_composite(other)) {
    if (is_known(o, local->local))
      add_pattern(o, other);
    else if (all_known(o, other))
      add_output(o, local->local);
  } else if (other->kind != CHECK_REF || is_bound_ref(o, other)) {
    add_output(o, local->local);
  }
}

static void unify(struct outputs *o, const struct check_term *a, const struct check_term *b)
{
  if (!check_spend(o->c, 1))
    return;
  if (a->kind == CHECK_LOCAL) {
    unify_local(o, a, b);
  } else if (b->kind == CHECK_LOCAL) {
    unify_local(o, b, a);
  } else if (a->kind == CHECK_ARRAY && b->kind == CHECK_ARRAY) {
    for (uint32_t i = 0; a->count == b->count && i < a->count; i++)
      unify(o, &a->items[i], &b->items[i]);
  } else if (a->kind == CHECK_OBJECT && b->kind == CHECK_OBJECT) {
    unify_objects(o, a, b);
  } else if (is_composite(a) && (is_bound_ref(o, b) || b->kind >= CHECK_ARRAY_COMPREHENSION)) {
    add_pattern(o, a);
  } else if (is_composite(b) && (is_bound_ref(o, a) || a->kind >= CHECK_ARRAY_COMPREHENSION)) {
    add_pattern(o, b);
  }
}

static bool withs_are_bound(struct outputs *o, const struct check_literal *literal)
{
  struct locals found = {0};
  struct walk w = {.c = o->c, .found = &found};
  bool bound = true;
  for (uint32_t i = 0; i < literal->with_count; i++) {
    walk_term(&w, &literal->with[i].target);
    walk_term(&w, &literal->with[i].value);
  }
  for (size_t i = 0; i < found.count && bound; i++)
    bound = o->c->marks[found.items[i]] & BOUND;
  vec_free(&found);
  return bound;
}

static void clear_outputs(struct outputs *o)
{
  for (size_t i = 0; i < o->list->count; i++)
    o->c->marks[o->list->items[i]] &= (uint8_t)~OUTPUT;
  vec_clear(o->list);
}

static void call_outputs(struct outputs *o, const struct check_literal *literal)
{
  if (!literal->has_output)
    return;
  for (uint32_t i = 0; i + 1 < literal->count; i++)
    if (!all_known(o, &literal->terms[i])) {
      clear_outputs(o);
      return;
    }
  add_pattern(o, &literal->terms[literal->count - 1]);
}

static void literal_outputs(struct outputs *o, const struct check_literal *literal)
{
  clear_outputs(o);
  if (literal->negated || literal->body_count || !withs_are_bound(o, literal))
    return;
  for (uint32_t i = 0; i < literal->count; i++)
    ref_outputs(o, &literal->terms[i]);
  if (literal->kind == CHECK_CALL)
    call_outputs(o, literal);
  if (literal->kind != CHECK_UNIFY || literal->test)
    return;
  do {
    o->changed = false;
    unify(o, &literal->terms[0], &literal->terms[1]);
  } while (o->changed && check_spend(o->c, 1));
}

/* ---- errors */

static bool is_named(const struct check_local *local)
{
  return local->name != REGO_NO_NAME;
}

static const struct check_local *local_at(struct checker *c, uint32_t local)
{
  return &c->locals.items[local];
}

static bool is_future_keyword(struct str name)
{
  static const char *const words[] = {"in", "every", "contains", "if", "not", "and", "or"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (str_eq(name, str_from(words[i])))
      return true;
  return false;
}

static void fail_var(struct checker *c, const struct check_local *local, struct rego_place place,
                     bool undeclared)
{
  struct str name = check_name(c, local->name), hint = STR_EMPTY;
  if (c->stages[undeclared ? STAGE_TEMPLATES : STAGE_BODIES].count < REGO_ERRORS_MAX)
    hint = check_hint_var(c, name);
  if (undeclared)
    check_fail(c, STAGE_TEMPLATES, REGO_COMPILE_ERROR, place, "var %.*s is undeclared%.*s",
               STR_FMT(name), STR_FMT(hint));
  else if (is_future_keyword(name))
    check_fail(
        c, STAGE_BODIES, REGO_UNSAFE_VAR_ERROR, place,
        "var %.*s is unsafe (hint: `import future.keywords.%.*s` to import a future keyword)",
        STR_FMT(name), STR_FMT(name));
  else
    check_fail(c, STAGE_BODIES, REGO_UNSAFE_VAR_ERROR, place, "var %.*s is unsafe%.*s",
               STR_FMT(name), STR_FMT(hint));
}

/* ---- bodies */

struct ordering {
  struct checker *c;
  struct check_body *body;
  struct locals mentioned; /* by the body, each once */
  struct locals bound;     /* here */
  struct locals outputs;
  bool undeclared; /* how to call what is not bound */
};

static void check_body_safety(struct checker *c, struct check_body *body,
                              const struct check_comprehension *of);

/* What the literal mentions and closes over, each once and marked NEEDED. */
static void list_needs(struct ordering *s, const struct check_literal *literal, struct locals *ret,
                       bool *ret_self)
{
  struct checker *c = s->c;
  struct locals closed = {0};
  struct walk direct = {.c = c, .found = ret}, inner = {.c = c, .found = &closed, .closures = true};
  walk_literal(&direct, literal);
  walk_literal_closures(&inner, literal);
  size_t same = 0, count = 0;
  for (size_t i = 0; i < closed.count; i++) {
    uint32_t local = closed.items[i];
    bool around = (c->marks[local] & (BOUND | HERE)) == BOUND;
    if (!(c->marks[local] & IN_BODY) || (c->marks[local] & NEEDED) || around)
      continue;
    c->marks[local] |= NEEDED;
    vec_push(ret, local);
    count++;
    same += (c->marks[local] & OUTPUT) != 0;
  }
  for (size_t i = 0; i < closed.count; i++)
    c->marks[closed.items[i]] &= (uint8_t)~NEEDED;
  vec_free(&closed);
  *ret_self = count && same == count && count == s->outputs.count;
}

static bool try_literal(struct ordering *s, const struct check_literal *literal)
{
  struct checker *c = s->c;
  struct outputs o = {.c = c, .list = &s->outputs};
  struct locals needs = {0};
  bool self;
  literal_outputs(&o, literal);
  list_needs(s, literal, &needs, &self);
  bool safe = !self;
  for (size_t i = 0; i < needs.count && safe; i++)
    safe = is_known(&o, needs.items[i]);
  vec_free(&needs);
  return safe;
}

static void place_literal(struct ordering *s, struct check_literal *literal,
                          struct check_literal *to)
{
  struct checker *c = s->c;
  uint32_t *binds = arena_array(c->arena, uint32_t, s->outputs.count);
  for (size_t i = 0; i < s->outputs.count; i++) {
    uint32_t local = s->outputs.items[i];
    binds[i] = local;
    c->marks[local] = (uint8_t)((c->marks[local] | BOUND | HERE) & ~OUTPUT);
    vec_push(&s->bound, local);
  }
  literal->binds = binds;
  literal->bind_count = (uint32_t)s->outputs.count;
  vec_clear(&s->outputs);
  *to = *literal;
}

static void fail_literal(struct ordering *s, const struct check_literal *literal)
{
  struct checker *c = s->c;
  struct outputs o = {.c = c, .list = &s->outputs};
  struct locals needs = {0};
  bool self;
  literal_outputs(&o, literal);
  list_needs(s, literal, &needs, &self);
  for (size_t i = 0; i < needs.count && !c->over; i++) {
    uint32_t local = needs.items[i];
    if (is_known(&o, local) && !(self && (c->marks[local] & OUTPUT)))
      continue;
    if (is_named(local_at(c, local)) && !(c->marks[local] & TOLD)) {
      c->marks[local] |= TOLD;
      fail_var(c, local_at(c, local), literal->place, s->undeclared);
    }
  }
  clear_outputs(&o);
  vec_free(&needs);
}

static void fail_body(struct ordering *s, struct check_literal *const *left, size_t count)
{
  struct checker *c = s->c;
  uint32_t before = c->stages[STAGE_BODIES].count + c->stages[STAGE_TEMPLATES].count;
  for (size_t i = 0; i < count && !c->over; i++)
    fail_literal(s, left[i]);
  for (size_t i = 0; i < s->mentioned.count; i++)
    c->marks[s->mentioned.items[i]] &= (uint8_t)~TOLD;
  if (c->stages[STAGE_BODIES].count + c->stages[STAGE_TEMPLATES].count == before)
    check_fail(c, STAGE_BODIES, REGO_UNSAFE_VAR_ERROR, left[0]->place, "expression is unsafe");
}

static void list_mentioned(struct ordering *s)
{
  struct checker *c = s->c;
  struct locals all = {0};
  struct walk w = {.c = c, .found = &all};
  walk_body(&w, s->body);
  for (size_t i = 0; i < all.count; i++)
    if (!(c->marks[all.items[i]] & IN_BODY)) {
      c->marks[all.items[i]] |= IN_BODY;
      vec_push(&s->mentioned, all.items[i]);
    }
  vec_free(&all);
}

/* The order of the literals; false if some can never be placed. */
static bool order_body(struct ordering *s)
{
  struct checker *c = s->c;
  uint32_t count = s->body->count, placed = 0;
  struct check_literal **left = mem_zalloc(count, sizeof *left);
  struct check_literal *ordered = arena_array(c->arena, struct check_literal, count);
  uint32_t remaining = count, before;
  for (uint32_t i = 0; i < count; i++)
    left[i] = &s->body->items[i];
  do {
    before = remaining;
    remaining = 0;
    for (uint32_t i = 0; i < before; i++) {
      if (!c->over && try_literal(s, left[i]))
        place_literal(s, left[i], &ordered[placed++]);
      else
        left[remaining++] = left[i];
    }
  } while (remaining && remaining < before && !c->over);
  struct outputs o = {.c = c, .list = &s->outputs};
  clear_outputs(&o);
  if (remaining && !c->over)
    fail_body(s, left, remaining);
  mem_free(left);
  if (!remaining)
    s->body->items = ordered;
  return !remaining;
}

static void nested_term(struct checker *c, const struct check_term *term)
{
  if (term->kind == CHECK_CONSTANT || term->kind == CHECK_LOCAL)
    return;
  if (term->kind >= CHECK_ARRAY_COMPREHENSION) {
    check_body_safety(c, &term->comprehension->body, term->comprehension);
    return;
  }
  for (uint32_t i = 0; i < term->count * (term->kind == CHECK_OBJECT ? 2 : 1); i++)
    nested_term(c, &term->items[i]);
}

static void nested_every(struct checker *c, const struct check_literal *literal)
{
  int64_t locals[] = {literal->key, literal->value};
  uint8_t saved[2] = {0};
  for (int i = 0; i < 2; i++)
    if (locals[i] >= 0) {
      saved[i] = c->marks[locals[i]];
      c->marks[locals[i]] |= BOUND;
    }
  check_body_safety(c, &literal->bodies[0], NULL);
  for (int i = 0; i < 2; i++)
    if (locals[i] >= 0)
      c->marks[locals[i]] = saved[i];
}

static void nested_literal(struct checker *c, const struct check_literal *literal)
{
  for (uint32_t i = 0; i < literal->count; i++)
    nested_term(c, &literal->terms[i]);
  for (uint32_t i = 0; i < literal->with_count; i++)
    nested_term(c, &literal->with[i].value);
  if (literal->kind == CHECK_EVERY)
    nested_every(c, literal);
  else
    for (uint32_t i = 0; i < literal->body_count; i++)
      check_body_safety(c, &literal->bodies[i], NULL);
}

/* Inner bodies see what is bound before their literal. */
static void nested_bodies(struct ordering *s)
{
  struct checker *c = s->c;
  for (size_t i = 0; i < s->bound.count; i++)
    c->marks[s->bound.items[i]] &= (uint8_t)~BOUND;
  for (uint32_t i = 0; i < s->body->count && !c->over; i++) {
    const struct check_literal *literal = &s->body->items[i];
    nested_literal(c, literal);
    for (uint32_t j = 0; j < literal->bind_count; j++)
      c->marks[literal->binds[j]] |= BOUND;
  }
}

/* The value of a comprehension, or an operand without braces, may not bind what has a name. */
static void check_captures(struct ordering *s, bool undeclared)
{
  struct checker *c = s->c;
  for (uint32_t i = 0; i < s->body->count; i++)
    for (uint32_t j = 0; j < s->body->items[i].bind_count; j++) {
      const struct check_local *local = local_at(c, s->body->items[i].binds[j]);
      if (is_named(local) && (undeclared || !(local->name & REGO_WILDCARD)))
        fail_var(c, local, s->body->items[i].place, undeclared);
    }
}

/* What a comprehension collects is bound by its body or around it. */
static void check_elements(struct checker *c, const struct check_comprehension *of)
{
  struct locals found = {0};
  struct walk w = {.c = c, .found = &found};
  walk_term(&w, &of->key);
  walk_term(&w, &of->value);
  for (size_t i = 0; i < found.count; i++) {
    const struct check_local *local = local_at(c, found.items[i]);
    if (!(c->marks[found.items[i]] & BOUND))
      fail_var(c, local, local->place, of->captures);
  }
  vec_free(&found);
}

/* The locals marked BOUND are bound around the body; afterwards they and no others are. */
static void check_body_safety(struct checker *c, struct check_body *body,
                              const struct check_comprehension *of)
{
  bool undeclared = of && of->captures;
  struct ordering s = {.c = c, .body = body, .undeclared = undeclared};
  list_mentioned(&s);
  bool safe = order_body(&s);
  for (size_t i = 0; i < s.mentioned.count; i++)
    c->marks[s.mentioned.items[i]] &= (uint8_t)~IN_BODY;
  if (safe && (undeclared || body->captures))
    check_captures(&s, undeclared);
  if (safe && of)
    check_elements(c, of);
  for (size_t i = 0; i < s.bound.count; i++)
    c->marks[s.bound.items[i]] &= (uint8_t)~HERE;
  if (safe)
    nested_bodies(&s);
  for (size_t i = 0; i < s.bound.count; i++)
    c->marks[s.bound.items[i]] &= (uint8_t)~BOUND;
  vec_free(&s.mentioned);
  vec_free(&s.bound);
  vec_free(&s.outputs);
}

/* ---- rules */

static void start_marks(struct checker *c, const struct check_local *locals, uint32_t count)
{
  if (count > c->mark_room) {
    c->marks = mem_resize(c->marks, count, 1);
    c->mark_room = count;
  }
  if (count)
    memset(c->marks, 0, count);
  vec_clear(&c->locals);
  for (uint32_t i = 0; i < count; i++)
    vec_push(&c->locals, locals[i]);
  check_spend(c, count);
}

static void fail_head(struct checker *c, const struct check_rule *rule, struct str name)
{
  struct str hint = STR_EMPTY;
  if (c->stages[STAGE_HEADS].count < REGO_ERRORS_MAX)
    hint = check_hint_var(c, name);
  check_fail(c, STAGE_HEADS, REGO_UNSAFE_VAR_ERROR, rule->source->place, "var %.*s is unsafe%.*s",
             STR_FMT(name), STR_FMT(hint));
}

/* What the head mentions must at least occur in the body or among the arguments. */
static void check_head(struct checker *c, const struct check_rule *rule)
{
  struct locals body = {0}, head = {0};
  struct walk in_body = {.c = c, .found = &body}, in_head = {.c = c, .found = &head};
  walk_body(&in_body, &rule->body);
  for (uint32_t i = 0; i < rule->key_count; i++)
    walk_term(&in_head, &rule->keys[i]);
  walk_term(&in_head, rule->kind == REGO_RULE_SET ? &rule->key : &rule->value);
  for (size_t i = 0; i < body.count; i++)
    c->marks[body.items[i]] |= NEEDED;
  for (size_t i = 0; i < head.count; i++) {
    uint32_t local = head.items[i];
    if (c->marks[local] & (NEEDED | BOUND))
      continue;
    c->marks[local] |= NEEDED;
    vec_push(&body, local);
    if (is_named(local_at(c, local)))
      fail_head(c, rule, check_name(c, local_at(c, local)->name));
  }
  for (size_t i = 0; i < body.count; i++)
    c->marks[body.items[i]] &= (uint8_t)~NEEDED;
  vec_free(&body);
  vec_free(&head);
}

void check_rule_safety(struct checker *c, struct check_rule *rule)
{
  struct locals args = {0};
  struct walk w = {.c = c, .found = &args};
  start_marks(c, rule->locals, rule->local_count);
  for (uint32_t i = 0; i < rule->arg_count; i++)
    walk_term(&w, &rule->args[i]);
  for (size_t i = 0; i < args.count; i++)
    c->marks[args.items[i]] |= BOUND;
  vec_free(&args);
  check_head(c, rule);
  check_body_safety(c, &rule->body, NULL);
}

void check_query_safety(struct checker *c, struct check_body *body)
{
  if (c->locals.count > c->mark_room) {
    c->marks = mem_resize(c->marks, c->locals.count, 1);
    c->mark_room = c->locals.count;
  }
  if (c->locals.count)
    memset(c->marks, 0, c->locals.count);
  check_body_safety(c, body, NULL);
}
