#include "../test.h"

#include "base/mem.h"
#include "scan/advisory/record.h"

static struct arena arena;

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

static struct version_range make_range(const struct version_ops *ops)
{
  static const struct {
    enum version_event_kind kind;
    const char *text;
  } events[] = {{VERSION_INTRODUCED, "0"},
                {VERSION_FIXED, "1.2-1"},
                {VERSION_INTRODUCED, "2.0-1"},
                {VERSION_LAST_AFFECTED, "3.0-1"},
                {VERSION_LIMIT, "2.5-1"}};
  struct version_event parsed[5];
  struct version_range range;
  struct error err;
  for (size_t i = 0; i < 5; i++)
    assert_int_equal(version_event_parse(ops, events[i].kind, str_from(events[i].text), &arena,
                                         &parsed[i], &err),
                     0);
  assert_int_equal(version_range_make(ops, parsed, 5, &arena, &range, &err), 0);
  return range;
}

static struct version parse(const struct version_ops *ops, const char *text)
{
  struct version version;
  struct error err;
  assert_int_equal(version_parse(ops, str_from(text), &arena, &version, &err), 0);
  return version;
}

static void keeps_what_is_known_of_a_package(void **state)
{
  (void)state;
  const struct version_ops *ops = version_ops_named(STR("dpkg"));
  struct version_range range = make_range(ops);
  const struct str functions[] = {STR("a.b"), STR("c")};
  struct version listed = parse(ops, "9");
  const struct advisory_record_version versions[] = {{true, listed.key}, {false, STR("a b")}};
  struct advisory_record_affected full = {
      .advisory = 300,
      .cve = advisory_cve_number(STR("CVE-2024-12345")),
      .binary = true,
      .every = true,
      .status = ADVISORY_UNDER_INVESTIGATION,
      .severity = SEVERITY_CRITICAL,
      .architecture = STR("amd64"),
      .module = STR("m:1"),
      .severity_text = STR("urgent"),
      .requirement = STR(">= 1"),
      .note = STR("because"),
      .ranges = &range,
      .range_count = 1,
      .versions = versions,
      .version_count = 2,
      .functions = functions,
      .function_count = 2,
  };
  struct advisory_record_affected bare = {.advisory = 1}, read;
  struct buf out = {0};
  struct error err;
  advisory_record_write_affected(&out, &full);
  advisory_record_write_affected(&out, &bare);
  struct str rest = buf_str(&out);
  assert_int_equal(advisory_record_read_affected(&rest, ops, &arena, &read, &err), 0);
  assert_int_equal(read.advisory, 300);
  assert_int_equal(read.cve, full.cve);
  assert_true(read.binary && read.every);
  assert_int_equal(read.status, full.status);
  assert_int_equal(read.severity, full.severity);
  assert_str(read.architecture, "amd64");
  assert_str(read.module, "m:1");
  assert_str(read.severity_text, "urgent");
  assert_str(read.requirement, ">= 1");
  assert_str(read.note, "because");
  assert_int_equal(read.version_count, 2);
  assert_true(read.versions[0].parsed && str_eq(read.versions[0].bytes, listed.key));
  assert_false(read.versions[1].parsed);
  assert_str(read.versions[1].bytes, "a b");
  assert_int_equal(read.function_count, 2);
  assert_str(read.functions[1], "c");
  assert_int_equal(read.range_count, 1);
  static const struct {
    const char *version;
    bool affected;
  } cases[] = {
      {"1.0-1", true}, {"1.2-1", false}, {"2.0-1", true}, {"2.4-9", true}, {"2.5-1", false}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_int_equal(version_range_affects(&read.ranges[0], parse(ops, cases[i].version)),
                     cases[i].affected);
  assert_str(version_range_fix(&read.ranges[0], parse(ops, "1.0-1"))->fixed, "1.2-1");
  assert_int_equal(advisory_record_read_affected(&rest, ops, &arena, &read, &err), 0);
  assert_int_equal(read.advisory, 1);
  assert_int_equal(read.range_count + read.version_count + read.function_count, 0);
  assert_str(read.note, "");
  assert_int_equal(rest.len, 0);
  buf_free(&out);
}

static void keeps_heads_and_texts(void **state)
{
  (void)state;
  const struct str words[] = {STR("one"), STR("two")};
  struct advisory_record_head head = {.source = 3,
                                      .id = STR("GHSA-1"),
                                      .aliases = words,
                                      .alias_count = 2,
                                      .related = words,
                                      .related_count = 1,
                                      .severity = SEVERITY_LOW,
                                      .severity_text = STR("low"),
                                      .cvss = words,
                                      .cvss_count = 1,
                                      .cwes = words,
                                      .cwe_count = 2,
                                      .published = STR("2024-01-01"),
                                      .modified = STR("2024-01-02")};
  struct advisory_record_text text = {
      .title = STR("t"), .description = STR("d"), .references = words, .reference_count = 2};
  struct buf out = {0};
  struct error err;
  advisory_record_write_head(&out, &head);
  assert_int_equal(advisory_record_read_head(buf_str(&out), &arena, &head, &err), 0);
  assert_int_equal(head.source, 3);
  assert_str(head.id, "GHSA-1");
  assert_str(head.aliases[1], "two");
  assert_int_equal(head.related_count, 1);
  assert_int_equal(head.severity, SEVERITY_LOW);
  assert_str(head.cvss[0], "one");
  assert_int_equal(head.cwe_count, 2);
  assert_str(head.modified, "2024-01-02");
  buf_free(&out);
  advisory_record_write_text(&out, &text);
  assert_int_equal(advisory_record_read_text(buf_str(&out), &arena, &text, &err), 0);
  assert_str(text.title, "t");
  assert_str(text.description, "d");
  assert_str(text.references[1], "two");
  buf_free(&out);
}

/* Cut off anywhere, or with a byte too many, no record is taken for whole. */
static void refuses_what_is_broken(void **state)
{
  (void)state;
  const struct version_ops *ops = version_ops_named(STR("dpkg"));
  struct version_range range = make_range(ops);
  struct advisory_record_affected a = {
      .advisory = 5, .note = STR("n"), .ranges = &range, .range_count = 1};
  struct advisory_record_head head = {
      .id = STR("x"), .aliases = (struct str[]){STR("y")}, .alias_count = 1};
  struct advisory_record_affected read;
  struct buf row = {0}, one = {0};
  struct error err;
  advisory_record_write_affected(&row, &a);
  advisory_record_write_head(&one, &head);
  for (size_t len = 0; len < row.len; len++) {
    struct str rest = str_make(row.data, len);
    assert_int_equal(advisory_record_read_affected(&rest, ops, &arena, &read, &err), SW_EINVAL);
  }
  for (size_t len = 0; len < one.len; len++)
    assert_int_equal(advisory_record_read_head(str_make(one.data, len), &arena, &head, &err),
                     SW_EINVAL);
  buf_add_byte(&one, 0);
  assert_int_equal(advisory_record_read_head(buf_str(&one), &arena, &head, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "damaged");
  /* More things than there are bytes. */
  struct str many = STR("\x07\x01\x00\x00\x00\xff\xff\x03");
  assert_int_equal(advisory_record_read_affected(&many, ops, &arena, &read, &err), SW_EINVAL);
  buf_free(&row);
  buf_free(&one);
}

static void numbers_of_cves(void **state)
{
  (void)state;
  static const char *const ids[] = {"CVE-1999-0001", "CVE-2024-6387", "CVE-2024-1000000",
                                    "CVE-2999-99999999999"};
  char text[ADVISORY_CVE_TEXT];
  uint64_t last = 0;
  for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
    uint64_t number = advisory_cve_number(str_from(ids[i]));
    assert_true(number > last && number < UINT64_C(1) << 63);
    assert_str(advisory_cve_text(number, text), ids[i]);
    last = number;
  }
  static const char *const others[] = {
      "",           "CVE-",          "CVE-2024-123",  "CVE-1998-0001",
      "cve-2024-1", "CVE-2024-12x4", "CVE-XXXX-XXXX", "CVE-2024-99999999999999"};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    assert_int_equal(advisory_cve_number(str_from(others[i])), 0);
  assert_str(advisory_id_cve(STR("UBUNTU-CVE-2024-6387")), "CVE-2024-6387");
  assert_str(advisory_id_cve(STR("CVE-2024-6387")), "CVE-2024-6387");
  assert_str(advisory_id_cve(STR("XCVE-2024-6387")), "");
  assert_str(advisory_id_cve(STR("CVE-2024-6387-1")), "");
  assert_str(advisory_id_cve(STR("GHSA-1")), "");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(keeps_what_is_known_of_a_package, start, stop),
      cmocka_unit_test_setup_teardown(keeps_heads_and_texts, start, stop),
      cmocka_unit_test_setup_teardown(refuses_what_is_broken, start, stop),
      cmocka_unit_test(numbers_of_cves),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
