/* rego.metadata.chain() and rego.metadata.rule(): constants, made of the METADATA blocks around a rule. */
#include "lang/rego/check_int.h"

#include "lang/builtin_int.h"

/* ---- values of blocks */

static void put_text(struct builtin_object *o, const char *key, struct str text)
{
  if (text.len)
    builtin_put(o, key, value_string(text));
}

/* A reference as an array: its head's name, then its operands. */
static struct value reference(struct checker *c, const struct rego_term *ref)
{
  struct builtin_array array = {.arena = c->arena};
  uint32_t count = ref->kind == REGO_REF || ref->kind == REGO_ARRAY ? ref->count : 1;
  for (uint32_t i = 0; i < count; i++) {
    const struct rego_term *t = ref->kind == REGO_REF || ref->kind == REGO_ARRAY ? &ref->items[i]
                                                                                 : ref;
    if (t->kind == REGO_VAR)
      builtin_push(&array, value_string(check_name(c, t->var)));
    else if (t->kind == REGO_SCALAR)
      builtin_push(&array, t->value);
  }
  return builtin_array_end(&array);
}

static void put_list(struct builtin_object *o, const char *key, const struct builtin_array *list)
{
  if (list->count)
    builtin_put(o, key, builtin_array_end(list));
}

static void put_organizations(struct checker *c, struct builtin_object *o,
                              const struct rego_annotation *a)
{
  struct builtin_array list = {.arena = c->arena};
  for (uint32_t i = 0; i < a->organization_count; i++)
    builtin_push(&list, value_string(a->organizations[i]));
  put_list(o, "organizations", &list);
}

static void put_resources(struct checker *c, struct builtin_object *o,
                          const struct rego_annotation *a)
{
  struct builtin_array list = {.arena = c->arena};
  for (uint32_t i = 0; i < a->related_resource_count; i++) {
    struct builtin_object resource = {.arena = c->arena};
    builtin_put(&resource, "ref", value_string(a->related_resources[i].ref));
    put_text(&resource, "description", a->related_resources[i].description);
    builtin_push(&list, builtin_object_end(&resource));
  }
  put_list(o, "related_resources", &list);
}

static void put_authors(struct checker *c, struct builtin_object *o,
                        const struct rego_annotation *a)
{
  struct builtin_array list = {.arena = c->arena};
  for (uint32_t i = 0; i < a->author_count; i++) {
    struct builtin_object author = {.arena = c->arena};
    put_text(&author, "name", a->authors[i].name);
    put_text(&author, "email", a->authors[i].email);
    builtin_push(&list, builtin_object_end(&author));
  }
  put_list(o, "authors", &list);
}

static void put_schemas(struct checker *c, struct builtin_object *o,
                        const struct rego_annotation *a)
{
  struct builtin_array list = {.arena = c->arena};
  for (uint32_t i = 0; i < a->schema_count; i++) {
    const struct rego_schema *s = &a->schemas[i];
    struct builtin_object schema = {.arena = c->arena};
    builtin_put(&schema, "path", reference(c, &s->path));
    if (s->definition.type != VALUE_ABSENT)
      builtin_put(&schema, "definition", s->definition);
    else
      builtin_put(&schema, "schema", reference(c, &s->schema));
    builtin_push(&list, builtin_object_end(&schema));
  }
  put_list(o, "schemas", &list);
}

static void put_compile(struct checker *c, struct builtin_object *o,
                        const struct rego_annotation *a)
{
  struct builtin_object compile = {.arena = c->arena};
  struct builtin_array unknowns = {.arena = c->arena};
  for (uint32_t i = 0; i < a->unknown_count; i++)
    builtin_push(&unknowns, reference(c, &a->unknowns[i]));
  put_list(&compile, "unknowns", &unknowns);
  if (a->mask_rule.kind != REGO_ARRAY || a->mask_rule.count)
    builtin_put(&compile, "mask_rule", reference(c, &a->mask_rule));
  if (compile.count)
    builtin_put(o, "compile", builtin_object_end(&compile));
}

static struct value block(struct checker *c, const struct rego_annotation *a)
{
  static const char *const scopes[] = {"rule", "document", "package", "subpackages"};
  struct builtin_object o = {.arena = c->arena};
  builtin_put(&o, "scope", value_from(scopes[a->scope]));
  put_text(&o, "title", a->title);
  if (a->entrypoint)
    builtin_put(&o, "entrypoint", value_bool(true));
  put_text(&o, "description", a->description);
  put_organizations(c, &o, a);
  put_resources(c, &o, a);
  put_authors(c, &o, a);
  put_schemas(c, &o, a);
  put_compile(c, &o, a);
  if (a->custom.type == VALUE_OBJECT && a->custom.len)
    builtin_put(&o, "custom", a->custom);
  if (a->labels.type == VALUE_OBJECT && a->labels.len)
    builtin_put(&o, "labels", a->labels);
  return builtin_object_end(&o);
}

/* ---- chains */

/* The keys that lead to a node, without `data`. */
static void push_keys(struct builtin_array *keys, const struct check_path *path)
{
  if (!path->parent)
    return;
  push_keys(keys, path->parent);
  builtin_push(keys, path->key);
}

static void push_link(struct checker *c, struct builtin_array *chain, const struct check_path *path,
                      const struct rego_annotation *a)
{
  struct builtin_object link = {.arena = c->arena};
  struct builtin_array keys = {.arena = c->arena};
  push_keys(&keys, path);
  builtin_put(&link, "path", builtin_array_end(&keys));
  if (a)
    builtin_put(&link, "annotations", block(c, a));
  builtin_push(chain, builtin_object_end(&link));
}

/* The block of a scope that stands before a package, in any of its modules. */
static const struct rego_annotation *package_block(struct checker *c, const struct check_path *path,
                                                   enum rego_scope scope)
{
  for (uint32_t i = 0; i < path->module_count; i++)
    for (uint32_t k = 0; k < path->modules[i]->annotation_count && check_spend(c, 1); k++)
      if (path->modules[i]->annotations[k].scope == scope)
        return &path->modules[i]->annotations[k];
  return NULL;
}

/* The block of the document that a rule is part of, which may stand in another module. */
static const struct rego_annotation *document_block(struct checker *c,
                                                    const struct check_path *path)
{
  struct check_path *package = c->package;
  const struct rego_annotation *found = NULL;
  for (size_t i = 0; i < c->paths.count && !found; i++) {
    c->package = c->paths.items[i];
    for (uint32_t m = 0; m < c->package->module_count; m++) {
      const struct rego_module *module = c->package->modules[m];
      for (uint32_t k = 0; k < module->annotation_count && !found && check_spend(c, 1); k++) {
        const struct rego_annotation *a = &module->annotations[k];
        uint32_t known;
        if (a->scope == REGO_SCOPE_DOCUMENT && a->rule >= 0 &&
            check_path_of_rule(c, &module->rules[a->rule].head, &known) == path)
          found = a;
      }
    }
  }
  c->package = package;
  return found;
}

/* The blocks of the rule itself come first, the nearest before the others. */
static struct value chain(struct checker *c)
{
  struct builtin_array links = {.arena = c->arena};
  uint32_t known;
  const struct check_path *path = check_path_of_rule(c, &c->rule->head, &known);
  bool any = false;
  for (uint32_t i = c->rule->annotation_count; i-- > 0;)
    if (c->rule->annotations[i]->scope == REGO_SCOPE_RULE) {
      push_link(c, &links, path, c->rule->annotations[i]);
      any = true;
    }
  if (!any)
    push_link(c, &links, path, NULL);
  const struct rego_annotation *a = document_block(c, path);
  if (a)
    push_link(c, &links, path, a);
  if ((a = package_block(c, c->package, REGO_SCOPE_PACKAGE)))
    push_link(c, &links, c->package, a);
  for (const struct check_path *p = c->package; p; p = p->parent)
    if ((a = package_block(c, p, REGO_SCOPE_SUBPACKAGES)))
      push_link(c, &links, p, a);
  return builtin_array_end(&links);
}

static struct value own_block(struct checker *c)
{
  struct builtin_object none = {.arena = c->arena};
  for (uint32_t i = c->rule->annotation_count; i-- > 0;)
    if (c->rule->annotations[i]->scope == REGO_SCOPE_RULE)
      return block(c, c->rule->annotations[i]);
  return builtin_object_end(&none);
}

/* ---- terms */

static struct check_term term_of(struct checker *c, struct value v, struct rego_place place)
{
  struct check_term term = {.kind = CHECK_CONSTANT, .constant = true, .place = place, .value = v};
  check_spend(c, 1);
  if (v.type == VALUE_ARRAY || v.type == VALUE_SET) {
    term.kind = v.type == VALUE_ARRAY ? CHECK_ARRAY : CHECK_SET;
    term.count = v.len;
    term.items = arena_zalloc(c->arena, v.len, sizeof *term.items);
    for (uint32_t i = 0; i < v.len; i++)
      term.items[i] = term_of(c, v.items[i], place);
  } else if (v.type == VALUE_OBJECT) {
    term.kind = CHECK_OBJECT;
    term.count = v.len;
    term.items = arena_zalloc(c->arena, 2 * (size_t)v.len, sizeof *term.items);
    for (uint32_t i = 0; i < v.len; i++) {
      term.items[2 * i] = term_of(c, v.members[i].key, place);
      term.items[2 * i + 1] = term_of(c, v.members[i].value, place);
    }
  }
  return term;
}

bool check_is_metadata(const struct check_callee *callee)
{
  return callee->function && (callee->function->flags & BUILTIN_COMPILED) &&
         str_starts(str_from(callee->function->name), STR("rego.metadata."));
}

struct check_term check_metadata(struct checker *c, const struct check_callee *callee,
                                 struct rego_place place)
{
  bool whole = str_ends(str_from(callee->function->name), STR(".chain"));
  struct value v;
  if (c->rule)
    v = whole ? chain(c) : own_block(c);
  else if (whole)
    v = value_array_make(c->arena, NULL, NULL, 0);
  else
    value_object_make(c->arena, NULL, NULL, 0, VALUE_LAST_WINS, NULL, &v);
  return term_of(c, v, place);
}
