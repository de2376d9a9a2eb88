/*
 * metrics_int.h - what the parts of metrics share.
 */
#ifndef SEAWALL_DAEMON_METRICS_INT_H
#define SEAWALL_DAEMON_METRICS_INT_H

#include "base/map.h"
#include "base/vec.h"
#include "daemon/metrics.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
  METRIC_LINE = 8,                 /* numbers in a line of the processor's cache */
  METRIC_SUM = METRIC_BUCKETS + 1, /* behind the buckets: nanoseconds altogether */
  METRIC_CELLS = METRIC_BUCKETS + 2,
  METRIC_COLLECTORS_MAX = 16,
};

struct metric_series {
  struct metric *metric;
  unsigned holders;                     /* under the lock of the metrics */
  struct str key;                       /* the values with their lengths; owned */
  struct str values[METRIC_LABELS_MAX]; /* views of key */
  bool other;                           /* it stands for others: never given away */
  size_t stride;                        /* numbers of a shard, in whole lines */
  void *memory;
  _Atomic uint64_t *cells; /* of the first shard */
};

struct metric {
  struct metrics *owner;
  struct metric_definition definition;
  struct map by_key;                  /* to series */
  VEC(struct metric_series *) series; /* in order of their first use */
  unsigned others;
};

/* What is known about the process, and the files that tell it. */
struct process_facts {
  int statm;        /* -1: not there */
  DIR *descriptors; /* NULL: not there */
  uint64_t page_bytes;
  uint64_t started_ms; /* since the epoch; 0: not known */
};

struct metrics {
  pthread_mutex_t lock; /* over the lists of series and scrapes, never over numbers */
  unsigned shards;
  VEC(struct metric *) metrics;
  struct {
    void (*collect)(void *context);
    void *context;
  } collectors[METRIC_COLLECTORS_MAX];
  unsigned collector_count;
  struct process_facts process;
};

/* The sum over the shards. */
uint64_t metric_cell(const struct metric_series *series, unsigned cell);

/* # HELP and # TYPE. */
void metrics_write_head(struct buf *out, enum metrics_format format, const char *name,
                        const char *help, enum metric_kind kind);

void metrics_process_open(struct process_facts *facts);
void metrics_process_close(struct process_facts *facts);
void metrics_process_write(struct process_facts *facts, enum metrics_format format,
                           struct buf *out);

#endif
