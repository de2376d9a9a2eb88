#include "data/value.h"

#include "base/hash.h"
#include "base/mem.h"
#include "data/compare.h"

/*
 * What a container carries beside its children lies in front of them:
 *
 *     [index slots] [positions] [struct beside] [children ...]
 *                                               ^ .items or .members
 */
struct beside {
  const struct value_position *positions; /* NULL: none */
  uint32_t *index;                        /* member number + 1; 0: empty */
  uint32_t index_mask;
  uint32_t unused;
};

static const struct beside *beside_before(const void *children)
{
  return (const struct beside *)children - 1;
}

static const struct beside *beside_of(struct value v)
{
  return beside_before(v.items);
}

static bool key_equal(struct value a, struct value b)
{
  if (a.symbol && b.symbol)
    return a.symbol == b.symbol;
  return a.type == VALUE_STRING && str_eq(value_str(a), value_str(b));
}

static uint32_t key_hash(struct value key)
{
  return (uint32_t)hash_bytes(value_str(key));
}

static int64_t find_indexed(const struct value_member *members, const uint32_t *index,
                            uint32_t mask, struct value key)
{
  for (uint32_t at = key_hash(key) & mask;; at = (at + 1) & mask) {
    uint32_t number = index[at];
    if (number == 0)
      return -1;
    if (key_equal(members[number - 1].key, key))
      return number - 1;
  }
}

static int64_t find_linear(const struct value_member *members, uint32_t count, struct value key)
{
  for (uint32_t i = 0; i < count; i++)
    if (key_equal(members[i].key, key))
      return i;
  return -1;
}

int64_t value_find(struct value object, struct value key)
{
  if (object.type != VALUE_OBJECT || key.type != VALUE_STRING)
    return -1;
  if (object.flags & VALUE_INDEXED) {
    const struct beside *beside = beside_of(object);
    return find_indexed(object.members, beside->index, beside->index_mask, key);
  }
  return find_linear(object.members, object.len, key);
}

/* Strings have the same hash in value_hash and key_hash, so that one index serves both look-ups. */
static int64_t find_indexed_any(const struct value_member *members, const uint32_t *index,
                                uint32_t mask, struct value key, uint32_t *ret_free)
{
  uint32_t at = (uint32_t)value_hash(key) & mask;
  for (; index[at]; at = (at + 1) & mask)
    if (value_equal(members[index[at] - 1].key, key))
      return index[at] - 1;
  if (ret_free)
    *ret_free = at;
  return -1;
}

static int64_t find_linear_any(const struct value_member *members, uint32_t count, struct value key)
{
  for (uint32_t i = 0; i < count; i++)
    if (value_equal(members[i].key, key))
      return i;
  return -1;
}

int64_t value_find_any(struct value object, struct value key)
{
  if (key.type == VALUE_STRING)
    return value_find(object, key);
  if (object.type != VALUE_OBJECT)
    return -1;
  if (object.flags & VALUE_INDEXED) {
    const struct beside *beside = beside_of(object);
    return find_indexed_any(object.members, beside->index, beside->index_mask, key, NULL);
  }
  return find_linear_any(object.members, object.len, key);
}

struct value value_get_slow(struct value object, struct value key)
{
  int64_t i = value_find(object, key);
  return i < 0 ? VALUE_NONE : object.members[i].value;
}

/* Copies a few words: children of containers are few as a rule, and a call of memcpy costs more than
 * they do. */
static inline void copy_words(void *to, const void *from, size_t size)
{
  char *out = to;
  const char *in = from;
  for (size_t at = 0; at < size; at += 16)
    memcpy(out + at, in + at, 16);
}

/* Room for count children of a size, with what is wanted in front of them. */
static void *make_children(struct arena *a, size_t count, size_t child_size,
                           const struct value_position *positions, size_t position_count,
                           uint32_t *index, uint32_t index_mask)
{
  if (!positions && !index)
    return arena_alloc_array(a, count, child_size);
  const struct value_position *kept = NULL;
  if (positions) {
    struct value_position *copy = arena_array(a, struct value_position, position_count);
    if (position_count)
      memcpy(copy, positions, position_count * sizeof *copy);
    kept = copy;
  }
  struct beside *beside = arena_alloc(a, sizeof *beside + count * child_size);
  *beside = (struct beside){.positions = kept, .index = index, .index_mask = index_mask};
  return beside + 1;
}

struct value value_array_make(struct arena *a, const struct value *items,
                              const struct value_position *positions, uint32_t count)
{
  struct value *copy =
      make_children(a, count, sizeof *copy, positions, positions ? count : 0, NULL, 0);
  copy_words(copy, items, count * sizeof *copy);
  return (struct value){
      .type = VALUE_ARRAY, .flags = positions ? VALUE_POSITIONS : 0, .len = count, .items = copy};
}

static uint32_t index_mask_for(uint32_t count)
{
  uint32_t size = 32;
  while (size < count * 2)
    size *= 2;
  return size - 1;
}

/* An object that is being made: members without repetition so far. */
struct object_build {
  struct value_member *members;
  struct value_position *positions; /* NULL: none */
  uint32_t *index;                  /* NULL: none */
  uint32_t index_mask;
  uint32_t count;
  bool any; /* keys are not strings alone */
};

static void put_positions(struct object_build *o, uint32_t i, const struct value_position *position)
{
  if (o->positions) {
    o->positions[2 * (size_t)i] = position[0];
    o->positions[2 * (size_t)i + 1] = position[1];
  }
}

/* The member under a key, or -1 with the key entered in the index, if there is one, as the next
 * member's. */
static int64_t find_or_enter_any(struct object_build *o, struct value key)
{
  if (!o->index)
    return find_linear_any(o->members, o->count, key);
  uint32_t at = 0;
  int64_t found = find_indexed_any(o->members, o->index, o->index_mask, key, &at);
  if (found < 0)
    o->index[at] = o->count + 1;
  return found;
}

static int64_t find_or_enter(struct object_build *o, struct value key)
{
  if (o->any)
    return find_or_enter_any(o, key);
  if (!o->index)
    return find_linear(o->members, o->count, key);
  uint32_t at = key_hash(key) & o->index_mask;
  for (; o->index[at]; at = (at + 1) & o->index_mask)
    if (key_equal(o->members[o->index[at] - 1].key, key))
      return o->index[at] - 1;
  o->index[at] = o->count + 1;
  return -1;
}

/* Takes members over one by one. The first place of a repeated key is kept; later values move into
 * it. Returns the first repetition, or UINT32_MAX. */
static uint32_t put_members(struct object_build *o, const struct value_member *members,
                            const struct value_position *positions, uint32_t count,
                            enum value_duplicates duplicates)
{
  uint32_t first_duplicate = UINT32_MAX;
  for (uint32_t i = 0; i < count; i++) {
    const struct value_position *position = positions ? &positions[2 * (size_t)i] : NULL;
    int64_t earlier = find_or_enter(o, members[i].key);
    if (earlier < 0) {
      put_positions(o, o->count, position);
      o->members[o->count++] = members[i];
      continue;
    }
    if (first_duplicate == UINT32_MAX)
      first_duplicate = i;
    if (duplicates == VALUE_REFUSE)
      break;
    o->members[earlier].value = members[i].value;
    put_positions(o, (uint32_t)earlier, position);
  }
  return first_duplicate;
}

/* One of 64 bits for a key, the same for equal texts. Cheap: most keys of an object differ in it. */
static uint64_t key_bit(struct value key)
{
  if (key.len == 0)
    return 1;
  uint32_t mixed = (unsigned char)key.text[0] |
                   (uint32_t)(unsigned char)key.text[key.len - 1] << 8 |
                   (uint32_t)(unsigned char)key.text[key.len / 2] << 16 | key.len << 24;
  return 1ULL << (mixed * 0x9e3779b1U >> 26);
}

/* The members differ in their keys. They are looked for among the earlier ones only where a key's
 * bit has been seen. */
static bool are_distinct(const struct value_member *members, uint32_t count)
{
  uint64_t seen = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint64_t bit = key_bit(members[i].key);
    if (seen & bit && find_linear(members, i, members[i].key) >= 0)
      return false;
    seen |= bit;
  }
  return true;
}

static inline __attribute__((always_inline)) bool make_object(
    struct arena *a, const struct value_member *members, const struct value_position *positions,
    uint32_t count, enum value_duplicates duplicates, bool any, uint32_t *ret_duplicate,
    struct value *ret_object)
{
  struct object_build o = {.any = any};
  bool is_small = count < VALUE_INDEX_FROM;
  if (!is_small) {
    o.index_mask = index_mask_for(count);
    o.index = arena_zalloc(a, (size_t)o.index_mask + 1, sizeof *o.index);
  }
  o.members =
      make_children(a, count, sizeof *members, positions, (size_t)2 * count, o.index, o.index_mask);
  uint32_t first_duplicate = UINT32_MAX;
  if (is_small && !any && are_distinct(members, count)) {
    copy_words(o.members, members, count * sizeof *members);
    o.count = count;
  } else {
    if (positions)
      o.positions = (struct value_position *)beside_before(o.members)->positions;
    first_duplicate = put_members(&o, members, positions, count, duplicates);
  }
  if (ret_duplicate)
    *ret_duplicate = first_duplicate;
  if (first_duplicate != UINT32_MAX && duplicates == VALUE_REFUSE)
    return false;
  *ret_object = (struct value){
      .type = VALUE_OBJECT,
      .flags = (uint8_t)((positions ? VALUE_POSITIONS : 0) | (o.index ? VALUE_INDEXED : 0)),
      .len = o.count,
      .members = o.members};
  return true;
}

bool value_object_make(struct arena *a, const struct value_member *members,
                       const struct value_position *positions, uint32_t count,
                       enum value_duplicates duplicates, uint32_t *ret_duplicate,
                       struct value *ret_object)
{
  return make_object(a, members, positions, count, duplicates, false, ret_duplicate, ret_object);
}

bool value_object_make_any(struct arena *a, const struct value_member *members,
                           const struct value_position *positions, uint32_t count,
                           enum value_duplicates duplicates, uint32_t *ret_duplicate,
                           struct value *ret_object)
{
  bool any = false;
  for (uint32_t i = 0; i < count && !any; i++)
    any = members[i].key.type != VALUE_STRING;
  if (!any)
    return value_object_make(a, members, positions, count, duplicates, ret_duplicate, ret_object);
  return make_object(a, members, positions, count, duplicates, true, ret_duplicate, ret_object);
}

struct value_position value_key_position(struct value object, uint32_t i)
{
  if (object.type != VALUE_OBJECT || !(object.flags & VALUE_POSITIONS) || i >= object.len)
    return (struct value_position){0};
  return beside_of(object)->positions[2 * (size_t)i];
}

struct value_position value_position(struct value container, uint32_t i)
{
  if (container.type < VALUE_ARRAY || !(container.flags & VALUE_POSITIONS) || i >= container.len)
    return (struct value_position){0};
  const struct value_position *positions = beside_of(container)->positions;
  return container.type == VALUE_OBJECT ? positions[2 * (size_t)i + 1] : positions[i];
}

struct value value_object_with(struct arena *a, struct value object, struct value key,
                               struct value value)
{
  uint32_t count = object.type == VALUE_OBJECT ? object.len : 0;
  int64_t at = value_find_any(object, key);
  bool keeps_positions = count && (object.flags & VALUE_POSITIONS);
  struct value_member *members = mem_zalloc(count + 1, sizeof *members);
  struct value_position *positions =
      keeps_positions ? mem_zalloc(2 * ((size_t)count + 1), sizeof *positions) : NULL;
  uint32_t used = 0;
  for (uint32_t i = 0; i < count; i++) {
    bool hit = i == at;
    if (hit && value.type == VALUE_ABSENT)
      continue;
    members[used] = object.members[i];
    if (hit)
      members[used].value = value;
    if (positions) {
      positions[2 * (size_t)used] = value_key_position(object, i);
      positions[2 * (size_t)used + 1] = value_position(object, i);
    }
    used++;
  }
  if (at < 0 && value.type != VALUE_ABSENT)
    members[used++] = (struct value_member){key, value};
  struct value made = VALUE_NONE;
  value_object_make_any(a, members, positions, used, VALUE_LAST_WINS, NULL, &made);
  mem_free(members);
  mem_free(positions);
  return made;
}

/* The array with `removed` elements at i taken out and `added` (0 or 1) put there. */
static struct value array_splice(struct arena *a, struct value array, uint32_t i, uint32_t removed,
                                 uint32_t added, struct value value)
{
  uint32_t count = array.len - removed + added;
  bool keeps_positions = array.flags & VALUE_POSITIONS;
  struct value *items = mem_zalloc(count, sizeof *items);
  struct value_position *positions = keeps_positions ? mem_zalloc(count, sizeof *positions) : NULL;
  for (uint32_t to = 0; to < count; to++) {
    bool is_added = added && to == i;
    uint32_t from = to < i ? to : to - added + removed;
    items[to] = is_added ? value : array.items[from];
    if (!positions)
      continue;
    if (!is_added)
      positions[to] = value_position(array, from);
    else if (removed)
      positions[to] = value_position(array, i);
  }
  struct value made = value_array_make(a, items, positions, count);
  mem_free(items);
  mem_free(positions);
  return made;
}

struct value value_array_insert(struct arena *a, struct value array, uint32_t i, struct value value)
{
  return array_splice(a, array, i, 0, 1, value);
}

struct value value_array_with(struct arena *a, struct value array, uint32_t i, struct value value)
{
  return array_splice(a, array, i, 1, value.type != VALUE_ABSENT, value);
}

const char *value_type_name(struct value v)
{
  static const char *const names[] = {"nothing", "null",  "boolean", "number",
                                      "string",  "array", "object",  "set"};
  return names[v.type <= VALUE_SET ? v.type : 0];
}
