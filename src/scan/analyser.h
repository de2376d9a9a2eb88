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
};

struct analyser {
  const char *name; /* "dpkg" */
  /* Whether it reads a file of this path; flags of enum package_list_flags. Looks at nothing else. */
  bool (*wants)(struct str path, unsigned flags);
  int (*read)(struct analysis *a, struct str path, uint32_t layer, struct str bytes,
              struct error *err);
  size_t size_max; /* bytes of a file; a larger one is an error of the scan */
};

extern const struct analyser analysers[];
extern const size_t analyser_count;

/* The analyser of a path; NULL: nobody wants it. */
const struct analyser *analyser_find(struct str path, unsigned flags);

void analysis_init(struct analysis *a, struct arena *arena, unsigned flags);
void analysis_free(struct analysis *a);

/* Reads a file. Errors begin with its path; what could be read is there nevertheless. */
int analysis_read(struct analysis *a, const struct analyser *analyser, struct str path,
                  uint32_t layer, struct str bytes, struct error *err);

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
