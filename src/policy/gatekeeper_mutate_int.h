/* gatekeeper_mutate_int.h - mutators as they are read, for those who apply them. */
#ifndef SEAWALL_POLICY_GATEKEEPER_MUTATE_INT_H
#define SEAWALL_POLICY_GATEKEEPER_MUTATE_INT_H

#include "policy/gatekeeper_int.h"
#include "policy/gatekeeper_mutate.h"

enum path_test { TEST_NONE, TEST_MUST_EXIST, TEST_MUST_NOT_EXIST };

/* A part of a location: a field, or the element of a list whose field `name` has the value `key`. */
struct path_node {
  bool is_list, glob;
  struct str name;
  struct value key;
  enum path_test test;
};

struct path {
  struct path_node *nodes;
  uint32_t count;
};

/* Reads a location; SW_EINVAL with the column in the message. */
int gatekeeper_path_read(struct arena *a, struct str text, struct path *ret, struct error *err);

struct mutator;

/* What must be at the end of a location. */
enum path_end { END_ANYTHING, END_TEXT, END_SET };

/* One kind of mutator. */
struct mutator_ops {
  struct str kind;
  enum path_end end;
  bool on_metadata; /* changes metadata, and nothing else; else anything but metadata */
  int (*read)(struct arena *a, struct value parameters, struct mutator *m, struct error *err);
  /* The value for what is there (absent: nothing); absent: it stays. */
  int (*value)(const struct mutator *m, struct arena *a, const struct kube_object *object,
               struct value found, struct value *ret, struct error *err);
};

struct apply_to {
  struct value groups, versions, kinds; /* arrays of strings */
};

struct mutator {
  const struct mutator_ops *ops;
  struct str name;
  struct path path;
  struct match match;
  const struct apply_to *apply_to;
  uint32_t apply_count;
  struct value value; /* Assign: absent if from metadata; ModifySet: the values */
  bool from_name;     /* Assign from metadata: the name, else the namespace */
  bool prune;
  struct str domain, image_path, tag;
};

extern const struct mutator_ops *const mutator_kinds[];

#endif
