#include "lang/rego/ast_print.h"

#include "data/json_write.h"
#include "data/number.h"
#include "lang/rego/lexer.h"

struct printer {
  struct buf *out;
  const struct rego_names *names;
};

static void print_term(const struct printer *w, const struct rego_term *term);
static void print_expr(const struct printer *w, const struct rego_expr *expr);
static void print_rest(const struct printer *w, const struct rego_expr *expr);

static void text(const struct printer *w, const char *s)
{
  buf_add_text(w->out, s);
}

static void print_string(const struct printer *w, struct str s)
{
  json_write_string(w->out, s);
}

static void print_scalar(const struct printer *w, struct value value)
{
  switch (value.type) {
  case VALUE_NULL:
    text(w, "null");
    break;
  case VALUE_BOOL:
    text(w, value.boolean ? "true" : "false");
    break;
  case VALUE_NUMBER:
    number_write(w->out, value);
    break;
  default:
    print_string(w, value_str(value));
  }
}

static void print_in_parens(const struct printer *w, const struct rego_term *term)
{
  text(w, "(");
  print_term(w, term);
  text(w, ")");
}

static bool is_infix(const struct rego_term *term)
{
  return term->kind == REGO_CALL && term->op != REGO_OP_NAMED;
}

/* ---- where parentheses are needed */

/* In brackets, `a | ...` with nothing in front of the `|` but one term is a comprehension. */
static bool begins_with_union(const struct rego_term *term)
{
  while (is_infix(term)) {
    const struct rego_term *left = &term->items[0];
    if (term->op == REGO_OP_OR && !is_infix(left))
      return true;
    if (is_infix(left) && rego_op_binding(left->op) < rego_op_binding(term->op))
      return false; /* written in parentheses */
    term = left;
  }
  return false;
}

static void print_element(const struct printer *w, const struct rego_term *term)
{
  if (begins_with_union(term) || (is_infix(term) && term->op == REGO_OP_IN_PAIR))
    print_in_parens(w, term);
  else
    print_term(w, term);
}

/* What may be one term only: heads of comprehensions and references. */
static void print_single(const struct printer *w, const struct rego_term *term)
{
  if (is_infix(term))
    print_in_parens(w, term);
  else
    print_term(w, term);
}

static void print_argument(const struct printer *w, const struct rego_term *term, int least)
{
  if (is_infix(term) && (rego_op_binding(term->op) < least || term->op == REGO_OP_IN_PAIR))
    print_in_parens(w, term);
  else
    print_term(w, term);
}

static void print_infix(const struct printer *w, const struct rego_term *term)
{
  int binding = rego_op_binding(term->op);
  uint32_t last = term->count - 1;
  for (uint32_t i = 0; i < last; i++) {
    if (i)
      text(w, ", ");
    print_argument(w, &term->items[i], last > 1 ? binding + 1 : binding);
  }
  text(w, " ");
  buf_add(w->out, rego_op_sign(term->op));
  text(w, " ");
  print_argument(w, &term->items[last], binding + 1);
}

/* ---- terms */

static void print_elements(const struct printer *w, const struct rego_term *items, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++) {
    if (i)
      text(w, ", ");
    print_element(w, &items[i]);
  }
}

static void print_ref(const struct printer *w, const struct rego_term *items, uint32_t count)
{
  print_single(w, &items[0]);
  for (uint32_t i = 1; i < count; i++) {
    struct str name = rego_is_string(&items[i]) ? value_str(items[i].value) : STR_EMPTY;
    if (rego_is_identifier(name)) {
      text(w, ".");
      buf_add(w->out, name);
    } else {
      text(w, "[");
      print_argument(w, &items[i], 0);
      text(w, "]");
    }
  }
}

static void print_object(const struct printer *w, const struct rego_term *term)
{
  text(w, "{");
  const struct rego_term *item = term->items;
  for (uint32_t i = 0; i < term->count; i++, item += 2) {
    if (i)
      text(w, ", ");
    print_element(w, &item[0]);
    text(w, ": ");
    print_element(w, &item[1]);
  }
  text(w, "}");
}

static void print_set(const struct printer *w, const struct rego_term *term)
{
  if (term->count == 0) {
    text(w, "set()");
    return;
  }
  text(w, "{");
  print_elements(w, term->items, term->count);
  text(w, "}");
}

static void print_comprehension(const struct printer *w, const struct rego_term *term)
{
  const struct rego_comprehension *c = term->comprehension;
  bool array = term->kind == REGO_ARRAY_COMPREHENSION;
  text(w, array ? "[" : "{");
  if (term->kind == REGO_OBJECT_COMPREHENSION) {
    print_element(w, &c->key);
    text(w, ": ");
  }
  print_single(w, &c->value);
  text(w, " | ");
  rego_print_body(w->out, w->names, c->body);
  text(w, array ? "]" : "}");
}

static void print_call(const struct printer *w, const struct rego_term *term)
{
  if (is_infix(term)) {
    print_infix(w, term);
    return;
  }
  if (term->items[0].kind == REGO_REF)
    print_ref(w, term->items[0].items, term->items[0].count);
  else
    print_term(w, &term->items[0]);
  text(w, "(");
  for (uint32_t i = 1; i < term->count; i++) {
    if (i > 1)
      text(w, ", ");
    print_argument(w, &term->items[i], 0);
  }
  text(w, ")");
}

/* A string's text as JSON has it, without the quotes, and with its braces escaped. */
static void print_template_text(const struct printer *w, struct str s)
{
  _cleanup_(buf_free) struct buf quoted = {0};
  json_write_string(&quoted, s);
  struct str inner = str_sub(buf_str(&quoted), 1, quoted.len - 2);
  for (size_t i = 0; i < inner.len; i++) {
    if (inner.data[i] == '{')
      buf_add_byte(w->out, '\\');
    buf_add_byte(w->out, inner.data[i]);
  }
}

static void print_template(const struct printer *w, const struct rego_term *term)
{
  text(w, "$\"");
  for (uint32_t i = 0; i < term->count; i++) {
    const struct rego_expr *part = &term->parts[i];
    if (part->kind == REGO_EXPR_TEXT) {
      print_template_text(w, value_str(part->terms[0].value));
      continue;
    }
    text(w, "{");
    print_expr(w, part);
    text(w, "}");
  }
  text(w, "\"");
}

static void print_term(const struct printer *w, const struct rego_term *term)
{
  switch ((enum rego_term_kind)term->kind) {
  case REGO_SCALAR:
    print_scalar(w, term->value);
    break;
  case REGO_VAR:
    buf_add(w->out, rego_names_text(w->names, term->var));
    break;
  case REGO_REF:
    print_ref(w, term->items, term->count);
    break;
  case REGO_ARRAY:
    text(w, "[");
    print_elements(w, term->items, term->count);
    text(w, "]");
    break;
  case REGO_OBJECT:
    print_object(w, term);
    break;
  case REGO_SET:
    print_set(w, term);
    break;
  case REGO_ARRAY_COMPREHENSION:
  case REGO_OBJECT_COMPREHENSION:
  case REGO_SET_COMPREHENSION:
    print_comprehension(w, term);
    break;
  case REGO_CALL:
    print_call(w, term);
    break;
  case REGO_TEMPLATE:
    print_template(w, term);
    break;
  }
}

/* ---- expressions */

/* Does the text of the term begin with a brace? */
static bool begins_with_brace(const struct rego_term *term)
{
  for (;;) {
    switch ((enum rego_term_kind)term->kind) {
    case REGO_OBJECT:
    case REGO_OBJECT_COMPREHENSION:
    case REGO_SET_COMPREHENSION:
      return true;
    case REGO_SET:
      return term->count > 0;
    case REGO_REF:
      if (is_infix(&term->items[0]))
        return false;
      term = &term->items[0];
      break;
    case REGO_CALL:
      if (is_infix(term) && is_infix(&term->items[0]) &&
          rego_op_binding(term->items[0].op) < rego_op_binding(term->op))
        return false;
      term = &term->items[0];
      break;
    default:
      return false;
    }
  }
}

static void print_braces(const struct printer *w, struct rego_body body)
{
  text(w, "{ ");
  const struct rego_expr *first = &body.items[0];
  bool sum = first->kind == REGO_EXPR_TERM && !first->negated && is_infix(&first->terms[0]) &&
             first->terms[0].op == REGO_OP_OR && !first->with_count;
  if (sum) { /* without parentheses it would be a comprehension */
    print_in_parens(w, &first->terms[0]);
    if (body.count > 1)
      text(w, "; ");
    body.items++;
    body.count--;
  }
  rego_print_body(w->out, w->names, body);
  text(w, " }");
}

/* A term, or two with = or := between them, and nothing in front. */
static bool is_terms(const struct rego_expr *expr)
{
  return !expr->negated && (expr->kind == REGO_EXPR_TERM || expr->kind == REGO_EXPR_ASSIGN ||
                            expr->kind == REGO_EXPR_UNIFY);
}

/* An expression without `with`, as an operand or behind `not`: braces at its start would be taken
 * for a body. */
static void print_shielded(const struct printer *w, const struct rego_expr *expr)
{
  if (!is_terms(expr) || !begins_with_brace(&expr->terms[0])) {
    print_expr(w, expr);
    return;
  }
  print_in_parens(w, &expr->terms[0]);
  print_rest(w, expr);
}

/* Does an operand of `around` (REGO_EXPR_AND, _OR or _NOT) need parentheses? */
static bool is_group(const struct rego_operand *operand, enum rego_expr_kind around)
{
  const struct rego_expr *expr = &operand->body.items[0];
  if (operand->braces)
    return false;
  if (around == REGO_EXPR_NOT && (expr->kind == REGO_EXPR_NOT || expr->negated))
    return true;
  return expr->with_count || expr->kind == REGO_EXPR_OR ||
         (expr->kind == REGO_EXPR_AND && around != REGO_EXPR_OR);
}

static void print_operand(const struct printer *w, const struct rego_operand *operand,
                          enum rego_expr_kind around)
{
  bool group = is_group(operand, around);
  if (operand->braces) {
    print_braces(w, operand->body);
    return;
  }
  text(w, group ? "(" : "");
  print_shielded(w, &operand->body.items[0]);
  text(w, group ? ")" : "");
}

static void print_other_operands(const struct printer *w, const struct rego_expr *expr)
{
  for (uint32_t i = 1; i < expr->count; i++) {
    text(w, expr->kind == REGO_EXPR_AND ? " and " : " or ");
    print_operand(w, &expr->operands[i], (enum rego_expr_kind)expr->kind);
  }
}

static void print_logic(const struct printer *w, const struct rego_expr *expr)
{
  print_operand(w, &expr->operands[0], (enum rego_expr_kind)expr->kind);
  print_other_operands(w, expr);
}

static void print_some(const struct printer *w, const struct rego_expr *expr)
{
  text(w, "some ");
  uint32_t names = expr->kind == REGO_EXPR_SOME ? expr->count : expr->count - 1;
  int least = rego_op_binding(REGO_OP_IN) + 1;
  for (uint32_t i = 0; i < names; i++) {
    if (i)
      text(w, ", ");
    print_argument(w, &expr->terms[i], names > 1 ? least : least - 1);
  }
  if (expr->kind == REGO_EXPR_SOME)
    return;
  text(w, " in ");
  print_argument(w, &expr->terms[names], least);
}

static void print_every(const struct printer *w, const struct rego_every *every)
{
  text(w, "every ");
  if (every->has_key) {
    print_term(w, &every->key);
    text(w, ", ");
  }
  print_term(w, &every->value);
  text(w, " in ");
  print_argument(w, &every->domain, rego_op_binding(REGO_OP_IN) + 1);
  text(w, " { ");
  rego_print_body(w->out, w->names, every->body);
  text(w, " }");
}

static void print_withs(const struct printer *w, const struct rego_expr *expr)
{
  for (uint32_t i = 0; i < expr->with_count; i++) {
    text(w, " with ");
    print_term(w, &expr->with[i].target);
    text(w, " as ");
    print_argument(w, &expr->with[i].value, 0);
  }
}

/* What stands behind the first term. */
static void print_rest(const struct printer *w, const struct rego_expr *expr)
{
  if (expr->kind != REGO_EXPR_TERM) {
    text(w, expr->kind == REGO_EXPR_ASSIGN ? " := " : " = ");
    print_argument(w, &expr->terms[1], 0);
  }
  print_withs(w, expr);
}

static void print_expr(const struct printer *w, const struct rego_expr *expr)
{
  if (expr->negated)
    text(w, "not ");
  switch ((enum rego_expr_kind)expr->kind) {
  case REGO_EXPR_TEXT:
    break; /* print_template does these */
  case REGO_EXPR_TERM:
    print_term(w, &expr->terms[0]);
    print_rest(w, expr);
    return;
  case REGO_EXPR_ASSIGN:
  case REGO_EXPR_UNIFY:
    print_argument(w, &expr->terms[0], 0);
    print_rest(w, expr);
    return;
  case REGO_EXPR_SOME:
  case REGO_EXPR_SOME_IN:
    print_some(w, expr);
    break;
  case REGO_EXPR_EVERY:
    print_every(w, expr->every);
    break;
  case REGO_EXPR_NOT:
    text(w, "not ");
    print_operand(w, &expr->operands[0], REGO_EXPR_NOT);
    break;
  case REGO_EXPR_AND:
  case REGO_EXPR_OR:
    print_logic(w, expr);
    break;
  }
  print_withs(w, expr);
}

void rego_print_term(struct buf *out, const struct rego_names *names, const struct rego_term *term)
{
  print_term(&(struct printer){out, names}, term);
}

void rego_print_expr(struct buf *out, const struct rego_names *names, const struct rego_expr *expr)
{
  print_expr(&(struct printer){out, names}, expr);
}

void rego_print_body(struct buf *out, const struct rego_names *names, struct rego_body body)
{
  for (uint32_t i = 0; i < body.count; i++) {
    if (i)
      buf_add(out, STR("; "));
    rego_print_expr(out, names, &body.items[i]);
  }
}

/* ---- rules and modules */

void rego_print_head(struct buf *out, const struct rego_names *names, const struct rego_head *head)
{
  struct printer w = {out, names};
  print_ref(&w, head->ref, head->ref_count);
  if (!head->arg_count)
    return;
  text(&w, "(");
  for (uint32_t i = 0; i < head->arg_count; i++) {
    if (i)
      text(&w, ", ");
    print_argument(&w, &head->args[i], 0);
  }
  text(&w, ")");
}

static void print_value(const struct printer *w, const struct rego_head *head)
{
  if (!head->value_written)
    return;
  text(w, head->assigned ? " := " : " = ");
  print_argument(w, &head->value, 0);
}

/* The head of a reference whose name is a keyword elsewhere may only stand at the very start. */
static bool begins_with_keyword(const struct printer *w, const struct rego_term *term)
{
  while (is_infix(term) || term->kind == REGO_REF)
    term = &term->items[0];
  return term->kind == REGO_VAR &&
         rego_word_kind(rego_names_text(w->names, term->var)) != REGO_TOKEN_IDENT;
}

static void print_first(const struct printer *w, const struct rego_expr *expr, bool is_operand);

static void print_first_operand(const struct printer *w, const struct rego_expr *expr)
{
  const struct rego_operand *first = &expr->operands[0];
  if (first->braces || is_group(first, (enum rego_expr_kind)expr->kind))
    print_operand(w, first, (enum rego_expr_kind)expr->kind);
  else
    print_first(w, &first->body.items[0], true);
}

/* The first expression behind `if {`, where `a | b` would make the braces a comprehension. */
static void print_first(const struct printer *w, const struct rego_expr *expr, bool is_operand)
{
  if (!expr->negated && (expr->kind == REGO_EXPR_AND || expr->kind == REGO_EXPR_OR)) {
    print_first_operand(w, expr);
    print_other_operands(w, expr);
    print_withs(w, expr);
  } else if (is_terms(expr) && begins_with_union(&expr->terms[0]) &&
             !begins_with_keyword(w, &expr->terms[0])) {
    print_in_parens(w, &expr->terms[0]);
    print_rest(w, expr);
  } else if (is_operand) {
    print_shielded(w, expr);
  } else {
    print_expr(w, expr);
  }
}

static void print_rule_body(const struct printer *w, const struct rego_rule *rule)
{
  _cleanup_(buf_free) struct buf line = {0};
  struct printer lines = {&line, w->names};
  if (rule->body.count == 0)
    return;
  text(w, rule->head.keyword_if ? " if {" : " {");
  for (uint32_t i = 0; i < rule->body.count; i++) {
    buf_clear(&line);
    if (i == 0 && rule->head.keyword_if)
      print_first(&lines, &rule->body.items[i], false);
    else
      print_expr(&lines, &rule->body.items[i]);
    /* A minus would go on with the line before. */
    text(w, i && str_starts(buf_str(&line), STR("-")) ? ";\n\t" : "\n\t");
    buf_add(w->out, buf_str(&line));
  }
  text(w, "\n}");
}

void rego_print_rule(struct buf *out, const struct rego_names *names, const struct rego_rule *rule)
{
  struct printer w = {out, names};
  const struct rego_head *head = &rule->head;
  if (rule->is_default)
    text(&w, "default ");
  rego_print_head(out, names, head);
  if (head->kind != REGO_RULE_SET) {
    print_value(&w, head);
  } else if (head->keyword_contains) {
    text(&w, " contains ");
    print_argument(&w, &head->key, 0);
  } else {
    text(&w, "[");
    print_argument(&w, &head->key, 0);
    text(&w, "]");
  }
  print_rule_body(&w, rule);
  for (rule = rule->otherwise; rule; rule = rule->otherwise) {
    text(&w, " else");
    print_value(&w, &rule->head);
    print_rule_body(&w, rule);
  }
}

static void print_path(const struct printer *w, const struct rego_term *path, uint32_t count)
{
  buf_add(w->out, value_str(path[0].value));
  for (uint32_t i = 1; i < count; i++) {
    struct str name = value_str(path[i].value);
    if (rego_is_identifier(name)) {
      text(w, ".");
      buf_add(w->out, name);
    } else {
      text(w, "[");
      print_string(w, name);
      text(w, "]");
    }
  }
}

void rego_print_module(struct buf *out, const struct rego_module *module)
{
  struct printer w = {out, module->names};
  text(&w, "package ");
  print_path(&w, module->package.path, module->package.path_count);
  text(&w, "\n");
  for (uint32_t i = 0; i < module->import_count; i++) {
    const struct rego_import *import = &module->imports[i];
    text(&w, "\nimport ");
    print_path(&w, import->path, import->path_count);
    if (import->alias.len) {
      text(&w, " as ");
      buf_add(out, import->alias);
    }
  }
  if (module->import_count)
    text(&w, "\n");
  for (uint32_t i = 0; i < module->rule_count; i++) {
    text(&w, "\n");
    rego_print_rule(out, module->names, &module->rules[i]);
    text(&w, "\n");
  }
}
