/*
 * Bytes as what a watch does to an inventory: objects put, replaced, taken out, versions published, held and
 * given back. A version always says what was there when it was published, whatever happened since.
 */
#include "policy/admission_inventory.h"
#include "base/buf.h"
#include "data/json.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { INPUT_MAX = 4096, PLACES = 4, NAMES = 4, HELD = 4, FILLER = 2000 };

/* The number in each object; 0: it is not there. Place 0 is the cluster. */
struct model {
  unsigned number[PLACES][NAMES];
};

static struct arena arena;

static struct kube_object object_of(unsigned place, unsigned name, unsigned number)
{
  static const char *const places[PLACES] = {"", "\"namespace\":\"a\",", "\"namespace\":\"b\",",
                                             "\"namespace\":\"c\","};
  char filler[FILLER + 1];
  struct kube_object object;
  struct value root;
  memset(filler, 'x', FILLER);
  filler[number * 37 % FILLER] = 0;
  struct str text = arena_printf(
      &arena,
      "{\"apiVersion\":\"v1\",\"kind\":\"K\",\"metadata\":{%s\"name\":\"%u\"},\"n\":%u,\"f\":\"%s\"}",
      places[place], name, number, filler);
  int rc = json_parse(&arena, text, NULL, &root, NULL);
  assert(rc == 0);
  bool is_object = kube_object_read(root, (struct value_position){0}, &object);
  assert(is_object);
  return object;
}

static struct value names_in(struct value tree, unsigned place)
{
  static const char *const places[PLACES] = {"cluster", "a", "b", "c"};
  if (place)
    tree = value_get_str(tree, STR("namespace"));
  return value_get_str(value_get_str(value_get_str(tree, str_from(places[place])), STR("v1")),
                       STR("K"));
}

static void check(struct value tree, const struct model *model)
{
  for (unsigned place = 0; place < PLACES; place++) {
    struct value names = names_in(tree, place);
    unsigned count = 0;
    for (unsigned name = 0; name < NAMES; name++) {
      char key[8];
      int64_t found = 0;
      snprintf(key, sizeof key, "%u", name);
      value_to_int(value_get_str(value_get_str(names, str_from(key)), STR("n")), &found);
      assert(found == model->number[place][name]);
      count += model->number[place][name] != 0;
    }
    assert(count == (value_is(names, VALUE_OBJECT) ? names.len : 0));
  }
}

struct held {
  bool held;
  struct admission_inventory_version version;
  struct model model;
};

static void give_back(const struct admission_inventory *service, struct held *h)
{
  if (!h->held)
    return;
  check(h->version.tree, &h->model);
  service->release(service->ctx, &h->version);
  h->held = false;
}

static size_t count_of(const struct model *model)
{
  size_t count = 0;
  for (unsigned i = 0; i < PLACES * NAMES; i++)
    count += model->number[i / NAMES][i % NAMES] != 0;
  return count;
}

static void step(struct admission_inventory_store *store, struct model *model, struct held *held,
                 uint8_t byte, unsigned number)
{
  struct admission_inventory service = admission_inventory_service(store);
  unsigned place = byte >> 2 & 3, name = byte & 3;
  struct kube_object object = object_of(place, name, number);
  struct held *h = &held[byte % HELD];
  switch (byte >> 6) {
  case 0:
  case 1:
    assert(admission_inventory_put(store, &object, NULL) == 0);
    model->number[place][name] = number;
    break;
  case 2:
    assert(admission_inventory_remove(store, &object) == (model->number[place][name] != 0));
    model->number[place][name] = 0;
    break;
  default:
    if (byte == 0xff) {
      admission_inventory_clear(store);
      *model = (struct model){0};
    }
    admission_inventory_publish(store);
    give_back(&service, h);
    h->held = service.acquire(service.ctx, &h->version);
    h->model = *model;
    assert(h->held);
    check(h->version.tree, model);
  }
  assert(admission_inventory_count(store) == count_of(model));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct admission_inventory_store *store = admission_inventory_store_new();
  struct admission_inventory service = admission_inventory_service(store);
  struct held held[HELD] = {0};
  struct model model = {0};
  for (size_t i = 0; i < size && i < INPUT_MAX; i++) {
    step(store, &model, held, data[i], (unsigned)i + 1);
    arena_reset(&arena);
  }
  admission_inventory_store_free(store);
  for (int i = 0; i < HELD; i++)
    give_back(&service, &held[i]);
  return 0;
}
