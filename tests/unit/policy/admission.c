#include "admission_fixture.h"

#include "base/clock.h"
#include "data/json_write.h"
#include "data/patch.h"

#include <pthread.h>

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* ---- Pod Security */

static void pod_security_goes_by_labels(void **state)
{
  (void)state;
  t.options.pod_security = true;
  know_namespaces("shop: {pod-security.kubernetes.io/enforce: baseline}\nopen: {}\n"
                  "warned: {pod-security.kubernetes.io/warn: baseline, "
                  "pod-security.kubernetes.io/audit: baseline}\n");
  load();
  assert_true(allows((struct asked){.object = GOOD}));
  assert_false(allows((struct asked){.object = BAD}));
  assert_reason("podsecurity", ADMISSION_ACTION_DENY,
                "pods \"web\" is forbidden: violates PodSecurity \"baseline:latest\": privileged");
  assert_true(allows((struct asked){.object = BAD, .namespace = "open"}));
  assert_true(allows((struct asked){.object = BAD, .namespace = "warned"}));
  assert_int_equal(t.d.warning_count, 1);
  assert_true(str_starts(t.d.warnings[0], STR("would violate PodSecurity \"baseline:latest\"")));
  bool audited = false;
  for (size_t i = 0; i < t.d.annotation_count; i++)
    audited |= str_eq(t.d.annotations[i].key, STR("audit-violations"));
  assert_true(audited);
}

static void an_owner_buys_nothing(void **state)
{
  (void)state;
  t.options.pod_security = true;
  know_namespaces("shop: {pod-security.kubernetes.io/enforce: baseline}\n");
  load();
  assert_false(allows((struct asked){
      .object = "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'web','ownerReferences':[{"
                "'apiVersion':'apps/v1','kind':'ReplicaSet','name':'x','uid':'1','controller':true}"
                "]},'spec':{'hostNetwork':true,'containers':[]}}",
      .user = "system:serviceaccount:kube-system:replicaset-controller"}));
}

static void controllers_are_warned_about(void **state)
{
  (void)state;
  t.options.pod_security = true;
  know_namespaces("shop: {pod-security.kubernetes.io/enforce: baseline}\n");
  load();
  struct asked q = {.kind = "Deployment",
                    .group = "apps",
                    .resource = "deployments",
                    .object = DEPLOYMENT("{'hostNetwork':true,'containers':[]}")};
  assert_true(allows(q));
  assert_int_equal(t.d.warning_count, 1);
  q.subresource = "scale";
  q.kind = "Scale";
  q.group = "autoscaling";
  q.object = "{'apiVersion':'autoscaling/v1','kind':'Scale','spec':{'replicas':3}}";
  assert_true(allows(q));
  assert_asked(0);
}

static void updates_count_if_they_change_something(void **state)
{
  (void)state;
  t.options.pod_security = true;
  know_namespaces("shop: {pod-security.kubernetes.io/enforce: baseline}\n");
  load();
  struct asked same = {.operation = "UPDATE", .object = BAD, .old = BAD};
  assert_true(allows(same));
  struct asked changed = {.operation = "UPDATE", .object = BAD, .old = GOOD};
  assert_false(allows(changed));
  struct asked tolerations = {
      .operation = "UPDATE",
      .object = POD("{'hostPID':true,'tolerations':[{'key':'a'}],'containers':[]}"),
      .old = POD("{'hostPID':true,'containers':[]}")};
  assert_true(allows(tolerations));
  struct asked ephemeral = {
      .operation = "UPDATE",
      .subresource = "ephemeralcontainers",
      .object = POD("{'containers':[],'ephemeralContainers':[{'name':'d','image':'x',"
                    "'securityContext':{'privileged':true}}]}"),
      .old = POD("{'containers':[]}")};
  assert_false(allows(ephemeral));
  ephemeral.subresource = "status";
  assert_true(allows(ephemeral));
  struct asked old_form = {
      .operation = "UPDATE",
      .kind = "EphemeralContainers",
      .subresource = "ephemeralcontainers",
      .object = "{'apiVersion':'v1','kind':'EphemeralContainers','ephemeralContainers':[{'name':'d'"
                ",'image':'x','securityContext':{'privileged':true}}]}",
      .old = "{'apiVersion':'v1','kind':'EphemeralContainers','ephemeralContainers':[]}"};
  assert_false(allows(old_form));
}

static void exemptions_hold(void **state)
{
  (void)state;
  const struct str users[] = {STR("root")}, namespaces[] = {STR("kube-system")},
                   classes[] = {STR("gvisor")};
  struct podsecurity_config config = {
      .defaults = podsecurity_policy_default(),
      .exemptions = {users, namespaces, classes, 1, 1, 1},
  };
  config.defaults.enforce.level = PODSECURITY_BASELINE;
  t.options.pod_security = true;
  t.options.pod_security_config = &config;
  load();
  assert_false(allows((struct asked){.object = BAD}));
  assert_true(allows((struct asked){.object = BAD, .user = "root"}));
  assert_true(allows((struct asked){.object = BAD, .namespace = "kube-system"}));
  assert_true(allows((struct asked){
      .object = POD("{'runtimeClassName':'gvisor','hostPID':true,'containers':[]}")}));
}

static void an_unknown_namespace_may_be_refused(void **state)
{
  (void)state;
  t.options.pod_security = true;
  t.options.refuse_unknown_namespaces = true;
  know_namespaces("other: {}\n");
  load();
  assert_false(allows((struct asked){.object = GOOD}));
  assert_reason("podsecurity", ADMISSION_ACTION_DENY, "Namespace \"shop\" is not known");
  assert_true(t.d.internal);
}

static void wrong_labels_are_refused(void **state)
{
  (void)state;
  t.options.pod_security = true;
  load();
  struct asked q = {.kind = "Namespace",
                    .resource = "namespaces",
                    .object = "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'shop',"
                              "'labels':{'pod-security.kubernetes.io/enforce':'strict'}}}"};
  assert_false(allows(q));
  assert_reason("podsecurity", ADMISSION_ACTION_DENY, "must be one of");
  q.operation = "UPDATE";
  q.old = q.object;
  assert_true(allows(q));
}

/* ---- Gatekeeper */

static void gatekeeper_denies(void **state)
{
  (void)state;
  put_constraint("deny");
  load();
  assert_true(allows((struct asked){.object = GOOD}));
  assert_false(allows((struct asked){.object = BAD}));
  assert_reason("gatekeeper/NoPrivileged/none", ADMISSION_ACTION_DENY, "c is privileged (CREATE)");
  assert_false(allows((struct asked){.operation = "DELETE", .old = BAD}));
  assert_reason("gatekeeper/NoPrivileged/none", ADMISSION_ACTION_DENY, "c is privileged (DELETE)");
}

static void gatekeeper_warns_and_dry_runs(void **state)
{
  (void)state;
  put_constraint("warn");
  load();
  assert_true(allows((struct asked){.object = BAD}));
  assert_reason("gatekeeper/NoPrivileged/none", ADMISSION_ACTION_WARN, "c is privileged");
  assert_int_equal(t.d.warning_count, 1);
  give_back();
  put_constraint("dryrun");
  load();
  assert_true(allows((struct asked){.object = BAD}));
  assert_int_equal(t.d.warning_count, 0);
  assert_int_equal(t.d.annotation_count, 1);
  assert_str(t.d.annotations[0].key, "dryrun");
}

static void a_delete_without_an_old_object_is_not_allowed(void **state)
{
  (void)state;
  put_constraint("deny");
  load();
  assert_false(allows((struct asked){.operation = "DELETE"}));
  assert_reason("gatekeeper", ADMISSION_ACTION_DENY, "oldObject is missing");
}

/* ---- Rego */

static void packages_are_asked_by_convention(void **state)
{
  (void)state;
  put("object.rego", "package objects\nimport rego.v1\ndeny contains msg if {\n"
                     "  some c in input.spec.containers\n  c.securityContext.privileged\n"
                     "  msg := sprintf(\"%s is privileged\", [c.name])\n}\n"
                     "warn contains \"has no labels\" if not input.metadata.labels\n");
  put("review.rego", "package reviews\nimport rego.v1\nviolation contains {\"msg\": msg} if {\n"
                     "  input.request.userInfo.username == \"eve\"\n  msg := \"not eve\"\n}\n");
  put("gatekept.rego", "package gatekept\nimport rego.v1\ndeny_mallory if "
                       "input.review.userInfo.username == \"mallory\"\n");
  load();
  assert_int_equal(admission_policy_count(t.snapshot), 3);
  assert_true(allows((struct asked){.object = GOOD}));
  assert_reason("rego/objects", ADMISSION_ACTION_WARN, "has no labels");
  assert_false(allows((struct asked){.object = BAD}));
  assert_reason("rego/objects", ADMISSION_ACTION_DENY, "c is privileged");
  assert_false(allows((struct asked){.object = GOOD, .user = "eve"}));
  assert_reason("rego/reviews", ADMISSION_ACTION_DENY, "not eve");
  assert_false(allows((struct asked){.operation = "DELETE", .old = GOOD, .user = "eve"}));
  assert_false(allows((struct asked){.object = GOOD, .user = "mallory"}));
  assert_reason("rego/gatekept", ADMISSION_ACTION_DENY, "refuses");
}

/* A pod that was let in before there was the policy must still get its status, and go away. */
static void what_exists_can_live_and_die(void **state)
{
  (void)state;
  put("object.rego", "package objects\ndeny contains \"no\" if "
                     "input.spec.containers[_].securityContext.privileged\n");
  load();
  assert_false(allows((struct asked){.operation = "UPDATE", .object = BAD, .old = BAD}));
  assert_true(allows(
      (struct asked){.operation = "UPDATE", .subresource = "status", .object = BAD, .old = BAD}));
  assert_true(allows((struct asked){.operation = "DELETE", .old = BAD}));
  const char *dying =
      "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'web','deletionTimestamp':"
      "'2026-01-01T00:00:00Z'},'spec':{'containers':[{'name':'c','image':'nginx:1',"
      "'securityContext':{'privileged':true}}]}}";
  assert_true(allows((struct asked){.operation = "UPDATE", .object = BAD, .old = dying}));
  assert_false(allows((struct asked){.operation = "UPDATE", .object = dying, .old = BAD}));
  assert_false(allows((struct asked){
      .operation = "UPDATE",
      .object = POD("{'hostPID':true,'containers':[{'name':'c','image':'x','securityContext':{"
                    "'privileged':true}}]}"),
      .old = dying}));
}

static void connects_are_judged(void **state)
{
  (void)state;
  put("exec.rego", "package exec\nimport rego.v1\ndeny contains \"no shells\" if {\n"
                   "  input.request.operation == \"CONNECT\"\n"
                   "  input.request.subResource in {\"exec\", \"attach\"}\n}\n");
  load();
  struct asked q = {.operation = "CONNECT",
                    .kind = "PodExecOptions",
                    .subresource = "exec",
                    .object = "{'apiVersion':'v1','kind':'PodExecOptions','command':['sh']}"};
  assert_false(allows(q));
  assert_reason("rego/exec", ADMISSION_ACTION_DENY, "no shells");
  q.kind = "PodPortForwardOptions";
  q.subresource = "portforward";
  q.object = "{'apiVersion':'v1','kind':'PodPortForwardOptions'}";
  assert_true(allows(q));
}

static void system_main_answers_and_patches(void **state)
{
  (void)state;
  put("main.rego",
      "package system\nimport rego.v1\n"
      "main := {\"apiVersion\": \"admission.k8s.io/v1\", \"kind\": \"AdmissionReview\", "
      "\"response\": response}\n"
      "patches := [{\"op\": \"add\", \"path\": \"/metadata/labels\", \"value\": {\"by\": \"us\"}}]\n"
      "labelled if input.request.object.metadata.labels\n"
      "response := {\"allowed\": true, \"patchType\": \"JSONPatch\", \"patch\": "
      "base64.encode(json.marshal(patches)), \"warnings\": [\"labelled for you\"]} if not bad\n"
      "response := {\"allowed\": false, \"status\": {\"message\": \"bad\"}} if bad\n"
      "bad if input.request.object.spec.hostPID\n"
      "bad if { input.request.object.metadata.annotations.want; not labelled }\n");
  load();
  assert_true(allows((struct asked){.object = GOOD}));
  assert_int_equal(t.d.warning_count, 1);
  assert_true(value_is(t.d.patch, VALUE_ARRAY));
  assert_int_equal(t.d.patch.len, 1);
  assert_str(value_str(value_get(t.d.patch.items[0], value_from("path"))), "/metadata/labels");
  assert_false(allows((struct asked){.object = POD("{'hostPID':true,'containers':[]}")}));
  assert_true(value_is(t.d.patch, VALUE_ABSENT));
  assert_int_equal(t.d.reason_count, 1);
  /* Without judging behind it, mutating must refuse by itself. */
  struct asked q = {.object = POD("{'hostPID':true,'containers':[]}")};
  decide_text(review_of(&q), ADMISSION_MUTATE, 0);
  assert_false(t.d.allowed);
}

static void paths_without_a_policy_are_told(void **state)
{
  (void)state;
  put("values.yaml", "replicas: 2\n");
  load();
  assert_int_equal(admission_policy_count(t.snapshot), 0);
  assert_int_equal(t.problems.count, 1);
  assert_true(t.problems.items[0].note);
  assert_non_null(strstr(t.problems.items[0].text, "there is no policy in "));
}

static void what_main_asks_is_not_asked_again(void **state)
{
  (void)state;
  put("main.rego", "package system\nimport rego.v1\n# data.other is something else\n"
                   "main := {\"response\": {\"allowed\": allowed}}\ndefault allowed := false\n"
                   "allowed if count(data.library.pods.deny) == 0\n"
                   "allowed if input.request.namespace == \"exempt\"\n");
  put("library.rego", "package library.pods\ndeny contains \"pid\" if "
                      "input.request.object.spec.hostPID\n");
  put("longer.rego", "package library.podsandmore\ndeny contains \"ipc\" if "
                     "input.request.object.spec.hostIPC\n");
  put("other.rego", "package other\ndeny contains \"network\" if "
                    "input.request.object.spec.hostNetwork\n");
  load();
  assert_int_equal(admission_policy_count(t.snapshot), 3);
  assert_int_equal(t.problems.count, 1);
  assert_true(t.problems.items[0].note);
  struct asked q = {.object = POD("{'hostPID':true}")};
  assert_false(allows(q));
  q.namespace = "exempt";
  assert_true(allows(q));
  q.object = POD("{'hostNetwork':true}");
  assert_false(allows(q));
  q.object = POD("{'hostIPC':true}");
  assert_false(allows(q));
}

static void judging_sees_the_patched_object(void **state)
{
  (void)state;
  put("main.rego",
      "package system\nimport rego.v1\nmain := {\"response\": {\"allowed\": true, "
      "\"patch\": [{\"op\": \"replace\", \"path\": \"/spec/hostPID\", \"value\": true}]}} "
      "if input.request.object.spec.hostPID == false\n"
      "main := {\"response\": {\"allowed\": true}} if input.request.object.spec.hostPID\n");
  put("deny.rego", "package pids\ndeny contains \"host pid\" if input.spec.hostPID\n");
  load();
  assert_false(allows((struct asked){.object = POD("{'hostPID':false,'containers':[]}")}));
  assert_reason("rego/pids", ADMISSION_ACTION_DENY, "host pid");
}

static void base_documents_are_data_files(void **state)
{
  (void)state;
  put("data.json", "{\"banned\": [\"eve\"]}");
  put("review-sample.json", "{\"kind\": \"AdmissionReview\"}");
  put("p.rego", "package p\nimport rego.v1\ndeny contains \"banned\" if "
                "input.request.userInfo.username in data.banned\n");
  load();
  assert_true(allows((struct asked){.object = GOOD}));
  assert_false(allows((struct asked){.object = GOOD, .user = "eve"}));
}

/* ---- failing */

static void expect_failure(const char *rego, const char *policy, const char *text)
{
  put("broken.rego", rego);
  load();
  assert_false(allows((struct asked){.object = GOOD}));
  assert_reason(policy, ADMISSION_ACTION_DENY, text);
  assert_true(t.d.internal);
  assert_true(t.d.reasons[0].failed);
  assert_non_null(strstr(buf_text(&t.out), "\"code\":500"));
  /* The others are asked all the same. */
  assert_true(t.d.asked_count >= 1);
}

static void a_policy_that_contradicts_itself_denies(void **state)
{
  (void)state;
  expect_failure("package broken\ndeny := \"a\" if input.kind\ndeny := \"b\" if input.spec\n",
                 "rego/broken", "eval_conflict_error");
}

static void a_policy_without_end_denies(void **state)
{
  (void)state;
  t.options.steps = 100000;
  expect_failure("package broken\nimport rego.v1\ndeny contains \"x\" if {\n"
                 "  some i in numbers.range(1, 2000)\n  some j in numbers.range(1, 2000)\n"
                 "  i * j == -1\n}\n",
                 "rego/broken", "could not be decided");
}

static void a_policy_that_eats_memory_denies(void **state)
{
  (void)state;
  t.options.memory = 1 << 20;
  expect_failure("package broken\nimport rego.v1\ndeny contains \"x\" if {\n"
                 "  s := [x | some i in numbers.range(1, 100000); x := sprintf(\"%d%d\", [i, i])]\n"
                 "  count(s) == 0\n}\n",
                 "rego/broken", "could not be decided");
}

static void one_failure_leaves_the_others_alone(void **state)
{
  (void)state;
  const struct admission_setting settings[] = {
      {.policy = STR("rego/b*"), .failure = ADMISSION_FAIL_IGNORE}};
  t.options.settings = settings;
  t.options.setting_count = 1;
  t.options.memory = 1 << 20;
  put("b.rego", "package broken\nimport rego.v1\ndeny contains \"x\" if {\n"
                "  s := [x | some i in numbers.range(1, 100000); x := sprintf(\"%d%d\", [i, i])]\n"
                "  count(s) == 0\n}\n");
  put("c.rego", "package careful\ndeny contains \"pid\" if input.spec.hostPID\n");
  load();
  assert_true(allows((struct asked){.object = GOOD}));
  assert_reason("rego/broken", ADMISSION_ACTION_WARN, "could not be decided");
  assert_false(allows((struct asked){.object = POD("{'hostPID':true,'containers':[]}")}));
  assert_reason("rego/careful", ADMISSION_ACTION_DENY, "pid");
}

static void a_deadline_that_is_over_denies(void **state)
{
  (void)state;
  put("c.rego", "package careful\ndeny contains \"pid\" if input.spec.hostPID\n");
  load();
  struct asked q = {.object = GOOD};
  decide_text(review_of(&q), ADMISSION_VALIDATE, 1);
  assert_false(t.d.allowed);
  assert_reason("rego/careful", ADMISSION_ACTION_DENY, "time");
  int64_t soon = (int64_t)clock_monotonic_ns(clock_system()) + INT64_C(60000000000);
  decide_text(review_of(&q), ADMISSION_VALIDATE, soon);
  assert_true(t.d.allowed);
}

static void what_is_no_review_is_denied(void **state)
{
  (void)state;
  load();
  static const char *const texts[] = {
      "",
      "{",
      "null",
      "[]",
      "{'apiVersion':'admission.k8s.io/v9','kind':'AdmissionReview','request':{'uid':'u'}}",
      "{'apiVersion':'admission.k8s.io/v1','kind':'AdmissionReview','request':{'uid':'u'}}",
      "{'apiVersion':'admission.k8s.io/v1','kind':'AdmissionReview'} x",
      "\xff\xfe",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    for (unsigned phases = 0; phases <= (ADMISSION_MUTATE | ADMISSION_VALIDATE); phases++) {
      struct value root;
      struct error err;
      decide_text(unquoted(texts[i]), phases, 0);
      assert_false(t.d.allowed);
      assert_false(t.d.readable);
      assert_true(t.d.message.len > 0);
      assert_int_equal(json_parse(&arena, arena_copy(&arena, buf_str(&t.out)), NULL, &root, &err),
                       0);
      struct value allowed =
          pointer_get(root, phases ? STR("/response/allowed") : STR("/status/allowed"));
      assert_true(value_is_false(allowed));
    }
}

static void broken_policies_make_no_snapshot(void **state)
{
  (void)state;
  struct error err;
  put("broken.rego", "package p\ndeny contains x if y\n");
  put("bad.yaml",
      "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Nothing\nmetadata: {name: n}\n");
  assert_int_equal(admission_snapshot_load(&t.options, &t.snapshot, &t.problems, &err), SW_EINVAL);
  assert_true(t.problems.count >= 2);
  assert_null(t.snapshot);
}

static void a_missing_directory_makes_no_snapshot(void **state)
{
  (void)state;
  static const char *const paths[] = {"nowhere"};
  struct error err;
  t.options.paths = paths;
  assert_true(admission_snapshot_load(&t.options, &t.snapshot, &t.problems, &err) < 0);
}

/* ---- images */

static int digest_of(void *ctx, const struct image_reference *r, int64_t deadline_ns,
                     struct arena *a, struct str *ret_digest, struct error *err)
{
  (void)ctx, (void)deadline_ns, (void)a;
  if (str_eq(r->tag, STR("gone")))
    return error_set(err, SW_ENOENT, "no such tag");
  *ret_digest = STR(DIGEST);
  return 0;
}

static void images_are_judged_and_pinned(void **state)
{
  (void)state;
  const struct str allowed[] = {STR("docker.io/library/*")};
  t.options.images_enabled = true;
  t.options.images = (struct image_policy_config){.allowed = allowed,
                                                  .allowed_count = 1,
                                                  .require_digest = true,
                                                  .resolve = true,
                                                  .resolver = {digest_of, NULL}};
  load();
  assert_true(allows((struct asked){.object = GOOD}));
  assert_int_equal(t.d.patch.len, 1);
  struct value operation = t.d.patch.items[0];
  assert_str(value_str(value_get(operation, value_from("path"))), "/spec/containers/0/image");
  assert_str(value_str(value_get(operation, value_from("value"))), "nginx:1@" DIGEST);
  assert_false(allows((struct asked){
      .object = POD("{'containers':[],'initContainers':[{'name':'i','image':'evil.io/x:1'}]}")}));
  assert_reason("images", ADMISSION_ACTION_DENY, "init container \"i\"");
  assert_false(allows((struct asked){
      .object =
          POD("{'containers':[],'volumes':[{'name':'v','image':{'reference':'evil.io/x'}}]}")}));
  assert_reason("images", ADMISSION_ACTION_DENY, "volume \"v\"");
  assert_false(
      allows((struct asked){.object = POD("{'containers':[{'name':'c','image':'a:gone'}]}")}));
  assert_reason("images", ADMISSION_ACTION_DENY, "no such tag");
  assert_false(allows((struct asked){.object = POD("{'containers':[{'name':'c','image':5}]}")}));
  assert_false(allows((struct asked){.object = POD("{'containers':{'name':'c'}}")}));
  struct asked deployment = {.kind = "Deployment",
                             .group = "apps",
                             .resource = "deployments",
                             .object = DEPLOYMENT("{'containers':[{'name':'c','image':'nginx'}]}")};
  assert_true(allows(deployment));
  assert_str(value_str(value_get(t.d.patch.items[0], value_from("path"))),
             "/spec/template/spec/containers/0/image");
}

static void images_that_stay_are_left_alone(void **state)
{
  (void)state;
  t.options.images_enabled = true;
  t.options.images.refuse_latest = true;
  load();
  const char *old = POD("{'containers':[{'name':'c','image':'nginx'}]}");
  assert_false(allows((struct asked){.object = old}));
  assert_true(allows((struct asked){.operation = "UPDATE", .object = old, .old = old}));
  assert_false(allows((struct asked){
      .operation = "UPDATE",
      .old = old,
      .object =
          POD("{'containers':[{'name':'c','image':'nginx'},{'name':'d','image':'nginx'}]}")}));
}

static void image_reviews_are_answered(void **state)
{
  (void)state;
  t.options.images_enabled = true;
  t.options.images.refuse_latest = true;
  load();
  decide_text(unquoted("{'apiVersion':'imagepolicy.k8s.io/v1alpha1','kind':'ImageReview','spec':{"
                       "'containers':[{'image':'nginx:1'},{'image':'nginx'}],'namespace':'a'}}"),
              0, 0);
  assert_false(t.d.allowed);
  assert_reason("images", ADMISSION_ACTION_DENY, "container 2");
  assert_non_null(strstr(buf_text(&t.out), "\"status\":{\"allowed\":false,\"reason\":\"[images]"));
  decide_text(unquoted("{'apiVersion':'imagepolicy.k8s.io/v1alpha1','kind':'ImageReview','spec':{"
                       "'containers':[{'image':'nginx:1'}]}}"),
              0, 0);
  assert_true(t.d.allowed);
}

/* ---- mutators */

static void mutators_change_before_judging(void **state)
{
  (void)state;
  put("mutators.yaml",
      "apiVersion: mutations.gatekeeper.sh/v1\nkind: Assign\nmetadata: {name: host}\nspec:\n"
      "  applyTo: [{groups: [''], versions: [v1], kinds: [Pod]}]\n  location: spec.hostPID\n"
      "  match: {excludedNamespaces: [kube-*]}\n  parameters: {assign: {value: false}}\n"
      "---\napiVersion: mutations.gatekeeper.sh/v1\nkind: AssignMetadata\nmetadata: {name: by}\nspec:\n"
      "  location: metadata.labels.by\n  parameters: {assign: {value: us}}\n");
  put("deny.rego", "package pids\ndeny contains \"host pid\" if input.spec.hostPID\n");
  load();
  assert_true(allows((struct asked){.object = POD("{'hostPID':true,'containers':[]}")}));
  assert_int_equal(t.d.patch.len, 2);
  assert_false(allows((struct asked){
      .namespace = "kube-system",
      .object =
          "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'web','namespace':'kube-system'},"
          "'spec':{'hostPID':true}}"}));
  assert_false(allows((struct asked){.object = POD("5")}));
  assert_reason("mutators", ADMISSION_ACTION_DENY, "Assign host");
}

/* What a controller makes names no namespace, in any of the rounds; a Namespace lies in none. */
static void mutators_know_where_the_object_will_lie(void **state)
{
  (void)state;
  put("mutators.yaml",
      "apiVersion: mutations.gatekeeper.sh/v1\nkind: AssignMetadata\nmetadata: {name: a}\nspec:\n"
      "  match: {scope: Namespaced, namespaces: [shop]}\n"
      "  location: metadata.labels.a\n  parameters: {assign: {value: us}}\n"
      "---\napiVersion: mutations.gatekeeper.sh/v1\nkind: AssignMetadata\nmetadata: {name: b}\nspec:\n"
      "  match: {scope: Namespaced, excludedNamespaces: [kube-*]}\n"
      "  location: metadata.labels.b\n  parameters: {assign: {value: us}}\n");
  load();
  static const char made[] =
      "{'apiVersion':'v1','kind':'Pod','metadata':{'generateName':'web-','labels':{}},'spec':{}}";
  assert_true(allows((struct asked){.namespace = "shop", .object = made}));
  assert_int_equal(t.d.patch.len, 2);
  assert_true(allows((struct asked){.namespace = "kube-system", .object = made}));
  assert_int_equal(t.d.patch.len, 0);
  assert_true(allows((struct asked){.namespace = "other", .object = made}));
  assert_int_equal(t.d.patch.len, 1);
}

static void wrong_mutators_make_no_snapshot(void **state)
{
  (void)state;
  struct error err;
  put("mutators.yaml", "apiVersion: mutations.gatekeeper.sh/v1\nkind: Assign\nmetadata: {name: x}\n"
                       "spec: {location: kind, parameters: {assign: {value: 1}}}\n");
  assert_int_equal(admission_snapshot_load(&t.options, &t.snapshot, &t.problems, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "p/mutators.yaml:1: Assign x: it must not change kind");
}

/* ---- rules */

static void rules_act_as_configured(void **state)
{
  (void)state;
  const struct str system[] = {STR("kube-*")};
  const struct admission_rule_setting settings[] = {
      {.namespaces = system, .namespace_count = 1, .action = ADMISSION_ACTION_OFF},
      {.rule = STR("privileged-container"), .action = ADMISSION_ACTION_DENY},
      {.severity = SEVERITY_HIGH, .action = ADMISSION_ACTION_WARN},
  };
  t.options.rules_enabled = true;
  t.options.rules.action = ADMISSION_ACTION_DRYRUN;
  t.options.rules.settings = settings;
  t.options.rules.setting_count = 3;
  load();
  assert_true(allows((struct asked){.object = GOOD}));
  assert_true(t.d.reason_count > 0);
  assert_false(allows((struct asked){.object = BAD}));
  assert_reason("rules/privileged-container", ADMISSION_ACTION_DENY, "");
  for (size_t i = 0; i < t.d.reason_count; i++)
    assert_true(t.d.reasons[i].action != ADMISSION_ACTION_DENY ||
                str_eq(t.d.reasons[i].rule, STR("privileged-container")));
  assert_true(allows((struct asked){.object = BAD, .namespace = "kube-system"}));
  assert_int_equal(t.d.reason_count, 0);
  struct asked deployment = {
      .kind = "Deployment",
      .group = "apps",
      .resource = "deployments",
      .object = DEPLOYMENT("{'containers':[{'name':'c','image':'x:1','securityContext':{"
                           "'privileged':true}}]}")};
  assert_false(allows(deployment));
}

/* ---- settings and the index */

static void settings_narrow_policies(void **state)
{
  (void)state;
  const struct str excluded[] = {STR("kube-*")}, kinds[] = {STR("Pod")};
  const struct admission_setting settings[] = {
      {.policy = STR("rego/a"),
       .scope = {.excluded_namespaces = excluded,
                 .excluded_namespace_count = 1,
                 .kinds = kinds,
                 .kind_count = 1,
                 .operations = ADMISSION_CREATE}},
      {.policy = STR("rego/b"), .limit_action = true, .action = ADMISSION_ACTION_WARN},
  };
  t.options.settings = settings;
  t.options.setting_count = 2;
  put("a.rego", "package a\ndeny contains \"a\" if input.kind\n");
  load();
  struct asked secret = {.kind = "Secret",
                         .resource = "secrets",
                         .object = "{'apiVersion':'v1','kind':'Secret','metadata':{'name':'x'}}"};
  assert_false(allows((struct asked){.object = GOOD}));
  assert_true(allows((struct asked){.object = GOOD, .namespace = "kube-system"}));
  assert_asked(0);
  assert_true(allows(secret));
  assert_asked(0);
  assert_true(allows((struct asked){.operation = "UPDATE", .object = GOOD, .old = GOOD}));
  give_back();
  put("b.rego", "package b\ndeny contains \"b\" if input.kind\n");
  load();
  assert_true(allows(secret));
  assert_asked(1);
  assert_reason("rego/b", ADMISSION_ACTION_WARN, "b");
}

static void an_object_without_kind_gets_the_requests(void **state)
{
  (void)state;
  put("a.rego", "package a\ndeny contains msg if msg := "
                "sprintf(\"%s of %s\", [input.kind, input.apiVersion])\n");
  load();
  assert_false(allows((struct asked){.object = "{'metadata':{'name':'web'}}"}));
  assert_reason("rego/a", ADMISSION_ACTION_DENY, "Pod of v1");
}

/* Many threads, each with a worker, on one snapshot that nobody else holds any more. */
enum { THREADS = 4, ROUNDS = 200 };

struct share {
  struct admission_worker *worker;
  struct str good, bad;
  unsigned right;
};

static void *decide_often(void *p)
{
  struct share *share = p;
  struct buf out = {0};
  for (unsigned i = 0; i < ROUNDS; i++) {
    struct admission_decision d;
    bool good = i % 2;
    buf_clear(&out);
    admission_answer(share->worker, good ? share->good : share->bad,
                     ADMISSION_MUTATE | ADMISSION_VALIDATE, 0, &out, &d);
    share->right += d.allowed == good;
  }
  buf_free(&out);
  return NULL;
}

static void a_snapshot_is_shared(void **state)
{
  (void)state;
  struct share shares[THREADS];
  pthread_t threads[THREADS];
  struct asked good = {.object = GOOD}, bad = {.object = BAD};
  put_constraint("deny");
  put("object.rego", "package objects\ndeny contains \"no\" if "
                     "input.spec.containers[_].securityContext.privileged\n");
  t.options.pod_security = true;
  t.options.rules_enabled = true;
  t.options.rules.action = ADMISSION_ACTION_WARN;
  load();
  for (int i = 0; i < THREADS; i++)
    shares[i] =
        (struct share){admission_worker_new(t.snapshot), review_of(&good), review_of(&bad), 0};
  give_back();
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, decide_often, &shares[i]), 0);
  for (int i = 0; i < THREADS; i++) {
    assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(shares[i].right, ROUNDS);
    admission_worker_free(shares[i].worker);
  }
}

static void actions_have_names(void **state)
{
  (void)state;
  enum admission_action action;
  for (unsigned i = ADMISSION_ACTION_OFF; i <= ADMISSION_ACTION_DENY; i++) {
    assert_true(
        admission_action_from_name(admission_action_name((enum admission_action)i), &action));
    assert_int_equal(action, i);
  }
  assert_false(admission_action_from_name(STR("enforce"), &action));
}

static void nothing_in_force_allows(void **state)
{
  (void)state;
  load();
  assert_int_equal(admission_policy_count(t.snapshot), 0);
  assert_true(allows((struct asked){.object = BAD}));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(pod_security_goes_by_labels),
      TEST(an_owner_buys_nothing),
      TEST(controllers_are_warned_about),
      TEST(updates_count_if_they_change_something),
      TEST(exemptions_hold),
      TEST(an_unknown_namespace_may_be_refused),
      TEST(wrong_labels_are_refused),
      TEST(gatekeeper_denies),
      TEST(gatekeeper_warns_and_dry_runs),
      TEST(a_delete_without_an_old_object_is_not_allowed),
      TEST(packages_are_asked_by_convention),
      TEST(what_exists_can_live_and_die),
      TEST(connects_are_judged),
      TEST(system_main_answers_and_patches),
      TEST(paths_without_a_policy_are_told),
      TEST(what_main_asks_is_not_asked_again),
      TEST(judging_sees_the_patched_object),
      TEST(base_documents_are_data_files),
      TEST(a_policy_that_contradicts_itself_denies),
      TEST(a_policy_without_end_denies),
      TEST(a_policy_that_eats_memory_denies),
      TEST(one_failure_leaves_the_others_alone),
      TEST(a_deadline_that_is_over_denies),
      TEST(what_is_no_review_is_denied),
      TEST(broken_policies_make_no_snapshot),
      TEST(a_missing_directory_makes_no_snapshot),
      TEST(images_are_judged_and_pinned),
      TEST(images_that_stay_are_left_alone),
      TEST(image_reviews_are_answered),
      TEST(mutators_change_before_judging),
      TEST(mutators_know_where_the_object_will_lie),
      TEST(wrong_mutators_make_no_snapshot),
      TEST(rules_act_as_configured),
      TEST(settings_narrow_policies),
      TEST(an_object_without_kind_gets_the_requests),
      TEST(a_snapshot_is_shared),
      TEST(actions_have_names),
      TEST(nothing_in_force_allows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
