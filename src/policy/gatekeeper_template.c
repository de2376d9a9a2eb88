/* ConstraintTemplates: what they must say, and the program that their Rego becomes. */
#include "lang/rego/parser.h"
#include "policy/gatekeeper_int.h"

enum {
  LIBS_MAX = 1000,
  COMPILE_MEMORY = 1 << 30, /* bytes of trees while a template is compiled */
};

/* A template under way. */
struct reading {
  struct gatekeeper *g;
  struct template *t;
  struct arena arena; /* trees, gone when the program is made */
  struct rego_names *names;
  uint32_t data; /* number of that name */
  struct rego_errors errors;
  struct problem_place place;
};

__attribute__((format(printf, 2, 3))) static int refuse(struct reading *r, const char *format, ...)
{
  struct error err;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(err.message, sizeof err.message, format, arguments);
  va_end(arguments);
  return gatekeeper_tell(r->g, &r->place, SW_EINVAL, "%s", err.message);
}

static struct value at(struct value v, const char *a, const char *b, const char *c)
{
  const char *const path[] = {a, b, c};
  for (size_t i = 0; i < sizeof path / sizeof *path && path[i]; i++)
    v = value_get_str(v, str_from(path[i]));
  return value_is(v, VALUE_NULL) ? VALUE_NONE : v;
}

/* ---- what is not Rego */

static bool is_kind(struct str kind)
{
  for (size_t i = 0; i < kind.len; i++) {
    char c = kind.data[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    bool inner = (c >= '0' && c <= '9') || (c == '-' && i + 1 < kind.len);
    if (!letter && !(i > 0 && inner))
      return false;
  }
  return kind.len > 0 && kind.len <= 63;
}

static bool is_lower_of(struct str lower, struct str text)
{
  if (lower.len != text.len)
    return false;
  for (size_t i = 0; i < text.len; i++) {
    char c = text.data[i];
    if (lower.data[i] != (c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c))
      return false;
  }
  return true;
}

static int read_names(struct reading *r, struct value spec)
{
  struct value kind = at(at(spec, "crd", "spec", NULL), "names", "kind", NULL);
  struct str text = value_str_or_empty(kind);
  if (!is_kind(text))
    return refuse(r, "spec.crd.spec.names.kind must name the kind of its constraints: a letter, "
                     "then letters, digits and '-'");
  if (!is_lower_of(r->t->name, text))
    return refuse(r, "its name must be its kind in small letters: \"%.*s\" is not that of \"%.*s\"",
                  STR_FMT(r->t->name), STR_FMT(text));
  r->t->kind = text;
  return 0;
}

static int read_schema(struct reading *r, struct value spec, struct str version)
{
  struct value validation = at(at(spec, "crd", "spec", NULL), "validation", NULL, NULL);
  struct value schema = at(validation, "openAPIV3Schema", NULL, NULL);
  struct value legacy = at(validation, "legacySchema", NULL, NULL);
  if (!value_is(legacy, VALUE_ABSENT) && !value_is(legacy, VALUE_BOOL))
    return refuse(r, "spec.crd.spec.validation.legacySchema must be true or false");
  bool is_legacy = value_is(legacy, VALUE_BOOL) ? legacy.boolean : !str_eq(version, STR("v1"));
  if (value_is(schema, VALUE_ABSENT) && !is_legacy)
    return 0;
  if (value_is(schema, VALUE_ABSENT))
    schema = gatekeeper_empty_object();
  struct error err;
  if (openapi_schema_new(schema, is_legacy, &r->t->schema, &err) < 0)
    return refuse(r, "spec.crd.spec.validation.openAPIV3Schema: %s", err.message);
  return 0;
}

unsigned gatekeeper_operation(struct str name)
{
  static const struct {
    struct str name;
    unsigned bit;
  } operations[] = {
      {STR_INIT("CREATE"), OPERATION_CREATE},
      {STR_INIT("UPDATE"), OPERATION_UPDATE},
      {STR_INIT("DELETE"), OPERATION_DELETE},
      {STR_INIT("CONNECT"), OPERATION_CONNECT},
  };
  for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
    if (str_eq(name, operations[i].name))
      return operations[i].bit;
  return 0;
}

static int read_operations(struct reading *r, struct value target)
{
  struct value list = at(target, "operations", NULL, NULL);
  bool all = false;
  if (value_is(list, VALUE_ABSENT))
    return 0;
  for (uint32_t i = 0; i < (value_is(list, VALUE_ARRAY) ? list.len : 0); i++) {
    struct str name = value_str_or_empty(list.items[i]);
    unsigned bit = gatekeeper_operation(name);
    all |= str_eq(name, STR("*"));
    if (!bit && !str_eq(name, STR("*")))
      return refuse(r,
                    "spec.targets[0].operations: \"%.*s\" is not one of CREATE, UPDATE, DELETE, "
                    "CONNECT, *",
                    STR_FMT(name));
    r->t->operations |= bit;
  }
  if (!value_is(list, VALUE_ARRAY))
    return refuse(r, "spec.targets[0].operations must be a list");
  if (all)
    r->t->operations = 0;
  return 0;
}

/* ---- where the Rego is */

struct source {
  struct value rego, libs;
  enum rego_version version;
};

static bool is_text_list(struct value v)
{
  for (uint32_t i = 0; value_is(v, VALUE_ARRAY) && i < v.len; i++)
    if (!value_is(v.items[i], VALUE_STRING))
      return false;
  return value_is(v, VALUE_ARRAY) || value_is(v, VALUE_ABSENT);
}

/* spec.targets[0].code, of which Rego is taken. */
static int read_code(struct reading *r, struct value code, struct source *ret)
{
  if (!value_is(code, VALUE_ABSENT) && !value_is(code, VALUE_ARRAY))
    return refuse(r, "spec.targets[0].code must be a list");
  bool has_cel = false;
  for (uint32_t i = 0; i < code.len; i++) {
    struct value engine = at(code.items[i], "engine", NULL, NULL);
    struct value source = at(code.items[i], "source", NULL, NULL);
    has_cel |= value_eq_str(engine, STR("K8sNativeValidation"));
    if (!value_eq_str(engine, STR("Rego")))
      continue;
    struct value version = at(source, "version", NULL, NULL);
    ret->rego = at(source, "rego", NULL, NULL);
    ret->libs = at(source, "libs", NULL, NULL);
    ret->version = value_eq_str(version, STR("v1")) ? REGO_V1 : REGO_V0;
    if (!value_is(ret->rego, VALUE_STRING))
      return refuse(r, "spec.targets[0].code[%u].source.rego must be a string", i);
    return 0;
  }
  if (has_cel)
    return refuse(r, "it is written in CEL (engine K8sNativeValidation) alone, which is not "
                     "supported yet; add the same rule in Rego as a second entry of code");
  return refuse(r, "it has no Rego: spec.targets[0].rego, or an entry of code with engine Rego");
}

static int read_source(struct reading *r, struct value target, struct source *ret)
{
  struct value rego = at(target, "rego", NULL, NULL);
  *ret = (struct source){.version = REGO_V0};
  int rc = 0;
  if (!value_is(rego, VALUE_ABSENT) && !value_is(rego, VALUE_STRING))
    return refuse(r, "spec.targets[0].rego must be a string");
  if (value_is(rego, VALUE_STRING) && rego.len) {
    ret->rego = rego;
    ret->libs = at(target, "libs", NULL, NULL);
  } else {
    rc = read_code(r, at(target, "code", NULL, NULL), ret);
  }
  if (rc == 0 && !is_text_list(ret->libs))
    rc = refuse(r, "libs must be a list of Rego modules");
  if (rc == 0 && ret->libs.len > LIBS_MAX)
    rc = refuse(r, "more than %d libs", LIBS_MAX);
  return rc;
}

static int read_target(struct reading *r, struct value spec, struct source *ret)
{
  struct value targets = at(spec, "targets", NULL, NULL);
  if (!value_is(targets, VALUE_ARRAY) || targets.len != 1)
    return refuse(r, "spec.targets must have exactly one entry");
  struct value target = targets.items[0];
  struct value name = at(target, "target", NULL, NULL);
  if (!value_eq_str(name, STR(GATEKEEPER_TARGET)))
    return refuse(r, "spec.targets[0].target must be " GATEKEEPER_TARGET ", is \"%.*s\"",
                  STR_FMT(value_str_or_empty(name)));
  int rc = read_operations(r, target);
  return rc < 0 ? rc : read_source(r, target, ret);
}

/* ---- what the Rego may refer to */

static int walk_term(struct reading *r, const struct rego_term *term);
static int walk_body(struct reading *r, struct rego_body body);

static bool is_name(const struct rego_term *term, uint32_t name)
{
  return term->kind == REGO_VAR && term->var == name;
}

static bool is_text(const struct rego_term *term, const char *text)
{
  return rego_is_string(term) && value_eq_str(term->value, str_from(text));
}

static int walk_ref(struct reading *r, const struct rego_term *ref)
{
  const struct rego_term *head = &ref->items[0];
  if (!is_name(head, r->data))
    return 0;
  if (ref->count > 1 && is_text(&ref->items[1], "inventory")) {
    r->t->needs |= GATEKEEPER_NEEDS_INVENTORY;
    return 0;
  }
  if (ref->count > 1 && is_text(&ref->items[1], "lib"))
    return 0;
  return refuse(r, "line %u of its Rego: of data, only data.inventory and data.lib may be used",
                ref->place.line);
}

static int walk_terms(struct reading *r, const struct rego_term *terms, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++) {
    int rc = walk_term(r, &terms[i]);
    if (rc < 0)
      return rc;
  }
  return 0;
}

static int walk_expr(struct reading *r, const struct rego_expr *e)
{
  int rc = 0;
  for (uint32_t i = 0; rc == 0 && i < e->with_count; i++) {
    rc = walk_term(r, &e->with[i].target);
    if (rc == 0)
      rc = walk_term(r, &e->with[i].value);
  }
  if (rc < 0)
    return rc;
  switch ((enum rego_expr_kind)e->kind) {
  case REGO_EXPR_TERM:
  case REGO_EXPR_TEXT:
  case REGO_EXPR_ASSIGN:
  case REGO_EXPR_UNIFY:
  case REGO_EXPR_SOME:
  case REGO_EXPR_SOME_IN:
    return walk_terms(r, e->terms, e->count);
  case REGO_EXPR_EVERY:
    rc = walk_term(r, &e->every->domain);
    return rc < 0 ? rc : walk_body(r, e->every->body);
  case REGO_EXPR_NOT:
  case REGO_EXPR_AND:
  case REGO_EXPR_OR:
    for (uint32_t i = 0; rc == 0 && i < e->count; i++)
      rc = walk_body(r, e->operands[i].body);
    break;
  }
  return rc;
}

static int walk_body(struct reading *r, struct rego_body body)
{
  for (uint32_t i = 0; i < body.count; i++) {
    int rc = walk_expr(r, &body.items[i]);
    if (rc < 0)
      return rc;
  }
  return 0;
}

static int walk_comprehension(struct reading *r, const struct rego_term *term)
{
  int rc = walk_term(r, &term->comprehension->value);
  if (rc == 0 && term->kind == REGO_OBJECT_COMPREHENSION)
    rc = walk_term(r, &term->comprehension->key);
  return rc < 0 ? rc : walk_body(r, term->comprehension->body);
}

static int walk_term(struct reading *r, const struct rego_term *term)
{
  int rc = 0;
  switch ((enum rego_term_kind)term->kind) {
  case REGO_SCALAR:
  case REGO_VAR:
    break;
  case REGO_REF:
    rc = walk_ref(r, term);
    return rc < 0 ? rc : walk_terms(r, term->items, term->count);
  case REGO_ARRAY:
  case REGO_SET:
  case REGO_CALL:
    return walk_terms(r, term->items, term->count);
  case REGO_OBJECT:
    return walk_terms(r, term->items, term->count * 2);
  case REGO_ARRAY_COMPREHENSION:
  case REGO_OBJECT_COMPREHENSION:
  case REGO_SET_COMPREHENSION:
    return walk_comprehension(r, term);
  case REGO_TEMPLATE:
    for (uint32_t i = 0; rc == 0 && i < term->count; i++)
      rc = walk_expr(r, &term->parts[i]);
    break;
  }
  return rc;
}

static int walk_rule(struct reading *r, const struct rego_rule *rule)
{
  int rc = 0;
  for (; rc == 0 && rule; rule = rule->otherwise) {
    rc = walk_terms(r, rule->head.ref, rule->head.ref_count);
    if (rc == 0)
      rc = walk_terms(r, rule->head.args, rule->head.arg_count);
    if (rc == 0 && rule->head.kind == REGO_RULE_SET)
      rc = walk_term(r, &rule->head.key);
    else if (rc == 0)
      rc = walk_term(r, &rule->head.value);
    if (rc == 0)
      rc = walk_body(r, rule->body);
  }
  return rc;
}

static int check_import(struct reading *r, const struct rego_import *import)
{
  const struct rego_term *path = import->path;
  if (is_text(&path[0], "future") || is_text(&path[0], "rego"))
    return 0;
  if (is_text(&path[0], "data") && import->path_count > 1 && is_text(&path[1], "lib"))
    return 0;
  return refuse(r, "line %u of its Rego: only data.lib, future and rego.v1 may be imported",
                import->place.line);
}

static int check_module(struct reading *r, const struct rego_module *module)
{
  int rc = 0;
  for (uint32_t i = 0; rc == 0 && i < module->import_count; i++)
    rc = check_import(r, &module->imports[i]);
  for (uint32_t i = 0; rc == 0 && i < module->rule_count; i++)
    rc = walk_rule(r, &module->rules[i]);
  return rc;
}

static int check_lib(struct reading *r, const struct rego_module *module, uint32_t number)
{
  const struct rego_package *package = &module->package;
  if (package->path_count < 2 || !is_text(&package->path[0], "lib"))
    return refuse(r, "libs[%u] must be of a package below lib: \"package lib.NAME\"", number);
  return check_module(r, module);
}

static int check_entry(struct reading *r, const struct rego_module *module)
{
  uint32_t violation = rego_names_find(r->names, STR("violation"));
  for (uint32_t i = 0; i < module->rule_count; i++) {
    const struct rego_head *head = &module->rules[i].head;
    if (head->ref_count <= 2 && head->arg_count == 0 && is_name(&head->ref[0], violation))
      return check_module(r, module);
  }
  return refuse(r, "its Rego has no rule \"violation\"");
}

/* ---- compiling */

static int tell_errors(struct reading *r, const struct error *err)
{
  if (r->errors.count == 0)
    return gatekeeper_tell(r->g, &r->place, err->code, "%s", err->message);
  for (uint32_t i = 0; i < r->errors.count; i++) {
    const struct rego_error *e = &r->errors.items[i];
    _cleanup_(buf_free) struct buf text = {0};
    struct rego_errors one = {.items = {*e}, .count = 1};
    rego_errors_write(&text, &one);
    /* The first line repeats the message; what follows is the source line and the mark. */
    struct str rest;
    str_cut(buf_str(&text), '\n', &rest);
    struct problem_place place = r->place;
    place.excerpt = rest.data ? rest : STR_EMPTY;
    gatekeeper_tell(r->g, &place, SW_EINVAL, "line %u of %s%.*s: %s: %.*s", e->place.line,
                    str_eq(e->file, STR("rego")) ? "its " : "", STR_FMT(e->file),
                    rego_code_name(e->code), STR_FMT(e->message));
  }
  return SW_EINVAL;
}

static int parse(struct reading *r, struct str name, uint32_t file, enum rego_version version,
                 struct value text, const struct rego_module **ret)
{
  struct error err;
  struct rego_options options = {.name = name, .file = file, .version = version, .names = r->names};
  rego_errors_clear(&r->errors);
  if (rego_parse_module(&r->arena, value_str(text), &options, ret, &r->errors, &err) < 0)
    return tell_errors(r, &err);
  return 0;
}

/* The module under another package, where nothing else is and the entry finds it. */
static const struct rego_module *repackage(struct reading *r, const struct rego_module *module)
{
  struct rego_module *copy = arena_new(&r->arena, struct rego_module);
  struct rego_term *name = arena_new(&r->arena, struct rego_term);
  *copy = *module;
  *name = (struct rego_term){.kind = REGO_SCALAR,
                             .height = 1,
                             .place = module->package.place,
                             .value = value_from("template")};
  copy->package.path = name;
  copy->package.path_count = 1;
  return copy;
}

static int compile(struct reading *r, const struct rego_module *const *modules, uint32_t count)
{
  struct error err;
  struct rego_entry entry = {.path = STR("data.template.violation")};
  struct rego_compile_options options = {
      .names = r->names,
      .symbols = r->g->symbols,
      .print = r->g->options.print,
      .no_optimiser = r->g->options.no_optimiser,
  };
  rego_errors_clear(&r->errors);
  if (rego_compile(&r->arena, modules, count, &entry, 1, &options, &r->t->program, &r->errors,
                   &err) < 0)
    return tell_errors(r, &err);
  return 0;
}

static int read_rego(struct reading *r, const struct source *source)
{
  uint32_t lib_count = source->libs.len;
  const struct rego_module **modules =
      arena_array(&r->arena, const struct rego_module *, (size_t)lib_count + 1);
  const struct rego_module *entry;
  int rc = parse(r, STR("rego"), 0, source->version, source->rego, &entry);
  if (rc == 0)
    rc = check_entry(r, entry);
  if (rc < 0)
    return rc;
  modules[0] = repackage(r, entry);
  for (uint32_t i = 0; i < lib_count; i++) {
    struct str name = arena_printf(&r->arena, "libs[%u]", i);
    rc = parse(r, name, i + 1, source->version, source->libs.items[i], &modules[i + 1]);
    if (rc == 0)
      rc = check_lib(r, modules[i + 1], i);
    if (rc < 0)
      return rc;
  }
  return compile(r, modules, lib_count + 1);
}

/* Rego that reads the Namespace of what it judges: by the text, since input may be passed on whole. */
static void note_namespace(struct template *t, const struct source *source)
{
  static const struct str names[] = {STR_INIT("namespaceObject"), STR_INIT("_unstable")};
  for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
    if (str_find(value_str(source->rego), 0, names[n]) >= 0)
      t->needs |= GATEKEEPER_NEEDS_NAMESPACES;
    for (uint32_t i = 0; i < source->libs.len; i++)
      if (str_find(value_str(source->libs.items[i]), 0, names[n]) >= 0)
        t->needs |= GATEKEEPER_NEEDS_NAMESPACES;
  }
}

static struct str annotation(struct value document, const char *name)
{
  struct value annotations = at(document, "metadata", "annotations", NULL);
  return str_trim(value_str_or_empty(value_get_str(annotations, str_from(name))));
}

static int read_template(struct reading *r)
{
  struct template *t = r->t;
  struct kube_object object;
  kube_object_read(t->document, (struct value_position){0}, &object);
  struct value spec = at(t->document, "spec", NULL, NULL);
  struct source source = {.version = REGO_V0};
  bool is_version = str_eq(object.version, STR("v1")) || str_eq(object.version, STR("v1beta1")) ||
                    str_eq(object.version, STR("v1alpha1"));
  if (!is_version)
    return refuse(r, "version \"%.*s\" is not one of v1, v1beta1, v1alpha1",
                  STR_FMT(object.version));
  t->title = annotation(t->document, "metadata.gatekeeper.sh/title");
  t->description = annotation(t->document, "description");
  int rc = read_names(r, spec);
  if (rc == 0)
    rc = read_schema(r, spec, object.version);
  if (rc == 0)
    rc = read_target(r, spec, &source);
  if (rc < 0)
    return rc;
  note_namespace(t, &source);
  return read_rego(r, &source);
}

void gatekeeper_template_finish(struct gatekeeper *g, struct template *t)
{
  struct reading r = {.g = g, .t = t, .names = rego_names_new()};
  r.data = rego_names_add(r.names, STR("data"));
  arena_init(&r.arena, COMPILE_MEMORY);
  r.place = (struct problem_place){
      .kind = GATEKEEPER_PROBLEM_TEMPLATE,
      .file = t->file,
      .line = t->line,
      .subject = arena_printf(&g->arena, "ConstraintTemplate %.*s", STR_FMT(t->name)),
  };
  t->sound = read_template(&r) == 0;
  arena_free(&r.arena);
  rego_names_free(r.names);
}

void gatekeeper_template_free(struct template *t)
{
  openapi_schema_free(t->schema);
  rego_program_free(t->program);
  mem_free(t);
}
