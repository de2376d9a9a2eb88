#include "../test.h"

#include "data/json.h"
#include "data/json_write.h"
#include "lang/jwk.h"

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

static int read_keys(const char *text, struct jwk_set *set, struct error *err)
{
  struct value v;
  struct json_options options = {.depth_max = 40};
  assert_int_equal(json_parse(&arena, str_from(text), &options, &v, err), 0);
  *set = (struct jwk_set){0};
  return jwk_read(&arena, v, set, err);
}

/* RFC 7515, appendix A.3, and RFC 8037, appendix A.1. */
#define EC                                                                                         \
  "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","       \
  "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\",\"kid\":\"one\",\"alg\":\"ES256\"}"
#define ED                                                                                         \
  "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"

static void keys_are_read(void **state)
{
  (void)state;
  struct jwk_set set;
  struct error err;
  assert_int_equal(
      read_keys("{\"keys\":[" EC "," ED ",{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}", &set, &err), 0);
  assert_int_equal(set.count, 3);
  assert_non_null(set.items[0].key);
  assert_str(set.items[0].kid, "one");
  assert_str(set.items[0].alg, "ES256");
  assert_int_equal(key_type(set.items[0].key), KEY_EC);
  assert_int_equal(key_type(set.items[1].key), KEY_ED25519);
  assert_null(set.items[2].key);
  assert_str(set.items[2].secret, "secret");
  jwk_set_free(&set);
  assert_int_equal(set.count, 0);
}

static void keys_are_written_as_they_were(void **state)
{
  (void)state;
  struct jwk_set set;
  struct error err;
  assert_int_equal(read_keys(EC, &set, &err), 0);
  assert_int_equal(set.count, 1);
  struct value v = jwk_write(&arena, set.items[0].key);
  assert_str(value_str(value_get_str(v, STR("crv"))), "P-256");
  assert_str(value_str(value_get_str(v, STR("x"))), "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
  assert_str(value_str(value_get_str(v, STR("y"))), "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
  assert_int_equal(value_get_str(v, STR("d")).type, VALUE_ABSENT);
  jwk_set_free(&set);
}

static void what_is_no_key_is_refused(void **state)
{
  (void)state;
  static const struct {
    const char *text, *message;
    int code;
  } cases[] = {
      {"3", "is an object, not", SW_EINVAL},
      {"{\"keys\":1}", "not an array", SW_EINVAL},
      {"{}", "not a type of keys", SW_EUNSUPPORTED},
      {"{\"kty\":\"what\"}", "\"what\" is not a type", SW_EUNSUPPORTED},
      {"{\"kty\":\"oct\"}", "has no \"k\"", SW_EINVAL},
      {"{\"kty\":\"oct\",\"k\":5}", "is not a string", SW_EINVAL},
      {"{\"kty\":\"RSA\",\"e\":\"AQAB\"}", "has no \"n\"", SW_EINVAL},
      {"{\"kty\":\"EC\",\"crv\":\"P-224\"}", "\"P-224\" is not a curve", SW_EUNSUPPORTED},
      {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}", "", SW_EINVAL},
      {"{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AA\"}", "is not a curve", SW_EUNSUPPORTED},
      {"{\"keys\":[" EC ",{\"kty\":\"oct\"}]}", "has no \"k\"", SW_EINVAL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct jwk_set set;
    struct error err = {0};
    int rc = read_keys(cases[i].text, &set, &err);
    if (rc != cases[i].code || !strstr(err.message, cases[i].message))
      fail_msg("%s: %d, %s", cases[i].text, rc, err.message);
    assert_int_equal(set.count, 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(keys_are_read, start, stop),
      cmocka_unit_test_setup_teardown(keys_are_written_as_they_were, start, stop),
      cmocka_unit_test_setup_teardown(what_is_no_key_is_refused, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
