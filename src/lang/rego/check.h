/*
 * check.h - from trees (ast.h) to a checked, resolved program, ready for a planner.
 *
 *     struct check_options options = {.names = names};
 *     struct check_program *program;
 *     if (rego_check_modules(&arena, modules, count, &options, &program, &errors, &err) < 0)
 *         return show(&errors);
 *     rego_check_query(&arena, program, body, &options, &query, &errors, &err);
 *
 * What was a name in the source is now one of five things: a local of its rule (a number), a path
 * below `input`, a path below `data` (with the node of the rule tree it leads to), a built-in
 * function, or a function of some module. What remains of the language:
 *
 *  - Terms hold no calls. f(g(x)) has become the literals g(x) -> a; f(a), with `a` a new local,
 *    before the literal they were written in. They carry its `with`, not its `not`: as in OPA,
 *    `not f(g(x))` fails if g(x) is undefined. (REGO_EXPR_NOT is CHECK_NOT with a body of its own, in
 *    which everything stays inside.)
 *  - References begin with a local, `input` or `data`. Their operands may be any term.
 *  - Values in heads, elements of comprehensions and values of `with` are constants, locals, and
 *    arrays, objects and sets of these; what needed evaluation stands at the end of the body (for
 *    `with`: before the literal).
 *  - `:=` is unification with a new local, `some` is gone; `some x in xs` is x = xs[k].
 *  - a == b as a statement of a rule is CHECK_UNIFY with `test`: it binds nothing.
 *  - Strings with templates are calls of internal.template_string, print() is internal.print (or
 *    gone, see options.print): each takes one array, whose elements are constants or sets of one value
 *    or none ({x | x = term}), so that undefined ones do not matter.
 *
 * Bodies are ordered so that every literal stands behind those that bind what it needs, otherwise as
 * written. `binds` of a literal are the locals that it binds, in no order that matters; all other
 * locals that it mentions are bound before it, by earlier literals, by the arguments, or by the body
 * around it. So for each side of a unification it is known what is bound. Locals inside of a
 * comprehension, `every`, `not`, `and` or `or` that are bound neither there nor before are the
 * closure's own: its body's literals bind them.
 *
 * A negated literal, and one whose kind has bodies, binds nothing.
 *
 * Errors are OPA's, stage by stage: what a later stage would find is told only if the earlier ones
 * found nothing. In this order: names and imports, redeclarations, calls of what has no value, `with`,
 * rules that conflict, unknown functions and their arity, safety, recursion, types, forbidden and
 * deprecated functions.
 *
 * Modules may be given in any order: they are taken in the order of their names (then texts), so
 * numbers of rules and everything else come out the same.
 *
 * Limits: CHECK_STEPS_MAX steps of work for all modules together, CHECK_STEPS_MAX for a query, and the
 * arena's limit; SW_ELIMIT if one is exceeded, with a rego_compile_error that says so.
 *
 * Ownership: the result lies in the arena and refers to the trees, their texts and their names, all of
 * which must outlive it. It is immutable once made. A program may be shared between threads.
 *
 * Thread safety: any number of threads, each with its own arena and names.
 */
#ifndef SEAWALL_LANG_REGO_CHECK_H
#define SEAWALL_LANG_REGO_CHECK_H

#include "base/arena.h"
#include "base/error.h"
#include "lang/builtin.h"
#include "lang/rego/ast.h"
#include "lang/rego/errors.h"
#include "lang/rego/types.h"

enum {
  CHECK_STEPS_MAX = 40000000,
  CHECK_NO_LOCAL = -1,
};

/* ---- the tree of packages and rules */

struct check_rule;

/* A node: `data`, a package, a part of a package's path, or the place of rules. */
struct check_path {
  struct value key; /* a string, or, in the heads of rules, any scalar; `data`: absent */
  const struct check_path *parent;
  struct check_path **children; /* in order of value_compare */
  uint32_t child_count;
  /* Rules whose ref is constant up to here and no further, in order. All complete, all partial, or
   * all functions of one arity; a default rule may be anywhere among them. */
  struct check_rule **rules;
  uint32_t rule_count;
  const struct rego_module **modules; /* whose package this is */
  uint32_t module_count;
  bool is_function;    /* its rules take arguments */
  bool rules_expected; /* it has rules */
  uint32_t arity;
  uint32_t number; /* in program->paths */
};

/* The child under a constant; NULL if there is none. */
const struct check_path *check_path_child(const struct check_path *path, struct value key);

/* ---- terms */

enum check_term_kind {
  CHECK_CONSTANT, /* .value: a scalar */
  CHECK_LOCAL,    /* .local */
  CHECK_REF,      /* .root, .local if that is CHECK_ROOT_LOCAL, items: operands, 0 or more */
  CHECK_ARRAY,    /* items */
  CHECK_OBJECT,   /* items: count pairs, key and value in turn */
  CHECK_SET,      /* items, repetitions kept */
  CHECK_ARRAY_COMPREHENSION,
  CHECK_OBJECT_COMPREHENSION,
  CHECK_SET_COMPREHENSION,
};

enum check_root {
  CHECK_ROOT_LOCAL,
  CHECK_ROOT_INPUT,
  CHECK_ROOT_DATA,
};

struct check_comprehension;

struct check_term {
  uint8_t kind;  /* enum check_term_kind */
  uint8_t root;  /* enum check_root */
  bool constant; /* no local, reference or comprehension in it */
  uint32_t count;
  uint32_t local;
  uint32_t known; /* below data: how many operands, all constant, lead to .path */
  struct rego_place place;
  const struct check_path
      *path; /* below data: the deepest node that the constant operands lead to */
  union {
    struct value value;
    struct check_term *items;
    struct check_comprehension *comprehension;
  };
};

struct check_literal;

struct check_body {
  struct check_literal *items; /* in order of evaluation */
  uint32_t count;              /* 0: holds */
  bool captures;               /* binds no variable of its own: an operand without braces */
};

struct check_comprehension {
  struct check_term key; /* of object comprehensions */
  struct check_term value;
  struct check_body body;
  bool captures;                /* {x | x = term}, of a template or of print: at most one element */
  const struct rego_type *type; /* see struct check_local */
};

/* ---- literals */

enum check_literal_kind {
  CHECK_TEST,  /* terms[0] is defined and not false */
  CHECK_UNIFY, /* terms[0] = terms[1] */
  CHECK_CALL,  /* function(terms...); the last is the result's pattern if has_output; if not, the
                  result must be defined and not false */
  CHECK_EVERY, /* for all of terms[0], a local: bodies[0] */
  CHECK_NOT,   /* bodies[0] has no answer */
  CHECK_AND,   /* every one of bodies has an answer */
  CHECK_OR,    /* one of bodies has an answer */
};

struct check_with {
  struct rego_place place;
  struct check_term target; /* a reference to input or data; not used if target_function */
  const struct builtin *target_function;
  struct check_term value; /* not used if one of the following is there */
  const struct builtin *value_function;
  const struct check_path *value_path; /* a module's function */
};

struct check_literal {
  uint8_t kind; /* enum check_literal_kind */
  bool negated;
  bool test;       /* of CHECK_UNIFY */
  bool has_output; /* of CHECK_CALL */
  bool generated;  /* stands for a part of what was written */
  uint32_t count;  /* terms */
  uint32_t body_count, with_count, bind_count;
  struct rego_place place;
  struct check_term *terms;
  struct check_body *bodies;
  struct check_with *with;
  const uint32_t *binds;
  const struct builtin *function; /* of CHECK_CALL: built in, or */
  const struct check_path *path;  /* a module's */
  int64_t key, value;             /* of CHECK_EVERY: locals; key may be CHECK_NO_LOCAL */
};

/* ---- rules */

struct check_local {
  uint32_t name; /* of rego_names; REGO_NO_NAME: made by the compiler, or a wildcard */
  struct rego_place place;
  /* What the type checker inferred (types.h); NULL: nothing, or it belongs to a closure. A guess that
   * is usually right, for a planner that tests it: `with` may put any value where a rule's was. */
  const struct rego_type *type;
};

/* One body of a rule, with the head that belongs to it. */
struct check_rule {
  const struct rego_rule *source;
  const struct rego_module *module;
  uint8_t kind; /* enum rego_rule_kind */
  bool is_default;
  uint32_t number; /* in program->rules; an else-branch has its rule's */
  const struct check_path *path;
  struct check_term *keys; /* the operands of the ref behind path: constants and locals */
  uint32_t key_count;
  struct check_term *args; /* patterns: what they mention is bound when the body begins */
  uint32_t arg_count;
  struct check_term key;   /* REGO_RULE_SET: the element */
  struct check_term value; /* the others */
  struct check_body body;
  const struct check_local *locals;
  uint32_t local_count;
  struct check_rule *otherwise; /* the else-branch; locals of its own */
  /* Of rules, not of else-branches: rules that this one, with its branches, may ask for, by number. */
  const uint32_t *needs;
  uint32_t need_count;
  uint32_t level; /* 0: needs none; else above all that it needs */
};

struct check_types;

struct check_program {
  struct check_path *data;
  struct check_path **paths;
  uint32_t path_count;
  struct check_rule **rules; /* in order of modules, then of source */
  uint32_t rule_count;
  const uint32_t *order; /* numbers of rules, each behind those that it needs */
  const struct rego_names *names;
  const struct check_types *types; /* of rules, for checking queries */
};

struct check_query {
  struct check_body body;
  const struct check_local *locals;
  uint32_t local_count;
  /* The variables whose values are the answer: locals with a name, outside of closures. */
  const uint32_t *answers;
  uint32_t answer_count;
};

/* ---- checking */

/* A JSON Schema that METADATA blocks may name: schema["a"]["b"] is "a/b". */
struct check_schema {
  struct str name; /* "": the schema of `input` in all rules and queries */
  struct value schema;
};

struct check_options {
  struct rego_names *names; /* with which everything was parsed */
  bool strict;              /* OPA's strict mode: what is unused is an error */
  bool print;               /* keep print(); else it is taken out */
  const struct str *unsafe; /* built-in functions that may not be called: "http.send" */
  uint32_t unsafe_count;
  struct value data; /* base documents, for conflicts of rules with them; may be absent */
  /* Of queries: they are read as if they stood in this module, whose package and imports count and
   * nothing else (`package a.b`, `import data.c`, as texts of their own parsed with the same names).
   * NULL: in none. Keywords are the parser's business: rego_options.keywords. */
  const struct rego_module *context;
  /* `schemas` of METADATA blocks are used if the modules were parsed with annotations: those written
   * in place always, those that are named if there are any here. */
  const struct check_schema *schemas;
  uint32_t schema_count;
};

/* 0; SW_EINVAL (errors were found); SW_ELIMIT. *ret_errors (may be NULL) has them all, err the first. */
int rego_check_modules(struct arena *a, const struct rego_module *const *modules, uint32_t count,
                       const struct check_options *options,
                       const struct check_program **ret_program, struct rego_errors *ret_errors,
                       struct error *err);

/* A query over a program. */
int rego_check_query(struct arena *a, const struct check_program *program, struct rego_body query,
                     const struct check_options *options, struct check_query *ret_query,
                     struct rego_errors *ret_errors, struct error *err);

#endif
