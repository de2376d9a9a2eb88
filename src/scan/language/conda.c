#include "scan/language/conda.h"

#include "scan/language/lock.h"

static int read_installed(struct lock *lock, struct str bytes, struct error *err)
{
  struct value root;
  int rc = lock_parse(lock, LOCK_JSON, bytes, &root, err);
  if (rc < 0)
    return rc;
  struct str name = lock_text(root, "name"), version = lock_text(root, "version");
  if (!name.len || !version.len)
    return error_set(err, SW_EINVAL, "the file has no %s of a package",
                     name.len ? "version" : "name");
  struct lock_node *node = lock_add_package(lock, name, version, NULL);
  if (node)
    node->license = lock_text(root, "license");
  return 0;
}

/* ---- environment.yml */

static bool is_exact(struct str version)
{
  for (size_t i = 0; i < version.len; i++)
    if (strchr("<>!~*|, \t", version.data[i]))
      return false;
  return version.len > 0;
}

/* "channel::name=1.2=build", "name==1.2", "name 1.2". Ranges are no versions. */
static void read_entry(struct lock *lock, struct str text)
{
  ptrdiff_t channel = str_find(text, 0, STR("::"));
  if (channel >= 0)
    text = str_sub(text, (size_t)channel + 2, SIZE_MAX);
  text = str_trim(text);
  size_t len = 0;
  while (len < text.len && !strchr("=<>!~ \t[", text.data[len]))
    len++;
  struct str name = str_sub(text, 0, len), version = str_trim(str_sub(text, len, SIZE_MAX));
  while (version.len && version.data[0] == '=')
    version = str_sub(version, 1, SIZE_MAX);
  version = str_trim(str_cut(version, '=', &(struct str){0}));
  if (is_exact(version))
    lock_add_package(lock, name, version, NULL);
}

/* What is asked of pip: another type, so it goes into the list by another lock. */
static int read_pip(struct lock *lock, struct value entries, struct error *err)
{
  struct lock pip;
  lock_init(&pip, lock->list, PACKAGE_PYPI, lock->path, lock->layer);
  for (uint32_t i = 0; value_is(entries, VALUE_ARRAY) && i < entries.len; i++) {
    struct str text = value_str_or_empty(entries.items[i]);
    ptrdiff_t at = str_find(text, 0, STR("=="));
    struct str name = str_cut(str_sub(text, 0, at < 0 ? 0 : (size_t)at), '[', &(struct str){0});
    struct str version =
        str_cut(str_sub(text, at < 0 ? text.len : (size_t)at + 2, SIZE_MAX), ';', &(struct str){0});
    if (is_exact(str_trim(version)))
      lock_add_package(&pip, str_trim(name), str_trim(version), NULL);
  }
  return lock_finish(&pip, 0, err);
}

static int read_environment(struct lock *lock, struct str bytes, struct error *err)
{
  struct value root;
  int rc = lock_parse(lock, LOCK_YAML, bytes, &root, err);
  if (rc < 0)
    return rc;
  struct value entries = lock_get(root, "dependencies");
  for (uint32_t i = 0; rc == 0 && value_is(entries, VALUE_ARRAY) && i < entries.len; i++) {
    struct value entry = entries.items[i];
    if (value_is(entry, VALUE_STRING))
      read_entry(lock, value_str(entry));
    else
      rc = read_pip(lock, lock_get(entry, "pip"), err);
  }
  return rc;
}

static int (*reader_of(struct str path, unsigned flags))(struct lock *, struct str, struct error *)
{
  struct str name = lock_file_name(path), folder = str_sub(path, 0, path.len - name.len);
  if (str_ends(name, STR(".json")) &&
      (str_eq(folder, STR("conda-meta/")) || str_ends(folder, STR("/conda-meta/"))))
    return read_installed;
  if ((flags & PACKAGE_LIST_LOCK_FILES) &&
      (str_eq(name, STR("environment.yml")) || str_eq(name, STR("environment.yaml"))))
    return read_environment;
  return NULL;
}

bool conda_wants(struct str path, unsigned flags)
{
  return reader_of(path, flags) != NULL;
}

int conda_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
               struct error *err)
{
  struct lock lock;
  int (*read)(struct lock *, struct str, struct error *) = reader_of(path, list->flags);
  if (!read)
    return error_set(err, SW_EUSAGE, "this file is not one of conda's");
  lock_init(&lock, list, PACKAGE_CONDA, path, layer);
  int rc = read(&lock, bytes, err);
  return lock_finish(&lock, rc, err);
}
