/* manifest_fix_int.h - what the parts of manifest_fix share. */
#ifndef SEAWALL_POLICY_MANIFEST_FIX_INT_H
#define SEAWALL_POLICY_MANIFEST_FIX_INT_H

#include "base/map.h"
#include "base/vec.h"
#include "data/patch.h"
#include "policy/manifest_fix.h"

/* The fix of one finding. */
struct fix_part {
  struct manifest_fix_item *item;
  struct patch patch;
  struct str shifts; /* the first element that it puts in or takes out of an array; empty: none */
  bool dropped;
  size_t first, count; /* its operations in struct fix_combination */
};

struct fix_combination {
  VEC(struct patch_operation) operations;
};

/* Says why a fix is skipped. */
void fix_drop(struct fix_part *part, struct arena *a, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Finds out which parts shift elements of arrays of the document, and puts those last. */
void fix_sort(struct value root, struct fix_part *parts, size_t count);

/* Puts the operations of the parts that are not dropped together. Parts that contradict earlier ones
 * are dropped. */
void fix_combine(struct arena *a, struct value root, struct fix_part *parts, size_t count,
                 struct fix_combination *out);

#endif
