/* What the parts of gatekeeper_suite share. */
#ifndef SEAWALL_POLICY_GATEKEEPER_SUITE_INT_H
#define SEAWALL_POLICY_GATEKEEPER_SUITE_INT_H

#include "data/openapi_schema.h"
#include "data/regex.h"
#include "data/value.h"
#include "policy/gatekeeper.h"
#include "policy/gatekeeper_suite.h"

/* --run. Both NULL: all. With `both`, test and case have to match, else either. */
struct filter {
  struct regex *test, *one;
  bool both;
};

struct verifying {
  const struct gatekeeper_verify *asked;
  struct filter filter;
  struct openapi_schema *suite_schema, *review_schema;
  struct gatekeeper_verify_summary *summary;
  struct arena arena; /* of the suite at hand: its values and results */
};

bool filter_takes_test(const struct filter *f, struct value test);
bool filter_takes_case(const struct filter *f, struct value test, struct value one);

/* Runs a suite that has been held against the schema; counts into the summary. */
void gatekeeper_suite_run(struct verifying *v, struct str path, struct value suite,
                          struct gatekeeper_suite_result *ret);

#endif
