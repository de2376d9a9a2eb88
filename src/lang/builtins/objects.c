#include "lang/builtin_int.h"

static struct value make_object(struct builtin_context *c, const struct value_member *members,
                                uint32_t count)
{
  struct value made = VALUE_NONE;
  value_object_make_any(c->arena, members, NULL, count, VALUE_LAST_WINS, NULL, &made);
  return made;
}

/* The child of a container under a key; absent if there is none. */
static struct value child_of(struct value v, struct value key)
{
  int64_t i;
  if (v.type == VALUE_OBJECT)
    return value_get_any(v, key);
  if (v.type == VALUE_ARRAY && value_to_int(key, &i) && i >= 0 && i < v.len)
    return v.items[i];
  return v.type == VALUE_SET && value_set_has(v, key) ? key : VALUE_NONE;
}

CALL(get)
{
  if (!builtin_want(c, args, 1, VALUE_OBJECT))
    return BUILTIN_ERROR;
  struct value found = args[0];
  if (args[1].type != VALUE_ARRAY)
    found = value_get_any(found, args[1]);
  else if (!builtin_spend(c, args[1].len))
    return BUILTIN_ERROR;
  else
    for (uint32_t i = 0; i < args[1].len && found.type != VALUE_ABSENT; i++)
      found = child_of(found, args[1].items[i]);
  return give(ret, found.type == VALUE_ABSENT ? args[2] : found);
}

CALL(keys)
{
  if (!builtin_want(c, args, 1, VALUE_OBJECT) || !builtin_spend(c, (uint64_t)args[0].len * 8))
    return BUILTIN_ERROR;
  struct value *items = arena_array(c->arena, struct value, args[0].len);
  for (uint32_t i = 0; i < args[0].len; i++)
    items[i] = args[0].members[i].key;
  return give(ret, value_set_make(c->arena, items, args[0].len));
}

/* Is the key among an array's or set's items or an object's keys? An array is searched in an object
 * made of it once. */
static bool prepare_keys(struct builtin_context *c, const struct value *args, struct value *ret)
{
  struct value keys = args[1];
  if (!builtin_spend(c, (uint64_t)keys.len * 8 + args[0].len))
    return false;
  *ret = keys.type == VALUE_ARRAY ? value_set_make(c->arena, keys.items, keys.len) : keys;
  return true;
}

static bool has_key(struct value keys, struct value key)
{
  return keys.type == VALUE_SET ? value_set_has(keys, key) : value_find_any(keys, key) >= 0;
}

static enum builtin_result select_members(struct builtin_context *c, const struct value *args,
                                          bool wanted, struct value *ret)
{
  struct value keys;
  if (!builtin_want(c, args, 1, VALUE_OBJECT))
    return BUILTIN_ERROR;
  if (args[1].type < VALUE_ARRAY)
    return builtin_wrong_type(c, 2, args[1], "object, set, array");
  if (!prepare_keys(c, args, &keys))
    return BUILTIN_ERROR;
  struct value_member *members = arena_array(c->arena, struct value_member, args[0].len);
  uint32_t used = 0;
  for (uint32_t i = 0; i < args[0].len; i++)
    if (has_key(keys, args[0].members[i].key) == wanted)
      members[used++] = args[0].members[i];
  return give(ret, used == args[0].len ? args[0] : make_object(c, members, used));
}

CALL(filter)
{
  return select_members(c, args, true, ret);
}

CALL(remove_keys)
{
  return select_members(c, args, false, ret);
}

/* ---- union */

/* Members of b win; where both are objects, they are united in turn. */
static bool unite(struct builtin_context *c, struct value a, struct value b, unsigned depth,
                  struct value *ret)
{
  if (depth > BUILTIN_DEPTH_MAX) {
    builtin_halt(c, "an object is nested deeper than %d", BUILTIN_DEPTH_MAX);
    return false;
  }
  uint64_t count = (uint64_t)a.len + b.len;
  if (!builtin_fits(c, count) || !builtin_spend(c, count))
    return false;
  struct value_member *members = arena_array(c->arena, struct value_member, count);
  if (a.len)
    memcpy(members, a.members, a.len * sizeof *members);
  uint32_t used = a.len;
  for (uint32_t i = 0; i < b.len; i++) {
    int64_t at = value_find_any(a, b.members[i].key);
    struct value_member *to = at < 0 ? &members[used++] : &members[at];
    if (at < 0)
      *to = b.members[i];
    else if (to->value.type != VALUE_OBJECT || b.members[i].value.type != VALUE_OBJECT)
      to->value = b.members[i].value;
    else if (!unite(c, to->value, b.members[i].value, depth + 1, &to->value))
      return false;
  }
  *ret = make_object(c, members, used);
  return true;
}

CALL(union_two)
{
  if (!builtin_want(c, args, 1, VALUE_OBJECT) || !builtin_want(c, args, 2, VALUE_OBJECT))
    return BUILTIN_ERROR;
  return unite(c, args[0], args[1], 0, ret) ? BUILTIN_VALUE : BUILTIN_ERROR;
}

CALL(union_n)
{
  if (!builtin_want(c, args, 1, VALUE_ARRAY))
    return BUILTIN_ERROR;
  struct value result = {.type = VALUE_OBJECT};
  for (uint32_t i = 0; i < args[0].len; i++)
    if (args[0].items[i].type != VALUE_OBJECT)
      return builtin_wrong_element(c, 1, args[0], args[0].items[i], "object");
  for (uint32_t i = 0; i < args[0].len; i++)
    if (!unite(c, result, args[0].items[i], 0, &result))
      return BUILTIN_ERROR;
  return give(ret, result);
}

/* ---- subset */

static bool object_is_subset(struct value super, struct value sub, unsigned depth);
static bool array_is_subset(struct value super, struct value sub);

static bool value_is_subset(struct value super, struct value sub, unsigned depth)
{
  if (depth > BUILTIN_DEPTH_MAX)
    return false;
  if (sub.type == VALUE_OBJECT && super.type == VALUE_OBJECT)
    return object_is_subset(super, sub, depth + 1);
  if (sub.type == VALUE_SET && super.type == VALUE_SET) {
    for (uint32_t i = 0; i < sub.len; i++)
      if (!value_set_has(super, sub.items[i]))
        return false;
    return true;
  }
  if (sub.type == VALUE_ARRAY && super.type == VALUE_ARRAY)
    return array_is_subset(super, sub);
  return value_equal(super, sub);
}

static bool object_is_subset(struct value super, struct value sub, unsigned depth)
{
  for (uint32_t i = 0; i < sub.len; i++) {
    struct value theirs = value_get_any(super, sub.members[i].key);
    if (theirs.type == VALUE_ABSENT || !value_is_subset(theirs, sub.members[i].value, depth))
      return false;
  }
  return true;
}

/* One run of the longer array. */
static bool array_is_subset(struct value super, struct value sub)
{
  for (uint32_t from = 0; sub.len <= super.len && from <= super.len - sub.len; from++) {
    uint32_t same = 0;
    while (same < sub.len && value_equal(super.items[from + same], sub.items[same]))
      same++;
    if (same == sub.len)
      return true;
  }
  return false;
}

static bool array_has_all(struct value array, struct value set)
{
  for (uint32_t i = 0; i < set.len; i++) {
    bool found = false;
    for (uint32_t k = 0; !found && k < array.len; k++)
      found = value_equal(array.items[k], set.items[i]);
    if (!found)
      return false;
  }
  return true;
}

CALL(subset)
{
  struct value super = args[0], sub = args[1];
  if (super.type < VALUE_ARRAY || sub.type < VALUE_ARRAY ||
      (super.type != sub.type && !(super.type == VALUE_ARRAY && sub.type == VALUE_SET)))
    return builtin_fail_operand(
        c, "both arguments object.subset must be of the same type or array and set");
  if (!builtin_spend(c, (uint64_t)(super.type == VALUE_ARRAY ? super.len : 1) * (sub.len + 1)))
    return BUILTIN_ERROR;
  return give(ret, value_bool(super.type == sub.type ? value_is_subset(super, sub, 0)
                                                     : array_has_all(super, sub)));
}

#define OBJECT "object<any:any>"
#define KEYS "array<any>|set<any>|" OBJECT

const struct builtin builtins_objects[] = {
    ROW(filter, "object.filter", 2, OBJECT ", " KEYS, "any"),
    ROW(get, "object.get", 3, OBJECT ", any, any", "any"),
    ROW(keys, "object.keys", 1, OBJECT, "set<any>"),
    ROW(remove_keys, "object.remove", 2, OBJECT ", " KEYS, "any"),
    ROW(subset, "object.subset", 2, KEYS ", " KEYS, "any"),
    ROW(union_two, "object.union", 2, OBJECT ", " OBJECT, "any"),
    ROW(union_n, "object.union_n", 1, "array<" OBJECT ">", "any"),
    {.name = NULL},
};
