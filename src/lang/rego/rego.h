/*
 * rego.h - Rego programs: compile once, evaluate many times.
 *
 *     struct rego_entry entry = {.path = STR("data.shop.deny")};
 *     struct rego_compile_options options = {.names = names, .symbols = symbols};
 *     struct rego_program *program;
 *     if (rego_compile(&arena, modules, count, &entry, 1, &options, &program, &errors, &err) < 0)
 *         return show(&errors);
 *
 *     struct rego_worker *worker = rego_worker_new();
 *     struct rego_run run = {.arena = &request, .input = review, .data = base};
 *     rego_begin(worker, program, &run);
 *     if (rego_ask(worker, 0, &result, &err) < 0)
 *         return deny_or_allow_by_failure_policy(rego_failure(worker));
 *
 * A program is flat code for lang/vm/vm.h: it refers to none of the trees that it was made of, so
 * these may be thrown away. Only what its entries need is in it.
 *
 * An entry is either the path of a document (its value: of rules, of base documents, or of both
 * together) or a query (an array with one object for each answer).
 *
 * Between rego_begin and the next one on the same worker, everything asked is one evaluation: rules
 * are evaluated at most once, time.now_ns stands still, and the budget is one for all.
 *
 * Undefined is no error: *ret_value is absent. An evaluation that failed (SW_EINVAL: the policy is at
 * fault; SW_ELIMIT: a budget was used up) has no value, and rego_failure tells what OPA would have
 * called it, and where. Errors of built-in functions make their expression undefined, unless
 * run.strict_errors.
 *
 * Numbers, sets and objects come out as OPA orders and prints them if they are written with
 * builtin_term_text or data/json_write.h; in memory, objects made by rules are in no particular order.
 *
 * Limits: REGO_STEPS_DEFAULT steps for an evaluation unless the caller says otherwise (a step is about
 * one instruction or one element visited); the arena's limit in bytes; a deadline if one is given.
 * They are looked at where loops go back, at calls, and inside built-in functions.
 *
 * Thread safety: a program is immutable and may be shared; a worker belongs to one thread, and a run
 * with its arena to one worker.
 */
#ifndef SEAWALL_LANG_REGO_REGO_H
#define SEAWALL_LANG_REGO_REGO_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/symbols.h"
#include "lang/builtin.h"
#include "lang/rego/ast.h"
#include "lang/rego/errors.h"

enum {
  REGO_STEPS_DEFAULT = 500000000,
  REGO_ENTRIES_MAX = 65535,
};

/* ---- compiling */

struct rego_entry {
  struct str path;               /* "data.shop.deny", or `data.a["b-c"]` */
  const struct rego_body *query; /* not NULL: this instead; parsed with options.names */
  const struct rego_module
      *context; /* of a query: its package and imports are in force in it; NULL: none */
  bool
      expressions; /* of a query: an answer is {"bindings": {...}, "expressions": [value, ...]}, one
                       value for each expression as written, and an expression that is false is an
                       answer; else an answer is the bindings alone, and the query must hold */
};

struct rego_compile_options {
  struct rego_names *names; /* with which everything was parsed; needed */
  /* Into which the keys of the program are entered; the same table must have been used (or none) for
   * reading input and data. NULL: without. Filled during the compilation, read at no other time. */
  struct symbols *symbols;
  bool strict;       /* OPA's strict mode: what is unused is an error */
  bool print;        /* keep print() */
  bool instrument;   /* points (below) are reported to the run's observer */
  bool no_optimiser; /* no indexes, no fused instructions, no folding: for differential tests */
  struct value data; /* base documents, for conflicts of rules with them; may be absent */
  const struct str *unsafe; /* built-in functions that may not be called: "http.send" */
  uint32_t unsafe_count;
};

struct rego_program;

/*
 * 0; SW_EINVAL (errors were found); SW_ELIMIT. *ret_errors (may be NULL) has them all, with messages in
 * the arena `a`, which is also used for everything that is needed during the compilation only. A query's
 * errors have the file's name of the place it was parsed with.
 */
int rego_compile(struct arena *a, const struct rego_module *const *modules, uint32_t count,
                 const struct rego_entry *entries, uint32_t entry_count,
                 const struct rego_compile_options *options, struct rego_program **ret_program,
                 struct rego_errors *ret_errors, struct error *err);
void rego_program_free(struct rego_program *program);
MEM_DEFINE_CLEANUP(struct rego_program, rego_program_free)

/*
 * A program as bytes, and back. Only images made by the same build are read (SW_EINVAL otherwise); an
 * image must come from a trusted place: its code is checked for its form, not for its intent. The
 * program views the image, which must outlive it. symbols as in rego_compile_options.
 */
void rego_program_save(const struct rego_program *program, struct buf *out);
int rego_program_load(struct str image, struct symbols *symbols, struct rego_program **ret_program,
                      struct error *err);

/* Bytes of code and constants, instructions, functions: for people who wonder. */
struct rego_program_size {
  size_t bytes;
  uint32_t instructions, functions, constants;
};
struct rego_program_size rego_program_size(const struct rego_program *program);

/* The code as text, one instruction a line. */
void rego_program_dump(const struct rego_program *program, struct buf *out);

/* ---- points: what can be observed in a program that was compiled with `instrument` */

enum rego_point_kind {
  REGO_POINT_RULE, /* a definition of a rule (a body with its head) */
  REGO_POINT_EXPR, /* an expression of a body, nested ones too */
};

struct rego_point {
  enum rego_point_kind kind;
  struct rego_place place;
  struct str file; /* name of its module, "" for a query */
  struct str text; /* the expression as written (one line of it), or the rule's ref */
  uint32_t
      rule; /* the point of the rule it belongs to; its own number for rules; UINT32_MAX: query */
};

uint32_t rego_point_count(const struct rego_program *program);
const struct rego_point *rego_point(const struct rego_program *program, uint32_t i);

enum rego_event {
  REGO_ENTER, /* a rule's definition is begun */
  REGO_EVAL,  /* an expression is about to be evaluated */
  REGO_REDO,  /* it is about to give its next answer (a loop goes on) */
  REGO_FAIL,  /* it had no (further) answer */
  REGO_EXIT,  /* the rule's body held; its head has been evaluated */
};

/* A variable that has a value where an event happened. */
struct rego_variable {
  struct str name;
  struct value value;
};

struct rego_observer {
  /* depth: calls of rules within each other. The variables are those of the rule that have a name
   * and a value, valid during the call. */
  void (*event)(void *user, enum rego_event event, uint32_t point, uint32_t depth,
                const struct rego_variable *variables, uint32_t count);
  void *user;
};

/* ---- evaluating */

struct rego_worker;

/* The stack, the slots of rules' results and the caches of built-in functions (patterns, zones), kept
 * from one evaluation to the next. */
struct rego_worker *rego_worker_new(void);
void rego_worker_free(struct rego_worker *worker);
MEM_DEFINE_CLEANUP(struct rego_worker, rego_worker_free)

struct rego_run {
  struct arena *arena;      /* results and everything in between; needed */
  struct value input;       /* absent: undefined */
  struct value data;        /* base documents, an object; absent: {} */
  uint64_t steps;           /* 0: REGO_STEPS_DEFAULT */
  int64_t deadline_ns;      /* of the monotonic clock; 0: none */
  bool strict_errors;       /* errors of built-in functions end the evaluation */
  int64_t now_ns;           /* time.now_ns; 0: the clock's, at rego_begin */
  uint64_t seed;            /* of rand.intn and uuid.rfc4122; 0: chosen at rego_begin */
  struct value environment; /* opa.runtime() */
  const struct builtin_services *services; /* http.send and look-ups; NULL: switched off */
  const struct rego_observer *observer;
  /* print(): the text as OPA writes it, and where it stands. */
  void (*print)(void *user, struct str text, struct str file, struct rego_place place);
  void (*note)(void *user, struct str text); /* trace() */
  void *user;
};

/* Takes a copy of *run. The program must outlive everything asked. */
void rego_begin(struct rego_worker *worker, const struct rego_program *program,
                const struct rego_run *run);

/* The value of an entry; absent if undefined. Errors: SW_EINVAL, SW_ELIMIT. */
int rego_ask(struct rego_worker *worker, uint32_t entry, struct value *ret_value,
             struct error *err);

/* The same for one entry in a run of its own. */
int rego_eval(struct rego_worker *worker, const struct rego_program *program, uint32_t entry,
              const struct rego_run *run, struct value *ret_value, struct error *err);

/* Steps taken since rego_begin. */
uint64_t rego_steps(const struct rego_worker *worker);

struct rego_failure {
  const char *code;   /* "eval_conflict_error", "eval_builtin_error", "eval_type_error",
                       "eval_internal_error", "eval_cancel_error" */
  struct str message; /* without code and place; in the run's arena */
  struct str file;
  struct rego_place place; /* line 0: unknown */
};

/* What ended the last rego_ask that failed. */
const struct rego_failure *rego_failure(const struct rego_worker *worker);

#endif
