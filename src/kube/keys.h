/*
 * keys.h - the Kubernetes field names that C code asks for, as numbered constants.
 *
 * A symbol table made by kube_symbols_new begins with these names in this order, so that the number
 * of each is known at compile time: looking a field up by its constant compares eight bytes with
 * each member instead of texts.
 *
 *     struct symbols *symbols = kube_symbols_new();       once, for every reader
 *     ... read documents with it ...
 *     struct value spec = value_get(pod, kube_key(KUBE_SPEC));
 *
 * A tree that was read without a table gives the same answers, only slower. A tree that was read
 * with another table must not be asked with these constants: equal numbers would mean different
 * names. That is why every reader of the product takes a table from kube_symbols_new, to which
 * policies then add names of their own.
 *
 * Ownership: the constants are static; the table is the caller's (symbols_free).
 * Thread safety: constants are immutable; for the table see base/symbols.h.
 */
#ifndef SEAWALL_KUBE_KEYS_H
#define SEAWALL_KUBE_KEYS_H

#include "base/symbols.h"
#include "data/value.h"

/*
 * X(constant without KUBE_, name as in JSON), sorted by length and then by bytes, so that
 * kube_key_find can search it (the unit test holds it to that). Fields that no check asks for,
 * but that most manifests have, are here as well: a key with a number needs no search.
 */
#define KUBE_KEYS(X)                                                                               \
  X(FC, "fc")                                                                                      \
  X(OS, "os")                                                                                      \
  X(ADD, "add")                                                                                    \
  X(CSI, "csi")                                                                                    \
  X(ENV, "env")                                                                                    \
  X(NFS, "nfs")                                                                                    \
  X(RBD, "rbd")                                                                                    \
  X(TTY, "tty")                                                                                    \
  X(UID, "uid")                                                                                    \
  X(ARGS, "args")                                                                                  \
  X(DATA, "data")                                                                                  \
  X(DROP, "drop")                                                                                  \
  X(HOST, "host")                                                                                  \
  X(KIND, "kind")                                                                                  \
  X(NAME, "name")                                                                                  \
  X(ROLE, "role")                                                                                  \
  X(SPEC, "spec")                                                                                  \
  X(TYPE, "type")                                                                                  \
  X(USER, "user")                                                                                  \
  X(IMAGE, "image")                                                                                \
  X(ISCSI, "iscsi")                                                                                \
  X(ITEMS, "items")                                                                                \
  X(PORTS, "ports")                                                                                \
  X(STDIN, "stdin")                                                                                \
  X(TASKS, "tasks")                                                                                \
  X(VALUE, "value")                                                                                \
  X(CEPHFS, "cephfs")                                                                              \
  X(CINDER, "cinder")                                                                              \
  X(LABELS, "labels")                                                                              \
  X(LIMITS, "limits")                                                                              \
  X(SECRET, "secret")                                                                              \
  X(STATUS, "status")                                                                              \
  X(COMMAND, "command")                                                                            \
  X(ENV_FROM, "envFrom")                                                                           \
  X(FLOCKER, "flocker")                                                                            \
  X(FS_GROUP, "fsGroup")                                                                           \
  X(GIT_REPO, "gitRepo")                                                                           \
  X(HOST_IPC, "hostIPC")                                                                           \
  X(HOST_PID, "hostPID")                                                                           \
  X(HTTP_GET, "httpGet")                                                                           \
  X(PRE_STOP, "preStop")                                                                           \
  X(QUOBYTE, "quobyte")                                                                            \
  X(SCALE_IO, "scaleIO")                                                                           \
  X(SYSCTLS, "sysctls")                                                                            \
  X(VOLUMES, "volumes")                                                                            \
  X(AFFINITY, "affinity")                                                                          \
  X(EMPTY_DIR, "emptyDir")                                                                         \
  X(HOST_PATH, "hostPath")                                                                         \
  X(HOST_PORT, "hostPort")                                                                         \
  X(HOSTNAME, "hostname")                                                                          \
  X(METADATA, "metadata")                                                                          \
  X(NODE_NAME, "nodeName")                                                                         \
  X(NODE_SETS, "nodeSets")                                                                         \
  X(PRIORITY, "priority")                                                                          \
  X(PROTOCOL, "protocol")                                                                          \
  X(REPLICAS, "replicas")                                                                          \
  X(REQUESTS, "requests")                                                                          \
  X(SELECTOR, "selector")                                                                          \
  X(TEMPLATE, "template")                                                                          \
  X(WORKLOAD, "workload")                                                                          \
  X(AZURE_DISK, "azureDisk")                                                                       \
  X(AZURE_FILE, "azureFile")                                                                       \
  X(CONFIG_MAP, "configMap")                                                                       \
  X(DAEMON_SET, "daemonSet")                                                                       \
  X(DNS_CONFIG, "dnsConfig")                                                                       \
  X(DNS_POLICY, "dnsPolicy")                                                                       \
  X(EPHEMERAL, "ephemeral")                                                                        \
  X(GLUSTERFS, "glusterfs")                                                                        \
  X(HOST_USERS, "hostUsers")                                                                       \
  X(LIFECYCLE, "lifecycle")                                                                        \
  X(NAMESPACE, "namespace")                                                                        \
  X(POST_START, "postStart")                                                                       \
  X(PROC_MOUNT, "procMount")                                                                       \
  X(PROJECTED, "projected")                                                                        \
  X(RESOURCES, "resources")                                                                        \
  X(RUN_AS_USER, "runAsUser")                                                                      \
  X(STDIN_ONCE, "stdinOnce")                                                                       \
  X(STORAGEOS, "storageos")                                                                        \
  X(SUBDOMAIN, "subdomain")                                                                        \
  X(TCP_SOCKET, "tcpSocket")                                                                       \
  X(API_VERSION, "apiVersion")                                                                     \
  X(CONTAINERS, "containers")                                                                      \
  X(DEPLOYMENT, "deployment")                                                                      \
  X(FLEX_VOLUME, "flexVolume")                                                                     \
  X(PRIVILEGED, "privileged")                                                                      \
  X(RUN_AS_GROUP, "runAsGroup")                                                                    \
  X(WORKING_DIR, "workingDir")                                                                     \
  X(ANNOTATIONS, "annotations")                                                                    \
  X(DOWNWARD_API, "downwardAPI")                                                                   \
  X(HOST_ALIASES, "hostAliases")                                                                   \
  X(HOST_NETWORK, "hostNetwork")                                                                   \
  X(HOST_PROCESS, "hostProcess")                                                                   \
  X(JOB_TEMPLATE, "jobTemplate")                                                                   \
  X(POD_TEMPLATE, "podTemplate")                                                                   \
  X(STATEFUL_SET, "statefulSet")                                                                   \
  X(TOLERATIONS, "tolerations")                                                                    \
  X(CAPABILITIES, "capabilities")                                                                  \
  X(GENERATE_NAME, "generateName")                                                                 \
  X(JOB_TARGET_REF, "jobTargetRef")                                                                \
  X(NODE_SELECTOR, "nodeSelector")                                                                 \
  X(RUN_AS_NON_ROOT, "runAsNonRoot")                                                               \
  X(STARTUP_PROBE, "startupProbe")                                                                 \
  X(VOLUME_MOUNTS, "volumeMounts")                                                                 \
  X(CONTAINER_PORT, "containerPort")                                                               \
  X(HEAD_GROUP_SPEC, "headGroupSpec")                                                              \
  X(LIVENESS_PROBE, "livenessProbe")                                                               \
  X(MANAGED_FIELDS, "managedFields")                                                               \
  X(RESTART_POLICY, "restartPolicy")                                                               \
  X(SCHEDULER_NAME, "schedulerName")                                                               \
  X(VOLUME_DEVICES, "volumeDevices")                                                               \
  X(VSPHERE_VOLUME, "vsphereVolume")                                                               \
  X(INIT_CONTAINERS, "initContainers")                                                             \
  X(LEADER_TEMPLATE, "leaderTemplate")                                                             \
  X(MX_REPLICA_SPECS, "mxReplicaSpecs")                                                            \
  X(PORTWORX_VOLUME, "portworxVolume")                                                             \
  X(RAY_CLUSTER_SPEC, "rayClusterSpec")                                                            \
  X(READINESS_GATES, "readinessGates")                                                             \
  X(READINESS_PROBE, "readinessProbe")                                                             \
  X(REPLICATED_JOBS, "replicatedJobs")                                                             \
  X(SE_LINUX_OPTIONS, "seLinuxOptions")                                                            \
  X(SECCOMP_PROFILE, "seccompProfile")                                                             \
  X(SERVICE_ACCOUNT, "serviceAccount")                                                             \
  X(TF_REPLICA_SPECS, "tfReplicaSpecs")                                                            \
  X(WINDOWS_OPTIONS, "windowsOptions")                                                             \
  X(WORKER_TEMPLATE, "workerTemplate")                                                             \
  X(APP_ARMOR_PROFILE, "appArmorProfile")                                                          \
  X(IMAGE_PULL_POLICY, "imagePullPolicy")                                                          \
  X(JAX_REPLICA_SPECS, "jaxReplicaSpecs")                                                          \
  X(MPI_REPLICA_SPECS, "mpiReplicaSpecs")                                                          \
  X(OWNER_REFERENCES, "ownerReferences")                                                           \
  X(POD_TEMPLATE_SPEC, "podTemplateSpec")                                                          \
  X(RESOURCE_VERSION, "resourceVersion")                                                           \
  X(SECURITY_CONTEXT, "securityContext")                                                           \
  X(XGB_REPLICA_SPECS, "xgbReplicaSpecs")                                                          \
  X(CLONE_SET_TEMPLATE, "cloneSetTemplate")                                                        \
  X(IMAGE_PULL_SECRETS, "imagePullSecrets")                                                        \
  X(LOCALHOST_PROFILE, "localhostProfile")                                                         \
  X(PREEMPTION_POLICY, "preemptionPolicy")                                                         \
  X(RAY_CLUSTER_CONFIG, "rayClusterConfig")                                                        \
  X(RUNTIME_CLASS_NAME, "runtimeClassName")                                                        \
  X(WORKER_GROUP_SPECS, "workerGroupSpecs")                                                        \
  X(CREATION_TIMESTAMP, "creationTimestamp")                                                       \
  X(GCE_PERSISTENT_DISK, "gcePersistentDisk")                                                      \
  X(PRIORITY_CLASS_NAME, "priorityClassName")                                                      \
  X(DEPLOYMENT_TEMPLATE, "deploymentTemplate")                                                     \
  X(ENABLE_SERVICE_LINKS, "enableServiceLinks")                                                    \
  X(PADDLE_REPLICA_SPECS, "paddleReplicaSpecs")                                                    \
  X(SERVICE_ACCOUNT_NAME, "serviceAccountName")                                                    \
  X(SUPPLEMENTAL_GROUPS, "supplementalGroups")                                                     \
  X(EPHEMERAL_CONTAINERS, "ephemeralContainers")                                                   \
  X(FS_GROUP_CHANGE_POLICY, "fsGroupChangePolicy")                                                 \
  X(PYTORCH_REPLICA_SPECS, "pytorchReplicaSpecs")                                                  \
  X(STATEFUL_SET_TEMPLATE, "statefulSetTemplate")                                                  \
  X(AWS_ELASTIC_BLOCK_STORE, "awsElasticBlockStore")                                               \
  X(BROADCAST_JOB_TEMPLATE, "broadcastJobTemplate")                                                \
  X(LEADER_WORKER_TEMPLATE, "leaderWorkerTemplate")                                                \
  X(PHOTON_PERSISTENT_DISK, "photonPersistentDisk")                                                \
  X(SUBMITTER_POD_TEMPLATE, "submitterPodTemplate")                                                \
  X(ACTIVE_DEADLINE_SECONDS, "activeDeadlineSeconds")                                              \
  X(PERSISTENT_VOLUME_CLAIM, "persistentVolumeClaim")                                              \
  X(SHARE_PROCESS_NAMESPACE, "shareProcessNamespace")                                              \
  X(READ_ONLY_ROOT_FILESYSTEM, "readOnlyRootFilesystem")                                           \
  X(TERMINATION_MESSAGE_PATH, "terminationMessagePath")                                            \
  X(ALLOW_PRIVILEGE_ESCALATION, "allowPrivilegeEscalation")                                        \
  X(TERMINATION_MESSAGE_POLICY, "terminationMessagePolicy")                                        \
  X(TOPOLOGY_SPREAD_CONSTRAINTS, "topologySpreadConstraints")                                      \
  X(ADVANCED_STATEFUL_SET_TEMPLATE, "advancedStatefulSetTemplate")                                 \
  X(AUTOMOUNT_SERVICE_ACCOUNT_TOKEN, "automountServiceAccountToken")                               \
  X(TERMINATION_GRACE_PERIOD_SECONDS, "terminationGracePeriodSeconds")

enum kube_key {
  KUBE_NO_KEY = 0, /* the number of a name without a symbol */
#define KUBE_KEY_NUMBER(constant, name) KUBE_##constant,
  KUBE_KEYS(KUBE_KEY_NUMBER)
#undef KUBE_KEY_NUMBER
      KUBE_KEY_COUNT, /* one more than the last number */
};

/* By number; [0] is the empty string without a symbol. */
extern const struct value kube_keys[KUBE_KEY_COUNT];

static inline struct value kube_key(enum kube_key key)
{
  return kube_keys[key];
}

/* The name of a field, zero-terminated as well. */
static inline struct str kube_key_name(enum kube_key key)
{
  return value_str(kube_keys[key]);
}

/* The number of a name; KUBE_NO_KEY if it is none of the above. */
enum kube_key kube_key_find(struct str name);

/* The same for the key of a member, which usually carries its number. */
static inline enum kube_key kube_key_of(struct value key)
{
  if (key.symbol)
    return key.symbol < KUBE_KEY_COUNT ? (enum kube_key)key.symbol : KUBE_NO_KEY;
  return key.type == VALUE_STRING ? kube_key_find(value_str(key)) : KUBE_NO_KEY;
}

/* A new table that begins with the names above. The only way the product makes one. */
struct symbols *kube_symbols_new(void);

#endif
