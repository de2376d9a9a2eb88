/*
 * types.h - what values a Rego expression can have: the types that the checker infers, and that OPA's
 * messages speak of.
 *
 * A type is a scalar's, an array's (known elements, then any number of others), an object's (known
 * properties, then others of one type of key and one of value), a set's, a union of several ("any" is
 * the union of nothing: everything), or a function's. NULL is a type that nothing is known of yet, and
 * may stand for parts of a type, which then is `unknown`.
 *
 *     struct rego_types types;
 *     rego_types_start(&types, &arena);
 *     const struct rego_type *t = rego_type_parse(&types, STR("array<string|number>"));
 *     if (!rego_type_unifies(&types, t, &rego_type_string))
 *         rego_type_write(&out, t);                      // array[any<number, string>]
 *
 * Two types unify if some value has both; which is what OPA's `=` asks for. So a type that says less
 * than could be known only ever makes fewer errors. That is what the limits do: a type nested deeper
 * than REGO_TYPE_DEPTH_MAX and a union of more than REGO_TYPE_UNION_MAX are any, an array or object of
 * more than REGO_TYPE_ITEMS_MAX known parts keeps only what they have in common, and after
 * REGO_TYPE_STEPS_MAX steps of work everything is any, and unifies.
 *
 * Ownership: types lie in the arena of their struct rego_types and are immutable; keys view what they
 * were given. Thread safety: types may be shared; a struct rego_types belongs to one thread.
 *
 * Behaviour: OPA 1.x, package types.
 */
#ifndef SEAWALL_LANG_REGO_TYPES_H
#define SEAWALL_LANG_REGO_TYPES_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "data/value.h"

enum {
  REGO_TYPE_DEPTH_MAX = 50,
  REGO_TYPE_UNION_MAX = 100,
  REGO_TYPE_ITEMS_MAX = 2000,
  REGO_TYPE_STEPS_MAX = 20000000,
};

/* In the order of OPA's unions. */
enum rego_type_kind {
  REGO_TYPE_NULL,
  REGO_TYPE_BOOLEAN,
  REGO_TYPE_NUMBER,
  REGO_TYPE_STRING,
  REGO_TYPE_ARRAY,
  REGO_TYPE_OBJECT,
  REGO_TYPE_SET,
  REGO_TYPE_ANY,
  REGO_TYPE_FUNCTION,
};

struct rego_type {
  uint8_t kind; /* enum rego_type_kind */
  bool unknown; /* a part is NULL */
  uint16_t depth;
  uint32_t count; /* items */
  /* Known elements, values of known properties, members of a union (in order, each once; none:
   * everything), arguments. */
  const struct rego_type *const *items;
  const struct value *keys;    /* of known properties: scalars, in order of value_compare */
  const struct rego_type *key; /* of other properties */
  const struct rego_type
      *rest; /* other elements, values of other properties (NULL: there are none),
                                   elements of a set, a function's result (NULL: none) */
};

extern const struct rego_type rego_type_null, rego_type_boolean, rego_type_number, rego_type_string,
    rego_type_any;

enum { REGO_TYPES_CACHED = 64 };

/* What was found in a large type. */
struct rego_types_cached {
  const struct rego_type *of, *keys, *values;
};

struct rego_types {
  struct arena *arena;
  uint64_t steps;
  bool over;                                         /* everything is any from here on */
  struct rego_types_cached cache[REGO_TYPES_CACHED]; /* by address */
};

void rego_types_start(struct rego_types *types, struct arena *a);

/* Counts work; false when there has been too much. */
bool rego_types_spend(struct rego_types *types, uint64_t steps);

/* ---- making types; items and keys are copied */

/* items: count elements; rest: what may follow, NULL: nothing. */
const struct rego_type *rego_type_array(struct rego_types *types,
                                        const struct rego_type *const *items, uint32_t count,
                                        const struct rego_type *rest);

/* keys: scalars in any order (of several equal ones the last counts); key and rest of what else there
 * may be, NULL: nothing. */
const struct rego_type *rego_type_object(struct rego_types *types, const struct value *keys,
                                         const struct rego_type *const *values, uint32_t count,
                                         const struct rego_type *key, const struct rego_type *rest);

const struct rego_type *rego_type_set(struct rego_types *types, const struct rego_type *element);

const struct rego_type *rego_type_function(struct rego_types *types,
                                           const struct rego_type *const *args, uint32_t count,
                                           const struct rego_type *result);

/* A scalar's type; that of any for what is none. */
const struct rego_type *rego_type_of(struct value scalar);

/* From the notation of lang/builtin.h: "array<string>|number". any, if it is malformed. */
const struct rego_type *rego_type_parse(struct rego_types *types, struct str notation);

/*
 * What a JSON Schema allows, as OPA reads it: `type`, `properties`, `items`, `anyOf`, `allOf`, `$ref`
 * inside of the document. An object with `properties` has no others, whatever additionalProperties
 * says. Elsewhere nothing is fetched: what a reference to another document says is any, and so is what a
 * schema says of itself again. SW_EINVAL: a schema that contradicts itself, or names no type.
 */
int rego_type_from_schema(struct rego_types *types, struct value schema,
                          const struct rego_type **ret_type, struct error *err);

/* ---- combining and asking */

/* One or the other; if one is NULL, the other. Of functions, that which takes either's arguments; NULL
 * if they have different numbers of them. */
const struct rego_type *rego_type_or(struct rego_types *types, const struct rego_type *a,
                                     const struct rego_type *b);

/* The order of unions: NULL first. */
int rego_type_compare(struct rego_types *types, const struct rego_type *a,
                      const struct rego_type *b);

/* A value may have both types; false if one is NULL. */
bool rego_type_unifies(struct rego_types *types, const struct rego_type *a,
                       const struct rego_type *b);

/* What can be enumerated: indexes of arrays, keys of objects, elements of sets. NULL: nothing. */
const struct rego_type *rego_type_keys(struct rego_types *types, const struct rego_type *type);

/* What a look-up by any of these gives. */
const struct rego_type *rego_type_values(struct rego_types *types, const struct rego_type *type);

/* What a look-up by a scalar gives; NULL if there is nothing. */
const struct rego_type *rego_type_select(struct rego_types *types, const struct rego_type *type,
                                         struct value key);

/* As OPA writes it: "array<number, string>[any]", "object<a: string>[string: any]"; NULL is "???".
 * Stops when the buffer's cap is reached. */
void rego_type_write(struct buf *out, const struct rego_type *type);

/* "(number, ???)" */
void rego_type_write_list(struct buf *out, const struct rego_type *const *items, uint32_t count);

#endif
