#include "../test.h"

#include "data/json.h"
#include "data/json_write.h"
#include "data/patch.h"
#include "data/pointer.h"
#include "kube/keys.h"
#include "policy/podsecurity_scan.h"

static struct arena arena;
static struct finding_list findings;
static struct value document;

static int set_up(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  finding_list_init(&findings, &arena);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

/* Scans all objects of a document written with ' for ". Returns how many pods were judged. */
static unsigned scan_at(enum podsecurity_level level, const char *quoted)
{
  struct json_options options = {.positions = true};
  struct podsecurity_target target = {level, PODSECURITY_LATEST};
  struct location place = {.file = STR("web.json"), .document = 2};
  struct kube_objects it;
  struct kube_object object;
  struct error err;
  unsigned pods = 0;
  char *text = (char *)(uintptr_t)arena_copy(&arena, str_from(quoted)).data;
  for (char *c = text; *c; c++)
    if (*c == '\'')
      *c = '"';
  if (json_parse(&arena, str_from(text), &options, &document, &err) < 0)
    fail_msg("%s: %s", text, err.message);
  kube_objects_begin(&it, document, (struct value_position){1, 1});
  while (kube_objects_next(&it, &object))
    pods += podsecurity_scan(&findings, &object, target, &place);
  return pods;
}

static const struct finding *find(const char *rule)
{
  for (size_t i = 0; i < findings.count; i++)
    if (str_eq(findings.items[i].rule->id, str_from(rule)))
      return &findings.items[i];
  fail_msg("no finding of %s", rule);
  return NULL;
}

#define DEPLOYMENT(spec)                                                                           \
  "{'apiVersion':'apps/v1','kind':'Deployment',\n"                                                 \
  "'metadata':{'name':'web','namespace':'shop','labels':{'app':'web'}},\n"                         \
  "'spec':{'template':{'spec':{\n" spec "}}}}"

static void points_to_the_offending_value(void **state)
{
  (void)state;
  assert_int_equal(scan_at(PODSECURITY_BASELINE,
                           DEPLOYMENT("'containers':[{'name':'a'},\n"
                                      "  {'name':'b','securityContext':{'privileged': true}}]")),
                   1);
  assert_int_equal(findings.count, 1);
  const struct finding *f = &findings.items[0];
  assert_str(f->rule->id, "pss-privileged");
  assert_int_equal(f->severity, SEVERITY_CRITICAL);
  assert_str(f->message,
             "privileged (container \"b\" must not set securityContext.privileged=true)");
  assert_str(f->evidence, "true");
  assert_str(f->subject.kind, "Deployment");
  assert_str(f->subject.api_version, "apps/v1");
  assert_str(f->subject.name, "web");
  assert_str(f->subject.namespace, "shop");
  assert_str(f->subject.container, "b");
  assert_int_equal(f->subject.labels.len, 1);
  assert_str(f->location.file, "web.json");
  assert_int_equal(f->location.document, 2);
  assert_str(f->location.pointer, "/spec/template/spec/containers/1/securityContext/privileged");
  assert_int_equal(f->location.line, 5);
  assert_int_equal(f->location.column, 48);
  assert_int_equal(strlen(f->fingerprint), FINGERPRINT_LEN);
  assert_true(value_is(f->fix, VALUE_ABSENT));
}

static void points_to_where_a_field_is_missing(void **state)
{
  (void)state;
  scan_at(PODSECURITY_RESTRICTED,
          "{'apiVersion':'v1','kind':'List','items':[\n" DEPLOYMENT(
              "'containers':[\n {'name':'a','securityContext':{'capabilities':null}}]") "]}");
  assert_int_equal(findings.count, 4);
  static const struct {
    const char *rule, *pointer;
    unsigned line;
  } expected[] = {
      {"pss-allow-privilege-escalation", "/items/0/spec/template/spec/containers/0/securityContext",
       6},
      {"pss-capabilities-restricted",
       "/items/0/spec/template/spec/containers/0/securityContext/capabilities", 6},
      {"pss-run-as-non-root", "/items/0/spec/template/spec/containers/0/securityContext", 6},
      {"pss-seccomp-restricted", "/items/0/spec/template/spec/containers/0/securityContext", 6},
  };
  for (size_t i = 0; i < 4; i++) {
    const struct finding *f = find(expected[i].rule);
    assert_str(f->location.pointer, expected[i].pointer);
    assert_int_equal(f->location.line, expected[i].line);
    assert_str(f->evidence, "");
    assert_true(value_is(pointer_get(document, f->location.pointer), VALUE_OBJECT) || i == 1);
  }
}

static void each_place_is_a_finding(void **state)
{
  (void)state;
  scan_at(PODSECURITY_BASELINE,
          DEPLOYMENT("'hostPID':true,'hostNetwork':true,"
                     "'containers':[{'name':'a','ports':[{'containerPort':80}],"
                     "'securityContext':{'capabilities':{'add':['SYS_TIME','SYS_ADMIN']}}}]"));
  assert_int_equal(findings.count, 4);
  assert_str(findings.items[0].message,
             "non-default capabilities (container \"a\" must not include \"SYS_TIME\" in "
             "securityContext.capabilities.add)");
  assert_str(findings.items[0].evidence, "\"SYS_TIME\"");
  assert_int_equal(findings.items[0].severity, SEVERITY_HIGH);
  assert_int_equal(findings.items[1].severity, SEVERITY_CRITICAL);
  assert_string_not_equal(findings.items[0].fingerprint, findings.items[1].fingerprint);
  assert_str(findings.items[2].message, "host namespaces (hostNetwork=true)");
  assert_str(findings.items[3].message, "host namespaces (hostPID=true)");
}

static void what_follows_from_another_fault_is_not_told(void **state)
{
  (void)state;
  scan_at(
      PODSECURITY_BASELINE,
      "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'p','annotations':"
      "{'container.apparmor.security.beta.kubernetes.io/a':'unconfined'}},"
      "'spec':{'hostNetwork':true,'containers':[{'name':'a','ports':[{'containerPort':80}]}]}}");
  assert_int_equal(findings.count, 2);
  assert_str(findings.items[0].rule->id, "pss-apparmor");
  assert_str(findings.items[0].subject.container, "a");
  assert_str(findings.items[0].location.pointer,
             "/metadata/annotations/container.apparmor.security.beta.kubernetes.io~1a");
  assert_str(findings.items[1].rule->id, "pss-host-namespaces");
}

/* The same fault has the same rule and fingerprint at both levels. */
static void faults_of_baseline_stay_what_they_are(void **state)
{
  (void)state;
  const char *text =
      DEPLOYMENT("'volumes':[{'name':'v','hostPath':{'path':'/var/run/docker.sock'}}],"
                 "'containers':[{'name':'a','securityContext':{'procMount':'Unmasked',"
                 "'seccompProfile':{'type':'Unconfined'},'capabilities':{'add':['BPF']}}}]");
  static const char *const rules[] = {"pss-host-path-volumes", "pss-capabilities-baseline",
                                      "pss-proc-mount", "pss-seccomp-baseline"};
  char fingerprints[4][FINGERPRINT_LEN + 1];
  scan_at(PODSECURITY_BASELINE, text);
  assert_int_equal(findings.count, 4);
  assert_int_equal(find("pss-host-path-volumes")->severity, SEVERITY_CRITICAL);
  assert_str(find("pss-host-path-volumes")->evidence, "{\"path\":\"/var/run/docker.sock\"}");
  for (int i = 0; i < 4; i++)
    memcpy(fingerprints[i], find(rules[i])->fingerprint, sizeof fingerprints[i]);
  findings.count = 0;
  scan_at(PODSECURITY_RESTRICTED, text);
  assert_int_equal(findings.count, 7);
  for (int i = 0; i < 4; i++)
    assert_string_equal(find(rules[i])->fingerprint, fingerprints[i]);
}

static void fingerprints_survive_a_new_neighbour(void **state)
{
  (void)state;
  char fingerprint[FINGERPRINT_LEN + 1];
  scan_at(PODSECURITY_RESTRICTED, DEPLOYMENT("'containers':[{'name':'a'}]"));
  memcpy(fingerprint, find("pss-run-as-non-root")->fingerprint, sizeof fingerprint);
  findings.count = 0;
  scan_at(PODSECURITY_RESTRICTED,
          DEPLOYMENT("'containers':[{'name':'new','securityContext':{'runAsNonRoot':true}},"
                     "{'name':'a','securityContext':{}}]"));
  assert_string_equal(find("pss-run-as-non-root")->fingerprint, fingerprint);
}

/* Applies the fixes of all findings, one after the other, and gives the rules still broken. */
static size_t count_after_fixes(enum podsecurity_level level, const char *text)
{
  struct value fixed;
  struct error err;
  struct buf out = {0};
  scan_at(level, text);
  fixed = document;
  for (size_t i = 0; i < findings.count; i++)
    if (!value_is(findings.items[i].fix, VALUE_ABSENT) &&
        patch_apply_document(&arena, fixed, findings.items[i].fix, &fixed, &err) < 0)
      fail_msg("%s", err.message);
  json_write(&out, fixed, 0);
  findings.count = 0;
  scan_at(level, buf_text(&out));
  buf_free(&out);
  return findings.count;
}

static void fixes_mend_what_they_belong_to(void **state)
{
  (void)state;
  /* what is left: capabilities and runAsNonRoot of both containers */
  assert_int_equal(
      count_after_fixes(PODSECURITY_RESTRICTED,
                        "{'apiVersion':'v1','kind':'List','items':[" DEPLOYMENT(
                            "'initContainers':[{'name':'i'}],'containers':[{'name':'a',"
                            "'securityContext':{'allowPrivilegeEscalation':true}}]") "]}"),
      4);
  assert_str(findings.items[0].rule->id, "pss-capabilities-restricted");
  assert_str(findings.items[3].rule->id, "pss-run-as-non-root");
}

static void a_fix_is_a_patch_of_the_document(void **state)
{
  (void)state;
  struct buf out = {0};
  scan_at(PODSECURITY_RESTRICTED, DEPLOYMENT("'containers':[{'name':'a'}]"));
  json_write(&out, find("pss-allow-privilege-escalation")->fix, 0);
  assert_str(buf_str(&out),
             "[{\"op\":\"add\",\"path\":\"/spec/template/spec/containers/0/securityContext\","
             "\"value\":{\"allowPrivilegeEscalation\":false}}]");
  buf_clear(&out);
  json_write(&out, find("pss-seccomp-restricted")->fix, 0);
  assert_str(buf_str(&out), "[{\"op\":\"add\",\"path\":\"/spec/template/spec/securityContext\","
                            "\"value\":{\"seccompProfile\":{\"type\":\"RuntimeDefault\"}}}]");
  buf_free(&out);
  assert_true(value_is(find("pss-run-as-non-root")->fix, VALUE_ABSENT));
}

static void fixes_that_the_api_server_refuses_are_not_offered(void **state)
{
  (void)state;
  static const char *const contexts[] = {"{'privileged':true}",
                                         "{'capabilities':{'add':['SYS_ADMIN']}}",
                                         "{'capabilities':{'add':['CAP_SYS_ADMIN']}}", "'text'"};
  for (size_t i = 0; i < sizeof contexts / sizeof contexts[0]; i++) {
    char text[512];
    findings.count = 0;
    snprintf(text, sizeof text, DEPLOYMENT("'containers':[{'name':'a','securityContext':%s}]"),
             contexts[i]);
    scan_at(PODSECURITY_RESTRICTED, text);
    assert_true(value_is(find("pss-allow-privilege-escalation")->fix, VALUE_ABSENT));
  }
  findings.count = 0;
  scan_at(
      PODSECURITY_RESTRICTED,
      DEPLOYMENT("'securityContext':{'seccompProfile':{'type':'x'}},'containers':[{'name':'a'}]"));
  assert_true(value_is(find("pss-seccomp-restricted")->fix, VALUE_ABSENT));
}

static void tells_what_cannot_be_judged(void **state)
{
  (void)state;
  assert_int_equal(scan_at(PODSECURITY_BASELINE, "{'apiVersion':'apps/v1','kind':'Deployment',\n"
                                                 "'spec':{'template':[]}}"),
                   1);
  assert_int_equal(findings.count, 1);
  assert_str(findings.items[0].rule->id, "pss-wrong-type");
  assert_str(findings.items[0].message, "spec.template is an array, must be an object");
  assert_str(findings.items[0].location.pointer, "/spec/template");
  assert_int_equal(findings.items[0].location.line, 2);
  findings.count = 0;
  scan_at(PODSECURITY_BASELINE, DEPLOYMENT("'hostNetwork':'true'"));
  assert_int_equal(findings.count, 1);
  assert_str(findings.items[0].message, "spec.hostNetwork is a string, must be true or false");
  assert_str(findings.items[0].evidence, "\"true\"");
  assert_int_equal(findings.items[0].location.line, 4);
}

static void objects_without_pods_and_level_privileged_give_nothing(void **state)
{
  (void)state;
  assert_int_equal(scan_at(PODSECURITY_RESTRICTED, "{'apiVersion':'v1','kind':'ConfigMap'}"), 0);
  assert_int_equal(scan_at(PODSECURITY_PRIVILEGED, DEPLOYMENT("'hostPID':true")), 1);
  assert_int_equal(findings.count, 0);
}

static void long_values_are_cut(void **state)
{
  (void)state;
  char text[1024], name[401];
  memset(name, 'x', 400);
  name[400] = 0;
  snprintf(text, sizeof text, DEPLOYMENT("'containers':[{'securityContext':{'procMount':'%s'}}]"),
           name);
  scan_at(PODSECURITY_BASELINE, text);
  assert_int_equal(findings.count, 1);
  assert_int_equal(findings.items[0].evidence.len, 120);
  assert_true(str_ends(findings.items[0].evidence, STR("x...")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(points_to_the_offending_value),
      TEST(points_to_where_a_field_is_missing),
      TEST(each_place_is_a_finding),
      TEST(what_follows_from_another_fault_is_not_told),
      TEST(faults_of_baseline_stay_what_they_are),
      TEST(fingerprints_survive_a_new_neighbour),
      TEST(fixes_mend_what_they_belong_to),
      TEST(a_fix_is_a_patch_of_the_document),
      TEST(fixes_that_the_api_server_refuses_are_not_offered),
      TEST(tells_what_cannot_be_judged),
      TEST(objects_without_pods_and_level_privileged_give_nothing),
      TEST(long_values_are_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
