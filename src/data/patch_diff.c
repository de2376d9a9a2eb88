/* The half of patch.h that makes a patch. */
#include "base/buf.h"
#include "base/mem.h"
#include "data/compare.h"
#include "data/patch.h"
#include "data/pointer.h"

enum { DIFF_DEPTH_MAX = PATCH_DEPTH_MAX - 1 };

struct differ {
  struct arena *a;
  struct patch_operation *operations;
  uint32_t count, room;
  uint64_t work; /* elements that applying the patch will move */
  struct buf path;
};

/* Takes the last token off the path again. */
static void path_back(struct differ *d, size_t len)
{
  d->path.len = len;
  d->path.failed = false;
}

static bool emit(struct differ *d, enum patch_verb verb, struct value value)
{
  if (d->count == PATCH_OPERATIONS_MAX || buf_failed(&d->path))
    return false;
  if (d->count == d->room) {
    d->room = d->room ? d->room * 2 : 16;
    struct patch_operation *more = arena_array(d->a, struct patch_operation, d->room);
    if (d->count)
      memcpy(more, d->operations, d->count * sizeof *more);
    d->operations = more;
  }
  d->operations[d->count++] = (struct patch_operation){
      .verb = verb, .path = arena_copy(d->a, buf_str(&d->path)), .value = value};
  return true;
}

static bool emit_at_index(struct differ *d, enum patch_verb verb, uint32_t index,
                          struct value value)
{
  size_t len = d->path.len;
  pointer_add_index(&d->path, index);
  bool ok = emit(d, verb, value);
  path_back(d, len);
  return ok;
}

static bool emit_at_key(struct differ *d, enum patch_verb verb, struct value key,
                        struct value value)
{
  size_t len = d->path.len;
  pointer_add_key(&d->path, value_str(key));
  bool ok = emit(d, verb, value);
  path_back(d, len);
  return ok;
}

static bool diff_value(struct differ *d, struct value from, struct value to, unsigned depth);

static bool has_string_keys(struct value object)
{
  for (uint32_t i = 0; i < object.len; i++)
    if (object.members[i].key.type != VALUE_STRING)
      return false;
  return true;
}

static bool diff_shared_member(struct differ *d, struct value_member from, struct value to,
                               unsigned depth)
{
  size_t len = d->path.len;
  pointer_add_key(&d->path, value_str(from.key));
  bool ok = diff_value(d, from.value, to, depth + 1);
  path_back(d, len);
  return ok;
}

static bool diff_objects(struct differ *d, struct value from, struct value to, unsigned depth)
{
  bool ok = true;
  for (uint32_t i = 0; ok && i < from.len; i++) {
    struct value counterpart = value_get(to, from.members[i].key);
    ok = counterpart.type == VALUE_ABSENT
             ? emit_at_key(d, PATCH_REMOVE, from.members[i].key, VALUE_NONE)
             : diff_shared_member(d, from.members[i], counterpart, depth);
  }
  for (uint32_t i = 0; ok && i < to.len; i++)
    if (value_find(from, to.members[i].key) < 0)
      ok = emit_at_key(d, PATCH_ADD, to.members[i].key, to.members[i].value);
  return ok;
}

static bool diff_arrays(struct differ *d, struct value from, struct value to, unsigned depth)
{
  uint32_t shorter = from.len < to.len ? from.len : to.len;
  uint32_t begin = 0, end = 0;
  while (begin < shorter && value_equal(from.items[begin], to.items[begin]))
    begin++;
  while (end < shorter - begin &&
         value_equal(from.items[from.len - 1 - end], to.items[to.len - 1 - end]))
    end++;
  uint64_t moves = (uint64_t)(from.len + to.len - 2 * shorter) * end;
  if (moves > PATCH_WORK_MAX - d->work)
    return false;
  d->work += moves;
  bool ok = true;
  for (uint32_t i = begin; ok && i < shorter - end; i++) {
    size_t len = d->path.len;
    pointer_add_index(&d->path, i);
    ok = diff_value(d, from.items[i], to.items[i], depth + 1);
    path_back(d, len);
  }
  for (uint32_t i = from.len; ok && i > shorter; i--)
    ok = emit_at_index(d, PATCH_REMOVE, i - 1 - end, VALUE_NONE);
  for (uint32_t i = shorter; ok && i < to.len; i++)
    ok = emit_at_index(d, PATCH_ADD, i - end, to.items[i - end]);
  return ok;
}

static bool share_a_key(struct value from, struct value to)
{
  for (uint32_t i = 0; i < from.len; i++)
    if (value_find(to, from.members[i].key) >= 0)
      return true;
  return from.len == 0 || to.len == 0;
}

static bool same_representation(struct value a, struct value b)
{
  return a.type == b.type && a.type >= VALUE_ARRAY && a.len == b.len && a.items == b.items;
}

/* Can the change be told by what is inside? Else the value is replaced whole. */
static bool can_descend(struct value from, struct value to, unsigned depth)
{
  if (from.type != to.type || depth >= DIFF_DEPTH_MAX)
    return false;
  if (from.type == VALUE_OBJECT)
    return has_string_keys(from) && has_string_keys(to) && share_a_key(from, to);
  return from.type == VALUE_ARRAY;
}

/* False if the changes do not fit under the caps: then whoever is above replaces more at once. */
static bool diff_value(struct differ *d, struct value from, struct value to, unsigned depth)
{
  if (same_representation(from, to))
    return true;
  if (!can_descend(from, to, depth))
    return value_equal(from, to) || emit(d, PATCH_REPLACE, to);
  uint32_t count = d->count;
  uint64_t work = d->work;
  bool ok = from.type == VALUE_OBJECT ? diff_objects(d, from, to, depth)
                                      : diff_arrays(d, from, to, depth);
  if (ok)
    return true;
  d->count = count;
  d->work = work;
  return emit(d, PATCH_REPLACE, to);
}

void patch_diff(struct arena *a, struct value from, struct value to, struct patch *ret_patch)
{
  struct differ d = {.a = a};
  buf_init(&d.path, POINTER_LENGTH_MAX);
  if (from.type != VALUE_ABSENT && to.type != VALUE_ABSENT)
    diff_value(&d, from, to, 0);
  buf_free(&d.path);
  *ret_patch = (struct patch){d.operations, d.count};
}
