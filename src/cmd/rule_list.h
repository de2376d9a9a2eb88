/*
 * rule_list.h - all rules of the program: those of manifests, and those of images, Dockerfiles, packages and secrets.
 *
 *     struct rule_list list;
 *     if (rule_list_open(&list, args, &err) < 0) ...
 *     for (size_t i = 0; i < list.rules.count; i++)
 *       list.rules.items[i].rule->title ...
 *     rule_list_close(&list);
 *
 * Rules of manifests come first, in the order of policy/rule_library.h, then those of scan/rule_catalogue.h.
 *
 * Ownership: the list owns the library; rules live as long as the list.
 */
#ifndef SEAWALL_CMD_RULE_LIST_H
#define SEAWALL_CMD_RULE_LIST_H

#include "cmd/rule_options.h"
#include "scan/rule_catalogue.h"

/* What rules judge, as the column and --subject name it. */
extern const char *const rule_subject_values[];

/* All frameworks. */
extern const char *const rule_list_framework_values[];

struct listed_rule {
  const struct rule *rule;
  const char *subject;                /* one of rule_subject_values */
  const struct library_rule *details; /* what metadata says besides; NULL: none */
  const struct rule *family;          /* that stands for it; NULL: none */
  bool stands_for_others;             /* it is a family */
};

struct rule_list {
  struct rule_options options;
  struct rule_library *library;
  VEC(struct listed_rule) rules;
};

/* Reads --rules, --no-builtin-rules and --framework. Errors: those of rule_library_new. */
int rule_list_open(struct rule_list *list, const struct arguments *args, struct error *err);
void rule_list_close(struct rule_list *list);

/* The framework of a control; NULL: it is the number of a check of another tool. */
const struct framework *rule_list_framework(const struct control *c);

/* Whether the rule or its family serves one of --framework; true if there are none. */
bool rule_list_serves(const struct rule_list *list, const struct listed_rule *r);

/* The rule's controls, or its family's if it has none of its own. */
const struct rule *rule_list_controls(const struct listed_rule *r);

#endif
