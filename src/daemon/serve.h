/*
 * serve.h - the daemon behind `seawall serve`: server, policies, metrics and logs, put together.
 *
 *     struct serve_options options = {.config = &config, .log = log, .version = "0.3.0"};
 *     struct serve *serve;
 *     if (serve_start(&options, &serve, &err) < 0) ...
 *     say("listening on %s", serve_address(serve));
 *     ... each second:  serve_tick(serve);
 *     ... SIGHUP:       serve_reload(serve);
 *     ... SIGTERM:      serve_drain(serve); wait limits.shutdownDelay; cut = serve_stop(serve);
 *     serve_free(serve);
 *
 * Paths: /admit, /mutate, /image-review (webhook.h); /v1/data and what else of OPA's API there is
 * (data_api.h); /healthz: the process answers; /readyz: policies are loaded, namespaces are known if
 * they come from the cluster, and it is not about to stop; /metrics (unless it has a listener of its own).
 *
 * Without tls.certificate there is a certification authority of its own (self_signed.h), whose server
 * certificate is renewed by serve_tick.
 *
 * Policies that cannot be loaded do not keep it from starting: it is not ready then, answers reviews with
 * 503, and loads them as soon as they are mended.
 *
 * Ownership: configuration and log must outlive it. Thread safety: all functions by one thread.
 */
#ifndef SEAWALL_DAEMON_SERVE_H
#define SEAWALL_DAEMON_SERVE_H

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/serve_config.h"

struct serve_options {
  const struct serve_config *config; /* accepted by serve_config_finish */
  struct log *log;                   /* NULL: nothing is told */
  const char *version;
  const char *state_directory; /* for self_signed.h; NULL: by environment */
};

struct serve;

int serve_start(const struct serve_options *options, struct serve **ret, struct error *err);

/* "127.0.0.1:8443"; and of /metrics, if that has a listener of its own, else NULL. */
const char *serve_address(const struct serve *serve);
const char *serve_metrics_address(const struct serve *serve);

/* The file with the certificate that clients have to trust; NULL: certificates are configured. */
const char *serve_ca(const struct serve *serve);

/* Whether /readyz says yes; how many policies are in force. */
bool serve_ready(const struct serve *serve);
size_t serve_policies(const struct serve *serve);

/* Loads the policies anew (in the background), and opens the files of logs anew. */
void serve_reload(struct serve *serve);

/* What must be done now and then: to be called about once a second. */
void serve_tick(struct serve *serve);

/* /readyz says no from now on; requests are answered as before. */
void serve_drain(struct serve *serve);

/* Stops: limits.drain for requests under way. Returns how many were cut off. */
size_t serve_stop(struct serve *serve);

void serve_free(struct serve *serve);
MEM_DEFINE_CLEANUP(struct serve, serve_free)

#endif
