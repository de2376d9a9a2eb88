#include "policy/admission_inventory.h"

#include "base/map.h"
#include "base/vec.h"
#include "data/copy.h"
#include "kube/keys.h"

#include <pthread.h>
#include <stdio.h>

enum {
  SLAB_SIZE = 256 << 10, /* bytes from which on a slab takes no more objects */
  WASTE_MIN = 4 << 20,   /* bytes of gone objects that are never worth copying for */
  LEVELS = 3,            /* group and version, kind, name */
};

/* Memory of some objects, given back when none of them is in the store or in a version. */
struct slab {
  unsigned holders; /* atomic */
  struct arena arena;
  uint64_t stamp; /* of the part that counted it last */
};

struct item {
  struct str keys[LEVELS]; /* within text */
  struct value object;
  struct slab *slab;
  size_t size;
  size_t text_length;
  char text[]; /* its key in the map, with the keys in it */
};

/* The levels of one namespace, or of the cluster, in one version or several. */
struct part {
  unsigned holders; /* atomic */
  struct arena arena;
  struct value value;
  struct slab **slabs; /* in the arena */
  size_t slab_count;
};

/* A namespace as it is by now. */
struct division {
  struct map items;  /* struct item */
  struct part *part; /* of the last version; NULL: there is none */
  bool changed;
  size_t name_length;
  char name[];
};

struct version {
  unsigned holders; /* atomic */
  struct arena arena;
  struct value tree;
  uint64_t number;
  struct part **parts; /* in the arena */
  size_t part_count;
};

struct admission_inventory_store {
  struct symbols *symbols; /* the Kubernetes field names alone: the same numbers in every table */
  struct map divisions;    /* struct division by namespace; "" is the cluster */
  struct slab *open;
  size_t objects, live, held; /* bytes of objects that are there, and of all in slabs since the last
                                 time that they were copied together */
  uint64_t unnamed, stamp, number;
  pthread_mutex_t lock; /* of `now` */
  struct version *now;  /* NULL: nothing has been published */
};

/* ---- holding */

static void hold(unsigned *holders)
{
  __atomic_add_fetch(holders, 1, __ATOMIC_RELAXED);
}

static bool drop(unsigned *holders)
{
  return __atomic_sub_fetch(holders, 1, __ATOMIC_ACQ_REL) == 0;
}

static struct slab *slab_hold(struct slab *slab)
{
  hold(&slab->holders);
  return slab;
}

static void slab_drop(struct slab *slab)
{
  if (slab && drop(&slab->holders)) {
    arena_free(&slab->arena);
    mem_free(slab);
  }
}

static void part_drop(struct part *part)
{
  if (!part || !drop(&part->holders))
    return;
  for (size_t i = 0; i < part->slab_count; i++)
    slab_drop(part->slabs[i]);
  arena_free(&part->arena);
  mem_free(part);
}

static void version_drop(struct version *version)
{
  if (!version || !drop(&version->holders))
    return;
  for (size_t i = 0; i < version->part_count; i++)
    part_drop(version->parts[i]);
  arena_free(&version->arena);
  mem_free(version);
}

/* ---- the store */

struct admission_inventory_store *admission_inventory_store_new(void)
{
  struct admission_inventory_store *store = mem_zalloc(1, sizeof *store);
  store->symbols = kube_symbols_new();
  map_init(&store->divisions, NULL);
  pthread_mutex_init(&store->lock, NULL);
  return store;
}

static void item_free(struct item *item)
{
  slab_drop(item->slab);
  mem_free(item);
}

static void free_items(struct division *d)
{
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(&d->items, &at));)
    item_free(e->value.pointer);
  map_free(&d->items);
}

static void division_free(struct division *d)
{
  free_items(d);
  part_drop(d->part);
  mem_free(d);
}

void admission_inventory_store_free(struct admission_inventory_store *store)
{
  size_t at = 0;
  if (!store)
    return;
  for (struct map_entry *e; (e = map_next(&store->divisions, &at));)
    division_free(e->value.pointer);
  map_free(&store->divisions);
  slab_drop(store->open);
  version_drop(store->now);
  symbols_free(store->symbols);
  pthread_mutex_destroy(&store->lock);
  mem_free(store);
}

size_t admission_inventory_count(const struct admission_inventory_store *store)
{
  return store->objects;
}

/* ---- objects in slabs */

static struct slab *open_slab(struct admission_inventory_store *store)
{
  if (store->open && arena_used(&store->open->arena) < SLAB_SIZE)
    return store->open;
  slab_drop(store->open);
  store->open = mem_zalloc(1, sizeof *store->open);
  store->open->holders = 1;
  arena_init(&store->open->arena, 0);
  return store->open;
}

static int too_much(struct error *err)
{
  return error_set(err, SW_ELIMIT, "the inventory has more than %d MiB of objects",
                   ADMISSION_INVENTORY_MEMORY_MAX >> 20);
}

/* Copies a tree into a slab, as the item's object. What fails leaves the item as it was. */
static int settle(struct admission_inventory_store *store, struct item *item, struct value object,
                  struct error *err)
{
  struct value copy;
  if (store->live >= ADMISSION_INVENTORY_MEMORY_MAX)
    return too_much(err);
  struct slab *slab = open_slab(store);
  size_t before = arena_used(&slab->arena);
  slab->arena.limit = before + (ADMISSION_INVENTORY_MEMORY_MAX - store->live);
  int rc = value_copy(&slab->arena, object, store->symbols, &copy, err);
  size_t size = arena_used(&slab->arena) - before;
  store->held += size;
  if (rc == 0 && arena_over(&slab->arena))
    rc = too_much(err);
  if (rc < 0)
    return rc;
  store->live += size - item->size;
  slab_drop(item->slab);
  item->slab = slab_hold(slab);
  item->object = copy;
  item->size = size;
  return 0;
}

/* Copies what is there together, so that slabs with little in them are given back. */
static void compact(struct admission_inventory_store *store)
{
  size_t at = 0;
  if (store->held - store->live < WASTE_MIN || store->held < 2 * store->live)
    return;
  slab_drop(store->open);
  store->open = NULL;
  store->held = store->live;
  for (struct map_entry *e; (e = map_next(&store->divisions, &at));) {
    struct division *d = e->value.pointer;
    size_t i = 0;
    d->changed = true;
    for (struct map_entry *f; (f = map_next(&d->items, &i));) {
      struct item *item = f->value.pointer;
      size_t size = item->size;
      store->held -= size;
      store->live -= size;
      item->size = 0;
      if (settle(store, item, item->object, NULL) < 0) { /* it was copied before, so it can be */
        item->size = size;
        store->live += size;
      }
    }
  }
}

/* ---- putting and taking out */

static struct division *division_of(struct admission_inventory_store *store, struct str namespace)
{
  union map_value *slot = map_get(&store->divisions, namespace);
  if (slot)
    return slot->pointer;
  struct division *d = mem_zalloc(1, sizeof *d + namespace.len + 1);
  memcpy(d->name, namespace.len ? namespace.data : "", namespace.len);
  d->name_length = namespace.len;
  map_init(&d->items, NULL);
  map_put(&store->divisions, str_make(d->name, d->name_length), NULL)->pointer = d;
  return d;
}

/* Group and version, kind, name, as one text, with their lengths in front. */
static void write_key(struct buf *out, const struct kube_object *o, struct str name)
{
  const struct str keys[LEVELS] = {o->api_version, o->kind, name};
  for (int i = 0; i < LEVELS; i++)
    buf_add(out, str_make((const char *)&keys[i].len, sizeof keys[i].len));
  for (int i = 0; i < LEVELS; i++)
    buf_add(out, keys[i]);
}

static struct item *item_new(struct str text, const struct kube_object *o, struct str name)
{
  const size_t lengths[LEVELS] = {o->api_version.len, o->kind.len, name.len};
  struct item *item = mem_zalloc(1, sizeof *item + text.len);
  memcpy(item->text, text.data, text.len);
  item->text_length = text.len;
  const char *at = item->text + sizeof lengths;
  for (int i = 0; i < LEVELS; i++) {
    item->keys[i] = str_make(at, lengths[i]);
    at += lengths[i];
  }
  return item;
}

/* Items of typed lists inherit these. */
static struct value complete(struct arena *a, const struct kube_object *o)
{
  struct value object = o->value;
  if (value_is_nil(value_get(object, kube_key(KUBE_API_VERSION))))
    object = value_object_with(a, object, kube_key(KUBE_API_VERSION), value_string(o->api_version));
  if (value_is_nil(value_get(object, kube_key(KUBE_KIND))))
    object = value_object_with(a, object, kube_key(KUBE_KIND), value_string(o->kind));
  return object;
}

static int put(struct admission_inventory_store *store, const struct kube_object *o,
               struct arena *scratch, struct error *err)
{
  _cleanup_(buf_free) struct buf key = {0};
  struct division *d = division_of(store, o->namespace);
  struct str name = o->name;
  if (!name.len)
    name = arena_printf(scratch, "%.*s*%llu", STR_FMT(o->generate_name),
                        (unsigned long long)store->unnamed++);
  write_key(&key, o, name);
  union map_value *slot = map_get(&d->items, buf_str(&key));
  struct item *item = slot ? slot->pointer : item_new(buf_str(&key), o, name);
  int rc = settle(store, item, complete(scratch, o), err);
  if (rc == 0) {
    d->changed = true;
    if (!slot)
      map_put(&d->items, str_make(item->text, item->text_length), NULL)->pointer = item;
    store->objects += !slot;
  } else if (!slot) {
    item_free(item);
  }
  return rc;
}

int admission_inventory_put(struct admission_inventory_store *store,
                            const struct kube_object *object, struct error *err)
{
  struct arena scratch;
  if (!object->is_object)
    return error_set(err, SW_EINVAL, "an object of the inventory needs apiVersion and kind");
  if (store->objects >= ADMISSION_INVENTORY_OBJECTS_MAX)
    return error_set(err, SW_ELIMIT, "the inventory has more than %d objects",
                     ADMISSION_INVENTORY_OBJECTS_MAX);
  arena_init(&scratch, 0);
  int rc = put(store, object, &scratch, err);
  arena_free(&scratch);
  return rc;
}

bool admission_inventory_remove(struct admission_inventory_store *store,
                                const struct kube_object *object)
{
  _cleanup_(buf_free) struct buf key = {0};
  union map_value *slot = map_get(&store->divisions, object->namespace);
  if (!slot)
    return false;
  struct division *d = slot->pointer;
  write_key(&key, object, object->name);
  union map_value *found = map_get(&d->items, buf_str(&key));
  if (!found)
    return false;
  struct item *item = found->pointer;
  map_remove(&d->items, buf_str(&key));
  store->live -= item->size;
  store->objects--;
  item_free(item);
  d->changed = true;
  return true;
}

void admission_inventory_clear(struct admission_inventory_store *store)
{
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(&store->divisions, &at));) {
    struct division *d = e->value.pointer;
    free_items(d);
    map_init(&d->items, NULL);
    d->changed = true;
  }
  store->objects = store->live = store->held = 0;
}

/* ---- versions */

static int compare_items(const void *a, const void *b)
{
  const struct item *x = *(const struct item *const *)a, *y = *(const struct item *const *)b;
  int order = 0;
  for (int i = 0; order == 0 && i < LEVELS; i++)
    order = str_compare(x->keys[i], y->keys[i]);
  return order;
}

struct members VEC_BODY(struct value_member);

static struct value object_of(struct arena *a, const struct members *m)
{
  struct value made;
  value_object_make(a, m->items, NULL, (uint32_t)m->count, VALUE_LAST_WINS, NULL, &made);
  return made;
}

static void add_member(const struct admission_inventory_store *store, struct members *m,
                       struct str key, struct value value)
{
  struct value_member member = {value_string(key), value};
  member.key.symbol = symbols_find(store->symbols, key);
  vec_push(m, member);
}

/* The object of items[0..count), which agree on all levels above; they are sorted. */
static struct value make_level(const struct admission_inventory_store *store, struct arena *a,
                               struct item *const *items, size_t count, unsigned level)
{
  struct members members = {0};
  for (size_t i = 0; i < count;) {
    struct str key = items[i]->keys[level];
    size_t end = i + 1;
    while (end < count && str_eq(items[end]->keys[level], key))
      end++;
    struct value below = level == LEVELS - 1 ? items[i]->object
                                             : make_level(store, a, items + i, end - i, level + 1);
    add_member(store, &members, arena_copy(a, key), below);
    i = end;
  }
  struct value made = object_of(a, &members);
  vec_free(&members);
  return made;
}

static struct part *make_part(struct admission_inventory_store *store, const struct division *d)
{
  struct part *part = mem_zalloc(1, sizeof *part);
  VEC(struct item *) items = {0};
  size_t at = 0;
  part->holders = 1;
  arena_init(&part->arena, 0);
  for (struct map_entry *e; (e = map_next(&d->items, &at));)
    vec_push(&items, e->value.pointer);
  if (items.count)
    qsort(items.items, items.count, sizeof *items.items, compare_items);
  part->value = make_level(store, &part->arena, items.items, items.count, 0);
  part->slabs = arena_array(&part->arena, struct slab *, items.count);
  store->stamp++;
  for (size_t i = 0; i < items.count; i++) {
    struct slab *slab = items.items[i]->slab;
    if (slab->stamp != store->stamp)
      part->slabs[part->slab_count++] = slab_hold(slab);
    slab->stamp = store->stamp;
  }
  vec_free(&items);
  return part;
}

/* Namespaces that are empty go; others get their levels anew if something changed. */
static void refresh(struct admission_inventory_store *store)
{
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(&store->divisions, &at));) {
    struct division *d = e->value.pointer;
    if (d->changed) {
      part_drop(d->part);
      d->part = d->items.count ? make_part(store, d) : NULL;
      d->changed = false;
    }
    if (!d->items.count) {
      map_remove(&store->divisions, e->key);
      division_free(d);
    }
  }
}

static struct version *make_version(struct admission_inventory_store *store)
{
  struct version *v = mem_zalloc(1, sizeof *v);
  struct members namespaces = {0}, top = {0};
  size_t at = 0;
  v->holders = 1;
  v->number = ++store->number;
  arena_init(&v->arena, 0);
  v->parts = arena_array(&v->arena, struct part *, store->divisions.count);
  for (struct map_entry *e; (e = map_next(&store->divisions, &at));) {
    const struct division *d = e->value.pointer;
    hold(&d->part->holders);
    v->parts[v->part_count++] = d->part;
    if (e->key.len)
      add_member(store, &namespaces, arena_copy(&v->arena, e->key), d->part->value);
    else
      add_member(store, &top, STR("cluster"), d->part->value);
  }
  if (namespaces.count)
    add_member(store, &top, STR("namespace"), object_of(&v->arena, &namespaces));
  v->tree = object_of(&v->arena, &top);
  vec_free(&namespaces);
  vec_free(&top);
  return v;
}

void admission_inventory_publish(struct admission_inventory_store *store)
{
  compact(store);
  refresh(store);
  struct version *made = make_version(store);
  pthread_mutex_lock(&store->lock);
  struct version *old = store->now;
  store->now = made;
  pthread_mutex_unlock(&store->lock);
  version_drop(old);
}

/* ---- the service */

static bool acquire(void *ctx, struct admission_inventory_version *ret)
{
  struct admission_inventory_store *store = ctx;
  pthread_mutex_lock(&store->lock);
  struct version *v = store->now;
  if (v)
    hold(&v->holders);
  pthread_mutex_unlock(&store->lock);
  if (v)
    *ret = (struct admission_inventory_version){v->tree, v->number, v};
  return v != NULL;
}

static void release(void *ctx, struct admission_inventory_version *version)
{
  (void)ctx;
  version_drop(version->held);
}

struct admission_inventory admission_inventory_service(struct admission_inventory_store *store)
{
  return (struct admission_inventory){acquire, release, store};
}
