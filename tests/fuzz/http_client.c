/*
 * Bytes as a server answers them. The client asks through a proxy, which is a thread here and gives
 * the same bytes to every request: so redirects lead nowhere else, and it is seen what they are
 * asked with. Credentials go to the host they were meant for, and to no other.
 */
#include "net/http_client.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LIMIT = 1000, REDIRECTS = 2, REQUEST_MAX = 32 << 10, BYTES_MAX = 8000 };

static struct http_client *client;
static int listener;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint8_t bytes[BYTES_MAX]; /* what is answered; under the lock */
static size_t byte_count;

static void check_request(struct str request)
{
  static const struct str origin = STR_INIT("GET http://origin.example/");
  static const struct str again = STR_INIT("GET http://origin.example:80/");
  if (str_find(request, 0, STR("\r\nAuthorization:")) >= 0)
    assert(str_eq_nocase(str_sub(request, 0, origin.len), origin) ||
           str_eq_nocase(str_sub(request, 0, again.len), again));
  assert(str_starts(request, STR("GET ")) || str_starts(request, STR("CONNECT ")));
}

static void *answer(void *context)
{
  (void)context;
  static char request[REQUEST_MAX];
  for (int fd; (fd = accept(listener, NULL, NULL)) >= 0; close(fd)) {
    size_t len = 0;
    while (len < sizeof request && str_find(str_make(request, len), 0, STR("\r\n\r\n")) < 0) {
      ssize_t got = recv(fd, request + len, sizeof request - len, 0);
      if (got <= 0)
        break;
      len += (size_t)got;
    }
    if (len)
      check_request(str_make(request, len));
    pthread_mutex_lock(&lock);
    if (byte_count)
      send(fd, bytes, byte_count, MSG_NOSIGNAL);
    pthread_mutex_unlock(&lock);
    shutdown(fd, SHUT_WR);
  }
  return NULL;
}

static void start(void)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t len = sizeof address;
  listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert(bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
  assert(listen(listener, 10) == 0);
  assert(getsockname(listener, (struct sockaddr *)&address, &len) == 0);
  pthread_t thread;
  assert(pthread_create(&thread, NULL, answer, NULL) == 0);
  pthread_detach(thread);
  char proxy[64];
  snprintf(proxy, sizeof proxy, "http://127.0.0.1:%u", ntohs(address.sin_port));
  struct http_client_options options = {.proxy = proxy,
                                        .retries = HTTP_NONE,
                                        .redirects = REDIRECTS,
                                        .connect_ms = 2000,
                                        .total_ms = 2000};
  assert(http_client_new(&options, &client, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size > BYTES_MAX)
    return 0;
  if (!client)
    start();
  pthread_mutex_lock(&lock);
  if (size)
    memcpy(bytes, data, size);
  byte_count = size;
  pthread_mutex_unlock(&lock);
  struct http_query query = {
      .url = STR("http://origin.example/a"), .bearer = STR("the-secret"), .limit = LIMIT};
  struct http_response response = {0};
  struct error err = {0};
  int rc = http_client_fetch(client, &query, &response, &err);
  if (rc < 0) {
    assert(err.code == rc && err.message[0]);
    assert(!response.body.data && !response.head.data);
    return 0;
  }
  assert(response.status >= 100 && response.status <= 999);
  assert(response.body.len <= LIMIT && response.received == response.body.len);
  assert(response.redirects <= REDIRECTS && response.attempts == response.redirects + 1);
  struct str value;
  if (http_response_header(&response, STR("Location"), &value))
    assert(!memchr(value.data, '\n', value.len));
  http_response_free(&response);
  return 0;
}
