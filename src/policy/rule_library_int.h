/* rule_library_int.h - what the parts of rule_library share, and nobody else. */
#ifndef SEAWALL_POLICY_RULE_LIBRARY_INT_H
#define SEAWALL_POLICY_RULE_LIBRARY_INT_H

#include "base/map.h"
#include "base/vec.h"
#include "lang/rego/rego.h"
#include "policy/gatekeeper.h"
#include "policy/podsecurity_rules.h"
#include "policy/rule_library.h"
#include "policy/rule_source.h"

/* What a rule expects as input, and says. */
enum convention {
  CONVENTION_LIBRARY,   /* the contract of docs/internals/rules.md */
  CONVENTION_SET,       /* the same, over the inventory */
  CONVENTION_OBJECT,    /* conftest: input is the object */
  CONVENTION_ADMISSION, /* input is an AdmissionReview */
  CONVENTION_ANSWER,    /* the same, and the value is an AdmissionReview too (system.main) */
  CONVENTION_COUNT,
  CONVENTION_NONE, /* Pod Security: no Rego */
};

struct library_entry {
  const struct rule *rule;
  const struct library_rule *details; /* NULL: there is none */
  enum convention convention;
  uint32_t entry; /* of its program */
  bool active;
  enum severity severity; /* that the configuration gives it; SEVERITY_UNKNOWN: its own */
};

/* The active rules of one kind name. */
struct kind_rules {
  struct kind_rule {
    struct str group;
    uint32_t rule;
    bool workload; /* it is asked for each pod too: then not as a kind */
  } * items;
  size_t count, room;
};

/* Active rules of one program and convention, by what they look at. */
struct rule_group {
  const struct rego_program *program;
  enum convention convention;
  VEC(uint32_t) workload; /* once a pod */
  VEC(uint32_t) every;    /* once an object, whatever it is */
  struct map kinds;       /* name of a kind to struct kind_rules */
};

enum { GROUPS_MAX = CONVENTION_COUNT + 2 };

/* The keys of inputs, with their numbers. */
struct input_keys {
  struct value object, pod, config, spec, metadata, path;
};

struct rule_library {
  struct rule_library_options options;
  struct symbols *symbols;
  struct arena arena; /* of users' rules, and of the lists */
  struct rego_program *builtin, *users;
  struct gatekeeper *gatekeeper; /* users' templates and constraints; NULL: there are none */
  struct rule_sources user_sources;
  struct library_rule *user_rules; /* in the arena */
  size_t user_rule_count;
  VEC(struct library_entry) entries;
  size_t pss_first, user_first; /* numbers of the first rules of their kind */
  struct rule_group groups[GROUPS_MAX];
  size_t group_count;
  struct rule_needs needs;
  struct input_keys keys;
  struct value config; /* the parameters, an object */
};

/* Reads, checks and compiles users' rules: fills users, user_rules, and entries behind the others. */
int rule_library_load_users(struct rule_library *library, struct error *err);

#endif
