/*
 * manifest.h - indexes, manifests and configurations of images.
 *
 *     struct oci_document doc;
 *     if (oci_document_read(text, descriptor.media_type, &arena, &doc, &err) < 0) ...
 *     if (doc.kind == OCI_INDEX)
 *         oci_index_choose(&doc.index, NULL, &chosen, &err);        the manifest for a platform
 *     else
 *         fetch(doc.manifest.config), oci_config_read(text, &arena, &config, &err);
 *
 * Formats: OCI image specification 1.1 (image-index.md, manifest.md, config.md) and Docker's schema 2.2
 * (manifest list, manifest, container configuration), which differ in media types only. Schema 1 is
 * refused with a word on what to do. What could be read as a manifest and as an index is refused
 * (CVE-2021-41190), and so is a document whose own mediaType is not what the descriptor said.
 *
 * The text is not checked against a digest here: oci/descriptor.h.
 *
 * Ownership: everything lives in the arena or is a view of the text, which must outlive it.
 * Thread safety: any number of threads, each with its own arena.
 *
 * Errors: SW_EINVAL (with the member that is wrong, or line and column), SW_ELIMIT, SW_EUNSUPPORTED.
 */
#ifndef SEAWALL_OCI_MANIFEST_H
#define SEAWALL_OCI_MANIFEST_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "oci/descriptor.h"
#include "oci/platform.h"

enum {
  OCI_DOCUMENT_MAX = 8 << 20,      /* bytes of an index, a manifest or a configuration */
  OCI_LAYERS_MAX = 1000,           /* of an image */
  OCI_INDEX_MANIFESTS_MAX = 10000, /* of an index */
  OCI_CONFIG_LIST_MAX = 10000,     /* elements of each list of a configuration */
};

struct oci_index {
  struct oci_descriptor *manifests;
  size_t count;
};

struct oci_manifest {
  struct oci_descriptor config;
  struct oci_descriptor *layers; /* from the base upwards */
  size_t layer_count;
  struct str artifact_type; /* empty: none */
  struct value annotations; /* an object, or absent */
};

enum oci_document_kind { OCI_INDEX, OCI_MANIFEST };

struct oci_document {
  enum oci_document_kind kind;
  union {
    struct oci_index index;
    struct oci_manifest manifest;
  };
};

/* media_type: what the descriptor says; empty: unknown, the document says it itself. */
int oci_document_read(struct str text, struct str media_type, struct arena *arena,
                      struct oci_document *ret, struct error *err);

/*
 * The manifest of an index for a platform, as containerd chooses: of those that run on it the one that
 * suits best, the first of equals; one that does not say its platform comes last. Attestations and other
 * artifacts (platform unknown/unknown) are never chosen. platform NULL: that of this machine, or else the
 * only one there is. SW_ENOENT: there is none; the message lists what there is.
 */
int oci_index_choose(const struct oci_index *index, const struct oci_platform *platform,
                     const struct oci_descriptor **ret, struct error *err);

struct oci_pair {
  struct str key, value;
};

struct oci_history {
  struct str created, created_by, author, comment;
  bool empty_layer;
};

struct oci_strings {
  struct str *items;
  size_t count;
};

/* What a container of the image begins with. Texts that are not said are empty. */
struct oci_config {
  struct oci_platform platform;
  struct str created, author; /* created: RFC 3339, as written */
  struct str user, working_dir, stop_signal;
  struct oci_strings env, entrypoint, cmd, shell;
  struct oci_strings exposed_ports, volumes; /* the keys of those objects */
  struct oci_strings on_build;
  struct oci_pair *labels;
  size_t label_count;
  struct oci_strings
      health_test; /* Docker's Healthcheck.Test: "NONE", "CMD" ..., "CMD-SHELL" ... */
  struct oci_history *history;
  size_t history_count;
  struct oci_strings
      diff_ids; /* digests of the unpacked layers, from the base upwards; all valid */
};

/* Members that the specification does not name are left alone; null is as good as absent. */
int oci_config_read(struct str text, struct arena *arena, struct oci_config *ret,
                    struct error *err);

/* Whether bytes of this media type are a layer of files: not of an artifact of another kind. */
bool oci_is_layer(struct str media_type);

/* Whether it is an index; whether it is a manifest: by the media type alone. */
bool oci_is_index(struct str media_type);
bool oci_is_manifest(struct str media_type);

#endif
