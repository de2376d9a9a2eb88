#include "kube/pod.h"

#include "data/pointer.h"
#include "kube/keys.h"

#include <stdio.h>

/* A way to a template: keys from the object on; ANY, at most once, stands for every element of an
 * array or every member of an object. The Pod itself has the empty way. */
enum { ANY = UINT16_MAX };

struct shape {
  uint16_t way[KUBE_POD_STEPS_MAX]; /* enum kube_key or ANY; ends with KUBE_NO_KEY */
};

struct known_kind {
  struct str group, kind;
  struct shape shape;
};

#define TEMPLATE_OF_SPEC                                                                           \
  {                                                                                                \
    {                                                                                              \
      KUBE_SPEC, KUBE_TEMPLATE                                                                     \
    }                                                                                              \
  }
#define TEMPLATE_OF_JOB                                                                            \
  {                                                                                                \
    {                                                                                              \
      KUBE_SPEC, KUBE_JOB_TEMPLATE, KUBE_SPEC, KUBE_TEMPLATE                                       \
    }                                                                                              \
  }

static const struct known_kind known_kinds[] = {
    {STR_INIT(""), STR_INIT("Pod"), {{KUBE_NO_KEY}}},
    {STR_INIT(""), STR_INIT("PodTemplate"), {{KUBE_TEMPLATE}}},
    {STR_INIT(""), STR_INIT("ReplicationController"), TEMPLATE_OF_SPEC},
    {STR_INIT("apps"), STR_INIT("Deployment"), TEMPLATE_OF_SPEC},
    {STR_INIT("apps"), STR_INIT("ReplicaSet"), TEMPLATE_OF_SPEC},
    {STR_INIT("apps"), STR_INIT("StatefulSet"), TEMPLATE_OF_SPEC},
    {STR_INIT("apps"), STR_INIT("DaemonSet"), TEMPLATE_OF_SPEC},
    {STR_INIT("extensions"), STR_INIT("Deployment"), TEMPLATE_OF_SPEC},
    {STR_INIT("extensions"), STR_INIT("ReplicaSet"), TEMPLATE_OF_SPEC},
    {STR_INIT("extensions"), STR_INIT("DaemonSet"), TEMPLATE_OF_SPEC},
    {STR_INIT("extensions"), STR_INIT("Job"), TEMPLATE_OF_SPEC},
    {STR_INIT("batch"), STR_INIT("Job"), TEMPLATE_OF_SPEC},
    {STR_INIT("batch"), STR_INIT("CronJob"), TEMPLATE_OF_JOB},
    {STR_INIT("batch"), STR_INIT("ScheduledJob"), TEMPLATE_OF_JOB},
    {STR_INIT("apps.openshift.io"), STR_INIT("DeploymentConfig"), TEMPLATE_OF_SPEC},
    /* With `apiVersion: v1` API servers refuse these, but what is meant is plain. */
    {STR_INIT(""), STR_INIT("Deployment"), TEMPLATE_OF_SPEC},
    {STR_INIT(""), STR_INIT("ReplicaSet"), TEMPLATE_OF_SPEC},
    {STR_INIT(""), STR_INIT("StatefulSet"), TEMPLATE_OF_SPEC},
    {STR_INIT(""), STR_INIT("DaemonSet"), TEMPLATE_OF_SPEC},
    {STR_INIT(""), STR_INIT("Job"), TEMPLATE_OF_SPEC},
    {STR_INIT(""), STR_INIT("CronJob"), TEMPLATE_OF_JOB},
};

/*
 * Where custom resources keep templates. The names in comments are those of projects that do so;
 * another way is another line.
 */
static const struct shape custom_shapes[] = {
    /* Argo Rollouts, Knative Service and Configuration, OpenKruise, KubeVela, most operators */
    {{KUBE_SPEC, KUBE_TEMPLATE}},
    {{KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_JOB_TEMPLATE, KUBE_SPEC, KUBE_TEMPLATE}},
    /* OpenKruise AdvancedCronJob, UnitedDeployment */
    {{KUBE_SPEC, KUBE_TEMPLATE, KUBE_JOB_TEMPLATE, KUBE_SPEC, KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_TEMPLATE, KUBE_BROADCAST_JOB_TEMPLATE, KUBE_SPEC, KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_TEMPLATE, KUBE_STATEFUL_SET_TEMPLATE, KUBE_SPEC, KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_TEMPLATE, KUBE_ADVANCED_STATEFUL_SET_TEMPLATE, KUBE_SPEC, KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_TEMPLATE, KUBE_CLONE_SET_TEMPLATE, KUBE_SPEC, KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_TEMPLATE, KUBE_DEPLOYMENT_TEMPLATE, KUBE_SPEC, KUBE_TEMPLATE}},
    /* agent-sandbox, Elastic, Jenkins and others */
    {{KUBE_SPEC, KUBE_POD_TEMPLATE}},
    {{KUBE_SPEC, KUBE_POD_TEMPLATE_SPEC}},
    {{KUBE_SPEC, KUBE_WORKLOAD, KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_WORKLOAD, KUBE_SPEC, KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_NODE_SETS, ANY, KUBE_POD_TEMPLATE}},
    {{KUBE_SPEC, KUBE_DEPLOYMENT, KUBE_POD_TEMPLATE}},
    {{KUBE_SPEC, KUBE_DAEMON_SET, KUBE_POD_TEMPLATE}},
    {{KUBE_SPEC, KUBE_STATEFUL_SET, KUBE_POD_TEMPLATE}},
    /* KEDA ScaledJob */
    {{KUBE_SPEC, KUBE_JOB_TARGET_REF, KUBE_TEMPLATE}},
    /* Volcano Job and JobFlow's templates */
    {{KUBE_SPEC, KUBE_TASKS, ANY, KUBE_TEMPLATE}},
    /* Ray */
    {{KUBE_SPEC, KUBE_HEAD_GROUP_SPEC, KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_WORKER_GROUP_SPECS, ANY, KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_RAY_CLUSTER_SPEC, KUBE_HEAD_GROUP_SPEC, KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_RAY_CLUSTER_SPEC, KUBE_WORKER_GROUP_SPECS, ANY, KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_RAY_CLUSTER_CONFIG, KUBE_HEAD_GROUP_SPEC, KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_RAY_CLUSTER_CONFIG, KUBE_WORKER_GROUP_SPECS, ANY, KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_SUBMITTER_POD_TEMPLATE}},
    /* JobSet, LeaderWorkerSet */
    {{KUBE_SPEC, KUBE_REPLICATED_JOBS, ANY, KUBE_TEMPLATE, KUBE_SPEC, KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_LEADER_WORKER_TEMPLATE, KUBE_LEADER_TEMPLATE}},
    {{KUBE_SPEC, KUBE_LEADER_WORKER_TEMPLATE, KUBE_WORKER_TEMPLATE}},
    /* Kubeflow training jobs */
    {{KUBE_SPEC, KUBE_TF_REPLICA_SPECS, ANY, KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_PYTORCH_REPLICA_SPECS, ANY, KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_MPI_REPLICA_SPECS, ANY, KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_XGB_REPLICA_SPECS, ANY, KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_MX_REPLICA_SPECS, ANY, KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_PADDLE_REPLICA_SPECS, ANY, KUBE_TEMPLATE}},
    {{KUBE_SPEC, KUBE_JAX_REPLICA_SPECS, ANY, KUBE_TEMPLATE}},
};

enum { CUSTOM_SHAPE_COUNT = sizeof custom_shapes / sizeof custom_shapes[0] };

/* Groups whose kinds are all known: what of them holds a pod is in known_kinds. */
static bool group_is_built_in(struct str group)
{
  static const struct str groups[] = {
      STR_INIT(""),      STR_INIT("apps"),       STR_INIT("autoscaling"),
      STR_INIT("batch"), STR_INIT("extensions"), STR_INIT("policy"),
  };
  for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
    if (str_eq(group, groups[i]))
      return true;
  return str_ends(group, STR(".k8s.io"));
}

static const struct known_kind *find_known(const struct kube_object *object)
{
  for (size_t i = 0; i < sizeof known_kinds / sizeof known_kinds[0]; i++)
    if (kube_object_is(object, known_kinds[i].group, known_kinds[i].kind))
      return &known_kinds[i];
  return NULL;
}

bool kube_pod_kind_known(const struct kube_object *object)
{
  return find_known(object) != NULL;
}

void kube_pods_begin(struct kube_pods *it, const struct kube_object *object)
{
  *it = (struct kube_pods){.object = object};
  const struct known_kind *known = find_known(object);
  if (known) {
    it->known = true;
    it->shape = &known->shape;
    it->shape_end = &known->shape + 1;
  } else if (!group_is_built_in(object->group)) {
    it->shape = custom_shapes;
    it->shape_end = custom_shapes + CUSTOM_SHAPE_COUNT;
  } else {
    it->done = true;
  }
}

/* Where a shape leads, with the wildcard as it stands. */
struct walk {
  struct value value; /* what is there; absent if the way ends before */
  struct value last;  /* the last value on the way that exists */
  unsigned steps;     /* how many were taken */
  unsigned length;    /* steps of the whole way */
  bool more;          /* a wildcard was met, and it had a child */
};

/* One child of an array or an object. */
static struct value child_at(struct value parent, uint32_t i, struct kube_step *ret_step)
{
  if (value_is(parent, VALUE_OBJECT) && i < parent.len) {
    struct str key = value_str_or_empty(parent.members[i].key);
    *ret_step = (struct kube_step){.key = key.len ? key : STR_EMPTY};
    return parent.members[i].value;
  }
  *ret_step = (struct kube_step){.index = i};
  return value_at(parent, i);
}

static struct walk follow(const struct kube_pods *it, struct kube_pod *pod)
{
  const struct shape *shape = it->shape;
  struct walk w = {.value = it->object->value};
  for (unsigned i = 0; i < KUBE_POD_STEPS_MAX && shape->way[i] != KUBE_NO_KEY; i++) {
    w.length = i + 1;
    if (w.steps < i)
      continue;
    struct kube_step step = {0};
    struct value next;
    if (shape->way[i] == ANY) {
      next = child_at(w.value, it->at, &step);
      w.more = !value_is(next, VALUE_ABSENT);
    } else {
      step.key = kube_key_name(shape->way[i]);
      next = value_get(w.value, kube_key(shape->way[i]));
    }
    pod->steps[i] = step;
    if (value_is_nil(next))
      continue;
    w.value = next;
    w.steps = i + 1;
  }
  if (w.steps < w.length) {
    w.last = w.value;
    w.value = VALUE_NONE;
  }
  return w;
}

/* Goes on to the next child of the wildcard, or to the next shape. */
static void advance(struct kube_pods *it, const struct walk *w)
{
  if (w->more) {
    it->at++;
    return;
  }
  const struct shape *next = (const struct shape *)it->shape + 1;
  it->shape = next;
  it->at = 0;
  it->done = next == it->shape_end;
}

/* Does a template of a custom resource describe whole containers? */
static bool looks_like_template(struct value template)
{
  struct value containers =
      value_get(value_get(template, kube_key(KUBE_SPEC)), kube_key(KUBE_CONTAINERS));
  if (!value_is(containers, VALUE_ARRAY))
    return false;
  bool image = false;
  for (uint32_t i = 0; i < containers.len; i++) {
    if (!value_is(containers.items[i], VALUE_OBJECT))
      return false;
    image = image || value_is(value_get(containers.items[i], kube_key(KUBE_IMAGE)), VALUE_STRING);
  }
  return image;
}

static void set_fault(struct kube_pod *pod, unsigned steps, const char *field, struct value found)
{
  if (pod->fault)
    return;
  pod->fault = value_is_nil(found) ? KUBE_FAULT_MISSING : KUBE_FAULT_TYPE;
  pod->fault_steps = steps;
  pod->fault_field = field;
  pod->fault_type = kube_type_with_article(found);
}

/* An object on the way that is none: the template cannot be found. */
static void set_way_fault(struct kube_pod *pod, const struct walk *w)
{
  bool mistyped = !value_is(w->last, VALUE_OBJECT);
  set_fault(pod, w->steps, NULL, mistyped ? w->last : VALUE_NONE);
}

static void fill(struct kube_pod *pod, const struct walk *w)
{
  pod->step_count = w->length;
  pod->is_pod = w->length == 0;
  pod->template = w->value;
  if (w->steps < w->length) {
    set_way_fault(pod, w);
    return;
  }
  if (!value_is(w->value, VALUE_OBJECT)) {
    set_fault(pod, w->steps, NULL, w->value);
    return;
  }
  struct value metadata = value_get(w->value, kube_key(KUBE_METADATA));
  struct value spec = value_get(w->value, kube_key(KUBE_SPEC));
  if (value_is(metadata, VALUE_OBJECT))
    pod->metadata = metadata;
  if (value_is(spec, VALUE_OBJECT))
    pod->spec = spec;
  else
    set_fault(pod, w->steps, "spec", spec);
  if (!value_is(metadata, VALUE_OBJECT) && !value_is_nil(metadata))
    set_fault(pod, w->steps, "metadata", metadata);
}

bool kube_pods_next(struct kube_pods *it, struct kube_pod *ret)
{
  while (!it->done) {
    struct kube_pod pod = {0};
    struct walk w = follow(it, &pod);
    advance(it, &w);
    if (!it->known && !looks_like_template(w.value))
      continue;
    fill(&pod, &w);
    *ret = pod;
    return true;
  }
  return false;
}

static void add_steps(struct buf *out, const struct kube_pod *pod, unsigned count)
{
  for (unsigned i = 0; i < count; i++) {
    if (pod->steps[i].key.data)
      pointer_add_key(out, pod->steps[i].key);
    else
      pointer_add_index(out, pod->steps[i].index);
  }
}

struct str kube_pod_pointer(const struct kube_pod *pod, struct str below, struct arena *arena)
{
  _cleanup_(buf_free) struct buf out = {0};
  add_steps(&out, pod, pod->step_count);
  buf_add(&out, below);
  return arena_copy(arena, buf_str(&out));
}

struct str kube_pod_fault_pointer(const struct kube_pod *pod, struct arena *arena)
{
  _cleanup_(buf_free) struct buf out = {0};
  add_steps(&out, pod, pod->fault_steps);
  if (pod->fault == KUBE_FAULT_TYPE && pod->fault_field)
    pointer_add_key(&out, str_from(pod->fault_field));
  return arena_copy(arena, buf_str(&out));
}

/* The place of the fault as people write it: "spec.template.spec". */
static void write_fault_path(struct buf *out, const struct kube_pod *pod)
{
  unsigned count = pod->fault_steps;
  if (pod->fault == KUBE_FAULT_MISSING && !pod->fault_field && count < pod->step_count)
    count++; /* the step that is missing */
  for (unsigned i = 0; i < count; i++) {
    if (pod->steps[i].key.data) {
      if (i)
        buf_add_byte(out, '.');
      buf_add(out, pod->steps[i].key);
    } else {
      buf_printf(out, "[%u]", pod->steps[i].index);
    }
  }
  if (pod->fault_field) {
    if (count)
      buf_add_byte(out, '.');
    buf_add_text(out, pod->fault_field);
  }
}

struct str kube_pod_reason(const struct kube_pod *pod, struct arena *arena)
{
  if (!pod->fault)
    return STR_EMPTY;
  _cleanup_(buf_free) struct buf out = {0};
  write_fault_path(&out, pod);
  if (pod->fault == KUBE_FAULT_MISSING)
    buf_add_text(&out, " is missing");
  else
    buf_printf(&out, " is %s, must be an object", pod->fault_type);
  return arena_copy(arena, buf_str(&out));
}

struct str kube_container_list_name(enum kube_container_list list)
{
  static const enum kube_key keys[KUBE_LIST_COUNT] = {
      [KUBE_LIST_INIT] = KUBE_INIT_CONTAINERS,
      [KUBE_LIST_REGULAR] = KUBE_CONTAINERS,
      [KUBE_LIST_EPHEMERAL] = KUBE_EPHEMERAL_CONTAINERS,
  };
  return kube_key_name(list < KUBE_LIST_COUNT ? keys[list] : KUBE_NO_KEY);
}

static struct value list_of(struct value spec, int list)
{
  switch (list) {
  case KUBE_LIST_INIT:
    return value_get(spec, kube_key(KUBE_INIT_CONTAINERS));
  case KUBE_LIST_REGULAR:
    return value_get(spec, kube_key(KUBE_CONTAINERS));
  default:
    return value_get(spec, kube_key(KUBE_EPHEMERAL_CONTAINERS));
  }
}

void kube_containers_begin(struct kube_containers *it, struct value spec)
{
  *it = (struct kube_containers){.spec = spec, .items = list_of(spec, KUBE_LIST_INIT)};
}

bool kube_containers_next(struct kube_containers *it, struct kube_container *ret)
{
  while (!value_is(it->items, VALUE_ARRAY) || it->next == it->items.len) {
    if (it->list + 1 >= KUBE_LIST_COUNT)
      return false;
    it->items = list_of(it->spec, ++it->list);
    it->next = 0;
  }
  struct value c = it->items.items[it->next];
  *ret = (struct kube_container){
      .value = c,
      .name = value_str_or_empty(value_get(c, kube_key(KUBE_NAME))),
      .list = (enum kube_container_list)it->list,
      .index = it->next++,
  };
  return true;
}

size_t kube_container_pointer(const struct kube_container *c,
                              char ret_pointer[KUBE_CONTAINER_POINTER_MAX])
{
  int len = snprintf(ret_pointer, KUBE_CONTAINER_POINTER_MAX, "/%.*s/%u",
                     STR_FMT(kube_container_list_name(c->list)), c->index);
  return (size_t)len;
}
