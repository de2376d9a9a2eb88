/*
 * serve_config.h - the configuration of `seawall serve`: one YAML file, over which the environment
 * (SEAWALL_SERVE_...) and flags have the last word. docs/serve-configuration.md says what each key means.
 *
 *     struct serve_config config;
 *     serve_config_init(&config);
 *     if (serve_config_read(&config, "/etc/seawall/serve.yaml", &err) < 0 ||
 *         serve_config_environment(&config, environ, &err) < 0 ||
 *         serve_config_set(&config, STR("listen.port"), STR("8443"), &err) < 0 ||
 *         serve_config_finish(&config, &err) < 0)
 *       ...
 *     serve_config_write(&config, &out);                 what holds in the end
 *     serve_config_free(&config);
 *
 * The file may be left out altogether. A key that does not exist is refused, with a suggestion; wrong types,
 * units and ranges are errors with line and column. What needs several keys is checked by
 * serve_config_finish. (Variables have a prefix of their own because Kubernetes makes SEAWALL_PORT and
 * SEAWALL_SERVICE_HOST of a Service called seawall.)
 *
 * Ownership: everything lies in the configuration's arena, until serve_config_free. Thread safety: read by
 * one thread, then shared. Limits: SERVE_CONFIG_MAX bytes; lists as in data/settings.h. Errors: SW_EINVAL,
 * SW_ELIMIT, those of file_read; err is needed.
 */
#ifndef SEAWALL_DAEMON_SERVE_CONFIG_H
#define SEAWALL_DAEMON_SERVE_CONFIG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "data/settings.h"
#include "policy/podsecurity_policy.h"

enum { SERVE_CONFIG_MAX = 4 << 20 };

#define SERVE_CONFIG_PREFIX "SEAWALL_SERVE_"

enum serve_mode { SERVE_OFF, SERVE_DRYRUN, SERVE_WARN, SERVE_ENFORCE };
enum serve_failure { SERVE_FAIL_CLOSED, SERVE_FAIL_IGNORE };
enum serve_severity {
  SERVE_SEVERITY_ANY,
  SERVE_SEVERITY_INFO,
  SERVE_SEVERITY_LOW,
  SERVE_SEVERITY_MEDIUM,
  SERVE_SEVERITY_HIGH,
  SERVE_SEVERITY_CRITICAL,
};
enum serve_namespaces { SERVE_NAMESPACES_NONE, SERVE_NAMESPACES_FILE, SERVE_NAMESPACES_API };
enum serve_log_level { SERVE_LOG_DEBUG, SERVE_LOG_INFO, SERVE_LOG_WARN, SERVE_LOG_ERROR };
enum serve_log_format { SERVE_LOG_TEXT, SERVE_LOG_JSON };
enum serve_sync { SERVE_SYNC_NEVER, SERVE_SYNC_INTERVAL, SERVE_SYNC_ALWAYS };

/* What holds for the policies whose id matches; the first that matches counts. */
struct serve_policy_setting {
  const char *policy; /* "*" and "?" */
  unsigned failure;   /* enum serve_failure */
  unsigned mode;      /* enum serve_mode: no stricter than this */
  struct setting_texts namespaces, excluded_namespaces, kinds;
};

/* What rules of the library do; the first that matches counts. */
struct serve_rule_setting {
  const char *rule;  /* a pattern of ids; NULL: all */
  unsigned severity; /* enum serve_severity: from this up */
  unsigned mode;     /* enum serve_mode */
  struct setting_texts namespaces;
};

/* Sizes in bytes, durations in nanoseconds; texts NULL where nothing is said. */
struct serve_config {
  struct arena arena;
  const char *file; /* that was read; NULL: none */

  struct {
    const char *address;
    int64_t port, workers; /* workers 0: one per processor */
  } listen;
  struct {
    const char *certificate, *key, *client_ca;
    bool require_client;
  } tls;
  struct {
    int64_t connections, connections_per_address, requests;
    int64_t header, body, bodies;
    int64_t idle, request, answer, drain, shutdown_delay;
  } limits;
  struct {
    struct setting_texts paths, inventory;
    bool rego_v0;
    unsigned failure;             /* enum serve_failure: where no setting matches */
    struct setting_list settings; /* struct serve_policy_setting */
    int64_t steps, memory, deadline_share, reload; /* share: percent */
  } policies;
  struct {
    bool enabled;
    unsigned mode;                /* enum serve_mode: where no setting matches */
    unsigned severity;            /* enum serve_severity: findings below are not told there */
    struct setting_list settings; /* struct serve_rule_setting */
    struct setting_texts skip, paths;
    struct value parameters; /* absent: none */
  } rules;
  struct {
    bool enabled;
    struct value defaults, exemptions; /* as written */
    struct podsecurity_config config;  /* filled by serve_config_finish */
  } pod_security;
  struct {
    bool enabled;
    struct setting_texts allowed, denied;
    bool require_digest, refuse_latest, resolve;
    int64_t resolve_timeout, resolve_keep;
    const char *registry_auth, *registry_ca;
    struct setting_texts insecure_registries;
    struct setting_texts mirrors; /* "REGISTRY=LOCATION" */
  } images;
  struct {
    unsigned source; /* enum serve_namespaces */
    const char *path;
    const char *kubeconfig, *context; /* source api: as in struct kube_config_source */
    bool refuse_unknown;
  } namespaces;
  struct {
    bool enabled;
    const char *path; /* "-": standard output */
    int64_t rotate, keep, queue, wait;
    unsigned sync; /* enum serve_sync */
    bool objects;
    struct setting_texts mask_env, mask_pointers;
  } decision_log;
  struct {
    unsigned level, format;
  } log;
  struct {
    bool enabled;
  } data_api;
  struct {
    bool enabled;
    const char *address; /* NULL: served beside the rest */
    int64_t port;
  } metrics;
};

/* What holds if nothing is said. */
void serve_config_init(struct serve_config *config);
void serve_config_free(struct serve_config *config);

/* Reads a file over what is there; errors begin with FILE:LINE:COLUMN. */
int serve_config_read(struct serve_config *config, const char *path, struct error *err);

/* The same from a text; errors have their place, without a name in front. */
int serve_config_read_text(struct serve_config *config, struct str text, struct error *err);

/* All variables that begin with SERVE_CONFIG_PREFIX; one that is no setting is refused. */
int serve_config_environment(struct serve_config *config, char *const *environment,
                             struct error *err);

/* One setting by its path, as a flag gives it: "limits.body", "8Mi". Lists are separated by commas. */
int serve_config_set(struct serve_config *config, struct str path, struct str text,
                     struct error *err);

/* Checks what concerns several settings, and reads pod_security.config. Last, and once. */
int serve_config_finish(struct serve_config *config, struct error *err);

/* Appends what holds, as JSON (which is YAML): reading it gives the same again. */
void serve_config_write(const struct serve_config *config, struct buf *out);

/* The i-th setting's path, what holds for it without a word (NULL: nothing), for help and tests; NULL
 * behind the last. */
const char *serve_config_path(size_t i, const char **ret_fallback);

#endif
