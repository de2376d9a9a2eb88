/*
 * loopback.h - a server on loopback that sends exactly what a test tells it to, right or wrong: one request a
 * connection, one thread a connection.
 */
#ifndef SEAWALL_TESTS_UNIT_OCI_LOOPBACK_H
#define SEAWALL_TESTS_UNIT_OCI_LOOPBACK_H

#include "../test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/vec.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct loop_request {
  struct str method, target; /* target: path and query */
  struct str head;
  struct str body;
};

struct loopback;
typedef void loop_handler(struct loopback *l, int fd, const struct loop_request *r);

struct loopback {
  int listener, stop; /* stop: can be read once the server ends */
  uint16_t port;
  char name[32]; /* "127.0.0.1:PORT" */
  pthread_t acceptor;
  VEC(pthread_t) workers;
  pthread_mutex_t lock; /* of log, and whatever the handler needs it for */
  struct buf log;       /* a line for each request: METHOD TARGET, and what loop_note adds */
  loop_handler *handle;
  void *context;
};

struct loop_connection {
  struct loopback *l;
  int fd;
};

static inline void loop_send(int fd, struct str bytes)
{
  while (bytes.len) {
    ssize_t sent = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
    if (sent <= 0)
      return;
    bytes = str_sub(bytes, (size_t)sent, bytes.len);
  }
}

/* Header lines without their last line end, or "". */
static inline void loop_answer(int fd, unsigned status, const char *headers, struct str body)
{
  struct buf out = {0};
  buf_printf(&out, "HTTP/1.1 %u Status\r\nConnection: close\r\nContent-Length: %zu\r\n%s%s\r\n",
             status, body.len, headers, headers[0] ? "\r\n" : "");
  loop_send(fd, buf_str(&out));
  buf_free(&out);
  loop_send(fd, body);
}

static inline struct str loop_header(const struct loop_request *r, struct str name)
{
  struct str rest = r->head, value;
  while (rest.data) {
    struct str line = str_cut(rest, '\n', &rest);
    if (str_eq_nocase(str_cut(line, ':', &value), name) && value.data)
      return str_trim(value);
  }
  return STR_EMPTY;
}

/* Until the server ends. */
static inline void loop_stall(struct loopback *l)
{
  struct pollfd stop = {.fd = l->stop, .events = POLLIN};
  poll(&stop, 1, -1);
}

/* For so many milliseconds, or until the server ends: true. */
static inline bool loop_pause(struct loopback *l, int ms)
{
  struct pollfd stop = {.fd = l->stop, .events = POLLIN};
  return poll(&stop, 1, ms) > 0;
}

static inline size_t loop_body_length(struct str head)
{
  const struct loop_request r = {.head = head};
  unsigned long long n = 0;
  str_to_u64(loop_header(&r, STR("Content-Length")), 1 << 20, &n);
  return (size_t)n;
}

/* The head, and the body behind it; false: the connection ended before. */
static inline bool loop_read(int fd, struct buf *text, size_t *ret_head)
{
  char piece[4096];
  ptrdiff_t end = -1;
  for (;;) {
    end = end < 0 ? str_find(buf_str(text), 0, STR("\r\n\r\n")) : end;
    if (end >= 0) {
      *ret_head = (size_t)end + 4;
      if (text->len >= *ret_head + loop_body_length(str_sub(buf_str(text), 0, *ret_head)))
        return true;
    }
    ssize_t got = recv(fd, piece, sizeof piece, 0);
    if (got <= 0)
      return false;
    buf_add(text, str_make(piece, (size_t)got));
    if (text->data[0] == 0x16) { /* a handshake: as servers of plain HTTP answer it */
      loop_send(fd, STR("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"));
      return false;
    }
  }
}

static inline void *loop_serve(void *context)
{
  struct loop_connection *c = context;
  struct buf text = {0};
  size_t head;
  if (loop_read(c->fd, &text, &head)) {
    struct str rest;
    struct loop_request r = {.head = str_sub(buf_str(&text), 0, head),
                             .body = str_sub(buf_str(&text), head, text.len)};
    r.method = str_cut(r.head, ' ', &rest);
    r.target = str_cut(rest, ' ', &rest);
    pthread_mutex_lock(&c->l->lock);
    buf_printf(&c->l->log, "%.*s %.*s\n", STR_FMT(r.method), STR_FMT(r.target));
    pthread_mutex_unlock(&c->l->lock);
    c->l->handle(c->l, c->fd, &r);
  }
  buf_free(&text);
  close(c->fd);
  mem_free(c);
  return NULL;
}

static inline void *loop_accept(void *context)
{
  struct loopback *l = context;
  for (;;) {
    struct pollfd wanted[2] = {{.fd = l->listener, .events = POLLIN},
                               {.fd = l->stop, .events = POLLIN}};
    poll(wanted, 2, -1);
    if (wanted[1].revents)
      return NULL;
    int fd = accept4(l->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
      continue;
    struct loop_connection *c = mem_zalloc(1, sizeof *c);
    *c = (struct loop_connection){l, fd};
    pthread_t worker;
    assert_int_equal(pthread_create(&worker, NULL, loop_serve, c), 0);
    vec_push(&l->workers, worker);
  }
}

static inline void loop_start(struct loopback *l, loop_handler *handle, void *context)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof address;
  memset(l, 0, sizeof *l);
  l->handle = handle;
  l->context = context;
  pthread_mutex_init(&l->lock, NULL);
  l->stop = eventfd(0, EFD_CLOEXEC);
  l->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(l->listener, (struct sockaddr *)&address, len), 0);
  assert_int_equal(listen(l->listener, 64), 0);
  assert_int_equal(getsockname(l->listener, (struct sockaddr *)&address, &len), 0);
  l->port = ntohs(address.sin_port);
  snprintf(l->name, sizeof l->name, "127.0.0.1:%u", l->port);
  assert_int_equal(pthread_create(&l->acceptor, NULL, loop_accept, l), 0);
}

static inline void loop_stop(struct loopback *l)
{
  const uint64_t one = 1;
  assert_int_equal(write(l->stop, &one, sizeof one), sizeof one);
  pthread_join(l->acceptor, NULL);
  for (size_t i = 0; i < l->workers.count; i++)
    pthread_join(l->workers.items[i], NULL);
  vec_free(&l->workers);
  buf_free(&l->log);
  close(l->listener);
  close(l->stop);
  pthread_mutex_destroy(&l->lock);
}

/* How often the log has a text. */
static inline size_t loop_count(struct loopback *l, const char *text)
{
  size_t n = 0;
  pthread_mutex_lock(&l->lock);
  struct str log = buf_str(&l->log), wanted = str_from(text);
  for (ptrdiff_t at = -1; (at = str_find(log, (size_t)(at + 1), wanted)) >= 0;)
    n++;
  pthread_mutex_unlock(&l->lock);
  return n;
}

#endif
