/* data.inventory: a set of objects as a tree, and its Namespaces by name. */
#include "data/copy.h"
#include "policy/gatekeeper_int.h"

struct item {
  struct str namespace, group_version, kind, name;
  struct value object;
  size_t number; /* later ones replace earlier ones */
};

struct gatekeeper_inventory {
  const struct gatekeeper *g;
  struct arena arena;
  VEC(struct item) items;
  struct map namespaces;
  struct value value;
  struct value data; /* {"inventory": value} */
};

struct gatekeeper_inventory *gatekeeper_inventory_new(const struct gatekeeper *g)
{
  struct gatekeeper_inventory *inventory = mem_zalloc(1, sizeof *inventory);
  inventory->g = g;
  arena_init(&inventory->arena, GATEKEEPER_INVENTORY_MAX);
  map_init(&inventory->namespaces, NULL);
  inventory->value = gatekeeper_empty_object();
  inventory->data = g->no_data;
  return inventory;
}

void gatekeeper_inventory_free(struct gatekeeper_inventory *inventory)
{
  if (!inventory)
    return;
  vec_free(&inventory->items);
  map_free(&inventory->namespaces);
  arena_free(&inventory->arena);
  mem_free(inventory);
}

int gatekeeper_inventory_add(struct gatekeeper_inventory *inventory,
                             const struct kube_object *object, struct error *err)
{
  struct kube_object own;
  struct value copy;
  if (!object->is_object)
    return error_set(err, SW_EINVAL, "an object of the inventory needs apiVersion and kind");
  int rc = value_copy(&inventory->arena, object->value, inventory->g->symbols, &copy, err);
  if (rc < 0)
    return error_wrap(err, "the inventory");
  /* An item of a typed list may have inherited these. */
  struct arena *a = &inventory->arena;
  kube_object_read(copy, object->position, &own);
  struct item item = {
      .namespace = own.namespace,
      .group_version = arena_copy(a, object->api_version),
      .kind = arena_copy(a, object->kind),
      .name = own.name,
      .object = copy,
      .number = inventory->items.count,
  };
  if (own.name.len == 0)
    item.name = arena_printf(a, "%.*s*%zu", STR_FMT(own.generate_name), item.number);
  vec_push(&inventory->items, item);
  return 0;
}

static int compare_items(const void *a, const void *b)
{
  const struct item *x = a, *y = b;
  int order = str_compare(x->namespace, y->namespace);
  if (order == 0)
    order = str_compare(x->group_version, y->group_version);
  if (order == 0)
    order = str_compare(x->kind, y->kind);
  if (order == 0)
    order = str_compare(x->name, y->name);
  return order ? order : (x->number > y->number) - (x->number < y->number);
}

/* The levels of the tree, from the top. */
static struct str level_key(const struct item *item, unsigned level)
{
  const struct str keys[] = {item->namespace, item->group_version, item->kind, item->name};
  return keys[level];
}

enum { LEVEL_NAME = 3 };

/* The object of items[from..to), which agree on all levels above; they are sorted. */
static struct value make_level(struct gatekeeper_inventory *v, size_t from, size_t to,
                               unsigned level)
{
  VEC(struct value_member) members = {0};
  for (size_t i = from; i < to;) {
    struct str key = level_key(&v->items.items[i], level);
    size_t end = i + 1;
    while (end < to && str_eq(level_key(&v->items.items[end], level), key))
      end++;
    struct value_member m = {.key = value_string(key)};
    m.key.symbol = symbols_find(v->g->symbols, key);
    m.value = level == LEVEL_NAME ? v->items.items[end - 1].object
                                  : make_level(v, i, end, level + 1);
    vec_push(&members, m);
    i = end;
  }
  struct value made;
  value_object_make(&v->arena, members.items, NULL, (uint32_t)members.count, VALUE_LAST_WINS, NULL,
                    &made);
  vec_free(&members);
  return made;
}

static void note_namespaces(struct gatekeeper_inventory *v, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    const struct item *item = &v->items.items[i];
    if (str_eq(item->kind, STR("Namespace")) && str_eq(item->group_version, STR("v1")))
      map_put(&v->namespaces, item->name, NULL)->view = item;
  }
}

void gatekeeper_inventory_finish(struct gatekeeper_inventory *inventory)
{
  size_t count = inventory->items.count, cluster = 0;
  struct value_member members[2];
  uint32_t used = 0;
  if (count)
    qsort(inventory->items.items, count, sizeof *inventory->items.items, compare_items);
  while (cluster < count && inventory->items.items[cluster].namespace.len == 0)
    cluster++;
  note_namespaces(inventory, cluster);
  if (cluster)
    members[used++] = (struct value_member){inventory->g->keys[REVIEW_KEY_CLUSTER],
                                            make_level(inventory, 0, cluster, 1)};
  if (cluster < count)
    members[used++] = (struct value_member){inventory->g->keys[REVIEW_KEY_NAMESPACE],
                                            make_level(inventory, cluster, count, 0)};
  value_object_make(&inventory->arena, members, NULL, used, VALUE_LAST_WINS, NULL,
                    &inventory->value);
  struct value_member data = {inventory->g->keys[REVIEW_KEY_INVENTORY], inventory->value};
  value_object_make(&inventory->arena, &data, NULL, 1, VALUE_LAST_WINS, NULL, &inventory->data);
}

struct value gatekeeper_inventory_value(const struct gatekeeper_inventory *inventory)
{
  return inventory->value;
}

struct value gatekeeper_inventory_data(const struct gatekeeper_inventory *inventory)
{
  return inventory->data;
}

struct value gatekeeper_inventory_namespace(const struct gatekeeper_inventory *inventory,
                                            struct str name)
{
  const union map_value *value = map_get(&inventory->namespaces, name);
  const struct item *item = value ? value->view : NULL;
  return item ? item->object : VALUE_NONE;
}
