#include "scan/language/python_int.h"

#include "base/mem.h"
#include "base/vec.h"

/* ---- Pipfile.lock */

static void read_section(struct lock *lock, struct value section, bool development)
{
  for (uint32_t i = 0; value_is(section, VALUE_OBJECT) && i < section.len; i++) {
    struct str version = lock_text(section.members[i].value, "version");
    struct str name = value_str(section.members[i].key);
    bool added;
    while (version.len && version.data[0] == '=')
      version = str_sub(version, 1, SIZE_MAX);
    struct lock_node *node =
        lock_add_package(lock, python_name(&lock->arena, name), version, &added);
    if (!node)
      return;
    node->development = development && (added || node->development);
  }
}

int python_read_pipfile_lock(struct lock *lock, struct str bytes, struct error *err)
{
  struct value root;
  int rc = lock_parse(lock, LOCK_JSON, bytes, &root, err);
  if (rc < 0)
    return rc;
  read_section(lock, lock_get(root, "default"), false);
  read_section(lock, lock_get(root, "develop"), true);
  return 0;
}

/* ---- TOML with an array of packages */

static int parse_packages(struct lock *lock, struct str bytes, const char *key, struct value *ret,
                          struct error *err)
{
  struct value root;
  int rc = lock_parse(lock, LOCK_TOML, bytes, &root, err);
  if (rc < 0)
    return rc;
  *ret = lock_get(root, key);
  if (!value_is(*ret, VALUE_ARRAY))
    *ret = VALUE_NONE;
  return 0;
}

static bool has_text(struct value list, struct str text)
{
  for (uint32_t i = 0; value_is(list, VALUE_ARRAY) && i < list.len; i++)
    if (value_eq_str(list.items[i], text))
      return true;
  return false;
}

/* Names that a requirement's table or list holds, as needs of the node by name: ids of these locks are names. */
static void need_name(struct lock *lock, struct lock_node *node, struct str name)
{
  if (name.len)
    lock_need(lock, node, python_name(&lock->arena, name));
}

static void need_keys(struct lock *lock, struct lock_node *node, struct value table)
{
  for (uint32_t i = 0; value_is(table, VALUE_OBJECT) && i < table.len; i++)
    need_name(lock, node, value_str(table.members[i].key));
}

/* A list of requirements, each a text or a table with "name". */
static void need_list(struct lock *lock, struct lock_node *node, struct value list)
{
  for (uint32_t i = 0; value_is(list, VALUE_ARRAY) && i < list.len; i++) {
    struct str rest, text = value_str_or_empty(list.items[i]);
    need_name(lock, node,
              text.len ? python_requirement(text, &rest) : lock_text(list.items[i], "name"));
  }
}

/* All versions of a name are one node each; the first has the name as its id, so needs lead to it, and
 * a chain of "also" to the others. */
static struct lock_node *add_entry(struct lock *lock, struct value entry)
{
  struct str name = python_name(&lock->arena, lock_text(entry, "name"));
  struct str version = lock_text(entry, "version");
  bool added;
  struct lock_node *node = lock_add(lock, name, &added);
  if (node && !added && !str_eq(node->version, version)) {
    struct str id = lock_id(lock, name, version);
    lock_need(lock, node, id);
    node = lock_add(lock, id, &added);
  }
  if (node) {
    node->name = name;
    node->version = version;
  }
  return node;
}

/* For project.h: the entry by name and version, with the name by which others need it. marked: the file says itself
 * whether it is for development. */
static int tell(struct lock *lock, const struct lock_node *node, bool marked, struct error *err)
{
  struct lock_texts texts = {0};
  struct lock_node told = *node;
  told.id = lock_id(lock, node->name, node->version);
  lock_text_add(lock, &texts, '=', node->id, STR_EMPTY);
  if (marked)
    lock_text_add(lock, &texts, '!', STR_EMPTY, STR_EMPTY);
  int rc = lock_tell(lock, PACKAGE_NOTE_NEEDS, &told, &texts, err);
  vec_free(&texts);
  return rc;
}

/* ---- poetry.lock: a category up to 1.4, groups from 2.0, between them nothing */

static bool poetry_development(struct value entry)
{
  struct value groups = lock_get(entry, "groups");
  if (str_eq(lock_text(entry, "category"), STR("dev")))
    return true;
  return value_is(groups, VALUE_ARRAY) && groups.len && !has_text(groups, STR("main"));
}

int python_read_poetry_lock(struct lock *lock, struct str bytes, struct error *err)
{
  struct value packages;
  int rc = parse_packages(lock, bytes, "package", &packages, err);
  for (uint32_t i = 0; rc == 0 && i < packages.len; i++) {
    struct value entry = packages.items[i];
    struct lock_node *node = add_entry(lock, entry);
    if (!node)
      break;
    node->development = poetry_development(entry);
    need_keys(lock, node, lock_get(entry, "dependencies"));
    bool marked = lock_text(entry, "category").len ||
                  value_is(lock_get(entry, "groups"), VALUE_ARRAY);
    rc = tell(lock, node, marked, err);
  }
  return rc;
}

/* ---- pdm.lock: groups, but not which of them are extras and which for development. So names decide. */

static bool all_for_development(struct value groups)
{
  static const struct str starts[] = {STR_INIT("dev"), STR_INIT("test"), STR_INIT("lint"),
                                      STR_INIT("doc")};
  bool all = value_is(groups, VALUE_ARRAY) && groups.len;
  for (uint32_t g = 0; all && g < groups.len; g++) {
    bool one = false;
    for (size_t i = 0; !one && i < sizeof starts / sizeof starts[0]; i++)
      one = str_starts(value_str_or_empty(groups.items[g]), starts[i]);
    all = one;
  }
  return all;
}

int python_read_pdm_lock(struct lock *lock, struct str bytes, struct error *err)
{
  struct value packages;
  int rc = parse_packages(lock, bytes, "package", &packages, err);
  for (uint32_t i = 0; rc == 0 && i < packages.len; i++) {
    struct lock_node *node = add_entry(lock, packages.items[i]);
    if (!node)
      break;
    node->development = all_for_development(lock_get(packages.items[i], "groups"));
  }
  return rc;
}

/* ---- uv.lock */

/* The project itself, or a member of its workspace. */
static bool is_local(struct value entry)
{
  struct value source = lock_get(entry, "source");
  return lock_text(source, "editable").len || lock_text(source, "virtual").len ||
         lock_text(source, "directory").len;
}

static void mark_list(struct lock *lock, struct value list, enum lock_root root)
{
  for (uint32_t i = 0; value_is(list, VALUE_ARRAY) && i < list.len; i++) {
    struct str name = python_name(&lock->arena, lock_text(list.items[i], "name"));
    struct lock_node *node = lock_find(lock, name);
    if (node && node->root < root)
      node->root = root;
  }
}

static void mark_lists(struct lock *lock, struct value lists, enum lock_root root)
{
  for (uint32_t i = 0; value_is(lists, VALUE_OBJECT) && i < lists.len; i++)
    mark_list(lock, lists.members[i].value, root);
}

static void need_lists(struct lock *lock, struct lock_node *node, struct value lists)
{
  for (uint32_t i = 0; value_is(lists, VALUE_OBJECT) && i < lists.len; i++)
    need_list(lock, node, lists.members[i].value);
}

int python_read_uv_lock(struct lock *lock, struct str bytes, struct error *err)
{
  struct value packages;
  int rc = parse_packages(lock, bytes, "package", &packages, err);
  if (rc < 0)
    return rc;
  bool any = false;
  for (uint32_t i = 0; i < packages.len; i++) {
    struct lock_node *node = add_entry(lock, packages.items[i]);
    if (!node)
      return 0;
    need_list(lock, node, lock_get(packages.items[i], "dependencies"));
    need_lists(lock, node, lock_get(packages.items[i], "optional-dependencies"));
    if (is_local(packages.items[i])) {
      node->root = LOCK_PRODUCTION;
      any = true;
    }
  }
  for (uint32_t i = 0; i < packages.len; i++) {
    if (!is_local(packages.items[i]))
      continue;
    mark_lists(lock, lock_get(packages.items[i], "dev-dependencies"), LOCK_DEVELOPMENT);
    mark_list(lock, lock_get(packages.items[i], "dependencies"), LOCK_PRODUCTION);
    mark_lists(lock, lock_get(packages.items[i], "optional-dependencies"), LOCK_PRODUCTION);
  }
  if (any)
    lock_reach(lock);
  return 0;
}

/* ---- pylock.toml (PEP 751) */

int python_read_pylock(struct lock *lock, struct str bytes, struct error *err)
{
  struct value packages;
  int rc = parse_packages(lock, bytes, "packages", &packages, err);
  for (uint32_t i = 0; rc == 0 && i < packages.len; i++) {
    struct lock_node *node = add_entry(lock, packages.items[i]);
    if (!node)
      break;
    need_list(lock, node, lock_get(packages.items[i], "dependencies"));
    rc = tell(lock, node, true, err);
  }
  return rc;
}

/* ---- pyproject.toml */

static void ask_list(struct lock *lock, struct lock_texts *texts, char mark, struct value list)
{
  for (uint32_t i = 0; value_is(list, VALUE_ARRAY) && i < list.len; i++) {
    struct str rest, name = python_requirement(value_str_or_empty(list.items[i]), &rest);
    if (name.len)
      lock_text_add(lock, texts, mark, python_name(&lock->arena, name), STR_EMPTY);
  }
}

static void ask_keys(struct lock *lock, struct lock_texts *texts, char mark, struct value table)
{
  for (uint32_t i = 0; value_is(table, VALUE_OBJECT) && i < table.len; i++) {
    struct str name = value_str(table.members[i].key);
    if (!str_eq(name, STR("python")))
      lock_text_add(lock, texts, mark, python_name(&lock->arena, name), STR_EMPTY);
  }
}

int python_read_pyproject(struct lock *lock, struct str bytes, struct error *err)
{
  struct lock_texts texts = {0};
  struct value root;
  int rc = lock_parse(lock, LOCK_TOML, bytes, &root, err);
  if (rc < 0)
    return rc;
  struct value project = lock_get(root, "project");
  struct value poetry = lock_get(lock_get(root, "tool"), "poetry");
  struct value optional = lock_get(project, "optional-dependencies");
  struct value groups = lock_get(poetry, "group"), standard = lock_get(root, "dependency-groups");
  ask_list(lock, &texts, '+', lock_get(project, "dependencies"));
  for (uint32_t i = 0; value_is(optional, VALUE_OBJECT) && i < optional.len; i++)
    ask_list(lock, &texts, '+', optional.members[i].value);
  ask_keys(lock, &texts, '+', lock_get(poetry, "dependencies"));
  ask_keys(lock, &texts, '-', lock_get(poetry, "dev-dependencies"));
  for (uint32_t i = 0; value_is(groups, VALUE_OBJECT) && i < groups.len; i++)
    ask_keys(lock, &texts, '-', lock_get(groups.members[i].value, "dependencies"));
  for (uint32_t i = 0; value_is(standard, VALUE_OBJECT) && i < standard.len; i++)
    ask_list(lock, &texts, '-', standard.members[i].value);
  struct lock_node node = {.id = STR(".")};
  rc = lock_tell(lock, PACKAGE_NOTE_PROJECT, &node, &texts, err);
  vec_free(&texts);
  return rc;
}
