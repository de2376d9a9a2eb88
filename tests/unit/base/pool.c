#include "../test.h"

#include "base/mem.h"
#include "base/pool.h"

#include <pthread.h>
#include <stdatomic.h>

enum { WORKERS_MAX = 8 };

struct item {
  unsigned number;
  uint64_t answer;
  bool worked;
};

struct run {
  unsigned items;   /* to make */
  unsigned fail_at; /* consume fails at this one; 0: never */
  unsigned jobs;
  unsigned made, consumed, discarded, discarded_unworked;
  unsigned alive, most_alive;
  unsigned ends; /* how often produce said that there are no more */
  pthread_t caller;
  bool order_broken, wrong_thread, wrong_answer;
  atomic_bool wrong_worker, worked_in_caller;
  uint64_t by_worker[WORKERS_MAX]; /* written without a lock, each by its worker */
};

static uint64_t answer_of(unsigned number)
{
  uint64_t x = number + 1;
  for (unsigned i = 0; i < (number * 7919U) % 2000; i++) /* some take long, some do not */
    x = x * 6364136223846793005ULL + 1442695040888963407ULL;
  return x;
}

static void *produce(void *ctx)
{
  struct run *run = ctx;
  run->wrong_thread |= !pthread_equal(pthread_self(), run->caller);
  if (run->made == run->items) {
    run->ends++;
    return NULL;
  }
  struct item *item = mem_zalloc(1, sizeof *item);
  item->number = run->made++;
  if (++run->alive > run->most_alive)
    run->most_alive = run->alive;
  return item;
}

static void work(void *ctx, unsigned worker, void *p)
{
  struct run *run = ctx;
  struct item *item = p;
  if (worker >= run->jobs)
    run->wrong_worker = true;
  else
    run->by_worker[worker]++;
  if (pthread_equal(pthread_self(), run->caller))
    run->worked_in_caller = true;
  item->answer = answer_of(item->number);
  item->worked = true;
}

static int consume(void *ctx, void *p, struct error *err)
{
  struct run *run = ctx;
  struct item *item = p;
  run->wrong_thread |= !pthread_equal(pthread_self(), run->caller);
  run->order_broken |= item->number != run->consumed;
  run->wrong_answer |= !item->worked || item->answer != answer_of(item->number);
  run->consumed++;
  run->alive--;
  bool fails = run->fail_at && item->number == run->fail_at;
  mem_free(item);
  return fails ? error_set(err, SW_EIO, "item %u is one too many", run->fail_at) : 0;
}

static void discard(void *ctx, void *p)
{
  struct run *run = ctx;
  struct item *item = p;
  run->discarded++;
  run->discarded_unworked += !item->worked;
  run->alive--;
  mem_free(item);
}

static const struct pool_ops ops = {produce, work, consume, discard};

static int run_pool(struct run *run, unsigned window, struct error *err)
{
  run->caller = pthread_self();
  int rc = pool_run(&ops, run, run->jobs, window, err);
  assert_false(run->order_broken);
  assert_false(run->wrong_thread);
  assert_false(run->wrong_answer);
  assert_false(run->wrong_worker);
  assert_int_equal(run->made, run->consumed + run->discarded);
  assert_int_equal(run->alive, 0);
  return rc;
}

static uint64_t sum(const struct run *run)
{
  uint64_t all = 0;
  for (unsigned i = 0; i < WORKERS_MAX; i++)
    all += run->by_worker[i];
  return all;
}

static void results_come_in_order(void **state)
{
  (void)state;
  for (unsigned jobs = 2; jobs <= WORKERS_MAX; jobs += 3) {
    struct run run = {.items = 3000, .jobs = jobs};
    assert_int_equal(run_pool(&run, 0, NULL), 0);
    assert_int_equal(run.consumed, 3000);
    assert_int_equal(sum(&run), 3000);
    assert_int_equal(run.ends, 1);
    assert_in_range(run.most_alive, 1, 4 * jobs);
    assert_false(run.worked_in_caller);
  }
}

static void the_window_bounds_what_is_alive(void **state)
{
  (void)state;
  struct run run = {.items = 500, .jobs = 3};
  assert_int_equal(run_pool(&run, 5, NULL), 0);
  assert_in_range(run.most_alive, 1, 5);
  struct run small = {.items = 500, .jobs = 3};
  assert_int_equal(run_pool(&small, 1, NULL), 0); /* never less than the jobs */
  assert_in_range(small.most_alive, 1, 3);
}

static void one_job_runs_without_threads(void **state)
{
  (void)state;
  for (unsigned jobs = 0; jobs <= 1; jobs++) {
    struct run run = {.items = 100, .jobs = 1};
    run.caller = pthread_self();
    assert_int_equal(pool_run(&ops, &run, jobs, 0, NULL), 0);
    assert_int_equal(run.consumed, 100);
    assert_int_equal(run.most_alive, 1);
    assert_int_equal(run.by_worker[0], 100);
    assert_true(run.worked_in_caller);
  }
}

static void an_empty_stream_ends_at_once(void **state)
{
  (void)state;
  for (unsigned jobs = 1; jobs <= 2; jobs++) {
    struct run run = {.jobs = jobs};
    assert_int_equal(run_pool(&run, 0, NULL), 0);
    assert_int_equal(run.ends, 1);
  }
}

static void an_error_of_consume_stops_everything(void **state)
{
  (void)state;
  for (unsigned jobs = 1; jobs <= 4; jobs++) {
    struct run run = {.items = 100000, .fail_at = 50, .jobs = jobs};
    struct error err;
    assert_int_equal(run_pool(&run, 0, &err), SW_EIO);
    assert_error(err, SW_EIO, "item 50 is one too many");
    assert_int_equal(run.consumed, 51);
    assert_in_range(run.made, 51, 51 + 4 * jobs);
    assert_int_equal(run.ends, 0);
    /* What no worker had begun is not worked on any more. */
    assert_int_equal(sum(&run), run.made - run.discarded_unworked);
  }
}

static void stops_at_the_last_item_too(void **state)
{
  (void)state;
  struct run run = {.items = 10, .fail_at = 9, .jobs = 2};
  assert_int_equal(run_pool(&run, 0, NULL), SW_EIO);
  assert_int_equal(run.consumed, 10);
  assert_int_equal(run.discarded, 0);
}

static void counts_processors(void **state)
{
  (void)state;
  assert_in_range(pool_cpus(), 1, POOL_JOBS_MAX);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(results_come_in_order),
      cmocka_unit_test(the_window_bounds_what_is_alive),
      cmocka_unit_test(one_job_runs_without_threads),
      cmocka_unit_test(an_empty_stream_ends_at_once),
      cmocka_unit_test(an_error_of_consume_stops_everything),
      cmocka_unit_test(stops_at_the_last_item_too),
      cmocka_unit_test(counts_processors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
