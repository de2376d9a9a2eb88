/*
 * rego_unit.h - what the tests of the Rego engine share: modules, entries, a program made of them, and
 * what it answers, as text.
 */
#ifndef SEAWALL_TESTS_UNIT_LANG_REGO_UNIT_H
#define SEAWALL_TESTS_UNIT_LANG_REGO_UNIT_H

#include "rego.h"

#include "base/symbols.h"
#include "data/compare.h"
#include "data/json.h"
#include "lang/rego/rego.h"

enum { ENTRIES_MAX = 8 };

struct unit {
  struct arena arena, request;
  struct rego_names *names;
  const struct rego_module *modules[4];
  uint32_t count;
  struct rego_body queries[ENTRIES_MAX];
  struct rego_entry entries[ENTRIES_MAX];
  uint32_t entry_count;
  struct rego_compile_options options;
  struct rego_program *program;
  struct rego_worker *worker;
  struct builtin_cache *cache;
  struct rego_run run;
  struct rego_errors errors;
  struct error err;
  struct buf out, said;
};

static inline void start(struct unit *u)
{
  *u = (struct unit){
      .names = rego_names_new(), .worker = rego_worker_new(), .cache = builtin_cache_new()};
  u->options.names = u->names;
  arena_init(&u->arena, 0);
  arena_init(&u->request, 0);
  u->run = (struct rego_run){.arena = &u->request, .now_ns = 1, .seed = 1};
}

static inline void end(struct unit *u)
{
  buf_free(&u->out);
  buf_free(&u->said);
  rego_program_free(u->program);
  rego_worker_free(u->worker);
  builtin_cache_free(u->cache);
  rego_names_free(u->names);
  arena_free(&u->arena);
  arena_free(&u->request);
}

static inline void add(struct unit *u, enum rego_version version, const char *text)
{
  static const char *const names[] = {"a.rego", "b.rego", "c.rego", "d.rego"};
  struct rego_options options = {
      .name = str_from(names[u->count]), .file = u->count, .version = version, .names = u->names};
  if (rego_parse_module(&u->arena, str_from(text), &options, &u->modules[u->count], NULL, &u->err) <
      0)
    fail_msg("%s\n%s", u->err.message, text);
  u->count++;
}

static inline void ask_for(struct unit *u, const char *path)
{
  u->entries[u->entry_count++] = (struct rego_entry){.path = str_from(path)};
}

static inline void ask_query(struct unit *u, const char *text, bool expressions)
{
  struct rego_options options = {.names = u->names};
  struct rego_body *body = &u->queries[u->entry_count];
  if (rego_parse_query(&u->arena, str_from(text), &options, body, NULL, &u->err) < 0)
    fail_msg("%s\n%s", u->err.message, text);
  u->entries[u->entry_count++] = (struct rego_entry){.query = body, .expressions = expressions};
}

static inline int compile(struct unit *u)
{
  return rego_compile(&u->arena, u->modules, u->count, u->entries, u->entry_count, &u->options,
                      &u->program, &u->errors, &u->err);
}

/* Trees are thrown away: the program must not need them. */
static inline void compile_only(struct unit *u)
{
  if (compile(u) < 0)
    fail_msg("%s", u->err.message);
  arena_free(&u->arena);
}

static inline struct value json(struct unit *u, const char *text)
{
  struct json_options options = {.symbols = u->options.symbols};
  struct value v;
  if (!text)
    return VALUE_NONE;
  if (json_parse(&u->request, str_from(text), &options, &v, &u->err) < 0)
    fail_msg("%s\n%s", u->err.message, text);
  return v;
}

/* The answer as Rego writes it, "undefined", or "file:line: code: message". */
static inline struct str answer(struct unit *u, uint32_t entry)
{
  struct value v = VALUE_NONE;
  struct builtin_context context = {.arena = &u->request, .cache = u->cache};
  struct str text = STR("undefined");
  buf_clear(&u->out);
  int r = rego_ask(u->worker, entry, &v, &u->err);
  if (r < 0) {
    const struct rego_failure *f = rego_failure(u->worker);
    assert_int_equal(u->err.code, r);
    assert_true(u->err.message[0] != '\0');
    assert_non_null(f);
    buf_printf(&u->out, "%.*s:%u: %s: %.*s", STR_FMT(f->file), f->place.line, f->code,
               STR_FMT(f->message));
    return buf_str(&u->out);
  }
  if (v.type != VALUE_ABSENT)
    assert_int_equal(builtin_term_text(&context, v, &text), BUILTIN_VALUE);
  buf_add(&u->out, text);
  return buf_str(&u->out);
}

static inline struct str evaluate(struct unit *u, const char *input, const char *data)
{
  u->run.input = json(u, input);
  u->run.data = json(u, data);
  rego_begin(u->worker, u->program, &u->run);
  return answer(u, 0);
}

struct row {
  const char *module; /* behind "package a" */
  const char *input, *data;
  const char *expected; /* of data.a.p */
};

static inline void check_row(const struct row *row, bool strict, bool no_optimiser)
{
  struct unit u;
  _cleanup_(buf_free) struct buf text = {0};
  start(&u);
  u.options.no_optimiser = no_optimiser;
  u.run.strict_errors = strict;
  buf_printf(&text, "package a\n%s", row->module);
  add(&u, REGO_V1, buf_text(&text));
  ask_for(&u, "data.a.p");
  compile_only(&u);
  struct str got = evaluate(&u, row->input, row->data);
  if (!str_eq(got, str_from(row->expected)))
    fail_msg("%s%s\n  input    %s\n  is       %.*s\n  expected %s",
             no_optimiser ? "(without optimiser) " : "", row->module, row->input ? row->input : "",
             STR_FMT(got), row->expected);
  end(&u);
}

static inline void check_rows(const struct row *rows, size_t count, bool strict)
{
  for (size_t i = 0; i < count; i++) {
    check_row(&rows[i], strict, false);
    check_row(&rows[i], strict, true);
  }
}

#define CHECK(rows, strict) check_rows(rows, sizeof(rows) / sizeof *(rows), strict)

#endif
