/*
 * image_rules.h - which rules of images and Dockerfiles count (--rule, --skip-rule, --framework, rules.disable and
 * rules.severity of the configuration), and how the controls of frameworks stand when all has been judged.
 *
 *     static const struct option options[] = {..., IMAGE_RULE_ROWS, ..., {0}};
 *
 *     struct image_rules rules;
 *     if (image_rules_open(&rules, &common, IMAGE_RULES_OF_IMAGES, &err) < 0) ...
 *     for each file or image:
 *         image_rules_apply(&rules, &findings);         when all are made, before exceptions
 *         image_rules_held(&rules, &held);              what there was to judge
 *         image_rules_found(&rules, &findings);         when exceptions have been applied
 *     image_rules_end(&rules, &summary);
 *     image_rules_close(&rules);
 *
 * The meaning is that of the same options of "scan manifests": a framework's rules alone are asked, and of each of its
 * controls the report says whether it passes, fails, does not apply or is not covered.
 *
 * Ownership: results lie in the configuration's arena.
 */
#ifndef SEAWALL_CMD_IMAGE_RULES_H
#define SEAWALL_CMD_IMAGE_RULES_H

#include "cmd/scan_common.h"
#include "finding/rule_choice.h"
#include "scan/check/dockerfile.h"
#include "scan/check/economy.h"
#include "scan/check/image_config.h"
#include "scan/rule_catalogue.h"
#include "scan/secret/rules.h"

/* Rows for the option table. */
#define IMAGE_RULE_ROWS RULE_CHOICE_ROWS(image_framework_values)

/* Frameworks that rules of images and Dockerfiles serve. */
extern const char *const image_framework_values[];

enum image_rules_of {
  IMAGE_RULES_OF_IMAGES = 1 << SCAN_SUBJECT_IMAGE | 1 << SCAN_SUBJECT_PACKAGE |
                          1 << SCAN_SUBJECT_SECRET,
  IMAGE_RULES_OF_DOCKERFILES = 1 << SCAN_SUBJECT_DOCKERFILE,
};

struct image_rules {
  unsigned subjects;
  VEC(struct str) only;
  VEC(struct str) skip;
  VEC(struct str) frameworks;
  struct rule_choice choice;
  bool *judged;                        /* by number in the catalogue */
  struct framework_summary *summaries; /* one for each of frameworks */
};

/* SW_EUSAGE: there is no such rule, or the configuration has one that is evidently mistyped. A rule that may be one of
 * the user's file of secrets is left to image_rules_check. */
int image_rules_open(struct image_rules *rules, struct scan_common *common,
                     enum image_rules_of subjects, struct error *err);
void image_rules_close(struct image_rules *rules);

/* Whether all ids exist, now that rules for secrets are loaded; secrets: NULL: none are. SW_EUSAGE. */
int image_rules_check(const struct image_rules *rules, const struct secret_rules *secrets,
                      struct error *err);

/* Whether any rule is asked for by name or by framework. */
bool image_rules_narrow(const struct image_rules *rules);

/* Whether rules of a subject are asked, if not all; of_licenses: of packages' licences, else their vulnerabilities. */
bool image_rules_need(const struct image_rules *rules, enum scan_subject subject, bool of_licenses);

/* " of cis-docker, mitre": what to write behind the name of what is held against; nothing if there are none. */
void image_rules_name(const struct image_rules *rules, struct buf *out);

void image_rules_apply(const struct image_rules *rules, struct finding_list *findings);

/* What has been held against rules. All zero: nothing. */
struct image_rules_held {
  const struct dockerfile_options *dockerfile; /* NULL: no Dockerfile */
  const struct image_config_facts *config;     /* NULL: no configuration was judged */
  const struct economy *economy;               /* NULL: not judged */
  bool files;                                  /* and accounts */
  bool vulnerabilities, licenses, secrets;
};

void image_rules_held(struct image_rules *rules, const struct image_rules_held *held);
void image_rules_found(struct image_rules *rules, const struct finding_list *findings);

/* Puts the controls into the summary. */
void image_rules_end(struct image_rules *rules, struct report_summary *summary);

#endif
