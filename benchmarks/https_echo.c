/*
 * https_echo - the reference of `serve`: a bare libmicrohttpd over TLS that takes a body and answers
 * with as many bytes as a webhook would.
 *
 *   https_echo CERTIFICATE KEY WORKERS [BODY:ANSWER...]
 *
 * A request whose body has BODY bytes gets an answer of ANSWER bytes, any other one of as many as it
 * sent. Threads, TLS versions, ciphers and their order are those of net/http_server. Prints
 * "https://127.0.0.1:PORT" and serves until it is killed.
 */
#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SIZES_MAX = 16, ANSWER_MAX = 1 << 20 };

struct sizes {
  size_t count, body[SIZES_MAX], answer[SIZES_MAX];
  char *text; /* ANSWER_MAX bytes, of which an answer is the beginning */
};

_Noreturn static void die(const char *what)
{
  fprintf(stderr, "https_echo: %s\n", what);
  exit(1);
}

static size_t answer_size(const struct sizes *sizes, size_t body)
{
  for (size_t i = 0; i < sizes->count; i++)
    if (sizes->body[i] == body)
      return sizes->answer[i];
  return body < ANSWER_MAX ? body : ANSWER_MAX;
}

static enum MHD_Result answer(const struct sizes *sizes, struct MHD_Connection *connection,
                              const struct buf *body)
{
  struct MHD_Response *response = MHD_create_response_from_buffer(
      answer_size(sizes, body->len), sizes->text, MHD_RESPMEM_PERSISTENT);
  MHD_add_response_header(response, "Content-Type", "application/json");
  enum MHD_Result result = MHD_queue_response(connection, 200, response);
  MHD_destroy_response(response);
  return result;
}

static enum MHD_Result step(void *context, struct MHD_Connection *connection, const char *url,
                            const char *method, const char *version, const char *data, size_t *size,
                            void **state)
{
  (void)url, (void)method, (void)version;
  struct buf *body = *state;
  if (!body) {
    *state = mem_zalloc(1, sizeof *body);
    return MHD_YES;
  }
  if (!*size)
    return answer(context, connection, body);
  buf_add(body, str_make(data, *size));
  *size = 0;
  return MHD_YES;
}

static void done(void *context, struct MHD_Connection *connection, void **state,
                 enum MHD_RequestTerminationCode code)
{
  (void)context, (void)connection, (void)code;
  struct buf *body = *state;
  if (body)
    buf_free(body);
  mem_free(body);
}

static void read_pem(const char *path, struct buf *ret)
{
  struct error err;
  if (file_read(path, 1 << 16, ret, &err) < 0)
    die(err.message);
}

static size_t number(const char *text, size_t len, size_t most)
{
  unsigned long long n = 0;
  if (!str_to_u64(str_make(text, len), most, &n) || !n)
    die("usage: https_echo CERTIFICATE KEY WORKERS [BODY:ANSWER...]");
  return (size_t)n;
}

static void read_sizes(char **arguments, int count, struct sizes *ret)
{
  *ret = (struct sizes){.text = mem_zalloc(1, ANSWER_MAX)};
  memset(ret->text, ' ', ANSWER_MAX);
  for (int i = 0; i < count && i < SIZES_MAX; i++) {
    const char *text = arguments[i], *colon = strchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : strlen(text);
    ret->body[i] = number(text, len, ANSWER_MAX);
    ret->answer[i] = colon ? number(colon + 1, strlen(colon + 1), ANSWER_MAX) : ret->body[i];
    ret->count++;
  }
}

int main(int argc, char **argv)
{
  if (argc < 4)
    die("usage: https_echo CERTIFICATE KEY WORKERS [BODY:ANSWER...]");
  struct buf certificate = {0}, key = {0};
  struct sizes sizes;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  read_pem(argv[1], &certificate);
  read_pem(argv[2], &key);
  unsigned workers = (unsigned)number(argv[3], strlen(argv[3]), 64);
  read_sizes(argv + 4, argc - 4, &sizes);
  /* A pool of one thread is none, as libmicrohttpd sees it. */
  struct MHD_Daemon *daemon = MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TLS, 0, NULL, NULL, step, &sizes,
      MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_HTTPS_MEM_CERT,
      buf_text(&certificate), MHD_OPTION_HTTPS_MEM_KEY, buf_text(&key), MHD_OPTION_HTTPS_PRIORITIES,
      "NONE:+VERS-TLS1.3:+VERS-TLS1.2:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:+AEAD:"
      "+ECDHE-ECDSA:+ECDHE-RSA:+GROUP-X25519:+GROUP-SECP256R1:+SIGN-ALL:+COMP-NULL:+CTYPE-X509:"
      "%SERVER_PRECEDENCE",
      MHD_OPTION_NOTIFY_COMPLETED, done, NULL,
      workers > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, workers, MHD_OPTION_END);
  if (!daemon)
    die("libmicrohttpd does not start");
  printf("https://127.0.0.1:%u\n",
         (unsigned)MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
  fflush(stdout);
  for (;;)
    pause();
}
