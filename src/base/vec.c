#include "base/vec.h"

void *vec_grow(void *items, size_t count, size_t more, size_t size, size_t *room)
{
  size_t wanted;
  if (__builtin_add_overflow(count, more, &wanted))
    mem_exhausted(SIZE_MAX);
  size_t grown = *room > SIZE_MAX / 2 ? SIZE_MAX : *room * 2;
  if (grown < 8)
    grown = 8;
  if (grown < wanted)
    grown = wanted;
  items = mem_resize(items, grown, size);
  *room = grown;
  return items;
}
