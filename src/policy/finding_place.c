#include "policy/finding_place.h"

#include "base/mem.h"
#include "data/json_write.h"
#include "data/pointer.h"

enum { EVIDENCE_WRITTEN = 2048 }; /* bytes that are written before they are cut */

/* Shortens a text at a character, with "..." behind it. */
static struct str shorten(struct arena *arena, struct str text)
{
  if (text.len <= FINDING_EVIDENCE_MAX)
    return arena_copy(arena, text);
  size_t end = FINDING_EVIDENCE_MAX - 3;
  while (end && ((unsigned char)text.data[end] & 0xC0) == 0x80)
    end--;
  return arena_printf(arena, "%.*s...", STR_FMT(str_sub(text, 0, end)));
}

struct str finding_quote(struct value v, struct arena *arena)
{
  if (value_is(v, VALUE_ABSENT))
    return STR_EMPTY;
  _cleanup_(buf_free) struct buf text = {0};
  buf_init(&text, EVIDENCE_WRITTEN);
  json_write(&text, v, 0);
  return shorten(arena, buf_str(&text));
}

struct subject finding_subject(const struct kube_object *object, struct str container,
                               struct arena *arena)
{
  return (struct subject){
      .api_version = object->api_version,
      .kind = object->kind,
      .namespace = object->namespace,
      .name = kube_object_subject_name(object, arena),
      .container = container,
      .labels = object->labels,
  };
}

static struct str join(struct arena *arena, struct str a, struct str b)
{
  if (!a.len || !b.len)
    return arena_copy(arena, a.len ? a : b);
  char *text = arena_alloc(arena, a.len + b.len + 1);
  memcpy(text, a.data, a.len);
  memcpy(text + a.len, b.data, b.len);
  text[a.len + b.len] = '\0';
  return str_make(text, a.len + b.len);
}

/* The deepest place on the way that exists, and its position. Of a mapping or list under a key that
 * is where the key stands: its own begins with its first member, which has nothing to do with it. */
static struct str find_deepest(const struct kube_object *object, struct str pointer,
                               struct value_position *ret_position)
{
  struct pointer_place found;
  struct str last;
  while (pointer.len && pointer_find(object->value, pointer, &found, NULL) < 0)
    pointer = pointer_parent(pointer, &last);
  if (pointer.len == 0)
    *ret_position = object->position;
  else if (found.value.type >= VALUE_ARRAY && value_is(found.parent, VALUE_OBJECT))
    *ret_position = value_key_position(found.parent, found.index);
  else
    *ret_position = found.position;
  return pointer;
}

/* Fills the location, its pointer the whole one; returns how much of that exists. */
static size_t locate(struct finding *f, const struct kube_object *object,
                     const struct location *place, struct str pointer, struct arena *arena)
{
  struct value_position position;
  struct str prefix = str_from(object->pointer);
  struct str whole = join(arena, prefix, pointer);
  struct str deepest = find_deepest(object, pointer, &position);
  f->location = (struct location){
      .file = place->file,
      .document = place->document,
      .line = position.line,
      .column = position.column,
      .pointer = whole,
  };
  return prefix.len + deepest.len;
}

void finding_place(struct finding *f, const struct kube_object *object,
                   const struct location *place, struct str pointer, struct str key,
                   struct arena *arena)
{
  size_t shown = locate(f, object, place, pointer, arena);
  finding_seal(f, key);
  f->location.pointer = str_sub(f->location.pointer, 0, shown);
}

void finding_point(struct finding *f, const struct kube_object *object,
                   const struct location *place, struct str pointer, struct arena *arena)
{
  size_t shown = locate(f, object, place, pointer, arena);
  f->location.pointer = str_sub(f->location.pointer, 0, shown);
}
