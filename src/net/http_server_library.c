#include "net/http_server_library_int.h"

LIBRARY_NOTE("libmicrohttpd.so.12", "http-server", "serving HTTP");
LIBRARY_NOTE("libgnutls.so.30", "http-server", "TLS of what is served");

_Alignas(LIBRARY_PAGE) union mhd_table mhd_table;
_Alignas(LIBRARY_PAGE) union gnutls_table gnutls_table;

static const char *const mhd_names[] = {MHD_FUNCTIONS(LIBRARY_NAME) NULL};
static const char *const gnutls_names[] = {GNUTLS_FUNCTIONS(LIBRARY_NAME) NULL};

int http_server_libraries(struct error *err)
{
  static const struct library libraries[] = {
      {.file = "libmicrohttpd.so.12",
       .package = "libmicrohttpd12",
       .names = mhd_names,
       .table = &mhd_table,
       .table_size = sizeof mhd_table},
      {.file = "libgnutls.so.30",
       .package = "libgnutls30",
       .names = gnutls_names,
       .table = &gnutls_table,
       .table_size = sizeof gnutls_table},
  };
  int rc = library_load(&libraries[0], err);
  return rc < 0 ? rc : library_load(&libraries[1], err);
}
