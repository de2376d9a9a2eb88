/*
 * framework.h - frameworks of controls that rules serve, and how a scan stands against one.
 *
 *     struct framework nsa;
 *     if (framework_read(&arena, text, &nsa, &err) < 0) ...
 *     const struct framework *f = framework_find(list, count, STR("nsa"));
 *     if (f && framework_control(f, STR("1.2"))) ...
 *
 * A framework is a file (rules/frameworks/NAME.yaml), compiled in:
 *
 *     id: nsa
 *     title: NSA/CISA Kubernetes Hardening Guidance
 *     url: https://...
 *     controls:
 *       - {id: "1.0", title: Non-root containers}
 *
 * A summary counts by control: rules say which controls they serve, so a control fails if a finding of
 * one of its rules is open, passes if one of its rules was held against something and none of them
 * found anything, does not apply if none of them met anything to judge, and is not covered if no rule
 * serves it (what the API server's flags say cannot be seen in manifests).
 *
 * Ownership: a framework read lies in the arena. Thread safety: frameworks are immutable; a summary
 * belongs to one thread.
 */
#ifndef SEAWALL_FINDING_FRAMEWORK_H
#define SEAWALL_FINDING_FRAMEWORK_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "finding/finding.h"

enum { FRAMEWORK_CONTROLS_MAX = 1000 };

struct framework_control {
  struct str id;    /* "5.2.6" */
  struct str title; /* one line */
};

struct framework {
  struct str id; /* "cis-kubernetes", as in struct control */
  struct str title;
  struct str url;
  const struct framework_control *controls;
  size_t control_count;
};

/* Reads a framework's file. SW_EINVAL with line and column: missing, unknown or wrongly typed fields,
 * an id twice. */
int framework_read(struct arena *arena, struct str text, struct framework *ret_framework,
                   struct error *err);

/* The framework of a name; NULL if there is none. */
const struct framework *framework_find(const struct framework *list, size_t count, struct str id);

/* The control of an id; NULL if there is none. */
const struct framework_control *framework_control(const struct framework *f, struct str id);

/* Does the rule serve a control of the framework? */
bool framework_serves(const struct framework *f, const struct rule *rule);

enum control_state {
  CONTROL_NOT_COVERED,
  CONTROL_NOT_APPLICABLE,
  CONTROL_PASS,
  CONTROL_FAIL,
};

/* "not covered", "not applicable", "pass", "fail". */
struct str control_state_name(enum control_state state);

struct control_result {
  const struct framework_control *control;
  enum control_state state;
  uint64_t open, excepted; /* findings */
  uint64_t rules;          /* that serve it */
};

struct framework_summary {
  const struct framework *framework;
  struct control_result *results; /* one for each control, in order */
};

/* All controls "not covered"; the results lie in the arena. */
void framework_summary_init(struct framework_summary *summary, const struct framework *f,
                            struct arena *arena);

/* What one rule has to say: whether it was held against anything, and its findings. Once a rule. */
void framework_summary_add(struct framework_summary *summary, const struct rule *rule, bool judged,
                           uint64_t open, uint64_t excepted);

/* A finding of a rule that has been or will be added without numbers; rule: the finding's, or another that stands for it.
 */
void framework_summary_find(struct framework_summary *summary, const struct rule *rule,
                            const struct finding *f);

#endif
