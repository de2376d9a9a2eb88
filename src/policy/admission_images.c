/* The image policy as an admission policy. */
#include "policy/admission_int.h"

#include "data/pointer.h"
#include "kube/pod.h"

static const struct str policy_id = STR_INIT("images");

static int load(struct admission_loader *l, void **ret_state, struct error *err)
{
  const struct admission_options *o = &l->snapshot->options;
  struct image_policy *policy;
  if (!o->images_enabled)
    return 0;
  int rc = image_policy_new(&o->images, &policy, err);
  if (rc < 0)
    return rc;
  *ret_state = policy;
  return admission_add_policy(l, policy_id, NULL, ADMISSION_CREATE | ADMISSION_UPDATE,
                              image_policy_resolves(policy), 0);
}

static void free_state(void *state)
{
  image_policy_free(state);
}

/* An image somewhere in an object. */
struct place {
  struct value image;
  struct str owner;   /* "container \"web\"" */
  struct str pointer; /* of the text, within the object */
};

typedef void visit_fn(struct admission_asking *a, const struct place *place);

/* ---- where images are */

static struct value old_spec(const struct kube_pod *old)
{
  return old ? old->spec : VALUE_NONE;
}

static struct value image_of_name(struct value list, struct value name, const char *const *way)
{
  for (uint32_t i = 0; value_is(list, VALUE_ARRAY) && i < list.len; i++) {
    struct value found = value_get(list.items[i], value_from("name"));
    if (!value_is(found, VALUE_STRING) || !value_eq_str(found, value_str_or_empty(name)))
      continue;
    struct value v = list.items[i];
    for (size_t k = 0; way[k]; k++)
      v = value_get(v, value_from(way[k]));
    return v;
  }
  return VALUE_NONE;
}

/* A list in a pod spec whose elements have a name and, some steps on, an image. */
struct list {
  const char *key, *word;
  const char *way[3];
};

static const struct list lists[] = {
    {"initContainers", "init container", {"image"}},
    {"containers", "container", {"image"}},
    {"ephemeralContainers", "ephemeral container", {"image"}},
    {"volumes", "volume", {"image", "reference"}},
};

static void visit_element(struct admission_asking *a, const struct list *list, struct str front,
                          uint32_t i, struct value element, struct value old_list, visit_fn *visit)
{
  struct value image = element, name = value_get(element, value_from("name"));
  struct str way = STR_EMPTY;
  for (size_t k = 0; list->way[k]; k++) {
    image = value_get(image, value_from(list->way[k]));
    way = arena_printf(a->scratch, "%.*s/%s", STR_FMT(way), list->way[k]);
  }
  /* A volume of another source, a template whose image an operator fills in. */
  if (value_is_nil(image) || (value_is(image, VALUE_STRING) && image.len == 0))
    return;
  struct value before = image_of_name(old_list, name, list->way);
  if (value_is(before, VALUE_STRING) && value_eq_str(image, value_str(before)))
    return;
  struct place place = {
      .image = image,
      .owner =
          arena_printf(a->scratch, "%s \"%.*s\"", list->word, STR_FMT(value_str_or_empty(name))),
      .pointer =
          arena_printf(a->scratch, "%.*s/%s/%u%.*s", STR_FMT(front), list->key, i, STR_FMT(way)),
  };
  visit(a, &place);
}

static void visit_spec(struct admission_asking *a, struct value spec, struct value old,
                       struct str front, visit_fn *visit)
{
  for (size_t l = 0; l < sizeof lists / sizeof *lists; l++) {
    struct value items = value_get(spec, value_from(lists[l].key));
    struct value before = value_get(old, value_from(lists[l].key));
    if (!value_is_nil(items) && !value_is(items, VALUE_ARRAY)) {
      struct place place = {items, str_from(lists[l].key), front};
      visit(a, &place);
    }
    for (uint32_t i = 0; value_is(items, VALUE_ARRAY) && i < items.len; i++)
      visit_element(a, &lists[l], front, i, items.items[i], before, visit);
  }
}

static void visit_all(struct admission_asking *a, visit_fn *visit)
{
  struct kube_pods it, old_it;
  struct kube_pod pod, old;
  bool has_old = a->has_old && a->request.operation == ADMISSION_UPDATE;
  if (str_eq(a->object.kind, STR("EphemeralContainers"))) {
    visit_spec(a, a->object.value, has_old ? a->old_object.value : VALUE_NONE, STR_EMPTY, visit);
    return;
  }
  kube_pods_begin(&it, &a->object);
  if (has_old)
    kube_pods_begin(&old_it, &a->old_object);
  while (kube_pods_next(&it, &pod)) {
    bool known = has_old && kube_pods_next(&old_it, &old);
    struct str front = kube_pod_pointer(&pod, STR("/spec"), a->scratch);
    visit_spec(a, pod.spec, old_spec(known ? &old : NULL), front, visit);
  }
}

static bool is_asked(const struct admission_asking *a)
{
  return a->has_object && admission_is_main(a) && !a->winding_down;
}

/* ---- judging */

static void check(struct admission_asking *a, struct str owner, struct str image)
{
  struct str message;
  a->asked->matched++;
  enum image_fault fault = image_policy_check(a->state, image, a->scratch, &message);
  if (fault == IMAGE_FINE)
    return;
  message = arena_printf(a->scratch, "%.*s: %.*s", STR_FMT(owner), STR_FMT(message));
  admission_tell(a, policy_id, image_fault_name(fault), ADMISSION_ACTION_DENY, message);
}

static void judge_place(struct admission_asking *a, const struct place *place)
{
  if (value_is(place->image, VALUE_STRING)) {
    check(a, place->owner, value_str(place->image));
    return;
  }
  struct str message = arena_printf(a->scratch, "%.*s: the image is %s, must be a string",
                                    STR_FMT(place->owner), kube_type_with_article(place->image));
  admission_tell(a, policy_id, image_fault_name(IMAGE_NO_REFERENCE), ADMISSION_ACTION_DENY,
                 message);
}

static void judge_review(struct admission_asking *a)
{
  for (uint32_t i = 0; i < a->images->container_count; i++)
    check(a, arena_printf(a->scratch, "container %u", i + 1), image_review_image(a->images, i));
}

static void judge(struct admission_asking *a)
{
  if (a->images)
    judge_review(a);
  else if (is_asked(a))
    visit_all(a, judge_place);
}

/* ---- writing digests */

static void resolve_place(struct admission_asking *a, const struct place *place)
{
  struct str resolved;
  struct error err;
  if (!value_is(place->image, VALUE_STRING))
    return; /* judging says so */
  a->asked->matched++;
  struct str image = value_str(place->image);
  int rc = image_policy_resolve(a->state, image, a->deadline_ns, a->arena, &resolved, &err);
  if (rc == 0 && !str_eq(resolved, image)) {
    struct patch_operation operation = {
        .verb = PATCH_REPLACE,
        .path = arena_copy(a->arena, place->pointer),
        .value = value_string(resolved),
    };
    struct patch patch = {&operation, 1};
    rc = admission_change(a, &patch, &err);
  }
  if (rc < 0)
    admission_fail(a, policy_id, STR("resolve"), "%.*s: %s", STR_FMT(place->owner), err.message);
}

static void mutate(struct admission_asking *a)
{
  if (is_asked(a))
    visit_all(a, resolve_place);
}

const struct admission_source admission_source_images = {
    .name = "image policy",
    .load = load,
    .free = free_state,
    .mutate = mutate,
    .judge = judge,
};
