/*
 * json_write.h - writing JSON text (RFC 8259), from a tree or piece by piece.
 *
 *     json_write(&out, tree, 2);              a tree, indented by two spaces
 *
 *     struct json_writer w = json_writer_start(&out, 2);   no tree needed
 *     json_begin_object(&w);
 *     json_key(&w, STR("findings"));
 *     json_begin_array(&w);
 *     json_string(&w, STR("privileged container"));
 *     json_end_array(&w);
 *     json_end_object(&w);
 *
 * Output is always valid JSON in UTF-8: strings escape only what has to be (quote,
 * backslash, control characters), nothing for the sake of HTML; bytes that are no
 * UTF-8, which no reader here produces, become U+FFFD. Sets are written as arrays
 * in their order. A key that is not a string (Rego has such objects) is written as
 * the string of its compact JSON text. VALUE_ABSENT is written as null. Numbers
 * keep their text; a double gets the shortest text that reads back as the same
 * double (data/number.h).
 *
 * Running into the buf's cap is not reported per call: see buf_failed.
 *
 * Trees may be of any depth; no recursion. Thread safety: a writer and its buf
 * belong to one thread.
 */
#ifndef SEAWALL_DATA_JSON_WRITE_H
#define SEAWALL_DATA_JSON_WRITE_H

#include "base/buf.h"
#include "base/error.h"
#include "data/value.h"

/* Appends v; indent 0: on one line without spaces, else one member or element a line, indented by so
 * many spaces a level (no newline behind the last line; empty containers stay {} and []). */
void json_write(struct buf *out, struct value v, unsigned indent);

/*
 * Appends v in the canonical form of RFC 8785: members sorted by UTF-16 code units, no spaces,
 * numbers as ECMAScript writes doubles. Fractions are rounded to the nearest double, as the RFC has
 * it. SW_EINVAL: a number beyond the range of doubles, or an integer that its double's text would
 * change (9007199254740993), because then two different trees would get one text. Nothing is
 * appended on failure.
 */
int json_write_canonical(struct buf *out, struct value v, struct error *err);

/* Appends s quoted and escaped. */
void json_write_string(struct buf *out, struct str s);

/* A document that is being written. The fields are the writer's own. */
struct json_writer {
  struct buf *out;
  unsigned indent;
  uint32_t depth;
  bool empty;     /* nothing in the innermost open container yet */
  bool after_key; /* a key has been written, its value not */
};

static inline struct json_writer json_writer_start(struct buf *out, unsigned indent)
{
  return (struct json_writer){.out = out, .indent = indent, .empty = true};
}

void json_begin_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_end_array(struct json_writer *w);

/* Inside an object, in front of each value. Keys are not checked for repetition. */
void json_key(struct json_writer *w, struct str key);

/* Values: the document itself, an element, or the value behind a key. */
void json_string(struct json_writer *w, struct str s);
void json_int(struct json_writer *w, int64_t number);
void json_uint(struct json_writer *w, uint64_t number);
void json_double(struct json_writer *w, double number); /* NaN and infinities: null */
void json_bool(struct json_writer *w, bool b);
void json_null(struct json_writer *w);
void json_value(struct json_writer *w, struct value v);

/* Key and value at once. */
void json_member_string(struct json_writer *w, struct str key, struct str s);
void json_member_int(struct json_writer *w, struct str key, int64_t number);
void json_member_bool(struct json_writer *w, struct str key, bool b);
void json_member_value(struct json_writer *w, struct str key, struct value v);

#endif
