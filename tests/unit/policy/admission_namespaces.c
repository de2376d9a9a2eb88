#include "../test.h"

#include "data/pointer.h"
#include "policy/admission_namespaces.h"

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

static struct admission_namespace_map *read_map(const char *text)
{
  struct admission_namespace_map *map;
  struct error err;
  if (admission_namespace_map_read(str_from(text), &map, &err) < 0)
    fail_msg("%s", err.message);
  return map;
}

/* A label of a namespace; NULL: the namespace is not known. */
static const char *label(const struct admission_namespace_map *map, const char *name,
                         const char *key)
{
  struct admission_namespaces n = admission_namespace_map_service(map);
  struct value v;
  if (!n.find(n.ctx, str_from(name), &arena, &v))
    return NULL;
  assert_str(value_str_or_empty(pointer_get(v, STR("/metadata/name"))), name);
  struct value labels = pointer_get(v, STR("/metadata/labels"));
  return arena_copy(&arena, value_str_or_empty(value_get(labels, value_from(key)))).data;
}

static void names_to_labels(void **state)
{
  (void)state;
  struct admission_namespace_map *map = read_map("shop: {a: b}\nbare:\n");
  assert_int_equal(admission_namespace_map_count(map), 2);
  assert_string_equal(label(map, "shop", "a"), "b");
  assert_string_equal(label(map, "bare", "a"), "");
  assert_null(label(map, "other", "a"));
  admission_namespace_map_free(map);
}

static void a_star_stands_for_the_rest(void **state)
{
  (void)state;
  struct admission_namespace_map *map = read_map("shop: {a: b}\n\"*\": {a: c}\n");
  assert_string_equal(label(map, "shop", "a"), "b");
  assert_string_equal(label(map, "other", "a"), "c");
  admission_namespace_map_free(map);
}

static void objects_are_read(void **state)
{
  (void)state;
  struct admission_namespace_map *map = read_map(
      "apiVersion: v1\nkind: Namespace\nmetadata: {name: one, labels: {a: b}}\n---\n"
      "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Namespace, metadata: {name: "
      "two}}\n");
  assert_int_equal(admission_namespace_map_count(map), 2);
  assert_string_equal(label(map, "one", "a"), "b");
  assert_string_equal(label(map, "two", "a"), "");
  admission_namespace_map_free(map);
}

static void mistakes_are_told(void **state)
{
  (void)state;
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"[a]", "the document is an array"},
      {"shop: 5\n", "the labels of namespace \"shop\" are a number"},
      {"shop: {a: true}\n", "label \"a\" of namespace \"shop\" is a boolean"},
      {"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", "no Namespace"},
      {"a: {}\n---\na: {}\n", "namespace \"a\" is there twice"},
      {"a: {b\n", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct admission_namespace_map *map;
    struct error err;
    assert_int_equal(admission_namespace_map_read(str_from(cases[i].text), &map, &err), SW_EINVAL);
    assert_error(err, SW_EINVAL, cases[i].message);
    assert_true(err.line > 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(names_to_labels, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_star_stands_for_the_rest, set_up, tear_down),
      cmocka_unit_test_setup_teardown(objects_are_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(mistakes_are_told, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
