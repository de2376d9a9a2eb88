/*
 * layer_int.h - the entries of a tar archive that comes out of an unpacker, for layers and for archives of images.
 *
 * The only place that knows libarchive: it takes tar apart, and gets nothing but bytes and memory.
 */
#ifndef SEAWALL_OCI_LAYER_INT_H
#define SEAWALL_OCI_LAYER_INT_H

#include "oci/layer.h"

struct oci_tar;

/* The unpacker is borrowed. */
int oci_tar_new(struct oci_unpack *u, struct oci_tar **ret, struct error *err);

/* The next entry: 1; 0 at the end of the archive, behind which the unpacker may have more; or an error. */
int oci_tar_next(struct oci_tar *tar, struct oci_entry *ret, struct error *err);

/* Content of the entry told last, as an oci_input: ctx is the tar. */
int oci_tar_read(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err);

void oci_tar_free(struct oci_tar *tar);
MEM_DEFINE_CLEANUP(struct oci_tar, oci_tar_free)

#endif
