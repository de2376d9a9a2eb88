/*
 * Any YAML as mutators and objects. What can be loaded is applied to the objects: it ends, with an error or
 * with an object of the same kind; applying again changes nothing; the objects given stay as they were.
 */
#include "policy/gatekeeper_mutate.h"
#include "base/buf.h"
#include "data/compare.h"
#include "data/copy.h"
#include "data/yaml.h"

#include <assert.h>

enum { OBJECTS_MAX = 8, INPUT_MAX = 16384 };

static struct arena arena;

static void check(const struct gatekeeper_mutators *m, const struct kube_object *object)
{
  struct value before, once, twice;
  struct kube_object changed;
  uint32_t matched;
  struct error err;
  if (value_copy(&arena, object->value, NULL, &before, &err) < 0)
    return;
  if (gatekeeper_mutate(m, &arena, object, VALUE_NONE, &once, &matched, &err) < 0) {
    assert(err.message[0]);
    return;
  }
  assert(value_equal(before, object->value));
  assert(kube_object_read(once, (struct value_position){0}, &changed));
  assert(str_eq(changed.kind, object->kind) && str_eq(changed.api_version, object->api_version));
  assert(matched || value_equal(once, before));
  assert(gatekeeper_mutate(m, &arena, &changed, VALUE_NONE, &twice, &matched, &err) == 0);
  assert(value_equal(once, twice));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct kube_object objects[OBJECTS_MAX], object;
  struct yaml_document document;
  struct error err;
  uint32_t count = 0;
  if (size > INPUT_MAX)
    return 0;
  arena_init(&arena, 256 << 20);
  struct gatekeeper_mutators *m = gatekeeper_mutators_new();
  struct yaml_reader *reader = yaml_reader_new(str_make((const char *)data, size),
                                               &(struct yaml_options){.positions = true});
  while (yaml_reader_next(reader, &arena, &document, &err) > 0) {
    struct kube_objects it;
    kube_objects_begin(&it, document.root, document.position);
    while (kube_objects_next(&it, &object)) {
      if (!object.is_object)
        continue;
      if (gatekeeper_is_mutator(&object))
        assert(gatekeeper_mutators_add(m, &object, &err) != 0);
      else if (count < OBJECTS_MAX)
        objects[count++] = object;
    }
  }
  if (gatekeeper_mutators_finish(m, &err) == 0)
    for (uint32_t i = 0; i < count; i++)
      check(m, &objects[i]);
  yaml_reader_free(reader);
  gatekeeper_mutators_free(m);
  arena_free(&arena);
  return 0;
}
