/*
 * http.h - the words that server and client of HTTP share: methods and fields.
 *
 * Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_NET_HTTP_H
#define SEAWALL_NET_HTTP_H

#include "base/str.h"

enum http_method {
  HTTP_GET,
  HTTP_HEAD,
  HTTP_POST,
  HTTP_PUT,
  HTTP_PATCH,
  HTTP_DELETE,
  HTTP_OPTIONS,
};

/* "GET". */
struct str http_method_name(enum http_method method);

/* The method of such a name, in capitals as it is sent; false if it is none of them. */
bool http_method_named(struct str name, enum http_method *ret);

/* A header, or a value of a query. */
struct http_field {
  struct str name, value;
};

/* The value of the first field of a name, compared without regard to case if nocase; false and an
 * empty value if there is none. ret may be NULL. */
bool http_field_find(const struct http_field *fields, size_t count, struct str name, bool nocase,
                     struct str *ret);

/* Whether this can be a header's name (a token of RFC 9110, section 5.6.2), or its value: no line ends
 * and no other control characters but tabs. */
bool http_is_token(struct str s);
bool http_is_value(struct str s);

#endif
