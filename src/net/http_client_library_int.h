/*
 * http_client_library_int.h - libcurl, loaded with the first client (base/library.h).
 *
 * curl.h checks the types of three functions' arguments by macros of the functions' names. So these are
 * functions of that name here, which pass on what they are given.
 */
#ifndef SEAWALL_NET_HTTP_CLIENT_LIBRARY_INT_H
#define SEAWALL_NET_HTTP_CLIENT_LIBRARY_INT_H

#include "base/library.h"

#include <curl/curl.h>

/* clang-format off */
#define CURL_FUNCTIONS(f)     \
  f(curl_easy_cleanup)        \
  f(curl_easy_getinfo)        \
  f(curl_easy_init)           \
  f(curl_easy_reset)          \
  f(curl_easy_setopt)         \
  f(curl_easy_strerror)       \
  f(curl_free)                \
  f(curl_global_init)         \
  f(curl_multi_add_handle)    \
  f(curl_multi_cleanup)       \
  f(curl_multi_info_read)     \
  f(curl_multi_init)          \
  f(curl_multi_perform)       \
  f(curl_multi_poll)          \
  f(curl_multi_remove_handle) \
  f(curl_multi_setopt)        \
  f(curl_multi_wakeup)        \
  f(curl_slist_append)        \
  f(curl_slist_free_all)      \
  f(curl_url)                 \
  f(curl_url_cleanup)         \
  f(curl_url_get)             \
  f(curl_url_set)
/* clang-format on */

union curl_table LIBRARY_TABLE(CURL_FUNCTIONS);
extern union curl_table curl_table;

/* Before anything else of it; makes it ready, too. */
int http_client_library(struct error *err);

#define curl_easy_cleanup (curl_table.curl_easy_cleanup)
#define curl_easy_init (curl_table.curl_easy_init)
#define curl_easy_reset (curl_table.curl_easy_reset)
#define curl_easy_strerror (curl_table.curl_easy_strerror)
#define curl_free (curl_table.curl_free)
#define curl_global_init (curl_table.curl_global_init)
#define curl_multi_add_handle (curl_table.curl_multi_add_handle)
#define curl_multi_cleanup (curl_table.curl_multi_cleanup)
#define curl_multi_info_read (curl_table.curl_multi_info_read)
#define curl_multi_init (curl_table.curl_multi_init)
#define curl_multi_perform (curl_table.curl_multi_perform)
#define curl_multi_poll (curl_table.curl_multi_poll)
#define curl_multi_remove_handle (curl_table.curl_multi_remove_handle)
#define curl_multi_wakeup (curl_table.curl_multi_wakeup)
#define curl_slist_append (curl_table.curl_slist_append)
#define curl_slist_free_all (curl_table.curl_slist_free_all)
#define curl_url (curl_table.curl_url)
#define curl_url_cleanup (curl_table.curl_url_cleanup)
#define curl_url_get (curl_table.curl_url_get)
#define curl_url_set (curl_table.curl_url_set)

#endif
