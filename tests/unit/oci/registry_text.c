#include "../test.h"

#include "oci/registry_text.h"

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

static void challenges_are_read(void **state)
{
  (void)state;
  static const struct {
    const char *head;
    int kind; /* 0: none, 1: basic, 2: bearer */
    const char *realm, *service, *scope;
  } rows[] = {
      {"WWW-Authenticate: Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\","
       "scope=\"repository:library/nginx:pull,push\"\r\n",
       2, "https://auth.docker.io/token", "registry.docker.io",
       "repository:library/nginx:pull,push"},
      {"www-authenticate:bearer  REALM = https://a/t , x=\"a\\\"b,c\" ,service=s", 2, "https://a/t",
       "s", ""},
      {"WWW-Authenticate: Basic realm=\"x\"\r\nWWW-Authenticate: Bearer realm=\"r\"", 2, "r", "",
       ""},
      {"WWW-Authenticate: Negotiate abc==, Basic realm=\"Bearer realm=z\", Bearer realm=\"r\"", 2,
       "r", "", ""},
      {"WWW-Authenticate: Bearer, Basic", 1, "", "", ""},
      {"WWW-Authenticate: Bearer realm=\"\", Basic realm=\"x\"", 1, "", "", ""},
      {"WWW-Authenticate: BASIC", 1, "", "", ""},
      {"WWW-Authenticate: Digest realm=\"x\", nonce=\"Basic\"", 0, "", "", ""},
      {"X: Basic\r\nWWW-Authenticate:\r\n", 0, "", "", ""},
      {"WWW-Authenticate: \"\"\"==,,;;<Basic", 1, "", "", ""},
      {"WWW-Authenticate: Bearer realm=\"unclosed", 2, "unclosed", "", ""},
      {"WWW-Authenticate: Bearer realm=\"a\x01"
       "b\",service=s",
       0, "", "", ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct oci_challenge c;
    bool found = oci_challenge_choose(str_from(rows[i].head), &arena, &c);
    assert_int_equal(found ? 1 + c.bearer : 0, rows[i].kind);
    assert_str(c.realm, rows[i].realm);
    assert_str(c.service, rows[i].service);
    assert_str(c.scope, rows[i].scope);
  }
}

static void links_are_read(void **state)
{
  (void)state;
  static const struct {
    const char *head, *target;
  } rows[] = {
      {"Link: </v2/_catalog?last=b&n=2>; rel=\"next\"\r\n", "/v2/_catalog?last=b&n=2"},
      {"link:<a>;title=\"x; rel=next\",<b> ; x ; REL = \"prev NEXT\"", "b"},
      {"Link: <a>; rel=prev\r\nLink: <b>;rel=next", "b"},
      {"Link: <a>; rel=\"nextish\"", NULL},
      {"Link: <a>", NULL},
      {"Link: <a", NULL},
      {"Link: a; rel=next", NULL},
      {"Link: <a>; rel=\"next", NULL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct str target;
    bool found = oci_link_next(str_from(rows[i].head), &target);
    assert_int_equal(found, rows[i].target != NULL);
    if (found)
      assert_str(target, rows[i].target);
  }
}

static void tokens_are_read(void **state)
{
  (void)state;
  static const struct {
    const char *text, *token;
    unsigned seconds;
  } rows[] = {
      {"{\"token\":\"t\",\"expires_in\":300}", "t", 300},
      {"{\"access_token\":\"t\"}", "t", 60},
      {"{\"token\":\"t\",\"access_token\":\"u\",\"expires_in\":-1}", "t", 60},
      {"{\"token\":\"t\",\"expires_in\":9000000000000000000}", "t", 31622400},
      {"{\"token\":\"t\",\"expires_in\":\"5\"}", "t", 60},
      {"{\"token\":\"a\\r\\nX: b\"}", NULL, 0},
      {"{\"token\":\"\"}", NULL, 0},
      {"{\"token\":5}", NULL, 0},
      {"[]", NULL, 0},
      {"", NULL, 0},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct oci_token token;
    struct error err;
    int rc = oci_token_read(str_from(rows[i].text), &arena, &token, &err);
    assert_int_equal(rc, rows[i].token ? 0 : SW_EINVAL);
    if (rc < 0)
      continue;
    assert_str(token.text, rows[i].token);
    assert_int_equal(token.seconds, rows[i].seconds);
  }
}

static void reasons_can_be_shown(void **state)
{
  (void)state;
  assert_str(oci_reason_read(
                 STR("{\"errors\":[{\"code\":\"DENIED\",\"message\":\"no\\u001b[31m\"}]}"), &arena),
             "DENIED: no [31m");
  assert_str(oci_reason_read(STR("{\"errors\":[{\"code\":\"DENIED\"}]}"), &arena), "DENIED");
  assert_str(
      oci_reason_read(STR("{\"error\":\"invalid_grant\",\"error_description\":\"old\"}"), &arena),
      "invalid_grant: old");
  assert_str(oci_reason_read(STR("{\"details\":\"wrong\"}"), &arena), "wrong");
  assert_str(oci_reason_read(STR("<html>"), &arena), "");
  assert_str(oci_reason_read(STR("{}"), &arena), "");
  char text[2000];
  snprintf(text, sizeof text, "{\"errors\":[{\"code\":\"%01000d\"}]}", 0);
  assert_int_equal(oci_reason_read(str_from(text), &arena).len, OCI_REASON_MAX);
}

static void ranges_are_read(void **state)
{
  (void)state;
  uint64_t first, last, total = 7;
  assert_true(oci_content_range_read(STR("bytes 5-9/10"), &first, &last, &total));
  assert_true(first == 5 && last == 9 && total == 10);
  assert_true(oci_content_range_read(STR("Bytes 0-0/*"), &first, &last, &total));
  assert_true(first == 0 && last == 0 && total == 10);
  static const char *const wrong[] = {"",
                                      "bytes",
                                      "bytes 5-4/10",
                                      "bytes 5-9/9",
                                      "bytes */10",
                                      "bytes -9/10",
                                      "bytes 5-9",
                                      "items 5-9/10",
                                      "bytes 5-99999999999999999999/*"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    assert_false(oci_content_range_read(str_from(wrong[i]), &first, &last, &total));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(challenges_are_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(links_are_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tokens_are_read, set_up, tear_down),
      cmocka_unit_test_setup_teardown(reasons_can_be_shown, set_up, tear_down),
      cmocka_unit_test_setup_teardown(ranges_are_read, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
