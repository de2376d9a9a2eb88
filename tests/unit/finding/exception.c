#include "../test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "data/yaml.h"
#include "finding/exception.h"

static const struct rule rule_host = {.id = STR_INIT("pss-host-namespaces"),
                                      .severity = SEVERITY_HIGH};
static const struct rule rule_other = {.id = STR_INIT("rbac-wildcard"), .severity = SEVERITY_LOW};

static struct arena arena;

static int setup(void **state)
{
  (void)state;
  arena_init(&arena, 64 << 20);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

/* Loads a text that is the list alone. */
static int load(const char *text, const char *today, struct exception_set **ret, struct error *err)
{
  struct yaml_options options = {.duplicates = VALUE_REFUSE, .positions = true};
  struct yaml_reader *reader = yaml_reader_new(str_from(text), &options);
  struct yaml_document document = {0};
  int rc = yaml_reader_next(reader, &arena, &document, err);
  yaml_reader_free(reader);
  if (rc < 0)
    return rc;
  return exceptions_load(&arena, document.root, document.position, STR(".seawall.yaml"),
                         str_from(today), ret, err);
}

static struct exception_set *loaded(const char *text, const char *today)
{
  struct exception_set *set = NULL;
  struct error err;
  if (load(text, today, &set, &err) < 0)
    fail_msg("%u:%u: %s", err.line, err.column, err.message);
  return set;
}

static void add_label(struct value *labels, const char *key, const char *value)
{
  *labels = value_object_with(&arena, *labels, value_from(key), value_from(value));
}

static struct finding sample(void)
{
  struct finding f = {
      .rule = &rule_host,
      .subject = {.kind = STR("DaemonSet"),
                  .namespace = STR("monitoring"),
                  .name = STR("node-exporter-eu"),
                  .container = STR("exporter")},
      .location = {.file = STR("deploy/monitoring/exporter.yaml")},
  };
  value_object_make(&arena, NULL, NULL, 0, VALUE_REFUSE, NULL, &f.subject.labels);
  add_label(&f.subject.labels, "app", "node-exporter");
  add_label(&f.subject.labels, "tier", "infra");
  return f;
}

static enum finding_state apply(struct exception_set *set, struct finding f)
{
  struct finding_list list = {.items = &f, .count = 1};
  exceptions_apply(set, &list);
  return f.state;
}

static void covers_what_matches_in_all_parts(void **state)
{
  (void)state;
  struct exception_set *set = loaded("- rule: pss-*\n"
                                     "  subject:\n"
                                     "    kind: DaemonSet\n"
                                     "    namespace: monitoring\n"
                                     "    name: node-exporter*\n"
                                     "    container: exporte?\n"
                                     "    labels: {app: node-*, tier: infra}\n"
                                     "    path: deploy/monitoring/\n"
                                     "  reason: |\n"
                                     "    it reads the host's counters\n"
                                     "  until: 2026-12-31\n",
                                     "2026-11-21");
  assert_int_equal(exceptions_count(set), 1);
  assert_int_equal(exceptions_unused(set), 1);
  struct finding other[8];
  for (size_t i = 0; i < 8; i++)
    other[i] = sample();
  other[0].rule = &rule_other;
  other[1].subject.kind = STR("Deployment");
  other[2].subject.namespace = STR_EMPTY;
  other[3].subject.name = STR("my-node-exporter");
  other[4].subject.container = STR("exporters");
  add_label(&other[5].subject.labels, "tier", "web");
  other[6].subject.labels = VALUE_NONE;
  other[7].location.file = STR("deploy/other/exporter.yaml");
  for (size_t i = 0; i < 8; i++)
    assert_int_equal(apply(set, other[i]), FINDING_OPEN);
  assert_int_equal(exceptions_unused(set), 1);
  struct finding f = sample();
  struct finding_list list = {.items = &f, .count = 1};
  exceptions_apply(set, &list);
  assert_int_equal(f.state, FINDING_EXCEPTED);
  assert_str(f.exception_reason, "it reads the host's counters");
  assert_str(f.exception_until, "2026-12-31");
  assert_int_equal(exceptions_unused(set), 0);
}

static void knows_vulnerabilities_packages_and_images(void **state)
{
  (void)state;
  static const struct rule cve = {.id = STR_INIT("CVE-2023-0464"), .severity = SEVERITY_HIGH};
  static const struct str aliases[] = {STR_INIT("GHSA-w2w6-xp88-5cvw")};
  const struct finding_package openssl = {
      .name = STR("openssl-libs"), .aliases = aliases, .alias_count = 1};
  const struct finding_package curl = {.name = STR("curl")};
  struct finding f = {.rule = &cve,
                      .subject = {.kind = STR("Image"), .name = STR("registry.example/web:1")},
                      .package = &openssl};
  struct exception_set *set = loaded("- rule: CVE-2023-0464\n"
                                     "  subject: {package: openssl*, image: 'registry.example/*'}\n"
                                     "  reason: our own certificates\n",
                                     "2026-11-21");
  assert_int_equal(apply(set, f), FINDING_EXCEPTED);
  f.package = &curl;
  assert_int_equal(apply(set, f), FINDING_OPEN);
  f.package = NULL;
  assert_int_equal(apply(set, f), FINDING_OPEN);
  f.package = &openssl;
  f.subject.name = STR("registry.other/web:1");
  assert_int_equal(apply(set, f), FINDING_OPEN);
  f.subject = (struct subject){.kind = STR("Pod"), .name = STR("registry.example/web:1")};
  assert_int_equal(apply(set, f), FINDING_OPEN);
  static const char *const scanned[] = {"Directory", "Host", "SBOM"};
  for (size_t i = 0; i < 3; i++) {
    f.subject.kind = str_from(scanned[i]);
    assert_int_equal(apply(set, f), FINDING_EXCEPTED);
  }
  set = loaded("- {rule: GHSA-*, reason: an alias}\n", "2026-11-21");
  assert_int_equal(apply(set, f), FINDING_EXCEPTED);
  f.package = &curl;
  assert_int_equal(apply(set, f), FINDING_OPEN);
  set = loaded("- {rule: CVE-*, subject: {package: '*'}, reason: any}\n", "2026-11-21");
  assert_int_equal(apply(set, f), FINDING_EXCEPTED);
  f.package = NULL;
  assert_int_equal(apply(set, f), FINDING_OPEN);
}

static void paths_are_written_as_excludes(void **state)
{
  (void)state;
  static const struct {
    const char *pattern, *file;
    enum finding_state expected;
  } rows[] = {
      {"*.yaml", "a/b/c.yaml", FINDING_EXCEPTED},
      {"monitoring/", "deploy/monitoring/x.yaml", FINDING_EXCEPTED},
      {"/deploy", "deploy/x.yaml", FINDING_EXCEPTED},
      {"/deploy", "./deploy/x.yaml", FINDING_EXCEPTED},
      {"/deploy", "a/deploy/x.yaml", FINDING_OPEN},
      {"/srv/deploy/**", "/srv/deploy/x.yaml", FINDING_EXCEPTED},
      {"deploy/*.yaml", "deploy/a/x.yaml", FINDING_OPEN},
      {"-", "-", FINDING_EXCEPTED},
      {"x.yaml", "", FINDING_OPEN},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char text[200];
    snprintf(text, sizeof text, "- {rule: \"*\", reason: r, subject: {path: \"%s\"}}\n",
             rows[i].pattern);
    struct finding f = sample();
    f.location.file = str_from(rows[i].file);
    if (apply(loaded(text, "2026-01-01"), f) != rows[i].expected)
      fail_msg("%s for %s", rows[i].pattern, rows[i].file);
  }
}

static void the_empty_namespace_means_none_named(void **state)
{
  (void)state;
  struct exception_set *set =
      loaded("- {rule: '*', reason: r, subject: {namespace: ''}}\n", "2026-01-01");
  struct finding f = sample();
  assert_int_equal(apply(set, f), FINDING_OPEN);
  f.subject.namespace = STR_EMPTY;
  assert_int_equal(apply(set, f), FINDING_EXCEPTED);
}

static void holds_through_its_last_day(void **state)
{
  (void)state;
  const char *text = "- rule: '*'\n  reason: r\n  until: \"2026-02-28\"\n";
  assert_int_equal(apply(loaded(text, "2026-02-27"), sample()), FINDING_EXCEPTED);
  assert_int_equal(apply(loaded(text, "2026-02-28"), sample()), FINDING_EXCEPTED);
  struct exception_set *ended = loaded(text, "2026-03-01");
  assert_int_equal(apply(ended, sample()), FINDING_OPEN);
  assert_int_equal(exceptions_unused(ended), 0);
  struct finding_list list;
  finding_list_init(&list, &arena);
  exceptions_report(loaded(text, "2026-02-28"), &list);
  assert_int_equal(list.count, 0);
  exceptions_report(ended, &list);
  assert_int_equal(list.count, 1);
  const struct finding *f = &list.items[0];
  assert_ptr_equal(f->rule, &exception_rule_expired);
  assert_str(f->rule->id, "exception-expired");
  assert_int_equal(f->severity, SEVERITY_MEDIUM);
  assert_int_equal(f->state, FINDING_OPEN);
  assert_str(f->location.file, ".seawall.yaml");
  assert_int_equal(f->location.line, 3);
  assert_int_equal(f->location.column, 10);
  assert_str(f->location.pointer, "/exceptions/0/until");
  assert_str(f->evidence, "2026-02-28");
  assert_str(f->message, "the exception from * ended on 2026-02-28 and covers nothing now");
  assert_int_equal(strlen(f->fingerprint), FINGERPRINT_LEN);
}

static void the_first_of_several_gives_the_reason(void **state)
{
  (void)state;
  struct exception_set *set = loaded("- {rule: '*', reason: ended, until: 2025-12-31}\n"
                                     "- {rule: 'pss-*', reason: first}\n"
                                     "- {rule: '*', reason: second, until: 2027-01-01}\n"
                                     "- {rule: 'never-?', reason: unused}\n",
                                     "2026-01-01");
  struct finding f = sample();
  struct finding_list list = {.items = &f, .count = 1};
  exceptions_apply(set, &list);
  assert_str(f.exception_reason, "first");
  assert_str(f.exception_until, "");
  assert_int_equal(exceptions_count(set), 4);
  assert_int_equal(exceptions_unused(set), 1);
}

static void nothing_is_an_empty_set(void **state)
{
  (void)state;
  assert_int_equal(exceptions_count(loaded("null\n", "2026-01-01")), 0);
  assert_int_equal(exceptions_count(loaded("[]\n", "2026-01-01")), 0);
  struct finding f = sample();
  struct finding_list list = {.items = &f, .count = 1};
  exceptions_apply(NULL, &list);
  exceptions_report(NULL, &list);
  assert_int_equal(f.state, FINDING_OPEN);
  assert_int_equal(list.count, 1);
  assert_int_equal(exceptions_count(NULL), 0);
  assert_int_equal(exceptions_unused(NULL), 0);
}

static void mistakes_are_told_with_their_place(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    uint32_t line, column;
    const char *message;
  } rows[] = {
      {"rule: x\n", 1, 1, "\"exceptions\" is a mapping, must be a list"},
      {"- x\n", 1, 3, "an exception is a text, must be a mapping with \"rule\" and \"reason\""},
      {"- {reason: r}\n", 1, 3, "the exception has no \"rule\""},
      {"- rule: x\n- rule: y\n  reason: r\n", 1, 3, "the exception has no \"reason\""},
      {"- rule: x\n  reason: '  '\n", 2, 11, "\"reason\" is empty, must be a text that says why"},
      {"- rule: x\n  reason:\n", 2, 0, "\"reason\" is empty, must be"},
      {"- rule: [x]\n  reason: r\n", 1, 9, "\"rule\" is a list, must be the id of a rule"},
      {"- rule: x\n  reason: r\n  subjet: {}\n", 3, 3,
       "unknown key \"subjet\", did you mean \"subject\"?"},
      {"- rule: x\n  reason: r\n  subject: {nmae: y}\n", 3, 13,
       "unknown key \"nmae\", did you mean \"name\"?"},
      {"- rule: x\n  reason: r\n  namespace: y\n", 3, 3,
       "unknown key \"namespace\", it belongs under \"subject\""},
      {"- rule: x\n  subject:\n    reason: r\n", 3, 5,
       "unknown key \"reason\", it belongs beside \"subject\", not under it"},
      {"- rule: x\n  reason: r\n  zzzzzzzzz: y\n", 3, 3,
       "unknown key \"zzzzzzzzz\", known are rule, subject, reason, until"},
      {"- rule: x\n  reason: r\n  subject: {name: 5}\n", 3, 19,
       "\"name\" is a number, must be a name or a pattern"},
      {"- rule: x\n  reason: r\n  subject: {name: ''}\n", 3, 19, "\"name\" is empty"},
      {"- rule: x\n  reason: r\n  subject: web\n", 3, 12,
       "\"subject\" is a text, must be a mapping"},
      {"- rule: x\n  reason: r\n  subject: {labels: [a]}\n", 3, 21,
       "\"labels\" is a list, must be a mapping of labels"},
      {"- rule: x\n  reason: r\n  subject: {labels: {app: true}}\n", 3, 27,
       "\"app\" is a boolean, must be a value or a pattern"},
      {"- rule: x\n  reason: r\n  subject: {path: '!x'}\n", 3, 19,
       "\"path\" is not a usable pattern: "},
      {"- rule: x\n  reason: r\n  until: 2026-02-29\n", 3, 10,
       "\"until\" is \"2026-02-29\", must be a date as 2026-12-31"},
      {"- rule: x\n  reason: r\n  until: 2026-1-1\n", 3, 10, "\"until\" is \"2026-1-1\""},
      {"- rule: x\n  reason: r\n  until: 2026-12-31T00:00:00Z\n", 3, 10, "must be a date"},
      {"- rule: x\n  reason: r\n  until: 20261231\n", 3, 10, "\"until\" is a number"},
      {"- rule: x\n  reason: r\n  until: null\n", 3, 10, "\"until\" is empty"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct exception_set *set = NULL;
    struct error err = {0};
    int rc = load(rows[i].text, "2026-01-01", &set, &err);
    if (rc >= 0)
      fail_msg("accepted: %s", rows[i].text);
    if (err.line != rows[i].line || (rows[i].column && err.column != rows[i].column))
      fail_msg("%u:%u, not %u:%u, for %s", err.line, err.column, rows[i].line, rows[i].column,
               rows[i].text);
    assert_null(set);
    assert_int_equal(rc, err.code);
    if (!strstr(err.message, rows[i].message))
      fail_msg("\"%s\" lacks \"%s\"", err.message, rows[i].message);
  }
}

static void too_many_are_refused(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0};
  for (int i = 0; i <= EXCEPTIONS_MAX; i++)
    buf_add_text(&text, "- {rule: x, reason: r}\n");
  struct exception_set *set = NULL;
  struct error err;
  assert_int_equal(load(buf_text(&text), "2026-01-01", &set, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "10001 exceptions are more than the limit of 10000");
  text.len -= strlen("- {rule: x, reason: r}\n");
  assert_int_equal(load(buf_text(&text), "2026-01-01", &set, &err), 0);
  assert_int_equal(exceptions_count(set), EXCEPTIONS_MAX);
}

int main(void)
{
#define WITH_ARENA(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
  const struct CMUnitTest tests[] = {
      WITH_ARENA(covers_what_matches_in_all_parts),
      WITH_ARENA(knows_vulnerabilities_packages_and_images),
      WITH_ARENA(paths_are_written_as_excludes),
      WITH_ARENA(the_empty_namespace_means_none_named),
      WITH_ARENA(holds_through_its_last_day),
      WITH_ARENA(the_first_of_several_gives_the_reason),
      WITH_ARENA(nothing_is_an_empty_set),
      WITH_ARENA(mistakes_are_told_with_their_place),
      WITH_ARENA(too_many_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
