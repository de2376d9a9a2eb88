/* What the parts of the planner share. */
#ifndef SEAWALL_LANG_REGO_PLAN_INT_H
#define SEAWALL_LANG_REGO_PLAN_INT_H

#include "base/map.h"
#include "base/vec.h"
#include "lang/rego/ast_print.h"
#include "lang/rego/plan.h"
#include "lang/rego/rego.h"

typedef uint16_t operand;

/* A kind of term beside those of check.h: what has been evaluated already; .local is the operand. */
enum { PLAN_EVALUATED = 200 };

/* A jump's target while its function is planned: number of a label. */
#define PLAN_NO_LABEL UINT32_MAX

enum plan_function_kind {
  PLAN_RULES,    /* the rules of a path */
  PLAN_DOCUMENT, /* a path's document: rules, what is below it, and base data */
  PLAN_ENTRY,
};

struct plan_function {
  uint8_t kind;
  const struct check_path *path;
  const struct plan_entry *entry;
};

/* A variable that is bound, to be forgotten when its closure ends. */
struct plan_trail VEC_BODY(uint32_t);

struct plan_target {
  const struct check_path *path; /* NULL: leads to no rule or package */
  const struct check_term *term;
};

struct planner {
  struct arena *arena;
  const struct check_program *checked;
  const struct plan_options *options;
  struct vm_program *program;
  struct error *err;
  int failed; /* 0, or the code of the error */

  VEC(struct vm_instruction) code;
  VEC(struct vm_place) places;
  VEC(struct value) constants;
  VEC(uint32_t) keys; /* constants */
  VEC(uint16_t) operands;
  VEC(struct vm_function) functions;
  VEC(const struct builtin *) builtins;
  VEC(struct vm_with) withs;
  VEC(struct vm_override) overrides;
  VEC(struct vm_observation) observations;
  VEC(struct vm_variable) variables;
  VEC(struct vm_switch) switches;
  VEC(struct vm_cell) cells;
  VEC(struct str) files;
  VEC(struct plan_point) points;
  VEC(struct plan_function) queue; /* beside functions */
  VEC(uint64_t) calls;             /* caller << 32 | callee */
  VEC(struct plan_target) targets; /* of `with`, by number of the hidden document */
  struct map constant_numbers;     /* canonical text: number */
  uint32_t *rules_function;        /* by number of the path: function + 1 */
  uint32_t *document_function;
  VEC(const void *) mocks; /* functions that some `with` replaces: rego_function or check_path */

  /* the function that is being planned */
  uint32_t function;
  uint32_t start; /* of its code */
  uint32_t first_switch;
  uint32_t registers;
  uint32_t needs;
  const struct check_local *locals;
  uint32_t local_count;
  operand *bound; /* by local; VM_NONE: unbound */
  uint32_t *uses; /* by local: how often it is mentioned */
  struct plan_trail trail;
  VEC(uint32_t) labels; /* position in code, or PLAN_NO_LABEL */
  uint32_t fail;        /* where a failure goes now */
  uint32_t loops;       /* opened so far */
  bool ordered;         /* order of iteration shows */
  bool quiet;           /* nobody wrote what is planned: no points */
  uint32_t with_depth;
  VEC(operand) once; /* registers that are to be empty when the function begins */
  struct rego_place place;
  uint32_t file;
  struct str source; /* text of the module, for points */
  uint32_t rule_point;
};

/* ---- emitting (plan.c) */

int plan_fail(struct planner *p, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct vm_instruction *plan_emit(struct planner *p, enum vm_operation op, unsigned a, unsigned b,
                                 unsigned c);
/* The same with d, and, if target is a label, a jump. */
void plan_emit_to(struct planner *p, enum vm_operation op, unsigned a, unsigned b, unsigned c,
                  uint32_t d, uint32_t target);

uint32_t plan_label(struct planner *p);
void plan_bind(struct planner *p, uint32_t label);
void plan_jump(struct planner *p, uint32_t label);

operand plan_register(struct planner *p);
operand plan_registers(struct planner *p, uint32_t count);

/* A constant as an operand (loaded into a register if it cannot be named), and its number. */
operand plan_constant(struct planner *p, struct value v);
uint32_t plan_constant_number(struct planner *p, struct value v);

/* A run of keys; the number of the first. */
uint32_t plan_keys(struct planner *p, const struct value *keys, uint32_t count);
/* A list of operands; the number of the first. */
uint32_t plan_list(struct planner *p, const operand *operands, uint32_t count);

uint32_t plan_builtin(struct planner *p, struct str name);

/* The function of a path's rules or document, to be planned if new. Notes the call. */
uint32_t plan_function_of(struct planner *p, enum plan_function_kind kind,
                          const struct check_path *path);

/* ---- locals (plan.c) */

static inline bool plan_is_bound(const struct planner *p, uint32_t local)
{
  return p->bound[local] != VM_NONE;
}

void plan_bind_local(struct planner *p, uint32_t local, operand o);
void plan_forget(struct planner *p, size_t mark);
bool plan_has_unbound(const struct planner *p, const struct check_term *t);
/* Unbound locals that planning the term would bind. */
void plan_gather_unbound(struct planner *p, const struct check_term *t, struct plan_trail *out);
/* The term can have no value here: a jump, and something for its variables, that nobody will see. */
void plan_give_up(struct planner *p, const struct check_term *t);

/* ---- terms (plan_term.c) */

/* The value of a term. Jumps to p->fail where it is undefined, and may open loops. */
operand plan_term(struct planner *p, const struct check_term *t);
struct value plan_constant_value(struct planner *p, const struct check_term *t);
operand plan_comprehension(struct planner *p, const struct check_term *t);

/* ---- references (plan_ref.c) */

operand plan_ref(struct planner *p, const struct check_term *t);
/* The base document of a path, nothing if there is none. */
operand plan_base(struct planner *p, const struct check_path *path);
bool plan_is_function(const struct check_path *path);
bool plan_has_rules(const struct check_path *path);
bool plan_has_document(const struct check_path *path);
void plan_document(struct planner *p, const struct check_path *path);
/* Goes to a place that answers with base data if the document is overridden. */
void plan_hidden(struct planner *p, const struct check_path *path);

/* ---- unification (plan_unify.c) */

void plan_unify(struct planner *p, const struct check_term *a, const struct check_term *b);
/* A pattern against a value that is there. */
void plan_match(struct planner *p, const struct check_term *pattern, operand value);

/* ---- literals and bodies (plan_literal.c, plan_call.c) */

void plan_literals(struct planner *p, const struct check_body *body);
void plan_call(struct planner *p, const struct check_literal *l);
int32_t plan_mock_slot(const struct planner *p, const void *function);

/* Answers gathered in an array, and gone through afterwards. */
struct plan_tuples {
  operand collection;
  struct plan_trail locals;
};
void plan_tuples_begin(struct planner *p, struct plan_tuples *t);
void plan_tuples_add(struct planner *p, struct plan_tuples *t, operand value);
operand plan_tuples_end(struct planner *p, struct plan_tuples *t);

/* ---- rules (plan_rule.c) */

void plan_rules(struct planner *p, const struct check_path *path);
void plan_entry(struct planner *p, const struct plan_entry *entry);
void plan_scan(struct planner *p);
void plan_scan_query(struct planner *p, const struct check_query *query);

/* ---- indexes (plan_index.c) */

/* Definitions of a path in the order in which they are planned: those that may always apply, then, in
 * groups, those that need one value of one subject. */
struct plan_index {
  const struct check_rule **rules;  /* without defaults */
  uint32_t count, always;           /* rules, and how many of them stand in no group */
  const struct check_term *subject; /* a reference to input, or NULL: argument */
  uint32_t argument;
};

struct plan_index plan_index_make(struct planner *p, const struct check_path *path);
/* The value that a rule needs; NULL if it has none. */
const struct value *plan_index_key(const struct planner *p, const struct plan_index *index,
                                   const struct check_rule *rule);
/* Begins the groups: what follows is reached through `labels`, one for each rule behind `always`. */
void plan_index_switch(struct planner *p, const struct plan_index *index, const uint32_t *labels,
                       uint32_t end);

/* ---- what is evaluated at most once in a function (plan_once.c) */

bool plan_is_closed(const struct planner *p, const struct check_term *t);

/* A comprehension that depends on one changing variable, and on that only by `reference == variable`
 * or `reference == variable.a.b`. */
struct plan_join {
  uint32_t literal;             /* of the body: the comparison */
  uint32_t local;               /* the variable */
  const struct check_term *key; /* that side */
  const struct check_term *reference;
};
bool plan_join_find(struct planner *p, const struct check_term *t, struct plan_join *ret);
/* Its answers by that variable are gathered once; then it is a look-up. */
operand plan_join(struct planner *p, const struct check_term *t, const struct plan_join *join);
void plan_literals_range(struct planner *p, const struct check_body *body, uint32_t from,
                         uint32_t to);
/* Plain terms, and comparisons of them: no rule is asked, no function can fail. */
bool plan_is_plain(const struct check_term *t);
bool plan_is_harmless(const struct planner *p, const struct check_literal *l);
/* A call that is an instruction comparing two values. */
bool plan_is_comparison(const struct planner *p, const struct check_literal *l);
operand plan_once_register(struct planner *p);
void plan_once_clear(struct planner *p);

/* ---- points (plan_point.c) */

uint32_t plan_point_add(struct planner *p, enum rego_point_kind kind, struct rego_place place);
void plan_observe(struct planner *p, enum rego_event event, uint32_t point);

#endif
