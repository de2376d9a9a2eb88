#include "scan/language/dotnet.h"

#include "base/map.h"
#include "data/json.h"
#include "data/xml.h"
#include "scan/faults_int.h"
#include "scan/language/language_add_int.h"

enum { TREE_MAX = 1 << 30 };

struct reading {
  struct str path;
  uint32_t layer;
  struct package_list *list;
  struct arena arena;
  struct faults faults;
  struct map seen; /* "name/version" to the number of the package in the list + 1 */
};

/* Adds a package once; it is direct if any of its places says so. */
static int add(struct reading *r, struct str name, struct str version, bool indirect,
               bool development, uint32_t line)
{
  struct error err;
  struct package p = {.type = PACKAGE_NUGET,
                      .name = name,
                      .indirect = indirect,
                      .development = development,
                      .path = r->path,
                      .layer = r->layer};
  struct purl purl = {.name = name};
  if (development && !(r->list->flags & PACKAGE_LIST_DEVELOPMENT))
    return 0;
  struct str key = arena_printf(&r->arena, "%.*s/%.*s", STR_FMT(name), STR_FMT(version));
  union map_value *before = map_put(&r->seen, key, NULL);
  if (before->number) {
    r->list->items[before->number - 1].indirect &= indirect;
    return 0;
  }
  if (language_add(r->list, &p, version, &purl, &err) == 0) {
    before->number = r->list->count;
    return 0;
  }
  err.line = line;
  return faults_add(&r->faults, &err);
}

static int parse(struct reading *r, struct str bytes, struct value *ret, struct error *err)
{
  const struct json_options options = {.positions = true};
  if (str_starts(bytes, STR("\xef\xbb\xbf"))) /* Microsoft's tools begin with one */
    bytes = str_sub(bytes, 3, SIZE_MAX);
  return json_parse(&r->arena, bytes, &options, ret, err);
}

static struct value get(struct value v, const char *name)
{
  return value_get_str(v, str_from(name));
}

/* "Name/1.0.0"; false if it has no version. */
static bool split_id(struct str id, struct str *ret_name, struct str *ret_version)
{
  *ret_name = str_cut(id, '/', ret_version);
  return ret_version->data != NULL;
}

/* ---- *.deps.json */

struct target {
  bool known;
  struct map libraries; /* "Name/1.0.0" to its value */
  struct map needed;    /* the same for what other libraries depend on */
  struct map direct;    /* for what the program itself depends on */
};

/* The name that a bundled runtime has where it is not bundled. */
static struct str without_pack(struct str id)
{
  struct str prefix = STR("runtimepack.");
  return str_starts(id, prefix) ? str_sub(id, prefix.len, SIZE_MAX) : id;
}

static void index_dependencies(struct reading *r, struct value library, struct map *to)
{
  struct value all = get(library, "dependencies");
  for (uint32_t i = 0; value_is(all, VALUE_OBJECT) && i < all.len; i++)
    map_put(to,
            arena_printf(&r->arena, "%.*s/%.*s",
                         STR_FMT(without_pack(value_str(all.members[i].key))),
                         STR_FMT(value_str_or_empty(all.members[i].value))),
            NULL);
}

static void index_target(struct reading *r, struct value root, struct target *t)
{
  struct value name = get(get(root, "runtimeTarget"), "name");
  struct value all = value_get_str(get(root, "targets"), value_str_or_empty(name));
  t->known = value_is(all, VALUE_OBJECT);
  for (uint32_t i = 0; t->known && i < all.len; i++) {
    const struct value *library = &all.members[i].value;
    map_put(&t->libraries, without_pack(value_str(all.members[i].key)), NULL)->view = library;
    index_dependencies(r, *library, &t->needed);
  }
}

static bool is_type(struct value library, const char *type)
{
  return str_eq_nocase(value_str_or_empty(get(library, "type")), str_from(type));
}

/* The project that none depends on, if there is one such, is the program. */
static void find_program(struct reading *r, struct value libraries, struct target *t)
{
  const struct value *program = NULL;
  unsigned count = 0;
  for (uint32_t i = 0; i < libraries.len; i++) {
    struct str id = value_str(libraries.members[i].key);
    if (!is_type(libraries.members[i].value, "project") || map_get(&t->needed, id))
      continue;
    const union map_value *found = map_get(&t->libraries, id);
    program = found ? found->view : NULL;
    count++;
  }
  if (count == 1 && program)
    index_dependencies(r, *program, &t->direct);
}

/* What is only there for the compiler has none of these. A library that the target lacks is taken to run. */
static bool runs(const struct target *t, struct str id)
{
  const union map_value *found = t->known ? map_get(&t->libraries, id) : NULL;
  if (!found)
    return true;
  const struct value *library = found->view;
  return !value_is_nil(get(*library, "runtime")) ||
         !value_is_nil(get(*library, "runtimeTargets")) || !value_is_nil(get(*library, "native"));
}

static void add_libraries(struct reading *r, struct value libraries, struct target *t)
{
  for (uint32_t i = 0; i < libraries.len; i++) {
    struct str name, version, id = without_pack(value_str(libraries.members[i].key));
    struct value library = libraries.members[i].value;
    bool project = is_type(library, "project");
    if (!project && !is_type(library, "package") && !is_type(library, "runtimepack"))
      continue;
    if (!split_id(id, &name, &version) || !runs(t, id))
      continue;
    bool indirect = t->direct.count && !project && !map_get(&t->direct, id);
    if (add(r, name, version, indirect, false, value_position(libraries, i).line) < 0)
      return;
  }
}

static int read_deps(struct reading *r, struct str bytes, struct error *err)
{
  struct value root;
  struct target t = {.known = false};
  int rc = parse(r, bytes, &root, err);
  if (rc < 0)
    return rc;
  struct value libraries = get(root, "libraries");
  if (!value_is(libraries, VALUE_OBJECT))
    return 0;
  map_init(&t.libraries, NULL);
  map_init(&t.needed, NULL);
  map_init(&t.direct, NULL);
  index_target(r, root, &t);
  find_program(r, libraries, &t);
  add_libraries(r, libraries, &t);
  map_free(&t.libraries);
  map_free(&t.needed);
  map_free(&t.direct);
  return 0;
}

/* ---- packages.lock.json */

static int read_lock(struct reading *r, struct str bytes, struct error *err)
{
  struct value root;
  int rc = parse(r, bytes, &root, err);
  if (rc < 0)
    return rc;
  struct value targets = get(root, "dependencies");
  for (uint32_t i = 0; value_is(targets, VALUE_OBJECT) && i < targets.len; i++) {
    struct value all = targets.members[i].value;
    for (uint32_t k = 0; value_is(all, VALUE_OBJECT) && k < all.len; k++) {
      struct value package = all.members[k].value;
      if (is_type(package, "Project"))
        continue;
      if (add(r, value_str(all.members[k].key), value_str_or_empty(get(package, "resolved")),
              !is_type(package, "Direct"), false, value_position(all, k).line) < 0)
        return 0;
    }
  }
  return 0;
}

/* ---- project.assets.json */

/* "Name >= 1.0.0" of what the project asks for itself. */
static void index_asked(struct value groups, struct map *asked)
{
  for (uint32_t i = 0; value_is(groups, VALUE_OBJECT) && i < groups.len; i++) {
    struct value group = groups.members[i].value;
    for (uint32_t k = 0; value_is(group, VALUE_ARRAY) && k < group.len; k++) {
      struct str rest;
      map_put(asked, str_cut(value_str_or_empty(group.items[k]), ' ', &rest), NULL);
    }
  }
}

static int read_assets(struct reading *r, struct str bytes, struct error *err)
{
  struct value root;
  struct map asked;
  int rc = parse(r, bytes, &root, err);
  if (rc < 0)
    return rc;
  struct value libraries = get(root, "libraries");
  map_init(&asked, NULL);
  index_asked(get(root, "projectFileDependencyGroups"), &asked);
  for (uint32_t i = 0; value_is(libraries, VALUE_OBJECT) && i < libraries.len; i++) {
    struct str name, version;
    if (!is_type(libraries.members[i].value, "package") ||
        !split_id(value_str(libraries.members[i].key), &name, &version))
      continue;
    bool indirect = asked.count && !map_get(&asked, name);
    if (add(r, name, version, indirect, false, value_position(libraries, i).line) < 0)
      break;
  }
  map_free(&asked);
  return 0;
}

/* ---- packages.config */

static int on_config(void *ctx, const struct xml_element *e, struct error *err)
{
  struct reading *r = ctx;
  struct str name = xml_attribute(e, STR("id"));
  bool development = str_eq_nocase(xml_attribute(e, STR("developmentDependency")), STR("true"));
  if (!str_eq(e->path, STR("packages/package")) || !name.len)
    return 0;
  if (add(r, name, xml_attribute(e, STR("version")), false, development, e->line) < 0)
    return faults_end(&r->faults, err);
  return 0;
}

static int read_config(struct reading *r, struct str bytes, struct error *err)
{
  const struct xml_visitor visitor = {.start = on_config, .ctx = r};
  return xml_read(bytes, &visitor, err);
}

/* ---- *Packages.props */

struct props {
  struct reading *reading;
  char name[PACKAGE_NAME_MAX]; /* of the element that is open: its version may stand inside it */
  size_t name_len;
  bool has_version;
};

static bool is_item(struct str path)
{
  return str_eq(path, STR("Project/ItemGroup/PackageReference")) ||
         str_eq(path, STR("Project/ItemGroup/PackageVersion")) ||
         str_eq(path, STR("Project/ItemGroup/GlobalPackageReference"));
}

static bool is_variable(struct str text)
{
  return str_find(text, 0, STR("$(")) >= 0;
}

static int add_item(struct props *p, struct str version, uint32_t line, struct error *err)
{
  struct str name = str_trim(str_make(p->name, p->name_len));
  version = str_trim(version);
  if (!name.len || !version.len || is_variable(name) || is_variable(version))
    return 0;
  p->has_version = true;
  return add(p->reading, name, version, false, false, line) < 0
             ? faults_end(&p->reading->faults, err)
             : 0;
}

static int on_item(void *ctx, const struct xml_element *e, struct error *err)
{
  struct props *p = ctx;
  struct str name = xml_attribute(e, STR("Include"));
  if (!is_item(e->path))
    return 0;
  if (!name.len)
    name = xml_attribute(e, STR("Update"));
  p->has_version = false;
  p->name_len = name.len < sizeof p->name ? name.len : 0;
  if (p->name_len)
    memcpy(p->name, name.data, name.len);
  return add_item(p, xml_attribute(e, STR("Version")), e->line, err);
}

static int on_item_end(void *ctx, const struct xml_element *e, struct error *err)
{
  struct props *p = ctx;
  struct str suffix = STR("/Version");
  if (p->has_version || !str_ends(e->path, suffix) ||
      !is_item(str_sub(e->path, 0, e->path.len - suffix.len)))
    return 0;
  return add_item(p, e->text, e->line, err);
}

static int read_props(struct reading *r, struct str bytes, struct error *err)
{
  struct props props = {.reading = r};
  const struct xml_visitor visitor = {on_item, on_item_end, &props};
  return xml_read(bytes, &visitor, err);
}

/* ---- */

static const struct {
  struct str name;
  bool whole, any_case; /* whole: not only its end */
  bool installed;       /* in an image as well */
  int (*read)(struct reading *r, struct str bytes, struct error *err);
} kinds[] = {
    {STR_INIT(".deps.json"), false, false, true, read_deps},
    {STR_INIT("packages.lock.json"), true, false, false, read_lock},
    {STR_INIT("project.assets.json"), true, false, false, read_assets},
    {STR_INIT("packages.config"), true, true, false, read_config},
    {STR_INIT("packages.props"), false, true, false, read_props},
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static size_t kind_of(struct str path)
{
  struct str name = language_base_name(path);
  for (size_t i = 0; i < KINDS; i++) {
    struct str wanted = kinds[i].name;
    struct str part = name.len >= wanted.len && !kinds[i].whole
                          ? str_sub(name, name.len - wanted.len, SIZE_MAX)
                          : name;
    if (kinds[i].any_case ? str_eq_nocase(part, wanted) : str_eq(part, wanted))
      return i;
  }
  return KINDS;
}

bool dotnet_wants(struct str path, unsigned flags)
{
  size_t kind = kind_of(path);
  return kind < KINDS && (kinds[kind].installed || (flags & PACKAGE_LIST_LOCK_FILES));
}

int dotnet_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
                struct error *err)
{
  size_t kind = kind_of(path);
  if (kind == KINDS)
    return error_set(err, SW_EUNSUPPORTED, "it is no file of .NET");
  if (bytes.len > DOTNET_SIZE_MAX)
    return error_set(err, SW_ELIMIT, "the file has %zu bytes, at most %d are read", bytes.len,
                     DOTNET_SIZE_MAX);
  struct reading r = {.path = path, .layer = layer, .list = list};
  arena_init(&r.arena, TREE_MAX);
  map_init(&r.seen, NULL);
  int rc = kinds[kind].read(&r, bytes, err);
  if (rc == 0)
    rc = faults_end(&r.faults, err);
  map_free(&r.seen);
  arena_free(&r.arena);
  return rc;
}
