/*
 * lock.h - what a lock file lists: packages, what each of them needs, and which are there for development only.
 *
 * Readers of lock files differ in how they find packages. What is done with them is the same:
 *
 *     struct lock lock;
 *     lock_init(&lock, list, PACKAGE_NPM, path, layer);
 *     struct lock_node *node = lock_add(&lock, id, NULL);      id: what other entries of the file call it
 *     if (node) {
 *       node->name = ..., node->version = ...;
 *       lock_need(&lock, node, id_of_another);
 *     }
 *     node->root = LOCK_PRODUCTION ...
 *     lock_reach(&lock);                     only if the file has roots but no marks of its own
 *     rc = lock_finish(&lock, err);          adds to list, and frees
 *
 * An entry that is met a second time is the same node. One without a version (a folder of the project, a link) is not
 * added to the list; nor is one for development unless the list has PACKAGE_LIST_DEVELOPMENT.
 *
 * Some lock files do not say what the project itself asks for; that stands in another file. Then needs and patterns
 * are kept as notes (lock_tell), and scan/language/project.h puts the two together.
 *
 * Ownership: texts and nodes are views of the bytes that are read, or lie in lock->arena, until lock_finish.
 * Limits: PACKAGES_MAX entries, LOCK_NEEDS_MAX needs, LOCK_MEMORY_MAX bytes of the arena. Thread safety: none needed.
 */
#ifndef SEAWALL_SCAN_LANGUAGE_LOCK_H
#define SEAWALL_SCAN_LANGUAGE_LOCK_H

#include "base/map.h"
#include "data/value.h"
#include "scan/faults_int.h"
#include "scan/package.h"

enum {
  LOCK_SIZE_MAX = 64 << 20, /* bytes of a file */
  LOCK_NEEDS_MAX = 4000000,
  LOCK_MEMORY_MAX = 512 << 20, /* bytes of the arena */
};

enum lock_root { LOCK_NO_ROOT, LOCK_DEVELOPMENT, LOCK_PRODUCTION };

struct lock_node {
  struct str id, name, version, license;
  struct str uuid;        /* Julia: part of the package URL */
  bool indirect;          /* nothing of the project asks for it by name */
  bool development;       /* not needed to run */
  bool hidden;            /* not a package: a folder of the project */
  enum lock_root root;    /* where lock_reach begins */
  enum lock_root reached; /* which kind of root leads to it; set by lock_reach */
  uint32_t needs;         /* the latest need + 1; 0: none */
};

struct lock {
  struct package_list *list;
  enum package_type type;
  struct str path;
  uint32_t layer;
  struct arena arena; /* for the reader's own values, too */
  struct faults faults;
  struct map ids;
  struct lock_nodes {
    struct lock_node **items;
    size_t count, room;
  } nodes;
  struct lock_needs {
    struct lock_need {
      struct str id;
      uint32_t before; /* the node's need before this one + 1; 0: none */
    } * items;
    size_t count, room;
  } needs;
};

void lock_init(struct lock *lock, struct package_list *list, enum package_type type,
               struct str path, uint32_t layer);

/* The node of an id, made if it is new (*ret_added may be NULL). NULL: there are too many, which is kept as a fault. */
struct lock_node *lock_add(struct lock *lock, struct str id, bool *ret_added);

/* "name@version" in the lock's arena. */
struct str lock_id(struct lock *lock, struct str name, struct str version);

/* The node that lock_id of both names, with name and version filled in; *ret_added and NULL as for lock_add. */
struct lock_node *lock_add_package(struct lock *lock, struct str name, struct str version,
                                   bool *ret_added);

struct lock_node *lock_find(const struct lock *lock, struct str id);

/* node needs the entry of an id, which may come later or not at all. */
void lock_need(struct lock *lock, struct lock_node *node, struct str id);

/* Says of each node whether it is for development (roots for development lead to it, and no others) and indirect (it
 * is no root). What no root leads to is there for a reason that is not known, so it counts. */
void lock_reach(struct lock *lock);

/* Texts that a note holds: the first byte of each says what it is (scan/language/project.h). */
struct lock_texts {
  struct str *items;
  size_t count, room;
};

/* Adds a text: mark, text, and "@" and range behind it unless that is empty. In the lock's arena. */
void lock_text_add(struct lock *lock, struct lock_texts *texts, char mark, struct str text,
                   struct str range);

/* Keeps texts, and the needs of a node with the mark '>', as a note named by the node's id. */
int lock_tell(struct lock *lock, enum package_note_kind kind, const struct lock_node *node,
              const struct lock_texts *texts, struct error *err);

/* Keeps a fault of one entry, which does not end the reading. */
void lock_fault(struct lock *lock, uint32_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds what was found to the list; the result of the reading, with rc (of a reader that gave up) before the rest. */
int lock_finish(struct lock *lock, int rc, struct error *err);

/* Reads the whole file as one value, into the lock's arena. YAML's first document; what JSON does not allow (a comma
 * behind the last element), its flow style does. */
enum lock_format { LOCK_JSON, LOCK_YAML, LOCK_TOML };
int lock_parse(struct lock *lock, enum lock_format format, struct str bytes, struct value *ret,
               struct error *err);

/* The last part of a path. */
struct str lock_file_name(struct str path);

/* A licence as files of many ecosystems give it: a text, a list, an object with "type" or a list of those. In the
 * arena; several are joined by " OR " (or by what is given). */
struct str lock_license(struct arena *arena, struct value v, const char *between);

/* The member of an object under a constant name; its text, empty if it has none. */
static inline struct value lock_get(struct value v, const char *name)
{
  return value_get(v, value_from(name));
}

static inline struct str lock_text(struct value v, const char *name)
{
  return value_str_or_empty(lock_get(v, name));
}

/* Adds one installed package, with its package URL. "a/b" has a namespace where its type knows one. */
int lock_add_installed(struct package_list *list, struct package *p, struct str version,
                       struct error *err);

#endif
