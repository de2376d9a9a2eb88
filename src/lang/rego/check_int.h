/* What the parts of the checker share. */
#ifndef SEAWALL_LANG_REGO_CHECK_INT_H
#define SEAWALL_LANG_REGO_CHECK_INT_H

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "lang/rego/ast_print.h"
#include "lang/rego/check.h"

/* Errors of a later stage are told only if the earlier ones have none. */
enum check_stage {
  STAGE_RESOLVE,
  STAGE_OVERRIDES,
  STAGE_IMPORTS,
  STAGE_LOCALS,
  STAGE_TEMPLATES,
  STAGE_VOID,
  STAGE_ANNOTATIONS,
  STAGE_WITH,
  STAGE_CONFLICTS,
  STAGE_FUNCTIONS,
  STAGE_HEADS,
  STAGE_BODIES,
  STAGE_RECURSION,
  STAGE_TYPES,
  STAGE_UNSAFE,
  STAGE_DEPRECATED,
  STAGE_COUNT,
};

enum check_occurrence {
  OCCURRENCE_ARG,
  OCCURRENCE_SEEN,
  OCCURRENCE_ASSIGNED,
  OCCURRENCE_DECLARED,
};

/* A name in a scope. */
struct check_binding {
  uint32_t name, local;
  uint8_t occurrence; /* enum check_occurrence */
  uint32_t count;     /* times it was mentioned beside its declaration */
  bool fresh;         /* declared by the expression that is being read */
  int64_t shadowed;   /* index of the binding of the same name around it, or -1 */
  struct rego_place place;
};

/* What a name of a module stands for. */
struct check_global {
  const struct rego_import *import; /* NULL: a rule of the package */
  bool used;
};

struct check_literals VEC_BODY(struct check_literal);

/* A METADATA block, and where it stands. */
struct check_annotated {
  const struct rego_module *module;
  const struct rego_annotation *annotation;
};

/* Those of which a node may have one each: of the package, and of the document or its subpackages. */
struct check_annotations {
  struct check_annotated package, document;
};

struct checker {
  struct arena *arena;
  const struct check_options *options;
  struct rego_errors stages[STAGE_COUNT];
  uint64_t steps;
  bool over;

  /* the tree */
  struct check_program *program;
  struct map children; /* parent, type and text of a key: its struct check_path */
  VEC(struct check_path *) paths;
  VEC(struct check_rule *) rules;
  struct check_annotations *annotated; /* by number of the node */

  /* the module */
  const struct rego_module *module;  /* NULL: a query */
  const struct rego_module *context; /* whose package and imports names are looked up in, or NULL */
  struct check_path *package;
  struct check_global *globals; /* by name; valid if global_stamp is the module's */
  uint32_t *global_stamp;
  uint32_t stamp;
  uint32_t name_count;

  /* the rule */
  const struct rego_rule *rule; /* the branch; NULL: a query */
  VEC(struct check_local) locals;
  VEC(struct check_binding) bindings;
  int64_t *top;      /* by name: index of the innermost binding, or -1 */
  uint32_t *ignored; /* by name: scopes around that declare it somewhere */
  VEC(uint32_t) ignored_names;
  int64_t *wide; /* by name: the local of a variable that is declared nowhere, or -1 */
  VEC(uint32_t) wide_names;
  bool *unused; /* by name: an argument that no branch has mentioned so far */
  size_t scope; /* index of the first binding of the innermost scope */
  uint32_t name_input, name_data;

  /* safety */
  uint8_t *marks; /* by local */
  size_t mark_room;
};

struct rego_source check_source(const struct checker *c);

void check_fail(struct checker *c, enum check_stage stage, enum rego_code code,
                struct rego_place place, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* With lines of detail, for below the message. */
void check_fail_details(struct checker *c, enum check_stage stage, enum rego_code code,
                        struct rego_place place, struct str details, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* Counts work; false when there has been too much. */
bool check_spend(struct checker *c, uint64_t steps);

bool check_failed(const struct checker *c, enum check_stage up_to);

static inline struct str check_name(const struct checker *c, uint32_t name)
{
  return rego_names_text(c->options->names, name);
}

static inline bool check_is_v1(const struct checker *c)
{
  return c->options->strict || (c->module && c->module->version != REGO_V0);
}

/* A name that an import or a rule of the package gives its meaning here. */
static inline bool check_is_global(const struct checker *c, uint32_t name)
{
  return c->global_stamp[name] == c->stamp && c->context && !c->ignored[name] && c->top[name] < 0;
}

/* A new local; the name may be REGO_NO_NAME. */
uint32_t check_new_local(struct checker *c, uint32_t name, struct rego_place place);

/* check_scope.c: scopes. A mark is what ends a scope. */
struct check_mark {
  size_t scope, ignored;
};

static inline bool check_is_named_call(const struct rego_term *term)
{
  return term->kind == REGO_CALL && term->op == REGO_OP_NAMED;
}

struct check_mark check_push_scope(struct checker *c, struct rego_body body);
void check_pop_scope(struct checker *c, struct check_mark mark);

/* A name, or all that the body declares, means nothing else until the scope ends. */
void check_ignore(struct checker *c, uint32_t name);
void check_ignore_declared(struct checker *c, struct rego_body body);

/* A new local of the innermost scope; told if the name has been used in it. */
uint32_t check_declare(struct checker *c, const struct rego_term *var,
                       enum check_occurrence occurrence, struct rego_place place);

/* The local of a name that is no global. */
uint32_t check_local_of(struct checker *c, const struct rego_term *var);

/* The tree. */
struct check_path *check_path_add(struct checker *c, struct check_path *parent, struct value key);
struct check_path *check_path_of_rule(struct checker *c, const struct rego_head *head,
                                      uint32_t *ret_known);
struct str check_path_text(struct arena *a, const struct check_path *path);

/* data.a.p[x]: a rule's name as messages have it. */
struct str check_rule_name(const struct checker *c, const struct check_rule *rule);

/* check_lower.c: the names of a rule resolved, its calls taken out. */
struct check_rule *check_lower_rule(struct checker *c, const struct rego_rule *source);
void check_lower_query(struct checker *c, struct rego_body body, struct check_query *ret);
bool check_is_print(const struct checker *c, const struct rego_term *call);

/* check_call.c */
struct check_callee {
  const struct builtin *function;
  const struct check_path *path;
};
/* False: there is none of the name (nothing has been told). */
bool check_find_callee(struct checker *c, const struct rego_term *name, struct check_callee *ret);
/* A built-in function that the options forbid. */
bool check_is_unsafe(const struct checker *c, const struct builtin *function);
/* The callee of a call in the tree, with the number of its arguments checked; false: told. */
bool check_callee(struct checker *c, const struct rego_term *call, bool as_value,
                  struct check_callee *ret, bool *ret_output);

/* check_metadata.c: rego.metadata.chain() and .rule() are constants. */
bool check_is_metadata(const struct check_callee *callee);
struct check_term check_metadata(struct checker *c, const struct check_callee *callee,
                                 struct rego_place place);

/* check_safety.c */
void check_rule_safety(struct checker *c, struct check_rule *rule);
void check_query_safety(struct checker *c, struct check_body *body);

/* check_hint.c: " (did you mean `x`?)" or nothing. Slow: only for errors that will be told. */
struct str check_hint_var(struct checker *c, struct str name);
/* below: where the name was looked for; NULL: among built-in functions and those of the package. */
struct str check_hint_function(struct checker *c, const struct check_path *below, struct str name);

/* check_graph.c: needs, levels, order; recursion. */
void check_graph(struct checker *c);

/* check_tree.c */
void check_tree_build(struct checker *c, const struct rego_module *const *modules, uint32_t count);
void check_tree_conflicts(struct checker *c);

/* check_schema.c: METADATA blocks that contradict each other. */
void check_annotations(struct checker *c);

/* check_types.c */
void check_types(struct checker *c);
void check_query_types(struct checker *c, struct check_query *query);

/* A function's type as it is declared. */
const struct rego_type *check_builtin_type(struct rego_types *types, const struct builtin *builtin);

/* have: and want:, the details of an error about the arguments of a function. */
struct str check_arguments_text(struct arena *a, struct str name,
                                const struct rego_type *const *have, uint32_t count,
                                const struct rego_type *function, bool with_result);

/* check_names.c: what OPA calls the arguments of a built-in function, then its result, with ", "
 * between them; nothing if it has no names for them. */
struct str check_argument_names(struct str function);

#endif
