#include "daemon/serve_metrics.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static const char *const paths[SERVE_ROUTES] = {
    [SERVE_ADMIT] = "/admit",
    [SERVE_MUTATE] = "/mutate",
    [SERVE_IMAGE_REVIEW] = "/image-review",
    [SERVE_DATA] = "/v1/data",
    [SERVE_HEALTH] = "/healthz",
    [SERVE_READY] = "/readyz",
    [SERVE_METRICS] = "/metrics",
    [SERVE_OTHER] = "other",
};

static const char *const decisions[SERVE_DECISIONS] = {
    [SERVE_ALLOWED] = "allowed",         [SERVE_DENIED] = "denied",
    [SERVE_FAILED] = "failed",           [SERVE_UNREADABLE] = "unreadable",
    [SERVE_NO_POLICIES] = "no_policies",
};

/* Statuses with a series of their own; the first stands for all others. */
static const unsigned statuses[] = {0, 200, 400, 404, 405, 413, 415, 500, 503};
enum { STATUSES = sizeof statuses / sizeof *statuses };

struct str serve_route_path(enum serve_route route)
{
  return str_from(paths[route]);
}

/* ---- what is fetched at a scrape */

/* All that sources say of themselves, in one place. */
struct readings {
  struct http_server_stats server;
  struct policies_stats policies;
  struct decision_log_stats log;
  struct namespace_watch_stats namespaces;
};

struct reading {
  struct metric_definition definition;
  const char *label; /* value of the one label; NULL: none */
  int64_t (*read)(const struct readings *from);
};

#define READING(name_, field_)                                                                     \
  static int64_t name_(const struct readings *r)                                                   \
  {                                                                                                \
    return (int64_t)(field_);                                                                      \
  }

READING(read_accepted, r->server.accepted)
READING(read_refused, r->server.refused)
READING(read_cut, r->server.cut)
READING(read_open, r->server.open)
READING(read_under_way, r->server.under_way)
READING(read_bodies, r->server.body_bytes)
READING(read_rejected, r->server.rejected - r->server.busy)
READING(read_busy, r->server.busy)
READING(read_handshakes, r->server.handshakes)
READING(read_tls_changes, r->server.tls_changes)
READING(read_tls_failures, r->server.tls_failures)
READING(read_tls_end, r->server.tls_not_after)
READING(read_policies, r->policies.policies)
READING(read_files, r->policies.files)
READING(read_generation, r->policies.generation)
READING(read_loaded_at, r->policies.loaded_at)
READING(read_loads, r->policies.loads)
READING(read_failures, r->policies.failures)
READING(read_last_failed, r->policies.last_failed)
READING(read_log_written, r->log.written)
READING(read_log_dropped, r->log.dropped)
READING(read_log_gaps, r->log.gaps)
READING(read_log_bytes, r->log.written_bytes)
READING(read_log_errors, r->log.errors)
READING(read_log_queue, r->log.queued_bytes)
READING(read_namespaces, r->namespaces.watch.count)
READING(read_namespaces_failing, r->namespaces.watch.failing)
READING(read_namespaces_failures, r->namespaces.watch.failures)
READING(read_namespaces_silent, r->namespaces.silent_ms / 1000)
READING(read_namespaces_asked, r->namespaces.asked)
READING(read_namespaces_gave_up, r->namespaces.gave_up)

#define COUNTER(name_, help_) .definition = {METRIC_COUNTER, "seawall_" name_ "_total", help_}
#define COUNTER_BY(name_, help_, by_)                                                              \
  .definition = {METRIC_COUNTER, "seawall_" name_ "_total", help_, {by_}, 1}
#define GAUGE(name_, help_) .definition = {METRIC_GAUGE, "seawall_" name_, help_}

/* Rows of one metric stand together. */
static const struct reading readings[] = {
    {COUNTER_BY("connections", "Connections, by what became of them.", "result"), "accepted",
     read_accepted},
    {COUNTER_BY("connections", "", "result"), "refused", read_refused},
    {COUNTER_BY("connections", "", "result"), "too_slow", read_cut},
    {GAUGE("connections_open", "Connections that are open."), NULL, read_open},
    {GAUGE("http_requests_in_flight", "Requests that arrive, are answered or leave."), NULL,
     read_under_way},
    {GAUGE("http_request_body_bytes", "Bytes held by bodies of requests."), NULL, read_bodies},
    {COUNTER_BY("http_requests_refused", "Requests that were answered before anything was asked.",
                "reason"),
     "malformed_or_too_large", read_rejected},
    {COUNTER_BY("http_requests_refused", "", "reason"), "busy", read_busy},
    {COUNTER("tls_handshakes", "TLS handshakes that were finished."), NULL, read_handshakes},
    {COUNTER_BY("tls_reloads", "Changes of the certificate's files.", "result"), "ok",
     read_tls_changes},
    {COUNTER_BY("tls_reloads", "", "result"), "failed", read_tls_failures},
    {GAUGE("tls_certificate_not_after_seconds", "When the certificate ends, since the epoch."),
     NULL, read_tls_end},
    {GAUGE("policies", "Policies in force."), NULL, read_policies},
    {GAUGE("policy_files", "Files below the directories of policies."), NULL, read_files},
    {GAUGE("policy_generation", "Number of the load that is in force; 0: none is."), NULL,
     read_generation},
    {GAUGE("policy_loaded_timestamp_seconds", "When the policies in force were loaded."), NULL,
     read_loaded_at},
    {GAUGE("policy_load_failed",
           "1 if the last load failed, so that what is in force is older than the files."),
     NULL, read_last_failed},
    {COUNTER_BY("policy_loads", "Loads of policies.", "result"), "ok", read_loads},
    {COUNTER_BY("policy_loads", "", "result"), "failed", read_failures},
    {COUNTER_BY("decision_log_lines", "Lines of the decision log.", "result"), "written",
     read_log_written},
    {COUNTER_BY("decision_log_lines", "", "result"), "dropped", read_log_dropped},
    {COUNTER("decision_log_gaps",
             "Lines of the decision log that say how many are missing; among those written."),
     NULL, read_log_gaps},
    {COUNTER("decision_log_bytes", "Bytes written to the decision log."), NULL, read_log_bytes},
    {COUNTER("decision_log_errors", "Calls of the system that failed for the decision log."), NULL,
     read_log_errors},
    {GAUGE("decision_log_queue_bytes", "Lines that wait to be written."), NULL, read_log_queue},
    {GAUGE("namespaces", "Namespaces of the cluster that are known."), NULL, read_namespaces},
    {GAUGE("namespace_watch_failing", "1 if the last attempt to watch namespaces failed."), NULL,
     read_namespaces_failing},
    {GAUGE("namespace_watch_silent_seconds",
           "How long nothing has been heard of namespaces; bookmarks count as well."),
     NULL, read_namespaces_silent},
    {COUNTER("namespace_watch_failures", "Attempts to watch namespaces that failed."), NULL,
     read_namespaces_failures},
    {COUNTER("namespace_lookups", "Namespaces asked for by name, since the watch lacked them."),
     NULL, read_namespaces_asked},
    {COUNTER("namespace_lookups_late", "Of these, such as were not answered in time."), NULL,
     read_namespaces_gave_up},
};
enum { READINGS = sizeof readings / sizeof *readings };

/* ---- what is counted here */

static const struct metric_definition requests_definition = {
    .kind = METRIC_COUNTER,
    .name = "seawall_http_requests_total",
    .help = "Requests that were answered.",
    .labels = {"path", "code"},
    .label_count = 2,
};
static const struct metric_definition request_time_definition = {
    .kind = METRIC_HISTOGRAM,
    .name = "seawall_http_request_duration_seconds",
    .help = "From the first line of a request to its answer.",
    .labels = {"path"},
    .label_count = 1,
};
static const struct metric_definition decisions_definition = {
    .kind = METRIC_COUNTER,
    .name = "seawall_decisions_total",
    .help = "Reviews, by how they ended.",
    .labels = {"path", "decision"},
    .label_count = 2,
};
static const struct metric_definition policy_decisions_definition = {
    .kind = METRIC_COUNTER,
    .name = "seawall_policy_decisions_total",
    .help = "What policies said of reviews that they were asked about.",
    .labels = {"policy", "decision"},
    .label_count = 2,
    .series_max = METRIC_SERIES_MAX,
};
static const struct metric_definition policy_time_definition = {
    .kind = METRIC_HISTOGRAM,
    .name = "seawall_policy_duration_seconds",
    .help = "How long a policy took for a review.",
    .labels = {"policy"},
    .label_count = 1,
    .series_max = 5000,
};
static const struct metric_definition load_time_definition = {
    .kind = METRIC_HISTOGRAM,
    .name = "seawall_policy_load_duration_seconds",
    .help = "How long loads of policies took, failed ones among them.",
};

struct serve_metrics {
  struct metrics *metrics;
  struct serve_sources sources;
  _Atomic(const struct http_server *) server;
  struct metric_series *read[READINGS];
  struct metric_series *requests[SERVE_ROUTES][STATUSES];
  struct metric_series *request_time[SERVE_ROUTES];
  struct metric_series *decisions[SERVE_ROUTES][SERVE_DECISIONS];
  struct metric *policy_decisions, *policy_time;
  struct metric_series *load_time;
};

static void collect(void *context)
{
  struct serve_metrics *n = context;
  struct readings r = {0};
  const struct http_server *server = atomic_load(&n->server);
  if (server)
    http_server_stats(server, &r.server);
  if (n->sources.policies)
    policies_stats(n->sources.policies, &r.policies);
  if (n->sources.decision_log)
    decision_log_stats(n->sources.decision_log, &r.log);
  if (n->sources.namespaces)
    namespace_watch_stats(n->sources.namespaces, &r.namespaces);
  for (size_t i = 0; i < READINGS; i++)
    metric_set(n->read[i], readings[i].read(&r));
}

static int define_readings(struct serve_metrics *n, struct error *err)
{
  struct metric *metric = NULL;
  for (size_t i = 0; i < READINGS; i++) {
    const struct reading *row = &readings[i];
    int rc = 0;
    if (i == 0 || strcmp(row->definition.name, row[-1].definition.name) != 0)
      rc = metrics_define(n->metrics, &row->definition, &metric, err);
    if (rc < 0)
      return rc;
    struct str label = str_from(row->label ? row->label : "");
    n->read[i] = metric_hold(metric, &label);
  }
  return 0;
}

static struct str status_text(unsigned status, char text[static 12])
{
  if (status == 0)
    return STR("other");
  snprintf(text, 12, "%u", status);
  return str_from(text);
}

static void hold_route(struct serve_metrics *n, enum serve_route route, struct metric *requests,
                       struct metric *request_time, struct metric *decided)
{
  struct str path = serve_route_path(route);
  char text[12];
  for (size_t i = 0; i < STATUSES; i++)
    n->requests[route][i] =
        metric_hold(requests, (struct str[]){path, status_text(statuses[i], text)});
  n->request_time[route] = metric_hold(request_time, &path);
  for (size_t i = 0; route <= SERVE_IMAGE_REVIEW && i < SERVE_DECISIONS; i++)
    n->decisions[route][i] = metric_hold(decided, (struct str[]){path, str_from(decisions[i])});
}

static int define(struct serve_metrics *n, struct error *err)
{
  struct metric *requests, *request_time, *decided, *load_time;
  int rc = define_readings(n, err);
  if (rc == 0)
    rc = metrics_define(n->metrics, &requests_definition, &requests, err);
  if (rc == 0)
    rc = metrics_define(n->metrics, &request_time_definition, &request_time, err);
  if (rc == 0)
    rc = metrics_define(n->metrics, &decisions_definition, &decided, err);
  if (rc == 0)
    rc = metrics_define(n->metrics, &policy_decisions_definition, &n->policy_decisions, err);
  if (rc == 0)
    rc = metrics_define(n->metrics, &policy_time_definition, &n->policy_time, err);
  if (rc == 0)
    rc = metrics_define(n->metrics, &load_time_definition, &load_time, err);
  if (rc < 0)
    return rc;
  for (int route = 0; route < SERVE_ROUTES; route++)
    hold_route(n, (enum serve_route)route, requests, request_time, decided);
  n->load_time = metric_hold(load_time, NULL);
  return 0;
}

int serve_metrics_new(unsigned workers, struct serve_metrics **ret, struct error *err)
{
  _cleanup_(serve_metrics_freep) struct serve_metrics *n = mem_zalloc(1, sizeof *n);
  n->metrics = metrics_new(workers);
  int rc = define(n, err);
  if (rc < 0)
    return rc;
  metrics_before_scrape(n->metrics, collect, n);
  *ret = n;
  n = NULL;
  return 0;
}

/* Series go with the metrics that own them. */
void serve_metrics_free(struct serve_metrics *n)
{
  if (!n)
    return;
  metrics_free(n->metrics);
  mem_free(n);
}

struct metrics *serve_metrics_of(struct serve_metrics *n)
{
  return n->metrics;
}

void serve_metrics_sources(struct serve_metrics *n, const struct serve_sources *sources)
{
  n->sources = *sources;
}

void serve_metrics_server(struct serve_metrics *n, const struct http_server *server)
{
  atomic_store(&n->server, server);
}

void serve_metrics_request(struct serve_metrics *n, unsigned worker, enum serve_route route,
                           unsigned status, uint64_t ns)
{
  size_t i = STATUSES - 1;
  while (i > 0 && statuses[i] != status)
    i--;
  metric_add(n->requests[route][i], worker, 1);
  metric_observe_ns(n->request_time[route], worker, ns);
}

void serve_metrics_decision(struct serve_metrics *n, unsigned worker, enum serve_route route,
                            enum serve_decision decision)
{
  metric_add(n->decisions[route][decision], worker, 1);
}

void serve_metrics_hold(struct serve_metrics *n, struct str policy, struct serve_policy_series *ret)
{
  *ret = (struct serve_policy_series){
      .duration = metric_hold(n->policy_time, &policy),
      .passed = metric_hold(n->policy_decisions, (struct str[]){policy, STR("passed")}),
      .warned = metric_hold(n->policy_decisions, (struct str[]){policy, STR("warned")}),
      .denied = metric_hold(n->policy_decisions, (struct str[]){policy, STR("denied")}),
      .failed = metric_hold(n->policy_decisions, (struct str[]){policy, STR("failed")}),
  };
}

void serve_metrics_release(struct serve_policy_series *series)
{
  metric_release(series->duration);
  metric_release(series->passed);
  metric_release(series->warned);
  metric_release(series->denied);
  metric_release(series->failed);
}

void serve_metrics_load(struct serve_metrics *n, const struct policies_report *report)
{
  metric_observe_ns(n->load_time, 0, report->ns);
}

void serve_metrics_write(struct serve_metrics *n, enum metrics_format format, struct buf *out)
{
  metrics_write(n->metrics, format, out);
}
