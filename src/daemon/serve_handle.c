/* Which path is answered by whom, and the small answers. */
#include "daemon/serve_int.h"

#include "base/clock.h"

/* Says why it is not ready; NULL: it is. */
static const char *why_not_ready(const struct serve *serve)
{
  struct policies_stats stats;
  if (atomic_load_explicit(&serve->draining, memory_order_relaxed))
    return "stopping";
  if (serve->namespaces && !namespace_watch_ready(serve->namespaces))
    return "the namespaces of the cluster are not known yet";
  policies_stats(serve->policies, &stats);
  return stats.generation ? NULL : "no policies are loaded; the log says why";
}

bool serve_ready(const struct serve *serve)
{
  return why_not_ready(serve) == NULL;
}

typedef void answer_with(struct serve *serve, enum serve_route route,
                         const struct http_request *request, struct http_answer *answer);

static bool is_get(const struct http_request *request, struct http_answer *answer)
{
  if (request->method == HTTP_GET || request->method == HTTP_HEAD)
    return true;
  http_answer_method(answer, "GET, HEAD");
  return false;
}

static void answer_plain(struct http_answer *answer, struct str text)
{
  answer->content_type = STR("text/plain; charset=utf-8");
  buf_add(answer->text, text);
}

static void answer_health(struct serve *serve, enum serve_route route,
                          const struct http_request *request, struct http_answer *answer)
{
  (void)serve;
  (void)route;
  if (is_get(request, answer))
    answer_plain(answer, STR("ok\n"));
}

static void answer_ready(struct serve *serve, enum serve_route route,
                         const struct http_request *request, struct http_answer *answer)
{
  (void)route;
  if (!is_get(request, answer))
    return;
  const char *reason = why_not_ready(serve);
  if (reason)
    http_answer_error(answer, 503, "not ready: %s", reason);
  else
    answer_plain(answer, STR("ok\n"));
}

static void answer_metrics(struct serve *serve, enum serve_route route,
                           const struct http_request *request, struct http_answer *answer)
{
  struct str accept;
  (void)route;
  if (!is_get(request, answer))
    return;
  http_request_header(request, STR("Accept"), &accept);
  enum metrics_format format = metrics_format_of(accept);
  answer->content_type = metrics_content_type(format);
  serve_metrics_write(serve->numbers, format, answer->text);
}

static void answer_webhook(struct serve *serve, enum serve_route route,
                           const struct http_request *request, struct http_answer *answer)
{
  webhook_answer(serve->webhook, route, request, answer);
}

static void answer_data(struct serve *serve, enum serve_route route,
                        const struct http_request *request, struct http_answer *answer)
{
  struct policies_view view = {0};
  (void)route;
  bool there = policies_begin(serve->policies, request->worker, &view);
  data_api_answer(serve->data[request->worker].api, view.documents, request, answer);
  if (there)
    policies_end(serve->policies, request->worker);
}

static void answer_unknown(struct serve *serve, enum serve_route route,
                           const struct http_request *request, struct http_answer *answer)
{
  (void)serve;
  (void)route;
  http_answer_error(answer, 404,
                    "there is nothing at \"%.*s\"; there are /admit, /mutate, /image-review, "
                    "/v1/data, /healthz, /readyz and /metrics, unless they are switched off",
                    STR_FMT(str_sub(request->path, 0, 200)));
}

struct row {
  struct str path;
  enum serve_route route;
  answer_with *answer;
};

static const struct row rows[] = {
    {STR_INIT("/admit"), SERVE_ADMIT, answer_webhook},
    {STR_INIT("/mutate"), SERVE_MUTATE, answer_webhook},
    {STR_INIT("/image-review"), SERVE_IMAGE_REVIEW, answer_webhook},
    {STR_INIT("/healthz"), SERVE_HEALTH, answer_health},
    {STR_INIT("/readyz"), SERVE_READY, answer_ready},
};

static const struct row unknown = {STR_INIT(""), SERVE_OTHER, answer_unknown};
static const struct row data_row = {STR_INIT("/v1/data"), SERVE_DATA, answer_data};
static const struct row metrics_row = {STR_INIT("/metrics"), SERVE_METRICS, answer_metrics};

static const struct row *row_of(const struct serve *serve, const struct http_request *request)
{
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (str_eq(request->path, rows[i].path))
      return &rows[i];
  const struct serve_config *c = serve->config;
  if (c->metrics.enabled && !c->metrics.address && str_eq(request->path, metrics_row.path))
    return &metrics_row;
  return serve->data && data_api_serves(request->path) ? &data_row : &unknown;
}

static void handle(struct serve *serve, const struct row *row, const struct http_request *request,
                   struct http_answer *answer)
{
  row->answer(serve, row->route, request, answer);
  serve_metrics_request(serve->numbers, request->worker, row->route, answer->status,
                        clock_monotonic_ns(clock_system()) - request->received_ns);
}

void serve_handle(void *context, const struct http_request *request, struct http_answer *answer)
{
  struct serve *serve = context;
  handle(serve, row_of(serve, request), request, answer);
}

void serve_handle_metrics(void *context, const struct http_request *request,
                          struct http_answer *answer)
{
  bool asked = str_eq(request->path, metrics_row.path);
  handle(context, asked ? &metrics_row : &unknown, request, answer);
}
