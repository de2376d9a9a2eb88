#include "serving.h"

#include "base/file.h"
#include "daemon/webhook.h"
#include "data/json.h"
#include "data/pointer.h"

static struct scratch scratch;
static struct serve_config config;
static struct serve_metrics *numbers;
static struct policies *policies;
static struct decision_log *decision_log;
static struct decision_mask *mask;
static struct webhook *webhook;
static struct buf text;

/* The last answer. */
static struct http_answer answer;

static int set_up(void **state)
{
  (void)state;
  scratch_open(&scratch);
  scratch_dir("p");
  scratch_file("p/a.rego", POLICY("no bad labels"));
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  webhook_free(webhook);
  policies_close(policies);
  decision_log_close(decision_log, 1000);
  decision_mask_free(mask);
  serve_metrics_free(numbers);
  serve_config_free(&config);
  webhook = NULL;
  policies = NULL;
  decision_log = NULL;
  mask = NULL;
  numbers = NULL;
  scratch_close(&scratch);
  return 0;
}

#define QUIET                                                                                      \
  "rules: {enabled: false}\npodSecurity: {enabled: false}\npolicies: {paths: [p], reload: 0s}\n"

static void start(const char *with, bool logged)
{
  struct error err;
  configured(&config, with);
  struct policies_options watched = {.config = &config, .workers = 1};
  struct decision_log_options log = {.path = "log"};
  assert_int_equal(serve_metrics_new(1, &numbers, &err), 0);
  assert_int_equal(policies_open(&watched, &policies, &err), 0);
  if (logged) {
    assert_int_equal(decision_log_open(&log, &decision_log, &err), 0);
    assert_int_equal(decision_mask_new(NULL, &mask, &err), 0);
  }
  struct webhook_options options = {
      .policies = policies,
      .numbers = numbers,
      .decision_log = decision_log,
      .mask = mask,
      .log_objects = true,
      .workers = 1,
      .answer_ns = 10000000000,
      .deadline_share = 80,
  };
  webhook = webhook_new(&options);
}

static const char *asked(enum serve_route route, enum http_method method, const char *timeout,
                         struct str body)
{
  struct http_field query = {STR("timeout"), str_from(timeout)};
  struct http_request request = {
      .method = method,
      .path = serve_route_path(route),
      .query = &query,
      .query_count = *timeout != '\0',
      .body = body,
      .peer = STR("127.0.0.1:5"),
      .received_ns = clock_monotonic_ns(clock_system()),
  };
  buf_clear(&text);
  answer = (struct http_answer){.status = 200, .text = &text};
  webhook_answer(webhook, route, &request, &answer);
  return buf_text(&text);
}

#define posted(route, body) asked((route), HTTP_POST, "", str_from(body))

static int64_t counted(const char *line)
{
  struct buf out = {0};
  serve_metrics_write(numbers, METRICS_TEXT, &out);
  const char *found = strstr(buf_text(&out), line);
  int64_t value = found ? strtoll(found + strlen(line), NULL, 10) : -1;
  buf_free(&out);
  return value;
}

static void test_allowed_and_denied(void **state)
{
  (void)state;
  start(QUIET, false);
  assert_contains(posted(SERVE_ADMIT, GOOD), "\"uid\":\"u-1\",\"allowed\":true");
  assert_int_equal(answer.status, 200);
  const char *denied = posted(SERVE_ADMIT, BAD);
  assert_contains(denied, "\"uid\":\"u-1\",\"allowed\":false");
  assert_contains(denied, "no bad labels");
  assert_int_equal(answer.status, 200);
  assert_int_equal(counted("seawall_decisions_total{path=\"/admit\",decision=\"allowed\"} "), 1);
  assert_int_equal(counted("seawall_decisions_total{path=\"/admit\",decision=\"denied\"} "), 1);
  assert_int_equal(
      counted("seawall_policy_decisions_total{policy=\"rego/labels\",decision=\"denied\"} "), 1);
  assert_int_equal(
      counted("seawall_policy_decisions_total{policy=\"rego/labels\",decision=\"passed\"} "), 1);
  assert_int_equal(counted("seawall_policy_duration_seconds_count{policy=\"rego/labels\"} "), 2);
}

/* The path says what is done: /mutate does not judge, /admit does not change. */
static void test_mutate(void **state)
{
  (void)state;
  scratch_file(
      "p/m.yaml",
      "apiVersion: mutations.gatekeeper.sh/v1\nkind: AssignMetadata\nmetadata: {name: owner}\n"
      "spec:\n  location: metadata.labels.owner\n"
      "  parameters: {assign: {value: shop}}\n");
  start(QUIET, false);
  const char *changed = posted(SERVE_MUTATE, BAD);
  assert_contains(changed, "\"allowed\":true");
  assert_contains(changed, "\"patchType\":\"JSONPatch\"");
  const char *judged = posted(SERVE_ADMIT, BAD);
  assert_contains(judged, "\"allowed\":false");
  assert_lacks(judged, "patchType");
}

static void test_image_review(void **state)
{
  (void)state;
  start(QUIET "images: {enabled: true, allowed: [registry.example.com]}\n", false);
  const char *denied =
      posted(SERVE_IMAGE_REVIEW,
             "{\"apiVersion\":\"imagepolicy.k8s.io/v1alpha1\",\"kind\":\"ImageReview\","
             "\"spec\":{\"containers\":[{\"image\":\"evil.example/x\"}],\"namespace\":\"a\"}}");
  assert_contains(denied, "\"kind\":\"ImageReview\"");
  assert_contains(denied, "\"allowed\":false");
  assert_contains(
      posted(SERVE_IMAGE_REVIEW,
             "{\"apiVersion\":\"imagepolicy.k8s.io/v1alpha1\",\"kind\":\"ImageReview\",\"spec\":"
             "{\"containers\":[{\"image\":\"registry.example.com/x\"}],\"namespace\":\"a\"}}"),
      "\"allowed\":true");
}

/* Whatever comes, it is answered in a review, and never allowed. */
static void test_no_reviews(void **state)
{
  (void)state;
  static const char *const bodies[] = {
      "",
      "{",
      "null",
      "[]",
      "\xff\xfe",
      "{}",
      "{\"kind\":\"AdmissionReview\"}",
      "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":null}",
      "{\"apiVersion\":\"admission.k8s.io/v9\",\"kind\":\"AdmissionReview\",\"request\":{\"uid\":\"x\"}}",
      GOOD "x",
  };
  start(QUIET, false);
  for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
    const char *said = posted(SERVE_ADMIT, bodies[i]);
    assert_int_equal(answer.status, 200);
    assert_contains(said, "\"kind\":\"AdmissionReview\"");
    assert_contains(said, "\"allowed\":false");
    assert_contains(said, "\"code\":400");
  }
  assert_int_equal(counted("seawall_decisions_total{path=\"/admit\",decision=\"unreadable\"} "),
                   sizeof bodies / sizeof *bodies);
  /* A review cut off anywhere. */
  for (size_t len = 0; len < strlen(GOOD); len++)
    assert_contains(asked(SERVE_ADMIT, HTTP_POST, "", str_make(GOOD, len)), "\"allowed\":false");
}

static void test_methods_and_timeouts(void **state)
{
  (void)state;
  start(QUIET, false);
  asked(SERVE_ADMIT, HTTP_GET, "", STR_EMPTY);
  assert_int_equal(answer.status, 405);
  asked(SERVE_ADMIT, HTTP_POST, "soon", STR(GOOD));
  assert_int_equal(answer.status, 400);
  asked(SERVE_ADMIT, HTTP_POST, "-1s", STR(GOOD));
  assert_int_equal(answer.status, 400);
  asked(SERVE_ADMIT, HTTP_POST, "0s", STR(GOOD));
  assert_int_equal(answer.status, 400);
  assert_contains(asked(SERVE_ADMIT, HTTP_POST, "5s", STR(GOOD)), "\"allowed\":true");
  assert_int_equal(answer.status, 200);
}

static void test_deadlines(void **state)
{
  (void)state;
  struct error err;
  struct http_field query = {STR("timeout"), STR("2s")};
  struct http_request request = {.query = &query, .query_count = 1, .received_ns = 5000};
  int64_t deadline;
  assert_int_equal(webhook_deadline(&request, 10000000000, 80, &deadline, &err), 0);
  assert_int_equal(deadline, 5000 + 1600000000);
  query.value = STR("1h"); /* no API server waits so long */
  assert_int_equal(webhook_deadline(&request, 10000000000, 50, &deadline, &err), 0);
  assert_int_equal(deadline, 5000 + INT64_C(15000000000));
  request.query_count = 0;
  assert_int_equal(webhook_deadline(&request, 10000000000, 100, &deadline, &err), 0);
  assert_int_equal(deadline, 5000 + INT64_C(10000000000));
}

/* A policy that loops until its time is over denies, in time. */
static void test_endless_policy(void **state)
{
  (void)state;
  scratch_file("p/loop.rego",
               "package loop\nimport rego.v1\ndeny contains \"never\" if {\n"
               "  many := numbers.range(1, 100000)\n  some a in many\n  some b in many\n"
               "  a + b < 0\n}\n");
  start(QUIET, false);
  uint64_t start_ns = clock_monotonic_ns(clock_system());
  const char *said = asked(SERVE_ADMIT, HTTP_POST, "1s", STR(GOOD));
  assert_true(clock_monotonic_ns(clock_system()) - start_ns < UINT64_C(10000000000));
  assert_contains(said, "\"allowed\":false");
  assert_contains(said, "\"code\":500");
  assert_contains(said, "rego/loop");
  assert_int_equal(counted("seawall_decisions_total{path=\"/admit\",decision=\"failed\"} "), 1);
}

static void test_no_policies(void **state)
{
  (void)state;
  scratch_file("p/a.rego", "package");
  start(QUIET, false);
  assert_contains(posted(SERVE_ADMIT, GOOD), "no policies are loaded");
  assert_int_equal(answer.status, 503);
  assert_int_equal(counted("seawall_decisions_total{path=\"/admit\",decision=\"no_policies\"} "),
                   1);
}

static void test_decision_log(void **state)
{
  (void)state;
  struct error err;
  struct buf line = {0};
  struct arena arena;
  struct value root;
  start(QUIET, true);
  posted(SERVE_ADMIT, BAD);
  posted(SERVE_ADMIT, "no review");
  assert_int_equal(decision_log_flush(decision_log, 10000, &err), 0);
  assert_int_equal(file_read("log", 1 << 20, &line, &err), 0);
  buf_text(&line); /* ended by a zero byte, for what follows */
  struct str rest, first = str_cut(buf_str(&line), '\n', &rest);
  arena_init(&arena, 0);
  assert_int_equal(json_parse(&arena, first, NULL, &root, &err), 0);
  static const char *const expected[][2] = {
      {"/id", "u-1"},
      {"/path", "/admit"},
      {"/kind", "ConfigMap"},
      {"/namespace", "shop"},
      {"/name", "c"},
      {"/user", "ann"},
      {"/operation", "CREATE"},
      {"/reasons/0/policy", "rego/labels"},
      {"/object/metadata/labels/bad", "yes"},
      {"/peer", "127.0.0.1:5"},
  };
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    assert_str(value_str_or_empty(pointer_get(root, str_from(expected[i][0]))), expected[i][1]);
  }
  assert_contains(rest.data, "\"allowed\":false");
  assert_contains(rest.data, "cannot be read");
  arena_free(&arena);
  buf_free(&line);
}

/* Names of policies come and go with reloads; their numbers stay. */
static void test_numbers_over_reloads(void **state)
{
  (void)state;
  struct error err;
  start(QUIET, false);
  for (int i = 0; i < 5; i++) {
    posted(SERVE_ADMIT, BAD);
    assert_int_equal(policies_reload(policies, &err), 0);
  }
  assert_int_equal(
      counted("seawall_policy_decisions_total{policy=\"rego/labels\",decision=\"denied\"} "), 5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_allowed_and_denied, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_mutate, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_image_review, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_no_reviews, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_methods_and_timeouts, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_deadlines, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_endless_policy, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_no_policies, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_decision_log, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_numbers_over_reloads, set_up, tear_down),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  buf_free(&text);
  return failed;
}
