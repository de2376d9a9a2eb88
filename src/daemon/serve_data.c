/* OPA's API: one for each worker, and its decisions in the decision log. */
#include "daemon/serve_int.h"

#include "base/clock.h"

static void decided(void *context, const struct data_api_decision *d)
{
  struct serve_data *data = context;
  struct serve *serve = data->serve;
  char path[512];
  snprintf(path, sizeof path, "/v1/data/%.*s", STR_FMT(str_sub(d->path, 0, sizeof path - 16)));
  struct decision_record record = {
      .time_ms = clock_wall_ms(clock_system()),
      .id = d->id,
      .path = str_from(path),
      .is_document = true,
      .message = d->error,
      .duration_ns = d->duration_ns,
      .peer = d->request->peer,
  };
  if (serve->config->decision_log.objects) {
    record.input = d->input;
    record.result = d->result;
  }
  buf_clear(&data->line);
  decision_record_write(&data->line, serve->mask, &record);
  decision_log_add(serve->decision_log, buf_str(&data->line)); /* drops are counted there */
}

void serve_data_open(struct serve *serve)
{
  if (!serve->config->data_api.enabled)
    return;
  serve->data = mem_zalloc(serve->workers, sizeof *serve->data);
  for (unsigned i = 0; i < serve->workers; i++) {
    struct serve_data *data = &serve->data[i];
    struct data_api_options options = {.version = str_from(serve->version)};
    data->serve = serve;
    if (serve->decision_log) {
      options.decision_ids = true;
      options.decided = decided;
      options.context = data;
    }
    data->api = data_api_new(&options);
  }
}

void serve_data_close(struct serve *serve)
{
  for (unsigned i = 0; serve->data && i < serve->workers; i++) {
    data_api_free(serve->data[i].api);
    buf_free(&serve->data[i].line);
  }
  mem_free(serve->data);
  serve->data = NULL;
}
