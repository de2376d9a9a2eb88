/*
 * copy.h - a value tree copied into another arena, with nothing shared.
 *
 * For what must outlive the text or the arena it came from. Positions are kept if there are any. Keys get
 * their numbers from `symbols`; without one they keep those they have, so the copy belongs to the same
 * table as the original.
 *
 *     struct value kept;
 *     if (value_copy(&arena, v, NULL, &kept, &err) < 0) ...
 *
 * SW_ELIMIT: nested deeper than VALUE_COPY_DEPTH_MAX. The arena's limit is looked at at each
 * container; SW_ELIMIT too.
 */
#ifndef SEAWALL_DATA_COPY_H
#define SEAWALL_DATA_COPY_H

#include "base/error.h"
#include "base/symbols.h"
#include "data/value.h"

enum { VALUE_COPY_DEPTH_MAX = 1000 };

int value_copy(struct arena *a, struct value v, const struct symbols *symbols,
               struct value *ret_copy, struct error *err);

#endif
