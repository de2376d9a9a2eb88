#include "base/symbols.h"

#include "base/arena.h"
#include "base/hash.h"

/*
 * Open addressing. A slot holds the first 16 bytes of its text, so that a look-up of a key as short
 * as most are compares two words and a length, and touches nothing but the slot. The hash multiplies
 * by numbers drawn at random: nobody can choose texts that collide, and look-ups of hostile input
 * add nothing. All of the text is hashed.
 */
enum { HEAD = 16, SLOTS_MIN = 1024, SLOTS_PER_TEXT = 4 };

/* The first bytes of a text, zeros behind its end. */
struct head {
  uint64_t low, high;
};

struct symbol_slot {
  struct head head;
  uint32_t len;
  uint16_t number; /* 0: empty */
};

struct symbols {
  struct symbol_slot *slots;
  uint32_t mask;
  unsigned shift;                 /* of a hash, to a slot */
  uint64_t factor, second_factor; /* odd, random */
  struct str *texts;              /* by number - 1 */
  size_t count, room;
  struct arena arena; /* copies of added texts */
};

static inline uint64_t load64(const char *at)
{
  uint64_t word;
  memcpy(&word, at, 8);
  return word;
}

static struct head head_of(struct str s)
{
  char bytes[HEAD] = {0};
  if (s.len)
    memcpy(bytes, s.data, s.len < HEAD ? s.len : HEAD);
  return (struct head){load64(bytes), load64(bytes + 8)};
}

/* The same where HEAD bytes can be read: without a look at the length, which no processor guesses. */
static inline struct head head_of_readable(struct str s)
{
  static const unsigned char masks[2 * HEAD] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  const char *mask = (const char *)masks + HEAD - (s.len < HEAD ? s.len : HEAD);
  return (struct head){load64(s.data) & load64(mask), load64(s.data + 8) & load64(mask + 8)};
}

/* What follows the head, a word at a time; the last word overlaps the one before. */
static uint64_t hash_rest(const struct symbols *table, struct str s, uint64_t hash)
{
  for (size_t at = HEAD; at < s.len; at += 8) {
    hash ^= hash >> 32;
    hash = (hash ^ load64(s.data + (s.len - at < 8 ? s.len - 8 : at))) * table->factor;
  }
  return hash;
}

/* The high bits of a product depend on all bits of its factors. */
static inline uint32_t first_slot(const struct symbols *table, struct head head, struct str s)
{
  uint64_t hash = (head.low ^ s.len * 0xff51afd7ed558ccdULL) * table->factor;
  hash ^= head.high * table->second_factor;
  if (s.len > HEAD)
    hash = hash_rest(table, s, hash);
  return (uint32_t)(hash >> table->shift);
}

static inline bool is_text(const struct symbols *table, const struct symbol_slot *slot,
                           struct head head, struct str s)
{
  if (slot->head.low != head.low || slot->head.high != head.high || slot->len != s.len)
    return false;
  return s.len <= HEAD || memcmp(table->texts[slot->number - 1].data, s.data, s.len) == 0;
}

static inline uint16_t find(const struct symbols *table, struct head head, struct str s)
{
  uint32_t at = first_slot(table, head, s);
  for (const struct symbol_slot *slot; (slot = &table->slots[at])->number;
       at = (at + 1) & table->mask)
    if (is_text(table, slot, head, s))
      return slot->number;
  return 0;
}

static void place(struct symbols *table, uint16_t number)
{
  struct str s = table->texts[number - 1];
  struct head head = head_of(s);
  uint32_t at = first_slot(table, head, s);
  while (table->slots[at].number)
    at = (at + 1) & table->mask;
  table->slots[at] = (struct symbol_slot){head, (uint32_t)s.len, number};
}

static void set_slots(struct symbols *table, uint32_t size)
{
  table->slots = mem_zalloc(size, sizeof *table->slots);
  table->mask = size - 1;
  table->shift = 64 - (unsigned)__builtin_ctz(size);
}

static void grow(struct symbols *table)
{
  uint32_t size = (table->mask + 1) * 2;
  mem_free(table->slots);
  set_slots(table, size);
  for (size_t i = 0; i < table->count; i++)
    place(table, (uint16_t)(i + 1));
}

static uint16_t append(struct symbols *table, struct str text)
{
  if (table->count == SYMBOLS_MAX || text.len > UINT32_MAX)
    return 0;
  if (table->count == table->room) {
    table->room = table->room ? table->room * 2 : 256;
    table->texts = mem_resize(table->texts, table->room, sizeof *table->texts);
  }
  table->texts[table->count++] = text;
  if (table->count * SLOTS_PER_TEXT > (size_t)table->mask + 1)
    grow(table);
  else
    place(table, (uint16_t)table->count);
  return (uint16_t)table->count;
}

struct symbols *symbols_new(const struct str *first, size_t count)
{
  struct symbols *table = mem_zalloc(1, sizeof *table);
  arena_init(&table->arena, 0);
  table->factor = hash_mix(0, (uintptr_t)table) | 1;
  table->second_factor = hash_mix(1, (uintptr_t)table) | 1;
  uint32_t size = SLOTS_MIN;
  while (size < count * SLOTS_PER_TEXT)
    size *= 2;
  set_slots(table, size);
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
  return find(table, head_of(text), text);
}

uint16_t symbols_find_readable(const struct symbols *table, struct str text)
{
  return find(table, head_of_readable(text), text);
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
