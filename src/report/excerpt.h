/*
 * excerpt.h - a line of a text, cut to fit, and what to underline in it.
 *
 *        14 |       hostNetwork: true
 *           |                    ^^^^
 *
 * The line is shown whole if it fits. Otherwise indentation goes first, then what
 * is far from the token; where something was left out stands an ellipsis. Only
 * what is near the token is looked at, so that a line of a hundred megabytes costs
 * nothing. Characters that would command the terminal are shown as escapes
 * (report/text.h), a tab as four spaces.
 *
 * Ownership: the text goes into the caller's buf.
 * Thread safety: any thread, on its own source and buf.
 */
#ifndef SEAWALL_REPORT_EXCERPT_H
#define SEAWALL_REPORT_EXCERPT_H

#include "base/buf.h"
#include "report/source.h"

enum { EXCERPT_COLUMNS_MIN = 16, EXCERPT_COLUMNS_MAX = 400 };

struct excerpt {
  unsigned from, to; /* columns of the run under the token, from 0; to > from */
};

/* Appends the line that holds the token at `at` of `len` bytes, in at most `columns` columns (taken
 * into the limits above). */
struct excerpt excerpt_add(struct buf *out, const struct source *source, size_t at, size_t len,
                           unsigned columns, bool unicode);

#endif
