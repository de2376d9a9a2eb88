/*
 * yaml.h - reading files of manifests: YAML documents, or JSON texts one after another.
 *
 *     struct yaml_options options = {.positions = true, .symbols = table};
 *     struct yaml_reader *reader = yaml_reader_new(text, &options);
 *     struct yaml_document doc;
 *     int got;
 *     while ((got = yaml_reader_next(reader, &arena, &doc, &err)) != 0)
 *         if (got < 0)
 *             report(&err);                    this document; the loop goes on
 *         else
 *             use(doc.root, doc.position);
 *     yaml_reader_reset(reader, next_text);    stacks are kept
 *
 * What is read is what kubectl reads: YAML 1.1 as libyaml scans it (its scanner is
 * the one that kubectl's library is a port of; %YAML 1.2 is accepted), with types,
 * keys, merges and aliases as data/yaml_compose.h and data/yaml_scalar.h say. A text
 * or document that begins with '{' or '[' is tried as strict JSON first (data/json.h),
 * and several JSON values may follow one another without '---'; if it is not JSON,
 * it is read as YAML, which allows such brackets too. Documents with no content
 * (between two '---', or comments alone) are passed over, but counted.
 *
 * A text may begin with a byte order mark. UTF-16 with one is read (as YAML only);
 * everything else must be UTF-8 without control characters.
 *
 * One broken document does not hide the others: after an error the reader goes on at
 * the next line that begins with '---'. Errors are SW_EINVAL or SW_ELIMIT, with line
 * and column in the text (from 1, columns in characters) and a message without the
 * name of the file. Where the place looks like a Helm template, the message says so.
 * After YAML_ERRORS_MAX errors the rest of a text is given up, which the last of them
 * says. An error about the whole text (too large, too many directives, an encoding
 * that is not read) has no place and is the only answer for it.
 *
 * Limits: options.size_max (256 MiB by default), depth_max (200), alias_max; the
 * arena's own limit; 256 %TAG lines a text. Time is linear in the text.
 *
 * Ownership: the reader owns its stacks; the text must outlive reader and values
 * (JSON strings are views of it), values lie in the arena. Nothing is shared between
 * documents, so the arena may be reset after each. Thread safety: a reader belongs to
 * one thread; the symbol table is only read.
 */
#ifndef SEAWALL_DATA_YAML_H
#define SEAWALL_DATA_YAML_H

#include "base/mem.h"
#include "data/yaml_compose.h"

enum {
  YAML_SIZE_DEFAULT = 256 << 20, /* bytes */
  YAML_SIZE_MAX = 1 << 30,       /* bytes, whatever the options say */
  YAML_ERRORS_MAX = 1000,        /* documents of a text that are told to be broken */
  YAML_TAG_LINES_MAX = 256,
};

struct yaml_reader;

/* A reader at the beginning of a text. options NULL: defaults; they are copied. */
struct yaml_reader *yaml_reader_new(struct str text, const struct yaml_options *options);
void yaml_reader_free(struct yaml_reader *reader);
MEM_DEFINE_CLEANUP(struct yaml_reader, yaml_reader_free)

/* At the beginning of another text, with the same options. The text before may be gone already. */
void yaml_reader_reset(struct yaml_reader *reader, struct str text);

/* The next document: 1; 0 at the end; < 0: it is broken, and the next call goes on behind it. */
int yaml_reader_next(struct yaml_reader *reader, struct arena *a, struct yaml_document *ret,
                     struct error *err);

/* Documents met so far, empty and broken ones among them. */
uint32_t yaml_reader_count(const struct yaml_reader *reader);

#endif
