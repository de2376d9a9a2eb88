/*
 * http_server.h - an HTTP/1.1 server, with TLS or without, for many small requests on connections
 * that stay open: what an API server asks of a webhook.
 *
 *     static void handle(void *context, const struct http_request *request,
 *                        struct http_answer *answer)
 *     {
 *       struct state *mine = &((struct state *)context)[request->worker];
 *       buf_add(answer->text, STR("{}"));
 *     }
 *
 *     struct http_server_options options = {.address = "127.0.0.1", .handle = handle,
 *                                           .context = states, .workers = 2};
 *     struct http_server *server;
 *     if (http_server_start(&options, &server, &err) < 0) ...
 *     ... SIGTERM:
 *     size_t cut = http_server_stop(server, 20000);
 *     http_server_free(server);
 *
 * Threads. One thread (the keeper) accepts connections and hands each to one of `workers` threads,
 * which serve it to its end. The handler runs in the worker's thread; while it runs, the worker's
 * other connections wait, so a handler computes and does not sleep, and heeds the request's
 * deadline. request->worker is the number of the thread: of two calls with the same number one ends
 * before the other begins, so that state per worker needs no lock.
 *
 * What is done without the handler: requests with a malformed head or an unknown method, both a length
 * and chunks, two lengths, a coding other than chunked, a zero byte in the path or HTTP/1.1 without Host
 * are answered with 4xx or 501 and the connection is closed; bodies in chunks are put together; HEAD
 * is the handler's GET without the body (request->method tells). Expect: 100-continue is answered
 * once the head is in order. Answers to requests that were sent one behind another without waiting
 * keep their order.
 *
 * Limits, each with a default (0 in the options) and all of them counted in http_server_stats: see
 * struct http_server_options. Too long a head: 431 or 414 and the end of the connection. Too large a
 * body: 413; if the rest is no longer than the cap again, it is read and thrown away, so that the client
 * reads the answer and the connection stays; else the connection ends. Too much under way: 503 with
 * Retry-After, likewise. More connections than allowed: the new one is closed. A client that is slow
 * to send a request, or to take its answer: its connection is closed. Connections that wait for a
 * request are closed when idle_seconds are over, and never before, unless the server is stopping. (A
 * client that has sent a part of a request line together with the end of the request before counts
 * as waiting until it sends more.)
 *
 * TLS 1.2 and 1.3 with ciphers that keep forward secrecy; ALPN says http/1.1. The files are looked at
 * every second; connections that are open keep what they began with. With a client CA, clients are
 * asked for a certificate; one that is not valid for client authentication ends the handshake, none
 * does if `require_client` is set. Who it was is in request->client.
 *
 * Memory: nothing of the server's own is allocated for a request once the connections have been
 * used: exchanges, bodies and answers are kept by the workers. (libmicrohttpd allocates an answer's
 * head.) A connection takes at most twice header_bytes.
 *
 * Thread safety: http_server_stats may be called from any thread, also by the handler; the others by
 * the thread that started the server.
 */
#ifndef SEAWALL_NET_HTTP_SERVER_H
#define SEAWALL_NET_HTTP_SERVER_H

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "crypto/x509.h"
#include "net/http.h"
#include "net/tls_files.h"

#include <stdbool.h>
#include <stdint.h>

enum {
  HTTP_WORKERS_MAX = 64,
  HTTP_FIELDS_MAX = 100,        /* headers, and query values; more: 431, 414 */
  HTTP_ANSWER_HEADERS_MAX = 16, /* beside Content-Type */
  HTTP_ADDRESS_TEXT = 64,
};

/* Whom a client certificate names that has been verified. */
struct http_client_name {
  struct str subject;     /* RFC 4514, as x509.h writes it */
  struct str common_name; /* the last one; empty: none */
  struct str *groups;     /* the organizations */
  size_t group_count;
  struct x509_names names; /* subject alternative names */
  int64_t not_after;
};

/* Views are valid until the handler returns; those of client as long as the connection. */
struct http_request {
  enum http_method method;
  struct str path;    /* decoded, begins with "/"; without the query */
  struct str encoded; /* the same as it was sent: a "%2F" is no "/" */
  const struct http_field
      *query; /* decoded, in their order; a name without "=" has an empty value */
  size_t query_count;
  const struct http_field *headers; /* in their order; names as they were sent */
  size_t header_count;
  struct str body;                       /* in one piece, zero-terminated */
  const struct http_client_name *client; /* NULL: none, or not verified */
  struct str peer;                       /* "10.0.0.1:43210", "[::1]:43210" */
  unsigned worker;                       /* 0 to workers - 1 */
  uint64_t received_ns; /* when its first line was read, by clock_monotonic_ns(clock_system()) */
  uint64_t deadline_ns; /* received_ns and answer_ms: when the answer should be there */
};

/* The first header or query value of a name (headers: without regard to case); false and an empty
 * value if there is none. ret may be NULL. */
bool http_request_header(const struct http_request *request, struct str name, struct str *ret);
bool http_request_query(const struct http_request *request, struct str name, struct str *ret);

/* The Content-Type is this media type ("application/json"), with parameters or without. */
bool http_request_has_type(const struct http_request *request, struct str type);

/* Appends what an answer with an error status says, as JSON. */
typedef void http_write_error(struct buf *out, unsigned status, struct str message);

/* Filled by the handler; what it is when the handler is called stands beside it. Views must be valid
 * when the handler returns; a body must stay until release is called. */
struct http_answer {
  unsigned status;         /* 200; outside 200 to 599 becomes 500 */
  struct str content_type; /* application/json; empty: none */
  struct buf *text;        /* empty; the body, unless `body` is set. It has the capacity of earlier
                            * answers, and a cap of answer_bytes: an answer that does not fit is
                            * sent as 500. */
  struct str body;         /* data NULL */
  void (*release)(void *context); /* NULL; called once when the body has been sent or given up, by
                                   * the worker, whatever becomes of the connection */
  void *release_context;
  struct http_field headers[HTTP_ANSWER_HEADERS_MAX];
  size_t header_count;           /* 0 */
  bool close;                    /* false; the connection ends behind this answer */
  http_write_error *write_error; /* the server's */
};

/* Adds a header; more than fit, or with bytes that a header may not have, become 500. */
void http_answer_header(struct http_answer *answer, struct str name, struct str value);

/* A status and the message, as write_error writes it, in text. */
void http_answer_error(struct http_answer *answer, unsigned status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* 405 with the methods that are allowed ("GET, HEAD"). */
void http_answer_method(struct http_answer *answer, const char *allowed);

typedef void http_handle(void *context, const struct http_request *request,
                         struct http_answer *answer);

/* What a server tells without being asked, by its keeper's thread. */
enum http_server_event {
  HTTP_TLS_CHANGED,   /* the new certificate is in use */
  HTTP_TLS_FAILED,    /* it cannot be used, the old one stays; told once for each message */
  HTTP_ACCEPT_FAILED, /* no descriptors or memory for a connection; told once a second at most */
};

struct http_server_options {
  const char *address; /* IP address to listen on; NULL: 127.0.0.1; "::" takes IPv4 too */
  uint16_t port;       /* 0: any, told by http_server_port */
  unsigned workers;    /* threads; 0: one per processor; at most HTTP_WORKERS_MAX */

  struct tls_files *tls; /* NULL: plain HTTP. The server owns it from a successful start on. */
  bool require_client;   /* a client without a valid certificate is turned away */

  http_handle *handle;
  void *context;
  void (*event)(void *context, enum http_server_event event, const char *message); /* or NULL */
  void *event_context;

  http_write_error *write_error; /* also of the server's own errors; NULL: {"error":"message"} */

  size_t header_bytes;   /* of request line and headers; 0: 16 KiB; from 1 KiB to 1 MiB */
  size_t body_bytes;     /* of one body; 0: 8 MiB; at most 1 GiB */
  size_t bodies_bytes;   /* of all bodies under way; 0: 256 MiB */
  size_t answer_bytes;   /* of one answer; 0: 64 MiB */
  unsigned connections;  /* altogether; 0: 4,096 */
  unsigned per_address;  /* connections from one address; 0: no limit of its own, since a proxy
                             * or an API server is one address */
  unsigned requests;     /* under way: arriving, answered or leaving; 0: 1,024 */
  unsigned idle_seconds; /* a connection may wait for a request; 0: 180, which is longer than
                             * the 90 s after which an API server closes */
  unsigned request_ms;   /* for the handshake, for a request to arrive, and for the answer to be
                             * taken, each; 0: 15,000 */
  unsigned answer_ms;    /* what the request's deadline is made of; 0: 30,000, the longest that
                             * an API server waits */
};

struct http_server_stats {
  uint64_t accepted;   /* connections */
  uint64_t refused;    /* connections beyond a limit */
  uint64_t cut;        /* connections closed because they were slow */
  uint64_t requests;   /* handed to the handler */
  uint64_t rejected;   /* answered without it: malformed, too large, not allowed */
  uint64_t busy;       /* of these, 503 */
  uint64_t handshakes; /* finished; 0 without TLS */
  uint64_t tls_changes, tls_failures;
  uint32_t open;         /* connections now */
  uint32_t under_way;    /* requests now */
  uint64_t body_bytes;   /* held by bodies now */
  int64_t tls_not_after; /* when the certificate ends, seconds since the epoch; 0 without TLS */
};

struct http_server;

/*
 * Listens and serves. SIGPIPE need not be ignored.
 * Errors: SW_EUSAGE (an option is out of its range, the address is none), SW_EIO, SW_EACCES (the port
 * is taken or not allowed), SW_EINVAL (the TLS library refuses what tls_files has accepted),
 * SW_EUNSUPPORTED (libmicrohttpd or GnuTLS is not there).
 */
int http_server_start(const struct http_server_options *options, struct http_server **ret,
                      struct error *err);

uint16_t http_server_port(const struct http_server *server);
unsigned http_server_workers(const struct http_server *server);

/* "127.0.0.1:8443", "[::1]:8443". */
const char *http_server_address(const struct http_server *server);

/*
 * Drains and stops: takes the connections that wait in the queue and no more; answers what is under
 * way and what comes on open connections, with Connection: close; closes connections once they have
 * waited half a second; ends when all are closed, or after drain_ms. Returns how many requests were
 * cut off: still arriving or leaving then. (A handler that runs is waited for.) Called again: 0.
 */
size_t http_server_stop(struct http_server *server, unsigned drain_ms);

/* Stops without draining, if it still runs. */
void http_server_free(struct http_server *server);
MEM_DEFINE_CLEANUP(struct http_server, http_server_free)

void http_server_stats(const struct http_server *server, struct http_server_stats *ret);

#endif
