/*
 * serve_metrics.h - which numbers `seawall serve` tells, and when they change. docs/serve.md lists them.
 *
 *     struct serve_metrics *numbers;
 *     serve_metrics_new(workers, &numbers, &err);
 *     serve_metrics_request(numbers, worker, SERVE_ADMIT, 200, ns);
 *     serve_metrics_hold(numbers, id, &series);               when a worker meets a policy
 *     serve_metrics_write(numbers, METRICS_TEXT, &out);
 *
 * What the server, the policies and the decision log count themselves is fetched at each scrape.
 *
 * Ownership: sources must be there as long as anybody scrapes. Thread safety: new, free and
 * serve_metrics_sources by one thread while no other uses the metrics; the rest from any thread.
 */
#ifndef SEAWALL_DAEMON_SERVE_METRICS_H
#define SEAWALL_DAEMON_SERVE_METRICS_H

#include "base/error.h"
#include "base/mem.h"
#include "daemon/decision_log.h"
#include "daemon/metrics.h"
#include "daemon/namespace_watch.h"
#include "daemon/policies.h"
#include "net/http_server.h"

/* What is asked, one value of the label "path" each. */
enum serve_route {
  SERVE_ADMIT,
  SERVE_MUTATE,
  SERVE_IMAGE_REVIEW,
  SERVE_DATA, /* OPA's API */
  SERVE_HEALTH,
  SERVE_READY,
  SERVE_METRICS,
  SERVE_OTHER,
  SERVE_ROUTES,
};

/* "/admit". */
struct str serve_route_path(enum serve_route route);

/* How a review ended. */
enum serve_decision {
  SERVE_ALLOWED,
  SERVE_DENIED,
  SERVE_FAILED,     /* denied because policies could not be evaluated, and for nothing else */
  SERVE_UNREADABLE, /* denied because it was no review */
  SERVE_NO_POLICIES,
  SERVE_DECISIONS,
};

struct serve_metrics;

int serve_metrics_new(unsigned workers, struct serve_metrics **ret, struct error *err);
void serve_metrics_free(struct serve_metrics *numbers);
MEM_DEFINE_CLEANUP(struct serve_metrics, serve_metrics_free)

/* For others that have something to tell: metrics_define before the server starts. */
struct metrics *serve_metrics_of(struct serve_metrics *numbers);

/* Where to fetch what others count; NULL: there is none. */
struct serve_sources {
  struct policies *policies;
  struct decision_log *decision_log;
  struct namespace_watch *namespaces;
};

/* Before anybody scrapes. */
void serve_metrics_sources(struct serve_metrics *numbers, const struct serve_sources *sources);

/* The same of the server, which starts when scrapes are possible already, from any thread. */
void serve_metrics_server(struct serve_metrics *numbers, const struct http_server *server);

/* A request was answered. */
void serve_metrics_request(struct serve_metrics *numbers, unsigned worker, enum serve_route route,
                           unsigned status, uint64_t ns);

void serve_metrics_decision(struct serve_metrics *numbers, unsigned worker, enum serve_route route,
                            enum serve_decision decision);

/* The series of a policy; held until given back. */
struct serve_policy_series {
  struct metric_series *duration, *passed, *warned, *denied, *failed;
};

void serve_metrics_hold(struct serve_metrics *numbers, struct str policy,
                        struct serve_policy_series *ret);
void serve_metrics_release(struct serve_policy_series *series);

/* A load has ended. */
void serve_metrics_load(struct serve_metrics *numbers, const struct policies_report *report);

void serve_metrics_write(struct serve_metrics *numbers, enum metrics_format format,
                         struct buf *out);

#endif
