#include "lang/rego/parser_int.h"

static uint32_t higher(uint32_t a, uint32_t b)
{
  return a > b ? a : b;
}

static bool is_var_named(const struct parser *p, const struct rego_expr *expr, struct str name)
{
  return expr->kind == REGO_EXPR_TERM && expr->terms[0].kind == REGO_VAR &&
         str_eq(rego_names_text(p->names, expr->terms[0].var), name);
}

static bool parse_every(struct parser *p, struct rego_expr *ret);

/* Would `every` at that token begin what it begins where it is a keyword? The position stays. Not
 * while something is tried: what was remembered of that is forgotten. */
static bool would_be_every(struct parser *p, uint32_t token)
{
  struct parser_mark here = parser_mark(p);
  struct rego_expr expr;
  uint32_t keywords = p->keywords;
  p->keywords |= REGO_KEYWORD_EVERY | REGO_KEYWORD_IN;
  p->memos.count = 0; /* they hold for the old keywords */
  p->at = token;
  bool yes = parse_every(p, &expr);
  p->memos.count = 0;
  p->keywords = keywords;
  parser_rewind(p, &here);
  return yes;
}

/* What an expression would have been if a keyword had been imported, as an addition to a message
 * about what follows it. */
static const char *keyword_hint(struct parser *p, uint32_t first, const struct rego_expr *before)
{
  if (p->version != REGO_V0)
    return "";
  if (before->kind == REGO_EXPR_SOME && parser_token(p)->kind == REGO_TOKEN_IN)
    return " (hint: `import future.keywords.in` for `some x in xs` expressions)";
  if (p->trying == 0 && is_var_named(p, before, STR("every")) && would_be_every(p, first))
    return " (hint: `import future.keywords.every` for `every x in xs { ... }` expressions)";
  return "";
}

bool parser_query(struct parser *p, bool one_line, enum rego_token_kind close,
                  struct rego_body *ret)
{
  size_t from = p->exprs.count;
  if (parser_is(p, close))
    return parser_fail_here(p, "found empty body");
  for (;;) {
    struct rego_expr expr = {0};
    uint32_t first = p->at;
    if (!parser_literal(p, &expr))
      return false;
    vec_push(&p->exprs, expr);
    if (parser_take(p, REGO_TOKEN_SEMICOLON))
      continue;
    if (one_line || parser_is(p, close))
      break;
    if (!(parser_token(p)->flags & REGO_TOKEN_NEW_LINE)) {
      const char *hint = keyword_hint(p, first, &expr);
      return parser_unexpected(p, "expected \\n or ; or %s%s", rego_token_name(close), hint);
    }
  }
  parser_take_exprs(p, from, ret);
  return true;
}

bool parser_body(struct parser *p, enum rego_token_kind close, struct rego_body *ret)
{
  if (!parser_enter(p))
    return false;
  bool ok = parser_query(p, false, close, ret);
  parser_leave(p);
  return ok;
}

bool parser_braced_body(struct parser *p, struct rego_body *ret)
{
  parser_advance(p);
  return parser_body(p, REGO_TOKEN_RBRACE, ret) && parser_take(p, REGO_TOKEN_RBRACE);
}

struct rego_body parser_body_of(struct parser *p, const struct rego_expr *expr)
{
  struct rego_expr *items = arena_array(p->arena, struct rego_expr, 1);
  *items = *expr;
  return (struct rego_body){items, 1};
}

/* ---- with */

static bool one_with(struct parser *p, struct rego_with *ret)
{
  uint32_t first = p->at;
  parser_advance(p);
  if (!parser_is(p, REGO_TOKEN_IDENT))
    return parser_unexpected(p, "expected ident");
  if (!parser_term(p, &ret->target))
    return false;
  if (ret->target.kind != REGO_REF && ret->target.kind != REGO_VAR)
    return parser_unexpected(p, "expected with target path");
  if (!parser_take(p, REGO_TOKEN_AS))
    return parser_unexpected(p, "expected as keyword");
  if (!parser_infix(p, true, &ret->value))
    return false;
  ret->place = parser_place_from(p, first);
  return true;
}

/* Those that the expression has, and the ones that follow. */
bool parser_with(struct parser *p, struct rego_expr *expr)
{
  size_t from = p->withs.count;
  uint32_t height = expr->height;
  if (!parser_at_keyword(p, REGO_TOKEN_WITH))
    return true;
  for (uint32_t i = 0; i < expr->with_count; i++)
    vec_push(&p->withs, expr->with[i]);
  while (parser_at_keyword(p, REGO_TOKEN_WITH)) {
    struct rego_with with = {0};
    if (!one_with(p, &with))
      return false;
    height = higher(height, 1 + higher(with.target.height, with.value.height));
    vec_push(&p->withs, with);
  }
  expr->with_count = (uint32_t)(p->withs.count - from);
  struct rego_with *items = arena_array(p->arena, struct rego_with, expr->with_count);
  memcpy(items, p->withs.items + from, expr->with_count * sizeof *items);
  p->withs.count = from;
  expr->with = items;
  expr->height = (uint16_t)height;
  expr->place.end = parser_place_of(p, p->at - 1).end;
  return parser_count(p, height);
}

/* ---- some and every */

/* An expression of `count` terms, which are copied. */
static bool make_expr(struct parser *p, enum rego_expr_kind kind, const struct rego_term *terms,
                      uint32_t count, uint32_t first, struct rego_expr *ret)
{
  struct rego_term *items = arena_array(p->arena, struct rego_term, count);
  memcpy(items, terms, count * sizeof *items);
  uint32_t height = 0;
  for (uint32_t i = 0; i < count; i++)
    height = higher(height, items[i].height);
  *ret = (struct rego_expr){
      .kind = (uint8_t)kind,
      .height = (uint16_t)(height + 1),
      .count = count,
      .place = parser_place_from(p, first),
      .terms = items,
  };
  return parser_count(p, height + 1);
}

static bool is_membership(const struct rego_term *term)
{
  return term->kind == REGO_CALL && (term->op == REGO_OP_IN || term->op == REGO_OP_IN_PAIR);
}

/* some x, y */
static bool some_variables(struct parser *p, uint32_t first, struct rego_expr *ret)
{
  size_t from = p->terms.count;
  do {
    struct rego_term var;
    parser_advance(p);
    if (!parser_is(p, REGO_TOKEN_IDENT))
      return parser_unexpected(p, "expected var");
    if (!parser_var(p, &var) || !parser_push_term(p, &var))
      return false;
  } while (parser_is(p, REGO_TOKEN_COMMA));
  uint32_t count = (uint32_t)(p->terms.count - from);
  p->terms.count = from; /* still there */
  return make_expr(p, REGO_EXPR_SOME, p->terms.items + from, count, first, ret);
}

static bool parse_some(struct parser *p, struct rego_expr *ret)
{
  uint32_t first = p->at;
  struct parser_mark mark = parser_mark(p);
  struct rego_term term;
  p->trying++;
  parser_advance(p);
  bool call = parser_infix(p, true, &term) && term.kind == REGO_CALL;
  p->trying--;
  if (call && is_membership(&term))
    return make_expr(p, REGO_EXPR_SOME_IN, term.items, term.count, first, ret) &&
           parser_with(p, ret);
  if (call)
    return parser_unexpected(p, "expected `x in xs` or `x, y in xs` expression");
  if (p->over)
    return false;
  struct parser_failure failure = p->failure;
  parser_rewind(p, &mark);
  bool ok = some_variables(p, first, ret);
  if (!ok && failure.noted && failure.token > p->failure.token)
    p->failure = failure;
  return ok;
}

static bool parse_every(struct parser *p, struct rego_expr *ret)
{
  uint32_t first = p->at;
  struct rego_term term;
  parser_advance(p);
  if (!parser_infix(p, true, &term))
    return false;
  if (!is_membership(&term))
    return parser_unexpected(p, "expected `x[, y] in xs { ... }` expression");
  struct rego_every *every = arena_new(p->arena, struct rego_every);
  every->has_key = term.op == REGO_OP_IN_PAIR;
  if (every->has_key)
    every->key = term.items[0];
  every->value = term.items[term.count - 2];
  every->domain = term.items[term.count - 1];
  if (every->has_key && every->key.kind != REGO_VAR)
    return parser_unexpected(p, "expected key to be a variable");
  if (every->value.kind != REGO_VAR)
    return parser_unexpected(p, "expected value to be a variable");
  if (!parser_is(p, REGO_TOKEN_LBRACE))
    return parser_unexpected(p, "missing body");
  if (!parser_braced_body(p, &every->body))
    return false;
  uint32_t height = 1 + higher(every->domain.height, parser_body_height(every->body));
  *ret = (struct rego_expr){
      .kind = REGO_EXPR_EVERY,
      .height = (uint16_t)height,
      .count = 1,
      .place = parser_place_from(p, first),
      .every = every,
  };
  return parser_count(p, height) && parser_with(p, ret);
}

/* ---- the rest */

bool parser_simple_expr(struct parser *p, struct rego_expr *ret)
{
  uint32_t first = p->at;
  struct rego_term terms[2];
  enum rego_expr_kind kind = REGO_EXPR_TERM;
  if (!parser_infix(p, true, &terms[0]))
    return false;
  if (parser_is(p, REGO_TOKEN_ASSIGN))
    kind = REGO_EXPR_ASSIGN;
  else if (parser_is(p, REGO_TOKEN_UNIFY))
    kind = REGO_EXPR_UNIFY;
  if (kind == REGO_EXPR_TERM)
    return make_expr(p, kind, terms, 1, first, ret);
  parser_advance(p);
  return parser_infix(p, true, &terms[1]) && make_expr(p, kind, terms, 2, first, ret);
}

static bool is_empty_object(const struct rego_expr *expr)
{
  return expr->kind == REGO_EXPR_TERM && expr->terms[0].kind == REGO_OBJECT &&
         expr->terms[0].count == 0 && expr->with_count == 0;
}

/* An expression that turns out to be the first operand of `and` or `or`. */
static bool check_first_operand(struct parser *p, uint32_t first, bool negated,
                                const struct rego_expr *expr)
{
  const char *op = rego_token_name(parser_kind(p));
  if (expr->with_count)
    return parser_fail(
        p, expr->with[0].place,
        "`with` modifier is not allowed on operand of `%s` (hint: Wrap the operand in "
        "`(...)` or `{...}` to scope, or move `with` after the `%s` expression to apply "
        "it to the whole expression)",
        op, op);
  if (negated || p->tokens.items[first].t.kind != REGO_TOKEN_LBRACE)
    return true;
  if (is_empty_object(expr))
    return parser_fail(p, expr->place, "found empty body");
  struct str text = str_sub(p->text, expr->place.start, expr->place.end - expr->place.start);
  return parser_fail(
      p, expr->place,
      "operand of `%s` cannot begin with `{` unless the braces hold a body (hint: wrap "
      "the operand to keep the value: `(%.*s) %s ...`)",
      op, STR_FMT(text), op);
}

static bool literal_expr(struct parser *p, uint32_t first, bool negated, struct rego_expr *ret)
{
  if (!parser_simple_expr(p, ret))
    return false;
  struct rego_place bare = ret->place;
  if (!parser_with(p, ret))
    return false;
  if (parser_at_logical(p) && !check_first_operand(p, first, negated, ret))
    return false;
  if (negated && (p->keywords & REGO_KEYWORD_NOT)) {
    if (!parser_negate(p, first, bare, ret))
      return false;
  } else {
    ret->negated = negated;
    ret->place = parser_place_from(p, first);
  }
  return !parser_at_logical(p) || parser_logic_tail(p, first, ret);
}

static bool literal_after_not(struct parser *p, uint32_t first, struct rego_expr *ret)
{
  parser_advance(p);
  if (p->keywords & REGO_KEYWORD_NOT) {
    enum parser_answer answer = parser_not_operand(p, first, ret);
    if (answer != PARSER_NO)
      return answer == PARSER_YES && parser_logic_tail(p, first, ret);
  }
  if (parser_is(p, REGO_TOKEN_SOME))
    return parser_unexpected(p, "illegal negation of 'some'");
  if (parser_is(p, REGO_TOKEN_EVERY))
    return parser_unexpected(p, "illegal negation of 'every'");
  return literal_expr(p, first, true, ret);
}

static bool literal(struct parser *p, uint32_t first, struct rego_expr *ret)
{
  if (parser_keyword_as_word(p))
    return literal_expr(p, first, false, ret);
  if (parser_is_negation(p))
    return literal_after_not(p, first, ret);
  if (parser_is(p, REGO_TOKEN_SOME))
    return parse_some(p, ret);
  if (parser_is(p, REGO_TOKEN_EVERY))
    return parse_every(p, ret);
  return literal_expr(p, first, false, ret);
}

bool parser_literal(struct parser *p, struct rego_expr *ret)
{
  uint32_t first = p->at;
  struct parser_failure failure = {0};
  if ((p->keywords & (REGO_KEYWORD_AND | REGO_KEYWORD_OR)) &&
      (parser_is(p, REGO_TOKEN_LBRACE) || parser_is(p, REGO_TOKEN_LPAREN))) {
    enum parser_answer answer = parser_logic_start(p, ret, &failure);
    if (answer != PARSER_NO)
      return answer == PARSER_YES;
  }
  if (literal(p, first, ret))
    return true;
  if (failure.noted && !p->over && failure.token > p->failure.token)
    p->failure = failure;
  return false;
}
