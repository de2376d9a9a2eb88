#include "daemon/webhook.h"

#include "base/map.h"
#include "data/duration.h"

#define TIMEOUT_MAX_NS                                                                             \
  (30 * DURATION_SECOND) /* the longest that an API server may be told to wait */

/* What a worker keeps from one request to the next. */
struct worker {
  struct buf line;     /* of the decision log */
  uint64_t generation; /* of the policies that the series are for */
  struct arena names;
  struct map series; /* by policy: struct serve_policy_series */
  VEC(struct decision_reason) reasons;
};

struct webhook {
  struct webhook_options options;
  struct worker *workers;
};

struct webhook *webhook_new(const struct webhook_options *options)
{
  struct webhook *webhook = mem_zalloc(1, sizeof *webhook);
  webhook->options = *options;
  if (!webhook->options.clock)
    webhook->options.clock = clock_system();
  webhook->workers = mem_zalloc(options->workers, sizeof *webhook->workers);
  for (unsigned i = 0; i < options->workers; i++) {
    struct worker *w = &webhook->workers[i];
    arena_init(&w->names, 0);
    map_init(&w->series, &w->names);
  }
  return webhook;
}

/* The policies that the series were for are gone. */
static void release_series(struct worker *w)
{
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(&w->series, &at));)
    serve_metrics_release(e->value.pointer);
  map_clear(&w->series);
  arena_reset(&w->names);
}

void webhook_free(struct webhook *webhook)
{
  if (!webhook)
    return;
  for (unsigned i = 0; i < webhook->options.workers; i++) {
    struct worker *w = &webhook->workers[i];
    release_series(w);
    map_free(&w->series);
    arena_free(&w->names);
    buf_free(&w->line);
    vec_free(&w->reasons);
  }
  mem_free(webhook->workers);
  mem_free(webhook);
}

/* ---- numbers */

static struct serve_policy_series *series_of(struct webhook *webhook, struct worker *w,
                                             struct str policy)
{
  union map_value *known = map_get(&w->series, policy);
  if (known)
    return known->pointer;
  struct serve_policy_series *series = arena_new(&w->names, struct serve_policy_series);
  serve_metrics_hold(webhook->options.numbers, policy, series);
  map_put(&w->series, policy, NULL)->pointer = series;
  return series;
}

static void count_policies(struct webhook *webhook, unsigned worker, uint64_t generation,
                           const struct admission_decision *d)
{
  struct worker *w = &webhook->workers[worker];
  if (w->generation != generation) {
    release_series(w);
    w->generation = generation;
  }
  for (size_t i = 0; i < d->asked_count; i++) {
    const struct admission_asked *asked = &d->asked[i];
    struct serve_policy_series *series = series_of(webhook, w, asked->policy);
    metric_observe_ns(series->duration, worker, asked->ns);
    metric_add(asked->failed   ? series->failed
               : asked->denied ? series->denied
               : asked->warned ? series->warned
                               : series->passed,
               worker, 1);
  }
}

static enum serve_decision outcome_of(const struct admission_decision *d)
{
  return d->allowed     ? SERVE_ALLOWED
         : !d->readable ? SERVE_UNREADABLE
         : d->internal  ? SERVE_FAILED
                        : SERVE_DENIED;
}

/* ---- logs */

/* Somebody should mend the policy: that must not depend on who reads the answer. */
static void tell_failures(const struct webhook *webhook, const struct admission_decision *d)
{
  for (size_t i = 0; i < d->reason_count; i++) {
    const struct admission_reason *r = &d->reasons[i];
    if (r->failed && r->policy.len)
      log_write(webhook->options.log, LOG_WARN, "a policy could not be evaluated",
                LOG_TEXT("policy", r->policy), LOG_TEXT("rule", r->rule),
                LOG_TEXT("reason", r->message), LOG_TEXT("kind", d->request.kind.name),
                LOG_TEXT("namespace", d->request.namespace), LOG_TEXT("name", d->request.name));
  }
}

static void add_reasons(struct worker *w, const struct admission_decision *d)
{
  vec_clear(&w->reasons);
  for (size_t i = 0; i < d->reason_count; i++) {
    const struct admission_reason *r = &d->reasons[i];
    vec_push(&w->reasons, (struct decision_reason){
                              .policy = r->policy,
                              .rule = r->rule,
                              .action = admission_action_name(r->action),
                              .message = r->message,
                              .failed = r->failed,
                          });
  }
}

static void log_decision(struct webhook *webhook, enum serve_route route,
                         const struct http_request *request, const struct admission_decision *d)
{
  const struct webhook_options *o = &webhook->options;
  struct worker *w = &webhook->workers[request->worker];
  const struct admission_request *asked = &d->request;
  add_reasons(w, d);
  struct decision_record record = {
      .time_ms = clock_wall_ms(o->clock),
      .id = asked->uid,
      .path = serve_route_path(route),
      .group = asked->kind.group,
      .version = asked->kind.version,
      .kind = asked->kind.name,
      .subresource = asked->subresource,
      .operation = admission_operation_name(asked->operation),
      .namespace = asked->namespace,
      .name = asked->name,
      .user = asked->username,
      .allowed = d->allowed,
      .dry_run = asked->dry_run,
      .message = d->message,
      .reasons = w->reasons.items,
      .reason_count = w->reasons.count,
      .warnings = d->warnings,
      .warning_count = d->warning_count,
      .duration_ns = clock_monotonic_ns(clock_system()) - request->received_ns,
      .peer = request->peer,
  };
  if (o->log_objects) {
    record.object = asked->object;
    record.old_object = asked->old_object;
    record.patch = d->patch;
  }
  buf_clear(&w->line);
  decision_record_write(&w->line, o->mask, &record);
  decision_log_add(o->decision_log, buf_str(&w->line)); /* drops are counted there */
}

/* ---- */

int webhook_deadline(const struct http_request *request, uint64_t answer_ns, unsigned share,
                     int64_t *ret_deadline_ns, struct error *err)
{
  struct str text;
  int64_t time = (int64_t)answer_ns;
  if (http_request_query(request, STR("timeout"), &text)) {
    int rc = duration_parse(text, &time, err);
    if (rc == 0 && time <= 0)
      rc = error_set(err, SW_EINVAL, "a timeout must be more than nothing");
    if (rc < 0)
      return error_wrap(err, "the query's timeout");
  }
  if (time > TIMEOUT_MAX_NS)
    time = TIMEOUT_MAX_NS;
  *ret_deadline_ns = (int64_t)request->received_ns + time / 100 * share;
  return 0;
}

static unsigned phases_of(enum serve_route route)
{
  return route == SERVE_MUTATE ? ADMISSION_MUTATE : route == SERVE_ADMIT ? ADMISSION_VALIDATE : 0;
}

static void answer_review(struct webhook *webhook, enum serve_route route,
                          const struct http_request *request, int64_t deadline_ns,
                          struct http_answer *answer)
{
  const struct webhook_options *o = &webhook->options;
  struct policies_view view;
  struct admission_decision decision;
  if (!policies_begin(o->policies, request->worker, &view)) {
    serve_metrics_decision(o->numbers, request->worker, route, SERVE_NO_POLICIES);
    http_answer_error(answer, 503,
                      "no policies are loaded, so nothing is decided; the log says why");
    return;
  }
  admission_answer(view.admission, request->body, phases_of(route), deadline_ns, answer->text,
                   &decision);
  count_policies(webhook, request->worker, view.generation, &decision);
  tell_failures(webhook, &decision);
  if (o->decision_log)
    log_decision(webhook, route, request, &decision);
  policies_end(o->policies, request->worker);
  serve_metrics_decision(o->numbers, request->worker, route, outcome_of(&decision));
}

void webhook_answer(struct webhook *webhook, enum serve_route route,
                    const struct http_request *request, struct http_answer *answer)
{
  struct error err;
  int64_t deadline_ns;
  if (request->method != HTTP_POST) {
    http_answer_method(answer, "POST");
    return;
  }
  if (webhook_deadline(request, webhook->options.answer_ns, webhook->options.deadline_share,
                       &deadline_ns, &err) < 0) {
    http_answer_error(answer, 400, "%s", err.message);
    return;
  }
  answer_review(webhook, route, request, deadline_ns, answer);
}
