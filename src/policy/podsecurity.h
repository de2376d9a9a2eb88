/*
 * podsecurity.h - the Pod Security Standards: may this pod run under that level and version?
 *
 * The nineteen checks of Kubernetes' Pod Security admission, for every policy version from v1.0 to
 * v1.37 and latest, with the verdicts and the words of the API server's own admission plugin.
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/
 *
 *     struct podsecurity_pod pod = {metadata, spec, .is_pod = true};
 *     struct podsecurity_result result;
 *     podsecurity_evaluate(target, &pod, &arena, &result);
 *     if (!result.allowed)
 *       podsecurity_message(&out, STR("pods"), name, target, &result);
 *
 * Levels: privileged allows everything; baseline forbids what gives the node away; restricted adds
 * the hardening that every container can live with. A restricted check that covers a baseline one
 * replaces it, so that a fault is told once. Versions newer than the newest known count as that
 * one.
 *
 * Defaults and the API server's synchronisation. Manifests are judged as they would be stored: a
 * missing field has its default, null counts as missing, a volume without a source is an
 * emptyDir. With is_pod set, the pod is seen as the plugin sees it after the pod's own
 * preparation: container ports of a pod on the host's network are host ports, and AppArmor
 * annotations and fields stand for each other. Applied to a pod that already went through the
 * API server this changes nothing.
 *
 * Wrongly typed fields. What the API server could not decode (hostNetwork: "true") is never
 * taken as harmless: the result is not allowed, and says which field must be what. Such faults
 * are listed for the fields that a check of any level looks at and for the containers they are
 * in; other fields are not looked at. A target of level privileged looks at nothing.
 *
 * Where a pod could not have passed the API server's validation (a volume with two sources, a
 * Windows pod with Linux capabilities), the stricter reading holds, so that whatever restricted
 * allows, baseline allows too.
 *
 * Ownership: results live in the arena and view the tree. Nothing is allocated for a pod that is
 * allowed. Memory for one that is not is proportional to its size.
 * Thread safety: all functions may be called from any thread; the tables are immutable.
 */
#ifndef SEAWALL_POLICY_PODSECURITY_H
#define SEAWALL_POLICY_PODSECURITY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "data/value.h"
#include "kube/pod.h"

#include <stdbool.h>
#include <stdint.h>

/* In ascending strictness. */
enum podsecurity_level {
  PODSECURITY_PRIVILEGED,
  PODSECURITY_BASELINE,
  PODSECURITY_RESTRICTED,
};

#define PODSECURITY_LATEST UINT64_MAX
enum { PODSECURITY_NEWEST = 37 }; /* minor of the newest version with checks of its own */

/* A level at a policy version: "restricted:v1.32". */
struct podsecurity_target {
  enum podsecurity_level level;
  uint64_t minor; /* of v1.minor; PODSECURITY_LATEST */
};

struct str podsecurity_level_name(enum podsecurity_level level);

/* "privileged", "baseline" or "restricted". SW_EINVAL in the API server's words: "must be one of
 * privileged, baseline, restricted". */
int podsecurity_level_parse(struct str text, enum podsecurity_level *ret_level, struct error *err);

/* "latest" or "v1.<minor>", without leading zeros. SW_EINVAL: must be "latest" or "v1.x". */
int podsecurity_version_parse(struct str text, uint64_t *ret_minor, struct error *err);

/* Writes "restricted:latest", "baseline:v1.0". */
void podsecurity_target_write(struct buf *out, struct podsecurity_target target);

/* In the API server's order: baseline checks, then restricted ones, each by name. */
enum podsecurity_check_id {
  PODSECURITY_APP_ARMOR_PROFILE,
  PODSECURITY_CAPABILITIES_BASELINE,
  PODSECURITY_HOST_NAMESPACES,
  PODSECURITY_HOST_PATH_VOLUMES,
  PODSECURITY_HOST_PORTS,
  PODSECURITY_HOST_PROBES_AND_LIFECYCLE,
  PODSECURITY_PRIVILEGED_CONTAINERS,
  PODSECURITY_PROC_MOUNT,
  PODSECURITY_SE_LINUX_OPTIONS,
  PODSECURITY_SECCOMP_BASELINE,
  PODSECURITY_SYSCTLS,
  PODSECURITY_WINDOWS_HOST_PROCESS,
  PODSECURITY_ALLOW_PRIVILEGE_ESCALATION,
  PODSECURITY_CAPABILITIES_RESTRICTED,
  PODSECURITY_PROC_MOUNT_RESTRICTED,
  PODSECURITY_RESTRICTED_VOLUMES,
  PODSECURITY_RUN_AS_NON_ROOT,
  PODSECURITY_RUN_AS_USER,
  PODSECURITY_SECCOMP_RESTRICTED,
  PODSECURITY_CHECK_COUNT,
  PODSECURITY_WRONG_TYPE =
      PODSECURITY_CHECK_COUNT, /* not a check: a field that cannot be decoded */
};

/* The check's name in Kubernetes: "hostNamespaces"; "wrongType" for PODSECURITY_WRONG_TYPE. */
struct str podsecurity_check_name(enum podsecurity_check_id check);

/* The checks of a target as a set of bits, 1 << enum podsecurity_check_id. */
uint32_t podsecurity_checks(struct podsecurity_target target);

/* A pod or a pod template. */
struct podsecurity_pod {
  struct value metadata; /* an object; absent: none */
  struct value spec;
  bool is_pod; /* the pod itself: see above */
};

/* One check that forbids the pod. */
struct podsecurity_violation {
  enum podsecurity_check_id check;
  struct str reason; /* "host namespaces" */
  struct str detail; /* "hostNetwork=true"; may be empty */
};

/*
 * One single place that breaks a check. The same fault in two containers is two offences; so are
 * two capabilities in one.
 */
struct podsecurity_offence {
  enum podsecurity_check_id check;
  uint8_t kind; /* what exactly, known to podsecurity.c */
  bool in_container;
  bool implied;         /* follows from a default or an annotation; nothing is written there */
  bool breaks_baseline; /* level baseline forbids it too */
  uint32_t serial;      /* of the container in visiting order, from 1; 0: the pod */
  struct kube_container container; /* if in_container */
  struct str path;    /* JSON Pointer within the pod or template; what it leads to may be missing */
  struct value value; /* what is there; absent if it is missing */
  struct str word;    /* what the message names: a capability, a port, a host, a type */
  struct str volume;  /* the name of the volume it is about */
  struct str what;    /* PODSECURITY_WRONG_TYPE: what must be there: "true or false" */
};

struct podsecurity_offences {
  const struct podsecurity_offence *items; /* in the order of checks, then of the pod */
  size_t count;
};

struct podsecurity_result {
  bool allowed;
  const struct podsecurity_violation *violations; /* in the order of checks */
  size_t violation_count;
  const struct podsecurity_offence *faults; /* wrongly typed fields */
  size_t fault_count;
};

/* Judges a pod. The arena is used only if it is not allowed. */
void podsecurity_evaluate(struct podsecurity_target target, const struct podsecurity_pod *pod,
                          struct arena *arena, struct podsecurity_result *ret_result);

/* The verdict alone; never allocates. */
bool podsecurity_allows(struct podsecurity_target target, const struct podsecurity_pod *pod);

/* Every single offence with its place; wrongly typed fields come last. */
void podsecurity_find(struct podsecurity_target target, const struct podsecurity_pod *pod,
                      struct arena *arena, struct podsecurity_offences *ret_offences);

/* What is wrong at this one place, in the API server's words: privileged (container "web" must not
 * set securityContext.privileged=true). */
struct str podsecurity_offence_message(const struct podsecurity_offence *offence,
                                       struct arena *arena);

/* Writes "host namespaces (hostNetwork=true), privileged (container "web" must not set ...)";
 * behind these, wrongly typed fields as "spec.hostNetwork is a string, must be true or false". */
void podsecurity_detail_write(struct buf *out, const struct podsecurity_result *result);

/* Writes the reasons alone: "host namespaces, privileged". */
void podsecurity_reason_write(struct buf *out, const struct podsecurity_result *result);

/*
 * The API server's answer to a pod that is not allowed:
 *   pods "test" is forbidden: violates PodSecurity "baseline:v1.0": privileged (...)
 * resource is "pods"; name may be empty (generateName).
 */
void podsecurity_message(struct buf *out, struct str resource, struct str name,
                         struct podsecurity_target target, const struct podsecurity_result *result);

/* The text of warnings and audit annotations: would violate PodSecurity "baseline:v1.0": ... */
void podsecurity_warning(struct buf *out, struct podsecurity_target target,
                         const struct podsecurity_result *result);

#endif
