/*
 * policy_trace.h - what happened in an evaluation: steps one after the other (--explain), time and
 * counts of each line (--profile), which lines were covered (--coverage: policy/rego_cover.h).
 *
 *     struct policy_trace trace;
 *     policy_trace_init(&trace, program, &(struct policy_trace_options){.events = true});
 *     struct rego_run run = {.observer = &trace.observer, .note = policy_trace_note, .user = &trace};
 *     ... evaluate ...
 *     policy_trace_explain(&trace, POLICY_EXPLAIN_FULL, &out);
 *     policy_trace_free(&trace);
 *
 * The program must have been compiled with `instrument`. Events beyond POLICY_TRACE_EVENTS_MAX or
 * POLICY_TRACE_BYTES_MAX are counted, not kept; counts are always of all.
 *
 * Thread safety: a trace belongs to one thread.
 */
#ifndef SEAWALL_CMD_POLICY_TRACE_H
#define SEAWALL_CMD_POLICY_TRACE_H

#include "base/arena.h"
#include "base/vec.h"
#include "lang/rego/rego.h"
#include "policy/rego_cover.h"

enum {
  POLICY_TRACE_EVENTS_MAX = 2000000,
  POLICY_TRACE_VALUE_MAX = 64, /* bytes of a value that are shown */
};
#define POLICY_TRACE_BYTES_MAX (UINT64_C(512) << 20)

enum policy_explain {
  POLICY_EXPLAIN_OFF,
  POLICY_EXPLAIN_NOTES, /* what trace() said, and the way there */
  POLICY_EXPLAIN_FAILS, /* expressions that had no answer, and the way there */
  POLICY_EXPLAIN_FULL,  /* all */
  POLICY_EXPLAIN_DEBUG, /* all, with the values of variables */
};

struct policy_trace_options {
  bool events;      /* keep what happens */
  bool variables;   /* with values */
  bool profile;     /* measure */
  bool cover;       /* keep which lines were covered */
  struct str query; /* text of the query */
};

enum { POLICY_TRACE_NOTE = REGO_EXIT + 1 }; /* beside enum rego_event */

struct policy_trace_event {
  uint32_t op;    /* enum rego_event, or POLICY_TRACE_NOTE */
  uint32_t point; /* UINT32_MAX: none (a note at the query's own level) */
  uint32_t depth;
  struct str text; /* of a note; else variables as {"x": 1}, empty if there are none */
};

struct policy_trace_counts {
  uint64_t evaluated, redone; /* EVAL, REDO */
  uint64_t ns;
};

struct policy_trace {
  struct rego_observer observer;
  const struct rego_program *program;
  struct policy_trace_options options;
  struct arena arena;
  VEC(struct policy_trace_event) events;
  uint64_t dropped;
  struct policy_trace_counts *counts; /* by point */
  struct rego_cover *cover;           /* NULL unless asked for */
  uint32_t current;                   /* point that the time now goes to; UINT32_MAX: none */
  uint64_t since;
  uint32_t last_point, last_depth; /* of the event before, for notes */
};

void policy_trace_init(struct policy_trace *trace, const struct rego_program *program,
                       const struct policy_trace_options *options);
void policy_trace_free(struct policy_trace *trace);

/* Before another evaluation: events and times start anew. */
void policy_trace_reset(struct policy_trace *trace);

/* For rego_run.note; user is the trace. */
void policy_trace_note(void *user, struct str text);

/* The evaluation has ended: the last expression's time is taken. */
void policy_trace_end(struct policy_trace *trace);

/* Lines like "policy.rego:3    | Eval input.x > 1". */
void policy_trace_explain(const struct policy_trace *trace, enum policy_explain mode,
                          struct buf *out);

/* The same as a JSON array of {"op", "location", "depth", "text"}. */
struct json_writer;
void policy_trace_explain_json(const struct policy_trace *trace, enum policy_explain mode,
                               struct json_writer *w);

/* One line of source that had expressions evaluated. */
struct policy_profile_line {
  struct str file;
  uint32_t row, column;
  uint64_t ns, evaluated, redone;
  uint32_t expressions; /* on this line, of those that were evaluated */
};

struct policy_profile {
  struct policy_profile_line *lines;
  size_t count;
};

/* OPA's criteria: "total_time_ns", "num_eval", "num_redo", "num_gen_expr", "file", "line"; what is not
 * given follows in that order. The lines lie in the trace's arena. SW_EUSAGE: no such criterion. */
int policy_trace_check_criteria(const char *const *criteria, size_t count, struct error *err);
int policy_trace_profile(struct policy_trace *trace, const char *const *criteria, size_t count,
                         struct policy_profile *ret, struct error *err);

#endif
