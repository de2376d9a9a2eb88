/* http_client_int.h - what the parts of the client share. */
#ifndef SEAWALL_NET_HTTP_CLIENT_INT_H
#define SEAWALL_NET_HTTP_CLIENT_INT_H

#include "net/http_client.h"
#include "net/http_client_library_int.h"

#include <stdatomic.h>

/* A query under way: one or several attempts, one after another. */
struct http_call {
  struct http_call *next;
  struct http_client *client;
  struct http_query query;
  http_done *done;
  void *context;
  struct http_response response;
  CURL *easy;
  struct curl_slist *headers;
  enum http_method method; /* changed by redirects */
  bool foreign;            /* a redirect has led elsewhere: no credentials any more */
  bool running;            /* an attempt is under way; else it waits for wake_ns */
  uint64_t wake_ns;
  uint64_t head_due_ns; /* 0: no limit, or the head is there */
  unsigned retries;
  /* of the attempt */
  bool judged; /* whether the answer's body is wanted has been decided */
  bool wanted; /* it is: this is the final answer */
  bool given;  /* on_body has been called */
  int stopped; /* result, where a callback ended the attempt */
  char reason[CURL_ERROR_SIZE];
};

struct http_client {
  struct http_client_options options;
  struct buf ca_pem, certificate_pem, key_pem;
  struct curl_slist *connect_to; /* as libcurl wants it; NULL: none */
  char *texts[6];                /* copies of the options' strings */
  atomic_bool woken;
  CURLM *multi;
  struct http_call *calls;
  size_t call_count;
};

/* http_client_call.c: makes an attempt ready; 0, or an error of the query. */
int http_call_prepare(struct http_call *call, struct error *err);
void http_call_free(struct http_call *call);
int http_call_check(const struct http_query *query, struct error *err);

/* Judges an attempt that has ended. True: the query is done, *ret_result and err say how. False: there
 * is another attempt, at wake_ns. */
bool http_call_ended(struct http_call *call, CURLcode code, int *ret_result, struct error *err);

#endif
