/*
 * check_rules.h - all rules of this folder, by their ids.
 *
 *     const struct rule *rule = check_rule_find(STR("dockerfile-user-root"));
 *     for (size_t i = 0; (rule = check_rule_at(i)); i++) ...
 *
 * Thread safety: the tables are constant.
 */
#ifndef SEAWALL_SCAN_CHECK_CHECK_RULES_H
#define SEAWALL_SCAN_CHECK_CHECK_RULES_H

#include "finding/finding.h"

/* NULL: there is none. */
const struct rule *check_rule_find(struct str id);

/* Numbered from 0, Dockerfiles' first; NULL behind the last. */
const struct rule *check_rule_at(size_t index);

#endif
