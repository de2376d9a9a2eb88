/* An inventory from manifests. */
#include "policy/admission_inventory.h"

#include "base/walk.h"
#include "data/yaml.h"

/* A file under reading. */
struct reading {
  struct admission_inventory_store *store;
  struct str path;
  struct arena arena; /* of a document */
  size_t count;
};

static int at_line(const struct reading *r, uint32_t line, struct error *err)
{
  return line ? error_wrap(err, "%.*s:%u", STR_FMT(r->path), line)
              : error_wrap(err, "%.*s", STR_FMT(r->path));
}

static int read_document(struct reading *r, const struct yaml_document *d, struct error *err)
{
  struct kube_objects it;
  struct kube_object object;
  kube_objects_begin(&it, d->root, d->position);
  while (kube_objects_next(&it, &object)) {
    if (!object.is_object)
      continue;
    if (admission_inventory_put(r->store, &object, err) < 0)
      return at_line(r, d->position.line, err);
    r->count++;
  }
  return 0;
}

static int read_text(struct reading *r, struct str text, struct error *err)
{
  struct yaml_document document;
  int rc = 0, got = 1;
  struct yaml_reader *reader = yaml_reader_new(text, NULL);
  while (rc == 0 && got > 0) {
    arena_reset(&r->arena);
    got = yaml_reader_next(reader, &r->arena, &document, err);
    if (got > 0)
      rc = read_document(r, &document, err);
    else if (got < 0)
      rc = at_line(r, err->line, err);
  }
  yaml_reader_free(reader);
  return rc;
}

static bool is_manifest(struct str name)
{
  return str_ends(name, STR(".json")) || str_ends(name, STR(".yaml")) ||
         str_ends(name, STR(".yml"));
}

static int read_entry(struct reading *r, struct walk *walk, struct walk_entry *entry,
                      struct buf *text, struct error *err)
{
  r->path = entry->path;
  buf_clear(text);
  int rc = walk_read(walk, ADMISSION_INVENTORY_FILE_MAX, text, err);
  return rc < 0 ? rc : read_text(r, buf_str(text), err);
}

static int read_all(struct reading *r, struct walk *walk, struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct walk_entry entry;
  int rc = 0;
  while (rc == 0 && walk_next(walk, &entry)) {
    if (entry.kind == WALK_ERROR)
      rc = error_set(err, entry.error.code, "%s", entry.error.message);
    else if (entry.kind == WALK_FILE && (is_manifest(entry.path) || walk_at_root(walk)))
      rc = read_entry(r, walk, &entry, &text, err); /* whatever was named is read */
  }
  return rc;
}

int admission_inventory_read(struct admission_inventory_store *store, const char *const *paths,
                             size_t count, size_t *ret_count, struct error *err)
{
  struct walk_options options = {.skip_dirs = walk_usual_dirs};
  _cleanup_(walk_freep) struct walk *walk = walk_new(paths, count, &options);
  struct reading r = {.store = store};
  struct error own;
  arena_init(&r.arena, ADMISSION_INVENTORY_MEMORY_MAX);
  int rc = read_all(&r, walk, err ? err : &own);
  arena_free(&r.arena);
  if (rc == 0 && ret_count)
    *ret_count = r.count;
  return rc;
}
