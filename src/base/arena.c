#include "base/arena.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>

struct arena_chunk {
  struct arena_chunk *older;
  size_t size; /* bytes of data */
  char data[] __attribute__((aligned(16)));
};

enum { FIRST_CHUNK = 16 << 10, LARGEST_STEP = 4 << 20, KEEP_DEFAULT = 8 << 20 };

void arena_init(struct arena *a, size_t limit)
{
  *a = (struct arena){.limit = limit, .keep = KEEP_DEFAULT};
}

static size_t chunk_used(const struct arena *a)
{
  return a->chunk ? (size_t)(a->at - a->chunk->data) : 0;
}

static void note_peak(struct arena *a)
{
  size_t used = arena_used(a);
  if (used > a->peak)
    a->peak = used;
}

static void free_chunks(struct arena_chunk *chunk)
{
  while (chunk) {
    struct arena_chunk *older = chunk->older;
    mem_free(chunk);
    chunk = older;
  }
}

static void set_chunk(struct arena *a, struct arena_chunk *chunk)
{
  a->chunk = chunk;
  a->at = chunk ? chunk->data : NULL;
  a->end = chunk ? chunk->data + chunk->size : NULL;
}

static struct arena_chunk *new_chunk(struct arena_chunk *older, size_t size)
{
  size_t bytes;
  if (__builtin_add_overflow(sizeof(struct arena_chunk), size, &bytes))
    mem_exhausted(size);
  struct arena_chunk *chunk = mem_alloc(bytes);
  chunk->older = older;
  chunk->size = size;
  return chunk;
}

void arena_free(struct arena *a)
{
  free_chunks(a->chunk);
  *a = (struct arena){.limit = a->limit, .keep = a->keep};
}

size_t arena_peak(struct arena *a)
{
  note_peak(a);
  return a->peak;
}

void *arena_alloc_array(struct arena *a, size_t count, size_t size)
{
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes))
    mem_exhausted(SIZE_MAX);
  return arena_alloc(a, bytes);
}

void *arena_zalloc(struct arena *a, size_t count, size_t size)
{
  void *p = arena_alloc_array(a, count, size);
  memset(p, 0, count * size);
  return p;
}

struct str arena_copy(struct arena *a, struct str s)
{
  char *copy = arena_alloc(a, s.len + 1);
  if (s.len)
    memcpy(copy, s.data, s.len);
  copy[s.len] = '\0';
  return str_make(copy, s.len);
}

struct str arena_printf(struct arena *a, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  int wanted = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (wanted < 0)
    return STR_EMPTY;
  char *text = arena_alloc(a, (size_t)wanted + 1);
  va_start(args, format);
  vsnprintf(text, (size_t)wanted + 1, format, args);
  va_end(args);
  return str_make(text, (size_t)wanted);
}

#ifdef SW_ARENA_MALLOC

/* Every piece is a chunk of its own; `at` and `end` stay at its end, so the fast path never hits. */
void *arena_alloc_slow(struct arena *a, size_t size)
{
  a->before += chunk_used(a);
  struct arena_chunk *chunk = new_chunk(a->chunk, size);
  a->chunk = chunk;
  a->at = a->end = chunk->data + size;
  return chunk->data;
}

void arena_reset(struct arena *a)
{
  note_peak(a);
  free_chunks(a->chunk);
  set_chunk(a, NULL);
  a->before = 0;
}

size_t arena_used(const struct arena *a)
{
  return a->before + chunk_used(a);
}

#else

void *arena_alloc_slow(struct arena *a, size_t size)
{
  size_t rounded = (size + (ARENA_ALIGN - 1)) & ~(size_t)(ARENA_ALIGN - 1);
  if (rounded < size)
    mem_exhausted(size);
  size_t step = a->chunk ? a->chunk->size * 2 : FIRST_CHUNK;
  if (step < FIRST_CHUNK)
    step = FIRST_CHUNK;
  if (step > LARGEST_STEP)
    step = LARGEST_STEP;
  if (step < rounded)
    step = rounded;
  a->before += chunk_used(a);
  set_chunk(a, new_chunk(a->chunk, step));
  void *p = a->at;
  a->at += rounded;
  return p;
}

void arena_reset(struct arena *a)
{
  note_peak(a);
  if (a->chunk && (a->chunk->older || a->chunk->size > a->keep)) {
    /* Several chunks were needed: next time one of the same size in all will do. */
    size_t total = 0;
    for (struct arena_chunk *c = a->chunk; c; c = c->older)
      total += c->size;
    free_chunks(a->chunk);
    set_chunk(a, new_chunk(NULL, total > a->keep ? a->keep : total));
  } else {
    set_chunk(a, a->chunk);
  }
  a->before = 0;
}

size_t arena_used(const struct arena *a)
{
  return a->before + chunk_used(a);
}

#endif
