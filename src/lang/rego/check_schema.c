/*
 * METADATA blocks: which of them contradict each other, and what their `schemas` say of `input` and
 * `data` in the rules that they belong to.
 */
#include "lang/rego/check_types_int.h"

#include "data/compare.h"

/* ---- blocks that may stand once */

static void fail_redeclared(struct checker *c, const struct rego_module *module,
                            const struct rego_annotation *annotation,
                            const struct check_annotated *first)
{
  static const char *const scopes[] = {"rule", "document", "package", "subpackages"};
  c->module = module;
  check_fail(c, STAGE_ANNOTATIONS, REGO_TYPE_ERROR, annotation->place,
             "%s annotation redeclared: %.*s%s%u", scopes[annotation->scope],
             STR_FMT(first->module->name), first->module->name.len ? ":" : "",
             first->annotation->place.line);
}

/* Notes a block at its node, or tells that there is one already. */
static void note(struct checker *c, struct check_annotated *slot, const struct rego_module *module,
                 const struct rego_annotation *annotation)
{
  if (slot->annotation)
    fail_redeclared(c, module, annotation, slot);
  else
    *slot = (struct check_annotated){module, annotation};
}

static void note_package(struct checker *c, const struct check_path *path)
{
  for (uint32_t i = 0; i < path->module_count; i++) {
    const struct rego_module *module = path->modules[i];
    for (uint32_t j = 0; j < module->annotation_count && check_spend(c, 1); j++) {
      const struct rego_annotation *a = &module->annotations[j];
      if (a->scope == REGO_SCOPE_PACKAGE)
        note(c, &c->annotated[path->number].package, module, a);
      else if (a->scope == REGO_SCOPE_SUBPACKAGES)
        note(c, &c->annotated[path->number].document, module, a);
    }
  }
}

static void note_rule(struct checker *c, const struct check_rule *rule)
{
  const struct rego_rule *source = rule->source;
  for (uint32_t i = 0; i < source->annotation_count && check_spend(c, 1); i++) {
    const struct rego_annotation *a = source->annotations[i];
    if (a->scope == REGO_SCOPE_DOCUMENT && a->rule >= 0 && &rule->module->rules[a->rule] == source)
      note(c, &c->annotated[rule->path->number].document, rule->module, a);
  }
}

void check_annotations(struct checker *c)
{
  c->annotated = arena_zalloc(c->arena, c->paths.count, sizeof *c->annotated);
  for (size_t i = 0; i < c->paths.count; i++)
    note_package(c, c->paths.items[i]);
  for (size_t i = 0; i < c->rules.count; i++)
    note_rule(c, c->rules.items[i]);
}

/* ---- schemas */

/* The text behind `schema`: "" for the word alone, else its operands with slashes between. */
static struct str schema_name(struct infer *f, const struct rego_term *term)
{
  _cleanup_(buf_free) struct buf out = {.cap = 500};
  for (uint32_t i = 1; term->kind == REGO_REF && i < term->count; i++) {
    if (i > 1)
      buf_add_byte(&out, '/');
    if (term->items[i].kind == REGO_SCALAR)
      buf_add(&out, value_str_or_empty(term->items[i].value));
  }
  return arena_copy(f->c->arena, buf_str(&out));
}

static const struct check_schema *find_schema(const struct infer *f, struct str name)
{
  for (uint32_t i = 0; i < f->c->options->schema_count; i++)
    if (str_eq(f->c->options->schemas[i].name, name))
      return &f->c->options->schemas[i];
  return NULL;
}

static const struct rego_type *read_schema(struct infer *f, const struct check_rule *rule,
                                           struct value schema)
{
  const struct rego_type *type;
  struct error err;
  if (rego_type_from_schema(&f->types, schema, &type, &err) == 0)
    return type;
  infer_fail(f, rule->source->place, STR_EMPTY, "%s", err.message);
  return NULL;
}

/* What a block says of a path; NULL: nothing. Read once: it may belong to many rules. */
static const struct rego_type *type_of_schema(struct infer *f, const struct check_rule *rule,
                                              const struct rego_schema *schema)
{
  bool added;
  union map_value *value =
      map_put(&f->schemas, str_make((const char *)&schema, sizeof schema), &added);
  if (!added)
    return value->view;
  const struct rego_type *type = NULL;
  if (schema->definition.type != VALUE_ABSENT) {
    type = read_schema(f, rule, schema->definition);
  } else if (f->c->options->schema_count) {
    const struct check_schema *found = find_schema(f, schema_name(f, &schema->schema));
    _cleanup_(buf_free) struct buf text = {.cap = 200};
    rego_print_term(&text, f->c->options->names, &schema->schema);
    if (found)
      type = read_schema(f, rule, found->schema);
    else
      infer_fail(f, rule->source->place, STR_EMPTY, "undefined schema: %.*s",
                 STR_FMT(buf_str(&text)));
  }
  map_get(&f->schemas, str_make((const char *)&schema, sizeof schema))->view = type;
  return type;
}

/* Objects inside each other along the keys from `i` on, with the type innermost. */
static const struct rego_type *nested(struct infer *f, const struct rego_term *path, uint32_t i,
                                      const struct rego_type *type, const struct rego_type *key,
                                      const struct rego_type *rest)
{
  for (uint32_t j = path->count; j-- > i;)
    type = rego_type_object(&f->types, &path->items[j].value, &type, 1, key, rest);
  return type;
}

/* The type with that of a path below it, from operand `i` on, replaced. */
static const struct rego_type * override(struct infer *f, const struct rego_type *in,
                                         const struct rego_term *path, uint32_t i,
                                         const struct rego_type *type)
{
  if (i == path->count)
    return type;
  if (in->kind != REGO_TYPE_OBJECT || i > REGO_TYPE_DEPTH_MAX)
    return nested(f, path, i, type, &rego_type_any, &rego_type_any);
  struct value *keys = mem_zalloc((size_t)in->count + 1, sizeof *keys);
  const struct rego_type **values = mem_zalloc((size_t)in->count + 1, sizeof *values);
  bool found = false;
  for (uint32_t j = 0; j < in->count; j++) {
    bool here = value_equal(in->keys[j], path->items[i].value);
    keys[j] = in->keys[j];
    values[j] = here && in->items[j] ? override(f, in->items[j], path, i + 1, type) : in->items[j];
    found = found || here;
  }
  if (!found) {
    keys[in->count] = path->items[i].value;
    values[in->count] = nested(f, path, i + 1, type, in->key, in->rest);
  }
  const struct rego_type *made =
      rego_type_object(&f->types, keys, values, in->count + !found, in->key, in->rest);
  mem_free(keys);
  mem_free(values);
  return made;
}

static bool is_fixed(const struct rego_term *path)
{
  for (uint32_t i = 1; i < path->count; i++)
    if (path->items[i].kind != REGO_SCALAR)
      return false;
  return true;
}

static void apply_schema(struct infer *f, const struct check_rule *rule,
                         const struct rego_schema *schema)
{
  const struct rego_term *path = &schema->path;
  const struct rego_term *head = path->kind == REGO_REF ? &path->items[0] : path;
  uint64_t failed = f->failed;
  const struct rego_type *type = type_of_schema(f, rule, schema);
  f->failed = failed; /* the rule itself is sound */
  if (!type || head->kind != REGO_VAR || (path->kind == REGO_REF && !is_fixed(path)))
    return;
  const struct rego_type **root = head->var == f->c->name_input  ? &f->input
                                  : head->var == f->c->name_data ? &f->data
                                                                 : NULL;
  if (!root)
    return;
  if (path->kind != REGO_REF || path->count == 1)
    *root = type;
  else if (root == &f->data)
    *root = override(f, f->data ? f->data : infer_data(f), path, 1, type);
  else
    *root = override(f, f->input ? f->input : &rego_type_any, path, 1, type);
}

static void apply(struct infer *f, const struct check_rule *rule,
                  const struct rego_annotation *annotation)
{
  for (uint32_t i = 0; annotation && i < annotation->schema_count; i++)
    apply_schema(f, rule, &annotation->schemas[i]);
}

static void apply_subpackages(struct infer *f, const struct check_rule *rule,
                              const struct check_path *package)
{
  VEC(const struct check_path *) up = {0};
  for (const struct check_path *p = package; p; p = p->parent)
    vec_push(&up, p);
  while (up.count) {
    const struct check_annotated *a = &f->c->annotated[vec_pop(&up)->number].document;
    if (a->annotation && a->annotation->scope == REGO_SCOPE_SUBPACKAGES)
      apply(f, rule, a->annotation);
  }
  vec_free(&up);
}

static const struct check_path *package_of(const struct infer *f, const struct check_rule *rule)
{
  const struct check_path *path = f->c->program->data;
  for (uint32_t i = 0; path && i < rule->module->package.path_count; i++)
    path = check_path_child(path, rule->module->package.path[i].value);
  return path;
}

/* From the widest scope to the narrowest: what is said later holds. */
void infer_apply_schemas(struct infer *f, const struct check_rule *rule)
{
  f->input = f->global_input;
  f->data = NULL;
  const struct check_path *package = f->has_schemas ? package_of(f, rule) : NULL;
  if (!package)
    return;
  const struct check_annotated *document = &f->c->annotated[rule->path->number].document;
  apply_subpackages(f, rule, package);
  apply(f, rule, f->c->annotated[package->number].package.annotation);
  if (document->annotation && document->annotation->scope == REGO_SCOPE_DOCUMENT)
    apply(f, rule, document->annotation);
  for (uint32_t i = 0; i < rule->source->annotation_count; i++)
    if (rule->source->annotations[i]->scope == REGO_SCOPE_RULE)
      apply(f, rule, rule->source->annotations[i]);
}

void infer_start_schemas(struct infer *f)
{
  const struct check_schema *global = find_schema(f, STR_EMPTY);
  struct error err;
  for (size_t i = 0; i < f->c->paths.count && !f->has_schemas; i++)
    for (uint32_t j = 0; j < f->c->paths.items[i]->module_count; j++) {
      const struct rego_module *module = f->c->paths.items[i]->modules[j];
      for (uint32_t k = 0; k < module->annotation_count; k++)
        f->has_schemas = f->has_schemas || module->annotations[k].schema_count;
    }
  if (global && rego_type_from_schema(&f->types, global->schema, &f->global_input, &err) < 0) {
    f->c->module = NULL;
    infer_fail(f, (struct rego_place){0}, STR_EMPTY, "%s", err.message);
  }
}
