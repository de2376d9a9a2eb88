#include "serving.h"

#include "base/file.h"
#include "daemon/serve.h"
#include "net/http_client.h"

static struct scratch scratch;
static struct serve_config config;
static struct serve *serve;
static struct http_client *client;

static int set_up(void **state)
{
  (void)state;
  scratch_open(&scratch);
  scratch_dir("p");
  scratch_file("p/a.rego", POLICY("no bad labels"));
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  http_client_free(client);
  serve_free(serve);
  serve_config_free(&config);
  client = NULL;
  serve = NULL;
  scratch_close(&scratch);
  return 0;
}

#define QUIET                                                                                      \
  "listen: {port: 0, workers: 2}\nrules: {enabled: false}\npodSecurity: {enabled: false}\n"        \
  "policies: {paths: [p], reload: 10ms}\n"

static void start(const char *text)
{
  struct error err;
  configured(&config, text);
  struct serve_options options = {
      .config = &config, .version = "1.2.3", .state_directory = scratch.path};
  if (serve_start(&options, &serve, &err) < 0) {
    print_error("%s\n", err.message);
    fail();
  }
  struct http_client_options trusting = {
      .ca_file = serve_ca(serve), .proxy = "", .retries = HTTP_NONE};
  assert_int_equal(http_client_new(&trusting, &client, &err), 0);
}

static struct buf said;

/* The status; the body is in said. */
static unsigned ask(const char *scheme, const char *address, const char *path, const char *body)
{
  struct error err;
  struct http_response response = {0};
  char url[256];
  snprintf(url, sizeof url, "%s://%s%s", scheme, address, path);
  struct http_query query = {.url = str_from(url), .method = body ? HTTP_POST : HTTP_GET};
  if (body)
    query.body = str_from(body);
  if (http_client_fetch(client, &query, &response, &err) < 0) {
    print_error("%s\n", err.message);
    fail();
  }
  buf_clear(&said);
  buf_add(&said, buf_str(&response.body));
  unsigned status = (unsigned)response.status;
  http_response_free(&response);
  return status;
}

static unsigned get(const char *path)
{
  return ask("https", serve_address(serve), path, NULL);
}

static unsigned post(const char *path, const char *body)
{
  return ask("https", serve_address(serve), path, body);
}

static void test_paths(void **state)
{
  (void)state;
  start(QUIET);
  assert_true(serve_ready(serve));
  assert_int_equal(serve_policies(serve), 1);
  assert_int_equal(get("/healthz"), 200);
  assert_string_equal(buf_text(&said), "ok\n");
  assert_int_equal(get("/readyz"), 200);
  assert_int_equal(post("/admit?timeout=5s", BAD), 200);
  assert_contains(buf_text(&said), "no bad labels");
  assert_int_equal(post("/mutate", GOOD), 200);
  assert_contains(buf_text(&said), "\"allowed\":true");
  assert_int_equal(get("/metrics"), 200);
  assert_contains(buf_text(&said), "seawall_build_info{version=\"1.2.3\"");
  assert_contains(buf_text(&said), "seawall_policies 1\n");
  assert_contains(buf_text(&said), "seawall_http_requests_total{path=\"/admit\",code=\"200\"} 1\n");
  assert_contains(buf_text(&said), "process_resident_memory_bytes");
  assert_int_equal(get("/nothing"), 404);
  assert_contains(buf_text(&said), "/admit");
  assert_int_equal(get("/admit"), 405);
  assert_int_equal(post("/healthz", "x"), 405);
  assert_null(serve_metrics_address(serve));
}

static void test_metrics_of_their_own(void **state)
{
  (void)state;
  start(QUIET "metrics: {address: 127.0.0.1, port: 0}\n");
  assert_int_equal(get("/metrics"), 404);
  assert_int_equal(ask("http", serve_metrics_address(serve), "/metrics", NULL), 200);
  assert_contains(buf_text(&said), "seawall_http_requests_total{path=\"other\",code=\"404\"} 1\n");
  assert_int_equal(ask("http", serve_metrics_address(serve), "/admit", GOOD), 404);
}

static void test_no_metrics(void **state)
{
  (void)state;
  start(QUIET "metrics: {enabled: false}\n");
  assert_int_equal(get("/metrics"), 404);
}

/* Without policies it is alive and not ready, and nothing is allowed. */
static void test_not_ready(void **state)
{
  (void)state;
  scratch_file("p/a.rego", "package");
  start(QUIET);
  assert_false(serve_ready(serve));
  assert_int_equal(get("/healthz"), 200);
  assert_int_equal(get("/readyz"), 503);
  assert_contains(buf_text(&said), "no policies");
  assert_int_equal(post("/admit", GOOD), 503);
  scratch_file("p/a.rego", POLICY("mended"));
  await(serve_ready(serve));
  assert_int_equal(get("/readyz"), 200);
  assert_int_equal(post("/admit", BAD), 200);
  assert_contains(buf_text(&said), "mended");
}

static void test_drain(void **state)
{
  (void)state;
  start(QUIET);
  serve_drain(serve);
  assert_int_equal(get("/readyz"), 503);
  assert_contains(buf_text(&said), "stopping");
  assert_int_equal(get("/healthz"), 200);
  assert_int_equal(post("/admit", BAD), 200); /* whoever still asks is answered */
  assert_int_equal(serve_stop(serve), 0);
}

static void test_reload_and_decision_log(void **state)
{
  (void)state;
  struct error err;
  struct buf first = {0}, second = {0};
  start(QUIET "decisionLog: {enabled: true, path: decisions}\n");
  post("/admit", BAD);
  await(file_read("decisions", 1 << 20, &first, &err) == 0 && first.len > 0);
  assert_contains(buf_text(&first), "no bad labels");
  assert_int_equal(rename("decisions", "decisions.old"), 0);
  serve_reload(serve);
  post("/admit", GOOD);
  await(file_read("decisions", 1 << 20, &second, &err) == 0 && second.len > 0);
  assert_contains(buf_text(&second), "\"allowed\":true");
  buf_free(&first);
  buf_free(&second);
}

/* What OPA's API says is logged as well, with what was asked and answered, secrets masked. */
static void test_data_api_in_the_decision_log(void **state)
{
  (void)state;
  struct error err;
  struct buf log = {0};
  scratch_file("p/b.rego", "package b\nimport rego.v1\nallow if input.user == \"ann\"\n");
  start(QUIET "decisionLog: {enabled: true, path: decisions, objects: true}\n");
  assert_int_equal(post("/v1/data/b/allow",
                        "{\"input\":{\"user\":\"ann\",\"object\":{\"kind\":\"Secret\",\"data\":"
                        "{\"password\":\"aHVudGVyMg==\"}}}}"),
                   200);
  assert_contains(buf_text(&said), "\"result\":true");
  assert_contains(buf_text(&said), "\"decision_id\":");
  await(file_read("decisions", 1 << 20, &log, &err) == 0 && log.len > 0);
  const char *line = buf_text(&log);
  assert_contains(line, "\"path\":\"/v1/data/b/allow\"");
  assert_contains(line, "\"result\":true");
  assert_contains(line, "\"user\":\"ann\"");
  assert_contains(line, "\"password\":\"***\"");
  assert_lacks(line, "aHVudGVyMg");
  assert_lacks(line, "\"allowed\"");
  buf_free(&log);
}

/* The key and certificate of its own are used again by the next one. */
static void test_own_certificate(void **state)
{
  (void)state;
  start(QUIET);
  assert_contains(serve_ca(serve), "ca.crt");
  serve_tick(serve);
  serve_free(serve);
  http_client_free(client);
  struct stat before, after;
  assert_int_equal(stat("tls.crt", &before), 0);
  serve_config_free(&config);
  start(QUIET);
  assert_int_equal(stat("tls.crt", &after), 0);
  assert_int_equal(before.st_ino, after.st_ino);
  assert_int_equal(get("/healthz"), 200);
}

static void refused(const char *text, const char *message)
{
  struct error err = {0};
  struct serve_config wrong;
  struct serve *none;
  configured(&wrong, text);
  struct serve_options options = {
      .config = &wrong, .version = "1", .state_directory = scratch.path};
  assert_true(serve_start(&options, &none, &err) < 0);
  assert_contains(err.message, message);
  serve_config_free(&wrong);
}

static void test_what_keeps_it_from_starting(void **state)
{
  (void)state;
  refused(QUIET "tls: {certificate: none.crt, key: none.key}\n", "none.crt");
  refused(QUIET "decisionLog: {enabled: true, path: nowhere/log}\n", "nowhere/log");
  start(QUIET);
  char taken[256];
  snprintf(taken, sizeof taken, "rules: {enabled: false}\nlisten: {port: %s}\n",
           strrchr(serve_address(serve), ':') + 1);
  refused(taken, strrchr(serve_address(serve), ':') + 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_paths, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_metrics_of_their_own, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_no_metrics, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_not_ready, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_drain, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_reload_and_decision_log, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_data_api_in_the_decision_log, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_own_certificate, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_what_keeps_it_from_starting, set_up, tear_down),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  buf_free(&said);
  return failed;
}
