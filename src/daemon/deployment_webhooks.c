/* What API servers ask about, and whom they leave alone. */
#include "daemon/deployment_int.h"

#include "data/base64.h"

enum { TIMEOUT_SECONDS = 5, RESOURCES_MAX = 8 };

/* ---- what is judged */

/* Resources of a group; versions are left to matchPolicy. */
struct rule {
  const char *group;
  const char *scope;
  const char *resources[RESOURCES_MAX];
  const char *operations[3];
  bool mutated; /* and may be changed */
  bool lasting; /* there is a DELETE of it */
};

/* What runs, what opens the cluster to others, what gives rights. Neither Secrets, which would travel for
 * nothing, nor what controllers write all the time. */
static const struct rule rules[] = {
    {"", "Namespaced", {"pods"}, {"CREATE", "UPDATE"}, true, true},
    {"", "Namespaced", {"pods/ephemeralcontainers"}, {"UPDATE"}, true, false},
    {"", "Namespaced", {"pods/resize"}, {"UPDATE"}, false, false},
    {"", "Namespaced", {"pods/exec", "pods/attach", "pods/portforward"}, {"CONNECT"}, false, false},
    {"", "Namespaced", {"replicationcontrollers", "services"}, {"CREATE", "UPDATE"}, true, true},
    {"apps",
     "Namespaced",
     {"deployments", "statefulsets", "daemonsets", "replicasets"},
     {"CREATE", "UPDATE"},
     true,
     true},
    {"batch", "Namespaced", {"jobs", "cronjobs"}, {"CREATE", "UPDATE"}, true, true},
    {"networking.k8s.io", "Namespaced", {"ingresses"}, {"CREATE", "UPDATE"}, true, true},
    {"networking.k8s.io", "Namespaced", {"networkpolicies"}, {"CREATE", "UPDATE"}, false, true},
    {"rbac.authorization.k8s.io",
     "Namespaced",
     {"roles", "rolebindings"},
     {"CREATE", "UPDATE"},
     false,
     true},
    {"rbac.authorization.k8s.io",
     "Cluster",
     {"clusterroles", "clusterrolebindings"},
     {"CREATE", "UPDATE"},
     false,
     true},
    {"", "Cluster", {"persistentvolumes"}, {"CREATE", "UPDATE"}, false, true},
};

enum { RULES = sizeof rules / sizeof *rules };

static struct value texts(struct arena *a, const char *const *items, size_t most)
{
  struct value *list = arena_array(a, struct value, most);
  uint32_t count = 0;
  for (size_t i = 0; i < most && items[i]; i++)
    list[count++] = TEXT(items[i]);
  return value_array_make(a, list, NULL, count);
}

static struct value rule_value(struct arena *a, struct value group, struct value resources,
                               struct value operations, const char *scope)
{
  return OBJECT(a, {"apiGroups", ARRAY(a, group)}, {"apiVersions", ARRAY(a, TEXT("*"))},
                {"resources", resources}, {"operations", operations}, {"scope", TEXT(scope)});
}

static struct value rule_of(const struct deployment *d, const struct rule *r, bool mutating)
{
  struct arena *a = d->arena;
  struct value operations = texts(a, r->operations, 3);
  if (r->lasting && d->options->deletes && !mutating)
    operations = value_array_insert(a, operations, operations.len, TEXT("DELETE"));
  return rule_value(a, TEXT(r->group), texts(a, r->resources, RESOURCES_MAX), operations, r->scope);
}

/* "virtualservices.networking.istio.io", "deployments.apps/scale", "secrets" */
struct resource {
  struct str name, group, subresource;
};

static bool is_word(struct str s, const char *also)
{
  for (size_t i = 0; i < s.len; i++)
    if (!(s.data[i] >= 'a' && s.data[i] <= 'z') && !(s.data[i] >= '0' && s.data[i] <= '9') &&
        (!s.data[i] || !strchr(also, s.data[i])))
      return false;
  return s.len > 0 && s.len <= 253;
}

static bool resource_read(struct str text, struct resource *ret)
{
  struct str rest, whole = str_cut(text, '/', &rest);
  ret->subresource = rest;
  ret->name = str_cut(whole, '.', &ret->group);
  return is_word(ret->name, "") && (!rest.data || is_word(rest, "-")) &&
         (!ret->group.data || is_word(ret->group, ".-"));
}

int deployment_resources_check(const struct deployment_options *options, struct error *err)
{
  struct resource r;
  if (options->resources.count > DEPLOYMENT_LIST_MAX)
    return error_set(err, SW_EUSAGE, "more than %d resources", DEPLOYMENT_LIST_MAX);
  for (size_t i = 0; i < options->resources.count; i++)
    if (!resource_read(str_from(options->resources.items[i]), &r))
      return error_set(
          err, SW_EUSAGE,
          "\"%s\" is not a resource: write secrets, virtualservices.networking.istio.io or "
          "deployments.apps/scale",
          options->resources.items[i]);
  return 0;
}

static struct value added_rule(const struct deployment *d, const struct resource *r, bool mutating)
{
  struct arena *a = d->arena;
  struct value name = value_string(r->name);
  if (r->subresource.data)
    name = value_string(arena_printf(a, "%.*s/%.*s", STR_FMT(r->name), STR_FMT(r->subresource)));
  bool deletes = d->options->deletes && !mutating && !r->subresource.data;
  return rule_value(a, r->group.data ? value_string(r->group) : TEXT(""), ARRAY(a, name),
                    ARRAY(a, TEXT("CREATE"), TEXT("UPDATE"), deletes ? TEXT("DELETE") : VALUE_NONE),
                    "*");
}

static struct value all_rules(const struct deployment *d, bool mutating)
{
  const struct deployment_texts *added = &d->options->resources;
  struct value *list = arena_array(d->arena, struct value, RULES + added->count);
  uint32_t count = 0;
  struct resource r;
  for (size_t i = 0; i < RULES; i++)
    if (!mutating || rules[i].mutated)
      list[count++] = rule_of(d, &rules[i], mutating);
  for (size_t i = 0; i < added->count; i++)
    if (resource_read(str_from(added->items[i]), &r) && (!mutating || !r.subresource.data))
      list[count++] = added_rule(d, &r, mutating);
  return value_array_make(d->arena, list, NULL, count);
}

/* ---- who is left alone */

/* The namespaces that the cluster, and the webhook itself, come back from. */
static struct value not_in(const struct deployment *d)
{
  struct arena *a = d->arena;
  struct value always = ARRAY(a, TEXT("kube-system"), TEXT(d->options->namespace_name));
  return OBJECT(a, {"key", TEXT("kubernetes.io/metadata.name")}, {"operator", TEXT("NotIn")},
                {"values", deployment_texts_value(a, always, &d->options->exempt_namespaces)});
}

static struct value selector(const struct deployment *d, bool may_opt_out)
{
  struct arena *a = d->arena;
  struct value opted_out = OBJECT(a, {"key", TEXT("admission.seawall.dev/ignore")},
                                  {"operator", TEXT("NotIn")}, {"values", ARRAY(a, TEXT("true"))});
  return OBJECT(a, {"matchExpressions", ARRAY(a, not_in(d), may_opt_out ? opted_out : VALUE_NONE)});
}

/* ---- configurations */

static struct value client(const struct deployment *d, const char *path)
{
  struct arena *a = d->arena;
  const struct deployment_certificate *tls = d->options->certificate;
  struct value ca = tls ? value_string(base64_encode(a, tls->ca, BASE64_STANDARD)) : VALUE_NONE;
  return OBJECT(a,
                {"service", OBJECT(a, {"name", TEXT(DEPLOYMENT_NAME)},
                                   {"namespace", TEXT(d->options->namespace_name)},
                                   {"path", TEXT(path)}, {"port", NUMBER(443)})},
                {"caBundle", ca});
}

static struct value hook(const struct deployment *d, const char *name, const char *path,
                         bool may_opt_out, struct value list)
{
  struct arena *a = d->arena;
  return OBJECT(a, {"name", TEXT(name)},
                {"admissionReviewVersions", ARRAY(a, TEXT("v1"), TEXT("v1beta1"))},
                {"sideEffects", TEXT("None")}, {"matchPolicy", TEXT("Equivalent")},
                {"failurePolicy", TEXT(d->options->fail_open ? "Ignore" : "Fail")},
                {"timeoutSeconds", NUMBER(TIMEOUT_SECONDS)}, {"clientConfig", client(d, path)},
                {"namespaceSelector", selector(d, may_opt_out)}, {"objectSelector", OBJECT(a, {0})},
                {"rules", list});
}

static struct value configuration(const struct deployment *d, const char *kind, struct value hooks)
{
  struct arena *a = d->arena;
  struct value metadata = deployment_metadata(d, DEPLOYMENT_NAME, false);
  if (!d->options->certificate) {
    struct str from = arena_printf(a, "%s/" DEPLOYMENT_NAME, d->options->namespace_name);
    metadata = value_object_with(a, metadata, TEXT("annotations"),
                                 OBJECT(a, {"cert-manager.io/inject-ca-from", value_string(from)}));
  }
  return OBJECT(a, {"apiVersion", TEXT("admissionregistration.k8s.io/v1")}, {"kind", TEXT(kind)},
                {"metadata", metadata}, {"webhooks", hooks});
}

/* Namespaces are asked about even where they opt out: whoever may set the label is for policies to say. */
struct value deployment_validating(const struct deployment *d)
{
  struct arena *a = d->arena;
  static const struct rule namespaces = {"",    "Cluster", {"namespaces"}, {"CREATE", "UPDATE"},
                                         false, true};
  struct value objects = hook(d, "validate.seawall.dev", "/admit", true, all_rules(d, false));
  struct value labels =
      hook(d, "namespaces.seawall.dev", "/admit", false, ARRAY(a, rule_of(d, &namespaces, false)));
  return configuration(d, "ValidatingWebhookConfiguration", ARRAY(a, objects, labels));
}

struct value deployment_mutating(const struct deployment *d)
{
  struct arena *a = d->arena;
  if (d->options->without & DEPLOYMENT_MUTATE)
    return VALUE_NONE;
  struct value objects = hook(d, "mutate.seawall.dev", "/mutate", true, all_rules(d, true));
  objects = value_object_with(a, objects, TEXT("reinvocationPolicy"), TEXT("IfNeeded"));
  return configuration(d, "MutatingWebhookConfiguration", ARRAY(a, objects));
}
