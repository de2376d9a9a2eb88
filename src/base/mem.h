/*
 * mem.h - memory that is owned by one holder and freed by it.
 *
 * Running out of memory ends the program: a line on standard error, exit
 * status 2. No caller checks for NULL; in exchange, everything whose size an
 * input controls has a cap of its own. Sizes are in bytes. Multiplications are
 * checked.
 *
 * Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_BASE_MEM_H
#define SEAWALL_BASE_MEM_H

#include <stddef.h>

/* Uninitialised memory; never NULL (size 0 gives a pointer that may only be freed). */
void *mem_alloc(size_t size) __attribute__((malloc, returns_nonnull, alloc_size(1)));

/* count * size zero bytes. */
void *mem_zalloc(size_t count, size_t size)
    __attribute__((malloc, returns_nonnull, alloc_size(1, 2)));

/* Resizes p (NULL: allocates) to count * size bytes. */
void *mem_resize(void *p, size_t count, size_t size)
    __attribute__((returns_nonnull, alloc_size(2, 3)));

/* A zero-terminated copy of len bytes. */
char *mem_copy_text(const char *text, size_t len) __attribute__((malloc, returns_nonnull));

/* Frees what the functions above gave; NULL is nothing to free. */
void mem_free(void *p);

/* Gives the system back what has been freed, as far as whole pages are free. It takes milliseconds, and
 * holds up those who allocate meanwhile: for a program that goes on after freeing much. */
void mem_trim(void);

/* Ends the program as every allocation that fails does. */
_Noreturn void mem_exhausted(size_t size);

/* For `_cleanup_(x_freep)`: runs the function with the address of the variable at scope's end. */
#define _cleanup_(function) __attribute__((cleanup(function)))

static inline void mem_freep(void *address_of_pointer)
{
  mem_free(*(void **)address_of_pointer);
}

/* Defines NAMEp for use with _cleanup_, from a free function that takes a pointer. */
#define MEM_DEFINE_CLEANUP(type, free_function)                                                    \
  static inline void free_function##p(type **p)                                                    \
  {                                                                                                \
    free_function(*p);                                                                             \
  }

#endif
