/* serve_int.h - between the files of daemon/serve. */
#ifndef SEAWALL_DAEMON_SERVE_INT_H
#define SEAWALL_DAEMON_SERVE_INT_H

#include "daemon/data_api.h"
#include "daemon/namespace_watch.h"
#include "daemon/policies.h"
#include "daemon/self_signed.h"
#include "daemon/serve.h"
#include "daemon/serve_metrics.h"
#include "daemon/webhook.h"

#include <stdatomic.h>

struct serve {
  const struct serve_config *config;
  struct log *log;
  const char *version;
  const char *state_directory;
  unsigned workers;
  _Atomic bool draining;
  uint64_t renewed_ns; /* when the certificate of one's own was looked at last */

  struct self_signed own; /* certificate NULL: certificates are configured */
  struct decision_mask *mask;
  struct decision_log *decision_log;
  struct serve_metrics *numbers;
  struct namespace_watch *namespaces; /* NULL: they do not come from the cluster */
  struct policies *policies;
  struct webhook *webhook;
  struct serve_data *data; /* one for each worker; NULL: it is switched off */
  struct http_server *server, *metrics_server;
};

/* A worker's OPA API, and what it has decided on the way into the log. */
struct serve_data {
  struct serve *serve;
  struct data_api *api;
  struct buf line;
};

void serve_data_open(struct serve *serve);
void serve_data_close(struct serve *serve);

/* The handlers of both listeners; context is the struct serve. */
void serve_handle(void *context, const struct http_request *request, struct http_answer *answer);
void serve_handle_metrics(void *context, const struct http_request *request,
                          struct http_answer *answer);

/* What others tell without being asked, for the log; context is the struct log. */
void serve_tell_policies(void *context, const struct policies_report *report);
void serve_tell_namespaces(void *context, const struct kube_watch_event *event);
void serve_tell_server(void *context, enum http_server_event event, const char *message);
void serve_tell_decision_log(void *context, enum decision_log_event event, const char *message);

#endif
