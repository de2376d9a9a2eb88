#include "rego_by_hand.h"

#include "data/compare.h"

enum { MESSAGES_MAX = 256 };

void by_hand_keys_init(struct by_hand_keys *keys, struct symbols *symbols)
{
  static const char *const texts[KEYS] = {
      "request",
      "uid",
      "operation",
      "object",
      "metadata",
      "name",
      "spec",
      "containers",
      "initContainers",
      "ephemeralContainers",
      "image",
      "securityContext",
      "privileged",
      "ports",
      "hostPort",
      "hostNetwork",
      "hostPID",
      "hostIPC",
      "volumes",
      "hostPath",
      "path",
      "volumeMounts",
      "readOnly",
      "params",
      "exemptImages",
      "min",
      "max",
      "allowedHostPaths",
      "pathPrefix",
      "apiVersion",
      "kind",
      "response",
      "allowed",
      "status",
      "message",
  };
  for (unsigned i = 0; i < KEYS; i++) {
    keys->key[i] = value_from(texts[i]);
    keys->key[i].symbol = symbols_add(symbols, str_from(texts[i]));
  }
  keys->sprintf = builtin_find(STR("sprintf"));
  keys->concat = builtin_find(STR("concat"));
}

struct review {
  struct arena *arena;
  struct builtin_context context;
  const struct by_hand_keys *keys;
  struct value object, spec, params;
  struct value messages[MESSAGES_MAX];
  uint32_t count;
};

static struct value get(const struct review *r, struct value v, enum by_hand_key key)
{
  return value_get(v, r->keys->key[key]);
}

/* Neither undefined nor false. */
static bool holds(struct value v)
{
  return v.type != VALUE_ABSENT && !value_is_false(v);
}

static void deny(struct review *r, const char *format, struct value first, struct value second)
{
  struct value items[] = {first, second}, arguments[2];
  if (first.type == VALUE_ABSENT || r->count == MESSAGES_MAX)
    return;
  arguments[0] = value_from(format);
  arguments[1] = value_array_make(r->arena, items, NULL, second.type == VALUE_ABSENT ? 1 : 2);
  if (builtin_call(&r->context, r->keys->sprintf, arguments, &r->messages[r->count]) ==
      BUILTIN_VALUE)
    r->count++;
}

/* ---- containers */

static bool is_exempt(const struct review *r, struct value container)
{
  struct value images = get(r, r->params, KEY_EXEMPT_IMAGES), image = get(r, container, KEY_IMAGE);
  for (uint32_t i = 0; i < images.len && images.type == VALUE_ARRAY; i++)
    if (image.type == VALUE_STRING && images.items[i].type == VALUE_STRING &&
        str_starts(value_str(image), value_str(images.items[i])))
      return true;
  return false;
}

static void check_privileged(struct review *r, struct value container)
{
  struct value security = get(r, container, KEY_SECURITY_CONTEXT);
  if (holds(get(r, security, KEY_PRIVILEGED)) && !is_exempt(r, container))
    deny(r, "Privileged container is not allowed: %v, securityContext: %v",
         get(r, container, KEY_NAME), security);
}

static void check_ports(struct review *r, struct value container)
{
  struct value ports = get(r, container, KEY_PORTS);
  struct value min = get(r, r->params, KEY_MIN), max = get(r, r->params, KEY_MAX);
  for (uint32_t i = 0; i < ports.len && ports.type == VALUE_ARRAY; i++) {
    struct value port = get(r, ports.items[i], KEY_HOST_PORT);
    if (port.type != VALUE_ABSENT && (value_compare(port, min) < 0 || value_compare(port, max) > 0))
      deny(r, "hostPort %v of container %v is not allowed", port, get(r, container, KEY_NAME));
  }
}

static const enum by_hand_key lists[] = {KEY_CONTAINERS, KEY_INIT_CONTAINERS,
                                         KEY_EPHEMERAL_CONTAINERS};

static void check_containers(struct review *r)
{
  for (unsigned l = 0; l < 3; l++) {
    struct value containers = get(r, r->spec, lists[l]);
    for (uint32_t i = 0; i < containers.len && containers.type == VALUE_ARRAY; i++) {
      check_privileged(r, containers.items[i]);
      check_ports(r, containers.items[i]);
    }
  }
}

/* ---- paths of the host */

static bool mounts_writeable(const struct review *r, struct value container, struct value name)
{
  struct value mounts = get(r, container, KEY_VOLUME_MOUNTS);
  for (uint32_t i = 0; i < mounts.len && mounts.type == VALUE_ARRAY; i++)
    if (value_equal(get(r, mounts.items[i], KEY_NAME), name) &&
        !holds(get(r, mounts.items[i], KEY_READ_ONLY)))
      return true;
  return false;
}

static bool is_writeable(const struct review *r, struct value name)
{
  for (unsigned l = 0; l < 3; l++) {
    struct value containers = get(r, r->spec, lists[l]);
    for (uint32_t i = 0; i < containers.len && containers.type == VALUE_ARRAY; i++)
      if (mounts_writeable(r, containers.items[i], name))
        return true;
  }
  return false;
}

static struct str without_slashes(struct str s)
{
  while (s.len && s.data[0] == '/')
    s = str_sub(s, 1, s.len);
  while (s.len && s.data[s.len - 1] == '/')
    s.len--;
  return s;
}

/* Segment by segment: the prefix's are the path's. An empty text is one empty segment. */
static bool path_matches(struct str prefix, struct str path)
{
  prefix = without_slashes(prefix);
  path = without_slashes(path);
  return str_starts(path, prefix) && (path.len == prefix.len || path.data[prefix.len] == '/');
}

static bool is_allowed_path(const struct review *r, struct value path, struct value name)
{
  struct value allowed = get(r, r->params, KEY_ALLOWED_HOST_PATHS);
  for (uint32_t i = 0; i < allowed.len && allowed.type == VALUE_ARRAY; i++) {
    struct value prefix = get(r, allowed.items[i], KEY_PATH_PREFIX);
    if (prefix.type == VALUE_STRING && path.type == VALUE_STRING &&
        path_matches(value_str(prefix), value_str(path)) &&
        (!holds(get(r, allowed.items[i], KEY_READ_ONLY)) || !is_writeable(r, name)))
      return true;
  }
  return false;
}

static void check_volumes(struct review *r)
{
  struct value volumes = get(r, r->spec, KEY_VOLUMES);
  for (uint32_t i = 0; i < volumes.len && volumes.type == VALUE_ARRAY; i++) {
    struct value volume = volumes.items[i];
    struct value path = get(r, get(r, volume, KEY_HOST_PATH), KEY_PATH);
    struct value name = get(r, volume, KEY_NAME);
    if (path.type != VALUE_ABSENT && name.type != VALUE_ABSENT && !is_allowed_path(r, path, name))
      deny(r, "HostPath volume %v is not allowed, pod: %v", volume,
           get(r, get(r, r->object, KEY_METADATA), KEY_NAME));
  }
}

static void check_host(struct review *r)
{
  struct value name = get(r, get(r, r->object, KEY_METADATA), KEY_NAME);
  if (holds(get(r, r->spec, KEY_HOST_NETWORK)) && !holds(get(r, r->params, KEY_HOST_NETWORK)))
    deny(r, "The specified hostNetwork and hostPort are not allowed, pod: %v", name, VALUE_NONE);
  if (holds(get(r, r->spec, KEY_HOST_PID)) || holds(get(r, r->spec, KEY_HOST_IPC)))
    deny(r, "Sharing the host namespace is not allowed: %v", name, VALUE_NONE);
}

/* ---- the response */

static struct value object(struct arena *a, const struct value_member *members, uint32_t count)
{
  struct value v;
  value_object_make(a, members, NULL, count, VALUE_LAST_WINS, NULL, &v);
  return v;
}

static struct value status_of(struct review *r)
{
  struct value arguments[] = {value_from("; "), value_set_make(r->arena, r->messages, r->count)};
  struct value_member status[] = {{r->keys->key[KEY_MESSAGE], VALUE_NONE}};
  builtin_call(&r->context, r->keys->concat, arguments, &status[0].value);
  return object(r->arena, status, 1);
}

struct value by_hand(struct arena *a, struct builtin_cache *cache, const struct by_hand_keys *keys,
                     struct value input, struct value data)
{
  struct review *r = arena_alloc(a, sizeof *r);
  struct value request = value_get(input, keys->key[KEY_REQUEST]);
  struct value uid = value_get(request, keys->key[KEY_UID]);
  r->arena = a;
  r->context = (struct builtin_context){.arena = a, .cache = cache};
  r->keys = keys;
  r->object = get(r, request, KEY_OBJECT);
  r->spec = get(r, r->object, KEY_SPEC);
  r->params = get(r, data, KEY_PARAMS);
  r->count = 0;
  if (!value_eq_str(get(r, request, KEY_OPERATION), STR("UPDATE"))) {
    check_containers(r);
    check_host(r);
    check_volumes(r);
  }
  struct value_member response[] = {
      {keys->key[KEY_ALLOWED], value_bool(r->count == 0)},
      {keys->key[KEY_UID], uid.type == VALUE_ABSENT ? value_from("") : uid},
      {keys->key[KEY_STATUS], VALUE_NONE},
  };
  if (r->count)
    response[2].value = status_of(r);
  struct value_member main[] = {
      {keys->key[KEY_API_VERSION], value_from("admission.k8s.io/v1")},
      {keys->key[KEY_KIND], value_from("AdmissionReview")},
      {keys->key[KEY_RESPONSE], object(a, response, r->count ? 3 : 2)},
  };
  return object(a, main, 3);
}
