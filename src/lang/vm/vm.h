/*
 * vm.h - the register machine that policy languages compile to.
 *
 * A program is flat: instructions of 16 bytes, constants, operand lists, functions. It knows paths,
 * comparison, iteration, containers under construction, built-in functions, calls with remembered
 * results, overrides of its inputs, and budgets; what a language means by them is its planner's
 * business. Undefined is not a value but a jump: an instruction that has no result goes to its
 * target. So backtracking is loops inside each other, and a test is an instruction that falls through.
 *
 * Registers are values (data/value.h). Operands b and c name a register, or, with VM_CONSTANT, a
 * constant. Each function has registers of its own; arguments are in the first ones.
 *
 * Inputs are two trees, `input` and `data`. VM_WITH derives a context in which they, or functions, are
 * others; results of functions without arguments are remembered for each context (VM_RULE).
 *
 * Ownership: a program owns what it points to (vm_program_free), except texts of an image it was read
 * from; it is immutable and may be shared. A worker (stack, slots, caches) belongs to one thread.
 * Results and everything in between lie in the run's arena and refer to inputs and to the program.
 *
 * Budgets: steps are counted at calls, where loops go back, and by built-in functions; every VM_CHUNK
 * of them deadline and arena are looked at. Calls nest VM_FRAMES_MAX deep at most.
 */
#ifndef SEAWALL_LANG_VM_VM_H
#define SEAWALL_LANG_VM_VM_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/symbols.h"
#include "data/value.h"
#include "lang/builtin.h"

enum {
  VM_CONSTANT = 0x8000, /* of an operand: the rest is the number of a constant */
  VM_NONE = 0xffff,     /* no register */
  VM_REGISTERS_MAX = 0x7ff0,
  VM_CONSTANTS_NEAR = 0x7fff, /* constants that operands can name; others are loaded */
  VM_FUNCTIONS_MAX = 0xfff0,
  VM_FRAMES_MAX = 4000,
  VM_STACK = 1 << 18, /* registers of all frames together */
  VM_CHUNK = 4096,    /* steps between two looks at the clock */
};

/*
 * R(b) is the operand b. "fails" is a jump to target. path(d, c) are c keys from program->keys[d];
 * list(d, c) are c operands from program->operands[d].
 */
#define VM_OPERATIONS(X)                                                                           \
  X(MOVE)         /* a = R(b) */                                                                   \
  X(LOAD)         /* a = constant d */                                                             \
  X(CLEAR)        /* a = nothing */                                                                \
  X(INPUT)        /* a = input.path(d, c); fails */                                                \
  X(DATA)         /* a = data.path(d, c), where numbers are names too; fails */                    \
  X(PATH)         /* a = R(b).path(d, c); fails */                                                 \
  X(INPUT_TEST)   /* input.path(d, c) is there and not false; fails */                             \
  X(PATH_TEST)    /* R(b).path(d, c) likewise; fails */                                            \
  X(GET)          /* a = R(b)[R(c)]; fails */                                                      \
  X(TEST)         /* R(b) is not false; fails */                                                   \
  X(EQUAL)        /* R(b) == R(c); fails */                                                        \
  X(NOT_EQUAL)    /* R(b) != R(c); fails */                                                        \
  X(LESS)         /* R(b) < R(c); fails */                                                         \
  X(LESS_EQUAL)   /* R(b) <= R(c); fails */                                                        \
  X(IS_ARRAY)     /* R(b) is an array of d elements; fails */                                      \
  X(IS_OBJECT)    /* R(b) is an object of d members; fails */                                      \
  X(IS_CONTAINER) /* R(b) is an array, an object or a set; fails */                                \
  X(ELEMENT)      /* a = element d of the array R(b) */                                            \
  X(MEMBER)       /* R(b) is a value in R(c); fails */                                             \
  X(IF_ABSENT)    /* goes to target if register b holds nothing */                                 \
  X(IF_PRESENT)   /* goes to target if register b holds something */                               \
  X(JUMP)         /* goes to target */                                                             \
  X(ITERATE)   /* a, a+1: a walk over R(b), in order of keys if c; fails if it has no members */   \
  X(NEXT)      /* the next of walk a: b = key, c = value; at its end goes to target */             \
  X(WALK)      /* a: a walk over all of R(b) and below */                                          \
  X(WALK_NEXT) /* the next of walk a: b = path, c = value; at its end goes to target */            \
  X(ARRAY)     /* a = array of list(d, c) */                                                       \
  X(OBJECT)    /* a = object of list(d, c): keys and values in turn */                             \
  X(SET)       /* a = set of list(d, c) */                                                         \
  X(COLLECT)   /* a: a container to fill, of kind c (enum vm_collection_kind) */                   \
  X(ADD)       /* adds R(b) to a */                                                                \
  X(PUT)       /* adds member R(b): R(c) to a; another value under that key is an error */         \
  X(PUT_DEEP)  /* adds list(d, c) to a: keys, then what b (enum vm_leaf) says */                   \
  X(FINISH)    /* a = what b was filled with */                                                    \
  X(MERGE)     /* a = R(b) with R(c) over it, either may hold nothing; d not 0: conflicts fail */  \
  X(BUILTIN)   /* a = builtin b of list(d, c); fails */                                            \
  X(PLUS)      /* a = R(b) + R(c), by builtin d if these are no small integers; fails */           \
  X(MINUS)     /* likewise */                                                                      \
  X(TIMES)     /* likewise */                                                                      \
  X(CALL)      /* a = function b of list(d, c); fails */                                           \
  X(RULE)      /* a = function d, remembered; fails */                                             \
  X(RESULT)    /* a = R(b); if a holds another value, error d (enum vm_conflict) */                \
  X(RETURN)    /* the function's result is R(b), which may be nothing */                           \
  X(WITH)      /* a: the context until now; then override d, with values list(.., c) */            \
  X(RESTORE)   /* the context is a again */                                                        \
  X(IF_HIDDEN) /* goes to target if document d is overridden */                                    \
  X(UNLESS_MOCKED) /* goes to target if function slot b is not overridden */                       \
  X(MOCK)          /* a = what slot b is overridden with, of list(d, c); fails */                  \
  X(PRINT)         /* the array R(b) of sets to the run's listener */                              \
  X(POINT)         /* observation d */                                                             \
  X(SWITCH)        /* goes to where table d leads for R(b) */

#define VM_ENUM(name) VM_##name,
enum vm_operation { VM_OPERATIONS(VM_ENUM) VM_OPERATION_COUNT };
#undef VM_ENUM

enum vm_collection_kind { VM_COLLECT_ARRAY, VM_COLLECT_SET, VM_COLLECT_OBJECT };

enum vm_conflict {
  VM_CONFLICT_RULE,     /* complete rules must not produce multiple outputs */
  VM_CONFLICT_FUNCTION, /* functions must not produce multiple outputs for same inputs */
  VM_CONFLICT_OBJECT,   /* object keys must be unique */
};

struct vm_instruction {
  uint16_t op, a, b, c;
  uint32_t d, target;
};

struct vm_place {
  uint32_t file, line, column, start, end;
};

enum vm_need { VM_NEEDS_INPUT = 1, VM_NEEDS_DATA = 2, VM_NEEDS_MOCKS = 4, VM_NEEDS_ALL = 7 };

struct vm_function {
  uint32_t entry; /* of code */
  uint16_t registers, arity;
  uint32_t needs; /* enum vm_need: what its result depends on, besides arguments */
  struct str name;
};

enum vm_override_kind {
  VM_OVERRIDE_INPUT,    /* input.keys = value */
  VM_OVERRIDE_DATA,     /* data.keys = value; document `number` is hidden, if not UINT32_MAX */
  VM_OVERRIDE_VALUE,    /* function slot `number` gives a value */
  VM_OVERRIDE_BUILTIN,  /* function slot `number` is builtin `other` */
  VM_OVERRIDE_FUNCTION, /* function slot `number` is function `other` */
};

/* One thing that a VM_WITH changes. */
struct vm_override {
  uint32_t kind;
  uint32_t keys, key_count;
  uint32_t number, other;
  uint32_t value; /* an operand; unused for BUILTIN and FUNCTION */
};

/* What one VM_WITH changes: overrides[first .. first + count). */
struct vm_with {
  uint32_t first, count;
};

struct vm_observation {
  uint32_t event, point;
  uint32_t first, count; /* program->variables */
};

struct vm_variable {
  struct str name;
  uint16_t operand;
};

/* A table of VM_SWITCH: scalars to places in the code, found by their hashes. */
struct vm_switch {
  uint32_t first, mask; /* cells[first .. first + mask]: open addressing */
  uint32_t otherwise;   /* target for what is not in it */
  uint32_t undefined;   /* target for nothing */
};

struct vm_cell {
  uint32_t constant; /* UINT32_MAX: empty */
  uint32_t target;
};

struct vm_program {
  struct arena arena; /* holds all that follows */
  struct vm_instruction *code;
  struct vm_place *places; /* beside code */
  struct value *constants;
  struct value *keys;      /* copies of constants, in runs */
  uint32_t *key_constants; /* beside keys: which constants these are */
  uint16_t *operands;
  struct vm_function *functions;
  const struct builtin **builtins;
  struct vm_with *withs;
  struct vm_override *overrides;
  struct vm_observation *observations;
  struct vm_variable *variables;
  struct vm_switch *switches;
  struct vm_cell *cells;
  struct str *files;
  uint32_t code_count, constant_count, key_count, operand_count, function_count, builtin_count;
  uint32_t with_count, override_count, observation_count, variable_count, switch_count, cell_count;
  uint32_t file_count;
  uint32_t hidden_count; /* documents that some VM_WITH overrides */
  uint32_t mock_count;   /* function slots */
  uint32_t *entries;     /* functions that may be asked for */
  uint32_t entry_count;
};

/* ---- running */

enum vm_failure_kind {
  VM_FAILURE_NONE,
  VM_FAILURE_CONFLICT,
  VM_FAILURE_BUILTIN,
  VM_FAILURE_TYPE,
  VM_FAILURE_LIMIT,
  VM_FAILURE_INTERNAL,
};

struct vm_failure {
  enum vm_failure_kind kind;
  char message[ERROR_MESSAGE_MAX];
  struct vm_place place;
};

struct vm_worker;

struct vm_run {
  struct arena *arena;
  struct value input, data;
  uint64_t steps;
  int64_t deadline_ns; /* monotonic; 0: none */
  bool strict_errors;
  struct builtin_context builtins; /* now_ns, seed, environment, services; the rest is filled in */
  void (*print)(void *user, struct str text, const struct vm_place *place);
  void (*note)(void *user, struct str text);
  /* registers: those of the function in which it happens; constants: the program's. */
  void (*observe)(void *user, const struct vm_observation *observation, uint32_t depth,
                  const struct value *registers);
  void *user;
};

struct vm_worker *vm_worker_new(void);
void vm_worker_free(struct vm_worker *worker);
MEM_DEFINE_CLEANUP(struct vm_worker, vm_worker_free)

/* Begins an evaluation: all that is asked until the next one shares remembered results and budget. */
void vm_begin(struct vm_worker *worker, const struct vm_program *program, const struct vm_run *run);

/* The result of a function without arguments; absent if it has none. Errors: SW_EINVAL, SW_ELIMIT; then
 * vm_failure tells more, and further questions may be asked. */
int vm_ask(struct vm_worker *worker, uint32_t function, struct value *ret_value, struct error *err);

const struct vm_failure *vm_failure(const struct vm_worker *worker);
uint64_t vm_steps(const struct vm_worker *worker);

/* The hash of a value in a table of VM_SWITCH: the same in each process, since tables are part of a
 * program; of texts the beginning counts. */
uint32_t vm_switch_hash(struct value v);

/* ---- programs */

void vm_program_free(struct vm_program *program);
MEM_DEFINE_CLEANUP(struct vm_program, vm_program_free)

/* Whether every index in the program is in bounds and every jump stays inside its function. */
int vm_program_verify(const struct vm_program *program, struct error *err);

/* As bytes, and back. The format is that of this build only. */
void vm_program_save(const struct vm_program *program, struct buf *out);
int vm_program_load(struct str image, struct symbols *symbols, struct vm_program **ret_program,
                    struct error *err);

void vm_program_dump(const struct vm_program *program, struct buf *out);

#endif
