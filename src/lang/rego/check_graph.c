/*
 * Which rules ask for which, whether any asks for itself, and an order in which none comes before what
 * it asks for.
 */
#include "lang/rego/check_int.h"

struct numbers VEC_BODY(uint32_t);

struct graph {
  struct checker *c;
  struct numbers needs; /* of the rule that is looked at */
  uint32_t *stamps;     /* by rule: the last rule that was noted to need it, plus one */
  uint32_t rule;
};

static void need(struct graph *g, const struct check_path *path)
{
  for (uint32_t i = 0; i < path->rule_count && check_spend(g->c, 1); i++) {
    uint32_t number = path->rules[i]->number;
    if (g->stamps[number] == g->rule + 1)
      continue;
    g->stamps[number] = g->rule + 1;
    vec_push(&g->needs, number);
  }
}

struct step {
  const struct check_path *path;
  uint32_t operand;
};

/* All rules that a reference may lead to, through, or be above of. */
static void need_ref(struct graph *g, const struct check_term *ref)
{
  VEC(struct step) left = {0};
  vec_push(&left, (struct step){g->c->program->data, 0});
  while (left.count && check_spend(g->c, 1)) {
    struct step at = vec_pop(&left);
    need(g, at.path);
    bool constant = at.operand < ref->count && ref->items[at.operand].kind == CHECK_CONSTANT;
    if (constant) {
      const struct check_path *child = check_path_child(at.path, ref->items[at.operand].value);
      if (child)
        vec_push(&left, (struct step){child, at.operand + 1});
      continue;
    }
    for (uint32_t i = at.path->child_count; i-- > 0;)
      vec_push(&left, (struct step){at.path->children[i], at.operand + 1});
  }
  vec_free(&left);
}

static void need_body(struct graph *g, const struct check_body *body);

static void need_term(struct graph *g, const struct check_term *term)
{
  if (term->kind == CHECK_CONSTANT || term->kind == CHECK_LOCAL || !check_spend(g->c, 1))
    return;
  if (term->kind >= CHECK_ARRAY_COMPREHENSION) {
    need_term(g, &term->comprehension->key);
    need_term(g, &term->comprehension->value);
    need_body(g, &term->comprehension->body);
    return;
  }
  if (term->kind == CHECK_REF && term->root == CHECK_ROOT_DATA)
    need_ref(g, term);
  for (uint32_t i = 0; i < term->count * (term->kind == CHECK_OBJECT ? 2 : 1); i++)
    need_term(g, &term->items[i]);
}

static void need_literal(struct graph *g, const struct check_literal *literal)
{
  if (literal->path)
    need(g, literal->path);
  for (uint32_t i = 0; i < literal->count; i++)
    need_term(g, &literal->terms[i]);
  for (uint32_t i = 0; i < literal->with_count; i++) {
    need_term(g, &literal->with[i].target);
    need_term(g, &literal->with[i].value);
    if (literal->with[i].value_path)
      need(g, literal->with[i].value_path);
  }
  for (uint32_t i = 0; i < literal->body_count; i++)
    need_body(g, &literal->bodies[i]);
}

static void need_body(struct graph *g, const struct check_body *body)
{
  for (uint32_t i = 0; i < body->count; i++)
    need_literal(g, &body->items[i]);
}

static void find_needs(struct graph *g, struct check_rule *rule)
{
  struct checker *c = g->c;
  vec_clear(&g->needs);
  for (const struct check_rule *r = rule; r && check_spend(c, 1); r = r->otherwise)
    need_body(g, &r->body);
  uint32_t *needs = arena_array(c->arena, uint32_t, g->needs.count);
  if (g->needs.count)
    memcpy(needs, g->needs.items, g->needs.count * sizeof *needs);
  rule->needs = needs;
  rule->need_count = (uint32_t)g->needs.count;
}

/* ---- recursion */

enum { NEW, OPEN, DONE };

struct visit {
  uint32_t rule, next;
};

/* The way from a rule to itself, and the error; breadth first, so it is a shortest one. */
static void fail_recursion(struct checker *c, uint32_t rule)
{
  uint32_t count = (uint32_t)c->rules.count;
  int64_t *from = mem_zalloc(count, sizeof *from);
  struct numbers queue = {0};
  bool found = false;
  for (uint32_t i = 0; i < count; i++)
    from[i] = -1;
  vec_push(&queue, rule);
  for (size_t at = 0; at < queue.count && !found && check_spend(c, 1); at++) {
    const struct check_rule *r = c->rules.items[queue.items[at]];
    for (uint32_t i = 0; i < r->need_count && !found && check_spend(c, 1); i++) {
      if (from[r->needs[i]] >= 0)
        continue;
      from[r->needs[i]] = r->number;
      found = r->needs[i] == rule;
      vec_push(&queue, r->needs[i]);
    }
  }
  if (found) {
    _cleanup_(buf_free) struct buf way = {.cap = 2000};
    struct numbers back = {0};
    int64_t at = rule;
    do {
      vec_push(&back, (uint32_t)at);
      at = from[at];
    } while (at != rule);
    vec_push(&back, rule);
    while (back.count && !buf_failed(&way)) {
      buf_add(&way, check_rule_name(c, c->rules.items[vec_pop(&back)]));
      if (back.count)
        buf_add_text(&way, " -> ");
    }
    c->module = c->rules.items[rule]->module;
    check_fail(c, STAGE_RECURSION, REGO_RECURSION_ERROR, c->rules.items[rule]->source->place,
               "rule %.*s is recursive: %.*s", STR_FMT(check_rule_name(c, c->rules.items[rule])),
               STR_FMT(buf_str(&way)));
    vec_free(&back);
  }
  vec_free(&queue);
  mem_free(from);
}

/* Depth first, with a stack of its own; false if there is a cycle. */
static bool order_from(struct checker *c, uint32_t root, uint8_t *states, struct numbers *order)
{
  VEC(struct visit) stack = {0};
  bool acyclic = true;
  states[root] = OPEN;
  vec_push(&stack, (struct visit){root, 0});
  while (stack.count && acyclic && check_spend(c, 1)) {
    struct visit *top = &stack.items[stack.count - 1];
    struct check_rule *rule = c->rules.items[top->rule];
    if (top->next == rule->need_count) {
      states[top->rule] = DONE;
      vec_push(order, top->rule);
      stack.count--;
      continue;
    }
    uint32_t next = rule->needs[top->next++];
    acyclic = states[next] != OPEN;
    if (states[next] == NEW) {
      states[next] = OPEN;
      vec_push(&stack, (struct visit){next, 0});
    }
  }
  vec_free(&stack);
  return acyclic;
}

static void set_levels(struct checker *c, const struct numbers *order)
{
  for (size_t i = 0; i < order->count; i++) {
    struct check_rule *rule = c->rules.items[order->items[i]];
    for (uint32_t j = 0; j < rule->need_count; j++) {
      uint32_t level = c->rules.items[rule->needs[j]]->level + 1;
      if (level > rule->level)
        rule->level = level;
    }
  }
}

static void order_rules(struct checker *c)
{
  uint32_t count = (uint32_t)c->rules.count;
  uint8_t *states = mem_zalloc(count, 1);
  struct numbers order = {0};
  bool acyclic = true;
  for (uint32_t i = 0; i < count && acyclic; i++)
    if (states[i] == NEW)
      acyclic = order_from(c, i, states, &order);
  if (!acyclic)
    for (uint32_t i = 0; i < count && c->stages[STAGE_RECURSION].count < REGO_ERRORS_MAX; i++)
      fail_recursion(c, i);
  else if (!c->over) {
    set_levels(c, &order);
    uint32_t *numbers = arena_array(c->arena, uint32_t, order.count);
    if (order.count)
      memcpy(numbers, order.items, order.count * sizeof *numbers);
    c->program->order = numbers;
  }
  vec_free(&order);
  mem_free(states);
}

void check_graph(struct checker *c)
{
  struct graph g = {.c = c, .stamps = mem_zalloc(c->rules.count, sizeof *g.stamps)};
  for (size_t i = 0; i < c->rules.count && !c->over; i++) {
    g.rule = (uint32_t)i;
    find_needs(&g, c->rules.items[i]);
  }
  if (!c->over)
    order_rules(c);
  vec_free(&g.needs);
  mem_free(g.stamps);
}
