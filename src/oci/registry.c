#include "oci/registry.h"

#include "oci/registry_int.h"

#include "base/clock.h"

#include <ctype.h>
#include <limits.h>

#define MS_NS UINT64_C(1000000)

enum {
  PROBE_MS = 5000,
  RETRIES = 4,
  ATTEMPTS = 2, /* without a login, and with one */
  TOLD_MAX = 160,
};

/* ---- options */

/* HOST or HOST:PORT, as it may stand in a URL. */
static bool is_host(struct str text)
{
  unsigned long long port;
  ptrdiff_t colon = str_find_last_byte(text, ':');
  if (colon >= 0 && text.data[text.len - 1] != ']' &&
      !str_to_u64(str_sub(text, (size_t)colon + 1, text.len), 65535, &port))
    return false;
  for (size_t i = 0; i < text.len; i++)
    if (!isalnum((unsigned char)text.data[i]) && !memchr(".-:[]_", text.data[i], 6))
      return false;
  return text.len > 0 && text.len <= 255;
}

static bool is_path(struct str text)
{
  for (size_t i = 0; i < text.len; i++)
    if (!isalnum((unsigned char)text.data[i]) && !memchr("._-/", text.data[i], 4))
      return false;
  return text.len <= 255 && !str_starts(text, STR("/")) && str_find(text, 0, STR("//")) < 0 &&
         str_find(text, 0, STR("..")) < 0;
}

/* The host of a line of `insecure`; whether it is asked without TLS at once. */
static struct str insecure_host(struct str line, bool *ret_plain)
{
  *ret_plain = str_starts(line, STR("http://"));
  return *ret_plain ? str_sub(line, 7, line.len) : line;
}

bool oci_registry_is_host(struct str text)
{
  bool plain;
  return is_host(insecure_host(text, &plain));
}

bool oci_registry_is_location(struct str text)
{
  struct str path, host = str_cut(text, '/', &path);
  return is_host(host) && (!path.data || is_path(path));
}

static int check_options(const struct oci_registry_options *o, struct error *err)
{
  for (size_t i = 0; i < o->insecure_count; i++)
    if (!oci_registry_is_host(o->insecure[i]))
      return error_set(err, SW_EUSAGE, "\"%.*s\" is no HOST[:PORT] of a registry",
                       STR_FMT(str_sub(o->insecure[i], 0, TOLD_MAX)));
  for (size_t i = 0; i < o->mirror_count; i++)
    if (!oci_registry_is_location(o->mirrors[i].location))
      return error_set(err, SW_EUSAGE, "\"%.*s\" is no HOST[:PORT][/PATH] of a mirror",
                       STR_FMT(str_sub(o->mirrors[i].location, 0, TOLD_MAX)));
  return 0;
}

int oci_registry_new(const struct oci_registry_options *options, struct oci_registry **ret,
                     struct error *err)
{
  int rc = check_options(options, err);
  if (rc < 0)
    return rc;
  struct oci_registry *r = mem_zalloc(1, sizeof *r);
  r->options = *options;
  if (!r->options.retries)
    r->options.retries = RETRIES;
  arena_init(&r->arena, 0);
  map_init(&r->endpoints, &r->arena);
  *ret = r;
  return 0;
}

void oci_registry_free(struct oci_registry *r)
{
  if (!r)
    return;
  for (size_t i = 0; i < r->all.count; i++)
    registry_tokens_free(r->all.items[i]);
  for (int i = 0; i < 2; i++) {
    http_client_free(r->clients[i]);
    http_client_free(r->spare[i]);
  }
  vec_free(&r->all);
  map_free(&r->endpoints);
  arena_free(&r->arena);
  mem_free(r);
}

/* ---- clients */

int registry_new_client(const struct oci_registry *r, bool insecure, struct http_client **ret,
                        struct error *err)
{
  const struct oci_registry_options *o = &r->options;
  const struct http_client_options options = {
      .ca_file = o->ca_file,
      .insecure = insecure,
      .connect_ms = o->connect_ms,
      .retries = o->retries,
      .backoff_ms = o->backoff_ms,
      .retry_after_ms = o->retry_after_ms,
  };
  return http_client_new(&options, ret, err);
}

int registry_client(struct oci_registry *r, bool insecure, struct http_client **ret,
                    struct error *err)
{
  if (!r->clients[insecure]) {
    int rc = registry_new_client(r, insecure, &r->clients[insecure], err);
    if (rc < 0)
      return rc;
  }
  *ret = r->clients[insecure];
  return 0;
}

void oci_registry_deadline(struct oci_registry *r, uint64_t deadline_ns)
{
  r->deadline_ns = deadline_ns;
}

int registry_time(const struct oci_registry *r, unsigned *ret_ms, struct error *err)
{
  uint64_t now = clock_monotonic_ns(clock_system());
  *ret_ms = 0;
  if (!r->deadline_ns)
    return 0;
  if (now >= r->deadline_ns)
    return error_set(err, SW_EIO, "the time is over");
  uint64_t left = (r->deadline_ns - now) / MS_NS + 1;
  *ret_ms = left > UINT_MAX ? UINT_MAX : (unsigned)left;
  return 0;
}

/* ---- endpoints */

static struct registry_endpoint *add_endpoint(struct oci_registry *r, struct str location)
{
  struct registry_endpoint *e = arena_new(&r->arena, struct registry_endpoint);
  struct str path, host = str_cut(location, '/', &path);
  bool plain;
  while (path.data && path.len && path.data[path.len - 1] == '/')
    path.len--;
  e->name = arena_copy(&r->arena, host);
  e->host = str_eq(host, STR("docker.io")) ? STR("registry-1.docker.io") : e->name;
  e->prefix = path.data && path.len ? arena_printf(&r->arena, "%.*s/", STR_FMT(path)) : STR_EMPTY;
  for (size_t i = 0; i < r->options.insecure_count; i++)
    if (str_eq_nocase(insecure_host(r->options.insecure[i], &plain), host)) {
      e->insecure = true;
      e->plain = plain;
    }
  e->probed = !e->insecure || e->plain;
  map_init(&e->tokens, &r->arena);
  vec_push(&r->all, e);
  return e;
}

struct registry_endpoint *registry_endpoints(struct oci_registry *r, struct str registry)
{
  const union map_value *known = map_get(&r->endpoints, registry);
  if (known)
    return known->pointer;
  struct registry_endpoint *first = NULL, **last = &first;
  for (size_t i = 0; i < r->options.mirror_count; i++) {
    const struct oci_mirror *m = &r->options.mirrors[i];
    if (!str_eq_nocase(m->registry, registry))
      continue;
    *last = add_endpoint(r, m->location);
    (*last)->mirror = true;
    last = &(*last)->next;
  }
  *last = add_endpoint(r, registry);
  map_put(&r->endpoints, registry, NULL)->pointer = first;
  return first;
}

struct str registry_repository(const struct image_reference *reference, struct arena *arena)
{
  return arena_printf(arena, "%s%.*s", reference->library ? "library/" : "",
                      STR_FMT(reference->repository));
}

struct str registry_base(const struct registry_endpoint *e, struct arena *arena)
{
  return arena_printf(arena, "%s://%.*s", e->plain ? "http" : "https", STR_FMT(e->host));
}

/* One attempt with TLS: whoever answers it in whatever way is asked like this from now on. */
int registry_probe(struct oci_registry *r, struct registry_endpoint *e, struct error *err)
{
  if (e->probed)
    return 0;
  _cleanup_(http_client_freep) struct http_client *client = NULL;
  unsigned left = PROBE_MS;
  int rc = registry_time(r, &left, err);
  if (rc < 0)
    return rc;
  left = left && left < PROBE_MS ? left : PROBE_MS;
  const struct http_client_options options = {.insecure = true,
                                              .connect_ms = left,
                                              .total_ms = left,
                                              .retries = HTTP_NONE,
                                              .redirects = HTTP_NONE};
  rc = http_client_new(&options, &client, err);
  if (rc < 0)
    return rc;
  _cleanup_(http_response_free) struct http_response response = {0};
  char url[REGISTRY_URL_MAX];
  int len = snprintf(url, sizeof url, "https://%.*s/v2/", STR_FMT(e->host));
  const struct http_query query = {.url = str_make(url, (size_t)len)};
  bool silent = http_client_fetch(client, &query, &response, NULL) < 0;
  if (silent && registry_time(r, &left, err) < 0)
    return SW_EIO; /* it had no time to answer */
  e->plain = silent;
  e->probed = true;
  return 0;
}

/* ---- asking */

int registry_wrap(const struct registry_endpoint *e, struct str repository, const char *what,
                  struct error *err)
{
  if (!err)
    return 0;
  return error_wrap(err, "%s%.*s%s%.*s%s%s", e->mirror ? "mirror " : "", STR_FMT(e->name),
                    repository.len ? "/" : "", STR_FMT(repository), what ? ": " : "",
                    what ? what : "");
}

/* What the user can do about a connection that did not come about. */
static int advise(const struct registry_endpoint *e, int rc, struct error *err)
{
  if (!err)
    return rc;
  struct str message = str_from(err->message);
  const char *advice = NULL;
  if (rc == SW_EACCES)
    advice = "give the file of its certificate authority, or name the registry as insecure";
  else if (!e->insecure && (str_find(message, 0, STR("wrong version number")) >= 0 ||
                            str_find(message, 0, STR("unexpected TLS packet")) >= 0))
    advice = "if it speaks no TLS, name the registry as insecure";
  if (!advice)
    return rc;
  char text[ERROR_MESSAGE_MAX];
  snprintf(text, sizeof text, "%s", err->message);
  return error_set(err, rc, "%s; %s", text, advice);
}

static int ask(struct oci_registry *r, struct registry_endpoint *e, const struct registry_query *q,
               struct arena *arena, struct http_response *response, struct error *err)
{
  struct http_client *client;
  int rc = registry_client(r, e->insecure, &client, err);
  for (int i = 0; rc == 0 && i < ATTEMPTS; i++) {
    const struct http_field accept = {STR("Accept"), q->accept};
    struct http_query query = {.method = q->method,
                               .url = q->url,
                               .headers = &accept,
                               .header_count = q->accept.len > 0,
                               .silence_ms = r->options.silence_ms,
                               .limit = q->limit};
    registry_authorize(r, e, q->repository, arena, &query);
    http_response_free(response);
    rc = registry_time(r, &query.total_ms, err);
    if (rc < 0)
      return rc;
    rc = http_client_fetch(client, &query, response, err);
    if (rc < 0)
      return advise(e, rc, err);
    if (response->status >= 200 && response->status < 300)
      return 0;
    if (response->status != 401 || i + 1 == ATTEMPTS)
      return registry_status_error(r, e, q->repository, response->status, buf_str(&response->head),
                                   buf_str(&response->body), arena, err);
    rc = registry_authenticate(r, e, q->repository, buf_str(&response->head),
                               buf_str(&response->body), arena, err);
  }
  return rc;
}

int registry_ask(struct oci_registry *r, struct registry_endpoint *e,
                 const struct registry_query *q, struct arena *arena,
                 struct http_response *response, struct error *err)
{
  int rc = ask(r, e, q, arena, response, err);
  return rc < 0 && err ? registry_wrap(e, q->repository, q->what, err) : rc;
}

/* The message of the registry itself comes first: it is the one that matters. */
static int tell_both(struct error *err, const struct error *mirror)
{
  char text[ERROR_MESSAGE_MAX];
  if (!err || !mirror->code)
    return err ? err->code : 0;
  snprintf(text, sizeof text, "%s", err->message);
  return error_set(err, err->code, "%s (before: %.*s)", text, TOLD_MAX, mirror->message);
}

int registry_try(struct registry_endpoint *first, registry_attempt *attempt, void *ctx,
                 struct error *err)
{
  struct error mine = {0}, mirror = {0};
  int rc = 0;
  for (struct registry_endpoint *e = first; e; e = e->next) {
    rc = attempt(ctx, e, &mine);
    if (rc == 0)
      return 0;
    if (e->next)
      mirror = mine;
  }
  if (err) {
    *err = mine;
    tell_both(err, &mirror);
  }
  return rc;
}
