/*
 * compare.h - equality, order and hashes of values, and sets made with them.
 *
 * Numbers are compared as numbers (1, 1.0 and 10e-1 are equal: data/number.h),
 * strings by their bytes, objects without regard to the order of members. Types
 * never mix: "1" is not 1, [] is not a set.
 *
 * Trees may be as deep as readers allow (10,000): the walk keeps its own stack, in
 * memory that is given back before the return. Only a composite key of an object
 * (Rego has such) inside a composite key costs C stack, under 2 KB a level; they
 * come from the text of a policy, whose depth its parser bounds.
 *
 * Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_DATA_COMPARE_H
#define SEAWALL_DATA_COMPARE_H

#include "base/arena.h"
#include "data/value.h"

/* Equal in the sense of JSON Patch (RFC 6902, section 4.6). Absent equals only absent. */
bool value_equal(struct value a, struct value b);

/*
 * The total order of Rego: absent < null < false < true < numbers < strings < arrays < objects <
 * sets; arrays element by element, then by length; objects by their sorted members, key before
 * value, then by their count; sets as sorted arrays. Returns -1, 0 or 1. It is 0 exactly where
 * value_equal is true.
 */
int value_compare(struct value a, struct value b);

/* Equal values have equal hashes. Keyed anew for each process (base/hash.h). */
uint64_t value_hash(struct value v);

/* The set of the items: sorted, each once. The items are not changed. At most VALUE_CHILDREN_MAX. */
struct value value_set_make(struct arena *a, const struct value *items, uint32_t count);

/* Is the item in the set? False if `set` is no set. */
bool value_set_has(struct value set, struct value item);

/* Sorts in place in the order of value_compare; equal items keep their order. */
void value_sort(struct value *items, uint32_t count);

/* The order of an object's members by key: indices into members, written to order[0 .. len). */
void value_sort_keys(struct value object, uint32_t *order);

#endif
