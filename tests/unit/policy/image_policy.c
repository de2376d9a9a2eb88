#include "../test.h"

#include "policy/image_policy.h"

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

static void references_are_completed(void **state)
{
  (void)state;
  static const struct {
    const char *text, *name, *tag, *digest;
  } cases[] = {
      {"nginx", "docker.io/library/nginx", "latest", ""},
      {"nginx:1.25", "docker.io/library/nginx", "1.25", ""},
      {"team/app", "docker.io/team/app", "latest", ""},
      {"docker.io/nginx", "docker.io/library/nginx", "latest", ""},
      {"index.docker.io/library/nginx", "docker.io/library/nginx", "latest", ""},
      {"quay.io/a/b/c:v1", "quay.io/a/b/c", "v1", ""},
      {"localhost/app", "localhost/app", "latest", ""},
      {"reg:5000/app:1", "reg:5000/app", "1", ""},
      {"[::1]:5000/app", "[::1]:5000/app", "latest", ""},
      {"a/b@" DIGEST, "docker.io/a/b", "", DIGEST},
      {"nginx:1@" DIGEST, "docker.io/library/nginx", "1", DIGEST},
      {"a__b/c-d.e", "docker.io/a__b/c-d.e", "latest", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct image_reference r;
    struct error err;
    if (image_reference_read(str_from(cases[i].text), &r, &err) < 0)
      fail_msg("%s: %s", cases[i].text, err.message);
    assert_str(image_reference_name(&r, &arena), cases[i].name);
    assert_str(r.tag, cases[i].tag);
    assert_str(r.digest, cases[i].digest);
  }
}

static void what_is_no_reference_is_refused(void **state)
{
  (void)state;
  static const char *const wrong[] = {
      "",
      "Nginx",
      "a//b",
      "a/",
      "/a",
      "nginx:",
      "nginx:-x",
      "a b",
      "a@b",
      "a@sha256:12",
      "a___b",
      "a..b",
      "-a/b",
      "x.y:99999/a",
      "reg.:5/a",
      "a@" DIGEST "0",
      "a:b:c/d/e:f g",
      "nginx@sha1:0123456789012345678901234567890123456789",
      "a\n",
  };
  struct image_reference r;
  struct error err;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    if (image_reference_read(str_from(wrong[i]), &r, &err) == 0)
      fail_msg("\"%s\" was taken", wrong[i]);
  char text[IMAGE_REFERENCE_MAX + 2];
  memset(text, 'a', sizeof text);
  assert_int_equal(image_reference_read(str_make(text, sizeof text), &r, &err), SW_ELIMIT);
}

static enum image_fault check(const struct image_policy_config *config, const char *image)
{
  struct image_policy *policy;
  struct error err;
  struct str message = STR_EMPTY;
  if (image_policy_new(config, &policy, &err) < 0)
    fail_msg("%s", err.message);
  enum image_fault fault = image_policy_check(policy, str_from(image), &arena, &message);
  assert_int_equal(fault != IMAGE_FINE, message.len > 0);
  image_policy_free(policy);
  return fault;
}

static void patterns_say_where_from(void **state)
{
  (void)state;
  const struct str allowed[] = {STR("registry.example.com"), STR("quay.io/team/"),
                                STR("docker.io/library/*"), STR("*.internal")};
  const struct str denied[] = {STR("registry.example.com/bad/**")};
  struct image_policy_config c = {
      .allowed = allowed, .allowed_count = 4, .denied = denied, .denied_count = 1};
  assert_int_equal(check(&c, "registry.example.com/a/b:1"), IMAGE_FINE);
  assert_int_equal(check(&c, "registry.example.com/bad/b:1"), IMAGE_DENIED);
  assert_int_equal(check(&c, "registry.example.com.evil.io/a"), IMAGE_NOT_ALLOWED);
  assert_int_equal(check(&c, "quay.io/team/x/y"), IMAGE_FINE);
  assert_int_equal(check(&c, "quay.io/teams/x"), IMAGE_NOT_ALLOWED);
  assert_int_equal(check(&c, "nginx"), IMAGE_FINE);
  assert_int_equal(check(&c, "someone/nginx"), IMAGE_NOT_ALLOWED);
  assert_int_equal(check(&c, "hub.internal/x"), IMAGE_FINE);
  assert_int_equal(check(&c, "NOT VALID"), IMAGE_NO_REFERENCE);
  struct image_policy_config none = {0};
  assert_int_equal(check(&none, "anywhere.org/x"), IMAGE_FINE);
  assert_int_equal(check(&none, "a//b"), IMAGE_NO_REFERENCE);
}

static void tags_and_digests(void **state)
{
  (void)state;
  struct image_policy_config latest = {.refuse_latest = true}, digest = {.require_digest = true};
  assert_int_equal(check(&latest, "nginx"), IMAGE_LATEST);
  assert_int_equal(check(&latest, "nginx:latest"), IMAGE_LATEST);
  assert_int_equal(check(&latest, "nginx:1"), IMAGE_FINE);
  assert_int_equal(check(&latest, "nginx:latest@" DIGEST), IMAGE_FINE);
  assert_int_equal(check(&digest, "nginx:1"), IMAGE_NO_DIGEST);
  assert_int_equal(check(&digest, "nginx@" DIGEST), IMAGE_FINE);
}

static void wrong_configurations_are_refused(void **state)
{
  (void)state;
  struct image_policy *policy;
  struct error err;
  const struct str bad[] = {STR("[a")}, empty[] = {STR_EMPTY};
  struct image_policy_config c = {.allowed = bad, .allowed_count = 1};
  assert_int_equal(image_policy_new(&c, &policy, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "image pattern \"[a\"");
  c.allowed = empty;
  assert_int_equal(image_policy_new(&c, &policy, &err), SW_EINVAL);
  struct image_policy_config resolving = {.resolve = true};
  assert_int_equal(image_policy_new(&resolving, &policy, &err), SW_EUSAGE);
}

static int answer(void *ctx, const struct image_reference *r, int64_t deadline_ns, struct arena *a,
                  struct str *ret_digest, struct error *err)
{
  (void)deadline_ns, (void)a;
  if (str_eq(r->tag, STR("gone")))
    return error_set(err, SW_ENOENT, "no such tag");
  *ret_digest = str_from(ctx);
  return 0;
}

static void tags_are_resolved(void **state)
{
  (void)state;
  struct image_policy_config c = {.resolve = true, .resolver = {answer, DIGEST}};
  struct image_policy *policy;
  struct str got;
  struct error err;
  assert_int_equal(image_policy_new(&c, &policy, &err), 0);
  assert_true(image_policy_resolves(policy));
  assert_int_equal(image_policy_resolve(policy, STR("nginx:1"), 0, &arena, &got, &err), 0);
  assert_str(got, "nginx:1@" DIGEST);
  assert_int_equal(image_policy_resolve(policy, STR("a@" DIGEST), 0, &arena, &got, &err), 0);
  assert_str(got, "a@" DIGEST);
  assert_int_equal(image_policy_resolve(policy, STR("a:gone"), 0, &arena, &got, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "resolving the tag of \"a:gone\": no such tag");
  image_policy_free(policy);
  c.resolver.ctx = "sha256:evil\"}";
  assert_int_equal(image_policy_new(&c, &policy, &err), 0);
  assert_int_equal(image_policy_resolve(policy, STR("a:1"), 0, &arena, &got, &err), SW_EINVAL);
  image_policy_free(policy);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(references_are_completed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_is_no_reference_is_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(patterns_say_where_from, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tags_and_digests, set_up, tear_down),
      cmocka_unit_test_setup_teardown(wrong_configurations_are_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tags_are_resolved, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
