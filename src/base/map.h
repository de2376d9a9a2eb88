/*
 * map.h - from texts to values, hashed under the process key.
 *
 *     struct map seen;
 *     map_init(&seen, &arena);            keys are copied into the arena
 *     bool added;
 *     map_put(&seen, name, &added)->number = 7;
 *     union map_value *value = map_get(&seen, name);
 *     size_t at = 0;
 *     for (struct map_entry *e; (e = map_next(&seen, &at));)
 *         use(e->key, e->value.number);
 *     map_free(&seen);
 *
 * Iteration is in the order in which keys were first put. Keys come from
 * hostile input as a rule: hashing is keyed (hash_bytes), so nobody can make
 * them collide on purpose. At most MAP_MAX entries; a caller whose input
 * controls the number caps it earlier (map.count).
 *
 * The map owns its tables. Keys are views that outlive the map, or, with an
 * arena given, copies in it. Addresses of values are valid until the next
 * map_put or map_remove. A struct map that is all zero is an empty map without
 * an arena.
 *
 * Thread safety: a map belongs to one thread, or is filled and then only read.
 */
#ifndef SEAWALL_BASE_MAP_H
#define SEAWALL_BASE_MAP_H

#include "base/arena.h"
#include "base/str.h"

#include <stdint.h>

enum { MAP_MAX = 1 << 30 };

union map_value {
  void *pointer;
  const void *view;
  uint64_t number;
};

struct map_entry {
  struct str key;
  union map_value value;
  uint64_t hash; /* the map's own */
};

struct map {
  struct map_entry *entries; /* in order of insertion; removed ones are holes */
  size_t used, room;         /* entries in use, holes among them; entries allocated */
  size_t count;              /* keys */
  uint32_t *slots;           /* entry number + 1; 0: free */
  size_t mask;               /* slots - 1; 0: none allocated */
  struct arena *arena;       /* where keys are copied to; NULL: they are views */
};

/* Empty; allocates nothing yet. arena may be NULL. */
void map_init(struct map *map, struct arena *arena);
void map_free(struct map *map);

/* Empty again, memory kept (copies of keys too, as long as the arena lives). */
void map_clear(struct map *map);

/* The value of a key; NULL if the map lacks it. */
union map_value *map_get(const struct map *map, struct str key);

/* The value of a key, which is added with a zero value if it is new. ret_added may be NULL. */
union map_value *map_put(struct map *map, struct str key, bool *ret_added);

/* Takes a key out; whether it was there. */
bool map_remove(struct map *map, struct str key);

/* The entry at or behind *at (start with 0), or NULL; *at moves on. Values may be changed and
 * keys removed while iterating, not added. */
struct map_entry *map_next(const struct map *map, size_t *at);

#endif
