/*
 * An Accept header; and two label values, divided by a zero byte. Beyond not crashing: a value never ends
 * its line, and the number of lines of a metric is bounded.
 */
#include "daemon/metrics.h"

#include <stdlib.h>

static void must(bool ok)
{
  if (!ok)
    abort();
}

static size_t lines_of(const char *text, const char *begin)
{
  size_t lines = 0;
  for (const char *c = text; (c = strstr(c, begin)); c++)
    lines += c == text || c[-1] == '\n';
  return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const struct metric_definition definition = {
      .kind = METRIC_COUNTER,
      .name = "a_total",
      .help = "A.",
      .labels = {"one", "two"},
      .label_count = 2,
      .series_max = 3,
  };
  struct str rest = str_make((const char *)data, size);
  enum metrics_format format = metrics_format_of(rest);
  struct metrics *m = metrics_new(2);
  struct metric *metric;
  struct buf out = {0};
  must(metrics_define(m, &definition, &metric, NULL) == 0);
  for (unsigned i = 0; rest.data && i < 100; i++) {
    struct str values[2] = {str_cut(rest, '\0', &rest)};
    values[1] = rest.data ? str_cut(rest, '\0', &rest) : STR("last");
    struct metric_series *series = metric_hold(metric, values);
    metric_add(series, i, 1);
    must(metric_value(series) >= 1);
    if (i & 1)
      metric_release(series);
  }
  metrics_write(m, format, &out);
  must(lines_of(buf_text(&out), "a_total{one=\"") <= 3 + METRIC_OTHER_MAX + 1);
  must(lines_of(buf_text(&out), "# TYPE ") >= 2);
  must((format == METRICS_OPENMETRICS) == str_ends(buf_str(&out), STR("\n# EOF\n")));
  buf_free(&out);
  metrics_free(m);
  return 0;
}
