#include "daemon/policies.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/tree_stamp.h"
#include "daemon/policy_options.h"
#include "policy/admission_inventory.h"
#include "policy/admission_namespaces.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

enum {
  NAMESPACES_FILE_MAX = 64 << 20,
  CHANGES_MAX = 5,  /* loads that are thrown away because files changed meanwhile */
  LOOK_SHARE = 100, /* looking takes at most this part of the time */
  TRY_AGAIN_SECONDS = 30,
  CACHE_LINES = 128, /* bytes; processors fetch lines of 64 in pairs */
};

/* The policies of one load. */
struct generation {
  uint64_t number;
  struct admission_snapshot *snapshot;
  struct rego_documents *documents; /* NULL: nobody may ask for them */
  struct admission_namespace_map *namespaces;
  struct admission_inventory_store *inventory;
};

/* What a worker answers with. */
struct slot {
  pthread_mutex_t lock; /* held by the worker during a request: whoever changes the slot waits for
                         * that request; one request never waits for another */
  struct admission_worker *admission;
  struct rego_documents_worker *documents;
  uint64_t generation;
  char apart[CACHE_LINES]; /* from the next worker's */
};

struct policies {
  const struct serve_config *config;
  struct policy_options options;
  struct tag_resolver *tags; /* NULL: none are resolved */
  void (*told)(void *context, const struct policies_report *report);
  void *told_context;
  struct slot *slots;
  unsigned slot_count;

  pthread_mutex_t load_lock; /* one load at a time; guards all to next_number */
  struct generation *current;
  struct hash128 stamp; /* of what was loaded, or failed to */
  uint64_t tried_ns;
  uint64_t complaint; /* what the last load had to say, hashed; 0: nothing */
  uint64_t next_number;

  pthread_mutex_t lock; /* guards what follows */
  pthread_cond_t woken;
  bool stop, wake;
  struct policies_stats stats;
  pthread_t watcher;
  bool watching;
};

/* ---- loading */

static void free_generation(struct generation *g)
{
  if (!g)
    return;
  admission_snapshot_drop(g->snapshot);
  rego_documents_drop(g->documents);
  admission_namespace_map_free(g->namespaces);
  admission_inventory_store_free(g->inventory);
  mem_free(g);
}

static int read_namespaces(const struct serve_config *config, struct generation *g,
                           struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  const char *path = config->namespaces.path;
  int rc = file_read(path, NAMESPACES_FILE_MAX, &text, err);
  if (rc < 0)
    return rc;
  rc = admission_namespace_map_read(buf_str(&text), &g->namespaces, err);
  return rc < 0 ? error_wrap(err, "%s:%u:%u", path, err->line, err->column) : 0;
}

static int read_inventory(const struct serve_config *config, struct generation *g,
                          struct error *err)
{
  const struct setting_texts *paths = &config->policies.inventory;
  VEC(const char *) names = {0};
  for (size_t i = 0; i < paths->count; i++)
    vec_push(&names, paths->items[i].data); /* zero-terminated */
  g->inventory = admission_inventory_store_new();
  int rc = admission_inventory_read(g->inventory, names.items, names.count, NULL, err);
  admission_inventory_publish(g->inventory);
  vec_free(&names);
  return rc;
}

/* The same modules once more, as documents that OPA's API asks for. */
static int load_documents(const struct policies *p, struct generation *g,
                          struct admission_problems *problems, struct error *err)
{
  const struct admission_options *o = &p->options.admission;
  struct rego_documents_options options = {
      .paths = o->paths,
      .path_count = o->path_count,
      .rego_v0 = o->rego_v0,
      .steps = o->steps,
      .memory = o->memory,
  };
  return rego_documents_load(&options, &g->documents, problems, err);
}

static int load_generation(struct policies *p, struct generation **ret,
                           struct admission_problems *problems, struct error *err)
{
  struct generation *g = mem_zalloc(1, sizeof *g);
  struct admission_options options = p->options.admission;
  int rc = 0;
  if (p->config->namespaces.source == SERVE_NAMESPACES_FILE) {
    rc = read_namespaces(p->config, g, err);
    if (rc == 0)
      options.namespaces = admission_namespace_map_service(g->namespaces);
  }
  if (rc == 0 && p->config->policies.inventory.count) {
    rc = read_inventory(p->config, g, err);
    options.inventory = admission_inventory_service(g->inventory);
  }
  if (rc == 0)
    rc = admission_snapshot_load(&options, &g->snapshot, problems, err);
  if (rc == 0 && p->config->data_api.enabled)
    rc = load_documents(p, g, problems, err);
  if (rc < 0) {
    free_generation(g);
    return rc;
  }
  *ret = g;
  return 0;
}

/* Everything whose change means a load. */
static struct hash128 look(const struct policies *p, size_t *ret_files)
{
  VEC(const char *) paths = {0};
  const struct admission_options *o = &p->options.admission;
  for (size_t i = 0; i < o->path_count; i++)
    vec_push(&paths, o->paths[i]);
  for (size_t i = 0; i < o->rules.directory_count; i++)
    vec_push(&paths, o->rules.directories[i]);
  if (p->config->namespaces.source == SERVE_NAMESPACES_FILE)
    vec_push(&paths, p->config->namespaces.path);
  for (size_t i = 0; i < p->config->policies.inventory.count; i++)
    vec_push(&paths, p->config->policies.inventory.items[i].data);
  struct hash128 stamp = tree_stamp(paths.items, paths.count, ret_files);
  vec_free(&paths);
  return stamp;
}

/* Until it was not changed while it was read. */
static int load_settled(struct policies *p, struct generation **ret,
                        struct admission_problems *problems, size_t *ret_files, struct error *err)
{
  struct hash128 before = look(p, ret_files);
  for (int i = 0; i < CHANGES_MAX; i++) {
    struct generation *g = NULL;
    int rc = load_generation(p, &g, problems, err);
    struct hash128 after = look(p, ret_files);
    p->stamp = after;
    if (tree_stamp_eq(before, after)) {
      if (rc == 0)
        *ret = g;
      return rc;
    }
    free_generation(g);
    admission_problems_free(problems);
    before = after;
  }
  return error_set(err, SW_EIO,
                   "the files of the policies change all the time; they were read %d times, and "
                   "never twice the same",
                   CHANGES_MAX);
}

/* Each worker gets the new policies as soon as it is between two requests. */
static void hand_out(struct policies *p, struct generation *g)
{
  for (unsigned i = 0; i < p->slot_count; i++) {
    struct slot *slot = &p->slots[i];
    struct admission_worker *admission = admission_worker_new(g->snapshot);
    struct rego_documents_worker *documents = g->documents ? rego_documents_worker_new(g->documents)
                                                           : NULL;
    pthread_mutex_lock(&slot->lock);
    struct admission_worker *old_admission = slot->admission;
    struct rego_documents_worker *old_documents = slot->documents;
    slot->admission = admission;
    slot->documents = documents;
    slot->generation = g->number;
    pthread_mutex_unlock(&slot->lock);
    admission_worker_free(old_admission);
    rego_documents_worker_free(old_documents);
  }
  free_generation(p->current);
  p->current = g;
}

static void count(struct policies *p, struct policies_report *report)
{
  pthread_mutex_lock(&p->lock);
  struct policies_stats *s = &p->stats;
  s->last_failed = !report->ok;
  if (report->ok) {
    s->loads++;
    s->generation = report->generation;
    s->policies = report->policies;
    s->files = report->files;
    s->loaded_at = clock_wall_seconds(clock_system());
  } else {
    s->failures++;
  }
  pthread_mutex_unlock(&p->lock);
}

/* What is wrong, as a number that is another when anything else is. */
static uint64_t complaint_of(const struct policies_report *report)
{
  if (report->ok)
    return 0;
  uint64_t hash = hash_bytes(str_from(report->message));
  for (size_t i = 0; i < report->problem_count; i++)
    hash = hash_mix(hash, hash_bytes(str_from(report->problems[i].text)));
  return hash;
}

/* With load_lock held. */
static int load(struct policies *p, struct error *err)
{
  struct admission_problems problems = {0};
  struct generation *fresh = NULL;
  struct policies_report report = {.first = p->tried_ns == 0};
  uint64_t start = clock_monotonic_ns(clock_system());
  int rc = load_settled(p, &fresh, &problems, &report.files, err);
  if (rc == 0) {
    fresh->number = p->next_number++;
    hand_out(p, fresh);
  }
  uint64_t end = clock_monotonic_ns(clock_system());
  p->tried_ns = end;
  report.ok = rc == 0;
  report.message = rc < 0 ? err->message : NULL;
  report.problems = problems.items;
  report.problem_count = problems.count;
  report.generation = p->current ? p->current->number : 0;
  report.policies = p->current ? admission_policy_count(p->current->snapshot) : 0;
  report.ns = end - start;
  uint64_t complaint = complaint_of(&report);
  report.again = complaint && complaint == p->complaint;
  p->complaint = complaint;
  count(p, &report);
  if (p->told)
    p->told(p->told_context, &report);
  admission_problems_free(&problems);
  mem_trim(); /* compiling takes, and leaves between what is kept, as much again */
  return rc;
}

int policies_reload(struct policies *p, struct error *err)
{
  pthread_mutex_lock(&p->load_lock);
  int rc = load(p, err);
  pthread_mutex_unlock(&p->load_lock);
  return rc;
}

/* ---- watching */

static bool due_again(struct policies *p, uint64_t now)
{
  pthread_mutex_lock(&p->lock);
  bool failed = p->stats.last_failed;
  pthread_mutex_unlock(&p->lock);
  return failed && now - p->tried_ns > TRY_AGAIN_SECONDS * UINT64_C(1000000000);
}

/* One look; returns how long it took. */
static uint64_t watch_once(struct policies *p, struct hash128 *seen, bool forced)
{
  struct error err;
  uint64_t start = clock_monotonic_ns(clock_system());
  pthread_mutex_lock(&p->load_lock);
  struct hash128 now = look(p, NULL);
  uint64_t end = clock_monotonic_ns(clock_system());
  bool settled = tree_stamp_eq(now, *seen);
  bool changed = !tree_stamp_eq(now, p->stamp);
  *seen = now;
  if (forced || (changed && settled) || (!changed && due_again(p, end)))
    load(p, &err); /* told, and counted */
  pthread_mutex_unlock(&p->load_lock);
  return end - start;
}

static struct timespec after(uint64_t ns)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  ns += (uint64_t)t.tv_nsec;
  t.tv_sec += (time_t)(ns / 1000000000);
  t.tv_nsec = (long)(ns % 1000000000);
  return t;
}

/* Waits for the next look, or for somebody who wants one. False: the end. */
static bool wait_for_turn(struct policies *p, uint64_t pause_ns, bool *ret_forced)
{
  struct timespec until = after(pause_ns);
  int rc = 0;
  pthread_mutex_lock(&p->lock);
  while (!p->stop && !p->wake && rc != ETIMEDOUT)
    rc = pause_ns ? pthread_cond_timedwait(&p->woken, &p->lock, &until)
                  : pthread_cond_wait(&p->woken, &p->lock);
  *ret_forced = p->wake;
  p->wake = false;
  bool go_on = !p->stop;
  pthread_mutex_unlock(&p->lock);
  return go_on;
}

static void *watch(void *context)
{
  struct policies *p = context;
  uint64_t interval = (uint64_t)p->config->policies.reload, pause = interval;
  bool forced;
  pthread_mutex_lock(&p->load_lock);
  struct hash128 seen = p->stamp;
  pthread_mutex_unlock(&p->load_lock);
  while (wait_for_turn(p, pause, &forced)) {
    uint64_t took = watch_once(p, &seen, forced);
    pause = !interval || took * LOOK_SHARE < interval ? interval : took * LOOK_SHARE;
  }
  return NULL;
}

static int start_watcher(struct policies *p, struct error *err)
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int rc = pthread_create(&p->watcher, NULL, watch, p);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (rc)
    return error_set(err, SW_ELIMIT, "no thread could be made to watch the policies");
  p->watching = true;
  return 0;
}

void policies_wake(struct policies *p)
{
  pthread_mutex_lock(&p->lock);
  p->wake = true;
  pthread_cond_signal(&p->woken);
  pthread_mutex_unlock(&p->lock);
}

/* ---- */

static void init_locks(struct policies *p)
{
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&p->woken, &monotonic);
  pthread_condattr_destroy(&monotonic);
  pthread_mutex_init(&p->lock, NULL);
  pthread_mutex_init(&p->load_lock, NULL);
  for (unsigned i = 0; i < p->slot_count; i++)
    pthread_mutex_init(&p->slots[i].lock, NULL);
}

static int open_resolver(struct policies *p, struct error *err)
{
  struct image_policy_config *images = &p->options.admission.images;
  if (!p->options.admission.images_enabled || !images->resolve)
    return 0;
  int rc = tag_resolver_new(&p->options.tags, &p->tags, err);
  if (rc < 0)
    return err ? error_wrap(err, "images.resolve") : rc;
  images->resolver = tag_resolver_service(p->tags);
  return 0;
}

int policies_open(const struct policies_options *options, struct policies **ret, struct error *err)
{
  struct policies *p = mem_zalloc(1, sizeof *p);
  struct error load_error;
  p->config = options->config;
  p->told = options->told;
  p->told_context = options->told_context;
  p->slot_count = options->workers;
  p->slots = mem_zalloc(options->workers, sizeof *p->slots);
  p->next_number = 1;
  policy_options_init(&p->options, options->config);
  p->options.admission.namespaces = options->namespaces;
  init_locks(p);
  int rc = open_resolver(p, err);
  if (rc == 0) {
    pthread_mutex_lock(&p->load_lock);
    load(p, &load_error); /* told, and counted; without policies nothing is allowed */
    pthread_mutex_unlock(&p->load_lock);
    rc = start_watcher(p, err);
  }
  if (rc < 0) {
    policies_close(p);
    return rc;
  }
  *ret = p;
  return 0;
}

void policies_close(struct policies *p)
{
  if (!p)
    return;
  if (p->watching) {
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_signal(&p->woken);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->watcher, NULL);
  }
  for (unsigned i = 0; i < p->slot_count; i++) {
    admission_worker_free(p->slots[i].admission);
    rego_documents_worker_free(p->slots[i].documents);
    pthread_mutex_destroy(&p->slots[i].lock);
  }
  free_generation(p->current);
  tag_resolver_free(p->tags);
  policy_options_free(&p->options);
  pthread_cond_destroy(&p->woken);
  pthread_mutex_destroy(&p->lock);
  pthread_mutex_destroy(&p->load_lock);
  mem_free(p->slots);
  mem_free(p);
}

bool policies_begin(struct policies *p, unsigned worker, struct policies_view *ret)
{
  struct slot *slot = &p->slots[worker];
  pthread_mutex_lock(&slot->lock);
  if (!slot->admission) {
    pthread_mutex_unlock(&slot->lock);
    return false;
  }
  *ret = (struct policies_view){slot->admission, slot->documents, slot->generation};
  return true;
}

void policies_end(struct policies *p, unsigned worker)
{
  pthread_mutex_unlock(&p->slots[worker].lock);
}

void policies_stats(struct policies *p, struct policies_stats *ret)
{
  pthread_mutex_lock(&p->lock);
  *ret = p->stats;
  pthread_mutex_unlock(&p->lock);
}
