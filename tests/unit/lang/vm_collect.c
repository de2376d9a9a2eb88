#include "../test.h"

#include "data/compare.h"
#include "data/json.h"
#include "lang/vm/collect.h"
#include "lang/vm/vm.h"

struct unit {
  struct arena arena;
};

static int setup(void **state)
{
  static struct unit unit;
  arena_init(&unit.arena, 0);
  *state = &unit;
  return 0;
}

static int teardown(void **state)
{
  arena_free(&((struct unit *)*state)->arena);
  return 0;
}

static struct value json(struct unit *u, const char *text)
{
  struct value v;
  struct error err;
  if (json_parse(&u->arena, str_from(text), NULL, &v, &err) < 0)
    fail_msg("%s: %s", text, err.message);
  return v;
}

static void test_arrays_keep_order(void **state)
{
  struct unit *u = *state;
  struct vm_collection *c = vm_collect_new(&u->arena, VM_COLLECT_ARRAY);
  for (int64_t i = 0; i < 1000; i++)
    vm_collect_add(&u->arena, c, value_int(1000 - i));
  struct value array = vm_collect_finish(&u->arena, c);
  assert_int_equal(array.type, VALUE_ARRAY);
  assert_int_equal(array.len, 1000);
  for (uint32_t i = 0; i < array.len; i++)
    assert_int_equal(array.items[i].integer, 1000 - i);
}

static void test_sets_drop_repetitions(void **state)
{
  struct unit *u = *state;
  struct vm_collection *c = vm_collect_new(&u->arena, VM_COLLECT_SET);
  for (int64_t i = 0; i < 1000; i++)
    vm_collect_add(&u->arena, c, value_int(i % 7));
  struct value set = vm_collect_finish(&u->arena, c);
  assert_int_equal(set.type, VALUE_SET);
  assert_int_equal(set.len, 7);
  assert_true(value_set_has(set, value_int(6)));
  assert_false(value_set_has(set, value_int(7)));
}

static void test_empty(void **state)
{
  struct unit *u = *state;
  for (unsigned kind = VM_COLLECT_ARRAY; kind <= VM_COLLECT_OBJECT; kind++) {
    struct value v = vm_collect_finish(&u->arena, vm_collect_new(&u->arena, kind));
    assert_int_equal(v.len, 0);
    assert_int_equal(v.type, kind == VM_COLLECT_ARRAY ? VALUE_ARRAY
                             : kind == VM_COLLECT_SET ? VALUE_SET
                                                      : VALUE_OBJECT);
  }
}

/* Beyond a dozen members they are found by hash. */
static void test_objects(void **state)
{
  struct unit *u = *state;
  struct vm_collection *c = vm_collect_new(&u->arena, VM_COLLECT_OBJECT);
  for (int64_t i = 0; i < 5000; i++)
    assert_true(vm_collect_put(&u->arena, c, value_int(i), value_int(i * i)));
  for (int64_t i = 0; i < 5000; i++) {
    assert_true(vm_collect_put(&u->arena, c, value_int(i), value_int(i * i)));
    assert_false(vm_collect_put(&u->arena, c, value_int(i), value_int(-1)));
  }
  struct value object = vm_collect_finish(&u->arena, c);
  assert_int_equal(object.len, 5000);
  assert_int_equal(value_get_any(object, value_int(70)).integer, 4900);
  assert_int_equal(value_get_any(object, value_int(5000)).type, VALUE_ABSENT);
}

/* 1 and 1.0 are one key. */
static void test_keys_are_values(void **state)
{
  struct unit *u = *state;
  struct vm_collection *c = vm_collect_new(&u->arena, VM_COLLECT_OBJECT);
  assert_true(vm_collect_put(&u->arena, c, value_int(1), value_from("one")));
  assert_false(vm_collect_put(&u->arena, c, json(u, "1.0"), value_from("two")));
  assert_true(vm_collect_put(&u->arena, c, json(u, "[1, {\"a\": 2}]"), value_from("three")));
  struct value object = vm_collect_finish(&u->arena, c);
  assert_int_equal(object.len, 2);
  assert_str(value_str(value_get_any(object, json(u, "[1, {\"a\": 2}]"))), "three");
}

static void test_deep(void **state)
{
  struct unit *u = *state;
  struct vm_collection *c = vm_collect_new(&u->arena, VM_COLLECT_OBJECT);
  struct value ab[] = {value_from("a"), value_from("b")}, ac[] = {value_from("a"), value_from("c")};
  assert_true(vm_collect_put_deep(&u->arena, c, ab, 2, value_int(1), VM_LEAF_VALUE));
  assert_true(vm_collect_put_deep(&u->arena, c, ac, 2, value_int(2), VM_LEAF_SET_ELEMENT));
  assert_true(vm_collect_put_deep(&u->arena, c, ac, 2, value_int(2), VM_LEAF_SET_ELEMENT));
  assert_true(vm_collect_put_deep(&u->arena, c, ac, 2, value_int(3), VM_LEAF_SET_ELEMENT));
  /* a value where a set is, a set where a value is, an object where a value is */
  assert_false(vm_collect_put_deep(&u->arena, c, ac, 2, value_int(9), VM_LEAF_VALUE));
  assert_false(vm_collect_put_deep(&u->arena, c, ab, 2, value_int(9), VM_LEAF_SET_ELEMENT));
  struct value abx[] = {ab[0], ab[1], value_from("x")};
  assert_false(vm_collect_put_deep(&u->arena, c, abx, 3, value_int(9), VM_LEAF_VALUE));
  struct value a = value_get(vm_collect_finish(&u->arena, c), ab[0]);
  assert_int_equal(a.len, 2);
  assert_int_equal(value_get(a, ab[1]).integer, 1);
  assert_int_equal(value_get(a, ac[1]).type, VALUE_SET);
  assert_int_equal(value_get(a, ac[1]).len, 2);
}

static void check_merge(struct unit *u, const char *base, const char *over, const char *expected,
                        bool unites)
{
  struct value united;
  if (!value_equal(vm_merge(&u->arena, json(u, base), json(u, over), VM_MERGE_DEPTH),
                   json(u, expected)))
    fail_msg("%s with %s over it is not %s", base, over, expected);
  if (vm_unite(&u->arena, json(u, base), json(u, over), VM_MERGE_DEPTH, &united) != unites)
    fail_msg("%s and %s: conflict or not", base, over);
}

static void test_merge(void **state)
{
  struct unit *u = *state;
  check_merge(u, "{}", "{\"a\": 1}", "{\"a\": 1}", true);
  check_merge(u, "{\"a\": {\"b\": 1}}", "{\"a\": {\"c\": 2}, \"d\": 3}",
              "{\"a\": {\"b\": 1, \"c\": 2}, \"d\": 3}", true);
  check_merge(u, "{\"a\": {\"b\": 1}}", "{\"a\": {\"b\": 1}}", "{\"a\": {\"b\": 1}}", true);
  check_merge(u, "{\"a\": {\"b\": 1}}", "{\"a\": {\"b\": 2}}", "{\"a\": {\"b\": 2}}", false);
  check_merge(u, "{\"a\": 1}", "{\"a\": {\"b\": 2}}", "{\"a\": {\"b\": 2}}", false);
  check_merge(u, "[1]", "[2]", "[2]", false);
  assert_int_equal(vm_merge(&u->arena, VALUE_NONE, value_int(1), 9).integer, 1);
  assert_int_equal(vm_merge(&u->arena, value_int(1), VALUE_NONE, 9).integer, 1);
}

/* Below the depth everything is a value. */
static void test_unite(void **state)
{
  struct unit *u = *state;
  struct value x = json(u, "{\"a\": {\"b\": 1}}"), y = json(u, "{\"a\": {\"c\": 2}}"), made;
  assert_true(vm_unite(&u->arena, x, y, 2, &made));
  assert_true(value_equal(made, json(u, "{\"a\": {\"b\": 1, \"c\": 2}}")));
  assert_false(vm_unite(&u->arena, x, y, 1, &made));
  struct value few[] = {value_int(1), value_int(2)};
  assert_true(vm_unite(&u->arena, value_set_make(&u->arena, few, 1),
                       value_set_make(&u->arena, few, 2), 1, &made));
  assert_int_equal(made.type, VALUE_SET);
  assert_int_equal(made.len, 2);
}

static void test_set_path(void **state)
{
  struct unit *u = *state;
  struct value keys[] = {value_from("a"), value_from("b"), value_from("c")};
  struct value root = json(u, "{\"a\": {\"b\": 5, \"x\": 1}, \"y\": 2}");
  struct value made = vm_set_path(&u->arena, root, keys, 3, value_int(7));
  assert_true(value_equal(made, json(u, "{\"a\": {\"b\": {\"c\": 7}, \"x\": 1}, \"y\": 2}")));
  assert_true(value_equal(root, json(u, "{\"a\": {\"b\": 5, \"x\": 1}, \"y\": 2}")));
  assert_true(value_equal(vm_set_path(&u->arena, VALUE_NONE, keys, 1, value_int(7)),
                          json(u, "{\"a\": 7}")));
  assert_int_equal(vm_set_path(&u->arena, root, keys, 0, value_int(7)).integer, 7);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_arrays_keep_order, setup, teardown),
      cmocka_unit_test_setup_teardown(test_sets_drop_repetitions, setup, teardown),
      cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
      cmocka_unit_test_setup_teardown(test_objects, setup, teardown),
      cmocka_unit_test_setup_teardown(test_keys_are_values, setup, teardown),
      cmocka_unit_test_setup_teardown(test_deep, setup, teardown),
      cmocka_unit_test_setup_teardown(test_merge, setup, teardown),
      cmocka_unit_test_setup_teardown(test_unite, setup, teardown),
      cmocka_unit_test_setup_teardown(test_set_path, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
