#include "kube/kubeconfig.h"
#include "base/buf.h"

#include "../test.h"

#include "../base/scratch.h"

static struct scratch scratch;
static const char *variables[8][2]; /* name, value; NULL ends */

static const char *environment(const char *name)
{
  for (unsigned i = 0; i < 8 && variables[i][0]; i++)
    if (strcmp(variables[i][0], name) == 0)
      return variables[i][1];
  return NULL;
}

static int set_up(void **state)
{
  (void)state;
  memset(variables, 0, sizeof variables);
  scratch_open(&scratch);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  scratch_close(&scratch);
  return 0;
}

static struct kube_config read_config(const char *text)
{
  struct kube_config c;
  struct error err;
  if (kube_config_read_text(str_from(text), "kc", scratch.path, NULL, &c, &err) < 0)
    fail_msg("%s", err.message);
  return c;
}

static void refused(const char *text, int code, const char *message)
{
  struct kube_config c = {0};
  struct error err = {0};
  if (kube_config_read_text(str_from(text), "kc", scratch.path, NULL, &c, &err) == 0)
    fail_msg("%s was taken", text);
  assert_error(err, code, message);
  assert_null(c.server.data);
}

/* A kubeconfig of one cluster and one user, given as members of flow mappings. */
static const char *one(const char *cluster, const char *user)
{
  static char texts[4][2048];
  static unsigned turn;
  char *text = texts[turn++ % 4];
  snprintf(text, sizeof texts[0],
           "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
           "contexts:\n- {name: other, context: {cluster: x}}\n"
           "- {name: c, context: {cluster: k, user: u, namespace: shop}}\n"
           "clusters:\n- {name: k, cluster: {%s}}\n"
           "users:\n- {name: u, user: {%s}}\n",
           cluster, user);
  return text;
}

#define SERVER "server: \"https://api.example:6443\""
#define PEM "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
#define PEM64 "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCkFBQUEKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="

static void test_reads(void **state)
{
  (void)state;
  struct kube_config c = read_config(one(SERVER, "token: abc"));
  assert_str(c.server, "https://api.example:6443");
  assert_str(c.token, "abc");
  assert_str(c.namespace, "shop");
  assert_str(c.origin, "context \"c\" of kc");
  assert_int_equal(c.ca_pem.len, 0);
  assert_false(c.insecure);
  assert_false(c.in_cluster);
  kube_config_free(&c);
  c = read_config(
      one("server: \"https://h/prefix/\", insecure-skip-tls-verify: true, tls-server-name: api, "
          "proxy-url: \"http://proxy:3128\"",
          "username: jane, password: \"s e c r e t\""));
  assert_str(c.server, "https://h/prefix");
  assert_true(c.insecure);
  assert_str(c.server_name, "api");
  assert_str(c.proxy, "http://proxy:3128");
  assert_str(c.user, "jane");
  assert_str(c.password, "s e c r e t");
  kube_config_free(&c);
  /* Without a user: nobody. */
  c = read_config("current-context: a\ncontexts: [{name: a, context: {cluster: k}}]\n"
                  "clusters: [{name: k, cluster: {server: \"https://h\"}}]\n");
  assert_int_equal(c.token.len, 0);
  assert_str(c.namespace, "default");
  kube_config_free(&c);
}

static void test_data_and_files(void **state)
{
  (void)state;
  scratch_dir("pki");
  scratch_file("pki/ca.crt", PEM);
  scratch_file("pki/me.key", PEM);
  scratch_file("token", "from-the-file\n");
  struct kube_config c =
      read_config(one(SERVER ", certificate-authority: pki/ca.crt",
                      "client-certificate-data: " PEM64 ", client-certificate: not-there, "
                      "client-key: pki/me.key, token: given, tokenFile: token"));
  assert_str(c.ca_pem, PEM);
  assert_str(c.certificate_pem, PEM);
  assert_str(c.key_pem, PEM);
  assert_str(c.token, "from-the-file");
  kube_config_free(&c);
  c = read_config(one(SERVER, "token: given, tokenFile: not-there"));
  assert_str(c.token, "given");
  kube_config_free(&c);
  refused(one(SERVER, "tokenFile: not-there"), SW_ENOENT, "not-there");
  refused(one(SERVER ", certificate-authority: not-there", ""), SW_ENOENT, "not-there");
  scratch_file("empty", "\n");
  refused(one(SERVER, "tokenFile: empty"), SW_EINVAL, "the token is empty");
  scratch_file("two", "a b");
  refused(one(SERVER, "tokenFile: two"), SW_EINVAL, "spaces or control characters");
  refused(one(SERVER ", certificate-authority: token", ""), SW_EINVAL, "is no PEM text");
}

static void test_refused(void **state)
{
  (void)state;
  refused(one(SERVER, "exec: {command: aws}"), SW_EUNSUPPORTED,
          "user \"u\" gets its credentials from a plugin");
  refused(one(SERVER, "auth-provider: {name: gcp}"), SW_EUNSUPPORTED, "auth-provider");
  refused(one(SERVER, "token: a, as: root"), SW_EUNSUPPORTED, "impersonates another (as)");
  refused(one(SERVER, "token: a, as-groups: ['system:masters']"), SW_EUNSUPPORTED, "as-groups");
  refused(one(SERVER, "token: a, username: b"), SW_EINVAL, "does not go with a token");
  refused(one(SERVER, "password: b"), SW_EINVAL, "needs a username");
  refused(one(SERVER, "username: 'a:b'"), SW_EINVAL, "colon");
  refused(one(SERVER, "token: [a]"), SW_EINVAL, "kc:10:20: \"token\" must be a string");
  refused(one(SERVER, "token: 'a b'"), SW_EINVAL, "\"token\" is too long, or holds spaces");
  refused(one(SERVER, "client-certificate-data: " PEM64), SW_EINVAL, "needs both");
  refused(one(SERVER, "client-key-data: " PEM64), SW_EINVAL, "needs both");
  refused(one(SERVER ", certificate-authority-data: '%'", ""), SW_EINVAL, "is not base64");
  refused(one(SERVER ", certificate-authority-data: YWJj", ""), SW_EINVAL, "is no PEM text");
  refused(one(SERVER ", insecure-skip-tls-verify: true, certificate-authority-data: " PEM64, ""),
          SW_EINVAL, "does not go with a certificate authority");
  refused(one(SERVER ", insecure-skip-tls-verify: 'yes'", ""), SW_EINVAL, "must be true or false");
  refused(one("server: api.example", ""), SW_EINVAL, "must begin with https:// or http://");
  refused(one("server: \"https://\"", ""), SW_EINVAL, "names no host");
  refused(one("server: \"https:///x\"", ""), SW_EINVAL, "names no host");
  refused(one("server: \"https://u:p@h\"", ""), SW_EINVAL, "without user");
  refused(one("server: \"https://h?x\"", ""), SW_EINVAL, "without user");
  refused(one("server: \"https://h h\"", ""), SW_EINVAL, "without user");
  refused(one("", ""), SW_EINVAL, "\"server\" is missing");
  refused(one(SERVER ", tls-server-name: 'a/b'", ""), SW_EINVAL, "is no name of a host");
  refused("", SW_EINVAL, "is empty");
  refused("[]", SW_EINVAL, "must be a kubeconfig");
  refused("a: 1\n---\nb: 2\n", SW_EINVAL, "one document");
  refused("a: [\n", SW_EINVAL, "kc:");
  refused("contexts: []\n", SW_ENOTFOUND, "no current-context");
  refused("current-context: c\n", SW_ENOTFOUND, "there is no context \"c\"");
  refused("current-context: c\ncontexts: {}\n", SW_EINVAL, "\"contexts\" must be a list");
  refused("current-context: c\ncontexts: [1]\n", SW_EINVAL, "must hold mappings");
  refused("current-context: c\ncontexts: [{name: 1}]\n", SW_EINVAL, "\"name\" must be a string");
  refused("current-context: c\ncontexts: [{name: c}]\n", SW_EINVAL, "\"cluster\" is missing");
  refused("current-context: c\ncontexts: [{name: c, context: 1}]\n", SW_EINVAL,
          "must be a mapping");
  refused("current-context: c\ncontexts: [{name: c, context: {cluster: k}}, {name: c}]\n",
          SW_EINVAL, "occurs twice");
  refused("current-context: c\ncontexts: [{name: c, context: {cluster: k}}]\n", SW_ENOTFOUND,
          "there is no cluster \"k\"");
  refused("current-context: c\ncontexts: [{name: c, context: {cluster: k, user: w}}]\n"
          "clusters: [{name: k, cluster: {server: 'https://h'}}]\n",
          SW_ENOTFOUND, "there is no user \"w\"");
}

/* Over plain http no secrets are sent. */
static void test_plain_http(void **state)
{
  (void)state;
  struct kube_config c = read_config(one("server: \"http://127.0.0.1:8080\"", "token: abc"));
  assert_str(c.server, "http://127.0.0.1:8080");
  assert_int_equal(c.token.len, 0);
  kube_config_free(&c);
}

static struct kube_config loaded(const struct kube_config_source *source)
{
  struct kube_config c;
  struct error err;
  if (kube_config_load(source, &c, &err) < 0)
    fail_msg("%s", err.message);
  return c;
}

static void not_loaded(const struct kube_config_source *source, int code, const char *message)
{
  struct kube_config c;
  struct error err = {0};
  assert_int_equal(kube_config_load(source, &c, &err), code);
  assert_error(err, code, message);
}

static void test_several_files(void **state)
{
  (void)state;
  struct kube_config_source source = {.environment = environment};
  scratch_dir("sub");
  scratch_file("first", "clusters: [{name: k, cluster: {server: 'https://first'}}]\n"
                        "contexts: [{name: a, context: {cluster: k}}]\n");
  scratch_file("sub/second",
               "current-context: a\n"
               "clusters: [{name: k, cluster: {server: 'https://second'}},"
               " {name: l, cluster: {server: 'https://l', certificate-authority: ca}}]\n"
               "contexts: [{name: a, context: {cluster: l}},"
               " {name: b, context: {cluster: l}}]\n");
  scratch_file("sub/ca", PEM);
  variables[0][0] = "KUBECONFIG";
  variables[0][1] = "not-there::first:sub/second";
  struct kube_config c = loaded(&source);
  assert_str(c.server, "https://first");
  assert_str(c.origin, "context \"a\" of first");
  kube_config_free(&c);
  source.context = "b";
  c = loaded(&source);
  assert_str(c.server, "https://l");
  assert_str(c.ca_pem, PEM); /* relative to its own file */
  kube_config_free(&c);
  /* One that is named is the only one. */
  source.kubeconfig = "first";
  not_loaded(&source, SW_ENOTFOUND, "there is no context \"b\"");
  source = (struct kube_config_source){.environment = environment, .kubeconfig = "not-there"};
  not_loaded(&source, SW_ENOENT, "not-there");
  source.kubeconfig = NULL;
  variables[0][1] = "not-there";
  not_loaded(&source, SW_ENOENT, "there is no kubeconfig (not-there)");
  variables[0][1] = "sub";
  not_loaded(&source, SW_EINVAL, "sub");
}

static void test_home(void **state)
{
  (void)state;
  struct kube_config_source source = {.environment = environment};
  not_loaded(&source, SW_ENOENT, "~/.kube/config");
  variables[0][0] = "HOME";
  variables[0][1] = scratch.path;
  not_loaded(&source, SW_ENOENT, "~/.kube/config");
  scratch_dir(".kube");
  scratch_file(".kube/config", one(SERVER, "token: home"));
  struct kube_config c = loaded(&source);
  assert_str(c.token, "home");
  kube_config_free(&c);
}

static void test_in_cluster(void **state)
{
  (void)state;
  struct kube_config_source source = {.environment = environment, .service_account = "sa"};
  variables[0][0] = "KUBERNETES_SERVICE_HOST";
  variables[0][1] = "10.0.0.1";
  variables[1][0] = "KUBERNETES_SERVICE_PORT";
  variables[1][1] = "443";
  variables[2][0] = "KUBECONFIG";
  variables[2][1] = "kc";
  scratch_file("kc", one(SERVER, "token: from-kubeconfig"));
  /* A pod without a token goes on looking. */
  struct kube_config c = loaded(&source);
  assert_str(c.token, "from-kubeconfig");
  kube_config_free(&c);
  scratch_dir("sa");
  scratch_file("sa/token", "one\n");
  not_loaded(&source, SW_ENOENT, "sa/ca.crt");
  scratch_file("sa/ca.crt", PEM);
  c = loaded(&source);
  assert_str(c.server, "https://10.0.0.1:443");
  assert_str(c.token, "one");
  assert_str(c.ca_pem, PEM);
  assert_str(c.namespace, "default");
  assert_true(c.in_cluster);
  struct hash128 whole = kube_config_digest(&c, true), less = kube_config_digest(&c, false);
  kube_config_free(&c);
  scratch_file("sa/token", "two\n");
  scratch_file("sa/namespace", "seawall\n");
  variables[0][1] = "fd00::1";
  c = loaded(&source);
  assert_str(c.server, "https://[fd00::1]:443");
  assert_str(c.token, "two");
  assert_str(c.namespace, "seawall");
  kube_config_free(&c);
  variables[0][1] = "10.0.0.1";
  c = loaded(&source);
  assert_true(kube_config_digest(&c, true).low != whole.low);
  assert_true(kube_config_digest(&c, false).low == less.low);
  kube_config_free(&c);
  /* A context can only be one of a kubeconfig. */
  source.context = "c";
  c = loaded(&source);
  assert_str(c.token, "from-kubeconfig");
  kube_config_free(&c);
  source.context = NULL;
  variables[1][1] = "99999";
  not_loaded(&source, SW_EINVAL, "KUBERNETES_SERVICE_PORT");
  variables[1][1] = "443";
  variables[0][1] = "evil/x@y";
  not_loaded(&source, SW_EINVAL, "KUBERNETES_SERVICE_HOST");
}

static void test_limits(void **state)
{
  (void)state;
  struct buf text = {0};
  buf_add_repeat(&text, '#', KUBE_CONFIG_SIZE_MAX + 1);
  refused(buf_text(&text), SW_ELIMIT, "larger than");
  buf_clear(&text);
  buf_add_repeat(&text, 'a', KUBE_TOKEN_MAX + 1);
  scratch_file("long", buf_text(&text));
  refused(one(SERVER, "tokenFile: long"), SW_ELIMIT, "long");
  buf_clear(&text);
  scratch_file("f", "clusters: []\n");
  for (int i = 0; i <= KUBE_CONFIG_FILES_MAX; i++)
    buf_add_text(&text, "f:");
  variables[0][0] = "KUBECONFIG";
  variables[0][1] = buf_text(&text);
  struct kube_config_source source = {.environment = environment};
  not_loaded(&source, SW_ELIMIT, "more than 64 files");
  buf_free(&text);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      CASE(test_reads),      CASE(test_data_and_files), CASE(test_refused),
      CASE(test_plain_http), CASE(test_several_files),  CASE(test_home),
      CASE(test_in_cluster), CASE(test_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
