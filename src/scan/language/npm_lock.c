#include "scan/language/npm_int.h"

#include "base/buf.h"
#include "base/mem.h"

/* ---- package-lock.json, version 1: packages inside packages */

/* As deep as the JSON reader goes. */
static int read_nested(struct lock *lock, struct value packages)
{
  for (uint32_t i = 0; value_is(packages, VALUE_OBJECT) && i < packages.len; i++) {
    struct value entry = packages.members[i].value;
    struct str name = value_str(packages.members[i].key), version = lock_text(entry, "version");
    bool added, development = value_is_true(lock_get(entry, "dev"));
    npm_alias(version, &name, &version);
    struct lock_node *node = lock_add_package(lock, name, version, &added);
    if (!node)
      return SW_ELIMIT;
    node->development = development && (added || node->development);
    if (read_nested(lock, lock_get(entry, "dependencies")) < 0)
      return SW_ELIMIT;
  }
  return 0;
}

/* ---- versions 2 and 3: packages by the folder they are in */

static const struct str modules = STR_INIT("node_modules/");

/* What is behind the last node_modules; empty if the folder is not in one. */
static struct str name_of_folder(struct str folder)
{
  struct str name = STR_EMPTY;
  for (ptrdiff_t at = 0; (at = str_find(folder, (size_t)at, modules)) >= 0; at++)
    if (at == 0 || folder.data[at - 1] == '/')
      name = str_sub(folder, (size_t)at + modules.len, SIZE_MAX);
  return name;
}

/* The names under which links lead to folders of the project. */
static void find_links(struct value packages, struct map *names)
{
  for (uint32_t i = 0; i < packages.len; i++) {
    struct value entry = packages.members[i].value;
    struct str target = lock_text(entry, "resolved");
    if (value_is_true(lock_get(entry, "link")) && target.len)
      map_put(names, target, NULL)->view = &packages.members[i].key;
  }
}

static void find_direct(struct value root, struct map *direct)
{
  static const char *const kinds[] = {"dependencies", "optionalDependencies", "devDependencies",
                                      "peerDependencies"};
  for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
    struct value names = lock_get(root, kinds[k]);
    for (uint32_t i = 0; value_is(names, VALUE_OBJECT) && i < names.len; i++)
      map_put(direct, value_str(names.members[i].key), NULL);
  }
}

static int read_folder(struct lock *lock, struct value_member entry, const struct map *links,
                       const struct map *direct)
{
  struct str folder = value_str(entry.key), in_folder = name_of_folder(folder);
  const union map_value *link = in_folder.len ? NULL : map_get(links, folder);
  struct str name = lock_text(entry.value, "name");
  bool added, development = value_is_true(lock_get(entry.value, "dev"));
  if (link)
    in_folder = name_of_folder(value_str(*(const struct value *)link->view));
  if (!in_folder.len || value_is_true(lock_get(entry.value, "link")))
    return 0;
  bool top = link || folder.len == modules.len + in_folder.len;
  bool indirect = !link && !(top && map_get(direct, in_folder));
  struct lock_node *node = lock_add_package(lock, name.len ? name : in_folder,
                                            lock_text(entry.value, "version"), &added);
  if (!node)
    return SW_ELIMIT;
  node->development = development && (added || node->development);
  node->indirect = indirect && (added || node->indirect);
  if (!node->license.len)
    node->license = lock_license(&lock->arena, lock_get(entry.value, "license"), " OR ");
  return 0;
}

static int read_folders(struct lock *lock, struct value packages)
{
  struct map links, direct;
  int rc = 0;
  map_init(&links, NULL);
  map_init(&direct, NULL);
  find_links(packages, &links);
  find_direct(value_get_str(packages, STR_EMPTY), &direct);
  for (uint32_t i = 0; rc == 0 && i < packages.len; i++)
    rc = read_folder(lock, packages.members[i], &links, &direct);
  map_free(&links);
  map_free(&direct);
  return rc;
}

int npm_read_package_lock(struct lock *lock, struct str bytes, struct error *err)
{
  struct value root;
  int rc = lock_parse(lock, LOCK_JSON, bytes, &root, err);
  if (rc < 0)
    return rc;
  struct value packages = lock_get(root, "packages");
  if (value_is(packages, VALUE_OBJECT))
    read_folders(lock, packages);
  else
    read_nested(lock, lock_get(root, "dependencies"));
  return 0; /* what was too much is a fault of the lock */
}

/* ---- bun.lock */

/* The entry that a name means within another one: the nearest, as in nested folders. */
static struct str resolve(struct lock *lock, struct str key, struct str name, struct buf *room)
{
  for (;;) {
    buf_clear(room);
    buf_add(room, key);
    if (key.len)
      buf_add_byte(room, '/');
    buf_add(room, name);
    struct lock_node *found = lock_find(lock, buf_str(room));
    if (found)
      return found->id;
    if (!key.len)
      return STR_EMPTY;
    ptrdiff_t slash = str_find_last_byte(key, '/');
    key = str_sub(key, 0, slash > 0 ? (size_t)slash : 0);
  }
}

/* The object among "name@1", registry, {...}, digest. */
static struct value details_of(struct value entry)
{
  for (uint32_t i = 1; i < entry.len; i++)
    if (value_is(entry.items[i], VALUE_OBJECT))
      return entry.items[i];
  return VALUE_NONE;
}

static void add_needs(struct lock *lock, struct lock_node *node, struct value names,
                      struct buf *room)
{
  for (uint32_t i = 0; value_is(names, VALUE_OBJECT) && i < names.len; i++) {
    struct str id = resolve(lock, node->id, value_str(names.members[i].key), room);
    if (id.len)
      lock_need(lock, node, id);
  }
}

static void mark_roots(struct lock *lock, struct value workspace, const char *kind,
                       enum lock_root root, struct buf *room)
{
  struct value names = lock_get(workspace, kind);
  for (uint32_t i = 0; value_is(names, VALUE_OBJECT) && i < names.len; i++) {
    struct str id =
        resolve(lock, lock_text(workspace, "name"), value_str(names.members[i].key), room);
    struct lock_node *node = id.len ? lock_find(lock, id) : NULL;
    if (node && node->root < root)
      node->root = root;
  }
}

/* "a@workspace:packages/a" is a folder of the project, whose version stands there. */
static void add_folder(struct lock_node *node, struct value workspaces)
{
  struct str folder = str_sub(node->version, strlen("workspace:"), SIZE_MAX);
  node->version = lock_text(value_get_str(workspaces, folder), "version");
  node->root = LOCK_PRODUCTION;
}

static void add_entry(struct lock *lock, struct value_member member, struct value workspaces)
{
  struct value entry = member.value;
  struct str version, name = npm_cut_name(value_str_or_empty(value_at(entry, 0)), &version);
  struct lock_node *node = lock_add(lock, value_str(member.key), NULL);
  if (!node)
    return;
  node->name = name;
  node->version = version;
  node->hidden = str_starts(version, STR("link:")) || str_starts(version, STR("file:"));
  if (str_starts(version, STR("workspace:")))
    add_folder(node, workspaces);
}

int npm_read_bun(struct lock *lock, struct str bytes, struct error *err)
{
  _cleanup_(buf_free) struct buf room = {0};
  struct value root;
  int rc = lock_parse(lock, LOCK_YAML, bytes, &root, err);
  if (rc < 0)
    return rc;
  struct value packages = lock_get(root, "packages"), workspaces = lock_get(root, "workspaces");
  uint32_t count = value_is(packages, VALUE_OBJECT) ? packages.len : 0;
  for (uint32_t i = 0; i < count; i++)
    if (value_is(packages.members[i].value, VALUE_ARRAY))
      add_entry(lock, packages.members[i], workspaces);
  for (uint32_t i = 0; i < count; i++) {
    struct lock_node *node = lock_find(lock, value_str(packages.members[i].key));
    struct value details = node ? details_of(packages.members[i].value) : VALUE_NONE;
    if (node) {
      add_needs(lock, node, lock_get(details, "dependencies"), &room);
      add_needs(lock, node, lock_get(details, "optionalDependencies"), &room);
    }
  }
  for (uint32_t i = 0; value_is(workspaces, VALUE_OBJECT) && i < workspaces.len; i++) {
    struct value workspace = workspaces.members[i].value;
    mark_roots(lock, workspace, "devDependencies", LOCK_DEVELOPMENT, &room);
    mark_roots(lock, workspace, "dependencies", LOCK_PRODUCTION, &room);
    mark_roots(lock, workspace, "optionalDependencies", LOCK_PRODUCTION, &room);
    mark_roots(lock, workspace, "peerDependencies", LOCK_PRODUCTION, &room);
  }
  lock_reach(lock);
  return 0;
}
