#include "data/patch.h"

#include "base/hash.h"
#include "data/compare.h"
#include "data/pointer_int.h"

#include <stdio.h>

/*
 * A container is opened when the first operation changes it: its children are copied into a
 * struct open, which the following operations change in place. In the tree under construction an
 * open container is a value of type OPEN. Everything above an open container is open too, and an
 * open container is referred to from one place only, so closing them from the root down gives an
 * immutable tree.
 */
enum { OPEN = 0x80, INDEX_FROM = VALUE_INDEX_FROM };

struct open {
  uint8_t type;   /* VALUE_ARRAY or VALUE_OBJECT */
  uint32_t used;  /* slots; those of removed members (value absent) are counted */
  uint32_t count; /* children that are there */
  uint32_t room;
  struct value *items;
  struct value_member *members;
  struct value_position *positions; /* as in value_array_make, value_object_make; NULL: none */
  uint32_t *index;                  /* slot number + 1 by hash of the key; NULL in small objects */
  uint32_t index_mask;
};

struct patcher {
  struct arena *a;
  struct value root;
  struct patch_limits limits;
  uint64_t copied_nodes, copied_bytes, work;
  struct error *err;
};

static const char *const verb_names[] = {"add", "remove", "replace", "move", "copy", "test"};
enum { VERBS = sizeof verb_names / sizeof verb_names[0] };

const char *patch_verb_name(enum patch_verb verb)
{
  return verb_names[verb];
}

static bool takes_value(enum patch_verb verb)
{
  return verb == PATCH_ADD || verb == PATCH_REPLACE || verb == PATCH_TEST;
}

static bool takes_from(enum patch_verb verb)
{
  return verb == PATCH_MOVE || verb == PATCH_COPY;
}

static struct patch_limits limits_or_default(const struct patch_limits *limits)
{
  struct patch_limits l = limits ? *limits : (struct patch_limits){0};
  if (!l.operations)
    l.operations = PATCH_OPERATIONS_MAX;
  if (!l.copied_nodes)
    l.copied_nodes = PATCH_COPIED_NODES_MAX;
  if (!l.copied_bytes)
    l.copied_bytes = PATCH_COPIED_BYTES_MAX;
  return l;
}

/* Opening and closing containers. */

static struct open *open_of(struct value v)
{
  return (struct open *)(void *)v.items;
}

static struct value open_value(struct open *o)
{
  return (struct value){.type = OPEN, .items = (const struct value *)(const void *)o};
}

/* What messages say about a container: its type and number of children. */
static struct value described(struct value v)
{
  if (v.type != OPEN)
    return v;
  return (struct value){.type = open_of(v)->type, .len = open_of(v)->count};
}

static uint32_t hash_key(struct value key)
{
  return (uint32_t)hash_bytes(value_str(key));
}

static void enter_slot(struct open *o, uint32_t slot)
{
  uint32_t at = hash_key(o->members[slot].key) & o->index_mask;
  while (o->index[at])
    at = (at + 1) & o->index_mask;
  o->index[at] = slot + 1;
}

/* Makes the index anew, with twice as many places as there is room for members. */
static void index_members(struct arena *a, struct open *o)
{
  uint32_t places = 32;
  while (places < o->room * 2)
    places *= 2;
  o->index = arena_zalloc(a, places, sizeof *o->index);
  o->index_mask = places - 1;
  for (uint32_t i = 0; i < o->used; i++)
    enter_slot(o, i);
}

static int64_t find_slot(const struct open *o, struct value key)
{
  if (!o->index) {
    for (uint32_t i = 0; i < o->used; i++)
      if (str_eq(value_str(o->members[i].key), value_str(key)))
        return i;
    return -1;
  }
  for (uint32_t at = hash_key(key) & o->index_mask; o->index[at]; at = (at + 1) & o->index_mask) {
    uint32_t slot = o->index[at] - 1;
    if (str_eq(value_str(o->members[slot].key), value_str(key)))
      return slot;
  }
  return -1;
}

static size_t positions_per_child(const struct open *o)
{
  return o->type == VALUE_OBJECT ? 2 : 1;
}

/* Room for one more child. */
static void grow(struct arena *a, struct open *o)
{
  if (o->used < o->room)
    return;
  uint32_t room = o->room + o->room / 2 + 4;
  if (o->type == VALUE_OBJECT) {
    struct value_member *members = arena_array(a, struct value_member, room);
    memcpy(members, o->members, o->used * sizeof *members);
    o->members = members;
  } else {
    struct value *items = arena_array(a, struct value, room);
    memcpy(items, o->items, o->used * sizeof *items);
    o->items = items;
  }
  if (o->positions) {
    struct value_position *positions =
        arena_array(a, struct value_position, room * positions_per_child(o));
    memcpy(positions, o->positions, o->used * positions_per_child(o) * sizeof *positions);
    o->positions = positions;
  }
  o->room = room;
  if (o->type == VALUE_OBJECT && room >= INDEX_FROM)
    index_members(a, o);
}

static bool has_string_keys(struct value object)
{
  for (uint32_t i = 0; i < object.len; i++)
    if (object.members[i].key.type != VALUE_STRING)
      return false;
  return true;
}

static void open_positions(struct arena *a, struct open *o, struct value container)
{
  size_t each = positions_per_child(o);
  o->positions = arena_array(a, struct value_position, o->room * each);
  for (uint32_t i = 0; i < container.len; i++) {
    if (each == 2)
      o->positions[2 * i] = value_key_position(container, i);
    o->positions[each * i + each - 1] = value_position(container, i);
  }
}

/* Opens the container in a slot. Values that are no arrays or objects stay as they are. */
static int open_slot(struct patcher *p, struct value *slot)
{
  struct value v = *slot;
  if (v.type != VALUE_ARRAY && v.type != VALUE_OBJECT)
    return 0;
  struct open *o = arena_new(p->a, struct open);
  o->type = v.type;
  o->used = o->count = v.len;
  o->room = v.len + 4;
  if (v.type == VALUE_ARRAY) {
    o->items = arena_array(p->a, struct value, o->room);
    if (v.len)
      memcpy(o->items, v.items, v.len * sizeof *o->items);
  } else {
    if (!has_string_keys(v))
      return error_set(p->err, SW_EUNSUPPORTED,
                       "an object with keys that are not strings cannot be changed");
    o->members = arena_array(p->a, struct value_member, o->room);
    if (v.len)
      memcpy(o->members, v.members, v.len * sizeof *o->members);
    if (o->room >= INDEX_FROM)
      index_members(p->a, o);
  }
  if (v.flags & VALUE_POSITIONS)
    open_positions(p->a, o, v);
  *slot = open_value(o);
  return 0;
}

/* Moves the members that are there together, over the holes of the removed ones. */
static void drop_holes(struct open *o)
{
  uint32_t to = 0;
  for (uint32_t i = 0; i < o->used; i++) {
    if (o->members[i].value.type == VALUE_ABSENT)
      continue;
    o->members[to] = o->members[i];
    if (o->positions)
      memcpy(&o->positions[2 * to], &o->positions[2 * i], 2 * sizeof *o->positions);
    to++;
  }
  o->used = to;
}

/* Makes the value in a slot immutable. Its depth is at most that of the paths that opened it. */
static struct value close_value(struct patcher *p, struct value v)
{
  if (v.type != OPEN)
    return v;
  struct open *o = open_of(v);
  p->work += 32 * (uint64_t)o->used;
  if (o->type == VALUE_ARRAY) {
    for (uint32_t i = 0; i < o->used; i++)
      o->items[i] = close_value(p, o->items[i]);
    return value_array_make(p->a, o->items, o->positions, o->used);
  }
  drop_holes(o);
  for (uint32_t i = 0; i < o->used; i++)
    o->members[i].value = close_value(p, o->members[i].value);
  struct value made = VALUE_NONE;
  value_object_make(p->a, o->members, o->positions, o->used, VALUE_LAST_WINS, NULL, &made);
  return made;
}

/* Following paths. */

static struct value *child_of_open(struct patcher *p, struct open *o, struct str token)
{
  if (o->type == VALUE_OBJECT) {
    int64_t slot = find_slot(o, value_string(pointer_key(p->a, token)));
    if (slot < 0 || o->members[slot].value.type == VALUE_ABSENT)
      return NULL;
    return &o->members[slot].value;
  }
  uint32_t i;
  return pointer_index(token, &i) && i < o->count ? &o->items[i] : NULL;
}

/* The container that a path leads to, and everything above it, opened. */
static int open_path(struct patcher *p, struct str path, struct value **ret_slot)
{
  struct value *slot = &p->root;
  struct str rest = path, token;
  for (;;) {
    int r = open_slot(p, slot);
    if (r < 0)
      return r;
    if (!pointer_next(&rest, &token))
      break;
    struct value *child = slot->type == OPEN ? child_of_open(p, open_of(*slot), token) : NULL;
    if (!child)
      return pointer_missing(described(*slot), path, token, p->err);
    slot = child;
  }
  *ret_slot = slot;
  return 0;
}

/* The value at a path, closed, without opening anything. */
static int read_path(struct patcher *p, struct str path, struct value *ret_value)
{
  struct value *slot = &p->root;
  struct str rest = path, token;
  while (slot->type == OPEN && pointer_next(&rest, &token)) {
    struct value *child = child_of_open(p, open_of(*slot), token);
    if (!child)
      return pointer_missing(described(*slot), path, token, p->err);
    slot = child;
  }
  if (slot->type == OPEN) {
    *slot = close_value(p, *slot);
    *ret_value = *slot;
    return 0;
  }
  struct value v = *slot;
  while (pointer_next(&rest, &token)) {
    uint32_t i = 0;
    struct value child = VALUE_NONE;
    if (v.type == VALUE_OBJECT)
      child = value_get_str(v, pointer_key(p->a, token));
    else if (pointer_index(token, &i))
      child = value_at(v, i);
    if (child.type == VALUE_ABSENT)
      return pointer_missing(v, path, token, p->err);
    v = child;
  }
  *ret_value = v;
  return 0;
}

/* The opened container around the last token of a path that is not empty. */
static int open_parent(struct patcher *p, struct str path, struct open **ret_open,
                       struct str *ret_token)
{
  struct value *slot = NULL;
  int r = open_path(p, pointer_parent(path, ret_token), &slot);
  if (r < 0)
    return r;
  if (slot->type != OPEN)
    return pointer_missing(*slot, path, *ret_token, p->err);
  *ret_open = open_of(*slot);
  return 0;
}

/* Changing an open container. */

static int set_member(struct patcher *p, struct open *o, struct str token, struct value value)
{
  struct value key = value_string(pointer_key(p->a, token));
  int64_t slot = find_slot(o, key);
  if (slot >= 0) {
    o->count += o->members[slot].value.type == VALUE_ABSENT;
    o->members[slot].value = value;
    return 0;
  }
  grow(p->a, o);
  slot = o->used++;
  o->count++;
  o->members[slot] = (struct value_member){key, value};
  if (o->positions)
    memset(&o->positions[2 * slot], 0, 2 * sizeof *o->positions);
  if (o->index)
    enter_slot(o, (uint32_t)slot);
  return 0;
}

static int insert_element(struct patcher *p, struct open *o, struct str path, struct str token,
                          struct value value)
{
  uint32_t i = o->used;
  if (!str_eq(token, STR("-")) && (!pointer_index(token, &i) || i > o->used))
    return pointer_missing(described(open_value(o)), path, token, p->err);
  if (o->used >= VALUE_CHILDREN_MAX - 1)
    return error_set(p->err, SW_ELIMIT, "the array is full");
  grow(p->a, o);
  uint32_t behind = o->used - i;
  memmove(&o->items[i + 1], &o->items[i], behind * sizeof *o->items);
  o->items[i] = value;
  if (o->positions) {
    memmove(&o->positions[i + 1], &o->positions[i], behind * sizeof *o->positions);
    o->positions[i] = (struct value_position){0};
  }
  p->work += behind;
  o->used++;
  o->count++;
  return 0;
}

static int put(struct patcher *p, struct str path, struct value value)
{
  if (path.len == 0) {
    p->root = value;
    return 0;
  }
  struct open *o;
  struct str token;
  int r = open_parent(p, path, &o, &token);
  if (r < 0)
    return r;
  return o->type == VALUE_OBJECT ? set_member(p, o, token, value)
                                 : insert_element(p, o, path, token, value);
}

static void take_element(struct patcher *p, struct open *o, uint32_t i)
{
  uint32_t behind = o->used - i - 1;
  memmove(&o->items[i], &o->items[i + 1], behind * sizeof *o->items);
  if (o->positions)
    memmove(&o->positions[i], &o->positions[i + 1], behind * sizeof *o->positions);
  p->work += behind;
  o->used--;
  o->count--;
}

/* Takes the value at a path out; it may be open. */
static int take(struct patcher *p, struct str path, struct value *ret_value)
{
  struct open *o;
  struct str token;
  int r = open_parent(p, path, &o, &token);
  if (r < 0)
    return r;
  struct value *slot = child_of_open(p, o, token);
  if (!slot)
    return pointer_missing(described(open_value(o)), path, token, p->err);
  *ret_value = *slot;
  if (o->type == VALUE_OBJECT) {
    *slot = VALUE_NONE;
    o->count--;
  } else {
    take_element(p, o, (uint32_t)(slot - o->items));
  }
  return 0;
}

/* What a value adds to the document, and how deep it is. */
struct measure {
  uint64_t nodes, bytes;
  uint64_t nodes_max, bytes_max;
  size_t depth_max;
};

enum measured { MEASURED, TOO_LARGE, TOO_DEEP };

/* Recursion ends at depth_max, which PATCH_DEPTH_MAX bounds. */
static enum measured measure_value(struct measure *m, struct value v, size_t depth)
{
  if (depth > m->depth_max)
    return TOO_DEEP;
  if (v.type == VALUE_STRING || (v.type == VALUE_NUMBER && (v.flags & VALUE_TEXT)))
    m->bytes += v.len;
  if (++m->nodes > m->nodes_max || m->bytes > m->bytes_max)
    return TOO_LARGE;
  const struct open *o = v.type == OPEN ? open_of(v) : NULL;
  uint8_t type = o ? o->type : v.type;
  uint32_t count = o ? o->used : v.len;
  if (type < VALUE_ARRAY)
    return MEASURED;
  const struct value_member *members = o ? o->members : v.members;
  const struct value *items = o ? o->items : v.items;
  for (uint32_t i = 0; i < count; i++) {
    if (type == VALUE_OBJECT)
      m->bytes += members[i].key.type == VALUE_STRING ? members[i].key.len : 0;
    enum measured result =
        measure_value(m, type == VALUE_OBJECT ? members[i].value : items[i], depth + 1);
    if (result != MEASURED)
      return result;
  }
  return MEASURED;
}

static int report_depth(struct patcher *p)
{
  return error_set(p->err, SW_ELIMIT, "the document would be nested deeper than %d",
                   PATCH_DEPTH_MAX);
}

/* The operations. */

static int run_add(struct patcher *p, const struct patch_operation *op)
{
  return put(p, op->path, op->value);
}

static int run_remove(struct patcher *p, const struct patch_operation *op)
{
  struct value removed;
  if (op->path.len == 0)
    return error_set(p->err, SW_EINVAL, "the whole document cannot be removed");
  return take(p, op->path, &removed);
}

static int run_replace(struct patcher *p, const struct patch_operation *op)
{
  if (op->path.len == 0)
    return put(p, op->path, op->value);
  struct open *o;
  struct str token;
  int r = open_parent(p, op->path, &o, &token);
  if (r < 0)
    return r;
  struct value *slot = child_of_open(p, o, token);
  if (!slot)
    return pointer_missing(described(open_value(o)), op->path, token, p->err);
  *slot = op->value;
  return 0;
}

static int run_move(struct patcher *p, const struct patch_operation *op)
{
  struct value moved;
  if (str_eq(op->path, op->from))
    return read_path(p, op->from, &moved);
  if (pointer_inside(op->path, op->from))
    return error_set(p->err, SW_EINVAL, "\"%.*s\" cannot be moved into itself",
                     STR_FMT(pointer_shown(op->from)));
  int r = take(p, op->from, &moved);
  if (r < 0)
    return error_wrap(p->err, "from"), r;
  size_t depth = pointer_count(op->path);
  if (depth > pointer_count(op->from)) {
    struct measure m = {
        .nodes_max = UINT64_MAX, .bytes_max = UINT64_MAX, .depth_max = PATCH_DEPTH_MAX};
    if (measure_value(&m, moved, depth) != MEASURED)
      return report_depth(p);
    p->work += m.nodes;
  }
  return put(p, op->path, moved);
}

static int run_copy(struct patcher *p, const struct patch_operation *op)
{
  struct value copied;
  int r = read_path(p, op->from, &copied);
  if (r < 0)
    return error_wrap(p->err, "from"), r;
  struct measure m = {.nodes = p->copied_nodes,
                      .bytes = p->copied_bytes,
                      .nodes_max = p->limits.copied_nodes,
                      .bytes_max = p->limits.copied_bytes,
                      .depth_max = PATCH_DEPTH_MAX};
  switch (measure_value(&m, copied, pointer_count(op->path))) {
  case TOO_DEEP:
    return report_depth(p);
  case TOO_LARGE:
    return error_set(
        p->err, SW_ELIMIT, "the patch copies more than %llu values or %llu bytes of text",
        (unsigned long long)p->limits.copied_nodes, (unsigned long long)p->limits.copied_bytes);
  case MEASURED:
    break;
  }
  p->copied_nodes = m.nodes;
  p->copied_bytes = m.bytes;
  return put(p, op->path, copied);
}

/* A value in few words, for the message of a failed test. */
static void describe(char *out, size_t size, struct value v)
{
  struct str text = pointer_shown(value_str(v));
  if (v.type == VALUE_STRING)
    snprintf(out, size, "\"%.*s\"%s", STR_FMT(text), text.len < v.len ? "..." : "");
  else if (v.type == VALUE_BOOL)
    snprintf(out, size, "%s", v.boolean ? "true" : "false");
  else if (v.type == VALUE_NULL)
    snprintf(out, size, "null");
  else if (v.type != VALUE_NUMBER)
    snprintf(out, size, "%s %s of %u", v.type == VALUE_SET ? "a" : "an", value_type_name(v), v.len);
  else if (v.flags & VALUE_TEXT)
    snprintf(out, size, "%.*s", STR_FMT(text));
  else if (v.flags & VALUE_INT)
    snprintf(out, size, "%lld", (long long)v.integer);
  else
    snprintf(out, size, "%.17g", v.real);
}

static int run_test(struct patcher *p, const struct patch_operation *op)
{
  struct value found;
  int r = read_path(p, op->path, &found);
  if (r < 0)
    return r;
  if (value_equal(found, op->value))
    return 0;
  bool containers = found.type >= VALUE_ARRAY && found.type == op->value.type;
  if (containers)
    return error_set(p->err, SW_ETEST, "the %s there differs from the expected one",
                     value_type_name(found));
  char is[200], expected[200];
  describe(is, sizeof is, found);
  describe(expected, sizeof expected, op->value);
  return error_set(p->err, SW_ETEST, "the value is %s, not %s", is, expected);
}

static int (*const runs[])(struct patcher *, const struct patch_operation *) = {
    [PATCH_ADD] = run_add,   [PATCH_REMOVE] = run_remove, [PATCH_REPLACE] = run_replace,
    [PATCH_MOVE] = run_move, [PATCH_COPY] = run_copy,     [PATCH_TEST] = run_test,
};

static int check_path(struct str path, struct error *err)
{
  int r = pointer_check(path, err);
  if (r == 0 && pointer_count(path) > PATCH_DEPTH_MAX)
    r = error_set(err, SW_ELIMIT, "the path has more than %d tokens", PATCH_DEPTH_MAX);
  return r;
}

static int run_operation(struct patcher *p, const struct patch_operation *op)
{
  int r = check_path(op->path, p->err);
  if (r == 0 && takes_from(op->verb))
    r = check_path(op->from, p->err);
  if (r < 0)
    return r;
  if (takes_value(op->verb) && op->value.type == VALUE_ABSENT)
    return error_set(p->err, SW_EINVAL, "there is no value");
  r = runs[op->verb](p, op);
  if (r < 0)
    return r;
  if (p->work > PATCH_WORK_MAX)
    return error_set(p->err, SW_ELIMIT, "the patch moves or copies too many elements");
  if (arena_over(p->a))
    return error_set(p->err, SW_ELIMIT, "the patch needs more memory than its limit of %zu bytes",
                     p->a->limit);
  return 0;
}

/* Puts the operation in front of the message, and its place. */
static int blame(struct error *err, uint32_t number, const struct patch_operation *op, int code)
{
  struct str path = pointer_shown(op->path);
  error_wrap(err, "operation %u (%s \"%.*s%s\")", number, patch_verb_name(op->verb), STR_FMT(path),
             path.len < op->path.len ? "..." : "");
  if (err) {
    err->line = op->position.line;
    err->column = op->position.column;
  }
  return code;
}

static int report_count(uint32_t count, const struct patch_limits *limits, struct error *err)
{
  return error_set(err, SW_ELIMIT, "a patch of %u operations is longer than %u", count,
                   limits->operations);
}

int patch_apply(struct arena *a, struct value document, const struct patch *patch,
                const struct patch_limits *limits, struct value *ret_document, struct error *err)
{
  struct patcher p = {.a = a, .root = document, .limits = limits_or_default(limits), .err = err};
  if (patch->count > p.limits.operations)
    return report_count(patch->count, &p.limits, err);
  for (uint32_t i = 0; i < patch->count; i++) {
    int r = run_operation(&p, &patch->operations[i]);
    if (r < 0)
      return blame(err, i, &patch->operations[i], r);
  }
  *ret_document = close_value(&p, p.root);
  return 0;
}

/* Reading. */

static int read_verb(struct value operation, enum patch_verb *ret_verb, struct error *err)
{
  struct value name = value_get_str(operation, STR("op"));
  if (name.type == VALUE_ABSENT)
    return error_set(err, SW_EINVAL, "there is no \"op\"");
  for (unsigned i = 0; i < VERBS; i++) {
    if (!value_eq_str(name, str_from(verb_names[i])))
      continue;
    *ret_verb = (enum patch_verb)i;
    return 0;
  }
  char is[200];
  describe(is, sizeof is, name);
  return error_set(err, SW_EINVAL,
                   "\"op\" is %s, must be one of add, remove, replace, move, copy, test", is);
}

static int read_path_member(struct value operation, const char *name, struct str *ret_path,
                            struct error *err)
{
  struct value path = value_get_str(operation, str_from(name));
  if (path.type == VALUE_ABSENT)
    return error_set(err, SW_EINVAL, "there is no \"%s\"", name);
  if (path.type != VALUE_STRING) {
    char is[200];
    describe(is, sizeof is, path);
    return error_set(err, SW_EINVAL, "\"%s\" is %s, must be a string", name, is);
  }
  *ret_path = value_str(path);
  int r = check_path(*ret_path, err);
  if (r < 0)
    error_wrap(err, "\"%s\"", name);
  return r;
}

static int read_operation(struct value operation, struct patch_operation *op, struct error *err)
{
  int r = 0;
  if (operation.type != VALUE_OBJECT) {
    char is[200];
    describe(is, sizeof is, operation);
    return error_set(err, SW_EINVAL, "it is %s, must be an object", is);
  }
  r = read_verb(operation, &op->verb, err);
  if (r == 0)
    r = read_path_member(operation, "path", &op->path, err);
  if (r == 0 && takes_from(op->verb))
    r = read_path_member(operation, "from", &op->from, err);
  if (r == 0 && takes_value(op->verb)) {
    op->value = value_get_str(operation, STR("value"));
    if (op->value.type == VALUE_ABSENT)
      r = error_set(err, SW_EINVAL, "there is no \"value\"");
  }
  return r;
}

int patch_read(struct arena *a, struct value document, const struct patch_limits *limits,
               struct patch *ret_patch, struct error *err)
{
  struct patch_limits l = limits_or_default(limits);
  if (document.type != VALUE_ARRAY)
    return error_set(err, SW_EINVAL, "a JSON patch is an array of operations, this is %s%s",
                     document.type == VALUE_OBJECT ? "an "
                     : value_is_nil(document)      ? ""
                                                   : "a ",
                     value_type_name(document));
  if (document.len > l.operations)
    return report_count(document.len, &l, err);
  struct patch_operation *operations =
      arena_zalloc(a, document.len ? document.len : 1, sizeof *operations);
  for (uint32_t i = 0; i < document.len; i++) {
    operations[i].position = value_position(document, i);
    int r = read_operation(document.items[i], &operations[i], err);
    if (r == 0)
      continue;
    error_wrap(err, "operation %u", i);
    if (err) {
      err->line = operations[i].position.line;
      err->column = operations[i].position.column;
    }
    return r;
  }
  *ret_patch = (struct patch){operations, document.len};
  return 0;
}

int patch_apply_document(struct arena *a, struct value document, struct value patch_document,
                         struct value *ret_document, struct error *err)
{
  struct patch patch;
  int r = patch_read(a, patch_document, NULL, &patch, err);
  return r < 0 ? r : patch_apply(a, document, &patch, NULL, ret_document, err);
}

struct value patch_document(struct arena *a, const struct patch *patch)
{
  struct value *items = arena_array(a, struct value, patch->count);
  for (uint32_t i = 0; i < patch->count; i++) {
    const struct patch_operation *op = &patch->operations[i];
    struct value_member members[3] = {
        {value_from("op"), value_from(patch_verb_name(op->verb))},
        {value_from("path"), value_string(op->path)},
    };
    uint32_t count = 2;
    if (takes_from(op->verb))
      members[count++] = (struct value_member){value_from("from"), value_string(op->from)};
    if (takes_value(op->verb))
      members[count++] = (struct value_member){value_from("value"), op->value};
    items[i] = VALUE_NONE;
    value_object_make(a, members, NULL, count, VALUE_LAST_WINS, NULL, &items[i]);
  }
  return value_array_make(a, items, NULL, patch->count);
}
