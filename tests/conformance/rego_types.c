/*
 * The type checker's promise, over OPA's own cases: what a rule evaluates to is of the type that was
 * inferred for it. A type that says too much would refuse good policies. Cases in which it does stand by
 * name in rego_types.known, which may only shrink.
 */
#include "rego_case.h"

#include "lang/rego/check.h"
#include "lang/rego/rego.h"

#include <stdio.h>

enum { PATHS_MAX = 200, STEPS = 20000000 };

struct tally {
  struct rego_known *known;
  struct rego_worker *worker;
  unsigned values, right, wrong;
};

static bool fits(struct rego_types *types, struct value v, const struct rego_type *type);

static bool items_fit(struct rego_types *types, struct value v, const struct rego_type *type)
{
  if (v.len < type->count || (v.len > type->count && !type->rest))
    return false;
  for (uint32_t i = 0; i < v.len; i++)
    if (!fits(types, v.items[i], i < type->count ? type->items[i] : type->rest))
      return false;
  return true;
}

static bool members_fit(struct rego_types *types, struct value v, const struct rego_type *type)
{
  for (uint32_t i = 0; i < v.len; i++) {
    struct value key = v.members[i].key;
    const struct rego_type *part = key.type <= VALUE_STRING ? rego_type_select(types, type, key)
                                                            : type->rest;
    if (!part || !fits(types, v.members[i].value, part))
      return false;
  }
  return true;
}

static bool fits(struct rego_types *types, struct value v, const struct rego_type *type)
{
  static const uint8_t kinds[] = {
      [REGO_TYPE_NULL] = VALUE_NULL,     [REGO_TYPE_BOOLEAN] = VALUE_BOOL,
      [REGO_TYPE_NUMBER] = VALUE_NUMBER, [REGO_TYPE_STRING] = VALUE_STRING,
      [REGO_TYPE_ARRAY] = VALUE_ARRAY,   [REGO_TYPE_OBJECT] = VALUE_OBJECT,
      [REGO_TYPE_SET] = VALUE_SET,
  };
  if (!type || (type->kind == REGO_TYPE_ANY && !type->count))
    return true;
  if (type->kind == REGO_TYPE_ANY) {
    for (uint32_t i = 0; i < type->count; i++)
      if (fits(types, v, type->items[i]))
        return true;
    return false;
  }
  if (type->kind == REGO_TYPE_FUNCTION || v.type != kinds[type->kind])
    return false;
  switch (v.type) {
  case VALUE_ARRAY:
    return items_fit(types, v, type);
  case VALUE_OBJECT:
    return members_fit(types, v, type);
  case VALUE_SET:
    for (uint32_t i = 0; i < v.len; i++)
      if (!fits(types, v.items[i], type->rest))
        return false;
    return true;
  default:
    return true;
  }
}

/* The rules' documents whose paths can be written with names alone. */
static uint32_t list_paths(struct arena *a, const struct check_program *program,
                           struct rego_entry *entries)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < program->path_count && count < PATHS_MAX; i++) {
    const struct check_path *path = program->paths[i];
    struct str text = STR_EMPTY;
    bool plain = path->rule_count && !path->is_function;
    for (; plain && path->parent; path = path->parent) {
      plain = path->key.type == VALUE_STRING && str_find(value_str(path->key), 0, STR("\"")) < 0;
      if (plain)
        text = arena_printf(a, "[\"%.*s\"]%.*s", STR_FMT(value_str(path->key)), STR_FMT(text));
    }
    if (plain)
      entries[count++] = (struct rego_entry){.path = arena_printf(a, "data%.*s", STR_FMT(text))};
  }
  return count;
}

/* The type of `x` in `x = PATH`. NULL: the checker refuses it. */
static const struct rego_type *type_of(struct arena *a, const struct check_program *program,
                                       struct rego_names *names, struct str path)
{
  struct rego_options options = {.names = names};
  struct check_options checks = {.names = names};
  struct check_query query;
  struct rego_body body;
  struct error err;
  if (rego_parse_query(a, arena_printf(a, "x = %.*s", STR_FMT(path)), &options, &body, NULL, &err) <
          0 ||
      rego_check_query(a, program, body, &checks, &query, NULL, &err) < 0)
    return NULL;
  return query.locals[query.answers[0]].type;
}

static void try_value(struct tally *t, struct arena *a, const struct rego_case *c, struct str path,
                      struct value value, const struct rego_type *type)
{
  _cleanup_(buf_free) struct buf text = {.cap = 1000};
  struct rego_types types;
  rego_types_start(&types, a);
  t->values++;
  if (type && fits(&types, value, type)) {
    t->right++;
    return;
  }
  if (rego_known_fails(t->known, c->name))
    return;
  t->wrong++;
  rego_type_write(&text, type);
  printf("%.*s: %.*s is no %s\n", STR_FMT(c->name), STR_FMT(path), buf_text(&text));
}

static void each(void *user, struct arena *a, const struct rego_case *c)
{
  struct tally *t = user;
  _cleanup_(rego_names_freep) struct rego_names *names = rego_names_new();
  _cleanup_(rego_program_freep) struct rego_program *code = NULL;
  struct check_options checks = {.names = names};
  struct rego_compile_options options = {.names = names};
  struct rego_run run = {.arena = a, .input = c->input, .data = c->data, .steps = STEPS};
  struct rego_entry entries[PATHS_MAX];
  struct rego_case_trees trees;
  const struct check_program *program;
  struct error err;
  if (rego_case_parse(a, c, names, &trees, NULL, &err) < 0 ||
      rego_check_modules(a, trees.modules, trees.count, &checks, &program, NULL, &err) < 0)
    return;
  uint32_t count = list_paths(a, program, entries);
  if (!count ||
      rego_compile(a, trees.modules, trees.count, entries, count, &options, &code, NULL, &err) < 0)
    return;
  for (uint32_t i = 0; i < count; i++) {
    struct value value;
    if (rego_eval(t->worker, code, i, &run, &value, &err) < 0 || value.type == VALUE_ABSENT)
      continue;
    try_value(t, a, c, entries[i].path, value, type_of(a, program, names, entries[i].path));
  }
}

int main(void)
{
  _cleanup_(buf_free) struct buf path = {0};
  _cleanup_(rego_worker_freep) struct rego_worker *worker = rego_worker_new();
  const char *shared = rego_case_shared(&path);
  struct rego_known known;
  int result = 0, skipped = 0;
  rego_known_read(&known, "rego_types.known");
  for (int i = 0; i < 2; i++) {
    struct tally t = {.known = &known, .worker = worker};
    int got = rego_cases_each(shared, &rego_suites[i], each, &t);
    skipped += got == CASES_SKIPPED;
    if (got == CASES_SKIPPED)
      continue;
    printf("%s: values of their inferred types %u of %u\n", rego_suites[i].file, t.right, t.values);
    result = result || got || t.wrong || !t.values;
  }
  if (skipped == 2)
    printf("skipped: no conformance/rego in %s\n", shared);
  else if (!skipped && !rego_known_all_fail(&known))
    result = 1;
  rego_known_free(&known);
  return skipped == 2 ? CASES_SKIPPED : result;
}
