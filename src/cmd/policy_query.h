/*
 * policy_query.h - a query with its policies, data and input, ready to be evaluated: what `policy eval`
 * and `policy bench` have in common.
 *
 *     struct policy_query q;
 *     if (policy_query_open(&q, args, &compile, &err) == 0 && policy_query_run(&q, NULL, &err) == 0)
 *         write(q.result);
 *     else
 *         policy_query_tell(&q, &err);
 *     policy_query_close(&q);
 *
 * A result is an array with one object for each answer, {"bindings": {...}, "expressions": [...]}, as
 * rego_entry.expressions has it.
 *
 * Thread safety: a query belongs to one thread.
 */
#ifndef SEAWALL_CMD_POLICY_QUERY_H
#define SEAWALL_CMD_POLICY_QUERY_H

#include "cmd/policy_source.h"

/* Rows for an option table. */
#define POLICY_QUERY_OPTIONS                                                                       \
  POLICY_SOURCE_PATH_OPTIONS,                                                                      \
      {.name = "input",                                                                            \
       .letter = 'i',                                                                              \
       .argument = "FILE",                                                                         \
       .help = "JSON or YAML that `input` is",                                                     \
       .complete = COMPLETE_FILES},                                                                \
      {.name = "stdin-input", .letter = 'I', .help = "read the input from standard input"},        \
      {.name = "stdin", .help = "read the query from standard input"},                             \
      {.name = "package",                                                                          \
       .argument = "PACKAGE",                                                                      \
       .help = "evaluate the query as if it stood in this package"},                               \
      {.name = "import",                                                                           \
       .argument = "IMPORT",                                                                       \
       .help = "import for the query, as in a module: \"data.lib as l\"; may be repeated",         \
       .repeatable = true},                                                                        \
      {.name = "unknowns",                                                                         \
       .argument = "REF",                                                                          \
       .help = "refused: there is no partial evaluation",                                          \
       .repeatable = true},                                                                        \
      {.name = "strict-builtin-errors",                                                            \
       .help = "the first error of a built-in function is fatal"},                                 \
      {.name = "timeout",                                                                          \
       .argument = "DURATION",                                                                     \
       .help = "longest that an evaluation may take: 500ms, 10s (default: no limit)"},             \
      POLICY_SOURCE_COMMON_OPTIONS

enum policy_timer {
  POLICY_TIME_LOAD,    /* reading and parsing policies and data */
  POLICY_TIME_INPUT,   /* reading and parsing the input */
  POLICY_TIME_QUERY,   /* parsing the query */
  POLICY_TIME_COMPILE, /* compiling query and modules */
  POLICY_TIME_EVAL,    /* the last evaluation */
  POLICY_TIME_COUNT
};

struct policy_query {
  const struct arguments *args;
  struct policy_source source;
  struct buf text; /* of the query */
  struct rego_body body;
  struct buf input_text;
  struct arena input_arena;
  struct value input; /* absent: none */
  struct rego_program *program;
  struct rego_worker *worker;
  struct arena arena; /* of the last evaluation */
  struct value result;
  uint64_t timers[POLICY_TIME_COUNT]; /* nanoseconds */
  uint64_t timeout_ns;                /* 0: none */
  bool strict_errors;
  bool failed; /* the last evaluation did: rego_failure of the worker says how */
};

/* Everything up to the program. *compile says what is wanted beside the command line's own. */
int policy_query_open(struct policy_query *q, const struct arguments *args,
                      const struct rego_compile_options *compile, struct error *err);
void policy_query_close(struct policy_query *q);

/* One evaluation, into q->result (absent: undefined), with everything of the one before gone. Of
 * *hooks (may be NULL) observer, print, note and user are taken. */
int policy_query_run(struct policy_query *q, const struct rego_run *hooks, struct error *err);

/* What went wrong, on standard error, or as a JSON array. */
void policy_query_tell(const struct policy_query *q, const struct error *err);
void policy_query_write_errors_json(const struct policy_query *q, const struct error *err,
                                    struct json_writer *w);

/* The input's text, parsed again into an arena: for measuring. */
int policy_query_parse_input(const struct policy_query *q, struct arena *a, struct error *err);

#endif
