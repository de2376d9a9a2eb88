/* What surrounds the pods: namespace, rights, network, certificates by cert-manager. */
#include "daemon/deployment_int.h"

/* The highest that is not the system's: the webhook goes last when a cluster runs short, and namespaces
 * with a quota of system classes take it all the same. */
enum { PRIORITY = 1000000000 };

struct value deployment_namespace(const struct deployment *d)
{
  struct arena *a = d->arena;
  if (d->options->without & DEPLOYMENT_NAMESPACE)
    return VALUE_NONE;
  struct value labels = deployment_labels(a);
  static const char *const levels[] = {"enforce", "audit", "warn"};
  for (size_t i = 0; i < 3; i++) {
    struct str key = arena_printf(a, "pod-security.kubernetes.io/%s", levels[i]);
    labels = value_object_with(a, labels, value_string(key), TEXT("restricted"));
  }
  return OBJECT(
      a, {"apiVersion", TEXT("v1")}, {"kind", TEXT("Namespace")},
      {"metadata", OBJECT(a, {"name", TEXT(d->options->namespace_name)}, {"labels", labels})});
}

/* ---- bounds: the webhook does not judge its own namespace, so nothing else shall find room in it */

struct value deployment_quota(const struct deployment *d)
{
  struct arena *a = d->arena;
  if (d->options->without & DEPLOYMENT_QUOTA)
    return VALUE_NONE;
  /* All pods, all of the version before that are still ending, and one surplus. */
  struct str pods = arena_printf(a, "%lld", 2 * (long long)d->options->replicas + 1);
  struct value hard = OBJECT(a, {"pods", value_string(pods)}, {"services.loadbalancers", TEXT("0")},
                             {"services.nodeports", TEXT("0")});
  return OBJECT(a, {"apiVersion", TEXT("v1")}, {"kind", TEXT("ResourceQuota")},
                {"metadata", deployment_metadata(d, DEPLOYMENT_NAME, true)},
                {"spec", OBJECT(a, {"hard", hard})});
}

struct value deployment_limit_range(const struct deployment *d)
{
  struct arena *a = d->arena;
  if (d->options->without & DEPLOYMENT_QUOTA)
    return VALUE_NONE;
  struct value limit =
      OBJECT(a, {"type", TEXT("Container")},
             {"default", OBJECT(a, {"cpu", TEXT("1")}, {"memory", TEXT("384Mi")})},
             {"defaultRequest", OBJECT(a, {"cpu", TEXT("250m")}, {"memory", TEXT("96Mi")})});
  return OBJECT(a, {"apiVersion", TEXT("v1")}, {"kind", TEXT("LimitRange")},
                {"metadata", deployment_metadata(d, DEPLOYMENT_NAME, true)},
                {"spec", OBJECT(a, {"limits", ARRAY(a, limit)})});
}

/* ---- rights */

struct value deployment_priority_class(const struct deployment *d)
{
  struct arena *a = d->arena;
  if (d->options->priority_class)
    return VALUE_NONE;
  return OBJECT(a, {"apiVersion", TEXT("scheduling.k8s.io/v1")}, {"kind", TEXT("PriorityClass")},
                {"metadata", deployment_metadata(d, DEPLOYMENT_NAME, false)},
                {"value", NUMBER(PRIORITY)}, {"preemptionPolicy", TEXT("PreemptLowerPriority")},
                {"description", TEXT("Admission webhook: other pods cannot be made without it.")});
}

struct value deployment_service_account(const struct deployment *d)
{
  return OBJECT(d->arena, {"apiVersion", TEXT("v1")}, {"kind", TEXT("ServiceAccount")},
                {"metadata", deployment_metadata(d, DEPLOYMENT_NAME, true)},
                {"automountServiceAccountToken", FALSE});
}

struct value deployment_cluster_role(const struct deployment *d)
{
  struct arena *a = d->arena;
  if (!d->asks_api)
    return VALUE_NONE;
  struct value rule = OBJECT(a, {"apiGroups", ARRAY(a, TEXT(""))},
                             {"resources", ARRAY(a, TEXT("namespaces"))},
                             {"verbs", ARRAY(a, TEXT("get"), TEXT("list"), TEXT("watch"))});
  return OBJECT(
      a, {"apiVersion", TEXT("rbac.authorization.k8s.io/v1")}, {"kind", TEXT("ClusterRole")},
      {"metadata", deployment_metadata(d, DEPLOYMENT_NAME, false)}, {"rules", ARRAY(a, rule)});
}

struct value deployment_cluster_role_binding(const struct deployment *d)
{
  struct arena *a = d->arena;
  if (!d->asks_api)
    return VALUE_NONE;
  struct value subject = OBJECT(a, {"kind", TEXT("ServiceAccount")},
                                {"name", TEXT(DEPLOYMENT_NAME)},
                                {"namespace", TEXT(d->options->namespace_name)});
  return OBJECT(a, {"apiVersion", TEXT("rbac.authorization.k8s.io/v1")},
                {"kind", TEXT("ClusterRoleBinding")},
                {"metadata", deployment_metadata(d, DEPLOYMENT_NAME, false)},
                {"roleRef", OBJECT(a, {"apiGroup", TEXT("rbac.authorization.k8s.io")},
                                   {"kind", TEXT("ClusterRole")}, {"name", TEXT(DEPLOYMENT_NAME)})},
                {"subjects", ARRAY(a, subject)});
}

/* ---- network */

static struct value policy_with(const struct deployment *d, const char *name, struct value selector,
                                struct value ingress, struct value egress)
{
  struct arena *a = d->arena;
  if (d->options->without & DEPLOYMENT_NETWORK_POLICY)
    return VALUE_NONE;
  return OBJECT(a, {"apiVersion", TEXT("networking.k8s.io/v1")}, {"kind", TEXT("NetworkPolicy")},
                {"metadata", deployment_metadata(d, name, true)},
                {"spec", OBJECT(a, {"podSelector", selector},
                                {"policyTypes", ARRAY(a, TEXT("Ingress"), TEXT("Egress"))},
                                {"ingress", ingress}, {"egress", egress})});
}

struct value deployment_deny_all(const struct deployment *d)
{
  struct value everything = OBJECT(d->arena, {0});
  return policy_with(d, DEPLOYMENT_NAME "-deny-all", everything, VALUE_NONE, VALUE_NONE);
}

static struct value port(struct arena *a, const char *protocol, int64_t number)
{
  return OBJECT(a, {"protocol", TEXT(protocol)}, {"port", NUMBER(number)});
}

/* The ranges of API servers as peers; absent: from anywhere, since API servers are no pods and some
 * networks know them by no address. */
static struct value api_peers(const struct deployment *d)
{
  const struct deployment_texts *ranges = &d->options->api_servers;
  struct value *peers = arena_array(d->arena, struct value, ranges->count + 1);
  for (size_t i = 0; i < ranges->count; i++)
    peers[i] = OBJECT(d->arena, {"ipBlock", OBJECT(d->arena, {"cidr", TEXT(ranges->items[i])})});
  return ranges->count ? value_array_make(d->arena, peers, NULL, (uint32_t)ranges->count)
                       : VALUE_NONE;
}

static struct value ingress(const struct deployment *d)
{
  struct arena *a = d->arena;
  const struct serve_config *c = &d->checked;
  struct value hook =
      OBJECT(a, {"from", api_peers(d)}, {"ports", ARRAY(a, port(a, "TCP", c->listen.port))});
  if (!d->has_metrics)
    return ARRAY(a, hook);
  struct value scrapers =
      OBJECT(a, {"namespaceSelector",
                 OBJECT(a, {"matchLabels", OBJECT(a, {"seawall.dev/metrics", TEXT("allowed")})})});
  return ARRAY(a, hook,
               OBJECT(a, {"from", ARRAY(a, scrapers)},
                      {"ports", ARRAY(a, port(a, "TCP", c->metrics.port))}));
}

static struct value egress(const struct deployment *d)
{
  struct arena *a = d->arena;
  struct value names = OBJECT(a, {"ports", ARRAY(a, port(a, "UDP", 53), port(a, "TCP", 53))});
  if (!d->asks_api)
    return ARRAY(a, names);
  return ARRAY(a,
               OBJECT(a, {"to", api_peers(d)},
                      {"ports", ARRAY(a, port(a, "TCP", 443), port(a, "TCP", 6443))}),
               names);
}

struct value deployment_network_policy(const struct deployment *d)
{
  struct value pods = OBJECT(d->arena, {"matchLabels", deployment_selector(d->arena)});
  return policy_with(d, DEPLOYMENT_NAME, pods, ingress(d), egress(d));
}

struct value deployment_service(const struct deployment *d)
{
  struct arena *a = d->arena;
  struct value https = OBJECT(a, {"name", TEXT("https")}, {"port", NUMBER(443)},
                              {"targetPort", TEXT("https")}, {"protocol", TEXT("TCP")});
  struct value metrics = OBJECT(a, {"name", TEXT("metrics")},
                                {"port", NUMBER(d->checked.metrics.port)},
                                {"targetPort", TEXT("metrics")}, {"protocol", TEXT("TCP")});
  struct value ports = ARRAY(a, https, d->has_metrics ? metrics : VALUE_NONE);
  return OBJECT(a, {"apiVersion", TEXT("v1")}, {"kind", TEXT("Service")},
                {"metadata", deployment_metadata(d, DEPLOYMENT_NAME, true)},
                {"spec", OBJECT(a, {"type", TEXT("ClusterIP")},
                                {"selector", deployment_selector(a)}, {"ports", ports})});
}

struct value deployment_disruption_budget(const struct deployment *d)
{
  struct arena *a = d->arena;
  if (d->options->replicas < 2) /* it could only forbid that a node is emptied */
    return VALUE_NONE;
  return OBJECT(a, {"apiVersion", TEXT("policy/v1")}, {"kind", TEXT("PodDisruptionBudget")},
                {"metadata", deployment_metadata(d, DEPLOYMENT_NAME, true)},
                {"spec", OBJECT(a, {"maxUnavailable", NUMBER(1)},
                                {"unhealthyPodEvictionPolicy", TEXT("AlwaysAllow")},
                                {"selector", OBJECT(a, {"matchLabels", deployment_selector(a)})})});
}

/* ---- certificates by cert-manager: an authority that lives longer than what it issues */

static struct value managed(const struct deployment *d, const char *kind, const char *name,
                            struct value spec)
{
  if (d->options->certificate)
    return VALUE_NONE;
  return OBJECT(d->arena, {"apiVersion", TEXT("cert-manager.io/v1")}, {"kind", TEXT(kind)},
                {"metadata", deployment_metadata(d, name, true)}, {"spec", spec});
}

static struct value issuer_reference(struct arena *a, const char *name)
{
  return OBJECT(a, {"group", TEXT("cert-manager.io")}, {"kind", TEXT("Issuer")},
                {"name", TEXT(name)});
}

static struct value key_wanted(struct arena *a)
{
  return OBJECT(a, {"algorithm", TEXT("ECDSA")}, {"size", NUMBER(256)},
                {"rotationPolicy", TEXT("Always")});
}

struct value deployment_issuer_root(const struct deployment *d)
{
  struct arena *a = d->arena;
  return managed(d, "Issuer", DEPLOYMENT_NAME "-root", OBJECT(a, {"selfSigned", OBJECT(a, {0})}));
}

struct value deployment_certificate_root(const struct deployment *d)
{
  struct arena *a = d->arena;
  return managed(d, "Certificate", DEPLOYMENT_NAME "-root",
                 OBJECT(a, {"secretName", TEXT(DEPLOYMENT_NAME "-root")}, {"isCA", TRUE},
                        {"commonName", TEXT("seawall webhook authority")},
                        {"duration", TEXT("87600h")}, {"privateKey", key_wanted(a)},
                        {"issuerRef", issuer_reference(a, DEPLOYMENT_NAME "-root")}));
}

struct value deployment_issuer(const struct deployment *d)
{
  struct arena *a = d->arena;
  struct value ca = OBJECT(a, {"secretName", TEXT(DEPLOYMENT_NAME "-root")});
  return managed(d, "Issuer", DEPLOYMENT_NAME, OBJECT(a, {"ca", ca}));
}

struct value deployment_certificate_server(const struct deployment *d)
{
  struct arena *a = d->arena;
  const char *in = d->options->namespace_name;
  struct value names =
      ARRAY(a, value_string(arena_printf(a, DEPLOYMENT_NAME ".%s.svc", in)),
            value_string(arena_printf(a, DEPLOYMENT_NAME ".%s.svc.cluster.local", in)));
  return managed(d, "Certificate", DEPLOYMENT_NAME,
                 OBJECT(a, {"secretName", TEXT(DEPLOYMENT_SECRET)}, {"dnsNames", names},
                        {"usages", ARRAY(a, TEXT("digital signature"), TEXT("server auth"))},
                        {"duration", TEXT("2160h")}, {"renewBefore", TEXT("720h")},
                        {"privateKey", key_wanted(a)},
                        {"issuerRef", issuer_reference(a, DEPLOYMENT_NAME)}));
}

struct value deployment_secret(const struct deployment *d)
{
  const struct deployment_options *o = d->options;
  if (!o->certificate || o->secret_apart)
    return VALUE_NONE;
  return deployment_certificate_secret(d->arena, o->namespace_name, o->certificate);
}
