#include "daemon/namespace_watch.h"

#include "base/clock.h"
#include "data/json.h"
#include "data/json_write.h"

#include <pthread.h>
#include <signal.h>

#define RESOURCE "/api/v1/namespaces"

enum {
  MS = 1000000,
  NAME_BYTES = 63, /* a label of DNS (RFC 1123) */
  ASKED_MAX = 32,  /* names that are asked for, or whose answer is remembered */
  TEXT_MAX =
      512 << 10, /* what is kept of one; metadata is limited to some 300 KiB by the API server */
  ANSWER_MAX = 2 << 20,
  REMEMBER_MS = 1000,
  REMEMBER_NONE_MS = 100,
};

enum question_state {
  QUESTION_FREE,
  QUESTION_WAITS, /* for the thread */
  QUESTION_ASKED, /* by the thread, now */
  QUESTION_FOUND,
  QUESTION_NOT_FOUND,
};

/* A name, and what was said about it. */
struct question {
  enum question_state state;
  char name[NAME_BYTES];
  size_t name_len;
  unsigned waiting;
  uint64_t until_ns; /* an answer: remembered so long */
  struct buf text;   /* QUESTION_FOUND */
};

struct namespace_watch {
  struct kube_watch *watch;
  struct kube_client *client; /* the thread's */
  unsigned ask_ms, waiting_max;
  pthread_t thread;
  bool running;

  pthread_mutex_t lock;          /* over everything below */
  pthread_cond_t work, answered; /* for the thread; for those who wait */
  struct question questions[ASKED_MAX];
  unsigned waiting;
  uint64_t quiet_until_ns; /* nobody is asked */
  bool stopping;
  uint64_t asked, asked_found, gave_up;
};

static uint64_t now_ns(void)
{
  return clock_monotonic_ns(clock_system());
}

static struct timespec moment(uint64_t ns)
{
  return (struct timespec){.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};
}

static struct str name_of(const struct question *q)
{
  return str_make(q->name, q->name_len);
}

static bool is_answered(const struct question *q)
{
  return q->state == QUESTION_FOUND || q->state == QUESTION_NOT_FOUND;
}

/* ---- the thread that asks */

static void settle(struct question *q, enum question_state state, unsigned remember_ms)
{
  q->state = state;
  q->until_ns = now_ns() + (uint64_t)remember_ms * MS;
}

/* Without the lock. The text of the Namespace in `text`. */
static int ask(struct namespace_watch *w, struct str name, struct buf *text, struct error *err)
{
  struct arena arena;
  struct buf path = {0};
  struct value object;
  arena_init(&arena, 64 << 20);
  buf_printf(&path, RESOURCE "/%.*s", STR_FMT(name));
  int rc =
      kube_client_get(w->client, buf_str(&path), ANSWER_MAX, w->ask_ms, &arena, &object, NULL, err);
  if (rc == 0) {
    object = kube_watch_keep_metadata(NULL, &arena, object);
    struct value metadata = value_get(object, value_from("metadata"));
    if (value_eq_str(value_get(metadata, value_from("name")), name))
      json_write(text, object, 0);
    else
      rc = error_set(err, SW_EINVAL, "%s: the answer is another object", buf_text(&path));
  }
  if (rc == 0 && buf_failed(text))
    rc = error_set(err, SW_ELIMIT, "%s: larger than %d bytes", buf_text(&path), TEXT_MAX);
  arena_free(&arena);
  buf_free(&path);
  return rc;
}

/* With the lock, which is given up meanwhile. */
static void answer(struct namespace_watch *w, struct question *q)
{
  struct error err;
  struct buf text;
  char name[NAME_BYTES];
  buf_init(&text, TEXT_MAX);
  memcpy(name, q->name, q->name_len);
  q->state = QUESTION_ASKED;
  w->asked++;
  pthread_mutex_unlock(&w->lock);
  int rc = ask(w, str_make(name, q->name_len), &text, &err);
  pthread_mutex_lock(&w->lock);
  if (rc == 0) {
    w->asked_found++;
    buf_free(&q->text);
    q->text = text;
    settle(q, QUESTION_FOUND, REMEMBER_MS);
    return;
  }
  buf_free(&text);
  settle(q, QUESTION_NOT_FOUND, rc == SW_ENOENT ? REMEMBER_NONE_MS : REMEMBER_MS);
  if (rc != SW_ENOENT)
    w->quiet_until_ns = q->until_ns;
}

/* What nobody wants to know any more, or is not to be asked now, is not asked. */
static struct question *next_question(struct namespace_watch *w)
{
  bool quiet = now_ns() < w->quiet_until_ns;
  for (size_t i = 0; i < ASKED_MAX; i++) {
    struct question *q = &w->questions[i];
    if (q->state != QUESTION_WAITS)
      continue;
    if (!quiet && q->waiting)
      return q;
    settle(q, QUESTION_NOT_FOUND, 0);
  }
  return NULL;
}

/* Gives the memory of old answers back; whether there are younger ones. */
static bool forget(struct namespace_watch *w)
{
  bool more = false;
  uint64_t now = now_ns();
  for (size_t i = 0; i < ASKED_MAX; i++) {
    struct question *q = &w->questions[i];
    if (!is_answered(q) || q->waiting)
      continue;
    if (q->until_ns > now) {
      more = true;
      continue;
    }
    buf_free(&q->text);
    *q = (struct question){0};
  }
  return more;
}

static void *run(void *context)
{
  struct namespace_watch *w = context;
  pthread_mutex_lock(&w->lock);
  while (!w->stopping) {
    struct question *q = next_question(w);
    pthread_cond_broadcast(&w->answered);
    if (q) {
      answer(w, q);
      continue;
    }
    struct timespec later = moment(now_ns() + (uint64_t)REMEMBER_MS * MS);
    if (forget(w))
      pthread_cond_timedwait(&w->work, &w->lock, &later);
    else
      pthread_cond_wait(&w->work, &w->lock);
  }
  pthread_mutex_unlock(&w->lock);
  return NULL;
}

/* ---- those who want to know */

/* What a Namespace may be called (RFC 1123): nothing else gets into a URL. */
static bool is_name(struct str name)
{
  if (!name.len || name.len > NAME_BYTES)
    return false;
  for (size_t i = 0; i < name.len; i++) {
    char c = name.data[i];
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
      return false;
  }
  return name.data[0] != '-' && name.data[name.len - 1] != '-';
}

/* The question about a name, a new one if there is none; NULL: there is no room. */
static struct question *question_of(struct namespace_watch *w, struct str name)
{
  struct question *room = NULL;
  uint64_t now = now_ns();
  for (size_t i = 0; i < ASKED_MAX; i++) {
    struct question *q = &w->questions[i];
    bool over = is_answered(q) && q->until_ns <= now && !q->waiting;
    if (q->state != QUESTION_FREE && !over && str_eq(name_of(q), name))
      return q;
    if (q->state == QUESTION_FREE || over)
      room = q;
  }
  if (!room)
    return NULL;
  buf_free(&room->text);
  *room = (struct question){.state = QUESTION_WAITS, .name_len = name.len};
  memcpy(room->name, name.data, name.len);
  return room;
}

static void wait_for(struct namespace_watch *w, struct question *q)
{
  struct timespec until = moment(now_ns() + (uint64_t)w->ask_ms * MS);
  w->waiting++;
  q->waiting++;
  pthread_cond_signal(&w->work);
  while (!is_answered(q) && !w->stopping &&
         pthread_cond_timedwait(&w->answered, &w->lock, &until) == 0)
    ;
  q->waiting--;
  w->waiting--;
}

/* The text of a Namespace by asking for it; false: not known, or not in time. */
static bool text_by_asking(struct namespace_watch *w, struct str name, struct arena *arena,
                           struct str *ret)
{
  pthread_mutex_lock(&w->lock);
  bool may_wait = w->waiting < w->waiting_max && now_ns() >= w->quiet_until_ns;
  struct question *q = question_of(w, name);
  bool fresh = q && q->state == QUESTION_WAITS && !q->waiting;
  if (q && !is_answered(q) && may_wait)
    wait_for(w, q);
  else if (fresh)
    q->state = QUESTION_FREE; /* nobody waits for it: it is not asked */
  bool found = q && q->state == QUESTION_FOUND;
  if (found)
    *ret = arena_copy(arena, buf_str(&q->text));
  else if (!q || !is_answered(q))
    w->gave_up++;
  pthread_mutex_unlock(&w->lock);
  return found;
}

/* The arena's limit does not count: see kube_watch_find. */
static bool find_by_asking(struct namespace_watch *w, struct str name, struct arena *arena,
                           struct value *ret)
{
  struct str text;
  size_t limit = arena->limit;
  arena->limit = 0;
  bool found = text_by_asking(w, name, arena, &text) &&
               json_parse(arena, text, NULL, ret, NULL) == 0;
  arena->limit = limit;
  return found;
}

static bool find(void *context, struct str name, struct arena *arena, struct value *ret_namespace)
{
  struct namespace_watch *w = context;
  if (!is_name(name))
    return false;
  if (kube_watch_find(w->watch, STR_EMPTY, name, arena, ret_namespace))
    return true;
  return namespace_watch_ready(w) && find_by_asking(w, name, arena, ret_namespace);
}

/* ---- */

static void make_locks(struct namespace_watch *w)
{
  pthread_condattr_t steady;
  pthread_mutex_init(&w->lock, NULL);
  pthread_condattr_init(&steady);
  pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
  pthread_cond_init(&w->work, &steady);
  pthread_cond_init(&w->answered, &steady);
  pthread_condattr_destroy(&steady);
}

static int start_thread(struct namespace_watch *w, struct error *err)
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  int rc = pthread_create(&w->thread, NULL, run, w);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  w->running = rc == 0;
  return rc == 0 ? 0 : error_set_errno(err, rc, "starting a thread");
}

int namespace_watch_start(const struct namespace_watch_options *options,
                          struct namespace_watch **ret, struct error *err)
{
  struct namespace_watch *w = mem_zalloc(1, sizeof *w);
  const struct kube_client_options client = {.source = options->source,
                                             .user_agent = options->user_agent};
  const struct kube_watch_options watched = {.client = client,
                                             .path = STR(RESOURCE),
                                             .keep = kube_watch_keep_metadata,
                                             .pause_max_ms = options->pause_max_ms,
                                             .on_event = options->on_event,
                                             .context = options->context};
  w->ask_ms = options->ask_ms ? options->ask_ms : NAMESPACE_ASK_MS;
  w->waiting_max = options->waiting_max ? options->waiting_max : NAMESPACE_WAITING_MAX;
  make_locks(w);
  int rc = kube_client_new(&client, &w->client, err);
  if (rc == 0)
    rc = kube_watch_start(&watched, &w->watch, err);
  if (rc == 0)
    rc = start_thread(w, err);
  if (rc < 0) {
    namespace_watch_free(w);
    return rc;
  }
  *ret = w;
  return 0;
}

void namespace_watch_free(struct namespace_watch *watch)
{
  if (!watch)
    return;
  pthread_mutex_lock(&watch->lock);
  watch->stopping = true;
  pthread_cond_broadcast(&watch->work);
  pthread_cond_broadcast(&watch->answered);
  pthread_mutex_unlock(&watch->lock);
  if (watch->running) {
    kube_client_interrupt(watch->client);
    pthread_join(watch->thread, NULL);
  }
  kube_watch_free(watch->watch);
  kube_client_free(watch->client);
  for (size_t i = 0; i < ASKED_MAX; i++)
    buf_free(&watch->questions[i].text);
  pthread_cond_destroy(&watch->work);
  pthread_cond_destroy(&watch->answered);
  pthread_mutex_destroy(&watch->lock);
  mem_free(watch);
}

struct admission_namespaces namespace_watch_service(struct namespace_watch *watch)
{
  return (struct admission_namespaces){find, watch};
}

bool namespace_watch_ready(struct namespace_watch *watch)
{
  return kube_watch_wait(watch->watch, 0);
}

bool namespace_watch_wait(struct namespace_watch *watch, unsigned ms)
{
  return kube_watch_wait(watch->watch, ms);
}

struct filling {
  struct gatekeeper_inventory *inventory;
  struct arena *arena;
  struct error *err;
};

static int add_to_inventory(void *context, struct value object)
{
  struct filling *f = context;
  struct kube_object o;
  kube_object_read(object, (struct value_position){0}, &o);
  int rc = gatekeeper_inventory_add(f->inventory, &o, f->err);
  arena_reset(f->arena);
  return rc;
}

int namespace_watch_fill(struct namespace_watch *watch, struct gatekeeper_inventory *inventory,
                         struct error *err)
{
  struct arena arena;
  arena_init(&arena, 0);
  struct filling filling = {inventory, &arena, err};
  int rc = kube_watch_each(watch->watch, &arena, add_to_inventory, &filling);
  arena_free(&arena);
  return rc;
}

void namespace_watch_stats(struct namespace_watch *watch, struct namespace_watch_stats *ret)
{
  *ret = (struct namespace_watch_stats){0};
  kube_watch_stats(watch->watch, &ret->watch);
  uint64_t now = now_ns();
  if (ret->watch.synced && ret->watch.heard_ns < now)
    ret->silent_ms = (now - ret->watch.heard_ns) / MS;
  pthread_mutex_lock(&watch->lock);
  ret->asked = watch->asked;
  ret->asked_found = watch->asked_found;
  ret->waiting = watch->waiting;
  ret->gave_up = watch->gave_up;
  pthread_mutex_unlock(&watch->lock);
}
