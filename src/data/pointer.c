#include "data/pointer.h"

#include "data/pointer_int.h"

#include <stdio.h>

enum { UNESCAPED_MAX = 1024 }; /* bytes of a key that is unescaped on the stack */

int pointer_check(struct str pointer, struct error *err)
{
  if (pointer.len == 0)
    return 0;
  if (pointer.len > POINTER_LENGTH_MAX)
    return error_set(err, SW_ELIMIT, "a JSON pointer of %zu bytes is longer than %d", pointer.len,
                     POINTER_LENGTH_MAX);
  if (pointer.data[0] != '/')
    return error_set(err, SW_EINVAL, "the JSON pointer \"%.*s\" does not begin with \"/\"",
                     STR_FMT(pointer_shown(pointer)));
  for (size_t i = 0; i < pointer.len; i++) {
    if (pointer.data[i] != '~')
      continue;
    char next = i + 1 < pointer.len ? pointer.data[i + 1] : '\0';
    if (next != '0' && next != '1')
      return error_set(
          err, SW_EINVAL,
          "the JSON pointer \"%.*s\" has a \"~\" at offset %zu that is not \"~0\" (for "
          "\"~\") or \"~1\" (for \"/\")",
          STR_FMT(pointer_shown(pointer)), i);
  }
  return 0;
}

bool pointer_next(struct str *pointer, struct str *ret_token)
{
  if (pointer->len == 0)
    return false;
  ptrdiff_t end = str_find_byte(*pointer, 1, '/');
  size_t len = end < 0 ? pointer->len : (size_t)end;
  *ret_token = str_sub(*pointer, 1, len - 1);
  *pointer = str_sub(*pointer, len, pointer->len);
  return true;
}

struct str pointer_parent(struct str pointer, struct str *ret_last)
{
  ptrdiff_t slash = str_find_last_byte(pointer, '/');
  size_t at = slash < 0 ? 0 : (size_t)slash;
  *ret_last = str_sub(pointer, at + 1, pointer.len);
  return str_sub(pointer, 0, at);
}

size_t pointer_count(struct str pointer)
{
  size_t count = 0;
  for (size_t i = 0; i < pointer.len; i++)
    count += pointer.data[i] == '/';
  return count;
}

/* The character at *at of an escaped token, and *at moved behind it. */
static char unescaped_at(struct str token, size_t *at)
{
  char c = token.data[(*at)++];
  if (c != '~' || *at >= token.len)
    return c;
  return token.data[(*at)++] == '1' ? '/' : '~';
}

bool pointer_token_is(struct str token, struct str key)
{
  size_t at = 0, i = 0;
  while (at < token.len && i < key.len)
    if (unescaped_at(token, &at) != key.data[i++])
      return false;
  return at == token.len && i == key.len;
}

void pointer_unescape(struct buf *out, struct str token)
{
  for (size_t at = 0; at < token.len;)
    buf_add_byte(out, unescaped_at(token, &at));
}

static size_t unescape_into(char *to, struct str token)
{
  size_t len = 0;
  for (size_t at = 0; at < token.len;)
    to[len++] = unescaped_at(token, &at);
  return len;
}

struct str pointer_key(struct arena *a, struct str token)
{
  if (str_find_byte(token, 0, '~') < 0)
    return token;
  char *text = arena_alloc(a, token.len);
  return str_make(text, unescape_into(text, token));
}

bool pointer_index(struct str token, uint32_t *ret_index)
{
  unsigned long long number;
  if (token.len > 1 && token.data[0] == '0')
    return false;
  if (!str_to_u64(token, VALUE_CHILDREN_MAX - 1, &number))
    return false;
  *ret_index = (uint32_t)number;
  return true;
}

bool pointer_inside(struct str inner, struct str outer)
{
  return inner.len > outer.len && inner.data[outer.len] == '/' && str_starts(inner, outer);
}

void pointer_add_key(struct buf *pointer, struct str key)
{
  buf_add_byte(pointer, '/');
  size_t from = 0;
  for (size_t i = 0; i < key.len; i++) {
    if (key.data[i] != '~' && key.data[i] != '/')
      continue;
    buf_add(pointer, str_sub(key, from, i - from));
    buf_add(pointer, key.data[i] == '~' ? STR("~0") : STR("~1"));
    from = i + 1;
  }
  buf_add(pointer, str_sub(key, from, key.len));
}

void pointer_add_index(struct buf *pointer, uint64_t index)
{
  buf_add_byte(pointer, '/');
  buf_add_u64(pointer, index);
}

static int64_t find_member(struct value object, struct str token)
{
  if (str_find_byte(token, 0, '~') < 0)
    return value_find(object, value_string(token));
  if (token.len <= UNESCAPED_MAX) {
    char key[UNESCAPED_MAX];
    return value_find(object, value_string(str_make(key, unescape_into(key, token))));
  }
  for (uint32_t i = 0; i < object.len; i++) {
    struct value key = object.members[i].key;
    if (key.type == VALUE_STRING && pointer_token_is(token, value_str(key)))
      return i;
  }
  return -1;
}

/* One step down. False if the token names nothing there. */
static bool step(struct value container, struct str token, struct pointer_place *ret_place)
{
  uint32_t index;
  struct value child;
  if (container.type == VALUE_OBJECT) {
    int64_t found = find_member(container, token);
    if (found < 0)
      return false;
    index = (uint32_t)found;
    child = container.members[index].value;
  } else {
    if (container.type != VALUE_ARRAY || !pointer_index(token, &index) || index >= container.len)
      return false;
    child = container.items[index];
  }
  *ret_place = (struct pointer_place){.value = child,
                                      .position = value_position(container, index),
                                      .parent = container,
                                      .index = index};
  return true;
}

struct str pointer_shown(struct str text)
{
  enum { SHOWN_MAX = 160 };
  if (text.len <= SHOWN_MAX)
    return text;
  size_t len = SHOWN_MAX;
  while (len && ((unsigned char)text.data[len] & 0xc0) == 0x80)
    len--;
  return str_make(text.data, len);
}

/* "/a/b" in quotes, or what to call the root. */
static void name_place(char *out, size_t size, struct str pointer)
{
  if (pointer.len == 0)
    snprintf(out, size, "the document");
  else
    snprintf(out, size, "\"%.*s\"", STR_FMT(pointer_shown(pointer)));
}

int pointer_missing(struct value container, struct str pointer, struct str token, struct error *err)
{
  char place[200];
  name_place(place, sizeof place, str_sub(pointer, 0, (size_t)(token.data - pointer.data) - 1));
  struct str name = pointer_shown(token);
  uint32_t index;
  if (container.type == VALUE_OBJECT)
    return error_set(err, SW_ENOTFOUND, "%s has no member \"%.*s\"", place, STR_FMT(name));
  if (container.type != VALUE_ARRAY)
    return error_set(err, SW_ENOTFOUND, "%s is %s%s, it has no \"%.*s\"", place,
                     value_is_nil(container) ? "" : "a ", value_type_name(container),
                     STR_FMT(name));
  if (pointer_index(token, &index))
    return error_set(err, SW_ENOTFOUND, "%s has %u element%s, none at index %u", place,
                     container.len, container.len == 1 ? "" : "s", index);
  return error_set(err, SW_ENOTFOUND, "%s is an array, and \"%.*s\" is not the index of an element",
                   place, STR_FMT(name));
}

int pointer_find(struct value root, struct str pointer, struct pointer_place *ret_place,
                 struct error *err)
{
  int r = pointer_check(pointer, err);
  if (r < 0)
    return r;
  struct pointer_place place = {.value = root};
  struct str rest = pointer, token;
  while (pointer_next(&rest, &token)) {
    struct value container = place.value;
    if (!step(container, token, &place))
      return pointer_missing(container, pointer, token, err);
  }
  *ret_place = place;
  return 0;
}

struct value pointer_get(struct value root, struct str pointer)
{
  struct pointer_place place;
  return pointer_find(root, pointer, &place, NULL) < 0 ? VALUE_NONE : place.value;
}
