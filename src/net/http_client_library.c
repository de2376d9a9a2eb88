#include "net/http_client_library_int.h"

#include "base/mem.h"

#include <pthread.h>
#include <stdarg.h>

LIBRARY_NOTE("libcurl.so.4", "http-client", "asking other servers over HTTP");

_Alignas(LIBRARY_PAGE) union curl_table curl_table;

static const char *const names[] = {CURL_FUNCTIONS(LIBRARY_NAME) NULL};

static pthread_once_t started = PTHREAD_ONCE_INIT;

static void start_curl(void)
{
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    mem_exhausted(0);
}

int http_client_library(struct error *err)
{
  static const struct library library = {.file = "libcurl.so.4",
                                         .package = "libcurl4",
                                         .names = names,
                                         .table = &curl_table,
                                         .table_size = sizeof curl_table};
  int rc = library_load(&library, err);
  if (rc == 0)
    pthread_once(&started, start_curl);
  return rc;
}

/* What an option takes is told by its number. */
CURLcode(curl_easy_setopt)(CURL *easy, CURLoption option, ...)
{
  va_list list;
  va_start(list, option);
  CURLcode code;
  if (option < CURLOPTTYPE_OBJECTPOINT)
    code = (curl_table.curl_easy_setopt)(easy, option, va_arg(list, long));
  else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB)
    code = (curl_table.curl_easy_setopt)(easy, option, va_arg(list, curl_off_t));
  else
    code = (curl_table.curl_easy_setopt)(easy, option, va_arg(list, void *));
  va_end(list);
  return code;
}

CURLMcode(curl_multi_setopt)(CURLM *multi, CURLMoption option, ...)
{
  va_list list;
  va_start(list, option);
  CURLMcode code;
  if (option < CURLOPTTYPE_OBJECTPOINT)
    code = (curl_table.curl_multi_setopt)(multi, option, va_arg(list, long));
  else if (option >= CURLOPTTYPE_OFF_T)
    code = (curl_table.curl_multi_setopt)(multi, option, va_arg(list, curl_off_t));
  else
    code = (curl_table.curl_multi_setopt)(multi, option, va_arg(list, void *));
  va_end(list);
  return code;
}

/* All of it is given to pointers. */
CURLcode(curl_easy_getinfo)(CURL *easy, CURLINFO info, ...)
{
  va_list list;
  va_start(list, info);
  CURLcode code = (curl_table.curl_easy_getinfo)(easy, info, va_arg(list, void *));
  va_end(list);
  return code;
}
