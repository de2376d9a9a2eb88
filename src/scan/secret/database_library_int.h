/* database_library_int.h - Vectorscan, loaded with the first database of patterns (base/library.h). */
#ifndef SEAWALL_SCAN_SECRET_DATABASE_LIBRARY_INT_H
#define SEAWALL_SCAN_SECRET_DATABASE_LIBRARY_INT_H

#include "base/library.h"

#include <hs/hs.h>

/* clang-format off */
#define HS_FUNCTIONS(f)      \
  f(hs_alloc_scratch)        \
  f(hs_compile_ext_multi)    \
  f(hs_deserialize_database) \
  f(hs_expression_info)      \
  f(hs_free_compile_error)   \
  f(hs_free_database)        \
  f(hs_free_scratch)         \
  f(hs_populate_platform)    \
  f(hs_scan)                 \
  f(hs_serialize_database)   \
  f(hs_version)
/* clang-format on */

union hs_table LIBRARY_TABLE(HS_FUNCTIONS);
extern union hs_table hs_table;

/* Before anything else of it; whoever holds a database need not ask. */
int secret_database_library(struct error *err);

#define hs_alloc_scratch (hs_table.hs_alloc_scratch)
#define hs_compile_ext_multi (hs_table.hs_compile_ext_multi)
#define hs_deserialize_database (hs_table.hs_deserialize_database)
#define hs_expression_info (hs_table.hs_expression_info)
#define hs_free_compile_error (hs_table.hs_free_compile_error)
#define hs_free_database (hs_table.hs_free_database)
#define hs_free_scratch (hs_table.hs_free_scratch)
#define hs_populate_platform (hs_table.hs_populate_platform)
#define hs_scan (hs_table.hs_scan)
#define hs_serialize_database (hs_table.hs_serialize_database)
#define hs_version (hs_table.hs_version)

#endif
