/*
 * metrics.h - numbers about the program for Prometheus: counters, gauges, histograms of durations.
 *
 *     static const struct metric_definition decisions = {
 *         .kind = METRIC_COUNTER, .name = "seawall_decisions_total", .help = "Decisions made.",
 *         .labels = {"policy", "decision"}, .label_count = 2, .series_max = 1000};
 *     struct metrics *metrics = metrics_new(workers);
 *     struct metric *metric;
 *     if (metrics_define(metrics, &decisions, &metric, &err) < 0) ...
 *     struct metric_series *denied =                                     when policies are loaded
 *         metric_hold(metric, (struct str[]){id, STR("denied")});
 *     metric_add(denied, worker, 1);                                     for each request
 *     metric_release(denied);                                            when they are unloaded
 *     metrics_write(metrics, METRICS_TEXT, &out);                        for each scrape
 *
 * A series is a metric with values for its labels. Series are looked up when policies are loaded, never
 * while a request is answered. Their number is bounded: beyond series_max the first label becomes
 * "other", beyond METRIC_OTHER_MAX such series all labels do. A series that nobody holds any more stays,
 * until a new one needs its room.
 *
 * Adding takes no lock: each series has numbers of its own for each shard (usually a worker thread; two
 * threads may use the same, only slower), changed by relaxed atomic operations and summed when scraped. A
 * scrape is therefore not one moment for all numbers; a histogram's count is that of its buckets.
 *
 * Formats: Prometheus' text format 0.0.4 and OpenMetrics 1.0. Besides what is defined, each scrape tells
 * process_cpu_seconds_total, process_resident_memory_bytes, process_virtual_memory_bytes,
 * process_open_fds, process_max_fds and process_start_time_seconds, each if the system says it; the files
 * of /proc are held open, so that they are there when descriptors have run out.
 *
 * Ownership: metrics own metrics and series. Texts of a definition must outlive them; label values are
 * copied. Thread safety: metrics_define before other threads begin; everything else from any thread.
 */
#ifndef SEAWALL_DAEMON_METRICS_H
#define SEAWALL_DAEMON_METRICS_H

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdint.h>

enum {
  METRIC_LABELS_MAX = 4,
  METRIC_SERIES_MAX = 20000, /* of one metric */
  METRIC_OTHER_MAX = 16,     /* series whose first label alone is "other" */
  METRIC_VALUE_MAX = 256,    /* bytes of a label's value; a longer one is cut between characters */
  METRIC_SHARDS_MAX = 256,
  METRIC_BUCKETS = 20, /* 5 us, 10, 25, 50 ... 5 s, 10 s, and one beyond */
};

enum metric_kind {
  METRIC_COUNTER,   /* only grows; its name ends in _total */
  METRIC_GAUGE,     /* a number that was set last */
  METRIC_HISTOGRAM, /* of durations; its name ends in _seconds */
};

struct metric_definition {
  enum metric_kind kind;
  const char *name; /* letters, digits, '_', ':' */
  const char *help; /* a sentence */
  const char *labels[METRIC_LABELS_MAX];
  unsigned label_count; /* 0: one series, which is there from the beginning */
  unsigned series_max;  /* 0: 1,000 */
};

struct metrics;
struct metric;
struct metric_series;

/* shards: from 1; more than METRIC_SHARDS_MAX become that many, a number beyond wraps around. */
struct metrics *metrics_new(unsigned shards);
void metrics_free(struct metrics *metrics);
MEM_DEFINE_CLEANUP(struct metrics, metrics_free)

/* SW_EUSAGE: a name or label that may not be one, or a name that is taken. */
int metrics_define(struct metrics *metrics, const struct metric_definition *definition,
                   struct metric **ret, struct error *err);

/* A gauge that is always 1, with what was built as its labels: NAME_build_info{version,revision}. */
int metrics_define_build(struct metrics *metrics, const char *name, struct str version,
                         struct str revision, struct error *err);

/* Called at the beginning of every scrape, to set what is counted elsewhere. At most 16; false: no
 * more. It may call metric_set, not metric_hold. */
bool metrics_before_scrape(struct metrics *metrics, void (*collect)(void *context), void *context);

/* The series with these values, one for each label; it is the caller's to release. Never NULL. */
struct metric_series *metric_hold(struct metric *metric, const struct str *values);
void metric_release(struct metric_series *series);

/* Counters: n more. Gauges: n more, from whatever shard. */
void metric_add(struct metric_series *series, unsigned shard, uint64_t n);

/* Gauges; counters that are counted elsewhere and that nobody adds to. */
void metric_set(struct metric_series *series, int64_t value);

/* Histograms: something took so long. */
void metric_observe_ns(struct metric_series *series, unsigned shard, uint64_t ns);

/* What a scrape would say now: a counter's or gauge's value, a histogram's count. */
int64_t metric_value(const struct metric_series *series);

enum metrics_format {
  METRICS_TEXT,
  METRICS_OPENMETRICS,
};

/* What an Accept header asks for (RFC 9110, section 12.5.1): OpenMetrics if it is named, in a version
 * that is written here, and wanted at least as much as text/plain. */
enum metrics_format metrics_format_of(struct str accept);

/* The Content-Type. */
struct str metrics_content_type(enum metrics_format format);

/* Appends everything. */
void metrics_write(struct metrics *metrics, enum metrics_format format, struct buf *out);

#endif
