#include "base/mem.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The one file that may. */
#undef malloc
#undef calloc
#undef realloc

void mem_exhausted(size_t size)
{
  char line[96];
  int len = snprintf(line, sizeof line, "seawall: out of memory: %zu bytes were refused\n", size);
  if (len > 0 && write(STDERR_FILENO, line, (size_t)len) < 0)
    _exit(2);
  _exit(2);
}

void *mem_alloc(size_t size)
{
  void *p = malloc(size ? size : 1);
  if (!p)
    mem_exhausted(size);
  return p;
}

void *mem_zalloc(size_t count, size_t size)
{
  void *p = calloc(count ? count : 1, size ? size : 1);
  if (!p)
    mem_exhausted(count * size);
  return p;
}

void *mem_resize(void *p, size_t count, size_t size)
{
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes))
    mem_exhausted(SIZE_MAX);
  void *grown = realloc(p, bytes ? bytes : 1);
  if (!grown)
    mem_exhausted(bytes);
  return grown;
}

char *mem_copy_text(const char *text, size_t len)
{
  char *copy = mem_alloc(len + 1);
  if (len)
    memcpy(copy, text, len);
  copy[len] = '\0';
  return copy;
}

void mem_free(void *p)
{
  free(p);
}

void mem_trim(void)
{
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}
