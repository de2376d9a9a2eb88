#include "../test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "policy/gatekeeper_suite.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static struct buf shown;
static struct gatekeeper_verify_summary summary;
static struct error err;

static int set_up(void **state)
{
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/seawall-suite.XXXXXX");
  buf_clear(&shown);
  return mkdtemp(folder) ? 0 : -1;
}

static const char *const names[] = {"suite.yaml",     "template.yaml", "constraint.yaml",
                                    "good.yaml",      "bad.yaml",      "two.yaml",
                                    "review.yaml",    "none.yaml",     "invalid.yaml",
                                    "namespace.yaml", "broken.yaml",   "selector.yaml"};

static int tear_down(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[160];
    snprintf(path, sizeof path, "%s/%s", folder, names[i]);
    unlink(path);
  }
  buf_free(&shown);
  return rmdir(folder);
}

static void write_file(const char *name, const char *text)
{
  char path[160];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

/* Outcomes and messages as lines, with file names without their folder. */
static void show(void *ctx, const struct gatekeeper_suite_result *suite)
{
  static const char *const words[] = {"passed", "failed", "skipped"};
  (void)ctx;
  buf_printf(&shown, "suite %s: %.*s\n", words[suite->outcome], STR_FMT(suite->message));
  for (uint32_t t = 0; t < suite->test_count; t++) {
    const struct gatekeeper_test_result *test = &suite->tests[t];
    buf_printf(&shown, "%.*s %s: %.*s\n", STR_FMT(test->name), words[test->outcome],
               STR_FMT(test->message));
    for (uint32_t c = 0; c < test->case_count; c++)
      buf_printf(&shown, "  %.*s %s %u: %.*s%s%.*s\n", STR_FMT(test->cases[c].name),
                 words[test->cases[c].outcome], test->cases[c].violations,
                 STR_FMT(test->cases[c].message), test->cases[c].printed.len ? " printed " : "",
                 STR_FMT(test->cases[c].printed));
  }
}

static int run(const char *filter, bool print)
{
  const char *path = folder;
  struct gatekeeper_verify verify = {
      .paths = &path, .path_count = 1, .run = filter, .print = print, .suite = show};
  return gatekeeper_verify_run(&verify, &summary, &err);
}

static const char template[] =
    "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: labels}\n"
    "spec:\n  crd: {spec: {names: {kind: Labels}, validation: {openAPIV3Schema: {type: object, "
    "properties: {labels: {type: array, items: {type: string}}}}}}}\n"
    "  targets:\n  - target: admission.k8s.gatekeeper.sh\n    rego: |\n      package labels\n"
    "      violation[{\"msg\": msg}] {\n        label := input.parameters.labels[_]\n"
    "        not input.review.object.metadata.labels[label]\n        print(\"looked at\", label)\n"
    "        msg := sprintf(\"no label %v\", [label])\n      }\n";

static void write_policies(void)
{
  write_file("template.yaml", template);
  write_file("constraint.yaml",
             "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Labels\nmetadata: {name: c}\n"
             "spec: {parameters: {labels: [owner, team]}}\n");
  write_file("good.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: good, labels: {owner: a, "
                          "team: b}}\n");
  write_file("bad.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: bad}\n");
}

#define SUITE "kind: Suite\napiVersion: test.gatekeeper.sh/v1alpha1\n"
#define TEST                                                                                       \
  SUITE "tests:\n- name: one\n  template: template.yaml\n  constraint: constraint.yaml\n  cases:\n"

static void assert_shown(const char *expected)
{
  assert_str(buf_str(&shown), expected);
}

static void judges_assertions(void **state)
{
  (void)state;
  write_policies();
  write_file(
      "suite.yaml", TEST
      "  - {name: a, object: bad.yaml, assertions: [{violations: yes}]}\n"
      "  - {name: b, object: bad.yaml, assertions: [{violations: 2}]}\n"
      "  - {name: c, object: bad.yaml, assertions: [{}]}\n"
      "  - {name: d, object: bad.yaml, assertions: [{message: '^no label t', violations: 1}]}\n"
      "  - {name: e, object: good.yaml, assertions: [{violations: no}]}\n"
      "  - {name: f, object: good.yaml, assertions: [{violations: 0}]}\n"
      "  - {name: g, object: bad.yaml, assertions: [{violations: no}]}\n"
      "  - {name: h, object: bad.yaml, assertions: [{violations: yes}, {violations: 3}]}\n"
      "  - {name: i, object: good.yaml, assertions: [{violations: yes}]}\n"
      "  - {name: j, object: bad.yaml, assertions: [{violations: 2, message: owner}]}\n"
      "  - {name: k, object: bad.yaml, assertions: [{violations: maybe}]}\n"
      "  - {name: l, object: bad.yaml, assertions: [{violations: -1}]}\n"
      "  - {name: m, object: bad.yaml, assertions: [{message: '('}]}\n");
  assert_int_equal(run(NULL, false), 0);
  assert_shown(
      "suite failed: \none failed: \n  a passed 2: \n  b passed 2: \n  c passed 2: \n"
      "  d passed 2: \n  e passed 0: \n  f passed 0: \n"
      "  g failed 2: expected no violations, got 2:\n  - no label owner\n  - no label team\n"
      "  h failed 2: expected exactly 3 violations, got 2:\n  - no label owner\n  - no label team\n"
      "  i failed 0: expected at least 1 violation, got 0\n"
      "  j failed 2: expected exactly 2 violations with a message that matches \"owner\", got 1 of "
      "2:\n  - no label owner\n  - no label team\n"
      "  k failed 2: violations must be yes, no or a number from 0\n"
      "  l failed 2: violations must be yes, no or a number from 0\n"
      "  m failed 2: message: the regular expression \"(\": parentheses that do not match\n");
  assert_int_equal(summary.passed, 6);
  assert_int_equal(summary.failed, 7);
  assert_int_equal(summary.suites, 1);
  assert_int_equal(summary.tests, 1);
}

static void tells_what_cannot_be_run(void **state)
{
  (void)state;
  write_policies();
  write_file("two.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\n"
                         "apiVersion: v1\nkind: Pod\nmetadata: {name: b}\n");
  write_file("none.yaml", "# nothing\n");
  write_file("broken.yaml", "apiVersion: v1\nkind: [\n");
  write_file(
      "suite.yaml", TEST
      "  - {name: a, assertions: [{violations: yes}]}\n"
      "  - {name: b, object: bad.yaml}\n"
      "  - {name: c, object: missing.yaml, assertions: [{violations: yes}]}\n"
      "  - {name: d, object: two.yaml, assertions: [{violations: yes}]}\n"
      "  - {name: e, object: none.yaml, assertions: [{violations: yes}]}\n"
      "  - {name: f, object: /etc/hostname, assertions: [{violations: yes}]}\n"
      "  - {name: g, object: bad.yaml, inventory: [none.yaml], assertions: [{violations: yes}]}\n"
      "- {name: no-template, constraint: constraint.yaml}\n"
      "- {name: no-constraint, template: template.yaml}\n"
      "- {name: swapped, template: constraint.yaml, constraint: constraint.yaml}\n"
      "- {name: expands, template: template.yaml, constraint: constraint.yaml, expansion: "
      "x.yaml}\n"
      "- {name: a-pod, template: template.yaml, constraint: bad.yaml}\n");
  assert_int_equal(run(NULL, false), 0);
  _cleanup_(buf_free) struct buf expected = {0};
  buf_printf(&expected,
             "suite failed: \none failed: \n  a failed 0: the case names no object\n"
             "  b failed 0: the case asserts nothing\n"
             "  c failed 0: %s/missing.yaml: cannot be opened: No such file or directory\n"
             "  d failed 0: two.yaml: there must be one object in it, there are 2\n"
             "  e failed 0: none.yaml: there is no object in it\n"
             "  f failed 0: /etc/hostname: names of files must be relative to the suite\n"
             "  g failed 0: inventory: none.yaml: there is no object in it\n"
             "no-template failed: the test names no template\n"
             "no-constraint failed: the test names no constraint\n"
             "swapped failed: constraint.yaml: not a ConstraintTemplate\n"
             "expands failed: expansion templates are not supported yet\n"
             "a-pod failed: bad.yaml: not a constraint\n",
             folder);
  assert_shown(buf_text(&expected));
  assert_int_equal(summary.failed, 12);
}

static void expects_invalid_constraints(void **state)
{
  (void)state;
  write_policies();
  write_file("invalid.yaml",
             "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Labels\nmetadata: {name: c}\n"
             "spec: {parameters: {labels: owner}}\n");
  write_file("none.yaml",
             "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Labels\nmetadata: {name: c}\n"
             "spec: {enforcementAction: never}\n");
  write_file("suite.yaml", SUITE
             "tests:\n"
             "- {name: as-it-should, template: template.yaml, constraint: invalid.yaml, invalid: "
             "true}\n"
             "- {name: fits, template: template.yaml, constraint: constraint.yaml, invalid: true}\n"
             "- {name: not-the-schema, template: template.yaml, constraint: none.yaml, invalid: "
             "true}\n"
             "- {name: does-not-fit, template: template.yaml, constraint: invalid.yaml}\n");
  assert_int_equal(run(NULL, false), 0);
  assert_shown("suite failed: \nas-it-should passed: \n"
               "fits failed: the constraint should not fit the template's schema, but it does\n"
               "not-the-schema failed: none.yaml:1: Labels c: spec.enforcementAction \"never\" is "
               "not one of deny, warn, dryrun, scoped\n"
               "does-not-fit failed: invalid.yaml:1: Labels c: spec.parameters.labels: must be an "
               "array, is a string\n");
  assert_int_equal(summary.passed, 1);
}

static void takes_admission_reviews_and_inventory(void **state)
{
  (void)state;
  write_policies();
  write_file("review.yaml",
             "apiVersion: admission.k8s.io/v1\nkind: AdmissionReview\nrequest:\n  uid: a\n"
             "  operation: DELETE\n  namespace: shop\n  oldObject: {apiVersion: v1, kind: Pod, "
             "metadata: {name: a, namespace: shop}}\n");
  write_file("broken.yaml", "apiVersion: admission.k8s.io/v1\nkind: AdmissionReview\nrequest:\n  "
                            "object: {apiVersion: v1, kind: Pod}\n  verb: x\n");
  write_file("none.yaml", "apiVersion: admission.k8s.io/v1\nkind: AdmissionReview\n");
  write_file("two.yaml", "apiVersion: admission.k8s.io/v1\nkind: AdmissionReview\nrequest: "
                         "{operation: CREATE}\n");
  write_file("namespace.yaml",
             "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {tier: a}}\n");
  write_file("selector.yaml",
             "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Labels\nmetadata: {name: c}\n"
             "spec:\n  match: {namespaceSelector: {matchLabels: {tier: b}}}\n"
             "  parameters: {labels: [owner]}\n");
  write_file("suite.yaml", TEST
             "  - {name: a, object: review.yaml, assertions: [{violations: 2}]}\n"
             "  - {name: b, object: broken.yaml, assertions: [{violations: 2}]}\n"
             "  - {name: c, object: none.yaml, assertions: [{violations: 2}]}\n"
             "  - {name: d, object: two.yaml, assertions: [{violations: 2}]}\n"
             "- name: selects\n  template: template.yaml\n  constraint: selector.yaml\n  cases:\n"
             "  - {name: a, object: review.yaml, inventory: [namespace.yaml], assertions: "
             "[{violations: no}]}\n"
             "  - {name: b, object: review.yaml, assertions: [{message: not known}]}\n");
  assert_int_equal(run(NULL, false), 0);
  assert_shown(
      "suite failed: \none failed: \n  a passed 2: \n"
      "  b failed 0: broken.yaml: not an AdmissionReview: request.verb is a field that the "
      "schema does not know\n"
      "  c failed 0: none.yaml: the AdmissionReview has no request\n"
      "  d failed 0: two.yaml: there is neither object nor oldObject to review\n"
      "selects passed: \n  a passed 0: \n  b passed 1: \n");
}

static void filters_and_skips(void **state)
{
  (void)state;
  static const struct {
    const char *run, *ran;
  } cases[] = {
      {"", "one.a one.b two.a two.ab "}, {"one", "one.a one.b "}, {"^a$", "one.a two.a "},
      {"//b", "one.b two.ab "},          {"two//^a$", "two.a "},  {"^on//", "one.a one.b "},
      {"b|one", "one.a one.b two.ab "},  {"nothing", ""},
  };
#define CASE(name) "  - {name: " name ", object: bad.yaml, assertions: [{}]}\n"
  write_policies();
  write_file("suite.yaml",
             TEST CASE("a")
                 CASE("b") "  - {name: s, skip: true, object: x, assertions: [{}]}\n"
                           "- name: two\n  template: template.yaml\n  constraint: "
                           "constraint.yaml\n  cases:\n" CASE("a")
                               CASE("ab") "- {name: three, skip: true, cases: [{name: a}]}\n");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    _cleanup_(buf_free) struct buf ran = {0};
    struct str rest, test = STR_EMPTY;
    buf_clear(&shown);
    assert_int_equal(run(cases[i].run, false), 0);
    for (rest = buf_str(&shown); rest.data;) {
      struct str line = str_cut(rest, '\n', &rest), behind;
      struct str first = str_cut(str_trim(line), ' ', &behind);
      if (!str_starts(line, STR("  ")))
        test = first;
      else if (str_starts(behind, STR("passed")))
        buf_printf(&ran, "%.*s.%.*s ", STR_FMT(test), STR_FMT(first));
    }
    assert_str(buf_str(&ran), cases[i].ran);
    assert_int_equal(summary.passed + summary.skipped, 6);
  }
  assert_int_equal(run("a//b//c", false), SW_EUSAGE);
  assert_error(err, SW_EUSAGE, "more than one");
  assert_int_equal(run("(", false), SW_EUSAGE);
  assert_error(err, SW_EUSAGE, "--run: the regular expression \"(\"");
}

static void keeps_what_is_printed(void **state)
{
  (void)state;
  write_policies();
  write_file("suite.yaml", TEST "  - {name: a, object: bad.yaml, assertions: [{violations: 2}]}\n");
  assert_int_equal(run(NULL, true), 0);
  assert_shown("suite passed: \none passed: \n  a passed 2:  printed looked at owner\n"
               "looked at team\n\n");
  buf_clear(&shown);
  assert_int_equal(run(NULL, false), 0);
  assert_shown("suite passed: \none passed: \n  a passed 2: \n");
}

static void tells_broken_suites(void **state)
{
  (void)state;
  static const struct {
    const char *text, *shown;
  } cases[] = {
      {SUITE "tests: {}\n", "suite failed: tests must be an array, is an object\n"},
      {SUITE "tests: [{name: 5}]\n", "suite failed: tests[0].name must be a string, is a number\n"},
      {SUITE "skip: false\nskip: true\n",
       "suite failed: line 4: key \"skip\" is given twice in one mapping\n"},
      {SUITE "skip: true\ntests: [{cases: [{}]}]\n", "suite skipped: \n"},
      {SUITE, "suite passed: \n"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    buf_clear(&shown);
    write_file("suite.yaml", cases[i].text);
    assert_int_equal(run(NULL, false), 0);
    assert_shown(cases[i].shown);
  }
  assert_int_equal(summary.broken_suites, 0);
  write_file("suite.yaml", "# of test.gatekeeper.sh\na: [\n");
  buf_clear(&shown);
  assert_int_equal(run(NULL, false), 0);
  assert_int_equal(summary.broken_suites, 1);
}

static void needs_a_suite(void **state)
{
  (void)state;
  write_policies();
  assert_int_equal(run(NULL, false), SW_ENOTFOUND);
  assert_error(err, SW_ENOTFOUND, "there is no suite");
  const char *path = "/nowhere/at/all";
  struct gatekeeper_verify verify = {.paths = &path, .path_count = 1, .suite = show};
  assert_int_equal(gatekeeper_verify_run(&verify, &summary, &err), SW_ENOENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(judges_assertions, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tells_what_cannot_be_run, set_up, tear_down),
      cmocka_unit_test_setup_teardown(expects_invalid_constraints, set_up, tear_down),
      cmocka_unit_test_setup_teardown(takes_admission_reviews_and_inventory, set_up, tear_down),
      cmocka_unit_test_setup_teardown(filters_and_skips, set_up, tear_down),
      cmocka_unit_test_setup_teardown(keeps_what_is_printed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tells_broken_suites, set_up, tear_down),
      cmocka_unit_test_setup_teardown(needs_a_suite, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
