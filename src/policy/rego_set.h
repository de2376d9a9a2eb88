/*
 * rego_set.h - Rego modules and base documents from files, directories and bundles, as OPA loads them.
 *
 *     struct rego_set_options options = {.ignore = patterns, .ignore_count = 2};
 *     _cleanup_(rego_set_freep) struct rego_set *set = rego_set_new(&options);
 *     rego_set_add(set, "policies/", REGO_SET_FILES, &err);
 *     rego_set_add(set, "authz.tar.gz", REGO_SET_BUNDLE, &err);
 *     if (rego_set_finish(set, &err) < 0)
 *         for (size_t i = 0; i < rego_set_problem_count(set); i++)
 *             show(rego_set_problem(set, i));
 *     rego_compile(&arena, rego_set_modules(set, &count), count, ...);
 *
 * REGO_SET_FILES (OPA's --data): a file, or a directory with all below it. Names ending in .rego are
 * modules, .json, .yaml and .yml are documents, others are passed over, unless they were named
 * themselves: such a file is tried as a module, then as a document. A document of a directory is
 * mounted under the names of the directories between the root and it; its own name does not matter.
 * "a.b:PATH" mounts documents below a.b. A .tar.gz file is a bundle. A document that is mounted at
 * the root must be an object; two documents that both say something of one path other than objects
 * are an error that names both. A YAML file holds one document. A module that was loaded already,
 * by the same path, is passed over.
 *
 * REGO_SET_BUNDLE (OPA's --bundle): a directory or a .tar.gz that rego_bundle.h reads, with manifest,
 * roots and signatures; only data.json, data.yaml and data.yml are documents there. Packages and
 * documents must lie below the bundle's roots; roots of two bundles may not overlap. The manifest is
 * found under data.system.bundles[PATH].manifest.
 *
 * --ignore: patterns of names (Go's path.Match) of files and directories below what was named:
 * "*_test.rego", ".*".
 *
 * Errors do not end the loading: all problems are kept, up to REGO_SET_PROBLEMS_MAX, and told by
 * rego_set_finish; a set with problems gives no modules. Nothing is evaluated or compiled here.
 *
 * Limits: REGO_SET_FILE_MAX bytes a file (modules: REGO_SIZE_MAX), REGO_SET_BYTES_MAX in all,
 * REGO_SET_FILES_MAX files; nesting as data/json.h and data/yaml.h have it. Symbolic links as
 * base/walk.h follows them.
 *
 * Ownership: the set owns texts, trees, names and documents. Thread safety: filled by one thread;
 * after rego_set_finish it is only read.
 */
#ifndef SEAWALL_POLICY_REGO_SET_H
#define SEAWALL_POLICY_REGO_SET_H

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "data/value.h"
#include "lang/rego/ast.h"
#include "lang/rego/errors.h"
#include "policy/rego_bundle.h"

enum {
  REGO_SET_FILE_MAX = 256 << 20,
  REGO_SET_FILES_MAX = 100000,
  REGO_SET_PROBLEMS_MAX = 1000,
  REGO_SET_PREFIX_MAX = 100, /* names in "a.b:PATH" */
};
#define REGO_SET_BYTES_MAX (UINT64_C(2) << 30)

enum rego_set_kind {
  REGO_SET_FILES,
  REGO_SET_BUNDLE,
};

/* All zero is a good default. The texts must outlive the set. */
struct rego_set_options {
  enum rego_version version; /* of modules whose bundle does not say: REGO_V1 or REGO_V0 */
  const char *const *ignore;
  size_t ignore_count;
  bool without_tests;                    /* leave *_test.rego files out */
  bool modules_only;                     /* of files and directories: documents are passed over */
  bool annotations;                      /* read METADATA blocks */
  const struct rego_bundle_trust *trust; /* of bundles; NULL: no key */
};

struct rego_set;

struct rego_set *rego_set_new(const struct rego_set_options *options);
void rego_set_free(struct rego_set *set);
MEM_DEFINE_CLEANUP(struct rego_set, rego_set_free)

/* Loads what a path stands for; "-" as a bundle is a .tar.gz on standard input. Whatever is wrong is
 * kept as a problem; the return value and err tell the first one of this path. */
int rego_set_add(struct rego_set *set, const char *path, enum rego_set_kind kind,
                 struct error *err);

/* A module from memory, under a name for messages. The set copies both. */
int rego_set_add_module(struct rego_set *set, struct str name, struct str text, struct error *err);

/* All is there: documents are joined. 0, or the first problem there was. */
int rego_set_finish(struct rego_set *set, struct error *err);

/* In order of their names, without repetitions. None before rego_set_finish and after it failed. */
const struct rego_module *const *rego_set_modules(const struct rego_set *set, uint32_t *ret_count);

/* The base documents: an object. Keys have no symbols. */
struct value rego_set_data(const struct rego_set *set);

/* With which all modules were parsed; for queries too. */
struct rego_names *rego_set_names(struct rego_set *set);

/* Bundles in the order in which they were added. */
size_t rego_set_bundle_count(const struct rego_set *set);
const struct rego_bundle *rego_set_bundle(const struct rego_set *set, size_t i);

/* Something wrong: an error of Rego with its place and source line, or, with line 0 and an empty
 * file, a message that names its file itself. */
struct rego_set_problem {
  int code;    /* SW_E... */
  bool syntax; /* `rego` says it; else message */
  struct rego_error rego;
  struct str message;
};

size_t rego_set_problem_count(const struct rego_set *set);
const struct rego_set_problem *rego_set_problem(const struct rego_set *set, size_t i);

/* What was passed over, with the reason: "policy.wasm: compiled policies are not used". */
size_t rego_set_note_count(const struct rego_set *set);
struct str rego_set_note(const struct rego_set *set, size_t i);

#endif
