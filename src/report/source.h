/*
 * source.h - places in a text that was read: from line and column to bytes, and how
 * far the value there reaches.
 *
 *     struct source source;
 *     source_init(&source, text);
 *     size_t at;
 *     if (source_find(&source, 14, 20, &at))
 *         underline(str_sub(text, at, source_token(&source, at, evidence)));
 *     source_free(&source);
 *
 * Lines end with LF, CR LF or CR; columns count Unicode characters (a byte that is
 * no UTF-8 counts as one), and a byte order mark at the beginning counts none. A
 * text in UTF-16 has no places here.
 *
 * Cost: the text is gone through once in all, as far as the places asked for, with
 * a mark every 4 KiB, so that neither many findings in a large file nor one line
 * of a hundred megabytes takes long.
 *
 * The source owns its marks; the text is a view.
 * Thread safety: belongs to one thread.
 */
#ifndef SEAWALL_REPORT_SOURCE_H
#define SEAWALL_REPORT_SOURCE_H

#include "base/str.h"
#include "base/vec.h"

#include <stdint.h>

enum {
  SOURCE_TOKEN_MAX = 4096, /* bytes of a token at most */
};

struct source_mark {
  size_t at;
  uint32_t line, column;
};

struct source {
  struct str text;
  VEC(struct source_mark) marks; /* the first is the beginning */
};

void source_init(struct source *s, struct str text);
void source_free(struct source *s);

/* The position in bytes of a place. False if the text has no such place (line 0, a column behind
 * the end of its line). Column 0 counts as 1. */
bool source_find(struct source *s, uint32_t line, uint32_t column, size_t *ret_at);

/*
 * Bytes of the value or key that begins at `at`, at most to the end of the line:
 * `evidence` if that is what stands there, else a quoted text, a plain one, a
 * bracket with what it holds. At least 1, unless the line ends at `at`.
 */
size_t source_token(const struct source *s, size_t at, struct str evidence);

/* The Unicode characters in a part of the text. */
size_t source_columns(const struct source *s, size_t at, size_t len);

/* Bytes from `at` back to the beginning of its line, or forward to its end; no more than `most` are
 * looked at. */
size_t source_before(const struct source *s, size_t at, size_t most);
size_t source_behind(const struct source *s, size_t at, size_t most);

#endif
