/*
 * errors.h - what is wrong with a policy, as OPA says it.
 *
 * Reading and compiling a policy may find several things wrong with it; up to
 * REGO_ERRORS_MAX of them are kept, in the order in which they were found. The
 * codes and, where they are well known, the words are those of OPA, because
 * people search for them.
 *
 *     struct rego_errors errors;
 *     rego_errors_clear(&errors);
 *     rego_errors_add(&errors, &arena, REGO_PARSE_ERROR, module_source, place, "found empty body");
 *     rego_errors_write(&out, &errors);
 *       1 error occurred: policy.rego:3: rego_parse_error: found empty body
 *       	allow if {}
 *       	         ^
 *
 * The list is the caller's; messages lie in the arena, names and source lines are
 * views of what was given. Thread safety: a list belongs to one thread.
 */
#ifndef SEAWALL_LANG_REGO_ERRORS_H
#define SEAWALL_LANG_REGO_ERRORS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "lang/rego/ast.h"

enum { REGO_ERRORS_MAX = 10 };

enum rego_code {
  REGO_PARSE_ERROR,
  REGO_COMPILE_ERROR,
  REGO_UNSAFE_VAR_ERROR,
  REGO_TYPE_ERROR,
  REGO_RECURSION_ERROR,
};

struct rego_error {
  enum rego_code code;
  struct rego_place place; /* line 0: the text as a whole */
  struct str file;         /* may be empty */
  struct str message;
  struct str details; /* lines that say more, without a line break at the end; may be empty */
  struct str line;    /* of the source, without the line break; empty: unknown */
};

struct rego_errors {
  struct rego_error items[REGO_ERRORS_MAX];
  uint32_t count;
  uint32_t dropped; /* found when the list was full */
};

/* A source text and its name, for the excerpt. */
struct rego_source {
  struct str name, text;
};

/* "rego_parse_error", ... */
const char *rego_code_name(enum rego_code code);

static inline void rego_errors_clear(struct rego_errors *errors)
{
  errors->count = 0;
  errors->dropped = 0;
}

void rego_errors_add(struct rego_errors *errors, struct arena *a, enum rego_code code,
                     struct rego_source source, struct rego_place place, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* All of them as OPA prints them, each with its line and a mark under the place; no line break at
 * the end. Control characters of the source other than tabs are written as spaces. */
void rego_errors_write(struct buf *out, const struct rego_errors *errors);

/* One: "policy.rego:3: rego_parse_error: message" (without a name: "3:7: ..."), its details below. */
void rego_error_write(struct buf *out, const struct rego_error *error);

/* Fills err with the first error and returns `code`; the list must not be empty. */
int rego_errors_to_error(const struct rego_errors *errors, int code, struct error *err);

#endif
