/* overlay_int.h - what an overlay remembers: records of entries, and marks of what hides others. */
#ifndef SEAWALL_OCI_OVERLAY_INT_H
#define SEAWALL_OCI_OVERLAY_INT_H

#include "oci/overlay.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"

enum { OVERLAY_NONE = UINT32_MAX };

/* Marks: for the hash of a path, the highest layer that brings something of that name, and the highest one
 * that hides all that lower layers have below it. */
struct overlay_mark {
  uint32_t exact : 11; /* layer + 1; 0: none */
  uint32_t below : 11;
  uint32_t touched : 1; /* the path of a record, or above one */
  uint32_t symlink : 1; /* a record of a symbolic link has this path */
};

struct overlay_marks {
  uint64_t *hashes; /* 0: free */
  struct overlay_mark *marks;
  size_t count, slots;
};

uint64_t overlay_hash(struct str path);

/* NULL: there is none. */
struct overlay_mark *overlay_marks_get(const struct overlay_marks *marks, uint64_t hash);

/* Adds it if it is new; NULL: OCI_OVERLAY_PATHS_MAX are there. */
struct overlay_mark *overlay_marks_put(struct overlay_marks *marks, uint64_t hash);

void overlay_marks_free(struct overlay_marks *marks);

struct overlay_record {
  struct str path;      /* as told */
  struct str canonical; /* links in the way followed; set when finished */
  struct str link;      /* as told */
  uint64_t number, tag;
  uint16_t layer;
  uint8_t type; /* enum oci_entry_type */
  bool kept, hidden;
  uint32_t before;  /* the record that had the canonical path before this one */
  uint32_t content; /* of a hard link: the record that has its content */
  uint32_t alias;   /* of a symbolic link: the next one with the same target */
};

struct overlay_records VEC_BODY(struct overlay_record);

struct oci_overlay {
  struct arena arena;
  struct overlay_marks marks;
  struct overlay_records records;
  /* Numbers of later entries of the same layer, for touched paths: key is hash and layer. */
  struct map late_exact, late_below;
  struct map current; /* canonical path → the latest record */
  struct map aliases; /* where symbolic links lead → the first of those links */
  bool *layer_done;
  size_t layer_count, done_below; /* layers 0 to done_below - 1 are done */
  bool
      store_all; /* a record lies below a link: under which names it is hidden is known only in the end */
  uint64_t work;
  /* The directory of the entry before, and whether it or one above it is a symbolic link. */
  char parent[OCI_PATH_MAX + 1];
  size_t parent_len, parent_records;
  bool parent_known, parent_linked;
};

/* When something happened: of a layer, up to a number of it. */
struct overlay_time {
  size_t layer;
  uint64_t number;
};

/* Whether what a layer brought with that number under a path was hidden by something told until `until`. Of the
 * path's parts only those longer than `from` bytes are looked at, and only what layers from `since` on did. */
bool overlay_hidden(const struct oci_overlay *o, struct str path, size_t from,
                    struct overlay_time of, size_t since, struct overlay_time until);

/* A path with links followed as they were at a time; last: the last part's too. */
int overlay_resolve(const struct oci_overlay *o, struct str path, bool last, struct overlay_time at,
                    uint64_t *io_work, char ret_text[static OCI_PATH_MAX + 1], struct error *err);

/* The record of a canonical path, as it was at a time; OVERLAY_NONE: there was none. */
uint32_t overlay_record_at(const struct oci_overlay *o, struct str canonical,
                           struct overlay_time at);

#endif
