/*
 * podsecurity_rules.h - the texts of the Pod Security checks: why each matters and how to mend it.
 *
 * One rule for each check, and one ("pss-wrong-type") for fields that the API server could not
 * decode. The rules are static and immutable.
 */
#ifndef SEAWALL_POLICY_PODSECURITY_RULES_H
#define SEAWALL_POLICY_PODSECURITY_RULES_H

#include "finding/finding.h"
#include "policy/podsecurity.h"

enum { PODSECURITY_RULE_COUNT = PODSECURITY_CHECK_COUNT + 1 };

/* The rule of a check, or of PODSECURITY_WRONG_TYPE. */
const struct rule *podsecurity_rule(enum podsecurity_check_id check);

/* All of them, PODSECURITY_RULE_COUNT in the order of enum podsecurity_check_id. */
const struct rule *podsecurity_rules(void);

#endif
