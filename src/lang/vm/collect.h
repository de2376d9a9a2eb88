/*
 * collect.h - containers under construction, for vm.h.
 *
 *     struct vm_collection *c = vm_collect_new(&arena, VM_COLLECT_SET);
 *     vm_collect_add(&arena, c, value);
 *     struct value set = vm_collect_finish(&arena, c);
 *
 * A collection lies in an arena and grows in it (what it grew out of stays behind, so a collection
 * takes at most three times its final size). Objects compare keys by value; above a few members they
 * are found by hash. Leaves of nested collections (vm_collect_put_deep) may be collections.
 *
 * Limits: VALUE_CHILDREN_MAX members; callers look at the arena's limit.
 * Thread safety: as the arena.
 */
#ifndef SEAWALL_LANG_VM_COLLECT_H
#define SEAWALL_LANG_VM_COLLECT_H

#include "base/arena.h"
#include "data/value.h"

struct vm_collection;

/* kind: enum vm_collection_kind of vm.h. */
struct vm_collection *vm_collect_new(struct arena *a, unsigned kind);

/* Of arrays and sets. */
void vm_collect_add(struct arena *a, struct vm_collection *c, struct value item);

/* Of objects: false if the key has another value already. */
bool vm_collect_put(struct arena *a, struct vm_collection *c, struct value key, struct value value);

enum vm_leaf {
  VM_LEAF_VALUE,         /* the value of the last key */
  VM_LEAF_SET_ELEMENT,   /* an element of the set that is there */
  VM_LEAF_ARRAY_ELEMENT, /* an element of the array that is there */
};

/* Below keys[0], keys[1], ... objects are made as needed; at the last key the value is put, or added to
 * what is there. False if something else is there. count is 1 or more. */
bool vm_collect_put_deep(struct arena *a, struct vm_collection *c, const struct value *keys,
                         uint32_t count, struct value value, enum vm_leaf leaf);

/* The container; the collection must not be used afterwards. */
struct value vm_collect_finish(struct arena *a, struct vm_collection *c);

/* How many parts it has so far. */
uint32_t vm_collect_count(const struct vm_collection *c);

/* `over` laid over `base`: objects member by member, `depth` levels of them (VM_MERGE_DEPTH at most),
 * all else replaced. */
enum { VM_MERGE_DEPTH = 1000 };
struct value vm_merge(struct arena *a, struct value base, struct value over, uint32_t depth);

/* The same for two parts of one document, which must not contradict each other: sets are united, and
 * two other things at one place are a conflict unless they are equal. False if there is one. */
bool vm_unite(struct arena *a, struct value x, struct value y, uint32_t depth, struct value *ret);

/* A tree with the value at the end of a path, and objects on the way to it. */
struct value vm_set_path(struct arena *a, struct value root, const struct value *keys,
                         uint32_t count, struct value value);

#endif
