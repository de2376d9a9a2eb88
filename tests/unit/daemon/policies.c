#include "serving.h"

#include "daemon/policies.h"

#include <pthread.h>
#include <stdatomic.h>

enum { WORKERS = 2 };

static struct scratch scratch;
static struct serve_config config;
static struct policies *policies;

/* What was told last, by whatever thread. */
static pthread_mutex_t told_lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
  unsigned count;
  bool ok, first;
  size_t policies;
  uint64_t generation;
  char message[512], problems[2048];
} told;

static void tell(void *context, const struct policies_report *report)
{
  (void)context;
  pthread_mutex_lock(&told_lock);
  told.count++;
  told.ok = report->ok;
  told.first = report->first;
  told.policies = report->policies;
  told.generation = report->generation;
  snprintf(told.message, sizeof told.message, "%s", report->message ? report->message : "");
  told.problems[0] = '\0';
  for (size_t i = 0; i < report->problem_count; i++)
    snprintf(told.problems + strlen(told.problems), sizeof told.problems - strlen(told.problems),
             "%s\n", report->problems[i].text);
  pthread_mutex_unlock(&told_lock);
}

static unsigned told_count(void)
{
  pthread_mutex_lock(&told_lock);
  unsigned count = told.count;
  pthread_mutex_unlock(&told_lock);
  return count;
}

static int set_up(void **state)
{
  (void)state;
  scratch_open(&scratch);
  scratch_dir("p");
  memset(&told, 0, sizeof told);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  policies_close(policies);
  policies = NULL;
  serve_config_free(&config);
  scratch_close(&scratch);
  return 0;
}

#define QUIET "rules: {enabled: false}\npodSecurity: {enabled: false}\n"

static void open_with(const char *text)
{
  struct error err;
  configured(&config, text);
  struct policies_options options = {.config = &config, .workers = WORKERS, .told = tell};
  assert_int_equal(policies_open(&options, &policies, &err), 0);
}

/* The text of a worker's answer; "" where there are no policies. */
static const char *answer(unsigned worker, const char *review)
{
  static struct buf out;
  struct policies_view view;
  buf_clear(&out);
  if (policies_begin(policies, worker, &view)) {
    admission_answer(view.admission, str_from(review), ADMISSION_VALIDATE, 0, &out, NULL);
    policies_end(policies, worker);
  }
  return buf_text(&out);
}

static struct policies_stats stats(void)
{
  struct policies_stats s;
  policies_stats(policies, &s);
  return s;
}

static void test_first_load(void **state)
{
  (void)state;
  scratch_file("p/a.rego", POLICY("first"));
  open_with(QUIET "policies: {paths: [p], reload: 0s}\n");
  assert_true(told.ok && told.first);
  assert_int_equal(told.policies, 1);
  assert_int_equal(told.generation, 1);
  for (unsigned worker = 0; worker < WORKERS; worker++) {
    assert_contains(answer(worker, BAD), "first");
    assert_contains(answer(worker, GOOD), "\"allowed\":true");
  }
  assert_int_equal(stats().files, 1);
  assert_true(stats().loaded_at > 1600000000);
}

/* Nobody asks for it: the directory is watched. */
static void test_changes_are_seen(void **state)
{
  (void)state;
  scratch_file("p/a.rego", POLICY("first"));
  open_with(QUIET "policies: {paths: [p], reload: 10ms}\n");
  scratch_file("p/a.rego", POLICY("second"));
  await(stats().generation == 2);
  for (unsigned worker = 0; worker < WORKERS; worker++)
    assert_contains(answer(worker, BAD), "second");
  assert_int_equal(unlink("p/a.rego"), 0);
  await(stats().generation == 3);
  assert_contains(answer(0, BAD), "\"allowed\":true");
  assert_int_equal(stats().policies, 0);
  scratch_file("p/b.rego", POLICY("third"));
  await(stats().generation == 4);
  assert_contains(answer(1, BAD), "third");
  assert_int_equal(stats().failures, 0);
}

static void test_broken_keeps_the_old(void **state)
{
  (void)state;
  scratch_file("p/a.rego", POLICY("first"));
  open_with(QUIET "policies: {paths: [p], reload: 10ms}\n");
  scratch_file("p/a.rego", "package labels\ndeny contains {");
  await(stats().failures == 1);
  assert_true(stats().last_failed);
  assert_int_equal(stats().generation, 1);
  assert_contains(answer(0, BAD), "first");
  pthread_mutex_lock(&told_lock);
  assert_false(told.ok);
  assert_int_equal(told.generation, 1);
  assert_contains(told.problems, "p/a.rego:2");
  pthread_mutex_unlock(&told_lock);
  /* It is told once, not at every look. */
  unsigned before = told_count();
  nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
  assert_int_equal(told_count(), before);
  scratch_file("p/a.rego", POLICY("mended"));
  await(stats().generation == 2);
  assert_false(stats().last_failed);
  assert_contains(answer(1, BAD), "mended");
}

/* A directory that is gone is not one without policies. */
static void test_directory_gone(void **state)
{
  (void)state;
  scratch_file("p/a.rego", POLICY("first"));
  open_with(QUIET "policies: {paths: [p], reload: 10ms}\n");
  assert_int_equal(rename("p", "q"), 0);
  await(stats().failures == 1);
  assert_contains(answer(0, BAD), "first");
  assert_int_equal(rename("q", "p"), 0);
  await(!stats().last_failed);
}

static void test_nothing_to_begin_with(void **state)
{
  (void)state;
  struct policies_view view;
  scratch_file("p/a.rego", "package labels\ndeny contains {");
  open_with(QUIET "policies: {paths: [p], reload: 10ms}\n");
  assert_false(told.ok);
  assert_int_equal(told.generation, 0);
  assert_false(policies_begin(policies, 0, &view));
  assert_int_equal(stats().generation, 0);
  scratch_file("p/a.rego", POLICY("mended"));
  await(stats().generation == 1);
  assert_contains(answer(0, BAD), "mended");
}

static void test_reload_when_told(void **state)
{
  (void)state;
  struct error err;
  scratch_file("p/a.rego", POLICY("first"));
  open_with(QUIET "policies: {paths: [p], reload: 0s}\n");
  scratch_file("p/a.rego", POLICY("second"));
  assert_contains(answer(0, BAD), "first");
  assert_int_equal(policies_reload(policies, &err), 0);
  assert_contains(answer(0, BAD), "second");
  scratch_file("p/a.rego", "package");
  assert_true(policies_reload(policies, &err) < 0);
  assert_contains(answer(0, BAD), "second");
  scratch_file("p/a.rego", POLICY("third"));
  policies_wake(policies);
  await(stats().generation == 3);
  assert_contains(answer(1, BAD), "third");
}

/* The labels of namespaces are policies too: they say what holds where. */
static void test_namespaces_file(void **state)
{
  (void)state;
  static const char pod[] =
      "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{\"uid\":\"u\","
      "\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},\"resource\":{\"group\":\"\","
      "\"version\":\"v1\",\"resource\":\"pods\"},\"namespace\":\"shop\",\"operation\":\"CREATE\","
      "\"userInfo\":{\"username\":\"ann\"},\"object\":{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":"
      "{\"name\":\"p\",\"namespace\":\"shop\"},\"spec\":{\"hostNetwork\":true,\"containers\":[{\"name\":"
      "\"c\",\"image\":\"i\"}]}}}}";
  scratch_file("ns.yaml", "shop: {pod-security.kubernetes.io/enforce: baseline}\n");
  open_with(
      "rules: {enabled: false}\npolicies: {reload: 10ms}\nnamespaces: {source: file, path: ns.yaml}\n");
  assert_contains(answer(0, pod), "\"allowed\":false");
  scratch_file("ns.yaml", "shop: {pod-security.kubernetes.io/enforce: privileged}\n");
  await(stats().generation == 2);
  assert_contains(answer(0, pod), "\"allowed\":true");
  scratch_file("ns.yaml", "shop: [\n");
  await(stats().failures == 1);
  pthread_mutex_lock(&told_lock);
  assert_contains(told.message, "ns.yaml:");
  pthread_mutex_unlock(&told_lock);
  assert_contains(answer(0, pod), "\"allowed\":true");
}

/* A constraint that objects called "taken" break. */
static const char taken[] =
    "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: taken}\n"
    "spec:\n  crd: {spec: {names: {kind: Taken}}}\n  targets:\n"
    "  - target: admission.k8s.gatekeeper.sh\n    rego: |\n      package taken\n"
    "      violation[{\"msg\": \"taken\"}] { data.inventory.namespace.shop.v1.ConfigMap.taken }\n"
    "---\napiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Taken\nmetadata: {name: it}\n";

/* Other objects are told from files, which are looked at as policies are. */
static void test_inventory_files(void **state)
{
  (void)state;
  scratch_file("p/taken.yaml", taken);
  scratch_file("objects.yaml", "# none\n");
  open_with(QUIET "policies: {paths: [p], inventory: [objects.yaml], reload: 10ms}\n");
  assert_true(told.ok);
  assert_contains(answer(0, GOOD), "\"allowed\":true");
  scratch_file("objects.yaml", "apiVersion: v1\nkind: ConfigMap\n"
                               "metadata: {name: taken, namespace: shop}\n");
  await(stats().generation == 2);
  assert_contains(answer(0, GOOD), "taken");
  scratch_file("objects.yaml", "a: [\n");
  await(stats().failures == 1);
  pthread_mutex_lock(&told_lock);
  assert_contains(told.message, "objects.yaml:");
  pthread_mutex_unlock(&told_lock);
  assert_contains(answer(0, GOOD), "taken");
}

/* ---- requests while policies change */

struct asker {
  unsigned worker;
  _Atomic bool *stop;
  _Atomic unsigned asked; /* by another thread, meanwhile */
  unsigned wrong;
};

/* Each answer is that of one of the two sets of policies, whole. */
static void *ask_all_the_time(void *context)
{
  struct asker *a = context;
  struct buf out = {0};
  struct policies_view view;
  uint64_t newest = 0;
  while (!atomic_load(a->stop)) {
    if (!policies_begin(policies, a->worker, &view)) {
      a->wrong++;
      break;
    }
    a->wrong += view.generation < newest; /* never back to older ones */
    newest = view.generation;
    buf_clear(&out);
    admission_answer(view.admission, STR(BAD), ADMISSION_VALIDATE, 0, &out, NULL);
    policies_end(policies, a->worker);
    const char *text = buf_text(&out);
    bool one = strstr(text, "one-a") && strstr(text, "one-b");
    bool two = strstr(text, "two-a") && strstr(text, "two-b");
    a->wrong += one == two;
    a->asked++;
  }
  buf_free(&out);
  return NULL;
}

static void write_pair(const char *which)
{
  char text[256];
  scratch_dir("new");
  snprintf(text, sizeof text,
           "package %s\nimport rego.v1\ndeny contains \"%s-a\" if input.metadata.labels.bad\n",
           which, which);
  scratch_file("new/a.rego", text);
  snprintf(text, sizeof text,
           "package %s\nimport rego.v1\ndeny contains \"%s-b\" if input.metadata.labels.bad\n",
           which, which);
  scratch_file("new/b.rego", text);
  assert_int_equal(rename("new", "next"), 0);
}

/* A directory swapped by its link, as the kubelet does it. */
static void swap(const char *which, const char *store)
{
  write_pair(which);
  assert_int_equal(rename("next", store), 0);
  scratch_link(store, "link");
  assert_int_equal(rename("link", "current"), 0);
}

static void test_requests_while_policies_change(void **state)
{
  (void)state;
  struct error err;
  _Atomic bool stop = false;
  pthread_t threads[WORKERS];
  struct asker askers[WORKERS];
  char store[32];
  swap("one", "s0");
  open_with(QUIET "policies: {paths: [current], reload: 0s}\n");
  for (unsigned i = 0; i < WORKERS; i++) {
    askers[i] = (struct asker){.worker = i, .stop = &stop};
    assert_int_equal(pthread_create(&threads[i], NULL, ask_all_the_time, &askers[i]), 0);
  }
  for (int i = 1; i <= 40; i++) {
    snprintf(store, sizeof store, "s%d", i);
    swap(i % 2 ? "two" : "one", store);
    assert_int_equal(policies_reload(policies, &err), 0);
  }
  for (unsigned i = 0; i < WORKERS; i++)
    await(atomic_load(&askers[i].asked) > 0);
  atomic_store(&stop, true);
  for (unsigned i = 0; i < WORKERS; i++) {
    pthread_join(threads[i], NULL);
    assert_int_equal(askers[i].wrong, 0);
  }
  assert_int_equal(stats().generation, 41);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_first_load, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_changes_are_seen, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_broken_keeps_the_old, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_directory_gone, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_nothing_to_begin_with, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_reload_when_told, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_namespaces_file, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_inventory_files, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_requests_while_policies_change, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
