/*
 * image_scan_merge_int.h - the facts of layers, put together to those of an image.
 */
#ifndef SEAWALL_SCAN_IMAGE_SCAN_MERGE_INT_H
#define SEAWALL_SCAN_IMAGE_SCAN_MERGE_INT_H

#include "scan/image/image_scan.h"
#include "scan/image/reader.h"

struct merge;

/* image and layers of the facts are there; everything else is filled in. */
struct merge *merge_new(struct image_facts *facts);
void merge_free(struct merge *m);

/* Pieces of layers, in any order of layers. */
int merge_piece(struct merge *m, struct str piece, struct error *err);

/* Whether all of a layer has come; or at least all that its first reading gives. */
bool merge_ended(const struct merge *m, uint32_t layer);
bool merge_passed(const struct merge *m, uint32_t layer);

/* The links for which a layer is to be read again, as its facts have asked; they are not given twice. False: it is not. */
bool merge_again(struct merge *m, uint32_t layer, const struct image_reader_link **ret_links,
                 size_t *ret_count);

/* All layers have come: what later layers hid is dropped or marked. SW_EINVAL: one has not. */
int merge_finish(struct merge *m, struct error *err);

/* The pieces of one layer as they are kept, with their lengths in front, whatever number it had. False: they are damaged, and
 * nothing was taken. */
bool merge_kept(struct merge *m, struct str kept, uint32_t layer);

#endif
