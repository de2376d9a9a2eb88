#include "scan/language/ruby.h"

#include "base/buf.h"
#include "base/mem.h"
#include "scan/language/lock.h"

/* ---- *.gemspec */

/* A text in quotes, wherever it begins; what is behind it is left in *rest, whose data are NULL at the end. */
static struct str quoted(struct str *rest)
{
  for (size_t i = 0; i < rest->len; i++) {
    char quote = rest->data[i];
    if (quote != '"' && quote != '\'')
      continue;
    struct str text = str_cut(str_sub(*rest, i + 1, SIZE_MAX), quote, rest);
    return rest->data ? text : STR_EMPTY;
  }
  *rest = (struct str){NULL, 0};
  return STR_EMPTY;
}

/* What a line "s.name = ..." sets, if it is this one; data NULL otherwise. */
static struct str assigned(struct str line, struct str attribute)
{
  struct str value, left = str_trim(str_cut(line, '=', &value));
  ptrdiff_t dot = str_find_byte(left, 0, '.');
  if (!value.data || dot <= 0 || !str_eq(str_sub(left, (size_t)dot + 1, SIZE_MAX), attribute))
    return (struct str){NULL, 0};
  return value;
}

static void add_licenses(struct buf *out, struct str value)
{
  while (value.data) {
    struct str license = quoted(&value);
    if (license.len && out->len)
      buf_add(out, STR(" OR "));
    buf_add(out, license);
  }
}

static int read_gemspec(struct lock *lock, struct str bytes, struct error *err)
{
  _cleanup_(buf_free) struct buf licenses = {0};
  struct str name = STR_EMPTY, version = STR_EMPTY;
  buf_init(&licenses, PACKAGE_TEXT_MAX);
  for (struct str rest = bytes; rest.data;) {
    struct str value, line = str_trim(str_cut(rest, '\n', &rest));
    if ((value = assigned(line, STR("name"))).data && !name.len)
      name = quoted(&value);
    else if ((value = assigned(line, STR("version"))).data && !version.len)
      version = quoted(&value);
    else if ((value = assigned(line, STR("licenses"))).data ||
             (value = assigned(line, STR("license"))).data)
      add_licenses(&licenses, value);
  }
  if (!name.len || !version.len)
    return error_set(err, SW_EINVAL, "the specification does not set a %s",
                     name.len ? "version" : "name");
  struct lock_node *node = lock_add_package(lock, name, version, NULL);
  if (node)
    node->license = arena_copy(&lock->arena, buf_str(&licenses));
  return 0;
}

/* ---- Gemfile.lock: sections, in them sources with their specs, and what the project asks for */

static size_t indent_of(struct str line)
{
  size_t indent = 0;
  while (indent < line.len && line.data[indent] == ' ')
    indent++;
  return indent;
}

static bool is_gem_section(struct str line)
{
  return str_eq(line, STR("GEM")) || str_eq(line, STR("GIT")) || str_eq(line, STR("PATH")) ||
         str_eq(line, STR("PLUGIN SOURCE"));
}

/* "    rails (7.0.1-x86_64-linux)" */
static void read_spec(struct lock *lock, struct str line)
{
  struct str version, name = str_trim(str_cut(str_trim(line), '(', &version));
  if (!version.data || !name.len)
    return;
  version = str_cut(str_cut(version, ')', &(struct str){0}), '-', &(struct str){0});
  struct lock_node *node = lock_add_package(lock, name, version, NULL);
  if (node)
    node->indirect = true;
}

/* "  rails (~> 7.0)!" */
static void read_direct(struct str line, struct map *direct)
{
  struct str name = str_trim(str_cut(str_trim(line), '(', &(struct str){0}));
  if (str_ends(name, STR("!")))
    name.len--;
  map_put(direct, str_trim(name), NULL);
}

static int read_lock(struct lock *lock, struct str bytes, struct error *err)
{
  enum { OTHER, GEMS, DIRECT } section = OTHER;
  struct map direct;
  (void)err;
  map_init(&direct, NULL);
  for (struct str rest = bytes; rest.data;) {
    struct str line = str_cut(rest, '\n', &rest);
    if (line.len && line.data[line.len - 1] == '\r')
      line.len--;
    size_t indent = indent_of(line);
    if (line.len && indent == 0)
      section = is_gem_section(line) ? GEMS : str_eq(line, STR("DEPENDENCIES")) ? DIRECT : OTHER;
    else if (section == GEMS && indent == 4)
      read_spec(lock, line);
    else if (section == DIRECT && indent == 2)
      read_direct(line, &direct);
  }
  for (size_t i = 0; i < lock->nodes.count; i++)
    if (map_get(&direct, lock->nodes.items[i]->name))
      lock->nodes.items[i]->indirect = false;
  map_free(&direct);
  return 0;
}

/* ---- which files */

static int (*reader_of(struct str path, unsigned flags))(struct lock *, struct str, struct error *)
{
  struct str name = lock_file_name(path), folder = str_sub(path, 0, path.len - name.len);
  if (str_ends(name, STR(".gemspec")))
    return str_ends(folder, STR("specifications/")) ||
                   str_ends(folder, STR("specifications/default/"))
               ? read_gemspec
               : NULL;
  if ((flags & PACKAGE_LIST_LOCK_FILES) &&
      (str_eq(name, STR("Gemfile.lock")) || str_eq(name, STR("gems.locked"))))
    return read_lock;
  return NULL;
}

bool ruby_wants(struct str path, unsigned flags)
{
  return reader_of(path, flags) != NULL;
}

int ruby_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
              struct error *err)
{
  struct lock lock;
  int (*read)(struct lock *, struct str, struct error *) = reader_of(path, list->flags);
  if (!read)
    return error_set(err, SW_EUSAGE, "this file is not one of Ruby's");
  lock_init(&lock, list, PACKAGE_GEM, path, layer);
  int rc = read(&lock, bytes, err);
  return lock_finish(&lock, rc, err);
}
