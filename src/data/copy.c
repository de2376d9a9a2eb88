#include "data/copy.h"

struct copier {
  struct arena *arena;
  const struct symbols *symbols;
  struct error *err;
};

static int copy(struct copier *c, struct value v, unsigned depth, struct value *ret);

static int copy_array(struct copier *c, struct value v, unsigned depth, struct value *ret)
{
  struct value *items = arena_array(c->arena, struct value, v.len);
  struct value_position *positions = NULL;
  if (v.flags & VALUE_POSITIONS)
    positions = arena_array(c->arena, struct value_position, v.len);
  for (uint32_t i = 0; i < v.len; i++) {
    int rc = copy(c, v.items[i], depth + 1, &items[i]);
    if (rc < 0)
      return rc;
    if (positions)
      positions[i] = value_position(v, i);
  }
  uint8_t type = v.type; /* a set keeps its order, which is that of its elements */
  *ret = value_array_make(c->arena, items, positions, v.len);
  ret->type = type;
  return 0;
}

static int copy_object(struct copier *c, struct value v, unsigned depth, struct value *ret)
{
  struct value_member *members = arena_array(c->arena, struct value_member, v.len);
  struct value_position *positions = NULL;
  if (v.flags & VALUE_POSITIONS)
    positions = arena_array(c->arena, struct value_position, (size_t)v.len * 2);
  for (uint32_t i = 0; i < v.len; i++) {
    struct value *key = &members[i].key;
    int rc = copy(c, v.members[i].key, depth + 1, key);
    if (rc == 0)
      rc = copy(c, v.members[i].value, depth + 1, &members[i].value);
    if (c->symbols && value_is(*key, VALUE_STRING))
      key->symbol = symbols_find(c->symbols, value_str(*key));
    if (rc < 0)
      return rc;
    if (positions) {
      positions[2 * (size_t)i] = value_key_position(v, i);
      positions[2 * (size_t)i + 1] = value_position(v, i);
    }
  }
  value_object_make_any(c->arena, members, positions, v.len, VALUE_LAST_WINS, NULL, ret);
  return 0;
}

static int copy(struct copier *c, struct value v, unsigned depth, struct value *ret)
{
  if (depth > VALUE_COPY_DEPTH_MAX || arena_over(c->arena))
    return error_set(c->err, SW_ELIMIT, "a value is too deep or too large to be kept");
  switch (v.type) {
  case VALUE_STRING:
    *ret = v;
    ret->text = arena_copy(c->arena, value_str(v)).data;
    return 0;
  case VALUE_NUMBER:
    *ret = v;
    if (v.flags & VALUE_TEXT)
      ret->text = arena_copy(c->arena, value_str(v)).data;
    return 0;
  case VALUE_ARRAY:
  case VALUE_SET:
    return copy_array(c, v, depth, ret);
  case VALUE_OBJECT:
    return copy_object(c, v, depth, ret);
  default:
    *ret = v;
    return 0;
  }
}

int value_copy(struct arena *a, struct value v, const struct symbols *symbols,
               struct value *ret_copy, struct error *err)
{
  struct copier c = {a, symbols, err};
  return copy(&c, v, 0, ret_copy);
}
