#include "daemon/deployment.h"
#include "../test.h"
#include "daemon/serve_config.h"
#include "data/compare.h"
#include "data/json.h"
#include "data/pointer.h"
#include "data/yaml.h"
#include "data/yaml_write.h"

static const struct deployment_certificate fake = {
    .ca = STR_INIT("ca"), .certificate = STR_INIT("certificate"), .key = STR_INIT("key")};

struct bench {
  struct arena arena;
  struct error err;
  struct deployment_options options;
  struct value objects;
};

static int make(void **state)
{
  static struct bench b;
  b = (struct bench){0};
  arena_init(&b.arena, 0);
  deployment_options_init(&b.options);
  b.options.image = "registry.example.com/seawall:1";
  b.options.certificate = &fake;
  *state = &b;
  return 0;
}

static int drop(void **state)
{
  struct bench *b = *state;
  arena_free(&b->arena);
  return 0;
}

static void build(struct bench *b)
{
  if (deployment_build(&b->arena, &b->options, &b->objects, &b->err) < 0)
    fail_msg("%s", b->err.message);
}

static int refused(struct bench *b)
{
  return deployment_build(&b->arena, &b->options, &b->objects, &b->err);
}

/* The object of a kind and name; absent if there is none. */
static struct value find(struct bench *b, const char *kind, const char *name)
{
  for (uint32_t i = 0; i < b->objects.len; i++) {
    struct value o = b->objects.items[i];
    if (value_eq_str(value_get(o, value_from("kind")), str_from(kind)) &&
        value_eq_str(value_get(value_get(o, value_from("metadata")), value_from("name")),
                     str_from(name)))
      return o;
  }
  return VALUE_NONE;
}

static struct value at(struct value v, const char *pointer)
{
  return pointer_get(v, str_from(pointer));
}

static struct value json(struct bench *b, const char *text)
{
  struct value v;
  if (json_parse(&b->arena, str_from(text), NULL, &v, &b->err) < 0)
    fail_msg("%s", b->err.message);
  return v;
}

static void assert_is(struct bench *b, struct value v, const char *pointer, const char *expected)
{
  struct value found = at(v, pointer);
  if (!value_equal(found, json(b, expected))) {
    struct buf text = {0};
    if (found.type != VALUE_ABSENT)
      yaml_write(&text, found, NULL);
    fail_msg("%s is not %s but %s", pointer, expected, text.len ? buf_text(&text) : "not there");
  }
}

/* ---- */

static void test_objects_can_be_created_in_order(void **state)
{
  struct bench *b = *state;
  build(b);
  assert_is(b, b->objects, "/0/kind", "\"Namespace\"");
  assert_is(b, b->objects.items[b->objects.len - 1], "/kind", "\"MutatingWebhookConfiguration\"");
  assert_is(b, b->objects.items[b->objects.len - 2], "/kind", "\"ValidatingWebhookConfiguration\"");
  assert_is(b, b->objects.items[b->objects.len - 3], "/kind", "\"Deployment\"");
  for (uint32_t i = 0; i < b->objects.len; i++) {
    struct value metadata = value_get(b->objects.items[i], value_from("metadata"));
    struct value in = value_get(metadata, value_from("namespace"));
    if (in.type != VALUE_ABSENT)
      assert_str(value_str(in), "seawall");
    assert_true(value_get(metadata, value_from("labels")).len >= 5);
  }
}

static void test_the_same_options_give_the_same(void **state)
{
  struct bench *b = *state;
  build(b);
  struct value first = b->objects;
  build(b);
  assert_true(value_equal(first, b->objects));
}

static void test_rights_are_namespaces_alone(void **state)
{
  struct bench *b = *state;
  build(b);
  assert_is(
      b, find(b, "ClusterRole", "seawall"), "/rules",
      "[{\"apiGroups\":[\"\"],\"resources\":[\"namespaces\"],\"verbs\":[\"get\",\"list\",\"watch\"]}]");
  assert_is(b, find(b, "ServiceAccount", "seawall"), "/automountServiceAccountToken", "false");
  /* Who does not ask gets neither rights nor token nor way. */
  b->options.config = json(b, "{\"namespaces\":{\"source\":\"none\"}}");
  build(b);
  assert_int_equal(find(b, "ClusterRole", "seawall").type, VALUE_ABSENT);
  assert_int_equal(find(b, "ClusterRoleBinding", "seawall").type, VALUE_ABSENT);
  assert_int_equal(at(find(b, "Deployment", "seawall"), "/spec/template/spec/volumes").len, 3);
  assert_int_equal(at(find(b, "NetworkPolicy", "seawall"), "/spec/egress").len, 1);
}

static void test_the_pod_is_locked_down(void **state)
{
  struct bench *b = *state;
  build(b);
  struct value pod = at(find(b, "Deployment", "seawall"), "/spec/template/spec");
  assert_is(
      b, pod, "/containers/0/securityContext",
      "{\"allowPrivilegeEscalation\":false,\"privileged\":false,\"readOnlyRootFilesystem\":true,"
      "\"runAsNonRoot\":true,\"capabilities\":{\"drop\":[\"ALL\"]}}");
  assert_is(b, pod, "/securityContext",
            "{\"runAsNonRoot\":true,\"runAsUser\":65532,\"runAsGroup\":65532,\"fsGroup\":65532,"
            "\"seccompProfile\":{\"type\":\"RuntimeDefault\"}}");
  assert_is(b, pod, "/automountServiceAccountToken", "false");
  assert_is(b, pod, "/containers/0/args", "[\"serve\",\"--config\",\"/etc/seawall/serve.yaml\"]");
  assert_is(b, find(b, "Namespace", "seawall"),
            "/metadata/labels/pod-security.kubernetes.io~1enforce", "\"restricted\"");
}

static void test_the_configuration_is_what_serve_reads(void **state)
{
  struct bench *b = *state;
  struct serve_config config;
  b->options.config = json(
      b, "{\"listen\":{\"port\":9000},\"limits\":{\"drain\":\"1m\",\"shutdownDelay\":\"1500ms\"},"
         "\"metrics\":{\"port\":9100},\"rules\":{\"mode\":\"enforce\"}}");
  build(b);
  struct value text = at(find(b, "ConfigMap", "seawall"), "/data/serve.yaml");
  serve_config_init(&config);
  if (serve_config_read_text(&config, value_str(text), &b->err) < 0 ||
      serve_config_finish(&config, &b->err) < 0)
    fail_msg("%s", b->err.message);
  assert_string_equal(config.listen.address, "::");
  assert_int_equal(config.listen.port, 9000);
  assert_int_equal(config.rules.mode, SERVE_ENFORCE);
  assert_int_equal(config.namespaces.source, SERVE_NAMESPACES_API);
  assert_false(config.data_api.enabled); /* whoever reaches the Service could ask */
  serve_config_free(&config);
  struct value pod = at(find(b, "Deployment", "seawall"), "/spec/template/spec");
  assert_is(b, pod, "/containers/0/ports/0/containerPort", "9000");
  assert_is(b, pod, "/containers/0/ports/1/containerPort", "9100");
  assert_is(b, pod, "/terminationGracePeriodSeconds", "72");
  assert_is(b, find(b, "NetworkPolicy", "seawall"), "/spec/ingress/0/ports/0/port", "9000");
  assert_is(b, find(b, "Service", "seawall"), "/spec/ports/1/port", "9100");
}

/* New pods where the configuration is another, and only there. */
static void test_another_configuration_is_another_template(void **state)
{
  struct bench *b = *state;
  static const char where[] = "/spec/template/metadata/annotations/seawall.dev~1config-sha256";
  build(b);
  struct value first = at(find(b, "Deployment", "seawall"), where);
  b->options.config = json(b, "{\"listen\":{\"workers\":4}}");
  build(b);
  assert_true(value_equal(first, at(find(b, "Deployment", "seawall"), where)));
  b->options.config = json(b, "{\"listen\":{\"workers\":5}}");
  build(b);
  assert_false(value_equal(first, at(find(b, "Deployment", "seawall"), where)));
  assert_int_equal(first.len, 64);
}

static void test_a_configuration_that_contradicts_is_refused(void **state)
{
  struct bench *b = *state;
  static const char *const wrong[][2] = {
      {"{\"listen\":{\"adress\":\"::\"}}", "adress"},
      {"{\"listen\":{\"address\":\"127.0.0.1\"}}", "nobody reaches"},
      {"{\"listen\":{\"port\":443}}", "below 1024"},
      {"{\"metrics\":{\"port\":8443}}", "metrics.port"},
      {"{\"metrics\":{\"port\":8443,\"address\":\"0.0.0.0\"}}", "is listen.port"},
      {"{\"tls\":{\"certificate\":\"/other.crt\"}}", "leave tls.certificate"},
      {"{\"tls\":{\"clientCA\":\"/etc/seawall/tls/ca.crt\",\"requireClient\":true}}", "probes"},
      {"{\"tls\":{\"clientCA\":\"/ca.crt\"}}", "not in the container"},
      {"{\"policies\":{\"paths\":[\"/policies\"]}}", "not in the container"},
      {"{\"policies\":{\"paths\":[\"/etc/seawall/policies/../tls\"]}}", "not in the container"},
      {"{\"policies\":{\"paths\":[\"/etc/seawall/policies-of-others\"]}}", "not in the container"},
      {"{\"decisionLog\":{\"enabled\":true,\"path\":\"/var/log/decisions\"}}", "read-only"},
      {"{\"namespaces\":{\"source\":\"file\",\"path\":\"/labels.yaml\"}}", "not in the container"},
      {"{\"namespaces\":{\"kubeconfig\":\"/root/.kube/config\"}}", "service account"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    b->options.config = json(b, wrong[i][0]);
    assert_int_equal(refused(b), SW_EINVAL);
    assert_error(b->err, SW_EINVAL, wrong[i][1]);
  }
}

static void test_webhooks_leave_a_way_out(void **state)
{
  struct bench *b = *state;
  const char *exempt[] = {"kube-flannel"};
  b->options.exempt_namespaces = (struct deployment_texts){exempt, 1};
  build(b);
  struct value hooks = find(b, "ValidatingWebhookConfiguration", "seawall");
  assert_is(
      b, hooks, "/webhooks/0/namespaceSelector/matchExpressions",
      "[{\"key\":\"kubernetes.io/metadata.name\",\"operator\":\"NotIn\",\"values\":[\"kube-system\",\"seawall\","
      "\"kube-flannel\"]},{\"key\":\"admission.seawall.dev/ignore\",\"operator\":\"NotIn\",\"values\":[\"true\"]}]");
  /* Who may opt out is judged where it has been opted out, too. */
  assert_is(b, hooks, "/webhooks/1/rules/0/resources", "[\"namespaces\"]");
  assert_int_equal(at(hooks, "/webhooks/1/namespaceSelector/matchExpressions").len, 1);
  for (uint32_t i = 0; i < 2; i++) {
    struct value hook = at(hooks, i ? "/webhooks/1" : "/webhooks/0");
    assert_is(b, hook, "/failurePolicy", "\"Fail\"");
    assert_is(b, hook, "/sideEffects", "\"None\"");
    assert_is(b, hook, "/matchPolicy", "\"Equivalent\"");
    assert_is(b, hook, "/admissionReviewVersions", "[\"v1\",\"v1beta1\"]");
    assert_is(b, hook, "/clientConfig/caBundle", "\"Y2E=\"");
    assert_is(b, hook, "/clientConfig/service/path", "\"/admit\"");
  }
  struct value mutating = find(b, "MutatingWebhookConfiguration", "seawall");
  assert_is(b, mutating, "/webhooks/0/reinvocationPolicy", "\"IfNeeded\"");
  assert_is(b, mutating, "/webhooks/0/clientConfig/service/path", "\"/mutate\"");
}

/* Whether some rule of a webhook covers a resource and operation. */
static bool covers(struct value rules, const char *group, const char *resource,
                   const char *operation)
{
  for (uint32_t i = 0; i < rules.len; i++) {
    struct value r = rules.items[i], resources = at(r, "/resources"),
                 operations = at(r, "/operations");
    if (!value_eq_str(at(r, "/apiGroups/0"), str_from(group)))
      continue;
    for (uint32_t j = 0; j < resources.len; j++)
      for (uint32_t k = 0; k < operations.len; k++)
        if (value_eq_str(resources.items[j], str_from(resource)) &&
            value_eq_str(operations.items[k], str_from(operation)))
          return true;
  }
  return false;
}

static void test_what_is_judged(void **state)
{
  struct bench *b = *state;
  const char *added[] = {"secrets", "gateways.gateway.networking.k8s.io", "deployments.apps/scale"};
  build(b);
  struct value rules =
      at(find(b, "ValidatingWebhookConfiguration", "seawall"), "/webhooks/0/rules");
  assert_true(covers(rules, "", "pods", "CREATE"));
  assert_true(covers(rules, "", "pods/ephemeralcontainers", "UPDATE"));
  assert_true(covers(rules, "", "pods/exec", "CONNECT"));
  assert_true(covers(rules, "", "pods/attach", "CONNECT"));
  assert_true(covers(rules, "", "pods/portforward", "CONNECT"));
  assert_true(covers(rules, "apps", "deployments", "UPDATE"));
  assert_true(covers(rules, "rbac.authorization.k8s.io", "clusterrolebindings", "CREATE"));
  assert_false(covers(rules, "", "pods", "DELETE"));
  assert_false(covers(rules, "", "secrets", "CREATE"));
  rules = at(find(b, "MutatingWebhookConfiguration", "seawall"), "/webhooks/0/rules");
  assert_true(covers(rules, "", "pods", "CREATE"));
  assert_false(covers(rules, "", "pods/exec", "CONNECT"));
  assert_false(covers(rules, "rbac.authorization.k8s.io", "clusterroles", "CREATE"));

  b->options.resources = (struct deployment_texts){added, 3};
  b->options.deletes = true;
  build(b);
  rules = at(find(b, "ValidatingWebhookConfiguration", "seawall"), "/webhooks/0/rules");
  assert_true(covers(rules, "", "pods", "DELETE"));
  assert_true(covers(rules, "", "secrets", "DELETE"));
  assert_true(covers(rules, "gateway.networking.k8s.io", "gateways", "CREATE"));
  assert_true(covers(rules, "apps", "deployments/scale", "UPDATE"));
  assert_false(covers(rules, "apps", "deployments/scale", "DELETE"));
  assert_false(covers(rules, "", "pods/ephemeralcontainers", "DELETE"));
  rules = at(find(b, "MutatingWebhookConfiguration", "seawall"), "/webhooks/0/rules");
  assert_false(covers(rules, "", "pods", "DELETE"));
  assert_false(covers(rules, "apps", "deployments/scale", "UPDATE"));
}

static void test_options_change_what_they_say(void **state)
{
  struct bench *b = *state;
  const char *ranges[] = {"10.0.0.0/24", "fd00::/64"};
  b->options.fail_open = true;
  b->options.replicas = 1;
  b->options.image = "registry.example.com/seawall@sha256:"
                     "0000000000000000000000000000000000000000000000000000000000000000";
  b->options.pull_secret = "registry";
  b->options.priority_class = "system-cluster-critical";
  b->options.runtime_class = "gvisor";
  b->options.app_armor = true;
  b->options.api_servers = (struct deployment_texts){ranges, 2};
  b->options.secret_apart = true;
  build(b);
  struct value pod = at(find(b, "Deployment", "seawall"), "/spec/template/spec");
  assert_is(b, find(b, "MutatingWebhookConfiguration", "seawall"), "/webhooks/0/failurePolicy",
            "\"Ignore\"");
  assert_int_equal(find(b, "PodDisruptionBudget", "seawall").type, VALUE_ABSENT);
  assert_int_equal(find(b, "PriorityClass", "seawall").type, VALUE_ABSENT);
  assert_int_equal(find(b, "Secret", "seawall-tls").type, VALUE_ABSENT);
  assert_is(b, pod, "/containers/0/imagePullPolicy", "\"IfNotPresent\"");
  assert_is(b, pod, "/imagePullSecrets", "[{\"name\":\"registry\"}]");
  assert_is(b, pod, "/priorityClassName", "\"system-cluster-critical\"");
  assert_is(b, pod, "/runtimeClassName", "\"gvisor\"");
  assert_is(b, pod, "/securityContext/appArmorProfile/type", "\"RuntimeDefault\"");
  struct value network = find(b, "NetworkPolicy", "seawall");
  assert_is(b, network, "/spec/ingress/0/from",
            "[{\"ipBlock\":{\"cidr\":\"10.0.0.0/24\"}},{\"ipBlock\":{\"cidr\":\"fd00::/64\"}}]");
  assert_int_equal(at(network, "/spec/egress/0/to").len, 2);

  b->options.without = DEPLOYMENT_NAMESPACE | DEPLOYMENT_MUTATE | DEPLOYMENT_NETWORK_POLICY |
                       DEPLOYMENT_QUOTA;
  build(b);
  assert_int_equal(find(b, "Namespace", "seawall").type, VALUE_ABSENT);
  assert_int_equal(find(b, "MutatingWebhookConfiguration", "seawall").type, VALUE_ABSENT);
  assert_int_equal(find(b, "NetworkPolicy", "seawall").type, VALUE_ABSENT);
  assert_int_equal(find(b, "NetworkPolicy", "seawall-deny-all").type, VALUE_ABSENT);
  assert_int_equal(find(b, "ResourceQuota", "seawall").type, VALUE_ABSENT);
}

static void test_cert_manager_makes_the_certificate(void **state)
{
  struct bench *b = *state;
  b->options.certificate = NULL;
  b->options.namespace_name = "guard";
  build(b);
  struct value hooks = find(b, "ValidatingWebhookConfiguration", "seawall");
  assert_is(b, hooks, "/metadata/annotations",
            "{\"cert-manager.io/inject-ca-from\":\"guard/seawall\"}");
  assert_int_equal(at(hooks, "/webhooks/0/clientConfig/caBundle").type, VALUE_ABSENT);
  assert_is(b, find(b, "Certificate", "seawall"), "/spec/dnsNames/0", "\"seawall.guard.svc\"");
  assert_is(b, find(b, "Certificate", "seawall"), "/spec/secretName", "\"seawall-tls\"");
  assert_is(b, find(b, "Issuer", "seawall"), "/spec/ca/secretName", "\"seawall-root\"");
  assert_int_equal(find(b, "Secret", "seawall-tls").type, VALUE_ABSENT);
}

static void test_wrong_options_are_refused(void **state)
{
  struct bench *b = *state;
  const char *bad[] = {"Kube_System"}, *range[] = {"10.0.0.1"}, *resource[] = {"pods.*"};
  const struct deployment_options good = b->options;
  const struct deployment_texts one = {bad, 1}, ranges = {range, 1}, resources = {resource, 1};
#define REFUSED(member, value)                                                                     \
  b->options = good, b->options.member = (value), assert_int_equal(refused(b), SW_EUSAGE)
  REFUSED(image, NULL);
  assert_error(b->err, SW_EUSAGE, "which image");
  REFUSED(image, "a b");
  REFUSED(image, "a\nb");
  REFUSED(image, "registry.example.com/seawall@sha256:...");
  assert_error(b->err, SW_EUSAGE, "digest");
  REFUSED(image, "registry.example.com/seawall@sha256:00");
  REFUSED(image, "registry.example.com/seawall@latest");
  REFUSED(namespace_name, "");
  REFUSED(namespace_name, "kube-system");
  assert_error(b->err, SW_EUSAGE, "one of its own");
  REFUSED(namespace_name, "default");
  REFUSED(namespace_name, "-a");
  REFUSED(namespace_name, "a.b");
  REFUSED(replicas, 0);
  REFUSED(replicas, DEPLOYMENT_REPLICAS_MAX + 1);
  REFUSED(pull_secret, "A");
  REFUSED(priority_class, "a..b");
  REFUSED(runtime_class, "a/b");
  REFUSED(exempt_namespaces, one);
  REFUSED(api_servers, ranges);
  REFUSED(resources, resources);
#undef REFUSED
}

/* Whatever stands in names and policies, the text is read back as the same objects. */
static void test_written_objects_are_read_back(void **state)
{
  struct bench *b = *state;
  struct deployment_policy policies[] = {
      {STR_INIT("a.rego"), STR_INIT("package a\n\n---\n# {{ x }}\n\tdeny if true\n")},
      {STR_INIT("no"), STR_INIT("yes")},
      {STR_INIT("z.yaml"), STR_INIT("a: \"\xc2\x85\x7f\"\r\n")},
  };
  _cleanup_(buf_free) struct buf out = {0};
  b->options.namespace_name = "123";
  b->options.policies = policies;
  b->options.policy_count = 3;
  build(b);
  for (uint32_t i = 0; i < b->objects.len; i++) {
    buf_add(&out, STR("---\n"));
    assert_int_equal(yaml_write(&out, b->objects.items[i], &b->err), 0);
  }
  struct yaml_reader *reader = yaml_reader_new(buf_str(&out), NULL);
  struct yaml_document document;
  for (uint32_t i = 0; i < b->objects.len; i++) {
    assert_int_equal(yaml_reader_next(reader, &b->arena, &document, &b->err), 1);
    assert_true(value_equal(document.root, b->objects.items[i]));
  }
  assert_int_equal(yaml_reader_next(reader, &b->arena, &document, &b->err), 0);
  yaml_reader_free(reader);
}

/* ---- policies */

static int add(struct bench *b, struct deployment_policies *p, const char *path, const char *text)
{
  return deployment_policies_add(&b->arena, p, str_from(path), str_from(text), &b->err);
}

static void test_policies_are_packed_flat(void **state)
{
  struct bench *b = *state;
  struct deployment_policies p = {0};
  assert_int_equal(add(b, &p, "psp/privileged.yaml", "b"), 0);
  assert_int_equal(add(b, &p, "data.json", "{}"), 0);
  assert_int_equal(add(b, &p, "a.rego", "a"), 0);
  assert_int_equal(deployment_policies_finish(&p, &b->err), 0);
  assert_str(p.items[0].key, "a.rego");
  assert_str(p.items[1].key, "data.json");
  assert_str(p.items[2].key, "psp--privileged.yaml");
  assert_int_equal(add(b, &p, "psp--privileged.yaml", "c"), SW_EINVAL);
  assert_error(b->err, SW_EINVAL, "two files");
  assert_int_equal(add(b, &p, "teams/data.json", "{}"), SW_EINVAL);
  assert_int_equal(add(b, &p, "mit leerzeichen.rego", "a"), SW_EINVAL);
  assert_int_equal(add(b, &p, ".hidden.rego", "a"), SW_EINVAL);
  assert_int_equal(add(b, &p, "b.rego", "\xff"), SW_EINVAL);
  assert_error(b->err, SW_EINVAL, "UTF-8");
  vec_free(&p);
}

static void test_policies_must_fit(void **state)
{
  struct bench *b = *state;
  struct deployment_policies p = {0};
  static char text[DEPLOYMENT_POLICIES_MAX];
  memset(text, '#', sizeof text - 1);
  text[sizeof text - 6] = '\0'; /* 6 bytes of key and these are the whole */
  assert_int_equal(add(b, &p, "a.rego", text), 0);
  assert_int_equal(deployment_policies_finish(&p, &b->err), 0);
  assert_int_equal(add(b, &p, "b.rego", ""), 0);
  assert_int_equal(deployment_policies_finish(&p, &b->err), SW_ELIMIT);
  assert_error(b->err, SW_ELIMIT, "a.rego");
  vec_free(&p);
}

static void test_names_of_policies(void **state)
{
  (void)state;
  assert_true(deployment_policy_named(STR("a.rego")));
  assert_true(deployment_policy_named(STR("a.yaml")));
  assert_true(deployment_policy_named(STR("data.json")));
  assert_false(deployment_policy_named(STR("a_test.rego")));
  assert_false(deployment_policy_named(STR("README.md")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_objects_can_be_created_in_order, make, drop),
      cmocka_unit_test_setup_teardown(test_the_same_options_give_the_same, make, drop),
      cmocka_unit_test_setup_teardown(test_rights_are_namespaces_alone, make, drop),
      cmocka_unit_test_setup_teardown(test_the_pod_is_locked_down, make, drop),
      cmocka_unit_test_setup_teardown(test_the_configuration_is_what_serve_reads, make, drop),
      cmocka_unit_test_setup_teardown(test_another_configuration_is_another_template, make, drop),
      cmocka_unit_test_setup_teardown(test_a_configuration_that_contradicts_is_refused, make, drop),
      cmocka_unit_test_setup_teardown(test_webhooks_leave_a_way_out, make, drop),
      cmocka_unit_test_setup_teardown(test_what_is_judged, make, drop),
      cmocka_unit_test_setup_teardown(test_options_change_what_they_say, make, drop),
      cmocka_unit_test_setup_teardown(test_cert_manager_makes_the_certificate, make, drop),
      cmocka_unit_test_setup_teardown(test_wrong_options_are_refused, make, drop),
      cmocka_unit_test_setup_teardown(test_written_objects_are_read_back, make, drop),
      cmocka_unit_test_setup_teardown(test_policies_are_packed_flat, make, drop),
      cmocka_unit_test_setup_teardown(test_policies_must_fit, make, drop),
      cmocka_unit_test_setup_teardown(test_names_of_policies, make, drop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
