/* Counting, adding, ordering, membership. */
#include "base/utf8.h"
#include "data/arithmetic.h"
#include "lang/builtin_int.h"

CALL(count)
{
  struct value v = args[0];
  if (v.type >= VALUE_ARRAY)
    return give(ret, value_int(v.len));
  if (v.type != VALUE_STRING)
    return builtin_wrong_type(c, 1, v, "array, object, set, string");
  if (!builtin_spend(c, v.len / 16))
    return BUILTIN_ERROR;
  return give(ret, value_int((int64_t)utf8_count(value_str(v))));
}

static enum builtin_result accumulate(struct builtin_context *c, const struct value *args,
                                      enum arithmetic_operation operation, int64_t start,
                                      struct value *ret)
{
  if (!builtin_want_list(c, args, 1, "set, array") || !builtin_spend(c, args[0].len))
    return BUILTIN_ERROR;
  struct value total = value_int(start);
  for (uint32_t i = 0; i < args[0].len; i++) {
    struct error err;
    struct value item = args[0].items[i];
    if (item.type != VALUE_NUMBER)
      return builtin_wrong_element(c, 1, args[0], item, "number");
    if (arithmetic_binary(c->arena, operation, total, item, &total, &err) < 0)
      return builtin_halt(c, "%s", err.message);
    bool is_long = !(total.flags & VALUE_INT);
    if (is_long && !builtin_spend(c, BUILTIN_FREE_STEPS + 1))
      return BUILTIN_ERROR;
  }
  return give(ret, total);
}

CALL(sum)
{
  return accumulate(c, args, ARITHMETIC_PLUS, 0, ret);
}

CALL(product)
{
  return accumulate(c, args, ARITHMETIC_TIMES, 1, ret);
}

static enum builtin_result extreme(struct builtin_context *c, const struct value *args, int sign,
                                   struct value *ret)
{
  if (!builtin_want_list(c, args, 1, "set, array") || !builtin_spend(c, args[0].len))
    return BUILTIN_ERROR;
  struct value list = args[0];
  if (list.len == 0)
    return BUILTIN_UNDEFINED;
  if (list.type == VALUE_SET)
    return give(ret, list.items[sign > 0 ? list.len - 1 : 0]);
  struct value best = list.items[0];
  for (uint32_t i = 1; i < list.len; i++)
    if (value_compare(list.items[i], best) * sign >= 0)
      best = list.items[i];
  return give(ret, best);
}

CALL(max)
{
  return extreme(c, args, 1, ret);
}

CALL(min)
{
  return extreme(c, args, -1, ret);
}

CALL(sort)
{
  if (!builtin_want_list(c, args, 1, "set, array"))
    return BUILTIN_ERROR;
  struct value list = args[0];
  if (list.type == VALUE_SET)
    return give(ret, array_view(list.items, list.len));
  if (!builtin_spend(c, (uint64_t)list.len * 8))
    return BUILTIN_ERROR;
  struct value *items = arena_array(c->arena, struct value, list.len);
  if (list.len)
    memcpy(items, list.items, list.len * sizeof *items);
  value_sort(items, list.len);
  return give(ret, array_view(items, list.len));
}

CALL(all)
{
  if (!builtin_want_list(c, args, 1, "array, set") || !builtin_spend(c, args[0].len))
    return BUILTIN_ERROR;
  bool all = true;
  for (uint32_t i = 0; all && i < args[0].len; i++)
    all = value_is_true(args[0].items[i]);
  return give(ret, value_bool(all));
}

CALL(any)
{
  if (!builtin_want_list(c, args, 1, "array, set") || !builtin_spend(c, args[0].len))
    return BUILTIN_ERROR;
  bool any = false;
  for (uint32_t i = 0; !any && i < args[0].len; i++)
    any = value_is_true(args[0].items[i]);
  return give(ret, value_bool(any));
}

CALL(member)
{
  struct value item = args[0], in = args[1];
  bool found = false;
  if (in.type == VALUE_SET)
    return give(ret, value_bool(value_set_has(in, item)));
  if (in.type >= VALUE_ARRAY && !builtin_spend(c, in.len))
    return BUILTIN_ERROR;
  for (uint32_t i = 0; !found && in.type == VALUE_ARRAY && i < in.len; i++)
    found = value_equal(in.items[i], item);
  for (uint32_t i = 0; !found && in.type == VALUE_OBJECT && i < in.len; i++)
    found = value_equal(in.members[i].value, item);
  return give(ret, value_bool(found));
}

CALL(member_with_key)
{
  struct value key = args[0], item = args[1], in = args[2], found = VALUE_NONE;
  int64_t i;
  if (in.type == VALUE_SET && value_set_has(in, key))
    found = key;
  else if (in.type == VALUE_OBJECT)
    found = value_get_any(in, key);
  else if (in.type == VALUE_ARRAY && value_to_int(key, &i) && i >= 0 && i < in.len)
    found = in.items[i];
  return give(ret, value_bool(found.type != VALUE_ABSENT && value_equal(found, item)));
}

#define NUMBERS "array<number>|set<number>"
#define LIST "array<any>|set<any>"

const struct builtin builtins_aggregates[] = {
    ROW(all, "all", 1, LIST, "boolean", .flags = BUILTIN_DEPRECATED),
    ROW(any, "any", 1, LIST, "boolean", .flags = BUILTIN_DEPRECATED),
    ROW(count, "count", 1, "string|array<any>|object<any:any>|set<any>", "number"),
    ROW(member, "internal.member_2", 2, "any, any", "boolean", .infix = "in"),
    ROW(member_with_key, "internal.member_3", 3, "any, any, any", "boolean"),
    ROW(max, "max", 1, LIST, "any"),
    ROW(min, "min", 1, LIST, "any"),
    ROW(product, "product", 1, NUMBERS, "number"),
    ROW(sort, "sort", 1, LIST, "array<any>"),
    ROW(sum, "sum", 1, NUMBERS, "number"),
    {.name = NULL},
};
