/*
 * layer.h - one pass through a layer: every entry told, every byte checked, nothing written.
 *
 *     const struct oci_layer_options options = {.name = "layer 2 of 5", .packed = &descriptor,
 *                                               .diff_id = diff_id};
 *     const struct oci_visitor visitor = {on_entry, &mine};
 *     if (oci_layer_read(input, &options, &visitor, &totals, &err) < 0) ...
 *
 * Bytes as stored → digest → unpacked (oci/unpack.h) → digest (diff_id) → tar → the visitor, which is told each
 * entry in the order of the archive and may read its content there and then. What it does not read is
 * skipped without being copied. A visitor that finds something acts on it only when oci_layer_read has
 * returned 0: digests are known at the end.
 *
 * Formats: layer.md of the OCI image specification: tar (ustar, pax, GNU) and nothing else; whiteouts are
 * entries like others here (oci/overlay.h).
 *
 * Limits: enum below; a bomb, a name that is too long or an archive of too many entries is SW_ELIMIT. Memory
 * does not depend on the layer. Errors (SW_EINVAL, SW_ELIMIT, SW_EUNSUPPORTED, the input's, the visitor's)
 * begin with the layer's name, and say the byte.
 *
 * Thread safety: any number of threads, each with its own layer.
 */
#ifndef SEAWALL_OCI_LAYER_H
#define SEAWALL_OCI_LAYER_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "oci/unpack.h"

#include <stdbool.h>
#include <stdint.h>

enum {
  OCI_PATH_MAX = 4096,        /* bytes of a path, and of the target of a link (PATH_MAX of Linux) */
  OCI_ENTRIES_MAX = 16000000, /* of a layer */
  OCI_TAR_HEADER_MAX = 8 << 20, /* bytes of the headers of one entry */
};

enum oci_entry_type {
  OCI_FILE,
  OCI_DIRECTORY,
  OCI_SYMLINK,
  OCI_HARDLINK, /* another name of what `link` names */
  OCI_CHAR_DEVICE,
  OCI_BLOCK_DEVICE,
  OCI_FIFO,
  OCI_SOCKET, /* in directories only, tar has none */
};

struct oci_entry {
  struct str
      path; /* below the root: no '/' at either end, no empty, "." or ".." part; "": the root itself */
  struct str link; /* hard links: like path; symbolic links: as written; else empty */
  enum oci_entry_type type;
  bool
      escapes; /* the path, or a hard link's target, had "..": it was held inside the root, as runtimes do */
  uint32_t mode; /* permissions, with setuid, setgid and sticky: 07777 */
  uint32_t uid, gid;
  uint64_t size;   /* bytes of content: of files only */
  int64_t mtime;   /* seconds since 1970 */
  uint64_t number; /* from 0, in the layer */
};

/* What is told of each entry. content gives the bytes of an OCI_FILE (NULL else), and only within the call.
 * An error ends the pass. */
struct oci_visitor {
  int (*entry)(void *ctx, const struct oci_entry *entry, const struct oci_input *content,
               struct error *err);
  void *ctx;
  /* In a directory: something below it that this user may not read, the disk does not give, or lies too deep or
   * is too large to be listed. NULL: that ends the pass. What is gone by the time it is looked at is not told.
   * An archive has no such thing. */
  int (*unreadable)(void *ctx, const struct error *why, struct error *err);
};

struct oci_layer_options {
  const char *name;                    /* for messages; NULL: "layer" */
  const struct oci_descriptor *packed; /* size and digest as stored; NULL: unknown */
  struct str diff_id;                  /* digest of the tar; empty: unknown */
  uint64_t entries_max;                /* 0: OCI_ENTRIES_MAX */
  uint64_t bytes_max;                  /* of the tar; 0: OCI_UNPACK_MAX */
  uint32_t ratio_max;                  /* 0: OCI_UNPACK_RATIO */
  uint64_t free_bytes;                 /* 0: OCI_UNPACK_FREE */
};

struct oci_layer_totals {
  uint64_t entries;
  uint64_t packed_bytes, tar_bytes;
  const char *packing; /* "gzip", "zstd", "none" */
};

/* Has opened and loaded now what would be when the first layer is read (libarchive, tables of character sets,
 * OpenSSL's configuration): for a process that will not be allowed to open anything then. */
int oci_layer_prepare(struct error *err);

/* ret_totals may be NULL. */
int oci_layer_read(struct oci_input input, const struct oci_layer_options *options,
                   const struct oci_visitor *visitor, struct oci_layer_totals *ret_totals,
                   struct error *err);

/*
 * A path as entries have it: without "." and empty parts, ".." taken back as far as the root; into ret_text.
 * Its length, or -1 if it is longer than OCI_PATH_MAX. *ret_escapes: there was a "..".
 */
int oci_path_clean(struct str path, char ret_text[static OCI_PATH_MAX + 1], bool *ret_escapes);

/* All of a content of at most max bytes, appended to `to`. SW_ELIMIT: it is longer. */
int oci_content_read(const struct oci_input *content, size_t max, struct buf *to,
                     struct error *err);

#endif
