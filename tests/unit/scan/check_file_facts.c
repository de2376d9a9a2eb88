#include "../test.h"

#include "base/arena.h"
#include "scan/check/file_facts.h"

static struct arena arena;
static struct file_facts facts;
static struct finding_list findings;
static const struct check_target target = {.image = STR_INIT("web:1")};

static int start(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  file_facts_init(&facts, &arena);
  finding_list_init(&findings, &arena);
  return 0;
}

static int stop(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

static struct oci_entry entry(enum oci_entry_type type, uint32_t mode, const char *path)
{
  return (struct oci_entry){.path = str_from(path), .type = type, .mode = mode, .size = 100};
}

static uint32_t kinds_of(struct oci_entry e)
{
  struct file_fact fact;
  if (!file_fact_of(&e, &fact))
    return 0;
  assert_true(fact.kinds != 0);
  assert_true(str_eq(fact.path, e.path));
  assert_int_equal(fact.mode, e.mode);
  return fact.kinds;
}

static struct file_fact *add(struct oci_entry e)
{
  struct file_fact fact;
  assert_true(file_fact_of(&e, &fact));
  size_t before = facts.count;
  file_facts_add(&facts, &fact);
  return facts.count > before ? &facts.items[facts.count - 1] : NULL;
}

static const struct finding *find(const char *rule)
{
  for (size_t i = 0; i < findings.count; i++)
    if (str_eq(findings.items[i].rule->id, str_from(rule)))
      return &findings.items[i];
  return NULL;
}

static const struct finding *judged(const char *rule)
{
  findings.count = 0;
  file_facts_judge(&facts, &target, &findings);
  return find(rule);
}

static void looks_at_modes(void **state)
{
  (void)state;
  static const struct {
    enum oci_entry_type type;
    uint32_t mode;
    const char *path;
    int kind; /* -1: nothing */
  } cases[] = {
      {OCI_FILE, 04755, "opt/tool", FILE_FACT_SETUID},
      {OCI_HARDLINK, 04755, "opt/tool", FILE_FACT_SETUID},
      {OCI_DIRECTORY, 04755, "opt/tool", -1},
      {OCI_FILE, 02755, "opt/tool", FILE_FACT_SETGID},
      {OCI_FILE, 02644, "opt/lock", -1},
      {OCI_DIRECTORY, 02775, "var/mail", -1},
      {OCI_FILE, 0666, "opt/file", FILE_FACT_WRITABLE_FILE},
      {OCI_FILE, 0664, "opt/file", -1},
      {OCI_SYMLINK, 0777, "opt/link", -1},
      {OCI_DIRECTORY, 0777, "opt/all", FILE_FACT_WRITABLE_DIRECTORY},
      {OCI_DIRECTORY, 01777, "tmp", -1},
      {OCI_BLOCK_DEVICE, 0600, "dev/sda", FILE_FACT_DEVICE},
      {OCI_CHAR_DEVICE, 0600, "dev/kmem", FILE_FACT_DEVICE},
      {OCI_CHAR_DEVICE, 0666, "dev/null", -1},
      {OCI_BLOCK_DEVICE, 0666, "dev/null", FILE_FACT_DEVICE},
      {OCI_FIFO, 0666, "run/pipe", -1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint32_t expected = cases[i].kind < 0 ? 0 : UINT32_C(1) << cases[i].kind;
    uint32_t kinds = kinds_of(entry(cases[i].type, cases[i].mode, cases[i].path));
    if (kinds != expected)
      fail_msg("%s %o: kinds %x, expected %x", cases[i].path, cases[i].mode, kinds, expected);
  }
}

static void looks_at_paths(void **state)
{
  (void)state;
  static const struct {
    const char *path;
    int kind;
  } cases[] = {
      {"bin/sh", FILE_FACT_SHELL},
      {"usr/local/bin/bash", FILE_FACT_SHELL},
      {"opt/x/bin/zsh", FILE_FACT_SHELL},
      {"etc/default/bash", -1},
      {"usr/bin/apt-get", FILE_FACT_PACKAGE_MANAGER},
      {"sbin/apk", FILE_FACT_PACKAGE_MANAGER},
      {"usr/bin/yum", FILE_FACT_PACKAGE_MANAGER},
      {"etc/apt/apt", -1},
      {"usr/sbin/sshd", FILE_FACT_TOOL},
      {"usr/bin/sudo", FILE_FACT_TOOL},
      {"usr/bin/aria2c", FILE_FACT_TOOL},
      {"usr/bin/xargs", -1},
      {"root/.ssh/id_rsa", FILE_FACT_CREDENTIAL},
      {"root/.ssh/id_rsa.pub", -1},
      {"root/.aws/credentials", FILE_FACT_CREDENTIAL},
      {"home/app/.docker/config.json", FILE_FACT_CREDENTIAL},
      {"app/config.json", -1},
      {".kube/config", FILE_FACT_CREDENTIAL},
      {"root/.kube/config.lock", -1},
      {"root/.netrc", FILE_FACT_CREDENTIAL},
      {"root/.npmrc", FILE_FACT_CREDENTIAL},
      {"usr/local/lib/node_modules/npm/.npmrc", -1},
      {"root/.pgpass", FILE_FACT_CREDENTIAL},
      {"_netrc", FILE_FACT_CREDENTIAL},
      {"app/wg0.conf", FILE_FACT_CREDENTIAL},
      {"app/.DS_Store", FILE_FACT_UNNEEDED},
      {"app/server.key", FILE_FACT_CREDENTIAL},
      {"app/privkey.pem", FILE_FACT_CREDENTIAL},
      {"etc/ssl/certs/ca-certificates.crt", -1},
      {"usr/lib/python3/dist-packages/test/server.key", -1},
      {"etc/ssl/private/web.pem", FILE_FACT_CREDENTIAL},
      {"etc/kubernetes/admin.conf", FILE_FACT_CREDENTIAL},
      {"run/secrets/token", FILE_FACT_CREDENTIAL},
      {"var/lib/apt/lists/deb.example_dists_x_InRelease", FILE_FACT_CACHE},
      {"var/lib/apt/extended_states", -1},
      {"var/cache/apt/archives/curl_8.deb", FILE_FACT_CACHE},
      {"var/cache/apt/archives/lock", -1},
      {"var/cache/apk/APKINDEX.x.tar.gz", FILE_FACT_CACHE},
      {"root/.cache/pip/http/a/b", FILE_FACT_CACHE},
      {"root/.npm/_cacache/content-v2/sha512/a", FILE_FACT_CACHE},
      {"root/.npm/_logs/x", -1},
      {"app/.git/HEAD", FILE_FACT_REPOSITORY},
      {"app/.git/refs/heads/main", -1},
      {"app/.gitignore", -1},
      {"app/Dockerfile", FILE_FACT_UNNEEDED},
      {"app/vendor/x/Dockerfile", -1},
      {"root/.bash_history", FILE_FACT_UNNEEDED},
      {"core.4711", FILE_FACT_UNNEEDED},
      {"usr/include/core.h", -1},
      {"app/main.c~", FILE_FACT_UNNEEDED},
      {"", -1},
      {".", -1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint32_t expected = cases[i].kind < 0 ? 0 : UINT32_C(1) << cases[i].kind;
    uint32_t kinds = kinds_of(entry(OCI_FILE, 0644, cases[i].path));
    if (kinds != expected)
      fail_msg("%s: kinds %x, expected %x", cases[i].path, kinds, expected);
  }
}

static void looks_at_content_and_links(void **state)
{
  (void)state;
  struct oci_entry e = entry(OCI_FILE, 0600, "root/.ssh/id_rsa");
  e.size = 0;
  assert_int_equal(kinds_of(e), 0);
  assert_int_equal(kinds_of(entry(OCI_SYMLINK, 0777, "root/.ssh/id_rsa")), 0);
  assert_int_equal(kinds_of(entry(OCI_SYMLINK, 0777, "bin/sh")), 1 << FILE_FACT_SHELL);
  assert_int_equal(kinds_of(entry(OCI_DIRECTORY, 0755, "bin/sh")), 0);
  e = entry(OCI_FILE, 0644, "etc/passwd");
  e.escapes = true;
  assert_int_equal(kinds_of(e), 1 << FILE_FACT_ESCAPE);
  e = entry(OCI_FILE, 04777, "usr/bin/sudo");
  assert_int_equal(kinds_of(e),
                   1 << FILE_FACT_SETUID | 1 << FILE_FACT_WRITABLE_FILE | 1 << FILE_FACT_TOOL);
}

static void names_kinds(void **state)
{
  (void)state;
  assert_str(file_fact_kind_name(FILE_FACT_SETUID), "setuid");
  for (int i = 0; i < FILE_FACT_KINDS; i++)
    assert_true(file_fact_kind_name((enum file_fact_kind)i).len > 0);
  assert_str(file_fact_kind_name(FILE_FACT_KINDS), "");
}

static void keeps_some_and_counts_all(void **state)
{
  (void)state;
  char path[32];
  for (int i = 0; i < 1000; i++) {
    snprintf(path, sizeof path, "opt/%d", i);
    add(entry(OCI_FILE, 04755, path));
  }
  assert_int_equal(facts.count, FILE_FACTS_KEEP);
  assert_int_equal(facts.found[FILE_FACT_SETUID], 1000);
  assert_int_equal(facts.bytes[FILE_FACT_SETUID], 100000);
  assert_non_null(add(entry(OCI_FILE, 04755, "usr/bin/sudo"))); /* a tool besides */
  judged("image-setuid");
  size_t setuid = 0;
  for (size_t i = 0; i < findings.count; i++)
    setuid += str_eq(findings.items[i].rule->id, STR("image-setuid"));
  assert_int_equal(setuid, FILE_FACTS_KEEP + 1);
  const struct finding *last = NULL;
  for (size_t i = 0; i < findings.count; i++)
    if (str_eq(findings.items[i].rule->id, STR("image-setuid")))
      last = &findings.items[i];
  assert_str(last->message, "745 more setuid files were counted, but are not listed");
}

static void joins_layers(void **state)
{
  (void)state;
  struct file_facts one, all;
  file_facts_init(&one, &arena);
  file_facts_init(&all, &arena);
  struct file_fact fact = {.kinds = 1 << FILE_FACT_SHELL, .size = 7, .path = STR("bin/sh")};
  file_facts_add(&one, &fact);
  one.found[FILE_FACT_SHELL] = 5;
  for (int i = 0; i < 3; i++)
    file_facts_join(&all, &one);
  assert_int_equal(all.count, 3);
  assert_int_equal(all.found[FILE_FACT_SHELL], 15);
  assert_int_equal(all.bytes[FILE_FACT_SHELL], 21);
  assert_str(all.items[2].path, "bin/sh");
  for (int i = 0; i < FILE_FACTS_MAX + 10; i++)
    file_facts_join(&all, &one);
  assert_int_equal(all.count, FILE_FACTS_MAX);
}

/* Each kind makes the finding of its rule, with place, subject and message, and only that. */
static void judges_each_kind(void **state)
{
  (void)state;
  static const struct {
    enum oci_entry_type type;
    uint32_t mode;
    const char *path, *rule, *place, *message;
    enum severity severity;
  } cases[] = {
      {OCI_FILE, 04755, "opt/tool", "image-setuid", "opt/tool", "runs as its owner (mode 4755)",
       SEVERITY_MEDIUM},
      {OCI_FILE, 06755, "opt/tool", "image-setuid", "opt/tool",
       "runs as its owner and group (mode 6755)", SEVERITY_MEDIUM},
      {OCI_FILE, 02755, "opt/tool", "image-setuid", "opt/tool", "runs as its group (mode 2755)",
       SEVERITY_MEDIUM},
      {OCI_FILE, 04755, "usr/bin/su", "image-setuid-distribution", "web:1", "usr/bin/su",
       SEVERITY_LOW},
      {OCI_FILE, 04755, "opt/bin/su", "image-setuid", "opt/bin/su", "runs as its owner (mode 4755)",
       SEVERITY_MEDIUM},
      {OCI_FILE, 04757, "usr/bin/su", "image-setuid-writable", "usr/bin/su",
       "runs as its owner (mode 4757) and can be changed by everybody", SEVERITY_HIGH},
      {OCI_FILE, 0666, "opt/file", "image-world-writable-file", "opt/file",
       "everybody may change this file (mode 0666)", SEVERITY_MEDIUM},
      {OCI_DIRECTORY, 0777, "opt", "image-world-writable-directory", "opt",
       "everybody may add, replace and delete files here (mode 0777)", SEVERITY_MEDIUM},
      {OCI_BLOCK_DEVICE, 0600, "dev/sda", "image-device", "dev/sda", "a device node (mode 0600)",
       SEVERITY_MEDIUM},
      {OCI_FILE, 0755, "bin/sh", "image-shell", "web:1", "bin/sh", SEVERITY_INFO},
      {OCI_FILE, 0755, "usr/bin/apt", "image-package-manager", "web:1", "usr/bin/apt",
       SEVERITY_INFO},
      {OCI_FILE, 0755, "usr/bin/gcc", "image-tools", "web:1", "usr/bin/gcc", SEVERITY_LOW},
      {OCI_FILE, 0600, "root/.ssh/id_rsa", "image-credential-file", "root/.ssh/id_rsa",
       "an SSH private key", SEVERITY_HIGH},
      {OCI_FILE, 0600, "app/.env", "image-credential-file", "app/.env",
       "settings of an environment, often with secrets", SEVERITY_MEDIUM},
      {OCI_FILE, 0644, "app/.git/HEAD", "image-repository", "app/.git",
       "a repository of git with its whole history", SEVERITY_MEDIUM},
      {OCI_FILE, 0644, "var/cache/apk/x", "image-package-cache", "var/cache/apk",
       "cache of apk: 1 file of 100 bytes", SEVERITY_LOW},
      {OCI_FILE, 0644, "Dockerfile", "image-unneeded-file", "Dockerfile",
       "a recipe of an image or machine", SEVERITY_LOW},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    file_facts_init(&facts, &arena);
    add(entry(cases[i].type, cases[i].mode, cases[i].path));
    const struct finding *f = judged(cases[i].rule);
    if (!f)
      fail_msg("%s: no finding of %s", cases[i].path, cases[i].rule);
    assert_int_equal(findings.count, 1);
    assert_str(f->location.file, cases[i].place);
    assert_str(f->message, cases[i].message);
    assert_int_equal(f->severity, cases[i].severity);
    assert_str(f->subject.kind, "Image");
    assert_str(f->subject.name, "web:1");
    assert_int_equal(strlen(f->fingerprint), FINGERPRINT_LEN);
  }
  file_facts_init(&facts, &arena);
  struct oci_entry e = entry(OCI_FILE, 0644, "etc/passwd");
  e.escapes = true;
  add(e);
  assert_non_null(judged("image-path-escape"));
  assert_int_equal(findings.count, 1);
}

static void puts_programs_together(void **state)
{
  (void)state;
  char path[32];
  for (int i = 0; i < 10; i++) {
    snprintf(path, sizeof path, "opt/%d/bin/sh", i);
    add(entry(OCI_FILE, 0755, path));
  }
  const struct finding *f = judged("image-shell");
  assert_int_equal(findings.count, 1);
  assert_str(f->message, "opt/0/bin/sh, opt/1/bin/sh, opt/2/bin/sh, opt/3/bin/sh, opt/4/bin/sh, "
                         "opt/5/bin/sh, opt/6/bin/sh, opt/7/bin/sh and 2 more");
}

static void leaves_out_what_is_hidden(void **state)
{
  (void)state;
  static const char *const paths[] = {"bin/sh", "usr/bin/apt", "Dockerfile", "app/.git/HEAD"};
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
    add(entry(OCI_FILE, 06777, paths[i]))->hidden = true;
  struct file_fact *cache = add(entry(OCI_FILE, 0644, "var/lib/apt/lists/a"));
  cache->hidden = true;
  judged("");
  assert_int_equal(findings.count, 0);
  cache = &facts.items[facts.count - 1];
  cache->size = 2 << 20;
  const struct finding *f = judged("image-package-cache");
  assert_int_equal(findings.count, 1);
  assert_str(f->message, "cache of apt's lists: 1 file of 2 MiB, which a later layer takes away "
                         "without making the image smaller");
}

static void tells_of_deleted_credentials(void **state)
{
  (void)state;
  struct file_fact *fact = add(entry(OCI_FILE, 0600, "root/.netrc"));
  fact->hidden = true;
  fact->layer = 2;
  assert_str(
      judged("image-credential-file")->message,
      "passwords of other machines; a later layer takes it away, but layer 3 still holds it");
  add(entry(OCI_FILE, 0600, "root/.netrc"))->layer = 3;
  assert_str(judged("image-credential-file")->message, "passwords of other machines");
  assert_int_equal(findings.count, 1);
}

static void rules_are_whole(void **state)
{
  (void)state;
  for (size_t i = 0; i < file_fact_rule_count; i++) {
    const struct rule *rule = &file_fact_rules[i];
    assert_true(str_starts(rule->id, STR("image-")));
    assert_true(rule->title.len && rule->why.len && rule->remedy.len && rule->reference_count);
    assert_int_not_equal(rule->severity, SEVERITY_UNKNOWN);
    for (size_t k = 0; k < i; k++)
      assert_false(str_eq(rule->id, file_fact_rules[k].id));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(looks_at_modes, start, stop),
      cmocka_unit_test_setup_teardown(looks_at_paths, start, stop),
      cmocka_unit_test_setup_teardown(looks_at_content_and_links, start, stop),
      cmocka_unit_test_setup_teardown(names_kinds, start, stop),
      cmocka_unit_test_setup_teardown(keeps_some_and_counts_all, start, stop),
      cmocka_unit_test_setup_teardown(joins_layers, start, stop),
      cmocka_unit_test_setup_teardown(judges_each_kind, start, stop),
      cmocka_unit_test_setup_teardown(puts_programs_together, start, stop),
      cmocka_unit_test_setup_teardown(leaves_out_what_is_hidden, start, stop),
      cmocka_unit_test_setup_teardown(tells_of_deleted_credentials, start, stop),
      cmocka_unit_test_setup_teardown(rules_are_whole, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
