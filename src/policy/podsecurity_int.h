/*
 * podsecurity_int.h - how a pod is judged, shared by the files podsecurity*.c and nobody else.
 *
 * One pass: the pod's own fields are read into pod_facts with their types checked, the active
 * checks look at them; then for each container the same. A check calls judge_offend for each
 * place that breaks it. Without an arena only the verdict is wanted and nothing is written down.
 */
#ifndef SEAWALL_POLICY_PODSECURITY_INT_H
#define SEAWALL_POLICY_PODSECURITY_INT_H

#include "kube/keys.h"
#include "policy/podsecurity.h"

/* Of podsecurity_offence.kind. */
enum offence_kind {
  OFFENCE_SET,        /* a value that may not be there */
  OFFENCE_MISSING,    /* a value that must be there */
  OFFENCE_ANNOTATION, /* an annotation's value; word is key="value" */
  OFFENCE_USER,       /* seLinuxOptions.user */
  OFFENCE_ROLE,       /* seLinuxOptions.role */
};

/* A securityContext, of the pod or of a container. Everything is absent or of the right type. */
struct security_facts {
  struct value privileged, escalation, proc_mount;
  struct value capabilities, add, drop; /* arrays of strings and nulls */
  struct value run_as_user, run_as_non_root;
  struct value seccomp, seccomp_type;
  struct value app_armor, app_armor_type;
  struct value se_linux, se_linux_type, se_linux_user, se_linux_role;
  struct value windows, host_process;
  struct value sysctls; /* an array of objects and nulls */
};

struct pod_facts {
  struct value annotations; /* an object of strings and nulls */
  struct value host_network, host_pid, host_ipc, host_users, os, os_name;
  struct value volumes; /* an array of objects and nulls */
  struct value security_context;
  struct security_facts security;
  bool windows;        /* spec.os.name is windows */
  bool user_namespace; /* spec.hostUsers is false */
};

/* The places of a container that call out: probes and life cycle hooks. */
enum { HANDLER_COUNT = 5, HANDLER_HOSTS = HANDLER_COUNT * 2 };

/* "/livenessProbe/httpGet/host", for the hosts below. */
extern const char *const handler_paths[HANDLER_HOSTS];

struct container_facts {
  struct kube_container container;
  uint32_t serial;
  struct value name, ports; /* an array of objects and nulls */
  struct value probes[3], lifecycle, hooks[2];
  struct value hosts[HANDLER_HOSTS];
  struct value security_context;
  struct security_facts security;
};

struct offence_node {
  struct podsecurity_offence offence;
  struct offence_node *next;
};

struct offence_chain {
  struct offence_node *first, *last;
  size_t count;
};

struct judge {
  const struct podsecurity_pod *pod;
  struct arena *arena; /* NULL: the verdict alone */
  bool denied;
  struct pod_facts facts;
  struct offence_chain chains[PODSECURITY_CHECK_COUNT + 1];
};

/* Nothing more to learn: the verdict is known and nobody wants the rest. */
static inline bool judge_done(const struct judge *j)
{
  return j->denied && !j->arena;
}

/* Notes an offence. The path is within the container c, or, if c is NULL, within the pod. */
void judge_offend(struct judge *j, enum podsecurity_check_id check, enum offence_kind kind,
                  const struct container_facts *c, struct value value, struct str word,
                  const char *path, ...) __attribute__((format(printf, 7, 8)));

/* Marks the offence noted last as one that follows from another. */
void judge_mark_implied(struct judge *j, enum podsecurity_check_id check);

/* Marks the offence noted last as one that baseline forbids too; those of baseline checks are. */
void judge_mark_baseline(struct judge *j, enum podsecurity_check_id check);

/* Says which volume the offence noted last is about. */
void judge_name_volume(struct judge *j, enum podsecurity_check_id check, struct str name);

/* A key as a token of a JSON Pointer; as it is without an arena. */
struct str judge_escape(struct judge *j, struct str key);

/* Adds a finished offence; the arena is there. */
void judge_add(struct judge *j, const struct podsecurity_offence *offence);

/* What a check does in one version of the policy. */
enum check_option {
  EXCEPT_WINDOWS = 1,        /* lets pods for Windows go without what they cannot have */
  EXCEPT_USER_NAMESPACE = 2, /* lets pods in a user namespace */
  BY_ANNOTATION = 4,         /* looks at annotations, not fields */
  ALLOW_SHIFT = 8,           /* from this bit on: how many entries of a list are allowed */
};

enum { CHECK_VERSIONS_MAX = 5 };

struct check_version {
  uint8_t from; /* minor of the first policy version */
  uint16_t option;
};

struct check {
  struct str name;
  enum podsecurity_level level;
  uint32_t overrides; /* baseline checks that it replaces, as bits */
  unsigned version_count;
  struct check_version versions[CHECK_VERSIONS_MAX];
  void (*pod)(struct judge *j, unsigned option);
  void (*container)(struct judge *j, const struct container_facts *c, unsigned option);
};

extern const struct check podsecurity_table[PODSECURITY_CHECK_COUNT];

/* Read and check types; wrong ones become offences of PODSECURITY_WRONG_TYPE. */
void podsecurity_read_pod(struct judge *j);
void podsecurity_read_container(struct judge *j, const struct kube_container *container,
                                uint32_t serial, struct container_facts *ret);

/* Sources of a volume. */
struct volume_facts {
  struct str name;
  struct value host_path;     /* absent if there is none */
  struct value restricted;    /* the first source that restricted forbids, or an unknown one */
  struct str restricted_key;  /* its key as written */
  struct str restricted_type; /* "nfs", "unknown"; empty: none */
};

struct volume_facts podsecurity_read_volume(struct value volume);

/* The words of an aggregate over all offences of one check (at least one). */
struct podsecurity_violation podsecurity_words(const struct podsecurity_offence *offences,
                                               size_t count, struct arena *arena);

/* "spec.hostNetwork is a string, must be true or false" */
void podsecurity_fault_write(struct buf *out, const struct podsecurity_offence *fault);

#endif
