/*
 * Any JSON as a manifest: taken apart, its pods found, judged at every level and scanned.
 */
#include "policy/podsecurity.h"
#include "data/json.h"
#include "data/pointer.h"
#include "finding/finding.h"
#include "kube/keys.h"
#include "kube/object.h"
#include "kube/pod.h"
#include "policy/podsecurity_scan.h"

#include <assert.h>

static struct symbols *symbols;

/* The verdict, by all three ways, which must agree; writing the words must not fail. */
static bool judge(struct podsecurity_target target, const struct podsecurity_pod *pod,
                  struct arena *arena)
{
  struct podsecurity_result result;
  struct podsecurity_offences found;
  struct buf out = {0};
  size_t used = arena_used(arena);
  podsecurity_evaluate(target, pod, arena, &result);
  assert(result.allowed == podsecurity_allows(target, pod));
  assert(result.allowed == (result.violation_count + result.fault_count == 0));
  assert(!result.allowed || arena_used(arena) == used);
  podsecurity_find(target, pod, arena, &found);
  assert(result.allowed == (found.count == 0));
  podsecurity_message(&out, STR("pods"), STR("test"), target, &result);
  for (size_t i = 0; i < found.count; i++) {
    assert(pointer_check(found.items[i].path, NULL) == 0);
    assert(podsecurity_offence_message(&found.items[i], arena).len > 0);
  }
  buf_free(&out);
  return result.allowed;
}

/* The pod with one more container, which is privileged. */
static struct podsecurity_pod with_privileged(const struct podsecurity_pod *pod,
                                              struct arena *arena)
{
  struct podsecurity_pod changed = *pod;
  struct value context, container, containers = value_get(pod->spec, kube_key(KUBE_CONTAINERS));
  struct value_member privileged = {kube_key(KUBE_PRIVILEGED), value_bool(true)};
  value_object_make(arena, &privileged, NULL, 1, VALUE_LAST_WINS, NULL, &context);
  struct value_member member = {kube_key(KUBE_SECURITY_CONTEXT), context};
  value_object_make(arena, &member, NULL, 1, VALUE_LAST_WINS, NULL, &container);
  containers = value_is(containers, VALUE_ARRAY)
                   ? value_array_insert(arena, containers, containers.len, container)
                   : value_array_make(arena, &container, NULL, 1);
  changed.spec = value_object_with(arena, pod->spec, kube_key(KUBE_CONTAINERS), containers);
  return changed;
}

static void try_versions(const struct podsecurity_pod *pod, struct arena *arena)
{
  static const uint64_t minors[] = {0,  8,  18, 19, 22, 23, 25,
                                    27, 31, 34, 35, 37, 99, PODSECURITY_LATEST};
  for (size_t i = 0; i < sizeof minors / sizeof minors[0]; i++) {
    struct podsecurity_target t = {PODSECURITY_PRIVILEGED, minors[i]};
    assert(podsecurity_allows(t, pod));
    t.level = PODSECURITY_BASELINE;
    bool baseline = judge(t, pod, arena);
    t.level = PODSECURITY_RESTRICTED;
    bool restricted = judge(t, pod, arena);
    assert(baseline || !restricted);
    if (!value_is(pod->spec, VALUE_OBJECT))
      continue;
    struct podsecurity_pod privileged = with_privileged(pod, arena);
    assert(!podsecurity_allows(t, &privileged));
    t.level = PODSECURITY_BASELINE;
    assert(!podsecurity_allows(t, &privileged));
  }
}

static void scan(const struct kube_object *object, struct value root, struct arena *arena)
{
  struct podsecurity_target target = {PODSECURITY_RESTRICTED, PODSECURITY_LATEST};
  struct location place = {.file = STR("x")};
  struct finding_list list;
  finding_list_init(&list, arena);
  podsecurity_scan(&list, object, target, &place);
  for (size_t i = 0; i < list.count; i++) {
    struct pointer_place found;
    struct error err;
    assert(pointer_find(root, list.items[i].location.pointer, &found, &err) == 0);
    assert(list.items[i].location.line > 0);
    assert(list.items[i].message.len > 0);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena;
  struct value root;
  struct kube_objects it;
  struct kube_object object;
  if (!symbols)
    symbols = kube_symbols_new();
  if (size < 1)
    return 0;
  arena_init(&arena, 0);
  /* the first byte chooses whether keys get their numbers */
  struct json_options options = {.symbols = data[0] & 1 ? symbols : NULL, .positions = true};
  struct str text = str_make((const char *)data + 1, size - 1);
  if (json_parse(&arena, text, &options, &root, NULL) == 0) {
    kube_objects_begin(&it, root, (struct value_position){1, 1});
    while (kube_objects_next(&it, &object)) {
      struct kube_pods pods;
      struct kube_pod pod;
      (void)kube_object_reason(&object, &arena);
      if (!object.is_object)
        continue;
      scan(&object, root, &arena);
      kube_pods_begin(&pods, &object);
      while (kube_pods_next(&pods, &pod)) {
        struct podsecurity_pod judged = {pod.metadata, pod.spec, pod.is_pod};
        (void)kube_pod_reason(&pod, &arena);
        (void)kube_pod_fault_pointer(&pod, &arena);
        try_versions(&judged, &arena);
      }
    }
    struct podsecurity_pod raw = {value_get(root, kube_key(KUBE_METADATA)), root, true};
    try_versions(&raw, &arena);
  }
  arena_free(&arena);
  return 0;
}
