/* What belongs to a language: comparing, printing, templates, and names that compilers replace. */
#include "lang/builtin_int.h"

CALL(eq)
{
  (void)c;
  return give(ret, value_bool(value_equal(args[0], args[1])));
}

/* Calls of these do not outlive a compiler; one that does has reached a host without one. */
CALL(only_compiled)
{
  (void)args;
  (void)ret;
  return builtin_fail(c, "not a function of values alone");
}

/* Parts are constants, or sets of at most one value: none is an undefined one. */
CALL(template_string)
{
  if (!builtin_want(c, args, 1, VALUE_ARRAY))
    return BUILTIN_ERROR;
  if (!builtin_spend(c, args[0].len))
    return BUILTIN_ERROR;
  struct buf *out = builtin_text(c);
  for (uint32_t i = 0; i < args[0].len; i++) {
    struct value part = args[0].items[i];
    if (part.type == VALUE_SET) {
      if (part.len > 1)
        return builtin_halt(c, "template-strings must not produce multiple outputs");
      part = part.len ? part.items[0] : VALUE_NONE;
    }
    if (part.type == VALUE_STRING)
      buf_add(out, value_str(part));
    else if (!builtin_add_term(c, out, part))
      return BUILTIN_ERROR;
  }
  return builtin_give_text(c, ret);
}

const struct builtin builtins_language[] = {
    ROW(eq, "assign", 2, "any, any", "boolean", .infix = ":="),
    ROW(eq, "eq", 2, "any, any", "boolean", .infix = "="),
    ROW(only_compiled, "internal.print", 1, "array<set<any>>", "",
        .flags = BUILTIN_VOID | BUILTIN_COMPILED),
    ROW(template_string, "internal.template_string", 1, "array<any>", "string"),
    ROW(only_compiled, "internal.test_case", 1, "array<any>", "",
        .flags = BUILTIN_VOID | BUILTIN_COMPILED),
    ROW(only_compiled, "print", 0, "", "",
        .flags = BUILTIN_VOID | BUILTIN_ANY_COUNT | BUILTIN_COMPILED),
    ROW(only_compiled, "rego.metadata.chain", 0, "", "array<any>", .flags = BUILTIN_COMPILED),
    ROW(only_compiled, "rego.metadata.rule", 0, "", "any", .flags = BUILTIN_COMPILED),
    {.name = NULL},
};
