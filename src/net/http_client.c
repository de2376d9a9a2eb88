#include "net/http_client_int.h"

#include "base/clock.h"

#include <pthread.h>
#include <signal.h>

enum { MS = 1000000, POLL_MS = 1000 };

void http_response_free(struct http_response *response)
{
  buf_free(&response->head);
  buf_free(&response->body);
  buf_free(&response->url);
  *response = (struct http_response){0};
}

bool http_response_header(const struct http_response *response, struct str name, struct str *ret)
{
  struct str rest = buf_str(&response->head), value;
  while (rest.data) {
    struct str line = str_cut(rest, '\n', &rest);
    struct str key = str_cut(line, ':', &value);
    if (value.data && str_eq_nocase(key, name)) {
      if (ret)
        *ret = str_trim(value);
      return true;
    }
  }
  if (ret)
    *ret = STR_EMPTY;
  return false;
}

unsigned http_backoff_ms(unsigned first_ms, unsigned max_ms, unsigned n, uint64_t dice)
{
  uint64_t pause = first_ms;
  for (unsigned i = 1; i < n && pause < max_ms; i++)
    pause *= 2;
  if (pause > max_ms)
    pause = max_ms;
  uint64_t half = pause / 2;
  return (unsigned)(pause - half + (half ? dice % (half + 1) : 0));
}

/* ---- SIGPIPE: libcurl's TLS writes to connections that the other side has closed. The signal is kept
 * from the thread while libcurl works, whatever the program does about it. */

struct quiet {
  sigset_t before;
  bool was_pending;
};

static struct quiet begin_quiet(void)
{
  struct quiet quiet;
  sigset_t pipe, pending;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  sigpending(&pending);
  quiet.was_pending = sigismember(&pending, SIGPIPE) == 1;
  pthread_sigmask(SIG_BLOCK, &pipe, &quiet.before);
  return quiet;
}

static void end_quiet(const struct quiet *quiet)
{
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  const struct timespec now = {0, 0};
  while (!quiet->was_pending && sigtimedwait(&pipe, NULL, &now) > 0)
    ;
  pthread_sigmask(SIG_SETMASK, &quiet->before, NULL);
}

/* ---- clients */

static void set_default(unsigned *value, unsigned preset)
{
  if (*value == HTTP_NONE)
    *value = 0;
  else if (!*value)
    *value = preset;
}

static void set_defaults(struct http_client_options *o)
{
  set_default(&o->connect_ms, 10000);
  set_default(&o->total_ms, 60000);
  set_default(&o->redirects, 5);
  set_default(&o->retries, 3);
  set_default(&o->backoff_ms, 200);
  set_default(&o->backoff_max_ms, 10000);
  set_default(&o->retry_after_ms, 30000);
  set_default(&o->parallel, 16);
  if (!o->user_agent)
    o->user_agent = "seawall";
}

static void copy_texts(struct http_client *client)
{
  struct http_client_options *o = &client->options;
  const char **texts[] = {&o->ca_file, &o->certificate, &o->key,
                          &o->proxy,   &o->user_agent,  &o->connect_to};
  for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
    if (*texts[i]) {
      client->texts[i] = mem_copy_text(*texts[i], strlen(*texts[i]));
      *texts[i] = client->texts[i];
    }
  buf_add(&client->ca_pem, o->ca_pem);
  o->ca_pem = buf_str(&client->ca_pem);
  buf_add(&client->certificate_pem, o->certificate_pem);
  o->certificate_pem = buf_str(&client->certificate_pem);
  buf_reserve(&client->key_pem, o->key_pem.len); /* at once: growing would leave copies */
  buf_add(&client->key_pem, o->key_pem);
  o->key_pem = buf_str(&client->key_pem);
}

static int check_options(const struct http_client_options *o, struct error *err)
{
  if (!o->certificate != !o->key || !o->certificate_pem.len != !o->key_pem.len)
    return error_set(err, SW_EUSAGE, "a client certificate needs both a certificate and a key");
  if (o->user_agent && !http_is_value(str_from(o->user_agent)))
    return error_set(err, SW_EUSAGE, "the user agent holds control characters");
  if (o->connect_to && !strchr(o->connect_to, ':'))
    return error_set(err, SW_EUSAGE, "\"%.100s\" is no HOST:PORT", o->connect_to);
  return 0;
}

/* "::HOST:PORT": for every host and port. */
static void set_connect_to(struct http_client *client)
{
  struct buf text = {0};
  if (!client->options.connect_to)
    return;
  buf_printf(&text, "::%s", client->options.connect_to);
  client->connect_to = curl_slist_append(NULL, buf_text(&text));
  buf_free(&text);
  if (!client->connect_to)
    mem_exhausted(0);
}

int http_client_new(const struct http_client_options *options, struct http_client **ret,
                    struct error *err)
{
  int rc = check_options(options, err);
  if (rc == 0)
    rc = http_client_library(err);
  if (rc < 0)
    return rc;
  struct http_client *client = mem_zalloc(1, sizeof *client);
  client->options = *options;
  set_defaults(&client->options);
  copy_texts(client);
  set_connect_to(client);
  client->multi = curl_multi_init();
  if (!client->multi)
    mem_exhausted(0);
  curl_multi_setopt(client->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)client->options.parallel);
  *ret = client;
  return 0;
}

void http_client_free(struct http_client *client)
{
  if (!client)
    return;
  struct quiet quiet = begin_quiet();
  while (client->calls) {
    struct http_call *call = client->calls;
    client->calls = call->next;
    if (call->running)
      curl_multi_remove_handle(client->multi, call->easy);
    http_call_free(call);
  }
  curl_multi_cleanup(client->multi);
  end_quiet(&quiet);
  curl_slist_free_all(client->connect_to);
  buf_free(&client->ca_pem);
  buf_free(&client->certificate_pem);
  if (client->key_pem.len)
    explicit_bzero(client->key_pem.data, client->key_pem.len);
  buf_free(&client->key_pem);
  for (unsigned i = 0; i < sizeof client->texts / sizeof client->texts[0]; i++)
    mem_free(client->texts[i]);
  mem_free(client);
}

/* ---- queries */

static uint64_t now_ns(void)
{
  return clock_monotonic_ns(clock_system());
}

int http_client_start(struct http_client *client, const struct http_query *query, http_done *done,
                      void *context, struct error *err)
{
  int rc = http_call_check(query, err);
  if (rc < 0)
    return rc;
  if (client->call_count >= HTTP_QUERIES_MAX)
    return error_set(err, SW_ELIMIT, "more than %d queries at a time", HTTP_QUERIES_MAX);
  struct http_call *call = mem_zalloc(1, sizeof *call);
  call->client = client;
  call->query = *query;
  call->method = query->method;
  call->done = done;
  call->context = context;
  call->easy = curl_easy_init();
  if (!call->easy)
    mem_exhausted(0);
  buf_init(&call->response.head, HTTP_HEAD_MAX);
  buf_init(&call->response.body, query->limit ? query->limit : 16 << 20);
  buf_add(&call->response.url, query->url);
  call->next = client->calls;
  client->calls = call;
  client->call_count++;
  return 0;
}

static void unlink_call(struct http_client *client, struct http_call *call)
{
  struct http_call **at = &client->calls;
  while (*at != call)
    at = &(*at)->next;
  *at = call->next;
  client->call_count--;
}

static void finish(struct http_call *call, int result, const struct error *err)
{
  unlink_call(call->client, call);
  struct http_response response = call->response;
  call->response = (struct http_response){0};
  if (result < 0)
    http_response_free(&response);
  http_done *done = call->done;
  void *context = call->context;
  http_call_free(call);
  done(context, result, &response, err);
}

/* An attempt begins, or the query ends because none can. */
static void attempt(struct http_call *call)
{
  struct error err;
  int rc = http_call_prepare(call, &err);
  if (rc == 0 && curl_multi_add_handle(call->client->multi, call->easy) != CURLM_OK)
    rc = error_set(&err, SW_EIO, "the query cannot be begun");
  if (rc < 0) {
    finish(call, rc, &err);
    return;
  }
  call->running = true;
  call->head_due_ns = call->query.head_ms ? now_ns() + (uint64_t)call->query.head_ms * MS : 0;
}

/* Begins what is due; the milliseconds until the next one is. */
static unsigned begin_due(struct http_client *client)
{
  unsigned wait = POLL_MS;
  uint64_t now = now_ns();
  for (struct http_call *call = client->calls, *next; call; call = next) {
    next = call->next;
    if (call->running)
      continue;
    if (call->wake_ns <= now)
      attempt(call);
    else if ((call->wake_ns - now) / MS + 1 < wait)
      wait = (unsigned)((call->wake_ns - now) / MS + 1);
  }
  return wait;
}

static void end_attempt(struct http_call *call, CURLcode code)
{
  curl_multi_remove_handle(call->client->multi, call->easy);
  call->running = false;
  struct error err = {0};
  int result = 0;
  if (http_call_ended(call, code, &result, &err))
    finish(call, result, &err);
}

static void take_ended(struct http_client *client)
{
  int left;
  for (CURLMsg *message; (message = curl_multi_info_read(client->multi, &left));) {
    struct http_call *call = NULL;
    CURLcode code = message->data.result;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
    end_attempt(call, code);
  }
}

/* Ends attempts whose answer has not begun in time; the milliseconds until the next one has to. */
static unsigned end_overdue(struct http_client *client)
{
  unsigned wait = POLL_MS;
  uint64_t now = now_ns();
  for (struct http_call *call = client->calls, *next; call; call = next) {
    next = call->next;
    if (!call->running || !call->head_due_ns)
      continue;
    if (call->head_due_ns > now) {
      uint64_t left = (call->head_due_ns - now) / MS + 1;
      wait = left < wait ? (unsigned)left : wait;
      continue;
    }
    snprintf(call->reason, sizeof call->reason, "no answer has begun within %u ms",
             call->query.head_ms);
    end_attempt(call, CURLE_OPERATION_TIMEDOUT);
  }
  return wait;
}

/* One round; sooner back than wait_ms if something has happened. */
static void turn_loud(struct http_client *client, unsigned wait_ms)
{
  int running = 0;
  unsigned until_due = begin_due(client);
  curl_multi_perform(client->multi, &running);
  size_t before = client->call_count;
  take_ended(client);
  unsigned until_overdue = end_overdue(client);
  if (client->call_count < before || !client->calls || atomic_load(&client->woken))
    return;
  /* Those that are to be repeated at once. */
  unsigned again = begin_due(client);
  unsigned wait = again < until_due ? again : until_due;
  wait = until_overdue < wait ? until_overdue : wait;
  curl_multi_poll(client->multi, NULL, 0, (int)(wait < wait_ms ? wait : wait_ms), NULL);
}

static void turn(struct http_client *client, unsigned wait_ms)
{
  struct quiet quiet = begin_quiet();
  turn_loud(client, wait_ms);
  end_quiet(&quiet);
}

size_t http_client_run(struct http_client *client, unsigned wait_ms)
{
  uint64_t end = now_ns() + (uint64_t)wait_ms * MS;
  for (;;) {
    uint64_t now = now_ns();
    turn(client, now < end ? (unsigned)((end - now) / MS) + 1 : 0);
    if (atomic_exchange(&client->woken, false) || !client->calls || now >= end)
      return client->call_count;
  }
}

void http_client_wake(struct http_client *client)
{
  atomic_store(&client->woken, true);
  curl_multi_wakeup(client->multi);
}

/* Where fetch waits for its answer. */
struct fetched {
  bool done;
  int result;
  struct http_response *response;
  struct error *err;
};

static void take_fetched(void *context, int result, struct http_response *response,
                         const struct error *err)
{
  struct fetched *f = context;
  f->done = true;
  f->result = result;
  if (result < 0) {
    if (f->err)
      *f->err = *err;
    return;
  }
  *f->response = *response;
}

int http_client_fetch(struct http_client *client, const struct http_query *query,
                      struct http_response *response, struct error *err)
{
  struct fetched f = {.response = response, .err = err};
  int rc = http_client_start(client, query, take_fetched, &f, err);
  if (rc < 0)
    return rc;
  while (!f.done)
    turn(client, POLL_MS);
  return f.result;
}
