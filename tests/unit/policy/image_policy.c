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
      cmocka_unit_test_setup_teardown(patterns_say_where_from, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tags_and_digests, set_up, tear_down),
      cmocka_unit_test_setup_teardown(wrong_configurations_are_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tags_are_resolved, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
