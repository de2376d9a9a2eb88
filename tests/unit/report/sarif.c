#include "data/json.h"
#include "format_test.h"

static struct value get(struct value v, const char *key)
{
  return value_get_str(v, str_from(key));
}

/* The value at a path of keys and array indexes, "runs.0.tool". */
static struct value at(struct value v, const char *path)
{
  struct str rest = str_from(path);
  while (rest.data) {
    struct str key = str_cut(rest, '.', &rest);
    unsigned long long index;
    if (value_is(v, VALUE_ARRAY) && str_to_u64(key, 1000, &index))
      v = value_at(v, (uint32_t)index);
    else
      v = value_get_str(v, key);
  }
  return v;
}

static struct value parsed(void)
{
  struct str text = arena_copy(&arena, buf_str(&out.buf));
  struct value root = VALUE_NONE;
  struct error err;
  struct json_options strict = {.duplicates = VALUE_REFUSE};
  if (json_parse(&arena, text, &strict, &root, &err) < 0)
    fail_msg("%u:%u: %s", err.line, err.column, err.message);
  assert_true(value_eq_str(get(root, "version"), STR("2.1.0")));
  assert_int_equal(get(root, "runs").len, 1);
  return at(root, "runs.0");
}

static struct value written(void)
{
  sink_free(&out);
  sample_report(&out, "sarif", &options, &list);
  return parsed();
}

static struct value written_packages(void)
{
  sink_free(&out);
  package_report(&out, "sarif", &options, &list);
  return parsed();
}

static void assert_text(struct value root, const char *path, const char *expected)
{
  struct value v = at(root, path);
  if (!value_is(v, VALUE_STRING))
    fail_msg("%s is %s", path, value_type_name(v));
  assert_str(value_str(v), expected);
}

static void assert_number(struct value root, const char *path, int64_t expected)
{
  int64_t n = -1;
  assert_true(value_to_int(at(root, path), &n));
  assert_int_equal(n, expected);
}

static void has_what_the_standard_requires(void **state)
{
  (void)state;
  sample_fill(&list);
  struct value run = written();
  assert_text(run, "tool.driver.name", "seawall");
  assert_text(run, "tool.driver.version", "0.1.0");
  assert_text(run, "tool.driver.informationUri", "https://seawall.dev");
  assert_text(run, "columnKind", "unicodeCodePoints");
  assert_int_equal(get(run, "results").len, 5);
  assert_int_equal(at(run, "tool.driver.rules").len, 3);
  for (uint32_t i = 0; i < 5; i++) {
    struct value result = get(run, "results").items[i];
    int64_t rule = -1;
    assert_true(value_to_int(get(result, "ruleIndex"), &rule));
    struct value id = get(value_at(at(run, "tool.driver.rules"), (uint32_t)rule), "id");
    assert_true(value_eq_str(get(result, "ruleId"), value_str(id)));
    assert_true(value_is(at(result, "message.text"), VALUE_STRING));
    assert_true(value_is(get(result, "suppressions"), VALUE_ARRAY));
    assert_text(result, "partialFingerprints.seawall/v1", list.items[i].fingerprint);
  }
}

static void results_have_levels_and_regions(void **state)
{
  (void)state;
  sample_fill(&list);
  struct value run = written();
  assert_text(run, "results.0.level", "error");
  assert_text(run, "results.1.level", "warning");
  assert_text(run, "results.0.message.text",
              "Deployment shop/web: host namespaces (hostNetwork=true)");
  struct value place = at(run, "results.0.locations.0.physicalLocation");
  assert_text(place, "artifactLocation.uri", "deploy/web.yaml");
  assert_text(place, "artifactLocation.uriBaseId", "%SRCROOT%");
  assert_number(place, "region.startLine", 6);
  assert_number(place, "region.startColumn", 20);
  assert_number(place, "region.endColumn", 24);
  assert_text(run, "results.0.locations.0.logicalLocations.0.fullyQualifiedName",
              "Deployment shop/web");
}

static void rules_tell_why_and_how_severe(void **state)
{
  (void)state;
  sample_fill(&list);
  struct value rule = at(written(), "tool.driver.rules.0");
  assert_text(rule, "name", "PssHostNamespaces");
  assert_text(rule, "shortDescription.text", "Containers share the host's namespaces");
  assert_true(str_starts(value_str(at(rule, "help.markdown")), STR("Whoever shares them")));
  assert_text(rule, "helpUri", sample_references[0].data);
  assert_text(rule, "defaultConfiguration.level", "error");
  /* "properties" has keys with dots in them. */
  struct value properties = get(rule, "properties");
  assert_true(value_eq_str(get(properties, "security-severity"), STR("8.0")));
  assert_true(value_eq_str(get(properties, "problem.severity"), STR("error")));
  assert_text(properties, "tags.2", "pss-baseline/host-namespaces");
  struct value second = at(written(), "tool.driver.rules.1");
  assert_true(value_is(get(second, "helpUri"), VALUE_ABSENT));
  assert_true(str_ends(value_str(at(second, "help.markdown")),
                       STR("Set it for the pod:\n\n```yaml\n  securityContext:\n    "
                           "seccompProfile:\n      type: RuntimeDefault\n```")));
}

static void excepted_findings_are_suppressed(void **state)
{
  (void)state;
  sample_fill(&list);
  struct value run = written();
  assert_int_equal(at(run, "results.0.suppressions").len, 0);
  assert_text(run, "results.4.suppressions.0.kind", "external");
  assert_text(run, "results.4.suppressions.0.status", "accepted");
  assert_text(run, "results.4.suppressions.0.justification", "reads counters");
}

static void the_invocation_tells_what_was_not_judged(void **state)
{
  (void)state;
  struct value invocation = at(written(), "invocations.0");
  assert_true(value_is_false(get(invocation, "executionSuccessful")));
  assert_text(invocation, "startTimeUtc", "2026-11-21T01:23:45Z");
  struct value told = get(invocation, "toolExecutionNotifications");
  assert_int_equal(told.len, 4);
  assert_text(told, "0.level", "error");
  assert_text(told, "0.message.text", "a value is missing here");
  assert_number(told, "0.locations.0.physicalLocation.region.startLine", 3);
  assert_text(told, "3.level", "note");
}

static void paths_become_uris(void **state)
{
  (void)state;
  static const struct {
    const char *path, *uri;
    bool relative;
  } rows[] = {
      {"./a b/c#d?.yaml", "a%20b/c%23d%3F.yaml", true},
      {"x:y/\xc3\xa9%", "x%3Ay/%C3%A9%25", true},
      {"../up.yaml", "../up.yaml", true},
      {"/srv/a.yaml", "file:///srv/a.yaml", false},
      {"-", "stdin", true},
      {"\xff\n", "%FF%0A", true},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    sample_add(&list, &sample_rule_host, 0, 0, "", "m")->location.file = str_from(rows[i].path);
  struct value run = written();
  for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct value place = at(get(run, "results").items[i], "locations.0.physicalLocation");
    assert_text(place, "artifactLocation.uri", rows[i].uri);
    assert_int_equal(value_is(at(place, "artifactLocation.uriBaseId"), VALUE_STRING),
                     rows[i].relative);
    assert_true(value_is(get(place, "region"), VALUE_ABSENT));
  }
}

static void packages_have_places_and_properties(void **state)
{
  (void)state;
  options = package_options();
  package_fill(&list);
  struct value run = written_packages();
  assert_int_equal(get(run, "results").len, 6);
  assert_text(run, "results.0.ruleId", "CVE-2024-5535");
  assert_text(run, "results.0.message.text", "Image web.tar: libssl3 3.0.11-1 has CVE-2024-5535");
  struct value place = at(run, "results.0.locations.0");
  assert_text(place, "physicalLocation.artifactLocation.uri", "var/lib/dpkg/status");
  assert_text(place, "physicalLocation.artifactLocation.uriBaseId", "%IMAGEROOT%");
  assert_text(place, "logicalLocations.0.name", "web.tar");
  assert_text(place, "logicalLocations.1.name", "libssl3");
  assert_text(place, "logicalLocations.1.fullyQualifiedName", "pkg:deb/debian/libssl3@3.0.11-1");
  struct value properties = at(run, "results.0.properties");
  assert_text(properties, "purl", "pkg:deb/debian/libssl3@3.0.11-1");
  assert_text(properties, "installedVersion", "3.0.11-1");
  assert_text(properties, "fixedVersion", "3.0.15-1");
  assert_text(properties, "knownExploitedSince", "2024-07-01");
  assert_text(run, "results.3.locations.0.logicalLocations.1.fullyQualifiedName",
              "golang.org/x/net");
  assert_text(run, "results.5.suppressions.0.justification", "the attacker is not near enough");
}

static void assert_score(struct value run, unsigned rule, const char *expected)
{
  struct value all = at(run, "tool.driver.rules");
  struct value score = get(get(value_at(all, rule), "properties"), "security-severity");
  if (expected)
    assert_true(value_eq_str(score, str_from(expected)));
  else
    assert_true(value_is(score, VALUE_ABSENT));
}

static void rules_of_vulnerabilities_are_scored(void **state)
{
  (void)state;
  options = package_options();
  package_fill(&list);
  struct value run = written_packages();
  assert_int_equal(at(run, "tool.driver.rules").len, 4);
  assert_text(run, "tool.driver.rules.0.name", "VulnerablePackage");
  assert_text(run, "tool.driver.rules.0.helpUri", "https://nvd.nist.gov/vuln/detail/CVE-2024-5535");
  assert_text(run, "tool.driver.rules.0.properties.tags.1", "vulnerability");
  assert_text(run, "tool.driver.rules.2.helpUri", package_references[1].data);
  assert_text(run, "tool.driver.rules.3.name", "LicenseRestricted");
  assert_text(run, "tool.driver.rules.3.properties.tags.1", "license");
  /* 9.1 would be critical, where the severity is high. */
  assert_score(run, 0, "8.9");
  assert_score(run, 2, NULL);
  assert_score(run, 3, "8.0");
}

static void a_rule_is_as_severe_as_its_worst_finding(void **state)
{
  (void)state;
  options = package_options();
  struct finding_package p = package_libssl;
  p.cvss_tenths = 31;
  package_add(&list, &package_rule_timing, p);
  struct value run = written_packages();
  assert_score(run, 0, "3.1");
  p.cvss_tenths = 97;
  package_add(&list, &package_rule_timing, p)->severity = SEVERITY_CRITICAL;
  run = written_packages();
  assert_score(run, 0, "9.7");
  assert_text(run, "tool.driver.rules.0.defaultConfiguration.level", "error");
  assert_text(run, "results.0.level", "note");
  assert_text(run, "results.1.level", "error");
}

static void no_address_is_made_of_any_bytes(void **state)
{
  (void)state;
  static const struct rule rule = {.id = STR_INIT("CVE-1/../../x?y"), .severity = SEVERITY_LOW};
  options = package_options();
  package_add(&list, &rule, package_libssl);
  assert_true(value_is(at(written_packages(), "tool.driver.rules.0.helpUri"), VALUE_ABSENT));
}

/* The rule of a vulnerability is made for one image, and the report ends behind the last. */
static void rules_outlive_their_findings(void **state)
{
  (void)state;
  struct report_summary summary = {0};
  options = package_options();
  sink_to_memory(&out, 1 << 20);
  _cleanup_(report_freep) struct report *r =
      report_new(report_format_find(STR("sarif")), &options, &out);
  for (unsigned i = 0; i < 2; i++) {
    struct arena mine;
    struct finding_list image;
    arena_init(&mine, 0);
    finding_list_init(&image, &mine);
    struct rule *rule = arena_new(&mine, struct rule);
    *rule = package_rule_overread;
    rule->id = arena_printf(&mine, "CVE-2024-%u", i);
    rule->title = arena_copy(&mine, STR("a title"));
    rule->references = arena_array(&mine, struct str, 1);
    rule->reference_count = 0;
    package_add(&image, rule, package_libssl);
    struct report_file file = {.path = STR("x"), .findings = &image};
    report_file(r, &file);
    memset(rule, 0xff, sizeof *rule);
    arena_free(&mine);
  }
  assert_int_equal(report_end(r, &summary, NULL), 0);
  struct value run = parsed();
  assert_text(run, "tool.driver.rules.0.id", "CVE-2024-0");
  assert_text(run, "tool.driver.rules.1.id", "CVE-2024-1");
  assert_text(run, "tool.driver.rules.1.shortDescription.text", "a title");
}

int main(void)
{
#define WITH_LIST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
  const struct CMUnitTest tests[] = {
      WITH_LIST(has_what_the_standard_requires),
      WITH_LIST(results_have_levels_and_regions),
      WITH_LIST(rules_tell_why_and_how_severe),
      WITH_LIST(excepted_findings_are_suppressed),
      WITH_LIST(the_invocation_tells_what_was_not_judged),
      WITH_LIST(paths_become_uris),
      WITH_LIST(packages_have_places_and_properties),
      WITH_LIST(rules_of_vulnerabilities_are_scored),
      WITH_LIST(a_rule_is_as_severe_as_its_worst_finding),
      WITH_LIST(no_address_is_made_of_any_bytes),
      WITH_LIST(rules_outlive_their_findings),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
