/*
 * pool.h - a few threads working on a stream of items, results in order.
 *
 * The caller's thread makes the items and takes the results, in the order in
 * which the items were made; threads in between do the work. At most `window`
 * items are alive at once, so memory stays flat however long the stream is.
 * With one job there are no threads: produce, work, consume, one by one.
 *
 *     static const struct pool_ops ops = {
 *         .produce = next_file, .work = scan_file,
 *         .consume = report_file, .discard = drop_file};
 *     rc = pool_run(&ops, &context, pool_cpus(), 0, err);
 *
 * Thread safety: produce, consume and discard are called from the thread that
 * called pool_run, never two at once; work is called from many, each with its
 * own worker number. What work reads of ctx beyond its item and the state of
 * its worker must not change while the pool runs. What work wrote into the item
 * is seen by consume.
 */
#ifndef SEAWALL_BASE_POOL_H
#define SEAWALL_BASE_POOL_H

#include "base/error.h"

enum { POOL_JOBS_MAX = 256 };

struct pool_ops {
  /* The next item, the caller's own; NULL at the end (and it is not called again). */
  void *(*produce)(void *ctx);
  /* Works on an item; worker is below the number of jobs. Failures are written into the item. */
  void (*work)(void *ctx, unsigned worker, void *item);
  /* Takes the item over. An error (< 0) stops the pool. */
  int (*consume)(void *ctx, void *item, struct error *err);
  /* Takes over an item that will not be consumed, worked on or not. NULL: nothing to free. */
  void (*discard)(void *ctx, void *item);
};

/*
 * Runs until produce gives NULL and everything is consumed: 0, or the error of
 * consume after the workers have ended and the items left have been discarded.
 * jobs: 1 to POOL_JOBS_MAX workers (others are held to that); where the system
 * refuses threads, fewer do the work. window: items alive at most, 0 for four
 * times jobs; never less than jobs.
 */
int pool_run(const struct pool_ops *ops, void *ctx, unsigned jobs, unsigned window,
             struct error *err);

/* Processors this process may use (affinity and the quota of its control group), at least 1, at
 * most POOL_JOBS_MAX. */
unsigned pool_cpus(void);

#endif
