#include "scan/language/npm.h"

#include "base/vec.h"
#include "scan/language/npm_int.h"

struct str npm_cut_name(struct str text, struct str *ret_rest)
{
  ptrdiff_t at = str_find_byte(text, 1, '@');
  *ret_rest = at < 0 ? STR_EMPTY : str_sub(text, (size_t)at + 1, SIZE_MAX);
  return at < 0 ? text : str_sub(text, 0, (size_t)at);
}

bool npm_alias(struct str range, struct str *ret_name, struct str *ret_range)
{
  if (!str_starts(range, STR("npm:")))
    return false;
  struct str rest, name = npm_cut_name(str_sub(range, 4, SIZE_MAX), &rest);
  if (!name.len || !rest.len)
    return false; /* "npm:^1": a protocol, not another name */
  *ret_name = name;
  *ret_range = rest;
  return true;
}

/* ---- package.json */

static int read_installed(struct lock *lock, struct str bytes, struct error *err)
{
  struct value root;
  int rc = lock_parse(lock, LOCK_JSON, bytes, &root, err);
  struct str name = rc < 0 ? STR_EMPTY : lock_text(root, "name");
  struct str version = rc < 0 ? STR_EMPTY : lock_text(root, "version");
  if (!name.len || !version.len)
    return rc;
  struct lock_node *node = lock_add_package(lock, name, version, NULL);
  if (!node)
    return 0;
  node->license = lock_license(&lock->arena, lock_get(root, "license"), " OR ");
  if (!node->license.len)
    node->license = lock_license(&lock->arena, lock_get(root, "licenses"), " OR ");
  return 0;
}

static void add_ranges(struct lock *lock, struct lock_texts *texts, char mark, struct value ranges)
{
  for (uint32_t i = 0; value_is(ranges, VALUE_OBJECT) && i < ranges.len; i++) {
    struct str name = value_str(ranges.members[i].key);
    struct str range = value_str_or_empty(ranges.members[i].value);
    npm_alias(range, &name, &range);
    if (str_starts(range, STR("npm:")))
      range = str_sub(range, 4, SIZE_MAX);
    lock_text_add(lock, texts, mark, name, range.len ? range : STR("*"));
  }
}

static int read_project(struct lock *lock, struct str bytes, struct error *err)
{
  struct lock_texts texts = {0};
  struct value root;
  int rc = lock_parse(lock, LOCK_JSON, bytes, &root, err);
  if (rc < 0)
    return rc;
  struct value workspaces = lock_get(root, "workspaces");
  if (value_is(workspaces, VALUE_OBJECT))
    workspaces = lock_get(workspaces, "packages");
  add_ranges(lock, &texts, '+', lock_get(root, "dependencies"));
  add_ranges(lock, &texts, '+', lock_get(root, "optionalDependencies"));
  add_ranges(lock, &texts, '-', lock_get(root, "devDependencies"));
  for (uint32_t i = 0; value_is(workspaces, VALUE_ARRAY) && i < workspaces.len; i++)
    if (value_is(workspaces.items[i], VALUE_STRING))
      lock_text_add(lock, &texts, '*', value_str(workspaces.items[i]), STR_EMPTY);
  struct lock_node project = {
      .id = STR("."), .license = lock_license(&lock->arena, lock_get(root, "license"), " OR ")};
  if (lock_text(root, "name").len)
    lock_text_add(lock, &texts, '=', lock_text(root, "name"), lock_text(root, "version"));
  rc = lock_tell(lock, PACKAGE_NOTE_PROJECT, &project, &texts, err);
  vec_free(&texts);
  return rc;
}

/* ---- which files */

static const struct str manifest = STR_INIT("package.json");

static const struct lock_file {
  struct str name;
  int (*read)(struct lock *lock, struct str bytes, struct error *err);
} lock_files[] = {
    {STR_INIT("package-lock.json"), npm_read_package_lock},
    {STR_INIT("npm-shrinkwrap.json"), npm_read_package_lock},
    {STR_INIT("yarn.lock"), npm_read_yarn},
    {STR_INIT("pnpm-lock.yaml"), npm_read_pnpm},
    {STR_INIT("bun.lock"), npm_read_bun},
    {STR_INIT("package.json"), read_project},
};

/* What is behind the last folder node_modules; data NULL if there is none. */
static struct str below_modules(struct str path)
{
  static const struct str folder = STR_INIT("node_modules/");
  for (size_t at = path.len; at-- > 0;) {
    struct str rest = str_sub(path, at, SIZE_MAX);
    if (str_starts(rest, folder) && (at == 0 || path.data[at - 1] == '/'))
      return str_sub(rest, folder.len, SIZE_MAX);
  }
  return (struct str){NULL, 0};
}

/* "name/package.json" or "@scope/name/package.json". */
static bool is_package(struct str below)
{
  size_t slashes = 0;
  for (size_t i = 0; i < below.len; i++)
    slashes += below.data[i] == '/';
  return slashes == (below.len && below.data[0] == '@' ? 2 : 1);
}

/* "opt/yarn-v1.22.19/package.json": Yarn, as Node.js's own images install it. */
static bool is_yarn(struct str path)
{
  struct str folder = str_sub(path, 0, path.len - manifest.len);
  return folder.len &&
         str_starts(lock_file_name(str_sub(folder, 0, folder.len - 1)), STR("yarn-v"));
}

static int (*reader_of(struct str path, unsigned flags))(struct lock *, struct str, struct error *)
{
  struct str name = lock_file_name(path);
  /* asked for every file of an image, so first what costs least */
  if (name.len < 8 || (name.data[0] != 'p' && !(flags & PACKAGE_LIST_LOCK_FILES)))
    return NULL;
  bool is_manifest = str_eq(name, manifest);
  if (!is_manifest && !(flags & PACKAGE_LIST_LOCK_FILES))
    return NULL;
  struct str below = below_modules(path);
  if (below.data)
    return is_manifest && is_package(below) ? read_installed : NULL;
  if (is_manifest && is_yarn(path))
    return read_installed;
  for (size_t i = 0; i < sizeof lock_files / sizeof lock_files[0]; i++)
    if ((flags & PACKAGE_LIST_LOCK_FILES) && str_eq(name, lock_files[i].name))
      return lock_files[i].read;
  return NULL;
}

bool npm_wants(struct str path, unsigned flags)
{
  return reader_of(path, flags) != NULL;
}

int npm_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
             struct error *err)
{
  struct lock lock;
  int (*read)(struct lock *, struct str, struct error *) = reader_of(path, list->flags);
  if (!read)
    return error_set(err, SW_EUSAGE, "this file is not one of npm's");
  lock_init(&lock, list, PACKAGE_NPM, path, layer);
  int rc = read(&lock, bytes, err);
  return lock_finish(&lock, rc, err);
}
