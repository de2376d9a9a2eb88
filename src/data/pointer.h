/*
 * pointer.h - JSON Pointer (RFC 6901): the path of one value in a document.
 *
 * A pointer is a text: empty for the whole document, else tokens that each begin
 * with '/'. In a token "~1" stands for '/' and "~0" for '~'; no other use of '~'
 * is valid. The URI fragment form ("#/a") is not read.
 *
 *     struct pointer_place place;
 *     if (pointer_find(document, STR("/spec/containers/0/image"), &place, &err) < 0)
 *         return error_wrap(&err, "reading the image");
 *
 * Evaluation allocates nothing. It costs one look-up per token (linear in small
 * objects, hashed in large ones; a key of more than 1,024 bytes that is written
 * with escapes is always looked for linearly).
 *
 * Array tokens are "0" or digits without a leading zero; "-" (the element behind
 * the last one) names nothing that exists. Sets have no places: a token for a
 * set finds nothing.
 *
 * Errors: SW_EINVAL for a text that is no pointer (with the offset in the
 * message), SW_ENOTFOUND when it leads nowhere (with the last place that exists).
 *
 * Thread safety: all functions may be called from any thread, on their own buf.
 */
#ifndef SEAWALL_DATA_POINTER_H
#define SEAWALL_DATA_POINTER_H

#include "base/buf.h"
#include "base/error.h"
#include "data/value.h"

enum { POINTER_LENGTH_MAX = 1 << 20 }; /* bytes */

/* 0 if the text is a pointer of at most POINTER_LENGTH_MAX bytes. */
int pointer_check(struct str pointer, struct error *err);

/* What a pointer leads to. */
struct pointer_place {
  struct value value;
  struct value_position position; /* {0, 0}: unknown, or the root */
  struct value parent;            /* the container it lies in; absent for the root */
  uint32_t index;                 /* its element or member number in parent */
};

/* Follows a pointer from root. */
int pointer_find(struct value root, struct str pointer, struct pointer_place *ret_place,
                 struct error *err);

/* The same, the value alone: absent if the pointer is malformed or leads nowhere. */
struct value pointer_get(struct value root, struct str pointer);

/*
 * Takes the next token off *pointer, still escaped. False at its end.
 *
 *     struct str rest = pointer, token;
 *     while (pointer_next(&rest, &token)) ...
 *
 * The pointer must have passed pointer_check.
 */
bool pointer_next(struct str *pointer, struct str *ret_token);

/* Everything but the last token, and that token, still escaped. The pointer is checked and not
 * empty. */
struct str pointer_parent(struct str pointer, struct str *ret_last);

/* Number of tokens of a checked pointer. */
size_t pointer_count(struct str pointer);

/* Does an escaped token stand for this key? */
bool pointer_token_is(struct str token, struct str key);

/* Writes the key that an escaped token stands for. */
void pointer_unescape(struct buf *out, struct str token);

/* The key that an escaped token stands for: the token itself if nothing in it is escaped, else a
 * copy in the arena. */
struct str pointer_key(struct arena *a, struct str token);

/* A token as an array index. False for "-", leading zeros, other characters and numbers from
 * VALUE_CHILDREN_MAX on. */
bool pointer_index(struct str token, uint32_t *ret_index);

/* Does pointer `inner` lead to something inside what `outer` leads to? Equal pointers: no. */
bool pointer_inside(struct str inner, struct str outer);

/* Append one token: '/' and the escaped key, or '/' and the number. */
void pointer_add_key(struct buf *pointer, struct str key);
void pointer_add_index(struct buf *pointer, uint64_t index);

#endif
