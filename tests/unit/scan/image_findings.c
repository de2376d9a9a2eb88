/* What is known about an image, as findings. */
#include "../test.h"

#include "base/mem.h"
#include "scan/image/findings.h"

static struct arena arena;
static struct finding_list findings;

static int begin(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  finding_list_init(&findings, &arena);
  return 0;
}

static int end(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

static const struct package openssl = {
    .type = PACKAGE_DEB,
    .name = STR_INIT("libssl3"),
    .version = {.text = STR_INIT("3.0.11-1")},
    .source = STR_INIT("openssl"),
    .license = STR_INIT("Apache-2.0"),
    .purl = STR_INIT("pkg:deb/debian/libssl3@3.0.11-1"),
    .path = STR_INIT("var/lib/dpkg/status"),
    .layer = 1,
};

static struct image_findings_target target_of(const struct os_release *os,
                                              const struct oci_image *image)
{
  return (struct image_findings_target){
      .kind = STR("Image"), .name = STR("web:1"), .os = os, .image = image, .base_layers = 1};
}

static void test_vulnerability(void **state)
{
  (void)state;
  const struct os_release os = {
      .family = os_family_find(STR("debian")), .id = STR("debian"), .release = STR("12")};
  struct oci_image_layer layers[2] = {{.diff_id = STR("sha256:00")}, {.diff_id = STR("sha256:11")}};
  const struct oci_image image = {.layers = layers, .layer_count = 2};
  const struct str aliases[] = {STR("DSA-1")}, references[] = {STR("https://example.com/a")};
  struct vulnerability items[] = {
      {.package = &openssl,
       .id = STR("CVE-2024-1"),
       .aliases = aliases,
       .alias_count = 1,
       .source = STR("tracker"),
       .title = STR("A title\nand more"),
       .description = STR("It overflows."),
       .severity = SEVERITY_HIGH,
       .severity_source = STR("debian"),
       .cvss = STR("CVSS:3.1/AV:N"),
       .cvss_tenths = 98,
       .fixed = STR("3.0.12-1"),
       .exploited = true,
       .exploited_since = STR("2024-05-01"),
       .has_epss = true,
       .epss = 123456,
       .references = references,
       .reference_count = 1},
      {.package = &openssl, .id = STR("CVE-2024-2"), .status = ADVISORY_WILL_NOT_FIX},
      {.package = &openssl, .id = STR("CVE-2024-1"), .fixed = STR("3.0.12-1")},
      {.package = &openssl, .id = STR("CVE-2024-3"), .status = ADVISORY_END_OF_LIFE},
  };
  const struct vulnerability_list list = {.items = items, .count = 4};
  struct image_findings_target target = target_of(&os, &image);
  image_vulnerability_findings(&list, &target, &findings);
  assert_int_equal(findings.count, 4);
  const struct finding *f = &findings.items[0];
  assert_str(f->rule->id, "CVE-2024-1");
  assert_str(f->rule->title, "A title");
  assert_str(f->rule->why, "It overflows.");
  assert_int_equal(f->rule->reference_count, 1);
  assert_int_equal(f->severity, SEVERITY_HIGH);
  assert_str(f->subject.kind, "Image");
  assert_str(f->subject.name, "web:1");
  assert_str(f->location.file, "var/lib/dpkg/status");
  assert_str(f->message, "libssl3 3.0.11-1 has CVE-2024-1, fixed in 3.0.12-1");
  assert_str(f->remedy, "Upgrade libssl3 to 3.0.12-1.");
  const struct finding_package *p = f->package;
  assert_str(p->type, "deb");
  assert_str(p->source, "openssl");
  assert_str(p->layer, "sha256:11");
  assert_str(p->ecosystem, "Debian 12");
  assert_str(p->status, "fixed");
  assert_str(p->exploited_since, "2024-05-01");
  assert_int_equal(p->epss, 123456);
  assert_false(p->base);
  assert_int_equal(f->fingerprint[FINGERPRINT_LEN], 0);
  assert_true(f->fingerprint[0] != 0);
  /* No title, no fix. */
  f = &findings.items[1];
  assert_str(f->rule->title, "CVE-2024-2");
  assert_str(f->package->status, "will not fix");
  assert_str(f->message, "libssl3 3.0.11-1 has CVE-2024-2, which will not be fixed");
  assert_true(str_find(f->remedy, 0, STR("will not get a fix")) >= 0);
  /* One rule for one vulnerability. */
  assert_ptr_equal(findings.items[2].rule, findings.items[0].rule);
  f = &findings.items[3];
  assert_str(f->package->status, "end of life");
  assert_str(f->message, "libssl3 3.0.11-1 has CVE-2024-3, which will not be fixed");
}

static void test_secrets(void **state)
{
  (void)state;
  struct secret_rules *rules;
  struct error err;
  struct image_facts facts;
  assert_int_equal(secret_rules_builtin(&rules, &err), 0);
  struct image_secret items[] = {
      {.secret = {.rule = secret_rules_at(rules, 0)->rule.id,
                  .path = STR("app/.env"),
                  .excerpt = STR("KEY=ab… (20 characters)"),
                  .fingerprint = STR("00"),
                  .line = 4,
                  .column = 2},
       .hidden = false},
      {.secret = {.rule = secret_rules_at(rules, 0)->rule.id,
                  .path = STR("app/old"),
                  .excerpt = STR("KEY=cd… (20 characters)"),
                  .fingerprint = STR("01"),
                  .layer = 2},
       .hidden = true},
      {.secret = {.rule = STR("no such rule")}},
  };
  image_facts_init(&facts, &arena);
  facts.secrets.items = items;
  facts.secrets.count = 3;
  struct image_findings_target target = target_of(NULL, NULL);
  image_secret_findings(&facts, rules, &target, &findings);
  assert_int_equal(findings.count, 2);
  assert_str(findings.items[0].location.file, "app/.env");
  assert_int_equal(findings.items[0].location.line, 4);
  assert_str(findings.items[0].message, "KEY=ab… (20 characters)");
  assert_str(findings.items[1].message,
             "KEY=cd… (20 characters) (a later layer hides the file, but "
             "it is still in layer 3)");
  secret_rules_free(rules);
}

static void test_secrets_of_the_configuration(void **state)
{
  (void)state;
  struct secret_rules *rules;
  struct error err;
  assert_int_equal(secret_rules_builtin(&rules, &err), 0);
  struct str token = arena_printf(&arena, "TOKEN=%s%s", "gh",
                                  "p_"
                                  "x7Kd92LmQzRt5VbNc8Wf3HjPy6Gs1AeUoBq4");
  struct str env[] = {STR("PATH=/usr/bin"), token};
  const struct oci_config config = {.env = {env, 2}};
  struct image_findings_target target = target_of(NULL, NULL);
  assert_int_equal(image_config_secrets(&config, rules, &target, &findings, &err), 0);
  assert_int_equal(findings.count, 1);
  assert_str(findings.items[0].location.pointer, "/config/Env/1");
  assert_str(findings.items[0].location.file, "web:1");
  assert_true(str_find(findings.items[0].message, 0, STR("LmQzRt5V")) < 0);
  secret_rules_free(rules);
}

static void test_licenses(void **state)
{
  (void)state;
  const struct package packages[] = {
      {.type = PACKAGE_NPM,
       .name = STR_INIT("a"),
       .version = {.text = STR_INIT("1")},
       .license = STR_INIT("MIT")},
      {.type = PACKAGE_NPM,
       .name = STR_INIT("b"),
       .version = {.text = STR_INIT("1")},
       .license = STR_INIT("AGPL-3.0-only")},
      {.type = PACKAGE_NPM, .name = STR_INIT("c"), .version = {.text = STR_INIT("1")}},
      {.type = PACKAGE_NPM,
       .name = STR_INIT("d"),
       .version = {.text = STR_INIT("1")},
       .license = STR_INIT("GPL-2.0-only")},
      {.type = PACKAGE_NPM,
       .name = STR_INIT("e"),
       .version = {.text = STR_INIT("1")},
       .license = STR_INIT("Our own words")},
  };
  struct image_findings_target target = target_of(NULL, NULL);
  package_license_findings(packages, 5, &target, &findings);
  assert_int_equal(findings.count, 3);
  assert_str(findings.items[0].rule->id, "license-forbidden");
  assert_str(findings.items[0].message, "b 1 is under AGPL-3.0-only");
  assert_int_equal(findings.items[0].severity, SEVERITY_CRITICAL);
  assert_str(findings.items[1].rule->id, "license-restricted");
  assert_str(findings.items[2].rule->id, "license-unknown");
  assert_str(findings.items[2].package->name, "e");
}

static void test_ecosystems(void **state)
{
  (void)state;
  const struct os_release odd = {.id = STR("plan9")};
  const struct package npm = {.type = PACKAGE_NPM};
  assert_str(package_ecosystem(&arena, &npm, NULL), "npm");
  assert_str(package_ecosystem(&arena, &openssl, NULL), "deb");
  assert_str(package_ecosystem(&arena, &openssl, &odd), "plan9");
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, begin, end)
  const struct CMUnitTest tests[] = {
      CASE(test_vulnerability), CASE(test_secrets),    CASE(test_secrets_of_the_configuration),
      CASE(test_licenses),      CASE(test_ecosystems),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
