#include "lang/vm/collect.h"

#include "data/compare.h"
#include "lang/vm/vm.h"

#include <string.h>

enum {
  FIRST_ROOM = 8,
  LINEAR_MAX = 12,  /* members of an object that are compared one by one */
  INNER_TYPE = 255, /* a value that is a collection of its own */
};

struct vm_collection {
  unsigned kind;
  bool nested; /* has values that are collections */
  uint32_t count, room;
  union {
    struct value *items;
    struct value_member *members;
  };
  uint32_t *index; /* of objects: by hash, number of the member + 1; NULL: linear */
  uint32_t index_mask;
};

struct vm_collection *vm_collect_new(struct arena *a, unsigned kind)
{
  struct vm_collection *c = arena_new(a, struct vm_collection);
  c->kind = kind;
  return c;
}

static void grow(struct arena *a, struct vm_collection *c)
{
  size_t size = c->kind == VM_COLLECT_OBJECT ? sizeof *c->members : sizeof *c->items;
  uint32_t room = c->room ? c->room * 2 : FIRST_ROOM;
  void *larger = arena_alloc_array(a, room, size);
  if (c->count)
    memcpy(larger, c->items, c->count * size);
  c->items = larger;
  c->room = room;
}

void vm_collect_add(struct arena *a, struct vm_collection *c, struct value item)
{
  if (c->count == c->room)
    grow(a, c);
  c->items[c->count++] = item;
}

static void index_put(struct vm_collection *c, uint32_t number)
{
  uint64_t hash = value_hash(c->members[number].key);
  uint32_t at = (uint32_t)hash & c->index_mask;
  while (c->index[at])
    at = (at + 1) & c->index_mask;
  c->index[at] = number + 1;
}

static void index_make(struct arena *a, struct vm_collection *c)
{
  uint32_t size = c->index ? (c->index_mask + 1) * 2 : LINEAR_MAX * 4;
  while (size & (size - 1))
    size += size & -size;
  c->index = arena_zalloc(a, size, sizeof *c->index);
  c->index_mask = size - 1;
  for (uint32_t i = 0; i < c->count; i++)
    index_put(c, i);
}

static struct value *find(const struct vm_collection *c, struct value key)
{
  if (!c->index) {
    for (uint32_t i = 0; i < c->count; i++)
      if (value_equal(c->members[i].key, key))
        return &c->members[i].value;
    return NULL;
  }
  for (uint32_t at = (uint32_t)value_hash(key) & c->index_mask; c->index[at];
       at = (at + 1) & c->index_mask)
    if (value_equal(c->members[c->index[at] - 1].key, key))
      return &c->members[c->index[at] - 1].value;
  return NULL;
}

static void append(struct arena *a, struct vm_collection *c, struct value key, struct value value)
{
  if (c->count == c->room)
    grow(a, c);
  c->members[c->count++] = (struct value_member){key, value};
  if (!c->index && c->count <= LINEAR_MAX)
    return;
  if (!c->index || c->count > c->index_mask / 2)
    index_make(a, c);
  else
    index_put(c, c->count - 1);
}

bool vm_collect_put(struct arena *a, struct vm_collection *c, struct value key, struct value value)
{
  struct value *there = find(c, key);
  if (there)
    return there->type != INNER_TYPE && value_equal(*there, value);
  append(a, c, key, value);
  return true;
}

static struct vm_collection *inner(struct value v)
{
  return (struct vm_collection *)(uintptr_t)v.text;
}

/* The collection of a kind below a key, made if there is none; NULL if something else is there. */
static struct vm_collection *descend(struct arena *a, struct vm_collection *c, struct value key,
                                     unsigned kind)
{
  struct value *there = find(c, key);
  if (there)
    return there->type == INNER_TYPE && inner(*there)->kind == kind ? inner(*there) : NULL;
  struct vm_collection *below = vm_collect_new(a, kind);
  c->nested = true;
  append(a, c, key, (struct value){.type = INNER_TYPE, .text = (const char *)below});
  return below;
}

bool vm_collect_put_deep(struct arena *a, struct vm_collection *c, const struct value *keys,
                         uint32_t count, struct value value, enum vm_leaf leaf)
{
  for (uint32_t i = 0; i + 1 < count; i++) {
    c = descend(a, c, keys[i], VM_COLLECT_OBJECT);
    if (!c)
      return false;
  }
  if (leaf == VM_LEAF_VALUE)
    return vm_collect_put(a, c, keys[count - 1], value);
  c = descend(a, c, keys[count - 1],
              leaf == VM_LEAF_SET_ELEMENT ? VM_COLLECT_SET : VM_COLLECT_ARRAY);
  if (!c)
    return false;
  vm_collect_add(a, c, value);
  return true;
}

static struct value finish_object(struct arena *a, struct vm_collection *c)
{
  struct value object;
  for (uint32_t i = 0; c->nested && i < c->count; i++)
    if (c->members[i].value.type == INNER_TYPE)
      c->members[i].value = vm_collect_finish(a, inner(c->members[i].value));
  if (c->count < VALUE_INDEX_FROM)
    return (struct value){.type = VALUE_OBJECT, .len = c->count, .members = c->members};
  value_object_make_any(a, c->members, NULL, c->count, VALUE_LAST_WINS, NULL, &object);
  return object;
}

struct value vm_collect_finish(struct arena *a, struct vm_collection *c)
{
  switch (c->kind) {
  case VM_COLLECT_ARRAY:
    return (struct value){.type = VALUE_ARRAY, .len = c->count, .items = c->items};
  case VM_COLLECT_SET:
    if (c->count < 2)
      return (struct value){.type = VALUE_SET, .len = c->count, .items = c->items};
    return value_set_make(a, c->items, c->count);
  default:
    return finish_object(a, c);
  }
}

uint32_t vm_collect_count(const struct vm_collection *c)
{
  return c->count;
}

/* ---- merging */

struct merging {
  struct arena *arena;
  bool strict, conflict;
};

static struct value unite_sets(struct arena *a, struct value x, struct value y)
{
  struct value *items = arena_array(a, struct value, (size_t)x.len + y.len + 1);
  if (x.len)
    memcpy(items, x.items, x.len * sizeof *items);
  if (y.len)
    memcpy(items + x.len, y.items, y.len * sizeof *items);
  return value_set_make(a, items, x.len + y.len);
}

static struct value merge_leaves(struct merging *m, struct value base, struct value over)
{
  if (!m->strict)
    return over;
  if (base.type == VALUE_SET && over.type == VALUE_SET)
    return unite_sets(m->arena, base, over);
  m->conflict |= !value_equal(base, over);
  return over;
}

static struct value merge_at(struct merging *m, struct value base, struct value over,
                             uint32_t depth)
{
  if (base.type == VALUE_ABSENT)
    return over;
  if (over.type == VALUE_ABSENT)
    return base;
  if (base.type != VALUE_OBJECT || over.type != VALUE_OBJECT || depth == 0)
    return merge_leaves(m, base, over);
  if (base.len == 0 || over.len == 0)
    return base.len ? base : over;
  struct value_member *members =
      arena_array(m->arena, struct value_member, (size_t)base.len + over.len);
  uint32_t count = base.len;
  memcpy(members, base.members, base.len * sizeof *members);
  for (uint32_t i = 0; i < over.len; i++) {
    int64_t at = value_find_any(base, over.members[i].key);
    if (at < 0)
      members[count++] = over.members[i];
    else
      members[at].value = merge_at(m, base.members[at].value, over.members[i].value, depth - 1);
  }
  struct value merged;
  value_object_make_any(m->arena, members, NULL, count, VALUE_LAST_WINS, NULL, &merged);
  return merged;
}

static uint32_t depth_of(uint32_t depth)
{
  return depth < VM_MERGE_DEPTH ? depth : VM_MERGE_DEPTH;
}

struct value vm_merge(struct arena *a, struct value base, struct value over, uint32_t depth)
{
  struct merging m = {.arena = a};
  return merge_at(&m, base, over, depth_of(depth));
}

bool vm_unite(struct arena *a, struct value x, struct value y, uint32_t depth, struct value *ret)
{
  struct merging m = {.arena = a, .strict = true};
  struct value made = merge_at(&m, x, y, depth_of(depth));
  if (m.conflict)
    return false;
  *ret = made;
  return true;
}

struct value vm_set_path(struct arena *a, struct value root, const struct value *keys,
                         uint32_t count, struct value value)
{
  struct value made = value;
  /* From the inside out; each level looks its own way up from the root, paths being short. */
  for (uint32_t depth = count; depth-- > 0;) {
    struct value at = root;
    for (uint32_t i = 0; i < depth && at.type != VALUE_ABSENT; i++)
      at = value_get_any(at.type == VALUE_OBJECT ? at : VALUE_NONE, keys[i]);
    if (at.type != VALUE_OBJECT)
      at = (struct value){.type = VALUE_OBJECT};
    int64_t found = value_find_any(at, keys[depth]);
    uint32_t room = at.len + (found < 0);
    struct value_member *members = arena_array(a, struct value_member, room);
    if (at.len)
      memcpy(members, at.members, at.len * sizeof *members);
    members[found < 0 ? at.len : (uint32_t)found] = (struct value_member){keys[depth], made};
    value_object_make_any(a, members, NULL, room, VALUE_LAST_WINS, NULL, &made);
  }
  return made;
}
