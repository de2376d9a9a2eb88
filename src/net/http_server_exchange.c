#include "net/http_server_int.h"

enum {
  EXCHANGES_KEPT = 64,     /* a worker */
  BUFFER_KEPT = 256 << 10, /* of a body or an answer: larger ones are given back */
  SHORT_BODY = 16 << 10,   /* what is reserved for a body whose length is known, before it comes */
};

bool http_request_header(const struct http_request *request, struct str name, struct str *ret)
{
  return http_field_find(request->headers, request->header_count, name, true, ret);
}

bool http_request_query(const struct http_request *request, struct str name, struct str *ret)
{
  return http_field_find(request->query, request->query_count, name, false, ret);
}

bool http_request_has_type(const struct http_request *request, struct str type)
{
  struct str value, rest;
  if (!http_request_header(request, STR("Content-Type"), &value))
    return false;
  return str_eq_nocase(str_trim(str_cut(value, ';', &rest)), type);
}

static struct http_exchange *take(struct http_server *server, struct http_worker *worker)
{
  struct http_exchange *x = worker->free;
  if (x) {
    worker->free = x->next;
    worker->free_count--;
    return x;
  }
  x = mem_zalloc(1, sizeof *x);
  buf_init(&x->body, server->options.body_bytes + 1);
  buf_init(&x->text, server->options.answer_bytes);
  buf_init(&x->scratch, 64 << 10);
  return x;
}

static void exchange_free(struct http_exchange *x)
{
  buf_free(&x->body);
  buf_free(&x->text);
  buf_free(&x->scratch);
  buf_free(&x->encoded);
  mem_free(x);
}

void http_exchanges_free(struct http_server *server)
{
  for (unsigned i = 0; i < HTTP_WORKERS_MAX; i++)
    while (server->workers[i].free) {
      struct http_exchange *x = server->workers[i].free;
      server->workers[i].free = x->next;
      exchange_free(x);
    }
}

static void keep_small(struct buf *b)
{
  size_t cap = b->cap;
  if (b->room > BUFFER_KEPT) {
    buf_free(b);
    buf_init(b, cap);
  }
  buf_clear(b);
}

static void give_back(struct http_worker *worker, struct http_exchange *x)
{
  if (worker->free_count >= EXCHANGES_KEPT) {
    exchange_free(x);
    return;
  }
  keep_small(&x->body);
  keep_small(&x->text);
  keep_small(&x->scratch);
  keep_small(&x->encoded);
  x->next = worker->free;
  worker->free = x;
  worker->free_count++;
}

/* Bytes of a body that are no longer held. */
static void let_go(struct http_server *server, struct http_exchange *x)
{
  atomic_fetch_sub_explicit(&server->body_bytes, x->held, memory_order_relaxed);
  x->held = 0;
  keep_small(&x->body);
}

static void refuse(struct http_server *server, struct http_exchange *x, unsigned status,
                   const char *reason)
{
  if (x->refused)
    return;
  x->refused = status;
  x->reason = reason;
  let_go(server, x);
}

/* The path is handed on as text that ends at its first zero byte: one from %00 would cut it. */
static bool uri_is_sound(const char *uri)
{
  return uri && uri[0] == '/' && !strstr(uri, "%00");
}

/* libmicrohttpd decodes the path where it lies, so what was sent is kept, if decoding changes it. */
static void keep_encoded(struct http_exchange *x, const char *uri)
{
  struct str path = str_make(uri, strcspn(uri, "?"));
  buf_clear(&x->encoded);
  if (str_find_byte(path, 0, '%') >= 0)
    buf_add(&x->encoded, path);
}

void *http_exchange_began(void *context, const char *uri, struct MHD_Connection *mhd)
{
  struct http_server *server = context;
  struct http_connection *c = http_connection_of(mhd);
  struct http_exchange *x = take(server, &server->workers[c->worker]);
  uint64_t now = http_now();
  http_connection_enter(c, HTTP_ARRIVING, now);
  x->connection = c;
  x->held = x->discarded = 0;
  x->refused = 0;
  x->reason = NULL;
  x->begun = x->answered = x->gathered_too_many = false;
  x->request = (struct http_request){
      .headers = x->headers,
      .query = x->query,
      .peer = c->peer,
      .client = c->client,
      .worker = c->worker,
      .received_ns = now,
      .deadline_ns = now + (uint64_t)server->options.answer_ms * 1000000,
  };
  http_answer_reset(x);
  if (atomic_fetch_add_explicit(&server->under_way, 1, memory_order_relaxed) >=
      server->options.requests)
    refuse(server, x, 503, "too many requests are under way");
  if (!uri_is_sound(uri))
    refuse(server, x, 400, "the path must begin with \"/\" and hold no zero byte");
  else
    keep_encoded(x, uri);
  return x;
}

static enum MHD_Result gather(struct http_exchange *x, struct http_field *fields, size_t *count,
                              struct http_field field)
{
  if (*count == HTTP_FIELDS_MAX) {
    x->gathered_too_many = true;
    return MHD_NO;
  }
  fields[(*count)++] = field;
  return MHD_YES;
}

static enum MHD_Result gather_header(void *context, enum MHD_ValueKind kind, const char *name,
                                     size_t name_len, const char *value, size_t value_len)
{
  struct http_exchange *x = context;
  return gather(x, x->headers, &x->request.header_count,
                (struct http_field){str_make(name, name_len), str_make(value, value_len)});
}

static enum MHD_Result gather_query(void *context, enum MHD_ValueKind kind, const char *name,
                                    size_t name_len, const char *value, size_t value_len)
{
  struct http_exchange *x = context;
  return gather(x, x->query, &x->request.query_count,
                (struct http_field){str_make(name, name_len),
                                    value ? str_make(value, value_len) : STR_EMPTY});
}

/* What the head says of the body. */
struct framing {
  unsigned lengths, codings;
  struct str length, coding;
  bool expects; /* 100-continue */
};

static struct framing read_framing(const struct http_request *request)
{
  struct framing f = {0};
  for (size_t i = 0; i < request->header_count; i++) {
    struct str name = request->headers[i].name;
    if (name.len == 14 && str_eq_nocase(name, STR("Content-Length"))) {
      f.lengths++;
      f.length = request->headers[i].value;
    } else if (name.len == 17 && str_eq_nocase(name, STR("Transfer-Encoding"))) {
      f.codings++;
      f.coding = request->headers[i].value;
    } else if (name.len == 6 && str_eq_nocase(name, STR("Expect"))) {
      f.expects = true;
    }
  }
  return f;
}

/* Where two readers could disagree about where a request ends, it is refused (RFC 9112, sections 6.1
 * and 6.3). */
static void check_framing(struct http_server *server, struct http_exchange *x,
                          const struct framing *f)
{
  unsigned long long ignored;
  if (f->codings && f->lengths)
    refuse(server, x, 400, "both Content-Length and Transfer-Encoding");
  else if (f->lengths > 1)
    refuse(server, x, 400, "more than one Content-Length");
  else if (f->codings > 1 || (f->codings && !str_eq_nocase(f->coding, STR("chunked"))))
    refuse(server, x, 501, "a Transfer-Encoding other than chunked");
  else if (f->lengths && !str_to_u64(f->length, INT64_MAX, &ignored))
    refuse(server, x, 400, "Content-Length is not a number");
}

static void check_head(struct http_server *server, struct MHD_Connection *mhd,
                       struct http_exchange *x, const char *method)
{
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  if (!http_method_named(str_from(method), &x->request.method))
    refuse(server, x, 501, "this method is not one that the server knows");
  if (x->gathered_too_many)
    refuse(server, x, 431, "too many headers or query values");
  if (info && info->header_size > server->options.header_bytes)
    refuse(server, x, 431, "the head of the request is too long");
}

/* Sends the refusal, as errors are written here. */
static enum MHD_Result send_refusal(struct http_server *server, struct MHD_Connection *mhd,
                                    struct http_exchange *x)
{
  struct http_worker *worker = &server->workers[x->connection->worker];
  atomic_fetch_add_explicit(&worker->rejected, 1, memory_order_relaxed);
  http_answer_reset(x);
  http_answer_error(&x->answer, x->refused, "%s", x->reason);
  if (x->refused == 503) {
    atomic_fetch_add_explicit(&worker->busy, 1, memory_order_relaxed);
    http_answer_header(&x->answer, STR("Retry-After"), STR("1"));
  }
  x->answered = true;
  http_connection_enter(x->connection, HTTP_LEAVING, http_now());
  return http_answer_send(server, mhd, x);
}

/* Can the rest of a refused request be read, for the sake of the connection? Not where it is unclear
 * how long it is, or the client asks before it sends. */
static bool worth_reading(const struct http_server *server, const struct http_exchange *x,
                          const struct framing *f, unsigned long long length)
{
  if (x->refused != 413 && x->refused != 503)
    return false;
  return !f->expects && length <= 2 * (unsigned long long)server->options.body_bytes;
}

/* The head is there. An answer that is queued here makes libmicrohttpd close the connection without
 * reading the body. */
static enum MHD_Result begin(struct http_server *server, struct MHD_Connection *mhd,
                             struct http_exchange *x, const char *url, const char *method)
{
  x->begun = true;
  x->request.path = str_from(url);
  x->request.encoded = x->encoded.len ? buf_str(&x->encoded) : x->request.path;
  MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, gather_header, x);
  MHD_get_connection_values_n(mhd, MHD_GET_ARGUMENT_KIND, gather_query, x);
  struct framing f = read_framing(&x->request);
  check_head(server, mhd, x, method);
  check_framing(server, x, &f);
  unsigned long long length = 0;
  bool known = f.lengths == 1 && str_to_u64(f.length, INT64_MAX, &length);
  if (known && length > server->options.body_bytes)
    refuse(server, x, 413, "the body is too large");
  if (x->refused)
    return worth_reading(server, x, &f, length) ? MHD_YES : send_refusal(server, mhd, x);
  if (known && length)
    buf_reserve(&x->body, length < SHORT_BODY ? (size_t)length + 1 : SHORT_BODY);
  return MHD_YES;
}

static enum MHD_Result discard(const struct http_server *server, struct http_exchange *x,
                               size_t size)
{
  x->discarded += size;
  return x->discarded > 2 * (uint64_t)server->options.body_bytes ? MHD_NO : MHD_YES;
}

static enum MHD_Result add_body(struct http_server *server, struct http_exchange *x,
                                const char *data, size_t size)
{
  if (x->answered)
    return MHD_YES;
  if (x->refused)
    return discard(server, x, size);
  if (size > server->options.body_bytes - x->body.len) {
    refuse(server, x, 413, "the body is too large");
    return discard(server, x, size);
  }
  uint64_t before = atomic_fetch_add_explicit(&server->body_bytes, size, memory_order_relaxed);
  x->held += size;
  if (before + size > server->options.bodies_bytes) {
    refuse(server, x, 503, "the bodies under way are too large together");
    return discard(server, x, size);
  }
  buf_add(&x->body, str_make(data, size));
  return MHD_YES;
}

static enum MHD_Result handle(struct http_server *server, struct MHD_Connection *mhd,
                              struct http_exchange *x)
{
  struct http_worker *worker = &server->workers[x->connection->worker];
  x->request.body = str_make(buf_text(&x->body), x->body.len);
  x->answered = true;
  http_connection_enter(x->connection, HTTP_HANDLING, x->request.received_ns);
  atomic_fetch_add_explicit(&worker->requests, 1, memory_order_relaxed);
  server->options.handle(server->options.context, &x->request, &x->answer);
  http_connection_enter(x->connection, HTTP_LEAVING, http_now());
  return http_answer_send(server, mhd, x);
}

enum MHD_Result http_exchange_step(void *context, struct MHD_Connection *mhd, const char *url,
                                   const char *method, const char *version, const char *upload,
                                   size_t *upload_size, void **exchange)
{
  struct http_server *server = context;
  struct http_exchange *x = *exchange;
  if (!x)
    return MHD_NO;
  if (!x->begun)
    return begin(server, mhd, x, url, method);
  if (*upload_size) {
    size_t size = *upload_size;
    *upload_size = 0;
    return add_body(server, x, upload, size);
  }
  if (x->answered)
    return MHD_YES;
  return x->refused ? send_refusal(server, mhd, x) : handle(server, mhd, x);
}

void http_exchange_ended(void *context, struct MHD_Connection *mhd, void **exchange,
                         enum MHD_RequestTerminationCode code)
{
  struct http_server *server = context;
  struct http_exchange *x = *exchange;
  if (!x)
    return;
  *exchange = NULL;
  if (x->answer.release)
    x->answer.release(x->answer.release_context);
  let_go(server, x);
  atomic_fetch_sub_explicit(&server->under_way, 1, memory_order_relaxed);
  struct http_connection *c = x->connection;
  give_back(&server->workers[c->worker], x);
  http_connection_enter(c, HTTP_WAITING, http_now());
}
