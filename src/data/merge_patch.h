/*
 * merge_patch.h - JSON Merge Patch (RFC 7386, RFC 7396).
 *
 * A patch that is an object changes the members that it names: null removes one,
 * an object is merged into it, anything else takes its place. A patch that is not
 * an object takes the place of the whole target.
 *
 *     if (merge_patch_apply(&arena, deployment, patch, &changed, &err) < 0)
 *
 * The target is never changed; the result shares with target and patch what it
 * can, so both must live as long as it. Members keep the target's order, new ones
 * follow in the patch's order. Members that stay keep their source positions.
 *
 * Cost: linear in the patch and in the width of the objects that it touches.
 *
 * Errors: SW_ELIMIT for a patch nested deeper than MERGE_PATCH_DEPTH_MAX;
 * SW_EUNSUPPORTED for objects with keys that are not strings (Rego has such). Every
 * value that was read is a merge patch.
 *
 * Thread safety: may be called from any thread, with an arena of its own.
 */
#ifndef SEAWALL_DATA_MERGE_PATCH_H
#define SEAWALL_DATA_MERGE_PATCH_H

#include "base/error.h"
#include "data/value.h"

enum { MERGE_PATCH_DEPTH_MAX = 1000 }; /* objects within objects, in the patch */

/* The target with the patch merged in. An absent target counts as an empty one; an absent patch
 * gives the target. */
int merge_patch_apply(struct arena *a, struct value target, struct value patch,
                      struct value *ret_document, struct error *err);

#endif
