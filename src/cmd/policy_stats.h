/*
 * policy_stats.h - many measurements of one thing: least, greatest, mean, percentiles.
 *
 * Up to POLICY_STATS_KEPT measurements are kept; of more, an even sample of them. Sum, least and
 * greatest are of all. Thread safety: a struct belongs to one thread.
 */
#ifndef SEAWALL_CMD_POLICY_STATS_H
#define SEAWALL_CMD_POLICY_STATS_H

#include "base/vec.h"
#include "cmd/policy_output.h"

enum { POLICY_STATS_KEPT = 1 << 18 };

struct policy_stats {
  VEC(uint64_t) kept;
  uint64_t count, sum, least, greatest;
  uint64_t every, skipped; /* each every-th measurement is kept */
  bool sorted;
};

void policy_stats_add(struct policy_stats *s, uint64_t value);
void policy_stats_free(struct policy_stats *s);

/* 0 without measurements. p from 0 to 100. */
double policy_stats_mean(const struct policy_stats *s);
uint64_t policy_stats_percentile(struct policy_stats *s, double p);

/* {"min", "max", "mean", "50%", "90%", "99%", "99.9%"}: OPA's names. */
void policy_stats_json(struct policy_stats *s, struct json_writer *w);

/* The same as a table with one row. */
void policy_stats_table(struct policy_stats *s, const char *name, const struct policy_look *look,
                        struct buf *out);

#endif
