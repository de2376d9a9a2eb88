/*
 * analyser.h - the readers of this room, and what they find in one image or directory.
 *
 * Whoever walks the files of an image asks for each path whether anybody wants it; a file that nobody wants
 * is skipped without being read. The bytes of one that is wanted go to analysis_read. When all files have
 * been seen, analysis_finish puts together what belongs together:
 *
 *     struct analysis a;
 *     analysis_init(&a, &arena, PACKAGE_LIST_FILES);
 *     for each file:
 *         const struct analyser *analyser = analyser_find(path, a.packages.flags);
 *         if (!analyser)
 *             skip it;
 *         if (size > analyser->size_max || analysis_read(&a, analyser, path, layer, bytes, &err) < 0)
 *             ... the scan is incomplete, and says so
 *     analysis_keep(&a, visible, ctx);        images of several layers: what is still to be seen
 *     analysis_finish(&a);
 *     use(a.os, a.packages.items, a.packages.count);
 *     analysis_free(&a);
 *
 * Paths are as in a tar archive without "./" and the leading "/"; layers are counted from 0 at the base.
 * Bytes may go away after the call. An analyser is a row of a table; a new one is a new row.
 *
 * Ownership: texts live in the arena, which outlives the analysis. Thread safety: an analysis belongs to one
 * thread; the table is constant.
 */
#ifndef SEAWALL_SCAN_ANALYSER_H
#define SEAWALL_SCAN_ANALYSER_H

#include "base/buf.h"
#include "oci/unpack.h"
#include "scan/os_release.h"
#include "scan/package.h"

struct analysis {
  struct package_list packages;
  struct os_release os; /* the best of what was seen; its family is NULL if it is unknown */
  struct analysis_os {
    struct analysis_os_seen {
      struct os_release os;
      uint32_t layer;
    } * items;
    size_t count, room;
  } seen;
  /* What analysis_finish could not put together (versions that a file determines that was not read); it begins with
   * the path. Code 0: nothing. */
  struct error unsettled;
};

/* A file that nobody wants by its path may be wanted by its beginning. */
enum { ANALYSER_HEAD = 512 };

struct analyser_file {
  struct str path;
  uint32_t mode; /* permissions: 07777 */
  uint32_t layer;
  uint64_t size; /* bytes */
};

struct analyser {
  const char *name; /* "dpkg" */
  /* Whether it reads a file of this path; flags of enum package_list_flags. Looks at nothing else. NULL: never. */
  bool (*wants)(struct str path, unsigned flags);
  /* Whether it reads a file that no analyser wants by its path, by its first bytes (ANALYSER_HEAD, or the
   * whole of a shorter file). Asked for each such file, so it looks at a few bytes only. NULL: never. */
  bool (*wants_head)(const struct analyser_file *file, struct str head, unsigned flags);
  /* One of these two. With `read` the whole file is at hand; with `stream` it is read from front to back, as
   * far as the analyser likes, which keeps a bounded part of it. */
  int (*read)(struct analysis *a, struct str path, uint32_t layer, struct str bytes,
              struct error *err);
  int (*stream)(struct analysis *a, const struct analyser_file *file,
                const struct oci_input *content, struct error *err);
  uint64_t size_max; /* bytes of a file; a larger one is an error of the scan */
  bool
      by_name; /* the path says of which package a file tells: the same bytes under another name tell something else */
};

extern const struct analyser analysers[];
extern const size_t analyser_count;

/* The analyser of a path; NULL: nobody wants it by its path. */
const struct analyser *analyser_find(struct str path, unsigned flags);

/* Whether an analyser may want such a file by its beginning: only programs and libraries are looked into, going by
 * their mode and name, since opening each file of a machine takes longer than all the rest. */
bool analyser_wants_head(const struct analyser_file *file);

/* The analyser of a file that nobody wants by its path; NULL: nobody wants it. */
const struct analyser *analyser_find_by_head(const struct analyser_file *file, struct str head,
                                             unsigned flags);

void analysis_init(struct analysis *a, struct arena *arena, unsigned flags);
void analysis_free(struct analysis *a);

/* Reads a file, for an analyser with `read`. Errors begin with its path; what could be read is there
 * nevertheless. */
int analysis_read(struct analysis *a, const struct analyser *analyser, struct str path,
                  uint32_t layer, struct str bytes, struct error *err);

/* Reads a file, for an analyser of either kind: those with `read` get its bytes in scratch, which is reused.
 * SW_ELIMIT: larger than size_max. */
int analysis_read_stream(struct analysis *a, const struct analyser *analyser,
                         const struct analyser_file *file, const struct oci_input *content,
                         struct buf *scratch, struct error *err);

/* What another analysis of the same image's layer had found out about the distribution. */
void analysis_add_os(struct analysis *a, const struct os_release *os, uint32_t layer);

/* Drops what came from files that visible denies (package_list_keep). */
void analysis_keep(struct analysis *a, bool (*visible)(void *ctx, struct str path, uint32_t layer),
                   void *ctx);

/* Chooses the distribution, gives packages their files and licences, writes the package URLs that are
 * missing, and sorts. */
void analysis_finish(struct analysis *a);

/* The package URL of a package of this distribution (os may be NULL), in the arena: type and namespace, name,
 * version, arch, epoch, upstream (the source, where its name differs), distro. Empty for packages of languages,
 * whose readers write their own. */
struct str analysis_purl(struct arena *arena, const struct package *p, const struct os_release *os);

#endif
