/*
 * walk.h - the files that PATH arguments stand for.
 *
 * A file stands for itself, a directory for everything below it, depth first,
 * names of one directory in byte order. The tree is read as it is walked: what
 * is held is the names of the directories between the root and the place.
 *
 *     struct walk_options options = {.skip_dirs = walk_usual_dirs};
 *     struct walk *w = walk_new(paths, count, &options);
 *     struct walk_entry entry;
 *     while (walk_next(w, &entry)) {
 *         if (entry.kind == WALK_FILE)
 *             walk_read(w, limit, &text, &err);
 *         ...
 *     }
 *     walk_free(w);
 *
 * Symbolic links. What the user named is followed, wherever it leads. Below
 * it, a link to a regular file whose real path is inside the root is followed
 * and reported under the link's own path (the file it leads to is reported
 * under its own as well); a link that leads out of the root, to a directory,
 * to nothing or round in a circle is reported as skipped. In a volume that the
 * kubelet wrote (ConfigMap, Secret: `name -> ..data/name`) each file is reported
 * once, under its short name.
 *
 * Limits: WALK_DEPTH_MAX directories below the root, WALK_NAMES_MAX names in
 * one directory; beyond them an error is reported and the walk goes on.
 *
 * Paths are raw bytes; whoever prints them escapes control characters.
 *
 * Thread safety: a walk belongs to one thread; descriptors of walk_open may be
 * read and closed in any.
 */
#ifndef SEAWALL_BASE_WALK_H
#define SEAWALL_BASE_WALK_H

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdint.h>

enum { WALK_DEPTH_MAX = 128, WALK_NAMES_MAX = 4000000 };

enum walk_kind {
  WALK_FILE,    /* a file to read */
  WALK_SKIPPED, /* something not read on purpose: reason says why */
  WALK_ERROR,   /* something that should have been read and cannot be: error says why */
};

struct walk_entry {
  enum walk_kind kind;
  struct str path;    /* as the user gave the root, without "./" and "//"; a zero byte follows */
  uint64_t size;      /* bytes, of a WALK_FILE that is a regular file */
  bool special;       /* a root that is a FIFO or device (`<(helm template ...)`): size unknown */
  bool directory;     /* what was skipped or failed is a directory */
  const char *reason; /* WALK_SKIPPED: "link to a directory", or what a callback gave */
  struct error error; /* WALK_ERROR; its message begins with the path */
};

struct walk_options {
  /* Names of directories not to go into, NULL-terminated; NULL: none. Roots are not asked about. */
  const char *const *skip_dirs;
  /* Called for every file, link and directory below a root: NULL to take it, or the reason to
   * skip it (a text that outlives the walk). path is the display path, name its last part. */
  const char *(*skip)(void *ctx, struct str path, struct str name, bool is_directory);
  void *ctx;
};

/* ".git", ".hg", ".svn", "node_modules". */
extern const char *const walk_usual_dirs[];

struct walk;

/* A walk over roots in the order given. paths and options (NULL: all) are used until walk_free. */
struct walk *walk_new(const char *const *paths, size_t count, const struct walk_options *options);
void walk_free(struct walk *w);
MEM_DEFINE_CLEANUP(struct walk, walk_free)

/* The next entry; its path is valid until the next call. False at the end. Roots that do not
 * exist and directories that cannot be read are entries of kind WALK_ERROR. */
bool walk_next(struct walk *w, struct walk_entry *ret_entry);

/* A display path of this walk as it is below the root that is being walked; the whole path for the
 * root itself. A view of it. */
struct str walk_below(const struct walk *w, struct str path);

/* Whether the entry that walk_next gave last is a root, not something found below one. */
bool walk_at_root(const struct walk *w);

/* Opens the WALK_FILE that walk_next gave last, and no other: the rules on links hold even if
 * the tree changes meanwhile. Returns a descriptor, for file_read_fd, that the caller closes; or
 * an error as file_read. */
int walk_open(struct walk *w, struct error *err);

/* walk_open, file_read_fd and close. */
int walk_read(struct walk *w, size_t limit, struct buf *ret_text, struct error *err);

#endif
