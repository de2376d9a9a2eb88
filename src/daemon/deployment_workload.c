/* The pods, and the files in them. */
#include "daemon/deployment_int.h"

enum { MODE = 0440, TOKEN_SECONDS = 3600, SECOND_NS = 1000000000, GRACE = 10 };

struct value deployment_config_map(const struct deployment *d)
{
  struct arena *a = d->arena;
  return OBJECT(a, {"apiVersion", TEXT("v1")}, {"kind", TEXT("ConfigMap")},
                {"metadata", deployment_metadata(d, DEPLOYMENT_NAME, true)},
                {"data", OBJECT(a, {"serve.yaml", value_string(d->config_text)})});
}

/* There also if it is empty, so that policies can be put into it without another Deployment. (An empty member
 * would be dropped by the API server, and each apply would add it again.) */
struct value deployment_policy_map(const struct deployment *d)
{
  struct arena *a = d->arena;
  size_t count = d->options->policy_count;
  struct value_member *files = arena_array(a, struct value_member, count + 1);
  struct value data;
  for (size_t i = 0; i < count; i++)
    files[i] = (struct value_member){value_string(d->options->policies[i].key),
                                     value_string(d->options->policies[i].text)};
  value_object_make(a, files, NULL, (uint32_t)count, VALUE_LAST_WINS, NULL, &data);
  return OBJECT(a, {"apiVersion", TEXT("v1")}, {"kind", TEXT("ConfigMap")},
                {"metadata", deployment_metadata(d, DEPLOYMENT_POLICIES, true)},
                {"data", count ? data : VALUE_NONE});
}

/* ---- volumes */

/* The token that kubelets would mount by themselves, for this pod alone. */
static struct value token_volume(struct arena *a)
{
  struct value token =
      OBJECT(a, {"path", TEXT("token")}, {"expirationSeconds", NUMBER(TOKEN_SECONDS)});
  struct value ca =
      OBJECT(a, {"name", TEXT("kube-root-ca.crt")},
             {"items", ARRAY(a, OBJECT(a, {"key", TEXT("ca.crt")}, {"path", TEXT("ca.crt")}))});
  struct value in = OBJECT(a, {"path", TEXT("namespace")},
                           {"fieldRef", OBJECT(a, {"apiVersion", TEXT("v1")},
                                               {"fieldPath", TEXT("metadata.namespace")})});
  struct value sources = ARRAY(a, OBJECT(a, {"serviceAccountToken", token}),
                               OBJECT(a, {"configMap", ca}),
                               OBJECT(a, {"downwardAPI", OBJECT(a, {"items", ARRAY(a, in)})}));
  return OBJECT(a, {"name", TEXT("token")},
                {"projected", OBJECT(a, {"defaultMode", NUMBER(MODE)}, {"sources", sources})});
}

static struct value volumes(const struct deployment *d)
{
  struct arena *a = d->arena;
  struct value mode = NUMBER(MODE);
  struct value config = OBJECT(
      a, {"name", TEXT(DEPLOYMENT_NAME)}, {"defaultMode", mode},
      {"items", ARRAY(a, OBJECT(a, {"key", TEXT("serve.yaml")}, {"path", TEXT("serve.yaml")}))});
  struct value policies = OBJECT(a, {"name", TEXT(DEPLOYMENT_POLICIES)}, {"defaultMode", mode});
  struct value tls = OBJECT(a, {"secretName", TEXT(DEPLOYMENT_SECRET)}, {"defaultMode", mode});
  return ARRAY(a, OBJECT(a, {"name", TEXT("config")}, {"configMap", config}),
               OBJECT(a, {"name", TEXT("policies")}, {"configMap", policies}),
               OBJECT(a, {"name", TEXT("tls")}, {"secret", tls}),
               d->asks_api ? token_volume(a) : VALUE_NONE);
}

static struct value mount(struct arena *a, const char *name, const char *path)
{
  return OBJECT(a, {"name", TEXT(name)}, {"mountPath", TEXT(path)}, {"readOnly", TRUE});
}

/* Policies and certificate are directories, not files in them (subPath): only so do their changes arrive
 * in the container. The configuration comes with new pods anyway. */
static struct value mounts(const struct deployment *d)
{
  struct arena *a = d->arena;
  struct value token = mount(a, "token", "/var/run/secrets/kubernetes.io/serviceaccount");
  struct value config = mount(a, "config", DEPLOYMENT_DIR "/serve.yaml");
  return ARRAY(a, value_object_with(a, config, TEXT("subPath"), TEXT("serve.yaml")),
               mount(a, "policies", DEPLOYMENT_DIR "/policies"),
               mount(a, "tls", DEPLOYMENT_DIR "/tls"), d->asks_api ? token : VALUE_NONE);
}

/* ---- container */

static struct value probe(struct arena *a, const char *path, int64_t period, int64_t failures)
{
  struct value get =
      OBJECT(a, {"path", TEXT(path)}, {"port", TEXT("https")}, {"scheme", TEXT("HTTPS")});
  return OBJECT(a, {"httpGet", get}, {"periodSeconds", NUMBER(period)},
                {"timeoutSeconds", NUMBER(2)}, {"failureThreshold", NUMBER(failures)});
}

static struct value resources(struct arena *a)
{
  return OBJECT(a,
                {"requests", OBJECT(a, {"cpu", TEXT("250m")}, {"memory", TEXT("96Mi")},
                                    {"ephemeral-storage", TEXT("16Mi")})},
                {"limits", OBJECT(a, {"cpu", TEXT("1")}, {"memory", TEXT("384Mi")},
                                  {"ephemeral-storage", TEXT("64Mi")})});
}

static struct value container_security(struct arena *a)
{
  return OBJECT(a, {"allowPrivilegeEscalation", FALSE}, {"privileged", FALSE},
                {"readOnlyRootFilesystem", TRUE}, {"runAsNonRoot", TRUE},
                {"capabilities", OBJECT(a, {"drop", ARRAY(a, TEXT("ALL"))})});
}

static struct value ports(const struct deployment *d)
{
  struct arena *a = d->arena;
  struct value https = OBJECT(a, {"name", TEXT("https")},
                              {"containerPort", NUMBER(d->checked.listen.port)},
                              {"protocol", TEXT("TCP")});
  struct value metrics = OBJECT(a, {"name", TEXT("metrics")},
                                {"containerPort", NUMBER(d->checked.metrics.port)},
                                {"protocol", TEXT("TCP")});
  return ARRAY(a, https, d->has_metrics ? metrics : VALUE_NONE);
}

/* A digest is the same wherever it comes from; a tag is asked about each time. */
static const char *pull_policy(const struct deployment_options *o)
{
  if (o->pull_policy)
    return o->pull_policy;
  return strchr(o->image, '@') ? "IfNotPresent" : "Always";
}

static struct value container(const struct deployment *d)
{
  struct arena *a = d->arena;
  const struct deployment_options *o = d->options;
  return OBJECT(
      a, {"name", TEXT(DEPLOYMENT_NAME)}, {"image", TEXT(o->image)},
      {"imagePullPolicy", TEXT(pull_policy(o))},
      {"args", ARRAY(a, TEXT("serve"), TEXT("--config"), TEXT(DEPLOYMENT_DIR "/serve.yaml"))},
      {"ports", ports(d)}, {"startupProbe", probe(a, "/healthz", 1, 60)},
      {"livenessProbe", probe(a, "/healthz", 10, 6)}, {"readinessProbe", probe(a, "/readyz", 2, 2)},
      {"resources", resources(a)}, {"securityContext", container_security(a)},
      {"volumeMounts", mounts(d)});
}

/* ---- pod */

static struct value pod_security(const struct deployment *d)
{
  struct arena *a = d->arena;
  struct value runtime = OBJECT(a, {"type", TEXT("RuntimeDefault")});
  return OBJECT(a, {"runAsNonRoot", TRUE}, {"runAsUser", NUMBER(DEPLOYMENT_UID)},
                {"runAsGroup", NUMBER(DEPLOYMENT_UID)}, {"fsGroup", NUMBER(DEPLOYMENT_UID)},
                {"seccompProfile", runtime},
                {"appArmorProfile", d->options->app_armor ? runtime : VALUE_NONE});
}

/* Wishes, not demands: a cluster of one node has to get its webhook too. */
static struct value spread(struct arena *a, const char *key)
{
  return OBJECT(a, {"maxSkew", NUMBER(1)}, {"topologyKey", TEXT(key)},
                {"whenUnsatisfiable", TEXT("ScheduleAnyway")},
                {"labelSelector", OBJECT(a, {"matchLabels", deployment_selector(a)})});
}

static struct value affinity(struct arena *a)
{
  struct value apart =
      OBJECT(a, {"topologyKey", TEXT("kubernetes.io/hostname")},
             {"labelSelector", OBJECT(a, {"matchLabels", deployment_selector(a)})});
  struct value wish = OBJECT(a, {"weight", NUMBER(100)}, {"podAffinityTerm", apart});
  return OBJECT(a, {"podAntiAffinity", OBJECT(a, {"preferredDuringSchedulingIgnoredDuringExecution",
                                                  ARRAY(a, wish)})});
}

static struct value pull_secrets(const struct deployment *d)
{
  const char *name = d->options->pull_secret;
  return name ? ARRAY(d->arena, OBJECT(d->arena, {"name", TEXT(name)})) : VALUE_NONE;
}

/* Everything that the server does after SIGTERM, and something for slow nodes. It goes on accepting for
 * limits.shutdownDelay, so that nothing is lost until the last node has taken its address out: the image has
 * neither shell nor sleep for a preStop hook. */
static int64_t grace_seconds(const struct serve_config *c)
{
  int64_t ns = c->limits.shutdown_delay + c->limits.drain;
  return (ns + SECOND_NS - 1) / SECOND_NS + GRACE;
}

static struct value pod_spec(const struct deployment *d)
{
  struct arena *a = d->arena;
  const struct deployment_options *o = d->options;
  struct value ndots = OBJECT(a, {"name", TEXT("ndots")}, {"value", TEXT("2")});
  return OBJECT(
      a, {"serviceAccountName", TEXT(DEPLOYMENT_NAME)}, {"automountServiceAccountToken", FALSE},
      {"enableServiceLinks", FALSE},
      {"priorityClassName", TEXT(o->priority_class ? o->priority_class : DEPLOYMENT_NAME)},
      {"runtimeClassName", o->runtime_class ? TEXT(o->runtime_class) : VALUE_NONE},
      {"terminationGracePeriodSeconds", NUMBER(grace_seconds(&d->checked))},
      {"nodeSelector", OBJECT(a, {"kubernetes.io/os", TEXT("linux")})},
      {"securityContext", pod_security(d)}, {"imagePullSecrets", pull_secrets(d)},
      {"dnsConfig", OBJECT(a, {"options", ARRAY(a, ndots)})}, {"affinity", affinity(a)},
      {"topologySpreadConstraints",
       ARRAY(a, spread(a, "kubernetes.io/hostname"), spread(a, "topology.kubernetes.io/zone"))},
      {"containers", ARRAY(a, container(d))}, {"volumes", volumes(d)});
}

/* What the configuration says is read when the server starts: when it changes, so do the pods. */
static struct value pod_template(const struct deployment *d)
{
  struct arena *a = d->arena;
  struct value annotations =
      OBJECT(a, {"seawall.dev/config-sha256", value_string(d->config_digest)});
  struct value metadata = OBJECT(a, {"labels", deployment_labels(a)}, {"annotations", annotations});
  return OBJECT(a, {"metadata", metadata}, {"spec", pod_spec(d)});
}

struct value deployment_workload(const struct deployment *d)
{
  struct arena *a = d->arena;
  struct value update = OBJECT(a, {"maxUnavailable", NUMBER(0)}, {"maxSurge", NUMBER(1)});
  return OBJECT(
      a, {"apiVersion", TEXT("apps/v1")}, {"kind", TEXT("Deployment")},
      {"metadata", deployment_metadata(d, DEPLOYMENT_NAME, true)},
      {"spec",
       OBJECT(a, {"replicas", NUMBER(d->options->replicas)}, {"revisionHistoryLimit", NUMBER(3)},
              {"strategy", OBJECT(a, {"type", TEXT("RollingUpdate")}, {"rollingUpdate", update})},
              {"selector", OBJECT(a, {"matchLabels", deployment_selector(a)})},
              {"template", pod_template(d)})});
}
