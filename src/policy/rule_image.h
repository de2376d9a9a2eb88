/*
 * rule_image.h - the rule library as it is compiled into the program.
 *
 * tools/rules_compile.c reads rules/ when seawall is built, checks every rule and writes one C file that
 * defines rule_image_builtin: the table of rules in order of their ids, the frameworks, the parameters,
 * and the program. rule_library.h is who uses it.
 *
 * If `program` is empty (meson option rules=source), the modules are compiled when the program starts:
 * for work on the engine itself.
 *
 * Everything is constant and static.
 */
#ifndef SEAWALL_POLICY_RULE_IMAGE_H
#define SEAWALL_POLICY_RULE_IMAGE_H

#include "finding/framework.h"
#include "policy/rule_metadata.h"

struct rule_module_text {
  struct str name; /* "rules/rego/lib/pod.rego" */
  struct str text;
};

struct rule_image {
  const struct library_rule *rules; /* by id; entry i of the program is rule i */
  size_t rule_count;
  const struct framework *frameworks;
  size_t framework_count;
  const struct rule_parameter *parameters;
  size_t parameter_count;
  struct str program; /* of rego_program_save; empty: compile the modules */
  /* What all rules share (seawall.lib.*), for users' own rules; and all others if program is empty. */
  const struct rule_module_text *modules;
  size_t module_count;
};

extern const struct rule_image rule_image_builtin;

#endif
