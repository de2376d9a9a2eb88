#include "../test.h"

#include "base/buf.h"
#include "data/compare.h"
#include "data/json_write.h"
#include "data/yaml.h"
#include "policy/gatekeeper_mutate.h"

static struct arena arena;
static struct gatekeeper_mutators *mutators;

static int set_up(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  mutators = gatekeeper_mutators_new();
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  gatekeeper_mutators_free(mutators);
  arena_free(&arena);
  return 0;
}

static struct kube_object object_of(const char *yaml)
{
  struct yaml_document d;
  struct kube_object o;
  struct error err;
  struct yaml_reader *reader = yaml_reader_new(str_from(yaml), NULL);
  if (yaml_reader_next(reader, &arena, &d, &err) <= 0)
    fail_msg("%s", err.message);
  yaml_reader_free(reader);
  assert_true(kube_object_read(d.root, d.position, &o));
  return o;
}

#define PODS "applyTo: [{groups: [''], versions: [v1], kinds: [Pod]}], "

static int try_add(const char *kind, const char *name, const char *spec, struct error *err)
{
  struct str text = arena_printf(
      &arena,
      "{apiVersion: mutations.gatekeeper.sh/v1, kind: %s, metadata: {name: %s}, spec: {%s}}", kind,
      name, spec);
  struct kube_object o = object_of(text.data);
  assert_true(gatekeeper_is_mutator(&o));
  return gatekeeper_mutators_add(mutators, &o, err);
}

static void add(const char *kind, const char *name, const char *spec)
{
  struct error err;
  if (try_add(kind, name, spec, &err) != 1)
    fail_msg("%s", err.message);
}

static void finish(void)
{
  struct error err;
  if (gatekeeper_mutators_finish(mutators, &err) < 0)
    fail_msg("%s", err.message);
}

/* An object with metadata and spec, mutated: the same two as compact JSON. */
static const char *mutated(const char *rest)
{
  struct str text = arena_printf(&arena, "{apiVersion: v1, kind: Pod, %s}", rest);
  struct kube_object o = object_of(text.data);
  struct value changed;
  uint32_t matched;
  struct error err;
  if (gatekeeper_mutate(mutators, &arena, &o, VALUE_NONE, &changed, &matched, &err) < 0)
    return arena_printf(&arena, "error: %s", err.message).data;
  struct buf out = {0};
  json_write(&out, value_get(changed, value_from("metadata")), 0);
  buf_add_byte(&out, ' ');
  json_write(&out, value_get(changed, value_from("spec")), 0);
  struct str copy = arena_copy(&arena, buf_str(&out));
  buf_free(&out);
  return copy.data;
}

static void assigns_values(void **state)
{
  (void)state;
  add("Assign", "a",
      PODS
      "location: 'spec.containers[name: web].imagePullPolicy', parameters: {assign: {value: Always}}");
  finish();
  assert_string_equal(
      mutated("metadata: {name: a}, spec: {containers: [{name: web}, {name: db}]}"),
      "{\"name\":\"a\"} {\"containers\":[{\"name\":\"web\",\"imagePullPolicy\":\"Always\"},{\"name\":\"db\"}]}");
  assert_string_equal(
      mutated("metadata: {name: a}, spec: null"),
      "{\"name\":\"a\"} {\"containers\":[{\"name\":\"web\",\"imagePullPolicy\":\"Always\"}]}");
  assert_string_equal(
      mutated("metadata: {name: a}, spec: {containers: 5}"),
      "error: Assign a: there is a number on the way to its location, must be a list");
}

static void globs_make_no_elements(void **state)
{
  (void)state;
  add("Assign", "a",
      PODS "location: 'spec.containers[name: *].tty', parameters: {assign: {value: false}}");
  finish();
  assert_string_equal(
      mutated("metadata: {}, spec: {containers: [{name: a}, {name: b}]}"),
      "{} {\"containers\":[{\"name\":\"a\",\"tty\":false},{\"name\":\"b\",\"tty\":false}]}");
  assert_string_equal(mutated("metadata: {}, spec: {containers: []}"), "{} {\"containers\":[]}");
}

static void elements_are_added_and_replaced(void **state)
{
  (void)state;
  add("Assign", "a",
      PODS
      "location: 'spec.containers[name: proxy]', parameters: {assign: {value: {name: proxy, image: p}}}");
  finish();
  assert_string_equal(
      mutated("metadata: {}, spec: {containers: [{name: a}]}"),
      "{} {\"containers\":[{\"name\":\"a\"},{\"name\":\"proxy\",\"image\":\"p\"}]}");
  assert_string_equal(mutated("metadata: {}, spec: {containers: [{name: proxy, tty: true}]}"),
                      "{} {\"containers\":[{\"name\":\"proxy\",\"image\":\"p\"}]}");
}

static void path_tests_hold(void **state)
{
  (void)state;
  add("Assign", "a",
      PODS
      "location: spec.security.user, parameters: {assign: {value: 1}, pathTests: [{subPath: "
      "spec.security, condition: MustExist}, {subPath: spec.security.user, condition: MustNotExist}]}");
  finish();
  assert_string_equal(mutated("metadata: {}, spec: {x: 1}"), "{} {\"x\":1}");
  assert_string_equal(mutated("metadata: {}, spec: {security: {}}"),
                      "{} {\"security\":{\"user\":1}}");
  assert_string_equal(mutated("metadata: {}, spec: {security: {user: 5}}"),
                      "{} {\"security\":{\"user\":5}}");
}

static void metadata_is_added_never_replaced(void **state)
{
  (void)state;
  add("AssignMetadata", "a",
      "location: 'metadata.labels.\"team/owner\"', parameters: {assign: {value: us}}");
  add("AssignMetadata", "b",
      "location: metadata.annotations.where, parameters: {assign: {fromMetadata: {field: namespace}}}");
  finish();
  assert_string_equal(mutated("metadata: {namespace: shop}, spec: {}"),
                      "{\"namespace\":\"shop\",\"labels\":{\"team/owner\":\"us\"},\"annotations\":{"
                      "\"where\":\"shop\"}} {}");
  assert_string_equal(
      mutated("metadata: {labels: {team/owner: them}, annotations: {where: here}}, spec: {}"),
      "{\"labels\":{\"team/owner\":\"them\"},\"annotations\":{\"where\":\"here\"}} {}");
}

static void sets_are_merged_and_pruned(void **state)
{
  (void)state;
  add("ModifySet", "a", PODS "location: spec.add, parameters: {values: {fromList: [x, v]}}");
  add("ModifySet", "b",
      PODS "location: spec.remove, parameters: {operation: prune, values: {fromList: [x]}}");
  finish();
  assert_string_equal(mutated("metadata: {}, spec: {add: [v, z], remove: [x, w]}"),
                      "{} {\"add\":[\"v\",\"z\",\"x\"],\"remove\":[\"w\"]}");
  assert_string_equal(mutated("metadata: {}, spec: {}"), "{} {\"add\":[\"x\",\"v\"]}");
  assert_string_equal(mutated("metadata: {}, spec: {add: text}"),
                      "error: ModifySet a: there is a string at its location, which is no set");
}

static void images_are_put_together(void **state)
{
  (void)state;
  static const char *const cases[][3] = {
      {"assignDomain: reg.io", "nginx:1", "reg.io/nginx:1"},
      {"assignDomain: reg.io", "quay.io/a/b@sha256:0", "reg.io/a/b@sha256:0"},
      {"assignPath: team/app", "quay.io/a:1", "quay.io/team/app:1"},
      {"assignTag: ':2'", "reg:5000/a:1", "reg:5000/a:2"},
      {"assignTag: '@sha256:abc'", "a/b:1", "a/b@sha256:abc"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    gatekeeper_mutators_free(mutators);
    mutators = gatekeeper_mutators_new();
    add("AssignImage", "a",
        arena_printf(&arena, PODS "location: spec.image, parameters: {%s}", cases[i][0]).data);
    finish();
    struct str rest = arena_printf(&arena, "metadata: {}, spec: {image: '%s'}", cases[i][1]);
    assert_string_equal(mutated(rest.data),
                        arena_printf(&arena, "{} {\"image\":\"%s\"}", cases[i][2]).data);
  }
}

static void matching_is_as_for_constraints(void **state)
{
  (void)state;
  add("Assign", "a",
      PODS
      "location: spec.x, match: {excludedNamespaces: [kube-*], labelSelector: {matchLabels: {a: b}}}, parameters: {assign: {value: 1}}");
  finish();
  assert_string_equal(mutated("metadata: {labels: {a: b}}, spec: {}"),
                      "{\"labels\":{\"a\":\"b\"}} {\"x\":1}");
  assert_string_equal(mutated("metadata: {}, spec: {}"), "{} {}");
  assert_string_equal(mutated("metadata: {namespace: kube-system, labels: {a: b}}, spec: {}"),
                      "{\"namespace\":\"kube-system\",\"labels\":{\"a\":\"b\"}} {}");
}

static void an_unknown_namespace_is_an_error(void **state)
{
  (void)state;
  add("Assign", "a",
      PODS
      "location: spec.x, match: {namespaceSelector: {matchLabels: {a: b}}}, parameters: {assign: {value: 1}}");
  finish();
  assert_non_null(
      strstr(mutated("metadata: {namespace: shop}, spec: {}"),
             "error: Assign a: it selects namespaces by label, and Namespace \"shop\""));
}

/* The second sees what the first made, whatever their order. */
static void they_are_applied_until_nothing_changes(void **state)
{
  (void)state;
  add("Assign", "a",
      PODS
      "location: spec.b.c, parameters: {assign: {value: 1}, pathTests: [{subPath: spec.b, condition: MustExist}]}");
  add("ModifySet", "b", PODS "location: spec.b.d, parameters: {values: {fromList: [1]}}");
  finish();
  assert_string_equal(mutated("metadata: {}, spec: {}"), "{} {\"b\":{\"d\":[1],\"c\":1}}");
}

/* What one undoes that another does is as it was at the end of each round. */
static void opponents_settle(void **state)
{
  (void)state;
  add("Assign", "a", PODS "location: spec.s, parameters: {assign: {value: [1]}}");
  add("ModifySet", "b", PODS "location: spec.s, parameters: {values: {fromList: [2]}}");
  add("ModifySet", "c",
      PODS "location: spec.s, parameters: {operation: prune, values: {fromList: [1]}}");
  finish();
  assert_string_equal(mutated("metadata: {}, spec: {}"), "{} {\"s\":[2]}");
}

static void contradictions_are_found(void **state)
{
  (void)state;
  static const char *const pairs[][2] = {
      {"location: 'spec.a[name: x].b', parameters: {assign: {value: 1}}",
       "location: spec.a.b, parameters: {assign: {value: 1}}"},
      {"location: 'spec.a[name: x].b', parameters: {assign: {value: 1}}",
       "location: 'spec.a[key: x].b', parameters: {assign: {value: 1}}"},
      {"location: 'spec.a.b.c', parameters: {assign: {value: 1}}",
       "location: 'spec.a.b[k: 1].c', parameters: {assign: {value: 1}}"},
  };
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    struct error err;
    gatekeeper_mutators_free(mutators);
    mutators = gatekeeper_mutators_new();
    add("Assign", "a", arena_printf(&arena, PODS "%s", pairs[i][0]).data);
    add("Assign", "b", arena_printf(&arena, PODS "%s", pairs[i][1]).data);
    assert_int_equal(gatekeeper_mutators_finish(mutators, &err), SW_EINVAL);
    assert_error(err, SW_EINVAL, "Assign a and Assign b contradict each other");
  }
  gatekeeper_mutators_free(mutators);
  mutators = gatekeeper_mutators_new();
  add("Assign", "a", arena_printf(&arena, PODS "%s", pairs[0][0]).data);
  add("Assign", "b",
      arena_printf(&arena, "applyTo: [{groups: [x], versions: [v1], kinds: [Pod]}], %s",
                   pairs[0][1])
          .data);
  finish();
  assert_int_equal(gatekeeper_mutators_count(mutators), 2);
}

static void mistakes_are_refused(void **state)
{
  (void)state;
  static const struct {
    const char *kind, *spec, *message;
  } cases[] = {
      {"Assign", "location: spec.a, parameters: {assign: {value: 1}}", "spec.applyTo"},
      {"Assign", PODS "location: '', parameters: {assign: {value: 1}}", "a name at column 1"},
      {"Assign", PODS "location: 'spec.a[', parameters: {assign: {value: 1}}", "a name"},
      {"Assign", PODS "location: 'spec.a[b: c', parameters: {assign: {value: 1}}", "']'"},
      {"Assign", PODS "location: 'spec.a[b: c][d: e]', parameters: {assign: {value: 1}}", "'.'"},
      {"Assign", PODS "location: metadata.labels.x, parameters: {assign: {value: 1}}", "metadata"},
      {"Assign", PODS "location: kind, parameters: {assign: {value: 1}}", "kind"},
      {"Assign", PODS "location: spec.a, parameters: {}", "neither a value nor fromMetadata"},
      {"Assign", PODS "location: spec.a, parameters: {assign: {externalData: {provider: x}}}",
       "externalData"},
      {"Assign", PODS "location: 'spec.a[n: x].n', parameters: {assign: {value: 1}}",
       "the key \"n\""},
      {"Assign", PODS "location: 'spec.a[n: x]', parameters: {assign: {value: {n: y}}}",
       "the location's"},
      {"Assign", PODS "location: 'spec.a[n: *]', parameters: {assign: {value: {n: y}}}",
       "must not end"},
      {"Assign",
       PODS
       "location: spec.a, parameters: {assign: {value: 1}, pathTests: [{subPath: spec.b, condition: MustExist}]}",
       "no beginning"},
      {"Assign",
       PODS
       "location: spec.a, parameters: {assign: {value: 1}, pathTests: [{subPath: spec, condition: Maybe}]}",
       "MustNotExist"},
      {"Assign", PODS "location: spec.a, match: {scope: 5}, parameters: {assign: {value: 1}}",
       "spec.match.scope"},
      {"AssignMetadata", "location: spec.a, parameters: {assign: {value: x}}", "metadata"},
      {"AssignMetadata", "location: metadata.name, parameters: {assign: {value: x}}",
       "metadata.labels.NAME"},
      {"AssignMetadata", "location: metadata.labels.x, parameters: {assign: {value: 1}}",
       "must be a string"},
      {"ModifySet", PODS "location: spec.a, parameters: {values: {fromList: x}}", "fromList"},
      {"ModifySet", PODS "location: spec.a, parameters: {operation: x, values: {fromList: []}}",
       "operation"},
      {"AssignImage", PODS "location: spec.a, parameters: {}", "one of assignDomain"},
      {"AssignImage", PODS "location: spec.a, parameters: {assignDomain: plain}", "assignDomain"},
      {"AssignImage", PODS "location: spec.a, parameters: {assignPath: a.io/b}", "assignPath"},
      {"AssignImage", PODS "location: spec.a, parameters: {assignTag: v1}", "assignTag"},
      {"AssignLabel", PODS "location: spec.a", "is not a mutator that is known"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct error err;
    int rc = try_add(cases[i].kind, "x", cases[i].spec, &err);
    if (rc >= 0)
      fail_msg("taken: %s", cases[i].spec);
    assert_error(err, rc, cases[i].message);
  }
  assert_int_equal(gatekeeper_mutators_count(mutators), 0);
  struct kube_object pod = object_of("{apiVersion: v1, kind: Pod}");
  assert_int_equal(gatekeeper_mutators_add(mutators, &pod, NULL), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(assigns_values),
      TEST(globs_make_no_elements),
      TEST(elements_are_added_and_replaced),
      TEST(path_tests_hold),
      TEST(metadata_is_added_never_replaced),
      TEST(sets_are_merged_and_pruned),
      TEST(images_are_put_together),
      TEST(matching_is_as_for_constraints),
      TEST(an_unknown_namespace_is_an_error),
      TEST(they_are_applied_until_nothing_changes),
      TEST(opponents_settle),
      TEST(contradictions_are_found),
      TEST(mistakes_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
