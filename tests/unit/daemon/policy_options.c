#include "daemon/policy_options.h"
#include "../test.h"

#include "../base/scratch.h"

static struct scratch scratch;
static struct serve_config config;
static struct policy_options options;

static int set_up(void **state)
{
  (void)state;
  scratch_open(&scratch);
  serve_config_init(&config);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  policy_options_free(&options);
  serve_config_free(&config);
  scratch_close(&scratch);
  return 0;
}

static const struct admission_options *options_of(const char *text)
{
  struct error err;
  scratch_file("serve.yaml", text);
  if (serve_config_read(&config, "serve.yaml", &err) < 0 ||
      serve_config_finish(&config, &err) < 0) {
    print_error("%s\n", err.message);
    fail();
  }
  policy_options_init(&options, &config);
  return &options.admission;
}

/* The action of a finding where no setting of the user's matches. */
static enum admission_action action_of(const struct admission_options *o, enum severity severity)
{
  for (size_t i = 0; i < o->rules.setting_count; i++)
    if (!o->rules.settings[i].rule.len && severity >= o->rules.settings[i].severity)
      return o->rules.settings[i].action;
  return o->rules.action;
}

static void test_defaults(void **state)
{
  (void)state;
  const struct admission_options *o = options_of("{}");
  assert_int_equal(o->path_count, 0);
  assert_true(o->pod_security);
  assert_true(o->rules_enabled);
  assert_false(o->images_enabled);
  assert_int_equal(action_of(o, SEVERITY_LOW), ADMISSION_ACTION_OFF);
  assert_int_equal(action_of(o, SEVERITY_MEDIUM), ADMISSION_ACTION_WARN);
  assert_int_equal(action_of(o, SEVERITY_CRITICAL), ADMISSION_ACTION_WARN);
  assert_int_equal(o->setting_count, 1);
  assert_str(o->settings[0].policy, "*");
  assert_int_equal(o->settings[0].failure, ADMISSION_FAIL_CLOSED);
  assert_false(o->settings[0].limit_action);
}

static void test_rules(void **state)
{
  (void)state;
  const struct admission_options *o = options_of(
      "rules: {mode: enforce, severity: any, skip: [a, b], paths: [mine],\n"
      "  settings: [{rule: 'net-*', mode: dryrun, namespaces: [dev]}, {severity: high, mode: warn}]}\n");
  assert_int_equal(o->rules.setting_count, 3);
  assert_str(o->rules.settings[0].rule, "net-*");
  assert_int_equal(o->rules.settings[0].action, ADMISSION_ACTION_DRYRUN);
  assert_int_equal(o->rules.settings[0].severity, SEVERITY_UNKNOWN);
  assert_int_equal(o->rules.settings[0].namespace_count, 1);
  assert_int_equal(o->rules.settings[1].severity, SEVERITY_HIGH);
  assert_int_equal(o->rules.settings[1].action, ADMISSION_ACTION_WARN);
  assert_int_equal(action_of(o, SEVERITY_INFO), ADMISSION_ACTION_DENY);
  assert_int_equal(o->rules.skip_count, 2);
  assert_string_equal(o->rules.directories[0], "mine");
}

/* Off is off, for all severities. */
static void test_rules_off(void **state)
{
  (void)state;
  const struct admission_options *o = options_of("rules: {mode: 'off'}\n");
  assert_int_equal(action_of(o, SEVERITY_INFO), ADMISSION_ACTION_OFF);
  assert_int_equal(action_of(o, SEVERITY_CRITICAL), ADMISSION_ACTION_OFF);
}

static void test_policies(void **state)
{
  (void)state;
  const struct admission_options *o = options_of(
      "policies:\n  paths: [a, b/c]\n  regoV0: true\n  failure: ignore\n  steps: 2000\n  memory: 2Mi\n"
      "  settings:\n  - {policy: 'gatekeeper/*', excludedNamespaces: [kube-*], kinds: [Pod]}\n"
      "  - {policy: rego/x, mode: warn, failure: ignore, namespaces: [a, b]}\n"
      "namespaces: {refuseUnknown: true}\n");
  assert_int_equal(o->path_count, 2);
  assert_string_equal(o->paths[1], "b/c");
  assert_true(o->rego_v0);
  assert_int_equal(o->steps, 2000);
  assert_int_equal(o->memory, 2 << 20);
  assert_true(o->refuse_unknown_namespaces);
  assert_int_equal(o->setting_count, 3);
  const struct admission_setting *s = o->settings;
  assert_str(s[0].scope.excluded_namespaces[0], "kube-*");
  assert_str(s[0].scope.kinds[0], "Pod");
  assert_false(s[0].limit_action);
  assert_int_equal(s[0].failure, ADMISSION_FAIL_CLOSED);
  assert_true(s[1].limit_action);
  assert_int_equal(s[1].action, ADMISSION_ACTION_WARN);
  assert_int_equal(s[1].failure, ADMISSION_FAIL_IGNORE);
  assert_int_equal(s[1].scope.namespace_count, 2);
  assert_int_equal(s[2].failure, ADMISSION_FAIL_IGNORE); /* policies.failure */
}

static void test_images_and_pod_security(void **state)
{
  (void)state;
  const struct admission_options *o =
      options_of("images: {enabled: true, allowed: [a.example], denied: [b.example, c.example],\n"
                 "  requireDigest: true, refuseLatest: true}\n"
                 "podSecurity: {defaults: {enforce: baseline}}\n");
  assert_true(o->images_enabled);
  assert_int_equal(o->images.allowed_count, 1);
  assert_int_equal(o->images.denied_count, 2);
  assert_true(o->images.require_digest);
  assert_true(o->images.refuse_latest);
  assert_int_equal(o->pod_security_config->defaults.enforce.level, PODSECURITY_BASELINE);
}

static void test_tags(void **state)
{
  (void)state;
  options_of("images: {enabled: true, resolve: true, resolveTimeout: 2s, resolveKeep: 0s,\n"
             "  registryAuth: /etc/auth.json, insecureRegistries: ['http://r.example:5000'],\n"
             "  mirrors: ['docker.io=m.example/hub', 'quay.io=m.example:443']}\n");
  assert_true(options.admission.images.resolve);
  assert_string_equal(options.tags.auth_file, "/etc/auth.json");
  assert_null(options.tags.ca_file);
  assert_int_equal(options.tags.timeout_ms, 2000);
  assert_int_equal(options.tags.keep_ms, 0);
  assert_int_equal(options.tags.insecure_count, 1);
  assert_int_equal(options.tags.mirror_count, 2);
  assert_str(options.tags.mirrors[0].registry, "docker.io");
  assert_str(options.tags.mirrors[0].location, "m.example/hub");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_defaults, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_rules, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_tags, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_rules_off, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_policies, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_images_and_pod_security, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
