/* Sets are sorted, so two are united or cut by one walk through both. */
#include "lang/builtin_int.h"

static struct value cut(struct arena *a, struct value x, struct value y)
{
  struct value *items = arena_array(a, struct value, x.len < y.len ? x.len : y.len);
  uint32_t used = 0;
  for (uint32_t i = 0, k = 0; i < x.len && k < y.len;) {
    int order = value_compare(x.items[i], y.items[k]);
    if (order == 0)
      items[used++] = x.items[i];
    i += order <= 0;
    k += order >= 0;
  }
  return set_view(items, used);
}

static struct value unite(struct arena *a, struct value x, struct value y)
{
  struct value *items = arena_array(a, struct value, (size_t)x.len + y.len);
  uint32_t used = 0, i = 0, k = 0;
  while (i < x.len || k < y.len) {
    int order = i == x.len ? 1 : k == y.len ? -1 : value_compare(x.items[i], y.items[k]);
    items[used++] = order <= 0 ? x.items[i] : y.items[k];
    i += order <= 0;
    k += order >= 0;
  }
  return set_view(items, used);
}

static bool want_sets(struct builtin_context *c, const struct value *args)
{
  return builtin_want(c, args, 1, VALUE_SET) && builtin_want(c, args, 2, VALUE_SET) &&
         builtin_fits(c, (uint64_t)args[0].len + args[1].len) &&
         builtin_spend(c, (uint64_t)args[0].len + args[1].len);
}

CALL(and)
{
  return want_sets(c, args) ? give(ret, cut(c->arena, args[0], args[1])) : BUILTIN_ERROR;
}

CALL(or)
{
  return want_sets(c, args) ? give(ret, unite(c->arena, args[0], args[1])) : BUILTIN_ERROR;
}

CALL(difference)
{
  if (!want_sets(c, args))
    return BUILTIN_ERROR;
  struct value *items = arena_array(c->arena, struct value, args[0].len);
  uint32_t used = 0;
  for (uint32_t i = 0; i < args[0].len; i++)
    if (!value_set_has(args[1], args[0].items[i]))
      items[used++] = args[0].items[i];
  return give(ret, set_view(items, used));
}

/* The items of all the sets in a set. */
static bool count_items(struct builtin_context *c, const struct value *args, uint64_t *ret)
{
  if (!builtin_want(c, args, 1, VALUE_SET))
    return false;
  *ret = 0;
  for (uint32_t i = 0; i < args[0].len; i++) {
    if (args[0].items[i].type != VALUE_SET) {
      builtin_wrong_element(c, 1, args[0], args[0].items[i], "set");
      return false;
    }
    *ret += args[0].items[i].len;
  }
  return builtin_fits(c, *ret) && builtin_spend(c, *ret * 4);
}

CALL(intersection)
{
  uint64_t count;
  if (!count_items(c, args, &count))
    return BUILTIN_ERROR;
  struct value result = args[0].len ? args[0].items[0] : set_view(NULL, 0);
  for (uint32_t i = 1; i < args[0].len && result.len; i++)
    result = cut(c->arena, result, args[0].items[i]);
  return give(ret, result);
}

CALL(union_of)
{
  uint64_t count;
  if (!count_items(c, args, &count))
    return BUILTIN_ERROR;
  struct value *items = arena_array(c->arena, struct value, count);
  size_t used = 0;
  for (uint32_t i = 0; i < args[0].len; i++)
    for (uint32_t k = 0; k < args[0].items[i].len; k++)
      items[used++] = args[0].items[i].items[k];
  return give(ret, value_set_make(c->arena, items, (uint32_t)used));
}

const struct builtin builtins_sets[] = {
    ROW(and, "and", 2, "set<any>, set<any>", "set<any>", .infix = "&"),
    ROW(intersection, "intersection", 1, "set<set<any>>", "set<any>"),
    ROW(or, "or", 2, "set<any>, set<any>", "set<any>", .infix = "|"),
    ROW(difference, "set_diff", 2, "set<any>, set<any>", "set<any>", .flags = BUILTIN_DEPRECATED),
    ROW(union_of, "union", 1, "set<set<any>>", "set<any>"),
    {.name = NULL},
};
