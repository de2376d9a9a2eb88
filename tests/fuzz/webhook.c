/*
 * Any request at the three paths of the webhook: the first byte chooses path and method, a line the query's
 * timeout, the rest is the body. Whatever comes, the answer is JSON with a status of the few there are; a
 * review is answered by a review; and what is not readable as one is never allowed.
 */
#include "daemon/webhook.h"
#include "data/json.h"
#include "data/pointer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INPUT_MAX = 65536 };

static struct serve_config config;
static struct serve_metrics *numbers;
static struct policies *policies;
static struct decision_log *decision_log;
static struct decision_mask *mask;
static struct webhook *webhook;
static struct buf text;
static struct arena arena;

static void put(const char *folder, const char *name, const char *content)
{
  char path[256];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *f = fopen(path, "w");
  assert(f);
  fputs(content, f);
  fclose(f);
}

static void set_up(void)
{
  static char folder[] = "/tmp/seawall-fuzz-webhook-XXXXXX";
  char yaml[1024], command[128];
  struct error err;
  struct decision_log_options log = {.path = "/dev/null"};
  assert(mkdtemp(folder));
  put(folder, "a.rego",
      "package a\nimport rego.v1\ndeny contains input.metadata.name if input.metadata.labels.bad\n");
  put(folder, "b.rego",
      "package b\nimport rego.v1\nwarn contains input.request.userInfo.username\n");
  snprintf(yaml, sizeof yaml,
           "policies: {paths: [%s], reload: 0s, steps: 100000}\n"
           "images: {enabled: true, refuseLatest: true}\n",
           folder);
  serve_config_init(&config);
  assert(serve_config_read_text(&config, str_from(yaml), &err) == 0);
  assert(serve_config_finish(&config, &err) == 0);
  struct policies_options watched = {.config = &config, .workers = 1};
  assert(serve_metrics_new(1, &numbers, &err) == 0);
  assert(policies_open(&watched, &policies, &err) == 0);
  assert(decision_log_open(&log, &decision_log, &err) == 0);
  assert(decision_mask_new(NULL, &mask, &err) == 0);
  struct webhook_options options = {
      .policies = policies,
      .numbers = numbers,
      .decision_log = decision_log,
      .mask = mask,
      .log_objects = true,
      .workers = 1,
      .answer_ns = 10000000000,
      .deadline_share = 80,
  };
  webhook = webhook_new(&options);
  arena_init(&arena, 0);
  snprintf(command, sizeof command, "rm -r %s", folder);
  assert(system(command) == 0);
}

static void check(enum serve_route route, bool readable, const struct http_answer *answer)
{
  struct error err;
  struct value root;
  assert(json_parse(&arena, buf_str(&text), NULL, &root, &err) == 0);
  assert(answer->status == 200 || answer->status == 400 || answer->status == 405);
  if (answer->status != 200) {
    assert(pointer_get(root, STR("/error")).type == VALUE_STRING);
    return;
  }
  bool images = route == SERVE_IMAGE_REVIEW;
  struct value allowed =
      pointer_get(root, images ? STR("/status/allowed") : STR("/response/allowed"));
  assert(value_is_true(allowed) || value_is_false(allowed));
  assert(readable || value_is_false(allowed));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct error err;
  struct value root;
  if (size == 0 || size > INPUT_MAX)
    return 0;
  if (!webhook)
    set_up();
  struct str body, line = str_cut(str_make((const char *)data + 1, size - 1), '\n', &body);
  enum serve_route route = (enum serve_route)(data[0] % 3); /* the three paths come first */
  struct http_field query = {STR("timeout"), line};
  struct http_request request = {
      .method = data[0] & 0x80 ? HTTP_GET : HTTP_POST,
      .path = serve_route_path(route),
      .query = &query,
      .query_count = line.len != 0,
      .body = body.data ? body : STR_EMPTY,
      .peer = STR("127.0.0.1:1"),
      .received_ns = clock_monotonic_ns(clock_system()),
  };
  struct http_answer answer = {.status = 200, .text = &text};
  arena_reset(&arena);
  buf_clear(&text);
  bool readable = json_parse(&arena, request.body, NULL, &root, &err) == 0 &&
                  root.type == VALUE_OBJECT;
  webhook_answer(webhook, route, &request, &answer);
  check(route, readable, &answer);
  return 0;
}
