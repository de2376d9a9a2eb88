/*
 * ast_print.h - the text of a tree (ast.h), in one canonical form.
 *
 * For messages and explanations. The text is valid Rego: parsed with the same
 * version and keywords, it gives an equal tree (rego_module_equal and the like).
 * Strings are written with quotes and JSON's escapes, numbers as they were,
 * operators with the parentheses that they need and no others, `-x` as `0 - x`.
 * Comments and annotations are not written.
 *
 * Terms and expressions are one line; rules have a line for each expression of
 * their body. What an error message quotes should be cut, since a term may be as
 * long as the module.
 *
 * Nothing fails but the buf's cap. Thread safety: any thread.
 */
#ifndef SEAWALL_LANG_REGO_AST_PRINT_H
#define SEAWALL_LANG_REGO_AST_PRINT_H

#include "base/buf.h"
#include "lang/rego/ast.h"

void rego_print_term(struct buf *out, const struct rego_names *names, const struct rego_term *term);
void rego_print_expr(struct buf *out, const struct rego_names *names, const struct rego_expr *expr);

/* Expressions with "; " between them. */
void rego_print_body(struct buf *out, const struct rego_names *names, struct rego_body body);

/* The name with its arguments: p.q[x], f(x, y). */
void rego_print_head(struct buf *out, const struct rego_names *names, const struct rego_head *head);

/* A rule with its else-branches; `if` and `contains` are written where they stood in the source. */
void rego_print_rule(struct buf *out, const struct rego_names *names, const struct rego_rule *rule);

/* A whole module. */
void rego_print_module(struct buf *out, const struct rego_module *module);

#endif
