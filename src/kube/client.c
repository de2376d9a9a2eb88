#include "kube/client.h"

#include "base/clock.h"
#include "crypto/random.h"
#include "data/json.h"
#include "net/http_client.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
  MS = 1000000,
  TURN_MS = 1000,
  STATUS_MAX = 256 << 10, /* bytes of an answer that says what went wrong */
  MESSAGE_MAX = 300,      /* bytes of it that are told */
  CONTINUE_MAX = 4 << 10, /* a token of a list's next page */
  VERSION_MAX = 256,
  BACKOFF_FIRST_MS = 800,
  BACKOFF_MAX_MS = 30000,
};

struct kube_client {
  struct kube_client_options options;
  char *texts[4]; /* copies of the options' strings */
  struct kube_config config;
  uint64_t loaded_ns;
  bool suspect; /* the last query was not believed, or came to nothing */
  struct buf connect_to, base, host, shown;
  pthread_mutex_t lock;     /* over http, against kube_client_interrupt */
  struct http_client *http; /* NULL: made when it is needed */
  atomic_bool interrupted;
};

static uint64_t now_ns(void)
{
  return clock_monotonic_ns(clock_system());
}

/* ---- the connection */

static void drop_http(struct kube_client *client)
{
  pthread_mutex_lock(&client->lock);
  struct http_client *http = client->http;
  client->http = NULL;
  pthread_mutex_unlock(&client->lock);
  http_client_free(http);
}

/*
 * Where the URL leads and what stands in it. A certificate of another name is asked for by putting that
 * name into the URL and connecting to the host all the same.
 */
static void set_base(struct kube_client *client)
{
  const struct kube_config *c = &client->config;
  struct str path, host, port;
  bool secure = str_starts(c->server, STR("https://"));
  struct str authority = str_cut(str_sub(c->server, secure ? 8 : 7, c->server.len), '/', &path);
  host = authority;
  ptrdiff_t colon = str_find_last_byte(authority, ':');
  bool has_port = colon > 0 && str_find_byte(authority, (size_t)colon, ']') < 0;
  if (has_port)
    host = str_sub(authority, 0, (size_t)colon);
  port = has_port ? str_sub(authority, (size_t)colon + 1, 5) : secure ? STR("443") : STR("80");
  buf_clear(&client->base);
  buf_clear(&client->host);
  buf_clear(&client->connect_to);
  if (!c->server_name.len) {
    buf_add(&client->base, c->server);
    return;
  }
  buf_printf(&client->base, "%s://%.*s:%.*s", secure ? "https" : "http", STR_FMT(c->server_name),
             STR_FMT(port));
  if (path.data)
    buf_printf(&client->base, "/%.*s", STR_FMT(path));
  buf_add(&client->host, authority);
  buf_printf(&client->connect_to, "%.*s:%.*s", STR_FMT(host), STR_FMT(port));
}

static int make_http(struct kube_client *client, struct error *err)
{
  if (client->http)
    return 0;
  const struct kube_config *c = &client->config;
  set_base(client);
  const struct http_client_options options = {
      .ca_pem = c->ca_pem,
      .certificate_pem = c->certificate_pem,
      .key_pem = c->key_pem,
      .connect_to = client->connect_to.len ? buf_text(&client->connect_to) : NULL,
      .insecure = c->insecure,
      .proxy = c->proxy.len ? c->proxy.data : NULL,
      .user_agent = client->options.user_agent,
      .connect_ms = client->options.connect_ms,
      .redirects = HTTP_NONE,
      .retries = HTTP_NONE,
  };
  struct http_client *http;
  int rc = http_client_new(&options, &http, err);
  if (rc < 0)
    return error_wrap(err, "%.*s", STR_FMT(c->origin));
  pthread_mutex_lock(&client->lock);
  client->http = http;
  pthread_mutex_unlock(&client->lock);
  return 0;
}

/* ---- credentials */

static bool same_digest(struct hash128 a, struct hash128 b)
{
  return a.low == b.low && a.high == b.high;
}

static void refresh(struct kube_client *client)
{
  struct kube_config fresh;
  uint64_t now = now_ns();
  if (!client->suspect && now - client->loaded_ns < (uint64_t)KUBE_CREDENTIALS_MS * MS)
    return;
  client->loaded_ns = now;
  client->suspect = false;
  if (kube_config_load(&client->options.source, &fresh, NULL) < 0)
    return;
  if (!same_digest(kube_config_digest(&fresh, false), kube_config_digest(&client->config, false)))
    drop_http(client);
  kube_config_free(&client->config);
  client->config = fresh;
}

/* ---- making and ending */

static const char *copied(struct kube_client *client, unsigned i, const char *text)
{
  client->texts[i] = text ? mem_copy_text(text, strlen(text)) : NULL;
  return client->texts[i];
}

static unsigned or_default(unsigned value, unsigned preset)
{
  return value ? value : preset;
}

int kube_client_new(const struct kube_client_options *options, struct kube_client **ret,
                    struct error *err)
{
  struct kube_client *client = mem_zalloc(1, sizeof *client);
  struct kube_client_options *o = &client->options;
  *o = *options;
  o->source.kubeconfig = copied(client, 0, options->source.kubeconfig);
  o->source.context = copied(client, 1, options->source.context);
  o->source.service_account = copied(client, 2, options->source.service_account);
  o->user_agent = copied(client, 3, options->user_agent);
  o->connect_ms = or_default(o->connect_ms, 10000);
  o->total_ms = or_default(o->total_ms, 30000);
  o->head_ms = or_default(o->head_ms, 90000);
  pthread_mutex_init(&client->lock, NULL);
  int rc = kube_config_load(&o->source, &client->config, err);
  client->loaded_ns = now_ns();
  if (rc == 0)
    rc = make_http(client, err);
  if (rc < 0) {
    kube_client_free(client);
    return rc;
  }
  *ret = client;
  return 0;
}

void kube_client_free(struct kube_client *client)
{
  if (!client)
    return;
  drop_http(client);
  kube_config_free(&client->config);
  buf_free(&client->base);
  buf_free(&client->host);
  buf_free(&client->connect_to);
  buf_free(&client->shown);
  for (unsigned i = 0; i < sizeof client->texts / sizeof client->texts[0]; i++)
    mem_free(client->texts[i]);
  pthread_mutex_destroy(&client->lock);
  mem_free(client);
}

const char *kube_client_server(struct kube_client *client)
{
  buf_clear(&client->shown);
  buf_printf(&client->shown, "%.*s (%.*s)", STR_FMT(client->config.server),
             STR_FMT(client->config.origin));
  return buf_text(&client->shown);
}

void kube_client_interrupt(struct kube_client *client)
{
  pthread_mutex_lock(&client->lock);
  atomic_store(&client->interrupted, true);
  if (client->http)
    http_client_wake(client->http);
  pthread_mutex_unlock(&client->lock);
}

/* ---- a query */

struct asking {
  bool done;
  int result;
  struct http_response response;
  struct error *err;
};

static void take_answer(void *context, int result, struct http_response *response,
                        const struct error *err)
{
  struct asking *asking = context;
  asking->done = true;
  asking->result = result;
  if (result < 0)
    *asking->err = *err;
  else
    asking->response = *response;
}

static int run(struct kube_client *client, const struct http_query *query, struct asking *asking)
{
  int rc = http_client_start(client->http, query, take_answer, asking, asking->err);
  if (rc < 0)
    return rc;
  while (!asking->done && !atomic_load(&client->interrupted))
    http_client_run(client->http, TURN_MS);
  if (asking->done)
    return asking->result;
  drop_http(client);
  return error_set(asking->err, SW_EIO, "interrupted");
}

/* Asks base + target. 0: there is an answer of some status, which is the caller's to free. */
static int ask(struct kube_client *client, struct str target, struct http_query *query,
               struct http_response *ret, struct error *err)
{
  if (atomic_load(&client->interrupted))
    return error_set(err, SW_EIO, "interrupted");
  refresh(client);
  int rc = make_http(client, err);
  if (rc < 0)
    return rc;
  _cleanup_(buf_free) struct buf url = {0};
  buf_add(&url, buf_str(&client->base));
  buf_add(&url, target);
  const struct http_field headers[] = {{STR("Accept"), STR("application/json")},
                                       {STR("Host"), buf_str(&client->host)}};
  query->url = buf_str(&url);
  query->headers = headers;
  query->header_count = client->host.len ? 2 : 1;
  query->bearer = client->config.token;
  query->user = client->config.user;
  query->password = client->config.password;
  struct asking asking = {.err = err};
  rc = run(client, query, &asking);
  client->suspect = rc < 0;
  *ret = asking.response;
  return rc;
}

/* ---- what went wrong */

/* Printable, and not too long. */
static void add_said(struct buf *out, struct str said)
{
  said = str_sub(said, 0, MESSAGE_MAX);
  for (size_t i = 0; i < said.len; i++) {
    unsigned char c = (unsigned char)said.data[i];
    buf_add_byte(out, c < 0x20 || c == 0x7f ? ' ' : (char)c);
  }
}

static int code_of_status(unsigned status)
{
  if (status == 401 || status == 403)
    return SW_EACCES;
  return status == 404 ? SW_ENOENT : SW_EIO;
}

/* Fills failure from a Status object, or what there is of one. */
static int tell_status(struct str path, struct value status, struct kube_failure *failure,
                       struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct value details = value_get(status, value_from("details"));
  struct str reason = value_str_or_empty(value_get(status, value_from("reason")));
  int64_t number;
  if (value_to_int(value_get(status, value_from("code")), &number) && number >= 100 &&
      number <= 999)
    failure->status = (unsigned)number;
  if (value_to_int(value_get(details, value_from("retryAfterSeconds")), &number) && number > 0)
    failure->retry_after_ms = number < 86400 ? (unsigned)number * 1000 : 86400000;
  add_said(&text, str_sub(reason, 0, sizeof failure->reason - 1));
  snprintf(failure->reason, sizeof failure->reason, "%s", buf_text(&text));
  buf_clear(&text);
  add_said(&text, value_str_or_empty(value_get(status, value_from("message"))));
  return error_set(err, code_of_status(failure->status), "%.*s: the API server answers %u%s%s%s%s",
                   STR_FMT(str_sub(path, 0, 200)), failure->status, failure->reason[0] ? " " : "",
                   failure->reason, text.len ? ": " : "", buf_text(&text));
}

static int tell_failure(struct kube_client *client, struct str path,
                        const struct http_response *response, struct str body,
                        struct kube_failure *failure, struct error *err)
{
  struct arena arena;
  struct str wait;
  unsigned long long seconds;
  struct value status = VALUE_NONE;
  arena_init(&arena, 64 << 20);
  *failure = (struct kube_failure){.status = response->status};
  client->suspect = response->status == 401;
  if (http_response_header(response, STR("Retry-After"), &wait) &&
      str_to_u64(wait, 86400, &seconds))
    failure->retry_after_ms = (unsigned)seconds * 1000;
  if (json_parse(&arena, body, NULL, &status, NULL) < 0 ||
      !value_eq_str(value_get(status, value_from("kind")), STR("Status")))
    status = VALUE_NONE;
  int rc = tell_status(path, status, failure, err);
  /* The body cannot change what the head has said. */
  failure->status = response->status;
  arena_free(&arena);
  return rc;
}

/* ---- objects */

static int get(struct kube_client *client, struct str target, size_t limit, unsigned total_ms,
               struct arena *arena, struct value *ret, struct kube_failure *failure,
               struct error *err)
{
  struct http_response response = {0};
  struct str rest, path = str_cut(target, '?', &rest);
  struct http_query query = {.limit = limit,
                             .total_ms = total_ms ? total_ms : client->options.total_ms};
  *failure = (struct kube_failure){0};
  int rc = ask(client, target, &query, &response, err);
  if (rc < 0)
    return rc;
  if (response.status != 200) {
    rc = tell_failure(client, path, &response, buf_str(&response.body), failure, err);
  } else {
    struct str text = arena_copy(arena, buf_str(&response.body));
    rc = json_parse(arena, text, NULL, ret, err);
    if (rc == 0 && !value_is(*ret, VALUE_OBJECT))
      rc = error_set(err, SW_EINVAL, "must be an object");
    if (rc < 0)
      rc = error_wrap(err, "%.*s: the answer", STR_FMT(str_sub(path, 0, 200)));
  }
  http_response_free(&response);
  return rc;
}

int kube_client_get(struct kube_client *client, struct str path, size_t limit, unsigned total_ms,
                    struct arena *arena, struct value *ret_object, struct kube_failure *ret_failure,
                    struct error *err)
{
  struct kube_failure failure;
  struct value object;
  int rc = get(client, path, limit, total_ms, arena, &object, &failure, err);
  if (ret_failure)
    *ret_failure = failure;
  if (rc == 0)
    *ret_object = object;
  return rc;
}

/* ---- lists */

static void add_escaped(struct buf *out, struct str s)
{
  for (size_t i = 0; i < s.len; i++) {
    unsigned char c = (unsigned char)s.data[i];
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
        c == '_' || c == '.' || c == '~')
      buf_add_byte(out, (char)c);
    else
      buf_printf(out, "%%%02X", c);
  }
}

static void add_parameter(struct buf *out, const char *name, struct str value)
{
  if (!value.len)
    return;
  buf_add_byte(out, str_find_byte(buf_str(out), 0, '?') < 0 ? '?' : '&');
  buf_printf(out, "%s=", name);
  add_escaped(out, value);
}

/* A text of metadata that goes back into a URL. */
static int take_text(struct value metadata, const char *key, size_t max, struct buf *out,
                     struct error *err)
{
  struct str text = value_str_or_empty(value_get(metadata, value_from(key)));
  if (text.len > max)
    return error_set(err, SW_ELIMIT, "the list's %s is longer than %zu bytes", key, max);
  buf_clear(out);
  buf_add(out, text);
  return 0;
}

struct listing {
  const struct kube_list *list;
  struct arena arena;
  struct buf target, next, version;
};

static int get_page(struct kube_client *client, struct listing *l, struct kube_failure *failure,
                    struct error *err)
{
  const struct kube_list *list = l->list;
  size_t limit = list->page_bytes ? list->page_bytes : KUBE_PAGE_BYTES;
  char number[16];
  struct value page;
  snprintf(number, sizeof number, "%u", list->page ? list->page : KUBE_PAGE_DEFAULT);
  buf_clear(&l->target);
  buf_add(&l->target, list->path);
  add_parameter(&l->target, "labelSelector", list->label_selector);
  add_parameter(&l->target, "fieldSelector", list->field_selector);
  add_parameter(&l->target, "limit", str_from(number));
  add_parameter(&l->target, "continue", buf_str(&l->next));
  arena_reset(&l->arena);
  int rc = get(client, buf_str(&l->target), limit, 0, &l->arena, &page, failure, err);
  struct value metadata = rc == 0 ? value_get(page, value_from("metadata")) : VALUE_NONE;
  struct value items = rc == 0 ? value_get(page, value_from("items")) : VALUE_NONE;
  /* Go writes null for no items. */
  if (rc == 0 && !value_is(items, VALUE_ARRAY) && !value_is(items, VALUE_NULL))
    rc = error_set(err, SW_EINVAL, "%.*s: the answer is no list", STR_FMT(list->path));
  if (rc == 0)
    rc = take_text(metadata, "continue", CONTINUE_MAX, &l->next, err);
  if (rc == 0)
    rc = take_text(metadata, "resourceVersion", VERSION_MAX, &l->version, err);
  return rc < 0 ? rc : list->on_page(list->context, page, &l->arena, err);
}

int kube_client_list(struct kube_client *client, const struct kube_list *list,
                     struct buf *ret_version, struct kube_failure *ret_failure, struct error *err)
{
  struct listing l = {.list = list};
  struct kube_failure failure = {0};
  unsigned pages = 0;
  int rc;
  arena_init(&l.arena, (list->page_bytes ? list->page_bytes : KUBE_PAGE_BYTES) * 20);
  do {
    rc = pages++ < KUBE_PAGES_MAX ? get_page(client, &l, &failure, err)
                                  : error_set(err, SW_ELIMIT, "%.*s: more than %d pages",
                                              STR_FMT(list->path), KUBE_PAGES_MAX);
  } while (rc == 0 && l.next.len);
  if (rc == 0) {
    buf_clear(ret_version);
    buf_add(ret_version, buf_str(&l.version));
  }
  if (ret_failure)
    *ret_failure = failure;
  arena_free(&l.arena);
  buf_free(&l.target);
  buf_free(&l.next);
  buf_free(&l.version);
  return rc;
}

/* ---- watches */

struct watching {
  const struct kube_watching *options;
  struct kube_event_reader reader;
  struct buf said;   /* the body of an answer that is no stream */
  struct error *err; /* why it ended */
  struct kube_failure failure;
  int result;
};

static int take_event(void *context, const struct kube_event *event, struct error *err)
{
  struct watching *w = context;
  if (event->type != KUBE_ERROR)
    return w->options->on_event(w->options->context, event, err);
  w->failure = (struct kube_failure){0};
  return tell_status(w->options->path, event->object, &w->failure, err);
}

static void take_head(void *context, const struct http_response *so_far)
{
  struct watching *w = context;
  if (so_far->status == 200 && w->options->on_begin)
    w->options->on_begin(w->options->context);
}

static int take_piece(void *context, const struct http_response *so_far, struct str piece)
{
  struct watching *w = context;
  if (so_far->status != 200) {
    buf_add(&w->said, piece);
    return buf_failed(&w->said) ? SW_ELIMIT : 0;
  }
  w->result = kube_event_reader_feed(&w->reader, piece, take_event, w, w->err);
  return w->result;
}

static void watch_target(struct buf *out, const struct kube_watching *o)
{
  char seconds[16];
  snprintf(seconds, sizeof seconds, "%u", o->seconds ? o->seconds : KUBE_WATCH_SECONDS);
  buf_add(out, o->path);
  add_parameter(out, "watch", STR("true"));
  add_parameter(out, "allowWatchBookmarks", STR("true"));
  add_parameter(out, "timeoutSeconds", str_from(seconds));
  add_parameter(out, "labelSelector", o->label_selector);
  add_parameter(out, "fieldSelector", o->field_selector);
  add_parameter(out, "resourceVersion", o->resource_version);
}

static int watch(struct kube_client *client, struct watching *w, struct error *err)
{
  const struct kube_watching *o = w->options;
  _cleanup_(buf_free) struct buf target = {0};
  struct http_response response = {0};
  struct error why = {0}, lost = {0};
  unsigned seconds = o->seconds ? o->seconds : KUBE_WATCH_SECONDS;
  struct http_query query = {.limit = SIZE_MAX,
                             .head_ms = client->options.head_ms,
                             .total_ms = (seconds < 86400 ? seconds : 86400) * 1000 + 30000,
                             .silence_ms = o->silence_ms ? o->silence_ms : HTTP_NONE,
                             .on_head = take_head,
                             .on_body = take_piece,
                             .context = w};
  w->err = &why;
  watch_target(&target, o);
  int rc = ask(client, buf_str(&target), &query, &response, &lost);
  if (w->result < 0) {
    client->suspect = false; /* it was a receiver's word that ended it */
    rc = w->result;
    *err = why;
  } else if (rc < 0) {
    *err = lost;
  } else if (response.status != 200) {
    rc = tell_failure(client, o->path, &response, buf_str(&w->said), &w->failure, err);
  }
  http_response_free(&response);
  return rc;
}

int kube_client_watch(struct kube_client *client, const struct kube_watching *watching,
                      struct kube_failure *ret_failure, struct error *err)
{
  struct watching w = {.options = watching};
  kube_event_reader_init(&w.reader, watching->line_max);
  buf_init(&w.said, STATUS_MAX);
  int rc = watch(client, &w, err);
  if (ret_failure)
    *ret_failure = w.failure;
  kube_event_reader_free(&w.reader);
  buf_free(&w.said);
  return rc;
}

unsigned kube_client_backoff_ms(unsigned n, const struct kube_failure *failure)
{
  uint64_t dice = 0;
  random_bytes(random_system(), &dice, sizeof dice, NULL);
  unsigned pause = http_backoff_ms(BACKOFF_FIRST_MS, BACKOFF_MAX_MS, n, dice);
  unsigned asked = failure ? failure->retry_after_ms : 0;
  asked = asked < KUBE_RETRY_AFTER_MAX_MS ? asked : KUBE_RETRY_AFTER_MAX_MS;
  return pause > asked ? pause : asked;
}
