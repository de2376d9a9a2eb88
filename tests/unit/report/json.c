#include "data/json.h"
#include "base/file.h"
#include "data/number.h"
#include "format_test.h"

static struct value parsed(void)
{
  struct str text = arena_copy(&arena, buf_str(&out.buf));
  assert_true(str_ends(text, STR("}\n")));
  struct value root = VALUE_NONE;
  struct error err;
  struct json_options strict = {.duplicates = VALUE_REFUSE};
  if (json_parse(&arena, text, &strict, &root, &err) < 0)
    fail_msg("%u:%u: %s", err.line, err.column, err.message);
  return root;
}

static struct value written(void)
{
  sink_free(&out);
  sample_report(&out, "json", &options, &list);
  return parsed();
}

static struct value written_packages(void)
{
  sink_free(&out);
  package_report(&out, "json", &options, &list);
  return parsed();
}

static struct value get(struct value v, const char *key)
{
  return value_get_str(v, str_from(key));
}

static void assert_text(struct value object, const char *key, const char *expected)
{
  struct value v = get(object, key);
  assert_true(value_is(v, VALUE_STRING));
  assert_str(value_str(v), expected);
}

static void assert_number(struct value object, const char *key, int64_t expected)
{
  int64_t n = -1;
  assert_true(value_to_int(get(object, key), &n));
  assert_int_equal(n, expected);
}

/* Exactly these keys, in this order. */
static void assert_keys(struct value object, const char *expected)
{
  _cleanup_(buf_free) struct buf keys = {0};
  assert_true(value_is(object, VALUE_OBJECT));
  for (uint32_t i = 0; i < object.len; i++) {
    buf_add_text(&keys, i ? " " : "");
    buf_add(&keys, value_str(object.members[i].key));
  }
  assert_str(buf_str(&keys), expected);
}

static void has_the_parts_that_the_schema_names(void **state)
{
  (void)state;
  sample_fill(&list);
  list.items[0].fix = value_array_make(&arena, NULL, NULL, 0);
  struct value root = written();
  assert_keys(root, "apiVersion kind tool target policy started findings errors skipped summary");
  assert_text(root, "apiVersion", "seawall.dev/v1");
  assert_text(root, "kind", "Report");
  assert_text(get(root, "tool"), "version", "0.1.0");
  assert_text(root, "target", "deploy");
  assert_text(root, "started", "2026-11-21T01:23:45Z");
  assert_int_equal(get(root, "findings").len, 5);
  assert_int_equal(get(root, "errors").len, 2);
  assert_int_equal(get(root, "skipped").len, 2);
  assert_keys(get(root, "summary"), "open excepted files documents objects judged errors skipped "
                                    "exceptionsUnused showFrom failOn failing");
}

static void tells_all_of_a_finding(void **state)
{
  (void)state;
  sample_fill(&list);
  list.items[0].fix = value_array_make(&arena, NULL, NULL, 0);
  struct value findings = get(written(), "findings");
  struct value f = value_at(findings, 0);
  assert_keys(f, "rule title severity state subject location message evidence remedy references "
                 "controls fingerprint fix");
  assert_text(f, "rule", "pss-host-namespaces");
  assert_text(f, "severity", "high");
  assert_text(f, "state", "open");
  assert_text(f, "fingerprint", list.items[0].fingerprint);
  assert_keys(get(f, "subject"), "apiVersion kind namespace name");
  assert_keys(get(f, "location"), "file line column document pointer");
  assert_number(get(f, "location"), "line", 6);
  assert_text(get(f, "location"), "pointer", "/spec/template/spec/hostNetwork");
  assert_text(value_at(get(f, "controls"), 1), "framework", "nsa");
  assert_str(value_str(value_at(get(f, "references"), 0)), sample_references[0].data);
  assert_text(get(value_at(findings, 1), "subject"), "container", "app");
  struct value excepted = value_at(findings, 4);
  assert_text(excepted, "state", "excepted");
  assert_text(get(excepted, "exception"), "reason", "reads counters");
  assert_text(get(excepted, "exception"), "until", "2026-12-31");
}

static void counts_agree(void **state)
{
  (void)state;
  sample_fill(&list);
  struct value summary = get(written(), "summary");
  assert_keys(get(summary, "open"), "critical high medium low info unknown");
  assert_number(get(summary, "open"), "medium", 2);
  assert_number(get(summary, "excepted"), "high", 1);
  assert_number(summary, "failing", 2);
  assert_text(summary, "failOn", "high");
  options.fail_never = true;
  assert_text(get(written(), "summary"), "failOn", "never");
}

static void says_what_was_not_judged(void **state)
{
  (void)state;
  struct value root = written();
  struct value errors = get(root, "errors"), skipped = get(root, "skipped");
  assert_keys(value_at(errors, 0), "file line column message");
  assert_number(value_at(errors, 0), "column", 7);
  assert_keys(value_at(errors, 1), "file message");
  assert_text(value_at(errors, 1), "message", "cannot be opened: no access");
  assert_keys(value_at(skipped, 0), "file reason");
  assert_keys(value_at(skipped, 1), "file line reason");
  assert_int_equal(get(root, "findings").len, 0);
}

static void leaves_out_what_is_below_the_severity(void **state)
{
  (void)state;
  sample_fill(&list);
  options.show_from = SEVERITY_HIGH;
  struct value root = written();
  assert_int_equal(get(root, "findings").len, 3);
  assert_number(get(get(root, "summary"), "open"), "medium", 2);
  assert_text(get(root, "summary"), "showFrom", "high");
}

static void any_bytes_are_valid_json(void **state)
{
  (void)state;
  struct finding *f = sample_add(&list, &sample_rule_host, 1, 1, "a\"b\\", "x");
  f->message = STR("\xff\0\033[31m\n\"");
  f->location.file = STR("caf\xc3\xa9\xc3.yaml");
  struct value found = value_at(get(written(), "findings"), 0);
  assert_true(value_eq_str(get(found, "message"), STR("\xef\xbf\xbd\0\033[31m\n\"")));
  assert_text(get(found, "location"), "file", "caf\xc3\xa9\xef\xbf\xbd.yaml");
  assert_text(get(found, "subject"), "container", "a\"b\\");
}

/* ---- Against the schema that is given to others: as much of JSON Schema as it uses ---- */

static struct value schema_root;

static struct value resolved(struct value schema)
{
  struct str prefix = STR("#/$defs/"), name = value_str_or_empty(get(schema, "$ref"));
  if (name.len == 0)
    return schema;
  assert_true(str_starts(name, prefix));
  return value_get_str(get(schema_root, "$defs"), str_sub(name, prefix.len, name.len));
}

static bool in_array(struct value array, struct str text)
{
  for (uint32_t i = 0; i < array.len; i++)
    if (value_eq_str(array.items[i], text))
      return true;
  return false;
}

static void assert_object_valid(struct value schema, struct value v);

static void assert_valid(struct value schema, struct value v, const char *name)
{
  schema = resolved(schema);
  assert_true(value_is(schema, VALUE_OBJECT));
  struct str type = value_str_or_empty(get(schema, "type"));
  struct value fixed = get(schema, "const"), several = get(schema, "enum");
  int64_t n = 0, least = 0;
  double number = 0, low = 0, high = 0;
  if (value_is(fixed, VALUE_STRING))
    assert_true(value_eq_str(v, value_str(fixed)));
  else if (value_is(several, VALUE_ARRAY))
    assert_true(value_is(v, VALUE_STRING) && in_array(several, value_str(v)));
  else if (str_eq(type, STR("string")))
    assert_true(value_is(v, VALUE_STRING));
  else if (str_eq(type, STR("integer")))
    assert_true(value_to_int(v, &n) && value_to_int(get(schema, "minimum"), &least) && n >= least);
  else if (str_eq(type, STR("number")))
    assert_true(number_to_double(v, &number) && number_to_double(get(schema, "minimum"), &low) &&
                number_to_double(get(schema, "maximum"), &high) && number >= low && number <= high);
  else if (str_eq(type, STR("boolean")))
    assert_true(value_is_true(v) || value_is_false(v));
  else if (str_eq(type, STR("array")))
    for (uint32_t i = 0; i < v.len; i++)
      assert_valid(get(schema, "items"), value_at(v, i), name);
  else if (str_eq(type, STR("object")))
    assert_object_valid(schema, v);
  else
    fail_msg("%s: the schema says nothing this test understands", name);
}

static void assert_object_valid(struct value schema, struct value v)
{
  struct value properties = get(schema, "properties"), required = get(schema, "required");
  assert_true(value_is(v, VALUE_OBJECT));
  for (uint32_t i = 0; i < required.len; i++)
    if (value_is(value_get(v, required.items[i]), VALUE_ABSENT))
      fail_msg("%.*s is missing", STR_FMT(value_str(required.items[i])));
  for (uint32_t i = 0; value_is(properties, VALUE_OBJECT) && i < v.len; i++) {
    struct str name = arena_copy(&arena, value_str(v.members[i].key));
    if (value_is(value_get_str(properties, name), VALUE_ABSENT))
      fail_msg("%s is not in the schema", name.data);
    assert_valid(value_get_str(properties, name), v.members[i].value, name.data);
  }
}

static bool read_schema(void)
{
  const char *root = getenv("SEAWALL_SOURCE_ROOT");
  if (!root)
    return false;
  _cleanup_(buf_free) struct buf text = {0};
  struct str path = arena_printf(&arena, "%s/docs/schemas/report-v1.schema.json", root);
  assert_int_equal(file_read(path.data, 1 << 20, &text, NULL), 0);
  struct error err;
  if (json_parse(&arena, arena_copy(&arena, buf_str(&text)), NULL, &schema_root, &err) < 0)
    fail_msg("%u:%u: %s", err.line, err.column, err.message);
  return true;
}

static void is_valid_under_its_schema(void **state)
{
  (void)state;
  if (!read_schema())
    skip();
  sample_fill(&list);
  struct value patch = value_object_with(&arena, VALUE_NONE, value_from("op"), value_from("test"));
  list.items[0].fix = value_array_make(&arena, &patch, NULL, 1);
  assert_valid(schema_root, written(), "the report");
}

static void assert_near(struct value object, const char *key, double expected)
{
  double number = -1;
  assert_true(number_to_double(get(object, key), &number));
  assert_true(number > expected - 1e-9 && number < expected + 1e-9);
}

static void tells_all_of_a_package(void **state)
{
  (void)state;
  options = package_options();
  package_fill(&list);
  struct value findings = get(written_packages(), "findings");
  assert_int_equal(findings.len, 6);
  struct value p = get(value_at(findings, 0), "package");
  assert_keys(p, "type name version source ecosystem purl path layer base license aliases "
                 "fixedVersion status advisorySource severitySource cvss cvssScore "
                 "knownExploitedSince epss epssPercentile published");
  assert_text(p, "name", "libssl3");
  assert_text(p, "source", "openssl");
  assert_text(p, "fixedVersion", "3.0.15-1");
  assert_text(p, "knownExploitedSince", "2024-07-01");
  assert_str(value_str(value_at(get(p, "aliases"), 1)), "DSA-1");
  assert_near(p, "cvssScore", 9.1);
  assert_near(p, "epss", 0.123456);
  assert_near(p, "epssPercentile", 0.954321);
  /* What is not known, or does not apply, is left out. */
  assert_keys(get(value_at(findings, 3), "package"), "type name version path status");
  assert_keys(get(value_at(findings, 4), "package"), "type name version ecosystem path license");
  assert_text(get(value_at(findings, 5), "exception"), "reason", "the attacker is not near enough");
}

static void unrated_vulnerabilities_are_shown(void **state)
{
  (void)state;
  options = package_options();
  package_fill(&list);
  sample_add(&list, &sample_rule_host, 1, 1, "", "x")->severity = SEVERITY_UNKNOWN;
  assert_text(value_at(get(written_packages(), "findings"), 3), "rule", "GO-2024-1");
  assert_int_equal(get(written_packages(), "findings").len, 6);
  options.show_from = SEVERITY_MEDIUM;
  assert_int_equal(get(written_packages(), "findings").len, 3);
}

static void names_all_that_fails(void **state)
{
  (void)state;
  options = package_options();
  options.fail_exploited = true;
  options.fail_text = STR("critical,kev");
  assert_text(get(written_packages(), "summary"), "failOn", "critical,kev");
  options.fail_exploited = false;
  assert_text(get(written_packages(), "summary"), "failOn", "high");
  options.fail_epss = 100000;
  options.fail_on_ignored = true;
  options.fail_text = STR("epss=0.1");
  assert_text(get(written_packages(), "summary"), "failOn", "epss=0.1");
}

static void packages_are_valid_under_the_schema(void **state)
{
  (void)state;
  if (!read_schema())
    skip();
  options = package_options();
  package_fill(&list);
  assert_valid(schema_root, written_packages(), "the report");
}

int main(void)
{
#define WITH_LIST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
  const struct CMUnitTest tests[] = {
      WITH_LIST(has_the_parts_that_the_schema_names),
      WITH_LIST(tells_all_of_a_finding),
      WITH_LIST(counts_agree),
      WITH_LIST(says_what_was_not_judged),
      WITH_LIST(leaves_out_what_is_below_the_severity),
      WITH_LIST(any_bytes_are_valid_json),
      WITH_LIST(is_valid_under_its_schema),
      WITH_LIST(tells_all_of_a_package),
      WITH_LIST(unrated_vulnerabilities_are_shown),
      WITH_LIST(names_all_that_fails),
      WITH_LIST(packages_are_valid_under_the_schema),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
