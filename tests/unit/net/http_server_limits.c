/* What a server does at its limits, with slow clients, and when it stops. */
#include "talk.h"

static struct seen seen;

static struct http_server *fresh(struct http_server_options options)
{
  memset(&seen, 0, sizeof seen);
  return started(options, &seen);
}

static void finish(struct http_server *server)
{
  assert_int_equal(atomic_load(&seen.strays), 0);
  http_server_free(server);
}

static void test_slow_clients(void **state)
{
  (void)state;
  struct http_server *server = fresh((struct http_server_options){.request_ms = 200});
  static const char *const parts[] = {
      "GET /a HTT",
      "GET /a HTTP/1.1\r\n",
      "GET /a HTTP/1.1\r\nHost: a\r\n",
      "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n",
      "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc",
      "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
  };
  enum { PARTS = sizeof parts / sizeof parts[0] };
  int fds[PARTS];
  for (unsigned i = 0; i < PARTS; i++) {
    fds[i] = dialled(server);
    say(fds[i], parts[i]);
  }
  for (unsigned i = 0; i < PARTS; i++) {
    assert_ended(fds[i]);
    close(fds[i]);
  }
  assert_int_equal(stats_of(server).cut, PARTS);
  assert_int_equal(atomic_load(&seen.calls), 0);
  await(stats_of(server).open == 0);
  assert_int_equal(stats_of(server).body_bytes, 0);
  finish(server);
}

/* Each byte resets a limit of inactivity; here it does not help. */
static void test_dribbling_client(void **state)
{
  (void)state;
  struct http_server *server = fresh((struct http_server_options){.request_ms = 200});
  int fd = dialled(server);
  say(fd, "GET /a HTTP/1.1\r\nHost: a\r\nX: ");
  int sent = 0;
  while (say(fd, "x") && sent < 60000) {
    usleep(1000);
    sent++;
  }
  assert_true(sent < 60000);
  assert_int_equal(stats_of(server).cut, 1);
  close(fd);
  finish(server);
}

/* Waiting is not being slow: only the limit of idle connections counts. */
static void test_waiting_connection_stays(void **state)
{
  (void)state;
  struct http_server *server = fresh((struct http_server_options){.request_ms = 50});
  int waits = dialled(server), slow = dialled(server);
  ask(waits, "/a", "GET /a [0]");
  for (int i = 0; i < 3; i++) {
    say(slow, "GET /");
    assert_ended(slow);
    close(slow);
    slow = dialled(server);
  }
  ask(waits, "/b", "GET /b [0]");
  close(waits);
  close(slow);
  finish(server);
}

static void test_idle_connection_ends(void **state)
{
  (void)state;
  struct http_server *server = fresh((struct http_server_options){.idle_seconds = 1});
  int fd = dialled(server);
  ask(fd, "/a", "GET /a [0]");
  assert_ended(fd);
  assert_int_equal(stats_of(server).cut, 0);
  close(fd);
  finish(server);
}

static void test_client_that_does_not_read(void **state)
{
  (void)state;
  struct http_server *server = fresh((struct http_server_options){.request_ms = 200});
  int fd = dialled(server);
  static char body[4 << 20];
  memset(body, 'x', sizeof body);
  char head[100];
  /* Answers that no socket's buffers hold. */
  for (int i = 0; i < 8; i++) {
    snprintf(head, sizeof head, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n",
             sizeof body);
    if (!say(fd, head) || !say_bytes(fd, body, sizeof body))
      break;
  }
  await(stats_of(server).cut == 1);
  await(stats_of(server).open == 0);
  assert_int_equal(stats_of(server).under_way, 0);
  close(fd);
  finish(server);
}

static void test_connection_limit(void **state)
{
  (void)state;
  struct http_server *server = fresh((struct http_server_options){.connections = 3});
  int fds[3];
  for (int i = 0; i < 3; i++) {
    fds[i] = dialled(server);
    ask(fds[i], "/a", "GET /a [0]");
  }
  int more = dialled(server);
  assert_ended(more);
  close(more);
  assert_int_equal(stats_of(server).refused, 1);
  ask(fds[0], "/a", "GET /a [0]");
  close(fds[1]);
  await(stats_of(server).open == 2);
  more = dialled(server);
  ask(more, "/a", "GET /a [0]");
  close(more);
  close(fds[0]);
  close(fds[2]);
  finish(server);
}

static void test_address_limit(void **state)
{
  (void)state;
  struct http_server *server = fresh((struct http_server_options){.per_address = 1});
  int fd = dialled(server), more;
  ask(fd, "/a", "GET /a [0]");
  more = dialled(server);
  assert_ended(more);
  await(stats_of(server).refused == 1);
  assert_int_equal(stats_of(server).open, 1);
  close(fd);
  close(more);
  finish(server);
}

static void test_requests_under_way(void **state)
{
  (void)state;
  struct http_server *server = fresh((struct http_server_options){.requests = 1});
  int slow = dialled(server), fd = dialled(server);
  say(slow, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx");
  await(stats_of(server).under_way == 1);
  say(fd, "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  struct reply reply = heard(fd);
  assert_int_equal(reply.status, 503);
  assert_str(reply_header(&reply, "Retry-After"), "1");
  reply_free(&reply);
  say(slow, "y");
  assert_reply(slow, 200, "POST /a [2]");
  await(stats_of(server).under_way == 0);
  ask(fd, "/c", "GET /c [0]");
  assert_int_equal(stats_of(server).busy, 1);
  assert_int_equal(stats_of(server).rejected, 1);
  close(slow);
  close(fd);
  finish(server);
}

static void test_bodies_together(void **state)
{
  (void)state;
  struct http_server *server = fresh((struct http_server_options){.bodies_bytes = 10});
  int slow = dialled(server), fd = dialled(server);
  say(slow, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n12345678");
  await(stats_of(server).body_bytes == 8);
  say(fd, "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  assert_reply(fd, 503, "{\"error\":\"the bodies under way are too large together\"}\n");
  await(stats_of(server).body_bytes == 8);
  say(fd, "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab");
  assert_reply(fd, 200, "POST /b [2]");
  await(stats_of(server).body_bytes == 8); /* its answer is read before its body is let go */
  say(slow, "9");
  assert_reply(slow, 200, "POST /a [9]");
  close(slow);
  close(fd);
  await(stats_of(server).open == 0);
  assert_int_equal(stats_of(server).body_bytes, 0);
  finish(server);
}

static void test_thousand_connections(void **state)
{
  (void)state;
  enum { MANY = 1000 };
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < 3 * MANY)
    skip();
  if (limit.rlim_cur < 3 * MANY) {
    limit.rlim_cur = 3 * MANY;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  /* An answer may have been read before its request counts as gone; and a slow machine is no slow client. */
  struct http_server *server =
      fresh((struct http_server_options){.requests = 3 * MANY, .request_ms = 60000});
  static int fds[MANY];
  for (int i = 0; i < MANY; i++)
    fds[i] = dialled(server);
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < MANY; i++)
      assert_true(say(fds[i], "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"));
    for (int i = 0; i < MANY; i++)
      assert_reply(fds[i], 200, "POST /a [3]");
  }
  struct http_server_stats stats = stats_of(server);
  assert_int_equal(stats.open, MANY);
  assert_int_equal(stats.requests, 2 * MANY);
  assert_int_equal(stats.refused, 0);
  for (int i = 0; i < MANY; i++)
    close(fds[i]);
  await(stats_of(server).open == 0);
  finish(server);
}

/* libmicrohttpd asks the kernel for 128 events at a time, and for more when it got as many. */
static void test_as_many_requests_as_events(void **state)
{
  (void)state;
  enum { EVENTS = 128 };
  struct http_server *server =
      fresh((struct http_server_options){.workers = 1, .requests = 2 * EVENTS});
  int fds[EVENTS], gate = dialled(server);
  for (int i = 0; i < EVENTS; i++) {
    fds[i] = dialled(server);
    ask(fds[i], "/a", "GET /a [0]");
  }
  for (int round = 0; round < 3; round++) {
    /* The worker waits in its handler until all of them have come. */
    atomic_store(&seen.open_gate, false);
    say(gate, "GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
    await(atomic_load(&seen.blocked) == (unsigned)round + 1);
    for (int i = 0; i < EVENTS; i++)
      say(fds[i], "GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    atomic_store(&seen.open_gate, true);
    assert_reply(gate, 200, NULL);
    for (int i = 0; i < EVENTS; i++)
      assert_reply(fds[i], 200, "GET /a [0]");
  }
  for (int i = 0; i < EVENTS; i++)
    close(fds[i]);
  close(gate);
  finish(server);
}

struct told {
  atomic_uint count;
  char message[200];
};

static void listen_to(void *context, enum http_server_event event, const char *message)
{
  struct told *told = context;
  if (event == HTTP_ACCEPT_FAILED && atomic_load(&told->count) == 0) {
    snprintf(told->message, sizeof told->message, "%s", message);
    atomic_store(&told->count, 1);
  }
}

/* The clients of this test need descriptors too: so the limit falls below what is in use after they
 * have been made. */
static void test_descriptors_exhausted(void **state)
{
  (void)state;
  static struct told told;
  struct http_server *server =
      fresh((struct http_server_options){.event = listen_to, .event_context = &told});
  int first = dialled(server);
  ask(first, "/a", "GET /a [0]");
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct rlimit before, none;
  getrlimit(RLIMIT_NOFILE, &before);
  none = before;
  none.rlim_cur = (rlim_t)3;
  setrlimit(RLIMIT_NOFILE, &none);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(http_server_port(server)),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
  await(atomic_load(&told.count) == 1);
  assert_non_null(strstr(told.message, "cannot be accepted"));
  ask(first, "/b", "GET /b [0]");
  setrlimit(RLIMIT_NOFILE, &before);
  int later = dialled(server);
  ask(later, "/c", "GET /c [0]");
  close(fd);
  close(first);
  close(later);
  finish(server);
}

static void test_drain(void **state)
{
  (void)state;
  struct http_server *server = fresh((struct http_server_options){0});
  uint16_t port = http_server_port(server);
  int waits = dialled(server);
  ask(waits, "/a", "GET /a [0]");
  assert_int_equal(http_server_stop(server, 60000), 0);
  assert_ended(waits);
  assert_int_equal(http_server_stop(server, 60000), 0);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), -1);
  close(fd);
  close(waits);
  finish(server);
}

static void *stop(void *server)
{
  static size_t cut;
  cut = http_server_stop(server, 60000);
  return &cut;
}

static void test_drain_finishes_what_is_under_way(void **state)
{
  (void)state;
  struct http_server *server = fresh((struct http_server_options){0});
  int half = dialled(server);
  say(half, "POST /half HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx");
  await(stats_of(server).under_way == 1);
  int waits = dialled(server);
  ask(waits, "/a", "GET /a [0]");
  pthread_t thread;
  pthread_create(&thread, NULL, stop, server);
  /* A request that comes while the server drains is served, and told that it is the last. */
  for (bool closing = false; !closing;) {
    say(waits, "GET /b HTTP/1.1\r\nHost: a\r\n\r\n");
    struct reply reply = heard(waits);
    assert_int_equal(reply.status, 200);
    closing = reply_header(&reply, "Connection").data != NULL;
    reply_free(&reply);
  }
  assert_ended(waits);
  say(half, "y");
  assert_reply(half, 200, "POST /half [2]");
  assert_ended(half);
  void *cut;
  pthread_join(thread, &cut);
  assert_int_equal(*(size_t *)cut, 0);
  close(half);
  close(waits);
  finish(server);
}

static void test_drain_cuts_off(void **state)
{
  (void)state;
  struct http_server *server = fresh((struct http_server_options){0});
  int fds[2];
  for (int i = 0; i < 2; i++) {
    fds[i] = dialled(server);
    say(fds[i], "POST /half HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx");
  }
  await(stats_of(server).under_way == 2);
  assert_int_equal(http_server_stop(server, 50), 2);
  for (int i = 0; i < 2; i++) {
    assert_ended(fds[i]);
    close(fds[i]);
  }
  assert_int_equal(stats_of(server).open, 0);
  assert_int_equal(stats_of(server).under_way, 0);
  assert_int_equal(stats_of(server).body_bytes, 0);
  finish(server);
}

static void test_drain_waits_for_handlers(void **state)
{
  (void)state;
  struct http_server *server = fresh((struct http_server_options){0});
  int fd = dialled(server);
  say(fd, "GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
  await(atomic_load(&seen.blocked) == 1);
  pthread_t thread;
  pthread_create(&thread, NULL, stop, server);
  atomic_store(&seen.open_gate, true);
  assert_reply(fd, 200, "");
  void *cut;
  pthread_join(thread, &cut);
  assert_int_equal(*(size_t *)cut, 0);
  close(fd);
  finish(server);
}

/* A client that asks again and again, on connections that it keeps as long as it may. */
struct load {
  uint16_t port;
  atomic_uint *lost; /* answers that did not come though the request had been taken */
  atomic_uint *answered;
};

static void *ask_until_refused(void *context)
{
  struct load *load = context;
  for (;;) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval limit = {60, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(load->port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
      close(fd);
      return NULL;
    }
    for (bool closing = false; !closing;) {
      bool sent = say(fd, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
      struct reply reply = sent ? heard(fd) : (struct reply){0};
      closing = !reply.status || reply_header(&reply, "Connection").data;
      if (reply.status == 200 && str_eq(reply.body, STR("POST /a [3]")))
        atomic_fetch_add(load->answered, 1);
      else
        atomic_fetch_add(load->lost, 1);
      reply_free(&reply);
    }
    close(fd);
  }
}

static void test_drain_under_load(void **state)
{
  (void)state;
  enum { CLIENTS = 8 };
  struct http_server *server = fresh((struct http_server_options){0});
  atomic_uint lost = 0, answered = 0;
  struct load load = {http_server_port(server), &lost, &answered};
  pthread_t threads[CLIENTS];
  for (int i = 0; i < CLIENTS; i++)
    pthread_create(&threads[i], NULL, ask_until_refused, &load);
  await(atomic_load(&answered) > 500);
  assert_int_equal(http_server_stop(server, 60000), 0);
  for (int i = 0; i < CLIENTS; i++)
    pthread_join(threads[i], NULL);
  struct http_server_stats stats = stats_of(server);
  assert_int_equal(stats.requests, atomic_load(&answered));
  /* Only connections that were in the kernel's queue when the server stopped listening may have been
   * lost, before it took anything of them. */
  assert_true(atomic_load(&lost) <= CLIENTS);
  finish(server);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_slow_clients),
      cmocka_unit_test(test_dribbling_client),
      cmocka_unit_test(test_waiting_connection_stays),
      cmocka_unit_test(test_idle_connection_ends),
      cmocka_unit_test(test_client_that_does_not_read),
      cmocka_unit_test(test_connection_limit),
      cmocka_unit_test(test_address_limit),
      cmocka_unit_test(test_requests_under_way),
      cmocka_unit_test(test_bodies_together),
      cmocka_unit_test(test_thousand_connections),
      cmocka_unit_test(test_as_many_requests_as_events),
      cmocka_unit_test(test_descriptors_exhausted),
      cmocka_unit_test(test_drain),
      cmocka_unit_test(test_drain_finishes_what_is_under_way),
      cmocka_unit_test(test_drain_cuts_off),
      cmocka_unit_test(test_drain_waits_for_handlers),
      cmocka_unit_test(test_drain_under_load),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
