/*
 * plan.h - from a checked program (check.h) to code for the machine (vm/vm.h).
 *
 * For every unification it is known here which side is bound, so it becomes an assignment, a test, or a
 * loop; undefined is a jump. What a rule means:
 *
 *  - The rules of one path are a function: complete ones give their value, all definitions agreeing;
 *    partial ones fill a container. A function without arguments is remembered once evaluated.
 *  - A path with rules below it is a function too (its document): members from the rules, laid over the
 *    base document of the same path.
 *  - Bodies are straight code in which a failing literal jumps to the innermost loop's next turn. A
 *    comprehension, `every` and `not` are part of the function they stand in.
 *  - `with` changes the machine's context for one literal. If the literal has several answers they are
 *    gathered first, so that what follows runs in the context around it.
 *
 * Only what entries need is planned. Deterministic: the same checked program gives the same code.
 *
 * Ownership: the program is the caller's (vm_program_free) and refers to nothing that was given. Thread
 * safety: any number of threads, each with its own arguments.
 */
#ifndef SEAWALL_LANG_REGO_PLAN_H
#define SEAWALL_LANG_REGO_PLAN_H

#include "base/arena.h"
#include "base/error.h"
#include "base/symbols.h"
#include "lang/rego/check.h"
#include "lang/vm/vm.h"

struct plan_entry {
  const struct check_query *query;
  bool value; /* the result is the value of the query's first variable, not the list of answers */
  uint32_t expressions; /* how many of the query's variables, from `first_expression` on in order of
                           their names, are values of expressions; 0: answers are bindings alone */
  const uint32_t *expression_names; /* names of those variables; REGO_NO_NAME: always true */
};

struct plan_point {
  uint32_t kind; /* enum rego_point_kind of rego.h */
  struct rego_place place;
  uint32_t file; /* of vm_program.files */
  struct str text;
  uint32_t rule;
};

struct plan_options {
  struct symbols *symbols; /* may be NULL */
  bool instrument;
  bool no_optimiser;
};

/* What an instrumented program's observations refer to, in the program's arena. */
struct plan_points {
  struct plan_point *items;
  uint32_t count;
};

/* 0; SW_ELIMIT (a rule is too large for the machine); SW_EUNSUPPORTED (a built-in function that is not
 * there). The arena is for what is needed in between. */
int rego_plan(struct arena *a, const struct check_program *checked,
              const struct plan_entry *entries, uint32_t entry_count,
              const struct plan_options *options, struct vm_program **ret_program,
              struct plan_points *ret_points, struct error *err);

#endif
