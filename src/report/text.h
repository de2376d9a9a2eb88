/*
 * text.h - texts from outside made safe to show, and laid out in columns.
 *
 * A manifest's names and lines may hold anything: escape sequences that command a
 * terminal, marks that turn the direction of writing, bytes that are no UTF-8.
 * What is not plainly visible is written as an escape: \x1b, \u202e, \xff.
 * Without `unicode` everything beyond ASCII is, too.
 *
 * Widths are in columns of a terminal (base/utf8.h).
 *
 * Thread safety: all functions may be called from any thread, on their own buf.
 */
#ifndef SEAWALL_REPORT_TEXT_H
#define SEAWALL_REPORT_TEXT_H

#include "base/buf.h"
#include "base/str.h"

enum { TEXT_CELL_MAX = 12 }; /* bytes that stand for one character at most */

/* One character of a text as it is shown. */
struct text_cell {
  char shown[TEXT_CELL_MAX];
  unsigned len;   /* bytes of shown */
  unsigned width; /* columns; 0 for combining characters */
  unsigned taken; /* bytes of the text that it stands for, from 1 */
};

/* The character at position `at`, below s.len. Tabs and line ends are escaped as well. */
struct text_cell text_cell_at(struct str s, size_t at, bool unicode);

/* Appends s with everything in it visible, on one line: line ends and tabs become a space. */
void text_add_visible(struct buf *out, struct str s, bool unicode);

/* The columns that text_add_visible takes. */
size_t text_width(struct str s, bool unicode);

/*
 * Appends s as a paragraph: words wrapped to `width` columns (0: not wrapped), each line but the
 * first after `indent` spaces; the first line begins in column `indent` already. Lines of s stay
 * lines of their own, and lines that begin with a space or tab (YAML to be copied) are never
 * wrapped or reflowed. A word that is wider than a line stands alone, whole. No line end behind the
 * last.
 */
void text_add_wrapped(struct buf *out, struct str s, unsigned indent, unsigned width, bool unicode);

#endif
