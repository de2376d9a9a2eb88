/*
 * http_client.h - asks other servers over HTTP and HTTPS: registries, webhooks, policies' http.send.
 *
 *     _cleanup_(http_client_freep) struct http_client *client = NULL;
 *     struct http_client_options options = {.ca_file = "/etc/ssl/internal.pem"};
 *     if (http_client_new(&options, &client, &err) < 0) ...
 *     _cleanup_(http_response_free) struct http_response response = {0};
 *     struct http_query query = {.url = STR("https://registry.example/v2/"), .bearer = token};
 *     if (http_client_fetch(client, &query, &response, &err) < 0) ...
 *     response.status, buf_str(&response.body)
 *
 * Several at a time: http_client_start for each, then http_client_run until all are done. Connections
 * are kept and used again by the same client.
 *
 * An answer is an answer: a status of 404 or 500 is no error. Errors are: SW_EINVAL (the URL or a
 * header is malformed, the answer is no HTTP, a redirect leaves TLS or HTTP), SW_ENOENT (there is no
 * such host), SW_EACCES (the server's certificate is not trusted), SW_ELIMIT (the answer is longer
 * than its limit, too many redirects), SW_EIO (no connection, timeouts), and what on_body returned.
 * Messages begin with method and URL, without its query.
 *
 * Tried again, with growing pauses of random length: queries that may be repeated (all methods but
 * POST and PATCH, or with `repeatable`) after a lost connection or status 500, 502, 503 and 504; any
 * query after a connection that did not come about, or status 429. Never after on_body has been given
 * something. Retry-After is obeyed; if it asks for more than retry_after_ms, the answer is returned.
 *
 * Redirects: to another scheme, host or port all headers of the query but Accept, Accept-Language,
 * Content-Type and Range are left off, credentials above all. From https only to https. 301 and 302
 * turn POST into GET, 303 all but HEAD; 307 and 308 repeat the query.
 *
 * Proxies: as curl(1) takes them from the environment (http_proxy, HTTPS_PROXY, NO_PROXY, ...).
 *
 * A connection whose other side has vanished is noticed by the kernel's probes within about 30 s, also
 * where silence_ms allows an answer to be silent for longer (streams of events).
 *
 * Thread safety: a client belongs to one thread at a time, but for http_client_wake. Private keys are
 * overwritten before their memory is given back.
 */
#ifndef SEAWALL_NET_HTTP_CLIENT_H
#define SEAWALL_NET_HTTP_CLIENT_H

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "net/http.h"

#include <stdbool.h>
#include <stdint.h>

#define HTTP_NONE ((unsigned)-1) /* of retries, of redirects */

enum { HTTP_HEAD_MAX = 256 << 10, HTTP_URL_MAX = 8 << 10, HTTP_QUERIES_MAX = 1000 };

struct http_client_options {
  const char *ca_file;                 /* PEM: whom to trust; NULL: the system's */
  struct str ca_pem;                   /* the same as text; goes before ca_file */
  const char *certificate, *key;       /* PEM files, of this client; NULL: none */
  struct str certificate_pem, key_pem; /* the same as texts; they go before the files */
  const char *connect_to;              /* "HOST:PORT" instead of what URLs say; NULL: as they say */
  bool insecure;                       /* certificates are not verified */
  const char *proxy;                   /* URL; NULL: of the environment; "": none */
  const char *user_agent;              /* NULL: "seawall" */
  unsigned connect_ms;                 /* until a connection is there; 0: 10,000 */
  unsigned total_ms;                   /* for one attempt; 0: 60,000 */
  unsigned redirects;                  /* at most; 0: 5 */
  unsigned retries;                    /* at most; 0: 3 */
  unsigned backoff_ms;     /* the first pause; each further one is twice as long; 0: 200 */
  unsigned backoff_max_ms; /* the longest; 0: 10,000 */
  unsigned retry_after_ms; /* the longest that a server may ask for; 0: 30,000 */
  unsigned parallel;       /* connections at a time; 0: 16 */
};

struct http_response;

/* What to ask. Views must be valid until it is done. */
struct http_query {
  enum http_method method; /* 0: GET */
  struct str url;          /* http or https, without user and password */
  const struct http_field *headers;
  size_t header_count;
  struct str body, content_type;
  struct str bearer;         /* a token; empty: none */
  struct str user, password; /* basic authentication; empty user: none */
  bool repeatable;           /* a POST or PATCH that may be sent twice */
  size_t limit;              /* bytes of the answer's body; 0: 16 MiB */
  unsigned total_ms;         /* 0: the client's */
  unsigned head_ms;          /* until the head of an answer has come; 0: no limit of its own */
  unsigned silence_ms; /* longest without a byte, in whole seconds; 0: 30,000; HTTP_NONE: any */
  /* The head of the final answer has come; NULL: nobody wants to know. */
  void (*on_head)(void *context, const struct http_response *so_far);
  /* Takes the body of the final answer piece by piece, in place of response.body; status and head
   * are in `so_far`. Negative: stops, and is the query's result. */
  int (*on_body)(void *context, const struct http_response *so_far, struct str piece);
  void *context;
};

/* Owned by its holder; begins as {0}. */
struct http_response {
  unsigned status;
  struct buf head; /* status line and header lines, of the final answer */
  struct buf body;
  struct buf url;  /* the final one */
  size_t received; /* bytes of the body */
  unsigned attempts, redirects;
};

void http_response_free(struct http_response *response);

/* The first header of a name, without regard to case; false and an empty value if there is none. */
bool http_response_header(const struct http_response *response, struct str name, struct str *ret);

/* Milliseconds to wait before attempt n (from 1: the first repetition), from half of it to the whole;
 * dice is a random number. */
unsigned http_backoff_ms(unsigned first_ms, unsigned max_ms, unsigned n, uint64_t dice);

struct http_client;

/* Strings are copied. SW_EUSAGE: a proxy or timeout that cannot be; SW_EUNSUPPORTED: libcurl is not there. */
int http_client_new(const struct http_client_options *options, struct http_client **ret,
                    struct error *err);

/* Queries under way are dropped; their `done` is not called. */
void http_client_free(struct http_client *client);
MEM_DEFINE_CLEANUP(struct http_client, http_client_free)

/* Asks and waits for the answer; others that have been started go on meanwhile. response is as {0} on
 * failure. */
int http_client_fetch(struct http_client *client, const struct http_query *query,
                      struct http_response *response, struct error *err);

/* Called by http_client_run and http_client_fetch: result is 0 or err->code. The response is the
 * receiver's to free. It may start others. */
typedef void http_done(void *context, int result, struct http_response *response,
                       const struct error *err);

/* Begins a query; at most HTTP_QUERIES_MAX at a time (SW_ELIMIT). The query is copied, not what its
 * views look at. */
int http_client_start(struct http_client *client, const struct http_query *query, http_done *done,
                      void *context, struct error *err);

/* Works for at most wait_ms, until all queries are done, or until it is woken. Returns how many are left. */
size_t http_client_run(struct http_client *client, unsigned wait_ms);

/* Makes http_client_run return: the one under way, or else the next. From any thread, while the client
 * lives. */
void http_client_wake(struct http_client *client);

#endif
