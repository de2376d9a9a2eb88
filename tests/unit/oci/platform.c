#include "../test.h"

#include "oci/platform.h"

static struct oci_platform platform(const char *text)
{
  struct oci_platform p;
  struct error err;
  if (oci_platform_read(str_from(text), &p, &err) < 0)
    fail_msg("%s: %s", text, err.message);
  return p;
}

static void names_are_completed(void **state)
{
  (void)state;
  static const char *const cases[][2] = {
      {"linux/amd64", "linux/amd64"},     {"linux/x86_64", "linux/amd64"},
      {"linux/amd64/v1", "linux/amd64"},  {"linux/amd64/v3", "linux/amd64/v3"},
      {"linux/arm64/v8", "linux/arm64"},  {"Linux/AARCH64", "linux/arm64"},
      {"linux/arm", "linux/arm/v7"},      {"linux/armhf", "linux/arm/v7"},
      {"linux/armel", "linux/arm/v6"},    {"linux/arm/6", "linux/arm/v6"},
      {"linux/i686", "linux/386"},        {"arm64", "linux/arm64"},
      {"s390x", "linux/s390x"},           {"macos/arm64", "darwin/arm64"},
      {"windows/amd64", "windows/amd64"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[OCI_PLATFORM_TEXT];
    struct oci_platform p = platform(cases[i][0]);
    assert_string_equal(oci_platform_text(&p, text), cases[i][1]);
  }
  struct oci_platform here, linux_here = platform("linux");
  oci_platform_here(&here);
  assert_memory_equal(&here, &linux_here, sizeof here);
}

static void what_is_none_is_refused(void **state)
{
  (void)state;
  static const char *const wrong[] = {"",
                                      "/",
                                      "linux/",
                                      "linux/amd64/v1/x",
                                      "lin ux/amd64",
                                      "linux//v7",
                                      "linux/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    struct oci_platform p;
    struct error err;
    assert_int_equal(oci_platform_read(str_from(wrong[i]), &p, &err), SW_EINVAL);
  }
}

static int rank(const char *wanted, const char *offered)
{
  struct oci_platform w = platform(wanted), o = platform(offered);
  return oci_platform_rank(&w, &o);
}

static void processors_run_what_older_ones_run(void **state)
{
  (void)state;
  assert_int_equal(rank("linux/amd64", "linux/amd64"), 0);
  assert_int_equal(rank("linux/amd64", "linux/amd64/v2"), -1);
  assert_true(rank("linux/amd64/v3", "linux/amd64/v2") < rank("linux/amd64/v3", "linux/amd64"));
  assert_true(rank("linux/amd64", "linux/386") > rank("linux/amd64/v3", "linux/amd64"));
  assert_int_equal(rank("linux/386", "linux/amd64"), -1);
  assert_int_equal(rank("linux/arm/v7", "linux/arm/v7"), 0);
  assert_int_equal(rank("linux/arm/v7", "linux/arm/v5"), 2);
  assert_int_equal(rank("linux/arm/v6", "linux/arm/v7"), -1);
  assert_true(rank("linux/arm64", "linux/arm/v7") > 0);
  assert_true(rank("linux/arm64", "linux/arm/v7") < rank("linux/arm64", "linux/arm/v6"));
  assert_int_equal(rank("linux/arm", "linux/arm64"), -1);
  assert_int_equal(rank("linux/amd64", "windows/amd64"), -1);
  assert_int_equal(rank("linux/s390x", "linux/s390x"), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_are_completed),
      cmocka_unit_test(what_is_none_is_refused),
      cmocka_unit_test(processors_run_what_older_ones_run),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
