/*
 * buf.h - text that grows while it is written, up to a cap.
 *
 * A buf owns its memory. It starts as {0} or by buf_init; buf_free (or
 * _cleanup_(buf_free)) ends it, buf_clear keeps the memory for the next text.
 * Writing beyond the cap writes nothing more and marks the buf: buf_failed says
 * so, once, at the end, instead of every call having to be checked.
 *
 *     _cleanup_(buf_free) struct buf out = {0};
 *     buf_add(&out, STR("hello "));
 *     buf_printf(&out, "%d", 42);
 *     write_out(buf_str(&out));
 *
 * Thread safety: a buf belongs to one thread.
 */
#ifndef SEAWALL_BASE_BUF_H
#define SEAWALL_BASE_BUF_H

#include "base/str.h"

#include <stdint.h>

enum { BUF_CAP_DEFAULT = 1 << 30 }; /* bytes, where buf_init named no other */

struct buf {
  char *data;
  size_t len;
  size_t room; /* bytes allocated, less the one for buf_text's end mark */
  size_t cap;  /* bytes at most; 0: BUF_CAP_DEFAULT */
  bool failed; /* something did not fit */
};

/* Empty, at most cap bytes. */
static inline void buf_init(struct buf *b, size_t cap)
{
  *b = (struct buf){.cap = cap};
}

void buf_free(struct buf *b);

/* Empty again, memory kept. */
static inline void buf_clear(struct buf *b)
{
  b->len = 0;
  b->failed = false;
}

/* Makes room for `more` further bytes; false (and marked) if the cap does not allow them. */
bool buf_reserve_slow(struct buf *b, size_t more);

static inline bool buf_reserve(struct buf *b, size_t more)
{
  return (more <= b->room - b->len && !b->failed) || buf_reserve_slow(b, more);
}

static inline void buf_add_byte(struct buf *b, char c)
{
  if (buf_reserve(b, 1))
    b->data[b->len++] = c;
}

static inline void buf_add(struct buf *b, struct str s)
{
  if (s.len && buf_reserve(b, s.len)) {
    memcpy(b->data + b->len, s.data, s.len);
    b->len += s.len;
  }
}

static inline void buf_add_text(struct buf *b, const char *text)
{
  buf_add(b, str_from(text));
}

void buf_add_repeat(struct buf *b, char c, size_t count);
void buf_add_u64(struct buf *b, uint64_t number);
void buf_add_i64(struct buf *b, int64_t number);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline struct str buf_str(const struct buf *b)
{
  return (struct str){b->data, b->len};
}

/* The text, zero-terminated; valid until the next change. */
const char *buf_text(struct buf *b);

/* Something did not fit under the cap: what is there is not the whole. */
static inline bool buf_failed(const struct buf *b)
{
  return b->failed;
}

#endif
