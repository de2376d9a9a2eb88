/* Gatekeeper's mutators as an admission policy: they change, and refuse nothing. */
#include "policy/admission_int.h"

#include "base/walk.h"
#include "data/yaml.h"
#include "policy/gatekeeper_mutate.h"

static const struct str policy_id = STR_INIT("mutators");

enum { FILE_MAX = 64 << 20 };

/* ---- loading */

static bool is_document(struct str name)
{
  return str_ends(name, STR(".json")) || str_ends(name, STR(".yaml")) ||
         str_ends(name, STR(".yml"));
}

/* What cannot be read has been told where templates and constraints are looked for. */
static int read_text(struct admission_loader *l, struct gatekeeper_mutators *m, struct str path,
                     struct str text)
{
  struct arena arena;
  struct yaml_options options = {.positions = true};
  struct yaml_document document;
  struct error err;
  int rc = 0, got;
  arena_init(&arena, (size_t)1 << 30);
  struct yaml_reader *reader = yaml_reader_new(text, &options);
  while ((got = yaml_reader_next(reader, &arena, &document, &err)) != 0) {
    struct kube_objects it;
    struct kube_object o;
    if (got < 0)
      continue;
    kube_objects_begin(&it, document.root, document.position);
    while (kube_objects_next(&it, &o))
      if (o.is_object && gatekeeper_mutators_add(m, &o, &err) < 0)
        rc = admission_problem(l, err.code, "%.*s:%u: %s", STR_FMT(path), o.position.line,
                               err.message);
  }
  yaml_reader_free(reader);
  arena_free(&arena);
  return rc;
}

static int read_path(struct admission_loader *l, struct gatekeeper_mutators *m, const char *path)
{
  struct walk_options options = {.skip_dirs = walk_usual_dirs};
  _cleanup_(walk_freep) struct walk *walk = walk_new(&path, 1, &options);
  _cleanup_(buf_free) struct buf text = {0};
  struct walk_entry entry;
  int rc = 0;
  while (walk_next(walk, &entry)) {
    if (entry.kind != WALK_FILE || !is_document(entry.path))
      continue;
    buf_clear(&text);
    if (walk_read(walk, FILE_MAX, &text, NULL) < 0)
      continue;
    /* Most documents are something else: these are not worth reading twice. */
    if (str_find(buf_str(&text), 0, STR("mutations.gatekeeper.sh")) < 0)
      continue;
    int one = read_text(l, m, entry.path, buf_str(&text));
    rc = one < 0 ? one : rc;
  }
  return rc;
}

static int load(struct admission_loader *l, void **ret_state, struct error *err)
{
  const struct admission_options *o = &l->snapshot->options;
  _cleanup_(gatekeeper_mutators_freep) struct gatekeeper_mutators *m = gatekeeper_mutators_new();
  int rc = 0;
  for (size_t i = 0; i < o->path_count; i++) {
    int one = read_path(l, m, o->paths[i]);
    rc = one < 0 ? one : rc;
  }
  if (rc < 0)
    return error_set(err, rc, "there are mutators that cannot be used");
  rc = gatekeeper_mutators_finish(m, err);
  if (rc < 0)
    return admission_problem(l, rc, "%s", err->message);
  if (gatekeeper_mutators_count(m) == 0)
    return 0;
  l->found = true;
  *ret_state = m;
  m = NULL;
  return admission_add_policy(l, policy_id, NULL, ADMISSION_CREATE | ADMISSION_UPDATE, true, 0);
}

static void free_state(void *state)
{
  gatekeeper_mutators_free(state);
}

/* ---- changing */

/* The object with the namespace that it will lie in, by the request: what controllers make does not name it,
 * and an object of the cluster may name one that it does not lie in. */
static struct kube_object placed(const struct admission_asking *a)
{
  struct kube_object object = a->object;
  if (!kube_object_is(&object, STR_EMPTY, STR("Namespace")))
    object.namespace = a->request.namespace;
  return object;
}

static void mutate(struct admission_asking *a)
{
  const struct kube_object object = placed(a);
  struct value namespace = VALUE_NONE, changed;
  struct patch patch;
  struct error err;
  if (!a->has_object || !admission_is_main(a) || a->winding_down)
    return;
  admission_namespace(a, &namespace);
  int rc =
      gatekeeper_mutate(a->state, a->arena, &object, namespace, &changed, &a->asked->matched, &err);
  if (rc == 0 && changed.members != a->object.value.members) {
    patch_diff(a->arena, a->object.value, changed, &patch);
    rc = admission_change(a, &patch, &err);
  }
  if (rc < 0)
    admission_fail(a, policy_id, STR_EMPTY, "%s", err.message);
}

const struct admission_source admission_source_mutators = {
    .name = "Gatekeeper's mutators",
    .load = load,
    .free = free_state,
    .mutate = mutate,
};
