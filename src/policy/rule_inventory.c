#include "policy/rule_inventory.h"

#include "base/map.h"
#include "base/vec.h"
#include "data/copy.h"
#include "kube/keys.h"
#include "kube/pod.h"

/* An object that was kept. */
struct entry {
  struct kube_object object; /* its texts and values in the inventory's arena */
  struct location place;
  struct value summary; /* of a workload; absent: none */
  struct value listed;  /* as it stands in the document, of a kind that is needed */
  int32_t kind;         /* number in needs.kinds; -1: kept as a workload only */
};

struct rule_inventory {
  struct rule_needs needs;
  const struct symbols *symbols;
  struct arena arena;
  VEC(struct entry) entries;
  struct value value; /* absent until it has been asked for */
};

static bool is_kind(const struct kube_object *object, const struct rule_kind *kind)
{
  return str_eq(object->kind, kind->kind) && str_eq(object->group, kind->group);
}

static int32_t kind_number(const struct rule_needs *needs, const struct kube_object *object)
{
  for (size_t i = 0; i < needs->kind_count; i++)
    if (is_kind(object, &needs->kinds[i]))
      return (int32_t)i;
  return -1;
}

static bool find_pod(const struct kube_object *object, struct kube_pod *ret)
{
  struct kube_pods it;
  kube_pods_begin(&it, object);
  return kube_pods_next(&it, ret); /* without a template too: others may refer to it */
}

bool rule_needs_object(const struct rule_needs *needs, const struct kube_object *object)
{
  struct kube_pod pod;
  return needs->everything || kind_number(needs, object) >= 0 ||
         (needs->workloads && find_pod(object, &pod));
}

struct rule_inventory *rule_inventory_new(struct rule_needs needs, const struct symbols *symbols)
{
  struct rule_inventory *inventory = mem_zalloc(1, sizeof *inventory);
  inventory->needs = needs;
  inventory->symbols = symbols;
  arena_init(&inventory->arena, RULE_INVENTORY_MAX);
  return inventory;
}

void rule_inventory_free(struct rule_inventory *inventory)
{
  if (!inventory)
    return;
  vec_free(&inventory->entries);
  arena_free(&inventory->arena);
  mem_free(inventory);
}

/* ---- making values */

enum { MEMBERS_MAX = 20 };

struct members {
  struct rule_inventory *inventory;
  struct value_member list[MEMBERS_MAX];
  uint32_t count;
};

/* Nothing is added for an absent value. */
static void put(struct members *m, const char *key, struct value value)
{
  if (value_is(value, VALUE_ABSENT))
    return;
  struct value name = value_from(key);
  name.symbol = symbols_find(m->inventory->symbols, value_str(name));
  m->list[m->count++] = (struct value_member){name, value};
}

static struct value finish(struct members *m)
{
  struct value made;
  value_object_make_any(&m->inventory->arena, m->list, NULL, m->count, VALUE_LAST_WINS, NULL,
                        &made);
  return made;
}

static struct value empty_object(struct rule_inventory *inventory)
{
  struct members none = {.inventory = inventory};
  return finish(&none);
}

/* A copy, or an empty object if it is none; the arena's limit is looked at by who calls. */
static struct value copy_or_empty(struct rule_inventory *inventory, struct value v)
{
  struct value made;
  if (!value_is(v, VALUE_OBJECT) || value_copy(&inventory->arena, v, NULL, &made, NULL) < 0)
    return empty_object(inventory);
  return made;
}

static struct value copy_if(struct rule_inventory *inventory, struct value v, enum value_type type)
{
  struct value made;
  if (!value_is(v, type) || value_copy(&inventory->arena, v, NULL, &made, NULL) < 0)
    return VALUE_NONE;
  return made;
}

static struct value keep_text(struct rule_inventory *inventory, struct str text)
{
  return value_string(arena_copy(&inventory->arena, text));
}

/* ---- workloads */

static struct value ports_of(struct rule_inventory *inventory, struct value spec)
{
  VEC(struct value) ports = {0};
  struct kube_containers it;
  struct kube_container c;
  kube_containers_begin(&it, spec);
  while (kube_containers_next(&it, &c)) {
    struct value list = value_get(c.value, kube_key(KUBE_PORTS));
    for (uint32_t i = 0; value_is(list, VALUE_ARRAY) && i < list.len; i++) {
      struct value copy = copy_if(inventory, list.items[i], VALUE_OBJECT);
      if (!value_is(copy, VALUE_ABSENT))
        vec_push(&ports, copy);
    }
  }
  struct value made = value_array_make(&inventory->arena, ports.items, NULL, (uint32_t)ports.count);
  vec_free(&ports);
  return made;
}

/* What the environment of containers is taken from. */
struct references {
  struct rule_inventory *inventory;
  VEC(struct value) list;
  const struct kube_container *container;
};

static void add_reference(struct references *r, const char *kind, const char *list, uint32_t index,
                          struct value source)
{
  struct members m = {.inventory = r->inventory};
  struct str name = value_str_or_empty(value_get_str(source, STR("name")));
  if (!name.len)
    return;
  put(&m, "kind", value_from(kind));
  put(&m, "name", keep_text(r->inventory, name));
  put(&m, "key", copy_if(r->inventory, value_get_str(source, STR("key")), VALUE_STRING));
  put(&m, "optional", value_bool(value_is_true(value_get_str(source, STR("optional")))));
  put(&m, "container", keep_text(r->inventory, r->container->name));
  put(&m, "containers", value_string(kube_container_list_name(r->container->list)));
  put(&m, "container_index", value_int(r->container->index));
  put(&m, "list", value_from(list));
  put(&m, "index", value_int(index));
  vec_push(&r->list, finish(&m));
}

static void add_references(struct references *r)
{
  struct value env = value_get(r->container->value, kube_key(KUBE_ENV));
  struct value from = value_get(r->container->value, kube_key(KUBE_ENV_FROM));
  for (uint32_t i = 0; value_is(env, VALUE_ARRAY) && i < env.len; i++) {
    struct value source = value_get_str(env.items[i], STR("valueFrom"));
    add_reference(r, "Secret", "env", i, value_get_str(source, STR("secretKeyRef")));
    add_reference(r, "ConfigMap", "env", i, value_get_str(source, STR("configMapKeyRef")));
  }
  for (uint32_t i = 0; value_is(from, VALUE_ARRAY) && i < from.len; i++) {
    add_reference(r, "Secret", "envFrom", i, value_get_str(from.items[i], STR("secretRef")));
    add_reference(r, "ConfigMap", "envFrom", i, value_get_str(from.items[i], STR("configMapRef")));
  }
}

static struct value references_of(struct rule_inventory *inventory, struct value spec)
{
  struct kube_containers it;
  struct kube_container c;
  struct references r = {.inventory = inventory, .container = &c};
  kube_containers_begin(&it, spec);
  while (kube_containers_next(&it, &c))
    add_references(&r);
  struct value made =
      value_array_make(&inventory->arena, r.list.items, NULL, (uint32_t)r.list.count);
  vec_free(&r.list);
  return made;
}

static struct value account_of(struct rule_inventory *inventory, struct value spec)
{
  struct value name = value_get_str(spec, STR("serviceAccountName"));
  if (!value_is(name, VALUE_STRING) || !name.len)
    name = value_get_str(spec, STR("serviceAccount"));
  return value_is(name, VALUE_STRING) && name.len ? keep_text(inventory, value_str(name))
                                                  : value_from("default");
}

/* From the object's root to the template. */
static struct value path_of(struct rule_inventory *inventory, const struct kube_pod *pod)
{
  struct value steps[KUBE_POD_STEPS_MAX];
  for (unsigned i = 0; i < pod->step_count; i++)
    steps[i] = pod->steps[i].key.data ? keep_text(inventory, pod->steps[i].key)
                                      : value_int(pod->steps[i].index);
  return value_array_make(&inventory->arena, steps, NULL, pod->step_count);
}

static struct value summarize(struct rule_inventory *inventory, const struct kube_object *object,
                              const struct kube_pod *pod, int64_t id)
{
  struct members m = {.inventory = inventory};
  struct value spec = value_get(object->value, kube_key(KUBE_SPEC));
  put(&m, "id", value_int(id));
  put(&m, "api_version", value_string(object->api_version));
  put(&m, "group", value_string(object->group));
  put(&m, "kind", value_string(object->kind));
  put(&m, "namespace", value_string(object->namespace));
  put(&m, "name", value_string(object->name));
  put(&m, "labels", copy_or_empty(inventory, object->labels));
  put(&m, "pod_labels", copy_or_empty(inventory, value_get(pod->metadata, kube_key(KUBE_LABELS))));
  put(&m, "service_account", account_of(inventory, pod->spec));
  put(&m, "path", path_of(inventory, pod));
  put(&m, "replicas", copy_if(inventory, value_get(spec, kube_key(KUBE_REPLICAS)), VALUE_NUMBER));
  put(&m, "selector", copy_if(inventory, value_get(spec, kube_key(KUBE_SELECTOR)), VALUE_OBJECT));
  put(&m, "ports", ports_of(inventory, pod->spec));
  put(&m, "references", references_of(inventory, pod->spec));
  put(&m, "host_network", value_bool(value_is_true(value_get_str(pod->spec, STR("hostNetwork")))));
  put(&m, "automount",
      copy_if(inventory, value_get(pod->spec, kube_key(KUBE_AUTOMOUNT_SERVICE_ACCOUNT_TOKEN)),
              VALUE_BOOL));
  return finish(&m);
}

/* ---- objects */

/* Without what it keeps secret: the keys stay, the values become null. */
static struct value redact(struct rule_inventory *inventory, struct value object)
{
  static const char *const fields[] = {"data", "stringData", "binaryData"};
  for (int f = 0; f < 3; f++) {
    struct value values = value_get_str(object, str_from(fields[f]));
    if (!value_is(values, VALUE_OBJECT))
      continue;
    struct value_member *list = arena_array(&inventory->arena, struct value_member, values.len);
    for (uint32_t i = 0; i < values.len; i++)
      list[i] = (struct value_member){values.members[i].key, value_null()};
    struct value made;
    value_object_make_any(&inventory->arena, list, NULL, values.len, VALUE_LAST_WINS, NULL, &made);
    object = value_object_with(&inventory->arena, object, value_from(fields[f]), made);
  }
  return object;
}

static bool holds_secrets(const struct kube_object *object)
{
  return object->group.len == 0 &&
         (str_eq(object->kind, STR("Secret")) || str_eq(object->kind, STR("ConfigMap")));
}

/* The object with all texts in the arena: read again from a copy of what is needed of it. */
static int keep_object(struct rule_inventory *inventory, const struct kube_object *object,
                       bool whole, struct kube_object *ret, struct error *err)
{
  struct value kept = object->value;
  if (!whole) { /* what a subject is made of */
    struct members m = {.inventory = inventory};
    put(&m, "apiVersion", value_string(object->api_version));
    put(&m, "kind", value_string(object->kind));
    put(&m, "metadata", object->metadata);
    kept = finish(&m);
  }
  struct value copied;
  int rc = value_copy(&inventory->arena, kept, NULL, &copied, err);
  if (rc < 0)
    return rc;
  *ret = *object; /* items of typed lists inherit apiVersion and kind: take these over */
  ret->api_version = arena_copy(&inventory->arena, object->api_version);
  ret->group = arena_copy(&inventory->arena, object->group);
  ret->version = arena_copy(&inventory->arena, object->version);
  ret->kind = arena_copy(&inventory->arena, object->kind);
  ret->name = arena_copy(&inventory->arena, object->name);
  ret->generate_name = arena_copy(&inventory->arena, object->generate_name);
  ret->namespace = arena_copy(&inventory->arena, object->namespace);
  ret->value = copied;
  ret->metadata = value_get(copied, kube_key(KUBE_METADATA));
  ret->labels = value_get(ret->metadata, kube_key(KUBE_LABELS));
  ret->annotations = value_get(ret->metadata, kube_key(KUBE_ANNOTATIONS));
  return 0;
}

int rule_inventory_add(struct rule_inventory *inventory, const struct kube_object *object,
                       const struct location *place, struct error *err)
{
  struct kube_pod pod;
  struct entry entry = {.kind = kind_number(&inventory->needs, object), .place = *place};
  bool workload = inventory->needs.workloads && find_pod(object, &pod);
  bool whole = entry.kind >= 0 || inventory->needs.everything;
  if (!whole && !workload)
    return 0;
  int rc = keep_object(inventory, object, whole, &entry.object, err);
  if (rc < 0)
    return rc;
  entry.place.file = arena_copy(&inventory->arena, place->file);
  if (workload) {
    struct kube_object named = entry.object;
    named.value = object->value;
    entry.summary = summarize(inventory, &named, &pod, (int64_t)inventory->entries.count);
  }
  if (arena_over(&inventory->arena))
    return error_set(err, SW_ELIMIT, "more than %d MiB of objects", RULE_INVENTORY_MAX >> 20);
  vec_push(&inventory->entries, entry);
  return 0;
}

bool rule_inventory_has(const struct rule_inventory *inventory, const struct rule_kind *kinds,
                        size_t count, bool workloads)
{
  for (size_t i = 0; i < inventory->entries.count; i++) {
    const struct entry *e = &inventory->entries.items[i];
    if (workloads && !value_is(e->summary, VALUE_ABSENT))
      return true;
    for (size_t k = 0; e->kind >= 0 && k < count; k++)
      if (is_kind(&e->object, &kinds[k]))
        return true;
  }
  return false;
}

/* ---- the document */

static struct value object_entry(struct rule_inventory *inventory, size_t id)
{
  const struct entry *e = &inventory->entries.items[id];
  struct members m = {.inventory = inventory};
  put(&m, "id", value_int((int64_t)id));
  put(&m, "namespace", value_string(e->object.namespace));
  put(&m, "name", value_string(e->object.name));
  put(&m, "object",
      holds_secrets(&e->object) ? redact(inventory, e->object.value) : e->object.value);
  return finish(&m);
}

/* Numbers of entries: all, or those of a namespace. */
struct bucket {
  struct str namespace;
  VEC(size_t) entries;
};

/* Entries of a bucket that belong to a kind (-1: workloads), as an array. */
static struct value entries_of(struct rule_inventory *inventory, const struct bucket *bucket,
                               int32_t kind)
{
  VEC(struct value) list = {0};
  for (size_t i = 0; i < bucket->entries.count; i++) {
    const struct entry *e = &inventory->entries.items[bucket->entries.items[i]];
    if (kind < 0 && !value_is(e->summary, VALUE_ABSENT))
      vec_push(&list, e->summary);
    else if (kind >= 0 && e->kind == kind)
      vec_push(&list, e->listed);
  }
  struct value made = value_array_make(&inventory->arena, list.items, NULL, (uint32_t)list.count);
  vec_free(&list);
  return made;
}

static struct value kind_key(struct rule_inventory *inventory, const struct rule_kind *k)
{
  struct str name = k->group.len ? arena_printf(&inventory->arena, "%.*s/%.*s", STR_FMT(k->group),
                                                STR_FMT(k->kind))
                                 : k->kind;
  struct value key = value_string(name);
  key.symbol = symbols_find(inventory->symbols, name);
  return key;
}

/* {"objects": {KIND: [...]}, "workloads": [...]} of a bucket. */
static void put_bucket(struct members *m, const struct bucket *bucket, const struct value *keys)
{
  struct rule_inventory *inventory = m->inventory;
  size_t count = inventory->needs.kind_count;
  struct value_member *list = arena_array(&inventory->arena, struct value_member, count);
  for (size_t i = 0; i < count; i++)
    list[i] = (struct value_member){keys[i], entries_of(inventory, bucket, (int32_t)i)};
  struct value objects;
  value_object_make_any(&inventory->arena, list, NULL, (uint32_t)count, VALUE_LAST_WINS, NULL,
                        &objects);
  put(m, "objects", objects);
  put(m, "workloads", entries_of(inventory, bucket, -1));
}

struct buckets {
  struct bucket all;
  VEC(struct bucket) namespaces;
};

static void sort_entries(struct rule_inventory *inventory, struct buckets *buckets)
{
  struct map numbers;
  map_init(&numbers, NULL);
  for (size_t i = 0; i < inventory->entries.count; i++) {
    struct entry *e = &inventory->entries.items[i];
    bool added;
    uint64_t *number = &map_put(&numbers, e->object.namespace, &added)->number;
    if (added) {
      *number = buckets->namespaces.count;
      vec_push(&buckets->namespaces, (struct bucket){.namespace = e->object.namespace});
    }
    if (e->kind >= 0)
      e->listed = object_entry(inventory, i);
    vec_push(&buckets->namespaces.items[*number].entries, i);
    vec_push(&buckets->all.entries, i);
  }
  map_free(&numbers);
}

static struct value namespaces_object(struct rule_inventory *inventory,
                                      const struct buckets *buckets, const struct value *keys)
{
  size_t count = buckets->namespaces.count;
  struct value_member *list = arena_array(&inventory->arena, struct value_member, count);
  for (size_t i = 0; i < count; i++) {
    struct members m = {.inventory = inventory};
    put_bucket(&m, &buckets->namespaces.items[i], keys);
    list[i] =
        (struct value_member){value_string(buckets->namespaces.items[i].namespace), finish(&m)};
    list[i].key.symbol = symbols_find(inventory->symbols, buckets->namespaces.items[i].namespace);
  }
  struct value made;
  value_object_make_any(&inventory->arena, list, NULL, (uint32_t)count, VALUE_LAST_WINS, NULL,
                        &made);
  return made;
}

struct value rule_inventory_value(struct rule_inventory *inventory)
{
  if (!value_is(inventory->value, VALUE_ABSENT))
    return inventory->value;
  struct members inner = {.inventory = inventory}, outer = {.inventory = inventory};
  struct buckets buckets = {0};
  struct value *keys = arena_array(&inventory->arena, struct value, inventory->needs.kind_count);
  for (size_t i = 0; i < inventory->needs.kind_count; i++)
    keys[i] = kind_key(inventory, &inventory->needs.kinds[i]);
  sort_entries(inventory, &buckets);
  put_bucket(&inner, &buckets.all, keys);
  put(&inner, "by_namespace", namespaces_object(inventory, &buckets, keys));
  put(&outer, "inventory", finish(&inner));
  for (size_t i = 0; i < buckets.namespaces.count; i++)
    vec_free(&buckets.namespaces.items[i].entries);
  vec_free(&buckets.namespaces);
  vec_free(&buckets.all.entries);
  inventory->value = finish(&outer);
  return inventory->value;
}

size_t rule_inventory_count(const struct rule_inventory *inventory)
{
  return inventory->entries.count;
}

bool rule_inventory_object(const struct rule_inventory *inventory, int64_t id,
                           struct kube_object *ret_object, struct location *ret_place)
{
  if (id < 0 || (uint64_t)id >= inventory->entries.count)
    return false;
  *ret_object = inventory->entries.items[id].object;
  *ret_place = inventory->entries.items[id].place;
  return true;
}
