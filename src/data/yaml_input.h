/*
 * yaml_input.h - a text as libyaml's input: checked, handed over, and found again.
 *
 * libyaml decodes its input one character at a time into a buffer of its own, which
 * takes a seventh of its time, and it does so ahead of what it parses, so that a bad
 * byte makes it fail while it is busy with an earlier document. Here the text is
 * checked beforehand, many bytes at a time, and a copy of it is made libyaml's buffer
 * as if it had been decoded already: the events are the same, only sooner. That rests
 * on how libyaml 0.2 keeps its buffer; with any other version it reads the copy by
 * its own means.
 *
 *     struct yaml_input input = {0};
 *     yaml_input_set(&input, text);
 *     size_t good = yaml_input_check(&input, 0);
 *     yaml_input_start(&input, &parser, 0, good);
 *     ... yaml_parser_parse(&parser, &event) ...
 *     yaml_input_stop(&input, &parser);
 *     yaml_input_free(&input);
 *
 * Ownership: the input owns its copy, which takes as much memory as the text (after a
 * text of more than YAML_INPUT_KEEP bytes it is given back); the text must outlive its
 * use. Thread safety: an input belongs to one thread.
 */
#ifndef SEAWALL_DATA_YAML_INPUT_H
#define SEAWALL_DATA_YAML_INPUT_H

#include "base/error.h"
#include "base/str.h"

#include <stdint.h>
#include <yaml.h>

enum {
  YAML_INPUT_KEEP = 8 << 20, /* bytes of the copy that are kept for the next text */
  YAML_INPUT_PADDING = 16,   /* zero bytes behind the input, more than libyaml looks ahead */
};

struct yaml_input {
  struct str text;
  char *copy; /* of what has been checked, at the same positions */
  size_t room;
  size_t checked, bad; /* what lies between has been checked; `bad` is where that ended */
  size_t to;           /* where the parser's input ends, with zero bytes in place of: */
  char overwritten[YAML_INPUT_PADDING];
};

void yaml_input_set(struct yaml_input *input, struct str text);
void yaml_input_free(struct yaml_input *input);

/* Position of the first byte at or behind `from` that YAML does not allow, because it is not UTF-8
 * or a control character other than tab and line breaks; text.len if there is none. Checks nothing
 * twice that lies behind the latest `from`. */
size_t yaml_input_check(struct yaml_input *input, size_t from);

/* The error for the position that yaml_input_check found, on a given line. Returns SW_EINVAL. */
int yaml_input_refuse(struct str text, size_t at, uint32_t line, struct error *err);

/* Initialises the parser with the text from `from` to `to`, which must have been checked. */
void yaml_input_start(struct yaml_input *input, yaml_parser_t *parser, size_t from, size_t to);
void yaml_input_stop(struct yaml_input *input, yaml_parser_t *parser);

/* Position in the text of a mark of the parser, which began at `from`. Takes time by the distance
 * between the mark and where the parser has read to. */
size_t yaml_input_position(const struct yaml_input *input, const yaml_parser_t *parser, size_t from,
                           yaml_mark_t mark);

/* Lines, with the breaks of YAML 1.1: LF, CR, CR LF, NEL (U+0085), LS (U+2028), PS (U+2029). */

/* A line begins at position `at`. */
bool yaml_line_begins(struct str text, size_t at);

/* Position where the line begins that holds position `at`; where the next one begins (text.len if
 * there is none). */
size_t yaml_line_start(struct str text, size_t at);
size_t yaml_line_next(struct str text, size_t at);

/* Line breaks in a text. */
uint32_t yaml_line_count(struct str text);

#endif
