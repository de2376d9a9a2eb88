#include "serving.h"

#include "daemon/serve_metrics.h"

static struct serve_metrics *numbers;

static int set_up(void **state)
{
  (void)state;
  struct error err;
  return serve_metrics_new(2, &numbers, &err);
}

static int tear_down(void **state)
{
  (void)state;
  serve_metrics_free(numbers);
  return 0;
}

static const char *scraped(void)
{
  static struct buf out;
  buf_clear(&out);
  serve_metrics_write(numbers, METRICS_TEXT, &out);
  return buf_text(&out);
}

static void test_all_is_there_from_the_start(void **state)
{
  (void)state;
  static const char *const names[] = {
      "seawall_http_requests_total{path=\"/admit\",code=\"200\"} 0\n",
      "seawall_http_requests_total{path=\"/metrics\",code=\"other\"} 0\n",
      "seawall_decisions_total{path=\"/image-review\",decision=\"unreadable\"} 0\n",
      "seawall_policies 0\n",
      "seawall_policy_load_failed 0\n",
      "seawall_connections_total{result=\"too_slow\"} 0\n",
      "seawall_decision_log_lines_total{result=\"dropped\"} 0\n",
      "seawall_tls_reloads_total{result=\"failed\"} 0\n",
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    assert_contains(scraped(), names[i]);
  assert_lacks(scraped(), "seawall_decisions_total{path=\"/healthz\"");
}

static void test_requests(void **state)
{
  (void)state;
  serve_metrics_request(numbers, 0, SERVE_ADMIT, 200, 1000000);
  serve_metrics_request(numbers, 1, SERVE_ADMIT, 200, 3000000);
  serve_metrics_request(numbers, 1, SERVE_ADMIT, 503, 1);
  serve_metrics_request(numbers, 1, SERVE_OTHER, 418, 1);
  serve_metrics_decision(numbers, 0, SERVE_MUTATE, SERVE_FAILED);
  const char *text = scraped();
  assert_contains(text, "seawall_http_requests_total{path=\"/admit\",code=\"200\"} 2\n");
  assert_contains(text, "seawall_http_requests_total{path=\"/admit\",code=\"503\"} 1\n");
  assert_contains(text, "seawall_http_requests_total{path=\"other\",code=\"other\"} 1\n");
  assert_contains(text, "seawall_http_request_duration_seconds_count{path=\"/admit\"} 3\n");
  assert_contains(text, "seawall_decisions_total{path=\"/mutate\",decision=\"failed\"} 1\n");
}

static void test_policies(void **state)
{
  (void)state;
  struct serve_policy_series series, again;
  serve_metrics_hold(numbers, STR("rego/a\"b"), &series);
  metric_add(series.denied, 0, 2);
  metric_observe_ns(series.duration, 0, 7000);
  serve_metrics_release(&series);
  serve_metrics_hold(numbers, STR("rego/a\"b"), &again); /* counters go on after a reload */
  metric_add(again.denied, 1, 1);
  const char *text = scraped();
  assert_contains(text,
                  "seawall_policy_decisions_total{policy=\"rego/a\\\"b\",decision=\"denied\"} 3\n");
  assert_contains(text, "seawall_policy_duration_seconds_count{policy=\"rego/a\\\"b\"} 1\n");
  serve_metrics_release(&again);
}

static void test_loads(void **state)
{
  (void)state;
  struct policies_report report = {.ok = true, .ns = 2000000};
  serve_metrics_load(numbers, &report);
  assert_contains(scraped(), "seawall_policy_load_duration_seconds_count 1\n");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_all_is_there_from_the_start, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_requests, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_policies, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_loads, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
