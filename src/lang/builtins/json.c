/* JSON texts, and json.filter, json.remove, json.patch. */
#include "data/json.h"

#include "data/number.h"
#include "lang/builtin_int.h"

/* ---- writing, as Go's encoder does: sorted keys, <, > and & escaped */

struct layout {
  bool pretty;
  struct str prefix, indent;
};

static void add_string(struct buf *out, struct str s)
{
  static const char hex[] = "0123456789abcdef";
  buf_add_byte(out, '"');
  size_t plain = 0;
  for (size_t at = 0; at < s.len; at++) {
    unsigned char ch = (unsigned char)s.data[at];
    bool line = ch == 0xE2 && at + 2 < s.len && s.data[at + 1] == '\x80' &&
                (s.data[at + 2] == '\xA8' || s.data[at + 2] == '\xA9');
    if (ch >= 0x20 && !line && !strchr("\"\\<>&", ch))
      continue;
    buf_add(out, str_sub(s, plain, at - plain));
    static const char letters[] = "btn?fr";
    if (ch == '"' || ch == '\\') {
      buf_add_byte(out, '\\');
      buf_add_byte(out, (char)ch);
    } else if (ch >= 8 && ch <= 13 && ch != 11) {
      buf_add_byte(out, '\\');
      buf_add_byte(out, letters[ch - 8]);
    } else if (line) {
      buf_add_text(out, s.data[at + 2] == '\xA8' ? "\\u2028" : "\\u2029");
      at += 2;
    } else {
      buf_add(out, STR("\\u00"));
      buf_add_byte(out, hex[ch >> 4]);
      buf_add_byte(out, hex[ch & 15]);
    }
    plain = at + 1;
  }
  buf_add(out, str_sub(s, plain, s.len));
  buf_add_byte(out, '"');
}

static bool add_json(struct builtin_context *c, struct buf *out, struct value v,
                     const struct layout *layout, unsigned depth);

static void add_line(struct buf *out, const struct layout *layout, unsigned depth)
{
  if (!layout->pretty)
    return;
  buf_add_byte(out, '\n');
  buf_add(out, layout->prefix);
  for (unsigned i = 0; i < depth; i++)
    buf_add(out, layout->indent);
}

/* A key that is no string is written as the string of its JSON text. */
static bool add_key(struct builtin_context *c, struct buf *out, struct value key)
{
  if (key.type == VALUE_STRING) {
    add_string(out, value_str(key));
    return true;
  }
  static const struct layout compact = {.pretty = false};
  size_t before = out->len;
  if (!add_json(c, out, key, &compact, 0))
    return false;
  struct str text = arena_copy(c->arena, str_sub(buf_str(out), before, out->len));
  out->len = before;
  add_string(out, text);
  return true;
}

static bool add_object(struct builtin_context *c, struct buf *out, struct value v,
                       const struct layout *layout, unsigned depth)
{
  uint32_t *order = arena_array(c->arena, uint32_t, v.len);
  value_sort_keys(v, order);
  buf_add_byte(out, '{');
  for (uint32_t i = 0; i < v.len; i++) {
    if (i)
      buf_add_byte(out, ',');
    add_line(out, layout, depth + 1);
    if (!add_key(c, out, v.members[order[i]].key))
      return false;
    buf_add_text(out, layout->pretty ? ": " : ":");
    if (!add_json(c, out, v.members[order[i]].value, layout, depth + 1))
      return false;
  }
  if (v.len)
    add_line(out, layout, depth);
  buf_add_byte(out, '}');
  return true;
}

static bool add_array(struct builtin_context *c, struct buf *out, struct value v,
                      const struct layout *layout, unsigned depth)
{
  buf_add_byte(out, '[');
  for (uint32_t i = 0; i < v.len; i++) {
    if (i)
      buf_add_byte(out, ',');
    add_line(out, layout, depth + 1);
    if (!add_json(c, out, v.items[i], layout, depth + 1))
      return false;
  }
  if (v.len)
    add_line(out, layout, depth);
  buf_add_byte(out, ']');
  return true;
}

static bool add_json(struct builtin_context *c, struct buf *out, struct value v,
                     const struct layout *layout, unsigned depth)
{
  if (depth > BUILTIN_DEPTH_MAX || buf_failed(out)) {
    builtin_halt(c, "a value is nested deeper than %d, or too long", BUILTIN_DEPTH_MAX);
    return false;
  }
  switch (v.type) {
  case VALUE_OBJECT:
    return add_object(c, out, v, layout, depth);
  case VALUE_ARRAY:
  case VALUE_SET:
    return add_array(c, out, v, layout, depth);
  case VALUE_STRING:
    add_string(out, value_str(v));
    return true;
  case VALUE_NUMBER:
    number_write(out, v);
    return true;
  default:
    buf_add_text(out, v.type != VALUE_BOOL ? "null" : v.boolean ? "true" : "false");
    return true;
  }
}

void builtin_add_json_string(struct buf *out, struct str s)
{
  add_string(out, s);
}

bool builtin_add_json(struct builtin_context *c, struct buf *out, struct value v)
{
  static const struct layout compact = {.pretty = false};
  return add_json(c, out, v, &compact, 0);
}

static enum builtin_result marshal_as(struct builtin_context *c, struct value v,
                                      const struct layout *layout, struct value *ret)
{
  struct buf *out = builtin_text(c);
  if (layout->pretty)
    buf_add(out, layout->prefix);
  if (!add_json(c, out, v, layout, 0) || !builtin_spend(c, out->len / 32))
    return BUILTIN_ERROR;
  return builtin_give_text(c, ret);
}

CALL(marshal)
{
  static const struct layout compact = {.pretty = false};
  return marshal_as(c, args[0], &compact, ret);
}

CALL(marshal_with_options)
{
  struct layout layout = {.prefix = STR_EMPTY, .indent = STR("\t")};
  if (!builtin_want(c, args, 2, VALUE_OBJECT))
    return BUILTIN_ERROR;
  bool implied = false, is_said = false;
  for (uint32_t i = 0; i < args[1].len; i++) {
    struct value key = args[1].members[i].key, v = args[1].members[i].value;
    bool is_prefix = value_eq_str(key, STR("prefix"));
    if (is_prefix || value_eq_str(key, STR("indent"))) {
      if (v.type != VALUE_STRING)
        return builtin_fail_operand(c, "operand 2 key \"%.*s\" failed cast to string",
                                    STR_FMT(value_str(key)));
      *(is_prefix ? &layout.prefix : &layout.indent) = value_str(v);
      implied = true;
    } else if (value_eq_str(key, STR("pretty"))) {
      if (v.type != VALUE_BOOL)
        return builtin_fail_operand(c, "operand 2 key \"pretty\" failed cast to bool");
      is_said = true;
      layout.pretty = v.boolean;
    } else {
      struct str text;
      if (builtin_term_text(c, key, &text) != BUILTIN_VALUE)
        return BUILTIN_ERROR;
      return builtin_fail_operand(c, "operand 2 object contained unknown key %.*s", STR_FMT(text));
    }
  }
  if (!is_said)
    layout.pretty = implied;
  return marshal_as(c, args[0], &layout, ret);
}

static int read_json(struct builtin_context *c, struct str text, struct value *ret,
                     struct error *err)
{
  struct json_options options = {.depth_max = BUILTIN_DEPTH_MAX};
  return json_parse(c->arena, text, &options, ret, err);
}

CALL(unmarshal)
{
  struct str text;
  struct error err;
  if (!builtin_want_string(c, args, 1, &text) || !builtin_spend(c, text.len / 16))
    return BUILTIN_ERROR;
  if (read_json(c, text, ret, &err) < 0)
    return builtin_fail(c, "%s", err.message);
  return BUILTIN_VALUE;
}

CALL(is_valid)
{
  struct value v;
  if (args[0].type != VALUE_STRING)
    return give(ret, value_bool(false));
  if (!builtin_spend(c, args[0].len / 16))
    return BUILTIN_ERROR;
  return give(ret, value_bool(read_json(c, value_str(args[0]), &v, NULL) == 0));
}

/* ---- paths */

/* A path as an array of keys: "a/b", "/a/b", or an array. */
static bool read_path(struct builtin_context *c, struct value path, struct value *ret)
{
  if (path.type == VALUE_ARRAY) {
    *ret = path;
    return true;
  }
  if (path.type != VALUE_STRING) {
    builtin_fail_operand(c,
                         "operand 2 must be one of {set, array} containing string paths or array "
                         "of path segments but got %s",
                         value_type_name(path));
    return false;
  }
  struct str s = value_str(path);
  if (s.len == 0) {
    *ret = array_view(NULL, 0);
    return true;
  }
  while (s.len && s.data[0] == '/')
    s = str_sub(s, 1, s.len);
  uint32_t count = 1;
  for (size_t i = 0; i < s.len; i++)
    count += s.data[i] == '/';
  struct value *items = arena_array(c->arena, struct value, count);
  for (uint32_t i = 0; i < count; i++) {
    struct str part = str_cut(s, '/', &s);
    char *text = arena_alloc(c->arena, part.len + 1);
    size_t len = 0;
    for (size_t k = 0; k < part.len; k++) {
      bool escape = part.data[k] == '~' && k + 1 < part.len;
      if (escape && (part.data[k + 1] == '0' || part.data[k + 1] == '1'))
        text[len++] = part.data[++k] == '0' ? '~' : '/';
      else
        text[len++] = part.data[k];
    }
    items[i] = value_string(str_make(text, len));
  }
  *ret = array_view(items, count);
  return true;
}

/* Sorted paths: those that begin alike stand together, the shortest in front. */
struct path_range {
  const struct value *paths;
  uint32_t count;
  uint32_t depth; /* keys that all of them share */
};

static bool read_paths(struct builtin_context *c, const struct value *args, struct path_range *ret)
{
  if (!builtin_want(c, args, 1, VALUE_OBJECT) || !builtin_want_list(c, args, 2, "set, array") ||
      !builtin_spend(c, (uint64_t)args[1].len * 8))
    return false;
  struct value *paths = arena_array(c->arena, struct value, args[1].len);
  uint32_t used = 0;
  for (uint32_t i = 0; i < args[1].len; i++) {
    if (!read_path(c, args[1].items[i], &paths[used]))
      return false;
    used += paths[used].len > 0;
  }
  value_sort(paths, used);
  *ret = (struct path_range){paths, used, 0};
  return true;
}

/* The paths that go on with a key. */
static struct path_range paths_below(struct path_range r, struct value key)
{
  uint32_t low = 0, high = r.count;
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    if (value_compare(r.paths[middle].items[r.depth], key) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  uint32_t from = low;
  for (high = r.count; low < high;) {
    uint32_t middle = (low + high) / 2;
    if (value_compare(r.paths[middle].items[r.depth], key) <= 0)
      low = middle + 1;
    else
      high = middle;
  }
  return (struct path_range){r.paths + from, low - from, r.depth + 1};
}

/* One of the paths ends here: the shortest is in front. */
static bool ends_here(struct path_range r)
{
  return r.count && r.paths[0].len == r.depth;
}

static bool select_paths(struct builtin_context *c, struct value v, struct path_range r,
                         bool removes, struct value *ret);

/* What becomes of a child: *ret absent if it goes. */
static bool select_child(struct builtin_context *c, struct value key, struct value child,
                         struct path_range r, bool removes, struct value *ret)
{
  struct path_range below = paths_below(r, key);
  *ret = VALUE_NONE;
  if (below.count == 0 || ends_here(below)) {
    if ((below.count == 0) == removes)
      *ret = child;
    return true;
  }
  return select_paths(c, child, below, removes, ret);
}

static bool select_members(struct builtin_context *c, struct value v, struct path_range r,
                           bool removes, struct value *ret)
{
  struct value_member *members = arena_array(c->arena, struct value_member, v.len);
  uint32_t used = 0;
  for (uint32_t i = 0; i < v.len; i++) {
    members[used].key = v.members[i].key;
    if (!select_child(c, v.members[i].key, v.members[i].value, r, removes, &members[used].value))
      return false;
    used += members[used].value.type != VALUE_ABSENT;
  }
  return value_object_make_any(c->arena, members, NULL, used, VALUE_LAST_WINS, NULL, ret);
}

static bool select_items(struct builtin_context *c, struct value v, struct path_range r,
                         bool removes, struct value *ret)
{
  struct value *items = arena_array(c->arena, struct value, v.len);
  uint32_t used = 0;
  for (uint32_t i = 0; i < v.len; i++) {
    char number[16];
    int len = snprintf(number, sizeof number, "%u", i);
    struct value key = v.type == VALUE_SET ? v.items[i]
                                           : value_string(str_make(number, (size_t)len));
    if (!select_child(c, key, v.items[i], r, removes, &items[used]))
      return false;
    used += items[used].type != VALUE_ABSENT;
  }
  *ret = v.type == VALUE_SET ? value_set_make(c->arena, items, used) : array_view(items, used);
  return true;
}

/* v is on the way of paths that lead further. */
static bool select_paths(struct builtin_context *c, struct value v, struct path_range r,
                         bool removes, struct value *ret)
{
  if (r.depth > BUILTIN_DEPTH_MAX) {
    builtin_halt(c, "a path has more than %d parts", BUILTIN_DEPTH_MAX);
    return false;
  }
  if (!builtin_spend(c, v.type >= VALUE_ARRAY ? v.len : 0))
    return false;
  if (v.type == VALUE_OBJECT)
    return select_members(c, v, r, removes, ret);
  if (is_list(v))
    return select_items(c, v, r, removes, ret);
  *ret = v;
  return true;
}

static enum builtin_result select_from(struct builtin_context *c, const struct value *args,
                                       bool removes, struct value *ret)
{
  struct path_range paths;
  if (!read_paths(c, args, &paths) || !select_paths(c, args[0], paths, removes, ret))
    return BUILTIN_ERROR;
  return BUILTIN_VALUE;
}

CALL(filter)
{
  return select_from(c, args, false, ret);
}

CALL(remove_paths)
{
  return select_from(c, args, true, ret);
}

/* ---- patch: like data/patch.h, but paths may be arrays of keys of any type and lead into sets */

struct place {
  struct value path; /* an array of keys */
  uint32_t depth;
};

/* An index of an array; `end` allows one behind the last element, and "-". */
static bool array_index(struct value key, uint32_t len, bool end, uint32_t *ret)
{
  int64_t n;
  if (key.type == VALUE_STRING) {
    if (end && value_eq_str(key, STR("-"))) {
      *ret = len;
      return true;
    }
    unsigned long long number;
    if (!str_to_u64(value_str(key), VALUE_CHILDREN_MAX, &number) ||
        (key.len > 1 && key.text[0] == '0'))
      return false;
    n = (int64_t)number;
  } else if (!value_to_int(key, &n)) {
    return false;
  }
  if (n < 0 || n > (int64_t)len - !end)
    return false;
  *ret = (uint32_t)n;
  return true;
}

static struct value child_of(struct value v, struct value key)
{
  uint32_t i;
  if (v.type == VALUE_OBJECT)
    return value_get_any(v, key);
  if (v.type == VALUE_ARRAY)
    return array_index(key, v.len, false, &i) ? v.items[i] : VALUE_NONE;
  return v.type == VALUE_SET && value_set_has(v, key) ? key : VALUE_NONE;
}

static struct value find_place(struct value v, struct value path)
{
  for (uint32_t i = 0; i < path.len && v.type != VALUE_ABSENT; i++)
    v = child_of(v, path.items[i]);
  return v;
}

/* The set with an item taken out and another put in, either of which may be absent. */
static struct value change_set(struct arena *a, struct value set, struct value out, struct value in)
{
  struct value *items = arena_array(a, struct value, set.len + 1);
  uint32_t used = 0;
  for (uint32_t i = 0; i < set.len; i++)
    if (out.type == VALUE_ABSENT || !value_equal(set.items[i], out))
      items[used++] = set.items[i];
  if (in.type != VALUE_ABSENT)
    items[used++] = in;
  return value_set_make(a, items, used);
}

/* The container with the child under a key replaced by `v`; absent: removed. */
static struct value with_child(struct arena *a, struct value in, struct value key, struct value v)
{
  uint32_t i = 0;
  if (in.type == VALUE_OBJECT)
    return value_object_with(a, in, key, v);
  if (in.type == VALUE_ARRAY)
    return array_index(key, in.len, false, &i) ? value_array_with(a, in, i, v) : VALUE_NONE;
  return change_set(a, in, key, v);
}

/* Adds (or, with an absent value, removes) what a path names; absent if that cannot be done. */
static struct value change_place(struct builtin_context *c, struct value v, struct place place,
                                 struct value added)
{
  if (place.depth == place.path.len)
    return added;
  struct value key = place.path.items[place.depth];
  bool last = place.depth + 1 == place.path.len;
  if (v.type < VALUE_ARRAY || !builtin_spend(c, v.len + BUILTIN_FREE_STEPS))
    return VALUE_NONE;
  struct value child = child_of(v, key);
  uint32_t i;
  if (last && added.type == VALUE_ABSENT)
    return child.type == VALUE_ABSENT ? VALUE_NONE : with_child(c->arena, v, key, VALUE_NONE);
  if (last && v.type == VALUE_ARRAY)
    return array_index(key, v.len, true, &i) ? value_array_insert(c->arena, v, i, added)
                                             : VALUE_NONE;
  if (last && v.type == VALUE_SET)
    return value_equal(key, added) ? change_set(c->arena, v, VALUE_NONE, added) : VALUE_NONE;
  if (last)
    return with_child(c->arena, v, key, added);
  if (child.type == VALUE_ABSENT)
    return VALUE_NONE;
  place.depth++;
  child = change_place(c, child, place, added);
  return child.type == VALUE_ABSENT ? VALUE_NONE : with_child(c->arena, v, key, child);
}

/* A removed document is absent, and stays so until it is added. */
static bool apply(struct builtin_context *c, struct value operation, struct value *document)
{
  struct value verb = value_get_str(operation, STR("op"));
  struct value path = value_get_str(operation, STR("path"));
  struct value from = value_get_str(operation, STR("from"));
  struct value v = value_get_str(operation, STR("value"));
  bool moves = value_eq_str(verb, STR("move")), copies = value_eq_str(verb, STR("copy"));
  bool adds = value_eq_str(verb, STR("add")), replaces = value_eq_str(verb, STR("replace"));
  bool tests = value_eq_str(verb, STR("test")), removes = value_eq_str(verb, STR("remove"));
  if (!moves && !copies && !adds && !replaces && !tests && !removes)
    return false;
  if (!read_path(c, path, &path) || path.len > BUILTIN_DEPTH_MAX)
    return false;
  if (moves || copies) {
    if (!read_path(c, from, &from) || from.len > BUILTIN_DEPTH_MAX)
      return false;
    v = find_place(*document, from);
  }
  if (!removes && v.type == VALUE_ABSENT)
    return false;
  if (tests) {
    struct value found = find_place(*document, path);
    return found.type != VALUE_ABSENT && value_equal(found, v);
  }
  if (moves || replaces || removes) {
    struct place at = {moves ? from : path, 0};
    if (find_place(*document, at.path).type == VALUE_ABSENT)
      return false;
    *document = change_place(c, *document, at, VALUE_NONE);
    if (document->type == VALUE_ABSENT && at.path.len)
      return false;
  }
  if (removes)
    return true;
  *document = change_place(c, *document, (struct place){path, 0}, v);
  return document->type != VALUE_ABSENT;
}

/* A patch that cannot be applied makes the result undefined, as in OPA. */
CALL(patch)
{
  if (!builtin_want(c, args, 2, VALUE_ARRAY))
    return BUILTIN_ERROR;
  struct value document = args[0];
  c->error_kind = BUILTIN_FAILED;
  for (uint32_t i = 0; i < args[1].len; i++) {
    if (arena_over(c->arena))
      return builtin_halt(c, "the memory limit of the evaluation has been passed");
    if (!apply(c, args[1].items[i], &document))
      return c->error_kind == BUILTIN_HALT ? BUILTIN_ERROR : BUILTIN_UNDEFINED;
  }
  return document.type == VALUE_ABSENT ? BUILTIN_UNDEFINED : give(ret, document);
}

#define OBJECT "object<any:any>"
#define PATHS "array<string|array<any>>|set<string|array<any>>"

const struct builtin builtins_json[] = {
    ROW(filter, "json.filter", 2, OBJECT ", " PATHS, "any"),
    ROW(is_valid, "json.is_valid", 1, "any", "boolean"),
    ROW(marshal, "json.marshal", 1, "any", "string"),
    ROW(marshal_with_options, "json.marshal_with_options", 2, "any, object<string:any>", "string"),
    ROW(patch, "json.patch", 2, "any, array<object<string:any>>", "any"),
    ROW(remove_paths, "json.remove", 2, OBJECT ", " PATHS, "any"),
    ROW(unmarshal, "json.unmarshal", 1, "string", "any"),
    {.name = NULL},
};
