/*
 * json.h - reading JSON text (RFC 8259, strictly).
 *
 *     struct json_options options = {.symbols = table, .positions = true};
 *     struct value root;
 *     if (json_parse(&arena, text, &options, &root, &err) < 0)
 *         return error_wrap(&err, "%s", name);
 *
 * The tree lives in the arena; strings without escapes and numbers that are kept
 * as text are views of the input, so the input has to outlive the tree as well.
 *
 * Nothing is accepted that RFC 8259 does not describe: no comments, no commas
 * behind the last element, no NaN, no text behind the value, no byte order mark
 * (a caller that wants to tolerate one strips it). The text must be valid UTF-8.
 * One thing is mended rather than refused, because the API server's decoder does
 * the same: a \u escape that is half of a surrogate pair becomes U+FFFD.
 *
 * Numbers: an integer that fits int64_t is VALUE_INT, everything else (fractions,
 * exponents, larger integers, "-0") is VALUE_TEXT, exactly as written.
 *
 * Errors: SW_EINVAL (not JSON; a repeated key under VALUE_REFUSE), SW_ELIMIT (too
 * large, too deep, or beyond the arena's limit), with line and column. What an
 * arena holds after an error is garbage until its reset.
 *
 * No recursion: depth costs no stack. Apart from the arena, memory is used only
 * for containers that are still open: up to some 500 of their children and keys
 * on the stack, more in memory that is given back before the return. That memory
 * counts towards the arena's limit while it is used.
 *
 * Thread safety: any number of threads, each with its own arena; a symbol table is
 * only read.
 */
#ifndef SEAWALL_DATA_JSON_H
#define SEAWALL_DATA_JSON_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "base/symbols.h"
#include "data/value.h"

enum {
  JSON_SIZE_DEFAULT = 256 << 20, /* bytes */
  JSON_DEPTH_DEFAULT = 200,      /* containers inside each other */
  JSON_DEPTH_MAX = 10000,
};

/* All zero is a good default. */
struct json_options {
  size_t size_max;    /* bytes; 0: JSON_SIZE_DEFAULT; at most 4 GiB - 1 whatever it says */
  uint32_t depth_max; /* 0: JSON_DEPTH_DEFAULT; at most JSON_DEPTH_MAX whatever it says */
  enum value_duplicates duplicates; /* keys that occur twice: the last wins, or an error */
  bool positions;                   /* keep line and column of every key and value */
  const struct symbols *symbols;    /* keys get their numbers from here; NULL: none */
};

/* The one value that the text consists of, with white space around it. options NULL: defaults. */
int json_parse(struct arena *a, struct str text, const struct json_options *options,
               struct value *ret_root, struct error *err);

/*
 * Several values in one text, with or without white space between them (JSON lines; what kubectl
 * accepts in a file). Start with json_cursor_start; the cursor moves behind each value.
 *
 *     struct json_cursor cursor = json_cursor_start(text);
 *     while ((got = json_parse_next(&arena, &cursor, &options, &root, &at, &err)) > 0)
 *         use(root, at);
 *     if (got < 0) ...
 */
struct json_cursor {
  struct str rest;                /* what has not been read */
  struct value_position position; /* of its first byte; may be set to where the text begins */
};

static inline struct json_cursor json_cursor_start(struct str text)
{
  return (struct json_cursor){.rest = text, .position = {1, 1}};
}

/*
 * The next value: 1, or 0 if only white space was left, or an error. *ret_position (may be NULL) is
 * where the value begins, with or without options->positions. Lines and columns, of errors too,
 * count from the cursor's position. After an error the cursor has not moved. size_max is for the
 * rest of the text, depth_max for each value.
 */
int json_parse_next(struct arena *a, struct json_cursor *io_cursor,
                    const struct json_options *options, struct value *ret_root,
                    struct value_position *ret_position, struct error *err);

#endif
