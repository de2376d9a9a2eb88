/*
 * ast.h - the syntax tree of Rego: what parser.h makes and the compiler reads.
 *
 * The language is that of Open Policy Agent (OPA) 1.x, versions v1 and v0; where
 * the two differ, the tree does not: a v0 partial set `p[x] { ... }` and a v1
 * `p contains x if { ... }` are the same rule.
 *
 * A tree is immutable once it is made, lies in the arena it was parsed into, and
 * holds views of the source text, so arena and text must outlive it. It may be
 * shared between threads. Children are arrays of structs, never lists of pointers;
 * there are no pointers to parents, and a body, a term or a rule may be looked at
 * on its own.
 *
 * Limits, so that recursion over a tree is safe: no path from a rule down to a
 * leaf has more than REGO_HEIGHT_MAX terms and expressions (chains of operators
 * count: `a + b + c` is three high), and a module has at most REGO_NODES_MAX of
 * them. Chains of `else` are linked lists of any length.
 *
 * Variables have small numbers from a struct rego_names, which a compilation
 * shares between its modules. Every `_` is a variable of its own: it has the bit
 * REGO_WILDCARD and is unique within its module.
 *
 *     const struct rego_expr *e = &rule->body.items[0];
 *     if (e->kind == REGO_EXPR_TERM && e->terms[0].kind == REGO_CALL)
 *         call(e->terms[0].op, rego_call_args(&e->terms[0]), rego_call_arg_count(&e->terms[0]));
 */
#ifndef SEAWALL_LANG_REGO_AST_H
#define SEAWALL_LANG_REGO_AST_H

#include "base/arena.h"
#include "base/mem.h"
#include "base/str.h"
#include "data/value.h"

#include <stdbool.h>
#include <stdint.h>

enum {
  REGO_HEIGHT_MAX = 500,
  REGO_NODES_MAX = 1000000,
};

/* Where a node stands: the first and, in bytes, the last character of its text. Parentheses around
 * a term belong to its place. line 0: the node was not written (the value of a rule without one). */
struct rego_place {
  uint32_t file;       /* options.file of the parse that made it */
  uint32_t line;       /* from 1 */
  uint32_t column;     /* from 1, in characters */
  uint32_t start, end; /* bytes of the source text: [start, end) */
};

/* ---- names of variables */

#define REGO_WILDCARD (UINT32_C(1) << 31)
#define REGO_NO_NAME UINT32_MAX

struct rego_names;

/* Owned by the caller; must outlive the trees whose names it holds. One thread at a time. */
struct rego_names *rego_names_new(void);
void rego_names_free(struct rego_names *names);
MEM_DEFINE_CLEANUP(struct rego_names, rego_names_free)

/* The number of a name, from 0; a new name is added and its text copied. */
uint32_t rego_names_add(struct rego_names *names, struct str text);

/* The number of a name; REGO_NO_NAME if it has none. */
uint32_t rego_names_find(const struct rego_names *names, struct str text);

/* The text of a number; "_" for wildcards. */
struct str rego_names_text(const struct rego_names *names, uint32_t number);

uint32_t rego_names_count(const struct rego_names *names);

/* ---- terms */

enum rego_term_kind {
  REGO_SCALAR, /* .value: null, boolean, number or string */
  REGO_VAR,    /* .var */
  REGO_REF, /* items[0] is the head, the rest are operands; `data` and `input` alone are refs too */
  REGO_ARRAY,  /* items */
  REGO_OBJECT, /* items: count pairs, key and value in turn */
  REGO_SET,    /* items, as written: not sorted, repetitions kept */
  REGO_ARRAY_COMPREHENSION,
  REGO_OBJECT_COMPREHENSION,
  REGO_SET_COMPREHENSION,
  REGO_CALL,     /* op says what; see rego_call_args */
  REGO_TEMPLATE, /* parts: text (REGO_EXPR_TEXT) and expressions */
};

/* What a call calls. The infix operators are OPA's built-ins of the names that rego_op_name gives;
 * a function may also be called by such a name (`plus(1, 2)`): that is REGO_OP_NAMED. */
enum rego_op {
  REGO_OP_NAMED,   /* items[0] is the function's name: a REGO_VAR, or a REGO_REF */
  REGO_OP_IN,      /* value in collection */
  REGO_OP_IN_PAIR, /* key, value in collection */
  REGO_OP_EQUAL,
  REGO_OP_NOT_EQUAL,
  REGO_OP_LESS,
  REGO_OP_LESS_EQUAL,
  REGO_OP_GREATER,
  REGO_OP_GREATER_EQUAL,
  REGO_OP_OR,  /* | */
  REGO_OP_AND, /* & */
  REGO_OP_PLUS,
  REGO_OP_MINUS, /* `-x` is 0 - x with a zero that has no place */
  REGO_OP_TIMES,
  REGO_OP_DIVIDE,
  REGO_OP_REMAINDER,
};

struct rego_expr;
struct rego_comprehension;

struct rego_term {
  uint8_t kind;    /* enum rego_term_kind */
  uint8_t op;      /* enum rego_op, of calls */
  uint16_t height; /* 1: a leaf */
  uint32_t count;  /* items, pairs of an object, or parts */
  struct rego_place place;
  uint32_t var; /* of a variable: its number */
  union {
    struct value value; /* numbers as written: integers that fit int64_t inline, else VALUE_TEXT */
    const struct rego_term *items;
    const struct rego_expr *parts;
    const struct rego_comprehension *comprehension;
  };
};

_Static_assert(sizeof(struct rego_term) == 48, "terms are compact");

/* Several expressions that all have to hold. */
struct rego_body {
  const struct rego_expr *items;
  uint32_t count;
};

struct rego_comprehension {
  struct rego_term key;   /* of object comprehensions */
  struct rego_term value; /* the head of the others */
  struct rego_body body;
};

/* OPA's name of an infix operator ("plus", "internal.member_2"), its sign ("+", "in"), and how
 * tightly it binds (1: in, 2: comparisons, 3: |, 4: &, 5: + -, 6: * / %; 0 for REGO_OP_NAMED). */
struct str rego_op_name(enum rego_op op);
struct str rego_op_sign(enum rego_op op);
int rego_op_binding(enum rego_op op);

/* The arguments of a call, without the name of a named function. */
static inline const struct rego_term *rego_call_args(const struct rego_term *call)
{
  return call->op == REGO_OP_NAMED ? call->items + 1 : call->items;
}

static inline uint32_t rego_call_arg_count(const struct rego_term *call)
{
  return call->op == REGO_OP_NAMED ? call->count - 1 : call->count;
}

static inline bool rego_is_string(const struct rego_term *term)
{
  return term->kind == REGO_SCALAR && term->value.type == VALUE_STRING;
}

static inline bool rego_is_wildcard(const struct rego_term *term)
{
  return term->kind == REGO_VAR && (term->var & REGO_WILDCARD);
}

/* Nothing in the term is a variable, a reference, a call or a comprehension. */
bool rego_is_constant(const struct rego_term *term);

/* "null", "boolean", "number", "string", "var", "ref", "array", ...: OPA's words in messages. */
const char *rego_term_name(const struct rego_term *term);

/* ---- expressions */

enum rego_expr_kind {
  REGO_EXPR_TERM,    /* terms[0] */
  REGO_EXPR_ASSIGN,  /* terms[0] := terms[1] */
  REGO_EXPR_UNIFY,   /* terms[0] = terms[1] */
  REGO_EXPR_SOME,    /* some: count variables */
  REGO_EXPR_SOME_IN, /* some value in collection (count 2), some key, value in collection (3) */
  REGO_EXPR_EVERY,   /* every */
  REGO_EXPR_NOT,     /* operands[0], count 1: negation after `import future.keywords.not` */
  REGO_EXPR_AND,     /* operands, 2 or more, from left to right */
  REGO_EXPR_OR,
  REGO_EXPR_TEXT, /* in templates only: terms[0] is a string between expressions */
};

struct rego_with {
  struct rego_place place; /* from `with` */
  struct rego_term target; /* REGO_REF or REGO_VAR */
  struct rego_term value;
};

struct rego_every {
  bool has_key;
  struct rego_term key, value; /* variables */
  struct rego_term domain;
  struct rego_body body;
};

/* What `and`, `or` and `not` bind together: one expression, or a body in braces, which has a scope
 * of its own. */
struct rego_operand {
  bool braces;
  struct rego_place place;
  struct rego_body body;
};

struct rego_expr {
  uint8_t kind; /* enum rego_expr_kind */
  bool negated; /* `not` in front, as the language always had it; see REGO_EXPR_NOT */
  uint16_t height;
  uint32_t count; /* terms or operands */
  struct rego_place place;
  uint32_t with_count;
  const struct rego_with *with;
  union {
    const struct rego_term *terms;
    const struct rego_every *every;
    const struct rego_operand *operands;
  };
};

/* ---- rules */

enum rego_rule_kind {
  REGO_RULE_VALUE, /* one value: p := 1; with variables in the ref, a partial object: p[x] := 1 */
  REGO_RULE_SET,   /* several values: p contains x */
  REGO_RULE_FUNCTION, /* f(x) := 1 */
};

struct rego_head {
  enum rego_rule_kind kind;
  bool assigned;      /* written with := */
  bool value_written; /* false: the value is the `true` of a rule without one */
  bool keyword_if, keyword_contains;
  struct rego_place place;
  const struct rego_term *ref; /* ref[0] is a REGO_VAR, the rest operands: p.q[x] */
  uint32_t ref_count;          /* 1 or more */
  uint32_t arg_count;
  const struct rego_term *args;
  struct rego_term key;   /* REGO_RULE_SET: the element */
  struct rego_term value; /* the others: the value */
};

struct rego_annotation;

struct rego_rule {
  struct rego_place place;
  bool is_default;
  bool chained; /* a further body of the rule before it: `p { a } { b }`; head is that rule's */
  struct rego_head head;
  struct rego_body body;             /* count 0: none was written, the rule holds */
  const struct rego_rule *otherwise; /* `else`; ref and args of its head are this rule's */
  const struct rego_annotation *const *annotations;
  uint32_t annotation_count;
};

/* ---- modules */

enum rego_version {
  REGO_V1,
  REGO_V0,
  REGO_V0_V1, /* a v0 module with `import rego.v1`: held to the rules of both */
};

/* Words that are keywords in some modules only. */
enum rego_keyword {
  REGO_KEYWORD_IN = 1,
  REGO_KEYWORD_EVERY = 2,
  REGO_KEYWORD_CONTAINS = 4,
  REGO_KEYWORD_IF = 8,
  REGO_KEYWORD_NOT = 16, /* REGO_EXPR_NOT and `not { ... }`; the word itself is always a keyword */
  REGO_KEYWORD_AND = 32,
  REGO_KEYWORD_OR = 64,
  REGO_KEYWORDS_V1 = 15,
};

struct rego_package {
  struct rego_place place;
  const struct rego_term *path; /* strings, without `data` in front */
  uint32_t path_count;
};

struct rego_import {
  struct rego_place place;
  const struct rego_term *path; /* strings; the first is "data", "input", "future" or "rego" */
  uint32_t path_count;
  struct str alias; /* empty: none */
};

enum rego_scope {
  REGO_SCOPE_RULE,
  REGO_SCOPE_DOCUMENT,
  REGO_SCOPE_PACKAGE,
  REGO_SCOPE_SUBPACKAGES,
};

struct rego_related_resource {
  struct str ref, description;
};

struct rego_author {
  struct str name, email;
};

struct rego_schema {
  struct rego_term path;   /* a reference */
  struct rego_term schema; /* schema..., if definition is absent */
  struct value definition; /* an object written in place */
};

/* A `# METADATA` block. Texts that are not there are empty, lists have count 0. */
struct rego_annotation {
  struct rego_place place; /* from the `#` of METADATA to the end of the block */
  enum rego_scope scope;
  bool entrypoint;
  struct str title, description;
  const struct str *organizations;
  const struct rego_related_resource *related_resources;
  const struct rego_author *authors;
  const struct rego_schema *schemas;
  const struct rego_term *unknowns; /* compile: unknowns, references */
  uint32_t organization_count, related_resource_count, author_count, schema_count, unknown_count;
  struct rego_term mask_rule;  /* compile: mask_rule; count 0 and REGO_ARRAY if there is none */
  struct value custom, labels; /* objects, or absent */
  int32_t rule; /* index in the module of the rule it stands before; -1: the package */
};

struct rego_module {
  struct str name, text; /* the file's name and its whole text */
  uint32_t file;
  enum rego_version version;
  uint32_t keywords; /* enum rego_keyword: what is in force at the end of the module */
  const struct rego_names *names;
  struct rego_package package;
  const struct rego_import *imports;
  const struct rego_rule *rules;
  const struct rego_annotation *annotations; /* none unless asked for */
  uint32_t import_count, rule_count, annotation_count;
};

/* ---- comparing: places do not matter, all wildcards are equal, and a number is equal to the same
 * number written in the same way. Both sides must have been parsed with the same rego_names. */
bool rego_term_equal(const struct rego_term *a, const struct rego_term *b);
bool rego_expr_equal(const struct rego_expr *a, const struct rego_expr *b);
bool rego_body_equal(struct rego_body a, struct rego_body b);
bool rego_rule_equal(const struct rego_rule *a, const struct rego_rule *b);
/* Version, package, imports and rules, in order; not annotations. A chained rule is equal to the
 * same rule written out. */
bool rego_module_equal(const struct rego_module *a, const struct rego_module *b);

#endif
