/*
 * diff.h - what was changed in a text, as a unified diff: what people read and `patch -p1` applies.
 *
 *     struct diff_style style = {.before = STR("a/web.yaml"), .after = STR("b/web.yaml")};
 *     diff_write(&out, old, new, &style);
 *
 * Lines are compared byte by byte; a line ends with LF (a CR before it is part of the line). Nothing is
 * written for texts that are equal. Text is written as it is, unless `visible` asks for it to be
 * made safe for a terminal; a diff that is to be applied must be written without.
 *
 * The difference is the shortest near each change (Myers' algorithm from one place where the texts agree
 * to the next), at most DIFF_EFFORT lines at a time; where the texts differ more, the rest is told as
 * replaced. Time is linear in the texts, times the length of the changes. No recursion.
 *
 * Thread safety: all functions may be called from any thread, on their own buf.
 */
#ifndef SEAWALL_REPORT_DIFF_H
#define SEAWALL_REPORT_DIFF_H

#include "base/buf.h"
#include "base/str.h"

enum {
  DIFF_CONTEXT = 3,
  DIFF_EFFORT = 1000, /* lines that come or go before the texts must agree again */
};

struct diff_style {
  struct str before, after; /* names; empty: no header */
  bool color;
  bool visible; /* control characters as escapes */
  bool unicode; /* with visible: characters beyond ASCII may stand */
};

struct diff_counts {
  uint64_t added, removed; /* lines */
};

/* Appends the diff; what was counted. */
struct diff_counts diff_write(struct buf *out, struct str before, struct str after,
                              const struct diff_style *style);

#endif
