/* What the parts of the daemon have to tell, as lines of the log. */
#include "daemon/serve_int.h"

static void tell_problems(struct log *log, const struct policies_report *report)
{
  for (size_t i = 0; i < report->problem_count; i++) {
    const struct admission_problem *problem = &report->problems[i];
    if (problem->note)
      log_write_each(log, LOG_INFO, "about a policy", LOG_TEXT("note", problem->text));
    else
      log_write_each(log, LOG_ERROR, "a policy is wrong", LOG_TEXT("problem", problem->text));
  }
}

void serve_tell_policies(void *context, const struct policies_report *report)
{
  struct serve *serve = context;
  struct log *log = serve->log;
  serve_metrics_load(serve->numbers, report);
  if (report->again) {
    log_write(log, LOG_DEBUG, "policies not loaded: nothing has changed",
              LOG_TEXT("reason", report->message));
    return;
  }
  tell_problems(log, report);
  if (report->ok)
    log_write(log, LOG_INFO, "policies loaded", LOG_COUNT("policies", report->policies),
              LOG_COUNT("files", report->files), LOG_COUNT("generation", report->generation),
              LOG_DURATION("took", report->ns));
  else if (report->generation)
    log_write(log, LOG_ERROR, "policies not loaded: those from before stay in force",
              LOG_TEXT("reason", report->message), LOG_COUNT("generation", report->generation),
              LOG_COUNT("policies", report->policies));
  else
    log_write(log, LOG_ERROR,
              "policies not loaded: there are none in force, and reviews are answered with 503",
              LOG_TEXT("reason", report->message));
}

void serve_tell_namespaces(void *context, const struct kube_watch_event *event)
{
  struct log *log = context;
  switch (event->kind) {
  case KUBE_WATCH_SYNCED:
    log_write(log, LOG_INFO, "the cluster's namespaces are known",
              LOG_COUNT("namespaces", event->count));
    break;
  case KUBE_WATCH_FAILED:
    log_write(log, LOG_ERROR, "the cluster's namespaces cannot be watched",
              LOG_TEXT("reason", event->message),
              LOG_DURATION("again_in", event->pause_ms * UINT64_C(1000000)));
    break;
  case KUBE_WATCH_BACK:
    log_write(log, LOG_INFO, "the cluster's namespaces are watched again");
    break;
  case KUBE_WATCH_LEFT_OUT:
    log_write(log, LOG_ERROR, "a namespace is not known, because it is beyond the limits",
              LOG_TEXT("reason", event->message));
    break;
  }
}

void serve_tell_server(void *context, enum http_server_event event, const char *message)
{
  struct log *log = context;
  switch (event) {
  case HTTP_TLS_CHANGED:
    log_write(log, LOG_INFO, "the certificate has changed", LOG_TEXT("state", message));
    break;
  case HTTP_TLS_FAILED:
    log_write(log, LOG_ERROR, "the certificate has changed and cannot be used; the old one stays",
              LOG_TEXT("reason", message));
    break;
  case HTTP_ACCEPT_FAILED:
    log_write(log, LOG_ERROR, "connections cannot be accepted", LOG_TEXT("reason", message));
    break;
  }
}

void serve_tell_decision_log(void *context, enum decision_log_event event, const char *message)
{
  struct log *log = context;
  switch (event) {
  case DECISION_LOG_FAILED:
    log_write(log, LOG_ERROR, "the decision log cannot be written", LOG_TEXT("reason", message));
    break;
  case DECISION_LOG_DROPPED:
    log_write(log, LOG_ERROR, "decisions are missing in the decision log",
              LOG_TEXT("reason", message));
    break;
  case DECISION_LOG_RECOVERED:
    log_write(log, LOG_INFO, "the decision log is written again", LOG_TEXT("state", message));
    break;
  case DECISION_LOG_REPAIRED:
    log_write(log, LOG_WARN, "the end of the decision log was no whole line, and was cut off",
              LOG_TEXT("state", message));
    break;
  }
}
