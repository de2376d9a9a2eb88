/*
 * Any YAML as templates, constraints and objects. What can be loaded is held against the objects, with
 * and without optimiser and index, with the objects as inventory: the answers must be the same.
 */
#include "policy/gatekeeper.h"
#include "base/buf.h"
#include "data/compare.h"
#include "data/yaml.h"

#include <assert.h>

enum { OBJECTS_MAX = 8, STEPS = 20000, INPUT_MAX = 16384 };

static struct arena arena, scratch;

/* Loads all policies of the text; NULL if they are not valid. */
static struct gatekeeper *load(struct str text, bool no_optimiser)
{
  struct gatekeeper_options options = {.no_optimiser = no_optimiser};
  struct gatekeeper *g = gatekeeper_new(&options);
  struct yaml_reader *reader = yaml_reader_new(text, &(struct yaml_options){.positions = true});
  struct yaml_document document;
  struct error err;
  while (yaml_reader_next(reader, &scratch, &document, &err) > 0) {
    struct kube_objects it;
    struct kube_object object;
    kube_objects_begin(&it, document.root, document.position);
    while (kube_objects_next(&it, &object))
      if (object.is_object)
        assert(gatekeeper_add(g, &object, STR("fuzz.yaml"), &err) ==
               (int)gatekeeper_is_policy(&object));
  }
  yaml_reader_free(reader);
  arena_reset(&scratch);
  int rc = gatekeeper_finish(g, &err);
  assert((rc < 0) == (gatekeeper_problem_count(g) > 0));
  if (rc == 0)
    return g;
  struct buf out = {0};
  for (size_t i = 0; i < gatekeeper_problem_count(g); i++) {
    const struct gatekeeper_problem *p = gatekeeper_problem(g, i);
    assert(p->message.len && p->code < 0);
    gatekeeper_problem_write(&out, p);
  }
  buf_free(&out);
  gatekeeper_free(g);
  return NULL;
}

/* One side: a set of policies with a worker, the objects, and an inventory of them. */
struct side {
  struct gatekeeper *g;
  struct gatekeeper_worker *worker;
  struct gatekeeper_inventory *inventory;
  struct kube_object objects[OBJECTS_MAX];
  uint32_t count;
};

static void read_objects(struct side *s, struct str text)
{
  struct yaml_options options = {.symbols = gatekeeper_symbols(s->g)};
  struct yaml_reader *reader = yaml_reader_new(text, &options);
  struct yaml_document document;
  struct error err;
  s->inventory = gatekeeper_inventory_new(s->g);
  s->worker = gatekeeper_worker_new(s->g);
  while (s->count < OBJECTS_MAX && yaml_reader_next(reader, &arena, &document, &err) > 0) {
    struct kube_object *o = &s->objects[s->count];
    if (!kube_object_read(document.root, document.position, o))
      continue;
    s->count++;
    int rc = gatekeeper_inventory_add(s->inventory, o, &err);
    assert(rc == 0 || rc == SW_ELIMIT);
  }
  gatekeeper_inventory_finish(s->inventory);
  yaml_reader_free(reader);
}

static int decide(struct side *s, uint32_t i, enum gatekeeper_point point,
                  struct gatekeeper_decision *ret)
{
  struct error err;
  struct gatekeeper_review review = {
      .object = s->objects[i].value,
      .old_object = s->objects[(i + 1) % s->count].value,
      .operation = STR("UPDATE"),
      .point = point,
      .inventory = s->inventory,
      .steps = STEPS,
      .now_ns = 1700000000000000000,
  };
  return gatekeeper_decide(s->worker, &arena, &review, ret, &err);
}

static bool runs_out(const struct gatekeeper_decision *d)
{
  for (uint32_t i = 0; i < d->count; i++)
    if (d->items[i].failed)
      return true;
  return false;
}

static void compare(const struct gatekeeper_decision *a, const struct gatekeeper_decision *b)
{
  assert(a->matched == b->matched);
  /* A budget may be used up by one of them alone. */
  if (runs_out(a) || runs_out(b))
    return;
  assert(a->count == b->count && a->actions == b->actions);
  for (uint32_t i = 0; i < a->count; i++) {
    assert(str_eq(a->items[i].constraint->name, b->items[i].constraint->name));
    assert(str_eq(a->items[i].message, b->items[i].message));
    assert(value_equal(a->items[i].details, b->items[i].details));
    assert(a->items[i].actions == b->items[i].actions && a->items[i].actions);
  }
}

static void judge_all(struct side *a, struct side *b)
{
  for (uint32_t i = 0; i < a->count; i++)
    for (int point = 0; point < GATEKEEPER_POINT_COUNT; point++) {
      struct gatekeeper_decision x, y;
      int rc = decide(a, i, (enum gatekeeper_point)point, &x);
      assert(decide(b, i, (enum gatekeeper_point)point, &y) == rc);
      if (rc == 0)
        compare(&x, &y);
    }
}

static void free_side(struct side *s)
{
  gatekeeper_worker_free(s->worker);
  gatekeeper_inventory_free(s->inventory);
  gatekeeper_free(s->g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str text = str_make((const char *)data, size);
  struct side a = {0}, b = {0};
  if (size > INPUT_MAX)
    return 0;
  if (!arena.limit) {
    arena_init(&arena, 64 << 20);
    arena_init(&scratch, 64 << 20);
  }
  arena_reset(&arena);
  a.g = load(text, false);
  b.g = load(text, true);
  assert((a.g == NULL) == (b.g == NULL));
  if (a.g) {
    read_objects(&a, text);
    read_objects(&b, text);
    judge_all(&a, &b);
  }
  free_side(&a);
  free_side(&b);
  return 0;
}
