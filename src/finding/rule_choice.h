/*
 * rule_choice.h - which rules count in a scan: what the user asked for, and what the configuration says.
 *
 *     const struct rule_choice choice = {.skip = skip, .skip_count = 1, .settings = ..., };
 *     if (rule_choice_asks(&choice, rule, NULL)) ...        before it is asked
 *     rule_choice_apply(&choice, family_of, &findings);     or of findings that have been made
 *
 * A rule is asked if
 *  - neither it nor its family is among those to skip,
 *  - it or its family serves one of the frameworks, if there are any,
 *  - it or its family is among those asked for by name, if there are any; else if the configuration does not
 *    disable it. So who asks for a rule by name gets it.
 *
 * Its family is the rule that stands for it in lists, where rules are too many to be listed or are made as they are found:
 * a vulnerability's is "vulnerability", a secret's "secret". What the configuration says of the rule itself goes before
 * what it says of the family.
 *
 * Ownership: a choice only points. Thread safety: immutable.
 */
#ifndef SEAWALL_FINDING_RULE_CHOICE_H
#define SEAWALL_FINDING_RULE_CHOICE_H

#include "finding/finding.h"

/* What the configuration says about one rule. */
struct rule_setting {
  struct str id;
  bool disabled;
  enum severity severity; /* SEVERITY_UNKNOWN: the rule's own */
};

struct rule_choice {
  const struct str *only; /* ids; none: all */
  size_t only_count;
  const struct str *skip;
  size_t skip_count;
  const struct str *frameworks; /* ids; none: all */
  size_t framework_count;
  const struct rule_setting *settings;
  size_t setting_count;
};

/* The family of a finding's rule; NULL: none. */
typedef const struct rule *rule_family(const struct finding *f);

/* family may be NULL. */
bool rule_choice_asks(const struct rule_choice *choice, const struct rule *rule,
                      const struct rule *family);

/* The severity that the configuration gives the rule; SEVERITY_UNKNOWN: none. family may be NULL. */
enum severity rule_choice_severity(const struct rule_choice *choice, const struct rule *rule,
                                   const struct rule *family);

/* Takes the findings of rules that are not asked out, and gives the others the severity of the configuration. family_of may
 * be NULL: no rule has one. */
void rule_choice_apply(const struct rule_choice *choice, rule_family *family_of,
                       struct finding_list *findings);

#endif
