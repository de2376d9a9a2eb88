/*
 * builtin.h - the functions that policy languages share: Rego's built-in functions
 * under Rego's names, as plain functions over values.
 *
 *     const struct builtin *b = builtin_find(STR("strings.replace_n"));
 *     struct builtin_context context = {.arena = &arena, .cache = cache, .now_ns = now};
 *     struct value result;
 *     switch (builtin_call(&context, b, arguments, &result)) {
 *     case BUILTIN_VALUE: use(result); break;
 *     case BUILTIN_UNDEFINED: break;
 *     case BUILTIN_ERROR: tell(context.error_kind, context.error.message); break;
 *     }
 *
 * Arguments are b->arity values. Results live in the context's arena, share what
 * they can with the arguments, and view the arguments' texts. Messages are those of
 * OPA, with the function's name in front ("div: divide by zero"); whoever does not
 * run strictly treats BUILTIN_ERROR as undefined, except BUILTIN_HALT, which ends the
 * evaluation.
 *
 * Names are those of OPA's capabilities, and all of them are here. A few mean nothing to
 * values alone (print, internal.print, internal.test_case, rego.metadata.*): compilers
 * find their names and types here, and give them their meaning themselves. What reaches
 * beyond the program (http.send, net.lookup_ip_addr) asks the context's services.
 *
 * Cost: loops over more than BUILTIN_FREE_STEPS things ask context.spend before they
 * begin. Results are capped: BUILTIN_TEXT_MAX bytes of text, BUILTIN_ITEMS_MAX
 * elements, values nested BUILTIN_DEPTH_MAX deep; beyond that it is BUILTIN_HALT.
 *
 * Ownership: a cache (compiled patterns, time zones, one text that is being written)
 * is owned by a worker and used by one context at a time; it is bounded. In the
 * steady state nothing is allocated but from the arena (GMP's numbers beyond 64 bits
 * and sorting of many values aside).
 *
 * Thread safety: the table is constant; a context and its cache belong to one
 * thread.
 */
#ifndef SEAWALL_LANG_BUILTIN_H
#define SEAWALL_LANG_BUILTIN_H

#include "base/arena.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "data/value.h"

enum {
  BUILTIN_ARITY_MAX = 8,
  BUILTIN_FREE_STEPS = 256,    /* steps that need no asking */
  BUILTIN_TEXT_MAX = 16 << 20, /* bytes of a text that a function makes */
  BUILTIN_ITEMS_MAX = 4 << 20, /* elements of a container that a function makes */
  BUILTIN_DEPTH_MAX = 1000,    /* containers within each other, where a function descends */
};

enum builtin_result {
  BUILTIN_VALUE,
  BUILTIN_UNDEFINED,
  BUILTIN_ERROR,
};

enum builtin_error_kind {
  BUILTIN_TYPE_ERROR, /* eval_type_error: an argument is not of the right type */
  BUILTIN_FAILED,     /* eval_builtin_error */
  BUILTIN_HALT,       /* a cap or the budget: the evaluation cannot go on */
};

struct builtin_cache;

struct builtin_cache *builtin_cache_new(void);
void builtin_cache_free(struct builtin_cache *cache);
MEM_DEFINE_CLEANUP(struct builtin_cache, builtin_cache_free)

struct builtin_context;

/*
 * What http.send and net.lookup_ip_addr ask. Either may be NULL: the function fails then, and says
 * that it is switched off. A service makes its results in the context's arena, and reports errors
 * through builtin_context's error_kind and error.
 */
struct builtin_services {
  /* The request is an object with string keys; see OPA's documentation of http.send. */
  enum builtin_result (*http_send)(void *user, struct builtin_context *context,
                                   struct value request, struct value *ret_response);
  /* The addresses of a host name: a set of strings. */
  enum builtin_result (*lookup_ip_addr)(void *user, struct builtin_context *context,
                                        struct str host, struct value *ret_addresses);
  void *user;
};

struct builtin_context {
  struct arena *arena;
  struct builtin_cache *cache;
  int64_t now_ns;           /* time.now_ns, fixed for a query; nanoseconds since the epoch */
  uint64_t seed;            /* rand.intn and uuid.rfc4122: same seed, same answers */
  bool strict;              /* the caller's; no function looks at it */
  struct value environment; /* opa.runtime(); absent: {} */
  /* Takes steps off the budget; negative: it is used up. NULL: no budget. */
  int (*spend)(void *user, uint64_t steps);
  /* What trace() says; NULL: nobody listens. */
  void (*note)(void *user, struct str text);
  void *user;
  const struct builtin_services *services; /* NULL: none, everything stays inside */
  /* Written with BUILTIN_ERROR. */
  enum builtin_error_kind error_kind;
  struct error error;
};

enum builtin_flag {
  BUILTIN_NONDETERMINISTIC = 1, /* depends on more than the arguments */
  BUILTIN_RELATION = 2,         /* the result is an array of values, each of which is one answer */
  BUILTIN_DEPRECATED = 4,       /* an error in Rego v1 and in strict mode */
  BUILTIN_VOID = 8,             /* has no value: print */
  BUILTIN_ANY_COUNT = 16,       /* takes any number of arguments: print */
  BUILTIN_COMPILED = 32,        /* the compiler's own: it replaces every call; calling it fails */
};

/*
 * Types, for checkers: `any`, `null`, `boolean`, `number`, `string`, `array<T>`, `set<T>`,
 * `object<K:V>`, `[T,T]` an array of just these, `T|T` one of these. Arguments are separated by ", "
 * (a comma and a space, which occur nowhere else).
 */
struct builtin {
  const char *name;
  const char *infix; /* "+", NULL if it is no operator */
  const char *arguments;
  const char *result;
  uint8_t arity;
  uint8_t flags;
  enum builtin_result (*call)(struct builtin_context *context, const struct value *arguments,
                              struct value *ret_result);
};

/* The function of a name; NULL if there is none. */
const struct builtin *builtin_find(struct str name);

/* The function of an operator ("+"; ":=" is assign, "=" is eq); NULL if it is none. */
const struct builtin *builtin_find_infix(struct str sign);

/* The functions one after another: 0, 1, ... until NULL. */
const struct builtin *builtin_at(size_t i);

/* *ret_result is written with BUILTIN_VALUE only, and never absent. Arguments that are absent make
 * the result undefined. */
enum builtin_result builtin_call(struct builtin_context *context, const struct builtin *builtin,
                                 const struct value *arguments, struct value *ret_result);

/* A value as Rego writes it: {"a": [1, true]}, {1, 2}, set(); members and elements in order, strings
 * quoted. BUILTIN_ERROR if it is too long or too deep. */
enum builtin_result builtin_term_text(struct builtin_context *context, struct value v,
                                      struct str *ret_text);

/* The same with a string as it stands: what print() and string interpolation write. */
enum builtin_result builtin_print_text(struct builtin_context *context, struct value v,
                                       struct str *ret_text);

/*
 * walk(x, [path, value]): every value within x with the path that leads to it, x itself first, in
 * order of keys. Nothing is made that the caller does not ask for.
 *
 *     struct builtin_walk walk;
 *     builtin_walk_start(&walk, x);
 *     while (builtin_walk_next(&context, &walk, &path, &v) == BUILTIN_VALUE)
 *
 * ret_path may be NULL. BUILTIN_UNDEFINED is the end.
 */
struct builtin_walk_frame;

struct builtin_walk {
  struct value root;
  struct builtin_walk_frame *frames; /* in the arena */
  uint32_t depth, room;
  bool started;
};

void builtin_walk_start(struct builtin_walk *walk, struct value root);
enum builtin_result builtin_walk_next(struct builtin_context *context, struct builtin_walk *walk,
                                      struct value *ret_path, struct value *ret_value);

#endif
