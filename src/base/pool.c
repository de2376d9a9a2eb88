#include "base/pool.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

/*
 * The items alive stand in a ring in order of submission. Three counters run
 * through it: the caller fills at `made`, workers take at `taken`, the caller
 * empties at `consumed`; consumed <= taken <= made <= consumed + window.
 */
struct slot {
  void *item;
  bool done;
};

struct pool {
  const struct pool_ops *ops;
  void *ctx;
  struct slot *slots;
  uint64_t window;
  uint64_t made, taken, consumed;
  bool closed; /* nothing more will be made: workers end when all is taken */
  pthread_mutex_t lock;
  pthread_cond_t work_there; /* made moved on, or closed */
  pthread_cond_t work_done;  /* the oldest item is done */
};

struct worker {
  struct pool *pool;
  pthread_t thread;
  unsigned number;
};

static struct slot *slot_of(struct pool *pool, uint64_t number)
{
  return &pool->slots[number % pool->window];
}

static void *run_worker(void *arg)
{
  struct worker *worker = arg;
  struct pool *pool = worker->pool;
  pthread_mutex_lock(&pool->lock);
  for (;;) {
    while (pool->taken == pool->made && !pool->closed)
      pthread_cond_wait(&pool->work_there, &pool->lock);
    if (pool->taken == pool->made)
      break;
    uint64_t number = pool->taken++;
    struct slot *slot = slot_of(pool, number);
    pthread_mutex_unlock(&pool->lock);
    pool->ops->work(pool->ctx, worker->number, slot->item);
    pthread_mutex_lock(&pool->lock);
    slot->done = true;
    if (number == pool->consumed)
      pthread_cond_signal(&pool->work_done);
  }
  pthread_mutex_unlock(&pool->lock);
  return NULL;
}

/* Signals are the caller's thread's business: handlers never run in workers. */
static unsigned start_workers(struct pool *pool, struct worker *workers, unsigned wanted)
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  unsigned started = 0;
  while (started < wanted) {
    struct worker *worker = &workers[started];
    *worker = (struct worker){.pool = pool, .number = started};
    if (pthread_create(&worker->thread, NULL, run_worker, worker) != 0)
      break;
    started++;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return started;
}

static void submit(struct pool *pool, void *item)
{
  pthread_mutex_lock(&pool->lock);
  *slot_of(pool, pool->made++) = (struct slot){item, false};
  pthread_cond_signal(&pool->work_there);
  pthread_mutex_unlock(&pool->lock);
}

/* The oldest item if it is done, waited for if asked to; else NULL. */
static void *take_oldest(struct pool *pool, bool wait)
{
  void *item = NULL;
  pthread_mutex_lock(&pool->lock);
  struct slot *slot = slot_of(pool, pool->consumed);
  while (wait && !slot->done)
    pthread_cond_wait(&pool->work_done, &pool->lock);
  if (pool->consumed < pool->made && slot->done) {
    item = slot->item;
    *slot = (struct slot){0};
    pool->consumed++;
  }
  pthread_mutex_unlock(&pool->lock);
  return item;
}

/* Produces and consumes until the end or an error. Only this thread moves made and consumed, so it
 * may read them without the lock. */
static int feed(struct pool *pool, struct error *err)
{
  bool ended = false;
  while (!ended || pool->consumed < pool->made) {
    bool full = pool->made - pool->consumed == pool->window;
    if (pool->consumed < pool->made) {
      void *item = take_oldest(pool, full || ended);
      if (item) {
        int rc = pool->ops->consume(pool->ctx, item, err);
        if (rc < 0)
          return rc;
        continue;
      }
    }
    void *item = pool->ops->produce(pool->ctx);
    if (item)
      submit(pool, item);
    else
      ended = true;
  }
  return 0;
}

/* Ends the workers. Items that nobody has taken yet are withheld from them. */
static void stop_workers(struct pool *pool, struct worker *workers, unsigned count)
{
  pthread_mutex_lock(&pool->lock);
  uint64_t made = pool->made;
  pool->made = pool->taken;
  pool->closed = true;
  pthread_cond_broadcast(&pool->work_there);
  pthread_mutex_unlock(&pool->lock);
  for (unsigned i = 0; i < count; i++)
    pthread_join(workers[i].thread, NULL);
  pool->made = made;
}

static void discard_rest(struct pool *pool)
{
  for (; pool->consumed < pool->made; pool->consumed++)
    if (pool->ops->discard)
      pool->ops->discard(pool->ctx, slot_of(pool, pool->consumed)->item);
}

static int run_inline(const struct pool_ops *ops, void *ctx, struct error *err)
{
  for (void *item; (item = ops->produce(ctx));) {
    ops->work(ctx, 0, item);
    int rc = ops->consume(ctx, item, err);
    if (rc < 0)
      return rc;
  }
  return 0;
}

int pool_run(const struct pool_ops *ops, void *ctx, unsigned jobs, unsigned window,
             struct error *err)
{
  if (jobs > POOL_JOBS_MAX)
    jobs = POOL_JOBS_MAX;
  if (jobs <= 1)
    return run_inline(ops, ctx, err);
  if (window == 0)
    window = jobs * 4;
  if (window < jobs)
    window = jobs;
  struct pool pool = {.ops = ops, .ctx = ctx, .window = window};
  pool.slots = mem_zalloc(window, sizeof *pool.slots);
  struct worker *workers = mem_zalloc(jobs, sizeof *workers);
  pthread_mutex_init(&pool.lock, NULL);
  pthread_cond_init(&pool.work_there, NULL);
  pthread_cond_init(&pool.work_done, NULL);
  unsigned started = start_workers(&pool, workers, jobs);
  int rc = started ? feed(&pool, err) : run_inline(ops, ctx, err);
  stop_workers(&pool, workers, started);
  discard_rest(&pool);
  pthread_cond_destroy(&pool.work_done);
  pthread_cond_destroy(&pool.work_there);
  pthread_mutex_destroy(&pool.lock);
  mem_free(workers);
  mem_free(pool.slots);
  return rc;
}

/* Whole processors of the quota of this control group as a container sees it (cgroup v2); 0: none
 * stated. */
static unsigned quota_cpus(void)
{
  _cleanup_(buf_free) struct buf text = {0};
  if (file_read("/sys/fs/cgroup/cpu.max", 256, &text, NULL) < 0)
    return 0;
  struct str rest;
  struct str first = str_cut(str_trim(buf_str(&text)), ' ', &rest);
  unsigned long long quota, period;
  if (!str_to_u64(first, UINT64_MAX, &quota) || !str_to_u64(rest, UINT64_MAX, &period) ||
      period == 0)
    return 0; /* "max 100000": no quota */
  unsigned long long cpus = quota / period + (quota % period != 0);
  return cpus > POOL_JOBS_MAX ? POOL_JOBS_MAX : (unsigned)cpus;
}

unsigned pool_cpus(void)
{
  cpu_set_t set;
  long count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set)
                                                           : sysconf(_SC_NPROCESSORS_ONLN);
  if (count < 1)
    count = 1;
  if (count > POOL_JOBS_MAX)
    count = POOL_JOBS_MAX;
  unsigned quota = quota_cpus();
  return quota && quota < (unsigned)count ? quota : (unsigned)count;
}
