#include "lang/rego/parser_int.h"

static uint32_t higher(uint32_t a, uint32_t b)
{
  return a > b ? a : b;
}

/* ---- operators */

static enum rego_op infix_op(enum rego_token_kind kind)
{
  static const uint8_t infix[REGO_TOKEN_KINDS] = {
      [REGO_TOKEN_EQUAL] = REGO_OP_EQUAL,
      [REGO_TOKEN_NOT_EQUAL] = REGO_OP_NOT_EQUAL,
      [REGO_TOKEN_LESS] = REGO_OP_LESS,
      [REGO_TOKEN_LESS_EQUAL] = REGO_OP_LESS_EQUAL,
      [REGO_TOKEN_GREATER] = REGO_OP_GREATER,
      [REGO_TOKEN_GREATER_EQUAL] = REGO_OP_GREATER_EQUAL,
      [REGO_TOKEN_OR] = REGO_OP_OR,
      [REGO_TOKEN_AND] = REGO_OP_AND,
      [REGO_TOKEN_PLUS] = REGO_OP_PLUS,
      [REGO_TOKEN_MINUS] = REGO_OP_MINUS,
      [REGO_TOKEN_TIMES] = REGO_OP_TIMES,
      [REGO_TOKEN_DIVIDE] = REGO_OP_DIVIDE,
      [REGO_TOKEN_REMAINDER] = REGO_OP_REMAINDER,
  };
  return infix[kind];
}

/* Makes *io the call of an operator with *io and the others as its arguments. */
static bool make_infix(struct parser *p, enum rego_op op, struct rego_term *io,
                       const struct rego_term *others, uint32_t other_count)
{
  struct rego_term *items = arena_array(p->arena, struct rego_term, other_count + 1);
  items[0] = *io;
  memcpy(items + 1, others, other_count * sizeof *others);
  uint32_t height = 0;
  for (uint32_t i = 0; i <= other_count; i++)
    height = higher(height, items[i].height);
  if (!parser_count(p, height + 1))
    return false;
  *io = (struct rego_term){
      .kind = REGO_CALL,
      .op = (uint8_t)op,
      .height = (uint16_t)(height + 1),
      .count = other_count + 1,
      .place = parser_place_join(io->place, others[other_count - 1].place),
      .items = items,
  };
  return true;
}

/* Goes on behind *io with operators that bind at least as tightly as `least`. */
static bool infix_tail(struct parser *p, int least, struct rego_term *io)
{
  for (;;) {
    enum rego_op op = infix_op(parser_kind(p));
    int binding = rego_op_binding(op);
    if (op == REGO_OP_NAMED || binding < least)
      return true;
    parser_advance(p);
    struct rego_term right;
    if (!parser_term(p, &right) || !infix_tail(p, binding + 1, &right) ||
        !make_infix(p, op, io, &right, 1))
      return false;
  }
}

static bool comparison(struct parser *p, struct rego_term *ret)
{
  return parser_term(p, ret) && infix_tail(p, rego_op_binding(REGO_OP_EQUAL), ret);
}

/* `in`, unless it is the head of a reference. */
static bool take_in(struct parser *p)
{
  if (!parser_is(p, REGO_TOKEN_IN) || parser_keyword_as_word(p))
    return false;
  parser_advance(p);
  return true;
}

/* `, value in collection` behind a key. */
static bool pair_tail(struct parser *p, struct rego_term *io)
{
  struct parser_mark mark = parser_mark(p);
  struct rego_term others[2];
  p->trying++;
  parser_advance(p);
  bool pair = comparison(p, &others[0]) && take_in(p);
  p->trying--;
  if (pair)
    return comparison(p, &others[1]) && make_infix(p, REGO_OP_IN_PAIR, io, others, 2);
  parser_rewind(p, &mark);
  return !p->over;
}

/* Any operators behind *io. */
static bool any_tail(struct parser *p, bool pair, struct rego_term *io)
{
  if (!infix_tail(p, rego_op_binding(REGO_OP_EQUAL), io))
    return false;
  if (pair && parser_is(p, REGO_TOKEN_COMMA) && !pair_tail(p, io))
    return false;
  while (take_in(p)) {
    struct rego_term collection;
    if (!comparison(p, &collection) || !make_infix(p, REGO_OP_IN, io, &collection, 1))
      return false;
  }
  return true;
}

bool parser_infix(struct parser *p, bool pair, struct rego_term *ret)
{
  return parser_term(p, ret) && any_tail(p, pair, ret);
}

/* ---- references and calls */

bool parser_var(struct parser *p, struct rego_term *ret)
{
  const struct rego_token *token = parser_token(p);
  struct str text = parser_token_text(p, p->at);
  if (!parser_count(p, 1))
    return false;
  *ret = (struct rego_term){
      .kind = REGO_VAR,
      .height = 1,
      .place = parser_place_of(p, p->at),
      .var = str_eq(text, STR("_")) ? REGO_WILDCARD | token->detail
                                    : rego_names_add(p->names, text),
  };
  parser_advance(p);
  return true;
}

static bool is_named(const struct parser *p, const struct rego_term *term, struct str name)
{
  return term->kind == REGO_VAR && str_eq(rego_names_text(p->names, term->var), name);
}

static bool may_head_reference(const struct rego_term *term)
{
  static const bool may[] = {
      [REGO_VAR] = true,
      [REGO_ARRAY] = true,
      [REGO_OBJECT] = true,
      [REGO_SET] = true,
      [REGO_ARRAY_COMPREHENSION] = true,
      [REGO_OBJECT_COMPREHENSION] = true,
      [REGO_SET_COMPREHENSION] = true,
      [REGO_CALL] = true,
      [REGO_TEMPLATE] = false,
  };
  return may[term->kind];
}

/* .name */
static bool dot_operand(struct parser *p)
{
  struct rego_place behind = parser_place_of(p, p->at);
  parser_advance(p);
  if (parser_spaced(p)) {
    behind.column++;
    behind.start = behind.end;
    return parser_fail(p, behind, "unexpected whitespace token: expected identifier");
  }
  if (!rego_token_is_word(parser_token(p)->kind))
    return parser_unexpected(p, "expected identifier");
  struct rego_term name =
      parser_string_term(p, parser_token_text(p, p->at), parser_place_of(p, p->at));
  parser_advance(p);
  return parser_push_term(p, &name);
}

/* [term] */
static bool bracket_operand(struct parser *p)
{
  struct rego_term operand;
  parser_advance(p);
  if (!parser_infix(p, true, &operand))
    return false;
  if (!parser_take(p, REGO_TOKEN_RBRACK))
    return parser_unexpected(p, "expected ]");
  return parser_push_term(p, &operand);
}

/* Terms between commas, up to and over the closing token, onto the stack. */
static bool list(struct parser *p, enum rego_token_kind close)
{
  while (!parser_take(p, close)) {
    struct rego_term term;
    if (!parser_infix(p, false, &term) || !parser_push_term(p, &term))
      return false;
    if (parser_take(p, close))
      return true;
    if (!parser_take(p, REGO_TOKEN_COMMA))
      return parser_unexpected(p, "expected \",\" or \"%s\"", rego_token_name(close));
  }
  return true;
}

/* What the stack holds from `from` on becomes a term of that kind, with the place given. */
static bool take_items(struct parser *p, size_t from, enum rego_term_kind kind,
                       struct rego_place place, struct rego_term *ret)
{
  uint32_t count, height;
  const struct rego_term *items = parser_take_terms(p, from, &count, &height);
  if (!parser_count(p, height + 1))
    return false;
  *ret = (struct rego_term){
      .kind = (uint8_t)kind,
      .height = (uint16_t)(height + 1),
      .count = kind == REGO_OBJECT ? count / 2 : count,
      .place = place,
      .items = items,
  };
  return true;
}

/* Behind the name of a function, which is on the stack from `from` on: (arguments). */
static bool call(struct parser *p, size_t from, struct rego_place start, struct rego_term *ret)
{
  struct rego_term name = p->terms.items[from];
  if (p->terms.count > from + 1 || name.kind != REGO_VAR) {
    struct rego_place end = parser_place_of(p, p->at - 1);
    if (!take_items(p, from, REGO_REF, parser_place_join(start, end), &name) ||
        !parser_push_term(p, &name))
      return false;
  }
  parser_advance(p);
  if (!list(p, REGO_TOKEN_RPAREN))
    return false;
  struct rego_place place = parser_place_join(start, parser_place_of(p, p->at - 1));
  if (p->terms.count == from + 1 && is_named(p, &name, STR("set"))) {
    p->terms.count = from;
    return take_items(p, from, REGO_SET, place, ret);
  }
  return take_items(p, from, REGO_CALL, place, ret);
}

static bool at_operand(const struct parser *p, bool space_allowed)
{
  return (!parser_spaced(p) || space_allowed) &&
         (parser_is(p, REGO_TOKEN_DOT) || parser_is(p, REGO_TOKEN_LBRACK));
}

static bool at_arguments(const struct parser *p, bool space_allowed)
{
  return (!parser_spaced(p) || space_allowed) && parser_is(p, REGO_TOKEN_LPAREN);
}

/* `data` and `input` are references even when they stand alone. */
static bool whole_document(struct parser *p, struct rego_term *io)
{
  if (!is_named(p, io, STR("data")) && !is_named(p, io, STR("input")))
    return true;
  size_t from = p->terms.count;
  return parser_push_term(p, io) && take_items(p, from, REGO_REF, io->place, io);
}

bool parser_suffix(struct parser *p, bool in_rule_head, struct rego_term *io)
{
  bool space = in_rule_head;
  if (!at_operand(p, space) && !at_arguments(p, space))
    return whole_document(p, io);
  if (!may_head_reference(io))
    return parser_fail(p, io->place, "illegal ref (head cannot be %s)", rego_term_name(io));
  while (at_operand(p, space) || (at_arguments(p, space) && io->kind != REGO_CALL)) {
    size_t from = p->terms.count;
    if (!parser_push_term(p, io))
      return false;
    for (; at_operand(p, space); space = false)
      if (parser_is(p, REGO_TOKEN_DOT) ? !dot_operand(p) : !bracket_operand(p))
        return false;
    if (at_arguments(p, space)) {
      if (!call(p, from, io->place, io))
        return false;
    } else {
      struct rego_place end = parser_place_of(p, p->at - 1);
      if (!take_items(p, from, REGO_REF, parser_place_join(io->place, end), io))
        return false;
      break;
    }
    space = false;
  }
  return true;
}

/* ---- arrays, sets, objects, comprehensions */

/*
 * At `|` behind the head of what may be a comprehension. PARSER_NO: it is none, and the position
 * is at `|` again; *ret_failure says why, for the case that it is nothing else either.
 */
static enum parser_answer comprehension(struct parser *p, enum rego_term_kind kind,
                                        enum rego_token_kind close, const struct rego_term *key,
                                        const struct rego_term *value, struct rego_term *ret,
                                        struct parser_failure *ret_failure)
{
  struct parser_mark mark = parser_mark(p);
  struct rego_body body;
  p->trying++;
  parser_advance(p);
  bool whole = parser_body(p, close, &body);
  p->trying--;
  if (!whole) {
    if (p->over || (kind != REGO_OBJECT_COMPREHENSION && !parser_is(p, REGO_TOKEN_COMMA)))
      return PARSER_FAILED;
    *ret_failure = p->failure;
    parser_rewind(p, &mark);
    return PARSER_NO;
  }
  parser_advance(p);
  uint32_t height = 1 +
                    higher(higher(value->height, key ? key->height : 0), parser_body_height(body));
  if (!parser_count(p, height))
    return PARSER_FAILED;
  struct rego_comprehension *made = arena_new(p->arena, struct rego_comprehension);
  if (key)
    made->key = *key;
  made->value = *value;
  made->body = body;
  *ret =
      (struct rego_term){.kind = (uint8_t)kind, .height = (uint16_t)height, .comprehension = made};
  return PARSER_YES;
}

/* Two attempts failed: the one that came further knows more about what was meant. */
static bool failed_twice(struct parser *p, const struct parser_failure *first)
{
  if (first->noted && !p->over && (!p->failure.noted || first->token > p->failure.token))
    p->failure = *first;
  return false;
}

/* The rest of a list whose first term is *head and may go on. */
static bool list_from(struct parser *p, struct rego_term *head, enum rego_token_kind close)
{
  if (!any_tail(p, false, head) || !parser_push_term(p, head))
    return false;
  if (parser_take(p, close))
    return true;
  if (!parser_take(p, REGO_TOKEN_COMMA))
    return parser_unexpected(p, "expected \",\" or \"%s\"", rego_token_name(close));
  return list(p, close);
}

static bool primary_array(struct parser *p, struct rego_term *ret)
{
  uint32_t first = p->at;
  size_t from = p->terms.count;
  struct parser_failure failure = {0};
  parser_advance(p);
  if (!parser_take(p, REGO_TOKEN_RBRACK)) {
    struct rego_term head;
    bool comma = parser_take(p, REGO_TOKEN_COMMA);
    if (!parser_term(p, &head))
      return false;
    if (parser_is(p, REGO_TOKEN_OR) && !comma) {
      enum parser_answer answer =
          comprehension(p, REGO_ARRAY_COMPREHENSION, REGO_TOKEN_RBRACK, NULL, &head, ret, &failure);
      ret->place = parser_place_from(p, first);
      if (answer != PARSER_NO)
        return answer == PARSER_YES;
    }
    if (!list_from(p, &head, REGO_TOKEN_RBRACK))
      return failed_twice(p, &failure);
  }
  return take_items(p, from, REGO_ARRAY, parser_place_from(p, first), ret);
}

static bool set_from(struct parser *p, uint32_t first, struct rego_term *head,
                     struct rego_term *ret)
{
  size_t from = p->terms.count;
  return list_from(p, head, REGO_TOKEN_RBRACE) &&
         take_items(p, from, REGO_SET, parser_place_from(p, first), ret);
}

/* Further `key: value` pairs up to and over the brace. */
static bool pairs(struct parser *p)
{
  while (!parser_take(p, REGO_TOKEN_RBRACE)) {
    struct rego_term key, value;
    if (!parser_infix(p, false, &key))
      return false;
    if (!parser_take(p, REGO_TOKEN_COLON))
      return parser_unexpected(p, "expected \":\"");
    if (!parser_infix(p, false, &value) || !parser_push_term(p, &key) ||
        !parser_push_term(p, &value))
      return false;
    if (parser_take(p, REGO_TOKEN_RBRACE))
      return true;
    if (!parser_take(p, REGO_TOKEN_COMMA))
      return parser_unexpected(p, "expected \",\" or \"}\"");
  }
  return true;
}

/* Behind the first key, at the colon. */
static bool object_from(struct parser *p, uint32_t first, const struct rego_term *key,
                        bool may_be_comprehension, struct rego_term *ret)
{
  size_t from = p->terms.count;
  struct rego_term value;
  struct parser_failure failure = {0};
  parser_advance(p);
  if (!parser_term(p, &value))
    return false;
  if (parser_is(p, REGO_TOKEN_OR) && may_be_comprehension) {
    enum parser_answer answer =
        comprehension(p, REGO_OBJECT_COMPREHENSION, REGO_TOKEN_RBRACE, key, &value, ret, &failure);
    ret->place = parser_place_from(p, first);
    if (answer != PARSER_NO)
      return answer == PARSER_YES;
  }
  if (!any_tail(p, false, &value))
    return failed_twice(p, &failure);
  if (!parser_is(p, REGO_TOKEN_COMMA) && !parser_is(p, REGO_TOKEN_RBRACE)) {
    parser_unexpected(p, "non-terminated object");
    return failed_twice(p, &failure);
  }
  if (!parser_push_term(p, key) || !parser_push_term(p, &value))
    return false;
  parser_take(p, REGO_TOKEN_COMMA);
  return pairs(p) && take_items(p, from, REGO_OBJECT, parser_place_from(p, first), ret);
}

/* { ... }: a set, an object, or a comprehension of either. */
static bool primary_braces(struct parser *p, struct rego_term *ret)
{
  uint32_t first = p->at;
  struct parser_failure failure = {0};
  struct rego_term head;
  parser_advance(p);
  if (parser_take(p, REGO_TOKEN_RBRACE))
    return take_items(p, p->terms.count, REGO_OBJECT, parser_place_from(p, first), ret);
  bool comma = parser_take(p, REGO_TOKEN_COMMA);
  if (!parser_term(p, &head))
    return false;
  if (parser_is(p, REGO_TOKEN_OR) && !comma) {
    enum parser_answer answer =
        comprehension(p, REGO_SET_COMPREHENSION, REGO_TOKEN_RBRACE, NULL, &head, ret, &failure);
    ret->place = parser_place_from(p, first);
    if (answer != PARSER_NO)
      return answer == PARSER_YES;
    return set_from(p, first, &head, ret) || failed_twice(p, &failure);
  }
  if (!any_tail(p, false, &head))
    return false;
  if (parser_is(p, REGO_TOKEN_COLON))
    return object_from(p, first, &head, !comma, ret);
  if (parser_is(p, REGO_TOKEN_COMMA) || parser_is(p, REGO_TOKEN_RBRACE))
    return set_from(p, first, &head, ret);
  return parser_unexpected(p, "non-terminated set");
}

/* ---- the others */

static bool primary_parens(struct parser *p, struct rego_term *ret)
{
  uint32_t first = p->at;
  parser_advance(p);
  if (!parser_infix(p, true, ret))
    return false;
  if (!parser_take(p, REGO_TOKEN_RPAREN))
    return parser_fail_here(p, "non-terminated expression");
  ret->place = parser_place_from(p, first);
  return true;
}

static bool primary_constant(struct parser *p, struct rego_term *ret)
{
  enum rego_token_kind kind = parser_kind(p);
  if (!parser_count(p, 1))
    return false;
  *ret = (struct rego_term){
      .kind = REGO_SCALAR,
      .height = 1,
      .place = parser_place_of(p, p->at),
      .value = kind == REGO_TOKEN_NULL ? value_null() : value_bool(kind == REGO_TOKEN_TRUE),
  };
  parser_advance(p);
  return true;
}

/* -1, or the negation of a reference or call: -x is 0 - x. */
static bool primary_minus(struct parser *p, struct rego_term *ret)
{
  enum rego_token_kind next = parser_kind_of(p, p->at + 1);
  if (next != REGO_TOKEN_IDENT && next != REGO_TOKEN_CONTAINS)
    return parser_number(p, ret);
  uint32_t first = p->at;
  parser_advance(p);
  struct rego_term operand;
  if (!parser_var(p, &operand) || !parser_suffix(p, false, &operand) || !parser_count(p, 1))
    return false;
  *ret = (struct rego_term){.kind = REGO_SCALAR, .height = 1, .value = value_int(0)};
  if (!make_infix(p, REGO_OP_MINUS, ret, &operand, 1))
    return false;
  ret->place = parser_place_from(p, first);
  return true;
}

/* `and(x, y)` and `or(x, y)` are calls, whatever the words mean elsewhere. */
static bool primary_logical(struct parser *p, struct rego_term *ret)
{
  const struct rego_token *next = &p->tokens.items[p->at + 1].t;
  if (next->kind != REGO_TOKEN_LPAREN || (next->flags & REGO_TOKEN_SPACED))
    return parser_unexpected_token(p);
  return parser_var(p, ret);
}

static bool (*const primaries[REGO_TOKEN_KINDS])(struct parser *, struct rego_term *) = {
    [REGO_TOKEN_NULL] = primary_constant,
    [REGO_TOKEN_TRUE] = primary_constant,
    [REGO_TOKEN_FALSE] = primary_constant,
    [REGO_TOKEN_IDENT] = parser_var,
    [REGO_TOKEN_CONTAINS] = parser_var,
    [REGO_TOKEN_LOGICAL_AND] = primary_logical,
    [REGO_TOKEN_LOGICAL_OR] = primary_logical,
    [REGO_TOKEN_NUMBER] = parser_number,
    [REGO_TOKEN_DOT] = parser_number,
    [REGO_TOKEN_MINUS] = primary_minus,
    [REGO_TOKEN_STRING] = parser_string,
    [REGO_TOKEN_RAW_STRING] = parser_raw_string,
    [REGO_TOKEN_TEMPLATE_PART] = parser_template,
    [REGO_TOKEN_TEMPLATE_END] = parser_template,
    [REGO_TOKEN_LBRACK] = primary_array,
    [REGO_TOKEN_LBRACE] = primary_braces,
    [REGO_TOKEN_LPAREN] = primary_parens,
};

static const struct parser_memo *memo_find(const struct parser *p)
{
  uint32_t number = p->tokens.items[p->at].memo;
  if (number == 0 || number > p->memos.count || p->memos.items[number - 1].token != p->at)
    return NULL;
  return &p->memos.items[number - 1];
}

static void memo_add(struct parser *p, uint32_t token, bool ok, const struct rego_term *term)
{
  struct parser_memo memo = {.token = token, .end = p->at, .ok = ok};
  if (ok)
    memo.term = *term;
  else
    memo.failure = p->failure;
  vec_push(&p->memos, memo);
  p->tokens.items[token].memo = (uint32_t)p->memos.count;
}

static bool memo_use(struct parser *p, const struct parser_memo *memo, struct rego_term *ret)
{
  p->at = memo->end;
  if (memo->ok)
    *ret = memo->term;
  else if (!p->failure.noted)
    p->failure = memo->failure;
  return memo->ok;
}

bool parser_term(struct parser *p, struct rego_term *ret)
{
  uint32_t first = p->at;
  enum rego_token_kind kind = parser_kind(p);
  bool nested = kind == REGO_TOKEN_LBRACE || kind == REGO_TOKEN_LBRACK ||
                kind == REGO_TOKEN_LPAREN || kind == REGO_TOKEN_TEMPLATE_PART;
  const struct parser_memo *memo = nested ? memo_find(p) : NULL;
  if (memo)
    return memo_use(p, memo, ret);
  if (!primaries[kind])
    return parser_unexpected_token(p);
  if (!parser_enter(p))
    return false;
  bool ok = primaries[kind](p, ret) && parser_suffix(p, false, ret);
  parser_leave(p);
  if (nested && p->trying && !p->over)
    memo_add(p, first, ok, ret);
  return ok;
}
