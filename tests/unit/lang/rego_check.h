/*
 * rego_check.h - what the tests of the Rego checker share: modules checked, and what came of it.
 */
#ifndef SEAWALL_TESTS_UNIT_LANG_REGO_CHECK_H
#define SEAWALL_TESTS_UNIT_LANG_REGO_CHECK_H

#include "rego.h"

#include "lang/rego/check.h"

struct checked {
  struct arena arena;
  struct rego_names *names;
  const struct rego_module *modules[8];
  uint32_t count;
  struct check_options options;
  int result;
  const struct check_program *program;
  struct check_query query;
  struct rego_errors errors;
  struct error err;
  struct buf out; /* "code: message", one a line, with details below if `detailed` */
  bool detailed, annotations;
};

static inline void add(struct checked *t, enum rego_version version, const char *text)
{
  static const char *const names[] = {"a.rego", "b.rego", "c.rego", "d.rego"};
  struct rego_options options = {.name = str_from(names[t->count]),
                                 .file = t->count,
                                 .version = version,
                                 .annotations = t->annotations,
                                 .names = t->names};
  if (rego_parse_module(&t->arena, str_from(text), &options, &t->modules[t->count], NULL, &t->err) <
      0)
    fail_msg("%s\n%s", t->err.message, text);
  t->count++;
}

static inline void start(struct checked *t)
{
  *t = (struct checked){.names = rego_names_new()};
  t->options.names = t->names;
  arena_init(&t->arena, 0);
}

static inline void list_errors(struct checked *t)
{
  buf_clear(&t->out);
  for (uint32_t i = 0; t->result < 0 && i < t->errors.count; i++) {
    const struct rego_error *e = &t->errors.items[i];
    buf_printf(&t->out, "%s%s: %.*s", i ? "\n" : "", rego_code_name(e->code), STR_FMT(e->message));
    if (t->detailed && e->details.len)
      buf_printf(&t->out, "\n%.*s", STR_FMT(e->details));
  }
}

static inline void check(struct checked *t)
{
  t->result = rego_check_modules(&t->arena, t->modules, t->count, &t->options, &t->program,
                                 &t->errors, &t->err);
  list_errors(t);
}

static inline void end(struct checked *t)
{
  buf_free(&t->out);
  rego_names_free(t->names);
  arena_free(&t->arena);
}

struct row {
  const char *text, *errors;
};

static inline void run(const struct row *rows, size_t count, enum rego_version version, bool strict)
{
  for (size_t i = 0; i < count; i++) {
    struct checked t;
    _cleanup_(buf_free) struct buf text = {0};
    start(&t);
    t.options.strict = strict;
    buf_printf(&text, "package a\n%s", rows[i].text);
    add(&t, version, buf_text(&text));
    check(&t);
    if (!str_eq(buf_str(&t.out), str_from(rows[i].errors)))
      fail_msg("%s\n  is       %.*s\n  expected %s", rows[i].text, STR_FMT(buf_str(&t.out)),
               rows[i].errors);
    end(&t);
  }
}

#define RUN(rows, version, strict) run(rows, sizeof(rows) / sizeof *(rows), version, strict)

#endif
