/*
 * ast_value.h - a module's tree as a value: OPA's JSON of it, which rego.parse_module gives.
 *
 *     struct value v;
 *     if (rego_module_value(&arena, module, &v, &err) < 0) ...
 *
 * Members are those of OPA 1.x without locations: "package", "imports", "rules", "comments". Infix
 * operators are calls of their built-in functions; wildcards are variables "$0", "$1" and so on.
 * Objects and sets of constants are sorted, as OPA has them; others stay as they were written.
 *
 * Errors: SW_ELIMIT if the arena's limit is passed.
 *
 * Ownership: the value lies in the arena and views the module's text and file name. Thread safety: any
 * number of threads, each with its own arena.
 */
#ifndef SEAWALL_LANG_REGO_AST_VALUE_H
#define SEAWALL_LANG_REGO_AST_VALUE_H

#include "base/arena.h"
#include "base/error.h"
#include "lang/rego/ast.h"

int rego_module_value(struct arena *a, const struct rego_module *module, struct value *ret,
                      struct error *err);

#endif
