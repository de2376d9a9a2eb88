#include "../test.h"

#include "base/buf.h"
#include "data/json_write.h"
#include "data/yaml.h"
#include "policy/gatekeeper.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena;
static struct gatekeeper *g;
static struct gatekeeper_worker *worker;
static struct gatekeeper_decision decision;

static int set_up(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  g = gatekeeper_new(NULL);
  worker = NULL;
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  gatekeeper_worker_free(worker);
  gatekeeper_free(g);
  arena_free(&arena);
  return 0;
}

/* The only document of a YAML text. */
static struct kube_object object_of(const char *yaml, const struct symbols *symbols)
{
  struct yaml_options options = {.positions = true, .symbols = symbols};
  struct yaml_document document;
  struct kube_object object;
  struct error err;
  struct yaml_reader *reader = yaml_reader_new(arena_copy(&arena, str_from(yaml)), &options);
  if (yaml_reader_next(reader, &arena, &document, &err) <= 0)
    fail_msg("%s\n%s", yaml, err.message);
  yaml_reader_free(reader);
  kube_object_read(document.root, document.position, &object);
  return object;
}

static void add(const char *yaml)
{
  struct kube_object object = object_of(yaml, NULL);
  struct error err;
  if (gatekeeper_add(g, &object, STR("policies.yaml"), &err) != 1)
    fail_msg("%s\nis not taken", yaml);
}

static void finish(void)
{
  struct error err;
  if (gatekeeper_finish(g, &err) < 0)
    fail_msg("%s", err.message);
  worker = gatekeeper_worker_new(g);
}

/* Judges an object, as a review says that is filled in besides. */
static void decide_with(struct gatekeeper_review review, const char *yaml)
{
  struct error err;
  review.object = object_of(yaml, gatekeeper_symbols(g)).value;
  if (gatekeeper_decide(worker, &arena, &review, &decision, &err) < 0)
    fail_msg("%s\n%s", yaml, err.message);
}

static void decide(const char *yaml)
{
  decide_with((struct gatekeeper_review){0}, yaml);
}

/* Messages of all violations: "deny CONSTRAINT MESSAGE DETAILS", one a line. */
static void assert_violations(const char *expected)
{
  _cleanup_(buf_free) struct buf text = {0};
  for (uint32_t i = 0; i < decision.count; i++) {
    const struct gatekeeper_violation *v = &decision.items[i];
    buf_printf(&text, "%s%s%s%s%.*s %.*s ", v->failed ? "failed " : "",
               v->actions & GATEKEEPER_DENY ? "deny " : "",
               v->actions & GATEKEEPER_WARN ? "warn " : "",
               v->actions & GATEKEEPER_DRYRUN ? "dryrun " : "", STR_FMT(v->constraint->name),
               STR_FMT(v->message));
    json_write(&text, v->details, 0);
    buf_add_text(&text, "\n");
  }
  assert_str(buf_str(&text), expected);
}

#define TEMPLATE_HEAD(name, kind)                                                                  \
  "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: " name       \
  "}\nspec:\n  crd: {spec: {names: {kind: " kind                                                   \
  "}, validation: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: "         \
  "true}}}}\n  targets:\n  - target: admission.k8s.gatekeeper.sh\n"
#define REGO(name, kind, body) TEMPLATE_HEAD(name, kind) "    rego: |\n      package x\n" body
#define CONSTRAINT(kind, name, spec)                                                               \
  "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: " kind "\nmetadata: {name: " name          \
  "}\nspec: " spec

#define POD "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\n"

/* A template whose constraints all say "no". */
#define NO REGO("never", "Never", "      violation[{\"msg\": \"no\"}] { true }\n")

/* ---- what violations are */

static void tells_violations(void **state)
{
  (void)state;
  add(REGO("labels", "Labels",
           "      violation[{\"msg\": msg, \"details\": {\"missing\": label}}] {\n"
           "        label := input.parameters.labels[_]\n"
           "        not input.review.object.metadata.labels[label]\n"
           "        msg := sprintf(\"label %v is missing\", [label])\n"
           "      }\n"));
  add(CONSTRAINT("Labels", "owner", "{parameters: {labels: [team, owner]}}"));
  add(CONSTRAINT("Labels", "app", "{enforcementAction: warn, parameters: {labels: [app]}}"));
  finish();
  decide(POD);
  assert_violations("warn app label app is missing {\"missing\":\"app\"}\n"
                    "deny owner label owner is missing {\"missing\":\"owner\"}\n"
                    "deny owner label team is missing {\"missing\":\"team\"}\n");
  assert_int_equal(decision.matched, 2);
  assert_int_equal(decision.actions, GATEKEEPER_DENY | GATEKEEPER_WARN);
  decide("apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {app: a, owner: b, team: c}}");
  assert_violations("");
  assert_int_equal(decision.matched, 2);
  assert_int_equal(decision.actions, 0);
}

/* Gatekeeper's set is one of message and details: what else an entry says makes no difference. */
static void tells_equal_violations_once(void **state)
{
  (void)state;
  add(REGO("odd", "Odd",
           "      violation[{\"msg\": \"a\", \"extra\": x}] { x := [1, 2][_] }\n"
           "      violation[{\"msg\": \"a\", \"details\": {}}] { true }\n"
           "      violation[{\"msg\": \"a\", \"details\": 1}] { true }\n"
           "      violation[{\"message\": \"without msg\"}] { true }\n"
           "      violation[\"a text\"] { true }\n"));
  add(CONSTRAINT("Odd", "odd", "{}"));
  finish();
  decide(POD);
  assert_violations("deny odd a 1\ndeny odd a {}\n");
}

static void tells_failures(void **state)
{
  (void)state;
  add(REGO("conflict", "Conflict",
           "      value = 1 { input.review.object.kind }\n"
           "      value = 2 { input.review.object.metadata }\n"
           "      violation[{\"msg\": \"never\"}] { value == 3 }\n"));
  add(REGO("number", "Number", "      violation[{\"msg\": 5}] { true }\n"));
  add(REGO("endless", "Endless",
           "      violation[{\"msg\": \"never\"}] {\n"
           "        a := numbers.range(1, 1000)[_]\n        b := numbers.range(1, 1000)[_]\n"
           "        a * b == 0\n      }\n"));
  add(CONSTRAINT("Conflict", "one", "{}"));
  add(CONSTRAINT("Number", "two", "{enforcementAction: warn}"));
  add(CONSTRAINT("Endless", "three", "{enforcementAction: dryrun}"));
  finish();
  decide_with((struct gatekeeper_review){.steps = 100000}, POD);
  assert_int_equal(decision.count, 3);
  for (uint32_t i = 0; i < 3; i++)
    assert_true(decision.items[i].failed);
  assert_str(decision.items[0].constraint->name, "one");
  assert_int_equal(decision.items[0].actions, GATEKEEPER_DENY);
  assert_non_null(strstr(decision.items[0].message.data, "eval_conflict_error"));
  assert_non_null(strstr(decision.items[0].message.data, "Conflict \"one\" cannot be decided"));
  assert_int_equal(decision.items[1].actions, GATEKEEPER_DRYRUN);
  assert_str(
      decision.items[2].message,
      "Number \"two\" cannot be decided: msg of its violation is a number, must be a string");
}

/* ---- what Rego sees */

/* A template that says what it finds under a path. */
#define SHOW(path)                                                                                 \
  REGO("show", "Show", "      violation[{\"msg\": \"shown\", \"details\": " path "}] { true }\n")

static void assert_shown(const char *expected)
{
  _cleanup_(buf_free) struct buf text = {0};
  assert_int_equal(decision.count, 1);
  assert_str(decision.items[0].message, "shown");
  json_write(&text, decision.items[0].details, 0);
  assert_str(buf_str(&text), expected);
}

static void makes_a_review_of_an_object(void **state)
{
  (void)state;
  add(SHOW("object.remove(input.review, [\"object\"])"));
  add(CONSTRAINT("Show", "show", "{}"));
  finish();
  decide("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}");
  assert_shown("{\"uid\":\"\",\"kind\":{\"group\":\"apps\",\"version\":\"v1\",\"kind\":"
               "\"Deployment\"},\"resource\":{\"group\":\"\",\"version\":\"\",\"resource\":\"\"},"
               "\"name\":\"web\",\"namespace\":\"shop\",\"operation\":\"\",\"userInfo\":{},"
               "\"options\":null,\"oldObject\":null,\"namespaceObject\":null,\"_unstable\":{}}");
}

static void shows_namespaces_and_operation(void **state)
{
  (void)state;
  add(SHOW("[input.review.namespaceObject.metadata.labels, "
           "input.review._unstable.namespace.metadata.name, input.review.operation]"));
  add(CONSTRAINT("Show", "show", "{}"));
  finish();
  assert_int_equal(gatekeeper_needs(g), GATEKEEPER_NEEDS_NAMESPACES);
  struct kube_object namespace = object_of(
      "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {tier: one}}", NULL);
  decide_with(
      (struct gatekeeper_review){.namespace_object = namespace.value, .operation = STR("UPDATE")},
      POD);
  assert_shown("[{\"tier\":\"one\"},\"shop\",\"UPDATE\"]");
}

static void judge_request(const char *yaml, struct error *err)
{
  struct kube_object review = object_of(yaml, gatekeeper_symbols(g));
  struct gatekeeper_review asked = {.request = value_get_str(review.value, STR("request")),
                                    .point = GATEKEEPER_POINT_WEBHOOK};
  err->code = gatekeeper_decide(worker, &arena, &asked, &decision, err);
}

#define REQUEST(operation, rest)                                                                          \
  "apiVersion: admission.k8s.io/v1\nkind: AdmissionReview\nrequest:\n  uid: abc\n  operation: " operation \
  "\n  kind: {group: '', version: v1, kind: Pod}\n  namespace: shop\n"                                    \
  "  userInfo: {username: ann}\n" rest

static void takes_requests(void **state)
{
  (void)state;
  struct error err;
  add(SHOW("[input.review.uid, input.review.userInfo.username, input.review.object.metadata.name, "
           "input.review.oldObject, input.review.options, input.review.namespaceObject]"));
  add(CONSTRAINT("Show", "show", "{}"));
  finish();
  judge_request(REQUEST("CREATE", "  object: {apiVersion: v1, kind: Pod, metadata: {name: new}}\n"),
                &err);
  assert_shown("[\"abc\",\"ann\",\"new\",null,null,null]");
  /* what is deleted is judged as the object */
  judge_request(REQUEST("DELETE", "  object: null\n  oldObject: {apiVersion: v1, kind: Pod, "
                                  "metadata: {name: old}}\n"),
                &err);
  assert_shown("[\"abc\",\"ann\",\"old\",{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{"
               "\"name\":\"old\"}},null,null]");
  judge_request(REQUEST("DELETE", ""), &err);
  assert_error(err, SW_EINVAL, "oldObject is missing");
  judge_request(REQUEST("CREATE", ""), &err);
  assert_error(err, SW_EINVAL, "neither object nor oldObject");
  judge_request(REQUEST("CREATE", "  object: {kind: Pod}\n"), &err);
  assert_error(err, SW_EINVAL, "object: apiVersion is missing");
  judge_request("apiVersion: v1\nkind: x\nrequest: 5", &err);
  assert_error(err, SW_EINVAL, "the request is a number");
}

/* A constraint is about a review if it is about the new or the old object. */
static void matches_the_old_object_too(void **state)
{
  (void)state;
  struct error err;
  add(NO);
  add(CONSTRAINT("Never", "labelled", "{match: {labelSelector: {matchLabels: {a: b}}}}"));
  finish();
  judge_request(REQUEST("UPDATE", "  object: {apiVersion: v1, kind: Pod, metadata: {name: p}}\n"
                                  "  oldObject: {apiVersion: v1, kind: Pod, metadata: {name: p, "
                                  "labels: {a: b}}}\n"),
                &err);
  assert_violations("deny labelled no {}\n");
}

static void gives_the_same_whatever_table_was_used(void **state)
{
  (void)state;
  struct error err;
  add(SHOW("[input.review.object.metadata.name, input.review.object.spec.x]"));
  add(CONSTRAINT("Show", "show", "{}"));
  finish();
  struct gatekeeper_review review = {.object = object_of(POD "spec: {x: 1}", NULL).value};
  assert_int_equal(gatekeeper_decide(worker, &arena, &review, &decision, &err), 0);
  assert_shown("[\"web\",1]");
  decide(POD "spec: {x: 1}");
  assert_shown("[\"web\",1]");
}

static void fills_defaults_of_parameters(void **state)
{
  (void)state;
  add("apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: show}\n"
      "spec:\n  crd:\n    spec:\n      names: {kind: Show}\n      validation:\n"
      "        openAPIV3Schema: {type: object, default: {}, properties: {mode: {type: string, "
      "default: strict}, size: {x-kubernetes-int-or-string: true}}}\n"
      "  targets:\n  - target: admission.k8s.gatekeeper.sh\n    rego: |\n      package p\n"
      "      violation[{\"msg\": \"shown\", \"details\": input.parameters}] { true }\n");
  add(CONSTRAINT("Show", "show", "{parameters: {size: 5}}"));
  finish();
  decide(POD);
  assert_shown("{\"size\":5,\"mode\":\"strict\"}");
}

static void feeds_the_inventory(void **state)
{
  (void)state;
  struct error err;
  static const char *const objects[] = {
      "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {a: b}}",
      "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {x: 1}",
      "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: shop}",
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: lab}",
      "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {x: 2}",
  };
  add(SHOW("data.inventory"));
  add(CONSTRAINT("Show", "show", "{}"));
  finish();
  assert_int_equal(gatekeeper_needs(g), GATEKEEPER_NEEDS_INVENTORY);
  decide(POD);
  assert_shown("{}");
  struct gatekeeper_inventory *inventory = gatekeeper_inventory_new(g);
  for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
    struct kube_object object = object_of(objects[i], NULL);
    assert_int_equal(gatekeeper_inventory_add(inventory, &object, &err), 0);
  }
  struct kube_object nothing = object_of("kind: Service\n", NULL);
  gatekeeper_inventory_add(inventory, &nothing, &err);
  assert_error(err, SW_EINVAL, "needs apiVersion");
  gatekeeper_inventory_finish(inventory);
  decide_with((struct gatekeeper_review){.inventory = inventory}, POD);
  assert_shown(
      "{\"cluster\":{\"v1\":{\"Namespace\":{\"shop\":{\"apiVersion\":\"v1\",\"kind\":\"Namespace\","
      "\"metadata\":{\"name\":\"shop\",\"labels\":{\"a\":\"b\"}}}}}},\"namespace\":{\"lab\":{"
      "\"apps/v1\":{\"Deployment\":{\"web\":{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\","
      "\"metadata\":{\"name\":\"web\",\"namespace\":\"lab\"}}}}},\"shop\":{\"v1\":{\"Service\":{"
      "\"api\":{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"api\","
      "\"namespace\":\"shop\"}},\"web\":{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{"
      "\"name\":\"web\",\"namespace\":\"shop\"},\"spec\":{\"x\":2}}}}}}}");
  assert_true(value_is(gatekeeper_inventory_namespace(inventory, STR("shop")), VALUE_OBJECT));
  assert_true(value_is(gatekeeper_inventory_namespace(inventory, STR("lab")), VALUE_ABSENT));
  gatekeeper_inventory_free(inventory);
}

static void keeps_objects_without_a_name_apart(void **state)
{
  (void)state;
  struct error err;
  add(SHOW("[name | data.inventory.cluster.v1.Service[name]]"));
  add(CONSTRAINT("Show", "show", "{}"));
  finish();
  struct gatekeeper_inventory *inventory = gatekeeper_inventory_new(g);
  struct kube_object object =
      object_of("apiVersion: v1\nkind: Service\nmetadata: {generateName: a-}", NULL);
  assert_int_equal(gatekeeper_inventory_add(inventory, &object, &err), 0);
  assert_int_equal(gatekeeper_inventory_add(inventory, &object, &err), 0);
  gatekeeper_inventory_finish(inventory);
  decide_with((struct gatekeeper_review){.inventory = inventory}, POD);
  assert_shown("[\"a-*0\",\"a-*1\"]");
  gatekeeper_inventory_free(inventory);
}

/* ---- matching */

#define OBJECT(type, metadata) type "metadata: " metadata
#define A_POD "apiVersion: v1\nkind: Pod\n"
#define A_DEPLOYMENT "apiVersion: apps/v1\nkind: Deployment\n"
#define A_NAMESPACE "apiVersion: v1\nkind: Namespace\n"
#define A_ROLE "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n"

static const struct {
  const char *match, *object;
  char expected; /* y: yes, n: no, u: the Namespace would have to be known */
} match_cases[] = {
    {"{}", OBJECT(A_POD, "{name: a}"), 'y'},
    {"{kinds: [{apiGroups: [''], kinds: [Pod]}]}", OBJECT(A_POD, "{name: a}"), 'y'},
    {"{kinds: [{apiGroups: [''], kinds: [Pod]}]}", OBJECT(A_DEPLOYMENT, "{name: a}"), 'n'},
    {"{kinds: [{apiGroups: ['*'], kinds: [Deployment]}]}", OBJECT(A_DEPLOYMENT, "{name: a}"), 'y'},
    {"{kinds: [{apiGroups: [apps], kinds: ['*']}]}", OBJECT(A_DEPLOYMENT, "{name: a}"), 'y'},
    {"{kinds: [{apiGroups: [apps]}]}", OBJECT(A_DEPLOYMENT, "{name: a}"), 'y'},
    {"{kinds: [{kinds: [Deployment]}]}", OBJECT(A_DEPLOYMENT, "{name: a}"), 'y'},
    {"{kinds: [{kinds: [Pod]}, {apiGroups: [apps], kinds: [X, Deployment]}]}",
     OBJECT(A_DEPLOYMENT, "{name: a}"), 'y'},
    {"{kinds: []}", OBJECT(A_POD, "{name: a}"), 'y'},
    {"{kinds: [{apiGroups: [extensions], kinds: [Deployment]}]}", OBJECT(A_DEPLOYMENT, "{name: a}"),
     'n'},

    {"{scope: Cluster}", OBJECT(A_POD, "{name: a, namespace: lab}"), 'n'},
    {"{scope: Cluster}", OBJECT(A_ROLE, "{name: a}"), 'y'},
    {"{scope: Cluster}", OBJECT(A_NAMESPACE, "{name: a}"), 'y'},
    {"{scope: Namespaced}", OBJECT(A_POD, "{name: a, namespace: lab}"), 'y'},
    {"{scope: Namespaced}", OBJECT(A_ROLE, "{name: a}"), 'n'},
    {"{scope: Namespaced}", OBJECT(A_NAMESPACE, "{name: a}"), 'n'},
    {"{scope: '*'}", OBJECT(A_ROLE, "{name: a}"), 'y'},

    {"{namespaces: [shop]}", OBJECT(A_POD, "{name: a, namespace: shop}"), 'y'},
    {"{namespaces: [shop]}", OBJECT(A_POD, "{name: a, namespace: lab}"), 'n'},
    {"{namespaces: ['kube-*']}", OBJECT(A_POD, "{name: a, namespace: kube-system}"), 'y'},
    {"{namespaces: ['*-system']}", OBJECT(A_POD, "{name: a, namespace: kube-system}"), 'y'},
    {"{namespaces: ['*e-s*']}", OBJECT(A_POD, "{name: a, namespace: kube-system}"), 'y'},
    {"{namespaces: ['*']}", OBJECT(A_POD, "{name: a, namespace: kube-system}"), 'y'},
    {"{namespaces: ['kube*system']}", OBJECT(A_POD, "{name: a, namespace: kube-system}"), 'e'},
    {"{namespaces: [shop]}", OBJECT(A_ROLE, "{name: a}"), 'y'},
    {"{namespaces: [shop]}", OBJECT(A_NAMESPACE, "{name: shop}"), 'y'},
    {"{namespaces: [shop]}", OBJECT(A_NAMESPACE, "{name: lab}"), 'n'},
    {"{excludedNamespaces: [shop]}", OBJECT(A_POD, "{name: a, namespace: shop}"), 'n'},
    {"{excludedNamespaces: ['s*']}", OBJECT(A_POD, "{name: a, namespace: shop}"), 'n'},
    {"{excludedNamespaces: [shop]}", OBJECT(A_POD, "{name: a, namespace: lab}"), 'y'},
    {"{excludedNamespaces: [shop]}", OBJECT(A_NAMESPACE, "{name: shop}"), 'n'},
    {"{excludedNamespaces: [shop]}", OBJECT(A_ROLE, "{name: shop}"), 'y'},

    {"{labelSelector: {matchLabels: {a: b}}}", OBJECT(A_POD, "{name: a, labels: {a: b, c: d}}"),
     'y'},
    {"{labelSelector: {matchLabels: {a: b}}}", OBJECT(A_POD, "{name: a, labels: {a: c}}"), 'n'},
    {"{labelSelector: {}}", OBJECT(A_POD, "{name: a}"), 'y'},
    {"{labelSelector: {matchExpressions: [{key: a, operator: In, values: [x, z]}]}}",
     OBJECT(A_POD, "{name: a, labels: {a: z}}"), 'y'},
    {"{labelSelector: {matchExpressions: [{key: a, operator: In, values: [x, z]}]}}",
     OBJECT(A_POD, "{name: a}"), 'n'},
    {"{labelSelector: {matchExpressions: [{key: a, operator: NotIn, values: [x, z]}]}}",
     OBJECT(A_POD, "{name: a, labels: {a: z}}"), 'n'},
    {"{labelSelector: {matchExpressions: [{key: a, operator: NotIn, values: [x, z]}]}}",
     OBJECT(A_POD, "{name: a}"), 'y'},
    {"{labelSelector: {matchExpressions: [{key: a, operator: Exists}]}}",
     OBJECT(A_POD, "{name: a, labels: {a: ''}}"), 'y'},
    {"{labelSelector: {matchExpressions: [{key: a, operator: DoesNotExist}]}}",
     OBJECT(A_POD, "{name: a, labels: {a: ''}}"), 'n'},

    {"{namespaceSelector: {matchLabels: {tier: one}}}", OBJECT(A_POD, "{name: a, namespace: shop}"),
     'y'},
    {"{namespaceSelector: {matchLabels: {tier: two}}}", OBJECT(A_POD, "{name: a, namespace: shop}"),
     'n'},
    {"{namespaceSelector: {matchLabels: {tier: one}}}", OBJECT(A_POD, "{name: a, namespace: lab}"),
     'u'},
    {"{namespaceSelector: {matchLabels: {tier: one}}}", OBJECT(A_ROLE, "{name: a}"), 'y'},
    {"{namespaceSelector: {matchLabels: {tier: one}}}",
     OBJECT(A_NAMESPACE, "{name: x, labels: {tier: one}}"), 'y'},
    {"{namespaceSelector: {matchLabels: {tier: one}}}", OBJECT(A_NAMESPACE, "{name: x}"), 'n'},
    /* tests that come before the selector settle it */
    {"{namespaces: [shop], namespaceSelector: {matchLabels: {tier: one}}}",
     OBJECT(A_POD, "{name: a, namespace: lab}"), 'n'},
    {"{labelSelector: {matchLabels: {a: b}}, namespaceSelector: {matchLabels: {tier: one}}}",
     OBJECT(A_POD, "{name: a, namespace: lab}"), 'n'},
    /* and those that come behind do not */
    {"{name: other, namespaceSelector: {matchLabels: {tier: one}}}",
     OBJECT(A_POD, "{name: a, namespace: lab}"), 'u'},

    {"{name: web}", OBJECT(A_POD, "{name: web}"), 'y'},
    {"{name: web}", OBJECT(A_POD, "{name: web-1}"), 'n'},
    {"{name: 'web-*'}", OBJECT(A_POD, "{name: web-1}"), 'y'},
    {"{name: 'web-*'}", OBJECT(A_POD, "{generateName: web-}"), 'y'},
    {"{name: '*web*'}", OBJECT(A_POD, "{generateName: a-web-}"), 'y'},
    {"{name: '*-web'}", OBJECT(A_POD, "{generateName: a-web}"), 'n'},
    {"{name: web}", OBJECT(A_POD, "{generateName: web}"), 'n'},

    {"{source: All}", OBJECT(A_POD, "{name: a}"), 'y'},
    {"{source: Original}", OBJECT(A_POD, "{name: a}"), 'y'},
    {"{source: Generated}", OBJECT(A_POD, "{name: a}"), 'n'},
};

static void match_one(const char *match, const char *object, char expected)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct error err;
  set_up(NULL);
  buf_printf(&text, CONSTRAINT("Never", "one", "{match: %s}"), match);
  add(NO);
  add(buf_text(&text));
  if (expected == 'e') {
    assert_true(gatekeeper_finish(g, &err) < 0);
    tear_down(NULL);
    return;
  }
  finish();
  struct gatekeeper_inventory *inventory = gatekeeper_inventory_new(g);
  struct kube_object namespace = object_of(
      "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {tier: one}}", NULL);
  assert_int_equal(gatekeeper_inventory_add(inventory, &namespace, &err), 0);
  gatekeeper_inventory_finish(inventory);
  decide_with((struct gatekeeper_review){.inventory = inventory}, object);
  char is = decision.count == 0 ? 'n' : decision.items[0].failed ? 'u' : 'y';
  if (is != expected)
    fail_msg("%s\n%s\nis %c, expected %c", match, object, is, expected);
  assert_int_equal(decision.matched, expected != 'n');
  gatekeeper_inventory_free(inventory);
  tear_down(NULL);
}

static void matches_as_gatekeeper_does(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof match_cases / sizeof *match_cases; i++)
    match_one(match_cases[i].match, match_cases[i].object, match_cases[i].expected);
}

static void matches_generated_objects(void **state)
{
  (void)state;
  add(NO);
  add(CONSTRAINT("Never", "generated", "{match: {source: Generated}}"));
  add(CONSTRAINT("Never", "original", "{match: {source: Original}}"));
  finish();
  decide_with((struct gatekeeper_review){.source = GATEKEEPER_GENERATED}, POD);
  assert_violations("deny generated no {}\n");
}

/* Each constraint once, however many of its patterns lead to it. */
static void finds_each_constraint_once(void **state)
{
  (void)state;
  add(NO);
  add(CONSTRAINT("Never", "many",
                 "{match: {kinds: [{apiGroups: ['*'], kinds: [Pod]}, {apiGroups: [''], kinds: "
                 "['*']}, {apiGroups: ['', ''], kinds: [Pod, Pod]}], namespaces: [shop, shop]}}"));
  finish();
  decide(POD);
  assert_violations("deny many no {}\n");
}

/* ---- enforcement */

static void enforces_by_point(void **state)
{
  (void)state;
  add(NO);
  add(CONSTRAINT("Never", "scoped",
                 "{enforcementAction: scoped, scopedEnforcementActions: [{action: deny, "
                 "enforcementPoints: [{name: validation.gatekeeper.sh}]}, {action: warn, "
                 "enforcementPoints: [{name: validation.gatekeeper.sh}, {name: "
                 "audit.gatekeeper.sh}]}]}"));
  add(CONSTRAINT("Never", "everywhere",
                 "{enforcementAction: scoped, scopedEnforcementActions: [{action: dryrun, "
                 "enforcementPoints: [{name: '*'}]}]}"));
  finish();
  decide_with((struct gatekeeper_review){.point = GATEKEEPER_POINT_WEBHOOK}, POD);
  assert_violations("dryrun everywhere no {}\ndeny warn scoped no {}\n");
  decide_with((struct gatekeeper_review){.point = GATEKEEPER_POINT_AUDIT}, POD);
  assert_violations("dryrun everywhere no {}\nwarn scoped no {}\n");
  decide_with((struct gatekeeper_review){.point = GATEKEEPER_POINT_GATOR}, POD);
  assert_violations("dryrun everywhere no {}\n");
  assert_int_equal(decision.matched, 1);
}

static void heeds_operations_at_the_webhook(void **state)
{
  (void)state;
  add(TEMPLATE_HEAD("never",
                    "Never") "    operations: [CREATE, DELETE]\n    rego: |\n      package x\n"
                             "      violation[{\"msg\": \"no\"}] { true }\n");
  add(CONSTRAINT("Never", "one", "{}"));
  finish();
  struct gatekeeper_review review = {.point = GATEKEEPER_POINT_WEBHOOK, .operation = STR("UPDATE")};
  decide_with(review, POD);
  assert_int_equal(decision.count, 0);
  review.operation = STR("CREATE");
  decide_with(review, POD);
  assert_int_equal(decision.count, 1);
  review = (struct gatekeeper_review){.operation = STR("UPDATE")};
  decide_with(review, POD);
  assert_int_equal(decision.count, 1);
}

/* ---- templates */

static void takes_libraries_and_both_versions(void **state)
{
  (void)state;
  add(TEMPLATE_HEAD(
      "libs",
      "Libs") "    rego: |\n      package libs\n      import data.lib.words\n"
              "      violation[{\"msg\": words.no}] { data.lib.deeper.yes }\n"
              "    libs:\n    - |\n      package lib.words\n      no = \"no from a library\"\n"
              "    - |\n      package lib.deeper\n      yes { data.lib.words.no }\n");
  add(TEMPLATE_HEAD(
      "both",
      "Both") "    code:\n    - engine: K8sNativeValidation\n      source: {validations: []}\n"
              "    - engine: Rego\n      source:\n        version: v1\n        rego: |\n"
              "          package both\n          violation contains {\"msg\": \"v1\"} if true\n");
  add(CONSTRAINT("Libs", "a", "{}"));
  add(CONSTRAINT("Both", "b", "{}"));
  finish();
  decide(POD);
  assert_violations("deny b v1 {}\ndeny a no from a library {}\n");
}

static const struct {
  const char *yaml, *message;
} template_problems[] = {
    {"apiVersion: templates.gatekeeper.sh/v2\nkind: ConstraintTemplate\nmetadata: {name: x}\n",
     "version \"v2\""},
    {"apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: x}\n",
     "spec.crd.spec.names.kind"},
    {REGO("labels", "Other", "      violation[{\"msg\": \"\"}] { true }\n"),
     "must be its kind in small letters"},
    {"apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: x}\n"
     "spec: {crd: {spec: {names: {kind: X}}}, targets: []}",
     "exactly one entry"},
    {"apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: x}\n"
     "spec: {crd: {spec: {names: {kind: X}}}, targets: [{target: other.sh, rego: x}]}",
     "must be admission.k8s.gatekeeper.sh, is \"other.sh\""},
    {"apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: x}\n"
     "spec: {crd: {spec: {names: {kind: X}, validation: {openAPIV3Schema: {properties: 1}}}}}",
     "openAPIV3Schema: type: is missing"},
    {TEMPLATE_HEAD("x", "X") "    code: [{engine: K8sNativeValidation, source: {}}]\n",
     "CEL (engine K8sNativeValidation) alone, which is not supported yet"},
    {TEMPLATE_HEAD("x", "X") "    code: [{engine: Lua, source: {}}]\n", "it has no Rego"},
    {TEMPLATE_HEAD("x", "X") "    rego: 5\n", "rego must be a string"},
    {TEMPLATE_HEAD("x", "X") "    operations: [PATCH]\n    rego: x\n", "\"PATCH\" is not one of"},
    {REGO("x", "X", "      deny[{\"msg\": \"\"}] { true }\n"), "no rule \"violation\""},
    {REGO("x", "X", "      violation[{\"msg\": x}] { true }\n"), "rego_unsafe_var_error"},
    {REGO("x", "X", "      violation[ {\n"), "rego_parse_error"},
    {REGO("x", "X", "      violation[{\"msg\": \"\"}] { data.other.x }\n"),
     "only data.inventory and data.lib may be used"},
    {REGO("x", "X", "      violation[{\"msg\": \"\"}] { data[_] }\n"), "only data.inventory"},
    {REGO("x", "X", "      violation[{\"msg\": \"\"}] { x := [y | y := input.z[data.a]] }\n"),
     "only data.inventory"},
    {REGO("x", "X",
          "      f(x) = y { y := x } else = data.z { true }\n"
          "      violation[{\"msg\": \"\"}] { f(1) }\n"),
     "only data.inventory"},
    {REGO("x", "X", "      import input.review\n      violation[{\"msg\": \"\"}] { true }\n"),
     "may be imported"},
    {REGO("x", "X", "      import data.inventory\n      violation[{\"msg\": \"\"}] { true }\n"),
     "may be imported"},
    {TEMPLATE_HEAD("x",
                   "X") "    rego: |\n      package x\n      violation[{\"msg\": \"\"}] { true "
                        "}\n    libs: ['package other']\n",
     "libs[0] must be of a package below lib"},
    {TEMPLATE_HEAD("x",
                   "X") "    rego: |\n      package x\n      violation[{\"msg\": \"\"}] { true "
                        "}\n    libs: ['package lib']\n",
     "libs[0] must be of a package below lib"},
    {TEMPLATE_HEAD("x",
                   "X") "    rego: |\n      package x\n      violation[{\"msg\": \"\"}] { true "
                        "}\n    libs: [5]\n",
     "libs must be a list"},
};

static void tells_what_is_wrong_with_templates(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof template_problems / sizeof *template_problems; i++) {
    struct error err = {0};
    set_up(NULL);
    add(template_problems[i].yaml);
    assert_true(gatekeeper_finish(g, &err) < 0);
    if (!strstr(err.message, template_problems[i].message))
      fail_msg("\"%s\" lacks \"%s\"", err.message, template_problems[i].message);
    const struct gatekeeper_problem *p = gatekeeper_problem(g, 0);
    assert_int_equal(p->kind, GATEKEEPER_PROBLEM_TEMPLATE);
    assert_str(p->file, "policies.yaml");
    assert_int_equal(p->line, 1);
    assert_true(str_starts(p->subject, STR("ConstraintTemplate ")));
    tear_down(NULL);
  }
}

static void quotes_the_line_of_rego(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0};
  struct error err;
  add(REGO("x", "X", "      violation[{\"msg\": missing}] { true }\n"));
  assert_true(gatekeeper_finish(g, &err) < 0);
  gatekeeper_problem_write(&text, gatekeeper_problem(g, 0));
  assert_str(buf_str(&text), "policies.yaml:1: ConstraintTemplate x: line 2 of its rego: "
                             "rego_unsafe_var_error: var missing is unsafe\n"
                             "\tviolation[{\"msg\": missing}] { true }\n\t^");
}

static void takes_the_same_twice(void **state)
{
  (void)state;
  struct error err;
  add(NO);
  add(NO);
  add(CONSTRAINT("Never", "one", "{}"));
  add(CONSTRAINT("Never", "one", "{}"));
  finish();
  assert_int_equal(gatekeeper_template_count(g), 1);
  assert_int_equal(gatekeeper_constraint_count(g), 1);
  tear_down(NULL);
  set_up(NULL);
  add(NO);
  add(REGO("never", "Never", "      violation[{\"msg\": \"never\"}] { false }\n"));
  add(CONSTRAINT("Never", "one", "{}"));
  add(CONSTRAINT("Never", "one", "{enforcementAction: warn}"));
  assert_true(gatekeeper_finish(g, &err) < 0);
  assert_int_equal(gatekeeper_problem_count(g), 2);
  assert_error(err, SW_EINVAL, "is given twice and differently, first in policies.yaml:1");
}

/* ---- constraints */

static const struct {
  const char *yaml, *message;
  enum gatekeeper_problem_kind kind;
} constraint_problems[] = {
    {CONSTRAINT("Missing", "a", "{}"), "there is no ConstraintTemplate of kind Missing",
     GATEKEEPER_PROBLEM_CONSTRAINT},
    {CONSTRAINT("STRICT", "a", "{}"), "there is no ConstraintTemplate of kind STRICT",
     GATEKEEPER_PROBLEM_CONSTRAINT},
    {"apiVersion: constraints.gatekeeper.sh/v1\nkind: Strict\nmetadata: {name: a}",
     "version \"v1\"", GATEKEEPER_PROBLEM_CONSTRAINT},
    {CONSTRAINT("Strict", "Capital", "{}"), "metadata.name \"Capital\"",
     GATEKEEPER_PROBLEM_CONSTRAINT},
    {"apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Strict\n", "metadata.name \"\"",
     GATEKEEPER_PROBLEM_CONSTRAINT},
    {CONSTRAINT("Strict", "a234567890123456789012345678901234567890123456789012345678901234", "{}"),
     "at most 63 characters", GATEKEEPER_PROBLEM_SCHEMA},
    {CONSTRAINT("Strict", "a", "{parameters: {labels: 5}}"),
     "spec.parameters.labels: must be an array, is a number", GATEKEEPER_PROBLEM_SCHEMA},
    {CONSTRAINT("Strict", "a", "{parameters: {label: []}}"),
     "spec.parameters.label: is a field that the schema does not know",
     GATEKEEPER_PROBLEM_CONSTRAINT},
    {CONSTRAINT("Strict", "a", "{parameter: {}}"),
     "spec.parameter: is a field that the schema does not know", GATEKEEPER_PROBLEM_CONSTRAINT},
    {CONSTRAINT("None", "a", "{parameters: {a: 1}}"), "takes no parameters",
     GATEKEEPER_PROBLEM_CONSTRAINT},
    {CONSTRAINT("Strict", "a", "{match: {kinds: Pod}}"), "spec.match.kinds: must be an array",
     GATEKEEPER_PROBLEM_SCHEMA},
    {CONSTRAINT("Strict", "a", "{match: {namespace: [a]}}"), "spec.match.namespace: is a field",
     GATEKEEPER_PROBLEM_CONSTRAINT},
    {CONSTRAINT("Strict", "a", "{match: {source: Some}}"), "spec.match.source: must be one of",
     GATEKEEPER_PROBLEM_SCHEMA},
    {CONSTRAINT("Strict", "a",
                "{match: {labelSelector: {matchExpressions: [{key: a, operator: "
                "Is}]}}}"),
     "operator \"Is\" is not one of", GATEKEEPER_PROBLEM_CONSTRAINT},
    {CONSTRAINT("Strict", "a",
                "{match: {labelSelector: {matchExpressions: [{key: a, operator: "
                "In}]}}}"),
     "need values", GATEKEEPER_PROBLEM_CONSTRAINT},
    {CONSTRAINT("Strict", "a",
                "{match: {namespaceSelector: {matchExpressions: [{key: a, operator: "
                "Exists, values: [x]}]}}}"),
     "spec.match.namespaceSelector: \"a\": Exists and DoesNotExist take no values",
     GATEKEEPER_PROBLEM_CONSTRAINT},
    {CONSTRAINT("Strict", "a", "{match: {labelSelector: {matchLabels: {'a b': c}}}}"),
     "is not a key of a label", GATEKEEPER_PROBLEM_CONSTRAINT},
    {CONSTRAINT("Strict", "a", "{match: {labelSelector: {matchLabels: {a: 'c d'}}}}"),
     "is not a value of a label", GATEKEEPER_PROBLEM_CONSTRAINT},
    {CONSTRAINT("Strict", "a", "{enforcementAction: refuse}"),
     "\"refuse\" is not one of deny, warn, dryrun, scoped", GATEKEEPER_PROBLEM_CONSTRAINT},
    {CONSTRAINT("Strict", "a", "{enforcementAction: scoped}"), "there are no scopedEnforcement",
     GATEKEEPER_PROBLEM_CONSTRAINT},
    {CONSTRAINT("Strict", "a",
                "{enforcementAction: scoped, scopedEnforcementActions: [{action: "
                "scoped, enforcementPoints: [{name: '*'}]}]}"),
     "action \"scoped\" is not one of", GATEKEEPER_PROBLEM_CONSTRAINT},
    {CONSTRAINT("Strict", "a",
                "{enforcementAction: scoped, scopedEnforcementActions: [{action: "
                "deny}]}"),
     "has no enforcementPoints", GATEKEEPER_PROBLEM_CONSTRAINT},
    {CONSTRAINT("Strict", "a",
                "{enforcementAction: scoped, scopedEnforcementActions: [{action: "
                "deny, enforcementPoints: [{name: here}]}]}"),
     "enforcement point \"here\" is not one of", GATEKEEPER_PROBLEM_CONSTRAINT},
};

static void tells_what_is_wrong_with_constraints(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof constraint_problems / sizeof *constraint_problems; i++) {
    struct error err = {0};
    set_up(NULL);
    add("apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: "
        "strict}\nspec:\n  crd: {spec: {names: {kind: Strict}, validation: {openAPIV3Schema: "
        "{type: object, properties: {labels: {type: array, items: {type: string}}}}}}}\n"
        "  targets: [{target: admission.k8s.gatekeeper.sh, rego: \"package x\\nviolation[{\\\"msg"
        "\\\": \\\"\\\"}] { true }\"}]\n");
    add("apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: none}\n"
        "spec:\n  crd: {spec: {names: {kind: None}}}\n  targets: [{target: "
        "admission.k8s.gatekeeper.sh, rego: \"package x\\nviolation[{\\\"msg\\\": \\\"\\\"}] { "
        "true }\"}]\n");
    add(constraint_problems[i].yaml);
    assert_true(gatekeeper_finish(g, &err) < 0);
    if (!strstr(err.message, constraint_problems[i].message))
      fail_msg("\"%s\" lacks \"%s\"", err.message, constraint_problems[i].message);
    assert_int_equal(gatekeeper_problem(g, 0)->kind, constraint_problems[i].kind);
    tear_down(NULL);
  }
}

/* v1beta1 lets parameters be what they like unless it says otherwise. */
static void knows_legacy_schemas(void **state)
{
  (void)state;
  add("apiVersion: templates.gatekeeper.sh/v1beta1\nkind: ConstraintTemplate\nmetadata: {name: "
      "old}\nspec:\n  crd: {spec: {names: {kind: Old}}}\n  targets: [{target: "
      "admission.k8s.gatekeeper.sh, rego: \"package x\\nviolation[{\\\"msg\\\": "
      "input.parameters.a.b}] { true }\"}]\n");
  add(CONSTRAINT("Old", "one", "{parameters: {a: {b: said}}}"));
  finish();
  decide(POD);
  assert_violations("deny one said {}\n");
}

/* ---- findings */

static void makes_findings(void **state)
{
  (void)state;
  struct finding_list list;
  uint32_t matched;
  struct error err;
  add("apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: never, "
      "annotations: {metadata.gatekeeper.sh/title: 'Nothing is allowed', description: 'Because.'}}"
      "\nspec:\n  crd: {spec: {names: {kind: Never}}}\n  targets: [{target: "
      "admission.k8s.gatekeeper.sh, rego: \"package x\\nviolation[{\\\"msg\\\": \\\"no\\\"}] { "
      "true }\"}]\n");
  add(CONSTRAINT("Never", "denied", "{}"));
  add(CONSTRAINT("Never", "dry", "{enforcementAction: dryrun}"));
  add(CONSTRAINT("Never", "warned", "{enforcementAction: warn}"));
  finish();
  finding_list_init(&list, &arena);
  struct kube_object object = object_of("\n" POD, gatekeeper_symbols(g));
  struct location place = {.file = STR("web.yaml"), .document = 3};
  assert_int_equal(gatekeeper_scan(worker, &list, &object, &place, NULL, &matched, &err), 0);
  assert_int_equal(matched, 3);
  assert_int_equal(list.count, 3);
  const struct finding *f = &list.items[0];
  assert_str(f->rule->id, "gatekeeper/Never/denied");
  assert_str(f->rule->title, "Nothing is allowed (denied)");
  assert_str(f->rule->why, "Because.");
  assert_int_equal(f->severity, SEVERITY_HIGH);
  assert_int_equal(list.items[1].severity, SEVERITY_LOW);
  assert_int_equal(list.items[2].severity, SEVERITY_MEDIUM);
  assert_str(f->message, "no");
  assert_str(f->location.file, "web.yaml");
  assert_int_equal(f->location.document, 3);
  assert_int_equal(f->location.line, 2);
  assert_str(f->subject.kind, "Pod");
  assert_str(f->subject.namespace, "shop");
  assert_int_equal(strlen(f->fingerprint), FINGERPRINT_LEN);
  assert_string_not_equal(f->fingerprint, list.items[1].fingerprint);
}

/* ---- files */

static void write_file(const char *folder, const char *name, const char *text)
{
  _cleanup_(buf_free) struct buf path = {0};
  buf_printf(&path, "%s/%s", folder, name);
  FILE *file = fopen(buf_text(&path), "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static void loads_files(void **state)
{
  (void)state;
  char folder[] = "/tmp/seawall-gatekeeper.XXXXXX";
  struct error err;
  size_t count;
  assert_non_null(mkdtemp(folder));
  write_file(folder, "a.yaml", CONSTRAINT("Never", "one", "{}") "\n---\n" NO);
  write_file(folder, "b.yaml", POD);
  write_file(folder, "c.txt", "{{ not read");
  assert_int_equal(gatekeeper_load(g, folder, &count, &err), 0);
  assert_int_equal(count, 2);
  finish();
  assert_int_equal(gatekeeper_constraint(g, 0)->line, 1);
  assert_true(str_ends(gatekeeper_constraint(g, 0)->file, STR("/a.yaml")));
  decide(POD);
  assert_violations("deny one no {}\n");
  tear_down(NULL);
  set_up(NULL);
  char linked[] = "/tmp/seawall-gatekeeper.XXXXXX", link[64], target[64];
  assert_non_null(mkdtemp(linked));
  snprintf(link, sizeof link, "%s/link.yaml", linked);
  snprintf(target, sizeof target, "%s/a.yaml", folder);
  assert_int_equal(symlink(target, link), 0);
  write_file(folder, "d.yaml", "a: [1\n");
  write_file(folder, "e.yaml", "a: 1\na: 2\n");
  assert_true(gatekeeper_load(g, folder, &count, &err) < 0);
  assert_non_null(strstr(err.message, "d.yaml"));
  assert_true(gatekeeper_load(g, "/nowhere/at/all", NULL, &err) < 0);
  assert_true(gatekeeper_load(g, linked, NULL, &err) < 0);
  assert_non_null(strstr(err.message, "link.yaml: link that leads out of the directory"));
  assert_true(gatekeeper_finish(g, &err) < 0);
  assert_int_equal(gatekeeper_problem_count(g), 4);
  assert_int_equal(gatekeeper_problem(g, 0)->kind, GATEKEEPER_PROBLEM_FILE);
  assert_int_equal(gatekeeper_problem(g, 0)->line, 2);
  static const char *const names[] = {"a.yaml", "b.yaml", "c.txt", "d.yaml", "e.yaml"};
  for (size_t i = 0; i < 5; i++) {
    _cleanup_(buf_free) struct buf path = {0};
    buf_printf(&path, "%s/%s", folder, names[i]);
    unlink(buf_text(&path));
  }
  rmdir(folder);
  unlink(link);
  rmdir(linked);
}

static void passes_other_objects_over(void **state)
{
  (void)state;
  struct error err;
  struct kube_object pod = object_of(POD, NULL);
  assert_false(gatekeeper_is_policy(&pod));
  assert_int_equal(gatekeeper_add(g, &pod, STR("x"), &err), 0);
  finish();
  decide(POD);
  assert_int_equal(decision.count, 0);
  assert_int_equal(decision.matched, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(tells_violations, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tells_equal_violations_once, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tells_failures, set_up, tear_down),
      cmocka_unit_test_setup_teardown(makes_a_review_of_an_object, set_up, tear_down),
      cmocka_unit_test_setup_teardown(shows_namespaces_and_operation, set_up, tear_down),
      cmocka_unit_test_setup_teardown(takes_requests, set_up, tear_down),
      cmocka_unit_test_setup_teardown(matches_the_old_object_too, set_up, tear_down),
      cmocka_unit_test_setup_teardown(gives_the_same_whatever_table_was_used, set_up, tear_down),
      cmocka_unit_test_setup_teardown(fills_defaults_of_parameters, set_up, tear_down),
      cmocka_unit_test_setup_teardown(feeds_the_inventory, set_up, tear_down),
      cmocka_unit_test_setup_teardown(keeps_objects_without_a_name_apart, set_up, tear_down),
      cmocka_unit_test(matches_as_gatekeeper_does),
      cmocka_unit_test_setup_teardown(matches_generated_objects, set_up, tear_down),
      cmocka_unit_test_setup_teardown(finds_each_constraint_once, set_up, tear_down),
      cmocka_unit_test_setup_teardown(enforces_by_point, set_up, tear_down),
      cmocka_unit_test_setup_teardown(heeds_operations_at_the_webhook, set_up, tear_down),
      cmocka_unit_test_setup_teardown(takes_libraries_and_both_versions, set_up, tear_down),
      cmocka_unit_test(tells_what_is_wrong_with_templates),
      cmocka_unit_test_setup_teardown(quotes_the_line_of_rego, set_up, tear_down),
      cmocka_unit_test_setup_teardown(takes_the_same_twice, set_up, tear_down),
      cmocka_unit_test(tells_what_is_wrong_with_constraints),
      cmocka_unit_test_setup_teardown(knows_legacy_schemas, set_up, tear_down),
      cmocka_unit_test_setup_teardown(makes_findings, set_up, tear_down),
      cmocka_unit_test_setup_teardown(loads_files, set_up, tear_down),
      cmocka_unit_test_setup_teardown(passes_other_objects_over, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
