#include "../test.h"

#include "data/json.h"
#include "kube/keys.h"

static void numbers_are_the_enum(void **state)
{
  (void)state;
  _cleanup_(symbols_freep) struct symbols *table = kube_symbols_new();
  assert_int_equal(symbols_count(table), KUBE_KEY_COUNT - 1);
  for (int i = 1; i < KUBE_KEY_COUNT; i++) {
    assert_int_equal(symbols_find(table, kube_key_name(i)), i);
    assert_int_equal(kube_key(i).symbol, i);
    assert_int_equal(kube_key_find(kube_key_name(i)), i);
  }
  assert_int_equal(symbols_find(table, STR("spec")), KUBE_SPEC);
  assert_str(kube_key_name(KUBE_API_VERSION), "apiVersion");
}

static void are_sorted_and_differ(void **state)
{
  (void)state;
  for (int i = 2; i < KUBE_KEY_COUNT; i++) {
    struct str before = kube_key_name(i - 1), name = kube_key_name(i);
    if (before.len > name.len || (before.len == name.len && str_compare(before, name) >= 0))
      fail_msg("%.*s must not come before %.*s", STR_FMT(before), STR_FMT(name));
  }
}

static void unknown_names_have_no_number(void **state)
{
  (void)state;
  assert_int_equal(kube_key_find(STR("")), KUBE_NO_KEY);
  assert_int_equal(kube_key_find(STR("Spec")), KUBE_NO_KEY);
  assert_int_equal(kube_key_find(STR("specs")), KUBE_NO_KEY);
  assert_int_equal(kube_key_find(STR("a-name-that-is-longer-than-every-field-of-kubernetes")),
                   KUBE_NO_KEY);
  assert_int_equal(kube_key_of(value_int(5)), KUBE_NO_KEY);
  struct value foreign = value_from("spec");
  foreign.symbol = KUBE_KEY_COUNT + 3; /* a name that a policy added to the table */
  assert_int_equal(kube_key_of(foreign), KUBE_NO_KEY);
}

static void finds_fields_with_and_without_a_table(void **state)
{
  (void)state;
  _cleanup_(symbols_freep) struct symbols *table = kube_symbols_new();
  struct str text = STR("{\"kind\":\"Pod\",\"other\":1,\"spec\":{\"hostPID\":true}}");
  for (int with = 0; with < 2; with++) {
    struct arena arena;
    struct value root;
    struct error err;
    struct json_options options = {.symbols = with ? table : NULL};
    arena_init(&arena, 0);
    assert_int_equal(json_parse(&arena, text, &options, &root, &err), 0);
    struct value spec = value_get(root, kube_key(KUBE_SPEC));
    assert_true(value_is_true(value_get(spec, kube_key(KUBE_HOST_PID))));
    assert_true(value_is(value_get(spec, kube_key(KUBE_HOST_IPC)), VALUE_ABSENT));
    assert_int_equal(kube_key_of(root.members[0].key), KUBE_KIND);
    assert_int_equal(kube_key_of(root.members[1].key), KUBE_NO_KEY);
    arena_free(&arena);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_are_the_enum),
      cmocka_unit_test(are_sorted_and_differ),
      cmocka_unit_test(unknown_names_have_no_number),
      cmocka_unit_test(finds_fields_with_and_without_a_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
