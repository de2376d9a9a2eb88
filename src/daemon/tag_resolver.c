#include "daemon/tag_resolver.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/vec.h"
#include "net/http_client.h"

#include <pthread.h>

enum { TIMEOUT_MS = 3000 };
#define MS_NS UINT64_C(1000000)

/* A client belongs to who asks, and waits here in between. */
struct client {
  struct oci_credentials *credentials;
  struct oci_registry *registry;
  uint64_t made_ns;
};

/* What is known of a tag: a digest, or why there is none. */
struct known {
  char *name;
  char digest[OCI_DIGEST_TEXT_MAX + 1];
  struct error failure; /* code 0: there is a digest */
  uint64_t until_ns;
};

struct tag_resolver {
  struct tag_resolver_options options;
  pthread_mutex_t lock; /* guards what follows */
  VEC(struct client *) idle;
  struct map known; /* name → struct known */
};

static uint64_t now_ns(void)
{
  return clock_monotonic_ns(clock_system());
}

/* ---- clients */

static void free_client(struct client *c)
{
  oci_registry_free(c->registry);
  oci_credentials_free(c->credentials);
  mem_free(c);
}

static int make_client(const struct tag_resolver_options *o, struct client **ret, struct error *err)
{
  const struct oci_credentials_options files = {.file = o->auth_file};
  struct client *c = mem_zalloc(1, sizeof *c);
  c->made_ns = now_ns();
  int rc = oci_credentials_new(&files, &c->credentials, err);
  const struct oci_registry_options options = {.credentials = c->credentials,
                                               .ca_file = o->ca_file,
                                               .insecure = o->insecure,
                                               .insecure_count = o->insecure_count,
                                               .mirrors = o->mirrors,
                                               .mirror_count = o->mirror_count,
                                               .retries = HTTP_NONE};
  if (rc == 0)
    rc = oci_registry_new(&options, &c->registry, err);
  if (rc < 0)
    free_client(c);
  else
    *ret = c;
  return rc;
}

static int take_client(struct tag_resolver *r, struct client **ret, struct error *err)
{
  struct client *c = NULL;
  pthread_mutex_lock(&r->lock);
  if (r->idle.count)
    c = vec_pop(&r->idle);
  pthread_mutex_unlock(&r->lock);
  if (c && now_ns() - c->made_ns > TAG_CLIENT_MS * MS_NS) {
    free_client(c);
    c = NULL;
  }
  if (!c)
    return make_client(&r->options, ret, err);
  *ret = c;
  return 0;
}

static void return_client(struct tag_resolver *r, struct client *c, int rc)
{
  bool wanted = rc != SW_EACCES; /* with a new file, it might be let in */
  pthread_mutex_lock(&r->lock);
  wanted = wanted && r->idle.count < TAG_CLIENTS_IDLE_MAX;
  if (wanted)
    vec_push(&r->idle, c);
  pthread_mutex_unlock(&r->lock);
  if (!wanted)
    free_client(c);
}

/* ---- what is known */

static void forget_all(struct tag_resolver *r)
{
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(&r->known, &at));) {
    struct known *k = e->value.pointer;
    mem_free(k->name);
    mem_free(k);
  }
  map_clear(&r->known);
}

/* Whether it is known; then *ret_rc is what is. */
static bool look_up(struct tag_resolver *r, struct str name, struct arena *arena,
                    struct str *ret_digest, int *ret_rc, struct error *err)
{
  pthread_mutex_lock(&r->lock);
  const union map_value *v = map_get(&r->known, name);
  const struct known *k = v ? v->pointer : NULL;
  bool is_known = k && k->until_ns > now_ns();
  if (is_known) {
    *ret_rc = k->failure.code;
    if (k->failure.code && err)
      *err = k->failure;
    if (!k->failure.code)
      *ret_digest = arena_copy(arena, str_from(k->digest));
  }
  pthread_mutex_unlock(&r->lock);
  return is_known;
}

static void keep(struct tag_resolver *r, struct str name, struct str digest,
                 const struct error *failure)
{
  unsigned ms = failure ? TAG_FAILURE_MS : r->options.keep_ms;
  if (!ms)
    return;
  pthread_mutex_lock(&r->lock);
  union map_value *v = map_get(&r->known, name);
  if (!v && r->known.count >= TAGS_KEPT_MAX)
    forget_all(r);
  struct known *k = v ? v->pointer : mem_zalloc(1, sizeof *k);
  if (!v) {
    k->name = mem_copy_text(name.data, name.len);
    map_put(&r->known, str_make(k->name, name.len), NULL)->pointer = k;
  }
  k->failure = failure ? *failure : (struct error){0};
  snprintf(k->digest, sizeof k->digest, "%.*s", STR_FMT(digest));
  k->until_ns = now_ns() + ms * MS_NS;
  pthread_mutex_unlock(&r->lock);
}

/* ---- asking */

static int ask(struct tag_resolver *r, const struct image_reference *reference, uint64_t deadline,
               struct arena *arena, struct str *ret, struct error *err)
{
  struct client *c;
  int rc = take_client(r, &c, err);
  if (rc < 0)
    return rc;
  oci_registry_deadline(c->registry, deadline);
  rc = oci_registry_digest(c->registry, reference, arena, ret, err);
  return_client(r, c, rc);
  return rc;
}

static int resolve(void *ctx, const struct image_reference *reference, int64_t deadline_ns,
                   struct arena *arena, struct str *ret_digest, struct error *err)
{
  struct tag_resolver *r = ctx;
  struct error mine;
  struct str whole = image_reference_name(reference, arena), digest = STR_EMPTY;
  struct str name = arena_printf(arena, "%.*s:%.*s", STR_FMT(whole), STR_FMT(reference->tag));
  int rc;
  if (look_up(r, name, arena, ret_digest, &rc, err))
    return rc;
  uint64_t own = now_ns() + r->options.timeout_ms * MS_NS;
  bool cut = deadline_ns > 0 && (uint64_t)deadline_ns < own;
  rc = ask(r, reference, cut ? (uint64_t)deadline_ns : own, arena, &digest, &mine);
  /* That somebody had no time left says nothing about the tag. */
  if (rc == 0 || !cut)
    keep(r, name, digest, rc < 0 ? &mine : NULL);
  if (rc == 0)
    *ret_digest = digest;
  else if (err)
    *err = mine;
  return rc;
}

struct image_resolver tag_resolver_service(struct tag_resolver *resolver)
{
  return (struct image_resolver){resolve, resolver};
}

int tag_resolver_new(const struct tag_resolver_options *options, struct tag_resolver **ret,
                     struct error *err)
{
  struct client *first;
  struct tag_resolver *r = mem_zalloc(1, sizeof *r);
  r->options = *options;
  if (!r->options.timeout_ms)
    r->options.timeout_ms = TIMEOUT_MS;
  pthread_mutex_init(&r->lock, NULL);
  map_init(&r->known, NULL);
  int rc = make_client(&r->options, &first, err);
  if (rc < 0) {
    tag_resolver_free(r);
    return rc;
  }
  vec_push(&r->idle, first);
  *ret = r;
  return 0;
}

void tag_resolver_free(struct tag_resolver *r)
{
  if (!r)
    return;
  for (size_t i = 0; i < r->idle.count; i++)
    free_client(r->idle.items[i]);
  vec_free(&r->idle);
  forget_all(r);
  map_free(&r->known);
  pthread_mutex_destroy(&r->lock);
  mem_free(r);
}
