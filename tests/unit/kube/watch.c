#include "kube/watch.h"
#include "data/json_write.h"
#include "scripted.h"

static struct scratch scratch;
static struct scripted server;
static struct kube_watch *watch;
static struct arena arena;
static struct error err;

/* What the watch's thread says. */
static struct {
  pthread_mutex_t lock;
  unsigned synced, failed, back, left_out;
  size_t count;
  struct buf messages;
} told = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void note(void *context, const struct kube_watch_event *event)
{
  (void)context;
  pthread_mutex_lock(&told.lock);
  told.synced += event->kind == KUBE_WATCH_SYNCED;
  told.failed += event->kind == KUBE_WATCH_FAILED;
  told.back += event->kind == KUBE_WATCH_BACK;
  told.left_out += event->kind == KUBE_WATCH_LEFT_OUT;
  if (event->kind == KUBE_WATCH_SYNCED)
    told.count = event->count;
  buf_printf(&told.messages, "%s\n", event->message);
  pthread_mutex_unlock(&told.lock);
}

static size_t told_of(const unsigned *count)
{
  pthread_mutex_lock(&told.lock);
  size_t n = *count;
  pthread_mutex_unlock(&told.lock);
  return n;
}

static bool was_told(const char *text)
{
  pthread_mutex_lock(&told.lock);
  bool there = strstr(buf_text(&told.messages), text) != NULL;
  pthread_mutex_unlock(&told.lock);
  return there;
}

static int set_up(void **state)
{
  (void)state;
  scratch_open(&scratch);
  arena_init(&arena, 0);
  told.synced = told.failed = told.back = told.left_out = 0;
  buf_clear(&told.messages);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  kube_watch_free(watch);
  watch = NULL;
  buf_free(&told.messages);
  arena_free(&arena);
  scratch_close(&scratch);
  return 0;
}

static struct kube_watch_options options_of(void)
{
  return (struct kube_watch_options){.client = {.source = {.kubeconfig = "kc"}},
                                     .path = STR("/api/v1/namespaces"),
                                     .pause_max_ms = 1,
                                     .keep = kube_watch_keep_metadata,
                                     .on_event = note};
}

static void begin(const struct step *steps, struct kube_watch_options options)
{
  scripted_start(&server, steps);
  server.tolerant = !steps[0].text;
  scripted_kubeconfig(&server, "kc", NULL);
  if (kube_watch_start(&options, &watch, &err) < 0)
    fail_msg("%s", err.message);
}

static struct kube_watch_stats stats(void)
{
  struct kube_watch_stats s;
  kube_watch_stats(watch, &s);
  return s;
}

/* The labels of a namespace as JSON, "-" if it is not known. */
static struct str labels(const char *name)
{
  static struct buf text;
  struct value object;
  buf_clear(&text);
  arena_reset(&arena);
  if (!kube_watch_find(watch, STR_EMPTY, str_from(name), &arena, &object))
    return STR("-");
  json_write(&text, value_get(value_get(object, value_from("metadata")), value_from("labels")), 0);
  return buf_str(&text);
}

static bool has(const char *name, const char *expected)
{
  return str_eq(labels(name), str_from(expected));
}

#define OBJECT(name, version, labels)                                                              \
  "{\"metadata\":{\"name\":\"" name "\",\"uid\":\"u-" name "\",\"resourceVersion\":\"" version     \
  "\",\"labels\":" labels "}}"
#define LIST(version, items)                                                                       \
  "{\"kind\":\"NamespaceList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"" version \
  "\"},\"items\":[" items "]}"
#define EVENT(type, object) "{\"type\":\"" type "\",\"object\":" object "}\n"
#define GONE "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\",\"message\":\"too old\"}"
#define BOOKMARK(version) EVENT("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"" version "\"}}")

static void test_list_and_events(void **state)
{
  (void)state;
  static const struct step steps[] = {
      {"/api/v1/namespaces?limit=500 ", 200, NULL,
       LIST("5", OBJECT("a", "1", "{\"x\":\"1\"}") "," OBJECT("b", "2", "{}"))},
      {"resourceVersion=5 ", 0, NULL,
       STREAM EVENT("ADDED", OBJECT("c", "6", "{\"x\":\"3\"}"))
           EVENT("MODIFIED", OBJECT("a", "7", "{\"x\":\"2\"}"))
               EVENT("DELETED", OBJECT("b", "8", "{}")) EVENT("DELETED", OBJECT("none", "9", "{}")),
       .hold = true, .then = EVENT("ADDED", OBJECT("d", "10", "{}")) BOOKMARK("20")},
      /* The watch ends: the next begins where the bookmark was, without a list. */
      {"resourceVersion=20 ", 0, NULL, STREAM EVENT("ADDED", OBJECT("e", "21", "{}")),
       .hold = true},
      {0}};
  begin(steps, options_of());
  assert_true(kube_watch_wait(watch, 60000));
  await(stats().events == 4);
  assert_true(has("a", "{\"x\":\"2\"}"));
  assert_true(has("b", "-"));
  assert_true(has("c", "{\"x\":\"3\"}"));
  assert_true(has("d", "-"));
  assert_true(has("", "-"));
  assert_int_equal(stats().count, 2);
  uint64_t generation = stats().generation;
  scripted_release(&server);
  await(has("d", "{}"));
  await(has("e", "{}"));
  assert_int_equal(stats().count, 4);
  assert_true(stats().generation > generation);
  assert_int_equal(stats().lists, 1);
  assert_int_equal(stats().failures, 0);
  assert_false(stats().failing);
  assert_true(stats().heard_ns > 0);
  assert_int_equal(told_of(&told.synced), 1);
  assert_int_equal(told.count, 2);
  kube_watch_free(watch);
  watch = NULL;
  scripted_stop(&server);
}

static void test_what_is_kept(void **state)
{
  (void)state;
#define FULL                                                                                               \
  "{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"1\",\"managedFields\":[{}],\"annotations\":{\"k\":" \
  "\"v\",\"kubectl.kubernetes.io/last-applied-configuration\":\"{}\"}},\"spec\":{\"finalizers\":[\"x\"]}}"
  static const struct step steps[] = {{NULL, 200, NULL, LIST("5", FULL)}, {0}};
  for (int whole = 0; whole < 2; whole++) {
    struct kube_watch_options options = options_of();
    struct value object;
    struct buf text = {0};
    if (whole)
      options.keep = NULL;
    begin(steps, options);
    assert_true(kube_watch_wait(watch, 60000));
    assert_true(kube_watch_find(watch, STR_EMPTY, STR("a"), &arena, &object));
    json_write(&text, object, 0);
    if (whole)
      assert_str(
          buf_str(&text),
          "{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"1\",\"annotations\":{\"k\":\"v\"}},"
          "\"spec\":{\"finalizers\":[\"x\"]},\"kind\":\"Namespace\",\"apiVersion\":\"v1\"}");
    else
      assert_str(buf_str(&text),
                 "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"a\","
                 "\"resourceVersion\":\"1\",\"annotations\":{\"k\":\"v\"}}}");
    assert_int_equal(stats().bytes, text.len);
    buf_free(&text);
    kube_watch_free(watch);
    watch = NULL;
    scripted_stop(&server);
  }
}

/* 410 in the stream, and as an answer: a new list, and what is gone in it is gone. */
static void test_gone(void **state)
{
  (void)state;
  static const struct step steps[] = {
      {"limit=500 ", 200, NULL, LIST("5", OBJECT("a", "1", "{}") "," OBJECT("b", "2", "{}"))},
      {"resourceVersion=5 ", 0, NULL, STREAM BOOKMARK("6") EVENT("ERROR", GONE)},
      {"limit=500 ", 200, NULL, LIST("50", OBJECT("b", "2", "{}") "," OBJECT("c", "40", "{}"))},
      {"resourceVersion=50 ", 410, NULL, GONE},
      {"limit=500 ", 200, NULL, LIST("60", OBJECT("c", "40", "{}"))},
      {"resourceVersion=60 ", 0, NULL, STREAM BOOKMARK("61"), .hold = true},
      {0}};
  begin(steps, options_of());
  await(scripted_taken(&server) == 6 && stats().lists == 3);
  await(stats().heard_ns && !stats().failing);
  assert_true(has("a", "-"));
  assert_true(has("b", "-"));
  assert_true(has("c", "{}"));
  assert_int_equal(stats().count, 1);
  kube_watch_free(watch);
  watch = NULL;
  scripted_stop(&server);
}

/* Nothing that a server does makes it give up, or forget. */
static void test_failures(void **state)
{
  (void)state;
  static const struct step steps[] = {
      {"limit=500 ", 503, NULL, "not yet"},
      {"limit=500 ", 403, NULL,
       "{\"kind\":\"Status\",\"reason\":\"Forbidden\",\"message\":\"no rights\"}"},
      {"limit=500 ", 0, NULL, "garbage"},
      {"limit=500 ", 200, NULL, "{\"items\":[{}],\"metadata\":{}}"},
      {"limit=500 ", 200, NULL, LIST("5", OBJECT("a", "1", "{}"))},
      {"resourceVersion=5 ", 0, NULL, ""}, /* hangs up */
      {"resourceVersion=5 ", 429, "Retry-After: 1\r\n", "slow down"},
      {"resourceVersion=5 ", 0, NULL,
       STREAM EVENT("ADDED", OBJECT("b", "6", "{}")) "{\"type\":\"AD"},
      /* In the middle of an event: from the last whole one. */
      {"resourceVersion=6 ", 0, NULL, CHUNKED "20\r\n{\"type\":\"ADDED\",\"obj"},
      {"resourceVersion=6 ", 500, NULL, "oops"},
      {"resourceVersion=6 ", 401, NULL, "who?"},
      /* What makes no sense: a new list. */
      {"resourceVersion=6 ", 0, NULL, STREAM "<html>\n"},
      {"limit=500 ", 200, NULL, LIST("7", OBJECT("a", "1", "{}"))},
      {"resourceVersion=7 ", 0, NULL,
       STREAM EVENT("ADDED", "{\"metadata\":{\"resourceVersion\":\"8\"}}")},
      {"limit=500 ", 200, NULL, LIST("8", OBJECT("a", "1", "{}"))},
      {"resourceVersion=8 ", 0, NULL, STREAM EVENT("ADDED", "{\"metadata\":{\"name\":\"x\"}}")},
      {"limit=500 ", 200, NULL, LIST("9", OBJECT("a", "1", "{}"))},
      {"resourceVersion=9 ", 0, NULL, STREAM BOOKMARK("10"), .hold = true},
      {0}};
  begin(steps, options_of());
  await(scripted_taken(&server) >= 6);
  assert_true(kube_watch_wait(watch, 0));
  assert_true(has("a", "{}"));
  await(scripted_taken(&server) == 18 && told_of(&told.back) >= 2);
  assert_false(stats().failing);
  assert_true(has("a", "{}"));
  assert_true(has("b", "-"));
  assert_int_equal(stats().lists, 4);
  assert_true(was_told("answers 403 Forbidden: no rights"));
  assert_true(was_told("without a name"));
  assert_true(was_told("without a resourceVersion"));
  kube_watch_free(watch);
  watch = NULL;
  scripted_stop(&server);
}

/* A server that sent bookmarks and does not any more is not well. */
static void test_silence(void **state)
{
  (void)state;
  static const struct step steps[] = {
      {"limit=500 ", 200, NULL, LIST("5", OBJECT("a", "1", "{}"))},
      {"resourceVersion=5 ", 0, NULL, STREAM BOOKMARK("6")},
      {"resourceVersion=6 ", 0, NULL, STREAM, .hold = true},
      {"resourceVersion=6 ", 0, NULL, STREAM BOOKMARK("7"), .hold = true},
      {0}};
  struct kube_watch_options options = options_of();
  options.silence_ms = 1000;
  begin(steps, options);
  await(scripted_taken(&server) == 4);
  assert_true(stats().failures >= 1);
  assert_int_equal(stats().lists, 1);
  kube_watch_free(watch);
  watch = NULL;
  scripted_stop(&server);
}

static void test_unreachable(void **state)
{
  (void)state;
  static const struct step none[] = {{0}};
  begin(none, options_of());
  await(stats().failures > 20);
  assert_true(stats().failing);
  assert_false(stats().synced);
  assert_false(kube_watch_wait(watch, 1));
  assert_true(has("a", "-"));
  assert_int_equal(told_of(&told.failed), 1); /* not each time */
  kube_watch_free(watch);
  watch = NULL;
  scripted_stop(&server);
}

/* A watch that ends at once, again and again, is no reason to ask without pauses. */
static void test_short_watches(void **state)
{
  (void)state;
  struct step steps[12] = {{"limit", 200, NULL, LIST("5", "")}};
  for (int i = 1; i < 11; i++)
    steps[i] = (struct step){"watch=true", 0, NULL, STREAM};
  begin(steps, options_of());
  await(scripted_taken(&server) == 11);
  assert_true(stats().failures >= 9);
  assert_true(was_told("the watch ended at once"));
  kube_watch_free(watch);
  watch = NULL;
  scripted_stop(&server);
}

static void test_limits(void **state)
{
  (void)state;
  static const struct step steps[] = {
      {"limit=2 ", 200, NULL,
       "{\"kind\":\"NamespaceList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"5\",\"continue\":\"x\"},"
       "\"items\":[" OBJECT("a", "1", "{}") "," OBJECT(
           "b", "2",
           "{\"large\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
           "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}") "]}"},
      {"continue=x", 200, NULL, LIST("5", OBJECT("c", "3", "{}") "," OBJECT("d", "4", "{}"))},
      {"resourceVersion=5 ", 0, NULL,
       STREAM EVENT("ADDED", OBJECT("e", "6", "{}"))
           EVENT("MODIFIED", OBJECT("a", "7", "{\"y\":\"2\"}"))
               EVENT("DELETED", OBJECT("c", "8", "{}")) EVENT("ADDED", OBJECT("f", "9", "{}")),
       .hold = true},
      {0}};
  struct kube_watch_options options = options_of();
  options.page = 2;
  options.count_max = 2;
  options.object_max = 150;
  begin(steps, options);
  await(stats().events == 4);
  assert_true(has("a", "{\"y\":\"2\"}"));
  assert_true(has("b", "-")); /* too large */
  assert_true(has("c", "-"));
  assert_true(has("d", "-")); /* one too many */
  assert_true(has("e", "-")); /* likewise */
  assert_true(has("f", "{}"));
  assert_int_equal(stats().count, 2);
  assert_int_equal(stats().left_out, 3);
  assert_int_equal(told_of(&told.left_out), 1);
  assert_true(was_told("/b is too large: left out"));
  kube_watch_free(watch);
  watch = NULL;
  scripted_stop(&server);
}

static void test_memory_limit(void **state)
{
  (void)state;
  static const struct step steps[] = {
      {NULL, 200, NULL,
       LIST("5", OBJECT("a", "1", "{}") "," OBJECT("b", "2", "{}") "," OBJECT("c", "3", "{}"))},
      {0}};
  struct kube_watch_options options = options_of();
  options.bytes_max = 250;
  begin(steps, options);
  assert_true(kube_watch_wait(watch, 60000));
  assert_int_equal(stats().count, 2);
  assert_true(stats().bytes <= 250);
  assert_int_equal(stats().left_out, 1);
  assert_true(was_told("goes beyond the memory"));
  kube_watch_free(watch);
  watch = NULL;
  scripted_stop(&server);
}

/* Not to know a namespace because memory is short could mean to judge by the wrong labels. */
static void test_arena_that_is_full(void **state)
{
  (void)state;
  static const struct step steps[] = {{NULL, 200, NULL, LIST("5", OBJECT("a", "1", "{}"))}, {0}};
  begin(steps, options_of());
  assert_true(kube_watch_wait(watch, 60000));
  struct arena small;
  struct value object;
  arena_init(&small, 1000);
  arena_alloc(&small, 5000);
  assert_true(arena_over(&small));
  assert_true(kube_watch_find(watch, STR_EMPTY, STR("a"), &small, &object));
  assert_true(value_is(value_get(object, value_from("metadata")), VALUE_OBJECT));
  assert_int_equal(small.limit, 1000);
  arena_free(&small);
  kube_watch_free(watch);
  watch = NULL;
  scripted_stop(&server);
}

static int count_names(void *context, struct value object)
{
  struct buf *names = context;
  struct value metadata = value_get(object, value_from("metadata"));
  buf_printf(names, "%.*s/%.*s ",
             STR_FMT(value_str_or_empty(value_get(metadata, value_from("namespace")))),
             STR_FMT(value_str_or_empty(value_get(metadata, value_from("name")))));
  arena_reset(&arena);
  return names->len > 100 ? SW_ETEST : 0;
}

static void test_namespaced_and_each(void **state)
{
  (void)state;
  static const struct step steps[] = {
      {"GET /apis/apps/v1/deployments?labelSelector=a%3Db&fieldSelector=c%21%3Dd&limit=500 ", 200,
       NULL,
       "{\"kind\":\"DeploymentList\",\"apiVersion\":\"apps/v1\",\"metadata\":{\"resourceVersion\":\"5\"},\"items\":["
       "{\"metadata\":{\"namespace\":\"n\",\"name\":\"x\"}},{\"metadata\":{\"namespace\":\"m\",\"name\":\"x\"}}]}"},
      {"labelSelector=a%3Db&fieldSelector=c%21%3Dd&resourceVersion=5 ", 0, NULL, STREAM,
       .hold = true},
      {0}};
  struct kube_watch_options options = options_of();
  options.path = STR("/apis/apps/v1/deployments");
  options.label_selector = STR("a=b");
  options.field_selector = STR("c!=d");
  begin(steps, options);
  await(scripted_holding(&server) == 1);
  struct value object;
  assert_true(kube_watch_find(watch, STR("n"), STR("x"), &arena, &object));
  assert_true(value_eq_str(value_get(object, value_from("kind")), STR("Deployment")));
  assert_true(value_eq_str(value_get(object, value_from("apiVersion")), STR("apps/v1")));
  assert_false(kube_watch_find(watch, STR_EMPTY, STR("x"), &arena, &object));
  assert_false(kube_watch_find(watch, STR("m"), STR("y"), &arena, &object));
  struct buf names = {0};
  assert_int_equal(kube_watch_each(watch, &arena, count_names, &names), 0);
  assert_true(str_find(buf_str(&names), 0, STR("n/x ")) >= 0);
  assert_true(str_find(buf_str(&names), 0, STR("m/x ")) >= 0);
  assert_int_equal(names.len, 8);
  buf_add_repeat(&names, '.', 100);
  assert_int_equal(kube_watch_each(watch, &arena, count_names, &names), SW_ETEST);
  buf_free(&names);
  kube_watch_free(watch);
  watch = NULL;
  scripted_stop(&server);
}

/* Readers see one object or the other, whole, while it changes and lists replace each other. */
static void *read_on(void *context)
{
  atomic_bool *ending = context;
  struct arena own;
  uintptr_t bad = 0;
  arena_init(&own, 0);
  while (!atomic_load(ending)) {
    struct value object;
    arena_reset(&own);
    if (!kube_watch_find(watch, STR_EMPTY, STR("a"), &own, &object)) {
      bad++;
      continue;
    }
    struct value inner = value_get(value_get(object, value_from("metadata")), value_from("labels"));
    struct value one = value_get(inner, value_from("one")),
                 two = value_get(inner, value_from("two"));
    bad += !value_is(one, VALUE_STRING) || !value_eq_str(two, value_str(one));
    struct kube_watch_stats s;
    kube_watch_stats(watch, &s);
    bad += s.count != 1;
  }
  arena_free(&own);
  return (void *)bad;
}

static void test_readers(void **state)
{
  (void)state;
  struct buf texts[20] = {0};
  struct step steps[42] = {0};
  unsigned count = 0;
  for (int round = 0; round < 10; round++) {
    struct buf *list = &texts[round * 2], *events = &texts[round * 2 + 1];
    buf_printf(list, LIST("%d", OBJECT("a", "%d", "{\"one\":\"%d\",\"two\":\"%d\"}")), round * 1000,
               round * 1000, round, round);
    buf_add_text(events, STREAM);
    for (int i = 1; i < 300; i++)
      buf_printf(events,
                 EVENT("MODIFIED", OBJECT("a", "%d", "{\"one\":\"%d-%d\",\"two\":\"%d-%d\"}")),
                 round * 1000 + i, round, i, round, i);
    buf_add_text(events, EVENT("ERROR", GONE));
    steps[count++] = (struct step){"limit", 200, NULL, buf_text(list)};
    steps[count++] = (struct step){"watch=true", 0, NULL, buf_text(events)};
  }
  steps[count++] = (struct step){"limit", 200, NULL, buf_text(&texts[0])};
  begin(steps, options_of());
  assert_true(kube_watch_wait(watch, 60000));
  atomic_bool ending = false;
  pthread_t readers[3];
  for (int i = 0; i < 3; i++)
    pthread_create(&readers[i], NULL, read_on, &ending);
  await(stats().lists == 11);
  atomic_store(&ending, true);
  for (int i = 0; i < 3; i++) {
    void *bad;
    pthread_join(readers[i], &bad);
    assert_null(bad);
  }
  kube_watch_free(watch);
  watch = NULL;
  scripted_stop(&server);
  for (int i = 0; i < 20; i++)
    buf_free(&texts[i]);
}

/* Ending does not wait for a server that does not answer. */
static void test_ending_while_waiting(void **state)
{
  (void)state;
  static const struct step steps[] = {{"limit", 0, NULL, "HTTP/1.1 200 OK\r\n", .hold = true}, {0}};
  begin(steps, options_of());
  await(scripted_holding(&server) == 1);
  kube_watch_free(watch);
  watch = NULL;
  scripted_stop(&server);
}

static void test_refused(void **state)
{
  (void)state;
  struct kube_watch_options options = options_of();
  assert_int_equal(kube_watch_start(&options, &watch, &err), SW_ENOENT);
  options.path = STR("api/v1/namespaces");
  assert_int_equal(kube_watch_start(&options, &watch, &err), SW_EUSAGE);
  options.path = STR("/api/v1/namespaces?x=y");
  assert_int_equal(kube_watch_start(&options, &watch, &err), SW_EUSAGE);
  kube_watch_free(NULL);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      CASE(test_list_and_events),
      CASE(test_what_is_kept),
      CASE(test_gone),
      CASE(test_failures),
      CASE(test_silence),
      CASE(test_unreachable),
      CASE(test_short_watches),
      CASE(test_limits),
      CASE(test_memory_limit),
      CASE(test_arena_that_is_full),
      CASE(test_namespaced_and_each),
      CASE(test_readers),
      CASE(test_ending_while_waiting),
      CASE(test_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
