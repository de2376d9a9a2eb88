/*
 * image_scan_merge_int.h - the facts of layers, put together to those of an image.
 */
#ifndef SEAWALL_SCAN_IMAGE_SCAN_MERGE_INT_H
#define SEAWALL_SCAN_IMAGE_SCAN_MERGE_INT_H

#include "scan/image/image_scan.h"

struct merge;

/* image and layers of the facts are there; everything else is filled in. */
struct merge *merge_new(struct image_facts *facts);
void merge_free(struct merge *m);

/* Pieces of layers, in any order of layers. */
int merge_piece(struct merge *m, struct str piece, struct error *err);

/* All layers have come: what later layers hid is dropped or marked. SW_EINVAL: one has not. */
int merge_finish(struct merge *m, struct error *err);

/* The pieces of one layer as they are kept, with their lengths in front, whatever number it had. False: they are damaged, and
 * nothing was taken. */
bool merge_kept(struct merge *m, struct str kept, uint32_t layer);

#endif
