/* Rego packages as admission policies: loading them, by the conventions of the field. */
#include "policy/admission_rego_int.h"

#include "data/copy.h"
#include "lang/rego/parser.h"
#include "policy/rego_policies.h"
#include "policy/rule_metadata.h"

static void tell_problems(struct admission_loader *l, const struct rego_set *set)
{
  for (size_t i = 0; i < rego_set_problem_count(set); i++) {
    const struct rego_set_problem *p = rego_set_problem(set, i);
    _cleanup_(buf_free) struct buf text = {0};
    rego_policies_tell(&text, p);
    admission_problem(l, p->code, "%s", buf_text(&text));
  }
}

/* ---- packages */

/* "a.b", for people and ids. */
static struct str package_name(struct arena *arena, const struct rego_module *m)
{
  struct str path = STR_EMPTY;
  for (uint32_t i = 0; i < m->package.path_count; i++)
    path = arena_printf(arena, "%.*s%s%.*s", STR_FMT(path), i ? "." : "",
                        STR_FMT(value_str_or_empty(m->package.path[i].value)));
  return path;
}

static struct str entry_path(struct arena *arena, const struct rego_module *m, struct str rule)
{
  struct str path = STR("data");
  for (uint32_t i = 0; i < m->package.path_count; i++)
    path = arena_printf(arena, "%.*s[\"%.*s\"]", STR_FMT(path),
                        STR_FMT(value_str_or_empty(m->package.path[i].value)));
  return arena_printf(arena, "%.*s.%.*s", STR_FMT(path), STR_FMT(rule));
}

static const struct {
  struct str name;
  enum verdict verdict;
} verdicts[] = {
    {STR_INIT("deny"), VERDICT_DENY},
    {STR_INIT("violation"), VERDICT_DENY},
    {STR_INIT("warn"), VERDICT_WARN},
};

/* deny, violation, warn, and deny_x, violation_x, warn_x. */
static bool is_verdict(struct str name, enum verdict *ret)
{
  for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
    size_t len = verdicts[i].name.len;
    if (str_starts(name, verdicts[i].name) && (name.len == len || name.data[len] == '_')) {
      *ret = verdicts[i].verdict;
      return true;
    }
  }
  return false;
}

/* What is made of modules while they are looked through. */
struct making {
  struct admission_loader *l;
  struct rego_state *state;
  struct rego_set *set;
  VEC(struct rego_entry) entries;
  struct map packages; /* name to number of the package */
  struct map seen;     /* paths of entries */
};

static struct package_policy *package_of(struct making *m, struct str name)
{
  bool added;
  union map_value *slot = map_put(&m->packages, name, &added);
  if (added) {
    slot->number = m->state->packages.count;
    struct package_policy *p = vec_add(&m->state->packages);
    p->id = arena_printf(&m->state->arena, "rego/%.*s", STR_FMT(name));
  }
  return &m->state->packages.items[slot->number];
}

static bool mentions(struct str text, struct str one, struct str other)
{
  return str_find(text, 0, one) >= 0 || str_find(text, 0, other) >= 0;
}

static enum input_form form_of(const struct rego_module *m)
{
  if (mentions(m->text, STR("input.request"), STR("input[\"request\"]")))
    return INPUT_REVIEW;
  if (mentions(m->text, STR("input.review"), STR("input[\"review\"]")))
    return INPUT_GATEKEEPER;
  return INPUT_OBJECT;
}

static void add_entry(struct making *m, const struct rego_module *module, struct str rule,
                      enum verdict verdict)
{
  bool added;
  struct str path = entry_path(&m->state->arena, module, rule);
  map_put(&m->seen, path, &added);
  if (!added)
    return;
  struct package_policy *p = package_of(m, package_name(&m->state->arena, module));
  struct package_ask ask = {
      .entry = (uint32_t)m->entries.count,
      .verdict = verdict,
      .rule = arena_copy(&m->state->arena, rule),
  };
  p->answers |= verdict == VERDICT_ANSWER;
  vec_push(&p->asks, ask);
  vec_push(&m->entries, (struct rego_entry){.path = path});
}

static int add_module(struct making *m, const struct rego_module *module)
{
  struct str package = package_name(&m->state->arena, module);
  if (rule_metadata_is_rule(module))
    return admission_problem(m->l, SW_EINVAL,
                             "%.*s:%u: a rule of the library's form is no admission policy of its "
                             "own; name its folder as one of the rules' directories",
                             STR_FMT(module->name), module->package.place.line);
  for (uint32_t i = 0; i < module->rule_count; i++) {
    const struct rego_rule *r = &module->rules[i];
    struct str name = rego_names_text(module->names, r->head.ref[0].var);
    enum verdict verdict = VERDICT_ANSWER;
    bool answer = str_eq(package, STR("system")) && str_eq(name, STR("main"));
    if (r->head.kind != REGO_RULE_FUNCTION && (answer || is_verdict(name, &verdict)))
      add_entry(m, module, name, verdict);
  }
  return 0;
}

/* A package judges reviews if one of its modules mentions the request. Where system.main answers, it
 * speaks for its package: deny and warn beside it are its own business. */
static void settle_packages(struct making *m, const struct rego_module *const *modules,
                            uint32_t count)
{
  for (uint32_t i = 0; i < count; i++) {
    const union map_value *slot = map_get(&m->packages, package_name(&m->state->arena, modules[i]));
    if (!slot)
      continue;
    struct package_policy *p = &m->state->packages.items[slot->number];
    enum input_form form = form_of(modules[i]);
    p->form = form > p->form ? form : p->form;
    p->patches |= p->answers && str_find(modules[i]->text, 0, STR("patch")) >= 0;
  }
  for (size_t i = 0; i < m->state->packages.count; i++) {
    struct package_policy *p = &m->state->packages.items[i];
    size_t kept = 0;
    for (size_t k = 0; p->answers && k < p->asks.count; k++)
      if (p->asks.items[k].verdict == VERDICT_ANSWER)
        p->asks.items[kept++] = p->asks.items[k];
    if (p->answers) {
      p->asks.count = kept;
      p->form = INPUT_REVIEW;
    }
  }
}

/* Does code of the text, not a comment, name data.PACKAGE? */
static bool names_package(struct str text, struct str package)
{
  struct str rest = text;
  while (rest.data) {
    struct str line = str_cut(rest, '\n', &rest);
    ptrdiff_t comment = str_find_byte(line, 0, '#');
    line = comment < 0 ? line : str_sub(line, 0, (size_t)comment);
    ptrdiff_t at = str_find(line, 0, STR("data."));
    for (; at >= 0; at = str_find(line, (size_t)at + 1, STR("data."))) {
      struct str behind = str_sub(line, (size_t)at + 5, line.len);
      struct str after = str_sub(behind, package.len, 1);
      if (str_starts(behind, package) && (!after.len || strchr(".[ \t,)]}", after.data[0])))
        return true;
    }
  }
  return false;
}

/* With OPA, data.system.main alone decides; what it takes from other packages may have exceptions there,
 * which asking these packages as well would take back. */
static void leave_to_main(struct making *m, const struct rego_module *const *modules,
                          uint32_t count)
{
  const union map_value *slot = map_get(&m->packages, STR("system"));
  if (!slot || !m->state->packages.items[slot->number].answers)
    return;
  for (size_t i = 0; i < m->state->packages.count; i++) {
    struct package_policy *p = &m->state->packages.items[i];
    struct str name = str_sub(p->id, strlen("rego/"), p->id.len);
    for (uint32_t k = 0; !p->answers && !p->spoken_for && k < count; k++)
      p->spoken_for = str_eq(package_name(&m->state->arena, modules[k]), STR("system")) &&
                      names_package(modules[k]->text, name);
    if (p->spoken_for)
      admission_note(m->l, "package %.*s is asked by data.system.main, and not by itself",
                     STR_FMT(name));
  }
}

/* ---- compiling */

static int compile(struct making *m, const struct rego_module *const *modules, uint32_t count,
                   struct error *err)
{
  struct arena arena;
  struct rego_errors errors = {0};
  struct rego_compile_options options = {
      .names = rego_set_names(m->set),
      .symbols = m->l->snapshot->symbols,
      .data = rego_set_data(m->set),
  };
  arena_init(&arena, 0);
  int rc = rego_compile(&arena, modules, count, m->entries.items, (uint32_t)m->entries.count,
                        &options, &m->state->program, &errors, err);
  for (uint32_t i = 0; rc < 0 && i < errors.count; i++) {
    _cleanup_(buf_free) struct buf text = {0};
    rego_error_write(&text, &errors.items[i]);
    admission_problem(m->l, rc, "%s", buf_text(&text));
  }
  arena_free(&arena);
  if (rc == 0)
    rc = value_copy(&m->state->arena, rego_set_data(m->set), m->l->snapshot->symbols,
                    &m->state->data, err);
  return rc;
}

static int add_policies(struct making *m)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < m->state->packages.count; i++) {
    const struct package_policy *p = &m->state->packages.items[i];
    unsigned operations = p->form == INPUT_OBJECT ? ADMISSION_CREATE | ADMISSION_UPDATE
                                                  : ADMISSION_OPERATIONS;
    if (!p->spoken_for)
      rc = admission_add_policy(m->l, p->id, NULL, operations, p->patches, (uint32_t)i);
  }
  return rc;
}

static int make(struct making *m, struct error *err)
{
  uint32_t count;
  const struct rego_module *const *modules = rego_set_modules(m->set, &count);
  int rc = 0;
  for (uint32_t i = 0; i < count; i++) {
    int one = add_module(m, modules[i]);
    rc = one < 0 ? one : rc;
  }
  if (rc < 0 || count == 0)
    return rc;
  m->l->found = true;
  if (m->entries.count == 0)
    admission_note(m->l, "there is Rego, but no deny, violation, warn or data.system.main");
  settle_packages(m, modules, count);
  leave_to_main(m, modules, count);
  rc = compile(m, modules, count, err);
  return rc < 0 ? rc : add_policies(m);
}

static void free_state(void *p)
{
  struct rego_state *state = p;
  for (size_t i = 0; i < state->packages.count; i++)
    vec_free(&state->packages.items[i].asks);
  vec_free(&state->packages);
  rego_program_free(state->program);
  arena_free(&state->arena);
  mem_free(state);
}

static int load_set(struct admission_loader *l, struct rego_set *set, void **ret_state,
                    struct error *err)
{
  struct making m = {.l = l, .set = set};
  m.state = mem_zalloc(1, sizeof *m.state);
  arena_init(&m.state->arena, 0);
  map_init(&m.packages, &m.state->arena);
  map_init(&m.seen, &m.state->arena);
  int rc = make(&m, err);
  map_free(&m.packages);
  map_free(&m.seen);
  vec_free(&m.entries);
  if (rc < 0 || m.state->packages.count == 0)
    free_state(m.state);
  else
    *ret_state = m.state;
  return rc;
}

static int load(struct admission_loader *l, void **ret_state, struct error *err)
{
  const struct admission_options *o = &l->snapshot->options;
  _cleanup_(rego_policies_freep) struct rego_policies *policies =
      rego_policies_read(o->paths, o->path_count, o->rego_v0 ? REGO_V0 : REGO_V1);
  struct rego_set *set = rego_policies_set(policies);
  int rc = rego_set_finish(set, err);
  if (rc == 0)
    return load_set(l, set, ret_state, err);
  tell_problems(l, set);
  return rc;
}

static void *worker_new(const void *state)
{
  (void)state;
  return rego_worker_new();
}

static void worker_free(void *worker)
{
  rego_worker_free(worker);
}

const struct admission_source admission_source_rego = {
    .name = "Rego",
    .load = load,
    .free = free_state,
    .worker_new = worker_new,
    .worker_free = worker_free,
    .mutate = admission_rego_mutate,
    .judge = admission_rego_judge,
};
