/* Bundles as parts of a set: names of modules, roots, the manifest as data. */
#include "policy/rego_set_int.h"

static bool ignore(void *ctx, struct str path, bool is_directory)
{
  (void)is_directory;
  struct str name = str_sub(path, (size_t)(str_find_last_byte(path, '/') + 1), SIZE_MAX);
  return set_ignores(ctx, name);
}

struct rego_bundle_options set_bundle_options(struct rego_set *set)
{
  return (struct rego_bundle_options){
      .trust = set->options.trust,
      .ignore = ignore,
      .ctx = set,
  };
}

/* "a", "b" in "." */
static void write_roots(struct buf *out, const struct rego_bundle *bundle)
{
  for (size_t i = 0; i < bundle->root_count && i < 10; i++)
    buf_printf(out, "%s\"%.*s\"", i ? ", " : "", STR_FMT(bundle->roots[i]));
  if (bundle->root_count > 10)
    buf_add_text(out, ", ...");
}

static int outside(struct rego_set *set, const struct rego_bundle *bundle, struct str name,
                   const char *what, struct str path)
{
  _cleanup_(buf_free) struct buf roots = {0};
  write_roots(&roots, bundle);
  return set_problem(set, SW_EINVAL, "%.*s: %s \"%.*s\" lies outside of the bundle's roots (%s)",
                     STR_FMT(name), what, STR_FMT(path), buf_text(&roots));
}

static int check_package(struct rego_set *set, const struct rego_bundle *bundle,
                         const struct rego_module *module)
{
  _cleanup_(buf_free) struct buf path = {0};
  for (uint32_t i = 0; i < module->package.path_count; i++) {
    if (i)
      buf_add_byte(&path, '/');
    buf_add(&path, value_str_or_empty(module->package.path[i].value));
  }
  if (rego_bundle_owns(bundle, buf_str(&path)))
    return 0;
  return outside(set, bundle, module->name, "package", buf_str(&path));
}

static void add_module(struct rego_set *set, const struct rego_bundle *bundle,
                       const struct rego_bundle_file *file, struct str name)
{
  size_t before = set->modules.count;
  enum rego_version version = file->has_version ? file->version : set->options.version;
  if (set_add_module(set, name, file->text, version) == 0 && set->modules.count > before)
    check_package(set, bundle, set->modules.items[before]);
}

/* No deeper than documents may be. */
static int check_owned(struct rego_set *set, const struct rego_bundle *bundle, struct str name,
                       struct buf *path, struct value v)
{
  if (rego_bundle_owns(bundle, buf_str(path)))
    return 0;
  if (!value_is(v, VALUE_OBJECT) || !rego_bundle_leads(bundle, buf_str(path)))
    return outside(set, bundle, name, "data at", buf_str(path));
  size_t length = path->len;
  int rc = 0;
  for (uint32_t i = 0; i < v.len && rc == 0; i++) {
    if (length)
      buf_add_byte(path, '/');
    buf_add(path, value_str_or_empty(v.members[i].key));
    rc = check_owned(set, bundle, name, path, v.members[i].value);
    path->len = length;
  }
  return rc;
}

/* The directories of a file's path, behind those of a mount. */
static struct set_mount mount_of(struct rego_set *set, struct set_mount mount, struct str path)
{
  uint32_t count = mount.count;
  for (size_t i = 0; i < path.len; i++)
    count += path.data[i] == '/';
  struct str *parts = arena_array(&set->arena, struct str, count);
  if (mount.count)
    memcpy(parts, mount.parts, mount.count * sizeof *parts);
  struct str rest = path;
  for (uint32_t i = mount.count; i < count; i++)
    parts[i] = str_cut(rest, '/', &rest);
  return (struct set_mount){parts, count};
}

static void add_data(struct rego_set *set, const struct rego_bundle *bundle,
                     const struct rego_bundle_file *file, struct str name, struct set_mount mount)
{
  struct value v;
  struct set_mount place = mount_of(set, mount, file->path);
  bool yaml = !str_ends(file->path, STR(".json"));
  if (set_add_document(set, name, file->text, yaml, place, &v) < 0)
    return;
  ptrdiff_t slash = str_find_last_byte(file->path, '/');
  _cleanup_(buf_free) struct buf path = {0};
  buf_add(&path, str_sub(file->path, 0, slash < 0 ? 0 : (size_t)slash));
  check_owned(set, bundle, name, &path, v);
}

static void put(struct arena *a, struct value *object, const char *key, struct value v)
{
  *object = value_object_with(a, *object, value_from(key), v);
}

/* The manifest as OPA shows it: what it left out is written out. */
static struct value manifest_value(struct rego_set *set, const struct rego_bundle *bundle)
{
  static const char *const others[] = {"rego_version", "file_rego_versions", "metadata"};
  struct arena *a = &set->arena;
  struct value *roots = arena_array(a, struct value, bundle->root_count);
  for (size_t i = 0; i < bundle->root_count; i++)
    roots[i] = value_string(bundle->roots[i]);
  struct value manifest;
  value_object_make(a, NULL, NULL, 0, VALUE_LAST_WINS, NULL, &manifest);
  put(a, &manifest, "revision", value_string(bundle->revision));
  put(a, &manifest, "roots", value_array_make(a, roots, NULL, (uint32_t)bundle->root_count));
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    struct value v = value_get_str(bundle->manifest, str_from(others[i]));
    if (!value_is_nil(v))
      put(a, &manifest, others[i], v);
  }
  return manifest;
}

static void add_manifest(struct rego_set *set, const struct rego_bundle *bundle, bool among_files)
{
  const struct str single[] = {STR("system"), STR("bundle"), STR("manifest")};
  const struct str named[] = {STR("system"), STR("bundles"), bundle->name, STR("manifest")};
  const struct set_mount mount = among_files ? (struct set_mount){single, 3}
                                             : (struct set_mount){named, 4};
  struct str name = arena_printf(&set->arena, "%.*s/.manifest", STR_FMT(bundle->name));
  set_mount(set, name, manifest_value(set, bundle), mount);
}

int set_add_bundle(struct rego_set *set, struct rego_bundle *bundle, struct set_mount mount,
                   bool among_files)
{
  vec_push(&set->bundles, bundle);
  size_t before = set->problems.count;
  for (size_t i = 0; i < bundle->note_count; i++)
    vec_push(&set->notes, arena_printf(&set->arena, "%.*s/%.*s", STR_FMT(bundle->name),
                                       STR_FMT(bundle->notes[i])));
  for (size_t i = 0; i < bundle->file_count; i++) {
    const struct rego_bundle_file *file = &bundle->files[i];
    struct str name =
        arena_printf(&set->arena, "%.*s/%.*s", STR_FMT(bundle->name), STR_FMT(file->path));
    if (str_eq(bundle->name, STR(".")))
      name = file->path;
    if (set_count(set, name, file->text.len) < 0)
      break;
    if (file->kind == REGO_BUNDLE_MODULE)
      add_module(set, bundle, file, name);
    else
      add_data(set, bundle, file, name, mount);
  }
  add_manifest(set, bundle, among_files);
  return set->problems.count > before ? set->problems.items[before].code : 0;
}
