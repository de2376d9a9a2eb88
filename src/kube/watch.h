/*
 * watch.h - the objects of one resource, as an API server has them: listed once, then watched by a thread
 * of its own, for reading from all threads.
 *
 *     struct kube_watch_options options = {.path = STR("/api/v1/namespaces"),
 *                                          .keep = kube_watch_keep_metadata};
 *     _cleanup_(kube_watch_freep) struct kube_watch *watch = NULL;
 *     if (kube_watch_start(&options, &watch, &err) < 0) ...
 *     struct value namespace;
 *     if (kube_watch_find(watch, STR_EMPTY, STR("shop"), &arena, &namespace)) ...
 *
 * The thread lists page by page, watches with bookmarks from there, and begins again where it was when the
 * API server ends the watch, or falls silent although it sent bookmarks before (they come each minute).
 * After 410 Gone, and after an answer that makes no sense, it lists anew. It tries for ever, with growing
 * pauses of random length, longer if the server asks for that. What is known stays readable meanwhile;
 * kube_watch_stats tells for how long nothing has been heard.
 *
 * Objects are immutable and kept as compact JSON texts, what `keep` leaves of them. A reader takes the object
 * under a lock that is held for a look-up in a hash table and no longer, and reads the text into its own
 * arena; nobody ever waits for the network. A new list takes the place of the old one at once, and shares
 * what has not changed with it.
 *
 * Limits: count_max objects, bytes_max of texts, object_max of one text; what goes beyond is not kept, and
 * counted (stats.left_out); it comes back, if there is room then, with its next event or the next list.
 * Pages and events have the limits of kube/client.h.
 *
 * Values that are read have no symbol numbers; kind and apiVersion are always there.
 *
 * Thread safety: everything but kube_watch_free may be called from any thread.
 */
#ifndef SEAWALL_KUBE_WATCH_H
#define SEAWALL_KUBE_WATCH_H

#include "base/arena.h"
#include "base/error.h"
#include "base/mem.h"
#include "data/value.h"
#include "kube/client.h"

enum {
  KUBE_WATCH_COUNT_DEFAULT = 200000,
  KUBE_WATCH_BYTES_DEFAULT = 256 << 20,
  KUBE_WATCH_OBJECT_DEFAULT = 1 << 20,
};

enum kube_watch_event_kind {
  KUBE_WATCH_SYNCED, /* a list is in; `count` objects */
  KUBE_WATCH_FAILED, /* `message` says why; told when it begins, when it becomes another, and each minute */
  KUBE_WATCH_BACK,     /* it works again */
  KUBE_WATCH_LEFT_OUT, /* an object beyond the limits; `message` says which; told once a list */
};

struct kube_watch_event {
  enum kube_watch_event_kind kind;
  const char *message; /* never NULL */
  size_t count;
  unsigned pause_ms; /* KUBE_WATCH_FAILED: until the next attempt */
};

struct kube_watch_options {
  struct kube_client_options client; /* its texts are copied, as path and selectors are */
  struct str path;                   /* "/api/v1/namespaces", "/apis/apps/v1/deployments" */
  struct str label_selector, field_selector;
  size_t count_max, bytes_max, object_max; /* 0: the defaults above */
  unsigned page;                           /* objects a page; 0: KUBE_PAGE_DEFAULT */
  unsigned watch_seconds;                  /* 0: KUBE_WATCH_SECONDS */
  unsigned silence_ms;                     /* longest without a bookmark; 0: 180,000 */
  size_t line_max;                         /* bytes of an event; 0: KUBE_LINE_DEFAULT */
  unsigned pause_max_ms; /* longest pause between attempts; 0: no other than client.h's */
  /* What is kept of an object, made in the arena; absent: nothing, it is as if it were not there. NULL: all
   * but metadata.managedFields and the annotation kubectl.kubernetes.io/last-applied-configuration. */
  struct value (*keep)(void *context, struct arena *arena, struct value object);
  /* Something worth logging; called by the watch's thread. NULL: nobody wants to know. */
  void (*on_event)(void *context, const struct kube_watch_event *event);
  void *context;
};

/* For `keep`: apiVersion, kind, and of metadata name, namespace, uid, resourceVersion, labels, annotations
 * (but the one above), ownerReferences and deletionTimestamp. */
struct value kube_watch_keep_metadata(void *context, struct arena *arena, struct value object);

struct kube_watch;

/* Starts; the configuration of the API server is read at once, everything else goes on by itself. Errors:
 * those of kube_client_new, SW_EUSAGE (the path). */
int kube_watch_start(const struct kube_watch_options *options, struct kube_watch **ret,
                     struct error *err);

/* Interrupts what is under way and ends the thread. */
void kube_watch_free(struct kube_watch *watch);
MEM_DEFINE_CLEANUP(struct kube_watch, kube_watch_free)

/* The object of a namespace (empty: it has none) and name, in the arena, whose limit it may exceed: not
 * to know an object because memory is short could mean to judge it by the wrong labels. */
bool kube_watch_find(struct kube_watch *watch, struct str namespace, struct str name,
                     struct arena *arena, struct value *ret_object);

/*
 * All objects that are there at the beginning, in no order, one after another; each lies in the arena,
 * which the visitor may reset. What the visitor returns, if negative, ends it and is the result. For filling
 * an inventory; stats.generation says whether it is still the same.
 */
int kube_watch_each(struct kube_watch *watch, struct arena *arena,
                    int (*visit)(void *context, struct value object), void *context);

/* Waits until the first list is in. False: ms have passed. */
bool kube_watch_wait(struct kube_watch *watch, unsigned ms);

struct kube_watch_stats {
  bool synced;         /* a list has come in, ever */
  bool failing;        /* the last attempt came to nothing */
  size_t count, bytes; /* objects, bytes of their texts */
  uint64_t left_out;   /* objects beyond the limits, ever */
  uint64_t generation; /* grows with each change */
  uint64_t events;     /* ever; without bookmarks */
  uint64_t lists, failures;
  uint64_t heard_ns; /* monotonic: when a list, event, bookmark or proper end came last; 0: never */
};

void kube_watch_stats(struct kube_watch *watch, struct kube_watch_stats *ret);

#endif
