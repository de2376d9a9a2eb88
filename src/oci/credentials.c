#include "oci/credentials.h"

#include "oci/credentials_int.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/map.h"
#include "base/vec.h"
#include "data/base64.h"
#include "data/json.h"

#include <stdlib.h>

enum {
  HELPER_MS = 30000,
  ANSWERS_MAX = 1000,
  ARENA_MAX = 64 << 20,
  PROBLEM_MAX = 300,
};
#define KEEP_NS (UINT64_C(600) * 1000000000)

static const char docker_url[] = "https://index.docker.io/v1/";

/* A key of auths or of credHelpers. */
struct entry {
  struct str host, path; /* path: without slashes at its ends; empty: the whole registry */
  bool url;              /* it was written as one */
  struct value value;
};

struct file {
  char *name;
  VEC(struct entry) auths;
  VEC(struct entry) helpers;
  struct str store;   /* credsStore; empty: none */
  struct str problem; /* it could not be read */
};

/* What a helper said. */
struct answer {
  bool found;
  uint64_t until_ns;
  struct oci_login login;
};

struct oci_credentials {
  struct arena arena;
  VEC(struct file *) files;
  const char *(*environment)(const char *name);
  unsigned helper_ms;
  struct arena answer_arena;
  struct map answers; /* "HELPER REGISTRY" → struct answer, in that arena */
};

/* ---- keys */

static struct str registry_name(struct str host)
{
  static const struct str hub[] = {STR_INIT("docker.io"), STR_INIT("index.docker.io"),
                                   STR_INIT("registry-1.docker.io")};
  for (size_t i = 0; i < sizeof hub / sizeof *hub; i++)
    if (str_eq_nocase(host, hub[i]))
      return hub[0];
  return host;
}

static struct entry read_key(struct str key, struct value value)
{
  struct entry e = {.value = value};
  struct str rest, path;
  for (int i = 0; i < 2 && !e.url; i++) {
    struct str scheme = i ? STR("http://") : STR("https://");
    if (str_starts(key, scheme)) {
      key = str_sub(key, scheme.len, key.len);
      e.url = true;
    }
  }
  e.host = registry_name(str_cut(key, '/', &rest));
  path = rest.data ? rest : STR_EMPTY;
  while (path.len && path.data[path.len - 1] == '/')
    path.len--;
  /* Versions of the API that were written behind a name. */
  bool version = str_eq(path, STR("v1")) || str_eq(path, STR("v2"));
  e.path = e.url || version ? STR_EMPTY : path;
  return e;
}

static bool lies_under(const struct entry *e, struct str registry, struct str repository)
{
  return str_eq_nocase(e->host, registry) &&
         (!e->path.len || (str_starts(repository, e->path) &&
                           (repository.len == e->path.len || repository.data[e->path.len] == '/')));
}

/* ---- files */

static int wrong(const char *what, const char *must, struct error *err)
{
  return error_set(err, SW_EINVAL, "\"%s\" must be %s", what, must);
}

static int read_entries(struct value root, struct file *f, struct error *err)
{
  struct value auths = value_get(root, value_from("auths"));
  struct value helpers = value_get(root, value_from("credHelpers"));
  struct value store = value_get(root, value_from("credsStore"));
  if (!value_is_nil(auths) && !value_is(auths, VALUE_OBJECT))
    return wrong("auths", "an object", err);
  if (!value_is_nil(helpers) && !value_is(helpers, VALUE_OBJECT))
    return wrong("credHelpers", "an object", err);
  if (!value_is_nil(store) && !value_is(store, VALUE_STRING))
    return wrong("credsStore", "a string", err);
  for (uint32_t i = 0; value_is(auths, VALUE_OBJECT) && i < auths.len; i++)
    vec_push(&f->auths, read_key(value_str(auths.members[i].key), auths.members[i].value));
  for (uint32_t i = 0; value_is(helpers, VALUE_OBJECT) && i < helpers.len; i++)
    vec_push(&f->helpers, read_key(value_str(helpers.members[i].key), helpers.members[i].value));
  f->store = value_str_or_empty(store);
  return 0;
}

int oci_credentials_add(struct oci_credentials *c, const char *name, struct str text,
                        struct error *err)
{
  const struct json_options options = {.size_max = OCI_CREDENTIALS_FILE_MAX};
  struct error mine;
  struct value root;
  struct file *f = mem_zalloc(1, sizeof *f);
  f->name = mem_copy_text(name, strlen(name));
  vec_push(&c->files, f);
  int rc = str_trim(text).len
               ? json_parse(&c->arena, arena_copy(&c->arena, text), &options, &root, &mine)
               : 0;
  if (!str_trim(text).len)
    return 0;
  if (rc == 0 && !value_is(root, VALUE_OBJECT))
    rc = error_set(&mine, SW_EINVAL, "it must be an object");
  if (rc == 0)
    rc = read_entries(root, f, &mine);
  if (rc == 0)
    return 0;
  f->problem = arena_printf(&c->arena, "%s: %.*s", name, PROBLEM_MAX, mine.message);
  return error_set_at(err, rc, mine.line, mine.column, "%s: %s", name, mine.message);
}

static int add_file(struct oci_credentials *c, const char *path, struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  int rc = file_read(path, OCI_CREDENTIALS_FILE_MAX, &text, err);
  if (rc == 0)
    rc = oci_credentials_add(c, path, buf_str(&text), err);
  if (text.len)
    explicit_bzero(text.data, text.len);
  return rc;
}

static const char *variable(const struct oci_credentials *c, const char *name)
{
  const char *value = c->environment(name);
  return value && value[0] ? value : NULL;
}

/* A file that nobody named: it need not be there, and what is wrong with it is told when it matters. */
static void add_usual(struct oci_credentials *c, const char *dir, const char *rest)
{
  struct error err;
  if (!dir)
    return;
  size_t before = c->files.count;
  _cleanup_(buf_free) struct buf path = {0};
  buf_printf(&path, "%s%s", dir, rest);
  int rc = add_file(c, buf_text(&path), &err);
  if (rc == 0 || rc == SW_ENOENT || c->files.count > before)
    return;
  struct file *f = mem_zalloc(1, sizeof *f);
  f->name = mem_copy_text(path.data, path.len);
  f->problem = arena_printf(&c->arena, "%.*s", PROBLEM_MAX, err.message);
  vec_push(&c->files, f);
}

static void add_usual_files(struct oci_credentials *c)
{
  const char *docker = variable(c, "DOCKER_CONFIG"), *home = variable(c, "HOME");
  const char *config = variable(c, "XDG_CONFIG_HOME");
  add_usual(c, docker, "/config.json");
  add_usual(c, variable(c, "XDG_RUNTIME_DIR"), "/containers/auth.json");
  if (config)
    add_usual(c, config, "/containers/auth.json");
  else
    add_usual(c, home, "/.config/containers/auth.json");
  if (!docker)
    add_usual(c, home, "/.docker/config.json");
}

static const char *of_process(const char *name)
{
  return getenv(name);
}

int oci_credentials_new(const struct oci_credentials_options *options, struct oci_credentials **ret,
                        struct error *err)
{
  _cleanup_(oci_credentials_freep) struct oci_credentials *c = mem_zalloc(1, sizeof *c);
  arena_init(&c->arena, ARENA_MAX);
  arena_init(&c->answer_arena, 0);
  map_init(&c->answers, &c->answer_arena);
  c->environment = options->environment ? options->environment : of_process;
  c->helper_ms = options->helper_ms ? options->helper_ms : HELPER_MS;
  const char *named = options->file ? options->file : variable(c, "REGISTRY_AUTH_FILE");
  if (named) {
    int rc = add_file(c, named, err);
    if (rc < 0)
      return rc;
  } else {
    add_usual_files(c);
  }
  *ret = c;
  c = NULL;
  return 0;
}

void oci_credentials_free(struct oci_credentials *c)
{
  if (!c)
    return;
  for (size_t i = 0; i < c->files.count; i++) {
    struct file *f = c->files.items[i];
    vec_free(&f->auths);
    vec_free(&f->helpers);
    mem_free(f->name);
    mem_free(f);
  }
  vec_free(&c->files);
  map_free(&c->answers);
  arena_free(&c->answer_arena);
  arena_free(&c->arena);
  mem_free(c);
}

/* ---- helpers */

int oci_credentials_read_answer(struct str text, struct arena *arena, struct oci_login *ret,
                                struct error *err)
{
  const struct json_options options = {.size_max = OCI_CREDENTIALS_HELPER_MAX};
  struct value root;
  int rc = json_parse(arena, text, &options, &root, err);
  if (rc < 0)
    return rc;
  struct str user = value_str_or_empty(value_get(root, value_from("Username")));
  struct str secret = value_str_or_empty(value_get(root, value_from("Secret")));
  if (!secret.len || !user.len)
    return error_set(err, SW_EINVAL, "it has no \"Username\" or no \"Secret\"");
  *ret = (struct oci_login){.origin = STR_EMPTY};
  if (str_eq(user, STR("<token>"))) {
    ret->identity_token = secret;
  } else {
    ret->user = user;
    ret->password = secret;
  }
  return 0;
}

static void ask_helper(const struct oci_credentials *c, struct str name, struct str registry,
                       struct arena *arena, struct answer *answer)
{
  struct error err;
  bool unknown;
  _cleanup_(buf_free) struct buf output = {0};
  buf_init(&output, OCI_CREDENTIALS_HELPER_MAX);
  buf_reserve(&output, OCI_CREDENTIALS_HELPER_MAX); /* at once: growing would leave copies */
  struct str key = str_eq(registry, STR("docker.io")) ? str_from(docker_url) : registry;
  int rc = oci_helper_run(name, key, c->helper_ms, &output, &unknown, &err);
  struct str origin = arena_printf(arena, "docker-credential-%.*s", STR_FMT(str_sub(name, 0, 64)));
  if (rc == 0) {
    rc = oci_credentials_read_answer(arena_copy(arena, buf_str(&output)), arena, &answer->login,
                                     &err);
    if (rc < 0)
      error_wrap(&err, "%s: its answer", origin.data);
  }
  explicit_bzero(output.data, output.len);
  answer->found = rc == 0;
  answer->login.origin = origin;
  if (rc < 0 && !unknown)
    answer->login.problem = arena_printf(arena, "%.*s", PROBLEM_MAX, err.message);
}

static const struct answer *answer_of(struct oci_credentials *c, struct str name,
                                      struct str registry, struct arena *arena)
{
  struct str key = arena_printf(arena, "%.*s %.*s", STR_FMT(name), STR_FMT(registry));
  const union map_value *known = map_get(&c->answers, key);
  uint64_t now = clock_monotonic_ns(clock_system());
  if (known && ((const struct answer *)known->view)->until_ns > now)
    return known->view;
  if (known || c->answers.count >= ANSWERS_MAX) {
    map_clear(&c->answers);
    arena_reset(&c->answer_arena);
  }
  struct answer *answer = arena_new(&c->answer_arena, struct answer);
  ask_helper(c, name, registry, &c->answer_arena, answer);
  answer->until_ns = now + KEEP_NS;
  map_put(&c->answers, key, NULL)->view = answer;
  return answer;
}

static bool find_by_helper(struct oci_credentials *c, struct str name, struct str registry,
                           struct arena *arena, struct oci_login *ret)
{
  const struct answer *answer = answer_of(c, name, registry, arena);
  struct str before = ret->problem;
  if (!answer->found) {
    if (!before.len)
      ret->problem = answer->login.problem;
    return false;
  }
  *ret = answer->login;
  ret->problem = before;
  return true;
}

/* ---- entries */

static struct str member(struct value entry, const char *name)
{
  return value_str_or_empty(value_get(entry, value_from(name)));
}

/* "USER:PASSWORD" in base64. */
static bool read_auth(struct str auth, struct arena *arena, struct oci_login *login)
{
  struct str plain;
  if (base64_decode(arena, auth, BASE64_STANDARD | BASE64_AS_GO, &plain, NULL) < 0 &&
      base64_decode(arena, auth, BASE64_RAW | BASE64_AS_GO, &plain, NULL) < 0)
    return false;
  login->user = str_cut(plain, ':', &login->password);
  if (!login->password.data)
    return false;
  while (login->password.len && login->password.data[login->password.len - 1] == '\0')
    login->password.len--; /* Docker once padded with them */
  return login->user.len > 0;
}

static bool read_entry(const struct file *f, const struct entry *e, struct arena *arena,
                       struct oci_login *ret)
{
  struct oci_login login = {.user = member(e->value, "username"),
                            .password = member(e->value, "password"),
                            .identity_token = member(e->value, "identitytoken"),
                            .registry_token = member(e->value, "registrytoken"),
                            .problem = ret->problem,
                            .origin = str_from(f->name)};
  struct str auth = member(e->value, "auth");
  bool tokens = login.identity_token.len || login.registry_token.len;
  if (auth.len && !read_auth(auth, arena, &login) && !tokens) {
    if (!ret->problem.len)
      ret->problem = arena_printf(arena, "%s: \"auth\" of %.*s is not USER:PASSWORD in base64",
                                  f->name, STR_FMT(str_sub(e->host, 0, 100)));
    return false;
  }
  if (!tokens && !login.user.len)
    return false; /* empty: a helper has it */
  *ret = login;
  return true;
}

/* The most special entry; of those that are alike, one that is no URL. */
static const struct entry *best_entry(const struct entry *entries, size_t count,
                                      struct str registry, struct str repository)
{
  const struct entry *best = NULL;
  for (size_t i = 0; i < count; i++) {
    const struct entry *e = &entries[i];
    if (!lies_under(e, registry, repository))
      continue;
    if (!best || e->path.len > best->path.len ||
        (e->path.len == best->path.len && best->url && !e->url))
      best = e;
  }
  return best;
}

static bool find_in_file(struct oci_credentials *c, const struct file *f, struct str registry,
                         struct str repository, struct arena *arena, struct oci_login *ret)
{
  const struct entry *e = best_entry(f->helpers.items, f->helpers.count, registry, STR_EMPTY);
  if (f->problem.len && !ret->problem.len)
    ret->problem = f->problem;
  if (e && value_is(e->value, VALUE_STRING) &&
      find_by_helper(c, value_str(e->value), registry, arena, ret))
    return true;
  e = best_entry(f->auths.items, f->auths.count, registry, repository);
  if (e && read_entry(f, e, arena, ret))
    return true;
  return f->store.len && find_by_helper(c, f->store, registry, arena, ret);
}

static void copy_login(struct arena *arena, struct oci_login *login)
{
  struct str *texts[] = {&login->user,           &login->password, &login->identity_token,
                         &login->registry_token, &login->origin,   &login->problem};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    *texts[i] = arena_copy(arena, *texts[i]);
}

bool oci_credentials_find(struct oci_credentials *c, struct str registry, struct str repository,
                          struct arena *arena, struct oci_login *ret)
{
  bool found = false;
  *ret = (struct oci_login){.problem = STR_EMPTY};
  registry = registry_name(registry);
  for (size_t i = 0; !found && i < c->files.count; i++)
    found = find_in_file(c, c->files.items[i], registry, repository, arena, ret);
  copy_login(arena, ret);
  return found;
}
