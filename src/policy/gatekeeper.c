#include "policy/gatekeeper_int.h"

#include "base/file.h"
#include "base/walk.h"
#include "data/compare.h"
#include "data/copy.h"
#include "data/yaml.h"
#include "kube/keys.h"

struct value gatekeeper_empty_object(void)
{
  static const struct value_member none[1];
  return (struct value){.type = VALUE_OBJECT, .members = none};
}

struct gatekeeper *gatekeeper_new(const struct gatekeeper_options *options)
{
  struct gatekeeper *g = mem_zalloc(1, sizeof *g);
  arena_init(&g->arena, 0);
  arena_keep(&g->arena, 0);
  if (options)
    g->options = *options;
  g->symbols = g->options.symbols;
  if (!g->symbols)
    g->symbols = g->own_symbols = kube_symbols_new();
  map_init(&g->template_by_name, NULL);
  map_init(&g->index.buckets, NULL);
  return g;
}

void gatekeeper_free(struct gatekeeper *g)
{
  if (!g)
    return;
  for (size_t i = 0; i < g->templates.count; i++)
    gatekeeper_template_free(g->templates.items[i]);
  gatekeeper_index_free(&g->index);
  map_free(&g->template_by_name);
  vec_free(&g->templates);
  vec_free(&g->constraints);
  vec_free(&g->problems);
  openapi_schema_free(g->spec_schema);
  symbols_free(g->own_symbols);
  arena_free(&g->arena);
  mem_free(g);
}

struct symbols *gatekeeper_symbols(struct gatekeeper *g)
{
  return g->symbols;
}

/* ---- problems */

int gatekeeper_tell(struct gatekeeper *g, const struct problem_place *place, int code,
                    const char *format, ...)
{
  if (g->problems.count == GATEKEEPER_PROBLEMS_MAX) {
    g->problems_dropped++;
    return code;
  }
  char text[ERROR_MESSAGE_MAX];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  struct gatekeeper_problem *p = vec_add(&g->problems);
  *p = (struct gatekeeper_problem){
      .kind = place->kind,
      .code = code,
      .file = arena_copy(&g->arena, place->file),
      .line = place->line,
      .column = place->column,
      .subject = arena_copy(&g->arena, place->subject),
      .message = arena_copy(&g->arena, str_from(text)),
      .excerpt = arena_copy(&g->arena, place->excerpt),
  };
  return code;
}

size_t gatekeeper_problem_count(const struct gatekeeper *g)
{
  return g->problems.count;
}

const struct gatekeeper_problem *gatekeeper_problem(const struct gatekeeper *g, size_t i)
{
  return &g->problems.items[i];
}

void gatekeeper_problem_write(struct buf *out, const struct gatekeeper_problem *problem)
{
  if (problem->file.len && problem->line)
    buf_printf(out, "%.*s:%u: ", STR_FMT(problem->file), problem->line);
  else if (problem->file.len)
    buf_printf(out, "%.*s: ", STR_FMT(problem->file));
  if (problem->subject.len)
    buf_printf(out, "%.*s: ", STR_FMT(problem->subject));
  buf_add(out, problem->message);
  if (problem->excerpt.len) {
    buf_add_byte(out, '\n');
    buf_add(out, problem->excerpt);
  }
}

/* ---- taking objects */

static bool is_template(const struct kube_object *o)
{
  return kube_object_is(o, STR(GATEKEEPER_TEMPLATE_GROUP), STR("ConstraintTemplate"));
}

bool gatekeeper_is_policy(const struct kube_object *object)
{
  return is_template(object) || str_eq(object->group, STR(GATEKEEPER_CONSTRAINT_GROUP));
}

static int add_template(struct gatekeeper *g, const struct kube_object *object, struct str file,
                        struct error *err)
{
  if (vec_full(&g->templates, GATEKEEPER_TEMPLATES_MAX))
    return error_set(err, SW_ELIMIT, "more than %d ConstraintTemplates", GATEKEEPER_TEMPLATES_MAX);
  struct value document;
  int rc = value_copy(&g->arena, object->value, NULL, &document, err);
  if (rc < 0)
    return rc;
  struct template *t = mem_zalloc(1, sizeof *t);
  t->document = document;
  t->name = arena_copy(&g->arena, object->name);
  t->file = arena_copy(&g->arena, file);
  t->line = object->position.line;
  vec_push(&g->templates, t);
  return 1;
}

static int add_constraint(struct gatekeeper *g, const struct kube_object *object, struct str file,
                          struct error *err)
{
  if (vec_full(&g->constraints, GATEKEEPER_CONSTRAINTS_MAX))
    return error_set(err, SW_ELIMIT, "more than %d constraints", GATEKEEPER_CONSTRAINTS_MAX);
  struct constraint *c = arena_new(&g->arena, struct constraint);
  int rc = value_copy(&g->arena, object->value, NULL, &c->document, err);
  if (rc < 0)
    return rc;
  kube_object_read(c->document, object->position, &c->object);
  c->shown.kind = c->object.kind;
  c->shown.name = c->object.name;
  c->shown.file = arena_copy(&g->arena, file);
  c->shown.line = object->position.line;
  vec_push(&g->constraints, c);
  return 1;
}

int gatekeeper_add(struct gatekeeper *g, const struct kube_object *object, struct str file,
                   struct error *err)
{
  if (is_template(object))
    return add_template(g, object, file, err);
  return gatekeeper_is_policy(object) ? add_constraint(g, object, file, err) : 0;
}

/* ---- reading files */

/* Files of a path that are being read. */
struct loading {
  struct gatekeeper *g;
  struct arena arena;
  struct yaml_reader *reader;
  size_t taken;
  int rc; /* the first problem */
  struct error *err;
};

static void tell_file(struct loading *l, struct str file, uint32_t line, uint32_t column, int code,
                      const char *message)
{
  struct problem_place place = {
      .kind = GATEKEEPER_PROBLEM_FILE, .file = file, .line = line, .column = column};
  gatekeeper_tell(l->g, &place, code, "%s", message);
  if (l->rc < 0)
    return;
  l->rc = code;
  error_set(l->err, code, "%.*s: %s", STR_FMT(file), message);
}

static void take_document(struct loading *l, struct str file, const struct yaml_document *document)
{
  struct kube_objects it;
  struct kube_object object;
  struct error err;
  kube_objects_begin(&it, document->root, document->position);
  while (kube_objects_next(&it, &object)) {
    int rc = object.is_object ? gatekeeper_add(l->g, &object, file, &err) : 0;
    l->taken += rc > 0;
    if (rc < 0)
      tell_file(l, file, object.position.line, 0, rc, err.message);
  }
}

static void take_text(struct loading *l, struct str file, struct str text)
{
  struct yaml_options options = {.positions = true};
  struct yaml_document document;
  struct error err;
  int rc;
  if (l->reader)
    yaml_reader_reset(l->reader, text);
  else
    l->reader = yaml_reader_new(text, &options);
  while ((rc = yaml_reader_next(l->reader, &l->arena, &document, &err)) != 0) {
    if (rc < 0)
      tell_file(l, file, err.line, err.column, rc, err.message);
    else if (document.duplicate_count)
      tell_file(l, file, document.duplicates[0].position.line, 0, SW_EINVAL,
                "a key is given twice in one mapping");
    else
      take_document(l, file, &document);
    arena_reset(&l->arena);
  }
}

static bool is_manifest_name(struct str path)
{
  return str_ends(path, STR(".yaml")) || str_ends(path, STR(".yml")) ||
         str_ends(path, STR(".json"));
}

static void take_entry(struct loading *l, struct walk *walk, struct walk_entry *entry)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct error err;
  if (entry->kind == WALK_ERROR)
    tell_file(l, STR_EMPTY, 0, 0, entry->error.code, entry->error.message);
  /* A policy that is left out enforces nothing: better to hear of it. */
  if (entry->kind == WALK_SKIPPED && !entry->directory && is_manifest_name(entry->path))
    tell_file(l, entry->path, 0, 0, SW_EINVAL, entry->reason);
  if (entry->kind != WALK_FILE || (!walk_at_root(walk) && !is_manifest_name(entry->path)))
    return;
  if (walk_read(walk, GATEKEEPER_FILE_MAX, &text, &err) < 0)
    tell_file(l, STR_EMPTY, 0, 0, err.code, err.message);
  else
    take_text(l, entry->path, buf_str(&text));
}

int gatekeeper_load(struct gatekeeper *g, const char *path, size_t *ret_count, struct error *err)
{
  struct loading l = {.g = g, .err = err};
  struct walk_options options = {.skip_dirs = walk_usual_dirs};
  struct walk_entry entry;
  arena_init(&l.arena, (size_t)1 << 30);
  _cleanup_(walk_freep) struct walk *walk = walk_new(&path, 1, &options);
  while (walk_next(walk, &entry))
    take_entry(&l, walk, &entry);
  yaml_reader_free(l.reader);
  arena_free(&l.arena);
  if (ret_count)
    *ret_count = l.taken;
  return l.rc;
}

/* ---- finishing */

static void tell_twice(struct gatekeeper *g, enum gatekeeper_problem_kind kind, struct str file,
                       uint32_t line, struct str subject, struct str first, uint32_t first_line)
{
  struct problem_place place = {.kind = kind, .file = file, .line = line, .subject = subject};
  gatekeeper_tell(g, &place, SW_EINVAL, "is given twice and differently, first in %.*s:%u",
                  STR_FMT(first), first_line);
}

static bool same_spec(struct value a, struct value b)
{
  return value_equal(value_get_str(a, STR("spec")), value_get_str(b, STR("spec")));
}

static void finish_templates(struct gatekeeper *g)
{
  for (size_t i = 0; i < g->templates.count; i++) {
    struct template *t = g->templates.items[i];
    bool added;
    union map_value *value = map_put(&g->template_by_name, t->name, &added);
    if (added) {
      value->pointer = t;
      gatekeeper_template_finish(g, t);
      continue;
    }
    const struct template *first = value->pointer;
    struct str subject = arena_printf(&g->arena, "ConstraintTemplate %.*s", STR_FMT(t->name));
    if (!same_spec(first->document, t->document))
      tell_twice(g, GATEKEEPER_PROBLEM_TEMPLATE, t->file, t->line, subject, first->file,
                 first->line);
  }
}

static const struct template *template_of(const struct gatekeeper *g, struct str kind)
{
  char lower[64];
  if (kind.len > sizeof lower)
    return NULL;
  for (size_t i = 0; i < kind.len; i++) {
    char c = kind.data[i];
    lower[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
  }
  const union map_value *value = map_get(&g->template_by_name, str_make(lower, kind.len));
  const struct template *t = value ? value->view : NULL;
  /* A template that is not sound may not even have a kind; it has been told of. */
  return t && (!t->sound || str_eq(t->kind, kind)) ? t : NULL;
}

static int compare_constraints(const void *a, const void *b)
{
  const struct constraint *x = *(struct constraint *const *)a, *y = *(struct constraint *const *)b;
  int order = str_compare(x->shown.kind, y->shown.kind);
  if (order == 0)
    order = str_compare(x->shown.name, y->shown.name);
  if (order == 0)
    order = str_compare(x->shown.file, y->shown.file);
  return order ? order : (x->shown.line > y->shown.line) - (x->shown.line < y->shown.line);
}

/* Leaves one of each kind and name. */
static void drop_repetitions(struct gatekeeper *g)
{
  size_t kept = 0;
  for (size_t i = 0; i < g->constraints.count; i++) {
    struct constraint *c = g->constraints.items[i];
    struct constraint *before = kept ? g->constraints.items[kept - 1] : NULL;
    bool is_new = !before || !str_eq(before->shown.kind, c->shown.kind) ||
                  !str_eq(before->shown.name, c->shown.name);
    if (is_new)
      g->constraints.items[kept++] = c;
    else if (!same_spec(before->document, c->document))
      tell_twice(
          g, GATEKEEPER_PROBLEM_CONSTRAINT, c->shown.file, c->shown.line,
          arena_printf(&g->arena, "%.*s %.*s", STR_FMT(c->shown.kind), STR_FMT(c->shown.name)),
          before->shown.file, before->shown.line);
  }
  g->constraints.count = kept;
}

static void finish_constraints(struct gatekeeper *g)
{
  if (g->constraints.count)
    qsort(g->constraints.items, g->constraints.count, sizeof *g->constraints.items,
          compare_constraints);
  drop_repetitions(g);
  for (size_t i = 0; i < g->constraints.count; i++) {
    struct constraint *c = g->constraints.items[i];
    c->template = template_of(g, c->shown.kind);
    if (!gatekeeper_constraint_finish(g, c))
      continue;
    gatekeeper_index_add(&g->index, &c->match, (uint32_t)i);
    c->shown.needs = c->template->needs;
    if (c->match.namespace_labels.given)
      c->shown.needs |= GATEKEEPER_NEEDS_NAMESPACES;
    g->needs |= c->shown.needs;
  }
}

static void number_keys(struct gatekeeper *g)
{
  static const char *const names[REVIEW_KEY_COUNT] = {
      [REVIEW_KEY_REVIEW] = "review",
      [REVIEW_KEY_PARAMETERS] = "parameters",
      [REVIEW_KEY_UID] = "uid",
      [REVIEW_KEY_KIND] = "kind",
      [REVIEW_KEY_GROUP] = "group",
      [REVIEW_KEY_VERSION] = "version",
      [REVIEW_KEY_RESOURCE] = "resource",
      [REVIEW_KEY_NAME] = "name",
      [REVIEW_KEY_NAMESPACE] = "namespace",
      [REVIEW_KEY_OPERATION] = "operation",
      [REVIEW_KEY_USER_INFO] = "userInfo",
      [REVIEW_KEY_OBJECT] = "object",
      [REVIEW_KEY_OLD_OBJECT] = "oldObject",
      [REVIEW_KEY_OPTIONS] = "options",
      [REVIEW_KEY_NAMESPACE_OBJECT] = "namespaceObject",
      [REVIEW_KEY_UNSTABLE] = "_unstable",
      [REVIEW_KEY_INVENTORY] = "inventory",
      [REVIEW_KEY_CLUSTER] = "cluster",
      [REVIEW_KEY_MSG] = "msg",
      [REVIEW_KEY_DETAILS] = "details",
  };
  for (size_t i = 0; i < REVIEW_KEY_COUNT; i++) {
    g->keys[i] = value_from(names[i]);
    g->keys[i].symbol = symbols_add(g->symbols, str_from(names[i]));
  }
}

static int first_problem(struct gatekeeper *g, struct error *err)
{
  if (g->problems.count == 0)
    return 0;
  const struct gatekeeper_problem *p = &g->problems.items[0];
  struct gatekeeper_problem alone = *p;
  _cleanup_(buf_free) struct buf text = {0};
  alone.excerpt = STR_EMPTY;
  gatekeeper_problem_write(&text, &alone);
  return error_set_at(err, p->code, p->line, p->column, "%s", buf_text(&text));
}

int gatekeeper_finish(struct gatekeeper *g, struct error *err)
{
  int rc = gatekeeper_spec_schema(&g->spec_schema, err);
  if (rc < 0)
    return rc;
  number_keys(g);
  finish_templates(g);
  finish_constraints(g);
  struct value_member *inventory = arena_new(&g->arena, struct value_member);
  *inventory = (struct value_member){g->keys[REVIEW_KEY_INVENTORY], gatekeeper_empty_object()};
  g->no_data = (struct value){.type = VALUE_OBJECT, .len = 1, .members = inventory};
  g->finished = g->problems.count == 0;
  return first_problem(g, err);
}

size_t gatekeeper_template_count(const struct gatekeeper *g)
{
  return g->template_by_name.count;
}

unsigned gatekeeper_needs(const struct gatekeeper *g)
{
  return g->needs;
}

size_t gatekeeper_constraint_count(const struct gatekeeper *g)
{
  return g->constraints.count;
}

const struct gatekeeper_constraint *gatekeeper_constraint(const struct gatekeeper *g, size_t i)
{
  return &g->constraints.items[i]->shown;
}
