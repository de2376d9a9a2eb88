#include "policy/rule_library_int.h"

#include "base/suggestion.h"
#include "kube/keys.h"
#include "policy/podsecurity_int.h"

#include <limits.h>
#include <stdio.h>

/* ---- the program that is compiled in */

/* Only where the image has no program: compiles what was compiled in as text. */
static int compile_modules(struct rule_library *l, struct error *err)
{
  const struct rule_image *image = &rule_image_builtin;
  struct rule_sources sources;
  rule_sources_init(&sources);
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < image->module_count; i++)
    rc = rule_sources_add_module(&sources, image->modules[i].name, image->modules[i].text, err);
  struct rego_entry *entries = arena_array(&l->arena, struct rego_entry, image->rule_count);
  for (size_t i = 0; i < image->rule_count; i++)
    entries[i] = (struct rego_entry){.path = image->rules[i].entry};
  struct rego_compile_options options = {.names = sources.names, .symbols = l->symbols};
  if (rc == 0)
    rc = rego_compile(&sources.arena, sources.modules.items, (uint32_t)sources.modules.count,
                      entries, (uint32_t)image->rule_count, &options, &l->builtin, NULL, err);
  rule_sources_free(&sources);
  return rc;
}

static int load_builtin(struct rule_library *l, struct error *err)
{
  const struct rule_image *image = &rule_image_builtin;
  if (l->options.without_builtin || image->rule_count == 0)
    return 0;
  int rc = image->program.len ? rego_program_load(image->program, l->symbols, &l->builtin, err)
                              : compile_modules(l, err);
  return rc < 0 ? error_wrap(err, "the rule library of this program") : 0;
}

/* ---- which rules are asked */

static struct rule_choice choice_of(const struct rule_library_options *o)
{
  return (struct rule_choice){
      .only = o->only,
      .only_count = o->only_count,
      .skip = o->skip,
      .skip_count = o->skip_count,
      .frameworks = o->frameworks,
      .framework_count = o->framework_count,
      .settings = o->settings,
      .setting_count = o->setting_count,
  };
}

static void select_rules(struct rule_library *l)
{
  uint32_t checks = podsecurity_checks(l->options.target);
  const struct rule_choice choice = choice_of(&l->options);
  for (size_t i = 0; i < l->entries.count; i++) {
    struct library_entry *e = &l->entries.items[i];
    e->severity = rule_choice_severity(&choice, e->rule, NULL);
    e->active = rule_choice_asks(&choice, e->rule, NULL);
    bool builtin = i < l->pss_first;
    if (builtin && l->options.without_builtin)
      e->active = false;
  }
  uint32_t told = 0; /* by checks of Pod Security that run and whose rule is not deselected */
  for (int c = 0; c < PODSECURITY_CHECK_COUNT; c++)
    if (checks >> c & 1)
      checks |= podsecurity_table[c].overrides; /* told under the rule of the check it stands for */
  for (int c = 0; c < PODSECURITY_CHECK_COUNT; c++)
    if (l->entries.items[l->pss_first + (size_t)c].active && (checks >> c & 1))
      told |= UINT32_C(1) << c;
  for (size_t i = 0; i < l->entries.count; i++) {
    struct library_entry *e = &l->entries.items[i];
    if (e->details && (e->details->covered_by & told))
      e->active = false;
  }
}

static int unknown(const char *what, struct str id, const char *best, struct error *err)
{
  if (best)
    return error_set(err, SW_EUSAGE, "there is no %s \"%.*s\", did you mean \"%s\"?", what,
                     STR_FMT(id), best);
  return error_set(err, SW_EUSAGE, "there is no %s \"%.*s\" (seawall policy list shows all)", what,
                   STR_FMT(id));
}

static int check_id(const struct rule_library *l, struct str id, struct error *err)
{
  struct str best = STR_EMPTY;
  unsigned nearest = 4;
  for (size_t i = 0; i < l->entries.count; i++) {
    struct str other = l->entries.items[i].rule->id;
    unsigned distance = str_distance(other, id);
    if (distance == 0)
      return 0;
    if (distance < nearest) {
      nearest = distance;
      best = other;
    }
  }
  char name[128];
  snprintf(name, sizeof name, "%.*s", STR_FMT(best));
  return unknown("rule", id, best.len ? name : NULL, err);
}

static int check_ids(const struct rule_library *l, struct error *err)
{
  const struct rule_library_options *o = &l->options;
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < o->only_count; i++)
    rc = check_id(l, o->only[i], err);
  for (size_t i = 0; rc == 0 && i < o->skip_count; i++)
    rc = check_id(l, o->skip[i], err);
  for (size_t i = 0; rc == 0 && i < o->setting_count; i++)
    if (!o->known_elsewhere || !o->known_elsewhere(o->settings[i].id))
      rc = check_id(l, o->settings[i].id, err);
  for (size_t i = 0; rc == 0 && i < o->framework_count; i++)
    if (!framework_find(rule_image_builtin.frameworks, rule_image_builtin.framework_count,
                        o->frameworks[i]))
      rc = unknown("framework", o->frameworks[i], NULL, err);
  return rc;
}

/* ---- groups */

static struct rule_group *group_of(struct rule_library *l, const struct rego_program *program,
                                   enum convention convention)
{
  for (size_t i = 0; i < l->group_count; i++)
    if (l->groups[i].program == program && l->groups[i].convention == convention)
      return &l->groups[i];
  struct rule_group *g = &l->groups[l->group_count++];
  *g = (struct rule_group){.program = program, .convention = convention};
  map_init(&g->kinds, NULL);
  return g;
}

static void add_kinds(struct rule_group *g, const struct library_rule *r, uint32_t number)
{
  for (size_t i = 0; i < r->kind_count; i++) {
    union map_value *slot = map_put(&g->kinds, r->kinds[i].kind, NULL);
    if (!slot->pointer)
      slot->pointer = mem_zalloc(1, sizeof(struct kind_rules));
    struct kind_rules *list = slot->pointer;
    vec_push(list, (struct kind_rule){r->kinds[i].group, number, r->workload});
  }
}

static void group_rules(struct rule_library *l)
{
  for (size_t i = 0; i < l->entries.count; i++) {
    const struct library_entry *e = &l->entries.items[i];
    if (!e->active || e->convention == CONVENTION_NONE)
      continue;
    const struct rego_program *program = i < l->pss_first ? l->builtin : l->users;
    struct rule_group *g = group_of(l, program, e->convention);
    const struct library_rule *r = e->details;
    if (!r || r->every_kind || r->is_set)
      vec_push(&g->every, (uint32_t)i);
    else if (r->workload)
      vec_push(&g->workload, (uint32_t)i);
    if (r && !r->is_set && !r->every_kind)
      add_kinds(g, r, (uint32_t)i);
  }
}

static void gather_needs(struct rule_library *l)
{
  VEC(struct rule_kind) kinds = {0};
  for (size_t i = 0; i < l->entries.count; i++) {
    const struct library_rule *r = l->entries.items[i].details;
    if (!r || !r->is_set || !l->entries.items[i].active)
      continue;
    l->needs.workloads |= r->needs_workloads;
    for (size_t k = 0; k < r->need_count; k++) {
      size_t at = 0;
      while (at < kinds.count && !(str_eq(kinds.items[at].kind, r->needs[k].kind) &&
                                   str_eq(kinds.items[at].group, r->needs[k].group)))
        at++;
      if (at == kinds.count)
        vec_push(&kinds, r->needs[k]);
    }
  }
  struct rule_kind *kept = arena_array(&l->arena, struct rule_kind, kinds.count);
  if (kinds.count)
    memcpy(kept, kinds.items, kinds.count * sizeof *kept);
  l->needs.everything = l->gatekeeper && gatekeeper_needs(l->gatekeeper) != 0;
  l->needs.kinds = kept;
  l->needs.kind_count = kinds.count;
  vec_free(&kinds);
}

/* ---- making */

static void add_builtin_entries(struct rule_library *l)
{
  const struct rule_image *image = &rule_image_builtin;
  for (size_t i = 0; i < image->rule_count; i++)
    vec_push(&l->entries,
             (struct library_entry){
                 .rule = &image->rules[i].rule,
                 .details = &image->rules[i],
                 .convention = image->rules[i].is_set ? CONVENTION_SET : CONVENTION_LIBRARY,
                 .entry = (uint32_t)i,
             });
  l->pss_first = l->entries.count;
  for (int i = 0; i < PODSECURITY_RULE_COUNT; i++)
    vec_push(&l->entries, (struct library_entry){.rule = &podsecurity_rules()[i],
                                                 .convention = CONVENTION_NONE});
  l->user_first = l->entries.count;
}

static struct value key_of(struct rule_library *l, const char *name)
{
  struct value key = value_from(name);
  key.symbol = symbols_add(l->symbols, value_str(key));
  return key;
}

static void make_keys(struct rule_library *l)
{
  l->keys = (struct input_keys){key_of(l, "object"), key_of(l, "pod"),      key_of(l, "config"),
                                key_of(l, "spec"),   key_of(l, "metadata"), key_of(l, "path")};
  l->config = l->options.parameters;
  if (!value_is(l->config, VALUE_OBJECT))
    value_object_make(&l->arena, NULL, NULL, 0, VALUE_LAST_WINS, NULL, &l->config);
}

int rule_library_new(const struct rule_library_options *options, struct rule_library **ret_library,
                     struct error *err)
{
  _cleanup_(rule_library_freep) struct rule_library *l = mem_zalloc(1, sizeof *l);
  l->options = *options;
  arena_init(&l->arena, 0);
  rule_sources_init(&l->user_sources);
  l->symbols = kube_symbols_new();
  add_builtin_entries(l);
  int rc = load_builtin(l, err);
  if (rc == 0)
    rc = rule_library_load_users(l, err);
  if (rc == 0)
    rc = check_ids(l, err);
  if (rc < 0)
    return rc;
  make_keys(l);
  select_rules(l);
  group_rules(l);
  gather_needs(l);
  *ret_library = l;
  l = NULL;
  return 0;
}

static void free_group(struct rule_group *g)
{
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(&g->kinds, &at));) {
    struct kind_rules *list = e->value.pointer;
    vec_free(list);
    mem_free(list);
  }
  map_free(&g->kinds);
  vec_free(&g->workload);
  vec_free(&g->every);
}

void rule_library_free(struct rule_library *l)
{
  if (!l)
    return;
  for (size_t i = 0; i < l->group_count; i++)
    free_group(&l->groups[i]);
  rego_program_free(l->builtin);
  rego_program_free(l->users);
  gatekeeper_free(l->gatekeeper);
  rule_sources_free(&l->user_sources);
  vec_free(&l->entries);
  arena_free(&l->arena);
  symbols_free(l->symbols);
  mem_free(l);
}

struct symbols *rule_library_symbols(struct rule_library *library)
{
  return library->symbols;
}

/* ---- parameters */

static int unknown_parameter(const struct rule_image *image, struct str name,
                             struct value_position at, struct error *err)
{
  char best[64] = "";
  unsigned distance = UINT_MAX;
  for (size_t i = 0; i < image->parameter_count; i++) {
    char candidate[sizeof best];
    struct suggestion s = {.word = name};
    snprintf(candidate, sizeof candidate, "%.*s", STR_FMT(image->parameters[i].name));
    suggestion_consider(&s, candidate);
    if (s.best && s.distance < distance) {
      distance = s.distance;
      memcpy(best, candidate, sizeof best);
    }
  }
  return error_set_at(err, SW_EINVAL, at.line, at.column, "unknown parameter \"%.*s\"%s%s%s",
                      STR_FMT(name), best[0] ? ", did you mean \"" : "", best,
                      best[0] ? "\"?" : "");
}

static bool fits(const struct rule_parameter *p, struct value v)
{
  if (p->type != PARAMETER_STRINGS)
    return value_is(v, p->type == PARAMETER_STRING   ? VALUE_STRING
                       : p->type == PARAMETER_NUMBER ? VALUE_NUMBER
                                                     : VALUE_BOOL);
  for (uint32_t i = 0; value_is(v, VALUE_ARRAY) && i < v.len; i++)
    if (!value_is(v.items[i], VALUE_STRING))
      return false;
  return value_is(v, VALUE_ARRAY);
}

int rule_library_check_parameters(struct value parameters, struct error *err)
{
  const struct rule_image *image = &rule_image_builtin;
  if (value_is_nil(parameters))
    return 0;
  if (!value_is(parameters, VALUE_OBJECT))
    return error_set(err, SW_EINVAL, "must be a mapping of parameters to values");
  for (uint32_t i = 0; i < parameters.len; i++) {
    struct str name = value_str(parameters.members[i].key);
    struct value_position at = value_key_position(parameters, i);
    size_t p = 0;
    while (p < image->parameter_count && !str_eq(image->parameters[p].name, name))
      p++;
    if (p == image->parameter_count)
      return unknown_parameter(image, name, at, err);
    if (!fits(&image->parameters[p], parameters.members[i].value))
      return error_set_at(err, SW_EINVAL, at.line, at.column, "\"%.*s\" must be %.*s",
                          STR_FMT(name),
                          STR_FMT(rule_parameter_type_name(image->parameters[p].type)));
  }
  return 0;
}

/* ---- the rules */

size_t rule_library_count(const struct rule_library *library)
{
  return library->entries.count;
}

const struct rule *rule_library_rule(const struct rule_library *library, size_t i)
{
  return library->entries.items[i].rule;
}

const struct library_rule *rule_library_details(const struct rule_library *library, size_t i)
{
  return library->entries.items[i].details;
}

bool rule_library_active(const struct rule_library *library, size_t i)
{
  return library->entries.items[i].active;
}

size_t rule_library_index(const struct rule_library *library, const struct rule *rule)
{
  /* Both tables that are compiled in are arrays; only users' rules have to be looked for. */
  const struct rule_image *image = &rule_image_builtin;
  uintptr_t at = (uintptr_t)rule;
  if (image->rule_count && at >= (uintptr_t)image->rules &&
      at < (uintptr_t)(image->rules + image->rule_count))
    return (at - (uintptr_t)image->rules) / sizeof *image->rules;
  const struct rule *pss = podsecurity_rules();
  if (at >= (uintptr_t)pss && at < (uintptr_t)(pss + PODSECURITY_RULE_COUNT))
    return library->pss_first + (at - (uintptr_t)pss) / sizeof *pss;
  for (size_t i = library->user_first; i < library->entries.count; i++)
    if (library->entries.items[i].rule == rule)
      return i;
  return SIZE_MAX;
}

struct rule_needs rule_library_needs(const struct rule_library *library)
{
  return library->needs;
}
