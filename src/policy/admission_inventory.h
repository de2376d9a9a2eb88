/*
 * admission_inventory.h - the objects of a cluster, for policies that look at others than the one under
 * review.
 *
 *     struct admission_inventory_store *store = admission_inventory_store_new();
 *     admission_inventory_read(store, paths, count, NULL, &err);    manifests from files, or, from a watch,
 *     admission_inventory_put(store, &object, &err);                one object after the other
 *     admission_inventory_publish(store);                           what is there now becomes a version
 *     options.inventory = admission_inventory_service(store);
 *
 * A version is a tree as Gatekeeper's data.inventory is:
 *
 *     {"cluster": {GROUP_VERSION: {KIND: {NAME: object}}},
 *      "namespace": {NAMESPACE: {GROUP_VERSION: {KIND: {NAME: object}}}}}
 *
 * It never changes: a review that has acquired it sees one moment, whatever is put meanwhile, and nothing is
 * copied for it. Publishing makes the levels of those namespaces anew that have changed since the last time
 * and shares everything else; objects are never copied again but to give memory back (which is done when
 * half of it belongs to objects that are gone). So it costs what changed; a watch does well to publish
 * once for many events.
 *
 * An object without metadata.namespace is taken as one of the cluster. One of the same group, version, kind,
 * namespace and name replaces the other. Objects without a name stay apart, under generateName and a number.
 *
 * Limits: ADMISSION_INVENTORY_OBJECTS_MAX objects, ADMISSION_INVENTORY_MEMORY_MAX bytes of them.
 *
 * Ownership: the store owns a copy of everything; versions live until they are released, also beyond the
 * store's end. Thread safety: put, remove, read and publish belong to one thread at a time; acquiring and
 * releasing (admission.h) may be done by any thread at any time while the store is there.
 */
#ifndef SEAWALL_POLICY_ADMISSION_INVENTORY_H
#define SEAWALL_POLICY_ADMISSION_INVENTORY_H

#include "base/error.h"
#include "base/mem.h"
#include "kube/object.h"
#include "policy/admission.h"

enum {
  ADMISSION_INVENTORY_OBJECTS_MAX = 1000000,
  ADMISSION_INVENTORY_MEMORY_MAX = 1 << 30, /* bytes of objects */
  ADMISSION_INVENTORY_FILE_MAX = 256 << 20, /* bytes of a file */
};

struct admission_inventory_store;

struct admission_inventory_store *admission_inventory_store_new(void);
void admission_inventory_store_free(struct admission_inventory_store *store);
MEM_DEFINE_CLEANUP(struct admission_inventory_store, admission_inventory_store_free)

/* Copies an object; what it takes its apiVersion and kind from (a typed list) may leave them out. SW_EINVAL:
 * it is none; SW_ELIMIT: one too many, or too deep. With an error nothing has changed. */
int admission_inventory_put(struct admission_inventory_store *store,
                            const struct kube_object *object, struct error *err);

/* Takes an object out; only apiVersion, kind, namespace and name count. Whether it was there. */
bool admission_inventory_remove(struct admission_inventory_store *store,
                                const struct kube_object *object);

/* Everything out: what is put from here on is all there is, as after a new list. */
void admission_inventory_clear(struct admission_inventory_store *store);

/* What is there now is what reviews that begin from here on see. Before the first time nothing is known,
 * which is not the same as an empty cluster: policies that look at other objects fail. */
void admission_inventory_publish(struct admission_inventory_store *store);

/*
 * Puts every object of YAML and JSON files, and of all such files of directories and those below them;
 * documents that are no objects are passed over. *ret_count (may be NULL) is how many were put. Does not
 * publish. Errors: those of reading; SW_EINVAL with FILE:LINE, a document that cannot be parsed; SW_ELIMIT.
 * With an error the inventory is not to be used: part of the objects would hide conflicts with the others.
 */
int admission_inventory_read(struct admission_inventory_store *store, const char *const *paths,
                             size_t count, size_t *ret_count, struct error *err);

/* How many objects there are. */
size_t admission_inventory_count(const struct admission_inventory_store *store);

/* For admission_options.inventory; the store must outlive its use. */
struct admission_inventory admission_inventory_service(struct admission_inventory_store *store);

#endif
