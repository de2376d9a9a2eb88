#include "oci/archive.h"

#if SW_ARCHIVE_LINKED

int archive_load(struct error *err)
{
  (void)err;
  return 0;
}

#else

LIBRARY_NOTE("libarchive.so.13", "archives", "taking tar archives apart");

_Alignas(LIBRARY_PAGE) union archive_table archive_table;

static const char *const names[] = {ARCHIVE_FUNCTIONS(LIBRARY_NAME) NULL};

int archive_load(struct error *err)
{
  static const struct library library = {.file = "libarchive.so.13",
                                         .package = "libarchive13",
                                         .names = names,
                                         .table = &archive_table,
                                         .table_size = sizeof archive_table};
  return library_load(&library, err);
}

#endif
