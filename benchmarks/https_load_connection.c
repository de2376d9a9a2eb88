#include "https_load.h"

#include "base/hash.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static int open_socket(uint16_t port, int *ret, struct error *err)
{
  int on = 1;
  struct timeval patience = {.tv_sec = LOAD_PATIENCE_S};
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return error_set(err, SW_EIO, "no socket: %s", strerror(errno));
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
    int rc = error_set(err, SW_EIO, "connecting: %s", strerror(errno));
    close(fd);
    return rc;
  }
  *ret = fd;
  return 0;
}

static uint64_t certificate_of(gnutls_session_t session)
{
  unsigned count = 0;
  const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
  return count ? hash_bytes(str_make((const char *)chain->data, chain->size)) : 0;
}

int load_connect(struct load_connection *c, uint16_t port,
                 gnutls_certificate_credentials_t credentials, uint64_t *ret_certificate,
                 struct error *err)
{
  int rc = open_socket(port, &c->fd, err);
  if (rc < 0)
    return rc;
  gnutls_init(&c->session, GNUTLS_CLIENT);
  gnutls_set_default_priority(c->session);
  gnutls_credentials_set(c->session, GNUTLS_CRD_CERTIFICATE, credentials);
  gnutls_transport_set_int(c->session, c->fd);
  /* EAGAIN is the end of patience here: the socket still waits. */
  do
    rc = gnutls_handshake(c->session);
  while (rc < 0 && rc != GNUTLS_E_AGAIN && !gnutls_error_is_fatal(rc));
  if (rc < 0) {
    load_disconnect(c, false);
    return error_set(err, SW_EIO, "handshake: %s", gnutls_strerror(rc));
  }
  *ret_certificate = certificate_of(c->session);
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  c->waiting = c->closing = false;
  c->answers = c->generation = 0;
  buf_clear(&c->in);
  return 0;
}

void load_disconnect(struct load_connection *c, bool politely)
{
  if (!c->session)
    return;
  if (politely)
    gnutls_bye(c->session, GNUTLS_SHUT_WR);
  gnutls_deinit(c->session);
  close(c->fd);
  c->session = NULL;
  c->waiting = false;
}

bool load_send(struct load_connection *c, struct load_review *review, uint64_t number)
{
  struct str text = buf_str(&review->request);
  load_number_write(review->request.data + review->digits, number);
  while (text.len) {
    ssize_t sent = gnutls_record_send(c->session, text.data, text.len);
    if (sent > 0) {
      text = str_make(text.data + sent, text.len - (size_t)sent);
    } else if (sent == GNUTLS_E_AGAIN || sent == GNUTLS_E_INTERRUPTED) {
      struct pollfd wait = {.fd = c->fd, .events = POLLOUT};
      if (poll(&wait, 1, LOAD_PATIENCE_S * 1000) == 0)
        return false;
    } else {
      return false;
    }
  }
  buf_clear(&c->in);
  return true;
}

/* A number behind a header's name, which is looked for in lines of the head; 0 if there is none. */
static size_t header_number(struct str head, struct str name)
{
  unsigned long long n = 0;
  while (head.len) {
    struct str line = str_cut(head, '\n', &head), value;
    struct str key = str_cut(line, ':', &value);
    if (str_eq_nocase(key, name) && str_to_u64(str_trim(value), LOAD_ANSWER_MAX, &n))
      return (size_t)n;
  }
  return 0;
}

static bool says_close(struct str head)
{
  while (head.len) {
    struct str line = str_cut(head, '\n', &head), value;
    struct str key = str_cut(line, ':', &value);
    if (str_eq_nocase(key, STR("connection")))
      return str_eq_nocase(str_trim(value), STR("close"));
  }
  return false;
}

/* 1 if what has come is a whole answer. */
static int take_answer(struct load_connection *c, unsigned *ret_status, struct str *ret_body)
{
  static const struct str version = STR_INIT("HTTP/1.1 ");
  struct str all = buf_str(&c->in);
  ptrdiff_t end = str_find(all, 0, STR("\r\n\r\n"));
  unsigned long long status = 0;
  if (end < 0)
    return 0;
  struct str head = str_make(all.data, (size_t)end + 2);
  size_t length = header_number(head, STR("content-length"));
  size_t begin = (size_t)end + 4;
  if (all.len < begin + length)
    return 0;
  if (all.len > begin + length || !str_starts(head, version) || head.len < version.len + 3 ||
      !str_to_u64(str_make(head.data + version.len, 3), 999, &status))
    return -1;
  c->closing = says_close(head);
  *ret_status = (unsigned)status;
  *ret_body = str_make(all.data + begin, length);
  return 1;
}

int load_receive(struct load_connection *c, unsigned *ret_status, struct str *ret_body)
{
  for (;;) {
    char bytes[16384];
    ssize_t got = gnutls_record_recv(c->session, bytes, sizeof bytes);
    if (got == GNUTLS_E_AGAIN)
      return 0;
    if (got == GNUTLS_E_INTERRUPTED)
      continue;
    if (got <= 0 || !c->waiting || c->in.len + (size_t)got > LOAD_ANSWER_MAX)
      return -1;
    buf_add(&c->in, str_make(bytes, (size_t)got));
    int rc = take_answer(c, ret_status, ret_body);
    if (rc != 0)
      return rc;
  }
}
