#include "policy/podsecurity_scan.h"

#include "kube/keys.h"
#include "kube/pod.h"
#include "policy/finding_place.h"
#include "policy/podsecurity_int.h"

/* One pod template under way. */
struct scan {
  struct finding_list *list;
  const struct kube_object *object;
  const struct kube_pod *pod;
  const struct location *place;
  struct str template; /* JSON Pointer of the template within the object */
};

static struct str join(struct arena *arena, struct str a, struct str b)
{
  return arena_printf(arena, "%.*s%.*s", STR_FMT(a), STR_FMT(b));
}

static bool is_one_of(struct str s, const struct str *list, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (str_eq(s, list[i]))
      return true;
  return false;
}

static bool capability_is_node(struct str capability)
{
  static const struct str capabilities[] = {STR_INIT("ALL"), STR_INIT("SYS_ADMIN"),
                                            STR_INIT("SYS_MODULE")};
  return is_one_of(capability, capabilities, sizeof capabilities / sizeof capabilities[0]);
}

static bool path_is_node(struct str path)
{
  static const struct str paths[] = {
      STR_INIT("/"),
      STR_INIT("/etc"),
      STR_INIT("/proc"),
      STR_INIT("/root"),
      STR_INIT("/var/lib/kubelet"),
      STR_INIT("/run/docker.sock"),
      STR_INIT("/var/run/docker.sock"),
      STR_INIT("/run/containerd/containerd.sock"),
      STR_INIT("/var/run/containerd/containerd.sock"),
      STR_INIT("/run/crio/crio.sock"),
      STR_INIT("/var/run/crio/crio.sock"),
  };
  while (path.len > 1 && path.data[path.len - 1] == '/')
    path.len--;
  return is_one_of(path, paths, sizeof paths / sizeof paths[0]);
}

/*
 * The check whose rule is told: where a restricted check stands in for a baseline one and the fault
 * breaks baseline already, the latter, so that the same fault has the same rule at both levels.
 */
static enum podsecurity_check_id told_check(const struct podsecurity_offence *o)
{
  uint32_t overrides = o->check < PODSECURITY_CHECK_COUNT ? podsecurity_table[o->check].overrides
                                                          : 0;
  if (!o->breaks_baseline || !overrides)
    return o->check;
  return (enum podsecurity_check_id)__builtin_ctz(overrides);
}

static enum severity severity_of(const struct podsecurity_offence *o, const struct rule *rule)
{
  switch (told_check(o)) {
  case PODSECURITY_CAPABILITIES_BASELINE:
    return capability_is_node(o->word) ? SEVERITY_CRITICAL : rule->severity;
  case PODSECURITY_HOST_PATH_VOLUMES:
    return path_is_node(value_str_or_empty(value_get_str(o->value, STR("path"))))
               ? SEVERITY_CRITICAL
               : rule->severity;
  default:
    return rule->severity;
  }
}

static struct value make_object(struct arena *arena, struct str key, struct value value)
{
  struct value made;
  struct value_member member = {value_string(key), value};
  value_object_make(arena, &member, NULL, 1, VALUE_LAST_WINS, NULL, &made);
  return made;
}

/* A patch of one operation: [{"op": "add", "path": ..., "value": ...}]. */
static struct value make_patch(struct arena *arena, struct str path, struct value value)
{
  struct value operation;
  struct value_member members[] = {
      {value_from("op"), value_from("add")},
      {value_from("path"), value_string(path)},
      {value_from("value"), value},
  };
  value_object_make(arena, members, NULL, 3, VALUE_LAST_WINS, NULL, &operation);
  return value_array_make(arena, &operation, NULL, 1);
}

/*
 * Adds `value` under `key` to the securityContext of what `owner` leads to, making one if there is
 * none. Absent if what is there is no object.
 */
static struct value patch_context(const struct scan *s, struct str owner, struct value owner_value,
                                  struct str key, struct value value)
{
  struct arena *arena = s->list->arena;
  struct str object = str_from(s->object->pointer);
  struct value context = value_get(owner_value, kube_key(KUBE_SECURITY_CONTEXT));
  struct str path = arena_printf(arena, "%.*s%.*s%.*s/securityContext", STR_FMT(object),
                                 STR_FMT(s->template), STR_FMT(owner));
  if (value_is_nil(context))
    return make_patch(arena, path, make_object(arena, key, value));
  if (!value_is(context, VALUE_OBJECT))
    return VALUE_NONE;
  return make_patch(arena, arena_printf(arena, "%.*s/%.*s", STR_FMT(path), STR_FMT(key)), value);
}

/* The API server refuses the combination with privileged and with SYS_ADMIN. */
static bool needs_escalation(struct value container)
{
  struct value context = value_get(container, kube_key(KUBE_SECURITY_CONTEXT));
  struct value capabilities = value_get(context, kube_key(KUBE_CAPABILITIES));
  struct value add = value_get(capabilities, kube_key(KUBE_ADD));
  if (!value_is_nil(value_get(context, kube_key(KUBE_PRIVILEGED))) &&
      !value_is_false(value_get(context, kube_key(KUBE_PRIVILEGED))))
    return true;
  for (uint32_t i = 0; value_is(add, VALUE_ARRAY) && i < add.len; i++)
    if (value_eq_str(add.items[i], STR("SYS_ADMIN")) ||
        value_eq_str(add.items[i], STR("CAP_SYS_ADMIN")) || value_eq_str(add.items[i], STR("ALL")))
      return true;
  return false;
}

static struct value fix_escalation(const struct scan *s, const struct podsecurity_offence *o)
{
  char pointer[KUBE_CONTAINER_POINTER_MAX];
  if (needs_escalation(o->container.value) || !value_is(o->container.value, VALUE_OBJECT))
    return VALUE_NONE;
  kube_container_pointer(&o->container, pointer);
  return patch_context(s, join(s->list->arena, STR("/spec"), str_from(pointer)), o->container.value,
                       kube_key_name(KUBE_ALLOW_PRIVILEGE_ESCALATION), value_bool(false));
}

/* For the whole pod, unless it names a profile that is wrong. */
static struct value fix_seccomp(const struct scan *s, const struct podsecurity_offence *o)
{
  struct value context = value_get(s->pod->spec, kube_key(KUBE_SECURITY_CONTEXT));
  if (!value_is(o->value, VALUE_ABSENT) ||
      !value_is_nil(value_get(context, kube_key(KUBE_SECCOMP_PROFILE))))
    return VALUE_NONE;
  return patch_context(s, STR("/spec"), s->pod->spec, kube_key_name(KUBE_SECCOMP_PROFILE),
                       make_object(s->list->arena, STR("type"), value_from("RuntimeDefault")));
}

static struct value fix_of(const struct scan *s, const struct podsecurity_offence *o)
{
  switch (o->check) {
  case PODSECURITY_ALLOW_PRIVILEGE_ESCALATION:
    return fix_escalation(s, o);
  case PODSECURITY_SECCOMP_RESTRICTED:
    return fix_seccomp(s, o);
  default:
    return VALUE_NONE;
  }
}

static void add_offence(const struct scan *s, const struct podsecurity_offence *o)
{
  struct arena *arena = s->list->arena;
  struct finding *f = finding_add(s->list, podsecurity_rule(told_check(o)));
  f->severity = severity_of(o, f->rule);
  f->subject = finding_subject(s->object, o->container.name, arena);
  f->message = podsecurity_offence_message(o, arena);
  f->evidence = finding_quote(o->value, arena);
  f->fix = fix_of(s, o);
  finding_place(f, s->object, s->place, join(arena, s->template, o->path),
                o->volume.len ? o->volume : o->word, arena);
}

static void add_pod_fault(const struct scan *s)
{
  struct arena *arena = s->list->arena;
  struct finding *f = finding_add(s->list, podsecurity_rule(PODSECURITY_WRONG_TYPE));
  f->subject = finding_subject(s->object, STR_EMPTY, arena);
  f->message = kube_pod_reason(s->pod, arena);
  finding_place(f, s->object, s->place, kube_pod_fault_pointer(s->pod, arena), f->message, arena);
}

static void scan_pod(const struct scan *s, struct podsecurity_target target)
{
  struct podsecurity_offences found;
  const struct podsecurity_pod pod = {s->pod->metadata, s->pod->spec, s->pod->is_pod};
  if (s->pod->fault)
    add_pod_fault(s);
  if (!value_is(s->pod->spec, VALUE_OBJECT))
    return;
  podsecurity_find(target, &pod, s->list->arena, &found);
  for (size_t i = 0; i < found.count; i++)
    if (!found.items[i].implied)
      add_offence(s, &found.items[i]);
}

unsigned podsecurity_scan(struct finding_list *list, const struct kube_object *object,
                          struct podsecurity_target target, const struct location *place)
{
  struct kube_pods it;
  struct kube_pod pod;
  unsigned count = 0;
  kube_pods_begin(&it, object);
  while (kube_pods_next(&it, &pod)) {
    struct scan s = {list, object, &pod, place, STR_EMPTY};
    count++;
    if (target.level == PODSECURITY_PRIVILEGED)
      continue;
    s.template = kube_pod_pointer(&pod, STR_EMPTY, list->arena);
    scan_pod(&s, target);
  }
  return count;
}
