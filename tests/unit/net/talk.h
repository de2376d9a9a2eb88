/*
 * talk.h - a client that says exactly what a test tells it to, over a plain socket; and the
 * handler of a server that it talks to.
 */
#ifndef SEAWALL_TESTS_UNIT_NET_TALK_H
#define SEAWALL_TESTS_UNIT_NET_TALK_H

#include "../test.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* What the handler has seen, beside its answers. */
struct seen {
  atomic_uint calls, released, strays, blocked;
  atomic_bool open_gate;
  atomic_bool busy[HTTP_WORKERS_MAX];
};

static void count_release(void *context)
{
  atomic_fetch_add((atomic_uint *)context, 1);
}

static void describe(const struct http_request *r, struct buf *out)
{
  buf_printf(out, "%.*s %.*s", STR_FMT(http_method_name(r->method)), STR_FMT(r->path));
  for (size_t i = 0; i < r->query_count; i++)
    buf_printf(out, " %.*s=%.*s", STR_FMT(r->query[i].name), STR_FMT(r->query[i].value));
  buf_printf(out, " [%zu]", r->body.len);
}

static void wait_at_gate(struct seen *seen)
{
  atomic_fetch_add(&seen->blocked, 1);
  while (!atomic_load(&seen->open_gate))
    usleep(1000);
}

static void answer_wrongly(struct http_answer *answer, struct str path)
{
  if (str_eq(path, STR("/wrong/status")))
    answer->status = 99;
  else if (str_eq(path, STR("/wrong/header")))
    http_answer_header(answer, STR("X-Split"), STR("a\r\nSet-Cookie: b"));
  else if (str_eq(path, STR("/wrong/name")))
    http_answer_header(answer, STR("X Y"), STR("a"));
  else if (str_eq(path, STR("/wrong/own")))
    http_answer_header(answer, STR("content-length"), STR("7"));
  else if (str_eq(path, STR("/wrong/size")))
    buf_add_repeat(answer->text, 'x', 1 << 20);
  else if (str_eq(path, STR("/wrong/count")))
    for (int i = 0; i < HTTP_ANSWER_HEADERS_MAX + 1; i++)
      http_answer_header(answer, STR("X-A"), STR("b"));
}

static void answer_client(const struct http_request *r, struct http_answer *answer)
{
  if (!r->client) {
    buf_add(answer->text, STR("nobody"));
    return;
  }
  buf_printf(answer->text, "%.*s;%.*s;", STR_FMT(r->client->common_name),
             STR_FMT(r->client->subject));
  for (size_t i = 0; i < r->client->group_count; i++)
    buf_printf(answer->text, "%.*s,", STR_FMT(r->client->groups[i]));
  for (size_t i = 0; i < r->client->names.dns.count; i++)
    buf_printf(answer->text, "%.*s,", STR_FMT(r->client->names.dns.items[i]));
}

static void route(struct seen *seen, const struct http_request *r, struct http_answer *answer)
{
  struct str value;
  if (str_eq(r->path, STR("/echo"))) {
    answer->content_type = STR("text/plain");
    buf_add(answer->text, r->body);
  } else if (str_eq(r->path, STR("/owned"))) {
    answer->body = STR("owned by the handler");
    answer->release = count_release;
    answer->release_context = &seen->released;
  } else if (str_eq(r->path, STR("/header"))) {
    bool there = http_request_header(r, STR("x-one"), &value);
    buf_printf(answer->text, "%d %.*s", there, STR_FMT(value));
    http_answer_header(answer, STR("X-Two"), STR("zwei"));
  } else if (str_starts(r->path, STR("/encoded/"))) {
    buf_printf(answer->text, "%.*s %.*s", STR_FMT(r->path), STR_FMT(r->encoded));
  } else if (str_eq(r->path, STR("/peer"))) {
    buf_add(answer->text, r->peer);
  } else if (str_eq(r->path, STR("/gate"))) {
    wait_at_gate(seen);
  } else if (str_eq(r->path, STR("/post-only")) && r->method != HTTP_POST) {
    http_answer_method(answer, "POST");
  } else if (str_eq(r->path, STR("/client"))) {
    answer_client(r, answer);
  } else if (str_starts(r->path, STR("/wrong/"))) {
    answer_wrongly(answer, r->path);
  } else {
    describe(r, answer->text);
  }
}

static inline void handle(void *context, const struct http_request *request,
                          struct http_answer *answer)
{
  struct seen *seen = context;
  atomic_fetch_add(&seen->calls, 1);
  /* No two calls of one worker at a time. */
  if (request->worker >= HTTP_WORKERS_MAX || atomic_exchange(&seen->busy[request->worker], true))
    atomic_fetch_add(&seen->strays, 1);
  if (answer->status != 200 || answer->text->len || answer->body.data || answer->header_count)
    atomic_fetch_add(&seen->strays, 1);
  if (request->deadline_ns <= request->received_ns ||
      request->received_ns > clock_monotonic_ns(clock_system()))
    atomic_fetch_add(&seen->strays, 1);
  route(seen, request, answer);
  atomic_store(&seen->busy[request->worker], false);
}

static inline struct http_server *started(struct http_server_options options, struct seen *seen)
{
  options.handle = handle;
  options.context = seen;
  if (!options.workers)
    options.workers = 2;
  struct http_server *server = NULL;
  struct error err = {0};
  int rc = http_server_start(&options, &server, &err);
  if (rc < 0)
    print_error("%s\n", err.message);
  assert_int_equal(rc, 0);
  return server;
}

static inline int dialled_port(uint16_t port)
{
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_true(fd >= 0);
  struct timeval limit = {60, 0}; /* a test that waits this long has failed */
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
  return fd;
}

static inline int dialled(const struct http_server *server)
{
  return dialled_port(http_server_port(server));
}

static inline bool say_bytes(int fd, const void *data, size_t len)
{
  const char *at = data;
  while (len) {
    ssize_t put = send(fd, at, len, MSG_NOSIGNAL);
    if (put <= 0)
      return false;
    at += put;
    len -= (size_t)put;
  }
  return true;
}

static inline bool say(int fd, const char *text)
{
  return say_bytes(fd, text, strlen(text));
}

/* An answer, read off a socket. */
struct reply {
  int status; /* 0: the connection ended before one came */
  struct buf text;
  struct str head, body;
};

static inline void reply_free(struct reply *reply)
{
  buf_free(&reply->text);
  *reply = (struct reply){0};
}

static inline struct str reply_header(const struct reply *reply, const char *name)
{
  struct str rest = reply->head;
  while (rest.data) {
    struct str line = str_cut(rest, '\n', &rest), value;
    struct str key = str_cut(line, ':', &value);
    if (value.data && str_eq_nocase(key, str_from(name)))
      return str_trim(value);
  }
  return (struct str){NULL, 0};
}

/* Reads bytes one way or another: a plain socket, or TLS. */
typedef ssize_t hear_bytes(void *from, void *to, size_t len);

static inline ssize_t hear_socket(void *from, void *to, size_t len)
{
  return recv(*(int *)from, to, len, 0);
}

static inline size_t reply_length(const struct reply *reply, bool has_body)
{
  unsigned long long length = 0;
  struct str text = reply_header(reply, "Content-Length");
  if (has_body && text.data && !str_to_u64(text, 1 << 30, &length))
    fail_msg("Content-Length: %.*s", STR_FMT(text));
  return (size_t)length;
}

/* One answer; of a HEAD request without body. */
static inline struct reply heard_from(hear_bytes *hear, void *from, bool has_body)
{
  struct reply reply = {0};
  ptrdiff_t end = -1;
  size_t wanted = 1;
  while (end < 0 || reply.text.len < wanted) {
    /* Byte by byte up to the body, so that nothing of the next answer is taken. */
    size_t step = end < 0 ? 1 : wanted - reply.text.len;
    buf_reserve(&reply.text, step);
    ssize_t got = hear(from, reply.text.data + reply.text.len, step);
    if (got <= 0)
      return (reply_free(&reply), reply);
    reply.text.len += (size_t)got;
    if (end >= 0)
      continue;
    end = str_find(buf_str(&reply.text), 0, STR("\r\n\r\n"));
    if (end < 0)
      continue;
    reply.head = str_make(reply.text.data, (size_t)end);
    wanted = (size_t)end + 4 + reply_length(&reply, has_body);
    if (str_starts(reply.head, STR("HTTP/1.1 100"))) {
      buf_clear(&reply.text);
      end = -1;
    }
  }
  reply.head = str_make(reply.text.data, (size_t)end);
  reply.body = str_make(reply.text.data + end + 4, reply.text.len - (size_t)end - 4);
  unsigned long long status = 0;
  assert_true(str_starts(reply.head, STR("HTTP/1.1 ")));
  assert_true(str_to_u64(str_sub(reply.head, 9, 3), 999, &status));
  reply.status = (int)status;
  return reply;
}

static inline struct reply heard(int fd)
{
  return heard_from(hear_socket, &fd, true);
}

/* The other side has ended the connection: nothing more comes. */
static inline void assert_ended(int fd)
{
  char byte;
  ssize_t got = recv(fd, &byte, 1, 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    fail_msg("the connection is still open");
  if (got > 0)
    fail_msg("the connection goes on with byte %d", byte);
}

static inline void assert_reply(int fd, int status, const char *body)
{
  struct reply reply = heard(fd);
  if (reply.status != status)
    print_error("%.*s\n", STR_FMT(buf_str(&reply.text)));
  assert_int_equal(reply.status, status);
  if (body)
    assert_str(reply.body, body);
  reply_free(&reply);
}

static inline void ask(int fd, const char *path, const char *body)
{
  say(fd, "GET ");
  say(fd, path);
  say(fd, " HTTP/1.1\r\nHost: a\r\n\r\n");
  assert_reply(fd, 200, body);
}

/* Waits for a condition that comes by itself. */
#define await(condition)                                                                           \
  do {                                                                                             \
    for (int tries_ = 0; !(condition); tries_++) {                                                 \
      assert_true(tries_ < 60000);                                                                 \
      usleep(1000);                                                                                \
    }                                                                                              \
  } while (0)

static inline struct http_server_stats stats_of(const struct http_server *server)
{
  struct http_server_stats stats;
  http_server_stats(server, &stats);
  return stats;
}

#endif
