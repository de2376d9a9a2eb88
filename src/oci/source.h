/*
 * source.h - where images come from.
 *
 *     _cleanup_(oci_source_freep) struct oci_source *source = NULL;
 *     if (oci_source_open("image.tar", OCI_SOURCE_ANY, &source, &err) < 0) ...
 *     if (oci_source_image(source, &(struct oci_choice){0}, &arena, &image, &err) < 0) ...
 *     for (size_t i = 0; i < image.layer_count; i++)
 *         if (oci_source_read_layer(source, &image, i, NULL, &visitor, NULL, &err) < 0) ...
 *
 * Kinds:
 *   an OCI layout (image-layout.md): a directory with oci-layout, index.json and blobs/
 *   an archive of one (oci-archive), or one of `docker save` (docker-archive): tar, packed with gzip or zstd or
 *     not. One that is both is read as the first, where everything has a digest.
 *   a directory that is the root of a file system: one layer, without digests
 *   a repository of a registry (oci/registry.h)
 *   what Podman, Buildah and CRI-O keep, a directory of containers/storage (/var/lib/containers/storage): layers
 *     are put together again as they were pulled (oci/tar_split.h)
 *   what containerd keeps (/var/lib/containerd), or its directory of content alone; images by name, or by the
 *     digest of an index or manifest
 *
 * A process that may not open anything any more is given what to read as a descriptor: oci_source_open_fd. One
 * that has the source, but should not touch what is in layers, hands on their bytes: oci_source_open_layer.
 *
 * Everything is verified: indexes, manifests and configurations before they are read, layers while they are
 * (oci/layer.h). Archives of Docker have no digests but the names of configurations, and the diff_ids in these.
 *
 * Nothing is written to disk, but an archive that comes through a pipe (oci_source_keep_stream). An archive
 * is read from front to back; layers that are read in the order of `place` need one pass over it, any other order
 * begins again as often as it goes back. Small entries are kept in memory (ARCHIVE_KEEP in
 * oci/source_archive.c: 32 MiB at most).
 *
 * Ownership: a source is owned by its holder; an image lives in the arena and is used with the source that gave
 * it. Thread safety: any number of threads, a source by one.
 *
 * Errors: SW_ENOENT, SW_EACCES, SW_EIO (the system's), SW_EINVAL (damaged, or not what a digest says),
 * SW_ELIMIT, SW_EUNSUPPORTED (an artifact, an encrypted layer, a manifest of schema 1); messages begin with the
 * path of the source.
 */
#ifndef SEAWALL_OCI_SOURCE_H
#define SEAWALL_OCI_SOURCE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "oci/layer.h"
#include "oci/manifest.h"
#include "oci/platform.h"

enum {
  OCI_INDEX_DEPTH_MAX = 4,           /* indexes in indexes */
  OCI_ARCHIVE_ENTRIES_MAX = 100000,  /* of an archive of images */
  OCI_TREE_DEPTH_MAX = 1000,         /* directories in directories, of a directory */
  OCI_DIRECTORY_NAMES_MAX = 4000000, /* in one directory */
};

#define OCI_STREAM_MAX (UINT64_C(256) << 30) /* bytes of an archive that comes through a pipe */

enum oci_source_kind {
  OCI_SOURCE_ANY, /* found out */
  OCI_SOURCE_LAYOUT,
  OCI_SOURCE_OCI_ARCHIVE,
  OCI_SOURCE_DOCKER_ARCHIVE,
  OCI_SOURCE_DIRECTORY,
  OCI_SOURCE_REGISTRY, /* opened by oci_source_open_registry */
  OCI_SOURCE_STORAGE,
  OCI_SOURCE_CONTAINERD,
};

struct oci_source;

/* Opens what path names. SW_EINVAL: it is of no kind, or not of the one asked for. */
int oci_source_open(const char *path, enum oci_source_kind kind, struct oci_source **ret,
                    struct error *err);

/*
 * The same of a descriptor that was opened for reading, which it takes over, also if it fails: a directory, or
 * an archive, which begins where the file does. Nothing is opened but what lies below a directory, by openat(2)
 * with O_RDONLY and O_CLOEXEC. name: for messages.
 */
int oci_source_open_fd(int fd, const char *name, enum oci_source_kind kind, struct oci_source **ret,
                       struct error *err);

/*
 * An archive that comes through a pipe, for oci_source_open_fd: what is needed first of an archive stands at its end
 * as a rule, so it is read once, to its end, into a file without a name in dir (NULL: /var/tmp, which is a disk
 * where /tmp may be memory), which is gone with its descriptor. *ret_fd is the caller's. Of a file (standard input
 * that was redirected) nothing is copied. fd stays open. bytes_max 0: OCI_STREAM_MAX.
 *
 * SW_EINVAL: a terminal, a directory, nothing at all; SW_ELIMIT; SW_EIO (the disk is full, ...). Messages begin with
 * name ("standard input").
 */
int oci_source_keep_stream(int fd, const char *name, const char *dir, uint64_t bytes_max,
                           int *ret_fd, struct error *err);

/*
 * An image of a registry, under the tag or digest of the reference, which is looked up by oci_source_image:
 * what the tag names then is the image, and its layers are asked for by digest. choice.reference may be empty,
 * the same reference, or a digest in the same repository. Texts of the reference are copied, those of the options
 * borrowed (oci/registry.h).
 *
 * oci_source_of_registry is for several images: it borrows the client, with its connections and logins; of the
 * sources of one client, one at a time may have a layer open.
 */
struct image_reference;
struct oci_registry;
struct oci_registry_options;
int oci_source_open_registry(const struct image_reference *reference,
                             const struct oci_registry_options *options, struct oci_source **ret,
                             struct error *err);
int oci_source_of_registry(struct oci_registry *registry, const struct image_reference *reference,
                           struct oci_source **ret, struct error *err);

void oci_source_free(struct oci_source *source);
MEM_DEFINE_CLEANUP(struct oci_source, oci_source_free)

enum oci_source_kind oci_source_kind(const struct oci_source *source);

/* "oci", "oci-archive", "docker-archive", "dir", "registry", "containers-storage", "containerd": as other tools call it. */
const char *oci_source_kind_name(enum oci_source_kind kind);

/* Which of several images. */
struct oci_choice {
  struct str
      reference; /* as the source names it, completed or not, or a digest; empty: the only one */
  const struct oci_platform *platform; /* NULL: that of this machine, or the only one */
};

struct oci_image_layer {
  struct oci_descriptor packed;
  struct str diff_id; /* empty in a directory */
  uint64_t place;     /* where it lies in the source: reading in this order is fastest */
};

struct oci_image {
  struct str name;   /* what the source calls it; may be empty */
  struct str digest; /* of the manifest; empty where there is none */
  struct str
      id; /* digest of the configuration: what Docker calls the image's ID; empty in a directory */
  struct oci_manifest manifest; /* empty in archives of Docker and in directories */
  struct oci_config config;
  struct oci_image_layer *layers; /* from the base upwards */
  size_t layer_count;
};

/* SW_ENOENT: there is no such image, or none for the platform, or several and none was named: the message says
 * which there are. */
int oci_source_image(struct oci_source *source, const struct oci_choice *choice,
                     struct arena *arena, struct oci_image *ret, struct error *err);

/*
 * Who has signed an image that oci_source_image gave last, or the index that it was found in: as oci_registry_signed
 * (oci/registry.h) has it; empty: nobody. SW_EUNSUPPORTED: the kind of source does not know, which all but a registry
 * do not.
 */
int oci_source_signed(struct oci_source *source, const struct oci_image *image, struct arena *arena,
                      struct str *ret, struct error *err);

/*
 * Tells the visitor each entry of a layer (oci/layer.h). options (NULL: the defaults) sets limits; name, packed
 * and diff_id are filled in here. A directory's entries come directory by directory, names in order; file
 * systems of the kernel's own (proc, sysfs, ...) below it are not entered. ret_totals may be NULL.
 */
int oci_source_read_layer(struct oci_source *source, const struct oci_image *image, size_t i,
                          const struct oci_layer_options *options,
                          const struct oci_visitor *visitor, struct oci_layer_totals *ret_totals,
                          struct error *err);

/*
 * The bytes of a layer as they are stored, for somebody else to read: NOT verified, that is for the reader, with
 * image->layers[i] (oci_layer_read). One layer at a time: closed before the next is opened, and before anything
 * else is asked of the source. SW_EUNSUPPORTED: the source has trees and no bytes (a directory).
 */
int oci_source_open_layer(struct oci_source *source, const struct oci_image *image, size_t i,
                          struct oci_input *ret, struct error *err);
void oci_source_close_layer(struct oci_source *source, struct oci_input *input);

#endif
