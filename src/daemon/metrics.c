#include "daemon/metrics_int.h"

#include <ctype.h>

enum { SERIES_DEFAULT = 1000 };

static const uint64_t bounds[METRIC_BUCKETS] = {
    5000,      10000,     25000,      50000,      100000,     250000,      500000,
    1000000,   2500000,   5000000,    10000000,   25000000,   50000000,    100000000,
    250000000, 500000000, 1000000000, 2500000000, 5000000000, 10000000000,
};

struct metrics *metrics_new(unsigned shards)
{
  struct metrics *m = mem_zalloc(1, sizeof *m);
  pthread_mutex_init(&m->lock, NULL);
  m->shards = shards < 1 ? 1 : shards > METRIC_SHARDS_MAX ? METRIC_SHARDS_MAX : shards;
  metrics_process_open(&m->process);
  return m;
}

static void series_free(struct metric_series *series)
{
  mem_free(series->memory);
  mem_free((char *)series->key.data);
  mem_free(series);
}

static void metric_free(struct metric *metric)
{
  for (size_t i = 0; i < metric->series.count; i++)
    series_free(metric->series.items[i]);
  vec_free(&metric->series);
  map_free(&metric->by_key);
  mem_free(metric);
}

void metrics_free(struct metrics *m)
{
  if (!m)
    return;
  for (size_t i = 0; i < m->metrics.count; i++)
    metric_free(m->metrics.items[i]);
  vec_free(&m->metrics);
  metrics_process_close(&m->process);
  pthread_mutex_destroy(&m->lock);
  mem_free(m);
}

static bool is_name(const char *text, bool colons)
{
  for (const char *c = text; *c; c++) {
    bool letter = isalpha((unsigned char)*c) || *c == '_' || (colons && *c == ':');
    if (!letter && (c == text || !isdigit((unsigned char)*c)))
      return false;
  }
  return text[0] != '\0';
}

static int check_definition(const struct metrics *m, const struct metric_definition *d,
                            struct error *err)
{
  static const char *const endings[] = {"_total", "", "_seconds"};
  if (!d->name || !is_name(d->name, true))
    return error_set(err, SW_EUSAGE, "\"%s\" cannot be the name of a metric",
                     d->name ? d->name : "");
  if (!str_ends(str_from(d->name), str_from(endings[d->kind])))
    return error_set(err, SW_EUSAGE, "the name %s must end in %s", d->name, endings[d->kind]);
  if (d->label_count > METRIC_LABELS_MAX || d->series_max > METRIC_SERIES_MAX)
    return error_set(err, SW_EUSAGE, "%s: too many labels or series", d->name);
  for (unsigned i = 0; i < d->label_count; i++)
    if (!is_name(d->labels[i], false) || strcmp(d->labels[i], "le") == 0)
      return error_set(err, SW_EUSAGE, "%s: \"%s\" cannot be a label", d->name, d->labels[i]);
  for (size_t i = 0; i < m->metrics.count; i++)
    if (strcmp(m->metrics.items[i]->definition.name, d->name) == 0)
      return error_set(err, SW_EUSAGE, "there is a metric %s already", d->name);
  return 0;
}

int metrics_define(struct metrics *m, const struct metric_definition *definition,
                   struct metric **ret, struct error *err)
{
  int rc = check_definition(m, definition, err);
  if (rc < 0)
    return rc;
  struct metric *metric = mem_zalloc(1, sizeof *metric);
  metric->owner = m;
  metric->definition = *definition;
  if (!metric->definition.series_max)
    metric->definition.series_max = SERIES_DEFAULT;
  vec_push(&m->metrics, metric);
  if (!definition->label_count)
    metric_hold(metric, NULL);
  *ret = metric;
  return 0;
}

int metrics_define_build(struct metrics *m, const char *name, struct str version,
                         struct str revision, struct error *err)
{
  const struct metric_definition definition = {
      .kind = METRIC_GAUGE,
      .name = name,
      .help = "What was built; always 1.",
      .labels = {"version", "revision"},
      .label_count = 2,
      .series_max = 1,
  };
  struct metric *metric;
  int rc = metrics_define(m, &definition, &metric, err);
  if (rc == 0)
    metric_set(metric_hold(metric, (struct str[]){version, revision}), 1);
  return rc;
}

bool metrics_before_scrape(struct metrics *m, void (*collect)(void *context), void *context)
{
  pthread_mutex_lock(&m->lock);
  bool room = m->collector_count < METRIC_COLLECTORS_MAX;
  if (room) {
    m->collectors[m->collector_count].collect = collect;
    m->collectors[m->collector_count++].context = context;
  }
  pthread_mutex_unlock(&m->lock);
  return room;
}

/* ---- series */

/* At most METRIC_VALUE_MAX bytes, not ending within a character. */
static struct str cut_value(struct str value)
{
  if (value.len <= METRIC_VALUE_MAX)
    return value;
  size_t len = METRIC_VALUE_MAX;
  while (len && ((unsigned char)value.data[len] & 0xc0) == 0x80)
    len--;
  return str_sub(value, 0, len);
}

/* Lengths in front make different values different keys, whatever is in them. */
static void key_of(struct buf *key, const struct metric *metric, const struct str *values)
{
  buf_clear(key);
  for (unsigned i = 0; i < metric->definition.label_count; i++) {
    buf_printf(key, "%zu:", values[i].len);
    buf_add(key, values[i]);
  }
}

static void view_values(struct metric_series *series, const struct str *values)
{
  size_t at = 0;
  for (unsigned i = 0; i < series->metric->definition.label_count; i++) {
    at = (size_t)str_find_byte(series->key, at, ':') + 1;
    series->values[i] = str_sub(series->key, at, values[i].len);
    at += values[i].len;
  }
}

static struct metric_series *series_new(struct metric *metric, struct str key,
                                        const struct str *values, bool other)
{
  struct metric_series *series = mem_zalloc(1, sizeof *series);
  unsigned cells = metric->definition.kind == METRIC_HISTOGRAM ? METRIC_CELLS : 1;
  series->metric = metric;
  series->key = str_make(mem_copy_text(key.data ? key.data : "", key.len), key.len);
  series->other = other;
  series->stride = (cells + METRIC_LINE - 1) / METRIC_LINE * METRIC_LINE;
  /* a line more, to begin at the beginning of one: shards share none */
  series->memory =
      mem_zalloc(series->stride * metric->owner->shards + METRIC_LINE, sizeof(uint64_t));
  series->cells = (void *)(((uintptr_t)series->memory + 63) & ~(uintptr_t)63);
  view_values(series, values);
  vec_push(&metric->series, series);
  map_put(&metric->by_key, series->key, NULL)->pointer = series;
  metric->others += other;
  return series;
}

/* Takes out the oldest series that nobody holds; false if all are held. */
static bool make_room(struct metric *metric)
{
  for (size_t i = 0; i < metric->series.count; i++) {
    struct metric_series *series = metric->series.items[i];
    if (series->holders || series->other)
      continue;
    map_remove(&metric->by_key, series->key);
    series_free(series);
    memmove(&metric->series.items[i], &metric->series.items[i + 1],
            (--metric->series.count - i) * sizeof series);
    return true;
  }
  return false;
}

static struct metric_series *find(const struct metric *metric, struct buf *key,
                                  const struct str *values)
{
  key_of(key, metric, values);
  union map_value *found = map_get(&metric->by_key, buf_str(key));
  return found ? found->pointer : NULL;
}

static bool has_room(struct metric *metric)
{
  return metric->series.count - metric->others < metric->definition.series_max || make_room(metric);
}

/* The series of these values, or, where there is no room for it, the one it is counted with. */
static struct metric_series *find_or_make(struct metric *metric, struct str *values,
                                          struct buf *key)
{
  struct metric_series *series = find(metric, key, values);
  if (series)
    return series;
  if (has_room(metric))
    return series_new(metric, buf_str(key), values, false);
  values[0] = STR("other");
  series = find(metric, key, values);
  if (series)
    return series;
  if (metric->others < METRIC_OTHER_MAX)
    return series_new(metric, buf_str(key), values, true);
  for (unsigned i = 0; i < metric->definition.label_count; i++)
    values[i] = STR("other");
  series = find(metric, key, values);
  return series ? series : series_new(metric, buf_str(key), values, true);
}

struct metric_series *metric_hold(struct metric *metric, const struct str *values)
{
  struct str cut[METRIC_LABELS_MAX] = {{0}};
  for (unsigned i = 0; i < metric->definition.label_count; i++)
    cut[i] = cut_value(values[i]);
  _cleanup_(buf_free) struct buf key = {0};
  pthread_mutex_lock(&metric->owner->lock);
  struct metric_series *series = find_or_make(metric, cut, &key);
  series->holders++;
  pthread_mutex_unlock(&metric->owner->lock);
  return series;
}

void metric_release(struct metric_series *series)
{
  if (!series)
    return;
  pthread_mutex_t *lock = &series->metric->owner->lock;
  pthread_mutex_lock(lock);
  if (series->holders)
    series->holders--;
  pthread_mutex_unlock(lock);
}

/* ---- numbers */

static _Atomic uint64_t *cells_of(const struct metric_series *series, unsigned shard)
{
  return series->cells + series->stride * (shard % series->metric->owner->shards);
}

static void add(_Atomic uint64_t *cell, uint64_t n)
{
  atomic_fetch_add_explicit(cell, n, memory_order_relaxed);
}

void metric_add(struct metric_series *series, unsigned shard, uint64_t n)
{
  if (series->metric->definition.kind != METRIC_HISTOGRAM)
    add(cells_of(series, shard), n);
}

void metric_set(struct metric_series *series, int64_t value)
{
  if (series->metric->definition.kind == METRIC_HISTOGRAM)
    return;
  for (unsigned shard = 1; shard < series->metric->owner->shards; shard++)
    atomic_store_explicit(cells_of(series, shard), 0, memory_order_relaxed);
  atomic_store_explicit(series->cells, (uint64_t)value, memory_order_relaxed);
}

void metric_observe_ns(struct metric_series *series, unsigned shard, uint64_t ns)
{
  if (series->metric->definition.kind != METRIC_HISTOGRAM)
    return;
  unsigned from = 0, to = METRIC_BUCKETS;
  while (from < to) {
    unsigned middle = (from + to) / 2;
    if (ns <= bounds[middle])
      to = middle;
    else
      from = middle + 1;
  }
  _Atomic uint64_t *cells = cells_of(series, shard);
  add(&cells[from], 1);
  add(&cells[METRIC_SUM], ns);
}

uint64_t metric_cell(const struct metric_series *series, unsigned cell)
{
  uint64_t sum = 0;
  for (unsigned shard = 0; shard < series->metric->owner->shards; shard++)
    sum += atomic_load_explicit(&cells_of(series, shard)[cell], memory_order_relaxed);
  return sum;
}

int64_t metric_value(const struct metric_series *series)
{
  uint64_t sum = metric_cell(series, 0);
  if (series->metric->definition.kind == METRIC_HISTOGRAM)
    for (unsigned i = 1; i <= METRIC_BUCKETS; i++)
      sum += metric_cell(series, i);
  return (int64_t)sum;
}
