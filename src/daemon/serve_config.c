#include "daemon/serve_config.h"

#include "base/file.h"
#include "data/duration.h"
#include "data/glob.h"
#include "data/pointer.h"
#include "oci/registry.h"
#include "policy/rule_library.h"

#include <arpa/inet.h>

#define KI INT64_C(1024)
#define MI (1024 * KI)
#define GI (1024 * MI)
#define MS INT64_C(1000000)

/* In the order of the enums in the header. */
static const char *const mode_names[] = {"off", "dryrun", "warn", "enforce", NULL};
static const char *const failure_names[] = {"deny", "ignore", NULL};
static const char *const severity_names[] = {"any",  "info",     "low", "medium",
                                             "high", "critical", NULL};
static const char *const namespace_names[] = {"none", "file", "api", NULL};
static const char *const level_names[] = {"debug", "info", "warn", "error", NULL};
static const char *const format_names[] = {"text", "json", NULL};
static const char *const sync_names[] = {"never", "interval", "always", NULL};

/* ---- checks of texts */

static int check_address(struct str text, struct error *err)
{
  char address[INET6_ADDRSTRLEN], parsed[16];
  snprintf(address, sizeof address, "%.*s", STR_FMT(str_sub(text, 0, sizeof address)));
  if (text.len < sizeof address &&
      (inet_pton(AF_INET, address, parsed) == 1 || inet_pton(AF_INET6, address, parsed) == 1))
    return 0;
  return error_set(err, SW_EINVAL, "\"%.*s\" is no IP address (like 127.0.0.1 or ::)",
                   STR_FMT(str_sub(text, 0, 100)));
}

static int check_path(struct str text, struct error *err)
{
  return text.len && text.len < 4096 ? 0 : error_set(err, SW_EINVAL, "must be the name of a file");
}

static int check_context(struct str text, struct error *err)
{
  return text.len && text.len <= 1024
             ? 0
             : error_set(err, SW_EINVAL, "must be the name of a context of the kubeconfig");
}

static int check_pattern(struct str text, struct error *err)
{
  return text.len && text.len <= GLOB_LENGTH_MAX
             ? 0
             : error_set(err, SW_EINVAL, "a pattern must have from 1 to %d bytes", GLOB_LENGTH_MAX);
}

static int check_registry(struct str text, struct error *err)
{
  return oci_registry_is_host(text)
             ? 0
             : error_set(err, SW_EINVAL, "\"%.*s\" is no HOST, HOST:PORT or http://HOST:PORT",
                         STR_FMT(str_sub(text, 0, 100)));
}

static int check_mirror(struct str text, struct error *err)
{
  struct str location, registry = str_cut(text, '=', &location);
  return registry.len && location.data && oci_registry_is_location(location)
             ? 0
             : error_set(err, SW_EINVAL, "\"%.*s\" is no REGISTRY=HOST[:PORT][/PATH]",
                         STR_FMT(str_sub(text, 0, 100)));
}

static int check_pointer(struct str text, struct error *err)
{
  if (!text.len)
    return error_set(err, SW_EINVAL, "an empty pointer would mask everything");
  return pointer_check(text, err);
}

/* ---- settings */

#define POLICY(member) offsetof(struct serve_policy_setting, member)

static const struct setting policy_rows[] = {
    {"policy", &setting_text, POLICY(policy), .check = check_pattern},
    {"failure", &setting_choice, POLICY(failure), .detail = failure_names, .fallback = "deny"},
    {"mode", &setting_choice, POLICY(mode), .detail = mode_names, .fallback = "enforce"},
    {"namespaces", &setting_texts, POLICY(namespaces), .check = check_pattern},
    {"excludedNamespaces", &setting_texts, POLICY(excluded_namespaces), .check = check_pattern},
    {"kinds", &setting_texts, POLICY(kinds), .check = check_pattern},
    {0},
};

static const struct setting_rows policy_settings = {policy_rows,
                                                    sizeof(struct serve_policy_setting), "policy"};

#define RULE(member) offsetof(struct serve_rule_setting, member)

static const struct setting rule_rows[] = {
    {"rule", &setting_text, RULE(rule), .check = check_pattern},
    {"severity", &setting_choice, RULE(severity), .detail = severity_names, .fallback = "any"},
    {"namespaces", &setting_texts, RULE(namespaces), .check = check_pattern},
    {"mode", &setting_choice, RULE(mode), .detail = mode_names, .fallback = "warn"},
    {0},
};

static const struct setting_rows rule_settings = {rule_rows, sizeof(struct serve_rule_setting),
                                                  "mode"};

#define AT(member) offsetof(struct serve_config, member)

/* One row for a whole number, a size, a duration: default, from, to. */
#define NUMBER(path, member, fallback_text, from, to)                                              \
  {                                                                                                \
    path, &setting_number, AT(member), .fallback = fallback_text, .min = from, .max = to           \
  }
#define SIZE(path, member, fallback_text, from, to)                                                \
  {                                                                                                \
    path, &setting_size, AT(member), .fallback = fallback_text, .min = from, .max = to             \
  }
#define TIME(path, member, fallback_text, from, to)                                                \
  {                                                                                                \
    path, &setting_duration, AT(member), .fallback = fallback_text, .min = from, .max = to         \
  }
#define SWITCH(path, member, fallback_text)                                                        \
  {                                                                                                \
    path, &setting_bool, AT(member), .fallback = fallback_text                                     \
  }
#define CHOICE(path, member, names, fallback_text)                                                 \
  {                                                                                                \
    path, &setting_choice, AT(member), .detail = names, .fallback = fallback_text                  \
  }
#define FILE_NAME(path, member)                                                                    \
  {                                                                                                \
    path, &setting_text, AT(member), .check = check_path                                           \
  }
#define TEXTS(path, member, checked)                                                               \
  {                                                                                                \
    path, &setting_texts, AT(member), .check = checked                                             \
  }

static const struct setting rows[] = {
    {"apiVersion", &setting_fixed, 0, .detail = "seawall.dev/v1"},
    {"kind", &setting_fixed, 0, .detail = "ServeConfig"},
    {"listen.address", &setting_text, AT(listen.address), .fallback = "127.0.0.1",
     .check = check_address},
    NUMBER("listen.port", listen.port, "8443", 0, 65535),
    NUMBER("listen.workers", listen.workers, "0", 0, 64),
    FILE_NAME("tls.certificate", tls.certificate),
    FILE_NAME("tls.key", tls.key),
    FILE_NAME("tls.clientCA", tls.client_ca),
    SWITCH("tls.requireClient", tls.require_client, "false"),
    NUMBER("limits.connections", limits.connections, "4096", 1, 1000000),
    NUMBER("limits.connectionsPerAddress", limits.connections_per_address, "0", 0, 1000000),
    NUMBER("limits.requests", limits.requests, "1024", 1, 1000000),
    SIZE("limits.header", limits.header, "16Ki", KI, MI),
    SIZE("limits.body", limits.body, "8Mi", KI, GI),
    SIZE("limits.bodies", limits.bodies, "256Mi", KI, 64 * GI),
    TIME("limits.idle", limits.idle, "3m", DURATION_SECOND, DURATION_HOUR),
    TIME("limits.request", limits.request, "15s", 100 * MS, 10 * DURATION_MINUTE),
    TIME("limits.answer", limits.answer, "10s", 100 * MS, 30 * DURATION_SECOND),
    TIME("limits.drain", limits.drain, "20s", 0, 10 * DURATION_MINUTE),
    TIME("limits.shutdownDelay", limits.shutdown_delay, "0s", 0, 10 * DURATION_MINUTE),
    TEXTS("policies.paths", policies.paths, check_path),
    TEXTS("policies.inventory", policies.inventory, check_path),
    SWITCH("policies.regoV0", policies.rego_v0, "false"),
    CHOICE("policies.failure", policies.failure, failure_names, "deny"),
    {"policies.settings", &setting_items, AT(policies.settings), .detail = &policy_settings},
    NUMBER("policies.steps", policies.steps, "5000000", 1000, INT64_C(1000000000000)),
    SIZE("policies.memory", policies.memory, "64Mi", MI, 16 * GI),
    NUMBER("policies.deadlineShare", policies.deadline_share, "80", 1, 100),
    TIME("policies.reload", policies.reload, "1s", 0, DURATION_HOUR),
    SWITCH("rules.enabled", rules.enabled, "true"),
    CHOICE("rules.mode", rules.mode, mode_names, "warn"),
    CHOICE("rules.severity", rules.severity, severity_names, "medium"),
    {"rules.settings", &setting_items, AT(rules.settings), .detail = &rule_settings},
    TEXTS("rules.skip", rules.skip, check_pattern),
    TEXTS("rules.paths", rules.paths, check_path),
    {"rules.parameters", &setting_tree, AT(rules.parameters)},
    SWITCH("podSecurity.enabled", pod_security.enabled, "true"),
    {"podSecurity.defaults", &setting_tree, AT(pod_security.defaults)},
    {"podSecurity.exemptions", &setting_tree, AT(pod_security.exemptions)},
    SWITCH("images.enabled", images.enabled, "false"),
    TEXTS("images.allowed", images.allowed, check_pattern),
    TEXTS("images.denied", images.denied, check_pattern),
    SWITCH("images.requireDigest", images.require_digest, "false"),
    SWITCH("images.refuseLatest", images.refuse_latest, "false"),
    SWITCH("images.resolve", images.resolve, "false"),
    TIME("images.resolveTimeout", images.resolve_timeout, "3s", 100 * MS, 30 * DURATION_SECOND),
    TIME("images.resolveKeep", images.resolve_keep, "1m", 0, DURATION_HOUR),
    FILE_NAME("images.registryAuth", images.registry_auth),
    FILE_NAME("images.registryCA", images.registry_ca),
    TEXTS("images.insecureRegistries", images.insecure_registries, check_registry),
    TEXTS("images.mirrors", images.mirrors, check_mirror),
    CHOICE("namespaces.source", namespaces.source, namespace_names, "none"),
    FILE_NAME("namespaces.path", namespaces.path),
    FILE_NAME("namespaces.kubeconfig", namespaces.kubeconfig),
    {"namespaces.context", &setting_text, AT(namespaces.context), .check = check_context},
    SWITCH("namespaces.refuseUnknown", namespaces.refuse_unknown, "false"),
    SWITCH("decisionLog.enabled", decision_log.enabled, "false"),
    {"decisionLog.path", &setting_text, AT(decision_log.path), .fallback = "-",
     .check = check_path},
    SIZE("decisionLog.rotate", decision_log.rotate, "100Mi", 4 * KI, 1024 * GI),
    NUMBER("decisionLog.keep", decision_log.keep, "5", 0, 1000),
    SIZE("decisionLog.queue", decision_log.queue, "16Mi", 4 * KI, GI),
    TIME("decisionLog.wait", decision_log.wait, "0s", 0, 10 * DURATION_SECOND),
    CHOICE("decisionLog.sync", decision_log.sync, sync_names, "interval"),
    SWITCH("decisionLog.objects", decision_log.objects, "false"),
    {"decisionLog.maskEnv", &setting_texts, AT(decision_log.mask_env),
     .fallback = "*PASSWORD*,*PASSWD*,*PASSPHRASE*,*SECRET*,*TOKEN*,*CREDENTIAL*,*APIKEY*,"
                 "*API_KEY*,*ACCESS_KEY*,*PRIVATE_KEY*,*AUTH*,*DSN*,*CONNECTION_STRING*",
     .check = check_pattern},
    TEXTS("decisionLog.maskPointers", decision_log.mask_pointers, check_pointer),
    CHOICE("log.level", log.level, level_names, "info"),
    CHOICE("log.format", log.format, format_names, "text"),
    SWITCH("dataAPI.enabled", data_api.enabled, "true"),
    SWITCH("metrics.enabled", metrics.enabled, "true"),
    {"metrics.address", &setting_text, AT(metrics.address), .check = check_address},
    NUMBER("metrics.port", metrics.port, "9443", 0, 65535),
    {0},
};

void serve_config_init(struct serve_config *config)
{
  *config = (struct serve_config){0};
  arena_init(&config->arena, 256 << 20);
  /* The table's own texts: a unit test reads them all. */
  settings_defaults(rows, config, &config->arena, NULL);
}

void serve_config_free(struct serve_config *config)
{
  arena_free(&config->arena);
}

int serve_config_read_text(struct serve_config *config, struct str text, struct error *err)
{
  return settings_read_text(rows, config, &config->arena, text, "the configuration", err);
}

/* Puts the file and the place in front, as far as they are known. */
static int name_place(const struct serve_config *config, struct error *err)
{
  if (config->file && err->line)
    return error_wrap(err, "%s:%u:%u", config->file, err->line, err->column);
  return config->file ? error_wrap(err, "%s", config->file) : err->code;
}

int serve_config_read(struct serve_config *config, const char *path, struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  int rc = file_read(path, SERVE_CONFIG_MAX, &text, err);
  if (rc < 0)
    return rc;
  config->file = arena_copy(&config->arena, str_from(path)).data;
  rc = serve_config_read_text(config, buf_str(&text), err);
  return rc < 0 ? name_place(config, err) : 0;
}

int serve_config_environment(struct serve_config *config, char *const *environment,
                             struct error *err)
{
  return settings_environment(rows, config, &config->arena, STR(SERVE_CONFIG_PREFIX), environment,
                              err);
}

int serve_config_set(struct serve_config *config, struct str path, struct str text,
                     struct error *err)
{
  return settings_override(rows, config, &config->arena, path, text, err);
}

void serve_config_write(const struct serve_config *config, struct buf *out)
{
  settings_write(rows, config, out);
}

const char *serve_config_path(size_t i, const char **ret_fallback)
{
  enum { COUNT = sizeof rows / sizeof rows[0] };
  if (i >= COUNT || !rows[i].path)
    return NULL;
  if (ret_fallback)
    *ret_fallback = rows[i].fallback;
  return rows[i].path;
}

/* ---- several settings together */

/* The document that the API server's plugin would be given. */
static int read_pod_security(struct serve_config *config, struct error *err)
{
  struct value_member members[4] = {
      {value_from("apiVersion"), value_from("pod-security.admission.config.k8s.io/v1")},
      {value_from("kind"), value_from("PodSecurityConfiguration")},
  };
  uint32_t count = 2;
  if (!value_is(config->pod_security.defaults, VALUE_ABSENT))
    members[count++] = (struct value_member){value_from("defaults"), config->pod_security.defaults};
  if (!value_is(config->pod_security.exemptions, VALUE_ABSENT))
    members[count++] =
        (struct value_member){value_from("exemptions"), config->pod_security.exemptions};
  struct value document;
  value_object_make(&config->arena, members, NULL, count, VALUE_REFUSE, NULL, &document);
  int rc = podsecurity_config_read(&config->arena, document, &config->pod_security.config, err);
  if (rc < 0 && err->line)
    return name_place(config, err);
  return rc < 0 ? error_wrap(err, "podSecurity") : 0;
}

static int check_parameters(const struct serve_config *config, struct error *err)
{
  if (value_is(config->rules.parameters, VALUE_ABSENT))
    return 0;
  int rc = rule_library_check_parameters(config->rules.parameters, err);
  if (rc < 0 && err->line)
    return name_place(config, err);
  return rc < 0 ? error_wrap(err, "rules.parameters") : 0;
}

static int check_tls(const struct serve_config *c, struct error *err)
{
  if (!c->tls.certificate != !c->tls.key)
    return error_set(err, SW_EINVAL, "tls.certificate and tls.key belong together; %s is missing",
                     c->tls.key ? "tls.certificate" : "tls.key");
  if (c->tls.require_client && !c->tls.client_ca)
    return error_set(err, SW_EINVAL, "tls.requireClient needs tls.clientCA");
  return 0;
}

static int check_together(const struct serve_config *c, struct error *err)
{
  if (c->limits.bodies < c->limits.body)
    return error_set(err, SW_EINVAL, "limits.bodies must not be less than limits.body");
  if ((c->namespaces.source == SERVE_NAMESPACES_FILE) != (c->namespaces.path != NULL))
    return error_set(err, SW_EINVAL,
                     "namespaces.path goes with namespaces.source: file, and only with it");
  if ((c->namespaces.kubeconfig || c->namespaces.context) &&
      c->namespaces.source != SERVE_NAMESPACES_API)
    return error_set(err, SW_EINVAL,
                     "namespaces.kubeconfig and namespaces.context go with namespaces.source: api");
  if (c->metrics.address && c->metrics.port && c->metrics.port == c->listen.port &&
      strcmp(c->metrics.address, c->listen.address) == 0)
    return error_set(err, SW_EINVAL,
                     "metrics.address and metrics.port are those of listen; leave metrics.address "
                     "out to serve /metrics beside the rest");
  if (c->decision_log.mask_pointers.count > 64 || c->decision_log.mask_env.count > 256)
    return error_set(err, SW_EINVAL, "decisionLog: at most 64 of maskPointers and 256 of maskEnv");
  return 0;
}

int serve_config_finish(struct serve_config *config, struct error *err)
{
  int rc = check_tls(config, err);
  if (rc == 0)
    rc = check_together(config, err);
  if (rc == 0)
    rc = check_parameters(config, err);
  if (rc == 0)
    rc = read_pod_security(config, err);
  return rc;
}
