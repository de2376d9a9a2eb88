#include "../test.h"

#include "oci/reference.h"

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
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
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

static void parts_are_views(void **state)
{
  (void)state;
  struct image_reference r;
  struct error err;
  assert_int_equal(image_reference_read(STR("reg.io:443/a/b:v1@" DIGEST), &r, &err), 0);
  assert_str(r.registry, "reg.io:443");
  assert_str(r.repository, "a/b");
  assert_str(r.name, "reg.io:443/a/b");
  assert_true(r.tag_given);
  assert_false(r.library);
  assert_int_equal(image_reference_read(STR("docker.io/nginx"), &r, &err), 0);
  assert_true(r.library && !r.tag_given);
  assert_str(r.repository, "nginx");
}

static void lengths_have_limits(void **state)
{
  (void)state;
  struct image_reference r;
  struct error err;
  char text[300];
  memset(text, 'a', sizeof text);
  assert_int_equal(image_reference_read(str_make(text, IMAGE_REPOSITORY_MAX), &r, &err), 0);
  assert_int_equal(image_reference_read(str_make(text, IMAGE_REPOSITORY_MAX + 1), &r, &err),
                   SW_EINVAL);
  text[1] = ':';
  assert_int_equal(image_reference_read(str_make(text, 2 + IMAGE_TAG_MAX), &r, &err), 0);
  assert_int_equal(image_reference_read(str_make(text, 3 + IMAGE_TAG_MAX), &r, &err), SW_EINVAL);
}

static void digests_have_their_length(void **state)
{
  (void)state;
  assert_true(image_digest_valid(STR(DIGEST)));
  assert_false(image_digest_valid(STR(DIGEST "0")));
  assert_false(image_digest_valid(STR("sha256:")));
  assert_false(image_digest_valid(STR_EMPTY));
  assert_false(image_digest_valid(
      STR("sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef")));
  assert_false(image_digest_valid(STR("md5:0123456789abcdef0123456789abcdef")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(references_are_completed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_is_no_reference_is_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(parts_are_views, set_up, tear_down),
      cmocka_unit_test_setup_teardown(lengths_have_limits, set_up, tear_down),
      cmocka_unit_test_setup_teardown(digests_have_their_length, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
