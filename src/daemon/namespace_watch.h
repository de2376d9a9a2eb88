/*
 * namespace_watch.h - the Namespaces of the cluster, for decisions: a watch of /api/v1/namespaces.
 *
 *     struct namespace_watch_options options = {.source = {.kubeconfig = path}, .on_event = log_it};
 *     _cleanup_(namespace_watch_freep) struct namespace_watch *namespaces = NULL;
 *     if (namespace_watch_start(&options, &namespaces, &err) < 0) ...
 *     policies.namespaces = namespace_watch_service(namespaces);
 *     ... /readyz: namespace_watch_ready(namespaces)
 *
 * Starting needs a configuration of the API server, not the API server: until the first list is in,
 * no namespace is known and it is not ready. Later failures change nothing about what is known; the
 * statistics tell since when nothing has been heard. Rights: get, list and watch on namespaces.
 *
 * A namespace that the watch does not know may have been made a moment ago. As the API server's own plugin
 * does, it is then asked for by name. Whoever decides waits for that in a handler that others need too, so:
 *   - it waits for ask_ms at most (250 ms: a GET takes a few; a watch that lags longer is a fault),
 *   - each name is asked for once at a time, by a thread with a connection of its own,
 *   - at most waiting_max handlers wait; to the others the namespace is not known,
 *   - an answer is remembered for a second, and so is that there was none in time; after that nobody
 *     asks at all for a second: a broken API server costs one wait, not one for each review,
 *   - that there is no such namespace is remembered for 100 ms only: the review of a Namespace about to be
 *     made asks for it, just before it is there and the first pod follows.
 * Names that no Namespace can have are not asked for. Nobody is asked before the first list is in.
 *
 * Kept are name, labels, annotations and the rest of kube_watch_keep_metadata.
 *
 * Thread safety: everything but namespace_watch_free may be called from any thread.
 */
#ifndef SEAWALL_DAEMON_NAMESPACE_WATCH_H
#define SEAWALL_DAEMON_NAMESPACE_WATCH_H

#include "base/error.h"
#include "base/mem.h"
#include "kube/watch.h"
#include "policy/admission.h"
#include "policy/gatekeeper.h"

enum {
  NAMESPACE_ASK_MS = 250,
  NAMESPACE_WAITING_MAX = 4,
};

struct namespace_watch_options {
  struct kube_config_source source; /* texts are copied */
  const char *user_agent;           /* NULL: "seawall" */
  unsigned ask_ms;                  /* 0: NAMESPACE_ASK_MS */
  unsigned waiting_max;             /* 0: NAMESPACE_WAITING_MAX */
  unsigned pause_max_ms;            /* between attempts to watch; 0: as kube/client.h has it */
  void (*on_event)(void *context,
                   const struct kube_watch_event *event); /* as kube/watch.h has it */
  void *context;
};

struct namespace_watch;

/* Errors: those of kube_config_load. */
int namespace_watch_start(const struct namespace_watch_options *options,
                          struct namespace_watch **ret, struct error *err);
void namespace_watch_free(struct namespace_watch *watch);
MEM_DEFINE_CLEANUP(struct namespace_watch, namespace_watch_free)

/* For admission_options.namespaces; the watch must outlive its use. */
struct admission_namespaces namespace_watch_service(struct namespace_watch *watch);

/* The first list is in. */
bool namespace_watch_ready(struct namespace_watch *watch);

/* Waits for that. False: ms have passed. */
bool namespace_watch_wait(struct namespace_watch *watch, unsigned ms);

/* Adds all that are known to an inventory (data.inventory.cluster.v1.Namespace). */
int namespace_watch_fill(struct namespace_watch *watch, struct gatekeeper_inventory *inventory,
                         struct error *err);

struct namespace_watch_stats {
  struct kube_watch_stats watch;
  uint64_t silent_ms;   /* since something was heard; 0 before the first list */
  uint64_t asked;       /* GETs */
  uint64_t asked_found; /* that gave a Namespace */
  unsigned waiting;     /* handlers that wait now */
  uint64_t gave_up;     /* times somebody did not wait, or not long enough */
};

void namespace_watch_stats(struct namespace_watch *watch, struct namespace_watch_stats *ret);

#endif
