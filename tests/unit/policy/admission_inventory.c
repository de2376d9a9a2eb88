#include "admission_fixture.h"

#include "data/json_write.h"
#include "data/yaml.h"
#include "kube/keys.h"

#include <pthread.h>
#include <stdatomic.h>

static struct admission_inventory service;

static void new_store(void)
{
  t.inventory = admission_inventory_store_new();
  service = admission_inventory_service(t.inventory);
}

static struct kube_object object_of(const char *yaml)
{
  struct yaml_document document;
  struct kube_object object;
  struct error err;
  struct yaml_reader *reader = yaml_reader_new(arena_copy(&arena, str_from(yaml)), NULL);
  if (yaml_reader_next(reader, &arena, &document, &err) <= 0)
    fail_msg("%s\n%s", yaml, err.message);
  yaml_reader_free(reader);
  kube_object_read(document.root, document.position, &object);
  return object;
}

static void add(const char *yaml)
{
  struct kube_object object = object_of(yaml);
  struct error err;
  if (admission_inventory_put(t.inventory, &object, &err) < 0)
    fail_msg("%s\n%s", yaml, err.message);
}

static bool take_out(const char *yaml)
{
  struct kube_object object = object_of(yaml);
  return admission_inventory_remove(t.inventory, &object);
}

static void assert_tree(struct value tree, const char *expected)
{
  _cleanup_(buf_free) struct buf text = {0};
  json_write(&text, tree, 0);
  for (size_t i = 0; i < text.len; i++)
    text.data[i] = text.data[i] == '"' ? '\'' : text.data[i];
  assert_str(buf_str(&text), expected);
}

/* The tree of now. */
static void assert_now(const char *expected)
{
  struct admission_inventory_version version;
  assert_true(service.acquire(service.ctx, &version));
  assert_tree(version.tree, expected);
  service.release(service.ctx, &version);
}

#define ROLE "{apiVersion: rbac/v1, kind: Role, metadata: {name: r, namespace: a}"
#define ROLE_OUT "'r':{'apiVersion':'rbac/v1','kind':'Role','metadata':{'name':'r','namespace':'a'}"
#define NODE "{apiVersion: v1, kind: Node, metadata: {name: one}}"
#define NODE_OUT "'v1':{'Node':{'one':{'apiVersion':'v1','kind':'Node','metadata':{'name':'one'}}}}"

/* ---- the tree */

static void a_version_is_a_tree(void **state)
{
  (void)state;
  new_store();
  add(ROLE "}");
  add(NODE);
  assert_int_equal(admission_inventory_count(t.inventory), 2);
  admission_inventory_publish(t.inventory);
  assert_now("{'cluster':{" NODE_OUT "},'namespace':{'a':{'rbac/v1':{'Role':{" ROLE_OUT "}}}}}}");
}

static void nothing_is_known_before_it_is_published(void **state)
{
  (void)state;
  struct admission_inventory_version version;
  new_store();
  add(NODE);
  assert_false(service.acquire(service.ctx, &version));
  admission_inventory_clear(t.inventory);
  admission_inventory_publish(t.inventory);
  assert_now("{}");
}

static void a_version_stays_as_it_is(void **state)
{
  (void)state;
  struct admission_inventory_version first, second;
  new_store();
  add(ROLE "}");
  add(NODE);
  admission_inventory_publish(t.inventory);
  assert_true(service.acquire(service.ctx, &first));
  add(ROLE ", rules: []}");
  assert_true(take_out(NODE));
  assert_false(take_out(NODE));
  assert_int_equal(admission_inventory_count(t.inventory), 1);
  admission_inventory_publish(t.inventory);
  assert_true(service.acquire(service.ctx, &second));
  assert_true(second.number > first.number);
  assert_tree(second.tree, "{'namespace':{'a':{'rbac/v1':{'Role':{" ROLE_OUT ",'rules':[]}}}}}}");
  service.release(service.ctx, &second);
  admission_inventory_clear(t.inventory);
  admission_inventory_publish(t.inventory);
  assert_int_equal(admission_inventory_count(t.inventory), 0);
  assert_now("{}");
  assert_tree(first.tree,
              "{'cluster':{" NODE_OUT "},'namespace':{'a':{'rbac/v1':{'Role':{" ROLE_OUT "}}}}}}");
  service.release(service.ctx, &first);
}

static void a_version_outlives_the_store(void **state)
{
  (void)state;
  struct admission_inventory_version version;
  new_store();
  add(NODE);
  admission_inventory_publish(t.inventory);
  assert_true(service.acquire(service.ctx, &version));
  admission_inventory_store_free(t.inventory);
  t.inventory = NULL;
  assert_tree(version.tree, "{'cluster':{" NODE_OUT "}}");
  service.release(NULL, &version);
}

static void objects_without_a_name_stay_apart(void **state)
{
  (void)state;
  new_store();
  add("{apiVersion: v1, kind: P, metadata: {generateName: g-}}");
  add("{apiVersion: v1, kind: P, metadata: {generateName: g-}}");
  assert_int_equal(admission_inventory_count(t.inventory), 2);
}

static void items_of_lists_are_whole(void **state)
{
  (void)state;
  struct kube_objects it;
  struct kube_object o, list = object_of("{apiVersion: v1, kind: NodeList, items: "
                                         "[{metadata: {name: one}}]}");
  struct error err;
  new_store();
  kube_objects_begin(&it, list.value, (struct value_position){0});
  while (kube_objects_next(&it, &o))
    assert_int_equal(admission_inventory_put(t.inventory, &o, &err), 0);
  admission_inventory_publish(t.inventory);
  assert_now(
      "{'cluster':{'v1':{'Node':{'one':{'metadata':{'name':'one'},'apiVersion':'v1','kind':'Node'"
      "}}}}}");
}

static void what_is_no_object_is_refused(void **state)
{
  (void)state;
  struct kube_object o = object_of("{kind: Node}");
  struct error err;
  new_store();
  assert_int_equal(admission_inventory_put(t.inventory, &o, &err), SW_EINVAL);
  assert_int_equal(admission_inventory_count(t.inventory), 0);
}

/* Far more bytes go through than are there at any time; what is held by a version survives it. */
static void objects_come_and_go(void **state)
{
  (void)state;
  enum { OBJECTS = 200, ROUNDS = 60 };
  struct admission_inventory_version first;
  char filler[4001] = {0}, text[4200];
  memset(filler, 'x', sizeof filler - 1);
  new_store();
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < OBJECTS; i++) {
      snprintf(text, sizeof text,
               "{apiVersion: v1, kind: P, metadata: {name: p%d, namespace: n%d}, round: %d, f: %s}",
               i, i % 7, round, filler);
      add(text);
      arena_reset(&arena);
    }
    admission_inventory_publish(t.inventory);
    if (round == 0)
      assert_true(service.acquire(service.ctx, &first));
  }
  struct admission_inventory_version last;
  assert_true(service.acquire(service.ctx, &last));
  struct admission_inventory_version *both[] = {&first, &last};
  for (int v = 0; v < 2; v++) {
    for (int i = 0; i < OBJECTS; i++) {
      int64_t round;
      snprintf(text, sizeof text, "/namespace/n%d/v1/P/p%d", i % 7, i);
      struct value object = pointer_get(both[v]->tree, str_from(text));
      assert_true(value_to_int(value_get_str(object, STR("round")), &round));
      assert_int_equal(round, v == 0 ? 0 : ROUNDS - 1);
      assert_str(value_str(value_get_str(object, STR("f"))), filler);
    }
    service.release(service.ctx, both[v]);
  }
}

/* ---- files */

static void write_file(const char *path, const char *text)
{
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
}

static int read_paths(const char *const *paths, size_t count, size_t *ret, struct error *err)
{
  new_store();
  return admission_inventory_read(t.inventory, paths, count, ret, err);
}

static void files_are_read(void **state)
{
  (void)state;
  static const char *const paths[] = {"o", "named.txt"};
  struct error err;
  size_t count;
  assert_int_equal(mkdir("o", 0755), 0);
  assert_int_equal(mkdir("o/below", 0755), 0);
  write_file("o/two.yaml", "---\n" NODE "\n---\njust: a document\n---\n");
  write_file("o/below/list.json",
             "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{\"apiVersion\":"
             "\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"m\"}}]}");
  write_file("o/readme.txt", "{{{");
  write_file("named.txt", ROLE "}");
  assert_int_equal(read_paths(paths, 2, &count, &err), 0);
  assert_int_equal(count, 3);
  assert_int_equal(admission_inventory_count(t.inventory), 3);
}

static void files_that_cannot_be_read_are_errors(void **state)
{
  (void)state;
  static const char *const paths[] = {"o"};
  struct error err;
  assert_int_equal(read_paths(paths, 1, NULL, &err), SW_ENOENT);
  admission_inventory_store_free(t.inventory);
  assert_int_equal(mkdir("o", 0755), 0);
  write_file("o/bad.yaml", NODE "\n---\na: [\n");
  assert_int_equal(read_paths(paths, 1, NULL, &err), SW_EINVAL);
  assert_true(str_starts(str_from(err.message), STR("o/bad.yaml:")));
}

/* ---- decisions */

static const char unique_hosts[] =
    "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: uniquehost}\n"
    "spec:\n  crd: {spec: {names: {kind: UniqueHost}}}\n  targets:\n"
    "  - target: admission.k8s.gatekeeper.sh\n    rego: |\n      package uniquehost\n"
    "      violation[{\"msg\": msg}] {\n"
    "        host := input.review.object.spec.rules[_].host\n"
    "        other := data.inventory.namespace[ns][_].Ingress[name]\n"
    "        other.spec.rules[_].host == host\n        not same(ns, name)\n"
    "        msg := sprintf(\"%v has %v\", [name, host])\n      }\n"
    "      same(ns, name) {\n        ns == input.review.namespace\n"
    "        name == input.review.object.metadata.name\n      }\n"
    "---\napiVersion: constraints.gatekeeper.sh/v1beta1\nkind: UniqueHost\nmetadata: {name: all}\n"
    "spec: {match: {kinds: [{apiGroups: ['*'], kinds: [Ingress]}]}}\n";

#define INGRESS(name, host)                                                                        \
  "{'apiVersion':'networking.k8s.io/v1','kind':'Ingress','metadata':{'name':'" name                \
  "','namespace':'shop'},'spec':{'rules':[{'host':'" host "'}]}}"

static struct asked ingress(const char *object)
{
  return (struct asked){
      .kind = "Ingress", .group = "networking.k8s.io", .resource = "ingresses", .object = object};
}

static void use_inventory(void)
{
  t.options.inventory = service;
}

static void constraints_see_the_inventory(void **state)
{
  (void)state;
  put("unique.yaml", unique_hosts);
  new_store();
  add(unquoted(INGRESS("front", "a.example")).data);
  admission_inventory_publish(t.inventory);
  use_inventory();
  t.options.rules_enabled = true; /* another table of symbols */
  t.options.rules.action = ADMISSION_ACTION_DRYRUN;
  load();
  assert_int_equal(t.problems.count, 0);
  assert_true(allows(ingress(INGRESS("other", "b.example"))));
  assert_false(allows(ingress(INGRESS("other", "a.example"))));
  assert_reason("gatekeeper/UniqueHost/all", ADMISSION_ACTION_DENY, "front has a.example");
  assert_true(allows(ingress(INGRESS("front", "a.example"))));
  /* The same snapshot sees what is published later. */
  add(unquoted(INGRESS("side", "b.example")).data);
  assert_true(allows(ingress(INGRESS("other", "b.example"))));
  admission_inventory_publish(t.inventory);
  assert_false(allows(ingress(INGRESS("other", "b.example"))));
}

static void without_an_inventory_it_is_said(void **state)
{
  (void)state;
  put("unique.yaml", unique_hosts);
  put_constraint("deny");
  load();
  assert_int_equal(t.problems.count, 1);
  assert_true(t.problems.items[0].note);
  assert_non_null(
      strstr(t.problems.items[0].text, "find nothing in them: gatekeeper/UniqueHost/all"));
  assert_true(allows(ingress(INGRESS("other", "a.example"))));
}

static void an_unknown_inventory_is_a_failure(void **state)
{
  (void)state;
  put("unique.yaml", unique_hosts);
  put_constraint("deny");
  new_store();
  use_inventory();
  load();
  assert_false(allows(ingress(INGRESS("other", "a.example"))));
  assert_reason("gatekeeper/UniqueHost/all", ADMISSION_ACTION_DENY, "not known yet");
  assert_true(t.d.internal);
  assert_true(allows((struct asked){.object = GOOD})); /* nobody looks at others there */
  assert_false(allows((struct asked){.object = BAD}));
  assert_false(t.d.internal);
}

static void namespaces_may_come_from_it(void **state)
{
  (void)state;
  t.options.pod_security = true;
  new_store();
  add("{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: "
      "{pod-security.kubernetes.io/enforce: baseline}}}");
  admission_inventory_publish(t.inventory);
  use_inventory();
  load();
  assert_false(allows((struct asked){.object = BAD}));
  assert_reason("podsecurity", ADMISSION_ACTION_DENY, "baseline");
  assert_true(allows((struct asked){.object = BAD, .namespace = "other"}));
  give_back();
  know_namespaces("other: {pod-security.kubernetes.io/enforce: baseline}\n");
  load();
  assert_true(allows((struct asked){.object = BAD}));
  assert_false(allows((struct asked){.object = BAD, .namespace = "other"}));
}

static void selectors_find_namespaces_in_it(void **state)
{
  (void)state;
  put("template.yaml", template_text);
  put("constraint.yaml",
      "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: NoPrivileged\nmetadata: {name: none}\n"
      "spec: {match: {namespaceSelector: {matchLabels: {strict: 'yes'}}}}\n");
  new_store();
  add("{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {strict: 'yes'}}}");
  add("{apiVersion: v1, kind: Namespace, metadata: {name: lax}}");
  admission_inventory_publish(t.inventory);
  use_inventory();
  load();
  assert_false(allows((struct asked){.object = BAD}));
  assert_true(allows((struct asked){.object = BAD, .namespace = "lax"}));
}

/* How often versions are held. */
static struct counted {
  struct admission_inventory real;
  unsigned acquired, released;
} counted;

static bool count_acquire(void *ctx, struct admission_inventory_version *ret)
{
  struct counted *c = ctx;
  c->acquired++;
  return c->real.acquire(c->real.ctx, ret);
}

static void count_release(void *ctx, struct admission_inventory_version *version)
{
  struct counted *c = ctx;
  c->released++;
  c->real.release(c->real.ctx, version);
}

static void a_request_holds_one_version(void **state)
{
  (void)state;
  put("unique.yaml", unique_hosts);
  t.options.pod_security = true;
  new_store();
  admission_inventory_publish(t.inventory);
  counted = (struct counted){.real = service};
  t.options.inventory = (struct admission_inventory){count_acquire, count_release, &counted};
  load();
  assert_true(allows(ingress(INGRESS("other", "a.example"))));
  assert_int_equal(counted.acquired, 1);
  assert_int_equal(counted.released, 1);
  assert_true(allows((struct asked){.object = GOOD}));
  assert_int_equal(counted.acquired, 2);
  assert_int_equal(counted.released, 2);
  decide_text(STR("{"), ADMISSION_VALIDATE, 0);
  assert_int_equal(counted.acquired, 2);
}

/* ---- threads */

enum { READERS = 3, VERSIONS = 300 };

static atomic_bool done;

static void *read_versions(void *wrong)
{
  uint64_t before = 0;
  while (!atomic_load(&done)) {
    struct admission_inventory_version v;
    if (!service.acquire(service.ctx, &v))
      continue;
    int64_t round;
    struct value object = pointer_get(v.tree, STR("/namespace/a/v1/P/p"));
    if (v.number < before || !value_to_int(value_get_str(object, STR("round")), &round) ||
        (uint64_t)round != v.number)
      atomic_fetch_add((atomic_uint *)wrong, 1);
    before = v.number;
    service.release(service.ctx, &v);
  }
  return NULL;
}

static void versions_are_read_while_others_are_made(void **state)
{
  (void)state;
  pthread_t threads[READERS];
  atomic_uint wrong = 0;
  char text[200];
  new_store();
  atomic_store(&done, false);
  for (int i = 0; i < READERS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, read_versions, &wrong), 0);
  for (int i = 1; i <= VERSIONS; i++) {
    snprintf(text, sizeof text,
             "{apiVersion: v1, kind: P, metadata: {name: p, namespace: a}, round: %d}", i);
    add(text);
    admission_inventory_publish(t.inventory);
  }
  atomic_store(&done, true);
  for (int i = 0; i < READERS; i++)
    assert_int_equal(pthread_join(threads[i], NULL), 0);
  assert_int_equal(atomic_load(&wrong), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_version_is_a_tree),
      TEST(nothing_is_known_before_it_is_published),
      TEST(a_version_stays_as_it_is),
      TEST(a_version_outlives_the_store),
      TEST(objects_without_a_name_stay_apart),
      TEST(items_of_lists_are_whole),
      TEST(what_is_no_object_is_refused),
      TEST(objects_come_and_go),
      TEST(files_are_read),
      TEST(files_that_cannot_be_read_are_errors),
      TEST(constraints_see_the_inventory),
      TEST(without_an_inventory_it_is_said),
      TEST(an_unknown_inventory_is_a_failure),
      TEST(namespaces_may_come_from_it),
      TEST(selectors_find_namespaces_in_it),
      TEST(a_request_holds_one_version),
      TEST(versions_are_read_while_others_are_made),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
