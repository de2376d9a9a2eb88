#include "policy/podsecurity_int.h"

#include "data/pointer.h"
#include "policy/podsecurity_quote.h"

static const struct str app_armor_prefix =
    STR_INIT("container.apparmor.security.beta.kubernetes.io/");
static const struct str seccomp_prefix =
    STR_INIT("container.seccomp.security.alpha.kubernetes.io/");
static const struct str seccomp_pod_key = STR_INIT("seccomp.security.alpha.kubernetes.io/pod");

static bool is_one_of(struct str s, const struct str *list, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (str_eq(s, list[i]))
      return true;
  return false;
}

/* An annotation by prefix and name. Long names, which no valid container has, are searched for. */
static bool find_annotation(const struct judge *j, struct str prefix, struct str name,
                            struct str *ret_value, struct value *ret_key)
{
  struct value annotations = j->facts.annotations;
  char text[512];
  int64_t i = -1;
  if (!value_is(annotations, VALUE_OBJECT) || !annotations.len)
    return false;
  if (prefix.len + name.len <= sizeof text) {
    memcpy(text, prefix.data, prefix.len);
    if (name.len)
      memcpy(text + prefix.len, name.data, name.len);
    i = value_find(annotations, value_string(str_make(text, prefix.len + name.len)));
  } else {
    for (uint32_t m = 0; m < annotations.len && i < 0; m++) {
      struct str key = value_str_or_empty(annotations.members[m].key);
      if (str_starts(key, prefix) && str_eq(str_sub(key, prefix.len, key.len), name))
        i = m;
    }
  }
  if (i < 0)
    return false;
  *ret_value = value_str_or_empty(annotations.members[i].value);
  *ret_key = annotations.members[i].key;
  return true;
}

/* Notes an annotation; c may be NULL, container_name empty. */
static void offend_annotation(struct judge *j, enum podsecurity_check_id check,
                              const struct container_facts *c, struct str container_name,
                              struct str key, struct str value, bool implied)
{
  j->denied = true;
  if (!j->arena)
    return;
  struct podsecurity_offence o = {
      .check = check,
      .kind = OFFENCE_ANNOTATION,
      .implied = implied,
      .container = {.name = container_name},
      .value = value_string(arena_copy(j->arena, value)),
  };
  if (c) {
    o.in_container = true;
    o.serial = c->serial;
    o.container = c->container;
  }
  _cleanup_(buf_free) struct buf text = {0};
  buf_add(&text, key);
  buf_add_byte(&text, '=');
  podsecurity_quote(&text, value);
  o.word = arena_copy(j->arena, buf_str(&text));
  buf_clear(&text);
  buf_add_text(&text, "/metadata/annotations");
  pointer_add_key(&text, key);
  o.path = arena_copy(j->arena, buf_str(&text));
  judge_add(j, &o);
}

static bool app_armor_type_allowed(struct value type)
{
  return value_eq_str(type, STR("RuntimeDefault")) || value_eq_str(type, STR("Localhost"));
}

static bool app_armor_annotation_allowed(struct str value)
{
  return value.len == 0 || str_eq(value, STR("runtime/default")) ||
         str_starts(value, STR("localhost/"));
}

static void app_armor_pod(struct judge *j, unsigned option)
{
  const struct security_facts *s = &j->facts.security;
  struct value annotations = j->facts.annotations;
  if (value_is(s->app_armor, VALUE_OBJECT) && !app_armor_type_allowed(s->app_armor_type))
    judge_offend(j, PODSECURITY_APP_ARMOR_PROFILE, OFFENCE_SET, NULL, s->app_armor_type,
                 value_str_or_empty(s->app_armor_type),
                 "/spec/securityContext/appArmorProfile/type");
  for (uint32_t i = 0; i < annotations.len; i++) {
    struct str key = value_str_or_empty(annotations.members[i].key);
    struct str value = value_str_or_empty(annotations.members[i].value);
    if (str_starts(key, app_armor_prefix) && !app_armor_annotation_allowed(value))
      offend_annotation(j, PODSECURITY_APP_ARMOR_PROFILE, NULL,
                        str_sub(key, app_armor_prefix.len, key.len), key, value, false);
  }
}

/*
 * From 1.30 on the API server lets annotation and field of a pod's container stand for each other:
 * where only one is there it adds the other. Neither makes an allowed pod forbidden, so only the
 * words depend on it.
 */
static void app_armor_synchronise(struct judge *j, const struct container_facts *c)
{
  const struct security_facts *s = &c->security;
  struct value pod_type = j->facts.security.app_armor_type;
  struct str unconfined = STR("Unconfined");
  struct str value = STR_EMPTY;
  struct value key = VALUE_NONE;
  if (!j->arena || !j->pod->is_pod || j->facts.windows)
    return;
  struct str name = value_str_or_empty(c->name);
  bool has_field = value_is(s->app_armor, VALUE_OBJECT);
  if (!find_annotation(j, app_armor_prefix, name, &value, &key)) {
    if (value_eq_str(has_field ? s->app_armor_type : pod_type, unconfined))
      offend_annotation(
          j, PODSECURITY_APP_ARMOR_PROFILE, NULL, name,
          arena_printf(j->arena, "%.*s%.*s", STR_FMT(app_armor_prefix), STR_FMT(name)),
          STR("unconfined"), true);
    return;
  }
  if (!has_field && str_eq(value, STR("unconfined")) && !value_eq_str(pod_type, unconfined)) {
    judge_offend(j, PODSECURITY_APP_ARMOR_PROFILE, OFFENCE_SET, c, VALUE_NONE, unconfined,
                 "/securityContext/appArmorProfile/type");
    judge_mark_implied(j, PODSECURITY_APP_ARMOR_PROFILE);
  }
}

static void app_armor_container(struct judge *j, const struct container_facts *c, unsigned option)
{
  const struct security_facts *s = &c->security;
  if (value_is(s->app_armor, VALUE_OBJECT) && !app_armor_type_allowed(s->app_armor_type))
    judge_offend(j, PODSECURITY_APP_ARMOR_PROFILE, OFFENCE_SET, c, s->app_armor_type,
                 value_str_or_empty(s->app_armor_type), "/securityContext/appArmorProfile/type");
  app_armor_synchronise(j, c);
}

static const struct str default_capabilities[] = {
    STR_INIT("AUDIT_WRITE"), STR_INIT("CHOWN"),  STR_INIT("DAC_OVERRIDE"),
    STR_INIT("FOWNER"),      STR_INIT("FSETID"), STR_INIT("KILL"),
    STR_INIT("MKNOD"),       STR_INIT("SETGID"), STR_INIT("NET_BIND_SERVICE"),
    STR_INIT("SETFCAP"),     STR_INIT("SETUID"), STR_INIT("SETPCAP"),
    STR_INIT("SYS_CHROOT"),
};

enum { DEFAULT_CAPABILITY_COUNT = sizeof default_capabilities / sizeof default_capabilities[0] };

static const struct str net_bind_service[] = {STR_INIT("NET_BIND_SERVICE")};

static void offend_added(struct judge *j, enum podsecurity_check_id check,
                         const struct container_facts *c, const struct str *allowed,
                         size_t allowed_count)
{
  struct value add = c->security.add;
  for (uint32_t i = 0; i < add.len; i++) {
    struct str capability = value_str_or_empty(add.items[i]);
    if (is_one_of(capability, allowed, allowed_count))
      continue;
    judge_offend(j, check, OFFENCE_SET, c, add.items[i], capability,
                 "/securityContext/capabilities/add/%u", i);
    if (!is_one_of(capability, default_capabilities, DEFAULT_CAPABILITY_COUNT))
      judge_mark_baseline(j, check);
  }
}

static void capabilities_baseline(struct judge *j, const struct container_facts *c, unsigned option)
{
  offend_added(j, PODSECURITY_CAPABILITIES_BASELINE, c, default_capabilities,
               DEFAULT_CAPABILITY_COUNT);
}

static bool drops_all(struct value drop)
{
  for (uint32_t i = 0; i < drop.len; i++)
    if (value_eq_str(drop.items[i], STR("ALL")))
      return true;
  return false;
}

/* A pod for Windows can have no capabilities, so it need not drop them; one that has some
 * nevertheless is held to baseline. */
static void capabilities_restricted(struct judge *j, const struct container_facts *c,
                                    unsigned option)
{
  enum podsecurity_check_id check = PODSECURITY_CAPABILITIES_RESTRICTED;
  if ((option & EXCEPT_WINDOWS) && j->facts.windows) {
    offend_added(j, check, c, default_capabilities, DEFAULT_CAPABILITY_COUNT);
    return;
  }
  if (!drops_all(c->security.drop))
    judge_offend(j, check, OFFENCE_MISSING, c, c->security.drop, STR_EMPTY,
                 "/securityContext/capabilities/drop");
  offend_added(j, check, c, net_bind_service, 1);
}

static void host_namespaces(struct judge *j, unsigned option)
{
  const struct {
    struct value value;
    struct str key, word;
  } fields[] = {
      {j->facts.host_network, STR("hostNetwork"), STR("hostNetwork=true")},
      {j->facts.host_pid, STR("hostPID"), STR("hostPID=true")},
      {j->facts.host_ipc, STR("hostIPC"), STR("hostIPC=true")},
  };
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
    if (value_is_true(fields[i].value))
      judge_offend(j, PODSECURITY_HOST_NAMESPACES, OFFENCE_SET, NULL, fields[i].value,
                   fields[i].word, "/spec/%.*s", STR_FMT(fields[i].key));
}

static void host_path_volumes(struct judge *j, unsigned option)
{
  struct value volumes = j->facts.volumes;
  for (uint32_t i = 0; i < volumes.len; i++) {
    struct volume_facts f = podsecurity_read_volume(volumes.items[i]);
    if (value_is_nil(f.host_path))
      continue;
    judge_offend(j, PODSECURITY_HOST_PATH_VOLUMES, OFFENCE_SET, NULL, f.host_path, STR_EMPTY,
                 "/spec/volumes/%u/hostPath", i);
    judge_name_volume(j, PODSECURITY_HOST_PATH_VOLUMES, f.name);
  }
}

static void restricted_volumes(struct judge *j, unsigned option)
{
  struct value volumes = j->facts.volumes;
  for (uint32_t i = 0; i < volumes.len; i++) {
    struct volume_facts f = podsecurity_read_volume(volumes.items[i]);
    if (!f.restricted_type.len)
      continue;
    judge_offend(j, PODSECURITY_RESTRICTED_VOLUMES, OFFENCE_SET, NULL, f.restricted,
                 f.restricted_type, "/spec/volumes/%u/%.*s", i,
                 STR_FMT(judge_escape(j, f.restricted_key)));
    judge_name_volume(j, PODSECURITY_RESTRICTED_VOLUMES, f.name);
    if (!value_is_nil(f.host_path))
      judge_mark_baseline(j, PODSECURITY_RESTRICTED_VOLUMES);
  }
}

static bool non_zero(struct value v)
{
  int64_t number;
  return value_to_int(v, &number) && number != 0;
}

/* On the host's network the API server makes every container port of a pod a host port, except in
 * ephemeral containers. */
static void host_ports(struct judge *j, const struct container_facts *c, unsigned option)
{
  bool defaulted = j->pod->is_pod && value_is_true(j->facts.host_network) &&
                   c->container.list != KUBE_LIST_EPHEMERAL;
  for (uint32_t i = 0; i < c->ports.len; i++) {
    struct value port = value_get(c->ports.items[i], kube_key(KUBE_HOST_PORT));
    bool written = non_zero(port);
    if (!written && defaulted)
      port = value_get(c->ports.items[i], kube_key(KUBE_CONTAINER_PORT));
    int64_t number;
    if (!value_to_int(port, &number) || number == 0)
      continue;
    struct str word = j->arena ? arena_printf(j->arena, "%lld", (long long)number) : STR_EMPTY;
    judge_offend(j, PODSECURITY_HOST_PORTS, OFFENCE_SET, c, port, word, "/ports/%u/%s", i,
                 written ? "hostPort" : "containerPort");
    if (!written)
      judge_mark_implied(j, PODSECURITY_HOST_PORTS);
  }
}

static void host_probes(struct judge *j, const struct container_facts *c, unsigned option)
{
  for (int i = 0; i < HANDLER_HOSTS; i++)
    if (c->hosts[i].len)
      judge_offend(j, PODSECURITY_HOST_PROBES_AND_LIFECYCLE, OFFENCE_SET, c, c->hosts[i],
                   value_str_or_empty(c->hosts[i]), "%s", handler_paths[i]);
}

static void privileged(struct judge *j, const struct container_facts *c, unsigned option)
{
  if (value_is_true(c->security.privileged))
    judge_offend(j, PODSECURITY_PRIVILEGED_CONTAINERS, OFFENCE_SET, c, c->security.privileged,
                 STR_EMPTY, "/securityContext/privileged");
}

static void proc_mount_as(struct judge *j, const struct container_facts *c,
                          enum podsecurity_check_id check)
{
  struct value v = c->security.proc_mount;
  if (!value_is(v, VALUE_STRING) || value_eq_str(v, STR("Default")))
    return;
  judge_offend(j, check, OFFENCE_SET, c, v, value_str(v), "/securityContext/procMount");
  if (!j->facts.user_namespace)
    judge_mark_baseline(j, check);
}

static void proc_mount(struct judge *j, const struct container_facts *c, unsigned option)
{
  if (!((option & EXCEPT_USER_NAMESPACE) && j->facts.user_namespace))
    proc_mount_as(j, c, PODSECURITY_PROC_MOUNT);
}

static void proc_mount_restricted(struct judge *j, const struct container_facts *c, unsigned option)
{
  proc_mount_as(j, c, PODSECURITY_PROC_MOUNT_RESTRICTED);
}

static void allow_privilege_escalation(struct judge *j, const struct container_facts *c,
                                       unsigned option)
{
  struct value v = c->security.escalation;
  if (((option & EXCEPT_WINDOWS) && j->facts.windows) || value_is_false(v))
    return;
  judge_offend(j, PODSECURITY_ALLOW_PRIVILEGE_ESCALATION,
               value_is_nil(v) ? OFFENCE_MISSING : OFFENCE_SET, c, v, STR_EMPTY,
               "/securityContext/allowPrivilegeEscalation");
}

/* In the order in which policy versions allowed them. */
static const struct str se_linux_types[] = {
    STR_INIT(""),
    STR_INIT("container_t"),
    STR_INIT("container_init_t"),
    STR_INIT("container_kvm_t"),
    STR_INIT("container_engine_t"),
};

static void se_linux(struct judge *j, const struct container_facts *c,
                     const struct security_facts *s, const char *spec, unsigned option)
{
  enum podsecurity_check_id check = PODSECURITY_SE_LINUX_OPTIONS;
  struct str type = value_str_or_empty(s->se_linux_type);
  if (!is_one_of(type, se_linux_types, option >> ALLOW_SHIFT))
    judge_offend(j, check, OFFENCE_SET, c, s->se_linux_type, type,
                 "%s/securityContext/seLinuxOptions/type", spec);
  if (s->se_linux_user.len)
    judge_offend(j, check, OFFENCE_USER, c, s->se_linux_user, value_str(s->se_linux_user),
                 "%s/securityContext/seLinuxOptions/user", spec);
  if (s->se_linux_role.len)
    judge_offend(j, check, OFFENCE_ROLE, c, s->se_linux_role, value_str(s->se_linux_role),
                 "%s/securityContext/seLinuxOptions/role", spec);
}

static void se_linux_pod(struct judge *j, unsigned option)
{
  se_linux(j, NULL, &j->facts.security, "/spec", option);
}

static void se_linux_container(struct judge *j, const struct container_facts *c, unsigned option)
{
  se_linux(j, c, &c->security, "", option);
}

static bool seccomp_type_allowed(struct value type)
{
  return value_eq_str(type, STR("RuntimeDefault")) || value_eq_str(type, STR("Localhost"));
}

static bool seccomp_annotation_allowed(struct str value)
{
  return str_eq(value, STR("runtime/default")) || str_eq(value, STR("docker/default")) ||
         str_starts(value, STR("localhost/"));
}

static void seccomp_field(struct judge *j, enum podsecurity_check_id check,
                          const struct container_facts *c, const struct security_facts *s)
{
  if (!value_is(s->seccomp, VALUE_OBJECT) || seccomp_type_allowed(s->seccomp_type))
    return;
  judge_offend(j, check, OFFENCE_SET, c, s->seccomp_type, value_str_or_empty(s->seccomp_type),
               "%s/securityContext/seccompProfile/type", c ? "" : "/spec");
  judge_mark_baseline(j, check);
}

static void seccomp_annotation(struct judge *j, const struct container_facts *c, struct str prefix,
                               struct str name)
{
  struct str value;
  struct value key;
  if (find_annotation(j, prefix, name, &value, &key) && !seccomp_annotation_allowed(value))
    offend_annotation(j, PODSECURITY_SECCOMP_BASELINE, c, STR_EMPTY, value_str(key), value, false);
}

static void seccomp_baseline_pod(struct judge *j, unsigned option)
{
  if (option & BY_ANNOTATION)
    seccomp_annotation(j, NULL, seccomp_pod_key, STR_EMPTY);
  else
    seccomp_field(j, PODSECURITY_SECCOMP_BASELINE, NULL, &j->facts.security);
}

static void seccomp_baseline_container(struct judge *j, const struct container_facts *c,
                                       unsigned option)
{
  if (option & BY_ANNOTATION)
    seccomp_annotation(j, c, seccomp_prefix, value_str_or_empty(c->name));
  else
    seccomp_field(j, PODSECURITY_SECCOMP_BASELINE, c, &c->security);
}

static void seccomp_restricted_pod(struct judge *j, unsigned option)
{
  seccomp_field(j, PODSECURITY_SECCOMP_RESTRICTED, NULL, &j->facts.security);
}

static void seccomp_restricted_container(struct judge *j, const struct container_facts *c,
                                         unsigned option)
{
  seccomp_field(j, PODSECURITY_SECCOMP_RESTRICTED, c, &c->security);
  bool excepted = (option & EXCEPT_WINDOWS) && j->facts.windows;
  if (!excepted && value_is_nil(c->security.seccomp) &&
      !seccomp_type_allowed(j->facts.security.seccomp_type))
    judge_offend(j, PODSECURITY_SECCOMP_RESTRICTED, OFFENCE_MISSING, c, VALUE_NONE, STR_EMPTY,
                 "/securityContext/seccompProfile/type");
}

/* In the order in which policy versions allowed them. */
static const struct str safe_sysctls[] = {
    STR_INIT("kernel.shm_rmid_forced"),
    STR_INIT("net.ipv4.ip_local_port_range"),
    STR_INIT("net.ipv4.tcp_syncookies"),
    STR_INIT("net.ipv4.ping_group_range"),
    STR_INIT("net.ipv4.ip_unprivileged_port_start"),
    STR_INIT("net.ipv4.ip_local_reserved_ports"), /* 1.27 */
    STR_INIT("net.ipv4.tcp_keepalive_time"),      /* 1.29 */
    STR_INIT("net.ipv4.tcp_fin_timeout"),
    STR_INIT("net.ipv4.tcp_keepalive_intvl"),
    STR_INIT("net.ipv4.tcp_keepalive_probes"),
    STR_INIT("net.ipv4.tcp_rmem"), /* 1.32 */
    STR_INIT("net.ipv4.tcp_wmem"),
    STR_INIT("net.ipv4.tcp_slow_start_after_idle"), /* 1.37 */
    STR_INIT("net.ipv4.tcp_notsent_lowat"),
};

static void sysctls(struct judge *j, unsigned option)
{
  struct value list = j->facts.security.sysctls;
  for (uint32_t i = 0; i < list.len; i++) {
    struct value name = value_get(list.items[i], kube_key(KUBE_NAME));
    struct str text = value_str_or_empty(name);
    if (!is_one_of(text, safe_sysctls, option >> ALLOW_SHIFT))
      judge_offend(j, PODSECURITY_SYSCTLS, OFFENCE_SET, NULL, name, text,
                   "/spec/securityContext/sysctls/%u/name", i);
  }
}

static void host_process(struct judge *j, const struct container_facts *c,
                         const struct security_facts *s)
{
  if (value_is_true(s->host_process))
    judge_offend(j, PODSECURITY_WINDOWS_HOST_PROCESS, OFFENCE_SET, c, s->host_process, STR_EMPTY,
                 "%s/securityContext/windowsOptions/hostProcess", c ? "" : "/spec");
}

static void host_process_pod(struct judge *j, unsigned option)
{
  host_process(j, NULL, &j->facts.security);
}

static void host_process_container(struct judge *j, const struct container_facts *c,
                                   unsigned option)
{
  host_process(j, c, &c->security);
}

static void run_as_non_root_pod(struct judge *j, unsigned option)
{
  struct value v = j->facts.security.run_as_non_root;
  if (!((option & EXCEPT_USER_NAMESPACE) && j->facts.user_namespace) && value_is_false(v))
    judge_offend(j, PODSECURITY_RUN_AS_NON_ROOT, OFFENCE_SET, NULL, v, STR_EMPTY,
                 "/spec/securityContext/runAsNonRoot");
}

static void run_as_non_root_container(struct judge *j, const struct container_facts *c,
                                      unsigned option)
{
  struct value v = c->security.run_as_non_root;
  if (((option & EXCEPT_USER_NAMESPACE) && j->facts.user_namespace) || value_is_true(v))
    return;
  bool missing = value_is_nil(v);
  if (missing && value_is_true(j->facts.security.run_as_non_root))
    return;
  judge_offend(j, PODSECURITY_RUN_AS_NON_ROOT, missing ? OFFENCE_MISSING : OFFENCE_SET, c, v,
               STR_EMPTY, "/securityContext/runAsNonRoot");
}

static void run_as_user(struct judge *j, const struct container_facts *c,
                        const struct security_facts *s, unsigned option)
{
  int64_t user;
  if ((option & EXCEPT_USER_NAMESPACE) && j->facts.user_namespace)
    return;
  if (value_to_int(s->run_as_user, &user) && user == 0)
    judge_offend(j, PODSECURITY_RUN_AS_USER, OFFENCE_SET, c, s->run_as_user, STR_EMPTY,
                 "%s/securityContext/runAsUser", c ? "" : "/spec");
}

static void run_as_user_pod(struct judge *j, unsigned option)
{
  run_as_user(j, NULL, &j->facts.security, option);
}

static void run_as_user_container(struct judge *j, const struct container_facts *c, unsigned option)
{
  run_as_user(j, c, &c->security, option);
}

#define ALLOW(count) ((count) << ALLOW_SHIFT)
#define SINGLE_VERSION .version_count = 1, .versions = {{0, 0}}

const struct check podsecurity_table[PODSECURITY_CHECK_COUNT] = {
    [PODSECURITY_APP_ARMOR_PROFILE] = {STR_INIT("appArmorProfile"), PODSECURITY_BASELINE,
                                       SINGLE_VERSION, .pod = app_armor_pod,
                                       .container = app_armor_container},
    [PODSECURITY_CAPABILITIES_BASELINE] = {STR_INIT("capabilities_baseline"), PODSECURITY_BASELINE,
                                           SINGLE_VERSION, .container = capabilities_baseline},
    [PODSECURITY_HOST_NAMESPACES] = {STR_INIT("hostNamespaces"), PODSECURITY_BASELINE,
                                     SINGLE_VERSION, .pod = host_namespaces},
    [PODSECURITY_HOST_PATH_VOLUMES] = {STR_INIT("hostPathVolumes"), PODSECURITY_BASELINE,
                                       SINGLE_VERSION, .pod = host_path_volumes},
    [PODSECURITY_HOST_PORTS] = {STR_INIT("hostPorts"), PODSECURITY_BASELINE, SINGLE_VERSION,
                                .container = host_ports},
    [PODSECURITY_HOST_PROBES_AND_LIFECYCLE] = {STR_INIT("hostProbesAndHostLifecycle"),
                                               PODSECURITY_BASELINE, .version_count = 1,
                                               .versions = {{34, 0}}, .container = host_probes},
    [PODSECURITY_PRIVILEGED_CONTAINERS] = {STR_INIT("privileged"), PODSECURITY_BASELINE,
                                           SINGLE_VERSION, .container = privileged},
    [PODSECURITY_PROC_MOUNT] = {STR_INIT("procMount"), PODSECURITY_BASELINE, .version_count = 2,
                                .versions = {{0, 0}, {35, EXCEPT_USER_NAMESPACE}},
                                .container = proc_mount},
    [PODSECURITY_SE_LINUX_OPTIONS] = {STR_INIT("seLinuxOptions"), PODSECURITY_BASELINE,
                                      .version_count = 2,
                                      .versions = {{0, ALLOW(4)}, {31, ALLOW(5)}},
                                      .pod = se_linux_pod, .container = se_linux_container},
    [PODSECURITY_SECCOMP_BASELINE] = {STR_INIT("seccompProfile_baseline"), PODSECURITY_BASELINE,
                                      .version_count = 2, .versions = {{0, BY_ANNOTATION}, {19, 0}},
                                      .pod = seccomp_baseline_pod,
                                      .container = seccomp_baseline_container},
    [PODSECURITY_SYSCTLS] = {STR_INIT("sysctls"), PODSECURITY_BASELINE, .version_count = 5,
                             .versions = {{0, ALLOW(5)},
                                          {27, ALLOW(6)},
                                          {29, ALLOW(10)},
                                          {32, ALLOW(12)},
                                          {37, ALLOW(14)}},
                             .pod = sysctls},
    [PODSECURITY_WINDOWS_HOST_PROCESS] = {STR_INIT("windowsHostProcess"), PODSECURITY_BASELINE,
                                          SINGLE_VERSION, .pod = host_process_pod,
                                          .container = host_process_container},
    [PODSECURITY_ALLOW_PRIVILEGE_ESCALATION] = {STR_INIT("allowPrivilegeEscalation"),
                                                PODSECURITY_RESTRICTED, .version_count = 2,
                                                .versions = {{8, 0}, {25, EXCEPT_WINDOWS}},
                                                .container = allow_privilege_escalation},
    [PODSECURITY_CAPABILITIES_RESTRICTED] = {STR_INIT("capabilities_restricted"),
                                             PODSECURITY_RESTRICTED,
                                             1u << PODSECURITY_CAPABILITIES_BASELINE,
                                             .version_count = 2,
                                             .versions = {{22, 0}, {25, EXCEPT_WINDOWS}},
                                             .container = capabilities_restricted},
    [PODSECURITY_PROC_MOUNT_RESTRICTED] = {STR_INIT("procMount_restricted"), PODSECURITY_RESTRICTED,
                                           1u << PODSECURITY_PROC_MOUNT, .version_count = 1,
                                           .versions = {{35, 0}},
                                           .container = proc_mount_restricted},
    [PODSECURITY_RESTRICTED_VOLUMES] = {STR_INIT("restrictedVolumes"), PODSECURITY_RESTRICTED,
                                        1u << PODSECURITY_HOST_PATH_VOLUMES, SINGLE_VERSION,
                                        .pod = restricted_volumes},
    [PODSECURITY_RUN_AS_NON_ROOT] = {STR_INIT("runAsNonRoot"), PODSECURITY_RESTRICTED,
                                     .version_count = 2,
                                     .versions = {{0, 0}, {35, EXCEPT_USER_NAMESPACE}},
                                     .pod = run_as_non_root_pod,
                                     .container = run_as_non_root_container},
    [PODSECURITY_RUN_AS_USER] = {STR_INIT("runAsUser"), PODSECURITY_RESTRICTED, .version_count = 2,
                                 .versions = {{23, 0}, {35, EXCEPT_USER_NAMESPACE}},
                                 .pod = run_as_user_pod, .container = run_as_user_container},
    [PODSECURITY_SECCOMP_RESTRICTED] = {STR_INIT("seccompProfile_restricted"),
                                        PODSECURITY_RESTRICTED, 1u << PODSECURITY_SECCOMP_BASELINE,
                                        .version_count = 2,
                                        .versions = {{19, 0}, {25, EXCEPT_WINDOWS}},
                                        .pod = seccomp_restricted_pod,
                                        .container = seccomp_restricted_container},
};
