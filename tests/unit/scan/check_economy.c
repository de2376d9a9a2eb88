#include "../test.h"

#include "scan/check/economy.h"

static struct arena arena;
static struct finding_list findings;

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

#define LAYER(digit)                                                                               \
  "\"sha256:000000000000000000000000000000000000000000000000000000000000000" digit "\""

static struct str diff_id(char digit)
{
  return arena_printf(&arena, "sha256:%063d%c", 0, digit);
}

/* An image of three layers, with a history and labels as JSON. */
static struct oci_config image(const char *labels, const char *history)
{
  struct oci_config config;
  struct error err;
  struct str json = arena_printf(
      &arena,
      "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":"
      "[%s,%s,%s]},\"config\":{\"Labels\":{%s}},\"history\":[%s]}",
      LAYER("1"), LAYER("2"), LAYER("3"), labels, history);
  if (oci_config_read(json, &arena, &config, &err) < 0)
    fail_msg("%s", err.message);
  return config;
}

#define MADE(by) "{\"created_by\":\"" by "\"}"
#define SET(by) "{\"created_by\":\"" by "\",\"empty_layer\":true}"

static void finds_a_known_base(void **state)
{
  (void)state;
  struct oci_config config = image("", "");
  const struct str one[] = {diff_id('1')}, two[] = {diff_id('1'), diff_id('2')},
                   other[] = {diff_id('2')},
                   more[] = {diff_id('1'), diff_id('2'), diff_id('3'), diff_id('4')};
  const struct economy_known_base known[] = {{STR("small"), one, 1},
                                             {STR("base"), two, 2},
                                             {STR("other"), other, 1},
                                             {STR("more"), more, 4},
                                             {STR("empty"), NULL, 0}};
  struct economy_base base;
  economy_base_find(
      &(struct economy_base_facts){.config = &config, .known = known, .known_count = 5}, &base);
  assert_int_equal(base.evidence, ECONOMY_LAYERS);
  assert_str(base.name, "base");
  assert_int_equal(base.layers, 2);
}

static void finds_a_base_by_history_and_labels(void **state)
{
  (void)state;
  static const struct {
    const char *history;
    size_t layers;
  } cases[] = {
      {MADE("ADD file:1 in /") "," SET("/bin/sh -c #(nop)  CMD [\\\"bash\\\"]") "," MADE(
           "RUN x") "," MADE("COPY a b") "," SET("CMD [\\\"x\\\"]"),
       1},
      {MADE("ADD file:1 in /") "," SET("CMD [\\\"bash\\\"]") "," MADE("RUN x") "," SET(
           "ENTRYPOINT [\\\"y\\\"]") "," MADE("COPY a b") "," SET("USER 1"),
       2},
      {MADE("a") "," MADE("b") "," MADE("c") "," SET("CMD [\\\"x\\\"]"), 0},
      {MADE("a") "," SET("CMD [\\\"x\\\"]") "," MADE("b"),
       0}, /* of two layers, where there are three */
      {"", 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct oci_config config = image("", cases[i].history);
    struct economy_base base;
    economy_base_find(&(struct economy_base_facts){.config = &config}, &base);
    assert_int_equal(base.layers, cases[i].layers);
    assert_int_equal(base.evidence, cases[i].layers ? ECONOMY_HISTORY : ECONOMY_UNKNOWN);
    config = image("\"org.opencontainers.image.base.name\":\"debian:12\"", cases[i].history);
    economy_base_find(&(struct economy_base_facts){.config = &config}, &base);
    assert_int_equal(base.evidence, ECONOMY_LABELS);
    assert_str(base.name, "debian:12");
    assert_int_equal(base.layers, cases[i].layers);
  }
}

static void finds_a_base_by_its_distribution(void **state)
{
  (void)state;
  struct oci_config config = image("", "");
  const struct os_release debian = {.family = os_family_find(STR("debian"))}, unknown = {0};
  struct economy_base base;
  struct economy_base_facts facts = {.config = &config, .os = &debian, .os_layer = 1};
  economy_base_find(&facts, &base);
  assert_int_equal(base.evidence, ECONOMY_DISTRIBUTION);
  assert_int_equal(base.layers, 2);
  facts.os_layer = 2; /* the last layer: all of the image would be its base */
  economy_base_find(&facts, &base);
  assert_int_equal(base.evidence, ECONOMY_UNKNOWN);
  facts.os_layer = 0;
  facts.os = &unknown;
  economy_base_find(&facts, &base);
  assert_int_equal(base.layers, 0);
}

static struct package package(enum package_type type, const char *name, const char *source,
                              const char *version, uint32_t layer)
{
  return (struct package){.type = type,
                          .name = str_from(name),
                          .source = str_from(source),
                          .version = {.text = str_from(version)},
                          .source_version = {.text = str_from(version)},
                          .layer = layer};
}

static void shares_between_base_and_application(void **state)
{
  (void)state;
  const struct package packages[] = {package(PACKAGE_DEB, "a", "a", "1", 0),
                                     package(PACKAGE_DEB, "b", "b", "1", 1),
                                     package(PACKAGE_NPM, "c", "", "1", 2)};
  const struct economy_vulnerability v[] = {{&packages[0], STR("1"), STR("2"), SEVERITY_HIGH},
                                            {&packages[0], STR("2"), STR_EMPTY, SEVERITY_HIGH},
                                            {&packages[2], STR("3"), STR("2"), SEVERITY_HIGH}};
  const uint64_t bytes[] = {100, 20, 3};
  struct economy_content content = {.packages = packages,
                                    .package_count = 3,
                                    .vulnerabilities = v,
                                    .vulnerability_count = 3,
                                    .layer_bytes = bytes,
                                    .layer_count = 3};
  struct economy_shares s;
  economy_share(&(struct economy_base){.layers = 1}, &content, &s);
  assert_int_equal(s.packages.base, 1);
  assert_int_equal(s.packages.own, 2);
  assert_int_equal(s.bytes.base, 100);
  assert_int_equal(s.bytes.own, 23);
  assert_int_equal(s.vulnerabilities.base, 2);
  assert_int_equal(s.vulnerabilities.own, 1);
  assert_int_equal(s.fixable.base, 1);
  assert_int_equal(s.fixable.own, 1);
  const uint32_t first[] = {0, 0, 2};
  content.first_layer = first;
  content.layer_bytes = NULL;
  economy_share(&(struct economy_base){.layers = 1}, &content, &s);
  assert_int_equal(s.packages.base, 2);
  assert_int_equal(s.bytes.base + s.bytes.own, 0);
  economy_share(&(struct economy_base){0}, &content, &s);
  assert_int_equal(s.packages.base, 0);
}

static void finds_the_best_upgrade(void **state)
{
  (void)state;
  const struct package packages[] = {package(PACKAGE_DEB, "libssl3", "openssl", "3.0.9-1", 0),
                                     package(PACKAGE_DEB, "openssl", "openssl", "3.0.9-1", 0),
                                     package(PACKAGE_DEB, "zlib1g", "zlib", "1:1.2-1", 0),
                                     package(PACKAGE_NPM, "x", "", "1.0.0", 1),
                                     package(PACKAGE_NPM, "x", "", "2.0.0", 1)};
  const struct economy_vulnerability v[] = {
      {&packages[2], STR("CVE-9"), STR("1:1.3-1"), SEVERITY_CRITICAL},
      {&packages[0], STR("CVE-1"), STR("3.0.11-1"), SEVERITY_HIGH},
      {&packages[1], STR("CVE-1"), STR("3.0.11-1"), SEVERITY_HIGH},
      {&packages[0], STR("CVE-2"), STR("3.0.9-2"), SEVERITY_LOW},
      {&packages[0], STR("CVE-3"), STR_EMPTY, SEVERITY_LOW},
      {&packages[3], STR("CVE-4"), STR("1.0.1"), SEVERITY_LOW},
      {&packages[4], STR("CVE-4"), STR("2.0.1"), SEVERITY_LOW},
      {&packages[4], STR("CVE-5"), STR("not a version"), (enum severity)99}};
  struct economy_upgrades u;
  economy_upgrades(v, 8, &arena, &u);
  assert_int_equal(u.all, 8);
  assert_int_equal(u.fixable, 7);
  assert_int_equal(u.count, 4);
  assert_str(u.items[0].name, "openssl");
  assert_str(u.items[0].version, "3.0.9-1");
  assert_str(u.items[0].target, "3.0.11-1");
  assert_int_equal(u.items[0].removed, 2); /* CVE-1 once, though it is in two packages */
  assert_int_equal(u.items[0].by_severity[SEVERITY_HIGH], 1);
  assert_str(u.items[1].name, "x");
  assert_str(u.items[1].version, "2.0.0");
  assert_str(u.items[1].target, "2.0.1");
  assert_int_equal(u.items[1].removed, 2);
  assert_str(u.items[2].name, "zlib"); /* one each: the worse first */
  assert_str(u.items[3].target, "1.0.1");
  economy_upgrades(NULL, 0, &arena, &u);
  assert_int_equal(u.count, 0);
}

static void knows_what_is_not_needed(void **state)
{
  (void)state;
  static const struct {
    enum package_type type;
    const char *name;
    int purpose; /* -1: may be needed */
  } cases[] = {
      {PACKAGE_DEB, "bash", ECONOMY_SHELL},
      {PACKAGE_APK, "busybox", ECONOMY_SHELL},
      {PACKAGE_APK, "apk-tools", ECONOMY_PACKAGE_MANAGER},
      {PACKAGE_RPM, "dnf-data", ECONOMY_PACKAGE_MANAGER},
      {PACKAGE_DEB, "libapt-pkg6.0", ECONOMY_PACKAGE_MANAGER},
      {PACKAGE_DEB, "passwd", ECONOMY_ACCOUNTS},
      {PACKAGE_DEB, "util-linux", ECONOMY_SYSTEM},
      {PACKAGE_DEB, "perl-base", ECONOMY_TOOLS},
      {PACKAGE_DEB, "curl", ECONOMY_DOWNLOADS},
      {PACKAGE_DEB, "gcc-12", ECONOMY_DEVELOPMENT},
      {PACKAGE_DEB, "libssl-dev", ECONOMY_DEVELOPMENT},
      {PACKAGE_DEB, "manpages", ECONOMY_DOCUMENTS},
      {PACKAGE_APK, "zlib-doc", ECONOMY_DOCUMENTS},
      {PACKAGE_DEB, "gcc-12-base", -1},
      {PACKAGE_DEB, "libc6", -1},
      {PACKAGE_DEB, "ca-certificates", -1},
      {PACKAGE_DEB, "tzdata", -1},
      {PACKAGE_DEB, "python3.11", -1},
      {PACKAGE_NPM, "bash", -1},
      {PACKAGE_DEB, "", -1},
      {PACKAGE_DEB, "bas", -1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    enum economy_purpose purpose = ECONOMY_PURPOSES;
    bool found = economy_purpose_of(cases[i].type, str_from(cases[i].name), &purpose);
    if (found ? (int)purpose != cases[i].purpose : cases[i].purpose >= 0)
      fail_msg("%s: %d", cases[i].name, found ? (int)purpose : -1);
  }
  for (int i = 0; i < ECONOMY_PURPOSES; i++)
    assert_true(economy_purpose_name((enum economy_purpose)i).len > 0);
}

static void judges(void **state)
{
  (void)state;
  const struct package packages[] = {package(PACKAGE_DEB, "bash", "bash", "5", 0),
                                     package(PACKAGE_DEB, "dash", "dash", "5", 0),
                                     package(PACKAGE_DEB, "apt", "apt", "2", 0),
                                     package(PACKAGE_DEB, "libc6", "glibc", "2.36", 0)};
  const struct economy_vulnerability v[] = {{&packages[0], STR("CVE-1"), STR("6"), SEVERITY_HIGH},
                                            {&packages[3], STR("CVE-2"), STR_EMPTY, SEVERITY_LOW}};
  const struct economy_content content = {
      .packages = packages, .package_count = 4, .vulnerabilities = v, .vulnerability_count = 2};
  struct economy_upgrades upgrades;
  struct economy_reduction reduction;
  economy_upgrades(v, 2, &arena, &upgrades);
  economy_reduce(&content, &reduction);
  assert_int_equal(reduction.packages, 3);
  assert_int_equal(reduction.vulnerabilities, 1);
  assert_int_equal(reduction.by_severity[SEVERITY_HIGH], 1);
  const struct os_release os = {.family = os_family_find(STR("centos")),
                                .id = STR("centos"),
                                .version = STR("7"),
                                .release = STR("7")};
  const struct economy economy = {
      .os = &os, .now = 1795219200, .upgrades = &upgrades, .reduction = &reduction};
  const struct check_target target = {.image = STR("web:1")};
  economy_judge(&economy, &target, &findings);
  assert_int_equal(findings.count, 3);
  assert_str(findings.items[0].rule->id, "image-end-of-life");
  assert_str(findings.items[0].message, "CentOS 7 has had no fixes since 2024-06-30");
  assert_int_equal(findings.items[0].severity, SEVERITY_HIGH);
  assert_str(findings.items[1].rule->id, "image-best-upgrade");
  assert_str(findings.items[1].message, "bash 5 to 6 removes 1 of 2 vulnerabilities");
  assert_str(findings.items[2].rule->id, "image-distroless");
  assert_str(findings.items[2].message,
             "shells (bash), package managers (apt): 3 packages with 1 vulnerability");
  assert_str(findings.items[2].subject.name, "web:1");
}

static void says_nothing_without_cause(void **state)
{
  (void)state;
  const struct os_release debian = {.family = os_family_find(STR("debian")),
                                    .id = STR("debian"),
                                    .version = STR("13"),
                                    .release = STR("13")};
  const struct economy_upgrades upgrades = {0};
  const struct economy_reduction reduction = {0};
  const struct check_target target = {.image = STR("web:1")};
  const struct economy cases[] = {
      {0},
      {.os = &debian, .now = 1795219200, .upgrades = &upgrades, .reduction = &reduction},
      {.os = &(struct os_release){0}, .now = 1795219200},
  };
  for (size_t i = 0; i < 3; i++)
    economy_judge(&cases[i], &target, &findings);
  assert_int_equal(findings.count, 0);
  /* Longer support is told, but is no alarm. */
  struct os_release old = debian;
  old.version = old.release = STR("11");
  economy_judge(&(struct economy){.os = &old, .now = 1795219200}, &target, &findings);
  assert_int_equal(findings.count, 1);
  assert_int_equal(findings.items[0].severity, SEVERITY_LOW);
  assert_str(findings.items[0].message,
             "Debian 11 has had no regular fixes since 2026-08-31; longer support ends 2031-06-30");
}

static const struct rule *rule_of(const char *id)
{
  for (size_t i = 0; i < economy_rule_count; i++)
    if (str_eq(economy_rules[i].id, str_from(id)))
      return &economy_rules[i];
  return NULL;
}

static void knows_what_it_cannot_judge(void **state)
{
  (void)state;
  static const struct economy_upgrades upgrades;
  static const struct economy_reduction reduction;
  const struct os_release debian = {.family = os_family_find(STR("debian")), .release = STR("12")};
  const struct os_release unheard = {.family = os_family_find(STR("debian")), .release = STR("99")};
  struct economy e = {.now = 1795219200};
  assert_false(economy_asks(&e, rule_of("image-end-of-life")));
  assert_false(economy_asks(&e, rule_of("image-best-upgrade")));
  assert_false(economy_asks(&e, rule_of("image-distroless")));
  e.upgrades = &upgrades;
  e.reduction = &reduction;
  assert_true(economy_asks(&e, rule_of("image-best-upgrade")));
  assert_true(economy_asks(&e, rule_of("image-distroless")));
  e.os = &unheard;
  assert_false(economy_asks(&e, rule_of("image-end-of-life")));
  e.os = &debian;
  assert_true(economy_asks(&e, rule_of("image-end-of-life")));
  e.now = 0;
  assert_false(economy_asks(&e, rule_of("image-end-of-life")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(finds_a_known_base, start, stop),
      cmocka_unit_test_setup_teardown(finds_a_base_by_history_and_labels, start, stop),
      cmocka_unit_test_setup_teardown(finds_a_base_by_its_distribution, start, stop),
      cmocka_unit_test_setup_teardown(shares_between_base_and_application, start, stop),
      cmocka_unit_test_setup_teardown(finds_the_best_upgrade, start, stop),
      cmocka_unit_test_setup_teardown(knows_what_is_not_needed, start, stop),
      cmocka_unit_test_setup_teardown(judges, start, stop),
      cmocka_unit_test_setup_teardown(says_nothing_without_cause, start, stop),
      cmocka_unit_test_setup_teardown(knows_what_it_cannot_judge, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
