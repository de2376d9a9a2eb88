#include "../test.h"

#include "base/clock.h"
#include "base/file.h"
#include "oci/credentials.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena;
static char dir[64];
static const char *variables[8][2];
static char *path_before;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
  (void)st, (void)type, (void)ftw;
  return remove(path);
}

static int set_up(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  memset(variables, 0, sizeof variables);
  path_before = getenv("PATH");
  snprintf(dir, sizeof dir, "/tmp/seawall-credentials.XXXXXX");
  return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
  (void)state;
  setenv("PATH", path_before, 1);
  arena_free(&arena);
  nftw(dir, remove_one, 32, FTW_DEPTH | FTW_PHYS);
  return 0;
}

static const char *path_of(const char *name)
{
  return arena_printf(&arena, "%s/%s", dir, name).data;
}

static const char *put(const char *name, const char *text, mode_t mode)
{
  const char *path = path_of(name);
  struct error err;
  for (char *slash = strchr((char *)(uintptr_t)path + strlen(dir) + 1, '/'); slash;
       slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    mkdir(path, 0755);
    *slash = '/';
  }
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  assert_true(fd >= 0 && fd_write_all(fd, text, strlen(text), &err) == 0);
  close(fd);
  return path;
}

static void set(const char *name, const char *value)
{
  size_t i = 0;
  while (variables[i][0] && strcmp(variables[i][0], name) != 0)
    i++;
  variables[i][0] = name;
  variables[i][1] = value;
}

static const char *environment(const char *name)
{
  for (size_t i = 0; variables[i][0]; i++)
    if (strcmp(variables[i][0], name) == 0)
      return variables[i][1];
  return NULL;
}

static struct oci_credentials *open_all(unsigned helper_ms)
{
  const struct oci_credentials_options options = {.environment = environment,
                                                  .helper_ms = helper_ms};
  struct oci_credentials *c;
  struct error err;
  if (oci_credentials_new(&options, &c, &err) < 0)
    fail_msg("%s", err.message);
  return c;
}

/* "USER:PASSWORD" of what is found, "IDENTITY", "" if there is nothing. */
static struct str found(struct oci_credentials *c, const char *registry, const char *repository)
{
  struct oci_login l;
  if (!oci_credentials_find(c, str_from(registry), str_from(repository), &arena, &l))
    return STR_EMPTY;
  if (l.identity_token.len || l.registry_token.len)
    return l.identity_token.len ? l.identity_token : l.registry_token;
  return arena_printf(&arena, "%.*s:%.*s", STR_FMT(l.user), STR_FMT(l.password));
}

static struct str problem(struct oci_credentials *c, const char *registry)
{
  struct oci_login l;
  assert_false(oci_credentials_find(c, str_from(registry), STR("a"), &arena, &l));
  return l.problem;
}

static struct oci_credentials *of_text(const char *text)
{
  struct error err;
  struct oci_credentials *c = open_all(0);
  if (oci_credentials_add(c, "file", str_from(text), &err) < 0)
    fail_msg("%s", err.message);
  return c;
}

static void the_longest_key_counts(void **state)
{
  (void)state;
  _cleanup_(oci_credentials_freep) struct oci_credentials *c =
      of_text("{\"auths\":{"
              "\"quay.io\":{\"username\":\"a\",\"password\":\"1\"},"
              "\"quay.io/team\":{\"username\":\"b\",\"password\":\"2\"},"
              "\"quay.io/team/app\":{\"username\":\"c\",\"password\":\"3\"},"
              "\"https://index.docker.io/v1/\":{\"auth\":\"aHViOnA6dw==\"},"
              "\"http://old.example/v2/\":{\"auth\":\"bzpw\"},"
              "\"UPPER.example:5000/\":{\"identitytoken\":\"idt\",\"auth\":\"\"},"
              "\"tok.example\":{\"registrytoken\":\"rt\"},"
              "\"both.example\":{\"username\":\"new\",\"password\":\"n\"},"
              "\"https://both.example\":{\"username\":\"old\",\"password\":\"o\"}}}");
  static const struct {
    const char *registry, *repository, *login;
  } rows[] = {
      {"quay.io", "team/app", "c:3"},
      {"quay.io", "team/app/x", "c:3"},
      {"quay.io", "team/application", "b:2"},
      {"quay.io", "teams", "a:1"},
      {"quay.io", "", "a:1"},
      {"docker.io", "library/nginx", "hub:p:w"},
      {"index.docker.io", "x/y", "hub:p:w"},
      {"old.example", "v2/x", "o:p"},
      {"upper.example:5000", "x", "idt"},
      {"upper.example", "x", ""},
      {"tok.example", "x", "rt"},
      {"both.example", "x", "new:n"},
      {"io", "x", ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    assert_str(found(c, rows[i].registry, rows[i].repository), rows[i].login);
}

static void wrong_entries_are_problems(void **state)
{
  (void)state;
  _cleanup_(oci_credentials_freep) struct oci_credentials *c = of_text(
      "{\"auths\":{\"a.example\":{\"auth\":\"***\"},\"b.example\":{\"auth\":\"bm9jb2xvbg==\"},"
      "\"c.example\":{},\"d.example\":7,\"e.example\":{\"auth\":\"YTpiAAA=\"}}}");
  assert_str(problem(c, "a.example"), "file: \"auth\" of a.example is not USER:PASSWORD in base64");
  assert_str(problem(c, "b.example"), "file: \"auth\" of b.example is not USER:PASSWORD in base64");
  assert_str(problem(c, "c.example"), "");
  assert_str(problem(c, "d.example"), "");
  assert_str(found(c, "e.example", "x"), "a:b");
}

static void files_are_looked_for(void **state)
{
  (void)state;
  set("HOME", dir);
  put(".docker/config.json",
      "{\"auths\":{\"a.io\":{\"auth\":\"aG9tZTox\"},"
      "\"b.io\":{\"auth\":\"aG9tZTox\"}}}",
      0600);
  put(".config/containers/auth.json", "{\"auths\":{\"b.io\":{\"auth\":\"Y29uZmlnOjE=\"}}}", 0600);
  put("run/containers/auth.json", "{\"auths\":{\"c.io\":{\"auth\":\"cnVuOjE=\"}}}", 0600);
  put("docker/config.json", "{\"auths\":{\"a.io\":{\"auth\":\"ZG9ja2VyOjE=\"}}}", 0600);
  struct oci_credentials *c = open_all(0);
  assert_str(found(c, "a.io", "x"), "home:1");
  assert_str(found(c, "b.io", "x"), "config:1");
  assert_str(found(c, "c.io", "x"), "");
  oci_credentials_free(c);
  set("XDG_RUNTIME_DIR", path_of("run"));
  set("DOCKER_CONFIG", path_of("docker"));
  c = open_all(0);
  assert_str(found(c, "a.io", "x"), "docker:1");
  assert_str(found(c, "c.io", "x"), "run:1");
  oci_credentials_free(c);
  set("REGISTRY_AUTH_FILE", path_of("run/containers/auth.json"));
  c = open_all(0);
  assert_str(found(c, "a.io", "x"), "");
  assert_str(found(c, "c.io", "x"), "run:1");
  oci_credentials_free(c);
}

static void named_files_must_be_right(void **state)
{
  (void)state;
  struct oci_credentials *c;
  struct error err;
  struct oci_credentials_options options = {.environment = environment, .file = path_of("none")};
  assert_int_equal(oci_credentials_new(&options, &c, &err), SW_ENOENT);
  options.file = put("bad.json", "{\"auths\":\n 7}", 0600);
  assert_int_equal(oci_credentials_new(&options, &c, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "bad.json: \"auths\" must be an object");
  options.file = put("bad.json", "{\"auths\":\n x}", 0600);
  assert_int_equal(oci_credentials_new(&options, &c, &err), SW_EINVAL);
  assert_int_equal(err.line, 2);
  options.file = put("empty.json", "\n", 0600);
  assert_int_equal(oci_credentials_new(&options, &c, &err), 0);
  oci_credentials_free(c);
  /* The same file, unnamed, is told when it matters. */
  set("DOCKER_CONFIG", path_of("d"));
  put("d/config.json", "{\"auths\":", 0600);
  c = open_all(0);
  assert_true(str_find(problem(c, "a.io"), 0, STR("d/config.json: ")) >= 0);
  oci_credentials_free(c);
  assert_int_equal(unlink(path_of("d/config.json")), 0);
  assert_int_equal(mkdir(path_of("d/config.json"), 0755), 0);
  c = open_all(0);
  assert_true(str_find(problem(c, "a.io"), 0, STR("is a directory")) >= 0);
  oci_credentials_free(c);
}

/* ---- helpers */

static void put_helper(const char *name, const char *script)
{
  const char *file = arena_printf(&arena, "bin/docker-credential-%s", name).data;
  put(file, arena_printf(&arena, "#!/bin/sh\n%s\n", script).data, 0755);
  setenv("PATH", arena_printf(&arena, "%s:%s", path_of("bin"), path_before).data, 1);
}

static void helpers_are_asked(void **state)
{
  (void)state;
  put_helper("one",
             arena_printf(&arena,
                          "echo run >> %s/runs\n"
                          "read -r key\n"
                          "echo \"{\\\"Username\\\":\\\"$1\\\",\\\"Secret\\\":\\\"$key\\\"}\"",
                          dir)
                 .data);
  put_helper("token", "cat > /dev/null; echo '{\"Username\":\"<token>\",\"Secret\":\"refresh\"}'");
  _cleanup_(oci_credentials_freep) struct oci_credentials *c = of_text(
      "{\"auths\":{\"a.io\":{\"auth\":\"YTpi\"},\"s.io\":{},\"t.io/x\":{\"auth\":\"YTpi\"}},"
      "\"credHelpers\":{\"a.io\":\"one\",\"docker.io\":\"one\",\"t.io\":\"token\"},"
      "\"credsStore\":\"one\"}");
  assert_str(found(c, "a.io", "x"), "get:a.io");
  assert_str(found(c, "a.io", "y"), "get:a.io");
  assert_str(found(c, "docker.io", "library/x"), "get:https://index.docker.io/v1/");
  assert_str(found(c, "s.io", "x"), "get:s.io");
  assert_str(found(c, "t.io", "x"), "refresh");
  _cleanup_(buf_free) struct buf runs = {0};
  struct error err;
  assert_int_equal(file_read(path_of("runs"), 1000, &runs, &err), 0);
  assert_str(buf_str(&runs), "run\nrun\nrun\n");
}

static void helpers_that_fail_are_problems(void **state)
{
  (void)state;
  put_helper("none", "echo 'credentials not found in native keychain'; exit 1");
  put_helper("fails", "printf 'locked\\033[1m'; exit 3");
  put_helper("killed", "kill -9 $$");
  put_helper("talks", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done");
  put_helper("silent", "exec sleep 1000");
  put_helper("leaves", "sleep 1000 & echo '{\"Username\":\"u\",\"Secret\":\"p\"}'");
  put_helper("odd", "echo '{\"Username\":5}'");
  put_helper("closes", "exec >&-; exec sleep 1000");
  _cleanup_(oci_credentials_freep) struct oci_credentials *c = open_all(300);
  struct error err;
  assert_int_equal(
      oci_credentials_add(
          c, "file",
          STR("{\"credHelpers\":{\"none.io\":\"none\",\"fails.io\":\"fails\",\"killed.io\":"
              "\"killed\",\"talks.io\":\"talks\",\"silent.io\":\"silent\",\"leaves.io\":\"leaves\","
              "\"odd.io\":\"odd\",\"gone.io\":\"gone\",\"path.io\":\"../one\",\"dash.io\":\"-x\","
              "\"empty.io\":\"\",\"closes.io\":\"closes\"}}"),
          &err),
      0);
  uint64_t begin = clock_monotonic_ns(clock_system());
  assert_str(problem(c, "none.io"), "");
  assert_str(problem(c, "fails.io"), "docker-credential-fails: it failed: locked [1m");
  assert_str(problem(c, "killed.io"), "docker-credential-killed: it failed");
  assert_str(problem(c, "talks.io"), "docker-credential-talks: it says more than 64 KiB");
  assert_str(problem(c, "silent.io"), "docker-credential-silent: it has not answered in time");
  assert_str(problem(c, "closes.io"), "docker-credential-closes: it has not answered in time");
  assert_str(problem(c, "odd.io"),
             "docker-credential-odd: its answer: it has no \"Username\" or no \"Secret\"");
  assert_str(problem(c, "gone.io"), "docker-credential-gone: it is not in the PATH");
  assert_str(problem(c, "path.io"), "\"../one\" is no name of a helper");
  assert_str(problem(c, "dash.io"), "\"-x\" is no name of a helper");
  assert_str(problem(c, "empty.io"), "\"\" is no name of a helper");
  assert_str(found(c, "leaves.io", "x"), "u:p");
  assert_true(clock_monotonic_ns(clock_system()) - begin < UINT64_C(10000000000));
}

static void answers_are_read(void **state)
{
  (void)state;
  struct oci_login login;
  struct error err;
  assert_int_equal(
      oci_credentials_read_answer(STR("{\"ServerURL\":\"x\",\"Username\":\"u\",\"Secret\":\"p\"}"),
                                  &arena, &login, &err),
      0);
  assert_str(login.user, "u");
  assert_str(login.password, "p");
  assert_int_equal(oci_credentials_read_answer(STR("u p"), &arena, &login, &err), SW_EINVAL);
  assert_int_equal(oci_credentials_read_answer(STR("{\"Username\":\"u\"}"), &arena, &login, &err),
                   SW_EINVAL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(the_longest_key_counts, set_up, tear_down),
      cmocka_unit_test_setup_teardown(wrong_entries_are_problems, set_up, tear_down),
      cmocka_unit_test_setup_teardown(files_are_looked_for, set_up, tear_down),
      cmocka_unit_test_setup_teardown(named_files_must_be_right, set_up, tear_down),
      cmocka_unit_test_setup_teardown(helpers_are_asked, set_up, tear_down),
      cmocka_unit_test_setup_teardown(helpers_that_fail_are_problems, set_up, tear_down),
      cmocka_unit_test_setup_teardown(answers_are_read, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
