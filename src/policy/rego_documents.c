/* Documents under `data` by their paths: the tree of names, its entries, and following paths. */
#include "policy/rego_documents.h"

#include "base/map.h"
#include "base/vec.h"
#include "data/compare.h"
#include "data/copy.h"
#include "data/json_write.h"
#include "kube/keys.h"
#include "lang/rego/parser.h"
#include "policy/rego_policies.h"

#include <stdarg.h>
#include <stdio.h>

enum { NO_ENTRY = UINT32_MAX };

/* A name on the way to rules; the root is `data`. */
struct node {
  struct map children; /* of names to nodes */
  struct node *next;   /* of all there are, in the order in which they were made */
  struct str path;     /* as an entry has it */
  uint32_t entry;      /* or NO_ENTRY */
  uint32_t depth;
  bool package; /* of a package, or above one */
  bool rule;    /* what a rule says begins here: its ref ends, or goes on with a variable */
};

struct rego_documents {
  unsigned holders; /* atomic */
  struct arena arena;
  struct symbols *symbols;
  struct rego_program *program; /* NULL: there are no rules */
  struct value data;
  struct node *root, *last;
  uint32_t entry_count;
  uint64_t steps;
  size_t memory;
};

struct rego_documents_worker {
  struct rego_documents *documents;
  struct rego_worker *rego;
  struct arena arena, scratch; /* the request; its evaluation */
  bool evaluated;
};

/* ---- problems */

struct loader {
  struct rego_documents *documents;
  struct admission_problems *problems;
  struct error *err;
  int first; /* 0: no problem yet */
};

static int tell(struct loader *l, int code, struct str text)
{
  if (l->problems && !vec_full(l->problems, ADMISSION_PROBLEMS_MAX))
    vec_push(l->problems, (struct admission_problem){false, mem_copy_text(text.data, text.len)});
  if (l->first == 0)
    l->first = error_set(l->err, code, "%.*s", STR_FMT(text));
  return l->first;
}

/* ---- the tree of names */

static struct node *add_node(struct rego_documents *d, struct str path)
{
  struct node *n = arena_new(&d->arena, struct node);
  map_init(&n->children, &d->arena);
  n->path = path;
  n->entry = NO_ENTRY;
  if (d->last)
    d->last->next = n;
  d->last = n;
  return n;
}

static struct node *child_of(const struct node *n, struct value key)
{
  const union map_value *slot = value_is(key, VALUE_STRING) ? map_get(&n->children, value_str(key))
                                                            : NULL;
  return slot ? slot->pointer : NULL;
}

/* Beyond REGO_DOCUMENTS_DEPTH_MAX names, the last node speaks for all below it. */
static struct node *enter_child(struct rego_documents *d, struct node *n, struct str name)
{
  bool added;
  if (n->depth == REGO_DOCUMENTS_DEPTH_MAX) {
    n->rule = true;
    return n;
  }
  union map_value *slot = map_put(&n->children, name, &added);
  if (!added)
    return slot->pointer;
  _cleanup_(buf_free) struct buf path = {0};
  buf_add(&path, n->path);
  buf_add_byte(&path, '[');
  json_write_string(&path, name);
  buf_add_byte(&path, ']');
  struct node *child = add_node(d, arena_copy(&d->arena, buf_str(&path)));
  slot->pointer = child;
  child->depth = n->depth + 1;
  return child;
}

static struct node *enter_package(struct rego_documents *d, const struct rego_module *m)
{
  struct node *n = d->root;
  for (uint32_t i = 0; i < m->package.path_count; i++) {
    n->package = true;
    n = enter_child(d, n, value_str_or_empty(m->package.path[i].value));
  }
  n->package = true;
  return n;
}

/* The name at a place of a rule's ref; false: a variable, or another kind of key. */
static bool name_at(const struct rego_module *m, const struct rego_head *head, uint32_t i,
                    struct str *ret)
{
  const struct rego_term *t = &head->ref[i];
  if (i > 0 && (t->kind != REGO_SCALAR || !value_is(t->value, VALUE_STRING)))
    return false;
  *ret = i > 0 ? value_str(t->value) : rego_names_text(m->names, t->var);
  return true;
}

/* The names of a rule's ref, up to what is none. A function has no document, but there is one above it. */
static void enter_rule(struct rego_documents *d, struct node *n, const struct rego_module *m,
                       const struct rego_head *head)
{
  bool function = head->kind == REGO_RULE_FUNCTION;
  struct str name;
  for (uint32_t i = 0; i < head->ref_count - function && name_at(m, head, i, &name); i++)
    n = enter_child(d, n, name);
  n->rule |= !function;
}

/* ---- making */

struct entries VEC_BODY(struct rego_entry);

/* Packages first: without an entry of its own, a rule is found in its package's value. */
static void make_entries(struct rego_documents *d, struct entries *entries, bool packages)
{
  for (struct node *n = d->root; n; n = n->next)
    if (n->package == packages && !vec_full(entries, REGO_ENTRIES_MAX)) {
      n->entry = (uint32_t)entries->count;
      vec_push(entries, (struct rego_entry){.path = n->path});
    }
}

static int compile(struct loader *l, const struct rego_documents_source *source,
                   const struct entries *entries)
{
  struct rego_documents *d = l->documents;
  struct arena arena;
  struct error err;
  struct rego_errors errors = {0};
  struct rego_compile_options options = {
      .names = source->names,
      .symbols = d->symbols,
      .data = source->data,
  };
  arena_init(&arena, 0);
  int rc = rego_compile(&arena, source->modules, source->count, entries->items,
                        (uint32_t)entries->count, &options, &d->program, &errors, &err);
  for (uint32_t i = 0; rc < 0 && i < errors.count; i++) {
    _cleanup_(buf_free) struct buf text = {0};
    rego_error_write(&text, &errors.items[i]);
    tell(l, rc, buf_str(&text));
  }
  if (rc < 0 && errors.count == 0)
    tell(l, rc, str_from(err.message));
  arena_free(&arena);
  return rc;
}

static int make(struct loader *l, const struct rego_documents_source *source)
{
  struct rego_documents *d = l->documents;
  struct entries entries = {0};
  struct error err;
  int rc = 0;
  for (uint32_t i = 0; i < source->count; i++) {
    const struct rego_module *m = source->modules[i];
    struct node *package = enter_package(d, m);
    for (uint32_t k = 0; k < m->rule_count; k++)
      enter_rule(d, package, m, &m->rules[k].head);
  }
  if (source->count) {
    make_entries(d, &entries, true);
    make_entries(d, &entries, false);
    d->entry_count = (uint32_t)entries.count;
    rc = compile(l, source, &entries);
  }
  vec_free(&entries);
  if (rc < 0)
    return rc;
  if (value_is(source->data, VALUE_ABSENT))
    return 0;
  rc = value_copy(&d->arena, source->data, d->symbols, &d->data, &err);
  return rc < 0 ? tell(l, rc, str_from(err.message)) : 0;
}

static struct rego_documents *documents_new(const struct rego_documents_options *o)
{
  struct rego_documents *d = mem_zalloc(1, sizeof *d);
  d->holders = 1;
  arena_init(&d->arena, 0);
  d->symbols = kube_symbols_new();
  d->steps = o->steps ? o->steps : ADMISSION_STEPS_DEFAULT;
  d->memory = o->memory ? o->memory : ADMISSION_MEMORY_DEFAULT;
  d->root = add_node(d, STR("data"));
  value_object_make(&d->arena, NULL, NULL, 0, VALUE_LAST_WINS, NULL, &d->data);
  return d;
}

int rego_documents_make(const struct rego_documents_source *source,
                        const struct rego_documents_options *options,
                        struct rego_documents **ret_documents,
                        struct admission_problems *ret_problems, struct error *err)
{
  struct loader l = {documents_new(options), ret_problems, err, 0};
  int rc = make(&l, source);
  if (rc < 0)
    rego_documents_drop(l.documents);
  else
    *ret_documents = l.documents;
  return rc;
}

static int refuse(const struct rego_set *set, struct admission_problems *problems,
                  struct error *err)
{
  struct loader l = {NULL, problems, err, 0};
  for (size_t i = 0; i < rego_set_problem_count(set); i++) {
    const struct rego_set_problem *p = rego_set_problem(set, i);
    _cleanup_(buf_free) struct buf text = {0};
    rego_policies_tell(&text, p);
    tell(&l, p->code, buf_str(&text));
  }
  return l.first;
}

int rego_documents_load(const struct rego_documents_options *options,
                        struct rego_documents **ret_documents,
                        struct admission_problems *ret_problems, struct error *err)
{
  _cleanup_(rego_policies_freep) struct rego_policies *policies =
      rego_policies_read(options->paths, options->path_count, options->rego_v0 ? REGO_V0 : REGO_V1);
  struct rego_set *set = rego_policies_set(policies);
  if (rego_set_finish(set, NULL) < 0)
    return refuse(set, ret_problems, err);
  struct rego_documents_source source = {.names = rego_set_names(set), .data = rego_set_data(set)};
  source.modules = rego_set_modules(set, &source.count);
  return rego_documents_make(&source, options, ret_documents, ret_problems, err);
}

struct rego_documents *rego_documents_hold(struct rego_documents *documents)
{
  __atomic_fetch_add(&documents->holders, 1, __ATOMIC_RELAXED);
  return documents;
}

void rego_documents_drop(struct rego_documents *d)
{
  if (!d || __atomic_fetch_sub(&d->holders, 1, __ATOMIC_ACQ_REL) != 1)
    return;
  for (struct node *n = d->root; n; n = n->next)
    map_free(&n->children);
  rego_program_free(d->program);
  symbols_free(d->symbols);
  arena_free(&d->arena);
  mem_free(d);
}

struct rego_documents *rego_documents_of(const struct rego_documents_worker *worker)
{
  return worker->documents;
}

const struct symbols *rego_documents_symbols(const struct rego_documents *documents)
{
  return documents->symbols;
}

struct value rego_documents_data(const struct rego_documents *documents)
{
  return documents->data;
}

uint32_t rego_documents_entry_count(const struct rego_documents *documents)
{
  return documents->entry_count;
}

/* ---- the way of a path */

struct way {
  const struct node *entry; /* the last one with an entry; NULL: none */
  const struct node *end;   /* the last one that the path leads to */
  uint32_t entry_depth, depth;
  bool rule; /* it goes through one where a rule begins */
};

static struct way way_of(const struct rego_documents *d, const struct value *path, uint32_t count)
{
  struct way w = {.end = d->root};
  for (;;) {
    w.rule |= w.end->rule;
    if (w.end->entry != NO_ENTRY) {
      w.entry = w.end;
      w.entry_depth = w.depth;
    }
    const struct node *next = w.depth < count ? child_of(w.end, path[w.depth]) : NULL;
    if (!next)
      return w;
    w.end = next;
    w.depth++;
  }
}

bool rego_documents_has_rules(const struct rego_documents *documents, const struct value *path,
                              uint32_t count)
{
  return way_of(documents, path, count).rule;
}

/* ---- following what is left of a path */

/* Of what rules made: as a ref in Rego would. */
static struct value step(struct value v, struct value key)
{
  int64_t i;
  switch ((enum value_type)v.type) {
  case VALUE_ARRAY:
    return value_to_int(key, &i) && i >= 0 && i <= UINT32_MAX ? value_at(v, (uint32_t)i)
                                                              : VALUE_NONE;
  case VALUE_OBJECT:
    return value_get_any(v, key);
  case VALUE_SET:
    return value_set_has(v, key) ? key : VALUE_NONE;
  default:
    return VALUE_NONE;
  }
}

/* Of base documents, whose keys are all texts. */
static struct value base_step(struct value v, struct value key)
{
  char text[24];
  int64_t i;
  if (!value_is(v, VALUE_OBJECT) || !value_to_int(key, &i))
    return step(v, key);
  snprintf(text, sizeof text, "%lld", (long long)i);
  return value_get(v, value_from(text));
}

static struct value follow(struct value v, const struct value *path, uint32_t count,
                           struct value (*one)(struct value, struct value))
{
  for (uint32_t i = 0; i < count && !value_is(v, VALUE_ABSENT); i++)
    v = one(v, path[i]);
  return v;
}

/* ---- asking */

struct rego_documents_worker *rego_documents_worker_new(struct rego_documents *documents)
{
  struct rego_documents_worker *w = mem_zalloc(1, sizeof *w);
  w->documents = rego_documents_hold(documents);
  w->rego = rego_worker_new();
  arena_init(&w->arena, documents->memory);
  arena_init(&w->scratch, documents->memory);
  return w;
}

void rego_documents_worker_free(struct rego_documents_worker *w)
{
  if (!w)
    return;
  rego_worker_free(w->rego);
  arena_free(&w->arena);
  arena_free(&w->scratch);
  rego_documents_drop(w->documents);
  mem_free(w);
}

struct arena *rego_documents_arena(struct rego_documents_worker *worker)
{
  return &worker->arena;
}

void rego_documents_begin(struct rego_documents_worker *worker)
{
  arena_reset(&worker->arena);
  arena_reset(&worker->scratch);
  worker->evaluated = false;
}

static int evaluate(struct rego_documents_worker *w, const struct rego_documents_question *q,
                    uint32_t entry, struct value *ret, struct error *err)
{
  struct rego_run run = {
      .arena = &w->scratch,
      .input = q->input,
      .data = w->documents->data,
      .steps = w->documents->steps,
      .deadline_ns = q->deadline_ns,
      .strict_errors = q->strict_errors,
  };
  w->evaluated = true;
  return rego_eval(w->rego, w->documents->program, entry, &run, ret, err);
}

int rego_documents_ask(struct rego_documents_worker *w, const struct rego_documents_question *q,
                       struct value *ret_value, struct error *err)
{
  const struct rego_documents *d = w->documents;
  w->evaluated = false;
  if (q->count > REGO_DOCUMENTS_KEYS_MAX)
    return error_set(err, SW_ELIMIT, "a path has at most %d keys", REGO_DOCUMENTS_KEYS_MAX);
  struct way way = way_of(d, q->path, q->count);
  if (!d->program || (!way.rule && way.depth < q->count)) {
    *ret_value = follow(d->data, q->path, q->count, base_step);
    return 0;
  }
  struct value v;
  int rc = evaluate(w, q, way.entry->entry, &v, err);
  if (rc == 0)
    *ret_value = follow(v, q->path + way.entry_depth, q->count - way.entry_depth, step);
  return rc;
}

const struct rego_failure *rego_documents_failure(const struct rego_documents_worker *worker)
{
  return worker->evaluated ? rego_failure(worker->rego) : NULL;
}

uint64_t rego_documents_steps(const struct rego_documents_worker *worker)
{
  return worker->evaluated ? rego_steps(worker->rego) : 0;
}
