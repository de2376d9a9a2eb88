/* source_int.h - what a kind of source is, and what kinds have in common. */
#ifndef SEAWALL_OCI_SOURCE_INT_H
#define SEAWALL_OCI_SOURCE_INT_H

#include "oci/source.h"

/* A kind. State is made by its open function and is its own. */
struct oci_source_ops {
  enum oci_source_kind kind;
  int (*image)(void *state, const struct oci_choice *choice, struct arena *arena,
               struct oci_image *ret, struct error *err);
  int (*read_layer)(void *state, const struct oci_image *image, size_t i,
                    const struct oci_layer_options *options, const struct oci_visitor *visitor,
                    struct oci_layer_totals *totals, struct error *err);
  /* The packed bytes of a layer, unverified; one at a time. NULL: it has none, its layers are trees. */
  int (*open_layer)(void *state, const struct oci_image *image, size_t i, struct oci_input *ret,
                    struct error *err);
  void (*close_layer)(void *state, struct oci_input *input);
  /* NULL: whether an image is signed is not to be known here. */
  int (*signed_by)(void *state, const struct oci_image *image, struct arena *arena, struct str *ret,
                   struct error *err);
  void (*free)(void *state);
};

struct oci_source {
  const struct oci_source_ops *ops;
  void *state;
  char *path; /* for messages */
};

/* Each takes over the descriptor, also if it fails. */
int oci_layout_open(int dir, struct oci_source *source, struct error *err);
int oci_tree_open(int dir, struct oci_source *source, struct error *err);
int oci_archive_open(int fd, struct oci_source *source, struct error *err);
int oci_storage_open(int dir, struct oci_source *source, struct error *err);
int oci_containerd_open(int dir, struct oci_source *source, struct error *err);

/* Whether a directory looks like one. */
bool oci_is_storage(int dir);
bool oci_is_containerd(int dir);

/* blobs/ALGORITHM/HEX below a directory: a descriptor, or an error. */
int oci_open_blob_at(int dir, const struct oci_descriptor *d, struct error *err);

/* Content by digest: a layout, an archive of one, a registry. */
struct oci_blobs {
  /* The bytes that a descriptor names, unverified; closed before the next is opened. */
  int (*open)(void *ctx, const struct oci_descriptor *d, struct oci_input *ret, struct error *err);
  /* The same for indexes and manifests, where they are kept elsewhere; NULL: as the others. */
  int (*open_manifest)(void *ctx, const struct oci_descriptor *d, struct oci_input *ret,
                       struct error *err);
  void (*close)(void *ctx, struct oci_input *input);
  /* Where they lie, for the order of reading; NULL: it does not matter. */
  uint64_t (*place)(void *ctx, const struct oci_descriptor *d);
  void *ctx;
};

/* The image of a choice, from the text of an index.json downwards. */
int oci_blobs_image(const struct oci_blobs *blobs, struct str index_text,
                    const struct oci_choice *choice, struct arena *arena, struct oci_image *ret,
                    struct error *err);

/* The same from the descriptor of an index or a manifest, which is what was asked for. */
int oci_blobs_image_of(const struct oci_blobs *blobs, const struct oci_descriptor *root,
                       const struct oci_choice *choice, struct arena *arena, struct oci_image *ret,
                       struct error *err);

int oci_blobs_read_layer(const struct oci_blobs *blobs, const struct oci_image *image, size_t i,
                         const struct oci_layer_options *options, const struct oci_visitor *visitor,
                         struct oci_layer_totals *totals, struct error *err);

/* What says that a layer could not be opened. */
int oci_layer_missing(const struct oci_descriptor *d, int rc, struct error *err);

/* Whether a name in a source is what was asked for: the same text, the same reference when completed, or the same
 * tag alone. */
bool oci_name_fits(struct str name, struct str wanted);

/* The configuration was read; do layers and platform agree with what was asked for? */
int oci_image_agree(const struct oci_image *image, const struct oci_choice *choice,
                    struct error *err);

/* Bytes of a file descriptor, from where it stands. */
struct oci_input oci_fd_input(const int *fd);

/* What is left of a text, which is moved on. */
struct oci_input oci_text_input(struct str *rest);

#endif
