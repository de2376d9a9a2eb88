/* Reviews and policies that are up to no good, and what is told once, by whom, and of whom. */
#include "admission_fixture.h"

#include "base/clock.h"

/* ---- reviews */

static void assert_unreadable(const char *quoted, const char *text)
{
  struct value root;
  struct error err;
  for (unsigned phases = ADMISSION_MUTATE; phases <= (ADMISSION_MUTATE | ADMISSION_VALIDATE);
       phases++) {
    decide_text(unquoted(quoted), phases, 0);
    assert_false(t.d.allowed);
    assert_false(t.d.readable);
    if (str_find(t.d.message, 0, str_from(text)) < 0)
      fail_msg("\"%.*s\" lacks \"%s\"", STR_FMT(t.d.message), text);
    assert_int_equal(json_parse(&arena, arena_copy(&arena, buf_str(&t.out)), NULL, &root, &err), 0);
    assert_true(value_is_false(pointer_get(root, STR("/response/allowed"))));
  }
}

static void unreadable(struct asked q, const char *text)
{
  assert_unreadable(arena_copy(&arena, review_of(&q)).data, text);
}

static void reviews_that_contradict_themselves_are_refused(void **state)
{
  (void)state;
  load();
  unreadable((struct asked){.object = "null"}, "request.object is missing");
  unreadable((struct asked){.operation = "UPDATE", .old = GOOD}, "request.object is missing");
  unreadable((struct asked){.operation = "UPDATE", .subresource = "status"},
             "request.object is missing");
  unreadable((struct asked){.kind = "Secret", .object = GOOD}, "request.kind says \"Secret\"");
  unreadable((struct asked){.group = "apps", .object = GOOD}, "request.kind says");
  unreadable((struct asked){.operation = "UPDATE", .object = GOOD, .old = "{'kind':'Secret'}"},
             "request.oldObject");
  unreadable((struct asked){.operation = "create", .object = GOOD}, "request.operation");
  unreadable((struct asked){.object = "[]"}, "request.object is an array");
  unreadable((struct asked){.object = "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'web',"
                                      "'namespace':'kube-system'}}"},
             "request.object is in namespace \"kube-system\", but request.namespace is \"shop\"");
}

static void old_reviews_without_uid_are_refused(void **state)
{
  (void)state;
  load();
  assert_unreadable("{'apiVersion':'admission.k8s.io/v1beta1','kind':'AdmissionReview','request':{"
                    "'kind':{'version':'v1','kind':'Pod'},'resource':{'version':'v1','resource':"
                    "'pods'},'operation':'CREATE','object':" GOOD "}}",
                    "request.uid is missing");
  assert_non_null(strstr(buf_text(&t.out), "admission.k8s.io/v1beta1"));
}

/* As Go's decoder has it; an API server sends no such thing. */
static void of_repeated_keys_the_last_counts(void **state)
{
  (void)state;
  put_constraint("deny");
  load();
  assert_false(allows((struct asked){
      .object = POD("{'containers':[]},'spec':{'containers':[{'name':'c','securityContext':{"
                    "'privileged':false,'privileged':true}}]}")}));
  struct asked q = {.object = GOOD ",'object':" BAD};
  assert_false(allows(q));
  q.object = BAD ",'object':" GOOD;
  assert_true(allows(q));
}

static void depth_and_bytes_are_bounded(void **state)
{
  (void)state;
  enum { DEPTH = 20000 };
  put_constraint("deny");
  load();
  char *deep = arena_alloc(&arena, 2 * DEPTH + 1);
  memset(deep, '[', DEPTH);
  memset(deep + DEPTH, ']', DEPTH);
  deep[2 * DEPTH] = 0;
  struct asked q = {
      .object = arena_printf(&arena, "{'apiVersion':'v1','kind':'Pod','x':%s}", deep).data};
  unreadable(q, "inside each other");
  unreadable((struct asked){.object = "{'kind':'P\xc3\x28'}"}, "UTF-8");
  unreadable((struct asked){.object = "{'kind':'\xed\xa0\x80'}"}, "UTF-8");
}

static void huge_numbers_stay_what_they_are(void **state)
{
  (void)state;
  put("big.rego", "package big\nimport rego.v1\ndeny contains \"big\" if input.spec.n > 9e18\n"
                  "deny contains \"negative\" if input.spec.n < -9e18\n");
  load();
  static const char *const big[] = {"9223372036854775808", "1e400", "1E+400", "1e19"};
  for (size_t i = 0; i < sizeof big / sizeof *big; i++) {
    assert_false(
        allows((struct asked){.object = arena_printf(&arena, POD("{'n':%s}"), big[i]).data}));
    assert_false(
        allows((struct asked){.object = arena_printf(&arena, POD("{'n':-%s}"), big[i]).data}));
  }
  assert_true(allows((struct asked){.object = POD("{'n':1e-400}")}));
}

static void a_deletion_needs_what_is_deleted(void **state)
{
  (void)state;
  put_constraint("deny");
  load();
  struct asked q = {.operation = "DELETE"};
  assert_false(allows(q)); /* a collection's, as old API servers sent them */
  q.old = BAD;
  assert_false(allows(q));
  q.old = GOOD;
  q.object = BAD; /* no API server sends this; what is deleted counts */
  assert_true(allows(q));
}

static void names_may_be_generated(void **state)
{
  (void)state;
  put("template.yaml", template_text);
  put("constraint.yaml",
      "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: NoPrivileged\nmetadata: {name: none}\n"
      "spec: {match: {name: 'we*'}}\n");
  t.options.pod_security = true;
  know_namespaces("shop: {pod-security.kubernetes.io/enforce: baseline}\n");
  load();
  assert_false(allows((struct asked){
      .object =
          "{'apiVersion':'v1','kind':'Pod','metadata':{'generateName':'web-'},'spec':{"
          "'containers':[{'name':'c','image':'x','securityContext':{'privileged':true}}]}}"}));
  assert_reason("podsecurity", ADMISSION_ACTION_DENY, "privileged");
  assert_reason("gatekeeper/NoPrivileged/none", ADMISSION_ACTION_DENY, "privileged");
}

/* The request says where an object goes: neither a missing namespace nor one that will be thrown away gets
 * anything past a constraint. */
static void an_object_cannot_choose_its_namespace(void **state)
{
  (void)state;
  put("template.yaml",
      "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: never}\n"
      "spec:\n  crd: {spec: {names: {kind: Never}}}\n  targets:\n"
      "  - target: admission.k8s.gatekeeper.sh\n    rego: |\n      package never\n"
      "      violation[{\"msg\": \"no\"}] { true }\n");
  put("in.yaml",
      "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Never\nmetadata: {name: in}\n"
      "spec: {match: {scope: Namespaced, excludedNamespaces: [kube-system]}}\n");
  put("out.yaml",
      "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Never\nmetadata: {name: out}\n"
      "spec: {match: {scope: Cluster, excludedNamespaces: [kube-system]}}\n");
  load();
  assert_false(allows((struct asked){.object = GOOD}));
  assert_reason("gatekeeper/Never/in", ADMISSION_ACTION_DENY, "no");
  assert_int_equal(t.d.reason_count, 1);
  struct asked role = {.kind = "ClusterRole",
                       .group = "rbac.authorization.k8s.io",
                       .resource = "clusterroles",
                       .namespace = "",
                       .object =
                           "{'apiVersion':'rbac.authorization.k8s.io/v1','kind':'ClusterRole',"
                           "'metadata':{'name':'web','namespace':'kube-system'}}"};
  assert_false(allows(role));
  assert_reason("gatekeeper/Never/out", ADMISSION_ACTION_DENY, "no");
  assert_int_equal(t.d.reason_count, 1);
  assert_true(allows((struct asked){.namespace = "kube-system",
                                    .object = "{'apiVersion':'v1','kind':'Pod','metadata':{}}"}));
}

static void connects_have_options_for_objects(void **state)
{
  (void)state;
  t.options.pod_security = true;
  t.options.rules_enabled = true;
  t.options.rules.action = ADMISSION_ACTION_DENY;
  t.options.images_enabled = true;
  t.options.images.refuse_latest = true;
  put_constraint("deny");
  put("mutators.yaml",
      "apiVersion: mutations.gatekeeper.sh/v1\nkind: AssignMetadata\nmetadata: {name: "
      "by}\nspec: {location: metadata.labels.by, parameters: {assign: {value: us}}}\n");
  load();
  struct asked q = {.operation = "CONNECT",
                    .kind = "PodProxyOptions",
                    .subresource = "proxy",
                    .object = "{'apiVersion':'v1','kind':'PodProxyOptions','path':'/'}"};
  assert_true(allows(q));
  assert_true(value_is(t.d.patch, VALUE_ABSENT));
  q.object = NULL; /* nothing that a constraint could be held against */
  assert_false(allows(q));
  assert_true(t.d.internal);
}

/* ---- policies that change objects */

/* Two that want different things: the one that comes later by name has its way, whatever the rounds. */
static void mutators_that_fight_come_to_an_end(void **state)
{
  (void)state;
  put("mutators.yaml",
      "apiVersion: mutations.gatekeeper.sh/v1\nkind: Assign\nmetadata: {name: a}\nspec:\n"
      "  applyTo: [{groups: [''], versions: [v1], kinds: [Pod]}]\n  location: spec.who\n"
      "  match: {labelSelector: {matchLabels: {first: a}}}\n  parameters: {assign: {value: a}}\n"
      "---\napiVersion: mutations.gatekeeper.sh/v1\nkind: Assign\nmetadata: {name: b}\nspec:\n"
      "  applyTo: [{groups: [''], versions: [v1], kinds: [Pod]}]\n  location: spec.who\n"
      "  match: {labelSelector: {matchLabels: {second: b}}}\n  parameters: {assign: {value: b}}\n");
  load();
  assert_true(allows((struct asked){.object = GOOD}));
  assert_true(value_is(t.d.patch, VALUE_ABSENT));
  assert_true(allows((struct asked){
      .object =
          "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'web','labels':{'first':'a','second':'b'}},"
          "'spec':{}}"}));
  assert_int_equal(t.d.patch.len, 1);
  assert_str(value_str_or_empty(pointer_get(t.d.request.object, STR("/spec/who"))), "b");
}

/* Copying a tree into itself again and again costs nothing until it is written down. */
static void a_patch_cannot_grow_without_end(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0};
  buf_add_text(&text,
               "package system\nimport rego.v1\nmain := {\"response\": {\"allowed\": true, "
               "\"patch\": patches}}\npatches := [\n"
               "{\"op\": \"add\", \"path\": \"/x\", \"value\": {\"a\": \"aaaaaaaaaaaaaaaa\"}},\n");
  for (int i = 0; i < 60; i++)
    buf_printf(&text, "{\"op\": \"copy\", \"from\": \"/x\", \"path\": \"/y\"},\n"
                      "{\"op\": \"add\", \"path\": \"/x\", \"value\": {}},\n"
                      "{\"op\": \"copy\", \"from\": \"/y\", \"path\": \"/x/l\"},\n"
                      "{\"op\": \"copy\", \"from\": \"/y\", \"path\": \"/x/r\"},\n");
  buf_add_text(&text, "]\n");
  put("main.rego", buf_text(&text));
  load();
  assert_false(allows((struct asked){.object = GOOD}));
  assert_reason("rego/system", ADMISSION_ACTION_DENY, "the patch copies more than");
  assert_true(t.d.internal);
}

/* ---- policies that loop, eat memory, or talk too much */

static const char bad_templates[] =
    "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: endless}\n"
    "spec:\n  crd: {spec: {names: {kind: Endless}}}\n  targets:\n"
    "  - target: admission.k8s.gatekeeper.sh\n    rego: |\n      package endless\n"
    "      violation[{\"msg\": \"never\"}] {\n        a := numbers.range(1, 20000)[_]\n"
    "        b := numbers.range(1, 20000)[_]\n        a * b == 0\n      }\n"
    "---\napiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: fat}\n"
    "spec:\n  crd: {spec: {names: {kind: Fat}}}\n  targets:\n"
    "  - target: admission.k8s.gatekeeper.sh\n    rego: |\n      package fat\n"
    "      violation[{\"msg\": \"never\"}] {\n"
    "        s := [x | i := numbers.range(1, 200000)[_]; x := sprintf(\"%d%d\", [i, i])]\n"
    "        count(s) == 0\n      }\n"
    "---\napiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: loud}\n"
    "spec:\n  crd: {spec: {names: {kind: Loud}}}\n  targets:\n"
    "  - target: admission.k8s.gatekeeper.sh\n    rego: |\n      package loud\n"
    "      violation[{\"msg\": msg, \"details\": input.review}] {\n"
    "        i := numbers.range(1, 3000)[_]\n        msg := sprintf(\"loud %d\", [i])\n      }\n";

/* Constraints are evaluated by kind: all of these come before NoPrivileged. */
static void put_bad_constraint(const char *kind)
{
  char name[64], text[512];
  snprintf(name, sizeof name, "%s.yaml", kind);
  snprintf(
      text, sizeof text,
      "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: %s\nmetadata: {name: it}\nspec: {}\n",
      kind);
  put(name, text);
}

static size_t count_reasons(const char *policy)
{
  size_t count = 0;
  for (size_t i = 0; i < t.d.reason_count; i++)
    count += str_eq(t.d.reasons[i].policy, str_from(policy));
  return count;
}

static const struct admission_setting ignore_failures[] = {
    {.policy = STR_INIT("*"), .failure = ADMISSION_FAIL_IGNORE}};

static void put_bad_constraints(void)
{
  put("bad.yaml", bad_templates);
  put_bad_constraint("Endless");
  put_bad_constraint("Fat");
  put_bad_constraint("Loud");
  put_constraint("deny");
  t.options.settings = ignore_failures;
  t.options.setting_count = 1;
  t.options.memory = 2 << 20;
}

/* The row of a policy or part; fails if there is none. */
static const struct admission_asked *asked_of(const char *id)
{
  for (size_t i = 0; i < t.d.asked_count; i++)
    if (str_eq(t.d.asked[i].policy, str_from(id)))
      return &t.d.asked[i];
  fail_msg("%s was not asked", id);
  return NULL;
}

static void a_constraint_fails_alone(void **state)
{
  (void)state;
  put_bad_constraints();
  t.options.steps = 3000000;
  load();
  assert_false(allows((struct asked){.object = BAD}));
  assert_reason("gatekeeper/Endless/it", ADMISSION_ACTION_WARN, "could not be decided");
  assert_reason("gatekeeper/Fat/it", ADMISSION_ACTION_WARN, "could not be decided");
  assert_reason("gatekeeper/Loud/it", ADMISSION_ACTION_DENY, "loud 1");
  assert_reason("gatekeeper/NoPrivileged/none", ADMISSION_ACTION_DENY, "c is privileged");
  assert_false(t.d.internal);
  assert_true(asked_of("gatekeeper/Endless/it")->failed);
  assert_true(asked_of("gatekeeper/Fat/it")->failed);
  assert_true(asked_of("gatekeeper/Loud/it")->denied);
  assert_true(asked_of("gatekeeper/NoPrivileged/none")->denied);
  assert_false(asked_of("gatekeeper/NoPrivileged/none")->failed);
}

/* What a request makes large must not take away that it is denied, even where failures are ignored. */
static void a_large_object_hides_no_violation(void **state)
{
  (void)state;
  enum { SIZE = 900000 };
  put("bad.yaml",
      "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: loud}\n"
      "spec:\n  crd: {spec: {names: {kind: Loud}}}\n  targets:\n"
      "  - target: admission.k8s.gatekeeper.sh\n    rego: |\n      package loud\n"
      "      violation[{\"msg\": msg, \"details\": input.review}] {\n"
      "        msg := concat(input.review.object.long, [\"a\", \"b\", \"c\", \"d\"])\n      }\n");
  put_bad_constraint("Loud");
  t.options.settings = ignore_failures;
  t.options.setting_count = 1;
  t.options.memory = 4 << 20;
  load();
  char *large = arena_alloc(&arena, SIZE + 1);
  memset(large, 'x', SIZE);
  large[SIZE] = 0;
  struct asked q = {0};
  q.object = arena_printf(&arena, "{'apiVersion':'v1','kind':'Pod','long':'%s'}", large).data;
  assert_false(allows(q));
  assert_reason("gatekeeper/Loud/it", ADMISSION_ACTION_DENY, "axxx");
  assert_false(t.d.internal);
}

/* Each message fits, all together do not: the rest are cut. */
static void many_words_leave_room_for_others(void **state)
{
  (void)state;
  enum { SIZE = 100000 };
  put("bad.yaml",
      "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: loud}\n"
      "spec:\n  crd: {spec: {names: {kind: Loud}}}\n  targets:\n"
      "  - target: admission.k8s.gatekeeper.sh\n    rego: |\n      package loud\n"
      "      violation[{\"msg\": msg}] {\n        i := numbers.range(1, 24)[_]\n"
      "        msg := sprintf(\"loud %d %v\", [i, input.review.object.spec.long])\n      }\n");
  put_bad_constraint("Loud");
  put_constraint("deny");
  t.options.memory = 4 << 20;
  load();
  char *large = arena_alloc(&arena, SIZE + 1);
  memset(large, 'x', SIZE);
  large[SIZE] = 0;
  struct asked q = {0};
  q.object = arena_printf(&arena,
                          POD("{'long':'%s','containers':[{'name':'c','securityContext':{"
                              "'privileged':true}}]}"),
                          large)
                 .data;
  assert_false(allows(q));
  assert_reason("gatekeeper/Loud/it", ADMISSION_ACTION_DENY, "loud 1 xxx");
  assert_int_equal(count_reasons("gatekeeper/Loud/it"), 24);
  assert_reason("gatekeeper/NoPrivileged/none", ADMISSION_ACTION_DENY, "c is privileged");
}

static void a_constraint_uses_up_its_own_time(void **state)
{
  (void)state;
  put("bad.yaml", bad_templates);
  put_bad_constraint("Endless");
  put_constraint("deny");
  t.options.settings = ignore_failures;
  t.options.setting_count = 1;
  t.options.steps = UINT64_C(1000000000000);
  load();
  struct asked q = {.object = BAD};
  int64_t begun = (int64_t)clock_monotonic_ns(clock_system());
  decide_text(review_of(&q), ADMISSION_VALIDATE, begun + INT64_C(400000000));
  assert_false(t.d.allowed);
  assert_true(asked_of("gatekeeper/Endless/it")->failed);
  assert_true(asked_of("gatekeeper/NoPrivileged/none")->denied);
  assert_false(asked_of("gatekeeper/NoPrivileged/none")->failed);
  assert_false(t.d.internal);
}

static void a_time_that_is_over_denies_everywhere(void **state)
{
  (void)state;
  put_constraint("deny");
  put("mutators.yaml",
      "apiVersion: mutations.gatekeeper.sh/v1\nkind: AssignMetadata\nmetadata: {name: "
      "by}\nspec: {location: metadata.labels.by, parameters: {assign: {value: us}}}\n");
  t.options.pod_security = true;
  t.options.rules_enabled = true;
  t.options.images_enabled = true;
  load();
  struct asked q = {.object = GOOD};
  for (unsigned phases = ADMISSION_MUTATE; phases <= (ADMISSION_MUTATE | ADMISSION_VALIDATE);
       phases++) {
    decide_text(review_of(&q), phases, 1);
    assert_false(t.d.allowed);
    assert_true(t.d.internal);
    assert_true(value_is(t.d.patch, VALUE_ABSENT));
  }
}

static void a_denial_among_too_many_reasons_counts(void **state)
{
  (void)state;
  put("a.rego",
      "package a\nimport rego.v1\nwarn contains msg if {\n  some i in numbers.range(1, 1500)\n"
      "  msg := sprintf(\"%d\", [i])\n}\n");
  put("z.rego", "package z\ndeny contains \"no\" if input.kind\n");
  load();
  assert_false(allows((struct asked){.object = GOOD}));
  assert_true(t.d.reason_count <= ADMISSION_REASONS_MAX);
  assert_true(t.d.message.len > 0);
}

static void messages_are_cut_between_characters(void **state)
{
  (void)state;
  put("a.rego",
      "package a\nimport rego.v1\ndeny contains concat(\"\", [x | some i in "
      "numbers.range(1, 9000); x := [\"\xc3\xa9\", \"a\"][i % 2]]) if input.kind\n"
      "warn contains concat(\"\", [\"\xf0\x9f\x98\x80\" | some i in numbers.range(1, 9000)])\n");
  load();
  for (int i = 0; i < 4; i++) /* allows() reads the answer back, which refuses what is no UTF-8 */
    assert_false(allows((struct asked){.object = GOOD}));
}

/* ---- what is told once */

static const struct admission_rule_setting privileged_denied[] = {
    {.rule = STR_INIT("privileged-container"), .action = ADMISSION_ACTION_DENY}};

#define PRIVILEGED_RULE "rules/privileged-container"

static void a_fault_is_told_once(void **state)
{
  (void)state;
  t.options.pod_security = true;
  t.options.rules_enabled = true;
  t.options.rules.action = ADMISSION_ACTION_WARN;
  know_namespaces("enforced: {pod-security.kubernetes.io/enforce: baseline}\n"
                  "warned: {pod-security.kubernetes.io/warn: baseline}\n"
                  "audited: {pod-security.kubernetes.io/audit: baseline}\nopen: {}\n");
  load();
  assert_false(allows((struct asked){.object = BAD, .namespace = "enforced"}));
  assert_int_equal(count_reasons(PRIVILEGED_RULE), 0);
  assert_true(allows((struct asked){.object = BAD, .namespace = "warned"}));
  assert_int_equal(count_reasons(PRIVILEGED_RULE), 0);
  assert_true(allows((struct asked){.object = BAD, .namespace = "audited"}));
  assert_int_equal(count_reasons(PRIVILEGED_RULE), 1); /* an annotation is less than a warning */
  assert_true(allows((struct asked){.object = BAD, .namespace = "open"}));
  assert_int_equal(count_reasons(PRIVILEGED_RULE), 1);
  /* What Pod Security does not look at: an update that changes nothing. */
  assert_true(allows(
      (struct asked){.operation = "UPDATE", .object = BAD, .old = BAD, .namespace = "enforced"}));
  assert_int_equal(count_reasons(PRIVILEGED_RULE), 1);
}

static void a_stricter_action_is_never_lost(void **state)
{
  (void)state;
  t.options.pod_security = true;
  t.options.rules_enabled = true;
  t.options.rules.action = ADMISSION_ACTION_WARN;
  t.options.rules.settings = privileged_denied;
  t.options.rules.setting_count = 1;
  know_namespaces("enforced: {pod-security.kubernetes.io/enforce: baseline}\n"
                  "warned: {pod-security.kubernetes.io/warn: baseline}\n");
  load();
  assert_false(allows((struct asked){.object = BAD, .namespace = "warned"}));
  assert_reason(PRIVILEGED_RULE, ADMISSION_ACTION_DENY, "privileged");
  assert_false(allows((struct asked){.object = BAD, .namespace = "enforced"}));
  assert_int_equal(count_reasons(PRIVILEGED_RULE), 0);
  /* Of a controller's template Pod Security only warns. */
  struct asked deployment = {
      .kind = "Deployment",
      .group = "apps",
      .resource = "deployments",
      .namespace = "enforced",
      .object = DEPLOYMENT("{'containers':[{'name':'c','image':'x:1','securityContext':{"
                           "'privileged':true}}]}")};
  assert_false(allows(deployment));
  assert_reason(PRIVILEGED_RULE, ADMISSION_ACTION_DENY, "privileged");
}

static void a_limit_on_pod_security_gives_the_word_to_the_rule(void **state)
{
  (void)state;
  const struct admission_setting settings[] = {
      {.policy = STR("podsecurity"), .limit_action = true, .action = ADMISSION_ACTION_DRYRUN}};
  t.options.settings = settings;
  t.options.setting_count = 1;
  t.options.pod_security = true;
  t.options.rules_enabled = true;
  t.options.rules.action = ADMISSION_ACTION_WARN;
  t.options.rules.settings = privileged_denied;
  t.options.rules.setting_count = 1;
  know_namespaces("shop: {pod-security.kubernetes.io/enforce: baseline, "
                  "pod-security.kubernetes.io/warn: restricted}\n");
  load();
  assert_false(allows((struct asked){.object = BAD}));
  assert_reason(PRIVILEGED_RULE, ADMISSION_ACTION_DENY, "privileged");
  assert_reason("podsecurity", ADMISSION_ACTION_DRYRUN, "is forbidden");
  for (size_t i = 0; i < t.d.warning_count; i++)
    assert_true(str_find(t.d.warnings[i], 0, STR("PodSecurity")) < 0);
}

/* ---- who was asked */

static void constraints_have_rows_of_their_own(void **state)
{
  (void)state;
  put_constraint("deny");
  t.options.pod_security = true;
  load();
  assert_int_equal(admission_policy_count(t.snapshot), 2);
  assert_int_equal(admission_asked_id_count(t.snapshot), 3);
  assert_str(admission_asked_id(t.snapshot, 2), "gatekeeper/NoPrivileged/none");
  assert_false(allows((struct asked){.object = BAD}));
  const struct admission_asked *whole = asked_of("gatekeeper");
  const struct admission_asked *part = asked_of("gatekeeper/NoPrivileged/none");
  assert_ptr_equal(part, whole + 1);
  assert_true(part->part && part->denied && part->matched == 1 && part->ns > 0);
  assert_true(!whole->part && whole->denied && whole->matched == 1 && whole->ns >= part->ns);
  for (size_t i = 0; i < t.d.asked_count; i++)
    assert_true(str_eq(admission_asked_id(t.snapshot, t.d.asked[i].number), t.d.asked[i].policy));
  assert_true(allows((struct asked){
      .kind = "Secret", .resource = "secrets", .object = "{'apiVersion':'v1','kind':'Secret'}"}));
  assert_int_equal(t.d.asked_count, 1); /* no constraint looked at it */
}

static void rules_over_sets_are_named(void **state)
{
  (void)state;
  load();
  assert_int_equal(admission_unasked_count(t.snapshot), 0);
  give_back();
  t.options.rules_enabled = true;
  load();
  size_t count = admission_unasked_count(t.snapshot);
  bool found = false;
  for (size_t i = 0; i < count; i++)
    found |= str_eq(admission_unasked_id(t.snapshot, i), STR("workload-without-network-policy"));
  assert_true(found);
  give_back();
  const struct str skip[] = {STR("workload-without-network-policy")};
  t.options.rules.skip = skip;
  t.options.rules.skip_count = 1;
  load();
  assert_int_equal(admission_unasked_count(t.snapshot), count - 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(reviews_that_contradict_themselves_are_refused),
      TEST(old_reviews_without_uid_are_refused),
      TEST(of_repeated_keys_the_last_counts),
      TEST(depth_and_bytes_are_bounded),
      TEST(huge_numbers_stay_what_they_are),
      TEST(a_deletion_needs_what_is_deleted),
      TEST(names_may_be_generated),
      TEST(an_object_cannot_choose_its_namespace),
      TEST(connects_have_options_for_objects),
      TEST(mutators_that_fight_come_to_an_end),
      TEST(a_patch_cannot_grow_without_end),
      TEST(a_constraint_fails_alone),
      TEST(a_large_object_hides_no_violation),
      TEST(many_words_leave_room_for_others),
      TEST(a_constraint_uses_up_its_own_time),
      TEST(a_time_that_is_over_denies_everywhere),
      TEST(a_denial_among_too_many_reasons_counts),
      TEST(messages_are_cut_between_characters),
      TEST(a_fault_is_told_once),
      TEST(a_stricter_action_is_never_lost),
      TEST(a_limit_on_pod_security_gives_the_word_to_the_rule),
      TEST(constraints_have_rows_of_their_own),
      TEST(rules_over_sets_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
