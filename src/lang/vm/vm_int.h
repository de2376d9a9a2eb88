/* What the parts of the machine share. */
#ifndef SEAWALL_LANG_VM_VM_INT_H
#define SEAWALL_LANG_VM_VM_INT_H

#include "lang/vm/collect.h"
#include "lang/vm/vm.h"

enum { VM_LIST_MAX = 256 }; /* operands of one instruction that are gathered on the stack */

/* A remembered result; valid if stamp is the context's. */
struct vm_slot {
  uint64_t stamp;
  struct value value;
};

struct vm_mock {
  uint32_t kind; /* enum vm_override_kind; 0: none (VM_OVERRIDE_INPUT is no mock) */
  uint32_t other;
  struct value value;
};

struct vm_context {
  struct vm_context *parent;
  struct value input, data;
  uint64_t stamp;
  uint32_t changed; /* enum vm_need: what differs from the parent */
  struct vm_slot *slots;
  const bool *hidden;          /* by document; NULL: none */
  const struct vm_mock *mocks; /* by function slot; NULL: none */
  struct vm_context *plain;    /* the same without mocks; NULL: not made yet */
};

struct vm_frame {
  const struct vm_instruction *pc; /* the call that is under way */
  struct vm_context *context;      /* the caller's */
  struct vm_slot *slot;            /* to remember the result in */
  uint32_t function;
};

struct vm_worker {
  const struct vm_program *program;
  struct vm_run run;
  struct builtin_context builtins;
  struct builtin_cache *cache;
  struct value *stack;
  struct vm_frame *frames;
  struct vm_slot *slots;
  uint32_t slot_room;
  uint64_t stamp; /* of the last context made */
  struct vm_context root;
  int64_t left; /* steps of the chunk that was granted */
  uint32_t granted;
  uint64_t taken;
  const struct vm_instruction *pc; /* where a built-in function was called */
  struct vm_failure failure;
};

/* Tells what went wrong, unless something has before; false. */
bool vm_fail(struct vm_worker *w, enum vm_failure_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

int64_t vm_now_ns(void);
int vm_spend(void *user, uint64_t steps);

/* The member, element, or element of a set; absent if there is none. */
struct value vm_get(struct value v, struct value key);

/* A context with some things changed; values[i] belongs to the i-th override. */
struct vm_context *vm_context_derive(struct vm_worker *w, struct vm_context *parent,
                                     const struct vm_with *with, const struct value *values);

/* The context in which what stands for a function runs: it may call what it stands for. */
struct vm_context *vm_context_plain(struct vm_worker *w, struct vm_context *context);

bool vm_print(struct vm_worker *w, struct value parts);

bool vm_execute(struct vm_worker *w, uint32_t function, struct vm_context *context,
                struct value *ret_value);

#endif
