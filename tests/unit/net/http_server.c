#include "talk.h"

static struct seen seen;
static struct http_server *server;

static int set_up(void **state)
{
  (void)state;
  memset(&seen, 0, sizeof seen);
  struct http_server_options options = {.body_bytes = 100000, .answer_bytes = 200000};
  server = started(options, &seen);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  assert_int_equal(atomic_load(&seen.strays), 0);
  http_server_free(server);
  return 0;
}

static void test_keep_alive(void **state)
{
  (void)state;
  int fd = dialled(server);
  for (int i = 0; i < 3; i++)
    ask(fd, "/a", "GET /a [0]");
  struct http_server_stats stats = stats_of(server);
  assert_int_equal(stats.accepted, 1);
  assert_int_equal(stats.requests, 3);
  assert_int_equal(stats.open, 1);
  close(fd);
  await(stats_of(server).open == 0);
  assert_int_equal(stats_of(server).under_way, 0);
}

static void test_address(void **state)
{
  (void)state;
  char text[64];
  snprintf(text, sizeof text, "127.0.0.1:%u", http_server_port(server));
  assert_string_equal(http_server_address(server), text);
  assert_int_equal(http_server_workers(server), 2);
}

/* "::" takes IPv4 too, and tells its addresses as such. */
static void test_all_addresses(void **state)
{
  (void)state;
  struct http_server_options options = {.address = "::", .handle = handle, .context = &seen};
  struct http_server *both = NULL;
  if (http_server_start(&options, &both, NULL) < 0)
    skip(); /* no IPv6 here */
  assert_int_equal(strncmp(http_server_address(both), "[::]:", 5), 0);
  int fd = dialled(both);
  struct sockaddr_in mine;
  socklen_t len = sizeof mine;
  getsockname(fd, (struct sockaddr *)&mine, &len);
  char expected[64];
  snprintf(expected, sizeof expected, "127.0.0.1:%u", ntohs(mine.sin_port));
  ask(fd, "/peer", expected);
  close(fd);
  http_server_free(both);
}

static void test_close_and_old_version(void **state)
{
  (void)state;
  int fd = dialled(server);
  say(fd, "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  assert_reply(fd, 200, "GET /a [0]");
  assert_ended(fd);
  close(fd);
  fd = dialled(server);
  say(fd, "GET /a HTTP/1.0\r\n\r\n");
  struct reply reply = heard(fd);
  assert_int_equal(reply.status, 200);
  reply_free(&reply);
  assert_ended(fd);
  close(fd);
}

static void test_pipelining(void **state)
{
  (void)state;
  int fd = dialled(server);
  say(fd, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
          "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
          "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
          "GET /4 HTTP/1.1\r\nHost: a\r\n\r\n");
  assert_reply(fd, 200, "GET /1 [0]");
  assert_reply(fd, 200, "POST /2 [3]");
  assert_reply(fd, 200, "POST /3 [2]");
  assert_reply(fd, 200, "GET /4 [0]");
  close(fd);
}

static void post(int fd, const char *path, size_t size)
{
  char head[200];
  snprintf(head, sizeof head, "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", path,
           size);
  say(fd, head);
  struct buf body = {0};
  for (size_t i = 0; i < size; i++)
    buf_add_byte(&body, (char)('a' + i % 23));
  say_bytes(fd, body.data, body.len);
  buf_free(&body);
}

static void test_bodies(void **state)
{
  (void)state;
  int fd = dialled(server);
  static const size_t sizes[] = {0, 1, 3300, 16383, 16384, 16385, 65536, 100000};
  for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    post(fd, "/echo", sizes[i]);
    struct reply reply = heard(fd);
    assert_int_equal(reply.status, 200);
    assert_int_equal(reply.body.len, sizes[i]);
    for (size_t at = 0; at < sizes[i]; at++)
      assert_int_equal(reply.body.data[at], 'a' + at % 23);
    assert_str(reply_header(&reply, "Content-Type"), "text/plain");
    reply_free(&reply);
  }
  close(fd);
  await(stats_of(server).open == 0);
  assert_int_equal(stats_of(server).body_bytes, 0);
}

static void test_too_large_is_read_and_refused(void **state)
{
  (void)state;
  int fd = dialled(server);
  post(fd, "/echo", 100001);
  assert_reply(fd, 413, "{\"error\":\"the body is too large\"}\n");
  post(fd, "/a", 200000);
  assert_reply(fd, 413, NULL);
  ask(fd, "/a", "GET /a [0]");
  close(fd);
  assert_int_equal(atomic_load(&seen.calls), 1);
  assert_int_equal(stats_of(server).rejected, 2);
  assert_int_equal(stats_of(server).body_bytes, 0);
}

/* libmicrohttpd 0.9.75 writes the head of its own refusals twice; the connection ends all the same. */
static void assert_ends(int fd)
{
  char bytes[4096];
  while (recv(fd, bytes, sizeof bytes, 0) > 0)
    ;
  assert_ended(fd);
}

static void test_far_too_large_ends(void **state)
{
  (void)state;
  int fd = dialled(server);
  say(fd, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 200001\r\n\r\n");
  assert_reply(fd, 413, NULL);
  assert_ended(fd);
  close(fd);
  fd = dialled(server);
  say(fd, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551617\r\n\r\n");
  struct reply reply = heard(fd);
  assert_true(reply.status == 413 || reply.status == 400);
  reply_free(&reply);
  assert_ends(fd);
  close(fd);
  assert_int_equal(atomic_load(&seen.calls), 0);
}

static void say_chunks(int fd, size_t count)
{
  char chunk[1000 + 16];
  memset(chunk, 'c', sizeof chunk);
  memcpy(chunk, "3e8\r\n", 5);
  memcpy(chunk + 1005, "\r\n", 2);
  for (size_t i = 0; i < count; i++)
    if (!say_bytes(fd, chunk, 1007))
      return;
}

static void test_chunks(void **state)
{
  (void)state;
  static const char head[] = "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n";
  int fd = dialled(server);
  say(fd, head);
  say_chunks(fd, 100);
  say(fd, "0\r\nTrailer: x\r\n\r\n");
  assert_reply(fd, 200, "POST /a [100000]");
  say(fd, head);
  say_chunks(fd, 101);
  say(fd, "0\r\n\r\n");
  assert_reply(fd, 413, NULL);
  ask(fd, "/b", "GET /b [0]");
  say(fd, head);
  say_chunks(fd, 400);
  assert_ended(fd);
  close(fd);
}

static void test_expect(void **state)
{
  (void)state;
  int fd = dialled(server);
  say(fd, "POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  char line[26] = {0};
  assert_int_equal(recv(fd, line, 25, MSG_WAITALL), 25);
  assert_string_equal(line, "HTTP/1.1 100 Continue\r\n\r\n");
  say(fd, "abc");
  assert_reply(fd, 200, "POST /a [3]");
  say(fd, "POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 100001\r\n\r\n");
  assert_reply(fd, 413, NULL);
  assert_ended(fd);
  close(fd);
}

static void test_head_and_methods(void **state)
{
  (void)state;
  int fd = dialled(server);
  say(fd, "HEAD /some/path HTTP/1.1\r\nHost: a\r\n\r\n");
  struct reply reply = heard_from(hear_socket, &fd, false);
  assert_int_equal(reply.status, 200);
  assert_str(reply_header(&reply, "Content-Length"), "19");
  reply_free(&reply);
  static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  for (unsigned i = 0; i < sizeof methods / sizeof methods[0]; i++) {
    char text[100];
    snprintf(text, sizeof text, "%s / HTTP/1.1\r\nHost: a\r\n\r\n", methods[i]);
    say(fd, text);
    snprintf(text, sizeof text, "%s / [0]", methods[i]);
    assert_reply(fd, 200, text);
  }
  say(fd, "GET /post-only HTTP/1.1\r\nHost: a\r\n\r\n");
  reply = heard(fd);
  assert_int_equal(reply.status, 405);
  assert_str(reply_header(&reply, "Allow"), "POST");
  assert_str(reply.body, "{\"error\":\"this path takes POST only\"}\n");
  reply_free(&reply);
  close(fd);
  static const char *const unknown[] = {"TRACE", "CONNECT", "BREW", "get"};
  for (unsigned i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
    char text[100];
    snprintf(text, sizeof text, "%s / HTTP/1.1\r\nHost: a\r\n\r\n", unknown[i]);
    fd = dialled(server);
    say(fd, text);
    assert_reply(fd, 501, NULL);
    assert_ended(fd);
    close(fd);
  }
}

static void test_query_and_headers(void **state)
{
  (void)state;
  int fd = dialled(server);
  ask(fd, "/p%20q?a=1&b=%26x+y&c&a=2&=e", "GET /p q a=1 b=&x y c= a=2 =e [0]");
  ask(fd, "/encoded/a%2fb/c?d=%2f", "/encoded/a/b/c /encoded/a%2fb/c");
  ask(fd, "/encoded/x?d=%2f", "/encoded/x /encoded/x");
  say(fd, "GET /header HTTP/1.1\r\nHost: a\r\nX-ONE:  uno\r\nX-One: due\r\n\r\n");
  struct reply reply = heard(fd);
  assert_str(reply.body, "1 uno");
  assert_str(reply_header(&reply, "X-Two"), "zwei");
  assert_str(reply_header(&reply, "Content-Type"), "application/json");
  assert_true(reply_header(&reply, "Date").len > 20);
  reply_free(&reply);
  ask(fd, "/header", "0 ");
  close(fd);
}

static void test_request_helpers(void **state)
{
  (void)state;
  struct http_field headers[] = {{STR("content-type"), STR("Application/JSON; charset=utf-8")}};
  struct http_field query[] = {{STR("timeout"), STR("10s")}};
  struct http_request request = {
      .headers = headers, .header_count = 1, .query = query, .query_count = 1};
  assert_true(http_request_has_type(&request, STR("application/json")));
  assert_false(http_request_has_type(&request, STR("application/jso")));
  struct str value;
  assert_true(http_request_query(&request, STR("timeout"), &value));
  assert_str(value, "10s");
  assert_false(http_request_query(&request, STR("Timeout"), &value));
  assert_int_equal(value.len, 0);
  assert_true(http_request_query(&request, STR("timeout"), NULL));
}

static void test_owned_body(void **state)
{
  (void)state;
  int fd = dialled(server);
  ask(fd, "/owned", "owned by the handler");
  ask(fd, "/owned", "owned by the handler");
  close(fd);
  await(stats_of(server).open == 0);
  assert_int_equal(atomic_load(&seen.released), 2);
}

static void test_wrong_answers(void **state)
{
  (void)state;
  static const char *const paths[] = {"status", "header", "name", "own", "size", "count"};
  int fd = dialled(server);
  for (unsigned i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    char text[100];
    snprintf(text, sizeof text, "GET /wrong/%s HTTP/1.1\r\nHost: a\r\n\r\n", paths[i]);
    say(fd, text);
    assert_reply(fd, 500, "{\"error\":\"the answer could not be written\"}\n");
  }
  ask(fd, "/a", "GET /a [0]");
  close(fd);
}

static void test_malformed(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    int status; /* 0: ended without an answer */
  } cases[] = {
      {"GET /a HTTP/1.1\r\n\r\n", 400},
      {"GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
       "0\r\n\r\n",
       400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nx", 501},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\nx", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\nx", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
       "fffffffffffffffff\r\nx",
       413},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n", 400},
      {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 0},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", -1},
      {"GET\r\n\r\n", 0},
  };
  for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    int fd = dialled(server);
    say(fd, cases[i].text);
    if (cases[i].status <= 0) /* it may wait for more */
      shutdown(fd, SHUT_WR);
    struct reply reply = heard(fd);
    if (cases[i].status >= 0 && reply.status != cases[i].status)
      print_error("%s\n is %d\n", cases[i].text, reply.status);
    if (cases[i].status >= 0)
      assert_int_equal(reply.status, cases[i].status);
    else
      assert_true(reply.status == 0 || reply.status >= 400);
    if (reply.status)
      assert_ends(fd);
    reply_free(&reply);
    close(fd);
  }
  assert_int_equal(atomic_load(&seen.calls), 0);
  int fd = dialled(server);
  ask(fd, "/a", "GET /a [0]");
  close(fd);
}

static void test_long_heads(void **state)
{
  (void)state;
  struct buf text = {0};
  for (unsigned kind = 0; kind < 3; kind++) {
    buf_clear(&text);
    buf_add(&text, STR("GET /"));
    if (kind == 0)
      buf_add_repeat(&text, 'a', 40000);
    buf_add(&text, STR(" HTTP/1.1\r\nHost: a\r\n"));
    if (kind == 1) {
      buf_add(&text, STR("X-Long: "));
      buf_add_repeat(&text, 'a', 17000);
      buf_add(&text, STR("\r\n"));
    }
    for (unsigned i = 0; kind == 2 && i <= HTTP_FIELDS_MAX; i++)
      buf_printf(&text, "X-%u: a\r\n", i);
    buf_add(&text, STR("\r\n"));
    int fd = dialled(server);
    say_bytes(fd, text.data, text.len);
    struct reply reply = heard(fd);
    /* With much of it unread, the end may overtake the answer. */
    assert_true(reply.status == 431 || reply.status == 414 || (kind == 0 && reply.status == 0));
    reply_free(&reply);
    assert_ended(fd);
    close(fd);
  }
  buf_free(&text);
  assert_int_equal(atomic_load(&seen.calls), 0);
}

/* Every cut of a request, and the connection lost there. */
static void test_truncated(void **state)
{
  (void)state;
  static const char whole[] =
      "POST /x?a=b HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nX-A: b\r\n\r\nbody";
  int fds[sizeof whole - 1];
  for (size_t len = 0; len < sizeof whole - 1; len++) {
    fds[len] = dialled(server);
    say_bytes(fds[len], whole, len);
    shutdown(fds[len], SHUT_WR);
  }
  for (size_t len = 0; len < sizeof whole - 1; len++) {
    struct reply reply = heard(fds[len]);
    assert_true(reply.status == 0 || reply.status >= 400);
    reply_free(&reply);
    close(fds[len]);
  }
  assert_int_equal(atomic_load(&seen.calls), 0);
  await(stats_of(server).open == 0);
  assert_int_equal(stats_of(server).under_way, 0);
  assert_int_equal(stats_of(server).body_bytes, 0);
}

static void test_byte_by_byte(void **state)
{
  (void)state;
  static const char whole[] =
      "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;e=f\r\nd\r\n0"
      "\r\n\r\n";
  int fd = dialled(server);
  for (size_t i = 0; i < sizeof whole - 1; i++)
    say_bytes(fd, whole + i, 1);
  assert_reply(fd, 200, "POST /x [4]");
  close(fd);
}

static void refused(struct http_server_options options, int code, const char *message)
{
  struct http_server *none = NULL;
  struct error err = {0};
  if (!options.handle)
    options.handle = handle;
  assert_int_equal(http_server_start(&options, &none, &err), code);
  assert_error(err, code, message);
  assert_null(none);
}

static void test_options(void **state)
{
  (void)state;
  refused((struct http_server_options){.address = "localhost"}, SW_EUSAGE, "not an IP address");
  refused((struct http_server_options){.port = http_server_port(server)}, SW_EACCES, "taken");
  refused((struct http_server_options){.workers = 65}, SW_EUSAGE, "65 workers");
  refused((struct http_server_options){.header_bytes = 100}, SW_EUSAGE, "1 KiB to 1 MiB");
  refused((struct http_server_options){.require_client = true}, SW_EUSAGE, "no CA");
  refused((struct http_server_options){.address = "192.0.2.1"}, SW_EIO, "192.0.2.1:0");
  struct http_server *none = NULL;
  struct http_server_options without = {0};
  assert_int_equal(http_server_start(&without, &none, NULL), SW_EUSAGE);
}

#define with_server(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      with_server(test_keep_alive),
      with_server(test_address),
      with_server(test_all_addresses),
      with_server(test_close_and_old_version),
      with_server(test_pipelining),
      with_server(test_bodies),
      with_server(test_too_large_is_read_and_refused),
      with_server(test_far_too_large_ends),
      with_server(test_chunks),
      with_server(test_expect),
      with_server(test_head_and_methods),
      with_server(test_query_and_headers),
      cmocka_unit_test(test_request_helpers),
      with_server(test_owned_body),
      with_server(test_wrong_answers),
      with_server(test_malformed),
      with_server(test_long_heads),
      with_server(test_truncated),
      with_server(test_byte_by_byte),
      with_server(test_options),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
