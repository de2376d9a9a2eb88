/*
 * rule_metadata.h - what a rule of the library says of itself, out of its module's METADATA block.
 *
 *     struct library_rule rule;
 *     if (rule_metadata_read(&arena, module, frameworks, count, &rule, &err) < 0)
 *       say("%s:%u: %s", name, err.line, err.message);
 *
 * docs/internals/rules.md is the contract: fields, their meaning, and what is required. The module must
 * have been parsed with annotations. Errors are SW_EINVAL with the line of the block or the package.
 *
 * Ownership: everything read lies in the arena or views the module's tree; the tables that are
 * compiled in are static. Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_POLICY_RULE_METADATA_H
#define SEAWALL_POLICY_RULE_METADATA_H

#include "finding/finding.h"
#include "finding/framework.h"
#include "lang/rego/ast.h"

/* A kind that a rule looks at, in all its versions. */
struct rule_kind {
  struct str group; /* "" is the core group */
  struct str kind;  /* "Service" */
};

/* The same check in another tool. */
struct rule_alias {
  struct str tool; /* "polaris", "kube-linter", "kubeaudit", "kube-score", "kubescape" */
  struct str id;
};

struct library_rule {
  struct rule rule;
  struct str entry; /* "data.seawall.rules.privileged_container.finding" */
  bool is_set;      /* is asked once, over the inventory */
  bool workload;    /* of kind workload: asked for every pod template */
  bool every_kind;  /* of kind "*" */
  const struct rule_kind *kinds;
  size_t kind_count;
  bool needs_workloads;
  const struct rule_kind *needs; /* of set rules */
  size_t need_count;
  uint32_t covered_by; /* 1 << enum podsecurity_check_id: while one of these runs it is silent */
  const struct str *parameters;
  size_t parameter_count;
  struct str example; /* YAML; empty: none */
  const struct rule_alias *aliases;
  size_t alias_count;
};

/* A key under rules.parameters. */
enum rule_parameter_type {
  PARAMETER_STRINGS,
  PARAMETER_STRING,
  PARAMETER_NUMBER,
  PARAMETER_BOOLEAN,
};

struct rule_parameter {
  struct str name; /* "allowedRegistries" */
  enum rule_parameter_type type;
  struct str title;
  struct str description;
  struct str otherwise; /* the default, as written in Rego */
};

/* "a list of texts", "a text", "a number", "true or false". */
struct str rule_parameter_type_name(enum rule_parameter_type type);

/* Is it a module of a rule: a package below seawall.rules whose metadata has custom.id? Modules without
 * are of other conventions. */
bool rule_metadata_is_rule(const struct rego_module *module);

/* Reads one rule. Controls are looked up in the frameworks. */
int rule_metadata_read(struct arena *arena, const struct rego_module *module,
                       const struct framework *frameworks, size_t framework_count,
                       struct library_rule *ret_rule, struct error *err);

/* The parameters that a module declares (lib/config.rego): at most max, their number in *ret_count. */
int rule_metadata_parameters(struct arena *arena, const struct rego_module *module,
                             struct rule_parameter *ret_list, size_t max, size_t *ret_count,
                             struct error *err);

/* "apps/Deployment" or "Service" taken apart. */
struct rule_kind rule_kind_parse(struct str text);

#endif
