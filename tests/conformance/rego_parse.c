/*
 * Every module, query and term of OPA's own cases, and every template of Gatekeeper's library, is
 * parsed; what was parsed is printed, and what was printed is parsed to an equal tree.
 */
#include "rego_case.h"

#include "base/file.h"
#include "data/yaml.h"
#include "lang/rego/ast_print.h"
#include "lang/rego/parser.h"

#include <dirent.h>
#include <stdio.h>

enum { FILE_SIZE_MAX = 64 << 20, NAMED_MAX = 20 };

struct tally {
  const char *suite;
  unsigned modules, modules_right;
  unsigned queries, queries_right;
  unsigned trips, trips_right;
  unsigned named;
};

struct subject {
  struct str name;
  enum rego_version version;
  bool experimental;
};

static void miss(struct tally *t, struct str name, const char *what, struct str text)
{
  if (t->named++ < NAMED_MAX)
    printf("%s: %.*s: %s\n%.*s\n", t->suite, STR_FMT(name), what, STR_FMT(text));
}

static struct rego_options options_of(const struct subject *s, struct rego_names *names)
{
  return (struct rego_options){
      .version = s->version, .experimental = s->experimental, .annotations = true, .names = names};
}

static void module_trip(struct tally *t, struct arena *a, const struct subject *s,
                        const struct rego_options *options, const struct rego_module *module)
{
  _cleanup_(buf_free) struct buf printed = {0};
  const struct rego_module *again;
  struct error err;
  rego_print_module(&printed, module);
  t->trips++;
  if (rego_parse_module(a, buf_str(&printed), options, &again, NULL, &err) < 0)
    miss(t, s->name, err.message, buf_str(&printed));
  else if (!rego_module_equal(module, again))
    miss(t, s->name, "printed module is another", buf_str(&printed));
  else
    t->trips_right++;
}

/* True if the text parses. */
static bool try_module(struct tally *t, struct arena *a, const struct subject *s, struct str text,
                       bool tell)
{
  _cleanup_(rego_names_freep) struct rego_names *names = rego_names_new();
  struct rego_options options = options_of(s, names);
  const struct rego_module *module;
  struct rego_errors errors;
  struct error err;
  if (rego_parse_module(a, text, &options, &module, &errors, &err) == 0) {
    module_trip(t, a, s, &options, module);
    return true;
  }
  _cleanup_(buf_free) struct buf told = {0};
  rego_errors_write(&told, &errors);
  if (tell)
    miss(t, s->name, "module", buf_str(&told));
  return false;
}

static bool try_query(struct tally *t, struct arena *a, const struct subject *s, struct str text,
                      bool tell)
{
  _cleanup_(rego_names_freep) struct rego_names *names = rego_names_new();
  _cleanup_(buf_free) struct buf printed = {0};
  struct rego_options options = options_of(s, names);
  struct rego_body body, again;
  struct error err;
  if (rego_parse_query(a, text, &options, &body, NULL, &err) < 0) {
    if (tell)
      miss(t, s->name, err.message, text);
    return false;
  }
  rego_print_body(&printed, names, body);
  t->trips++;
  if (rego_parse_query(a, buf_str(&printed), &options, &again, NULL, &err) < 0)
    miss(t, s->name, err.message, buf_str(&printed));
  else if (!rego_body_equal(body, again))
    miss(t, s->name, "printed query is another", buf_str(&printed));
  else
    t->trips_right++;
  return true;
}

static void try_case(void *user, struct arena *a, const struct rego_case *c)
{
  struct tally *t = user;
  struct subject s = {c->note, c->suite->version, c->experimental};
  bool fails = str_eq(c->want_code, STR("rego_parse_error")), failed = false;
  for (uint32_t i = 0; c->modules.type == VALUE_ARRAY && i < c->modules.len; i++) {
    bool ok = try_module(t, a, &s, value_str_or_empty(c->modules.items[i]), !fails);
    failed = failed || !ok;
    t->modules++;
    t->modules_right += ok || fails;
  }
  const struct str queries[] = {c->query, c->input_term};
  for (int i = 0; i < 2; i++) {
    if (!queries[i].len)
      continue;
    bool ok = try_query(t, a, &s, queries[i], !fails);
    failed = failed || !ok;
    t->queries++;
    t->queries_right += ok || fails;
  }
  if (fails && !failed) {
    t->modules++;
    miss(t, s.name, "no parse error where there should be one", STR_EMPTY);
  }
}

static bool told(const struct tally *t)
{
  printf("%s: rego modules parsed %u of %u\n", t->suite, t->modules_right, t->modules);
  printf("%s: queries and terms parsed %u of %u\n", t->suite, t->queries_right, t->queries);
  printf("%s: printed and parsed again %u of %u\n", t->suite, t->trips_right, t->trips);
  return t->modules_right == t->modules && t->queries_right == t->queries &&
         t->trips_right == t->trips;
}

static int read_whole(const char *path, struct buf *ret)
{
  struct error err;
  if (file_read(path, FILE_SIZE_MAX, ret, &err) == 0)
    return 0;
  if (err.code != SW_ENOENT)
    printf("%s\n", err.message);
  return err.code;
}

/* 0, 1 (something is wrong), or CASES_SKIPPED. */
static int cases_suite(const char *shared, const struct rego_suite *suite)
{
  struct tally t = {.suite = suite->file};
  int result = rego_cases_each(shared, suite, try_case, &t);
  if (result == CASES_SKIPPED)
    return result;
  return told(&t) && result == 0 ? 0 : 1;
}

/* ---- Gatekeeper's library */

static void try_source(struct tally *t, struct arena *a, const char *path, struct value source)
{
  struct str version = value_str_or_empty(value_get(source, value_from("version")));
  struct subject s = {.name = str_from(path),
                      .version = str_eq(version, STR("v1")) ? REGO_V1 : REGO_V0};
  struct value rego = value_get(source, value_from("rego"));
  struct value libs = value_get(source, value_from("libs"));
  if (rego.type == VALUE_STRING) {
    t->modules++;
    t->modules_right += try_module(t, a, &s, value_str(rego), true);
  }
  for (uint32_t i = 0; libs.type == VALUE_ARRAY && i < libs.len; i++) {
    t->modules++;
    t->modules_right += try_module(t, a, &s, value_str_or_empty(libs.items[i]), true);
  }
}

static void try_template(struct tally *t, struct arena *a, const char *path, struct value root)
{
  struct value spec = value_get(root, value_from("spec"));
  struct value targets = value_get(spec, value_from("targets"));
  for (uint32_t i = 0; targets.type == VALUE_ARRAY && i < targets.len; i++) {
    try_source(t, a, path, targets.items[i]);
    struct value code = value_get(targets.items[i], value_from("code"));
    for (uint32_t j = 0; code.type == VALUE_ARRAY && j < code.len; j++)
      if (value_eq_str(value_get(code.items[j], value_from("engine")), STR("Rego")))
        try_source(t, a, path, value_get(code.items[j], value_from("source")));
  }
}

static void template_file(struct tally *t, const char *path)
{
  _cleanup_(buf_free) struct buf text = {.cap = FILE_SIZE_MAX};
  struct arena arena;
  struct yaml_document document;
  struct error err;
  if (read_whole(path, &text) < 0)
    return;
  arena_init(&arena, 0);
  _cleanup_(yaml_reader_freep) struct yaml_reader *reader = yaml_reader_new(buf_str(&text), NULL);
  if (yaml_reader_next(reader, &arena, &document, &err) > 0)
    try_template(t, &arena, path, document.root);
  arena_free(&arena);
}

static int gatekeeper_suite(const char *shared)
{
  const char *const groups[] = {"general", "pod-security-policy"};
  struct tally t = {.suite = "gatekeeper"};
  for (int i = 0; i < 2; i++) {
    _cleanup_(buf_free) struct buf path = {0};
    buf_printf(&path, "%s/conformance/gatekeeper/%s", shared, groups[i]);
    DIR *dir = opendir(buf_text(&path));
    if (!dir)
      return CASES_SKIPPED;
    for (struct dirent *entry; (entry = readdir(dir));) {
      _cleanup_(buf_free) struct buf file = {0};
      buf_printf(&file, "%s/%s/template.yaml", buf_text(&path), entry->d_name);
      if (entry->d_name[0] != '.')
        template_file(&t, buf_text(&file));
    }
    closedir(dir);
  }
  return told(&t) && t.modules ? 0 : 1;
}

int main(void)
{
  _cleanup_(buf_free) struct buf path = {0};
  const char *shared = rego_case_shared(&path);
  int v1 = cases_suite(shared, &rego_suites[0]);
  int v0 = cases_suite(shared, &rego_suites[1]);
  int gatekeeper = gatekeeper_suite(shared);
  if (v1 == CASES_SKIPPED && v0 == CASES_SKIPPED && gatekeeper == CASES_SKIPPED) {
    printf("skipped: no conformance/rego and no conformance/gatekeeper in %s\n", shared);
    return CASES_SKIPPED;
  }
  return v1 == 1 || v0 == 1 || gatekeeper == 1;
}
