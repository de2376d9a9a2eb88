#include "daemon/metrics_int.h"

/* The upper ends of the buckets, in seconds, as Prometheus' own clients write such numbers. */
static const char *const bucket_ends[METRIC_BUCKETS + 1] = {
    "5e-06", "1e-05",  "2.5e-05", "5e-05", "0.0001", "0.00025", "0.0005",
    "0.001", "0.0025", "0.005",   "0.01",  "0.025",  "0.05",    "0.1",
    "0.25",  "0.5",    "1",       "2.5",   "5",      "10",      "+Inf",
};

struct str metrics_content_type(enum metrics_format format)
{
  return format == METRICS_OPENMETRICS
             ? STR("application/openmetrics-text; version=1.0.0; charset=utf-8")
             : STR("text/plain; version=0.0.4; charset=utf-8");
}

static void add_escaped(struct buf *out, struct str text, bool quotes)
{
  for (size_t i = 0; i < text.len; i++) {
    char c = text.data[i];
    if (c == '\n')
      buf_add(out, STR("\\n"));
    else if (c == '\\' || (c == '"' && quotes)) {
      buf_add_byte(out, '\\');
      buf_add_byte(out, c);
    } else
      buf_add_byte(out, c);
  }
}

void metrics_write_head(struct buf *out, enum metrics_format format, const char *name,
                        const char *help, enum metric_kind kind)
{
  static const char *const kinds[] = {"counter", "gauge", "histogram"};
  struct str family = str_from(name);
  /* OpenMetrics calls the family of a counter what its samples are called less the ending. */
  if (format == METRICS_OPENMETRICS && kind == METRIC_COUNTER)
    family.len -= STR("_total").len;
  buf_printf(out, "# HELP %.*s ", STR_FMT(family));
  add_escaped(out, str_from(help), format == METRICS_OPENMETRICS);
  buf_printf(out, "\n# TYPE %.*s %s\n", STR_FMT(family), kinds[kind]);
}

static void add_end(struct buf *out, enum metrics_format format, const char *end)
{
  buf_add_text(out, end);
  if (format == METRICS_OPENMETRICS && !strpbrk(end, ".eI"))
    buf_add(out, STR(".0"));
}

/* Name and labels of a sample; end: that of a bucket, or NULL. */
static void add_name(struct buf *out, const struct metric_series *series, const char *suffix,
                     enum metrics_format format, const char *end)
{
  const struct metric_definition *d = &series->metric->definition;
  const char *between = "{";
  buf_add_text(out, d->name);
  buf_add_text(out, suffix);
  for (unsigned i = 0; i < d->label_count; i++) {
    buf_printf(out, "%s%s=\"", between, d->labels[i]);
    add_escaped(out, series->values[i], true);
    buf_add_byte(out, '"');
    between = ",";
  }
  if (end) {
    buf_printf(out, "%sle=\"", between);
    add_end(out, format, end);
    buf_add_byte(out, '"');
    between = ",";
  }
  buf_add_text(out, between[0] == ',' ? "} " : " ");
}

static void add_seconds(struct buf *out, uint64_t ns)
{
  char fraction[16];
  snprintf(fraction, sizeof fraction, "%09u", (unsigned)(ns % 1000000000));
  size_t len = strlen(fraction);
  while (len > 1 && fraction[len - 1] == '0')
    len--;
  buf_add_u64(out, ns / 1000000000);
  buf_add_byte(out, '.');
  buf_add(out, str_make(fraction, len));
}

static void write_histogram(struct buf *out, const struct metric_series *series,
                            enum metrics_format format)
{
  uint64_t count = 0;
  for (unsigned i = 0; i <= METRIC_BUCKETS; i++) {
    count += metric_cell(series, i);
    add_name(out, series, "_bucket", format, bucket_ends[i]);
    buf_add_u64(out, count);
    buf_add_byte(out, '\n');
  }
  add_name(out, series, "_sum", format, NULL);
  add_seconds(out, metric_cell(series, METRIC_SUM));
  buf_add_byte(out, '\n');
  add_name(out, series, "_count", format, NULL);
  buf_add_u64(out, count);
  buf_add_byte(out, '\n');
}

static void write_number(struct buf *out, const struct metric_series *series,
                         enum metrics_format format)
{
  add_name(out, series, "", format, NULL);
  if (series->metric->definition.kind == METRIC_COUNTER)
    buf_add_u64(out, metric_cell(series, 0));
  else
    buf_add_i64(out, (int64_t)metric_cell(series, 0));
  buf_add_byte(out, '\n');
}

static void write_metric(struct buf *out, const struct metric *metric, enum metrics_format format)
{
  const struct metric_definition *d = &metric->definition;
  metrics_write_head(out, format, d->name, d->help, d->kind);
  for (size_t i = 0; i < metric->series.count; i++)
    if (d->kind == METRIC_HISTOGRAM)
      write_histogram(out, metric->series.items[i], format);
    else
      write_number(out, metric->series.items[i], format);
}

void metrics_write(struct metrics *m, enum metrics_format format, struct buf *out)
{
  pthread_mutex_lock(&m->lock);
  for (unsigned i = 0; i < m->collector_count; i++)
    m->collectors[i].collect(m->collectors[i].context);
  for (size_t i = 0; i < m->metrics.count; i++)
    write_metric(out, m->metrics.items[i], format);
  metrics_process_write(&m->process, format, out);
  pthread_mutex_unlock(&m->lock);
  if (format == METRICS_OPENMETRICS)
    buf_add(out, STR("# EOF\n"));
}

/* ---- Accept */

/* What an element of Accept says of one media type. */
struct wish {
  struct str type;
  struct str version;
  unsigned quality; /* thousandths */
};

/* qvalue of RFC 9110, section 12.4.2, in thousandths; what is none counts as not wanted. */
static unsigned quality_of(struct str text)
{
  unsigned scale = 100, quality = 0;
  if (!text.len || text.len > 5 || (text.data[0] != '0' && text.data[0] != '1') ||
      (text.len > 1 && text.data[1] != '.'))
    return 0;
  quality = text.data[0] == '1' ? 1000 : 0;
  for (size_t i = 2; i < text.len; i++, scale /= 10) {
    if (text.data[i] < '0' || text.data[i] > '9')
      return 0;
    quality += (unsigned)(text.data[i] - '0') * scale;
  }
  return quality <= 1000 ? quality : 0;
}

static struct str unquoted(struct str text)
{
  if (text.len >= 2 && text.data[0] == '"' && text.data[text.len - 1] == '"')
    return str_sub(text, 1, text.len - 2);
  return text;
}

static struct wish read_wish(struct str element)
{
  struct str rest = element;
  struct wish wish = {.type = str_trim(str_cut(element, ';', &rest)), .quality = 1000};
  while (rest.data) {
    struct str value;
    struct str name = str_trim(str_cut(str_cut(rest, ';', &rest), '=', &value));
    value = unquoted(str_trim(value.data ? value : STR_EMPTY));
    if (str_eq_nocase(name, STR("q")))
      wish.quality = quality_of(value);
    else if (str_eq_nocase(name, STR("version")))
      wish.version = value;
  }
  return wish;
}

static bool is_openmetrics(const struct wish *wish)
{
  return str_eq_nocase(wish->type, STR("application/openmetrics-text")) &&
         (!wish->version.len || str_eq(wish->version, STR("1.0.0")) ||
          str_eq(wish->version, STR("0.0.1")));
}

enum metrics_format metrics_format_of(struct str accept)
{
  unsigned openmetrics = 0, text = 0;
  struct str rest = accept.data ? accept : STR_EMPTY;
  while (rest.data) {
    struct wish wish = read_wish(str_cut(rest, ',', &rest));
    if (is_openmetrics(&wish) && wish.quality > openmetrics)
      openmetrics = wish.quality;
    if (str_eq_nocase(wish.type, STR("text/plain")) && wish.quality > text)
      text = wish.quality;
  }
  return openmetrics && openmetrics >= text ? METRICS_OPENMETRICS : METRICS_TEXT;
}
