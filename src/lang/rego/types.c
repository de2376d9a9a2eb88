#include "lang/rego/types.h"

#include "base/mem.h"
#include "data/compare.h"
#include "data/number.h"
#include "lang/rego/ast_print.h"

#include <stdlib.h>
#include <string.h>

const struct rego_type rego_type_null = {.kind = REGO_TYPE_NULL, .depth = 1};
const struct rego_type rego_type_boolean = {.kind = REGO_TYPE_BOOLEAN, .depth = 1};
const struct rego_type rego_type_number = {.kind = REGO_TYPE_NUMBER, .depth = 1};
const struct rego_type rego_type_string = {.kind = REGO_TYPE_STRING, .depth = 1};
const struct rego_type rego_type_any = {.kind = REGO_TYPE_ANY, .depth = 1};

void rego_types_start(struct rego_types *types, struct arena *a)
{
  *types = (struct rego_types){.arena = a};
}

bool rego_types_spend(struct rego_types *types, uint64_t steps)
{
  if (!types->over && (steps > REGO_TYPE_STEPS_MAX - types->steps || arena_over(types->arena)))
    types->over = true;
  if (!types->over)
    types->steps += steps;
  return !types->over;
}

/* ---- making types */

static void note_part(struct rego_type *type, const struct rego_type *part)
{
  if (!part) {
    type->unknown = true;
    return;
  }
  type->unknown = type->unknown || part->unknown;
  if (part->depth >= type->depth)
    type->depth = (uint16_t)(part->depth + 1);
}

static const struct rego_type *make(struct rego_types *types, struct rego_type type)
{
  if (type.depth > REGO_TYPE_DEPTH_MAX || types->over)
    return &rego_type_any;
  struct rego_type *made = arena_new(types->arena, struct rego_type);
  *made = type;
  return made;
}

static void copy_items(struct rego_types *types, struct rego_type *type,
                       const struct rego_type *const *items, uint32_t count)
{
  const struct rego_type **copy = arena_array(types->arena, const struct rego_type *, count);
  for (uint32_t i = 0; i < count; i++) {
    copy[i] = items[i];
    note_part(type, items[i]);
  }
  type->items = copy;
  type->count = count;
}

static const struct rego_type *union_of(struct rego_types *types,
                                        const struct rego_type *const *items, uint32_t count)
{
  const struct rego_type *all = NULL;
  for (uint32_t i = 0; i < count; i++)
    all = rego_type_or(types, all, items[i]);
  return all;
}

static const struct rego_type *known(const struct rego_type *type)
{
  return type ? type : &rego_type_any;
}

const struct rego_type *rego_type_array(struct rego_types *types,
                                        const struct rego_type *const *items, uint32_t count,
                                        const struct rego_type *rest)
{
  struct rego_type type = {.kind = REGO_TYPE_ARRAY, .depth = 1};
  if (!rego_types_spend(types, count + 1))
    return &rego_type_any;
  if (count > REGO_TYPE_ITEMS_MAX) {
    rest = known(rego_type_or(types, union_of(types, items, count), rest));
    count = 0;
  }
  copy_items(types, &type, items, count);
  if (rest)
    note_part(&type, rest);
  type.rest = rest;
  return make(types, type);
}

struct property {
  struct value key;
  const struct rego_type *value;
  uint32_t place;
};

static int compare_properties(const void *a, const void *b)
{
  const struct property *x = a, *y = b;
  int order = value_compare(x->key, y->key);
  return order ? order : (x->place > y->place) - (x->place < y->place);
}

/* The properties in order, the last of those with one key. */
static uint32_t sort_properties(struct property *properties, const struct value *keys,
                                const struct rego_type *const *values, uint32_t count)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < count; i++)
    properties[i] = (struct property){keys[i], values[i], i};
  if (count)
    qsort(properties, count, sizeof *properties, compare_properties);
  for (uint32_t i = 0; i < count; i++) {
    if (i + 1 < count && value_equal(properties[i].key, properties[i + 1].key))
      continue;
    properties[kept++] = properties[i];
  }
  return kept;
}

const struct rego_type *rego_type_object(struct rego_types *types, const struct value *keys,
                                         const struct rego_type *const *values, uint32_t count,
                                         const struct rego_type *key, const struct rego_type *rest)
{
  struct rego_type type = {.kind = REGO_TYPE_OBJECT, .depth = 1};
  if (!rego_types_spend(types, count + 1))
    return &rego_type_any;
  if (count > REGO_TYPE_ITEMS_MAX) {
    for (uint32_t i = 0; i < count; i++)
      key = rego_type_or(types, key, rego_type_of(keys[i]));
    rest = known(rego_type_or(types, rest, union_of(types, values, count)));
    count = 0;
  }
  struct property *properties = mem_zalloc(count, sizeof *properties);
  count = sort_properties(properties, keys, values, count);
  struct value *sorted = arena_array(types->arena, struct value, count);
  const struct rego_type **items = arena_array(types->arena, const struct rego_type *, count);
  for (uint32_t i = 0; i < count; i++) {
    sorted[i] = properties[i].key;
    items[i] = properties[i].value;
    note_part(&type, items[i]);
  }
  mem_free(properties);
  type.count = count;
  type.keys = sorted;
  type.items = items;
  if (key || rest) {
    note_part(&type, key);
    note_part(&type, rest);
    type.key = known(key);
    type.rest = known(rest);
  }
  return make(types, type);
}

const struct rego_type *rego_type_set(struct rego_types *types, const struct rego_type *element)
{
  struct rego_type type = {.kind = REGO_TYPE_SET, .depth = 1, .rest = element};
  if (!rego_types_spend(types, 1))
    return &rego_type_any;
  note_part(&type, element);
  return make(types, type);
}

const struct rego_type *rego_type_function(struct rego_types *types,
                                           const struct rego_type *const *args, uint32_t count,
                                           const struct rego_type *result)
{
  struct rego_type type = {.kind = REGO_TYPE_FUNCTION, .depth = 1, .rest = result};
  if (!rego_types_spend(types, count + 1))
    return &rego_type_any;
  copy_items(types, &type, args, count);
  if (result)
    note_part(&type, result);
  return make(types, type);
}

const struct rego_type *rego_type_of(struct value scalar)
{
  switch ((enum value_type)scalar.type) {
  case VALUE_NULL:
    return &rego_type_null;
  case VALUE_BOOL:
    return &rego_type_boolean;
  case VALUE_NUMBER:
    return &rego_type_number;
  case VALUE_STRING:
    return &rego_type_string;
  case VALUE_ABSENT:
  case VALUE_ARRAY:
  case VALUE_OBJECT:
  case VALUE_SET:
    break;
  }
  return &rego_type_any;
}

/* ---- unions */

/* Where a type is among the members, or would be. */
static bool find_member(struct rego_types *types, const struct rego_type *set,
                        const struct rego_type *type, uint32_t *ret_at)
{
  uint32_t low = 0, high = set->count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    int order = rego_type_compare(types, type, set->items[middle]);
    if (order == 0) {
      *ret_at = middle;
      return true;
    }
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  *ret_at = low;
  return false;
}

static const struct rego_type *finish_union(struct rego_types *types,
                                            const struct rego_type *const *items, uint32_t count)
{
  struct rego_type type = {.kind = REGO_TYPE_ANY, .depth = 1};
  if (count > REGO_TYPE_UNION_MAX || !rego_types_spend(types, count))
    return &rego_type_any;
  copy_items(types, &type, items, count);
  return make(types, type);
}

static const struct rego_type *with_member(struct rego_types *types, const struct rego_type *set,
                                           const struct rego_type *type)
{
  const struct rego_type *items[REGO_TYPE_UNION_MAX + 1];
  uint32_t at;
  if (set->count == 0 || find_member(types, set, type, &at))
    return set;
  for (uint32_t i = 0; i < set->count; i++)
    items[i + (i >= at)] = set->items[i];
  items[at] = type;
  return finish_union(types, items, set->count + 1);
}

static const struct rego_type *merged(struct rego_types *types, const struct rego_type *a,
                                      const struct rego_type *b)
{
  const struct rego_type *items[2 * REGO_TYPE_UNION_MAX];
  uint32_t i = 0, j = 0, count = 0;
  if (a->count == 0 || b->count == 0)
    return &rego_type_any;
  while (i < a->count || j < b->count) {
    int order = i == a->count   ? 1
                : j == b->count ? -1
                                : rego_type_compare(types, a->items[i], b->items[j]);
    items[count++] = order <= 0 ? a->items[i] : b->items[j];
    i += order <= 0;
    j += order >= 0;
  }
  return count == a->count ? a : finish_union(types, items, count);
}

static const struct rego_type *either_function(struct rego_types *types, const struct rego_type *a,
                                               const struct rego_type *b)
{
  if (a->kind != b->kind || a->count != b->count)
    return NULL;
  const struct rego_type **args = arena_array(types->arena, const struct rego_type *, a->count);
  for (uint32_t i = 0; i < a->count; i++)
    args[i] = rego_type_or(types, a->items[i], b->items[i]);
  return rego_type_function(types, args, a->count, rego_type_or(types, a->rest, b->rest));
}

const struct rego_type *rego_type_or(struct rego_types *types, const struct rego_type *a,
                                     const struct rego_type *b)
{
  if (!a || !b || a == b)
    return a ? a : b;
  if (!rego_types_spend(types, 1))
    return &rego_type_any;
  if (a->kind == REGO_TYPE_FUNCTION || b->kind == REGO_TYPE_FUNCTION)
    return either_function(types, a, b);
  if (a->kind == REGO_TYPE_ANY && b->kind == REGO_TYPE_ANY)
    return merged(types, a, b);
  if (a->kind == REGO_TYPE_ANY)
    return with_member(types, a, b);
  if (b->kind == REGO_TYPE_ANY)
    return with_member(types, b, a);
  int order = rego_type_compare(types, a, b);
  if (order == 0)
    return a;
  const struct rego_type *items[] = {order < 0 ? a : b, order < 0 ? b : a};
  return finish_union(types, items, 2);
}

/* ---- order */

static int compare_numbers(uint32_t a, uint32_t b)
{
  return (a > b) - (a < b);
}

static int compare_lists(struct rego_types *types, const struct rego_type *a,
                         const struct rego_type *b)
{
  for (uint32_t i = 0; i < a->count && i < b->count; i++) {
    int order = a->kind == REGO_TYPE_OBJECT ? value_compare(a->keys[i], b->keys[i]) : 0;
    if (!order)
      order = rego_type_compare(types, a->items[i], b->items[i]);
    if (order)
      return order;
  }
  return compare_numbers(a->count, b->count);
}

int rego_type_compare(struct rego_types *types, const struct rego_type *a,
                      const struct rego_type *b)
{
  if (a == b || !rego_types_spend(types, 1))
    return 0;
  if (!a || !b)
    return a ? 1 : -1;
  if (a->kind != b->kind)
    return a->kind < b->kind ? -1 : 1;
  if (a->kind < REGO_TYPE_ARRAY)
    return 0;
  if (a->kind == REGO_TYPE_FUNCTION && a->count != b->count)
    return compare_numbers(a->count, b->count);
  int order = rego_type_compare(types, a->key, b->key);
  if (!order)
    order = rego_type_compare(types, a->rest, b->rest);
  return order ? order : compare_lists(types, a, b);
}

/* ---- unifying */

static bool any_unifies(struct rego_types *types, const struct rego_type *any,
                        const struct rego_type *other)
{
  if (other->kind == REGO_TYPE_FUNCTION)
    return false;
  for (uint32_t i = 0; i < any->count; i++)
    if (rego_type_unifies(types, any->items[i], other))
      return true;
  return any->count == 0;
}

static const struct rego_type *element(const struct rego_type *array, uint64_t i)
{
  return i < array->count ? array->items[i] : array->rest;
}

static bool arrays_unify(struct rego_types *types, const struct rego_type *a,
                         const struct rego_type *b)
{
  for (uint32_t i = 0; i < a->count || i < b->count; i++)
    if (!rego_type_unifies(types, element(a, i), element(b, i)))
      return false;
  return !a->rest || !b->rest || rego_type_unifies(types, a->rest, b->rest);
}

static bool properties_unify(struct rego_types *types, const struct rego_type *a,
                             const struct rego_type *b)
{
  for (uint32_t i = 0; i < a->count; i++)
    if (!rego_type_unifies(types, a->items[i], rego_type_select(types, b, a->keys[i])))
      return false;
  return true;
}

static bool functions_unify(struct rego_types *types, const struct rego_type *a,
                            const struct rego_type *b)
{
  for (uint32_t i = 0; a->count == b->count && i < a->count; i++)
    if (!rego_type_unifies(types, a->items[i], b->items[i]))
      return false;
  return a->count == b->count;
}

bool rego_type_unifies(struct rego_types *types, const struct rego_type *a,
                       const struct rego_type *b)
{
  if (!rego_types_spend(types, 1))
    return true;
  if (!a || !b)
    return false;
  if (a->kind == REGO_TYPE_ANY && any_unifies(types, a, b))
    return true;
  if (b->kind == REGO_TYPE_ANY && any_unifies(types, b, a))
    return true;
  if (a->kind != b->kind || a->kind == REGO_TYPE_ANY)
    return types->over;
  switch ((enum rego_type_kind)a->kind) {
  case REGO_TYPE_ARRAY:
    return arrays_unify(types, a, b);
  case REGO_TYPE_OBJECT:
    return properties_unify(types, a, b) && properties_unify(types, b, a) &&
           (!a->rest || !b->rest || rego_type_unifies(types, a->rest, b->rest));
  case REGO_TYPE_SET:
    return rego_type_unifies(types, a->rest, b->rest);
  case REGO_TYPE_FUNCTION:
    return functions_unify(types, a, b);
  case REGO_TYPE_NULL:
  case REGO_TYPE_BOOLEAN:
  case REGO_TYPE_NUMBER:
  case REGO_TYPE_STRING:
  case REGO_TYPE_ANY:
    break;
  }
  return true;
}

/* ---- looking into types */

/* The slot of a large type in the cache; NULL: it is looked into each time. */
static struct rego_types_cached *cached(struct rego_types *types, const struct rego_type *type)
{
  enum { CACHED_FROM = 8 };
  if (type->count < CACHED_FROM)
    return NULL;
  struct rego_types_cached *slot =
      &types->cache[((uintptr_t)type / sizeof *type) % REGO_TYPES_CACHED];
  if (slot->of != type)
    *slot = (struct rego_types_cached){.of = type};
  return slot;
}

static const struct rego_type *keys_of(struct rego_types *types, const struct rego_type *type)
{
  const struct rego_type *keys = NULL;
  if (!rego_types_spend(types, type->count + 1))
    return &rego_type_any;
  switch ((enum rego_type_kind)type->kind) {
  case REGO_TYPE_ARRAY:
    return &rego_type_number;
  case REGO_TYPE_OBJECT:
    for (uint32_t i = 0; i < type->count; i++)
      keys = rego_type_or(types, keys, rego_type_of(type->keys[i]));
    return rego_type_or(types, keys, type->key);
  case REGO_TYPE_SET:
    return type->rest;
  case REGO_TYPE_ANY:
    for (uint32_t i = 0; i < type->count; i++)
      keys = rego_type_or(types, rego_type_keys(types, type->items[i]), keys);
    return type->count ? keys : type;
  case REGO_TYPE_NULL:
  case REGO_TYPE_BOOLEAN:
  case REGO_TYPE_NUMBER:
  case REGO_TYPE_STRING:
  case REGO_TYPE_FUNCTION:
    break;
  }
  return NULL;
}

const struct rego_type *rego_type_keys(struct rego_types *types, const struct rego_type *type)
{
  struct rego_types_cached *slot = type ? cached(types, type) : NULL;
  if (!slot)
    return type ? keys_of(types, type) : NULL;
  if (!slot->keys) {
    const struct rego_type *keys = keys_of(types, type);
    cached(types, type)->keys = keys;
    return keys;
  }
  return slot->keys;
}

static const struct rego_type *values_of(struct rego_types *types, const struct rego_type *type)
{
  const struct rego_type *values = NULL;
  if (!rego_types_spend(types, type->count + 1))
    return &rego_type_any;
  switch ((enum rego_type_kind)type->kind) {
  case REGO_TYPE_ARRAY:
  case REGO_TYPE_OBJECT:
    return rego_type_or(types, union_of(types, type->items, type->count), type->rest);
  case REGO_TYPE_SET:
    return type->rest;
  case REGO_TYPE_ANY:
    for (uint32_t i = 0; i < type->count; i++)
      values = rego_type_or(types, rego_type_values(types, type->items[i]), values);
    return type->count ? values : type;
  case REGO_TYPE_NULL:
  case REGO_TYPE_BOOLEAN:
  case REGO_TYPE_NUMBER:
  case REGO_TYPE_STRING:
  case REGO_TYPE_FUNCTION:
    break;
  }
  return NULL;
}

const struct rego_type *rego_type_values(struct rego_types *types, const struct rego_type *type)
{
  struct rego_types_cached *slot = type ? cached(types, type) : NULL;
  if (!slot)
    return type ? values_of(types, type) : NULL;
  if (!slot->values) {
    const struct rego_type *values = values_of(types, type);
    cached(types, type)->values = values;
    return values;
  }
  return slot->values;
}

static const struct rego_type *property(const struct rego_type *object, struct value key)
{
  uint32_t low = 0, high = object->count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    int order = value_compare(key, object->keys[middle]);
    if (order == 0)
      return object->items[middle];
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return NULL;
}

/* Every value of the scalar's type is of this type. */
static bool contains(struct rego_types *types, const struct rego_type *type,
                     const struct rego_type *scalar)
{
  uint32_t at;
  if (type->kind == REGO_TYPE_ANY)
    return type->count == 0 || find_member(types, type, scalar, &at);
  return type->kind == scalar->kind;
}

const struct rego_type *rego_type_select(struct rego_types *types, const struct rego_type *type,
                                         struct value key)
{
  const struct rego_type *found = NULL, *of = rego_type_of(key);
  int64_t index;
  if (!type || !rego_types_spend(types, 1))
    return type ? &rego_type_any : NULL;
  switch ((enum rego_type_kind)type->kind) {
  case REGO_TYPE_ARRAY:
    if (key.type == VALUE_NUMBER && number_to_int64(key, &index) && index >= 0)
      return element(type, (uint64_t)index);
    return NULL;
  case REGO_TYPE_OBJECT:
    found = property(type, key);
    return found || !type->key || !contains(types, type->key, of) ? found : type->rest;
  case REGO_TYPE_SET:
    return type->rest && contains(types, type->rest, of) ? of : NULL;
  case REGO_TYPE_ANY:
    for (uint32_t i = 0; i < type->count; i++)
      found = rego_type_or(types, rego_type_select(types, type->items[i], key), found);
    return type->count ? found : type;
  case REGO_TYPE_NULL:
  case REGO_TYPE_BOOLEAN:
  case REGO_TYPE_NUMBER:
  case REGO_TYPE_STRING:
  case REGO_TYPE_FUNCTION:
    break;
  }
  return NULL;
}

/* ---- text */

static bool is_plain(struct str s)
{
  for (size_t i = 0; i < s.len; i++)
    if ((unsigned char)s.data[i] < 0x20 || s.data[i] == 0x7f)
      return false;
  return true;
}

static void write_key(struct buf *out, struct value key)
{
  struct rego_term term = {.kind = REGO_SCALAR, .height = 1, .value = key};
  if (key.type == VALUE_STRING && is_plain(value_str(key)))
    buf_add(out, value_str(key));
  else
    rego_print_term(out, NULL, &term);
}

/* Known parts in angle brackets, what may follow in square ones. */
static void write_parts(struct buf *out, const struct rego_type *type)
{
  if (type->count)
    buf_add_byte(out, '<');
  for (uint32_t i = 0; i < type->count && !buf_failed(out); i++) {
    if (i)
      buf_add_text(out, ", ");
    if (type->kind == REGO_TYPE_OBJECT) {
      write_key(out, type->keys[i]);
      buf_add_text(out, ": ");
    }
    rego_type_write(out, type->items[i]);
  }
  if (type->count)
    buf_add_byte(out, '>');
  if (!type->rest && type->kind != REGO_TYPE_SET)
    return;
  buf_add_byte(out, '[');
  if (type->kind == REGO_TYPE_OBJECT) {
    rego_type_write(out, type->key);
    buf_add_text(out, ": ");
  }
  rego_type_write(out, type->rest);
  buf_add_byte(out, ']');
}

void rego_type_write(struct buf *out, const struct rego_type *type)
{
  static const char *const names[] = {"null",   "boolean", "number", "string", "array",
                                      "object", "set",     "any",    ""};
  if (!type) {
    buf_add_text(out, "???");
    return;
  }
  if (buf_failed(out))
    return;
  if (type->kind == REGO_TYPE_FUNCTION) {
    rego_type_write_list(out, type->items, type->count);
    buf_add_text(out, " => ");
    rego_type_write(out, type->rest);
    return;
  }
  buf_add_text(out, names[type->kind]);
  if (type->kind >= REGO_TYPE_ARRAY)
    write_parts(out, type);
}

void rego_type_write_list(struct buf *out, const struct rego_type *const *items, uint32_t count)
{
  buf_add_byte(out, '(');
  for (uint32_t i = 0; i < count && !buf_failed(out); i++) {
    if (i)
      buf_add_text(out, ", ");
    rego_type_write(out, items[i]);
  }
  buf_add_byte(out, ')');
}
