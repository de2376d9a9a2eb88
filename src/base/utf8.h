/*
 * utf8.h - UTF-8 text: valid or not, code points, columns of a terminal.
 *
 * Valid is what RFC 3629 (and Unicode's table 3-7) says: no overlong forms, no
 * surrogates, nothing beyond U+10FFFF. Widths are those of Unicode 14.0.
 *
 * Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_BASE_UTF8_H
#define SEAWALL_BASE_UTF8_H

#include "base/str.h"

#include <stdint.h>

enum { UTF8_REPLACEMENT = 0xFFFD, UTF8_POINT_MAX = 0x10FFFF };

/* Position of the first byte of the first sequence that is not valid; s.len if all is. */
size_t utf8_valid_length(struct str s);

static inline bool utf8_valid(struct str s)
{
  return utf8_valid_length(s) == s.len;
}

/* The code point at position `at` (below s.len): its length in bytes, 1 to 4; 0 if what is there
 * is not valid (*ret_point is then UTF8_REPLACEMENT). */
unsigned utf8_decode(struct str s, size_t at, uint32_t *ret_point);

/* Bytes of a code point, 1 to 4; 0 if there is none such (a surrogate, or beyond U+10FFFF). */
unsigned utf8_encode(uint32_t point, char ret_bytes[static 4]);

/* Code points; each byte that belongs to no valid sequence counts as one. */
size_t utf8_count(struct str s);

/* Columns of one code point: 0 (combining, zero-width, control), 1, or 2 (East Asian wide and
 * full width, emoji). */
unsigned utf8_point_width(uint32_t point);

/* Whether one sees what it is: not control characters, spaces and joiners without width, marks that turn
 * the direction of writing, tags and the like. Combining characters, and the joiners that are parts of words
 * (U+200C, U+200D), are visible. */
bool utf8_point_visible(uint32_t point);

/* Columns of a text; a byte that belongs to no valid sequence takes one, as the replacement
 * character that a terminal shows for it. Control characters count 0: escape them before. */
size_t utf8_width(struct str s);

/* The longest part from the start that takes at most `columns`, not ending within a code point nor
 * before a combining one. */
struct str utf8_cut_columns(struct str s, size_t columns);

#endif
