#include "../test.h"

#include "../base/scratch.h"

#include "base/clock.h"
#include "daemon/data_api.h"
#include "data/json.h"

#include <zlib.h>

enum { FIELDS = 8 };

static const char policies[] =
    "package shop.orders\n"
    "default allow := false\n"
    "allow if input.user == \"ann\"\n"
    "deny contains m if { some m in input.bad }\n"
    "never if false\n"
    "double(x) := x * 2\n"
    "conflict := x if some x in input.several\n"
    "divided := 1 / input.by\n"
    "echo := input\n"
    "keys := {1: \"one\", \"a/b\": [10, 20], \"b\": {\"z\": 1, \"a\": 2}}\n"
    "slow if { some i in numbers.range(1, 2000); some k in numbers.range(1, 2000);\n"
    "  some l in numbers.range(1, 2000); i + k + l == 0 }\n"
    "large := [i | some i in numbers.range(1, 1000)]\n";

static const char health[] = "package system.health\n"
                             "live := true\n"
                             "ready := input.plugins_ready\n"
                             "sick := \"no\"\n"
                             "broken := x if some x in [1, 2]\n";

static const char main_rule[] = "package system\nmain := {\"allowed\": input.n == 1}\n";

static struct {
  struct scratch scratch;
  struct rego_documents *documents;
  struct rego_documents_worker *worker;
  struct data_api_options options;
  struct data_api *api;
  struct buf text, body;
  struct http_answer answer;
  struct http_field headers[FIELDS], query[FIELDS];
  struct http_request request;
  struct arena arena;
  unsigned decisions;
  char decision[4096];
} t;

/* ---- requests */

static void load(void)
{
  static const char *const paths[] = {"p"};
  struct rego_documents_options options = {.paths = paths, .path_count = 1, .steps = 300000};
  struct error err;
  if (rego_documents_load(&options, &t.documents, NULL, &err) < 0)
    fail_msg("%s", err.message);
  t.worker = rego_documents_worker_new(t.documents);
}

static int set_up(void **state)
{
  (void)state;
  memset(&t, 0, sizeof t);
  scratch_open(&t.scratch);
  scratch_dir("p");
  scratch_file("p/orders.rego", policies);
  scratch_file("p/health.rego", health);
  scratch_file(
      "p/data.json",
      "{\"limits\": [{\"max\": 3}, {\"max\": 4}], \"odd\": {\"7\": \"x\"},"
      " \"system\": {\"bundles\": {\"b.tar.gz\": {\"manifest\": {\"revision\": \"r1\"}}}}}");
  scratch_file("p/constraint.yaml", "kind: ConstraintTemplate\n---\nkind: K8sNamed\n");
  load();
  t.options.version = STR("1.2.3");
  t.api = data_api_new(&t.options);
  arena_init(&t.arena, 0);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  rego_documents_worker_free(t.worker);
  rego_documents_drop(t.documents);
  data_api_free(t.api);
  buf_free(&t.text);
  buf_free(&t.body);
  arena_free(&t.arena);
  scratch_close(&t.scratch);
  return 0;
}

static void with_options(void)
{
  data_api_free(t.api);
  t.api = data_api_new(&t.options);
}

/* The next request; what is set with header and parameter before holds for it alone. */
static unsigned ask(enum http_method method, const char *path, const char *body)
{
  t.request.method = method;
  t.request.path = str_from(path);
  if (method != HTTP_HEAD) /* as a request that was made by hand */
    t.request.encoded = t.request.path;
  t.request.headers = t.headers;
  t.request.query = t.query;
  if (body)
    t.request.body = str_from(body);
  buf_clear(&t.text);
  t.answer =
      (struct http_answer){.status = 200, .content_type = STR("application/json"), .text = &t.text};
  data_api_answer(t.api, t.worker, &t.request, &t.answer);
  struct value v;
  assert_int_equal(json_parse(&t.arena, buf_str(&t.text), NULL, &v, NULL), 0);
  assert_str(t.answer.content_type, "application/json");
  t.request = (struct http_request){0};
  return t.answer.status;
}

static void header(const char *name, const char *value)
{
  t.headers[t.request.header_count++] = (struct http_field){str_from(name), str_from(value)};
}

static void parameter(const char *name, const char *value)
{
  t.query[t.request.query_count++] = (struct http_field){str_from(name), str_from(value)};
}

static void says(const char *text)
{
  assert_true(str_ends(buf_str(&t.text), STR("\n")));
  assert_str(str_sub(buf_str(&t.text), 0, t.text.len - 1), text);
}

static void says_in_part(const char *text)
{
  if (!strstr(buf_text(&t.text), text))
    fail_msg("\"%s\" lacks \"%s\"", buf_text(&t.text), text);
}

#define ANSWERS(method, path, body, all)                                                           \
  do {                                                                                             \
    assert_int_equal(ask(method, path, body), 200);                                                \
    says(all);                                                                                     \
  } while (0)

#define REFUSES(method, path, body, status, code, part)                                            \
  do {                                                                                             \
    assert_int_equal(ask(method, path, body), status);                                             \
    says_in_part("\"code\": \"" code "\"");                                                        \
    says_in_part(part);                                                                            \
    assert_null(strstr(buf_text(&t.text), "\"result\""));                                          \
  } while (0)

#define WARNING                                                                                    \
  "\"warning\":{\"code\":\"api_usage_warning\",\"message\":\"'input' key missing from the request\"}"

/* ---- /v1/data */

static void test_post(void **state)
{
  (void)state;
  ANSWERS(HTTP_POST, "/v1/data/shop/orders/allow", "{\"input\": {\"user\": \"ann\"}}",
          "{\"result\":true}");
  ANSWERS(HTTP_POST, "/v1/data/shop/orders/allow", "{\"input\": {\"user\": \"bob\"}}",
          "{\"result\":false}");
  ANSWERS(HTTP_POST, "/v1/data/shop/orders/deny", "{\"input\": {\"bad\": [\"b\", \"a\", \"b\"]}}",
          "{\"result\":[\"a\",\"b\"]}");
  ANSWERS(HTTP_POST, "/v1/data/shop/orders/never", "{\"input\": 1}", "{}");
  ANSWERS(HTTP_POST, "/v1/data/shop/nothing", "{\"input\": 1}", "{}");
  ANSWERS(HTTP_POST, "/v1/data/shop/orders/double", "{\"input\": 1}", "{}");
  ANSWERS(HTTP_POST, "/v1/data/shop/orders/echo", "{\"input\": [1.50, \"<&>\"]}",
          "{\"result\":[1.50,\"<&>\"]}");
  ANSWERS(HTTP_POST, "/v1/data/shop/orders/keys/b", "{\"input\": 1}",
          "{\"result\":{\"a\":2,\"z\":1}}");
}

static void test_input_of_post(void **state)
{
  (void)state;
  ANSWERS(HTTP_POST, "/v1/data/shop/orders/allow", "", "{\"result\":false," WARNING "}");
  ANSWERS(HTTP_POST, "/v1/data/shop/orders/allow", " \n", "{\"result\":false," WARNING "}");
  ANSWERS(HTTP_POST, "/v1/data/shop/orders/allow", "{}", "{\"result\":false," WARNING "}");
  ANSWERS(HTTP_POST, "/v1/data/shop/orders/allow", "null", "{\"result\":false," WARNING "}");
  ANSWERS(HTTP_POST, "/v1/data/shop/orders/echo", "{\"input\": null}", "{" WARNING "}");
  ANSWERS(HTTP_POST, "/v1/data/shop/orders/allow", "{\"user\": \"ann\"}",
          "{\"result\":false," WARNING "}");
  ANSWERS(HTTP_POST, "/v1/data/shop/orders/echo", "{\"Input\": 1, \"other\": 2}", "{\"result\":1}");
  ANSWERS(HTTP_POST, "/v1/data/shop/orders/echo", "{\"input\": 1, \"INPUT\": false}",
          "{\"result\":false}");
  REFUSES(HTTP_POST, "/v1/data/shop", "[]", 400, "invalid_parameter", "it is of type array");
  REFUSES(HTTP_POST, "/v1/data/shop", "{\"input\": }", 400, "invalid_parameter",
          "\"message\": \"body contains malformed input document: 1:11: ");
  REFUSES(HTTP_POST, "/v1/data/shop", "{\"input\": 1} {}", 400, "invalid_parameter", "malformed");
  REFUSES(HTTP_POST, "/v1/data/shop", "input: 1", 400, "invalid_parameter", "malformed");
}

static void test_yaml(void **state)
{
  (void)state;
  header("content-type", "application/x-yaml; charset=utf-8");
  ANSWERS(HTTP_POST, "/v1/data/shop/orders/allow", "input:\n  user: ann\n", "{\"result\":true}");
  header("Content-Type", "text/yaml");
  ANSWERS(HTTP_POST, "/v1/data/shop/orders/allow", "", "{\"result\":false," WARNING "}");
  header("Content-Type", "application/yaml");
  REFUSES(HTTP_POST, "/v1/data/shop", "a: [", 400, "invalid_parameter", "malformed input document");
  header("Content-Type", "application/yaml");
  ANSWERS(HTTP_POST, "/v0/data/shop/orders/echo", "a: [x]", "{\"a\":[\"x\"]}");
}

static void pack(struct str text)
{
  z_stream z = {0};
  assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  buf_clear(&t.body);
  assert_true(buf_reserve(&t.body, deflateBound(&z, text.len)));
  z.next_in = (Bytef *)(uintptr_t)text.data;
  z.avail_in = (uInt)text.len;
  z.next_out = (Bytef *)t.body.data;
  z.avail_out = (uInt)t.body.room;
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  t.body.len = z.total_out;
  deflateEnd(&z);
  t.request.body = buf_str(&t.body);
  header("Content-Encoding", "gzip");
}

static void test_gzip(void **state)
{
  (void)state;
  pack(STR("{\"input\": {\"user\": \"ann\"}}"));
  ANSWERS(HTTP_POST, "/v1/data/shop/orders/allow", NULL, "{\"result\":true}");
  pack(STR("{\"user\": \"ann\"}"));
  ANSWERS(HTTP_POST, "/v0/data/shop/orders/allow", NULL, "true");
  header("Content-Encoding", "gzip");
  REFUSES(HTTP_POST, "/v1/data/shop", "{\"input\": 1}", 400, "invalid_parameter",
          "could not decompress the body: gzip: ");
  header("Content-Encoding", "br");
  REFUSES(HTTP_POST, "/v1/data/shop", "{\"input\": 1}", 415, "invalid_parameter",
          "Content-Encoding must be gzip");
  header("Content-Encoding", "identity");
  ANSWERS(HTTP_POST, "/v1/data/shop/orders/echo", "{\"input\": 1}", "{\"result\":1}");

  _cleanup_(buf_free) struct buf large = {0};
  t.options.unpacked_bytes = 1000;
  with_options();
  buf_add_repeat(&large, ' ', 1001);
  pack(buf_str(&large));
  REFUSES(HTTP_POST, "/v1/data/shop", NULL, 413, "invalid_parameter", "more than 1000 bytes");
}

static void test_get(void **state)
{
  (void)state;
  ANSWERS(HTTP_GET, "/v1/data/shop/orders/allow", NULL, "{\"result\":false}");
  parameter("input", "{\"user\": \"ann\"}");
  ANSWERS(HTTP_GET, "/v1/data/shop/orders/allow", NULL, "{\"result\":true}");
  parameter("input", "1");
  parameter("input", "2");
  ANSWERS(HTTP_GET, "/v1/data/shop/orders/echo", NULL, "{\"result\":2}");
  parameter("input", "null");
  ANSWERS(HTTP_GET, "/v1/data/shop/orders/echo", NULL, "{\"result\":null}");
  parameter("input", "");
  REFUSES(HTTP_GET, "/v1/data/shop/orders/echo", NULL, 400, "invalid_parameter",
          "parameter contains malformed input document");
  assert_int_equal(ask(HTTP_HEAD, "/v1/data/shop/orders/allow", NULL), 200);
}

static void test_paths(void **state)
{
  (void)state;
  ANSWERS(HTTP_GET, "/v1/data/limits/1/max", NULL, "{\"result\":4}");
  ANSWERS(HTTP_GET, "/v1/data/limits/2/max", NULL, "{}");
  ANSWERS(HTTP_GET, "/v1/data/limits/x", NULL, "{}");
  ANSWERS(HTTP_GET, "/v1/data/limits/-1", NULL, "{}");
  ANSWERS(HTTP_GET, "/v1/data/limits/+1/max", NULL, "{\"result\":4}");
  ANSWERS(HTTP_GET, "/v1/data/odd/7", NULL, "{\"result\":\"x\"}");
  ANSWERS(HTTP_GET, "/v1/data//shop/orders//allow/", NULL, "{\"result\":false}");
  ANSWERS(HTTP_GET, "/v1/data/shop/orders/keys/a%2Fb/1", NULL, "{\"result\":20}");
  ANSWERS(HTTP_GET, "/v1/data/shop/orders/keys/a%2fb/%30", NULL, "{\"result\":10}");
  ANSWERS(HTTP_GET, "/v1/data/shop/orders/keys/1", NULL, "{\"result\":\"one\"}");
  ANSWERS(HTTP_GET, "/v1/data/shop/orders/keys/a%b", NULL, "{}");
  ANSWERS(HTTP_GET, "/v1/data/shop/orders/keys/%4", NULL, "{}");
  REFUSES(HTTP_GET, "/v1/data/a/b%22c", NULL, 400, "invalid_parameter",
          "invalid path: invalid ref term 'b\\\"c'");
  REFUSES(HTTP_GET, "/v1/data/a/%ff", NULL, 400, "invalid_parameter", "not UTF-8");
  assert_int_equal(ask(HTTP_GET, "/v1/data", NULL), 500); /* shop.orders.slow */
  _cleanup_(buf_free) struct buf path = {0};
  buf_add_text(&path, "/v1/data");
  for (int i = 0; i <= REGO_DOCUMENTS_KEYS_MAX; i++)
    buf_add_text(&path, "/a");
  REFUSES(HTTP_GET, buf_text(&path), NULL, 400, "invalid_parameter", "more than 1000 keys");
}

static void test_parameters(void **state)
{
  (void)state;
  parameter("pretty", "");
  ANSWERS(
      HTTP_GET, "/v1/data/limits", NULL,
      "{\n  \"result\": [\n    {\n      \"max\": 3\n    },\n    {\n      \"max\": 4\n    }\n  ]\n}");
  parameter("pretty", "false");
  ANSWERS(HTTP_GET, "/v1/data/limits/0", NULL, "{\"result\":{\"max\":3}}");
  parameter("pretty", "false");
  parameter("pretty", "TRUE");
  ANSWERS(HTTP_GET, "/v1/data/limits/0/max", NULL, "{\n  \"result\": 3\n}");

  static const char *const timers[] = {"metrics", "instrument"};
  for (size_t i = 0; i < 2; i++) {
    parameter(timers[i], "true");
    assert_int_equal(ask(HTTP_POST, "/v1/data/shop/orders/echo", "{\"input\": 1}"), 200);
    says_in_part("\"counter_server_query_cache_hit\":1,\"timer_rego_input_parse_ns\":");
    says_in_part("\"timer_server_handler_ns\":");
    says_in_part("},\"result\":1}");
  }
  parameter("provenance", "");
  ANSWERS(HTTP_GET, "/v1/data/limits/0/max", NULL,
          "{\"provenance\":{\"bundles\":{\"b.tar.gz\":{\"revision\":\"r1\"}},\"version\":\"1.2.3\","
          "\"build_commit\":\"\",\"build_timestamp\":\"\",\"build_hostname\":\"\"},\"result\":3}");

  parameter("explain", "off");
  ANSWERS(HTTP_GET, "/v1/data/limits/0/max", NULL, "{\"result\":3}");
  parameter("explain", "full");
  REFUSES(HTTP_GET, "/v1/data/limits/0/max", NULL, 400, "invalid_parameter", "explain=full");
  parameter("unknown", "x");
  ANSWERS(HTTP_GET, "/v1/data/limits/0/max", NULL, "{\"result\":3}");

  ANSWERS(HTTP_POST, "/v1/data/shop/orders/divided", "{\"input\": {\"by\": 0}}", "{}");
  parameter("strict-builtin-errors", "");
  REFUSES(HTTP_POST, "/v1/data/shop/orders/divided", "{\"input\": {\"by\": 0}}", 500,
          "internal_error", "\"code\": \"eval_builtin_error\"");
}

static void test_failures(void **state)
{
  (void)state;
  assert_int_equal(
      ask(HTTP_POST, "/v1/data/shop/orders/conflict", "{\"input\": {\"several\": [1, 2]}}"), 500);
  says("{\n  \"code\": \"internal_error\",\n"
       "  \"message\": \"error(s) occurred while evaluating query\",\n  \"errors\": [\n    {\n"
       "      \"code\": \"eval_conflict_error\",\n"
       "      \"message\": \"complete rules must not produce multiple outputs\",\n"
       "      \"location\": {\n        \"file\": \"p/orders.rego\",\n        \"row\": 7,\n"
       "        \"col\": 1\n      }\n    }\n  ]\n}");
  REFUSES(HTTP_POST, "/v1/data/shop/orders/slow", "{}", 500, "internal_error",
          "\"code\": \"eval_cancel_error\"");
  t.request.deadline_ns = 1;
  REFUSES(HTTP_POST, "/v1/data/shop/orders/slow", "{}", 500, "internal_error",
          "\"code\": \"eval_cancel_error\"");
  buf_free(&t.text);
  buf_init(&t.text, 1000);
  REFUSES(HTTP_GET, "/v1/data/shop/orders/large", NULL, 500, "internal_error",
          "the answer is larger than 1000 bytes");
  rego_documents_worker_free(t.worker);
  t.worker = NULL;
  REFUSES(HTTP_GET, "/v1/data/limits", NULL, 503, "internal_error", "no policies are loaded");
  REFUSES(HTTP_POST, "/v0/data/limits", "", 503, "internal_error", "no policies are loaded");
}

/* ---- without an envelope */

static void test_v0(void **state)
{
  (void)state;
  ANSWERS(HTTP_POST, "/v0/data/shop/orders/allow", "{\"user\": \"ann\"}", "true");
  ANSWERS(HTTP_POST, "/v0/data/shop/orders/echo", "", "null");
  ANSWERS(HTTP_POST, "/v0/data/shop/orders/deny", "{\"bad\": [\"x\"]}", "[\"x\"]");
  ANSWERS(HTTP_POST, "/v0/data/limits/0", "", "{\"max\":3}");
  parameter("pretty", "");
  ANSWERS(HTTP_POST, "/v0/data/limits/0", "", "{\n  \"max\": 3\n}");
  REFUSES(HTTP_POST, "/v0/data/shop/orders/never", "", 404, "undefined_document",
          "\"message\": \"document undefined: data.shop.orders.never\"");
  REFUSES(HTTP_POST, "/v0/data/shop/no-such/0", "", 404, "undefined_document",
          "\"message\": \"document missing: data.shop[\\\"no-such\\\"][0]\"");
  REFUSES(HTTP_POST, "/v0/data/shop", "{", 400, "invalid_parameter", "malformed input document");
  REFUSES(HTTP_GET, "/v0/data/shop", NULL, 405, "invalid_operation", "POST");
  assert_str(t.answer.headers[0].value, "POST");
}

static void test_default_decision(void **state)
{
  (void)state;
  REFUSES(HTTP_POST, "/", "{\"n\": 1}", 404, "undefined_document",
          "document missing: data.system.main");
  rego_documents_worker_free(t.worker);
  rego_documents_drop(t.documents);
  scratch_file("p/main.rego", main_rule);
  load();
  ANSWERS(HTTP_POST, "/", "{\"n\": 1}", "{\"allowed\":true}");
  REFUSES(HTTP_GET, "/", NULL, 405, "invalid_operation", "POST");
}

/* ---- health */

static void test_health(void **state)
{
  (void)state;
  ANSWERS(HTTP_GET, "/health", NULL, "{}");
  parameter("bundles", "");
  parameter("plugins", "true");
  ANSWERS(HTTP_GET, "/health", NULL, "{}");
  ANSWERS(HTTP_GET, "/health/live", NULL, "{}");
  ANSWERS(HTTP_GET, "/health/ready", NULL, "{}");
  assert_int_equal(ask(HTTP_GET, "/health/sick", NULL), 500);
  says("{\"error\":\"health check (data.system.health.sick) returned unexpected value\"}");
  assert_int_equal(ask(HTTP_GET, "/health/other", NULL), 500);
  says("{\"error\":\"health check (data.system.health.other) was undefined\"}");
  assert_int_equal(ask(HTTP_GET, "/health/broken", NULL), 500);
  says_in_part("{\"error\":\"complete rules must not");
  REFUSES(HTTP_POST, "/health", "", 405, "invalid_operation", "GET");
  rego_documents_worker_free(t.worker);
  t.worker = NULL;
  ANSWERS(HTTP_GET, "/health", NULL, "{}");
  parameter("bundles", "true");
  assert_int_equal(ask(HTTP_GET, "/health", NULL), 500);
  says("{\"error\":\"one or more bundles are not activated\"}");
  assert_int_equal(ask(HTTP_GET, "/health/live", NULL), 500);
}

/* ---- what is refused */

static void test_changes(void **state)
{
  (void)state;
  static const struct {
    enum http_method method;
    const char *path;
  } changes[] = {{HTTP_PUT, "/v1/data/a"},     {HTTP_PATCH, "/v1/data/a"},
                 {HTTP_DELETE, "/v1/data/a"},  {HTTP_PUT, "/v1/data"},
                 {HTTP_PUT, "/v1/policies/a"}, {HTTP_DELETE, "/v1/policies/a/b"}};
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
    REFUSES(changes[i].method, changes[i].path, "{}", 400, "invalid_parameter",
            "come from the directories");
  ANSWERS(HTTP_GET, "/v1/data/a", NULL, "{}");
  static const char *const others[] = {"/v1/query",   "/v1/policies", "/v1/policies/a",
                                       "/v1/compile", "/v1/config",   "/v1/status"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    REFUSES(HTTP_GET, others[i], NULL, 501, "invalid_operation", "not answered by seawall");
  REFUSES(HTTP_OPTIONS, "/v1/data", NULL, 405, "invalid_operation", "GET, HEAD, POST");
  REFUSES(HTTP_GET, "/v1/dat", NULL, 404, "resource_not_found", "nothing at this path");
}

static void test_serves(void **state)
{
  (void)state;
  static const char *const ours[] = {"/v1/data", "/v1/data/", "/v1/data/a/b", "/v0/data/a", "/",
                                     "/health",  "/health/a", "/v1/policies", "/v1/query"};
  static const char *const not_ours[] = {"/v1/database", "/v1", "/admit", "/healthz", "",
                                         "/v0/dat",      "/x"};
  for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
    assert_true(data_api_serves(str_from(ours[i])));
  for (size_t i = 0; i < sizeof not_ours / sizeof *not_ours; i++)
    assert_false(data_api_serves(str_from(not_ours[i])));
}

/* ---- decisions */

static void decided(void *context, const struct data_api_decision *d)
{
  assert_ptr_equal(context, &t);
  t.decisions++;
  snprintf(t.decision, sizeof t.decision, "%.*s|%.*s|%u|%s|%s|%.*s", STR_FMT(d->id),
           STR_FMT(d->path), d->status, value_type_name(d->input), value_type_name(d->result),
           STR_FMT(d->error));
}

static void test_decisions(void **state)
{
  (void)state;
  struct random_test random;
  random_test_init(&random, 0, 48);
  t.options.decision_ids = true;
  t.options.random = &random.source;
  t.options.decided = decided;
  t.options.context = &t;
  with_options();
  ANSWERS(HTTP_POST, "/v1/data/shop/orders/echo", "{\"input\": 1}",
          "{\"result\":1,\"decision_id\":\"00010203-0405-4607-8809-0a0b0c0d0e0f\"}");
  assert_string_equal(t.decision,
                      "00010203-0405-4607-8809-0a0b0c0d0e0f|shop/orders/echo|200|number|number|");
  assert_int_equal(ask(HTTP_POST, "/v0/data//shop/orders/never/", ""), 404);
  assert_string_equal(t.decision,
                      "10111213-1415-4617-9819-1a1b1c1d1e1f|shop/orders/never|404|null|nothing|"
                      "document undefined: data.shop.orders.never");
  assert_int_equal(
      ask(HTTP_POST, "/v1/data/shop/orders/conflict", "{\"input\": {\"several\": [1, 2]}}"), 500);
  assert_string_equal(
      t.decision, "20212223-2425-4627-a829-2a2b2c2d2e2f|shop/orders/conflict|500|object|nothing|"
                  "complete rules must not produce multiple outputs");
  assert_int_equal(t.decisions, 3);
  REFUSES(HTTP_POST, "/v1/data/shop", "{}", 500, "internal_error", "no decision_id can be made");
  REFUSES(HTTP_POST, "/v1/data/shop", "{", 500, "internal_error", "no decision_id");
  assert_int_equal(t.decisions, 3);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(test_post),       TEST(test_input_of_post),
      TEST(test_yaml),       TEST(test_gzip),
      TEST(test_get),        TEST(test_paths),
      TEST(test_parameters), TEST(test_failures),
      TEST(test_v0),         TEST(test_default_decision),
      TEST(test_health),     TEST(test_changes),
      TEST(test_serves),     TEST(test_decisions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
