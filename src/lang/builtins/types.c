/* What a value is, and turning one into another. */
#include "data/number.h"
#include "lang/builtin_int.h"

#define IS(name, wanted)                                                                           \
  CALL(name)                                                                                       \
  {                                                                                                \
    return give(ret, value_bool(args[0].type == (wanted)));                                        \
  }

IS(is_array, VALUE_ARRAY)
IS(is_boolean, VALUE_BOOL)
IS(is_null, VALUE_NULL)
IS(is_number, VALUE_NUMBER)
IS(is_object, VALUE_OBJECT)
IS(is_set, VALUE_SET)
IS(is_string, VALUE_STRING)

CALL(type_name)
{
  return give(ret, value_from(value_type_name(args[0])));
}

static enum builtin_result cast(struct builtin_context *c, const struct value *args,
                                enum value_type type, struct value *ret)
{
  return builtin_want(c, args, 1, type) ? give(ret, args[0]) : BUILTIN_ERROR;
}

CALL(cast_boolean)
{
  return cast(c, args, VALUE_BOOL, ret);
}

CALL(cast_null)
{
  return cast(c, args, VALUE_NULL, ret);
}

CALL(cast_object)
{
  return cast(c, args, VALUE_OBJECT, ret);
}

CALL(cast_string)
{
  return cast(c, args, VALUE_STRING, ret);
}

CALL(cast_array)
{
  if (!builtin_want_list(c, args, 1, "array, set"))
    return BUILTIN_ERROR;
  return give(ret, args[0].type == VALUE_ARRAY ? args[0] : array_view(args[0].items, args[0].len));
}

CALL(cast_set)
{
  if (!builtin_want_list(c, args, 1, "array, set") || !builtin_spend(c, (uint64_t)args[0].len * 8))
    return BUILTIN_ERROR;
  if (args[0].type == VALUE_SET)
    return give(ret, args[0]);
  return give(ret, value_set_make(c->arena, args[0].items, args[0].len));
}

static bool is_word(struct str s)
{
  while (s.len && (s.data[0] == '+' || s.data[0] == '-'))
    s = str_sub(s, 1, s.len);
  return str_eq_nocase(s, STR("inf")) || str_eq_nocase(s, STR("infinity")) ||
         str_eq_nocase(s, STR("nan"));
}

/*
 * What Go's ParseFloat takes beyond JSON's literals: a plus sign, zeros in front, a point without digits
 * on one side of it. Such a text is put into JSON's form. (Hexadecimal ones are refused.)
 */
static struct value read_loosely(struct arena *a, struct str s)
{
  char *text = arena_alloc(a, s.len + 2);
  size_t len = 0, at = s.len && (s.data[0] == '+' || s.data[0] == '-');
  if (at && s.data[0] == '-')
    text[len++] = '-';
  while (at + 1 < s.len && s.data[at] == '0' && s.data[at + 1] >= '0' && s.data[at + 1] <= '9')
    at++;
  if (at + 1 < s.len && s.data[at] == '.' && s.data[at + 1] >= '0' && s.data[at + 1] <= '9')
    text[len++] = '0';
  for (; at < s.len; at++) {
    bool last = at + 1 == s.len || s.data[at + 1] == 'e' || s.data[at + 1] == 'E';
    if (s.data[at] == '.' && last)
      continue;
    text[len++] = s.data[at];
  }
  return number_from_literal(str_make(text, len));
}

static enum builtin_result number_of_text(struct builtin_context *c, struct value text,
                                          struct value *ret)
{
  struct str s = value_str(text);
  if (is_word(s))
    return builtin_wrong_type(c, 1, text, "valid number string");
  struct value number = number_from_literal(s);
  if (number.type == VALUE_ABSENT && s.len <= 4096)
    number = read_loosely(c->arena, s);
  double real;
  if (number.type == VALUE_ABSENT)
    return builtin_fail(c, "strconv.ParseFloat: parsing \"%.*s\": invalid syntax", STR_FMT(s));
  if (!number_to_double(number, &real))
    return builtin_fail(c, "strconv.ParseFloat: parsing \"%.*s\": value out of range", STR_FMT(s));
  return give(ret, number);
}

CALL(to_number)
{
  switch (args[0].type) {
  case VALUE_NULL:
    return give(ret, value_int(0));
  case VALUE_BOOL:
    return give(ret, value_int(args[0].boolean));
  case VALUE_NUMBER:
    return give(ret, args[0]);
  case VALUE_STRING:
    return number_of_text(c, args[0], ret);
  default:
    return builtin_wrong_type(c, 1, args[0], "null, boolean, number, string");
  }
}

CALL(runtime)
{
  (void)args;
  if (c->environment.type != VALUE_ABSENT)
    return give(ret, c->environment);
  return give(ret, (struct value){.type = VALUE_OBJECT});
}

const struct builtin builtins_types[] = {
    ROW(cast_array, "cast_array", 1, "any", "array<any>", .flags = BUILTIN_DEPRECATED),
    ROW(cast_boolean, "cast_boolean", 1, "any", "boolean", .flags = BUILTIN_DEPRECATED),
    ROW(cast_null, "cast_null", 1, "any", "null", .flags = BUILTIN_DEPRECATED),
    ROW(cast_object, "cast_object", 1, "any", "object<any:any>", .flags = BUILTIN_DEPRECATED),
    ROW(cast_set, "cast_set", 1, "any", "set<any>", .flags = BUILTIN_DEPRECATED),
    ROW(cast_string, "cast_string", 1, "any", "string", .flags = BUILTIN_DEPRECATED),
    ROW(is_array, "is_array", 1, "any", "boolean"),
    ROW(is_boolean, "is_boolean", 1, "any", "boolean"),
    ROW(is_null, "is_null", 1, "any", "boolean"),
    ROW(is_number, "is_number", 1, "any", "boolean"),
    ROW(is_object, "is_object", 1, "any", "boolean"),
    ROW(is_set, "is_set", 1, "any", "boolean"),
    ROW(is_string, "is_string", 1, "any", "boolean"),
    ROW(runtime, "opa.runtime", 0, "", "object<string:any>", .flags = BUILTIN_NONDETERMINISTIC),
    ROW(to_number, "to_number", 1, "number|string|boolean|null", "number"),
    ROW(type_name, "type_name", 1, "any", "string"),
    {.name = NULL},
};
