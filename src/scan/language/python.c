#include "scan/language/python.h"

#include "base/buf.h"
#include "base/mem.h"
#include "scan/language/python_int.h"
#include "scan/zip.h"

struct str python_name(struct arena *arena, struct str name)
{
  char *text = arena_alloc(arena, name.len + 1), *out = text;
  bool changed = false;
  for (size_t i = 0; i < name.len; i++) {
    char c = name.data[i];
    if (c == '-' || c == '_' || c == '.')
      c = '-';
    else if (c >= 'A' && c <= 'Z')
      c = (char)(c + 32);
    changed |= c != name.data[i];
    if (c != '-' || out == text || out[-1] != '-')
      *out++ = c;
    else
      changed = true;
  }
  return changed ? str_make(text, (size_t)(out - text)) : name;
}

/* ---- metadata of installed packages: fields as in mail */

struct metadata {
  struct str name, version, expression, license, classifier;
  unsigned classifiers;
  bool long_license; /* of several lines: a whole text */
};

static struct str last_of_classifier(struct str value)
{
  struct str rest = value;
  for (ptrdiff_t at; (at = str_find(rest, 0, STR("::"))) >= 0;)
    rest = str_sub(rest, (size_t)at + 2, SIZE_MAX);
  return str_trim(rest);
}

static void read_field(struct metadata *m, struct str name, struct str value, struct buf *licenses)
{
  if (str_eq_nocase(name, STR("Name")) && !m->name.len) {
    m->name = value;
  } else if (str_eq_nocase(name, STR("Version")) && !m->version.len) {
    m->version = value;
  } else if (str_eq_nocase(name, STR("License-Expression"))) {
    m->expression = value;
  } else if (str_eq_nocase(name, STR("License"))) {
    m->license = value;
  } else if (str_eq_nocase(name, STR("Classifier")) && str_starts(value, STR("License ::"))) {
    struct str license = last_of_classifier(value);
    if (str_eq(license, STR("OSI Approved")))
      return;
    if (licenses->len)
      buf_add(licenses, STR(", "));
    buf_add(licenses, license);
  }
}

/* A header ends with the first empty line; what follows is prose. */
static void read_fields(struct metadata *m, struct str bytes, struct buf *licenses)
{
  struct str name = STR_EMPTY;
  for (struct str rest = bytes; rest.data;) {
    struct str value, line = str_cut(rest, '\n', &rest);
    if (str_trim(line).len == 0)
      return;
    if (line.data[0] == ' ' || line.data[0] == '\t') {
      if (str_eq_nocase(name, STR("License")))
        m->long_license = true;
      continue;
    }
    name = str_cut(line, ':', &value);
    if (value.data)
      read_field(m, name, str_trim(value), licenses);
  }
}

int python_read_metadata(struct lock *lock, struct str bytes, struct error *err)
{
  _cleanup_(buf_free) struct buf licenses = {0};
  struct metadata m = {0};
  buf_init(&licenses, PACKAGE_TEXT_MAX);
  if (str_starts(bytes, STR("\xEF\xBB\xBF")))
    bytes = str_sub(bytes, 3, SIZE_MAX);
  read_fields(&m, bytes, &licenses);
  if (!m.name.len || !m.version.len)
    return error_set(err, SW_EINVAL, "the metadata have no %s", m.name.len ? "Version" : "Name");
  struct lock_node *node = lock_add_package(lock, m.name, m.version, NULL);
  if (!node)
    return 0;
  if (m.expression.len)
    node->license = m.expression;
  else if (licenses.len)
    node->license = arena_copy(&lock->arena, buf_str(&licenses));
  else if (!m.long_license && !str_eq_nocase(m.license, STR("UNKNOWN")))
    node->license = m.license;
  return 0;
}

/* ---- eggs that are zip files */

enum { METADATA_MAX = 4 << 20, EGG_ENTRIES_MAX = 1000000 };

static int read_entry(struct zip *zip, struct buf *to, struct error *err)
{
  char room[16384];
  size_t got = 0;
  int rc;
  while ((rc = zip_read(zip, room, sizeof room, &got, err)) == 0 && got)
    buf_add(to, str_make(room, got));
  if (rc == 0 && buf_failed(to))
    rc = error_set(err, SW_ELIMIT, "its metadata have more than %d bytes", METADATA_MAX);
  return rc;
}

static int read_egg(struct lock *lock, struct str bytes, struct error *err)
{
  struct zip_meter meter = {.bytes = METADATA_MAX + 16384, .entries = EGG_ENTRIES_MAX};
  _cleanup_(zip_freep) struct zip *zip = NULL;
  _cleanup_(buf_free) struct buf text = {0};
  struct zip_entry entry;
  buf_init(&text, METADATA_MAX);
  if (!str_starts(bytes, STR("PK")))
    return 0; /* a link to a folder */
  int rc = zip_open_bytes(bytes, &meter, &zip, err);
  while (rc == 0 && (rc = zip_next(zip, &entry, err)) > 0) {
    rc = 0;
    if (!str_eq(entry.name, STR("EGG-INFO/PKG-INFO")))
      continue;
    rc = read_entry(zip, &text, err);
    return rc < 0 ? rc : python_read_metadata(lock, arena_copy(&lock->arena, buf_str(&text)), err);
  }
  return rc;
}

/* ---- which files */

/* Names of lock files; with a second text, what a name begins and ends with. */
static const struct python_file {
  struct str name, end;
  int (*read)(struct lock *lock, struct str bytes, struct error *err);
} files[] = {
    {STR_INIT("requirements"), STR_INIT(".txt"), python_read_requirements},
    {STR_INIT("Pipfile.lock"), STR_INIT(""), python_read_pipfile_lock},
    {STR_INIT("poetry.lock"), STR_INIT(""), python_read_poetry_lock},
    {STR_INIT("pdm.lock"), STR_INIT(""), python_read_pdm_lock},
    {STR_INIT("uv.lock"), STR_INIT(""), python_read_uv_lock},
    {STR_INIT("pylock.toml"), STR_INIT(""), python_read_pylock},
    {STR_INIT("pylock."), STR_INIT(".toml"), python_read_pylock},
    {STR_INIT("pyproject.toml"), STR_INIT(""), python_read_pyproject},
};

static bool matches(const struct python_file *file, struct str name)
{
  if (!file->end.len)
    return str_eq(name, file->name);
  return name.len >= file->name.len + file->end.len && str_starts(name, file->name) &&
         str_ends(name, file->end);
}

/* Whether the folder of a path ends so. */
static bool in_folder(struct str path, struct str name, struct str ending)
{
  struct str folder = str_sub(path, 0, path.len - name.len);
  return str_ends(folder, ending);
}

static bool is_metadata(struct str path, struct str name)
{
  if (str_eq(name, STR("METADATA")))
    return in_folder(path, name, STR(".dist-info/")) || in_folder(path, name, STR(".egg-info/"));
  if (str_eq(name, STR("PKG-INFO")))
    return in_folder(path, name, STR(".egg-info/")) || in_folder(path, name, STR("EGG-INFO/"));
  return str_ends(name, STR(".egg-info"));
}

static int (*reader_of(struct str path, unsigned flags))(struct lock *, struct str, struct error *)
{
  struct str name = lock_file_name(path);
  if (is_metadata(path, name))
    return python_read_metadata;
  if (str_ends(name, STR(".egg")))
    return read_egg;
  for (size_t i = 0; (flags & PACKAGE_LIST_LOCK_FILES) && i < sizeof files / sizeof files[0]; i++)
    if (matches(&files[i], name))
      return files[i].read;
  return NULL;
}

bool python_wants(struct str path, unsigned flags)
{
  return reader_of(path, flags) != NULL;
}

int python_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
                struct error *err)
{
  struct lock lock;
  int (*read)(struct lock *, struct str, struct error *) = reader_of(path, list->flags);
  if (!read)
    return error_set(err, SW_EUSAGE, "this file is not one of Python's");
  lock_init(&lock, list, PACKAGE_PYPI, path, layer);
  int rc = read(&lock, bytes, err);
  return lock_finish(&lock, rc, err);
}
