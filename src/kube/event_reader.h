/*
 * event_reader.h - the stream of a watch, taken apart: one JSON object a line, each an event.
 *
 *     struct kube_event_reader reader;
 *     kube_event_reader_init(&reader, 4 << 20);
 *     ... for each piece that comes:
 *     rc = kube_event_reader_feed(&reader, piece, take, context, &err);
 *     kube_event_reader_free(&reader);
 *
 * Pieces end wherever the network cut them. What stands behind the last line end when the stream ends is
 * half an event, and is dropped with the reader. Empty lines are passed over.
 *
 * An event's `object` has metadata with a resourceVersion (of BOOKMARK: nothing else that counts); of ERROR
 * it is a Status. Fields are not checked further.
 *
 * Ownership: an event is valid until its receiver returns. Thread safety: a reader belongs to one thread.
 *
 * Limits: line_max bytes a line; memory of the tree of one event in proportion. Errors: SW_ELIMIT (the line
 * is longer), SW_EINVAL (not JSON, not an event, of a type that is not known), and what the receiver
 * returned. After an error the reader takes nothing more.
 */
#ifndef SEAWALL_KUBE_EVENT_READER_H
#define SEAWALL_KUBE_EVENT_READER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "data/value.h"

#include <stdbool.h>

enum { KUBE_LINE_DEFAULT = 8 << 20 };

enum kube_event_type {
  KUBE_ADDED,
  KUBE_MODIFIED,
  KUBE_DELETED,
  KUBE_BOOKMARK, /* nothing but a resourceVersion */
  KUBE_ERROR,
};

/* "ADDED". */
struct str kube_event_type_name(enum kube_event_type type);

struct kube_event {
  enum kube_event_type type;
  struct value object; /* an object */
  struct arena *arena; /* for the receiver's own needs, until it returns */
};

/* Negative: stops, and is the result. */
typedef int kube_take_event(void *context, const struct kube_event *event, struct error *err);

/* The fields are the reader's own. */
struct kube_event_reader {
  struct buf line; /* the beginning of one */
  size_t line_max;
  struct arena arena;
  int failed;
};

/* line_max 0: KUBE_LINE_DEFAULT. */
void kube_event_reader_init(struct kube_event_reader *reader, size_t line_max);
void kube_event_reader_free(struct kube_event_reader *reader);

/* Takes a piece; err is needed. */
int kube_event_reader_feed(struct kube_event_reader *reader, struct str piece,
                           kube_take_event *take, void *context, struct error *err);

#endif
