/*
 * http_server_int.h - what the parts of the server share.
 *
 * Who may touch what: a connection's `state` is written by its worker and read by the keeper; the
 * members under "keeper" are the keeper's; the list of connections, `credentials` and `open` are
 * guarded by the lock; exchanges belong to their worker. libmicrohttpd closes a connection's socket
 * only after it has told of the end (http_connection_ended), which takes the lock: so the keeper, which
 * holds it, never shuts down a descriptor that has become something else.
 */
#ifndef SEAWALL_NET_HTTP_SERVER_INT_H
#define SEAWALL_NET_HTTP_SERVER_INT_H

#include "net/http_server.h"
#include "net/http_server_library_int.h"

#include "base/arena.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

/* What a connection is doing; in the low bits of its state, beside the time it began. */
enum http_phase {
  HTTP_WAITING,   /* for a request */
  HTTP_HANDSHAKE, /* of TLS */
  HTTP_ARRIVING,  /* a request is: its first line has been read */
  HTTP_HANDLING,  /* the handler runs */
  HTTP_LEAVING,   /* the answer is */
  HTTP_PHASE_MASK = 7,
};

/* What TLS connections are made with: shared by those that began under it. */
struct http_credentials {
  atomic_uint holders;
  gnutls_certificate_credentials_t certificate;
  bool asks; /* for client certificates */
};

struct http_connection {
  struct http_connection *next, *previous;
  struct http_server *server;
  unsigned worker;
  int fd;
  _Atomic uint64_t state; /* nanoseconds, and enum http_phase */
  struct http_credentials *credentials;
  struct http_client_name *client; /* in arena */
  struct arena arena;
  struct str peer;
  char peer_text[HTTP_ADDRESS_TEXT];

  /* keeper */
  uint64_t seen_state, seen_bytes; /* when it last looked */
  uint64_t dribble_ns; /* since when it has been receiving without a first line; 0: it has not */
  bool left;           /* the client is gone */
  bool cut;            /* shut down by the keeper */
};

/* A request and its answer, kept by a worker between requests. */
struct http_exchange {
  struct http_exchange *next;
  struct http_connection *connection;
  struct http_request request;
  struct http_answer answer;
  struct buf body, text, scratch;
  struct buf encoded; /* the path as it was sent, if that differs */
  uint64_t held;      /* bytes of the body that count in server->body_bytes */
  uint64_t discarded; /* bytes thrown away since it was refused */
  unsigned refused;   /* status; 0: not refused */
  const char *reason;
  bool begun, answered, gathered_too_many;
  struct http_field headers[HTTP_FIELDS_MAX], query[HTTP_FIELDS_MAX];
};

struct http_worker {
  struct MHD_Daemon *daemon; /* which of the pool's; NULL: no connection yet */
  struct http_exchange *free;
  unsigned free_count;
  _Atomic uint64_t requests, rejected, busy, handshakes;
  char apart[64]; /* no two workers write to one cache line */
};

struct http_server {
  struct http_server_options options;
  char address[HTTP_ADDRESS_TEXT];
  uint16_t port;
  int listener, wake, spare; /* descriptors; spare is given up to refuse a connection */
  struct MHD_Daemon *daemon;
  pthread_t keeper;
  bool keeper_runs;
  char tls_failure[ERROR_MESSAGE_MAX]; /* the one told last; the keeper's */

  pthread_mutex_t lock;
  pthread_cond_t closed; /* a connection has been */
  struct http_connection *connections;
  struct http_credentials *credentials; /* for new connections */

  atomic_uint open, under_way;
  _Atomic uint64_t body_bytes, accepted, refused, cut, tls_changes, tls_failures;
  _Atomic int64_t tls_not_after;
  _Atomic uint64_t draining_ns; /* since when; 0: not */
  atomic_bool stopping;

  struct http_worker workers[HTTP_WORKERS_MAX];
};

uint64_t http_now(void);

static inline void http_connection_enter(struct http_connection *c, enum http_phase phase,
                                         uint64_t now)
{
  atomic_store_explicit(&c->state, (now & ~(uint64_t)HTTP_PHASE_MASK) | phase,
                        memory_order_release);
}

/* libmicrohttpd's callbacks: http_server_exchange.c */
void *http_exchange_began(void *context, const char *uri, struct MHD_Connection *mhd);
enum MHD_Result http_exchange_step(void *context, struct MHD_Connection *mhd, const char *url,
                                   const char *method, const char *version, const char *upload,
                                   size_t *upload_size, void **exchange);
void http_exchange_ended(void *context, struct MHD_Connection *mhd, void **exchange,
                         enum MHD_RequestTerminationCode code);
void http_exchanges_free(struct http_server *server);

/* http_server_answer.c: makes the answer ready for its handler; sends it. */
void http_answer_reset(struct http_exchange *x);
enum MHD_Result http_answer_send(struct http_server *server, struct MHD_Connection *mhd,
                                 struct http_exchange *x);

/* http_server_keeper.c */
void http_connection_changed(void *context, struct MHD_Connection *mhd, void **connection,
                             enum MHD_ConnectionNotificationCode code);
struct http_connection *http_connection_of(struct MHD_Connection *mhd);
int http_keeper_start(struct http_server *server, struct error *err);
void http_keeper_wake(struct http_server *server);
void http_keeper_join(struct http_server *server);
int http_listen(struct http_server *server, struct error *err);
void http_address_text(const struct sockaddr *address, bool with_port,
                       char ret[static HTTP_ADDRESS_TEXT]);

/* http_server_tls.c */
extern const char http_tls_priorities[];
int http_credentials_make(const struct http_server *server, const struct tls_material *material,
                          struct http_credentials **ret, struct error *err);
void http_credentials_drop(struct http_credentials *credentials);
void http_tls_begin(struct http_connection *c, struct MHD_Connection *mhd);
int http_tls_no_certificate(gnutls_session_t session, const gnutls_datum_t *names, int name_count,
                            const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
                            gnutls_pcert_st **ret_certificates, unsigned *ret_count,
                            gnutls_privkey_t *ret_key);
void http_tls_poll(struct http_server *server);

#endif
