/*
 * http_server - what serving a request costs: CPU time of our server and of a bare libmicrohttpd, both
 * echoing a body of 3.3 KB over 25 TLS connections that stay open.
 *
 *   benchmark_http_server [REQUESTS [ROUNDS [BODY-FILE]]]
 *
 * Each server is a process of its own with 2 workers, whose CPU clock is read before and after each
 * round; the rounds take turns. The client is one of two threads here; what it costs does not count.
 */
#include "net/http_server.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "crypto/certificate.h"
#include "net/tls_files.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CONNECTIONS = 25, THREADS = 2, WORKERS = 2, BODY = 3300, ROUNDS_MAX = 99 };

static char directory[] = "/tmp/seawall-bench.XXXXXX";
static char certificate_path[64], key_path[64];
static struct buf certificate_pem, key_pem, body;

_Noreturn static void die(const char *what)
{
  fprintf(stderr, "benchmark_http_server: %s\n", what);
  exit(1);
}

static void check(int rc, const struct error *err)
{
  if (rc < 0)
    die(err->message);
}

static void write_file(const char *path, struct str text)
{
  FILE *file = fopen(path, "w");
  if (!file || fwrite(text.data, 1, text.len, file) != text.len || fclose(file) != 0)
    die(path);
}

static void make_certificate(void)
{
  struct error err;
  struct key *key = NULL;
  static const struct str dns = STR_INIT("localhost");
  int64_t now = clock_wall_seconds(clock_system());
  struct certificate_wanted wanted = {.common_name = STR("localhost"),
                                      .dns = &dns,
                                      .dns_count = 1,
                                      .not_before = now - 3600,
                                      .not_after = now + 86400,
                                      .server_auth = true};
  check(certificate_make_key(&key, &err), &err);
  check(certificate_issue(&wanted, key, NULL, &certificate_pem, &err), &err);
  check(certificate_write_key(key, &key_pem, &err), &err);
  key_free(key);
  if (!mkdtemp(directory))
    die("no temporary directory");
  snprintf(certificate_path, sizeof certificate_path, "%s/tls.crt", directory);
  snprintf(key_path, sizeof key_path, "%s/tls.key", directory);
  write_file(certificate_path, buf_str(&certificate_pem));
  write_file(key_path, buf_str(&key_pem));
}

/* ---- ours */

static void echo(void *context, const struct http_request *request, struct http_answer *answer)
{
  (void)context;
  buf_add(answer->text, request->body);
}

static uint16_t serve_ours(void)
{
  struct tls_files_options files = {.certificate = certificate_path, .key = key_path};
  struct http_server_options options = {.handle = echo, .workers = WORKERS};
  struct http_server *server;
  struct error err;
  check(tls_files_open(&files, &options.tls, &err), &err);
  check(http_server_start(&options, &server, &err), &err);
  return http_server_port(server);
}

/* ---- the reference */

struct upload {
  struct buf text;
};

static enum MHD_Result bare_step(void *context, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *data,
                                 size_t *size, void **state)
{
  (void)context, (void)url, (void)method, (void)version;
  struct upload *upload = *state;
  if (!upload) {
    *state = mem_zalloc(1, sizeof *upload);
    return MHD_YES;
  }
  if (*size) {
    buf_add(&upload->text, str_make(data, *size));
    *size = 0;
    return MHD_YES;
  }
  struct MHD_Response *response =
      MHD_create_response_from_buffer(upload->text.len, upload->text.data, MHD_RESPMEM_PERSISTENT);
  MHD_add_response_header(response, "Content-Type", "application/json");
  enum MHD_Result result = MHD_queue_response(connection, 200, response);
  MHD_destroy_response(response);
  return result;
}

static void bare_done(void *context, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode code)
{
  (void)context, (void)connection, (void)code;
  struct upload *upload = *state;
  if (upload)
    buf_free(&upload->text);
  mem_free(upload);
}

static uint16_t serve_bare(void)
{
  struct MHD_Daemon *daemon =
      MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TLS, 0, NULL, NULL, bare_step, NULL,
                       MHD_OPTION_THREAD_POOL_SIZE, (unsigned)WORKERS, MHD_OPTION_HTTPS_MEM_CERT,
                       buf_text(&certificate_pem), MHD_OPTION_HTTPS_MEM_KEY, buf_text(&key_pem),
                       MHD_OPTION_NOTIFY_COMPLETED, bare_done, NULL, MHD_OPTION_END);
  if (!daemon)
    die("libmicrohttpd does not start");
  return MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

/* ---- processes */

struct contender {
  const char *name;
  uint16_t (*serve)(void);
  uint16_t port;
  pid_t pid;
  clockid_t clock;
  double cpu_us[ROUNDS_MAX]; /* a request */
  double rate[ROUNDS_MAX];   /* requests a second */
};

static void start(struct contender *c)
{
  int tell[2];
  if (pipe(tell) < 0 || (c->pid = fork()) < 0)
    die("no process");
  if (c->pid == 0) {
    uint16_t port = c->serve();
    if (write(tell[1], &port, sizeof port) != sizeof port)
      _exit(1);
    for (;;)
      pause();
  }
  if (read(tell[0], &c->port, sizeof c->port) != sizeof c->port)
    die("a server does not start");
  close(tell[0]);
  close(tell[1]);
  if (clock_getcpuclockid(c->pid, &c->clock) != 0)
    die("no clock of the process");
}

static double seconds_of(clockid_t clock)
{
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the client */

static gnutls_session_t connect_to(uint16_t port, gnutls_certificate_credentials_t credentials)
{
  int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
    die("connecting failed");
  gnutls_session_t session;
  gnutls_init(&session, GNUTLS_CLIENT);
  gnutls_set_default_priority(session);
  gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
  gnutls_transport_set_int(session, fd);
  int rc;
  do
    rc = gnutls_handshake(session);
  while (rc < 0 && !gnutls_error_is_fatal(rc));
  if (rc < 0)
    die(gnutls_strerror(rc));
  return session;
}

static void disconnect(gnutls_session_t session)
{
  int fd = gnutls_transport_get_int(session);
  gnutls_bye(session, GNUTLS_SHUT_WR);
  gnutls_deinit(session);
  close(fd);
}

/* Reads one answer, which must end with the body that was sent. */
static void take_answer(gnutls_session_t session)
{
  char bytes[8192];
  size_t len = 0;
  for (;;) {
    ssize_t got = gnutls_record_recv(session, bytes + len, sizeof bytes - len);
    if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED)
      continue;
    if (got <= 0)
      die("a connection was lost");
    len += (size_t)got;
    ptrdiff_t end = str_find(str_make(bytes, len), 0, STR("\r\n\r\n"));
    if (end >= 0 && len - (size_t)end - 4 >= body.len)
      break;
  }
  if (!str_starts(str_make(bytes, len), STR("HTTP/1.1 200")) ||
      memcmp(bytes + len - body.len, body.data, body.len) != 0)
    die("an answer is wrong");
}

struct asking {
  uint16_t port;
  size_t requests;
  pthread_barrier_t *ready;
  unsigned connections;
};

static void *ask(void *context)
{
  const struct asking *a = context;
  gnutls_certificate_credentials_t credentials;
  gnutls_certificate_allocate_credentials(&credentials);
  gnutls_session_t sessions[CONNECTIONS];
  for (unsigned i = 0; i < a->connections; i++)
    sessions[i] = connect_to(a->port, credentials);
  struct buf request = {0};
  buf_printf(&request,
             "POST /validate?timeout=10s HTTP/1.1\r\nHost: localhost\r\n"
             "User-Agent: kube-apiserver-admission\r\nAccept: application/json, */*\r\n"
             "Content-Type: application/json\r\nAccept-Encoding: gzip\r\n"
             "Content-Length: %zu\r\n\r\n",
             body.len);
  buf_add(&request, buf_str(&body));
  pthread_barrier_wait(a->ready); /* handshakes do not count */
  pthread_barrier_wait(a->ready);
  for (size_t done = 0; done < a->requests; done += a->connections) {
    for (unsigned i = 0; i < a->connections; i++)
      if (gnutls_record_send(sessions[i], request.data, request.len) != (ssize_t)request.len)
        die("sending failed");
    for (unsigned i = 0; i < a->connections; i++)
      take_answer(sessions[i]);
  }
  pthread_barrier_wait(a->ready);
  for (unsigned i = 0; i < a->connections; i++)
    disconnect(sessions[i]);
  gnutls_certificate_free_credentials(credentials);
  buf_free(&request);
  return NULL;
}

static void measure(struct contender *c, size_t requests, unsigned round)
{
  pthread_barrier_t ready;
  pthread_barrier_init(&ready, NULL, THREADS + 1);
  pthread_t threads[THREADS];
  struct asking asking[THREADS];
  size_t count = 0;
  for (unsigned i = 0; i < THREADS; i++) {
    unsigned connections = CONNECTIONS / THREADS + (i < CONNECTIONS % THREADS);
    size_t turns = requests / CONNECTIONS;
    asking[i] = (struct asking){c->port, turns * connections, &ready, connections};
    count += turns * connections;
    pthread_create(&threads[i], NULL, ask, &asking[i]);
  }
  pthread_barrier_wait(&ready);
  double cpu = seconds_of(c->clock), wall = seconds_of(CLOCK_MONOTONIC);
  pthread_barrier_wait(&ready);
  pthread_barrier_wait(&ready);
  cpu = seconds_of(c->clock) - cpu;
  wall = seconds_of(CLOCK_MONOTONIC) - wall;
  for (unsigned i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  pthread_barrier_destroy(&ready);
  c->cpu_us[round] = cpu * 1e6 / (double)count;
  c->rate[round] = (double)count / wall;
}

static int compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void stop(struct contender *c)
{
  kill(c->pid, SIGKILL);
  waitpid(c->pid, NULL, 0);
}

static void report(struct contender *c, unsigned rounds)
{
  qsort(c->cpu_us, rounds, sizeof c->cpu_us[0], compare);
  qsort(c->rate, rounds, sizeof c->rate[0], compare);
  printf("%-22s %6.1f us CPU a request (least %.1f), %8.0f requests/s\n", c->name,
         c->cpu_us[rounds / 2], c->cpu_us[0], c->rate[rounds / 2]);
}

static void make_body(const char *path)
{
  struct error err;
  if (path)
    check(file_read(path, 7000, &body, &err), &err);
  else
    for (unsigned i = 0; i < BODY; i++)
      buf_add_byte(&body, (char)('a' + i % 26));
}

static size_t number(const char *text, size_t most)
{
  unsigned long long n = 0;
  if (!str_to_u64(str_from(text), most, &n) || !n)
    die("usage: benchmark_http_server [REQUESTS [ROUNDS [BODY-FILE]]]");
  return (size_t)n;
}

int main(int argc, char **argv)
{
  size_t requests = argc > 1 ? number(argv[1], 100000000) : 20000;
  unsigned rounds = argc > 2 ? (unsigned)number(argv[2], ROUNDS_MAX) : 5;
  make_body(argc > 3 ? argv[3] : NULL);
  make_certificate();
  struct contender ours = {.name = "our server", .serve = serve_ours};
  struct contender bare = {.name = "bare libmicrohttpd", .serve = serve_bare};
  start(&ours);
  start(&bare);
  for (unsigned round = 0; round < rounds; round++) {
    measure(&bare, requests, round);
    measure(&ours, requests, round);
  }
  printf("%zu bytes echoed over %d TLS connections, %d workers, %u rounds of %zu requests\n",
         body.len, CONNECTIONS, WORKERS, rounds, requests);
  report(&bare, rounds);
  report(&ours, rounds);
  printf("ratio of CPU time: %.2f (least: %.2f)\n",
         ours.cpu_us[rounds / 2] / bare.cpu_us[rounds / 2], ours.cpu_us[0] / bare.cpu_us[0]);
  stop(&ours);
  stop(&bare);
  unlink(certificate_path);
  unlink(key_path);
  rmdir(directory);
  return 0;
}
