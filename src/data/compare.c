#include "data/compare.h"

#include "base/hash.h"
#include "base/mem.h"
#include "data/number.h"

/*
 * Every walk keeps the containers that it is inside of on a stack of its own, which begins in the C
 * frame and moves to the heap when trees are deep.
 */
enum { INLINE_FRAMES = 12, INLINE_ORDER = 96 };

/* Twice the room. `first` is the array in the C frame, where items may still be. */
static void *double_room(void *items, const void *first, size_t *room, size_t size)
{
  void *grown = mem_resize(items == first ? NULL : items, *room * 2, size);
  if (items == first)
    memcpy(grown, first, *room * size);
  *room *= 2;
  return grown;
}

static bool is_container(struct value v)
{
  return v.type >= VALUE_ARRAY;
}

static int order_of(int64_t a, int64_t b)
{
  return (a > b) - (a < b);
}

/* ---- sorting */

typedef int compare_indices(const void *context, uint32_t a, uint32_t b);

enum { SHORT_RUN = 12, INLINE_SORT = 128 /* items that are sorted without the heap */ };

static void sort_run(uint32_t *order, uint32_t count, compare_indices *compare, const void *context)
{
  for (uint32_t i = 1; i < count; i++) {
    uint32_t moved = order[i], at = i;
    for (; at > 0 && compare(context, order[at - 1], moved) > 0; at--)
      order[at] = order[at - 1];
    order[at] = moved;
  }
}

static void merge_runs(const uint32_t *from, uint32_t middle, uint32_t count, uint32_t *to,
                       compare_indices *compare, const void *context)
{
  uint32_t left = 0, right = middle;
  for (uint32_t i = 0; i < count; i++) {
    bool take_left = left < middle &&
                     (right >= count || compare(context, from[left], from[right]) <= 0);
    to[i] = take_left ? from[left++] : from[right++];
  }
}

/* Stable: short runs by insertion, then merged bottom up, to and fro between two arrays. */
static void sort_indices(uint32_t *order, uint32_t count, compare_indices *compare,
                         const void *context)
{
  for (uint32_t i = 0; i < count; i++)
    order[i] = i;
  if (count <= SHORT_RUN) {
    sort_run(order, count, compare, context);
    return;
  }
  for (uint32_t i = 0; i < count; i += SHORT_RUN)
    sort_run(order + i, count - i < SHORT_RUN ? count - i : SHORT_RUN, compare, context);
  uint32_t few[INLINE_SORT];
  _cleanup_(mem_freep) uint32_t *many = count > INLINE_SORT ? mem_zalloc(count, sizeof *many)
                                                            : NULL;
  uint32_t *from = order, *to = many ? many : few;
  for (uint64_t run = SHORT_RUN; run < count; run *= 2) {
    for (uint64_t i = 0; i < count; i += 2 * run) {
      uint64_t left = count - i;
      merge_runs(from + i, (uint32_t)(left < run ? left : run),
                 (uint32_t)(left < 2 * run ? left : 2 * run), to + i, compare, context);
    }
    uint32_t *merged = to;
    to = from;
    from = merged;
  }
  if (from != order)
    memcpy(order, from, count * sizeof *order);
}

static int compare_items(const void *context, uint32_t a, uint32_t b)
{
  const struct value *items = context;
  return value_compare(items[a], items[b]);
}

static int compare_keys(const void *context, uint32_t a, uint32_t b)
{
  const struct value_member *members = context;
  return value_compare(members[a].key, members[b].key);
}

void value_sort_keys(struct value object, uint32_t *order)
{
  if (object.type == VALUE_OBJECT)
    sort_indices(order, object.len, compare_keys, object.members);
}

void value_sort(struct value *items, uint32_t count)
{
  uint32_t sorted = 1;
  while (sorted < count && value_compare(items[sorted - 1], items[sorted]) <= 0)
    sorted++;
  if (sorted >= count)
    return;
  uint32_t few_order[INLINE_SORT], *order = few_order;
  struct value few[INLINE_SORT], *copy = few;
  _cleanup_(mem_freep) uint32_t *many_order = NULL;
  _cleanup_(mem_freep) struct value *many = NULL;
  if (count > INLINE_SORT) {
    order = many_order = mem_zalloc(count, sizeof *order);
    copy = many = mem_zalloc(count, sizeof *copy);
  }
  memcpy(copy, items, count * sizeof *copy);
  sort_indices(order, count, compare_items, copy);
  for (uint32_t i = 0; i < count; i++)
    items[i] = copy[order[i]];
}

/* ---- order */

/* Two values of which not both are containers of one type. */
static int compare_flat(struct value a, struct value b)
{
  if (a.type != b.type)
    return a.type < b.type ? -1 : 1;
  switch (a.type) {
  case VALUE_BOOL:
    return order_of(a.boolean, b.boolean);
  case VALUE_NUMBER:
    return number_compare(a, b);
  case VALUE_STRING:
    return str_compare(value_str(a), value_str(b));
  default:
    return 0;
  }
}

static bool is_same_container(struct value a, struct value b)
{
  return a.items == b.items && a.len == b.len;
}

/* Two containers of one type that are being compared. The orders of objects' keys are at
 * orders[order .. order + a.len + b.len). */
struct order_frame {
  struct value a, b;
  uint32_t at, shared;
  size_t order;
};

struct order_walk {
  struct order_frame *frames;
  size_t depth, room;
  uint32_t *orders;
  size_t orders_used, orders_room;
  struct order_frame first_frames[INLINE_FRAMES];
  uint32_t first_orders[INLINE_ORDER];
};

static void enter_pair(struct order_walk *w, struct value a, struct value b)
{
  if (w->depth == w->room)
    w->frames = double_room(w->frames, w->first_frames, &w->room, sizeof *w->frames);
  struct order_frame *f = &w->frames[w->depth++];
  *f = (struct order_frame){.a = a, .b = b, .order = w->orders_used};
  f->shared = a.len < b.len ? a.len : b.len;
  if (a.type != VALUE_OBJECT)
    return;
  while (w->orders_room - w->orders_used < (size_t)a.len + b.len)
    w->orders = double_room(w->orders, w->first_orders, &w->orders_room, sizeof *w->orders);
  value_sort_keys(a, w->orders + f->order);
  value_sort_keys(b, w->orders + f->order + a.len);
  w->orders_used += (size_t)a.len + b.len;
}

/* The next pair of children; for objects, the order of their keys if it is not 0. */
static int next_pair(struct order_walk *w, struct order_frame *f, struct value *ret_a,
                     struct value *ret_b)
{
  uint32_t i = f->at++;
  if (f->a.type != VALUE_OBJECT) {
    *ret_a = f->a.items[i];
    *ret_b = f->b.items[i];
    return 0;
  }
  const uint32_t *order = w->orders + f->order;
  const struct value_member *x = &f->a.members[order[i]], *y = &f->b.members[order[f->a.len + i]];
  *ret_a = x->value;
  *ret_b = y->value;
  return value_compare(x->key, y->key);
}

static int walk_order(struct order_walk *w)
{
  while (w->depth) {
    struct order_frame *f = &w->frames[w->depth - 1];
    if (f->at == f->shared) {
      int order = order_of(f->a.len, f->b.len);
      if (order)
        return order;
      w->orders_used = f->order;
      w->depth--;
      continue;
    }
    struct value a, b;
    int order = next_pair(w, f, &a, &b);
    if (order == 0 && is_container(a) && a.type == b.type) {
      if (!is_same_container(a, b))
        enter_pair(w, a, b);
      continue;
    }
    if (order == 0)
      order = compare_flat(a, b);
    if (order)
      return order;
  }
  return 0;
}

static __attribute__((noinline)) int compare_containers(struct value a, struct value b)
{
  struct order_walk w;
  w.frames = w.first_frames;
  w.orders = w.first_orders;
  w.depth = w.orders_used = 0;
  w.room = INLINE_FRAMES;
  w.orders_room = INLINE_ORDER;
  enter_pair(&w, a, b);
  int order = walk_order(&w);
  if (w.frames != w.first_frames)
    mem_free(w.frames);
  if (w.orders != w.first_orders)
    mem_free(w.orders);
  return order;
}

int value_compare(struct value a, struct value b)
{
  if (!is_container(a) || a.type != b.type)
    return compare_flat(a, b);
  return is_same_container(a, b) ? 0 : compare_containers(a, b);
}

/* ---- equality */

struct equal_frame {
  struct value a, b;
  uint32_t at;
};

struct equal_walk {
  struct equal_frame *frames;
  size_t depth, room;
  struct equal_frame first[INLINE_FRAMES];
};

static bool is_equal_flat(struct value a, struct value b)
{
  if (a.type == VALUE_STRING && b.type == VALUE_STRING)
    return str_eq(value_str(a), value_str(b));
  return compare_flat(a, b) == 0;
}

static bool has_only_string_keys(struct value object)
{
  for (uint32_t i = 0; i < object.len; i++)
    if (object.members[i].key.type != VALUE_STRING)
      return false;
  return true;
}

/* False if the pair differs at first sight; else it is entered if it has children to look at. */
static bool enter_equal(struct equal_walk *w, struct value a, struct value b)
{
  if (!is_container(a) || a.type != b.type)
    return is_equal_flat(a, b);
  if (a.len != b.len)
    return false;
  if (a.len == 0 || is_same_container(a, b))
    return true;
  if (a.type == VALUE_OBJECT && (!has_only_string_keys(a) || !has_only_string_keys(b)))
    return compare_containers(a, b) == 0;
  if (w->depth == w->room)
    w->frames = double_room(w->frames, w->first, &w->room, sizeof *w->frames);
  w->frames[w->depth++] = (struct equal_frame){.a = a, .b = b};
  return true;
}

/* Members mostly come in the same order: the same place is tried before a search. */
static bool equal_child(const struct equal_frame *f, uint32_t i, struct value *ret_a,
                        struct value *ret_b)
{
  if (f->a.type != VALUE_OBJECT) {
    *ret_a = f->a.items[i];
    *ret_b = f->b.items[i];
    return true;
  }
  const struct value_member *member = &f->a.members[i];
  int64_t at = i;
  if (!str_eq(value_str(member->key), value_str(f->b.members[i].key)))
    at = value_find(f->b, member->key);
  if (at < 0)
    return false;
  *ret_a = member->value;
  *ret_b = f->b.members[at].value;
  return true;
}

static bool walk_equal(struct equal_walk *w)
{
  while (w->depth) {
    struct equal_frame *f = &w->frames[w->depth - 1];
    if (f->at == f->a.len) {
      w->depth--;
      continue;
    }
    struct value a, b;
    if (!equal_child(f, f->at++, &a, &b) || !enter_equal(w, a, b))
      return false;
  }
  return true;
}

bool value_equal(struct value a, struct value b)
{
  if (!is_container(a) || a.type != b.type)
    return is_equal_flat(a, b);
  struct equal_walk w;
  w.frames = w.first;
  w.depth = 0;
  w.room = INLINE_FRAMES;
  bool is_equal = enter_equal(&w, a, b) && walk_equal(&w);
  if (w.frames != w.first)
    mem_free(w.frames);
  return is_equal;
}

/* ---- hash */

/* A container whose children are being hashed; an object's are key, value, key, value ... */
struct hash_frame {
  struct value v;
  uint64_t at;
  uint64_t sum;
  uint64_t key;
};

struct hash_walk {
  struct hash_frame *frames;
  size_t depth, room;
  struct hash_frame first[INLINE_FRAMES];
};

static const uint64_t FLAT_HASH = 0x666c6174; /* sets these apart from hashes of texts */

static uint64_t hash_flat(struct value v)
{
  switch (v.type) {
  case VALUE_BOOL:
    return hash_mix(FLAT_HASH, VALUE_BOOL | (uint64_t)v.boolean << 8);
  case VALUE_NUMBER:
    return number_hash(v);
  case VALUE_STRING:
    return hash_bytes(value_str(v));
  default:
    return hash_mix(FLAT_HASH, v.type);
  }
}

static uint64_t child_count(struct value v)
{
  return v.type == VALUE_OBJECT ? 2 * (uint64_t)v.len : v.len;
}

static struct value child_at(struct value v, uint64_t i)
{
  if (v.type != VALUE_OBJECT)
    return v.items[i];
  const struct value_member *member = &v.members[i / 2];
  return i % 2 ? member->value : member->key;
}

/* The order of members must not matter: their hashes are added up. */
static void take_child(struct hash_frame *f, uint64_t hash)
{
  uint64_t i = f->at++;
  if (f->v.type != VALUE_OBJECT)
    f->sum = hash_mix(f->sum, hash);
  else if (i % 2 == 0)
    f->key = hash;
  else
    f->sum += hash_mix(f->key, hash);
}

static uint64_t finish_hash(const struct hash_frame *f)
{
  return hash_mix(f->sum, (uint64_t)f->v.type << 32 | f->v.len);
}

static void enter_hash(struct hash_walk *w, struct value v)
{
  if (w->depth == w->room)
    w->frames = double_room(w->frames, w->first, &w->room, sizeof *w->frames);
  w->frames[w->depth++] = (struct hash_frame){.v = v};
}

static uint64_t walk_hash(struct hash_walk *w)
{
  for (;;) {
    struct hash_frame *f = &w->frames[w->depth - 1];
    if (f->at < child_count(f->v)) {
      struct value child = child_at(f->v, f->at);
      if (is_container(child))
        enter_hash(w, child);
      else
        take_child(f, hash_flat(child));
      continue;
    }
    uint64_t hash = finish_hash(f);
    if (--w->depth == 0)
      return hash;
    take_child(&w->frames[w->depth - 1], hash);
  }
}

uint64_t value_hash(struct value v)
{
  if (!is_container(v))
    return hash_flat(v);
  struct hash_walk w;
  w.frames = w.first;
  w.depth = 0;
  w.room = INLINE_FRAMES;
  enter_hash(&w, v);
  uint64_t hash = walk_hash(&w);
  if (w.frames != w.first)
    mem_free(w.frames);
  return hash;
}

/* ---- sets */

struct value value_set_make(struct arena *a, const struct value *items, uint32_t count)
{
  struct value *sorted = arena_array(a, struct value, count);
  if (count)
    memcpy(sorted, items, count * sizeof *sorted);
  value_sort(sorted, count);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < count; i++)
    if (kept == 0 || !value_equal(sorted[kept - 1], sorted[i]))
      sorted[kept++] = sorted[i];
  return (struct value){.type = VALUE_SET, .len = kept, .items = sorted};
}

bool value_set_has(struct value set, struct value item)
{
  if (set.type != VALUE_SET)
    return false;
  uint32_t low = 0, high = set.len;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    int order = value_compare(set.items[middle], item);
    if (order == 0)
      return true;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return false;
}
