/*
 * overlay.h - which entries of which layers make the final file system.
 *
 *     struct oci_overlay *o = oci_overlay_new(image.layer_count);
 *     for each layer, in any order:
 *         for each entry:  oci_overlay_add(o, layer, &entry, keep, tag, &err);
 *         oci_overlay_done(o, layer);
 *     oci_overlay_finish(o, &err);
 *     while (oci_overlay_next(o, &at, &file)) ...            what was kept and is still there
 *     oci_overlay_find(o, STR("etc/os-release"), &file)      by its name, links followed inside the root
 *
 * The caller keeps what it wants to know about in the end (the files it has read, by a tag of its own), and
 * tells of everything else too: it may delete or replace what was kept. Symbolic and hard links are always
 * remembered.
 *
 * Semantics: layer.md of the OCI image specification, as containerd applies it. ".wh.NAME" removes NAME, with
 * what is below it, of lower layers; ".wh..wh..opq" hides all that lower layers have in its directory; both
 * leave alone what their own layer brings, wherever it stands in the archive. Directories merge; anything else
 * takes the place of what has its name, a directory with all that is in it among them. A parent that is a
 * symbolic link is followed, inside the root. The later of two entries of one layer wins.
 *
 * Order: from the base upwards nothing but what was kept and the links is stored, whatever the size of the
 * image (unless it has files whose path leads through a symbolic link, which tools that make layers out of file
 * systems do not write). In any other order 12 to 24 bytes are stored for each path of a layer until those below it are done.
 * (Then, of several changes that upper layers make to one symbolic link in the way of a path, the topmost alone
 * is known.)
 *
 * Limits: OCI_LAYERS_MAX layers; OCI_OVERLAY_KEPT_MAX entries kept, links among them, and OCI_OVERLAY_BYTES_MAX
 * bytes of their paths; OCI_OVERLAY_PATHS_MAX paths stored. SW_ELIMIT beyond.
 *
 * Ownership: everything is copied. Thread safety: an overlay belongs to one thread at a time.
 */
#ifndef SEAWALL_OCI_OVERLAY_H
#define SEAWALL_OCI_OVERLAY_H

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "oci/layer.h"
#include "oci/manifest.h"

#include <stdbool.h>
#include <stdint.h>

enum {
  OCI_OVERLAY_KEPT_MAX = 1000000,
  OCI_OVERLAY_BYTES_MAX = 96 << 20,
  OCI_OVERLAY_PATHS_MAX = 8000000,
  OCI_OVERLAY_LINKS_MAX = 40, /* symbolic links followed for one path, as Linux does */
};
#define OCI_OVERLAY_WORK_MAX (UINT64_C(1) << 32)

struct oci_overlay;

/* For layers 0 (the base) to layer_count - 1; at most 1,000 (OCI_LAYERS_MAX). */
struct oci_overlay *oci_overlay_new(size_t layer_count);
void oci_overlay_free(struct oci_overlay *o);
MEM_DEFINE_CLEANUP(struct oci_overlay, oci_overlay_free)

/* Tells of an entry, in the order of its layer. tag comes back with it. Whiteouts are never kept. */
int oci_overlay_add(struct oci_overlay *o, size_t layer, const struct oci_entry *entry, bool keep,
                    uint64_t tag, struct error *err);

/* No more entries of this layer will come. */
void oci_overlay_done(struct oci_overlay *o, size_t layer);

/* All layers have been told. Then, and only then, the functions below may be called. SW_ELIMIT: links form a
 * maze that takes more than OCI_OVERLAY_WORK_MAX bytes of paths to find out of. */
int oci_overlay_finish(struct oci_overlay *o, struct error *err);

struct oci_overlay_file {
  struct str path; /* in the final file system, links in the way followed */
  enum oci_entry_type type;
  size_t layer;    /* that brought it */
  uint64_t number; /* of its entry in that layer */
  uint64_t tag;
  struct str link; /* of a symbolic link: as written */
  /* An OCI_HARDLINK: where its content lies. The entry that has it was kept: its layer, number and tag. Else it
   * is a file of that path in `layer` or below it that nobody kept. */
  struct str content_path;
  bool content_kept;
  size_t content_layer;
  uint64_t content_number, content_tag;
};

/* The kept entries, links that were kept among them, that are in the final file system; *at begins with 0. In
 * the order in which they were told. */
bool oci_overlay_next(const struct oci_overlay *o, size_t *at, struct oci_overlay_file *ret);

/*
 * The kept entry that a path leads to, symbolic links followed inside the root (".." stops there). False: there
 * is none, or it was not kept, or links go round in a circle. ret may be NULL.
 */
bool oci_overlay_find(const struct oci_overlay *o, struct str path, struct oci_overlay_file *ret);

/*
 * Where a path leads in the final file system, whether or not something is there: links followed, the last part's
 * too; into ret_text. Its length, or SW_ELIMIT: more than OCI_OVERLAY_LINKS_MAX links, or too long.
 */
int oci_overlay_resolve(const struct oci_overlay *o, struct str path,
                        char ret_text[static OCI_PATH_MAX + 1], struct error *err);

/* Bytes of memory in use, for tests and statistics. */
size_t oci_overlay_memory(const struct oci_overlay *o);

#endif
