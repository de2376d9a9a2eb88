#include "cmd/policy_stats.h"

#include "cmd/policy_table.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
  uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
  return (left > right) - (left < right);
}

void policy_stats_free(struct policy_stats *s)
{
  vec_free(&s->kept);
}

/* Keeps every second of what is kept, and from now on of what comes. */
static void thin_out(struct policy_stats *s)
{
  size_t kept = 0;
  for (size_t i = 0; i < s->kept.count; i += 2)
    s->kept.items[kept++] = s->kept.items[i];
  s->kept.count = kept;
  s->every *= 2;
}

void policy_stats_add(struct policy_stats *s, uint64_t value)
{
  if (s->count == 0) {
    s->every = 1;
    s->least = value;
  }
  s->count++;
  s->sum += value;
  s->least = value < s->least ? value : s->least;
  s->greatest = value > s->greatest ? value : s->greatest;
  s->sorted = false;
  if (++s->skipped < s->every)
    return;
  s->skipped = 0;
  vec_push(&s->kept, value);
  if (s->kept.count == POLICY_STATS_KEPT)
    thin_out(s);
}

double policy_stats_mean(const struct policy_stats *s)
{
  return s->count ? (double)s->sum / (double)s->count : 0;
}

uint64_t policy_stats_percentile(struct policy_stats *s, double p)
{
  if (s->kept.count == 0)
    return s->greatest;
  if (!s->sorted) {
    qsort(s->kept.items, s->kept.count, sizeof *s->kept.items, compare);
    s->sorted = true;
  }
  double at = p / 100 * (double)(s->kept.count - 1) + 0.5;
  size_t i = (size_t)at;
  return s->kept.items[i < s->kept.count ? i : s->kept.count - 1];
}

static const struct {
  const char *name;
  double p;
} percentiles[] = {{"50%", 50}, {"90%", 90}, {"99%", 99}, {"99.9%", 99.9}};
enum { PERCENTILES = sizeof percentiles / sizeof *percentiles };

void policy_stats_json(struct policy_stats *s, struct json_writer *w)
{
  json_begin_object(w);
  json_member_int(w, STR("min"), (int64_t)s->least);
  json_member_int(w, STR("max"), (int64_t)s->greatest);
  json_key(w, STR("mean"));
  json_double(w, policy_stats_mean(s));
  for (size_t i = 0; i < PERCENTILES; i++)
    json_member_int(w, str_from(percentiles[i].name),
                    (int64_t)policy_stats_percentile(s, percentiles[i].p));
  json_end_object(w);
}

void policy_stats_table(struct policy_stats *s, const char *name, const struct policy_look *look,
                        struct buf *out)
{
  struct policy_table table;
  policy_table_init(&table, 4 + PERCENTILES);
  policy_table_head(&table, 0, "metric", false);
  policy_table_head(&table, 1, "min", true);
  policy_table_head(&table, 2, "max", true);
  policy_table_head(&table, 3, "mean", true);
  for (uint32_t i = 0; i < PERCENTILES; i++)
    policy_table_head(&table, 4 + i, percentiles[i].name, true);
  policy_table_cell(&table, str_from(name));
  policy_table_cellf(&table, "%llu", (unsigned long long)s->least);
  policy_table_cellf(&table, "%llu", (unsigned long long)s->greatest);
  policy_table_cellf(&table, "%.0f", policy_stats_mean(s));
  for (size_t i = 0; i < PERCENTILES; i++)
    policy_table_cellf(&table, "%llu",
                       (unsigned long long)policy_stats_percentile(s, percentiles[i].p));
  policy_table_write(&table, out, look->width, look->color, look->unicode);
  policy_table_free(&table);
}
