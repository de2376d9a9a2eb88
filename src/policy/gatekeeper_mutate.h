/*
 * gatekeeper_mutate.h - Gatekeeper's mutators: Assign, AssignMetadata, ModifySet, AssignImage.
 *
 *     struct gatekeeper_mutators *m = gatekeeper_mutators_new();
 *     gatekeeper_mutators_add(m, &object, file, &err);              for each document
 *     if (gatekeeper_mutators_finish(m, &err) < 0) ...              two contradict each other
 *     if (gatekeeper_mutate(m, &arena, &object, namespace, &changed, &matched, &err) < 0) ...
 *
 * mutations.gatekeeper.sh v1, v1beta1 and v1alpha1. Locations are Gatekeeper's paths:
 * spec.containers[name: web].image, spec.template."a.b", metadata.labels.owner; what is missing on the way
 * is made, unless a pathTest says otherwise. All mutators are applied in order of kind and name, again and
 * again until nothing changes any more; if that does not end after one round more than there are mutators,
 * it is an error. null is taken as missing.
 *
 * Refused when they are added (SW_EINVAL, SW_EUNSUPPORTED): what Gatekeeper refuses; externalData and
 * assignIf, which are not supported. Two mutators that see one place of the same kind of object as different
 * things (an object and a list, lists with different keys) contradict each other; Gatekeeper leaves both
 * out, here finishing fails.
 *
 * Ownership: documents are copied. Thread safety: filled by one thread; immutable after finishing.
 */
#ifndef SEAWALL_POLICY_GATEKEEPER_MUTATE_H
#define SEAWALL_POLICY_GATEKEEPER_MUTATE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "kube/object.h"

enum {
  GATEKEEPER_MUTATORS_MAX = 1000,
  GATEKEEPER_LOCATION_MAX = 64, /* parts of a location */
};

struct gatekeeper_mutators;

struct gatekeeper_mutators *gatekeeper_mutators_new(void);
void gatekeeper_mutators_free(struct gatekeeper_mutators *mutators);
MEM_DEFINE_CLEANUP(struct gatekeeper_mutators, gatekeeper_mutators_free)

bool gatekeeper_is_mutator(const struct kube_object *object);

/* Takes a mutator: 1; 0 if it is anything else. Errors name kind and name: "Assign x: ...". */
int gatekeeper_mutators_add(struct gatekeeper_mutators *mutators, const struct kube_object *object,
                            struct error *err);

/* Orders them, and looks for contradictions (SW_EINVAL, naming both). */
int gatekeeper_mutators_finish(struct gatekeeper_mutators *mutators, struct error *err);

size_t gatekeeper_mutators_count(const struct gatekeeper_mutators *mutators);

/*
 * Applies all that match to an object: *ret_object shares what has not changed, and is the same value if
 * nothing has. object->namespace is where it lies, whether its metadata says so or not (what controllers make
 * names no namespace when it is reviewed); namespace is that Namespace object, absent if it is not known; *ret_matched counts
 * mutators that matched at first. SW_EINVAL names the mutator: the object has something else at its location,
 * its namespaceSelector needs a Namespace that is not known, it does not come to an end.
 */
int gatekeeper_mutate(const struct gatekeeper_mutators *mutators, struct arena *arena,
                      const struct kube_object *object, struct value namespace,
                      struct value *ret_object, uint32_t *ret_matched, struct error *err);

#endif
