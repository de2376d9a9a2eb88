/*
 * client.h - asks a Kubernetes API server: objects, lists page by page, watches.
 *
 *     _cleanup_(kube_client_freep) struct kube_client *client = NULL;
 *     struct kube_client_options options = {.source = {.context = "staging"}};
 *     if (kube_client_new(&options, &client, &err) < 0) ...
 *     struct kube_failure failure;
 *     if (kube_client_get(client, STR("/api/v1/namespaces/shop"), 1 << 20, 0, &arena, &object,
 *                         &failure, &err) < 0) ...
 *
 *     struct kube_list list = {.path = STR("/api/v1/namespaces"), .on_page = take};
 *     struct buf version = {0};
 *     kube_client_list(client, &list, &version, &failure, &err);
 *     struct kube_watching watching = {
 *         .path = list.path, .resource_version = buf_str(&version), .on_event = note};
 *     kube_client_watch(client, &watching, &failure, &err);
 *
 * Each function asks once and says how it went; nothing is repeated here, for whoever asks knows whether
 * that is wanted, and after which pause (kube_client_backoff_ms). What the API server says about a failure
 * in a Status object is in the message and in struct kube_failure.
 *
 * Credentials are read again (kube_config_load) when they are older than KUBE_CREDENTIALS_MS, and before
 * the next query after one that was not believed or came to nothing. If they cannot be read, those from
 * before are used. A token that has changed is used at once; anything else makes new connections.
 *
 * Errors: SW_ENOENT (404, or no such host), SW_EACCES (401, 403, a certificate that is not trusted), SW_EIO
 * (every other status; no connection; timeouts; interrupted), SW_EINVAL (the answer is not what it should be),
 * SW_ELIMIT, those of kube_config_load, what a callback returned. err is needed.
 *
 * Redirects are not followed: API servers do not send them, and a token must not go elsewhere.
 *
 * Thread safety: a client belongs to one thread at a time, but for kube_client_interrupt.
 */
#ifndef SEAWALL_KUBE_CLIENT_H
#define SEAWALL_KUBE_CLIENT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "data/value.h"
#include "kube/event_reader.h"
#include "kube/kubeconfig.h"

#include <stdint.h>

enum {
  KUBE_CREDENTIALS_MS = 10000,
  KUBE_PAGE_DEFAULT = 500,         /* objects a page */
  KUBE_PAGE_BYTES = 64 << 20,      /* one page */
  KUBE_PAGES_MAX = 10000,          /* of one list */
  KUBE_WATCH_SECONDS = 480,        /* after which the API server is to end a watch */
  KUBE_RETRY_AFTER_MAX_MS = 60000, /* a server that asks for more is asked again then */
};

struct kube_client_options {
  struct kube_config_source source; /* its texts are copied */
  const char *user_agent;           /* NULL: "seawall" */
  unsigned connect_ms;              /* 0: 10,000 */
  unsigned total_ms;                /* for an answer, not for watches; 0: 30,000 */
  unsigned
      head_ms; /* until a watch begins to be answered; 0: 90,000: proxies may hold heads back */
};

/* What came of a query; all zero: no answer at all. */
struct kube_failure {
  unsigned status;         /* of HTTP, or the code of a Status */
  unsigned retry_after_ms; /* what the server asks for; 0: nothing */
  char reason[64];         /* "Expired", "NotFound", "Forbidden" ...; empty: not said */
};

/* What was asked for is no longer there: list again. */
static inline bool kube_failure_is_gone(const struct kube_failure *failure)
{
  return failure->status == 410;
}

struct kube_client;

/* Reads the configuration, and connects to nobody yet. */
int kube_client_new(const struct kube_client_options *options, struct kube_client **ret,
                    struct error *err);
void kube_client_free(struct kube_client *client);
MEM_DEFINE_CLEANUP(struct kube_client, kube_client_free)

/* Where it asks, for messages: "https://10.0.0.1:6443 (context ...)". Until the next query. */
const char *kube_client_server(struct kube_client *client);

/* Makes the query under way and all to come fail with SW_EIO, soon. From any thread. */
void kube_client_interrupt(struct kube_client *client);

/* A GET of an object, into the arena. limit: bytes of the answer. total_ms 0: the client's. ret_failure may
 * be NULL here and below. */
int kube_client_get(struct kube_client *client, struct str path, size_t limit, unsigned total_ms,
                    struct arena *arena, struct value *ret_object, struct kube_failure *ret_failure,
                    struct error *err);

struct kube_list {
  struct str path;                           /* "/api/v1/namespaces", "/apis/apps/v1/deployments" */
  struct str label_selector, field_selector; /* empty: none */
  unsigned page;                             /* objects; 0: KUBE_PAGE_DEFAULT */
  size_t page_bytes;                         /* 0: KUBE_PAGE_BYTES */
  /* Each page: the list object, with `items` an array of objects. Valid until it returns; the arena is
   * for its own needs. */
  int (*on_page)(void *context, struct value page, struct arena *arena, struct error *err);
  void *context;
};

/*
 * All pages of a list, as of one moment (limit, continue; no resourceVersion: the latest). Its
 * resourceVersion, to watch from, is put into ret_version. A list that takes so long that its rest is gone
 * fails with status 410: begin again. More than KUBE_PAGES_MAX pages: SW_ELIMIT.
 */
int kube_client_list(struct kube_client *client, const struct kube_list *list,
                     struct buf *ret_version, struct kube_failure *ret_failure, struct error *err);

struct kube_watching {
  struct str path, label_selector, field_selector;
  struct str resource_version;     /* from here on */
  unsigned seconds;                /* 0: KUBE_WATCH_SECONDS */
  unsigned silence_ms;             /* longest without a word, in whole seconds; 0: any */
  size_t line_max;                 /* bytes of an event; 0: KUBE_LINE_DEFAULT */
  void (*on_begin)(void *context); /* it has begun to be answered; NULL: nobody wants to know */
  kube_take_event *on_event;       /* ADDED, MODIFIED, DELETED, BOOKMARK; never ERROR */
  void *context;
};

/*
 * A watch with bookmarks, until it ends: 0, the API server ended it (after `seconds`, as a rule); the next
 * begins where the last event or bookmark was. An event of type ERROR ends it with the Status it holds.
 */
int kube_client_watch(struct kube_client *client, const struct kube_watching *watching,
                      struct kube_failure *ret_failure, struct error *err);

/* The pause before attempt n (from 1): from 800 ms, doubled to 30 s, of random length between half and
 * whole; at least what the failure asks for, at most KUBE_RETRY_AFTER_MAX_MS. */
unsigned kube_client_backoff_ms(unsigned n, const struct kube_failure *failure);

#endif
