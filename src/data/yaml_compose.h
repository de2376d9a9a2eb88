/*
 * yaml_compose.h - one YAML document, from libyaml's events to a value.
 *
 * The parser is libyaml's and is used for its events alone; what they mean is
 * decided here: types (data/yaml_scalar.h), anchors and aliases, merge keys, keys
 * that are not strings, repeated keys. data/yaml.h reads whole texts with this.
 *
 * Meaning is kubectl's (go-yaml 2, then JSON):
 *  - A key that is a boolean or a number becomes the string yaml_scalar_key gives;
 *    null and containers are refused as keys.
 *  - `<<` (plain and untagged, or tagged !!merge) merges a mapping or a list of
 *    mappings. Members take effect in the order in which they are written, the
 *    merge among them: what comes later wins, and in a list of mappings the earlier
 *    mapping. A key that overrides a merged one is not a repeated key.
 *  - Tags of lists and mappings are ignored.
 *  - Names of anchors may be given again; an alias means the latest one before it.
 *
 * An alias shares the value of its anchor, so it costs no memory; but whoever walks
 * the tree walks it again at each alias. Therefore the nodes that aliases stand for
 * count: alias_max of them are allowed in a document, and, beyond a thousand, no
 * more than 99 for each node that is written out. Depth counts through aliases too.
 *
 * Ownership: a composer owns its stacks and keeps them for the next document; values
 * lie in the arena and do not refer to the parser or its input. Thread safety: a
 * composer belongs to one thread; the symbol table is only read.
 */
#ifndef SEAWALL_DATA_YAML_COMPOSE_H
#define SEAWALL_DATA_YAML_COMPOSE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/symbols.h"
#include "data/value.h"

#include <yaml.h>

enum {
  YAML_DEPTH_DEFAULT = 200, /* containers inside each other */
  YAML_DEPTH_MAX = 10000,
  YAML_ALIAS_DEFAULT = 400000, /* nodes that aliases stand for, in a document */
  YAML_DUPLICATES_KEPT = 100,  /* repeated keys that are told of, in a document */
};

/* All zero is a good default. */
struct yaml_options {
  size_t size_max;                  /* bytes; 0: YAML_SIZE_DEFAULT; at most 4 GiB - 1 in any case */
  uint32_t depth_max;               /* 0: YAML_DEPTH_DEFAULT; at most YAML_DEPTH_MAX in any case */
  uint32_t alias_max;               /* 0: YAML_ALIAS_DEFAULT */
  enum value_duplicates duplicates; /* repeated keys: the last wins and it is told, or an error */
  bool positions;                   /* keep line and column of every key and value */
  const struct symbols *symbols;    /* keys get their numbers from here; NULL: none */
};

/* A key that occurs twice in one mapping. */
struct yaml_duplicate {
  struct str key;
  struct value_position position; /* of the repetition */
  struct value_position first;    /* of the occurrence before it; line 0: not known */
};

struct yaml_document {
  struct value root;
  struct value_position position; /* of the root, with or without options.positions */
  uint32_t number;                /* in its text, from 1; empty and broken documents count */
  bool json;                      /* it was read as JSON */
  /* Its bytes, with directives and the separator line in front of it, without what ends it: a view of
   * the text (of its UTF-8 if that was UTF-16). Set by data/yaml.h. */
  struct str source;
  const struct yaml_duplicate *duplicates; /* repeated keys under VALUE_LAST_WINS, in the arena */
  uint32_t duplicate_count; /* of those that are kept: YAML_DUPLICATES_KEPT at most */
};

struct yaml_composer;

struct yaml_composer *yaml_composer_new(const struct yaml_options *options);
void yaml_composer_free(struct yaml_composer *composer);

/*
 * Composes the document whose YAML_DOCUMENT_START_EVENT has been taken from the parser, up to (not
 * including) its end event. lines_before is added to all lines. *ret_empty says that the document
 * has no content at all; its root is then null. Writes root, position and duplicates of *ret.
 *
 * Errors: SW_EINVAL and SW_ELIMIT with line and column; SW_ELIMIT also when the arena's limit is
 * passed. *ret_syntax is true if the parser itself failed: err is then not written, and the
 * parser's fields say what is wrong (data/yaml_problem.h).
 */
int yaml_compose(struct yaml_composer *composer, yaml_parser_t *parser, struct arena *a,
                 uint32_t lines_before, struct yaml_document *ret, bool *ret_empty,
                 bool *ret_syntax, struct error *err);

#endif
