/* Types from the notation that built-in functions are declared in. */
#include "lang/rego/types.h"

/* Takes the next part of a list up to `separator`, outside of brackets. */
static struct str next_part(struct str *rest, char separator)
{
  size_t depth = 0, i = 0;
  for (; i < rest->len; i++) {
    char ch = rest->data[i];
    if (ch == '<' || ch == '[')
      depth++;
    else if (ch == '>' || ch == ']')
      depth -= depth > 0;
    else if (ch == separator && depth == 0)
      break;
  }
  struct str part = str_sub(*rest, 0, i);
  *rest = str_sub(*rest, i + 1, rest->len);
  return str_trim(part);
}

/* What stands between "name<" and ">". */
static bool inside(struct str text, struct str open, char close, struct str *ret)
{
  if (!str_starts(text, open) || text.len <= open.len || text.data[text.len - 1] != close)
    return false;
  *ret = str_sub(text, open.len, text.len - open.len - 1);
  return true;
}

static const struct rego_type *parse(struct rego_types *types, struct str text, int depth);

static const struct rego_type *parse_tuple(struct rego_types *types, struct str text, int depth)
{
  enum { TUPLE_MAX = 16 };
  const struct rego_type *items[TUPLE_MAX];
  uint32_t count = 0;
  while (text.len && count < TUPLE_MAX)
    items[count++] = parse(types, next_part(&text, ','), depth);
  return rego_type_array(types, items, count, NULL);
}

static const struct rego_type *parse_one(struct rego_types *types, struct str text, int depth)
{
  static const struct {
    const char *name;
    const struct rego_type *type;
  } scalars[] = {
      {"null", &rego_type_null},
      {"boolean", &rego_type_boolean},
      {"number", &rego_type_number},
      {"string", &rego_type_string},
  };
  struct str part;
  for (size_t i = 0; i < sizeof scalars / sizeof *scalars; i++)
    if (str_eq(text, str_from(scalars[i].name)))
      return scalars[i].type;
  if (inside(text, STR("array<"), '>', &part))
    return rego_type_array(types, NULL, 0, parse(types, part, depth));
  if (inside(text, STR("set<"), '>', &part))
    return rego_type_set(types, parse(types, part, depth));
  if (inside(text, STR("object<"), '>', &part)) {
    struct str key = next_part(&part, ':');
    return rego_type_object(types, NULL, NULL, 0, parse(types, key, depth),
                            parse(types, part, depth));
  }
  if (inside(text, STR("["), ']', &part))
    return parse_tuple(types, part, depth);
  return &rego_type_any;
}

static const struct rego_type *parse(struct rego_types *types, struct str text, int depth)
{
  const struct rego_type *type = NULL;
  if (depth == REGO_TYPE_DEPTH_MAX)
    return &rego_type_any;
  do
    type = rego_type_or(types, type, parse_one(types, next_part(&text, '|'), depth + 1));
  while (text.len);
  return type;
}

const struct rego_type *rego_type_parse(struct rego_types *types, struct str notation)
{
  return parse(types, notation, 0);
}
