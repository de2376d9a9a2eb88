/*
 * http_server_library_int.h - libmicrohttpd and GnuTLS, loaded with the first server (base/library.h).
 */
#ifndef SEAWALL_NET_HTTP_SERVER_LIBRARY_INT_H
#define SEAWALL_NET_HTTP_SERVER_LIBRARY_INT_H

#include "base/library.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>

/* clang-format off */
#define MHD_FUNCTIONS(f)             \
  f(MHD_add_connection)              \
  f(MHD_add_response_header)         \
  f(MHD_create_response_from_buffer) \
  f(MHD_destroy_response)            \
  f(MHD_get_connection_info)         \
  f(MHD_get_connection_values_n)     \
  f(MHD_queue_response)              \
  f(MHD_start_daemon)                \
  f(MHD_stop_daemon)
/* clang-format on */

/* clang-format off */
#define GNUTLS_FUNCTIONS(f)                  \
  f(gnutls_certificate_allocate_credentials) \
  f(gnutls_certificate_free_credentials)     \
  f(gnutls_certificate_get_peers)            \
  f(gnutls_certificate_server_set_request)   \
  f(gnutls_certificate_set_verify_function)  \
  f(gnutls_certificate_set_x509_key_mem2)    \
  f(gnutls_certificate_set_x509_trust_mem)   \
  f(gnutls_certificate_verify_peers)         \
  f(gnutls_credentials_set)                  \
  f(gnutls_handshake_set_hook_function)      \
  f(gnutls_session_get_ptr)                  \
  f(gnutls_strerror)
/* clang-format on */

union mhd_table LIBRARY_TABLE(MHD_FUNCTIONS);
union gnutls_table LIBRARY_TABLE(GNUTLS_FUNCTIONS);
extern union mhd_table mhd_table;
extern union gnutls_table gnutls_table;

/* Before anything else of them. */
int http_server_libraries(struct error *err);

#define MHD_add_connection (mhd_table.MHD_add_connection)
#define MHD_add_response_header (mhd_table.MHD_add_response_header)
#define MHD_create_response_from_buffer (mhd_table.MHD_create_response_from_buffer)
#define MHD_destroy_response (mhd_table.MHD_destroy_response)
#define MHD_get_connection_info (mhd_table.MHD_get_connection_info)
#define MHD_get_connection_values_n (mhd_table.MHD_get_connection_values_n)
#define MHD_queue_response (mhd_table.MHD_queue_response)
#define MHD_start_daemon (mhd_table.MHD_start_daemon)
#define MHD_stop_daemon (mhd_table.MHD_stop_daemon)
#define gnutls_certificate_allocate_credentials                                                    \
  (gnutls_table.gnutls_certificate_allocate_credentials)
#define gnutls_certificate_free_credentials (gnutls_table.gnutls_certificate_free_credentials)
#define gnutls_certificate_get_peers (gnutls_table.gnutls_certificate_get_peers)
#define gnutls_certificate_server_set_request (gnutls_table.gnutls_certificate_server_set_request)
#define gnutls_certificate_set_verify_function (gnutls_table.gnutls_certificate_set_verify_function)
#define gnutls_certificate_set_x509_key_mem2 (gnutls_table.gnutls_certificate_set_x509_key_mem2)
#define gnutls_certificate_set_x509_trust_mem (gnutls_table.gnutls_certificate_set_x509_trust_mem)
#define gnutls_certificate_verify_peers (gnutls_table.gnutls_certificate_verify_peers)
#define gnutls_credentials_set (gnutls_table.gnutls_credentials_set)
#define gnutls_handshake_set_hook_function (gnutls_table.gnutls_handshake_set_hook_function)
#define gnutls_session_get_ptr (gnutls_table.gnutls_session_get_ptr)
#define gnutls_strerror (gnutls_table.gnutls_strerror)

#endif
