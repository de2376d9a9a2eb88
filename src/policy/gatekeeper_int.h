/* What the parts of gatekeeper share. */
#ifndef SEAWALL_POLICY_GATEKEEPER_INT_H
#define SEAWALL_POLICY_GATEKEEPER_INT_H

#include "base/map.h"
#include "base/vec.h"
#include "data/openapi_schema.h"
#include "lang/rego/rego.h"
#include "policy/gatekeeper.h"

/* ---- what a constraint matches (gatekeeper_match.c) */

enum wildcard_shape { WILDCARD_EXACT, WILDCARD_PREFIX, WILDCARD_SUFFIX, WILDCARD_CONTAINS };

/* A text with '*' at the front, at the end, at both, or at neither. */
struct wildcard {
  uint8_t shape; /* enum wildcard_shape */
  struct str text;
};

struct wildcards {
  const struct wildcard *items;
  uint32_t count;
};

struct texts {
  const struct str *items;
  uint32_t count;
};

/* Groups and kinds; an empty list means any. */
struct match_kinds {
  struct texts groups, kinds;
};

enum selector_operator { SELECTOR_IN, SELECTOR_NOT_IN, SELECTOR_EXISTS, SELECTOR_NOT_EXISTS };

struct selector_requirement {
  uint8_t operator; /* enum selector_operator */
  struct value key; /* a string */
  struct texts values;
};

struct selector {
  bool given;
  const struct selector_requirement *items;
  uint32_t count;
};

enum match_scope { SCOPE_ANY, SCOPE_CLUSTER, SCOPE_NAMESPACED, SCOPE_COUNT };
enum match_source { SOURCE_ALL, SOURCE_ORIGINAL, SOURCE_GENERATED };

struct match {
  const struct match_kinds *kinds; /* none: any */
  uint32_t kind_count;
  uint8_t scope, source;
  struct wildcards namespaces, excluded;
  struct selector labels, namespace_labels;
  bool has_name;
  struct wildcard name;
};

/* What is matched: an object, with the Namespace it lies in. */
struct match_target {
  struct kube_object object;
  bool is_namespace;         /* it is a Namespace itself */
  struct value namespace;    /* the Namespace object; absent: not known */
  struct str namespace_name; /* by which namespaces are matched; empty: no namespace */
  uint8_t source;            /* enum match_source, not SOURCE_ALL */
};

enum match_verdict { MATCH_NO, MATCH_YES, MATCH_UNKNOWN };

/* spec.match, which has been held against its schema. Views of the value. SW_EINVAL: selectors. */
int gatekeeper_match_read(struct arena *a, struct value match, struct match *ret,
                          struct error *err);
/* MATCH_UNKNOWN: the Namespace would have to be known. */
enum match_verdict gatekeeper_match(const struct match *match, const struct match_target *target);

/* ---- templates and constraints */

struct template
{
  struct str name, kind, file;
  uint32_t line;
  struct value document; /* as given, a copy */
  struct str title, description;
  struct openapi_schema *schema; /* of the parameters; NULL: there are none */
  struct rego_program *program;
  unsigned needs;      /* enum gatekeeper_need */
  unsigned operations; /* bits of enum operation; 0: all */
  bool sound;
};

enum operation {
  OPERATION_CREATE = 1,
  OPERATION_UPDATE = 2,
  OPERATION_DELETE = 4,
  OPERATION_CONNECT = 8,
};

/* The bit of an operation; 0 if it is none. */
unsigned gatekeeper_operation(struct str name);

struct constraint {
  struct gatekeeper_constraint shown;
  struct value document;     /* as given, a copy */
  struct kube_object object; /* a view of it */
  const struct template *template;
  struct match match;
};

/* ---- the index (gatekeeper_index.c) */

struct index_list VEC_BODY(uint32_t);

/* Which wildcards there are among a bucket's keys: exact texts, and lengths (0 to 63) of fixed fronts
 * and ends. */
struct index_affixes {
  bool exact;
  uint64_t fronts, ends; /* bits */
};

/* Constraints for one pattern of group and kind. */
struct index_bucket {
  struct index_list of_scope[SCOPE_COUNT]; /* nothing but the scope tells these apart */
  struct map by_key;                       /* gatekeeper_index.c's keys: struct index_list */
  struct index_affixes namespaces, names;
  bool has_labels, has_namespace_labels;
};

struct index {
  struct map buckets; /* "GROUP/KIND", either may be "*": struct index_bucket */
  bool has_any_group, has_any_kind;
  struct index_bucket *every; /* "* / *"; NULL: none */
};

/* Constraints are entered by number, in any order. */
void gatekeeper_index_add(struct index *index, const struct match *match, uint32_t number);
void gatekeeper_index_free(struct index *index);

/* Numbers that were found, each once. */
struct index_found {
  uint32_t *items; /* room for all constraints */
  uint32_t count;
  uint32_t *stamps; /* of each constraint; */
  uint32_t stamp;   /* found already in this round if equal */
};
void gatekeeper_index_find(const struct index *index, const struct match_target *target,
                           struct index_found *found);

/* ---- the whole */

/* Keys of reviews. */
enum review_key {
  REVIEW_KEY_REVIEW,
  REVIEW_KEY_PARAMETERS,
  REVIEW_KEY_UID,
  REVIEW_KEY_KIND,
  REVIEW_KEY_GROUP,
  REVIEW_KEY_VERSION,
  REVIEW_KEY_RESOURCE,
  REVIEW_KEY_NAME,
  REVIEW_KEY_NAMESPACE,
  REVIEW_KEY_OPERATION,
  REVIEW_KEY_USER_INFO,
  REVIEW_KEY_OBJECT,
  REVIEW_KEY_OLD_OBJECT,
  REVIEW_KEY_OPTIONS,
  REVIEW_KEY_NAMESPACE_OBJECT,
  REVIEW_KEY_UNSTABLE,
  REVIEW_KEY_INVENTORY,
  REVIEW_KEY_CLUSTER,
  REVIEW_KEY_MSG,
  REVIEW_KEY_DETAILS,
  REVIEW_KEY_COUNT,
};

struct gatekeeper {
  struct arena arena;
  struct symbols *symbols, *own_symbols;
  struct gatekeeper_options options;
  struct openapi_schema *spec_schema;
  VEC(struct template *) templates;
  struct map template_by_name;
  VEC(struct constraint *) constraints; /* by kind and name, once finished */
  VEC(struct gatekeeper_problem) problems;
  size_t problems_dropped;
  struct index index;
  unsigned needs;
  bool finished;
  struct value keys[REVIEW_KEY_COUNT];
  struct value no_data; /* {"inventory": {}} */
};

/* The base documents for evaluating: {"inventory": ...}. */
struct value gatekeeper_inventory_data(const struct gatekeeper_inventory *inventory);

#define GATEKEEPER_TARGET "admission.k8s.gatekeeper.sh"
#define GATEKEEPER_TEMPLATE_GROUP "templates.gatekeeper.sh"
#define GATEKEEPER_CONSTRAINT_GROUP "constraints.gatekeeper.sh"

/* Memory of a worker's own, for scans. */
struct arena *gatekeeper_worker_scratch(struct gatekeeper_worker *worker);

/* The object {}. */
struct value gatekeeper_empty_object(void);

/* Appends a problem; texts are copied. Returns its code and fills err if it is the first. */
struct problem_place {
  enum gatekeeper_problem_kind kind;
  struct str file;
  uint32_t line, column;
  struct str subject, excerpt;
};
int gatekeeper_tell(struct gatekeeper *g, const struct problem_place *place, int code,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Checks and compiles one (gatekeeper_template.c); what is wrong with it is told. */
void gatekeeper_template_finish(struct gatekeeper *g, struct template *t);
void gatekeeper_template_free(struct template *t);

/* Checks one against its template (gatekeeper_constraint.c); what is wrong with it is told. */
bool gatekeeper_constraint_finish(struct gatekeeper *g, struct constraint *c);
static inline enum severity gatekeeper_severity(unsigned actions)
{
  if (actions & GATEKEEPER_DENY)
    return SEVERITY_HIGH;
  return actions & GATEKEEPER_WARN ? SEVERITY_MEDIUM : SEVERITY_LOW;
}

/* The schema of spec, the same for all constraints. */
int gatekeeper_spec_schema(struct openapi_schema **ret, struct error *err);

#endif
