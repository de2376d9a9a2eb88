#include "kube/admission.h"

#include "kube/object.h"

#include <ctype.h>
#include <inttypes.h>

/* ---- operations */

static const struct {
  struct str name;
  unsigned operation;
} operations[] = {
    {STR_INIT("CREATE"), ADMISSION_CREATE},
    {STR_INIT("UPDATE"), ADMISSION_UPDATE},
    {STR_INIT("DELETE"), ADMISSION_DELETE},
    {STR_INIT("CONNECT"), ADMISSION_CONNECT},
};

struct str admission_operation_name(unsigned operation)
{
  for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
    if (operations[i].operation == operation)
      return operations[i].name;
  return STR_EMPTY;
}

unsigned admission_operation_from_name(struct str name)
{
  for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
    if (str_eq(operations[i].name, name))
      return operations[i].operation;
  return 0;
}

/* ---- fields, with their types checked */

/* A place under reading: `path` is how messages call it. */
struct place {
  struct value object;
  const char *path;
};

static int wrong_type(const struct place *p, const char *key, struct value found,
                      const char *wanted, struct error *err)
{
  return error_set(err, SW_EINVAL, "%s%s%s is %s, must be %s", p->path, *p->path ? "." : "", key,
                   kube_type_with_article(found), wanted);
}

static int missing(const struct place *p, const char *key, struct error *err)
{
  return error_set(err, SW_EINVAL, "%s%s%s is missing", p->path, *p->path ? "." : "", key);
}

/* A text; null and nothing there are the empty one. */
static int read_text(const struct place *p, const char *key, struct str *ret, struct error *err)
{
  struct value v = value_get(p->object, value_from(key));
  if (!value_is_nil(v) && !value_is(v, VALUE_STRING))
    return wrong_type(p, key, v, "a string", err);
  *ret = value_str_or_empty(v);
  return 0;
}

static int read_needed_text(const struct place *p, const char *key, struct str *ret,
                            struct error *err)
{
  int rc = read_text(p, key, ret, err);
  if (rc == 0 && !ret->len)
    rc = missing(p, key, err);
  return rc;
}

/* An object; null and nothing there are absent. */
static int read_object(const struct place *p, const char *key, struct value *ret, struct error *err)
{
  struct value v = value_get(p->object, value_from(key));
  if (!value_is_nil(v) && !value_is(v, VALUE_OBJECT))
    return wrong_type(p, key, v, "an object", err);
  *ret = value_is(v, VALUE_OBJECT) ? v : VALUE_NONE;
  return 0;
}

/* A group, version and kind (or resource). */
static int read_type(const struct place *p, const char *key, const char *last, const char *path,
                     bool needed, struct admission_type *ret, struct error *err)
{
  struct value v;
  int rc = read_object(p, key, &v, err);
  if (rc < 0)
    return rc;
  if (value_is(v, VALUE_ABSENT))
    return needed ? missing(p, key, err) : 0;
  struct place inner = {v, path};
  rc = read_text(&inner, "group", &ret->group, err);
  if (rc == 0)
    rc = read_text(&inner, "version", &ret->version, err);
  if (rc == 0)
    rc = read_needed_text(&inner, last, &ret->name, err);
  return rc;
}

/* ---- the document around the request */

static bool has_kind(struct value root, const char *kind)
{
  return value_eq_str(value_get(root, value_from("kind")), str_from(kind));
}

bool admission_is_review(struct value root)
{
  return has_kind(root, "AdmissionReview");
}

static const struct {
  struct str name;
  enum admission_version version;
} versions[] = {
    {STR_INIT("admission.k8s.io/v1"), ADMISSION_V1},
    {STR_INIT("admission.k8s.io/v1beta1"), ADMISSION_V1BETA1},
};

static bool version_of(struct str api_version, enum admission_version *ret)
{
  for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
    if (str_eq(versions[i].name, api_version)) {
      *ret = versions[i].version;
      return true;
    }
  return false;
}

static int check_head(struct value root, const char *kind, struct str *ret_version,
                      struct error *err)
{
  struct place top = {root, ""};
  struct str found;
  if (!value_is(root, VALUE_OBJECT))
    return error_set(err, SW_EINVAL, "the review is %s, must be an object",
                     kube_type_with_article(root));
  int rc = read_needed_text(&top, "kind", &found, err);
  if (rc == 0)
    rc = read_needed_text(&top, "apiVersion", ret_version, err);
  if (rc == 0 && !str_eq(found, str_from(kind)))
    rc = error_set(err, SW_EUNSUPPORTED, "kind is \"%.*s\", must be %s",
                   STR_FMT(str_sub(found, 0, 64)), kind);
  return rc;
}

static int read_version(struct value root, struct admission_request *r, struct error *err)
{
  struct str version;
  int rc = check_head(root, "AdmissionReview", &version, err);
  if (rc == 0 && !version_of(version, &r->version))
    rc = error_set(err, SW_EUNSUPPORTED,
                   "apiVersion \"%.*s\" of an AdmissionReview is not known; "
                   "admission.k8s.io/v1 and admission.k8s.io/v1beta1 are",
                   STR_FMT(str_sub(version, 0, 64)));
  return rc;
}

/* ---- the request */

static int read_types(const struct place *p, struct admission_request *r, struct error *err)
{
  int rc = read_type(p, "kind", "kind", "request.kind", true, &r->kind, err);
  if (rc == 0)
    rc = read_type(p, "resource", "resource", "request.resource", true, &r->resource, err);
  if (rc == 0)
    rc = read_text(p, "subResource", &r->subresource, err);
  if (rc < 0)
    return rc;
  r->request_kind = r->kind;
  r->request_resource = r->resource;
  r->request_subresource = r->subresource;
  rc = read_type(p, "requestKind", "kind", "request.requestKind", false, &r->request_kind, err);
  if (rc == 0)
    rc = read_type(p, "requestResource", "resource", "request.requestResource", false,
                   &r->request_resource, err);
  if (rc == 0 && !value_is_nil(value_get(p->object, value_from("requestSubResource"))))
    rc = read_text(p, "requestSubResource", &r->request_subresource, err);
  return rc;
}

static int read_operation(const struct place *p, struct admission_request *r, struct error *err)
{
  struct str name;
  int rc = read_needed_text(p, "operation", &name, err);
  if (rc < 0)
    return rc;
  r->operation = admission_operation_from_name(name);
  if (!r->operation)
    return error_set(err, SW_EINVAL,
                     "request.operation \"%.*s\" is not CREATE, UPDATE, DELETE or CONNECT",
                     STR_FMT(str_sub(name, 0, 64)));
  return 0;
}

static int read_user(const struct place *p, struct admission_request *r, struct error *err)
{
  int rc = read_object(p, "userInfo", &r->user_info, err);
  struct place user = {r->user_info, "request.userInfo"};
  if (rc == 0)
    rc = read_text(&user, "username", &r->username, err);
  if (rc < 0)
    return rc;
  struct value groups = value_get(r->user_info, value_from("groups"));
  if (!value_is_nil(groups) && !value_is(groups, VALUE_ARRAY))
    return wrong_type(&user, "groups", groups, "an array of strings", err);
  for (uint32_t i = 0; value_is(groups, VALUE_ARRAY) && i < groups.len; i++)
    if (!value_is(groups.items[i], VALUE_STRING))
      return wrong_type(&user, "groups", groups.items[i], "an array of strings", err);
  return 0;
}

static int read_dry_run(const struct place *p, struct admission_request *r, struct error *err)
{
  struct value v = value_get(p->object, value_from("dryRun"));
  if (!value_is_nil(v) && !value_is(v, VALUE_BOOL))
    return wrong_type(p, "dryRun", v, "true or false", err);
  r->dry_run = value_is_true(v);
  return 0;
}

/* An object that names a kind must name the request's: else policies that look at the one and
 * policies that look at the other would judge different things. */
static int check_kind(const struct admission_request *r, struct value object, const char *path,
                      struct error *err)
{
  struct place p = {object, path};
  struct str kind, version;
  if (value_is(object, VALUE_ABSENT))
    return 0;
  int rc = read_text(&p, "kind", &kind, err);
  if (rc == 0)
    rc = read_text(&p, "apiVersion", &version, err);
  if (rc < 0)
    return rc;
  struct str rest, first = str_cut(version, '/', &rest);
  struct str group = rest.data ? first : STR_EMPTY;
  bool same = (!kind.len || str_eq(kind, r->kind.name)) &&
              (!version.len || str_eq(group, r->kind.group));
  if (!same)
    return error_set(err, SW_EINVAL,
                     "%s is a \"%.*s\" of \"%.*s\", but request.kind says \"%.*s\" of \"%.*s\"",
                     path, STR_FMT(str_sub(kind, 0, 64)), STR_FMT(str_sub(version, 0, 64)),
                     STR_FMT(str_sub(r->kind.name, 0, 64)), STR_FMT(str_sub(r->kind.group, 0, 64)));
  return 0;
}

/* Likewise its namespace, by which policies are chosen. What has none gets the request's, and of what
 * belongs to the cluster (the request has none then) it is thrown away. */
static int check_namespace(const struct admission_request *r, struct error *err)
{
  struct value metadata = value_get(r->object, value_from("metadata"));
  struct str namespace = value_str_or_empty(value_get(metadata, value_from("namespace")));
  if (!namespace.len || !r->namespace.len || str_eq(namespace, r->namespace) ||
      (str_eq(r->kind.name, STR("Namespace")) && !r->kind.group.len))
    return 0;
  return error_set(err, SW_EINVAL,
                   "request.object is in namespace \"%.*s\", but request.namespace is \"%.*s\"",
                   STR_FMT(str_sub(namespace, 0, 64)), STR_FMT(str_sub(r->namespace, 0, 64)));
}

static int read_objects(const struct place *p, struct admission_request *r, struct error *err)
{
  int rc = read_object(p, "object", &r->object, err);
  if (rc == 0)
    rc = read_object(p, "oldObject", &r->old_object, err);
  if (rc == 0)
    rc = read_object(p, "options", &r->options, err);
  if (rc < 0)
    return rc;
  bool needs_object = r->operation & (ADMISSION_CREATE | ADMISSION_UPDATE);
  if (needs_object && value_is(r->object, VALUE_ABSENT))
    return missing(p, "object", err);
  rc = check_kind(r, r->object, "request.object", err);
  if (rc == 0)
    rc = check_kind(r, r->old_object, "request.oldObject", err);
  if (rc == 0)
    rc = check_namespace(r, err);
  return rc;
}

static int read_request(const struct place *p, struct admission_request *r, struct error *err)
{
  int rc = read_needed_text(p, "uid", &r->uid, err);
  if (rc == 0 && r->uid.len > ADMISSION_UID_MAX)
    rc = error_set(err, SW_ELIMIT, "request.uid is longer than %d bytes", ADMISSION_UID_MAX);
  if (rc == 0)
    rc = read_types(p, r, err);
  if (rc == 0)
    rc = read_text(p, "name", &r->name, err);
  if (rc == 0)
    rc = read_text(p, "namespace", &r->namespace, err);
  if (rc == 0)
    rc = read_operation(p, r, err);
  if (rc == 0)
    rc = read_user(p, r, err);
  if (rc == 0)
    rc = read_dry_run(p, r, err);
  if (rc == 0)
    rc = read_objects(p, r, err);
  return rc;
}

int admission_read(struct value root, struct admission_request *ret_request, struct error *err)
{
  struct admission_request r = {.review = root};
  struct place top = {root, ""};
  int rc = read_version(root, &r, err);
  if (rc == 0)
    rc = read_object(&top, "request", &r.request, err);
  if (rc == 0 && value_is(r.request, VALUE_ABSENT))
    rc = missing(&top, "request", err);
  struct place inner = {r.request, "request"};
  if (rc == 0)
    rc = read_request(&inner, &r, err);
  if (rc == 0)
    *ret_request = r;
  return rc;
}

void admission_peek(struct value root, enum admission_version *ret_version, struct str *ret_uid)
{
  struct value request = value_get(root, value_from("request"));
  struct str uid = value_str_or_empty(value_get(request, value_from("uid")));
  *ret_version = ADMISSION_V1;
  version_of(value_str_or_empty(value_get(root, value_from("apiVersion"))), ret_version);
  *ret_uid = uid.len <= ADMISSION_UID_MAX ? uid : STR_EMPTY;
}

/* ---- a request made of an object */

static struct value make(struct arena *a, const struct value_member *members, uint32_t count)
{
  struct value made;
  value_object_make(a, members, NULL, count, VALUE_LAST_WINS, NULL, &made);
  return made;
}

/* The plural that most kinds have. */
static struct str resource_of(struct arena *a, struct str kind)
{
  struct str lower = arena_copy(a, kind);
  char *text = (char *)(uintptr_t)lower.data; /* fresh from the arena */
  for (size_t i = 0; i < lower.len; i++)
    text[i] = (char)tolower((unsigned char)text[i]);
  if (str_eq(lower, STR("endpoints")))
    return lower;
  if (str_ends(lower, STR("s")) || str_ends(lower, STR("x")) || str_ends(lower, STR("ch")))
    return arena_printf(a, "%.*ses", STR_FMT(lower));
  bool vowel = lower.len > 1 && memchr("aeiou", lower.data[lower.len - 2], 5);
  if (str_ends(lower, STR("y")) && !vowel)
    return arena_printf(a, "%.*sies", STR_FMT(str_sub(lower, 0, lower.len - 1)));
  return arena_printf(a, "%.*ss", STR_FMT(lower));
}

static struct value make_type(struct arena *a, const struct kube_object *o, const char *last,
                              struct str name)
{
  const struct value_member members[] = {
      {value_from("group"), value_string(o->group)},
      {value_from("version"), value_string(o->version)},
      {value_from(last), value_string(name)},
  };
  return make(a, members, 3);
}

static bool is_one_of(struct str text, const struct str *table, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (str_eq(text, table[i]))
      return true;
  return false;
}

/* Kubernetes' own kinds that live in namespaces, as far as it is sure: of others only the cluster knows. */
static bool lives_in_namespace(const struct kube_object *o)
{
  static const struct str groups[] = {STR_INIT(""),
                                      STR_INIT("apps"),
                                      STR_INIT("batch"),
                                      STR_INIT("extensions"),
                                      STR_INIT("policy"),
                                      STR_INIT("autoscaling"),
                                      STR_INIT("networking.k8s.io"),
                                      STR_INIT("rbac.authorization.k8s.io")};
  static const struct str cluster_kinds[] = {
      STR_INIT("Namespace"),      STR_INIT("Node"),         STR_INIT("PersistentVolume"),
      STR_INIT("ClusterRole"),    STR_INIT("IngressClass"), STR_INIT("ClusterRoleBinding"),
      STR_INIT("IPAddress"),      STR_INIT("ServiceCIDR"),  STR_INIT("PodSecurityPolicy"),
      STR_INIT("ComponentStatus")};
  return is_one_of(o->group, groups, sizeof groups / sizeof *groups) &&
         !is_one_of(o->kind, cluster_kinds, sizeof cluster_kinds / sizeof *cluster_kinds);
}

static struct str namespace_of(const struct kube_object *o)
{
  if (kube_object_is(o, STR_EMPTY, STR("Namespace")))
    return o->name;
  return o->namespace.len || !lives_in_namespace(o) ? o->namespace : STR("default");
}

int admission_review_make(struct arena *arena, struct value object, struct value *ret_review,
                          struct error *err)
{
  struct kube_object o;
  if (!kube_object_read(object, (struct value_position){0}, &o)) {
    struct str why = kube_object_reason(&o, arena);
    return error_set(err, SW_EINVAL, "no Kubernetes object: %.*s", STR_FMT(why));
  }
  struct value items = value_get(object, value_from("items"));
  if (str_ends(o.kind, STR("List")) && value_is(items, VALUE_ARRAY))
    return error_set(err, SW_EINVAL,
                     "it is a %.*s with %" PRIu32 " objects; one is decided at a time",
                     STR_FMT(o.kind), items.len);
  const struct value_member request[] = {
      {value_from("uid"), value_from("00000000-0000-0000-0000-000000000000")},
      {value_from("kind"), make_type(arena, &o, "kind", o.kind)},
      {value_from("resource"), make_type(arena, &o, "resource", resource_of(arena, o.kind))},
      {value_from("name"), value_string(o.name)},
      {value_from("namespace"), value_string(namespace_of(&o))},
      {value_from("operation"), value_from("CREATE")},
      {value_from("userInfo"), make(arena, NULL, 0)},
      {value_from("object"), object},
      {value_from("oldObject"), value_null()},
      {value_from("dryRun"), value_bool(false)},
      {value_from("options"), value_null()},
  };
  const struct value_member review[] = {
      {value_from("apiVersion"), value_from("admission.k8s.io/v1")},
      {value_from("kind"), value_from("AdmissionReview")},
      {value_from("request"), make(arena, request, sizeof request / sizeof *request)},
  };
  *ret_review = make(arena, review, sizeof review / sizeof *review);
  return 0;
}

/* ---- ImageReview */

bool image_review_is(struct value root)
{
  return has_kind(root, "ImageReview");
}

static int check_images(const struct image_review *r, struct error *err)
{
  if (r->container_count > ADMISSION_IMAGES_MAX)
    return error_set(err, SW_ELIMIT, "spec.containers has more than %d elements",
                     ADMISSION_IMAGES_MAX);
  for (uint32_t i = 0; i < r->container_count; i++) {
    struct value image = value_get(r->containers[i], value_from("image"));
    if (!value_is(image, VALUE_STRING))
      return error_set(err, SW_EINVAL, "spec.containers[%u].image is %s, must be a string", i,
                       kube_type_with_article(image));
  }
  return 0;
}

static int read_spec(const struct place *p, struct image_review *r, struct error *err)
{
  struct value containers = value_get(p->object, value_from("containers"));
  if (!value_is_nil(containers) && !value_is(containers, VALUE_ARRAY))
    return wrong_type(p, "containers", containers, "an array", err);
  if (value_is(containers, VALUE_ARRAY)) {
    r->containers = containers.items;
    r->container_count = containers.len;
  }
  int rc = check_images(r, err);
  if (rc == 0)
    rc = read_text(p, "namespace", &r->namespace, err);
  if (rc == 0)
    rc = read_object(p, "annotations", &r->annotations, err);
  return rc;
}

int image_review_read(struct value root, struct image_review *ret_review, struct error *err)
{
  struct image_review r = {.review = root};
  struct place top = {root, ""};
  struct value spec = VALUE_NONE;
  struct str version;
  int rc = check_head(root, "ImageReview", &version, err);
  if (rc == 0 && !str_eq(version, STR("imagepolicy.k8s.io/v1alpha1")))
    rc = error_set(err, SW_EUNSUPPORTED,
                   "apiVersion \"%.*s\" of an ImageReview is not known; "
                   "imagepolicy.k8s.io/v1alpha1 is",
                   STR_FMT(str_sub(version, 0, 64)));
  if (rc == 0)
    rc = read_object(&top, "spec", &spec, err);
  if (rc == 0 && value_is(spec, VALUE_ABSENT))
    rc = missing(&top, "spec", err);
  struct place inner = {spec, "spec"};
  if (rc == 0)
    rc = read_spec(&inner, &r, err);
  if (rc == 0)
    *ret_review = r;
  return rc;
}

struct str image_review_image(const struct image_review *review, uint32_t i)
{
  return value_str_or_empty(value_get(review->containers[i], value_from("image")));
}
