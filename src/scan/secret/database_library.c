#include "scan/secret/database_library_int.h"

LIBRARY_NOTE("libhs.so.5", "secrets", "searching for all patterns of secrets at once");

_Alignas(LIBRARY_PAGE) union hs_table hs_table;

static const char *const names[] = {HS_FUNCTIONS(LIBRARY_NAME) NULL};

int secret_database_library(struct error *err)
{
  static const struct library library = {.file = "libhs.so.5",
                                         .package = "libvectorscan5",
                                         .names = names,
                                         .table = &hs_table,
                                         .table_size = sizeof hs_table};
  return library_load(&library, err);
}
