/* What projects ask for: pom.xml, gradle.lockfile, build.sbt.lock. */
#include "data/json.h"
#include "oci/layer.h"
#include "scan/faults_int.h"
#include "scan/language/java_int.h"
#include "scan/language/language_add_int.h"

enum { TREE_MAX = 512 << 20 };

struct lock {
  struct str path;
  uint32_t layer;
  struct package_list *list;
  struct arena arena;
  struct map seen; /* "group:artifact@version" */
  struct faults faults;
  unsigned without_version;
};

static int add(struct lock *l, const struct java_coordinates *c, bool development, uint32_t line)
{
  struct error err;
  struct package p = {.development = development, .path = l->path, .layer = l->layer};
  bool added;
  if (development && !(l->list->flags & PACKAGE_LIST_DEVELOPMENT))
    return 0;
  map_put(&l->seen,
          arena_printf(&l->arena, "%.*s:%.*s@%.*s", STR_FMT(c->group), STR_FMT(c->artifact),
                       STR_FMT(c->version)),
          &added);
  if (!added || java_add(l->list, &p, c, &l->arena, &err) == 0)
    return 0;
  err.line = line;
  return faults_add(&l->faults, &err);
}

/* ---- Maven */

static struct str managed_key(struct arena *arena, const struct java_dependency *d)
{
  struct str type = d->type.len ? d->type : STR("jar");
  return arena_printf(arena, "%.*s:%.*s:%.*s", STR_FMT(d->coordinates.group),
                      STR_FMT(d->coordinates.artifact), STR_FMT(type));
}

/* "[1.2]" is 1.2; any other range leaves the choice to who resolves it. */
static struct str exact_version(struct str version)
{
  if (version.len > 2 && version.data[0] == '[' && version.data[version.len - 1] == ']')
    version = str_sub(version, 1, version.len - 2);
  for (size_t i = 0; i < version.len; i++)
    if (strchr(",()[]", version.data[i]))
      return STR_EMPTY;
  return version;
}

static void evaluate(const struct java_pom *pom, struct arena *arena, struct java_dependency *d)
{
  d->coordinates.group = java_pom_evaluate(pom, arena, d->coordinates.group);
  d->coordinates.artifact = java_pom_evaluate(pom, arena, d->coordinates.artifact);
  d->coordinates.version = java_pom_evaluate(pom, arena, d->coordinates.version);
  d->scope = java_pom_evaluate(pom, arena, d->scope);
  d->type = java_pom_evaluate(pom, arena, d->type);
}

/* Of the file and its parents: the nearest counts. */
static void index_managed(struct lock *l, const struct java_pom *pom, struct map *managed)
{
  const struct java_pom *at = pom;
  map_init(managed, &l->arena);
  for (unsigned n = 0; at && n < JAVA_PARENTS_MAX; n++, at = at->above)
    for (size_t i = 0; i < at->managed.count; i++) {
      struct java_dependency *d = arena_new(&l->arena, struct java_dependency);
      bool added;
      *d = at->managed.items[i];
      evaluate(pom, &l->arena, d);
      union map_value *value = map_put(managed, managed_key(&l->arena, d), &added);
      if (added)
        value->view = d;
    }
}

static int add_dependency(struct lock *l, const struct java_pom *pom, const struct map *managed,
                          struct java_dependency d)
{
  evaluate(pom, &l->arena, &d);
  const union map_value *found = map_get(managed, managed_key(&l->arena, &d));
  const struct java_dependency *m = found ? found->view : NULL;
  if (m) {
    if (!d.coordinates.version.len)
      d.coordinates.version = m->coordinates.version;
    if (!d.scope.len)
      d.scope = m->scope;
    d.optional |= m->optional;
  }
  bool tests = str_eq(d.scope, STR("test"));
  bool runs = !d.scope.len || str_eq(d.scope, STR("compile")) || str_eq(d.scope, STR("runtime"));
  if (d.optional || (!tests && !runs))
    return 0;
  d.coordinates.version = exact_version(d.coordinates.version);
  if (!d.coordinates.group.len || !d.coordinates.artifact.len || !d.coordinates.version.len) {
    l->without_version += !tests;
    return 0;
  }
  return add(l, &d.coordinates, tests, d.line);
}

static int add_project(struct lock *l, const struct java_pom *pom)
{
  struct java_coordinates c = pom->project;
  c.group = java_pom_evaluate(pom, &l->arena, c.group.len ? c.group : pom->parent.group);
  c.artifact = java_pom_evaluate(pom, &l->arena, c.artifact);
  c.version = java_pom_evaluate(pom, &l->arena, c.version.len ? c.version : pom->parent.version);
  return c.group.len && c.artifact.len && c.version.len ? add(l, &c, false, 0) : 0;
}

/* The dependencies of a file and, where it does not name them itself, of its parents. */
static int add_dependencies(struct lock *l, const struct java_pom *pom, const struct map *managed)
{
  const struct java_pom *at = pom;
  struct map seen;
  int rc = 0;
  map_init(&seen, &l->arena);
  for (unsigned n = 0; rc == 0 && at && n < JAVA_PARENTS_MAX; n++, at = at->above)
    for (size_t i = 0; rc == 0 && i < at->dependencies.count; i++) {
      bool added;
      map_put(&seen, managed_key(&l->arena, &at->dependencies.items[i]), &added);
      if (added || at == pom)
        rc = add_dependency(l, pom, managed, at->dependencies.items[i]);
    }
  map_free(&seen);
  return rc;
}

/* What a file means, its parents known. */
static int add_pom(struct lock *l, const struct java_pom *pom, struct error *err)
{
  struct map managed;
  index_managed(l, pom, &managed);
  if (add_project(l, pom) == 0)
    add_dependencies(l, pom, &managed);
  map_free(&managed);
  if (l->without_version && l->faults.count == 0)
    return error_set(
        err, SW_EUNSUPPORTED,
        "%u dependencies have versions that another file determines, which is not read",
        l->without_version);
  return 0;
}

static int read_pom(struct lock *l, struct str bytes, struct error *err)
{
  struct java_pom pom;
  int rc = java_pom_read(&l->arena, bytes, &pom, err);
  if (rc == 0)
    rc = java_pom_note(&pom, l->path, l->layer, l->list, err);
  if (rc == 0 && !pom.parent.artifact.len)
    rc = add_pom(l, &pom, err);
  java_pom_free(&pom);
  return rc;
}

/* ---- Gradle: group:artifact:version=configuration,configuration */

static bool only_for_tests(struct str configurations)
{
  struct str rest = configurations;
  while (rest.data)
    if (!str_starts(str_trim(str_cut(rest, ',', &rest)), STR("test")))
      return false;
  return configurations.len > 0;
}

static int read_gradle(struct lock *l, struct str bytes, struct error *err)
{
  uint32_t number = 0;
  (void)err;
  for (struct str rest = bytes; rest.data;) {
    struct str line = str_trim(str_cut(rest, '\n', &rest)), configurations, more;
    number++;
    if (!line.len || line.data[0] == '#')
      continue;
    struct str name = str_cut(line, '=', &configurations);
    struct java_coordinates c;
    c.group = str_cut(name, ':', &more);
    c.artifact = str_cut(more, ':', &more);
    c.version = str_cut(more, ':', &more);
    if (!c.version.data || more.data) /* the last line lists configurations without dependencies */
      continue;
    if (add(l, &c, configurations.data && only_for_tests(configurations), number) < 0)
      break;
  }
  return 0;
}

/* ---- sbt */

static bool has_configuration(struct value dependency, const char *name)
{
  struct value all = value_get_str(dependency, STR("configurations"));
  for (uint32_t i = 0; value_is(all, VALUE_ARRAY) && i < all.len; i++)
    if (value_eq_str(all.items[i], str_from(name)))
      return true;
  return false;
}

static int read_sbt(struct lock *l, struct str bytes, struct error *err)
{
  const struct json_options options = {.positions = true};
  struct value root = VALUE_NONE;
  int rc = json_parse(&l->arena, bytes, &options, &root, err);
  if (rc < 0)
    return rc;
  struct value all = value_get_str(root, STR("dependencies"));
  if (!value_is(all, VALUE_ARRAY))
    return error_set(err, SW_EINVAL, "\"dependencies\" is no list");
  for (uint32_t i = 0; i < all.len; i++) {
    struct value d = all.items[i];
    bool runs = has_configuration(d, "compile") || has_configuration(d, "runtime");
    const struct java_coordinates c = {value_str_or_empty(value_get_str(d, STR("org"))),
                                       value_str_or_empty(value_get_str(d, STR("name"))),
                                       value_str_or_empty(value_get_str(d, STR("version")))};
    if (!runs && !has_configuration(d, "test"))
      continue;
    if (add(l, &c, !runs, value_position(all, i).line) < 0)
      break;
  }
  return 0;
}

/* ---- */

static const struct {
  struct str ending; /* of the name; whole: the whole of it */
  bool whole;
  int (*read)(struct lock *l, struct str bytes, struct error *err);
} kinds[] = {
    {STR_INIT("pom.xml"), true, read_pom},
    {STR_INIT("gradle.lockfile"), false, read_gradle},
    {STR_INIT(".sbt.lock"), false, read_sbt},
};

static size_t kind_of(struct str path)
{
  struct str name = language_base_name(path);
  size_t i = 0;
  while (i < sizeof kinds / sizeof kinds[0] &&
         !(kinds[i].whole ? str_eq(name, kinds[i].ending) : str_ends(name, kinds[i].ending)))
    i++;
  return i;
}

bool java_lock_wants(struct str path, unsigned flags)
{
  return (flags & PACKAGE_LIST_LOCK_FILES) && kind_of(path) < sizeof kinds / sizeof kinds[0];
}

static void lock_init(struct lock *l, struct str path, uint32_t layer, struct package_list *list)
{
  *l = (struct lock){.path = path, .layer = layer, .list = list};
  arena_init(&l->arena, TREE_MAX);
  map_init(&l->seen, NULL);
}

static void lock_free(struct lock *l)
{
  map_free(&l->seen);
  arena_free(&l->arena);
}

int java_lock_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
                   struct error *err)
{
  size_t kind = kind_of(path);
  if (kind == sizeof kinds / sizeof kinds[0])
    return error_set(err, SW_EUNSUPPORTED, "it is no lock file of Java");
  if (bytes.len > JAVA_LOCK_SIZE_MAX)
    return error_set(err, SW_ELIMIT, "the file has %zu bytes, at most %d are read", bytes.len,
                     JAVA_LOCK_SIZE_MAX);
  struct lock l;
  lock_init(&l, path, layer, list);
  int rc = kinds[kind].read(&l, bytes, err);
  if (rc == 0)
    rc = faults_end(&l.faults, err);
  lock_free(&l);
  return rc;
}

/* ---- projects of several files */

struct project {
  const struct package_note *note;
  struct java_pom pom;
};

/* The path of a parent's file, beside that of its child. A folder stands for the pom.xml in it. */
static struct str parent_path(const struct project *p, struct arena *arena)
{
  char clean[OCI_PATH_MAX + 1];
  bool escapes;
  struct str path = p->note->path, relative = p->pom.relative_path;
  size_t folder = path.len - language_base_name(path).len;
  if (!relative.len)
    relative = STR("../pom.xml");
  const char *file = str_ends(relative, STR(".xml")) ? "" : "/pom.xml";
  struct str whole =
      arena_printf(arena, "%.*s%.*s%s", STR_FMT(str_sub(path, 0, folder)), STR_FMT(relative), file);
  int len = oci_path_clean(whole, clean, &escapes);
  return len < 0 ? STR_EMPTY : arena_copy(arena, str_make(clean, (size_t)len));
}

/* Only what bears the name of the parent is it: in the default place may lie another. */
static void find_parent(struct project *p, const struct map *by_path, struct arena *arena)
{
  const union map_value *found = map_get(by_path, parent_path(p, arena));
  const struct project *parent = found ? found->view : NULL;
  if (p->pom.parent.artifact.len && parent && parent != p &&
      str_eq(parent->pom.project.artifact, p->pom.parent.artifact))
    p->pom.above = &parent->pom;
}

static void settle_pom(const struct project *p, struct package_list *list, struct faults *faults)
{
  struct lock l;
  struct error err;
  lock_init(&l, p->note->path, p->note->layer, list);
  int rc = add_pom(&l, &p->pom, &err);
  if (rc == 0)
    rc = faults_end(&l.faults, &err);
  lock_free(&l);
  if (rc < 0) {
    error_wrap(&err, "%.*s", STR_FMT(str_sub(p->note->path, 0, ERROR_PLACE_MAX)));
    faults_add(faults, &err);
  }
}

void java_settle(struct package_list *list, struct faults *faults)
{
  VEC(struct project) projects = {0};
  struct arena arena;
  struct map by_path;
  arena_init(&arena, 0);
  map_init(&by_path, NULL);
  for (size_t i = 0; i < list->notes.count; i++)
    if (list->notes.items[i].kind == PACKAGE_NOTE_POM)
      vec_add(&projects)->note = &list->notes.items[i];
  for (size_t i = 0; i < projects.count; i++) {
    java_pom_from_note(&arena, projects.items[i].note, &projects.items[i].pom);
    map_put(&by_path, projects.items[i].note->path, NULL)->view = &projects.items[i];
  }
  for (size_t i = 0; i < projects.count; i++)
    find_parent(&projects.items[i], &by_path, &arena);
  for (size_t i = 0; i < projects.count; i++)
    if (projects.items[i].pom.parent.artifact.len)
      settle_pom(&projects.items[i], list, faults);
  for (size_t i = 0; i < projects.count; i++)
    java_pom_free(&projects.items[i].pom);
  vec_free(&projects);
  map_free(&by_path);
  arena_free(&arena);
}
