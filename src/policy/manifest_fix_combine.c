#include "data/compare.h"
#include "data/json_write.h"
#include "data/pointer.h"
#include "policy/manifest_fix_int.h"

void fix_drop(struct fix_part *part, struct arena *a, const char *format, ...)
{
  char why[ERROR_MESSAGE_MAX];
  va_list list;
  va_start(list, format);
  vsnprintf(why, sizeof why, format, list);
  va_end(list);
  part->dropped = true;
  part->item->mended = false;
  part->item->reason = arena_copy(a, str_from(why));
}

/* ---- order */

/* The place of an element that an operation puts in or takes out; empty: it does neither. */
static struct str shifted_place(struct value root, const struct patch_operation *op)
{
  if (op->verb != PATCH_ADD && op->verb != PATCH_REMOVE && op->verb != PATCH_MOVE)
    return STR_EMPTY;
  struct str path = op->verb == PATCH_MOVE ? op->from : op->path, last;
  uint32_t index;
  if (path.len == 0)
    return STR_EMPTY;
  struct str parent = pointer_parent(path, &last);
  if (!pointer_index(last, &index))
    return STR_EMPTY;
  return pointer_get(root, parent).type == VALUE_ARRAY ? path : STR_EMPTY;
}

/* Token by token; numbers as numbers. */
static int compare_paths(struct str a, struct str b)
{
  struct str s, t;
  for (;;) {
    bool more_a = pointer_next(&a, &s), more_b = pointer_next(&b, &t);
    if (!more_a || !more_b)
      return (int)more_a - (int)more_b;
    uint32_t i, j;
    int order = pointer_index(s, &i) && pointer_index(t, &j) ? (i > j) - (i < j)
                                                             : str_compare(s, t);
    if (order)
      return order;
  }
}

static int compare_parts(const struct fix_part *a, const struct fix_part *b)
{
  if (!a->shifts.len || !b->shifts.len)
    return (a->shifts.len != 0) - (b->shifts.len != 0);
  return compare_paths(b->shifts, a->shifts);
}

void fix_sort(struct value root, struct fix_part *parts, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    parts[i].shifts = STR_EMPTY;
    for (uint32_t o = 0; o < parts[i].patch.count && !parts[i].shifts.len; o++)
      parts[i].shifts = shifted_place(root, &parts[i].patch.operations[o]);
  }
  if (count < 2)
    return;
  /* merge sort from runs of one: what compares equal stays in its order */
  struct fix_part *scratch = mem_alloc(count * sizeof *scratch);
  for (size_t width = 1; width < count; width *= 2) {
    for (size_t from = 0; from < count; from += 2 * width) {
      size_t middle = from + width < count ? from + width : count;
      size_t end = from + 2 * width < count ? from + 2 * width : count;
      size_t a = from, b = middle, to = from;
      while (a < middle || b < end)
        scratch[to++] = b == end || (a < middle && compare_parts(&parts[a], &parts[b]) <= 0)
                            ? parts[a++]
                            : parts[b++];
    }
    memcpy(parts, scratch, count * sizeof *parts);
  }
  mem_free(scratch);
}

/* ---- putting together */

enum mark {
  MARK_OBJECT = 1, /* an object that a fix has added; its members have marks of their own */
  MARK_VALUE,      /* any other value that was added or put in place */
  MARK_REMOVED,
  MARK_TEST,
};

struct combiner {
  struct arena *arena;
  struct value root;
  struct fix_combination *out;
  struct map marks;      /* path -> struct mark_entry */
  struct map within;     /* paths that have marks below them */
  struct map shifts;     /* path of an array -> number of the first element that may have moved */
  VEC(struct str) fresh; /* marks that the part at hand has made */
  const char *conflict;
};

struct mark_entry {
  enum mark mark;
  struct value value;
  bool own; /* made by the part at hand */
};

static struct mark_entry *mark_at(struct combiner *c, struct str path)
{
  union map_value *known = map_get(&c->marks, path);
  return known ? known->pointer : NULL;
}

static void set_mark(struct combiner *c, struct str path, enum mark mark, struct value value)
{
  struct str key = arena_copy(c->arena, path), last;
  bool added;
  union map_value *slot = map_put(&c->marks, key, &added);
  struct mark_entry *entry = arena_new(c->arena, struct mark_entry);
  *entry = (struct mark_entry){.mark = mark, .value = value, .own = true};
  slot->pointer = entry;
  if (added)
    vec_push(&c->fresh, key);
  for (struct str at = key; at.len && at.data[0] == '/';) {
    at = pointer_parent(at, &last);
    map_put(&c->within, at, &added);
    if (!added)
      break;
  }
}

/* Marks a value and, of an object, all that is in it. */
static void mark_value(struct combiner *c, struct str path, struct value value, unsigned depth)
{
  bool object = value.type == VALUE_OBJECT && depth < 64;
  set_mark(c, path, object ? MARK_OBJECT : MARK_VALUE, value);
  for (uint32_t i = 0; object && i < value.len; i++) {
    _cleanup_(buf_free) struct buf inner = {0};
    buf_add(&inner, path);
    pointer_add_key(&inner, value_str_or_empty(value.members[i].key));
    mark_value(c, buf_str(&inner), value.members[i].value, depth + 1);
  }
}

static void emit(struct combiner *c, const struct patch_operation *op)
{
  vec_push(&c->out->operations, *op);
}

static void add_at(struct combiner *c, const struct patch_operation *op, unsigned depth);

/* Both fixes add an object here: the members of the second that the first lacks. */
static void add_members(struct combiner *c, const struct patch_operation *op, unsigned depth)
{
  for (uint32_t i = 0; i < op->value.len && !c->conflict; i++) {
    _cleanup_(buf_free) struct buf path = {0};
    buf_add(&path, op->path);
    pointer_add_key(&path, value_str_or_empty(op->value.members[i].key));
    struct patch_operation member = *op;
    member.path = arena_copy(c->arena, buf_str(&path));
    member.value = op->value.members[i].value;
    add_at(c, &member, depth + 1);
  }
}

static void add_at(struct combiner *c, const struct patch_operation *op, unsigned depth)
{
  struct mark_entry *known = mark_at(c, op->path);
  if (!known || known->own) {
    if (!known && map_get(&c->within, op->path) && op->value.type != VALUE_OBJECT) {
      c->conflict = "another fix changes what is in it";
      return;
    }
    if (!known && map_get(&c->within, op->path)) {
      add_members(c, op, depth);
      return;
    }
    emit(c, op);
    mark_value(c, op->path, op->value, 0);
  } else if (known->mark == MARK_OBJECT && op->value.type == VALUE_OBJECT && depth < 64) {
    add_members(c, op, depth);
  } else if (known->mark == MARK_REMOVED || !value_equal(known->value, op->value)) {
    c->conflict = "another fix sets another value there";
  }
}

/* A key for what has no place of its own: an element that is appended, a test. */
static struct str keyed(struct combiner *c, char kind, const struct patch_operation *op)
{
  _cleanup_(buf_free) struct buf key = {0};
  buf_add_byte(&key, kind);
  buf_add(&key, op->path);
  buf_add_byte(&key, '\n');
  json_write(&key, op->value, 0);
  return arena_copy(c->arena, buf_str(&key));
}

static void emit_once(struct combiner *c, char kind, const struct patch_operation *op)
{
  struct str key = keyed(c, kind, op);
  struct mark_entry *known = mark_at(c, key);
  if (known && !known->own)
    return;
  emit(c, op);
  set_mark(c, key, MARK_TEST, op->value);
}

static void replace_at(struct combiner *c, const struct patch_operation *op)
{
  struct mark_entry *known = mark_at(c, op->path);
  if (known && !known->own) {
    if (known->mark == MARK_REMOVED || !value_equal(known->value, op->value))
      c->conflict = "another fix sets another value there";
    return;
  }
  if (!known && map_get(&c->within, op->path)) {
    c->conflict = "another fix changes what is in it";
    return;
  }
  emit(c, op);
  mark_value(c, op->path, op->value, 0);
}

static void remove_at(struct combiner *c, const struct patch_operation *op)
{
  struct mark_entry *known = mark_at(c, op->path);
  if (known && !known->own) {
    if (known->mark != MARK_REMOVED)
      c->conflict = "another fix sets it";
    return;
  }
  if (!known && map_get(&c->within, op->path)) {
    c->conflict = "another fix changes what is in it";
    return;
  }
  emit(c, op);
  set_mark(c, op->path, MARK_REMOVED, VALUE_NONE);
}

/* Whether a path leads through an element that an earlier fix may have moved. */
static bool has_moved(const struct combiner *c, struct str path)
{
  struct str rest = path, token;
  for (size_t at = 0; pointer_next(&rest, &token);) {
    union map_value *shift = map_get(&c->shifts, str_sub(path, 0, at));
    uint32_t index;
    if (shift && pointer_index(token, &index) && index >= shift->number)
      return true;
    at = (size_t)(rest.data - path.data);
  }
  return false;
}

static void combine_operation(struct combiner *c, const struct patch_operation *op)
{
  if (has_moved(c, op->path) || has_moved(c, op->from)) {
    c->conflict = "another fix has moved the elements of that list; run it again";
    return;
  }
  switch (op->verb) {
  case PATCH_TEST:
    emit_once(c, 't', op);
    break;
  case PATCH_ADD:
    if (str_ends(op->path, STR("/-")))
      emit_once(c, 'a', op);
    else
      add_at(c, op, 0);
    break;
  case PATCH_REPLACE:
    replace_at(c, op);
    break;
  case PATCH_REMOVE:
    remove_at(c, op);
    break;
  default:
    emit(c, op);
    set_mark(c, op->path, MARK_VALUE, VALUE_NONE);
    if (op->verb == PATCH_MOVE)
      set_mark(c, op->from, MARK_REMOVED, VALUE_NONE);
  }
}

/* What a part has done to arrays counts for those behind it. */
static void note_shifts(struct combiner *c, const struct fix_part *part)
{
  for (uint32_t i = 0; i < part->patch.count; i++) {
    struct str place = shifted_place(c->root, &part->patch.operations[i]), last;
    uint32_t index;
    if (!place.len)
      continue;
    struct str parent = pointer_parent(place, &last);
    pointer_index(last, &index);
    bool added;
    union map_value *from = map_put(&c->shifts, parent, &added);
    if (added || from->number > index)
      from->number = index;
  }
}

static void combine_part(struct combiner *c, struct fix_part *part)
{
  c->conflict = NULL;
  vec_clear(&c->fresh);
  part->first = c->out->operations.count;
  struct str place = STR_EMPTY;
  for (uint32_t i = 0; i < part->patch.count && !c->conflict; i++) {
    place = part->patch.operations[i].path;
    combine_operation(c, &part->patch.operations[i]);
  }
  if (c->conflict) {
    for (size_t i = 0; i < c->fresh.count; i++)
      map_remove(&c->marks, c->fresh.items[i]);
    c->out->operations.count = part->first;
    fix_drop(part, c->arena, "%.*s: %s", STR_FMT(str_sub(place, 0, 200)), c->conflict);
    return;
  }
  for (size_t i = 0; i < c->fresh.count; i++)
    mark_at(c, c->fresh.items[i])->own = false;
  part->count = c->out->operations.count - part->first;
  note_shifts(c, part);
}

void fix_combine(struct arena *a, struct value root, struct fix_part *parts, size_t count,
                 struct fix_combination *out)
{
  struct combiner c = {.arena = a, .root = root, .out = out};
  map_init(&c.marks, NULL);
  map_init(&c.within, NULL);
  map_init(&c.shifts, NULL);
  vec_clear(&out->operations);
  for (size_t i = 0; i < count; i++)
    if (!parts[i].dropped)
      combine_part(&c, &parts[i]);
  map_free(&c.marks);
  map_free(&c.within);
  map_free(&c.shifts);
  vec_free(&c.fresh);
}
