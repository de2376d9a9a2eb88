#include "net/http_server_int.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
  BACKLOG = 1024,
  ACCEPT_AT_ONCE = 256, /* before the keeper looks at its other work */
  TICK_MS = 1000,       /* between two looks at the connections and at the TLS files */
  TICK_DRAINING_MS = 20,
  DRAIN_WAIT_MS = 500,      /* how long a waiting connection is kept when draining */
  TCP_STATE_CLOSE_WAIT = 8, /* the kernel's number: the other side has sent its last byte */
  ACCEPT_PAUSE_MS = 50,     /* after the system has refused a descriptor */
  MS = 1000000,
};

/* The keeper's own state. */
struct keeping {
  struct http_server *server;
  bool stopped;       /* accepting has */
  uint64_t sweep_ns;  /* when to look at the connections next */
  uint64_t tls_ns;    /* when to look at the files next */
  uint64_t paused_ns; /* not accepting until then */
  uint64_t told_ns;   /* when a failure to accept was told last; 0: never */
};

void http_address_text(const struct sockaddr *address, bool with_port,
                       char ret[static HTTP_ADDRESS_TEXT])
{
  char ip[INET6_ADDRSTRLEN] = "?";
  unsigned port = 0;
  bool bracketed = false;
  if (address->sa_family == AF_INET) {
    const struct sockaddr_in *in = (const void *)address;
    inet_ntop(AF_INET, &in->sin_addr, ip, sizeof ip);
    port = ntohs(in->sin_port);
  } else if (address->sa_family == AF_INET6) {
    const struct sockaddr_in6 *in6 = (const void *)address;
    bool mapped = IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr);
    inet_ntop(mapped ? AF_INET : AF_INET6, in6->sin6_addr.s6_addr + (mapped ? 12 : 0), ip,
              sizeof ip);
    bracketed = !mapped && with_port;
    port = ntohs(in6->sin6_port);
  }
  if (with_port)
    snprintf(ret, HTTP_ADDRESS_TEXT, "%s%s%s:%u", bracketed ? "[" : "", ip, bracketed ? "]" : "",
             port);
  else
    snprintf(ret, HTTP_ADDRESS_TEXT, "%s", ip);
}

/* ---- connections, as libmicrohttpd tells of them, in their worker's thread */

struct http_connection *http_connection_of(struct MHD_Connection *mhd)
{
  return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* Which worker this is; the lock is held. */
static unsigned worker_number(struct http_server *server, struct MHD_Daemon *daemon)
{
  unsigned i = 0;
  while (i + 1 < server->options.workers && server->workers[i].daemon &&
         server->workers[i].daemon != daemon)
    i++;
  server->workers[i].daemon = daemon;
  return i;
}

static void link_connection(struct http_server *server, struct http_connection *c,
                            struct MHD_Connection *mhd)
{
  pthread_mutex_lock(&server->lock);
  c->worker =
      worker_number(server, MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_DAEMON)->daemon);
  c->next = server->connections;
  if (c->next)
    c->next->previous = c;
  server->connections = c;
  c->credentials = server->credentials;
  if (c->credentials)
    atomic_fetch_add(&c->credentials->holders, 1);
  pthread_mutex_unlock(&server->lock);
}

static void begin_connection(struct http_server *server, struct MHD_Connection *mhd, void **context)
{
  struct http_connection *c = mem_zalloc(1, sizeof *c);
  c->server = server;
  c->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
  http_address_text(MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr,
                    true, c->peer_text);
  c->peer = str_from(c->peer_text);
  arena_init(&c->arena, 0);
  http_connection_enter(c, server->options.tls ? HTTP_HANDSHAKE : HTTP_WAITING, http_now());
  c->seen_state = atomic_load(&c->state);
  link_connection(server, c, mhd);
  *context = c;
  if (c->credentials)
    http_tls_begin(c, mhd);
}

static void end_connection(struct http_server *server, void **context)
{
  struct http_connection *c = *context;
  pthread_mutex_lock(&server->lock);
  if (c->previous)
    c->previous->next = c->next;
  else
    server->connections = c->next;
  if (c->next)
    c->next->previous = c->previous;
  atomic_fetch_sub(&server->open, 1);
  pthread_cond_broadcast(&server->closed);
  pthread_mutex_unlock(&server->lock);
  http_credentials_drop(c->credentials);
  arena_free(&c->arena);
  mem_free(c);
  *context = NULL;
}

void http_connection_changed(void *context, struct MHD_Connection *mhd, void **connection,
                             enum MHD_ConnectionNotificationCode code)
{
  if (code == MHD_CONNECTION_NOTIFY_STARTED)
    begin_connection(context, mhd, connection);
  else if (*connection)
    end_connection(context, connection);
}

/* ---- listening and accepting */

static int make_address(const struct http_server *server, struct sockaddr_storage *ret,
                        socklen_t *ret_len, struct error *err)
{
  const char *text = server->options.address ? server->options.address : "127.0.0.1";
  struct sockaddr_in *in = (void *)ret;
  struct sockaddr_in6 *in6 = (void *)ret;
  memset(ret, 0, sizeof *ret);
  if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
    in->sin_family = AF_INET;
    in->sin_port = htons(server->options.port);
    *ret_len = sizeof *in;
    return 0;
  }
  if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1) {
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(server->options.port);
    *ret_len = sizeof *in6;
    return 0;
  }
  return error_set(err, SW_EUSAGE, "\"%.100s\" is not an IP address to listen on", text);
}

static int bind_listener(struct http_server *server, const struct sockaddr_storage *address,
                         socklen_t len)
{
  int on = 1, off = 0;
  setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address->ss_family == AF_INET6)
    setsockopt(server->listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (bind(server->listener, (const void *)address, len) < 0)
    return -1;
  return listen(server->listener, BACKLOG);
}

int http_listen(struct http_server *server, struct error *err)
{
  struct sockaddr_storage address;
  socklen_t len;
  int rc = make_address(server, &address, &len, err);
  if (rc < 0)
    return rc;
  char text[HTTP_ADDRESS_TEXT];
  http_address_text((void *)&address, true, text);
  server->listener = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (server->listener < 0 || bind_listener(server, &address, len) < 0) {
    if (errno == EADDRINUSE)
      return error_set(err, SW_EACCES, "listening on %s: the port is taken", text);
    return error_set_errno(err, errno, "listening on %s", text);
  }
  len = sizeof address;
  if (getsockname(server->listener, (void *)&address, &len) < 0)
    return error_set_errno(err, errno, "listening on %s", text);
  http_address_text((void *)&address, true, server->address);
  server->port = ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                                     : ((struct sockaddr_in *)&address)->sin_port);
  return 0;
}

static void tell_once(struct keeping *k, uint64_t now, int errnum)
{
  struct http_server *server = k->server;
  if (!server->options.event || (k->told_ns && now - k->told_ns < (uint64_t)1000 * MS))
    return;
  k->told_ns = now;
  char reason[128], message[256];
  snprintf(message, sizeof message, "a connection cannot be accepted: %s",
           strerror_r(errnum, reason, sizeof reason));
  server->options.event(server->options.event_context, HTTP_ACCEPT_FAILED, message);
}

/* Without a descriptor to accept with, clients would wait in the queue; so one is kept in reserve,
 * which is given up to turn one of them away. */
static void turn_away(struct keeping *k, uint64_t now, int errnum)
{
  struct http_server *server = k->server;
  tell_once(k, now, errnum);
  k->paused_ns = now + (uint64_t)ACCEPT_PAUSE_MS * MS;
  if (server->spare < 0)
    return;
  close(server->spare);
  int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd >= 0) {
    close(fd);
    atomic_fetch_add_explicit(&server->refused, 1, memory_order_relaxed);
  }
  server->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void take_in(struct http_server *server, int fd, const struct sockaddr_storage *address,
                    socklen_t len)
{
  if (atomic_fetch_add(&server->open, 1) < server->options.connections) {
    atomic_fetch_add_explicit(&server->accepted, 1, memory_order_relaxed);
    /* Closes the socket if it fails. */
    if (MHD_add_connection(server->daemon, fd, (const void *)address, len) == MHD_YES)
      return;
    atomic_fetch_sub_explicit(&server->accepted, 1, memory_order_relaxed);
    fd = -1;
  }
  atomic_fetch_sub(&server->open, 1);
  atomic_fetch_add_explicit(&server->refused, 1, memory_order_relaxed);
  if (fd >= 0)
    close(fd);
}

/* Accepts what waits in the queue; true if it is empty now. */
static bool accept_some(struct keeping *k)
{
  struct http_server *server = k->server;
  for (unsigned i = 0; i < ACCEPT_AT_ONCE; i++) {
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    int fd = accept4(server->listener, (void *)&address, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      take_in(server, fd, &address, len);
      continue;
    }
    if (errno == EAGAIN)
      return true;
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
      turn_away(k, http_now(), errno);
      return true;
    }
    /* Anything else is of the connection that was lost before it was accepted. */
  }
  return false;
}

static void stop_accepting(struct keeping *k)
{
  for (unsigned i = 0; i < BACKLOG / ACCEPT_AT_ONCE + 1 && !accept_some(k); i++)
    ;
  close(k->server->listener);
  k->server->listener = -1;
  k->stopped = true;
}

/* ---- slow and waiting connections */

static bool has_unread(int fd)
{
  int bytes = 0;
  return ioctl(fd, SIOCINQ, &bytes) == 0 && bytes > 0;
}

/* libmicrohttpd 0.9.75 takes 128 events at a time; if it got as many, it waits for more before it looks at those it has.
 * When there are no more, the requests of all these connections lie there until something else happens. Setting
 * the low-water mark of a socket with unread bytes makes the kernel tell of them once more (tcp(7), SO_RCVLOWAT). */
static void nudge(int fd)
{
  int bytes = 1;
  (void)setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
}

/* Looks at the socket: whether bytes have come since this connection began to wait, and since when
 * (they are the beginning of a first line); and whether the client is gone. libmicrohttpd does not
 * always see the end of a connection: it is told of what comes once, and takes a read that did
 * not fill its buffer for the last one. */
static void look_closer(struct http_connection *c, uint64_t state, uint64_t now)
{
  struct tcp_info info;
  socklen_t len = sizeof info;
  memset(&info, 0, sizeof info);
  bool there = getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0;
  bool same = state == c->seen_state;
  if (!same)
    c->dribble_ns = 0;
  else if (info.tcpi_bytes_received != c->seen_bytes && !c->dribble_ns)
    c->dribble_ns = now;
  bool unread = has_unread(c->fd);
  if (unread)
    nudge(c->fd);
  c->left = there && info.tcpi_state == TCP_STATE_CLOSE_WAIT && same && !unread;
  c->seen_state = state;
  c->seen_bytes = info.tcpi_bytes_received;
}

/* Since when a connection has been keeping the server waiting; 0: it has not. */
static uint64_t slow_since(struct http_connection *c, uint64_t state, uint64_t now)
{
  switch ((enum http_phase)(state & HTTP_PHASE_MASK)) {
  case HTTP_WAITING:
    look_closer(c, state, now);
    return c->dribble_ns;
  case HTTP_HANDSHAKE:
  case HTTP_ARRIVING:
    look_closer(c, state, now);
    return state & ~(uint64_t)HTTP_PHASE_MASK;
  case HTTP_LEAVING:
    return state & ~(uint64_t)HTTP_PHASE_MASK;
  default:
    return 0;
  }
}

static bool may_go(const struct http_server *server, const struct http_connection *c,
                   uint64_t state, uint64_t now)
{
  uint64_t draining = atomic_load(&server->draining_ns);
  if (!draining || (state & HTTP_PHASE_MASK) != HTTP_WAITING || c->dribble_ns)
    return false;
  uint64_t since = state & ~(uint64_t)HTTP_PHASE_MASK;
  if (since < draining)
    since = draining;
  return now > since && now - since >= (uint64_t)DRAIN_WAIT_MS * MS && !has_unread(c->fd);
}

static void look_at(struct http_server *server, struct http_connection *c, uint64_t now)
{
  if (c->cut)
    return;
  uint64_t state = atomic_load_explicit(&c->state, memory_order_acquire);
  uint64_t since = slow_since(c, state, now);
  bool slow = since && now > since && now - since > (uint64_t)server->options.request_ms * MS;
  if (!slow && !c->left && !may_go(server, c, state, now))
    return;
  c->cut = true;
  if (slow)
    atomic_fetch_add_explicit(&server->cut, 1, memory_order_relaxed);
  shutdown(c->fd, SHUT_RDWR); /* its worker sees that, and closes it */
}

static void sweep(struct http_server *server, uint64_t now)
{
  pthread_mutex_lock(&server->lock);
  for (struct http_connection *c = server->connections; c; c = c->next)
    look_at(server, c, now);
  pthread_mutex_unlock(&server->lock);
}

/* ---- the keeper's thread */

static unsigned tick_ms(const struct http_server *server)
{
  if (atomic_load(&server->draining_ns))
    return TICK_DRAINING_MS;
  unsigned quarter = server->options.request_ms / 4 + 1;
  return quarter < TICK_MS ? quarter : TICK_MS;
}

static void do_due(struct keeping *k)
{
  struct http_server *server = k->server;
  uint64_t now = http_now();
  if (now >= k->sweep_ns) {
    sweep(server, now);
    k->sweep_ns = now + (uint64_t)tick_ms(server) * MS;
  }
  if (server->options.tls && now >= k->tls_ns) {
    http_tls_poll(server);
    k->tls_ns = now + (uint64_t)TICK_MS * MS;
  }
}

static void *keep(void *context)
{
  struct http_server *server = context;
  struct keeping k = {.server = server};
  while (!atomic_load(&server->stopping)) {
    bool listens = !k.stopped && http_now() >= k.paused_ns;
    struct pollfd fds[] = {{server->wake, POLLIN, 0}, {listens ? server->listener : -1, POLLIN, 0}};
    unsigned wait = tick_ms(server);
    if (!listens && !k.stopped && wait > ACCEPT_PAUSE_MS)
      wait = ACCEPT_PAUSE_MS;
    poll(fds, 2, (int)wait);
    uint64_t count;
    if ((fds[0].revents & POLLIN) && read(server->wake, &count, sizeof count) > 0)
      k.sweep_ns = 0;
    if (!k.stopped && atomic_load(&server->draining_ns))
      stop_accepting(&k);
    else if (fds[1].revents)
      accept_some(&k);
    do_due(&k);
  }
  return NULL;
}

int http_keeper_start(struct http_server *server, struct error *err)
{
  server->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  server->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (server->wake < 0 || server->spare < 0)
    return error_set_errno(err, errno, "starting the server");
  int errnum = pthread_create(&server->keeper, NULL, keep, server);
  if (errnum)
    return error_set_errno(err, errnum, "starting a thread");
  server->keeper_runs = true;
  return 0;
}

void http_keeper_wake(struct http_server *server)
{
  uint64_t one = 1;
  while (write(server->wake, &one, sizeof one) < 0 && errno == EINTR)
    ;
}

void http_keeper_join(struct http_server *server)
{
  if (!server->keeper_runs)
    return;
  atomic_store(&server->stopping, true);
  http_keeper_wake(server);
  pthread_join(server->keeper, NULL);
  server->keeper_runs = false;
}
