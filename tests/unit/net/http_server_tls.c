/* TLS: versions, client certificates, certificates exchanged while requests run. */
#include "made.h"
#include "talk.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

static char *directory;
static struct made_ca ca, client_ca;
static struct seen seen;

static struct told {
  pthread_mutex_t lock;
  unsigned changed, failed;
  char message[ERROR_MESSAGE_MAX];
} told = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void listen_to(void *context, enum http_server_event event, const char *message)
{
  pthread_mutex_lock(&told.lock);
  told.changed += event == HTTP_TLS_CHANGED;
  told.failed += event == HTTP_TLS_FAILED;
  snprintf(told.message, sizeof told.message, "%s", message);
  pthread_mutex_unlock(&told.lock);
}

static unsigned count_of(const unsigned *counter)
{
  pthread_mutex_lock(&told.lock);
  unsigned count = *counter;
  pthread_mutex_unlock(&told.lock);
  return count;
}

static void write_pair(const struct made_ca *by, const char *name)
{
  struct made_pair pair = made_certificate(by, name, false, -1, 2);
  made_files(directory, &pair);
  made_pair_free(&pair);
}

static struct http_server *secured(bool asks, bool requires, struct http_server_options options)
{
  made_file(directory, "ca.crt", buf_str(&client_ca.pem));
  struct tls_files_options files = {.certificate = made_path(directory, "tls.crt"),
                                    .key = made_path(directory, "tls.key"),
                                    .client_ca = asks ? made_path(directory, "ca.crt") : NULL};
  struct error err;
  made_check(tls_files_open(&files, &options.tls, &err), &err);
  memset(&seen, 0, sizeof seen);
  told.changed = told.failed = 0;
  options.require_client = requires;
  options.event = listen_to;
  return started(options, &seen);
}

static void finish(struct http_server *server)
{
  assert_int_equal(atomic_load(&seen.strays), 0);
  http_server_free(server);
}

/* A client's end of a TLS connection. */
struct secure {
  int fd, rc; /* rc: of the handshake */
  gnutls_session_t session;
  gnutls_certificate_credentials_t credentials;
};

static struct secure secure_to(uint16_t port, const char *priorities, const struct made_pair *mine)
{
  struct secure s = {.fd = dialled_port(port)};
  gnutls_init(&s.session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL);
  gnutls_certificate_allocate_credentials(&s.credentials);
  gnutls_datum_t root = {(unsigned char *)ca.pem.data, (unsigned)ca.pem.len};
  gnutls_certificate_set_x509_trust_mem(s.credentials, &root, GNUTLS_X509_FMT_PEM);
  if (mine) {
    gnutls_datum_t certificate = {(unsigned char *)mine->certificate.data,
                                  (unsigned)mine->certificate.len};
    gnutls_datum_t key = {(unsigned char *)mine->key.data, (unsigned)mine->key.len};
    assert_int_equal(
        gnutls_certificate_set_x509_key_mem(s.credentials, &certificate, &key, GNUTLS_X509_FMT_PEM),
        0);
  }
  gnutls_credentials_set(s.session, GNUTLS_CRD_CERTIFICATE, s.credentials);
  assert_int_equal(gnutls_priority_set_direct(s.session, priorities, NULL), 0);
  gnutls_session_set_verify_cert(s.session, "localhost", 0);
  gnutls_server_name_set(s.session, GNUTLS_NAME_DNS, "localhost", 9);
  gnutls_transport_set_int(s.session, s.fd);
  do
    s.rc = gnutls_handshake(s.session);
  while (s.rc < 0 && !gnutls_error_is_fatal(s.rc));
  return s;
}

static struct secure secure(const struct http_server *server)
{
  return secure_to(http_server_port(server), "NORMAL", NULL);
}

static void secure_free(struct secure *s)
{
  gnutls_deinit(s->session);
  gnutls_certificate_free_credentials(s->credentials);
  close(s->fd);
}

static ssize_t hear_secure(void *from, void *to, size_t len)
{
  struct secure *s = from;
  ssize_t got;
  do
    got = gnutls_record_recv(s->session, to, len);
  while (got == GNUTLS_E_INTERRUPTED || got == GNUTLS_E_AGAIN);
  return got;
}

static struct reply exchange(struct secure *s, const char *path)
{
  char text[200];
  snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
  if (s->rc < 0 || gnutls_record_send(s->session, text, strlen(text)) < 0)
    return (struct reply){0};
  return heard_from(hear_secure, s, true);
}

static void secure_ask(struct secure *s, const char *path, const char *body)
{
  assert_int_equal(s->rc, 0);
  struct reply reply = exchange(s, path);
  assert_int_equal(reply.status, 200);
  assert_str(reply.body, body);
  reply_free(&reply);
}

/* The handshake fails, or (TLS 1.3, where the client is done first) the first request does. */
static void assert_turned_away(struct secure *s)
{
  struct reply reply = exchange(s, "/a");
  assert_int_equal(reply.status, 0);
  secure_free(s);
}

/* The common name of the server's certificate. */
static void assert_server(struct secure *s, const char *name)
{
  unsigned count = 0;
  const gnutls_datum_t *chain = gnutls_certificate_get_peers(s->session, &count);
  assert_true(count >= 1);
  struct arena arena;
  arena_init(&arena, 0);
  struct x509_list list;
  assert_int_equal(x509_parse(&arena, str_make((char *)chain[0].data, chain[0].size), &list, NULL),
                   0);
  char expected[100];
  snprintf(expected, sizeof expected, "CN=%s,O=a group", name);
  assert_str(list.items[0].subject.name.text, expected);
  arena_free(&arena);
}

static int set_up(void **state)
{
  (void)state;
  directory = made_directory();
  write_pair(&ca, "first");
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  made_directory_free(directory);
  return 0;
}

static void test_requests(void **state)
{
  (void)state;
  struct http_server *server = secured(false, false, (struct http_server_options){0});
  struct secure s = secure(server);
  assert_server(&s, "first");
  for (int i = 0; i < 3; i++)
    secure_ask(&s, "/a", "GET /a [0]");
  secure_ask(&s, "/client", "nobody");
  struct http_server_stats stats = stats_of(server);
  assert_int_equal(stats.handshakes, 1);
  assert_int_equal(stats.requests, 4);
  assert_true(stats.tls_not_after > clock_wall_seconds(clock_system()));
  secure_free(&s);
  await(stats_of(server).open == 0);
  finish(server);
}

static bool send_all(struct secure *s, struct str text)
{
  while (text.len) {
    ssize_t put = gnutls_record_send(s->session, text.data, text.len);
    if (put < 0)
      return false;
    text = str_sub(text, (size_t)put, text.len);
  }
  return true;
}

/* Bodies of many records; and several requests in one record. */
static void test_large_and_pipelined(void **state)
{
  (void)state;
  struct http_server *server = secured(false, false, (struct http_server_options){0});
  struct secure s = secure(server);
  struct buf text = {0};
  static const size_t sizes[] = {16384, 16385, 100000, 3000000};
  for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    buf_clear(&text);
    buf_printf(&text, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", sizes[i]);
    size_t head = text.len;
    for (size_t at = 0; at < sizes[i]; at++)
      buf_add_byte(&text, (char)('a' + at % 25));
    assert_true(send_all(&s, buf_str(&text)));
    struct reply reply = heard_from(hear_secure, &s, true);
    assert_int_equal(reply.status, 200);
    assert_true(str_eq(reply.body, str_sub(buf_str(&text), head, sizes[i])));
    reply_free(&reply);
  }
  buf_clear(&text);
  for (unsigned i = 0; i < 50; i++)
    buf_printf(&text, "GET /%u HTTP/1.1\r\nHost: a\r\n\r\n", i);
  assert_true(send_all(&s, buf_str(&text)));
  for (unsigned i = 0; i < 50; i++) {
    char expected[32];
    snprintf(expected, sizeof expected, "GET /%u [0]", i);
    struct reply reply = heard_from(hear_secure, &s, true);
    assert_str(reply.body, expected);
    reply_free(&reply);
  }
  buf_free(&text);
  secure_free(&s);
  finish(server);
}

static void test_versions(void **state)
{
  (void)state;
  struct http_server *server = secured(false, false, (struct http_server_options){0});
  static const struct {
    const char *priorities;
    bool good;
  } cases[] = {
      {"NORMAL:-VERS-ALL:+VERS-TLS1.3", true},
      {"NORMAL:-VERS-ALL:+VERS-TLS1.2", true},
      {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-256-GCM", true},
      {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+CHACHA20-POLY1305", true},
      {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC", false},
      {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA", false},
      {"NORMAL:-VERS-ALL:+VERS-TLS1.1", false},
      {"NORMAL:-VERS-ALL:+VERS-TLS1.0", false},
  };
  for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct secure s = secure_to(http_server_port(server), cases[i].priorities, NULL);
    if (!cases[i].good) {
      assert_turned_away(&s);
      continue;
    }
    secure_ask(&s, "/a", "GET /a [0]");
    secure_free(&s);
  }
  finish(server);
}

static void test_plain_http_is_turned_away(void **state)
{
  (void)state;
  struct http_server *server = secured(false, false, (struct http_server_options){0});
  int fd = dialled(server);
  say(fd, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
  struct reply reply = heard(fd);
  assert_int_equal(reply.status, 0);
  close(fd);
  assert_int_equal(atomic_load(&seen.calls), 0);
  finish(server);
}

static void test_handshake_that_does_not_come(void **state)
{
  (void)state;
  struct http_server *server =
      secured(false, false, (struct http_server_options){.request_ms = 200});
  struct secure waits = secure(server);
  secure_ask(&waits, "/a", "GET /a [0]");
  int silent = dialled(server), half = dialled(server);
  say_bytes(half, "\x16\x03\x01", 3);
  assert_ended(silent);
  assert_ended(half);
  assert_int_equal(stats_of(server).cut, 2);
  secure_ask(&waits, "/b", "GET /b [0]");
  close(silent);
  close(half);
  secure_free(&waits);
  finish(server);
}

static void test_client_certificates(void **state)
{
  (void)state;
  struct http_server *server = secured(true, false, (struct http_server_options){0});
  uint16_t port = http_server_port(server);
  struct made_pair good = made_certificate(&client_ca, "the client", true, -1, 2);
  struct made_pair server_only = made_certificate(&client_ca, "a server", false, -1, 2);
  struct made_pair late = made_certificate(&client_ca, "late", true, -2, -1);
  struct made_pair stranger = made_certificate(&ca, "stranger", true, -1, 2);
  static const char *const versions[] = {"NORMAL:-VERS-ALL:+VERS-TLS1.3",
                                         "NORMAL:-VERS-ALL:+VERS-TLS1.2"};
  for (unsigned i = 0; i < 2; i++) {
    struct secure s = secure_to(port, versions[i], NULL);
    secure_ask(&s, "/client", "nobody");
    secure_free(&s);
    s = secure_to(port, versions[i], &good);
    for (int again = 0; again < 2; again++)
      secure_ask(&s, "/client", "the client;CN=the client,O=a group;a group,localhost,");
    secure_free(&s);
    s = secure_to(port, versions[i], &server_only);
    assert_turned_away(&s);
    s = secure_to(port, versions[i], &late);
    assert_turned_away(&s);
  }
  finish(server);
  server = secured(true, true, (struct http_server_options){0});
  port = http_server_port(server);
  for (unsigned i = 0; i < 2; i++) {
    struct secure s = secure_to(port, versions[i], NULL);
    assert_turned_away(&s);
    s = secure_to(port, versions[i], &stranger);
    assert_turned_away(&s);
    s = secure_to(port, versions[i], &good);
    secure_ask(&s, "/a", "GET /a [0]");
    secure_free(&s);
  }
  assert_int_equal(atomic_load(&seen.calls), 2);
  finish(server);
  made_pair_free(&good);
  made_pair_free(&server_only);
  made_pair_free(&late);
  made_pair_free(&stranger);
}

/* Requests on one connection, and each time on a new one, while the files change. */
struct asker {
  uint16_t port;
  bool stays;
  atomic_bool stop;
  atomic_uint good, bad;
};

static void *keep_asking(void *context)
{
  struct asker *asker = context;
  struct secure s = secure_to(asker->port, "NORMAL", NULL);
  while (!atomic_load(&asker->stop)) {
    struct reply reply = exchange(&s, "/a");
    atomic_fetch_add(reply.status == 200 ? &asker->good : &asker->bad, 1);
    bool again = !asker->stays || reply.status != 200;
    reply_free(&reply);
    if (again) {
      secure_free(&s);
      s = secure_to(asker->port, "NORMAL", NULL);
    }
  }
  secure_free(&s);
  return NULL;
}

static void test_certificate_exchanged(void **state)
{
  (void)state;
  struct http_server *server = secured(false, false, (struct http_server_options){0});
  struct asker askers[2] = {{.port = http_server_port(server), .stays = true},
                            {.port = http_server_port(server)}};
  pthread_t threads[2];
  for (int i = 0; i < 2; i++)
    pthread_create(&threads[i], NULL, keep_asking, &askers[i]);
  static const char *const names[] = {"second", "third"};
  for (unsigned i = 0; i < 2; i++) {
    unsigned before = atomic_load(&askers[0].good);
    write_pair(&ca, names[i]);
    await(count_of(&told.changed) == i + 1);
    struct secure s = secure(server);
    assert_server(&s, names[i]);
    secure_ask(&s, "/a", "GET /a [0]");
    secure_free(&s);
    await(atomic_load(&askers[0].good) > before + 10);
  }
  for (int i = 0; i < 2; i++) {
    atomic_store(&askers[i].stop, true);
    pthread_join(threads[i], NULL);
    assert_true(atomic_load(&askers[i].good) > 0);
    assert_int_equal(atomic_load(&askers[i].bad), 0);
  }
  assert_int_equal(stats_of(server).tls_changes, 2);
  finish(server);
}

static void test_wrong_pair_does_not_count(void **state)
{
  (void)state;
  struct http_server *server = secured(false, false, (struct http_server_options){0});
  struct made_pair pair = made_certificate(&ca, "second", false, -1, 2);
  made_file(directory, "tls.crt", buf_str(&pair.certificate));
  await(count_of(&told.failed) == 1);
  assert_non_null(strstr(told.message, "does not belong"));
  struct secure s = secure(server);
  assert_server(&s, "first");
  secure_ask(&s, "/a", "GET /a [0]");
  secure_free(&s);
  made_file(directory, "tls.key", buf_str(&pair.key));
  await(count_of(&told.changed) == 1);
  assert_int_equal(count_of(&told.failed), 1);
  assert_int_equal(stats_of(server).tls_failures, 1);
  s = secure(server);
  assert_server(&s, "second");
  secure_free(&s);
  made_pair_free(&pair);
  finish(server);
}

static void test_client_ca_exchanged(void **state)
{
  (void)state;
  struct http_server *server = secured(true, true, (struct http_server_options){0});
  struct made_pair stranger = made_certificate(&ca, "stranger", true, -1, 2);
  struct secure s = secure_to(http_server_port(server), "NORMAL", &stranger);
  assert_turned_away(&s);
  made_file(directory, "ca.crt", buf_str(&ca.pem));
  await(count_of(&told.changed) == 1);
  s = secure_to(http_server_port(server), "NORMAL", &stranger);
  secure_ask(&s, "/a", "GET /a [0]");
  secure_free(&s);
  made_pair_free(&stranger);
  finish(server);
}

static void test_drain(void **state)
{
  (void)state;
  struct http_server *server = secured(false, false, (struct http_server_options){0});
  struct secure s = secure(server);
  secure_ask(&s, "/a", "GET /a [0]");
  assert_int_equal(http_server_stop(server, 60000), 0);
  char byte;
  assert_true(hear_secure(&s, &byte, 1) <= 0);
  secure_free(&s);
  finish(server);
}

#define in_directory(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      in_directory(test_requests),
      in_directory(test_large_and_pipelined),
      in_directory(test_versions),
      in_directory(test_plain_http_is_turned_away),
      in_directory(test_handshake_that_does_not_come),
      in_directory(test_client_certificates),
      in_directory(test_certificate_exchanged),
      in_directory(test_wrong_pair_does_not_count),
      in_directory(test_client_ca_exchanged),
      in_directory(test_drain),
  };
  ca = made_authority("the authority");
  client_ca = made_authority("the clients' authority");
  int rc = cmocka_run_group_tests(tests, NULL, NULL);
  made_ca_free(&ca);
  made_ca_free(&client_ca);
  return rc;
}
