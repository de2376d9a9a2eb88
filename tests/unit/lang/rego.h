/*
 * rego.h - what the tests of the Rego parser share: a text parsed, and what came of it.
 */
#ifndef SEAWALL_TESTS_UNIT_LANG_REGO_H
#define SEAWALL_TESTS_UNIT_LANG_REGO_H

#include "../test.h"

#include "lang/rego/ast_print.h"
#include "lang/rego/parser.h"

struct rego_parsed {
  struct arena arena;
  struct rego_names *names;
  struct rego_options options;
  int result;
  const struct rego_module *module;
  struct rego_body body;
  struct rego_term term;
  struct rego_errors errors;
  struct error err;
  struct buf out; /* printed, or the errors: "line:column: message", one a line */
};

static inline void rego_parsed_free(struct rego_parsed *p)
{
  buf_free(&p->out);
  rego_names_free(p->names);
  arena_free(&p->arena);
}

static inline void rego_parsed_start(struct rego_parsed *p, struct rego_options options)
{
  *p = (struct rego_parsed){.names = rego_names_new(), .options = options};
  p->options.names = p->names;
  arena_init(&p->arena, 0);
}

static inline void rego_parsed_errors(struct rego_parsed *p)
{
  for (uint32_t i = 0; i < p->errors.count; i++)
    buf_printf(&p->out, "%s%u:%u: %.*s", i ? "\n" : "", p->errors.items[i].place.line,
               p->errors.items[i].place.column, STR_FMT(p->errors.items[i].message));
}

static inline struct str rego_parsed_module(struct rego_parsed *p, struct str text)
{
  p->result = rego_parse_module(&p->arena, text, &p->options, &p->module, &p->errors, &p->err);
  if (p->result == 0)
    rego_print_module(&p->out, p->module);
  else
    rego_parsed_errors(p);
  return buf_str(&p->out);
}

static inline struct str rego_parsed_query(struct rego_parsed *p, struct str text)
{
  p->result = rego_parse_query(&p->arena, text, &p->options, &p->body, &p->errors, &p->err);
  if (p->result == 0)
    rego_print_body(&p->out, p->names, p->body);
  else
    rego_parsed_errors(p);
  return buf_str(&p->out);
}

#endif
