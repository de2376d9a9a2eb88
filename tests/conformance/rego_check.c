/*
 * Every case of OPA's own is checked: modules and query. A case that wants an error of compilation must
 * give that code and its words; every other one must be without error. Cases that are not right yet
 * stand by name in rego_check.known, which may only shrink.
 */
#include "base/file.h"
#include "base/map.h"
#include "data/json.h"
#include "lang/rego/check.h"
#include "lang/rego/parser.h"

#include <stdio.h>
#include <stdlib.h>

enum { SKIPPED = 77, FILE_SIZE_MAX = 64 << 20, NAMED_MAX = 40, MODULES_MAX = 64 };

struct tally {
  const char *suite;
  struct map *known; /* number: 1 once it has been seen to fail */
  unsigned cases, right, wrong, listed;
};

struct outcome {
  bool failed;
  struct str code, text;
};

static int read_whole(const char *path, struct buf *ret)
{
  struct error err;
  return file_read(path, FILE_SIZE_MAX, ret, &err);
}

static bool is_compile_code(struct str code)
{
  for (int i = REGO_PARSE_ERROR; i <= REGO_RECURSION_ERROR; i++)
    if (str_eq(code, str_from(rego_code_name((enum rego_code)i))))
      return true;
  return false;
}

static struct outcome told(struct arena *a, const struct rego_errors *errors)
{
  _cleanup_(buf_free) struct buf text = {0};
  rego_errors_write(&text, errors);
  return (struct outcome){true, str_from(rego_code_name(errors->items[0].code)),
                          arena_copy(a, buf_str(&text))};
}

static struct outcome check_case(struct arena *a, struct value line, enum rego_version version)
{
  _cleanup_(rego_names_freep) struct rego_names *names = rego_names_new();
  const struct rego_module *modules[MODULES_MAX];
  struct rego_options options = {.version = version, .annotations = true, .names = names};
  struct check_options checks = {.names = names};
  const struct check_program *program;
  struct check_query query;
  struct rego_body body;
  struct rego_errors errors;
  struct error err;
  struct value texts = value_get(line, value_from("modules"));
  uint32_t count = texts.type == VALUE_ARRAY ? texts.len : 0;
  options.experimental = value_is_true(value_get(line, value_from("experimental_keywords")));
  for (uint32_t i = 0; i < count && i < MODULES_MAX; i++) {
    options.file = i;
    options.name = arena_printf(a, "test-%u.rego", i);
    if (rego_parse_module(a, value_str_or_empty(texts.items[i]), &options, &modules[i], &errors,
                          &err) < 0)
      return told(a, &errors);
  }
  options.name = STR_EMPTY;
  if (rego_parse_query(a, value_str_or_empty(value_get(line, value_from("query"))), &options, &body,
                       &errors, &err) < 0)
    return told(a, &errors);
  if (rego_check_modules(a, modules, count, &checks, &program, &errors, &err) < 0 ||
      rego_check_query(a, program, body, &checks, &query, &errors, &err) < 0)
    return told(a, &errors);
  return (struct outcome){0};
}

static bool is_right(const struct outcome *o, struct str code, struct str words)
{
  if (!is_compile_code(code))
    return !o->failed;
  return str_eq(o->code, code) && (!words.len || str_find(o->text, 0, words) >= 0);
}

static void try_case(struct tally *t, struct arena *a, struct value line, enum rego_version version)
{
  struct str note = value_str_or_empty(value_get(line, value_from("note")));
  struct str code = value_str_or_empty(value_get(line, value_from("want_error_code")));
  struct str words = value_str_or_empty(value_get(line, value_from("want_error")));
  struct str name = arena_printf(a, "%s: %.*s", t->suite, STR_FMT(note));
  struct outcome o = check_case(a, line, version);
  union map_value *known = map_get(t->known, name);
  bool right = is_right(&o, code, words);
  t->cases++;
  t->right += right;
  if (!right && known) {
    known->number = 1;
    t->listed++;
  } else if (!right && t->wrong++ < NAMED_MAX) {
    printf("%.*s\n  wanted: %.*s\n  %.*s\n", STR_FMT(name), STR_FMT(code), STR_FMT(o.text));
  }
}

/* 0, 1, or SKIPPED. */
static int suite(const char *shared, const char *file, enum rego_version version, struct map *known)
{
  _cleanup_(buf_free) struct buf text = {.cap = FILE_SIZE_MAX}, path = {0};
  buf_printf(&path, "%s/conformance/rego/%s", shared, file);
  if (read_whole(buf_text(&path), &text) < 0)
    return SKIPPED;
  struct tally t = {.suite = file, .known = known};
  struct json_cursor cursor = json_cursor_start(buf_str(&text));
  struct arena arena;
  struct value line;
  struct error err;
  int got;
  arena_init(&arena, 0);
  while ((got = json_parse_next(&arena, &cursor, NULL, &line, NULL, &err)) > 0) {
    try_case(&t, &arena, line, version);
    arena_reset(&arena);
  }
  arena_free(&arena);
  printf("%s: rego checks %u of %u\n", file, t.right, t.cases);
  return got == 0 && t.wrong == 0 ? 0 : 1;
}

/* Lines `name  # reason`; empty lines and those that begin with # are skipped. */
static void read_known(const char *root, struct buf *text, struct map *known)
{
  _cleanup_(buf_free) struct buf path = {0};
  buf_printf(&path, "%s/tests/conformance/rego_check.known", root);
  if (read_whole(buf_text(&path), text) < 0)
    return;
  struct str rest = buf_str(text);
  while (rest.data) {
    struct str line = str_cut(rest, '\n', &rest), reason;
    struct str name = str_trim(str_cut(line, '#', &reason));
    if (name.len)
      map_put(known, name, NULL)->number = 0;
  }
}

static bool all_known_fail(const struct map *known)
{
  bool all = true;
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(known, &at));)
    if (!e->value.number) {
      printf("%.*s: is right now; take it out of rego_check.known\n", STR_FMT(e->key));
      all = false;
    }
  return all;
}

int main(void)
{
  const char *shared = getenv("SEAWALL_SHARED"), *root = getenv("SEAWALL_SOURCE_ROOT");
  _cleanup_(buf_free) struct buf beside = {0}, text = {0};
  struct map known;
  map_init(&known, NULL);
  if (!root)
    root = ".";
  if (!shared) {
    buf_printf(&beside, "%s/../shared", root);
    shared = buf_text(&beside);
  }
  read_known(root, &text, &known);
  int v1 = suite(shared, "cases-v1.jsonl", REGO_V1, &known);
  int v0 = suite(shared, "cases-v0.jsonl", REGO_V0, &known);
  bool shrunk = v1 == SKIPPED || v0 == SKIPPED || all_known_fail(&known);
  map_free(&known);
  if (v1 == SKIPPED && v0 == SKIPPED) {
    printf("skipped: no conformance/rego in %s\n", shared);
    return SKIPPED;
  }
  return v1 == 1 || v0 == 1 || !shrunk;
}
