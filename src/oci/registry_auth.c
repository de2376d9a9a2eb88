/* Logins and tokens. */
#include "oci/registry_int.h"

#include "base/clock.h"

enum {
  TOKENS_MAX = 1000,
  TOKEN_ANSWER_MAX = 256 << 10,
  SCOPES_MAX = 20,
};
#define SECOND_NS UINT64_C(1000000000)

static uint64_t now_ns(void)
{
  return clock_monotonic_ns(clock_system());
}

/* ---- logins */

static bool find_login(struct oci_registry *r, const struct registry_endpoint *e,
                       struct str repository, struct arena *arena, struct oci_login *ret)
{
  const struct oci_registry_options *o = &r->options;
  *ret = (struct oci_login){.problem = STR_EMPTY};
  if (!e->mirror && (o->user.len || o->token.len)) {
    ret->user = o->user;
    ret->password = o->password;
    ret->registry_token = o->token;
    ret->origin = STR("the command line");
    return true;
  }
  return o->credentials && oci_credentials_find(o->credentials, e->name, repository, arena, ret);
}

/* ---- tokens */

static void forget(struct registry_endpoint *e)
{
  size_t at = 0;
  for (struct map_entry *entry; (entry = map_next(&e->tokens, &at));) {
    struct registry_token *token = entry->value.pointer;
    explicit_bzero(token->text, strlen(token->text));
    mem_free(token->text);
    mem_free(token);
  }
  map_clear(&e->tokens);
}

void registry_tokens_free(struct registry_endpoint *e)
{
  forget(e);
  map_free(&e->tokens);
}

static void keep_token(struct registry_endpoint *e, struct str repository, struct str text,
                       uint64_t until_ns)
{
  bool added;
  if (e->tokens.count >= TOKENS_MAX)
    forget(e);
  union map_value *value = map_put(&e->tokens, repository, &added);
  if (added)
    value->pointer = mem_zalloc(1, sizeof(struct registry_token));
  struct registry_token *token = value->pointer;
  mem_free(token->text);
  token->text = mem_copy_text(text.data, text.len);
  token->until_ns = until_ns;
}

void registry_authorize(struct oci_registry *r, struct registry_endpoint *e, struct str repository,
                        struct arena *arena, struct http_query *query)
{
  struct oci_login login;
  const union map_value *known = map_get(&e->tokens, repository);
  const struct registry_token *token = known ? known->pointer : NULL;
  if (token && token->until_ns > now_ns()) {
    query->bearer = arena_copy(arena, str_from(token->text));
    return;
  }
  if (!find_login(r, e, repository, arena, &login))
    return;
  if (login.registry_token.len) {
    query->bearer = login.registry_token;
  } else if (e->basic) {
    query->user = login.user;
    query->password = login.password;
  }
}

/* ---- token servers */

static void add_encoded(struct buf *to, struct str text)
{
  static const char digits[] = "0123456789ABCDEF";
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.data[i];
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 (c && strchr("-._~", c));
    if (plain) {
      buf_add_byte(to, (char)c);
    } else {
      buf_add_byte(to, '%');
      buf_add_byte(to, digits[c >> 4]);
      buf_add_byte(to, digits[c & 15]);
    }
  }
}

static void add_value(struct buf *to, const char *name, struct str value)
{
  if (to->len && to->data[to->len - 1] != '?' && to->data[to->len - 1] != '&')
    buf_add_byte(to, '&');
  buf_printf(to, "%s=", name);
  add_encoded(to, value);
}

/* What is asked for: what the registry says that is needed, else to pull. */
static struct str scope_of(const struct oci_challenge *challenge, struct str repository,
                           struct arena *arena)
{
  if (challenge->scope.len)
    return challenge->scope;
  return repository.len ? arena_printf(arena, "repository:%.*s:pull", STR_FMT(repository))
                        : STR("registry:catalog:*");
}

static void write_get(const struct oci_challenge *challenge, struct str scope, struct buf *url)
{
  struct str rest = scope;
  buf_add(url, challenge->realm);
  buf_add_byte(url, str_find_byte(challenge->realm, 0, '?') >= 0 ? '&' : '?');
  if (challenge->service.len)
    add_value(url, "service", challenge->service);
  for (int i = 0; rest.data && i < SCOPES_MAX; i++) {
    struct str one = str_cut(rest, ' ', &rest);
    if (one.len)
      add_value(url, "scope", one);
  }
}

static void write_form(const struct oci_challenge *challenge, struct str scope,
                       const struct oci_login *login, struct buf *form)
{
  add_value(form, "grant_type", STR("refresh_token"));
  add_value(form, "service", challenge->service);
  add_value(form, "client_id", STR("seawall"));
  add_value(form, "scope", scope);
  add_value(form, "refresh_token", login->identity_token);
}

static struct str host_of(struct str url)
{
  ptrdiff_t at = str_find(url, 0, STR("://"));
  struct str rest = at < 0 ? STR_EMPTY : str_sub(url, (size_t)at + 3, url.len);
  size_t n = 0;
  while (n < rest.len && !memchr("/?#", rest.data[n], 3))
    n++;
  return str_sub(rest, 0, n);
}

/* A login is not sent with less protection than the registry itself has. */
static int choose_client(struct oci_registry *r, const struct registry_endpoint *e,
                         struct str realm, struct http_client **ret, struct error *err)
{
  struct str host = host_of(realm);
  bool insecure = e->insecure && str_eq_nocase(host, e->host);
  for (size_t i = 0; i < r->options.insecure_count; i++)
    insecure |= str_ends(r->options.insecure[i], host) && host.len &&
                (r->options.insecure[i].len == host.len ||
                 str_starts(r->options.insecure[i], STR("http://")));
  if (!str_starts(realm, STR("https://")) && !(e->insecure && str_starts(realm, STR("http://"))))
    return error_set(err, SW_EACCES, "it wants the login at \"%.*s\", which is not of https",
                     STR_FMT(str_sub(realm, 0, 100)));
  return registry_client(r, insecure, ret, err);
}

static int ask_token_server(struct oci_registry *r, const struct registry_endpoint *e,
                            const struct oci_challenge *challenge, struct str scope,
                            const struct oci_login *login, struct http_response *response,
                            struct error *err)
{
  _cleanup_(buf_free) struct buf url = {0}, form = {0};
  struct http_client *client;
  int rc = choose_client(r, e, challenge->realm, &client, err);
  if (rc < 0)
    return rc;
  struct http_query query = {.silence_ms = r->options.silence_ms, .limit = TOKEN_ANSWER_MAX};
  rc = registry_time(r, &query.total_ms, err);
  if (rc < 0)
    return rc;
  if (login->identity_token.len) {
    write_form(challenge, scope, login, &form);
    query.method = HTTP_POST;
    query.url = challenge->realm;
    query.body = buf_str(&form);
    query.content_type = STR("application/x-www-form-urlencoded");
  } else {
    write_get(challenge, scope, &url);
    query.url = buf_str(&url);
    query.user = login->user;
    query.password = login->password;
  }
  rc = http_client_fetch(client, &query, response, err);
  if (form.len)
    explicit_bzero(form.data, form.len);
  return rc;
}

/* ---- what is said about logins */

static void add_problem(struct buf *text, const struct oci_login *login)
{
  if (login->problem.len)
    buf_printf(text, "; a login could not be read: %.*s", STR_FMT(str_sub(login->problem, 0, 200)));
}

static int refused(const struct registry_endpoint *e, const struct oci_login *login, bool found,
                   struct str reason, struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  if (found && login->user.len)
    buf_printf(&text, "the login of %.*s (from %.*s) is refused",
               STR_FMT(str_sub(login->user, 0, 64)), STR_FMT(str_sub(login->origin, 0, 200)));
  else if (found)
    buf_printf(&text, "the token (from %.*s) is refused", STR_FMT(str_sub(login->origin, 0, 200)));
  else
    buf_printf(&text,
               "a login is needed, or there is no such image; log in with `docker login %.*s`",
               STR_FMT(e->name));
  if (reason.len)
    buf_printf(&text, " (%.*s)", STR_FMT(reason));
  add_problem(&text, login);
  return error_set(err, SW_EACCES, "%s", buf_text(&text));
}

static int fetch_token(struct oci_registry *r, struct registry_endpoint *e, struct str repository,
                       const struct oci_challenge *challenge, struct arena *arena,
                       struct error *err)
{
  struct oci_login login;
  struct oci_token token;
  _cleanup_(http_response_free) struct http_response response = {0};
  bool found = find_login(r, e, repository, arena, &login);
  uint64_t begin = now_ns();
  int rc = ask_token_server(r, e, challenge, scope_of(challenge, repository, arena), &login,
                            &response, err);
  if (rc < 0)
    return rc;
  struct str body = buf_str(&response.body), host = str_sub(host_of(challenge->realm), 0, 200);
  if (response.status == 401 || response.status == 403)
    return refused(e, &login, found, oci_reason_read(arena_copy(arena, body), arena), err);
  if (response.status < 200 || response.status > 299)
    return error_set(err, SW_EIO, "the token server %.*s answers with status %u", STR_FMT(host),
                     response.status);
  rc = oci_token_read(body, arena, &token, err);
  if (rc < 0)
    return err ? error_wrap(err, "the token server %.*s", STR_FMT(host)) : rc;
  /* Given up a little before its end, so that it does not end on the way. */
  keep_token(e, repository, token.text, begin + token.seconds * SECOND_NS / 10 * 9);
  return 0;
}

int registry_authenticate(struct oci_registry *r, struct registry_endpoint *e,
                          struct str repository, struct str head, struct str body,
                          struct arena *arena, struct error *err)
{
  struct oci_challenge challenge;
  struct oci_login login;
  if (!oci_challenge_choose(head, arena, &challenge))
    return error_set(err, SW_EACCES,
                     "a login is needed, but neither a token nor a password is "
                     "asked for");
  if (challenge.bearer)
    return fetch_token(r, e, repository, &challenge, arena, err);
  bool found = find_login(r, e, repository, arena, &login);
  if (!found || !login.user.len || e->basic)
    return refused(e, &login, found, oci_reason_read(arena_copy(arena, body), arena), err);
  e->basic = true;
  return 0;
}

/* ---- answers */

static const struct status {
  unsigned status;
  int code;
  const char *text;
} statuses[] = {
    {404, SW_ENOENT, "there is no such thing"},
    {405, SW_EUNSUPPORTED, "the registry does not do this"},
    {416, SW_EINVAL, "the registry has less than it should"},
    {429, SW_EIO, "too many requests, try again later"},
};

static struct str header(struct str head, struct str name)
{
  struct str rest = head, value;
  while (rest.data) {
    struct str line = str_cut(rest, '\n', &rest);
    if (str_eq_nocase(str_cut(line, ':', &value), name) && value.data)
      return str_trim(value);
  }
  return STR_EMPTY;
}

int registry_status_error(struct oci_registry *r, const struct registry_endpoint *e,
                          struct str repository, unsigned status, struct str head, struct str body,
                          struct arena *arena, struct error *err)
{
  struct str reason = oci_reason_read(arena_copy(arena, body), arena);
  struct oci_login login;
  bool found = find_login(r, e, repository, arena, &login);
  if (status == 401 || status == 403)
    return refused(e, &login, found, reason, err);
  struct status row = {status, SW_EIO, NULL};
  for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
    if (statuses[i].status == status)
      row = statuses[i];
  _cleanup_(buf_free) struct buf text = {0};
  struct str later = status == 429 ? str_sub(header(head, STR("Retry-After")), 0, 40) : STR_EMPTY;
  if (row.text)
    buf_add_text(&text, row.text);
  else
    buf_printf(&text, "the registry answers with status %u", status);
  if (later.len)
    buf_printf(&text, ": in %.*s%s", STR_FMT(later),
               later.data[0] >= '0' && later.data[0] <= '9' ? " s" : "");
  if (status == 429 && !found)
    buf_add(&text, STR("; with a login more are allowed"));
  if (reason.len)
    buf_printf(&text, " (%.*s)", STR_FMT(reason));
  return error_set(err, row.code, "%s", buf_text(&text));
}
