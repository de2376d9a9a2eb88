#include "daemon/serve_config.h"
#include "../test.h"

#include "../base/scratch.h"
#include "base/file.h"

struct bench {
  struct scratch scratch;
  struct serve_config c;
  struct error err;
};

static int make(void **state)
{
  static struct bench b;
  scratch_open(&b.scratch);
  serve_config_init(&b.c);
  *state = &b;
  return 0;
}

static int drop(void **state)
{
  struct bench *b = *state;
  serve_config_free(&b->c);
  scratch_close(&b->scratch);
  return 0;
}

/* Reads and finishes. */
static int take(struct bench *b, const char *text)
{
  scratch_file("serve.yaml", text);
  b->err = (struct error){0};
  int rc = serve_config_read(&b->c, "serve.yaml", &b->err);
  return rc < 0 ? rc : serve_config_finish(&b->c, &b->err);
}

static void test_defaults_are_safe(void **state)
{
  struct bench *b = *state;
  assert_string_equal(b->c.listen.address, "127.0.0.1");
  assert_int_equal(b->c.listen.port, 8443);
  assert_int_equal(b->c.limits.body, 8 << 20);
  assert_int_equal(b->c.policies.failure, SERVE_FAIL_CLOSED);
  assert_int_equal(b->c.policies.steps, 5000000);
  assert_int_equal(b->c.rules.mode, SERVE_WARN);
  assert_true(b->c.pod_security.enabled);
  assert_int_equal(b->c.decision_log.mask_env.count, 13);
  assert_int_equal(serve_config_finish(&b->c, &b->err), 0);
  assert_int_equal(b->c.pod_security.config.defaults.enforce.level, PODSECURITY_PRIVILEGED);
}

/* serve_config_init cannot tell that a default is wrong: all are read here. */
static void test_every_default_is_valid(void **state)
{
  struct bench *b = *state;
  size_t count = 0;
  const char *path, *fallback;
  for (; (path = serve_config_path(count, &fallback)); count++)
    if (fallback && serve_config_set(&b->c, str_from(path), str_from(fallback), &b->err) < 0)
      fail_msg("%s", b->err.message);
  assert_true(count > 50);
}

static void test_every_key_is_documented(void **state)
{
  (void)state;
  const char *root = getenv("SEAWALL_SOURCE_ROOT");
  if (!root)
    skip();
  char name[PATH_MAX], row[256];
  _cleanup_(buf_free) struct buf text = {0};
  snprintf(name, sizeof name, "%s/docs/serve-configuration.md", root);
  assert_int_equal(file_read(name, 1 << 20, &text, NULL), 0);
  const char *path;
  for (size_t i = 0; (path = serve_config_path(i, NULL)); i++) {
    snprintf(row, sizeof row, "| `%s` |", path);
    if (!strstr(buf_text(&text), row))
      fail_msg("docs/serve-configuration.md does not say what %s is", path);
  }
}

static void test_reads_all(void **state)
{
  struct bench *b = *state;
  if (take(
          b,
          "apiVersion: seawall.dev/v1\nkind: ServeConfig\n"
          "listen: {address: \"::\", port: 443, workers: 4}\n"
          "tls: {certificate: /tls/tls.crt, key: /tls/tls.key, clientCA: /ca, requireClient: true}\n"
          "limits: {body: 3Mi, answer: 5s}\n"
          "policies:\n"
          "  paths: [/policies]\n"
          "  failure: ignore\n"
          "  settings:\n"
          "  - policy: gatekeeper/*\n"
          "    failure: deny\n"
          "    mode: dryrun\n"
          "    excludedNamespaces: [kube-*]\n"
          "rules:\n"
          "  mode: enforce\n"
          "  settings:\n"
          "  - {severity: high, namespaces: [dev-*], mode: warn}\n"
          "  - {rule: replicas, mode: 'off'}\n"
          "podSecurity:\n"
          "  defaults: {enforce: baseline, warn: restricted}\n"
          "  exemptions: {namespaces: [kube-system]}\n"
          "images: {enabled: true, allowed: [ghcr.io/example/], refuseLatest: true}\n"
          "namespaces: {source: file, path: /ns.yaml}\n"
          "decisionLog: {enabled: true, path: /log, maskPointers: [/object/spec/x]}\n"
          "log: {level: debug, format: json}\n"
          "metrics: {address: 0.0.0.0, port: 9000}\n") < 0)
    fail_msg("%s", b->err.message);
  assert_string_equal(b->c.listen.address, "::");
  assert_int_equal(b->c.limits.answer, 5000000000);
  const struct serve_policy_setting *policy = b->c.policies.settings.items;
  assert_int_equal(b->c.policies.settings.count, 1);
  assert_string_equal(policy->policy, "gatekeeper/*");
  assert_int_equal(policy->mode, SERVE_DRYRUN);
  assert_int_equal(policy->failure, SERVE_FAIL_CLOSED);
  assert_str(policy->excluded_namespaces.items[0], "kube-*");
  const struct serve_rule_setting *rules = b->c.rules.settings.items;
  assert_int_equal(b->c.rules.settings.count, 2);
  assert_null(rules[0].rule);
  assert_int_equal(rules[0].severity, SERVE_SEVERITY_HIGH);
  assert_int_equal(rules[1].mode, SERVE_OFF);
  assert_int_equal(b->c.pod_security.config.defaults.enforce.level, PODSECURITY_BASELINE);
  assert_int_equal(b->c.pod_security.config.defaults.warn.level, PODSECURITY_RESTRICTED);
  assert_int_equal(b->c.pod_security.config.exemptions.namespace_count, 1);
  assert_int_equal(b->c.log.format, SERVE_LOG_JSON);
  assert_string_equal(b->c.metrics.address, "0.0.0.0");
}

static void test_reads_the_cluster(void **state)
{
  struct bench *b = *state;
  if (take(b, "namespaces: {source: api, kubeconfig: /etc/kubeconfig, context: staging}\n") < 0)
    fail_msg("%s", b->err.message);
  assert_int_equal(b->c.namespaces.source, SERVE_NAMESPACES_API);
  assert_string_equal(b->c.namespaces.kubeconfig, "/etc/kubeconfig");
  assert_string_equal(b->c.namespaces.context, "staging");
}

static void test_refuses(void **state)
{
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"lisen: {}\n", "serve.yaml:1:1: unknown key \"lisen\", did you mean \"listen\"?"},
      {"listen:\n  port: 70000\n", "serve.yaml:2:9: \"port\" is 70000, must be from 0 to 65535"},
      {"listen: {address: localhost}\n", "serve.yaml:1:19: \"address\": \"localhost\" is no IP"},
      {"limits: {answer: 31s}\n", "must be from 100ms to 30s"},
      {"rules: {mode: deny}\n", "must be one of off, dryrun, warn, enforce"},
      {"tls: {certificate: /x}\n", "tls.key is missing"},
      {"tls: {key: /x}\n", "tls.certificate is missing"},
      {"tls: {requireClient: true}\n", "needs tls.clientCA"},
      {"limits: {body: 2Mi, bodies: 1Mi}\n", "limits.bodies"},
      {"namespaces: {source: file}\n", "namespaces.path"},
      {"namespaces: {source: api, path: /x}\n", "namespaces.path"},
      {"namespaces: {kubeconfig: /x}\n", "go with namespaces.source: api"},
      {"namespaces: {source: file, path: /x, context: staging}\n",
       "go with namespaces.source: api"},
      {"namespaces: {source: api, context: ''}\n", "name of a context"},
      {"podSecurity:\n  defaults:\n    enforce: strict\n", "serve.yaml:3:14: "},
      {"rules:\n  parameters:\n    minimumReplica: 1\n", "serve.yaml:3:"},
      {"metrics: {address: 127.0.0.1, port: 8443}\n", "those of listen"},
      {"decisionLog: {maskPointers: [x]}\n", "\"maskPointers\": "},
      {"policies: {settings: [{mode: warn}]}\n", "needs the key \"policy\""},
      {"kind: Config\n", "\"kind\" must be \"ServeConfig\""},
  };
  struct bench *b = *state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    serve_config_free(&b->c);
    serve_config_init(&b->c);
    if (take(b, cases[i].text) == 0)
      fail_msg("%s was taken", cases[i].text);
    assert_error(b->err, SW_EINVAL, cases[i].message);
  }
  assert_int_equal(serve_config_read(&b->c, "not-there.yaml", &b->err), SW_ENOENT);
}

static void test_precedence(void **state)
{
  struct bench *b = *state;
  char *environment[] = {"SEAWALL_SERVE_LISTEN_PORT=2", "SEAWALL_SERVE_POLICIES_PATHS=/a,/b",
                         "SEAWALL_SERVE_TLS_CLIENT_CA=/ca", "SEAWALL_PORT=tcp://10.0.0.1:443",
                         NULL};
  scratch_file("serve.yaml", "listen: {port: 1, workers: 1}\n");
  assert_int_equal(serve_config_read(&b->c, "serve.yaml", &b->err), 0);
  assert_int_equal(serve_config_environment(&b->c, environment, &b->err), 0);
  assert_int_equal(b->c.listen.port, 2);
  assert_int_equal(b->c.listen.workers, 1);
  assert_int_equal(b->c.policies.paths.count, 2);
  assert_string_equal(b->c.tls.client_ca, "/ca");
  assert_int_equal(serve_config_set(&b->c, STR("listen.port"), STR("3"), &b->err), 0);
  assert_int_equal(b->c.listen.port, 3);
}

static void test_written_reads_back(void **state)
{
  struct bench *b = *state;
  _cleanup_(buf_free) struct buf first = {0}, second = {0};
  assert_int_equal(take(b, "listen: {port: 1}\nrules: {settings: [{mode: warn}]}\n"
                           "podSecurity: {defaults: {enforce: baseline}}\n"),
                   0);
  serve_config_write(&b->c, &first);
  serve_config_free(&b->c);
  serve_config_init(&b->c);
  if (take(b, buf_text(&first)) < 0)
    fail_msg("%s", b->err.message);
  serve_config_write(&b->c, &second);
  assert_str(buf_str(&second), buf_text(&first));
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, make, drop)
  const struct CMUnitTest tests[] = {
      CASE(test_defaults_are_safe),
      CASE(test_every_default_is_valid),
      CASE(test_every_key_is_documented),
      CASE(test_reads_all),
      CASE(test_refuses),
      CASE(test_reads_the_cluster),
      CASE(test_precedence),
      CASE(test_written_reads_back),
  };
  return cmocka_run_group_tests_name("serve_config", tests, NULL, NULL);
}
