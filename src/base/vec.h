/*
 * vec.h - typed arrays that grow.
 *
 *     VEC(struct finding) list = {0};
 *     vec_push(&list, finding);
 *     for (size_t i = 0; i < list.count; i++)
 *         use(&list.items[i]);
 *     vec_free(&list);
 *
 * VEC names a new type at each use; where a vector is passed on, name it once:
 * `struct finding_list VEC_BODY(struct finding);`. A vector starts as {0} and
 * owns its items' memory, not what they point to. Pointers to items are valid
 * until the vector grows. Growth doubles and is checked for overflow; where an
 * input controls the count, the caller caps it with vec_full.
 *
 * The macros evaluate the vector more than once; give them an address without
 * side effects.
 *
 * Thread safety: a vector belongs to one thread.
 */
#ifndef SEAWALL_BASE_VEC_H
#define SEAWALL_BASE_VEC_H

#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define VEC_BODY(type)                                                                             \
  {                                                                                                \
    type *items;                                                                                   \
    size_t count, room;                                                                            \
  }
#define VEC(type) struct VEC_BODY(type)

/* Room for `more` further items than count, each of size bytes; the items, moved or not. */
void *vec_grow(void *items, size_t count, size_t more, size_t size, size_t *room)
    __attribute__((returns_nonnull));

/* Makes room for `more` further items. */
#define vec_reserve(v, more)                                                                       \
  ((size_t)(more) <= (v)->room - (v)->count                                                        \
       ? (void)0                                                                                   \
       : (void)((v)->items =                                                                       \
                    vec_grow((v)->items, (v)->count, (more), sizeof *(v)->items, &(v)->room)))

/* Appends a copy of an item. */
#define vec_push(v, ...) (vec_reserve((v), 1), (void)((v)->items[(v)->count++] = (__VA_ARGS__)))

/* Appends a zeroed item: its address. */
#define vec_add(v)                                                                                 \
  (vec_reserve((v), 1),                                                                            \
   (__typeof__((v)->items))memset(&(v)->items[(v)->count++], 0, sizeof *(v)->items))

/* Whether a cap on the number of items has been reached. */
#define vec_full(v, cap) ((v)->count >= (size_t)(cap))

/* Takes the last item off; the vector must not be empty. */
#define vec_pop(v) ((v)->items[--(v)->count])

/* Empty again, memory kept. */
#define vec_clear(v) ((void)((v)->count = 0))

/* Gives the memory back; the vector is empty. */
#define vec_free(v) (mem_free((v)->items), (v)->items = NULL, (void)((v)->count = (v)->room = 0))

#endif
