/*
 * library.h - shared libraries that are loaded when they are first needed.
 *
 * What a program is linked with is mapped, relocated and initialised before main, whether the verb
 * calls it or not; for the libraries of the network, with the thirty that they bring, that takes longer
 * than most verbs do. So what few verbs need is not linked. Its functions are listed once, and called
 * through a table:
 *
 *     header   #define CURL_FUNCTIONS(f) f(curl_easy_init) f(curl_easy_cleanup)
 *              union curl_table LIBRARY_TABLE(CURL_FUNCTIONS);
 *              extern union curl_table curl_table;
 *              #define curl_easy_init (curl_table.curl_easy_init)
 *              #define curl_easy_cleanup (curl_table.curl_easy_cleanup)
 *
 *     source   _Alignas(LIBRARY_PAGE) union curl_table curl_table;
 *              static const char *const names[] = {CURL_FUNCTIONS(LIBRARY_NAME) NULL};
 *              static const struct library curl = {
 *                  .file = "libcurl.so.4", .package = "libcurl4", .names = names,
 *                  .table = &curl_table, .table_size = sizeof curl_table};
 *              LIBRARY_NOTE("libcurl.so.4", "http", "asking other servers");
 *
 *     use      int rc = library_load(&curl, err);   // where the first object of it is made
 *
 * Types are those of the library's own header. A function that the list lacks does not link.
 *
 * Within a reader of sandbox/ nothing can be loaded any more: its `prepare` is the place.
 *
 * Thread safety: library_load may be called from any thread. A thread may call the functions after it
 * has called library_load, or has been given an object by one that did.
 */
#ifndef SEAWALL_BASE_LIBRARY_H
#define SEAWALL_BASE_LIBRARY_H

#include "base/error.h"

#include <stddef.h>

/* A table has a page of its own, which is made read-only once it is filled, as the linker's own tables
 * are (RELRO). Where pages are larger it stays writable. */
enum { LIBRARY_PAGE = 4096 };

#define LIBRARY_POINTER(name) __typeof__(&(name)) name;
#define LIBRARY_NAME(name) #name,
#define LIBRARY_TABLE(functions)                                                                   \
  {                                                                                                \
    struct {                                                                                       \
      void *handle;                                                                                \
      functions(LIBRARY_POINTER)                                                                   \
    };                                                                                             \
    unsigned char page[LIBRARY_PAGE];                                                              \
  }

struct library {
  const char *file;         /* its name with the version of its interface */
  const char *package;      /* Debian's, for the message */
  const char *const *names; /* of the functions, in the order of the table; NULL ends them */
  void *table;              /* LIBRARY_TABLE; zeros until it is loaded */
  size_t table_size;
};

/* Loads it, unless that has been done; it stays until the program ends. SW_EUNSUPPORTED: it is not
 * there, or lacks a function; the next call tries again. */
int library_load(const struct library *library, struct error *err);

/* Says in the program's file that it may load this library, as the "ELF dlopen metadata" of the UAPI
 * group has it, for whoever collects what the program needs. For file scope; literals without quotes. */
#define LIBRARY_NOTE(file, feature, description)                                                   \
  __asm__(".pushsection .note.dlopen,\"a\",%note\n"                                                \
          ".balign 4\n"                                                                            \
          ".long 772f-771f, 774f-773f, 0x407c0c0a\n"                                               \
          "771: .asciz \"FDO\"\n"                                                                  \
          "772: .balign 4\n"                                                                       \
          "773: .asciz \"[{\\\"soname\\\":[\\\"" file "\\\"],\\\"feature\\\":\\\"" feature         \
          "\\\",\\\"description\\\":\\\"" description                                              \
          "\\\",\\\"priority\\\":\\\"required\\\"}]\"\n"                                           \
          "774: .balign 4\n"                                                                       \
          ".popsection\n")

#endif
