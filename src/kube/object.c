#include "kube/object.h"

#include "kube/keys.h"

#include <stdio.h>

const char *kube_type_with_article(struct value v)
{
  static const char *const names[] = {
      [VALUE_ABSENT] = "nothing",   [VALUE_NULL] = "null",       [VALUE_BOOL] = "a boolean",
      [VALUE_NUMBER] = "a number",  [VALUE_STRING] = "a string", [VALUE_ARRAY] = "an array",
      [VALUE_OBJECT] = "an object", [VALUE_SET] = "a set",
  };
  return v.type <= VALUE_SET ? names[v.type] : "something unknown";
}

/* Keeps the first fault of an object. */
static void set_fault(struct kube_object *o, enum kube_fault fault, const char *pointer,
                      struct value found, const char *wanted)
{
  if (o->fault)
    return;
  o->fault = fault;
  o->fault_pointer = pointer;
  o->fault_type = kube_type_with_article(found);
  o->fault_wanted = wanted;
}

static struct str read_text(struct kube_object *o, struct value parent, enum kube_key key,
                            const char *pointer)
{
  struct value v = value_get(parent, kube_key(key));
  if (!value_is_nil(v) && !value_is(v, VALUE_STRING))
    set_fault(o, KUBE_FAULT_TYPE, pointer, v, "a string");
  return value_str_or_empty(v);
}

static struct value read_object(struct kube_object *o, struct value parent, enum kube_key key,
                                const char *pointer)
{
  struct value v = value_get(parent, kube_key(key));
  if (value_is(v, VALUE_OBJECT))
    return v;
  if (!value_is_nil(v))
    set_fault(o, KUBE_FAULT_TYPE, pointer, v, "an object");
  return VALUE_NONE;
}

/* "group/version" or "version"; false for more than one '/' or an empty part. */
static bool split_api_version(struct kube_object *o)
{
  struct str rest;
  struct str first = str_cut(o->api_version, '/', &rest);
  if (!rest.data) {
    o->group = STR_EMPTY;
    o->version = first;
    return true;
  }
  o->group = first;
  o->version = rest;
  return first.len && rest.len && str_find_byte(rest, 0, '/') < 0;
}

static void read_metadata(struct kube_object *o)
{
  o->metadata = read_object(o, o->value, KUBE_METADATA, "/metadata");
  o->name = read_text(o, o->metadata, KUBE_NAME, "/metadata/name");
  o->generate_name = read_text(o, o->metadata, KUBE_GENERATE_NAME, "/metadata/generateName");
  o->namespace = read_text(o, o->metadata, KUBE_NAMESPACE, "/metadata/namespace");
  o->labels = read_object(o, o->metadata, KUBE_LABELS, "/metadata/labels");
  o->annotations = read_object(o, o->metadata, KUBE_ANNOTATIONS, "/metadata/annotations");
}

/* Reads the object with the type that its list gives it, if it has none of its own. */
static bool read_as(struct value value, struct value_position position, struct str api_version,
                    struct str kind, struct kube_object *o)
{
  *o = (struct kube_object){.value = value, .position = position, .fault_pointer = ""};
  if (!value_is(value, VALUE_OBJECT)) {
    set_fault(o, value_is_nil(value) ? KUBE_FAULT_MISSING : KUBE_FAULT_TYPE, "", value,
              "an object");
    return false;
  }
  o->api_version = read_text(o, value, KUBE_API_VERSION, "/apiVersion");
  o->kind = read_text(o, value, KUBE_KIND, "/kind");
  bool refused = o->fault != KUBE_FAULT_NONE;
  if (!refused && !o->kind.len && !o->api_version.len) {
    o->kind = kind;
    o->api_version = api_version;
  }
  if (!o->api_version.len)
    set_fault(o, KUBE_FAULT_MISSING, "/apiVersion", VALUE_NONE, "a string");
  else if (!split_api_version(o))
    set_fault(o, KUBE_FAULT_VALUE, "/apiVersion", VALUE_NONE, "\"version\" or \"group/version\"");
  if (!o->kind.len)
    set_fault(o, KUBE_FAULT_MISSING, "/kind", VALUE_NONE, "a string");
  o->is_object = o->fault == KUBE_FAULT_NONE;
  read_metadata(o);
  return o->is_object;
}

bool kube_object_read(struct value value, struct value_position position, struct kube_object *ret)
{
  return read_as(value, position, STR_EMPTY, STR_EMPTY, ret);
}

static const struct str list_suffix = STR_INIT("List");

/* Is the object a list to be taken apart? A kind "List" always is one; others if they have
 * items. */
static bool is_list(const struct kube_object *o, struct value *ret_items)
{
  if (!o->is_object || !str_ends(o->kind, list_suffix))
    return false;
  struct value items = value_get(o->value, kube_key(KUBE_ITEMS));
  *ret_items = items;
  return value_is(items, VALUE_ARRAY) || o->kind.len == list_suffix.len;
}

static void write_pointer(const struct kube_objects *it, struct kube_object *o)
{
  size_t at = 0;
  for (unsigned i = 0; i < it->depth; i++)
    at += (size_t)snprintf(o->pointer + at, sizeof o->pointer - at, "/items/%u",
                           it->frames[i].next - 1);
}

/*
 * Goes into a list. True if that was possible and the list itself is nothing to report.
 * kubectl takes a List without items for an empty one, and so does this.
 */
static bool enter_list(struct kube_objects *it, struct kube_object *o, struct value items)
{
  if (!value_is_nil(items) && !value_is(items, VALUE_ARRAY)) {
    set_fault(o, KUBE_FAULT_TYPE, "/items", items, "an array");
    o->is_object = false;
    return false;
  }
  if (value_is_nil(items) || items.len == 0)
    return true;
  if (it->depth == KUBE_LIST_DEPTH_MAX) {
    o->fault = KUBE_FAULT_NONE;
    set_fault(o, KUBE_FAULT_DEPTH, "", o->value, "an object");
    o->is_object = false;
    return false;
  }
  struct kube_list_frame *frame = &it->frames[it->depth++];
  *frame = (struct kube_list_frame){.items = items};
  if (o->kind.len > list_suffix.len) {
    frame->api_version = o->api_version;
    frame->kind = str_sub(o->kind, 0, o->kind.len - list_suffix.len);
  }
  return true;
}

void kube_objects_begin(struct kube_objects *it, struct value root, struct value_position position)
{
  *it = (struct kube_objects){.root = root, .root_position = position};
}

/* The next value that may be an object or a list, read. False at the end. */
static bool next_candidate(struct kube_objects *it, struct kube_object *ret)
{
  if (!it->started) {
    it->started = true;
    if (value_is_nil(it->root))
      return false;
    read_as(it->root, it->root_position, STR_EMPTY, STR_EMPTY, ret);
    return true;
  }
  while (it->depth && it->frames[it->depth - 1].next == it->frames[it->depth - 1].items.len)
    it->depth--;
  if (!it->depth)
    return false;
  struct kube_list_frame *frame = &it->frames[it->depth - 1];
  uint32_t i = frame->next++;
  read_as(value_at(frame->items, i), value_position(frame->items, i), frame->api_version,
          frame->kind, ret);
  write_pointer(it, ret);
  return true;
}

bool kube_objects_next(struct kube_objects *it, struct kube_object *ret)
{
  struct kube_object found;
  struct value items;
  while (next_candidate(it, &found)) {
    if (is_list(&found, &items) && enter_list(it, &found, items))
      continue;
    *ret = found;
    return true;
  }
  return false;
}

/* "/metadata/name" as people write it: "metadata.name". */
static struct str field_path(struct arena *arena, const char *pointer)
{
  struct str path = arena_copy(arena, str_from(*pointer ? pointer + 1 : ""));
  for (char *c = (char *)(uintptr_t)path.data; *c; c++)
    if (*c == '/')
      *c = '.';
  return path;
}

struct str kube_object_reason(const struct kube_object *o, struct arena *arena)
{
  struct str path = field_path(arena, o->fault_pointer ? o->fault_pointer : "");
  switch (o->fault) {
  case KUBE_FAULT_NONE:
    return STR_EMPTY;
  case KUBE_FAULT_MISSING:
    if (!path.len)
      return arena_printf(arena, "is %s, must be an object", o->fault_type);
    if (value_is(value_get_str(o->value, path), VALUE_STRING))
      return arena_printf(arena, "%.*s is empty", STR_FMT(path));
    return arena_printf(arena, "%.*s is missing", STR_FMT(path));
  case KUBE_FAULT_TYPE:
    return arena_printf(arena, "%.*s%sis %s, must be %s", STR_FMT(path), path.len ? " " : "",
                        o->fault_type, o->fault_wanted);
  case KUBE_FAULT_VALUE:
    return arena_printf(arena, "%.*s is \"%.*s\", must be %s", STR_FMT(path),
                        STR_FMT(str_sub(o->api_version, 0, 200)), o->fault_wanted);
  case KUBE_FAULT_DEPTH:
    return arena_printf(arena, "is a list more than %d lists deep", KUBE_LIST_DEPTH_MAX);
  }
  return STR_EMPTY;
}

struct str kube_object_subject_name(const struct kube_object *o, struct arena *arena)
{
  if (o->name.len || !o->generate_name.len)
    return o->name;
  return arena_printf(arena, "%.*s*", STR_FMT(o->generate_name));
}
