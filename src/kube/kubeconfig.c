#include "kube/kubeconfig.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/vec.h"
#include "data/base64.h"
#include "data/yaml.h"
#include "kube/object.h"

#include <stdlib.h>

#define SERVICE_ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount"

/* A kubeconfig that has been read. */
struct document {
  struct str name, directory;
  struct value root; /* an object */
};

struct loading {
  struct arena *arena; /* the config's */
  struct document documents[KUBE_CONFIG_FILES_MAX];
  size_t count;
};

/* A named entry of one of the lists, and where it stands. */
struct entry {
  const struct document *document;
  struct value value; /* what stands under "cluster", "user", "context" */
  struct value_position at;
};

static const char *environment_of(const struct kube_config_source *source, const char *name)
{
  const char *text = source->environment ? source->environment(name) : getenv(name);
  return text && *text ? text : NULL;
}

/* ---- texts of files */

static int read_file(struct arena *a, const char *path, size_t limit, struct str *ret,
                     struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  int rc = file_read(path, limit, &text, err);
  if (rc == 0)
    *ret = arena_copy(a, buf_str(&text));
  return rc;
}

static struct str path_in(struct arena *a, struct str directory, struct str name)
{
  if (str_starts(name, STR("/")) || !directory.len)
    return arena_copy(a, name);
  return arena_printf(a, "%.*s/%.*s", STR_FMT(directory), STR_FMT(name));
}

static struct str directory_of(struct arena *a, struct str path)
{
  ptrdiff_t slash = str_find_last_byte(path, '/');
  if (slash < 0)
    return STR_EMPTY;
  return arena_copy(a, str_sub(path, 0, slash ? (size_t)slash : 1));
}

static bool is_plain(struct str s)
{
  for (size_t i = 0; i < s.len; i++)
    if ((unsigned char)s.data[i] <= 0x20 || (unsigned char)s.data[i] == 0x7f)
      return false;
  return true;
}

/* A token as a header can hold it. */
static int check_token(struct str token, struct error *err)
{
  if (!token.len)
    return error_set(err, SW_EINVAL, "the token is empty");
  if (token.len > KUBE_TOKEN_MAX)
    return error_set(err, SW_ELIMIT, "the token is longer than %d bytes", KUBE_TOKEN_MAX);
  return is_plain(token)
             ? 0
             : error_set(err, SW_EINVAL, "the token holds spaces or control characters");
}

static int read_token(struct arena *a, const char *path, struct str *ret, struct error *err)
{
  struct str text;
  int rc = read_file(a, path, KUBE_TOKEN_MAX, &text, err);
  if (rc < 0)
    return rc;
  text = arena_copy(a, str_trim(text));
  rc = check_token(text, err);
  if (rc < 0)
    return error_wrap(err, "%s", path);
  *ret = text;
  return 0;
}

/* ---- fields of a kubeconfig */

static int fault(const struct entry *e, const char *key, const char *what, struct error *err)
{
  int64_t i = value_find(e->value, value_from(key));
  struct value_position at = i >= 0 ? value_key_position(e->value, (uint32_t)i) : e->at;
  return error_set_at(err, SW_EINVAL, at.line, at.column, "%.*s:%u:%u: \"%s\" %s",
                      STR_FMT(e->document->name), at.line, at.column, key, what);
}

static int read_text(struct arena *a, const struct entry *e, const char *key, struct str *ret,
                     struct error *err)
{
  struct value v = value_get(e->value, value_from(key));
  *ret = STR_EMPTY;
  if (value_is_nil(v))
    return 0;
  if (!value_is(v, VALUE_STRING))
    return fault(e, key, "must be a string", err);
  if (memchr(v.text, 0, v.len))
    return fault(e, key, "holds a zero byte", err);
  *ret = arena_copy(a, value_str(v));
  return 0;
}

static int read_bool(const struct entry *e, const char *key, bool *ret, struct error *err)
{
  struct value v = value_get(e->value, value_from(key));
  if (!value_is_nil(v) && !value_is(v, VALUE_BOOL))
    return fault(e, key, "must be true or false", err);
  *ret = value_is_true(v);
  return 0;
}

/* A PEM text, as data in base64 or in a file. */
static int read_pem(struct arena *a, const struct entry *e, const char *key, const char *data_key,
                    struct str *ret, struct error *err)
{
  struct str data, name, pem;
  int rc = read_text(a, e, data_key, &data, err);
  if (rc == 0)
    rc = read_text(a, e, key, &name, err);
  if (rc < 0 || (!data.len && !name.len)) {
    *ret = STR_EMPTY;
    return rc;
  }
  if (data.len > KUBE_CONFIG_PEM_MAX * 4 / 3)
    return fault(e, data_key, "is too long", err);
  if (data.len)
    rc = base64_decode(a, data, BASE64_STANDARD | BASE64_AS_GO, &pem, NULL) < 0
             ? fault(e, data_key, "is not base64", err)
             : 0;
  else
    rc =
        read_file(a, path_in(a, e->document->directory, name).data, KUBE_CONFIG_PEM_MAX, &pem, err);
  if (rc < 0)
    return rc;
  if (str_find(pem, 0, STR("-----BEGIN ")) < 0 || memchr(pem.data, 0, pem.len))
    return fault(e, data.len ? data_key : key, "is no PEM text", err);
  *ret = arena_copy(a, pem);
  return 0;
}

/* ---- the named lists */

static int find_in(const struct document *d, const char *list, const char *field, struct str name,
                   struct entry *ret, bool *ret_found, struct error *err)
{
  int64_t at = value_find(d->root, value_from(list));
  struct value items = at < 0 ? VALUE_NONE : d->root.members[at].value;
  struct entry here = {d, d->root, {1, 1}};
  if (!value_is_nil(items) && !value_is(items, VALUE_ARRAY))
    return fault(&here, list, "must be a list", err);
  for (uint32_t i = 0; value_is(items, VALUE_ARRAY) && i < items.len; i++) {
    struct entry item = {d, items.items[i], value_position(items, i)};
    if (!value_is(item.value, VALUE_OBJECT))
      return fault(&here, list, "must hold mappings", err);
    struct value own = value_get(item.value, value_from("name"));
    if (!value_is(own, VALUE_STRING))
      return fault(&item, "name", "must be a string", err);
    if (!str_eq(value_str(own), name))
      continue;
    if (*ret_found)
      return fault(&item, "name", "occurs twice", err);
    int64_t member = value_find(item.value, value_from(field));
    struct value inner = member < 0 ? VALUE_NONE : item.value.members[member].value;
    if (!value_is_nil(inner) && !value_is(inner, VALUE_OBJECT))
      return fault(&item, field, "must be a mapping", err);
    *ret = (struct entry){d, inner,
                          member < 0 ? item.at : value_position(item.value, (uint32_t)member)};
    *ret_found = true;
  }
  return 0;
}

static int find_entry(const struct loading *l, const char *list, const char *field, struct str name,
                      struct entry *ret, struct error *err)
{
  bool found = false;
  for (size_t i = 0; i < l->count && !found; i++) {
    int rc = find_in(&l->documents[i], list, field, name, ret, &found, err);
    if (rc < 0)
      return rc;
  }
  if (found)
    return 0;
  return error_set(err, SW_ENOTFOUND, "%.*s: there is no %s \"%.*s\"",
                   STR_FMT(l->documents[0].name), field, STR_FMT(str_sub(name, 0, 100)));
}

/* ---- cluster and user */

static int check_server(const struct entry *e, struct kube_config *c, struct error *err)
{
  struct str s = c->server, rest;
  bool secure = str_starts(s, STR("https://"));
  if (!s.len)
    return fault(e, "server", "is missing", err);
  if (!secure && !str_starts(s, STR("http://")))
    return fault(e, "server", "must begin with https:// or http://", err);
  if (!is_plain(s) || str_find_byte(s, 0, '@') >= 0 || str_find_byte(s, 0, '?') >= 0 ||
      str_find_byte(s, 0, '#') >= 0)
    return fault(e, "server", "must be a URL without user, query and fragment", err);
  if (s.len > 1024 || !str_cut(str_sub(s, secure ? 8 : 7, s.len), '/', &rest).len)
    return fault(e, "server", "names no host", err);
  while (str_ends(s, STR("/")))
    s.len--;
  c->server = arena_copy(&c->arena, s);
  return 0;
}

static int check_cluster(const struct entry *e, struct kube_config *c, struct error *err)
{
  int rc = check_server(e, c, err);
  if (rc < 0)
    return rc;
  if (c->insecure && c->ca_pem.len)
    return fault(e, "insecure-skip-tls-verify", "does not go with a certificate authority", err);
  if (!is_plain(c->proxy))
    return fault(e, "proxy-url", "holds spaces or control characters", err);
  if (!is_plain(c->server_name) || str_find_byte(c->server_name, 0, '/') >= 0 ||
      str_find_byte(c->server_name, 0, ':') >= 0 || str_find_byte(c->server_name, 0, '@') >= 0 ||
      c->server_name.len > 253)
    return fault(e, "tls-server-name", "is no name of a host", err);
  return 0;
}

static int read_cluster(const struct loading *l, struct str name, struct kube_config *c,
                        struct error *err)
{
  struct entry e;
  int rc = find_entry(l, "clusters", "cluster", name, &e, err);
  if (rc == 0)
    rc = read_text(l->arena, &e, "server", &c->server, err);
  if (rc == 0)
    rc = read_text(l->arena, &e, "tls-server-name", &c->server_name, err);
  if (rc == 0)
    rc = read_text(l->arena, &e, "proxy-url", &c->proxy, err);
  if (rc == 0)
    rc = read_bool(&e, "insecure-skip-tls-verify", &c->insecure, err);
  if (rc == 0)
    rc = read_pem(l->arena, &e, "certificate-authority", "certificate-authority-data", &c->ca_pem,
                  err);
  return rc < 0 ? rc : check_cluster(&e, c, err);
}

/* What would make somebody else of us if it were left out. */
static int refuse_unsupported(const struct entry *e, struct str user, struct error *err)
{
  static const struct {
    const char *key, *what;
  } refused[] = {
      {"exec", "gets its credentials from a plugin (exec)"},
      {"auth-provider", "gets its credentials from an auth-provider"},
      {"as", "impersonates another (as)"},
      {"as-uid", "impersonates another (as-uid)"},
      {"as-groups", "impersonates groups (as-groups)"},
      {"as-user-extra", "impersonates another (as-user-extra)"},
  };
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
    if (!value_is_nil(value_get(e->value, value_from(refused[i].key))))
      return error_set(
          err, SW_EUNSUPPORTED,
          "%.*s: user \"%.*s\" %s, which is not done here; give it a token, a tokenFile or a "
          "client certificate",
          STR_FMT(e->document->name), STR_FMT(str_sub(user, 0, 100)), refused[i].what);
  return 0;
}

static int read_user_token(const struct loading *l, const struct entry *e, struct kube_config *c,
                           struct error *err)
{
  struct str file = STR_EMPTY;
  int rc = read_text(l->arena, e, "token", &c->token, err);
  if (rc == 0)
    rc = read_text(l->arena, e, "tokenFile", &file, err);
  if (rc == 0 && c->token.len && check_token(c->token, NULL) < 0)
    rc = fault(e, "token", "is too long, or holds spaces or control characters", err);
  if (rc < 0 || !file.len)
    return rc;
  rc = read_token(l->arena, path_in(l->arena, e->document->directory, file).data, &c->token, err);
  return rc < 0 && c->token.len ? 0 : rc;
}

static int check_user(const struct entry *e, const struct kube_config *c, struct error *err)
{
  if (!c->certificate_pem.len != !c->key_pem.len)
    return fault(e, c->key_pem.len ? "client-key" : "client-certificate",
                 "needs both a certificate and a key", err);
  if (c->token.len && c->user.len)
    return fault(e, "username", "does not go with a token", err);
  if (c->password.len && !c->user.len)
    return fault(e, "password", "needs a username", err);
  if (str_find_byte(c->user, 0, ':') >= 0)
    return fault(e, "username", "holds a colon", err);
  return 0;
}

static int read_user(const struct loading *l, struct str name, struct kube_config *c,
                     struct error *err)
{
  struct entry e;
  int rc = find_entry(l, "users", "user", name, &e, err);
  if (rc == 0)
    rc = refuse_unsupported(&e, name, err);
  if (rc == 0)
    rc = read_pem(l->arena, &e, "client-certificate", "client-certificate-data",
                  &c->certificate_pem, err);
  if (rc == 0)
    rc = read_pem(l->arena, &e, "client-key", "client-key-data", &c->key_pem, err);
  if (rc == 0)
    rc = read_user_token(l, &e, c, err);
  if (rc == 0)
    rc = read_text(l->arena, &e, "username", &c->user, err);
  if (rc == 0)
    rc = read_text(l->arena, &e, "password", &c->password, err);
  return rc < 0 ? rc : check_user(&e, c, err);
}

/* ---- contexts */

static int current_context(const struct loading *l, struct str *ret, struct error *err)
{
  for (size_t i = 0; i < l->count; i++) {
    struct entry e = {&l->documents[i], l->documents[i].root, {1, 1}};
    int rc = read_text(l->arena, &e, "current-context", ret, err);
    if (rc < 0 || ret->len)
      return rc;
  }
  return error_set(err, SW_ENOTFOUND,
                   "%.*s: no current-context is named; say which context is meant",
                   STR_FMT(l->documents[0].name));
}

static int read_context(const struct loading *l, struct str name, struct kube_config *c,
                        struct error *err)
{
  struct entry e;
  struct str cluster, user, namespace;
  int rc = find_entry(l, "contexts", "context", name, &e, err);
  if (rc == 0)
    rc = read_text(l->arena, &e, "cluster", &cluster, err);
  if (rc == 0)
    rc = read_text(l->arena, &e, "user", &user, err);
  if (rc == 0)
    rc = read_text(l->arena, &e, "namespace", &namespace, err);
  if (rc < 0)
    return rc;
  if (!cluster.len)
    return fault(&e, "cluster", "is missing", err);
  c->namespace = namespace.len ? namespace : STR("default");
  c->origin =
      arena_printf(l->arena, "context \"%.*s\" of %.*s", STR_FMT(name), STR_FMT(e.document->name));
  rc = read_cluster(l, cluster, c, err);
  if (rc < 0 || !user.len || str_starts(c->server, STR("http://")))
    return rc;
  return read_user(l, user, c, err);
}

static int choose(const struct loading *l, const char *context, struct kube_config *c,
                  struct error *err)
{
  struct str name = str_from(context);
  int rc = context ? 0 : current_context(l, &name, err);
  return rc < 0 ? rc : read_context(l, name, c, err);
}

/* ---- files */

static int add_text(struct loading *l, struct str text, struct str name, struct str directory,
                    struct error *err)
{
  struct yaml_options options = {.positions = true, .duplicates = VALUE_REFUSE, .depth_max = 32};
  struct yaml_document document, more;
  struct str kept = arena_copy(l->arena, text);
  _cleanup_(yaml_reader_freep) struct yaml_reader *reader = yaml_reader_new(kept, &options);
  int got = yaml_reader_next(reader, l->arena, &document, err);
  if (got > 0 && value_is(document.root, VALUE_OBJECT) &&
      yaml_reader_next(reader, l->arena, &more, err) != 0)
    return error_set(err, SW_EINVAL, "%.*s: there must be one document", STR_FMT(name));
  if (got < 0)
    return err ? error_wrap(err, "%.*s:%u:%u", STR_FMT(name), err->line, err->column) : got;
  if (got == 0)
    return 0; /* an empty file says nothing, as kubectl sees it */
  if (!value_is(document.root, VALUE_OBJECT))
    return error_set(err, SW_EINVAL, "%.*s: is %s, must be a kubeconfig", STR_FMT(name),
                     kube_type_with_article(document.root));
  l->documents[l->count++] = (struct document){name, directory, document.root};
  return 0;
}

static int add_file(struct loading *l, struct str path, struct error *err)
{
  struct str text, name = arena_copy(l->arena, path);
  if (l->count >= KUBE_CONFIG_FILES_MAX)
    return error_set(err, SW_ELIMIT, "KUBECONFIG: more than %d files", KUBE_CONFIG_FILES_MAX);
  int rc = read_file(l->arena, name.data, KUBE_CONFIG_SIZE_MAX, &text, err);
  return rc < 0 ? rc : add_text(l, text, name, directory_of(l->arena, name), err);
}

static int add_files(struct loading *l, struct str list, struct error *err)
{
  for (struct str rest = list; rest.data;) {
    struct str path = str_cut(rest, ':', &rest);
    int rc = path.len ? add_file(l, path, err) : 0;
    if (rc < 0 && rc != SW_ENOENT)
      return rc;
  }
  return 0;
}

static int load_files(const struct kube_config_source *source, struct kube_config *c,
                      struct error *err)
{
  struct loading l = {.arena = &c->arena};
  const char *list = environment_of(source, "KUBECONFIG"), *home = environment_of(source, "HOME");
  int rc = 0;
  if (source->kubeconfig)
    rc = add_file(&l, str_from(source->kubeconfig), err);
  else if (list)
    rc = add_files(&l, str_from(list), err);
  else if (home)
    rc = add_files(&l, arena_printf(&c->arena, "%s/.kube/config", home), err);
  if (rc == 0 && !l.count)
    rc = error_set(
        err, SW_ENOENT,
        "there is no kubeconfig (%s), and this is not a pod with a service account's token",
        source->kubeconfig ? source->kubeconfig
        : list             ? list
                           : "~/.kube/config");
  return rc < 0 ? rc : choose(&l, source->context, c, err);
}

/* ---- inside a cluster */

static struct str account_path(struct arena *a, const struct kube_config_source *source,
                               const char *name)
{
  return arena_printf(a, "%s/%s",
                      source->service_account ? source->service_account : SERVICE_ACCOUNT, name);
}

/* 1: done; 0: this is no pod, or one without a token. */
static int load_account(const struct kube_config_source *source, struct kube_config *c,
                        struct error *err)
{
  struct arena *a = &c->arena;
  const char *host = environment_of(source, "KUBERNETES_SERVICE_HOST");
  const char *port = environment_of(source, "KUBERNETES_SERVICE_PORT");
  unsigned long long number;
  if (!host || !port)
    return 0;
  int rc = read_token(a, account_path(a, source, "token").data, &c->token, err);
  if (rc == SW_ENOENT)
    return 0;
  if (rc == 0)
    rc = read_file(a, account_path(a, source, "ca.crt").data, KUBE_CONFIG_PEM_MAX, &c->ca_pem, err);
  if (rc < 0)
    return rc;
  if (!c->ca_pem.len || memchr(c->ca_pem.data, 0, c->ca_pem.len))
    return error_set(err, SW_EINVAL, "%s: is no PEM text", account_path(a, source, "ca.crt").data);
  if (!str_to_u64(str_from(port), 65535, &number) || !is_plain(str_from(host)) ||
      strpbrk(host, "/@?#"))
    return error_set(err, SW_EINVAL,
                     "KUBERNETES_SERVICE_HOST or KUBERNETES_SERVICE_PORT is malformed");
  bool v6 = strchr(host, ':') != NULL;
  c->server = arena_printf(a, v6 ? "https://[%s]:%s" : "https://%s:%s", host, port);
  c->origin = STR("the pod's service account");
  c->in_cluster = true;
  struct str namespace;
  rc = read_file(a, account_path(a, source, "namespace").data, 4096, &namespace, NULL);
  namespace = rc == 0 ? str_trim(namespace) : STR_EMPTY;
  c->namespace = namespace.len ? arena_copy(a, namespace) : STR("default");
  return 1;
}

/* ---- */

static void begin(struct kube_config *c)
{
  *c = (struct kube_config){.origin = STR_EMPTY,
                            .server = STR_EMPTY,
                            .server_name = STR_EMPTY,
                            .proxy = STR_EMPTY,
                            .ca_pem = STR_EMPTY,
                            .certificate_pem = STR_EMPTY,
                            .key_pem = STR_EMPTY,
                            .token = STR_EMPTY,
                            .user = STR_EMPTY,
                            .password = STR_EMPTY,
                            .namespace = STR_EMPTY};
  arena_init(&c->arena, 256 << 20);
}

int kube_config_load(const struct kube_config_source *source, struct kube_config *ret,
                     struct error *err)
{
  struct kube_config c;
  int rc = 0;
  begin(&c);
  if (!source->kubeconfig && !source->context)
    rc = load_account(source, &c, err);
  if (rc == 0)
    rc = load_files(source, &c, err);
  if (rc < 0) {
    kube_config_free(&c);
    return rc;
  }
  *ret = c;
  return 0;
}

int kube_config_read_text(struct str text, const char *name, const char *directory,
                          const char *context, struct kube_config *ret, struct error *err)
{
  struct kube_config c;
  begin(&c);
  struct loading l = {.arena = &c.arena};
  int rc = text.len <= KUBE_CONFIG_SIZE_MAX
               ? add_text(&l, text, str_from(name), str_from(directory), err)
               : error_set(err, SW_ELIMIT, "%s: larger than %d bytes", name, KUBE_CONFIG_SIZE_MAX);
  if (rc == 0 && !l.count)
    rc = error_set(err, SW_EINVAL, "%s: is empty", name);
  if (rc == 0)
    rc = choose(&l, context, &c, err);
  if (rc < 0) {
    kube_config_free(&c);
    return rc;
  }
  *ret = c;
  return 0;
}

void kube_config_free(struct kube_config *config)
{
  arena_free(&config->arena);
  *config = (struct kube_config){0};
}

struct hash128 kube_config_digest(const struct kube_config *c, bool with_token)
{
  _cleanup_(buf_free) struct buf all = {0};
  const struct str parts[] = {c->server, c->server_name,     c->proxy,
                              c->ca_pem, c->certificate_pem, c->key_pem,
                              c->user,   c->password,        with_token ? c->token : STR_EMPTY};
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    buf_printf(&all, "%zu:", parts[i].len);
    buf_add(&all, parts[i]);
  }
  buf_add_byte(&all, c->insecure ? '1' : '0');
  struct hash128 digest = hash_stable(buf_str(&all));
  explicit_bzero(all.data, all.len);
  return digest;
}
