/*
 * rules_compile: the rule library from Rego to C, when seawall is built.
 *
 *   rules_compile [--sources] --output FILE [--depfile FILE] --root DIR
 *   rules_compile --test --root DIR [NAME...]
 *   rules_compile --names --root DIR
 *
 * DIR is the checkout: rules are read from DIR/rules/rego, frameworks from DIR/rules/frameworks. Every
 * rule's metadata is checked (docs/internals/rules.md), the modules are compiled into one program with an
 * entry for each rule, and a C file is written that defines rule_image_builtin (policy/rule_image.h).
 * --sources writes the modules' texts instead of the program.
 *
 * --test compiles the tests as well and runs every rule named test_...; with NAMEs only those whose package
 * or name contains one. Exit status 1: a test failed; 2: something is wrong with the rules.
 */
#include "base/file.h"
#include "base/map.h"
#include "base/vec.h"
#include "lang/rego/check.h"
#include "lang/rego/rego.h"
#include "policy/rule_image.h"
#include "policy/rule_source.h"

#include <stdlib.h>

enum { PARAMETERS_MAX = 200 };

struct options {
  bool sources, test, names;
  const char *output, *depfile, *root;
  char *const *filters;
  int filter_count;
};

struct named_rule {
  struct library_rule rule;
  const struct rego_module *module;
};

struct library {
  struct rule_sources rules, frameworks_files;
  struct arena arena;
  VEC(struct framework) frameworks;
  VEC(struct named_rule) rules_read;
  struct rule_parameter parameters[PARAMETERS_MAX];
  size_t parameter_count;
};

/* ---- reading and checking */

static int read_frameworks(struct library *l, const char *folder, struct error *err)
{
  int rc = rule_sources_add(&l->frameworks_files, folder, err);
  for (size_t i = 0; rc == 0 && i < l->frameworks_files.documents.count; i++) {
    struct rule_document *d = &l->frameworks_files.documents.items[i];
    struct framework f;
    rc = framework_read(&l->arena, d->text, &f, err);
    if (rc < 0)
      return error_wrap(err, "%.*s:%u", STR_FMT(d->path), err->line);
    if (framework_find(l->frameworks.items, l->frameworks.count, f.id))
      return error_set(err, SW_EINVAL, "%.*s:1: framework \"%.*s\" is there twice",
                       STR_FMT(d->path), STR_FMT(f.id));
    vec_push(&l->frameworks, f);
  }
  return rc;
}

static bool is_test(const struct rego_module *m)
{
  return str_ends(m->name, STR("_test.rego"));
}

static bool is_rule_file(const struct rego_module *m)
{
  return !is_test(m) && str_find(m->name, 0, STR("/lib/")) < 0;
}

/* The file's name must be the id's too, so that a rule can be found. */
static int check_name(const struct rego_module *m, struct str id, struct error *err)
{
  ptrdiff_t slash = str_find_last_byte(m->name, '/');
  struct str base = str_sub(m->name, (size_t)(slash + 1), m->name.len);
  struct str package = value_str_or_empty(m->package.path[m->package.path_count - 1].value);
  if (base.len == package.len + 5 && str_starts(base, package))
    return 0;
  return error_set(err, SW_EINVAL, "%.*s:%u: the file of rule \"%.*s\" must be called %.*s.rego",
                   STR_FMT(m->name), m->package.place.line, STR_FMT(id), STR_FMT(package));
}

static int read_rule(struct library *l, const struct rego_module *m, struct error *err)
{
  struct named_rule rule = {.module = m};
  int rc =
      rule_metadata_read(&l->arena, m, l->frameworks.items, l->frameworks.count, &rule.rule, err);
  if (rc < 0)
    return error_wrap(err, "%.*s:%u", STR_FMT(m->name), err->line);
  for (size_t i = 0; i < l->rules_read.count; i++)
    if (str_eq(l->rules_read.items[i].rule.rule.id, rule.rule.rule.id))
      return error_set(err, SW_EINVAL, "%.*s:%u: rule \"%.*s\" is already in %.*s",
                       STR_FMT(m->name), m->package.place.line, STR_FMT(rule.rule.rule.id),
                       STR_FMT(l->rules_read.items[i].module->name));
  vec_push(&l->rules_read, rule);
  return check_name(m, rule.rule.rule.id, err);
}

static int check_parameters(const struct library *l, const struct named_rule *rule,
                            struct error *err)
{
  for (size_t i = 0; i < rule->rule.parameter_count; i++) {
    struct str name = rule->rule.parameters[i];
    size_t p = 0;
    while (p < l->parameter_count && !str_eq(l->parameters[p].name, name))
      p++;
    if (p == l->parameter_count)
      return error_set(err, SW_EINVAL, "%.*s:1: lib/config.rego declares no parameter \"%.*s\"",
                       STR_FMT(rule->module->name), STR_FMT(name));
  }
  return 0;
}

static int by_id(const void *a, const void *b)
{
  const struct named_rule *x = a, *y = b;
  return str_compare(x->rule.rule.id, y->rule.rule.id);
}

/* Every broken rule is told, not only the first. */
static int read_rules(struct library *l, struct error *err)
{
  unsigned broken = 0;
  for (size_t i = 0; i < l->rules.modules.count; i++) {
    const struct rego_module *m = l->rules.modules.items[i];
    int rc = 0;
    if (str_ends(m->name, STR("/lib/config.rego")))
      rc = rule_metadata_parameters(&l->arena, m, l->parameters, PARAMETERS_MAX,
                                    &l->parameter_count, err);
    else if (is_rule_file(m))
      rc = read_rule(l, m, err);
    if (rc < 0) {
      fprintf(stderr, "%s\n", err->message);
      broken++;
    }
  }
  for (size_t i = 0; i < l->rules_read.count; i++)
    if (check_parameters(l, &l->rules_read.items[i], err) < 0) {
      fprintf(stderr, "%s\n", err->message);
      broken++;
    }
  if (broken)
    return error_set(err, SW_EINVAL, "%u rules are not as docs/internals/rules.md asks", broken);
  if (l->rules_read.count)
    qsort(l->rules_read.items, l->rules_read.count, sizeof *l->rules_read.items, by_id);
  return 0;
}

static int read_library(struct library *l, const struct options *o, struct error *err)
{
  char path[4096];
  rule_sources_init(&l->rules);
  rule_sources_init(&l->frameworks_files);
  arena_init(&l->arena, 0);
  l->rules.tests = o->test;
  /* Names of modules stand in the program, and must not depend on where it was built. */
  l->rules.root = arena_printf(&l->arena, "%s/", o->root);
  snprintf(path, sizeof path, "%s/rules/frameworks", o->root);
  int rc = read_frameworks(l, path, err);
  if (rc < 0)
    return rc;
  snprintf(path, sizeof path, "%s/rules/rego", o->root);
  rc = rule_sources_add(&l->rules, path, err);
  return rc < 0 ? rc : read_rules(l, err);
}

static void free_library(struct library *l)
{
  vec_free(&l->frameworks);
  vec_free(&l->rules_read);
  rule_sources_free(&l->rules);
  rule_sources_free(&l->frameworks_files);
  arena_free(&l->arena);
}

/* ---- compiling */

static int compile(struct library *l, const struct rego_entry *entries, size_t count,
                   struct rego_program **ret, struct error *err)
{
  struct rego_errors errors;
  struct rego_compile_options options = {.names = l->rules.names, .print = false};
  int rc = rego_compile(&l->arena, l->rules.modules.items, (uint32_t)l->rules.modules.count,
                        entries, (uint32_t)count, &options, ret, &errors, err);
  if (rc == SW_EUNSUPPORTED) {
    struct check_options check = {.names = l->rules.names};
    const struct check_program *checked;
    int wrong = rego_check_modules(&l->arena, l->rules.modules.items,
                                   (uint32_t)l->rules.modules.count, &check, &checked, &errors,
                                   err);
    rc = wrong < 0 ? wrong : rc;
  }
  if (rc == SW_EINVAL && errors.count) {
    _cleanup_(buf_free) struct buf text = {0};
    rego_errors_write(&text, &errors);
    fprintf(stderr, "%s\n", buf_text(&text));
  }
  return rc;
}

static struct rego_entry *rule_entries(struct library *l)
{
  struct rego_entry *entries = arena_array(&l->arena, struct rego_entry, l->rules_read.count);
  for (size_t i = 0; i < l->rules_read.count; i++)
    entries[i] = (struct rego_entry){.path = l->rules_read.items[i].rule.entry};
  return entries;
}

/* ---- writing C */

static void write_text(struct buf *out, struct str s)
{
  buf_add_byte(out, '"');
  for (size_t i = 0; i < s.len; i++) {
    unsigned char c = (unsigned char)s.data[i];
    if (c == '"' || c == '\\')
      buf_printf(out, "\\%c", c);
    else if (c == '\n')
      buf_add_text(out, i + 1 < s.len ? "\\n\"\n    \"" : "\\n");
    else if (c >= 0x20 && c < 0x7f && c != '?')
      buf_add_byte(out, (char)c);
    else
      buf_printf(out, "\\%03o", c);
  }
  buf_add_byte(out, '"');
}

/* STR_INIT takes one literal or several in a row alike. */
static void write_str(struct buf *out, struct str s)
{
  buf_add_text(out, "{");
  write_text(out, s);
  buf_printf(out, ", %zu}", s.len);
}

static void write_strs(struct buf *out, const char *name, size_t number, const struct str *list,
                       size_t count)
{
  if (!count)
    return;
  buf_printf(out, "static const struct str %s_%zu[] = {\n", name, number);
  for (size_t i = 0; i < count; i++) {
    buf_add_text(out, "  ");
    write_str(out, list[i]);
    buf_add_text(out, ",\n");
  }
  buf_add_text(out, "};\n");
}

/* Tables of two texts a row: controls, kinds, aliases. */
static void write_pairs(struct buf *out, const char *type, const char *name, size_t number,
                        const void *list, size_t count)
{
  const struct control *pairs = list; /* all three are two struct str */
  if (!count)
    return;
  buf_printf(out, "static const struct %s %s_%zu[] = {\n", type, name, number);
  for (size_t i = 0; i < count; i++) {
    buf_add_text(out, "  {");
    write_str(out, pairs[i].framework);
    buf_add_text(out, ", ");
    write_str(out, pairs[i].id);
    buf_add_text(out, "},\n");
  }
  buf_add_text(out, "};\n");
}

_Static_assert(sizeof(struct control) == 2 * sizeof(struct str) &&
                   sizeof(struct rule_kind) == sizeof(struct control) &&
                   sizeof(struct rule_alias) == sizeof(struct control) &&
                   sizeof(struct framework_control) == sizeof(struct control),
               "write_pairs reads them alike");

static void write_list(struct buf *out, const char *field, const char *count_field,
                       const char *name, size_t number, size_t count)
{
  if (count)
    buf_printf(out, "  .%s = %s_%zu, .%s = %zu,\n", field, name, number, count_field, count);
}

static void write_lists_of(struct buf *out, size_t i, const struct library_rule *r)
{
  write_strs(out, "references", i, r->rule.references, r->rule.reference_count);
  write_strs(out, "parameters", i, r->parameters, r->parameter_count);
  write_pairs(out, "control", "controls", i, r->rule.controls, r->rule.control_count);
  write_pairs(out, "rule_kind", "kinds", i, r->kinds, r->kind_count);
  write_pairs(out, "rule_kind", "needs", i, r->needs, r->need_count);
  write_pairs(out, "rule_alias", "aliases", i, r->aliases, r->alias_count);
}

static void write_member(struct buf *out, const char *name, struct str text)
{
  if (!text.len)
    return;
  buf_printf(out, "  .%s = ", name);
  write_str(out, text);
  buf_add_text(out, ",\n");
}

static void write_rule(struct buf *out, size_t i, const struct library_rule *r)
{
  buf_add_text(out, "{\n");
  write_member(out, "rule.id", r->rule.id);
  write_member(out, "rule.title", r->rule.title);
  write_member(out, "rule.why", r->rule.why);
  write_member(out, "rule.remedy", r->rule.remedy);
  buf_printf(out, "  .rule.severity = %d,\n", (int)r->rule.severity);
  write_list(out, "rule.references", "rule.reference_count", "references", i,
             r->rule.reference_count);
  write_list(out, "rule.controls", "rule.control_count", "controls", i, r->rule.control_count);
  write_member(out, "entry", r->entry);
  write_member(out, "example", r->example);
  buf_printf(out, "  .is_set = %d, .workload = %d, .every_kind = %d, .needs_workloads = %d,\n",
             r->is_set, r->workload, r->every_kind, r->needs_workloads);
  buf_printf(out, "  .covered_by = %uu,\n", r->covered_by);
  write_list(out, "kinds", "kind_count", "kinds", i, r->kind_count);
  write_list(out, "needs", "need_count", "needs", i, r->need_count);
  write_list(out, "parameters", "parameter_count", "parameters", i, r->parameter_count);
  write_list(out, "aliases", "alias_count", "aliases", i, r->alias_count);
  buf_add_text(out, "},\n");
}

static void write_rules(struct buf *out, const struct library *l)
{
  for (size_t i = 0; i < l->rules_read.count; i++)
    write_lists_of(out, i, &l->rules_read.items[i].rule);
  buf_add_text(out, "static const struct library_rule rules[] = {\n");
  for (size_t i = 0; i < l->rules_read.count; i++)
    write_rule(out, i, &l->rules_read.items[i].rule);
  buf_add_text(out, "};\n");
}

static void write_frameworks(struct buf *out, const struct library *l)
{
  for (size_t i = 0; i < l->frameworks.count; i++)
    write_pairs(out, "framework_control", "framework_controls", i, l->frameworks.items[i].controls,
                l->frameworks.items[i].control_count);
  buf_add_text(out, "static const struct framework frameworks[] = {\n");
  for (size_t i = 0; i < l->frameworks.count; i++) {
    const struct framework *f = &l->frameworks.items[i];
    buf_add_text(out, "{\n");
    write_member(out, "id", f->id);
    write_member(out, "title", f->title);
    write_member(out, "url", f->url);
    write_list(out, "controls", "control_count", "framework_controls", i, f->control_count);
    buf_add_text(out, "},\n");
  }
  buf_add_text(out, "};\n");
}

static void write_parameters(struct buf *out, const struct library *l)
{
  buf_add_text(out, "static const struct rule_parameter parameters[] = {\n");
  for (size_t i = 0; i < l->parameter_count; i++) {
    const struct rule_parameter *p = &l->parameters[i];
    buf_printf(out, "{\n  .type = %d,\n", (int)p->type);
    write_member(out, "name", p->name);
    write_member(out, "title", p->title);
    write_member(out, "description", p->description);
    write_member(out, "otherwise", p->otherwise);
    buf_add_text(out, "},\n");
  }
  buf_add_text(out, "};\n");
}

static void write_modules(struct buf *out, const struct library *l, const struct options *o)
{
  buf_add_text(out, "static const struct rule_module_text modules[] = {\n");
  for (size_t i = 0; i < l->rules.modules.count; i++) {
    const struct rego_module *m = l->rules.modules.items[i];
    if (is_rule_file(m) && !o->sources)
      continue;
    buf_add_text(out, "{");
    write_str(out, m->name);
    buf_add_text(out, ",\n  ");
    write_str(out, m->text);
    buf_add_text(out, "},\n");
  }
  buf_add_text(out, "};\n");
}

static void write_program(struct buf *out, struct str program)
{
  buf_printf(out, "static const _Alignas(64) unsigned char program[%zu] = {", program.len + 1);
  for (size_t i = 0; i < program.len; i++)
    buf_printf(out, "%s%u,", i % 32 ? "" : "\n  ", (unsigned char)program.data[i]);
  buf_add_text(out, "0};\n");
}

static void write_image(struct buf *out, const struct library *l, const struct options *o,
                        struct str program)
{
  buf_add_text(out, "/* Written by tools/rules_compile from rules/; do not edit. */\n"
                    "#include \"policy/rule_image.h\"\n");
  write_rules(out, l);
  write_frameworks(out, l);
  write_parameters(out, l);
  write_modules(out, l, o);
  if (!o->sources)
    write_program(out, program);
  buf_add_text(out, "#define COUNT(array) (sizeof(array) / sizeof((array)[0]))\n"
                    "const struct rule_image rule_image_builtin = {\n"
                    "  .rules = rules, .rule_count = COUNT(rules),\n"
                    "  .frameworks = frameworks, .framework_count = COUNT(frameworks),\n"
                    "  .parameters = parameters, .parameter_count = COUNT(parameters),\n"
                    "  .modules = modules, .module_count = COUNT(modules),\n");
  if (!o->sources)
    buf_add_text(out, "  .program = {(const char *)program, sizeof program - 1},\n");
  buf_add_text(out, "};\n");
}

static int write_file(const char *path, struct str text, struct error *err)
{
  FILE *f = fopen(path, "w");
  if (!f)
    return error_set(err, SW_EIO, "%s cannot be written", path);
  bool whole = fwrite(text.data, 1, text.len, f) == text.len;
  if (fclose(f) != 0 || !whole)
    return error_set(err, SW_EIO, "%s could not be written", path);
  return 0;
}

/* Folders too, so that a new file is noticed. */
static int write_depfile(const struct library *l, const struct options *o, struct error *err)
{
  _cleanup_(buf_free) struct buf out = {0};
  struct map seen;
  map_init(&seen, NULL);
  buf_printf(&out, "%s:", o->output);
  const struct rule_sources *sources[] = {&l->rules, &l->frameworks_files};
  for (int k = 0; k < 2; k++)
    for (size_t i = 0; i < sources[k]->paths.count; i++) {
      struct str path = sources[k]->paths.items[i];
      struct str folder = str_sub(path, 0, (size_t)str_find_last_byte(path, '/'));
      bool added;
      buf_printf(&out, " %.*s", STR_FMT(path));
      map_put(&seen, folder, &added);
      if (added)
        buf_printf(&out, " %.*s", STR_FMT(folder));
    }
  buf_printf(&out, " %s/rules/rego\n", o->root);
  map_free(&seen);
  return write_file(o->depfile, buf_str(&out), err);
}

static int write_all(struct library *l, const struct options *o, struct error *err)
{
  _cleanup_(buf_free) struct buf out = {0}, program_bytes = {0};
  struct rego_program *program = NULL;
  int rc = compile(l, rule_entries(l), l->rules_read.count, &program, err);
  if (rc == SW_EUNSUPPORTED && o->sources)
    rc = 0;
  if (rc < 0)
    return rc;
  if (!o->sources)
    rego_program_save(program, &program_bytes);
  rego_program_free(program);
  write_image(&out, l, o, buf_str(&program_bytes));
  rc = write_file(o->output, buf_str(&out), err);
  return rc == 0 && o->depfile ? write_depfile(l, o, err) : rc;
}

/* ---- tests of rules */

struct test {
  struct str name; /* "data.seawall.rules.x_test.test_y" */
  const struct rego_module *module;
  struct rego_place place;
};

struct tests {
  VEC(struct test) list;
  VEC(struct rego_entry) entries;
};

static bool is_filtered_out(const struct options *o, struct str name)
{
  for (int i = 0; i < o->filter_count; i++)
    if (str_find(name, 0, str_from(o->filters[i])) >= 0)
      return false;
  return o->filter_count > 0;
}

static void find_tests(struct library *l, const struct options *o, struct tests *tests)
{
  struct map seen;
  map_init(&seen, &l->arena);
  for (size_t m = 0; m < l->rules.modules.count; m++) {
    const struct rego_module *module = l->rules.modules.items[m];
    for (uint32_t i = 0; is_test(module) && i < module->rule_count; i++) {
      const struct rego_head *head = &module->rules[i].head;
      struct str rule = rego_names_text(module->names, head->ref[0].var);
      bool added;
      if (!str_starts(rule, STR("test_")))
        continue;
      struct str name = STR("data");
      for (uint32_t k = 0; k < module->package.path_count; k++)
        name = arena_printf(&l->arena, "%.*s.%.*s", STR_FMT(name),
                            STR_FMT(value_str_or_empty(module->package.path[k].value)));
      name = arena_printf(&l->arena, "%.*s.%.*s", STR_FMT(name), STR_FMT(rule));
      map_put(&seen, name, &added);
      if (!added || is_filtered_out(o, name))
        continue;
      vec_push(&tests->list, (struct test){name, module, head->place});
      vec_push(&tests->entries, (struct rego_entry){.path = name});
    }
  }
  map_free(&seen);
}

static unsigned run_tests(const struct tests *tests, const struct rego_program *program)
{
  struct arena arena;
  struct rego_worker *worker = rego_worker_new();
  unsigned failed = 0;
  arena_init(&arena, 256 << 20);
  for (size_t i = 0; i < tests->list.count; i++) {
    const struct test *t = &tests->list.items[i];
    struct rego_run run = {.arena = &arena};
    struct value result;
    struct error err = {0};
    int rc = rego_eval(worker, program, (uint32_t)i, &run, &result, &err);
    if (rc < 0 || !value_is_true(result)) {
      failed++;
      printf("%.*s:%u: FAILED %.*s%s%s\n", STR_FMT(t->module->name), t->place.line,
             STR_FMT(t->name), rc < 0 ? ": " : "", rc < 0 ? err.message : "");
    }
    arena_reset(&arena);
  }
  rego_worker_free(worker);
  arena_free(&arena);
  printf("%zu tests of rules, %u failed\n", tests->list.count, failed);
  return failed;
}

/* A rule that nobody tests is an error too: a good and a bad object are the least. */
static unsigned tell_untested(const struct library *l, const struct tests *tests)
{
  unsigned untested = 0;
  for (size_t i = 0; i < l->rules_read.count; i++) {
    const struct named_rule *r = &l->rules_read.items[i];
    struct str package = r->module->package.path[2].value.type == VALUE_STRING
                             ? value_str(r->module->package.path[2].value)
                             : STR_EMPTY;
    unsigned count = 0;
    for (size_t t = 0; t < tests->list.count; t++) {
      struct str of = value_str_or_empty(tests->list.items[t].module->package.path[2].value);
      count += of.len == package.len + 5 && str_starts(of, package);
    }
    if (count < 2) {
      printf("%.*s: %u tests; at least 2 are asked for\n", STR_FMT(r->module->name), count);
      untested++;
    }
  }
  return untested;
}

static int test_all(struct library *l, const struct options *o, struct error *err)
{
  struct tests tests = {0};
  find_tests(l, o, &tests);
  struct rego_program *program = NULL;
  int rc = compile(l, tests.entries.items, tests.entries.count, &program, err);
  unsigned wrong = 0;
  if (rc == 0) {
    wrong = run_tests(&tests, program);
    if (!o->filter_count)
      wrong += tell_untested(l, &tests);
    rego_program_free(program);
  }
  vec_free(&tests.list);
  vec_free(&tests.entries);
  return rc < 0 ? rc : wrong != 0;
}

static int print_names(const struct library *l)
{
  for (size_t i = 0; i < l->rules_read.count; i++) {
    const struct library_rule *r = &l->rules_read.items[i].rule;
    printf("%-36.*s %-8.*s %.*s\n", STR_FMT(r->rule.id), STR_FMT(severity_name(r->rule.severity)),
           STR_FMT(r->rule.title));
  }
  printf("%zu rules\n", l->rules_read.count);
  return 0;
}

/* ---- */

static int usage(void)
{
  fprintf(stderr, "usage: rules_compile [--sources] --output FILE [--depfile FILE] --root DIR\n"
                  "       rules_compile --test --root DIR [NAME...]\n"
                  "       rules_compile --names --root DIR\n");
  return 2;
}

static bool read_arguments(int argc, char **argv, struct options *o)
{
  int i = 1;
  for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
    const char **value = strcmp(argv[i], "--output") == 0    ? &o->output
                         : strcmp(argv[i], "--depfile") == 0 ? &o->depfile
                         : strcmp(argv[i], "--root") == 0    ? &o->root
                                                             : NULL;
    if (value && i + 1 < argc)
      *value = argv[++i];
    else if (strcmp(argv[i], "--sources") == 0)
      o->sources = true;
    else if (strcmp(argv[i], "--test") == 0)
      o->test = true;
    else if (strcmp(argv[i], "--names") == 0)
      o->names = true;
    else
      return false;
  }
  o->filters = argv + i;
  o->filter_count = argc - i;
  return o->root && (o->output || o->test || o->names) && (o->test || i == argc);
}

int main(int argc, char **argv)
{
  struct options o = {0};
  if (!read_arguments(argc, argv, &o))
    return usage();
  struct error err = {0};
  struct library l = {0};
  int rc = read_library(&l, &o, &err);
  if (rc == 0)
    rc = o.names ? print_names(&l) : o.test ? test_all(&l, &o, &err) : write_all(&l, &o, &err);
  free_library(&l);
  if (rc < 0)
    fprintf(stderr, "rules_compile: %s\n", err.message);
  return rc < 0 ? 2 : rc;
}
