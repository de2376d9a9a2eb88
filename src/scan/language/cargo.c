#include "scan/language/cargo.h"

#include "base/vec.h"
#include "scan/language/lock.h"

/* ---- Cargo.lock */

/* "name", "name version" or "name version (source)". */
static void add_need(struct lock *lock, struct lock_node *node, struct str text,
                     const struct map *names)
{
  struct str rest, name = str_cut(text, ' ', &rest);
  struct str version = rest.data ? str_cut(rest, ' ', &(struct str){0}) : STR_EMPTY;
  const union map_value *only = map_get(names, name);
  if (version.len)
    lock_need(lock, node, lock_id(lock, name, version));
  else if (only)
    lock_need(lock, node, ((const struct lock_node *)only->view)->id);
}

static int read_lock(struct lock *lock, struct str bytes, struct error *err)
{
  struct value root;
  struct map names;
  int rc = lock_parse(lock, LOCK_TOML, bytes, &root, err);
  if (rc < 0)
    return rc;
  struct value packages = lock_get(root, "package");
  uint32_t count = value_is(packages, VALUE_ARRAY) ? packages.len : 0;
  map_init(&names, NULL);
  for (uint32_t i = 0; i < count; i++) {
    struct str name = lock_text(packages.items[i], "name");
    struct lock_node *node =
        lock_add_package(lock, name, lock_text(packages.items[i], "version"), NULL);
    if (node)
      map_put(&names, name, NULL)->view = node;
  }
  for (uint32_t i = 0; rc == 0 && i < count; i++) {
    struct value entry = packages.items[i], needs = lock_get(entry, "dependencies");
    struct str id = lock_id(lock, lock_text(entry, "name"), lock_text(entry, "version"));
    struct lock_node *node = lock_find(lock, id);
    struct lock_texts texts = {0};
    if (!node)
      break;
    for (uint32_t n = 0; value_is(needs, VALUE_ARRAY) && n < needs.len; n++)
      add_need(lock, node, value_str_or_empty(needs.items[n]), &names);
    if (!lock_text(entry, "source").len)
      lock_text_add(lock, &texts, '!', lock_text(entry, "name"), STR_EMPTY);
    rc = lock_tell(lock, PACKAGE_NOTE_NEEDS, node, &texts, err);
    vec_free(&texts);
  }
  map_free(&names);
  return rc;
}

/* ---- Cargo.toml */

/* The names of packages, which a table may give under another name: b = { package = "a" }. */
static void ask(struct lock *lock, struct lock_texts *texts, char mark, struct value table)
{
  for (uint32_t i = 0; value_is(table, VALUE_OBJECT) && i < table.len; i++) {
    struct str name = lock_text(table.members[i].value, "package");
    lock_text_add(lock, texts, mark, name.len ? name : value_str(table.members[i].key), STR_EMPTY);
  }
}

static void ask_all(struct lock *lock, struct lock_texts *texts, struct value tables)
{
  ask(lock, texts, '+', lock_get(tables, "dependencies"));
  ask(lock, texts, '-', lock_get(tables, "dev-dependencies"));
  ask(lock, texts, '-', lock_get(tables, "build-dependencies"));
}

static int read_manifest(struct lock *lock, struct str bytes, struct error *err)
{
  struct lock_texts texts = {0};
  struct value root;
  int rc = lock_parse(lock, LOCK_TOML, bytes, &root, err);
  struct str name = rc < 0 ? STR_EMPTY : lock_text(lock_get(root, "package"), "name");
  if (!name.len)
    return rc; /* a workspace without a package of its own asks for nothing */
  ask_all(lock, &texts, root);
  struct value targets = lock_get(root, "target");
  for (uint32_t i = 0; value_is(targets, VALUE_OBJECT) && i < targets.len; i++)
    ask_all(lock, &texts, targets.members[i].value);
  struct lock_node node = {.id = name};
  rc = lock_tell(lock, PACKAGE_NOTE_PROJECT, &node, &texts, err);
  vec_free(&texts);
  return rc;
}

/* ---- which files */

static int (*reader_of(struct str path, unsigned flags))(struct lock *, struct str, struct error *)
{
  struct str name = lock_file_name(path);
  if (!(flags & PACKAGE_LIST_LOCK_FILES))
    return NULL;
  if (str_eq(name, STR("Cargo.lock")))
    return read_lock;
  return str_eq(name, STR("Cargo.toml")) ? read_manifest : NULL;
}

bool cargo_wants(struct str path, unsigned flags)
{
  return reader_of(path, flags) != NULL;
}

int cargo_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
               struct error *err)
{
  struct lock lock;
  int (*read)(struct lock *, struct str, struct error *) = reader_of(path, list->flags);
  if (!read)
    return error_set(err, SW_EUSAGE, "this file is not one of Cargo's");
  lock_init(&lock, list, PACKAGE_CARGO, path, layer);
  int rc = read(&lock, bytes, err);
  return lock_finish(&lock, rc, err);
}
