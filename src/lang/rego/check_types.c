/* Arguments of built-in functions that are constants of a type that the function does not take. */
#include "lang/rego/check_int.h"

/* The next part of a list of types up to `separator`, outside of brackets. */
static struct str next_type(struct str *rest, char separator)
{
  size_t depth = 0, i = 0;
  for (; i < rest->len; i++) {
    char ch = rest->data[i];
    if (ch == '<' || ch == '[')
      depth++;
    else if (ch == '>' || ch == ']')
      depth--;
    else if (ch == separator && depth == 0)
      break;
  }
  struct str type = str_sub(*rest, 0, i);
  *rest = str_sub(*rest, i + 1, rest->len);
  return str_trim(type);
}

static const char *kind_of(const struct check_term *term)
{
  static const char *const scalars[] = {"any", "null", "boolean", "number", "string"};
  if (term->kind == CHECK_CONSTANT)
    return term->value.type <= VALUE_STRING ? scalars[term->value.type] : "any";
  if (term->kind == CHECK_ARRAY || term->kind == CHECK_ARRAY_COMPREHENSION)
    return "array";
  if (term->kind == CHECK_OBJECT || term->kind == CHECK_OBJECT_COMPREHENSION)
    return "object";
  if (term->kind == CHECK_SET || term->kind == CHECK_SET_COMPREHENSION)
    return "set";
  return "any";
}

/* Is a term of the kind possible where one of the types is asked for? Elements do not count. */
static bool fits(struct str types, const char *kind)
{
  struct str name = str_from(kind);
  if (str_eq(name, STR("any")))
    return true;
  while (types.len) {
    struct str type = next_type(&types, '|');
    if (str_eq(type, STR("any")) || str_starts(type, name) ||
        (str_starts(type, STR("[")) && str_eq(name, STR("array"))))
      return true;
  }
  return false;
}

void check_call_types(struct checker *c, const struct check_literal *literal)
{
  if (!literal->function || (literal->function->flags & REGO_FUNCTION_ANY_COUNT))
    return;
  struct str rest = str_from(literal->function->arguments);
  for (uint32_t i = 0; i < literal->function->arity && i < literal->count; i++) {
    struct str types = next_type(&rest, ',');
    if (fits(types, kind_of(&literal->terms[i])))
      continue;
    check_fail(c, STAGE_TYPES, REGO_TYPE_ERROR, literal->place, "%s: invalid argument(s)",
               literal->function->name);
    return;
  }
}
