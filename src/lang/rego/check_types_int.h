/* What the parts of type inference share. */
#ifndef SEAWALL_LANG_REGO_CHECK_TYPES_INT_H
#define SEAWALL_LANG_REGO_CHECK_TYPES_INT_H

#include "lang/rego/check_int.h"
#include "lang/rego/types.h"

/* The types of rules, by the number of the node that they stand at. */
struct check_types {
  const struct rego_type **values;  /* NULL: no rule at the node has a type */
  const struct rego_type **extents; /* all at the node and below; NULL: not made since it changed */
  bool *present;                    /* a rule at the node or below it has a type */
};

struct infer_undo {
  uint32_t local;
  const struct rego_type *before;
};

struct infer_error {
  const struct rego_module *module;
  struct rego_place place;
  struct str message, details;
  uint32_t number; /* in order of finding */
};

struct infer {
  struct checker *c;
  struct rego_types types;
  struct check_types *known;
  bool frozen;                          /* known is another's: only to be read */
  const struct rego_type *input, *data; /* what schemas say of the roots; NULL: nothing */
  const struct rego_type *global_input; /* of `input` in all rules */
  bool has_schemas;                     /* some METADATA block has */
  struct map schemas;                   /* types, by address of the struct rego_schema */
  const struct check_local *names;      /* the locals of the rule or query */
  const struct rego_type **locals;      /* what is known of them now */
  size_t room;
  VEC(struct infer_undo) trail; /* what to put back when a closure ends */
  VEC(struct infer_error) errors;
  uint64_t failed;      /* errors, whether or not they were kept */
  struct map functions; /* types of built-in functions, by name */
};

/* check_types.c */

/* Gives a local a type until the closure around ends. */
void infer_set(struct infer *f, uint32_t local, const struct rego_type *type);

/* check_types_term.c: types of terms, and what they learn from each other. NULL: unknown. */
const struct rego_type *infer_term(struct infer *f, const struct check_term *term);

/* The term may have the type; its locals that have none get theirs, or, with `more`, one that also
 * allows for the type. */
bool infer_fit(struct infer *f, const struct check_term *term, const struct rego_type *type,
               bool more);

/* Two terms may be equal; a and b are their types. */
bool infer_unify(struct infer *f, const struct check_term *left, const struct rego_type *a,
                 const struct check_term *right, const struct rego_type *b);

const struct rego_type *infer_builtin(struct infer *f, const struct builtin *builtin);

static inline bool infer_is_scalar(const struct check_term *term)
{
  return term->kind == CHECK_CONSTANT && term->value.type <= VALUE_STRING;
}

/* A local, or what OPA's compiler would make one of: a reference, a comprehension, a whole document. */
static inline bool infer_is_var(const struct check_term *term)
{
  return term->kind == CHECK_LOCAL || term->kind == CHECK_REF ||
         term->kind >= CHECK_ARRAY_COMPREHENSION ||
         (term->kind == CHECK_CONSTANT && !infer_is_scalar(term));
}

/* check_types_ref.c: references, and the types of rules. */
void infer_refs(struct infer *f, const struct check_term *term);
const struct rego_type *infer_ref(struct infer *f, const struct check_term *ref);

/* Adds what a rule at the node may be. */
void infer_add_rule(struct infer *f, const struct check_path *path, const struct rego_type *type);

/* Nothing more is known of the node than that it is something. */
void infer_forget_rule(struct infer *f, const struct check_path *path);

/* The whole of `data` as far as rules make it. */
const struct rego_type *infer_data(struct infer *f);

/* check_schema.c: what METADATA blocks say of the roots, for the rules that follow. */
void infer_start_schemas(struct infer *f);
void infer_apply_schemas(struct infer *f, const struct check_rule *rule);

/* check_types_text.c: errors. */
void infer_fail(struct infer *f, struct rego_place place, struct str details, const char *format,
                ...) __attribute__((format(printf, 4, 5)));
void infer_fail_match(struct infer *f, struct rego_place place, const struct rego_type *left,
                      const struct rego_type *right);
void infer_fail_arguments(struct infer *f, struct rego_place place, struct str name,
                          const char *what, const struct rego_type *const *have, uint32_t count,
                          const struct rego_type *function, bool with_result);

/* A reference that leads nowhere: operand i of it does not fit below a value of the type `want` in
 * keys (have: the operand's type, NULL: it is a constant); or, with want NULL, the value up to there,
 * of the type `have`, has nothing below it. one_of: the keys there are. */
void infer_fail_operand(struct infer *f, const struct check_term *ref, uint32_t i,
                        const struct rego_type *have, const struct rego_type *want,
                        const struct value *one_of, uint32_t one_of_count);
void infer_fail_below(struct infer *f, const struct check_term *ref, uint32_t i,
                      const struct rego_type *have);

/* Sorts the errors by place and tells them. */
void infer_tell(struct infer *f);

#endif
