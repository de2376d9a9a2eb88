/*
 * value.h - the value tree: what every reader produces and every rule looks at.
 *
 * A value is 16 bytes and is passed by value. Its model is JSON's plus sets:
 * null, booleans, numbers, strings, arrays, objects, sets. Containers and texts
 * live in an arena or in the text that was read (a view); a value is valid as
 * long as both. Trees are immutable once made and may be shared between threads;
 * changing one (data/patch.h) makes new containers along the path and shares the
 * rest.
 *
 *     struct value spec = value_get(pod, value_from("spec"));
 *     if (value_is(spec, VALUE_OBJECT))
 *         for (uint32_t i = 0; i < spec.len; i++)
 *             use(spec.members[i].key, spec.members[i].value);
 *
 * A value of all zero bytes is VALUE_ABSENT: there is nothing there (Rego's
 * undefined). Look-ups answer with it and take it: value_get(absent, k) is absent,
 * so paths can be followed without a test at each step.
 *
 * Numbers keep what was written. An integer that fits int64_t is inline; every
 * other literal (fractions, exponents, larger integers) stays text until somebody
 * computes with it, so nothing is rounded on the way through. VALUE_DOUBLE occurs
 * in results of computations only; it is never NaN or infinite. data/number.h
 * compares and converts.
 *
 * Strings are valid UTF-8 and may contain zero bytes. A string that is a key known
 * to a symbol table (base/symbols.h) carries its number, so that value_get usually
 * compares eight bytes. A string without a number is compared by its bytes: a tree
 * read without a table gives the same answers, only slower.
 *
 * Objects keep the order in which they were written; keys are unique. Keys of
 * objects that were read are strings; other types occur in objects that Rego made.
 * Sets are sorted by value_compare (data/compare.h) and free of duplicates.
 *
 * Source positions are kept beside the children of a container that a reader made
 * with positions asked for: value_position tells line and column of each child and
 * each key. The position of the root is the document's.
 *
 * Limits: 2^32-1 bytes a string, 2^31 members or elements a container.
 */
#ifndef SEAWALL_DATA_VALUE_H
#define SEAWALL_DATA_VALUE_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* In Rego's order of types. */
enum value_type {
  VALUE_ABSENT = 0,
  VALUE_NULL,
  VALUE_BOOL,
  VALUE_NUMBER,
  VALUE_STRING,
  VALUE_ARRAY,
  VALUE_OBJECT,
  VALUE_SET,
};

enum value_flag {
  /* numbers: exactly one of these */
  VALUE_INT = 1,    /* .integer */
  VALUE_DOUBLE = 2, /* .real, finite */
  VALUE_TEXT = 4,   /* .text and .len: a JSON number literal */
  /* containers */
  VALUE_POSITIONS = 1, /* positions are kept beside the children */
  VALUE_INDEXED = 2,   /* an object with a hash index */
};

enum {
  VALUE_INDEX_FROM = 17, /* members from which an object gets an index */
  VALUE_CHILDREN_MAX = 1 << 30,
};

struct value {
  uint8_t type;    /* enum value_type */
  uint8_t flags;   /* enum value_flag */
  uint16_t symbol; /* strings: number in the symbol table, or 0 */
  uint32_t len;    /* strings, VALUE_TEXT: bytes; containers: elements or members */
  union {
    bool boolean;
    int64_t integer;
    double real;
    const char *text; /* not zero-terminated */
    const struct value *items;
    const struct value_member *members;
  };
};

struct value_member {
  struct value key;
  struct value value;
};

/* A place in a source text; line 0: unknown. */
struct value_position {
  uint32_t line;   /* from 1 */
  uint32_t column; /* from 1, in Unicode characters */
};

_Static_assert(sizeof(struct value) == 16, "a value is 16 bytes");

#define VALUE_NONE ((struct value){0})

static inline bool value_is(struct value v, enum value_type type)
{
  return v.type == type;
}

static inline struct value value_null(void)
{
  return (struct value){.type = VALUE_NULL};
}

static inline struct value value_bool(bool b)
{
  struct value v = {.type = VALUE_BOOL};
  v.boolean = b;
  return v;
}

static inline struct value value_int(int64_t n)
{
  return (struct value){.type = VALUE_NUMBER, .flags = VALUE_INT, .integer = n};
}

/* A view: the text must be valid UTF-8 and outlive the value. At most UINT32_MAX bytes. */
static inline struct value value_string(struct str s)
{
  return (struct value){.type = VALUE_STRING, .len = (uint32_t)s.len, .text = s.data};
}

/* A string from a zero-terminated text. */
static inline struct value value_from(const char *text)
{
  return value_string(str_from(text));
}

/* The text of a string or of a VALUE_TEXT number. */
static inline struct str value_str(struct value v)
{
  return (struct str){v.text, v.len};
}

/* The text of a string; empty if v is anything else. */
static inline struct str value_str_or_empty(struct value v)
{
  return v.type == VALUE_STRING ? value_str(v) : STR_EMPTY;
}

static inline bool value_is_true(struct value v)
{
  return v.type == VALUE_BOOL && v.boolean;
}

static inline bool value_is_false(struct value v)
{
  return v.type == VALUE_BOOL && !v.boolean;
}

/* null or nothing there: what Kubernetes treats alike. */
static inline bool value_is_nil(struct value v)
{
  return v.type <= VALUE_NULL;
}

/* Is v the string? */
static inline bool value_eq_str(struct value v, struct str s)
{
  return v.type == VALUE_STRING && str_eq(value_str(v), s);
}

/* An integer that fits: stored inline. False for every other value (a number like 1.0 too: see
 * number_to_int64). */
static inline bool value_to_int(struct value v, int64_t *ret)
{
  if (v.type != VALUE_NUMBER || !(v.flags & VALUE_INT))
    return false;
  *ret = v.integer;
  return true;
}

struct value value_get_slow(struct value object, struct value key);

/*
 * The member of an object under a string key; absent if there is none or `object` is not an object.
 * Linear in small objects, hashed in large ones.
 */
static inline struct value value_get(struct value object, struct value key)
{
  if (object.type != VALUE_OBJECT)
    return VALUE_NONE;
  if (key.symbol && !(object.flags & VALUE_INDEXED)) {
    /* type, flags, symbol and length at once: equal numbers are equal texts */
    uint64_t wanted;
    memcpy(&wanted, &key, 8);
    for (uint32_t i = 0; i < object.len; i++) {
      uint64_t found;
      memcpy(&found, &object.members[i].key, 8);
      if (found == wanted)
        return object.members[i].value;
    }
  }
  return value_get_slow(object, key);
}

static inline struct value value_get_str(struct value object, struct str key)
{
  return value_get(object, value_string(key));
}

/* Index of the member under a string key; -1 if there is none. */
int64_t value_find(struct value object, struct value key);

/* The same for a key of any type, and the member itself. Costs as value_find for strings. */
int64_t value_find_any(struct value object, struct value key);

static inline struct value value_get_any(struct value object, struct value key)
{
  int64_t i = value_find_any(object, key);
  return i < 0 ? VALUE_NONE : object.members[i].value;
}

/* The element of an array; absent beyond its end or if `array` is not an array. */
static inline struct value value_at(struct value array, uint32_t i)
{
  return array.type == VALUE_ARRAY && i < array.len ? array.items[i] : VALUE_NONE;
}

/*
 * Containers from parts. The parts are copied into the arena. With positions: for an array, one for
 * each item; for an object, two for each member (key, value).
 */
struct value value_array_make(struct arena *a, const struct value *items,
                              const struct value_position *positions, uint32_t count);

enum value_duplicates {
  VALUE_LAST_WINS, /* the later value takes the place of the earlier one, as Go's decoder does */
  VALUE_REFUSE,    /* value_object_make answers false */
};

/*
 * An object from members whose keys are strings. If a key occurs twice, *ret_duplicate (may be
 * NULL) is the index in `members` of the first repetition (UINT32_MAX: none). Under VALUE_REFUSE a
 * repetition makes it return false and make nothing.
 */
bool value_object_make(struct arena *a, const struct value_member *members,
                       const struct value_position *positions, uint32_t count,
                       enum value_duplicates duplicates, uint32_t *ret_duplicate,
                       struct value *ret_object);

/*
 * The same for members whose keys may be of any type, compared by value (data/compare.h: 1 and 1.0 are
 * one key). With string keys alone it is value_object_make.
 */
bool value_object_make_any(struct arena *a, const struct value_member *members,
                           const struct value_position *positions, uint32_t count,
                           enum value_duplicates duplicates, uint32_t *ret_duplicate,
                           struct value *ret_object);

/* An object like the given one with one member set (added last, or replaced in its place), or, with
 * an absent value, removed. Positions are kept for the members that stay; an added one has none. */
struct value value_object_with(struct arena *a, struct value object, struct value key,
                               struct value value);

/* An array like the given one with `value` inserted before index i (i == len: appended). */
struct value value_array_insert(struct arena *a, struct value array, uint32_t i,
                                struct value value);

/* An array like the given one with element i replaced, or, with an absent value, removed. */
struct value value_array_with(struct arena *a, struct value array, uint32_t i, struct value value);

/* Position of element i of an array, or of the value (not the key) of member i of an object.
 * {0, 0} if none is kept. */
struct value_position value_position(struct value container, uint32_t i);
struct value_position value_key_position(struct value object, uint32_t i);

/* "null", "boolean", "number", "string", "array", "object", "set"; "nothing" for VALUE_ABSENT. */
const char *value_type_name(struct value v);

#endif
