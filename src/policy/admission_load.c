/* Snapshots of policies: loading, settings, the index. */
#include "policy/admission_int.h"

#include "data/glob.h"

#include <stdarg.h>
#include <stdio.h>

const struct admission_source *const admission_sources[ADMISSION_SOURCES] = {
    &admission_source_podsecurity, &admission_source_mutators, &admission_source_gatekeeper,
    &admission_source_rego, /* before images: what it names is pinned too */
    &admission_source_images,      &admission_source_rules,
};

/* ---- problems */

static void add_text(struct admission_loader *l, bool note, struct str text)
{
  if (l->problems && !vec_full(l->problems, ADMISSION_PROBLEMS_MAX))
    vec_push(l->problems, (struct admission_problem){note, mem_copy_text(text.data, text.len)});
}

int admission_problem(struct admission_loader *l, int code, const char *format, ...)
{
  char line[4096];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  add_text(l, false, str_from(line));
  if (l->first.code == 0)
    error_set(&l->first, code, "%s", line);
  return code;
}

void admission_note(struct admission_loader *l, const char *format, ...)
{
  char line[4096];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  add_text(l, true, str_from(line));
}

void admission_problems_free(struct admission_problems *problems)
{
  for (size_t i = 0; i < problems->count; i++)
    mem_free(problems->items[i].text);
  vec_free(problems);
}

/* ---- settings */

bool admission_matches_any(const struct str *patterns, size_t count, struct str text)
{
  for (size_t i = 0; i < count; i++)
    if (text.len && glob_match_name(patterns[i], text))
      return true;
  return false;
}

const struct admission_setting *admission_setting_of(const struct admission_snapshot *snapshot,
                                                     struct str id)
{
  const struct admission_options *o = &snapshot->options;
  for (size_t i = 0; i < o->setting_count; i++)
    if (glob_match_name(o->settings[i].policy, id))
      return &o->settings[i];
  return NULL;
}

/* ---- policies and their index */

/* What a policy was added with, until the index is made. */
struct scope {
  const char *const *kinds;
  unsigned operations;
};

struct scopes VEC_BODY(struct scope);

struct loading {
  struct admission_loader loader;
  struct scopes scopes; /* of snapshot->policies */
};

int admission_add_policy(struct admission_loader *l, struct str id, const char *const *kinds,
                         unsigned operations, bool mutates, uint32_t number)
{
  struct loading *loading = (struct loading *)l; /* its first member */
  struct admission_snapshot *s = l->snapshot;
  if (vec_full(&s->policies, ADMISSION_POLICIES_MAX))
    return admission_problem(l, SW_ELIMIT, "there are more than %d policies",
                             ADMISSION_POLICIES_MAX);
  struct admission_policy p = {
      .id = arena_copy(&s->arena, id),
      .source = l->source,
      .mutates = mutates,
      .number = number,
  };
  p.setting = admission_setting_of(s, p.id);
  vec_push(&s->policies, p);
  vec_push(&loading->scopes, (struct scope){kinds, operations ? operations : ADMISSION_OPERATIONS});
  return 0;
}

uint32_t admission_add_part(struct admission_loader *l, struct str id)
{
  vec_push(&l->snapshot->parts, id);
  return (uint32_t)l->snapshot->parts.count - 1;
}

static uint64_t *new_set(struct admission_snapshot *s)
{
  return arena_zalloc(&s->arena, s->index.words, sizeof(uint64_t));
}

static void add_bit(uint64_t *set, size_t i)
{
  set[i / 64] |= UINT64_C(1) << (i % 64);
}

static const struct admission_scope *scope_of(const struct admission_policy *p)
{
  return p->setting ? &p->setting->scope : NULL;
}

/* Is the policy asked about a kind, by its source and by its setting? name NULL: any other kind. */
static bool asks_kind(const struct admission_policy *p, const struct scope *own, const char *name)
{
  const struct admission_scope *set = scope_of(p);
  bool by_source = !own->kinds, by_setting = !set || set->kind_count == 0;
  for (size_t i = 0; !by_source && name && own->kinds[i]; i++)
    by_source = strcmp(own->kinds[i], name) == 0;
  for (size_t i = 0; !by_setting && name && i < set->kind_count; i++)
    by_setting = str_eq(set->kinds[i], str_from(name));
  return by_source && by_setting;
}

/* A set for a kind that something names. */
static void index_kind(struct loading *loading, struct str kind)
{
  struct admission_snapshot *s = loading->loader.snapshot;
  bool added;
  union map_value *slot = map_put(&s->index.of_kind, kind, &added);
  if (!added)
    return;
  uint64_t *set = new_set(s);
  const char *name = arena_copy(&s->arena, kind).data; /* zero-terminated */
  for (size_t i = 0; i < s->policies.count; i++)
    if (asks_kind(&s->policies.items[i], &loading->scopes.items[i], name))
      add_bit(set, i);
  slot->view = set;
}

static void index_kinds(struct loading *loading, size_t i)
{
  const struct admission_scope *set = scope_of(&loading->loader.snapshot->policies.items[i]);
  const char *const *kinds = loading->scopes.items[i].kinds;
  for (size_t k = 0; kinds && kinds[k]; k++)
    index_kind(loading, str_from(kinds[k]));
  for (size_t k = 0; set && k < set->kind_count; k++)
    index_kind(loading, set->kinds[k]);
}

static void make_index(struct loading *loading)
{
  struct admission_snapshot *s = loading->loader.snapshot;
  struct admission_index *index = &s->index;
  index->words = (s->policies.count + 63) / 64;
  index->any_kind = new_set(s);
  map_init(&index->of_kind, &s->arena);
  for (unsigned bit = 0; bit < 4; bit++)
    index->of_operation[bit] = new_set(s);
  for (size_t i = 0; i < s->policies.count; i++) {
    const struct admission_policy *p = &s->policies.items[i];
    const struct admission_scope *set = scope_of(p);
    unsigned operations = loading->scopes.items[i].operations;
    if (set && set->operations)
      operations &= set->operations;
    for (unsigned bit = 0; bit < 4; bit++)
      if (operations >> bit & 1)
        add_bit(index->of_operation[bit], i);
    if (asks_kind(p, &loading->scopes.items[i], NULL))
      add_bit(index->any_kind, i);
    index_kinds(loading, i);
  }
}

/* ---- snapshots */

static void free_snapshot(struct admission_snapshot *s)
{
  for (int i = 0; i < ADMISSION_SOURCES; i++)
    if (s->states[i])
      admission_sources[i]->free(s->states[i]);
  map_free(&s->index.of_kind);
  vec_free(&s->policies);
  vec_free(&s->parts);
  vec_free(&s->unasked);
  if (s->owns_symbols)
    symbols_free(s->symbols);
  arena_free(&s->arena);
  mem_free(s);
}

/* The policies of the source that was loaded first go behind all others. */
static void ask_last(struct loading *loading, size_t count)
{
  struct admission_snapshot *s = loading->loader.snapshot;
  for (size_t i = 0; i < count; i++) {
    struct admission_policy policy = s->policies.items[0];
    struct scope scope = loading->scopes.items[0];
    size_t rest = s->policies.count - 1;
    memmove(s->policies.items, s->policies.items + 1, rest * sizeof policy);
    memmove(loading->scopes.items, loading->scopes.items + 1, rest * sizeof scope);
    s->policies.items[rest] = policy;
    loading->scopes.items[rest] = scope;
  }
}

/* The rule library brings a table of its own, which everything else then uses: it is loaded first,
 * and asked last, because what others have told it need not tell. */
static int load_all(struct loading *loading)
{
  struct admission_loader *l = &loading->loader;
  struct admission_snapshot *s = l->snapshot;
  struct error err;
  size_t first = 0;
  for (uint32_t n = 0; n < ADMISSION_SOURCES; n++) {
    l->source = (n + ADMISSION_SOURCES - 1) % ADMISSION_SOURCES;
    int rc = admission_sources[l->source]->load(l, &s->states[l->source], &err);
    if (rc < 0 && l->first.code == 0)
      admission_problem(l, rc, "%s", err.message);
    if (!s->symbols) {
      s->symbols = kube_symbols_new();
      s->owns_symbols = true;
    }
    if (n == 0)
      first = s->policies.count;
  }
  ask_last(loading, first);
  return l->first.code;
}

/* A directory that was named and holds nothing is more often a mistake than meant. */
static void note_nothing_found(struct admission_loader *l)
{
  const struct admission_options *o = &l->snapshot->options;
  if (o->path_count && !l->found)
    admission_note(l, "there is no policy in %s%s", o->paths[0],
                   o->path_count > 1 ? " nor in the other paths" : "");
}

int admission_snapshot_load(const struct admission_options *options,
                            struct admission_snapshot **ret_snapshot,
                            struct admission_problems *ret_problems, struct error *err)
{
  struct admission_snapshot *s = mem_zalloc(1, sizeof *s);
  struct loading loading = {.loader = {.snapshot = s, .problems = ret_problems}};
  s->options = *options;
  s->holders = 1;
  arena_init(&s->arena, 0);
  int rc = load_all(&loading);
  if (rc == 0)
    note_nothing_found(&loading.loader);
  if (rc == 0)
    make_index(&loading);
  else if (err)
    *err = loading.loader.first;
  vec_free(&loading.scopes);
  if (rc < 0) {
    free_snapshot(s);
    return rc;
  }
  *ret_snapshot = s;
  return 0;
}

struct admission_snapshot *admission_snapshot_hold(struct admission_snapshot *snapshot)
{
  __atomic_add_fetch(&snapshot->holders, 1, __ATOMIC_RELAXED);
  return snapshot;
}

void admission_snapshot_drop(struct admission_snapshot *snapshot)
{
  if (snapshot && __atomic_sub_fetch(&snapshot->holders, 1, __ATOMIC_ACQ_REL) == 0)
    free_snapshot(snapshot);
}

size_t admission_policy_count(const struct admission_snapshot *snapshot)
{
  return snapshot->policies.count;
}

struct str admission_policy_id(const struct admission_snapshot *snapshot, size_t i)
{
  return snapshot->policies.items[i].id;
}

size_t admission_asked_id_count(const struct admission_snapshot *snapshot)
{
  return snapshot->policies.count + snapshot->parts.count;
}

struct str admission_asked_id(const struct admission_snapshot *snapshot, size_t i)
{
  size_t policies = snapshot->policies.count;
  return i < policies ? snapshot->policies.items[i].id : snapshot->parts.items[i - policies];
}

size_t admission_unasked_count(const struct admission_snapshot *snapshot)
{
  return snapshot->unasked.count;
}

struct str admission_unasked_id(const struct admission_snapshot *snapshot, size_t i)
{
  return snapshot->unasked.items[i];
}
