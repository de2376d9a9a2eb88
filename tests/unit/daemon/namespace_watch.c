#include "daemon/namespace_watch.h"
#include "../kube/scripted.h"

static struct scratch scratch;
static struct scripted server;
static struct namespace_watch *watch;
static struct arena arena;
static struct error err;

static int set_up(void **state)
{
  (void)state;
  scratch_open(&scratch);
  arena_init(&arena, 0);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  namespace_watch_free(watch);
  watch = NULL;
  arena_free(&arena);
  scratch_close(&scratch);
  return 0;
}

static void begin(const struct step *steps, unsigned ask_ms, unsigned waiting_max)
{
  scripted_start(&server, steps);
  server.in_any_order = true;
  scripted_kubeconfig(&server, "kc", NULL);
  struct namespace_watch_options options = {.source = {.kubeconfig = "kc"},
                                            .ask_ms = ask_ms,
                                            .waiting_max = waiting_max,
                                            .pause_max_ms = 1};
  if (namespace_watch_start(&options, &watch, &err) < 0)
    fail_msg("%s", err.message);
}

static void end(void)
{
  namespace_watch_free(watch);
  watch = NULL;
  scripted_stop(&server);
}

static struct namespace_watch_stats stats(void)
{
  struct namespace_watch_stats s;
  namespace_watch_stats(watch, &s);
  return s;
}

static bool found_in(const char *name, struct arena *a, struct value *ret)
{
  struct admission_namespaces service = namespace_watch_service(watch);
  return service.find(service.ctx, str_from(name), a, ret);
}

/* The label "l" of a namespace; NULL if it is not known. */
static const char *label(const char *name)
{
  struct value object;
  arena_reset(&arena);
  if (!found_in(name, &arena, &object))
    return NULL;
  assert_true(value_eq_str(value_get(object, value_from("kind")), STR("Namespace")));
  struct value labels = value_get(value_get(object, value_from("metadata")), value_from("labels"));
  return arena_copy(&arena, value_str_or_empty(value_get(labels, value_from("l")))).data;
}

#define OBJECT(name, label)                                                                        \
  "{\"kind\":\"Namespace\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"" name                   \
  "\",\"resourceVersion\":\"1\",\"labels\":{\"l\":\"" label "\"}}}"
#define LIST(items)                                                                                \
  "{\"kind\":\"NamespaceList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"5\"},"    \
  "\"items\":[" items "]}"
#define STREAM_OF(...) "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" __VA_ARGS__
#define NOT_FOUND "{\"kind\":\"Status\",\"code\":404,\"reason\":\"NotFound\"}"

static const struct step listed = {"limit=500 ", 200, NULL, LIST(OBJECT("a", "1"))};

static void test_ready(void **state)
{
  (void)state;
  static const struct step steps[] = {
      {"limit=500 ", 503, NULL, "not yet"},
      {"limit=500 ", 0, NULL, "", .hold = true,
       .then = STREAM_OF(LIST(OBJECT("a", "1") "," OBJECT("b", "2")))},
      {"watch=true", 0, NULL,
       STREAM_OF("{\"type\":\"MODIFIED\",\"object\":" OBJECT("b", "3") "}\n"), .hold = true},
      {0}};
  begin(steps, 0, 0);
  await(scripted_holding(&server) == 1);
  assert_false(namespace_watch_ready(watch));
  assert_false(namespace_watch_wait(watch, 1));
  assert_null(label("a"));
  assert_int_equal(stats().asked, 0); /* nobody is asked before the list is in */
  assert_int_equal(stats().silent_ms, 0);
  scripted_release(&server);
  assert_true(namespace_watch_wait(watch, 60000));
  assert_true(namespace_watch_ready(watch));
  assert_string_equal(label("a"), "1");
  await(stats().watch.events == 1);
  assert_string_equal(label("b"), "3");
  assert_int_equal(stats().watch.count, 2);
  assert_int_equal(stats().asked, 0);
  end();
}

static void test_asked_for(void **state)
{
  (void)state;
  const struct step steps[] = {listed,
                               {"GET /api/v1/namespaces/new ", 200, NULL, OBJECT("new", "7")},
                               {"GET /api/v1/namespaces/none ", 404, NULL, NOT_FOUND},
                               {"GET /api/v1/namespaces/none ", 200, NULL, OBJECT("none", "8")},
                               {"GET /api/v1/namespaces/other ", 200, NULL, OBJECT("a", "9")},
                               {0}};
  begin(steps, 10000, 0);
  assert_true(namespace_watch_wait(watch, 60000));
  for (int i = 0; i < 10; i++)
    assert_string_equal(label("new"), "7");
  assert_int_equal(stats().asked, 1); /* the answer is remembered */
  /* That there is none is remembered for a moment only. */
  assert_null(label("none"));
  await(label("none") != NULL);
  assert_string_equal(label("none"), "8");
  assert_int_equal(stats().asked, 3);
  assert_int_equal(stats().asked_found, 2);
  /* An arena that is full does not make a namespace unknown. */
  struct arena small;
  struct value object;
  arena_init(&small, 100);
  arena_alloc(&small, 1000);
  assert_true(found_in("a", &small, &object));
  assert_true(found_in("none", &small, &object));
  arena_free(&small);
  assert_null(label("other")); /* the answer is another object */
  end();
}

/* What cannot be a name gets into no URL. */
static void test_names(void **state)
{
  (void)state;
  static const char *const names[] = {
      "",
      "..",
      "a/b",
      "A",
      "a?b",
      "a%2fb",
      "-a",
      "a-",
      "a.b",
      "a b",
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
  const struct step steps[] = {listed, {0}};
  begin(steps, 10000, 0);
  assert_true(namespace_watch_wait(watch, 60000));
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    assert_null(label(names[i]));
  assert_int_equal(stats().asked, 0);
  end();
}

/* A server that does not answer costs one wait, not one for each review. */
static void test_slow(void **state)
{
  (void)state;
  const struct step steps[] = {
      listed, {"GET /api/v1/namespaces/slow ", 0, NULL, "", .hold = true}, {0}};
  begin(steps, 50, 0);
  assert_true(namespace_watch_wait(watch, 60000));
  await(scripted_was_asked(&server, "watch=true"));
  uint64_t before = clock_monotonic_ns(clock_system());
  assert_null(label("slow"));
  uint64_t took = clock_monotonic_ns(clock_system()) - before;
  assert_true(took < 5000000000);
  assert_int_equal(stats().asked, 1);
  await(scripted_holding(&server) == 2);
  for (int i = 0; i < 100; i++) {
    assert_null(label("slow"));
    assert_null(label("another"));
  }
  assert_int_equal(stats().asked, 1);
  assert_true(stats().gave_up > 0);
  assert_string_equal(label("a"), "1"); /* what is known is known */
  end();
}

struct waiter {
  pthread_t thread;
  const char *name;
  bool found;
};

static void *wait_in_thread(void *context)
{
  struct waiter *w = context;
  struct arena own;
  struct value object;
  arena_init(&own, 0);
  w->found = found_in(w->name, &own, &object);
  arena_free(&own);
  return NULL;
}

/* Several who want the same are answered by one query; more than may wait do not. */
static void test_together(void **state)
{
  (void)state;
  const struct step steps[] = {listed,
                               {"GET /api/v1/namespaces/new ", 0, NULL, "", .hold = true,
                                .then = STREAM_OF(OBJECT("new", "7"))},
                               {"watch=true", 0, NULL, "HTTP/1.1 200 OK\r\n\r\n"},
                               {0}};
  struct waiter waiters[3] = {{.name = "new"}, {.name = "new"}, {.name = "new"}};
  begin(steps, 30000, 3);
  assert_true(namespace_watch_wait(watch, 60000));
  await(scripted_taken(&server) >= 2 && scripted_was_asked(&server, "watch=true"));
  for (int i = 0; i < 3; i++)
    pthread_create(&waiters[i].thread, NULL, wait_in_thread, &waiters[i]);
  await(scripted_was_asked(&server, "namespaces/new"));
  await(stats().waiting == 3);
  uint64_t before = stats().gave_up;
  assert_null(label("fourth"));
  assert_int_equal(stats().gave_up, before + 1);
  for (int i = 0; i < 4; i++)
    scripted_release(&server);
  for (int i = 0; i < 3; i++) {
    pthread_join(waiters[i].thread, NULL);
    assert_true(waiters[i].found);
  }
  assert_int_equal(stats().asked, 1);
  end();
}

static void test_inventory(void **state)
{
  (void)state;
  const struct step steps[] = {
      {"limit=500 ", 200, NULL, LIST(OBJECT("a", "1") "," OBJECT("b", "2"))}, {0}};
  begin(steps, 0, 0);
  assert_true(namespace_watch_wait(watch, 60000));
  struct gatekeeper *g = gatekeeper_new(&(struct gatekeeper_options){0});
  assert_int_equal(gatekeeper_finish(g, &err), 0);
  struct gatekeeper_inventory *inventory = gatekeeper_inventory_new(g);
  assert_int_equal(namespace_watch_fill(watch, inventory, &err), 0);
  gatekeeper_inventory_finish(inventory);
  struct value of_b = gatekeeper_inventory_namespace(inventory, STR("b"));
  assert_true(value_is(of_b, VALUE_OBJECT));
  struct value tree = gatekeeper_inventory_value(inventory);
  struct value all = value_get(value_get(value_get(tree, value_from("cluster")), value_from("v1")),
                               value_from("Namespace"));
  assert_int_equal(all.len, 2);
  gatekeeper_inventory_free(inventory);
  gatekeeper_free(g);
  end();
}

static void test_no_configuration(void **state)
{
  (void)state;
  struct namespace_watch_options options = {.source = {.kubeconfig = "not-there"}};
  assert_int_equal(namespace_watch_start(&options, &watch, &err), SW_ENOENT);
  assert_null(watch);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      CASE(test_ready),
      CASE(test_asked_for),
      CASE(test_names),
      CASE(test_slow),
      CASE(test_together),
      CASE(test_inventory),
      CASE(test_no_configuration),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
