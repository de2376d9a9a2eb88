#include "../test.h"

#include "data/json.h"
#include "data/patch.h"
#include "data/pointer.h"
#include "data/yaml.h"
#include "policy/podsecurity_scan.h"
#include "policy/rule_library.h"

#include <stdlib.h>
#include <unistd.h>

static const char deployment[] = "apiVersion: apps/v1\n"
                                 "kind: Deployment\n"
                                 "metadata: {name: web, namespace: shop}\n"
                                 "spec:\n"
                                 "  template:\n"
                                 "    spec:\n"
                                 "      containers:\n"
                                 "      - name: a\n"
                                 "        image: nginx:latest\n"
                                 "        securityContext:\n"
                                 "          privileged: true\n"
                                 "      - name: b\n"
                                 "        image: nginx:1.25\n"
                                 "        securityContext: {}\n";

struct fixture {
  struct arena arena;
  char folder[64];
  struct rule_library_options options;
  struct rule_library *library;
  struct rule_judge *judge;
  struct finding_list list;
  struct rule_failures failures;
  uint64_t judged[16];
};

static int setup(void **state)
{
  struct fixture *f = mem_zalloc(1, sizeof *f);
  arena_init(&f->arena, 0);
  snprintf(f->folder, sizeof f->folder, "/tmp/seawall-library-XXXXXX");
  assert_non_null(mkdtemp(f->folder));
  f->options.target = (struct podsecurity_target){PODSECURITY_PRIVILEGED, PODSECURITY_LATEST};
  *state = f;
  return 0;
}

static const char *path_of(struct fixture *f, const char *name)
{
  static char path[256];
  snprintf(path, sizeof path, "%s/%s", f->folder, name);
  return path;
}

static void close_library(struct fixture *f)
{
  rule_judge_free(f->judge);
  rule_library_free(f->library);
  f->judge = NULL;
  f->library = NULL;
  memset(f->judged, 0, sizeof f->judged);
}

static int teardown(void **state)
{
  struct fixture *f = *state;
  close_library(f);
  unlink(path_of(f, "x.rego"));
  rmdir(f->folder);
  arena_free(&f->arena);
  mem_free(f);
  return 0;
}

static void open_library(struct fixture *f)
{
  struct error err;
  if (rule_library_new(&f->options, &f->library, &err) < 0) {
    print_error("%s\n", err.message);
    fail();
  }
  f->judge = rule_judge_new(f->library);
}

/* Reads and judges one object; what the last judging found stays in f->list. */
static struct value judge(struct fixture *f, const char *text)
{
  struct yaml_options options = {.positions = true, .symbols = rule_library_symbols(f->library)};
  struct str copy = arena_copy(&f->arena, str_from(text));
  struct yaml_reader *reader = yaml_reader_new(copy, &options);
  struct yaml_document document;
  struct kube_object object;
  struct location place = {.file = STR("web.yaml")};
  struct error err;
  assert_int_equal(yaml_reader_next(reader, &f->arena, &document, &err), 1);
  yaml_reader_free(reader);
  assert_true(kube_object_read(document.root, document.position, &object));
  finding_list_init(&f->list, &f->arena);
  unsigned pods = podsecurity_scan(&f->list, &object, f->options.target, &place);
  rule_judge_object(f->judge, &object, &place, pods, 0, &f->list, f->judged, &f->failures);
  return document.root;
}

static const struct finding *find(const struct fixture *f, const char *id, size_t nth)
{
  for (size_t i = 0; i < f->list.count; i++)
    if (str_eq(f->list.items[i].rule->id, str_from(id)) && nth-- == 0)
      return &f->list.items[i];
  return NULL;
}

static size_t count(const struct fixture *f, const char *id)
{
  size_t n = 0;
  while (find(f, id, n))
    n++;
  return n;
}

static void only(struct fixture *f, const struct str *ids, size_t n)
{
  f->options.only = ids;
  f->options.only_count = n;
}

static size_t number_of(const struct fixture *f, const char *id)
{
  for (size_t i = 0; i < rule_library_count(f->library); i++)
    if (str_eq(rule_library_rule(f->library, i)->id, str_from(id)))
      return i;
  return SIZE_MAX;
}

static void the_library_is_large_and_its_ids_differ(void **state)
{
  struct fixture *f = *state;
  open_library(f);
  size_t n = rule_library_count(f->library);
  assert_true(n >= 120 + PODSECURITY_RULE_COUNT);
  for (size_t i = 0; i < n; i++) {
    const struct rule *r = rule_library_rule(f->library, i);
    assert_int_equal(rule_library_index(f->library, r), i);
    for (size_t k = 0; k < i; k++)
      assert_false(str_eq(r->id, rule_library_rule(f->library, k)->id));
  }
}

/* Controls of Pod Security's rules are written in C; the catalogue must know them. */
static void every_control_is_in_its_catalogue(void **state)
{
  struct fixture *f = *state;
  const struct rule_image *image = &rule_image_builtin;
  open_library(f);
  for (size_t i = 0; i < rule_library_count(f->library); i++) {
    const struct rule *r = rule_library_rule(f->library, i);
    for (size_t c = 0; c < r->control_count; c++) {
      const struct framework *framework =
          framework_find(image->frameworks, image->framework_count, r->controls[c].framework);
      assert_non_null(framework);
      assert_non_null(framework_control(framework, r->controls[c].id));
    }
  }
}

static void findings_have_place_subject_and_evidence(void **state)
{
  struct fixture *f = *state;
  open_library(f);
  judge(f, deployment);
  assert_int_equal(f->failures.count, 0);
  const struct finding *found = find(f, "privileged-container", 0);
  assert_non_null(found);
  assert_int_equal(count(f, "privileged-container"), 1);
  assert_int_equal(found->severity, SEVERITY_CRITICAL);
  assert_str(found->message, "container \"a\" is privileged");
  assert_str(found->subject.container, "a");
  assert_str(found->subject.name, "web");
  assert_str(found->evidence, "true");
  assert_int_equal(found->location.line, 11);
  assert_str(found->location.pointer,
             "/spec/template/spec/containers/0/securityContext/privileged");
}

static void a_brief_judge_finds_the_same(void **state)
{
  struct fixture *f = *state;
  open_library(f);
  judge(f, deployment);
  struct finding_list whole = f->list;
  size_t fixes = 0;
  rule_judge_brief(f->judge);
  judge(f, deployment);
  assert_true(whole.count > 0);
  assert_int_equal(f->list.count, whole.count);
  for (size_t i = 0; i < whole.count; i++) {
    const struct finding *a = &whole.items[i], *b = &f->list.items[i];
    fixes += !value_is(a->fix, VALUE_ABSENT);
    assert_ptr_equal(a->rule, b->rule);
    assert_true(str_eq(a->message, b->message));
    assert_true(str_eq(a->location.pointer, b->location.pointer));
    assert_int_equal(a->severity, b->severity);
    assert_true(value_is(b->fix, VALUE_ABSENT));
    assert_int_equal(b->evidence.len, 0);
  }
  assert_true(fixes > 0);
}

static void a_fix_is_a_patch_that_mends(void **state)
{
  static const struct str id = STR_INIT("privilege-escalation");
  struct fixture *f = *state;
  only(f, &id, 1);
  open_library(f);
  struct value root = judge(f, deployment);
  assert_int_equal(count(f, "privilege-escalation"), 2);
  for (size_t i = 0; i < 2; i++) {
    const struct finding *found = find(f, "privilege-escalation", i);
    if (str_eq(found->subject.container, STR("a"))) {
      /* Privileged: the API server refuses the two together. */
      assert_true(value_is(found->fix, VALUE_ABSENT));
      continue;
    }
    struct value mended;
    struct error err;
    assert_int_equal(patch_apply_document(&f->arena, root, found->fix, &mended, &err), 0);
    assert_true(value_is_false(pointer_get(
        mended, STR("/spec/template/spec/containers/1/securityContext/allowPrivilegeEscalation"))));
  }
}

static void what_pod_security_tells_is_told_once(void **state)
{
  struct fixture *f = *state;
  f->options.target.level = PODSECURITY_BASELINE;
  open_library(f);
  judge(f, deployment);
  assert_int_equal(count(f, "pss-privileged"), 1);
  assert_int_equal(count(f, "privileged-container"), 0);
  assert_int_equal(count(f, "privilege-escalation"), 2); /* no check of baseline */
  close_library(f);
  f->options.target.level = PODSECURITY_RESTRICTED;
  open_library(f);
  judge(f, "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n"
           "  volumes: [{name: v, hostPath: {path: /etc}}]\n"
           "  containers: [{name: a, securityContext: {capabilities: {add: [SYS_ADMIN]}}}]\n");
  assert_int_equal(count(f, "pss-host-path-volumes"), 1); /* a restricted check stands for it */
  assert_int_equal(count(f, "host-path-sensitive"), 0);
  assert_int_equal(count(f, "capability-dangerous"), 0);
  close_library(f);
  f->options.target.level = PODSECURITY_BASELINE;
  static const struct str id = STR_INIT("pss-privileged");
  f->options.skip = &id;
  f->options.skip_count = 1;
  open_library(f);
  judge(f, deployment);
  assert_int_equal(count(f, "pss-privileged"), 0);
  assert_int_equal(count(f, "privileged-container"), 1);
}

static void rules_are_chosen_by_id_and_framework(void **state)
{
  static const struct str ids[] = {STR_INIT("image-tag-latest"), STR_INIT("pss-privileged")};
  static const struct str nsa = STR_INIT("nsa");
  struct fixture *f = *state;
  only(f, ids, 2);
  open_library(f);
  judge(f, deployment);
  assert_int_equal(f->list.count, 1);
  assert_int_equal(count(f, "image-tag-latest"), 1);
  close_library(f);
  only(f, NULL, 0);
  f->options.frameworks = &nsa;
  f->options.framework_count = 1;
  open_library(f);
  judge(f, deployment);
  assert_true(count(f, "privileged-container") == 1 && count(f, "image-pull-policy") == 0);
}

static void the_configuration_disables_and_rates(void **state)
{
  static const struct rule_setting settings[] = {
      {.id = STR_INIT("image-tag-latest"), .disabled = true},
      {.id = STR_INIT("privileged-container"), .severity = SEVERITY_LOW},
  };
  struct fixture *f = *state;
  f->options.settings = settings;
  f->options.setting_count = 2;
  open_library(f);
  judge(f, deployment);
  assert_int_equal(count(f, "image-tag-latest"), 0);
  assert_int_equal(find(f, "privileged-container", 0)->severity, SEVERITY_LOW);
}

static bool is_elsewhere(struct str id)
{
  return str_eq(id, STR("dockerfile-sudo"));
}

/* One configuration speaks to several scans. */
static void settings_may_be_for_other_scans(void **state)
{
  static const struct rule_setting settings[] = {
      {.id = STR_INIT("dockerfile-sudo"), .disabled = true},
      {.id = STR_INIT("dockerfile-sudi"), .disabled = true},
  };
  struct fixture *f = *state;
  struct error err;
  f->options.settings = settings;
  f->options.setting_count = 1;
  assert_int_equal(rule_library_new(&f->options, &f->library, &err), SW_EUSAGE);
  f->options.known_elsewhere = is_elsewhere;
  open_library(f);
  close_library(f);
  f->options.setting_count = 2;
  assert_int_equal(rule_library_new(&f->options, &f->library, &err), SW_EUSAGE);
  assert_error(err, SW_EUSAGE, "there is no rule \"dockerfile-sudi\"");
}

static struct value parse(struct fixture *f, const char *json)
{
  struct value v;
  struct error err;
  struct json_options options = {0};
  assert_int_equal(json_parse(&f->arena, str_from(json), &options, &v, &err), 0);
  return v;
}

static void parameters_reach_the_rules(void **state)
{
  static const struct str id = STR_INIT("image-registry");
  struct fixture *f = *state;
  only(f, &id, 1);
  open_library(f);
  judge(f, deployment);
  assert_int_equal(f->list.count, 0);
  close_library(f);
  f->options.parameters = parse(f, "{\"allowedRegistries\": [\"registry.example.com\"]}");
  open_library(f);
  judge(f, deployment);
  assert_int_equal(f->list.count, 2);
}

static void parameters_are_checked(void **state)
{
  struct fixture *f = *state;
  struct error err;
  assert_int_equal(rule_library_check_parameters(VALUE_NONE, &err), 0);
  assert_int_equal(rule_library_check_parameters(parse(f, "{\"minimumReplicas\": 3}"), &err), 0);
  assert_int_equal(rule_library_check_parameters(parse(f, "{\"nothing\": 3}"), &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "unknown parameter \"nothing\"");
  assert_int_equal(rule_library_check_parameters(parse(f, "{\"minimumReplicas\": \"3\"}"), &err),
                   SW_EINVAL);
  assert_error(err, SW_EINVAL, "must be a number");
  assert_int_equal(rule_library_check_parameters(parse(f, "{\"allowedRegistries\": [1]}"), &err),
                   SW_EINVAL);
  assert_int_equal(rule_library_check_parameters(parse(f, "[]"), &err), SW_EINVAL);
}

static void unknown_ids_are_refused_with_a_suggestion(void **state)
{
  static const struct str id = STR_INIT("priveleged-container"), framework = STR_INIT("iso");
  struct fixture *f = *state;
  struct error err;
  only(f, &id, 1);
  assert_int_equal(rule_library_new(&f->options, &f->library, &err), SW_EUSAGE);
  assert_error(err, SW_EUSAGE, "did you mean \"privileged-container\"?");
  only(f, NULL, 0);
  f->options.frameworks = &framework;
  f->options.framework_count = 1;
  assert_int_equal(rule_library_new(&f->options, &f->library, &err), SW_EUSAGE);
  assert_error(err, SW_EUSAGE, "no framework \"iso\"");
}

static void what_was_judged_is_marked(void **state)
{
  struct fixture *f = *state;
  open_library(f);
  judge(f, "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {type: NodePort}\n");
  size_t node_port = number_of(f, "service-node-port"), host_pid = number_of(f, "host-pid");
  assert_true(f->judged[node_port / 64] >> (node_port % 64) & 1);
  assert_false(f->judged[host_pid / 64] >> (host_pid % 64) & 1);
}

/* ---- users' rules */

static void with_rule(struct fixture *f, const char *text)
{
  static const char *folder;
  FILE *file = fopen(path_of(f, "x.rego"), "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
  folder = f->folder;
  f->options.directories = &folder;
  f->options.directory_count = 1;
  f->options.without_builtin = true;
}

static void a_rule_of_the_library_s_form(void **state)
{
  struct fixture *f = *state;
  with_rule(f, "# METADATA\n# title: A team is missing\n# description: Whom to ask?\n"
               "# related_resources:\n#   - https://example.com\n# custom:\n#   id: my-team\n"
               "#   severity: low\n#   remedy: Say who.\n#   kinds: [apps/Deployment]\n"
               "package seawall.rules.my_team\n\nimport data.seawall.lib.pod\n\n"
               "finding contains {\"message\": sprintf(\"%v containers\", [count(pod.containers)]),"
               " \"path\": [\"metadata\"]} if not input.object.metadata.labels.team\n");
  open_library(f);
  judge(f, deployment);
  assert_int_equal(f->failures.count, 0);
  const struct finding *found = find(f, "my-team", 0);
  assert_non_null(found);
  assert_str(found->message, "2 containers");
  assert_int_equal(found->location.line, 3);
}

static void rules_of_conftest(void **state)
{
  struct fixture *f = *state;
  with_rule(
      f,
      "package main\n\n"
      "deny contains msg if {\n\tinput.kind == \"Deployment\"\n\tmsg := \"no deployments\"\n}\n\n"
      "warn_name contains {\"msg\": \"call it otherwise\"} if input.metadata.name == \"web\"\n");
  open_library(f);
  judge(f, deployment);
  assert_int_equal(f->failures.count, 0);
  assert_str(find(f, "main.deny", 0)->message, "no deployments");
  assert_int_equal(find(f, "main.deny", 0)->severity, SEVERITY_HIGH);
  assert_str(find(f, "main.warn_name", 0)->message, "call it otherwise");
  assert_int_equal(find(f, "main.warn_name", 0)->severity, SEVERITY_LOW);
}

static void rules_of_older_rego_over_admission_reviews(void **state)
{
  struct fixture *f = *state;
  with_rule(f, "package kubernetes.admission\n\n"
               "deny[msg] {\n\tinput.request.kind.kind == \"Deployment\"\n"
               "\tinput.request.operation == \"CREATE\"\n"
               "\tmsg := sprintf(\"refused: %v\", [input.request.object.metadata.name])\n}\n");
  open_library(f);
  judge(f, deployment);
  assert_str(find(f, "kubernetes.admission.deny", 0)->message, "refused: web");
}

static void system_main_answers(void **state)
{
  struct fixture *f = *state;
  with_rule(f, "package system\n\n"
               "main := {\"response\": {\"allowed\": false, \"status\": {\"message\": \"no\"}}} if "
               "input.request.namespace == \"shop\"\n\n"
               "else := {\"response\": {\"allowed\": true}}\n");
  open_library(f);
  judge(f, deployment);
  assert_str(find(f, "system.main", 0)->message, "no");
  judge(f, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
  assert_int_equal(f->list.count, 0);
}

static void a_rule_that_fails_is_told(void **state)
{
  struct fixture *f = *state;
  with_rule(f, "package main\n\n"
               "p := 1 if input.kind\n\np := 2 if input.kind\n\n"
               "deny contains \"x\" if p == 1\n\nwarn contains \"y\" if input.kind\n");
  open_library(f);
  judge(f, deployment);
  assert_int_equal(f->failures.count, 1);
  assert_str(f->failures.items[0].rule->id, "main.deny");
  assert_non_null(strstr(f->failures.items[0].message.data, "eval_conflict_error"));
  assert_int_equal(count(f, "main.warn"), 1); /* the others are asked all the same */
}

static void a_rule_that_never_ends_is_stopped(void **state)
{
  struct fixture *f = *state;
  with_rule(f, "package main\n\n"
               "deny contains \"x\" if {\n\tsome a in numbers.range(1, 5000)\n"
               "\tsome b in numbers.range(1, 5000)\n\ta * b < 0\n}\n\n"
               "warn contains \"y\" if input.kind\n");
  open_library(f);
  judge(f, deployment);
  assert_int_equal(f->failures.count, 1);
  assert_int_equal(count(f, "main.warn"), 1); /* with a budget of its own */
}

static void answers_that_are_none_are_failures(void **state)
{
  struct fixture *f = *state;
  with_rule(f, "package main\n\ndeny contains 5 if input.kind\n");
  open_library(f);
  judge(f, deployment);
  assert_int_equal(f->failures.count, 1);
  assert_int_equal(f->list.count, 0);
}

static void refuse_rule(struct fixture *f, const char *text, const char *message)
{
  struct error err;
  with_rule(f, text);
  assert_true(rule_library_new(&f->options, &f->library, &err) < 0);
  if (!strstr(err.message, message))
    print_error("%s\n", err.message);
  assert_non_null(strstr(err.message, message));
}

static void broken_rules_are_told_with_file_and_line(void **state)
{
  struct fixture *f = *state;
  refuse_rule(f, "package main\n\ndeny contains x if y\n", "x.rego:3");
  refuse_rule(f, "package main\n\ndeny contains ]\n", "x.rego:3:");
  refuse_rule(f, "package main\n\np := 1\n", "no rule");
  refuse_rule(
      f, "# METADATA\n# title: x\n# custom:\n#   id: a-b\npackage seawall.rules.a_b\n\np := 1\n",
      "x.rego:1: ");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
      TEST(the_library_is_large_and_its_ids_differ),
      TEST(every_control_is_in_its_catalogue),
      TEST(findings_have_place_subject_and_evidence),
      TEST(a_brief_judge_finds_the_same),
      TEST(a_fix_is_a_patch_that_mends),
      TEST(what_pod_security_tells_is_told_once),
      TEST(rules_are_chosen_by_id_and_framework),
      TEST(the_configuration_disables_and_rates),
      TEST(settings_may_be_for_other_scans),
      TEST(parameters_reach_the_rules),
      TEST(parameters_are_checked),
      TEST(unknown_ids_are_refused_with_a_suggestion),
      TEST(what_was_judged_is_marked),
      TEST(a_rule_of_the_library_s_form),
      TEST(rules_of_conftest),
      TEST(rules_of_older_rego_over_admission_reviews),
      TEST(system_main_answers),
      TEST(a_rule_that_fails_is_told),
      TEST(a_rule_that_never_ends_is_stopped),
      TEST(answers_that_are_none_are_failures),
      TEST(broken_rules_are_told_with_file_and_line),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
