/*
 * rego_test.h - the tests of a set of Rego modules: which rules are tests, and what they come to.
 *
 *     struct rego_tests *tests = rego_tests_new(modules, count, names, filter);
 *     rego_tests_compile(tests, &arena, &options, &errors, &err);
 *     struct rego_test_run run = {.data = data, .jobs = 4, .result = show, .ctx = report};
 *     rego_tests_run(tests, &run, &err);
 *     rego_tests_free(tests);
 *
 * As `opa test` has it: a test is a rule with a name (or a part of its reference) that begins with
 * `test_`; it passes if it is true. `todo_test_` is skipped. A name that is given several times is
 * several tests: test_x, test_x#01, ... A rule with variables behind the name, test_x[name], tests
 * many cases: each that comes true has passed, and each that was begun and did not has failed; a case
 * is begun as soon as its name is known, or where internal.test_case([name]) is called.
 *
 * For what fails, the expression that had no answer is told (the last one that did not, of the
 * outermost body it stands in; within `every`, the one inside), with the variables that had a value
 * there, and, if it compares two things, both of them. To that end the sides of a comparison in a
 * test are computed in front of it.
 *
 * Limits: REGO_ENTRIES_MAX tests; each test has a time limit, an arena limit of REGO_TEST_MEMORY_MAX
 * and the steps of rego.h; REGO_TEST_OUTPUT_MAX bytes of print() are kept, REGO_TEST_CASES_MAX cases.
 *
 * Ownership: the tests own the trees that they changed and the program; modules, names and data must
 * outlive them. Results are valid during the call that hands them over.
 * Thread safety: one call at a time; rego_tests_run makes threads of its own and calls back on the
 * caller's.
 */
#ifndef SEAWALL_POLICY_REGO_TEST_H
#define SEAWALL_POLICY_REGO_TEST_H

#include "data/regex.h"
#include "lang/rego/rego.h"
#include "policy/rego_cover.h"

enum {
  REGO_TEST_MEMORY_MAX = 1 << 30, /* bytes */
  REGO_TEST_OUTPUT_MAX = 1 << 20,
  REGO_TEST_CASES_MAX = 100000,
  REGO_TEST_VALUE_MAX = 64 << 10, /* bytes of the text of a value */
};
#define REGO_TEST_TIMEOUT_DEFAULT (UINT64_C(5) * 1000000000)

struct rego_test {
  struct str package; /* "data.shop_test" */
  struct str name;    /* "test_x", "test_x#01", "suite.test_x" */
  struct str file;
  struct rego_place place;
  bool skipped; /* todo_test_ */
  bool cases;   /* test_x[name] */
};

struct rego_tests;

/* The tests of the modules, in the order of the modules and, within one, of the rules. filter (may be
 * NULL): those whose full name ("data.shop_test.test_x") it matches. Allocates in names. */
struct rego_tests *rego_tests_new(const struct rego_module *const *modules, uint32_t count,
                                  struct rego_names *names, const struct regex *filter);
void rego_tests_free(struct rego_tests *tests);
MEM_DEFINE_CLEANUP(struct rego_tests, rego_tests_free)

size_t rego_tests_count(const struct rego_tests *tests);
const struct rego_test *rego_tests_get(const struct rego_tests *tests, size_t i);

/* Compiles the modules with the tests as entries. options as for rego_compile; names, print and
 * instrument are set here. Errors: those of rego_compile; SW_ELIMIT: too many tests. */
int rego_tests_compile(struct rego_tests *tests, struct arena *a,
                       const struct rego_compile_options *options, struct rego_errors *ret_errors,
                       struct error *err);

enum rego_test_outcome {
  REGO_TEST_PASS,
  REGO_TEST_FAIL,
  REGO_TEST_SKIP,
  REGO_TEST_ERROR, /* the evaluation failed, or took too long */
};

/* A value that was seen, as Rego text; cut after REGO_TEST_VALUE_MAX bytes. */
struct rego_test_variable {
  struct str name, text;
};

/* Where it failed. */
struct rego_test_failure {
  bool known;
  struct str file;
  struct rego_place place;
  struct str text; /* the expression's first line */
  const struct rego_test_variable *variables;
  size_t variable_count;
  /* A comparison: its sides; absent: it is none, or that side has no value. */
  bool compares;
  struct value left, right;
};

/* One case of a test, or a step on the way to cases. */
struct rego_test_case {
  struct str name;
  uint32_t depth; /* 0: of the test itself; those inside follow */
  bool failed;
  bool leaf;
  struct rego_test_failure failure; /* of leaves */
};

struct rego_test_result {
  const struct rego_test *test;
  enum rego_test_outcome outcome;
  uint64_t duration_ns;
  struct str output; /* of print() */
  /* REGO_TEST_ERROR: "eval_conflict_error", and where */
  struct str error_code, error_message, error_file;
  struct rego_place error_place;
  struct str value; /* REGO_TEST_FAIL: what the rule came to if it is neither true nor undefined */
  struct rego_test_failure failure;
  const struct rego_test_case *cases; /* in the order of their names, depth first */
  size_t case_count;
};

struct rego_test_run {
  struct value data;        /* base documents */
  struct value environment; /* opa.runtime() */
  uint64_t timeout_ns;      /* of one test; 0: REGO_TEST_TIMEOUT_DEFAULT */
  unsigned jobs;            /* 0: as many as there are processors */
  struct rego_cover *cover; /* is added to; NULL: not wanted */
  void (*result)(void *ctx, const struct rego_test_result *result);
  void *ctx;
};

/* Runs all tests once and hands their results over, in their order. */
int rego_tests_run(struct rego_tests *tests, const struct rego_test_run *run, struct error *err);

/* The program, for a cover; NULL before rego_tests_compile. */
const struct rego_program *rego_tests_program(const struct rego_tests *tests);

/* A value as Rego writes it, cut after REGO_TEST_VALUE_MAX bytes. */
struct str rego_test_value_text(struct arena *a, struct value v);

/*
 * How two values differ, as lines "PLACE: LEFT | RIGHT", each after `indent` spaces; places are written
 * as references (.spec.ports[0]), `-` stands where a side has nothing. Sets are compared as sets;
 * elements that were put in or left out of an array stand with their number on their side. At
 * most `most` lines, and a last one that says how many are left out. Returns how many differences
 * there are; values are cut after 100 bytes.
 */
size_t rego_test_differences(struct buf *out, struct value left, struct value right,
                             unsigned indent, size_t most);

#endif
