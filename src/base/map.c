#include "base/map.h"

#include "base/hash.h"
#include "base/mem.h"

/* A removed entry stays in its place, so that order and slots hold, until the tables are made
 * anew. No key has this address. */
static const char hole[1];

static bool is_hole(const struct map_entry *entry)
{
  return entry->key.data == hole;
}

void map_init(struct map *map, struct arena *arena)
{
  *map = (struct map){.arena = arena};
}

void map_free(struct map *map)
{
  mem_free(map->entries);
  mem_free(map->slots);
  map_init(map, map->arena);
}

void map_clear(struct map *map)
{
  if (map->slots)
    memset(map->slots, 0, (map->mask + 1) * sizeof *map->slots);
  map->used = map->count = 0;
}

static void place(struct map *map, size_t number)
{
  size_t at = map->entries[number].hash & map->mask;
  while (map->slots[at])
    at = (at + 1) & map->mask;
  map->slots[at] = (uint32_t)number + 1;
}

/* Makes room for one more entry: larger tables, or the same without their holes. */
static void rebuild(struct map *map)
{
  size_t kept = 0;
  for (size_t i = 0; i < map->used; i++)
    if (!is_hole(&map->entries[i]))
      map->entries[kept++] = map->entries[i];
  map->used = kept;
  if (kept >= MAP_MAX)
    mem_exhausted(SIZE_MAX);
  size_t room = map->room ? map->room : 8;
  while (kept + kept / 4 >= room) /* a table nearly full of keys would be rebuilt over and over */
    room *= 2;
  if (room != map->room) {
    map->entries = mem_resize(map->entries, room, sizeof *map->entries);
    mem_free(map->slots);
    map->slots = mem_zalloc(room * 2, sizeof *map->slots);
    map->room = room;
    map->mask = room * 2 - 1;
  } else {
    memset(map->slots, 0, (map->mask + 1) * sizeof *map->slots);
  }
  for (size_t i = 0; i < kept; i++)
    place(map, i);
}

static struct map_entry *find(const struct map *map, struct str key, uint64_t hash)
{
  if (!map->count)
    return NULL;
  for (size_t at = hash & map->mask; map->slots[at]; at = (at + 1) & map->mask) {
    struct map_entry *entry = &map->entries[map->slots[at] - 1];
    if (entry->hash == hash && !is_hole(entry) && str_eq(entry->key, key))
      return entry;
  }
  return NULL;
}

union map_value *map_get(const struct map *map, struct str key)
{
  if (!map->count)
    return NULL;
  struct map_entry *entry = find(map, key, hash_bytes(key));
  return entry ? &entry->value : NULL;
}

union map_value *map_put(struct map *map, struct str key, bool *ret_added)
{
  uint64_t hash = hash_bytes(key);
  struct map_entry *entry = find(map, key, hash);
  if (ret_added)
    *ret_added = !entry;
  if (entry)
    return &entry->value;
  if (map->used == map->room)
    rebuild(map);
  entry = &map->entries[map->used];
  *entry = (struct map_entry){.key = map->arena ? arena_copy(map->arena, key) : key, .hash = hash};
  place(map, map->used);
  map->used++;
  map->count++;
  return &entry->value;
}

bool map_remove(struct map *map, struct str key)
{
  struct map_entry *entry = map->count ? find(map, key, hash_bytes(key)) : NULL;
  if (!entry)
    return false;
  entry->key = str_make(hole, 0);
  map->count--;
  return true;
}

struct map_entry *map_next(const struct map *map, size_t *at)
{
  while (*at < map->used) {
    struct map_entry *entry = &map->entries[(*at)++];
    if (!is_hole(entry))
      return entry;
  }
  return NULL;
}
