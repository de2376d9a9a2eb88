#include "../test.h"

#include "scan/check/image_setting.h"

static void knows_ports(void **state)
{
  (void)state;
  assert_string_equal(image_setting_remote_port(22), "SSH");
  assert_string_equal(image_setting_remote_port(23), "telnet");
  assert_null(image_setting_remote_port(80));
  assert_null(image_setting_remote_port(0));
}

static void knows_directories_of_the_system(void **state)
{
  (void)state;
  static const char *const bad[] = {"/", "/etc", "/proc/1", "/sys/", "/run/docker.sock", "/root//"};
  static const char *const good[] = {"", "/data", "/etc/app", "/process", "/var/lib/app", "proc"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_true(image_setting_sensitive_volume(str_from(bad[i])));
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    assert_false(image_setting_sensitive_volume(str_from(good[i])));
}

static void knows_search_paths(void **state)
{
  (void)state;
  struct str folder;
  assert_true(image_setting_weak_path(STR("PATH"), STR("/bin:bin:/x"), &folder));
  assert_str(folder, "bin");
  assert_true(image_setting_weak_path(STR("PATH"), STR("::"), &folder));
  assert_str(folder, "");
  assert_true(image_setting_weak_path(STR("LD_LIBRARY_PATH"), STR("/a:/tmp"), &folder));
  assert_false(image_setting_weak_path(STR("LD_LIBRARY_PATH"), STR("/a:"), &folder));
  assert_false(image_setting_weak_path(STR("PATH"), STR("/bin:$PATH:${X}/bin"), &folder));
  assert_false(image_setting_weak_path(STR("PATH"), STR(""), &folder));
  assert_false(image_setting_weak_path(STR("HOME"), STR("."), &folder));
}

static void knows_checks_switched_off(void **state)
{
  (void)state;
  assert_true(image_setting_unverified(STR("PYTHONHTTPSVERIFY"), STR("0")));
  assert_true(image_setting_unverified(STR("GIT_SSL_NO_VERIFY"), STR("1")));
  assert_false(image_setting_unverified(STR("PYTHONHTTPSVERIFY"), STR("1")));
  assert_false(image_setting_unverified(STR("GIT_SSL_NO_VERIFY"), STR("False")));
  assert_false(image_setting_unverified(STR("GIT_SSL_NO_VERIFY"), STR("")));
  assert_false(image_setting_unverified(STR("OTHER"), STR("0")));
}

static void knows_names_that_move(void **state)
{
  (void)state;
  assert_true(image_setting_latest(STR("debian")));
  assert_true(image_setting_latest(STR("localhost:5000/a/b")));
  assert_true(image_setting_latest(STR("debian:latest")));
  assert_false(image_setting_latest(STR("debian:12")));
  assert_false(image_setting_latest(
      STR("debian@sha256:0000000000000000000000000000000000000000000000000000000000000000")));
  assert_false(image_setting_latest(STR("a b")));
  assert_true(image_setting_kill(STR("SIGKILL")));
  assert_true(image_setting_kill(STR("9")));
  assert_false(image_setting_kill(STR("SIGTERM")));
}

static void knows_where_images_come_from(void **state)
{
  (void)state;
  static const struct str places[] = {STR_INIT("docker.io/library"), STR_INIT("good.example"),
                                      STR_INIT("ghcr.io/team")};
  static const char *const good[] = {"debian", "docker.io/library/debian:12", "good.example/a/b",
                                     "ghcr.io/team/x:1", "library/debian"};
  static const char *const bad[] = {
      "someone/debian", "good.example.evil/a", "ghcr.io/teams/x", "ghcr.io/other/x", "a b",
      "quay.io/debian"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    if (!image_setting_allowed(str_from(good[i]), places, 3))
      fail_msg("%s is not allowed", good[i]);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (image_setting_allowed(str_from(bad[i]), places, 3))
      fail_msg("%s is allowed", bad[i]);
  static const struct str hub[] = {STR_INIT("docker.io")},
                          one[] = {STR_INIT("docker.io/library/debian")};
  assert_true(image_setting_allowed(STR("someone/debian"), hub, 1));
  assert_true(image_setting_allowed(STR("debian:12"), one, 1));
  assert_false(image_setting_allowed(STR("ubuntu:22.04"), one, 1));
  assert_false(image_setting_allowed(STR("debian"), NULL, 0));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(knows_ports),           cmocka_unit_test(knows_directories_of_the_system),
      cmocka_unit_test(knows_search_paths),    cmocka_unit_test(knows_checks_switched_off),
      cmocka_unit_test(knows_names_that_move), cmocka_unit_test(knows_where_images_come_from),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
