#include "base/symbols.h"

#include "base/arena.h"
#include "base/hash.h"

/*
 * Open addressing over 32-bit tags and numbers. Most lookups are for keys of a
 * few bytes that repeat over and over, so the slot is found with a cheap mix of
 * length, first and last bytes, multiplied by numbers drawn at random: nobody
 * can choose texts that collide, and lookups of hostile input add nothing. Where
 * first and last bytes are not the whole of the text, all of it is hashed.
 */
struct symbol_slot {
  uint32_t tag;
  uint16_t number; /* 0: empty */
};

struct symbols {
  struct symbol_slot *slots;
  uint32_t mask;
  uint64_t factor, last_factor; /* odd, random */
  struct str *texts; /* by number - 1 */
  size_t count, room;
  struct arena arena; /* copies of added texts */
};

static inline uint64_t first_bytes(struct str s)
{
  uint64_t word = 0;
  if (s.len >= 8) {
    memcpy(&word, s.data, 8);
    return word;
  }
  if (s.len >= 4) {
    uint32_t a, b;
    memcpy(&a, s.data, 4);
    memcpy(&b, s.data + s.len - 4, 4);
    return a | (uint64_t)b << 32;
  }
  if (s.len)
    word = (unsigned char)s.data[0] | (uint64_t)(unsigned char)s.data[s.len / 2] << 8 |
           (uint64_t)(unsigned char)s.data[s.len - 1] << 16;
  return word;
}

static inline uint32_t tag_of(const struct symbols *table, struct str s)
{
  if (s.len > 16)
    return (uint32_t)hash_bytes(s);
  uint64_t last = 0;
  if (s.len > 8)
    memcpy(&last, s.data + s.len - 8, 8);
  uint64_t mixed = (first_bytes(s) ^ s.len * 0xff51afd7ed558ccdULL) * table->factor;
  mixed ^= last * table->last_factor;
  mixed ^= mixed >> 32;
  return (uint32_t)(mixed ^ (mixed >> 15));
}

static void place(struct symbols *table, uint32_t tag, uint16_t number)
{
  uint32_t at = tag & table->mask;
  while (table->slots[at].number)
    at = (at + 1) & table->mask;
  table->slots[at] = (struct symbol_slot){tag, number};
}

static void grow(struct symbols *table)
{
  uint32_t size = (table->mask + 1) * 2;
  mem_free(table->slots);
  table->slots = mem_zalloc(size, sizeof *table->slots);
  table->mask = size - 1;
  for (size_t i = 0; i < table->count; i++)
    place(table, tag_of(table, table->texts[i]), (uint16_t)(i + 1));
}

static uint16_t append(struct symbols *table, struct str text)
{
  if (table->count == SYMBOLS_MAX)
    return 0;
  if (table->count == table->room) {
    table->room = table->room ? table->room * 2 : 256;
    table->texts = mem_resize(table->texts, table->room, sizeof *table->texts);
  }
  table->texts[table->count++] = text;
  if (table->count * 4 > (size_t)table->mask + 1)
    grow(table);
  else
    place(table, tag_of(table, text), (uint16_t)table->count);
  return (uint16_t)table->count;
}

struct symbols *symbols_new(const struct str *first, size_t count)
{
  struct symbols *table = mem_zalloc(1, sizeof *table);
  arena_init(&table->arena, 0);
  table->factor = hash_mix(0, (uintptr_t)table) | 1;
  table->last_factor = hash_mix(1, (uintptr_t)table) | 1;
  uint32_t size = 1024;
  while (size < count * 4)
    size *= 2;
  table->mask = size - 1;
  table->slots = mem_zalloc(size, sizeof *table->slots);
  for (size_t i = 0; i < count; i++)
    append(table, first[i]);
  return table;
}

void symbols_free(struct symbols *table)
{
  if (!table)
    return;
  arena_free(&table->arena);
  mem_free(table->slots);
  mem_free(table->texts);
  mem_free(table);
}

uint16_t symbols_find(const struct symbols *table, struct str text)
{
  uint32_t tag = tag_of(table, text);
  for (uint32_t at = tag & table->mask;; at = (at + 1) & table->mask) {
    struct symbol_slot slot = table->slots[at];
    if (!slot.number)
      return 0;
    if (slot.tag == tag && str_eq(table->texts[slot.number - 1], text))
      return slot.number;
  }
}

uint16_t symbols_add(struct symbols *table, struct str text)
{
  uint16_t number = symbols_find(table, text);
  return number ? number : append(table, arena_copy(&table->arena, text));
}

struct str symbols_text(const struct symbols *table, uint16_t number)
{
  if (number == 0 || number > table->count)
    return STR_EMPTY;
  return table->texts[number - 1];
}

size_t symbols_count(const struct symbols *table)
{
  return table->count;
}
