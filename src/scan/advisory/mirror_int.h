/*
 * mirror_int.h - what the parts of scan/advisory/mirror share.
 */
#ifndef SEAWALL_SCAN_ADVISORY_MIRROR_INT_H
#define SEAWALL_SCAN_ADVISORY_MIRROR_INT_H

#include "base/vec.h"
#include "scan/advisory/mirror.h"

/* Appends what is packed by xz, gzip, zstd or not at all; at most max bytes (SW_ELIMIT). */
int mirror_unpack(struct str bytes, size_t max, struct buf *ret, struct error *err);

/* Paths of keyrings, owned. */
struct mirror_keyrings {
  VEC(char *) paths;
};

void mirror_keyrings_add(struct mirror_keyrings *k, const char *path);
void mirror_keyrings_of_system(struct mirror_keyrings *k);
void mirror_keyrings_free(struct mirror_keyrings *k);

#endif
