#include "policy/podsecurity_int.h"

#include <stddef.h>
#include <stdio.h>

enum wanted {
  WANT_NOTHING, /* not looked at */
  WANT_BOOL,
  WANT_INT32,
  WANT_INT64,
  WANT_STRING,
  WANT_ARRAY,
  WANT_OBJECT,
};

static const struct {
  uint8_t type;
  const char *text;
} wanted_types[] = {
    [WANT_NOTHING] = {VALUE_ABSENT, ""},
    [WANT_BOOL] = {VALUE_BOOL, "true or false"},
    [WANT_INT32] = {VALUE_NUMBER, "a whole number of 32 bits"},
    [WANT_INT64] = {VALUE_NUMBER, "a whole number of 64 bits"},
    [WANT_STRING] = {VALUE_STRING, "a string"},
    [WANT_ARRAY] = {VALUE_ARRAY, "an array"},
    [WANT_OBJECT] = {VALUE_OBJECT, "an object"},
};

/* What one member of an object must be, and where in the facts it goes. */
struct field {
  uint8_t wanted;
  uint16_t offset;
};

#define FIELD(facts, member, wanted_type)                                                          \
  {                                                                                                \
    wanted_type, offsetof(struct facts, member)                                                    \
  }

/* By enum kube_key. */
typedef struct field field_table[KUBE_KEY_COUNT];

static const field_table metadata_fields = {
    [KUBE_ANNOTATIONS] = FIELD(pod_facts, annotations, WANT_OBJECT),
};

/* The lists of containers are read by kube/pod.h; here only their types count. */
static const field_table spec_fields = {
    [KUBE_HOST_NETWORK] = FIELD(pod_facts, host_network, WANT_BOOL),
    [KUBE_HOST_PID] = FIELD(pod_facts, host_pid, WANT_BOOL),
    [KUBE_HOST_IPC] = FIELD(pod_facts, host_ipc, WANT_BOOL),
    [KUBE_HOST_USERS] = FIELD(pod_facts, host_users, WANT_BOOL),
    [KUBE_OS] = FIELD(pod_facts, os, WANT_OBJECT),
    [KUBE_VOLUMES] = FIELD(pod_facts, volumes, WANT_ARRAY),
    [KUBE_SECURITY_CONTEXT] = FIELD(pod_facts, security_context, WANT_OBJECT),
};

struct container_lists {
  struct value lists[KUBE_LIST_COUNT];
};

static const field_table list_fields = {
    [KUBE_INIT_CONTAINERS] = FIELD(container_lists, lists[KUBE_LIST_INIT], WANT_ARRAY),
    [KUBE_CONTAINERS] = FIELD(container_lists, lists[KUBE_LIST_REGULAR], WANT_ARRAY),
    [KUBE_EPHEMERAL_CONTAINERS] = FIELD(container_lists, lists[KUBE_LIST_EPHEMERAL], WANT_ARRAY),
};

static const field_table os_fields = {
    [KUBE_NAME] = FIELD(pod_facts, os_name, WANT_STRING),
};

#define SHARED_SECURITY_FIELDS                                                                     \
  [KUBE_RUN_AS_USER] = FIELD(security_facts, run_as_user, WANT_INT64),                             \
  [KUBE_RUN_AS_NON_ROOT] = FIELD(security_facts, run_as_non_root, WANT_BOOL),                      \
  [KUBE_SECCOMP_PROFILE] = FIELD(security_facts, seccomp, WANT_OBJECT),                            \
  [KUBE_APP_ARMOR_PROFILE] = FIELD(security_facts, app_armor, WANT_OBJECT),                        \
  [KUBE_SE_LINUX_OPTIONS] = FIELD(security_facts, se_linux, WANT_OBJECT),                          \
  [KUBE_WINDOWS_OPTIONS] = FIELD(security_facts, windows, WANT_OBJECT)

static const field_table pod_security_fields = {
    SHARED_SECURITY_FIELDS,
    [KUBE_SYSCTLS] = FIELD(security_facts, sysctls, WANT_ARRAY),
};

static const field_table container_security_fields = {
    SHARED_SECURITY_FIELDS,
    [KUBE_PRIVILEGED] = FIELD(security_facts, privileged, WANT_BOOL),
    [KUBE_ALLOW_PRIVILEGE_ESCALATION] = FIELD(security_facts, escalation, WANT_BOOL),
    [KUBE_PROC_MOUNT] = FIELD(security_facts, proc_mount, WANT_STRING),
    [KUBE_CAPABILITIES] = FIELD(security_facts, capabilities, WANT_OBJECT),
};

static const field_table seccomp_fields = {
    [KUBE_TYPE] = FIELD(security_facts, seccomp_type, WANT_STRING),
};

static const field_table app_armor_fields = {
    [KUBE_TYPE] = FIELD(security_facts, app_armor_type, WANT_STRING),
};

static const field_table se_linux_fields = {
    [KUBE_TYPE] = FIELD(security_facts, se_linux_type, WANT_STRING),
    [KUBE_USER] = FIELD(security_facts, se_linux_user, WANT_STRING),
    [KUBE_ROLE] = FIELD(security_facts, se_linux_role, WANT_STRING),
};

static const field_table windows_fields = {
    [KUBE_HOST_PROCESS] = FIELD(security_facts, host_process, WANT_BOOL),
};

static const field_table capabilities_fields = {
    [KUBE_ADD] = FIELD(security_facts, add, WANT_ARRAY),
    [KUBE_DROP] = FIELD(security_facts, drop, WANT_ARRAY),
};

static const field_table container_fields = {
    [KUBE_NAME] = FIELD(container_facts, name, WANT_STRING),
    [KUBE_PORTS] = FIELD(container_facts, ports, WANT_ARRAY),
    [KUBE_LIVENESS_PROBE] = FIELD(container_facts, probes[0], WANT_OBJECT),
    [KUBE_READINESS_PROBE] = FIELD(container_facts, probes[1], WANT_OBJECT),
    [KUBE_STARTUP_PROBE] = FIELD(container_facts, probes[2], WANT_OBJECT),
    [KUBE_LIFECYCLE] = FIELD(container_facts, lifecycle, WANT_OBJECT),
    [KUBE_SECURITY_CONTEXT] = FIELD(container_facts, security_context, WANT_OBJECT),
};

static const field_table lifecycle_fields = {
    [KUBE_POST_START] = FIELD(container_facts, hooks[0], WANT_OBJECT),
    [KUBE_PRE_STOP] = FIELD(container_facts, hooks[1], WANT_OBJECT),
};

struct handler {
  struct value http_get, tcp_socket, host;
};

static const field_table handler_fields = {
    [KUBE_HTTP_GET] = FIELD(handler, http_get, WANT_OBJECT),
    [KUBE_TCP_SOCKET] = FIELD(handler, tcp_socket, WANT_OBJECT),
};

static const field_table target_fields = {
    [KUBE_HOST] = FIELD(handler, host, WANT_STRING),
};

struct small_facts {
  struct value name, host_port, container_port;
};

static const field_table port_fields = {
    [KUBE_HOST_PORT] = FIELD(small_facts, host_port, WANT_INT32),
    [KUBE_CONTAINER_PORT] = FIELD(small_facts, container_port, WANT_INT32),
};

static const field_table named_fields = {
    [KUBE_NAME] = FIELD(small_facts, name, WANT_STRING),
};

const char *const handler_paths[HANDLER_HOSTS] = {
    "/livenessProbe/httpGet/host",       "/livenessProbe/tcpSocket/host",
    "/readinessProbe/httpGet/host",      "/readinessProbe/tcpSocket/host",
    "/startupProbe/httpGet/host",        "/startupProbe/tcpSocket/host",
    "/lifecycle/postStart/httpGet/host", "/lifecycle/postStart/tcpSocket/host",
    "/lifecycle/preStop/httpGet/host",   "/lifecycle/preStop/tcpSocket/host",
};

static const char *const handler_places[HANDLER_COUNT] = {
    "/livenessProbe",       "/readinessProbe",    "/startupProbe",
    "/lifecycle/postStart", "/lifecycle/preStop",
};

/* An object under way: its path is `text`, then, if index is not negative, "/" and the index, then
 * `below`, all within the container or, without one, the pod. */
struct where {
  const struct container_facts *container;
  const char *text;
  int64_t index;
  const char *below;
};

static struct where at(const struct container_facts *c, const char *text)
{
  return (struct where){c, text, -1, ""};
}

static struct where at_index(const struct container_facts *c, const char *text, uint32_t index)
{
  return (struct where){c, text, index, ""};
}

static void fault(struct judge *j, const struct where *w, const char *slash, struct str key,
                  struct value found, const char *wanted)
{
  char index[24] = "";
  j->denied = true;
  if (!j->arena)
    return;
  if (w->index >= 0)
    snprintf(index, sizeof index, "/%lld", (long long)w->index);
  judge_offend(j, PODSECURITY_WRONG_TYPE, OFFENCE_SET, w->container, found, STR_EMPTY,
               "%s%s%s%s%.*s", w->text, index, w->below, slash, STR_FMT(judge_escape(j, key)));
  j->chains[PODSECURITY_WRONG_TYPE].last->offence.what = str_from(wanted);
}

static bool fits(struct value v, enum wanted wanted)
{
  int64_t number;
  if (v.type != wanted_types[wanted].type)
    return false;
  if (wanted != WANT_INT32 && wanted != WANT_INT64)
    return true;
  if (!value_to_int(v, &number))
    return false;
  return wanted == WANT_INT64 || (number >= INT32_MIN && number <= INT32_MAX);
}

/* Reads the members of an object that the table names into the facts. */
static void read_fields(struct judge *j, struct value object, const field_table fields, void *facts,
                        const struct where *w)
{
  if (!value_is(object, VALUE_OBJECT))
    return;
  for (uint32_t i = 0; i < object.len; i++) {
    const struct value_member *member = &object.members[i];
    const struct field *field = &fields[kube_key_of(member->key)];
    if (field->wanted == WANT_NOTHING || value_is_nil(member->value))
      continue;
    if (fits(member->value, field->wanted))
      *(struct value *)((char *)facts + field->offset) = member->value;
    else
      fault(j, w, "/", value_str(member->key), member->value, wanted_types[field->wanted].text);
  }
}

/* Each element is null or of the type; others are faults. */
static void check_elements(struct judge *j, struct value array, enum wanted wanted,
                           const struct container_facts *c, const char *path)
{
  for (uint32_t i = 0; i < array.len; i++) {
    struct where w = at_index(c, path, i);
    if (!value_is_nil(array.items[i]) && !fits(array.items[i], wanted))
      fault(j, &w, "", STR_EMPTY, array.items[i], wanted_types[wanted].text);
  }
}

static void read_security(struct judge *j, struct value context, const field_table fields,
                          const struct container_facts *c, struct security_facts *f)
{
  static const char *const paths[2][6] = {
      {"/spec/securityContext", "/spec/securityContext/seccompProfile",
       "/spec/securityContext/appArmorProfile", "/spec/securityContext/seLinuxOptions",
       "/spec/securityContext/windowsOptions", "/spec/securityContext/capabilities"},
      {"/securityContext", "/securityContext/seccompProfile", "/securityContext/appArmorProfile",
       "/securityContext/seLinuxOptions", "/securityContext/windowsOptions",
       "/securityContext/capabilities"},
  };
  const char *const *path = paths[c ? 1 : 0];
  if (!value_is(context, VALUE_OBJECT))
    return;
  struct where w[6];
  for (int i = 0; i < 6; i++)
    w[i] = at(c, path[i]);
  read_fields(j, context, fields, f, &w[0]);
  read_fields(j, f->seccomp, seccomp_fields, f, &w[1]);
  read_fields(j, f->app_armor, app_armor_fields, f, &w[2]);
  read_fields(j, f->se_linux, se_linux_fields, f, &w[3]);
  read_fields(j, f->windows, windows_fields, f, &w[4]);
  read_fields(j, f->capabilities, capabilities_fields, f, &w[5]);
}

/* Every annotation must be a string: one that is not makes the whole object undecodable. */
static void check_annotations(struct judge *j, struct value annotations)
{
  struct where w = at(NULL, "/metadata/annotations");
  if (!value_is(annotations, VALUE_OBJECT))
    return;
  for (uint32_t i = 0; i < annotations.len; i++) {
    const struct value_member *member = &annotations.members[i];
    if (!value_is_nil(member->value) && !value_is(member->value, VALUE_STRING))
      fault(j, &w, "/", value_str_or_empty(member->key), member->value, "a string");
  }
}

static void check_volumes(struct judge *j, struct value volumes)
{
  check_elements(j, volumes, WANT_OBJECT, NULL, "/spec/volumes");
  for (uint32_t i = 0; i < volumes.len; i++) {
    struct value volume = volumes.items[i];
    struct where w = at_index(NULL, "/spec/volumes", i);
    if (!value_is(volume, VALUE_OBJECT))
      continue;
    for (uint32_t m = 0; m < volume.len; m++) {
      const struct value_member *member = &volume.members[m];
      bool is_name = kube_key_of(member->key) == KUBE_NAME;
      if (!value_is_nil(member->value) && !fits(member->value, is_name ? WANT_STRING : WANT_OBJECT))
        fault(j, &w, "/", value_str_or_empty(member->key), member->value,
              is_name ? "a string" : "an object");
    }
  }
}

static void check_sysctls(struct judge *j, struct value sysctls)
{
  check_elements(j, sysctls, WANT_OBJECT, NULL, "/spec/securityContext/sysctls");
  for (uint32_t i = 0; i < sysctls.len; i++) {
    struct small_facts unused;
    struct where w = at_index(NULL, "/spec/securityContext/sysctls", i);
    read_fields(j, sysctls.items[i], named_fields, &unused, &w);
  }
}

/* An element of a list of containers that is no object; null stands for an empty one. */
static void check_lists(struct judge *j)
{
  static const char *const paths[KUBE_LIST_COUNT] = {
      [KUBE_LIST_INIT] = "/spec/initContainers",
      [KUBE_LIST_REGULAR] = "/spec/containers",
      [KUBE_LIST_EPHEMERAL] = "/spec/ephemeralContainers",
  };
  struct container_lists found = {0};
  struct where w = at(NULL, "/spec");
  read_fields(j, j->pod->spec, list_fields, &found, &w);
  for (int i = 0; i < KUBE_LIST_COUNT; i++)
    check_elements(j, found.lists[i], WANT_OBJECT, NULL, paths[i]);
}

/* The whole of metadata or spec is no object. */
static bool check_part(struct judge *j, struct value part, struct str key)
{
  struct where w = at(NULL, "");
  if (value_is(part, VALUE_OBJECT))
    return true;
  if (!value_is_nil(part))
    fault(j, &w, "/", key, part, "an object");
  return false;
}

void podsecurity_read_pod(struct judge *j)
{
  struct pod_facts *f = &j->facts;
  struct where metadata = at(NULL, "/metadata"), spec = at(NULL, "/spec");
  struct where os = at(NULL, "/spec/os");
  if (check_part(j, j->pod->metadata, STR("metadata")))
    read_fields(j, j->pod->metadata, metadata_fields, f, &metadata);
  check_annotations(j, f->annotations);
  if (!check_part(j, j->pod->spec, STR("spec")))
    return;
  read_fields(j, j->pod->spec, spec_fields, f, &spec);
  read_fields(j, f->os, os_fields, f, &os);
  read_security(j, f->security_context, pod_security_fields, NULL, &f->security);
  check_volumes(j, f->volumes);
  check_sysctls(j, f->security.sysctls);
  check_lists(j);
  f->windows = value_eq_str(f->os_name, STR("windows"));
  f->user_namespace = value_is_false(f->host_users);
}

/* The hosts that a probe or hook names. */
static void read_handler(struct judge *j, struct value handler, const struct container_facts *c,
                         size_t number, struct value ret_hosts[2])
{
  struct handler found = {0};
  struct where w = at(c, handler_places[number]);
  if (!value_is(handler, VALUE_OBJECT))
    return;
  read_fields(j, handler, handler_fields, &found, &w);
  w.below = "/httpGet";
  read_fields(j, found.http_get, target_fields, &found, &w);
  ret_hosts[0] = found.host;
  found.host = VALUE_NONE;
  w.below = "/tcpSocket";
  read_fields(j, found.tcp_socket, target_fields, &found, &w);
  ret_hosts[1] = found.host;
}

static void read_handlers(struct judge *j, struct container_facts *c)
{
  struct where w = at(c, "/lifecycle");
  for (size_t i = 0; i < 3; i++)
    read_handler(j, c->probes[i], c, i, &c->hosts[2 * i]);
  read_fields(j, c->lifecycle, lifecycle_fields, c, &w);
  for (size_t i = 0; i < 2; i++)
    read_handler(j, c->hooks[i], c, 3 + i, &c->hosts[2 * (3 + i)]);
}

static void check_ports(struct judge *j, const struct container_facts *c)
{
  check_elements(j, c->ports, WANT_OBJECT, c, "/ports");
  for (uint32_t i = 0; i < c->ports.len; i++) {
    struct small_facts unused;
    struct where w = at_index(c, "/ports", i);
    read_fields(j, c->ports.items[i], port_fields, &unused, &w);
  }
}

void podsecurity_read_container(struct judge *j, const struct kube_container *container,
                                uint32_t serial, struct container_facts *ret)
{
  *ret = (struct container_facts){.container = *container, .serial = serial};
  struct where w = at(ret, "");
  read_fields(j, container->value, container_fields, ret, &w);
  read_security(j, ret->security_context, container_security_fields, ret, &ret->security);
  check_elements(j, ret->security.add, WANT_STRING, ret, "/securityContext/capabilities/add");
  check_elements(j, ret->security.drop, WANT_STRING, ret, "/securityContext/capabilities/drop");
  check_ports(j, ret);
  read_handlers(j, ret);
}

/* What restricted says of each source; forbidden ones in the order in which the API server names
 * the first. */
enum { SOURCE_UNKNOWN, SOURCE_ALLOWED, SOURCE_FORBIDDEN };

static const uint8_t volume_sources[KUBE_KEY_COUNT] = {
    [KUBE_CONFIG_MAP] = SOURCE_ALLOWED,
    [KUBE_CSI] = SOURCE_ALLOWED,
    [KUBE_DOWNWARD_API] = SOURCE_ALLOWED,
    [KUBE_EMPTY_DIR] = SOURCE_ALLOWED,
    [KUBE_EPHEMERAL] = SOURCE_ALLOWED,
    [KUBE_IMAGE] = SOURCE_ALLOWED,
    [KUBE_PERSISTENT_VOLUME_CLAIM] = SOURCE_ALLOWED,
    [KUBE_PROJECTED] = SOURCE_ALLOWED,
    [KUBE_SECRET] = SOURCE_ALLOWED,
    [KUBE_HOST_PATH] = SOURCE_FORBIDDEN,
    [KUBE_GCE_PERSISTENT_DISK] = SOURCE_FORBIDDEN + 1,
    [KUBE_AWS_ELASTIC_BLOCK_STORE] = SOURCE_FORBIDDEN + 2,
    [KUBE_GIT_REPO] = SOURCE_FORBIDDEN + 3,
    [KUBE_NFS] = SOURCE_FORBIDDEN + 4,
    [KUBE_ISCSI] = SOURCE_FORBIDDEN + 5,
    [KUBE_GLUSTERFS] = SOURCE_FORBIDDEN + 6,
    [KUBE_RBD] = SOURCE_FORBIDDEN + 7,
    [KUBE_FLEX_VOLUME] = SOURCE_FORBIDDEN + 8,
    [KUBE_CINDER] = SOURCE_FORBIDDEN + 9,
    [KUBE_CEPHFS] = SOURCE_FORBIDDEN + 10,
    [KUBE_FLOCKER] = SOURCE_FORBIDDEN + 11,
    [KUBE_FC] = SOURCE_FORBIDDEN + 12,
    [KUBE_AZURE_FILE] = SOURCE_FORBIDDEN + 13,
    [KUBE_VSPHERE_VOLUME] = SOURCE_FORBIDDEN + 14,
    [KUBE_QUOBYTE] = SOURCE_FORBIDDEN + 15,
    [KUBE_AZURE_DISK] = SOURCE_FORBIDDEN + 16,
    [KUBE_PHOTON_PERSISTENT_DISK] = SOURCE_FORBIDDEN + 17,
    [KUBE_PORTWORX_VOLUME] = SOURCE_FORBIDDEN + 18,
    [KUBE_SCALE_IO] = SOURCE_FORBIDDEN + 19,
    [KUBE_STORAGEOS] = SOURCE_FORBIDDEN + 20,
};

struct volume_facts podsecurity_read_volume(struct value volume)
{
  struct volume_facts f = {.name = STR_EMPTY};
  unsigned best = UINT8_MAX + 1;
  if (!value_is(volume, VALUE_OBJECT))
    return f;
  for (uint32_t i = 0; i < volume.len; i++) {
    const struct value_member *member = &volume.members[i];
    enum kube_key key = kube_key_of(member->key);
    if (key == KUBE_NAME)
      f.name = value_str_or_empty(member->value);
    if (key == KUBE_NAME || value_is_nil(member->value) || volume_sources[key] == SOURCE_ALLOWED)
      continue;
    if (key == KUBE_HOST_PATH)
      f.host_path = member->value;
    unsigned rank = volume_sources[key] == SOURCE_UNKNOWN ? UINT8_MAX : volume_sources[key];
    if (rank >= best)
      continue;
    best = rank;
    f.restricted = member->value;
    f.restricted_key = value_str_or_empty(member->key);
    f.restricted_type = rank == UINT8_MAX ? STR("unknown") : f.restricted_key;
  }
  return f;
}
