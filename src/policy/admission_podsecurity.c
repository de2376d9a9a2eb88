/* Pod Security as an admission policy: what the API server's own plugin does. */
#include "policy/admission_int.h"

#include "data/compare.h"
#include "kube/pod.h"
#include "policy/podsecurity_int.h"

static const char *const kinds[] = {
    "Pod",        "EphemeralContainers", "Namespace",        "PodTemplate", "ReplicationController",
    "Deployment", "ReplicaSet",          "StatefulSet",      "DaemonSet",   "Job",
    "CronJob",    "ScheduledJob",        "DeploymentConfig", NULL,
};

static const struct str policy_id = STR_INIT("podsecurity");

struct state {
  struct podsecurity_config config;
};

static int load(struct admission_loader *l, void **ret_state, struct error *err)
{
  const struct admission_options *o = &l->snapshot->options;
  (void)err;
  if (!o->pod_security)
    return 0;
  struct state *s = mem_zalloc(1, sizeof *s);
  s->config.defaults = podsecurity_policy_default();
  if (o->pod_security_config)
    s->config = *o->pod_security_config;
  *ret_state = s;
  return admission_add_policy(l, policy_id, kinds, ADMISSION_CREATE | ADMISSION_UPDATE, false, 0);
}

static void free_state(void *state)
{
  mem_free(state);
}

/* ---- which policy holds */

/* False: nothing to judge by, which has been told. */
static bool find_policy(struct admission_asking *a, struct podsecurity_policy *ret)
{
  const struct state *s = a->state;
  struct podsecurity_label_errors errors;
  struct value namespace = VALUE_NONE, labels = VALUE_NONE;
  bool known = admission_namespace(a, &namespace);
  if (!known && a->request.namespace.len && a->snapshot->options.refuse_unknown_namespaces) {
    admission_fail(a, policy_id, STR_EMPTY, "Namespace \"%.*s\" is not known",
                   STR_FMT(a->request.namespace));
    return false;
  }
  if (known)
    labels = value_get(value_get(namespace, kube_key(KUBE_METADATA)), kube_key(KUBE_LABELS));
  *ret = podsecurity_policy_from_labels(labels, &s->config.defaults, &errors);
  if (errors.count) {
    _cleanup_(buf_free) struct buf text = {0};
    buf_add(&text, STR("Failed to parse policy: "));
    podsecurity_label_errors_write(&text, &errors);
    admission_annotate(a, "error", buf_str(&text));
  }
  return true;
}

static bool is_open(const struct podsecurity_target *t)
{
  return t->level == PODSECURITY_PRIVILEGED;
}

/* ---- which updates matter */

static bool starts_with_any(struct str key)
{
  static const struct str fronts[] = {
      STR_INIT("container.apparmor.security.beta.kubernetes.io/"),
      STR_INIT("seccomp.security.alpha.kubernetes.io/"),
      STR_INIT("container.seccomp.security.alpha.kubernetes.io/"),
  };
  for (size_t i = 0; i < sizeof fronts / sizeof *fronts; i++)
    if (str_starts(key, fronts[i]))
      return true;
  return false;
}

static bool annotations_changed(struct value a, struct value b)
{
  for (uint32_t i = 0; value_is(a, VALUE_OBJECT) && i < a.len; i++)
    if (starts_with_any(value_str(a.members[i].key)) &&
        !value_equal(a.members[i].value, value_get(b, a.members[i].key)))
      return true;
  return false;
}

/* Members that no check looks at and that a pod may change, or its container. */
static bool is_passing(struct str key)
{
  static const struct str passing[] = {
      STR_INIT("tolerations"),     STR_INIT("activeDeadlineSeconds"),
      STR_INIT("nodeName"),        STR_INIT("terminationGracePeriodSeconds"),
      STR_INIT("schedulingGates"), STR_INIT("nodeSelector"),
      STR_INIT("affinity"),        STR_INIT("resources"),
  };
  for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
    if (str_eq(passing[i], key))
      return true;
  return false;
}

static bool is_container_list(struct str key)
{
  return str_eq(key, STR("containers")) || str_eq(key, STR("initContainers"));
}

static bool members_changed(struct value a, struct value b);

static bool container_changed(struct value a, struct value b)
{
  if (!value_is(a, VALUE_OBJECT) || !value_is(b, VALUE_OBJECT))
    return !value_equal(a, b);
  return members_changed(a, b) || members_changed(b, a);
}

static bool list_changed(struct value a, struct value b)
{
  if (!value_is(a, VALUE_ARRAY) || !value_is(b, VALUE_ARRAY) || a.len != b.len)
    return !value_equal(a, b);
  for (uint32_t i = 0; i < a.len; i++)
    if (container_changed(a.items[i], b.items[i]))
      return true;
  return false;
}

/* Has a member of a another value in b? Lists of containers are in specs alone, so this ends. */
static bool members_changed(struct value a, struct value b)
{
  for (uint32_t i = 0; i < a.len; i++) {
    struct str key = value_str(a.members[i].key);
    struct value x = a.members[i].value, y = value_get(b, a.members[i].key);
    if (is_passing(key))
      continue;
    if (is_container_list(key) ? !value_equal(x, y) && list_changed(x, y) : !value_equal(x, y))
      return true;
  }
  return false;
}

static bool spec_changed(struct value a, struct value b)
{
  return !value_is(a, VALUE_OBJECT) || !value_is(b, VALUE_OBJECT) || members_changed(a, b) ||
         members_changed(b, a);
}

static bool is_significant(const struct admission_asking *a)
{
  if (!a->has_old)
    return true;
  struct value now = a->object.annotations, then = a->old_object.annotations;
  return spec_changed(value_get(a->object.value, kube_key(KUBE_SPEC)),
                      value_get(a->old_object.value, kube_key(KUBE_SPEC))) ||
         annotations_changed(now, then) || annotations_changed(then, now);
}

/* ---- judging */

static enum admission_action tell(struct admission_asking *a, struct buf *text)
{
  return admission_tell(a, policy_id, STR_EMPTY, ADMISSION_ACTION_DENY, buf_str(text));
}

/* What has been told need not be told by a rule. */
static void note_told(struct admission_asking *a, enum admission_action action,
                      const struct podsecurity_result *result)
{
  for (size_t i = 0; i < result->violation_count; i++) {
    enum podsecurity_check_id check = result->violations[i].check;
    a->told_checks[action] |= UINT32_C(1) << check;
    if (check < PODSECURITY_CHECK_COUNT)
      a->told_checks[action] |= podsecurity_table[check].overrides;
  }
}

static void enforce(struct admission_asking *a, struct podsecurity_target target,
                    const struct podsecurity_pod *pod)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct podsecurity_result result;
  podsecurity_target_write(&text, target);
  admission_annotate(a, "enforce-policy", buf_str(&text));
  podsecurity_evaluate(target, pod, a->scratch, &result);
  if (result.allowed)
    return;
  buf_clear(&text);
  struct str name = a->request.name.len ? a->request.name : a->object.name;
  podsecurity_message(&text, STR("pods"), name, target, &result);
  note_told(a, tell(a, &text), &result);
}

static void audit_and_warn(struct admission_asking *a, const struct podsecurity_policy *policy,
                           const struct podsecurity_pod *pod)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct podsecurity_result result;
  podsecurity_evaluate(policy->audit, pod, a->scratch, &result);
  if (!result.allowed) {
    podsecurity_warning(&text, policy->audit, &result);
    if (admission_annotate(a, "audit-violations", buf_str(&text)))
      note_told(a, ADMISSION_ACTION_DRYRUN, &result);
  }
  if (a->denied) /* warning of what is refused anyway says nothing */
    return;
  podsecurity_evaluate(policy->warn, pod, a->scratch, &result);
  if (result.allowed)
    return;
  buf_clear(&text);
  podsecurity_warning(&text, policy->warn, &result);
  if (admission_limited(a, policy_id, ADMISSION_ACTION_WARN) != ADMISSION_ACTION_WARN) {
    note_told(a, admission_tell(a, policy_id, STR_EMPTY, ADMISSION_ACTION_WARN, buf_str(&text)),
              &result);
    return;
  }
  admission_warn(a, buf_str(&text));
  note_told(a, ADMISSION_ACTION_WARN, &result);
}

static bool is_exempt(struct admission_asking *a, struct str runtime_class)
{
  const struct state *s = a->state;
  enum podsecurity_exemption e = podsecurity_exempt(&s->config.exemptions, a->request.username,
                                                    a->request.namespace, runtime_class);
  if (e == PODSECURITY_NOT_EXEMPT)
    return false;
  admission_annotate(a, "exempt", podsecurity_exemption_name(e));
  return true;
}

static void judge_pod_spec(struct admission_asking *a, const struct podsecurity_policy *policy,
                           const struct podsecurity_pod *pod, bool enforced)
{
  struct value class = value_get(pod->spec, kube_key(KUBE_RUNTIME_CLASS_NAME));
  if (is_exempt(a, value_str_or_empty(class)))
    return;
  a->asked->matched++;
  if (enforced)
    enforce(a, policy->enforce, pod);
  audit_and_warn(a, policy, pod);
}

/* What a Pod without a readable spec is: nothing that could be allowed. */
static void tell_fault(struct admission_asking *a, const struct kube_pod *pod)
{
  struct str why = kube_pod_reason(pod, a->scratch);
  struct str message = arena_printf(a->scratch, "pods \"%.*s\" is forbidden: %.*s",
                                    STR_FMT(a->object.name), STR_FMT(why));
  admission_tell(a, policy_id, STR_EMPTY, ADMISSION_ACTION_DENY, message);
}

static void judge_pods(struct admission_asking *a, const struct podsecurity_policy *policy)
{
  struct kube_pods it;
  struct kube_pod pod;
  kube_pods_begin(&it, &a->object);
  while (kube_pods_next(&it, &pod)) {
    struct podsecurity_pod judged = {pod.metadata, pod.spec, .is_pod = pod.is_pod};
    if (!pod.fault)
      judge_pod_spec(a, policy, &judged, pod.is_pod);
    else if (pod.is_pod && !is_open(&policy->enforce))
      tell_fault(a, &pod);
  }
}

/* The form that pods/ephemeralcontainers had before 1.22: the new containers alone. */
static void judge_ephemeral(struct admission_asking *a, const struct podsecurity_policy *policy)
{
  struct value list = value_get(a->object.value, kube_key(KUBE_EPHEMERAL_CONTAINERS));
  struct value_member member = {kube_key(KUBE_EPHEMERAL_CONTAINERS), list};
  struct value spec;
  value_object_make(a->scratch, &member, NULL, 1, VALUE_LAST_WINS, NULL, &spec);
  struct podsecurity_pod pod = {a->object.metadata, spec, .is_pod = true};
  judge_pod_spec(a, policy, &pod, true);
}

static bool is_ignored_subresource(struct str name)
{
  static const struct str ignored[] = {
      STR_INIT("exec"), STR_INIT("attach"),      STR_INIT("binding"), STR_INIT("eviction"),
      STR_INIT("log"),  STR_INIT("portforward"), STR_INIT("proxy"),   STR_INIT("status"),
  };
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
    if (str_eq(ignored[i], name))
      return true;
  return false;
}

/* A label that says nothing the API server knows would protect nothing. */
static void judge_namespace(struct admission_asking *a)
{
  const struct state *s = a->state;
  struct podsecurity_label_errors errors, before = {0};
  _cleanup_(buf_free) struct buf text = {0};
  if (a->request.subresource.len)
    return;
  a->asked->matched++;
  podsecurity_policy_from_labels(a->object.labels, &s->config.defaults, &errors);
  if (a->has_old)
    podsecurity_policy_from_labels(a->old_object.labels, &s->config.defaults, &before);
  if (errors.count == 0 || before.count)
    return;
  podsecurity_label_errors_write(&text, &errors);
  tell(a, &text);
}

static void judge(struct admission_asking *a)
{
  struct podsecurity_policy policy;
  const struct kube_object *o = &a->object;
  if (!a->has_object)
    return;
  if (kube_object_is(o, STR_EMPTY, STR("Namespace"))) {
    judge_namespace(a);
    return;
  }
  bool is_pod = kube_object_is(o, STR_EMPTY, STR("Pod"));
  bool is_old_form = str_eq(o->kind, STR("EphemeralContainers"));
  if (is_pod || is_old_form ? is_ignored_subresource(a->request.subresource)
                            : a->request.subresource.len > 0)
    return;
  if (!is_pod && !is_old_form && !kube_pod_kind_known(o))
    return;
  if (is_exempt(a, STR_EMPTY) || !find_policy(a, &policy))
    return;
  if (is_open(&policy.audit) && is_open(&policy.warn) && (!is_pod || is_open(&policy.enforce)) &&
      !is_old_form)
    return;
  if (is_old_form)
    judge_ephemeral(a, &policy);
  else if (!is_pod || a->request.operation != ADMISSION_UPDATE || is_significant(a))
    judge_pods(a, &policy);
}

const struct admission_source admission_source_podsecurity = {
    .name = "Pod Security",
    .load = load,
    .free = free_state,
    .judge = judge,
};
