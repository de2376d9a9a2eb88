#include "kube/client.h"
#include "../net/made.h"
#include "net/http_server.h"
#include "scripted.h"

static struct scratch scratch;
static struct scripted server;
static struct kube_client *client;
static struct arena arena;
static struct error err;

static int set_up(void **state)
{
  (void)state;
  scratch_open(&scratch);
  arena_init(&arena, 0);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  kube_client_free(client);
  client = NULL;
  arena_free(&arena);
  scratch_close(&scratch);
  return 0;
}

static void begin(const struct step *steps)
{
  scripted_start(&server, steps);
  scripted_kubeconfig(&server, "kc", NULL);
  struct kube_client_options options = {.source = {.kubeconfig = "kc"}, .total_ms = 5000};
  made_check(kube_client_new(&options, &client, &err), &err);
}

static int get(const char *path, struct kube_failure *failure)
{
  struct value object;
  err = (struct error){0};
  return kube_client_get(client, str_from(path), 10000, 0, &arena, &object, failure, &err);
}

#define STATUS(code, reason, message)                                                              \
  "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"" message       \
  "\",\"reason\":\"" reason "\",\"code\":" code "}"

static void test_get(void **state)
{
  (void)state;
  static const struct step steps[] = {
      {"GET /api/v1/namespaces/a HTTP/1.1", 200, NULL, "{\"kind\":\"Namespace\"}"},
      {"Accept: application/json\r\n", 200, NULL, "{\"kind\":\"Namespace\"}"},
      {0}};
  begin(steps);
  struct value object;
  struct kube_failure failure;
  for (int i = 0; i < 2; i++) {
    made_check(kube_client_get(client, STR("/api/v1/namespaces/a"), 1000, 0, &arena, &object,
                               &failure, &err),
               &err);
    assert_true(value_eq_str(value_get(object, value_from("kind")), STR("Namespace")));
    assert_int_equal(failure.status, 0);
  }
  assert_non_null(strstr(kube_client_server(client), "(context \"c\" of kc)"));
  scripted_stop(&server);
}

static void test_failures(void **state)
{
  (void)state;
  static const struct step steps[] = {
      {NULL, 404, NULL, STATUS("404", "NotFound", "namespaces \\\"x\\\" not found")},
      {NULL, 403, NULL, STATUS("403", "Forbidden", "no\\u001b[31m")},
      {NULL, 401, NULL, "Unauthorized"},
      {NULL, 429, "Retry-After: 7\r\n", "Too many requests"},
      {NULL, 500, NULL, "{\"kind\":\"Status\",\"code\":200,\"details\":{\"retryAfterSeconds\":3}}"},
      {NULL, 200, NULL, "<html>"},
      {NULL, 200, NULL, "[]"},
      {NULL, 302, "Location: http://127.0.0.1:1/\r\n", "elsewhere"},
      {NULL, 0, NULL, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"kind\":"},
      {NULL, 0, NULL, "this is no HTTP"},
      {0}};
  begin(steps);
  struct kube_failure failure;
  assert_int_equal(get("/x", &failure), SW_ENOENT);
  assert_error(err, SW_ENOENT,
               "/x: the API server answers 404 NotFound: namespaces \"x\" not found");
  assert_int_equal(failure.status, 404);
  assert_string_equal(failure.reason, "NotFound");
  assert_int_equal(get("/x?secret=1", &failure), SW_EACCES);
  assert_error(err, SW_EACCES, "/x: the API server answers 403 Forbidden: no [31m");
  assert_int_equal(get("/x", &failure), SW_EACCES);
  assert_error(err, SW_EACCES, "answers 401");
  assert_int_equal(get("/x", &failure), SW_EIO);
  assert_int_equal(failure.status, 429);
  assert_int_equal(failure.retry_after_ms, 7000);
  /* A body cannot say that all is well. */
  assert_int_equal(get("/x", &failure), SW_EIO);
  assert_int_equal(failure.status, 500);
  assert_int_equal(failure.retry_after_ms, 3000);
  assert_int_equal(get("/x", &failure), SW_EINVAL);
  assert_int_equal(get("/x", &failure), SW_EINVAL);
  assert_int_equal(get("/x", &failure), SW_EIO);
  assert_int_equal(failure.status, 302);
  assert_int_equal(get("/x", &failure), SW_EIO);
  assert_int_equal(failure.status, 0);
  assert_true(get("/x", &failure) < 0);
  scripted_stop(&server);
}

static void test_limits_and_time(void **state)
{
  (void)state;
  static const struct step steps[] = {
      {NULL, 200, NULL, "{\"k\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}"},
      {NULL, 0, NULL, "HTTP/1.1 200 OK\r\n", .hold = true},
      {0}};
  begin(steps);
  struct value object;
  struct kube_failure failure;
  assert_int_equal(kube_client_get(client, STR("/x"), 20, 0, &arena, &object, &failure, &err),
                   SW_ELIMIT);
  uint64_t before = clock_monotonic_ns(clock_system());
  assert_int_equal(kube_client_get(client, STR("/x"), 1000, 50, &arena, &object, &failure, &err),
                   SW_EIO);
  assert_true(clock_monotonic_ns(clock_system()) - before < 4000000000);
  scripted_stop(&server);
}

/* ---- credentials */

static void answer_with_token(void *context, const struct http_request *r,
                              struct http_answer *answer)
{
  struct str token = STR_EMPTY;
  http_request_header(r, STR("Authorization"), &token);
  buf_printf(answer->text, "{\"token\":\"%.*s\",\"client\":\"%.*s\"}", STR_FMT(token),
             r->client ? (int)r->client->common_name.len : 0,
             r->client ? r->client->common_name.data : "");
  if (str_eq(token, STR("Bearer old")))
    answer->status = 401;
}

struct secure {
  struct made_ca ca;
  struct made_pair own, clients;
  struct http_server *server;
  struct tls_files_options files;
};

/* A server with TLS, that takes client certificates; its files, and those of a client. */
static void secure_start(struct secure *s)
{
  s->ca = made_authority("the authority");
  s->own = made_certificate(&s->ca, "server", false, -1, 2);
  s->clients = made_certificate(&s->ca, "jane", true, -1, 2);
  made_files(scratch.path, &s->own);
  made_file(scratch.path, "ca.crt", buf_str(&s->ca.pem));
  made_file(scratch.path, "jane.crt", buf_str(&s->clients.certificate));
  made_file(scratch.path, "jane.key", buf_str(&s->clients.key));
  struct tls_files_options files = {
      .certificate = "tls.crt", .key = "tls.key", .client_ca = "ca.crt"};
  struct http_server_options options = {.handle = answer_with_token, .workers = 1};
  made_check(tls_files_open(&files, &options.tls, &err), &err);
  made_check(http_server_start(&options, &s->server, &err), &err);
}

static void secure_stop(struct secure *s)
{
  kube_client_free(client);
  client = NULL;
  http_server_free(s->server);
  made_ca_free(&s->ca);
  made_pair_free(&s->own);
  made_pair_free(&s->clients);
}

static void kubeconfig(const char *cluster, const char *user)
{
  char text[2000];
  snprintf(text, sizeof text,
           "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\n"
           "clusters: [{name: k, cluster: {%s}}]\nusers: [{name: u, user: {%s}}]\n",
           cluster, user);
  scratch_file("kc", text);
}

static struct kube_client *client_new(void)
{
  struct kube_client *made;
  struct kube_client_options options = {.source = {.kubeconfig = "kc"}};
  made_check(kube_client_new(&options, &made, &err), &err);
  return made;
}

static void answers(const char *member, const char *expected)
{
  struct value object;
  made_check(kube_client_get(client, STR("/x"), 1000, 0, &arena, &object, NULL, &err), &err);
  assert_str(value_str_or_empty(value_get(object, value_from(member))), expected);
}

static void test_tls(void **state)
{
  (void)state;
  struct secure s;
  char cluster[500];
  secure_start(&s);
  snprintf(cluster, sizeof cluster, "server: 'https://127.0.0.1:%u', certificate-authority: ca.crt",
           http_server_port(s.server));
  kubeconfig(cluster, "client-certificate: jane.crt, client-key: jane.key");
  client = client_new();
  answers("client", "jane");
  kube_client_free(client);
  /* A certificate of that name is wanted, and the host is connected to all the same. */
  snprintf(
      cluster, sizeof cluster,
      "server: 'https://127.0.0.1:%u', certificate-authority: ca.crt, tls-server-name: localhost",
      http_server_port(s.server));
  kubeconfig(cluster, "token: abc");
  client = client_new();
  answers("token", "Bearer abc");
  kube_client_free(client);
  snprintf(
      cluster, sizeof cluster,
      "server: 'https://127.0.0.1:%u', certificate-authority: ca.crt, tls-server-name: other.example",
      http_server_port(s.server));
  kubeconfig(cluster, "token: abc");
  client = client_new();
  assert_int_equal(get("/x", NULL), SW_EACCES);
  kube_client_free(client);
  snprintf(cluster, sizeof cluster, "server: 'https://127.0.0.1:%u'", http_server_port(s.server));
  kubeconfig(cluster, "token: abc");
  client = client_new();
  assert_int_equal(get("/x", NULL), SW_EACCES);
  kube_client_free(client);
  snprintf(cluster, sizeof cluster,
           "server: 'https://127.0.0.1:%u', insecure-skip-tls-verify: true",
           http_server_port(s.server));
  kubeconfig(cluster, "username: jane, password: pw");
  client = client_new();
  answers("token", "Basic amFuZTpwdw==");
  secure_stop(&s);
}

/* What is not believed is read again before the next query; everything else within seconds. */
static void test_rotation(void **state)
{
  (void)state;
  struct secure s;
  char cluster[500];
  secure_start(&s);
  snprintf(cluster, sizeof cluster, "server: 'https://127.0.0.1:%u', certificate-authority: ca.crt",
           http_server_port(s.server));
  kubeconfig(cluster, "tokenFile: token");
  scratch_file("token", "old\n");
  client = client_new();
  struct kube_failure failure;
  assert_int_equal(get("/x", &failure), SW_EACCES);
  assert_int_equal(failure.status, 401);
  scratch_file("token", "new\n");
  answers("token", "Bearer new");
  /* A file that is gone for a moment does no harm. */
  scratch_file("token", "old\n");
  kube_client_free(client);
  client = client_new();
  assert_int_equal(get("/x", &failure), SW_EACCES);
  assert_int_equal(unlink("token"), 0);
  assert_int_equal(get("/x", &failure), SW_EACCES);
  scratch_file("token", "newer\n");
  answers("token", "Bearer newer");
  /* Another CA: new connections. */
  struct made_ca other = made_authority("another");
  made_file(scratch.path, "ca.crt", buf_str(&other.pem));
  kube_client_free(client);
  client = client_new();
  assert_int_equal(get("/x", &failure), SW_EACCES);
  assert_int_equal(failure.status, 0);
  made_file(scratch.path, "ca.crt", buf_str(&s.ca.pem));
  answers("token", "Bearer newer");
  made_ca_free(&other);
  secure_stop(&s);
}

/* ---- lists */

struct listed {
  struct buf names;
  unsigned pages;
  int answer;
};

static int take_page(void *context, struct value page, struct arena *a, struct error *e)
{
  struct listed *listed = context;
  struct value items = value_get(page, value_from("items"));
  (void)a;
  listed->pages++;
  for (uint32_t i = 0; value_is(items, VALUE_ARRAY) && i < items.len; i++)
    buf_printf(&listed->names, "%.*s ",
               STR_FMT(value_str_or_empty(value_get(items.items[i], value_from("n")))));
  return listed->answer < 0 ? error_set(e, listed->answer, "enough") : 0;
}

static int list(struct listed *listed, struct buf *version, struct kube_failure *failure)
{
  struct kube_list query = {.path = STR("/api/v1/pods"),
                            .label_selector = STR("app in (a, b)"),
                            .page = 2,
                            .on_page = take_page,
                            .context = listed};
  err = (struct error){0};
  return kube_client_list(client, &query, version, failure, &err);
}

static void test_list(void **state)
{
  (void)state;
  static const struct step steps[] = {
      {"GET /api/v1/pods?labelSelector=app%20in%20%28a%2C%20b%29&limit=2 HTTP", 200, NULL,
       "{\"metadata\":{\"resourceVersion\":\"7\",\"continue\":\"a+/=b&c\"},\"items\":[{\"n\":\"1\"},{\"n\":\"2\"}]}"},
      {"&limit=2&continue=a%2B%2F%3Db%26c HTTP", 200, NULL,
       "{\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[{\"n\":\"3\"}]}"},
      {NULL, 200, NULL, "{\"metadata\":{\"resourceVersion\":\"8\"},\"items\":null}"},
      {NULL, 200, NULL,
       "{\"metadata\":{\"resourceVersion\":\"9\",\"continue\":\"x\"},\"items\":[]}"},
      {NULL, 410, NULL, STATUS("410", "Expired", "too old")},
      {NULL, 200, NULL, "{\"kind\":\"Pod\"}"},
      {NULL, 200, NULL, "{\"metadata\":{},\"items\":[]}"},
      {0}};
  begin(steps);
  struct listed listed = {0};
  struct buf version = {0};
  struct kube_failure failure;
  made_check(list(&listed, &version, &failure), &err);
  assert_str(buf_str(&listed.names), "1 2 3 ");
  assert_int_equal(listed.pages, 2);
  assert_str(buf_str(&version), "7");
  made_check(list(&listed, &version, &failure), &err);
  assert_str(buf_str(&version), "8");
  assert_int_equal(list(&listed, &version, &failure), SW_EIO);
  assert_true(kube_failure_is_gone(&failure));
  assert_str(buf_str(&version), "8"); /* as it was */
  assert_int_equal(list(&listed, &version, &failure), SW_EINVAL);
  assert_error(err, SW_EINVAL, "is no list");
  listed.answer = SW_ETEST;
  assert_int_equal(list(&listed, &version, &failure), SW_ETEST);
  scripted_stop(&server);
  buf_free(&listed.names);
  buf_free(&version);
}

/* ---- watches */

struct watched {
  struct buf said;
  unsigned begun;
  int answer;
};

static void note_begin(void *context)
{
  ((struct watched *)context)->begun++;
}

static int note_event(void *context, const struct kube_event *event, struct error *e)
{
  struct watched *w = context;
  struct str version = value_str_or_empty(
      value_get(value_get(event->object, value_from("metadata")), value_from("resourceVersion")));
  buf_printf(&w->said, "%.*s@%.*s ", STR_FMT(kube_event_type_name(event->type)), STR_FMT(version));
  return w->answer < 0 ? error_set(e, w->answer, "enough") : 0;
}

static int watch(struct watched *w, struct kube_failure *failure)
{
  struct kube_watching query = {.path = STR("/api/v1/namespaces"),
                                .resource_version = STR("7"),
                                .seconds = 60,
                                .line_max = 500,
                                .on_begin = note_begin,
                                .on_event = note_event,
                                .context = w};
  err = (struct error){0};
  buf_clear(&w->said);
  return kube_client_watch(client, &query, failure, &err);
}

#define EVENT(type, version)                                                                       \
  "{\"type\":\"" type "\",\"object\":{\"metadata\":{\"resourceVersion\":\"" version "\"}}}\n"

static void test_watch(void **state)
{
  (void)state;
  static const struct step steps[] = {
      {"GET /api/v1/namespaces?watch=true&allowWatchBookmarks=true&timeoutSeconds=60&resourceVersion=7 ",
       0, NULL, STREAM EVENT("ADDED", "8") EVENT("BOOKMARK", "9") "{\"type\":\"ADDED\",\"obj"},
      {NULL, 0, NULL, CHUNKED "3\r\n{\"t\r\n"},
      {NULL, 0, NULL,
       STREAM EVENT("ADDED", "8") "{\"type\":\"ERROR\",\"object\":" STATUS("410", "Expired",
                                                                           "too old") "}\n"},
      {NULL, 410, NULL, STATUS("410", "Gone", "too old")},
      {NULL, 0, NULL, STREAM EVENT("ADDED", "8") "garbage\n"},
      {NULL, 429, "Retry-After: 2\r\n", "slow down"},
      {NULL, 0, NULL, STREAM EVENT("ADDED", "8")},
      {NULL, 200, NULL, "{}"},
      {0}};
  begin(steps);
  struct watched w = {0};
  struct kube_failure failure;
  made_check(watch(&w, &failure), &err); /* half an event at the end is none */
  assert_str(buf_str(&w.said), "ADDED@8 BOOKMARK@9 ");
  assert_int_equal(w.begun, 1);
  assert_int_equal(watch(&w, &failure), SW_EIO); /* a chunk is missing */
  assert_int_equal(failure.status, 0);
  assert_int_equal(watch(&w, &failure), SW_EIO);
  assert_true(kube_failure_is_gone(&failure));
  assert_error(err, SW_EIO, "answers 410 Expired: too old");
  assert_str(buf_str(&w.said), "ADDED@8 ");
  assert_int_equal(w.begun, 3);
  assert_int_equal(watch(&w, &failure), SW_EIO);
  assert_true(kube_failure_is_gone(&failure));
  assert_int_equal(w.begun, 3);
  assert_int_equal(watch(&w, &failure), SW_EINVAL);
  assert_int_equal(watch(&w, &failure), SW_EIO);
  assert_int_equal(failure.retry_after_ms, 2000);
  w.answer = SW_ETEST;
  assert_int_equal(watch(&w, &failure), SW_ETEST);
  assert_error(err, SW_ETEST, "enough");
  w.answer = 0;
  assert_int_equal(watch(&w, &failure), 0); /* a line without an end */
  scripted_stop(&server);
  buf_free(&w.said);
}

/* A line that never ends: no more memory than line_max is spent on it. */
static void test_endless_line(void **state)
{
  (void)state;
  struct buf text = {0};
  buf_add_text(&text, STREAM);
  buf_add_repeat(&text, ' ', 100000);
  const struct step steps[] = {{NULL, 0, NULL, buf_text(&text)}, {0}};
  begin(steps);
  struct watched w = {0};
  assert_int_equal(watch(&w, NULL), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "longer than 500 bytes");
  scripted_stop(&server);
  buf_free(&text);
}

static void *interrupt_soon(void *context)
{
  await(scripted_holding(&server) == 1);
  kube_client_interrupt(context);
  return NULL;
}

static void test_interrupt(void **state)
{
  (void)state;
  static const struct step steps[] = {{NULL, 0, NULL, STREAM EVENT("ADDED", "8"), .hold = true},
                                      {0}};
  begin(steps);
  struct watched w = {0};
  pthread_t thread;
  pthread_create(&thread, NULL, interrupt_soon, client);
  assert_int_equal(watch(&w, NULL), SW_EIO);
  assert_error(err, SW_EIO, "interrupted");
  pthread_join(thread, NULL);
  assert_int_equal(get("/x", NULL), SW_EIO);
  assert_error(err, SW_EIO, "interrupted");
  scripted_stop(&server);
  buf_free(&w.said);
}

/* A server that takes the request and never says a word. */
static void test_no_head(void **state)
{
  (void)state;
  static const struct step steps[] = {{NULL, 0, NULL, "", .hold = true}, {0}};
  scripted_start(&server, steps);
  scripted_kubeconfig(&server, "kc", NULL);
  struct kube_client_options options = {.source = {.kubeconfig = "kc"}, .head_ms = 50};
  made_check(kube_client_new(&options, &client, &err), &err);
  struct watched w = {0};
  assert_int_equal(watch(&w, NULL), SW_EIO);
  assert_error(err, SW_EIO, "no answer has begun within 50 ms");
  scripted_stop(&server);
}

static void test_backoff(void **state)
{
  (void)state;
  struct kube_failure asks = {.retry_after_ms = 45000}, asks_much = {.retry_after_ms = 86400000};
  for (int i = 0; i < 100; i++) {
    unsigned first = kube_client_backoff_ms(1, NULL), tenth = kube_client_backoff_ms(10, NULL);
    assert_true(first >= 400 && first <= 800);
    assert_true(tenth >= 15000 && tenth <= 30000);
  }
  assert_int_equal(kube_client_backoff_ms(1, &asks), 45000);
  assert_int_equal(kube_client_backoff_ms(1, &asks_much), KUBE_RETRY_AFTER_MAX_MS);
}

static void test_no_configuration(void **state)
{
  (void)state;
  struct kube_client_options options = {.source = {.kubeconfig = "not-there"}};
  struct kube_client *none = NULL;
  assert_int_equal(kube_client_new(&options, &none, &err), SW_ENOENT);
  assert_null(none);
  kube_client_free(NULL);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      CASE(test_get),     CASE(test_failures),     CASE(test_limits_and_time),
      CASE(test_tls),     CASE(test_rotation),     CASE(test_list),
      CASE(test_watch),   CASE(test_endless_line), CASE(test_interrupt),
      CASE(test_no_head), CASE(test_backoff),      CASE(test_no_configuration),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
