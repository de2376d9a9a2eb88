#include "../test.h"

#include "data/pointer.h"
#include "data/yaml.h"
#include "kube/keys.h"
#include "policy/rule_inventory.h"

static const char manifests[] =
    "apiVersion: apps/v1\nkind: Deployment\n"
    "metadata: {name: web, namespace: shop, labels: {team: a}}\n"
    "spec:\n  replicas: 3\n  selector: {matchLabels: {app: web}}\n"
    "  template:\n    metadata: {labels: {app: web}}\n    spec:\n"
    "      automountServiceAccountToken: false\n"
    "      containers:\n      - name: a\n        ports: [{containerPort: 80, name: http}]\n"
    "        env:\n        - name: P\n          valueFrom: {secretKeyRef: {name: db, key: p}}\n"
    "---\napiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\n"
    "data: {p: c2VjcmV0}\nstringData: {q: secret}\n"
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n"
    "spec: {selector: {app: web}}\n"
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: alone}\nspec: {serviceAccountName: x}\n";

static const struct rule_kind kinds[] = {{STR_INIT(""), STR_INIT("Secret")},
                                         {STR_INIT(""), STR_INIT("Service")},
                                         {STR_INIT("policy"), STR_INIT("PodDisruptionBudget")}};

struct fixture {
  struct symbols *symbols;
  struct rule_inventory *inventory;
  struct value value;
};

/* The text and the tree are gone before anybody asks. */
static int setup(void **state)
{
  struct fixture *f = mem_zalloc(1, sizeof *f);
  struct rule_needs needs = {.workloads = true, .kinds = kinds, .kind_count = 3};
  f->symbols = kube_symbols_new();
  f->inventory = rule_inventory_new(needs, f->symbols);
  struct arena arena;
  arena_init(&arena, 0);
  char *text = mem_copy_text(manifests, sizeof manifests - 1);
  struct yaml_options options = {.positions = true, .symbols = f->symbols};
  struct yaml_reader *reader = yaml_reader_new(str_from(text), &options);
  struct yaml_document document;
  struct error err;
  while (yaml_reader_next(reader, &arena, &document, &err) > 0) {
    struct kube_object object;
    struct location place = {.file = STR("all.yaml"), .document = document.number - 1};
    assert_true(kube_object_read(document.root, document.position, &object));
    assert_true(rule_needs_object(&needs, &object));
    assert_int_equal(rule_inventory_add(f->inventory, &object, &place, &err), 0);
  }
  yaml_reader_free(reader);
  memset(text, 'x', sizeof manifests - 1);
  mem_free(text);
  arena_free(&arena);
  f->value = rule_inventory_value(f->inventory);
  *state = f;
  return 0;
}

static int teardown(void **state)
{
  struct fixture *f = *state;
  rule_inventory_free(f->inventory);
  symbols_free(f->symbols);
  mem_free(f);
  return 0;
}

static struct value at(struct fixture *f, const char *pointer)
{
  return pointer_get(f->value, str_from(pointer));
}

static void workloads_are_summed_up(void **state)
{
  struct fixture *f = *state;
  assert_int_equal(at(f, "/inventory/workloads").len, 2);
  assert_str(value_str(at(f, "/inventory/workloads/0/name")), "web");
  assert_str(value_str(at(f, "/inventory/workloads/0/group")), "apps");
  assert_str(value_str(at(f, "/inventory/workloads/0/pod_labels/app")), "web");
  assert_str(value_str(at(f, "/inventory/workloads/0/labels/team")), "a");
  assert_str(value_str(at(f, "/inventory/workloads/0/service_account")), "default");
  assert_int_equal(at(f, "/inventory/workloads/0/replicas").integer, 3);
  assert_true(value_is_false(at(f, "/inventory/workloads/0/automount")));
  assert_int_equal(at(f, "/inventory/workloads/0/ports/0/containerPort").integer, 80);
  assert_str(value_str(at(f, "/inventory/workloads/0/path/1")), "template");
  assert_str(value_str(at(f, "/inventory/workloads/0/references/0/name")), "db");
  assert_str(value_str(at(f, "/inventory/workloads/0/references/0/key")), "p");
  assert_str(value_str(at(f, "/inventory/workloads/1/service_account")), "x");
  assert_true(value_is(at(f, "/inventory/workloads/1/replicas"), VALUE_ABSENT));
  assert_int_equal(at(f, "/inventory/workloads/1/path").len, 0);
}

static void objects_are_kept_by_kind(void **state)
{
  struct fixture *f = *state;
  assert_str(value_str(at(f, "/inventory/objects/Service/0/object/spec/selector/app")), "web");
  assert_str(value_str(at(f, "/inventory/objects/Service/0/namespace")), "shop");
  assert_int_equal(at(f, "/inventory/objects/policy~1PodDisruptionBudget").len, 0);
  assert_true(value_is(at(f, "/inventory/objects/policy~1PodDisruptionBudget"), VALUE_ARRAY));
}

static void namespaces_have_their_own(void **state)
{
  struct fixture *f = *state;
  assert_int_equal(at(f, "/inventory/by_namespace/shop/workloads").len, 1);
  assert_int_equal(at(f, "/inventory/by_namespace/shop/objects/Service").len, 1);
  assert_str(value_str(at(f, "/inventory/by_namespace//workloads/0/name")), "alone");
  assert_int_equal(at(f, "/inventory/by_namespace//objects/Secret").len, 0);
}

static void secrets_lose_their_values(void **state)
{
  struct fixture *f = *state;
  assert_true(value_is(at(f, "/inventory/objects/Secret/0/object/data/p"), VALUE_NULL));
  assert_true(value_is(at(f, "/inventory/objects/Secret/0/object/stringData/q"), VALUE_NULL));
  assert_str(value_str(at(f, "/inventory/objects/Secret/0/object/metadata/name")), "db");
}

static void an_id_leads_back_to_the_object(void **state)
{
  struct fixture *f = *state;
  struct kube_object object;
  struct location place;
  int64_t id = -1;
  assert_true(value_to_int(at(f, "/inventory/objects/Service/0/id"), &id));
  assert_true(rule_inventory_object(f->inventory, id, &object, &place));
  assert_str(object.kind, "Service");
  assert_str(place.file, "all.yaml");
  assert_int_equal(place.document, 2);
  assert_int_equal(value_key_position(object.value, 3).line, 27);
  assert_false(rule_inventory_object(f->inventory, 99, &object, &place));
  assert_false(rule_inventory_object(f->inventory, -1, &object, &place));
}

static void what_is_there_is_known(void **state)
{
  struct fixture *f = *state;
  assert_true(rule_inventory_has(f->inventory, &kinds[0], 1, false));
  assert_false(rule_inventory_has(f->inventory, &kinds[2], 1, false));
  assert_true(rule_inventory_has(f->inventory, &kinds[2], 1, true));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(workloads_are_summed_up, setup, teardown),
      cmocka_unit_test_setup_teardown(objects_are_kept_by_kind, setup, teardown),
      cmocka_unit_test_setup_teardown(namespaces_have_their_own, setup, teardown),
      cmocka_unit_test_setup_teardown(secrets_lose_their_values, setup, teardown),
      cmocka_unit_test_setup_teardown(an_id_leads_back_to_the_object, setup, teardown),
      cmocka_unit_test_setup_teardown(what_is_there_is_known, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
