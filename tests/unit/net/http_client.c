#include "made.h"
#include "talk.h"

#include "net/http_client.h"

/* A server that does as the path says. */
struct origin {
  struct http_server *server;
  atomic_uint asked, failures; /* how often it still answers 503 on /flaky */
};

static struct origin here, elsewhere;
static struct http_client *client;

static void answer_redirect(const struct http_request *r, struct http_answer *answer)
{
  struct str to, code;
  unsigned long long status = 302;
  http_request_query(r, STR("to"), &to);
  if (http_request_query(r, STR("code"), &code))
    str_to_u64(code, 399, &status);
  answer->status = (unsigned)status;
  http_answer_header(answer, STR("Location"), to);
  buf_add(answer->text, STR("go on"));
}

static void show(const struct http_request *r, struct http_answer *answer)
{
  static const char *const names[] = {"Authorization", "Accept",       "Cookie",
                                      "X-Token",       "Content-Type", "User-Agent"};
  buf_printf(answer->text, "%.*s %.*s", STR_FMT(http_method_name(r->method)), STR_FMT(r->body));
  struct str value;
  for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
    if (http_request_header(r, str_from(names[i]), &value))
      buf_printf(answer->text, "|%s=%.*s", names[i], STR_FMT(value));
}

static void serve(void *context, const struct http_request *r, struct http_answer *answer)
{
  struct origin *origin = context;
  atomic_fetch_add(&origin->asked, 1);
  struct str value;
  unsigned long long number = 0;
  if (str_starts(r->path, STR("/redirect"))) {
    answer_redirect(r, answer);
  } else if (str_eq(r->path, STR("/flaky")) && atomic_load(&origin->failures) > 0) {
    atomic_fetch_sub(&origin->failures, 1);
    http_answer_error(answer, 503, "later");
  } else if (str_eq(r->path, STR("/later"))) {
    http_answer_error(answer, 429, "much later");
    http_answer_header(answer, STR("Retry-After"), STR("3600"));
  } else if (str_starts(r->path, STR("/status/"))) {
    str_to_u64(str_sub(r->path, 8, 3), 599, &number);
    http_answer_error(answer, (unsigned)number, "as you wish");
  } else if (http_request_query(r, STR("size"), &value)) {
    str_to_u64(value, 1 << 24, &number);
    buf_add_repeat(answer->text, 'z', (size_t)number);
  } else {
    show(r, answer);
  }
}

static void origin_start(struct origin *origin)
{
  struct http_server_options options = {.handle = serve, .context = origin, .workers = 1};
  struct error err;
  made_check(http_server_start(&options, &origin->server, &err), &err);
}

static int set_up(void **state)
{
  (void)state;
  memset(&here, 0, sizeof here);
  memset(&elsewhere, 0, sizeof elsewhere);
  origin_start(&here);
  origin_start(&elsewhere);
  struct http_client_options options = {.backoff_ms = 1, .backoff_max_ms = 2, .proxy = ""};
  return http_client_new(&options, &client, NULL);
}

static int tear_down(void **state)
{
  (void)state;
  http_client_free(client);
  http_server_free(here.server);
  http_server_free(elsewhere.server);
  return 0;
}

static const char *url_of(const struct origin *origin, const char *path)
{
  static struct buf texts[4];
  static unsigned turn;
  struct buf *text = &texts[turn++ % 4];
  buf_clear(text);
  buf_printf(text, "http://%s%s", http_server_address(origin->server), path);
  return buf_text(text);
}

static struct http_response fetched(struct http_query query)
{
  struct http_response response = {0};
  struct error err;
  made_check(http_client_fetch(client, &query, &response, &err), &err);
  return response;
}

static struct http_response got(const char *path)
{
  return fetched((struct http_query){.url = str_from(url_of(&here, path))});
}

static void refused(struct http_query query, int code, const char *message)
{
  struct http_response response = {0};
  struct error err = {0};
  assert_int_equal(http_client_fetch(client, &query, &response, &err), code);
  assert_error(err, code, message);
  assert_null(response.body.data);
}

static void test_get(void **state)
{
  (void)state;
  for (int i = 0; i < 3; i++) {
    struct http_response r = got("/a");
    assert_int_equal(r.status, 200);
    assert_str(buf_str(&r.body), "GET |Accept=*/*|User-Agent=seawall");
    struct str value;
    assert_true(http_response_header(&r, STR("content-TYPE"), &value));
    assert_str(value, "application/json");
    assert_false(http_response_header(&r, STR("X-None"), &value));
    assert_int_equal(r.attempts, 1);
    http_response_free(&r);
  }
  assert_int_equal(stats_of(here.server).accepted, 1); /* the connection is kept */
  struct http_response r = got("/status/404");
  assert_int_equal(r.status, 404);
  assert_int_equal(r.attempts, 1);
  http_response_free(&r);
}

static void test_methods(void **state)
{
  (void)state;
  static const struct {
    enum http_method method;
    const char *expected;
  } cases[] = {
      {HTTP_POST, "POST body|Accept=*/*|Content-Type=text/plain|User-Agent=seawall"},
      {HTTP_PUT, "PUT body|Accept=*/*|Content-Type=text/plain|User-Agent=seawall"},
      {HTTP_PATCH, "PATCH body|Accept=*/*|Content-Type=text/plain|User-Agent=seawall"},
      {HTTP_DELETE, "DELETE body|Accept=*/*|Content-Type=text/plain|User-Agent=seawall"},
      {HTTP_GET, "GET |Accept=*/*|User-Agent=seawall"},
      {HTTP_OPTIONS, "OPTIONS |Accept=*/*|User-Agent=seawall"},
      {HTTP_HEAD, ""},
  };
  for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct http_response r = fetched((struct http_query){.method = cases[i].method,
                                                         .url = str_from(url_of(&here, "/")),
                                                         .body = STR("body"),
                                                         .content_type = STR("text/plain")});
    assert_int_equal(r.status, 200);
    assert_str(buf_str(&r.body), cases[i].expected);
    http_response_free(&r);
  }
}

static void test_credentials(void **state)
{
  (void)state;
  struct http_response r =
      fetched((struct http_query){.url = str_from(url_of(&here, "/")), .bearer = STR("the-token")});
  assert_str(buf_str(&r.body), "GET |Authorization=Bearer the-token|Accept=*/*|User-Agent=seawall");
  http_response_free(&r);
  r = fetched((struct http_query){
      .url = str_from(url_of(&here, "/")), .user = STR("Aladdin"), .password = STR("open sesame")});
  assert_str(buf_str(&r.body), "GET |Authorization=Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==|Accept=*/*|"
                               "User-Agent=seawall");
  http_response_free(&r);
}

static struct http_query with_secrets(const char *url)
{
  static const struct http_field headers[] = {{STR_INIT("Cookie"), STR_INIT("c=1")},
                                              {STR_INIT("X-Token"), STR_INIT("t")},
                                              {STR_INIT("Accept"), STR_INIT("text/x")}};
  return (struct http_query){
      .url = str_from(url), .headers = headers, .header_count = 3, .bearer = STR("secret")};
}

static void test_redirects_and_secrets(void **state)
{
  (void)state;
  struct buf path = {0};
  struct http_response r = fetched(with_secrets(url_of(&here, "/redirect?to=/a")));
  assert_str(buf_str(&r.body),
             "GET |Authorization=Bearer secret|Accept=text/x|Cookie=c=1|X-Token=t|"
             "User-Agent=seawall");
  assert_int_equal(r.redirects, 1);
  assert_str(buf_str(&r.url), url_of(&here, "/a"));
  http_response_free(&r);
  /* Another port is another server; and the way back does not bring them back. */
  buf_printf(&path, "/redirect?to=%s", url_of(&elsewhere, "/a"));
  r = fetched(with_secrets(url_of(&here, buf_text(&path))));
  assert_str(buf_str(&r.body), "GET |Accept=text/x|User-Agent=seawall");
  http_response_free(&r);
  buf_clear(&path);
  buf_printf(&path, "/redirect?to=%s", url_of(&elsewhere, "/redirect?to="));
  buf_add_text(&path, url_of(&here, "/a"));
  r = fetched(with_secrets(url_of(&here, buf_text(&path))));
  assert_str(buf_str(&r.body), "GET |Accept=text/x|User-Agent=seawall");
  assert_int_equal(r.redirects, 2);
  http_response_free(&r);
  buf_free(&path);
}

static void test_redirected_methods(void **state)
{
  (void)state;
  static const struct {
    const char *code;
    enum http_method method;
    const char *expected;
  } cases[] = {
      {"301", HTTP_POST, "GET "}, {"302", HTTP_POST, "GET "},   {"303", HTTP_PUT, "GET "},
      {"302", HTTP_PUT, "PUT b"}, {"307", HTTP_POST, "POST b"}, {"308", HTTP_POST, "POST b"},
  };
  for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char path[100];
    snprintf(path, sizeof path, "/redirect?to=/a&code=%s", cases[i].code);
    struct http_response r = fetched((struct http_query){
        .method = cases[i].method, .url = str_from(url_of(&here, path)), .body = STR("b")});
    struct str rest;
    assert_str(str_cut(buf_str(&r.body), '|', &rest), cases[i].expected);
    http_response_free(&r);
  }
}

static void test_too_many_redirects(void **state)
{
  (void)state;
  struct http_client_options options = {.redirects = 2, .proxy = ""};
  http_client_free(client);
  assert_int_equal(http_client_new(&options, &client, NULL), 0);
  const char *path = "/redirect?to=/redirect%3Fto=/redirect%253Fto=/a";
  refused((struct http_query){.url = str_from(url_of(&here, path))}, SW_ELIMIT,
          "too many redirects");
  refused((struct http_query){.url = str_from(url_of(&here, "/redirect?to=file:///etc/passwd"))},
          SW_EINVAL, "not of http");
  refused((struct http_query){.url = str_from(url_of(&here, "/redirect?to=http://u:p@a/"))},
          SW_EINVAL, "not of http");
  http_client_free(client);
  options.redirects = HTTP_NONE;
  assert_int_equal(http_client_new(&options, &client, NULL), 0);
  struct http_response r = got("/redirect?to=/a");
  assert_int_equal(r.status, 302);
  assert_str(buf_str(&r.body), "go on");
  http_response_free(&r);
}

static void test_retries(void **state)
{
  (void)state;
  atomic_store(&here.failures, 2);
  struct http_response r = got("/flaky");
  assert_int_equal(r.status, 200);
  assert_int_equal(r.attempts, 3);
  http_response_free(&r);
  atomic_store(&here.failures, 100);
  r = got("/flaky");
  assert_int_equal(r.status, 503);
  assert_int_equal(r.attempts, 4);
  assert_str(buf_str(&r.body), "{\"error\":\"later\"}\n");
  http_response_free(&r);
  struct http_query post = {.method = HTTP_POST, .url = str_from(url_of(&here, "/flaky"))};
  r = fetched(post);
  assert_int_equal(r.status, 503);
  assert_int_equal(r.attempts, 1);
  http_response_free(&r);
  post.repeatable = true;
  r = fetched(post);
  assert_int_equal(r.attempts, 4);
  http_response_free(&r);
  r = got("/status/501");
  assert_int_equal(r.attempts, 1);
  http_response_free(&r);
  /* It asks for an hour: the answer is returned. */
  r = got("/later");
  assert_int_equal(r.status, 429);
  assert_int_equal(r.attempts, 1);
  http_response_free(&r);
  r = fetched(
      (struct http_query){.method = HTTP_POST, .url = str_from(url_of(&here, "/status/429"))});
  assert_int_equal(r.attempts, 4);
  http_response_free(&r);
}

static void test_backoff(void **state)
{
  (void)state;
  assert_int_equal(http_backoff_ms(200, 10000, 1, 0), 100);
  assert_int_equal(http_backoff_ms(200, 10000, 1, 100), 200);
  assert_int_equal(http_backoff_ms(200, 10000, 3, 400), 800);
  assert_int_equal(http_backoff_ms(200, 10000, 60, 5000), 10000);
  assert_int_equal(http_backoff_ms(0, 0, 5, 77), 0);
  for (uint64_t dice = 0; dice < 1000; dice++) {
    unsigned pause = http_backoff_ms(200, 10000, 2, dice * 7919);
    assert_true(pause >= 200 && pause <= 400);
  }
}

static void test_limits(void **state)
{
  (void)state;
  struct http_query query = {.url = str_from(url_of(&here, "/?size=1000")), .limit = 1000};
  struct http_response r = fetched(query);
  assert_int_equal(r.body.len, 1000);
  http_response_free(&r);
  query.limit = 999;
  refused(query, SW_ELIMIT, "longer than its limit");
}

struct taken {
  size_t len, stop_at;
  unsigned status;
};

static int take(void *context, const struct http_response *so_far, struct str piece)
{
  struct taken *taken = context;
  taken->len += piece.len;
  taken->status = so_far->status;
  return taken->stop_at && taken->len > taken->stop_at ? SW_ETEST : 0;
}

static void test_streaming(void **state)
{
  (void)state;
  struct taken taken = {0};
  struct http_query query = {
      .url = str_from(url_of(&here, "/?size=3000000")), .on_body = take, .context = &taken};
  struct http_response r = fetched(query);
  assert_int_equal(taken.len, 3000000);
  assert_int_equal(taken.status, 200);
  assert_int_equal(r.body.len, 0);
  assert_int_equal(r.received, 3000000);
  http_response_free(&r);
  taken = (struct taken){.stop_at = 100000};
  refused(query, SW_ETEST, "receiver stopped");
  /* What only leads to the answer is not given. */
  taken = (struct taken){0};
  query.url = str_from(url_of(&here, "/redirect?to=/%3Fsize=7"));
  r = fetched(query);
  assert_int_equal(taken.len, 7);
  http_response_free(&r);
}

/* The head is told once, of the final answer, before its body. */
static void note_head(void *context, const struct http_response *so_far)
{
  struct taken *taken = context;
  assert_int_equal(taken->len, 0);
  taken->status = taken->status * 1000 + so_far->status;
}

static int take_length(void *context, const struct http_response *so_far, struct str piece)
{
  struct taken *taken = context;
  taken->len += piece.len;
  assert_true(taken->status >= 200);
  return 0;
}

static void test_heads(void **state)
{
  (void)state;
  static const struct {
    const char *path;
    unsigned status;
  } cases[] = {{"/?size=3000", 200}, {"/redirect?to=/%3Fsize=3000", 200}, {"/status/404", 404}};
  for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct taken taken = {0};
    struct http_response r =
        fetched((struct http_query){.url = str_from(url_of(&here, cases[i].path)),
                                    .on_head = note_head,
                                    .on_body = take_length,
                                    .context = &taken});
    assert_int_equal(taken.status, cases[i].status);
    assert_true(taken.len > 0);
    http_response_free(&r);
  }
  struct taken taken = {0};
  atomic_store(&here.failures, 2);
  struct http_response r = fetched((struct http_query){
      .url = str_from(url_of(&here, "/flaky")), .on_head = note_head, .context = &taken});
  assert_int_equal(taken.status, 200);
  http_response_free(&r);
}

static void test_malformed_queries(void **state)
{
  (void)state;
  static const char *const urls[] = {"ftp://a/",    "file:///etc/passwd", "http://u:p@a/",
                                     "http://u@a/", "nonsense",           "",
                                     "http://a b/", "http://a/\r\nX: y"};
  for (unsigned i = 0; i < sizeof urls / sizeof urls[0]; i++)
    refused((struct http_query){.url = str_from(urls[i])}, SW_EINVAL, "");
  struct http_field header = {STR("X-A"), STR("b\r\nX-C: d")};
  refused((struct http_query){.url = STR("http://a/"), .headers = &header, .header_count = 1},
          SW_EINVAL, "control characters");
  header = (struct http_field){STR("X A"), STR("b")};
  refused((struct http_query){.url = STR("http://a/"), .headers = &header, .header_count = 1},
          SW_EINVAL, "malformed");
  refused((struct http_query){.url = STR("http://a/"), .bearer = STR("a\nb")}, SW_EINVAL, "token");
  refused((struct http_query){.url = STR("http://a/"), .user = STR("a:b")}, SW_EINVAL, "colon");
}

static void test_nobody_there(void **state)
{
  (void)state;
  uint16_t port = http_server_port(elsewhere.server);
  http_server_stop(elsewhere.server, 0);
  http_server_free(elsewhere.server);
  char url[100];
  snprintf(url, sizeof url, "http://127.0.0.1:%u/path?token=secret", port);
  struct http_response response = {0};
  struct error err;
  struct http_query query = {.url = str_from(url)};
  assert_int_equal(http_client_fetch(client, &query, &response, &err), SW_EIO);
  assert_non_null(strstr(err.message, "/path: "));
  assert_null(strstr(err.message, "secret"));
  origin_start(&elsewhere);
}

/* A server that takes a request and hangs up. */
static void *hang_up(void *context)
{
  int listener = *(int *)context;
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0)
      return NULL;
    char bytes[4096];
    if (recv(fd, bytes, sizeof bytes, 0) > 0)
      here.failures++;
    close(fd);
  }
}

static void test_lost_connections(void **state)
{
  (void)state;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t len = sizeof address;
  assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(listen(listener, 10), 0);
  assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
  pthread_t thread;
  pthread_create(&thread, NULL, hang_up, &listener);
  char url[100];
  snprintf(url, sizeof url, "http://127.0.0.1:%u/", ntohs(address.sin_port));
  refused((struct http_query){.url = str_from(url)}, SW_EIO, url);
  assert_int_equal(atomic_load(&here.failures), 4);
  refused((struct http_query){.method = HTTP_POST, .url = str_from(url)}, SW_EIO, url);
  assert_int_equal(atomic_load(&here.failures), 5);
  shutdown(listener, SHUT_RDWR);
  pthread_join(thread, NULL);
  close(listener);
}

/* A server that says something to each client, and never anything more. */
struct mute {
  int listener;
  uint16_t port;
  pthread_t thread;
  const char *says;
  atomic_uint clients;
};

static void *be_mute(void *context)
{
  struct mute *mute = context;
  int fds[16];
  unsigned count = 0;
  for (int fd; count < 16 && (fd = accept(mute->listener, NULL, NULL)) >= 0;) {
    fds[count++] = fd;
    say(fd, mute->says);
    atomic_fetch_add(&mute->clients, 1);
  }
  for (unsigned i = 0; i < count; i++)
    close(fds[i]);
  return NULL;
}

static void mute_start(struct mute *mute, const char *says)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t len = sizeof address;
  memset(mute, 0, sizeof *mute);
  mute->says = says;
  mute->listener = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(bind(mute->listener, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(listen(mute->listener, 16), 0);
  assert_int_equal(getsockname(mute->listener, (struct sockaddr *)&address, &len), 0);
  mute->port = ntohs(address.sin_port);
  pthread_create(&mute->thread, NULL, be_mute, mute);
}

static void mute_stop(struct mute *mute)
{
  shutdown(mute->listener, SHUT_RDWR);
  pthread_join(mute->thread, NULL);
  close(mute->listener);
}

static void test_no_head_in_time(void **state)
{
  (void)state;
  struct mute mute;
  char url[100];
  mute_start(&mute, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n");
  snprintf(url, sizeof url, "http://127.0.0.1:%u/", mute.port);
  refused((struct http_query){.url = str_from(url), .head_ms = 30}, SW_EIO,
          "no answer has begun within 30 ms");
  assert_int_equal(atomic_load(&mute.clients), 4); /* as after every lost connection */
  mute_stop(&mute);
  /* One that has begun may take its time, up to total_ms. */
  mute_start(&mute, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  snprintf(url, sizeof url, "http://127.0.0.1:%u/", mute.port);
  struct http_client_options options = {.proxy = "", .retries = HTTP_NONE};
  http_client_free(client);
  assert_int_equal(http_client_new(&options, &client, NULL), 0);
  struct http_response response = {0};
  struct error err = {0};
  struct http_query query = {.url = str_from(url), .head_ms = 30, .total_ms = 200};
  assert_int_equal(http_client_fetch(client, &query, &response, &err), SW_EIO);
  assert_null(strstr(err.message, "has begun"));
  mute_stop(&mute);
}

static void test_silence(void **state)
{
  (void)state;
  struct mute mute;
  char url[100];
  mute_start(&mute, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n1");
  snprintf(url, sizeof url, "http://127.0.0.1:%u/", mute.port);
  struct http_client_options options = {.proxy = "", .retries = HTTP_NONE};
  http_client_free(client);
  assert_int_equal(http_client_new(&options, &client, NULL), 0);
  struct http_query query = {.url = str_from(url), .silence_ms = 1000};
  refused(query, SW_EIO, "too slow");
  mute_stop(&mute);
}

static void *wake_when_asked(void *context)
{
  struct mute *mute = context;
  while (!atomic_load(&mute->clients))
    usleep(1000);
  http_client_wake(client);
  return NULL;
}

static void never_done(void *context, int result, struct http_response *response,
                       const struct error *err)
{
  fail_msg("it was not to end");
}

static void test_wake(void **state)
{
  (void)state;
  struct mute mute;
  char url[100];
  pthread_t thread;
  mute_start(&mute, "");
  snprintf(url, sizeof url, "http://127.0.0.1:%u/", mute.port);
  struct http_query query = {.url = str_from(url), .silence_ms = HTTP_NONE};
  assert_int_equal(http_client_start(client, &query, never_done, NULL, NULL), 0);
  pthread_create(&thread, NULL, wake_when_asked, &mute);
  uint64_t before = clock_monotonic_ns(clock_system());
  assert_int_equal(http_client_run(client, 60000), 1);
  assert_true(clock_monotonic_ns(clock_system()) - before < 50000000000);
  pthread_join(thread, NULL);
  /* Before it runs: the next one returns. */
  http_client_wake(client);
  before = clock_monotonic_ns(clock_system());
  assert_int_equal(http_client_run(client, 60000), 1);
  assert_true(clock_monotonic_ns(clock_system()) - before < 50000000000);
  http_client_free(client);
  assert_int_equal(http_client_new(&(struct http_client_options){0}, &client, NULL), 0);
  mute_stop(&mute);
}

static void test_connect_to(void **state)
{
  (void)state;
  struct http_client_options options = {.proxy = "",
                                        .connect_to = http_server_address(here.server)};
  http_client_free(client);
  assert_int_equal(http_client_new(&options, &client, NULL), 0);
  struct http_response r = fetched((struct http_query){.url = STR("http://nowhere.example:1/a")});
  assert_str(buf_str(&r.body), "GET |Accept=*/*|User-Agent=seawall");
  http_response_free(&r);
}

static void count_done(void *context, int result, struct http_response *response,
                       const struct error *err)
{
  unsigned *good = context;
  *good += result == 0 && response->status == 200;
  http_response_free(response);
}

static void test_many_at_a_time(void **state)
{
  (void)state;
  unsigned good = 0;
  atomic_store(&here.failures, 5);
  char urls[60][100];
  for (unsigned i = 0; i < 60; i++) {
    snprintf(urls[i], sizeof urls[i], "%s", url_of(&here, i % 2 ? "/flaky" : "/a"));
    struct http_query query = {.url = str_from(urls[i])};
    assert_int_equal(http_client_start(client, &query, count_done, &good, NULL), 0);
  }
  while (http_client_run(client, 100) > 0)
    ;
  assert_int_equal(good, 60);
  assert_int_equal(http_client_run(client, 100), 0);
  /* What is under way when a client ends is dropped. */
  struct http_query query = {.url = str_from(urls[0])};
  assert_int_equal(http_client_start(client, &query, count_done, &good, NULL), 0);
  http_client_run(client, 0);
}

static void test_trust(void **state)
{
  (void)state;
  char *directory = made_directory();
  struct made_ca ca = made_authority("the authority"), other = made_authority("another");
  struct made_pair pair = made_certificate(&ca, "server", false, -1, 2);
  struct made_pair own = made_certificate(&ca, "jane", true, -1, 2);
  made_files(directory, &pair);
  struct tls_files_options files = {.certificate = made_path(directory, "tls.crt"),
                                    .key = made_path(directory, "tls.key")};
  struct http_server_options options = {.handle = serve, .context = &here, .workers = 1};
  struct error err;
  made_check(tls_files_open(&files, &options.tls, &err), &err);
  struct http_server *server = NULL;
  made_check(http_server_start(&options, &server, &err), &err);
  char url[100];
  snprintf(url, sizeof url, "https://%s/a", http_server_address(server));
  made_file(directory, "ca.crt", buf_str(&ca.pem));
  const struct {
    struct http_client_options options;
    int result;
  } cases[] = {
      {{.proxy = "", .ca_pem = buf_str(&ca.pem)}, 0},
      {{.proxy = "", .ca_file = made_path(directory, "ca.crt")}, 0},
      {{.proxy = "", .insecure = true}, 0},
      {{.proxy = "", .ca_pem = buf_str(&other.pem)}, SW_EACCES},
      {{.proxy = ""}, SW_EACCES},
      {{.proxy = "",
        .ca_pem = buf_str(&ca.pem),
        .certificate_pem = buf_str(&own.certificate),
        .key_pem = buf_str(&own.key)},
       0},
      {{.proxy = "",
        .ca_pem = buf_str(&ca.pem),
        .certificate_pem = buf_str(&own.certificate),
        .key_pem = buf_str(&pair.key)},
       SW_EIO},
  };
  for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    http_client_free(client);
    assert_int_equal(http_client_new(&cases[i].options, &client, NULL), 0);
    struct http_response response = {0};
    struct http_query query = {.url = str_from(url)};
    assert_int_equal(http_client_fetch(client, &query, &response, &err), cases[i].result);
    http_response_free(&response);
  }
  /* Out of TLS nothing leads. */
  http_client_free(client);
  assert_int_equal(http_client_new(&cases[0].options, &client, NULL), 0);
  struct buf path = {0};
  buf_printf(&path, "https://%s/redirect?to=%s", http_server_address(server), url_of(&here, "/a"));
  refused((struct http_query){.url = str_from(buf_text(&path))}, SW_EINVAL, "from https to http");
  buf_free(&path);
  http_server_free(server);
  made_pair_free(&pair);
  made_pair_free(&own);
  made_ca_free(&ca);
  made_ca_free(&other);
  made_directory_free(directory);
}

static void test_options(void **state)
{
  (void)state;
  struct http_client_options options = {.certificate = "a"};
  struct http_client *none = NULL;
  assert_int_equal(http_client_new(&options, &none, NULL), SW_EUSAGE);
  options = (struct http_client_options){.key_pem = STR("a")};
  assert_int_equal(http_client_new(&options, &none, NULL), SW_EUSAGE);
  options = (struct http_client_options){.connect_to = "nowhere"};
  assert_int_equal(http_client_new(&options, &none, NULL), SW_EUSAGE);
  options = (struct http_client_options){.user_agent = "a\nb"};
  assert_int_equal(http_client_new(&options, &none, NULL), SW_EUSAGE);
  http_client_free(NULL);
}

#define with_servers(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      with_servers(test_get),
      with_servers(test_methods),
      with_servers(test_credentials),
      with_servers(test_redirects_and_secrets),
      with_servers(test_redirected_methods),
      with_servers(test_too_many_redirects),
      with_servers(test_retries),
      cmocka_unit_test(test_backoff),
      with_servers(test_limits),
      with_servers(test_streaming),
      with_servers(test_heads),
      with_servers(test_malformed_queries),
      with_servers(test_nobody_there),
      with_servers(test_lost_connections),
      with_servers(test_no_head_in_time),
      with_servers(test_silence),
      with_servers(test_wake),
      with_servers(test_connect_to),
      with_servers(test_many_at_a_time),
      with_servers(test_trust),
      cmocka_unit_test(test_options),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
