#include "../test.h"

#include "data/json.h"
#include "data/pointer.h"
#include "kube/keys.h"
#include "kube/pod.h"

static struct arena arena;

static int set_up(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

#define TEMPLATE "{\"metadata\":{\"labels\":{}},\"spec\":{\"containers\":[{\"image\":\"i\"}]}}"

static struct kube_object object_of(const char *text)
{
  struct value root;
  struct error err;
  struct kube_object o;
  if (json_parse(&arena, str_from(text), NULL, &root, &err) < 0)
    fail_msg("%s: %s", text, err.message);
  if (!kube_object_read(root, (struct value_position){1, 1}, &o))
    fail_msg("%s: %.*s", text, STR_FMT(kube_object_reason(&o, &arena)));
  return o;
}

/* The pointers of the specs of all pods, each of which must lead to that spec. */
static void assert_pods(const char *text, const char *expected)
{
  struct kube_object o = object_of(text);
  struct kube_pods it;
  struct kube_pod pod;
  char found[512] = "";
  size_t at = 0;
  kube_pods_begin(&it, &o);
  while (kube_pods_next(&it, &pod)) {
    struct str pointer = kube_pod_pointer(&pod, STR("/spec"), &arena);
    assert_int_equal(pod.fault, KUBE_FAULT_NONE);
    struct value spec = pointer_get(o.value, pointer);
    assert_ptr_equal(spec.members, pod.spec.members);
    at += (size_t)snprintf(found + at, sizeof found - at, "%.*s ", STR_FMT(pointer));
  }
  assert_string_equal(found, expected);
}

static void knows_the_kinds_that_hold_pods(void **state)
{
  (void)state;
  static const struct {
    const char *version, *kind, *before, *after, *expected;
  } cases[] = {
      {"v1", "PodTemplate", "\"template\":", "", "/template/spec "},
      {"v1", "ReplicationController", "\"spec\":{\"template\":", "}", "/spec/template/spec "},
      {"apps/v1", "ReplicaSet", "\"spec\":{\"template\":", "}", "/spec/template/spec "},
      {"apps/v1", "Deployment", "\"spec\":{\"template\":", "}", "/spec/template/spec "},
      {"apps/v1beta1", "Deployment", "\"spec\":{\"template\":", "}", "/spec/template/spec "},
      {"apps/v1beta2", "StatefulSet", "\"spec\":{\"template\":", "}", "/spec/template/spec "},
      {"extensions/v1beta1", "DaemonSet", "\"spec\":{\"template\":", "}", "/spec/template/spec "},
      {"batch/v1", "Job", "\"spec\":{\"template\":", "}", "/spec/template/spec "},
      {"batch/v1beta1", "CronJob", "\"spec\":{\"jobTemplate\":{\"spec\":{\"template\":", "}}}",
       "/spec/jobTemplate/spec/template/spec "},
      {"batch/v2alpha1", "CronJob", "\"spec\":{\"jobTemplate\":{\"spec\":{\"template\":", "}}}",
       "/spec/jobTemplate/spec/template/spec "},
      {"argoproj.io/v1alpha1", "Rollout", "\"spec\":{\"template\":", "}", "/spec/template/spec "},
      {"serving.knative.dev/v1", "Service", "\"spec\":{\"template\":", "}", "/spec/template/spec "},
      {"agents.x-k8s.io/v1alpha1", "Sandbox", "\"spec\":{\"podTemplate\":", "}",
       "/spec/podTemplate/spec "},
      {"batch.volcano.sh/v1alpha1", "Job", "\"spec\":{\"tasks\":[{\"replicas\":1},{\"template\":",
       "},null]}", "/spec/tasks/1/template/spec "},
      {"kubeflow.org/v1", "TFJob", "\"spec\":{\"tfReplicaSpecs\":{\"a/b\":{\"template\":", "}}}",
       "/spec/tfReplicaSpecs/a~1b/template/spec "},
      /* built-in kinds that hold none, whatever they look like */
      {"v1", "ConfigMap", "\"spec\":{\"template\":", "}", ""},
      {"apps/v1", "ControllerRevision", "\"spec\":{\"template\":", "}", ""},
      {"networking.k8s.io/v1", "Ingress", "\"spec\":{\"template\":", "}", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char text[512];
    snprintf(text, sizeof text, "{\"apiVersion\":\"%s\",\"kind\":\"%s\",%s%s%s}", cases[i].version,
             cases[i].kind, cases[i].before, TEMPLATE, cases[i].after);
    assert_pods(text, cases[i].expected);
  }
}

static void a_pod_is_its_own_template(void **state)
{
  (void)state;
  struct kube_object o = object_of(
      "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"},\"spec\":{}}");
  struct kube_pods it;
  struct kube_pod pod;
  assert_true(kube_pod_kind_known(&o));
  kube_pods_begin(&it, &o);
  assert_true(kube_pods_next(&it, &pod));
  assert_true(pod.is_pod);
  assert_int_equal(pod.metadata.len, 1);
  assert_str(kube_pod_pointer(&pod, STR_EMPTY, &arena), "");
  assert_str(kube_pod_pointer(&pod, STR("/metadata"), &arena), "/metadata");
  assert_false(kube_pods_next(&it, &pod));
}

static void one_object_may_hold_several_templates(void **state)
{
  (void)state;
  assert_pods("{\"apiVersion\":\"ray.io/v1\",\"kind\":\"RayCluster\",\"spec\":{"
              "\"headGroupSpec\":{\"template\":" TEMPLATE "},"
              "\"workerGroupSpecs\":[{\"template\":" TEMPLATE "},{\"template\":" TEMPLATE "}]}}",
              "/spec/headGroupSpec/template/spec /spec/workerGroupSpecs/0/template/spec "
              "/spec/workerGroupSpecs/1/template/spec ");
}

static void fragments_of_custom_resources_are_no_templates(void **state)
{
  (void)state;
  static const char *const specs[] = {
      "{\"template\":{\"spec\":{\"containers\":[{\"name\":\"only-a-name\"}]}}}",
      "{\"template\":{\"spec\":{\"containers\":[{\"image\":\"i\"},5]}}}",
      "{\"template\":{\"spec\":{\"containers\":{\"image\":\"i\"}}}}",
      "{\"template\":{\"spec\":{\"containers\":[]}}}",
      "{\"template\":\"text\"}",
      "{\"tasks\":{}}",
      "[]",
  };
  for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
    char text[256];
    snprintf(text, sizeof text, "{\"apiVersion\":\"x.io/v1\",\"kind\":\"Thing\",\"spec\":%s}",
             specs[i]);
    assert_pods(text, "");
  }
}

static void known_kinds_without_a_template_are_faults(void **state)
{
  (void)state;
  static const struct {
    const char *rest;
    enum kube_fault fault;
    const char *pointer, *reason;
    bool has_spec;
  } cases[] = {
      {"", KUBE_FAULT_MISSING, "", "spec is missing", false},
      {",\"spec\":\"x\"", KUBE_FAULT_TYPE, "/spec", "spec is a string, must be an object", false},
      {",\"spec\":{}", KUBE_FAULT_MISSING, "/spec", "spec.template is missing", false},
      {",\"spec\":{\"template\":null}", KUBE_FAULT_MISSING, "/spec", "spec.template is missing",
       false},
      {",\"spec\":{\"template\":[]}", KUBE_FAULT_TYPE, "/spec/template",
       "spec.template is an array, must be an object", false},
      {",\"spec\":{\"template\":{}}", KUBE_FAULT_MISSING, "/spec/template",
       "spec.template.spec is missing", false},
      {",\"spec\":{\"template\":{\"spec\":7}}", KUBE_FAULT_TYPE, "/spec/template/spec",
       "spec.template.spec is a number, must be an object", false},
      {",\"spec\":{\"template\":{\"spec\":{},\"metadata\":\"m\"}}", KUBE_FAULT_TYPE,
       "/spec/template/metadata", "spec.template.metadata is a string, must be an object", true},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char text[256];
    struct kube_pods it;
    struct kube_pod pod;
    snprintf(text, sizeof text, "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\"%s}",
             cases[i].rest);
    struct kube_object o = object_of(text);
    kube_pods_begin(&it, &o);
    assert_true(kube_pods_next(&it, &pod));
    assert_int_equal(pod.fault, cases[i].fault);
    assert_str(kube_pod_reason(&pod, &arena), cases[i].reason);
    assert_str(kube_pod_fault_pointer(&pod, &arena), cases[i].pointer);
    assert_int_equal(value_is(pod.spec, VALUE_OBJECT), cases[i].has_spec);
    assert_false(kube_pods_next(&it, &pod));
  }
}

static void visits_containers_as_pod_security_does(void **state)
{
  (void)state;
  struct kube_object o = object_of(
      "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{\"containers\":[{\"name\":\"a\"},null],"
      "\"ephemeralContainers\":[{\"name\":\"e\"}],\"initContainers\":[{\"name\":\"i\"},"
      "{\"name\":5}]}}");
  static const struct {
    const char *name, *pointer;
  } expected[] = {{"i", "/initContainers/0"},
                  {"", "/initContainers/1"},
                  {"a", "/containers/0"},
                  {"", "/containers/1"},
                  {"e", "/ephemeralContainers/0"}};
  struct kube_containers it;
  struct kube_container c;
  char pointer[KUBE_CONTAINER_POINTER_MAX];
  size_t i = 0;
  kube_containers_begin(&it, value_get(o.value, kube_key(KUBE_SPEC)));
  for (; kube_containers_next(&it, &c); i++) {
    assert_true(i < 5);
    assert_str(c.name, expected[i].name);
    assert_int_equal(kube_container_pointer(&c, pointer), strlen(expected[i].pointer));
    assert_string_equal(pointer, expected[i].pointer);
  }
  assert_int_equal(i, 5);
}

static void lists_that_are_none_give_no_container(void **state)
{
  (void)state;
  struct kube_object o = object_of("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":"
                                   "{\"containers\":{\"name\":\"a\"},\"initContainers\":null}}");
  struct kube_containers it;
  struct kube_container c;
  kube_containers_begin(&it, value_get(o.value, kube_key(KUBE_SPEC)));
  assert_false(kube_containers_next(&it, &c));
  kube_containers_begin(&it, VALUE_NONE);
  assert_false(kube_containers_next(&it, &c));
}

static void the_longest_pointer_of_a_container_fits(void **state)
{
  (void)state;
  struct kube_container c = {.list = KUBE_LIST_EPHEMERAL, .index = UINT32_MAX};
  char pointer[KUBE_CONTAINER_POINTER_MAX];
  assert_int_equal(kube_container_pointer(&c, pointer), strlen("/ephemeralContainers/4294967295"));
  assert_string_equal(pointer, "/ephemeralContainers/4294967295");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(knows_the_kinds_that_hold_pods, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_pod_is_its_own_template, set_up, tear_down),
      cmocka_unit_test_setup_teardown(one_object_may_hold_several_templates, set_up, tear_down),
      cmocka_unit_test_setup_teardown(fragments_of_custom_resources_are_no_templates, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(known_kinds_without_a_template_are_faults, set_up, tear_down),
      cmocka_unit_test_setup_teardown(visits_containers_as_pod_security_does, set_up, tear_down),
      cmocka_unit_test_setup_teardown(lists_that_are_none_give_no_container, set_up, tear_down),
      cmocka_unit_test(the_longest_pointer_of_a_container_fits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
