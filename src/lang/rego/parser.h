/*
 * parser.h - from the text of a Rego module, query or term to its tree (ast.h).
 *
 *     struct rego_options options = {.name = name, .names = names};
 *     struct rego_errors errors;
 *     const struct rego_module *module;
 *     if (rego_parse_module(&arena, text, &options, &module, &errors, &err) < 0)
 *         return show(&errors);
 *
 * The grammar is OPA's, for v1 (the default) and v0, and so is what is accepted
 * beyond the published grammar: commas at the ends and starts of lists, rules on
 * one line, operators on the next line, keywords behind dots. Some consequences
 * that are easily forgotten:
 *  - `[a | b]` and `{a | b}` are comprehensions, `[a | b, c]` is a list.
 *  - `p if { x }` has the body x, not a set; `p if {"a": 1}` has an object.
 *  - `a.b(c)`, `a[b]` and `a(b)` must be written without spaces, except in the
 *    heads of rules.
 *  - `p.q { ... }` and `p[x] { ... }` are partial sets in v0, `p.q.r { ... }` is not.
 *  - In v1, a chain `p if { a } { b }` is two rules.
 *
 * In v0, `in`, `every`, `contains` and `if` are keywords once they were imported
 * (`future.keywords`, `future.keywords.x`, `rego.v1`); `import rego.v1` also holds
 * the module to what v1 demands. In both, `import future.keywords.not` changes what
 * `not` is (REGO_EXPR_NOT). `and` and `or` are importable if options.experimental.
 *
 * Errors are those that OPA calls rego_parse_error, in its words: everything about
 * syntax; in v1, rules without `if` or `contains`; rule heads that are none; default
 * rules that are not constant; imports that lead nowhere; METADATA blocks that are
 * broken. After an error the parser goes on with the next line that begins with a
 * word, so that several statements' errors are found; what OPA finds only in whole
 * modules (package missing, `if` missing) is told only if the syntax is sound.
 *
 * Left to whoever checks the tree (rego_compile_error and others in OPA): imports
 * that shadow each other; rules, arguments and variables called `input` or `data`;
 * deprecated and unknown functions; arity; rules of different kinds under one name;
 * repeated defaults; recursion; unsafe, unused and redeclared variables; `with` on
 * what cannot be replaced; `:=` on what is no variable; else-branches and values
 * that conflict.
 *
 * Limits: REGO_SIZE_MAX bytes; REGO_DEPTH_MAX terms, bodies and groups inside each
 * other, and REGO_HEIGHT_MAX levels of tree; REGO_NODES_MAX; the arena's limit. All
 * are rego_parse_errors. Exceeding one ends the parse. Time is linear in the text
 * but for what is nested in braces and brackets, where it is at most their depth
 * times as much. The stack takes less than 512 KiB.
 *
 * Returns: 0; SW_EINVAL (errors were found); SW_ELIMIT (a limit was exceeded).
 * *ret_errors (may be NULL) holds all that was found, err the first. After an error
 * the arena holds the messages, and garbage.
 *
 * Ownership: the tree lies in the arena and views the text. Variables are entered
 * into options->names, which is the one thing that is written to besides.
 *
 * Thread safety: any number of threads, each with its own arena and names.
 */
#ifndef SEAWALL_LANG_REGO_PARSER_H
#define SEAWALL_LANG_REGO_PARSER_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "lang/rego/ast.h"
#include "lang/rego/errors.h"

enum {
  REGO_SIZE_MAX = 10 << 20, /* bytes of a text */
  REGO_DEPTH_MAX = 250,
};

struct rego_options {
  struct str name;           /* of the file, for messages; may be empty */
  uint32_t file;             /* goes into every place */
  enum rego_version version; /* REGO_V1 or REGO_V0 */
  uint32_t keywords;         /* enum rego_keyword: in force from the start, besides the version's */
  bool experimental;         /* `and` and `or` may be imported */
  bool annotations;          /* read METADATA blocks */
  struct rego_names *names;  /* needed */
};

/* A module: package, imports, rules. */
int rego_parse_module(struct arena *a, struct str text, const struct rego_options *options,
                      const struct rego_module **ret_module, struct rego_errors *ret_errors,
                      struct error *err);

/* A query: expressions, separated by semicolons or line breaks. */
int rego_parse_query(struct arena *a, struct str text, const struct rego_options *options,
                     struct rego_body *ret_body, struct rego_errors *ret_errors, struct error *err);

/* One term and nothing else: `data.a.b`, `{"x": [1, 2]}`, `1 + 2`. */
int rego_parse_term(struct arena *a, struct str text, const struct rego_options *options,
                    struct rego_term *ret_term, struct rego_errors *ret_errors, struct error *err);

#endif
