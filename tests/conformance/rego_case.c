#include "rego_case.h"

#include "base/file.h"
#include "data/json.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILE_SIZE_MAX = 64 << 20 };

const struct rego_suite rego_suites[2] = {{"cases-v1.jsonl", REGO_V1}, {"cases-v0.jsonl", REGO_V0}};

const char *rego_case_shared(struct buf *path)
{
  const char *shared = getenv("SEAWALL_SHARED"), *root = getenv("SEAWALL_SOURCE_ROOT");
  if (shared)
    return shared;
  buf_printf(path, "%s/../shared", root ? root : ".");
  return buf_text(path);
}

static const struct {
  const char *key;
  size_t at;
  char kind; /* s: a text, b: true or false, v: any value */
} fields[] = {
    {"file", offsetof(struct rego_case, file), 's'},
    {"note", offsetof(struct rego_case, note), 's'},
    {"modules", offsetof(struct rego_case, modules), 'v'},
    {"query", offsetof(struct rego_case, query), 's'},
    {"input_term", offsetof(struct rego_case, input_term), 's'},
    {"input", offsetof(struct rego_case, input), 'v'},
    {"data", offsetof(struct rego_case, data), 'v'},
    {"want_result", offsetof(struct rego_case, want_result), 'v'},
    {"want_error_code", offsetof(struct rego_case, want_code), 's'},
    {"want_error", offsetof(struct rego_case, want_text), 's'},
    {"strict_error", offsetof(struct rego_case, strict_errors), 'b'},
    {"experimental_keywords", offsetof(struct rego_case, experimental), 'b'},
    {"sort_bindings", offsetof(struct rego_case, sort_bindings), 'b'},
    {"ignore_generated_vars", offsetof(struct rego_case, ignore_generated), 'b'},
    {"env", offsetof(struct rego_case, env), 'v'},
};

static bool set_field(struct rego_case *c, struct str key, struct value v)
{
  for (size_t i = 0; i < sizeof(fields) / sizeof *fields; i++) {
    void *field = (char *)c + fields[i].at;
    if (!str_eq(key, str_from(fields[i].key)))
      continue;
    if (fields[i].kind == 's')
      *(struct str *)field = value_str_or_empty(v);
    else if (fields[i].kind == 'b')
      *(bool *)field = value_is_true(v);
    else
      *(struct value *)field = v;
    return true;
  }
  return false;
}

static struct rego_case case_of(struct arena *a, const struct rego_suite *suite, struct value line,
                                struct map *seen)
{
  struct rego_case c = {.suite = suite};
  for (uint32_t i = 0; line.type == VALUE_OBJECT && i < line.len; i++)
    if (!set_field(&c, value_str_or_empty(line.members[i].key), line.members[i].value))
      c.stranger = value_str_or_empty(line.members[i].key);
  c.name = arena_printf(a, "%s: %.*s: %.*s", suite->file, STR_FMT(c.file), STR_FMT(c.note));
  uint64_t times = ++map_put(seen, c.name, NULL)->number;
  if (times > 1)
    c.name = arena_printf(a, "%.*s (%llu)", STR_FMT(c.name), (unsigned long long)times);
  return c;
}

int rego_cases_each(const char *shared, const struct rego_suite *suite,
                    void (*each)(void *user, struct arena *a, const struct rego_case *c),
                    void *user)
{
  _cleanup_(buf_free) struct buf text = {.cap = FILE_SIZE_MAX}, path = {0};
  struct arena arena, names;
  struct map seen;
  struct value line;
  struct error err;
  int got;
  buf_printf(&path, "%s/conformance/rego/%s", shared, suite->file);
  if (file_read(buf_text(&path), FILE_SIZE_MAX, &text, &err) < 0)
    return CASES_SKIPPED;
  struct json_cursor cursor = json_cursor_start(buf_str(&text));
  arena_init(&arena, 0);
  arena_init(&names, 0);
  map_init(&seen, &names);
  while ((got = json_parse_next(&arena, &cursor, NULL, &line, NULL, &err)) > 0) {
    struct rego_case c = case_of(&arena, suite, line, &seen);
    each(user, &arena, &c);
    arena_reset(&arena);
  }
  if (got < 0)
    printf("%s: %s\n", suite->file, err.message);
  map_free(&seen);
  arena_free(&names);
  arena_free(&arena);
  return got < 0;
}

int rego_case_parse(struct arena *a, const struct rego_case *c, struct rego_names *names,
                    struct rego_case_trees *ret_trees, struct rego_errors *ret_errors,
                    struct error *err)
{
  struct rego_options options = {.version = c->suite->version,
                                 .experimental = c->experimental,
                                 .annotations = true,
                                 .names = names};
  struct rego_case_trees trees = {0};
  int r;
  for (; c->modules.type == VALUE_ARRAY && trees.count < c->modules.len; trees.count++) {
    options.file = trees.count;
    options.name = arena_printf(a, "test-%u.rego", trees.count);
    if (trees.count == CASE_MODULES_MAX) {
      rego_errors_clear(ret_errors);
      rego_errors_add(ret_errors, a, REGO_PARSE_ERROR, (struct rego_source){0},
                      (struct rego_place){0}, "a case of more than %d modules", CASE_MODULES_MAX);
      return error_set(err, SW_ELIMIT, "too many modules");
    }
    if ((r = rego_parse_module(a, value_str_or_empty(c->modules.items[trees.count]), &options,
                               &trees.modules[trees.count], ret_errors, err)) < 0)
      return r;
  }
  options.name = STR_EMPTY;
  options.file = trees.count;
  if ((r = rego_parse_query(a, c->query, &options, &trees.query, ret_errors, err)) < 0)
    return r;
  *ret_trees = trees;
  return 0;
}

/* ---- known failures */

void rego_known_read(struct rego_known *known, const char *file)
{
  const char *root = getenv("SEAWALL_SOURCE_ROOT");
  _cleanup_(buf_free) struct buf path = {0};
  *known = (struct rego_known){.file = file};
  map_init(&known->names, NULL);
  buf_printf(&path, "%s/tests/conformance/%s", root ? root : ".", file);
  if (file_read(buf_text(&path), FILE_SIZE_MAX, &known->text, NULL) < 0)
    return;
  struct str rest = buf_str(&known->text);
  while (rest.data) {
    struct str line = str_cut(rest, '\n', &rest);
    /* notes hold single # */
    ptrdiff_t reason = str_starts(line, STR("#")) ? 0 : str_find(line, 0, STR("   # "));
    struct str name = str_trim(reason < 0 ? line : str_sub(line, 0, (size_t)reason));
    if (name.len)
      map_put(&known->names, name, NULL)->number = 0;
  }
}

void rego_known_free(struct rego_known *known)
{
  map_free(&known->names);
  buf_free(&known->text);
}

bool rego_known_fails(struct rego_known *known, struct str name)
{
  union map_value *value = map_get(&known->names, name);
  if (value)
    value->number = 1;
  return value != NULL;
}

bool rego_known_all_fail(const struct rego_known *known)
{
  bool all = true;
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(&known->names, &at));)
    if (!e->value.number) {
      printf("%.*s: is right now; take it off the list %s\n", STR_FMT(e->key), known->file);
      all = false;
    }
  return all;
}
