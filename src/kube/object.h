/*
 * object.h - what every Kubernetes manifest has, with types checked.
 *
 * A document of a manifest holds one object, or a list of them. The iterator below takes lists
 * apart and gives every object with its place, so that nobody who judges objects has to know about
 * lists. What is not a Kubernetes object is given too, with the reason, so that the caller can say
 * so: nothing is left out silently.
 *
 *     struct kube_objects it;
 *     struct kube_object object;
 *     kube_objects_begin(&it, document, (struct value_position){1, 1});
 *     while (kube_objects_next(&it, &object)) {
 *       if (!object.is_object) { report(kube_object_reason(&object, arena)); continue; }
 *       if (object.fault) warn(kube_object_reason(&object, arena));
 *       judge(&object);
 *     }
 *
 * A list is an object with an `items` array whose kind ends in "List" (v1 List, PodList,
 * DeploymentList), and a kind "List" whatever its items are. Items of a typed list may lack kind
 * and apiVersion, as in answers of the API server; they inherit both (PodList: Pod). Lists in
 * lists are taken apart KUBE_LIST_DEPTH_MAX deep. An empty document (absent or null) holds no
 * object, an empty list neither.
 *
 * A wrongly typed field is told apart from a missing one: `kind: 5` is KUBE_FAULT_TYPE, no kind is
 * KUBE_FAULT_MISSING. null counts as missing, as in Kubernetes. Without a usable kind and
 * apiVersion it is no object (is_object is false); a fault in the metadata (metadata: [], name:
 * 5) leaves an object that can be judged otherwise, although the API server would refuse it.
 *
 * Ownership: everything given is a view of the tree; a kube_object may be copied freely and is
 * valid as long as the tree. Nothing here allocates, save kube_object_reason and
 * kube_object_subject_name. Thread safety: an iterator belongs to one thread.
 */
#ifndef SEAWALL_KUBE_OBJECT_H
#define SEAWALL_KUBE_OBJECT_H

#include "base/arena.h"
#include "base/str.h"
#include "data/value.h"

#include <stdbool.h>
#include <stdint.h>

enum {
  KUBE_LIST_DEPTH_MAX = 4,                         /* lists within lists */
  KUBE_POINTER_MAX = KUBE_LIST_DEPTH_MAX * 17 + 1, /* "/items/4294967295" each */
};

enum kube_fault {
  KUBE_FAULT_NONE,
  KUBE_FAULT_MISSING, /* a required field is missing, null or empty */
  KUBE_FAULT_TYPE,    /* a field, or the whole, is of another type */
  KUBE_FAULT_VALUE,   /* apiVersion is not "version" or "group/version" */
  KUBE_FAULT_DEPTH,   /* lists nested too deep */
};

struct kube_object {
  struct value value;             /* the object; whatever is there if is_object is false */
  struct value_position position; /* of the object; {0, 0} if none is kept */
  char pointer[KUBE_POINTER_MAX]; /* JSON Pointer within the document: "" or "/items/3" */
  bool is_object;                 /* apiVersion and kind are known */

  struct str api_version;   /* "apps/v1" */
  struct str group;         /* "apps"; empty for the core group */
  struct str version;       /* "v1" */
  struct str kind;          /* "Deployment" */
  struct str name;          /* metadata.name, empty if there is none */
  struct str generate_name; /* metadata.generateName, likewise */
  struct str namespace;     /* metadata.namespace, likewise */
  struct value metadata;    /* an object, or absent */
  struct value labels;      /* metadata.labels: an object, or absent */
  struct value annotations; /* metadata.annotations: an object, or absent */

  enum kube_fault fault;     /* the first fault found */
  const char *fault_pointer; /* where, within the object: "/metadata/name"; "" for the whole */
  const char *fault_type;    /* KUBE_FAULT_TYPE: what is there: "number" */
  const char *fault_wanted;  /* KUBE_FAULT_TYPE: what must be there: "a string" */
};

struct kube_list_frame {
  struct value items;
  uint32_t next;
  struct str api_version, kind; /* what items without their own inherit; empty: nothing */
};

struct kube_objects {
  struct value root;
  struct value_position root_position;
  bool started;
  unsigned depth;
  struct kube_list_frame frames[KUBE_LIST_DEPTH_MAX];
};

/* Starts over the root of a document; position is the root's. */
void kube_objects_begin(struct kube_objects *it, struct value root, struct value_position position);

/* The next object, in the order of the document. False at the end (then *ret is not written). */
bool kube_objects_next(struct kube_objects *it, struct kube_object *ret);

/* Reads one value as an object, not taking lists apart. Returns is_object. */
bool kube_object_read(struct value value, struct value_position position, struct kube_object *ret);

/*
 * What the fault is, for people, without a place: "kind is missing", "metadata is an array, must be
 * an object", "is a string, must be an object". Empty if there is none.
 */
struct str kube_object_reason(const struct kube_object *object, struct arena *arena);

/* metadata.name, or generateName with "*" behind it, or "". */
struct str kube_object_subject_name(const struct kube_object *object, struct arena *arena);

/* "a string", "an array": the name of a value's type with its article; "nothing" if absent. */
const char *kube_type_with_article(struct value v);

static inline bool kube_object_is(const struct kube_object *object, struct str group,
                                  struct str kind)
{
  return str_eq(object->kind, kind) && str_eq(object->group, group);
}

#endif
