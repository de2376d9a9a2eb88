#include "scan/language/composer.h"

#include "base/vec.h"
#include "scan/language/lock.h"

static struct lock_node *add_entry(struct lock *lock, struct value entry, bool development)
{
  bool added;
  struct lock_node *node =
      lock_add_package(lock, lock_text(entry, "name"), lock_text(entry, "version"), &added);
  if (!node)
    return NULL;
  node->development = development && (added || node->development);
  if (!node->license.len)
    node->license = lock_license(&lock->arena, lock_get(entry, "license"), " OR ");
  return node;
}

/* The entries of a lock file say which list they are in, and leave to composer.json which are asked for. */
static int add_locked(struct lock *lock, struct value entries, bool development, struct error *err)
{
  int rc = 0;
  for (uint32_t i = 0; rc == 0 && value_is(entries, VALUE_ARRAY) && i < entries.len; i++) {
    struct lock_node *node = add_entry(lock, entries.items[i], development);
    struct lock_texts texts = {0};
    if (!node)
      break;
    lock_text_add(lock, &texts, '=', node->name, STR_EMPTY);
    lock_text_add(lock, &texts, '!', STR_EMPTY, STR_EMPTY);
    rc = lock_tell(lock, PACKAGE_NOTE_NEEDS, node, &texts, err);
    vec_free(&texts);
  }
  return rc;
}

static void ask(struct lock *lock, struct lock_texts *texts, char mark, struct value names)
{
  for (uint32_t i = 0; value_is(names, VALUE_OBJECT) && i < names.len; i++)
    lock_text_add(lock, texts, mark, value_str(names.members[i].key), STR_EMPTY);
}

static int read_project(struct lock *lock, struct str bytes, struct error *err)
{
  struct lock_node node = {.id = STR(".")};
  struct lock_texts texts = {0};
  struct value root;
  int rc = lock_parse(lock, LOCK_JSON, bytes, &root, err);
  if (rc < 0)
    return rc;
  ask(lock, &texts, '+', lock_get(root, "require"));
  ask(lock, &texts, '-', lock_get(root, "require-dev"));
  rc = lock_tell(lock, PACKAGE_NOTE_PROJECT, &node, &texts, err);
  vec_free(&texts);
  return rc;
}

static int read_lock(struct lock *lock, struct str bytes, struct error *err)
{
  struct value root;
  int rc = lock_parse(lock, LOCK_JSON, bytes, &root, err);
  if (rc < 0)
    return rc;
  rc = add_locked(lock, lock_get(root, "packages"), false, err);
  return rc < 0 ? rc : add_locked(lock, lock_get(root, "packages-dev"), true, err);
}

/* Composer 1 writes the list itself, Composer 2 an object that holds it. What is installed counts, whatever for. */
static int read_installed(struct lock *lock, struct str bytes, struct error *err)
{
  struct value root;
  int rc = lock_parse(lock, LOCK_JSON, bytes, &root, err);
  if (rc < 0)
    return rc;
  struct value entries = value_is(root, VALUE_ARRAY) ? root : lock_get(root, "packages");
  for (uint32_t i = 0; value_is(entries, VALUE_ARRAY) && i < entries.len; i++)
    if (!add_entry(lock, entries.items[i], false))
      break;
  return 0;
}

static int (*reader_of(struct str path, unsigned flags))(struct lock *, struct str, struct error *)
{
  struct str name = lock_file_name(path);
  if (str_eq(name, STR("installed.json")))
    return read_installed;
  bool is_lock = str_eq(name, STR("composer.lock"));
  if (!(flags & PACKAGE_LIST_LOCK_FILES) || (!is_lock && !str_eq(name, STR("composer.json"))))
    return NULL;
  bool vendored = str_starts(path, STR("vendor/")) || str_find(path, 0, STR("/vendor/")) >= 0;
  return vendored ? NULL : is_lock ? read_lock : read_project;
}

bool composer_wants(struct str path, unsigned flags)
{
  return reader_of(path, flags) != NULL;
}

int composer_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
                  struct error *err)
{
  struct lock lock;
  int (*read)(struct lock *, struct str, struct error *) = reader_of(path, list->flags);
  if (!read)
    return error_set(err, SW_EUSAGE, "this file is not one of Composer's");
  lock_init(&lock, list, PACKAGE_COMPOSER, path, layer);
  int rc = read(&lock, bytes, err);
  return lock_finish(&lock, rc, err);
}
