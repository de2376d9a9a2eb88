#include "lang/builtin.h"
#include "lang/rego/ast_print.h"
#include "lang/rego/parser_int.h"

/* A head as it is read, before it is known what rule it begins. */
struct draft {
  struct rego_head head;
  bool has_value, has_key;
  bool is_call; /* f(...), with or without arguments */
};

/* ---- heads */

static bool is_operator(enum rego_token_kind kind)
{
  return kind >= REGO_TOKEN_EQUAL && kind <= REGO_TOKEN_OR;
}

/* The head's reference and arguments, from the term that was read. False if it is no head. */
static bool split_head(const struct rego_term *term, struct draft *ret)
{
  const struct rego_term *name = term;
  *ret = (struct draft){0};
  if (term->kind == REGO_CALL && term->op == REGO_OP_NAMED) {
    name = &term->items[0];
    ret->is_call = true;
    ret->head.args = rego_call_args(term);
    ret->head.arg_count = rego_call_arg_count(term);
  }
  if (name->kind == REGO_VAR) {
    ret->head.ref = name;
    ret->head.ref_count = 1;
  } else if (name->kind == REGO_REF) {
    ret->head.ref = name->items;
    ret->head.ref_count = name->count;
  }
  return ret->head.ref_count && ret->head.ref[0].kind == REGO_VAR;
}

static struct rego_term *copy_term(struct parser *p, const struct rego_term *term)
{
  struct rego_term *copy = arena_array(p->arena, struct rego_term, 1);
  *copy = *term;
  return copy;
}

/* The text of a head's reference, for messages. */
static struct str head_name(struct parser *p, const struct draft *draft)
{
  struct rego_term ref = {
      .kind = REGO_REF, .count = draft->head.ref_count, .items = draft->head.ref};
  _cleanup_(buf_free) struct buf out = {.cap = 4096};
  rego_print_term(&out, p->names, &ref);
  return arena_copy(p->arena, str_sub(buf_str(&out), 0, 200));
}

/* A failure at the very first token of what was expected is told as what was expected. */
static bool expected(struct parser *p, uint32_t first, const char *what, const char *before,
                     const struct draft *draft, const char *after)
{
  if (p->over || !p->failure.bare || p->failure.token != first)
    return false;
  p->failure.noted = false;
  p->failure.bare = false;
  struct str name = head_name(p, draft);
  return parser_unexpected(p, "expected %s (e.g., %s%.*s%s)", what, before, STR_FMT(name), after);
}

static bool read_key(struct parser *p, struct draft *io)
{
  if (io->is_call) {
    struct str name = head_name(p, io);
    return parser_unexpected(p,
                             "the contains keyword can only be used with multi-value rule "
                             "definitions (e.g., %.*s contains <VALUE> { ... })",
                             STR_FMT(name));
  }
  parser_advance(p);
  uint32_t first = p->at;
  io->has_key = io->head.keyword_contains = true;
  return parser_infix(p, true, &io->head.key) ||
         expected(p, first, "rule key term", "", io, " contains <VALUE> { ... }");
}

static bool read_value(struct parser *p, bool is_default, struct draft *io)
{
  io->head.assigned = parser_is(p, REGO_TOKEN_ASSIGN);
  parser_advance(p);
  uint32_t first = p->at;
  io->has_value = io->head.value_written = true;
  if (parser_infix(p, true, &io->head.value))
    return true;
  if (io->is_call)
    return expected(p, first, "function value term", "", io, "(...) := <VALUE> { ... }");
  if (is_default)
    return expected(p, first, "default rule value term", "default ", io, " := <VALUE>");
  return expected(p, first, "rule value term", "", io, " := <VALUE> { ... }");
}

/* Name, arguments, key or value. */
static enum parser_answer read_head(struct parser *p, bool is_default, struct draft *ret)
{
  uint32_t first = p->at;
  struct rego_term term;
  if (!parser_var(p, &term))
    return PARSER_FAILED;
  if (!parser_spaced(p) && is_operator(parser_kind(p))) {
    parser_unexpected_token(p);
    return PARSER_FAILED;
  }
  if (!parser_suffix(p, true, &term))
    return PARSER_FAILED;
  if (!split_head(copy_term(p, &term), ret))
    return PARSER_NO;
  bool ok = true;
  if (parser_is(p, REGO_TOKEN_CONTAINS))
    ok = read_key(p, ret);
  else if (parser_is(p, REGO_TOKEN_ASSIGN) || parser_is(p, REGO_TOKEN_UNIFY))
    ok = read_value(p, is_default, ret);
  ret->head.place = parser_place_from(p, first);
  return ok ? PARSER_YES : PARSER_FAILED;
}

/* What the head begins, when it has a body or needs none. */
static void settle_head(struct parser *p, struct draft *io, bool has_if)
{
  struct rego_head *head = &io->head;
  if (head->arg_count) {
    head->kind = REGO_RULE_FUNCTION;
  } else if (io->has_key) {
    head->kind = REGO_RULE_SET;
  } else if (!has_if && !io->has_value && head->ref_count == 2) {
    head->kind = REGO_RULE_SET;
    head->key = head->ref[1];
    head->ref_count = 1;
  }
  if (head->kind != REGO_RULE_SET && !io->has_value)
    head->value = parser_true();
}

/* ---- default rules */

static bool check_constant(struct parser *p, const struct rego_term *term, struct rego_place place);

static bool check_parts(struct parser *p, const struct rego_term *template, struct rego_place place)
{
  for (uint32_t i = 0; i < template->count; i++)
    if ((template->parts[i].kind == REGO_EXPR_TERM || template->parts[i].kind == REGO_EXPR_TEXT) &&
        !check_constant(p, &template->parts[i].terms[0], place))
      return false;
  return true;
}

/* The value of a default rule: references, variables and calls only inside of comprehensions. */
static bool check_constant(struct parser *p, const struct rego_term *term, struct rego_place place)
{
  switch ((enum rego_term_kind)term->kind) {
  case REGO_REF:
  case REGO_VAR:
  case REGO_CALL:
    return parser_fail(p, place, "illegal default rule (value cannot contain %s)",
                       rego_term_name(term));
  case REGO_TEMPLATE:
    return check_parts(p, term, place);
  case REGO_ARRAY:
  case REGO_SET:
  case REGO_OBJECT: {
    uint32_t children = term->kind == REGO_OBJECT ? 2 * term->count : term->count;
    for (uint32_t i = 0; i < children; i++)
      if (!check_constant(p, &term->items[i], place))
        return false;
    return true;
  }
  default:
    return true;
  }
}

static bool check_default_args(struct parser *p, const struct rego_head *head,
                               struct rego_place place)
{
  for (uint32_t i = 0; i < head->arg_count; i++) {
    if (head->args[i].kind != REGO_VAR)
      return parser_fail(p, place, "illegal default rule (arguments cannot contain %s)",
                         rego_term_name(&head->args[i]));
    for (uint32_t j = 0; j < i; j++)
      if (head->args[i].var == head->args[j].var)
        return parser_fail(p, place, "illegal default rule (arguments cannot be repeated %.*s)",
                           STR_FMT(rego_names_text(p->names, head->args[i].var)));
  }
  return true;
}

static enum parser_answer default_rule(struct parser *p, uint32_t first, struct draft *draft)
{
  struct rego_rule rule = {.is_default = true};
  rule.place = parser_place_from(p, first);
  if (draft->has_key ||
      (!draft->has_value && draft->head.ref_count == 2 && !draft->head.arg_count)) {
    parser_fail(p, rule.place, "illegal default rule (must have a value)");
    return PARSER_FAILED;
  }
  settle_head(p, draft, true);
  rule.head = draft->head;
  if (!check_constant(p, &rule.head.value, rule.place) ||
      !check_default_args(p, &rule.head, rule.place))
    return PARSER_FAILED;
  vec_push(&p->rules, rule);
  return PARSER_YES;
}

/* ---- bodies */

/* Behind `if`: an expression, or a body in braces, which a set in braces is taken for. */
static bool if_body(struct parser *p, struct rego_body *ret)
{
  struct parser_mark mark = parser_mark(p);
  struct rego_expr expr;
  bool brace = parser_is(p, REGO_TOKEN_LBRACE);
  if (!brace)
    return parser_literal(p, &expr) && (*ret = parser_body_of(p, &expr), true);
  p->trying++;
  bool ok = parser_literal(p, &expr);
  p->trying--;
  if (ok && (expr.kind != REGO_EXPR_TERM || expr.terms[0].kind != REGO_SET)) {
    *ret = parser_body_of(p, &expr);
    return true;
  }
  if (p->over)
    return false;
  struct parser_failure failure = p->failure;
  parser_rewind(p, &mark);
  if (parser_braced_body(p, ret))
    return true;
  if (!ok && !p->over && failure.token > p->failure.token)
    p->failure = failure;
  return false;
}

static bool is_fixed(const struct rego_head *head)
{
  for (uint32_t i = 1; i < head->ref_count; i++)
    if (!rego_is_constant(&head->ref[i]))
      return false;
  return true;
}

static bool else_value(struct parser *p, struct rego_head *io)
{
  io->value_written = io->assigned = false;
  io->value = parser_true();
  if (parser_is(p, REGO_TOKEN_LBRACE) || parser_is(p, REGO_TOKEN_IF))
    return true;
  if (!parser_is(p, REGO_TOKEN_ASSIGN) && !parser_is(p, REGO_TOKEN_UNIFY))
    return parser_unexpected(p, "expected else value term or rule body");
  io->assigned = parser_is(p, REGO_TOKEN_ASSIGN);
  io->value_written = true;
  parser_advance(p);
  return parser_infix(p, true, &io->value);
}

static bool else_body(struct parser *p, struct rego_rule *io)
{
  io->head.keyword_if = parser_take(p, REGO_TOKEN_IF);
  if (parser_is(p, REGO_TOKEN_LBRACE))
    return parser_braced_body(p, &io->body);
  if (!io->head.keyword_if)
    return true;
  if (parser_is(p, REGO_TOKEN_EOF))
    return parser_unexpected(p, "rule body expected");
  struct rego_expr expr;
  if (!parser_literal(p, &expr))
    return false;
  io->body = parser_body_of(p, &expr);
  return true;
}

/* The chain of else-branches behind a rule. */
static bool else_chain(struct parser *p, struct rego_rule *rule)
{
  const struct rego_rule **tail = &rule->otherwise;
  while (parser_is(p, REGO_TOKEN_ELSE) && !parser_keyword_as_word(p)) {
    if (!is_fixed(&rule->head))
      return parser_fail_here(p, "else keyword cannot be used on rules with variables in head");
    if (rule->head.kind == REGO_RULE_SET)
      return parser_fail_here(p, "else keyword cannot be used on multi-value rules");
    uint32_t first = p->at;
    struct rego_rule *branch = arena_new(p->arena, struct rego_rule);
    branch->head = rule->head;
    parser_advance(p);
    if (!else_value(p, &branch->head))
      return false;
    branch->head.place = parser_place_from(p, first);
    if (!else_body(p, branch))
      return false;
    branch->place = parser_place_from(p, first);
    if (!parser_count(p, 1))
      return false;
    bool last = branch->body.count == 0;
    *tail = branch;
    tail = &branch->otherwise;
    if (last)
      break;
  }
  return true;
}

/* Further bodies behind the first: rules of their own, with the same head. */
static bool chained_rules(struct parser *p, const struct rego_rule *rule)
{
  while (parser_is(p, REGO_TOKEN_LBRACE)) {
    uint32_t first = p->at;
    struct rego_rule next = {.chained = true, .head = rule->head};
    if (rule->otherwise)
      return parser_fail_here(p, "expected else keyword");
    if (!parser_braced_body(p, &next.body))
      return false;
    next.place = parser_place_from(p, first);
    vec_push(&p->rules, next);
  }
  return true;
}

/* `p := 1` with nothing behind it on its line that could belong to it. */
static bool ends_here(struct parser *p)
{
  if (parser_is(p, REGO_TOKEN_EOF))
    return true;
  return (parser_token(p)->flags & REGO_TOKEN_NEW_LINE) && rego_token_is_word(parser_kind(p)) &&
         !parser_at_keyword(p, REGO_TOKEN_WITH) && !parser_at_logical(p);
}

static bool rule_with_body(struct parser *p, uint32_t first, struct draft *draft)
{
  struct rego_rule rule = {0};
  bool has_if = parser_at_keyword(p, REGO_TOKEN_IF);
  draft->head.keyword_if = has_if;
  settle_head(p, draft, has_if);
  rule.head = draft->head;
  if (parser_take(p, REGO_TOKEN_IF) ? !if_body(p, &rule.body) : !parser_braced_body(p, &rule.body))
    return false;
  if (!else_chain(p, &rule))
    return false;
  rule.place = parser_place_from(p, first);
  vec_push(&p->rules, rule);
  return chained_rules(p, &rule);
}

static enum parser_answer bodiless_rule(struct parser *p, uint32_t first, struct draft *draft)
{
  struct rego_rule rule = {0};
  settle_head(p, draft, true);
  rule.head = draft->head;
  rule.place = parser_place_from(p, first);
  vec_push(&p->rules, rule);
  return PARSER_YES;
}

static enum parser_answer no_rule(struct parser *p, const struct parser_mark *mark)
{
  parser_rewind(p, mark);
  return PARSER_NO;
}

enum parser_answer parser_rule(struct parser *p)
{
  struct parser_mark mark = parser_mark(p);
  uint32_t first = p->at;
  struct draft draft;
  parser_keyword_as_word(p);
  bool is_default = parser_take(p, REGO_TOKEN_DEFAULT);
  if (is_default)
    parser_keyword_as_word(p);
  if (!parser_is(p, REGO_TOKEN_IDENT))
    return no_rule(p, &mark);
  switch (read_head(p, is_default, &draft)) {
  case PARSER_FAILED:
    return PARSER_FAILED;
  case PARSER_NO:
    return no_rule(p, &mark);
  case PARSER_YES:
    break;
  }
  if (is_default)
    return default_rule(p, first, &draft);
  if (parser_at_keyword(p, REGO_TOKEN_IF) || parser_is(p, REGO_TOKEN_LBRACE))
    return rule_with_body(p, first, &draft) ? PARSER_YES : PARSER_FAILED;
  if (draft.has_key || (draft.has_value && ends_here(p)))
    return bodiless_rule(p, first, &draft);
  return no_rule(p, &mark);
}

/* ---- rules without a body, read as expressions */

static const char *not_a_head(const struct rego_expr *expr)
{
  if (expr->with_count)
    return "expressions using with keyword cannot be used for rule head";
  if (expr->negated)
    return "negated expressions cannot be used for rule head";
  switch ((enum rego_expr_kind)expr->kind) {
  case REGO_EXPR_SOME:
  case REGO_EXPR_SOME_IN:
    return "'some' declarations cannot be used for rule head";
  case REGO_EXPR_TERM:
  case REGO_EXPR_ASSIGN:
  case REGO_EXPR_UNIFY:
    return NULL;
  default:
    return "expression cannot be used for rule head";
  }
}

static void note_bad_head(struct parser *p, const struct rego_expr *expr)
{
  const struct rego_term *term = &expr->terms[0];
  _cleanup_(buf_free) struct buf text = {.cap = 4096};
  if (term->kind == REGO_REF || (term->kind == REGO_CALL && term->op == REGO_OP_NAMED)) {
    rego_print_term(&text, p->names, term);
    parser_note(p, &p->late, expr->place, "invalid rule head: %.*s",
                STR_FMT(str_sub(buf_str(&text), 0, 200)));
  } else if (term->kind == REGO_CALL) {
    parser_note(p, &p->late, expr->place, "rule name conflicts with built-in function");
  } else {
    parser_note(p, &p->late, expr->place, "%s cannot be used for rule name", rego_term_name(term));
  }
}

/* f(x) of a built-in function is a call that has gone astray, not a rule. */
static bool calls_builtin(const struct parser *p, const struct rego_expr *expr)
{
  const struct rego_term *term = &expr->terms[0];
  _cleanup_(buf_free) struct buf name = {.cap = 200};
  if (expr->kind != REGO_EXPR_TERM || term->kind != REGO_CALL || term->op != REGO_OP_NAMED)
    return false;
  rego_print_term(&name, p->names, &term->items[0]);
  return !buf_failed(&name) && builtin_find(buf_str(&name));
}

void parser_rule_from_query(struct parser *p, struct rego_body body)
{
  const struct rego_expr *expr = &body.items[0];
  struct rego_rule rule = {.place = expr->place};
  struct draft draft;
  if (body.count != 1) {
    parser_note(p, &p->late, expr->place, "multiple expressions cannot be used for rule head");
    return;
  }
  const char *why = not_a_head(expr);
  if (why) {
    parser_note(p, &p->late, expr->place, "%s", why);
    return;
  }
  if (calls_builtin(p, expr)) {
    parser_note(p, &p->late, expr->place, "rule name conflicts with built-in function");
    return;
  }
  bool alone = expr->kind == REGO_EXPR_TERM;
  if (!split_head(&expr->terms[0], &draft) || (alone && expr->terms[0].kind == REGO_VAR)) {
    note_bad_head(p, expr);
    return;
  }
  if (alone && draft.is_call && draft.head.arg_count == 0) {
    parser_note(p, &p->late, expr->place, "rule argument list must take at least one argument");
    return;
  }
  if (alone && !draft.is_call && draft.head.ref_count == 1) {
    parser_note(p, &p->late, expr->place, "refs cannot be used for rule head");
    return;
  }
  if (!alone) {
    draft.has_value = draft.head.value_written = true;
    draft.head.assigned = expr->kind == REGO_EXPR_ASSIGN;
    draft.head.value = expr->terms[1];
  }
  settle_head(p, &draft, false);
  draft.head.place = expr->place;
  rule.head = draft.head;
  vec_push(&p->rules, rule);
}

/* ---- what v1 demands */

static void check_rule(struct parser *p, const struct rego_rule *rule)
{
  const struct rego_head *head = &rule->head;
  const char *what = head->arg_count ? "function" : "rule";
  struct str name = rego_names_text(p->names, head->ref[0].var);
  enum rego_token_kind word = rego_word_kind(name);
  if (head->ref_count < 2 && word != REGO_TOKEN_IDENT && word < REGO_TOKEN_LOGICAL_AND)
    parser_note(p, &p->late, rule->place, "%.*s keyword cannot be used for rule name",
                STR_FMT(name));
  if (!rule->is_default && rule->body.count == 0 && head->kind == REGO_RULE_VALUE &&
      !head->value_written)
    parser_note(p, &p->late, rule->place, "%s must have value assignment and/or body declaration",
                what);
  if (!rule->is_default && rule->body.count && !head->keyword_if)
    parser_note(p, &p->late, rule->place, "`if` keyword is required before %s body", what);
  if (head->kind == REGO_RULE_SET && !head->keyword_contains)
    parser_note(p, &p->late, rule->place, "`contains` keyword is required for partial set rules");
}

void parser_check_rules(struct parser *p)
{
  for (size_t i = 0; i < p->rules.count; i++)
    for (const struct rego_rule *rule = &p->rules.items[i]; rule; rule = rule->otherwise)
      check_rule(p, rule);
}
