/* Maven's project files: the parts of them that name packages. */
#include "data/xml.h"
#include "scan/language/java_int.h"

enum {
  DEPENDENCIES_MAX = 100000,
  PROPERTIES_MAX = 100000,
  LICENSE_MAX = 1024,
  VALUE_MAX = 4096, /* bytes of a text with its properties put in */
  NESTING_MAX = 20, /* properties in properties */
};

struct reading {
  struct java_pom *pom;
  struct arena *arena;
  struct java_dependency current;
  struct buf license;
};

/* Where a text belongs, by its path. */
static struct str *find_field(struct reading *r, struct str path)
{
  const struct {
    struct str path;
    struct str *field;
  } fields[] = {
      {STR("project/groupId"), &r->pom->project.group},
      {STR("project/artifactId"), &r->pom->project.artifact},
      {STR("project/version"), &r->pom->project.version},
      {STR("project/parent/groupId"), &r->pom->parent.group},
      {STR("project/parent/artifactId"), &r->pom->parent.artifact},
      {STR("project/parent/version"), &r->pom->parent.version},
      {STR("project/parent/relativePath"), &r->pom->relative_path},
  };
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
    if (str_eq(path, fields[i].path))
      return fields[i].field;
  return NULL;
}

static const struct str of_project = STR_INIT("project/dependencies/dependency");
static const struct str of_management =
    STR_INIT("project/dependencyManagement/dependencies/dependency");

static void take_part(struct reading *r, struct str name, struct str text)
{
  struct java_dependency *d = &r->current;
  const struct {
    struct str name;
    struct str *field;
  } fields[] = {
      {STR("groupId"), &d->coordinates.group},
      {STR("artifactId"), &d->coordinates.artifact},
      {STR("version"), &d->coordinates.version},
      {STR("scope"), &d->scope},
      {STR("type"), &d->type},
  };
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
    if (str_eq(name, fields[i].name))
      *fields[i].field = arena_copy(r->arena, text);
  if (str_eq(name, STR("optional")))
    d->optional = str_eq(text, STR("true"));
}

static int end_dependency(struct java_dependencies *list, const struct java_dependency *d,
                          struct error *err)
{
  if (vec_full(list, DEPENDENCIES_MAX))
    return error_set(err, SW_ELIMIT, "there are more than %d dependencies", DEPENDENCIES_MAX);
  vec_push(list, *d);
  return 0;
}

static void take_license(struct reading *r, struct str name)
{
  if (!name.len || r->license.len + name.len + 2 > LICENSE_MAX)
    return;
  if (r->license.len)
    buf_add_text(&r->license, ", ");
  buf_add(&r->license, name);
}

static bool is_below(struct str path, struct str parent)
{
  return str_starts(path, parent) && path.len > parent.len && path.data[parent.len] == '/' &&
         str_find_byte(path, parent.len + 1, '/') < 0;
}

static int on_start(void *ctx, const struct xml_element *e, struct error *err)
{
  struct reading *r = ctx;
  (void)err;
  if (str_eq(e->path, of_project) || str_eq(e->path, of_management))
    r->current = (struct java_dependency){.coordinates = {STR_EMPTY, STR_EMPTY, STR_EMPTY},
                                          .scope = STR_EMPTY,
                                          .type = STR_EMPTY,
                                          .line = e->line};
  return 0;
}

static int on_end(void *ctx, const struct xml_element *e, struct error *err)
{
  struct reading *r = ctx;
  struct str *field = find_field(r, e->path);
  if (field) {
    *field = arena_copy(r->arena, e->text);
  } else if (is_below(e->path, of_project) || is_below(e->path, of_management)) {
    take_part(r, e->name, e->text);
  } else if (str_eq(e->path, of_project)) {
    return end_dependency(&r->pom->dependencies, &r->current, err);
  } else if (str_eq(e->path, of_management)) {
    return end_dependency(&r->pom->managed, &r->current, err);
  } else if (str_eq(e->path, STR("project/licenses/license/name"))) {
    take_license(r, e->text);
  } else if (is_below(e->path, STR("project/properties"))) {
    if (r->pom->properties.count >= PROPERTIES_MAX)
      return error_set(err, SW_ELIMIT, "there are more than %d properties", PROPERTIES_MAX);
    struct str *value = arena_new(r->arena, struct str);
    *value = arena_copy(r->arena, e->text);
    map_put(&r->pom->properties, e->name, NULL)->view = value;
  }
  return 0;
}

int java_pom_read(struct arena *arena, struct str bytes, struct java_pom *ret, struct error *err)
{
  struct reading r = {.pom = ret, .arena = arena};
  const struct xml_visitor visitor = {on_start, on_end, &r};
  const struct java_coordinates none = {STR_EMPTY, STR_EMPTY, STR_EMPTY};
  *ret = (struct java_pom){.project = none, .parent = none, .relative_path = STR_EMPTY};
  map_init(&ret->properties, arena);
  int rc = xml_read(bytes, &visitor, err);
  ret->license = r.license.len ? arena_copy(arena, buf_str(&r.license)) : STR_EMPTY;
  buf_free(&r.license);
  return rc;
}

void java_pom_free(struct java_pom *pom)
{
  map_free(&pom->properties);
  vec_free(&pom->dependencies);
  vec_free(&pom->managed);
}

/*
 * ---- as a note: lines of fields with tabs between them
 *
 *   P group artifact version, the same of the parent, path of the parent
 *   = name value
 *   D group artifact version scope type optional     a dependency
 *   M                                                 the same, managed
 */

struct writer {
  struct str *lines; /* NULL: only counting */
  char *text;
  size_t count, bytes;
};

static void write_line(struct writer *w, char mark, const struct str *fields, size_t count)
{
  size_t len = 1;
  for (size_t i = 0; i < count; i++)
    len += fields[i].len + (i > 0);
  if (w->lines) {
    w->lines[w->count] = str_make(w->text, len);
    *w->text++ = mark;
    for (size_t i = 0; i < count; i++) {
      if (i)
        *w->text++ = '\t';
      if (fields[i].len)
        memcpy(w->text, fields[i].data, fields[i].len);
      w->text += fields[i].len;
    }
  }
  w->count++;
  w->bytes += len;
}

static void write_dependencies(struct writer *w, char mark, const struct java_dependencies *list)
{
  for (size_t i = 0; i < list->count; i++) {
    const struct java_dependency *d = &list->items[i];
    const struct str fields[] = {d->coordinates.group,
                                 d->coordinates.artifact,
                                 d->coordinates.version,
                                 d->scope,
                                 d->type,
                                 d->optional ? STR("1") : STR_EMPTY};
    write_line(w, mark, fields, sizeof fields / sizeof fields[0]);
  }
}

static void write_pom(struct writer *w, const struct java_pom *pom)
{
  const struct str fields[] = {pom->project.group, pom->project.artifact, pom->project.version,
                               pom->parent.group,  pom->parent.artifact,  pom->parent.version,
                               pom->relative_path};
  size_t at = 0;
  w->count = w->bytes = 0;
  write_line(w, 'P', fields, sizeof fields / sizeof fields[0]);
  for (struct map_entry *e; (e = map_next(&pom->properties, &at));)
    write_line(w, '=', (const struct str[]){e->key, *(const struct str *)e->value.view}, 2);
  write_dependencies(w, 'D', &pom->dependencies);
  write_dependencies(w, 'M', &pom->managed);
}

int java_pom_note(const struct java_pom *pom, struct str path, uint32_t layer,
                  struct package_list *list, struct error *err)
{
  struct writer w = {.lines = NULL};
  write_pom(&w, pom);
  struct str *lines = package_list_room_for_files(list, w.count, w.bytes, &w.text, err);
  if (!lines)
    return SW_ELIMIT;
  w.lines = lines;
  write_pom(&w, pom);
  const struct package_note note = {.kind = PACKAGE_NOTE_POM,
                                    .type = PACKAGE_MAVEN,
                                    .name = STR("pom.xml"),
                                    .files = lines,
                                    .file_count = (uint32_t)w.count,
                                    .path = path,
                                    .layer = layer};
  return package_list_note(list, &note, err);
}

static void read_dependency(struct java_dependencies *list, const struct str *fields)
{
  if (!vec_full(list, DEPENDENCIES_MAX))
    vec_push(list, (struct java_dependency){.coordinates = {fields[0], fields[1], fields[2]},
                                            .scope = fields[3],
                                            .type = fields[4],
                                            .optional = fields[5].len > 0});
}

void java_pom_from_note(struct arena *arena, const struct package_note *note, struct java_pom *ret)
{
  const struct java_coordinates none = {STR_EMPTY, STR_EMPTY, STR_EMPTY};
  *ret = (struct java_pom){
      .project = none, .parent = none, .relative_path = STR_EMPTY, .license = STR_EMPTY};
  map_init(&ret->properties, NULL);
  for (uint32_t i = 0; i < note->file_count; i++) {
    struct str fields[7], rest = str_sub(note->files[i], 1, SIZE_MAX), value = STR_EMPTY;
    char mark = note->files[i].len ? note->files[i].data[0] : '\0';
    for (size_t f = 0; f < 7; f++) {
      fields[f] = rest.data ? str_cut(rest, '\t', &rest) : STR_EMPTY;
      value = f == 0 && rest.data ? rest : value;
    }
    if (mark == 'P') {
      ret->project = (struct java_coordinates){fields[0], fields[1], fields[2]};
      ret->parent = (struct java_coordinates){fields[3], fields[4], fields[5]};
      ret->relative_path = fields[6];
    } else if (mark == '=') {
      struct str *kept = arena_new(arena, struct str);
      *kept = value;
      map_put(&ret->properties, fields[0], NULL)->view = kept;
    } else if (mark == 'D') {
      read_dependency(&ret->dependencies, fields);
    } else if (mark == 'M') {
      read_dependency(&ret->managed, fields);
    }
  }
}

/* ---- properties */

/* What the project's own elements give, under their names of today and of old. */
static struct str project_property(const struct java_pom *pom, struct str name)
{
  static const struct str prefixes[] = {STR_INIT("project."), STR_INIT("pom.")};
  for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
    if (str_starts(name, prefixes[i])) {
      name = str_sub(name, prefixes[i].len, SIZE_MAX);
      break;
    }
  const struct {
    struct str name, value, inherited;
  } known[] = {
      {STR("groupId"), pom->project.group, pom->parent.group},
      {STR("artifactId"), pom->project.artifact, STR_EMPTY},
      {STR("version"), pom->project.version, pom->parent.version},
      {STR("parent.groupId"), pom->parent.group, STR_EMPTY},
      {STR("parent.artifactId"), pom->parent.artifact, STR_EMPTY},
      {STR("parent.version"), pom->parent.version, STR_EMPTY},
  };
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (str_eq(name, known[i].name))
      return known[i].value.len ? known[i].value : known[i].inherited;
  return STR_EMPTY;
}

static struct str property(const struct java_pom *pom, struct str name)
{
  const struct java_pom *at = pom;
  for (unsigned i = 0; at && i < JAVA_PARENTS_MAX; i++, at = at->above) {
    const union map_value *value = map_get(&at->properties, name);
    if (value)
      return *(const struct str *)value->view;
  }
  return project_property(pom, name);
}

/* Replaces the first of them until there is none: what is put in may hold others. */
struct str java_pom_evaluate(const struct java_pom *pom, struct arena *arena, struct str text)
{
  for (unsigned i = 0; i <= NESTING_MAX; i++) {
    ptrdiff_t from = str_find(text, 0, STR("${"));
    ptrdiff_t to = from < 0 ? -1 : str_find_byte(text, (size_t)from, '}');
    if (to < 0)
      return text;
    struct str name = str_sub(text, (size_t)from + 2, (size_t)(to - from) - 2);
    struct str value = property(pom, name);
    if (!value.len || text.len + value.len > VALUE_MAX)
      return STR_EMPTY;
    text = arena_printf(arena, "%.*s%.*s%.*s", STR_FMT(str_sub(text, 0, (size_t)from)),
                        STR_FMT(value), STR_FMT(str_sub(text, (size_t)to + 1, SIZE_MAX)));
  }
  return STR_EMPTY;
}
