#include "daemon/metrics.h"
#include "../test.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static const struct metric_definition decisions = {
    .kind = METRIC_COUNTER,
    .name = "seawall_decisions_total",
    .help = "Decisions \"made\",\nof \\ all.",
    .labels = {"policy", "decision"},
    .label_count = 2,
    .series_max = 3,
};

static const struct metric_definition plain_gauge = {
    .kind = METRIC_GAUGE, .name = "seawall_policies", .help = "Policies in force."};

static const struct metric_definition latency = {
    .kind = METRIC_HISTOGRAM,
    .name = "seawall_admission_seconds",
    .help = "Time of a decision.",
    .labels = {"path"},
    .label_count = 1,
};

static struct metric *define(struct metrics *metrics, const struct metric_definition *d)
{
  struct metric *metric = NULL;
  assert_int_equal(metrics_define(metrics, d, &metric, NULL), 0);
  return metric;
}

static struct metric_series *hold(struct metric *metric, const char *a, const char *b)
{
  return metric_hold(metric, (struct str[]){str_from(a), str_from(b)});
}

static void write_all(struct metrics *metrics, enum metrics_format format, struct buf *out)
{
  buf_clear(out);
  metrics_write(metrics, format, out);
  assert_false(buf_failed(out));
}

#define assert_has(out, text) assert_non_null(strstr(buf_text(out), text))
#define assert_lacks(out, text) assert_null(strstr(buf_text(out), text))

static void test_counter(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf out = {0};
  struct metrics *m = metrics_new(4);
  struct metric_series *s = hold(define(m, &decisions), "a\"b\\c\nd", "denied");
  metric_add(s, 0, 1);
  metric_add(s, 3, 5);
  metric_add(s, 4, 1); /* wraps around */
  assert_int_equal(metric_value(s), 7);
  write_all(m, METRICS_TEXT, &out);
  assert_has(&out, "# HELP seawall_decisions_total Decisions \"made\",\\nof \\\\ all.\n"
                   "# TYPE seawall_decisions_total counter\n"
                   "seawall_decisions_total{policy=\"a\\\"b\\\\c\\nd\",decision=\"denied\"} 7\n");
  assert_lacks(&out, "# EOF");
  write_all(m, METRICS_OPENMETRICS, &out);
  assert_has(&out, "# HELP seawall_decisions Decisions \\\"made\\\",\\nof \\\\ all.\n"
                   "# TYPE seawall_decisions counter\nseawall_decisions_total{");
  assert_true(str_ends(buf_str(&out), STR("\n# EOF\n")));
  metrics_free(m);
}

static void test_gauge(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf out = {0};
  struct metrics *m = metrics_new(2);
  struct metric_series *s = metric_hold(define(m, &plain_gauge), NULL);
  write_all(m, METRICS_TEXT, &out);
  assert_has(&out, "# TYPE seawall_policies gauge\nseawall_policies 0\n");
  metric_add(s, 1, 4);
  metric_set(s, -3);
  assert_int_equal(metric_value(s), -3);
  write_all(m, METRICS_TEXT, &out);
  assert_has(&out, "\nseawall_policies -3\n");
  metrics_free(m);
}

static void test_histogram(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf out = {0};
  struct metrics *m = metrics_new(2);
  struct metric_series *s = metric_hold(define(m, &latency), (struct str[]){STR("/admit")});
  metric_observe_ns(s, 0, 5000); /* the end belongs to the bucket */
  metric_observe_ns(s, 1, 5001);
  metric_observe_ns(s, 0, 10000000000);
  metric_observe_ns(s, 0, 10000000001);
  metric_add(s, 0, 9); /* not for histograms */
  assert_int_equal(metric_value(s), 4);
  write_all(m, METRICS_TEXT, &out);
#define NAME "seawall_admission_seconds"
  assert_has(&out, NAME "_bucket{path=\"/admit\",le=\"5e-06\"} 1\n" NAME
                        "_bucket{path=\"/admit\",le=\"1e-05\"} 2\n");
  assert_has(&out, NAME "_bucket{path=\"/admit\",le=\"5\"} 2\n" NAME
                        "_bucket{path=\"/admit\",le=\"10\"} 3\n" NAME
                        "_bucket{path=\"/admit\",le=\"+Inf\"} 4\n" NAME
                        "_sum{path=\"/admit\"} 20.000010002\n" NAME "_count{path=\"/admit\"} 4\n");
  write_all(m, METRICS_OPENMETRICS, &out);
  assert_has(&out, "le=\"5e-06\"} 1\n");
  assert_has(&out, "le=\"10.0\"} 3\n");
  assert_has(&out, "le=\"+Inf\"} 4\n");
  metrics_free(m);
}

static void test_series_are_bounded(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf out = {0};
  struct metrics *m = metrics_new(1);
  struct metric *metric = define(m, &decisions);
  struct metric_series *first = hold(metric, "a", "denied");
  assert_ptr_equal(hold(metric, "a", "denied"), first);
  hold(metric, "b", "denied");
  hold(metric, "c", "denied");
  struct metric_series *d = hold(metric, "d", "denied"), *e = hold(metric, "e", "denied");
  assert_ptr_equal(d, e);
  metric_add(d, 0, 2);
  char name[16];
  for (int i = 0; i < 100; i++) { /* even if what should be a short list is not */
    snprintf(name, sizeof name, "x%d", i);
    metric_add(hold(metric, "f", name), 0, 1);
  }
  write_all(m, METRICS_TEXT, &out);
  assert_has(&out, "{policy=\"other\",decision=\"denied\"} 2\n");
  assert_has(&out, "{policy=\"other\",decision=\"x3\"} 1\n");
  assert_has(&out, "{policy=\"other\",decision=\"other\"} 85\n");
  assert_lacks(&out, "policy=\"f\"");
  metrics_free(m);
}

static void test_released_series_make_room(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf out = {0};
  struct metrics *m = metrics_new(1);
  struct metric *metric = define(m, &decisions);
  struct metric_series *a = hold(metric, "a", "x"), *b = hold(metric, "b", "x");
  hold(metric, "c", "x");
  metric_add(b, 0, 7);
  metric_release(b);
  write_all(m, METRICS_TEXT, &out);
  assert_has(&out, "{policy=\"b\",decision=\"x\"} 7\n");
  assert_int_equal(metric_value(hold(metric, "b", "x")), 7);
  metric_release(b);
  hold(metric, "d", "x");
  write_all(m, METRICS_TEXT, &out);
  assert_lacks(&out, "policy=\"b\"");
  assert_has(&out, "{policy=\"d\",decision=\"x\"} 0\n");
  assert_lacks(&out, "other");
  metric_release(a);
  metric_release(NULL);
  metrics_free(m);
}

static void test_values_do_not_run_together(void **state)
{
  (void)state;
  struct metrics *m = metrics_new(1);
  struct metric *metric = define(m, &decisions);
  assert_ptr_not_equal(hold(metric, "a", "bc"), hold(metric, "ab", "c"));
  assert_ptr_not_equal(hold(metric, "1:", ""), hold(metric, "a", "bc"));
  metrics_free(m);
}

static void test_long_values_are_cut_between_characters(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf out = {0}, value = {0};
  struct metrics *m = metrics_new(1);
  buf_add_repeat(&value, 'v', METRIC_VALUE_MAX - 1);
  buf_add(&value, STR("\xc3\xa9"));
  metric_hold(define(m, &latency), (struct str[]){buf_str(&value)});
  write_all(m, METRICS_TEXT, &out);
  assert_has(&out, "vvv\"} 0");
  assert_lacks(&out, "\xc3");
  metrics_free(m);
}

static void test_definitions_are_checked(void **state)
{
  (void)state;
  struct metrics *m = metrics_new(1);
  struct metric *metric;
  struct error err;
  struct metric_definition d = plain_gauge;
  d.name = "1st";
  assert_int_equal(metrics_define(m, &d, &metric, &err), SW_EUSAGE);
  d = decisions;
  d.name = "seawall_decisions";
  assert_int_equal(metrics_define(m, &d, &metric, &err), SW_EUSAGE);
  assert_error(err, SW_EUSAGE, "_total");
  d = latency;
  d.labels[0] = "le";
  assert_int_equal(metrics_define(m, &d, &metric, &err), SW_EUSAGE);
  d.labels[0] = "a:b";
  assert_int_equal(metrics_define(m, &d, &metric, &err), SW_EUSAGE);
  d.series_max = METRIC_SERIES_MAX + 1;
  assert_int_equal(metrics_define(m, &d, &metric, &err), SW_EUSAGE);
  define(m, &plain_gauge);
  assert_int_equal(metrics_define(m, &plain_gauge, &metric, &err), SW_EUSAGE);
  assert_error(err, SW_EUSAGE, "already");
  metrics_free(m);
}

static void set_from_elsewhere(void *context)
{
  metric_set(context, 42);
}

static void test_process_build_and_collectors(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf out = {0};
  struct metrics *m = metrics_new(1);
  struct metric_series *s = metric_hold(define(m, &plain_gauge), NULL);
  assert_true(metrics_before_scrape(m, set_from_elsewhere, s));
  assert_int_equal(metrics_define_build(m, "seawall_build_info", STR("0.1.0"), STR("abc"), NULL),
                   0);
  write_all(m, METRICS_TEXT, &out);
  assert_has(&out, "seawall_policies 42\n");
  assert_has(&out, "seawall_build_info{version=\"0.1.0\",revision=\"abc\"} 1\n");
  assert_has(&out, "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total ");
  const char *resident = strstr(buf_text(&out), "\nprocess_resident_memory_bytes ");
  const char *started = strstr(buf_text(&out), "\nprocess_start_time_seconds ");
  assert_true(resident && strtoull(strchr(resident, ' '), NULL, 10) > 100000);
  assert_true(started && strtod(strchr(started, ' '), NULL) > 1e9);
  for (int i = 1; i < 16; i++)
    assert_true(metrics_before_scrape(m, set_from_elsewhere, s));
  assert_false(metrics_before_scrape(m, set_from_elsewhere, s));
  metrics_free(m);
}

static void test_open_files_are_counted(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf out = {0};
  struct metrics *m = metrics_new(1);
  write_all(m, METRICS_TEXT, &out);
  long before = strtol(strstr(buf_text(&out), "\nprocess_open_fds ") + 18, NULL, 10);
  int fd = dup(1);
  write_all(m, METRICS_TEXT, &out);
  assert_int_equal(strtol(strstr(buf_text(&out), "\nprocess_open_fds ") + 18, NULL, 10),
                   before + 1);
  close(fd);
  metrics_free(m);
}

static void *add_many(void *context)
{
  for (int i = 0; i < 20000; i++)
    metric_add(context, (unsigned)i & 1, 1);
  return NULL;
}

static void test_threads(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf out = {0};
  struct metrics *m = metrics_new(2);
  struct metric *metric = define(m, &decisions);
  struct metric_series *s = hold(metric, "a", "x");
  pthread_t threads[3];
  for (int i = 0; i < 3; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, add_many, s), 0);
  for (int i = 0; i < 50; i++) {
    metric_release(hold(metric, "b", i & 1 ? "x" : "y"));
    write_all(m, METRICS_TEXT, &out);
  }
  for (int i = 0; i < 3; i++)
    pthread_join(threads[i], NULL);
  assert_int_equal(metric_value(s), 60000);
  metrics_free(m);
}

static void test_accept(void **state)
{
  (void)state;
  static const struct {
    const char *accept;
    enum metrics_format format;
  } cases[] = {
      {"", METRICS_TEXT},
      {"*/*", METRICS_TEXT},
      {"application/openmetrics-text", METRICS_OPENMETRICS},
      {"application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;"
       "version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
       METRICS_OPENMETRICS},
      {"Application/OpenMetrics-Text; Version=\"1.0.0\" ; Q=0.9 , text/plain;q=0.9",
       METRICS_OPENMETRICS},
      {"application/openmetrics-text;version=2.0.0", METRICS_TEXT},
      {"application/openmetrics-text;q=0", METRICS_TEXT},
      {"application/openmetrics-text;q=0.001", METRICS_OPENMETRICS},
      {"application/openmetrics-text;q=1.5", METRICS_TEXT},
      {"application/openmetrics-text;q=", METRICS_TEXT},
      {"application/openmetrics-text;q=0.5,text/plain", METRICS_TEXT},
      {",,;;=,;q", METRICS_TEXT},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_int_equal(metrics_format_of(str_from(cases[i].accept)), cases[i].format);
  assert_int_equal(metrics_format_of((struct str){0}), METRICS_TEXT);
  assert_str(metrics_content_type(METRICS_TEXT), "text/plain; version=0.0.4; charset=utf-8");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_counter),
      cmocka_unit_test(test_gauge),
      cmocka_unit_test(test_histogram),
      cmocka_unit_test(test_series_are_bounded),
      cmocka_unit_test(test_released_series_make_room),
      cmocka_unit_test(test_values_do_not_run_together),
      cmocka_unit_test(test_long_values_are_cut_between_characters),
      cmocka_unit_test(test_definitions_are_checked),
      cmocka_unit_test(test_process_build_and_collectors),
      cmocka_unit_test(test_open_files_are_counted),
      cmocka_unit_test(test_threads),
      cmocka_unit_test(test_accept),
  };
  return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
