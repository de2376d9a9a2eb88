#include "daemon/serve_int.h"

#include "base/clock.h"
#include "base/pool.h"
#include "data/duration.h"
#include "kube/status.h"

enum { LOG_CLOSE_MS = 5000, MS_NS = 1000000 };
#define RENEW_NS (UINT64_C(6) * 3600 * 1000000000)

/* ---- certificates */

static int open_own(struct serve *serve, struct error *err)
{
  struct self_signed_options options = {.directory = serve->state_directory,
                                        .listen_address = serve->config->listen.address};
  struct self_signed own;
  int rc = self_signed_open(&options, &own, err);
  if (rc < 0)
    return error_wrap(err, "no tls.certificate is configured, and seawall cannot make its own");
  if (own.made_ca)
    log_write(serve->log, LOG_INFO, "made a certification authority", LOG_TEXT("file", own.ca));
  if (own.made_certificate)
    log_write(serve->log, LOG_INFO, "made a server certificate", LOG_TEXT("file", own.certificate),
              LOG_TEXT("reason", own.reason));
  self_signed_free(&serve->own);
  serve->own = own;
  serve->renewed_ns = clock_monotonic_ns(clock_system());
  return 0;
}

static int open_tls(struct serve *serve, struct tls_files **ret, struct error *err)
{
  const struct serve_config *c = serve->config;
  if (!c->tls.certificate) {
    int rc = open_own(serve, err);
    if (rc < 0)
      return rc;
  }
  struct tls_files_options options = {
      .certificate = c->tls.certificate ? c->tls.certificate : serve->own.certificate,
      .key = c->tls.key ? c->tls.key : serve->own.key,
      .client_ca = c->tls.client_ca,
  };
  return tls_files_open(&options, ret, err);
}

/* ---- parts */

static int open_decision_log(struct serve *serve, struct error *err)
{
  const struct serve_config *c = serve->config;
  if (!c->decision_log.enabled)
    return 0;
  struct decision_mask_options masked = {
      .env_patterns = c->decision_log.mask_env.count ? c->decision_log.mask_env.items : NULL,
      .env_pattern_count = c->decision_log.mask_env.count,
      .pointers = c->decision_log.mask_pointers.items,
      .pointer_count = c->decision_log.mask_pointers.count,
  };
  struct decision_log_options options = {
      .path = c->decision_log.path,
      .rotate_bytes = (uint64_t)c->decision_log.rotate,
      .keep = (unsigned)c->decision_log.keep,
      .queue_bytes = (size_t)c->decision_log.queue,
      .wait_ms = (unsigned)(c->decision_log.wait / MS_NS),
      .sync = (enum decision_log_sync)c->decision_log.sync,
      .event = serve_tell_decision_log,
      .event_context = serve->log,
  };
  int rc = decision_mask_new(&masked, &serve->mask, err);
  if (rc == 0)
    rc = decision_log_open(&options, &serve->decision_log, err);
  return rc < 0 ? error_wrap(err, "the decision log") : 0;
}

static int open_namespaces(struct serve *serve, struct error *err)
{
  const struct serve_config *c = serve->config;
  if (c->namespaces.source != SERVE_NAMESPACES_API)
    return 0;
  struct namespace_watch_options options = {
      .source = {.kubeconfig = c->namespaces.kubeconfig, .context = c->namespaces.context},
      .on_event = serve_tell_namespaces,
      .context = serve->log,
  };
  int rc = namespace_watch_start(&options, &serve->namespaces, err);
  return rc < 0 ? error_wrap(err, "namespaces.source: api") : 0;
}

static int open_policies(struct serve *serve, struct error *err)
{
  struct policies_options options = {
      .config = serve->config,
      .workers = serve->workers,
      .told = serve_tell_policies,
      .told_context = serve,
  };
  if (serve->namespaces)
    options.namespaces = namespace_watch_service(serve->namespaces);
  return policies_open(&options, &serve->policies, err);
}

static void open_webhook(struct serve *serve)
{
  const struct serve_config *c = serve->config;
  struct webhook_options options = {
      .policies = serve->policies,
      .numbers = serve->numbers,
      .log = serve->log,
      .decision_log = serve->decision_log,
      .mask = serve->mask,
      .log_objects = c->decision_log.objects,
      .workers = serve->workers,
      .answer_ns = (uint64_t)c->limits.answer,
      .deadline_share = (unsigned)c->policies.deadline_share,
  };
  serve->webhook = webhook_new(&options);
}

static int open_numbers(struct serve *serve, struct error *err)
{
  int rc = serve_metrics_new(serve->workers, &serve->numbers, err);
  if (rc == 0)
    rc = metrics_define_build(serve_metrics_of(serve->numbers), "seawall_build_info",
                              str_from(serve->version), STR_EMPTY, err);
  return rc;
}

/* ---- listeners */

static int listen_tls(struct serve *serve, struct error *err)
{
  const struct serve_config *c = serve->config;
  struct tls_files *tls = NULL;
  int rc = open_tls(serve, &tls, err);
  if (rc < 0)
    return rc;
  struct http_server_options options = {
      .address = c->listen.address,
      .port = (uint16_t)c->listen.port,
      .workers = serve->workers,
      .tls = tls,
      .require_client = c->tls.require_client,
      .handle = serve_handle,
      .write_error = kube_status_write,
      .context = serve,
      .event = serve_tell_server,
      .event_context = serve->log,
      .header_bytes = (size_t)c->limits.header,
      .body_bytes = (size_t)c->limits.body,
      .bodies_bytes = (size_t)c->limits.bodies,
      .connections = (unsigned)c->limits.connections,
      .per_address = (unsigned)c->limits.connections_per_address,
      .requests = (unsigned)c->limits.requests,
      .idle_seconds = (unsigned)(c->limits.idle / DURATION_SECOND),
      .request_ms = (unsigned)(c->limits.request / MS_NS),
      .answer_ms = (unsigned)(c->limits.answer / MS_NS),
  };
  rc = http_server_start(&options, &serve->server, err);
  if (rc < 0)
    tls_files_free(tls);
  return rc;
}

static int listen_metrics(struct serve *serve, struct error *err)
{
  const struct serve_config *c = serve->config;
  if (!c->metrics.enabled || !c->metrics.address)
    return 0;
  struct http_server_options options = {
      .address = c->metrics.address,
      .port = (uint16_t)c->metrics.port,
      .workers = 1,
      .handle = serve_handle_metrics,
      .write_error = kube_status_write,
      .context = serve,
      .event = serve_tell_server,
      .event_context = serve->log,
      .connections = 64,
  };
  int rc = http_server_start(&options, &serve->metrics_server, err);
  return rc < 0 ? error_wrap(err, "metrics") : 0;
}

static int start(struct serve *serve, struct error *err)
{
  int rc = open_numbers(serve, err);
  if (rc == 0)
    rc = open_decision_log(serve, err);
  if (rc == 0)
    rc = open_namespaces(serve, err);
  if (rc == 0)
    rc = open_policies(serve, err);
  if (rc < 0)
    return rc;
  open_webhook(serve);
  serve_data_open(serve);
  struct serve_sources sources = {serve->policies, serve->decision_log, serve->namespaces};
  serve_metrics_sources(serve->numbers, &sources);
  rc = listen_tls(serve, err);
  if (rc < 0)
    return rc;
  serve_metrics_server(serve->numbers, serve->server);
  return listen_metrics(serve, err);
}

int serve_start(const struct serve_options *options, struct serve **ret, struct error *err)
{
  struct serve *serve = mem_zalloc(1, sizeof *serve);
  serve->config = options->config;
  serve->log = options->log;
  serve->version = options->version;
  serve->state_directory = options->state_directory;
  serve->workers = options->config->listen.workers ? (unsigned)options->config->listen.workers
                                                   : pool_cpus();
  if (serve->workers > HTTP_WORKERS_MAX)
    serve->workers = HTTP_WORKERS_MAX;
  int rc = start(serve, err);
  if (rc < 0) {
    serve_free(serve);
    return rc;
  }
  *ret = serve;
  return 0;
}

const char *serve_address(const struct serve *serve)
{
  return http_server_address(serve->server);
}

const char *serve_metrics_address(const struct serve *serve)
{
  return serve->metrics_server ? http_server_address(serve->metrics_server) : NULL;
}

const char *serve_ca(const struct serve *serve)
{
  return serve->own.ca;
}

size_t serve_policies(const struct serve *serve)
{
  struct policies_stats stats;
  policies_stats(serve->policies, &stats);
  return stats.policies;
}

/* ---- while it runs */

void serve_reload(struct serve *serve)
{
  if (serve->decision_log)
    decision_log_reopen(serve->decision_log);
  policies_wake(serve->policies);
}

void serve_tick(struct serve *serve)
{
  struct error err;
  uint64_t now = clock_monotonic_ns(clock_system());
  log_settle(serve->log);
  if (!serve->own.certificate || now - serve->renewed_ns < RENEW_NS)
    return;
  if (open_own(serve, &err) < 0) {
    log_write(serve->log, LOG_ERROR, "the server's certificate cannot be looked after",
              LOG_TEXT("reason", err.message));
    serve->renewed_ns = now;
  }
}

void serve_drain(struct serve *serve)
{
  atomic_store_explicit(&serve->draining, true, memory_order_relaxed);
}

size_t serve_stop(struct serve *serve)
{
  serve_drain(serve);
  size_t cut = http_server_stop(serve->server, (unsigned)(serve->config->limits.drain / MS_NS));
  if (serve->metrics_server)
    http_server_stop(serve->metrics_server, 0);
  return cut;
}

/* Whoever answers goes first, then what is answered with. */
void serve_free(struct serve *serve)
{
  if (!serve)
    return;
  http_server_free(serve->metrics_server);
  http_server_free(serve->server);
  webhook_free(serve->webhook);
  serve_data_close(serve);
  policies_close(serve->policies);
  namespace_watch_free(serve->namespaces);
  uint64_t lost = decision_log_close(serve->decision_log, LOG_CLOSE_MS);
  if (lost)
    log_write(serve->log, LOG_ERROR, "lines of the decision log were lost",
              LOG_COUNT("lines", lost));
  decision_mask_free(serve->mask);
  serve_metrics_free(serve->numbers);
  self_signed_free(&serve->own);
  mem_free(serve);
}
