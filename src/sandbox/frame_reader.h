/*
 * frame_reader.h - frames that come from a process nobody trusts.
 *
 * A frame is one byte of kind, four bytes of length (little end first), and as many bytes of
 * payload. Data come first, as many frames as there are; then one frame says how it ended:
 *
 *     1  data    the payload is the user's
 *     2  end     no payload; all went well
 *     3  error   code (a negative enum error_code), line, column, four bytes each, little end
 *                first; then the message, under ERROR_MESSAGE_MAX bytes
 *
 * The reader takes bytes in pieces of any size and hands each data frame on as soon as it is whole.
 * Everything else is an error, which sticks: lengths beyond the limits (seen in the head, before
 * anything is kept for them), too many frames, kinds that there are not, bytes behind the last
 * frame, a stream that stops within a frame or without a last one. Messages of the other side are
 * made printable: what is not UTF-8 or not visible becomes "?".
 *
 *     frame_reader_init(&reader, &limits);
 *     while (... bytes come ...)
 *       if (frame_reader_feed(&reader, bytes, take, context, err) < 0)
 *         break;
 *     rc = frame_reader_finish(&reader, err);
 *     frame_reader_free(&reader);
 *
 * Memory: one frame at most. Ownership: a frame handed on is a view, valid until `take` returns.
 * Thread safety: a reader belongs to one thread.
 */
#ifndef SEAWALL_SANDBOX_FRAME_READER_H
#define SEAWALL_SANDBOX_FRAME_READER_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

#include <stdint.h>

enum { FRAME_HEAD = 5, FRAME_ERROR_HEAD = 12 };

enum frame_kind { FRAME_DATA = 1, FRAME_END = 2, FRAME_ERROR = 3 };

struct frame_limits {
  uint32_t frame_bytes; /* payload of one frame */
  uint64_t frames;      /* data frames */
  uint64_t total_bytes; /* of all data frames, heads included */
};

enum frame_reader_state {
  FRAME_READER_OPEN,   /* more may come */
  FRAME_READER_ENDED,  /* the end frame has come */
  FRAME_READER_ERROR,  /* an error frame has come */
  FRAME_READER_FAILED, /* what came is not allowed, or `take` refused it */
};

struct frame_reader {
  struct frame_limits limits;
  struct buf part; /* of a frame that is not whole yet */
  uint64_t frames, total;
  enum frame_reader_state state;
  struct error error; /* of the error frame, or what failed */
};

void frame_reader_init(struct frame_reader *r, const struct frame_limits *limits);
void frame_reader_free(struct frame_reader *r);

/*
 * Takes the next bytes and calls take with the payload of each data frame that is whole with them.
 * Errors: SW_ELIMIT (a limit passed), SW_EINVAL (not what is written above), what take returned;
 * after one, each further call returns the same.
 */
int frame_reader_feed(struct frame_reader *r, struct str bytes,
                      int (*take)(void *context, struct str frame, struct error *err),
                      void *context, struct error *err);

/* No more bytes come: 0 if the end frame was there, the error of the error frame, or what is wrong
 * with the stream (SW_EINVAL, or as frame_reader_feed). */
int frame_reader_finish(const struct frame_reader *r, struct error *err);

/* The head of a frame. */
void frame_head(uint8_t ret_head[static FRAME_HEAD], enum frame_kind kind, uint32_t len);

/* Appends a whole error frame. A code that is none is written as SW_EINVAL. */
void frame_add_error(struct buf *out, const struct error *error);

#endif
