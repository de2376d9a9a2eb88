#include "policy/podsecurity_rules.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define REFERENCES(array) .references = (array), .reference_count = COUNT(array)
#define CONTROLS(array) .controls = (array), .control_count = COUNT(array)

#define BASELINE(id)                                                                               \
  {                                                                                                \
    STR_INIT("pss-baseline"), STR_INIT(id)                                                         \
  }
#define RESTRICTED(id)                                                                             \
  {                                                                                                \
    STR_INIT("pss-restricted"), STR_INIT(id)                                                       \
  }
#define CIS(id)                                                                                    \
  {                                                                                                \
    STR_INIT("cis-kubernetes"), STR_INIT(id)                                                       \
  }
#define NSA(id)                                                                                    \
  {                                                                                                \
    STR_INIT("nsa"), STR_INIT(id)                                                                  \
  }
#define MITRE(id)                                                                                  \
  {                                                                                                \
    STR_INIT("mitre"), STR_INIT(id)                                                                \
  }

#define STANDARDS_URL "https://kubernetes.io/docs/concepts/security/pod-security-standards/"
#define CONTEXT_URL "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/"
#define NSA_URL                                                                                    \
  "https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/"                                      \
  "CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF"

static const struct str context_references[] = {STR_INIT(STANDARDS_URL), STR_INIT(CONTEXT_URL),
                                                STR_INIT(NSA_URL)};
static const struct str host_references[] = {STR_INIT(STANDARDS_URL), STR_INIT(NSA_URL)};
static const struct str volume_references[] = {
    STR_INIT(STANDARDS_URL), STR_INIT("https://kubernetes.io/docs/concepts/storage/volumes/")};
static const struct str seccomp_references[] = {
    STR_INIT(STANDARDS_URL), STR_INIT("https://kubernetes.io/docs/tutorials/security/seccomp/"),
    STR_INIT(NSA_URL)};
static const struct str app_armor_references[] = {
    STR_INIT(STANDARDS_URL), STR_INIT("https://kubernetes.io/docs/tutorials/security/apparmor/"),
    STR_INIT(NSA_URL)};
static const struct str sysctl_references[] = {
    STR_INIT(STANDARDS_URL),
    STR_INIT("https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/")};
static const struct str windows_references[] = {
    STR_INIT(STANDARDS_URL),
    STR_INIT("https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/")};
static const struct str probe_references[] = {
    STR_INIT(STANDARDS_URL),
    STR_INIT(
        "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/")};
static const struct str user_namespace_references[] = {
    STR_INIT(STANDARDS_URL),
    STR_INIT("https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/")};
static const struct str api_references[] = {
    STR_INIT("https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/")};

/*
 * A baseline control is part of restricted too. The CIS benchmark's numbers are those of its
 * editions 1.23 and 1.7 to 1.9; the NSA guide has none of its own, so these are the ones that
 * compliance reports give its recommendations.
 */
static const struct control app_armor_controls[] = {BASELINE("AppArmor"), RESTRICTED("AppArmor"),
                                                    NSA("1.9")};
static const struct control capabilities_baseline_controls[] = {
    BASELINE("Capabilities"), RESTRICTED("Capabilities"), CIS("5.2.8"), CIS("5.2.9"),
    MITRE("T1611")};
static const struct control host_namespaces_controls[] = {BASELINE("Host Namespaces"),
                                                          RESTRICTED("Host Namespaces"),
                                                          CIS("5.2.3"),
                                                          CIS("5.2.4"),
                                                          CIS("5.2.5"),
                                                          NSA("1.3"),
                                                          NSA("1.4"),
                                                          NSA("1.5"),
                                                          MITRE("T1611")};
static const struct control host_path_controls[] = {
    BASELINE("HostPath Volumes"), RESTRICTED("HostPath Volumes"), CIS("5.2.12"), MITRE("T1611")};
static const struct control host_ports_controls[] = {BASELINE("Host Ports"),
                                                     RESTRICTED("Host Ports"), CIS("5.2.13")};
static const struct control host_probes_controls[] = {BASELINE("Host Probes / Lifecycle Hooks"),
                                                      RESTRICTED("Host Probes / Lifecycle Hooks")};
static const struct control privileged_controls[] = {BASELINE("Privileged Containers"),
                                                     RESTRICTED("Privileged Containers"),
                                                     CIS("5.2.2"), NSA("1.2"), MITRE("T1611")};
static const struct control proc_mount_controls[] = {BASELINE("/proc Mount Type"),
                                                     RESTRICTED("/proc Mount Type")};
static const struct control proc_mount_restricted_controls[] = {RESTRICTED("/proc Mount Type")};
static const struct control se_linux_controls[] = {BASELINE("SELinux"), RESTRICTED("SELinux"),
                                                   NSA("1.8")};
static const struct control seccomp_baseline_controls[] = {
    BASELINE("Seccomp"), RESTRICTED("Seccomp"), CIS("5.7.2"), NSA("1.10")};
static const struct control sysctls_controls[] = {BASELINE("Sysctls"), RESTRICTED("Sysctls")};
static const struct control host_process_controls[] = {
    BASELINE("HostProcess"), RESTRICTED("HostProcess"), CIS("5.2.11"), MITRE("T1611")};
static const struct control escalation_controls[] = {RESTRICTED("Privilege Escalation"),
                                                     CIS("5.2.6"), NSA("1.7")};
static const struct control capabilities_restricted_controls[] = {
    RESTRICTED("Capabilities"), CIS("5.2.8"), CIS("5.2.9"), CIS("5.2.10")};
static const struct control volume_types_controls[] = {RESTRICTED("Volume Types")};
static const struct control run_as_non_root_controls[] = {RESTRICTED("Running as Non-root"),
                                                          CIS("5.2.7"), NSA("1.0"), NSA("1.6")};
static const struct control run_as_user_controls[] = {RESTRICTED("Running as Non-root user"),
                                                      CIS("5.2.7"), NSA("1.0"), NSA("1.6")};
static const struct control seccomp_restricted_controls[] = {RESTRICTED("Seccomp"), CIS("5.7.2"),
                                                             NSA("1.10")};

static const struct rule rules[PODSECURITY_RULE_COUNT] = {
    [PODSECURITY_APP_ARMOR_PROFILE] =
        {
            .id = STR_INIT("pss-apparmor"),
            .title = STR_INIT("AppArmor is turned off or set to an unknown profile"),
            .why =
                STR_INIT("On nodes with AppArmor, the container runtime confines every container "
                         "with a default profile that forbids, among other things, mounting file "
                         "systems and writing to dangerous files under /proc and /sys. Unconfined "
                         "takes this layer away."),
            .remedy = STR_INIT(
                "Remove the profile, so that the runtime's default applies, or name one of "
                "your own:\n"
                "  securityContext:\n"
                "    appArmorProfile:\n"
                "      type: RuntimeDefault   # or Localhost with localhostProfile\n"
                "Remove annotations "
                "container.apparmor.security.beta.kubernetes.io/<container> whose value is "
                "neither runtime/default nor localhost/<profile>."),
            .severity = SEVERITY_HIGH,
            REFERENCES(app_armor_references),
            CONTROLS(app_armor_controls),
        },
    [PODSECURITY_CAPABILITIES_BASELINE] =
        {
            .id = STR_INIT("pss-capabilities-baseline"),
            .title = STR_INIT("A container adds Linux capabilities beyond the default set"),
            .why = STR_INIT(
                "Capabilities are pieces of root's power over the kernel. Several of those "
                "outside the default set are enough by themselves to leave the container "
                "(SYS_ADMIN, SYS_MODULE, SYS_PTRACE, BPF), and NET_RAW lets a container "
                "forge packets of its neighbours."),
            .remedy =
                STR_INIT("Drop everything and add back only what the program needs, from the "
                         "default set:\n"
                         "  securityContext:\n"
                         "    capabilities:\n"
                         "      drop: [\"ALL\"]\n"
                         "      add: [\"NET_BIND_SERVICE\"]   # only if it listens on a port below "
                         "1024\n"
                         "Names are written without CAP_ and in capitals."),
            .severity = SEVERITY_HIGH,
            REFERENCES(context_references),
            CONTROLS(capabilities_baseline_controls),
        },
    [PODSECURITY_HOST_NAMESPACES] =
        {
            .id = STR_INIT("pss-host-namespaces"),
            .title = STR_INIT("The pod shares the host's network, process or IPC namespace"),
            .why =
                STR_INIT("With hostPID a container sees and can signal or trace the processes of "
                         "the node; with hostIPC it reads their shared memory; with hostNetwork it "
                         "reaches services that listen on the node's loopback, sniffs its traffic "
                         "and escapes network policies. The wall between pod and node is gone on "
                         "that side."),
            .remedy =
                STR_INIT("Remove hostNetwork, hostPID and hostIPC from the pod's spec. To be "
                         "reachable from outside, use a Service or an Ingress. Agents of the node "
                         "that cannot do without belong in a namespace of their own with the level "
                         "privileged and few people who may write to it."),
            .severity = SEVERITY_HIGH,
            REFERENCES(host_references),
            CONTROLS(host_namespaces_controls),
        },
    [PODSECURITY_HOST_PATH_VOLUMES] =
        {
            .id = STR_INIT("pss-host-path-volumes"),
            .title = STR_INIT("A volume mounts a path of the node"),
            .why =
                STR_INIT("What can write to the node's file system can take the node over: through "
                         "the kubelet's credentials, the container runtime's socket, cron or SSH "
                         "keys. Reading is often enough, since other pods' secrets lie there too."),
            .remedy =
                STR_INIT("Use storage that belongs to the pod or to the cluster:\n"
                         "  volumes:\n"
                         "  - name: data\n"
                         "    emptyDir: {}              # scratch space\n"
                         "  - name: state\n"
                         "    persistentVolumeClaim:\n"
                         "      claimName: state        # what must survive\n"
                         "Disks of the node are better given out as local persistent volumes."),
            .severity = SEVERITY_HIGH,
            REFERENCES(volume_references),
            CONTROLS(host_path_controls),
        },
    [PODSECURITY_HOST_PORTS] =
        {
            .id = STR_INIT("pss-host-ports"),
            .title = STR_INIT("A container takes a port of the node"),
            .why =
                STR_INIT("A host port is open on the node's own address, so network policies for "
                         "the pod may not hold for it, it can stand in for a service of the node, "
                         "and only one such pod fits on a node."),
            .remedy =
                STR_INIT("Remove hostPort and publish the port through a Service (NodePort or "
                         "LoadBalancer, if it must be reachable from outside):\n"
                         "  ports:\n"
                         "  - containerPort: 8080"),
            .severity = SEVERITY_HIGH,
            REFERENCES(host_references),
            CONTROLS(host_ports_controls),
        },
    [PODSECURITY_HOST_PROBES_AND_LIFECYCLE] =
        {
            .id = STR_INIT("pss-host-probes"),
            .title = STR_INIT("A probe or life cycle hook calls another host"),
            .why = STR_INIT(
                "Probes and hooks are carried out by the kubelet, from the node's network. "
                "A host of the author's choice makes the kubelet send requests to places "
                "that the pod itself may not reach, such as services on the node's "
                "loopback or a cloud's metadata address."),
            .remedy =
                STR_INIT("Remove host; the kubelet then calls the pod's own address. If the server "
                         "needs a certain Host header, set it:\n"
                         "  httpGet:\n"
                         "    path: /healthz\n"
                         "    port: 8080\n"
                         "    httpHeaders:\n"
                         "    - name: Host\n"
                         "      value: example.com"),
            .severity = SEVERITY_HIGH,
            REFERENCES(probe_references),
            CONTROLS(host_probes_controls),
        },
    [PODSECURITY_PRIVILEGED_CONTAINERS] =
        {
            .id = STR_INIT("pss-privileged"),
            .title = STR_INIT("A container is privileged"),
            .why = STR_INIT(
                "A privileged container has all capabilities, sees all devices of the node "
                "and runs without seccomp, AppArmor and SELinux confinement. Whoever runs "
                "code in it owns the node, and through the node's credentials often the "
                "cluster."),
            .remedy = STR_INIT(
                "Remove privileged, and give the container the one thing it was set for: a "
                "single capability, a device plugin, a safe sysctl of the pod.\n"
                "  securityContext:\n"
                "    privileged: false\n"
                "    allowPrivilegeEscalation: false\n"
                "    capabilities:\n"
                "      drop: [\"ALL\"]"),
            .severity = SEVERITY_CRITICAL,
            REFERENCES(context_references),
            CONTROLS(privileged_controls),
        },
    [PODSECURITY_PROC_MOUNT] =
        {
            .id = STR_INIT("pss-proc-mount"),
            .title = STR_INIT("A container sees /proc without the usual masks"),
            .why = STR_INIT(
                "The container runtime hides or write-protects the parts of /proc that "
                "reveal or change the node, such as /proc/kcore, /proc/keys and /proc/sys. "
                "An unmasked /proc hands them to the container."),
            .remedy = STR_INIT(
                "Remove procMount, or set procMount: Default. Only containers within "
                "containers need Unmasked; they should run in a user namespace (hostUsers: "
                "false), where policy v1.35 and later of level baseline allows it."),
            .severity = SEVERITY_HIGH,
            REFERENCES(user_namespace_references),
            CONTROLS(proc_mount_controls),
        },
    [PODSECURITY_SE_LINUX_OPTIONS] =
        {
            .id = STR_INIT("pss-selinux"),
            .title = STR_INIT("SELinux options take the container out of its confinement"),
            .why =
                STR_INIT("On nodes with SELinux, a container's type decides which files and "
                         "processes of the node it may touch. Types such as spc_t are not confined "
                         "at all, and a user or role of one's own can leave the confined domain."),
            .remedy =
                STR_INIT("Remove user and role, and remove type or use one that is made for "
                         "containers:\n"
                         "  securityContext:\n"
                         "    seLinuxOptions:\n"
                         "      type: container_t   # or container_init_t, container_kvm_t; from "
                         "policy v1.31 on container_engine_t\n"
                         "level may be set freely."),
            .severity = SEVERITY_HIGH,
            REFERENCES(context_references),
            CONTROLS(se_linux_controls),
        },
    [PODSECURITY_SECCOMP_BASELINE] =
        {
            .id = STR_INIT("pss-seccomp-baseline"),
            .title = STR_INIT("Seccomp is turned off or set to an unknown profile"),
            .why =
                STR_INIT("The default seccomp profile blocks several dozen system calls that "
                         "containers hardly ever need and that kernel exploits often start from. "
                         "Unconfined opens all of them."),
            .remedy =
                STR_INIT("Use the runtime's profile, or one of your own that lies on the node:\n"
                         "  securityContext:\n"
                         "    seccompProfile:\n"
                         "      type: RuntimeDefault   # or Localhost with localhostProfile\n"
                         "Policies before v1.19 look at annotations instead: runtime/default, "
                         "docker/default or localhost/<profile>."),
            .severity = SEVERITY_HIGH,
            REFERENCES(seccomp_references),
            CONTROLS(seccomp_baseline_controls),
        },
    [PODSECURITY_SYSCTLS] =
        {
            .id = STR_INIT("pss-sysctls"),
            .title = STR_INIT("The pod sets kernel parameters that are not known to be safe"),
            .why =
                STR_INIT("Sysctls outside the safe list may not be confined to the pod: they can "
                         "disable protections of the kernel or starve the other pods of the node."),
            .remedy =
                STR_INIT("Remove the sysctl from spec.securityContext.sysctls, or set it for the "
                         "whole node where nodes are configured. Safe in all versions are "
                         "kernel.shm_rmid_forced, net.ipv4.ip_local_port_range, "
                         "net.ipv4.tcp_syncookies, net.ipv4.ping_group_range and "
                         "net.ipv4.ip_unprivileged_port_start; later policy versions allow more."),
            .severity = SEVERITY_HIGH,
            REFERENCES(sysctl_references),
            CONTROLS(sysctls_controls),
        },
    [PODSECURITY_WINDOWS_HOST_PROCESS] =
        {
            .id = STR_INIT("pss-windows-host-process"),
            .title = STR_INIT("A Windows container runs as a process of the host"),
            .why = STR_INIT("A HostProcess container is no container in the sense of isolation: it "
                            "runs on the Windows node itself, with its file system, network and "
                            "registry. It is the counterpart of a privileged container."),
            .remedy =
                STR_INIT("Remove hostProcess from windowsOptions. Node agents that need it belong "
                         "in a namespace of their own with the level privileged."),
            .severity = SEVERITY_CRITICAL,
            REFERENCES(windows_references),
            CONTROLS(host_process_controls),
        },
    [PODSECURITY_ALLOW_PRIVILEGE_ESCALATION] =
        {
            .id = STR_INIT("pss-allow-privilege-escalation"),
            .title = STR_INIT("A container may gain more privileges than it was started with"),
            .why = STR_INIT(
                "Unless told otherwise, a process can gain privileges through set-user-ID "
                "programs such as sudo or a forgotten helper in the image. "
                "allowPrivilegeEscalation: false sets the kernel's no_new_privs flag, "
                "which rules that out; programs that do not use such helpers do not notice."),
            .remedy = STR_INIT("Set it for every container, init containers too:\n"
                               "  securityContext:\n"
                               "    allowPrivilegeEscalation: false"),
            .severity = SEVERITY_MEDIUM,
            REFERENCES(context_references),
            CONTROLS(escalation_controls),
        },
    [PODSECURITY_CAPABILITIES_RESTRICTED] =
        {
            .id = STR_INIT("pss-capabilities-restricted"),
            .title = STR_INIT("A container keeps or adds Linux capabilities"),
            .why =
                STR_INIT("Even the default capabilities let a process that runs as root change the "
                         "owner of files, act as any user and bind any port. Most programs need "
                         "none of them; what is not there cannot be misused."),
            .remedy =
                STR_INIT("Drop all; at most NET_BIND_SERVICE may be added back:\n"
                         "  securityContext:\n"
                         "    capabilities:\n"
                         "      drop: [\"ALL\"]\n"
                         "      add: [\"NET_BIND_SERVICE\"]   # only if it listens on a port below "
                         "1024\n"
                         "Images that change to another user at start need SETUID and SETGID; set "
                         "runAsUser instead."),
            .severity = SEVERITY_MEDIUM,
            REFERENCES(context_references),
            CONTROLS(capabilities_restricted_controls),
        },
    [PODSECURITY_PROC_MOUNT_RESTRICTED] =
        {
            .id = STR_INIT("pss-proc-mount-restricted"),
            .title = STR_INIT("A container sees /proc without the usual masks"),
            .why = STR_INIT("The container runtime hides or write-protects the parts of /proc that "
                            "reveal or change the node. Level restricted keeps these masks in user "
                            "namespaces too."),
            .remedy = STR_INIT("Remove procMount, or set procMount: Default."),
            .severity = SEVERITY_HIGH,
            REFERENCES(user_namespace_references),
            CONTROLS(proc_mount_restricted_controls),
        },
    [PODSECURITY_RESTRICTED_VOLUMES] =
        {
            .id = STR_INIT("pss-volume-types"),
            .title = STR_INIT("A volume has a type that level restricted does not allow"),
            .why =
                STR_INIT("Volumes that are described in the pod itself and reach outside it (paths "
                         "of the node, network file systems, block devices) let whoever writes the "
                         "pod choose what is mounted, with the node's rights. Persistent volumes "
                         "leave that choice to the cluster's administrators."),
            .remedy =
                STR_INIT("Use configMap, csi, downwardAPI, emptyDir, ephemeral, image, "
                         "persistentVolumeClaim, projected or secret. For network storage, make a "
                         "PersistentVolume and claim it:\n"
                         "  volumes:\n"
                         "  - name: data\n"
                         "    persistentVolumeClaim:\n"
                         "      claimName: data"),
            .severity = SEVERITY_MEDIUM,
            REFERENCES(volume_references),
            CONTROLS(volume_types_controls),
        },
    [PODSECURITY_RUN_AS_NON_ROOT] =
        {
            .id = STR_INIT("pss-run-as-non-root"),
            .title = STR_INIT("A container may run as root"),
            .why =
                STR_INIT("Root in a container is root in the kernel's eyes too, unless the pod has "
                         "a user namespace. A flaw in the runtime or the kernel that an ordinary "
                         "user cannot use then leads straight to the node. runAsNonRoot makes the "
                         "kubelet refuse to start such an image."),
            .remedy = STR_INIT(
                "Set it for the pod, and give the image a user (USER in its Dockerfile) or "
                "the pod a number:\n"
                "  spec:\n"
                "    securityContext:\n"
                "      runAsNonRoot: true\n"
                "      runAsUser: 10001   # if the image names no user by number\n"
                "From policy v1.35 on, pods with hostUsers: false are excepted."),
            .severity = SEVERITY_MEDIUM,
            REFERENCES(context_references),
            CONTROLS(run_as_non_root_controls),
        },
    [PODSECURITY_RUN_AS_USER] =
        {
            .id = STR_INIT("pss-run-as-user"),
            .title = STR_INIT("A container is told to run as user 0, root"),
            .why =
                STR_INIT("runAsUser: 0 starts the container as root, whatever its image says. Root "
                         "in a container is root in the kernel's eyes too, unless the pod has a "
                         "user namespace."),
            .remedy =
                STR_INIT("Use another number, and make the files that the program writes belong to "
                         "it:\n"
                         "  securityContext:\n"
                         "    runAsUser: 10001\n"
                         "    runAsNonRoot: true\n"
                         "From policy v1.35 on, pods with hostUsers: false are excepted."),
            .severity = SEVERITY_MEDIUM,
            REFERENCES(context_references),
            CONTROLS(run_as_user_controls),
        },
    [PODSECURITY_SECCOMP_RESTRICTED] =
        {
            .id = STR_INIT("pss-seccomp-restricted"),
            .title = STR_INIT("A container runs without a seccomp profile"),
            .why = STR_INIT(
                "A pod that names no profile runs unconfined, unless the node's kubelet is "
                "set up otherwise. The runtime's default profile blocks several dozen "
                "system calls that containers hardly ever need and that kernel exploits "
                "often start from."),
            .remedy =
                STR_INIT("Set it once for the pod:\n"
                         "  spec:\n"
                         "    securityContext:\n"
                         "      seccompProfile:\n"
                         "        type: RuntimeDefault   # or Localhost with localhostProfile"),
            .severity = SEVERITY_MEDIUM,
            REFERENCES(seccomp_references),
            CONTROLS(seccomp_restricted_controls),
        },
    [PODSECURITY_WRONG_TYPE] =
        {
            .id = STR_INIT("pss-wrong-type"),
            .title = STR_INIT("A field cannot be read as what it must be"),
            .why = STR_INIT(
                "The API server refuses an object whose fields have a wrong type, and so "
                "what the author meant cannot be judged. Often a quoted \"true\" or a list "
                "in place of an object is behind it, and the protection that was meant is "
                "not there."),
            .remedy =
                STR_INIT("Write the field as the message says: true and false and numbers without "
                         "quotation marks, lists with a hyphen in front of each element."),
            .severity = SEVERITY_HIGH,
            REFERENCES(api_references),
        },
};

const struct rule *podsecurity_rule(enum podsecurity_check_id check)
{
  return &rules[check <= PODSECURITY_WRONG_TYPE ? check : PODSECURITY_WRONG_TYPE];
}

const struct rule *podsecurity_rules(void)
{
  return rules;
}
