/*
 * Bytes as a client sends them, to a server on loopback: whatever comes, what the handler is given
 * keeps the promises of http_server.h, the server answers in HTTP or not at all, and holds nothing when
 * the connection has ended. The first byte says into how many pieces the rest is cut.
 */
#include "net/http_server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BODY_MAX = 2000, ANSWERS = 1 << 16 };

static atomic_uint calls;
static struct http_server *server;

static void check_fields(const struct http_field *fields, size_t count)
{
  assert(count <= HTTP_FIELDS_MAX);
  size_t bytes = 0;
  for (size_t i = 0; i < count; i++)
    bytes += fields[i].name.len + fields[i].value.len;
  assert(bytes <= 16 << 10);
}

static void handle(void *context, const struct http_request *r, struct http_answer *answer)
{
  (void)context;
  atomic_fetch_add(&calls, 1);
  assert(r->path.len > 0 && r->path.data[0] == '/');
  assert(!memchr(r->path.data, 0, r->path.len));
  assert(r->body.len <= BODY_MAX && r->body.data[r->body.len] == 0);
  assert(http_method_name(r->method).len > 0);
  check_fields(r->headers, r->header_count);
  check_fields(r->query, r->query_count);
  struct str value;
  bool chunked = http_request_header(r, STR("Transfer-Encoding"), &value);
  bool length = http_request_header(r, STR("Content-Length"), &value);
  assert(!(chunked && length));
  unsigned long long stated = 0;
  if (length)
    assert(str_to_u64(value, BODY_MAX, &stated) && stated == r->body.len);
  http_request_has_type(r, STR("application/json"));
  buf_add(answer->text, STR("ok"));
}

static int connected(void)
{
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(http_server_port(server)),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
  struct timeval limit = {20, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  assert(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
  return fd;
}

static void send_pieces(int fd, const uint8_t *data, size_t size, size_t pieces)
{
  for (size_t i = 0, at = 0; i < pieces; i++) {
    size_t end = size * (i + 1) / pieces;
    if (end > at && send(fd, data + at, end - at, MSG_NOSIGNAL) < 0)
      return;
    at = end;
  }
}

static size_t read_all(int fd, char *answers)
{
  size_t len = 0;
  while (len < ANSWERS) {
    ssize_t got = recv(fd, answers + len, ANSWERS - len, 0);
    if (got <= 0)
      break;
    len += (size_t)got;
  }
  return len;
}

static void await_quiet(void)
{
  struct http_server_stats stats;
  for (unsigned i = 0; i < 20000; i++) {
    http_server_stats(server, &stats);
    if (!stats.open)
      break;
    usleep(200);
  }
  assert(stats.open == 0 && stats.under_way == 0 && stats.body_bytes == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 1 || size > 20000)
    return 0;
  if (!server) {
    /* Slow clients are cut soon, so that a request without an end does not hold things up. */
    struct http_server_options options = {
        .handle = handle, .workers = 1, .body_bytes = BODY_MAX, .request_ms = 8};
    assert(http_server_start(&options, &server, NULL) == 0);
  }
  atomic_store(&calls, 0);
  int fd = connected();
  send_pieces(fd, data + 1, size - 1, data[0] % 4 + 1);
  shutdown(fd, SHUT_WR);
  static char answers[ANSWERS];
  size_t len = read_all(fd, answers);
  close(fd);
  await_quiet();
  struct str all = str_make(answers, len);
  assert(!len || str_starts(all, STR("HTTP/1.")));
  unsigned good = 0;
  for (ptrdiff_t at = 0; (at = str_find(all, (size_t)at, STR("HTTP/1.1 200 OK\r\n"))) >= 0; at++)
    good++;
  assert(good <= atomic_load(&calls));
  return 0;
}
