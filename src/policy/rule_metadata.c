#include "policy/rule_metadata.h"

#include "base/mem.h"
#include "policy/podsecurity.h"

/* One metadata block under way. */
struct reader {
  struct arena *arena;
  const struct rego_module *module;
  const struct rego_annotation *block;
  const struct framework *frameworks;
  size_t framework_count;
  struct library_rule *rule;
  struct error *err;
};

struct field {
  const char *name;
  int (*take)(struct reader *r, struct str name, struct value v);
  bool required;
};

static int fault(struct reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int fault(struct reader *r, const char *format, ...)
{
  char text[256];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  const struct rego_place *at = r->block ? &r->block->place : &r->module->package.place;
  return error_set_at(r->err, SW_EINVAL, at->line, at->column, "%s", text);
}

static int take_text(struct reader *r, struct str name, struct value v, struct str *ret)
{
  if (!value_is(v, VALUE_STRING) || !str_trim(value_str(v)).len)
    return fault(r, "custom.%.*s must be a text", STR_FMT(name));
  *ret = arena_copy(r->arena, str_trim(value_str(v)));
  return 0;
}

/* A list of texts, one at least. */
static int take_texts(struct reader *r, struct str name, struct value v, const struct str **ret,
                      size_t *ret_count)
{
  if (!value_is(v, VALUE_ARRAY) || v.len == 0)
    return fault(r, "%.*s must be a list of texts", STR_FMT(name));
  struct str *list = arena_array(r->arena, struct str, v.len);
  for (uint32_t i = 0; i < v.len; i++) {
    if (!value_is(v.items[i], VALUE_STRING) || v.items[i].len == 0)
      return fault(r, "%.*s must be a list of texts (in quotes, if they look like numbers)",
                   STR_FMT(name));
    list[i] = arena_copy(r->arena, value_str(v.items[i]));
  }
  *ret = list;
  *ret_count = v.len;
  return 0;
}

static bool is_id(struct str s)
{
  for (size_t i = 0; i < s.len; i++)
    if (!(s.data[i] >= 'a' && s.data[i] <= 'z') && !(s.data[i] >= '0' && s.data[i] <= '9') &&
        (s.data[i] != '-' || i == 0 || i + 1 == s.len))
      return false;
  return s.len > 0 && s.len <= 80;
}

/* Is the package's last part the id with underscores? */
static bool names_package(const struct rego_module *m, struct str id)
{
  struct str last = value_str_or_empty(m->package.path[m->package.path_count - 1].value);
  if (last.len != id.len)
    return false;
  for (size_t i = 0; i < id.len; i++)
    if (last.data[i] != (id.data[i] == '-' ? '_' : id.data[i]))
      return false;
  return true;
}

static int take_id(struct reader *r, struct str name, struct value v)
{
  int rc = take_text(r, name, v, &r->rule->rule.id);
  if (rc < 0)
    return rc;
  struct str id = r->rule->rule.id;
  if (!is_id(id) || str_starts(id, STR("pss-")))
    return fault(r, "custom.id \"%.*s\" must be lower case with hyphens, and not begin with pss-",
                 STR_FMT(id));
  if (!names_package(r->module, id))
    return fault(r, "the package must be seawall.rules. and custom.id \"%.*s\" with _ for -",
                 STR_FMT(id));
  return 0;
}

static int take_severity(struct reader *r, struct str name, struct value v)
{
  (void)name;
  enum severity *severity = &r->rule->rule.severity;
  if (severity_from_name(value_str_or_empty(v), severity) && *severity != SEVERITY_UNKNOWN)
    return 0;
  return fault(r, "custom.severity must be info, low, medium, high or critical");
}

static int take_remedy(struct reader *r, struct str name, struct value v)
{
  return take_text(r, name, v, &r->rule->rule.remedy);
}

static int take_example(struct reader *r, struct str name, struct value v)
{
  return take_text(r, name, v, &r->rule->example);
}

struct rule_kind rule_kind_parse(struct str text)
{
  struct str kind, group = str_cut(text, '/', &kind);
  if (!kind.data)
    return (struct rule_kind){STR_EMPTY, text};
  return (struct rule_kind){group, kind};
}

/* Takes a list of kinds, "workload" apart. */
static int take_kind_list(struct reader *r, struct str name, struct value v, bool *ret_workload,
                          bool *ret_every, const struct rule_kind **ret, size_t *ret_count)
{
  const struct str *texts;
  size_t count, kept = 0;
  int rc = take_texts(r, name, v, &texts, &count);
  if (rc < 0)
    return rc;
  struct rule_kind *kinds = arena_array(r->arena, struct rule_kind, count);
  for (size_t i = 0; i < count; i++) {
    if (str_eq(texts[i], STR("workload")))
      *ret_workload = true;
    else if (ret_every && str_eq(texts[i], STR("*")))
      *ret_every = true;
    else
      kinds[kept++] = rule_kind_parse(texts[i]);
    struct str kind = kept ? kinds[kept - 1].kind : STR("A");
    if (!kind.len || kind.data[0] < 'A' || kind.data[0] > 'Z')
      return fault(r, "%.*s: \"%.*s\" is no kind (Service, apps/Deployment, workload)",
                   STR_FMT(name), STR_FMT(texts[i]));
  }
  *ret = kinds;
  *ret_count = kept;
  return 0;
}

static int take_kinds(struct reader *r, struct str name, struct value v)
{
  struct library_rule *rule = r->rule;
  return take_kind_list(r, name, v, &rule->workload, &rule->every_kind, &rule->kinds,
                        &rule->kind_count);
}

static int take_needs(struct reader *r, struct str name, struct value v)
{
  struct library_rule *rule = r->rule;
  return take_kind_list(r, name, v, &rule->needs_workloads, NULL, &rule->needs, &rule->need_count);
}

static int take_scope(struct reader *r, struct str name, struct value v)
{
  (void)name;
  r->rule->is_set = value_eq_str(v, STR("set"));
  if (!r->rule->is_set && !value_eq_str(v, STR("object")))
    return fault(r, "custom.scope must be object or set");
  return 0;
}

static int take_pod_security(struct reader *r, struct str name, struct value v)
{
  const struct str *names;
  size_t count;
  int rc = take_texts(r, name, v, &names, &count);
  for (size_t i = 0; rc == 0 && i < count; i++) {
    int check = 0;
    while (check < PODSECURITY_CHECK_COUNT &&
           !str_eq(podsecurity_check_name((enum podsecurity_check_id)check), names[i]))
      check++;
    if (check == PODSECURITY_CHECK_COUNT)
      return fault(r, "custom.pod_security: there is no check \"%.*s\"", STR_FMT(names[i]));
    /* Baseline and restricted have checks of one name; either tells the fault. */
    for (; check < PODSECURITY_CHECK_COUNT; check++)
      if (str_eq(podsecurity_check_name((enum podsecurity_check_id)check), names[i]))
        r->rule->covered_by |= UINT32_C(1) << check;
  }
  return rc;
}

static int take_parameters(struct reader *r, struct str name, struct value v)
{
  return take_texts(r, name, v, &r->rule->parameters, &r->rule->parameter_count);
}

static int count_lists(struct reader *r, struct str name, struct value v, size_t *ret_count)
{
  *ret_count = 0;
  if (!value_is(v, VALUE_OBJECT))
    return fault(r, "custom.%.*s must be a mapping of names to lists", STR_FMT(name));
  for (uint32_t i = 0; i < v.len; i++)
    *ret_count += value_is(v.members[i].value, VALUE_ARRAY) ? v.members[i].value.len : 0;
  return 0;
}

static int take_controls(struct reader *r, struct str name, struct value v)
{
  size_t total;
  int rc = count_lists(r, name, v, &total);
  if (rc < 0)
    return rc;
  struct control *list = arena_array(r->arena, struct control, total);
  struct rule *rule = &r->rule->rule;
  for (uint32_t i = 0; i < v.len; i++) {
    const struct str *ids;
    size_t count;
    struct str framework_id = value_str_or_empty(v.members[i].key);
    const struct framework *f = framework_find(r->frameworks, r->framework_count, framework_id);
    if (!f)
      return fault(r, "custom.controls: there is no framework \"%.*s\"", STR_FMT(framework_id));
    rc = take_texts(r, STR("custom.controls"), v.members[i].value, &ids, &count);
    for (size_t k = 0; rc == 0 && k < count; k++) {
      if (!framework_control(f, ids[k]))
        return fault(r, "custom.controls: %.*s has no control \"%.*s\"", STR_FMT(f->id),
                     STR_FMT(ids[k]));
      list[rule->control_count++] = (struct control){f->id, ids[k]};
    }
    if (rc < 0)
      return rc;
  }
  rule->controls = list;
  return 0;
}

static bool is_tool(struct str name)
{
  static const struct str tools[] = {STR_INIT("polaris"), STR_INIT("kube-linter"),
                                     STR_INIT("kubeaudit"), STR_INIT("kube-score"),
                                     STR_INIT("kubescape")};
  for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
    if (str_eq(tools[i], name))
      return true;
  return false;
}

static int take_aliases(struct reader *r, struct str name, struct value v)
{
  size_t total;
  int rc = count_lists(r, name, v, &total);
  if (rc < 0)
    return rc;
  struct rule_alias *list = arena_array(r->arena, struct rule_alias, total);
  for (uint32_t i = 0; i < v.len; i++) {
    const struct str *ids;
    size_t count;
    struct str tool = arena_copy(r->arena, value_str_or_empty(v.members[i].key));
    if (!is_tool(tool))
      return fault(r, "custom.aliases: unknown tool \"%.*s\"", STR_FMT(tool));
    rc = take_texts(r, STR("custom.aliases"), v.members[i].value, &ids, &count);
    for (size_t k = 0; rc == 0 && k < count; k++)
      list[r->rule->alias_count++] = (struct rule_alias){tool, ids[k]};
    if (rc < 0)
      return rc;
  }
  r->rule->aliases = list;
  return 0;
}

static const struct field fields[] = {
    {"id", take_id, true},
    {"severity", take_severity, true},
    {"remedy", take_remedy, true},
    {"kinds", take_kinds, true},
    {"controls", take_controls, false},
    {"scope", take_scope, false},
    {"needs", take_needs, false},
    {"pod_security", take_pod_security, false},
    {"parameters", take_parameters, false},
    {"example", take_example, false},
    {"aliases", take_aliases, false},
};
enum { FIELD_COUNT = sizeof fields / sizeof *fields };

static int take_custom(struct reader *r, struct value custom)
{
  bool seen[FIELD_COUNT] = {false};
  for (uint32_t i = 0; i < custom.len; i++) {
    struct str key = value_str_or_empty(custom.members[i].key);
    unsigned f = 0;
    while (f < FIELD_COUNT && !str_eq(str_from(fields[f].name), key))
      f++;
    if (f == FIELD_COUNT)
      return fault(r, "custom has an unknown field \"%.*s\"", STR_FMT(key));
    seen[f] = true;
    int rc = fields[f].take(r, key, custom.members[i].value);
    if (rc < 0)
      return rc;
  }
  for (unsigned f = 0; f < FIELD_COUNT; f++)
    if (fields[f].required && !seen[f])
      return fault(r, "custom.%s is missing", fields[f].name);
  return 0;
}

static int take_references(struct reader *r)
{
  const struct rego_annotation *b = r->block;
  if (b->related_resource_count == 0)
    return fault(r, "related_resources is missing: where can one read more?");
  struct str *list = arena_array(r->arena, struct str, b->related_resource_count);
  for (uint32_t i = 0; i < b->related_resource_count; i++) {
    if (!str_starts(b->related_resources[i].ref, STR("https://")))
      return fault(r, "related_resources: \"%.*s\" is no https address",
                   STR_FMT(b->related_resources[i].ref));
    list[i] = arena_copy(r->arena, b->related_resources[i].ref);
  }
  r->rule->rule.references = list;
  r->rule->rule.reference_count = b->related_resource_count;
  return 0;
}

static int take_title(struct reader *r)
{
  struct str title = str_trim(r->block->title), why = str_trim(r->block->description);
  if (!title.len || title.len > 100 || str_find_byte(title, 0, '\n') >= 0 ||
      str_ends(title, STR(".")))
    return fault(r, "title must be one line of at most 100 bytes without a full stop");
  if (!why.len)
    return fault(r, "description is missing: why does it matter?");
  r->rule->rule.title = arena_copy(r->arena, title);
  r->rule->rule.why = arena_copy(r->arena, why);
  return 0;
}

/* What a set rule judges must be in the inventory. */
static bool kinds_are_needed(const struct library_rule *rule)
{
  for (size_t i = 0; i < rule->kind_count; i++) {
    size_t n = 0;
    while (n < rule->need_count && !(str_eq(rule->kinds[i].kind, rule->needs[n].kind) &&
                                     str_eq(rule->kinds[i].group, rule->needs[n].group)))
      n++;
    if (n == rule->need_count)
      return false;
  }
  return !rule->every_kind && (!rule->workload || rule->needs_workloads);
}

static int check_whole(struct reader *r)
{
  const struct library_rule *rule = r->rule;
  if (rule->is_set && !rule->need_count && !rule->needs_workloads)
    return fault(r, "a set rule must say in custom.needs what it looks at");
  if (!rule->is_set && (rule->need_count || rule->needs_workloads))
    return fault(r, "custom.needs is for set rules");
  if (rule->is_set && !kinds_are_needed(rule))
    return fault(r, "custom.needs of a set rule must name all of custom.kinds");
  for (uint32_t i = 0; i < r->module->rule_count; i++) {
    const struct rego_head *head = &r->module->rules[i].head;
    if (head->kind == REGO_RULE_SET && head->ref_count == 1 &&
        str_eq(rego_names_text(r->module->names, head->ref[0].var), STR("finding")))
      return 0;
  }
  return fault(r, "there is no rule \"finding contains ...\"");
}

static struct str entry_of(struct arena *arena, const struct rego_module *m)
{
  struct str path = STR("data");
  for (uint32_t i = 0; i < m->package.path_count; i++)
    path = arena_printf(arena, "%.*s.%.*s", STR_FMT(path),
                        STR_FMT(value_str_or_empty(m->package.path[i].value)));
  return arena_printf(arena, "%.*s.finding", STR_FMT(path));
}

static bool in_package(const struct rego_module *m, struct str second)
{
  return m->package.path_count == 3 && value_eq_str(m->package.path[0].value, STR("seawall")) &&
         value_eq_str(m->package.path[1].value, second);
}

static const struct rego_annotation *package_block(const struct rego_module *m)
{
  for (uint32_t i = 0; i < m->annotation_count; i++)
    if (m->annotations[i].scope == REGO_SCOPE_PACKAGE)
      return &m->annotations[i];
  return NULL;
}

bool rule_metadata_is_rule(const struct rego_module *module)
{
  const struct rego_annotation *block = package_block(module);
  return in_package(module, STR("rules")) && block && value_is(block->custom, VALUE_OBJECT) &&
         !value_is_nil(value_get_str(block->custom, STR("id")));
}

int rule_metadata_read(struct arena *arena, const struct rego_module *module,
                       const struct framework *frameworks, size_t framework_count,
                       struct library_rule *ret_rule, struct error *err)
{
  struct library_rule rule = {0};
  struct reader r = {arena, module, package_block(module), frameworks, framework_count, &rule, err};
  if (!in_package(module, STR("rules")))
    return fault(&r, "the package of a rule must be seawall.rules.<id with _>");
  if (!r.block)
    return fault(&r, "there is no METADATA block before the package");
  if (!value_is(r.block->custom, VALUE_OBJECT))
    return fault(&r, "custom is missing");
  int rc = take_title(&r);
  if (rc == 0)
    rc = take_references(&r);
  if (rc == 0)
    rc = take_custom(&r, r.block->custom);
  if (rc == 0)
    rc = check_whole(&r);
  if (rc < 0)
    return rc;
  rule.entry = entry_of(arena, module);
  *ret_rule = rule;
  return 0;
}

/* ---- parameters */

static const struct str type_words[] = {
    [PARAMETER_STRINGS] = STR_INIT("strings"),
    [PARAMETER_STRING] = STR_INIT("string"),
    [PARAMETER_NUMBER] = STR_INIT("number"),
    [PARAMETER_BOOLEAN] = STR_INIT("boolean"),
};

struct str rule_parameter_type_name(enum rule_parameter_type type)
{
  static const struct str names[] = {
      [PARAMETER_STRINGS] = STR_INIT("a list of texts"),
      [PARAMETER_STRING] = STR_INIT("a text"),
      [PARAMETER_NUMBER] = STR_INIT("a number"),
      [PARAMETER_BOOLEAN] = STR_INIT("true or false"),
  };
  return names[type];
}

/* The value of the default rule that the block stands before, as written. */
static struct str default_text(const struct reader *r)
{
  int32_t i = r->block->rule;
  if (i < 0 || (uint32_t)i >= r->module->rule_count || !r->module->rules[i].is_default)
    return STR_EMPTY;
  const struct rego_place *at = &r->module->rules[i].head.value.place;
  return str_sub(r->module->text, at->start, at->end - at->start);
}

static int read_parameter(struct reader *r, struct rule_parameter *ret)
{
  struct value custom = r->block->custom;
  struct str name = value_str_or_empty(value_get_str(custom, STR("parameter")));
  struct str type = value_str_or_empty(value_get_str(custom, STR("type")));
  struct str title = str_trim(r->block->title), text = str_trim(r->block->description);
  struct str otherwise = default_text(r);
  if (!name.len || !title.len || !text.len || !otherwise.len)
    return fault(r, "a parameter needs title, description, custom.parameter, and a default rule");
  for (unsigned i = 0; i < sizeof type_words / sizeof *type_words; i++)
    if (str_eq(type, type_words[i])) {
      *ret = (struct rule_parameter){
          .name = arena_copy(r->arena, name),
          .type = (enum rule_parameter_type)i,
          .title = arena_copy(r->arena, title),
          .description = arena_copy(r->arena, text),
          .otherwise = arena_copy(r->arena, otherwise),
      };
      return 0;
    }
  return fault(r, "custom.type must be strings, string, number or boolean");
}

int rule_metadata_parameters(struct arena *arena, const struct rego_module *module,
                             struct rule_parameter *ret_list, size_t max, size_t *ret_count,
                             struct error *err)
{
  struct reader r = {.arena = arena, .module = module, .err = err};
  *ret_count = 0;
  for (uint32_t i = 0; i < module->annotation_count; i++) {
    r.block = &module->annotations[i];
    if (value_is_nil(value_get_str(r.block->custom, STR("parameter"))))
      continue;
    if (*ret_count == max)
      return fault(&r, "more than %zu parameters", max);
    int rc = read_parameter(&r, &ret_list[*ret_count]);
    if (rc < 0)
      return rc;
    (*ret_count)++;
  }
  return 0;
}
