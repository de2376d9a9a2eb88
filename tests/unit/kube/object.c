#include "../test.h"

#include "data/json.h"
#include "kube/keys.h"
#include "kube/object.h"

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

static struct value parse(const char *text)
{
  struct json_options options = {.positions = true};
  struct value root;
  struct error err;
  if (json_parse(&arena, str_from(text), &options, &root, &err) < 0)
    fail_msg("%s: %s", text, err.message);
  return root;
}

static struct kube_object read_one(const char *text)
{
  struct kube_object o;
  kube_object_read(parse(text), (struct value_position){1, 1}, &o);
  return o;
}

static void reads_what_every_object_has(void **state)
{
  (void)state;
  struct kube_object o = read_one(
      "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"web\","
      "\"namespace\":\"shop\",\"labels\":{\"app\":\"web\"},\"annotations\":{\"a\":\"b\"}}}");
  assert_true(o.is_object);
  assert_int_equal(o.fault, KUBE_FAULT_NONE);
  assert_str(o.api_version, "apps/v1");
  assert_str(o.group, "apps");
  assert_str(o.version, "v1");
  assert_str(o.kind, "Deployment");
  assert_str(o.name, "web");
  assert_str(o.namespace, "shop");
  assert_int_equal(o.labels.len, 1);
  assert_int_equal(o.annotations.len, 1);
  assert_str(kube_object_reason(&o, &arena), "");
  assert_str(kube_object_subject_name(&o, &arena), "web");
  assert_true(kube_object_is(&o, STR("apps"), STR("Deployment")));
  assert_false(kube_object_is(&o, STR("extensions"), STR("Deployment")));
}

static void core_kinds_have_no_group(void **state)
{
  (void)state;
  struct kube_object o = read_one("{\"apiVersion\":\"v1\",\"kind\":\"Pod\","
                                  "\"metadata\":{\"generateName\":\"job-\"}}");
  assert_true(o.is_object);
  assert_str(o.group, "");
  assert_str(o.version, "v1");
  assert_str(kube_object_subject_name(&o, &arena), "job-*");
}

static void tells_missing_from_wrong(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    bool is_object;
    enum kube_fault fault;
    const char *pointer, *reason;
  } cases[] = {
      {"{}", false, KUBE_FAULT_MISSING, "/apiVersion", "apiVersion is missing"},
      {"{\"apiVersion\":\"v1\"}", false, KUBE_FAULT_MISSING, "/kind", "kind is missing"},
      {"{\"apiVersion\":\"v1\",\"kind\":null}", false, KUBE_FAULT_MISSING, "/kind",
       "kind is missing"},
      {"{\"apiVersion\":\"v1\",\"kind\":\"\"}", false, KUBE_FAULT_MISSING, "/kind",
       "kind is empty"},
      {"{\"apiVersion\":\"v1\",\"kind\":5}", false, KUBE_FAULT_TYPE, "/kind",
       "kind is a number, must be a string"},
      {"{\"apiVersion\":[],\"kind\":\"Pod\"}", false, KUBE_FAULT_TYPE, "/apiVersion",
       "apiVersion is an array, must be a string"},
      {"{\"apiVersion\":\"a/b/c\",\"kind\":\"Pod\"}", false, KUBE_FAULT_VALUE, "/apiVersion",
       "apiVersion is \"a/b/c\", must be \"version\" or \"group/version\""},
      {"{\"apiVersion\":\"apps/\",\"kind\":\"Pod\"}", false, KUBE_FAULT_VALUE, "/apiVersion",
       "apiVersion is \"apps/\""},
      {"[]", false, KUBE_FAULT_TYPE, "", "is an array, must be an object"},
      {"\"text\"", false, KUBE_FAULT_TYPE, "", "is a string, must be an object"},
      {"{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":[]}", true, KUBE_FAULT_TYPE,
       "/metadata", "metadata is an array, must be an object"},
      {"{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":5}}", true, KUBE_FAULT_TYPE,
       "/metadata/name", "metadata.name is a number, must be a string"},
      {"{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"labels\":\"x\"}}", true,
       KUBE_FAULT_TYPE, "/metadata/labels", "metadata.labels is a string, must be an object"},
      {"{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"labels\":null}}", true,
       KUBE_FAULT_NONE, "", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct kube_object o = read_one(cases[i].text);
    assert_int_equal(o.is_object, cases[i].is_object);
    assert_int_equal(o.fault, cases[i].fault);
    assert_string_equal(o.fault_pointer, cases[i].pointer);
    struct str reason = kube_object_reason(&o, &arena);
    if (!str_starts(reason, str_from(cases[i].reason)) || (!*cases[i].reason && reason.len))
      fail_msg("%s: %.*s", cases[i].text, STR_FMT(reason));
  }
}

/* The objects of a document as "pointer kind name" lines. */
static const char *walk(const char *text, char *out, size_t room)
{
  struct kube_objects it;
  struct kube_object o;
  size_t at = 0;
  *out = 0;
  kube_objects_begin(&it, parse(text), (struct value_position){1, 1});
  while (kube_objects_next(&it, &o))
    at += (size_t)snprintf(out + at, room - at, "%s %.*s %.*s\n", o.pointer, STR_FMT(o.kind),
                           STR_FMT(o.is_object ? o.name : STR("!")));
  return out;
}

static void takes_lists_apart(void **state)
{
  (void)state;
  char out[1024];
  assert_string_equal(
      walk("{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":["
           "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}},"
           "{\"apiVersion\":\"v1\",\"kind\":\"PodList\",\"items\":[{\"metadata\":{\"name\":\"b\"}},"
           "{\"metadata\":{\"name\":\"c\"}}]},"
           "{\"kind\":\"Pod\"},null,7]}",
           out, sizeof out),
      "/items/0 Pod a\n/items/1/items/0 Pod b\n/items/1/items/1 Pod c\n/items/2 Pod !\n"
      "/items/3  !\n/items/4  !\n");
}

static void typed_lists_give_their_type(void **state)
{
  (void)state;
  struct kube_objects it;
  struct kube_object o;
  kube_objects_begin(
      &it,
      parse("{\"apiVersion\":\"apps/v1\",\"kind\":\"DeploymentList\",\n \"items\":[\n"
            "  {\"metadata\":{\"name\":\"a\"}},\n"
            "  {\"apiVersion\":\"v1\",\"kind\":\"Pod\"}]}"),
      (struct value_position){1, 1});
  assert_true(kube_objects_next(&it, &o));
  assert_str(o.kind, "Deployment");
  assert_str(o.api_version, "apps/v1");
  assert_int_equal(o.position.line, 3);
  assert_int_equal(o.position.column, 3);
  assert_true(kube_objects_next(&it, &o));
  assert_str(o.kind, "Pod");
  assert_str(o.group, "");
  assert_false(kube_objects_next(&it, &o));
}

static void empty_documents_and_lists_hold_nothing(void **state)
{
  (void)state;
  char out[64];
  struct kube_objects it;
  struct kube_object o;
  assert_string_equal(walk("null", out, sizeof out), "");
  assert_string_equal(walk("{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[]}", out, 64), "");
  assert_string_equal(walk("{\"apiVersion\":\"v1\",\"kind\":\"List\"}", out, sizeof out), "");
  kube_objects_begin(&it, VALUE_NONE, (struct value_position){0, 0});
  assert_false(kube_objects_next(&it, &o));
  assert_false(kube_objects_next(&it, &o));
}

static void a_kind_that_only_ends_in_list_is_an_object(void **state)
{
  (void)state;
  char out[128];
  assert_string_equal(walk("{\"apiVersion\":\"x.io/v1\",\"kind\":\"AllowList\","
                           "\"metadata\":{\"name\":\"a\"},\"spec\":{}}",
                           out, sizeof out),
                      " AllowList a\n");
}

static void a_list_without_an_array_is_a_fault(void **state)
{
  (void)state;
  struct kube_objects it;
  struct kube_object o;
  kube_objects_begin(&it, parse("{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":{}}"),
                     (struct value_position){1, 1});
  assert_true(kube_objects_next(&it, &o));
  assert_false(o.is_object);
  assert_str(kube_object_reason(&o, &arena), "items is an object, must be an array");
  assert_false(kube_objects_next(&it, &o));
}

static void lists_nest_to_a_depth(void **state)
{
  (void)state;
  char text[1024] = "", *at = text;
  struct kube_objects it;
  struct kube_object o;
  const char *open = "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[";
  for (int i = 0; i <= KUBE_LIST_DEPTH_MAX; i++)
    at += snprintf(at, 100, "%s", open);
  at += snprintf(at, 100, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}");
  for (int i = 0; i <= KUBE_LIST_DEPTH_MAX; i++)
    at += snprintf(at, 100, "]}");
  kube_objects_begin(&it, parse(text), (struct value_position){1, 1});
  assert_true(kube_objects_next(&it, &o));
  assert_false(o.is_object);
  assert_int_equal(o.fault, KUBE_FAULT_DEPTH);
  assert_string_equal(o.pointer, "/items/0/items/0/items/0/items/0");
  assert_str(kube_object_reason(&o, &arena), "is a list more than 4 lists deep");
  assert_false(kube_objects_next(&it, &o));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(reads_what_every_object_has, set_up, tear_down),
      cmocka_unit_test_setup_teardown(core_kinds_have_no_group, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tells_missing_from_wrong, set_up, tear_down),
      cmocka_unit_test_setup_teardown(takes_lists_apart, set_up, tear_down),
      cmocka_unit_test_setup_teardown(typed_lists_give_their_type, set_up, tear_down),
      cmocka_unit_test_setup_teardown(empty_documents_and_lists_hold_nothing, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_kind_that_only_ends_in_list_is_an_object, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(a_list_without_an_array_is_a_fault, set_up, tear_down),
      cmocka_unit_test_setup_teardown(lists_nest_to_a_depth, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
