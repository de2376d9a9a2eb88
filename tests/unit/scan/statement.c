#include "../test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "data/base64.h"
#include "data/json.h"
#include "scan/statement.h"

static struct arena arena;

static int start(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  return 0;
}

static int stop(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

static int unwrap(struct str text, struct unwrapped_statement *ret, struct error *err)
{
  struct value json;
  if (json_parse(&arena, text, NULL, &json, err) < 0)
    fail_msg("%s", err->message);
  return statement_unwrap(&arena, json, ret, err);
}

static struct str dsse(struct str inner)
{
  struct str payload = base64_encode(&arena, inner, BASE64_STANDARD);
  return arena_printf(&arena, "{\"payloadType\":\"t\",\"payload\":\"%.*s\"}", STR_FMT(payload));
}

static void leaves_documents_alone(void **state)
{
  (void)state;
  struct unwrapped_statement u;
  struct error err;
  assert_int_equal(unwrap(STR("{\"a\":1,\"Data\":{}}"), &u, &err), 0);
  assert_int_equal(u.document.len, 2);
  assert_int_equal(u.statement.type, VALUE_ABSENT);
  assert_int_equal(u.digest.len + u.subject.len, 0);
}

static void takes_envelopes_off(void **state)
{
  (void)state;
  struct str statement = STR(
      "{\"_type\":\"s\",\"subject\":[{\"name\":\"web\",\"digest\":{\"sha256\":\"aaaaaaaaaaaaaaaa"
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}}],\"predicate\":{\"x\":2}}");
  struct str bundle = arena_printf(&arena, "{\"dsseEnvelope\":%.*s}", STR_FMT(dsse(statement)));
  const struct str texts[] = {statement, dsse(statement), bundle};
  for (size_t i = 0; i < 3; i++) {
    struct unwrapped_statement u;
    struct error err;
    if (unwrap(texts[i], &u, &err) < 0)
      fail_msg("%s", err.message);
    int64_t x;
    assert_true(value_to_int(value_get(u.document, value_from("x")), &x) && x == 2);
    assert_int_equal(u.statement.type, VALUE_OBJECT);
    assert_str(u.subject, "web");
    assert_int_equal(u.digest.len, 71);
  }
}

static void opens_what_cosign_wrote(void **state)
{
  (void)state;
  static const char *const texts[] = {"{\"predicate\":{\"Data\":{\"x\":2}}}",
                                      "{\"predicate\":{\"Data\":\"{\\\"x\\\":2}\"}}"};
  for (size_t i = 0; i < 2; i++) {
    struct unwrapped_statement u;
    struct error err;
    assert_int_equal(unwrap(str_from(texts[i]), &u, &err), 0);
    assert_int_equal(value_get(u.document, value_from("x")).type, VALUE_NUMBER);
  }
}

static void refuses(void **state)
{
  (void)state;
  struct unwrapped_statement u;
  struct error err;
  assert_int_equal(unwrap(STR("{\"payloadType\":\"t\",\"payload\":\"*\"}"), &u, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "payload");
  assert_int_equal(unwrap(dsse(STR("{")), &u, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "inside the envelope");
  struct str text = STR("{}");
  for (int i = 0; i < STATEMENT_WRAPPINGS_MAX; i++)
    text = dsse(text);
  assert_int_equal(unwrap(text, &u, &err), 0);
  assert_int_equal(unwrap(dsse(text), &u, &err), SW_ELIMIT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(leaves_documents_alone),
      cmocka_unit_test(takes_envelopes_off),
      cmocka_unit_test(opens_what_cosign_wrote),
      cmocka_unit_test(refuses),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
