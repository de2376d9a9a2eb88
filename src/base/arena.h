/*
 * arena.h - memory that is given back all at once.
 *
 * An arena hands out pieces by moving a pointer and takes them back together:
 * per request, per file, per evaluation. Nothing that lives in an arena is
 * freed by itself. After a reset the memory is kept, joined into one chunk, so
 * that work of the same size does not allocate again.
 *
 *     struct arena arena;
 *     arena_init(&arena, 64 << 20);
 *     ... arena_alloc(&arena, n) ...
 *     arena_reset(&arena);          per request
 *     arena_free(&arena);           at the end
 *
 * The limit (bytes) is what the holder wants to spend, checked by those who
 * read untrusted input or run policies: arena_over says that it has been
 * passed. Allocation itself never fails: arena_alloc still answers, so no
 * caller needs to check each piece; readers check once a node, evaluators at
 * loop edges, so a limit is overrun by one piece at most.
 *
 * Built with SW_ARENA_MALLOC (all sanitizer builds), every piece is a malloc of
 * its own, so that overruns and uses after a reset are seen.
 *
 * Thread safety: an arena belongs to one thread at a time.
 */
#ifndef SEAWALL_BASE_ARENA_H
#define SEAWALL_BASE_ARENA_H

#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

enum { ARENA_ALIGN = 8 };

struct arena_chunk;

struct arena {
  char *at;                  /* next free byte of the current chunk */
  char *end;                 /* its end */
  struct arena_chunk *chunk; /* current chunk, linked to the older ones */
  size_t before;             /* bytes handed out by the older chunks */
  size_t limit;              /* bytes; 0: none */
  size_t peak;               /* most bytes in use at a reset or arena_peak */
  size_t keep;               /* bytes a reset keeps at most */
};

/* Empty, with a limit in bytes (0: none). Allocates nothing yet. */
void arena_init(struct arena *a, size_t limit);

/* Gives all memory back to the system; the arena is as after arena_init. */
void arena_free(struct arena *a);

/* Gives all pieces back; keeps up to 8 MiB (arena_keep changes that) for the next round. */
void arena_reset(struct arena *a);

/* How much a reset keeps, in bytes. */
static inline void arena_keep(struct arena *a, size_t bytes)
{
  a->keep = bytes;
}

void *arena_alloc_slow(struct arena *a, size_t size) __attribute__((returns_nonnull));

/* size bytes, aligned to ARENA_ALIGN, uninitialised. Never NULL. */
static inline void *arena_alloc(struct arena *a, size_t size)
{
  size_t rounded = (size + (ARENA_ALIGN - 1)) & ~(size_t)(ARENA_ALIGN - 1);
  if (__builtin_expect(rounded <= (size_t)(a->end - a->at) && rounded >= size && a->at != NULL,
                       1)) {
    void *p = a->at;
    a->at += rounded;
    return p;
  }
  return arena_alloc_slow(a, size);
}

/* count * size zero bytes. */
void *arena_zalloc(struct arena *a, size_t count, size_t size) __attribute__((returns_nonnull));

/* An array of count elements of a type, uninitialised. */
#define arena_array(a, type, count) ((type *)arena_alloc_array((a), (count), sizeof(type)))
void *arena_alloc_array(struct arena *a, size_t count, size_t size)
    __attribute__((returns_nonnull));

#define arena_new(a, type) ((type *)arena_zalloc((a), 1, sizeof(type)))

/* A copy of the bytes (with a zero byte behind them that the length does not count). */
struct str arena_copy(struct arena *a, struct str s);

/* Formatted text, zero-terminated likewise. */
struct str arena_printf(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *a);

/* The most bytes that were in use at once. */
size_t arena_peak(struct arena *a);

/* The limit has been passed. */
static inline bool arena_over(const struct arena *a)
{
  return a->limit && arena_used(a) > a->limit;
}

#endif
