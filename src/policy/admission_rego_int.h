/* admission_rego_int.h - Rego packages as they are loaded, for those who ask them. */
#ifndef SEAWALL_POLICY_ADMISSION_REGO_INT_H
#define SEAWALL_POLICY_ADMISSION_REGO_INT_H

#include "policy/admission_int.h"
#include "policy/rego_set.h"

enum verdict {
  VERDICT_DENY,
  VERDICT_WARN,
  VERDICT_ANSWER, /* an AdmissionReview with a response */
};

/* What a package expects as input; the greater one wins where modules differ. */
enum input_form {
  INPUT_OBJECT,     /* the object */
  INPUT_GATEKEEPER, /* {"review": request, "parameters": {}} */
  INPUT_REVIEW,     /* the AdmissionReview */
};

struct package_ask {
  uint32_t entry;
  enum verdict verdict;
  struct str rule;
};

struct package_policy {
  struct str id;
  enum input_form form;
  bool answers;    /* data.system.main is in it */
  bool spoken_for; /* data.system.main asks it */
  bool patches;    /* and its modules speak of a patch */
  VEC(struct package_ask) asks;
};

struct rego_state {
  struct arena arena;
  struct rego_program *program;
  struct value data;
  VEC(struct package_policy) packages; /* a policy's number is its place here */
};

void admission_rego_mutate(struct admission_asking *a);
void admission_rego_judge(struct admission_asking *a);

#endif
