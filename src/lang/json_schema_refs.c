/*
 * References (RFC 3986, section 5.2, for their resolution): every object with an id is a document of its
 * own, and what references in it say is meant from there.
 */
#include "data/json.h"
#include "data/pointer.h"
#include "lang/json_schema_int.h"

/* The parts of a reference; those that are not there are empty, with data NULL. */
struct parts {
  struct str scheme, authority, path, query, fragment;
};

static bool is_scheme(struct str s)
{
  for (size_t i = 0; i < s.len; i++) {
    char ch = s.data[i];
    bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
    bool other = (ch >= '0' && ch <= '9') || ch == '+' || ch == '-' || ch == '.';
    if (!letter && (i == 0 || !other))
      return false;
  }
  return s.len > 0;
}

static struct parts split(struct str s)
{
  struct parts p = {.path = STR_EMPTY};
  struct str rest;
  s = str_cut(s, '#', &p.fragment);
  s = str_cut(s, '?', &p.query);
  struct str first = str_cut(s, ':', &rest);
  if (rest.data && is_scheme(first)) {
    p.scheme = first;
    s = rest;
  }
  if (str_starts(s, STR("//"))) {
    s = str_sub(s, 2, s.len);
    p.authority = str_cut(s, '/', &rest);
    s = str_sub(s, p.authority.len, s.len);
  }
  p.path = s;
  return p;
}

static struct str join(struct arena *a, const struct parts *p)
{
  _cleanup_(buf_free) struct buf out = {.cap = 1 << 20};
  if (p->scheme.data)
    buf_printf(&out, "%.*s:", STR_FMT(p->scheme));
  if (p->authority.data)
    buf_printf(&out, "//%.*s", STR_FMT(p->authority));
  buf_add(&out, p->path);
  if (p->query.data)
    buf_printf(&out, "?%.*s", STR_FMT(p->query));
  if (p->fragment.len)
    buf_printf(&out, "#%.*s", STR_FMT(p->fragment));
  return arena_copy(a, buf_str(&out));
}

struct str schema_refs_normal(struct arena *a, struct str reference)
{
  struct parts p = split(reference);
  return join(a, &p);
}

/* Without "." and ".." (section 5.2.4), with a slash in front. */
static struct str clean_path(struct arena *a, struct str path)
{
  char *text = arena_alloc(a, path.len + 2);
  size_t len = 0;
  bool open = false; /* ends in a slash */
  for (struct str rest = path, part; rest.data;) {
    part = str_cut(rest, '/', &rest);
    open = !rest.data && (part.len == 0 || str_eq(part, STR(".")) || str_eq(part, STR("..")));
    if (str_eq(part, STR("..")))
      while (len && text[--len] != '/')
        ;
    else if (part.len && !str_eq(part, STR("."))) {
      text[len++] = '/';
      memcpy(text + len, part.data, part.len);
      len += part.len;
    }
  }
  if (open || !len)
    text[len++] = '/';
  return str_make(text, len);
}

static struct str resolve(struct arena *a, struct str base, struct str reference)
{
  struct parts b = split(base), r = split(reference);
  if (!r.scheme.data) {
    r.scheme = b.scheme;
    if (!r.authority.data) {
      r.authority = b.authority;
      if (!r.path.len) {
        r.path = b.path;
        if (!r.query.data)
          r.query = b.query;
      } else if (r.path.data[0] == '/') {
        r.path = clean_path(a, r.path);
      } else {
        ptrdiff_t slash = str_find_last_byte(b.path, '/');
        r.path = clean_path(
            a, arena_printf(a, "%.*s%.*s", (int)(slash + 1), b.path.data, STR_FMT(r.path)));
      }
    }
  }
  return join(a, &r);
}

/* ---- collecting */

static struct str address_of(struct arena *a, struct value object)
{
  return arena_copy(a, str_make((const char *)&object.members, sizeof object.members));
}

static void collect(struct schema_refs *refs, struct value v, struct str base, unsigned depth);

/* What is no schema itself, but holds some: their names mean nothing. */
static bool holds_schemas(struct str key)
{
  return str_eq(key, STR("properties")) || str_eq(key, STR("dependencies")) ||
         str_eq(key, STR("patternProperties"));
}

static void collect_members(struct schema_refs *refs, struct value v, struct str base,
                            unsigned depth)
{
  for (uint32_t i = 0; i < v.len; i++) {
    struct str key = value_str_or_empty(v.members[i].key);
    struct value child = v.members[i].value;
    if (str_eq(key, STR("const")) || str_eq(key, STR("enum")))
      continue;
    if (!holds_schemas(key))
      collect(refs, child, base, depth + 1);
    else if (child.type == VALUE_OBJECT)
      for (uint32_t m = 0; m < child.len; m++)
        collect(refs, child.members[m].value, base, depth + 1);
  }
}

static void collect(struct schema_refs *refs, struct value v, struct str base, unsigned depth)
{
  if (depth > JSON_SCHEMA_DEPTH_MAX)
    return; /* compiling tells */
  if (v.type == VALUE_ARRAY)
    for (uint32_t i = 0; i < v.len; i++)
      collect(refs, v.items[i], base, depth + 1);
  if (v.type != VALUE_OBJECT)
    return;
  struct value id = value_get_str(v, STR("id")), ref = value_get_str(v, STR("$ref"));
  if (id.type == VALUE_ABSENT)
    id = value_get_str(v, STR("$id"));
  if (id.type == VALUE_STRING) {
    bool added;
    base = resolve(refs->arena, base, value_str(id));
    union map_value *known = map_put(&refs->documents, base, &added);
    if (!added)
      return;
    struct value *copy = arena_new(refs->arena, struct value);
    *copy = v;
    known->pointer = copy;
  }
  if (ref.type == VALUE_STRING) {
    struct str *target = arena_new(refs->arena, struct str);
    *target = resolve(refs->arena, base, value_str(ref));
    map_put(&refs->targets, address_of(refs->arena, v), NULL)->pointer = target;
  }
  collect_members(refs, v, base, depth);
}

void schema_refs_collect(struct schema_refs *refs, struct value document)
{
  struct value *root = arena_new(refs->arena, struct value);
  collect(refs, document, STR_EMPTY, 0);
  *root = document;
  map_put(&refs->documents, STR_EMPTY, NULL)->pointer = root;
}

void schema_refs_free(struct schema_refs *refs)
{
  map_free(&refs->documents);
  map_free(&refs->targets);
}

struct str schema_refs_target(const struct schema_refs *refs, struct value object)
{
  struct str key = str_make((const char *)&object.members, sizeof object.members);
  const union map_value *found = map_get(&refs->targets, key);
  if (found)
    return *(const struct str *)found->view;
  return schema_refs_normal(refs->arena, value_str_or_empty(value_get_str(object, STR("$ref"))));
}

/* ---- following */

static int hex(char ch)
{
  if (ch >= '0' && ch <= '9')
    return ch - '0';
  if (ch >= 'a' && ch <= 'f')
    return ch - 'a' + 10;
  return ch >= 'A' && ch <= 'F' ? ch - 'A' + 10 : -1;
}

static struct str unescape(struct arena *a, struct str s)
{
  char *text = arena_alloc(a, s.len + 1);
  size_t len = 0;
  for (size_t i = 0; i < s.len; i++) {
    bool escape = s.data[i] == '%' && i + 2 < s.len && hex(s.data[i + 1]) >= 0 &&
                  hex(s.data[i + 2]) >= 0;
    text[len++] = escape ? (char)(hex(s.data[i + 1]) << 4 | hex(s.data[i + 2])) : s.data[i];
    i += escape ? 2 : 0;
  }
  return str_make(text, len);
}

static int follow(struct arena *a, struct value v, struct str pointer, struct value *ret,
                  struct error *err)
{
  struct str token;
  if (pointer_check(pointer, NULL) < 0)
    return error_set(err, SW_EINVAL, "Invalid JSON pointer, must be empty or start with a \"/\"");
  while (pointer_next(&pointer, &token)) {
    struct str key = pointer_key(a, token);
    uint32_t i;
    if (v.type == VALUE_OBJECT) {
      v = value_get_str(v, key);
      if (v.type == VALUE_ABSENT)
        return error_set(err, SW_EINVAL, "Object has no key '%.*s'", STR_FMT(str_sub(key, 0, 200)));
    } else if (v.type == VALUE_ARRAY) {
      if (!pointer_index(token, &i))
        return error_set(err, SW_EINVAL, "Invalid array index '%.*s'",
                         STR_FMT(str_sub(key, 0, 200)));
      if (i >= v.len)
        return error_set(err, SW_EINVAL, "Out of bound array[0,%u] index '%u'", (unsigned)v.len,
                         (unsigned)i);
      v = v.items[i];
    } else {
      return error_set(err, SW_EINVAL, "Invalid token reference '%.*s'",
                       STR_FMT(str_sub(key, 0, 200)));
    }
  }
  *ret = v;
  return 0;
}

/* The schema of a draft becomes one of the documents. */
static bool add_draft(struct schema_refs *refs, enum schema_draft draft, struct str text)
{
  struct json_options options = {.depth_max = 40};
  struct value document;
  if (refs->drafts & 1U << draft || json_parse(refs->arena, text, &options, &document, NULL) < 0)
    return false;
  refs->drafts |= 1U << draft;
  collect(refs, document, STR_EMPTY, 0);
  return true;
}

int schema_refs_find(struct schema_refs *refs, struct str target, struct value *ret,
                     enum schema_draft *ret_draft, struct error *err)
{
  struct str fragment, text, shown = str_sub(target, 0, 300);
  struct str base = str_cut(target, '#', &fragment);
  enum schema_draft draft;
  bool is_draft = schema_draft_of(base, &draft, &text);
  if (is_draft && !map_get(&refs->documents, base))
    add_draft(refs, draft, text);
  if (is_draft && refs->drafts & 1U << draft)
    *ret_draft = draft;
  union map_value *known = map_get(&refs->documents, target);
  if (known) {
    *ret = *(const struct value *)known->view;
    return 0;
  }
  known = map_get(&refs->documents, base);
  if (known)
    return follow(refs->arena, *(const struct value *)known->view,
                  unescape(refs->arena, fragment.data ? fragment : STR_EMPTY), ret, err);
  struct parts p = split(target);
  if (!p.scheme.len || !p.authority.len)
    return error_set(err, SW_EINVAL, "Reference %.*s must be canonical", STR_FMT(shown));
  return error_set(err, SW_EINVAL, "remote reference loading disabled: %.*s", STR_FMT(shown));
}
