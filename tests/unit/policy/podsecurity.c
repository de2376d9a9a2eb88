#include "../test.h"

#include "data/json.h"
#include "kube/keys.h"
#include "policy/podsecurity.h"

static struct arena arena;

static int set_up(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

static struct podsecurity_target target_of(const char *text)
{
  struct podsecurity_target t;
  struct str version, level = str_cut(str_from(text), ':', &version);
  if (podsecurity_level_parse(level, &t.level, NULL) < 0 ||
      podsecurity_version_parse(version, &t.minor, NULL) < 0)
    fail_msg("%s is no target", text);
  return t;
}

/* A pod from the members of its spec and its annotations, written with ' for ". */
static struct podsecurity_pod pod_of(const char *spec, const char *annotations)
{
  struct value root;
  struct error err;
  char *text = (char *)(uintptr_t)arena_printf(
                   &arena, "{'metadata':{'annotations':{%s}},'spec':{%s}}", annotations, spec)
                   .data;
  for (char *c = text; *c; c++)
    if (*c == '\'')
      *c = '"';
  if (json_parse(&arena, str_from(text), NULL, &root, &err) < 0)
    fail_msg("%s: %s", text, err.message);
  return (struct podsecurity_pod){value_get(root, kube_key(KUBE_METADATA)),
                                  value_get(root, kube_key(KUBE_SPEC)), true};
}

static struct str detail_of(const char *target, const char *spec, const char *annotations)
{
  struct podsecurity_pod pod = pod_of(spec, annotations);
  struct podsecurity_result result;
  struct buf out = {0};
  podsecurity_evaluate(target_of(target), &pod, &arena, &result);
  assert_int_equal(result.allowed, podsecurity_allows(target_of(target), &pod));
  assert_int_equal(result.allowed, result.violation_count + result.fault_count == 0);
  podsecurity_detail_write(&out, &result);
  struct str text = arena_copy(&arena, buf_str(&out));
  buf_free(&out);
  return text;
}

struct wording_case {
  const char *target, *spec, *annotations, *detail;
};

static void assert_wordings(const struct wording_case *cases, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    struct str is =
        detail_of(cases[i].target, cases[i].spec, cases[i].annotations ? cases[i].annotations : "");
    if (!str_eq(is, str_from(cases[i].detail)))
      fail_msg("%s {%s}:\n  is       %.*s\n  expected %s", cases[i].target, cases[i].spec,
               STR_FMT(is), cases[i].detail);
  }
}

#define ASSERT_WORDINGS(cases) assert_wordings((cases), sizeof(cases) / sizeof((cases)[0]))

/* A container, or two, with a securityContext. */
#define ONE(context) "'containers':[{'name':'a','securityContext':{" context "}}]"
#define TWO(first, second)                                                                         \
  "'initContainers':[{'name':'i','securityContext':{" first "}}],"                                 \
  "'containers':[{'name':'a','securityContext':{" second "}}]"

static void says_what_baseline_forbids(void **state)
{
  (void)state;
  static const struct wording_case cases[] = {
      {"baseline:latest", "", NULL, ""},
      {"baseline:latest", "'containers':[{'name':'a'}]", NULL, ""},
      {"privileged:latest", "'hostPID':true", NULL, ""},
      {"baseline:v1.0", "'hostNetwork':true,'hostIPC':true,'hostPID':true", NULL,
       "host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)"},
      {"baseline:v1.0", "'hostNetwork':false,'hostIPC':null", NULL, ""},
      {"baseline:v1.0", ONE("'privileged':true"), NULL,
       "privileged (container \"a\" must not set securityContext.privileged=true)"},
      {"baseline:v1.0", TWO("'privileged':true", "'privileged':true"), NULL,
       "privileged (containers \"i\", \"a\" must not set securityContext.privileged=true)"},
      {"baseline:v1.0",
       TWO("'capabilities':{'add':['SYS_TIME','CHOWN','BPF']}",
           "'capabilities':{'add':['BPF',null]}"),
       NULL,
       "non-default capabilities (containers \"i\", \"a\" must not include \"\", \"BPF\", "
       "\"SYS_TIME\" in securityContext.capabilities.add)"},
      {"baseline:v1.0", "'volumes':[{'name':'a','hostPath':{}},{'name':'b','emptyDir':{}}]", NULL,
       "hostPath volumes (volume \"a\")"},
      {"baseline:v1.0",
       "'volumes':[{'name':'b','hostPath':{'path':'/'}},{'hostPath':{}},{'name':'c','hostPath':null}]",
       NULL, "hostPath volumes (volumes \"b\", \"\")"},
      {"baseline:v1.0",
       "'containers':[{'name':'a','ports':[{'hostPort':9},{'hostPort':80},{'hostPort':80},"
       "{'hostPort':0},null]}]",
       NULL, "hostPort (container \"a\" uses hostPorts 80, 9)"},
      {"baseline:v1.0", "'containers':[{'name':'a','ports':[{'hostPort':-1}]}]", NULL,
       "hostPort (container \"a\" uses hostPort -1)"},
      {"baseline:v1.0",
       "'containers':[{'name':'b','ports':[{'hostPort':8}]},{'name':'a','ports':[{'hostPort':8}]}]",
       NULL, "hostPort (containers \"b\", \"a\" use hostPort 8)"},
      {"baseline:v1.0", TWO("'procMount':'Unmasked'", "'procMount':''"), NULL,
       "procMount (containers \"i\", \"a\" must not set securityContext.procMount to \"\", "
       "\"Unmasked\")"},
      {"baseline:v1.0", ONE("'procMount':'Default'"), NULL, ""},
      {"baseline:v1.0",
       "'securityContext':{'sysctls':[{'name':'z'},{'name':'a'},{'name':'z'},null]}", NULL,
       "forbidden sysctls (z, a, z, )"},
      {"baseline:v1.0",
       "'securityContext':{'windowsOptions':{'hostProcess':true}}," ONE(
           "'windowsOptions':{'hostProcess':true}"),
       NULL,
       "hostProcess (pod and container \"a\" must not set "
       "securityContext.windowsOptions.hostProcess=true)"},
      {"baseline:v1.0", ONE("'windowsOptions':{'hostProcess':true}"), NULL,
       "hostProcess (container \"a\" must not set securityContext.windowsOptions.hostProcess=true)"},
      {"baseline:v1.0",
       "'securityContext':{'seLinuxOptions':{'type':'spc_t','user':'u'}}," TWO(
           "'seLinuxOptions':{'role':'r'}", "'seLinuxOptions':{'type':'x'}"),
       NULL,
       "seLinuxOptions (pod and containers \"i\", \"a\" set forbidden "
       "securityContext.seLinuxOptions: types \"spc_t\", \"x\"; user may not be set; role may not "
       "be set)"},
      {"baseline:v1.0", "'securityContext':{'seLinuxOptions':{'role':'r','level':'s0'}}", NULL,
       "seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: role may not be set)"},
      {"baseline:v1.30", ONE("'seLinuxOptions':{'type':'container_engine_t'}"), NULL,
       "seLinuxOptions (container \"a\" set forbidden securityContext.seLinuxOptions: type "
       "\"container_engine_t\")"},
      {"baseline:v1.31", ONE("'seLinuxOptions':{'type':'container_engine_t'}"), NULL, ""},
      {"baseline:v1.0", "'hostPID':true," ONE("'privileged':true,'procMount':'x'"), NULL,
       "host namespaces (hostPID=true), privileged (container \"a\" must not set "
       "securityContext.privileged=true), procMount (container \"a\" must not set "
       "securityContext.procMount to \"x\")"},
  };
  ASSERT_WORDINGS(cases);
}

static void says_what_restricted_forbids(void **state)
{
  (void)state;
#define REST "'allowPrivilegeEscalation':false,'runAsNonRoot':true,'capabilities':{'drop':['ALL']}"
#define SECCOMP "'seccompProfile':{'type':'RuntimeDefault'}"
  static const struct wording_case cases[] = {
      {"restricted:latest", ONE(REST "," SECCOMP), NULL, ""},
      {"restricted:v1.7", ONE("'runAsNonRoot':true"), NULL, ""},
      {"restricted:v1.8", ONE("'runAsNonRoot':true"), NULL,
       "allowPrivilegeEscalation != false (container \"a\" must set "
       "securityContext.allowPrivilegeEscalation=false)"},
      {"restricted:v1.8",
       TWO("'runAsNonRoot':true", "'runAsNonRoot':true,"
                                  "'allowPrivilegeEscalation':true"),
       NULL,
       "allowPrivilegeEscalation != false (containers \"i\", \"a\" must set "
       "securityContext.allowPrivilegeEscalation=false)"},
      {"restricted:v1.0", "'containers':[{'name':'a'}]", NULL,
       "runAsNonRoot != true (pod or container \"a\" must set securityContext.runAsNonRoot=true)"},
      {"restricted:v1.0", "'securityContext':{'runAsNonRoot':true},'containers':[{'name':'a'}]",
       NULL, ""},
      {"restricted:v1.0",
       "'securityContext':{'runAsNonRoot':false}," TWO("", "'runAsNonRoot':false"), NULL,
       "runAsNonRoot != true (pod and container \"a\" must not set "
       "securityContext.runAsNonRoot=false)"},
      {"restricted:v1.0", "'securityContext':{'runAsNonRoot':false}," ONE("'runAsNonRoot':true"),
       NULL, "runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)"},
      {"restricted:v1.22",
       ONE(SECCOMP ",'allowPrivilegeEscalation':false,'runAsNonRoot':true,"
                   "'capabilities':{'drop':['NET_RAW'],'add':['CHOWN',"
                   "'NET_BIND_SERVICE']}"),
       NULL,
       "unrestricted capabilities (container \"a\" must set "
       "securityContext.capabilities.drop=[\"ALL\"]; container \"a\" must not include \"CHOWN\" in "
       "securityContext.capabilities.add)"},
      {"restricted:v1.21",
       ONE(SECCOMP ",'allowPrivilegeEscalation':false,'runAsNonRoot':true,"
                   "'capabilities':{'add':['CHOWN','BPF']}"),
       NULL,
       "non-default capabilities (container \"a\" must not include \"BPF\" in "
       "securityContext.capabilities.add)"},
      {"restricted:v1.22",
       TWO(REST "," SECCOMP ",'runAsUser':0", REST "," SECCOMP ",'runAsUser':0"), NULL, ""},
      {"restricted:v1.23",
       "'securityContext':{'runAsUser':0}," TWO(REST "," SECCOMP ",'runAsUser':0",
                                                REST "," SECCOMP ",'runAsUser':1"),
       NULL, "runAsUser=0 (pod and container \"i\" must not set runAsUser=0)"},
      {"restricted:v1.19",
       TWO("'allowPrivilegeEscalation':false,'runAsNonRoot':true",
           "'allowPrivilegeEscalation':false,'runAsNonRoot':true"),
       NULL,
       "seccompProfile (pod or containers \"i\", \"a\" must set securityContext.seccompProfile.type "
       "to \"RuntimeDefault\" or \"Localhost\")"},
      {"restricted:v1.19",
       "'securityContext':{'seccompProfile':{'type':'Unconfined'}}," TWO(
           REST ",'seccompProfile':{}", REST),
       NULL,
       "seccompProfile (pod and container \"i\" must not set securityContext.seccompProfile.type "
       "to \"\", \"Unconfined\")"},
      {"restricted:v1.0",
       "'volumes':[{'name':'n','nfs':{}},{'name':'h','hostPath':{}},{'name':'e'},{'name':'x',"
       "'image':{}},{'name':'y','secret':null,'nfs':{}}]",
       NULL,
       "restricted volume types (volumes \"n\", \"h\", \"y\" use restricted volume types "
       "\"hostPath\", \"nfs\")"},
      {"restricted:v1.0", "'volumes':[{'name':'n','somethingNew':{}}]", NULL,
       "restricted volume types (volume \"n\" uses restricted volume type \"unknown\")"},
      {"restricted:v1.35", "'hostUsers':false," ONE("'procMount':'Unmasked'," REST "," SECCOMP),
       NULL, "procMount (container \"a\" must not set securityContext.procMount to \"Unmasked\")"},
  };
  ASSERT_WORDINGS(cases);
}

static void seccomp_annotations_hold_before_1_19(void **state)
{
  (void)state;
  static const struct wording_case cases[] = {
      {"baseline:v1.18", "'containers':[{'name':'a'},{'name':'b'}]",
       "'seccomp.security.alpha.kubernetes.io/pod':'unconfined',"
       "'container.seccomp.security.alpha.kubernetes.io/b':'x\\ny',"
       "'container.seccomp.security.alpha.kubernetes.io/nobody':'unconfined',"
       "'container.seccomp.security.alpha.kubernetes.io/a':'docker/default'",
       "seccompProfile (forbidden annotations "
       "container.seccomp.security.alpha.kubernetes.io/b=\"x\\ny\", "
       "seccomp.security.alpha.kubernetes.io/pod=\"unconfined\")"},
      {"baseline:v1.18", "", "'seccomp.security.alpha.kubernetes.io/pod':''",
       "seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod=\"\")"},
      {"baseline:v1.18", "", "'seccomp.security.alpha.kubernetes.io/pod':'localhost/x'", ""},
      {"baseline:v1.18", "'securityContext':{'seccompProfile':{'type':'Unconfined'}}", NULL, ""},
      {"baseline:v1.19", "", "'seccomp.security.alpha.kubernetes.io/pod':'unconfined'", ""},
      {"baseline:v1.19", "'securityContext':{'seccompProfile':{'type':'Unconfined'}}", NULL,
       "seccompProfile (pod must not set securityContext.seccompProfile.type to \"Unconfined\")"},
  };
  ASSERT_WORDINGS(cases);
}

static void app_armor_annotations_and_fields_stand_for_each_other(void **state)
{
  (void)state;
#define AA "container.apparmor.security.beta.kubernetes.io/"
  static const struct wording_case cases[] = {
      {"baseline:latest", "'containers':[{'name':'a'}]", "'" AA "a':'runtime/default'", ""},
      {"baseline:latest", "'containers':[{'name':'a'}]", "'" AA "a':'localhost/x','" AA "b':''",
       ""},
      {"baseline:latest", "'containers':[{'name':'a'}]", "'" AA "a':'unconfined'",
       "forbidden AppArmor profiles (container \"a\" and annotation must not set AppArmor profile "
       "type to \"Unconfined\", \"" AA "a=\"unconfined\"\")"},
      {"baseline:latest", "'containers':[{'name':'a'}]", "'" AA "z':'unconfined'",
       "forbidden AppArmor profile (annotation must not set AppArmor profile type to \"" AA
       "z=\"unconfined\"\")"},
      {"baseline:latest", ONE("'appArmorProfile':{'type':'Unconfined'}"), NULL,
       "forbidden AppArmor profiles (container \"a\" and annotation must not set AppArmor profile "
       "type to \"Unconfined\", \"" AA "a=\"unconfined\"\")"},
      {"baseline:latest",
       "'securityContext':{'appArmorProfile':{'type':'Unconfined'}}," TWO("", ""), NULL,
       "forbidden AppArmor profiles (pod and annotations must not set AppArmor profile type to "
       "\"Unconfined\", \"" AA "a=\"unconfined\"\", \"" AA "i=\"unconfined\"\")"},
      {"baseline:latest",
       "'os':{'name':'windows'},'securityContext':{'appArmorProfile':{'type':'Unconfined'}}," TWO(
           "", "'appArmorProfile':{}"),
       NULL,
       "forbidden AppArmor profiles (pod and container \"a\" must not set AppArmor profile type to "
       "\"\", \"Unconfined\")"},
      {"baseline:latest", "'containers':[{'name':'a'}]", "'" AA "b':'x','" AA "c':'y'",
       "forbidden AppArmor profiles (annotations must not set AppArmor profile type to \"" AA
       "b=\"x\"\", \"" AA "c=\"y\"\")"},
  };
  ASSERT_WORDINGS(cases);
}

static void ports_on_the_hosts_network_are_host_ports(void **state)
{
  (void)state;
  static const struct wording_case cases[] = {
      {"baseline:v1.0",
       "'hostNetwork':true,'containers':[{'name':'a','ports':[{'containerPort':80},"
       "{'containerPort':90,'hostPort':91}]}],"
       "'ephemeralContainers':[{'name':'e','ports':[{'containerPort':70}]}]",
       NULL,
       "host namespaces (hostNetwork=true), hostPort (container \"a\" uses hostPorts 80, 91)"},
  };
  ASSERT_WORDINGS(cases);
  struct podsecurity_pod pod = pod_of(cases[0].spec, "");
  struct podsecurity_offences found;
  pod.is_pod = false; /* a template is not prepared so */
  podsecurity_find(target_of("baseline:v1.0"), &pod, &arena, &found);
  assert_int_equal(found.count, 2);
  assert_str(found.items[1].word, "91");
}

static void probes_may_not_name_hosts_from_1_34(void **state)
{
  (void)state;
#define PROBES                                                                                     \
  "'containers':[{'name':'b','livenessProbe':{'httpGet':{'host':'x'}},"                            \
  "'readinessProbe':{'tcpSocket':{'host':''}},'startupProbe':{'exec':{}}},"                        \
  "{'name':'a','lifecycle':{'preStop':{'httpGet':{'host':'127.0.0.1'}},"                           \
  "'postStart':{'tcpSocket':{'host':'x'}}}}]"
  static const struct wording_case cases[] = {
      {"baseline:v1.33", PROBES, NULL, ""},
      {"baseline:v1.34", PROBES, NULL,
       "probe or lifecycle host (containers \"a\", \"b\" use probe or lifecycle hosts "
       "\"127.0.0.1\", \"x\")"},
      {"baseline:v1.34", "'containers':[{'name':'b','startupProbe':{'tcpSocket':{'host':'x'}}}]",
       NULL, "probe or lifecycle host (container \"b\" uses probe or lifecycle host \"x\")"},
  };
  ASSERT_WORDINGS(cases);
}

static void windows_and_user_namespaces_are_excepted(void **state)
{
  (void)state;
  static const struct wording_case cases[] = {
      {"restricted:v1.25", "'os':{'name':'windows'}," ONE("'runAsNonRoot':true"), NULL, ""},
      {"restricted:v1.25", "'os':{'name':'windows'},'containers':[{'name':'a'}]", NULL,
       "runAsNonRoot != true (pod or container \"a\" must set securityContext.runAsNonRoot=true)"},
      /* what no pod for Windows can have is held against it nevertheless */
      {"restricted:v1.25",
       "'os':{'name':'windows'}," ONE("'runAsNonRoot':true,'capabilities':{'add':['CHOWN','BPF']},"
                                      "'seccompProfile':{'type':'Unconfined'}"),
       NULL,
       "unrestricted capabilities (container \"a\" must not include \"BPF\" in "
       "securityContext.capabilities.add), seccompProfile (container \"a\" must not set "
       "securityContext.seccompProfile.type to \"Unconfined\")"},
      {"baseline:v1.34", "'hostUsers':false," ONE("'procMount':'Unmasked'"), NULL,
       "procMount (container \"a\" must not set securityContext.procMount to \"Unmasked\")"},
      {"baseline:v1.35", "'hostUsers':false," ONE("'procMount':'Unmasked'"), NULL, ""},
      {"baseline:v1.35", "'hostUsers':true," ONE("'procMount':'Unmasked'"), NULL,
       "procMount (container \"a\" must not set securityContext.procMount to \"Unmasked\")"},
      {"restricted:v1.35",
       "'hostUsers':false," ONE("'runAsNonRoot':false,'runAsUser':0,"
                                "'allowPrivilegeEscalation':false,'capabilities':{'drop':['ALL']},"
                                "'seccompProfile':{'type':'Localhost'}"),
       NULL, ""},
      {"restricted:v1.34",
       "'hostUsers':false," ONE("'runAsNonRoot':true,'runAsUser':0,"
                                "'allowPrivilegeEscalation':false,'capabilities':{'drop':['ALL']},"
                                "'seccompProfile':{'type':'Localhost'}"),
       NULL, "runAsUser=0 (container \"a\" must not set runAsUser=0)"},
  };
  ASSERT_WORDINGS(cases);
}

static void safe_sysctls_grow_with_the_version(void **state)
{
  (void)state;
  static const struct {
    const char *name;
    uint64_t from;
  } cases[] = {
      {"kernel.shm_rmid_forced", 0},
      {"net.ipv4.ip_unprivileged_port_start", 0},
      {"net.ipv4.ip_local_reserved_ports", 27},
      {"net.ipv4.tcp_keepalive_time", 29},
      {"net.ipv4.tcp_keepalive_probes", 29},
      {"net.ipv4.tcp_rmem", 32},
      {"net.ipv4.tcp_wmem", 32},
      {"net.ipv4.tcp_slow_start_after_idle", 37},
      {"net.ipv4.tcp_notsent_lowat", 37},
      {"kernel.msgmax", UINT64_MAX},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char spec[128];
    snprintf(spec, sizeof spec, "'securityContext':{'sysctls':[{'name':'%s','value':'1'}]}",
             cases[i].name);
    struct podsecurity_pod pod = pod_of(spec, "");
    for (uint64_t minor = 0; minor <= PODSECURITY_NEWEST + 3; minor++) {
      struct podsecurity_target t = {PODSECURITY_BASELINE, minor};
      assert_int_equal(podsecurity_allows(t, &pod), minor >= cases[i].from);
    }
  }
}

static void checks_come_and_go_with_versions(void **state)
{
  (void)state;
#define BIT(check) (1u << PODSECURITY_##check)
  uint32_t baseline = BIT(APP_ARMOR_PROFILE) | BIT(CAPABILITIES_BASELINE) | BIT(HOST_NAMESPACES) |
                      BIT(HOST_PATH_VOLUMES) | BIT(HOST_PORTS) | BIT(PRIVILEGED_CONTAINERS) |
                      BIT(PROC_MOUNT) | BIT(SE_LINUX_OPTIONS) | BIT(SECCOMP_BASELINE) |
                      BIT(SYSCTLS) | BIT(WINDOWS_HOST_PROCESS);
  assert_int_equal(podsecurity_checks(target_of("privileged:latest")), 0);
  assert_int_equal(podsecurity_checks(target_of("baseline:v1.0")), baseline);
  assert_int_equal(podsecurity_checks(target_of("baseline:v1.34")),
                   baseline | BIT(HOST_PROBES_AND_LIFECYCLE));
  assert_int_equal(podsecurity_checks(target_of("restricted:v1.0")),
                   (baseline & ~BIT(HOST_PATH_VOLUMES)) | BIT(RESTRICTED_VOLUMES) |
                       BIT(RUN_AS_NON_ROOT));
  uint32_t newest = podsecurity_checks(target_of("restricted:v1.37"));
  assert_int_equal(newest, (baseline & ~(BIT(HOST_PATH_VOLUMES) | BIT(CAPABILITIES_BASELINE) |
                                         BIT(SECCOMP_BASELINE) | BIT(PROC_MOUNT))) |
                               BIT(HOST_PROBES_AND_LIFECYCLE) | BIT(ALLOW_PRIVILEGE_ESCALATION) |
                               BIT(CAPABILITIES_RESTRICTED) | BIT(PROC_MOUNT_RESTRICTED) |
                               BIT(RESTRICTED_VOLUMES) | BIT(RUN_AS_NON_ROOT) | BIT(RUN_AS_USER) |
                               BIT(SECCOMP_RESTRICTED));
  assert_int_equal(podsecurity_checks(target_of("restricted:latest")), newest);
  assert_int_equal(podsecurity_checks(target_of("restricted:v1.99")), newest);
}

static void wrong_types_are_never_allowed(void **state)
{
  (void)state;
  static const struct wording_case cases[] = {
      {"baseline:latest", "'hostNetwork':'true'", NULL,
       "spec.hostNetwork is a string, must be true or false"},
      {"baseline:latest", ONE("'privileged':'yes'"), NULL,
       "spec.containers[0].securityContext.privileged is a string, must be true or false"},
      {"baseline:latest", "'containers':{'name':'a'}", NULL,
       "spec.containers is an object, must be an array"},
      {"baseline:latest", "'containers':['a',{}]", NULL,
       "spec.containers[0] is a string, must be an object"},
      {"baseline:latest", "'containers':[{'name':5}]", NULL,
       "spec.containers[0].name is a number, must be a string"},
      {"baseline:latest", "'containers':[{'ports':[{'hostPort':'80'}]}]", NULL,
       "spec.containers[0].ports[0].hostPort is a string, must be a whole number of 32 bits"},
      {"baseline:latest", "'containers':[{'ports':[{'hostPort':2147483648}]}]", NULL,
       "hostPort (container \"\" uses hostPort 2147483648), "
       "spec.containers[0].ports[0].hostPort must be a whole number of 32 bits"},
      {"baseline:latest", "'containers':[{'ports':[{'hostPort':0.5}]}]", NULL,
       "spec.containers[0].ports[0].hostPort must be a whole number of 32 bits"},
      {"baseline:latest", "'securityContext':{'runAsUser':'0'}", NULL,
       "spec.securityContext.runAsUser is a string, must be a whole number of 64 bits"},
      {"baseline:latest", ONE("'capabilities':{'add':'ALL'}"), NULL,
       "spec.containers[0].securityContext.capabilities.add is a string, must be an array"},
      {"baseline:latest", ONE("'capabilities':{'drop':[1]}"), NULL,
       "spec.containers[0].securityContext.capabilities.drop[0] is a number, must be a string"},
      {"baseline:latest", "'volumes':[{'name':'a','hostPath':'/'},7]", NULL,
       "hostPath volumes (volume \"a\"), spec.volumes[1] is a number, must be an object, "
       "spec.volumes[0].hostPath is a string, must be an object"},
      {"baseline:latest", "'os':'windows'", NULL, "spec.os is a string, must be an object"},
      {"baseline:latest", "'hostUsers':0", NULL,
       "spec.hostUsers is a number, must be true or false"},
      {"baseline:v1.0", "'containers':[{'livenessProbe':{'httpGet':{'host':1}}}]", NULL,
       "spec.containers[0].livenessProbe.httpGet.host is a number, must be a string"},
      {"baseline:v1.0", "'containers':[{'lifecycle':{'preStop':{'tcpSocket':[]}}}]", NULL,
       "spec.containers[0].lifecycle.preStop.tcpSocket is an array, must be an object"},
      {"baseline:v1.0", "'securityContext':{'sysctls':[{'name':1}]}", NULL,
       "forbidden sysctls, spec.securityContext.sysctls[0].name is a number, must be a string"},
      {"baseline:latest", "", "'a/b':5", "metadata.annotations.a/b is a number, must be a string"},
      {"privileged:latest", "'hostNetwork':'true'", NULL, ""},
  };
  ASSERT_WORDINGS(cases);
}

static void whole_parts_of_a_wrong_type_are_faults(void **state)
{
  (void)state;
  struct podsecurity_result result;
  struct podsecurity_pod pod = {.metadata = value_int(1), .spec = value_from("x")};
  struct buf out = {0};
  podsecurity_evaluate(target_of("baseline:latest"), &pod, &arena, &result);
  assert_false(result.allowed);
  assert_int_equal(result.fault_count, 2);
  podsecurity_detail_write(&out, &result);
  assert_str(buf_str(&out), "metadata is a number, must be an object, "
                            "spec is a string, must be an object");
  buf_clear(&out);
  podsecurity_reason_write(&out, &result);
  assert_str(buf_str(&out), "fields of a wrong type");
  buf_free(&out);
  pod = (struct podsecurity_pod){.spec = VALUE_NONE};
  assert_true(podsecurity_allows(target_of("restricted:latest"), &pod));
}

static void messages_are_those_of_the_api_server(void **state)
{
  (void)state;
  struct podsecurity_pod pod = pod_of("'hostPID':true," ONE("'privileged':true"), "");
  struct podsecurity_target target = target_of("baseline:v1.0");
  struct podsecurity_result result;
  struct buf out = {0};
  podsecurity_evaluate(target, &pod, &arena, &result);
  podsecurity_message(&out, STR("pods"), STR("a\"b"), target, &result);
  assert_str(
      buf_str(&out),
      "pods \"a\\\"b\" is forbidden: violates PodSecurity \"baseline:v1.0\": host namespaces "
      "(hostPID=true), privileged (container \"a\" must not set "
      "securityContext.privileged=true)");
  buf_clear(&out);
  podsecurity_message(&out, STR("pods"), STR_EMPTY, target, &result);
  assert_true(str_starts(buf_str(&out), STR("pods is forbidden: violates PodSecurity \"")));
  buf_clear(&out);
  podsecurity_reason_write(&out, &result);
  assert_str(buf_str(&out), "host namespaces, privileged");
  buf_clear(&out);
  podsecurity_warning(&out, target_of("baseline:latest"), &result);
  assert_true(str_starts(buf_str(&out),
                         STR("would violate PodSecurity \"baseline:latest\": host namespaces (")));
  buf_free(&out);
}

static void allowed_pods_cost_no_memory(void **state)
{
  (void)state;
  struct podsecurity_pod pod = pod_of(ONE("'privileged':false"), "");
  struct arena scratch;
  struct podsecurity_result result;
  arena_init(&scratch, 0);
  podsecurity_evaluate(target_of("baseline:latest"), &pod, &scratch, &result);
  assert_true(result.allowed);
  assert_int_equal(arena_used(&scratch), 0);
  arena_free(&scratch);
}

static void offences_have_places(void **state)
{
  (void)state;
  static const struct {
    const char *path, *message;
    bool missing;
  } expected[] = {
      {"/metadata/annotations/container.apparmor.security.beta.kubernetes.io~1z",
       "forbidden AppArmor profile (annotation must not set AppArmor profile type to "
       "\"container.apparmor.security.beta.kubernetes.io/z=\"u\"\")",
       false},
      {"/spec/containers/0/securityContext/privileged",
       "privileged (container \"a\" must not set securityContext.privileged=true)", false},
      {"/spec/securityContext/seLinuxOptions/user",
       "seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: user may not be set)",
       false},
      {"/spec/containers/0/securityContext/allowPrivilegeEscalation",
       "allowPrivilegeEscalation != false (container \"a\" must set "
       "securityContext.allowPrivilegeEscalation=false)",
       true},
      {"/spec/containers/0/securityContext/capabilities/drop",
       "unrestricted capabilities (container \"a\" must set "
       "securityContext.capabilities.drop=[\"ALL\"])",
       true},
      {"/spec/containers/0/securityContext/capabilities/add/1",
       "unrestricted capabilities (container \"a\" must not include \"BPF\" in "
       "securityContext.capabilities.add)",
       false},
      {"/spec/volumes/1/new~1kind",
       "restricted volume types (volume \"v\" uses restricted volume type \"unknown\")", false},
      {"/spec/securityContext/runAsNonRoot",
       "runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)", false},
      {"/spec/containers/0/securityContext/seccompProfile/type",
       "seccompProfile (pod or container \"a\" must set securityContext.seccompProfile.type to "
       "\"RuntimeDefault\" or \"Localhost\")",
       true},
      {"/spec/hostIPC", "spec.hostIPC is a number, must be true or false", false},
  };
  struct podsecurity_pod pod =
      pod_of("'hostIPC':1,'securityContext':{'runAsNonRoot':false,'seLinuxOptions':{'user':'u'}},"
             "'volumes':[null,{'name':'v','new/kind':{}}]," ONE(
                 "'privileged':true,'runAsNonRoot':true,"
                 "'capabilities':{'add':['NET_BIND_SERVICE','BPF']}"),
             "'container.apparmor.security.beta.kubernetes.io/z':'u'");
  struct podsecurity_offences found;
  podsecurity_find(target_of("restricted:latest"), &pod, &arena, &found);
  assert_int_equal(found.count, sizeof expected / sizeof expected[0]);
  for (size_t i = 0; i < found.count; i++) {
    assert_str(found.items[i].path, expected[i].path);
    assert_str(podsecurity_offence_message(&found.items[i], &arena), expected[i].message);
    assert_int_equal(value_is(found.items[i].value, VALUE_ABSENT), expected[i].missing);
  }
}

static void reads_levels_and_versions(void **state)
{
  (void)state;
  enum podsecurity_level level = PODSECURITY_BASELINE;
  uint64_t minor = 7;
  struct error err;
  struct buf out = {0};
  assert_int_equal(podsecurity_level_parse(STR("Restricted"), &level, &err), SW_EINVAL);
  assert_string_equal(err.message, "must be one of privileged, baseline, restricted");
  assert_int_equal(level, PODSECURITY_BASELINE);
  assert_int_equal(podsecurity_level_parse(STR("restricted"), &level, &err), 0);
  assert_int_equal(level, PODSECURITY_RESTRICTED);
  static const char *const wrong[] = {
      "",      "1.29",    "v1.",    "v1.01", "v2.0",
      "v1.-1", "v1.29.3", "Latest", "v1.x",  "v1.9223372036854775808"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    assert_int_equal(podsecurity_version_parse(str_from(wrong[i]), &minor, &err), SW_EINVAL);
    assert_string_equal(err.message, "must be \"latest\" or \"v1.x\"");
    assert_int_equal(minor, 7);
  }
  assert_int_equal(podsecurity_version_parse(STR("v1.0"), &minor, &err), 0);
  assert_int_equal(minor, 0);
  assert_int_equal(podsecurity_version_parse(STR("v1.9223372036854775807"), &minor, &err), 0);
  podsecurity_target_write(&out, (struct podsecurity_target){PODSECURITY_BASELINE, minor});
  assert_str(buf_str(&out), "baseline:v1.9223372036854775807");
  buf_clear(&out);
  assert_int_equal(podsecurity_version_parse(STR("latest"), &minor, &err), 0);
  podsecurity_target_write(&out, (struct podsecurity_target){PODSECURITY_PRIVILEGED, minor});
  assert_str(buf_str(&out), "privileged:latest");
  buf_free(&out);
}

static void names_checks_as_kubernetes_does(void **state)
{
  (void)state;
  assert_str(podsecurity_check_name(PODSECURITY_HOST_NAMESPACES), "hostNamespaces");
  assert_str(podsecurity_check_name(PODSECURITY_SECCOMP_RESTRICTED), "seccompProfile_restricted");
  assert_str(podsecurity_check_name(PODSECURITY_WRONG_TYPE), "wrongType");
  /* baseline, then restricted, each sorted: the order of messages */
  for (int i = 1; i < PODSECURITY_CHECK_COUNT; i++)
    if (i != PODSECURITY_ALLOW_PRIVILEGE_ESCALATION)
      assert_int_equal(str_compare(podsecurity_check_name(i - 1), podsecurity_check_name(i)), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(says_what_baseline_forbids),
      TEST(says_what_restricted_forbids),
      TEST(seccomp_annotations_hold_before_1_19),
      TEST(app_armor_annotations_and_fields_stand_for_each_other),
      TEST(ports_on_the_hosts_network_are_host_ports),
      TEST(probes_may_not_name_hosts_from_1_34),
      TEST(windows_and_user_namespaces_are_excepted),
      TEST(safe_sysctls_grow_with_the_version),
      TEST(checks_come_and_go_with_versions),
      TEST(wrong_types_are_never_allowed),
      TEST(whole_parts_of_a_wrong_type_are_faults),
      TEST(messages_are_those_of_the_api_server),
      TEST(allowed_pods_cost_no_memory),
      TEST(offences_have_places),
      TEST(reads_levels_and_versions),
      TEST(names_checks_as_kubernetes_does),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
