/* rego_test_int.h - what the parts of rego_test share. */
#ifndef SEAWALL_POLICY_REGO_TEST_INT_H
#define SEAWALL_POLICY_REGO_TEST_INT_H

#include "base/map.h"
#include "base/vec.h"
#include "policy/rego_test.h"

/* Beginnings of the names of variables that are put into tests. */
#define REGO_TEST_CASE "__test_case_"
#define REGO_TEST_LEFT "__test_left_"
#define REGO_TEST_RIGHT "__test_right_"

/* A comparison whose sides are computed in front of it. */
struct test_comparison {
  uint32_t start, end; /* of the expression, in bytes of its module's text */
  struct test_side {
    uint32_t start, end;
    struct str variable; /* that holds it; empty: none does */
  } left, right;
};

struct test_entry {
  struct rego_test test;
  struct str path; /* for rego_entry */
  uint32_t entry;  /* UINT32_MAX: skipped */
  uint32_t point;  /* of its rule; UINT32_MAX: not known */
  const struct rego_module *module;
  size_t first, comparison_count; /* its comparisons */
};

struct rego_tests {
  struct arena arena;
  struct rego_names *names;
  const struct rego_module **modules; /* with what was put into the tests */
  const struct rego_module *
      *plain; /* without: tests that were given twice have names of their own */
  uint32_t module_count;
  VEC(struct test_entry) entries;
  VEC(struct test_comparison) comparisons;
  struct rego_program *program;
  uint32_t fresh; /* variables made */
};

/* Prepares the body of a test: begins its cases (tail: what stands behind the name in its ref) and
 * computes the sides of comparisons beforehand. */
struct rego_body rego_test_rewrite(struct rego_tests *tests, struct rego_body body,
                                   const struct rego_term *tail, uint32_t tail_count);

/* The text of a value as Rego writes it, in the arena, at most `most` bytes. */
struct str rego_test_text(struct arena *a, struct value v, size_t most);

#endif
