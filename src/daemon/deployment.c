#include "daemon/deployment.h"

#include "daemon/deployment_int.h"
#include "data/cidr.h"

/* ---- trees */

struct value deployment_object(struct arena *a, const struct deployment_member *members)
{
  enum { MOST = 32 };
  struct value_member kept[MOST];
  uint32_t count = 0;
  struct value object;
  for (const struct deployment_member *m = members; m->key && count < MOST; m++)
    if (m->value.type != VALUE_ABSENT)
      kept[count++] = (struct value_member){value_from(m->key), m->value};
  value_object_make(a, kept, NULL, count, VALUE_LAST_WINS, NULL, &object);
  return object;
}

struct value deployment_array(struct arena *a, const struct value *items)
{
  uint32_t count = 0;
  while (items[count].type != VALUE_ABSENT)
    count++;
  return value_array_make(a, items, NULL, count);
}

struct value deployment_texts_value(struct arena *a, struct value before,
                                    const struct deployment_texts *texts)
{
  struct value *items = arena_array(a, struct value, before.len + texts->count + 1);
  uint32_t count = 0;
  for (uint32_t i = 0; i < before.len; i++)
    items[count++] = before.items[i];
  for (size_t i = 0; i < texts->count; i++)
    items[count++] = value_from(texts->items[i]);
  return value_array_make(a, items, NULL, count);
}

/* ---- what objects have in common */

struct value deployment_labels(struct arena *a)
{
  return OBJECT(a, {"app.kubernetes.io/name", TEXT(DEPLOYMENT_NAME)},
                {"app.kubernetes.io/instance", TEXT(DEPLOYMENT_NAME)},
                {"app.kubernetes.io/component", TEXT("admission-webhook")},
                {"app.kubernetes.io/part-of", TEXT(DEPLOYMENT_NAME)},
                {"app.kubernetes.io/managed-by", TEXT("seawall-install")});
}

struct value deployment_selector(struct arena *a)
{
  return OBJECT(a, {"app.kubernetes.io/name", TEXT(DEPLOYMENT_NAME)},
                {"app.kubernetes.io/instance", TEXT(DEPLOYMENT_NAME)});
}

struct value deployment_metadata(const struct deployment *d, const char *name, bool namespaced)
{
  struct value in = namespaced ? TEXT(d->options->namespace_name) : VALUE_NONE;
  return OBJECT(d->arena, {"name", TEXT(name)}, {"namespace", in},
                {"labels", deployment_labels(d->arena)});
}

/* ---- checks */

/* A label of RFC 1123, as names of namespaces are. */
static bool is_label(struct str s)
{
  if (s.len == 0 || s.len > 63 || s.data[0] == '-' || s.data[s.len - 1] == '-')
    return false;
  for (size_t i = 0; i < s.len; i++)
    if (!((s.data[i] >= 'a' && s.data[i] <= 'z') || (s.data[i] >= '0' && s.data[i] <= '9') ||
          s.data[i] == '-'))
      return false;
  return true;
}

/* Labels with dots between them: names of Secrets and classes. */
static bool is_subdomain(struct str s)
{
  struct str rest = s;
  if (s.len > 253)
    return false;
  while (rest.data)
    if (!is_label(str_cut(rest, '.', &rest)))
      return false;
  return true;
}

static int check_name(const char *what, const char *name, bool (*is)(struct str), struct error *err)
{
  if (!name || is(str_from(name)))
    return 0;
  return error_set(err, SW_EUSAGE,
                   "%s \"%s\" is not a name that Kubernetes takes: lower-case letters, digits and "
                   "dashes",
                   what, name);
}

static int check_texts(const char *what, const struct deployment_texts *texts,
                       bool (*is)(struct str), struct error *err)
{
  if (texts->count > DEPLOYMENT_LIST_MAX)
    return error_set(err, SW_EUSAGE, "more than %d times a %s", DEPLOYMENT_LIST_MAX, what);
  for (size_t i = 0; i < texts->count; i++) {
    int rc = check_name(what, texts->items[i], is, err);
    if (rc < 0)
      return rc;
  }
  return 0;
}

static int check_ranges(const struct deployment_texts *ranges, struct error *err)
{
  struct cidr range;
  if (ranges->count > DEPLOYMENT_LIST_MAX)
    return error_set(err, SW_EUSAGE, "more than %d ranges of API servers", DEPLOYMENT_LIST_MAX);
  for (size_t i = 0; i < ranges->count; i++)
    if (str_find_byte(str_from(ranges->items[i]), 0, '/') < 0 ||
        cidr_parse(str_from(ranges->items[i]), &range, NULL) < 0)
      return error_set(err, SW_EUSAGE,
                       "\"%s\" is not a range of addresses such as 10.0.0.0/24 or 10.0.0.7/32",
                       ranges->items[i]);
  return 0;
}

static bool is_digest(struct str text)
{
  struct str hex, algorithm = str_cut(text, ':', &hex);
  size_t wanted = str_eq(algorithm, STR("sha256"))   ? 64
                  : str_eq(algorithm, STR("sha512")) ? 128
                                                     : 0;
  for (size_t i = 0; i < hex.len; i++)
    if (!strchr("0123456789abcdef", hex.data[i]))
      return false;
  return wanted && hex.len == wanted;
}

/* What stands in the manifest as one word, and, so that no placeholder of a manual keeps pods from
 * starting behind a webhook that must answer, a whole digest. The runtime knows better what an image
 * may be called. */
static int check_image(const char *image, struct error *err)
{
  if (!image || !*image)
    return error_set(
        err, SW_EUSAGE,
        "which image? There is no published one: build it with ./dev image, push it to a "
        "registry that the nodes reach, and name it with its digest");
  for (const char *c = image; *c; c++)
    if (*c <= ' ' || *c > '~')
      return error_set(err, SW_EUSAGE, "\"%s\" is not the name of an image", image);
  const char *digest = strchr(image, '@');
  if (digest && !is_digest(str_from(digest + 1)))
    return error_set(err, SW_EUSAGE,
                     "\"%s\": behind @ must come a digest, sha256: and 64 digits from 0 to f; "
                     "\"skopeo inspect\" tells it",
                     image);
  return 0;
}

/* The quota and the NetworkPolicy that denies everything would stop what lives there, name servers first. */
static int check_namespace(const char *name, struct error *err)
{
  static const char *const shared[] = {"default", "kube-system", "kube-public", "kube-node-lease"};
  for (size_t i = 0; name && i < sizeof shared / sizeof *shared; i++)
    if (strcmp(name, shared[i]) == 0)
      return error_set(
          err, SW_EUSAGE,
          "namespace \"%s\" is not for seawall: the NetworkPolicy, the quota and the Pod "
          "Security level that belong to it would stop what runs there; give it one of "
          "its own",
          name);
  return check_name("namespace", name, is_label, err);
}

static int check_options(const struct deployment_options *o, struct error *err)
{
  int rc = check_image(o->image, err);
  if (rc == 0 && (o->replicas < 1 || o->replicas > DEPLOYMENT_REPLICAS_MAX))
    rc = error_set(err, SW_EUSAGE, "there can be 1 to %d replicas", DEPLOYMENT_REPLICAS_MAX);
  if (rc == 0)
    rc = check_namespace(o->namespace_name, err);
  if (rc == 0)
    rc = check_name("pull secret", o->pull_secret, is_subdomain, err);
  if (rc == 0)
    rc = check_name("priority class", o->priority_class, is_subdomain, err);
  if (rc == 0)
    rc = check_name("runtime class", o->runtime_class, is_subdomain, err);
  if (rc == 0)
    rc = check_texts("namespace", &o->exempt_namespaces, is_label, err);
  if (rc == 0)
    rc = check_ranges(&o->api_servers, err);
  return rc == 0 ? deployment_resources_check(o, err) : rc;
}

int deployment_options_check(struct arena *a, const struct deployment_options *options,
                             struct error *err)
{
  struct deployment d = {.arena = a, .options = options};
  int rc = check_options(options, err);
  if (rc < 0)
    return rc;
  serve_config_init(&d.checked);
  rc = deployment_config_read(&d, err);
  serve_config_free(&d.checked);
  return rc;
}

/* ---- all of it */

/* In the order of creation. */
static struct value (*const builders[])(const struct deployment *d) = {
    deployment_namespace,
    deployment_quota,
    deployment_limit_range,
    deployment_deny_all,
    deployment_network_policy,
    deployment_priority_class,
    deployment_service_account,
    deployment_cluster_role,
    deployment_cluster_role_binding,
    deployment_issuer_root,
    deployment_certificate_root,
    deployment_issuer,
    deployment_certificate_server,
    deployment_secret,
    deployment_config_map,
    deployment_policy_map,
    deployment_service,
    deployment_disruption_budget,
    deployment_workload,
    deployment_validating,
    deployment_mutating,
};

enum { BUILDERS = sizeof builders / sizeof *builders };

void deployment_options_init(struct deployment_options *options)
{
  *options = (struct deployment_options){.namespace_name = DEPLOYMENT_NAME, .replicas = 2};
}

int deployment_build(struct arena *a, const struct deployment_options *options,
                     struct value *ret_objects, struct error *err)
{
  struct deployment d = {.arena = a, .options = options};
  struct value objects[BUILDERS];
  uint32_t count = 0;
  int rc = check_options(options, err);
  if (rc < 0)
    return rc;
  serve_config_init(&d.checked);
  rc = deployment_config_read(&d, err);
  for (size_t i = 0; rc == 0 && i < BUILDERS; i++) {
    struct value object = builders[i](&d);
    if (object.type != VALUE_ABSENT)
      objects[count++] = object;
  }
  if (rc == 0)
    *ret_objects = value_array_make(a, objects, NULL, count);
  serve_config_free(&d.checked);
  return rc;
}
