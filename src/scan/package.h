/*
 * package.h - a package that something was found to hold, and a bounded list of them.
 *
 * Every reader of this room, of an operating system's packages or a language's, describes what it finds
 * as a struct package and adds it to the list it was given:
 *
 *     struct package_list list;
 *     package_list_init(&list, &arena, 0);
 *     struct package p = {.type = PACKAGE_DEB, .name = ..., .path = ..., .layer = ...};
 *     p.version = package_version_split(PACKAGE_DEB, text);
 *     if (package_list_add(&list, &p, err) < 0)
 *         return err->code;
 *     package_list_free(&list);
 *
 * Some facts about a package stand in files of their own: which files it owns, under which licence it is.
 * Those files come in any order, so they are kept as notes, and package_list_join gives each package its
 * own when all have been read.
 *
 * Where a package was found is a path and the number of a layer, counted from 0 at the base. A file that
 * a later layer replaced or removed is no longer part of the image: package_list_keep asks, once for
 * each file that was read, whether it is still to be seen, and drops what came from those that are not.
 *
 * Ownership: texts live in the arena, which the caller owns and which outlives the list; package_list_add
 * and package_list_note copy them there. The arrays of the list are its own.
 *
 * Limits: PACKAGES_MAX packages, PACKAGE_NOTES_MAX notes, PACKAGE_FILES_MAX files of all packages with
 * PACKAGE_FILES_BYTES_MAX bytes of paths, names
 * and versions of PACKAGE_NAME_MAX bytes, other texts of PACKAGE_TEXT_MAX (longer ones are cut), and the
 * arena's own limit: beyond, SW_ELIMIT.
 *
 * Thread safety: a list belongs to one thread.
 */
#ifndef SEAWALL_SCAN_PACKAGE_H
#define SEAWALL_SCAN_PACKAGE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum {
  PACKAGES_MAX = 1000000,
  PACKAGE_NOTES_MAX = 1000000,
  PACKAGE_FILES_MAX = 4000000,
  PACKAGE_FILES_BYTES_MAX = 512 << 20,
  PACKAGE_NAME_MAX = 1024,
  PACKAGE_TEXT_MAX = 16384,
};

/* What kind of package it is; the table behind package_type_text has a row for each. */
enum package_type {
  PACKAGE_DEB,
  PACKAGE_APK,
  PACKAGE_RPM,
  PACKAGE_NPM,
  PACKAGE_PYPI,
  PACKAGE_GOLANG,
  PACKAGE_MAVEN,
  PACKAGE_CARGO,
  PACKAGE_GEM,
  PACKAGE_COMPOSER,
  PACKAGE_NUGET,
  PACKAGE_PUB,
  PACKAGE_HEX,
  PACKAGE_SWIFT,
  PACKAGE_CONAN,
  PACKAGE_CONDA,
  PACKAGE_COCOAPODS,
  PACKAGE_JULIA,
  PACKAGE_GENERIC,
};

/* The type as package URLs write it: "deb", "npm". */
struct str package_type_text(enum package_type type);

/* Whether it is a type of an operating system's package manager. */
bool package_type_is_system(enum package_type type);

/* A version, whole and in parts; the parts are views of the whole. */
struct package_version {
  struct str text;     /* as the package manager writes it: "1:2.36-9+deb12u4", "5.3-r2" */
  struct str epoch;    /* "1"; empty: none */
  struct str upstream; /* "2.36" */
  struct str
      release; /* "9+deb12u4", "r2"; empty: none, and for all that are not an operating system's */
};

/* Takes a version apart by the rules of its package manager (deb-version(7), apk's "-rN", rpm's
 * [epoch:]version[-release]). Whatever has no parts is all upstream. */
struct package_version package_version_split(enum package_type type, struct str text);

struct package {
  enum package_type type;
  struct str name;
  struct package_version version;
  struct str architecture; /* in the package manager's words; empty: none stated */
  struct str
      source; /* the source package's name; the package's own name if the database says none */
  struct package_version source_version;
  struct str
      license; /* as stated; for deb an SPDX expression as far as names are known; empty: unknown */
  struct str maintainer; /* packager, for rpm */
  struct str vendor;     /* who built it, where the database says so (rpm) */
  struct str module;     /* rpm's modularity label: "nodejs:12:8030020201124152102:229f0a1c" */
  struct str
      owner;       /* of a language: the system's package whose file it was found in; empty: none */
  struct str purl; /* empty until it is known of which distribution it is: scan/analyser.h */
  const struct str *files; /* without the leading "/"; directories are not among them */
  uint32_t file_count;
  struct str digest; /* of the file that is the package, where it has one: "sha1:..." of a jar */
  bool indirect;     /* a lock file has it for another package's sake */
  bool development;  /* needed to build or to test, not to run */
  struct str path;   /* the file it was found in, without the leading "/"; in archives of archives
                      "a.war!WEB-INF/lib/b.jar" */
  uint32_t layer;
};

enum package_note_kind {
  PACKAGE_NOTE_FILES,
  PACKAGE_NOTE_LICENSE,
  PACKAGE_NOTE_NEEDS,   /* what an entry of a lock file needs: scan/language/project.h */
  PACKAGE_NOTE_PROJECT, /* what a project asks for: likewise */
  PACKAGE_NOTE_GO_SUM,  /* the modules of a go.sum: scan/language/golang.h */
  PACKAGE_NOTE_POM,     /* what a pom.xml says: scan/language/java.h */
  PACKAGE_NOTE_KINDS,
};

/* What a file says about a package whose database entry stands elsewhere. */
struct package_note {
  enum package_note_kind kind;
  enum package_type type;
  struct str name;
  struct str architecture; /* empty: whichever */
  struct str license;      /* PACKAGE_NOTE_LICENSE */
  const struct str
      *files; /* PACKAGE_NOTE_FILES: paths; NEEDS and PROJECT: texts; in the list's arena */
  uint32_t file_count;
  struct str path;
  uint32_t layer;
};

enum package_list_flags {
  PACKAGE_LIST_FILES = 1,       /* the files that packages own are wanted */
  PACKAGE_LIST_LOCK_FILES = 2,  /* what a project will install, too: lock files and the like */
  PACKAGE_LIST_DEVELOPMENT = 4, /* and what it needs to be built and tested */
};

struct package_list {
  struct arena *arena;
  unsigned flags;
  struct package *items;
  size_t count, room;
  struct package_notes {
    struct package_note *items;
    size_t count, room;
  } notes;
  size_t files, file_bytes; /* held by all packages and notes */
};

/* Empty; allocates nothing yet. */
void package_list_init(struct package_list *list, struct arena *arena, unsigned flags);
void package_list_free(struct package_list *list);

/*
 * Adds a copy. Name and version must be there, and free of control characters, for systems' packages also
 * of spaces: SW_EINVAL names what is wrong. An empty source becomes name and version of the package itself. p->files must live in the list's
 * arena (package_list_room_for_files); it is not copied.
 */
int package_list_add(struct package_list *list, const struct package *p, struct error *err);

/* Adds a copy likewise; name is checked, files are not copied. */
int package_list_note(struct package_list *list, const struct package_note *note,
                      struct error *err);

/* In the list's arena, an array for count files and, in *ret_text, room for their paths of together so many
 * bytes. NULL, and SW_ELIMIT in err, if that is more than the limits leave. */
struct str *package_list_room_for_files(struct package_list *list, size_t count, size_t bytes,
                                        char **ret_text, struct error *err);

/* Drops packages and notes of the files that visible denies. It is asked once for each run of entries of
 * one file, not once for each entry. */
void package_list_keep(struct package_list *list,
                       bool (*visible)(void *ctx, struct str path, uint32_t layer), void *ctx);

/* Gives each package the files and the licence that notes hold for it (of several notes the one of the
 * latest layer; what the database itself says stays), and drops the notes. A package of a language that was found in a
 * file of a system's package, and not replaced by a later layer, learns whose. */
void package_list_join(struct package_list *list);

/* Orders by type, name, version, architecture, path, layer: the same packages, the same list. */
void package_list_sort(struct package_list *list);

#endif
