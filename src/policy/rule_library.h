/*
 * rule_library.h - the rules that are held against objects: seawall's own, and users'.
 *
 *     struct rule_library_options options = {.target = target};
 *     _cleanup_(rule_library_freep) struct rule_library *library;
 *     if (rule_library_new(&options, &library, &err) < 0) ...
 *
 *     struct rule_judge *judge = rule_judge_new(library);          one for each thread
 *     ... read objects with rule_library_symbols(library) ...
 *     rule_judge_object(judge, &object, &file, &list, judged, &failures);
 *     rule_judge_free(judge);
 *
 *     rule_library_judge_set(library, inventory, ...);             once, when all files have been read
 *
 * Rules are numbered: first those that are compiled in, by id; then those of Pod Security
 * (podsecurity_scan.h judges them; here they are selected, rated and counted like others); then users'.
 * docs/internals/rules.md is the contract of the first and of users' rules of the same form. Other
 * modules among users' follow conventions of others:
 *  - conftest: rules `deny`, `violation`, `warn` (and deny_x, ...) of a package give texts, or objects
 *    with `msg`; input is the object.
 *  - admission control: the same, but the package mentions input.request: input is an
 *    AdmissionReview; `system.main` answers with response.allowed and status.
 *  - Gatekeeper's ConstraintTemplates and constraints in YAML files (gatekeeper.h). If one of them looks
 *    at other objects, all are asked when all files have been read.
 *
 * A rule is silent while a Pod Security check that tells the same fault runs (covered_by), unless that
 * check was deselected.
 *
 * A rule whose evaluation fails, or uses up the RULE_STEPS_MAX steps that the rules of an object share, is
 * a failure of that object, told as one; the others are asked all the same, with a new budget, until four
 * are used up.
 *
 * Ownership: the library owns rules, programs and symbols; findings point to its rules. Thread safety:
 * immutable once made; a judge belongs to one thread.
 */
#ifndef SEAWALL_POLICY_RULE_LIBRARY_H
#define SEAWALL_POLICY_RULE_LIBRARY_H

#include "base/mem.h"
#include "base/symbols.h"
#include "finding/finding.h"
#include "finding/rule_choice.h"
#include "kube/object.h"
#include "policy/podsecurity.h"
#include "policy/rule_image.h"
#include "policy/rule_inventory.h"

enum {
  RULE_STEPS_MAX = 20000000,       /* of all rules for one object, see above */
  RULE_SET_STEPS_MAX = 2000000000, /* of all set rules */
  RULE_MEMORY_MAX = 256 << 20,     /* bytes of one evaluation */
  RULE_FINDINGS_MAX = 10000,       /* of one rule and object; more is a failure */
};

struct rule_library_options {
  bool without_builtin;           /* none of seawall's own; Pod Security stays */
  const char *const *directories; /* of users' rules */
  size_t directory_count;
  const struct str *only; /* ids; none: all */
  size_t only_count;
  const struct str *skip;
  size_t skip_count;
  const struct str *frameworks; /* ids: rules that serve one of these; none: all */
  size_t framework_count;
  const struct rule_setting *settings;
  size_t setting_count;
  bool (*known_elsewhere)(struct str id); /* ids of settings that other scans know; NULL: none */
  struct value parameters; /* an object, or absent; checked by rule_library_check_parameters */
  struct podsecurity_target target;
};

struct rule_library;

/* Texts of options must outlive the library. Errors: SW_EUSAGE (unknown id or framework, with a
 * suggestion), SW_EINVAL (a user's rule), what reading files gives. */
int rule_library_new(const struct rule_library_options *options, struct rule_library **ret_library,
                     struct error *err);
void rule_library_free(struct rule_library *library);
MEM_DEFINE_CLEANUP(struct rule_library, rule_library_free)

/* With which everything that is judged is read. */
struct symbols *rule_library_symbols(struct rule_library *library);

/* Parameters against their declarations: SW_EINVAL names the key. */
int rule_library_check_parameters(struct value parameters, struct error *err);

/* ---- the rules */

size_t rule_library_count(const struct rule_library *library);

const struct rule *rule_library_rule(const struct rule_library *library, size_t i);

/* What its metadata says besides; NULL for Pod Security's rules and those of other conventions. */
const struct library_rule *rule_library_details(const struct rule_library *library, size_t i);

/* Is it asked, or, of Pod Security's, told? */
bool rule_library_active(const struct rule_library *library, size_t i);

/* The number of a finding's rule; SIZE_MAX if it is none of the library's. */
size_t rule_library_index(const struct rule_library *library, const struct rule *rule);

/* ---- judging */

/* A rule that could not be evaluated. */
struct rule_failure {
  const struct rule *rule; /* NULL: Gatekeeper's constraints as a whole */
  struct str message;      /* in the list's arena */
};

struct rule_failures {
  struct rule_failure *items; /* in the list's arena */
  size_t count;
};

struct rule_judge;

struct rule_judge *rule_judge_new(const struct rule_library *library);
void rule_judge_free(struct rule_judge *judge);
MEM_DEFINE_CLEANUP(struct rule_judge, rule_judge_free)

/* Of what is asked from here on: steps of all rules for one object (0: RULE_STEPS_MAX), and an end on the
 * monotonic clock (0: none). */
void rule_judge_limit(struct rule_judge *judge, uint64_t steps, int64_t deadline_ns);

/* From here on findings have no fingerprint, evidence, remedy or fix: what an admission review's answer
 * does not tell; a tenth of what a pod with many findings costs. */
void rule_judge_brief(struct rule_judge *judge);

/* 64 rules to a word: which rules have been held against anything. */
static inline size_t rule_bits_words(const struct rule_library *library)
{
  return (rule_library_count(library) + 63) / 64;
}

/*
 * Appends the findings of the object rules to the list, and takes those of Pod Security's out of it, from
 * item `from` on, that are not selected. Sets the bits of the rules that looked at the object. pods: how
 * many pods podsecurity_scan judged. Returns whether any rule did.
 */
bool rule_judge_object(struct rule_judge *judge, const struct kube_object *object,
                       const struct location *place, unsigned pods, size_t from,
                       struct finding_list *list, uint64_t *judged,
                       struct rule_failures *ret_failures);

/* What the set rules need of the files, for rule_inventory_new; all zero if none is active. */
struct rule_needs rule_library_needs(const struct rule_library *library);

/* The set rules over the whole: findings with the places of the objects they are about. */
void rule_judge_set(struct rule_judge *judge, struct rule_inventory *inventory,
                    struct finding_list *list, uint64_t *judged,
                    struct rule_failures *ret_failures);

#endif
