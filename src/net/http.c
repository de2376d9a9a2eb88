#include "net/http.h"

static const struct str method_names[] = {
    [HTTP_GET] = STR_INIT("GET"),         [HTTP_HEAD] = STR_INIT("HEAD"),
    [HTTP_POST] = STR_INIT("POST"),       [HTTP_PUT] = STR_INIT("PUT"),
    [HTTP_PATCH] = STR_INIT("PATCH"),     [HTTP_DELETE] = STR_INIT("DELETE"),
    [HTTP_OPTIONS] = STR_INIT("OPTIONS"),
};

struct str http_method_name(enum http_method method)
{
  return method_names[method];
}

bool http_method_named(struct str name, enum http_method *ret)
{
  for (unsigned i = 0; i < sizeof method_names / sizeof method_names[0]; i++)
    if (str_eq(method_names[i], name)) {
      *ret = (enum http_method)i;
      return true;
    }
  return false;
}

bool http_field_find(const struct http_field *fields, size_t count, struct str name, bool nocase,
                     struct str *ret)
{
  for (size_t i = 0; i < count; i++)
    if (nocase ? str_eq_nocase(fields[i].name, name) : str_eq(fields[i].name, name)) {
      if (ret)
        *ret = fields[i].value;
      return true;
    }
  if (ret)
    *ret = STR_EMPTY;
  return false;
}

bool http_is_token(struct str s)
{
  for (size_t i = 0; i < s.len; i++) {
    unsigned char c = (unsigned char)s.data[i];
    if (c <= 0x20 || c >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", c))
      return false;
  }
  return s.len > 0;
}

bool http_is_value(struct str s)
{
  for (size_t i = 0; i < s.len; i++) {
    unsigned char c = (unsigned char)s.data[i];
    if ((c < 0x20 && c != '\t') || c == 0x7f)
      return false;
  }
  return true;
}
