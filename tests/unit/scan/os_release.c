#include "../test.h"

#include "base/clock.h"
#include "base/mem.h"
#include "scan/os_release.h"

static struct arena arena;

static struct os_release read_file(const char *path, const char *text)
{
  struct os_release os;
  struct error err;
  if (os_release_read(&arena, str_from(path), str_from(text), &os, &err) < 0)
    fail_msg("%s: %s", path, err.message);
  return os;
}

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

static void reads_os_release(void **state)
{
  (void)state;
  struct os_release os = read_file(
      "etc/os-release", "# comment\r\nPRETTY_NAME=\"Debian \\\"12\\\" (bookworm)\"\nNAME='x'\n"
                        "VERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nID=debian\n");
  assert_str(os.id, "debian");
  assert_string_equal(os.family->name, "Debian");
  assert_str(os.version, "12");
  assert_str(os.release, "12");
  assert_str(os.codename, "bookworm");
  assert_str(os.pretty, "Debian \"12\" (bookworm)");
}

static void knows_releases(void **state)
{
  (void)state;
  static const struct {
    const char *id, *version, *family, *release;
  } cases[] = {
      {"alpine", "3.19.1", "alpine", "3.19"},
      {"ubuntu", "22.04", "ubuntu", "22.04"},
      {"rhel", "9.3", "rhel", "9"},
      {"almalinux", "8.10", "almalinux", "8"},
      {"rocky", "9.4", "rocky", "9"},
      {"ol", "8.9", "ol", "8"},
      {"amzn", "2", "amzn", "2"},
      {"amzn", "2018.03", "amzn", "1"},
      {"amzn", "2023", "amzn", "2023"},
      {"sles", "15.5", "sles", "15.5"},
      {"sles_sap", "15.5", "sles", "15.5"},
      {"opensuse-leap", "15.6", "opensuse-leap", "15.6"},
      {"azurelinux", "3.0", "azurelinux", "3.0"},
      {"mariner", "2.0", "mariner", "2.0"},
      {"photon", "5.0", "photon", "5.0"},
      {"wolfi", "20230201", "wolfi", ""},
      {"chainguard", "20230214", "chainguard", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char text[128];
    snprintf(text, sizeof text, "ID=\"%s\"\nVERSION_ID=%s\n", cases[i].id, cases[i].version);
    struct os_release os = read_file("usr/lib/os-release", text);
    assert_non_null(os.family);
    assert_string_equal(os.family->id, cases[i].family);
    assert_str(os.release, cases[i].release);
  }
  assert_null(read_file("etc/os-release", "ID=plan9\nVERSION_ID=4\n").family);
  assert_null(os_family_find(STR("")));
}

static void reads_files_of_one_line(void **state)
{
  (void)state;
  struct os_release os = read_file("etc/redhat-release", "CentOS release 6.10 (Final)\n");
  assert_string_equal(os.family->id, "centos");
  assert_str(os.version, "6.10");
  assert_str(os.release, "6");
  os = read_file("etc/alpine-release", "3.18.4\n");
  assert_string_equal(os.family->id, "alpine");
  assert_str(os.release, "3.18");
  os = read_file("etc/debian_version", "12.5\n");
  assert_str(os.release, "12");
  os = read_file("etc/debian_version", "trixie/sid\n");
  assert_str(os.version, "");
  assert_str(os.codename, "trixie");
  os = read_file("etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=20.04\n");
  assert_string_equal(os.family->id, "ubuntu");
}

static void believes_the_better_file(void **state)
{
  (void)state;
  struct os_release none = {0}, full = read_file("etc/os-release", "ID=debian\nVERSION_ID=12\n");
  struct os_release bare = read_file("etc/os-release", "ID=debian\n");
  struct os_release line = read_file("etc/debian_version", "12.5\n");
  struct os_release wolfi = read_file("etc/os-release", "ID=wolfi\n");
  struct os_release alpine = read_file("etc/alpine-release", "3.18.4\n");
  assert_true(os_release_prefer(&none, &line));
  assert_false(os_release_prefer(&line, &none));
  assert_true(os_release_prefer(&line, &full));
  assert_false(os_release_prefer(&full, &line));
  assert_true(os_release_prefer(&bare, &line));
  assert_false(os_release_prefer(&wolfi, &alpine));
}

static void knows_the_end(void **state)
{
  (void)state;
  struct os_release os = read_file("etc/os-release", "ID=debian\nVERSION_ID=12\n");
  const struct os_end_of_life *end = os_release_end_of_life(&os);
  int64_t last;
  assert_non_null(end);
  assert_string_equal(end->codename, "bookworm");
  assert_int_equal(clock_parse_date(STR("2028-06-30"), &last, NULL), 0);
  assert_false(os_release_is_over(&os, false, last + 86399));
  assert_true(os_release_is_over(&os, false, last + 86400));
  assert_false(os_release_is_over(&os, true, last + 86400));
  os = read_file("etc/os-release", "ID=debian\nVERSION_ID=99\n");
  assert_null(os_release_end_of_life(&os));
  assert_false(os_release_is_over(&os, false, INT64_MAX));
  os = read_file("etc/os-release", "ID=alpine\nVERSION_ID=3.10.4\n");
  assert_true(os_release_is_over(&os, true, last));
}

static void refuses(void **state)
{
  (void)state;
  static char huge[OS_RELEASE_SIZE_MAX + 1];
  struct os_release os;
  struct error err;
  assert_false(os_release_wants(STR("etc/passwd")));
  assert_true(os_release_wants(STR("etc/os-release")));
  assert_int_equal(os_release_read(&arena, STR("etc/passwd"), STR("x"), &os, &err), SW_EUSAGE);
  assert_int_equal(os_release_read(&arena, STR("etc/os-release"), STR("NAME=x\n"), &os, &err),
                   SW_EINVAL);
  assert_error(err, SW_EINVAL, "gives the ID");
  assert_int_equal(os_release_read(&arena, STR("etc/alpine-release"), STR("\n"), &os, &err),
                   SW_EINVAL);
  assert_int_equal(os_release_read(&arena, STR("etc/redhat-release"), STR("Plan 9"), &os, &err),
                   SW_EINVAL);
  assert_int_equal(
      os_release_read(&arena, STR("etc/os-release"), str_make(huge, sizeof huge), &os, &err),
      SW_ELIMIT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_os_release),        cmocka_unit_test(knows_releases),
      cmocka_unit_test(reads_files_of_one_line), cmocka_unit_test(believes_the_better_file),
      cmocka_unit_test(knows_the_end),           cmocka_unit_test(refuses),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
