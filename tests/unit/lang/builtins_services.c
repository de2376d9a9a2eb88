#include "builtins.h"

static const struct call calls[] = {
    {"http.send", "[{\"method\":\"get\",\"url\":\"http://x\"}]",
     "error: http.send: switched off: policies may not use the network here"},
    {"http.send", "[{\"method\":\"get\"}]",
     "type: http.send: operand 1 missing required request parameters(s): {\"url\"}"},
    {"http.send", "[{\"method\":\"get\",\"url\":\"x\",\"what\":1,\"why\":2}]",
     "type: http.send: operand 1 invalid request parameters(s): {\"what\", \"why\"}"},
    {"http.send", "[\"x\"]", "type: http.send: operand 1 must be object but got string"},
    {"net.lookup_ip_addr", "[\"x\"]",
     "error: net.lookup_ip_addr: switched off: policies may not use the network here"},
    {"net.lookup_ip_addr", "[1]",
     "type: net.lookup_ip_addr: operand 1 must be string but got number"},
};

static enum builtin_result send(void *user, struct builtin_context *context, struct value request,
                                struct value *ret)
{
  *(int *)user += 1;
  if (value_eq_str(value_get_str(request, STR("url")), STR("http://bad"))) {
    context->error_kind = BUILTIN_FAILED;
    error_set(&context->error, SW_EIO, "http.send: no route to http://bad");
    return BUILTIN_ERROR;
  }
  *ret = request;
  return BUILTIN_VALUE;
}

static enum builtin_result look_up(void *user, struct builtin_context *context, struct str host,
                                   struct value *ret)
{
  struct value *address = arena_array(context->arena, struct value, 1);
  *(int *)user += 1;
  assert_str(host, "host");
  address[0] = value_from("10.0.0.1");
  *ret = value_set_make(context->arena, address, 1);
  return BUILTIN_VALUE;
}

static void calls_give_what_they_should(void **state)
{
  (void)state;
  test_calls(calls, sizeof calls / sizeof *calls);
}

static void services_are_asked(void **state)
{
  (void)state;
  int asked = 0;
  const struct builtin_services services = {send, look_up, &asked};
  arena_init(&test_arena, 0);
  test_cache = builtin_cache_new();
  struct builtin_context c = test_context();
  c.services = &services;
  assert_str(
      test_call_with(&c, "http.send", test_value("[{\"method\":\"get\",\"url\":\"http://x\"}]")),
      "{\"method\": \"get\", \"url\": \"http://x\"}");
  assert_str(
      test_call_with(&c, "http.send", test_value("[{\"method\":\"get\",\"url\":\"http://bad\"}]")),
      "error: http.send: no route to http://bad");
  assert_str(test_call_with(&c, "net.lookup_ip_addr", test_value("[\"host\"]")), "{\"10.0.0.1\"}");
  assert_int_equal(asked, 3);
  builtin_cache_free(test_cache);
  arena_free(&test_arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(calls_give_what_they_should),
      cmocka_unit_test(services_are_asked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
