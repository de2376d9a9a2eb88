/*
 * tar_split.h - the tar archive that a directory was unpacked from, byte for byte.
 *
 *     _cleanup_(oci_tar_split_freep) struct oci_tar_split *split = NULL;
 *     if (oci_tar_split_new(root, parts, &split, &err) < 0) ...
 *     struct oci_input input = oci_tar_split_input(split);
 *
 * containers/storage keeps of each layer its files, and apart from them everything else that its archive
 * consisted of (headers, padding), in the format of vbatts/tar-split: JSON values, one a line, of type 2 (bytes, in
 * base64) and 1 (a name and a size: the content of that file follows); packed with gzip. Put together again, they
 * have the digest that the image's configuration says, so nothing that was changed in the files since goes
 * unnoticed (oci/layer.h).
 *
 * Files are opened below the directory whatever links there are: absolute ones and ".." lead back into it, as in a
 * chroot(2). That holds as long as nobody changes the directory meanwhile; whoever does gains nothing, since the digest
 * is another then.
 *
 * Ownership: descriptors are taken over. Thread safety: one by one thread. Memory: a line at a time.
 *
 * Errors of the input: SW_EINVAL (damaged, or a file is shorter than it was), SW_ENOENT, SW_EACCES, SW_ELIMIT (a line
 * longer than OCI_TAR_SPLIT_LINE_MAX), SW_EIO.
 */
#ifndef SEAWALL_OCI_TAR_SPLIT_H
#define SEAWALL_OCI_TAR_SPLIT_H

#include "base/error.h"
#include "base/mem.h"
#include "oci/unpack.h"

enum { OCI_TAR_SPLIT_LINE_MAX = 32 << 20 };

struct oci_tar_split;

/* root: the directory; parts: the file that has the rest, opened for reading. Both are taken over, also if it
 * fails. */
int oci_tar_split_new(int root, int parts, struct oci_tar_split **ret, struct error *err);
void oci_tar_split_free(struct oci_tar_split *split);
MEM_DEFINE_CLEANUP(struct oci_tar_split, oci_tar_split_free)

struct oci_input oci_tar_split_input(struct oci_tar_split *split);

#endif
