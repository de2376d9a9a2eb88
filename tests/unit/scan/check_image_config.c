#include "../test.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "scan/check/image_config.h"

static struct arena arena;
static struct finding_list findings;
static const struct check_target target = {.image = STR_INIT("web:1")};

static int start(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  finding_list_init(&findings, &arena);
  return 0;
}

static int stop(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

/* Judges a configuration, written as JSON; facts.config is set. */
static void judge_with(const char *json, struct image_config_facts facts)
{
  struct oci_config config;
  struct error err;
  if (oci_config_read(str_from(json), &arena, &config, &err) < 0)
    fail_msg("%s: %s", json, err.message);
  facts.config = &config;
  findings.count = 0;
  image_config_judge(&facts, &target, &findings);
}

static void judge(const char *json)
{
  judge_with(json, (struct image_config_facts){0});
}

static const struct finding *find(const char *rule)
{
  for (size_t i = 0; i < findings.count; i++)
    if (str_eq(findings.items[i].rule->id, str_from(rule)))
      return &findings.items[i];
  return NULL;
}

static size_t count(const char *rule)
{
  size_t found = 0;
  for (size_t i = 0; i < findings.count; i++)
    found += str_eq(findings.items[i].rule->id, str_from(rule));
  return found;
}

#define HEAD                                                                                       \
  "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]},"

struct config_case {
  const char *config; /* members of "config" */
  const char *rule;
  const char *message; /* NULL: no finding */
};

static void judges_the_configuration(void **state)
{
  (void)state;
  static const struct config_case cases[] = {
      {"", "image-user-root", "no user is set, so it starts as root"},
      {"\"User\":\"root\"", "image-user-root", "it starts as root, which is root"},
      {"\"User\":\"00:app\"", "image-user-root", "it starts as 00, which is root"},
      {"\"User\":\"10001\"", "image-user-root", NULL},
      {"\"User\":\"10001:0\"", "image-user-root", NULL},
      {"\"User\":\"app\"", "image-user-root", NULL},
      {"\"User\":\"app\"", "image-user-name", "the user is the name \"app\", not a number"},
      {"\"User\":\"10001\"", "image-user-name", NULL},
      {"\"Env\":[\"DB_PASSWORD=hunter2\"]", "image-secret-env",
       "the variable DB_PASSWORD has a value"},
      {"\"Env\":[\"DB_PASSWORD=\",\"GPG_KEY=ABC\",\"A_TOKEN_FILE=/x\"]", "image-secret-env", NULL},
      {"\"Env\":[\"PATH=/usr/bin:.\"]", "image-search-path",
       "PATH has \".\" in it, where others may write"},
      {"\"Env\":[\"PATH=/usr/bin:\"]", "image-search-path",
       "PATH has \"\" in it, where others may write"},
      {"\"Env\":[\"LD_LIBRARY_PATH=/tmp/lib\"]", "image-search-path",
       "LD_LIBRARY_PATH has \"/tmp/lib\" in it, where others may write"},
      {"\"Env\":[\"PATH=/usr/bin:/bin\",\"LD_LIBRARY_PATH=/opt/lib:\"]", "image-search-path", NULL},
      {"\"Env\":[\"NODE_TLS_REJECT_UNAUTHORIZED=0\"]", "image-env-unverified",
       "NODE_TLS_REJECT_UNAUTHORIZED is set, so certificates or checksums are not checked"},
      {"\"Env\":[\"NODE_TLS_REJECT_UNAUTHORIZED=1\",\"GIT_SSL_NO_VERIFY=false\"]",
       "image-env-unverified", NULL},
      {"\"Labels\":{\"api-token\":\"abc\"}", "image-secret-label",
       "the label api-token has a value"},
      {"\"Labels\":{\"maintainer\":\"x\",\"org.opencontainers.image.key\":\"y\"}",
       "image-secret-label", NULL},
      {"\"ExposedPorts\":{\"22/tcp\":{}}", "image-port-remote", "port 22 (SSH) is exposed"},
      {"\"ExposedPorts\":{\"22/udp\":{},\"8080/tcp\":{}}", "image-port-remote", NULL},
      {"\"ExposedPorts\":{\"443/tcp\":{}}", "image-port-privileged", "port 443/tcp is exposed"},
      {"\"ExposedPorts\":{\"8443/tcp\":{},\"22\":{},\"x\":{}}", "image-port-privileged", NULL},
      {"\"Volumes\":{\"/proc/\":{}}", "image-volume-sensitive", "/proc/ is declared a volume"},
      {"\"Volumes\":{\"/dev/shm\":{}}", "image-volume-sensitive", "/dev/shm is declared a volume"},
      {"\"Volumes\":{\"/var/lib/x\":{},\"/device\":{},\"/etc/app\":{}}", "image-volume-sensitive",
       NULL},
      {"", "image-healthcheck", "there is no health check"},
      {"\"Healthcheck\":{\"Test\":[\"NONE\"]}", "image-healthcheck",
       "the health check is switched off"},
      {"\"Healthcheck\":{\"Test\":[\"CMD\",\"x\"]}", "image-healthcheck", NULL},
      {"\"StopSignal\":\"SIGKILL\"", "image-stop-signal", "it is stopped with SIGKILL"},
      {"\"StopSignal\":\"SIGQUIT\"", "image-stop-signal", NULL},
      {"\"Cmd\":[\"/bin/sh\",\"-c\",\"server --x\"]", "image-shell-entrypoint",
       "a shell starts the program, and takes the signals meant for it"},
      {"\"Cmd\":[\"/bin/sh\",\"-c\",\"exec server\"]", "image-shell-entrypoint", NULL},
      {"\"Entrypoint\":[\"server\"],\"Cmd\":[\"/bin/sh\",\"-c\",\"x\"]", "image-shell-entrypoint",
       NULL},
      {"\"Cmd\":[\"/bin/sh\"]", "image-shell-entrypoint", NULL},
      {"\"OnBuild\":[\"RUN x\"]", "image-onbuild",
       "1 instruction run in builds that use it as a base"},
      {"", "image-onbuild", NULL},
      {"\"Labels\":{\"org.opencontainers.image.base.name\":\"docker.io/library/debian\"}",
       "image-base-latest", "it was built from docker.io/library/debian"},
      {"\"Labels\":{\"org.opencontainers.image.base.name\":\"debian:12\"}", "image-base-latest",
       NULL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    judge(arena_printf(&arena, HEAD "\"config\":{%s}}", cases[i].config).data);
    const struct finding *f = find(cases[i].rule);
    if (!f != !cases[i].message)
      fail_msg("%s: %s %s", cases[i].config, cases[i].rule, f ? "found" : "missed");
    if (!f)
      continue;
    assert_str(f->message, cases[i].message);
    assert_str(f->location.file, "web:1");
    assert_str(f->subject.name, "web:1");
    assert_true(str_starts(f->location.pointer, STR("/config/")));
  }
}

static void knows_other_roots(void **state)
{
  (void)state;
  struct account_facts accounts;
  struct error err;
  account_facts_init(&accounts, &arena);
  assert_int_equal(
      account_file_read(&accounts, STR("etc/passwd"), 0, STR("toor:x:0:0::/:\n"), &err), 0);
  const struct image_config_facts facts = {.accounts = &accounts};
  judge_with(HEAD "\"config\":{\"User\":\"toor\"}}", facts);
  assert_str(find("image-user-root")->message, "it starts as toor, which is root");
  judge_with(HEAD "\"config\":{\"User\":\"app\"}}", facts);
  assert_null(find("image-user-root"));
}

static void judges_what_the_caller_knows(void **state)
{
  (void)state;
  static const struct str wanted[] = {STR_INIT("a"), STR_INIT("b")};
  struct image_config_facts facts = {.reference = STR("web"),
                                     .signature = IMAGE_SIGNATURE_ABSENT,
                                     .labels_wanted = wanted,
                                     .label_count = 2};
  judge_with(HEAD "\"config\":{\"Labels\":{\"a\":\"1\",\"c\":\"\"}}}", facts);
  assert_str(find("image-latest")->message, "web is another image tomorrow");
  assert_non_null(find("image-unsigned"));
  assert_int_equal(count("image-label-missing"), 1);
  assert_str(find("image-label-missing")->message, "the label b is missing");
  facts =
      (struct image_config_facts){.reference = STR("web:1"), .signature = IMAGE_SIGNATURE_PRESENT};
  judge_with(HEAD "\"config\":{}}", facts);
  assert_null(find("image-latest"));
  assert_null(find("image-unsigned"));
  assert_null(find("image-label-missing"));
  facts.reference =
      STR("web@sha256:0000000000000000000000000000000000000000000000000000000000000000");
  facts.signature = IMAGE_SIGNATURE_UNKNOWN;
  judge_with(HEAD "\"config\":{}}", facts);
  assert_null(find("image-latest"));
  assert_null(find("image-unsigned"));
}

static void judges_where_it_comes_from(void **state)
{
  (void)state;
  static const struct str registries[] = {STR_INIT("good.example")};
  struct image_config_facts facts = {
      .reference = STR("good.example/web:1"), .registries = registries, .registry_count = 1};
  static const char base[] = HEAD
      "\"config\":{\"Labels\":{\"org.opencontainers.image.base.name\":\"debian:12\"}}}";
  judge_with(base, facts);
  assert_int_equal(count("image-registry-base"), 1);
  assert_str(find("image-registry-base")->message,
             "its base debian:12 comes from none of the allowed registries");
  facts.reference = STR("web:1");
  judge_with(base, facts);
  assert_int_equal(count("image-registry-base"), 2);
  facts.registry_count = 0;
  judge_with(base, facts);
  assert_null(find("image-registry-base"));
}

static void judges_the_age(void **state)
{
  (void)state;
  int64_t now;
  struct error err;
  assert_int_equal(clock_parse(STR("2026-11-21T00:00:00Z"), &now, NULL, &err), 0);
  static const struct {
    const char *created;
    unsigned age_max;
    bool found;
  } cases[] = {
      {"2025-11-20T00:00:00Z", 0, true},    {"2025-11-21T00:00:01Z", 0, false},
      {"2026-10-01T00:00:00.5Z", 30, true}, {"1970-01-01T00:00:00Z", 0, false},
      {"0001-01-01T00:00:00Z", 0, false},   {"yesterday", 0, false},
      {"2030-01-01T00:00:00Z", 0, false},   {"", 0, false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct image_config_facts facts = {.now = now, .age_max = cases[i].age_max};
    const char *json =
        arena_printf(&arena, HEAD "\"created\":\"%s\",\"config\":{}}", cases[i].created).data;
    judge_with(json, facts);
    if (!find("image-age") != !cases[i].found)
      fail_msg("created \"%s\"", cases[i].created);
    if (i == 0)
      assert_str(find("image-age")->message, "it was built 366 days ago (2025-11-20)");
    facts.now = 0;
    judge_with(json, facts);
    assert_null(find("image-age"));
  }
}

static void reads_steps(void **state)
{
  (void)state;
  static const struct {
    const char *created_by, *instruction, *arguments, *shell, *build_args;
  } cases[] = {
      {"/bin/sh -c #(nop)  CMD [\"bash\"]", "CMD", "[\"bash\"]", "", ""},
      {"/bin/sh -c #(nop) ADD file:abc in / ", "ADD", "file:abc in /", "", ""},
      {"/bin/sh -c apt-get update", "RUN", "apt-get update", "/bin/sh", ""},
      {"RUN /bin/sh -c apt-get update # buildkit", "RUN", "apt-get update", "/bin/sh", ""},
      {"RUN |2 A=1 B=two words /bin/sh -c make # buildkit", "RUN", "make", "/bin/sh",
       "A=1 B=two words"},
      {"|1 PATH=/a/b /bin/bash -o pipefail -c make all", "RUN", "make all", "/bin/bash",
       "PATH=/a/b"},
      {"RUN /bin/bash -eux -o pipefail -c echo c d", "RUN", "echo c d", "/bin/bash", ""},
      {"RUN apt-get update", "RUN", "apt-get update", "", ""},
      {"COPY /src /dst # buildkit", "COPY", "/src /dst", "", ""},
      {"ENV A=b", "ENV", "A=b", "", ""},
      {"CMD [\"x\"]", "CMD", "[\"x\"]", "", ""},
      {"bazel build ...", "", "bazel build ...", "", ""},
      {"", "", "", "", ""},
      {"|", "", "|", "", ""},
      {"|1", "", "|1", "", ""},
      {"/bin/sh", "", "/bin/sh", "", ""},
      {"/bin/sh -c ", "", "/bin/sh -c", "", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct image_step step = image_step_read(str_from(cases[i].created_by));
    assert_str(step.instruction, cases[i].instruction);
    assert_str(step.arguments, cases[i].arguments);
    assert_str(step.shell, cases[i].shell);
    assert_str(step.build_args, cases[i].build_args);
  }
}

static void judges_history(void **state)
{
  (void)state;
  static const struct config_case cases[] = {
      {"/bin/sh -c curl https://x | sh", "image-pipe-to-shell", "runs what it has downloaded: sh"},
      {"RUN /bin/sh -c curl https://x # buildkit", "image-pipe-to-shell", NULL},
      {"/bin/sh -c curl -k https://x", "image-unverified",
       "switches checks off (-k): curl -k https://x"},
      {"/bin/sh -c curl https://x", "image-unverified", NULL},
      {"/bin/sh -c wget http://x/y", "image-plain-http",
       "downloads without encryption: wget http://x/y"},
      {"/bin/sh -c wget https://x/y", "image-plain-http", NULL},
      {"/bin/sh -c tool --password hunter2", "image-secret-command",
       "has a secret in it (--password): tool"},
      {"/bin/sh -c tool --password $P", "image-secret-command", NULL},
      {"RUN |1 API_TOKEN=abc /bin/sh -c make", "image-secret-build-arg",
       "the build argument API_TOKEN is in the history with its value"},
      {"ARG API_TOKEN=abc", "image-secret-build-arg",
       "the build argument API_TOKEN is in the history with its value"},
      {"RUN |1 VERSION=1 /bin/sh -c make", "image-secret-build-arg", NULL},
      {"ARG API_TOKEN", "image-secret-build-arg", NULL},
      {"ENV DB_PASSWORD=hunter2", "image-secret-env",
       "the variable DB_PASSWORD is in the history with its value"},
      {"ENV DB_PASSWORD=", "image-secret-env", NULL},
      {"ADD https://u:p@x/y.tgz /", "image-add-url", "adds a file from a URL: x/y.tgz"},
      {"COPY https://x/y /", "image-add-url", NULL},
      {"/bin/sh -c #(nop) ADD file:abc in /app ", "image-add", "uses ADD: file:abc in /app"},
      {"/bin/sh -c #(nop) COPY file:abc in /app ", "image-add", NULL},
      {"RUN sudo make", "image-sudo", "uses sudo: sudo make"},
      {"RUN make sudo", "image-sudo", NULL},
      {"RUN chmod 777 /app", "image-chmod-open", "lets everybody write: chmod 777 /app"},
      {"RUN chmod 755 /app", "image-chmod-open", NULL},
      {"RUN apk add --no-cache openssh", "image-ssh-server",
       "installs an SSH server: apk add --no-cache openssh"},
      {"RUN apk add --no-cache curl", "image-ssh-server", NULL},
      {"RUN apt-get update", "image-update-alone",
       "fetches lists of packages and installs nothing: apt-get update"},
      {"RUN apt-get update && apt-get install x", "image-update-alone", NULL},
      {"RUN apt-get -y upgrade", "image-upgrade", "upgrades all packages: apt-get -y upgrade"},
      {"RUN apt-get -y install x", "image-upgrade", NULL},
      {"RUN apt-get -y dist-upgrade", "image-dist-upgrade",
       "upgrades the distribution: apt-get -y dist-upgrade"},
      {"RUN apt-get -y upgrade", "image-dist-upgrade", NULL},
      {"RUN apt-get -y install x", "image-recommends",
       "installs what is only recommended: apt-get -y install x"},
      {"RUN apt-get -y install --no-install-recommends x", "image-recommends", NULL},
      {"RUN apk add x", "image-cache-left", "leaves apk's cache behind: apk add x"},
      {"RUN apk add --no-cache x", "image-cache-left", NULL},
      {"CMD sudo make", "image-sudo", NULL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    judge(arena_printf(&arena,
                       HEAD "\"history\":[{\"created_by\":\"/bin/sh -c #(nop) ADD file:1 in / \"},"
                            "{\"created_by\":\"%s\"}]}",
                       cases[i].config)
              .data);
    const struct finding *f = find(cases[i].rule);
    if (!f != !cases[i].message)
      fail_msg("%s: %s %s", cases[i].config, cases[i].rule, f ? "found" : "missed");
    if (!f)
      continue;
    assert_str(f->message, cases[i].message);
    assert_str(f->location.pointer, "/history/1");
  }
}

static void judges_what_others_will_run(void **state)
{
  (void)state;
  judge(HEAD "\"config\":{\"OnBuild\":[\"COPY . /x\",\"RUN sudo make\"]}}");
  assert_str(find("image-sudo")->message, "uses sudo: sudo make");
  assert_str(find("image-sudo")->location.pointer, "/config/OnBuild/1");
}

/* A variable that the image still has is told once. */
static void tells_a_secret_once(void **state)
{
  (void)state;
  judge(HEAD "\"config\":{\"Env\":[\"DB_PASSWORD=b\"]},"
             "\"history\":[{\"created_by\":\"ENV DB_PASSWORD=a\"}]}");
  assert_int_equal(count("image-secret-env"), 1);
}

static void has_limits(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf json = {0};
  buf_add_text(&json, HEAD "\"history\":[{\"created_by\":\"RUN x\"}");
  for (int i = 0; i < 150; i++)
    buf_add_text(&json, ",{\"created_by\":\"RUN sudo make # buildkit\"}");
  buf_add_text(&json, "]}");
  judge(buf_text(&json));
  assert_int_equal(count("image-sudo"), IMAGE_CONFIG_TOLD_MAX + 1);
  const struct finding *last = NULL;
  for (size_t i = 0; i < findings.count; i++)
    if (str_eq(findings.items[i].rule->id, STR("image-sudo")))
      last = &findings.items[i];
  assert_str(last->message, "50 more like these");
}

static void rules_are_whole(void **state)
{
  (void)state;
  for (size_t i = 0; i < image_config_rule_count; i++) {
    const struct rule *rule = &image_config_rules[i];
    assert_true(str_starts(rule->id, STR("image-")));
    assert_true(rule->title.len && rule->why.len && rule->remedy.len && rule->reference_count);
    for (size_t k = 0; k < i; k++)
      assert_false(str_eq(rule->id, image_config_rules[k].id));
  }
}

static bool asks(const struct image_config_facts *facts, const char *id)
{
  for (size_t i = 0; i < image_config_rule_count; i++)
    if (str_eq(image_config_rules[i].id, str_from(id)))
      return image_config_asks(facts, &image_config_rules[i]);
  fail_msg("%s is no rule", id);
  return false;
}

/* What cannot be judged has not been passed. */
static void knows_what_it_cannot_judge(void **state)
{
  (void)state;
  static const struct str registries[] = {STR_INIT("docker.io")};
  struct oci_config config = {.created = STR("2026-01-01T00:00:00Z")};
  struct image_config_facts facts = {.config = &config};
  struct oci_history step = {.created_by = STR("RUN true")};
  struct oci_pair base = {STR("org.opencontainers.image.base.name"), STR("debian:12")};
  assert_true(asks(&facts, "image-user-root"));
  assert_true(asks(&facts, "image-healthcheck"));
  assert_false(asks(&facts, "image-age"));
  facts.now = 1795219200;
  assert_true(asks(&facts, "image-age"));
  config.created = STR("0001-01-01T00:00:00Z");
  assert_false(asks(&facts, "image-age"));
  assert_false(asks(&facts, "image-add"));
  assert_false(asks(&facts, "image-env-unverified"));
  config.history = &step;
  config.history_count = 1;
  assert_true(asks(&facts, "image-add"));
  assert_false(asks(&facts, "image-base-latest"));
  assert_false(asks(&facts, "image-registry-base"));
  facts.registries = registries;
  facts.registry_count = 1;
  assert_false(asks(&facts, "image-registry-base"));
  config.labels = &base;
  config.label_count = 1;
  assert_true(asks(&facts, "image-base-latest"));
  assert_true(asks(&facts, "image-registry-base"));
  assert_false(asks(&facts, "image-latest"));
  facts.reference = STR("web:1");
  assert_true(asks(&facts, "image-latest"));
  assert_false(asks(&facts, "image-unsigned"));
  facts.signature = IMAGE_SIGNATURE_PRESENT;
  assert_true(asks(&facts, "image-unsigned"));
  assert_false(asks(&facts, "image-label-missing"));
  facts.label_count = 1;
  assert_true(asks(&facts, "image-label-missing"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(judges_the_configuration, start, stop),
      cmocka_unit_test_setup_teardown(knows_other_roots, start, stop),
      cmocka_unit_test_setup_teardown(judges_what_the_caller_knows, start, stop),
      cmocka_unit_test_setup_teardown(judges_where_it_comes_from, start, stop),
      cmocka_unit_test_setup_teardown(judges_the_age, start, stop),
      cmocka_unit_test_setup_teardown(reads_steps, start, stop),
      cmocka_unit_test_setup_teardown(judges_history, start, stop),
      cmocka_unit_test_setup_teardown(judges_what_others_will_run, start, stop),
      cmocka_unit_test_setup_teardown(tells_a_secret_once, start, stop),
      cmocka_unit_test_setup_teardown(has_limits, start, stop),
      cmocka_unit_test_setup_teardown(rules_are_whole, start, stop),
      cmocka_unit_test_setup_teardown(knows_what_it_cannot_judge, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
