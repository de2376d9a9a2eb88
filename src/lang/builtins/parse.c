/* rego.parse_module. */
#include "lang/builtin_int.h"
#include "lang/rego/ast_value.h"
#include "lang/rego/parser.h"

CALL(parse_module)
{
  _cleanup_(rego_names_freep) struct rego_names *names = rego_names_new();
  struct rego_options options = {.version = REGO_V1, .names = names};
  const struct rego_module *module;
  struct rego_errors errors;
  struct error err;
  struct str text;
  if (!builtin_want_string(c, args, 1, &options.name) || !builtin_want_string(c, args, 2, &text) ||
      !builtin_spend(c, BUILTIN_FREE_STEPS + 1 + text.len))
    return BUILTIN_ERROR;
  int rc = rego_parse_module(c->arena, text, &options, &module, &errors, &err);
  if (rc == SW_EINVAL) {
    _cleanup_(buf_free) struct buf all = {.cap = ERROR_MESSAGE_MAX};
    rego_errors_write(&all, &errors);
    return builtin_fail(c, "%s", buf_text(&all));
  }
  if (rc < 0 || rego_module_value(c->arena, module, ret, &err) < 0)
    return builtin_halt(c, "%s", err.message);
  return BUILTIN_VALUE;
}

const struct builtin builtins_parse[] = {
    ROW(parse_module, "rego.parse_module", 2, "string, string", "object<string:any>"),
    {.name = NULL},
};
