#include "lang/rego/check_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- errors and limits */

struct rego_source check_source(const struct checker *c)
{
  if (!c->module)
    return (struct rego_source){0};
  return (struct rego_source){c->module->name, c->module->text};
}

__attribute__((format(printf, 6, 0))) static void add_error(
    struct checker *c, enum check_stage stage, enum rego_code code, struct rego_place place,
    struct str details, const char *format, va_list args)
{
  struct rego_errors *errors = &c->stages[stage];
  if (errors->count == REGO_ERRORS_MAX) {
    errors->dropped++;
    return;
  }
  char message[2048];
  vsnprintf(message, sizeof message, format, args);
  rego_errors_add(errors, c->arena, code, check_source(c), place, "%s", message);
  errors->items[errors->count - 1].details = details;
}

void check_fail(struct checker *c, enum check_stage stage, enum rego_code code,
                struct rego_place place, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  add_error(c, stage, code, place, STR_EMPTY, format, args);
  va_end(args);
}

void check_fail_details(struct checker *c, enum check_stage stage, enum rego_code code,
                        struct rego_place place, struct str details, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  add_error(c, stage, code, place, details, format, args);
  va_end(args);
}

bool check_spend(struct checker *c, uint64_t steps)
{
  if (!c->over && (steps > CHECK_STEPS_MAX - c->steps || arena_over(c->arena)))
    c->over = true;
  if (!c->over)
    c->steps += steps;
  return !c->over;
}

bool check_failed(const struct checker *c, enum check_stage up_to)
{
  for (int i = 0; i <= (int)up_to; i++)
    if (c->stages[i].count)
      return true;
  return c->over;
}

/* ---- start and end */

static void start(struct checker *c, struct arena *a, const struct check_options *options)
{
  *c = (struct checker){.arena = a, .options = options};
  for (int i = 0; i < STAGE_COUNT; i++)
    rego_errors_clear(&c->stages[i]);
  c->name_input = rego_names_add(options->names, STR("input"));
  c->name_data = rego_names_add(options->names, STR("data"));
  c->name_count = rego_names_count(options->names);
  map_init(&c->children, a);
  c->globals = mem_zalloc(c->name_count, sizeof *c->globals);
  c->global_stamp = mem_zalloc(c->name_count, sizeof *c->global_stamp);
  c->ignored = mem_zalloc(c->name_count, sizeof *c->ignored);
  c->unused = mem_zalloc(c->name_count, sizeof *c->unused);
  c->top = mem_zalloc(c->name_count, sizeof *c->top);
  c->wide = mem_zalloc(c->name_count, sizeof *c->wide);
  for (uint32_t i = 0; i < c->name_count; i++)
    c->top[i] = c->wide[i] = -1;
}

static void finish(struct checker *c)
{
  map_free(&c->children);
  vec_free(&c->paths);
  vec_free(&c->rules);
  vec_free(&c->locals);
  vec_free(&c->bindings);
  vec_free(&c->ignored_names);
  vec_free(&c->wide_names);
  mem_free(c->globals);
  mem_free(c->global_stamp);
  mem_free(c->ignored);
  mem_free(c->unused);
  mem_free(c->top);
  mem_free(c->wide);
  mem_free(c->marks);
}

/* The errors of the first stage that has some. */
static int verdict(struct checker *c, struct rego_errors *ret_errors, struct error *err)
{
  static const struct rego_place nowhere;
  int code = SW_EINVAL;
  struct rego_errors *found = NULL;
  for (int i = 0; i < STAGE_COUNT && !found; i++)
    if (c->stages[i].count)
      found = &c->stages[i];
  if (c->over) {
    found = &c->stages[0];
    rego_errors_clear(found);
    c->module = NULL;
    check_fail(c, STAGE_RESOLVE, REGO_COMPILE_ERROR, nowhere,
               "the policy is too large or too intricate to be checked: more than %d steps or the "
               "memory limit; split it up",
               CHECK_STEPS_MAX);
    code = SW_ELIMIT;
  }
  if (ret_errors && found)
    *ret_errors = *found;
  else if (ret_errors)
    rego_errors_clear(ret_errors);
  return found ? rego_errors_to_error(found, code, err) : 0;
}

/* ---- modules */

static int compare_modules(const void *a, const void *b)
{
  const struct rego_module *x = *(const struct rego_module *const *)a;
  const struct rego_module *y = *(const struct rego_module *const *)b;
  int order = str_compare(x->name, y->name);
  return order ? order : str_compare(x->text, y->text);
}

static struct str import_name(const struct rego_import *import)
{
  if (import->alias.len)
    return import->alias;
  return value_str_or_empty(import->path[import->path_count - 1].value);
}

static struct str import_text(struct checker *c, const struct rego_import *import)
{
  _cleanup_(buf_free) struct buf out = {.cap = 1000};
  buf_add_text(&out, "import ");
  for (uint32_t i = 0; i < import->path_count; i++) {
    if (i)
      buf_add_byte(&out, '.');
    buf_add(&out, value_str_or_empty(import->path[i].value));
  }
  if (import->alias.len) {
    buf_add_text(&out, " as ");
    buf_add(&out, import->alias);
  }
  return arena_copy(c->arena, buf_str(&out));
}

static void check_imports(struct checker *c)
{
  struct map seen;
  map_init(&seen, NULL);
  for (uint32_t i = 0; i < c->module->import_count && check_is_v1(c); i++) {
    const struct rego_import *import = &c->module->imports[i];
    bool added;
    union map_value *value = map_put(&seen, import_name(import), &added);
    if (added)
      value->view = import;
    else
      check_fail(c, STAGE_IMPORTS, REGO_COMPILE_ERROR, import->place, "import must not shadow %.*s",
                 STR_FMT(import_text(c, value->view)));
  }
  map_free(&seen);
}

static bool is_language_import(const struct rego_import *import)
{
  struct str first = value_str_or_empty(import->path[0].value);
  return str_eq(first, STR("future")) || str_eq(first, STR("rego"));
}

static void add_global(struct checker *c, uint32_t name, const struct rego_import *import)
{
  if (name >= c->name_count)
    return;
  c->globals[name] = (struct check_global){.import = import};
  c->global_stamp[name] = c->stamp;
}

/* What names mean: rules of the package, and imports, which come before them. */
static void set_globals(struct checker *c, const struct rego_module *from)
{
  c->stamp++;
  c->context = from;
  for (uint32_t i = 0; i < c->package->module_count; i++) {
    const struct rego_module *module = c->package->modules[i];
    if (!check_spend(c, module->rule_count + 1))
      return;
    for (uint32_t j = 0; j < module->rule_count; j++)
      add_global(c, module->rules[j].head.ref[0].var, NULL);
  }
  for (uint32_t i = 0; i < from->import_count; i++)
    if (!is_language_import(&from->imports[i]))
      add_global(c, rego_names_find(c->options->names, import_name(&from->imports[i])),
                 &from->imports[i]);
}

static void check_unused_imports(struct checker *c)
{
  for (uint32_t i = 0; i < c->module->import_count && c->options->strict; i++) {
    const struct rego_import *import = &c->module->imports[i];
    if (is_language_import(import))
      continue;
    uint32_t name = rego_names_find(c->options->names, import_name(import));
    if (name >= c->name_count || !c->globals[name].used)
      check_fail(c, STAGE_RESOLVE, REGO_COMPILE_ERROR, import->place, "%.*s unused",
                 STR_FMT(import_text(c, import)));
  }
}

static void check_rule_names(struct checker *c)
{
  for (uint32_t i = 0; i < c->module->rule_count && check_is_v1(c); i++) {
    const struct rego_rule *rule = &c->module->rules[i];
    uint32_t name = rule->head.ref[0].var;
    if (name == c->name_input || name == c->name_data)
      check_fail(c, STAGE_OVERRIDES, REGO_COMPILE_ERROR, rule->place,
                 "rules must not shadow %.*s (use a different rule name)",
                 STR_FMT(check_name(c, name)));
  }
}

static struct check_path *package_of(struct checker *c, const struct rego_module *module)
{
  struct check_path *path = c->program->data;
  for (uint32_t i = 0; i < module->package.path_count; i++)
    path = check_path_add(c, path, module->package.path[i].value);
  return path;
}

static void check_module(struct checker *c, const struct rego_module *module)
{
  c->module = module;
  c->package = package_of(c, module);
  set_globals(c, module);
  check_rule_names(c);
  check_imports(c);
  for (uint32_t i = 0; i < module->rule_count && !c->over; i++) {
    struct check_rule *rule = check_lower_rule(c, &module->rules[i]);
    struct check_path *path = (struct check_path *)rule->path;
    rule->number = (uint32_t)c->rules.count;
    for (struct check_rule *r = rule; r; r = r->otherwise)
      r->number = rule->number;
    vec_push(&c->rules, rule);
    path->rules[path->rule_count++] = rule;
  }
  check_unused_imports(c);
}

static void check_all_safety(struct checker *c)
{
  for (size_t i = 0; i < c->rules.count; i++)
    for (struct check_rule *r = c->rules.items[i]; r; r = r->otherwise) {
      c->module = r->module;
      check_rule_safety(c, r);
    }
}

static void check_stages(struct checker *c, const struct rego_module *const *modules,
                         uint32_t count)
{
  check_tree_build(c, modules, count);
  for (uint32_t i = 0; i < count && !c->over; i++)
    check_module(c, modules[i]);
  if (c->over)
    return;
  check_annotations(c);
  check_tree_conflicts(c);
  if (!check_failed(c, STAGE_FUNCTIONS))
    check_all_safety(c);
  if (!check_failed(c, STAGE_BODIES))
    check_graph(c);
  if (!check_failed(c, STAGE_RECURSION))
    check_types(c);
}

static void publish(struct checker *c)
{
  struct check_program *p = c->program;
  p->rule_count = (uint32_t)c->rules.count;
  p->rules = arena_array(c->arena, struct check_rule *, c->rules.count);
  for (size_t i = 0; i < c->rules.count; i++)
    p->rules[i] = c->rules.items[i];
  p->path_count = (uint32_t)c->paths.count;
  p->paths = arena_array(c->arena, struct check_path *, c->paths.count);
  for (size_t i = 0; i < c->paths.count; i++)
    p->paths[i] = c->paths.items[i];
}

int rego_check_modules(struct arena *a, const struct rego_module *const *modules, uint32_t count,
                       const struct check_options *options,
                       const struct check_program **ret_program, struct rego_errors *ret_errors,
                       struct error *err)
{
  struct checker *c = mem_zalloc(1, sizeof *c);
  const struct rego_module **sorted = mem_zalloc(count, sizeof *sorted);
  for (uint32_t i = 0; i < count; i++)
    sorted[i] = modules[i];
  if (count)
    qsort(sorted, count, sizeof *sorted, compare_modules);
  start(c, a, options);
  c->program = arena_new(a, struct check_program);
  c->program->names = options->names;
  check_stages(c, sorted, count);
  publish(c);
  int result = verdict(c, ret_errors, err);
  if (result == 0)
    *ret_program = c->program;
  finish(c);
  mem_free(c);
  mem_free(sorted);
  return result;
}

/* A query in a package sees what a module of it would; one of a package that is not there sees its
 * imports. */
static void set_query_globals(struct checker *c, const struct rego_module *context)
{
  struct check_path *path = c->program->data;
  for (uint32_t i = 0; path && i < context->package.path_count && check_spend(c, 1); i++)
    path = (struct check_path *)check_path_child(path, context->package.path[i].value);
  c->package = path ? path : c->program->data;
  set_globals(c, context);
}

int rego_check_query(struct arena *a, const struct check_program *program, struct rego_body query,
                     const struct check_options *options, struct check_query *ret_query,
                     struct rego_errors *ret_errors, struct error *err)
{
  struct checker *c = mem_zalloc(1, sizeof *c);
  struct check_query checked = {0};
  start(c, a, options);
  /* Only read: the tree of a query is the program's. */
  c->program = (struct check_program *)program;
  c->stamp = 1;
  if (options->context)
    set_query_globals(c, options->context);
  check_lower_query(c, query, &checked);
  if (!check_failed(c, STAGE_FUNCTIONS))
    check_query_safety(c, &checked.body);
  if (!check_failed(c, STAGE_RECURSION))
    check_query_types(c, &checked);
  int result = verdict(c, ret_errors, err);
  if (result == 0)
    *ret_query = checked;
  finish(c);
  mem_free(c);
  return result;
}
