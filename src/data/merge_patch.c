#include "data/merge_patch.h"

struct merge {
  struct arena *a;
  struct error *err;
};

static int merge_value(struct merge *m, struct value target, struct value patch, unsigned depth,
                       struct value *ret);

/* Members under construction, with positions if the target has them. */
struct members {
  struct value_member *list;
  struct value_position *positions;
  uint32_t count;
};

static void keep_member(struct members *to, struct value target, uint32_t i, struct value value)
{
  to->list[to->count] = (struct value_member){target.members[i].key, value};
  if (to->positions) {
    to->positions[2 * to->count] = value_key_position(target, i);
    to->positions[2 * to->count + 1] = value_position(target, i);
  }
  to->count++;
}

static void add_member(struct members *to, struct value key, struct value value)
{
  to->list[to->count] = (struct value_member){key, value};
  if (to->positions)
    memset(&to->positions[2 * to->count], 0, 2 * sizeof *to->positions);
  to->count++;
}

static int merge_into_target(struct merge *m, struct value target, struct value patch,
                             unsigned depth, struct members *to)
{
  for (uint32_t i = 0; i < target.len; i++) {
    struct value change = value_get(patch, target.members[i].key);
    struct value value = target.members[i].value;
    if (change.type == VALUE_NULL)
      continue;
    if (change.type != VALUE_ABSENT) {
      int r = merge_value(m, value, change, depth + 1, &value);
      if (r < 0)
        return r;
    }
    keep_member(to, target, i, value);
  }
  return 0;
}

static int merge_new_members(struct merge *m, struct value target, struct value patch,
                             unsigned depth, struct members *to)
{
  for (uint32_t i = 0; i < patch.len; i++) {
    struct value_member member = patch.members[i];
    struct value value;
    if (member.value.type == VALUE_NULL || value_find(target, member.key) >= 0)
      continue;
    int r = merge_value(m, VALUE_NONE, member.value, depth + 1, &value);
    if (r < 0)
      return r;
    add_member(to, member.key, value);
  }
  return 0;
}

static bool has_string_keys(struct value object)
{
  for (uint32_t i = 0; i < object.len; i++)
    if (object.members[i].key.type != VALUE_STRING)
      return false;
  return true;
}

static int merge_objects(struct merge *m, struct value target, struct value patch, unsigned depth,
                         struct value *ret)
{
  uint32_t most = target.len + patch.len;
  struct members to = {.list = arena_array(m->a, struct value_member, most)};
  if (target.flags & VALUE_POSITIONS)
    to.positions = arena_array(m->a, struct value_position, 2 * (size_t)most);
  int r = merge_into_target(m, target, patch, depth, &to);
  if (r == 0)
    r = merge_new_members(m, target, patch, depth, &to);
  if (r < 0)
    return r;
  value_object_make(m->a, to.list, to.positions, to.count, VALUE_LAST_WINS, NULL, ret);
  return 0;
}

static int merge_value(struct merge *m, struct value target, struct value patch, unsigned depth,
                       struct value *ret)
{
  if (patch.type != VALUE_OBJECT) {
    *ret = patch;
    return 0;
  }
  if (depth >= MERGE_PATCH_DEPTH_MAX)
    return error_set(m->err, SW_ELIMIT, "the merge patch is nested deeper than %d",
                     MERGE_PATCH_DEPTH_MAX);
  if (target.type != VALUE_OBJECT)
    target = (struct value){.type = VALUE_OBJECT};
  if (!has_string_keys(target) || !has_string_keys(patch))
    return error_set(m->err, SW_EUNSUPPORTED,
                     "an object with keys that are not strings cannot be merged");
  if (patch.len == 0 && target.len > 0) {
    *ret = target;
    return 0;
  }
  return merge_objects(m, target, patch, depth, ret);
}

int merge_patch_apply(struct arena *a, struct value target, struct value patch,
                      struct value *ret_document, struct error *err)
{
  if (patch.type == VALUE_ABSENT) {
    *ret_document = target;
    return 0;
  }
  struct merge m = {a, err};
  return merge_value(&m, target, patch, 0, ret_document);
}
