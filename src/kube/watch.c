#include "kube/watch.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/vec.h"
#include "data/json.h"
#include "data/json_write.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

enum {
  MS = 1000000,
  TELL_AGAIN_MS = 60000,
  NAME_MAX_BYTES = 253,
  SILENCE_MS = 180000,
  SHORT_WATCH_MS = 1000, /* one that ends sooner, without a word, counts as a failure */
};

/* An object: immutable, counted. */
struct entry {
  atomic_uint holders;
  uint32_t key_len, text_len;
  uint64_t version; /* of uid and resourceVersion, hashed: the same object, unchanged */
  char bytes[];     /* "namespace/name", then the text */
};

/* Objects by key. */
struct table {
  struct map by_key;
  size_t bytes;
};

struct kube_watch {
  struct kube_watch_options options;
  struct arena arena; /* of the options' texts */
  struct kube_client *client;
  pthread_t thread;
  bool running;

  pthread_rwlock_t lock; /* over `table` and `stats`; written by the thread alone */
  struct table table;
  struct kube_watch_stats stats;

  pthread_mutex_t sleep; /* over `stopping` and the two conditions */
  pthread_cond_t wake, synced;
  bool stopping, is_synced;

  /* the thread's own */
  struct buf version;   /* watched from; empty: a list is needed */
  struct buf key, text; /* being made */
  bool told_left_out;
  bool has_bookmarks; /* the server sends them: without any it is not well */
  bool relisted;      /* after 410, and nothing has been heard since */
  unsigned failures;  /* in a row */
  struct error told;  /* the failure that was told last; code 0: none */
  uint64_t told_ns;
};

static uint64_t now_ns(void)
{
  return clock_monotonic_ns(clock_system());
}

/* ---- entries and tables */

static struct str key_of(const struct entry *e)
{
  return str_make(e->bytes, e->key_len);
}

static struct entry *hold(struct entry *e)
{
  atomic_fetch_add_explicit(&e->holders, 1, memory_order_relaxed);
  return e;
}

static void drop(struct entry *e)
{
  if (e && atomic_fetch_sub_explicit(&e->holders, 1, memory_order_acq_rel) == 1)
    mem_free(e);
}

static struct entry *entry_in(const struct table *t, struct str key)
{
  const union map_value *slot = map_get(&t->by_key, key);
  return slot ? slot->pointer : NULL;
}

/* Takes the entry of a key out: the caller drops it. */
static struct entry *take_out(struct table *t, struct str key)
{
  struct entry *e = entry_in(t, key);
  if (!e)
    return NULL;
  t->bytes -= e->text_len;
  map_remove(&t->by_key, key_of(e));
  return e;
}

/* The map's key is a view of the entry: an older one goes first. */
static struct entry *put_in(struct table *t, struct entry *e)
{
  struct entry *old = take_out(t, key_of(e));
  map_put(&t->by_key, key_of(e), NULL)->pointer = e;
  t->bytes += e->text_len;
  return old;
}

static void empty(struct table *t)
{
  size_t at = 0;
  for (struct map_entry *m; (m = map_next(&t->by_key, &at));)
    drop(m->value.pointer);
  map_free(&t->by_key);
  *t = (struct table){0};
}

static struct entry *make_entry(struct str key, struct str text, uint64_t version)
{
  struct entry *e = mem_alloc(sizeof *e + key.len + text.len);
  atomic_init(&e->holders, 1);
  e->key_len = (uint32_t)key.len;
  e->text_len = (uint32_t)text.len;
  e->version = version;
  memcpy(e->bytes, key.data, key.len);
  memcpy(e->bytes + key.len, text.data, text.len);
  return e;
}

/* ---- what is kept */

static const struct str last_applied = STR_INIT("kubectl.kubernetes.io/last-applied-configuration");

static struct value without(struct arena *a, struct value object, struct str key)
{
  if (value_is_nil(value_get_str(object, key)))
    return object;
  return value_object_with(a, object, value_string(key), VALUE_NONE);
}

static struct value with_annotations_cleaned(struct arena *a, struct value metadata)
{
  struct value annotations = value_get(metadata, value_from("annotations"));
  struct value cleaned = without(a, annotations, last_applied);
  if (!value_is(annotations, VALUE_OBJECT) || cleaned.members == annotations.members)
    return metadata;
  return value_object_with(a, metadata, value_from("annotations"), cleaned);
}

static struct value keep_most(struct arena *a, struct value object)
{
  struct value metadata = value_get(object, value_from("metadata"));
  metadata = without(a, metadata, STR("managedFields"));
  return value_object_with(a, object, value_from("metadata"),
                           with_annotations_cleaned(a, metadata));
}

static struct value keep_members(struct arena *a, struct value object, const char *const *keys,
                                 size_t count)
{
  struct value_member members[16];
  uint32_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    struct value v = value_get(object, value_from(keys[i]));
    if (!value_is_nil(v))
      members[kept++] = (struct value_member){value_from(keys[i]), v};
  }
  struct value made;
  value_object_make(a, members, NULL, kept, VALUE_LAST_WINS, NULL, &made);
  return made;
}

struct value kube_watch_keep_metadata(void *context, struct arena *arena, struct value object)
{
  static const char *const top[] = {"apiVersion", "kind", "metadata"};
  static const char *const inner[] = {"name",
                                      "namespace",
                                      "uid",
                                      "resourceVersion",
                                      "labels",
                                      "annotations",
                                      "ownerReferences",
                                      "deletionTimestamp"};
  (void)context;
  struct value metadata =
      with_annotations_cleaned(arena, value_get(object, value_from("metadata")));
  metadata = keep_members(arena, metadata, inner, sizeof inner / sizeof inner[0]);
  struct value made = keep_members(arena, object, top, sizeof top / sizeof top[0]);
  return value_object_with(arena, made, value_from("metadata"), metadata);
}

/* ---- an object as it comes */

/* Makes watch->key; false: the object has no name that can be. */
static bool make_key(struct kube_watch *w, struct value object)
{
  struct value metadata = value_get(object, value_from("metadata"));
  struct str name = value_str_or_empty(value_get(metadata, value_from("name")));
  struct str namespace = value_str_or_empty(value_get(metadata, value_from("namespace")));
  buf_clear(&w->key);
  if (!name.len || name.len > NAME_MAX_BYTES || namespace.len > NAME_MAX_BYTES ||
      str_find_byte(namespace, 0, '/') >= 0)
    return false;
  buf_add(&w->key, namespace);
  buf_add_byte(&w->key, '/');
  buf_add(&w->key, name);
  return true;
}

static struct str version_of(struct value object)
{
  return value_str_or_empty(
      value_get(value_get(object, value_from("metadata")), value_from("resourceVersion")));
}

static uint64_t hash_version(struct value object)
{
  struct value metadata = value_get(object, value_from("metadata"));
  uint64_t uid = hash_bytes(value_str_or_empty(value_get(metadata, value_from("uid"))));
  return hash_mix(uid, hash_bytes(version_of(object)));
}

static void tell(struct kube_watch *w, enum kube_watch_event_kind kind, const char *message,
                 size_t count, unsigned pause_ms)
{
  const struct kube_watch_event event = {kind, message, count, pause_ms};
  if (w->options.on_event)
    w->options.on_event(w->options.context, &event);
}

static void leave_out(struct kube_watch *w, const char *why)
{
  struct error text;
  pthread_rwlock_wrlock(&w->lock);
  w->stats.left_out++;
  pthread_rwlock_unlock(&w->lock);
  if (w->told_left_out)
    return;
  w->told_left_out = true;
  error_set(&text, SW_ELIMIT, "%.*s %s: left out, as all that follow", STR_FMT(buf_str(&w->key)),
            why);
  tell(w, KUBE_WATCH_LEFT_OUT, text.message, 0, 0);
}

/* The entry of the object whose key is made, or NULL: it is not kept. */
static struct entry *entry_of(struct kube_watch *w, struct value object, struct arena *arena,
                              const struct table *table)
{
  struct value kept = w->options.keep ? w->options.keep(w->options.context, arena, object)
                                      : keep_most(arena, object);
  const struct entry *old = entry_in(table, buf_str(&w->key));
  if (!value_is(kept, VALUE_OBJECT))
    return NULL;
  if (!old && table->by_key.count >= w->options.count_max) {
    leave_out(w, "is one too many");
    return NULL;
  }
  buf_clear(&w->text);
  json_write(&w->text, kept, 0);
  if (buf_failed(&w->text)) {
    leave_out(w, "is too large");
    return NULL;
  }
  if (table->bytes - (old ? old->text_len : 0) + w->text.len > w->options.bytes_max) {
    leave_out(w, "goes beyond the memory for all");
    return NULL;
  }
  return make_entry(buf_str(&w->key), buf_str(&w->text), hash_version(object));
}

/* ---- lists */

struct listing {
  struct kube_watch *watch;
  struct table fresh;
};

/* Items of a list say neither kind nor apiVersion; the list does. */
static struct value with_type(struct arena *a, struct value item, struct value page)
{
  struct str kind = value_str_or_empty(value_get(page, value_from("kind")));
  struct value version = value_get(page, value_from("apiVersion"));
  if (value_is_nil(value_get(item, value_from("kind"))) && str_ends(kind, STR("List")))
    item = value_object_with(a, item, value_from("kind"),
                             value_string(str_sub(kind, 0, kind.len - 4)));
  if (value_is_nil(value_get(item, value_from("apiVersion"))) && value_is(version, VALUE_STRING))
    item = value_object_with(a, item, value_from("apiVersion"), version);
  return item;
}

static int take_item(struct listing *l, struct value item, struct value page, struct arena *arena,
                     struct error *err)
{
  struct kube_watch *w = l->watch;
  if (!value_is(item, VALUE_OBJECT) || !make_key(w, item))
    return error_set(err, SW_EINVAL, "%.*s: an object without a name", STR_FMT(w->options.path));
  /* Only the thread writes the table: it may read without the lock. */
  struct entry *known = entry_in(&w->table, buf_str(&w->key));
  struct entry *entry;
  bool fits = l->fresh.by_key.count < w->options.count_max && known &&
              l->fresh.bytes + known->text_len <= w->options.bytes_max;
  if (fits && version_of(item).len && known->version == hash_version(item))
    entry = hold(known);
  else
    entry = entry_of(w, with_type(arena, item, page), arena, &l->fresh);
  if (entry)
    drop(put_in(&l->fresh, entry));
  return 0;
}

static int take_page(void *context, struct value page, struct arena *arena, struct error *err)
{
  struct listing *l = context;
  struct value items = value_get(page, value_from("items"));
  int rc = 0;
  for (uint32_t i = 0; rc == 0 && value_is(items, VALUE_ARRAY) && i < items.len; i++)
    rc = take_item(l, items.items[i], page, arena, err);
  return rc;
}

static void tell_synced(struct kube_watch *w)
{
  pthread_mutex_lock(&w->sleep);
  w->is_synced = true;
  pthread_cond_broadcast(&w->synced);
  pthread_mutex_unlock(&w->sleep);
  tell(w, KUBE_WATCH_SYNCED, "", w->table.by_key.count, 0);
}

static int list(struct kube_watch *w, struct kube_failure *failure, struct error *err)
{
  struct listing l = {.watch = w};
  const struct kube_list query = {.path = w->options.path,
                                  .label_selector = w->options.label_selector,
                                  .field_selector = w->options.field_selector,
                                  .page = w->options.page,
                                  .on_page = take_page,
                                  .context = &l};
  w->told_left_out = false;
  int rc = kube_client_list(w->client, &query, &w->version, failure, err);
  if (rc < 0) {
    buf_clear(&w->version);
    empty(&l.fresh);
    return rc;
  }
  pthread_rwlock_wrlock(&w->lock);
  struct table old = w->table;
  w->table = l.fresh;
  w->stats.synced = true;
  w->stats.failing = false;
  w->stats.lists++;
  w->stats.generation++;
  w->stats.heard_ns = now_ns();
  pthread_rwlock_unlock(&w->lock);
  empty(&old);
  tell_synced(w);
  return 0;
}

/* ---- events */

static void note_contact(void *context)
{
  struct kube_watch *w = context;
  pthread_rwlock_wrlock(&w->lock);
  w->stats.failing = false;
  w->stats.heard_ns = now_ns();
  pthread_rwlock_unlock(&w->lock);
}

/* More than a connection: a server that takes watches and drops them has not recovered. */
static void recover(struct kube_watch *w)
{
  note_contact(w);
  w->failures = 0;
  w->relisted = false;
  if (!w->told.code)
    return;
  w->told = (struct error){0};
  tell(w, KUBE_WATCH_BACK, "", 0, 0);
}

static void change(struct kube_watch *w, struct entry *entry)
{
  pthread_rwlock_wrlock(&w->lock);
  struct entry *old = entry ? put_in(&w->table, entry) : take_out(&w->table, buf_str(&w->key));
  w->stats.events++;
  w->stats.generation++;
  pthread_rwlock_unlock(&w->lock);
  drop(old);
}

static int take_event(void *context, const struct kube_event *event, struct error *err)
{
  struct kube_watch *w = context;
  struct str version = version_of(event->object);
  if (!version.len || version.len > NAME_MAX_BYTES)
    return error_set(err, SW_EINVAL, "%.*s: an event without a resourceVersion",
                     STR_FMT(w->options.path));
  if (event->type != KUBE_BOOKMARK) {
    if (!make_key(w, event->object))
      return error_set(err, SW_EINVAL, "%.*s: an event without a name", STR_FMT(w->options.path));
    change(w, event->type == KUBE_DELETED ? NULL
                                          : entry_of(w, event->object, event->arena, &w->table));
  }
  w->has_bookmarks |= event->type == KUBE_BOOKMARK;
  buf_clear(&w->version);
  buf_add(&w->version, version);
  recover(w);
  return 0;
}

static int watch(struct kube_watch *w, struct kube_failure *failure, struct error *err)
{
  /* The version changes while it is watched. */
  _cleanup_(buf_free) struct buf from = {0};
  buf_add(&from, buf_str(&w->version));
  const struct kube_watching watching = {.path = w->options.path,
                                         .label_selector = w->options.label_selector,
                                         .field_selector = w->options.field_selector,
                                         .resource_version = buf_str(&from),
                                         .seconds = w->options.watch_seconds,
                                         .silence_ms = w->has_bookmarks ? w->options.silence_ms : 0,
                                         .line_max = w->options.line_max,
                                         .on_begin = note_contact,
                                         .on_event = take_event,
                                         .context = w};
  uint64_t begun = now_ns();
  int rc = kube_client_watch(w->client, &watching, failure, err);
  if (rc == 0 && now_ns() - begun < (uint64_t)SHORT_WATCH_MS * MS &&
      str_eq(buf_str(&from), buf_str(&w->version)))
    return error_set(err, SW_EIO, "%.*s: the watch ended at once", STR_FMT(w->options.path));
  /* A connection that is lost or not to be had says nothing about where we are; nor does a server that has too
   * much to do, or does not believe us. */
  bool still_valid = rc == 0 || (rc == SW_EIO && !kube_failure_is_gone(failure)) ||
                     rc == SW_EACCES || rc == SW_ENOENT;
  if (!still_valid)
    buf_clear(&w->version);
  if (rc == 0)
    recover(w);
  return rc;
}

/* ---- the thread */

static struct timespec moment(uint64_t ns)
{
  return (struct timespec){.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};
}

static bool is_stopping(struct kube_watch *w)
{
  pthread_mutex_lock(&w->sleep);
  bool stopping = w->stopping;
  pthread_mutex_unlock(&w->sleep);
  return stopping;
}

static void pause_for(struct kube_watch *w, unsigned ms)
{
  struct timespec until = moment(now_ns() + (uint64_t)ms * MS);
  pthread_mutex_lock(&w->sleep);
  while (!w->stopping && pthread_cond_timedwait(&w->wake, &w->sleep, &until) == 0)
    ;
  pthread_mutex_unlock(&w->sleep);
}

static void fail_and_wait(struct kube_watch *w, const struct kube_failure *failure,
                          const struct error *err)
{
  if (is_stopping(w))
    return;
  pthread_rwlock_wrlock(&w->lock);
  w->stats.failing = true;
  w->stats.failures++;
  pthread_rwlock_unlock(&w->lock);
  unsigned pause = kube_client_backoff_ms(++w->failures, failure);
  if (w->options.pause_max_ms && pause > w->options.pause_max_ms)
    pause = w->options.pause_max_ms;
  uint64_t now = now_ns();
  if (w->told.code != err->code || strcmp(w->told.message, err->message) != 0 ||
      now - w->told_ns >= (uint64_t)TELL_AGAIN_MS * MS) {
    w->told = *err;
    w->told_ns = now;
    tell(w, KUBE_WATCH_FAILED, err->message, 0, pause);
  }
  pause_for(w, pause);
}

static void *run(void *context)
{
  struct kube_watch *w = context;
  while (!is_stopping(w)) {
    struct kube_failure failure = {0};
    struct error err = {0};
    bool listing = !w->version.len;
    int rc = listing ? list(w, &failure, &err) : watch(w, &failure, &err);
    if (rc < 0 && kube_failure_is_gone(&failure) && !listing && !w->relisted) {
      w->relisted = true; /* it is in order to list now; not twice without a pause */
      continue;
    }
    if (rc < 0)
      fail_and_wait(w, &failure, &err);
  }
  return NULL;
}

static int start_thread(struct kube_watch *w, struct error *err)
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  int rc = pthread_create(&w->thread, NULL, run, w);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  w->running = rc == 0;
  return rc == 0 ? 0 : error_set_errno(err, rc, "starting a thread");
}

static size_t or_default(size_t value, size_t preset)
{
  return value ? value : preset;
}

static void set_options(struct kube_watch *w, const struct kube_watch_options *options)
{
  struct kube_watch_options *o = &w->options;
  *o = *options;
  o->path = arena_copy(&w->arena, options->path);
  o->label_selector = arena_copy(&w->arena, options->label_selector);
  o->field_selector = arena_copy(&w->arena, options->field_selector);
  o->silence_ms = o->silence_ms ? o->silence_ms : SILENCE_MS;
  o->count_max = or_default(o->count_max, KUBE_WATCH_COUNT_DEFAULT);
  o->bytes_max = or_default(o->bytes_max, KUBE_WATCH_BYTES_DEFAULT);
  o->object_max = or_default(o->object_max, KUBE_WATCH_OBJECT_DEFAULT);
  buf_init(&w->text, o->object_max);
}

static void make_locks(struct kube_watch *w)
{
  pthread_condattr_t steady;
  pthread_rwlock_init(&w->lock, NULL);
  pthread_mutex_init(&w->sleep, NULL);
  pthread_condattr_init(&steady);
  pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
  pthread_cond_init(&w->wake, &steady);
  pthread_cond_init(&w->synced, &steady);
  pthread_condattr_destroy(&steady);
}

int kube_watch_start(const struct kube_watch_options *options, struct kube_watch **ret,
                     struct error *err)
{
  if (!str_starts(options->path, STR("/")) || str_find_byte(options->path, 0, '?') >= 0)
    return error_set(err, SW_EUSAGE, "\"%.*s\" is no path of a resource", STR_FMT(options->path));
  struct kube_watch *w = mem_zalloc(1, sizeof *w);
  arena_init(&w->arena, 0);
  make_locks(w);
  set_options(w, options);
  int rc = kube_client_new(&options->client, &w->client, err);
  if (rc == 0)
    rc = start_thread(w, err);
  if (rc < 0) {
    kube_watch_free(w);
    return rc;
  }
  *ret = w;
  return 0;
}

void kube_watch_free(struct kube_watch *watch)
{
  if (!watch)
    return;
  pthread_mutex_lock(&watch->sleep);
  watch->stopping = true;
  pthread_cond_broadcast(&watch->wake);
  pthread_mutex_unlock(&watch->sleep);
  if (watch->running) {
    kube_client_interrupt(watch->client);
    pthread_join(watch->thread, NULL);
  }
  kube_client_free(watch->client);
  empty(&watch->table);
  buf_free(&watch->version);
  buf_free(&watch->key);
  buf_free(&watch->text);
  pthread_cond_destroy(&watch->wake);
  pthread_cond_destroy(&watch->synced);
  pthread_mutex_destroy(&watch->sleep);
  pthread_rwlock_destroy(&watch->lock);
  arena_free(&watch->arena);
  mem_free(watch);
}

/* ---- reading */

static bool read_entry(const struct entry *e, struct arena *arena, struct value *ret)
{
  size_t limit = arena->limit;
  arena->limit = 0;
  struct str text = arena_copy(arena, str_make(e->bytes + e->key_len, e->text_len));
  int rc = json_parse(arena, text, NULL, ret, NULL);
  arena->limit = limit;
  return rc == 0;
}

bool kube_watch_find(struct kube_watch *watch, struct str namespace, struct str name,
                     struct arena *arena, struct value *ret_object)
{
  char key[2 * NAME_MAX_BYTES + 2];
  if (!name.len || name.len > NAME_MAX_BYTES || namespace.len > NAME_MAX_BYTES)
    return false;
  if (namespace.len)
    memcpy(key, namespace.data, namespace.len);
  key[namespace.len] = '/';
  memcpy(key + namespace.len + 1, name.data, name.len);
  pthread_rwlock_rdlock(&watch->lock);
  struct entry *e = entry_in(&watch->table, str_make(key, namespace.len + 1 + name.len));
  if (e)
    hold(e);
  pthread_rwlock_unlock(&watch->lock);
  if (!e)
    return false;
  bool found = read_entry(e, arena, ret_object);
  drop(e);
  return found;
}

int kube_watch_each(struct kube_watch *watch, struct arena *arena,
                    int (*visit)(void *context, struct value object), void *context)
{
  VEC(struct entry *) held = {0};
  size_t at = 0;
  int rc = 0;
  pthread_rwlock_rdlock(&watch->lock);
  vec_reserve(&held, watch->table.by_key.count);
  for (struct map_entry *m; (m = map_next(&watch->table.by_key, &at));)
    vec_push(&held, hold(m->value.pointer));
  pthread_rwlock_unlock(&watch->lock);
  for (size_t i = 0; i < held.count; i++) {
    struct value object;
    if (rc == 0 && read_entry(held.items[i], arena, &object))
      rc = visit(context, object);
    drop(held.items[i]);
  }
  vec_free(&held);
  return rc < 0 ? rc : 0;
}

bool kube_watch_wait(struct kube_watch *watch, unsigned ms)
{
  struct timespec until = moment(now_ns() + (uint64_t)ms * MS);
  pthread_mutex_lock(&watch->sleep);
  while (!watch->is_synced && pthread_cond_timedwait(&watch->synced, &watch->sleep, &until) == 0)
    ;
  bool synced = watch->is_synced;
  pthread_mutex_unlock(&watch->sleep);
  return synced;
}

void kube_watch_stats(struct kube_watch *watch, struct kube_watch_stats *ret)
{
  pthread_rwlock_rdlock(&watch->lock);
  *ret = watch->stats;
  ret->count = watch->table.by_key.count;
  ret->bytes = watch->table.bytes;
  pthread_rwlock_unlock(&watch->lock);
}
