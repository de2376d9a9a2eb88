#include "policy/rego_test_int.h"

/* What is put into the body of a test; see rego_test.h. */

static uint16_t higher(uint16_t a, uint16_t b)
{
  return a > b ? a : b;
}

static struct rego_term variable(struct rego_tests *tests, struct str name, struct rego_place place)
{
  return (struct rego_term){
      .kind = REGO_VAR, .height = 1, .place = place, .var = rego_names_add(tests->names, name)};
}

/* name := term */
static struct rego_expr assign(struct rego_tests *tests, struct str name,
                               const struct rego_term *term, struct rego_place place)
{
  struct rego_term *terms = arena_array(&tests->arena, struct rego_term, 2);
  terms[0] = variable(tests, name, place);
  terms[1] = *term;
  return (struct rego_expr){.kind = REGO_EXPR_ASSIGN,
                            .height = (uint16_t)(term->height + 1),
                            .count = 2,
                            .place = place,
                            .terms = terms};
}

/* ---- where a variable is mentioned first */

static bool body_mentions(struct rego_body body, uint32_t var);

static bool term_mentions(const struct rego_term *term, uint32_t var)
{
  switch ((enum rego_term_kind)term->kind) {
  case REGO_VAR:
    return term->var == var;
  case REGO_REF:
  case REGO_ARRAY:
  case REGO_SET:
  case REGO_CALL:
    for (uint32_t i = 0; i < term->count; i++)
      if (term_mentions(&term->items[i], var))
        return true;
    return false;
  case REGO_OBJECT:
    for (uint32_t i = 0; i < 2 * term->count; i++)
      if (term_mentions(&term->items[i], var))
        return true;
    return false;
  case REGO_ARRAY_COMPREHENSION:
  case REGO_OBJECT_COMPREHENSION:
  case REGO_SET_COMPREHENSION:
    return body_mentions(term->comprehension->body, var);
  case REGO_TEMPLATE:
    return body_mentions((struct rego_body){term->parts, term->count}, var);
  default:
    return false;
  }
}

static bool expr_mentions(const struct rego_expr *expr, uint32_t var)
{
  switch ((enum rego_expr_kind)expr->kind) {
  case REGO_EXPR_SOME: /* declares, and binds nothing */
    return false;
  case REGO_EXPR_EVERY:
    return term_mentions(&expr->every->domain, var) || body_mentions(expr->every->body, var);
  case REGO_EXPR_NOT:
  case REGO_EXPR_AND:
  case REGO_EXPR_OR:
    for (uint32_t i = 0; i < expr->count; i++)
      if (body_mentions(expr->operands[i].body, var))
        return true;
    return false;
  default:
    for (uint32_t i = 0; i < expr->count; i++)
      if (term_mentions(&expr->terms[i], var))
        return true;
    return false;
  }
}

static bool body_mentions(struct rego_body body, uint32_t var)
{
  for (uint32_t i = 0; i < body.count; i++)
    if (expr_mentions(&body.items[i], var))
      return true;
  return false;
}

/* Behind the first expression that mentions a variable; 0: none does. */
static uint32_t behind_first(struct rego_body body, uint32_t var)
{
  for (uint32_t i = 0; i < body.count; i++)
    if (expr_mentions(&body.items[i], var))
      return i + 1;
  return 0;
}

/* Behind the first mentions of all variables of a term. */
static uint32_t behind_all(struct rego_body body, const struct rego_term *term)
{
  uint32_t most = 0;
  if (term->kind == REGO_VAR)
    return behind_first(body, term->var);
  uint32_t count = term->kind == REGO_OBJECT ? 2 * term->count : term->count;
  if (term->kind != REGO_REF && term->kind != REGO_ARRAY && term->kind != REGO_SET &&
      term->kind != REGO_CALL && term->kind != REGO_OBJECT)
    return term->kind == REGO_SCALAR ? 0 : body.count;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t at = behind_all(body, &term->items[i]);
    most = at > most ? at : most;
  }
  return most;
}

/* ---- cases */

/* internal.test_case(x) */
static const struct rego_term *case_call(const struct rego_tests *tests,
                                         const struct rego_expr *expr)
{
  if (expr->kind != REGO_EXPR_TERM || expr->negated || expr->terms[0].kind != REGO_CALL)
    return NULL;
  const struct rego_term *call = &expr->terms[0];
  if (call->op != REGO_OP_NAMED || call->count != 2 || call->items[0].kind != REGO_REF)
    return NULL;
  const struct rego_term *name = &call->items[0];
  bool matches = name->count == 2 && name->items[0].kind == REGO_VAR &&
                 str_eq(rego_names_text(tests->names, name->items[0].var), STR("internal")) &&
                 rego_is_string(&name->items[1]) &&
                 value_eq_str(name->items[1].value, STR("test_case"));
  return matches ? &call->items[1] : NULL;
}

/* The names of a case as an array. */
static struct rego_term case_names(struct rego_tests *tests, const struct rego_term *tail,
                                   uint32_t count)
{
  struct rego_term *items = arena_array(&tests->arena, struct rego_term, count);
  uint16_t height = 0;
  for (uint32_t i = 0; i < count; i++) {
    items[i] = tail[i];
    height = higher(height, tail[i].height);
  }
  return (struct rego_term){
      .kind = REGO_ARRAY, .height = (uint16_t)(height + 1), .count = count, .items = items};
}

struct output VEC_BODY(struct rego_expr);

/* From here on a case is under way: the observer finds its names in the variable, which is mentioned
 * once more so that it counts as used. */
static void begin_case(struct rego_tests *tests, const struct rego_term *names, struct output *out)
{
  const struct rego_place nowhere = {0};
  struct str name = arena_printf(&tests->arena, "%s%u", REGO_TEST_CASE, tests->fresh++);
  struct rego_term *mention = arena_array(&tests->arena, struct rego_term, 1);
  *mention = variable(tests, name, nowhere);
  vec_push(out, assign(tests, name, names, nowhere));
  vec_push(out,
           (struct rego_expr){.kind = REGO_EXPR_TERM, .height = 2, .count = 1, .terms = mention});
}

/* ---- comparisons */

static bool is_comparison(const struct rego_expr *expr)
{
  if (expr->negated)
    return false;
  if (expr->kind == REGO_EXPR_UNIFY)
    return true;
  return expr->kind == REGO_EXPR_TERM && expr->terms[0].kind == REGO_CALL &&
         expr->terms[0].op >= REGO_OP_EQUAL && expr->terms[0].op <= REGO_OP_GREATER_EQUAL;
}

static const struct rego_term *sides_of(const struct rego_expr *expr)
{
  return expr->kind == REGO_EXPR_UNIFY ? expr->terms : expr->terms[0].items;
}

/* Whether a side may be computed in front: what a unification may bind must stay where it is. */
static bool may_move(const struct rego_expr *expr, const struct rego_term *side)
{
  switch ((enum rego_term_kind)side->kind) {
  case REGO_REF:
  case REGO_CALL:
  case REGO_ARRAY_COMPREHENSION:
  case REGO_OBJECT_COMPREHENSION:
  case REGO_SET_COMPREHENSION:
    return true;
  case REGO_VAR:
    return expr->kind != REGO_EXPR_UNIFY && !rego_is_wildcard(side);
  case REGO_ARRAY:
  case REGO_OBJECT:
  case REGO_SET:
  case REGO_TEMPLATE:
  case REGO_SCALAR:
    return expr->kind != REGO_EXPR_UNIFY || rego_is_constant(side);
  }
  return false;
}

/* Puts "name := side" in front; what stands for the side then. */
static struct rego_term move_side(struct rego_tests *tests, const struct rego_expr *expr,
                                  const struct rego_term *side, const char *prefix,
                                  struct output *out, struct test_side *ret)
{
  *ret = (struct test_side){side->place.start, side->place.end, STR_EMPTY};
  if (side->kind == REGO_VAR && !rego_is_wildcard(side))
    ret->variable = rego_names_text(tests->names, side->var);
  if (!may_move(expr, side))
    return *side;
  struct str name = arena_printf(&tests->arena, "%s%u", prefix, tests->fresh++);
  struct rego_expr moved = assign(tests, name, side, side->place);
  moved.with = expr->with;
  moved.with_count = expr->with_count;
  moved.height = higher(moved.height, expr->height);
  vec_push(out, moved);
  ret->variable = name;
  return variable(tests, name, side->place);
}

static void rewrite_comparison(struct rego_tests *tests, const struct rego_expr *expr,
                               struct output *out)
{
  const struct rego_term *sides = sides_of(expr);
  struct rego_term *changed = arena_array(&tests->arena, struct rego_term, 2);
  struct test_comparison c = {.start = expr->place.start, .end = expr->place.end};
  changed[0] = move_side(tests, expr, &sides[0], REGO_TEST_LEFT, out, &c.left);
  changed[1] = move_side(tests, expr, &sides[1], REGO_TEST_RIGHT, out, &c.right);
  struct rego_expr compared = *expr;
  if (expr->kind == REGO_EXPR_UNIFY) {
    compared.terms = changed;
  } else {
    struct rego_term *call = arena_array(&tests->arena, struct rego_term, 1);
    *call = expr->terms[0];
    call->items = changed;
    compared.terms = call;
  }
  vec_push(out, compared);
  vec_push(&tests->comparisons, c);
}

/* ---- bodies */

static struct rego_body rewrite_body(struct rego_tests *tests, struct rego_body body,
                                     const struct rego_term *begin, uint32_t begin_at);

/* The body of an `every` is part of the test as its own is. */
static struct rego_expr rewrite_every(struct rego_tests *tests, const struct rego_expr *expr)
{
  struct rego_every *every = arena_new(&tests->arena, struct rego_every);
  *every = *expr->every;
  every->body = rewrite_body(tests, every->body, NULL, 0);
  struct rego_expr changed = *expr;
  changed.every = every;
  return changed;
}

static struct rego_body rewrite_body(struct rego_tests *tests, struct rego_body body,
                                     const struct rego_term *begin, uint32_t begin_at)
{
  struct output out = {0};
  for (uint32_t i = 0; i <= body.count; i++) {
    if (begin && begin_at == i)
      begin_case(tests, begin, &out);
    if (i == body.count)
      break;
    const struct rego_expr *expr = &body.items[i];
    const struct rego_term *names = case_call(tests, expr);
    if (names)
      begin_case(tests, names, &out);
    else if (is_comparison(expr))
      rewrite_comparison(tests, expr, &out);
    else if (expr->kind == REGO_EXPR_EVERY && !expr->negated)
      vec_push(&out, rewrite_every(tests, expr));
    else
      vec_push(&out, *expr);
  }
  struct rego_expr *items = arena_array(&tests->arena, struct rego_expr, out.count);
  memcpy(items, out.items, out.count * sizeof *items);
  struct rego_body rewritten = {items, (uint32_t)out.count};
  vec_free(&out);
  return rewritten;
}

struct rego_body rego_test_rewrite(struct rego_tests *tests, struct rego_body body,
                                   const struct rego_term *tail, uint32_t tail_count)
{
  bool manual = false;
  for (uint32_t i = 0; i < body.count; i++)
    manual |= case_call(tests, &body.items[i]) != NULL;
  if (tail_count == 0 || manual)
    return rewrite_body(tests, body, NULL, 0);
  struct rego_term names = case_names(tests, tail, tail_count);
  return rewrite_body(tests, body, &names, behind_all(body, &names));
}
