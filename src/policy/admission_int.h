/* admission_int.h - what the parts of admission share: sources of policies, and a review under way. */
#ifndef SEAWALL_POLICY_ADMISSION_INT_H
#define SEAWALL_POLICY_ADMISSION_INT_H

#include "base/map.h"
#include "base/symbols.h"
#include "base/vec.h"
#include "data/patch.h"
#include "kube/keys.h"
#include "kube/object.h"
#include "lang/rego/rego.h"
#include "policy/admission.h"
#include "policy/rule_library.h"

enum { ADMISSION_SOURCES = 6 };

struct admission_asking;
struct admission_loader;

/* Where policies come from: a row of the table. */
struct admission_source {
  const char *name;
  /* Reads what the options name and adds its policies with admission_add_policy. */
  int (*load)(struct admission_loader *l, void **ret_state, struct error *err);
  void (*free)(void *state);
  void *(*worker_new)(const void *state); /* NULL: needs none */
  void (*worker_free)(void *worker);
  void (*mutate)(struct admission_asking *a); /* NULL: changes nothing */
  void (*judge)(struct admission_asking *a);  /* NULL: refuses nothing */
};

extern const struct admission_source admission_source_podsecurity;
extern const struct admission_source admission_source_mutators;
extern const struct admission_source admission_source_images;
extern const struct admission_source admission_source_gatekeeper;
extern const struct admission_source admission_source_rego;
extern const struct admission_source admission_source_rules;

/* A row of the index. */
struct admission_policy {
  struct str id;
  uint32_t source;
  bool mutates;
  uint32_t number;                         /* the source's own */
  const struct admission_setting *setting; /* NULL: none */
};

/* Sets of policies by kind and operation, a bit each. */
struct admission_index {
  size_t words;
  uint64_t *of_operation[4];
  uint64_t *any_kind;
  struct map of_kind; /* names of kinds to such sets, which include those of any kind */
};

struct admission_snapshot {
  unsigned holders; /* atomic */
  struct admission_options options;
  struct arena arena;
  struct symbols *symbols;
  bool owns_symbols;
  void *states[ADMISSION_SOURCES];
  VEC(struct admission_policy) policies;
  VEC(struct str) parts;   /* ids, views of a source's state */
  VEC(struct str) unasked; /* likewise */
  struct admission_index index;
};

extern const struct admission_source *const admission_sources[ADMISSION_SOURCES];

/* ---- loading */

struct admission_loader {
  struct admission_snapshot *snapshot;
  uint32_t source; /* under way */
  struct admission_problems *problems;
  struct error first; /* code 0: no problem yet */
  bool found;         /* policies, or modules and templates for them, lie below the paths */
};

/* Keeps a problem; returns its code. */
int admission_problem(struct admission_loader *l, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void admission_note(struct admission_loader *l, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds a policy; id is copied. kinds (NULL: all) and operations (0: all) are what it may say something
 * about; the setting for its id narrows them. */
int admission_add_policy(struct admission_loader *l, struct str id, const char *const *kinds,
                         unsigned operations, bool mutates, uint32_t number);

/* Adds what has a row of its own in decision.asked: its number for admission_part_begin. */
uint32_t admission_add_part(struct admission_loader *l, struct str id);

const struct admission_setting *admission_setting_of(const struct admission_snapshot *snapshot,
                                                     struct str id);

/* Is one of the patterns the text's? No patterns: no. */
bool admission_matches_any(const struct str *patterns, size_t count, struct str text);

/* ---- a review under way */

struct admission_worker {
  struct admission_snapshot *snapshot;
  struct arena arena;   /* the review, and what the decision says */
  struct arena scratch; /* one policy's evaluation */
  void *workers[ADMISSION_SOURCES];
  uint64_t *candidates; /* index.words */
  VEC(struct admission_reason) reasons;
  VEC(struct str) warnings;
  VEC(struct admission_annotation) annotations;
  VEC(struct admission_asked) asked;
};

/* One policy is asked. */
struct admission_asking {
  struct admission_worker *worker;
  const struct admission_snapshot *snapshot;
  void *state; /* the source's */
  void *own;   /* the source's worker */
  const struct admission_policy *policy;
  struct arena *scratch; /* emptied before each policy */
  struct arena *arena;   /* of what stays */
  int64_t deadline_ns;   /* this policy's; 0: none */
  uint64_t steps;
  int64_t now_ns;  /* wall time of the request */
  unsigned phases; /* all that are asked for */

  struct admission_request request; /* with the object as it is by now */
  bool has_object, has_old;
  struct kube_object object, old_object; /* of CREATE, UPDATE, CONNECT; of UPDATE, DELETE */
  bool winding_down; /* it is being deleted, and changes in metadata or status alone */
  const struct image_review *images; /* an ImageReview is asked for instead; else NULL */

  bool namespace_looked_up, namespace_known;
  struct value namespace;

  bool inventory_looked_up, inventory_known;
  struct admission_inventory_version inventory;

  /* Checks of Pod Security that have been told with an action: bits, 1 << enum podsecurity_check_id. */
  uint32_t told_checks[ADMISSION_ACTION_DENY + 1];

  bool denied, really_denied;    /* really: not by failures alone */
  unsigned said;                 /* reasons of the row under way */
  struct admission_asked *asked; /* the row under way: the policy's, or its part's */
  size_t asked_at;               /* the policy's */
};

/* The Namespace object of the request; false: not known, or there is none. */
bool admission_namespace(struct admission_asking *a, struct value *ret_namespace);

/* The objects of the cluster, the same version throughout the request; absent if they are not known. */
struct value admission_inventory_tree(struct admission_asking *a);

/* No stricter than the setting of an id allows. */
enum admission_action admission_limited(const struct admission_asking *a, struct str policy,
                                        enum admission_action action);

/* What a policy says, under the setting of its id; the action that it has then. Texts are copied. */
enum admission_action admission_tell(struct admission_asking *a, struct str policy, struct str rule,
                                     enum admission_action action, struct str message);

/* What is told between begin and end is a part's, and its policy's. number: admission_add_part's. */
void admission_part_begin(struct admission_asking *a, uint32_t number);
void admission_part_end(struct admission_asking *a, uint64_t ns);

/* A policy could not be decided. */
void admission_fail(struct admission_asking *a, struct str policy, struct str rule,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));
void admission_fail_rego(struct admission_asking *a, struct str policy, struct str rule,
                         const struct rego_worker *worker, const struct error *err);

void admission_warn(struct admission_asking *a, struct str text);
/* False: there is one of that key already, which stays, or there are too many. */
bool admission_annotate(struct admission_asking *a, const char *key, struct str value);

/* Changes the object: SW_E... as patch_apply. */
int admission_change(struct admission_asking *a, const struct patch *patch, struct error *err);

/* The object's own subresource, or one through which pods get containers. */
bool admission_is_main(const struct admission_asking *a);

#endif
