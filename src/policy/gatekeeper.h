/*
 * gatekeeper.h - Gatekeeper's ConstraintTemplates and constraints, held against objects.
 *
 *     struct gatekeeper *g = gatekeeper_new(&options);            once for a set of policies
 *     gatekeeper_load(g, "policies/", &err);                      files and directories, or
 *     gatekeeper_add(g, &object, file, &err);                     objects, in any order
 *     if (gatekeeper_finish(g, &err) < 0)
 *         for (size_t i = 0; i < gatekeeper_problem_count(g); i++)
 *             show(gatekeeper_problem(g, i));
 *
 *     struct gatekeeper_worker *worker = gatekeeper_worker_new(g);   one for each thread
 *     struct gatekeeper_review review = {.object = pod, .operation = STR("CREATE")};
 *     if (gatekeeper_decide(worker, &arena, &review, &decision, &err) < 0)
 *         return refuse(&err);                                       what was asked is no review
 *     for (uint32_t i = 0; i < decision.count; i++)
 *         tell(&decision.items[i]);
 *
 * What is read: templates.gatekeeper.sh v1, v1beta1 and v1alpha1, with the target
 * admission.k8s.gatekeeper.sh and Rego in `rego` and `libs` or in `code` (v0, and v1 where the
 * source says so); of a template that offers CEL and Rego, the Rego is used, and one that has CEL
 * alone is refused. Constraints are constraints.gatekeeper.sh v1beta1 and v1alpha1; their parameters
 * get the defaults of the template's schema and are held against it. Rules on packages, libraries,
 * imports and references to `data` are Gatekeeper's.
 *
 * What a constraint's Rego sees: input.review is an admission request (made up, where a plain object
 * is judged) with `namespaceObject` and `_unstable.namespace`; input.parameters; data.inventory.
 *
 * Matching is Gatekeeper's, with its order of tests, which shows where a namespaceSelector meets an
 * object whose Namespace is not known: that constraint cannot be decided. A constraint that cannot be
 * decided, because of that or because its Rego failed or used up its budget, gives a violation that
 * says so (`failed`), never silence. Each constraint has a budget of its own (steps, bytes, a share of the
 * time, a share of the room for what it says), so one that loops or eats memory fails alone. An entry of `violation` without a `msg` is none, as in
 * Gatekeeper; one whose `msg` is no string is a failure. Equal violations of one constraint are one.
 *
 * An index over group and kind, and below that over namespaces, names and labels, finds the
 * constraints that may match; others are never looked at.
 *
 * Symbols: rego programs know their keys by the numbers of one table (options.symbols), which grows
 * until gatekeeper_finish. Objects that are judged or put into an inventory must have been read with
 * that table, or with none.
 *
 * Ownership: gatekeeper_add copies what it takes. A struct gatekeeper owns programs, constraints and
 * rules; decisions and findings refer to them, so it must outlive these.
 * Thread safety: filled by one thread; after gatekeeper_finish it is immutable and may be shared. So
 * is an inventory after gatekeeper_inventory_finish. A worker belongs to one thread.
 */
#ifndef SEAWALL_POLICY_GATEKEEPER_H
#define SEAWALL_POLICY_GATEKEEPER_H

#include "base/arena.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/symbols.h"
#include "data/value.h"
#include "finding/finding.h"
#include "kube/object.h"
#include "lang/rego/errors.h"

enum {
  GATEKEEPER_CONSTRAINTS_MAX = 1000000,
  GATEKEEPER_TEMPLATES_MAX = 100000,
  GATEKEEPER_PROBLEMS_MAX = 1000,
  GATEKEEPER_FILE_MAX = 64 << 20,     /* bytes of a file that gatekeeper_load reads */
  GATEKEEPER_SCAN_MEMORY = 256 << 20, /* bytes of each constraint, for an object of a file */
  GATEKEEPER_SCAN_STEPS = 20000000,   /* of each constraint, for an object of a file */
  GATEKEEPER_VIOLATIONS_MAX = 10000,  /* told of one constraint and review; more is a failure */
};

/* ---- policies */

struct gatekeeper;

/* All zero is a good default. */
struct gatekeeper_options {
  struct symbols *symbols; /* NULL: one of its own, see gatekeeper_symbols */
  bool print;              /* keep print() */
  bool no_optimiser;       /* compile without optimisations, and look at every constraint: for
                              differential tests */
};

struct gatekeeper *gatekeeper_new(const struct gatekeeper_options *options);
void gatekeeper_free(struct gatekeeper *g);
MEM_DEFINE_CLEANUP(struct gatekeeper, gatekeeper_free)

/* With which everything that is judged is read (or without any). */
struct symbols *gatekeeper_symbols(struct gatekeeper *g);

/* The object is a template or a constraint: what gatekeeper_add takes. */
bool gatekeeper_is_policy(const struct kube_object *object);

/*
 * Takes a template or a constraint: 1; 0 if it is anything else. What is wrong with it is found by
 * gatekeeper_finish. `file` is for messages. Errors: SW_ELIMIT (too many).
 */
int gatekeeper_add(struct gatekeeper *g, const struct kube_object *object, struct str file,
                   struct error *err);

/*
 * Takes every template and constraint of a YAML or JSON file, or of all such files of a directory and
 * those below it; others are passed over. What cannot be read, or is a link that base/walk.h does not
 * follow, is a problem and the first of them the error. *ret_count (may be NULL) is how many were taken.
 */
int gatekeeper_load(struct gatekeeper *g, const char *path, size_t *ret_count, struct error *err);

/*
 * Checks and compiles: 0, or the first problem. All problems are kept. With problems there is no
 * decision to be had: no worker may be made.
 */
int gatekeeper_finish(struct gatekeeper *g, struct error *err);

enum gatekeeper_problem_kind {
  GATEKEEPER_PROBLEM_FILE,       /* something could not be read */
  GATEKEEPER_PROBLEM_TEMPLATE,   /* a template is not valid, or its Rego is not */
  GATEKEEPER_PROBLEM_CONSTRAINT, /* a constraint is not valid */
  GATEKEEPER_PROBLEM_SCHEMA,     /* a constraint does not fit its schema */
};

struct gatekeeper_problem {
  enum gatekeeper_problem_kind kind;
  int code;        /* SW_E... */
  struct str file; /* as given; may be empty */
  uint32_t line;   /* in the file; 0: unknown */
  uint32_t column;
  struct str subject; /* "ConstraintTemplate k8srequiredlabels"; may be empty */
  struct str message;
  struct str excerpt; /* of Rego: the source line and a mark under the place; may be empty */
};

size_t gatekeeper_problem_count(const struct gatekeeper *g);
const struct gatekeeper_problem *gatekeeper_problem(const struct gatekeeper *g, size_t i);

/* "FILE:LINE: SUBJECT: MESSAGE" with the excerpt, if there is one, on lines of its own; no line break at
 * the end. */
void gatekeeper_problem_write(struct buf *out, const struct gatekeeper_problem *problem);

size_t gatekeeper_template_count(const struct gatekeeper *g);

/* What a review may need beyond its object. */
enum gatekeeper_need {
  GATEKEEPER_NEEDS_NAMESPACES =
      1,                          /* a namespaceSelector, or Rego that reads the namespace object */
  GATEKEEPER_NEEDS_INVENTORY = 2, /* Rego that reads data.inventory */
};

/* Of all constraints together. Without a bit an inventory need not be filled with such objects. */
unsigned gatekeeper_needs(const struct gatekeeper *g);

/* ---- constraints */

enum gatekeeper_action {
  GATEKEEPER_DENY = 1,
  GATEKEEPER_WARN = 2,
  GATEKEEPER_DRYRUN = 4,
};

/* Where a decision is made; scoped actions differ by it. */
enum gatekeeper_point {
  GATEKEEPER_POINT_GATOR,   /* gator.gatekeeper.sh: tests and scans of files */
  GATEKEEPER_POINT_WEBHOOK, /* validation.gatekeeper.sh */
  GATEKEEPER_POINT_AUDIT,   /* audit.gatekeeper.sh */
  GATEKEEPER_POINT_VAP,     /* vap.k8s.io */
  GATEKEEPER_POINT_COUNT,
};

struct gatekeeper_constraint {
  struct str kind; /* of the constraint: "K8sRequiredLabels" */
  struct str name;
  struct str file;
  uint32_t line;
  struct value parameters; /* with defaults; {} if there are none */
  unsigned needs;          /* bits of enum gatekeeper_need */
  uint8_t
      actions[GATEKEEPER_POINT_COUNT]; /* bits of enum gatekeeper_action; 0: not enforced there */
  struct rule
      rule; /* for findings: id "gatekeeper/KIND/NAME", severity by GATEKEEPER_POINT_GATOR */
};

/* In order of kind, then name. */
size_t gatekeeper_constraint_count(const struct gatekeeper *g);
const struct gatekeeper_constraint *gatekeeper_constraint(const struct gatekeeper *g, size_t i);

/* ---- inventory: data.inventory, and the Namespaces by name */

struct gatekeeper_inventory;

struct gatekeeper_inventory *gatekeeper_inventory_new(const struct gatekeeper *g);
void gatekeeper_inventory_free(struct gatekeeper_inventory *inventory);
MEM_DEFINE_CLEANUP(struct gatekeeper_inventory, gatekeeper_inventory_free)

enum { GATEKEEPER_INVENTORY_MAX = 1 << 30 }; /* bytes of values */

/* Copies an object; one of the same kind, namespace and name replaces it. Objects without a name (they
 * have generateName, as a rule) stay apart. SW_EINVAL (no object), SW_ELIMIT. */
int gatekeeper_inventory_add(struct gatekeeper_inventory *inventory,
                             const struct kube_object *object, struct error *err);

/* All is there. */
void gatekeeper_inventory_finish(struct gatekeeper_inventory *inventory);

/* {"cluster": {GROUP_VERSION: {KIND: {NAME: object}}}, "namespace": {NAMESPACE: {...}}} */
struct value gatekeeper_inventory_value(const struct gatekeeper_inventory *inventory);

/* The Namespace of a name; absent if it is not there. */
struct value gatekeeper_inventory_namespace(const struct gatekeeper_inventory *inventory,
                                            struct str name);

/* ---- deciding */

struct gatekeeper_worker;

/* g must have been finished without problems, and outlive the worker. */
struct gatekeeper_worker *gatekeeper_worker_new(const struct gatekeeper *g);
void gatekeeper_worker_free(struct gatekeeper_worker *worker);
MEM_DEFINE_CLEANUP(struct gatekeeper_worker, gatekeeper_worker_free)

enum gatekeeper_source {
  GATEKEEPER_ORIGINAL,  /* somebody wrote the object */
  GATEKEEPER_GENERATED, /* it was made from one that somebody wrote */
};

/* What is judged: an admission request, or an object. */
struct gatekeeper_review {
  struct value request; /* AdmissionReview.request; absent: one is made up from the following */
  struct value object;
  struct value old_object;
  struct str operation;          /* "CREATE", ...; may be empty */
  struct value namespace_object; /* of the object's namespace; absent: that of `inventory` */
  enum gatekeeper_source source;
  enum gatekeeper_point point;
  const struct gatekeeper_inventory *inventory; /* NULL: empty */
  /* The same as a tree like gatekeeper_inventory_value's, where `inventory` is NULL; keys may have the
   * numbers of kube/keys.h, or none. Absent: empty. */
  struct value inventory_tree;
  const char *
      no_inventory; /* why constraints that read data.inventory cannot be decided; NULL: they can */
  uint64_t steps;   /* of each constraint; 0: REGO_STEPS_DEFAULT */
  size_t memory;    /* bytes of each evaluation; 0: the arena's limit */
  int64_t deadline_ns;  /* of the monotonic clock; each constraint may use what is left divided by
                        * the number of those that wait. 0: none */
  int64_t now_ns;       /* time.now_ns; 0: the clock's */
  bool timed;           /* fill gatekeeper_evaluation.ns */
  bool without_details; /* nobody wants gatekeeper_violation.details */
  /* print(), if it was kept */
  void (*print)(void *user, struct str text);
  void *user;
};

struct gatekeeper_violation {
  const struct gatekeeper_constraint *constraint;
  unsigned actions; /* bits of enum gatekeeper_action, at the review's point */
  struct str message;
  struct value details; /* {} if there are none, or they are too large */
  bool failed;          /* the constraint could not be decided; the message says why */
};

/* A constraint that was evaluated, or could not be. */
struct gatekeeper_evaluation {
  const struct gatekeeper_constraint *constraint;
  uint32_t number; /* gatekeeper_constraint's */
  uint32_t count;  /* of violations */
  uint64_t ns;     /* how long it took; 0 unless the review is timed */
};

struct gatekeeper_decision {
  const struct gatekeeper_violation
      *items; /* in order of constraints, then of details and message */
  uint32_t count;
  const struct gatekeeper_evaluation *evaluations; /* in order of constraints */
  uint32_t matched;                                /* how many */
  unsigned actions; /* of all violations together: GATEKEEPER_DENY means refused */
};

/*
 * Judges. Results lie in the arena (what evaluations need besides is the worker's), and refer to g and to
 * the review. Errors are about what was asked:
 * SW_EINVAL (neither object nor oldObject; no kind; DELETE without oldObject).
 */
int gatekeeper_decide(struct gatekeeper_worker *worker, struct arena *arena,
                      const struct gatekeeper_review *review, struct gatekeeper_decision *ret,
                      struct error *err);

/* ---- scanning files */

/*
 * Judges one object at GATEKEEPER_POINT_GATOR, and appends a finding for each violation: rule and
 * severity by constraint and action (deny high, warn medium, dryrun low), place and subject the
 * object's. What takes more than GATEKEEPER_SCAN_STEPS or
 * GATEKEEPER_SCAN_MEMORY has failed. Of the list's arena only the findings' texts are taken. Of `place` the file and the number of the document are used. inventory may be NULL.
 * *ret_matched (may be NULL): how many constraints looked at it.
 */
int gatekeeper_scan(struct gatekeeper_worker *worker, struct finding_list *list,
                    const struct kube_object *object, const struct location *place,
                    const struct gatekeeper_inventory *inventory, uint32_t *ret_matched,
                    struct error *err);

#endif
