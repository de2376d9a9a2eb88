/*
 * `and`, `or`, and `not` with a body. An operand is an expression, a body in braces, or a group in
 * parentheses; `and` binds more tightly than `or`, `not` more tightly than both, and `with` applies
 * to the whole.
 */
#include "lang/rego/parser_int.h"

bool parser_is_negation(const struct parser *p)
{
  if (!parser_is(p, REGO_TOKEN_NOT))
    return false;
  const struct rego_token *next = &p->tokens.items[p->at + 1].t;
  return (next->flags & REGO_TOKEN_SPACED) ||
         (next->kind != REGO_TOKEN_DOT && next->kind != REGO_TOKEN_LBRACK);
}

static bool logic_in_force(const struct parser *p)
{
  return p->keywords & (REGO_KEYWORD_AND | REGO_KEYWORD_OR);
}

static struct str source_of(const struct parser *p, struct rego_place place)
{
  return str_sub(p->text, place.start, place.end - place.start);
}

/* ---- what may not be an operand */

/* `{ a | b }` reads as a comprehension just as well. */
static bool check_union(struct parser *p, const struct rego_operand *operand, const char *prefix)
{
  const struct rego_expr *first = &operand->body.items[0];
  if (!operand->braces || first->kind != REGO_EXPR_TERM || first->terms[0].kind != REGO_CALL ||
      first->terms[0].op != REGO_OP_OR || p->text.data[first->place.start] == '(')
    return true;
  struct str braces = source_of(p, operand->place);
  size_t from = first->place.start - operand->place.start;
  struct str sum = source_of(p, first->place);
  return parser_fail(p, operand->place,
                     "ambiguous `{ ... | ... }` operand: read as a body holding a set-union "
                     "expression, not as a comprehension (hint: write `%s(%.*s)` for the "
                     "comprehension, or `%s%.*s(%.*s)%.*s` for the set union)",
                     prefix, STR_FMT(braces), prefix, STR_FMT(str_sub(braces, 0, from)),
                     STR_FMT(sum), STR_FMT(str_sub(braces, from + sum.len, SIZE_MAX)));
}

static bool is_print(const struct parser *p, const struct rego_expr *expr)
{
  if (expr->kind != REGO_EXPR_TERM || expr->negated || expr->terms[0].kind != REGO_CALL ||
      expr->terms[0].op != REGO_OP_NAMED)
    return false;
  const struct rego_term *name = &expr->terms[0].items[0];
  return name->kind == REGO_VAR && str_eq(rego_names_text(p->names, name->var), STR("print"));
}

/* An operand that only prints cannot fail. */
static bool check_effect(struct parser *p, const struct rego_operand *operand, const char *op)
{
  for (uint32_t i = 0; i < operand->body.count; i++)
    if (!is_print(p, &operand->body.items[i]))
      return true;
  return parser_fail(
      p, operand->body.items[0].place,
      "operand of `%s` cannot consist only of calls to `print` (hint: `print` produces "
      "no value and always succeeds, so the operand can never fail; move it out of the "
      "operand, or add an expression that can fail)",
      op);
}

/* The braces of an operand hold no body. If they hold a value, that is what is wrong. */
static bool explain_braces(struct parser *p, const struct parser_mark *start, const char *op)
{
  struct parser_failure failure = p->failure;
  struct rego_term term;
  uint32_t first = start->at;
  if (p->over)
    return false;
  parser_rewind(p, start);
  if (!parser_infix(p, true, &term)) {
    if (!p->over)
      p->failure = failure;
    return false;
  }
  struct rego_place place = parser_place_of(p, first);
  struct str text = source_of(p, parser_place_from(p, first));
  const struct rego_term *value = &term;
  while (value->kind == REGO_CALL && value->op != REGO_OP_NAMED)
    value = &value->items[0];
  if (op)
    return parser_fail(p, place,
                       "operand of `%s` cannot begin with `{` unless the braces hold a body (hint: "
                       "wrap the operand to keep the value: `(%.*s) %s ...`)",
                       op, STR_FMT(text), op);
  return parser_fail(
      p, place,
      "`{...}` in an operand position must contain expression(s), got: %s (hint: write "
      "`not (%.*s)` to negate the value, or `not {%.*s}` for a body holding it)",
      rego_term_name(value), STR_FMT(text), STR_FMT(text));
}

/* ---- operands */

static bool operand(struct parser *p, const char *op, struct rego_operand *ret);
static bool chain(struct parser *p, uint32_t first, struct rego_operand *io, struct rego_expr *ret);

static bool expect_paren(struct parser *p)
{
  return parser_take(p, REGO_TOKEN_RPAREN) ||
         parser_fail_here(p, "expected ) to close parenthesized group");
}

static bool holds_logic(const struct rego_operand *operand)
{
  uint8_t kind = operand->body.items[0].kind;
  return operand->body.count == 1 && (kind == REGO_EXPR_AND || kind == REGO_EXPR_OR);
}

static bool holds_negation(const struct rego_operand *operand)
{
  const struct rego_expr *expr = &operand->body.items[0];
  return operand->body.count == 1 && (expr->negated || expr->kind == REGO_EXPR_NOT);
}

static enum parser_answer no_group(struct parser *p, const struct parser_mark *mark)
{
  if (p->over)
    return PARSER_FAILED;
  parser_rewind(p, mark);
  return PARSER_NO;
}

static enum parser_answer close_group(struct parser *p, uint32_t first, struct rego_operand *io)
{
  if (!expect_paren(p))
    return PARSER_FAILED;
  io->place = parser_place_from(p, first);
  return PARSER_YES;
}

/* ({ ... }) without `and` or `or` is a value; if it cannot be one, the parentheses are too many. */
static enum parser_answer braces_in_group(struct parser *p, const struct parser_mark *mark,
                                          const struct rego_operand *body, const char *prefix)
{
  struct rego_term term;
  parser_rewind(p, mark);
  parser_advance(p);
  bool value = parser_term(p, &term);
  if (p->over)
    return PARSER_FAILED;
  parser_rewind(p, mark);
  if (value)
    return PARSER_NO;
  parser_fail(p, parser_place_of(p, mark->at),
              "`(...)` in an operand position cannot contain a body (hint: drop the parens to keep "
              "the body: `%s%.*s`)",
              prefix, STR_FMT(source_of(p, body->place)));
  return PARSER_FAILED;
}

/* (x with input as y): `with` inside of a group of one. */
static enum parser_answer with_in_group(struct parser *p, const struct parser_mark *mark,
                                        bool is_operand, struct rego_operand *io)
{
  struct rego_expr expr = io->body.items[0];
  struct rego_place with = parser_place_of(p, p->at);
  if (!parser_with(p, &expr))
    return PARSER_FAILED;
  if (parser_at_logical(p)) {
    const char *op = rego_token_name(parser_kind(p));
    parser_fail(
        p, with,
        "`with` modifier is not allowed on operand of `%s` (hint: Wrap the operand in `(...)` "
        "or `{...}` to scope, or move `with` after the `%s` expression to apply it to the "
        "whole expression)",
        op, op);
    return PARSER_FAILED;
  }
  io->body = parser_body_of(p, &expr);
  if (close_group(p, mark->at, io) == PARSER_FAILED)
    return PARSER_FAILED;
  return is_operand || parser_at_logical(p) ? PARSER_YES : no_group(p, mark);
}

static enum parser_answer group_inside(struct parser *p, bool is_operand, const char *prefix,
                                       struct rego_operand *ret)
{
  struct parser_mark mark = parser_mark(p);
  parser_advance(p);
  if (parser_is(p, REGO_TOKEN_RPAREN) && is_operand) {
    parser_fail(p, parser_place_of(p, mark.at), "empty parenthesized group");
    return PARSER_FAILED;
  }
  uint32_t first = p->at;
  p->trying++;
  bool ok = operand(p, NULL, ret);
  p->trying--;
  if (!ok)
    return no_group(p, &mark);
  if (parser_at_logical(p)) {
    struct rego_expr expr;
    if (!chain(p, first, ret, &expr) || !parser_with(p, &expr))
      return PARSER_FAILED;
    *ret = (struct rego_operand){.body = parser_body_of(p, &expr)};
    return close_group(p, mark.at, ret);
  }
  if (parser_at_keyword(p, REGO_TOKEN_WITH) && !ret->braces)
    return with_in_group(p, &mark, is_operand, ret);
  if (ret->braces)
    return braces_in_group(p, &mark, ret, prefix);
  if (holds_logic(ret) || holds_negation(ret))
    return close_group(p, mark.at, ret);
  return no_group(p, &mark);
}

/* At `(`: NO if it is the parenthesis of a term. */
static enum parser_answer group(struct parser *p, bool is_operand, const char *prefix,
                                struct rego_operand *ret)
{
  if (!parser_enter(p))
    return PARSER_FAILED;
  enum parser_answer answer = group_inside(p, is_operand, prefix, ret);
  parser_leave(p);
  return answer;
}

/* { body } */
static bool braced_operand(struct parser *p, const char *op, struct rego_operand *ret)
{
  struct parser_mark mark = parser_mark(p);
  bool empty = parser_kind_of(p, p->at + 1) == REGO_TOKEN_RBRACE;
  ret->braces = true;
  if (!parser_braced_body(p, &ret->body))
    return !empty && op ? explain_braces(p, &mark, op) : false;
  ret->place = parser_place_from(p, mark.at);
  return check_union(p, ret, "");
}

static bool make_not(struct parser *p, uint32_t first, const struct rego_operand *inner,
                     struct rego_expr *ret)
{
  struct rego_operand *items = arena_array(p->arena, struct rego_operand, 1);
  *items = *inner;
  uint32_t height = 1 + parser_body_height(inner->body);
  *ret = (struct rego_expr){
      .kind = REGO_EXPR_NOT,
      .height = (uint16_t)height,
      .count = 1,
      .place = parser_place_from(p, first),
      .operands = items,
  };
  return parser_count(p, height);
}

bool parser_negate(struct parser *p, uint32_t first, struct rego_place bare, struct rego_expr *io)
{
  struct rego_expr outer, inner = *io;
  inner.with = NULL;
  inner.with_count = 0;
  inner.place = bare;
  struct rego_operand operand = {.place = bare, .body = parser_body_of(p, &inner)};
  if (!make_not(p, first, &operand, &outer))
    return false;
  outer.with = io->with;
  outer.with_count = io->with_count;
  *io = outer;
  return true;
}

enum parser_answer parser_not_operand(struct parser *p, uint32_t first, struct rego_expr *ret)
{
  struct rego_operand inner = {0};
  if (parser_is(p, REGO_TOKEN_LPAREN)) {
    enum parser_answer answer = group(p, true, "not ", &inner);
    if (answer != PARSER_YES)
      return answer;
  } else if (parser_is(p, REGO_TOKEN_LBRACE)) {
    struct parser_mark mark = parser_mark(p);
    bool empty = parser_kind_of(p, p->at + 1) == REGO_TOKEN_RBRACE;
    inner.braces = true;
    if (!parser_braced_body(p, &inner.body)) {
      if (!empty)
        explain_braces(p, &mark, NULL);
      return PARSER_FAILED;
    }
    inner.place = parser_place_from(p, mark.at);
    if (!check_union(p, &inner, "not "))
      return PARSER_FAILED;
  } else {
    return PARSER_NO;
  }
  return make_not(p, first, &inner, ret) ? PARSER_YES : PARSER_FAILED;
}

static bool as_operand(struct parser *p, const struct rego_expr *expr, struct rego_operand *ret)
{
  *ret = (struct rego_operand){.place = expr->place, .body = parser_body_of(p, expr)};
  return true;
}

static bool negated_operand(struct parser *p, struct rego_operand *ret)
{
  uint32_t first = p->at;
  struct rego_expr expr;
  parser_advance(p);
  if (p->keywords & REGO_KEYWORD_NOT) {
    enum parser_answer answer = parser_not_operand(p, first, &expr);
    if (answer != PARSER_NO)
      return answer == PARSER_YES && as_operand(p, &expr, ret);
  }
  if (!parser_simple_expr(p, &expr))
    return false;
  if (p->keywords & REGO_KEYWORD_NOT)
    return parser_negate(p, first, expr.place, &expr) && as_operand(p, &expr, ret);
  expr.negated = true;
  expr.place = parser_place_from(p, first);
  return as_operand(p, &expr, ret);
}

/* op: what it is an operand of; NULL if that is not known yet. */
static bool operand(struct parser *p, const char *op, struct rego_operand *ret)
{
  struct rego_expr expr;
  *ret = (struct rego_operand){0};
  if (parser_is(p, REGO_TOKEN_LBRACE))
    return braced_operand(p, op, ret);
  if (parser_is_negation(p))
    return negated_operand(p, ret);
  if (parser_is(p, REGO_TOKEN_LPAREN) && logic_in_force(p)) {
    enum parser_answer answer = group(p, true, "", ret);
    if (answer != PARSER_NO)
      return answer == PARSER_YES;
  }
  return parser_simple_expr(p, &expr) && as_operand(p, &expr, ret);
}

/* ---- chains */

/* Pushes an operand; those of an inner chain of the same kind that begins the outer one instead. */
static void push_first(struct parser *p, const struct rego_operand *operand,
                       enum rego_expr_kind kind)
{
  const struct rego_expr *inner = &operand->body.items[0];
  if (operand->braces || operand->body.count != 1 || inner->kind != kind || inner->with_count) {
    vec_push(&p->operands, *operand);
    return;
  }
  for (uint32_t i = 0; i < inner->count; i++)
    vec_push(&p->operands, inner->operands[i]);
}

static bool take_operands(struct parser *p, size_t from, enum rego_expr_kind kind, uint32_t first,
                          struct rego_expr *ret)
{
  uint32_t count = (uint32_t)(p->operands.count - from), height = 0;
  const char *op = kind == REGO_EXPR_AND ? "and" : "or";
  struct rego_operand *items = arena_array(p->arena, struct rego_operand, count);
  memcpy(items, p->operands.items + from, count * sizeof *items);
  p->operands.count = from;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t own = parser_body_height(items[i].body);
    height = own > height ? own : height;
    if (!check_effect(p, &items[i], op))
      return false;
  }
  *ret = (struct rego_expr){
      .kind = (uint8_t)kind,
      .height = (uint16_t)(height + 1),
      .count = count,
      .place = parser_place_from(p, first),
      .operands = items,
  };
  return parser_count(p, height + 1);
}

/* Behind an operand: if `and` follows, it becomes the whole chain. */
static bool and_chain(struct parser *p, uint32_t first, struct rego_operand *io)
{
  size_t from = p->operands.count;
  struct rego_expr expr;
  if (!parser_at_keyword(p, REGO_TOKEN_LOGICAL_AND))
    return true;
  push_first(p, io, REGO_EXPR_AND);
  while (parser_at_keyword(p, REGO_TOKEN_LOGICAL_AND)) {
    parser_advance(p);
    if (!operand(p, "and", io))
      return false;
    vec_push(&p->operands, *io);
  }
  return take_operands(p, from, REGO_EXPR_AND, first, &expr) && as_operand(p, &expr, io);
}

/* Behind the first operand, at `and` or `or`. */
static bool chain(struct parser *p, uint32_t first, struct rego_operand *io, struct rego_expr *ret)
{
  size_t from = p->operands.count;
  if (!and_chain(p, first, io))
    return false;
  if (!parser_at_keyword(p, REGO_TOKEN_LOGICAL_OR)) {
    *ret = io->body.items[0];
    return true;
  }
  push_first(p, io, REGO_EXPR_OR);
  while (parser_at_keyword(p, REGO_TOKEN_LOGICAL_OR)) {
    parser_advance(p);
    uint32_t start = p->at;
    if (!operand(p, "or", io) || !and_chain(p, start, io))
      return false;
    vec_push(&p->operands, *io);
  }
  return take_operands(p, from, REGO_EXPR_OR, first, ret);
}

bool parser_logic_tail(struct parser *p, uint32_t first, struct rego_expr *io)
{
  struct rego_operand operand;
  if (parser_at_logical(p) && (!as_operand(p, io, &operand) || !chain(p, first, &operand, io)))
    return false;
  return parser_with(p, io);
}

/* ---- the start of a statement */

static enum parser_answer start_with_braces(struct parser *p, struct rego_expr *ret,
                                            struct parser_failure *ret_failure)
{
  struct parser_mark mark = parser_mark(p);
  struct rego_operand operand = {.braces = true};
  p->trying++;
  bool ok = parser_braced_body(p, &operand.body);
  p->trying--;
  if (ok && parser_at_logical(p)) {
    operand.place = parser_place_from(p, mark.at);
    ok = check_union(p, &operand, "") && chain(p, mark.at, &operand, ret) && parser_with(p, ret);
    return ok ? PARSER_YES : PARSER_FAILED;
  }
  if (!ok)
    *ret_failure = p->failure;
  return no_group(p, &mark);
}

enum parser_answer parser_logic_start(struct parser *p, struct rego_expr *ret,
                                      struct parser_failure *ret_failure)
{
  if (parser_is(p, REGO_TOKEN_LBRACE))
    return start_with_braces(p, ret, ret_failure);
  uint32_t first = p->at;
  struct rego_operand operand;
  enum parser_answer answer = group(p, false, "", &operand);
  if (answer != PARSER_YES)
    return answer;
  bool ok;
  if (parser_at_logical(p)) {
    ok = chain(p, first, &operand, ret) && parser_with(p, ret);
  } else {
    *ret = operand.body.items[0];
    ret->place = operand.place;
    ok = parser_with(p, ret);
  }
  return ok ? PARSER_YES : PARSER_FAILED;
}
