/*
 * rule_source.h - the files of own rules: YAML below rules/secrets/, read when seawall is built and by the tests.
 *
 *     struct secret_sources sources;
 *     secret_sources_init(&sources);
 *     if (secret_sources_add(&sources, "rules/secrets", &err) < 0) ...    names file and line
 *     for (size_t i = 0; i < sources.count; i++)
 *         use(&sources.items[i].rule);                                    in the order of ids
 *     secret_sources_free(&sources);
 *
 * A file holds `rules:`, a list of mappings with
 *
 *     id, title, severity, why, remedy    as of struct rule; all of them must be there
 *     pattern                             RE2's syntax; must be there. {{assign}}, {{open}}, {{end}} stand for what
 *                                         is between a name and its value, an opening quote, and the end of a value
 *     group, entropy, keywords, also, references, tags
 *     weak, text, skip_tests              true or false (struct secret_rule)
 *     places                              of file, environment, label, history; file and all others if it is not there,
 *     allow                               a list of mappings with secret, match, line or paths (lists of patterns),
 *                                         or words (a list of texts)
 *     examples, counterexamples           texts in which the rule finds exactly one secret, or none; at least
 *                                         one of each. One may also be a mapping with path and text
 *
 * Examples would themselves be taken for leaks by whoever scans this repository, so they are not written out: `<hex:40>`
 * stands for 40 characters of that kind, chosen as if at random but always the same, and `<>` for nothing at all.
 * Kinds: hex, HEX, digits, lower (with digits), upper (with digits), alnum, base32, base64, base64url, letters.
 *
 * Ownership: everything is in the arena of the sources. Thread safety: one thread.
 */
#ifndef SEAWALL_SCAN_SECRET_RULE_SOURCE_H
#define SEAWALL_SCAN_SECRET_RULE_SOURCE_H

#include "base/arena.h"
#include "scan/secret/rules.h"

enum { SECRET_SOURCE_MAX = 1 << 20 }; /* bytes of a file */

struct secret_example {
  struct str path; /* "config/settings.yaml" where none is given */
  struct str text; /* with what stands for characters filled in */
};

struct secret_source {
  struct secret_rule rule;
  const struct secret_example *examples, *counterexamples;
  size_t example_count, counterexample_count;
  struct str file;
  uint32_t line;
};

struct secret_sources {
  struct arena arena;
  struct secret_source *items;
  size_t count, room;
  struct str *paths; /* of the files that were read */
  size_t path_count, path_room;
};

void secret_sources_init(struct secret_sources *sources);
void secret_sources_free(struct secret_sources *sources);

/* Reads all files below a directory that end in .yaml. SW_EINVAL: a file that is not as said above, a pattern that does not
 * compile, an id that is there twice. */
int secret_sources_add(struct secret_sources *sources, const char *directory, struct error *err);

/* The same for a text. */
int secret_sources_add_text(struct secret_sources *sources, struct str text, const char *name,
                            struct error *err);

/* An example with its characters filled in; seed tells equal ones apart. SW_EINVAL: a kind that is none. */
int secret_example_fill(struct arena *arena, struct str text, uint64_t seed, struct str *ret,
                        struct error *err);

#endif
