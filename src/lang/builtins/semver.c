#include "data/semver.h"

#include "lang/builtin_int.h"

CALL(is_valid)
{
  struct semver version;
  return give(ret, value_bool(args[0].type == VALUE_STRING &&
                              semver_parse(value_str(args[0]), &version, NULL) == 0));
}

CALL(compare)
{
  struct semver versions[2];
  for (int i = 0; i < 2; i++) {
    struct str text;
    if (!builtin_want_string(c, args, i + 1, &text))
      return BUILTIN_ERROR;
    if (semver_parse(text, &versions[i], NULL) < 0)
      return builtin_fail(c, "operand %d: string \"%.*s\" is not a valid SemVer", i + 1,
                          STR_FMT(text));
  }
  return give(ret, value_int(semver_compare(versions[0], versions[1])));
}

const struct builtin builtins_semver[] = {
    ROW(compare, "semver.compare", 2, "string, string", "number"),
    ROW(is_valid, "semver.is_valid", 1, "any", "boolean"),
    {.name = NULL},
};
