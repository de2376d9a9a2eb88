#include "lang/builtin_int.h"

/* Room for items of a result; NULL with the error set. */
static struct value *make_items(struct builtin_context *c, uint64_t count)
{
  return builtin_fits(c, count) && builtin_spend(c, count)
             ? arena_array(c->arena, struct value, count)
             : NULL;
}

static struct value *add_all(struct value *at, struct value list)
{
  if (list.len)
    memcpy(at, list.items, list.len * sizeof *at);
  return at + list.len;
}

CALL(concat)
{
  if (!builtin_want(c, args, 1, VALUE_ARRAY) || !builtin_want(c, args, 2, VALUE_ARRAY))
    return BUILTIN_ERROR;
  if (args[0].len == 0 || args[1].len == 0)
    return give(ret, args[args[0].len == 0]);
  struct value *items = make_items(c, (uint64_t)args[0].len + args[1].len);
  if (!items)
    return BUILTIN_ERROR;
  add_all(add_all(items, args[0]), args[1]);
  return give(ret, array_view(items, args[0].len + args[1].len));
}

CALL(flatten)
{
  if (!builtin_want(c, args, 1, VALUE_ARRAY))
    return BUILTIN_ERROR;
  uint64_t count = 0;
  for (uint32_t i = 0; i < args[0].len; i++)
    count += args[0].items[i].type == VALUE_ARRAY ? args[0].items[i].len : 1;
  struct value *items = make_items(c, count), *at = items;
  if (!items)
    return BUILTIN_ERROR;
  for (uint32_t i = 0; i < args[0].len; i++) {
    if (args[0].items[i].type == VALUE_ARRAY)
      at = add_all(at, args[0].items[i]);
    else
      *at++ = args[0].items[i];
  }
  return give(ret, array_view(items, (uint32_t)count));
}

CALL(slice)
{
  int64_t start, stop;
  if (!builtin_want(c, args, 1, VALUE_ARRAY) || !builtin_want_int(c, args, 2, &start) ||
      !builtin_want_int(c, args, 3, &stop))
    return BUILTIN_ERROR;
  int64_t len = args[0].len;
  stop = stop < 0 ? 0 : stop > len ? len : stop;
  start = start < 0 ? 0 : start > stop ? stop : start;
  /* the items of an empty array may be NULL */
  const struct value *from = start ? args[0].items + start : args[0].items;
  return give(ret, array_view(from, (uint32_t)(stop - start)));
}

CALL(reverse)
{
  if (!builtin_want(c, args, 1, VALUE_ARRAY))
    return BUILTIN_ERROR;
  uint32_t len = args[0].len;
  struct value *items = make_items(c, len);
  if (!items)
    return BUILTIN_ERROR;
  for (uint32_t i = 0; i < len; i++)
    items[i] = args[0].items[len - 1 - i];
  return give(ret, array_view(items, len));
}

const struct builtin builtins_arrays[] = {
    ROW(concat, "array.concat", 2, "array<any>, array<any>", "array<any>"),
    ROW(flatten, "array.flatten", 1, "array<any>", "array<any>"),
    ROW(reverse, "array.reverse", 1, "array<any>", "array<any>"),
    ROW(slice, "array.slice", 3, "array<any>, number, number", "array<any>"),
    {.name = NULL},
};
