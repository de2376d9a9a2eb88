/*
 * Modules and queries of Rego. The first byte chooses version, keywords and options.
 *
 * Whatever is accepted can be printed, and what is printed parses to an equal tree, which is printed
 * the same. No place lies outside the text, no tree is higher than promised, and whatever is refused
 * has a message and a place.
 */
#include "lang/rego/ast_print.h"
#include "lang/rego/parser.h"

#include <stdlib.h>

static void must(bool ok)
{
  if (!ok)
    abort();
}

static void check_place(struct rego_place place, struct str text)
{
  must(place.start <= place.end && place.end <= text.len);
}

static void check_body(struct rego_body body, struct str text, uint32_t left);

static void check_term(const struct rego_term *term, struct str text, uint32_t left)
{
  must(left > 0 && term->height <= left);
  check_place(term->place, text);
  switch ((enum rego_term_kind)term->kind) {
  case REGO_SCALAR:
  case REGO_VAR:
    break;
  case REGO_ARRAY_COMPREHENSION:
  case REGO_SET_COMPREHENSION:
  case REGO_OBJECT_COMPREHENSION:
    check_term(&term->comprehension->value, text, left - 1);
    check_body(term->comprehension->body, text, left - 1);
    break;
  case REGO_TEMPLATE:
    check_body((struct rego_body){term->parts, term->count}, text, left - 1);
    break;
  default:
    for (uint32_t i = 0; i < term->count * (term->kind == REGO_OBJECT ? 2 : 1); i++)
      check_term(&term->items[i], text, left - 1);
  }
}

static void check_expr(const struct rego_expr *expr, struct str text, uint32_t left)
{
  must(left > 0 && expr->height <= left && expr->place.line > 0);
  check_place(expr->place, text);
  for (uint32_t i = 0; i < expr->with_count; i++)
    check_term(&expr->with[i].value, text, left - 1);
  switch ((enum rego_expr_kind)expr->kind) {
  case REGO_EXPR_EVERY:
    check_term(&expr->every->domain, text, left - 1);
    check_body(expr->every->body, text, left - 1);
    break;
  case REGO_EXPR_NOT:
  case REGO_EXPR_AND:
  case REGO_EXPR_OR:
    for (uint32_t i = 0; i < expr->count; i++)
      check_body(expr->operands[i].body, text, left - 1);
    break;
  default:
    for (uint32_t i = 0; i < expr->count; i++)
      check_term(&expr->terms[i], text, left - 1);
  }
}

static void check_body(struct rego_body body, struct str text, uint32_t left)
{
  for (uint32_t i = 0; i < body.count; i++)
    check_expr(&body.items[i], text, left);
}

static void check_rules(const struct rego_module *module)
{
  for (uint32_t i = 0; i < module->rule_count; i++)
    for (const struct rego_rule *rule = &module->rules[i]; rule; rule = rule->otherwise) {
      check_place(rule->place, module->text);
      check_body(rule->body, module->text, REGO_HEIGHT_MAX);
      must(rule->head.ref_count > 0 && rule->head.ref[0].kind == REGO_VAR);
    }
}

static void check_errors(const struct rego_errors *errors, const struct error *err, struct str text)
{
  _cleanup_(buf_free) struct buf out = {0};
  must(errors->count > 0 && errors->count <= REGO_ERRORS_MAX && err->message[0]);
  for (uint32_t i = 0; i < errors->count; i++) {
    must(errors->items[i].message.len > 0);
    check_place(errors->items[i].place, text);
  }
  rego_errors_write(&out, errors);
  must(out.len > 0);
}

static void try_module(struct str text, struct rego_options *options)
{
  struct arena arena;
  struct rego_errors errors;
  struct error err;
  const struct rego_module *module, *again;
  _cleanup_(buf_free) struct buf printed = {0}, reprinted = {0};
  arena_init(&arena, 0);
  if (rego_parse_module(&arena, text, options, &module, &errors, &err) < 0) {
    check_errors(&errors, &err, text);
  } else {
    check_rules(module);
    rego_print_module(&printed, module);
    options->annotations = false;
    must(rego_parse_module(&arena, buf_str(&printed), options, &again, &errors, &err) == 0);
    must(rego_module_equal(module, again));
    rego_print_module(&reprinted, again);
    must(str_eq(buf_str(&printed), buf_str(&reprinted)));
  }
  arena_free(&arena);
}

static void try_query(struct str text, const struct rego_options *options)
{
  struct arena arena;
  struct rego_errors errors;
  struct error err;
  struct rego_body body, again;
  _cleanup_(buf_free) struct buf printed = {0};
  arena_init(&arena, 0);
  if (rego_parse_query(&arena, text, options, &body, &errors, &err) < 0) {
    check_errors(&errors, &err, text);
  } else {
    check_body(body, text, REGO_HEIGHT_MAX);
    rego_print_body(&printed, options->names, body);
    must(rego_parse_query(&arena, buf_str(&printed), options, &again, &errors, &err) == 0);
    must(rego_body_equal(body, again));
  }
  arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 1)
    return 0;
  _cleanup_(rego_names_freep) struct rego_names *names = rego_names_new();
  struct rego_options options = {
      .version = data[0] & 1 ? REGO_V0 : REGO_V1,
      .experimental = data[0] & 2,
      .keywords = (data[0] & 4 ? REGO_KEYWORD_NOT : 0) |
                  (data[0] & 8 ? REGO_KEYWORD_AND | REGO_KEYWORD_OR : 0),
      .annotations = data[0] & 16,
      .names = names,
  };
  struct str text = str_make((const char *)data + 1, size - 1);
  if (data[0] & 32)
    try_query(text, &options);
  else
    try_module(text, &options);
  return 0;
}
