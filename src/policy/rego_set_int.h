/*
 * rego_set_int.h - what the parts of rego_set share.
 */
#ifndef SEAWALL_POLICY_REGO_SET_INT_H
#define SEAWALL_POLICY_REGO_SET_INT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "data/glob.h"
#include "policy/rego_set.h"

/* A base document under the place where it is mounted. */
struct set_document {
  struct str source; /* the file it came from */
  struct value root; /* an object, as seen from `data` */
  uint32_t mounted;  /* objects around what was read */
};

struct rego_set {
  struct rego_set_options options;
  struct arena arena;
  struct rego_names *names;
  struct glob **ignore;
  size_t ignore_count;
  VEC(struct buf) texts; /* what was read: modules and documents view it */
  VEC(const struct rego_module *) modules;
  VEC(struct set_document) documents;
  VEC(struct rego_bundle *) bundles;
  VEC(struct rego_set_problem) problems;
  VEC(struct str) notes;
  struct map module_names;
  struct value data;
  uint64_t bytes;
  uint32_t files;
  bool finished;
};

/* Keeps a problem and returns its code. The message lies in the set's arena. */
int set_problem(struct rego_set *set, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same of an error: a name and, if it has one, its place go in front. */
int set_problem_at(struct rego_set *set, struct str name, const struct error *err);

/* Counts a file against the limits of the set. */
int set_count(struct rego_set *set, struct str name, uint64_t size);

/* Parses a module; name and text must live as long as the set. Answers with the module, or keeps
 * problems and answers NULL. */
const struct rego_module *set_parse(struct rego_set *set, struct str name, struct str text,
                                    enum rego_version version);

/* Parses and enters it, unless one of that name is there. */
int set_add_module(struct rego_set *set, struct str name, struct str text,
                   enum rego_version version);

/* Parses a document (JSON, or YAML if it may be that) and mounts it. */
struct set_mount {
  const struct str *parts;
  uint32_t count;
};
int set_add_document(struct rego_set *set, struct str name, struct str text, bool yaml,
                     struct set_mount mount, struct value *ret_value);

/* Mounts a value. */
int set_mount(struct rego_set *set, struct str name, struct value value, struct set_mount mount);

/* A bundle that was read: its modules, documents and manifest. It belongs to the set from now on.
 * A mounted one (a .tar.gz among files) has its documents below `mount`. */
int set_add_bundle(struct rego_set *set, struct rego_bundle *bundle, struct set_mount mount,
                   bool among_files);

/* Whether a name below a root is to be passed over. */
bool set_ignores(const struct rego_set *set, struct str name);

/* All documents as one, in set->data. */
int set_merge(struct rego_set *set);

/* Files and directories: rego_set_files.c. */
int set_add_files(struct rego_set *set, const char *path);

/* The options for reading a bundle. */
struct rego_bundle_options set_bundle_options(struct rego_set *set);

#endif
