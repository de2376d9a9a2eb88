/*
 * rego_case.h - what the programs that run OPA's own cases share: the cases, read one by one, their
 * modules parsed, and the list of those that are known to fail.
 *
 *     static void each(void *user, struct arena *a, const struct rego_case *c) { ... }
 *     int result = rego_cases_each(rego_case_shared(&path), &rego_suites[0], each, &tally);
 *
 * The cases lie in conformance/rego of a folder that is no part of the repository: SEAWALL_SHARED
 * names it, else it is shared/ beside the checkout.
 */
#ifndef SEAWALL_TESTS_CONFORMANCE_REGO_CASE_H
#define SEAWALL_TESTS_CONFORMANCE_REGO_CASE_H

#include "base/buf.h"
#include "base/map.h"
#include "data/value.h"
#include "lang/rego/errors.h"
#include "lang/rego/parser.h"

enum { CASES_SKIPPED = 77, CASE_MODULES_MAX = 64 };

struct rego_suite {
  const char *file;
  enum rego_version version;
};

/* cases-v1.jsonl, cases-v0.jsonl. */
extern const struct rego_suite rego_suites[2];

/* What is not in the line is empty, false or absent. */
struct rego_case {
  const struct rego_suite *suite;
  struct str name; /* "cases-v1.jsonl: file: note"; if that occurs again, with " (2)" behind */
  struct str file, note;
  struct value modules; /* texts */
  struct str query, input_term;
  struct value data, input;
  struct value want_result; /* an array of objects */
  struct str want_code, want_text;
  bool strict_errors, experimental, sort_bindings, ignore_generated;
  struct value env;
  struct str stranger; /* a key that nobody here knows */
};

/* The folder of shared data; *path holds the text. */
const char *rego_case_shared(struct buf *path);

/* Calls `each` for every case of a suite, with an arena that is emptied behind it. 0; 1 if the file
 * is broken, which is printed; CASES_SKIPPED if it is not there. */
int rego_cases_each(const char *shared, const struct rego_suite *suite,
                    void (*each)(void *user, struct arena *a, const struct rego_case *c),
                    void *user);

struct rego_case_trees {
  const struct rego_module *modules[CASE_MODULES_MAX];
  uint32_t count;
  struct rego_body query;
};

/* Modules are called test-0.rego, test-1.rego, ..., the query has no name. 0, or as the parser. */
int rego_case_parse(struct arena *a, const struct rego_case *c, struct rego_names *names,
                    struct rego_case_trees *ret_trees, struct rego_errors *ret_errors,
                    struct error *err);

/* ---- cases that are known to fail: lines "name   # reason" */

struct rego_known {
  const char *file;
  struct buf text;
  struct map names; /* number: 1 once the case has been seen to fail */
};

/* Reads tests/conformance/FILE of the checkout (SEAWALL_SOURCE_ROOT). */
void rego_known_read(struct rego_known *known, const char *file);
void rego_known_free(struct rego_known *known);

/* A case fails: is it on the list? */
bool rego_known_fails(struct rego_known *known, struct str name);

/* All on the list did fail; those that did not are printed. */
bool rego_known_all_fail(const struct rego_known *known);

#endif
