#include "policy/podsecurity.h"

#include "data/pointer.h"
#include "policy/podsecurity_int.h"
#include "policy/podsecurity_quote.h"

#include <stdio.h>

static const struct str level_names[] = {
    [PODSECURITY_PRIVILEGED] = STR_INIT("privileged"),
    [PODSECURITY_BASELINE] = STR_INIT("baseline"),
    [PODSECURITY_RESTRICTED] = STR_INIT("restricted"),
};

struct str podsecurity_level_name(enum podsecurity_level level)
{
  return level <= PODSECURITY_RESTRICTED ? level_names[level] : STR_EMPTY;
}

int podsecurity_level_parse(struct str text, enum podsecurity_level *ret_level, struct error *err)
{
  for (int i = PODSECURITY_PRIVILEGED; i <= PODSECURITY_RESTRICTED; i++) {
    if (str_eq(text, level_names[i])) {
      *ret_level = (enum podsecurity_level)i;
      return 0;
    }
  }
  return error_set(err, SW_EINVAL, "must be one of privileged, baseline, restricted");
}

int podsecurity_version_parse(struct str text, uint64_t *ret_minor, struct error *err)
{
  unsigned long long minor;
  if (str_eq(text, STR("latest"))) {
    *ret_minor = PODSECURITY_LATEST;
    return 0;
  }
  struct str number = str_sub(text, 3, text.len);
  bool leading_zero = number.len > 1 && number.data[0] == '0';
  if (!str_starts(text, STR("v1.")) || leading_zero || !str_to_u64(number, INT64_MAX, &minor))
    return error_set(err, SW_EINVAL, "must be \"latest\" or \"v1.x\"");
  *ret_minor = minor;
  return 0;
}

void podsecurity_target_write(struct buf *out, struct podsecurity_target target)
{
  buf_add(out, podsecurity_level_name(target.level));
  if (target.minor == PODSECURITY_LATEST) {
    buf_add_text(out, ":latest");
  } else {
    buf_add_text(out, ":v1.");
    buf_add_u64(out, target.minor);
  }
}

struct str podsecurity_check_name(enum podsecurity_check_id check)
{
  return check < PODSECURITY_CHECK_COUNT ? podsecurity_table[check].name : STR("wrongType");
}

/* The version of a check that applies; NULL if it came later. */
static const struct check_version *version_of(const struct check *check, uint64_t minor)
{
  const struct check_version *found = NULL;
  for (unsigned i = 0; i < check->version_count && check->versions[i].from <= minor; i++)
    found = &check->versions[i];
  return found;
}

/* A check that runs, with what it does in the version. */
struct active_check {
  const struct check *check;
  unsigned option;
};

/* In the order of the table, which is that of messages. */
static unsigned choose_checks(struct podsecurity_target target,
                              struct active_check ret_active[PODSECURITY_CHECK_COUNT])
{
  unsigned count = 0;
  uint32_t overridden = 0;
  for (int i = 0; i < PODSECURITY_CHECK_COUNT; i++)
    if (podsecurity_table[i].level <= target.level &&
        version_of(&podsecurity_table[i], target.minor))
      overridden |= podsecurity_table[i].overrides;
  for (int i = 0; i < PODSECURITY_CHECK_COUNT; i++) {
    const struct check *check = &podsecurity_table[i];
    const struct check_version *version = version_of(check, target.minor);
    if (check->level <= target.level && version && !(overridden & (1u << i)))
      ret_active[count++] = (struct active_check){check, version->option};
  }
  return count;
}

uint32_t podsecurity_checks(struct podsecurity_target target)
{
  struct active_check active[PODSECURITY_CHECK_COUNT];
  unsigned count = choose_checks(target, active);
  uint32_t bits = 0;
  for (unsigned i = 0; i < count; i++)
    bits |= 1u << (active[i].check - podsecurity_table);
  return bits;
}

void judge_add(struct judge *j, const struct podsecurity_offence *offence)
{
  struct offence_chain *chain = &j->chains[offence->check];
  struct offence_node *node = arena_new(j->arena, struct offence_node);
  node->offence = *offence;
  node->offence.breaks_baseline = offence->check == PODSECURITY_WRONG_TYPE ||
                                  podsecurity_table[offence->check].level == PODSECURITY_BASELINE;
  if (chain->last)
    chain->last->next = node;
  else
    chain->first = node;
  chain->last = node;
  chain->count++;
}

struct str judge_escape(struct judge *j, struct str key)
{
  if (!j->arena || (str_find_byte(key, 0, '/') < 0 && str_find_byte(key, 0, '~') < 0))
    return key;
  _cleanup_(buf_free) struct buf token = {0};
  pointer_add_key(&token, key);
  return arena_copy(j->arena, str_sub(buf_str(&token), 1, token.len));
}

/* Where paths within the container, or within the pod, begin. */
static struct str path_start(struct arena *arena, const struct container_facts *c)
{
  char container[KUBE_CONTAINER_POINTER_MAX];
  if (!c)
    return STR_EMPTY;
  kube_container_pointer(&c->container, container);
  return arena_printf(arena, "/spec%s", container);
}

void judge_offend(struct judge *j, enum podsecurity_check_id check, enum offence_kind kind,
                  const struct container_facts *c, struct value value, struct str word,
                  const char *path, ...)
{
  va_list args;
  j->denied = true;
  if (!j->arena)
    return;
  struct str start = path_start(j->arena, c);
  va_start(args, path);
  int len = vsnprintf(NULL, 0, path, args);
  va_end(args);
  /* keys of any length may be in it */
  char *text = arena_alloc(j->arena, start.len + (size_t)len + 1);
  if (start.len)
    memcpy(text, start.data, start.len);
  va_start(args, path);
  vsnprintf(text + start.len, (size_t)len + 1, path, args);
  va_end(args);
  struct podsecurity_offence o = {
      .check = check,
      .kind = (uint8_t)kind,
      .path = str_make(text, start.len + (size_t)len),
      .value = value,
      .word = word,
  };
  if (c) {
    o.in_container = true;
    o.serial = c->serial;
    o.container = c->container;
  }
  judge_add(j, &o);
}

void judge_mark_implied(struct judge *j, enum podsecurity_check_id check)
{
  if (j->arena)
    j->chains[check].last->offence.implied = true;
}

void judge_mark_baseline(struct judge *j, enum podsecurity_check_id check)
{
  if (j->arena)
    j->chains[check].last->offence.breaks_baseline = true;
}

void judge_name_volume(struct judge *j, enum podsecurity_check_id check, struct str name)
{
  if (j->arena)
    j->chains[check].last->offence.volume = name;
}

static void judge_containers(struct judge *j, const struct active_check *active, unsigned count)
{
  struct kube_containers it;
  struct kube_container container;
  uint32_t serial = 0;
  kube_containers_begin(&it, j->pod->spec);
  while (!judge_done(j) && kube_containers_next(&it, &container)) {
    struct container_facts c;
    if (!value_is_nil(container.value) && !value_is(container.value, VALUE_OBJECT))
      continue; /* told already */
    podsecurity_read_container(j, &container, ++serial, &c);
    for (unsigned i = 0; i < count && !judge_done(j); i++)
      if (active[i].check->container)
        active[i].check->container(j, &c, active[i].option);
  }
}

/* True if the pod is allowed. With an arena, every offence is noted. */
static bool judge_pod(struct judge *j, struct podsecurity_target target,
                      const struct podsecurity_pod *pod, struct arena *arena)
{
  struct active_check active[PODSECURITY_CHECK_COUNT];
  *j = (struct judge){.pod = pod, .arena = arena};
  if (target.level == PODSECURITY_PRIVILEGED)
    return true;
  unsigned count = choose_checks(target, active);
  podsecurity_read_pod(j);
  for (unsigned i = 0; i < count && !judge_done(j); i++)
    if (active[i].check->pod)
      active[i].check->pod(j, active[i].option);
  judge_containers(j, active, count);
  return !j->denied;
}

bool podsecurity_allows(struct podsecurity_target target, const struct podsecurity_pod *pod)
{
  struct judge j;
  return judge_pod(&j, target, pod, NULL);
}

/* The offences of one chain as an array. */
static struct podsecurity_offence *flatten(const struct offence_chain *chain,
                                           struct podsecurity_offence *to)
{
  for (const struct offence_node *node = chain->first; node; node = node->next)
    *to++ = node->offence;
  return to;
}

void podsecurity_find(struct podsecurity_target target, const struct podsecurity_pod *pod,
                      struct arena *arena, struct podsecurity_offences *ret_offences)
{
  struct judge j;
  size_t count = 0;
  *ret_offences = (struct podsecurity_offences){0};
  if (judge_pod(&j, target, pod, NULL))
    return;
  judge_pod(&j, target, pod, arena);
  for (int i = 0; i <= PODSECURITY_CHECK_COUNT; i++)
    count += j.chains[i].count;
  struct podsecurity_offence *items = arena_array(arena, struct podsecurity_offence, count);
  struct podsecurity_offence *to = items;
  for (int i = 0; i <= PODSECURITY_CHECK_COUNT; i++)
    to = flatten(&j.chains[i], to);
  *ret_offences = (struct podsecurity_offences){items, count};
}

void podsecurity_evaluate(struct podsecurity_target target, const struct podsecurity_pod *pod,
                          struct arena *arena, struct podsecurity_result *ret_result)
{
  struct podsecurity_offences found;
  struct podsecurity_violation *violations;
  size_t count = 0, i = 0;
  podsecurity_find(target, pod, arena, &found);
  *ret_result = (struct podsecurity_result){.allowed = found.count == 0};
  if (!found.count)
    return;
  violations = arena_array(arena, struct podsecurity_violation, PODSECURITY_CHECK_COUNT);
  while (i < found.count && found.items[i].check != PODSECURITY_WRONG_TYPE) {
    size_t end = i + 1;
    while (end < found.count && found.items[end].check == found.items[i].check)
      end++;
    violations[count++] = podsecurity_words(found.items + i, end - i, arena);
    i = end;
  }
  ret_result->violations = violations;
  ret_result->violation_count = count;
  ret_result->faults = found.items + i;
  ret_result->fault_count = found.count - i;
}

static void write_violation(struct buf *out, const struct podsecurity_violation *v)
{
  buf_add(out, v->reason);
  if (v->detail.len) {
    buf_add_text(out, " (");
    buf_add(out, v->detail);
    buf_add_byte(out, ')');
  }
}

struct str podsecurity_offence_message(const struct podsecurity_offence *offence,
                                       struct arena *arena)
{
  _cleanup_(buf_free) struct buf out = {0};
  if (offence->check == PODSECURITY_WRONG_TYPE) {
    podsecurity_fault_write(&out, offence);
  } else {
    struct podsecurity_violation v = podsecurity_words(offence, 1, arena);
    write_violation(&out, &v);
  }
  return arena_copy(arena, buf_str(&out));
}

static void separate(struct buf *out, size_t i)
{
  if (i)
    buf_add_text(out, ", ");
}

void podsecurity_detail_write(struct buf *out, const struct podsecurity_result *result)
{
  for (size_t i = 0; i < result->violation_count; i++) {
    separate(out, i);
    write_violation(out, &result->violations[i]);
  }
  for (size_t i = 0; i < result->fault_count; i++) {
    separate(out, result->violation_count + i);
    podsecurity_fault_write(out, &result->faults[i]);
  }
}

void podsecurity_reason_write(struct buf *out, const struct podsecurity_result *result)
{
  for (size_t i = 0; i < result->violation_count; i++) {
    separate(out, i);
    buf_add(out, result->violations[i].reason);
  }
  if (result->fault_count) {
    separate(out, result->violation_count);
    buf_add_text(out, "fields of a wrong type");
  }
}

void podsecurity_message(struct buf *out, struct str resource, struct str name,
                         struct podsecurity_target target, const struct podsecurity_result *result)
{
  buf_add(out, resource);
  if (name.len) {
    buf_add_byte(out, ' ');
    podsecurity_quote(out, name);
  }
  buf_add_text(out, " is forbidden: violates PodSecurity \"");
  podsecurity_target_write(out, target);
  buf_add_text(out, "\": ");
  podsecurity_detail_write(out, result);
}

void podsecurity_warning(struct buf *out, struct podsecurity_target target,
                         const struct podsecurity_result *result)
{
  buf_add_text(out, "would violate PodSecurity \"");
  podsecurity_target_write(out, target);
  buf_add_text(out, "\": ");
  podsecurity_detail_write(out, result);
}
