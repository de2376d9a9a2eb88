#include "../test.h"

#include "base/mem.h"
#include "data/base64.h"
#include "data/json.h"
#include "data/json_write.h"
#include "data/pointer.h"
#include "kube/admission.h"

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

/* JSON with ' for ". */
static struct value parse(const char *quoted)
{
  struct value root;
  struct error err;
  struct str text = arena_copy(&arena, str_from(quoted));
  for (char *c = (char *)(uintptr_t)text.data; *c; c++)
    *c = *c == '\'' ? '"' : *c;
  if (json_parse(&arena, text, NULL, &root, &err) < 0)
    fail_msg("%s: %s", quoted, err.message);
  return root;
}

#define HEAD "{'apiVersion':'admission.k8s.io/v1','kind':'AdmissionReview','request':{"
#define TYPES                                                                                      \
  "'uid':'u1','kind':{'group':'','version':'v1','kind':'Pod'},"                                    \
  "'resource':{'group':'','version':'v1','resource':'pods'},"

static void reads_a_review(void **state)
{
  (void)state;
  struct admission_request r;
  struct error err;
  struct value root =
      parse(HEAD TYPES "'subResource':'ephemeralcontainers','requestKind':{'group':'x','version':"
                       "'v2','kind':'Poddy'},'name':'web','namespace':'shop','operation':'UPDATE',"
                       "'userInfo':{'username':'ann','groups':['a']},'object':{'kind':'Pod',"
                       "'apiVersion':'v1'},'oldObject':{},'dryRun':true,'options':null}}");
  assert_int_equal(admission_read(root, &r, &err), 0);
  assert_int_equal(r.version, ADMISSION_V1);
  assert_str(r.uid, "u1");
  assert_str(r.kind.name, "Pod");
  assert_str(r.kind.version, "v1");
  assert_str(r.resource.name, "pods");
  assert_str(r.subresource, "ephemeralcontainers");
  assert_str(r.request_kind.name, "Poddy");
  assert_str(r.request_kind.group, "x");
  assert_str(r.request_resource.name, "pods");
  assert_str(r.request_subresource, "ephemeralcontainers");
  assert_str(r.name, "web");
  assert_str(r.namespace, "shop");
  assert_int_equal(r.operation, ADMISSION_UPDATE);
  assert_str(r.username, "ann");
  assert_true(value_is(r.object, VALUE_OBJECT));
  assert_true(value_is(r.old_object, VALUE_OBJECT));
  assert_true(value_is(r.options, VALUE_ABSENT));
  assert_true(r.dry_run);
}

static void knows_versions_and_operations(void **state)
{
  (void)state;
  struct admission_request r;
  struct error err;
  struct value beta = parse("{'apiVersion':'admission.k8s.io/v1beta1','kind':'AdmissionReview',"
                            "'request':{" TYPES "'operation':'DELETE'}}");
  assert_int_equal(admission_read(beta, &r, &err), 0);
  assert_int_equal(r.version, ADMISSION_V1BETA1);
  assert_int_equal(r.operation, ADMISSION_DELETE);
  static const char *const names[] = {"CREATE", "UPDATE", "DELETE", "CONNECT"};
  for (unsigned i = 0; i < 4; i++) {
    assert_int_equal(admission_operation_from_name(str_from(names[i])), 1 << i);
    assert_str(admission_operation_name(1U << i), names[i]);
  }
  assert_int_equal(admission_operation_from_name(STR("create")), 0);
  assert_str(admission_operation_name(3), "");
}

static void refuses_what_is_no_review(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    int code;
    const char *message;
  } cases[] = {
      {"[]", SW_EINVAL, "the review is an array, must be an object"},
      {"{}", SW_EINVAL, "kind is missing"},
      {"{'kind':'Pod','apiVersion':'v1'}", SW_EUNSUPPORTED, "kind is \"Pod\""},
      {"{'kind':'AdmissionReview','apiVersion':'admission.k8s.io/v2','request':{}}",
       SW_EUNSUPPORTED, "admission.k8s.io/v2"},
      {"{'kind':'AdmissionReview','apiVersion':'admission.k8s.io/v1'}", SW_EINVAL,
       "request is missing"},
      {"{'kind':'AdmissionReview','apiVersion':'admission.k8s.io/v1','request':5}", SW_EINVAL,
       "request is a number, must be an object"},
      {HEAD "}}", SW_EINVAL, "request.uid is missing"},
      {HEAD "'uid':5}}", SW_EINVAL, "request.uid is a number, must be a string"},
      {HEAD "'uid':'u'}}", SW_EINVAL, "request.kind is missing"},
      {HEAD "'uid':'u','kind':{'group':'','version':'v1'}}}", SW_EINVAL,
       "request.kind.kind is missing"},
      {HEAD TYPES "'name':'x'}}", SW_EINVAL, "request.operation is missing"},
      {HEAD TYPES "'operation':'PATCH'}}", SW_EINVAL, "request.operation \"PATCH\""},
      {HEAD TYPES "'operation':'CREATE'}}", SW_EINVAL, "request.object is missing"},
      {HEAD TYPES "'operation':'CREATE','object':[]}}", SW_EINVAL,
       "request.object is an array, must be an object"},
      {HEAD TYPES "'operation':'CREATE','object':{'kind':'Secret','apiVersion':'v1'}}}", SW_EINVAL,
       "request.kind says \"Pod\""},
      {HEAD TYPES "'operation':'CREATE','object':{'kind':'Pod','apiVersion':'apps/v1'}}}",
       SW_EINVAL, "request.kind says \"Pod\""},
      {HEAD TYPES "'operation':'CREATE','namespace':'a','object':{'metadata':{'namespace':'b'}}}}",
       SW_EINVAL, "request.object is in namespace \"b\", but request.namespace is \"a\""},
      {HEAD TYPES "'operation':'CREATE','object':{},'userInfo':{'groups':'a'}}}", SW_EINVAL,
       "request.userInfo.groups is a string"},
      {HEAD TYPES "'operation':'CREATE','object':{},'dryRun':'no'}}", SW_EINVAL,
       "request.dryRun is a string, must be true or false"},
      {HEAD TYPES "'operation':'CREATE','object':{},'namespace':{}}}", SW_EINVAL,
       "request.namespace is an object, must be a string"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct admission_request r;
    struct error err = {0};
    assert_int_equal(admission_read(parse(cases[i].text), &r, &err), cases[i].code);
    assert_error(err, cases[i].code, cases[i].message);
  }
}

static void a_uid_has_a_limit(void **state)
{
  (void)state;
  struct admission_request r;
  struct error err;
  char uid[ADMISSION_UID_MAX + 2];
  memset(uid, 'u', sizeof uid - 1);
  uid[sizeof uid - 1] = 0;
  struct str text = arena_printf(&arena, HEAD "'uid':'%s'}}", uid);
  struct value root = parse(text.data);
  assert_int_equal(admission_read(root, &r, &err), SW_ELIMIT);
  enum admission_version version;
  struct str found;
  admission_peek(root, &version, &found);
  assert_int_equal(found.len, 0);
}

static void a_refused_review_can_be_answered(void **state)
{
  (void)state;
  enum admission_version version;
  struct str uid;
  admission_peek(parse("{'apiVersion':'admission.k8s.io/v1beta1','request':{'uid':'x'}}"), &version,
                 &uid);
  assert_int_equal(version, ADMISSION_V1BETA1);
  assert_str(uid, "x");
  admission_peek(VALUE_NONE, &version, &uid);
  assert_int_equal(version, ADMISSION_V1);
  assert_str(uid, "");
}

static void makes_a_review_of_an_object(void **state)
{
  (void)state;
  static const char *const plurals[][2] = {
      {"Pod", "pods"},
      {"NetworkPolicy", "networkpolicies"},
      {"Ingress", "ingresses"},
      {"Gateway", "gateways"},
      {"Endpoints", "endpoints"},
      {"StorageClass", "storageclasses"},
  };
  for (size_t i = 0; i < sizeof plurals / sizeof *plurals; i++) {
    struct value review;
    struct error err;
    struct admission_request r;
    struct str text =
        arena_printf(&arena,
                     "{'apiVersion':'g/v1','kind':'%s','metadata':{'name':'n','namespace':"
                     "'s'}}",
                     plurals[i][0]);
    assert_int_equal(admission_review_make(&arena, parse(text.data), &review, &err), 0);
    assert_int_equal(admission_read(review, &r, &err), 0);
    assert_str(r.resource.name, plurals[i][1]);
    assert_str(r.kind.group, "g");
    assert_str(r.name, "n");
    assert_str(r.namespace, "s");
    assert_int_equal(r.operation, ADMISSION_CREATE);
  }
  struct value review;
  struct error err;
  static const char *const namespaces[][2] = {
      {"{'apiVersion':'v1','kind':'Pod','metadata':{'name':'n'}}", "default"},
      {"{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'n'}}", "default"},
      {"{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'n'}}", "n"},
      {"{'apiVersion':'v1','kind':'Node','metadata':{'name':'n'}}", ""},
      {"{'apiVersion':'rbac.authorization.k8s.io/v1','kind':'ClusterRole','metadata':{'name':'n'}}",
       ""},
      {"{'apiVersion':'example.org/v1','kind':'Thing','metadata':{'name':'n'}}", ""},
  };
  for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++) {
    struct admission_request r;
    assert_int_equal(admission_review_make(&arena, parse(namespaces[i][0]), &review, &err), 0);
    assert_int_equal(admission_read(review, &r, &err), 0);
    assert_str(r.namespace, namespaces[i][1]);
  }
  static const char *const lists[] = {"{'apiVersion':'v1','kind':'List','items':[{},{}]}",
                                      "{'apiVersion':'v1','kind':'PodList','items':[{},{}]}"};
  for (size_t i = 0; i < 2; i++) {
    assert_int_equal(admission_review_make(&arena, parse(lists[i]), &review, &err), SW_EINVAL);
    assert_error(err, SW_EINVAL, "with 2 objects; one is decided at a time");
  }
  assert_int_equal(admission_review_make(&arena, parse("{'kind':'Pod'}"), &review, &err),
                   SW_EINVAL);
  assert_error(err, SW_EINVAL, "apiVersion is missing");
}

/* ---- answers */

static struct value written(const struct admission_response *r)
{
  struct buf out = {0};
  struct value root;
  struct error err;
  admission_response_write(&out, r);
  struct str text = arena_copy(&arena, buf_str(&out));
  buf_free(&out);
  if (json_parse(&arena, text, NULL, &root, &err) < 0)
    fail_msg("%s: %s", text.data, err.message);
  return root;
}

static struct str text_at(struct value root, const char *pointer)
{
  return value_str_or_empty(pointer_get(root, str_from(pointer)));
}

static void writes_a_denial(void **state)
{
  (void)state;
  struct admission_annotation notes[] = {{STR("by"), STR("x")}, {STR("a b/c"), STR("y")}};
  struct admission_response r = {
      .version = ADMISSION_V1BETA1,
      .uid = STR("u1"),
      .code = 403,
      .reason = STR("Forbidden"),
      .message = STR("no \"way\""),
      .annotations = notes,
      .annotation_count = 2,
      .patch = parse("[{'op':'remove','path':'/a'}]"),
  };
  struct value root = written(&r);
  assert_str(text_at(root, "/apiVersion"), "admission.k8s.io/v1beta1");
  assert_str(text_at(root, "/kind"), "AdmissionReview");
  assert_str(text_at(root, "/response/uid"), "u1");
  assert_true(value_is_false(pointer_get(root, STR("/response/allowed"))));
  assert_str(text_at(root, "/response/status/message"), "no \"way\"");
  assert_str(text_at(root, "/response/status/reason"), "Forbidden");
  assert_int_equal(pointer_get(root, STR("/response/status/code")).integer, 403);
  assert_str(text_at(root, "/response/auditAnnotations/by"), "x");
  assert_str(text_at(root, "/response/auditAnnotations/a-b-c"), "y");
  assert_true(value_is(pointer_get(root, STR("/response/patch")), VALUE_ABSENT));
  assert_true(value_is(pointer_get(root, STR("/response/warnings")), VALUE_ABSENT));
}

static void writes_a_patch_in_base64(void **state)
{
  (void)state;
  struct admission_response r = {
      .uid = STR("u1"), .allowed = true, .patch = parse("[{'op':'remove','path':'/a'}]")};
  struct value root = written(&r);
  struct str bytes;
  struct error err;
  assert_str(text_at(root, "/apiVersion"), "admission.k8s.io/v1");
  assert_str(text_at(root, "/response/patchType"), "JSONPatch");
  assert_int_equal(
      base64_decode(&arena, text_at(root, "/response/patch"), BASE64_STANDARD, &bytes, &err), 0);
  assert_str(bytes, "[{\"op\":\"remove\",\"path\":\"/a\"}]");
  assert_true(value_is(pointer_get(root, STR("/response/status")), VALUE_ABSENT));
}

static void warnings_are_made_fit(void **state)
{
  (void)state;
  struct str warnings[60];
  char words[400];
  for (size_t i = 0; i < sizeof words; i++)
    words[i] = i % 8 == 7 ? ' ' : 'w';
  warnings[0] = STR("two\nlines\tand \x7f more");
  warnings[1] = str_make(words, sizeof words);
  for (size_t i = 2; i < 60; i++)
    warnings[i] = str_make(words, 119);
  struct admission_response r = {
      .uid = STR("u"), .allowed = true, .warnings = warnings, .warning_count = 60};
  struct value list = pointer_get(written(&r), STR("/response/warnings"));
  size_t bytes = 0;
  assert_str(value_str(value_at(list, 0)), "two lines and more");
  for (uint32_t i = 0; i < list.len; i++)
    bytes += list.items[i].len;
  assert_true(bytes <= ADMISSION_WARNINGS_LENGTH);
  assert_int_equal(value_at(list, 1).len, 399); /* whole, without the space at its end */
  assert_non_null(strstr(value_at(list, list.len - 1).text, "further warnings are left out"));
}

static void a_long_message_is_cut(void **state)
{
  (void)state;
  size_t len = ADMISSION_MESSAGE_MAX + 100;
  char *long_text = mem_alloc(len);
  memset(long_text, 'm', len);
  struct admission_response r = {.uid = STR("u"), .code = 403, .message = str_make(long_text, len)};
  struct str message = text_at(written(&r), "/response/status/message");
  assert_true(message.len <= ADMISSION_MESSAGE_MAX);
  assert_true(str_ends(message, STR(" [...]")));
  mem_free(long_text);
}

/* ---- ImageReview */

static void reads_an_image_review(void **state)
{
  (void)state;
  struct image_review r;
  struct error err;
  struct value root =
      parse("{'apiVersion':'imagepolicy.k8s.io/v1alpha1','kind':'ImageReview','spec':{"
            "'containers':[{'image':'a'},{'image':'b:1'}],'annotations':{'x':'y'},"
            "'namespace':'shop'}}");
  assert_true(image_review_is(root));
  assert_false(admission_is_review(root));
  assert_int_equal(image_review_read(root, &r, &err), 0);
  assert_int_equal(r.container_count, 2);
  assert_str(image_review_image(&r, 1), "b:1");
  assert_str(r.namespace, "shop");
  assert_int_equal(r.annotations.len, 1);
}

static void refuses_what_is_no_image_review(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    int code;
    const char *message;
  } cases[] = {
      {"{'kind':'ImageReview','apiVersion':'imagepolicy.k8s.io/v1'}", SW_EUNSUPPORTED,
       "imagepolicy.k8s.io/v1\" of an ImageReview"},
      {"{'kind':'ImageReview','apiVersion':'imagepolicy.k8s.io/v1alpha1'}", SW_EINVAL,
       "spec is missing"},
      {"{'kind':'ImageReview','apiVersion':'imagepolicy.k8s.io/v1alpha1','spec':{'containers':{}}}",
       SW_EINVAL, "spec.containers is an object, must be an array"},
      {"{'kind':'ImageReview','apiVersion':'imagepolicy.k8s.io/v1alpha1','spec':{'containers':[{}]}"
       "}",
       SW_EINVAL, "spec.containers[0].image is nothing"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct image_review r;
    struct error err = {0};
    assert_int_equal(image_review_read(parse(cases[i].text), &r, &err), cases[i].code);
    assert_error(err, cases[i].code, cases[i].message);
  }
}

static void writes_an_image_answer(void **state)
{
  (void)state;
  struct buf out = {0};
  struct image_response r = {.reason = STR("no")};
  image_response_write(&out, &r);
  assert_str(buf_str(&out),
             "{\"apiVersion\":\"imagepolicy.k8s.io/v1alpha1\",\"kind\":\"ImageReview\","
             "\"status\":{\"allowed\":false,\"reason\":\"no\"}}");
  buf_free(&out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(reads_a_review, set_up, tear_down),
      cmocka_unit_test_setup_teardown(knows_versions_and_operations, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refuses_what_is_no_review, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_uid_has_a_limit, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_refused_review_can_be_answered, set_up, tear_down),
      cmocka_unit_test_setup_teardown(makes_a_review_of_an_object, set_up, tear_down),
      cmocka_unit_test_setup_teardown(writes_a_denial, set_up, tear_down),
      cmocka_unit_test_setup_teardown(writes_a_patch_in_base64, set_up, tear_down),
      cmocka_unit_test_setup_teardown(warnings_are_made_fit, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_long_message_is_cut, set_up, tear_down),
      cmocka_unit_test_setup_teardown(reads_an_image_review, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refuses_what_is_no_image_review, set_up, tear_down),
      cmocka_unit_test_setup_teardown(writes_an_image_answer, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
