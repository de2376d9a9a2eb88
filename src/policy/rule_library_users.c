/* Users' rules: modules of the library's own form, and of other conventions. */
#include "policy/rule_library_int.h"

struct loader {
  struct rule_library *library;
  struct rule_sources *sources;
  VEC(struct rego_entry) entries;
  VEC(struct library_entry) rules;
  struct map seen; /* paths of entries */
  struct error *err;
};

static struct str package_of(struct arena *arena, const struct rego_module *m)
{
  struct str path = STR_EMPTY;
  for (uint32_t i = 0; i < m->package.path_count; i++)
    path = arena_printf(arena, "%.*s%s%.*s", STR_FMT(path), i ? "." : "",
                        STR_FMT(value_str_or_empty(m->package.path[i].value)));
  return path;
}

/* "data.a.b", or `data.a["b-c"]` where a part is no name. */
static struct str entry_path(struct arena *arena, const struct rego_module *m, struct str rule)
{
  struct str path = STR("data");
  for (uint32_t i = 0; i < m->package.path_count; i++)
    path = arena_printf(arena, "%.*s[\"%.*s\"]", STR_FMT(path),
                        STR_FMT(value_str_or_empty(m->package.path[i].value)));
  return arena_printf(arena, "%.*s.%.*s", STR_FMT(path), STR_FMT(rule));
}

static bool has_module(const struct rule_sources *s, struct arena *arena, struct str package)
{
  for (size_t i = 0; i < s->modules.count; i++)
    if (str_eq(package_of(arena, s->modules.items[i]), package))
      return true;
  return false;
}

/* What the library's rules share, for users' rules of the same form; a copy among theirs wins. */
static int add_shared(struct loader *l)
{
  const struct rule_image *image = &rule_image_builtin;
  struct arena *arena = &l->sources->arena;
  for (size_t i = 0; i < image->module_count; i++) {
    struct str name = image->modules[i].name;
    if (str_find(name, 0, STR("/lib/")) < 0)
      continue;
    ptrdiff_t slash = str_find_last_byte(name, '/');
    struct str base = str_sub(name, (size_t)slash + 1, name.len - (size_t)slash - 6);
    struct str package = arena_printf(arena, "seawall.lib.%.*s", STR_FMT(base));
    if (has_module(l->sources, arena, package))
      continue;
    int rc = rule_sources_add_module(l->sources, name, image->modules[i].text, l->err);
    if (rc < 0)
      return rc;
  }
  return 0;
}

static void add_entry(struct loader *l, struct str path, struct library_entry entry)
{
  bool added;
  map_put(&l->seen, path, &added);
  if (!added)
    return;
  entry.entry = (uint32_t)l->entries.count;
  vec_push(&l->entries, (struct rego_entry){.path = path});
  vec_push(&l->rules, entry);
}

/* ---- of the library's form */

static int check_new_id(const struct loader *l, const struct rego_module *m, struct str id)
{
  const struct rule_library *library = l->library;
  for (size_t i = 0; i < library->entries.count; i++)
    if (str_eq(library->entries.items[i].rule->id, id) &&
        !(i < library->pss_first && library->options.without_builtin))
      return error_set(
          l->err, SW_EINVAL,
          "%.*s:%u: rule \"%.*s\" is compiled in already; give it another id, or leave "
          "the others out with --no-builtin-rules",
          STR_FMT(m->name), m->package.place.line, STR_FMT(id));
  for (size_t i = 0; i < l->rules.count; i++)
    if (str_eq(l->rules.items[i].rule->id, id))
      return error_set(l->err, SW_EINVAL, "%.*s:%u: rule \"%.*s\" is there twice", STR_FMT(m->name),
                       m->package.place.line, STR_FMT(id));
  return 0;
}

static int add_library_rule(struct loader *l, const struct rego_module *m)
{
  struct arena *arena = &l->library->arena;
  struct library_rule *rule = arena_new(arena, struct library_rule);
  int rc = rule_metadata_read(arena, m, rule_image_builtin.frameworks,
                              rule_image_builtin.framework_count, rule, l->err);
  if (rc < 0)
    return error_wrap(l->err, "%.*s:%u", STR_FMT(m->name), l->err ? l->err->line : 0);
  rc = check_new_id(l, m, rule->rule.id);
  if (rc < 0)
    return rc;
  struct library_entry entry = {
      .rule = &rule->rule,
      .details = rule,
      .convention = rule->is_set ? CONVENTION_SET : CONVENTION_LIBRARY,
  };
  add_entry(l, rule->entry, entry);
  return 0;
}

/* ---- of other conventions */

/* deny, violation, warn, and deny_x, violation_x, warn_x. */
static bool is_verdict(struct str name, enum severity *ret)
{
  static const struct {
    struct str name;
    enum severity severity;
  } verdicts[] = {
      {STR_INIT("deny"), SEVERITY_HIGH},
      {STR_INIT("violation"), SEVERITY_HIGH},
      {STR_INIT("warn"), SEVERITY_LOW},
  };
  for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
    size_t len = verdicts[i].name.len;
    if (str_starts(name, verdicts[i].name) && (name.len == len || name.data[len] == '_')) {
      *ret = verdicts[i].severity;
      return true;
    }
  }
  return false;
}

/* Whether modules of the package mention input.request: it judges admission reviews. */
static bool judges_reviews(const struct loader *l, struct str package)
{
  struct arena *arena = &l->sources->arena;
  for (size_t i = 0; i < l->sources->modules.count; i++) {
    const struct rego_module *m = l->sources->modules.items[i];
    if (str_eq(package_of(arena, m), package) && str_find(m->text, 0, STR("input.request")) >= 0)
      return true;
  }
  return false;
}

static const struct rego_annotation *annotation_of(const struct rego_module *m,
                                                   const struct rego_rule *r)
{
  for (uint32_t i = 0; i < m->annotation_count; i++)
    if (m->annotations[i].scope == REGO_SCOPE_RULE && m->annotations[i].rule >= 0 &&
        &m->rules[m->annotations[i].rule] == r)
      return &m->annotations[i];
  for (uint32_t i = 0; i < m->annotation_count; i++)
    if (m->annotations[i].scope == REGO_SCOPE_PACKAGE)
      return &m->annotations[i];
  return NULL;
}

static struct str or_else(struct str text, struct str otherwise)
{
  text = str_trim(text);
  return text.len ? text : otherwise;
}

static const struct rule *make_rule(struct loader *l, const struct rego_module *m,
                                    const struct rego_rule *r, struct str id,
                                    enum severity severity)
{
  struct arena *arena = &l->library->arena;
  struct rule *rule = arena_new(arena, struct rule);
  const struct rego_annotation *a = annotation_of(m, r);
  *rule = (struct rule){
      .id = id,
      .title = or_else(a ? a->title : STR_EMPTY, arena_printf(arena, "Policy %.*s", STR_FMT(id))),
      .why = or_else(a ? a->description : STR_EMPTY, STR("A rule of your own forbids this.")),
      .remedy = arena_printf(arena, "See %.*s, line %u.", STR_FMT(m->name), r->place.line),
      .severity = severity,
  };
  struct str configured = a && value_is(a->custom, VALUE_OBJECT)
                              ? value_str_or_empty(value_get_str(a->custom, STR("severity")))
                              : STR_EMPTY;
  severity_from_name(configured, &rule->severity);
  return rule;
}

static void add_verdicts(struct loader *l, const struct rego_module *m)
{
  struct arena *arena = &l->library->arena;
  struct str package = package_of(arena, m);
  bool reviews = judges_reviews(l, package);
  for (uint32_t i = 0; i < m->rule_count; i++) {
    const struct rego_rule *r = &m->rules[i];
    struct str name = rego_names_text(m->names, r->head.ref[0].var);
    enum severity severity = SEVERITY_HIGH;
    bool answer = str_eq(package, STR("system")) && str_eq(name, STR("main"));
    if (r->head.kind == REGO_RULE_FUNCTION || (!answer && !is_verdict(name, &severity)))
      continue;
    struct str path = entry_path(arena, m, name);
    if (map_get(&l->seen, path))
      continue;
    struct str id = arena_printf(arena, "%.*s.%.*s", STR_FMT(package), STR_FMT(name));
    struct library_entry entry = {
        .rule = make_rule(l, m, r, id, severity),
        .convention = answer    ? CONVENTION_ANSWER
                      : reviews ? CONVENTION_ADMISSION
                                : CONVENTION_OBJECT,
    };
    add_entry(l, path, entry);
  }
}

/* ---- */

static int add_rules(struct loader *l, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    const struct rego_module *m = l->sources->modules.items[i];
    int rc = 0;
    if (rule_metadata_is_rule(m))
      rc = add_library_rule(l, m);
    else
      add_verdicts(l, m);
    if (rc < 0)
      return rc;
  }
  return 0;
}

static int compile(struct loader *l)
{
  struct rule_library *library = l->library;
  struct rego_compile_options options = {.names = l->sources->names, .symbols = library->symbols};
  struct rego_errors errors;
  int rc = rego_compile(&l->sources->arena, l->sources->modules.items,
                        (uint32_t)l->sources->modules.count, l->entries.items,
                        (uint32_t)l->entries.count, &options, &library->users, &errors, l->err);
  if (rc == SW_EINVAL && errors.count) {
    _cleanup_(buf_free) struct buf text = {0};
    rego_error_write(&text, &errors.items[0]);
    error_set(l->err, rc, "%s", buf_text(&text));
  }
  return rc;
}

/* ---- Gatekeeper's templates and constraints */

static int gatekeeper_failed(struct gatekeeper *g, struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  int code = err ? err->code : SW_EINVAL;
  if (gatekeeper_problem_count(g) > 0) {
    gatekeeper_problem_write(&text, gatekeeper_problem(g, 0));
    code = error_set(err, gatekeeper_problem(g, 0)->code, "%s", buf_text(&text));
  }
  gatekeeper_free(g);
  return code;
}

static int load_gatekeeper(struct loader *l)
{
  const struct rule_library_options *o = &l->library->options;
  struct gatekeeper_options options = {.symbols = l->library->symbols};
  struct gatekeeper *g = gatekeeper_new(&options);
  size_t all = 0;
  for (size_t i = 0; i < o->directory_count; i++) {
    size_t count = 0;
    if (gatekeeper_load(g, o->directories[i], &count, l->err) < 0)
      return gatekeeper_failed(g, l->err);
    all += count;
  }
  if (all == 0) {
    gatekeeper_free(g);
    return 0;
  }
  if (gatekeeper_finish(g, l->err) < 0)
    return gatekeeper_failed(g, l->err);
  l->library->gatekeeper = g;
  return 0;
}

static void add_constraints(struct loader *l)
{
  const struct gatekeeper *g = l->library->gatekeeper;
  for (size_t i = 0; g && i < gatekeeper_constraint_count(g); i++)
    vec_push(&l->library->entries,
             (struct library_entry){.rule = &gatekeeper_constraint(g, i)->rule,
                                    .convention = CONVENTION_NONE});
}

static int read_files(struct loader *l)
{
  const struct rule_library_options *o = &l->library->options;
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < o->directory_count; i++)
    rc = rule_sources_add(l->sources, o->directories[i], l->err);
  if (rc == 0 && l->sources->documents.count)
    rc = load_gatekeeper(l);
  if (rc == 0 && !l->sources->modules.count && !l->library->gatekeeper)
    return error_set(l->err, SW_EINVAL,
                     "%s holds neither Rego nor Gatekeeper's templates and constraints",
                     o->directories[0]);
  return rc;
}

static int load(struct loader *l)
{
  const struct rule_library_options *o = &l->library->options;
  int rc = read_files(l);
  size_t count = l->sources->modules.count;
  if (rc < 0 || count == 0)
    return rc;
  rc = add_shared(l);
  if (rc == 0)
    rc = add_rules(l, count);
  if (rc < 0)
    return rc;
  if (l->entries.count == 0 && l->library->gatekeeper)
    return 0;
  if (l->entries.count == 0)
    return error_set(l->err, SW_EINVAL,
                     "%s holds Rego, but no rule: neither metadata with custom.id nor deny, "
                     "violation, warn or system.main",
                     o->directories[0]);
  rc = compile(l);
  for (size_t i = 0; rc == 0 && i < l->rules.count; i++)
    vec_push(&l->library->entries, l->rules.items[i]);
  return rc;
}

int rule_library_load_users(struct rule_library *library, struct error *err)
{
  struct loader l = {.library = library, .sources = &library->user_sources, .err = err};
  if (!library->options.directory_count)
    return 0;
  map_init(&l.seen, &library->arena);
  int rc = load(&l);
  if (rc == 0)
    add_constraints(&l);
  map_free(&l.seen);
  vec_free(&l.entries);
  vec_free(&l.rules);
  return rc < 0 ? error_wrap(err, "reading --rules") : 0;
}
