#include "net/http_server_int.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

enum { MS = 1000000, POOL_MIN = 16 << 10 };

uint64_t http_now(void)
{
  return clock_monotonic_ns(clock_system());
}

/* ---- options */

static void set_default(unsigned *value, unsigned preset)
{
  *value = *value ? *value : preset;
}

static void set_default_size(size_t *value, size_t preset)
{
  *value = *value ? *value : preset;
}

static void set_defaults(struct http_server_options *o)
{
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  if (processors < 1)
    processors = 1;
  set_default(&o->workers, processors < HTTP_WORKERS_MAX ? (unsigned)processors : HTTP_WORKERS_MAX);
  set_default_size(&o->header_bytes, 16 << 10);
  set_default_size(&o->body_bytes, 8 << 20);
  set_default_size(&o->bodies_bytes, 256 << 20);
  set_default_size(&o->answer_bytes, 64 << 20);
  set_default(&o->connections, 4096);
  set_default(&o->requests, 1024);
  set_default(&o->idle_seconds, 180);
  set_default(&o->request_ms, 15000);
  set_default(&o->answer_ms, 30000);
}

static int check_options(const struct http_server_options *o, struct error *err)
{
  if (!o->handle)
    return error_set(err, SW_EUSAGE, "a server without a handler");
  if (o->workers > HTTP_WORKERS_MAX)
    return error_set(err, SW_EUSAGE, "%u workers, at most %d", o->workers, HTTP_WORKERS_MAX);
  if (o->header_bytes < 1 << 10 || o->header_bytes > 1 << 20)
    return error_set(err, SW_EUSAGE, "the limit of a request's head must be 1 KiB to 1 MiB");
  if (o->body_bytes > 1 << 30 || o->answer_bytes > 1 << 30)
    return error_set(err, SW_EUSAGE, "the limit of a body must be 1 GiB at most");
  if (o->connections > 1 << 20)
    return error_set(err, SW_EUSAGE, "the limit of connections must be 1,048,576 at most");
  if (o->require_client && (!o->tls || !tls_files_current(o->tls)->client_ca.len))
    return error_set(err, SW_EUSAGE,
                     "client certificates are required, but no CA for them is given");
  return 0;
}

/* ---- start */

static struct MHD_Daemon *start_daemon(struct http_server *server)
{
  const struct http_server_options *o = &server->options;
  unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_NO_LISTEN_SOCKET;
  if (o->tls)
    flags |= MHD_USE_TLS;
  /* Its read buffer is half of its memory, and must hold the head. Connections are limited by the
   * keeper; the limit here, which is divided among the workers, must never be reached. */
  size_t memory = o->header_bytes * 2 > POOL_MIN ? o->header_bytes * 2 : POOL_MIN;
  struct MHD_OptionItem items[12];
  unsigned n = 0;
  items[n++] = (struct MHD_OptionItem){MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)memory, NULL};
  items[n++] = (struct MHD_OptionItem){MHD_OPTION_CONNECTION_LIMIT,
                                       (intptr_t)(o->connections + 1) * (intptr_t)o->workers, NULL};
  items[n++] =
      (struct MHD_OptionItem){MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)o->idle_seconds, NULL};
  items[n++] = (struct MHD_OptionItem){MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL};
  if (o->per_address)
    items[n++] =
        (struct MHD_OptionItem){MHD_OPTION_PER_IP_CONNECTION_LIMIT, (intptr_t)o->per_address, NULL};
  if (o->workers > 1)
    items[n++] = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)o->workers, NULL};
  if (o->tls) {
    items[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0,
                                         (void *)(uintptr_t)http_tls_priorities};
    items[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_CERT_CALLBACK, 0,
                                         (void *)(intptr_t)http_tls_no_certificate};
  }
  items[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
  return MHD_start_daemon(flags, 0, NULL, NULL, http_exchange_step, server,
                          MHD_OPTION_NOTIFY_CONNECTION, http_connection_changed, server,
                          MHD_OPTION_NOTIFY_COMPLETED, http_exchange_ended, server,
                          MHD_OPTION_URI_LOG_CALLBACK, http_exchange_began, server,
                          MHD_OPTION_ARRAY, items, MHD_OPTION_END);
}

static void make_lock(struct http_server *server)
{
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&server->closed, &attributes);
  pthread_condattr_destroy(&attributes);
  pthread_mutex_init(&server->lock, NULL);
}

/* Threads inherit the mask: signals stay with the threads of the program. */
static int start_threads(struct http_server *server, struct error *err)
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int rc = 0;
  server->daemon = start_daemon(server);
  if (!server->daemon)
    rc = error_set(err, SW_EIO, "the server's threads cannot be started");
  else
    rc = http_keeper_start(server, err);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return rc;
}

static int start(struct http_server *server, struct error *err)
{
  struct http_server_options *o = &server->options;
  set_defaults(o);
  int rc = check_options(o, err);
  if (rc == 0)
    rc = http_server_libraries(err);
  if (rc < 0)
    return rc;
  if (o->tls) {
    const struct tls_material *material = tls_files_current(o->tls);
    rc = http_credentials_make(server, material, &server->credentials, err);
    atomic_store(&server->tls_not_after, material->not_after);
  }
  rc = rc < 0 ? rc : http_listen(server, err);
  return rc < 0 ? rc : start_threads(server, err);
}

int http_server_start(const struct http_server_options *options, struct http_server **ret,
                      struct error *err)
{
  struct http_server *server = mem_zalloc(1, sizeof *server);
  server->options = *options;
  server->listener = server->wake = server->spare = -1;
  make_lock(server);
  int rc = start(server, err);
  if (rc < 0) {
    server->options.tls = NULL; /* stays the caller's */
    http_server_free(server);
    return rc;
  }
  *ret = server;
  return 0;
}

uint16_t http_server_port(const struct http_server *server)
{
  return server->port;
}

unsigned http_server_workers(const struct http_server *server)
{
  return server->options.workers;
}

const char *http_server_address(const struct http_server *server)
{
  return server->address;
}

/* ---- stop */

static struct timespec moment(uint64_t ns)
{
  return (struct timespec){(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
}

static size_t wait_for_end(struct http_server *server, unsigned drain_ms)
{
  struct timespec until = moment(http_now() + (uint64_t)drain_ms * MS);
  pthread_mutex_lock(&server->lock);
  while (atomic_load(&server->open) > 0 &&
         pthread_cond_timedwait(&server->closed, &server->lock, &until) == 0)
    ;
  pthread_mutex_unlock(&server->lock);
  return atomic_load(&server->under_way);
}

size_t http_server_stop(struct http_server *server, unsigned drain_ms)
{
  if (!server->daemon)
    return 0;
  size_t cut = 0;
  if (server->keeper_runs) {
    atomic_store(&server->draining_ns, http_now());
    http_keeper_wake(server);
    cut = wait_for_end(server, drain_ms);
  }
  http_keeper_join(server);
  MHD_stop_daemon(server->daemon);
  server->daemon = NULL;
  return cut;
}

static void close_if_open(int fd)
{
  if (fd >= 0)
    close(fd);
}

void http_server_free(struct http_server *server)
{
  if (!server)
    return;
  http_server_stop(server, 0);
  close_if_open(server->listener);
  close_if_open(server->wake);
  close_if_open(server->spare);
  http_exchanges_free(server);
  http_credentials_drop(server->credentials);
  tls_files_free(server->options.tls);
  pthread_cond_destroy(&server->closed);
  pthread_mutex_destroy(&server->lock);
  mem_free(server);
}

void http_server_stats(const struct http_server *server, struct http_server_stats *ret)
{
  *ret = (struct http_server_stats){
      .accepted = atomic_load(&server->accepted),
      .refused = atomic_load(&server->refused),
      .cut = atomic_load(&server->cut),
      .tls_changes = atomic_load(&server->tls_changes),
      .tls_failures = atomic_load(&server->tls_failures),
      .open = atomic_load(&server->open),
      .under_way = atomic_load(&server->under_way),
      .body_bytes = atomic_load(&server->body_bytes),
      .tls_not_after = server->options.tls ? atomic_load(&server->tls_not_after) : 0,
  };
  for (unsigned i = 0; i < server->options.workers; i++) {
    const struct http_worker *worker = &server->workers[i];
    ret->requests += atomic_load(&worker->requests);
    ret->rejected += atomic_load(&worker->rejected);
    ret->busy += atomic_load(&worker->busy);
    ret->handshakes += atomic_load(&worker->handshakes);
  }
}
