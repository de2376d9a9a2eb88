#include "policy/admission_namespaces.h"

#include "base/map.h"
#include "data/yaml.h"
#include "kube/object.h"

struct admission_namespace_map {
  struct arena arena;
  struct buf text;    /* a copy: values view it */
  struct map by_name; /* to struct value *, a Namespace */
  const struct value *otherwise;
};

static int check_labels(struct value labels, struct str name, struct value_position at,
                        struct error *err)
{
  if (!value_is_nil(labels) && !value_is(labels, VALUE_OBJECT))
    return error_set_at(err, SW_EINVAL, at.line, at.column,
                        "the labels of namespace \"%.*s\" are %s, must be an object",
                        STR_FMT(str_sub(name, 0, 64)), kube_type_with_article(labels));
  for (uint32_t i = 0; value_is(labels, VALUE_OBJECT) && i < labels.len; i++)
    if (!value_is(labels.members[i].value, VALUE_STRING))
      return error_set_at(err, SW_EINVAL, at.line, at.column,
                          "label \"%.*s\" of namespace \"%.*s\" is %s, must be a string",
                          STR_FMT(str_sub(value_str(labels.members[i].key), 0, 64)),
                          STR_FMT(str_sub(name, 0, 64)),
                          kube_type_with_article(labels.members[i].value));
  return 0;
}

static int put(struct admission_namespace_map *m, struct str name, struct value namespace,
               struct value_position at, struct error *err)
{
  bool added;
  if (m->by_name.count >= ADMISSION_NAMESPACES_MAX)
    return error_set(err, SW_ELIMIT, "there are more than %d namespaces", ADMISSION_NAMESPACES_MAX);
  union map_value *slot = map_put(&m->by_name, name, &added);
  if (!added)
    return error_set_at(err, SW_EINVAL, at.line, at.column, "namespace \"%.*s\" is there twice",
                        STR_FMT(str_sub(name, 0, 64)));
  struct value *kept = arena_array(&m->arena, struct value, 1);
  *kept = namespace;
  slot->view = kept;
  if (str_eq(name, STR("*")))
    m->otherwise = kept;
  return 0;
}

static struct value make(struct arena *a, const struct value_member *members, uint32_t count)
{
  struct value made;
  value_object_make(a, members, NULL, count, VALUE_LAST_WINS, NULL, &made);
  return made;
}

static struct value make_namespace(struct arena *a, struct str name, struct value labels)
{
  struct value none = make(a, NULL, 0);
  const struct value_member metadata[] = {
      {value_from("name"), value_string(name)},
      {value_from("labels"), value_is(labels, VALUE_OBJECT) ? labels : none},
  };
  const struct value_member namespace[] = {
      {value_from("apiVersion"), value_from("v1")},
      {value_from("kind"), value_from("Namespace")},
      {value_from("metadata"), make(a, metadata, 2)},
  };
  return make(a, namespace, 3);
}

/* Names to labels. */
static int read_names(struct admission_namespace_map *m, const struct yaml_document *d,
                      struct error *err)
{
  int rc = 0;
  for (uint32_t i = 0; rc == 0 && i < d->root.len; i++) {
    struct str name = value_str(d->root.members[i].key);
    struct value labels = d->root.members[i].value;
    struct value_position at = value_key_position(d->root, i);
    rc = check_labels(labels, name, at, err);
    if (rc == 0)
      rc = put(m, name, make_namespace(&m->arena, name, labels), at, err);
  }
  return rc;
}

static int read_objects(struct admission_namespace_map *m, const struct yaml_document *d,
                        struct error *err)
{
  struct kube_objects it;
  struct kube_object o;
  int rc = 0;
  kube_objects_begin(&it, d->root, d->position);
  while (rc == 0 && kube_objects_next(&it, &o)) {
    if (!kube_object_is(&o, STR_EMPTY, STR("Namespace")) || !o.name.len)
      rc = error_set_at(err, SW_EINVAL, o.position.line, o.position.column,
                        "this is no Namespace with a name");
    if (rc == 0)
      rc = check_labels(value_get(o.metadata, value_from("labels")), o.name, o.position, err);
    if (rc == 0)
      rc = put(m, o.name, o.value, o.position, err);
  }
  return rc;
}

static int read_document(struct admission_namespace_map *m, const struct yaml_document *d,
                         struct error *err)
{
  if (!value_is(d->root, VALUE_OBJECT))
    return error_set_at(err, SW_EINVAL, d->position.line, d->position.column,
                        "the document is %s, must be Namespaces, or an object from names to labels",
                        kube_type_with_article(d->root));
  bool is_object = value_is(value_get(d->root, value_from("kind")), VALUE_STRING);
  return is_object ? read_objects(m, d, err) : read_names(m, d, err);
}

int admission_namespace_map_read(struct str text, struct admission_namespace_map **ret_map,
                                 struct error *err)
{
  _cleanup_(admission_namespace_map_freep) struct admission_namespace_map *m =
      mem_zalloc(1, sizeof *m);
  struct yaml_options options = {.positions = true, .duplicates = VALUE_REFUSE};
  struct yaml_document document;
  int rc = 0, got = 0;
  arena_init(&m->arena, 0);
  map_init(&m->by_name, &m->arena);
  buf_add(&m->text, text);
  struct yaml_reader *reader = yaml_reader_new(buf_str(&m->text), &options);
  while (rc == 0 && (got = yaml_reader_next(reader, &m->arena, &document, err)) > 0)
    rc = read_document(m, &document, err);
  yaml_reader_free(reader);
  if (rc < 0 || got < 0)
    return rc < 0 ? rc : got;
  *ret_map = m;
  m = NULL;
  return 0;
}

void admission_namespace_map_free(struct admission_namespace_map *map)
{
  if (!map)
    return;
  map_free(&map->by_name);
  arena_free(&map->arena);
  buf_free(&map->text);
  mem_free(map);
}

size_t admission_namespace_map_count(const struct admission_namespace_map *map)
{
  return map->by_name.count;
}

static bool find(void *ctx, struct str name, struct arena *arena, struct value *ret_namespace)
{
  const struct admission_namespace_map *map = ctx;
  const union map_value *slot = map_get(&map->by_name, name);
  if (slot)
    *ret_namespace = *(const struct value *)slot->view;
  else if (map->otherwise)
    *ret_namespace = make_namespace(
        arena, name,
        value_get(value_get(*map->otherwise, value_from("metadata")), value_from("labels")));
  return slot || map->otherwise;
}

struct admission_namespaces admission_namespace_map_service(
    const struct admission_namespace_map *map)
{
  return (struct admission_namespaces){find, (void *)(uintptr_t)map};
}
