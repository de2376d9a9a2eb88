/*
 * pod.h - where the pods of a workload are described.
 *
 * Most objects do not run anything themselves; they hold a template for pods. This module finds the
 * pod, the template or the templates of an object and walks their containers.
 *
 *     struct kube_pods it;
 *     struct kube_pod pod;
 *     kube_pods_begin(&it, &object);
 *     while (kube_pods_next(&it, &pod)) {
 *       if (pod.fault) { report(kube_pod_reason(&pod, arena)); continue; }
 *       struct kube_containers containers;
 *       struct kube_container c;
 *       kube_containers_begin(&containers, pod.spec);
 *       while (kube_containers_next(&containers, &c))
 *         judge(c.value);
 *     }
 *
 * Known kinds, in all their API versions: Pod, PodTemplate, ReplicationController (core);
 * Deployment, ReplicaSet, StatefulSet, DaemonSet (apps, extensions); Job, CronJob,
 * ScheduledJob (batch); DeploymentConfig (apps.openshift.io); those of
 * apps and batch in the core group as well, where only a mistake puts them. An object of such a kind always gives one pod; if its template is
 * missing or wrongly typed, that pod carries the fault.
 *
 * A custom resource gives a pod for each place that is known to hold a template (spec.template,
 * spec.jobTemplate.spec.template, spec.podTemplate, Volcano's spec.tasks[].template, Ray's groups,
 * Kubeflow's replica specs, job sets, and so on: the table is in pod.c) and looks like one:
 * `spec.containers` is an array of objects, one of which at least names an image. The latter keeps
 * out fragments that an operator merges into a template of its own. Other kinds of built-in groups
 * never give a pod.
 *
 * Ownership: everything given is a view of the tree. Nothing here allocates save the functions that
 * take an arena. Thread safety: an iterator belongs to one thread.
 */
#ifndef SEAWALL_KUBE_POD_H
#define SEAWALL_KUBE_POD_H

#include "base/arena.h"
#include "data/value.h"
#include "kube/object.h"

#include <stdbool.h>
#include <stdint.h>

enum { KUBE_POD_STEPS_MAX = 8 };

/* One step of the way from the object to its template. */
struct kube_step {
  struct str key; /* member of an object; data NULL: element `index` of an array */
  uint32_t index;
};

struct kube_pod {
  struct value template; /* the Pod or the PodTemplateSpec; an object unless fault is set */
  struct value metadata; /* an object; absent if there is none */
  struct value spec;     /* an object; absent if fault is set */
  bool is_pod;           /* a Pod itself, not a template for some */

  struct kube_step steps[KUBE_POD_STEPS_MAX]; /* from the object to the template */
  unsigned step_count;

  enum kube_fault fault;   /* KUBE_FAULT_MISSING or _TYPE: no spec can be found, or metadata is no
                               object; the first one found */
  unsigned fault_steps;    /* how many steps of the way are there */
  const char *fault_field; /* with all steps taken: "metadata" or "spec" of the template; NULL: the
                               step after fault_steps itself (or the object) */
  const char *fault_type;  /* KUBE_FAULT_TYPE: "a string" */
};

struct kube_pods {
  const struct kube_object *object;
  const void *shape;     /* the shape under way; NULL: none */
  const void *shape_end; /* behind the last shape to try */
  uint32_t at;           /* the child that a wildcard of the shape stands for */
  bool known;            /* the kind is known to hold a pod */
  bool done;
};

/* Does the kind, by its name and group alone, always hold a pod? */
bool kube_pod_kind_known(const struct kube_object *object);

/* Starts over the pods of an object. The object must outlive the iterator. */
void kube_pods_begin(struct kube_pods *it, const struct kube_object *object);

/* The next pod. False at the end. */
bool kube_pods_next(struct kube_pods *it, struct kube_pod *ret);

/* JSON Pointer of the template within the object ("" for a Pod, "/spec/template"), with `below`
 * (a pointer, or empty) behind it: kube_pod_pointer(&pod, STR("/spec"), arena). */
struct str kube_pod_pointer(const struct kube_pod *pod, struct str below, struct arena *arena);

/* What the fault is, for people: "spec.template is missing", "spec is a string, must be an object".
 * Empty if there is none. */
struct str kube_pod_reason(const struct kube_pod *pod, struct arena *arena);

/* JSON Pointer within the object of the place of the fault that exists. */
struct str kube_pod_fault_pointer(const struct kube_pod *pod, struct arena *arena);

/* In the order in which Pod Security visits them. */
enum kube_container_list {
  KUBE_LIST_INIT,
  KUBE_LIST_REGULAR,
  KUBE_LIST_EPHEMERAL,
  KUBE_LIST_COUNT,
};

struct kube_container {
  struct value value; /* an element of the array; not an object if the manifest is wrong there */
  struct str name;    /* empty if there is none */
  enum kube_container_list list;
  uint32_t index; /* within its list */
};

struct kube_containers {
  struct value spec;
  struct value items; /* of the list under way */
  int list;
  uint32_t next;
};

/* "initContainers", "containers", "ephemeralContainers". */
struct str kube_container_list_name(enum kube_container_list list);

/* Starts over the containers of a pod spec: initContainers, containers, ephemeralContainers. */
void kube_containers_begin(struct kube_containers *it, struct value spec);

/* The next container. A list that is not an array gives none; who must know asks the spec. */
bool kube_containers_next(struct kube_containers *it, struct kube_container *ret);

enum { KUBE_CONTAINER_POINTER_MAX = 32 };

/* JSON Pointer within the pod spec, zero-terminated: "/containers/0". Returns its length. */
size_t kube_container_pointer(const struct kube_container *c,
                              char ret_pointer[KUBE_CONTAINER_POINTER_MAX]);

#endif
