/*
 * policy_output.h - the result of a query, in OPA's formats.
 *
 *   json      {"result": [{"expressions": [{"value", "text", "location"}], "bindings": {...}}]}
 *   pretty    one value as JSON; else a table of bindings and values
 *   values    the values of each answer as a JSON array
 *   bindings  the bindings of each answer as a JSON object
 *   raw       values for scripts: strings as they are, answers on lines of their own
 *
 * Members of objects come out in the order of their keys, sets as arrays in order, keys that are no
 * strings as the text of their JSON.
 *
 * Thread safety: any number of threads, each with its own buf and arena.
 */
#ifndef SEAWALL_CMD_POLICY_OUTPUT_H
#define SEAWALL_CMD_POLICY_OUTPUT_H

#include "base/arena.h"
#include "base/buf.h"
#include "data/json_write.h"
#include "data/value.h"
#include "lang/rego/ast.h"

/* Of a query's expressions: those that have a value in each answer. */
struct policy_expression {
  struct str text;
  uint32_t row, column;
};

struct policy_answers {
  struct value rows; /* as policy_query's result, ordered; an array, maybe empty */
  struct policy_expression *expressions;
  uint32_t expression_count;
};

/* Makes the result ready to be written; all in the arena. An absent result has no rows. */
void policy_answers_make(struct arena *a, struct value result, struct rego_body query,
                         struct str text, struct policy_answers *ret);

static inline bool policy_answers_defined(const struct policy_answers *answers)
{
  return answers->rows.len > 0;
}

/* A value with everything in order, as JSON can hold it. */
struct value policy_value_ordered(struct arena *a, struct value v);

/* The array of answers. */
void policy_answers_json(const struct policy_answers *answers, struct json_writer *w);

struct policy_look {
  unsigned width; /* columns of the terminal; 0: none */
  bool color, unicode;
  uint32_t limit; /* bytes of a value in a table; 0: all */
};

void policy_answers_pretty(const struct policy_answers *answers, const struct policy_look *look,
                           struct buf *out);
void policy_answers_values(const struct policy_answers *answers, struct buf *out);
void policy_answers_bindings(const struct policy_answers *answers, struct buf *out);
void policy_answers_raw(const struct policy_answers *answers, struct buf *out);

#endif
