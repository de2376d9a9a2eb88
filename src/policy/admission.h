/*
 * admission.h - may this be done? A review in, the decision of all policies out.
 *
 *     struct admission_options options = {.paths = directories, .path_count = 1, ...};
 *     struct admission_problems problems = {0};
 *     struct admission_snapshot *snapshot;
 *     if (admission_snapshot_load(&options, &snapshot, &problems, &err) < 0)
 *         show(&problems);                              the old snapshot stays in force
 *
 *     struct admission_worker *worker = admission_worker_new(snapshot);    one for each thread
 *     admission_answer(worker, bytes, phases, deadline_ns, &response, NULL);
 *
 * A snapshot is all policies of one moment: Pod Security by namespace labels, Gatekeeper's templates,
 * constraints and mutators, Rego packages, seawall's rule library, the image policy. Each policy has an id ("podsecurity",
 * "mutators", "gatekeeper/K8sPSPPrivileged/no-privileged", "rego/kubernetes.admission", "rules/host-path", "images").
 * An index over kinds and operations finds those that may have something to say, before anything runs.
 *
 * Nothing is ever allowed because it could not be judged. A review that cannot be read is denied. A
 * policy that cannot be evaluated (an error, its budget, the deadline) denies, with a message that names
 * it, unless its failure mode is ADMISSION_FAIL_IGNORE: then it warns. The time until the deadline is
 * shared out: a policy may use what is left divided by the number of those still to be asked, so one that
 * hangs does not take the others' time. Each policy has a budget of steps and bytes of its own, and so has
 * each constraint of Gatekeeper's, with its share of the time that the constraints have together.
 *
 * Pods are judged whoever made them: an ownerReference says nothing that can be believed.
 *
 * What is judged where:
 *   - Pod Security, as the API server's own plugin: pods (and pods/ephemeralcontainers, pods/resize) are
 *     enforced, audited and warned about; controllers' templates are audited and warned about; labels of
 *     Namespaces must be valid. An UPDATE that changes nothing a check could look at passes.
 *   - Gatekeeper: every review, DELETE by oldObject; its mutators: CREATE and UPDATE, as rules and images.
 *   - Rego packages that mention input.request or input.review, and data.system.main: every review as it
 *     came. Packages that know objects alone (conftest's): CREATE and UPDATE, not status, scale and the
 *     like.
 *   - rules and images: CREATE and UPDATE of objects and of pods/ephemeralcontainers; of images, on UPDATE,
 *     those that are new.
 *   - Rules over sets of objects are not asked at all (admission_unasked_id): what they find is missing
 *     may come with the next request.
 *   - What is being deleted and changes in its metadata or status alone is not held up by rules, images and
 *     packages that know objects alone.
 *
 * A fault is told once: what a rule of the library finds is left out where Pod Security says the same in the
 * same decision, with at least the same action (the rule's pod_security in docs/internals/rules.md).
 *
 * Ownership: a snapshot is immutable and counted: a worker holds it. A decision lies in its worker until
 * the next one. Thread safety: snapshots are shared; a worker belongs to one thread; services that are
 * plugged in must bear being called from all threads.
 */
#ifndef SEAWALL_POLICY_ADMISSION_H
#define SEAWALL_POLICY_ADMISSION_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/vec.h"
#include "finding/finding.h"
#include "kube/admission.h"
#include "policy/image_policy.h"
#include "policy/podsecurity_policy.h"

enum {
  ADMISSION_POLICIES_MAX = 4096,       /* in the index; a Gatekeeper's set counts as one */
  ADMISSION_STEPS_DEFAULT = 5000000,   /* of a policy, for a review; of all rules four times that */
  ADMISSION_MEMORY_DEFAULT = 64 << 20, /* bytes of an evaluation, and of a review's tree */
  ADMISSION_REASONS_MAX = 1000,        /* kept of one decision; denied is denied all the same */
  ADMISSION_REASONS_OF_ONE = 250,      /* of one policy or constraint, likewise */
  ADMISSION_PROBLEMS_MAX = 1000,
};

/* ---- services and settings */

/* Who knows Namespaces. */
struct admission_namespaces {
  /* The Namespace object of a name, valid as long as the arena; false: not known. */
  bool (*find)(void *ctx, struct str name, struct arena *arena, struct value *ret_namespace);
  void *ctx;
};

/* The objects of the cluster at one moment. */
struct admission_inventory_version {
  /* As gatekeeper_inventory_value; immutable. Keys have the numbers of kube/keys.h, or none: not those of a
   * table with other names in it. */
  struct value tree;
  uint64_t number; /* the service's own count */
  void *held;      /* the service's own */
};

/* Who knows the cluster's objects: data.inventory of Gatekeeper's constraints. See admission_inventory.h. */
struct admission_inventory {
  /* The version of now, which stays as it is until it is released. It is acquired when the first policy of
   * a request needs it, at most once, and released when the request has been decided. False: the objects are
   * not known yet; constraints that look at them fail. */
  bool (*acquire)(void *ctx, struct admission_inventory_version *ret);
  void (*release)(void *ctx, struct admission_inventory_version *version);
  void *ctx;
};

enum admission_action {
  ADMISSION_ACTION_OFF,
  ADMISSION_ACTION_DRYRUN, /* told in the decision and its audit annotation alone */
  ADMISSION_ACTION_WARN,
  ADMISSION_ACTION_DENY,
};

/* "off", "dryrun", "warn", "deny". */
struct str admission_action_name(enum admission_action action);
bool admission_action_from_name(struct str name, enum admission_action *ret);

enum admission_failure {
  ADMISSION_FAIL_CLOSED,
  ADMISSION_FAIL_IGNORE,
};

/* Where a setting applies. Patterns have "*" and "?"; none: everywhere. A namespaced pattern never matches
 * what has no namespace. */
struct admission_scope {
  const struct str *namespaces, *excluded_namespaces;
  size_t namespace_count, excluded_namespace_count;
  const struct str *kinds; /* names; none: all */
  size_t kind_count;
  unsigned operations; /* bits; 0: all */
};

/* What holds for policies whose id matches; the first that matches counts. */
struct admission_setting {
  struct str policy;            /* "*" and "?": "gatekeeper/K8sPSP*" */
  struct admission_scope scope; /* outside of it they are not asked */
  enum admission_failure failure;
  bool limit_action; /* no stricter than `action` */
  enum admission_action action;
};

/* What rules of the library do; the first that matches counts. */
struct admission_rule_setting {
  struct str rule;              /* a pattern of ids; empty: all */
  enum severity severity;       /* findings from it up; SEVERITY_UNKNOWN: all */
  const struct str *namespaces; /* patterns; none: all */
  size_t namespace_count;
  enum admission_action action;
};

struct admission_rules {
  enum admission_action action; /* where no setting matches */
  const struct admission_rule_setting *settings;
  size_t setting_count;
  const struct str *skip; /* ids that are not asked */
  size_t skip_count;
  const char *const *directories; /* of users' rules in the library's form */
  size_t directory_count;
  struct value parameters; /* as in rule_library.h */
};

struct gatekeeper_inventory;

/* All zero: no policies at all. Texts and values must outlive the snapshot. */
struct admission_options {
  /*
   * Files and directories of policies: Rego (*.rego, without *_test.rego), Gatekeeper's templates,
   * constraints and mutators in YAML and JSON, base documents for Rego in files called data.json, data.yaml or data.yml.
   * Other documents are passed over.
   */
  const char *const *paths;
  size_t path_count;
  bool rego_v0; /* modules are Rego v0 unless they say otherwise; else v1 */

  bool pod_security;
  const struct podsecurity_config *pod_security_config; /* NULL: privileged is the default */
  bool rules_enabled;
  struct admission_rules rules;
  bool images_enabled;
  struct image_policy_config images;

  const struct admission_setting *settings;
  size_t setting_count;
  struct admission_namespaces namespaces; /* find NULL: none are known */
  bool refuse_unknown_namespaces;         /* Pod Security fails there; else the defaults hold */
  /* acquire NULL: constraints see an empty cluster, as those of a Gatekeeper that syncs nothing; a note says
   * which of them look at it. With it, and without `namespaces`, Namespaces are those of the inventory. */
  struct admission_inventory inventory;

  uint64_t steps; /* 0: ADMISSION_STEPS_DEFAULT */
  size_t memory;  /* bytes; 0: ADMISSION_MEMORY_DEFAULT */
};

/* ---- snapshots */

/* What is wrong with policies, or worth knowing; texts are owned. */
struct admission_problem {
  bool note; /* it does not keep the snapshot from being made */
  char *text;
};

struct admission_problems VEC_BODY(struct admission_problem);

void admission_problems_free(struct admission_problems *problems);

struct admission_snapshot;

/*
 * Reads and compiles everything. All problems are told (ret_problems may be NULL), and the first is the
 * error: with one there is no snapshot, since half a set of policies would allow what the whole forbids.
 * Errors: those of reading, SW_EINVAL (a policy is wrong), SW_EUSAGE (the options), SW_ELIMIT.
 */
int admission_snapshot_load(const struct admission_options *options,
                            struct admission_snapshot **ret_snapshot,
                            struct admission_problems *ret_problems, struct error *err);

/* One holder more, one less; the last one frees it. NULL is nothing to drop. */
struct admission_snapshot *admission_snapshot_hold(struct admission_snapshot *snapshot);
void admission_snapshot_drop(struct admission_snapshot *snapshot);
MEM_DEFINE_CLEANUP(struct admission_snapshot, admission_snapshot_drop)

/* The ids of what is in force: one for each policy of the index. */
size_t admission_policy_count(const struct admission_snapshot *snapshot);
struct str admission_policy_id(const struct admission_snapshot *snapshot, size_t i);

/* All ids that decision.asked can have, by admission_asked.number: those of the policies, in the same
 * order, then those of their parts. Stable as long as the policies are called the same. */
size_t admission_asked_id_count(const struct admission_snapshot *snapshot);
struct str admission_asked_id(const struct admission_snapshot *snapshot, size_t i);

/* The ids of rules that are in force elsewhere, and never asked here: those over sets of objects. */
size_t admission_unasked_count(const struct admission_snapshot *snapshot);
struct str admission_unasked_id(const struct admission_snapshot *snapshot, size_t i);

/* ---- deciding */

/* What is asked for. */
enum admission_phase {
  ADMISSION_MUTATE = 1,   /* make the patch */
  ADMISSION_VALIDATE = 2, /* judge; after ADMISSION_MUTATE: what the patch makes of the object */
};

/* Something that a policy says. */
struct admission_reason {
  struct str policy; /* its id */
  struct str rule;   /* within the policy; may be empty */
  struct str message;
  enum admission_action action; /* not ADMISSION_ACTION_OFF */
  bool failed;                  /* it could not be decided; the message says why */
};

/*
 * A policy that was asked. Behind Gatekeeper's ("gatekeeper") come its parts, the constraints that
 * looked at the review ("gatekeeper/K8sPSPPrivileged/no-privileged"), whose time and words are in its own
 * too. Rules of the library are evaluated together: they are one policy ("rules") without parts.
 */
struct admission_asked {
  struct str policy;
  uint32_t number; /* see admission_asked_id */
  bool part;
  uint32_t matched; /* rules, constraints, checks that looked at it, as far as the policy knows */
  bool denied, warned, failed;
  uint64_t ns; /* how long it took */
};

struct admission_decision {
  bool allowed;
  bool readable; /* it was a review; else reasons has one that says why not */
  bool internal; /* denied by failures alone */
  const struct admission_reason *reasons;
  size_t reason_count;
  const struct str *warnings;
  size_t warning_count;
  const struct admission_annotation *annotations; /* for the audit log */
  size_t annotation_count;
  struct value patch; /* a JSON Patch document; absent: none */
  struct str message; /* why it is denied, all together; empty if allowed */
  const struct admission_asked *asked;
  size_t asked_count;
  size_t policies; /* in force */
  struct admission_request
      request; /* what was asked, if readable; its kind is empty for ImageReview */
};

struct admission_worker;

struct admission_worker *admission_worker_new(struct admission_snapshot *snapshot);
void admission_worker_free(struct admission_worker *worker);
MEM_DEFINE_CLEANUP(struct admission_worker, admission_worker_free)

/* The arena of the request under way: emptied when the next one begins. Reviews are read into it. */
struct arena *admission_worker_arena(struct admission_worker *worker);

/* Begins a request: whatever the last one left is gone. admission_answer does so itself. */
void admission_begin(struct admission_worker *worker);

/* Reads the text of a review as the policies want it, into the worker's arena. Errors as json_parse. */
int admission_parse(struct admission_worker *worker, struct str text, struct value *ret_root,
                    struct error *err);

/*
 * Decides a review that has been read after admission_begin. phases: bits of enum admission_phase;
 * deadline_ns is of the monotonic clock, 0: none.
 */
void admission_decide(struct admission_worker *worker, const struct admission_request *request,
                      unsigned phases, int64_t deadline_ns, struct admission_decision *ret);

/* The same for an ImageReview: by the image policy. Without one everything is allowed. */
void admission_decide_images(struct admission_worker *worker, const struct image_review *review,
                             int64_t deadline_ns, struct admission_decision *ret);

/* Appends the answer to a review of that version and uid. */
void admission_decision_write(struct buf *out, enum admission_version version, struct str uid,
                              const struct admission_decision *decision);

/*
 * From the bytes of a review (AdmissionReview, or, with phases 0, ImageReview) to those of the answer,
 * which are appended to out. What cannot be read is answered too: not allowed, with code 400. *ret (may be
 * NULL) is the decision.
 */
void admission_answer(struct admission_worker *worker, struct str text, unsigned phases,
                      int64_t deadline_ns, struct buf *out, struct admission_decision *ret);

#endif
