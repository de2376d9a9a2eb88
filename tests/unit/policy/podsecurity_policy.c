#include "../test.h"

#include "data/json.h"
#include "policy/podsecurity_policy.h"

static struct arena arena;

static int set_up(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

/* JSON with ' for ". */
static struct value parse(const char *quoted)
{
  struct json_options options = {.positions = true};
  struct value root;
  struct error err;
  char *text = (char *)(uintptr_t)arena_copy(&arena, str_from(quoted)).data;
  for (char *c = text; *c; c++)
    if (*c == '\'')
      *c = '"';
  if (json_parse(&arena, str_from(text), &options, &root, &err) < 0)
    fail_msg("%s: %s", text, err.message);
  return root;
}

static void assert_policy(const struct podsecurity_policy *p, const char *expected)
{
  struct buf out = {0};
  podsecurity_target_write(&out, p->enforce);
  buf_add_byte(&out, ' ');
  podsecurity_target_write(&out, p->audit);
  buf_add_byte(&out, ' ');
  podsecurity_target_write(&out, p->warn);
  assert_str(buf_str(&out), expected);
  buf_free(&out);
}

static void reads_the_labels_of_a_namespace(void **state)
{
  (void)state;
#define L "'pod-security.kubernetes.io/"
  static const struct {
    const char *labels, *expected, *errors;
  } cases[] = {
      {"{}", "privileged:latest privileged:latest privileged:latest", ""},
      {"{'app':'x'}", "privileged:latest privileged:latest privileged:latest", ""},
      {"{" L "enforce':'baseline'," L "enforce-version':'v1.29'}",
       "baseline:v1.29 privileged:latest baseline:v1.29", ""},
      {"{" L "enforce':'baseline'," L "enforce-version':'v1.29'," L "warn-version':'v1.20'}",
       "baseline:v1.29 privileged:latest baseline:v1.20", ""},
      {"{" L "enforce':'restricted'," L "warn':'baseline'," L "audit':'restricted'}",
       "restricted:latest restricted:latest baseline:latest", ""},
      {"{" L "enforce':'strict'}", "restricted:latest privileged:latest privileged:latest",
       "metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"strict\": must be one "
       "of privileged, baseline, restricted"},
      {"{" L "warn':'x'," L "audit':''," L "audit-version':'1.2'}",
       "privileged:latest privileged:latest privileged:latest",
       "[metadata.labels[pod-security.kubernetes.io/audit]: Invalid value: \"\": must be one of "
       "privileged, baseline, restricted, "
       "metadata.labels[pod-security.kubernetes.io/audit-version]: Invalid value: \"1.2\": must be "
       "\"latest\" or \"v1.x\", metadata.labels[pod-security.kubernetes.io/warn]: Invalid value: "
       "\"x\": must be one of privileged, baseline, restricted]"},
      {"{" L "enforce':null," L "enforce-version':5}",
       "restricted:latest privileged:latest privileged:latest",
       "[metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"\": must be one of "
       "privileged, baseline, restricted, "
       "metadata.labels[pod-security.kubernetes.io/enforce-version]: Invalid value: a number: must "
       "be \"latest\" or \"v1.x\"]"},
  };
  struct podsecurity_policy defaults = podsecurity_policy_default();
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct podsecurity_label_errors errors;
    struct buf out = {0};
    struct podsecurity_policy p =
        podsecurity_policy_from_labels(parse(cases[i].labels), &defaults, &errors);
    assert_policy(&p, cases[i].expected);
    podsecurity_label_errors_write(&out, &errors);
    assert_str(buf_str(&out), cases[i].errors);
    buf_free(&out);
  }
}

static void labels_go_before_defaults(void **state)
{
  (void)state;
  struct podsecurity_policy defaults = {{PODSECURITY_BASELINE, 30},
                                        {PODSECURITY_RESTRICTED, 31},
                                        {PODSECURITY_RESTRICTED, PODSECURITY_LATEST}};
  struct podsecurity_label_errors errors;
  struct podsecurity_policy p = podsecurity_policy_from_labels(VALUE_NONE, &defaults, &errors);
  assert_policy(&p, "baseline:v1.30 restricted:v1.31 restricted:latest");
  p = podsecurity_policy_from_labels(
      parse("{" L "enforce':'privileged'," L "audit-version':'v1.0'}"), &defaults, &errors);
  assert_policy(&p, "privileged:v1.30 restricted:v1.0 restricted:latest");
  assert_int_equal(errors.count, 0);
}

static void knows_who_is_exempt(void **state)
{
  (void)state;
  const struct str users[] = {STR_INIT("admin"), STR_INIT("")};
  const struct str namespaces[] = {STR_INIT("kube-system")};
  const struct str classes[] = {STR_INIT("kata")};
  const struct podsecurity_exemptions e = {users, namespaces, classes, 2, 1, 1};
  const struct podsecurity_exemptions none = {0};
  assert_int_equal(podsecurity_exempt(&e, STR("admin"), STR("kube-system"), STR("kata")),
                   PODSECURITY_EXEMPT_NAMESPACE);
  assert_int_equal(podsecurity_exempt(&e, STR("admin"), STR("shop"), STR("kata")),
                   PODSECURITY_EXEMPT_USER);
  assert_int_equal(podsecurity_exempt(&e, STR("bob"), STR("shop"), STR("kata")),
                   PODSECURITY_EXEMPT_RUNTIME_CLASS);
  assert_int_equal(podsecurity_exempt(&e, STR_EMPTY, STR_EMPTY, STR_EMPTY), PODSECURITY_NOT_EXEMPT);
  assert_int_equal(podsecurity_exempt(&none, STR("admin"), STR("kube-system"), STR("kata")),
                   PODSECURITY_NOT_EXEMPT);
  assert_str(podsecurity_exemption_name(PODSECURITY_EXEMPT_USER), "user");
  assert_str(podsecurity_exemption_name(PODSECURITY_EXEMPT_NAMESPACE), "namespace");
  assert_str(podsecurity_exemption_name(PODSECURITY_EXEMPT_RUNTIME_CLASS), "runtimeClass");
  assert_str(podsecurity_exemption_name(PODSECURITY_NOT_EXEMPT), "");
}

#define CONFIG                                                                                     \
  "'apiVersion':'pod-security.admission.config.k8s.io/v1','kind':'PodSecurityConfiguration'"

static void reads_the_admission_configuration(void **state)
{
  (void)state;
  struct podsecurity_config c;
  struct error err;
  assert_int_equal(podsecurity_config_read(&arena, parse("{" CONFIG "}"), &c, &err), 0);
  assert_policy(&c.defaults, "privileged:latest privileged:latest privileged:latest");
  assert_int_equal(c.exemptions.username_count, 0);
  const char *plugin =
      "{'apiVersion':'apiserver.config.k8s.io/v1','kind':'AdmissionConfiguration','plugins':["
      "{'name':'Other'},{'name':'PodSecurity','configuration':{" CONFIG ","
      "'defaults':{'enforce':'baseline','enforce-version':'v1.30','warn':'restricted',"
      "'audit':'','audit-version':null},'exemptions':{'usernames':['system:admin'],"
      "'namespaces':['kube-system','a1'],'runtimeClasses':['kata.v2']}}}]}";
  assert_int_equal(podsecurity_config_read(&arena, parse(plugin), &c, &err), 0);
  assert_policy(&c.defaults, "baseline:v1.30 privileged:latest restricted:latest");
  assert_int_equal(podsecurity_exempt(&c.exemptions, STR_EMPTY, STR("a1"), STR_EMPTY),
                   PODSECURITY_EXEMPT_NAMESPACE);
  assert_int_equal(podsecurity_exempt(&c.exemptions, STR_EMPTY, STR_EMPTY, STR("kata.v2")),
                   PODSECURITY_EXEMPT_RUNTIME_CLASS);
}

static void refuses_wrong_configurations(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    int code;
    const char *message;
    unsigned line;
  } cases[] = {
      {"[]", SW_EINVAL, "is an array, must be an object", 1},
      {"{'kind':'Pod','apiVersion':'v1'}", SW_EUNSUPPORTED, "kind Pod of v1 is no configuration",
       1},
      {"{" CONFIG ",\n'defaults':{'enforceVersion':'v1.2'}}", SW_EINVAL,
       "defaults.enforceVersion is not a field of the configuration", 2},
      {"{" CONFIG ",\n'default':{}}", SW_EINVAL, "default is not a field", 2},
      {"{" CONFIG ",\n'defaults':[]}", SW_EINVAL, "defaults must be an object", 2},
      {"{" CONFIG ",\n'defaults':{\n'audit':'x'}}", SW_EINVAL,
       "defaults.audit must be one of privileged, baseline, restricted", 3},
      {"{" CONFIG ",\n'defaults':{\n'audit-version':'1.2'}}", SW_EINVAL,
       "defaults.audit-version must be \"latest\" or \"v1.x\"", 3},
      {"{" CONFIG ",\n'defaults':{'warn':true}}", SW_EINVAL, "defaults.warn must be a string", 2},
      {"{" CONFIG ",'exemptions':{\n'usernames':['a',\n'']}}", SW_EINVAL,
       "exemptions.usernames[1] must be a string that is not empty", 3},
      {"{" CONFIG ",'exemptions':{\n'usernames':'a'}}", SW_EINVAL,
       "exemptions.usernames must be a list of strings", 2},
      {"{" CONFIG ",'exemptions':{\n'namespaces':['Kube']}}", SW_EINVAL,
       "exemptions.namespaces[0] must be the name of a namespace", 2},
      {"{" CONFIG ",'exemptions':{\n'namespaces':['a','b','a']}}", SW_EINVAL,
       "exemptions.namespaces names one more than once", 2},
      {"{" CONFIG ",'exemptions':{\n'runtimeClasses':['a..b']}}", SW_EINVAL,
       "exemptions.runtimeClasses[0] must be the name of a runtime class", 2},
      {"{'apiVersion':'apiserver.config.k8s.io/v1','kind':'AdmissionConfiguration','plugins':[]}",
       SW_ENOENT, "no plugin PodSecurity", 0},
      {"{'apiVersion':'apiserver.config.k8s.io/v1','kind':'AdmissionConfiguration','plugins':[\n"
       "{'name':'PodSecurity','path':'ps.yaml'}]}",
       SW_EUNSUPPORTED, "read \"ps.yaml\"", 2},
      {"{'apiVersion':'apiserver.config.k8s.io/v1','kind':'AdmissionConfiguration','plugins':[\n"
       "{'name':'PodSecurity'}]}",
       SW_EINVAL, "has no configuration", 2},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct podsecurity_config c;
    struct error err;
    assert_int_equal(podsecurity_config_read(&arena, parse(cases[i].text), &c, &err),
                     cases[i].code);
    assert_error(err, cases[i].code, cases[i].message);
    assert_int_equal(err.line, cases[i].line);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(reads_the_labels_of_a_namespace),
      TEST(labels_go_before_defaults),
      TEST(knows_who_is_exempt),
      TEST(reads_the_admission_configuration),
      TEST(refuses_wrong_configurations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
