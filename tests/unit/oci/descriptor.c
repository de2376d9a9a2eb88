#include "../test.h"

#include "data/json.h"
#include "oci/descriptor.h"

#include "image.h"

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

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

static int read_text(const char *text, struct oci_descriptor *ret, struct error *err)
{
  struct value v;
  assert_int_equal(json_parse(&arena, str_from(text), NULL, &v, err), 0);
  return oci_descriptor_read(v, ret, err);
}

static void members_are_read(void **state)
{
  (void)state;
  struct oci_descriptor d;
  struct error err;
  assert_int_equal(read_text("{\"mediaType\":\"a/b\",\"size\":7,\"digest\":\"" DIGEST "\","
                             "\"platform\":{\"os\":\"linux\",\"architecture\":\"aarch64\"},"
                             "\"annotations\":{\"k\":\"v\"},\"urls\":[\"https://x\"],\"other\":1}",
                             &d, &err),
                   0);
  assert_str(d.media_type, "a/b");
  assert_str(d.digest, DIGEST);
  assert_int_equal(d.size, 7);
  assert_true(d.has_platform && d.foreign);
  assert_string_equal(d.platform.architecture, "arm64");
  assert_str(oci_descriptor_annotation(&d, STR("k")), "v");
  assert_str(oci_descriptor_annotation(&d, STR("x")), "");
  assert_str(oci_descriptor_short(&d), "sha256:0123456789ab");
}

static void what_is_wrong_is_named(void **state)
{
  (void)state;
  static const struct {
    const char *text, *told;
  } cases[] = {
      {"[]", "must be an object"},
      {"{\"size\":1}", "\"digest\" is no digest"},
      {"{\"size\":1,\"digest\":\"sha256:00\"}", "\"digest\" is no digest"},
      {"{\"size\":1,\"digest\":5}", "\"digest\" is a number"},
      {"{\"digest\":\"" DIGEST "\"}", "\"size\""},
      {"{\"size\":-1,\"digest\":\"" DIGEST "\"}", "\"size\""},
      {"{\"size\":1.5,\"digest\":\"" DIGEST "\"}", "\"size\""},
      {"{\"size\":99999999999999999999,\"digest\":\"" DIGEST "\"}", "\"size\""},
      {"{\"size\":1,\"digest\":\"" DIGEST "\",\"annotations\":{\"a\":1}}", "strings only"},
      {"{\"size\":1,\"digest\":\"" DIGEST "\",\"annotations\":[]}", "\"annotations\""},
      {"{\"size\":1,\"digest\":\"" DIGEST "\",\"platform\":\"linux\"}", "\"platform\""},
      {"{\"size\":1,\"digest\":\"" DIGEST "\",\"platform\":{\"os\":1}}", "\"os\""},
      {"{\"size\":1,\"digest\":\"" DIGEST "\",\"mediaType\":{}}", "\"mediaType\""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct oci_descriptor d;
    struct error err;
    assert_int_equal(read_text(cases[i].text, &d, &err), SW_EINVAL);
    assert_error(err, SW_EINVAL, cases[i].told);
  }
}

static void bytes_are_held_to_it(void **state)
{
  (void)state;
  struct error err;
  struct oci_descriptor d = {.digest = digest_text(&arena, STR("hello")), .size = 5};
  assert_int_equal(oci_check_bytes(&d, STR("hello"), &err), 0);
  assert_int_equal(oci_check_bytes(&d, STR("hellO"), &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "not what was meant");
  assert_int_equal(oci_check_bytes(&d, STR("hell"), &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "4 bytes, not the 5");
  assert_int_equal(oci_check_bytes(&d, STR("hello!"), &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "more than the 5 bytes");
  d.size = OCI_SIZE_UNKNOWN;
  assert_int_equal(oci_check_bytes(&d, STR("hello"), &err), 0);
  struct oci_descriptor unknown = {.size = OCI_SIZE_UNKNOWN};
  assert_int_equal(oci_check_bytes(&unknown, STR("anything"), &err), 0);
  struct oci_descriptor bad = {.digest = STR("sha256:x"), .size = 0};
  assert_int_equal(oci_check_bytes(&bad, STR_EMPTY, &err), SW_EINVAL);
}

static void pieces_are_one(void **state)
{
  (void)state;
  struct error err;
  struct oci_descriptor d = {.digest = digest_text(&arena, STR("hello")), .size = 5};
  _cleanup_(oci_check_freep) struct oci_check *check = NULL;
  assert_int_equal(oci_check_new(&d, &check, &err), 0);
  for (size_t i = 0; i < 5; i++)
    assert_int_equal(oci_check_add(check, str_sub(STR("hello"), i, 1), &err), 0);
  assert_int_equal(oci_check_count(check), 5);
  assert_int_equal(oci_check_end(check, &err), 0);
}

static void longer_digests_too(void **state)
{
  (void)state;
  struct digest sum;
  struct error err;
  assert_int_equal(digest_of(DIGEST_SHA512, STR("x"), &sum, &err), 0);
  struct str hex = digest_hex(&arena, &sum);
  struct oci_descriptor d = {.digest = arena_printf(&arena, "sha512:%.*s", STR_FMT(hex)),
                             .size = 1};
  assert_int_equal(oci_check_bytes(&d, STR("x"), &err), 0);
  assert_int_equal(oci_check_bytes(&d, STR("y"), &err), SW_EINVAL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(members_are_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_is_wrong_is_named, set_up, tear_down),
      cmocka_unit_test_setup_teardown(bytes_are_held_to_it, set_up, tear_down),
      cmocka_unit_test_setup_teardown(pieces_are_one, set_up, tear_down),
      cmocka_unit_test_setup_teardown(longer_digests_too, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
