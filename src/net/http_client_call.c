#include "net/http_client_int.h"

#include "base/arena.h"
#include "base/clock.h"
#include "crypto/random.h"
#include "data/base64.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

enum {
  MS = 1000000,
  DISCARD_MAX = 1 << 20,
  SILENCE_DEFAULT_MS = 30000,
  PROBE_AFTER_SECONDS = 15,
  PROBE_EACH_SECONDS = 5,
  VANISHED_MS = 30000,
};

static const uint64_t ns_in_ms = MS;

/* "GET https://host/path", for messages: without the query, which may hold secrets. */
static struct str shown(const struct http_call *call)
{
  struct str rest;
  return str_sub(str_cut(buf_str(&call->response.url), '?', &rest), 0, 200);
}

static int fail(const struct http_call *call, struct error *err, int code, const char *what)
{
  return error_set(err, code, "%.*s %.*s: %s", STR_FMT(http_method_name(call->method)),
                   STR_FMT(shown(call)), what);
}

/* ---- the query */

static int check_url(struct str url, struct error *err)
{
  if (!url.len || url.len > HTTP_URL_MAX)
    return error_set(err, SW_EINVAL, "a URL of %zu bytes", url.len);
  for (size_t i = 0; i < url.len; i++)
    if ((unsigned char)url.data[i] <= 0x20 || url.data[i] == 0x7f)
      return error_set(err, SW_EINVAL, "the URL holds spaces or control characters");
  return 0;
}

static int check_field(struct http_field field, struct error *err)
{
  if (!http_is_token(field.name))
    return error_set(err, SW_EINVAL, "a header's name is malformed");
  if (!http_is_value(field.value))
    return error_set(err, SW_EINVAL, "the header %.*s holds control characters",
                     STR_FMT(str_sub(field.name, 0, 100)));
  return 0;
}

int http_call_check(const struct http_query *q, struct error *err)
{
  int rc = check_url(q->url, err);
  for (size_t i = 0; i < q->header_count && rc == 0; i++)
    rc = check_field(q->headers[i], err);
  if (rc == 0 && !http_is_value(q->content_type))
    rc = error_set(err, SW_EINVAL, "the content type holds control characters");
  if (rc == 0 && !http_is_value(q->bearer))
    rc = error_set(err, SW_EINVAL, "the token holds control characters");
  if (rc == 0 && str_find_byte(q->user, 0, ':') >= 0)
    rc = error_set(err, SW_EINVAL, "the user's name holds a colon");
  return rc;
}

void http_call_free(struct http_call *call)
{
  curl_easy_cleanup(call->easy);
  curl_slist_free_all(call->headers);
  http_response_free(&call->response);
  mem_free(call);
}

/* ---- addresses */

static char *part(CURLU *url, CURLUPart which, unsigned flags)
{
  char *text = NULL;
  return curl_url_get(url, which, &text, flags) == CURLUE_OK ? text : NULL;
}

static bool same_part(CURLU *a, CURLU *b, CURLUPart which)
{
  char *one = part(a, which, CURLU_DEFAULT_PORT), *other = part(b, which, CURLU_DEFAULT_PORT);
  bool same = one && other && str_eq_nocase(str_from(one), str_from(other));
  curl_free(one);
  curl_free(other);
  return same;
}

/* A URL that is asked: http or https, without credentials; NULL if it is none. */
static CURLU *read_url(const char *text, const char **ret_why)
{
  CURLU *url = curl_url();
  if (!url)
    mem_exhausted(0);
  *ret_why = "the URL is malformed";
  if (curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK) {
    char *scheme = part(url, CURLUPART_SCHEME, 0), *user = part(url, CURLUPART_USER, 0);
    char *password = part(url, CURLUPART_PASSWORD, 0);
    bool known = scheme && (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    bool bare = !user && !password;
    curl_free(scheme);
    curl_free(user);
    curl_free(password);
    if (known && bare)
      return url;
    *ret_why = known ? "the URL holds a user or a password; give them apart"
                     : "only http and https are asked";
  }
  curl_url_cleanup(url);
  return NULL;
}

static bool is_secure(CURLU *url)
{
  char *scheme = part(url, CURLUPART_SCHEME, 0);
  bool secure = scheme && strcmp(scheme, "https") == 0;
  curl_free(scheme);
  return secure;
}

/* ---- an attempt */

static void add_line(struct http_call *call, struct str name, struct str value)
{
  struct buf line = {0};
  buf_add(&line, name);
  /* So curl writes a header without a value. */
  buf_add(&line, value.len ? STR(": ") : STR(";"));
  buf_add(&line, value);
  struct curl_slist *longer = curl_slist_append(call->headers, buf_text(&line));
  buf_free(&line);
  if (!longer)
    mem_exhausted(0);
  call->headers = longer;
}

static void add_credentials(struct http_call *call)
{
  const struct http_query *q = &call->query;
  struct arena arena;
  arena_init(&arena, 0);
  if (q->bearer.len)
    add_line(call, STR("Authorization"), arena_printf(&arena, "Bearer %.*s", STR_FMT(q->bearer)));
  else if (q->user.len) {
    struct str plain = arena_printf(&arena, "%.*s:%.*s", STR_FMT(q->user), STR_FMT(q->password));
    struct str coded = base64_encode(&arena, plain, BASE64_STANDARD);
    add_line(call, STR("Authorization"), arena_printf(&arena, "Basic %.*s", STR_FMT(coded)));
  }
  arena_free(&arena);
}

/* What may go to another server than the one that was meant. */
static bool is_harmless(struct str name)
{
  static const struct str harmless[] = {STR_INIT("Accept"), STR_INIT("Accept-Language"),
                                        STR_INIT("Content-Type"), STR_INIT("Range")};
  for (unsigned i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
    if (str_eq_nocase(name, harmless[i]))
      return true;
  return false;
}

static bool sends_body(const struct http_call *call)
{
  return call->method == HTTP_POST || call->method == HTTP_PUT || call->method == HTTP_PATCH ||
         (call->query.body.len && call->method == HTTP_DELETE);
}

static void add_headers(struct http_call *call)
{
  const struct http_query *q = &call->query;
  curl_slist_free_all(call->headers);
  /* No waiting for permission to send a body; and no type that curl would make up. */
  call->headers = curl_slist_append(NULL, "Expect:");
  if (!call->headers)
    mem_exhausted(0);
  if (sends_body(call) && q->content_type.len)
    add_line(call, STR("Content-Type"), q->content_type);
  else if (!http_field_find(q->headers, q->header_count, STR("Content-Type"), true, NULL))
    call->headers = curl_slist_append(call->headers, "Content-Type:");
  for (size_t i = 0; i < q->header_count; i++)
    if (!call->foreign || is_harmless(q->headers[i].name))
      add_line(call, q->headers[i].name, q->headers[i].value);
  if (!call->foreign)
    add_credentials(call);
  curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
}

static unsigned status_of(const struct http_call *call)
{
  long status = 0;
  curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
  return status > 0 ? (unsigned)status : 0;
}

static bool is_redirect(unsigned status)
{
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static bool may_repeat(const struct http_call *call)
{
  return call->query.repeatable || (call->method != HTTP_POST && call->method != HTTP_PATCH);
}

static unsigned retry_after_ms(const struct http_call *call)
{
  curl_off_t seconds = 0;
  curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &seconds);
  if (seconds <= 0)
    return 0;
  return seconds > 1000000 ? 1000000000 : (unsigned)seconds * 1000;
}

static bool is_worth_repeating(const struct http_call *call, unsigned status)
{
  bool later = status == 429 ||
               ((status == 500 || (status >= 502 && status <= 504)) && may_repeat(call));
  return later && call->retries < call->client->options.retries &&
         retry_after_ms(call) <= call->client->options.retry_after_ms;
}

static bool leads_on(const struct http_call *call, unsigned status)
{
  return is_redirect(status) && call->client->options.redirects > 0 &&
         http_response_header(&call->response, STR("Location"), NULL);
}

/* libcurl takes more for a status than three digits. */
static bool is_status(unsigned status)
{
  return status >= 100 && status <= 999;
}

/* Is this the answer, or a step on the way to it? */
static void judge(struct http_call *call)
{
  call->judged = true;
  call->response.status = status_of(call);
  call->wanted = is_status(call->response.status) && !leads_on(call, call->response.status) &&
                 !is_worth_repeating(call, call->response.status);
}

static void take_whole_head(struct http_call *call)
{
  call->head_due_ns = 0;
  judge(call);
  if (call->wanted && call->query.on_head)
    call->query.on_head(call->query.context, &call->response);
}

static size_t take_head(char *data, size_t size, size_t count, void *context)
{
  struct http_call *call = context;
  size_t len = size * count;
  /* Of several heads (100 Continue, a proxy's) the last one counts. */
  if (str_starts(str_make(data, len), STR("HTTP/")))
    buf_clear(&call->response.head);
  buf_add(&call->response.head, str_make(data, len));
  if (buf_failed(&call->response.head)) {
    call->stopped = SW_ELIMIT;
    return 0;
  }
  /* The empty line behind it; what comes behind a body has one too. */
  if (len <= 2 && !call->judged && status_of(call) >= 200)
    take_whole_head(call);
  return len;
}

static size_t take_body(char *data, size_t size, size_t count, void *context)
{
  struct http_call *call = context;
  size_t len = size * count;
  if (!call->judged)
    judge(call);
  call->response.received += len;
  if (!call->wanted)
    return call->response.received <= DISCARD_MAX ? len : 0;
  if (call->response.received > call->response.body.cap) {
    call->stopped = SW_ELIMIT;
    return 0;
  }
  if (!call->query.on_body) {
    buf_add(&call->response.body, str_make(data, len));
    return len;
  }
  call->given = true;
  call->stopped = call->query.on_body(call->query.context, &call->response, str_make(data, len));
  return call->stopped < 0 ? 0 : len;
}

static void set_method(struct http_call *call)
{
  CURL *easy = call->easy;
  const struct http_query *q = &call->query;
  curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  if (call->method == HTTP_HEAD)
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  if (sends_body(call)) {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body.len);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, q->body.len ? q->body.data : "");
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST,
                   call->method == HTTP_HEAD ? NULL : http_method_name(call->method).data);
}

static void set_trust(struct http_call *call)
{
  CURL *easy = call->easy;
  const struct http_client_options *o = &call->client->options;
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, o->insecure ? 0L : 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, o->insecure ? 0L : 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  if (o->ca_pem.len) {
    struct curl_blob pem = {(void *)(uintptr_t)o->ca_pem.data, o->ca_pem.len, CURL_BLOB_NOCOPY};
    curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &pem);
  } else if (o->ca_file) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, o->ca_file);
  }
  if (o->ca_pem.len || o->ca_file)
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL); /* else the system's would count too */
  if (o->certificate_pem.len) {
    struct curl_blob chain = {(void *)(uintptr_t)o->certificate_pem.data, o->certificate_pem.len,
                              CURL_BLOB_NOCOPY};
    struct curl_blob key = {(void *)(uintptr_t)o->key_pem.data, o->key_pem.len, CURL_BLOB_NOCOPY};
    curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &chain);
    curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &key);
  } else if (o->certificate) {
    curl_easy_setopt(easy, CURLOPT_SSLCERT, o->certificate);
    curl_easy_setopt(easy, CURLOPT_SSLKEY, o->key);
  }
}

/* An idle stream has nothing to send that could go unanswered: without probes the end of its other side
 * would not be noticed. A failure leaves the connection as it is. */
static int set_probes(void *context, curl_socket_t fd, curlsocktype purpose)
{
  static const struct {
    int level, name, value;
  } options[] = {
      {SOL_SOCKET, SO_KEEPALIVE, 1},
      {IPPROTO_TCP, TCP_KEEPIDLE, PROBE_AFTER_SECONDS},
      {IPPROTO_TCP, TCP_KEEPINTVL, PROBE_EACH_SECONDS},
      {IPPROTO_TCP, TCP_USER_TIMEOUT, VANISHED_MS},
  };
  for (unsigned i = 0; i < sizeof options / sizeof options[0]; i++)
    setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof(int));
  return CURL_SOCKOPT_OK;
}

static void set_silence(struct http_call *call)
{
  unsigned ms = call->query.silence_ms;
  if (ms == HTTP_NONE)
    return;
  ms = ms ? ms : SILENCE_DEFAULT_MS;
  curl_easy_setopt(call->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(call->easy, CURLOPT_LOW_SPEED_TIME, (long)(ms / 1000 + (ms % 1000 != 0)));
}

static void set_limits(struct http_call *call)
{
  CURL *easy = call->easy;
  const struct http_client_options *o = &call->client->options;
  unsigned total = call->query.total_ms ? call->query.total_ms : o->total_ms;
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)o->connect_ms);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)total);
  set_silence(call);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, set_probes);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
}

int http_call_prepare(struct http_call *call, struct error *err)
{
  CURL *easy = call->easy;
  const char *why, *url = buf_text(&call->response.url);
  CURLU *read = read_url(url, &why);
  if (!read)
    return fail(call, err, SW_EINVAL, why);
  curl_url_cleanup(read);
  curl_easy_reset(easy);
  buf_clear(&call->response.head);
  buf_clear(&call->response.body);
  call->response.received = 0;
  call->response.attempts++;
  call->judged = call->wanted = false;
  call->stopped = 0;
  call->reason[0] = 0;
  curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->reason);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, call->client->options.user_agent);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_head);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
  if (call->client->options.proxy)
    curl_easy_setopt(easy, CURLOPT_PROXY, call->client->options.proxy);
  if (call->client->connect_to)
    curl_easy_setopt(easy, CURLOPT_CONNECT_TO, call->client->connect_to);
  set_limits(call);
  set_trust(call);
  set_method(call);
  add_headers(call);
  return 0;
}

/* ---- its end */

static bool wait_and_repeat(struct http_call *call, unsigned at_least_ms)
{
  const struct http_client_options *o = &call->client->options;
  uint64_t dice = 0;
  random_bytes(random_system(), &dice, sizeof dice, NULL);
  call->retries++;
  unsigned pause = http_backoff_ms(o->backoff_ms, o->backoff_max_ms, call->retries, dice);
  if (pause < at_least_ms)
    pause = at_least_ms;
  call->wake_ns = clock_monotonic_ns(clock_system()) + pause * ns_in_ms;
  return false;
}

static int code_of(CURLcode code)
{
  switch (code) {
  case CURLE_COULDNT_RESOLVE_HOST:
  case CURLE_COULDNT_RESOLVE_PROXY:
    return SW_ENOENT;
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_ISSUER_ERROR:
    return SW_EACCES;
  case CURLE_URL_MALFORMAT:
  case CURLE_UNSUPPORTED_PROTOCOL:
  case CURLE_WEIRD_SERVER_REPLY:
  case CURLE_BAD_CONTENT_ENCODING:
    return SW_EINVAL;
  default:
    return SW_EIO;
  }
}

/* The query did not reach anybody. */
static bool was_not_sent(CURLcode code)
{
  return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
         code == CURLE_COULDNT_RESOLVE_PROXY;
}

static bool was_lost(CURLcode code)
{
  static const CURLcode lost[] = {
      CURLE_OPERATION_TIMEDOUT, CURLE_SEND_ERROR,   CURLE_RECV_ERROR, CURLE_GOT_NOTHING,
      CURLE_PARTIAL_FILE,       CURLE_HTTP2_STREAM, CURLE_HTTP2,      CURLE_SSL_CONNECT_ERROR,
  };
  for (unsigned i = 0; i < sizeof lost / sizeof lost[0]; i++)
    if (code == lost[i])
      return true;
  return false;
}

static bool failed(struct http_call *call, CURLcode code, int *ret_result, struct error *err)
{
  if (call->stopped == SW_ELIMIT && !call->given) {
    *ret_result = fail(call, err, SW_ELIMIT, "the answer is longer than its limit");
    return true;
  }
  if (call->stopped < 0) {
    *ret_result = fail(call, err, call->stopped,
                       call->stopped == SW_ELIMIT ? "the answer is longer than its limit"
                                                  : "its receiver stopped the answer");
    return true;
  }
  bool again = was_not_sent(code) || (was_lost(code) && may_repeat(call));
  if (again && !call->given && call->retries < call->client->options.retries)
    return wait_and_repeat(call, 0);
  *ret_result =
      fail(call, err, code_of(code), call->reason[0] ? call->reason : curl_easy_strerror(code));
  return true;
}

static void change_method(struct http_call *call, unsigned status)
{
  if (call->method == HTTP_HEAD || status == 307 || status == 308)
    return;
  if (status == 303 || call->method == HTTP_POST)
    call->method = HTTP_GET;
}

/* Where the answer leads: held against where it came from. */
static int check_target(struct http_call *call, const char *target, struct error *err)
{
  const char *why;
  CURLU *to = read_url(target, &why);
  if (!to)
    return fail(call, err, SW_EINVAL, "it redirects to a URL that is none, or not of http");
  CURLU *from = read_url(buf_text(&call->response.url), &why);
  bool leaves_tls = from && is_secure(from) && !is_secure(to);
  if (!from || !same_part(from, to, CURLUPART_SCHEME) || !same_part(from, to, CURLUPART_HOST) ||
      !same_part(from, to, CURLUPART_PORT))
    call->foreign = true;
  curl_url_cleanup(from);
  curl_url_cleanup(to);
  return leaves_tls ? fail(call, err, SW_EINVAL, "it redirects from https to http") : 0;
}

static bool follow(struct http_call *call, int *ret_result, struct error *err)
{
  char *target = NULL;
  curl_easy_getinfo(call->easy, CURLINFO_REDIRECT_URL, &target);
  if (call->response.redirects >= call->client->options.redirects)
    *ret_result = fail(call, err, SW_ELIMIT, "too many redirects");
  else if (!target || strlen(target) > HTTP_URL_MAX)
    *ret_result = fail(call, err, SW_EINVAL, "it redirects to a malformed URL");
  else
    *ret_result = check_target(call, target, err);
  if (*ret_result < 0)
    return true;
  change_method(call, call->response.status);
  call->response.redirects++;
  buf_clear(&call->response.url);
  buf_add_text(&call->response.url, target);
  call->wake_ns = 0;
  return false;
}

bool http_call_ended(struct http_call *call, CURLcode code, int *ret_result, struct error *err)
{
  /* More than is worth reading came with a redirect: it leads on all the same. */
  bool enough = code == CURLE_WRITE_ERROR && call->judged && !call->wanted;
  if (code != CURLE_OK && !enough)
    return failed(call, code, ret_result, err);
  if (!call->judged)
    judge(call);
  if (!is_status(call->response.status)) {
    *ret_result = fail(call, err, SW_EINVAL, "the answer is no HTTP");
    return true;
  }
  if (leads_on(call, call->response.status))
    return follow(call, ret_result, err);
  if (!call->wanted)
    return wait_and_repeat(call, retry_after_ms(call));
  *ret_result = 0;
  return true;
}
