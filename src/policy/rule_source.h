/*
 * rule_source.h - the files of rules: modules parsed, everything else by name.
 *
 *     struct rule_sources sources;
 *     rule_sources_init(&sources);
 *     if (rule_sources_add(&sources, "policies/", &err) < 0) ...   names the file and the line
 *     for (size_t i = 0; i < sources.modules.count; i++)
 *         use(sources.modules.items[i]);
 *     rule_sources_free(&sources);
 *
 * A path is a file, or a directory with all below it. Files that end in .rego are modules (with their
 * METADATA blocks; *_test.rego only if asked for), those that end in .yaml, .yml or .json are documents,
 * which are kept as text; others are passed over. A module is Rego v1; one that is not, but is Rego v0, is
 * taken as that.
 *
 * Limits: RULE_SOURCE_SIZE_MAX bytes a file, RULE_SOURCES_MAX files, RULE_SOURCE_BYTES_MAX in all.
 *
 * Ownership: everything lies in the sources' arena, until rule_sources_free. Thread safety: one thread.
 */
#ifndef SEAWALL_POLICY_RULE_SOURCE_H
#define SEAWALL_POLICY_RULE_SOURCE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/vec.h"
#include "lang/rego/ast.h"

enum {
  RULE_SOURCE_SIZE_MAX = 10 << 20,
  RULE_SOURCES_MAX = 20000,
  RULE_SOURCE_BYTES_MAX = 256 << 20,
};

/* A file that is no module. */
struct rule_document {
  struct str path;
  struct str text;
};

struct rule_sources {
  struct arena arena;
  struct rego_names *names;
  VEC(const struct rego_module *) modules; /* in the order of the walk; file is the number */
  VEC(struct rule_document) documents;
  VEC(struct str) paths; /* of all files that were looked at, modules and documents */
  bool tests;            /* take *_test.rego too; set it before adding */
  struct str root;       /* left out at the beginning of modules' names; set it before adding */
  size_t bytes;
};

void rule_sources_init(struct rule_sources *sources);
void rule_sources_free(struct rule_sources *sources);

/* Adds what a path stands for. Errors name the file and, of modules, line and column; those of Rego are
 * the parser's first. */
int rule_sources_add(struct rule_sources *sources, const char *path, struct error *err);

/* Adds one module by its text, which must outlive the sources. */
int rule_sources_add_module(struct rule_sources *sources, struct str name, struct str text,
                            struct error *err);

#endif
