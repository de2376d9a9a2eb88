/*
 * policy_source.h - what the `policy` verbs share: options that say where policies come from, the set
 * that is loaded from them, and its compilation, with errors told as OPA tells them.
 *
 *     struct policy_source source;
 *     int status = STATUS_FAILED;
 *     if (policy_source_open(&source, args, &err) == 0 &&
 *         policy_source_add_options(&source, &err) == 0 &&     // -d and -b of eval and bench
 *         policy_source_load(&source, &err) == 0 &&
 *         policy_source_compile(&source, entries, count, &options, &program, &err) == 0)
 *         status = run(&source, program);
 *     else
 *         policy_source_tell(&source, &err);                   // all errors, with their lines
 *     policy_source_close(&source);
 *
 * Every step returns 0 or an error; what is wrong with the Rego is in the set's problems or in
 * source->errors, and policy_source_tell prints whichever there is. policy_source_close may always be
 * called after policy_source_open, which zeroes the struct first.
 *
 * Thread safety: a source is made by one thread; afterwards set and symbols are only read.
 */
#ifndef SEAWALL_CMD_POLICY_SOURCE_H
#define SEAWALL_CMD_POLICY_SOURCE_H

#include "base/arena.h"
#include "base/symbols.h"
#include "base/vec.h"
#include "cmd/verb.h"
#include "lang/rego/rego.h"
#include "policy/rego_set.h"

/* Rows for an option table: those of every verb that loads policies. */
#define POLICY_SOURCE_COMMON_OPTIONS                                                               \
  {.name = "ignore",                                                                               \
   .argument = "PATTERN",                                                                          \
   .help = "leave out files and directories that match; may be repeated",                          \
   .repeatable = true},                                                                            \
      {.name = "strict", .letter = 'S', .help = "what is unused or deprecated is an error"},       \
      {.name = "v0-compatible", .help = "modules are written in Rego v0 unless they say v1"},      \
      {.name = "v1-compatible", .help = "modules are written in Rego v1 (the default)"},           \
      {.name = "verification-key",                                                                 \
       .argument = "KEY",                                                                          \
       .help = "secret, or file with the PEM of the public key, that bundles are signed with",     \
       .complete = COMPLETE_FILES},                                                                \
      {.name = "verification-key-id",                                                              \
       .argument = "ID",                                                                           \
       .help = "name of that key (default: default)"},                                             \
      {.name = "signing-alg",                                                                      \
       .argument = "ALGORITHM",                                                                    \
       .help = "algorithm of that key (default RS256)"},                                           \
      {.name = "scope", .argument = "SCOPE", .help = "scope that the signature must name"},        \
      {.name = "exclude-files-verify",                                                             \
       .argument = "PATTERN",                                                                      \
       .help = "files of a bundle that need not be signed; may be repeated",                       \
       .repeatable = true},                                                                        \
  {                                                                                                \
    .name = "skip-verify", .help = "do not look at signatures of bundles"                          \
  }

/* Rows of the verbs whose operand is not a path: eval and bench. */
#define POLICY_SOURCE_PATH_OPTIONS                                                                 \
  {.name = "data",                                                                                 \
   .letter = 'd',                                                                                  \
   .argument = "PATH",                                                                             \
   .help = "file or directory of policies and data; may be repeated",                              \
   .complete = COMPLETE_FILES,                                                                     \
   .repeatable = true},                                                                            \
  {                                                                                                \
    .name = "bundle", .letter = 'b', .argument = "PATH",                                           \
    .help = "bundle, a directory or .tar.gz (\"-\": standard input); may be repeated",             \
    .complete = COMPLETE_FILES, .repeatable = true                                                 \
  }

/* Values of an option that may be repeated. */
struct policy_words VEC_BODY(const char *);

struct policy_source {
  const struct arguments *args;
  struct rego_set *set;            /* NULL before the first add */
  struct rego_set_options options; /* may be changed between open and the first add */
  struct symbols *symbols;         /* for compiling, and for reading input afterwards */
  struct arena arena;              /* messages, queries, and what compiling needs */
  struct rego_errors errors;       /* of the query or of compiling, if that failed */
  /* the rest is its own */
  struct rego_bundle_key key;
  struct rego_bundle_trust trust;
  struct buf key_text;
  struct policy_words ignore, exclude;
};

/* Reads the common options of args, which must outlive the source. SW_EUSAGE and what reading the key
 * gives. */
int policy_source_open(struct policy_source *source, const struct arguments *args,
                       struct error *err);
void policy_source_close(struct policy_source *source);

/* What --data and --bundle name. */
int policy_source_add_options(struct policy_source *source, struct error *err);

/* Operands: files and directories, or bundles all of them. */
int policy_source_add_paths(struct policy_source *source, const char *const *paths, size_t count,
                            enum rego_set_kind kind, struct error *err);

/* All has been added. Fails if anything is wrong with what was read; notes about what was passed over
 * go to standard error. A path that was named and cannot be read is among what is wrong. */
int policy_source_load(struct policy_source *source, struct error *err);

/* The set's modules as a program. Of the options, names, symbols, strict (--strict) and data are filled
 * in here. On failure source->errors says what is wrong. A query in entries comes from
 * policy_source_query. */
int policy_source_compile(struct policy_source *source, const struct rego_entry *entries,
                          uint32_t count, const struct rego_compile_options *options,
                          struct rego_program **ret_program, struct error *err);

/* A query; its tree lies in source->arena, under the name "" for messages. On failure
 * source->errors. */
int policy_source_query(struct policy_source *source, struct str text, struct rego_body *ret_body,
                        struct error *err);

/* The module whose package (--package) and imports (--import) are in force in a query, for
 * rego_entry.context; NULL if neither was asked for. On failure source->errors. */
int policy_source_context(struct policy_source *source, const struct rego_module **ret_module,
                          struct error *err);

/* A document as --input reads it: JSON or YAML, one document; path "-": standard input. Values lie in
 * the arena and view the text, which is appended to *text. */
int policy_source_input(struct policy_source *source, const char *path, struct arena *a,
                        struct buf *text, struct value *ret_input, struct error *err);

/* Every error there is, on standard error, with source lines and marks; err if there is no other. */
void policy_source_tell(const struct policy_source *source, const struct error *err);

/* The same into a text, as OPA writes them: "2 errors occurred:\n...". Uncoloured, no line break at
 * the end. */
void policy_source_write_errors(const struct policy_source *source, const struct error *err,
                                struct buf *out);

/* The same as a JSON array of {"message", "code", "location": {"file", "row", "col"}}. */
struct json_writer;
void policy_source_write_errors_json(const struct policy_source *source, const struct error *err,
                                     struct json_writer *w);

#endif
