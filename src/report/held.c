#include "report/held.h"

/* Seven bits a byte, the lowest first, the top bit set on all but the last. */
static void write_number(struct buf *out, uint64_t n)
{
  for (; n >= 0x80; n >>= 7)
    buf_add_byte(out, (char)(n | 0x80));
  buf_add_byte(out, (char)n);
}

static uint64_t read_number(struct str records, size_t *at)
{
  uint64_t n = 0;
  for (unsigned shift = 0;; shift += 7) {
    unsigned char byte = (unsigned char)records.data[(*at)++];
    n |= (uint64_t)(byte & 0x7f) << shift;
    if (!(byte & 0x80))
      return n;
  }
}

static void write_text(struct buf *out, struct str text)
{
  write_number(out, text.len);
  buf_add(out, text);
}

static struct str read_text(struct str records, size_t *at)
{
  size_t len = (size_t)read_number(records, at);
  struct str text = str_sub(records, *at, len);
  *at += len;
  return text;
}

static void begin(struct held *held)
{
  /* As much as there is: what cannot be kept would be missing from the report unsaid. */
  buf_init(&held->records, SIZE_MAX / 4);
  buf_init(&held->last_file, SIZE_MAX / 4);
  arena_init(&held->texts_arena, 0);
  map_init(&held->texts, &held->texts_arena);
}

/* The text's number; 0 if it has none and none is left. */
static uint64_t number_of(struct held *held, struct str text)
{
  if (held->texts.count >= HELD_TEXTS_MAX) {
    const union map_value *known = map_get(&held->texts, text);
    return known ? known->number : 0;
  }
  bool added;
  union map_value *value = map_put(&held->texts, text, &added);
  if (added)
    value->number = held->texts.count;
  return value->number;
}

static size_t common_prefix(struct str a, struct str b)
{
  size_t most = a.len < b.len ? a.len : b.len, n = 0;
  while (n < most && a.data[n] == b.data[n])
    n++;
  return n;
}

void held_add(struct held *held, struct str file, uint32_t line, uint32_t column, struct str text)
{
  if (held->count == 0)
    begin(held);
  held->count++;
  size_t shared = common_prefix(buf_str(&held->last_file), file);
  write_number(&held->records, shared);
  write_text(&held->records, str_sub(file, shared, file.len));
  write_number(&held->records, line);
  write_number(&held->records, column);
  uint64_t number = number_of(held, text);
  write_number(&held->records, number);
  if (number == 0)
    write_text(&held->records, text);
  held->last_file.len = shared;
  buf_add(&held->last_file, str_sub(file, shared, file.len));
}

struct held_reader held_read(const struct held *held)
{
  struct held_reader it = {.held = held};
  buf_init(&it.file, SIZE_MAX / 4);
  return it;
}

/* Texts are numbered in the order in which they were put, and none is ever removed. */
static struct str text_of(const struct held *held, uint64_t number)
{
  return held->texts.entries[number - 1].key;
}

bool held_next(struct held_reader *it, struct held_record *ret)
{
  struct str records = buf_str(&it->held->records);
  if (it->at >= records.len)
    return false;
  it->file.len = (size_t)read_number(records, &it->at);
  buf_add(&it->file, read_text(records, &it->at));
  ret->file = buf_str(&it->file);
  ret->line = (uint32_t)read_number(records, &it->at);
  ret->column = (uint32_t)read_number(records, &it->at);
  uint64_t number = read_number(records, &it->at);
  ret->text = number ? text_of(it->held, number) : read_text(records, &it->at);
  return true;
}

void held_read_end(struct held_reader *it)
{
  buf_free(&it->file);
}

void held_free(struct held *held)
{
  if (held->count) {
    map_free(&held->texts);
    arena_free(&held->texts_arena);
  }
  buf_free(&held->records);
  buf_free(&held->last_file);
  *held = (struct held){0};
}
