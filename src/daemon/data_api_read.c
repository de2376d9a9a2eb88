/* What a request for a document says: path, parameters, body. */
#include "daemon/data_api_int.h"

#include "base/utf8.h"
#include "data/json.h"
#include "net/gzip.h"
#include "policy/rego_document.h"

/* ---- the path */

static int hex_digit(char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "%" and two digits are a byte; any other "%" stays what it is, as Go leaves it. */
static struct str decoded(struct arena *a, struct str s)
{
  if (str_find_byte(s, 0, '%') < 0)
    return s;
  char *text = arena_alloc(a, s.len);
  size_t len = 0;
  for (size_t i = 0; i < s.len; i++) {
    int high = s.data[i] == '%' && s.len - i > 2 ? hex_digit(s.data[i + 1]) : -1;
    int low = high < 0 ? -1 : hex_digit(s.data[i + 2]);
    text[len++] = low < 0 ? s.data[i] : (char)(high * 16 + low);
    i += low < 0 ? 0 : 2;
  }
  return str_make(text, len);
}

/* What Go's strconv.Atoi takes: a sign or none, and digits. */
static bool to_integer(struct str s, int64_t *ret)
{
  bool minus = str_starts(s, STR("-"));
  struct str digits = minus || str_starts(s, STR("+")) ? str_sub(s, 1, s.len) : s;
  unsigned long long n;
  if (!str_to_u64(digits, (unsigned long long)INT64_MAX + minus, &n))
    return false;
  *ret = minus ? (int64_t)(0 - n) : (int64_t)n;
  return true;
}

static bool read_key(struct data_call *c, struct str encoded)
{
  struct str key = decoded(rego_documents_arena(c->worker), encoded);
  int64_t number;
  if (!utf8_valid(key))
    return data_fault(c, 400, DATA_INVALID_PARAMETER, "invalid path: it is not UTF-8");
  if (str_find_byte(key, 0, '"') >= 0)
    return data_fault(c, 400, DATA_INVALID_PARAMETER, "invalid path: invalid ref term '%.*s'",
                      STR_FMT(str_sub(key, 0, 200)));
  if (vec_full(&c->api->path, REGO_DOCUMENTS_KEYS_MAX))
    return data_fault(c, 400, DATA_INVALID_PARAMETER, "invalid path: it has more than %d keys",
                      REGO_DOCUMENTS_KEYS_MAX);
  vec_push(&c->api->path, to_integer(key, &number) ? value_int(number) : value_string(key));
  return true;
}

bool data_read_path(struct data_call *c)
{
  struct str rest = c->where;
  vec_clear(&c->api->path);
  while (rest.data) {
    struct str key = str_cut(rest, '/', &rest);
    if (key.len && !read_key(c, key))
      return false;
  }
  return true;
}

/* ---- parameters */

bool data_flag(const struct http_request *request, struct str name)
{
  size_t found = 0;
  bool empty = false;
  for (size_t i = 0; i < request->query_count; i++) {
    if (!str_eq(request->query[i].name, name))
      continue;
    found++;
    empty = request->query[i].value.len == 0;
    if (str_eq_nocase(request->query[i].value, STR("true")))
      return true;
  }
  return found == 1 && empty;
}

static bool asks_for_explanation(const struct http_request *request, struct str *ret_mode)
{
  static const struct str modes[] = {STR_INIT("notes"), STR_INIT("fails"), STR_INIT("full"),
                                     STR_INIT("debug")};
  for (size_t i = 0; i < request->query_count; i++)
    for (size_t k = 0; k < sizeof modes / sizeof *modes; k++)
      if (str_eq(request->query[i].name, STR("explain")) &&
          str_eq(request->query[i].value, modes[k])) {
        *ret_mode = modes[k];
        return true;
      }
  return false;
}

bool data_read_flags(struct data_call *c)
{
  struct str mode;
  c->pretty = data_flag(c->request, STR("pretty"));
  c->metrics = data_flag(c->request, STR("metrics")) || data_flag(c->request, STR("instrument"));
  c->provenance = data_flag(c->request, STR("provenance"));
  c->strict_errors = data_flag(c->request, STR("strict-builtin-errors"));
  if (asks_for_explanation(c->request, &mode))
    return data_fault(c, 400, DATA_INVALID_PARAMETER,
                      "explain=%.*s: explanations are not given here; "
                      "`seawall policy eval --explain %.*s` gives them",
                      STR_FMT(mode), STR_FMT(mode));
  return true;
}

/* ---- input */

static bool malformed(struct data_call *c, const char *what, const struct error *err)
{
  if (err->line)
    return data_fault(c, 400, DATA_INVALID_PARAMETER,
                      "%s contains malformed input document: %u:%u: %s", what, err->line,
                      err->column, err->message);
  return data_fault(c, 400, DATA_INVALID_PARAMETER, "%s contains malformed input document: %s",
                    what, err->message);
}

bool data_read_parameter(struct data_call *c)
{
  const struct http_field *given = NULL;
  for (size_t i = 0; i < c->request->query_count; i++)
    if (str_eq(c->request->query[i].name, STR("input")))
      given = &c->request->query[i];
  if (!given)
    return true;
  struct json_options options = {.symbols = rego_documents_symbols(rego_documents_of(c->worker))};
  struct error err;
  if (json_parse(rego_documents_arena(c->worker), given->value, &options, &c->input, &err) < 0)
    return malformed(c, "parameter", &err);
  return true;
}

static bool unpack(struct data_call *c, struct str *ret_text)
{
  struct str coding;
  struct error err;
  *ret_text = c->request->body;
  if (!http_request_header(c->request, STR("Content-Encoding"), &coding) || coding.len == 0 ||
      str_eq_nocase(coding, STR("identity")))
    return true;
  if (!str_eq_nocase(coding, STR("gzip")) && !str_eq_nocase(coding, STR("x-gzip")))
    return data_fault(c, 415, DATA_INVALID_PARAMETER,
                      "could not decompress the body: its Content-Encoding must be gzip");
  buf_clear(&c->api->unpacked);
  int rc = gzip_unpack(c->request->body, &c->api->unpacked, &err);
  *ret_text = buf_str(&c->api->unpacked);
  return rc == 0 || data_fault(c, rc == SW_ELIMIT ? 413 : 400, DATA_INVALID_PARAMETER,
                               "could not decompress the body: %s", err.message);
}

bool data_read_body(struct data_call *c, struct value *ret)
{
  struct str text, type;
  struct error err;
  if (!unpack(c, &text))
    return false;
  *ret = VALUE_NONE;
  if (str_trim(text).len == 0)
    return true;
  http_request_header(c->request, STR("Content-Type"), &type);
  struct rego_document_options options = {
      .yaml = str_find(type, 0, STR("yaml")) >= 0,
      .symbols = rego_documents_symbols(rego_documents_of(c->worker)),
  };
  if (rego_document_parse(rego_documents_arena(c->worker), text, &options, ret, &err) < 0)
    return malformed(c, "body", &err);
  return true;
}

/* Go finds the member whatever the case of its name is, and takes the last one. */
bool data_read_envelope(struct data_call *c)
{
  struct value body;
  if (!data_read_body(c, &body))
    return false;
  if (value_is_nil(body))
    return true;
  if (!value_is(body, VALUE_OBJECT))
    return data_fault(c, 400, DATA_INVALID_PARAMETER,
                      "body contains malformed input document: it is of type %s; give an object "
                      "like {\"input\": ...}",
                      value_type_name(body));
  for (uint32_t i = 0; i < body.len; i++)
    if (str_eq_nocase(value_str_or_empty(body.members[i].key), STR("input")))
      c->input = body.members[i].value;
  if (value_is_nil(c->input))
    c->input = VALUE_NONE;
  return true;
}
