#include "kube/status.h"
#include "../test.h"
#include "base/buf.h"
#include "data/json.h"
#include "data/pointer.h"

static void test_form(void **state)
{
  (void)state;
  struct buf out = {0};
  kube_status_write(&out, 503, STR("no policies"));
  assert_str(buf_str(&out),
             "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
             "\"message\":\"no policies\",\"reason\":\"ServiceUnavailable\",\"code\":503}\n");
  buf_free(&out);
}

/* Whatever the message is, it comes out whole. */
static void test_hostile_message(void **state)
{
  (void)state;
  struct buf out = {0};
  struct arena arena;
  struct value root;
  struct error err;
  struct str message = STR("a \"b\" \\ \n \x01 {\"allowed\":true}");
  arena_init(&arena, 0);
  kube_status_write(&out, 418, message);
  assert_int_equal(json_parse(&arena, buf_str(&out), NULL, &root, &err), 0);
  assert_true(str_eq(value_str(pointer_get(root, STR("/message"))), message));
  assert_str(value_str(pointer_get(root, STR("/reason"))), "Unknown");
  arena_free(&arena);
  buf_free(&out);
}

static void test_reasons(void **state)
{
  (void)state;
  assert_str(kube_status_reason(400), "BadRequest");
  assert_str(kube_status_reason(413), "RequestEntityTooLarge");
  assert_str(kube_status_reason(0), "Unknown");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_form),
      cmocka_unit_test(test_hostile_message),
      cmocka_unit_test(test_reasons),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
