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

/* Content by digest: a layout, an archive of one, a registry. */
struct oci_blobs {
  /* The bytes that a descriptor names, unverified; closed before the next is opened. */
  int (*open)(void *ctx, const struct oci_descriptor *d, struct oci_input *ret, struct error *err);
  void (*close)(void *ctx, struct oci_input *input);
  /* Where they lie, for the order of reading; NULL: it does not matter. */
  uint64_t (*place)(void *ctx, const struct oci_descriptor *d);
  void *ctx;
};

/* The image of a choice, from the text of an index.json downwards. */
int oci_blobs_image(const struct oci_blobs *blobs, struct str index_text,
                    const struct oci_choice *choice, struct arena *arena, struct oci_image *ret,
                    struct error *err);

int oci_blobs_read_layer(const struct oci_blobs *blobs, const struct oci_image *image, size_t i,
                         const struct oci_layer_options *options, const struct oci_visitor *visitor,
                         struct oci_layer_totals *totals, struct error *err);

/* Whether a name in a source is what was asked for: the same text, the same reference when completed, or the same
 * tag alone. */
bool oci_name_fits(struct str name, struct str wanted);

/* The configuration was read; do layers and platform agree with what was asked for? */
int oci_image_agree(const struct oci_image *image, const struct oci_choice *choice,
                    struct error *err);

/* Bytes of a file descriptor, from where it stands. */
struct oci_input oci_fd_input(const int *fd);

#endif
