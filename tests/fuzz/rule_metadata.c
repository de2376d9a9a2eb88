/*
 * A module of a rule, as a user may have written it, or a framework's file if it does not parse as Rego.
 *
 * What is accepted is whole: every text that a report shows is there, ids have their form, controls are in
 * the catalogue, and the entry names the package.
 */
#include "policy/rule_metadata.h"
#include "data/yaml.h"
#include "lang/rego/parser.h"

#include <stdlib.h>

static const struct framework_control controls[] = {{STR_INIT("1.0"), STR_INIT("One")},
                                                    {STR_INIT("1.2"), STR_INIT("Two")}};
static const struct framework frameworks[] = {
    {.id = STR_INIT("nsa"), .title = STR_INIT("NSA"), .controls = controls, .control_count = 2}};

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void check_rule(const struct library_rule *rule)
{
  const struct rule *r = &rule->rule;
  must(r->id.len && r->title.len && r->why.len && r->remedy.len && r->reference_count);
  must(str_find_byte(r->id, 0, '\n') < 0 && str_find_byte(r->title, 0, '\n') < 0);
  must(r->severity > SEVERITY_UNKNOWN && r->severity < SEVERITY_COUNT);
  must(str_starts(rule->entry, STR("data.seawall.rules.")));
  must(rule->workload || rule->every_kind || rule->kind_count);
  for (size_t i = 0; i < r->control_count; i++)
    must(framework_control(&frameworks[0], r->controls[i].id) != NULL);
  for (size_t i = 0; i < r->reference_count; i++)
    must(str_starts(r->references[i], STR("https://")));
  must(rule->is_set == (rule->need_count || rule->needs_workloads));
}

static void read_rule(struct arena *arena, const struct rego_module *module)
{
  struct library_rule rule;
  struct rule_parameter parameters[4];
  size_t count;
  struct error err;
  int rc = rule_metadata_read(arena, module, frameworks, 1, &rule, &err);
  must(rc == 0 || (rc == SW_EINVAL && err.message[0]));
  if (rc == 0) {
    must(rule_metadata_is_rule(module));
    check_rule(&rule);
  }
  if (rule_metadata_parameters(arena, module, parameters, 4, &count, &err) == 0)
    for (size_t i = 0; i < count; i++)
      must(parameters[i].name.len && parameters[i].otherwise.len);
}

static void read_framework(struct arena *arena, struct str text)
{
  struct framework f;
  struct error err;
  if (framework_read(arena, text, &f, &err) < 0)
    return;
  must(f.id.len && f.title.len && f.control_count);
  for (size_t i = 0; i < f.control_count; i++)
    must(framework_control(&f, f.controls[i].id) == &f.controls[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena arena;
  struct rego_names *names = rego_names_new();
  struct str text = {(const char *)data, size};
  struct rego_options options = {.name = STR("x.rego"), .annotations = true, .names = names};
  const struct rego_module *module;
  arena_init(&arena, 64 << 20);
  if (rego_parse_module(&arena, text, &options, &module, NULL, NULL) == 0)
    read_rule(&arena, module);
  else
    read_framework(&arena, text);
  rego_names_free(names);
  arena_free(&arena);
  return 0;
}
